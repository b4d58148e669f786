//! Citations: what a source says, where it says so, and whether it agrees.

use crate::{answer::Answer, prelude::*};

/// One record of every kind that can be cited about, and the address of each.
async fn subjects(app: &App) -> Vec<String> {
    app.participant("USA").await;
    app.coalition("global").await;
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "200000000.00", "USD").await;
    let event = app.event(&pledge, "paid", "6600000", "2018-06").await;
    vec![
        "participants/USA".into(),
        "coalitions/global".into(),
        "meetings/kuwait-2018".into(),
        format!("pledges/{pledge}"),
        format!("events/{event}"),
    ]
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn everything_but_the_source_itself_can_be_cited_about(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({})).await;
    for subject in subjects(&app).await {
        let created = app
            .post("/v1/citations", json!({"subject": subject, "article": article}))
            .await
            .created();
        assert_eq!(created["subject"], subject);
        assert_eq!(created["article"], article);
        assert_eq!(created["article_title"], "Ministers meet in Kuwait");
        assert_eq!(created["preferred"], false);
        assert_eq!(created["states"], json!({}));
        for field in ["quote", "start", "end"] {
            assert_eq!(created[field], json!(null));
        }
        let path = format!("/v1/citations/{}", created.id());
        assert_eq!(created.header("location"), Some(&*path));
        assert_eq!(app.get(&path).await.body, created.body);
        let found = app.get(&format!("/v1/citations?subject={subject}")).await;
        assert_eq!(found.each("id"), [&created["id"]]);
    }
    for subject in [
        format!("articles/{article}"),
        "citations/x".into(),
        "meetings".into(),
        "meetings/".into(),
        "/v1/meetings/kuwait-2018".into(),
        "meetings/none".into(),
        "participants/ZZZ".into(),
        "pledges/USA".into(),
        "meetings/a\u{0}".into(),
        String::new(),
    ] {
        app.post("/v1/citations", json!({"subject": subject, "article": article}))
            .await
            .problem(422, "invalid")
            .fault("/subject");
    }
    app.post("/v1/citations", json!({}))
        .await
        .problem(422, "invalid")
        .fault("/subject")
        .fault("/article");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_record_s_citations_stand_under_its_own_path(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({})).await;
    for subject in subjects(&app).await {
        let path = match subject.strip_prefix("events/") {
            Some(event) => {
                let pledge = app.get("/v1/pledges").await.items()[0]["id"]
                    .as_str()
                    .unwrap()
                    .to_owned();
                format!("/v1/pledges/{pledge}/events/{event}/citations")
            }
            None => format!("/v1/{subject}/citations"),
        };
        assert!(app.get(&path).await.expect(200).items().is_empty());
        let created = app.post(&path, json!({"article": article})).await.created();
        assert_eq!(created["subject"], subject);
        assert_eq!(
            app.get(&path).await.expect(200).each("id"),
            [&created["id"]],
            "{path}"
        );
        app.post(&path, json!({"article": article, "subject": subject}))
            .await
            .problem(422, "invalid")
            .fault("/subject");
    }
    let of_article = format!("/v1/articles/{article}/citations");
    assert_eq!(app.get(&of_article).await.items().len(), 5);
    let created = app
        .post(&of_article, json!({"subject": "meetings/kuwait-2018"}))
        .await
        .created();
    assert_eq!(created["article"], article);
    app.post(
        &of_article,
        json!({"subject": "meetings/kuwait-2018", "article": article}),
    )
    .await
    .problem(422, "invalid")
    .fault("/article");
    for path in ["/v1/meetings/none/citations", "/v1/pledges/none/citations"] {
        app.get(path).await.problem(404, "not_found");
        app.post(path, json!({"article": article}))
            .await
            .problem(404, "not_found");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_cited_under_its_own_pledge_alone(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({})).await;
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "10", "USD").await;
    let other = app.pledge(&meeting, "20", "USD").await;
    let event = app.event(&pledge, "paid", "5", "2018").await;
    let path = format!("/v1/pledges/{other}/events/{event}/citations");
    app.get(&path).await.problem(404, "not_found");
    app.post(&path, json!({"article": article}))
        .await
        .problem(404, "not_found");
    app.delete(&format!("/v1/pledges/{pledge}/events/{event}"))
        .await
        .expect(204);
    let gone = app
        .get(&format!("/v1/pledges/{pledge}/events/{event}/citations"))
        .await
        .problem(410, "retracted");
    let history = format!("/v1/pledges/{pledge}/events/{event}/history");
    assert!(gone["detail"].as_str().unwrap().contains(&history), "{gone}");
    app.get(&history).await.expect(200);
}

/// What citing a quote of the one meeting is answered with.
async fn quoted(app: &App, article: &str, quote: &str, start: i64, end: i64) -> Answer {
    app.post(
        "/v1/meetings/kuwait-2018/citations",
        json!({"article": article, "quote": quote, "start": start, "end": end}),
    )
    .await
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_verified_in_code_points_of_the_stored_body(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.meeting("kuwait-2018").await;
    // Stored, the accent is one code point with its letter; the flag is two, each beyond the first plane.
    let article = app
        .article(json!({"body": "cafe\u{301} 🇰🇼 😀 200 million. 200 million!"}))
        .await;
    for (quote, start, end) in [
        ("café", 0, 4),
        ("cafe\u{301}", 0, 4),
        ("🇰🇼", 5, 7),
        ("😀", 8, 9),
        ("200 million", 10, 21),
        ("200 million", 23, 34),
        ("200 million!", 23, 35),
    ] {
        let created = quoted(&app, &article, quote, start, end).await.created();
        assert_eq!((&created["start"], &created["end"]), (&json!(start), &json!(end)));
    }
    for (quote, start, end) in [
        ("café", 0, 5),
        ("200 million", 11, 22),
        ("200 million", 10, 20),
        ("200 million", 12, 12),
        ("200 million!", 23, 36),
        ("200 million", 21, 10),
        ("200 million", -11, 0),
        ("200 million", i64::MIN, i64::MAX),
        ("200 million", 0, i64::MAX),
        ("300 million", 10, 21),
        ("200 Million", 10, 21),
    ] {
        quoted(&app, &article, quote, start, end)
            .await
            .problem(422, "invalid")
            .fault("/quote");
    }
    let refused = quoted(&app, &article, "200 million", 11, 22).await;
    let detail = refused["errors"][0]["detail"].as_str().unwrap();
    for part in ["«00 million.»", "[10, 21)", "[23, 34)"] {
        assert!(detail.contains(part), "{part} is not in: {detail}");
    }
    let refused = quoted(&app, &article, "300", 0, 3).await;
    assert!(
        refused["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("nowhere")
    );
    let without = app.article(json!({"title": "No body"})).await;
    quoted(&app, &without, "x", 0, 1)
        .await
        .problem(422, "invalid")
        .fault("/quote");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn quote_start_and_end_are_given_together_or_not_at_all(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.meeting("kuwait-2018").await;
    let article = app.article(json!({"body": "200 million"})).await;
    for (given, missing) in [
        (json!({"quote": "200"}), vec!["/start", "/end"]),
        (json!({"start": 0, "end": 3}), vec!["/quote"]),
        (json!({"quote": "200", "start": 0}), vec!["/end"]),
        (json!({"quote": "200", "start": 0, "end": null}), vec!["/end"]),
        (json!({"quote": "200", "start": 0, "end": "3"}), vec!["/end"]),
        (json!({"quote": "200", "start": 0.5, "end": 3}), vec!["/start"]),
        (json!({"quote": "", "start": 0, "end": 0}), vec!["/quote"]),
        (json!({"quote": "a\u{0}", "start": 0, "end": 2}), vec!["/quote"]),
    ] {
        let mut body = given.clone();
        body["article"] = article.clone().into();
        let refused = app
            .post("/v1/meetings/kuwait-2018/citations", body)
            .await
            .problem(422, "invalid");
        missing.into_iter().fold(refused, Answer::fault);
    }
    let created = quoted(&app, &article, "200", 0, 3).await.created();
    let path = format!("/v1/citations/{}", created.id());
    app.patch(&path, json!({"quote": null}))
        .await
        .problem(422, "invalid")
        .fault("/quote");
    let moved = app
        .patch(&path, json!({"quote": "million", "start": 4, "end": 11}))
        .await
        .expect(200);
    assert_eq!(moved["quote"], "million");
    let none = app
        .patch(&path, json!({"quote": null, "start": null, "end": null}))
        .await
        .expect(200);
    assert_eq!(none["quote"], json!(null));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_citation_states_what_its_subject_has(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({})).await;
    let all = subjects(&app).await;
    for (subject, states) in all.iter().zip([
        json!({"kind": "igo", "code": "US"}),
        json!({"founded_on": "2014"}),
        json!({"participant_count": 68}),
        json!({"amount": "230000000", "beneficiary": "IRQ"}),
        json!({"occurred_on": "2018-07", "over": true}),
    ]) {
        let citation = app.citation(subject, &article, json!({"states": states})).await;
        assert_eq!(
            app.get(&format!("/v1/citations/{citation}")).await["states"],
            states
        );
    }
    for (subject, states, pointer) in [
        (&all[0], json!({"amount": "1"}), "/states/amount"),
        (&all[1], json!({"version": "1"}), "/states/version"),
        (&all[2], json!({"a/b": "1"}), "/states/a~1b"),
        (
            &all[2],
            json!({"participant_count": 1.5}),
            "/states/participant_count",
        ),
        (
            &all[2],
            json!({"participant_count": null}),
            "/states/participant_count",
        ),
        (&all[2], json!({"titles": {"en": "x"}}), "/states/titles"),
        (&all[2], json!({"city": "a\u{0}"}), "/states/city"),
        (&all[2], json!({"city": "x".repeat(1001)}), "/states/city"),
        (
            &all[2],
            json!({"headline_amount": 30_000_000_000_i64}),
            "/states/headline_amount",
        ),
        (&all[3], json!({"amount": 200}), "/states/amount"),
        (&all[3], json!({"paid": "1"}), "/states/paid"),
        (&all[4], json!({"amount": 6.6}), "/states/amount"),
        (&all[4], json!([]), "/states"),
    ] {
        app.post(
            "/v1/citations",
            json!({"subject": subject, "article": article, "states": states}),
        )
        .await
        .problem(422, "invalid")
        .fault(pointer);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn one_source_of_a_record_is_preferred(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({})).await;
    let all = subjects(&app).await;
    for subject in &all {
        let first = app.citation(subject, &article, json!({"preferred": true})).await;
        let refused = app
            .post(
                "/v1/citations",
                json!({"subject": subject, "article": article, "preferred": true}),
            )
            .await
            .problem(409, "second_preferred")
            .fault("/preferred");
        assert!(refused["detail"].as_str().unwrap().contains(&first), "{refused}");
        let second = app.citation(subject, &article, json!({})).await;
        let patched = |id: &str, preferred: bool| {
            app.patch(&format!("/v1/citations/{id}"), json!({"preferred": preferred}))
        };
        patched(&second, true).await.problem(409, "second_preferred");
        patched(&first, true).await.expect(200);
        patched(&first, false).await.expect(200);
        patched(&second, true).await.expect(200);
        // A preferred one that was retracted does not come back beside another.
        app.delete(&format!("/v1/citations/{second}")).await.expect(204);
        patched(&first, true).await.expect(200);
        app.restore(&format!("/v1/citations/{second}"))
            .await
            .problem(409, "second_preferred");
    }
    assert_eq!(app.get("/v1/citations?preferred=true").await.items().len(), 5);
    assert!(app.get("/v1/citations?preferred=false").await.items().is_empty());
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn where_sources_disagree_is_shown_and_not_settled(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "200000000.00", "USD").await;
    assert_eq!(app.pledge_now(&pledge).await["conflicts"], json!([]));
    let article = app.article(json!({})).await;
    let subject = format!("pledges/{pledge}");
    app.citation(&subject, &article, json!({"states": {"amount": "200000000"}}))
        .await;
    let second = app
        .citation(
            &subject,
            &article,
            json!({"states": {"amount": "230000000", "instrument": "loan"}}),
        )
        .await;
    let now = app.pledge_now(&pledge).await;
    assert_eq!(now["amount"], "200000000.00");
    assert_eq!(
        now["conflicts"],
        json!([
            {"field": "amount", "value": "200000000.00", "stated": [{"value": "230000000", "citations": [second]}]},
            {"field": "instrument", "value": "grant", "stated": [{"value": "loan", "citations": [second]}]},
        ])
    );
    app.patch(&format!("/v1/pledges/{pledge}"), json!({"instrument": "loan"}))
        .await
        .expect(200);
    assert_eq!(
        app.pledge_now(&pledge).await["conflicts"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_citation_keeps_its_subject_and_may_change_its_article(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.meeting("one").await;
    app.meeting("two").await;
    let article = app.article(json!({"body": "200 million"})).await;
    let other = app
        .article(json!({"body": "Some 200 million", "title": "Other"}))
        .await;
    let id = app
        .citation(
            "meetings/one",
            &article,
            json!({"quote": "200 million", "start": 0, "end": 11}),
        )
        .await;
    let path = format!("/v1/citations/{id}");
    app.patch(&path, json!({"subject": "meetings/two"}))
        .await
        .problem(422, "invalid")
        .fault("/subject");
    app.patch(&path, json!({"article": other}))
        .await
        .problem(422, "invalid")
        .fault("/quote");
    app.patch(&path, json!({"article": "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b"}))
        .await
        .problem(422, "invalid")
        .fault("/article");
    let changed = app
        .patch(&path, json!({"article": other, "start": 5, "end": 16}))
        .await
        .expect(200);
    assert_eq!(changed["article_title"], "Other");
    assert_eq!(changed["version"], 2);
    // By its id the subject is the same.
    let meeting = app.get("/v1/meetings/one").await.id();
    let same = app
        .patch(&path, json!({"subject": format!("meetings/{meeting}")}))
        .await
        .expect(200);
    assert_eq!(same.body, changed.body);
    assert_eq!(
        app.patch(&path, changed.body.clone()).await.expect(200).body,
        changed.body
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn citations_are_found_by_subject_and_article(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.meeting("one").await;
    app.participant("USA").await;
    let article = app.article(json!({})).await;
    let other = app.article(json!({})).await;
    let first = app.citation("meetings/one", &article, json!({})).await;
    let second = app.citation("participants/USA", &other, json!({})).await;
    for (query, ids) in [
        ("subject=meetings/one".to_owned(), json!([first])),
        ("subject=participants/usa".into(), json!([second])),
        (
            "subject=participants/usa,meetings/one".into(),
            json!([second, first]),
        ),
        (format!("article={article}"), json!([first])),
        (format!("article={article},{other}"), json!([second, first])),
        (format!("article={article}&subject=participants/USA"), json!([])),
    ] {
        let list = app.get(&format!("/v1/citations?{query}")).await.expect(200);
        assert_eq!(json!(list.each("id")), ids, "{query}");
    }
    for (query, pointer) in [
        ("subject=meetings/none", "?subject"),
        ("subject=meetings", "?subject"),
        ("article=019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b", "?article"),
        ("preferred=yes", "?preferred"),
    ] {
        app.get(&format!("/v1/citations?{query}"))
            .await
            .problem(400, "malformed")
            .fault(pointer);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_states_stands_in_the_order_of_names(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "200.00", "USD").await;
    let article = app.article(json!({})).await;
    let states = json!({"qualifier": "exact", "amount": "230", "announced_on": "2018", "currency": "USD"});
    let citation = json!({"subject": format!("pledges/{pledge}"), "article": article, "states": states});
    let made = app.post("/v1/citations", citation).await.created();
    let sorted = r#""states":{"amount":"230","announced_on":"2018","currency":"USD","qualifier":"exact"}"#;
    assert!(made.text.contains(sorted), "{made}");
    let path = format!("/v1/citations/{}", made.id());
    for path in [
        path.clone(),
        format!("{path}/history"),
        format!("/v1/citations?subject=pledges/{pledge}"),
    ] {
        let read = app.get(&path).await.ok();
        assert!(read.text.contains(sorted), "{read}");
    }
}
