//! RFC 9457: every answer that is no success says what went wrong and how to mend it.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::error::{Error, Fault, Faults};

/// The body of every error.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
}

tokio::task_local! {
    /// The id of the request being answered, for its problems and its log.
    pub(super) static REQUEST_ID: String;
}

/// The one place where our failures become statuses.
fn status_and_code(error: &Error) -> (StatusCode, &'static str, &'static str) {
    use StatusCode as S;
    match error {
        Error::Malformed(_) => (S::BAD_REQUEST, "malformed", "The request cannot be understood"),
        Error::Invalid(_) => (
            S::UNPROCESSABLE_ENTITY,
            "invalid",
            "The request breaks a rule of the register",
        ),
        Error::Unauthorized(_) => (S::UNAUTHORIZED, "unauthorized", "A key is needed"),
        Error::Forbidden(_) => (S::FORBIDDEN, "forbidden", "This key may not do that"),
        Error::NotFound { .. } => (S::NOT_FOUND, "not_found", "No such record"),
        Error::NoSuchPath => (S::NOT_FOUND, "no_such_path", "No such path"),
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
        Error::UnsupportedMediaType(_) => (
            S::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body's type is not read here",
        ),
        Error::Busy(_) => (S::SERVICE_UNAVAILABLE, "busy", "The register is busy"),
        Error::Internal(_) => (
            S::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side",
        ),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code, title) = status_and_code(&self);
        if let Error::Internal(source) = &self {
            tracing::error!(error = %source, "request failed");
        }
        let none = Faults::default();
        let faults = match &self {
            Error::Malformed(faults) | Error::Invalid(faults) | Error::Conflict { faults, .. } => faults,
            _ => &none,
        };
        let problem = Problem {
            r#type: format!("/problems/{code}"),
            title,
            status: status.as_u16(),
            detail: self.to_string(),
            code,
            request_id: REQUEST_ID.try_with(Clone::clone).ok(),
            errors: faults.told(),
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match &self {
            Error::Unauthorized(_) => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"pledgebook\""),
                );
            }
            Error::Busy(_) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            Error::Moved { location } => {
                if let Ok(location) = HeaderValue::from_str(location) {
                    headers.insert(header::LOCATION, location);
                }
            }
            _ => {}
        }
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        (status, headers, body).into_response()
    }
}
