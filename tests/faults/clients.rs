//! Clients that hang up, and clients that ask and do not read.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::{
    Fault, Row, Told,
    ask::Asker,
    kill::key,
    load::Load,
    support::{Database, Engine, program::Program},
};

pub const FAULTS: [Fault; 4] = [
    Fault {
        name: "clients that hang up, 64 of them",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(hanging_up(engine)),
    },
    Fault {
        name: "clients that hang up, 64 of them",
        engine: Engine::Postgres,
        run: |engine| Box::pin(hanging_up(engine)),
    },
    Fault {
        name: "clients that do not read, 24 of them",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(unread(engine)),
    },
    Fault {
        name: "clients that do not read, 24 of them",
        engine: Engine::Postgres,
        run: |engine| Box::pin(unread(engine)),
    },
];

/// What a client does before it is gone.
#[derive(Clone, Copy)]
enum Gone {
    BeforeTheAnswer,
    InTheBody,
    WhileItReads,
}

async fn hanging_up(engine: Engine) -> Told {
    let database = Database::fresh(engine).await;
    let key = key(&database.url).await;
    let program = Program::serve(&database.url);
    let load = Load::start(&program.url, &key, 4, 2);
    load.more(20).await;
    let (over, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let address = program.url.strip_prefix("http://").unwrap();
    let clients = join_all((0..64).map(async |_| {
        while !over.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            hang_up(address, &key, number).await;
            // Two cores are to have time for others.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }));
    let ending = async {
        let most = most_sessions(&database, engine, Duration::from_secs(4)).await;
        over.store(true, Ordering::Relaxed);
        most
    };
    let (_, sessions) = join(clients, ending).await;
    let account = load.stop().await;

    // At once, and together: no connection is with anybody who is gone.
    let asker = Asker::new(&program.url, &key);
    let reads = join_all((0..16).map(|_| asker.get("/v1/articles?limit=5")));
    let dear = join_all((0..2).map(|_| asker.get("/v1/totals/explain")));
    let ((reads, dear), write) = join(join(reads, dear), asker.write("afterwards")).await;
    let all_back = reads
        .iter()
        .chain(&dear)
        .all(|read| read.status == 200 && read.took < Duration::from_secs(2));
    let (stored, logged) = (stored(&asker).await, logged(&asker).await);
    let hung_up = next.load(Ordering::Relaxed);
    let made = logged
        .iter()
        .filter(|(_, title)| title.starts_with("gone"))
        .count();
    let ids = logged.into_iter().map(|(id, _)| id).collect::<HashSet<_>>();
    let only =
        account.writes.is_only(&[201]) && account.reads.is_only(&[200]) && account.probes.is_only(&[200]);
    let slowest = account.reads.slowest.max(account.probes.slowest);
    Ok(Row::of(account, &program.url)
        .await
        .also(only, "everybody else is served")
        .also(
            slowest < Duration::from_secs(2),
            &format!("nobody else waits 2 s to read meanwhile: {slowest:.1?}"),
        )
        .also(
            sessions <= MOST_SESSIONS,
            &format!("there are no more sessions than places, and one: {sessions}"),
        )
        .also(all_back, "afterwards all connections are there to read")
        .also(
            write.status == 201 && write.took < Duration::from_secs(2),
            "afterwards the writer is free",
        )
        .also(stored == ids, "a record and its change come together")
        .also(
            made > 0 && made < hung_up,
            "some of those who hang up are in time, and some are not",
        ))
}

/// `POSTGRES_READERS`, `KEY_CHECKS`, `READINESS` and `WATCHING` of `src/db/mod.rs`, the writer's, and the one that ends what others
/// left.
const MOST_SESSIONS: i64 = 10 + 2 + 1 + 1 + 1 + 1;

/// The most sessions that the program has at once in this time.
async fn most_sessions(database: &Database, engine: Engine, time: Duration) -> i64 {
    const SESSIONS: &str = "select count(*) from pg_stat_activity
        where datname = current_database() and application_name = 'pledgebook'";
    let over = Instant::now() + time;
    if engine == Engine::Sqlite {
        tokio::time::sleep(time).await;
        return 0;
    }
    let mut conn = PgConnection::connect(&database.url).await.unwrap();
    let mut most = 0;
    while Instant::now() < over {
        let count: i64 = sqlx::query_scalar(SESSIONS).fetch_one(&mut conn).await.unwrap();
        most = most.max(count);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    conn.close().await.unwrap();
    most
}

/// Begins a request, and is gone at a moment that its number gives.
async fn hang_up(address: &str, key: &str, number: usize) {
    let gone = match number % 3 {
        0 => Gone::BeforeTheAnswer,
        1 => Gone::InTheBody,
        _ => Gone::WhileItReads,
    };
    // Even enough, and the same every time.
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let pause = Duration::from_micros(mixed % 30_000);
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return;
    };
    let article = json!({
        "publisher": "P", "language": "en", "title": format!("gone {number}"), "kind": "news", "body": format!("{number} {}", "x".repeat(2_000)),
    })
    .to_string();
    let head = format!(
        "POST /v1/articles HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: gone-{number}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        article.len()
    );
    let sent = match gone {
        Gone::BeforeTheAnswer => format!("{head}{article}"),
        Gone::InTheBody => format!(
            "{head}{}",
            &article[..usize::try_from(mixed).unwrap() % article.len()]
        ),
        Gone::WhileItReads => {
            let path = [
                "/v1/changes?limit=200",
                "/v1/articles?format=csv&sort=title",
                "/v1/totals/explain",
            ][number % 9 / 3];
            format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n")
        }
    };
    stream.write_all(sent.as_bytes()).await.ok();
    tokio::time::sleep(pause).await;
    if number.is_multiple_of(2) {
        // By a reset, not an end of what is sent.
        stream.set_zero_linger().ok();
    }
}

/// The ids of all articles.
async fn stored(asker: &Asker) -> HashSet<String> {
    let list = asker.get("/v1/articles?format=ndjson").await;
    assert_eq!(list.status, 200);
    let id = |line: &str| {
        let article: Value = serde_json::from_str(line).unwrap();
        article["id"].as_str().unwrap().to_owned()
    };
    list.text.lines().map(id).collect()
}

/// The ids and titles of all articles that the log tells of.
async fn logged(asker: &Asker) -> Vec<(String, String)> {
    let list = asker.get("/v1/changes?resource=articles&format=ndjson").await;
    assert_eq!(list.status, 200);
    let of = |line: &str| {
        let change: Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| change["after"][field].as_str().unwrap().to_owned();
        (text("id"), text("title"))
    };
    list.text.lines().map(of).collect()
}

async fn unread(engine: Engine) -> Told {
    const LONG: usize = 1_000_000;
    const REVISIONS: usize = 30;
    const IDLERS: usize = 24;
    let database = Database::fresh(engine).await;
    let key = key(&database.url).await;
    let filling = Program::serve(&database.url);
    let history = fill(&filling, &key, LONG, REVISIONS).await;
    drop(filling);
    // Its memory is what the answers take.
    let program = Program::serve(&database.url);
    let load = Load::start(&program.url, &key, 2, 2);
    load.more(10).await;
    let memory = |of: &str| program.number(of).map(|kilobytes| kilobytes / 1024);
    let Some(idle) = memory("VmRSS") else {
        return Err("the system does not say what memory a program has".to_owned());
    };
    let paths = [
        "/v1/changes?limit=200".to_owned(),
        format!("{history}?limit=200"),
        "/v1/changes?format=ndjson".to_owned(),
        format!("{history}?format=ndjson"),
    ];
    let mut idlers = Vec::new();
    for path in paths.iter().cycle().take(IDLERS) {
        idlers.push(ask(&program, path).await);
    }
    let begun = Instant::now();
    let before = load.acknowledged();
    while begun.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let went_on = load.acknowledged() - before;
    let peak = memory("VmHWM").unwrap_or(u64::MAX);
    // They were answered, as far as there is room on the way; or told that there are too many.
    let (mut answered, mut refused) = (0, 0);
    for idler in &mut idlers {
        let mut begun = [0; 13];
        if idler.read_exact(&mut begun).await.is_ok() {
            answered += usize::from(begun == *b"HTTP/1.1 200 ");
            refused += usize::from(begun == *b"HTTP/1.1 503 ");
        }
    }
    drop(idlers);
    let row = Row::of(load.stop().await, &program.url).await;
    eprintln!("  idle {idle} MB, at the most {peak} MB");
    // Long pages take readers for a moment; a busy machine has one or another wait for more than that.
    let reads = &row.account.reads;
    let busy = reads.statuses.get(&503).copied().unwrap_or_default();
    let few = busy * 10 <= reads.statuses.values().sum::<usize>();
    let served = row.account.writes.is_only(&[201, 503]) && reads.is_only(&[200, 503]) && few;
    let how = format!(
        "everybody else is served: {went_on} written, {:?}, {:?}",
        row.account.writes.statuses, reads.statuses
    );
    Ok(row
        .also(served && went_on > 5, &how)
        .also(
            answered + refused == IDLERS && answered > IDLERS / 3,
            &format!("they are answered: {answered}, and {refused} are too many"),
        )
        .also(
            peak <= idle + 500,
            &format!("they hold 500 MB at most: idle {idle} MB, peak {peak} MB"),
        ))
}

/// Writes a long article, and revises it; the path of its history.
async fn fill(program: &Program, key: &str, long: usize, revisions: usize) -> String {
    let asker = Asker::new(&program.url, key);
    let body = |number: usize| format!("{number} {}", "words ".repeat(long / 6));
    let article =
        json!({"publisher": "P", "language": "en", "title": "long", "kind": "report", "body": body(0)});
    let made = asker.send(Method::POST, "/v1/articles", &article).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/v1/articles/{}", made.json()["id"].as_str().unwrap());
    for number in 1..=revisions {
        let revised = asker
            .send(Method::PATCH, &path, &json!({"body": body(number)}))
            .await;
        assert_eq!(revised.status, 200);
    }
    format!("{path}/history")
}

/// Asks, and does not read.
async fn ask(program: &Program, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(65536).unwrap();
    let address = program.url.strip_prefix("http://").unwrap();
    let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}
