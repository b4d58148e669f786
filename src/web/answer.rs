//! Answers: JSON in the reader's language, an `ETag` of what it says, 304 where nothing changed.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, utf8_percent_encode};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Paged, Query};
use crate::{
    error::{Error, Result},
    values::{Language, Timestamp},
};

/// What a request asks of any answer: a language, and what the client already has.
pub struct Asked {
    pub language: Language,
    /// Where it was asked, without a cursor, for the link to the next page.
    address: String,
    /// Whether it only reads, so that what the client already has need not be sent again.
    reads: bool,
    if_none_match: Option<String>,
    if_match: Option<String>,
}

impl Asked {
    pub fn read(parts: &Parts, query: &mut Query) -> Self {
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
            .or_else(|| header(header::ACCEPT_LANGUAGE).and_then(|accept| preferred(&accept)))
            .unwrap_or(Language::En);
        let kept: Vec<_> = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("after="))
            .collect();
        Self {
            language,
            address: ascii(&format!("{}?{}", parts.uri.path(), kept.join("&"))),
            reads: parts.method.is_safe(),
            if_none_match: header(header::IF_NONE_MATCH),
            if_match: header(header::IF_MATCH),
        }
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

    fn already_has(&self, etag: &str) -> bool {
        self.reads
            && self.if_none_match.as_deref().is_some_and(|tags| {
                tags.split(',')
                    .map(str::trim)
                    .any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
            })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut query = Query::of(parts);
        let asked = Self::read(parts, &mut query);
        query.done()?;
        Ok(asked)
    }
}

/// Whether an entity tag is of a version, in whichever representation; `*` is of any that there is.
fn of_version(tag: &str, version: Option<i64>) -> bool {
    let number = || tag.trim_start_matches("W/").trim_matches('"').split('.').next();
    version.is_some() && (tag == "*" || number().and_then(|number| number.parse().ok()) == version)
}

/// An address as it may stand in a header: what a client sent unencoded is encoded.
pub(super) fn ascii(address: &str) -> String {
    utf8_percent_encode(address, &AsciiSet::EMPTY).to_string()
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

fn json<T: Serialize>(asked: &Asked, version: Option<i64>, body: &T) -> Result<(HeaderMap, Vec<u8>, String)> {
    let bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    let (headers, etag) = headed(asked, version, "application/json", &bytes)?;
    Ok((headers, bytes, etag))
}

fn headed(
    asked: &Asked,
    version: Option<i64>,
    content_type: &'static str,
    bytes: &[u8],
) -> Result<(HeaderMap, String)> {
    let hash = hash(bytes);
    let etag = match version {
        Some(version) => format!("\"{version}.{hash}\""),
        None => format!("\"{hash}\""),
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(asked.language.as_str()),
    );
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Accept-Language, Authorization"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::ETAG,
        HeaderValue::from_str(&etag).map_err(Error::internal)?,
    );
    Ok((headers, etag))
}

/// What tells one representation from another.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..9])
}

fn fresh(asked: &Asked, headers: HeaderMap, bytes: Vec<u8>, etag: &str) -> Response {
    if asked.already_has(etag) {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, bytes).into_response()
    }
}

/// One record, or one answer of another kind (then without a version).
pub fn item<T: Serialize>(asked: &Asked, version: impl Into<Option<i64>>, view: &T) -> Result<Response> {
    let (headers, bytes, etag) = json(asked, version.into(), view)?;
    Ok(fresh(asked, headers, bytes, &etag))
}

/// A page for people, in the reader's language.
pub fn page(asked: &Asked, html: String) -> Result<Response> {
    let bytes = html.into_bytes();
    let (headers, etag) = headed(asked, None, "text/html; charset=utf-8", &bytes)?;
    Ok(fresh(asked, headers, bytes, &etag))
}

/// A file that comes with the program: the same for every reader, and to be kept for a day.
pub fn file(asked: &Asked, content_type: &'static str, bytes: &'static [u8]) -> Result<Response> {
    let (mut headers, etag) = headed(asked, None, content_type, bytes)?;
    headers.remove(header::CONTENT_LANGUAGE);
    headers.remove(header::VARY);
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=86400"),
    );
    if asked.already_has(&etag) {
        Ok((StatusCode::NOT_MODIFIED, headers).into_response())
    } else {
        Ok((headers, bytes).into_response())
    }
}

/// A record that now is: 201, where it lives, and the whole of it.
pub fn created<T: Serialize>(asked: &Asked, location: &str, version: i64, view: &T) -> Result<Response> {
    let (mut headers, bytes, _) = json(asked, Some(version), view)?;
    headers.insert(
        header::LOCATION,
        HeaderValue::from_str(location).map_err(Error::internal)?,
    );
    Ok((StatusCode::CREATED, headers, bytes).into_response())
}

#[must_use]
pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

#[derive(Serialize)]
struct ListBody<'a, T> {
    items: &'a [T],
    next: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<i64>,
}

/// A page of a list, with a link to the next one.
pub fn list<R, T: Serialize>(asked: &Asked, paged: &Paged<R>, items: &[T]) -> Result<Response> {
    let body = ListBody {
        items,
        next: paged.next.as_deref(),
        count: paged.count,
    };
    let (mut headers, bytes, etag) = json(asked, None, &body)?;
    if let Some(next) = &paged.next {
        let separator = if asked.address.ends_with('?') { "" } else { "&" };
        let link = format!("<{}{separator}after={next}>; rel=\"next\"", asked.address);
        headers.insert(
            header::LINK,
            HeaderValue::from_str(&link).map_err(Error::internal)?,
        );
    }
    Ok(fresh(asked, headers, bytes, &etag))
}

/// Now, to the microsecond that both databases keep.
#[must_use]
pub fn now() -> Timestamp {
    use chrono::{SubsecRound, Utc};
    Utc::now().trunc_subsecs(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_accepted_language_is_taken() {
        assert_eq!(preferred("ar-KW,en;q=0.8"), Some(Language::Ar));
        assert_eq!(preferred("de, fr;q=0.5, en;q=0.9"), Some(Language::En));
        assert_eq!(preferred("de, *;q=0.1"), None);
        assert_eq!(preferred("ar;q=0, en;q=0.1"), Some(Language::En));
    }
}
