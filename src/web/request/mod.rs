//! What comes in: bodies and what they may be, queries, what is asked of an answer.

mod batch;
pub(super) mod body;
mod negotiate;
mod options;
mod patch;
mod prefer;
mod query;
pub(super) mod room;

pub use batch::{Batch, LARGEST as LARGEST_BATCH, Report};
pub use body::{Body, BodyIfAny, LARGEST as LARGEST_BODY, LEAST_IN_WINDOW, WINDOW};
pub(in crate::web) use negotiate::is_for_people;
pub use negotiate::{prefers, prefers_html};
pub use options::{RecordRequest, RequestOptions, UNWRITTEN};
pub(in crate::web) use options::{ascii, language_of, version_of};
pub use patch::{merged, must_be_as_read, put_back};
pub use prefer::{Handling, PREFER, Prefer};
pub(in crate::web) use query::Parameter;
pub use query::{Dated, Moments, Query};
pub use room::Bodies;
