//! Whether anything was committed since one last looked, asked anew each time: docs/decisions/0025.

use std::{
    mem::ManuallyDrop,
    path::Path,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags};
use tokio::sync::oneshot;

use super::{
    Db, Engine, Reader, Sql, deadline, row,
    sqlite::{Known, companion},
};
use crate::{error::Result, values::Clock};

/// How long the database may take to say what it has.
const SAID_WITHIN: Duration = Duration::from_secs(1);
/// After how long a file that could not be watched is tried again.
const TRIED_AGAIN: Duration = Duration::from_secs(1);

/// What the database has committed. Two that are equal have nothing between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(Seen);

impl Version {
    /// The same where its words were read since: with them goes what was read beside them. Kept under those from before,
    /// it would be taken for that of a server that failed over to where they are the last.
    #[must_use]
    pub fn with(self, marks: Marks) -> Self {
        match self.0 {
            Seen::Postgres(_) => Self(Seen::Postgres(marks)),
            Seen::Sqlite(..) => self,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// As a connection, which is numbered, counts the commits of all others.
    Sqlite(u32, i64),
    Postgres(Marks),
}

/// Words by chance: each is another one after a write, and never what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// After every write.
    pub logged: i64,
    /// After those that the log does not tell of.
    pub unlogged: i64,
}

row! { Marks { logged, unlogged } }

/// What a COMMIT renews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Renews {
    /// It changes nothing that anybody is answered.
    Nothing,
    /// The log tells what it changed.
    Logged,
    /// Nothing does.
    All,
}

impl Renews {
    /// How a transaction ends.
    pub(super) fn commit(self) -> String {
        let word = || Clock::SYSTEM.new_id().as_u64_pair().1.cast_signed();
        match self {
            Self::Nothing => "commit".to_owned(),
            Self::Logged => format!("update revision set logged = {} where id = 1; commit", word()),
            Self::All => format!(
                "update revision set logged = {}, unlogged = {} where id = 1; commit",
                word(),
                word()
            ),
        }
    }
}

/// What is seen of commits.
#[derive(Default)]
pub(super) struct Watch {
    file: Mutex<File>,
    waiting: Mutex<Waiting>,
}

/// A file, watched on a connection of its own, by whichever thread asks: what a hand-over to another one costs is more
/// than the question.
#[derive(Default)]
enum File {
    #[default]
    Unopened,
    Open(Box<Watched>),
    Unavailable(Instant),
    Closed,
}

struct Watched {
    /// Which of all connections that have watched a file so far, as each counts for itself.
    number: u32,
    connection: Connection,
    /// What the connection counted last, and what stood at the head of the index by then.
    counted: Option<(i64, Head)>,
    index: Option<Index>,
}

static OPENED: AtomicU32 = AtomicU32::new(0);

/// The head of the log's index, which every COMMIT writes anew before it is done: both copies of what SQLite calls the
/// header of the wal-index. Where it is what it was, nothing was committed, and the connection need not be asked.
type Head = [u8; 96];

/// The file that holds the index. To read its head takes a tenth of what a question to the connection takes, which locks
/// the file and lets go of it again.
///
/// It is never closed: to close a file gives up every lock that this process has on it, and SQLite's are among them.
struct Index(ManuallyDrop<std::fs::File>);

impl Index {
    #[cfg(unix)]
    fn head(&self) -> Option<Head> {
        let mut head = [0; 96];
        std::os::unix::fs::FileExt::read_exact_at(&*self.0, &mut head, 0).ok()?;
        Some(head)
    }

    #[cfg(not(unix))]
    fn head(&self) -> Option<Head> {
        None
    }
}

impl Watched {
    fn opened(path: &Path, has_index: bool) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        // Whoever holds the file for themselves is not waited for: it is the serving thread that asks.
        connection.busy_timeout(Duration::ZERO)?;
        // Looked at once, the index is there.
        connection.query_row("pragma data_version", (), |_| Ok(()))?;
        let index = has_index
            .then(|| std::fs::File::open(companion(path, "-shm")).ok())
            .flatten();
        Ok(Self {
            number: OPENED.fetch_add(1, Ordering::Relaxed),
            connection,
            counted: None,
            index: index.map(|index| Index(ManuallyDrop::new(index))),
        })
    }

    fn version(&mut self) -> rusqlite::Result<Version> {
        // Read first: what is committed behind it is another one.
        let head = self.index.as_ref().and_then(Index::head);
        if let (Some((count, before)), Some(head)) = (&self.counted, &head)
            && before == head
        {
            return Ok(Version(Seen::Sqlite(self.number, *count)));
        }
        let mut asked = self.connection.prepare_cached("pragma data_version")?;
        let count = asked.query_row((), |row| row.get(0))?;
        self.counted = head.map(|head| (count, head));
        Ok(Version(Seen::Sqlite(self.number, count)))
    }
}

/// Those who wait for the next question to Postgres, and whether somebody asks.
#[derive(Default)]
struct Waiting {
    next: Vec<oneshot::Sender<Option<Marks>>>,
    is_asked: bool,
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing that is done to them can panic halfway.
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl File {
    fn version(&mut self, file: &Known, has_index: bool) -> Option<Version> {
        match self {
            Self::Closed => return None,
            Self::Unavailable(since) if since.elapsed() < TRIED_AGAIN => return None,
            Self::Unopened | Self::Unavailable(_) => {
                // What took the file's place tells nothing of it, also once the file is back. Looked at before, as an
                // index that was opened stays so; and behind, as it may have been replaced meanwhile.
                if file.trouble().is_some() {
                    *self = Self::Unavailable(Instant::now());
                    return None;
                }
                *self = match Watched::opened(file.path(), has_index) {
                    Ok(_) if file.trouble().is_some() => Self::Unavailable(Instant::now()),
                    Ok(watched) => Self::Open(Box::new(watched)),
                    Err(error) => Self::unavailable(error),
                };
            }
            Self::Open(_) => {}
        }
        let Self::Open(watched) = self else { return None };
        match watched.version() {
            Ok(version) => Some(version),
            Err(error) => {
                *self = Self::unavailable(error);
                None
            }
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "a failure ends here")]
    fn unavailable(error: rusqlite::Error) -> Self {
        tracing::debug!(%error, "the file is not watched");
        Self::Unavailable(Instant::now())
    }
}

impl Db {
    /// What is committed, where that is told on the spot: by a file that is watched. Else ask [`Db::version`].
    #[must_use]
    pub fn version_at_once(&self) -> Option<Version> {
        match &self.engine {
            // What is read as if nobody could write it is not watched either.
            Engine::Sqlite { file, .. } if !file.is_read_as_it_is() => {
                locked(&self.watch.file).version(file, self.is_served)
            }
            _ => None,
        }
    }

    /// What is committed now, or later than now; none where the database does not say.
    pub async fn version(&self) -> Option<Version> {
        if matches!(self.engine, Engine::Sqlite { .. }) {
            return self.version_at_once();
        }
        let (tell, told) = oneshot::channel();
        let is_asked = {
            let mut waiting = locked(&self.watch.waiting);
            waiting.next.push(tell);
            std::mem::replace(&mut waiting.is_asked, true)
        };
        if !is_asked {
            tokio::spawn(self.clone().ask_for_all());
        }
        let marks = told.await.ok().flatten()?;
        Some(Version(Seen::Postgres(marks)))
    }

    /// Asks for whoever waits, until nobody does. Who comes while a question is on its way waits for the next one: an
    /// answer may have been made before.
    async fn ask_for_all(self) {
        loop {
            // Whoever is about to come shares the question, which costs more than to wait for them.
            tokio::task::yield_now().await;
            let asking = {
                let mut waiting = locked(&self.watch.waiting);
                if waiting.next.is_empty() {
                    waiting.is_asked = false;
                    return;
                }
                std::mem::take(&mut waiting.next)
            };
            // A task of its own, so that whatever befalls it, the next one is asked.
            let db = self.clone();
            let asked = tokio::spawn(deadline::within(SAID_WITHIN, async move {
                db.watching().await?.marks().await
            }));
            let marks = asked.await.ok().and_then(Result::ok);
            for tell in asking {
                // Whoever went away does not want to know.
                let _ = tell.send(marks);
            }
        }
    }

    /// Nothing is watched any more.
    pub(super) fn stop_watching(&self) {
        *locked(&self.watch.file) = File::Closed;
    }
}

impl Reader {
    /// The words of the last commit.
    pub async fn marks(&mut self) -> Result<Marks> {
        self.one(Sql::new("select logged, unlogged from revision where id = 1"))
            .await
    }
}
