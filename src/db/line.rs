//! Lines in front of what is lent to some at a time, and who need not join them.
//!
//! Who comes is let into a line whose end they are likely to see within their patience: as many as stand there already,
//! times what each took of late. Others would wait in vain, and hold all that while what they came with. The estimate may
//! be wrong, so whoever stands in line goes away once their patience is over.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout_at},
};

use super::deadline;

/// How long what is known of the pace matters: long enough that a line of thousands is not judged by a moment in which
/// nobody had their turn.
const REMEMBERED_FOR: Duration = Duration::from_millis(500);

/// What is known of the pace says nothing of who comes, alone, after so long without a turn.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(1);

/// As much as one turn says of it at the most.
const LONGEST_TURN: Duration = Duration::from_secs(1);

/// For how long whoever is refused at once is held: who asks again without a pause would cost more than those who are served.
const HELD: Duration = Duration::from_millis(250);

/// Those who wait for one thing.
#[derive(Default)]
pub struct Line {
    waiting: AtomicUsize,
    pace: Mutex<Pace>,
}

/// How fast a line moves: how many had their turn in what time, the longer ago the less of it.
#[derive(Debug, Default)]
struct Pace {
    turns: f64,
    seconds: f64,
    /// Since when the first has waited.
    since: Option<Instant>,
    /// When something was learnt last.
    learnt: Option<Instant>,
}

impl Pace {
    /// What each has taken of late.
    fn each(&self) -> Duration {
        if self.turns > 0.0 {
            Duration::from_secs_f64(self.seconds / self.turns)
        } else {
            Duration::ZERO
        }
    }

    /// Somebody has had their turn.
    fn moved(&mut self, now: Instant) {
        if let Some(since) = self.since.replace(now) {
            self.learn(1, now - since);
        }
    }

    /// So many turns took so long.
    fn learn(&mut self, turns: u32, took: Duration) {
        let took = took.min(LONGEST_TURN * turns);
        let left = (-took.as_secs_f64() / REMEMBERED_FOR.as_secs_f64()).exp();
        self.turns = self.turns * left + f64::from(turns);
        self.seconds = self.seconds * left + took.as_secs_f64();
        self.learnt = Some(Instant::now());
    }

    /// Turns alone would keep for ever what was learnt of the last ones before a silence.
    fn forget_what_is_old(&mut self) {
        if self
            .learnt
            .is_some_and(|learnt| learnt.elapsed() > FORGOTTEN_AFTER)
        {
            *self = Self {
                since: self.since,
                ..Self::default()
            };
        }
    }
}

impl Line {
    fn pace(&self) -> MutexGuard<'_, Pace> {
        // Nothing that is done to it can panic halfway.
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many wait.
    pub(super) fn length(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whether who comes behind so many is likely to have their turn in time. The first of a line always may wait, so
    /// that what is known of its pace becomes true again.
    #[must_use]
    pub fn is_short(&self, before: usize, patience: Duration) -> bool {
        let before = u32::try_from(before).unwrap_or(u32::MAX);
        let mut pace = self.pace();
        // While somebody waits, that there are no turns is no reason to expect fast ones.
        if before == 0 {
            pace.forget_what_is_old();
        }
        pace.each().saturating_mul(before) <= patience
    }

    /// Joins, however long it is.
    pub(super) fn join(&self) -> InLine<'_> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) == 0 {
            self.pace().since = Some(Instant::now());
        }
        InLine(self)
    }

    /// The same if it is short.
    pub(super) fn join_if_short(&self, patience: Duration) -> Option<InLine<'_>> {
        self.is_short(self.length(), patience).then(|| self.join())
    }

    /// So many at once have had their turn, none of whom has joined it as the others do; it took so long.
    pub fn served(&self, count: usize, took: Duration) {
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        self.pace().learn(count, took);
    }
}

/// One of a line, for as long as they are.
pub(super) struct InLine<'a>(&'a Line);

impl InLine<'_> {
    /// It is their turn.
    pub(super) fn came(self) {
        self.0.pace().moved(Instant::now());
    }

    /// The same, where until then nobody had their turn for something that says nothing of the pace.
    pub(super) fn came_after(self, held_up: Option<Instant>) {
        let now = Instant::now();
        let mut pace = self.0.pace();
        if held_up.is_some_and(|until| pace.since.is_none_or(|since| since < until)) {
            pace.since = Some(now);
        } else {
            pace.moved(now);
        }
    }

    /// They have waited for too long, behind somebody who takes as long at the least.
    pub(super) fn gave_up(self) {
        let mut pace = self.0.pace();
        if let Some(since) = pace.since
            && since.elapsed() > pace.each()
        {
            pace.learn(1, since.elapsed());
        }
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One of those who wait somewhere else than in a line, for as long as they do.
pub(super) struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    pub(super) fn one_more(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Refuses who would wait in vain. It takes a moment, in which they have no place of any line.
pub async fn refused() {
    sleep(deadline::no_later_than(HELD).saturating_duration_since(Instant::now())).await;
}

/// Places that are lent, and the line for them.
pub(super) struct Places {
    most: usize,
    free: Arc<Semaphore>,
    line: Line,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// All are taken, and the patience is over, or will be.
    Taken,
    /// They are lent no more.
    Closed,
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self {
            most: count,
            free: Arc::new(Semaphore::new(count)),
            line: Line::default(),
        }
    }

    /// A place, waited for no longer than this.
    pub(super) async fn take(&self, patience: Duration) -> Result<OwnedSemaphorePermit, NoPlace> {
        if let Some(place) = self.at_once() {
            return Ok(place);
        }
        let Some(waits) = self.line.join_if_short(patience) else {
            refused().await;
            return Err(NoPlace::Taken);
        };
        match within(patience, self.free.clone().acquire_owned()).await {
            Some(Ok(place)) => {
                waits.came();
                Ok(place)
            }
            Some(Err(_)) => Err(NoPlace::Closed),
            None => {
                waits.gave_up();
                Err(NoPlace::Taken)
            }
        }
    }

    /// How many there are, how many of them are taken, and how many wait for one.
    pub(super) fn taken(&self) -> (usize, usize, usize) {
        let taken = self.most.saturating_sub(self.free.available_permits());
        (self.most, taken, self.line.length())
    }

    /// A place, if one is free this moment.
    pub(super) fn at_once(&self) -> Option<OwnedSemaphorePermit> {
        self.free.clone().try_acquire_owned().ok()
    }

    /// So many at once, whoever else waits.
    pub(super) async fn take_many(
        &self,
        count: u32,
        patience: Duration,
    ) -> Result<OwnedSemaphorePermit, NoPlace> {
        within(patience, self.free.clone().acquire_many_owned(count))
            .await
            .ok_or(NoPlace::Taken)?
            .map_err(|_| NoPlace::Closed)
    }

    /// Lends none any more, once so many are back.
    pub(super) async fn close(&self, count: u32) {
        let all = self.free.acquire_many(count).await;
        self.free.close();
        drop(all);
    }
}

async fn within<T>(patience: Duration, work: impl Future<Output = T>) -> Option<T> {
    timeout_at(deadline::no_later_than(patience), work).await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Takes a place for so long; how long it was waited for, if it came.
    async fn lent(places: Arc<Places>, work: Duration) -> (Duration, bool) {
        let begun = Instant::now();
        let place = places.take(SECOND).await;
        let waited = begun.elapsed();
        if place.is_ok() {
            sleep(work).await;
        }
        (waited, place.is_ok())
    }

    #[tokio::test(start_paused = true)]
    async fn who_would_wait_in_vain_does_not_join_the_line() {
        let places = Arc::new(Places::new(2));
        let work = Duration::from_millis(100);
        // Two at a time, a hundred milliseconds each: twenty a second, so forty wait for as long as anybody does at first.
        let mut waits = Vec::new();
        for _ in 0..200 {
            waits.push(tokio::spawn(lent(places.clone(), work)));
            sleep(Duration::from_millis(20)).await;
        }
        let mut served = 0;
        for it in waits {
            let (waited, came) = it.await.unwrap();
            served += usize::from(came);
            assert!(waited <= SECOND, "{waited:?}");
        }
        // Four seconds of work, and what was in line at the end.
        assert!((80..=102).contains(&served), "{served}");
        assert_eq!(places.line.length(), 0);
        let each = places.line.pace().each();
        assert!((40..=60).contains(&each.as_millis()), "{each:?}");
        // Now it is known.
        let mut crowd = Vec::new();
        for _ in 0..100 {
            crowd.push(tokio::spawn(lent(places.clone(), work)));
        }
        let mut at_once = 0;
        for it in crowd {
            let (waited, came) = it.await.unwrap();
            at_once += usize::from(!came && waited == HELD);
        }
        assert!((70..=80).contains(&at_once), "{at_once}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_forgets_that_it_was_slow() {
        let places = Arc::new(Places::new(1));
        for _ in 0..10 {
            places.line.served(1, SECOND * 100);
        }
        let mut came = 0;
        for _ in 0..200 {
            let held = places.take(SECOND).await.unwrap();
            let next = tokio::spawn(lent(places.clone(), Duration::ZERO));
            sleep(Duration::from_millis(10)).await;
            drop(held);
            // The first of a line always waits.
            came += usize::from(next.await.unwrap().1);
        }
        assert_eq!(came, 200);
        assert!(places.line.is_short(50, SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn a_moment_in_which_nobody_has_their_turn_says_little() {
        let line = Line::default();
        line.served(10_000, SECOND);
        line.served(1, Duration::from_millis(50));
        assert!(line.is_short(5_000, SECOND), "{:?}", line.pace().each());
        assert!(!line.is_short(20_000, SECOND), "{:?}", line.pace().each());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stall_is_forgotten_after_a_silence() {
        let places = Arc::new(Places::new(2));
        let held = places.take_many(2, SECOND).await.unwrap();
        for _ in 0..10 {
            assert!(!lent(places.clone(), SECOND).await.1);
        }
        drop(held);
        sleep(SECOND * 15).await;
        let burst = (0..12).map(|_| lent(places.clone(), Duration::from_millis(100)));
        let came = futures_util::future::join_all(burst).await;
        assert!(came.iter().all(|(_, came)| *came), "{came:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_stands_still_learns_so() {
        let places = Arc::new(Places::new(1));
        let held = places.take(SECOND).await.unwrap();
        for _ in 0..20 {
            let (waited, came) = lent(places.clone(), SECOND).await;
            assert!(!came && waited <= SECOND, "{waited:?}");
        }
        assert!(
            !places.line.is_short(2, SECOND),
            "{:?}",
            places.line.pace().each()
        );
        drop(held);
        assert!(lent(places, SECOND).await.1);
    }
}
