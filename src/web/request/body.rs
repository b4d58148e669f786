//! Bodies: one JSON object, read strictly.

use std::{fmt, future::poll_fn, pin::Pin, time::Duration};

use axum::{
    body::HttpBody,
    extract::{FromRequest, Request},
    http::{Method, header},
};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use crate::{
    db::deadline,
    error::{Detail, Error, Faults, Result},
    web::{
        coding::Gathered,
        request::room::{Room, SMALL},
    },
};

/// Largest body that is read, in bytes. An article of a million characters in Arabic fits.
pub const LARGEST: usize = 4 * 1024 * 1024;

/// How long a body may be on its way: a second more for each so many bytes of it that have come.
const WITHIN: Duration = Duration::from_secs(30);
const BYTES_PER_SECOND: usize = 64 * 1024;

/// Whoever is waited for sends so much of a body in so long a time, or takes so much of an answer, at the least: a KiB a second.
pub const WINDOW: Duration = Duration::from_secs(20);
pub const LEAST_IN_WINDOW: usize = 20 * 1024;

/// What is made of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Read {
    /// All of it is JSON at once.
    Whole,
    /// One item after the other: what is there of all are drafts.
    ItemByItem,
}

impl Read {
    /// The room that a body takes beside what it says, as measured: of bodies that are nothing but numbers, texts, lists, objects or
    /// members, and of batches. One of nothing but brackets would else become a hundred times what it was.
    fn room(self, bytes: &[u8]) -> usize {
        let signs = |these: &[u8]| bytes.iter().filter(|byte| these.contains(byte)).count();
        // Each value but the first follows one of these.
        let values = signs(b",[{");
        match self {
            // A member's name stands before a colon.
            Self::Whole => 192 * values + 176 * signs(b":"),
            // An item is an object.
            Self::ItemByItem => 64 * values + 768 * signs(b"{"),
        }
    }
}

/// How much beyond it is read before the connection is given up.
const THROWN_AWAY: usize = 32 * 1024 * 1024;

/// The request's body as JSON.
///
/// A member that stands twice is refused: which of the two was meant, nobody can know.
pub struct Body(pub Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        must_be_json(&request)?;
        parse(&bytes(request, LARGEST, Read::Whole).await?).map(Self)
    }
}

/// The same where all of it may be left out: no body, or an empty one, is an object without members.
pub struct BodyIfAny(pub Value);

impl<S: Send + Sync> FromRequest<S> for BodyIfAny {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self> {
        let is_json = must_be_json(&request);
        let bytes = bytes(request, LARGEST, Read::Whole).await?;
        if bytes.is_empty() {
            return Ok(Self(Value::Object(Map::new())));
        }
        is_json?;
        parse(&bytes).map(Self)
    }
}

/// Refuses a body that is not said to be JSON.
fn must_be_json(request: &Request) -> Result<()> {
    let merge_patch = request.method() == Method::PATCH;
    let essence = essence(request);
    if essence == "application/json" || (merge_patch && essence == "application/merge-patch+json") {
        return Ok(());
    }
    let (wanted, allowed): (_, &[_]) = if merge_patch {
        (
            "application/merge-patch+json (or application/json)",
            &["application/merge-patch+json", "application/json"],
        )
    } else {
        ("application/json", &["application/json"])
    };
    Err(Error::UnsupportedMediaType {
        detail: format!(
            "Send the header Content-Type: {wanted}; with curl: -H 'Content-Type: application/json'."
        ),
        allowed,
    })
}

/// A request's body, of at most so many bytes once it is unpacked. There is room for it before it is read.
///
/// One that is said to be beyond the limit is refused at once, and its connection ends with that; so is a long one for which there is
/// no room, which one that comes in chunks is once so much of it has come. What turns out to be beyond the limit as it comes is read on,
/// and thrown away, as is a short one, whose connection need not end: a client that is still sending when it is answered seldom looks
/// before it has sent all. One that asks first (`Expect`) is told at once.
pub(in crate::web) async fn bytes(request: Request, largest: usize, read: Read) -> Result<Vec<u8>> {
    let stated = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    // Of a body that is not there, no header says anything.
    if request.body().is_end_stream() {
        return Ok(Vec::new());
    }
    let room = request.extensions().get::<Room>().cloned();
    let mut gathered = Gathered::of(&request, largest)?;
    let mut outcome = match stated {
        Some(length) => gathered.expect(length).await,
        None => Ok(()),
    };
    let is_too_large = matches!(outcome, Err(Error::TooLarge(_)));
    let is_long = stated.is_some_and(|length| length > SMALL);
    if is_too_large || is_long || request.headers().contains_key(header::EXPECT) {
        std::mem::replace(&mut outcome, Ok(()))?;
    }
    let mut body = request.into_body();
    let mut length = 0;
    let begun = Instant::now();
    let mut window = (begun, 0);
    let mut next = async |length: usize| {
        if length - window.1 >= LEAST_IN_WINDOW {
            window = (Instant::now(), length);
        }
        let seconds = u64::try_from(length / BYTES_PER_SECOND).unwrap_or_default();
        let whole_by = begun + WITHIN + Duration::from_secs(seconds);
        let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
        timeout_at(whole_by.min(window.0 + WINDOW), frame)
            .await
            .map_err(|_| Error::BodyTooSlow)
    };
    while let Some(frame) = next(length).await? {
        let frame = frame.map_err(|_| malformed("The body did not arrive whole; send it again."))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if outcome.is_ok() {
            outcome = gathered.add(&data).await;
        }
        let longest = match &outcome {
            Ok(()) => continue,
            // What it has of the room already, others wait for.
            Err(Error::Overloaded(_)) => SMALL,
            Err(_) => largest + THROWN_AWAY,
        };
        if length > longest {
            break;
        }
    }
    outcome?;
    deadline::begin_again();
    let whole = gathered.finish()?;
    if let Some(room) = room {
        room.hold(whole.len() + read.room(&whole)).await?;
    }
    Ok(whole)
}

/// A body without the byte order mark with which some editors and shells begin a file.
pub(in crate::web) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// Strict JSON: UTF-8, no duplicate members, nothing after the value, and nothing before it but a byte order mark.
pub fn parse(bytes: &[u8]) -> Result<Value> {
    let bytes = without_mark(bytes);
    if bytes.is_empty() {
        return Err(malformed("The body is empty; send a JSON object."));
    }
    strict(bytes).map_err(|error| malformed(format!("The body is not JSON that can be read: {error}.")))
}

pub(in crate::web) fn strict(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice::<Strict>(bytes).map(|Strict(value)| value)
}

/// The media type of a request's body, without its parameters.
pub(in crate::web) fn essence(request: &Request) -> String {
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

pub(in crate::web) fn malformed(detail: impl Into<Detail>) -> Error {
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
                Ok(Strict(Value::Array(items)))
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
    use std::convert::Infallible;

    use axum::body::{Body, Bytes};
    use futures_util::{StreamExt, stream};
    use proptest::prelude::*;

    use super::*;

    /// A body of so many pieces of so many bytes, each so long after the one before.
    async fn read(pieces: usize, length: usize, pause: Duration) -> (Result<Vec<u8>>, Duration) {
        let piece = move |_| async move {
            tokio::time::sleep(pause).await;
            Ok::<_, Infallible>(Bytes::from(vec![b'x'; length]))
        };
        let body = Body::from_stream(stream::iter(0..pieces).then(piece));
        let begun = Instant::now();
        let read = bytes(Request::new(body), LARGEST, Read::Whole).await;
        (read, begun.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_pauses_is_given_up() {
        let (read_whole, _) = read(3, 1, WINDOW * 3 / 10).await;
        assert_eq!(read_whole.unwrap(), b"xxx");
        let (given_up, took) = read(3, 1, WINDOW * 9 / 10).await;
        assert!(matches!(given_up, Err(Error::BodyTooSlow)), "{given_up:?}");
        assert_eq!(took, WINDOW);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_given_up() {
        let second = Duration::from_secs(1);
        // Less than a KiB a second.
        let (given_up, took) = read(usize::MAX, 1023, second).await;
        assert!(matches!(given_up, Err(Error::BodyTooSlow)), "{given_up:?}");
        assert_eq!(took, WINDOW);
        // Somewhat more is borne for half a minute, as what came is not a second's worth.
        let (given_up, took) = read(usize::MAX, 1100, second).await;
        assert!(matches!(given_up, Err(Error::BodyTooSlow)), "{given_up:?}");
        assert_eq!(took, WITHIN);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_a_second_more_for_each_64_kib_that_came() {
        let second = Duration::from_secs(1);
        let (read_whole, took) = read(60, 60 * 1024, second).await;
        assert_eq!((read_whole.unwrap().len(), took), (60 * 60 * 1024, second * 60));
        // Half of what a second takes: as long again as half a minute, and no longer.
        let (given_up, took) = read(usize::MAX, 32 * 1024, second).await;
        assert!(matches!(given_up, Err(Error::BodyTooSlow)), "{given_up:?}");
        assert!((58..=60).contains(&took.as_secs()), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_client_takes_over_its_body_is_not_the_register_s_time() {
        let longest = Duration::from_secs(2);
        let left = deadline::within(longest, async {
            read(5, 1, longest).await.0.unwrap();
            deadline::current().unwrap() - Instant::now()
        });
        assert_eq!(left.await, longest);
    }

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
        assert_eq!(parse("\u{feff}{}".as_bytes()).unwrap(), serde_json::json!({}));
        assert!(parse("\u{feff}\u{feff}{}".as_bytes()).is_err());
        assert!(parse("[".repeat(100_000).as_bytes()).is_err());
    }

    /// A JSON value.
    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |within| {
            prop_oneof![
                prop::collection::vec(within.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((".{0,3}", within), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_as_serde_json_reads_them_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(value) = parse(&bytes) {
                prop_assert_eq!(Some(value), serde_json::from_slice(without_mark(&bytes)).ok());
            }
        }

        #[test]
        fn what_looks_like_json_is_read_as_serde_json_reads_it_or_refused(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "{", "}", "[", "]", ":", ",", "\"a\"", "\"b\"", "\"\\u0061\"", "\"\\ud800\"", "1", "-0", "1e999", "1E+2", "null", "true", " ", "\n", "\u{feff}", "\0",
            ]), 0..12),
        ) {
            let text = pieces.concat();
            match (parse(text.as_bytes()), serde_json::from_slice::<Value>(without_mark(text.as_bytes()))) {
                (Ok(value), theirs) => prop_assert_eq!(Some(value), theirs.ok()),
                // All that is refused beyond what serde_json refuses is a member that stands twice.
                (Err(error), Ok(_)) => prop_assert!(error.to_string().contains("stands twice"), "{text}: {error}"),
                (Err(_), Err(_)) => {}
            }
        }

        #[test]
        fn any_json_is_read_and_cut_off_it_is_refused(value in any_value(), cut in any::<prop::sample::Index>()) {
            let text = value.to_string();
            prop_assert_eq!(&parse(text.as_bytes()).unwrap(), &serde_json::from_str::<Value>(&text).unwrap());
            let part = &text.as_bytes()[..cut.index(text.len())];
            match parse(part) {
                Ok(value) => prop_assert_eq!(Some(value), serde_json::from_slice(part).ok()),
                Err(_) => prop_assert!(serde_json::from_slice::<Value>(part).is_err()),
            }
        }

        #[test]
        fn a_member_that_stands_twice_is_refused_wherever_it_stands(value in any_value(), name in ".{0,5}", depth in 0_usize..20) {
            let name = Value::from(name);
            let twice = format!("{{{name}: {value}, {name}: {value}}}");
            let text = format!("{}{twice}{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
            prop_assert!(parse(text.as_bytes()).is_err());
        }
    }
}
