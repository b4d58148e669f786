//! Routes of coalitions and of their members: those of every record.

use super::{Coalition, members::Member};
use crate::{history::Register, records, web::Routes};

#[must_use]
pub fn routes() -> Routes<Register> {
    records::collection::<Coalition>().merge(records::related::<Member>())
}
