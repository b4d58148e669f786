//! A migration that carries a step in Rust: killed, started twice or out of disk, it does every row once; nobody reads
//! meanwhile.
//!
//! These are of the tests' own; the program's have stories of their own beside them. `UPGRADES_ENTRIES=1000000` gives them a log of a million
//! entries in place of a sample, and with `--nocapture` says what it took.

use std::{
    collections::BTreeMap,
    env,
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use pledgebook::{
    app,
    auth::Reading,
    db::{Conn, Db, Migrations, OpenError, Part, Progress, Reader, Sql, Step, newest_schema, rows_of},
    error::{Error, Result},
    gate::Gate,
    serve::{self, Policy, Stop},
    upgrades,
    values::Timestamp,
    web::traffic::Traffic,
};
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr, SqliteConnection,
    migrate::{Migration, MigrationType},
};
use tokio::{io::AsyncBufReadExt, net::TcpListener, sync::Semaphore};
use uuid::Uuid;

use crate::support::{
    Database, Engine,
    program::{self, Program},
};

/// The number behind the program's own.
fn next() -> i64 {
    newest_schema() + 1
}

/// The program's migrations, and one that carries a step.
fn carrying(step: impl Step + 'static) -> Migrations {
    let mut all = upgrades::all();
    add_sql(&mut all, next(), "-- Nothing but its step.");
    all.steps.push(Box::new(step));
    all
}

fn add_sql(all: &mut Migrations, version: i64, sql: &'static str) {
    for migrator in [&mut all.sqlite, &mut all.postgres] {
        migrator.migrations.to_mut().push(Migration::new(
            version,
            "of a test".into(),
            MigrationType::Simple,
            sql.into_sql_str(),
            false,
        ));
    }
}

fn engines() -> impl Iterator<Item = Engine> {
    [Some(Engine::Sqlite), Engine::postgres()].into_iter().flatten()
}

async fn count(conn: &mut Reader, sql: &'static str) -> Result<u64> {
    let (count,): (i64,) = conn.one(Sql::new(sql)).await?;
    Ok(count.unsigned_abs())
}

/// Gives every entry that the log has when it begins another one behind all: what came before, and why.
struct Noted;

impl Step for Noted {
    fn version(&self) -> i64 {
        next()
    }

    fn rows<'a>(&'a self, conn: &'a mut Reader) -> BoxFuture<'a, Result<u64>> {
        Box::pin(count(
            conn,
            "select count(*) from changes where actor <> 'pledgebook'",
        ))
    }

    fn advance<'a>(
        &'a self,
        conn: &'a mut Conn,
        after: Option<String>,
    ) -> BoxFuture<'a, Result<Option<Part>>> {
        type Entry = (i64, Timestamp, String, Uuid, String, i64, Option<String>);
        Box::pin(async move {
            let newest = count(conn, "select coalesce(max(seq), 0) from changes").await?;
            let newest = i64::try_from(newest).unwrap();
            // What it appends lies behind what it goes through: so it remembers where that ends.
            let (done, last): (i64, i64) = match &after {
                Some(after) => {
                    let (done, last) = after.split_once(" of ").unwrap();
                    (done.parse().unwrap(), last.parse().unwrap())
                }
                None => (0, newest),
            };
            let entries = "select seq, at, resource, record_id, \"key\", version, after from changes
                where seq > $1 and seq <= $2 order by seq limit $3";
            let entries: Vec<Entry> = conn
                .all(Sql::new(entries).bind(done).bind(last).bind(AT_ONCE))
                .await?;
            let Some((end, ..)) = entries.last() else {
                return Ok(None);
            };
            let part = Part {
                end: format!("{end} of {last}"),
                rows: entries.len() as u64,
            };
            let numbered: Vec<_> = (newest + 1..).zip(&entries).collect();
            for entries in numbered.chunks(rows_of(11)) {
                let mut sql = Sql::new(
                    "insert into changes (seq, at, actor, op, resource, record_id, \"key\", version, before, after, reason) values ",
                );
                sql.push_rows(
                    entries,
                    |(seq, (_, at, resource, record, key, version, document)), row| {
                        row.add(*seq)
                            .add(*at)
                            .add("pledgebook".to_owned())
                            .add("update".to_owned())
                            .add(resource.clone())
                            .add(*record)
                            .add(key.clone())
                            .add(version + 1)
                            .add(document.clone())
                            .add(document.as_deref().map(canonical))
                            .add(Some("noted".to_owned()));
                    },
                );
                conn.run(sql).await?;
            }
            Ok(Some(part))
        })
    }
}

/// Few enough for a part of some milliseconds, and many enough that its commit costs little.
const AT_ONCE: i64 = 1_000;

/// Writes the log's documents with their members in order and without spaces.
struct Canonical;

impl Step for Canonical {
    fn version(&self) -> i64 {
        next()
    }

    fn rows<'a>(&'a self, conn: &'a mut Reader) -> BoxFuture<'a, Result<u64>> {
        Box::pin(count(conn, "select count(*) from changes"))
    }

    fn advance<'a>(
        &'a self,
        conn: &'a mut Conn,
        after: Option<String>,
    ) -> BoxFuture<'a, Result<Option<Part>>> {
        type Entry = (i64, Option<String>, Option<String>);
        Box::pin(async move {
            let done: i64 = after.map_or(0, |after| after.parse().unwrap());
            let entries = "select seq, before, after from changes where seq > $1 order by seq limit $2";
            let entries: Vec<Entry> = conn.all(Sql::new(entries).bind(done).bind(AT_ONCE)).await?;
            let Some((end, ..)) = entries.last() else {
                return Ok(None);
            };
            for entries in entries.chunks(rows_of(3)) {
                let mut sql = Sql::new("with written (seq, before, after) as (values ");
                sql.push_rows(entries, |(seq, before, after), row| {
                    row.add(*seq)
                        .add(before.as_deref().map(canonical))
                        .add(after.as_deref().map(canonical));
                });
                sql.push(
                    ") update changes set before = written.before, after = written.after
                    from written where changes.seq = written.seq",
                );
                conn.run(sql).await?;
            }
            Ok(Some(Part {
                end: end.to_string(),
                rows: entries.len() as u64,
            }))
        })
    }
}

fn canonical(text: &str) -> String {
    fn ordered(value: Value) -> Value {
        match value {
            Value::Object(members) => {
                let members: BTreeMap<_, _> = members.into_iter().collect();
                members
                    .into_iter()
                    .map(|(name, value)| (name, ordered(value)))
                    .collect()
            }
            Value::Array(items) => items.into_iter().map(ordered).collect(),
            plain => plain,
        }
    }
    ordered(serde_json::from_str(text).unwrap()).to_string()
}

/// As long as most documents are, its members in no order.
const DOCUMENT: &str = r#"'{"version": 1, "code": "P' || i || '", "names": {"fr": "État ' || i || '", "en": "State ' || i || '", "ar": "دولة"},
    "kind": "state", "note": "' || text || '", "aliases": [], "created_at": "2018-02-14T00:00:00.000000Z"}'"#;

/// A register whose log has so many entries, each of another record.
async fn with_entries(engine: Engine, entries: u64) -> Database {
    let database = Database::fresh(engine).await;
    let columns = "insert into changes (seq, at, actor, op, resource, record_id, \"key\", version, before, after, reason)";
    let text = "x".repeat(400);
    let document = DOCUMENT.replace("text", &format!("'{text}'"));
    match engine {
        Engine::Sqlite => {
            let sql = format!(
                "with recursive n (i) as (select 1 union all select i + 1 from n where i < {entries})
                 {columns} select i, '2018-02-14T00:00:00+00:00', 'someone', 'create', 'participants', randomblob(16),
                 'P' || i, 1, null, {document}, null from n"
            );
            let mut conn = SqliteConnection::connect(&database.url).await.unwrap();
            conn.execute(AssertSqlSafe(sql)).await.unwrap();
            conn.close().await.unwrap();
        }
        Engine::Postgres => {
            let sql = format!(
                "{columns} select i, '2018-02-14T00:00:00+00:00', 'someone', 'create', 'participants', gen_random_uuid(),
                 'P' || i, 1, null, {document}, null from generate_series(1, {entries}) i"
            );
            let mut conn = PgConnection::connect(&database.url).await.unwrap();
            conn.execute(AssertSqlSafe(sql)).await.unwrap();
            conn.close().await.unwrap();
        }
    }
    database
}

/// That [`Noted`] has met each of so many entries once, and the log has no gap.
async fn all_are_noted_once(url: &str, entries: u64) {
    let db = Db::open(url).await.unwrap();
    let mut conn = db.read().await.unwrap();
    let whole: (i64, i64, i64) = conn
        .one(Sql::new("select count(*), min(seq), max(seq) from changes"))
        .await
        .unwrap();
    let twice = i64::try_from(2 * entries).unwrap();
    assert_eq!(whole, (twice, 1, twice));
    let of_a_record = "select count(*) from (select record_id from changes group by record_id
        having count(*) = 2 and max(version) = 2 and count(reason) = 1) as noted";
    assert_eq!(count(&mut conn, of_a_record).await.unwrap(), entries);
    let step: (i64, bool) = conn
        .one(Sql::new("select done, finished from migration_steps where version = $1").bind(next()))
        .await
        .unwrap();
    assert_eq!(step, (i64::try_from(entries).unwrap(), true));
    drop(conn);
    db.close().await;
}

/// What a program that upgrades is told: which step, and the database.
const UPGRADE: &str = "PLEDGEBOOK_TEST_UPGRADE";

/// A program that upgrades a register, and can be killed.
struct Upgrade {
    child: Child,
    said: BufReader<ChildStdout>,
}

impl Upgrade {
    fn begin(step: &str, url: &str) -> Self {
        Self::by(Command::new(env::current_exe().unwrap()), step, url)
    }

    /// By this very program, or by a shell that ends in it.
    fn by(mut command: Command, step: &str, url: &str) -> Self {
        let mut child = command
            .args(["--exact", "steps::a_program_of_its_own", "--nocapture"])
            .env(UPGRADE, format!("{step} {url}"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Self { child, said }
    }

    /// The next line that it says with this in it.
    fn says(&mut self, what: &str) -> String {
        self.said
            .by_ref()
            .lines()
            .map(Result::unwrap)
            .find(|line| line.contains(what))
            .unwrap_or_else(|| panic!("it ended before it said {what:?}"))
    }
}

impl Drop for Upgrade {
    fn drop(&mut self) {
        // SIGKILL, for which nothing can prepare.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// No story, but what some of them run as a program of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_of_its_own() {
    let Ok(asked) = env::var(UPGRADE) else { return };
    #[cfg(unix)]
    Stop::outlive_file_size_limits().unwrap();
    let (step, url) = asked.split_once(' ').unwrap();
    let migrations = match step {
        "noted" => carrying(Noted),
        _ => carrying(Canonical),
    };
    let begun = Instant::now();
    let db = Db::open(url).await.unwrap();
    match db.migrate(&migrations, |progress| println!("{progress}")).await {
        Ok(()) => {
            let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            let peak = status.lines().find(|line| line.starts_with("VmHWM"));
            let peak = peak.unwrap_or("VmHWM: unknown");
            println!("upgraded in {} ms, {peak}", begun.elapsed().as_millis());
        }
        Err(error) => println!("refused: {error}"),
    }
    db.close().await;
}

/// How many rows are done by then, of what an [`Upgrade`] says.
fn rows_done(line: &str) -> u64 {
    let done = line
        .split_once(": ")
        .and_then(|(_, rest)| rest.split_once(" of "));
    let (done, _) = done.unwrap_or_else(|| panic!("it does not say how far it is: {line}"));
    done.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_killed_goes_on_where_it_stopped() {
    for engine in engines() {
        let database = with_entries(engine, 20_000).await;
        let mut before = 0;
        for _ in 0..4 {
            let mut upgrade = Upgrade::begin("noted", &database.url);
            let first = rows_done(&upgrade.says(" rows"));
            assert!(first >= before, "{first} after {before}");
            upgrade.says(" rows");
            // In the middle of a part, or between two.
            before = rows_done(&upgrade.says(" rows"));
            drop(upgrade);
        }
        let db = Db::open(&database.url).await.unwrap();
        let mut first = None;
        let watch = |progress: Progress| first = first.or(progress.rows);
        db.migrate(&carrying(Noted), watch).await.unwrap();
        db.close().await;
        let (done, all) = first.unwrap();
        assert!(done >= 8_000, "it began again at {done}");
        assert_eq!(all, 20_000);
        all_are_noted_once(&database.url, 20_000).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_start_at_once_take_turns() {
    for engine in engines() {
        let database = with_entries(engine, 20_000).await;
        let mut both = [(); 2].map(|()| Upgrade::begin("noted", &database.url));
        for upgrade in &mut both {
            upgrade.says("upgraded in");
        }
        all_are_noted_once(&database.url, 20_000).await;
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_ran_out_of_disk_goes_on_when_there_is_room() {
    let database = with_entries(Engine::Sqlite, 10_000).await;
    let file = database.url.trim_start_matches("sqlite:");
    // In the units of ulimit; the log beside the file is shorter than it.
    let room = (std::fs::metadata(file).unwrap().len() + 3_000_000) / 512;
    let mut limited = Command::new("sh");
    limited
        .args(["-c", &format!("ulimit -f {room}; exec \"$0\" \"$@\"")])
        .arg(env::current_exe().unwrap());
    let refused = Upgrade::by(limited, "noted", &database.url).says("refused");
    assert!(refused.contains("goes on from there"), "{refused}");
    let mut upgrade = Upgrade::begin("noted", &database.url);
    let first = upgrade.says(" rows");
    assert!(!first.contains(": 0 of"), "{first}");
    upgrade.says("upgraded in");
    all_are_noted_once(&database.url, 10_000).await;
}

/// A step of so many parts, a row each; each asks first whether it may.
struct Marks<F> {
    version: i64,
    rows: u64,
    may: F,
}

impl<F, May> Step for Marks<F>
where
    F: Fn(u64) -> May + Send + Sync,
    May: Future<Output = Result<()>> + Send,
{
    fn version(&self) -> i64 {
        self.version
    }

    fn rows<'a>(&'a self, _: &'a mut Reader) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async { Ok(self.rows) })
    }

    fn advance<'a>(
        &'a self,
        conn: &'a mut Conn,
        after: Option<String>,
    ) -> BoxFuture<'a, Result<Option<Part>>> {
        Box::pin(async move {
            let number = after.map_or(1, |after| after.parse::<u64>().unwrap() + 1);
            if number > self.rows {
                return Ok(None);
            }
            let row = Sql::new("insert into marks (version, number) values ($1, $2)");
            conn.run(row.bind(self.version).bind(i64::try_from(number).unwrap()))
                .await?;
            (self.may)(number).await?;
            Ok(Some(Part {
                end: number.to_string(),
                rows: 1,
            }))
        })
    }
}

/// The program's migrations, one that makes a table, and the step that fills it.
fn marking(step: impl Step + 'static) -> Migrations {
    let mut all = upgrades::all();
    let table =
        "create table marks (version bigint not null, number bigint not null, primary key (version, number))";
    add_sql(&mut all, next(), table);
    all.steps.push(Box::new(step));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_runs_behind_its_sql_and_before_that_of_the_next() {
    for engine in engines() {
        let database = Database::fresh(engine).await;
        let step = |version, rows| Marks {
            version,
            rows,
            may: |_| async { Ok(()) },
        };
        let mut all = marking(step(next(), 3));
        let seen = "create table seen as select count(*) as marks from marks";
        add_sql(&mut all, next() + 1, seen);
        add_sql(&mut all, next() + 2, "-- Nothing but its step.");
        // In whichever order they are named.
        all.steps.insert(0, Box::new(step(next() + 2, 5)));
        let later = "insert into seen select count(*) from marks";
        add_sql(&mut all, next() + 3, later);
        let db = Db::open(&database.url).await.unwrap();
        db.migrate(&all, |_| {}).await.unwrap();
        let seen = Sql::new("select marks from seen order by marks");
        let seen: Vec<(i64,)> = db.read().await.unwrap().all(seen).await.unwrap();
        assert_eq!(seen, [(3,), (8,)]);
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_without_sql_of_its_number_does_not_begin() {
    for engine in engines() {
        let database = Database::fresh(engine).await;
        let mut all = carrying(Canonical);
        all.postgres.migrations.to_mut().pop();
        let db = Db::open(&database.url).await.unwrap();
        let refused = db.migrate(&all, |_| {}).await.unwrap_err().to_string();
        assert!(refused.contains("no SQL of this number"), "{refused}");
        db.migrate(&upgrades::all(), |_| {}).await.unwrap();
        db.close().await;
    }
}

/// A step whose second part fails until it is mended.
fn faulty(is_mended: bool) -> Migrations {
    marking(Marks {
        version: next(),
        rows: 3,
        may: move |number| async move {
            if number == 2 && !is_mended {
                return Err(Error::internal("the second row cannot be read"));
            }
            Ok(())
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_that_is_half_upgraded_is_refused_until_it_is_whole() {
    for engine in engines() {
        let database = Database::fresh(engine).await;
        let db = Db::open(&database.url).await.unwrap();
        let failed = db.migrate(&faulty(false), |_| {}).await.unwrap_err().to_string();
        assert!(failed.contains("the second row cannot be read"), "{failed}");
        // The version before does not know the number; this one knows that it is not whole.
        let before = upgrades::all();
        for refused in [
            db.migrate(&before, |_| {}).await,
            db.require_known_schema(&before).await,
        ] {
            assert!(matches!(refused, Err(OpenError::Newer(_))), "{refused:?}");
        }
        let refused = db.require_known_schema(&faulty(true)).await;
        assert!(matches!(refused, Err(OpenError::Halfway(_))), "{refused:?}");
        db.close().await;

        // Nor can it be made whole where nothing can be written, or nothing be kept for a session.
        let separator = if database.url.contains('?') { '&' } else { '?' };
        let parameter = match engine {
            Engine::Sqlite => "mode=ro",
            Engine::Postgres => "options=-c%20default_transaction_read_only%3Don",
        };
        let db = Db::open(&format!("{}{separator}{parameter}", database.url))
            .await
            .unwrap();
        let refused = db.migrate(&faulty(true), |_| {}).await;
        assert!(
            matches!(refused, Err(OpenError::ReadOnlyAndBehind)),
            "{refused:?}"
        );
        db.close().await;
        if engine == Engine::Postgres {
            let url = format!("{}{separator}pooler=transaction", database.url);
            let db = Db::open(&url).await.unwrap();
            let refused = db.migrate(&faulty(true), |_| {}).await;
            assert!(matches!(refused, Err(OpenError::LentAndBehind)), "{refused:?}");
            db.close().await;
        }

        let db = Db::open(&database.url).await.unwrap();
        let mut told = Vec::new();
        db.migrate(&faulty(true), |progress| told.push(progress.to_string()))
            .await
            .unwrap();
        let number = next();
        let rows = [1, 2, 3].map(|done| format!("migration {number}: {done} of 3 rows"));
        let sql = format!("migration {number}");
        assert_eq!(told[0], sql);
        assert_eq!(told[1..], rows);
        db.require_known_schema(&faulty(true)).await.unwrap();
        let nothing = |progress| panic!("there was nothing to do, but {progress}");
        db.migrate(&faulty(true), nothing).await.unwrap();
        db.close().await;
    }
}

/// What `/readyz` says once it answers so.
async fn ready_as(client: &Client, base: &str, status: StatusCode, with: &str) -> String {
    let begun = Instant::now();
    let mut said = String::new();
    while begun.elapsed() < Duration::from_secs(20) {
        // Where nobody listens yet, somebody will.
        if let Ok(answer) = client.get(format!("{base}/readyz")).send().await {
            let found = answer.status();
            said = answer.text().await.unwrap();
            if found == status && said.contains(with) {
                return said;
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not come to {status}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_a_register_that_is_half_upgraded() {
    for engine in engines() {
        let database = Database::fresh(engine).await;
        let db = Db::open(&database.url).await.unwrap();
        let gate = Gate::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let front = gate.clone();
        let server = tokio::spawn(async move {
            serve::serve(
                listener,
                front,
                Policy::default(),
                Traffic::default(),
                &mut Stop::never(),
            )
            .await
        });
        // Its second part waits until it may.
        let allowed = Arc::new(Semaphore::new(1));
        let waits = allowed.clone();
        let migrations = marking(Marks {
            version: next(),
            rows: 2,
            may: move |_| {
                let waits = waits.clone();
                async move {
                    waits.acquire_owned().await.unwrap().forget();
                    Ok(())
                }
            },
        });
        let opening = async {
            db.migrate(&migrations, |progress| gate.close_for(progress))
                .await
                .unwrap();
            let register = app::register(db.clone()).await.unwrap();
            gate.open(app::front(register, Reading::Public, app::Memory::default()));
        };
        tokio::join!(opening, nobody_reads_until(&base, &allowed));
        server.abort();
        db.close().await;
    }
}

/// That nothing but its health is said until the step may go on; then all is.
async fn nobody_reads_until(base: &str, allowed: &Semaphore) {
    let client = Client::builder().no_proxy().build().unwrap();
    let said = ready_as(&client, base, StatusCode::SERVICE_UNAVAILABLE, "50 %").await;
    assert!(said.contains(&format!("(migration {}, 50 %)", next())), "{said}");
    for (method, path) in [
        (Method::GET, "/v1/pledges"),
        (Method::GET, "/v1/changes?format=csv"),
        (Method::POST, "/v1/participants"),
        (Method::GET, "/"),
        (Method::GET, "/nothing"),
    ] {
        let answer = client
            .request(method, format!("{base}{path}"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.headers()["retry-after"], "10");
        assert!(answer.headers().contains_key("x-request-id"));
        let problem: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(problem["code"], "not_ready");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("is being brought up to date"), "{detail}");
    }
    its_health_is_asked(&client, base).await;

    allowed.add_permits(1);
    ready_as(&client, base, StatusCode::OK, "ready").await;
    its_health_is_asked(&client, base).await;
    let pledges = client.get(format!("{base}/v1/pledges")).send().await.unwrap();
    assert_eq!(pledges.status(), StatusCode::OK);
}

/// That it is alive, in the same words whoever answers: the gate, or the register.
async fn its_health_is_asked(client: &Client, base: &str) {
    for path in ["/healthz", "/healthz/"] {
        let alive = client.get(format!("{base}{path}")).send().await.unwrap();
        assert_eq!(alive.status(), StatusCode::OK, "{path}");
    }
    let refused = client.post(format!("{base}/healthz")).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.headers()["allow"], "GET,HEAD");
    let problem: Value = serde_json::from_str(&refused.text().await.unwrap()).unwrap();
    assert_eq!(
        problem["detail"],
        "/healthz does not answer to POST, but to GET,HEAD."
    );
}

/// A register of the first schema, and what keeps it from being brought up to date until it is let go.
async fn held_up(engine: Engine) -> (Database, Box<dyn FnOnce() -> BoxFuture<'static, ()>>) {
    let database = Database::blank(engine).await;
    let all = upgrades::all();
    match engine {
        Engine::Sqlite => {
            let db = Db::open(&database.url).await.unwrap();
            let mut conn = SqliteConnection::connect(&database.url).await.unwrap();
            all.sqlite.run_to(1, &mut conn).await.unwrap();
            db.close().await;
            conn.execute("begin immediate").await.unwrap();
            (
                database,
                Box::new(|| Box::pin(async { conn.close().await.unwrap() })),
            )
        }
        Engine::Postgres => {
            let mut conn = PgConnection::connect(&database.url).await.unwrap();
            all.postgres.run_to(1, &mut conn).await.unwrap();
            conn.execute("begin; lock table rates").await.unwrap();
            (
                database,
                Box::new(|| Box::pin(async { conn.close().await.unwrap() })),
            )
        }
    }
}

/// Tells a program to stop; what it exits with, unless it goes on for longer than any that was told.
#[cfg(unix)]
async fn stopped(mut program: tokio::process::Child) -> Option<i32> {
    let stop = format!("kill -TERM {}", program.id().unwrap());
    assert!(Command::new("sh").args(["-c", &stop]).status().unwrap().success());
    let ended = tokio::time::timeout(Duration::from_secs(30), program.wait()).await;
    ended.expect("it does not stop").unwrap().code()
}

/// Whether `pledgebook healthcheck` finds it well, and what it says.
#[cfg(unix)]
fn health_checked(base: &str, args: &[&str]) -> (bool, String) {
    let asked = program::bare()
        .args(["healthcheck", "--url", base])
        .args(args)
        .output()
        .unwrap();
    let said = [asked.stdout, asked.stderr].concat();
    (asked.status.success(), String::from_utf8(said).unwrap())
}

/// Begins a program in the background, its log for nobody.
#[cfg(unix)]
fn started(command: Command) -> tokio::process::Child {
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true).stderr(Stdio::null()).spawn().unwrap()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_program_listens_while_it_upgrades_and_can_be_stopped() {
    for engine in engines() {
        let (database, let_go) = held_up(engine).await;
        let address = program::free_address();
        let base = format!("http://{address}");
        let client = Client::builder().no_proxy().build().unwrap();
        let begin = || started(Program::command(&database.url, &address, [""; 0]));
        let program = begin();
        let said = ready_as(&client, &base, StatusCode::SERVICE_UNAVAILABLE, "up to date").await;
        assert!(said.contains("(migration "), "{said}");
        its_health_is_asked(&client, &base).await;
        let (is_ready, said) = health_checked(&base, &[]);
        assert!(
            !is_ready && said.contains("is being brought up to date"),
            "{said}"
        );
        let (is_alive, said) = health_checked(&base, &["--alive"]);
        assert!(is_alive && said.contains("is alive"), "{said}");
        assert_eq!(stopped(program).await, Some(0));

        let _program = begin();
        ready_as(&client, &base, StatusCode::SERVICE_UNAVAILABLE, "up to date").await;
        let_go().await;
        ready_as(&client, &base, StatusCode::OK, "ready").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_that_writes_for_long_is_waited_for() {
    for engine in engines() {
        let (database, let_go) = held_up(engine).await;
        let command = Program::command(&database.url, "127.0.0.1:0", ["--log-format", "json"]);
        let mut command = tokio::process::Command::from(command);
        let mut program = command.kill_on_drop(true).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = tokio::io::BufReader::new(program.stderr.take().unwrap()).lines();
        let held = async {
            // Longer than a write is patient.
            tokio::time::sleep(Duration::from_secs(12)).await;
            let_go().await;
        };
        let told = async {
            let mut told = Vec::new();
            while let Some(line) = log.next_line().await.unwrap() {
                let line: Value = serde_json::from_str(&line).unwrap();
                let message = line["fields"]["message"].as_str().unwrap().to_owned();
                if message == "ready" {
                    return told;
                }
                told.push(message);
            }
            panic!("it ended before it was ready: {told:?}");
        };
        let told = async {
            let told = tokio::time::timeout(Duration::from_mins(1), told).await;
            told.expect("it does not get ready")
        };
        let (told, ()) = tokio::join!(told, held);
        assert_eq!(told[..2], ["listening", "the SQL of a migration runs"]);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_can_be_stopped_while_it_upgrades() {
    for engine in engines() {
        let (database, let_go) = held_up(engine).await;
        let address = program::free_address();
        let mut demo = program::bare();
        demo.args(["demo", "--listen", &address, "--database-url", &database.url]);
        let demo = started(demo);
        let begun = Instant::now();
        while tokio::net::TcpStream::connect(&address).await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Until it has begun to upgrade, most likely: a demo says nothing of that.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(stopped(demo).await, Some(0));
        let_go().await;
    }
}

/// How many entries a long log has.
fn entries() -> u64 {
    env::var("UPGRADES_ENTRIES").map_or(20_000, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_written_anew() {
    let entries = entries();
    for engine in engines() {
        let database = with_entries(engine, entries).await;
        let said = Upgrade::begin("canonical", &database.url).says("upgraded in");
        println!("{engine:?}, {entries} entries written anew: {said}");
        let db = Db::open(&database.url).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let left = "select count(*) from changes where after not like '{\"aliases\":[],\"code\":\"P%'";
        assert_eq!(count(&mut conn, left).await.unwrap(), 0);
        let all = "select count(*) from changes";
        assert_eq!(count(&mut conn, all).await.unwrap(), entries);
        drop(conn);
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_gets_as_many_entries_again() {
    let entries = entries();
    for engine in engines() {
        let database = with_entries(engine, entries).await;
        let said = Upgrade::begin("noted", &database.url).says("upgraded in");
        println!("{engine:?}, {entries} entries added: {said}");
        all_are_noted_once(&database.url, entries).await;
    }
}
