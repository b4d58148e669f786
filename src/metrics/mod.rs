//! Figures for whoever watches over the register, on a listener of their own: docs/decisions/0036.
//!
//! What happens is counted where it happens. Here it is read, when somebody looks, and nothing of that waits for long.

mod families;

use std::{convert::Infallible, fmt, future::Future, pin::Pin};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, service::Service};
use prometheus_client::{
    encoding::{prometheus_text, text},
    registry::Registry,
};

use crate::{
    db::Db,
    error::Error,
    gate::Gate,
    logging,
    serve::{Answers, Policy},
    values::{Clock, Timestamp},
    web::{self, layers, traffic::Traffic},
};
use families::Snapshot;

/// What every name begins with.
const PREFIX: &str = "pledgebook";

const PATH: &str = "/metrics";

/// A scraper has one connection, and a person who looks another one.
const MOST_CONNECTIONS: usize = 16;

/// The form that most scrapers like best; all others read the older one.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Who tells the figures of one register.
#[derive(Clone)]
pub struct Metrics {
    started: Timestamp,
    traffic: Traffic,
    db: Db,
    gate: Gate,
}

/// Who is let in to look.
#[must_use]
pub fn policy() -> Policy {
    Policy {
        max_connections: MOST_CONNECTIONS,
        max_connections_per_client: MOST_CONNECTIONS / 2,
        quiet: true,
        ..Policy::default()
    }
}

impl Metrics {
    /// What is counted in `traffic` from now on, of a register over `db` that is served behind `gate`.
    #[must_use]
    pub fn new(traffic: Traffic, db: Db, gate: Gate) -> Self {
        Self {
            started: Clock::SYSTEM.now(),
            traffic,
            db,
            gate,
        }
    }

    async fn answer(self, request: Request<Incoming>) -> Response {
        let path = request.uri().path();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let mut answer = if path.trim_end_matches('/') != PATH {
            return layers::refused(&request, Error::NoSuchPath);
        } else if reads {
            self.told(request.headers()).await
        } else {
            let refused = Error::MethodNotAllowed {
                detail: format!("{PATH} answers to GET and HEAD alone."),
                allowed: vec!["GET".into(), "HEAD".into()],
            };
            let mut refusal = layers::refused(&request, refused);
            let allowed = HeaderValue::from_static("GET, HEAD");
            refusal.headers_mut().insert(header::ALLOW, allowed);
            refusal
        };
        let fresh = HeaderValue::from_static("no-store");
        answer.headers_mut().insert(header::CACHE_CONTROL, fresh);
        layers::named(&request, answer)
    }

    async fn told(&self, headers: &HeaderMap) -> Response {
        let mut registry = Registry::with_prefix(PREFIX);
        registry.register_collector(Box::new(self.snapshot().await));
        let openmetrics = web::prefers(headers, "application/openmetrics-text", "text/plain");
        let mut body = String::new();
        let (form, written) = if openmetrics {
            (OPENMETRICS, text::encode(&mut body, &registry))
        } else {
            (
                prometheus_text::CONTENT_TYPE,
                prometheus_text::encode(&mut body, &registry),
            )
        };
        match written {
            Ok(()) => content(form, body).into_response(),
            Err(fmt::Error) => Error::internal("the figures could not be written").into_response(),
        }
    }

    /// All that is known this moment.
    async fn snapshot(&self) -> Snapshot {
        // Which register it is, is seen by who asks first; one that is not up to date yet is none that could be known again.
        let is_open = self.gate.is_open();
        let answers = async {
            if is_open {
                Some(Box::pin(self.db.answers()).await)
            } else {
                None
            }
        };
        let (answers, log_bytes) = tokio::join!(answers, self.db.log_bytes());
        Snapshot {
            is_open,
            started: self.started,
            requests: self.traffic.requests(),
            refusals: self.traffic.refusals(),
            in_flight: self.traffic.in_flight(),
            connections: self.traffic.connections(),
            usage: self.db.usage(),
            answers,
            log_bytes,
            cached: self.gate.cached(),
            lines_dropped: logging::dropped(),
        }
    }
}

fn content(form: &'static str, body: String) -> ([(HeaderName, HeaderValue); 1], String) {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(form))], body)
}

impl Answers for Metrics {}

impl Service<Request<Incoming>> for Metrics {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let metrics = self.clone();
        Box::pin(async move { Ok(metrics.answer(request).await) })
    }
}
