//! The real program while it serves: heads of any size, a log that nobody takes, a database in trouble, and signals.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)] // Clippy's own exception covers test functions, not what they share.

mod support;

use std::{
    fs,
    io::{self, BufRead, BufReader, PipeReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use pledgebook::{auth::Role, db::Db};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use support::{Database, Engine, program};
use tempfile::TempDir;

/// No answer and no end takes as long, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(30);

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The program in a directory of its own, with nothing of our environment's settings.
fn pledgebook(directory: &Path, args: &[&str]) -> Command {
    let mut command = program::bare();
    command.args(args).current_dir(directory).stdin(Stdio::null());
    command.env("TMPDIR", directory);
    command
}

/// The program while it runs. Killed when a test fails.
struct Running {
    child: Child,
    /// Where it listens, as `127.0.0.1:…`.
    address: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Running {
    /// Serving, its log a pipe that is read no further than to where it is.
    fn serve(directory: &Path, args: &[&str]) -> (Self, BufReader<PipeReader>) {
        let mut command = pledgebook(directory, &["serve", "--empty", "--listen", "127.0.0.1:0"]);
        command.args(args);
        Self::of(command)
    }

    /// The same, by a command of one's own.
    fn of(mut command: Command) -> (Self, BufReader<PipeReader>) {
        let (log, end) = io::pipe().unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(end)
            .spawn()
            .unwrap();
        // The command holds an end of the pipe too.
        drop(command);
        let mut log = BufReader::new(log);
        let address = address_in(&mut log);
        (Self { child, address }, log)
    }

    /// What is answered to these bytes, all of it; the connection is given up when no more comes for long.
    fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect();
        // Of what is refused early, the rest may not be taken, nor may it be read on behind the answer.
        stream.write_all(request.as_ref()).ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        Answer {
            status: head.split(' ').nth(1).and_then(|status| status.parse().ok()),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    fn get(&self, target: &str, headers: &str) -> Answer {
        self.ask(format!(
            "GET {target} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n{headers}\r\n"
        ))
    }

    /// What `/readyz` says once it is answered with this status, which it comes to in time.
    #[track_caller]
    fn ready_as(&self, status: u16) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.get("/readyz", "");
            if answer.status == Some(status) {
                return answer;
            }
            assert!(begun.elapsed() < PATIENCE, "{}", answer.body);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Waits for the end; its exit code, which none that a signal ended has.
    fn end(&mut self) -> Option<i32> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it does not stop");
    }

    fn stop(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        self.end()
    }

    /// A request that stays under way: its handler waits for a body of which no more comes.
    fn under_way(&self, key: &str) -> TcpStream {
        let mut stream = self.connect();
        write!(
            stream,
            "POST /v1/participants HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\n\
             Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
        )
        .unwrap();
        let mut begins = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        stream.read_exact(&mut begins).unwrap();
        assert!(begins.starts_with(b"HTTP/1.1 100 "));
        stream
    }
}

struct Answer {
    /// None where the connection ended without any.
    status: Option<u16>,
    head: String,
    body: String,
}

impl Answer {
    /// Whether there is such a line in its head; in small letters.
    fn says(&self, line: &str) -> bool {
        self.head.to_ascii_lowercase().contains(line)
    }

    /// A refusal for now, with the time to come back.
    #[track_caller]
    fn is_refusal(&self, code: &str) {
        self.is_problem(503, code);
        assert!(self.says("retry-after: "), "{}", self.head);
    }

    #[track_caller]
    fn is_problem(&self, status: u16, code: &str) {
        assert_eq!(self.status, Some(status), "{}", self.head);
        let head = self.head.to_ascii_lowercase();
        assert!(head.contains("content-type: application/problem+json"), "{head}");
        assert!(head.contains("x-request-id: "), "{head}");
        let problem: serde_json::Value = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem["code"], code, "{problem}");
    }
}

/// The address in the first line that has one.
fn address_in(lines: &mut impl BufRead) -> String {
    loop {
        let mut line = String::new();
        assert!(
            lines.read_line(&mut line).unwrap() > 0,
            "it stopped before it was ready"
        );
        if let Some((_, rest)) = line.split_once("http://") {
            let is_of_it = |c: &char| c.is_ascii_digit() || ".:".contains(*c);
            return rest.chars().take_while(is_of_it).collect();
        }
    }
}

/// A key to write with, in the directory's database.
fn key(directory: &Path) -> String {
    let made = pledgebook(
        directory,
        &["key", "create", "--name", "desk", "--role", "editor"],
    )
    .output()
    .unwrap();
    assert!(made.status.success());
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

/// The same, of a database that is anywhere.
async fn key_of(url: &str) -> String {
    let db = Db::open(url).await.unwrap();
    let key = support::key(&db, "desk", Role::Editor).await;
    db.close().await;
    key
}

fn creation(key: &str, code: &str) -> String {
    let body = serde_json::json!({"code": code, "kind": "fund", "names": {"en": code}}).to_string();
    format!(
        "POST /v1/participants HTTP/1.1\r\nHost: here\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn a_head_is_answered_in_our_words_up_to_where_it_is_read() {
    let directory = directory();
    let (running, log) = Running::serve(directory.path(), &["--log", "off,pledgebook=info"]);
    std::thread::spawn(move || log.lines().for_each(drop));
    let header = |length: usize| format!("X-Long: {}\r\n", "x".repeat(length));
    let many: Vec<_> = (0..150)
        .map(|number| format!("X-{number}: {}\r\n", "x".repeat(100)))
        .collect();
    for taken in [header(16 * 1024), many.concat(), header(32_600)] {
        assert_eq!(running.get("/v1/meetings", &taken).status, Some(200));
    }
    for refused in [header(32 * 1024), header(33 * 1024), header(100 * 1024)] {
        running
            .get("/v1/meetings", &refused)
            .is_problem(431, "head_too_large");
    }
    // Beyond what is read at all.
    running
        .get("/v1/meetings", &header(1024 * 1024))
        .is_problem(431, "head_too_large");

    let target = |length: usize| format!("/v1/participants?q={}", "x".repeat(length - 19));
    // So much text is searched for nowhere, but it is read.
    running.get(&target(24 * 1024), "").is_problem(400, "malformed");
    for length in [24 * 1024 + 1, 33 * 1024] {
        running
            .get(&target(length), "")
            .is_problem(414, "target_too_long");
    }
    let path = format!("/v1/{}", "x".repeat(25 * 1024));
    running.get(&path, "").is_problem(414, "target_too_long");

    let preferences: Vec<_> = (0..30 * 1024 / 7).map(|number| format!("p{number:05}")).collect();
    for prefer in [",".repeat(30 * 1024), preferences.join(",")] {
        let answer = running.get("/v1/meetings", &format!("Prefer: {prefer}\r\n"));
        assert_eq!(answer.status, Some(200));
    }
    assert_eq!(running.stop("TERM"), Some(0));
}

#[test]
fn a_file_that_nobody_may_write_is_served_to_be_read() {
    let directory = directory();
    let key = key(directory.path());
    let (running, log) = Running::serve(directory.path(), &[]);
    let made = running.ask(creation(&key, "before"));
    assert_eq!(made.status, Some(201), "{}", made.head);
    assert_eq!(running.stop("TERM"), Some(0));
    drop(log);
    let file = directory.path().join("pledgebook.db");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();

    let (running, _log) = Running::serve(directory.path(), &[]);
    let read = running.get("/v1/participants/before", "");
    assert_eq!(read.status, Some(200), "{}", read.head);
    let refused = running.ask(creation(&key, "after"));
    refused.is_problem(503, "read_only");
    assert!(refused.says("retry-after: "), "{}", refused.head);
    let ready = running.get("/readyz", "");
    assert_eq!(ready.status, Some(200), "{}", ready.body);
    assert!(ready.body.contains("\"status\":\"read_only\""), "{}", ready.body);
    assert_eq!(running.stop("TERM"), Some(0));
}

/// Of a user whom the modes of files hold up, as they do not root.
const NOBODY: u32 = 65_534;

/// The program in this directory, which is that user's, if this process may run it so.
fn unprivileged(directory: &Path, args: &[&str]) -> Command {
    let mut command = pledgebook(directory, args);
    if is_root() {
        chown(directory, Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

#[test]
fn a_directory_that_may_not_be_looked_into_is_told_from_one_that_is_not_there() {
    let directory = directory();
    let closed = directory.path().join("closed");
    fs::create_dir_all(closed.join("data")).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let said = |file: &str| {
        let url = format!("sqlite:{file}");
        let ended = unprivileged(directory.path(), &["migrate", "--database-url", &url]).output();
        let ended = ended.unwrap();
        assert!(!ended.status.success());
        String::from_utf8(ended.stderr).unwrap()
    };
    let (shut, absent) = (said("closed/data/register.db"), said("absent/register.db"));
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(
        shut.contains("closed/data/register.db cannot be opened: Permission denied"),
        "{shut}"
    );
    assert!(
        absent.contains("absent, where the database file is to be, does not exist"),
        "{absent}"
    );
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|of| of.uid() == 0)
}

fn files_in(directory: &Path) -> Vec<String> {
    let files = fs::read_dir(directory).unwrap();
    let mut files: Vec<_> = files
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    files
}

#[test]
fn a_file_that_was_read_only_for_a_time_is_written_again() {
    let directory = directory();
    let directory = directory.path();
    let made = unprivileged(
        directory,
        &["key", "create", "--name", "desk", "--role", "editor"],
    )
    .output();
    let made = match made {
        Ok(made) if made.status.success() => made,
        refused => {
            support::say_loudly(&format!(
                "NOT RUN: nobody but root may run the program here: {refused:?}"
            ));
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"));
            return;
        }
    };
    let key = String::from_utf8(made.stdout).unwrap().trim().to_owned();
    let file = directory.join("pledgebook.db");
    let allow = |file: &Path, mode| fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
    let serve = || {
        let (running, log) = Running::of(unprivileged(
            directory,
            &["serve", "--empty", "--listen", "127.0.0.1:0"],
        ));
        std::thread::spawn(move || log.lines().for_each(drop));
        running
    };
    let is_written = |code: &str| {
        let running = serve();
        let made = running.ask(creation(&key, code));
        assert_eq!(made.status, Some(201), "{code}: {}", made.body);
        assert_eq!(running.stop("TERM"), Some(0));
        assert_eq!(files_in(directory), ["pledgebook.db"], "{code}");
    };
    for (mode, signal) in [(0o400, "TERM"), (0o444, "KILL")] {
        allow(&file, mode);
        let listed = unprivileged(directory, &["key", "list"]).output().unwrap();
        assert!(listed.status.success());
        let running = serve();
        running.ask(creation(&key, "refused")).is_refusal("read_only");
        assert!(running.ready_as(200).body.contains("\"status\":\"read_only\""));
        running.stop(signal);
        assert_eq!(files_in(directory), ["pledgebook.db"]);
        allow(&file, 0o600);
        is_written(&format!("after-{mode:o}"));
    }

    // What somebody left who opened it with less care.
    let companions = ["-wal", "-shm"].map(|ending| directory.join(format!("pledgebook.db{ending}")));
    for companion in &companions {
        fs::write(companion, "").unwrap();
        if is_root() {
            chown(companion, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        allow(companion, 0o400);
    }
    is_written("mended");
    if is_root() {
        let [_, shared] = &companions;
        fs::write(shared, "").unwrap();
        allow(shared, 0o444);
        let refused = unprivileged(directory, &["key", "list"]).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success());
        assert!(
            said.lines().count() == 1 && said.contains("pledgebook.db-shm beside it"),
            "{said}"
        );
    }
}

#[test]
fn a_write_that_the_log_has_no_room_for_is_not_kept() {
    let directory = directory();
    let key = key(directory.path());
    // Its log may grow to a megabyte, in blocks of 512 bytes; then the system refuses to write on.
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -S -f 2048 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_pledgebook"))
        .args(["serve", "--empty", "--listen", "127.0.0.1:0"])
        .current_dir(directory.path())
        .env("TMPDIR", directory.path());
    let (running, _log) = Running::of(shell);
    let (refused, number) = (0..2_000)
        .map(|number| (running.ask(once(&key, number)), number))
        .find(|(answer, _)| answer.status != Some(201))
        .expect("a log that has no end");
    refused.is_refusal("unavailable");
    assert!(refused.body.contains("Nothing was changed"), "{}", refused.body);
    // What it cannot store it says, and goes on to be read.
    assert_eq!(running.get("/v1/participants", "").status, Some(200));
    assert_eq!(running.stop("TERM"), Some(0));

    let (running, _log) = Running::serve(directory.path(), &[]);
    let kept = running.get(&format!("/v1/participants/once-{number}"), "");
    assert_eq!(kept.status, Some(404), "{}", kept.body);
    for _ in 0..2 {
        let made = running.ask(once(&key, number));
        assert_eq!(made.status, Some(201), "{} {}", made.head, made.body);
    }
    let changes = running.get(&format!("/v1/participants/once-{number}/history"), "");
    assert_eq!(changes.body.matches("\"seq\":").count(), 1, "{}", changes.body);
    assert_eq!(running.stop("TERM"), Some(0));
}

#[test]
fn a_file_that_was_read_only_from_the_start_is_read_anew_when_it_was_changed() {
    let directory = directory();
    let key = key(directory.path());
    let file = directory.path().join("pledgebook.db");
    let allow = |mode| fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
    allow(0o444);
    let (running, _log) = Running::serve(directory.path(), &[]);
    let with_key = format!("Authorization: Bearer {key}\r\n");
    let read = || running.get("/v1/participants", &with_key);
    // More than once: each connection that there is has read it.
    for _ in 0..3 {
        assert_eq!(read().status, Some(200));
    }
    allow(0o644);
    let revoked = pledgebook(directory.path(), &["key", "revoke", "desk"]).output();
    assert!(revoked.unwrap().status.success());
    allow(0o444);
    for _ in 0..3 {
        let refused = read();
        assert_eq!(refused.status, Some(401), "{}", refused.head);
    }
    assert_eq!(running.get("/v1/participants", "").status, Some(200));
    assert!(running.ready_as(200).body.contains("\"status\":\"read_only\""));
}

#[tokio::test]
async fn a_file_that_something_else_was_written_over_is_unavailable() {
    let stranger = directory();
    let stranger = stranger.path().join("stranger.db");
    let mut other = SqliteConnection::connect(&format!("sqlite:{}?mode=rwc", stranger.display()))
        .await
        .unwrap();
    other.execute("create table recipes (name text)").await.unwrap();
    other.close().await.unwrap();
    let diary: Vec<u8> = b"Dear diary, ".repeat(100_000);
    for (what, over) in [
        ("a long text", diary.clone()),
        ("a short text", diary[..2_000].to_vec()),
        ("nothing", Vec::new()),
        ("another database", fs::read(&stranger).unwrap()),
    ] {
        is_written_over(what, &over);
    }
}

/// In place: it is the same file, so that only reading it tells.
fn is_written_over(what: &str, over: &[u8]) {
    let directory = directory();
    let key = key(directory.path());
    let (running, _log) = Running::serve(directory.path(), &[]);
    assert_eq!(running.ask(creation(&key, "before")).status, Some(201));
    fs::write(directory.path().join("pledgebook.db"), over).unwrap();
    let begun = Instant::now();
    let mut refused = 0;
    for path in [
        "rates",
        "meetings",
        "articles",
        "pledges",
        "totals",
        "changes",
        "participants/before",
    ] {
        let read = running.get(&format!("/v1/{path}"), "");
        // What was read before may be remembered.
        if read.status != Some(200) {
            read.is_refusal("unavailable");
            refused += 1;
        }
    }
    let write = running.ask(creation(&key, "after"));
    write.is_refusal("unavailable");
    assert!(refused > 0, "{what}");
    let ready = running.get("/readyz", "");
    ready.is_refusal("not_ready");
    let says_why = ["cannot read or store", "was emptied", "cannot be reached"];
    assert!(
        says_why.iter().any(|why| ready.body.contains(why)),
        "{what}: {}",
        ready.body
    );
    assert!(begun.elapsed() < PATIENCE / 3, "{what}: {:?}", begun.elapsed());
    assert_eq!(running.stop("TERM"), Some(0));
}

#[test]
fn another_register_that_was_copied_over_is_neither_ready_nor_written() {
    let (mine, others) = (directory(), directory());
    // Both are begun in one second, if it so happens.
    let (mine_key, theirs) = (key(mine.path()), key(others.path()));
    let (running, log) = Running::serve(mine.path(), &[]);
    running.ready_as(200);
    assert_eq!(running.ask(creation(&mine_key, "before")).status, Some(201));
    let file = "pledgebook.db";
    let other = fs::read(others.path().join(file)).unwrap();
    fs::write(mine.path().join(file), &other).unwrap();
    // A key is not unknown because another register does not have it.
    let write = running.ask(creation(&mine_key, "mixed"));
    write.is_refusal("unavailable");
    assert!(write.body.contains("copied over"), "{}", write.body);
    let ready = running.ready_as(503);
    assert!(ready.body.contains("copied over"), "{}", ready.body);
    // Whose key is good in that register.
    let write = running.ask(creation(&theirs, "mixed"));
    write.is_refusal("unavailable");
    assert!(write.body.contains("copied over"), "{}", write.body);
    // Nothing is mixed at the stop either.
    assert_eq!(running.stop("TERM"), Some(0));
    assert!(fs::read(mine.path().join(file)).unwrap() == other);
    let left = log
        .lines()
        .map(Result::unwrap)
        .find(|line| line.contains("pledgebook.db-wal"));
    assert!(left.is_some_and(|line| line.contains("not folded")));
    assert!(fs::metadata(mine.path().join("pledgebook.db-wal")).unwrap().len() > 0);
}

#[test]
fn a_log_that_was_taken_away_ends_writing_and_loses_nothing() {
    for taken in ["-wal", "-shm"] {
        let directory = directory();
        let key = key(directory.path());
        let (running, log) = Running::serve(directory.path(), &[]);
        std::thread::spawn(move || log.lines().for_each(drop));
        assert_eq!(running.ask(creation(&key, "BEFORE")).status, Some(201));
        std::fs::remove_file(directory.path().join(format!("pledgebook.db{taken}"))).unwrap();
        running
            .ask(creation(&key, "BEHIND"))
            .is_problem(503, "unavailable");
        let ready = running.get("/readyz", "");
        ready.is_problem(503, "not_ready");
        assert!(ready.body.contains("taken away"), "{}", ready.body);
        assert_eq!(running.get("/v1/participants/BEFORE", "").status, Some(200));
        assert_eq!(running.stop("TERM"), Some(0));
        let (running, _log) = Running::serve(directory.path(), &[]);
        assert_eq!(
            running.get("/v1/participants/BEFORE", "").status,
            Some(200),
            "{taken}"
        );
        assert_eq!(running.get("/v1/participants/BEHIND", "").status, Some(404));
        assert_eq!(running.ask(creation(&key, "AFTER")).status, Some(201));
    }
}

#[test]
fn a_body_that_pauses_is_given_up_and_nothing_of_it_is_kept() {
    let directory = directory();
    let key = key(directory.path());
    let (running, _log) = Running::serve(directory.path(), &[]);
    let whole = once(&key, 1);
    // It asks for the connection to be kept, and does not get it.
    let kept = whole.replace("Connection: close\r\n", "");
    let begun = Instant::now();
    let given_up = running.ask(&kept[..kept.len() - 1]);
    let took = begun.elapsed();
    given_up.is_problem(408, "body_too_slow");
    assert!(given_up.says("connection: close"), "{}", given_up.head);
    assert!((19..24).contains(&took.as_secs()), "{took:?}");
    let none = running.get("/v1/changes?actor=desk", "");
    assert!(none.body.contains("\"items\":[]"), "{}", none.body);
    // Its key is free: it is made now, not told what became of it.
    let made = running.ask(&whole);
    assert_eq!(made.status, Some(201), "{} {}", made.head, made.body);
    assert!(!made.says("\nidempotency-replayed:"), "{}", made.head);
}

/// While another program holds the lock of writers for longer than any write has patience.
fn is_held_up(running: &Running, key: &str) {
    let ready = || {
        let ready = running.get("/readyz", "");
        assert_eq!(ready.status, Some(200), "{}", ready.body);
        assert!(ready.body.contains("\"status\":\"ready\""), "{}", ready.body);
    };
    // Nothing is known of the storage yet, so it tries to write.
    ready();
    std::thread::scope(|scope| {
        let begun = Instant::now();
        let write = scope.spawn(move || running.ask(creation(key, "held-up")));
        while !write.is_finished() {
            ready();
            assert_eq!(running.get("/v1/participants", "").status, Some(200));
            std::thread::sleep(Duration::from_millis(200));
        }
        let took = begun.elapsed();
        write.join().unwrap().is_refusal("busy");
        assert!((9..16).contains(&took.as_secs()), "{took:?}");
    });
    ready();
}

#[tokio::test]
async fn another_program_that_writes_for_long_is_no_trouble_on_sqlite() {
    let directory = directory();
    let key = key(directory.path());
    let (running, _log) = Running::serve(directory.path(), &[]);
    let file = directory.path().join("pledgebook.db");
    let mut other = SqliteConnection::connect(&Db::file_url(&file)).await.unwrap();
    other.execute("begin immediate").await.unwrap();
    is_held_up(&running, &key);
    other.execute("rollback").await.unwrap();
    assert_eq!(running.ask(creation(&key, "held-up")).status, Some(201));
}

#[tokio::test]
async fn another_program_that_writes_for_long_is_no_trouble_on_postgres() {
    let Some(engine) = Engine::postgres() else { return };
    let database = Database::fresh(engine).await;
    let key = key_of(&database.url).await;
    let directory = directory();
    let (running, _log) = Running::serve(directory.path(), &["--database-url", &database.url]);
    let mut other = PgConnection::connect(&database.url).await.unwrap();
    // WRITER_LOCK of src/db/mod.rs.
    other
        .execute("select pg_advisory_lock(8100397580690514795)")
        .await
        .unwrap();
    is_held_up(&running, &key);
    other.execute("select pg_advisory_unlock_all()").await.unwrap();
    assert_eq!(running.ask(creation(&key, "held-up")).status, Some(201));
    other.close().await.unwrap();
}

/// A role that may do what the program does, in a database where nobody else may make temporary tables.
const ROLE: &str = "
    create role {role} login password 'word';
    do $$ begin execute format('revoke temporary on database %I from public', current_database()); end $$;
    grant select, insert, update, delete on all tables in schema public to {role};
    grant usage, select, update on all sequences in schema public to {role};";

/// A URL for somebody else.
fn url_of_role(url: &str, role: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let from = rest[..end].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{role}:word@{}", &rest[from..])
}

#[tokio::test]
async fn a_role_of_few_privileges_recovers_and_one_that_is_locked_out_is_unavailable() {
    let Some(engine) = Engine::postgres() else { return };
    let database = Database::fresh(engine).await;
    let key = key_of(&database.url).await;
    let role = format!("pledgebook_test_role_{}", std::process::id());
    let mut owner = PgConnection::connect(&database.url).await.unwrap();
    let mut does = async |text: &str| {
        let end = "; select pg_terminate_backend(pid) from pg_stat_activity where usename = '{role}'";
        let text = format!("{text}{end}").replace("{role}", &role);
        owner.execute(AssertSqlSafe(text)).await.unwrap();
    };
    does(ROLE).await;
    let directory = directory();
    let url = url_of_role(&database.url, &role);
    let (running, _log) = Running::serve(directory.path(), &["--database-url", &url]);
    let write = |code: &str| running.ask(creation(&key, code));
    assert_eq!(write("first").status, Some(201));

    does("alter role {role} set default_transaction_read_only = on").await;
    write("refused").is_refusal("read_only");
    running.ready_as(503).is_refusal("not_ready");
    // Nobody writes: it finds out by itself that all is well, though it may not ask for room.
    does("alter role {role} reset default_transaction_read_only").await;
    let ready = running.ready_as(200);
    assert!(ready.body.contains("\"status\":\"ready\""), "{}", ready.body);
    assert_eq!(write("second").status, Some(201));

    // It tells another register by when that was begun, which is the same moment by every clock.
    does("alter role {role} set timezone = 'Asia/Kuwait'").await;
    running.ready_as(200);
    assert_eq!(write("elsewhere").status, Some(201));

    does("alter role {role} nologin").await;
    for _ in 0..2 {
        running.get("/v1/participants", "").is_refusal("unavailable");
        write("refused").is_refusal("unavailable");
    }
    let why = running.ready_as(503);
    why.is_refusal("not_ready");
    assert!(why.body.contains("cannot be reached"), "{}", why.body);
    does("alter role {role} login").await;
    running.ready_as(200);
    assert_eq!(running.get("/v1/participants", "").status, Some(200));
    assert_eq!(write("third").status, Some(201));

    assert_eq!(running.stop("TERM"), Some(0));
    does("drop owned by {role}; drop role {role}").await;
    owner.close().await.unwrap();
}

/// As many sessions as there may be: `POSTGRES_READERS`, `KEY_CHECKS` and `READINESS` of `src/db/mod.rs`, the writer's,
/// and the one that ends what others left.
const MOST_SESSIONS: i64 = 10 + 2 + 1 + 1 + 1;

#[test]
fn who_hangs_up_leaves_the_places_to_others_on_postgres() {
    let Some(engine) = Engine::postgres() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::fresh(engine));
    let directory = directory();
    let (running, _log) = Running::serve(directory.path(), &["--database-url", &database.url]);
    let connect = || runtime.block_on(PgConnection::connect(&database.url)).unwrap();
    // Whoever asks for pledges waits for the table, and goes on to wait when nobody ends it.
    let mut other = connect();
    let lock = "begin; lock table pledges in access exclusive mode";
    runtime.block_on(other.execute(lock)).unwrap();
    let mut counter = connect();
    let sessions = "select count(*), count(*) filter (where wait_event_type = 'Lock') from pg_stat_activity
         where datname = current_database() and application_name = 'pledgebook'";
    let gone = AtomicUsize::new(0);
    let (mut most, mut most_at_work, mut answers) = (0, 0, 0);
    std::thread::scope(|scope| {
        for _ in 0..STRANGERS {
            scope.spawn(|| {
                for _ in 0..HANG_UPS {
                    let mut stream = running.connect();
                    let request = b"GET /v1/pledges HTTP/1.1\r\nHost: here\r\n\r\n";
                    stream.write_all(request).unwrap();
                    std::thread::sleep(Duration::from_millis(30));
                    drop(stream);
                    gone.fetch_add(1, Ordering::Relaxed);
                    std::thread::sleep(Duration::from_millis(30));
                }
            });
        }
        while gone.load(Ordering::Relaxed) < STRANGERS * HANG_UPS {
            let begun = Instant::now();
            let read = running.get("/v1/participants", "");
            let took = begun.elapsed();
            assert_eq!(read.status, Some(200), "{} {}", read.head, read.body);
            assert!(took < Duration::from_secs(2), "{took:?}");
            answers += 1;
            let found = sqlx::query_as::<_, (i64, i64)>(sessions).fetch_one(&mut counter);
            let (all, at_work) = runtime.block_on(found).unwrap();
            most = most.max(all);
            most_at_work = most_at_work.max(at_work);
        }
    });
    eprintln!("{answers} answers, {most} sessions, {most_at_work} at work");
    assert!(most_at_work > 0, "nobody waited for the table");
    assert!(most <= MOST_SESSIONS, "{most} sessions");
    runtime.block_on(other.execute("rollback")).unwrap();
    assert_eq!(running.get("/v1/pledges", "").status, Some(200));
    drop((other, counter));
}

/// How many questions can be at work at once: `POSTGRES_READERS` of `src/db/mod.rs`.
const MOST_AT_WORK: i64 = 10;

#[tokio::test]
async fn what_cannot_be_ended_yet_keeps_its_place_on_postgres() {
    let Some(engine) = Engine::postgres() else { return };
    let database = Database::fresh(engine).await;
    let role = format!("pledgebook_test_guest_{}", std::process::id());
    let mut owner = PgConnection::connect(&database.url).await.unwrap();
    let mut does = async |text: &str| {
        let text = text.replace("{role}", &role);
        owner.execute(AssertSqlSafe(text)).await.unwrap();
    };
    does(ROLE).await;
    let directory = directory();
    let url = url_of_role(&database.url, &role);
    let (running, _log) = Running::serve(directory.path(), &["--database-url", &url]);
    let mut other = PgConnection::connect(&database.url).await.unwrap();
    other
        .execute("begin; lock table pledges in access exclusive mode")
        .await
        .unwrap();
    let mut counter = PgConnection::connect(&database.url).await.unwrap();
    let mut at_work = async || {
        let at_work = "select count(*) from pg_stat_activity
             where datname = current_database() and application_name = 'pledgebook' and wait_event_type = 'Lock'";
        let at_work = sqlx::query_scalar::<_, i64>(at_work).fetch_one(&mut counter);
        at_work.await.unwrap()
    };
    let ask = || {
        let mut stream = running.connect();
        let request = b"GET /v1/pledges HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
        stream.write_all(request).unwrap();
        stream
    };
    let asked: Vec<_> = (0..MOST_AT_WORK).map(|_| ask()).collect();
    let begun = Instant::now();
    while at_work().await < MOST_AT_WORK {
        assert!(
            begun.elapsed() < PATIENCE,
            "they do not come to wait for the table"
        );
    }
    // There is no session for whoever is to end theirs.
    does("alter role {role} connection limit 1").await;
    drop(asked);
    tokio::time::sleep(Duration::from_millis(300)).await;
    does("alter role {role} connection limit -1").await;
    let begun = Instant::now();
    let (mut asked, mut most) = (Vec::new(), 0);
    while begun.elapsed() < Duration::from_secs(2) {
        asked.push(ask());
        most = most.max(at_work().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(most <= MOST_AT_WORK, "{most} at work");
    drop(asked);
    other.execute("rollback").await.unwrap();
    assert_eq!(running.get("/v1/pledges", "").status, Some(200));
    assert_eq!(running.stop("TERM"), Some(0));
    does("drop owned by {role}; drop role {role}").await;
    other.close().await.unwrap();
    owner.close().await.unwrap();
}

#[test]
fn readiness_does_not_wait_behind_key_checks_on_postgres() {
    let Some(engine) = Engine::postgres() else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::fresh(engine));
    let key = runtime.block_on(key_of(&database.url));
    let directory = directory();
    let (running, _log) = Running::serve(directory.path(), &["--database-url", &database.url]);
    let mut other = runtime.block_on(PgConnection::connect(&database.url)).unwrap();
    let lock = "begin; lock table keys in access exclusive mode";
    runtime.block_on(other.execute(lock)).unwrap();
    std::thread::scope(|scope| {
        let writes: Vec<_> = (0..5)
            .map(|number| {
                let request = creation(&key, &format!("behind-{number}"));
                let running = &running;
                scope.spawn(move || running.ask(request))
            })
            .collect();
        // Until those have come to wait.
        std::thread::sleep(Duration::from_millis(300));
        let begun = Instant::now();
        let ready = running.get("/readyz", "");
        assert_eq!(ready.status, Some(200), "{}", ready.body);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        runtime.block_on(other.execute("rollback")).unwrap();
        drop(writes);
    });
    assert_eq!(running.stop("TERM"), Some(0));
}

const STRANGERS: usize = 8;
const HANG_UPS: usize = 30;

/// A creation that is done once, however often it is sent.
fn once(key: &str, number: usize) -> String {
    let header = format!("\r\nIdempotency-Key: once-{number}\r\nContent-Type:");
    creation(key, &format!("once-{number}")).replacen("\r\nContent-Type:", &header, 1)
}

#[test]
fn a_closed_log_fails_no_request() {
    let directory = directory();
    let key = key(directory.path());
    for format in ["text", "json"] {
        let (running, log) = Running::serve(directory.path(), &["--log-format", format]);
        drop(log);
        for number in 0..5 {
            let made = running.ask(creation(&key, &format!("{format}-{number}")));
            assert_eq!(made.status, Some(201), "{}", made.head);
            assert_eq!(running.get("/nowhere", "").status, Some(404));
        }
        assert_eq!(running.stop("TERM"), Some(0));
    }
}

#[test]
fn without_standard_output_and_error_it_serves() {
    for command in ["serve", "demo"] {
        let directory = directory();
        // Where it listens it cannot say.
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap().to_string();
        drop(free);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "exec \"$0\" \"$@\" >&- 2>&-"])
            .arg(env!("CARGO_BIN_EXE_pledgebook"))
            .args([command, "--listen", &address])
            .current_dir(directory.path())
            .env("TMPDIR", directory.path())
            .stdin(Stdio::null());
        let running = Running {
            child: shell.spawn().unwrap(),
            address,
        };
        let begun = Instant::now();
        while TcpStream::connect(&running.address).is_err() {
            assert!(begun.elapsed() < PATIENCE, "it does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(running.get("/v1/participants", "").status, Some(200));
        assert_eq!(running.stop("TERM"), Some(0), "{command}");
    }
}

#[test]
fn a_log_that_nobody_reads_delays_no_request_and_says_later_what_it_lost() {
    // More than the queue's 4,096 lines and what is being written.
    const REQUESTS: usize = 6_000;
    let directory = directory();
    let (running, log) = Running::serve(directory.path(), &["--log-format", "json"]);
    for _ in 0..REQUESTS {
        assert_eq!(running.get("/version", "").status, Some(200));
    }
    // Somebody reads again.
    let mut lines = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap());
    let (mut answered, mut dropped) = (0, 0);
    for line in &mut lines {
        if line["fields"]["message"] == "answered" {
            answered += 1;
        } else if let Some(lines) = line["fields"]["lines"].as_u64() {
            assert_eq!(line["level"], "WARN", "{line}");
            dropped = usize::try_from(lines).unwrap();
            break;
        }
    }
    assert!(
        dropped > 0,
        "a pipe holds no {REQUESTS} lines, nor does the queue"
    );
    assert_eq!(answered + dropped, REQUESTS);
    // What comes from here on is written as if nothing had been.
    assert_eq!(running.get("/version", "").status, Some(200));
    let next = lines.next().unwrap();
    assert_eq!(next["fields"]["message"], "answered", "{next}");
    assert_eq!(running.stop("TERM"), Some(0));
    let last: Vec<_> = lines.map(|line| line["fields"]["message"].clone()).collect();
    assert_eq!(last, ["stopped"]);
}

#[test]
fn a_log_that_nobody_reads_does_not_hold_up_the_stop() {
    let directory = directory();
    let (running, log) = Running::serve(directory.path(), &[]);
    for _ in 0..6_000 {
        assert_eq!(running.get("/version", "").status, Some(200));
    }
    assert_eq!(running.stop("TERM"), Some(0));
    drop(log);
}

/// Whoever is refused while they send goes on sending for a while, and would be reset if the stop did not hear them out.
#[test]
fn who_is_refused_while_they_send_hears_it_also_when_the_server_stops() {
    let directory = directory();
    let (mut running, log) = Running::serve(directory.path(), &[]);
    let mut client = running.connect();
    write!(
        client,
        "POST /v1/participants HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n"
    )
    .unwrap();
    // It was refused by now, and has not looked yet.
    let mut lines = log.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains("401")), "no line of the refusal");
    running.signal("INT");
    for _ in 0..20 {
        client.write_all(&[b' '; 1_000]).unwrap();
        std::thread::sleep(Duration::from_millis(40));
    }
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(answer.ends_with("}\n"), "{answer}");
    drop(client);
    assert_eq!(running.end(), Some(0));
}

#[test]
fn an_answer_that_ends_its_connection_says_nothing_else_of_it() {
    let directory = directory();
    let (running, _log) = Running::serve(directory.path(), &[]);
    let request = "POST /v1/participants HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}";
    let answer = running.ask(request);
    assert_eq!(answer.status, Some(401), "{}", answer.head);
    assert!(answer.says("connection: close"), "{}", answer.head);
    assert!(!answer.says("keep-alive"), "{}", answer.head);
}

#[test]
fn signals_that_ask_for_nothing_end_nothing_and_sigquit_stops() {
    let directory = directory();
    let (serving, log) = Running::serve(directory.path(), &[]);
    let (mut demo, invitation) = demo(directory.path());
    for running in [&serving, &demo] {
        for ignored in ["HUP", "USR1", "USR2"] {
            running.signal(ignored);
            assert_eq!(running.get("/readyz", "").status, Some(200), "{ignored}");
        }
        // The end of one of these signals' doing would have no exit code.
        running.signal("QUIT");
    }
    assert_eq!(demo.end(), Some(0));
    let mut serving = serving;
    assert_eq!(serving.end(), Some(0));
    drop(invitation);
    let last = log.lines().map(Result::unwrap).last().unwrap();
    assert!(last.contains("stopped"), "{last}");
    // Neither a log beside the register's one file, nor anything of the demo.
    let left = std::fs::read_dir(directory.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["pledgebook.db"]);
}

/// A demo, and what it says behind where it is.
fn demo(directory: &Path) -> (Running, BufReader<PipeReader>) {
    let (out, end) = io::pipe().unwrap();
    let mut command = pledgebook(directory, &["demo", "--listen", "127.0.0.1:0"]);
    let child = command.stdout(end).stderr(Stdio::piped()).spawn().unwrap();
    drop(command);
    let mut out = BufReader::new(out);
    let address = address_in(&mut out);
    (Running { child, address }, out)
}

/// Tells it to stop, and again once it has begun to; its exit code and the last line that it said.
fn told_twice(mut running: Running, first: &str, second: &str, log: impl Read) -> (Option<i32>, String) {
    running.signal(first);
    let begun = Instant::now();
    while TcpStream::connect(&running.address).is_ok() {
        assert!(begun.elapsed() < PATIENCE, "it does not begin to stop");
        std::thread::sleep(Duration::from_millis(10));
    }
    running.signal(second);
    let code = running.end();
    let last = BufReader::new(log).lines().map(Result::unwrap).last().unwrap();
    (code, last)
}

/// The program while it drains at SIGTERM, its log as JSON.
fn draining(directory: &Path, args: &[&str]) -> (Running, BufReader<PipeReader>) {
    let mut command = pledgebook(
        directory,
        &[
            "serve",
            "--empty",
            "--listen",
            "127.0.0.1:0",
            "--log-format",
            "json",
        ],
    );
    command.env_remove("DRAIN_DELAY").args(args);
    Running::of(command)
}

/// The fields of each line of the log that says this.
fn lines_that_say(log: impl BufRead, message: &str) -> Vec<serde_json::Value> {
    log.lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(&line.unwrap()).unwrap())
        .filter(|line| line["fields"]["message"] == message)
        .map(|line| line["fields"].clone())
        .collect()
}

#[test]
fn told_to_terminate_it_says_that_it_is_not_ready_and_goes_on_for_a_while() {
    let directory = directory();
    let (mut running, _log) = draining(directory.path(), &[]);
    assert_eq!(running.ready_as(200).status, Some(200));
    let told = Instant::now();
    running.signal("TERM");
    let not_ready = running.ready_as(503);
    not_ready.is_refusal("draining");
    assert!(told.elapsed() < Duration::from_secs(1), "{:?}", told.elapsed());
    while told.elapsed() < Duration::from_millis(1_500) {
        let answer = running.get("/v1/participants", "");
        assert_eq!(answer.status, Some(200), "{}", answer.head);
        std::thread::sleep(Duration::from_millis(50));
    }
    let asked = pledgebook(directory.path(), &["healthcheck", "--url"])
        .arg(format!("http://{}", running.address))
        .output()
        .unwrap();
    let said = String::from_utf8(asked.stderr).unwrap();
    assert!(!asked.status.success() && said.contains("draining"), "{said}");
    assert_eq!(running.end(), Some(0));
    assert!((2..6).contains(&told.elapsed().as_secs()), "{:?}", told.elapsed());

    // Who interrupts it waits for it.
    let (running, _log) = draining(directory.path(), &["--drain-delay", "1m"]);
    let told = Instant::now();
    assert_eq!(running.stop("INT"), Some(0));
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}

#[test]
fn figures_are_told_beside_until_all_that_drains_is_done() {
    let directory = directory();
    let at = program::free_address();
    let (mut running, log) = draining(directory.path(), &["--metrics-listen", &at]);
    let figures = || {
        let mut stream = TcpStream::connect(&at)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        io::Result::Ok(answer)
    };
    let answer = running.get("/metrics", "");
    assert!(
        answer.status == Some(404) && answer.body.contains("no_such_path"),
        "{}",
        answer.body
    );
    let told = figures().unwrap();
    assert!(
        told.starts_with("HTTP/1.1 200 ") && told.contains("\npledgebook_serving 1\n"),
        "{told}"
    );

    // A second one beside it is told which address it cannot have.
    let other = tempfile::tempdir().unwrap();
    let refused = pledgebook(other.path(), &["serve", "--empty", "--listen", "127.0.0.1:0"])
        .args(["--metrics-listen", &at])
        .output()
        .unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && said.contains("in use") && said.contains("--metrics-listen"),
        "{said}"
    );

    running.signal("TERM");
    running.ready_as(503).is_refusal("draining");
    let told = figures().unwrap();
    let refused = "\npledgebook_http_refused_total{code=\"draining\"} ";
    assert!(told.contains(refused), "{told}");
    assert_eq!(running.end(), Some(0));
    assert!(figures().is_err());
    // Who looks every few seconds is no line of the log; who looks in the wrong place is.
    let looked = lines_that_say(log, "answered");
    let looked: Vec<_> = looked.iter().filter(|it| it["path"] == "/metrics").collect();
    assert_eq!(looked.len(), 1, "{looked:?}");
    assert_eq!(looked[0]["status"], 404);
}

/// What became of a write that was sent while the server stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Became {
    Created,
    /// 503, and the connection's end.
    Refused,
    /// Nobody was there to connect to, or the connection was closed before it was asked for so long that nobody can wait for it.
    NotSent,
    /// It went into the queue of a listener that was closed.
    NotLetIn,
    /// What must not be.
    Unanswered,
}

/// The next answer of a connection that is kept open: its status, and whether it is the last. None where there is no whole one.
fn next_answer(stream: &mut BufReader<TcpStream>) -> Option<(u16, bool)> {
    let (mut head, mut line) = (String::new(), String::new());
    while line != "\r\n" {
        line.clear();
        if stream.read_line(&mut line).ok()? == 0 {
            return None;
        }
        head.push_str(&line.to_ascii_lowercase());
    }
    let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let length = value("content-length: ")?.parse().ok()?;
    stream.read_exact(&mut vec![0; length]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, value("connection: ") == Some("close")))
}

/// Whoever is idle for longer at the stop is closed.
const AT_ONCE: Duration = Duration::from_millis(150);

/// Sends writes until the server is gone; what became of each, by its code.
fn write_until_the_end(running: &Running, key: &str, name: &str, is_kept: bool) -> Vec<(String, Became)> {
    let mut all = Vec::new();
    let mut kept: Option<(BufReader<TcpStream>, Instant)> = None;
    loop {
        let is_new = kept.is_none();
        let (mut stream, idle_since) = match kept.take() {
            Some(kept) => kept,
            None => match TcpStream::connect(&running.address) {
                Ok(stream) => (BufReader::new(stream), Instant::now()),
                Err(_) => return all,
            },
        };
        stream.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
        let code = format!("{name}-{}", all.len());
        let request = creation(key, &code).replace("Connection: close\r\n", "");
        let is_sent = stream.get_mut().write_all(request.as_bytes()).is_ok();
        let was_idle = idle_since.elapsed();
        let became = match next_answer(&mut stream) {
            Some((201, is_last)) => {
                if is_kept && !is_last {
                    kept = Some((stream, Instant::now()));
                }
                Became::Created
            }
            Some((503, true)) => Became::Refused,
            Some(other) => panic!("{code}: {other:?}"),
            None if is_new => Became::NotLetIn,
            None if !is_sent || was_idle > AT_ONCE => Became::NotSent,
            None => Became::Unanswered,
        };
        all.push((code, became));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_comes_with_the_signal_is_answered_or_was_never_read() {
    for signal in ["TERM", "INT"] {
        let directory = directory();
        let key = key(directory.path());
        let url = format!("sqlite:{}", directory.path().join("pledgebook.db").display());
        let (mut running, _log) = draining(directory.path(), &["--drain-delay", "100ms"]);
        // Kept open, and silent until some milliseconds after all others are told to go away.
        let late: Vec<_> = (0..12).map(|_| running.connect()).collect();
        let mut outcomes: Vec<(String, Became)> = std::thread::scope(|scope| {
            let (running, key) = (&running, key.as_str());
            let clients: Vec<_> = (0..8)
                .map(|number| {
                    let name = format!("{}{number}", if number < 5 { "KEPT" } else { "NEW" });
                    scope.spawn(move || write_until_the_end(running, key, &name, number < 5))
                })
                .collect();
            std::thread::sleep(Duration::from_millis(500));
            running.signal(signal);
            let mut told = Instant::now();
            if signal == "TERM" {
                std::thread::sleep(Duration::from_millis(100));
                told = Instant::now();
            }
            let late = late.into_iter().enumerate().map(|(number, mut stream)| {
                std::thread::sleep(Duration::from_millis(1));
                let code = format!("LATE-{number}");
                let request = creation(key, &code).replace("Connection: close\r\n", "");
                let is_sent = stream.write_all(request.as_bytes()).is_ok() && told.elapsed() < AT_ONCE;
                let became = match next_answer(&mut BufReader::new(stream)) {
                    Some((201, true)) => Became::Created,
                    Some((503, true)) => Became::Refused,
                    Some(other) => panic!("{code}: {other:?}"),
                    None if is_sent => Became::Unanswered,
                    None => Became::NotSent,
                };
                (code, became)
            });
            let late: Vec<_> = late.collect();
            let looped = clients.into_iter().flat_map(|client| client.join().unwrap());
            looped.chain(late).collect()
        });
        assert_eq!(running.end(), Some(0));
        outcomes.sort();
        let count = |of: Became| outcomes.iter().filter(|(_, it)| *it == of).count();
        let unanswered: Vec<_> = outcomes
            .iter()
            .filter(|(_, it)| *it == Became::Unanswered)
            .collect();
        assert!(unanswered.is_empty(), "{signal}: {unanswered:?}");
        assert!(count(Became::Created) > 20, "{signal}: {}", outcomes.len());

        // What was answered is there, and nothing else: nobody has to guess.
        let mut conn = SqliteConnection::connect(&url).await.unwrap();
        let stored: Vec<(String,)> = sqlx::query_as("select code from participants order by code")
            .fetch_all(&mut conn)
            .await
            .unwrap();
        conn.close().await.unwrap();
        let mut told: Vec<_> = outcomes
            .into_iter()
            .filter(|(_, it)| *it == Became::Created)
            .map(|(code, _)| (code,))
            .collect();
        told.sort();
        assert_eq!(stored, told, "{signal}");
    }
}

#[test]
fn what_is_cut_off_at_the_stop_is_logged_by_its_id() {
    let directory = directory();
    let key = key(directory.path());
    let (running, log) = draining(
        directory.path(),
        &["--drain-delay", "0", "--shutdown-timeout", "500ms"],
    );
    let mut request = running.connect();
    write!(
        request,
        "POST /v1/participants HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\nX-Request-Id: cut-1\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
    )
    .unwrap();
    request.read_exact(&mut [0; 25]).unwrap();
    assert_eq!(running.stop("TERM"), Some(0));
    assert_eq!(request.read(&mut [0]).unwrap_or(0), 0);
    let cut = lines_that_say(log, "cut off by the stop");
    assert_eq!(cut.len(), 1, "{cut:?}");
    assert_eq!(
        (&cut[0]["id"], &cut[0]["method"]),
        (&"cut-1".into(), &"POST".into())
    );
}

#[tokio::test]
async fn a_write_that_is_cut_off_by_the_stop_is_not_kept() {
    let directory = directory();
    let key = key(directory.path());
    let (mut running, log) = draining(
        directory.path(),
        &["--drain-delay", "0", "--shutdown-timeout", "500ms"],
    );
    // Another program has the register until the request was cut off.
    let url = format!("sqlite:{}", directory.path().join("pledgebook.db").display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    other.execute("begin immediate").await.unwrap();
    let body = r#"{"slug":"cut-off","names":{"en":"Cut off"}}"#;
    let mut request = running.connect();
    write!(
        request,
        "POST /v1/coalitions HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key}\r\nX-Request-Id: cut-2\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    running.signal("TERM");
    assert_eq!(request.read(&mut [0]).unwrap_or(0), 0);
    other.execute("rollback").await.unwrap();
    other.close().await.unwrap();
    assert_eq!(running.end(), Some(0));
    let rolled_back = lines_that_say(
        log,
        "a write was rolled back, as its request was cut off by the stop",
    );
    assert_eq!(rolled_back.len(), 1, "{rolled_back:?}");
    let (running, _log) = Running::serve(directory.path(), &[]);
    assert_eq!(running.get("/v1/coalitions/cut-off", "").status, Some(404));
}

#[test]
fn a_head_that_cannot_be_read_is_a_line_of_the_log() {
    let directory = directory();
    let (running, log) = draining(directory.path(), &["--drain-delay", "0"]);
    let refused = running.ask("GET /v1/pledges HTTP/1.1\r\nHost here\r\n\r\n");
    refused.is_problem(400, "malformed");
    assert!(refused.head.contains("\r\nconnection: close"), "{}", refused.head);
    assert_eq!(running.stop("TERM"), Some(0));
    let lines = lines_that_say(log, "answered");
    let line = &lines[0];
    assert_eq!(
        [&line["method"], &line["path"], &line["route"], &line["status"]].map(ToString::to_string),
        ["\"GET\"", "\"/v1/pledges\"", "null", "400"],
        "{line}"
    );
    assert!(refused.head.contains(line["id"].as_str().unwrap()), "{line}");
}

#[test]
fn no_half_of_a_secret_is_in_the_log_or_an_answer_wherever_it_was_sent() {
    let directory = directory();
    let (running, mut log) = draining(directory.path(), &["--drain-delay", "0", "--log", "debug"]);
    let (first, rest) = ("pbk_Ab12Cd34Ef56", "Gh78Ij90Kl12");
    let whole = format!("{first}{rest}");
    let line = |line: &str| format!("{line}\r\nHost: here\r\nConnection: close\r\n\r\n");
    let headers = |headers: &str| format!("GET /v1/pledges HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
    for request in [
        line(&format!("GET /v1/pledges/{first} {rest} HTTP/1.1")),
        line(&format!("GET /v1/pledges/ {first} {rest} HTTP/1.1")),
        line(&format!("GET /v1/pledges/{first}\t{rest} HTTP/1.1")),
        line(&format!("GET /v1/pledges/{first}\r\n{rest} HTTP/1.1")),
        line(&format!("GET /v1/pledges/{first}%20{rest} HTTP/1.1")),
        line(&format!("GET /v1/pledges/{first}%0A{rest}/events HTTP/1.1")),
        line(&format!("DELETE /v1/pledges/{first}+{rest} HTTP/1.1")),
        line(&format!(
            "GET /v1/pledges/{} HTTP/1.1",
            whole.replace('_', "%255F")
        )),
        line(&format!("PUT /v1/meetings/{whole} HTTP/1.1")),
        line(&format!("PATCH /{first}%2F{first}%20{rest} HTTP/1.1")),
        line(&format!("GET {whole} HTTP/1.1")),
        line(&format!("GET {first} {rest} HTTP/1.1")),
        line(&format!("GET http://{whole}/v1/pledges HTTP/1.1")),
        line(&format!("{whole} /v1/pledges HTTP/1.1")),
        line(&format!("{whole} /v1/pledges")),
        line(&format!("{first} {rest} HTTP/1.1")),
        line(&format!("{rest} {first} /v1/pledges")),
        line(&whole),
        headers(&format!("Host: {whole}\r\n")),
        headers(&format!("Host: {first} {rest}\r\n")),
        headers(&format!("Host: here\r\n{whole}: x\r\n")),
        headers(&format!("Host: here\r\n{first} {rest}: x\r\n")),
        headers(&format!(
            "Host: here\r\nAuthorization: Bearer {first}\r\n{rest}\r\n"
        )),
        headers(&format!(
            "Host: here\r\nX-Request-Id: {}\r\n",
            whole.replace('_', "%5F")
        )),
    ] {
        let answer = running.ask(&request);
        assert!(
            answer.status.is_some_and(|it| it < 500),
            "{request}: {}",
            answer.head
        );
        for half in [&first[4..], rest] {
            assert!(
                !answer.head.contains(half) && !answer.body.contains(half),
                "{request}: {}{}",
                answer.head,
                answer.body
            );
        }
    }
    assert_eq!(running.stop("TERM"), Some(0));
    let mut logged = String::new();
    log.read_to_string(&mut logged).unwrap();
    assert!(logged.contains("pbk_…"), "{logged}");
    for half in [&first[4..], rest] {
        let leaks: Vec<_> = logged.lines().filter(|line| line.contains(half)).collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}

#[test]
fn each_request_is_a_line_of_the_log_and_health_is_none() {
    let directory = directory();
    let (running, log) = draining(
        directory.path(),
        &["--trusted-proxies", "127.0.0.1", "--drain-delay", "0"],
    );
    let key = key(directory.path());
    let ask = |target: &str, id: &str, from: &str| {
        // Who is named so asks with a key.
        let with_key = match id.strip_prefix("keyed") {
            Some(_) => format!("Authorization: Bearer {key}\r\n"),
            None => String::new(),
        };
        let headers = format!("X-Request-Id: {id}\r\nX-Forwarded-For: 198.51.100.7, {from}\r\n{with_key}");
        running.get(target, &headers)
    };
    let lengths: Vec<_> = ["made", "at-hand"]
        .map(|id| ask("/v1/participants?limit=3", id, "2001:db8::7"))
        .iter()
        .map(|answer| answer.body.len())
        .collect();
    for id in ["keyed-made", "keyed-at-hand"] {
        ask("/v1/coalitions", id, "192.0.2.1");
    }
    ask("/v1/participants/NOBODY", "missing", "192.0.2.1");
    ask("/nowhere", "nowhere", "192.0.2.1");
    ask(&format!("/v1/keys/{key}"), "in-path", "192.0.2.1");
    ask("/v1/me", &key, "192.0.2.1");
    let revoked = pledgebook(directory.path(), &["key", "revoke", "desk"]).output();
    assert!(revoked.unwrap().status.success());
    ask("/v1/coalitions", "keyed-revoked", "192.0.2.1");
    ask("/healthz", "health", "192.0.2.1");
    ask("/readyz", "health", "192.0.2.1");
    let unaddressed =
        running.ask("GET /version HTTP/1.1\r\nX-Request-Id: unaddressed\r\nConnection: close\r\n\r\n");
    unaddressed.is_problem(400, "bad_host");
    assert_eq!(running.stop("TERM"), Some(0));
    let lines = lines_that_say(log, "answered");
    // A secret is no name of a request: it is given one.
    let drawn = lines[7]["id"].as_str().unwrap().to_owned();
    let said: Vec<_> = lines
        .iter()
        .map(|line| {
            let text = |field: &str| line[field].as_str().unwrap_or("-").to_owned();
            (
                text("id"),
                text("route"),
                line["status"].as_u64().unwrap(),
                text("client"),
                text("key"),
            )
        })
        .collect();
    let line = |id: &str, route: &str, status, client: &str| {
        let id = if id == "drawn" { drawn.as_str() } else { id };
        let key = if id.starts_with("keyed") { "desk" } else { "-" };
        let text = str::to_owned;
        (text(id), text(route), status, text(client), text(key))
    };
    assert_eq!(
        said,
        [
            line("made", "/v1/participants", 200, "2001:db8::7"),
            line("at-hand", "/v1/participants", 200, "2001:db8::7"),
            line("keyed-made", "/v1/coalitions", 200, "192.0.2.1"),
            line("keyed-at-hand", "/v1/coalitions", 200, "192.0.2.1"),
            line("missing", "/v1/participants/{key}", 404, "192.0.2.1"),
            line("nowhere", "-", 404, "192.0.2.1"),
            line("in-path", "/v1/keys/{key}", 401, "192.0.2.1"),
            line("drawn", "/v1/me", 401, "192.0.2.1"),
            // For the operator alone.
            line("keyed-revoked", "/v1/coalitions", 401, "192.0.2.1"),
            line("unaddressed", "/version", 400, "127.0.0.1"),
        ]
    );
    assert!(!lines.iter().any(|line| line.to_string().contains(&key)));
    assert_eq!(lines[6]["path"], "/v1/keys/pbk_…");
    for (line, length) in lines.iter().zip(lengths) {
        assert_eq!(line["bytes"].as_u64(), Some(length as u64), "{line}");
        assert!(line["ms"].is_number() && line["path"].is_string(), "{line}");
    }
}

#[test]
fn it_takes_as_many_handles_as_it_gets_and_says_for_how_many_connections() {
    let directory = directory();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -S -n 64 && ulimit -H -n 400 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_pledgebook"))
        .args(["serve", "--empty", "--listen", "127.0.0.1:0"])
        .current_dir(directory.path())
        .env("TMPDIR", directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let (log, end) = io::pipe().unwrap();
    let child = shell.stderr(end).spawn().unwrap();
    drop(shell);
    let mut log = BufReader::new(log);
    let mut said = String::new();
    log.read_line(&mut said).unwrap();
    assert!(
        said.contains("max_connections=200") && said.contains("handles=400"),
        "{said}"
    );
    let running = Running {
        child,
        address: address_in(&mut log),
    };
    // Twice as many as there are places: those that came first give way, and who asks is answered.
    let idle: Vec<_> = (0..400).map(|_| running.connect()).collect();
    for _ in 0..10 {
        let begun = Instant::now();
        assert_eq!(running.get("/v1/participants", "").status, Some(200));
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    let mut first = &idle[0];
    assert_eq!(first.read(&mut [0]).unwrap_or(0), 0);
}

const CUT: &str = "pledgebook: told a second time to stop, it stopped at once: 1 request(s) on 1 connection(s) were cut off";

#[test]
fn told_a_second_time_it_stops_at_once_and_says_what_it_cut_off() {
    let directory = directory();
    let key = key(directory.path());
    for (first, second) in [("TERM", "TERM"), ("INT", "QUIT"), ("QUIT", "INT")] {
        let (running, log) = Running::serve(directory.path(), &[]);
        let mut request = running.under_way(&key);
        let (code, last) = told_twice(running, first, second, log);
        assert_eq!((code, last.as_str()), (Some(1), CUT), "{first} {second}");
        // It was not answered, and nothing came of it.
        assert_eq!(request.read(&mut [0]).unwrap_or(0), 0);
    }
    let (running, _log) = Running::serve(directory.path(), &[]);
    let changes = running.get("/v1/changes?actor=desk", "");
    assert!(changes.body.contains("\"items\":[]"), "{}", changes.body);
}

#[test]
fn a_demo_that_is_told_a_second_time_leaves_nothing_behind_either() {
    let directory = directory();
    let (mut running, mut invitation) = demo(directory.path());
    let mut line = String::new();
    invitation.read_line(&mut line).unwrap();
    let key = line.split_whitespace().last().unwrap().to_owned();
    let _request = running.under_way(&key);
    let log = running.child.stderr.take().unwrap();
    let (code, last) = told_twice(running, "INT", "TERM", log);
    assert_eq!((code, last.as_str()), (Some(1), CUT));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}
