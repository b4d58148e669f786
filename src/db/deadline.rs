//! The moment by which a request must be answered, for whatever waits on its way.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

/// How long requests may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// A request, and each statement of any.
    pub request: Duration,
    /// A whole list on its way out.
    pub export: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(30),
            export: Duration::from_mins(10),
        }
    }
}

tokio::task_local! {
    static DEADLINE: Arc<Deadline>;
}

pub(super) struct Deadline {
    longest: Duration,
    at: Mutex<Instant>,
    /// Whether it is counted anew no more.
    is_set: AtomicBool,
    /// Whether nobody waits for it any more.
    pub(super) given_up: Arc<AtomicBool>,
}

impl Deadline {
    pub(super) fn new(at: Instant, longest: Duration, is_set: bool) -> Self {
        Self {
            longest,
            at: Mutex::new(at),
            is_set: AtomicBool::new(is_set),
            given_up: Arc::default(),
        }
    }

    pub(super) fn at(&self) -> Instant {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_set(&self) -> bool {
        self.is_set.load(Ordering::Relaxed)
    }

    /// Does `work`, whose waiting for the database ends by then.
    pub(super) async fn over<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        DEADLINE.scope(self, work).await
    }
}

/// Does `work`, whose waiting for the database ends so long from now.
pub async fn within<T>(longest: Duration, work: impl Future<Output = T>) -> T {
    until(Instant::now() + longest, longest, work).await
}

/// The same, at a moment that was set before.
pub async fn until<T>(at: Instant, longest: Duration, work: impl Future<Output = T>) -> T {
    Arc::new(Deadline::new(at, longest, false)).over(work).await
}

/// The time that a client took over its body is not the register's: it is counted from here. Once: what is read a
/// second time did not come from the client.
pub fn begin_again() {
    let _ = DEADLINE.try_with(|deadline| {
        if deadline.is_set.swap(true, Ordering::Relaxed) {
            return;
        }
        *deadline.at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + deadline.longest;
    });
}

/// The moment by which what runs here must be done; none where nobody waits, as on the command line.
#[must_use]
pub fn current() -> Option<Instant> {
    DEADLINE.try_with(|deadline| deadline.at()).ok()
}

/// What tells whether whoever asked is gone.
pub(super) fn given_up() -> Option<Arc<AtomicBool>> {
    DEADLINE.try_with(|deadline| deadline.given_up.clone()).ok()
}

/// The same work for a task of its own: it goes on with the deadline of whoever starts it.
pub(super) fn inherited<T>(work: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    let deadline = DEADLINE.try_with(Clone::clone).ok();
    async move {
        match deadline {
            Some(deadline) => DEADLINE.scope(deadline, work).await,
            None => work.await,
        }
    }
}

/// So long from now, or the deadline where that is nearer.
pub(super) fn no_later_than(longest: Duration) -> Instant {
    let latest = Instant::now() + longest;
    current().map_or(latest, |at| at.min(latest))
}
