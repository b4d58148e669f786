//! Routes of assessments: those of every record.

use super::Assessment;
use crate::{
    history::Register,
    records,
    web::{Routes, Vocabulary},
};

#[must_use]
pub fn routes() -> Routes<Register> {
    records::collection::<Assessment>("Assessments: whether commitments were kept, as others say.")
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        (
            "assessor",
            "By these assessors, letter by letter; one with a comma in its name may be quoted.",
        ),
        ("scale", "On these scales, by key or id."),
        ("value", "With these values of their scale."),
        ("meaning", "Whose value means one of these, on whichever scale."),
        ("replaces", "Taking the place of these assessments."),
        ("latest", "Whether no other takes their place."),
    ],
    sometimes: &["Assessment.conflicts"],
    ..Vocabulary::NONE
};
