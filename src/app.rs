//! The contents page: every feature's routes, and what each request passes through.

use axum::{Router, middleware};
use tower_http::{catch_panic::CatchPanicLayer, timeout::RequestBodyTimeoutLayer};

use crate::{
    articles,
    auth::{self, Reading},
    citations, coalitions,
    db::Db,
    error::{Error, Result},
    health,
    history::{self, Register},
    meetings, pages, participants, pledges, rates, totals,
    web::layers,
};

/// How long a body may pause on its way before its request is given up.
const BODY_PATIENCE: std::time::Duration = std::time::Duration::from_secs(15);

/// The register over a database whose schema is up to date.
pub async fn register(db: Db) -> Result<Register> {
    Register::new(db, vec![Box::new(totals::rollups::Rollups)]).await
}

/// Every route, in the order of the contract's table.
pub fn router(register: Register, reading: Reading) -> Router {
    let routes = Router::new()
        .merge(participants::http::routes())
        .merge(coalitions::http::routes())
        .merge(meetings::http::routes())
        .merge(articles::http::routes())
        .merge(pledges::http::routes())
        .merge(citations::http::routes())
        .merge(rates::http::routes())
        .merge(totals::http::routes())
        .merge(history::http::routes())
        .merge(health::routes())
        .merge(pages::http::routes())
        .fallback(|| async { Error::NoSuchPath })
        .with_state(register.clone());
    // Around the routes as a whole, not around each: what the router itself answers (405 with its
    // Allow) passes through the layers too. The last one is the outermost.
    Router::new()
        .fallback_service(routes)
        .layer(middleware::from_fn_with_state(
            (register, reading),
            auth::identify,
        ))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn(layers::finish_writes))
        .layer(middleware::from_fn(layers::problems_only))
        .layer(middleware::from_fn(layers::whole_redirects))
        .layer(layers::cors())
        .layer(middleware::from_fn(layers::request_id))
        .layer(RequestBodyTimeoutLayer::new(BODY_PATIENCE))
        .layer(axum::extract::DefaultBodyLimit::max(crate::web::LARGEST_BODY))
}
