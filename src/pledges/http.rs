//! Routes of pledges: those of every record, and those of the events of each.

use super::{Pledge, adherents::Adherent, events, sql::DueFilter};
use crate::{
    history::Register,
    records,
    web::{Operation, Routes, Vocabulary},
};

#[must_use]
pub fn routes() -> Routes<Register> {
    records::collection::<Pledge>("Pledges that match; every total takes the same filters.")
        .get(
            "/v1/due",
            records::list::<DueFilter>,
            Operation::list::<DueFilter>(
                "list_due",
                "Pledges in which something is due, the longest overdue first.",
            ),
        )
        .merge(events::http::routes())
        .merge(records::related::<Adherent>())
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        ("participant_kind", "By participants of these kinds."),
        ("instrument", "Of these instruments."),
        ("qualifier", "Whose amount is meant so."),
        ("currency", "In these currencies."),
        ("state", "In one of these states."),
        ("beneficiary", "For these participants."),
        (
            "amount_min",
            "Whose own range, as adjusted, reaches so much or more: `at_least` has no upper end. Needs one `currency`.",
        ),
        (
            "amount_max",
            "Whose own range, as adjusted, begins at so much or less: `up_to` begins at its minimum. Needs one `currency`.",
        ),
        ("announced_from", "Announced on this date or later."),
        ("announced_to", "Announced on this date or earlier."),
        ("parent", "Parts of these pledges."),
        ("restates", "Saying these pledges again."),
        (
            "collective",
            "Made by a meeting as a whole (true), or by a participant (false).",
        ),
        ("cited", "Whether anything is cited for them."),
        (
            "overdue",
            "Whether the last day of `due` is past, and they are neither fulfilled nor withdrawn nor restated.",
        ),
        ("due_from", "Due on this date or later."),
        ("due_to", "Due on this date or earlier."),
        (
            "silent_days_min",
            "Of which nothing was heard for so many days or more.",
        ),
        (
            "within",
            "Due until so many days from today, or overdue: a number of days, such as `30d`, which it is unless said.",
        ),
        ("stance", "Who takes one of these stances."),
    ],
    examples: &[
        ("Link", "</v1/pledges?limit=50&after=eyJ>; rel=\"next\""),
        (
            "Content-Disposition",
            "attachment; filename=\"pledges_2026-11-24T190000Z.csv\"",
        ),
    ],
    // Of an equivalent, those are written that its qualifier asks for.
    sometimes: &[
        "Pledge.conflicts",
        "Event.conflicts",
        "Adherent.conflicts",
        "Equivalent.amount_min",
        "Equivalent.amount",
        "Equivalent.amount_max",
    ],
    ..Vocabulary::NONE
};
