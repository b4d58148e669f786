//! Routes of coalitions and of their members: those of every record.

use super::{Coalition, members::Member};
use crate::{
    history::Register,
    records,
    web::{Routes, Vocabulary},
};

#[must_use]
pub fn routes() -> Routes<Register> {
    records::collection::<Coalition>("Coalitions: standing groups.")
        .merge(records::related::<Member>())
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        (
            "coalition",
            "Of these coalitions: participants who ever belonged, meetings that are theirs, pledges made there.",
        ),
        ("member", "Coalitions that these participants ever belonged to."),
        ("on", "Members on a day."),
    ],
    sometimes: &["Coalition.conflicts"],
    ..Vocabulary::NONE
};
