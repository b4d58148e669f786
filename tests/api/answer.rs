//! What the server answered, and what a story expects of it.

use std::{
    io::{Read, Write},
    ops::Index,
};

use brotli::Decompressor;
use flate2::read::GzDecoder;
use pledgebook::{
    problems::{self, Problem},
    values::Language,
};
use reqwest::{Response, header::HeaderMap};
use serde_json::Value;

#[derive(Debug, Clone)]
pub struct Answer {
    /// The method and path that it answers.
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    /// The body as it came, which may be packed.
    pub raw: Vec<u8>,
    /// The same unpacked.
    pub text: String,
    /// The text as JSON; null when it is not.
    pub body: Value,
}

impl Answer {
    pub async fn of(asked: String, response: Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let raw = response.bytes().await.unwrap().to_vec();
        let coding = headers
            .get("content-encoding")
            .map(|value| value.to_str().unwrap());
        let text = String::from_utf8_lossy(&unpacked(coding, &raw)).into_owned();
        let media_type = headers.get("content-type").map(|value| value.to_str().unwrap());
        let essence = media_type.and_then(|it| it.split(';').next());
        let is_json = essence.is_some_and(|it| it.ends_with("json") && !it.ends_with("ndjson"));
        let body = match serde_json::from_str(&text) {
            Ok(body) => body,
            Err(error) => {
                assert!(
                    !is_json || text.is_empty(),
                    "{asked} was answered with what is no JSON ({error}): {text}"
                );
                Value::Null
            }
        };
        Self {
            asked,
            status,
            headers,
            raw,
            text,
            body,
        }
    }

    /// A success of any kind.
    #[track_caller]
    pub fn ok(self) -> Self {
        assert!((200..300).contains(&self.status), "expected a success of {self}");
        self
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert!(self.status == status, "expected {status} of {self}");
        self
    }

    /// A new record: 201, with the whole object, where it lives, and its `ETag`.
    #[track_caller]
    pub fn created(self) -> Self {
        let created = self.expect(201);
        for name in ["location", "etag"] {
            assert!(
                created.header(name).is_some(),
                "a 201 has the header {name}: {created}"
            );
        }
        assert!(created.body.is_object(), "a 201 has the whole object: {created}");
        created
    }

    /// An error, as RFC 9457 and the contract have it.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        let problem = self.expect(status);
        assert_eq!(
            problem.header("content-type"),
            Some("application/problem+json"),
            "{problem}"
        );
        for name in ["type", "title", "detail", "request_id"] {
            let text = problem[name].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "a problem has {name}: {problem}");
        }
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["type"], format!("/problems/{code}"), "{problem}");
        assert_eq!(
            problem["request_id"].as_str(),
            problem.header("x-request-id"),
            "{problem}"
        );
        let page = explained(code, status);
        let languages = problem.header("content-language").unwrap_or_default();
        let language: Language = languages.split(", ").next().unwrap().parse().unwrap();
        let brief = &page.wording(language).brief;
        let of_wrong_key = page.of_wrong_key(language);
        let said = [Some(brief), of_wrong_key]
            .into_iter()
            .flatten()
            .find(|it| problem["title"] == it.title);
        let said = said.unwrap_or_else(|| panic!("the title is not the page's: {problem}"));
        assert_eq!(problem["mend"], said.mend, "{problem}");
        for fault in problem["errors"].as_array().into_iter().flatten() {
            let code = fault["code"].as_str().unwrap_or_default();
            let page = if problem["code"] == "batch_refused" || status == 403 {
                // Each of its items failed as it would have failed alone.
                problems::find(code).unwrap_or_else(|| panic!("/problems/{code} is missing"))
            } else {
                explained(code, status)
            };
            let brief = &page.wording(language).brief;
            assert_eq!(fault["title"], brief.title, "{problem}");
            assert_eq!(fault["mend"], brief.mend, "{problem}");
            for name in ["pointer", "code", "detail"] {
                assert!(fault[name].is_string(), "a fault has {name}: {problem}");
            }
        }
        problem
    }

    /// A problem that names a fault at this pointer (`/amount`, `?limit`).
    #[track_caller]
    pub fn fault(self, pointer: &str) -> Self {
        let named = self["errors"]
            .as_array()
            .is_some_and(|faults| faults.iter().any(|it| it["pointer"] == pointer));
        assert!(named, "expected a fault at {pointer} in {self}");
        self
    }

    /// A refusal to let go of what this record still refers to (`pledges/{id}`, or a part of it).
    #[track_caller]
    pub fn still_referenced_by(self, referrer: &str) -> Self {
        let refused = self.problem(409, "still_referenced");
        let errors = refused["errors"].as_array().unwrap();
        let named = errors
            .iter()
            .any(|fault| fault["detail"].as_str().unwrap().contains(referrer));
        assert!(named, "expected {referrer} to be named in {refused}");
        refused
    }

    /// A header, where it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The rows of a list.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.body["items"]
            .as_array()
            .unwrap_or_else(|| panic!("expected a list of {self}"))
    }

    /// One field of every row of a list.
    #[track_caller]
    pub fn each(&self, field: &str) -> Vec<&Value> {
        self.items().iter().map(|item| &item[field]).collect()
    }

    /// The path of the page after this one, where there is one. The header gives it, and the body of a JSON
    /// answer says the same.
    #[track_caller]
    pub fn next_page(&self) -> Option<String> {
        let path = self.header("link").map(|link| {
            link.strip_prefix('<')
                .and_then(|link| link.strip_suffix(">; rel=\"next\""))
                .unwrap_or_else(|| panic!("{link} leads to no next page: {self}"))
        });
        if self.header("content-type") == Some("application/json") {
            let cursor = self.body["next"].as_str();
            let agrees = match (path, cursor) {
                (Some(path), Some(cursor)) => path.ends_with(&format!("after={cursor}")),
                (path, cursor) => path.is_none() && cursor.is_none(),
            };
            assert!(agrees, "{path:?} is not where {cursor:?} leads: {self}");
        }
        path.map(str::to_owned)
    }

    /// The record's id.
    #[track_caller]
    pub fn id(&self) -> String {
        self.body["id"]
            .as_str()
            .unwrap_or_else(|| panic!("expected an id in {self}"))
            .to_owned()
    }
}

/// A body as it was before it was packed, all of it.
fn unpacked(coding: Option<&str>, raw: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    match coding {
        // Of a HEAD, or a 304, there is none.
        _ if raw.is_empty() => Ok(0),
        None => bytes.write(raw),
        Some("gzip") => GzDecoder::new(raw).read_to_end(&mut bytes),
        Some("br") => Decompressor::new(raw, 4096).read_to_end(&mut bytes),
        Some(other) => panic!("nobody asked for {other}"),
    }
    .unwrap_or_else(|error| panic!("{coding:?} cannot be unpacked: {error}"));
    bytes
}

/// What the pages say of a code. There is a page for each, which knows the status that it came with.
#[track_caller]
fn explained(code: &str, status: u16) -> &'static Problem {
    let page = problems::find(code).unwrap_or_else(|| panic!("/problems/{code} is missing"));
    assert!(
        page.statuses.contains(&status),
        "/problems/{code} does not know the status {status}"
    );
    page
}

/// A member of the body: `answer["code"]`.
impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.body[member]
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, which answered {}: {}", self.asked, self.status, self.text)
    }
}
