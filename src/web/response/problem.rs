//! RFC 9457: every answer that is no success says what went wrong and how to mend it.

use std::{
    borrow::Cow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    error::{Detail, Error, Fault, Faults, Limit},
    problems::{self, Brief, Wording},
    values::Language,
    web::{
        arrival::Arrival,
        base::Base,
        layers,
        request::{LARGEST_BODY, is_for_people, language_of},
        response::pretty::indented,
        traffic::Refusal,
    },
};

/// What some request is called.
const AN_ID: &str = "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b";

/// The body of every error (RFC 9457).
#[derive(Clone, Serialize, ToSchema)]
pub(in crate::web) struct Problem {
    /// A page of this server that explains the error.
    #[schema(example = "/problems/invalid")]
    r#type: String,
    /// What the code means, in the reader's language (`lang`, else `Accept-Language`).
    #[schema(example = "The request breaks a rule of the register")]
    title: &'static str,
    #[schema(minimum = 300, maximum = 599, example = 422)]
    pub(in crate::web) status: u16,
    /// What is wrong, and how to mend it: in English, where `Content-Language` names it behind the reader's language.
    #[schema(example = "is required with an amount; it is one of: exact, about, up_to, at_least, between")]
    detail: String,
    /// How the code is mended, in the reader's language. What stands between backticks is code.
    #[schema(
        example = "`errors` names every rule that is broken, with a JSON Pointer to the field. Mend all of them and send the request again."
    )]
    mend: &'static str,
    /// A stable word for programs.
    #[schema(example = "invalid")]
    pub(in crate::web) code: &'static str,
    /// The request's name, for whoever asks the operator about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(AN_ID))]
    request_id: Option<String>,
    /// Of a 409 or 412: the version of the record that is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 3)]
    current_version: Option<i64>,
    /// Of a 409 or 412: the tag of the record that is there, as the header `ETag` has it; to be sent as `If-Match`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "\"3.q0BTCzYMSrDc\"")]
    etag: Option<String>,
    /// Every fault of the request, where it has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultView>,
    /// Whether it is for people to read.
    #[serde(skip)]
    #[schema(ignore)]
    pretty: bool,
}

impl Problem {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).unwrap_or_default();
        if self.pretty {
            return indented(&bytes);
        }
        bytes.push(b'\n');
        bytes
    }
}

/// To whom an answer goes: what their request is called, the language that they read, below which path they find the register, and
/// whether JSON is laid out for them.
#[derive(Debug, Clone)]
pub(in crate::web) struct Recipient {
    request_id: String,
    language: Language,
    base: Base,
    pretty: bool,
}

impl Default for Recipient {
    fn default() -> Self {
        Self {
            request_id: String::new(),
            language: Language::En,
            base: Base::default(),
            pretty: false,
        }
    }
}

impl Recipient {
    pub(in crate::web) fn of<B>(request: &Request<B>, id: &str) -> Self {
        Self {
            request_id: id.to_owned(),
            language: language_of(request.uri(), request.headers()),
            base: Arrival::get(request)
                .map(|arrival| arrival.base().clone())
                .unwrap_or_default(),
            pretty: is_for_people(request.uri(), request.headers()),
        }
    }
}

tokio::task_local! {
    /// Whoever sent the request that is being answered, for its problems.
    pub(in crate::web) static RECIPIENT: Recipient;
}

/// Where an error is explained, of who finds the register there.
fn page_of(code: &str, base: &Base) -> String {
    format!("{}/problems/{code}", base.path())
}

/// The one place where our failures become statuses.
fn status_and_code(error: &Error) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match error {
        Error::Malformed(_) | Error::BatchUnread { .. } => (S::BAD_REQUEST, "malformed"),
        Error::Invalid(_) => (S::UNPROCESSABLE_ENTITY, "invalid"),
        Error::TooManyItems(_) => (S::BAD_REQUEST, "too_many_items"),
        Error::BatchRefused { .. } => (S::UNPROCESSABLE_ENTITY, "batch_refused"),
        Error::NoKey(_) | Error::WrongKey(_) => (S::UNAUTHORIZED, "unauthorized"),
        Error::KeyExpired => (S::UNAUTHORIZED, "key_expired"),
        Error::Forbidden(_) | Error::BatchForbidden { .. } => (S::FORBIDDEN, "forbidden"),
        Error::NotFound { .. } => (S::NOT_FOUND, "not_found"),
        Error::NoSuchPath => (S::NOT_FOUND, "no_such_path"),
        Error::NoSuchProblem { .. } => (S::NOT_FOUND, "no_such_problem"),
        Error::Gone { .. } => (S::GONE, "retracted"),
        Error::Moved { .. } => (S::PERMANENT_REDIRECT, "merged"),
        Error::Conflict { code, .. } => (S::CONFLICT, code),
        Error::IdempotencyMismatch => (S::UNPROCESSABLE_ENTITY, "idempotency_mismatch"),
        Error::StillRunning => (S::CONFLICT, "still_running"),
        Error::Stale { .. } => (S::PRECONDITION_FAILED, "stale_version"),
        Error::MethodNotAllowed { .. } => (S::METHOD_NOT_ALLOWED, "method_not_allowed"),
        Error::NotAcceptable { .. } => (S::NOT_ACCEPTABLE, "not_acceptable"),
        Error::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "body_too_large"),
        Error::BodyTooSlow => (S::REQUEST_TIMEOUT, "body_too_slow"),
        Error::HeadTooSlow => (S::REQUEST_TIMEOUT, "head_too_slow"),
        Error::HeadTooLarge(_) | Error::TooManyHeaders(_) => {
            (S::REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large")
        }
        Error::TargetTooLong(_) => (S::URI_TOO_LONG, "target_too_long"),
        Error::BadHost(_) => (S::BAD_REQUEST, "bad_host"),
        Error::TooManyConnections(_) => (S::TOO_MANY_REQUESTS, "too_many_connections"),
        Error::TooManyRequests { .. } => (S::TOO_MANY_REQUESTS, "rate_limited"),
        Error::TooManyAttempts(_) => (S::TOO_MANY_REQUESTS, "too_many_attempts"),
        Error::UnsupportedMediaType { .. } | Error::UnsupportedCoding => {
            (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
        }
        Error::Busy(_) => (S::SERVICE_UNAVAILABLE, "busy"),
        Error::Overloaded(_) => (S::SERVICE_UNAVAILABLE, "overloaded"),
        Error::TimedOut => (S::SERVICE_UNAVAILABLE, "timed_out"),
        Error::DiskFull => (S::INSUFFICIENT_STORAGE, "disk_full"),
        Error::ReadOnly => (S::SERVICE_UNAVAILABLE, "read_only"),
        Error::Unavailable(_) | Error::Lost => (S::SERVICE_UNAVAILABLE, "unavailable"),
        Error::NotReady(_) => (S::SERVICE_UNAVAILABLE, "not_ready"),
        Error::Draining => (S::SERVICE_UNAVAILABLE, "draining"),
        Error::OutcomeUnknown => (S::SERVICE_UNAVAILABLE, "outcome_unknown"),
        Error::Internal(_) => (S::INTERNAL_SERVER_ERROR, "internal"),
    }
}

/// What is wrong in particular. Where an error is about one thing, its code is that thing's.
fn faults_of(error: &Error) -> Vec<Fault> {
    let (_, code) = status_and_code(error);
    let one = |pointer: &str, detail: Detail| Faults::one(pointer, code, detail).reported();
    let detail = || Detail::of(error.to_string());
    match error {
        // A batch has room for more.
        Error::BatchRefused { faults, .. }
        | Error::BatchUnread { faults, .. }
        | Error::BatchForbidden { faults, .. } => faults.iter().cloned().collect(),
        Error::TooManyItems(most)
        | Error::TooLarge(most)
        | Error::HeadTooLarge(most)
        | Error::TooManyHeaders(most)
        | Error::TargetTooLong(most)
        | Error::TooManyConnections(most) => one("", detail().limited(*most)),
        Error::TooManyRequests { most, .. } => one("", detail().limited(*most)),
        Error::MethodNotAllowed { allowed, .. } => one("", detail().allowing(allowed.clone())),
        Error::NotAcceptable { allowed, .. } => one("Accept", detail().allowing(allowed.clone())),
        Error::UnsupportedMediaType { allowed, .. } => {
            one("Content-Type", detail().allowing(allowed.iter().copied()))
        }
        Error::UnsupportedCoding => one("Content-Encoding", detail().allowing(["gzip"])),
        Error::IdempotencyMismatch | Error::StillRunning => one("Idempotency-Key", detail()),
        _ => error.faults().map(Faults::reported).unwrap_or_default(),
    }
}

/// What the catalogue says of an error in a language.
fn brief(error: &Error, code: &str, language: Language) -> Option<&'static Brief> {
    let problem = problems::find(code)?;
    let of_wrong_key = matches!(error, Error::WrongKey(_))
        .then(|| problem.of_wrong_key(language))
        .flatten();
    Some(of_wrong_key.unwrap_or(&problem.wording(language).brief))
}

/// Why, in a sentence: in the reader's language where the catalogue says the same, else in English.
fn sentence(error: &Error, code: &str, language: Language) -> String {
    if language != Language::En
        && error.is_always_the_same()
        && let Some(problem) = problems::find(code)
    {
        let Wording { brief, meaning } = problem.wording(language);
        return format!("{meaning} {}", brief.mend);
    }
    error.to_string()
}

/// One thing wrong with what was sent.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = Fault)]
struct FaultView {
    /// Of which item of a batch, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    /// Where: a JSON Pointer into the body (`/amount`; empty for all of it), `?name` for a query parameter, or the name of a header.
    #[schema(example = "/currency")]
    pointer: String,
    /// A stable word for programs.
    #[schema(example = "required")]
    code: &'static str,
    /// What the code means, in the reader's language.
    #[schema(example = "Something is missing")]
    title: &'static str,
    /// What is wrong, and how to mend it: a sentence in English, of which the members below are what is data.
    #[schema(example = "is required with an amount; it is one of: exact, about, up_to, at_least, between")]
    detail: String,
    /// How the code is mended, in the reader's language. What stands between backticks is code.
    #[schema(example = "Give the field that the pointer names.")]
    mend: &'static str,
    /// All that would be taken there, where that is a list of words; of the code `type`, the kinds of JSON value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["exact", "about", "up_to", "at_least", "between"]))]
    allowed: Vec<Cow<'static, str>>,
    /// All names that there are, where one was sent that is none of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["limit", "sort", "after"]))]
    known: Vec<Cow<'static, str>>,
    /// The bound that was passed: a number where it counts something, a string where it is an amount or a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = limit)]
    limit: Option<Bound>,
    /// The record that stands in the way, by its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    /// The key that was probably meant, where a name stands in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "GBR")]
    suggestion: Option<String>,
    /// The keys that may have been meant, where the name is that of several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["COG", "COD"]))]
    suggestions: Vec<String>,
    /// What was sent there, where it may be a name in the place of a key.
    #[serde(skip)]
    #[schema(ignore)]
    said: Option<String>,
}

/// [`Limit`] as it is sent.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum Bound {
    Count(u64),
    Text(String),
}

fn limit() -> RefOr<Schema> {
    let of = |kind| ObjectBuilder::new().schema_type(kind);
    OneOfBuilder::new()
        .description(Some(
            "The bound that was passed: a number where it counts something, a string where it is an amount or a date.",
        ))
        .item(of(Type::Integer).minimum(Some(0)))
        .item(of(Type::String))
        .examples([json!(200), json!("200000000.00")])
        .into()
}

impl FaultView {
    fn of(fault: Fault, language: Language) -> Self {
        let brief = problems::find(fault.code).map(|it| &it.wording(language).brief);
        let Detail {
            sentence,
            allowed,
            known,
            limit,
            record,
        } = fault.detail;
        Self {
            index: fault.index,
            pointer: fault.pointer,
            code: fault.code,
            title: brief.map_or(fault.code, |it| it.title.as_str()),
            detail: sentence,
            mend: brief.map_or("", |it| it.mend.as_str()),
            allowed,
            known,
            limit: limit.map(|limit| match limit {
                Limit::Count(count) => Bound::Count(count),
                Limit::Text(text) => Bound::Text(text),
            }),
            record,
            suggestion: None,
            suggestions: Vec::new(),
            said: fault.said,
        }
    }
}

/// A problem as an extension of its answer: whoever knows more of it than where it arose says that too.
#[derive(Clone)]
pub struct Amendable {
    problem: Arc<Problem>,
    /// Where the record is that stands in the way, where that is none that the request's path names.
    with: Option<String>,
}

impl Amendable {
    /// That of this answer, where there may be more to say.
    #[must_use]
    pub fn of(response: &Response) -> Option<Self> {
        response.extensions().get().cloned()
    }

    /// Of names that may stand in the place of keys: the place among the faults, the pointer, and what was said there.
    pub fn said(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        let faults = self.problem.errors.iter().enumerate();
        faults.filter_map(|(at, fault)| Some((at, fault.pointer.as_str(), fault.said.as_deref()?)))
    }

    /// The answer with the keys that were probably meant.
    #[must_use]
    pub fn suggesting(self, response: Response, keys: Vec<(usize, Vec<String>)>) -> Response {
        self.amended(response, |problem| problem.suggest(keys))
    }

    /// Where the record stands that a 409 or a 412 is about, of which `path` is the request's own; none where the problem is another.
    /// A change that `is_of_path` is told of its own record alone: with the tag of another it would pass for having read that one.
    pub(in crate::web) fn record<'p>(&'p self, path: &'p str, is_of_path: bool) -> Option<&'p str> {
        let is_of_a_record = [StatusCode::CONFLICT, StatusCode::PRECONDITION_FAILED]
            .iter()
            .any(|it| it.as_u16() == self.problem.status);
        match self.with.as_deref().filter(|_| is_of_a_record) {
            Some(other) if is_of_path && other != path => None,
            Some(other) => Some(other),
            None => is_of_a_record.then_some(path),
        }
    }

    /// The answer with the version of that record and its tag.
    pub(in crate::web) fn standing(self, response: Response, version: i64, etag: HeaderValue) -> Response {
        let text = etag.to_str().unwrap_or_default().to_owned();
        let mut response = self.amended(response, |problem| {
            problem.current_version = Some(version);
            problem.etag = Some(text);
        });
        response.headers_mut().insert(header::ETAG, etag);
        response
    }

    fn amended(self, response: Response, amend: impl FnOnce(&mut Problem)) -> Response {
        let mut problem = (*self.problem).clone();
        amend(&mut problem);
        let (mut parts, _) = response.into_parts();
        // That of the body as it was.
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = problem.bytes();
        parts.extensions.insert(Self {
            problem: Arc::new(problem),
            ..self
        });
        Response::from_parts(parts, body.into())
    }
}

/// When to come back, in seconds: those who are refused in one moment do not all come back in one.
fn spread() -> HeaderValue {
    static REFUSED: AtomicUsize = AtomicUsize::new(0);
    const AFTER: [&str; 3] = ["1", "2", "3"];
    HeaderValue::from_static(AFTER[REFUSED.fetch_add(1, Ordering::Relaxed) % AFTER.len()])
}

/// The language of title and mend, and behind it English where sentences are in it.
fn languages(language: Language, is_mixed: bool) -> HeaderValue {
    HeaderValue::from_static(match (language, is_mixed) {
        (Language::En, _) => "en",
        (Language::Ar, false) => "ar",
        (Language::Ar, true) => "ar, en",
        (Language::Fr, false) => "fr",
        (Language::Fr, true) => "fr, en",
    })
}

/// What the headers say of an error: how it is read, and when and how to come back.
fn headers_of(error: &Error, languages: HeaderValue) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CONTENT_LANGUAGE, languages);
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    match error {
        Error::NoKey(_) | Error::WrongKey(_) | Error::KeyExpired => {
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
    headers
}

impl Problem {
    /// What is said of an error, whoever asked.
    fn of(error: &Error, language: Language, base: &Base) -> Self {
        Self::with(error, faults_of(error), language, base)
    }

    /// What one item of a batch would have been answered, had it come alone.
    pub(in crate::web) fn of_item(error: &Error, index: usize, language: Language, base: &Base) -> Self {
        let faults = error.faults().cloned().unwrap_or_default().of_item(index);
        Self::with(error, faults.iter().cloned(), language, base)
    }

    fn with(error: &Error, faults: impl IntoIterator<Item = Fault>, language: Language, base: &Base) -> Self {
        let (status, code) = status_and_code(error);
        let brief = brief(error, code, language);
        Self {
            r#type: page_of(code, base),
            title: brief.map_or(code, |it| it.title.as_str()),
            status: status.as_u16(),
            detail: sentence(error, code, language),
            mend: brief.map_or("", |it| it.mend.as_str()),
            code,
            request_id: None,
            current_version: match error {
                Error::Stale { current } => *current,
                _ => None,
            },
            etag: None,
            errors: faults
                .into_iter()
                .map(|fault| FaultView::of(fault, language))
                .collect(),
            pretty: false,
        }
    }

    /// Says which keys were probably meant, each with the place of its fault.
    pub(in crate::web) fn suggest(&mut self, keys: Vec<(usize, Vec<String>)>) {
        for (at, mut keys) in keys {
            let Some(fault) = self.errors.get_mut(at) else {
                continue;
            };
            if keys.len() > 1 {
                fault.suggestions = keys;
            } else {
                fault.suggestion = keys.pop();
            }
        }
    }
}

/// The body of an answer in which this code stands, made as any is.
#[must_use]
pub fn example(of: &'static problems::Problem) -> Value {
    let problem = Problem {
        request_id: Some(AN_ID.to_owned()),
        ..Problem::of(&exemplary(of), Language::En, &Base::default())
    };
    serde_json::to_value(problem).unwrap_or_default()
}

/// Those with this status, by the codes that they are examples of.
pub(in crate::web) fn examples(status: u16) -> impl Iterator<Item = (&'static problems::Problem, Value)> {
    let all = problems::all().iter().map(|of| (of, example(of)));
    all.filter(move |(_, example)| example["status"] == status)
}

/// An error of which the catalogue shows what it says; where it speaks for itself, with what it says of some request.
fn exemplary(of: &'static problems::Problem) -> Error {
    let problems::Example {
        detail,
        pointer,
        fault,
        fault_detail,
        of: whole,
        ..
    } = &of.example;
    let whole = whole.as_deref().and_then(problems::find).unwrap_or(of);
    let of_whole = &whole.example.detail;
    let is_of_a_batch = whole.code == "batch_refused";
    let code = fault.as_deref().unwrap_or(&of.code);
    // Where the whole has a sentence of its own, so has the fault.
    let of_fault = problems::find(code).filter(|_| is_of_a_batch || whole.statuses.contains(&409));
    let sentence = fault_detail
        .as_ref()
        .or(of_fault.map(|it| &it.example.detail))
        .unwrap_or(detail);
    let faults = pointer
        .as_deref()
        .map(|pointer| Faults::one(pointer, code, data_of(&of.example, sentence)))
        .unwrap_or_default();
    let record = whole.example.record.as_deref().unwrap_or_default();
    let (resource, key) = record.split_once('/').unwrap_or_default();
    let path = format!("/v1/{record}");
    match whole.code.as_str() {
        "malformed" => Error::Malformed(faults),
        "invalid" => Error::Invalid(faults),
        "batch_refused" => Error::BatchRefused {
            detail: of_whole.clone(),
            faults: faults.of_item(1),
        },
        "unauthorized" => Error::WrongKey(of_whole),
        "key_expired" => Error::KeyExpired,
        "forbidden" => Error::Forbidden(of_whole.clone()),
        "not_found" => Error::NotFound {
            resource,
            key: key.to_owned(),
            faults,
        },
        "no_such_path" => Error::NoSuchPath,
        "no_such_problem" => Error::NoSuchProblem {
            code: String::from("colour"),
            known: "malformed, invalid, unauthorized and others".to_owned(),
        },
        "retracted" => Error::Gone {
            resource,
            key: key.to_owned(),
            path,
        },
        "merged" => Error::Moved { location: path },
        "stale_version" => Error::Stale { current: Some(1) },
        "method_not_allowed" => Error::MethodNotAllowed {
            detail: of_whole.clone(),
            allowed: vec!["GET".to_owned(), "HEAD".to_owned()],
        },
        "not_acceptable" => Error::NotAcceptable {
            detail: of_whole.clone(),
            allowed: vec!["application/json"],
        },
        "body_too_large" => Error::TooLarge(LARGEST_BODY),
        "body_too_slow" => Error::BodyTooSlow,
        "head_too_slow" => Error::HeadTooSlow,
        "head_too_large" => Error::HeadTooLarge(layers::LONGEST_HEAD),
        "target_too_long" => Error::TargetTooLong(layers::LONGEST_TARGET),
        "unsupported_media_type" => Error::UnsupportedMediaType {
            detail: of_whole.clone(),
            allowed: &["application/json"],
        },
        "bad_host" => Error::BadHost("The request has more than one Host.".to_owned()),
        "idempotency_mismatch" => Error::IdempotencyMismatch,
        "still_running" => Error::StillRunning,
        code => of_how_it_fares(code, of_whole).unwrap_or(Error::Conflict {
            code,
            detail: of_whole.clone(),
            faults,
            with: None,
        }),
    }
}

/// A sentence of an example, and what of it is data.
fn data_of(example: &'static problems::Example, sentence: &str) -> Detail {
    let words = |words: &'static [String]| words.iter().map(|it| Cow::Borrowed(it.as_str())).collect();
    let limit = example.limit.as_ref();
    Detail {
        sentence: sentence.to_owned(),
        allowed: words(&example.allowed),
        known: words(&example.known),
        limit: limit.and_then(|limit| match limit.as_u64() {
            Some(count) => Some(Limit::Count(count)),
            None => Some(Limit::Text(limit.as_str()?.to_owned())),
        }),
        record: example.record.clone(),
    }
}

/// The same of those errors that say how the register fares, or how much one asks.
fn of_how_it_fares(code: &str, detail: &'static str) -> Option<Error> {
    Some(match code {
        "too_many_connections" => Error::TooManyConnections(256),
        "rate_limited" => Error::TooManyRequests {
            who: "Your address",
            most: 100,
        },
        "too_many_attempts" => Error::TooManyAttempts(4),
        "overloaded" => Error::Overloaded(detail),
        "busy" => Error::Busy(detail),
        "timed_out" => Error::TimedOut,
        "disk_full" => Error::DiskFull,
        "read_only" => Error::ReadOnly,
        "not_ready" => Error::NotReady("The register's disk is full.".to_owned()),
        "draining" => Error::Draining,
        "unavailable" => Error::Unavailable(detail),
        "outcome_unknown" => Error::OutcomeUnknown,
        "internal" => Error::internal("an example"),
        _ => return None,
    })
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = status_and_code(&self);
        if let Error::Internal(source) = &self {
            tracing::error!(error = %source, "request failed");
        }
        let recipient = RECIPIENT.try_with(Clone::clone).ok();
        let request_id = recipient.as_ref().map(|it| it.request_id.clone());
        let Recipient {
            language,
            base,
            pretty,
            ..
        } = recipient.unwrap_or_default();
        let problem = Problem {
            request_id,
            pretty,
            ..Problem::of(&self, language, &base)
        };
        let is_mixed = !self.is_always_the_same() || !problem.errors.is_empty();
        let headers = headers_of(&self, languages(language, is_mixed));
        let body = problem.bytes();
        let mut response = (status, headers, body).into_response();
        response.extensions_mut().insert(Refusal(code));
        if matches!(self, Error::Lost) {
            response.extensions_mut().insert(layers::Lost);
        }
        let with = match self {
            Self::Conflict { with, .. } => Some(with),
            Self::Stale { .. } => Some(None),
            _ => None,
        };
        if with.is_some() || problem.errors.iter().any(|fault| fault.said.is_some()) {
            response.extensions_mut().insert(Amendable {
                problem: Arc::new(problem),
                with: with.flatten(),
            });
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_its_own_example_as_the_catalogue_says_it() {
        for problem in problems::all() {
            let body = example(problem);
            let fault = &body["errors"][0];
            let (named, sentence) = if problem.is_fault() {
                (&fault["code"], &fault["detail"])
            } else {
                (&body["code"], &body["detail"])
            };
            assert_eq!(*named, problem.code, "{body}");
            assert_eq!(*sentence, problem.example.detail, "{body}");
            let status = body["status"].as_u64().unwrap_or_default();
            let is_known = problem.statuses.iter().any(|it| u64::from(*it) == status);
            assert!(is_known, "{body}");
            if let Some(code) = fault["code"].as_str() {
                assert!(problems::find(code).is_some(), "{body}");
            }
        }
    }
}
