//! `Prefer` (RFC 7240): how a client would like a write to be taken and answered.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, request::Parts},
};

use crate::error::Error;

pub const PREFER: HeaderName = HeaderName::from_static("prefer");
pub(in crate::web) const APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What becomes of a batch in which something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// All of it is written, or nothing.
    Strict,
    /// What is right is written.
    Lenient,
}

/// The preferences that the register knows; others are passed over, as is one that it cannot read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Prefer {
    /// `return=minimal`: no more than need be.
    pub minimal: bool,
    /// `return=representation`: the whole of what was written.
    pub representation: bool,
    pub handling: Option<Handling>,
}

impl Prefer {
    /// Of a preference that stands twice, the first holds.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        let mut prefer = Self::default();
        // Only what is known is remembered, so that a long list costs its length and no more.
        let (mut returns, mut handles) = (false, false);
        for value in headers.get_all(&PREFER) {
            let Ok(value) = value.to_str() else { continue };
            for preference in split(value, ',') {
                // What follows a semicolon are a preference's parameters; ours have none.
                let stated = split(preference, ';').next().unwrap_or_default();
                let (name, value) = stated.split_once('=').unwrap_or((stated, ""));
                let name = name.trim();
                let value = value.trim().trim_matches('"');
                if name.eq_ignore_ascii_case("return") && !returns {
                    returns = true;
                    prefer.minimal = value.eq_ignore_ascii_case("minimal");
                    prefer.representation = value.eq_ignore_ascii_case("representation");
                } else if name.eq_ignore_ascii_case("handling") && !handles {
                    handles = true;
                    prefer.handling = [("strict", Handling::Strict), ("lenient", Handling::Lenient)]
                        .into_iter()
                        .find(|(word, _)| value.eq_ignore_ascii_case(word))
                        .map(|(_, handling)| handling);
                }
            }
        }
        prefer
    }

    /// `Preference-Applied`: what was done as preferred; none where nothing was asked for.
    #[must_use]
    pub fn applied(&self) -> Option<HeaderValue> {
        HeaderValue::from_static(match (self.minimal, self.representation, self.handling) {
            (false, false, None) => return None,
            (true, _, None) => "return=minimal",
            (_, true, None) => "return=representation",
            (false, false, Some(Handling::Strict)) => "handling=strict",
            (true, _, Some(Handling::Strict)) => "return=minimal, handling=strict",
            (_, true, Some(Handling::Strict)) => "return=representation, handling=strict",
            (false, false, Some(Handling::Lenient)) => "handling=lenient",
            (true, _, Some(Handling::Lenient)) => "return=minimal, handling=lenient",
            (_, true, Some(Handling::Lenient)) => "return=representation, handling=lenient",
        })
        .into()
    }
}

/// The parts between separators that do not stand in quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c| {
        let literal = escaped;
        escaped = quoted && c == '\\' && !literal;
        if c == '"' && !literal {
            quoted = !quoted;
        }
        c == separator && !quoted
    })
}

impl<S: Send + Sync> FromRequestParts<S> for Prefer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self::read(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::assert_in_proportion;

    fn of(values: &[&'static str]) -> Prefer {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(PREFER, HeaderValue::from_static(value));
        }
        Prefer::read(&headers)
    }

    #[test]
    fn preferences_come_in_any_case_order_and_number_of_headers() {
        let wanted = Prefer {
            minimal: true,
            representation: false,
            handling: Some(Handling::Lenient),
        };
        for values in [
            &["return=minimal, handling=lenient"][..],
            &["handling=lenient", "return=minimal"],
            &["Return=Minimal,HANDLING = \"lenient\""],
            &[
                "respond-async, wait=10;x=\"a,b;c\\\", return=representation\", return=minimal; foo=bar",
                "handling=lenient",
            ],
            &["return=minimal, return=representation, handling=lenient, handling=strict"],
        ] {
            assert_eq!(of(values), wanted, "{values:?}");
        }
        assert_eq!(wanted.applied().unwrap(), "return=minimal, handling=lenient");
    }

    #[test]
    fn what_is_not_known_is_passed_over() {
        for values in [
            &[][..],
            &[""],
            &["return"],
            &["return=everything, handling=\"\""],
            &["x=\"return=minimal"],
        ] {
            assert_eq!(of(values), Prefer::default(), "{values:?}");
            assert_eq!(of(values).applied(), None);
        }
    }

    #[test]
    fn a_long_list_costs_its_length() {
        let list = |preferences: usize| {
            let mut headers = HeaderMap::new();
            let names: Vec<_> = (0..preferences)
                .map(|number| format!("p{number}=\"a,b;c\""))
                .collect();
            headers.append(PREFER, names.join(",").parse().unwrap());
            headers.append(PREFER, ",".repeat(preferences).parse().unwrap());
            headers
        };
        assert_in_proportion(1_000, list, |headers| {
            assert_eq!(Prefer::read(headers), Prefer::default());
        });
    }
}
