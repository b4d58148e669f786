//! Any field, with a value of any type and under any name.

use pledgebook::values::without_ends;
use serde_json::Value;

use super::{answered, counts, each, holds};
use crate::prelude::*;

/// A body of each resource that is accepted, without the key that each needs for itself.
fn bodies(article: &str, pledge: &str) -> Vec<(&'static str, String, Value)> {
    vec![
        (
            "participants",
            "/v1/participants".into(),
            json!({"code": "X", "kind": "igo", "names": {"en": "N"}, "former_names": [{"until": "2018", "names": {"en": "F"}}], "aliases": ["A"], "merged_into": null}),
        ),
        (
            "coalitions",
            "/v1/coalitions".into(),
            json!({"slug": "x", "names": {"en": "N"}, "founded_on": "2014-10-17", "description": "D"}),
        ),
        (
            "meetings",
            "/v1/meetings".into(),
            json!({"slug": "x", "titles": {"en": "T"}, "kind": "summit", "starts_on": "2018-02-13", "ends_on": "2018-02-14", "coalition": "c", "city": "C", "country": "USA", "headline_amount": "1.00", "need_amount": "2.00", "headline_currency": "USD", "participant_count": 70}),
        ),
        (
            "articles",
            "/v1/articles".into(),
            json!({"publisher": "P", "language": "ar", "title": "T", "kind": "news", "url": "https://example.org/a", "published_on": "2018-02", "body": "B"}),
        ),
        (
            "pledges",
            "/v1/pledges".into(),
            json!({"instrument": "loan", "participant": "USA", "meeting": "m", "parent": null, "restates": null, "qualifier": "about", "amount_min": "1.00", "amount": "2.00", "amount_max": "3.00", "currency": "USD", "purpose": "P", "beneficiary": "USA", "announced_on": "2018-02-13", "announced_by_name": "N", "announced_by_office": "O", "period_from": "2018", "period_to": "2020", "conditions": "C", "citations": [{"article": article, "quote": "200", "start": 0, "end": 3, "states": {"amount": "2"}, "preferred": false}]}),
        ),
        (
            "events",
            format!("/v1/pledges/{pledge}/events"),
            json!({"stage": "committed", "occurred_on": "2018", "amount": "0.01", "currency": "USD", "over": true, "note": "N", "citations": [{"article": article}]}),
        ),
        (
            "citations",
            "/v1/citations".into(),
            json!({"subject": "meetings/m", "article": article, "quote": "200", "start": 0, "end": 3, "states": {"city": "C"}, "preferred": false}),
        ),
    ]
}

/// Values of every type, and of none that is meant.
fn garbage() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1.5),
        json!(u64::MAX),
        json!("\u{202e}نص\u{1}"),
        json!(""),
        json!([]),
        json!([null, true, 1, "a", [], {}]),
        json!({}),
        json!({"": {"a/b": [{"~": null}]}, "__proto__": {"constructor": 1}, "en": ["x"]}),
    ]
}

/// Every value within a body, by its path.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    let within: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (format!("{at}/{name}"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (format!("{at}/{index}"), value))
            .collect(),
        _ => Vec::new(),
    };
    for (at, value) in within {
        places.push(at.clone());
        self::places(value, &at, places);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn any_field_of_any_type_is_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.coalition("c").await;
    app.meeting("m").await;
    let article = app.article(json!({"body": "200 million"})).await;
    let pledge = app
        .pledge_with(json!({"qualifier": "exact", "amount": "1", "currency": "USD"}))
        .await;
    let mut number = 0;
    for (resource, path, body) in bodies(&article, &pledge) {
        let is_event = resource == "events";
        let before = counts(&app).await;
        let mut all = Vec::new();
        places(&body, "", &mut all);
        let mut sent = Vec::new();
        for at in &all {
            for value in garbage() {
                let mut body = body.clone();
                number += 1;
                // What must be its own in every record.
                for (field, own) in [
                    ("code", format!("X{number}")),
                    ("slug", format!("x-{number}")),
                    ("body", format!("B {number}")),
                ] {
                    if body.get(field).is_some() {
                        body[field] = own.into();
                    }
                }
                *body.pointer_mut(at).unwrap() = value.clone();
                sent.push((at.clone(), value, body));
            }
        }
        let made = each(sent, async |(at, value, body)| {
            let answer = answered(app.post(&path, body)).await;
            if answer.status != 201 {
                let refused = answer.problem(422, "invalid");
                let errors = refused["errors"].as_array().unwrap();
                assert!(!errors.is_empty(), "no fault at {at}: {refused}");
                return None;
            }
            let field = at.split('/').nth(1).unwrap();
            let whole = at.matches('/').count() == 1;
            if whole && !value.is_null() && field != "citations" {
                // Text that was taken for a field is that field, but for what is not seen at its ends.
                let is_verbatim = field == "body" || field == "quote";
                let taken = match value.as_str() {
                    Some(text) if !is_verbatim => without_ends(text).into(),
                    _ => value,
                };
                assert_eq!(answer[field], taken, "{at} of {answer}");
            }
            Some(answer.id())
        })
        .await;
        let made: Vec<String> = made.into_iter().flatten().collect();
        let after = counts(&app).await;
        let count = i64::try_from(made.len()).unwrap();
        assert!(count > 0, "no {resource} was accepted");
        let citations = after["citations"] - before["citations"];
        if resource == "citations" {
            holds(&app, &before, &[("citations", count), ("changes", count)]).await;
        } else if is_event {
            holds(
                &app,
                &before,
                &[("citations", citations), ("changes", 2 * count + citations)],
            )
            .await;
        } else {
            assert!(citations == 0 || resource == "pledges");
            holds(
                &app,
                &before,
                &[
                    (resource, count),
                    ("citations", citations),
                    ("changes", count + citations),
                ],
            )
            .await;
        }
        // The same by patch, of one that is there: refused, or a new version of it.
        let one = app.get(&format!("{path}/{}", made[0])).await.expect(200);
        let before = counts(&app).await;
        let mut versions = one["version"].as_i64().unwrap();
        let mut entries = 0;
        for field in body.as_object().unwrap().keys() {
            for value in garbage() {
                let answer =
                    answered(app.patch(&format!("{path}/{}", made[0]), json!({field.as_str(): value}))).await;
                if answer.status == 200 {
                    let version = answer["version"].as_i64().unwrap();
                    assert!(version == versions || version == versions + 1, "{answer}");
                    entries += version - versions;
                    versions = version;
                } else {
                    // Another has that body, or is preferred, by now.
                    assert!(matches!(answer.status, 409 | 422), "{answer}");
                }
            }
        }
        let logged = counts(&app).await["changes"] - before["changes"];
        // A changed event is a new version of its pledge too.
        assert!(
            logged == entries || is_event && logged == 2 * entries,
            "{entries} versions of {resource}, {logged} entries"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_of_any_type_is_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.coalition("c").await;
    app.meeting("m").await;
    for (path, body) in [
        (
            "/v1/coalitions/c/members/USA",
            json!({"periods": [{"joined_on": "2014", "left_on": "2015"}, {"joined_on": "2016", "left_on": "2017"}]}),
        ),
        (
            "/v1/meetings/m/attendance/USA",
            json!({"role": "host", "delegate_name": "N", "delegate_office": "O", "adopted": true}),
        ),
        (
            "/v1/rates",
            json!({"items": [{"currency": "EUR", "date": "2018-02-14", "per_usd": "0.81", "source": "S"}]}),
        ),
    ] {
        let mut all = Vec::new();
        places(&body, "", &mut all);
        let mut bodies: Vec<Value> = vec![body.clone()];
        bodies.extend(garbage());
        for at in &all {
            for value in garbage() {
                let mut body = body.clone();
                *body.pointer_mut(at).unwrap() = value;
                bodies.push(body);
            }
        }
        let before = counts(&app).await["changes"];
        let mut accepted = 0;
        for body in bodies {
            let answer = answered(app.put(path, body)).await;
            if answer.status < 300 {
                accepted += 1;
            } else {
                answer.problem(422, "invalid");
            }
        }
        let written = counts(&app).await["changes"] - before;
        assert!(
            written <= accepted && written > 0,
            "{written} entries of {accepted} writes to {path}"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_in_a_strangely_named_field_has_a_pointer_that_finds_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = counts(&app).await;
    let article = app.article(json!({})).await;
    for name in [
        "",
        "__proto__",
        "constructor",
        "a/b",
        "~",
        "~0",
        "~1",
        "/",
        "//",
        "~/~",
        "é",
        "e\u{301}",
        "\u{202e}x",
        "\0",
        "\"",
        "\\",
        "名",
        "names/en",
        "🚱",
        " ",
    ] {
        for body in [
            json!({name: 1}),
            json!({"names": {name: "x"}}),
            json!({"former_names": [{"until": "2018", "names": {"en": "x"}, name: {}}]}),
            json!({"former_names": [{"until": "2018", "names": {name: 1}}]}),
        ] {
            for refused in [
                answered(app.patch("/v1/participants/USA", body.clone())).await,
                answered(app.post("/v1/participants", body.clone())).await,
            ] {
                let refused = refused.problem(422, "invalid");
                let found = refused["errors"].as_array().unwrap().iter().any(|fault| {
                    let pointer = fault["pointer"].as_str().unwrap();
                    pointer.len() > 1 && body.pointer(pointer).is_some() || pointer == "/" && name.is_empty()
                });
                assert!(found, "{body} at none of the pointers of {refused}");
            }
        }
        let states = json!({"subject": "participants/USA", "article": article, "states": {name: "x"}});
        let refused = answered(app.post("/v1/citations", states.clone()))
            .await
            .problem(422, "invalid");
        assert!(
            states
                .pointer(refused["errors"][0]["pointer"].as_str().unwrap())
                .is_some(),
            "{refused}"
        );
    }
    holds(&app, &before, &[("articles", 1), ("changes", 1)]).await;
}
