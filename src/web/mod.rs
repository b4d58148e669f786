//! How the register speaks HTTP: what every route has in common.
//!
//! `body` and `batch` read what comes in, `prefer` how it is to be taken, `query` and `listing` what is asked,
//! `answer` writes what goes out, [`problem`] what went wrong.

mod answer;
mod batch;
mod body;
pub mod layers;
mod listing;
mod patch;
mod prefer;
pub mod problem;
mod query;

pub use answer::{Asked, created, item, list, no_content, now};
pub use batch::{Batch, LARGEST as LARGEST_BATCH, Report};
pub use body::{Body, LARGEST as LARGEST_BODY};
pub use listing::{Filter, GroupPage, Kind, Listed, Listing, Page, Paged, Sort, Updated};
pub use patch::merged;
pub use prefer::{Handling, Prefer};
pub use query::{Moments, Query};
