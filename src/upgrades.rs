//! The migrations of this program: the SQL of `migrations/`, and the steps that some of them carry.

use crate::db::Migrations;

/// Every migration. A step is a file below this one, named by its number, and stands here in that order; there is none
/// yet. As its SQL, it is never changed once it is released.
#[must_use]
pub fn all() -> Migrations {
    Migrations::with(vec![])
}
