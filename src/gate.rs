//! Who answers before the register can: while it is brought up to date, whoever comes is told so.

use std::convert::Infallible;

use axum::{Router, extract::Request, routing::get};
use hyper::{body::Incoming, service::Service};
use tokio::sync::watch;

use crate::{
    cache::{Answering, Front},
    db::Progress,
    error::Error,
    health, totals,
    web::layers,
};

/// Where requests come in; nobody answers at first, then who says how far it is, then the register. A connection stays
/// as it is meanwhile. A clone is the same gate.
#[derive(Clone)]
pub struct Gate(watch::Sender<Option<Front>>);

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl Gate {
    /// From now on, whoever comes is told how far the register is.
    pub fn close_for(&self, progress: Progress) {
        self.0.send_replace(Some(Front::forgetful(upgrading(progress))));
    }

    /// From now on, the register answers.
    pub fn open(&self, register: Front) {
        self.0.send_replace(Some(register));
    }

    /// Waits until there is somebody to answer: it is soon enough to let anybody in then.
    pub async fn is_attended(&self) {
        // It is there as long as this is.
        self.0.subscribe().wait_for(Option::is_some).await.ok();
    }
}

impl Service<Request<Incoming>> for Gate {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = Answering;

    /// Answered by whoever is there by now.
    fn call(&self, request: Request<Incoming>) -> Answering {
        match self.0.borrow().as_ref() {
            Some(attendant) => attendant.call(request),
            None => Front::forgetful(Router::new()).call(request),
        }
    }
}

/// A process that works is alive; all else has to wait.
fn upgrading(progress: Progress) -> Router {
    // How many rows there are is nobody's business in a private register.
    let far = progress
        .percent()
        .map_or_else(String::new, |percent| format!(", {percent} %"));
    let why = format!(
        "It is being brought up to date (migration {}{far}). Nothing needs to be done; try again later.",
        progress.version
    );
    let answers = Router::new()
        .route("/healthz", get(health::alive))
        .fallback(|| async { Error::NotReady(why) });
    layers::around(Router::new().fallback_service(answers), totals::PROVENANCE)
}
