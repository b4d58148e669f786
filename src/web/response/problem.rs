//! RFC 9457: every answer that is no success says what went wrong and how to mend it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{Error, Fault, Faults};
use crate::web::{layers, traffic::Refusal};

/// The body of every error (RFC 9457).
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::web) struct Problem<'a> {
    /// A page of this server that explains the error.
    #[schema(example = "/problems/invalid")]
    r#type: String,
    #[schema(example = "The request breaks a rule of the register")]
    title: &'static str,
    #[schema(minimum = 300, maximum = 599, example = 422)]
    status: u16,
    /// What is wrong, and how to mend it.
    #[schema(example = "is required with an amount; it is one of: exact, about, up_to, at_least, between")]
    detail: String,
    /// A stable word for programs.
    #[schema(example = "invalid")]
    code: &'a str,
    /// The request's name, for whoever asks the operator about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b")]
    request_id: Option<String>,
    /// Every fault of the request, where it has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

tokio::task_local! {
    /// The id of the request being answered, for its problems and its log.
    pub(in crate::web) static REQUEST_ID: String;
}

/// The one place where our failures become statuses.
#[expect(clippy::too_many_lines, reason = "it is a table, of a row for each error")]
fn status_and_code(error: &Error) -> (StatusCode, &'static str, &'static str) {
    use StatusCode as S;
    match error {
        Error::Malformed(_) | Error::BatchUnread { .. } => {
            (S::BAD_REQUEST, "malformed", "The request cannot be understood")
        }
        Error::Invalid(_) => (
            S::UNPROCESSABLE_ENTITY,
            "invalid",
            "The request breaks a rule of the register",
        ),
        Error::TooManyItems(_) => (S::BAD_REQUEST, "too_many_items", "Too many items in the batch"),
        Error::BatchRefused { .. } => (S::UNPROCESSABLE_ENTITY, "batch_refused", "The batch was refused"),
        Error::Unauthorized(_) => (S::UNAUTHORIZED, "unauthorized", "A key is needed"),
        Error::KeyExpired => (S::UNAUTHORIZED, "key_expired", "This key has expired"),
        Error::Forbidden(_) | Error::BatchForbidden { .. } => {
            (S::FORBIDDEN, "forbidden", "This key may not do that")
        }
        Error::NotFound { .. } => (S::NOT_FOUND, "not_found", "No such record"),
        Error::NoSuchPath => (S::NOT_FOUND, "no_such_path", "No such path"),
        Error::NoSuchProblem { .. } => (S::NOT_FOUND, "no_such_problem", "No such error code"),
        Error::Gone { .. } => (S::GONE, "retracted", "This record was retracted"),
        Error::Moved { .. } => (
            S::PERMANENT_REDIRECT,
            "merged",
            "This record was merged into another",
        ),
        Error::Conflict { code, .. } => (
            S::CONFLICT,
            code,
            "The register's present state does not allow it",
        ),
        Error::IdempotencyMismatch => (
            S::UNPROCESSABLE_ENTITY,
            "idempotency_mismatch",
            "This Idempotency-Key was used with another request",
        ),
        Error::StillRunning => (
            S::CONFLICT,
            "still_running",
            "The first request with this key is still under way",
        ),
        Error::Stale { .. } => (
            S::PRECONDITION_FAILED,
            "stale_version",
            "The record has changed since you read it",
        ),
        Error::MethodNotAllowed(_) => (
            S::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "This path has no such method",
        ),
        Error::NotAcceptable(_) => (
            S::NOT_ACCEPTABLE,
            "not_acceptable",
            "Not available in that format",
        ),
        Error::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large"),
        Error::BodyTooSlow => (S::REQUEST_TIMEOUT, "body_too_slow", "The body came too slowly"),
        Error::HeadTooSlow => (
            S::REQUEST_TIMEOUT,
            "head_too_slow",
            "The request's head came too slowly",
        ),
        Error::HeadTooLarge(_) | Error::TooManyHeaders(_) => (
            S::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "head_too_large",
            "The request's head is too large",
        ),
        Error::TargetTooLong(_) => (
            S::URI_TOO_LONG,
            "target_too_long",
            "The path and query are too long",
        ),
        Error::BadHost(_) => (
            S::BAD_REQUEST,
            "bad_host",
            "The request names no host of this register",
        ),
        Error::TooManyConnections(_) => (
            S::TOO_MANY_REQUESTS,
            "too_many_connections",
            "Too many requests of one client at once",
        ),
        Error::TooManyRequests { .. } => (S::TOO_MANY_REQUESTS, "rate_limited", "Too many requests a second"),
        Error::TooManyAttempts(_) => (S::TOO_MANY_REQUESTS, "too_many_attempts", "Too many wrong keys"),
        Error::UnsupportedMediaType(_) | Error::UnsupportedCoding => (
            S::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body's type is not read here",
        ),
        Error::Busy(_) => (S::SERVICE_UNAVAILABLE, "busy", "The register is busy"),
        Error::Overloaded(_) => (
            S::SERVICE_UNAVAILABLE,
            "overloaded",
            "More is asked than can be served",
        ),
        Error::TimedOut => (S::SERVICE_UNAVAILABLE, "timed_out", "It took too long"),
        Error::DiskFull => (
            S::INSUFFICIENT_STORAGE,
            "disk_full",
            "The register's disk is full",
        ),
        Error::ReadOnly => (
            S::SERVICE_UNAVAILABLE,
            "read_only",
            "The register can only be read at present",
        ),
        Error::Unavailable(_) | Error::Lost => (
            S::SERVICE_UNAVAILABLE,
            "unavailable",
            "The register's database is not available",
        ),
        Error::NotReady(_) => (S::SERVICE_UNAVAILABLE, "not_ready", "The register is not ready"),
        Error::Draining => (
            S::SERVICE_UNAVAILABLE,
            "draining",
            "The register is about to stop",
        ),
        Error::OutcomeUnknown => (
            S::SERVICE_UNAVAILABLE,
            "outcome_unknown",
            "Whether the write was kept is not known",
        ),
        Error::Internal(_) => (
            S::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side",
        ),
    }
}

/// What one item of a batch would have been answered, had it come alone.
#[derive(Serialize)]
pub(in crate::web) struct ItemProblem {
    r#type: String,
    title: &'static str,
    pub(in crate::web) status: u16,
    detail: String,
    pub(in crate::web) code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

impl ItemProblem {
    pub(in crate::web) fn of(error: &Error, index: usize) -> Self {
        let faults = error.faults().cloned().unwrap_or_default().of_item(index);
        let (status, code, title) = status_and_code(error);
        Self {
            r#type: format!("/problems/{code}"),
            title,
            status: status.as_u16(),
            detail: error.to_string(),
            code,
            errors: faults.iter().cloned().collect(),
        }
    }
}

impl ItemProblem {
    /// Says which keys were probably meant, each with the place of its fault.
    pub(in crate::web) fn suggest(&mut self, keys: Vec<(usize, String)>) {
        suggest(&mut self.errors, keys);
    }
}

fn suggest(errors: &mut [Fault], keys: Vec<(usize, String)>) {
    for (at, key) in keys {
        if let Some(fault) = errors.get_mut(at) {
            fault.suggestion = Some(key);
        }
    }
}

/// A problem in which names may stand in the place of keys, as an extension of its answer: whoever knows the names says
/// which keys were meant.
#[derive(Clone)]
pub struct Misnamed(Arc<Problem<'static>>);

impl Misnamed {
    /// The place among the faults, the pointer, and what was said there.
    pub fn said(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        let faults = self.0.errors.iter().enumerate();
        faults.filter_map(|(at, fault)| Some((at, fault.pointer.as_str(), fault.said.as_deref()?)))
    }

    /// The answer with the keys that were probably meant.
    #[must_use]
    pub fn suggesting(&self, response: Response, keys: Vec<(usize, String)>) -> Response {
        let mut problem = (*self.0).clone();
        suggest(&mut problem.errors, keys);
        let (mut parts, _) = response.into_parts();
        // That of the body without them.
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        Response::from_parts(parts, body.into())
    }
}

/// When to come back, in seconds: those who are refused in one moment do not all come back in one.
fn spread() -> HeaderValue {
    static REFUSED: AtomicUsize = AtomicUsize::new(0);
    const AFTER: [&str; 3] = ["1", "2", "3"];
    HeaderValue::from_static(AFTER[REFUSED.fetch_add(1, Ordering::Relaxed) % AFTER.len()])
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code, title) = status_and_code(&self);
        if let Error::Internal(source) = &self {
            tracing::error!(error = %source, "request failed");
        }
        let problem = Problem {
            r#type: format!("/problems/{code}"),
            title,
            status: status.as_u16(),
            detail: self.to_string(),
            code,
            request_id: REQUEST_ID.try_with(Clone::clone).ok(),
            errors: match &self {
                // A batch has room for more.
                Self::BatchRefused { faults, .. }
                | Self::BatchUnread { faults, .. }
                | Self::BatchForbidden { faults, .. } => faults.iter().cloned().collect(),
                _ => self.faults().map(Faults::reported).unwrap_or_default(),
            },
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match &self {
            Error::Unauthorized(_) | Error::KeyExpired => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"pledgebook\""),
                );
            }
            Error::Busy(_) | Error::OutcomeUnknown => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            Error::Overloaded(_) => {
                headers.insert(header::RETRY_AFTER, spread());
            }
            Error::TimedOut
            | Error::DiskFull
            | Error::ReadOnly
            | Error::Unavailable(_)
            | Error::Lost
            | Error::NotReady(_)
            | Error::Draining => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
            }
            Error::HeadTooSlow | Error::BadHost(_) => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            Error::UnsupportedCoding => {
                headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
            }
            Error::StillRunning | Error::TooManyConnections(_) | Error::TooManyRequests { .. } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Error::TooManyAttempts(seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
            }
            Error::Moved { location } => {
                if let Ok(location) = HeaderValue::from_str(location) {
                    headers.insert(header::LOCATION, location);
                }
            }
            _ => {}
        }
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (status, headers, body).into_response();
        if problem.errors.iter().any(|fault| fault.said.is_some()) {
            response.extensions_mut().insert(Misnamed(Arc::new(problem)));
        }
        response.extensions_mut().insert(Refusal(code));
        if matches!(self, Error::Lost) {
            response.extensions_mut().insert(layers::Lost);
        }
        response
    }
}
