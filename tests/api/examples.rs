//! What the contract shows, asked of a demo as it begins.

use std::collections::BTreeSet;

use pledgebook::{app, resources::examples, web::problem};
use reqwest::Method;
use serde_json::Value;

use crate::{app::Ask, prelude::*};

/// An operation of the contract, on its path with the keys that are shown there.
struct Shown {
    method: Method,
    path: String,
    operation: Value,
}

fn shown() -> Vec<Shown> {
    let contract = app::contract();
    let mut shown = Vec::new();
    for (template, item) in contract["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let mut path = template.clone();
            for parameter in operation["parameters"].as_array().unwrap() {
                if parameter["required"] != true {
                    continue;
                }
                let name = parameter["name"].as_str().unwrap();
                let example = [&parameter["example"], &parameter["schema"]["examples"][0]];
                let example = example.iter().find_map(|it| it.as_str());
                let example = example.unwrap_or_else(|| panic!("{template} shows no {name}"));
                if parameter["in"] == "path" {
                    path = path.replace(&format!("{{{name}}}"), example);
                } else {
                    path = format!("{path}?{name}={example}");
                }
            }
            shown.push(Shown {
                method: method.to_uppercase().parse().unwrap(),
                path,
                operation: operation.clone(),
            });
        }
    }
    shown
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_has_whatever_the_contract_asks_for(#[case] engine: Engine) {
    let (app, key) = App::start_demo(engine).await;
    for Shown { path, .. } in shown().iter().filter(|it| it.method == Method::GET) {
        app.get(path).key(&key).await.expect(200);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_takes_whatever_the_contract_sends(#[case] engine: Engine) {
    let (app, key) = App::start_demo(engine).await;
    let mut sent = 0;
    for Shown {
        method,
        path,
        operation,
    } in shown()
    {
        for (media_type, content) in operation["requestBody"]["content"]
            .as_object()
            .into_iter()
            .flatten()
        {
            // Lines are the array's items; a patch says something.
            let example = &content["example"];
            if media_type.ends_with("ndjson") {
                continue;
            }
            assert_ne!(*example, json!({}), "{method} {path}");
            let ask = app.ask(method.clone(), &path).key(&key);
            ask.body(media_type, example.to_string()).await.ok();
            sent += 1;
        }
    }
    assert!(sent > 30, "{sent}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_id_that_the_contract_shows_is_of_a_demo(#[case] engine: Engine) {
    let (app, _) = App::start_demo(engine).await;
    let log = app.rows("/v1/changes?after_seq=0&limit=200").await;
    let mut known: BTreeSet<String> = log
        .iter()
        .filter_map(|entry| Some(entry["after"]["id"].as_str()?.to_owned()))
        .collect();
    known.insert(examples::KEY.to_string());
    // What a request is called, and what makes it safe to repeat.
    known.insert("019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b".to_owned());
    known.insert("0d9b8f1e-3c55-4d7c-9d0a-6a5d0b7c1f42".to_owned());
    let contract = app::contract().to_string();
    let words = contract.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    let ids: BTreeSet<&str> = words
        .filter(|word| word.len() == 36 && word.matches('-').count() == 4)
        .collect();
    let unknown: Vec<_> = ids.iter().filter(|id| !known.contains(**id)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert!(ids.len() > 10, "{ids:?}");
}

/// Requests of a demo that are refused as the catalogue's examples have it.
#[expect(clippy::too_many_lines, reason = "one table, told from top to bottom")]
fn refused(app: &App) -> Vec<(&'static str, Ask)> {
    const PLEDGES: &str = "/v1/pledges";
    let get = |path: &str| app.get(path);
    let pledge = |fields: Value| {
        let mut body = json!({
            "participant": "USA", "meeting": "global-coalition-kuwait-2018", "instrument": "grant",
            "qualifier": "exact", "amount": "1.00", "currency": "USD",
        });
        for (name, value) in fields.as_object().unwrap() {
            if value.is_null() {
                body.as_object_mut().unwrap().remove(name);
            } else {
                body[name] = value.clone();
            }
        }
        app.post(PLEDGES, body)
    };
    let meeting = |fields: Value| {
        let mut body =
            json!({ "slug": "new", "kind": "other", "titles": { "en": "New" }, "starts_on": "2018" });
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        app.post("/v1/meetings", body)
    };
    let kicri = "/v1/meetings/kicri-2018";
    let event = |fields: Value| app.post(&format!("{PLEDGES}/{}/events", examples::PLEDGE), fields);
    vec![
        ("malformed", get("/v1/pledges?limit=201")),
        ("value", get("/v1/pledges?limit=201")),
        ("unknown_parameter", get("/v1/me?colour=red")),
        ("repeated", get("/v1/pledges?limit=1&limit=2")),
        ("cursor", get("/v1/pledges?after=x")),
        ("search", get("/v1/search?q=-")),
        ("expand", get("/v1/events?expand=colour")),
        ("fields", get("/v1/scales?fields=colour")),
        ("format", get("/v1/pledges?bom=true")),
        ("encoding", get("/v1/pledges?participant=%FF")),
        (
            "no_coalition",
            get(&format!("{kicri}/totals?membership_at=2018-02-13")),
        ),
        ("not_found", get("/v1/meetings/kuwait-2081")),
        ("no_such_path", get("/v1/colours")),
        ("not_acceptable", get("/v1/me").header("Accept", "image/png")),
        ("method_not_allowed", app.delete("/v1/changes")),
        ("unauthorized", get(PLEDGES).key("pbk_unknown")),
        (
            "unsupported_media_type",
            app.ask(Method::POST, PLEDGES).body("text/plain", "x"),
        ),
        (
            "json",
            app.ask(Method::POST, PLEDGES)
                .body("application/json", "{\"slug\": \"new\","),
        ),
        ("idempotency_key", pledge(json!({})).once("a key")),
        ("invalid", pledge(json!({ "currency": null }))),
        ("required", pledge(json!({ "currency": null }))),
        ("amount", pledge(json!({ "amount": "1.005" }))),
        ("number", pledge(json!({ "amount": 1 }))),
        ("unknown_reference", pledge(json!({ "participant": "USSA" }))),
        ("political", pledge(json!({ "instrument": "political" }))),
        ("qualifier", pledge(json!({ "amount_min": "1.00" }))),
        (
            "unknown_field",
            app.post(
                "/v1/coalitions",
                json!({ "slug": "new", "names": { "en": "New" }, "colour": "red" }),
            ),
        ),
        (
            "read_only_field",
            app.patch(
                "/v1/coalitions/global-coalition-against-daesh",
                json!({ "version": 9 }),
            ),
        ),
        ("type", meeting(json!({ "city": 1 }))),
        ("text", pledge(json!({ "purpose": " " }))),
        ("order", meeting(json!({ "ends_on": "2017" }))),
        ("reserved", meeting(json!({ "slug": "batch" }))),
        ("language", meeting(json!({ "titles": { "EN": "New" } }))),
        ("duplicate", meeting(json!({ "slug": "kicri-2018" }))),
        (
            "url",
            app.post(
                "/v1/articles",
                json!({ "publisher": "A", "language": "en", "kind": "news", "title": "A", "url": "a" }),
            ),
        ),
        ("fixed", app.patch(kicri, json!({ "slug": "new" }))),
        (
            "not_retracted",
            app.ask(Method::POST, &format!("{kicri}/restore")),
        ),
        (
            "stale_version",
            app.patch(kicri, json!({})).header("If-Match", "\"9.x\""),
        ),
        (
            "stage",
            event(json!({ "stage": "frozen", "occurred_on": "2018-09", "amount": "1.00" })),
        ),
        (
            "exceeds_pledge",
            event(json!({ "stage": "paid", "occurred_on": "2018-09", "amount": "1.00" })),
        ),
        (
            "events",
            app.patch(
                &format!("{PLEDGES}/{}", examples::PLEDGE),
                json!({ "currency": "EUR" }),
            ),
        ),
        (
            "second_preferred",
            app.post(
                &format!("{PLEDGES}/{}/citations", examples::PLEDGE),
                json!({ "article": examples::ARTICLE, "preferred": true }),
            ),
        ),
        (
            "quote",
            app.post(
                "/v1/meetings/kicri-2018/citations",
                json!({ "article": examples::ARTICLE, "quote": "Ministers", "start": 0, "end": 9 }),
            ),
        ),
    ]
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_of_an_error_is_what_a_demo_answers(#[case] engine: Engine) {
    let (app, _) = App::start_demo(engine).await;
    let mut others = Vec::new();
    for (code, ask) in refused(&app) {
        let mut shown = problem::example(pledgebook::problems::find(code).unwrap());
        let mut answered = ask.await.body;
        for body in [&mut shown, &mut answered] {
            // Of the one request, and of the record that is there.
            for name in ["request_id", "current_version", "etag"] {
                body.as_object_mut().unwrap().remove(name);
            }
        }
        if shown != answered {
            others.push(format!("{code}: {shown} is shown, {answered} is answered"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n\n"));
}
