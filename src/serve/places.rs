//! Who is connected, and who gives way when there is no place left.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::web::client::Network;

/// Nobody gives way before so long: whoever has just come is about to ask, and what they ask is on its way.
pub(super) const ARRIVING: Duration = Duration::from_millis(100);

/// The places of all connections.
#[derive(Clone)]
pub(super) struct Places(Arc<Shared>);

struct Shared {
    most: usize,
    most_of_one: usize,
    table: Mutex<Table>,
    /// A place may be had again, where there was none.
    freed: Notify,
}

#[derive(Default)]
struct Table {
    next: Number,
    held: HashMap<Number, Held>,
    /// Those without a request under way, since when; whoever has been idle longest is the first.
    idle: BTreeSet<(Instant, Number)>,
    clients: HashMap<Network, Theirs>,
}

type Number = u64;

/// A connection that has a place.
struct Held {
    client: Option<Network>,
    idle_since: Option<Instant>,
    give_way: Arc<Notify>,
}

/// What one client has.
#[derive(Default)]
struct Theirs {
    /// Connections, and requests that a proxy passes on.
    count: usize,
    idle: BTreeSet<(Instant, Number)>,
}

impl Places {
    pub(super) fn new(most: usize, most_of_one: usize) -> Self {
        Self(Arc::new(Shared {
            most,
            most_of_one,
            table: Mutex::default(),
            freed: Notify::new(),
        }))
    }

    /// A place for one more of this client, for which another one may have to give way: of the same client where that has as many
    /// as one may have, else whoever has been idle longest. Waits while all have requests under way. None where it is the client
    /// who has them all.
    pub(super) async fn take(&self, client: Option<Network>) -> Option<Place> {
        loop {
            let wait = match self.0.lock().take(&self.0, client) {
                Taken::Place(number, give_way) => {
                    return Some(Place(Arc::new(Holding {
                        shared: self.0.clone(),
                        number,
                        give_way,
                        is_busy: AtomicBool::new(false),
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

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.lock().held.len()
    }
}

enum Taken {
    Place(Number, Arc<Notify>),
    Refused,
    /// Until somebody is free, or may be asked to give way.
    Wait(Option<Instant>),
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn take(&mut self, of: &Shared, client: Option<Network>) -> Taken {
        let theirs = client.and_then(|client| self.clients.get(&client));
        if let Some(theirs) = theirs.filter(|theirs| theirs.count >= of.most_of_one) {
            let Some((_, longest)) = theirs.idle.first().copied() else {
                return Taken::Refused;
            };
            self.give_way(longest);
        }
        if self.held.len() >= of.most {
            let Some((since, longest)) = self.idle.first().copied() else {
                return Taken::Wait(None);
            };
            if since + ARRIVING > Instant::now() {
                return Taken::Wait(Some(since + ARRIVING));
            }
            self.give_way(longest);
        }
        let number = self.next;
        self.next += 1;
        let give_way = Arc::new(Notify::new());
        let held = Held {
            client,
            idle_since: None,
            give_way: give_way.clone(),
        };
        self.held.insert(number, held);
        if let Some(client) = client {
            self.clients.entry(client).or_default().count += 1;
        }
        self.becomes_idle(number);
        Taken::Place(number, give_way)
    }

    fn give_way(&mut self, number: Number) {
        if let Some(held) = self.remove(number) {
            held.give_way.notify_one();
        }
    }

    fn remove(&mut self, number: Number) -> Option<Held> {
        self.becomes_busy(number);
        let held = self.held.remove(&number)?;
        if let Some(client) = held.client {
            self.one_less(client);
        }
        Some(held)
    }

    fn one_less(&mut self, client: Network) {
        if let Some(theirs) = self.clients.get_mut(&client) {
            theirs.count -= 1;
            if theirs.count == 0 {
                self.clients.remove(&client);
            }
        }
    }

    fn becomes_idle(&mut self, number: Number) {
        let Some(held) = self.held.get_mut(&number) else {
            return;
        };
        let now = Instant::now();
        held.idle_since = Some(now);
        self.idle.insert((now, number));
        if let Some(theirs) = held.client.and_then(|client| self.clients.get_mut(&client)) {
            theirs.idle.insert((now, number));
        }
    }

    fn becomes_busy(&mut self, number: Number) {
        let Some(held) = self.held.get_mut(&number) else {
            return;
        };
        let Some(since) = held.idle_since.take() else {
            return;
        };
        self.idle.remove(&(since, number));
        if let Some(theirs) = held.client.and_then(|client| self.clients.get_mut(&client)) {
            theirs.idle.remove(&(since, number));
        }
    }
}

/// The place of one connection, which goes with the last clone of this.
#[derive(Clone)]
pub(super) struct Place(Arc<Holding>);

struct Holding {
    shared: Arc<Shared>,
    number: Number,
    give_way: Arc<Notify>,
    is_busy: AtomicBool,
}

impl Place {
    /// Waits until it has to give way.
    pub(super) async fn has_to_give_way(&self) {
        self.0.give_way.notified().await;
    }

    /// From now on a request is under way, for as long as what is returned.
    pub(super) fn busy(&self) -> Busy {
        self.0.is_busy.store(true, Ordering::Relaxed);
        self.0.shared.lock().becomes_busy(self.0.number);
        Busy(self.clone())
    }

    /// Whether one is.
    pub(super) fn is_busy(&self) -> bool {
        self.0.is_busy.load(Ordering::Relaxed)
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
        self.shared.lock().remove(self.number);
        self.shared.freed.notify_one();
    }
}

/// A request is under way on this connection.
pub(super) struct Busy(Place);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.is_busy.store(false, Ordering::Relaxed);
        let shared = &self.0.0.shared;
        let mut table = shared.lock();
        table.becomes_idle(self.0.0.number);
        if table.held.len() >= shared.most {
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
