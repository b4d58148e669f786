//! How the register speaks HTTP: what every route has in common.
//!
//! `body` reads what comes in, `query` and `listing` what is asked, `format` and
//! `shape` in which form; `answer` writes what goes out, `export` what goes out
//! whole, [`problem`] what went wrong.

mod answer;
mod body;
pub mod contract;
mod csv;
mod export;
mod format;
pub mod layers;
mod listing;
mod patch;
pub mod problem;
mod query;
mod schema;
mod shape;
mod words;

pub use answer::{Asked, Single, created, item, link, no_content, now, prepared};
pub use body::{Body, LARGEST as LARGEST_BODY};
pub use contract::{Does, New, Routes};
pub use export::{Lines, Table};
pub use format::Format;
pub use layers::{PLEDGEBOOK_AS_OF, PLEDGEBOOK_BASIS};
pub use listing::{Filter, GroupPage, Kind, Listed, Listing, Page, Paged, Sort, Updated};
pub use patch::merged;
pub use query::{Moments, Query};
pub use shape::{Expand, Shape, Shown};
