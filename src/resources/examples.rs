//! What a demo begins with, by its ids, which are the same each time: the contract's examples are of it.

use uuid::Uuid;

use crate::values::FixedIds;

/// The parts of what a demo begins with, in the order in which they are made. Ids go by it: what is new comes last.
#[derive(Debug, Clone, Copy)]
pub enum Chapter {
    Scales = 1,
    /// Those that any register may begin with.
    ReferenceParticipants,
    Participants,
    Articles,
    Coalitions,
    Meetings,
    Pledges,
    Rates,
    Keys,
}

impl Chapter {
    /// Those of the entry at this place, counted from 0, and of all that is made with it.
    #[must_use]
    pub const fn entry(self, place: u16) -> FixedIds {
        FixedIds::of(self as u16, place + 1)
    }
}

/// The ministerial of February 2018, in English.
pub const ARTICLE: Uuid = Chapter::Articles.entry(1).nth(0);
/// The United States' USD 200 million, of the same.
pub const PLEDGE: Uuid = Chapter::Pledges.entry(0).nth(0);
/// What says that it was made.
pub const CITATION: Uuid = Chapter::Pledges.entry(0).nth(1);
/// What of it was paid.
pub const EVENT: Uuid = Chapter::Pledges.entry(0).nth(7);
/// A commitment of all who met, which some adopted by name.
pub const COLLECTIVE_PLEDGE: Uuid = Chapter::Pledges.entry(5).nth(0);
/// A verdict on what one of them made of it.
pub const ASSESSMENT: Uuid = Chapter::Pledges.entry(5).nth(11);
/// A key of which nobody has the secret.
pub const KEY: Uuid = Chapter::Keys.entry(0).nth(0);
