//! A database of one's own for every test, on either engine.
//!
//! Shared by every test binary (`mod support;`, or `#[path = "../support/mod.rs"]`).
//! Each starts from a schema that was migrated once, by the real
//! [`Db::migrate`], and is gone when its test ends, also when
//! that fails.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub mod postgres;
pub mod program;
pub mod told;

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex},
};

use pledgebook::{
    auth::{self, Role},
    db::{Db, Sql},
    upgrades,
};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Which database a story runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// Postgres, where there is one. Without, it says so (and fails where `CI=true`).
    pub fn postgres() -> Option<Self> {
        postgres::server().map(|_| Self::Postgres)
    }
}

/// A key of each role. Its holder's name, an `actor` in the log, is the role's.
#[derive(Clone)]
pub struct Keys {
    pub reader: String,
    pub editor: String,
    pub admin: String,
}

impl Keys {
    async fn made_in(db: &Db) -> Self {
        Self {
            reader: key(db, "reader", Role::Reader).await,
            editor: key(db, "editor", Role::Editor).await,
            admin: key(db, "admin", Role::Admin).await,
        }
    }
}

/// A key of which the log says nothing: tests count its entries.
pub async fn key(db: &Db, name: &str, role: Role) -> String {
    let key = auth::create(db, name, role).await.unwrap();
    let mut conn = db.begin().await.unwrap();
    let entry = Sql::new("delete from changes where resource = 'keys'");
    conn.run(entry).await.unwrap();
    conn.commit().await.unwrap();
    key
}

/// A database of a test's own. Dropped, it is gone.
pub struct Database {
    /// What [`Db::open`] takes.
    pub url: String,
    place: Place,
}

enum Place {
    Directory(TempDir),
    Named(String),
}

impl Database {
    /// One in which nothing was done yet, not even a migration.
    pub async fn blank(engine: Engine) -> Self {
        let (url, place) = match engine {
            Engine::Sqlite => {
                let directory = tempfile::tempdir().unwrap();
                let file = directory.path().join("register.db");
                (Db::file_url(&file), Place::Directory(directory))
            }
            Engine::Postgres => {
                let name = postgres::blank().await;
                (postgres::server().unwrap().url(&name), Place::Named(name))
            }
        };
        Self { url, place }
    }

    /// One that was migrated, and has nothing in it.
    pub async fn fresh(engine: Engine) -> Self {
        static TEMPLATE: Template<()> = Template::new();
        TEMPLATE.copied(engine, async |_| ()).await.0
    }

    /// The same, but for a key of each role. Whoever asks for it has these keys, which are made once. The log is empty
    /// all the same: stories count its entries.
    pub async fn with_keys(engine: Engine) -> (Self, Keys) {
        static TEMPLATE: Template<Keys> = Template::new();
        TEMPLATE.copied(engine, Keys::made_in).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Named(name) = &self.place {
            postgres::drop_database(name);
        }
    }
}

/// What databases are copied from: made on each engine when it is first asked for, with what was put into it.
struct Template<T> {
    /// As bytes, so that nothing of it stays on the disk.
    file: OnceCell<(Vec<u8>, T)>,
    /// By its name.
    database: OnceCell<(String, T)>,
}

impl<T: Clone> Template<T> {
    const fn new() -> Self {
        Self {
            file: OnceCell::const_new(),
            database: OnceCell::const_new(),
        }
    }

    /// A copy, and what `furnish` put into the original.
    async fn copied(&self, engine: Engine, furnish: impl AsyncFn(&Db) -> T) -> (Database, T) {
        match engine {
            Engine::Sqlite => {
                let (bytes, content) = self
                    .file
                    .get_or_init(|| async {
                        let directory = tempfile::tempdir().unwrap();
                        let file = directory.path().join("template.db");
                        let content = filled(&Db::file_url(&file), furnish).await;
                        let log = file.with_extension("db-wal");
                        assert!(
                            !log.exists(),
                            "closing did not fold the write-ahead log into the file"
                        );
                        (fs::read(&file).unwrap(), content)
                    })
                    .await;
                let directory = tempfile::Builder::new()
                    .prefix("pledgebook-test-")
                    .tempdir()
                    .unwrap();
                let file = directory.path().join("register.db");
                fs::write(&file, bytes).unwrap();
                let database = Database {
                    url: Db::file_url(&file),
                    place: Place::Directory(directory),
                };
                (database, content.clone())
            }
            Engine::Postgres => {
                let server = postgres::server().unwrap();
                let (template, content) = self
                    .database
                    .get_or_init(|| async {
                        let name = postgres::template().await;
                        let content = filled(&server.url(&name), furnish).await;
                        (name, content)
                    })
                    .await;
                let name = postgres::copy_of(template).await;
                let database = Database {
                    url: server.url(&name),
                    place: Place::Named(name),
                };
                (database, content.clone())
            }
        }
    }
}

/// Migrates a database, and puts something into it.
async fn filled<T>(url: &str, furnish: impl AsyncFn(&Db) -> T) -> T {
    let db = Db::open(url).await.unwrap();
    db.migrate(&upgrades::all(), |_| {}).await.unwrap();
    let content = furnish(&db).await;
    db.close().await;
    content
}

/// Says it now, past the capture of libtest, which shows only what failed; and again at the very end, where
/// it is seen.
#[expect(clippy::explicit_write, reason = "eprintln! is what libtest captures")]
pub fn say_loudly(text: &str) {
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap();
    if !said.iter().any(|earlier| earlier == text) {
        said.push(text.to_owned());
        let line = "=".repeat(80);
        let text = format!("\n{line}\n{text}\n{line}\n");
        write!(std::io::stderr(), "{text}").unwrap();
        leave_behind(&text);
    }
}

/// Has it said once this process has ended. libtest says how the tests went after the last of them, and then
/// leaves without running destructors; so the last word is that of a shell, which waits for the end of its
/// standard input. That comes when this process ends, however it ends.
fn leave_behind(text: &str) {
    const SCRIPT: &str = r#"trap '' HUP INT TERM; said=$(cat); printf '%s\n' "$said" >&2"#;
    static SHELL: LazyLock<Mutex<Child>> = LazyLock::new(|| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        Mutex::new(shell.spawn().unwrap())
    });
    let shell = SHELL.lock().unwrap();
    let mut last_word = shell.stdin.as_ref().unwrap();
    last_word.write_all(text.as_bytes()).unwrap();
}

/// A file of `tests/data`.
pub fn carried_data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(path)
}

/// A file of the data that lies beside the project but is no part of it. Where it is not there, that is
/// said loudly, and is a failure where `CI=true`: a story that was not told must not pass for one that was.
pub fn shared_data(path: &str) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let file = data.join(path);
    if file.exists() {
        return Some(file);
    }
    not_run(&format!(
        "{path} is not beside the project (../shared/data): what it is to show was not tried"
    ));
    None
}

/// Says that something was not tried for want of `why`; fails where `CI=true`.
pub fn not_run(why: &str) {
    let text = format!("NOT RUN: {why}.");
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{text}");
    say_loudly(&text);
}
