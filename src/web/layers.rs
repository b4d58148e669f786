//! What every request passes through, and every answer.

use std::{
    any::Any,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use hyper::body::{Frame, SizeHint};
use tower::{Layer, Service, ServiceExt, util::Oneshot};
use tower_http::normalize_path::NormalizePathLayer;
use tracing::Instrument;
use uuid::Uuid;

use super::{
    Format,
    arrival::Arrival,
    base, coding,
    host::is_of_readiness,
    problem::{Amendable, RECIPIENT, Recipient},
    request::{
        ascii,
        body::{self, Read},
        language_of,
        room::{Bodies, Room},
        version_of,
    },
};
use crate::{
    db::{self, Db},
    error::{Error, Result},
    values::{Clock, has_secret, without_secrets},
};

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
pub const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A layer over what is within it, which all requests share: each layer copies what it leads to for each request, and that
/// all that it leads to in turn.
pub fn over<L>(layer: L) -> (L, ShareLayer) {
    (layer, ShareLayer)
}

#[derive(Clone)]
pub struct ShareLayer;

impl<S> Layer<S> for ShareLayer {
    type Service = Share<S>;

    fn layer(&self, inner: S) -> Share<S> {
        Share(Arc::new(inner))
    }
}

/// What is copied once it is called, and no sooner.
pub struct Share<S>(Arc<S>);

impl<S> Clone for Share<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Service<Request> + Clone> Service<Request> for Share<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, Request>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        S::clone(&self.0).oneshot(request)
    }
}

/// What a request passes through whoever answers, the register or who speaks for it while it is brought up to date: so
/// a path and a method mean the same to both. To be put around routes as a whole; the last one is the outermost.
pub fn around(router: Router) -> Router {
    router
        .layer(over(middleware::from_fn(problems_only)))
        .layer(over(middleware::from_fn(whole_redirects)))
        .layer(over(NormalizePathLayer::trim_trailing_slash()))
        .layer(over(middleware::from_fn(base::moved)))
        .layer(over(middleware::from_fn(coding::coded)))
        .layer(over(middleware::from_fn(head_in_bounds)))
        .layer(over(middleware::from_fn(cors)))
        .layer(over(middleware::from_fn(request_id)))
}

/// Names the request, and gives the name back. A request has a name also where no register answers yet, so it is the machine's
/// clock that draws it.
async fn request_id(request: Request, next: Next) -> Response {
    let name = name_of(&request);
    let id = text(&name);
    let span = tracing::info_span!("request", id);
    let mut response = RECIPIENT
        .scope(Recipient::of(&request, id), next.run(request))
        .instrument(span)
        .await;
    response.headers_mut().insert(X_REQUEST_ID, name);
    response
}

/// The same of a request whose answer was at hand.
pub fn named<B>(request: &Request<B>, mut response: Response) -> Response {
    response.headers_mut().insert(X_REQUEST_ID, name_of(request));
    response
}

/// The same of one that is refused before anything is done for it.
pub fn refused<B>(request: &Request<B>, error: Error) -> Response {
    let name = name_of(request);
    let recipient = Recipient::of(request, text(&name));
    let mut response = RECIPIENT.sync_scope(recipient, || error.into_response());
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, name);
    open(headers);
    response
}

/// What a browser is told of every answer: it is what its type says, it leads nobody on, and it is shown within no page and
/// fetches nothing, where it does not say itself what it may.
pub fn guard(headers: &mut HeaderMap) {
    // Whoever was here before has said all of it.
    if headers.contains_key(header::REFERRER_POLICY) {
        return;
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
}

/// How the client calls the request, or we do.
pub(super) fn name_of<B>(request: &Request<B>) -> HeaderValue {
    if let Some(arrival) = Arrival::get(request) {
        return arrival.id().clone();
    }
    let theirs = request.headers().get(&X_REQUEST_ID);
    theirs
        .filter(|name| (1..=128).contains(&name.len()) && name.as_bytes().iter().all(u8::is_ascii_graphic))
        // Whoever calls a request by a secret has sent it in the wrong header.
        .filter(|name| !has_secret(text(name)))
        .cloned()
        .unwrap_or_else(|| {
            let mut text = Uuid::encode_buffer();
            let text = Clock::SYSTEM.passing_id().hyphenated().encode_lower(&mut text);
            HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("unnamed"))
        })
}

/// A request's name as text, which all of them are.
pub(super) fn text(name: &HeaderValue) -> &str {
    name.to_str().unwrap_or_default()
}

/// How long a request's target may be, and its whole head, in bytes. What reads the head lets some more pass, so
/// that whoever is somewhat above this is told so in our words. A filter may name 500 ids.
pub(super) const LONGEST_TARGET: usize = 24 * 1024;
pub(super) const LONGEST_HEAD: usize = 32 * 1024;
/// How many headers it may have.
pub const MOST_HEADERS: usize = 1024;

/// How a head is refused of which so much came that it was not read at all; none where it is not by its size.
#[must_use]
pub fn too_large(head: &[u8], first_line: &[u8]) -> Option<Error> {
    let lines = head.split(|byte| *byte == b'\n').count();
    if first_line.len() > LONGEST_TARGET {
        Some(Error::TargetTooLong(LONGEST_TARGET))
    } else if head.len() > LONGEST_HEAD {
        Some(Error::HeadTooLarge(LONGEST_HEAD))
    } else if lines > MOST_HEADERS {
        Some(Error::TooManyHeaders(MOST_HEADERS))
    } else {
        None
    }
}

/// Refuses a head beyond what is read with care: whatever is done for each of its parts is bounded by this.
async fn head_in_bounds(request: Request, next: Next) -> Result<Response> {
    bounded(&request)?;
    Ok(next.run(request).await)
}

/// Whether a request's head may be looked at.
pub fn bounded<B>(request: &Request<B>) -> Result<()> {
    let target = request
        .uri()
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target > LONGEST_TARGET {
        return Err(Error::TargetTooLong(LONGEST_TARGET));
    }
    // As it came on the wire: method, target and version with what stands between and behind them; each header with
    // a colon, a space and the end of its line; an empty line.
    let first_line = request.method().as_str().len() + target + " ".len() + " HTTP/1.1\r\n".len();
    let headers: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + ": ".len() + value.len() + "\r\n".len())
        .sum();
    if first_line + headers + "\r\n".len() > LONGEST_HEAD {
        return Err(Error::HeadTooLarge(LONGEST_HEAD));
    }
    Ok(())
}

/// Whoever asks whether the register is ready hears it within five seconds, also where the disk holds the question up.
const READY_WITHIN: Duration = Duration::from_millis(2500);

/// What a request waits for ends in time, and runs where the database may be asked; but of one that stands in line, only what
/// does ask. `in_line` are the paths where such come in.
pub async fn in_time(
    State((db, in_line)): State<(Db, Arc<[String]>)>,
    request: Request,
    next: Next,
) -> Response {
    let longest = db.limits().request;
    let has_body = !request.body().is_end_stream();
    let (within, late) = if is_of_readiness(request.uri().path()) {
        let late = Error::NotReady(db::NO_ANSWER.to_owned());
        (longest.min(READY_WITHIN), late)
    } else if request.method().is_safe() {
        (longest, Error::TimedOut)
    } else {
        // What of a write was kept by then, only who held it up knows.
        (longest, Error::OutcomeUnknown)
    };
    let stands_in_line = request.method() == Method::POST
        && in_line.iter().any(|path| path == request.uri().path())
        // Of which the database is asked.
        && !request.headers().contains_key(IDEMPOTENCY_KEY);
    let work = with_its_name(request, next);
    let answer = if stands_in_line {
        db.heard(within, has_body, late, work).await
    } else {
        db.served(within, has_body, late, work).await
    };
    answer.unwrap_or_else(IntoResponse::into_response)
}

/// A write goes on to its end also when its client hangs up.
pub async fn finish_writes(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    db::uncancelled(with_its_name(request, next))
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

/// A request that may have a body has its room until it is answered, whatever has become of its body then.
pub async fn room_for_its_body(State(bodies): State<Bodies>, mut request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let room = bodies.room();
    request.extensions_mut().insert(room.clone());
    let response = next.run(request).await;
    drop(room);
    response
}

/// The answer, made in a task that knows whose request it is.
fn with_its_name(request: Request, next: Next) -> impl Future<Output = Response> {
    let recipient = RECIPIENT.try_with(Clone::clone).unwrap_or_default();
    RECIPIENT.scope(recipient, next.run(request)).in_current_span()
}

/// Marks an answer that could not be given as the connection to the database died, and before anything was kept.
#[derive(Debug, Clone, Copy)]
pub struct Lost;

/// How often it is tried again then.
const AGAIN: usize = 2;
/// The longest body that is kept for that.
const LARGEST_REPEATED: usize = super::LARGEST_BODY;

/// Does again what a dead connection has ended in the middle: nothing of it was kept, so the client need not know.
/// A handler writes in one transaction, or this would do twice what came before the last.
pub async fn again(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let copy = Arc::new(Mutex::new(Copy {
        read: Some(Vec::new()),
        is_whole: body.is_end_stream(),
    }));
    let given = Body::new(Copied {
        body,
        copy: copy.clone(),
    });
    let mut response = next.clone().run(Request::from_parts(parts.clone(), given)).await;
    for _ in 0..AGAIN {
        if response.extensions().get::<Lost>().is_none() {
            break;
        }
        let Some(read) = copy.lock().unwrap_or_else(PoisonError::into_inner).whole() else {
            break;
        };
        tracing::warn!("the request is done again, as a connection died");
        let again = Request::from_parts(parts.clone(), Bytes::from(read).into());
        response = db::alone(next.clone().run(again)).await;
    }
    response
}

/// What was read of a body.
struct Copy {
    /// None once it has grown too long.
    read: Option<Vec<u8>>,
    is_whole: bool,
}

impl Copy {
    fn whole(&self) -> Option<Vec<u8>> {
        self.read.clone().filter(|_| self.is_whole)
    }
}

/// A body that is copied while it is read.
struct Copied {
    body: Body,
    copy: Arc<Mutex<Copy>>,
}

impl HttpBody for Copied {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let mut copy = self.copy.lock().unwrap_or_else(PoisonError::into_inner);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let data = frame.data_ref().map(AsRef::as_ref).unwrap_or_default();
                match &mut copy.read {
                    Some(read) if read.len() + data.len() <= LARGEST_REPEATED => read.extend_from_slice(data),
                    read => *read = None,
                }
            }
            Poll::Ready(None) => copy.is_whole = true,
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        drop(copy);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A write that conflicts with a record as it is, or meant another version of it, is told which one is there, and how a `GET`
/// of it is tagged. It is read as the next request would read it; where it cannot be, the refusal goes without.
pub async fn tell_what_is_there(State(db): State<Db>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request).await;
    }
    let asked = (request.method().clone(), request.uri().clone());
    let language = language_of(request.uri(), request.headers());
    let extensions = request.extensions().clone();
    let response = next.clone().run(request).await;
    let Some(problem) = Amendable::of(&response) else {
        return response;
    };
    let (method, uri) = asked;
    let record = record_of(&method, uri.path());
    let Some(path) = record.and_then(|path| problem.record(path, method != Method::POST)) else {
        return response;
    };
    let Ok(mut read) = Request::get(format!("{path}?lang={language}")).body(Body::empty()) else {
        return response;
    };
    *read.extensions_mut() = extensions;
    let Ok(there) = db.beside(with_its_name(read, next)).await else {
        return response;
    };
    let etag = there
        .headers()
        .get(header::ETAG)
        .filter(|_| there.status().is_success());
    match etag.and_then(|etag| Some((version_of(etag.to_str().ok()?)?, etag.clone()))) {
        Some((version, etag)) => problem.standing(response, version, etag),
        None => response,
    }
}

/// The path of the record that a write is about: of a `POST`, that which the last word is said of.
fn record_of<'p>(method: &Method, path: &'p str) -> Option<&'p str> {
    if method == Method::POST {
        path.rsplit_once('/').map(|(record, _)| record)
    } else {
        Some(path)
    }
}

/// A request whose body is here whole, for whoever looks at it before its handler does.
pub async fn whole(request: Request) -> Result<(Parts, Bytes)> {
    let (path, _) = Format::split(request.uri().path());
    let (largest, read) = if path.ends_with("/batch") {
        (super::LARGEST_BATCH, Read::ItemByItem)
    } else {
        (super::LARGEST_BODY, Read::Whole)
    };
    let (mut parts, body) = request.into_parts();
    let mut unread = Request::new(body);
    unread.headers_mut().clone_from(&parts.headers);
    if let Some(room) = parts.extensions.get::<Room>() {
        unread.extensions_mut().insert(room.clone());
    }
    let body = body::bytes(unread, largest, read).await?.into();
    coding::unpacked(&mut parts.headers);
    Ok((parts, body))
}

/// A merged record's redirect names its successor; what stood behind the key, and the query, go along.
async fn whole_redirects(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    let mut response = next.run(request).await;
    if response.status() == StatusCode::PERMANENT_REDIRECT
        && let Some(record) = response
            .headers()
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok())
    {
        // The path of the record itself: /v1, the resource, the key.
        let behind = uri.path().splitn(5, '/').nth(4);
        let behind = behind.map(|rest| format!("/{rest}")).unwrap_or_default();
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(whole) = HeaderValue::from_str(&ascii(&format!("{record}{behind}{query}"))) {
            response.headers_mut().insert(header::LOCATION, whole);
        }
    }
    response
}

/// Whatever axum answers on its own account becomes a problem too.
async fn problems_only(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status();
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == "application/problem+json");
    if !(status.is_client_error() || status.is_server_error()) || is_problem {
        return response;
    }
    let allow = response.headers().get(header::ALLOW).cloned();
    if status == StatusCode::METHOD_NOT_ALLOWED && method == Method::OPTIONS {
        let mut answer = StatusCode::NO_CONTENT.into_response();
        answer
            .headers_mut()
            .extend(allow.map(|allow| (header::ALLOW, allow)));
        return answer;
    }
    let error = match status {
        StatusCode::NOT_FOUND => Error::NoSuchPath,
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = allow
                .as_ref()
                .and_then(|allow| allow.to_str().ok())
                .unwrap_or_default();
            let (path, method) = (without_secrets(&path), without_secrets(method.as_str()));
            Error::MethodNotAllowed {
                detail: format!("{path} does not answer to {method}, but to {allowed}."),
                allowed: allowed.split(',').map(|it| it.trim().to_owned()).collect(),
            }
        }
        StatusCode::BAD_REQUEST => Error::Malformed(crate::error::Faults::one(
            "",
            "path",
            "The path is not percent-encoded UTF-8.",
        )),
        other => Error::internal(format!("unexplained status {other}")),
    };
    let mut answer = error.into_response();
    answer
        .headers_mut()
        .extend(allow.map(|allow| (header::ALLOW, allow)));
    answer
}

/// A panic is our fault, and still an answer.
#[expect(clippy::needless_pass_by_value, reason = "the signature is tower-http's")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Error::internal(format!("panic: {message}")).into_response()
}

/// What a page may send along with a request: what is read here, and what libraries add that trace requests, which is passed over.
const SENT: &str = "authorization, content-type, content-encoding, accept, accept-language, if-match, if-none-match, \
    change-reason, idempotency-key, prefer, x-request-id, x-requested-with, traceparent, tracestate, baggage, sentry-trace";

/// Any page may read and, with a key, write; no cookies are in play. A browser that asks first is
/// answered here; any other `OPTIONS` goes on to the path, which knows its methods.
async fn cors(request: Request, next: Next) -> Response {
    let asks_first = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if asks_first {
        let says = [
            (
                header::ACCESS_CONTROL_ALLOW_METHODS,
                "GET, HEAD, POST, PUT, PATCH, DELETE",
            ),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, SENT),
            (header::ACCESS_CONTROL_MAX_AGE, "3600"),
        ];
        (StatusCode::NO_CONTENT, says).into_response()
    } else {
        next.run(request).await
    };
    open(response.headers_mut());
    response
}

/// Every page may read the answer, and all of its headers: no cookies come along, so nobody's are shown.
fn open(headers: &mut HeaderMap) {
    for header in [
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
    ] {
        headers.insert(header, HeaderValue::from_static("*"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::{Router, body::to_bytes, middleware};
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    use super::*;

    /// What is answered where the connection dies so often, and how often it was tried.
    async fn answered(deaths: usize, body: &str, reads: bool) -> (StatusCode, String, usize) {
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = tries.clone();
        let handler = move |request: Request| async move {
            let read = if reads {
                to_bytes(request.into_body(), usize::MAX).await.unwrap()
            } else {
                Bytes::new()
            };
            if counted.fetch_add(1, Ordering::Relaxed) < deaths {
                return Err(Error::Lost);
            }
            Ok(String::from_utf8(read.to_vec()).unwrap())
        };
        let router: Router = Router::new().fallback(handler).layer(middleware::from_fn(again));
        let request = Request::post("/").body(Body::from(body.to_owned())).unwrap();
        let response = TowerToHyperService::new(router).call(request).await.unwrap();
        let status = response.status();
        let said = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let said = String::from_utf8_lossy(&said).into_owned();
        (status, said, tries.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn what_a_dead_connection_has_ended_is_done_again() {
        let (ok, failed) = (StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answered(0, "{}", true).await, (ok, "{}".to_owned(), 1));
        assert_eq!(answered(2, "{}", true).await, (ok, "{}".to_owned(), 3));
        assert_eq!(answered(1, "", false).await, (ok, String::new(), 2));
        let (status, said, tries) = answered(3, "{}", true).await;
        assert_eq!((status, tries), (failed, 3));
        assert!(said.contains("unavailable"), "{said}");
    }

    #[tokio::test]
    async fn a_body_that_is_not_at_hand_any_more_is_not_sent_again() {
        let failed = StatusCode::SERVICE_UNAVAILABLE;
        for (body, reads) in [
            ("x".repeat(LARGEST_REPEATED + 1), true),
            ("unread".to_owned(), false),
        ] {
            let (status, _, tries) = answered(1, &body, reads).await;
            assert_eq!((status, tries), (failed, 1), "{reads}");
        }
    }
}
