//! The real program, as an operator meets it: what it prints, how it ends, what it leaves behind.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)] // Clippy's own exception covers test functions, not what they share.

mod support;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use pledgebook::{
    db::{Db, Sql},
    upgrades,
};
use support::{Database, Engine, program};
use tempfile::TempDir;

/// The program in a directory of its own.
fn pledgebook(directory: &Path) -> Command {
    let mut command = program::bare();
    command.current_dir(directory).stdin(Stdio::null());
    command
}

fn run(directory: &Path, args: &[&str]) -> Output {
    pledgebook(directory).args(args).output().unwrap()
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).unwrap()
}

/// That the program refused with exit code 1 and one line, which says `what`.
#[track_caller]
fn assert_refused(output: &Output, what: &str) {
    let said = err(output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(out(output), "");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("pledgebook: "), "{said}");
    assert!(said.contains(what), "{said}");
}

/// The program while it serves. Killed when a test fails.
struct Running {
    child: Child,
    /// Where it says that it is.
    url: String,
    /// The line that said so.
    line: String,
}

impl Running {
    fn start(mut command: Command, on: fn(&mut Child) -> Box<dyn Read + Send>) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(on(&mut child)).lines().map(Result::unwrap);
        let line = lines
            .find(|line| line.contains("http://"))
            .expect("it stopped before it was ready");
        let (_, rest) = line.split_once("http://").unwrap();
        let authority: String = rest
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || ".:[]".contains(*c))
            .collect();
        let url = format!("http://{authority}");
        // Read on, so that the program never waits for us.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, line }
    }

    fn serve(directory: &Path, args: &[&str]) -> Self {
        let mut command = pledgebook(directory);
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(args);
        Self::start(command, |child| Box::new(child.stderr.take().unwrap()))
    }

    /// Status and body of what is at `path`.
    fn get(&self, path: &str) -> (u16, serde_json::Value) {
        self.ask(path, "")
    }

    /// The same for who comes with a key.
    fn get_with(&self, path: &str, key: &str) -> (u16, serde_json::Value) {
        self.ask(path, &format!("Authorization: Bearer {key}\r\n"))
    }

    fn ask(&self, path: &str, headers: &str) -> (u16, serde_json::Value) {
        let mut stream = TcpStream::connect(self.url.strip_prefix("http://").unwrap()).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: here\r\n{headers}Connection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head.split(' ').nth(1).unwrap().parse().unwrap(),
            serde_json::from_str(body).unwrap(),
        )
    }

    /// Sends a signal and waits for the end; its exit code.
    fn stop(mut self, signal: &str) -> Option<i32> {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let told = Instant::now();
        while told.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it does not stop");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_new_key_is_printed_alone() {
    let directory = directory();
    let made = run(
        directory.path(),
        &["key", "create", "--name", "desk", "--role", "editor"],
    );
    assert!(made.status.success(), "{}", err(&made));
    assert_eq!(err(&made), "");
    let secret = out(&made).strip_suffix('\n').unwrap();
    assert!(
        secret.starts_with("pbk_") && secret.bytes().all(|byte| byte.is_ascii_graphic()),
        "{secret}"
    );

    let list = run(directory.path(), &["key", "list"]);
    assert!(out(&list).contains("editor") && out(&list).contains("live") && out(&list).contains("desk"));
    assert!(!out(&list).contains(secret));

    assert_refused(
        &run(
            directory.path(),
            &["key", "create", "--name", "desk", "--role", "admin"],
        ),
        "a key named",
    );
    assert!(run(directory.path(), &["key", "revoke", "desk"]).status.success());
    assert_refused(
        &run(directory.path(), &["key", "revoke", "desk"]),
        "it was revoked before",
    );
    assert_refused(&run(directory.path(), &["key", "revoke", "none"]), "no key named");
    assert!(out(&run(directory.path(), &["key", "list"])).contains("revoked"));
}

#[tokio::test]
async fn a_name_from_before_is_listed_by_what_cannot_be_seen() {
    let directory = directory();
    let create = &["key", "create", "--name", "desk", "--role", "editor"];
    assert!(run(directory.path(), create).status.success());
    let url = Db::file_url(&directory.path().join("pledgebook.db"));
    let db = Db::open(&url).await.unwrap();
    let mut conn = db.begin().await.unwrap();
    let rename = Sql::new("update keys set name = $1").bind("de\u{202e}sk\u{1b}[2K".to_owned());
    conn.run(rename).await.unwrap();
    conn.commit().await.unwrap();
    db.close().await;
    let list = run(directory.path(), &["key", "list"]);
    assert!(out(&list).contains("  de\\u{202e}sk\\u{1b}[2K"), "{}", out(&list));
}

#[test]
fn a_key_is_confined_ends_and_is_rotated() {
    let directory = directory();
    let key = |arguments: &[&str]| run(directory.path(), &[&["key"], arguments].concat());
    let create = |arguments: &[&str]| key(&[&["create", "--name"], arguments].concat());
    let rates = [
        "rates",
        "--role",
        "editor",
        "--resource",
        "rates",
        "--resource",
        "articles",
    ];
    assert!(
        create(&[&rates[..], &["--expires-in", "90d", "--note", "n"]].concat())
            .status
            .success()
    );
    for (arguments, told) in [
        (
            &["x", "--role", "editor", "--expires-at", "2020-01-01T00:00:00Z"][..],
            "expires_at is not in the future",
        ),
        (
            &["x", "--role", "editor", "--expires-at", "soon"],
            "expires_at must be a moment",
        ),
        (
            &["x", "--role", "reader", "--resource", "rates"],
            "resources says what a key writes",
        ),
        (
            &["x", "--role", "editor", "--participant", "NOBODY"],
            "participant names participants/NOBODY",
        ),
        (&["  ", "--role", "editor"], "name must not be blank"),
        (
            &["x", "--role", "editor", "--expires-in", "0"],
            "name a later moment",
        ),
        (
            &["a\u{202e}b", "--role", "editor"],
            "name must not contain U+202E",
        ),
        (
            &["pledgebook", "--role", "admin"],
            "name is what the log calls the program itself",
        ),
    ] {
        assert_refused(&create(arguments), told);
    }
    assert_eq!(
        create(&["x", "--role", "editor", "--resource", "members"])
            .status
            .code(),
        Some(2)
    );
    let list = key(&["list"]);
    let line = out(&list).lines().nth(1).unwrap();
    for part in ["editor", "never", "until 2", "rates,articles", "rates"] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    let rotated = key(&["rotate", "rates", "--overlap", "1d"]);
    assert!(out(&rotated).starts_with("pbk_"), "{}", err(&rotated));
    assert_refused(
        &key(&["rotate", "rates", "--overlap", "8d"]),
        "the overlap must be from 0 to 604800",
    );
    assert_refused(&key(&["rotate", "nobody"]), "no key named");
}

#[test]
fn a_key_is_changed_by_what_is_named_of_it() {
    let directory = directory();
    let key = |arguments: &[&str]| run(directory.path(), &[&["key"], arguments].concat());
    let made = key(&[
        "create",
        "--name",
        "desk",
        "--role",
        "editor",
        "--resource",
        "rates",
    ]);
    assert!(made.status.success(), "{}", err(&made));
    for (arguments, told) in [
        (
            &["desk", "--expires-in", "90d"][..],
            &["until 2", "rates", "desk"][..],
        ),
        (
            &[
                "desk",
                "--resource",
                "articles",
                "--resource",
                "rates",
                "--name",
                "new desk",
            ],
            &["until 2", "articles,rates", "new desk"],
        ),
        (
            &["new desk", "--all-resources", "--no-expiry", "--note", "n"],
            &["live", " -  ", "new desk"],
        ),
        (&["new desk"], &["editor", "live", "new desk"]),
    ] {
        let changed = key(&[&["change"], arguments].concat());
        let line = out(&changed).lines().nth(1).unwrap_or_default().to_owned();
        for part in told {
            assert!(line.contains(part), "{part} is not in {line}{}", err(&changed));
        }
        assert!(out(&key(&["list"])).contains(&line));
    }
    for (arguments, told) in [
        (&["desk", "--no-note"][..], "no key named \"desk\" to change"),
        (
            &["new desk", "--expires-at", "2020-01-01T00:00:00Z"],
            "expires_at is not in the future",
        ),
        (
            &["new desk", "--participant", "NOBODY"],
            "participant names participants/NOBODY",
        ),
    ] {
        assert_refused(&key(&[&["change"], arguments].concat()), told);
    }
    let both = key(&["change", "new desk", "--no-expiry", "--expires-in", "1d"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn an_unknown_role_is_answered_with_the_known_ones() {
    let directory = directory();
    let refused = run(
        directory.path(),
        &["key", "create", "--name", "desk", "--role", "owner"],
    );
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        err(&refused).contains("reader, editor, admin"),
        "{}",
        err(&refused)
    );
}

#[test]
fn an_address_in_use_is_refused_in_one_line() {
    let directory = directory();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in ["serve", "demo"] {
        assert_refused(
            &run(directory.path(), &[command, "--listen", &address]),
            "the address is in use",
        );
    }
}

#[test]
fn an_address_of_another_machine_is_refused_in_one_line() {
    let directory = directory();
    // 192.0.2.0/24 is for documentation: no machine has it.
    assert_refused(
        &run(directory.path(), &["serve", "--listen", "192.0.2.1:8080"]),
        "no such address",
    );
}

#[test]
fn a_postgres_that_is_not_there_is_refused_in_one_line_without_its_password() {
    let directory = directory();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("postgres://someone:s3cret@{closed}/register");
    let refused = run(directory.path(), &["serve", "--database-url", &url]);
    assert_refused(&refused, &closed.to_string());
    assert!(!err(&refused).contains("s3cret"));
}

#[test]
fn a_password_that_breaks_its_url_is_not_taken_for_the_host() {
    let directory = directory();
    let refused = run(
        directory.path(),
        &[
            "migrate",
            "--database-url",
            "postgres://someone:s3@cr/e?t@there/register",
        ],
    );
    assert_refused(&refused, "%40");
    for part in ["s3", "cr/", "e?t"] {
        assert!(!err(&refused).contains(part), "{}", err(&refused));
    }
}

#[test]
fn no_password_is_in_the_help() {
    let directory = directory();
    let help = pledgebook(directory.path())
        .args(["serve", "--help"])
        .env("DATABASE_URL", "postgres://someone:s3cret@there/register")
        .output()
        .unwrap();
    assert!(out(&help).contains("DATABASE_URL"));
    assert!(!out(&help).contains("s3cret"));
}

#[test]
fn the_database_s_url_may_stand_in_a_file() {
    let directory = directory();
    let path = directory.path();
    std::fs::write(path.join("url"), "sqlite:secret.db\n").unwrap();
    for command in [&["migrate"][..], &["key", "list"], &["totals", "verify"]] {
        let said = run(path, &[command, &["--database-url-file", "url"]].concat());
        assert_eq!(said.status.code(), Some(0), "{}", err(&said));
    }
    assert!(path.join("secret.db").exists() && !path.join("pledgebook.db").exists());
    // A flag wins over a variable, whichever of the two is said.
    let with = |args: &[&str], variables: &[(&str, &str)]| {
        let mut command = pledgebook(path);
        command
            .args(args)
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    };
    let of_file = ("DATABASE_URL_FILE", "url");
    for (args, variables, made) in [
        (&["migrate"][..], &[of_file][..], "secret.db"),
        (
            &["migrate", "--database-url-file", "url"],
            &[("DATABASE_URL", "sqlite:variable.db")],
            "secret.db",
        ),
        (
            &["migrate", "--database-url", "sqlite:flag.db"],
            &[of_file],
            "flag.db",
        ),
        (
            &["migrate", "--database-url", "sqlite:flag.db"],
            &[of_file, ("DATABASE_URL", "sqlite:variable.db")],
            "flag.db",
        ),
    ] {
        std::fs::remove_file(path.join(made)).ok();
        let said = with(args, variables);
        assert_eq!(said.status.code(), Some(0), "{}", err(&said));
        assert!(path.join(made).exists() && !path.join("variable.db").exists());
    }
    for (args, variables) in [
        (
            &["migrate"][..],
            &[of_file, ("DATABASE_URL", "sqlite:variable.db")][..],
        ),
        (
            &[
                "migrate",
                "--database-url",
                "sqlite:flag.db",
                "--database-url-file",
                "url",
            ],
            &[],
        ),
    ] {
        assert_refused(&with(args, variables), "is said twice");
    }
    for (text, what) in [
        (None, "cannot be read: No such file"),
        (Some(""), "in one line"),
        (Some("\n"), "in one line"),
        (Some("sqlite:a.db\nsqlite:b.db\n"), "in one line"),
        (Some("mysql://there/register"), "mysql"),
    ] {
        std::fs::remove_file(path.join("other")).ok();
        if let Some(text) = text {
            std::fs::write(path.join("other"), text).unwrap();
        }
        let refused = run(path, &["serve", "--database-url-file", "other"]);
        let said = err(&refused).lines().last().unwrap_or_default();
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains(what), "{text:?}: {said}");
    }
    for (file, what) in [
        (".", "is a directory; name a file"),
        ("/dev/zero", "more than 65536 bytes"),
    ] {
        assert_refused(&run(path, &["migrate", "--database-url-file", file]), what);
    }
    std::fs::write(path.join("other"), b"sqlite:caf\xe9.db").unwrap();
    let refused = run(path, &["migrate", "--database-url-file", "other"]);
    assert_refused(&refused, "is not UTF-8");
    std::fs::write(path.join("other"), "\u{feff}sqlite:marked.db\r\n").unwrap();
    let migrated = run(path, &["migrate", "--database-url-file", "other"]);
    assert!(migrated.status.success(), "{}", err(&migrated));
    assert!(path.join("marked.db").exists());
}

#[test]
fn a_variable_that_is_empty_says_nothing() {
    let directory = directory();
    let help = run(directory.path(), &["serve", "--help"]);
    let variables: Vec<_> = out(&help)
        .split("[env: ")
        .skip(1)
        .filter_map(|rest| rest.split_once('=').map(|(name, _)| name.to_owned()))
        .collect();
    assert!(variables.len() > 15, "{variables:?}");
    let with_empty = |args: &[&str]| {
        let mut command = pledgebook(directory.path());
        command.args(args).envs(variables.iter().map(|name| (name, "")));
        command
    };
    let serve = with_empty(&["serve", "--listen", "127.0.0.1:0"]);
    let running = Running::start(serve, |child| Box::new(child.stderr.take().unwrap()));
    assert_eq!(running.get("/v1/meetings").0, 200);
    assert!(directory.path().join("pledgebook.db").exists());
    drop(running);
    let listed = with_empty(&["key", "list"]).output().unwrap();
    assert!(listed.status.success(), "{}", err(&listed));
    // Flags are said by somebody.
    let refused = with_empty(&["serve", "--rate-limit", ""]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
}

#[test]
fn what_does_nothing_alone_is_a_warning() {
    let directory = directory();
    let warnings = |args: &[&str]| {
        let mut command = pledgebook(directory.path());
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let lines: Vec<_> = lines
            .map(Result::unwrap)
            .take_while(|line| !line.contains("http://"))
            .filter(|line| line.contains("WARN"))
            .collect();
        child.kill().unwrap();
        child.wait().unwrap();
        lines
    };
    let loopback = warnings(&["--rate-limit-loopback"]);
    assert!(
        loopback.len() == 1 && loopback[0].contains("without --rate-limit"),
        "{loopback:?}"
    );
    let header = warnings(&[
        "--forwarded-by",
        "forwarded",
        "--rate-limit",
        "5",
        "--rate-limit-loopback",
    ]);
    assert!(
        header.len() == 1 && header[0].contains("without --trusted-proxies"),
        "{header:?}"
    );
    let none = warnings(&["--forwarded-by", "forwarded", "--trusted-proxies", "10.0.0.0/8"]);
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn a_limit_is_said_by_a_flag_or_a_variable() {
    let directory = directory();
    let help = run(directory.path(), &["serve", "--help"]);
    for said in [
        "--rate-limit <NUMBER>",
        "[env: RATE_LIMIT=]",
        "--rate-limit-loopback",
        "[env: RATE_LIMIT_LOOPBACK=]",
        "[env: DATABASE_URL_FILE=]",
    ] {
        assert!(out(&help).contains(said), "{said}");
    }
    for bad in ["-1", "many", "1000001"] {
        let refused = run(directory.path(), &["serve", &format!("--rate-limit={bad}")]);
        assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
        assert!(err(&refused).contains("--rate-limit"), "{}", err(&refused));
    }
    let mut serve = pledgebook(directory.path());
    serve
        .args(["serve", "--listen", "127.0.0.1:0", "--rate-limit", "1"])
        .env("RATE_LIMIT_LOOPBACK", "yes");
    let running = Running::start(serve, |child| Box::new(child.stderr.take().unwrap()));
    let statuses: Vec<_> = (0..3).map(|_| running.get("/v1/meetings").0).collect();
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
}

#[test]
fn a_database_url_of_another_kind_is_refused_in_one_line() {
    let directory = directory();
    assert_refused(
        &run(directory.path(), &["migrate", "--database-url", ""]),
        "is empty",
    );
    assert_refused(
        &run(
            directory.path(),
            &["migrate", "--database-url", "mysql://there/register"],
        ),
        "mysql",
    );
}

#[test]
fn a_missing_directory_is_named() {
    let directory = directory();
    assert_refused(
        &run(
            directory.path(),
            &["serve", "--database-url", "sqlite:data/register.db"],
        ),
        "the directory data",
    );
}

#[test]
fn a_file_that_is_no_database_is_refused_in_one_line() {
    let directory = directory();
    std::fs::write(
        directory.path().join("pledgebook.db"),
        "Dear diary, ".repeat(1000),
    )
    .unwrap();
    assert_refused(&run(directory.path(), &["serve"]), "not a database");
}

#[test]
fn what_can_be_no_register_leaves_no_file() {
    let directory = directory();
    for (url, why) in [
        ("sqlite::memory:", "in memory"),
        ("sqlite:%3Amemory%3A", "in memory"),
        ("sqlite:%3AMemory%3a?mode=rwc", "in memory"),
        ("sqlite:there.db?mode=memory", "in memory"),
        ("sqlite:there.db?mode=ro", "there.db"),
    ] {
        let refused = run(directory.path(), &["migrate", "--database-url", url]);
        assert_refused(&refused, why);
        let left = std::fs::read_dir(directory.path()).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{url}: {left:?}");
    }
}

#[test]
fn a_pooler_that_lends_sessions_keeps_no_statements() {
    let directory = directory();
    for parameters in [
        "pooler=transaction&statement-cache-capacity=100",
        "statement-cache-capacity=0&pooler=transaction",
    ] {
        let url = format!("postgres://someone:s3cret@there/register?{parameters}");
        let refused = run(directory.path(), &["migrate", "--database-url", &url]);
        assert_refused(&refused, "statement-cache-capacity");
        assert!(!err(&refused).contains("s3cret"));
    }
}

#[tokio::test]
async fn a_server_knows_the_program_by_the_name_in_its_url() {
    let Some(engine) = Engine::postgres() else { return };
    let database = Database::fresh(engine).await;
    let separator = if database.url.contains('?') { '&' } else { '?' };
    let named = format!("{}{separator}application_name=desk%20two", database.url);
    for (url, name) in [(&database.url, "pledgebook"), (&named, "desk two")] {
        let db = Db::open(url).await.unwrap();
        let sql = "select application_name from pg_stat_activity where pid = pg_backend_pid()";
        let (seen,): (String,) = db.read().await.unwrap().one(Sql::new(sql)).await.unwrap();
        assert_eq!(seen, name);
        db.close().await;
    }
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused_in_one_line() {
    let directory = directory();
    let url = Db::file_url(&directory.path().join("pledgebook.db"));
    let db = Db::open(&url).await.unwrap();
    db.migrate(&upgrades::all(), |_| {}).await.unwrap();
    db.close().await;
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'of the future', true, x'00', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    // What `serve` logs before it looks at the schema is beside the point.
    for command in [
        &["serve", "--log", "warn"][..],
        &["totals", "verify"],
        &["totals", "rebuild"],
    ] {
        assert_refused(&run(directory.path(), command), "schema 9999, which is newer");
    }
}

#[test]
fn it_serves_until_it_is_told_to_stop() {
    for signal in ["TERM", "INT"] {
        let directory = directory();
        let running = Running::serve(directory.path(), &[]);
        assert_eq!(
            running.get("/healthz"),
            (200, serde_json::json!({ "status": "ok" }))
        );
        let (status, ready) = running.get("/readyz");
        assert_eq!((status, &ready["status"]), (200, &"ready".into()));
        assert!(
            ready["engine"].as_str().unwrap().starts_with("SQLite 3."),
            "{ready}"
        );
        let (status, version) = running.get("/version");
        assert_eq!(
            (status, &version["version"]),
            (200, &env!("CARGO_PKG_VERSION").into())
        );

        let asked = run(directory.path(), &["healthcheck", "--url", &running.url]);
        assert!(asked.status.success(), "{}", err(&asked));
        assert!(out(&asked).contains("is ready: SQLite"));
        let asked = pledgebook(directory.path())
            .arg("healthcheck")
            .env(
                "LISTEN",
                running
                    .url
                    .strip_prefix("http://")
                    .unwrap()
                    .replace("127.0.0.1", "0.0.0.0"),
            )
            .output()
            .unwrap();
        assert!(asked.status.success(), "{}", err(&asked));

        let url = running.url.clone();
        let alive = ["healthcheck", "--alive", "--url", &url];
        let asked = run(directory.path(), &alive);
        assert!(asked.status.success(), "{}", err(&asked));
        assert_eq!(out(&asked), format!("{url} is alive\n"));

        assert_eq!(running.stop(signal), Some(0));
        assert_refused(
            &run(directory.path(), &["healthcheck", "--url", &url]),
            "is not ready",
        );
        assert_refused(&run(directory.path(), &alive), "is not alive");
        // The log is folded in at the end, so that the one file is the whole register.
        let left: Vec<_> = std::fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["pledgebook.db"]);
    }
}

#[test]
fn a_private_register_is_still_asked_for_its_health() {
    let directory = directory();
    let running = Running::serve(directory.path(), &["--private"]);
    assert_eq!(running.get("/v1/changes").0, 401);
    for path in ["/healthz", "/readyz", "/version"] {
        assert_eq!(running.get(path).0, 200, "{path}");
    }
}

#[test]
fn the_log_can_be_read_by_programs() {
    let directory = directory();
    let running = Running::serve(directory.path(), &["--log-format", "json"]);
    let line: serde_json::Value = serde_json::from_str(&running.line).unwrap();
    assert_eq!(line["fields"]["url"], running.url.as_str());
}

#[test]
fn a_demo_leaves_nothing_behind() {
    for signal in ["TERM", "INT"] {
        let directory = directory();
        let mut command = pledgebook(directory.path());
        command
            .args(["demo", "--listen", "127.0.0.1:0"])
            .env("TMPDIR", directory.path());
        let running = Running::start(command, |child| Box::new(child.stdout.take().unwrap()));
        assert_eq!(running.get("/readyz").0, 200);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
        assert_eq!(running.stop(signal), Some(0));
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}

/// A demo on a database that stays, with what its environment says of its key.
fn demo(directory: &Path, url: &str, key: Option<&str>) -> Command {
    let mut command = pledgebook(directory);
    command.args(["demo", "--listen", "127.0.0.1:0", "--database-url", url]);
    if let Some(key) = key {
        command.env("PLEDGEBOOK_DEMO_KEY", key);
    }
    command
}

#[test]
fn a_demo_fills_an_empty_database_that_is_named_and_no_other() {
    let directory = directory();
    let made = run(
        directory.path(),
        &["key", "create", "--name", "desk", "--role", "editor"],
    );
    assert!(made.status.success());
    let refused = demo(directory.path(), "sqlite:pledgebook.db", None)
        .output()
        .unwrap();
    assert_refused(&refused, "--database-url");

    let serving = Running::serve(directory.path(), &["--database-url", "sqlite:served.db"]);
    assert_eq!(serving.stop("TERM"), Some(0));
    let refused = demo(directory.path(), "sqlite:served.db", None).output().unwrap();
    assert_refused(&refused, "--database-url");
}

#[test]
fn a_demo_goes_on_with_the_database_that_one_filled() {
    let directory = directory();
    let start = |key: Option<&str>| {
        Running::start(demo(directory.path(), "sqlite:kept.db", key), |child| {
            Box::new(child.stdout.take().unwrap())
        })
    };
    let first = "pbk_the-first-of-two-keys-for-tests";
    let second = "pbk_the-second-of-two-keys-for-tests";
    let status = |running: &Running, key: &str| running.get_with("/v1/me", key).0;
    let meeting = "/v1/meetings/global-coalition-kuwait-2018";

    let running = start(Some(first));
    let (found, before) = running.get(meeting);
    assert_eq!(found, 200);
    assert_eq!(status(&running, first), 200);
    assert_eq!(running.stop("KILL"), None);

    // With the same key, with another one, with one that nobody knows, and with the first again.
    for (key, good, bad) in [
        (Some(first), first, second),
        (Some(second), second, first),
        (None, "", second),
        (Some(first), first, second),
    ] {
        let running = start(key);
        assert_eq!(running.get(meeting), (200, before.clone()));
        if !good.is_empty() {
            let (found, me) = running.get_with("/v1/me", good);
            assert_eq!(
                (found, &me["role"], &me["name"]),
                (200, &"admin".into(), &"demo".into())
            );
        }
        assert_eq!(status(&running, bad), 401);
        assert_eq!(running.stop("TERM"), Some(0));
    }
    let listed = run(
        directory.path(),
        &["key", "list", "--database-url", "sqlite:kept.db"],
    );
    let live = out(&listed)
        .lines()
        .filter(|line| line.contains(" live ") && line.starts_with("admin"));
    assert_eq!(live.count(), 1, "{}", out(&listed));
}

#[test]
fn the_key_of_a_demo_has_the_form_of_a_key_and_is_no_servers() {
    let directory = directory();
    for bad in ["secret", "pbk_short", "pbk_with a space in the middle of it"] {
        let refused = demo(directory.path(), "sqlite:kept.db", Some(bad))
            .output()
            .unwrap();
        assert_refused(&refused, "PLEDGEBOOK_DEMO_KEY");
        assert!(!err(&refused).contains(bad), "{}", err(&refused));
        assert!(!directory.path().join("kept.db").exists());
    }
    let key = "pbk_only-for-the-tests-of-my-project";
    let mut command = pledgebook(directory.path());
    command
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("PLEDGEBOOK_DEMO_KEY", key);
    let serving = Running::start(command, |child| Box::new(child.stderr.take().unwrap()));
    assert_eq!(serving.get_with("/v1/me", key).0, 401);
    assert_eq!(serving.stop("TERM"), Some(0));
}

#[test]
fn it_says_its_version() {
    let directory = directory();
    let said = run(directory.path(), &["--version"]);
    assert_eq!(
        out(&said).trim(),
        concat!("pledgebook ", env!("CARGO_PKG_VERSION"))
    );
}

/// Runs `pledgebook rates load` with a table on its standard input.
fn load(directory: &Path, url: &str, table: &str, args: &[&str]) -> Output {
    let mut child = pledgebook(directory)
        .args(["rates", "load", "-", "--database-url", url])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may refuse its arguments before it has read anything.
    child.stdin.take().unwrap().write_all(table.as_bytes()).ok();
    child.wait_with_output().unwrap()
}

/// What stands in the register: currency, day, rate, source, and whether it is waived.
async fn rates_of(url: &str) -> Vec<(String, String, String, bool)> {
    let db = Db::open(url).await.unwrap();
    let sql = "select currency, per_usd, source, waived from rates order by currency, \"date\", source";
    let rates = db.read().await.unwrap().all(Sql::new(sql)).await.unwrap();
    db.close().await;
    rates
}

const TABLE: &str = "Date,USD,JPY,GBP,HRK,\n\
    2018-02-16,1.2464,132.24,0.88675,7.4365,\n\
    2018-02-15,1.2493,132.75,0.88725,7.4425,\n\
    2018-02-14,1.2348,132.88,0.89150,7.4430,\n\
    2018-02-13,1.2333,N/A,0.88890,,\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_rates_is_loaded_and_loaded_again() {
    for engine in [Some(Engine::Sqlite), Engine::postgres()].into_iter().flatten() {
        let database = Database::fresh(engine).await;
        let directory = directory();
        let loaded = load(directory.path(), &database.url, TABLE, &["--source", "ECB"]);
        assert!(loaded.status.success(), "{}", err(&loaded));
        assert_eq!(
            out(&loaded),
            "11 rates: 11 created, 0 updated, 0 unchanged, 0 refused; 0 waived, 0 unjudged\n"
        );
        assert!(err(&loaded).contains("HRK (3)"), "{}", err(&loaded));
        let rates = rates_of(&database.url).await;
        assert_eq!(rates.len(), 11);
        assert_eq!(
            rates[1],
            (
                "EUR".to_owned(),
                "0.809847748623258827".to_owned(),
                "ECB".to_owned(),
                false
            )
        );
        // Another figure for the same day and source takes its place.
        let other = TABLE.replace("132.88", "132.89");
        let other = load(directory.path(), &database.url, &other, &["--source", " ECB "]);
        assert!(
            out(&other).contains("0 created, 1 updated, 10 unchanged"),
            "{}",
            out(&other)
        );
        load(directory.path(), &database.url, TABLE, &["--source", "ECB"]);
        let again = load(directory.path(), &database.url, TABLE, &["--source", "ECB"]);
        assert!(
            out(&again).contains("0 created, 0 updated, 11 unchanged"),
            "{}",
            out(&again)
        );
        // As any write does, it stands in the log.
        let db = Db::open(&database.url).await.unwrap();
        let sql =
            "select actor, reason, count(*) from changes where resource = 'rates' group by actor, reason";
        let changes: Vec<(String, String, i64)> = db.read().await.unwrap().all(Sql::new(sql)).await.unwrap();
        db.close().await;
        let expected = (
            "pledgebook".to_owned(),
            "rates loaded from standard input".to_owned(),
            11 + 2,
        );
        assert_eq!(changes, [expected]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_rates_are_listed_and_the_rest_is_loaded() {
    for engine in [Some(Engine::Sqlite), Engine::postgres()].into_iter().flatten() {
        let database = Database::fresh(engine).await;
        let directory = directory();
        let wild = TABLE.replace("132.75", "13.275").replace("0.89150", "89.150");
        let some = load(directory.path(), &database.url, &wild, &["--source", "ECB"]);
        assert_eq!(some.status.code(), Some(3), "{}", err(&some));
        assert_eq!(
            out(&some),
            "11 rates: 9 created, 0 updated, 0 unchanged, 2 refused; 0 waived, 0 unjudged\n"
        );
        let refused: Vec<_> = err(&some)
            .lines()
            .filter(|line| line.starts_with("refused: "))
            .collect();
        assert_eq!(refused.len(), 2, "{}", err(&some));
        assert!(
            refused[0].contains("GBP") && refused[0].contains("2018-02-14"),
            "{refused:?}"
        );
        assert!(
            refused[1].contains("JPY") && refused[1].contains("2018-02-15"),
            "{refused:?}"
        );
        let last = err(&some).lines().last().unwrap();
        assert!(
            last.starts_with("pledgebook: 2 of 11") && last.contains("--plausibility waived"),
            "{last}"
        );
        assert_eq!(rates_of(&database.url).await.len(), 9);

        let args = ["--source", "ECB", "--plausibility", "waived"];
        let waived = load(directory.path(), &database.url, &wild, &args);
        assert!(waived.status.success(), "{}", err(&waived));
        assert_eq!(
            out(&waived),
            "11 rates: 2 created, 0 updated, 9 unchanged, 0 refused; 2 waived, 0 unjudged\n"
        );
        let rates = rates_of(&database.url).await;
        assert_eq!(rates.iter().filter(|rate| rate.3).count(), 2, "{rates:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_file_says_where_and_loads_nothing() {
    let database = Database::fresh(Engine::Sqlite).await;
    let directory = directory();
    let torn = TABLE.replace("2018-02-14,", "14 February,");
    let refused = load(directory.path(), &database.url, &torn, &["--source", "ECB"]);
    assert_refused(&refused, "line 4: \"14 February\" is no day such as 2018-02-14");
    assert_refused(&load(directory.path(), &database.url, TABLE, &[]), "--source");
    assert_refused(
        &run(
            directory.path(),
            &["rates", "load", "there.csv", "--source", "ECB"],
        ),
        "there.csv cannot be read",
    );
    assert_eq!(rates_of(&database.url).await, []);
    assert!(!directory.path().join("pledgebook.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_s_own_list_is_loaded_with_its_sources() {
    let database = Database::fresh(Engine::Sqlite).await;
    let directory = directory();
    let file = directory.path().join("rates.csv");
    let list = "currency,date,per_usd,source\nKWD,2018-02-14,0.2998,\"Bank, central\"\nKWD,2018-02-15,0.2997,ECB\nKWD,2018-02-16,0.2997,'=IMF\n";
    std::fs::write(&file, list).unwrap();
    let args = ["rates", "load", "rates.csv", "--database-url", &database.url];
    let loaded = run(directory.path(), &args);
    assert!(loaded.status.success(), "{}", err(&loaded));
    let sources: Vec<_> = rates_of(&database.url)
        .await
        .into_iter()
        .map(|rate| rate.2)
        .collect();
    assert_eq!(sources, ["Bank, central", "ECB", "=IMF"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_could_judge_is_listed_and_loaded() {
    let database = Database::fresh(Engine::Sqlite).await;
    let directory = directory();
    // A first rate each, as many as there are currencies to be had, of a source with a name over two lines.
    let one = "currency,date,per_usd,source\nKWD,2018-02-14,0.3,\"two\nlines\"\nEUR,2018-02-14,0.81,ECB\nEUR,2018-02-15,0.81,ECB\n";
    let loaded = load(directory.path(), &database.url, one, &[]);
    assert!(loaded.status.success(), "{}", err(&loaded));
    assert_eq!(
        out(&loaded),
        "3 rates: 3 created, 0 updated, 0 unchanged, 0 refused; 0 waived, 1 unjudged\n"
    );
    let unjudged = |output: &Output| {
        let lines = err(output).lines().filter(|line| line.starts_with("unjudged: "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(unjudged(&loaded), ["unjudged: KWD on 2018-02-14 (two lines)"]);
    // A level of its own, which nothing that was there vouches for.
    let days = (1..=120).map(|day| {
        let date = chrono::NaiveDate::from_yo_opt(2019, day).unwrap();
        format!("KWD,{date},3.3,one\n")
    });
    let level = format!("currency,date,per_usd,source\n{}", days.collect::<String>());
    let loaded = load(directory.path(), &database.url, &level, &[]);
    assert!(loaded.status.success(), "{}", err(&loaded));
    assert!(
        out(&loaded).ends_with("0 waived, 120 unjudged\n"),
        "{}",
        out(&loaded)
    );
    let named = unjudged(&loaded);
    assert_eq!(named.len(), 101);
    assert_eq!(named[100], "unjudged: and 20 others");
}

/// The European Central Bank's file of eleven years: not a rate of it is refused.
#[tokio::test(flavor = "multi_thread")]
async fn the_ecb_s_file_passes_whole() {
    let file = support::carried_data("rates/ecb.csv");
    for engine in [Some(Engine::Sqlite), Engine::postgres()].into_iter().flatten() {
        let database = Database::fresh(engine).await;
        let directory = directory();
        let began = Instant::now();
        let args = [
            "rates",
            "load",
            file.to_str().unwrap(),
            "--source",
            "ECB",
            "--database-url",
            &database.url,
        ];
        let loaded = run(directory.path(), &args);
        assert!(loaded.status.success(), "{}", err(&loaded));
        println!("{engine:?}: {} in {:?}", out(&loaded).trim(), began.elapsed());
        let again = run(directory.path(), &args);
        assert!(out(&again).contains(" 0 created, 0 updated"), "{}", out(&again));
        assert!(rates_of(&database.url).await.len() > 80_000);
    }
}
