//! Whether the register is well: the routes that say so, and the question put to a running one.

use std::time::Duration;

use axum::{
    extract::State,
    http::{Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    db::{self, Readiness},
    error::{Error, Result},
    history::Register,
    web::{Depends, Operation, Routes},
};

/// How long a running server is waited for: longer than it waits itself.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// No answer of `/readyz` or `/healthz` is longer.
const LONGEST_ANSWER: u64 = 64 * 1024;

pub fn routes() -> Routes<Register> {
    let text = || json!({ "type": "string" });
    let says = |id, summary, members: Value| {
        let required: Vec<_> = members
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect();
        let schema = json!({ "type": "object", "required": required, "properties": members });
        Operation::tells(id, summary, &["application/json"], &schema)
    };
    Routes::about("the register itself")
        .get(
            "/healthz",
            alive,
            says(
                "read_health",
                "The process is alive.",
                json!({ "status": text() }),
            ),
        )
        .get(
            "/readyz",
            ready,
            says(
                "read_readiness",
                "The register can be read and written, or read alone.",
                json!({ "status": text(), "engine": text() }),
            ),
        )
        .get(
            "/version",
            version,
            says(
                "read_version",
                "Which program answers, and the schema that it keeps.",
                json!({ "name": text(), "version": text(), "schema": { "type": "integer" } }),
            ),
        )
}

/// The process is alive. Says nothing of the database: to restart the one does not mend the other.
pub async fn alive() -> Response {
    Depends::OnNothing.said_with(fresh(&json!({ "status": "ok" })))
}

/// Whether the register can be read and written: the database answers, and the last write was kept, or one that is
/// made to find out.
async fn ready(State(register): State<Register>) -> Result<Response> {
    match register.db().ready().await {
        Ok(Readiness { engine, writable }) => {
            let status = if writable { "ready" } else { "read_only" };
            Ok(fresh(&json!({ "status": status, "engine": engine })))
        }
        Err(why) => {
            tracing::warn!(%why, "not ready");
            Err(Error::NotReady(why))
        }
    }
}

/// Which program answers, and the schema that it keeps.
async fn version() -> Response {
    Depends::OnNothing.said_with(fresh(&json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "schema": db::newest_schema(),
    })))
}

/// An answer that holds for this moment alone.
fn fresh(body: &Value) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_TYPE, "application/json"),
    ];
    (headers, format!("{body}\n")).into_response()
}

/// Asks the server at `url` whether it is ready: `Ok` is its database's engine, `Err` why it is not.
pub async fn ask(url: &str) -> Result<String, String> {
    understood(&answer(url, "/readyz").await?)
}

/// Asks the server at `url` whether it is alive, as it is also while it is brought up to date or its database is away.
pub async fn ask_whether_alive(url: &str) -> Result<(), String> {
    says_that_it_lives(&answer(url, "/healthz").await?)
}

async fn answer(url: &str, path: &str) -> Result<String, String> {
    tokio::time::timeout(ANSWER_WITHIN, fetched(url, path))
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {ANSWER_WITHIN:?}")))
}

/// HTTP by hand: one request without a body, and an answer that ends with its connection.
async fn fetched(url: &str, path: &str) -> Result<String, String> {
    let uri: Uri = url.parse().map_err(|_| "the URL cannot be read".to_owned())?;
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http"));
    let authority = authority.ok_or("the URL must begin with http:// and name a host")?;
    // An IPv6 address stands in brackets in a URL, and without in a connection.
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(80);
    let mut stream = TcpStream::connect((host, port))
        .await
        .map_err(|error| error.to_string())?;
    let request = format!(
        "GET {}{path} HTTP/1.1\r\nHost: {authority}\r\nAccept: application/json\r\nConnection: close\r\n\r\n",
        uri.path().trim_end_matches('/')
    );
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(|error| error.to_string())?;
    let mut answer = Vec::new();
    stream
        .take(LONGEST_ANSWER)
        .read_to_end(&mut answer)
        .await
        .map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

const STRANGER: &str = "what answers there is no pledgebook";

/// The status of an answer, and its body.
fn parted(answer: &str) -> Result<(&str, Value), String> {
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(STRANGER)?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    let body = serde_json::from_str(body).map_err(|_| STRANGER)?;
    Ok((status, body))
}

fn says_that_it_lives(answer: &str) -> Result<(), String> {
    match parted(answer)? {
        ("200", body) if body["status"] == "ok" => Ok(()),
        _ => Err(STRANGER.to_owned()),
    }
}

fn understood(answer: &str) -> Result<String, String> {
    let (status, body) = parted(answer)?;
    match (status, body["engine"].as_str(), body["detail"].as_str()) {
        ("200", Some(engine), _) => Ok(engine.to_owned()),
        ("503", _, Some(detail)) => Err(detail.to_owned()),
        _ => Err(STRANGER.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_ready_or_says_why_not() {
        let answer =
            |status: &str, body: &str| understood(&format!("HTTP/1.1 {status}\r\nA: b\r\n\r\n{body}"));
        assert_eq!(
            answer("200 OK", r#"{"status":"ready","engine":"SQLite 3.51.3"}"#).as_deref(),
            Ok("SQLite 3.51.3")
        );
        assert_eq!(
            answer("503 Busy", r#"{"detail":"Not now."}"#),
            Err("Not now.".into())
        );
        assert!(answer("200 OK", "<html>").is_err());
        assert!(answer("200 OK", "{}").is_err());
        assert!(understood("SSH-2.0").is_err());
    }

    #[test]
    fn an_answer_says_that_it_lives() {
        let answer = |status: &str, body: &str| {
            says_that_it_lives(&format!("HTTP/1.1 {status}\r\nA: b\r\n\r\n{body}"))
        };
        assert_eq!(answer("200 OK", r#"{"status":"ok"}"#), Ok(()));
        assert!(answer("200 OK", r#"{"status":"up"}"#).is_err());
        assert!(answer("503 Busy", r#"{"detail":"Not now."}"#).is_err());
    }

    #[tokio::test]
    async fn only_plain_http_is_asked() {
        assert!(ask("https://localhost").await.unwrap_err().contains("http://"));
        assert!(ask("no url at all").await.is_err());
    }
}
