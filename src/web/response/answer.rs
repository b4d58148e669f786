//! Answers: JSON in the reader's language, an `ETag` of what it says, 304 where nothing changed.

use axum::{
    Extension,
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    web::{Depends, RequestOptions, coding::Unsent},
};

use super::pretty::indented;

/// What every successful answer says of itself.
pub(in crate::web) fn headers(asked: &RequestOptions, etag: &str) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asked.format.media_type()),
    );
    headers.insert(
        header::CONTENT_LANGUAGE,
        HeaderValue::from_static(asked.language.as_str()),
    );
    headers.insert(
        header::VARY,
        HeaderValue::from_static("Accept, Accept-Encoding, Accept-Language, Authorization"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::ETAG,
        HeaderValue::from_str(etag).map_err(Error::internal)?,
    );
    Ok(headers)
}

/// What tells one representation from another.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..9])
}

/// The version, where there is one, and the representation.
pub(in crate::web) fn etag(version: Option<i64>, bytes: &[u8]) -> String {
    let hash = hash(bytes);
    match version {
        Some(version) => format!("\"{version}.{hash}\""),
        None => format!("\"{hash}\""),
    }
}

fn json<T: Serialize>(
    asked: &RequestOptions,
    version: Option<i64>,
    body: &T,
) -> Result<(HeaderMap, Vec<u8>, String)> {
    let mut bytes = serde_json::to_vec(body).map_err(Error::internal)?;
    if asked.pretty {
        bytes = indented(&bytes);
    } else {
        bytes.push(b'\n');
    }
    let etag = etag(version, &bytes);
    Ok((headers(asked, &etag)?, bytes, etag))
}

pub(in crate::web) fn fresh(
    asked: &RequestOptions,
    headers: HeaderMap,
    bytes: impl Into<Bytes>,
    etag: &str,
) -> Response {
    let bytes = bytes.into();
    if asked.already_has(etag) {
        not_modified(headers, Unsent::of(bytes.len()))
    } else {
        (headers, bytes).into_response()
    }
}

/// That the client has it already.
pub(in crate::web) fn not_modified(headers: HeaderMap, unsent: Unsent) -> Response {
    (StatusCode::NOT_MODIFIED, headers, Extension(unsent)).into_response()
}

/// One record, or one answer of another kind (then without a version).
pub fn item<T: Serialize>(
    asked: &RequestOptions,
    version: impl Into<Option<i64>>,
    view: &T,
) -> Result<Response> {
    let version = version.into();
    let (mut headers, bytes, etag) = json(asked, version, view)?;
    if asked.reads {
        return Ok(fresh(asked, headers, bytes, &etag));
    }
    headers.extend(asked.applied());
    if asked.prefer.minimal && version.is_some() {
        headers.remove(header::CONTENT_TYPE);
        return Ok((StatusCode::NO_CONTENT, headers).into_response());
    }
    Ok((headers, bytes).into_response())
}

/// The same, with a link to what follows it.
pub fn paged<T: Serialize>(asked: &RequestOptions, view: &T, next: Option<&str>) -> Result<Response> {
    let mut answer = item(asked, None, view)?;
    answer.headers_mut().extend(link(asked, next)?);
    Ok(answer)
}

/// JSON that was made before, and is the same for everybody who asks there.
pub fn prepared(asked: &RequestOptions, bytes: impl Into<Bytes>) -> Result<Response> {
    let bytes = bytes.into();
    let etag = etag(None, &bytes);
    let answer = fresh(asked, headers(asked, &etag)?, bytes, &etag);
    Ok(Depends::OnNothing.said_with(answer))
}

/// An answer that is for who asked alone: nothing between the register and them keeps it.
#[must_use]
pub fn private(mut answer: Response) -> Response {
    answer
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Depends::OnWhoAsks.said_with(answer)
}

/// A page for people, in the reader's language.
pub fn page(asked: &RequestOptions, html: String) -> Result<Response> {
    let bytes = html.into_bytes();
    let etag = etag(None, &bytes);
    let mut headers = headers(asked, &etag)?;
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    Ok(fresh(asked, headers, bytes, &etag))
}

/// A file that comes with the program: the same for every reader, and to be kept for a day.
pub fn file(asked: &RequestOptions, content_type: &'static str, bytes: &'static [u8]) -> Result<Response> {
    let etag = etag(None, bytes);
    let mut headers = headers(asked, &etag)?;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.remove(header::CONTENT_LANGUAGE);
    headers.remove(header::VARY);
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=86400"),
    );
    let answer = fresh(asked, headers, bytes, &etag);
    Ok(Depends::OnNothing.said_with(answer))
}

/// A record that now is: 201, where it lives, and the whole of it.
pub fn created<T: Serialize>(
    asked: &RequestOptions,
    location: &str,
    version: i64,
    view: &T,
) -> Result<Response> {
    let (mut headers, bytes, _) = json(asked, Some(version), view)?;
    headers.insert(
        header::LOCATION,
        HeaderValue::from_str(location).map_err(Error::internal)?,
    );
    headers.extend(asked.applied());
    if asked.prefer.minimal {
        headers.remove(header::CONTENT_TYPE);
        return Ok((StatusCode::CREATED, headers).into_response());
    }
    Ok((StatusCode::CREATED, headers, bytes).into_response())
}

#[must_use]
pub fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A page of a list, with a link to the next one.
pub(in crate::web) fn list(asked: &RequestOptions, page: Vec<u8>, next: Option<&str>) -> Result<Response> {
    let page = if asked.pretty { indented(&page) } else { page };
    let etag = etag(None, &page);
    let mut headers = headers(asked, &etag)?;
    headers.extend(link(asked, next)?);
    Ok(fresh(asked, headers, page, &etag))
}

/// The link to the next page (RFC 8288), where there is one.
pub(in crate::web) fn link(
    asked: &RequestOptions,
    next: Option<&str>,
) -> Result<Option<(HeaderName, HeaderValue)>> {
    next.map(|next| {
        let separator = if asked.address.ends_with('?') { "" } else { "&" };
        let link = format!("<{}{separator}after={next}>; rel=\"next\"", asked.address);
        HeaderValue::from_str(&link)
            .map(|link| (header::LINK, link))
            .map_err(Error::internal)
    })
    .transpose()
}
