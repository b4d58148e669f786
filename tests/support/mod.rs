//! A database of one's own for every test, on either engine.
//!
//! Shared by every test binary (`mod support;`, or `#[path = "../support/mod.rs"]`).
//! Each starts from a schema that was migrated once, by the real
//! [`Db::migrate`], and is gone when its test ends, also when
//! that fails.

#![allow(dead_code, reason = "each test binary uses its own part of this")]

pub mod postgres;
pub mod program;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
};

use pledgebook::{db::Db, upgrades};
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

/// An empty, migrated database. Dropped, it is gone.
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

    pub async fn fresh(engine: Engine) -> Self {
        let (url, place) = match engine {
            Engine::Sqlite => {
                let directory = tempfile::Builder::new()
                    .prefix("pledgebook-test-")
                    .tempdir()
                    .unwrap();
                let file = directory.path().join("register.db");
                fs::write(&file, migrated_file().await).unwrap();
                (Db::file_url(&file), Place::Directory(directory))
            }
            Engine::Postgres => {
                let name = postgres::copy_of_template().await;
                (postgres::server().unwrap().url(&name), Place::Named(name))
            }
        };
        Self { url, place }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Named(name) = &self.place {
            postgres::drop_database(name);
        }
    }
}

/// A migrated SQLite file, as bytes: made once, so that nothing of it stays on the disk.
async fn migrated_file() -> &'static [u8] {
    static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
    FILE.get_or_init(|| async {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("template.db");
        let db = Db::open(&Db::file_url(&file)).await.unwrap();
        db.migrate(&upgrades::all(), |_| {}).await.unwrap();
        db.close().await;
        let log = file.with_extension("db-wal");
        assert!(
            !log.exists(),
            "closing did not fold the write-ahead log into the file"
        );
        fs::read(&file).unwrap()
    })
    .await
}

/// Says it once, past the capture of libtest, which shows only what failed.
#[allow(clippy::explicit_write, reason = "eprintln! is what libtest captures")]
pub fn say_loudly(text: &str) {
    use std::io::Write;
    static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap();
    if !said.iter().any(|earlier| earlier == text) {
        said.push(text.to_owned());
        let line = "=".repeat(80);
        writeln!(std::io::stderr(), "\n{line}\n{text}\n{line}").unwrap();
    }
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
