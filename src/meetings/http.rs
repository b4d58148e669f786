//! Routes of meetings and of attendance: those of every record.

use super::{Meeting, attendance::Attendance};
use crate::{
    history::Register,
    records,
    web::{Routes, Vocabulary},
};

#[must_use]
pub fn routes() -> Routes<Register> {
    records::collection::<Meeting>("Meetings: conferences, ministerials, summits.")
        .merge(records::related::<Attendance>())
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        (
            "meeting",
            "Of these meetings: participants who attended, pledges made there.",
        ),
        ("country", "Meetings in these countries: participants' codes."),
        ("starts_from", "Meetings that begin on this date or later."),
        ("starts_to", "Meetings that begin on this date or earlier."),
        (
            "participant",
            "Of these participants: what they pledged, where they attended.",
        ),
        (
            "role",
            "Of one of these roles: of who attends a meeting, or of keys.",
        ),
        ("adopted", "Whether they adopted what the meeting agreed."),
    ],
    examples: &[("Location", "/v1/meetings/global-coalition-kuwait-2018")],
    sometimes: &["Meeting.conflicts"],
    ..Vocabulary::NONE
};
