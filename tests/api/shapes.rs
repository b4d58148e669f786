//! `expand` and `fields`: what is put beside a record, and what of it is left out.

use serde_json::Value;

use crate::{dossier::Dossier, prelude::*};

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_record_refers_to_is_put_beside_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let mut offered = 0;
    for get in dossier.gets_of_json() {
        let words = dossier.words(&get, "expand");
        if words.is_empty() {
            continue;
        }
        offered += 1;
        let records = |answer: &Value| -> Vec<Value> {
            let items = answer.get("items").and_then(Value::as_array);
            items.map_or_else(|| vec![answer.clone()], Clone::clone)
        };
        let all = words.join(",");
        for asked in words.iter().copied().chain([&*all]) {
            for lang in ["en", "ar"] {
                let path = format!("{}?lang={lang}&expand={asked}", get.path);
                let answer = app.get(&path).await.expect(200);
                let plain = app.get(&format!("{}?lang={lang}", get.path)).await.expect(200);
                let (shown, plain) = (records(&answer.body), records(&plain.body));
                assert_eq!(shown.len(), plain.len(), "{path}");
                assert!(!shown.is_empty(), "{path} has nothing to show");
                for (mut record, plain) in shown.into_iter().zip(plain) {
                    let expanded = record.as_object_mut().unwrap().remove("expanded").unwrap();
                    // What was there stays as it was: a key is a key.
                    assert_eq!(record, plain, "{path}");
                    let named: Vec<&str> = asked.split(',').collect();
                    let members: Vec<&String> = expanded.as_object().unwrap().keys().collect();
                    assert_eq!(members, named, "{path}");
                    for what in named {
                        beside(&app, &get.path, what, lang, &record, &expanded[what]).await;
                    }
                }
            }
        }
        // The same twice is once; what is not offered is refused with what is.
        let twice = format!(
            "{}?expand={},{}&expand={}",
            get.path, words[0], words[0], words[0]
        );
        app.get(&twice).await.expect(200);
        app.get(&format!("{}?expand=", get.path))
            .await
            .problem(400, "malformed")
            .fault("?expand");
        for wrong in ["colour", "participant.coalition", "participants"] {
            let refused = app
                .get(&format!("{}?expand={wrong}", get.path))
                .await
                .problem(400, "malformed")
                .fault("?expand");
            let detail = refused["errors"][0]["detail"].as_str().unwrap();
            for word in ["participant", "meeting", "events", "citations"] {
                let offer = detail.split(": ").nth(1).unwrap();
                let named = offer.split(", ").any(|it| it == word);
                assert_eq!(named, words.contains(&word), "{word} in {refused}");
            }
        }
    }
    assert!(offered > 10, "the contract has lost what can be expanded");
}

/// Where the totals of a meeting are.
fn by_slug(meeting: &Value, lang: &str) -> Option<String> {
    Some(format!(
        "/v1/meetings/{}/totals?lang={lang}",
        meeting["slug"].as_str()?
    ))
}

/// What stands beside a record is what its own path answers.
async fn beside(app: &App, path: &str, what: &str, lang: &str, record: &Value, it: &Value) {
    let by = |resource: &str| {
        let key = record[what].as_str()?;
        Some(format!("/v1/{resource}/{key}?lang={lang}"))
    };
    let one = match what {
        "participant" => by("participants"),
        // An attendance is of the meeting that its path names.
        "meeting" => by("meetings"),
        "pledge" => by("pledges"),
        "totals" => by_slug(record, lang),
        "article" => {
            let list = app.rows(&format!("/v1/articles?lang={lang}")).await;
            assert!(list.contains(it), "{it} of {record}");
            return;
        }
        _ => {
            let of = match path.split('/').nth(2).unwrap() {
                "pledges" if path.contains("/events") => format!(
                    "/v1/pledges/{}/events/{}",
                    path.split('/').nth(3).unwrap(),
                    record["id"].as_str().unwrap()
                ),
                "pledges" if path.contains("/adherents") => format!(
                    "/v1/pledges/{}/adherents/{}",
                    path.split('/').nth(3).unwrap(),
                    record["participant"].as_str().unwrap()
                ),
                "events" => format!(
                    "/v1/pledges/{}/events/{}",
                    record["pledge"].as_str().unwrap(),
                    record["id"].as_str().unwrap()
                ),
                resource => {
                    let resource = if resource == "due" { "pledges" } else { resource };
                    let key = ["code", "slug", "id"]
                        .into_iter()
                        .find_map(|key| record[key].as_str());
                    format!("/v1/{resource}/{}", key.unwrap())
                }
            };
            let sort = if what == "events" {
                "occurred_on"
            } else {
                "created_at"
            };
            let list = app
                .get(&format!("{of}/{what}?limit=200&sort={sort}&lang={lang}"))
                .await
                .expect(200);
            assert_eq!(*it, json!(list.items()), "{what} of {of}");
            return;
        }
    };
    match one {
        None => assert!(it.is_null(), "{what} of {record}"),
        Some(path) => {
            let mut whole = app.get(&path).await.expect(200).body;
            // Where sources disagree stands on the record itself.
            whole.as_object_mut().unwrap().remove("conflicts");
            assert_eq!(*it, whole, "{path}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_retracted_or_merged_stands_beside_a_record(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    app.participant("GBR").await;
    let pledge = app.pledge_by("ROUK", &meeting, "100.00", "GBP").await;
    let article = app.article(json!({})).await;
    let first = app.event(&pledge, "paid", "10.00", "2018-03-01").await;
    let second = app.event(&pledge, "paid", "20.00", "2018-02-20").await;
    let citation = app
        .citation(&format!("pledges/{pledge}"), &article, json!({}))
        .await;
    app.citation(&format!("events/{first}"), &article, json!({}))
        .await;
    let path = format!("/v1/pledges/{pledge}?expand=participant,meeting,events,citations");
    let ids = |value: &Value| -> Vec<String> {
        let ids = value
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["id"].as_str().unwrap().to_owned());
        ids.collect()
    };
    let expanded = app.get(&path).await.expect(200)["expanded"].clone();
    assert_eq!(expanded["participant"]["code"], "ROUK");
    // In the order in which they happened.
    assert_eq!(ids(&expanded["events"]), [second.clone(), first.clone()]);
    assert_eq!(ids(&expanded["citations"]), [citation.as_str()]);
    app.patch("/v1/participants/ROUK", json!({"merged_into": "GBR"}))
        .await
        .expect(200);
    app.delete(&format!("/v1/pledges/{pledge}/events/{second}"))
        .await
        .expect(204);
    app.delete(&format!("/v1/citations/{citation}")).await.expect(204);
    let record = app.get(&path).await.expect(200);
    assert_eq!(record["participant"], "GBR");
    assert_eq!(record["expanded"]["participant"]["code"], "GBR");
    assert_eq!(record["expanded"]["meeting"]["slug"], "m-one");
    assert_eq!(ids(&record["expanded"]["events"]), [first]);
    assert_eq!(record["expanded"]["citations"], json!([]));
    // Without what it may refer to, it has nothing there, and says so.
    let alone = app
        .pledge_with(json!({"participant": null, "meeting": "m-one"}))
        .await;
    let list = app
        .get("/v1/pledges?expand=events,citations,meeting,participant&sort=-created_at")
        .await
        .expect(200);
    assert_eq!(list.items()[0]["id"], alone);
    assert_eq!(list.items()[0]["expanded"]["participant"], json!(null));
    assert_eq!(list.items()[0]["expanded"]["events"], json!([]));
    assert_eq!(list.items()[0]["expanded"]["citations"], json!([]));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn fields_are_the_only_members_that_are_shown(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let mut offered = 0;
    for get in dossier.gets_of_json() {
        let words = dossier.words(&get, "fields");
        if words.is_empty() {
            continue;
        }
        offered += 1;
        let whole = app.get(&get.path).await.expect(200);
        let items = whole.body.get("items").and_then(Value::as_array).cloned();
        let records = items.unwrap_or_else(|| vec![whole.body.clone()]);
        assert!(!records.is_empty(), "{} has nothing to show", get.path);
        for name in &words {
            let answer = app.get(&format!("{}?fields={name}", get.path)).await.expect(200);
            let shown = answer.body.get("items").and_then(Value::as_array).cloned();
            let shown = shown.unwrap_or_else(|| vec![answer.body.clone()]);
            assert_eq!(shown.len(), records.len());
            for (shown, record) in shown.iter().zip(&records) {
                assert_eq!(*shown, json!({*name: record[*name]}), "{name} of {}", get.path);
            }
        }
        // Every member can be asked for, and no other.
        for record in &records {
            let members: Vec<&String> = record.as_object().unwrap().keys().collect();
            assert!(
                members.iter().all(|it| words.contains(&it.as_str())),
                "{members:?} {words:?}"
            );
        }
        let refused = app
            .get(&format!("{}?fields=id,colour,{}", get.path, words[0]))
            .await
            .problem(400, "malformed")
            .fault("?fields");
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(words.iter().all(|word| detail.contains(word)), "{refused}");
    }
    assert!(offered > 20, "the contract has lost what can be left out");
    // Both at once: what is beside a record is none of its fields.
    let list = app
        .get("/v1/pledges?fields=state,id&expand=meeting&limit=1")
        .await
        .expect(200);
    let members: Vec<_> = list.items()[0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["id", "state", "expanded"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_read_with_others_beside_it_may_be_patched_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let mut patched = 0;
    for get in dossier.gets() {
        let words = dossier.words(&get, "expand");
        let changes = dossier
            .operations()
            .iter()
            .any(|it| it.template == get.template && it.method == reqwest::Method::PATCH);
        if words.is_empty() || !changes {
            continue;
        }
        patched += 1;
        let path = format!("{}?lang=ar&expand={}", get.path, words.join(","));
        let read = app.get(&path).await.expect(200);
        let back = app
            .patch(&get.path, read.body.clone())
            .header("If-Match", read.header("etag").unwrap())
            .await
            .expect(200);
        assert_eq!(back["version"], read["version"], "{path}");
        assert_eq!(app.get(&path).await.header("etag"), read.header("etag"));
    }
    assert!(patched >= 5, "the contract has lost what can be patched");
    // It is nothing that can be written.
    let made = json!({"code": "AAA", "kind": "state", "names": {"en": "x"}, "expanded": {}});
    app.post("/v1/participants", made)
        .await
        .problem(422, "invalid")
        .fault("/expanded");
}
