//! What an answer of figures says of itself beside its body, in which there may be no room for it.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue},
    response::Response,
};

use crate::{
    error::{Error, Result},
    values::Timestamp,
    web::{
        layers::{PLEDGEBOOK_AS_OF, PLEDGEBOOK_BASIS, PLEDGEBOOK_NOTE},
        now,
    },
};

/// Tells anew as of when figures hold, in an answer that still does.
pub fn now_in_head(headers: &mut HeaderMap) {
    if let Some(at) = headers.get_mut(PLEDGEBOOK_AS_OF)
        && let Ok(now) = HeaderValue::from_str(&now().to_rfc3339())
    {
        *at = now;
    }
}

/// How figures were counted, and as of when.
pub struct Provenance {
    pub(super) basis: String,
    pub(super) at: Timestamp,
}

impl Provenance {
    /// As of now.
    #[must_use]
    pub fn of(basis: String) -> Self {
        Self { basis, at: now() }
    }

    /// The answer that says so; with a note, where its reader needs one.
    pub fn on(&self, mut answer: Response, note: Option<&str>) -> Result<Response> {
        let mut say = |name: HeaderName, text: &str| {
            let text = HeaderValue::from_str(text).map_err(Error::internal)?;
            answer.headers_mut().insert(name, text);
            Ok(())
        };
        say(PLEDGEBOOK_BASIS, &self.basis)?;
        say(PLEDGEBOOK_AS_OF, &self.at.to_rfc3339())?;
        if let Some(note) = note {
            say(PLEDGEBOOK_NOTE, note)?;
        }
        Ok(answer)
    }
}
