use chrono::NaiveDate;

use super::Language;

/// From where a reader looks: what a record shows follows from it and from the record alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewpoint {
    pub language: Language,
    /// The register's day, in UTC.
    pub today: NaiveDate,
}
