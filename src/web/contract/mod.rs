//! The contract: each route says what it takes and what it answers where it is a route, and the OpenAPI document is made of that.
//!
//! Nothing is described twice. Parameters are learnt by reading an empty query with the very code that reads a full one
//! ([`Query`](super::Query)); answers are the views' own types; what can be written is the part of a view that is writable.
//! What a feature's words mean it says itself ([`Vocabulary`]).

mod descriptions;
mod document;
mod examples;
mod operation;
mod routes;
mod schema;
mod vocabulary;

pub use document::document;
pub use operation::{InputSchema, Operation};
pub use routes::{Described, Routes};
pub use schema::WRITTEN_AS;
pub(in crate::web) use schema::{listed, members};
pub use vocabulary::{Header, KeyShape, PathKey, Vocabulary};
