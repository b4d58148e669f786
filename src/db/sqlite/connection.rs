//! A connection to the file: docs/decisions/0030.
//!
//! A statement runs on the thread that asks, without a hand-over. What may wait for another program or for the disk, as
//! BEGIN and COMMIT of a write do, runs apart.

use std::{
    borrow::Cow,
    fmt,
    path::PathBuf,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Instant,
};

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use rusqlite::{CachedStatement, Connection, OpenFlags};
use sqlx::error::{DatabaseError, ErrorKind};
use tokio::time::timeout_at;

use super::{Connector, FileState, PATIENCE, TO_BE_INTERRUPTED};
use crate::db::{
    Param, Row, Sql,
    pool::Lease,
    row::{Fetched, Places, read},
};

/// How many instructions of SQLite's machine run between two looks at the clock: some tenths of a millisecond.
const INSTRUCTIONS: i32 = 20_000;

/// How many statements stay prepared on a connection.
const PREPARED: usize = 100;

/// The one that writes has 16 MiB of the file in memory: the pages that a group of creates changes, some ten each.
pub(in crate::db) const WRITERS_CACHE: &str = " pragma cache_size = -16384;";

/// The moment from which deadlines are counted.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// How a file is opened.
#[derive(Debug, Clone)]
pub(super) struct FileOptions {
    pub(super) file: PathBuf,
    pub(super) vfs: Option<String>,
    pub(super) shares_cache: bool,
    pub(super) reads_alone: bool,
    /// As if nobody could change it.
    pub(super) is_immutable: bool,
    /// Statements that set it up.
    pub(super) settings: String,
}

impl FileOptions {
    /// The same, to be read alone.
    pub(super) fn to_read(&self) -> Self {
        let mut options = self.clone();
        options.settings.push_str(" pragma query_only = on;");
        options
    }

    /// The same, for the one that writes: those who create change pages all over the file, and read them first.
    pub(super) fn to_write(&self) -> Self {
        let mut options = self.clone();
        options.settings.push_str(WRITERS_CACHE);
        options
    }

    pub(super) fn connect(&self) -> Result<Connection, sqlx::Error> {
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags |= if self.reads_alone {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        flags |= if self.shares_cache {
            OpenFlags::SQLITE_OPEN_SHARED_CACHE
        } else {
            OpenFlags::SQLITE_OPEN_PRIVATE_CACHE
        };
        let name = if self.is_immutable {
            flags |= OpenFlags::SQLITE_OPEN_URI;
            let path = percent_encode(self.file.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC);
            Cow::Owned(format!("file:{path}?immutable=1").into())
        } else {
            Cow::Borrowed(&self.file)
        };
        let opened = match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&*name, flags, vfs.as_str()),
            None => Connection::open_with_flags(&*name, flags),
        };
        let set = |connection: Connection| {
            connection.set_prepared_statement_cache_capacity(PREPARED);
            connection.busy_timeout(PATIENCE)?;
            connection.execute_batch(&self.settings)?;
            Ok(connection)
        };
        opened.and_then(set).map_err(failure)
    }

    /// Whether a file can be opened, and its log be read.
    pub(super) fn tried(&self) -> Result<Connection, sqlx::Error> {
        let connection = self.connect()?;
        connection
            .query_row("select count(*) from sqlite_schema", (), |_| Ok(()))
            .map_err(failure)?;
        Ok(connection)
    }
}

/// A connection, and until when what runs on it may run.
pub(in crate::db) struct Handle {
    connection: Box<Connection>,
    until: Arc<Until>,
    /// The file's, where it is read as if nobody could change it.
    pub(super) state: FileState,
}

/// When a statement is to end.
struct Until {
    /// In milliseconds.
    at: AtomicU64,
    /// Whether nobody waits for it any more.
    given_up: Mutex<Option<Arc<AtomicBool>>>,
}

impl Until {
    fn is_over(&self) -> bool {
        let at = self.at.load(Ordering::Relaxed);
        let given_up = self.given_up.lock().unwrap_or_else(PoisonError::into_inner);
        (at != u64::MAX && millis(Instant::now()) >= at)
            || given_up.as_ref().is_some_and(|it| it.load(Ordering::Relaxed))
    }
}

fn millis(at: Instant) -> u64 {
    u64::try_from(at.saturating_duration_since(*BEGINNING).as_millis()).unwrap_or(u64::MAX)
}

impl Handle {
    pub(super) fn new(connection: Connection, state: FileState) -> Result<Self, sqlx::Error> {
        let until = Arc::new(Until {
            at: AtomicU64::new(u64::MAX),
            given_up: Mutex::default(),
        });
        let seen = until.clone();
        connection
            .progress_handler(INSTRUCTIONS, Some(move || seen.is_over()))
            .map_err(failure)?;
        Ok(Self {
            connection: Box::new(connection),
            until,
            state,
        })
    }

    /// From now on a statement is interrupted at this moment, or once nobody waits for it, and waits for others no longer
    /// than that; at none, it runs to its end.
    pub(in crate::db) fn run_until(
        &mut self,
        at: Option<tokio::time::Instant>,
        given_up: Option<&Arc<AtomicBool>>,
    ) {
        let waits = at.map_or(PATIENCE, |at| {
            at.saturating_duration_since(tokio::time::Instant::now())
                .min(PATIENCE)
        });
        let at = at.map_or(u64::MAX, |at| millis(at.into_std()));
        self.until.at.store(at, Ordering::Relaxed);
        *self.until.given_up.lock().unwrap_or_else(PoisonError::into_inner) = given_up.cloned();
        if let Err(error) = self.connection.busy_timeout(waits) {
            tracing::debug!(%error, "a connection to the file waits no longer than before");
        }
    }

    fn prepared(&self, sql: &Sql) -> Result<CachedStatement<'_>, sqlx::Error> {
        let mut statement = self
            .connection
            .prepare_cached(&sql.sqlite_text())
            .map_err(failure)?;
        bind(&mut statement, &sql.args)?;
        Ok(statement)
    }

    /// Every row.
    pub(in crate::db) fn all<R: Row>(&mut self, sql: &Sql) -> Result<Vec<R>, sqlx::Error> {
        let mut statement = self.prepared(sql)?;
        let places = Places::default();
        let mut rows = statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(failure)? {
            all.push(read(Fetched::of_file(row, &places))?);
        }
        Ok(all)
    }

    /// Every row, in what keeps less of it.
    pub(in crate::db) fn gathered<R: Row, T: Default + Extend<R>>(
        &mut self,
        sql: &Sql,
    ) -> Result<T, sqlx::Error> {
        let mut statement = self.prepared(sql)?;
        let places = Places::default();
        let mut rows = statement.raw_query();
        let mut all = T::default();
        while let Some(row) = rows.next().map_err(failure)? {
            all.extend([read(Fetched::of_file(row, &places))?]);
        }
        Ok(all)
    }

    /// The first row, where there is one.
    pub(in crate::db) fn find<R: Row>(&mut self, sql: &Sql) -> Result<Option<R>, sqlx::Error> {
        let mut statement = self.prepared(sql)?;
        let places = Places::default();
        let mut rows = statement.raw_query();
        let row = rows.next().map_err(failure)?;
        row.map(|row| read(Fetched::of_file(row, &places))).transpose()
    }

    /// The row that must be there.
    pub(in crate::db) fn one<R: Row>(&mut self, sql: &Sql) -> Result<R, sqlx::Error> {
        self.find(sql)?.ok_or(sqlx::Error::RowNotFound)
    }

    /// Runs a statement to its end; how many rows it touched. One for several rows runs for each: to prepare it anew for
    /// each number of them costs more than they do.
    pub(in crate::db) fn execute(&mut self, sql: &Sql) -> Result<u64, sqlx::Error> {
        let Some((text, columns)) = sql.by_rows() else {
            let mut statement = self.prepared(sql)?;
            return self.run(&mut statement);
        };
        let mut statement = self.connection.prepare_cached(&text).map_err(failure)?;
        let mut touched = 0;
        for row in sql.args.chunks(columns) {
            bind(&mut statement, row)?;
            touched += self.run(&mut statement)?;
        }
        Ok(touched)
    }

    fn run(&self, statement: &mut CachedStatement<'_>) -> Result<u64, sqlx::Error> {
        let mut rows = statement.raw_query();
        while rows.next().map_err(failure)?.is_some() {}
        Ok(self.connection.changes())
    }

    /// Runs statements that have no parameters, which are not prepared.
    pub(in crate::db) fn plainly(&mut self, text: &str) -> Result<(), sqlx::Error> {
        self.connection.execute_batch(text).map_err(failure)
    }

    /// Ends it; the last one folds the log into the file.
    pub(super) fn close(self) -> Result<(), sqlx::Error> {
        closed(*self.connection)
    }
}

fn bind(statement: &mut CachedStatement<'_>, args: &[Param]) -> Result<(), sqlx::Error> {
    for (place, arg) in (1..).zip(args) {
        statement.raw_bind_parameter(place, arg).map_err(failure)?;
    }
    Ok(())
}

pub(super) fn closed(connection: Connection) -> Result<(), sqlx::Error> {
    connection.close().map_err(|(_, error)| failure(error))
}

/// Whoever waits for a statement that runs apart; gone, it is interrupted.
struct Asking(Option<Arc<Until>>);

impl Drop for Asking {
    fn drop(&mut self) {
        if let Some(until) = &self.0 {
            until.at.store(0, Ordering::Relaxed);
        }
    }
}

impl Lease<Connector> {
    /// Ends a transaction that only read.
    pub(in crate::db) fn let_go(&mut self) {
        let Some(handle) = self.connection() else { return };
        handle.run_until(None, None);
        if let Err(error) = handle.plainly("rollback") {
            tracing::debug!(%error, "a transaction was not rolled back");
            self.discard();
        }
    }

    /// Runs what may wait on a thread that may wait as well. Where it is not waited for any longer, the connection is gone.
    pub(in crate::db) async fn apart(
        &mut self,
        text: String,
        limit: Option<tokio::time::Instant>,
    ) -> Result<(), sqlx::Error> {
        let Some(mut handle) = self.taken() else {
            return Err(sqlx::Error::WorkerCrashed);
        };
        handle.run_until(limit, None);
        let mut asking = Asking(Some(handle.until.clone()));
        let running = tokio::task::spawn_blocking(move || {
            let outcome = handle.plainly(&text);
            (handle, outcome)
        });
        let run = match limit {
            // One that is interrupted takes a moment to end.
            Some(limit) => timeout_at(limit + TO_BE_INTERRUPTED, running).await,
            None => Ok(running.await),
        };
        match run {
            Ok(Ok((handle, outcome))) => {
                asking.0 = None;
                self.put_back(handle);
                outcome
            }
            Ok(Err(_)) => Err(sqlx::Error::WorkerCrashed),
            Err(_) => Err(crate::db::conn::late()),
        }
    }
}

/// Does what the disk may hold up, such as to open a file, on a thread that may wait.
pub(super) async fn where_it_may_wait<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, sqlx::Error> + Send + 'static,
) -> Result<T, sqlx::Error> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(sqlx::Error::WorkerCrashed))
}

/// What SQLite says.
#[derive(Debug)]
struct Refused {
    /// The extended code.
    code: i32,
    message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(code: {}) {}", self.code, self.message)
    }
}

impl std::error::Error for Refused {}

impl DatabaseError for Refused {
    fn message(&self) -> &str {
        &self.message
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.code.to_string().into())
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

/// SQLite's failure in the words of the other driver, so that both have one meaning.
pub(super) fn failure(error: rusqlite::Error) -> sqlx::Error {
    match error {
        rusqlite::Error::SqliteFailure(found, message) => sqlx::Error::Database(Box::new(Refused {
            code: found.extended_code,
            message: message.unwrap_or_else(|| found.to_string()),
        })),
        other => sqlx::Error::Decode(other.into()),
    }
}
