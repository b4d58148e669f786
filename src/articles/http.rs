//! Routes of articles: those of every record.

use super::Article;
use crate::{history::Register, records, web::Routes};

#[must_use]
pub fn routes() -> Routes<Register> {
    records::collection::<Article>()
}
