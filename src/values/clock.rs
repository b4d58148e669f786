//! Time and chance: the one place where either enters.

use std::sync::Mutex;

use chrono::{SubsecRound, Utc};
use uuid::{ContextV7, Uuid};

use super::Timestamp;

/// Where the ids of this process are. It never goes back, also where the machine's clock does.
static IDS: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// What tells the time, and draws ids.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    now: fn() -> Timestamp,
}

impl Clock {
    /// The machine's.
    pub const SYSTEM: Self = Self { now: system };

    /// One that says what this says.
    #[must_use]
    pub const fn telling(now: fn() -> Timestamp) -> Self {
        Self { now }
    }

    /// Now, to the microsecond that both databases keep.
    #[must_use]
    pub fn now(self) -> Timestamp {
        (self.now)().trunc_subsecs(6)
    }

    /// A new id; ids are in the order in which they were drawn.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "time and chance enter here")]
    pub fn new_id(self) -> Uuid {
        Uuid::new_v7(uuid::Timestamp::now(&IDS))
    }

    /// From here on ids come after this one, also where the clock that it was drawn by was ahead of the machine's.
    pub fn go_on_from(self, id: Uuid) {
        if let Some(drawn) = id.get_timestamp() {
            let (seconds, nanos) = drawn.to_unix();
            // Within a millisecond, the ids of two processes are in no order.
            let next = nanos + 1_000_000;
            let _ = uuid::Timestamp::from_unix(&IDS, seconds, next);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "time enters here")]
fn system() -> Timestamp {
    Utc::now()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(Clock::SYSTEM.new_id() > next);
    }
}
