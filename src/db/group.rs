//! Writes that wait share a transaction: one COMMIT for all of them, and one wait for the disk.
//!
//! Who is done while others wait leaves the transaction open to the next one, and waits until it is committed. Somebody
//! who commits takes their turn behind those who wait by then, so a group is whoever waited when its first was done.
//! Each write stands behind a savepoint: what is refused, or given up, is undone alone. Where the transaction itself is
//! lost, all of them are, and are told so.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedMutexGuard, oneshot},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::{
    ANOTHER_WRITE, Conn, Db, MANY_WRITES, PATIENCE, READERS_PATIENCE,
    conn::Reader,
    deadline, in_background,
    line::{self, Line, Waiting},
    revision::Renews,
    sqlite::TO_BE_INTERRUPTED,
};
use crate::error::{Error, Result};

/// How many writes share a transaction at most: a Postgres session keeps some sixty savepoints in memory, and what it has
/// more costs every other session.
const MOST: usize = 60;

/// How soon it is looked again at the least whether the patience is over.
const LOOKS_AGAIN: Duration = Duration::from_millis(20);

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
    alone: Option<Alone>,
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
    alone: Option<Alone>,
}

/// When the turn was held by what is not counted: whoever waits for that is not to lose patience.
#[derive(Clone)]
pub(super) struct Uncounted(Arc<Spans>);

struct Spans {
    /// What is over sooner is counted like anything else.
    least: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When each began that is under way: one, as each has the turn.
    running: Vec<Instant>,
    /// How long those took that are over, and when the last of them was.
    taken: Duration,
    ended: Option<Instant>,
}

impl State {
    /// How long the one has taken that is under way.
    fn running_for(&self) -> Duration {
        self.running.first().map_or(Duration::ZERO, Instant::elapsed)
    }
}

impl Uncounted {
    pub(super) fn longer_than(least: Duration) -> Self {
        Self(Arc::new(Spans {
            least,
            state: Mutex::default(),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that is done to it can panic halfway.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One begins.
    pub(super) fn begun(&self) -> Span {
        let begun = Instant::now();
        self.state().running.push(begun);
        Span {
            of: self.clone(),
            begun,
        }
    }

    /// When there was one last after this moment: now, while one is under way.
    fn last_after(&self, moment: Instant) -> Option<Instant> {
        let state = self.state();
        if state.running_for() >= self.0.least {
            return Some(Instant::now());
        }
        state.ended.filter(|ended| *ended > moment)
    }

    /// How long all of them have taken, so far.
    fn taken(&self) -> Duration {
        let state = self.state();
        let running = Some(state.running_for()).filter(|it| *it >= self.0.least);
        state.taken + running.unwrap_or_default()
    }
}

/// One of them, for as long as it lasts.
pub(super) struct Span {
    of: Uncounted,
    begun: Instant,
}

impl Drop for Span {
    fn drop(&mut self) {
        let mut state = self.of.state();
        if let Some(at) = state.running.iter().position(|begun| *begun == self.begun) {
            state.running.remove(at);
        }
        let took = self.begun.elapsed();
        if took >= self.of.0.least {
            state.taken += took;
            state.ended = Some(Instant::now());
        }
    }
}

/// A write that shares its transaction with nobody, for as long as it has the turn. The line of such learns what it took.
pub(super) struct Alone {
    db: Db,
    span: Span,
}

impl Alone {
    fn begun(db: &Db) -> Self {
        Self {
            db: db.clone(),
            span: db.long_writes.begun(),
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.db.writers_alone.served(1, self.span.begun.elapsed());
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
    pub(super) fn first(turn: Turn, db: &Db, joins: bool) -> Self {
        let alone = (!joins).then(|| Alone::begun(db));
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
                        alone: None,
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
            alone: _,
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
                alone,
                ..
            } = self;
            others.is_sent = true;
            let outcome = reader.commit(renews).await;
            // It has had the turn until now.
            drop(alone);
            others.tell(&outcome);
            turn
        })
    }
}

/// Who waits, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// A second, and only where that is likely to be enough.
    OfRequest,
    /// Longer: work was done already that would be lost, or others wait for what is done then.
    OfWhoHasBegun,
}

impl Patience {
    fn time(self) -> Duration {
        match self {
            Self::OfRequest => READERS_PATIENCE,
            Self::OfWhoHasBegun => PATIENCE,
        }
    }
}

impl Db {
    /// The turn to write; with the transaction that is open, if one is and `joins`.
    pub(super) async fn turn(&self, joins: bool, patience: Patience) -> Result<Result<Conn, Turn>> {
        if patience == Patience::OfRequest {
            if joins {
                self.must_be_short(&self.writers, self.writers.length()).await?;
            } else {
                self.must_take_one_alone().await?;
            }
        }
        let since = Instant::now();
        let waits = self.writers.join();
        let waits_alone = (!joins).then(|| self.writers_alone.join());
        let mut turn = self
            .patiently(patience, pin!(self.turn.clone().lock_owned()))
            .await?;
        drop(waits_alone);
        waits.came_after(self.held_up_until(since));
        match turn.take() {
            None => Ok(Err(turn)),
            Some(open) if joins && open.others.waiting.len() < MOST => Ok(open.joined(turn).await),
            Some(open) => open.commits(turn).await.map_err(Error::internal).map(Err),
        }
    }

    /// Waits as long as anybody does for their turn. What those take who write long is not counted; nor, up to a limit,
    /// what other programs take who write in the same place, as that says nothing of this one.
    async fn patiently<T>(
        &self,
        patience: Patience,
        mut awaited: impl Future<Output = T> + Unpin,
    ) -> Result<T> {
        let patience = patience.time();
        let since = Instant::now();
        let (long, others) = (self.long_writes.taken(), self.others_writes.taken());
        loop {
            let held_up = self.long_writes.taken().saturating_sub(long);
            let by_others = self.others_writes.taken().saturating_sub(others);
            let by_others = by_others.min(PATIENCE.saturating_sub(patience));
            let now = Instant::now();
            let until = since + patience + held_up + by_others;
            let is_late = deadline::current().is_some_and(|at| at <= now);
            if until <= now || is_late {
                let of_late = now.checked_sub(patience).unwrap_or(since).max(since);
                return Err(match self.others_writes.last_after(of_late) {
                    Some(_) => Error::Busy(ANOTHER_WRITE),
                    None => Error::Overloaded(MANY_WRITES),
                });
            }
            // While what is not counted goes on, little may be left all the time.
            let until = until.max(now + LOOKS_AGAIN);
            let until = deadline::current().map_or(until, |at| at.min(until));
            if let Ok(came) = timeout_at(until, &mut awaited).await {
                return Ok(came);
            }
        }
    }

    /// Until when the turn was held after this moment by what is not counted.
    fn held_up_until(&self, since: Instant) -> Option<Instant> {
        let spans = [&self.long_writes, &self.others_writes];
        spans
            .into_iter()
            .filter_map(|spans| spans.last_after(since))
            .max()
    }

    /// Whether it was, so that what was waited for since says nothing of the pace.
    #[must_use]
    pub fn was_held_up(&self, since: Instant) -> bool {
        self.held_up_until(since).is_some()
    }

    /// Waits to be told what somebody else has made of one's write. Whoever has waited as long for their turn as anybody
    /// does goes away, if they still can: `leaves` says so.
    pub async fn made_by_another<T>(
        &self,
        mut told: oneshot::Receiver<Result<T>>,
        leaves: impl FnOnce() -> bool,
    ) -> Result<T> {
        let _waiting = Waiting::one_more(&self.waiting_in_line);
        match self.patiently(Patience::OfRequest, &mut told).await {
            Ok(told) => told.unwrap_or(Err(Error::OutcomeUnknown)),
            Err(late) if leaves() => Err(late),
            Err(_) => heard(deadline::current(), told).await,
        }
    }

    /// Refuses who comes to a line of writers behind so many that they would wait there in vain; also while it stands for
    /// what is not counted, as their time begins behind that.
    pub async fn must_be_short(&self, line: &Line, before: usize) -> Result<()> {
        if line.is_short(before, READERS_PATIENCE) {
            return Ok(());
        }
        line::refused().await;
        Err(Error::Overloaded(MANY_WRITES))
    }

    /// The same for who will ask for [`Db::begin_alone`]: what is refused then had better not be read before.
    pub async fn must_take_one_alone(&self) -> Result<()> {
        for line in [&self.writers, &self.writers_alone] {
            self.must_be_short(line, line.length()).await?;
        }
        Ok(())
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
            alone,
        };
        if open.alone.is_some() || db.writers.length() == 0 {
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
