//! Connections that wait for work. What goes back to them is where it should be, or it does not go back.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};

use super::{
    deadline,
    failure::Meaning,
    line::{NoPlace, Places},
};

/// One that has idled for longer is asked before it is handed out.
const TRUSTED_FOR: Duration = Duration::from_secs(1);
/// How long a connection may take to say that it is alive: less than whoever waits behind it for its place has patience.
const ASKED_FOR: Duration = Duration::from_millis(500);
/// How long a new one may take to be made.
const MADE_WITHIN: Duration = Duration::from_secs(5);

/// How connections of one kind are made.
pub(super) trait Connect: Send + Sync + 'static {
    type Connection: Send + 'static;

    fn connect(&self) -> impl Future<Output = Result<Self::Connection, sqlx::Error>> + Send;

    /// Whether one that has idled is still there. One that cannot die needs no question.
    fn is_alive(&self, connection: &mut Self::Connection) -> impl Future<Output = bool> + Send;

    /// Whether one is still of what it was opened on; looked at each time, so it may not wait.
    fn is_current(&self, _: &Self::Connection) -> bool {
        true
    }

    /// Closes one that nobody uses any more.
    fn end(&self, connection: Self::Connection) -> impl Future<Output = ()> + Send;

    /// Ends what still runs on one that was given up, and takes as long as that does; what is left is a fresh one, if one
    /// could be made at once.
    fn cut_short(
        &self,
        connection: Self::Connection,
    ) -> impl Future<Output = Option<Self::Connection>> + Send {
        drop(connection);
        async { None }
    }
}

/// A number of places, and the connections that stand idle in them.
pub(super) struct Pool<C: Connect>(Arc<Shared<C>>);

impl<C: Connect> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

struct Shared<C: Connect> {
    connect: C,
    places: Places,
    /// The one that was used last is the next: the others may be let go by whoever counts idle ones.
    idle: Mutex<Vec<(Instant, C::Connection)>>,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Unavailable {
    /// All places are taken, and the patience is over.
    Taken,
    Failed(sqlx::Error),
}

impl From<NoPlace> for Unavailable {
    fn from(why: NoPlace) -> Self {
        match why {
            NoPlace::Taken => Self::Taken,
            NoPlace::Closed => Self::Failed(sqlx::Error::PoolClosed),
        }
    }
}

impl<C: Connect> Pool<C> {
    pub(super) fn new(connect: C, places: usize) -> Self {
        Self(Arc::new(Shared {
            connect,
            places: Places::new(places),
            idle: Mutex::new(Vec::new()),
        }))
    }

    fn idle<T>(&self, work: impl FnOnce(&mut Vec<(Instant, C::Connection)>) -> T) -> T {
        // Nothing that is done to it can panic halfway.
        work(&mut self.0.idle.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn places(&self) -> &Places {
        &self.0.places
    }

    /// A connection, waited for no longer than this.
    pub(super) async fn lease(&self, patience: Duration) -> Result<Lease<C>, Unavailable> {
        let place = self.0.places.take(patience).await?;
        self.filled(place).await
    }

    /// A connection, if a place is free this moment.
    pub(super) async fn lease_at_once(&self) -> Result<Lease<C>, Unavailable> {
        let place = self.0.places.at_once().ok_or(Unavailable::Taken)?;
        self.filled(place).await
    }

    /// All places at once: meanwhile nobody has a connection, and none stands idle.
    pub(super) async fn alone(
        &self,
        places: u32,
        patience: Duration,
    ) -> Result<OwnedSemaphorePermit, Unavailable> {
        let all = self.0.places.take_many(places, patience).await?;
        self.idle(Vec::clear);
        Ok(all)
    }

    async fn filled(&self, place: OwnedSemaphorePermit) -> Result<Lease<C>, Unavailable> {
        let lease = |connection, reused| Lease {
            connection: Some(connection),
            aside: None,
            pool: self.clone(),
            reused,
            place,
        };
        if let Some((since, mut connection)) = self.idle(Vec::pop) {
            let asked = async {
                self.0.connect.is_current(&connection)
                    && (since.elapsed() < TRUSTED_FOR
                        || timeout_at(
                            Instant::now() + ASKED_FOR,
                            self.0.connect.is_alive(&mut connection),
                        )
                        .await
                        .unwrap_or(false))
            };
            if asked.await {
                return Ok(lease(connection, true));
            }
            // What ended this one has ended the others.
            self.idle(Vec::clear);
        }
        // Whoever has waited for too long is told of that, not of a connection that there was no time to make.
        if deadline::no_later_than(MADE_WITHIN) <= Instant::now() {
            return Err(Unavailable::Taken);
        }
        Ok(lease(self.made().await.map_err(Unavailable::Failed)?, false))
    }

    async fn made(&self) -> Result<C::Connection, sqlx::Error> {
        let within = deadline::no_later_than(MADE_WITHIN).max(Instant::now() + ASKED_FOR);
        let connect = &self.0.connect;
        let made = async {
            match connect.connect().await {
                // A session may be ended while it is begun, as by a server that starts again.
                Err(error) if Meaning::of(&error) == Meaning::Gone => connect.connect().await,
                made => made,
            }
        };
        timeout_at(within, made)
            .await
            .unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut))
    }

    /// Closes: nobody gets a connection any more, and whoever has one may end.
    pub(super) async fn close(&self, places: u32) {
        // All places are back when all connections are.
        self.0.places.close(places).await;
        for (_, connection) in self.idle(std::mem::take) {
            self.0.connect.end(connection).await;
        }
    }
}

/// A connection, and the place that it takes.
pub(super) struct Lease<C: Connect> {
    connection: Option<C::Connection>,
    /// One that was given up, on which something may still run.
    aside: Option<C::Connection>,
    pool: Pool<C>,
    /// It was used before, so it may have died since.
    reused: bool,
    place: OwnedSemaphorePermit,
}

impl<C: Connect> Lease<C> {
    /// The connection; none once it was thrown away.
    pub(super) fn connection(&mut self) -> Option<&mut C::Connection> {
        self.connection.as_mut()
    }

    /// The same, to be [`Self::put_back`] by whoever takes it to another thread.
    pub(super) fn taken(&mut self) -> Option<C::Connection> {
        self.connection.take()
    }

    pub(super) fn put_back(&mut self, connection: C::Connection) {
        self.connection = Some(connection);
    }

    pub(super) fn is_reused(&self) -> bool {
        self.reused
    }

    /// Throws the connection away, with the idle ones: what ended it has ended them.
    pub(super) async fn renew(&mut self) -> Result<(), sqlx::Error> {
        self.connection = None;
        self.pool.idle(Vec::clear);
        self.connection = Some(self.pool.made().await?);
        self.reused = false;
        Ok(())
    }

    /// Throws the connection away.
    pub(super) fn discard(&mut self) {
        self.connection = None;
    }

    /// Gives the connection up, and keeps it until what runs on it is ended.
    pub(super) fn set_aside(&mut self) {
        self.aside = self.connection.take();
    }

    /// Ends what runs on the one that was given up. The place stays taken meanwhile, so that no more runs than there
    /// are places; no longer than until `limit`, by when it has ended by itself, though nothing may tell of that.
    pub(super) async fn replace_set_aside(&mut self, limit: Option<Instant>) {
        let Some(aside) = self.aside.take() else { return };
        let tried = Instant::now() + MADE_WITHIN;
        let until = limit.map_or(tried, |limit| limit.max(tried));
        let ended = timeout_at(until, self.pool.0.connect.cut_short(aside)).await;
        self.connection = ended.ok().flatten();
    }
}

impl<C: Connect> Drop for Lease<C> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.idle(|idle| idle.push((Instant::now(), connection)));
        }
        // The place is given back behind this: whoever gets it finds the connection.
        let _ = &self.place;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Counted {
        made: AtomicUsize,
        dead: AtomicBool,
        /// How many seconds what runs on one that was given up goes on.
        runs_on: AtomicU64,
    }

    impl Connect for Arc<Counted> {
        type Connection = usize;

        async fn connect(&self) -> Result<usize, sqlx::Error> {
            Ok(self.made.fetch_add(1, Ordering::SeqCst))
        }

        async fn is_alive(&self, _: &mut usize) -> bool {
            !self.dead.load(Ordering::SeqCst)
        }

        async fn end(&self, _: usize) {}

        async fn cut_short(&self, _: usize) -> Option<usize> {
            tokio::time::sleep(Duration::from_secs(self.runs_on.load(Ordering::SeqCst))).await;
            None
        }
    }

    fn pool(places: usize) -> (Pool<Arc<Counted>>, Arc<Counted>) {
        let counted = Arc::new(Counted::default());
        (Pool::new(counted.clone(), places), counted)
    }

    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_used_again_and_one_that_was_thrown_away_is_not() {
        let (pool, _) = pool(2);
        let mut first = pool.lease(SHORT).await.unwrap();
        let mut second = pool.lease(SHORT).await.unwrap();
        assert_eq!(
            (first.connection(), second.connection()),
            (Some(&mut 0), Some(&mut 1))
        );
        second.discard();
        drop((first, second));
        let mut again = pool.lease(SHORT).await.unwrap();
        assert!(again.is_reused());
        assert_eq!(again.connection(), Some(&mut 0));
        assert_eq!(pool.lease(SHORT).await.unwrap().connection(), Some(&mut 2));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_is_told() {
        let (pool, _) = pool(1);
        let held = pool.lease(SHORT).await.unwrap();
        let started = Instant::now();
        assert!(matches!(pool.lease(SHORT).await, Err(Unavailable::Taken)));
        assert_eq!(started.elapsed(), SHORT);
        assert!(matches!(pool.lease_at_once().await, Err(Unavailable::Taken)));
        let nearer = deadline::within(SHORT / 2, pool.lease(SHORT));
        assert!(matches!(nearer.await, Err(Unavailable::Taken)));
        assert_eq!(started.elapsed(), SHORT + SHORT / 2);
        drop(held);
        pool.lease_at_once().await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_idled_is_asked_and_the_dead_go_together() {
        let (pool, counted) = pool(2);
        drop((pool.lease(SHORT).await.unwrap(), pool.lease(SHORT).await.unwrap()));
        counted.dead.store(true, Ordering::SeqCst);
        assert!(pool.lease(SHORT).await.unwrap().is_reused());
        tokio::time::advance(TRUSTED_FOR * 2).await;
        let mut fresh = pool.lease(SHORT).await.unwrap();
        assert_eq!((fresh.is_reused(), fresh.connection()), (false, Some(&mut 2)));
        assert_eq!(pool.lease(SHORT).await.unwrap().connection(), Some(&mut 3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_place_is_taken_until_nothing_runs_there() {
        let (pool, counted) = pool(1);
        // The second with what is told of any, the third to the moment by which it has ended by itself.
        for (runs_on, limit, free_after) in [(0, 10, 0), (7, 10, 7), (11, 10, 10), (4, 3, 4), (6, 3, 5)] {
            counted.runs_on.store(runs_on, Ordering::SeqCst);
            let begun = Instant::now();
            let mut lease = pool.lease(SHORT).await.unwrap();
            lease.set_aside();
            let limit = begun + Duration::from_secs(limit);
            lease.replace_set_aside(Some(limit)).await;
            drop(lease);
            assert_eq!(begun.elapsed(), Duration::from_secs(free_after));
        }
    }
}
