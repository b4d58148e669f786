//! What can go wrong, in our own words.
//!
//! `Display` speaks to the caller, `source` to the log. No HTTP here: the one
//! place that turns these into statuses is [`crate::web::problem`].

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One thing wrong with what a caller sent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// Where: a JSON Pointer into the body (`/amount`), or `?name` for a query parameter.
    #[schema(example = "/qualifier")]
    pub pointer: String,
    /// A stable word for programs.
    #[schema(example = "required")]
    pub code: &'static str,
    /// A sentence for people, which names the mend.
    #[schema(example = "is required with an amount; it is one of: exact, about, up_to, at_least, between")]
    pub detail: String,
}

/// Everything wrong with what a caller sent, so that all of it is named at once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        self.0.push(Fault {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        });
    }

    #[must_use]
    pub fn one(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        let mut faults = Self::default();
        faults.add(pointer, code, detail);
        faults
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// Takes over another's faults, each pointer put below `prefix`.
    pub fn absorb(&mut self, prefix: &str, other: Self) {
        self.0.extend(other.0.into_iter().map(|fault| Fault {
            pointer: format!("{prefix}{}", fault.pointer),
            ..fault
        }));
    }

    /// `Err` when there is any fault: well-formed, but wrong.
    pub fn or_invalid(self) -> Result<()> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self))
        }
    }

    /// `Err` when there is any fault: not even well-formed.
    pub fn or_malformed(self) -> Result<()> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Error::Malformed(self))
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => f.write_str(&only.detail),
            all => write!(f, "{} faults; each is named in errors", all.len()),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be understood: bad JSON, a bad parameter.
    #[error("{0}")]
    Malformed(Faults),
    /// The request is understood, and breaks a rule of the register.
    #[error("{0}")]
    Invalid(Faults),
    #[error("{0}")]
    Unauthorized(&'static str),
    #[error("{0}")]
    Forbidden(String),
    #[error("There is no {resource}/{key}.")]
    NotFound { resource: &'static str, key: String },
    #[error(
        "There is nothing at this path. The register's resources are below /v1: participants, coalitions, meetings, articles, pledges, citations, rates, totals and changes."
    )]
    NoSuchPath,
    /// No code of an error: `known` are those that there are.
    #[error("No error of the register has the code {code:?}. These are its codes: {known}.")]
    NoSuchProblem { code: String, known: String },
    /// Retracted: its history still answers.
    #[error(
        "{resource}/{key} was retracted. What it was and why it went: GET {path}/history. To bring it back: POST {path}/restore."
    )]
    Gone {
        resource: &'static str,
        key: String,
        path: String,
    },
    /// A participant that was merged into another.
    #[error("This record was merged; it now lives at {location}.")]
    Moved { location: String },
    /// The register's present state does not allow it.
    #[error("{detail}")]
    Conflict {
        code: &'static str,
        detail: String,
        faults: Faults,
    },
    /// The key of a request that was answered came back with another one.
    #[error(
        "This Idempotency-Key was used with another request. Repeat that one as it was, or choose a new key."
    )]
    IdempotencyMismatch,
    /// The key of a request that is not answered yet came again.
    #[error("The first request with this Idempotency-Key is still under way. Send it again in a moment.")]
    StillRunning,
    /// `current` is the version that there is.
    #[error(
        "{}, which is not what If-Match or If-None-Match asks for. Read it again and repeat the change on what you find.",
        current.map_or_else(|| "There is no such record yet".to_owned(), |version| format!("The record is at version {version}"))
    )]
    Stale { current: Option<i64> },
    #[error("{0}")]
    MethodNotAllowed(String),
    #[error("{0}")]
    NotAcceptable(String),
    #[error("The body is larger than {0} bytes. Send less at once.")]
    TooLarge(usize),
    #[error("{0}")]
    UnsupportedMediaType(String),
    /// Passing: the same request may well succeed in a moment.
    #[error("{0}")]
    Busy(&'static str),
    #[error(
        "Something went wrong on our side; nothing was changed. The log knows more under this request_id."
    )]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::Conflict {
            code,
            detail: detail.into(),
            faults: Faults::default(),
        }
    }

    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}
