//! Writes that wait share a transaction: one COMMIT for all of them, and one wait for the disk.
//!
//! Who is done while others wait leaves the transaction open to the next one, and waits until it is committed. Somebody
//! who commits takes their turn behind those who wait by then, so a group is whoever waited when its first was done.
//! Each write stands behind a savepoint: what is refused, or given up, is undone alone. Where the transaction itself is
//! lost, all of them are, and are told so.

use std::{
    future::Future,
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError, atomic::Ordering},
};

use tokio::{
    sync::{OwnedMutexGuard, oneshot},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::{
    ANOTHER_WRITE, Conn, Db, PATIENCE, conn::Reader, deadline, in_background, pool::Waiting,
    revision::Renews, sqlite::TO_BE_INTERRUPTED,
};
use crate::error::{Error, Result};

/// How many writes share a transaction at most: a Postgres session keeps some sixty savepoints in memory, and what it has
/// more costs every other session.
const MOST: usize = 60;

/// Whose turn it is to write, and the transaction that the last one left open.
pub(super) type Turn = OwnedMutexGuard<Option<Open>>;

/// A transaction between two writes.
pub(super) struct Open {
    /// Whose deadline is that of the last who waits.
    reader: Reader,
    others: Others,
    /// Whether the last one stood behind a savepoint, which is there still.
    is_marked: bool,
    renews: Renews,
}

/// A write's place in its group.
pub(super) struct Seat {
    turn: Turn,
    /// Those who are done and wait for the COMMIT.
    others: Others,
    /// By when the last of them is to be told.
    told_by: Option<Instant>,
    renews: Renews,
    /// It leaves its transaction to nobody: it is committed once it is done.
    alone: Option<LongWrite>,
}

/// When somebody wrote last who takes long: whoever waits for them is not to lose patience.
#[derive(Default)]
pub(super) struct LongWrites(Mutex<Long>);

#[derive(Default)]
struct Long {
    running: usize,
    /// When the last one was done.
    ended: Option<Instant>,
}

impl LongWrites {
    fn state(&self) -> MutexGuard<'_, Long> {
        // Nothing that is done to it can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Now, while one is under way.
    fn last(&self) -> Option<Instant> {
        let state = self.state();
        if state.running > 0 {
            Some(Instant::now())
        } else {
            state.ended
        }
    }
}

/// One of them, for as long as it has its turn.
pub(super) struct LongWrite(Db);

impl LongWrite {
    fn begun(db: Db) -> Self {
        db.long_writes.state().running += 1;
        Self(db)
    }
}

impl Drop for LongWrite {
    fn drop(&mut self) {
        let mut state = self.0.long_writes.state();
        state.running -= 1;
        state.ended = Some(Instant::now());
    }
}

/// Who waits to hear of the COMMIT. Dropped, they are told that nothing was kept, or that nobody knows.
#[derive(Default)]
pub(super) struct Others {
    waiting: Vec<oneshot::Sender<Result<()>>>,
    is_sent: bool,
}

impl Others {
    fn tell(mut self, outcome: &Result<()>) {
        for tell in self.waiting.drain(..) {
            // Whoever went away does not want to know.
            let _ = tell.send(outcome.as_ref().copied().map_err(Error::shared));
        }
    }
}

impl Drop for Others {
    fn drop(&mut self) {
        for tell in self.waiting.drain(..) {
            let error = if self.is_sent {
                Error::OutcomeUnknown
            } else {
                Error::Lost
            };
            let _ = tell.send(Err(error));
        }
    }
}

impl Seat {
    /// Of a transaction that has just begun.
    pub(super) fn first(turn: Turn, db: Db, joins: bool) -> Self {
        let alone = (!joins).then(|| LongWrite::begun(db));
        Self {
            turn,
            others: Others::default(),
            told_by: None,
            renews: Renews::Nothing,
            alone,
        }
    }

    /// Whether others are done in the same transaction.
    pub(super) fn is_shared(&self) -> bool {
        !self.others.waiting.is_empty()
    }

    /// Undoes a write that was given up, and lets the others go on.
    pub(super) fn given_up(self, mut reader: Reader) {
        in_background(async move {
            let Self {
                mut turn,
                others,
                told_by,
                renews,
                alone: _,
            } = self;
            reader.deadline = told_by;
            match reader.plainly("rollback to savepoint write").await {
                Ok(()) => {
                    *turn = Some(Open {
                        reader,
                        others,
                        is_marked: true,
                        renews,
                    });
                }
                Err(error) => others.tell(&Err(reader.failed(error))),
            }
        });
    }
}

impl Open {
    /// Takes the next write in; where the transaction is lost, its turn is all that is left.
    async fn joined(self, turn: Turn) -> Result<Conn, Turn> {
        let Self {
            mut reader,
            others,
            is_marked,
            renews,
        } = self;
        let told_by = reader.deadline;
        reader.goes_on();
        // What the last one did stays, and is not undone with this one.
        let mark = if is_marked {
            "release savepoint write; savepoint write"
        } else {
            "savepoint write"
        };
        let mark = format!("{mark}{}", reader.limits_where_lent());
        match reader.plainly(mark).await {
            Ok(()) => {
                reader.seat = Some(Seat {
                    turn,
                    others,
                    told_by,
                    renews,
                    alone: None,
                });
                Ok(Conn(reader))
            }
            Err(error) => {
                others.tell(&Err(reader.failed(error)));
                Err(turn)
            }
        }
    }

    /// Commits, whoever waits for it or not.
    fn commits(self, turn: Turn) -> JoinHandle<Turn> {
        tokio::spawn(async move {
            let Self {
                mut reader,
                mut others,
                renews,
                ..
            } = self;
            others.is_sent = true;
            let outcome = reader.commit(renews).await;
            others.tell(&outcome);
            turn
        })
    }
}

impl Db {
    /// The turn to write; with the transaction that is open, if one is and `joins`.
    pub(super) async fn turn(&self, joins: bool) -> Result<Result<Conn, Turn>> {
        let waiting = Waiting::one_more(&self.waiting_to_write);
        let turn = self.patiently(pin!(self.turn.clone().lock_owned())).await;
        drop(waiting);
        let mut turn = turn.ok_or(Error::Busy(ANOTHER_WRITE))?;
        match turn.take() {
            None => Ok(Err(turn)),
            Some(open) if joins && open.others.waiting.len() < MOST => Ok(open.joined(turn).await),
            Some(open) => open.commits(turn).await.map_err(Error::internal).map(Err),
        }
    }

    /// Waits as long as anybody does for their turn: what those take who write long is not counted.
    async fn patiently<T>(&self, mut awaited: impl Future<Output = T> + Unpin) -> Option<T> {
        let mut since = Instant::now();
        loop {
            let until = since + PATIENCE;
            let until = deadline::current().map_or(until, |at| at.min(until));
            if let Ok(came) = timeout_at(until, &mut awaited).await {
                return Some(came);
            }
            let is_late = deadline::current().is_some_and(|at| at <= Instant::now());
            since = self.long_writes.last().filter(|last| *last > since && !is_late)?;
        }
    }

    /// Waits to be told what somebody else has made of one's write. Whoever has waited as long for their turn as anybody
    /// does goes away, if they still can: `leaves` says so.
    pub async fn made_by_another<T>(
        &self,
        mut told: oneshot::Receiver<Result<T>>,
        leaves: impl FnOnce() -> bool,
    ) -> Result<T> {
        let _waiting = Waiting::one_more(&self.waiting_in_line);
        match self.patiently(&mut told).await {
            Some(told) => told.unwrap_or(Err(Error::OutcomeUnknown)),
            None if leaves() => Err(Error::Busy(ANOTHER_WRITE)),
            None => heard(deadline::current(), told).await,
        }
    }

    /// The turn to write, if nobody has it and nothing is open.
    pub(super) fn turn_at_once(&self) -> Option<Turn> {
        let turn = self.turn.clone().try_lock_owned().ok()?;
        turn.is_none().then_some(turn)
    }

    /// Whether nobody writes, so that who begins now waits for nobody in this process.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.turn_at_once().is_some()
    }

    /// Commits what is open once it is its turn.
    async fn commit_open(self) {
        let mut turn = self.turn.clone().lock_owned().await;
        if let Some(open) = turn.take()
            && let Err(error) = open.commits(turn).await
        {
            tracing::error!(%error, "a group of writes was not committed");
        }
    }
}

impl Conn {
    /// Makes what a write did last: at once, or with those who wait.
    pub(super) async fn end_in_group(mut self, renews: Renews, seat: Seat) -> Result<()> {
        let Seat {
            mut turn,
            mut others,
            told_by,
            renews: of_others,
            alone,
        } = seat;
        let is_marked = !others.waiting.is_empty();
        let renews = renews.max(of_others);
        let (tell, told) = oneshot::channel();
        others.waiting.push(tell);
        let is_first = others.waiting.len() == 1;
        let db = self.db.clone();
        let own = self.deadline;
        // One without a deadline waits as long as it takes, and so do those with it.
        self.deadline = if is_first {
            own
        } else {
            own.zip(told_by).map(|(own, others)| own.max(others))
        };
        let open = Open {
            reader: self.0,
            others,
            is_marked,
            renews,
        };
        if alone.is_some() || db.waiting_to_write.load(Ordering::Relaxed) == 0 {
            // Whoever waits for it is told, and no longer waits than they have time.
            drop(open.commits(turn));
        } else {
            *turn = Some(open);
            drop(turn);
            if is_first {
                tokio::spawn(db.commit_open());
            }
        }
        heard(own, told).await
    }
}

/// What somebody else says of one's write; where they do not in time, nobody knows.
async fn heard<T>(deadline: Option<Instant>, told: oneshot::Receiver<Result<T>>) -> Result<T> {
    let told = async { told.await.unwrap_or(Err(Error::OutcomeUnknown)) };
    match deadline {
        Some(at) => timeout_at(at + TO_BE_INTERRUPTED * 2, told)
            .await
            .unwrap_or(Err(Error::OutcomeUnknown)),
        None => told.await,
    }
}
