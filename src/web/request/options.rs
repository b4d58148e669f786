//! What a request asks of any answer, and of one record's: form, language, precondition, preference.

use std::marker::PhantomData;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header, request::Parts},
    response::Response,
};
use chrono::NaiveDate;
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde::Serialize;

use super::{Dated, Prefer, Query, prefer, prefers_html};
use crate::{
    db::Reader,
    error::{Error, Result},
    values::{Language, Viewpoint},
    web::{
        Format, Shape, Shown,
        arrival::Arrival,
        base::Base,
        coding::{self, Coding},
        item,
    },
};

/// What a request asks of any answer: a form, a language, and what the client already has.
pub struct RequestOptions {
    pub format: Format,
    pub language: Language,
    /// The day on which it is asked.
    pub(in crate::web) today: NaiveDate,
    /// Whether it begins with a byte order mark.
    pub(in crate::web) bom: bool,
    /// Whether JSON is wanted for people to read.
    pub(in crate::web) pretty: bool,
    /// Where who asks finds the register.
    pub base: Base,
    /// Where it was asked, without a cursor, for the link to the next page.
    pub(in crate::web) address: String,
    /// Whether it only reads, so that what the client already has need not be sent again.
    pub(in crate::web) reads: bool,
    /// How the answer to a write is preferred.
    pub(in crate::web) prefer: Prefer,
    /// What the answer will be packed in.
    pub(in crate::web) coding: Coding,
    if_none_match: Option<String>,
    if_match: Option<String>,
}

impl RequestOptions {
    /// Reads it, of an answer that comes in the `offered` forms.
    pub fn read(parts: &Parts, query: &mut Query, offered: &'static [Format]) -> Result<Self> {
        let offered = Format::offered_at(parts.uri.path(), offered);
        let format = Format::read(parts, query, offered)?;
        // A word that goes with no form in which this can be answered is unknown here.
        let any_goes_with = |word| offered.iter().any(|it| it.goes_with(word));
        let bom = any_goes_with("bom") && query.flag("bom").unwrap_or(false);
        if bom && !format.goes_with("bom") {
            query.fault("bom", "format", "bom=true goes with format=csv");
        }
        let may_be_pretty = offered.is_empty() || any_goes_with("pretty");
        let pretty = may_be_pretty.then(|| query.flag("pretty")).flatten();
        let header = |name: HeaderName| -> Option<String> {
            // A tag that is no text matches nothing; passed over, it would let a write through.
            let values: Vec<_> = parts
                .headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()))
                .collect();
            (!values.is_empty()).then(|| values.join(","))
        };
        let language = query
            .one("lang")
            .or_else(|| accepted(&parts.headers))
            .unwrap_or(Language::En);
        let kept: Vec<_> = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("after="))
            .collect();
        Ok(Self {
            format,
            language,
            today: query.today(),
            bom,
            pretty: pretty.unwrap_or_else(|| prefers_html(&parts.headers)),
            base: parts
                .extensions
                .get::<Arrival>()
                .map(|arrival| arrival.base().clone())
                .unwrap_or_default(),
            address: ascii(&format!("{}?{}", parts.uri.path(), kept.join("&"))),
            reads: parts.method.is_safe(),
            prefer: Prefer::read(&parts.headers),
            coding: parts.extensions.get().copied().unwrap_or_default(),
            if_none_match: header(header::IF_NONE_MATCH),
            if_match: header(header::IF_MATCH),
        })
    }

    /// From where its reader looks.
    #[must_use]
    pub fn viewpoint(&self) -> Viewpoint {
        Viewpoint {
            language: self.language,
            today: self.today,
        }
    }

    /// The same, answered whole: of what is shown this once nothing is left out.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.prefer.minimal = false;
        self
    }

    /// The same, whatever the client has already: of what is answered nothing tells whether it has changed.
    pub fn pass_over_tags(&mut self) {
        self.if_none_match = None;
    }

    /// Refuses a write to a version that the client has not seen, or has ruled out.
    /// `current` is none where there is nothing yet.
    pub fn must_match(&self, current: impl Into<Option<i64>>) -> Result<()> {
        let current = current.into();
        let names = |tags: &String| tags.split(',').any(|tag| of_version(tag.trim(), current));
        let wanted = self.if_match.as_ref().is_none_or(names);
        let ruled_out = self.if_none_match.as_ref().is_some_and(names);
        if wanted && !ruled_out {
            Ok(())
        } else {
            Err(Error::Stale { current })
        }
    }

    /// The preference that is heeded, of the two that single writes know.
    pub(in crate::web) fn applied(&self) -> Option<(HeaderName, HeaderValue)> {
        let heeded = Prefer {
            handling: None,
            ..self.prefer
        };
        heeded.applied().map(|value| (prefer::APPLIED, value))
    }

    pub(in crate::web) fn already_has(&self, etag: &str) -> bool {
        self.reads
            && self.if_none_match.as_deref().is_some_and(|tags| {
                tags.split(',')
                    .map(str::trim)
                    .any(|tag| tag == "*" || coding::is_same(tag, etag))
            })
    }

    /// The same, and what the client has was packed.
    pub(in crate::web) fn already_has_packed(&self, etag: &str) -> bool {
        self.reads
            && self.if_none_match.as_deref().is_some_and(|tags| {
                tags.split(',')
                    .map(str::trim)
                    .any(|tag| coding::is_packed(tag) && coding::is_same(tag, etag))
            })
    }
}

impl<S: Dated> FromRequestParts<S> for RequestOptions {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let asked = Self::read(parts, &mut query, Format::JSON)?;
        query.done()?;
        Ok(asked)
    }
}

/// One record that is asked for, in the form that is asked for.
pub struct RecordRequest<R: Shown> {
    pub asked: RequestOptions,
    shape: Shape,
    record: PhantomData<fn() -> R>,
}

impl<R: Shown> RecordRequest<R> {
    pub fn read(parts: &Parts, query: &mut Query) -> Result<Self> {
        Ok(Self {
            asked: RequestOptions::read(parts, query, Format::JSON)?,
            shape: Shape::read::<R>(query),
            record: PhantomData,
        })
    }

    /// The record, as `view` shows it; without a version where it is none of its own.
    pub async fn answer(
        &self,
        conn: &mut Reader,
        record: &R,
        version: impl Into<Option<i64>>,
        view: &impl Serialize,
    ) -> Result<Response> {
        let version = version.into();
        let answer = if self.shape.is_plain() {
            item(&self.asked, version, view)
        } else {
            let shaped = self
                .shape
                .shape(
                    conn,
                    std::slice::from_ref(record),
                    &[view],
                    self.asked.viewpoint(),
                )
                .await?;
            item(&self.asked, version, &shaped.first())
        };
        let depends = self.shape.depends::<R>(record.depends());
        answer.map(|answer| depends.said_with(answer))
    }
}

impl<S: Dated, R: Shown> FromRequestParts<S> for RecordRequest<R> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let single = Self::read(parts, &mut query)?;
        query.done()?;
        Ok(single)
    }
}

/// The version of what is shown and was never written, as its entity tag and a write to it have it.
pub const UNWRITTEN: i64 = 0;

/// Whether an entity tag is of a version, in whichever representation; `*` is of any that was written.
fn of_version(tag: &str, version: Option<i64>) -> bool {
    let number = || coding::bare(tag).trim_matches('"').split('.').next();
    version.is_some_and(|version| match tag {
        "*" => version != UNWRITTEN,
        _ => number().and_then(|number| number.parse().ok()) == Some(version),
    })
}

/// An address as it may stand in a header: what a client sent unencoded is encoded.
pub(in crate::web) fn ascii(address: &str) -> String {
    utf8_percent_encode(address, &AsciiSet::EMPTY).to_string()
}

/// The language in which a request is answered, also where it is refused before it is read: one that no `lang` names is
/// passed over.
pub(in crate::web) fn language_of(uri: &Uri, headers: &HeaderMap) -> Language {
    let pairs = uri.query().unwrap_or_default().split('&');
    let mut asked = pairs.filter_map(|pair| pair.strip_prefix("lang=")?.parse().ok());
    asked.next().or_else(|| accepted(headers)).unwrap_or(Language::En)
}

/// The best of our languages that the headers accept.
fn accepted(headers: &HeaderMap) -> Option<Language> {
    let accept: Vec<_> = headers
        .get_all(header::ACCEPT_LANGUAGE)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    preferred(&accept.join(","))
}

/// The version that a record's entity tag names, in whichever representation.
pub(in crate::web) fn version_of(tag: &str) -> Option<i64> {
    let (version, _) = coding::bare(tag).trim_matches('"').split_once('.')?;
    version.parse().ok()
}

/// The best of our languages in an `Accept-Language`.
fn preferred(accept: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for part in accept.split(',') {
        let mut pieces = part.split(';');
        let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
        let quality = pieces
            .find_map(|piece| piece.trim().strip_prefix("q="))
            .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        let language = tag.split('-').next().unwrap_or_default().parse().ok();
        if let Some(language) = language
            && quality > 0.0
            && best.is_none_or(|(so_far, _)| quality > so_far)
        {
            best = Some((quality, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::assert_in_proportion;

    #[test]
    fn long_lists_in_a_head_cost_their_length() {
        let request = |count: usize| {
            let list = |of: fn(usize) -> String| (0..count).map(of).collect::<Vec<_>>().join(",");
            let request = axum::http::Request::get("/v1/pledges")
                .header(
                    header::ACCEPT,
                    list(|number| format!("text/t{number};q=0.{number}")),
                )
                .header(header::ACCEPT, "*/*;q=0.1")
                .header(header::ACCEPT_LANGUAGE, list(|number| format!("x{number};q=0.5")))
                .header(header::IF_MATCH, list(|number| format!("W/\"{number}.x\"")))
                .header(header::IF_NONE_MATCH, list(|number| format!("\"{number}\"")))
                .header(header::IF_NONE_MATCH, ",".repeat(count));
            request.body(()).unwrap().into_parts().0
        };
        assert_in_proportion(300, request, |parts| {
            let asked = RequestOptions::read(parts, &mut Query::of(parts, NaiveDate::default()), Format::ALL)
                .unwrap();
            assert_eq!(asked.language, Language::En);
            assert!(asked.must_match(-1).is_err());
            assert!(!asked.already_has("\"x\""));
            assert!(!crate::web::prefers_html(&parts.headers));
        });
    }

    #[test]
    fn the_best_accepted_language_is_taken() {
        assert_eq!(preferred("ar-KW,en;q=0.8"), Some(Language::Ar));
        assert_eq!(preferred("de, fr;q=0.5, en;q=0.9"), Some(Language::En));
        assert_eq!(preferred("de, *;q=0.1"), None);
        assert_eq!(preferred("ar;q=0, en;q=0.1"), Some(Language::En));
    }
}
