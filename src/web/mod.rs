//! How the register speaks HTTP: what every route has in common.
//!
//! `body` reads what comes in, `query` and `listing` what is asked,
//! `answer` writes what goes out, [`problem`] what went wrong.

mod answer;
mod body;
pub mod layers;
mod listing;
mod negotiate;
mod patch;
pub mod problem;
mod query;

pub use answer::{Asked, created, file, hash, item, list, no_content, now, page};
pub use body::{Body, LARGEST as LARGEST_BODY};
pub use listing::{Filter, GroupPage, Kind, Listed, Listing, Page, Paged, Sort, Updated};
pub use negotiate::prefers_html;
pub use patch::merged;
pub use query::{Moments, Query};
