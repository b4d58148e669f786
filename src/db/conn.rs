//! A connection at work: its statements, their time, and what becomes of it when one of them fails.

use std::{
    future::Future,
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::{StreamExt, TryStreamExt};
use sqlx::postgres::PgArguments;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};

use super::{
    ANOTHER_WRITE, Db, Param, READERS_PATIENCE, Row, Schema, Sql, WRITER_LOCK, deadline,
    failure::{self, Meaning},
    group::Seat,
    in_background,
    pool::Lease,
    postgres,
    revision::Renews,
    row::read,
    schema, sqlite,
};
use crate::error::{Error, Result};

/// How often a connection that died before anything took effect is replaced by another one.
const RENEWALS: u8 = 2;
/// How long a server waits for the next statement of a write, and others with it, before it gives the writer up.
/// Nothing else tells it of a program that is gone without a word.
const WRITE_BEGIN: &str =
    "begin isolation level read committed; set local idle_in_transaction_session_timeout = '5s'";

/// The program does not use the file's user version; written as it is, it is a page in the log.
const SQLITE_PAGE: &str = "pragma user_version = 0";
/// Where there is no cache, what is made goes to the log at once, also when it is undone. The transaction is not left
/// meanwhile, or another program might take its turn.
const SQLITE_ROOM: &str = "pragma cache_size = 1; savepoint room;
    create table pledgebook_room as select zeroblob(100000) as filler;
    rollback to room; release room; pragma user_version = 0;";
/// A sort that goes to the disk finds out whether there is room where the tables are, wherever others sort. It leaves
/// nothing behind and needs no privilege.
const POSTGRES_SORT: &str = "set local temp_tablespaces = ''; set local work_mem = '64kB';
    select max(place) from (select row_number() over (order by repeat((number * 7919 % 3001)::text, 16)) as place
        from generate_series(1, 3000) as number) as sorted;";
/// The same where the server's `temp_file_limit`, which is no word on the disk, keeps a sort from it. It leaves some dead
/// rows in the catalogue, so the sort goes first.
const POSTGRES_TEMPORARY: &str = "set local temp_tablespaces = '';
    create temporary table pledgebook_room on commit drop as select generate_series(1, 3000) as number;";
/// The same where the server keeps it from that as well: a table as the register's own are, which is never there.
const POSTGRES_TABLE: &str = "set local default_tablespace = ''; savepoint room;
    create table pledgebook_room as select generate_series(1, 3000) as number;
    rollback to room; release room;";
/// An entry of the server's log, which finds out whether COMMIT is kept, also by a standby that it waits for.
const POSTGRES_ENTRY: &str =
    "select pg_logical_emit_message(true, 'pledgebook', 'whether the register can store')";

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// Each statement on its own.
    Single,
    /// Reading in a transaction: one moment for all statements.
    Snapshot,
    /// The one transaction that writes.
    Write,
}

/// A connection to read with, in a transaction or not. Dropped in one, it rolls back.
pub struct Reader {
    held: Option<Leased>,
    work: Work,
    /// Whether a transaction is open on it.
    begun: bool,
    /// Whether a statement of the transaction took effect, so that none may be repeated.
    ran: bool,
    state: State,
    /// How often it was replaced.
    renewals: u8,
    pub(super) deadline: Option<Instant>,
    /// Whether nobody waits for its answers any more.
    given_up: Option<Arc<AtomicBool>>,
    /// By when the last statement has ended, also where nobody waits for it.
    ends: Option<Instant>,
    since: Instant,
    pub(super) db: Db,
    /// A dear question's share of the readers.
    share: Option<OwnedSemaphorePermit>,
    /// A write's place among those who share its transaction.
    pub(super) seat: Option<Seat>,
}

/// Where a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Where it should be.
    Sound,
    /// A statement runs on it, or may still run though nobody waits for it.
    Running,
    /// Where a failure has put it.
    Lost,
}

pub(super) enum Leased {
    Sqlite(Lease<sqlite::Connector>),
    Postgres(Lease<postgres::Connector>),
}

/// Runs one operation on whichever engine is held, once more where the connection proves dead before anything took effect:
/// on a file by the handle's method of this name, on a server by the driver.
macro_rules! on_engine {
    ($conn:ident, $sql:expr, $of_file:ident, |$executor:ident, $args:ident, $text:ident, $persistent:ident| $body:expr) => {{
        let sql: Sql = $sql;
        let $persistent = !$conn.db.lends_sessions();
        loop {
            $conn.db.statements.fetch_add(1, Ordering::Relaxed);
            let outcome = {
                let limit = $conn.limit();
                if $conn.is_over(limit) {
                    break Err(Error::TimedOut);
                }
                $conn.state = State::Running;
                match &mut $conn.held {
                    Some(Leased::Sqlite(lease)) => match lease.connection() {
                        Some(handle) => handle.$of_file(&sql),
                        None => Err(sqlx::Error::WorkerCrashed),
                    },
                    Some(Leased::Postgres(lease)) => match lease.connection() {
                        Some(session) => {
                            let $text = sqlx::AssertSqlSafe(sql.server_text());
                            let $args = encoded(&sql.args)?;
                            let $executor = &mut session.connection;
                            limited(limit, $body).await
                        }
                        None => Err(sqlx::Error::WorkerCrashed),
                    },
                    None => Err(sqlx::Error::WorkerCrashed),
                }
            };
            match outcome {
                Ok(found) => {
                    $conn.state = State::Sound;
                    $conn.ran = true;
                    break Ok(found);
                }
                Err(error) => {
                    if let Some(error) = $conn.mended(error).await {
                        break Err(error);
                    }
                }
            }
        }
    }};
}

/// What `work` comes to, if it comes to anything before this moment.
async fn limited<T>(
    at: Option<Instant>,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    match at {
        Some(at) => timeout_at(at, work).await.unwrap_or(Err(late())),
        None => work.await,
    }
}

/// What a statement that was not waited for any longer has come to.
pub(super) fn late() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())
}

fn is_late(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut)
}

fn encoded(args: &[Param]) -> Result<PgArguments> {
    let mut encoded = PgArguments::default();
    for arg in args {
        arg.add_to(&mut encoded).map_err(Error::Internal)?;
    }
    Ok(encoded)
}

impl Reader {
    pub(super) async fn entered(
        held: Leased,
        work: Work,
        db: Db,
        share: Option<OwnedSemaphorePermit>,
    ) -> Result<Self> {
        let mut conn = Self {
            held: Some(held),
            work,
            begun: false,
            ran: false,
            state: State::Sound,
            renewals: 0,
            deadline: deadline::current(),
            given_up: deadline::given_up(),
            ends: None,
            since: Instant::now(),
            db,
            share,
            seat: None,
        };
        conn.enter().await?;
        Ok(conn)
    }

    /// Until when its next statement may run; what runs on SQLite is told.
    fn limit(&mut self) -> Option<Instant> {
        let longest = Instant::now() + self.db.limits.request;
        // A server counts for each statement, and knows of no deadline.
        self.ends = self.deadline.map(|_| longest);
        let limit = self.deadline.map(|at| at.min(longest));
        if let Some(Leased::Sqlite(lease)) = &mut self.held
            && let Some(handle) = lease.connection()
        {
            handle.run_until(limit, self.given_up.as_ref());
        }
        limit
    }

    /// Whether no statement is begun any more.
    fn is_over(&self, limit: Option<Instant>) -> bool {
        limit.is_some_and(|at| at <= Instant::now())
            || self
                .given_up
                .as_ref()
                .is_some_and(|given_up| given_up.load(Ordering::Relaxed))
    }

    /// Begins the transaction, where there is to be one.
    async fn enter(&mut self) -> Result<()> {
        if self.deadline.is_some_and(|at| at <= Instant::now()) {
            return Err(Error::TimedOut);
        }
        let sqlite = matches!(self.held, Some(Leased::Sqlite(_)));
        let begin = match (self.work, sqlite) {
            (Work::Single, _) => {
                self.gives_way().await;
                return Ok(());
            }
            (Work::Snapshot, true) => "begin",
            (Work::Snapshot, false) => "begin isolation level repeatable read read only",
            (Work::Write, true) => "begin immediate",
            // Read committed, whatever the database's default: each statement must see what was
            // committed while this one waited for the lock.
            (Work::Write, false) => WRITE_BEGIN,
        };
        loop {
            let begin = format!("{begin}{}", self.limits_where_lent());
            match self.patiently(begin).await {
                Ok(()) => {
                    self.begun = true;
                    break;
                }
                Err(error) => {
                    if let Some(error) = self.renewed(error).await {
                        return Err(self.turned_away(error));
                    }
                }
            }
        }
        if self.work == Work::Snapshot {
            self.gives_way().await;
        }
        if self.work == Work::Write && !sqlite {
            match self.execute(Sql::new(WRITER_LOCK)).await {
                Ok(_) => self.ran = false,
                Err(error) => return Err(self.turned_away(error)),
            }
        }
        Ok(())
    }

    /// Lets go first who was woken on this thread: they would wait for the end of every statement that comes now, which
    /// run here without a pause.
    async fn gives_way(&mut self) {
        if matches!(self.held, Some(Leased::Sqlite(_))) {
            tokio::task::yield_now().await;
        }
    }

    /// What sets the limits of a transaction where a session is lent for it alone: so are they.
    pub(super) fn limits_where_lent(&mut self) -> String {
        if !self.db.lends_sessions() {
            return String::new();
        }
        let longest = self
            .limit()
            .map_or(self.db.limits.request, |at| at - Instant::now());
        format!(
            "; set local statement_timeout = {}; set local lock_timeout = '10s'",
            longest.as_millis().max(1)
        )
    }

    /// A write that waited for its turn in vain met another writer, not a fault.
    fn turned_away(&self, error: Error) -> Error {
        match error {
            Error::TimedOut if self.work == Work::Write => Error::Busy(ANOTHER_WRITE),
            error => error,
        }
    }

    /// Runs a statement of ours that has no parameters and is not prepared.
    pub(super) async fn plainly(&mut self, text: impl Into<String>) -> Result<(), sqlx::Error> {
        let limit = self.limit();
        self.state = State::Running;
        let outcome = match &mut self.held {
            Some(Leased::Sqlite(lease)) => match lease.connection() {
                Some(handle) => handle.plainly(&text.into()),
                None => Err(sqlx::Error::WorkerCrashed),
            },
            Some(Leased::Postgres(lease)) => lease.plainly(text.into(), limit).await,
            None => Err(sqlx::Error::WorkerCrashed),
        };
        if outcome.is_ok() {
            self.state = State::Sound;
        }
        outcome
    }

    /// The same of a write where it may wait: for another program, or for the disk.
    async fn patiently(&mut self, text: impl Into<String>) -> Result<(), sqlx::Error> {
        if self.work != Work::Write {
            return self.plainly(text).await;
        }
        let limit = self.limit();
        self.state = State::Running;
        let outcome = match &mut self.held {
            Some(Leased::Sqlite(lease)) => lease.apart(text.into(), limit).await,
            Some(Leased::Postgres(lease)) => lease.plainly(text.into(), limit).await,
            None => Err(sqlx::Error::WorkerCrashed),
        };
        if outcome.is_ok() {
            self.state = State::Sound;
        }
        outcome
    }

    /// Puts a fresh connection in the place of one that died before anything took effect, as while it idled; else,
    /// what its failure means.
    async fn renewed(&mut self, error: sqlx::Error) -> Option<Error> {
        let died = Meaning::of(&error) == Meaning::Gone && !is_late(&error) && !self.ran;
        let renewed = match &mut self.held {
            Some(Leased::Sqlite(lease)) if died && lease.is_reused() => lease.renew().await,
            // A session may be ended at any moment, also a new one.
            Some(Leased::Postgres(lease)) if died && self.renewals < RENEWALS => lease.renew().await,
            _ => return Some(self.failed(error)),
        };
        match renewed {
            Ok(()) => {
                tracing::debug!("a connection had died");
                self.renewals += 1;
                self.begun = false;
                self.state = State::Sound;
                self.limit();
                None
            }
            Err(error) => {
                self.state = State::Lost;
                let reported = failure::reported_of_connecting(error);
                if self.work == Work::Write {
                    self.db.storage.failed(&reported);
                }
                Some(reported)
            }
        }
    }

    /// The same, and the transaction begun again.
    async fn mended(&mut self, error: sqlx::Error) -> Option<Error> {
        // Statements on their own took effect alone: whether others ran before is nothing to this one.
        if self.work == Work::Single {
            self.ran = false;
        }
        if let Some(error) = self.renewed(error).await {
            return Some(error);
        }
        Box::pin(self.enter()).await.err()
    }

    /// What a failure means: to the connection, to the storage, and to whoever asked.
    pub(super) fn failed(&mut self, error: sqlx::Error) -> Error {
        let meaning = Meaning::of(&error);
        let is_late = is_late(&error);
        self.state = if is_late {
            State::Running
        } else if meaning.spares_the_connection() {
            State::Sound
        } else {
            State::Lost
        };
        let reported = if is_late {
            Error::TimedOut
        } else if meaning == Meaning::Gone && matches!(self.held, Some(Leased::Postgres(_))) {
            tracing::warn!(%error, "a connection died in the middle of its work");
            Error::Lost
        } else {
            failure::reported(error)
        };
        // What took too long may have waited for somebody else; what cannot be read cannot be written either.
        let is_of_the_storage =
            meaning == Meaning::Unable || (self.work == Work::Write && meaning.is_of_the_storage());
        match &reported {
            _ if is_late || !is_of_the_storage => {}
            Error::Lost => self.db.storage.lost(&reported),
            reported => self.db.storage.failed(reported),
        }
        reported
    }

    /// Every row.
    pub async fn all<R: Row>(&mut self, sql: Sql) -> Result<Vec<R>> {
        on_engine!(self, sql, all, |conn, args, text, kept| {
            let rows = sqlx::query_with(text, args).persistent(kept).fetch(conn);
            rows.map(|row| read(&row?)).try_collect()
        })
    }

    /// Every row, put into what keeps less of them than they are.
    pub async fn gathered<R: Row, T: Default + Extend<R> + Send>(&mut self, sql: Sql) -> Result<T> {
        on_engine!(self, sql, gathered, |conn, args, text, kept| {
            let rows = sqlx::query_with(text, args).persistent(kept).fetch(conn);
            rows.map(|row| read(&row?)).try_collect()
        })
    }

    /// The row, where there is one.
    pub async fn find<R: Row>(&mut self, sql: Sql) -> Result<Option<R>> {
        on_engine!(self, sql, find, |conn, args, text, kept| {
            let row = sqlx::query_with(text, args).persistent(kept).fetch_optional(conn);
            async { row.await?.as_ref().map(read).transpose() }
        })
    }

    /// The row that must be there.
    pub async fn one<R: Row>(&mut self, sql: Sql) -> Result<R> {
        on_engine!(self, sql, one, |conn, args, text, kept| {
            let row = sqlx::query_with(text, args).persistent(kept).fetch_one(conn);
            async { read(&row.await?) }
        })
    }

    /// Runs a statement; how many rows it touched.
    async fn execute(&mut self, sql: Sql) -> Result<u64> {
        on_engine!(self, sql, execute, |conn, args, text, kept| {
            let done = sqlx::query_with(text, args).persistent(kept).execute(conn);
            async { done.await.map(|done| done.rows_affected()) }
        })
    }

    /// Whether it reads a file.
    #[must_use]
    pub fn is_of_file(&self) -> bool {
        self.db.is_a_file()
    }

    /// The foreign keys that the schema declares, read from the database itself.
    pub async fn schema(&mut self) -> Result<Schema> {
        let keys = match &self.held {
            Some(Leased::Sqlite(_)) => schema::SQLITE,
            _ => schema::POSTGRES,
        };
        self.all(Sql::new(keys)).await.map(Schema::new)
    }
}

/// The connection of a write, the only one that [`Self::run`]s what is not read: it serves wherever a reader does.
pub struct Conn(pub(super) Reader);

impl Deref for Conn {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.0
    }
}

impl DerefMut for Conn {
    fn deref_mut(&mut self) -> &mut Reader {
        &mut self.0
    }
}

impl Conn {
    /// Runs a statement; how many rows it touched.
    pub async fn run(&mut self, sql: Sql) -> Result<u64> {
        self.0.execute(sql).await
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

    /// Stores something that changes nothing, so that it is known whether anything can be stored.
    pub(super) async fn touch(mut self, thoroughly: bool) -> Result<()> {
        // Longer than a disk takes, shorter than whoever asks has patience; not counted from when it began to wait for
        // its turn, which is the time of whoever wrote before.
        self.deadline = Some(Instant::now() + READERS_PATIENCE);
        let text = match &self.held {
            // A page finds room where no article does.
            Some(Leased::Sqlite(_)) if thoroughly => SQLITE_ROOM.to_owned() + sqlite::WRITERS_CACHE,
            Some(Leased::Sqlite(_)) => SQLITE_PAGE.to_owned(),
            _ => self.postgres_room().await?,
        };
        if let Err(error) = self.patiently(text).await {
            let error = self.failed(error);
            // It stands halfway between settings that are for this alone.
            if self.state == State::Sound {
                self.state = State::Lost;
            }
            return Err(error);
        }
        self.end(Renews::Nothing).await
    }

    /// What finds out whether Postgres can store: no more of it than the server allows.
    async fn postgres_room(&mut self) -> Result<String> {
        // The server's log takes an entry also where nothing may be written, and a standby has no transaction to give.
        let asked = "select current_setting('transaction_read_only') = 'on',
            pg_size_bytes(current_setting('temp_file_limit')) not between 0 and 1000000,
            has_database_privilege(current_database(), 'temporary'),
            coalesce(has_schema_privilege(current_schema(), 'create'), false)";
        let (read_only, sorts, makes_temporary, makes_tables): (bool, bool, bool, bool) =
            self.one(Sql::new(asked)).await?;
        if read_only {
            return Err(Error::ReadOnly);
        }
        let ways = [
            (sorts, POSTGRES_SORT),
            (makes_temporary, POSTGRES_TEMPORARY),
            (makes_tables, POSTGRES_TABLE),
        ];
        let room = ways
            .into_iter()
            .find(|(may, _)| *may)
            .map_or("", |(_, room)| room);
        Ok(format!("{room} {POSTGRES_ENTRY}"))
    }

    /// Makes a transaction's work last.
    pub async fn commit(self) -> Result<()> {
        self.end(Renews::All).await
    }

    /// The same, where the log tells of all that it changes.
    pub async fn commit_logged(self) -> Result<()> {
        self.end(Renews::Logged).await
    }

    /// The same of what no answer from memory shows.
    pub async fn commit_unshown(self) -> Result<()> {
        self.end(Renews::Nothing).await
    }

    async fn end(mut self, renews: Renews) -> Result<()> {
        if !self.begun {
            return Ok(());
        }
        if self.work == Work::Write {
            self.db.may_be_written()?;
            if self.deadline.is_some() && self.db.keeps_nothing_more.load(Ordering::Relaxed) {
                tracing::warn!("a write was rolled back, as its request was cut off by the stop");
                return Err(Error::Draining);
            }
            // Sent too late, its end would be seen by nobody.
            if self.deadline.is_some_and(|at| at <= Instant::now()) {
                return Err(Error::TimedOut);
            }
        }
        match self.seat.take() {
            Some(seat) => self.end_in_group(renews, seat).await,
            None => self.0.commit(renews).await,
        }
    }
}

impl Reader {
    /// The next write goes on in the transaction that another one has begun.
    pub(super) fn goes_on(&mut self) {
        self.deadline = deadline::current();
        self.given_up = deadline::given_up();
        self.since = Instant::now();
        // Nothing is repeated: what others did would be missing.
        self.ran = true;
    }

    pub(super) async fn commit(&mut self, renews: Renews) -> Result<()> {
        let sent = Instant::now();
        let renews = if self.work == Work::Write {
            renews
        } else {
            Renews::Nothing
        };
        match self.patiently(renews.commit()).await {
            Ok(()) => {
                self.begun = false;
                if self.work == Work::Write {
                    self.db.storage.wrote();
                }
                Ok(())
            }
            Err(error) => {
                let (late, died) = (is_late(&error), Meaning::of(&error) == Meaning::Gone);
                // One that failed runs no more; one that was not waited for may.
                self.state = if late { State::Running } else { State::Lost };
                let reported = failure::reported_of_commit(error);
                let had_its_time = sent.elapsed() >= READERS_PATIENCE;
                // What it means to the next write, not to this one.
                let unable = failure::unable();
                let trouble = match &reported {
                    Error::OutcomeUnknown => &unable,
                    reported => reported,
                };
                match self.work {
                    // Nobody else holds up a COMMIT that had its time: the disk does, or a standby that is waited for.
                    Work::Write if late && had_its_time => self.db.storage.failed(&unable),
                    // One that had little time left may have been on its way like any other.
                    Work::Write if late => self.db.storage.doubt(),
                    Work::Write if died => self.db.storage.lost(trouble),
                    Work::Write => self.db.storage.failed(trouble),
                    Work::Single | Work::Snapshot => {}
                }
                Err(reported)
            }
        }
    }

    /// All that it is, for somebody else to go on with.
    fn taken(&mut self) -> Self {
        Self {
            held: self.held.take(),
            work: self.work,
            begun: std::mem::take(&mut self.begun),
            ran: self.ran,
            state: self.state,
            renewals: self.renewals,
            deadline: None,
            given_up: None,
            ends: self.ends,
            since: Instant::now(),
            db: self.db.clone(),
            share: self.share.take(),
            seat: None,
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(seat) = self.seat.take_if(|seat| seat.is_shared())
            && self.state == State::Sound
            && self.begun
        {
            let reader = self.taken();
            return seat.given_up(reader);
        }
        let long = self.since.elapsed() > READERS_PATIENCE;
        let Some(mut held) = self.held.take() else { return };
        let folds = long && self.work != Work::Write;
        let is_running = self.state == State::Running;
        if self.state != State::Sound {
            held.give_up(is_running);
        }
        let (db, share, ends) = (self.db.clone(), self.share.take(), self.ends);
        let mut rolls_back = self.begun && self.state == State::Sound;
        if rolls_back
            && self.work == Work::Snapshot
            && let Leased::Sqlite(lease) = &mut held
        {
            lease.let_go();
            rolls_back = false;
        }
        if !(is_running || rolls_back || folds) {
            return;
        }
        in_background(async move {
            if is_running {
                // Its place, and its share of the readers, are free when nothing runs there any more.
                held.end_what_runs(ends).await;
            } else if rolls_back && let Err(error) = held.roll_back().await {
                tracing::debug!(%error, "a transaction was not rolled back");
                held.give_up(false);
            }
            drop((held, share));
            if folds {
                db.fold_log().await;
            }
        });
    }
}

impl Lease<postgres::Connector> {
    async fn plainly(&mut self, text: String, limit: Option<Instant>) -> Result<(), sqlx::Error> {
        let session = self.connection().ok_or(sqlx::Error::WorkerCrashed)?;
        let run = sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut session.connection);
        limited(limit, run).await.map(drop)
    }
}

impl Leased {
    /// Throws the connection away. What may still run on it is kept at hand to be ended; SQLite's is interrupted as
    /// nobody waits for it.
    fn give_up(&mut self, is_running: bool) {
        match self {
            Self::Postgres(lease) if is_running => lease.set_aside(),
            Self::Postgres(lease) => lease.discard(),
            Self::Sqlite(lease) => lease.discard(),
        }
    }

    /// Ends a statement of Postgres that nobody waits for, which would run on as long as it likes.
    async fn end_what_runs(&mut self, ends: Option<Instant>) {
        if let Self::Postgres(lease) = self {
            lease.replace_set_aside(ends).await;
        }
    }

    async fn roll_back(&mut self) -> Result<(), sqlx::Error> {
        let within = Some(Instant::now() + READERS_PATIENCE);
        match self {
            Self::Sqlite(lease) => lease.apart("rollback".to_owned(), within).await,
            Self::Postgres(lease) => lease.plainly("rollback".to_owned(), within).await,
        }
    }
}
