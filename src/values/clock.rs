//! Time and chance: the one place where either enters.

use chrono::{SubsecRound, Utc};
use uuid::Uuid;

use super::Timestamp;

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
    #[expect(clippy::disallowed_methods, reason = "chance enters here")]
    pub fn new_id(self) -> Uuid {
        Uuid::now_v7()
    }
}

#[expect(clippy::disallowed_methods, reason = "time enters here")]
fn system() -> Timestamp {
    Utc::now()
}
