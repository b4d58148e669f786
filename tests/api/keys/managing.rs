//! Making, changing, rotating and revoking keys; and what of it is to be seen.

use serde_json::Value;

use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_admin_makes_a_key_that_writes_until_it_is_revoked(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let admin = app.keys.admin.clone();
    let made = app
        .key(json!({"name": " Data desk ", "role": "editor", "note": "the ministry's"}))
        .await;
    assert_eq!(
        (&made["name"], &made["role"]),
        (&json!("Data desk"), &json!("editor"))
    );
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("pbk_") && secret.len() == 47, "{secret}");
    let path = format!("/v1/keys/{}", made.id());
    assert_eq!(made.header("location"), Some(path.as_str()));

    let seen = app.get(&path).key(&admin).await.expect(200);
    assert_eq!(seen["note"], "the ministry's");
    assert!(
        !seen.text.contains("pbk_") && seen.body.get("secret").is_none(),
        "{seen}"
    );
    let names = json!({"en": "Kuwait"});
    app.post(
        "/v1/participants",
        json!({"code": "KWT", "kind": "state", "names": names}),
    )
    .key(&secret)
    .await
    .created();

    app.delete(&path).key(&admin).await.expect(204);
    app.delete(&path).key(&admin).await.expect(204);
    app.delete("/v1/participants/KWT")
        .key(&secret)
        .await
        .problem(401, "unauthorized");
    app.get("/v1/participants")
        .key(&secret)
        .await
        .problem(401, "unauthorized");
    let seen = app.get(&path).key(&admin).await.expect(200);
    assert!(seen["revoked_at"].is_string(), "{seen}");
    app.patch(&path, json!({"note": null}))
        .key(&admin)
        .await
        .problem(409, "key_revoked");
    app.post(&format!("{path}/rotate"), json!({}))
        .key(&admin)
        .await
        .problem(409, "key_revoked");
    // Its name is free again.
    app.key(json!({"name": "Data desk", "role": "reader"})).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_shown_once_and_not_kept(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let admin = app.keys.admin.clone();
    let ask = || {
        app.post("/v1/keys", json!({"name": "once", "role": "editor"}))
            .header("Prefer", "return=minimal")
            .key(&admin)
            .once("make")
    };
    let first = ask().await.created();
    let again = ask().await.created();
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.id(), first.id());
    assert_eq!(again["secret"], Value::Null);
    assert!(
        again["secret_note"].as_str().unwrap().contains("shown once"),
        "{again}"
    );
    let secret = first["secret"].as_str().unwrap();
    assert!(!again.text.contains(secret));

    let rotate = || {
        app.post(&format!("/v1/keys/{}/rotate", first.id()), json!({}))
            .key(&admin)
            .once("rotate")
    };
    let other = rotate().await.expect(200);
    assert!(
        other["secret"].is_string() && other["secret"] != first["secret"],
        "{other}"
    );
    let again = rotate().await.expect(200);
    assert_eq!(
        (&again["secret"], &again["version"]),
        (&Value::Null, &other["version"])
    );

    // Nowhere in what is kept, either.
    let db = app.another_db().await;
    let mut reader = db.read().await.unwrap();
    let kept: Vec<(Vec<u8>, String)> = reader
        .all(pledgebook::db::Sql::new(
            "select body, headers from idempotency_keys",
        ))
        .await
        .unwrap();
    assert_eq!(kept.len(), 2);
    for (body, headers) in kept {
        assert!(!String::from_utf8(body).unwrap().contains("pbk_") && !headers.contains("pbk_"));
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_has_one_secret_or_two_for_a_while(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let admin = app.keys.admin.clone();
    let made = app.key(json!({"name": "turning", "role": "reader"})).await;
    let path = format!("/v1/keys/{}/rotate", made.id());
    let rotated = async |overlap: Value| {
        let answer = app.post(&path, overlap).key(&admin).await.expect(200);
        answer["secret"].as_str().unwrap().to_owned()
    };
    let opens = async |secret: &str| app.get("/v1/me").key(secret).await.status == 200;
    let first = made["secret"].as_str().unwrap().to_owned();
    assert!(opens(&first).await);
    let second = rotated(json!({"overlap_seconds": 600})).await;
    assert!(opens(&first).await && opens(&second).await);
    // The one before the last is none any more.
    let third = rotated(json!({"overlap_seconds": 600})).await;
    assert!(!opens(&first).await && opens(&second).await && opens(&third).await);
    let fourth = rotated(json!({})).await;
    assert!(!opens(&second).await && !opens(&third).await && opens(&fourth).await);
    // All of the body may be left out.
    let bare = app.ask(reqwest::Method::POST, &path).await.expect(200);
    assert!(
        bare["secret"].is_string() && bare["old_secret_until"].is_null(),
        "{bare}"
    );
    let empty = app
        .ask(reqwest::Method::POST, &path)
        .body("text/plain", "")
        .await
        .expect(200);
    assert!(empty["secret"].is_string(), "{empty}");
    app.ask(reqwest::Method::POST, &path)
        .body("text/plain", "{}")
        .await
        .problem(415, "unsupported_media_type");
    for wrong in [-1, 604_801] {
        app.post(&path, json!({"overlap_seconds": wrong}))
            .key(&admin)
            .await
            .problem(422, "invalid")
            .fault("/overlap_seconds");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_makes_no_sense_is_refused_with_every_fault(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let admin = app.keys.admin.clone();
    for (fields, pointer) in [
        (json!({"role": "editor"}), "/name"),
        (json!({"name": "  ", "role": "editor"}), "/name"),
        (json!({"name": "x".repeat(201), "role": "editor"}), "/name"),
        (json!({"name": "x", "role": "owner"}), "/role"),
        (
            json!({"name": "x", "role": "reader", "resources": ["pledges"]}),
            "/resources",
        ),
        (
            json!({"name": "x", "role": "reader", "participant": "USA"}),
            "/participant",
        ),
        (
            json!({"name": "x", "role": "admin", "resources": ["pledges"]}),
            "/resources",
        ),
        (
            json!({"name": "x", "role": "admin", "participant": "USA"}),
            "/participant",
        ),
        (
            json!({"name": "x", "role": "editor", "resources": []}),
            "/resources",
        ),
        (
            json!({"name": "x", "role": "editor", "resources": ["events", "events"]}),
            "/resources",
        ),
        (
            json!({"name": "x", "role": "editor", "resources": ["members"]}),
            "/resources/0",
        ),
        (
            json!({"name": "x", "role": "editor", "resources": ["keys"]}),
            "/resources/0",
        ),
        (
            json!({"name": "x", "role": "editor", "participant": "USA", "resources": ["pledges", "rates"]}),
            "/resources/1",
        ),
        (
            json!({"name": "x", "role": "editor", "participant": "NOBODY"}),
            "/participant",
        ),
        (
            json!({"name": "x", "role": "editor", "expires_at": "2020-01-01T00:00:00Z"}),
            "/expires_at",
        ),
        (
            json!({"name": "x", "role": "editor", "expires_at": "tomorrow"}),
            "/expires_at",
        ),
        (
            json!({"name": "x", "role": "editor", "expires_at": "2099-12-31T23:59:60Z"}),
            "/expires_at",
        ),
        (json!({"name": "Pledgebook", "role": "editor"}), "/name"),
        (
            json!({"name": "x", "role": "editor", "secret": "pbk_mine"}),
            "/secret",
        ),
    ] {
        app.post("/v1/keys", fields)
            .key(&admin)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    app.post("/v1/keys", json!({"name": "editor", "role": "reader"}))
        .key(&admin)
        .await
        .problem(409, "duplicate");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_changed_by_a_merge_patch_of_its_version(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let admin = app.keys.admin.clone();
    let made = app
        .key(json!({"name": "desk", "role": "editor", "expires_at": "2099-01-01T00:00:00+03:00"}))
        .await;
    assert_eq!(made["expires_at"], "2098-12-31T21:00:00Z");
    let path = format!("/v1/keys/{}", made.id());
    let read = app.get(&path).key(&admin).await.expect(200);
    let tag = read.header("etag").unwrap().to_owned();
    // What was read may be patched back, and changes nothing.
    let same = app.patch(&path, read.body.clone()).key(&admin).await.expect(200);
    assert_eq!(same["version"], 1);
    let patch = json!({"name": "desk 2", "resources": ["pledges"], "participant": "usa", "expires_at": null, "note": "n"});
    let patched = app
        .patch(&path, patch)
        .header("If-Match", &tag)
        .key(&admin)
        .await
        .expect(200);
    assert_eq!(patched["version"], 2);
    assert_eq!(patched["participant"], "USA");
    assert_eq!(patched["resources"], json!(["pledges"]));
    assert_eq!(
        (&patched["expires_at"], &patched["name"]),
        (&Value::Null, &json!("desk 2"))
    );
    app.patch(&path, json!({"note": "late"}))
        .header("If-Match", &tag)
        .key(&admin)
        .await
        .problem(412, "stale_version");
    app.delete(&path)
        .header("If-Match", &tag)
        .key(&admin)
        .await
        .problem(412, "stale_version");
    for (patch, pointer) in [
        (json!({"role": "admin"}), "/role"),
        (json!({"last_used_at": "2026-01-01T00:00:00Z"}), "/last_used_at"),
        (json!({"secret": "pbk_mine"}), "/secret"),
        (json!({"name": null}), "/name"),
        (json!({"resources": ["meetings"]}), "/resources/0"),
    ] {
        app.patch(&path, patch)
            .key(&admin)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    let fixed = app.patch(&path, json!({"role": "admin"})).await;
    assert!(fixed.text.contains("another role is another key"), "{fixed}");
    app.patch(&path, json!({"name": "editor"}))
        .key(&admin)
        .await
        .problem(409, "duplicate");
    let secret = made["secret"].as_str().unwrap();
    let me = app.get("/v1/me").key(secret).await.expect(200);
    let expected = json!({"name": "desk 2", "role": "editor", "expires_at": null, "resources": ["pledges"], "participant": "USA"});
    assert_eq!(me.body, expected);
    assert_eq!(me.header("cache-control"), Some("no-store"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_listed_as_other_records_are(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let admin = app.keys.admin.clone();
    let ended = app.key(json!({"name": "a", "role": "editor"})).await;
    app.delete(&format!("/v1/keys/{}", ended.id()))
        .key(&admin)
        .await
        .expect(204);
    let names = async |query: &str| {
        let list = app
            .get(&format!("/v1/keys?{query}"))
            .key(&admin)
            .await
            .expect(200);
        let names = list
            .each("name")
            .into_iter()
            .map(|name| name.as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("").await, ["a", "admin", "editor", "reader"]);
    assert_eq!(names("sort=name").await, ["a", "admin", "editor", "reader"]);
    assert_eq!(names("sort=-name&limit=2").await, ["reader", "editor"]);
    assert_eq!(names("live=true&role=editor").await, ["editor"]);
    assert_eq!(names("live=false").await, ["a"]);
    assert_eq!(
        names("role=admin,reader&sort=created_at").await,
        ["reader", "admin"]
    );
    assert_eq!(names("sort=last_used_at").await.len(), 4);
    let page = app
        .get("/v1/keys?limit=3&count=true")
        .key(&admin)
        .await
        .expect(200);
    assert_eq!(page["count"], 4);
    let next = page.next_page().unwrap();
    assert_eq!(app.get(&next).key(&admin).await.expect(200).items().len(), 1);
    let csv = app
        .get("/v1/keys?format=csv&fields=name,role&sort=name")
        .key(&admin)
        .await
        .expect(200);
    assert_eq!(
        csv.text,
        "name,role\r\na,editor\r\nadmin,admin\r\neditor,editor\r\nreader,reader\r\n"
    );
    assert_eq!(csv.header("cache-control"), Some("no-store"));
    app.get("/v1/keys?live=maybe")
        .key(&admin)
        .await
        .problem(400, "malformed")
        .fault("?live");
    app.get("/v1/keys/none")
        .key(&admin)
        .await
        .problem(404, "not_found");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_read_of_keys_is_given_to_nobody_else(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let (admin, editor) = (app.keys.admin.clone(), app.keys.editor.clone());
    for path in [
        "/v1/keys",
        "/v1/keys?format=csv",
        "/v1/keys/",
        "/v1/keys?format=ndjson&limit=2",
    ] {
        for _ in 0..2 {
            app.get(path).key(&admin).await.expect(200);
            app.get(path).without_key().await.problem(401, "unauthorized");
            app.get(path).key(&editor).await.problem(403, "forbidden");
        }
    }
    for _ in 0..2 {
        assert_eq!(app.get("/v1/me").key(&admin).await.expect(200)["name"], "admin");
        assert_eq!(app.get("/v1/me").key(&editor).await.expect(200)["name"], "editor");
        app.get("/v1/me").without_key().await.problem(401, "unauthorized");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_not_kept_where_everybody_reads_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let secret = app.keys.editor.clone();
    let group = || json!({"slug": "global", "names": {"en": "Global"}});
    for (header, value) in [
        ("Change-Reason", format!("Bearer {secret}")),
        ("Change-Reason", secret.replace('_', "%5F")),
        ("Idempotency-Key", secret.clone()),
    ] {
        app.post("/v1/coalitions", group())
            .header(header, &value)
            .await
            .problem(400, "malformed");
    }
    app.get("/v1/coalitions/global").await.problem(404, "not_found");
    let named = json!({"name": format!("desk {secret}"), "role": "editor"});
    app.post("/v1/keys", named.clone())
        .key(&app.keys.admin)
        .await
        .problem(422, "invalid")
        .fault("/name");
    let desk = app
        .post("/v1/keys", json!({"name": "desk", "role": "editor"}))
        .key(&app.keys.admin)
        .await
        .created();
    app.patch(&format!("/v1/keys/{}", desk.id()), json!({"name": named["name"]}))
        .key(&app.keys.admin)
        .await
        .problem(422, "invalid")
        .fault("/name");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_keys_and_acts_and_shows_nothing_else(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let admin = app.keys.admin.clone();
    let made = app
        .key(json!({"name": "desk", "role": "editor", "participant": "USA", "note": "whispered"}))
        .await;
    let path = format!("/v1/keys/{}", made.id());
    app.patch(&path, json!({"name": "desk 2"}))
        .key(&admin)
        .await
        .expect(200);
    app.post(&format!("{path}/rotate"), json!({}))
        .key(&admin)
        .await
        .expect(200);
    app.delete(&path)
        .header("Change-Reason", "left")
        .key(&admin)
        .await
        .expect(204);
    let log = app.get("/v1/changes?resource=keys&after_seq=0").await.expect(200);
    let told: Vec<_> = log
        .items()
        .iter()
        .map(|it| {
            (
                it["op"].as_str().unwrap(),
                it["key"].as_str().unwrap(),
                it["version"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("create", "desk", 1),
            ("update", "desk 2", 2),
            ("update", "desk 2", 3),
            ("retract", "desk 2", 4)
        ]
    );
    for entry in log.items() {
        assert_eq!(entry["actor"], "admin");
        assert_eq!((&entry["before"], &entry["after"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(log.items()[3]["reason"], "left");
    for hidden in ["whispered", "USA", "editor", "pbk_", &made.id()] {
        assert!(!log.text.contains(hidden), "{hidden} is in {log}");
    }
    // What is done beside the database is told as well.
    pledgebook::auth::keys::revoke_named(app.register().db(), "reader")
        .await
        .unwrap();
    let last = app.get("/v1/changes?limit=1").await.expect(200);
    assert_eq!(
        (&last.items()[0]["actor"], &last.items()[0]["key"]),
        (&json!("pledgebook"), &json!("reader"))
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_may_revoke_itself(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let admin = app.keys.admin.clone();
    let own = app.get("/v1/keys?role=admin").key(&admin).await.expect(200);
    let id = own.items()[0]["id"].as_str().unwrap().to_owned();
    app.delete(&format!("/v1/keys/{id}"))
        .key(&admin)
        .await
        .expect(204);
    app.get("/v1/keys").key(&admin).await.problem(401, "unauthorized");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_name_has_nothing_that_cannot_be_seen(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (name, hidden) in [
        ("a\u{202e}b", "U+202E"),
        ("a\u{200b}b", "U+200B"),
        ("Data\u{2060}desk", "U+2060"),
        ("a\nb", "U+000A"),
        ("a\u{1b}[31m", "U+001B"),
        ("the \u{2066}editor\u{2069}s", "U+2066"),
        ("\u{3164}", "U+3164"),
    ] {
        let refused = app
            .post("/v1/keys", json!({"name": name, "role": "editor"}))
            .await
            .problem(422, "invalid")
            .fault("/name");
        assert!(refused.text.contains(hidden), "{refused}");
    }
    for name in ["مكتب البيانات", "مكتبُ البيانات", "Büro ❤\u{fe0f}", "pledgebook 2"]
    {
        app.key(json!({"name": name, "role": "reader"})).await;
    }
    // One that has such a name from before keeps it as long as it is not said anew.
    let made = app.key(json!({"name": "old", "role": "reader"})).await;
    let mut conn = app.register().db().begin().await.unwrap();
    let rename = pledgebook::db::Sql::new("update keys set name = $1 where name = 'old'");
    conn.run(rename.bind("o\u{200b}ld".to_owned())).await.unwrap();
    conn.commit().await.unwrap();
    let path = format!("/v1/keys/{}", made.id());
    let patched = app.patch(&path, json!({"note": "n"})).await.expect(200);
    assert_eq!(patched["name"], "o\u{200b}ld");
    app.patch(&path, json!({"name": "n\u{200b}ew"}))
        .await
        .problem(422, "invalid")
        .fault("/name");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_one_key(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let second = format!("Bearer {}", app.keys.editor);
    for path in ["/v1/participants", "/v1/me", "/version", "/nowhere"] {
        for _ in 0..2 {
            app.get(path)
                .key(&app.keys.admin)
                .header("Authorization", &second)
                .await
                .problem(400, "malformed")
                .fault("Authorization");
        }
    }
    app.delete("/v1/participants/USA")
        .header("Authorization", &second)
        .await
        .problem(400, "malformed");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_the_wrong_place_is_not_repeated(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let secret = app.keys.admin.clone();
    let named = app
        .get("/v1/participants")
        .header("X-Request-Id", &secret)
        .await
        .ok();
    assert!(!named.header("x-request-id").unwrap().contains("pbk_"));
    for path in [
        format!("/v1/keys/{secret}"),
        format!("/v1/participants/{secret}"),
        format!("/v1/pledges/{secret}"),
    ] {
        let missing = app.get(&path).await.problem(404, "not_found");
        assert!(
            !missing.text.to_lowercase().contains(&secret[4..].to_lowercase()),
            "{missing}"
        );
        assert!(missing["detail"].as_str().unwrap().contains('…'), "{missing}");
    }
    let refused = app
        .ask(reqwest::Method::PUT, &format!("/v1/keys/{secret}"))
        .await
        .problem(405, "method_not_allowed");
    assert!(!refused.text.contains(&secret[4..]), "{refused}");
}
