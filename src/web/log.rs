//! A line of the log for each request, once its answer is on its way whole, or broken off: all that is known of it, so that it
//! needs no other. What is counted of requests is counted with it.

use std::time::{Duration, Instant};

use axum::{
    extract::Request,
    http::{Method, StatusCode},
    response::Response,
};

use super::{
    arrival::Arrival,
    host::is_of_health,
    layers,
    traffic::{Refusal, Route, Traffic},
};
use crate::values::without_secrets;

/// How much of a path is logged, in bytes: more than any of ours has.
const LONGEST_LOGGED: usize = 512;

/// What is known of a request until it is logged.
#[derive(Debug)]
pub struct RequestLog {
    arrival: Arrival,
    method: Method,
    path: String,
    route: Route,
    started: Instant,
    quiet: bool,
    answer: Option<Answer>,
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    refusal: Option<Refusal>,
    bytes: u64,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of the answer was handed over.
    Answered,
    /// Its client was gone.
    Left,
    /// Its client took too little for too long.
    GivenUp,
    /// The server stopped.
    Cut,
}

/// To the microsecond, which is all that one wants to read.
fn milliseconds(time: Duration) -> f64 {
    u32::try_from(time.as_micros()).map_or_else(|_| time.as_secs_f64() * 1e3, |it| f64::from(it) / 1e3)
}

impl RequestLog {
    /// Of a request that begins. A `quiet` one is of no interest while all is well.
    pub fn begin<B>(request: &Request<B>, arrival: Arrival, traffic: &Traffic, quiet: bool) -> Self {
        let path = request.uri().path();
        Self {
            arrival,
            route: traffic.route(path),
            method: request.method().clone(),
            path: without_secrets(&path[..path.floor_char_boundary(LONGEST_LOGGED)]).into_owned(),
            started: Instant::now(),
            quiet,
            answer: None,
        }
    }

    /// Of a head of which no request was made: it leads nowhere, whatever it names.
    #[must_use]
    pub fn unread(self, traffic: &Traffic) -> Self {
        Self {
            route: traffic.no_route(),
            quiet: false,
            ..self
        }
    }

    /// What is answered, as far as its head says it.
    pub fn answered<B>(&mut self, answer: &Response<B>) {
        let status = answer.status();
        let is_refused = status.is_client_error() || status.is_server_error();
        self.answer = Some(Answer {
            status,
            refusal: is_refused.then(|| answer.extensions().get().copied()).flatten(),
            bytes: 0,
        });
    }

    /// So much more of the body is on its way.
    pub fn sent(&mut self, bytes: usize) {
        if let Some(answer) = &mut self.answer {
            answer.bytes += bytes as u64;
        }
    }

    /// Logs it, and counts it.
    pub fn end(&self, outcome: Outcome, traffic: &Traffic) {
        let time = self.started.elapsed();
        let ms = milliseconds(time);
        let Self {
            arrival,
            method,
            path,
            route,
            quiet,
            answer,
            ..
        } = self;
        let status = answer.as_ref().map(|answer| answer.status);
        route.took(method, status, time);
        if let Some(refusal) = answer.as_ref().and_then(|it| it.refusal) {
            traffic.refused(refusal);
        }
        let status = status.map(|status| status.as_u16());
        let bytes = answer.as_ref().map_or(0, |answer| answer.bytes);
        let (id, client, key) = (layers::text(arrival.id()), arrival.client(), arrival.key());
        let route = route.if_any();
        // Whoever sent a key in its place has sent it in a line of text.
        let method = without_secrets(method.as_str());
        // A level is known when the line is compiled; a message that is a text need not be made into one.
        macro_rules! line {
            ($level:ident, $message:literal) => {
                tracing::$level!(message = $message, id, %method, path, route, status, ms, bytes, key, %client)
            };
        }
        match outcome {
            // Asked every few seconds by whoever watches over the register; of no interest while all is well.
            Outcome::Answered if *quiet || is_of_health(path) => line!(debug, "answered"),
            Outcome::Answered => line!(info, "answered"),
            Outcome::Left => line!(info, "left before all was answered"),
            Outcome::GivenUp => line!(info, "closed: too little was taken"),
            Outcome::Cut => line!(warn, "cut off by the stop"),
        }
    }
}
