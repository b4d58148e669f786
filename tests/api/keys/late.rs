//! Keys that end, or are called otherwise, while a request of theirs is under way.

use std::{future::IntoFuture, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::prelude::*;

/// For so long at most a look at a key is good enough, and somewhat more.
const LOOKED_LONG_AGO: Duration = Duration::from_secs(1);

/// A request whose head was read, and whose body is still to come.
struct UnderWay {
    stream: TcpStream,
    body: String,
}

impl UnderWay {
    async fn begin(app: &App, path: &str, secret: &str, headers: &str, body: &Value) -> Self {
        let authority = app.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(authority).await.unwrap();
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {secret}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body.as_bytes()[..1]).await.unwrap();
        // The key is looked at meanwhile.
        sleep(Duration::from_millis(300)).await;
        Self { stream, body }
    }

    /// Sends what is left of the body; the status and the problem's code.
    async fn end(mut self) -> (u16, Value) {
        self.stream.write_all(&self.body.as_bytes()[1..]).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        let status = answer[9..12].parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        (status, body["code"].clone())
    }
}

fn usa() -> Value {
    json!({"code": "USA", "kind": "state", "names": {"en": "United States"}})
}

async fn is_made(app: &App) -> bool {
    app.get("/v1/participants/USA").await.status == 200
}

/// A key with its path and its secret.
async fn key(app: &App, fields: Value) -> (String, String) {
    let made = app.key(fields).await;
    (
        format!("/v1/keys/{}", made.id()),
        made["secret"].as_str().unwrap().to_owned(),
    )
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_rotated_out_ends_nothing_that_it_began(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let unauthorized = (401, json!("unauthorized"));
    for role in ["editor", "admin"] {
        let (path, secret) = key(&app, json!({"name": role.to_uppercase(), "role": role})).await;
        let creates = UnderWay::begin(&app, "/v1/participants", &secret, "", &usa()).await;
        let items = json!([usa()]);
        let batch = UnderWay::begin(&app, "/v1/participants/batch", &secret, "", &items).await;
        let own = json!({"name": "another", "role": "admin"});
        let makes_key = UnderWay::begin(&app, "/v1/keys", &secret, "", &own).await;
        let rotated = app.post(&format!("{path}/rotate"), json!({})).await.expect(200);
        assert_eq!(creates.end().await, unauthorized);
        assert_eq!(batch.end().await, unauthorized);
        let (status, _) = makes_key.end().await;
        assert_eq!(status, if role == "admin" { 401 } else { 403 });
        assert!(!is_made(&app).await);
        let next = rotated["secret"].as_str().unwrap();
        app.get("/v1/me").key(next).await.expect(200);
    }
    assert_eq!(app.get("/v1/keys?live=true").await.each("name").len(), 5);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_overlap_that_passes_ends_what_came_with_the_old_secret(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let (path, secret) = key(&app, json!({"name": "turning", "role": "editor"})).await;
    let overlap = json!({"overlap_seconds": 3});
    let rotated = app.post(&format!("{path}/rotate"), overlap).await.expect(200);
    // Both are good, and those who come at once are of one key.
    let next = rotated["secret"].as_str().unwrap();
    let article = json!({"publisher": "p", "language": "en", "title": "t", "kind": "news"});
    let both = [secret.as_str(), next].map(|secret| {
        app.post("/v1/articles", article.clone())
            .key(secret)
            .into_future()
    });
    for answer in futures_util::future::join_all(both).await {
        answer.created();
    }
    let late = UnderWay::begin(&app, "/v1/participants", &secret, "", &usa()).await;
    sleep(Duration::from_secs(3)).await;
    assert_eq!(late.end().await, (401, json!("unauthorized")));
    assert!(!is_made(&app).await);
    app.post("/v1/participants", usa()).key(next).await.created();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_expires_meanwhile_has_expired(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let end = chrono::Utc::now() + chrono::TimeDelta::milliseconds(1_500);
    let expires_at = end.to_rfc3339();
    let (_, secret) = key(
        &app,
        json!({"name": "short", "role": "editor", "expires_at": expires_at}),
    )
    .await;
    let late = UnderWay::begin(&app, "/v1/participants", &secret, "", &usa()).await;
    sleep((end - chrono::Utc::now()).to_std().unwrap_or_default()).await;
    assert_eq!(late.end().await, (401, json!("key_expired")));
    assert!(!is_made(&app).await);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_not_given_again_to_a_key_that_ended_meanwhile(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let once = "Idempotency-Key: once\r\n";
    for name in ["revoked", "rotated"] {
        let (path, secret) = key(&app, json!({"name": name, "role": "editor"})).await;
        let code = json!({"code": name.to_uppercase(), "kind": "state", "names": {"en": name}});
        let ask = async || UnderWay::begin(&app, "/v1/participants", &secret, once, &code).await;
        assert_eq!(ask().await.end().await.0, 201);
        assert_eq!(ask().await.end().await.0, 201, "it is given again");
        // Looked up for it, and not remembered from a moment ago.
        sleep(LOOKED_LONG_AGO).await;
        let late = ask().await;
        if name == "revoked" {
            app.delete(&path).await.expect(204);
        } else {
            app.post(&format!("{path}/rotate"), json!({})).await.expect(200);
        }
        sleep(LOOKED_LONG_AGO).await;
        assert_eq!(late.end().await, (401, json!("unauthorized")), "{name}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_told_by_the_name_that_its_key_has_then(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let other = app.second().await;
    let editor = json!({"name": "desk", "role": "editor", "resources": ["participants"]});
    let (path, secret) = key(&app, editor).await;
    let write = |app: &App, alias: &str| {
        app.patch("/v1/participants/USA", json!({"aliases": [alias]}))
            .key(&secret)
    };
    app.post("/v1/participants", usa()).await.created();
    // Remembered at both doors.
    write(&app, "a").await.expect(200);
    write(&other, "b").await.expect(200);
    app.patch(&path, json!({"name": "desk 2"})).await.expect(200);
    let (_, namesake) = key(&app, json!({"name": "desk", "role": "reader"})).await;
    write(&app, "c").await.expect(200);
    write(&other, "d").await.expect(200);
    let log = app.get("/v1/changes?resource=participants&limit=2").await.ok();
    assert_eq!(log.each("actor"), ["desk 2", "desk 2"]);
    for server in [&app, &other] {
        let refused = server.post("/v1/meetings", json!({})).key(&secret).await.status;
        assert_eq!(refused, 403, "whatever it says");
        let meeting = json!({"slug": "m", "titles": {"en": "M"}, "kind": "ministerial", "starts_on": "2018", "city": "x"});
        let refused = server
            .post("/v1/meetings", meeting)
            .key(&secret)
            .await
            .problem(403, "forbidden");
        assert!(
            refused["detail"].as_str().unwrap().contains("\"desk 2\""),
            "{refused}"
        );
    }
    let refused = app
        .post("/v1/participants", usa())
        .key(&namesake)
        .await
        .problem(403, "forbidden");
    assert!(
        refused["detail"].as_str().unwrap().contains("\"desk\""),
        "{refused}"
    );
}
