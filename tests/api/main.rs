//! Stories: what clients of the register live through, told against the real app, over HTTP, on both
//! databases.
//!
//! A story is a test with a sentence for a name:
//!
//! ```ignore
//! #[apply(on_both_engines)]
//! #[tokio::test(flavor = "multi_thread")]
//! async fn a_restated_pledge_adds_nothing(#[case] engine: Engine) {
//!     let app = App::start(engine).await;
//!     let meeting = app.meeting("kuwait-2018").await;
//!     app.pledge(&meeting, "200000000.00", "USD").await;
//!     …
//! }
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "a story has its own time and chance")]
#![allow(
    clippy::needless_pass_by_value,
    clippy::items_after_statements,
    reason = "a story writes its values in place, and names a type where it needs one"
)]

#[path = "../support/mod.rs"]
mod support;

mod answer;
mod app;
mod dossier;
mod contract;

use rstest_reuse::template;

/// Runs a story on SQLite, and on Postgres where there is one.
#[template]
#[rstest::rstest]
#[case::sqlite(Engine::Sqlite)]
#[case::postgres(match Engine::postgres() { Some(engine) => engine, None => return })]
fn on_both_engines(#[case] engine: Engine) {}

/// What every story needs.
mod prelude {
    pub use rstest_reuse::apply;
    pub use serde_json::json;

    pub(crate) use crate::on_both_engines;
    pub use crate::{app::App, support::Engine};
}

mod manners;
mod errors;
mod examples;
mod coding;
mod overload;
mod preferences;
mod reading;
mod formats;
mod forms;
mod shapes;
mod screens;
mod writing;
mod ends;
mod pages;
mod hostile;
mod history;
mod concurrency;
mod queue;
mod cache;
mod batches;
mod beside;
mod idempotency;
mod keys;
mod below;
mod quota;
mod statements;
mod metrics;
mod clock;

mod participants;
mod coalitions;
mod meetings;
mod articles;
mod citations;
mod pledges;
mod events;
mod adherents;
mod assessments;
mod payments;
mod matrix;
mod rates;
mod scales;
mod search;
mod totals;
mod tranches;
mod sums;
mod conversions;
mod arithmetic;
mod reckoning;

mod kuwait;
mod demo;
