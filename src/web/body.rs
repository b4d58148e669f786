//! Bodies: one JSON object, read strictly.

use std::fmt;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{Method, header},
};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{Error, Faults, Result};

/// Largest body that is read, in bytes. An article of a million characters in Arabic fits.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// The request's body as JSON.
///
/// A member that stands twice is refused: which of the two was meant, nobody can know.
pub struct Body(pub Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let merge_patch = request.method() == Method::PATCH;
        let essence = essence(&request);
        let read =
            essence == "application/json" || (merge_patch && essence == "application/merge-patch+json");
        if !read {
            let wanted = if merge_patch {
                "application/merge-patch+json (or application/json)"
            } else {
                "application/json"
            };
            return Err(Error::UnsupportedMediaType(format!(
                "Send the header Content-Type: {wanted}; with curl: -H 'Content-Type: application/json'."
            )));
        }
        parse(&bytes(request, state, LARGEST).await?).map(Self)
    }
}

/// Strict JSON: UTF-8, no duplicate members, nothing after the value.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    if bytes.is_empty() {
        return Err(malformed("The body is empty; send a JSON object."));
    }
    strict(bytes).map_err(|error| malformed(format!("The body is not JSON that can be read: {error}.")))
}

pub(super) fn strict(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice::<Strict>(bytes).map(|Strict(value)| value)
}

/// The media type of a request's body, without its parameters.
pub(super) fn essence(request: &Request) -> String {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// A request's body, as far as its path's limit lets it in.
pub(super) async fn bytes<S: Send + Sync>(request: Request, state: &S, largest: usize) -> Result<Bytes> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(failure)
                if failure.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE =>
            {
                Error::TooLarge(largest)
            }
            _ => malformed("The body did not arrive whole; send it again."),
        })
}

pub(super) fn malformed(detail: impl Into<String>) -> Error {
    Error::Malformed(Faults::one("", "json", detail))
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyValue;

        impl<'de> Visitor<'de> for AnyValue {
            type Value = Strict;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }
            fn visit_unit<E>(self) -> Result<Strict, E> {
                Ok(Strict(Value::Null))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }
            fn visit_string<E>(self, value: String) -> Result<Strict, E> {
                Ok(Strict(value.into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Strict, A::Error> {
                let mut items = Vec::new();
                while let Some(Strict(item)) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Strict(items.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Strict, A::Error> {
                let mut map = Map::new();
                while let Some(name) = access.next_key::<String>()? {
                    let Strict(value) = access.next_value()?;
                    if map.contains_key(&name) {
                        return Err(serde::de::Error::custom(format!(
                            "the member {name:?} stands twice"
                        )));
                    }
                    map.insert(name, value);
                }
                Ok(Strict(map.into()))
            }
        }
        deserializer.deserialize_any(AnyValue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_read_strictly() {
        assert_eq!(
            parse(br#"{"a": [1, "x", null]}"#).unwrap(),
            serde_json::json!({"a": [1, "x", null]})
        );
        for bad in [
            "",
            "{",
            "{\"a\":1,\"a\":2}",
            "{} {}",
            "\"\\ud800\"",
            "1e999",
            "NaN",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(b"\"\xff\"").is_err());
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }
}
