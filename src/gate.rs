//! Who answers before the register can: while it is brought up to date, whoever comes is told so.

use std::convert::Infallible;

use axum::{Router, extract::Request, routing::get};
use hyper::{body::Incoming, service::Service};
use tokio::sync::watch;

use crate::{
    cache::{Answering, Front, Usage},
    db::Progress,
    error::Error,
    health,
    web::layers,
};

/// Where requests come in; nobody answers at first, then who says how far it is, then the register. A connection stays
/// as it is meanwhile. A clone is the same gate.
#[derive(Clone)]
pub struct Gate(watch::Sender<Attendant>);

/// Who answers.
#[derive(Default)]
enum Attendant {
    #[default]
    Nobody,
    Upgrading(Front),
    Register(Front),
}

impl Attendant {
    fn front(&self) -> Option<&Front> {
        match self {
            Self::Nobody => None,
            Self::Upgrading(front) | Self::Register(front) => Some(front),
        }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self(watch::Sender::new(Attendant::default()))
    }
}

impl Gate {
    /// From now on, whoever comes is told how far the register is.
    pub fn close_for(&self, progress: Progress) {
        let upgrading = Front::forgetful(upgrading(progress));
        self.0.send_replace(Attendant::Upgrading(upgrading));
    }

    /// From now on, the register answers.
    pub fn open(&self, register: Front) {
        self.0.send_replace(Attendant::Register(register));
    }

    /// Whether the register answers, so that it is up to date.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(*self.0.borrow(), Attendant::Register(_))
    }

    /// What whoever answers has in memory, where they keep anything.
    #[must_use]
    pub fn cached(&self) -> Option<Usage> {
        self.0.borrow().front().and_then(Front::usage)
    }

    /// Nothing that is under way is kept any more.
    pub fn keep_nothing_more(&self) {
        if let Some(attendant) = self.0.borrow().front() {
            attendant.keep_nothing_more();
        }
    }

    /// Waits until there is somebody to answer: it is soon enough to let anybody in then.
    pub async fn is_attended(&self) {
        // It is there as long as this is.
        let mut attendant = self.0.subscribe();
        attendant.wait_for(|it| it.front().is_some()).await.ok();
    }
}

impl Service<Request<Incoming>> for Gate {
    type Response = axum::response::Response;
    type Error = Infallible;
    type Future = Answering;

    /// Answered by whoever is there by now.
    fn call(&self, request: Request<Incoming>) -> Answering {
        match self.0.borrow().front() {
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
    layers::around(Router::new().fallback_service(answers))
}
