//! What a sorted export costs beside an unsorted one, and what answers hold that nobody reads: see README.md
//! beside this.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on stops where it is"
)]
#![allow(dead_code, reason = "it uses its own part of what the benchmarks share")]

mod load;
mod register;
#[path = "../tests/support/mod.rs"]
mod support;

use std::{
    env, fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use pledgebook::{
    app,
    auth::{self, Reading, Role},
    db::{Db, Sql},
};
use reqwest::Client;
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
};

use load::{Served, WITHOUT_ANSWERS, answered};
use support::{Database, Engine};

/// Each is asked so often, in turn; the median counts.
const ROUNDS: usize = 3;

/// By these lists are sorted: a figure, one that many share, one of another table, one that an index has.
const SORTS: [&str; 4] = ["-outstanding", "updated_at", "participant", "-announced_on"];

/// How many ask for large answers and do not read them, and for how long.
const IDLERS: usize = 24;
const IDLE: Duration = Duration::from_secs(12);

/// So many articles of so many bytes, each changed once: 75 MB of log; one of them so often that its own
/// history is as long.
const ARTICLES: usize = 25;
const REVISIONS: usize = 37;
const BODY: usize = 1_000_000;

#[tokio::main]
async fn main() {
    let sizes = env::var("BENCH_SIZES").unwrap_or_else(|_| "20000,80000".to_owned());
    let mut sizes: Vec<usize> = sizes
        .split(',')
        .map(|size| size.trim().parse().expect("BENCH_SIZES is numbers"))
        .collect();
    sizes.sort_unstable();
    let only = env::var("BENCH_ENGINE").ok();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut engines = Vec::new();
    if wanted("sqlite") {
        engines.push(Engine::Sqlite);
    }
    if wanted("postgres") {
        engines.extend(Engine::postgres());
    }
    if env::var_os("BENCH_MEMORY").is_none() {
        println!("| engine | pledges | sort | seconds | by the unsorted one | by the smallest register |");
        println!("| --- | ---: | --- | ---: | ---: | ---: |");
        for engine in &engines {
            exports(*engine, &sizes).await;
        }
        println!();
    }
    println!(
        "| engine | what 24 clients ask for and do not read | idle, MB | while they wait, MB | peak, MB |"
    );
    println!("| --- | --- | ---: | ---: | ---: |");
    for engine in engines {
        memory(engine).await;
    }
}

async fn exports(engine: Engine, sizes: &[usize]) {
    let mut smallest: Vec<f64> = Vec::new();
    for &pledges in sizes {
        let database = Database::fresh(engine).await;
        let db = Db::open(&database.url).await.unwrap();
        let name = db.engine().await.unwrap();
        register::load(&db, engine, pledges).await;
        // Figures are sorted within one currency, and all of the register is to be sorted.
        let mut conn = db.begin().await.unwrap();
        conn.run(Sql::new("update pledges set currency = 'USD'"))
            .await
            .unwrap();
        conn.run(Sql::new("analyze")).await.unwrap();
        conn.commit().await.unwrap();
        let app = Served::start(app::front(
            app::register(db.clone()).await.unwrap(),
            Reading::Public,
            WITHOUT_ANSWERS,
        ))
        .await;
        let mut questions = vec!["created_at"];
        questions.extend(SORTS);
        let mut times = vec![Vec::new(); questions.len()];
        for _ in 0..ROUNDS {
            for (times, sort) in times.iter_mut().zip(&questions) {
                let started = Instant::now();
                let path = format!("/v1/pledges?format=csv&currency=USD&sort={sort}");
                answered(app.get(&path)).await;
                times.push(started.elapsed().as_secs_f64());
            }
        }
        let medians: Vec<f64> = times
            .iter_mut()
            .map(|times| {
                times.sort_by(f64::total_cmp);
                times[ROUNDS / 2]
            })
            .collect();
        if smallest.is_empty() {
            smallest.clone_from(&medians);
        }
        for ((sort, seconds), first) in questions.iter().zip(&medians).zip(&smallest) {
            println!(
                "| {name} | {pledges} | {sort} | {seconds:.2} | {:.2} | {:.2} |",
                seconds / medians[0],
                seconds / first
            );
        }
        db.close().await;
    }
}

/// The program as it is run, in a process of its own, so that its memory is its own.
struct Program {
    child: Child,
    authority: String,
}

impl Program {
    fn start(url: &str) -> Self {
        let program =
            env::var("BENCH_SERVER").unwrap_or_else(|_| env!("CARGO_BIN_EXE_pledgebook").to_owned());
        let mut child = Command::new(program)
            .args([
                "serve",
                "--empty",
                "--listen",
                "127.0.0.1:0",
                "--database-url",
                url,
            ])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap())
            .lines()
            .map(Result::unwrap);
        let line = lines
            .find(|line| line.contains("http://"))
            .expect("it stopped before it was ready");
        let (_, rest) = line.split_once("http://").unwrap();
        let authority = rest
            .chars()
            .take_while(|c| c.is_ascii_digit() || ".:".contains(*c))
            .collect();
        // Read on, so that the program never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, authority }
    }

    /// A line of what the system says of its memory, in MB.
    fn memory(&self, of: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(of)).unwrap();
        let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kilobytes / 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

async fn memory(engine: Engine) {
    let database = Database::fresh(engine).await;
    let db = Db::open(&database.url).await.unwrap();
    let name = db.engine().await.unwrap();
    let key = auth::create(&db, "bench", Role::Editor).await.unwrap();
    db.close().await;
    let history = {
        let program = Program::start(&database.url);
        fill(&program, &key).await
    };
    for (what, paths) in [
        (
            "`/v1/changes?limit=200`",
            vec!["/v1/changes?limit=200".to_owned()],
        ),
        ("an article's history", vec![format!("{history}?limit=200")]),
        (
            "both, and both as NDJSON",
            vec![
                "/v1/changes?limit=200".to_owned(),
                format!("{history}?limit=200"),
                "/v1/changes?format=ndjson".to_owned(),
                format!("{history}?format=ndjson"),
            ],
        ),
    ] {
        let program = Program::start(&database.url);
        let idle = program.memory("VmRSS");
        let mut idlers = Vec::new();
        for path in paths.iter().cycle().take(IDLERS) {
            idlers.push(ask(&program, path).await);
        }
        tokio::time::sleep(IDLE).await;
        println!(
            "| {name} | {what} | {idle} | {} | {} |",
            program.memory("VmRSS"),
            program.memory("VmHWM")
        );
        drop(idlers);
    }
}

/// Writes long articles; the path of the longest history.
async fn fill(program: &Program, key: &str) -> String {
    let client = Client::builder().no_proxy().build().unwrap();
    let at = |path: &str| format!("http://{}{path}", program.authority);
    let body = |n: usize| format!("{n} {}", "words ".repeat(BODY / 6));
    let mut written = 0;
    let mut last = String::new();
    for n in 0..ARTICLES {
        let article = json!({
            "publisher": "The Example", "language": "en", "title": format!("{n}"), "kind": "report", "body": body(n),
        });
        let made = client.post(at("/v1/articles")).bearer_auth(key);
        let made = made
            .header("content-type", "application/json")
            .body(article.to_string());
        let made = made.send().await.unwrap().error_for_status().unwrap();
        last = made.headers()["location"].to_str().unwrap().to_owned();
        let revisions = if n + 1 == ARTICLES { REVISIONS } else { 1 };
        for _ in 0..revisions {
            written += 1;
            let patch = json!({"body": body(ARTICLES + written)});
            let changed = client.patch(at(&last)).bearer_auth(key);
            let changed = changed
                .header("content-type", "application/json")
                .body(patch.to_string());
            answered(changed).await;
        }
    }
    format!("{last}/history")
}

/// Asks, and does not read.
async fn ask(program: &Program, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(65536).unwrap();
    let mut stream = socket.connect(program.authority.parse().unwrap()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}
