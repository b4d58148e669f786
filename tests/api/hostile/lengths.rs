//! However much is sent, or wrong: there is room for much, and the answer stays short.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::{answered, counts, encoded, holds};
use crate::{answer::Answer, prelude::*};

/// Faults that are named, and the one that says how many are not.
fn some_of_many(refused: &Answer) {
    let errors = refused["errors"].as_array().unwrap();
    assert!(errors.len() <= 101, "{} faults are named", errors.len());
    assert_eq!(
        errors.last().unwrap()["code"],
        "more_faults",
        "{}",
        errors.last().unwrap()
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn however_much_is_wrong_the_answer_stays_short(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let meeting = app.meeting("kuwait-2018").await;
    let before = counts(&app).await;
    let many = |count: usize, member: fn(usize) -> String| -> String {
        (0..count).map(member).collect::<Vec<_>>().join(",")
    };
    let unknown = format!(
        "{{{}}}",
        many(10_000, |number| format!("\"field {number}\": {number}"))
    );
    let short = format!("{{{}}}", many(100_000, |number| format!("\"{number:x}\":1")));
    let aliases = format!(
        r#"{{"aliases": [{}]}}"#,
        many(200_000, |number| number.to_string())
    );
    let tags = format!(
        r#"{{"names": {{{}}}}}"#,
        many(30_000, |number| format!("\"{number}\": {number}"))
    );
    let former = format!(
        r#"{{"former_names": [{}]}}"#,
        many(100_000, |_| r#"{"x": []}"#.into())
    );
    let nested = format!(
        r#"{{"former_names": [{}]}}"#,
        vec![r#"{"x": [], "y": 1, "z": null}"#; 100].join(",")
    );
    for body in [&unknown, &short, &aliases, &tags, &former, &nested] {
        for (method, path) in [
            (Method::POST, "/v1/participants"),
            (Method::PATCH, "/v1/participants/USA"),
        ] {
            let refused = answered(app.ask(method, path).body("application/json", body.clone()))
                .await
                .problem(422, "invalid");
            let of_length = |fault: &Value| fault["code"] == "length";
            if refused["errors"].as_array().unwrap().iter().any(of_length) {
                // A list that is too long is not looked into.
                assert!(refused.text.len() < 2_000, "{refused}");
            } else {
                some_of_many(&refused);
            }
        }
    }
    // In 100 patches the same could be sent again; what stands first is named first.
    let refused = app
        .ask(Method::PATCH, "/v1/participants/USA")
        .body("application/json", unknown)
        .await;
    assert_eq!(refused["errors"][0]["pointer"], "/field 0");
    assert!(
        refused["detail"].as_str().unwrap().starts_with("10000 faults"),
        "{}",
        refused["detail"]
    );
    let rates = format!(
        "[{}]",
        many(10_000, |number| format!(
            r#"{{"currency": "EUR", "{number}": 1}}"#
        ))
    );
    let refused = answered(app.ask(Method::PUT, "/v1/rates").body("application/json", rates))
        .await
        .problem(422, "invalid");
    some_of_many(&refused);
    let citations = format!(
        r#"{{"instrument": "grant", "citations": [{}]}}"#,
        many(100_000, |_| r#"{"states": []}"#.into())
    );
    let refused = answered(
        app.ask(Method::POST, "/v1/pledges")
            .body("application/json", citations),
    )
    .await
    .problem(422, "invalid");
    let refused = refused.fault("/citations");
    assert!(refused.text.len() < 2_000, "{refused}");

    // One fault alone, which has much to repeat.
    let long = "ن".repeat(1_900_000);
    for body in [
        json!({long.as_str(): 1}),
        json!({"names": {long.as_str(): 1}}),
        json!({"kind": long}),
        json!({"merged_into": long}),
        json!({"aliases": {long.as_str(): [long.get(..20)]}}),
    ] {
        answered(app.patch("/v1/participants/USA", body))
            .await
            .problem(422, "invalid");
    }
    for (field, longest) in [
        ("participant", 1),
        ("meeting", 1),
        ("currency", 1),
        ("amount", 1),
        ("purpose", 10_000),
    ] {
        assert!(long.chars().count() > longest);
        answered(app.post("/v1/pledges", json!({"instrument": "grant", field: long})))
            .await
            .problem(422, "invalid")
            .fault(&format!("/{field}"));
    }
    answered(app.post(
        "/v1/citations",
        json!({"subject": format!("meetings/{}", &long[..1_900_000]), "article": &long[..1_900_000]}),
    ))
    .await
    .problem(422, "invalid");
    let twice = format!(
        r#"{{"{long}": 1, "a": {{"b": 1, "b": "{}"}}}}"#,
        "\u{10ffff}".repeat(10)
    );
    answered(
        app.ask(Method::POST, "/v1/participants")
            .body("application/json", twice),
    )
    .await
    .problem(400, "malformed");
    let twice = format!(r#"{{"{0}": 1, "{0}": 1}}"#, "\u{10ffff}".repeat(400_000));
    answered(
        app.ask(Method::POST, "/v1/participants")
            .body("application/json", twice),
    )
    .await
    .problem(400, "malformed");

    let keys = |count: usize| app.get(&format!("/v1/changes?key={}", vec!["a"; count].join(",")));
    answered(keys(500)).await.expect(200);
    answered(keys(501)).await.problem(400, "malformed").fault("?key");

    // Addresses, as long as they may be: parameters that nobody knows, words that mean nothing.
    for path in [
        format!("/v1/pledges?{}", "a&".repeat(12_000)),
        format!("/v1/pledges?{}", "a=b&".repeat(6_000)),
        format!("/v1/pledges?instrument={}", "a,".repeat(12_000)),
        format!("/v1/pledges?participant={}", "USA,".repeat(6_000)),
        format!("/v1/pledges?participant={}", "X,".repeat(12_000)),
        format!("/v1/pledges?currency={}", "USD,".repeat(6_000)),
        format!("/v1/totals?group_by={}", "a,".repeat(12_000)),
        format!("/v1/changes?key={}", "a,".repeat(12_000)),
        format!("/v1/changes?{}", "key=a&".repeat(4_000)),
        format!("/v1/pledges?{}", "%zz&%ff&".repeat(3_000)),
        format!("/v1/participants/{}", "a".repeat(24_000)),
        format!("/v1/participants/{}", "%01".repeat(8_000)),
        format!(
            "/v1/meetings/{meeting}/attendance/{}",
            "%F4%8F%BF%BF".repeat(2_000)
        ),
        format!("/{}", "a/".repeat(12_000)),
    ] {
        let started = std::time::Instant::now();
        let answer = answered(app.get(&path)).await;
        assert!(
            matches!(answer.status, 400 | 404),
            "{}: {}",
            answer.status,
            &path[..40]
        );
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{:?}: {}",
            started.elapsed(),
            &path[..40]
        );
    }
    // And a little longer.
    answered(app.get(&format!("/v1/pledges?{}", "a&".repeat(12_300))))
        .await
        .problem(414, "target_too_long");
    holds(&app, &before, &[]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_read_up_to_its_limit_and_not_beyond(#[case] engine: Engine) {
    const LIMIT: usize = 4 * 1024 * 1024;
    let app = App::start(engine).await;
    let before = counts(&app).await;
    let article = |length: usize| {
        let body = json!({"publisher": "P", "language": "en", "title": "T", "kind": "other", "body": "B"})
            .to_string();
        format!("{}{body}", " ".repeat(length - body.len()))
    };
    let post = |body: String| {
        answered(
            app.ask(Method::POST, "/v1/articles")
                .body("application/json", body),
        )
    };
    post(article(LIMIT + 1)).await.problem(413, "body_too_large");
    // Also to a client that sends all of it before it listens.
    for _ in 0..10 {
        post(json!({"body": "x".repeat(10_000_000)}).to_string())
            .await
            .problem(413, "body_too_large");
    }
    post(article(LIMIT)).await.created();
    // Marks without end compose in no longer than they are: a million of them, out of order.
    let marks = "e".to_owned() + &"\u{323}\u{301}\u{5b0}".repeat(333_000);
    let sent = json!({"publisher": "P", "language": "en", "title": "T", "kind": "other", "body": marks});
    let created = answered(app.post("/v1/articles", sent)).await.created();
    let composed: String = marks.nfc().collect();
    assert_eq!(created["body"], composed);
    holds(&app, &before, &[("articles", 2), ("changes", 2)]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_a_sentence_not_a_book(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = counts(&app).await;
    let patch = |alias: &str, reason: &str| {
        answered(
            app.patch("/v1/participants/USA", json!({"aliases": [alias]}))
                .header("Change-Reason", reason),
        )
    };
    patch("a", &encoded(&"س".repeat(2_000))).await.expect(200);
    patch("b", &encoded(&"س".repeat(2_001)))
        .await
        .problem(400, "malformed")
        .fault("Change-Reason");
    patch("c", &"x".repeat(30_000))
        .await
        .problem(400, "malformed")
        .fault("Change-Reason");
    patch("d", &"x".repeat(100_000))
        .await
        .problem(431, "head_too_large");
    holds(&app, &before, &[("changes", 1)]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_record_has_room_for_much_but_not_for_all(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.coalition("c").await;
    let article = app.article(json!({})).await;
    let before = counts(&app).await;
    let path = "/v1/participants/USA";
    let tags = |count: usize| -> Value {
        let tag = |number: usize| format!("aa-{number:04}");
        (0..count)
            .map(|number| (tag(number), json!("x")))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    for (fits, field, beyond) in [
        (
            json!({"aliases": vec!["x"; 500]}),
            "/aliases",
            json!({"aliases": vec!["x"; 501]}),
        ),
        (
            json!({"aliases": ["س".repeat(500)]}),
            "/aliases/1",
            json!({"aliases": ["x", "س".repeat(501)]}),
        ),
        (json!({"names": tags(97)}), "/names", json!({"names": tags(101)})),
        (
            json!({"aliases": ["last"]}),
            "/names/aa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee",
            json!({"names": {"aa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee": "x"}}),
        ),
    ] {
        answered(app.patch(path, fits)).await.expect(200);
        answered(app.patch(path, beyond))
            .await
            .problem(422, "invalid")
            .fault(field);
    }
    let former =
        |count: usize| json!({"former_names": vec![json!({"until": "2018", "names": {"en": "x"}}); count]});
    answered(app.patch(path, former(100))).await.expect(200);
    answered(app.patch(path, former(101)))
        .await
        .problem(422, "invalid")
        .fault("/former_names");
    let periods = |count: usize| -> Value {
        let period = |number: usize| json!({"joined_on": format!("{:04}", 1000 + 2 * number), "left_on": format!("{:04}", 1001 + 2 * number)});
        json!({"periods": (0..count).map(period).collect::<Vec<_>>()})
    };
    let member = "/v1/coalitions/c/members/USA";
    answered(app.put(member, periods(101)))
        .await
        .problem(422, "invalid")
        .fault("/periods");
    answered(app.put(member, periods(100))).await.created();
    let citing =
        |count: usize| json!({"instrument": "grant", "citations": vec![json!({"article": article}); count]});
    answered(app.post("/v1/pledges", citing(101)))
        .await
        .problem(422, "invalid")
        .fault("/citations");
    answered(app.post("/v1/pledges", citing(100))).await.created();
    holds(
        &app,
        &before,
        &[("pledges", 1), ("citations", 100), ("changes", 107)],
    )
    .await;
}
