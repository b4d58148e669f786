//! When keys end and when they were used.

use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use serde_json::Value;
use tokio::time::sleep;

use crate::prelude::*;

/// Within a second, on every process; and the machine is busy.
const SOON: Duration = Duration::from_millis(1_500);

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_expired_key_opens_nothing_on_any_process(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    let other = app.second().await;
    let usa = json!({"code": "USA", "kind": "state", "names": {"en": "United States"}});
    app.post("/v1/participants", usa).await.created();
    let end = Utc::now() + TimeDelta::milliseconds(2_500);
    let made = app
        .key(json!({"name": "short", "role": "editor", "expires_at": end.to_rfc3339()}))
        .await;
    let secret = made["secret"].as_str().unwrap().to_owned();
    // Known at both doors, and its answer is in memory.
    for _ in 0..3 {
        for server in [&app, &other] {
            server.get("/v1/participants").key(&secret).await.expect(200);
        }
    }
    app.patch("/v1/participants/USA", json!({"aliases": ["US"]}))
        .key(&secret)
        .await
        .expect(200);
    sleep((end - Utc::now()).to_std().unwrap_or_default() + Duration::from_millis(5)).await;
    for server in [&app, &other] {
        server
            .get("/v1/participants")
            .key(&secret)
            .await
            .problem(401, "key_expired");
        server
            .patch("/v1/participants/USA", json!({"aliases": []}))
            .key(&secret)
            .await
            .problem(401, "key_expired");
    }
    let admin = app.keys.admin.clone();
    let path = format!("/v1/keys/{}", made.id());
    assert_eq!(
        app.get("/v1/keys?live=false")
            .key(&admin)
            .await
            .expect(200)
            .each("name"),
        ["short"]
    );
    // Its name is taken until it is revoked, and what was read may be patched back.
    app.post("/v1/keys", json!({"name": "short", "role": "reader"}))
        .key(&admin)
        .await
        .problem(409, "duplicate");
    let read = app.get(&path).key(&admin).await.expect(200);
    app.patch(&path, read.body.clone()).key(&admin).await.expect(200);
    app.patch(&path, json!({"expires_at": null}))
        .key(&admin)
        .await
        .expect(200);
    app.get("/v1/participants").key(&secret).await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_does_is_heeded_by_every_process(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let other = app.second().await;
    let admin = app.keys.admin.clone();
    app.participant("USA").await;
    let made = app.key(json!({"name": "far", "role": "editor"})).await;
    let (path, secret) = (
        format!("/v1/keys/{}", made.id()),
        made["secret"].as_str().unwrap().to_owned(),
    );
    let write = |to: &str| {
        other
            .patch("/v1/participants/USA", json!({"aliases": [to]}))
            .key(&secret)
    };
    write("a").await.expect(200);
    // A write looks at its key as it is then.
    app.patch(&path, json!({"resources": ["rates"]}))
        .key(&admin)
        .await
        .expect(200);
    write("b").await.problem(403, "forbidden");
    app.patch(&path, json!({"resources": null}))
        .key(&admin)
        .await
        .expect(200);
    write("c").await.expect(200);
    let rotated = app
        .post(&format!("{path}/rotate"), json!({}))
        .key(&admin)
        .await
        .expect(200);
    let since = Instant::now();
    while other.get("/v1/me").key(&secret).await.status == 200 {
        assert!(since.elapsed() < SOON, "the old secret still opens");
    }
    let since = Instant::now();
    while write("d").await.status == 200 {
        assert!(since.elapsed() < SOON, "the old secret still writes");
    }
    let secret = rotated["secret"].as_str().unwrap().to_owned();
    other.get("/v1/me").key(&secret).await.expect(200);
    app.delete(&path).key(&admin).await.expect(204);
    other
        .get("/v1/me")
        .key(&secret)
        .await
        .problem(401, "unauthorized");
    other
        .patch("/v1/participants/USA", json!({"aliases": ["e"]}))
        .key(&secret)
        .await
        .problem(401, "unauthorized");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_of_a_key_is_written_within_ten_seconds(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let admin = app.keys.admin.clone();
    let reader = app.keys.reader.clone();
    let used = async || {
        let keys = app.get("/v1/keys?role=reader").key(&admin).await.expect(200);
        keys.items()[0].clone()
    };
    assert_eq!(used().await["last_used_at"], Value::Null);
    app.participant("USA").await;
    // Made, and then from memory.
    for _ in 0..3 {
        app.get("/v1/participants").key(&reader).await.expect(200);
    }
    let since = Instant::now();
    let first = loop {
        let key = used().await;
        if key["last_used_at"].is_string() {
            break key;
        }
        assert!(since.elapsed() < Duration::from_secs(10), "it was not written");
        sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(first["version"], 1);
    // An answer from memory is a use as well.
    app.get("/v1/participants").key(&reader).await.expect(200);
    sleep(Duration::from_secs(6)).await;
    let second = used().await;
    assert!(
        second["last_used_at"].as_str() > first["last_used_at"].as_str(),
        "{second}"
    );
    assert_eq!(
        app.get("/v1/changes?resource=keys")
            .await
            .expect(200)
            .items()
            .len(),
        0
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_last_use_that_could_not_be_written_is_written_later(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let reader = app.keys.reader.clone();
    let editor = app.keys.editor.clone();
    let held = app
        .register()
        .db()
        .begin_alone(pledgebook::db::Patience::OfRequest)
        .await
        .unwrap();
    app.get("/v1/me").key(&reader).await.expect(200);
    app.get("/v1/me").key(&editor).await.expect(200);
    // It is tried after five seconds, and given up after four more.
    sleep(Duration::from_millis(9_500)).await;
    drop(held);
    let since = Instant::now();
    loop {
        let keys = app.get("/v1/keys?role=reader,editor").await.expect(200);
        if keys.each("last_used_at").iter().all(|at| at.is_string()) {
            break;
        }
        assert!(
            since.elapsed() < Duration::from_secs(10),
            "it was not written: {keys}"
        );
        sleep(Duration::from_millis(100)).await;
    }
}
