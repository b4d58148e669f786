//! The contents page: every feature's routes, and what each request passes through.

use axum::{Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    articles,
    auth::{self, Reading},
    citations, coalitions,
    db::Db,
    error::{Error, Result},
    history::{self, Register},
    meetings, participants, pledges, rates, totals,
    web::layers,
};

/// The register over a database whose schema is up to date.
pub async fn register(db: Db) -> Result<Register> {
    Register::new(db, Vec::new()).await
}

/// Every route, in the order of the contract's table.
pub fn router(register: Register, reading: Reading) -> Router {
    Router::new()
        .merge(participants::http::routes())
        .merge(coalitions::http::routes())
        .merge(meetings::http::routes())
        .merge(articles::http::routes())
        .merge(pledges::http::routes())
        .merge(citations::http::routes())
        .merge(rates::http::routes())
        .merge(totals::http::routes())
        .merge(history::http::routes())
        .fallback(|| async { Error::NoSuchPath })
        .layer(middleware::from_fn_with_state(
            (register.clone(), reading),
            auth::identify,
        ))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn(layers::finish_writes))
        .layer(middleware::from_fn(layers::problems_only))
        .layer(layers::cors())
        .layer(middleware::from_fn(layers::request_id))
        .layer(axum::extract::DefaultBodyLimit::max(crate::web::LARGEST_BODY))
        .with_state(register)
}
