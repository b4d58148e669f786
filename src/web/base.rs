//! Below which path the register stands for who asks, as a proxy that takes requests for `/pledges/…` passes them on without it.
//!
//! All inside is addressed from the root; what leads anywhere is moved where it is made, or on its way out ([`moved`]).

use std::{
    borrow::Cow,
    fmt::{self, Debug},
    sync::Arc,
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Uri, header},
    middleware::Next,
    response::Response,
};

use super::arrival::Arrival;

const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// The longest prefix that is believed: links are many.
const LONGEST: usize = 200;

/// Where the register is found.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Base(Option<Arc<Place>>);

#[derive(PartialEq, Eq)]
struct Place {
    /// The whole of it as it is known, `https://example.org/pledges`, or the path alone.
    address: String,
    /// Where the path begins in it, which ends without a slash.
    path_at: usize,
    /// Whether the request says it, and not the operator.
    is_of_request: bool,
}

impl Base {
    /// The address that the operator says: `https://example.org/pledges`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let why =
            || format!("{text:?} is no address such as https://example.org or https://example.org/register");
        let uri: Uri = text.parse().map_err(|_| why())?;
        let authority = uri.authority().ok_or_else(why)?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        let path = cleaned(uri.path()).ok_or_else(why)?;
        if !is_web || uri.query().is_some() || text.contains(['#', '@']) {
            return Err(why());
        }
        let origin = format!("{}://{authority}", uri.scheme_str().unwrap_or_default());
        Ok(Self(Some(Arc::new(Place {
            path_at: origin.len(),
            address: origin + &path,
            is_of_request: false,
        }))))
    }

    /// What a trusted proxy says; those of several proxies stand one below the other. What is no path is not believed.
    #[must_use]
    pub fn forwarded(headers: &HeaderMap) -> Self {
        let mut path = String::new();
        for value in headers.get_all(&X_FORWARDED_PREFIX) {
            for part in value.to_str().unwrap_or("?").split(',') {
                match cleaned(part.trim()) {
                    Some(part) => path.push_str(&part),
                    None => return Self::default(),
                }
            }
        }
        let is_said = !path.is_empty() && path.len() <= LONGEST;
        Self(is_said.then(|| {
            Arc::new(Place {
                address: path,
                path_at: 0,
                is_of_request: true,
            })
        }))
    }

    /// What stands in front of every path: nothing, or `/pledges`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.0
            .as_ref()
            .and_then(|place| place.address.get(place.path_at..))
            .unwrap_or_default()
    }

    /// The path of a server of this contract, with its host where that is known.
    #[must_use]
    pub fn server(&self) -> &str {
        self.0
            .as_ref()
            .map(|place| place.address.as_str())
            .unwrap_or_default()
    }

    /// A page of ours, with its links moved. A text of a caller's has no quotes in it that are not escaped, so no link of it
    /// is touched.
    #[must_use]
    pub fn page(&self, html: String) -> String {
        let path = self.path();
        if path.is_empty() {
            return html;
        }
        ["href", "src", "action"].iter().fold(html, |html, name| {
            html.replace(&format!(" {name}=\"/"), &format!(" {name}=\"{path}/"))
        })
    }

    /// This contract, which says where its server is.
    #[must_use]
    pub fn contract<'d>(&self, document: &'d str) -> Cow<'d, str> {
        let server = self.server();
        if server.is_empty() {
            return Cow::Borrowed(document);
        }
        Cow::Owned(document.replacen("\"url\": \"/\"", &format!("\"url\": \"{server}\""), 1))
    }
}

impl Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base({:?})", self.server())
    }
}

/// A path as it is put in front of others: without a slash at its end, and nothing for the root. None of what a browser would
/// take for another host, or a way up, be it encoded.
fn cleaned(path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    let is_segment = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    let mut segments = path.split('/');
    (segments.next() == Some("") && segments.all(is_segment)).then(|| path.to_owned())
}

/// Moves what an answer's headers lead to.
pub async fn moved(request: Request, next: Next) -> Response {
    let base = Arrival::get(&request).map(|arrival| arrival.base().clone());
    let mut response = next.run(request).await;
    let Some(place) = base.and_then(|base| base.0) else {
        return response;
    };
    let headers = response.headers_mut();
    if place.is_of_request {
        headers.append(header::VARY, HeaderValue::from_static("X-Forwarded-Prefix"));
    }
    let path = &place.address[place.path_at..];
    for (name, opens) in [(header::LOCATION, "/"), (header::LINK, "</")] {
        let led = headers.get(&name).and_then(|value| value.to_str().ok());
        let led = led.and_then(|led| led.strip_prefix(opens));
        let led = led.and_then(|rest| {
            let before = opens.trim_end_matches('/');
            HeaderValue::from_str(&format!("{before}{path}/{rest}")).ok()
        });
        if let Some(led) = led {
            headers.insert(name, led);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forwarded(lines: &[&str]) -> String {
        let headers = lines
            .iter()
            .map(|line| (X_FORWARDED_PREFIX, HeaderValue::from_str(line).unwrap()))
            .collect();
        Base::forwarded(&headers).path().to_owned()
    }

    #[test]
    fn a_prefix_is_a_path_and_nothing_else() {
        for (lines, path) in [
            (&["/pledges"][..], "/pledges"),
            (&["/a/b-c_d.e~f/"], "/a/b-c_d.e~f"),
            (&["/first, /second"], "/first/second"),
            (&["/first", "/second/"], "/first/second"),
            (&["/", "/x"], "/x"),
        ] {
            assert_eq!(forwarded(lines), path);
        }
        for none in [
            "",
            "/",
            "x",
            "//evil.example",
            "/a//b",
            "/a/../b",
            "/a/%2e%2e/b",
            "/.",
            "/a b",
            "/a?b",
            "/a#b",
            "/<b>",
            "/\"",
            "https://evil.example",
            "/\\evil",
            "/a, b",
            &format!("/{}", "x".repeat(LONGEST)),
        ] {
            assert_eq!(forwarded(&[none]), "", "{none}");
        }
    }

    #[test]
    fn an_address_is_one_of_the_web() {
        for (text, path, server) in [
            ("https://example.org", "", "https://example.org"),
            ("http://localhost:8080/", "", "http://localhost:8080"),
            ("https://example.org/a/b/", "/a/b", "https://example.org/a/b"),
        ] {
            let base = Base::parse(text).unwrap();
            assert_eq!((base.path(), base.server()), (path, server));
        }
        for bad in [
            "",
            "/pledges",
            "example.org",
            "ftp://example.org",
            "https://",
            "https://a/?b",
            "https://a/#b",
            "https://a@b",
            "https://a/b c",
            "https://a//b",
        ] {
            let why = Base::parse(bad).unwrap_err();
            assert!(why.contains("https://example.org"), "{why}");
        }
    }

    #[test]
    fn the_contract_has_one_place_where_its_server_stands() {
        let base = Base::parse("https://example.org/pledges").unwrap();
        let document = std::str::from_utf8(crate::app::document()).unwrap();
        let moved: serde_json::Value = serde_json::from_str(&base.contract(document)).unwrap();
        assert_eq!(moved["servers"][0]["url"], "https://example.org/pledges");
        let mut back = moved;
        back["servers"][0]["url"] = "/".into();
        assert_eq!(back, serde_json::from_str::<serde_json::Value>(document).unwrap());
    }
}
