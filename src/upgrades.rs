//! The migrations of this program: the SQL of `migrations/`, and the steps that some of them carry.

mod entries;
mod n0005_deeds;
mod n0006_parents;
mod n0008_clock;
mod n0011_a_parents_state;
mod sums;

use crate::db::Migrations;

/// Every migration. A step is a file below this one, named by its number, and stands here in that order. As its SQL, it is
/// never changed once it is released, and neither is what several of them use.
#[must_use]
pub fn all() -> Migrations {
    Migrations::with(vec![
        Box::new(n0005_deeds::Deeds),
        Box::new(n0006_parents::Parents),
        Box::new(n0008_clock::Clock),
        Box::new(n0011_a_parents_state::States),
    ])
}
