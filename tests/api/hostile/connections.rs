//! Connections that lie: about lengths, about what follows, about what they speak.

use futures_util::{StreamExt, stream};
use pledgebook::{
    serve::{Policy, Stop},
    web::traffic::Traffic,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{PATIENCE, counts, holds, in_time};
use crate::prelude::*;

/// Sends bytes as they are to the server as it runs in earnest; what comes back until it ends or nothing more comes.
async fn raw(address: &str, bytes: &[u8], and_close: bool) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.ok();
    if and_close {
        stream.shutdown().await.ok();
    }
    let mut answer = Vec::new();
    // The server gives a body up after twenty seconds, and an idle connection after ten.
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "no end of {:?}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_lies_gets_an_answer_or_an_end_and_writes_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = counts(&app).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = &listener.local_addr().unwrap().to_string();
    let front = pledgebook::app::front(
        app.register().clone(),
        pledgebook::auth::Reading::Public,
        pledgebook::app::Memory::default(),
    );
    let server = tokio::spawn(async move {
        pledgebook::serve::serve(
            listener,
            front,
            Policy::default(),
            Traffic::default(),
            &mut Stop::never(),
        )
        .await
    });
    let key = &app.keys.editor;
    let head = |rest: &str| {
        format!(
            "POST /v1/participants HTTP/1.1\r\nHost: here\r\nConnection: close\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n{rest}\r\n\r\n"
        )
    };
    let body = r#"{"code": "KWT", "kind": "state", "names": {"en": "Kuwait"}}"#;
    let length = body.len();
    let chunked = |chunks: &str| format!("{}{chunks}", head("Transfer-Encoding: chunked"));
    let sent: Vec<(Vec<u8>, bool)> = [
        // Less than was said, and then nothing, or the end.
        (
            format!("{}{body}", head(&format!("Content-Length: {}", length + 1))),
            true,
        ),
        (
            format!("{}{body}", head(&format!("Content-Length: {}", length + 1))),
            false,
        ),
        (head("Content-Length: 10"), true),
        (head("Content-Length: 99999999999999"), true),
        // No lengths.
        (
            format!("{}{body}", head("Content-Length: 18446744073709551616")),
            true,
        ),
        (format!("{}{body}", head("Content-Length: -1")), true),
        (format!("{}{body}", head("Content-Length: +10")), true),
        (format!("{}{body}", head("Content-Length: 0x20")), true),
        (format!("{}{body}", head("Content-Length: ")), true),
        (format!("{}{body}", head("X-None: 1")), true),
        // Two lengths, or two ways to tell it.
        (
            format!(
                "{}{body}",
                head(&format!("Content-Length: {length}\r\nContent-Length: 5"))
            ),
            true,
        ),
        (
            format!("{}{body}", head(&format!("Content-Length: {length}, 5"))),
            true,
        ),
        (
            format!(
                "{}0\r\n\r\n{body}",
                head(&format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"))
            ),
            true,
        ),
        (
            format!("{}{body}", head("Transfer-Encoding: gzip, chunked")),
            true,
        ),
        (format!("{}{body}", head("Transfer-Encoding: identity")), true),
        // Chunks that break off, or are none.
        (chunked(&format!("{length:x}\r\n{body}")), true),
        (chunked(&format!("{length:x}\r\n{body}\r\n")), true),
        (chunked(&format!("{:x}\r\n{body}\r\n0\r\n\r\n", length - 1)), true),
        (chunked(&format!("zz\r\n{body}\r\n0\r\n\r\n")), true),
        (chunked(&format!("-1\r\n{body}\r\n0\r\n\r\n")), true),
        (chunked(&format!("ffffffffffffffffff\r\n{body}")), true),
        (chunked("0\r\n\r\n"), true),
        // A promise of a body that is not kept.
        (
            head(&format!("Expect: 100-continue\r\nContent-Length: {length}")),
            true,
        ),
        (head("Expect: 200-ok\r\nContent-Length: 0"), true),
        // No requests.
        (String::new(), true),
        ("\r\n\r\n\r\n".into(), true),
        ("GET / HTTP/9.9\r\n\r\n".into(), true),
        ("GET\r\n\r\n".into(), true),
        ("GET /v1/participants\r\n\r\n".into(), true),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}".into(), true),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), true),
        (
            format!("GET /{} HTTP/1.1\r\nHost: here\r\n\r\n", "a".repeat(70_000)),
            true,
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: here\r\nX: {}\r\n\r\n",
                "a".repeat(500_000)
            ),
            true,
        ),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "X: a\r\n".repeat(500)), true),
        (
            "GET /v1/changes?key=\u{202e}\u{1}<> HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "GET /v1/changes?limit=1&key=\u{e9} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "GET http://elsewhere/v1/changes HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "OPTIONS * HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "CONNECT here:443 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "TRACE / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "BREW /v1/pledges HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "GET /v1/changes HTTP/1.1\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
    ]
    .into_iter()
    .map(|(text, close)| (text.into_bytes(), close))
    .collect();
    let mut sent = sent;
    // Bytes that are no text, in a header's value and in the address.
    for bytes in [&b"GET /v1/changes HTTP/1.1\r\nHost: here\r\nX-Request-Id: \xff\xfe\r\nAccept-Language: \xff\r\nIf-None-Match: \xff\r\nConnection: close\r\n\r\n"[..], b"GET /v1/changes?key=\xff HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", b"GET /v1/participants/\xff\xfe HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"] {
        sent.push((bytes.to_vec(), true));
    }
    let refusals = stream::iter(sent)
        .map(|(bytes, close)| async move {
            let answer = raw(address, &bytes, close).await;
            let first = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
            for status in answer.split("HTTP/1.1 ").skip(1) {
                assert!(
                    !status.starts_with('5') && !status.starts_with("201"),
                    "{first:?} was answered {status}"
                );
            }
            // What reached the register is refused as everything is.
            let refusal = answer
                .rsplit_once("\r\n\r\n")
                .filter(|(head, body)| head.starts_with("HTTP/1.1 4") && !body.is_empty());
            if let Some((_, body)) = refusal {
                let problem: Value =
                    serde_json::from_str(body).unwrap_or_else(|_| panic!("{first:?} was answered {answer}"));
                assert!(
                    problem["code"].is_string() && problem["detail"].is_string(),
                    "{answer}"
                );
            }
            usize::from(refusal.is_some())
        })
        .buffer_unordered(16)
        .fold(0, async |all, one| all + one)
        .await;
    // As many as had been read before the client was gone.
    assert!(refusals > 5, "only {refusals} were refused in so many words");
    // Two in one go, of which the first is refused: the second is not taken for a part of it.
    let two = format!(
        "{}{{}}{}",
        head("Content-Length: 2").replace("close", "keep-alive"),
        "GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    );
    let answers = raw(address, two.as_bytes(), false).await;
    assert!(
        answers.contains(" 422 ") && answers.contains(" 200 OK"),
        "{answers}"
    );
    let mut client = TcpStream::connect(address).await.unwrap();
    client
        .write_all(head(&format!("Expect: 100-continue\r\nContent-Length: {length}")).as_bytes())
        .await
        .unwrap();
    let mut told = [0; 25];
    in_time(client.read_exact(&mut told)).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    holds(&app, &before, &[]).await;
    client.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    in_time(client.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    server.abort();
    holds(&app, &before, &[("participants", 1), ("changes", 1)]).await;
}
