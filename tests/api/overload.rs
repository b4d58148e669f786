//! More than can be served within a second is refused, in a moment and in so many words; nothing of it is done.

use std::{
    future::IntoFuture,
    io::Write,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use futures_util::future::{join, join_all};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::sleep,
};

use crate::{answer::Answer, prelude::*};

const PARTICIPANTS: &str = "/v1/participants";
const ARTICLES: &str = "/v1/articles";

fn a_participant(code: &str) -> Value {
    json!({"code": code, "kind": "state", "names": {"en": code}})
}

/// An article of so many bytes, and some more.
fn an_article(bytes: usize) -> Value {
    json!({"publisher": "P", "language": "en", "title": "T", "kind": "report", "body": "a".repeat(bytes)})
}

/// It says when to come back, and that is soon.
fn overloaded(answer: Answer) -> Answer {
    let answer = answer.problem(503, "overloaded");
    let after = answer.header("retry-after").map(str::to_owned);
    assert!(
        after.is_some_and(|after| ["1", "2", "3"].contains(&&*after)),
        "{answer}"
    );
    answer
}

async fn changes(app: &App) -> usize {
    app.rows("/v1/changes").await.len()
}

/// What never has to wait for anybody.
async fn is_well(app: &App) {
    for path in ["/healthz", "/readyz", "/version"] {
        app.get(path).await.ok();
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_turn_does_not_come_is_refused_and_nothing_is_written(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = changes(&app).await;
    let stuck = app.register().db().begin().await.unwrap();
    let writes = [
        app.post(PARTICIPANTS, a_participant("KWT")),
        app.post(PARTICIPANTS, a_participant("IRQ")).once("k"),
        app.patch("/v1/participants/USA", json!({"names": {"en": "America"}})),
        app.delete("/v1/participants/USA"),
        app.post("/v1/participants/batch", json!([a_participant("KWT")])),
    ];
    let (answers, ()) = join(join_all(writes.map(IntoFuture::into_future)), is_well(&app)).await;
    for answer in answers {
        overloaded(answer);
    }
    drop(stuck);
    assert_eq!(changes(&app).await, before);
    // The key of one that was refused is free.
    app.post(PARTICIPANTS, a_participant("IRQ"))
        .once("k")
        .await
        .created();
    app.patch("/v1/participants/USA", json!({"names": {"en": "America"}}))
        .await
        .ok();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_read_for_which_no_connection_is_free_is_refused_and_what_needs_none_is_answered(
    #[case] engine: Engine,
) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let known = "/v1/participants/USA";
    let answered = app.get(known).await.ok();
    let readers = if engine == Engine::Sqlite { 4 } else { 10 };
    let mut held = Vec::new();
    for _ in 0..readers {
        held.push(app.register().read().await.unwrap());
    }
    let reads = [
        app.get(PARTICIPANTS),
        app.get("/v1/totals"),
        app.get("/v1/pledges?format=csv"),
        app.get("/v1/meetings/nowhere"),
    ];
    let (answers, ()) = join(join_all(reads.map(IntoFuture::into_future)), is_well(&app)).await;
    for answer in answers {
        overloaded(answer);
    }
    // From memory.
    assert_eq!(app.get(known).await.ok().text, answered.text);
    // Writes have their own.
    app.post(PARTICIPANTS, a_participant("KWT")).await.created();
    drop(held);
    app.get(PARTICIPANTS).await.ok();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn questions_that_read_much_take_nothing_from_others(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let mut friends = a_participant("FRIENDS");
    friends["names"] = json!({"en": "Friends of Kuwait"});
    app.post(PARTICIPANTS, friends).await.created();
    let share = if engine == Engine::Sqlite { 2 } else { 5 };
    let mut held = Vec::new();
    for _ in 0..share {
        held.push(app.register().dear_snapshot().await.unwrap());
    }
    let dear = [
        app.get("/v1/totals/explain"),
        app.get("/v1/pledges?format=ndjson"),
        app.get("/v1/pledges?count=true"),
        app.get("/v1/totals?group_by=instrument&announced_from=2018-01-01"),
        app.get("/v1/search?q=friends"),
        app.get("/v1/pledges?q=friends"),
    ];
    let cheap = [
        app.get(PARTICIPANTS),
        app.get("/v1/totals"),
        app.get("/v1/changes"),
    ];
    let begun = Instant::now();
    let (refused, answered) = join(
        join_all(dear.map(IntoFuture::into_future)),
        join_all(cheap.map(IntoFuture::into_future)),
    )
    .await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    for answer in answered {
        answer.ok();
    }
    for answer in refused {
        let answer = overloaded(answer);
        assert!(answer.text.contains("read much"), "{answer}");
    }
    // Which key a name may have meant is left out.
    let misnamed = "/v1/pledges?participant=Friends%20of%20Kuwait";
    let begun = Instant::now();
    let answer = app.get(misnamed).await.problem(400, "malformed");
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(answer["errors"][0].get("suggestion"), None, "{answer}");
    drop(held);
    let answer = app.get(misnamed).await.problem(400, "malformed");
    assert_eq!(answer["errors"][0]["suggestion"], "FRIENDS", "{answer}");
    app.get("/v1/totals/explain").await.ok();
}

/// Batches of a moment wait for each other as other writes do.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn of_more_batches_than_can_be_kept_in_a_second_some_are_refused(#[case] engine: Engine) {
    const BATCHES: u32 = 150;
    const ITEMS: usize = 60;
    let app = App::start(engine).await;
    let asks = (0..BATCHES).map(async |batch| {
        // So that what each takes is known by the time that the others come.
        sleep(Duration::from_millis(2) * batch).await;
        let items: Vec<_> = (0..ITEMS)
            .map(|item| {
                let mut article = an_article(1);
                article["body"] = json!(format!("{batch} {item}"));
                article
            })
            .collect();
        let begun = Instant::now();
        let answer = app.post("/v1/articles/batch", Value::from(items)).await;
        (answer, begun.elapsed())
    });
    let (answers, ()) = join(join_all(asks), is_well(&app)).await;
    let mut kept = 0;
    for (answer, took) in answers {
        assert!(took < Duration::from_secs(10), "{took:?}");
        if answer.status == 503 {
            overloaded(answer);
        } else {
            assert_eq!(answer.status, 201, "{answer}");
            kept += 1;
        }
    }
    assert!((1..BATCHES).contains(&kept), "{kept}");
    assert_eq!(app.rows("/v1/articles").await.len(), kept as usize * ITEMS);
}

/// Who may ask without a key may ask often; that makes nobody else's answer a no.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn many_who_ask_whether_the_register_is_ready_are_told_that_it_is(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let up = async || {
        for _ in 0..3 {
            assert!(app.register().db().answers().await);
            sleep(Duration::from_millis(100)).await;
        }
    };
    for _ in 0..3 {
        let asks = (0..300).map(|_| app.get("/readyz").into_future());
        let (answers, ()) = join(join_all(asks), up()).await;
        for answer in answers {
            answer.ok();
        }
    }
}

/// A request whose head is sent, with this of its body's length.
async fn begun(app: &App, length: &str) -> TcpStream {
    let address = app.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {ARTICLES} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\n{length}\r\n\r\n",
        app.keys.editor
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// One whose body has so many bytes, only the first of which comes.
async fn half_sent(app: &App, bytes: usize) -> TcpStream {
    let mut stream = begun(app, &format!("Content-Length: {bytes}")).await;
    stream.write_all(b" ").await.unwrap();
    stream
}

/// The answer, which is JSON.
async fn answered(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = async {
        while !answer.trim_ascii_end().ends_with(b"}") {
            let mut piece = [0; 4096];
            let count = stream.read(&mut piece).await.unwrap();
            assert!(count > 0, "closed");
            answer.extend_from_slice(&piece[..count]);
        }
    };
    tokio::time::timeout(Duration::from_secs(10), read).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn bodies_beyond_the_room_for_them_are_refused_before_they_are_read(#[case] engine: Engine) {
    const ROOM: usize = 1 << 20;
    const MOST_OF_IT: usize = 900_000;
    let app = App::start(engine).await.with_room_for(ROOM).await;
    app.post(ARTICLES, an_article(MOST_OF_IT)).await.created();
    let before = changes(&app).await;
    let holder = half_sent(&app, MOST_OF_IT).await;
    // Until its head was read.
    sleep(Duration::from_millis(500)).await;

    let large = serde_json::to_vec(&an_article(500_000)).unwrap();
    let asks = [
        app.post(ARTICLES, an_article(500_000)),
        app.post(ARTICLES, an_article(500_000)).once("k"),
        app.post("/v1/articles/batch", json!([an_article(500_000)])),
        app.post(ARTICLES, json!({}))
            .header("content-encoding", "gzip")
            .body("application/json", gzipped(&large)),
    ];
    for answer in join_all(asks.map(IntoFuture::into_future)).await {
        let answer = overloaded(answer);
        assert!(answer.text.contains("room"), "{answer}");
    }
    // Nobody knows how long one is that comes in chunks.
    let mut chunked = begun(&app, "Transfer-Encoding: chunked").await;
    for chunk in large.chunks(10_000) {
        let head = format!("{:x}\r\n", chunk.len());
        for piece in [head.as_bytes(), chunk, b"\r\n"] {
            chunked.write_all(piece).await.unwrap();
        }
    }
    chunked.write_all(b"0\r\n\r\n").await.unwrap();
    let answer = answered(&mut chunked).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    // Who asks first is told at once, and sends nothing.
    let asked = app
        .post(ARTICLES, an_article(500_000))
        .header("expect", "100-continue")
        .await;
    overloaded(asked);
    // A small one waits for nobody.
    app.post(PARTICIPANTS, a_participant("KWT")).await.created();
    is_well(&app).await;
    assert_eq!(changes(&app).await, before + 1);

    // Who goes away gives back what they had.
    drop(holder);
    let mut answer = app.post(ARTICLES, an_article(500_000)).once("k").await;
    for _ in 0..5 {
        if answer.status == 201 {
            break;
        }
        answer = app.post(ARTICLES, an_article(500_000)).once("k").await;
    }
    answer.created();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_for_which_there_never_is_room_is_too_large(#[case] engine: Engine) {
    const ROOM: usize = 100_000;
    let app = App::start(engine).await.with_room_for(ROOM).await;
    let large = serde_json::to_vec(&an_article(ROOM)).unwrap();
    let packed = gzipped(&large);
    assert!(packed.len() < ROOM / 10);
    for ask in [
        app.post(ARTICLES, an_article(ROOM)),
        app.post("/v1/articles/batch", json!([an_article(ROOM)])),
        app.post(ARTICLES, json!({}))
            .header("content-encoding", "gzip")
            .body("application/json", packed),
    ] {
        let answer = ask.await.problem(413, "body_too_large");
        assert!(answer.text.contains("100000"), "{answer}");
    }
    assert_eq!(changes(&app).await, 0);
    app.post(ARTICLES, an_article(ROOM - 1_000)).await.created();
}

/// A client that sends on while it is refused reads why.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_refused_while_they_send_reads_the_answer(#[case] engine: Engine) {
    let app = App::start(engine).await.with_room_for(1 << 20).await;
    let holder = half_sent(&app, 900_000).await;
    sleep(Duration::from_millis(500)).await;
    let body = serde_json::to_vec(&an_article(800_000)).unwrap();
    let mut sender = half_sent(&app, body.len() + 1).await;
    sender.write_all(&body).await.unwrap();
    let answer = answered(&mut sender).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains("\"code\":\"overloaded\""), "{answer}");
    // Nobody knows how long one is that comes in chunks: it is told once it is a long one, and not at its end.
    for packed in ["", "\r\nContent-Encoding: gzip"] {
        let mut chunked = begun(&app, &format!("Transfer-Encoding: chunked{packed}")).await;
        let mut noise = 0_u32;
        let mut random = |_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            noise.to_be_bytes()[0]
        };
        let body: Vec<u8> = match packed {
            "" => vec![b' '; 200_000],
            _ => gzipped(&(0..200_000).map(&mut random).collect::<Vec<_>>()),
        };
        for chunk in body.chunks(10_000) {
            let head = format!("{:x}\r\n", chunk.len());
            chunked
                .write_all(&[head.as_bytes(), chunk, b"\r\n"].concat())
                .await
                .unwrap();
        }
        let answer = answered(&mut chunked).await;
        assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
    drop(holder);
}
