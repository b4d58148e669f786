//! Who is connected, and who gives way when there is no place left.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::web::client::Network;

/// Nobody gives way before so long: whoever has just come is about to ask, and what they ask is on its way.
pub(super) const ARRIVING: Duration = Duration::from_millis(100);

/// How many more there are for whoever is only told that there is none.
const SPARE: usize = 32;

/// The places of all connections.
#[derive(Clone)]
pub(super) struct Places(Arc<Shared>);

struct Shared {
    most: usize,
    most_of_one: usize,
    /// From when moments are counted.
    opened: Instant,
    table: Mutex<Table>,
    /// How many are held, for who does not want to wait for the table.
    count: AtomicUsize,
    spare: AtomicUsize,
    /// A place may be had again, where there was none.
    freed: Notify,
}

/// In nanoseconds.
type Moment = u64;

/// No moment yet, as a request is under way.
const BUSY: Moment = Moment::MAX;
/// None any more, as it has given way.
const GONE: Moment = Moment::MAX - 1;

#[derive(Default)]
struct Table {
    next: Number,
    held: HashMap<Number, Held>,
    idle: Idle,
    clients: HashMap<Network, Theirs>,
}

type Number = u64;

/// Connections by when they were idle since, as far as that is known: each request would else be two changes of an order that
/// hardly ever anybody asks for. None of them has been idle for longer than it says here.
type Idle = BTreeSet<(Moment, Number)>;

/// A connection that has a place.
struct Held {
    client: Option<Network>,
    /// Under which it stands among the idle ones; none while it is set aside.
    known: Option<Moment>,
    state: Arc<State>,
}

/// What a connection says of itself.
struct State {
    idle_since: AtomicU64,
    /// It was busy when an idle one was looked for, and puts itself back among those once it is idle.
    is_set_aside: AtomicBool,
    /// Requests, of which the next may have been read before the answer to the last is written.
    under_way: AtomicUsize,
    give_way: Notify,
}

impl State {
    fn idle_since(now: Moment) -> Self {
        Self {
            idle_since: AtomicU64::new(now),
            is_set_aside: AtomicBool::new(false),
            under_way: AtomicUsize::new(0),
            give_way: Notify::new(),
        }
    }
}

/// What one client has.
#[derive(Default)]
struct Theirs {
    /// Connections, and requests that a proxy passes on.
    count: usize,
    idle: Idle,
}

impl Places {
    pub(super) fn new(most: usize, most_of_one: usize) -> Self {
        Self(Arc::new(Shared {
            most,
            most_of_one,
            opened: Instant::now(),
            table: Mutex::default(),
            count: AtomicUsize::new(0),
            spare: AtomicUsize::new(SPARE),
            freed: Notify::new(),
        }))
    }

    /// A place for one more of this client, for which another one may have to give way: of the same client where that has as many
    /// as one may have, else whoever has been idle longest. Waits while all have requests under way. None where it is the client
    /// who has them all.
    pub(super) async fn take(&self, client: Option<Network>) -> Option<Place> {
        loop {
            let wait = match self.0.take(client) {
                Taken::Place(number, state) => {
                    return Some(Place(Arc::new(Holding {
                        shared: self.0.clone(),
                        number,
                        client,
                        state,
                        is_spare: false,
                    })));
                }
                Taken::Refused => return None,
                Taken::Wait(until) => until,
            };
            match wait {
                Some(until) => drop(tokio::time::timeout_at(until, self.0.freed.notified()).await),
                None => self.0.freed.notified().await,
            }
        }
    }

    /// A place for whoever is told that there is none; none where too many are being told.
    pub(super) fn spare(&self) -> Option<Place> {
        let shared = self.0.clone();
        shared
            .spare
            .try_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .ok()?;
        Some(Place(Arc::new(Holding {
            shared,
            // Of none that has a place.
            number: Number::MAX,
            client: None,
            state: Arc::new(State::idle_since(0)),
            is_spare: true,
        })))
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.count.load(Ordering::Relaxed)
    }
}

enum Taken {
    Place(Number, Arc<State>),
    Refused,
    /// Until somebody is free, or may be asked to give way.
    Wait(Option<Instant>),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moment(&self) -> Moment {
        Moment::try_from(self.opened.elapsed().as_nanos()).map_or(GONE - 1, |now| now.min(GONE - 1))
    }

    fn take(&self, client: Option<Network>) -> Taken {
        let mut table = self.lock();
        let now = self.moment();
        if let Some(client) = client
            && table.count_of(client) >= self.most_of_one
            && !table.longest_idle_gives_way(Some(client), Duration::ZERO, now)
        {
            return Taken::Refused;
        }
        if table.held.len() >= self.most && !table.longest_idle_gives_way(None, ARRIVING, now) {
            let first = table.idle.first().map(|(since, _)| Duration::from_nanos(*since));
            return Taken::Wait(first.map(|since| self.opened + since + ARRIVING));
        }
        let (number, state) = table.add(client, now);
        self.count.store(table.held.len(), Ordering::SeqCst);
        Taken::Place(number, state)
    }
}

impl Table {
    fn count_of(&self, client: Network) -> usize {
        self.clients.get(&client).map_or(0, |theirs| theirs.count)
    }

    fn add(&mut self, client: Option<Network>, now: Moment) -> (Number, Arc<State>) {
        let number = self.next;
        self.next += 1;
        let state = Arc::new(State::idle_since(now));
        self.hold(number, client, state.clone());
        self.know(number, Some(now));
        (number, state)
    }

    fn hold(&mut self, number: Number, client: Option<Network>, state: Arc<State>) {
        let held = Held {
            client,
            known: None,
            state,
        };
        self.held.insert(number, held);
        if let Some(client) = client {
            self.clients.entry(client).or_default().count += 1;
        }
    }

    fn remove(&mut self, number: Number) {
        self.know(number, None);
        let held = self.held.remove(&number);
        if let Some(client) = held.and_then(|held| held.client) {
            self.one_less(client);
        }
    }

    fn one_less(&mut self, client: Network) {
        if let Some(theirs) = self.clients.get_mut(&client) {
            theirs.count -= 1;
            if theirs.count == 0 {
                self.clients.remove(&client);
            }
        }
    }

    /// Lets whoever has been idle longest give way, of one client or of all, where that is so long; false where there is none.
    /// Who is not idle since what is known of them is put where they belong on the way, and who is busy is set aside.
    fn longest_idle_gives_way(&mut self, of: Option<Network>, at_least: Duration, now: Moment) -> bool {
        loop {
            let idle = match of {
                Some(client) => self.clients.get(&client).map(|theirs| &theirs.idle),
                None => Some(&self.idle),
            };
            let Some((known, number)) = idle.and_then(Idle::first).copied() else {
                return false;
            };
            let Some(state) = self.held.get(&number).map(|held| held.state.clone()) else {
                return false;
            };
            match state.idle_since.load(Ordering::SeqCst) {
                BUSY => {
                    self.know(number, None);
                    state.is_set_aside.store(true, Ordering::SeqCst);
                    // It may have become idle before it could know.
                    let since = state.idle_since.load(Ordering::SeqCst);
                    if since != BUSY && state.is_set_aside.swap(false, Ordering::SeqCst) {
                        self.know(number, Some(since));
                    }
                }
                since if since != known => self.know(number, Some(since)),
                since if Duration::from_nanos(now.saturating_sub(since)) < at_least => return false,
                since => {
                    // Unless a request has just come.
                    let gone =
                        state
                            .idle_since
                            .compare_exchange(since, GONE, Ordering::SeqCst, Ordering::SeqCst);
                    if gone.is_ok() {
                        self.remove(number);
                        state.give_way.notify_one();
                        return true;
                    }
                }
            }
        }
    }

    /// Puts a connection among the idle ones, by when it is idle since; none, it is busy.
    fn know(&mut self, number: Number, since: Option<Moment>) {
        let Some(held) = self.held.get_mut(&number) else {
            return;
        };
        let before = std::mem::replace(&mut held.known, since);
        let theirs = held.client.and_then(|client| self.clients.get_mut(&client));
        let all = [Some(&mut self.idle), theirs.map(|theirs| &mut theirs.idle)];
        for idle in all.into_iter().flatten() {
            if let Some(before) = before {
                idle.remove(&(before, number));
            }
            if let Some(since) = since {
                idle.insert((since, number));
            }
        }
    }
}

/// The place of one connection, which goes with the last clone of this.
#[derive(Clone)]
pub(super) struct Place(Arc<Holding>);

struct Holding {
    shared: Arc<Shared>,
    number: Number,
    client: Option<Network>,
    state: Arc<State>,
    is_spare: bool,
}

impl Place {
    /// Whether it is there to tell that there is none.
    pub(super) fn is_spare(&self) -> bool {
        self.0.is_spare
    }

    /// Waits until it has to give way.
    pub(super) async fn has_to_give_way(&self) {
        self.0.state.give_way.notified().await;
    }

    /// From now on a request is under way, for as long as what is returned.
    pub(super) fn busy(&self) -> Busy {
        let Holding {
            shared,
            number,
            client,
            state,
            is_spare: _,
        } = &*self.0;
        state.under_way.fetch_add(1, Ordering::Relaxed);
        if state.idle_since.swap(BUSY, Ordering::SeqCst) == GONE {
            // It has given way while this was read: it is answered all the same, and counts until it is.
            let mut table = shared.lock();
            table.hold(*number, *client, state.clone());
            state.is_set_aside.store(true, Ordering::SeqCst);
            shared.count.store(table.held.len(), Ordering::SeqCst);
        }
        Busy(self.clone())
    }

    /// Whether one is.
    pub(super) fn is_busy(&self) -> bool {
        self.0.state.idle_since.load(Ordering::SeqCst) == BUSY
    }

    /// Since when none is.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        match self.0.state.idle_since.load(Ordering::SeqCst) {
            BUSY => None,
            since => Some(self.0.shared.opened + Duration::from_nanos(since.min(self.0.shared.moment()))),
        }
    }

    /// One more request under way of a client for whom a proxy asks; none where that has as many as one may have.
    pub(super) fn passed_on(&self, client: Network) -> Option<PassedOn> {
        let shared = self.0.shared.clone();
        let mut table = shared.lock();
        let theirs = table.clients.entry(client).or_default();
        if theirs.count >= shared.most_of_one {
            return None;
        }
        theirs.count += 1;
        drop(table);
        Some(PassedOn { shared, client })
    }

    pub(super) fn most_of_one(&self) -> usize {
        self.0.shared.most_of_one
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        if self.is_spare {
            self.shared.spare.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut table = self.shared.lock();
        table.remove(self.number);
        self.shared.count.store(table.held.len(), Ordering::SeqCst);
        drop(table);
        self.shared.freed.notify_one();
    }
}

/// A request is under way on this connection, alone or among others.
pub(super) struct Busy(Place);

impl Drop for Busy {
    fn drop(&mut self) {
        let Holding {
            shared,
            number,
            state,
            ..
        } = &*self.0.0;
        if state.under_way.fetch_sub(1, Ordering::Relaxed) > 1 {
            return;
        }
        let now = shared.moment();
        // In this order: who sets it aside looks once more behind that, and who looks for an idle one and finds none has counted
        // before, and is told.
        state.idle_since.store(now, Ordering::SeqCst);
        if state.is_set_aside.swap(false, Ordering::SeqCst) {
            shared.lock().know(*number, Some(now));
        }
        if shared.count.load(Ordering::SeqCst) >= shared.most {
            shared.freed.notify_one();
        }
    }
}

/// A request is under way that a proxy passed on.
pub(super) struct PassedOn {
    shared: Arc<Shared>,
    client: Network,
}

impl Drop for PassedOn {
    fn drop(&mut self) {
        self.shared.lock().one_less(self.client);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;
    use crate::web::client::TrustedProxies;

    fn client(address: &str) -> Option<Network> {
        let peer = SocketAddr::new(address.parse().unwrap(), 1);
        TrustedProxies::default().peer(peer).counted_by()
    }

    async fn gave_way(place: &Place) -> bool {
        tokio::time::timeout(Duration::ZERO, place.has_to_give_way())
            .await
            .is_ok()
    }

    async fn a_moment() {
        tokio::time::sleep(ARRIVING).await;
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_has_been_idle_longest_gives_way() {
        let places = Places::new(3, 3);
        let asking = places.take(None).await.unwrap();
        let busy = asking.busy();
        let first = places.take(None).await.unwrap();
        a_moment().await;
        let second = places.take(None).await.unwrap();
        a_moment().await;
        let begun = Instant::now();
        let third = places.take(None).await.unwrap();
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert!(gave_way(&first).await && !gave_way(&second).await);
        // The first has no place any more that its end could free.
        drop(first);
        assert_eq!(places.count(), 3);
        // It was idle before the second was, and has asked since.
        drop(busy);
        a_moment().await;
        let fourth = places.take(None).await.unwrap();
        assert!(gave_way(&second).await && !gave_way(&asking).await && !gave_way(&third).await);
        drop((asking, third, fourth));
        assert_eq!(places.count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_just_come_does_not_give_way_yet() {
        let places = Places::new(1, 1);
        let first = places.take(None).await.unwrap();
        let begun = Instant::now();
        let _second = places.take(None).await.unwrap();
        assert_eq!(begun.elapsed(), ARRIVING);
        assert!(gave_way(&first).await);
    }

    #[tokio::test(start_paused = true)]
    async fn where_all_are_asking_whoever_comes_waits() {
        let places = Places::new(2, 2);
        let (first, second) = (places.take(None).await.unwrap(), places.take(None).await.unwrap());
        let (one, other) = (first.busy(), second.busy());
        let waits = |places: Places| async move {
            tokio::time::timeout(Duration::from_mins(1), places.take(None)).await
        };
        assert!(waits(places.clone()).await.is_err());
        // One is answered, and is idle then; the other is gone.
        let next = tokio::spawn(waits(places.clone()));
        tokio::task::yield_now().await;
        drop(one);
        let third = next.await.unwrap().unwrap().unwrap();
        assert!(gave_way(&first).await);
        let _busy = third.busy();
        let next = tokio::spawn(waits(places.clone()));
        tokio::task::yield_now().await;
        drop((other, second));
        next.await.unwrap().unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_asked_while_giving_way_counts_until_the_answer_is_sent() {
        let places = Places::new(1, 1);
        let one = client("192.0.2.1");
        let first = places.take(one).await.unwrap();
        a_moment().await;
        let second = places.take(None).await.unwrap();
        assert!(gave_way(&first).await && !first.is_busy());
        let busy = first.busy();
        assert!(first.is_busy());
        assert_eq!((places.count(), places.0.lock().count_of(one.unwrap())), (2, 1));
        drop((busy, first));
        assert_eq!((places.count(), places.0.lock().count_of(one.unwrap())), (1, 0));
        drop(second);
        assert_eq!(places.count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_busy_is_looked_at_once() {
        let places = Places::new(3, 3);
        let all = futures_util::future::join_all((0..3).map(|_| places.take(None))).await;
        let all: Vec<_> = all.into_iter().flatten().collect();
        let mut busy: Vec<_> = all.iter().map(Place::busy).collect();
        let wait = places.take(None);
        assert!(tokio::time::timeout(Duration::ZERO, wait).await.is_err());
        assert!(places.0.lock().idle.is_empty());
        // Each is back among the idle ones once it is, and the longest of them gives way.
        a_moment().await;
        drop(busy.pop());
        a_moment().await;
        drop(busy.pop());
        assert_eq!(places.0.lock().idle.len(), 2);
        let next = places.take(None).await.unwrap();
        assert!(gave_way(&all[2]).await && !gave_way(&all[1]).await && !gave_way(&all[0]).await);
        drop(next);
    }

    #[tokio::test]
    async fn some_more_are_told_that_there_is_no_place() {
        let places = Places::new(1, 1);
        let all: Vec<_> = (0..=SPARE).map(|_| places.spare()).collect();
        assert_eq!(all.iter().flatten().count(), SPARE);
        assert!(all.iter().flatten().all(Place::is_spare));
        assert_eq!(places.count(), 0);
        drop(all);
        let spare = places.spare().unwrap();
        drop(spare.busy());
        assert!(!places.take(None).await.unwrap().is_spare());
    }

    #[tokio::test(start_paused = true)]
    async fn one_client_has_so_many_and_no_more() {
        let places = Places::new(10, 2);
        let [one, other] = [client("192.0.2.1"), client("192.0.2.2")];
        let (first, second) = (places.take(one).await.unwrap(), places.take(one).await.unwrap());
        let elsewhere = places.take(other).await.unwrap();
        // Its own gives way, however short it was idle.
        let third = places.take(one).await.unwrap();
        assert!(gave_way(&first).await && !gave_way(&second).await && !gave_way(&elsewhere).await);
        let busy = (second.busy(), third.busy());
        assert!(places.take(one).await.is_none());
        let others: Vec<_> = futures_util::future::join_all((0..3).map(|_| places.take(None))).await;
        assert!(others.iter().all(Option::is_some));
        drop(busy.0);
        assert!(places.take(one).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_proxy_passes_on_is_counted_with_its_client() {
        let places = Places::new(10, 2);
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|address| client(address).unwrap());
        let proxy = places.take(None).await.unwrap();
        let (first, second) = (proxy.passed_on(one), proxy.passed_on(one));
        assert!(first.is_some() && second.is_some());
        assert!(proxy.passed_on(one).is_none() && proxy.passed_on(other).is_some());
        drop(first);
        assert!(proxy.passed_on(one).is_some());
        drop(second);
        assert!(places.0.lock().clients.is_empty());
    }
}
