//! Routes of meetings and of attendance: those of every record.

use super::{Meeting, attendance::Attendance};
use crate::{history::Register, records, web::Routes};

#[must_use]
pub fn routes() -> Routes<Register> {
    records::collection::<Meeting>().merge(records::related::<Attendance>())
}
