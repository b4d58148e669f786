//! How the register speaks HTTP: what every route has in common.
//!
//! `request` is what comes in, `response` what goes out, `contract` what both are said to be; [`listing`](ListRequest) is the
//! way of a list from the one to the other, [`layers`] what each request passes through, [`coding`] how bodies are
//! packed on their way, [`arrival`] what is known of a request, [`client`] who asks, [`host`] whom, [`quota`] how much, [`log`] what is logged of it, and [`traffic`]
//! what is counted.

pub mod arrival;
pub mod base;
pub mod client;
pub mod coding;
pub mod contract;
pub mod host;
pub mod layers;
mod listing;
pub mod log;
pub mod quota;
mod request;
mod response;
pub mod traffic;

pub use contract::{Header, InputSchema, KeyShape, Operation, PathKey, Routes, Vocabulary, WRITTEN_AS};
pub use listing::{
    ColumnType, Filter, GroupPage, ListRequest, ListSource, Page, Place, Ranked, Sort, Updated, among,
};
pub use request::{
    Batch, Bodies, Body, BodyIfAny, Dated, Handling, LARGEST_BATCH, LARGEST_BODY, LEAST_IN_WINDOW, Moments,
    PREFER, Prefer, Query, RecordRequest, Report, RequestOptions, UNWRITTEN, WINDOW, merged, must_be_as_read,
    prefers, prefers_html, put_back,
};
pub use response::{
    Alone, AlsoListed, Depends, Expand, Expanding, Extent, Format, HandedIn, Provenance, ProvenanceHeaders,
    Shape, Shown, Shows, Table, created, file, hash, item, no_content, page, paged, prepared, private,
    problem, undefused,
};
