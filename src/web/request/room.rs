//! Room for bodies: so many bytes of them are held at once, whoever sends them.
//!
//! A request has its room before its body is read, and until it is answered: what is made of a body lasts as long, and
//! grows with it. What is not known beforehand, as a body comes in chunks or packed, is added as it comes.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::error::{Error, Result};

/// How long a body waits for room.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bodies up to this length have a part of the room for themselves, one of so many: they do not wait for large ones before
/// they hold all of that.
pub(super) const SMALL: usize = 64 * 1024;
const PARTS_OF_SMALL: usize = 8;

const NO_ROOM: &str = "More bodies come at once than the register has room for. Nothing was changed; try again in a moment, or send less at once.";

/// The room that all bodies share. A clone is the same.
#[derive(Clone)]
pub struct Bodies(Arc<Shared>);

struct Shared {
    most: usize,
    /// What larger ones may have together.
    most_of_large: usize,
    all: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Bodies {
    /// The largest room that can be counted in one step.
    const MOST: usize = if Semaphore::MAX_PERMITS < u32::MAX as usize {
        Semaphore::MAX_PERMITS
    } else {
        u32::MAX as usize
    };

    #[must_use]
    pub fn of_bytes(most: usize) -> Self {
        let most = most.min(Self::MOST);
        let most_of_large = most - most / PARTS_OF_SMALL;
        Self(Arc::new(Shared {
            most,
            most_of_large,
            all: Arc::new(Semaphore::new(most)),
            large: Arc::new(Semaphore::new(most_of_large)),
        }))
    }

    /// Room for one request, nothing of which is taken yet.
    pub(in crate::web) fn room(&self) -> Room {
        Room(Arc::new(Taken {
            of: self.clone(),
            held: Mutex::default(),
        }))
    }
}

/// What one request has of it, until the last clone is dropped.
#[derive(Clone)]
pub(in crate::web) struct Room(Arc<Taken>);

struct Taken {
    of: Bodies,
    held: Mutex<Held>,
}

/// Of all, and of what larger ones may have.
#[derive(Default)]
struct Held {
    all: Option<OwnedSemaphorePermit>,
    large: Option<OwnedSemaphorePermit>,
}

impl Held {
    fn add(place: &mut Option<OwnedSemaphorePermit>, more: Option<OwnedSemaphorePermit>) {
        match (place.as_mut(), more) {
            (Some(held), Some(more)) => held.merge(more),
            (None, more) => *place = more,
            (Some(_), None) => {}
        }
    }
}

impl Room {
    /// How long a body may be, where any may be as long as this.
    pub(in crate::web) fn longest(&self, largest: usize) -> usize {
        largest.min(self.0.of.0.most)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Nothing that is done to it can panic halfway.
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Holds so many bytes in all, which are waited for, if not for long.
    pub(in crate::web) async fn hold(&self, bytes: usize) -> Result<()> {
        let Shared {
            most,
            most_of_large,
            all,
            large,
        } = &*self.0.of.0;
        let of = |permit: Option<&OwnedSemaphorePermit>| permit.map_or(0, OwnedSemaphorePermit::num_permits);
        let (held, held_as_large) = {
            let held = self.held();
            (of(held.all.as_ref()), of(held.large.as_ref()))
        };
        // One that is larger than all is alone with what small ones leave.
        let is_large = bytes > SMALL;
        let bytes = bytes.min(if is_large { *most_of_large } else { *most });
        let missing = bytes.saturating_sub(held);
        let missing_as_large = if is_large {
            bytes.saturating_sub(held_as_large)
        } else {
            0
        };
        if missing + missing_as_large == 0 {
            return Ok(());
        }
        let taken = timeout(PATIENCE, async {
            // In this order, so that nobody keeps small ones out who waits for a large one.
            let as_large = take(large, missing_as_large).await?;
            Ok((take(all, missing).await?, as_large))
        });
        let (more, more_as_large) = taken.await.map_err(|_| Error::Overloaded(NO_ROOM))??;
        let mut held = self.held();
        Held::add(&mut held.all, more);
        Held::add(&mut held.large, more_as_large);
        Ok(())
    }
}

async fn take(room: &Arc<Semaphore>, bytes: usize) -> Result<Option<OwnedSemaphorePermit>> {
    if bytes == 0 {
        return Ok(None);
    }
    let bytes = u32::try_from(bytes).map_err(Error::internal)?;
    let taken = room.clone().acquire_many_owned(bytes).await;
    taken.map(Some).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    const MIB: usize = 1 << 20;

    #[tokio::test(start_paused = true)]
    async fn who_finds_no_room_is_told_after_a_second_and_room_is_given_back_with_the_request() {
        let bodies = Bodies::of_bytes(8 * MIB);
        let first = bodies.room();
        first.hold(5 * MIB).await.unwrap();
        // What is held already is not asked for again.
        first.hold(5 * MIB).await.unwrap();
        let second = bodies.room();
        let begun = Instant::now();
        let refused = second.hold(3 * MIB).await;
        assert!(matches!(refused, Err(Error::Overloaded(_))), "{refused:?}");
        assert_eq!(begun.elapsed(), PATIENCE);
        // One more is left, and all of what is for small ones.
        second.hold(2 * MIB).await.unwrap();
        for _ in 0..MIB / SMALL {
            let small = bodies.room();
            small.hold(SMALL).await.unwrap();
            std::mem::forget(small);
        }
        drop(first);
        second.hold(7 * MIB).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_small_body_does_not_wait_behind_large_ones() {
        let bodies = Bodies::of_bytes(8 * MIB);
        let (first, second) = (bodies.room(), bodies.room());
        first.hold(6 * MIB).await.unwrap();
        let begun = Instant::now();
        let (large, small) = tokio::join!(second.hold(6 * MIB), async {
            tokio::task::yield_now().await;
            bodies.room().hold(SMALL).await.unwrap();
            begun.elapsed()
        });
        assert!(large.is_err());
        assert_eq!(small, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_as_large_as_all_the_room_has_what_small_ones_leave() {
        let bodies = Bodies::of_bytes(MIB);
        let room = bodies.room();
        assert_eq!(room.longest(64 * MIB), MIB);
        room.hold(MIB).await.unwrap();
        bodies.room().hold(SMALL).await.unwrap();
        assert!(bodies.room().hold(SMALL + 1).await.is_err());
        drop(room);
        bodies.room().hold(MIB).await.unwrap();
    }
}
