//! Time and chance: the one place where either enters.
//!
//! Whoever has a register takes its clock. The machine's own is asked where there is none: for the name of a request, for
//! the log's own lines, and for keys, which the command line makes.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        LazyLock, Mutex, Once, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{NaiveDate, SubsecRound, Utc};
use uuid::{ContextV7, Uuid};

use super::Timestamp;
use crate::error::{Error, Result};

/// Where the ids of this process are. They never go back, also where the machine's clock does.
static IDS: Mutex<Ids> = Mutex::new(Ids {
    sequence: ContextV7::new(),
    last: Uuid::nil(),
});

struct Ids {
    sequence: ContextV7,
    last: Uuid,
}

impl Ids {
    fn with<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        // Nothing that is done to them can panic halfway.
        work(&mut IDS.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Farther ahead no clock is that one would follow: ids have an end, behind which they begin anew. In seconds.
const CENTURY: i64 = 36_525 * 24 * 60 * 60;

/// What tells the time, and draws ids.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    now: fn() -> Timestamp,
}

impl Clock {
    /// The machine's.
    pub const SYSTEM: Self = Self { now: system };

    /// One that says what this says, such as a story's.
    #[must_use]
    pub const fn telling(now: fn() -> Timestamp) -> Self {
        Self { now }
    }

    /// The day, in UTC.
    #[must_use]
    pub fn today(self) -> NaiveDate {
        self.now().date_naive()
    }

    /// Now, to the microsecond that both databases keep.
    #[must_use]
    pub fn now(self) -> Timestamp {
        (self.now)().trunc_subsecs(6)
    }

    /// A new id; ids are in the order in which they were drawn.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "chance enters here")]
    pub fn new_id(self) -> Uuid {
        let now = (self.now)();
        // Ids know no time before 1970.
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        Ids::with(|ids| {
            let drawn = uuid::Timestamp::from_unix(&ids.sequence, seconds, now.timestamp_subsec_nanos());
            ids.last = Uuid::new_v7(drawn);
            ids.last
        })
    }

    /// An id for what passes and is not kept: nothing is asked of the system for it. It tells one request from another,
    /// and nobody may take it for a secret.
    #[must_use]
    pub fn passing_id(self) -> Uuid {
        static CHANCE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let mut random = [0; 10];
        random[..8].copy_from_slice(&CHANCE.hash_one(count).to_be_bytes());
        random[8..].copy_from_slice(&count.to_be_bytes()[6..]);
        let millis = u64::try_from((self.now)().timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// From here on ids come after this one, also where the clock that it was drawn by is ahead of the machine's.
    pub fn go_on_from(self, id: Uuid) {
        let Some(drawn) = id.get_timestamp() else { return };
        let (seconds, nanos) = drawn.to_unix();
        if i64::try_from(seconds).is_ok_and(|drawn| drawn - (self.now)().timestamp() > CENTURY) {
            static SAID: Once = Once::new();
            SAID.call_once(|| {
                tracing::warn!(%id, "an id of the register is of a clock more than a century ahead: new ones come before it");
            });
            return;
        }
        Ids::with(|ids| {
            if id > ids.last {
                // Within a millisecond, the ids of two processes are in no order.
                let next = nanos + 1_000_000;
                let _ = uuid::Timestamp::from_unix(&ids.sequence, seconds, next);
            }
        });
    }
}

/// Ids that are the same each time, as those of a demo are: which thing of which entry of which chapter it is, each says by its digits.
/// They are of a day long past, in the order of their places, so that whatever is drawn comes behind them.
#[derive(Debug, Clone, Copy)]
pub struct FixedIds {
    chapter: u16,
    entry: u16,
    next: u32,
}

impl FixedIds {
    /// 13 February 2018, in milliseconds since 1970.
    const DAY: u128 = 1_518_480_000_000;
    /// As RFC 9562 has them of ids that begin with their time.
    const VERSION: u128 = 7 << 76;
    const VARIANT: u128 = 2 << 62;

    /// Of the chapter no more than 12 bits are told.
    #[must_use]
    pub const fn of(chapter: u16, entry: u16) -> Self {
        Self {
            chapter: chapter & 0xfff,
            entry,
            next: 0,
        }
    }

    /// That of the entry's thing of this number, from 0.
    #[must_use]
    pub const fn nth(self, number: u32) -> Uuid {
        let place = (self.chapter as u128) << 64 | (self.entry as u128) << 32 | number as u128;
        Uuid::from_u128(Self::DAY << 80 | Self::VERSION | Self::VARIANT | place)
    }

    /// The next of the entry's.
    pub fn draw(&mut self) -> Uuid {
        let drawn = self.nth(self.next);
        self.next += 1;
        drawn
    }
}

/// So many bytes that nobody can guess.
#[expect(clippy::disallowed_methods, reason = "chance enters here")]
pub fn secret<const BYTES: usize>() -> Result<[u8; BYTES]> {
    let mut secret = [0; BYTES];
    getrandom::fill(&mut secret).map_err(|error| Error::internal(error.to_string()))?;
    Ok(secret)
}

#[expect(clippy::disallowed_methods, reason = "time enters here")]
fn system() -> Timestamp {
    Utc::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_ids_are_those_of_their_places_and_come_before_all_others() {
        let mut ids = FixedIds::of(7, 1);
        assert_eq!(ids.draw().to_string(), "01618c76-0400-7007-8000-000100000000");
        let second = ids.draw();
        assert_eq!(second, FixedIds::of(7, 1).nth(1));
        assert!(FixedIds::of(6, 9).nth(9) < second && second < FixedIds::of(7, 2).nth(0));
        assert!(FixedIds::of(0xfff, 0xffff).nth(u32::MAX) < Clock::SYSTEM.new_id());
        assert_eq!(second.get_version_num(), 7);
    }

    #[test]
    fn ids_go_on_from_one_of_a_clock_that_was_ahead() {
        const HOUR: u128 = 3_600_000;
        let first = Clock::SYSTEM.new_id();
        let ahead = Uuid::from_u128(first.as_u128() + (HOUR << 80));
        assert!(Clock::SYSTEM.new_id() < ahead);
        Clock::SYSTEM.go_on_from(ahead);
        let next = Clock::SYSTEM.new_id();
        assert!(next > ahead);
        Clock::SYSTEM.go_on_from(first);
        let later = Clock::SYSTEM.new_id();
        assert!(later > next);
        // One's own is no other's: what it draws does not run ahead of itself.
        for _ in 0..1_000 {
            Clock::SYSTEM.go_on_from(Clock::SYSTEM.new_id());
        }
        let drawn = |id: Uuid| id.get_timestamp().unwrap().to_unix();
        assert_eq!(drawn(Clock::SYSTEM.new_id()), drawn(later));
        let at_the_end = Uuid::from_u128(first.as_u128() | 0xffff_ffff_ffff << 80);
        Clock::SYSTEM.go_on_from(at_the_end);
        let next = Clock::SYSTEM.new_id();
        assert!(later < next && next < at_the_end);
    }
}
