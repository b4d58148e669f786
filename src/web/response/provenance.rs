//! What an answer of figures says of itself beside its body, in which there may be no room for it.

use axum::{
    http::{HeaderName, HeaderValue},
    response::Response,
};

use crate::{
    error::{Error, Result},
    values::Timestamp,
};

/// The names of the headers that say it, which the feature gives whose figures they are.
#[derive(Debug, Clone, Copy)]
pub struct ProvenanceHeaders {
    /// How the figures were counted.
    pub method: &'static str,
    /// The moment that they hold for.
    pub as_of: &'static str,
    /// What their reader should know.
    pub note: &'static str,
}

/// How figures were counted, and as of when.
pub struct Provenance {
    pub headers: ProvenanceHeaders,
    pub method: String,
    pub as_of: Timestamp,
}

impl Provenance {
    /// The answer that says so; with a note, where its reader needs one.
    pub fn on(&self, mut answer: Response, note: Option<&str>) -> Result<Response> {
        let mut say = |name: &str, text: &str| {
            let name: HeaderName = name.parse().map_err(Error::internal)?;
            let text = HeaderValue::from_str(text).map_err(Error::internal)?;
            answer.headers_mut().insert(name, text);
            Ok(())
        };
        say(self.headers.method, &self.method)?;
        say(self.headers.as_of, &self.as_of.to_rfc3339())?;
        if let Some(note) = note {
            say(self.headers.note, note)?;
        }
        Ok(answer)
    }
}
