//! What a batch of pledges costs, beside as many requests: see README.md beside this.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on stops where it is"
)]
#![allow(dead_code, reason = "it uses its own part of what both benchmarks share")]

mod load;
mod register;
#[path = "../tests/support/mod.rs"]
mod support;

use std::{env, fmt::Write, fs, os::unix::process::CommandExt, process::Command, time::Instant};

use pledgebook::{
    app,
    auth::{self, Reading, Role},
    db::{Db, Sql},
};
use serde_json::{Value, json};

use load::{Served, WITHOUT_ANSWERS, WORKERS, answered};
use support::{Database, Engine};

fn main() {
    // As in the other benchmark: what is acknowledged has to be on the disk.
    if env::var_os("TEST_FSYNC").is_none() {
        let program = env::current_exe().unwrap();
        let error = Command::new(program).env("TEST_FSYNC", "on").exec();
        panic!("cannot start again with TEST_FSYNC=on: {error}");
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(run());
}

async fn run() {
    let items: usize = env::var("BENCH_ITEMS").map_or(100_000, |text| text.parse().unwrap());
    println!(
        "| engine | what | items | seconds | items/s | peak memory so far, MB |\n| --- | --- | --- | --- | --- | --- |"
    );
    let only = env::var("BENCH_ENGINE").ok();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    if wanted("sqlite") {
        measure(Engine::Sqlite, items).await;
    }
    if wanted("postgres")
        && let Some(engine) = Engine::postgres()
    {
        measure(engine, items).await;
    }
}

async fn measure(engine: Engine, items: usize) {
    let database = Database::fresh(engine).await;
    let db = Db::open(&database.url).await.unwrap();
    // Participants and meetings as the other benchmark has them, and a thousand pledges.
    register::load(&db, engine, 1_000).await;
    let key = auth::create(&db, "bench", Role::Editor).await.unwrap();
    let app = Served::start(app::front(
        app::register(db.clone()).await.unwrap(),
        Reading::Public,
        WITHOUT_ANSWERS,
    ))
    .await;
    let post = async |path: &str, preferred: &str, body: String| {
        let content_type = if path.ends_with("batch") {
            "application/x-ndjson"
        } else {
            "application/json"
        };
        let request = app.client.post(app.url(path)).bearer_auth(&key);
        answered(
            request
                .header("content-type", content_type)
                .header("prefer", preferred)
                .body(body),
        )
        .await;
    };
    let name = db.engine().await.unwrap();
    let said = |what: &str, items: usize, started: Instant| {
        let seconds = started.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "no run has 2^52 items")]
        let pace = items as f64 / seconds;
        println!(
            "| {name} | {what} | {items} | {seconds:.2} | {pace:.0} | {} |",
            peak_memory()
        );
    };

    let alone = items / 50;
    let started = Instant::now();
    for n in 0..alone {
        post("/v1/pledges", "", pledge(n).to_string()).await;
    }
    said("one POST each, one client", alone, started);

    let started = Instant::now();
    let clients = (0..WORKERS).map(async |worker| {
        for n in (worker..alone).step_by(WORKERS) {
            post("/v1/pledges", "", pledge(n).to_string()).await;
        }
    });
    futures_util::future::join_all(clients).await;
    said("one POST each, eight clients", alone, started);

    let lines = |of: fn(usize) -> Value, items: usize| {
        (0..items).fold(String::new(), |mut lines, n| {
            writeln!(lines, "{}", of(n)).unwrap();
            lines
        })
    };
    let body = lines(pledge, items);
    let started = Instant::now();
    post("/v1/pledges/batch", "return=minimal", body).await;
    said("one batch of pledges", items, started);
    let body = lines(pledge, items / 10);
    let started = Instant::now();
    post("/v1/pledges/batch", "return=representation", body).await;
    said("one batch of pledges, return=representation", items / 10, started);
    // One in a hundred refers to nobody, and is left out.
    let body = lines(
        |n| {
            if n % 100 == 99 {
                json!({"instrument": "grant", "meeting": "nowhere"})
            } else {
                pledge(n)
            }
        },
        items / 10,
    );
    let started = Instant::now();
    post("/v1/pledges/batch", "return=minimal, handling=lenient", body).await;
    said(
        "one batch of pledges, handling=lenient, 1 % wrong",
        items / 10,
        started,
    );
    // A register that has articles, and whose database knows: Postgres keeps to a plan that it made for a table
    // that it had counted as empty, which reads all of it.
    let body = lines(|n| article(n + 1_000_000), 100);
    post("/v1/articles/batch", "return=minimal", body).await;
    let mut conn = db.begin().await.unwrap();
    conn.run(Sql::new("analyze")).await.unwrap();
    conn.commit().await.unwrap();
    let body = lines(article, items / 10);
    let started = Instant::now();
    post("/v1/articles/batch", "return=minimal", body).await;
    said("one batch of articles", items / 10, started);
    println!("|  | {} |", register::verify(&db).await);
    db.close().await;
}

fn pledge(n: usize) -> Value {
    json!({
        "participant": register::code(n * 7 % register::PARTICIPANTS),
        "meeting": register::slug(n % register::meetings_of(1_000)),
        "instrument": "grant",
        "qualifier": "exact",
        "amount": format!("{}.00", 1_000 + n),
        "currency": "USD",
        "purpose": "Shelter and water for those who came back",
        "announced_on": "2018-02-13",
    })
}

fn article(n: usize) -> Value {
    json!({
        "publisher": "The Example",
        "language": "en",
        "title": format!("Ministers meet, part {n}"),
        "kind": "news",
        "body": format!("{n} million dollars were promised. ").repeat(40),
    })
}

/// The most memory that this process has held, client and server together, where the system says so.
fn peak_memory() -> String {
    fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
            let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
            Some((kilobytes / 1024).to_string())
        })
        .unwrap_or_else(|| "?".to_owned())
}
