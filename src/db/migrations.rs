//! The way up to date: migrations in SQL, and what of them is done in Rust.
//!
//! A [`Step`] is done in parts. Each is a write transaction that reads where the last one ended and keeps where it
//! ends itself, so that a program that is killed goes on there, and two that start at once take turns.

use std::{
    collections::BTreeSet,
    fmt,
    time::{Duration, Instant},
};

use futures_util::future::BoxFuture;
use sqlx::migrate::{MigrateError, Migrator};

use super::{
    ANOTHER_WRITE, Conn, Db, Engine, OpenError, PATIENCE, Reader, Sql, failure::Meaning, postgres, why,
};
use crate::{
    db::pool::Unavailable,
    error::{Error, Result},
};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How often the log says how far a step is.
const SAID_EVERY: Duration = Duration::from_secs(5);

/// What the log says each time that another program had the register for longer than a write waits.
const WAITS: &str = "another program writes: this waits for it";

/// Every migration, by its number: the SQL for either engine, and what behind it is done in Rust.
pub struct Migrations {
    pub sqlite: Migrator,
    pub postgres: Migrator,
    /// In any order: each has its number.
    pub steps: Vec<Box<dyn Step>>,
}

impl Migrations {
    /// The SQL of `migrations/`, and these steps.
    #[must_use]
    pub fn with(steps: Vec<Box<dyn Step>>) -> Self {
        let copy = |all: &'static Migrator| Migrator {
            migrations: all.migrations.clone(),
            ..Migrator::DEFAULT
        };
        Self {
            sqlite: copy(&SQLITE),
            postgres: copy(&POSTGRES),
            steps,
        }
    }

    /// The newest schema that they lead to; both engines number theirs alike.
    fn newest(&self) -> i64 {
        newest(&self.sqlite)
    }

    /// By the SQL of its number, a program of an earlier version knows that it must not touch the register any more.
    fn must_have_sql(&self, version: i64) -> Result<(), OpenError> {
        if self.sqlite.version_exists(version) && self.postgres.version_exists(version) {
            return Ok(());
        }
        Err(OpenError::Step {
            version,
            why: "there is no SQL of this number for both engines".to_owned(),
        })
    }

    /// The steps that are not done yet, in the order of their numbers.
    fn pending(&self, standing: &Standing) -> Vec<&dyn Step> {
        let mut pending: Vec<_> = self
            .steps
            .iter()
            .map(AsRef::as_ref)
            .filter(|step| !standing.finished.contains(&step.version()))
            .collect();
        pending.sort_by_key(|step| step.version());
        pending
    }
}

/// What a migration does in Rust, as SQL cannot do it alike on both engines.
///
/// It meets the schema of its number, also in versions to come: so it names tables and columns itself, and uses no
/// record's type.
pub trait Step: Send + Sync {
    /// The number of the migration that carries it: it runs behind that one's SQL, and before the next one's.
    fn version(&self) -> i64;

    /// How many rows it goes through in all, those that are done among them; for people.
    fn rows<'a>(&'a self, conn: &'a mut Reader) -> BoxFuture<'a, Result<u64>>;

    /// Does the next part, and says where it ends; none where nothing is left. `after` is where the last part ended, in
    /// words of the step's own.
    ///
    /// A part holds the one write lock: it takes as many rows as need less than a second and a few MB. Postgres gives
    /// up a writer that lets it wait for five seconds.
    fn advance<'a>(
        &'a self,
        conn: &'a mut Conn,
        after: Option<String>,
    ) -> BoxFuture<'a, Result<Option<Part>>>;
}

/// A part of a step that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it ends: the next one begins behind it.
    pub end: String,
    pub rows: u64,
}

/// How far a register is on its way up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The migration that it is at.
    pub version: i64,
    /// How many rows its step has done, and how many there are for it; none while it is at SQL.
    pub rows: Option<(u64, u64)>,
}

impl Progress {
    fn new(version: i64) -> Self {
        Self { version, rows: None }
    }

    /// In hundredths; whole only once it is.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        let (done, all) = self.rows?;
        Some((done.saturating_mul(100) / all.max(1)).min(99))
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "migration {}", self.version)?;
        match self.rows {
            Some((done, all)) => write!(f, ": {done} of {all} rows"),
            None => Ok(()),
        }
    }
}

/// The newest schema that this program knows.
#[must_use]
pub fn newest_schema() -> i64 {
    newest(&SQLITE)
}

fn newest(migrator: &Migrator) -> i64 {
    migrator
        .iter()
        .map(|migration| migration.version)
        .max()
        .unwrap_or_default()
}

/// How far a database is.
struct Standing {
    /// Its schema; none where it has none.
    schema: Option<i64>,
    /// The steps that were done to their ends.
    finished: BTreeSet<i64>,
}

/// Made where the first step begins: a register without one does not have it.
const SQLITE_STEPS: &str = "create table if not exists migration_steps (
    version integer primary key not null, reached text, done integer not null, finished integer not null) strict";
const POSTGRES_STEPS: &str = "create table if not exists migration_steps (
    version bigint primary key not null, reached text collate \"C\", done bigint not null, finished boolean not null)";

impl Db {
    /// Brings the register up to date; where there is something to do, it says how far it is.
    pub async fn migrate(
        &self,
        migrations: &Migrations,
        mut watch: impl FnMut(Progress) + Send,
    ) -> Result<(), OpenError> {
        let standing = self.standing(migrations).await?;
        let (newest, pending) = (migrations.newest(), migrations.pending(&standing));
        if standing.schema == Some(newest) && pending.is_empty() {
            return Ok(());
        }
        self.may_be_migrated()?;
        // A register that only begins takes a moment, and nobody is to come back later for that.
        let begins = standing.schema.is_none();
        let mut watch = |progress| {
            if !begins {
                watch(progress);
            }
        };
        for step in pending {
            let version = step.version();
            migrations.must_have_sql(version)?;
            self.run_sql(migrations, version, &mut watch).await?;
            // Before its rows are counted, which may have to wait for another write.
            watch(Progress::new(version));
            self.run_step(step, &mut watch)
                .await
                .map_err(|error| unfinished(version, error))?;
        }
        self.run_sql(migrations, newest, &mut watch).await?;
        if begins {
            return Ok(());
        }
        // What a server that runs meanwhile has answered may be another answer now.
        let renewed = async { self.begin().await?.commit().await };
        renewed.await.map_err(|error| unfinished(newest, error))
    }

    /// Refuses a database that this program must not look into: of a newer schema, or on its way to one.
    pub async fn require_known_schema(&self, migrations: &Migrations) -> Result<(), OpenError> {
        let standing = self.standing(migrations).await?;
        let halfway = migrations
            .pending(&standing)
            .into_iter()
            .map(Step::version)
            .find(|version| standing.schema >= Some(*version));
        halfway.map_or(Ok(()), |version| Err(OpenError::Halfway(version)))
    }

    /// Refuses where nothing can be brought up to date.
    fn may_be_migrated(&self) -> Result<(), OpenError> {
        match &self.engine {
            Engine::Sqlite { file, .. } if file.read_only => Err(OpenError::ReadOnlyAndBehind),
            Engine::Sqlite { file, .. } if file.is_cramped() => Err(OpenError::FullAndBehind),
            Engine::Postgres {
                sessions: postgres::Sessions::ByTransaction,
                ..
            } => Err(OpenError::LentAndBehind),
            _ => Ok(()),
        }
    }

    /// Runs the SQL up to this schema, as far as it was not run; whoever writes meanwhile is waited for as long as it
    /// takes.
    async fn run_sql(
        &self,
        migrations: &Migrations,
        version: i64,
        watch: &mut (impl FnMut(Progress) + Send),
    ) -> Result<(), OpenError> {
        let all = match &self.engine {
            Engine::Sqlite { .. } => &migrations.sqlite,
            Engine::Postgres { .. } => &migrations.postgres,
        };
        let numbers = all.iter().map(|migration| migration.version);
        for number in numbers.filter(|number| *number <= version) {
            loop {
                let schema = self.standing(migrations).await?.schema;
                if schema >= Some(number) {
                    break;
                }
                watch(Progress::new(number));
                tracing::info!(version = number, "the SQL of a migration runs");
                match self.run_sql_of(all, number).await? {
                    Ok(()) => break,
                    Err(error) if is_of_another_write(&error) => {
                        tracing::info!("{WAITS}");
                        let part = self.begin_part().await;
                        drop(part.map_err(|error| unfinished(number, error))?);
                    }
                    // Where two find it undone, what the one has done the other fails to do again.
                    Err(error) if self.standing(migrations).await?.schema == schema => {
                        return Err(outdated(error));
                    }
                    Err(_) => {}
                }
            }
        }
        Ok(())
    }

    /// Runs the SQL of this number. It leaves nothing where it fails, as each number is a transaction.
    async fn run_sql_of(&self, all: &Migrator, number: i64) -> Result<Result<(), MigrateError>, OpenError> {
        match &self.engine {
            Engine::Sqlite { pools, file } => {
                // Two that begin a file take turns. Who has waited for long goes on without one, as another register
                // beside this one may be at work: what is done then is not done again.
                let _lock = file.lock().await;
                let _writing = pools.writer.lease(PATIENCE).await.map_err(unmigrated)?;
                let unopened = |error: sqlx::Error| OpenError::Unread(why(&error));
                let mut connection = file.migrating().await.map_err(unopened)?;
                let outcome = all.run_to(number, &mut connection).await;
                if let Err(error) = sqlx::Connection::close(connection).await {
                    tracing::warn!(%error, "a connection to the file was not closed");
                }
                Ok(outcome)
            }
            Engine::Postgres { pools, .. } => {
                let mut lease = pools.writer.lease(PATIENCE).await.map_err(unmigrated)?;
                let session = lease.connection().ok_or_else(unconnected)?;
                // A large table takes its time, and another that migrates is waited for.
                let unlimited = "set statement_timeout = 0; set lock_timeout = 0";
                sqlx::raw_sql(unlimited)
                    .execute(&mut session.connection)
                    .await
                    .map_err(|error| OpenError::Unread(why(&error)))?;
                let outcome = all.run_to(number, &mut session.connection).await;
                // Whatever became of it, its lock and its settings are not left to others.
                lease.discard();
                Ok(outcome)
            }
        }
    }

    /// Does a step to its end, from where it is.
    async fn run_step(&self, step: &dyn Step, watch: &mut (impl FnMut(Progress) + Send)) -> Result<()> {
        let version = step.version();
        let begun = Instant::now();
        let (mut done, all) = self.begin_step(step).await?;
        tracing::info!(version, done, rows = all, "a step of a migration begins");
        let mut said = begun;
        loop {
            watch(Progress {
                version,
                rows: Some((done, all)),
            });
            if said.elapsed() >= SAID_EVERY {
                said = Instant::now();
                tracing::info!(version, done, rows = all, "a step of a migration goes on");
            }
            match self.run_part(step).await? {
                Some(until) => done = until,
                None => break,
            }
        }
        let seconds = begun.elapsed().as_secs();
        tracing::info!(version, rows = all, seconds, "a step of a migration is done");
        Ok(())
    }

    /// Makes room for what is known of a step; how many rows it has done, and how many there are.
    async fn begin_step(&self, step: &dyn Step) -> Result<(u64, u64)> {
        let mut conn = self.begin_part().await?;
        let table = match &self.engine {
            Engine::Sqlite { .. } => SQLITE_STEPS,
            Engine::Postgres { .. } => POSTGRES_STEPS,
        };
        conn.run(Sql::new(table)).await?;
        let begin = "insert into migration_steps (version, done, finished) values ($1, $2, $3) on conflict do nothing";
        let begin = Sql::new(begin).bind(step.version()).bind(0_i64).bind(false);
        conn.run(begin).await?;
        let (done,): (i64,) = conn
            .one(Sql::new("select done from migration_steps where version = $1").bind(step.version()))
            .await?;
        let all = step.rows(&mut conn).await?;
        conn.commit_unshown().await?;
        Ok((done.unsigned_abs(), all))
    }

    /// Does the next part of a step, and keeps where it ends; how many rows are done by then, or none where it is
    /// finished, by this program or by another one.
    async fn run_part(&self, step: &dyn Step) -> Result<Option<u64>> {
        let version = step.version();
        let mut conn = self.begin_part().await?;
        let kept = "select reached, done, finished from migration_steps where version = $1";
        let (reached, done, finished): (Option<String>, i64, bool) =
            conn.one(Sql::new(kept).bind(version)).await?;
        if finished {
            return Ok(None);
        }
        let Some(part) = step.advance(&mut conn, reached).await? else {
            let end = "update migration_steps set finished = $2 where version = $1";
            conn.run(Sql::new(end).bind(version).bind(true)).await?;
            conn.commit_unshown().await?;
            return Ok(None);
        };
        let done = done.saturating_add_unsigned(part.rows);
        let keep = "update migration_steps set reached = $2, done = $3 where version = $1";
        conn.run(Sql::new(keep).bind(version).bind(part.end).bind(done))
            .await?;
        conn.commit_unshown().await?;
        Ok(Some(done.unsigned_abs()))
    }

    /// A write of those that long work is made of: it waits for its turn as long as it takes, and for its statements.
    pub async fn begin_part(&self) -> Result<Conn> {
        let mut conn = loop {
            match self.begin().await {
                Err(Error::Busy(_)) => tracing::info!("{WAITS}"),
                begun => break begun?,
            }
        };
        if matches!(self.engine, Engine::Postgres { .. }) {
            conn.run(Sql::new("set local statement_timeout = 0")).await?;
        }
        Ok(conn)
    }

    /// How far the database is. A schema that is newer than these migrations is refused.
    async fn standing(&self, migrations: &Migrations) -> Result<Standing, OpenError> {
        let mut conn = self.read().await.map_err(unread)?;
        let mut has = async |table: &str| {
            let tables = match &self.engine {
                Engine::Sqlite { .. } => "select count(*) from sqlite_schema where name = $1",
                Engine::Postgres { .. } => {
                    "select count(*) from information_schema.tables
                     where table_schema = current_schema() and table_name = $1"
                }
            };
            let (tables,): (i64,) = conn.one(Sql::new(tables).bind(table.to_owned())).await?;
            Ok(tables > 0)
        };
        let (migrated, stepped) = (
            has("_sqlx_migrations").await.map_err(unread)?,
            !migrations.steps.is_empty() && has("migration_steps").await.map_err(unread)?,
        );
        let mut standing = Standing {
            schema: None,
            finished: BTreeSet::new(),
        };
        if migrated {
            let newest = "select max(version) from _sqlx_migrations where success";
            let (version,): (Option<i64>,) = conn.one(Sql::new(newest)).await.map_err(unread)?;
            if let Some(version) = version.filter(|version| *version > migrations.newest()) {
                return Err(OpenError::Newer(version));
            }
            standing.schema = version;
        }
        if stepped {
            let finished = "select version from migration_steps where finished";
            let finished: Vec<(i64,)> = conn.all(Sql::new(finished)).await.map_err(unread)?;
            standing.finished = finished.into_iter().map(|(version,)| version).collect();
        }
        Ok(standing)
    }
}

fn unread(error: Error) -> OpenError {
    OpenError::Unread(reason(error))
}

/// In the words of whoever starts the program; a caller is told to look into the log, which here this is.
fn reason(error: Error) -> String {
    match error {
        Error::Internal(source) => source.to_string(),
        other => other.to_string(),
    }
}

fn unfinished(version: i64, error: Error) -> OpenError {
    match error {
        Error::ReadOnly => OpenError::ReadOnlyAndBehind,
        Error::DiskFull => OpenError::Step {
            version,
            why: "the disk is full".to_owned(),
        },
        error => OpenError::Step {
            version,
            why: reason(error),
        },
    }
}

fn unmigrated(error: Unavailable) -> OpenError {
    match error {
        Unavailable::Taken => OpenError::Unread(ANOTHER_WRITE.to_owned()),
        Unavailable::Failed(error) => OpenError::Unread(why(&error)),
    }
}

/// A connection that was given up while it was waited for.
fn unconnected() -> OpenError {
    OpenError::Unread(why(&sqlx::Error::WorkerCrashed))
}

/// What the database itself said to a migration.
fn refused(error: &MigrateError) -> Option<Meaning> {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Some(Meaning::of(error)),
        _ => None,
    }
}

fn is_of_another_write(error: &MigrateError) -> bool {
    refused(error) == Some(Meaning::Taken)
}

fn outdated(error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(version) => OpenError::Newer(version),
        error if refused(&error) == Some(Meaning::ReadOnly) => OpenError::ReadOnlyAndBehind,
        other => OpenError::Migration(other),
    }
}
