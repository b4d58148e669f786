//! What totals and creates cost as the register grows, on both engines: see README.md beside this.
//!
//! The contents: [`register`] makes a register of a size, [`load`] asks it again and again, [`report`]
//! says what came out. What is measured stands here, in [`measure`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on stops where it is"
)]

mod load;
mod register;
mod report;
#[path = "../tests/support/mod.rs"]
mod support;

use std::{env, os::unix::process::CommandExt, process::Command};

use axum::{Router, routing::get};
use pledgebook::{
    app,
    auth::{self, Reading, Role},
    cache::Front,
    db::{Db, Sql},
    history::Register,
    pledges::PARTS,
};
use serde_json::json;
use uuid::Uuid;

use load::{Load, Served, WITHOUT_ANSWERS, WORKERS, answered, pair};
use report::{Creates, Measured};
use support::{Database, Engine};

fn main() {
    // The private Postgres server reads this when it starts. A create has to wait for the disk there, as
    // it does on SQLite.
    if env::var_os("TEST_FSYNC").is_none() {
        let program = env::current_exe().unwrap();
        // It returns only where it fails.
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
    let sizes = env::var("BENCH_SIZES").unwrap_or_else(|_| "1000,100000,1000000".to_owned());
    let mut sizes: Vec<usize> = sizes
        .split(',')
        .map(|size| {
            size.trim()
                .parse()
                .expect("BENCH_SIZES is numbers with commas between them")
        })
        .collect();
    sizes.sort_unstable();
    for engine in engines() {
        let mut measured = Vec::new();
        for &size in &sizes {
            measured.push(measure(engine, size, size == sizes[0]).await);
        }
        report::print(&measured);
    }
}

/// Both, or the one that `BENCH_ENGINE` names.
fn engines() -> Vec<Engine> {
    let only = env::var("BENCH_ENGINE").ok();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let sqlite = wanted("sqlite").then_some(Engine::Sqlite);
    let postgres = wanted("postgres").then(Engine::postgres).flatten();
    sqlite.into_iter().chain(postgres).collect()
}

/// Everything at one size, on a database of its own.
async fn measure(engine: Engine, pledges: usize, verifying: bool) -> Measured {
    let database = Database::fresh(engine).await;
    let db = Db::open(&database.url).await.unwrap();
    let name = described(&db, engine).await;

    let loaded = register::load(&db, engine, pledges).await;
    report::say_loaded(&name, pledges, &loaded);
    written_back();
    if verifying {
        eprintln!("  after the load: {}", register::verify(&db).await);
    }

    let key = auth::create(&db, "bench", Role::Editor).await.unwrap();
    let app = Served::start(app::front(
        app::register(db.clone()).await.unwrap(),
        Reading::Public,
        WITHOUT_ANSWERS,
    ))
    .await;
    let meetings = loaded.meetings.len();

    // What a total costs, as an HTTP client sees it. The hot meeting, number 0, is no ordinary one.
    let meeting = {
        let app = app.clone();
        pair(move |n| {
            let slug = register::slug(1 + n % (meetings - 1));
            answered(app.get(&format!("/v1/meetings/{slug}/totals")))
        })
        .await
    };
    let hot = total(&app, "/v1/meetings/hot/totals").await;
    let all_meetings = total(&app, "/v1/totals?group_by=meeting").await;
    let of_register = total(&app, "/v1/totals").await;

    // What the same sums cost when they are taken from the pledges, without HTTP.
    let plain_meeting = {
        let (db, ids) = (db.clone(), loaded.meetings.clone());
        pair(move |n| plain(db.clone(), ids[1 + n % (meetings - 1)])).await
    };
    let plain_hot = {
        let (db, id) = (db.clone(), loaded.meetings[0]);
        pair(move |_| plain(db.clone(), id)).await
    };

    // What HTTP alone costs, here and now: before the creates and after them.
    let ceiling_before = ceiling(meeting.alone.bytes).await;
    let creates = creates(&db, &app, &key, meetings, verifying).await;
    let ceiling_after = ceiling(meeting.alone.bytes).await;

    db.close().await;
    Measured {
        engine: name,
        pledges,
        meetings,
        loaded,
        meeting,
        hot,
        all_meetings,
        of_register,
        plain_meeting,
        plain_hot,
        creates,
        ceiling: [ceiling_before, ceiling_after],
    }
}

/// Waits until the system has written down what the load left in memory: or the first creates would wait behind it.
fn written_back() {
    let status = Command::new("sync").status().unwrap();
    assert!(status.success());
}

/// The engine, and how durable a commit is.
async fn described(db: &Db, engine: Engine) -> String {
    let name = db.engine().await.unwrap();
    match engine {
        Engine::Sqlite => format!("{name}, synchronous full"),
        Engine::Postgres => {
            let fsync = Sql::new("select current_setting('fsync')");
            let (fsync,): (String,) = db.read().await.unwrap().one(fsync).await.unwrap();
            format!("{name}, fsync {fsync}")
        }
    }
}

async fn total(app: &Served, path: &'static str) -> load::Pair {
    let app = app.clone();
    pair(move |_| answered(app.get(path))).await
}

/// Currency, pledges, minimum, point, maximum, committed, paid, withdrawn, outstanding.
type PlainRow = (
    Option<String>,
    i64,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

/// The plain GROUP BY over one meeting's pledges; how many rows it gave. It takes its connection from the
/// pool, as a request does.
async fn plain(db: Db, meeting: Uuid) -> usize {
    let sql = Sql::new(
        "select currency, count(*), cast(sum(pledged_min) as bigint), cast(sum(pledged) as bigint),
         cast(sum(pledged_max) as bigint), cast(sum(committed) as bigint), cast(sum(paid) as bigint),
         cast(sum(withdrawn) as bigint), cast(sum(outstanding) as bigint)
         from pledges where meeting_id = $1 and retracted_at is null group by currency",
    )
    .bind(meeting);
    let rows: Vec<PlainRow> = db.read().await.unwrap().all(sql).await.unwrap();
    rows.len()
}

/// A handler that answers so many bytes and does nothing else.
async fn ceiling(bytes: usize) -> load::Pair {
    let body: &'static str = Box::leak("x".repeat(bytes).into_boxed_str());
    let bare = Router::new().route("/", get(move || async move { body }));
    let bare = Served::start(Front::forgetful(bare)).await;
    total(&bare, "/").await
}

/// Creates with the sums kept, and by an app that does not keep them: twice in turn, as a database's pace
/// changes while it grows.
async fn creates(db: &Db, with: &Served, key: &str, meetings: usize, verifying: bool) -> Creates {
    let bare = Register::new(db.clone(), Vec::new(), PARTS).await.unwrap();
    let without = Served::start(app::front(bare, Reading::Public, WITHOUT_ANSWERS)).await;

    let first_with = create(with, key, meetings).await.per_second;
    // Only here: what the other app writes, no sum follows.
    if verifying {
        eprintln!("  after the creates: {}", register::verify(db).await);
    }
    let first_without = create(&without, key, meetings).await.per_second;
    let second_with = create(with, key, meetings).await.per_second;
    let second_without = create(&without, key, meetings).await.per_second;
    Creates {
        with: f64::midpoint(first_with, second_with),
        without: f64::midpoint(first_without, second_without),
    }
}

/// Eight clients that each write down one pledge after another, all over the register.
async fn create(app: &Served, key: &str, meetings: usize) -> Load {
    let (app, key) = (app.clone(), key.to_owned());
    load::load(WORKERS, move |n| {
        let pledge = json!({
            "participant": register::code(n % register::PARTICIPANTS),
            "meeting": register::slug(n % meetings),
            "instrument": "grant",
            "qualifier": "exact",
            "amount": "1500000",
            "currency": "USD",
            "announced_on": "2018-02-13",
        });
        let request = app
            .client
            .post(app.url("/v1/pledges"))
            .bearer_auth(&key)
            .header("content-type", "application/json")
            .body(pledge.to_string());
        answered(request)
    })
    .await
}
