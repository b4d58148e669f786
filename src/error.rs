//! What can go wrong, in our own words.
//!
//! `Display` speaks to the caller, `source` to the log. No HTTP here: the one
//! place that turns these into statuses is [`crate::web::problem`].

use std::{borrow::Cow, fmt};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One thing wrong with what a caller sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Of which item of a batch, counted from 0.
    pub index: Option<usize>,
    /// Where: a JSON Pointer into the body (`/amount`), `?name` for a query parameter, `{name}` for a part of the path, or a header's name.
    pub pointer: String,
    /// A stable word for programs.
    pub code: &'static str,
    pub detail: Detail,
    /// What was sent there, where it may be a name in the place of a key.
    pub said: Option<String>,
}

/// What is wrong, in an English sentence that names the mend; and what of that sentence is data, so that a program can say
/// it in words of its own.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Detail {
    pub sentence: String,
    /// All that would be taken there.
    pub allowed: Vec<Cow<'static, str>>,
    /// All names that there are, where one stands that is none.
    pub known: Vec<Cow<'static, str>>,
    /// The bound that was passed.
    pub limit: Option<Limit>,
    /// The record that stands in the way, by its address (`pledges/{id}`).
    pub record: Option<String>,
}

/// A bound: a count, or what is written as text, such as an amount or a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    Count(u64),
    Text(String),
}

impl From<usize> for Limit {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<u64> for Limit {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<u32> for Limit {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl From<String> for Limit {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl Detail {
    pub fn of(sentence: impl Into<String>) -> Self {
        Self {
            sentence: sentence.into(),
            ..Self::default()
        }
    }

    /// With all that would be taken.
    #[must_use]
    pub fn allowing(self, words: impl IntoIterator<Item: Into<Cow<'static, str>>>) -> Self {
        Self {
            allowed: words.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// With all names that there are.
    #[must_use]
    pub fn knowing(self, names: impl IntoIterator<Item: Into<Cow<'static, str>>>) -> Self {
        Self {
            known: names.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// With the bound that was passed.
    #[must_use]
    pub fn limited(self, limit: impl Into<Limit>) -> Self {
        Self {
            limit: Some(limit.into()),
            ..self
        }
    }

    /// With the record that stands in the way.
    #[must_use]
    pub fn naming(self, record: impl Into<String>) -> Self {
        Self {
            record: Some(record.into()),
            ..self
        }
    }

    /// The same of what is called so.
    #[must_use]
    pub fn of_the(self, name: &str) -> Self {
        Self {
            sentence: format!("{name} {}", self.sentence),
            ..self
        }
    }
}

impl From<String> for Detail {
    fn from(sentence: String) -> Self {
        Self::of(sentence)
    }
}

impl From<&str> for Detail {
    fn from(sentence: &str) -> Self {
        Self::of(sentence)
    }
}

impl From<Detail> for String {
    fn from(detail: Detail) -> Self {
        detail.sentence
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for Detail {}

/// Longest name for which a key is looked for, in bytes.
const LONGEST_NAME: usize = 500;

/// How many faults are kept; of the others it is known how many there are.
pub const NAMED: usize = 1_000;
/// How many of them one body is told; it may have room for half a million.
const REPORTED: usize = 100;
/// Longest pointer and longest detail, in code points: each may repeat what was sent.
const LONGEST_POINTER: usize = 300;
const LONGEST_DETAIL: usize = 1_000;

/// Everything wrong with what a caller sent, so that all of it is named at once; of very much, the beginning.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Faults {
    named: Vec<Fault>,
    /// How many there are, named or not.
    count: usize,
}

impl Faults {
    pub fn add(&mut self, pointer: impl Into<String>, code: &'static str, detail: impl Into<Detail>) {
        self.push(Fault {
            index: None,
            pointer: pointer.into(),
            code,
            detail: detail.into(),
            said: None,
        });
    }

    /// The same of a text that may be a name in the place of a key.
    pub fn add_said(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<Detail>,
        said: &str,
    ) {
        self.push(Fault {
            index: None,
            pointer: pointer.into(),
            code,
            detail: detail.into(),
            said: (said.len() <= LONGEST_NAME).then(|| said.to_owned()),
        });
    }

    /// The same of what may stand there very often: the sentence is made only where it is kept.
    pub fn add_with(&mut self, code: &'static str, said: impl FnOnce() -> (String, Detail)) {
        if self.named.len() < NAMED {
            let (pointer, detail) = said();
            self.add(pointer, code, detail);
        } else {
            self.count += 1;
        }
    }

    fn push(&mut self, fault: Fault) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(Fault {
                pointer: shortened(fault.pointer, LONGEST_POINTER),
                detail: Detail {
                    sentence: shortened(fault.detail.sentence, LONGEST_DETAIL),
                    ..fault.detail
                },
                ..fault
            });
        }
    }

    #[must_use]
    pub fn one(pointer: impl Into<String>, code: &'static str, detail: impl Into<Detail>) -> Self {
        let mut faults = Self::default();
        faults.add(pointer, code, detail);
        faults
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many there are, also of those that are not named.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Those that are named, the first first.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.named.iter()
    }

    /// What a caller is told: the first of them and, where there are more, a last one that says so.
    #[must_use]
    pub fn reported(&self) -> Vec<Fault> {
        let mut reported: Vec<Fault> = self.iter().take(REPORTED).cloned().collect();
        let left = self.count - reported.len();
        if left > 0 {
            reported.push(Fault {
                index: None,
                pointer: String::new(),
                code: "more_faults",
                detail: format!("{left} more faults are not named; mend these first, and send it again")
                    .into(),
                said: None,
            });
        }
        reported
    }

    /// What may be names in the place of keys: its place among the faults, the pointer, and what was said there.
    pub fn said(&self) -> impl Iterator<Item = (usize, &str, &str)> {
        let faults = self.iter().enumerate();
        faults.filter_map(|(at, fault)| Some((at, fault.pointer.as_str(), fault.said.as_deref()?)))
    }

    /// Takes over another's faults, each pointer put below `prefix`.
    pub fn merge(&mut self, prefix: &str, other: Self) {
        let unnamed = other.count - other.named.len();
        for fault in other.named {
            self.push(Fault {
                pointer: format!("{prefix}{}", fault.pointer),
                ..fault
            });
        }
        self.count += unnamed;
    }

    /// Names no more than the first few.
    pub fn shorten(&mut self, few: usize) {
        self.named.truncate(few);
        self.named.shrink_to_fit();
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
        match self.named.as_slice() {
            [only] if self.count == 1 => f.write_str(&only.detail.sentence),
            all if self.count <= REPORTED && all.len() == self.count => {
                write!(f, "{} faults; each is named in errors", self.count)
            }
            all => write!(
                f,
                "{} faults; the first {} are named in errors",
                self.count,
                all.len().min(REPORTED)
            ),
        }
    }
}

/// The beginning of a text, where it is longer than `longest` code points.
fn shortened(mut text: String, longest: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(longest) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request cannot be understood: bad JSON, a bad parameter.
    #[error("{0}")]
    Malformed(Faults),
    /// The request is understood, and breaks a rule of the register.
    #[error("{0}")]
    Invalid(Faults),
    #[error("The batch has more than {0} items. Send them in several requests.")]
    TooManyItems(usize),
    /// A batch whose items are no JSON.
    #[error("{detail}")]
    BatchUnread { detail: String, faults: Faults },
    /// A batch of which nothing was written, as some of its items break rules of the register.
    #[error("{detail}")]
    BatchRefused { detail: String, faults: Faults },
    /// A batch of which nothing was written, as the key may not write some of its items.
    #[error("{detail}")]
    BatchForbidden { detail: String, faults: Faults },
    /// No key came with the request, or none where keys are read.
    #[error("{0}")]
    NoKey(&'static str),
    /// A key came, and opens nothing.
    #[error("{0}")]
    WrongKey(&'static str),
    #[error(
        "This key has expired. Ask the register's operator for a new one, or to let this one be good for longer."
    )]
    KeyExpired,
    #[error("{0}")]
    Forbidden(String),
    #[error("There is no {resource}/{key}.")]
    NotFound {
        resource: &'static str,
        key: String,
        /// Where the key stands, of a path that has several.
        faults: Faults,
    },
    #[error(
        "There is nothing at this path. The register's resources are below /v1: participants, coalitions, meetings, articles, pledges, events, citations, rates, totals, changes, keys and me."
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
        /// Where the record is that it conflicts with, where that is none that the request's path names.
        with: Option<String>,
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
    #[error("{detail}")]
    MethodNotAllowed { detail: String, allowed: Vec<String> },
    #[error("{detail}")]
    NotAcceptable {
        detail: String,
        allowed: Vec<&'static str>,
    },
    #[error("The body is larger than {0} bytes. Send less at once.")]
    TooLarge(usize),
    /// The client paused too long while it sent its body, or took too long over all of it.
    #[error(
        "The body did not arrive in time: less than 1 KiB a second came over 20 seconds, or all of it took longer than 30 seconds and a second more for each 64 KiB. Nothing was changed; send it again, or less at once."
    )]
    BodyTooSlow,
    /// `0` is how long the head may be, in bytes.
    #[error(
        "The request's head, which is its first line and its headers, is larger than {0} bytes. Send fewer or shorter headers; long lists go into the body, or into several requests."
    )]
    HeadTooLarge(usize),
    /// `0` is how many headers there may be.
    #[error("The request has more than {0} headers. Send fewer.")]
    TooManyHeaders(usize),
    /// The client paused in the middle of a head, or the server stopped meanwhile.
    #[error(
        "The request's head did not arrive whole in time: it has 10 seconds, and less where the register stops. Nothing was done; send the request again."
    )]
    HeadTooSlow,
    /// `0` is how long the target may be, in bytes.
    #[error("The path and query are longer than {0} bytes together. Ask in several requests.")]
    TargetTooLong(usize),
    /// Whom the request names is nobody, or nobody here.
    #[error("{0} Send one Host header with the name under which this register is reached.")]
    BadHost(String),
    #[error("{detail}")]
    UnsupportedMediaType {
        detail: String,
        allowed: &'static [&'static str],
    },
    /// The body is packed as nobody here unpacks.
    #[error(
        "The body's Content-Encoding is none that is read here. Send the body as it is and without that header, or gzipped once with Content-Encoding: gzip; with curl: gzip < body.json | curl --data-binary @- -H 'Content-Encoding: gzip'."
    )]
    UnsupportedCoding,
    /// One client has as many requests under way as one may have.
    #[error(
        "Your address has as many requests under way as one may have, which is {0}. Wait until one is answered, and send fewer at once."
    )]
    TooManyConnections(usize),
    /// More than one client may ask, or one key; `most` a second.
    #[error(
        "{who} may send {most} requests a second, and sent more. Nothing was done; wait a second, and send fewer at once."
    )]
    TooManyRequests { who: &'static str, most: u32 },
    /// A client came with more wrong keys than are free; `0` is for how many seconds none is looked at that it did not use before.
    #[error(
        "Your address came with too many wrong keys, so no key is looked at for {0} s that was not used from there before. Check the key, then send the request again."
    )]
    TooManyAttempts(u64),
    /// Passing: what holds the database is another program's write.
    #[error("{0}")]
    Busy(&'static str),
    /// Passing: more comes at once than can be served within a second.
    #[error("{0}")]
    Overloaded(&'static str),
    /// The request's deadline has passed.
    #[error(
        "The database took too long. Nothing was changed; ask for less at once, or try again in a moment."
    )]
    TimedOut,
    #[error(
        "The register's disk is full. Nothing was changed; it can be read meanwhile. Try again when there is room."
    )]
    DiskFull,
    #[error(
        "The register's database is read-only at present. Nothing was changed; it can be read meanwhile."
    )]
    ReadOnly,
    /// The register cannot be read and written.
    #[error("The register is not ready: {0}")]
    NotReady(String),
    /// It still answers, and soon will not.
    #[error("The register is about to stop: it is draining. Send requests elsewhere.")]
    Draining,
    /// The database is away, or cannot do its work.
    #[error("{0}")]
    Unavailable(&'static str),
    /// The connection to the database died in the middle of the work, and of a write before it was told to last.
    #[error("The connection to the database was lost. Nothing was changed; try again in a moment.")]
    Lost,
    /// A write was told to last, and whether it did nobody said.
    #[error(
        "Whether the write was kept is not known: the database went away while it was told to keep it. Repeat it with the same Idempotency-Key, which does it once; without one, read first."
    )]
    OutcomeUnknown,
    #[error(
        "Something went wrong on our side; nothing was changed. The log knows more under this request_id."
    )]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// Whether it says something of what was sent; if not, of how the register fares.
    #[must_use]
    pub fn is_of_request(&self) -> bool {
        !matches!(
            self,
            Self::Busy(_)
                | Self::Overloaded(_)
                | Self::TimedOut
                | Self::DiskFull
                | Self::ReadOnly
                | Self::Unavailable(_)
                | Self::Lost
                | Self::NotReady(_)
                | Self::Draining
                | Self::OutcomeUnknown
                | Self::Internal(_)
        )
    }

    /// Whether the register can be read all the same, and only cannot be written for now.
    #[must_use]
    pub fn leaves_reading(&self) -> bool {
        matches!(
            self,
            Self::DiskFull | Self::ReadOnly | Self::Unavailable(_) | Self::Busy(_) | Self::TimedOut
        )
    }

    /// What a failure that several share means to each of them.
    #[must_use]
    pub fn shared(&self) -> Self {
        match self {
            Self::DiskFull => Self::DiskFull,
            Self::ReadOnly => Self::ReadOnly,
            Self::OutcomeUnknown => Self::OutcomeUnknown,
            Self::Unavailable(why) => Self::Unavailable(why),
            Self::Busy(why) => Self::Busy(why),
            Self::Overloaded(why) => Self::Overloaded(why),
            // Nothing was kept, and it was not their doing: they are made again.
            _ => Self::Lost,
        }
    }

    /// Whether it says nothing of this one request, so that the catalogue says as much of its code.
    #[must_use]
    pub fn is_always_the_same(&self) -> bool {
        matches!(
            self,
            Self::KeyExpired
                | Self::NoSuchPath
                | Self::IdempotencyMismatch
                | Self::StillRunning
                | Self::BodyTooSlow
                | Self::HeadTooSlow
                | Self::TimedOut
                | Self::DiskFull
                | Self::ReadOnly
                | Self::Draining
                | Self::OutcomeUnknown
                | Self::Internal(_)
        )
    }

    /// What is wrong in particular, where that is said.
    #[must_use]
    pub fn faults(&self) -> Option<&Faults> {
        match self {
            Self::Malformed(faults)
            | Self::Invalid(faults)
            | Self::NotFound { faults, .. }
            | Self::Conflict { faults, .. }
            | Self::BatchUnread { faults, .. }
            | Self::BatchRefused { faults, .. }
            | Self::BatchForbidden { faults, .. } => Some(faults),
            _ => None,
        }
    }

    /// A conflict of which one thing is said, about what stands at `pointer`.
    pub fn conflict(code: &'static str, pointer: &str, detail: impl Into<Detail>) -> Self {
        let detail = detail.into();
        Self::Conflict {
            code,
            detail: detail.sentence.clone(),
            faults: Faults::one(pointer, code, detail),
            with: None,
        }
    }

    /// The same with the record at this path.
    #[must_use]
    pub fn with_the_record_at(mut self, path: String) -> Self {
        if let Self::Conflict { with, .. } = &mut self {
            *with = Some(path);
        }
        self
    }

    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_faults_the_first_are_named_and_the_others_counted() {
        let mut faults = Faults::default();
        for number in 0..REPORTED {
            faults.add(format!("/{number}"), "type", "must be a string");
        }
        assert_eq!(faults.reported().len(), REPORTED);
        let mut other = faults.clone();
        other.add("/x", "type", "must be a string");
        faults.merge("/all", other);
        assert_eq!((faults.count(), faults.iter().count()), (201, 201));
        let reported = faults.reported();
        assert_eq!(reported.last().map(|it| it.code), Some("more_faults"));
        assert!(reported[REPORTED].detail.sentence.starts_with("101 more"));
        assert_eq!(
            faults.to_string(),
            "201 faults; the first 100 are named in errors"
        );
    }

    #[test]
    fn a_fault_repeats_the_beginning_of_what_was_sent() {
        let faults = Faults::one("ن".repeat(5_000), "type", "👍🏽".repeat(5_000));
        let reported = faults.reported();
        assert_eq!(reported[0].pointer.chars().count(), LONGEST_POINTER + 1);
        assert_eq!(reported[0].detail.sentence.chars().count(), LONGEST_DETAIL + 1);
        assert_eq!(Faults::one("/a", "b", "c").reported()[0].pointer, "/a");
    }
}
