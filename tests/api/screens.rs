//! What a screen needs in one request: names beside codes, how much there is of what belongs to a record, what is put
//! beside it, and what words are called.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{answer::Answer, app::Ask, prelude::*};

/// A scale of one value.
async fn scale(app: &App) {
    let values = json!([{"value": "+1", "meaning": "kept"}]);
    let names = json!({"en": "One", "ar": "واحد"});
    app.put("/v1/scales/s-one", json!({"names": names, "values": values}))
        .await
        .created();
}

/// How many statements a request runs.
async fn statements(app: &App, asked: Ask) -> u64 {
    let before = app.register().db().statements();
    let answer = asked.await;
    assert!(answer.status < 300, "{answer:?}");
    app.register().db().statements() - before
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_code_has_its_name_beside_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    scale(&app).await;
    for code in ["KWT", "IRQ", "USA"] {
        app.participant(code).await;
    }
    app.coalition("c-one").await;
    app.member("c-one", "USA", "2015").await;
    let made = app
        .post(
            "/v1/meetings?lang=ar",
            json!({"slug": "m-one", "titles": {"en": "One", "ar": "واحد"}, "kind": "summit", "starts_on": "2018",
                "coalition": "c-one", "country": "kwt"}),
        )
        .await
        .created();
    let kuwait = app.get("/v1/participants/KWT?lang=ar").await.expect(200)["name"].clone();
    assert_eq!(
        (&made["country"], &made["country_name"]),
        (&json!("KWT"), &kuwait)
    );
    assert_eq!(made["coalition_name"], "تحالف c-one");
    let read = async |path: &str| app.get(path).await.expect(200);
    let meeting = read("/v1/meetings/m-one?lang=ar").await;
    assert_eq!(meeting.body, made.body);
    app.attendance("m-one", "USA", json!({})).await;
    let pledge = app
        .pledge_with(json!({"participant": "USA", "meeting": "m-one", "beneficiary": "IRQ"}))
        .await;
    assert_eq!(
        read("/v1/meetings?lang=ar").await.items()[0]["country_name"],
        kuwait
    );
    let beneficiary = read("/v1/participants/IRQ?lang=ar").await["name"].clone();
    let of_pledge = format!("/v1/pledges/{pledge}?lang=ar");
    assert_eq!(read(&of_pledge).await["beneficiary_name"], beneficiary);
    let list = read("/v1/pledges?lang=ar&fields=beneficiary_name").await;
    assert_eq!(list.items()[0], json!({"beneficiary_name": beneficiary}));
    let member = read("/v1/coalitions/c-one/members/USA?lang=ar").await;
    assert_eq!(member["coalition_name"], "تحالف c-one");
    let attendance = read("/v1/meetings/m-one/attendance?lang=ar").await;
    assert_eq!(attendance.items()[0]["meeting_title"], "واحد");
    let assessed = app
        .post(
            "/v1/assessments",
            json!({"subject": format!("pledges/{pledge}"), "assessor": "A", "scale": "s-one", "value": "+1",
                "kind": "final"}),
        )
        .await
        .created();
    let scale = read("/v1/scales/s-one").await["name"].clone();
    assert_eq!(assessed["scale_name"], scale);
    // What is not there has no name.
    let plain = app.meeting("m-two").await;
    let plain = read(&format!("/v1/meetings/{plain}")).await;
    assert_eq!(
        (&plain["country_name"], &plain["coalition_name"]),
        (&Value::Null, &Value::Null)
    );
    // In a table each stands behind its code.
    let csv = app.get("/v1/meetings?format=csv&lang=fr").await.expect(200);
    let header = csv.text.lines().next().unwrap().to_owned();
    assert!(header.contains(",coalition,coalition_name,"), "{header}");
    assert!(header.contains(",country,country_name,"), "{header}");
    let csv = app.get("/v1/pledges?format=csv").await.expect(200);
    assert!(csv.text.contains(",beneficiary,beneficiary_name,"));
    // A name that changes is another everywhere.
    app.patch("/v1/participants/KWT", json!({"names": {"ar": "دولة الكويت"}}))
        .await
        .ok();
    assert_eq!(
        read("/v1/meetings/m-one?lang=ar").await["country_name"],
        "دولة الكويت"
    );
    // What was read may be sent back, and a name alone is nothing that can be said.
    let back = app.patch(
        "/v1/meetings/m-one",
        read("/v1/meetings/m-one?lang=ar").await.body,
    );
    assert_eq!(back.await.ok()["version"], 1);
    app.patch("/v1/meetings/m-one", json!({"country_name": "elsewhere"}))
        .await
        .problem(422, "invalid")
        .fault("/country_name");
}

/// What is counted at each of these paths, as the record, its list and an answer of the server without memory have it.
async fn counted(app: &App, list: &str, path: &str) -> Value {
    let counts = app.get(path).await.expect(200)["counts"].clone();
    let id = app.get(path).await.expect(200)["id"].clone();
    let rows = app.rows(list).await;
    let row = rows.iter().find(|it| it["id"] == id).unwrap();
    assert_eq!(row["counts"], counts, "{list}");
    let forgetful = app.forgetful().await;
    assert_eq!(forgetful.get(path).await.expect(200)["counts"], counts, "{path}");
    counts
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_a_record_is_counted_where_it_is_live(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("c-one").await;
    for slug in ["m-one", "m-two"] {
        app.meeting_with(json!({"slug": slug, "coalition": "c-one"}))
            .await;
    }
    let article = app.article(json!({})).await;
    let source = json!({"article": article});
    let made = app
        .post(
            "/v1/pledges",
            json!({"participant": app.participant("USA").await, "meeting": "m-one", "instrument": "grant",
                "qualifier": "exact", "amount": "10.00", "currency": "USD", "citations": [source, source]}),
        )
        .await
        .created();
    assert_eq!(made["counts"], json!({"citations": 2, "events": 0}));
    let (pledge, pledges) = (
        format!("/v1/pledges/{}", made.id()),
        "/v1/pledges?participant=USA",
    );
    let events = format!("{pledge}/events");
    let event = app
        .post(
            &events,
            json!({"stage": "paid", "amount": "1.00", "occurred_on": "2018", "citations": [source]}),
        )
        .await
        .created();
    assert_eq!(event["counts"], json!({"citations": 1}));
    let event = format!("{events}/{}", event.id());
    for (list, path) in [
        ("/v1/participants", "/v1/participants/USA"),
        ("/v1/coalitions", "/v1/coalitions/c-one"),
        ("/v1/meetings", "/v1/meetings/m-one"),
    ] {
        let counts = counted(&app, list, path).await;
        assert_eq!(counts, json!({"citations": 0, "pledges": 1}), "{path}");
    }
    let of_article = format!("/v1/articles/{article}");
    assert_eq!(
        counted(&app, "/v1/articles", &of_article).await,
        json!({"citations": 3})
    );
    assert_eq!(
        counted(&app, pledges, &pledge).await,
        json!({"citations": 2, "events": 1})
    );
    assert_eq!(counted(&app, &events, &event).await, json!({"citations": 1}));
    assert_eq!(counted(&app, "/v1/events", &event).await, json!({"citations": 1}));
    // A restatement and a part count as any other; each of a list has its own.
    let again = json!({"participant": "USA", "meeting": "m-two", "restates": made.id(), "qualifier": "exact",
        "amount": "10.00", "currency": "USD"});
    let again = app.pledge_with(again).await;
    assert_eq!(
        counted(&app, "/v1/meetings", "/v1/meetings/m-two").await["pledges"],
        1
    );
    assert_eq!(
        counted(&app, "/v1/participants", "/v1/participants/USA").await["pledges"],
        2
    );
    assert_eq!(
        counted(&app, "/v1/coalitions", "/v1/coalitions/c-one").await["pledges"],
        2
    );
    // What is retracted counts no more, and again once it is back.
    app.delete(&event).await.expect(204);
    assert_eq!(counted(&app, pledges, &pledge).await["events"], 0);
    assert_eq!(counted(&app, "/v1/articles", &of_article).await["citations"], 2);
    assert_eq!(app.restore(&event).await.ok()["counts"], json!({"citations": 1}));
    assert_eq!(counted(&app, pledges, &pledge).await["events"], 1);
    app.delete(&format!("/v1/pledges/{again}")).await.expect(204);
    assert_eq!(
        counted(&app, "/v1/participants", "/v1/participants/USA").await["pledges"],
        1
    );
    assert_eq!(
        counted(&app, "/v1/meetings", "/v1/meetings/m-two").await["pledges"],
        0
    );
    // Where a pledge moves, it counts there.
    app.patch(&pledge, json!({"meeting": "m-two"})).await.ok();
    assert_eq!(
        counted(&app, "/v1/meetings", "/v1/meetings/m-one").await["pledges"],
        0
    );
    assert_eq!(
        counted(&app, "/v1/meetings", "/v1/meetings/m-two").await["pledges"],
        1
    );
    // Who is merged leaves all to the other.
    app.participant("GBR").await;
    app.citation("participants/USA", &article, json!({})).await;
    let merged = app
        .patch("/v1/participants/USA", json!({"merged_into": "GBR"}))
        .await
        .ok();
    assert_eq!(merged["counts"], json!({"citations": 0, "pledges": 0}));
    let counts = counted(&app, "/v1/participants", "/v1/participants/GBR").await;
    assert_eq!(counts, json!({"citations": 1, "pledges": 1}));
    // It is no part of a version, and may be sent back as it is.
    let mut read = app.get(&pledge).await.expect(200).body;
    let version = read["version"].clone();
    assert_eq!(app.patch(&pledge, read.clone()).await.ok()["version"], version);
    read["counts"] = json!({"citations": 70, "events": 70});
    app.patch(&pledge, read)
        .await
        .problem(422, "invalid")
        .fault("/counts");
    let fields = app.get("/v1/meetings?fields=slug,counts").await.expect(200);
    let members: Vec<_> = fields.items()[0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["slug", "counts"]);
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn adherents_and_assessments_say_how_much_is_cited_for_them(#[case] engine: Engine) {
    let app = App::start(engine).await;
    scale(&app).await;
    app.meeting("m-one").await;
    app.attendance("m-one", "KWT", json!({"adopted": true})).await;
    app.participant("USA").await;
    let pledge = app
        .pledge_with(json!({"participant": null, "meeting": "m-one", "instrument": "political"}))
        .await;
    let article = app.article(json!({})).await;
    let adherents = format!("/v1/pledges/{pledge}/adherents");
    let made = app
        .put(
            &format!("{adherents}/USA"),
            json!({"stance": "reserved", "text": "In part."}),
        )
        .await
        .created();
    assert_eq!(made["counts"], json!({"citations": 0}));
    app.citation(&format!("pledges/{pledge}/adherents/USA"), &article, json!({}))
        .await;
    for (who, citations) in [("USA", 1), ("KWT", 0)] {
        let counts = counted(&app, &adherents, &format!("{adherents}/{who}")).await;
        assert_eq!(counts, json!({"citations": citations}), "{who}");
    }
    let assessed = app
        .post(
            "/v1/assessments",
            json!({"subject": format!("pledges/{pledge}"), "assessor": "A", "scale": "s-one", "value": "+1",
                "kind": "final", "citations": [{"article": article}]}),
        )
        .await
        .created();
    assert_eq!(assessed["counts"], json!({"citations": 1}));
    let path = format!("/v1/assessments/{}", assessed.id());
    assert_eq!(
        counted(&app, "/v1/assessments", &path).await,
        json!({"citations": 1})
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_citation_says_what_a_person_would_call_its_subject(#[case] engine: Engine) {
    let app = App::start(engine).await;
    scale(&app).await;
    app.coalition("c-one").await;
    app.meeting_with(json!({"slug": "m-one", "titles": {"en": "Kuwait", "ar": "الكويت ٢٠١٨"}}))
        .await;
    app.participant("USA").await;
    let article = app.article(json!({})).await;
    let usa = app.get("/v1/participants/USA?lang=ar").await.expect(200)["name"].clone();
    let usa_ar = usa.as_str().unwrap();
    let usa_en = app.get("/v1/participants/USA").await.expect(200)["name"].clone();
    let usa_en = usa_en.as_str().unwrap();
    let made = app
        .pledge_with(json!({"participant": "USA", "meeting": "m-one", "purpose": "Water"}))
        .await;
    let without_meeting = app
        .pledge_with(json!({"participant": "USA", "purpose": "Water for Basra"}))
        .await;
    let collective = app
        .pledge_with(
            json!({"participant": null, "meeting": "m-one", "instrument": "political", "purpose": "Peace"}),
        )
        .await;
    let nothing = app.pledge_with(json!({"instrument": "political"})).await;
    let paid = app
        .pledge_with(json!({"participant": "USA", "meeting": "m-one", "qualifier": "exact", "amount": "9.00", "currency": "USD"}))
        .await;
    let event = app.event(&paid, "paid", "1.00", "2018-06").await;
    app.put(
        &format!("/v1/pledges/{collective}/adherents/USA"),
        json!({"stance": "reserved", "text": "In part."}),
    )
    .await
    .created();
    let assessed = app
        .post(
            "/v1/assessments",
            json!({"subject": format!("pledges/{made}"), "assessor": "G20 Research Group", "scale": "s-one",
                "value": "+1", "kind": "final"}),
        )
        .await
        .created()
        .id();
    let long = "ع".repeat(5_000);
    let with_long = app.pledge_with(json!({"purpose": long})).await;
    let cut: String = "ع".repeat(120) + "…";
    let ar = |text: String| json!(text);
    let subjects = [
        (
            "participants/USA".to_owned(),
            ar(usa_ar.to_owned()),
            json!(usa_en),
        ),
        (
            "coalitions/c-one".to_owned(),
            json!("تحالف c-one"),
            json!("Coalition c-one"),
        ),
        ("meetings/m-one".to_owned(), json!("الكويت ٢٠١٨"), json!("Kuwait")),
        (
            format!("pledges/{made}"),
            ar(format!("{usa_ar} — الكويت ٢٠١٨")),
            ar(format!("{usa_en} — Kuwait")),
        ),
        (
            format!("pledges/{without_meeting}"),
            ar(format!("{usa_ar} — Water for Basra")),
            ar(format!("{usa_en} — Water for Basra")),
        ),
        (
            format!("pledges/{collective}"),
            json!("الكويت ٢٠١٨ — Peace"),
            json!("Kuwait — Peace"),
        ),
        (format!("pledges/{nothing}"), Value::Null, Value::Null),
        (format!("pledges/{with_long}"), json!(cut), json!(cut)),
        (
            format!("events/{event}"),
            ar(format!("دفع 2018-06 — {usa_ar} — الكويت ٢٠١٨")),
            ar(format!("Paid 2018-06 — {usa_en} — Kuwait")),
        ),
        (
            format!("pledges/{collective}/adherents/USA"),
            ar(format!("{usa_ar} — الكويت ٢٠١٨ — Peace")),
            ar(format!("{usa_en} — Kuwait — Peace")),
        ),
        (
            format!("assessments/{assessed}"),
            ar(format!("G20 Research Group — {usa_ar} — الكويت ٢٠١٨")),
            ar(format!("G20 Research Group — {usa_en} — Kuwait")),
        ),
    ];
    for (subject, arabic, english) in &subjects {
        let cited = json!({"subject": subject, "article": article});
        let made = app.post("/v1/citations?lang=ar", cited).await.created();
        assert_eq!(made["subject_title"], *arabic, "{subject}");
        let path = format!("/v1/citations/{}", made.id());
        assert_eq!(
            app.get(&format!("{path}?lang=ar")).await.expect(200).body,
            made.body
        );
        assert_eq!(app.get(&path).await.expect(200)["subject_title"], *english);
    }
    let list = app
        .get(&format!(
            "/v1/articles/{article}/citations?sort=created_at&lang=ar&limit=200"
        ))
        .await
        .expect(200);
    for (row, (subject, arabic, _)) in list.items().iter().zip(&subjects) {
        assert_eq!(
            (&row["subject"], &row["subject_title"]),
            (&json!(subject), arabic)
        );
    }
    assert_eq!(list.items().len(), subjects.len());
    let below = app.post(
        &format!("/v1/pledges/{made}/citations"),
        json!({"article": article}),
    );
    assert_eq!(
        below.await.created()["subject_title"],
        format!("{usa_en} — Kuwait")
    );
    let csv = app.get("/v1/citations?format=csv").await.expect(200);
    assert!(csv.text.contains(",subject,subject_title,"));
    // It follows what it is made of.
    app.patch(
        &format!("/v1/pledges/{without_meeting}"),
        json!({"purpose": "Roads"}),
    )
    .await
    .ok();
    let list = app
        .get(&format!("/v1/pledges/{without_meeting}/citations"))
        .await
        .expect(200);
    assert_eq!(list.items()[0]["subject_title"], format!("{usa_en} — Roads"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_totals_beside_a_meeting_are_those_of_its_own_path(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.meeting_with(json!({"slug": "m-none"})).await;
    app.meeting_with(json!({"slug": "m-one", "headline_amount": "500.00", "need_amount": "900.00", "headline_currency": "USD"}))
        .await;
    app.meeting_with(json!({"slug": "m-two", "headline_amount": "5.000", "headline_currency": "KWD"}))
        .await;
    let whole = app.pledge("m-one", "100.00", "USD").await;
    app.pledge_with(
        json!({"participant": "USA", "meeting": "m-one", "parent": whole, "qualifier": "exact",
        "amount": "30.00", "currency": "USD"}),
    )
    .await;
    app.event(&whole, "paid", "10.00", "2018-03").await;
    app.pledge_with(
        json!({"participant": "USA", "meeting": "m-two", "restates": whole, "qualifier": "exact",
        "amount": "100.00", "currency": "USD"}),
    )
    .await;
    app.pledge_by("KWT", "m-one", "7.000", "KWD").await;
    app.pledge_with(json!({"participant": "KWT", "meeting": "m-two", "instrument": "political"}))
        .await;
    for round in 0..2 {
        for lang in ["en", "ar", "fr"] {
            let list = app
                .get(&format!("/v1/meetings?expand=totals&lang={lang}"))
                .await
                .expect(200);
            assert_eq!(list.items().len(), 3);
            for item in list.items() {
                let slug = item["slug"].as_str().unwrap();
                let totals = app
                    .get(&format!("/v1/meetings/{slug}/totals?lang={lang}"))
                    .await
                    .expect(200);
                assert_eq!(item["expanded"]["totals"], totals.body, "{slug} in {lang}");
                let one = app
                    .get(&format!("/v1/meetings/{slug}?expand=totals&lang={lang}"))
                    .await
                    .expect(200);
                assert_eq!(one["expanded"]["totals"], totals.body, "{slug} in {lang}");
            }
        }
        // What was answered from memory is not answered again once something was written.
        if round == 0 {
            app.pledge("m-one", "1.00", "USD").await;
        }
    }
    let one = app
        .get("/v1/meetings/m-one?expand=totals,citations")
        .await
        .expect(200);
    assert_eq!(
        one["expanded"]["totals"]["groups"][0]["by_currency"][1]["point"],
        "101.00"
    );
    assert_eq!(one["expanded"]["citations"], json!([]));
    let lines = app
        .get("/v1/meetings?expand=totals&format=ndjson")
        .await
        .expect(200);
    assert_eq!(lines.text.matches("\"totals\":{").count(), 3);
    app.get("/v1/meetings?expand=totals&format=csv")
        .await
        .problem(400, "malformed")
        .fault("?expand");
}

/// An expansion of a list costs statements, not statements a row.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_many_runs_as_many_statements_as_one_of_few(#[case] engine: Engine) {
    let app = App::start(engine).await.forgetful().await;
    let lists = [
        ("/v1/meetings", "totals", 2),
        ("/v1/meetings", "totals,citations", 3),
        ("/v1/meetings", "", 1),
        ("/v1/participants", "", 2),
        ("/v1/coalitions", "", 1),
        ("/v1/articles", "", 1),
        ("/v1/pledges", "", 1),
        ("/v1/citations", "", 1),
        ("/v1/citations", "article", 2),
        ("/v1/events", "", 1),
        ("/v1/events", "citations", 2),
    ];
    for rows in [1, 8] {
        for row in 0..rows {
            let meeting = app.meeting(&format!("m-{rows}-{row}")).await;
            app.coalition(&format!("c-{rows}-{row}")).await;
            let pledge = app.pledge(&meeting, "200.00", "USD").await;
            let event = app.event(&pledge, "paid", "1.00", "2018-03").await;
            let article = app.article(json!({"title": format!("{rows} {row}")})).await;
            app.citation(&format!("meetings/{meeting}"), &article, json!({}))
                .await;
            app.citation(&format!("events/{event}"), &article, json!({}))
                .await;
        }
        for (list, expand, most) in lists {
            let query = if expand.is_empty() {
                String::new()
            } else {
                format!("?expand={expand}")
            };
            let run = statements(&app, app.get(&format!("{list}{query}"))).await;
            assert_eq!(run, most, "{list}{query} of {rows}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_word_of_the_contract_has_a_label_in_the_readers_language(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let read = async |lang: &str| {
        app.get(&format!("/v1/vocabularies?lang={lang}"))
            .await
            .expect(200)
    };
    let (en, ar, fr) = (read("en").await, read("ar").await, read("fr").await);
    assert_eq!(ar.header("content-language"), Some("ar"));
    for name in [
        "instrument",
        "state",
        "stage",
        "qualifier",
        "role",
        "participant_kind",
        "meeting_kind",
        "article_kind",
    ] {
        assert!(!en[name].as_array().unwrap().is_empty(), "{name}");
    }
    let label = |of: &Answer, vocabulary: &str, word: &str| -> String {
        let words = of[vocabulary].as_array().unwrap();
        let found = words.iter().find(|it| it["value"] == word).unwrap();
        found["label"].as_str().unwrap().to_owned()
    };
    assert_eq!(label(&en, "instrument", "grant"), "Grant");
    assert_eq!(label(&ar, "instrument", "grant"), "منحة");
    assert_eq!(label(&fr, "meeting_kind", "summit"), "Sommet");
    // Each list of words that the contract names is one of them.
    let words = |it: &Value| -> BTreeSet<String> {
        let words = it.as_array().unwrap().iter();
        words.map(|it| it["value"].as_str().unwrap().to_owned()).collect()
    };
    let known: Vec<BTreeSet<String>> = en.body.as_object().unwrap().values().map(words).collect();
    let contract = app.get("/openapi.json").await.expect(200);
    for (name, schema) in contract["components"]["schemas"].as_object().unwrap() {
        if let Some(listed) = schema["enum"].as_array() {
            let listed: BTreeSet<_> = listed.iter().map(|it| it.as_str().unwrap().to_owned()).collect();
            assert!(known.contains(&listed), "{name}: {listed:?}");
        }
    }
    app.get("/v1/vocabularies?state=open")
        .await
        .problem(400, "malformed");
    // The groups of totals have the same labels beside their words.
    app.meeting("m-one").await;
    let pledge = app.pledge("m-one", "200.00", "USD").await;
    app.event(&pledge, "paid", "1.00", "2018-03").await;
    let totals = app
        .totals("group_by=instrument,state,participant_kind,currency&lang=ar")
        .await;
    let names = &totals["groups"][0]["names"];
    assert_eq!(names["instrument"], label(&ar, "instrument", "grant"));
    assert_eq!(names["state"], label(&ar, "state", "partly_paid"));
    assert_eq!(names["participant_kind"], label(&ar, "participant_kind", "state"));
    assert_eq!(names.get("currency"), None);
    let by_stage = app.totals("by=events&group_by=stage&lang=fr").await;
    assert_eq!(
        by_stage["groups"][0]["names"]["stage"],
        label(&fr, "stage", "paid")
    );
    let csv = app
        .get("/v1/totals?group_by=instrument&format=csv&lang=fr")
        .await
        .expect(200);
    let lines: Vec<&str> = csv.text.lines().collect();
    assert!(lines[0].starts_with("instrument,instrument_label,"), "{lines:?}");
    assert!(lines[1].starts_with("grant,Don,"), "{lines:?}");
    // A group of what has no word has no label.
    app.pledge_with(json!({"participant": null, "meeting": "m-one"}))
        .await;
    let totals = app.totals("group_by=participant_kind").await;
    let labels = totals["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["names"]["participant_kind"].clone());
    assert!(labels.into_iter().any(|it| it.is_null()));
}
