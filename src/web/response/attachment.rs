//! The name under which an answer is kept.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::{
    values::Timestamp,
    web::{Format, RequestOptions},
};

/// How much of how it was counted stands in a file's name.
const MOST_WORDS: usize = 150;

/// The file's name, where the answer is one to keep: what it holds, how it was counted where it is of figures, and as of
/// when.
pub(super) fn attachment(asked: &RequestOptions, method: Option<&str>, as_of: Timestamp) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let path = asked.address.split('?').next().unwrap_or_default();
    let (path, _) = Format::split(path);
    let mut name: String = path
        .trim_start_matches("/v1/")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    if let Some(words) = method {
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | ',');
        let words = words.replace("; ", "_").replace(|c: char| !safe(c), "");
        // A name has at most 255 bytes, and the sources of rates may be many.
        name = format!("{name}_{}", words.get(..MOST_WORDS).unwrap_or(&words));
    }
    let at = as_of.format("%Y-%m-%dT%H%M%SZ");
    let disposition = format!("attachment; filename=\"{name}_{at}.{}\"", asked.format);
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers
}
