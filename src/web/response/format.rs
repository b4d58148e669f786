//! In which form an answer goes out: the path's ending decides, then `format=`, else `Accept`.

use axum::http::{header, request::Parts};
use serde_json::{Value, json};

use super::{Extent, Layout, RowWriter, Spec, csv, json, ndjson};
use crate::{
    error::{Error, Result},
    values::vocabulary,
    web::Query,
};

vocabulary! {
    /// The forms of an answer. Records come as JSON alone, lists and totals in all three.
    Format as "Format" { Json = "json", Csv = "csv", Ndjson = "ndjson" }
}

// One that is not among all would never be offered.
const _: () = assert!(Format::ALL.len() == Format::WORDS.len());

impl Format {
    pub const JSON: &'static [Self] = &[Self::Json];
    /// Of an answer whose form is not to be chosen, or chosen elsewhere.
    pub const FIXED: &'static [Self] = &[];
    pub const ALL: &'static [Self] = &[Self::Json, Self::Csv, Self::Ndjson];
    /// Those that have paths of their own, which end in them.
    pub const APART: &'static [Self] = &[Self::Csv, Self::Ndjson];

    /// The one place that knows which format is which.
    const fn spec(self) -> &'static Spec {
        match self {
            Self::Json => &json::SPEC,
            Self::Csv => &csv::SPEC,
            Self::Ndjson => &ndjson::SPEC,
        }
    }

    #[must_use]
    pub const fn media_type(self) -> &'static str {
        self.spec().media_type
    }

    #[must_use]
    pub const fn extent(self) -> Extent {
        self.spec().extent
    }

    #[must_use]
    pub const fn layout(self) -> Layout {
        self.spec().layout
    }

    #[must_use]
    pub const fn takes_bom(self) -> bool {
        self.spec().takes_bom
    }

    pub(in crate::web) fn writer(self) -> Box<dyn RowWriter> {
        (self.spec().writer)()
    }

    /// An answer of this schema in this format, as the contract describes it.
    pub(in crate::web) fn described(self, schema: &Value) -> Value {
        match self.spec().described {
            None => schema.clone(),
            Some(text) => json!({ "type": "string", "description": text }),
        }
    }

    /// This one alone.
    const fn alone(self) -> &'static [Self] {
        match self {
            Self::Json => &[Self::Json],
            Self::Csv => &[Self::Csv],
            Self::Ndjson => &[Self::Ndjson],
        }
    }

    /// A path without the ending that asks for a form, and that form: no key holds a dot.
    #[must_use]
    pub fn split(path: &str) -> (&str, Option<Self>) {
        let ending = path.rsplit_once('.').and_then(|(plain, ending)| {
            let form = Self::APART.iter().find(|it| it.as_str() == ending)?;
            Some((plain, Some(*form)))
        });
        ending.unwrap_or((path, None))
    }

    /// The forms in which a path is answered, of those that its handler offers.
    pub(in crate::web) fn offered_at(path: &str, offered: &'static [Self]) -> &'static [Self] {
        match Self::split(path) {
            (_, Some(form)) if offered.contains(&form) => form.alone(),
            _ => offered,
        }
    }

    /// Whether a word of the query can be asked of an answer in this form.
    pub(in crate::web) fn goes_with(self, word: &str) -> bool {
        match word {
            "bom" => self.takes_bom(),
            "pretty" => self == Self::Json,
            "count" | "facets" => self.extent() == Extent::Page,
            "expand" => self.layout() == Layout::Object,
            _ => true,
        }
    }

    /// The media type without its parameters.
    pub(in crate::web) fn essence(self) -> &'static str {
        self.media_type().split(';').next().unwrap_or_default()
    }

    /// The form that is asked for, of those that are `offered`; where `Accept` likes several equally, the first of them.
    pub fn read(parts: &Parts, query: &mut Query, offered: &'static [Self]) -> Result<Self> {
        match *offered {
            [] => return Ok(Self::Json),
            // The path has said it.
            [only] if only != Self::Json => return Ok(only),
            _ => {}
        }
        let names = |formats: &[Self]| formats.iter().map(|it| it.essence()).collect::<Vec<_>>();
        if let Some(format) = query.one::<Self>("format") {
            return if offered.contains(&format) {
                Ok(format)
            } else {
                Err(Error::NotAcceptable {
                    detail: format!(
                        "This path answers with {} alone; {format} is for lists and totals. Leave format out.",
                        names(offered).join(", ")
                    ),
                    allowed: names(offered),
                })
            };
        }
        let accept: Vec<_> = parts
            .headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let accept = accept.join(",");
        if query.is_given("format") || accept.trim().is_empty() {
            return Ok(Self::Json);
        }
        let mut best: Option<(f32, Self)> = None;
        for format in offered {
            let quality = quality(&accept, format.essence());
            if quality > 0.0 && best.is_none_or(|(so_far, _)| quality > so_far) {
                best = Some((quality, *format));
            }
        }
        let best = best.map(|(_, format)| format);
        // Whoever takes problems alone reads JSON; beside another form they are no wish for it. So does a browser, where there is no page.
        let reads_json = || is_named(&accept, "application/problem+json") || is_named(&accept, "text/html");
        best.or_else(|| reads_json().then_some(Self::Json)).ok_or_else(|| {
            Error::NotAcceptable {
                detail: format!(
                    "This path answers with {}, and Accept asks for none of these. Send Accept: application/json, or leave it out.",
                    names(offered).join(", ")
                ),
                allowed: names(offered),
            }
        })
    }
}

/// Whether an `Accept` names a media type, and takes it.
fn is_named(accept: &str, essence: &str) -> bool {
    let names = |range: &str| range.trim_start().to_ascii_lowercase().starts_with(essence);
    accept.split(',').any(names) && quality(accept, essence) > 0.0
}

/// How much an `Accept` likes a media type: its most specific range decides (RFC 9110, 12.5.1).
pub(super) fn quality(accept: &str, essence: &str) -> f32 {
    let (kind, _) = essence.split_once('/').unwrap_or((essence, ""));
    let mut found = (0, 0.0);
    for range in accept.split(',') {
        let mut pieces = range.split(';').map(str::trim);
        let range = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let quality: f32 = pieces
            .find_map(|piece| piece.strip_prefix(['q', 'Q'])?.strip_prefix('='))
            .map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        let specific = match range.as_str() {
            range if range == essence => 3,
            range if range.strip_suffix("/*") == Some(kind) => 2,
            "*/*" | "*" => 1,
            _ => continue,
        };
        if specific > found.0 {
            found = (specific, quality);
        }
    }
    found.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_in_its_form() {
        assert_eq!(
            Format::split("/v1/pledges.csv"),
            ("/v1/pledges", Some(Format::Csv))
        );
        assert_eq!(
            Format::split("/v1/pledges/batch.ndjson"),
            ("/v1/pledges/batch", Some(Format::Ndjson))
        );
        for plain in [
            "/v1/pledges",
            "/v1/pledges.json",
            "/v1/pledges.CSV",
            "/v1/csv",
            "/",
        ] {
            assert_eq!(Format::split(plain), (plain, None));
        }
        assert_eq!(Format::offered_at("/v1/pledges.csv", Format::ALL), [Format::Csv]);
        assert_eq!(Format::offered_at("/v1/pledges.csv", Format::JSON), Format::JSON);
        assert_eq!(Format::offered_at("/v1/pledges", Format::ALL), Format::ALL);
    }

    #[test]
    fn the_most_specific_range_decides() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        assert!((quality(browser, "application/json") - 0.8).abs() < f32::EPSILON);
        assert!(quality("application/json;q=0, */*", "application/json").abs() < f32::EPSILON);
        assert!(quality("text/*", "text/csv") > 0.5);
        assert!(quality("text/html", "application/json").abs() < f32::EPSILON);
        assert!(quality("text/csv;Q=0.0", "text/csv").abs() < f32::EPSILON);
        assert!(is_named(
            "text/html, application/problem+json",
            "application/problem+json"
        ));
        assert!(!is_named(
            "application/problem+json;q=0",
            "application/problem+json"
        ));
        assert!(!is_named("text/*", "text/html"));
    }
}
