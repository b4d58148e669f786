//! In which form an answer is wanted: a page for people, or data for programs.

use axum::http::{HeaderMap, Uri, header};

/// Whether a browser asks: `Accept` names `text/html`, and likes nothing that a program reads better.
///
/// What accepts anything (`*/*`, or no `Accept` at all) is a program.
#[must_use]
pub fn prefers_html(headers: &HeaderMap) -> bool {
    prefers(headers, "text/html", "application/json")
}

/// Whether JSON is to be laid out for people: as `pretty` says, else where a browser asks.
#[must_use]
pub(in crate::web) fn is_for_people(uri: &Uri, headers: &HeaderMap) -> bool {
    let said = uri
        .query()
        .and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("pretty=")));
    said.map_or_else(|| prefers_html(headers), |said| said == "true")
}

/// Whether `Accept` names this form, and likes it as much at least as what is answered otherwise.
#[must_use]
pub fn prefers(headers: &HeaderMap, form: &str, usual: &str) -> bool {
    let accept: Vec<_> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(Range::of)
        .collect();
    let of = |name: &str| accept.iter().find(|range| range.name == name);
    let Some(named) = of(form) else { return false };
    // The most specific range that covers the other one says how much that is liked.
    let kind = usual.split('/').next().unwrap_or_default();
    let other = of(usual)
        .or_else(|| of(&format!("{kind}/*")))
        .or_else(|| of("*/*"))
        .map_or(0.0, |range| range.quality);
    named.quality > 0.0 && named.quality >= other
}

/// One media range of an `Accept`.
struct Range {
    name: String,
    quality: f32,
}

impl Range {
    fn of(text: &str) -> Self {
        let mut pieces = text.split(';').map(str::trim);
        Self {
            name: pieces.next().unwrap_or_default().to_ascii_lowercase(),
            quality: pieces
                .find_map(|piece| piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q=")))
                .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_to_whoever_names_it_and_likes_it_best() {
        let prefers = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            prefers_html(&headers)
        };
        for browser in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "application/json;q=0.5, text/html;q=0.6",
            "application/json, text/html",
            "text/html;q=0.4, */*;q=0.8, application/json;q=0.1",
        ] {
            assert!(prefers(browser), "{browser}");
        }
        for program in [
            "*/*",
            "",
            "text/*",
            "application/json",
            "application/json, text/html;q=0.9",
            "text/html;q=0.5, */*;q=0.8",
            "text/html;q=0",
            "text/html;q=much",
        ] {
            assert!(!prefers(program), "{program}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }
}
