//! The disk is full, or the file is not what it was. SQLite alone.

use std::{
    fs::{self, File, Permissions},
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use pledgebook::db::{Db, Sql};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

use crate::{
    Fault, NEEDS_ROOT, Row, Told,
    ask::{Asker, NOTICED, holds_within},
    kill::key,
    load::Load,
    support::{Database, Engine, program::Program},
};

pub const FAULTS: [Fault; 5] = [
    Fault {
        name: "disk full under 8 writers, then room",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(full(engine)),
    },
    Fault {
        name: "disk full before the start, then room",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(full_before(engine)),
    },
    Fault {
        name: "disk refuses a longer file, then takes it",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(limited(engine)),
    },
    Fault {
        name: "disk file read-only, moved, replaced, and back",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(not_what_it_was(engine)),
    },
    Fault {
        name: "disk log grown behind a long reader",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(grown(engine)),
    },
];

/// How long an article is where the disk is short, in bytes: it is stored several times over.
const TEXT: usize = 20_000;

/// What is kept of the write-ahead log at most: `LARGEST_REST` of `src/db/sqlite.rs`.
const JOURNAL_SIZE_LIMIT: u64 = 64 * 1024 * 1024;

/// What is written at once where the log is to grow.
const FILLED: u64 = 16 * 1024 * 1024;

/// The file of a database.
fn file_of(database: &Database) -> PathBuf {
    database.url.strip_prefix("sqlite:").unwrap().into()
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A command, run by a shell that does something before: `"$@"` of the script, behind its own words.
pub fn by_a_shell(mut shell: Command, script: &str, words: &[&Path], inner: &Command) -> Command {
    shell.args(["-c", script, "sh"]).args(words);
    shell.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// A shell with mounts of its own, which are gone with it, however it ends: as root, else as root of a namespace.
pub fn mounting_shell() -> Result<Command, String> {
    for flags in ["-m", "-Urm"] {
        let mut tried = Command::new("unshare");
        tried.args([flags, "mount", "-t", "tmpfs", "tried", "/tmp"]);
        match tried.stdin(Stdio::null()).stderr(Stdio::null()).status() {
            Ok(status) if status.success() => {
                let mut shell = Command::new("unshare");
                shell.args([flags, "sh"]);
                return Ok(shell);
            }
            Ok(_) => {}
            Err(error) => return Err(format!("unshare cannot be run: {error}")),
        }
    }
    Err(format!("{NEEDS_ROOT}, to mount a small disk"))
}

/// A register on a disk of 12 MiB that only the program sees.
struct SmallDisk {
    program: Program,
    /// What takes the room that is left, where the program sees it.
    filler: PathBuf,
    _directory: TempDir,
}

impl SmallDisk {
    /// With writers of long texts. `before`: a command of the shell, between the register's file and the program's start.
    async fn start(engine: Engine, before: &str) -> Result<(Self, Load), String> {
        let shell = mounting_shell()?;
        let database = Database::fresh(engine).await;
        let key = key(&database.url).await;
        let directory = tempfile::tempdir().unwrap();
        let disk = directory.path();
        let url = Db::file_url(&disk.join("register.db"));
        let serve = Program::command(&url, "127.0.0.1:0", [""; 0]);
        let script = format!(
            "mount -t tmpfs -o size=12m small \"$1\" && cp \"$2\" \"$1/register.db\" && {before} shift 2 && exec \"$@\""
        );
        let program = Program::start(by_a_shell(shell, &script, &[disk, &file_of(&database)], &serve));
        let load = Load::with_texts(&program.url, &key, 8, 2, TEXT);
        let filler = format!("/proc/{}/root{}/filler", program.id(), disk.display());
        let disk = Self {
            program,
            filler: filler.into(),
            _directory: directory,
        };
        Ok((disk, load))
    }

    /// Takes away what fills it; whether a write is made within 2 s.
    async fn is_written_once_freed(&self, load: &Load) -> bool {
        fs::remove_file(&self.filler).unwrap();
        let freed = Instant::now();
        load.more(1).await;
        freed.elapsed() < Duration::from_secs(2)
    }
}

async fn full(engine: Engine) -> Told {
    let (disk, load) = SmallDisk::start(engine, "").await?;
    let program = &disk.program;
    let asker = Asker::new(&program.url, "");
    load.more(20).await;
    fill(&disk.filler);
    let is_refused = holds_within(NOTICED, async || load.refused_as("disk_full") > 0).await;
    let not_ready = asker.readiness(503).await;
    let noticed = load.since_a_write() <= NOTICED;
    let stays = asker.readiness_stays(503, Duration::from_secs(2)).await;
    let written = disk.is_written_once_freed(&load).await;
    let is_ready_again = asker.readiness(200).await.is_some();
    load.more(20).await;

    let row = Row::of(load.stop().await, &program.url).await;
    let (reads, writes) = (
        row.account.reads.is_only(&[200]),
        row.account.writes.is_only(&[201, 507]),
    );
    let why = not_ready
        .as_ref()
        .map(crate::ask::Answer::detail)
        .unwrap_or_default();
    Ok(row
        .also(is_refused, "writes are refused as disk_full")
        .also(writes, "writes are answered with 201 and 507 alone")
        .also(reads, "reads go on")
        .also(
            not_ready.is_some_and(|it| it.is(503, "not_ready")),
            "it is not ready",
        )
        .also(why.contains("disk is full"), "readiness says why")
        .also(noticed, "that is noticed in 15 s")
        .also(stays, "it is not ready for as long as it is so")
        .also(written, "once there is room, writes go on within 2 s")
        .also(is_ready_again, "once there is room, it is ready in 15 s"))
}

async fn full_before(engine: Engine) -> Told {
    let fills = "{ cat /dev/zero >\"$1/filler\" 2>&1 || true; } &&";
    let (disk, load) = SmallDisk::start(engine, fills).await?;
    let program = &disk.program;
    let asker = Asker::new(&program.url, "");
    let is_refused = holds_within(NOTICED, async || load.refused_as("disk_full") > 20).await;
    let not_ready = asker.readiness(503).await;
    let written = disk.is_written_once_freed(&load).await;
    let is_ready = asker.readiness(200).await.is_some();
    load.more(20).await;
    let row = Row::of(load.stop().await, &program.url).await;
    let (reads, writes) = (
        row.account.reads.is_only(&[200]),
        row.account.writes.is_only(&[201, 507]),
    );
    Ok(row
        .also(is_refused, "writes are refused as disk_full")
        .also(writes, "writes are answered with 201 and 507 alone")
        .also(reads, "it is read from the start")
        .also(
            not_ready.is_some_and(|it| it.is(503, "not_ready") && it.detail().contains("disk is full")),
            "it is not ready and says why",
        )
        .also(written, "once there is room, writes go on within 2 s")
        .also(is_ready, "once there is room, it is ready in 15 s"))
}

/// Writes until no byte more is taken.
fn fill(file: &Path) {
    let mut filler = File::create(file).unwrap();
    for piece in [64 * 1024, 4096, 1] {
        while filler.write_all(&vec![0; piece]).is_ok() {}
    }
}

async fn limited(engine: Engine) -> Told {
    // In blocks of 512 bytes: two megabytes, which the log reaches before it is folded for the first time.
    const LIMIT: &str = "ulimit -S -f 4096 && exec \"$@\"";
    let database = Database::fresh(engine).await;
    let key = key(&database.url).await;
    let serve = Program::command(&database.url, "127.0.0.1:0", [""; 0]);
    let program = Program::start(by_a_shell(Command::new("sh"), LIMIT, &[], &serve));
    let asker = Asker::new(&program.url, &key);
    // One writer: what several did together and was undone together would leave room for the small write that asks.
    let load = Load::with_texts(&program.url, &key, 1, 2, TEXT);
    // Each for certain: what could not be written to the log is not kept.
    let failures = ["disk_full", "unavailable"];
    let is_refused = holds_within(NOTICED, async || {
        failures.iter().any(|code| load.refused_as(code) > 0)
    })
    .await;
    let not_ready = asker.readiness(503).await;
    let noticed = load.since_a_write() <= NOTICED;
    // Nobody writes, and it asks itself: what it writes is small, and would still find room.
    load.rest(true);
    let stays = asker.readiness_stays(503, Duration::from_secs(7)).await;
    let lifted = Command::new("prlimit")
        .args(["--pid", &program.id().to_string(), "--fsize=unlimited:"])
        .status();
    if !lifted.is_ok_and(|status| status.success()) {
        return Err("prlimit, by which a limit is lifted, is not there".to_owned());
    }
    let is_ready_again = asker.readiness(200).await.is_some();
    let write = asker.write("afterwards").await;
    load.rest(false);
    load.more(20).await;
    let row = Row::of(load.stop().await, &program.url).await;
    let (reads, writes) = (
        row.account.reads.is_only(&[200]),
        row.account.writes.only(201, &failures),
    );
    Ok(row
        .also(is_refused, "writes are refused")
        .also(writes, "writes are made, or refused for certain")
        .also(reads, "reads go on")
        .also(
            not_ready.is_some_and(|it| it.is(503, "not_ready")),
            "it is not ready",
        )
        .also(noticed, "that is noticed in 15 s")
        .also(
            stays,
            "it is not ready for as long as it is so, also when nobody writes",
        )
        .also(is_ready_again, "it is ready in 15 s, also when nobody writes")
        .also(write.status == 201, "the next write is made"))
}

/// What is done to the file, how it is undone, and how a write is refused meanwhile.
struct Deed {
    what: &'static str,
    code: &'static str,
    done: fn(&Path),
    undone: fn(&Path),
}

const DEEDS: [Deed; 3] = [
    Deed {
        what: "made read-only",
        code: "read_only",
        done: |file| fs::set_permissions(file, Permissions::from_mode(0o400)).unwrap(),
        undone: |file| fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap(),
    },
    Deed {
        what: "moved away",
        code: "unavailable",
        done: |file| fs::rename(file, beside(file, "-away")).unwrap(),
        undone: |file| fs::rename(beside(file, "-away"), file).unwrap(),
    },
    Deed {
        what: "replaced",
        code: "unavailable",
        done: |file| {
            fs::rename(file, beside(file, "-away")).unwrap();
            fs::copy(beside(file, "-away"), file).unwrap();
        },
        undone: |file| fs::rename(beside(file, "-away"), file).unwrap(),
    },
];

async fn not_what_it_was(engine: Engine) -> Told {
    let database = Database::fresh(engine).await;
    let key = key(&database.url).await;
    let program = Program::serve(&database.url);
    let asker = Asker::new(&program.url, &key);
    let load = Load::start(&program.url, &key, 8, 2);
    let file = file_of(&database);
    let mut unlike = Vec::new();
    for Deed {
        what,
        code,
        done,
        undone,
    } in DEEDS
    {
        load.more(50).await;
        done(&file);
        let not_ready = asker.readiness(503).await;
        let stays = asker.readiness_stays(503, Duration::from_secs(1)).await;
        let write = asker.write(what).await;
        let read = asker.get("/v1/articles?limit=5").await;
        undone(&file);
        let ready = asker.readiness(200).await;
        for (holds, should) in [
            (
                not_ready.is_some_and(|it| it.is(503, "not_ready")),
                "it is not ready",
            ),
            (stays, "it stays so"),
            (write.is(503, code), "writes are refused"),
            (read.status == 200, "reads go on"),
            (ready.is_some(), "once it is as it was, it is ready in 15 s"),
        ] {
            if !holds {
                unlike.push(format!(
                    "{what}: {should} (write {} {})",
                    write.status, write.text
                ));
            }
        }
    }
    load.more(50).await;
    let account = load.stop().await;
    let (reads, writes) = (account.reads.is_only(&[200]), account.writes.is_only(&[201, 503]));
    drop(program);
    // What the file holds, not what a program remembers.
    let again = Program::serve(&database.url);
    Ok(Row::of(account, &again.url)
        .await
        .also(writes, "writes are answered with 201 and 503 alone")
        .also(reads, "reads go on")
        .also(unlike.is_empty(), &unlike.join("; ")))
}

async fn grown(engine: Engine) -> Told {
    let database = Database::fresh(engine).await;
    let key = key(&database.url).await;
    let log = beside(&file_of(&database), "-wal");
    let length = || fs::metadata(&log).map_or(0, |log| log.len());
    let program = Program::serve(&database.url);
    let load = Load::with_texts(&program.url, &key, 4, 2, TEXT);
    // Enough of a list that nobody can take it all on the way.
    load.more(100).await;

    // An export that is read slowly holds no moment of the register.
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(16 * 1024).unwrap();
    let address = program.url.strip_prefix("http://").unwrap();
    let mut slow = socket.connect(address.parse().unwrap()).await.unwrap();
    slow.write_all(b"GET /v1/changes?format=ndjson HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut begun = [0; 4096];
    slow.read_exact(&mut begun).await.unwrap();
    let is_begun = begun.starts_with(b"HTTP/1.1 200 ");
    let other = Db::open(&database.url).await.unwrap();
    // Half as much again as the log may hold before it is folded, and one write more.
    for _ in 0..8 {
        write_much(&other).await;
        load.more(20).await;
    }
    let beside_export = length();

    // Another program's moment does, such as a copy's that is being made.
    let mut moment = other.snapshot().await.unwrap();
    let (_,): (i64,) = moment
        .one(Sql::new("select count(*) from changes"))
        .await
        .unwrap();
    for _ in 0..5 {
        write_much(&other).await;
        load.more(20).await;
    }
    let grew = length() > JOURNAL_SIZE_LIMIT;
    drop(moment);
    let shrunk = holds_within(NOTICED, async || length() <= JOURNAL_SIZE_LIMIT).await;
    other.close().await;
    drop(slow);
    let row = Row::of(load.stop().await, &program.url).await;
    let only = row.account.writes.is_only(&[201]) && row.account.reads.is_only(&[200]);
    Ok(row
        .also(only, "everybody is served")
        .also(is_begun, "the export is answered")
        .also(
            beside_export <= JOURNAL_SIZE_LIMIT + FILLED,
            &format!("an export that is read slowly holds no log: {beside_export} bytes"),
        )
        .also(grew, "a long reader lets the log grow")
        .also(shrunk, "behind it, the log shrinks to journal_size_limit"))
}

/// Writes [`FILLED`] bytes, which are not there afterwards.
async fn write_much(db: &Db) {
    let mut conn = db.begin().await.unwrap();
    let filler = "create table filler as select zeroblob(16777216) as zeros";
    conn.run(Sql::new(filler)).await.unwrap();
    conn.run(Sql::new("drop table filler")).await.unwrap();
    conn.commit().await.unwrap();
}
