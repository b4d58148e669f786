//! Writing: who may, in which form, and over whose head.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use crate::{dossier::Dossier, prelude::*};

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn writing_takes_a_key_that_may_write(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.coalition("global").await;
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "1", "USD").await;
    let article = app.article(json!({})).await;
    let citation = app.citation("participants/USA", &article, json!({})).await;
    let before = app.get("/v1/changes?limit=1").await.body;
    let method = |name: &str| reqwest::Method::from_bytes(name.as_bytes()).unwrap();
    for (number, (method, path)) in [
        (method("POST"), "/v1/participants".to_owned()),
        (method("POST"), "/v1/coalitions".into()),
        (method("POST"), "/v1/meetings".into()),
        (method("POST"), "/v1/articles".into()),
        (method("POST"), "/v1/pledges".into()),
        (method("POST"), "/v1/citations".into()),
        (method("PUT"), "/v1/rates".into()),
        (method("PATCH"), "/v1/participants/USA".into()),
        (method("DELETE"), "/v1/participants/USA".into()),
        (method("POST"), "/v1/participants/USA/restore".into()),
        (method("POST"), "/v1/participants/USA/citations".into()),
        (method("PATCH"), "/v1/coalitions/global".into()),
        (method("PUT"), "/v1/coalitions/global/members/USA".into()),
        (method("DELETE"), "/v1/coalitions/global/members/USA".into()),
        (method("POST"), "/v1/coalitions/global/members/USA/restore".into()),
        (method("PATCH"), "/v1/meetings/kuwait-2018".into()),
        (method("PUT"), "/v1/meetings/kuwait-2018/attendance/USA".into()),
        (method("DELETE"), "/v1/meetings/kuwait-2018/attendance/USA".into()),
        (method("PATCH"), format!("/v1/pledges/{pledge}")),
        (method("POST"), format!("/v1/pledges/{pledge}/events")),
        (method("DELETE"), format!("/v1/pledges/{pledge}")),
        (method("PATCH"), format!("/v1/articles/{article}")),
        (method("DELETE"), format!("/v1/articles/{article}")),
        (method("POST"), format!("/v1/articles/{article}/citations")),
        (method("PATCH"), format!("/v1/citations/{citation}")),
        (method("DELETE"), format!("/v1/citations/{citation}")),
    ]
    .into_iter()
    .enumerate()
    {
        let refused = app
            .ask(method.clone(), &path)
            .without_key()
            .await
            .problem(401, "unauthorized");
        assert!(refused.header("www-authenticate").is_some(), "{refused}");
        app.ask(method.clone(), &path)
            .key(&app.keys.reader)
            .await
            .problem(403, "forbidden");
        // Many wrong keys of one client are no longer looked at.
        app.ask(method, &path)
            .header("X-Forwarded-For", &format!("192.0.2.{number}"))
            .key("pbk_wrong")
            .await
            .problem(401, "unauthorized");
    }
    assert_eq!(app.get("/v1/changes?limit=1").await.body, before);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_json_and_says_so(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let body = r#"{"code": "KWT", "kind": "state", "names": {"en": "Kuwait"}}"#;
    let post = || app.ask(reqwest::Method::POST, "/v1/participants");
    for content_type in [
        "text/plain",
        "application/merge-patch+json",
        "application/jsonx",
        "",
    ] {
        post()
            .body(content_type, body)
            .await
            .problem(415, "unsupported_media_type");
    }
    post().await.problem(415, "unsupported_media_type");
    let patch = || app.ask(reqwest::Method::PATCH, "/v1/participants/USA");
    patch()
        .body("application/json-patch+json", "[]")
        .await
        .problem(415, "unsupported_media_type");
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "Application/Merge-Patch+JSON",
    ] {
        patch().body(content_type, r#"{"aliases": []}"#).await.expect(200);
    }
    post()
        .body("application/json;charset=UTF-8", body)
        .await
        .created();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_read_one_way_only_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let post = |body: Vec<u8>| {
        app.ask(reqwest::Method::POST, "/v1/participants")
            .body("application/json", body)
    };
    for body in [
        "",
        " ",
        "{",
        "{}{}",
        "{'code': 1}",
        r#"{"code": "KWT", "code": "USA", "kind": "state", "names": {"en": "x"}}"#,
        r#"{"code": "KWT", "kind": "state", "names": {"en": "x", "en": "y"}}"#,
        r#"{"code": "KWT", "kind": "state", "names": {"en": "\ud800"}}"#,
        r#"{"code": "KWT", "kind": "state", "names": {"en": "\udc00\ud800"}}"#,
        r#"{"a": 1e999}"#,
        "NaN",
        "{}\u{feff}",
    ] {
        post(body.into()).await.problem(400, "malformed");
    }
    post(b"{\"code\": \"\xff\"}".to_vec())
        .await
        .problem(400, "malformed");
    for depth in [200, 100_000] {
        post(format!("{}1{}", "[".repeat(depth), "]".repeat(depth)).into())
            .await
            .problem(400, "malformed");
        post(format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth)).into())
            .await
            .problem(400, "malformed");
    }
    // Well-formed, but no object.
    for body in ["[]", "1", "null", "\"x\"", "true"] {
        post(body.into()).await.problem(422, "invalid");
        app.ask(reqwest::Method::PATCH, "/v1/participants/KWT")
            .body("application/merge-patch+json", body)
            .await
            .problem(404, "not_found");
    }
    app.participant("KWT").await;
    for body in ["[]", "1", "null", "\"x\"", "true"] {
        app.ask(reqwest::Method::PATCH, "/v1/participants/KWT")
            .body("application/merge-patch+json", body)
            .await
            .problem(422, "invalid");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_too_large_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let body = |length: usize| json!({"publisher": "P", "language": "ar", "title": "T", "kind": "other", "body": "س".repeat(length)});
    app.post("/v1/articles", body(3 * 1024 * 1024))
        .await
        .problem(413, "body_too_large");
    app.post("/v1/articles", body(1_000_001))
        .await
        .problem(422, "invalid")
        .fault("/body");
    // A million characters of Arabic fit.
    let created = app.post("/v1/articles", body(1_000_000)).await.created();
    assert_eq!(created["body"].as_str().unwrap().chars().count(), 1_000_000);
    assert!(app.get("/v1/articles").await.text.len() < 10_000);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn u_0000_stands_nowhere(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.meeting("kuwait-2018").await;
    let article = app.article(json!({})).await;
    for (path, field, value) in [
        (
            "/v1/participants/USA",
            "/names/en",
            json!({"names": {"en": "a\u{0}"}}),
        ),
        (
            "/v1/participants/USA",
            "/names/e\u{0}",
            json!({"names": {"e\u{0}": "a"}}),
        ),
        (
            "/v1/participants/USA",
            "/aliases/0",
            json!({"aliases": ["\u{0}"]}),
        ),
        ("/v1/participants/USA", "/a\u{0}", json!({"a\u{0}": 1})),
        ("/v1/meetings/kuwait-2018", "/city", json!({"city": "a\u{0}"})),
        (
            "/v1/meetings/kuwait-2018",
            "/country",
            json!({"country": "a\u{0}"}),
        ),
        (
            &*format!("/v1/articles/{article}"),
            "/body",
            json!({"body": "a\u{0}b"}),
        ),
    ] {
        app.patch(path, value).await.problem(422, "invalid").fault(field);
    }
    app.patch("/v1/participants/USA", json!({"aliases": ["x"]}))
        .header("Change-Reason", "a%00b")
        .await
        .expect(200);
    let reason = app.history("/v1/participants/USA").await.items()[0]["reason"].clone();
    assert_eq!(reason, "a\u{fffd}b");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_amount_is_a_string_and_a_number_is_told_why(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for amount in [json!(200_000_000), json!(0.1), json!(-1)] {
        let refused = app
            .post(
                "/v1/pledges",
                json!({"instrument": "grant", "qualifier": "exact", "amount": amount, "currency": "USD"}),
            )
            .await
            .problem(422, "invalid")
            .fault("/amount");
        assert!(refused.text.contains("floating point"), "{refused}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_refused_with_the_known_ones(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let refused = app
        .post(
            "/v1/participants",
            json!({"code": "USA", "kind": "state", "names": {"en": "x"}, "name": "y", "a/b~c": 1}),
        )
        .await
        .problem(422, "invalid")
        .fault("/name")
        .fault("/a~1b~0c");
    assert!(refused.text.contains("former_names"), "{refused}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_to_what_has_changed_meanwhile_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let path = "/v1/participants/USA";
    let first = app.get(path).await.header("etag").unwrap().to_owned();
    let arabic = app
        .get(&format!("{path}?lang=ar"))
        .await
        .header("etag")
        .unwrap()
        .to_owned();
    let mut number = 0;
    let mut write = |tag: &str| {
        number += 1;
        app.patch(path, json!({"aliases": [format!("{number}")]}))
            .header("If-Match", tag)
    };
    // Whichever representation was read, it is of the version.
    let second = write(&arabic)
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    for stale in [
        first.as_str(),
        &arabic,
        &format!("W/{first}"),
        &format!("{first}, {arabic}"),
        "\"0\"",
        "\"x\"",
        "x",
        "\"\"",
        "",
    ] {
        let refused = write(stale).await.problem(412, "stale_version");
        assert!(refused["detail"].as_str().unwrap().contains('2'), "{refused}");
    }
    let third = write(&format!("{first} , {second}"))
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    let fourth = write(&format!("W/{third}"))
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    write("*").await.expect(200);
    app.delete(path)
        .header("If-Match", &fourth)
        .await
        .problem(412, "stale_version");
    let last = app.get(path).await.header("etag").unwrap().to_owned();
    app.delete(path).header("If-Match", &last).await.expect(204);
    app.restore(path)
        .header("If-Match", &last)
        .await
        .problem(412, "stale_version");
    app.restore(path).header("If-Match", "\"6\"").await.expect(200);
    // Several headers are one list.
    app.patch(path, json!({"aliases": []}))
        .header("If-Match", "\"1.x\"")
        .header("If-Match", "\"7.x\"")
        .await
        .expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_put_may_ask_that_there_is_something_or_nothing_yet(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.meeting("kuwait-2018").await;
    app.participant("USA").await;
    for (path, first, second) in [
        (
            "/v1/coalitions/global/members/USA",
            json!({"periods": [{"joined_on": "2014"}]}),
            json!({"periods": [{"joined_on": "2015"}]}),
        ),
        (
            "/v1/meetings/kuwait-2018/attendance/USA",
            json!({"role": "host"}),
            json!({"role": "member"}),
        ),
    ] {
        for tag in ["*", "\"1\"", "\"0\""] {
            app.put(path, first.clone())
                .header("If-Match", tag)
                .await
                .problem(412, "stale_version");
        }
        let created = app
            .put(path, first.clone())
            .header("If-None-Match", "*")
            .await
            .created();
        app.put(path, second.clone())
            .header("If-None-Match", "*")
            .await
            .problem(412, "stale_version");
        app.put(path, second.clone())
            .header("If-None-Match", created.header("etag").unwrap())
            .await
            .problem(412, "stale_version");
        assert_eq!(app.get(path).await.body, created.body);
        let replaced = app
            .put(path, second)
            .header("If-None-Match", "\"7.other\"")
            .await
            .expect(200);
        app.put(path, first)
            .header("If-Match", created.header("etag").unwrap())
            .await
            .problem(412, "stale_version");
        app.delete(path)
            .header("If-Match", created.header("etag").unwrap())
            .await
            .problem(412, "stale_version");
        app.delete(path)
            .header("If-Match", replaced.header("etag").unwrap())
            .await
            .expect(204);
        app.restore(path)
            .header("If-Match", replaced.header("etag").unwrap())
            .await
            .problem(412, "stale_version");
        app.restore(path).header("If-Match", "\"3\"").await.expect(200);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn two_writers_with_if_match_never_overwrite_each_other(#[case] engine: Engine) {
    const WRITERS: usize = 8;
    const EACH: usize = 5;
    let app = App::start(engine).await;
    app.participant("USA").await;
    let path = "/v1/participants/USA";
    let writer = async |writer: usize| {
        let mut stale = 0;
        for number in 0..EACH {
            loop {
                let read = app.get(path).await.expect(200);
                let mut aliases = read["aliases"].as_array().unwrap().clone();
                aliases.push(format!("{writer} {number}").into());
                let written = app
                    .patch(path, json!({"aliases": aliases}))
                    .header("If-Match", read.header("etag").unwrap())
                    .await;
                if written.status == 200 {
                    break;
                }
                written.problem(412, "stale_version");
                stale += 1;
            }
        }
        stale
    };
    let stale: usize = futures_util::future::join_all((0..WRITERS).map(writer))
        .await
        .iter()
        .sum();
    let read = app.get(path).await;
    assert_eq!(read["aliases"].as_array().unwrap().len(), WRITERS * EACH);
    assert_eq!(read["version"], 1 + WRITERS * EACH);
    assert!(stale > 0, "nobody was ever in another's way");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_patch_touches_only_what_it_names_whoever_writes_beside_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let path = "/v1/participants/USA";
    let fields = [
        ("names", json!({"fr": "États-Unis"})),
        ("names", json!({"es": "Estados Unidos"})),
        ("names", json!({"ar": null})),
        ("aliases", json!(["America"])),
        ("kind", json!("private")),
        (
            "former_names",
            json!([{"names": {"en": "Colonies"}, "until": "1776"}]),
        ),
    ];
    futures_util::future::join_all(fields.iter().map(async |(field, value)| {
        let patch = Value::Object([((*field).to_owned(), value.clone())].into_iter().collect());
        app.patch(path, patch).await.expect(200);
    }))
    .await;
    let read = app.get(path).await;
    assert_eq!(
        read["names"],
        json!({"en": "United States", "es": "Estados Unidos", "fr": "États-Unis"})
    );
    assert_eq!(read["aliases"], json!(["America"]));
    assert_eq!(read["kind"], "private");
    assert_eq!(read["former_names"][0]["until"], "1776");
    assert_eq!(read["version"], 7);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_can_be_put_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let (meeting, coalition) = (app.meeting("kuwait").await, app.coalition("global").await);
    app.attendance(
        &meeting,
        "USA",
        json!({"role": "host", "delegate_name": "A. Example"}),
    )
    .await;
    app.member(&coalition, "USA", "2014-09").await;
    let pledge = app
        .pledge_with(json!({"meeting": meeting, "instrument": "political", "participant": null}))
        .await;
    let adherent = format!("/v1/pledges/{pledge}/adherents/USA");
    let statements = json!({"statements": [
        {"stance": "adopted", "on": "2018"}, {"stance": "reserved", "on": "2019", "text": {"en": "In part."}},
    ]});
    app.put(&adherent, statements).await.created();
    let scale = json!({"names": {"en": "Colours"}, "values": [{"value": "red", "meaning": "not_kept"}]});
    app.put("/v1/scales/colours", scale).await.created();
    for path in [
        &*format!("/v1/meetings/{meeting}/attendance/USA"),
        &format!("/v1/coalitions/{coalition}/members/USA"),
        &adherent,
        "/v1/scales/colours",
    ] {
        for query in [
            "?lang=ar",
            if path.contains("scales") {
                ""
            } else {
                "?expand=participant"
            },
        ] {
            let read = app.get(&format!("{path}{query}")).await.expect(200);
            let back = app.put(path, read.body.clone()).await.expect(200);
            assert_eq!(back["version"], read["version"], "{path}");
        }
        // What nobody writes says what it says now, or is refused.
        let read = app.get(path).await.expect(200);
        for (member, other) in [
            ("version", json!(77)),
            ("created_at", json!("2018-02-13T00:00:00Z")),
            ("id", json!("x")),
        ] {
            let mut wrong = read.body.clone();
            wrong[member] = other;
            let refused = app
                .put(path, wrong)
                .await
                .problem(422, "invalid")
                .fault(&format!("/{member}"));
            assert_eq!(refused["errors"][0]["code"], "read_only_field");
        }
        assert_eq!(app.get(path).await.body, read.body);
    }
    // The same where it was retracted meanwhile, and of nobody else.
    let path = format!("/v1/meetings/{meeting}/attendance/USA");
    let read = app.get(&path).await.expect(200);
    app.delete(&path).await.expect(204);
    let back = app.put(&path, read.body.clone()).await.expect(201);
    assert_eq!(
        (&back["role"], &back["delegate_name"]),
        (&json!("host"), &json!("A. Example"))
    );
    app.participant("FRA").await;
    app.put(
        &format!("/v1/meetings/{meeting}/attendance/FRA"),
        read.body.clone(),
    )
    .await
    .problem(422, "invalid")
    .fault("/participant")
    .fault("/participant_name");
    let mut told_otherwise = app.get(&adherent).await.expect(200).body;
    told_otherwise["stance"] = "withdrew".into();
    app.put(&adherent, told_otherwise)
        .await
        .problem(422, "invalid")
        .fault("/stance");
    app.put(&path, json!({"role": "host", "colour": "red"}))
        .await
        .problem(422, "invalid")
        .fault("/colour");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn rates_and_what_lists_show_can_be_put_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let rate = |date: &str| json!({"currency": "EUR", "date": date, "per_usd": "0.81", "source": "ECB"});
    app.put("/v1/rates", json!([rate("2018-02-13"), rate("2018-02-14")]))
        .await
        .expect(200);
    let list = app.get("/v1/rates?count=true").await.expect(200);
    assert_eq!(
        app.put("/v1/rates", list.body.clone()).await.expect(200)["unchanged"],
        2
    );
    let items = app.put("/v1/rates", list["items"].clone()).await.expect(200);
    assert_eq!(items["unchanged"], 2);
    app.put(
        "/v1/rates",
        json!([{"currency": "EUR", "date": "2018-02-13", "per_usd": "0.81", "source": "ECB", "colour": 1}]),
    )
    .await
    .problem(422, "invalid")
    .fault("/0/colour");
    let article = app
        .article(json!({"body": "The United States pledged USD 200 million."}))
        .await;
    let path = format!("/v1/articles/{article}");
    let listed = app.get("/v1/articles").await.expect(200).items()[0].clone();
    assert!(listed.get("excerpt").is_some() && listed.get("body").is_none());
    assert_eq!(app.patch(&path, listed.clone()).await.expect(200)["version"], 1);
    let mut wrong = listed;
    wrong["excerpt"] = "Another beginning.".into();
    app.patch(&path, wrong)
        .await
        .problem(422, "invalid")
        .fault("/excerpt");
    assert!(!app.get(&path).await.expect(200)["body"].is_null());
}

/// Another value of the same kind.
fn another(value: &Value) -> Value {
    match value {
        Value::Bool(it) => json!(!it),
        Value::Number(it) => json!(it.as_i64().unwrap() + 1),
        Value::String(it) => json!(format!("{it}x")),
        Value::Array(items) if items.is_empty() => json!(["x"]),
        Value::Array(_) => json!([]),
        Value::Null | Value::Object(_) => json!({"x": 1}),
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_read_is_sent_as_it_is_or_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let mut read_only = BTreeSet::new();
    for it in dossier.operations() {
        let is_patch = it.method == Method::PATCH;
        // Rates are put by the thousand, and found by what they are of.
        if !(is_patch || it.method == Method::PUT) || it.template == "/v1/rates" {
            continue;
        }
        let path = it.path.as_str();
        let is_of_keys = path.starts_with("/v1/keys");
        let send = |body: Value| {
            if is_patch {
                app.patch(path, body)
            } else {
                app.put(path, body)
            }
        };
        let unknown = send(json!({"no_such_field": 1})).await.problem(422, "invalid");
        let mut faults = unknown["errors"].as_array().unwrap().iter();
        let unknown = faults.find(|it| it["pointer"] == "/no_such_field").unwrap();
        let writable = unknown["known"].as_array().unwrap();
        let read = app.get(path).await.expect(200).body;
        let whole = read.as_object().unwrap();
        let back = send(read.clone()).await.expect(200);
        assert_eq!(back["version"], read["version"], "{path}");
        for (member, value) in whole.iter().filter(|(name, _)| !writable.contains(&json!(name))) {
            let wrong = |value: Value| {
                let mut body = if is_patch { json!({}) } else { read.clone() };
                body[member] = value;
                body
            };
            if ["overdue", "last_evidence_on", "silent_days", "as_of"].contains(&member.as_str()) {
                send(wrong(another(value))).await.expect(200);
                continue;
            }
            let answer = send(wrong(another(value))).await;
            let refused = answer.problem(422, "invalid").fault(&format!("/{member}"));
            // What a key is for is said once.
            let code = if member == "role" {
                "fixed"
            } else {
                "read_only_field"
            };
            assert_eq!(refused["errors"][0]["code"], code, "{refused}");
            send(wrong(value.clone())).await.expect(200);
            let resource = it.template.rsplit("/{").nth(1).unwrap_or_default();
            let resource = resource.rsplit('/').next().unwrap();
            read_only.insert(format!("{resource} {member}"));
        }
        if !is_of_keys {
            assert_eq!(app.get(path).await.expect(200).body, read, "{path}");
        }
    }
    for known in [
        "pledges disputed",
        "pledges counts",
        "pledges paid",
        "pledges conflicts",
        "events counts",
        "adherents counts",
        "assessments latest",
        "assessments meaning",
        "citations subject_title",
        "participants counts",
        "members version",
    ] {
        assert!(read_only.contains(known), "{known} is not among {read_only:?}");
    }
}
