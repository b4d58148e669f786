//! Where a file is read and written for those who are served.
//!
//! A statement of SQLite runs on the thread that asks it: docs/decisions/0030. So whoever serves asks on threads that are
//! there for that alone, one more than there are connections. Those that hear clients never wait for the disk.

use std::{
    cell::Cell,
    future::Future,
    io,
    pin::{Pin, pin},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::{
    Db, Engine, KEY_CHECKS, READINESS, SQLITE_READERS, WATCHING, alone,
    deadline::{self, Deadline},
    is_alone,
    sqlite::TO_BE_INTERRUPTED,
};
use crate::error::{Error, Result};

const WRITER: usize = 1;

static THREADS: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(SQLITE_READERS + KEY_CHECKS + READINESS + WATCHING + WRITER + 1)
        .thread_name("sqlite")
        .on_thread_start(|| IS_ONE_OF_THEM.set(true))
        .enable_all()
        .build()
});

thread_local! {
    static IS_ONE_OF_THEM: Cell<bool> = const { Cell::new(false) };
}

tokio::task_local! {
    /// Set for a request that stays where it was heard.
    static STAYS: ();
}

/// Whether what runs here is a request that stays where it was heard, as it stands in line.
#[must_use]
pub fn stands_in_line() -> bool {
    STAYS.try_with(|()| ()).is_ok()
}

/// That no statement is about to run on a thread that hears clients: a mistake, which is noticed while it is built.
pub(super) fn is_asked_beside() {
    debug_assert!(
        !stands_in_line(),
        "a file is asked on a thread that hears clients: ask beside it"
    );
}

/// How long after its deadline an answer is waited for: until what is late has been interrupted, and has said so. What
/// takes longer is held up by the disk.
const HELD_UP: Duration = TO_BE_INTERRUPTED.saturating_mul(4);

impl Db {
    /// Where what it is asked is to run; none where that is wherever it is asked.
    fn threads(&self) -> Option<&'static Handle> {
        let is_file = matches!(self.engine, Engine::Sqlite { .. });
        let threads = (is_file && self.is_served).then(|| THREADS.as_ref().ok())?;
        threads.map(Runtime::handle)
    }

    /// Does `work` where its statements may run, with the deadline of whoever asks: here, where that is such a place.
    pub async fn beside<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T> {
        let Some(threads) = self.threads().filter(|_| !IS_ONE_OF_THEM.get()) else {
            return Ok(work.await);
        };
        let (given_up, is_alone) = (deadline::given_up(), is_alone());
        let work = deadline::inherited(work);
        let work = async move { if is_alone { alone(work).await } else { work.await } };
        Asked::new(threads.spawn(work), given_up).await
    }

    /// Does `work` where its statements may run, whether somebody waits for it or not.
    pub fn beside_all(&self, work: impl Future<Output = ()> + Send + 'static) {
        match self.threads() {
            Some(threads) => threads.spawn(work),
            None => tokio::spawn(work),
        };
    }

    /// The same of a request, within so long from now; of what `is_counted_anew` by [`deadline::begin_again`], the end is set only then.
    /// Where whoever asks goes away, it is given up. Where the disk holds it up for too long, it is `late`.
    pub async fn served<T: Send + 'static>(
        &self,
        within: Duration,
        is_counted_anew: bool,
        late: Error,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T> {
        let deadline = Arc::new(Deadline::new(Instant::now() + within, within, !is_counted_anew));
        let work = deadline.clone().over(work);
        let Some(threads) = self.threads() else {
            return Ok(work.await);
        };
        let asked = Asked::new(threads.spawn(work), Some(deadline.given_up.clone()));
        ended(&deadline, late, asked).await
    }

    /// The same of a request that asks nothing of the database itself, and so stays where it was heard.
    pub async fn heard<T>(
        &self,
        within: Duration,
        is_counted_anew: bool,
        late: Error,
        work: impl Future<Output = T>,
    ) -> Result<T> {
        let deadline = Arc::new(Deadline::new(Instant::now() + within, within, !is_counted_anew));
        let work = deadline.clone().over(work);
        if self.threads().is_none() {
            return Ok(work.await);
        }
        let work = STAYS.scope((), async { Ok(work.await) });
        ended(&deadline, late, pin!(work)).await
    }
}

/// What comes of work once it is done, or that it is `late`.
async fn ended<T>(
    deadline: &Deadline,
    late: Error,
    mut work: impl Future<Output = Result<T>> + Unpin,
) -> Result<T> {
    loop {
        let until = deadline.at().max(Instant::now()) + HELD_UP;
        match timeout_at(until, &mut work).await {
            Ok(outcome) => return outcome,
            Err(_) if deadline.is_set() && deadline.at() + HELD_UP <= Instant::now() => return Err(late),
            // Its client takes its time, or it has just been set.
            Err(_) => {}
        }
    }
}

/// What somebody waits for; once nobody does, it ends.
struct Asked<T> {
    task: JoinHandle<T>,
    given_up: Option<Arc<AtomicBool>>,
}

impl<T> Asked<T> {
    fn new(task: JoinHandle<T>, given_up: Option<Arc<AtomicBool>>) -> Self {
        Self { task, given_up }
    }
}

impl<T> Future for Asked<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(ready!(Pin::new(&mut self.task).poll(context)).map_err(Error::internal))
    }
}

impl<T> Drop for Asked<T> {
    fn drop(&mut self) {
        if let Some(given_up) = self.given_up.as_ref().filter(|_| !self.task.is_finished()) {
            given_up.store(true, Ordering::Relaxed);
        }
        self.task.abort();
    }
}
