//! How the register speaks HTTP: what every route has in common.
//!
//! `body` and `batch` read what comes in, `prefer` how it is to be taken, `query` and `listing` what is asked,
//! `shape` which of a record is shown; `answer` is what goes out, `response` in which format, [`problem`] what went wrong.

mod answer;
mod batch;
mod body;
pub mod contract;
pub mod layers;
mod listing;
mod negotiate;
mod patch;
mod prefer;
pub mod problem;
mod query;
mod response;
mod schema;
mod shape;
mod descriptions;

pub use answer::{
    RecordRequest, RequestOptions, created, file, hash, item, no_content, now, page, paged, prepared,
};
pub use batch::{Batch, LARGEST as LARGEST_BATCH, Report};
pub use body::{Body, LARGEST as LARGEST_BODY};
pub use contract::{New, Operation, Routes};
pub use listing::{ColumnType, Filter, GroupPage, ListRequest, Page, Sort, Updated};
pub use negotiate::prefers_html;
pub use patch::merged;
pub use prefer::{Handling, PREFER, Prefer};
pub use query::{Moments, Query};
pub use response::{Extent, Format, Provenance, Table, undefused};
pub use shape::{Expand, Shape, Shown, Shows};
