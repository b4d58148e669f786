//! The database: a narrow door, and the only place that names an engine.
//!
//! A feature holds a [`Reader`] and runs [`Sql`] on it: [`Reader::all`], [`Reader::find`],
//! [`Reader::one`]; in a write it holds a [`Conn`], which is a reader and has [`Conn::run`]. Whether SQLite or Postgres
//! answers is decided once, in [`Db::open`].
//!
//! **One writer at a time, on both engines.** SQLite has one writer by nature;
//! on Postgres [`Db::begin`] takes an advisory lock that every writing process
//! shares. So a check made in a transaction still holds when it commits, no two
//! writers can deadlock, and changes commit in the order of their numbers.

pub mod deadline;
mod cells;
mod conn;
mod failure;
mod group;
mod line;
mod migrations;
mod pool;
mod postgres;
mod question;
mod revision;
mod row;
mod schema;
mod sql;
mod sqlite;
mod storage;
mod threads;
mod usage;
mod value;

use std::{
    future::Future,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Mutex, OwnedSemaphorePermit},
    time::{Instant, timeout, timeout_at},
};

pub use cells::Cells;
pub use conn::{Conn, Reader};
pub use deadline::Limits;
pub use failure::sum_does_not_fit;
pub use group::Patience;
pub use line::Line;
pub use migrations::{Migrations, Part, Progress, Step, newest_schema};
pub use revision::{Marks, Version};
pub(crate) use row::row;
pub use row::{Fetched, Row, Unreadable};
pub use schema::{ForeignKey, Name, Schema};
pub use sql::{Columns, Sql, rows_of};
pub use threads::stands_in_line;
pub use usage::{PoolUsage, Usage};
pub(crate) use value::stored_as_json;
pub use value::{BoxError, Cell, Param, Spelled, Spelling, Value};

use crate::error::{Error, Result};
use conn::{Leased, Work};
use failure::Meaning;
use group::{Open, Seat, Uncounted};
use line::{NoPlace, Places};
use pool::{Connect, Pool, Unavailable};
use question::Question;
use revision::Watch;
use storage::Storage;
use usage::Looking;

/// The lock that writers on Postgres share: "pledgebk" in ASCII.
const WRITER_LOCK: &str = "select pg_advisory_xact_lock(8100397580690514795)";

const ANOTHER_WRITE: &str =
    "Another program's write holds the register's database. Nothing was changed; try again in a moment.";
const MANY_WRITES: &str = "More is written at once than the register can keep within a second. Nothing was changed; try again in a moment.";
const MANY_READS: &str = "More is asked at once than the register can answer within a second. Nothing was changed; try again in a moment.";
const MANY_DEAR_READS: &str = "More questions that read much are asked at once than the register can answer within a second. Try again in a moment, or ask for less.";

pub const NO_ANSWER: &str = "The database does not answer.";

const ANOTHER_REGISTER: &str = "Another register was copied over this one while the server runs. Stop it, put the right one back, and start it again.";

/// How long a write waits for another program's, and whoever has begun for what they need next.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a read waits for a connection, and a write for those of this program.
const READERS_PATIENCE: Duration = Duration::from_secs(1);

/// A database that is slower than this is as good as none.
const READY_WITHIN: Duration = Duration::from_secs(3);

/// How long a BEGIN takes at the least that waits for another program.
const OTHERS_TAKE: Duration = Duration::from_millis(250);

/// How long a write takes at the least that those behind it wait for in addition to their own time.
const LONG_WRITE: Duration = Duration::from_millis(500);

/// How many connections each kind of work has. A database file is read by as many threads.
const SQLITE_READERS: usize = 4;
const POSTGRES_READERS: usize = 10;
/// The key check waits behind nobody's question, and readiness not behind the key check either.
const KEY_CHECKS: usize = 2;
const READINESS: usize = 1;
/// Who waits to hear what is committed shares the question.
const WATCHING: usize = 1;

/// One database; a clone is the same.
#[derive(Clone)]
pub struct Db(Arc<Shared>);

/// What all clones of a [`Db`] share.
pub struct Shared {
    engine: Engine,
    /// Dear questions share these: half of the readers.
    dear: Places,
    storage: Storage,
    limits: Limits,
    /// Whether it stays open as long as the process lives.
    is_served: bool,
    statements: AtomicU64,
    known: Known,
    watch: Watch,
    turn: Arc<Mutex<Option<Open>>>,
    /// What requests wrote is not kept any more.
    keeps_nothing_more: AtomicBool,
    /// Those who wait for their turn to write.
    writers: Line,
    /// Those of them who share no transaction, and may take long.
    writers_alone: Line,
    /// How many creates wait for what others make of them.
    waiting_in_line: AtomicUsize,
    looking: Looking,
    /// What probes and figures ask, of which there may be any number.
    look: Question<Result<String, String>>,
    readiness: Question<Result<Readiness, String>>,
    /// Writes that take long, and what other programs take.
    long_writes: Uncounted,
    others_writes: Uncounted,
}

impl Deref for Db {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Which register it is.
#[derive(Default)]
struct Known {
    /// When it was begun, as it was first seen, and how long that took: no two have both in common.
    mark: OnceLock<String>,
    /// Another one was seen in its place.
    is_another: AtomicBool,
}

enum Engine {
    Sqlite {
        pools: Pools<sqlite::Connector>,
        file: Arc<sqlite::Known>,
    },
    Postgres {
        pools: Pools<postgres::Connector>,
        sessions: postgres::Sessions,
    },
}

/// Connections by what they are for. A writer waits for its turn where it waits for the connection.
struct Pools<C: Connect> {
    writer: Pool<C>,
    readers: Pool<C>,
    key_checks: Pool<C>,
    readiness: Pool<C>,
    watching: Pool<C>,
}

/// What a connection is to read for.
#[derive(Clone, Copy)]
enum Purpose {
    Questions,
    KeyChecks,
    Readiness,
    Watching,
}

impl<C: Connect> Pools<C> {
    fn of(&self, purpose: Purpose) -> &Pool<C> {
        match purpose {
            Purpose::Questions => &self.readers,
            Purpose::KeyChecks => &self.key_checks,
            Purpose::Readiness => &self.readiness,
            Purpose::Watching => &self.watching,
        }
    }

    async fn close(&self, readers: usize) {
        for (pool, places) in self.reading(readers) {
            pool.close(places).await;
        }
        self.writer.close(1).await;
    }

    /// Those that read, each with its places.
    fn reading(&self, readers: usize) -> [(&Pool<C>, u32); 4] {
        let places = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        [
            (&self.readers, places(readers)),
            (&self.key_checks, places(KEY_CHECKS)),
            (&self.readiness, places(READINESS)),
            (&self.watching, places(WATCHING)),
        ]
    }
}

/// Why the register cannot be opened: one line for an operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database URL must begin with sqlite: or postgres:{}", .0.as_ref().map(|scheme| format!(", not with {scheme}:")).unwrap_or_default())]
    Scheme(Option<String>),
    #[error("the database URL is empty: write sqlite:<file> or postgres://<user>@<host>/<database>")]
    NoUrl,
    #[error("the database URL names no file: write sqlite:<file>, such as sqlite:pledgebook.db")]
    NoFile,
    #[error("a database in memory is nobody else's, and gone with the program: only serve takes one")]
    InMemory,
    #[error("the database URL cannot be used: {0}")]
    Parameter(String),
    #[error(
        "the database is behind a pooler that lends its sessions by the transaction: add ?pooler=transaction to the URL, or name the database itself; one that lends them by the statement cannot serve"
    )]
    Lent,
    #[error(
        "the pooler lends its sessions by the statement, which cannot serve, as a write is a transaction of several: set its pool_mode to session or transaction, or name the database itself"
    )]
    LentByTheStatement,
    #[error(
        "the schema is not up to date, which cannot be mended through a pooler that lends its sessions by the transaction: run pledgebook migrate on the database itself first"
    )]
    LentAndBehind,
    #[error(
        "the database is read-only and its schema is not up to date: run pledgebook migrate where it can be written"
    )]
    ReadOnlyAndBehind,
    #[error("the disk is full and the schema is not up to date: make room first")]
    FullAndBehind,
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
    #[error(
        "this user may write to the database file, and not to {} beside it: give that the owner and the mode of the file", .0.display()
    )]
    Companion(PathBuf),
    #[error("the directory {}, where the database file is to be, does not exist", .0.display())]
    NoDirectory(PathBuf),
    #[error("SQLite {found} is too old; {}.{}.{} or newer is needed, as older ones can corrupt the write-ahead log", .needed.0, .needed.1, .needed.2)]
    SqliteTooOld { found: String, needed: (u32, u32, u32) },
    #[error("the database has schema {0}, which is newer than this program knows; run a newer pledgebook")]
    Newer(i64),
    #[error("the database cannot be read: {0}")]
    Unread(String),
    #[error("the database's schema cannot be brought up to date: {0}")]
    Migration(sqlx::migrate::MigrateError),
    #[error("migration {version} did not come to its end, and goes on from there at the next start: {why}")]
    Step { version: i64, why: String },
    #[error(
        "the database is on its way to schema {0}: wait for who brings it up to date, or run pledgebook migrate"
    )]
    Halfway(i64),
}

impl Db {
    /// Opens a database by its URL; a SQLite file is created when missing. No statement is cut short, as on the
    /// command line nobody waits but who asked.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        Self::opened(url, true, None).await
    }

    /// The same; what is asked of it takes no longer than this.
    pub async fn open_within(url: &str, limits: Limits) -> Result<Self, OpenError> {
        Self::opened(url, true, Some(limits)).await
    }

    /// Opens a database that must be there already, to look into it.
    pub async fn open_existing(url: &str) -> Result<Self, OpenError> {
        Self::opened(url, false, None).await
    }

    async fn opened(url: &str, create: bool, limits: Option<Limits>) -> Result<Self, OpenError> {
        let (engine, readers) = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => (open_sqlite(url, create).await?, SQLITE_READERS),
            Some("postgres" | "postgresql") => {
                let longest = limits.map(|limits| limits.request);
                (open_postgres(url, longest).await?, POSTGRES_READERS)
            }
            _ if url.is_empty() => return Err(OpenError::NoUrl),
            _ => {
                return Err(OpenError::Scheme(scheme_of(url).map(str::to_owned)));
            }
        };
        Ok(Self(Arc::new(Shared {
            engine,
            dear: Places::new(readers / 2),
            storage: Storage::default(),
            limits: limits.unwrap_or_default(),
            is_served: limits.is_some(),
            statements: AtomicU64::default(),
            known: Known::default(),
            watch: Watch::default(),
            turn: Arc::default(),
            keeps_nothing_more: AtomicBool::default(),
            writers: Line::default(),
            writers_alone: Line::default(),
            waiting_in_line: AtomicUsize::default(),
            looking: Looking::default(),
            look: Question::default(),
            readiness: Question::default(),
            long_writes: Uncounted::longer_than(LONG_WRITE),
            others_writes: Uncounted::longer_than(OTHERS_TAKE),
        })))
    }

    /// Whether it is a file, which others may move, or write another one over.
    #[must_use]
    pub fn is_a_file(&self) -> bool {
        matches!(self.engine, Engine::Sqlite { .. })
    }

    /// How long what is asked of it may take.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The URL of a SQLite file.
    #[must_use]
    pub fn file_url(path: &Path) -> String {
        format!("sqlite:{}", path.display())
    }

    /// Whether a URL asks for a database in memory.
    #[must_use]
    pub fn is_in_memory(url: &str) -> bool {
        url.starts_with("sqlite:") && matches!(sqlite::Place::of(url), Err(OpenError::InMemory))
    }

    /// Which engine answers, for people: `SQLite 3.51.3`, `PostgreSQL 15.18`. It looks into the database, which may be
    /// none any more, or none of ours.
    pub async fn engine(&self) -> Result<String> {
        self.seen_by(self.single_of(Purpose::Readiness).await?).await
    }

    async fn seen_by(&self, mut reader: Reader) -> Result<String> {
        // Whoever looks is the first to see which register it is.
        let (name, asked) = match &self.engine {
            Engine::Sqlite { .. } => (
                "SQLite",
                "select sqlite_version(), installed_on || ' ' || execution_time",
            ),
            // As a number, for how a time is written is each session's own.
            Engine::Postgres { .. } => (
                "PostgreSQL",
                "select split_part(current_setting('server_version'), ' ', 1),
                     (extract(epoch from installed_on) * 1000000)::bigint || ' ' || execution_time",
            ),
        };
        let mut sql = Sql::new(asked);
        sql.push(" from _sqlx_migrations order by version limit 1");
        let (version, mark): (String, String) = reader.one(sql).await?;
        if self.known.mark.get_or_init(|| mark.clone()) != &mark {
            self.known.is_another.store(true, Ordering::Relaxed);
        }
        Ok(format!("{name} {version}"))
    }

    /// Refuses where another register has taken this one's place: what it holds, its keys among it, is nothing to whoever asks.
    pub async fn must_be_itself(&self) -> Result<()> {
        self.seen_by(self.reserved().await?).await?;
        self.was_never_another()
    }

    fn was_never_another(&self) -> Result<()> {
        // What was read before, and what goes with it, is not of the one that is there: no way back but a new start.
        if self.known.is_another.load(Ordering::Relaxed) {
            return Err(Error::Unavailable(ANOTHER_REGISTER));
        }
        Ok(())
    }

    /// How many statements it has run so far, those apart that begin and end transactions.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// A connection to read with, each statement on its own.
    pub async fn read(&self) -> Result<Reader> {
        self.reading(Work::Single, READERS_PATIENCE, None).await
    }

    /// The same, for a question that reads much: such share half of the connections, so that others still find one.
    pub async fn dear_read(&self) -> Result<Reader> {
        let share = self.share(READERS_PATIENCE).await?;
        self.reading(Work::Single, READERS_PATIENCE, Some(share)).await
    }

    /// The same, for who has begun to answer and cannot come back later.
    pub async fn dear_read_patiently(&self) -> Result<Reader> {
        let share = self.share(PATIENCE).await?;
        self.reading(Work::Single, PATIENCE, Some(share)).await
    }

    /// The same, kept for what must never wait behind anybody's question: the key check.
    pub async fn reserved(&self) -> Result<Reader> {
        self.single_of(Purpose::KeyChecks).await
    }

    /// The same, kept for who hears what is committed, and finds out what that was.
    pub async fn watching(&self) -> Result<Reader> {
        self.single_of(Purpose::Watching).await
    }

    async fn single_of(&self, purpose: Purpose) -> Result<Reader> {
        let leased = self.leased(purpose, READERS_PATIENCE).await;
        self.entered(leased, self.single(), None).await
    }

    async fn leased(&self, purpose: Purpose, patience: Duration) -> Result<Leased, Unavailable> {
        threads::is_asked_beside();
        match &self.engine {
            Engine::Sqlite { pools, .. } => pools.of(purpose).lease(patience).await.map(Leased::Sqlite),
            Engine::Postgres { pools, .. } => pools.of(purpose).lease(patience).await.map(Leased::Postgres),
        }
    }

    /// A transaction to read in: all its statements see the same moment.
    pub async fn snapshot(&self) -> Result<Reader> {
        self.reading(Work::Snapshot, READERS_PATIENCE, None).await
    }

    /// The same, as [`Self::dear_read`].
    pub async fn dear_snapshot(&self) -> Result<Reader> {
        let share = self.share(READERS_PATIENCE).await?;
        self.reading(Work::Snapshot, READERS_PATIENCE, Some(share)).await
    }

    /// The same, for what is better left out than waited for.
    pub async fn spare_snapshot(&self) -> Result<Reader> {
        threads::is_asked_beside();
        let share = self.dear.at_once().ok_or(Error::Overloaded(MANY_DEAR_READS))?;
        let leased = match &self.engine {
            Engine::Sqlite { pools, .. } => pools
                .of(Purpose::Questions)
                .lease_at_once()
                .await
                .map(Leased::Sqlite),
            Engine::Postgres { pools, .. } => pools
                .of(Purpose::Questions)
                .lease_at_once()
                .await
                .map(Leased::Postgres),
        };
        self.entered(leased, Work::Snapshot, Some(share)).await
    }

    /// A dear question's share of the readers.
    async fn share(&self, patience: Duration) -> Result<OwnedSemaphorePermit> {
        self.dear.take(patience).await.map_err(|why| match why {
            NoPlace::Taken => Error::Overloaded(MANY_DEAR_READS),
            NoPlace::Closed => Error::internal("no dear questions are answered any more"),
        })
    }

    async fn reading(
        &self,
        work: Work,
        patience: Duration,
        share: Option<OwnedSemaphorePermit>,
    ) -> Result<Reader> {
        let held = self.leased(Purpose::Questions, patience).await;
        let work = if work == Work::Single { self.single() } else { work };
        self.entered(held, work, share).await
    }

    /// How a statement that stands on its own is run: where sessions are lent, all of it in one transaction.
    fn single(&self) -> Work {
        match &self.engine {
            Engine::Postgres {
                sessions: postgres::Sessions::ByTransaction,
                ..
            } => Work::Snapshot,
            _ => Work::Single,
        }
    }

    /// Whether a session is lent by a pooler, another one for each transaction: nothing that is set or prepared in it
    /// is there the next time.
    fn lends_sessions(&self) -> bool {
        self.single() != Work::Single
    }

    /// Refuses to write to a register that is another one now, and to a file that is not, or not as, it was: what is
    /// written there is gone with the program.
    fn may_be_written(&self) -> Result<()> {
        self.was_never_another()?;
        match &self.engine {
            Engine::Sqlite { file, .. } => file.trouble().map_or(Ok(()), Err),
            Engine::Postgres { .. } => Ok(()),
        }
    }

    /// From now on no request's write is kept: nobody hears of it any more.
    pub fn keep_nothing_more(&self) {
        self.keeps_nothing_more.store(true, Ordering::Relaxed);
    }

    /// The one transaction that may write; it may be shared with others who wait, each of whom sees what those before
    /// them did.
    pub async fn begin(&self) -> Result<Conn> {
        // What is done again, alone, was waited for before.
        if is_alone() {
            return self.begun(false, Patience::OfWhoHasBegun).await;
        }
        self.begun(true, Patience::OfRequest).await
    }

    /// The same for who writes in the name of others that wait.
    pub async fn begin_for_others(&self) -> Result<Conn> {
        self.begun(!is_alone(), Patience::OfWhoHasBegun).await
    }

    /// The same for a write that takes long: what was done before is committed first, as nobody should wait for it;
    /// and nobody joins it, as none of those who come later should undo so much.
    pub async fn begin_alone(&self, patience: Patience) -> Result<Conn> {
        self.begun(false, patience).await
    }

    async fn begun(&self, joins: bool, patience: Patience) -> Result<Conn> {
        self.may_be_written()?;
        let turn = match self.turn(joins, patience).await? {
            Ok(conn) => return Ok(conn),
            Err(turn) => turn,
        };
        threads::is_asked_beside();
        let waits_for_others = self.others_writes.begun();
        let held = match &self.engine {
            Engine::Sqlite { pools, file } => match Box::pin(made_writable(pools, file)).await {
                Ok(()) => pools.writer.lease(PATIENCE).await.map(Leased::Sqlite),
                Err(unavailable) => Err(unavailable),
            },
            Engine::Postgres { pools, .. } => pools.writer.lease(PATIENCE).await.map(Leased::Postgres),
        };
        let held = match held {
            Err(Unavailable::Taken) => return Err(Error::Busy(ANOTHER_WRITE)),
            held => held,
        };
        let mut reader = self.entered(held, Work::Write, None).await?;
        drop(waits_for_others);
        reader.seat = Some(Seat::first(turn, self, joins));
        Ok(Conn(reader))
    }

    async fn entered(
        &self,
        held: Result<Leased, Unavailable>,
        work: Work,
        share: Option<OwnedSemaphorePermit>,
    ) -> Result<Reader> {
        let held = held.map_err(|error| match error {
            Unavailable::Taken => Error::Overloaded(MANY_READS),
            Unavailable::Failed(error) => {
                let error = failure::reported_of_connecting(error);
                if work == Work::Write {
                    self.storage.failed(&error);
                }
                error
            }
        })?;
        Reader::entered(held, work, self.clone(), share).await
    }

    /// Whether reading and writing both go: which engine answers, or why not. Whoever asks at once is told the same.
    pub async fn ready(&self) -> Result<Readiness, String> {
        let db = self.clone();
        let ask = || async move {
            let asked = deadline::within(READY_WITHIN, Box::pin(db.is_ready()));
            // Beyond the deadline, for whatever is not waited for with one.
            let asked = timeout(READY_WITHIN + Duration::from_secs(1), asked).await;
            asked.unwrap_or_else(|_| Err(NO_ANSWER.to_owned()))
        };
        let told = self.readiness.answer(ask).await;
        told.unwrap_or_else(|| Err(NO_ANSWER.to_owned()))
    }

    async fn is_ready(&self) -> Result<Readiness, String> {
        let engine = self.looked().await?;
        let mut writable = true;
        if let Engine::Sqlite { file, .. } = &self.engine {
            let seen = file.clone();
            // A file system that hangs, as one of a network may, holds up no one but who asks.
            let trouble = tokio::task::spawn_blocking(move || seen.trouble()).await;
            writable = !file.read_only;
            match trouble.map_err(|error| error.to_string())? {
                // It was so when the server began, and is what it was begun for.
                Some(Error::ReadOnly) if !writable => {}
                Some(trouble) => return Err(trouble.to_string()),
                None => {}
            }
        }
        if writable && let Some(_asking) = self.storage.must_be_asked() {
            self.write_something().await;
        }
        match self.storage.trouble() {
            None => Ok(Readiness { engine, writable }),
            // It was so when the server began, and is what it was begun for.
            Some(_) if self.storage.was_never_written() && self.storage.is_read_only() => Ok(Readiness {
                engine,
                writable: false,
            }),
            Some(trouble) => Err(trouble),
        }
    }

    /// Whether what was written last was kept, as far as is known.
    #[must_use]
    pub fn keeps_writes(&self) -> bool {
        self.storage.trouble().is_none()
    }

    /// The smallest write that there is; its outcome is what is known of the storage. A writer that is busy is well.
    async fn write_something(&self) {
        let Some(_turn) = self.turn_at_once() else { return };
        // It may wait for another program, as any write may.
        let _waits_for_others = self.others_writes.begun();
        let held = match &self.engine {
            Engine::Sqlite { pools, file } => match Box::pin(made_writable(pools, file)).await {
                Ok(()) => pools.writer.lease_at_once().await.map(Leased::Sqlite),
                Err(unavailable) => Err(unavailable),
            },
            Engine::Postgres { pools, .. } => pools.writer.lease_at_once().await.map(Leased::Postgres),
        };
        if matches!(held, Err(Unavailable::Taken)) {
            return;
        }
        let entered = deadline::within(READERS_PATIENCE, self.entered(held, Work::Write, None));
        let outcome = match Box::pin(entered).await {
            Ok(reader) => Conn(reader).touch(self.storage.trouble().is_some()).await,
            // Another program writes: that it can is all that was to be known.
            Err(Error::Busy(_) | Error::TimedOut) => return,
            Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => {}
            // Nobody else holds up a write that has its turn: the disk does.
            Err(Error::TimedOut | Error::OutcomeUnknown) => self.storage.failed(&failure::unable()),
            Err(error) => {
                if let Error::Internal(source) = &error {
                    tracing::error!(error = %source, "the write that was to show whether the register can store failed");
                }
                self.storage.failed(&error);
            }
        }
    }

    /// Folds what was written into the file, once whoever read for long has let go of it.
    async fn fold_log(&self) {
        let Engine::Sqlite { pools, file } = &self.engine else {
            return;
        };
        // Into this register, not into what took its place.
        if self.may_be_written().is_ok()
            && file.log_is_large()
            && let Ok(mut lease) = pools.writer.lease_at_once().await
            && let Err(error) = lease.apart(sqlite::fold_log(), None).await
        {
            tracing::debug!(%error, "the write-ahead log was not folded");
            lease.discard();
        }
    }

    pub async fn close(&self) {
        self.stop_watching();
        match &self.engine {
            Engine::Sqlite { pools, file } => {
                // The log is not folded into another register, nor into what is none.
                let was_known = self.known.mark.get().is_some();
                let is_unread = was_known && self.engine().await.is_err();
                let is_another = was_known && self.was_never_another().is_err();
                if is_unread || is_another {
                    file.leave_the_log(is_another).await;
                }
                pools.close(SQLITE_READERS).await;
                file.let_go().await;
            }
            Engine::Postgres { pools, .. } => pools.close(POSTGRES_READERS).await,
        }
    }
}

/// How the register fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// For people: `SQLite 3.51.3`.
    pub engine: String,
    /// Whether it can be written, not only read.
    pub writable: bool,
}

/// A file that is read as it is, for want of room, is opened to be written once there is some, and once nobody reads it
/// any more as if nobody wrote.
async fn made_writable(pools: &Pools<sqlite::Connector>, file: &sqlite::Known) -> Result<(), Unavailable> {
    if !file.is_cramped() {
        return Ok(());
    }
    let mut keeper = timeout_at(deadline::no_later_than(PATIENCE), file.keeper.lock())
        .await
        .map_err(|_| Unavailable::Taken)?;
    if keeper.is_some() {
        return Ok(());
    }
    // First of all, as readers are not held up in vain.
    file.has_room().await.map_err(Unavailable::Failed)?;
    let mut alone = Vec::new();
    for (pool, places) in pools.reading(SQLITE_READERS) {
        alone.push(pool.alone(places, READERS_PATIENCE).await?);
    }
    file.keep(&mut keeper).await.map_err(Unavailable::Failed)
}

/// What a URL begins with, if it is one: anything else may be a password, and is not to be told.
fn scheme_of(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once(':')?;
    let is_of_url = rest.starts_with("//") || !rest.contains('@');
    let mut letters = scheme.bytes();
    let is_one = letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && letters.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || b"+.-".contains(&it));
    (is_one && is_of_url).then_some(scheme)
}

/// Work that nobody waits for; none where the program is about to end.
fn in_background(work: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(work);
    }
}

/// sqlx's reasons, where an operator can do with clearer ones.
fn why(error: &sqlx::Error) -> String {
    if Meaning::of(error) == Meaning::Full {
        return "its disk is full".to_owned();
    }
    match error {
        sqlx::Error::PoolTimedOut => "nothing answers there".to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Database(error) => match error.code().as_deref() {
            Some("14") => "this user may not read and write there".to_owned(),
            _ => error.message().to_owned(),
        },
        other => other.to_string(),
    }
}

async fn open_sqlite(url: &str, create: bool) -> Result<Engine, OpenError> {
    let place = sqlite::Place::of(url)?;
    let _lock = place.lock().await;
    let opened = place.open(create).await?;
    let pool = |places| Pool::new(opened.readers.clone(), places);
    Ok(Engine::Sqlite {
        pools: Pools {
            writer: Pool::new(opened.writer, 1),
            readers: pool(SQLITE_READERS),
            key_checks: pool(KEY_CHECKS),
            readiness: pool(READINESS),
            watching: pool(WATCHING),
        },
        file: opened.file,
    })
}

async fn open_postgres(url: &str, longest: Option<Duration>) -> Result<Engine, OpenError> {
    let place = postgres::Place::of(url)?;
    let unreachable = |source| OpenError::Unreachable {
        at: place.address(),
        source,
    };
    // A server that is about to be there is waited for, as long as a container takes to start.
    let started = Instant::now();
    let lent = loop {
        let asked = timeout(PATIENCE, place.is_lent()).await;
        match asked.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
            Err(error) if Meaning::of(&error) == Meaning::Gone && started.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            asked => break asked.map_err(unreachable)?,
        }
    };
    if lent {
        return Err(OpenError::Lent);
    }
    let by_the_statement = timeout(PATIENCE, place.is_lent_by_the_statement()).await;
    if by_the_statement
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
        .map_err(unreachable)?
    {
        return Err(OpenError::LentByTheStatement);
    }
    let pool = |places| Pool::new(place.connector(longest), places);
    Ok(Engine::Postgres {
        pools: Pools {
            writer: pool(1),
            readers: pool(POSTGRES_READERS),
            key_checks: pool(KEY_CHECKS),
            readiness: pool(READINESS),
            watching: pool(WATCHING),
        },
        sessions: place.sessions,
    })
}

tokio::task_local! {
    static ALONE: ();
}

/// Does `work`, each write of which has a transaction of its own: what is done again may be what has ended the others'.
pub async fn alone<T>(work: impl Future<Output = T>) -> T {
    ALONE.scope((), work).await
}

/// Whether what runs here shares no transaction with others.
#[must_use]
pub fn is_alone() -> bool {
    ALONE.try_with(|()| ()).is_ok()
}

/// Runs `work` to its end also when whoever waits for it goes away.
///
/// A write whose client hangs up is still whole.
pub async fn uncancelled<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T> {
    tokio::spawn(deadline::inherited(work))
        .await
        .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fresh(directory: &tempfile::TempDir) -> Db {
        let db = Db::open(&Db::file_url(&directory.path().join("register.db")))
            .await
            .unwrap();
        db.migrate(&crate::upgrades::all(), |_| {}).await.unwrap();
        db
    }

    #[tokio::test]
    async fn a_probe_that_got_its_turn_late_has_time_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let (db, other) = (fresh(&directory).await, fresh(&directory).await);
        let writing = other.begin().await.unwrap();
        let busy = async {
            // Longer than the probe has in all, and shorter than SQLite waits then.
            tokio::time::sleep(READERS_PATIENCE + sqlite::TO_BE_INTERRUPTED / 2).await;
            writing.commit().await.unwrap();
        };
        let (ready, ()) = tokio::join!(db.ready(), busy);
        assert!(ready.is_ok(), "{ready:?}");
    }

    #[tokio::test]
    async fn writes_that_wait_are_kept_together_and_what_is_given_up_is_undone_alone() {
        let directory = tempfile::tempdir().unwrap();
        let db = fresh(&directory).await;
        let mut conn = db.begin().await.unwrap();
        let table = "create table written (number integer primary key) strict";
        conn.run(Sql::new(table)).await.unwrap();
        conn.commit().await.unwrap();

        let mut reader = db.read().await.unwrap();
        let commits = async |reader: &mut Reader| {
            let (count,): (i64,) = reader.one(Sql::new("pragma data_version")).await.unwrap();
            count
        };
        let before = commits(&mut reader).await;
        let write = |number: i64| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut conn = db.begin().await?;
                let insert = Sql::new("insert into written values ($1)").bind(number);
                conn.run(insert).await?;
                match number {
                    3 => Ok(()),
                    4 => panic!("in the middle of a write"),
                    _ => conn.commit().await,
                }
            })
        };
        let mut first = db.begin().await.unwrap();
        let insert = Sql::new("insert into written values (1)");
        first.run(insert).await.unwrap();
        let mut others = Vec::new();
        for number in 2..=5 {
            others.push(write(number));
            // They take their turns in this order.
            while db.writers.length() < others.len() {
                tokio::task::yield_now().await;
            }
        }
        first.commit().await.unwrap();
        let [second, third, fourth, fifth] = others.try_into().unwrap();
        second.await.unwrap().unwrap();
        third.await.unwrap().unwrap();
        assert!(fourth.await.unwrap_err().is_panic());
        fifth.await.unwrap().unwrap();

        assert_eq!(commits(&mut reader).await, before + 1);
        let written = Sql::new("select number from written order by number");
        let written: Vec<(i64,)> = reader.all(written).await.unwrap();
        assert_eq!(written, [(1,), (2,), (5,)]);
    }

    #[tokio::test]
    async fn of_what_is_no_url_nothing_is_told() {
        for (url, told) in [
            ("mysql://user:hunter2@host/db", ", not with mysql:"),
            ("file+x.y-1:db", ", not with file+x.y-1:"),
            ("hunter2", ""),
            ("Hunter:2", ""),
            ("2hunter:", ""),
            ("hunt er2:x", ""),
            ("user:hunter2@host/db", ""),
        ] {
            let error = Db::open(url).await.err().unwrap().to_string();
            let expected = format!("the database URL must begin with sqlite: or postgres:{told}");
            assert_eq!(error, expected);
        }
    }

    #[tokio::test]
    async fn who_waits_behind_a_long_write_waits_for_its_length_and_behind_short_ones_for_a_second() {
        let directory = tempfile::tempdir().unwrap();
        let db = fresh(&directory).await;
        let waited = async || {
            let begun = Instant::now();
            let (_tell, told) = tokio::sync::oneshot::channel::<Result<()>>();
            let error = db.made_by_another(told, || true).await.unwrap_err();
            assert!(matches!(error, Error::Overloaded(_)), "{error:?}");
            begun.elapsed()
        };
        let write = async |length: Duration| {
            let conn = db.begin_alone(Patience::OfWhoHasBegun).await.unwrap();
            tokio::time::sleep(length).await;
            conn.commit().await.unwrap();
        };
        let short = async {
            for _ in 0..30 {
                tokio::join!(write(LONG_WRITE / 20), write(LONG_WRITE / 20));
            }
        };
        let (behind_short, ()) = tokio::join!(waited(), short);
        assert!(behind_short >= READERS_PATIENCE, "{behind_short:?}");
        assert!(behind_short < READERS_PATIENCE * 5 / 4, "{behind_short:?}");
        let (behind_long, ()) = tokio::join!(waited(), write(LONG_WRITE * 3));
        assert!(
            behind_long >= READERS_PATIENCE + LONG_WRITE * 3,
            "{behind_long:?}"
        );
        assert!(
            behind_long < READERS_PATIENCE * 2 + LONG_WRITE * 3,
            "{behind_long:?}"
        );
    }

    #[tokio::test]
    async fn a_probe_leaves_no_setting_of_its_own_behind() {
        let directory = tempfile::tempdir().unwrap();
        let db = fresh(&directory).await;
        let cache = async || {
            let mut conn = db.begin().await.unwrap();
            let (pages,): (i64,) = conn.one(Sql::new("pragma cache_size")).await.unwrap();
            pages
        };
        let usual = cache().await;
        db.begin().await.unwrap().touch(true).await.unwrap();
        assert_eq!(cache().await, usual);
        // In its way, so that it fails for a reason that leaves connections as they are.
        let mut conn = db.begin().await.unwrap();
        let table = Sql::new("create table pledgebook_room (filler integer) strict");
        conn.run(table).await.unwrap();
        conn.commit().await.unwrap();
        db.begin().await.unwrap().touch(true).await.unwrap_err();
        assert_eq!(cache().await, usual);
    }
}
