//! Heads of which no request could be made, and what is answered to them.
//!
//! hyper ends such a connection with a bare status, or without a word: `Wire` keeps that back, and whoever sent the head is
//! told here what is wrong with it, as of any other request.

use axum::{
    body::to_bytes,
    extract::Request,
    http::{Method, Uri},
    response::Response,
};

use crate::{
    error::{Error, Faults},
    values::Clock,
    web::layers,
};

/// How a connection ended on which no request is under way.
pub(super) enum End {
    Failed(hyper::Error),
    /// The server stopped, and waited for the rest of a head no longer.
    Stopped,
}

/// What is wrong with what had come of a head; none where nothing had, or nobody is there who could be told. Of a head whose
/// lines could be read, and what they say could not, nothing is left here.
pub(super) fn fault(head: &[u8], end: &End) -> Option<Error> {
    let head = begun(head);
    match end {
        End::Failed(error) if error.is_parse_too_large() => Some(
            layers::too_large(head, first_line(head)).unwrap_or_else(|| {
                malformed("A header of the request says a number that is too large to be one, as the length of its body.")
            }),
        ),
        End::Failed(error) if error.is_parse() => Some(unreadable(head, error)),
        _ if head.is_empty() => None,
        End::Stopped => Some(Error::HeadTooSlow),
        End::Failed(error) if error.is_timeout() => Some(Error::HeadTooSlow),
        End::Failed(error) if error.is_incomplete_message() => Some(malformed(
            "The request's head breaks off. A head is a first line, lines of headers, and an empty line, each of which ends with CR LF.",
        )),
        End::Failed(_) => None,
    }
}

/// Whether hyper has a bare status for such a head. It has none for the beginning of HTTP/2.
pub(super) fn says_so_itself(error: &hyper::Error, head: &[u8]) -> bool {
    error.is_parse() && !begun(head).starts_with(b"PRI ")
}

/// Empty lines before a request mean nothing.
fn begun(head: &[u8]) -> &[u8] {
    let at = head.iter().position(|byte| !b"\r\n".contains(byte));
    &head[at.unwrap_or(head.len())..]
}

fn first_line(head: &[u8]) -> &[u8] {
    head.split(|byte| b"\r\n".contains(byte))
        .next()
        .unwrap_or_default()
}

fn unreadable(head: &[u8], error: &hyper::Error) -> Error {
    match head {
        // A record of a handshake, of any version.
        [0x16, 0x03, ..] => malformed(
            "What came begins a TLS connection, and here is plain HTTP. Ask by http://, or the proxy in front of the register by https://.",
        ),
        [b'P', b'R', b'I', b' ', b'*', b' ', ..] => malformed(
            "What came begins an HTTP/2 connection, and here is HTTP/1.1. Send requests as that; with curl: leave --http2-prior-knowledge out.",
        ),
        _ => malformed(&format!(
            "The request's head cannot be read: {error}. Its first line is a method, a target and HTTP/1.1, with a space between two of them; each header stands on a line of its own, as a name, a colon and a value. What is not ASCII in a path or a query is percent-encoded."
        )),
    }
}

fn malformed(detail: &str) -> Error {
    Error::Malformed(Faults::one("", "head", detail))
}

/// What is shown of such a head in the log: its method, where it is one that everybody knows, and its target, where its line has
/// a request's words and no more. Of any other line nobody can say what its words are: where a secret was pasted with a blank in
/// it, the rest of it is one of them.
pub(super) fn request(head: &[u8]) -> Request<()> {
    let words: Vec<_> = first_line(begun(head)).split(|byte| *byte == b' ').collect();
    let (method, target) = match words[..] {
        [method, target] => (method, Some(target)),
        [method, target, version] if version.is_empty() || version.starts_with(b"HTTP/") => {
            (method, Some(target))
        }
        [method, _, ..] => (method, None),
        // What breaks off in a method has none.
        _ => (&b""[..], None),
    };
    let method = Method::from_bytes(method).ok().filter(|it| KNOWN.contains(it));
    let target = target
        .filter(|_| method.is_some())
        .and_then(|word| Uri::try_from(word).ok());
    let mut request = Request::new(());
    *request.uri_mut() = target.unwrap_or_else(|| Uri::from_static("*"));
    *request.method_mut() = method
        .or_else(|| Method::from_bytes(b"-").ok())
        .unwrap_or_default();
    request
}

const KNOWN: [Method; 9] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::OPTIONS,
    Method::TRACE,
    Method::CONNECT,
];

/// An answer as it goes over the wire, and how much of that is its body.
pub(super) async fn written(answer: Response, method: &Method) -> (Vec<u8>, usize) {
    let (parts, body) = answer.into_parts();
    // It is a problem, which was made whole.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let reason = parts.status.canonical_reason().unwrap_or_default();
    let date = Clock::SYSTEM.now().format("%a, %d %b %Y %H:%M:%S GMT");
    let mut text = format!(
        "HTTP/1.1 {} {reason}\r\ndate: {date}\r\ncontent-length: {}\r\n",
        parts.status.as_u16(),
        body.len()
    )
    .into_bytes();
    for (name, value) in &parts.headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    if *method == Method::HEAD {
        return (text, 0);
    }
    text.extend_from_slice(&body);
    (text, body.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_that_is_no_requests_no_word_is_shown_but_a_method() {
        for (head, method, path) in [
            ("GET /v1/pledges HTTP/1.1\r\nHost here", "GET", "/v1/pledges"),
            ("\r\n\r\nHEAD /v1/pledges HTTP/1.1\r\nHo", "HEAD", "/v1/pledges"),
            ("GET /v1/pledges?q=x HTTP/4.0", "GET", "/v1/pledges"),
            ("GET /v1/pled", "GET", "/v1/pled"),
            ("GET /v1/pledges ", "GET", "/v1/pledges"),
            ("DELETE /v1/pledges/pbk_aB 3x HTTP/1.1", "DELETE", "*"),
            ("GET /v1/pledges/ aB3x pbk_ HTTP/1.1", "GET", "*"),
            ("GET /v1/pledges/aB3x HT", "GET", "*"),
            ("GET  /aB3x HTTP/1.1", "GET", "*"),
            ("GET /\taB3x HTTP/1.1", "GET", "*"),
            ("aB3x /v1/pledges HTTP/1.1\r\nHost here", "-", "*"),
            ("aB3x", "-", "*"),
            ("GET", "-", "*"),
            ("Authorization: Bearer pbk_aB3x", "-", "*"),
            ("", "-", "*"),
        ] {
            let request = request(head.as_bytes());
            let shown = (request.method().as_str(), request.uri().path());
            assert_eq!(shown, (method, path), "{head:?}");
        }
    }
}
