//! Batches: many objects in one body, read one after the other, and what became of each.

use std::fmt;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{
    Deserialize, Serialize,
    de::{Deserializer, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{
    body::{self, LARGEST as LARGEST_ITEM, Read},
    prefer::{APPLIED, Handling, Prefer},
};
use crate::{
    error::{Detail, Error, Faults, NAMED, Result},
    values::Viewpoint,
    web::{Format, RequestOptions, base::Base, problem::Problem, response::pretty::indented},
};

/// Largest batch that is read, in bytes; each item of it may be as large as a body that comes alone.
pub const LARGEST: usize = 64 * 1024 * 1024;
/// How many items it may have.
const MOST: usize = 100_000;

#[derive(Debug, Clone, Copy)]
enum Form {
    /// A JSON array.
    Array,
    /// NDJSON: an object a line.
    Lines,
}

/// A batch as it came.
pub struct Batch {
    form: Form,
    bytes: Bytes,
}

impl<S: Send + Sync> FromRequest<S> for Batch {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let (plain, form) = Format::split(request.uri().path());
        let form = match (body::essence(&request).as_str(), form) {
            ("application/json", None) => Form::Array,
            ("application/x-ndjson" | "application/ndjson" | "application/jsonl", _) => Form::Lines,
            (_, Some(_)) => {
                return Err(Error::UnsupportedMediaType {
                    detail: format!(
                        "Send the header Content-Type: application/x-ndjson with an object a line; an array of objects goes to {plain}."
                    ),
                    allowed: &["application/x-ndjson"],
                });
            }
            _ => {
                return Err(Error::UnsupportedMediaType {
                    detail: "Send the header Content-Type: application/json with an array of objects, or application/x-ndjson with an object a line."
                        .into(),
                    allowed: &["application/json", "application/x-ndjson"],
                });
            }
        };
        let bytes = body::bytes(request, LARGEST, Read::ItemByItem).await?.into();
        Ok(Self { form, bytes })
    }
}

impl Batch {
    /// Each item as `read` reads it, in the batch's order, or what is wrong with it: [`Error::Malformed`]
    /// where it is no JSON. `wrong` is what is known to be wrong with one that is read.
    ///
    /// The body is gone when this returns; of it, no more than one item at a time is there as JSON. Where one that fails fails
    /// all, what comes behind as many faults as are told is only counted, for the report.
    pub async fn read<D: Send + 'static>(
        self,
        report: &mut Report,
        read: impl Fn(&Value) -> Result<D> + Send + 'static,
        wrong: fn(&mut D) -> Option<&mut Faults>,
    ) -> Result<Vec<Result<Box<D>>>> {
        let is_lenient = report.is_lenient();
        // A second's work at most, and not one for a thread that others are waiting for.
        let (items, left) = tokio::task::spawn_blocking(move || self.items(is_lenient, read, wrong))
            .await
            .map_err(Error::internal)??;
        report.leave(left);
        Ok(items)
    }

    /// The items that are read, and how many are not.
    fn items<D>(
        &self,
        is_lenient: bool,
        read: impl Fn(&Value) -> Result<D>,
        wrong: fn(&mut D) -> Option<&mut Faults>,
    ) -> Result<(Vec<Result<Box<D>>>, usize)> {
        let mut items = Vec::new();
        let mut faults_left = if is_lenient { MOST } else { NAMED };
        let mut left = 0;
        let mut take = |bytes: &[u8], line: Option<usize>| {
            if items.len() + left == MOST {
                return Err(too_many());
            }
            if faults_left == 0 && !is_lenient {
                left += 1;
                return Ok(());
            }
            let mut outcome = item(bytes, line).and_then(|value| read(&value)).map(Box::new);
            // A body of this size can have more faults than memory has room for their sentences.
            let faults = match &mut outcome {
                Ok(draft) => wrong(draft).filter(|faults| !faults.is_empty()),
                Err(Error::Invalid(faults) | Error::Malformed(faults)) => Some(faults),
                Err(_) => None,
            };
            if let Some(faults) = faults {
                faults.shorten(faults_left.max(1));
                faults_left = faults_left.saturating_sub(faults.iter().count());
            }
            items.push(outcome);
            Ok(())
        };
        let bytes = body::without_mark(&self.bytes);
        match self.form {
            Form::Array => each_of_array(bytes, |bytes| take(bytes, None))?,
            Form::Lines => {
                for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
                    let line = line.trim_ascii();
                    if !line.is_empty() {
                        take(line, Some(number))?;
                    }
                }
            }
        }
        if items.is_empty() {
            return Err(unread(
                "length",
                "The batch has no items; send at least one object, as an element of an array or as a line of NDJSON.",
            ));
        }
        Ok((items, left))
    }
}

/// An item as JSON. `line` is where it stands in NDJSON.
fn item(bytes: &[u8], line: Option<usize>) -> Result<Value> {
    if bytes.len() > LARGEST_ITEM {
        return Err(Error::Invalid(Faults::one(
            "",
            "length",
            Detail::of(format!(
                "has {} bytes; one item may have {LARGEST_ITEM}. Send it in parts",
                bytes.len()
            ))
            .limited(LARGEST_ITEM),
        )));
    }
    body::strict(bytes).map_err(|error| {
        let place = line.map_or_else(|| "it".to_owned(), |line| format!("line {line} of the body"));
        let mend = if line.is_some() {
            "; NDJSON has one whole object a line"
        } else {
            "; mend it"
        };
        Error::Malformed(Faults::one(
            "",
            "json",
            format!("{place} is not JSON that can be read: {error}{mend}"),
        ))
    })
}

/// Hands over an array's elements as the bytes that they are.
fn each_of_array(bytes: &[u8], take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    struct Each<F> {
        take: F,
        /// Why it stopped, where that is not the JSON's fault.
        refused: Result<()>,
    }

    impl<'de, F: FnMut(&[u8]) -> Result<()>> Visitor<'de> for &mut Each<F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array of objects")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
            while let Some(element) = seq.next_element::<&RawValue>()? {
                self.refused = (self.take)(element.get().as_bytes());
                if self.refused.is_err() {
                    return Err(serde::de::Error::custom("stopped"));
                }
            }
            Ok(())
        }
    }

    if bytes.trim_ascii().is_empty() {
        return Err(unread("json", "The body is empty; send a JSON array of objects."));
    }
    let mut each = Each {
        take,
        refused: Ok(()),
    };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let outcome = json.deserialize_seq(&mut each).and_then(|()| json.end());
    each.refused?;
    outcome.map_err(|error| {
        unread(
            "json",
            format!(
                "The body is not a JSON array that can be read: {error}. Send an array of objects, or NDJSON as application/x-ndjson."
            ),
        )
    })
}

fn unread(code: &'static str, detail: impl Into<Detail>) -> Error {
    Error::Malformed(Faults::one("", code, detail))
}

fn too_many() -> Error {
    Error::TooManyItems(MOST)
}

/// What became of a batch, written down item by item in its order.
#[derive(Clone)]
pub struct Report {
    prefer: Prefer,
    viewpoint: Viewpoint,
    /// Whether it is for people to read.
    pretty: bool,
    base: Base,
    /// How many items come before those that it tells of.
    before: usize,
    created: usize,
    failed: usize,
    /// Of those that failed, the ones that are no JSON.
    unreadable: usize,
    /// And those that the key may not write.
    forbidden: usize,
    /// The items that are listed, as JSON with commas between them.
    items: Vec<u8>,
    /// Where one that fails fails all: what is wrong, and of how many items that is said.
    faults: Faults,
    named: usize,
    /// How many items nobody looked at, as enough is wrong with those before them.
    left: usize,
}

/// One that was created, as the answer lists it.
#[derive(Serialize)]
struct Created<'a> {
    index: usize,
    status: u16,
    key: &'a str,
    location: String,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Failed {
    index: usize,
    status: u16,
    problem: Problem,
}

/// What became of some items, as it is kept while the others are under way.
#[derive(Deserialize)]
struct Kept<'a> {
    created: usize,
    failed: usize,
    #[serde(borrow)]
    items: &'a RawValue,
}

impl Report {
    #[must_use]
    pub fn new(prefer: Prefer, asked: &RequestOptions) -> Self {
        Self::told(prefer, asked.viewpoint(), asked.pretty, asked.base.clone())
    }

    fn told(prefer: Prefer, viewpoint: Viewpoint, pretty: bool, base: Base) -> Self {
        Self {
            prefer,
            viewpoint,
            pretty,
            base,
            before: 0,
            created: 0,
            failed: 0,
            unreadable: 0,
            forbidden: 0,
            items: Vec::new(),
            faults: Faults::default(),
            named: 0,
            left: 0,
        }
    }

    /// Of the items that come next, to be added.
    #[must_use]
    pub fn part(&self) -> Self {
        Self {
            before: self.before + self.count(),
            ..Self::told(self.prefer, self.viewpoint, self.pretty, self.base.clone())
        }
    }

    /// How many items it tells of.
    #[must_use]
    pub fn count(&self) -> usize {
        self.created + self.failed
    }

    /// Adds what became of the next items, each taken on its own.
    pub fn add(&mut self, part: &Self) {
        self.add_items(part.created, part.failed, &part.items);
    }

    /// The same as it was kept.
    pub fn add_kept(&mut self, part: &[u8]) -> Result<()> {
        let part: Kept = serde_json::from_slice(part).map_err(Error::internal)?;
        let items = part.items.get().as_bytes();
        // Without its brackets.
        let items = &items[1..items.len() - 1];
        self.add_items(part.created, part.failed, items);
        Ok(())
    }

    fn add_items(&mut self, created: usize, failed: usize, items: &[u8]) {
        self.created += created;
        self.failed += failed;
        if !self.items.is_empty() && !items.is_empty() {
            self.items.push(b',');
        }
        self.items.extend_from_slice(items);
    }

    /// Whether each item is taken on its own.
    #[must_use]
    pub fn is_lenient(&self) -> bool {
        self.prefer.handling == Some(Handling::Lenient)
    }

    /// Whether the whole of what is created is to be shown.
    #[must_use]
    pub fn wants_whole(&self) -> bool {
        self.prefer.representation && !self.is_refused()
    }

    #[must_use]
    pub fn viewpoint(&self) -> Viewpoint {
        self.viewpoint
    }

    /// Whether nothing of it will be written.
    fn is_refused(&self) -> bool {
        self.failed > 0 && !self.is_lenient()
    }

    /// Whether as much is wrong as is told.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.is_refused() && self.faults.count() >= NAMED
    }

    /// So many items behind the others are not looked at.
    pub fn leave(&mut self, items: usize) {
        self.left += items;
    }

    /// The next item was created. `whole` is the record as JSON, where it is wanted.
    pub fn created(&mut self, resource: &str, key: &str, version: i64, whole: Option<String>) -> Result<()> {
        let index = self.before + self.count();
        self.created += 1;
        if self.prefer.minimal || self.is_refused() {
            return Ok(());
        }
        let item = whole
            .map(RawValue::from_string)
            .transpose()
            .map_err(Error::internal)?;
        self.list(&Created {
            index,
            status: StatusCode::CREATED.as_u16(),
            key,
            location: format!("{}/v1/{resource}/{key}", self.base.path()),
            version,
            item,
        })
    }

    /// The next item was not created.
    pub fn failed(&mut self, error: &Error) -> Result<()> {
        self.failed_suggesting(error, Vec::new())
    }

    /// The same, and which keys were probably meant, each with the place of its fault.
    pub fn failed_suggesting(&mut self, error: &Error, keys: Vec<(usize, Vec<String>)>) -> Result<()> {
        let index = self.before + self.count();
        self.failed += 1;
        self.unreadable += usize::from(matches!(error, Error::Malformed(_)));
        self.forbidden += usize::from(matches!(error, Error::Forbidden(_)));
        let mut problem = Problem::of_item(error, index, self.viewpoint.language, &self.base);
        if self.is_lenient() {
            problem.suggest(keys);
            return self.list(&Failed {
                index,
                status: problem.status,
                problem,
            });
        }
        self.items.clear();
        if self.faults.count() < NAMED {
            self.named += 1;
            let faults = error.faults().filter(|faults| !faults.is_empty()).cloned();
            let faults = faults.unwrap_or_else(|| Faults::one("", problem.code, error.to_string()));
            self.faults.merge("", faults.of_item(index));
        }
        Ok(())
    }

    fn list<T: Serialize>(&mut self, item: &T) -> Result<()> {
        if !self.items.is_empty() {
            self.items.push(b',');
        }
        serde_json::to_writer(&mut self.items, item).map_err(Error::internal)
    }

    /// The answer, to be given once the write is committed; an error where nothing may be.
    pub fn answer(self) -> Result<Response> {
        if self.is_refused() {
            return Err(self.refusal());
        }
        let status = if self.is_lenient() {
            StatusCode::OK
        } else {
            StatusCode::CREATED
        };
        let mut body = self.body();
        if self.pretty {
            body = indented(&body);
        } else {
            body.push(b'\n');
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(self.viewpoint.language.as_str()),
        );
        if let Some(applied) = self.prefer.applied() {
            headers.insert(APPLIED, applied);
        }
        Ok((status, headers, body).into_response())
    }

    /// What is told, as JSON.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut body = format!("{{\"created\":{}", self.created).into_bytes();
        if self.is_lenient() {
            body.extend_from_slice(format!(",\"failed\":{}", self.failed).as_bytes());
        }
        if self.is_lenient() || !self.prefer.minimal {
            body.extend_from_slice(b",\"items\":[");
            body.extend_from_slice(&self.items);
            body.push(b']');
        }
        body.push(b'}');
        body
    }

    fn refusal(self) -> Error {
        let failed = self.failed;
        let all = match (self.created + failed, self.left) {
            (all, 0) => all.to_string(),
            (all, _) => format!("the first {all}"),
        };
        let more = match failed - self.named {
            0 => "errors names what is wrong with each".to_owned(),
            more => format!(
                "errors names what is wrong with the first {}; {more} more fail",
                self.named
            ),
        };
        let more = match self.left {
            0 => more,
            left => format!("{more}; {left} more items were not looked at"),
        };
        if self.unreadable == failed {
            let detail = format!(
                "{failed} of {all} items are not JSON that can be read; nothing was written. {more}."
            );
            return Error::BatchUnread {
                detail,
                faults: self.faults,
            };
        }
        if self.forbidden > 0 {
            let detail = format!(
                "{} of {all} items are not this key's to write; nothing was written. {more}. Leave those out, or use another key.",
                self.forbidden
            );
            return Error::BatchForbidden {
                detail,
                faults: self.faults,
            };
        }
        Error::BatchRefused {
            detail: format!(
                "{failed} of {all} items cannot be created as they are; nothing was written. {more}. Mend them and send the batch again, or send Prefer: handling=lenient to create those that can be."
            ),
            faults: self.faults,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: Form, bytes: &'static [u8]) -> Result<Vec<Result<Value>>> {
        let bytes = Bytes::from_static(bytes);
        let (items, _) = Batch { form, bytes }.items(true, |value| Ok(value.clone()), |_| None)?;
        Ok(items.into_iter().map(|item| item.map(|it| *it)).collect())
    }

    #[test]
    fn what_is_wrong_with_an_item_that_is_read_is_bounded_too() {
        let body = format!("[{}]", vec!["{}"; NAMED + 500].join(","));
        let batch = Batch {
            form: Form::Array,
            bytes: body.into(),
        };
        let wrong = |_: &Value| Ok(Faults::one("/subject", "value", "must be a pledge"));
        let (items, left) = batch.items(false, wrong, |faults| Some(faults)).unwrap();
        assert_eq!((items.len(), left), (NAMED, 500));
        let right = |_: &Value| Ok(Faults::default());
        let (items, left) = batch.items(false, right, |faults| Some(faults)).unwrap();
        assert_eq!((items.len(), left), (NAMED + 500, 0));
    }

    #[test]
    fn lines_end_as_they_like_and_blank_ones_are_no_items() {
        for lines in [
            "{\"a\":1}\n{\"a\":2}\n",
            "{\"a\":1}\r\n\r\n \t\r\n{\"a\":2}",
            "\n\n{\"a\":1}\n\n{\"a\":2}\n\n",
        ] {
            let items = read(Form::Lines, lines.as_bytes()).unwrap();
            let items: Vec<Value> = items.into_iter().map(|item| item.unwrap()).collect();
            assert_eq!(
                Value::from(items),
                serde_json::json!([{"a": 1}, {"a": 2}]),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn an_item_is_read_as_strictly_as_a_body() {
        let items = read(Form::Array, br#"[{"a": 1, "a": 2}, {"a": [1]}, 7]"#).unwrap();
        assert!(matches!(items[0], Err(Error::Malformed(_))));
        assert!(items[1].is_ok() && items[2].is_ok());
        let items = read(Form::Lines, b"{\"a\": 1\n{\"a\": \"\xff\"}\n{} {}\n{}").unwrap();
        assert_eq!(items.iter().filter(|item| item.is_err()).count(), 3);
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        for body in [
            "",
            " ",
            "{}",
            "[",
            "[{}",
            "[{},]",
            "[] []",
            "[]",
            "null",
            "[\"\\ud800\", nul]",
        ] {
            assert!(read(Form::Array, body.as_bytes()).is_err(), "{body}");
        }
        assert!(read(Form::Array, b"[\"\xff\"]").is_err());
        assert!(read(Form::Lines, b"\n \r\n").is_err());
    }
}
