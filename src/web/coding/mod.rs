//! Content codings: answers that come gzipped or in Brotli to whoever asks, and bodies that come gzipped.
//!
//! [`coded`] is outside of all that answers: whoever is inside makes plain answers with plain tags, and leaves to it
//! what becomes of them on their way. Bodies are unpacked where they are read (`Gathered`), as the limit is known there.

mod pack;
mod unpack;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, response::Parts},
    middleware::Next,
    response::Response,
};

use pack::Long;
pub(in crate::web) use unpack::{Gathered, unpacked};

use crate::error::Result;

/// The longest body that goes as it is, in bytes: it fits a packet or so, and packing it saves none.
const LONGEST_PLAIN: usize = 1000;

/// What an answer is packed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Coding {
    /// It goes as it is.
    #[default]
    Identity,
    Gzip,
    Brotli,
}

impl Coding {
    /// As headers and tags have it.
    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }
}

/// Which coding a request likes best (RFC 9110, 12.5.3); of two that it likes equally, Brotli before gzip, and either before
/// none.
///
/// Whoever accepts none of them is answered plainly: there is always something to read.
#[must_use]
pub fn negotiated(headers: &HeaderMap) -> Coding {
    if !headers.contains_key(header::ACCEPT_ENCODING) {
        return Coding::Identity;
    }
    let (mut brotli, mut gzip, mut identity, mut any) = (None, None, None, None);
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    for part in values.flat_map(|value| value.to_str().unwrap_or_default().split(',')) {
        let mut pieces = part.split(';').map(str::trim);
        let name = pieces.next().unwrap_or_default();
        let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
        let place = if is("br") {
            &mut brotli
        } else if is("gzip") || is("x-gzip") {
            &mut gzip
        } else if is("identity") {
            &mut identity
        } else if is("*") {
            &mut any
        } else {
            continue;
        };
        let weight = pieces
            .find_map(|piece| piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q=")))
            .map_or(1000, thousandths);
        // The first word counts.
        place.get_or_insert(weight);
    }
    let (brotli, gzip) = (brotli.or(any), gzip.or(any));
    let (best, coding) = if brotli >= gzip {
        (brotli, Coding::Brotli)
    } else {
        (gzip, Coding::Gzip)
    };
    match (best.unwrap_or(0), identity.or(any)) {
        // Not plain, and no word of how else: as everybody can.
        (0, Some(0)) if gzip.is_none() => Coding::Gzip,
        (0, _) => Coding::Identity,
        (best, Some(identity)) if identity > best => Coding::Identity,
        _ => coding,
    }
}

/// A weight in thousandths, which it has three decimals for; what is none likes nothing.
fn thousandths(weight: &str) -> u16 {
    let weight = weight.trim();
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let is_number = decimals.len() <= 3 && decimals.bytes().all(|it| it.is_ascii_digit());
    match whole {
        "1" if is_number => 1000,
        "0" if is_number => decimals
            .bytes()
            .zip([100, 10, 1])
            .map(|(digit, place)| u16::from(digit - b'0') * place)
            .sum(),
        _ => 0,
    }
}

/// Whether two entity tags are of one representation, in whichever coding; by weak comparison.
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    bare(one) == bare(other)
}

/// A tag without its weakness, its last quote, and what names a coding.
#[must_use]
pub(in crate::web) fn bare(tag: &str) -> &str {
    let tag = tag.trim_start_matches("W/");
    let tag = tag.strip_suffix('"').unwrap_or(tag);
    packed(tag).unwrap_or(tag)
}

/// Whether a tag is of a coded form.
#[must_use]
pub(in crate::web) fn is_packed(tag: &str) -> bool {
    tag.strip_suffix('"').and_then(packed).is_some()
}

/// What stands before the name of a coding, where one is there.
fn packed(tag: &str) -> Option<&str> {
    [Coding::Gzip, Coding::Brotli]
        .into_iter()
        .find_map(|coding| tag.strip_suffix(coding.name())?.strip_suffix('-'))
}

/// How long the body would have been that a 304 goes without: its tag is that of the form that would have been sent.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) struct Unsent(usize);

impl Unsent {
    /// Longer than what goes as it is.
    pub(in crate::web) const LONG: Self = Self(usize::MAX);

    pub(in crate::web) fn of(length: usize) -> Self {
        Self(length)
    }
}

/// Answers in the coding that the request likes best.
///
/// Inside, nobody is asked for one: which it is stands in the request's extensions, for what a 304 has to know.
pub async fn coded(mut request: Request, next: Next) -> Result<Response> {
    let coding = negotiated(request.headers());
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    request.extensions_mut().insert(coding);
    // What a packed body is like is known once it is packed.
    let says_all_but_the_body = coding != Coding::Identity && request.method() == Method::HEAD;
    if says_all_but_the_body {
        *request.method_mut() = Method::GET;
    }
    let (mut parts, mut body) = next.run(request).await.into_parts();
    if is_text(&parts) {
        vary(&mut parts.headers);
        if parts.status == StatusCode::NOT_MODIFIED {
            let unsent = parts.extensions.get::<Unsent>();
            if unsent.is_some_and(|unsent| unsent.0 > LONGEST_PLAIN) {
                tag(&mut parts.headers, coding);
            }
        } else if coding != Coding::Identity {
            body = match Long::read(body).await {
                Ok(long) => {
                    // A refusal that has one names a record's, not its own.
                    if parts.status.is_success() {
                        tag(&mut parts.headers, coding);
                    }
                    let name = HeaderValue::from_static(coding.name());
                    parts.headers.insert(header::CONTENT_ENCODING, name);
                    // Of what is packed whole, the server tells the length.
                    parts.headers.remove(header::CONTENT_LENGTH);
                    long.packed(coding).await?
                }
                Err(short) => short,
            };
        }
    }
    if says_all_but_the_body {
        body = pack::left_out(&mut parts.headers, &body);
    }
    Ok(Response::from_parts(parts, body))
}

/// Whether an answer's body is worth packing: pictures and fonts are packed already.
fn is_text(answer: &Parts) -> bool {
    let content_type = answer.headers.get(header::CONTENT_TYPE);
    let essence = content_type
        .and_then(|value| value.to_str().ok()?.split(';').next())
        .unwrap_or_default()
        .trim_end();
    !answer.headers.contains_key(header::CONTENT_ENCODING)
        && (essence.starts_with("text/")
            || essence.ends_with("json")
            || essence.ends_with("javascript")
            || essence.ends_with("xml"))
}

/// Says that the answer depends on what the request accepts. Also where it is short, as it may be longer tomorrow.
fn vary(headers: &mut HeaderMap) {
    let says_so = headers
        .get_all(header::VARY)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|name| name.trim().eq_ignore_ascii_case("accept-encoding"));
    if !says_so {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

/// Makes the tag of a form of its own of the plain one's.
fn tag(headers: &mut HeaderMap, coding: Coding) {
    let plain = headers.get(header::ETAG).and_then(|value| value.to_str().ok());
    let plain = plain.and_then(|tag| tag.strip_suffix('"'));
    if coding != Coding::Identity
        && let Some(plain) = plain
        && let Ok(tag) = HeaderValue::from_str(&format!("{plain}-{}\"", coding.name()))
    {
        headers.insert(header::ETAG, tag);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        io::Write,
        sync::{
            Arc, Mutex,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use axum::{
        Router,
        body::{Body, to_bytes},
        http::HeaderName,
        middleware,
    };
    use flate2::write::GzDecoder;
    use futures_util::{StreamExt, stream};
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;

    use super::*;
    use crate::values::assert_in_proportion;

    fn liked(accept: &[&str]) -> Coding {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(header::ACCEPT_ENCODING, value.parse().unwrap());
        }
        negotiated(&headers)
    }

    #[test]
    fn the_coding_is_the_one_that_is_liked_best() {
        use Coding::{Brotli, Gzip, Identity};
        assert_eq!(liked(&[]), Identity);
        for (accept, wanted) in [
            ("", Identity),
            ("gzip", Gzip),
            ("x-gzip", Gzip),
            ("GZip", Gzip),
            ("br", Brotli),
            ("gzip, deflate, br, zstd", Brotli),
            ("br;q=0.5,gzip;q=0.5", Brotli),
            ("br;q=0.5, gzip;q=0.501", Gzip),
            ("br ; q=0.5 , gzip ; Q=0.8", Gzip),
            ("br;q=0.999, gzip", Gzip),
            ("br;q=0, gzip;q=0.001", Gzip),
            ("gzip;q=0", Identity),
            ("gzip;q=0.000, br;q=0.0", Identity),
            ("deflate, zstd", Identity),
            // Any is any, also none, but what is named is as it is said.
            ("*", Brotli),
            ("*;q=0.1", Brotli),
            ("br;q=0, *", Gzip),
            ("gzip, *;q=0.5", Gzip),
            ("gzip;q=0.2, *;q=0.5", Brotli),
            ("gzip;q=0, br;q=0, *", Identity),
            ("*;q=0", Identity),
            ("gzip, *;q=0", Gzip),
            // None is liked least where nothing is said of it.
            ("identity", Identity),
            ("identity, gzip", Gzip),
            ("identity, gzip;q=0.9", Identity),
            ("identity;q=0.5, gzip;q=0.5", Gzip),
            ("*;q=0.5, identity", Identity),
            ("gzip;q=0.2, br;q=0.1, *;q=0.5", Identity),
            ("identity;q=0, gzip;q=0.1", Gzip),
            ("identity;q=0, *", Brotli),
            ("identity;q=0", Gzip),
            ("identity;q=0, gzip;q=0", Identity),
            ("identity;q=0, *;q=0", Identity),
            // What is no weight likes nothing.
            ("gzip;q=much, br;q=", Identity),
            ("gzip;q=2, br;q=0.1234", Identity),
            ("gzip;q=-1, br;q=0.1", Brotli),
            ("gzip;level=9;q=0.4, br;q=0.3", Gzip),
            ("gzip;q=0, gzip", Identity),
            (",,;,gzip,", Gzip),
        ] {
            assert_eq!(liked(&[accept]), wanted, "{accept:?}");
        }
        assert_eq!(liked(&["gzip", "br"]), Brotli);
        assert_eq!(liked(&["br;q=0", "*"]), Gzip);
    }

    #[test]
    fn a_long_list_of_codings_costs_its_length() {
        let headers = |count: usize| {
            let list: Vec<_> = (0..count)
                .map(|number| format!("x{number};q=0.{number}"))
                .collect();
            let mut headers = HeaderMap::new();
            headers.append(header::ACCEPT_ENCODING, list.join(",").parse().unwrap());
            headers.append(header::ACCEPT_ENCODING, ",".repeat(count).parse().unwrap());
            headers
        };
        assert_in_proportion(300, headers, |headers| {
            assert_eq!(negotiated(headers), Coding::Identity);
        });
    }

    /// What is answered, with these headers, to whoever accepts gzip.
    async fn answered(
        content_type: &'static str,
        more: &[(HeaderName, &'static str)],
        body: Body,
    ) -> Response {
        let mut answer = Response::new(body);
        for (name, value) in [(header::CONTENT_TYPE, content_type)].iter().chain(more) {
            answer.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        let answer = Arc::new(Mutex::new(Some(answer)));
        let handler = move |headers: HeaderMap| async move {
            assert!(!headers.contains_key(header::ACCEPT_ENCODING));
            answer.lock().unwrap().take().unwrap()
        };
        let router: Router = Router::new().fallback(handler).layer(middleware::from_fn(coded));
        let request = Request::get("/").header(header::ACCEPT_ENCODING, "gzip");
        let request = request.body(Body::empty()).unwrap();
        TowerToHyperService::new(router).call(request).await.unwrap()
    }

    fn parts(parts: Vec<Vec<u8>>) -> Body {
        Body::from_stream(stream::iter(parts.into_iter().map(Ok::<_, Infallible>)))
    }

    #[tokio::test]
    async fn only_what_is_long_and_not_packed_is_packed() {
        let body = |length: usize| Body::from("x".repeat(length));
        let one_by_one = |length: usize| parts(vec![b"x".to_vec(); length]);
        let png = || (header::CONTENT_ENCODING, "br");
        for (answer, is_packed) in [
            (answered("application/json", &[], body(1000)).await, false),
            (answered("application/json", &[], body(1001)).await, true),
            (
                answered("text/csv; charset=utf-8", &[], one_by_one(1000)).await,
                false,
            ),
            (
                answered("text/csv; charset=utf-8", &[], one_by_one(1001)).await,
                true,
            ),
            (answered("application/x-ndjson", &[], body(5000)).await, true),
            (answered("application/problem+json", &[], body(5000)).await, true),
            (answered("image/svg+xml", &[], body(5000)).await, true),
            (answered("image/png", &[], body(5000)).await, false),
            (answered("font/woff2", &[], body(5000)).await, false),
            (answered("application/gzip", &[], body(5000)).await, false),
            (answered("text/html", &[png()], body(5000)).await, false),
        ] {
            let coding = answer.headers().get(header::CONTENT_ENCODING);
            assert_eq!(coding.is_some_and(|it| it == "gzip"), is_packed, "{answer:?}");
            let length = to_bytes(answer.into_body(), usize::MAX).await.unwrap().len();
            assert_eq!(length < 500, is_packed);
        }
        let vary = [(header::VARY, "Accept, accept-encoding")];
        let answer = answered("text/html", &vary, body(1)).await;
        assert_eq!(answer.headers().get_all(header::VARY).iter().count(), 1);
    }

    #[tokio::test]
    async fn each_part_goes_out_whole_before_the_next_is_made() {
        // Noise, which no packer makes shorter, and of which none is held back.
        let mut seed = 1_u32;
        let mut noise = |length: usize| -> Vec<u8> {
            let next = |_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                seed.to_be_bytes()[0]
            };
            (0..length).map(next).collect()
        };
        let made: Vec<_> = [70_000, 1, 200_000, 0, 3].map(&mut noise).into();
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = sent.clone();
        let counts = move |part: &Vec<u8>| {
            counted.fetch_add(part.len(), Ordering::Relaxed);
        };
        let body = stream::iter(made.clone())
            .inspect(counts)
            .map(Ok::<_, Infallible>);
        let answer = answered("text/csv", &[], Body::from_stream(body)).await;
        let mut body = answer.into_body().into_data_stream();
        let mut unpacker = GzDecoder::new(Vec::new());
        let (mut longest, mut before) = (0, 0);
        while let Some(data) = body.next().await {
            let data = data.unwrap();
            longest = longest.max(data.len());
            // Who asks for more has what was made until then.
            if sent.load(Ordering::Relaxed) > before {
                assert_eq!(unpacker.get_ref().len(), before);
                before = sent.load(Ordering::Relaxed);
            }
            unpacker.write_all(&data).unwrap();
            unpacker.flush().unwrap();
        }
        assert!(unpacker.finish().unwrap() == made.concat());
        assert!(longest < 3 * 64 * 1024, "{longest}");
    }

    #[tokio::test]
    async fn what_breaks_off_has_no_end() {
        for length in [10, 5000] {
            let start = Ok("x".repeat(length));
            let broken = Body::from_stream(stream::iter([start, Err(std::io::Error::other("away"))]));
            let answer = answered("text/csv", &[], broken).await;
            assert_eq!(answer.status(), StatusCode::OK);
            assert!(
                to_bytes(answer.into_body(), usize::MAX).await.is_err(),
                "{length}"
            );
        }
    }

    #[test]
    fn a_tag_is_the_same_in_every_coding() {
        let plain = "\"1.q0p8mHPqjVJx\"";
        for same in [
            plain,
            "\"1.q0p8mHPqjVJx-gzip\"",
            "\"1.q0p8mHPqjVJx-br\"",
            "W/\"1.q0p8mHPqjVJx-br\"",
        ] {
            assert!(is_same(same, plain) && is_same(plain, same), "{same}");
        }
        for other in ["\"1.q0p8mHPqjVJy\"", "\"1.q0p8mHPqjVJx-zip\"", "-gzip", "", "*"] {
            assert!(!is_same(other, plain), "{other}");
        }
        assert!(is_packed("\"1.x-br\"") && is_packed("W/\"1.x-gzip\"") && !is_packed("\"1.x\""));
        // A hash may end so by chance, and is still itself.
        assert!(is_same("\"1.q0p8mHPqj-br\"", "\"1.q0p8mHPqj-br\""));
        assert!(is_same("\"1.q0p8mHPqj-br-gzip\"", "\"1.q0p8mHPqj-br-gzip\""));
    }
}
