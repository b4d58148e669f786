//! Two real programs on one database, each with its own memory of what it answered, beside a third one without: no
//! answer differs, also right after a kill, what an operator does by the command line, and a backup that was put back.
//!
//! `CACHE_ROUNDS=120` tells all of it in place of a sample.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)] // Clippy's own exception covers test functions, not what they share.

mod support;

use std::{
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use reqwest::Method;
use rusqlite::backup::Backup;
use serde_json::{Value, json};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqliteConnection,
    sqlite::SqliteConnectOptions,
};
use support::{
    Database, Engine,
    program::{Program, bare},
    told::Asking,
};
use tempfile::TempDir;

/// How many rounds there are by default: a sample.
const ROUNDS: usize = 16;

const MEETINGS: [&str; 3] = ["m-one", "m-two", "m-three"];

/// A database, and who serves it.
struct Place {
    database: Database,
    engine: Engine,
    cached: [Program; 2],
    oracle: Program,
    asking: Asking,
    /// Where a backup is kept.
    directory: TempDir,
    pledges: Vec<String>,
    kept: Vec<String>,
    written: usize,
}

fn served(url: &str, args: &[&str]) -> Program {
    let args = ["--private", "--trusted-proxies", "127.0.0.1"].iter().chain(args);
    Program::start(Program::command(url, "127.0.0.1:0", args))
}

/// What the command line says to this database; what it printed.
fn run(url: &str, args: &[&str]) -> String {
    let mut command: Command = bare();
    let output = command.args(args).args(["--database-url", url]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let refused = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{args:?}: {refused}");
    said.trim().to_owned()
}

fn file_of(url: &str) -> PathBuf {
    PathBuf::from(url.trim_start_matches("sqlite:").split('?').next().unwrap())
}

/// As an operator puts a backup back with SQLite's own tool, while the programs run.
fn copied(from: &Path, to: &Path) {
    let from = rusqlite::Connection::open(from).unwrap();
    let mut to = rusqlite::Connection::open(to).unwrap();
    let backup = Backup::new(&from, &mut to).unwrap();
    backup
        .run_to_completion(1_000, Duration::from_millis(1), None)
        .unwrap();
}

const TABLES: &str = "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'";

impl Place {
    async fn of(engine: Engine) -> Self {
        let (database, keys) = Database::with_keys(engine).await;
        let url = &database.url;
        let cached = [served(url, &[""; 0]), served(url, &[""; 0])];
        let oracle = served(url, &["--cache-bytes", "0"]);
        let mut place = Self {
            asking: Asking::with(&keys.editor),
            engine,
            cached,
            oracle,
            directory: tempfile::tempdir().unwrap(),
            pledges: Vec::new(),
            kept: Vec::new(),
            written: 0,
            database,
        };
        for code in ["USA", "KWT", "EU"] {
            let body = json!({"code": code, "kind": "state", "names": {"en": code, "ar": "دولة"}});
            place.write(Method::POST, "/v1/participants", body).await;
        }
        for slug in MEETINGS {
            let body = json!({"slug": slug, "titles": {"en": slug}, "kind": "summit", "starts_on": "2018-02-13",
                "headline_amount": "1000.00", "headline_currency": "USD"});
            place.write(Method::POST, "/v1/meetings", body).await;
        }
        place.pledge().await;
        place
    }

    /// A write to one of the two, by turns.
    async fn write(&mut self, method: Method, path: &str, body: Value) -> Value {
        self.written += 1;
        let url = self.cached[self.written % 2].url.clone();
        self.asking.written(method, &url, path, &body).await
    }

    async fn pledge(&mut self) {
        let number = self.written;
        let participant = ["USA", "KWT", "EU"][number % 3];
        let pledge = json!({
            "participant": participant,
            "meeting": MEETINGS[number / 3 % 3],
            "instrument": "grant",
            "qualifier": "exact",
            "amount": format!("{}.00", 10 + number),
            "currency": "USD",
            "announced_on": "2018-02-13",
        });
        let made = self.write(Method::POST, "/v1/pledges", pledge).await;
        self.pledges.push(made["id"].as_str().unwrap().to_owned());
    }

    /// Writes of each kind, by turns.
    async fn some_writes(&mut self, round: usize) {
        self.pledge().await;
        let pledge = self.pledges[round * 7 % self.pledges.len()].clone();
        match round % 4 {
            0 => {
                let event =
                    json!({"stage": "paid", "amount": "1.00", "occurred_on": "2018-03", "over": true});
                self.write(Method::POST, &format!("/v1/pledges/{pledge}/events"), event)
                    .await;
            }
            1 => {
                let change = json!({"meeting": MEETINGS[self.written % 3], "purpose": format!("p {round}")});
                self.write(Method::PATCH, &format!("/v1/pledges/{pledge}"), change)
                    .await;
            }
            2 => {
                let names = json!({"names": {"en": format!("Name {round}"), "ar": "اسم"}});
                self.write(Method::PATCH, "/v1/participants/USA", names).await;
            }
            _ => {
                self.write(Method::DELETE, &format!("/v1/pledges/{pledge}"), Value::Null)
                    .await;
                self.write(
                    Method::POST,
                    &format!("/v1/pledges/{pledge}/restore"),
                    Value::Null,
                )
                .await;
            }
        }
    }

    fn paths(&self) -> Vec<String> {
        let mut paths = vec![
            "/".to_owned(),
            "/v1/participants".to_owned(),
            "/v1/participants/USA?lang=ar".to_owned(),
            "/v1/changes?limit=5&sort=-seq".to_owned(),
            "/v1/pledges?limit=10&count=true".to_owned(),
            "/v1/totals?group_by=meeting".to_owned(),
            "/v1/totals?group_by=participant&lang=ar".to_owned(),
            "/version".to_owned(),
            format!("/v1/pledges/{}", self.pledges[self.pledges.len() / 2]),
        ];
        // Lately made ones may be gone with a backup that is put back.
        for pledge in self.pledges.iter().rev().take(2) {
            paths.push(format!("/v1/pledges/{pledge}"));
            paths.push(format!("/v1/pledges/{pledge}/history"));
        }
        for meeting in MEETINGS {
            paths.push(format!("/v1/meetings/{meeting}"));
            for query in [
                "",
                "?group_by=participant",
                "?parents=children",
                "?format=csv&group_by=year",
            ] {
                paths.push(format!("/v1/meetings/{meeting}/totals{query}"));
            }
            paths.push(format!("/v1/totals/explain?meeting={meeting}"));
            paths.push(format!("/v1/pledges?meeting={meeting}&limit=5"));
        }
        paths
    }

    /// That nobody's answer differs; each is asked twice, so that the second one may come from memory.
    async fn same(&mut self, when: &str) {
        let paths = self.paths();
        let [one, other] = self.cached.each_ref().map(|it| it.url.as_str());
        let when = format!("{:?}, {when}", self.engine);
        self.asking
            .same(&self.oracle.url, &[one, other, one, other], &paths, &when)
            .await;
    }

    /// One is killed while it is written to, and both answer what was acknowledged.
    async fn killed(&mut self, which: usize) {
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let count = async |place: &Self, url: &str| {
            let path = "/v1/pledges?meeting=m-two&limit=1&count=true";
            let said = place.asking.told(url, path).await;
            serde_json::from_slice::<Value>(&said.body).unwrap()["count"]
                .as_u64()
                .unwrap()
        };
        let other = self.cached[1 - which].url.clone();
        let before = count(self, &other).await;
        let url = self.cached[which].url.clone();
        let client = self.asking.again();
        let told = acknowledged.clone();
        let writer = tokio::spawn(async move {
            let pledge = json!({"participant": "EU", "meeting": "m-two", "instrument": "grant", "qualifier": "exact",
                "amount": "1.00", "currency": "USD"});
            while let Ok(answer) = client.send(Method::POST, &url, "/v1/pledges", &pledge).await {
                assert_eq!(answer.status().as_u16(), 201);
                if answer.bytes().await.is_err() {
                    return;
                }
                told.fetch_add(1, Ordering::SeqCst);
            }
        });
        while acknowledged.load(Ordering::SeqCst) < 5 {
            // What is asked meanwhile is not older than what was acknowledged before.
            let least = before + acknowledged.load(Ordering::SeqCst) as u64;
            let shown = count(self, &other).await;
            assert!(
                shown >= least,
                "{shown} are shown of {least} that were acknowledged"
            );
        }
        self.cached[which].kill();
        let least = before + acknowledged.load(Ordering::SeqCst) as u64;
        let shown = count(self, &other).await;
        assert!(
            shown >= least,
            "after a kill {shown} are shown of {least} that were acknowledged"
        );
        writer.await.unwrap();
        self.cached[which] = served(&self.database.url, &[""; 0]);
        let url = self.cached[which].url.clone();
        let shown = count(self, &url).await;
        assert!(shown >= least, "the one that was killed shows {shown} of {least}");
        // Postgres may still be at what it was sent last.
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.same("once one was killed").await;
    }

    /// A key that the command line made opens, and no longer once it revoked it.
    async fn revoked(&mut self, round: usize) {
        let name = format!("guest-{round}");
        let url = &self.database.url;
        let key = run(url, &["key", "create", "--name", &name, "--role", "editor"]);
        // Once it is revoked its key is a wrong one, and of one client only ten are answered as such.
        let guest = Asking::of(&key, &format!("198.51.{}.{}", round / 250, round % 250));
        for _ in 0..2 {
            for program in &self.cached {
                assert_eq!(guest.told(&program.url, "/v1/participants").await.status, 200);
            }
        }
        let body = json!({"names": {"en": "U"}});
        let path = "/v1/participants/USA";
        for program in &self.cached {
            guest.written(Method::PATCH, &program.url, path, &body).await;
        }
        run(url, &["key", "revoke", &name]);
        for program in &self.cached {
            for path in ["/v1/participants", "/v1/meetings/m-one/totals", "/"] {
                assert_eq!(guest.told(&program.url, path).await.status, 401, "{path}");
            }
            let refused = guest
                .send(Method::PATCH, &program.url, path, &body)
                .await
                .unwrap();
            assert_eq!(refused.status().as_u16(), 401);
        }
        self.same("once a key was revoked").await;
    }

    /// Runs statements beside the programs, as none of them would.
    async fn beside(&self, statements: &str) {
        match self.engine {
            Engine::Sqlite => {
                let options = SqliteConnectOptions::from_str(&self.database.url).unwrap();
                let mut conn: SqliteConnection = options.connect().await.unwrap();
                conn.execute(AssertSqlSafe(statements)).await.unwrap();
                conn.close().await.unwrap();
            }
            Engine::Postgres => {
                let mut conn = PgConnection::connect(&self.database.url).await.unwrap();
                conn.execute(AssertSqlSafe(statements)).await.unwrap();
                conn.close().await.unwrap();
            }
        }
    }

    /// Sums that were falsified behind everybody's back are computed anew by the command line.
    async fn rebuilt(&mut self, round: usize) {
        let path = "/v1/meetings/m-one/totals";
        let before = self.asking.told(&self.oracle.url, path).await;
        self.beside("update rollups set pledged = pledged + 700, counted = counted + 700 where pledges > 0")
            .await;
        // Who does so behind everybody's back says so afterwards: any command that writes does.
        let name = format!("flush-{round}");
        let url = &self.database.url;
        run(url, &["key", "create", "--name", &name, "--role", "reader"]);
        self.same("with sums that are wrong").await;
        let wrong = self.asking.told(&self.cached[0].url, path).await;
        assert_ne!(wrong, before, "nothing was falsified");
        run(&self.database.url, &["totals", "rebuild"]);
        let paths = self.paths();
        let mended = self.asking.told(&self.cached[0].url, path).await;
        assert_eq!(mended, before, "the sums are wrong still");
        let cached = self.cached.each_ref().map(|it| it.url.as_str());
        self.asking
            .same(&self.oracle.url, &cached, &paths, "once sums were computed anew")
            .await;
    }

    fn backup(&self) -> PathBuf {
        self.directory.path().join("backup.db")
    }

    async fn tables(&self) -> Vec<String> {
        let mut conn = PgConnection::connect(&self.database.url).await.unwrap();
        let tables = sqlx::query_scalar(TABLES).fetch_all(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        tables
    }

    /// Keeps a copy of all that there is.
    async fn keep(&mut self) {
        self.kept.clone_from(&self.pledges);
        if self.engine == Engine::Sqlite {
            let file = file_of(&self.database.url);
            copied(&file, &self.backup());
            return;
        }
        let mut statements = "drop schema if exists kept cascade; create schema kept;".to_owned();
        for table in self.tables().await {
            let copy = format!("create table kept.{table} as table public.{table};");
            statements.push_str(&copy);
        }
        self.beside(&format!("begin; {statements} commit")).await;
    }

    /// Puts it back into the same database, under the programs that go on to serve it.
    async fn put_back(&mut self) {
        if self.engine == Engine::Sqlite {
            let file = file_of(&self.database.url);
            copied(&self.backup(), &file);
        } else {
            // So that no table waits for another's rows.
            let mut statements = "set local session_replication_role = replica;".to_owned();
            for table in self.tables().await {
                let copy = format!(
                    "delete from public.{table}; insert into public.{table} select * from kept.{table};"
                );
                statements.push_str(&copy);
            }
            self.beside(&format!("begin; {statements} commit")).await;
        }
    }

    /// A backup is put back, and as many writes as were lost come again, and more: none of the old history is shown.
    async fn restored(&mut self, round: usize) {
        self.keep().await;
        self.same("once a backup was made").await;
        let lost = 1 + round % 3;
        for number in 0..lost {
            self.some_writes(round + number).await;
        }
        self.same("before a backup is put back").await;
        self.put_back().await;
        // Right after, where what was lost is asked for as well.
        self.same("once a backup was put back").await;
        self.pledges.clone_from(&self.kept);
        for number in 0..lost + 2 {
            // Other ones than before, of the same numbers.
            self.some_writes(round + number + 1).await;
            self.same("with writes behind a backup that was put back").await;
        }
    }
}

async fn told(engine: Engine) {
    let rounds = std::env::var("CACHE_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut place = Place::of(engine).await;
    for round in 0..rounds {
        place.some_writes(round).await;
        place.same(&format!("round {round}")).await;
        match round % 8 {
            1 => place.killed(round / 8 % 2).await,
            3 => place.revoked(round).await,
            5 => place.rebuilt(round).await,
            7 => place.restored(round).await,
            _ => {}
        }
    }
    let least = rounds * 20;
    println!(
        "{engine:?}: {rounds} rounds, {} writes, {} answers compared",
        place.written, place.asking.compared
    );
    assert!(place.asking.compared > least);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_on_one_file_answer_as_one_that_remembers_nothing() {
    told(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_on_one_server_answer_as_one_that_remembers_nothing() {
    let Some(engine) = Engine::postgres() else { return };
    told(engine).await;
}
