//! The database: a narrow door, and the only place that names an engine.
//!
//! A feature holds a [`Conn`] and runs [`Sql`] on it: [`Conn::all`],
//! [`Conn::find`], [`Conn::one`], [`Conn::run`]. Whether SQLite or Postgres
//! answers is decided once, in [`Db::open`].
//!
//! **One writer at a time, on both engines.** SQLite has one writer by nature;
//! on Postgres [`Db::begin`] takes an advisory lock that every writing process
//! shares. So a check made in a transaction still holds when it commits, no two
//! writers can deadlock, and changes commit in the order of their numbers.

mod schema;
mod sql;

use std::{
    future::Future,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use sqlx::{
    FromRow, PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    pool::{PoolConnection, PoolOptions},
    postgres::{PgConnectOptions, PgRow},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous},
};

pub use schema::{ForeignKey, Name, Schema};
pub use sql::{Arg, Columns, Sql, rows_of};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Faults, Result};

static SQLITE: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// Older ones can corrupt a WAL that is reset while it is read.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// The lock that writers on Postgres share: "pledgebk" in ASCII.
const WRITER_LOCK: &str = "select pg_advisory_xact_lock(8100397580690514795)";

const ANOTHER_WRITE: &str = "Another write holds the register. Nothing was changed; try again in a moment.";

/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);

/// A row that decodes from either engine. Every `derive(FromRow)` is one.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

#[derive(Clone)]
pub struct Db {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres {
        pool: PgPool,
        /// This process's writers take turns here before they take a connection, so that those who
        /// wait leave the pool to the readers.
        turns: Arc<Semaphore>,
    },
}

/// A connection, in a transaction or not. Dropped in one, it rolls back.
pub struct Conn {
    held: Held,
    /// This process's turn to write, where it writes.
    _turn: Option<OwnedSemaphorePermit>,
}

enum Held {
    Sqlite(PoolConnection<Sqlite>),
    SqliteTx(Transaction<'static, Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresTx(Transaction<'static, Postgres>),
}

/// Why the register cannot be opened: one line for an operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database URL must begin with sqlite: or postgres:, and {0} does not")]
    Scheme(String),
    #[error(
        "the database URL has an @ after its host: write @, /, ? and # in a password as %40, %2F, %3F and %23"
    )]
    Unencoded,
    #[error("the database URL cannot be read: {0}")]
    Url(sqlx::Error),
    /// `at` is where, without user and password.
    #[error("the database at {at} cannot be reached: {}", why(source))]
    Unreachable { at: String, source: sqlx::Error },
    #[error("the database file {} cannot be opened: {}", .file.display(), why(source))]
    File { file: PathBuf, source: sqlx::Error },
    #[error("the directory {}, where the database file is to be, does not exist", .0.display())]
    NoDirectory(PathBuf),
    #[error("SQLite {found} is too old; {}.{}.{} or newer is needed, as older ones can corrupt the write-ahead log", .needed.0, .needed.1, .needed.2)]
    SqliteTooOld { found: String, needed: (u32, u32, u32) },
    #[error("the database has schema {0}, which is newer than this program knows; run a newer pledgebook")]
    Newer(i64),
    #[error("the database's schema cannot be brought up to date: {0}")]
    Migration(sqlx::migrate::MigrateError),
}

impl Db {
    /// Opens a database by its URL; a SQLite file is created when missing.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::opened(url, true).await
    }

    /// Opens a database that must be there already, to look into it.
    pub async fn open_existing(url: &str) -> Result<Self, OpenError> {
        Self::opened(url, false).await
    }

    async fn opened(url: &str, create: bool) -> Result<Self, OpenError> {
        let engine = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => open_sqlite(url, create).await?,
            Some("postgres" | "postgresql") => open_postgres(url).await?,
            _ => {
                // Not the URL itself: it may hold a password.
                let scheme = url.split(':').next().unwrap_or_default();
                return Err(OpenError::Scheme(scheme.to_owned()));
            }
        };
        Ok(Self { engine })
    }

    /// The URL of a SQLite file.
    #[must_use]
    pub fn file_url(path: &Path) -> String {
        format!("sqlite:{}", path.display())
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        let outcome = match &self.engine {
            Engine::Sqlite { writer, .. } => SQLITE.run(writer).await,
            Engine::Postgres { pool, .. } => POSTGRES.run(pool).await,
        };
        outcome.map_err(|error| match error {
            sqlx::migrate::MigrateError::VersionMissing(version) => OpenError::Newer(version),
            other => OpenError::Migration(other),
        })
    }

    /// The first version of the schema that is there and that this program does not know: a newer one has been here.
    pub async fn unknown_schema(&self) -> Result<Option<i64>> {
        let known = match &self.engine {
            Engine::Sqlite { .. } => &SQLITE,
            Engine::Postgres { .. } => &POSTGRES,
        };
        let applied = Sql::new("select version from _sqlx_migrations order by version");
        let applied: Vec<(i64,)> = self.read().await?.all(applied).await?;
        let mut unknown = applied
            .into_iter()
            .filter(|(version,)| !known.version_exists(*version));
        Ok(unknown.next().map(|(version,)| version))
    }

    /// Which engine answers, for people: `SQLite 3.51.3`, `PostgreSQL 15.18`.
    pub async fn engine(&self) -> Result<String> {
        let (name, sql) = match &self.engine {
            Engine::Sqlite { .. } => ("SQLite", "select sqlite_version()"),
            Engine::Postgres { .. } => (
                "PostgreSQL",
                "select split_part(current_setting('server_version'), ' ', 1)",
            ),
        };
        let (version,): (String,) = self.read().await?.one(Sql::new(sql)).await?;
        Ok(format!("{name} {version}"))
    }

    /// A connection to read with, each statement on its own.
    pub async fn read(&self) -> Result<Conn> {
        Ok(Conn::of(match &self.engine {
            Engine::Sqlite { readers, .. } => Held::Sqlite(readers.acquire().await.map_err(failed)?),
            Engine::Postgres { pool, .. } => Held::Postgres(pool.acquire().await.map_err(failed)?),
        }))
    }

    /// A transaction to read in: all its statements see the same moment.
    ///
    /// Whoever waits for it may go away meanwhile; see [`uncancelled`].
    pub async fn snapshot(&self) -> Result<Conn> {
        let engine = self.engine.clone();
        let begin = async move {
            Ok(Conn::of(match engine {
                Engine::Sqlite { readers, .. } => Held::SqliteTx(readers.begin().await.map_err(failed)?),
                Engine::Postgres { pool, .. } => Held::PostgresTx(
                    pool.begin_with("begin isolation level repeatable read read only")
                        .await
                        .map_err(failed)?,
                ),
            }))
        };
        uncancelled(begin).await?
    }

    /// The one transaction that may write.
    pub async fn begin(&self) -> Result<Conn> {
        match &self.engine {
            Engine::Sqlite { writer, .. } => Ok(Conn::of(Held::SqliteTx(
                writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?,
            ))),
            Engine::Postgres { pool, turns } => {
                let turn = tokio::time::timeout(PATIENCE, turns.clone().acquire_owned())
                    .await
                    .map_err(|_| Error::Busy(ANOTHER_WRITE))?
                    .map_err(Error::internal)?;
                // Read committed, whatever the database's default: each statement must see what was
                // committed while this one waited for the lock.
                let tx = pool
                    .begin_with("begin isolation level read committed")
                    .await
                    .map_err(failed)?;
                let mut conn = Conn {
                    held: Held::PostgresTx(tx),
                    _turn: Some(turn),
                };
                conn.run(Sql::new(WRITER_LOCK)).await?;
                Ok(conn)
            }
        }
    }

    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Engine::Postgres { pool, .. } => pool.close().await,
        }
    }
}

/// The newest schema that this program knows; both engines number theirs alike.
#[must_use]
pub fn newest_schema() -> i64 {
    SQLITE
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}

/// sqlx's reasons, where an operator can do with clearer ones.
fn why(error: &sqlx::Error) -> String {
    match error {
        // While a connection is refused, sqlx tries again until its patience ends.
        sqlx::Error::PoolTimedOut => format!("nothing answers there within {} s", PATIENCE.as_secs()),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("14") => "this user may not read and write there".to_owned(),
            _ => error.message().to_owned(),
        },
        other => other.to_string(),
    }
}

async fn open_sqlite(url: &str, create: bool) -> Result<Engine, OpenError> {
    let options = SqliteConnectOptions::from_str(url).map_err(OpenError::Url)?;
    let file = options.get_filename().to_owned();
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(directory) = directory.filter(|directory| !directory.is_dir()) {
        return Err(OpenError::NoDirectory(directory.to_owned()));
    }
    let unopened = |source| OpenError::File {
        file: file.clone(),
        source,
    };
    let options = options
        .create_if_missing(create)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL: what was acknowledged is on the disk, also when the power goes.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(PATIENCE)
        .foreign_keys(true);
    let writer = PoolOptions::<Sqlite>::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await
        .map_err(unopened)?;
    let (found,): (String,) = sqlx::query_as("select sqlite_version()")
        .fetch_one(&writer)
        .await
        .map_err(unopened)?;
    let mut parts = found.split('.').map(|part| part.parse().unwrap_or(0));
    let version = (
        parts.next().unwrap_or(0),
        parts.next().unwrap_or(0),
        parts.next().unwrap_or(0),
    );
    if version < OLDEST_SQLITE {
        return Err(OpenError::SqliteTooOld {
            found,
            needed: OLDEST_SQLITE,
        });
    }
    let readers = PoolOptions::<Sqlite>::new()
        .max_connections(4)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.create_if_missing(false).pragma("query_only", "on"))
        .await
        .map_err(unopened)?;
    Ok(Engine::Sqlite { writer, readers })
}

async fn open_postgres(url: &str) -> Result<Engine, OpenError> {
    // Read on, it would take a part of the password for the host, and print it as such.
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    if after_scheme
        .split_once(['/', '?', '#'])
        .is_some_and(|(_, rest)| rest.contains('@'))
    {
        return Err(OpenError::Unencoded);
    }
    let options = PgConnectOptions::from_str(url)
        .map_err(OpenError::Url)?
        .application_name("pledgebook")
        .options([
            ("statement_timeout", "30s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "60s"),
        ]);
    let at = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    PoolOptions::<Postgres>::new()
        .max_connections(12)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .map(|pool| Engine::Postgres {
            pool,
            turns: Arc::new(Semaphore::new(1)),
        })
        .map_err(|source| OpenError::Unreachable { at, source })
}

/// Runs one operation on whichever engine is held.
macro_rules! on_engine {
    ($held:expr, $sql:expr, |$conn:ident, $args:ident, $text:ident| $body:expr) => {{
        let sql: Sql = $sql;
        match &mut $held {
            Held::Sqlite(held) => {
                let $text = sqlx::AssertSqlSafe(sql.sqlite_text());
                let ($conn, $args) = (&mut **held, encoded(&sql.args, |arg, into| arg.sqlite(into))?);
                $body
            }
            Held::SqliteTx(held) => {
                let $text = sqlx::AssertSqlSafe(sql.sqlite_text());
                let ($conn, $args) = (&mut **held, encoded(&sql.args, |arg, into| arg.sqlite(into))?);
                $body
            }
            Held::Postgres(held) => {
                let ($conn, $args) = (&mut **held, encoded(&sql.args, |arg, into| arg.postgres(into))?);
                let $text = sqlx::AssertSqlSafe(sql.text);
                $body
            }
            Held::PostgresTx(held) => {
                let ($conn, $args) = (&mut **held, encoded(&sql.args, |arg, into| arg.postgres(into))?);
                let $text = sqlx::AssertSqlSafe(sql.text);
                $body
            }
        }
    }};
}

fn encoded<A: Default>(
    args: &[Box<dyn Arg>],
    add: impl Fn(&dyn Arg, &mut A) -> Result<(), sqlx::error::BoxDynError>,
) -> Result<A> {
    let mut into = A::default();
    for arg in args {
        add(arg.as_ref(), &mut into).map_err(Error::Internal)?;
    }
    Ok(into)
}

impl Conn {
    fn of(held: Held) -> Self {
        Self { held, _turn: None }
    }

    /// Every row.
    pub async fn all<R: Row>(&mut self, sql: Sql) -> Result<Vec<R>> {
        on_engine!(self.held, sql, |conn, args, text| {
            sqlx::query_as_with(text, args)
                .fetch_all(conn)
                .await
                .map_err(failed)
        })
    }

    /// The row, where there is one.
    pub async fn find<R: Row>(&mut self, sql: Sql) -> Result<Option<R>> {
        on_engine!(self.held, sql, |conn, args, text| {
            sqlx::query_as_with(text, args)
                .fetch_optional(conn)
                .await
                .map_err(failed)
        })
    }

    /// The row that must be there.
    pub async fn one<R: Row>(&mut self, sql: Sql) -> Result<R> {
        on_engine!(self.held, sql, |conn, args, text| {
            sqlx::query_as_with(text, args)
                .fetch_one(conn)
                .await
                .map_err(failed)
        })
    }

    /// Runs a statement; how many rows it touched.
    pub async fn run(&mut self, sql: Sql) -> Result<u64> {
        on_engine!(self.held, sql, |conn, args, text| {
            sqlx::query_with(text, args)
                .execute(conn)
                .await
                .map(|done| done.rows_affected())
                .map_err(failed)
        })
    }

    /// Marks where a transaction stands, to come back to. Marks do not nest.
    pub async fn savepoint(&mut self) -> Result<()> {
        self.run(Sql::new("savepoint here")).await.map(drop)
    }

    /// Undoes what came after the mark, and takes the mark away.
    pub async fn rollback_to_savepoint(&mut self) -> Result<()> {
        self.run(Sql::new("rollback to savepoint here")).await?;
        self.release_savepoint().await
    }

    /// Takes the mark away; what came after it stays.
    pub async fn release_savepoint(&mut self) -> Result<()> {
        self.run(Sql::new("release savepoint here")).await.map(drop)
    }

    /// Makes a transaction's work last.
    pub async fn commit(self) -> Result<()> {
        match self.held {
            Held::SqliteTx(tx) => tx.commit().await.map_err(failed),
            Held::PostgresTx(tx) => tx.commit().await.map_err(failed),
            Held::Sqlite(_) | Held::Postgres(_) => Ok(()),
        }
    }

    /// The foreign keys that the schema declares, read from the database itself.
    pub async fn schema(&mut self) -> Result<Schema> {
        match &self.held {
            Held::Sqlite(_) | Held::SqliteTx(_) => self.all(Sql::new(schema::SQLITE)).await,
            Held::Postgres(_) | Held::PostgresTx(_) => self.all(Sql::new(schema::POSTGRES)).await,
        }
        .map(Schema::new)
    }
}

/// A sum that neither engine could keep.
#[must_use]
pub fn sum_does_not_fit() -> Error {
    Error::Invalid(Faults::one(
        "/amount",
        "sum_does_not_fit",
        "with it a total of the register would be too large to be kept exactly; nothing was changed. Mend the amount",
    ))
}

/// What a failure of the database means to a caller.
fn failed(error: sqlx::Error) -> Error {
    if matches!(error, sqlx::Error::PoolTimedOut) {
        return Error::Busy("All of the register's connections are in use. Try again in a moment.");
    }
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .map(std::borrow::Cow::into_owned);
    match code.as_deref() {
        // SQLITE_BUSY and its extended codes; lock_not_available, deadlock_detected, serialization_failure.
        Some("5" | "261" | "517" | "773" | "55P03" | "40P01" | "40001") => Error::Busy(ANOTHER_WRITE),
        // numeric_value_out_of_range; SQLITE_CONSTRAINT_DATATYPE, as an overflowing sum turns into a float there,
        // which a STRICT table refuses.
        Some("22003" | "3091") => sum_does_not_fit(),
        // query_canceled, which is what running out of statement_timeout is called.
        Some("57014") => {
            Error::Busy("The database took too long. Nothing was changed; try again in a moment.")
        }
        // SQLITE_FULL; disk_full.
        Some("13" | "53100") => {
            tracing::error!(%error, "the disk is full");
            Error::Busy("The register's disk is full. Nothing was changed; it can be read meanwhile.")
        }
        // too_many_connections, cannot_connect_now, admin_shutdown.
        Some("53300" | "57P03" | "57P01") => {
            Error::Busy("The database is not ready. Nothing was changed; try again in a moment.")
        }
        _ if matches!(error, sqlx::Error::Io(_)) => {
            tracing::error!(%error, "the database cannot be reached");
            Error::Busy(
                "The database cannot be reached. Nothing is known to have changed; read before you repeat a write.",
            )
        }
        _ => Error::internal(error),
    }
}

/// Runs `work` to its end also when whoever waits for it goes away.
///
/// A write whose client hangs up is still whole, and sqlx is never dropped in
/// the middle of a `begin` (which could leave a connection in a transaction).
pub async fn uncancelled<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T> {
    tokio::spawn(work).await.map_err(Error::internal)
}
