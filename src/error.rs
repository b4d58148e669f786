//! What can go wrong, in our own words.
//!
//! `Display` speaks to the caller, `source` to the log. No HTTP here: the one
//! place that turns these into statuses is [`crate::web::problem`].

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One thing wrong with what a caller sent.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// Of which item of a batch, counted from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
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

/// How many faults are named; of the others it is said how many there are.
pub const NAMED: usize = 1_000;

/// Everything wrong with what a caller sent, so that all of it is named at once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Faults {
    named: Vec<Fault>,
    unnamed: usize,
}

impl Faults {
    pub fn add(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        self.push(Fault {
            index: None,
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        });
    }

    fn push(&mut self, fault: Fault) {
        if self.named.len() < NAMED {
            self.named.push(fault);
        } else {
            self.unnamed += 1;
        }
    }

    #[must_use]
    pub fn one(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        let mut faults = Self::default();
        faults.add(pointer, code, detail);
        faults
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// How many there are, named or not.
    #[must_use]
    pub fn count(&self) -> usize {
        self.named.len() + self.unnamed
    }

    /// Those that are named.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.named.iter()
    }

    /// Takes over another's faults, each pointer put below `prefix`.
    pub fn absorb(&mut self, prefix: &str, other: Self) {
        self.unnamed += other.unnamed;
        for fault in other.named {
            self.push(Fault {
                pointer: format!("{prefix}{}", fault.pointer),
                ..fault
            });
        }
    }

    /// Names no more than the first few.
    pub fn shorten(&mut self, few: usize) {
        self.unnamed += self.named.len().saturating_sub(few);
        self.named.truncate(few);
    }

    /// The faults of an item of a batch, as what they are in the batch.
    #[must_use]
    pub fn of_item(mut self, index: usize) -> Self {
        for fault in &mut self.named {
            fault.index = Some(index);
            fault.pointer = format!("/{index}{}", fault.pointer);
        }
        self
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
        match (self.named.as_slice(), self.unnamed) {
            ([only], 0) => f.write_str(&only.detail),
            (all, 0) => write!(f, "{} faults; each is named in errors", all.len()),
            (all, _) => write!(f, "{} faults; errors names the first {}", self.count(), all.len()),
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
    /// A batch that cannot be read as one, for the reason that `code` names.
    #[error("{detail}")]
    BatchUnread {
        code: &'static str,
        detail: String,
        faults: Faults,
    },
    /// A batch of which nothing was written, as some of its items break rules of the register.
    #[error("{detail}")]
    BatchRefused { detail: String, faults: Faults },
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
    /// Whether it says something of what was sent; if not, of how the register fares.
    #[must_use]
    pub fn is_of_request(&self) -> bool {
        !matches!(self, Self::Busy(_) | Self::Internal(_))
    }

    /// What is wrong in particular, where that is said.
    #[must_use]
    pub fn faults(&self) -> Option<&Faults> {
        match self {
            Self::Malformed(faults)
            | Self::Invalid(faults)
            | Self::Conflict { faults, .. }
            | Self::BatchUnread { faults, .. }
            | Self::BatchRefused { faults, .. } => Some(faults),
            _ => None,
        }
    }

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
