//! To whom a request is addressed: `Host`, once and well formed, and a name of ours where those are said.

use std::{net::Ipv6Addr, sync::OnceLock};

use axum::{
    extract::Request,
    http::{HeaderValue, Version, header, uri::Authority},
};

use crate::{
    error::{Error, Result},
    values::without_secrets,
};

/// Whether this path tells how the register fares, and nothing that it holds.
#[must_use]
pub fn is_of_health(path: &str) -> bool {
    matches!(path.trim_end_matches('/'), "/healthz" | "/readyz")
}

/// Whether this one of them looks at the database.
#[must_use]
pub fn is_of_readiness(path: &str) -> bool {
    path.trim_end_matches('/') == "/readyz"
}

/// What a connection has named before, and may: whoever names the same again need not be looked at.
#[derive(Debug, Default)]
pub struct Named(OnceLock<Box<[u8]>>);

/// The names under which the register answers; none are said, under any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedHosts(Vec<String>);

impl AllowedHosts {
    /// Names, with commas between them: `pledges.example.org,localhost:8080`. One without a port is good at any.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(|name| match parted(name) {
                Some(_) => Ok(name.to_ascii_lowercase()),
                None => Err(format!(
                    "{name:?} is no host such as register.example.org, 192.0.2.7 or [2001:db8::1]"
                )),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether a request may be answered: it names one host (before HTTP/1.1, one at most), and that is ours.
    pub fn admit<B>(&self, request: &Request<B>, named: &Named) -> Result<()> {
        let mut lines = request.headers().get_all(header::HOST).iter();
        let (first, second) = (lines.next(), lines.next());
        let is_plain = second.is_none() && request.uri().authority().is_none();
        if is_plain
            && first.is_some_and(|host| named.0.get().is_some_and(|known| **known == *host.as_bytes()))
        {
            return Ok(());
        }
        self.look_at(request, first, second)?;
        if let Some(host) = first.filter(|_| is_plain && !is_of_health(request.uri().path())) {
            // Copied: the value itself would hold what the whole head was read into.
            named.0.get_or_init(|| host.as_bytes().into());
        }
        Ok(())
    }

    fn look_at<B>(
        &self,
        request: &Request<B>,
        first: Option<&HeaderValue>,
        second: Option<&HeaderValue>,
    ) -> Result<()> {
        let host = match (first, second) {
            (None, _) if request.version() < Version::HTTP_11 => None,
            (None, _) => return Err(Error::BadHost("The request has no Host.".to_owned())),
            (Some(_), Some(_)) => {
                return Err(Error::BadHost("The request has more than one Host.".to_owned()));
            }
            (Some(host), None) => Some(
                host.to_str()
                    .ok()
                    .filter(|host| parted(host).is_some())
                    .ok_or_else(|| {
                        Error::BadHost("The request's Host is no name or address of a host.".to_owned())
                    })?,
            ),
        };
        // A whole URL as a target says it once more, and counts.
        let target = request.uri().authority().map(Authority::as_str);
        if self.0.is_empty() || is_of_health(request.uri().path()) {
            return Ok(());
        }
        match host.into_iter().chain(target).find(|host| !self.has(host)) {
            // Before HTTP/1.1, whoever names nobody.
            None if host.is_none() && target.is_none() => {
                Err(Error::BadHost("The request has no Host.".to_owned()))
            }
            None => Ok(()),
            Some(host) => Err(Error::BadHost(format!(
                "This register does not answer as {:?}.",
                without_secrets(host)
            ))),
        }
    }

    fn has(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let Some((name, port)) = parted(&host) else {
            return false;
        };
        self.0.iter().any(|allowed| {
            parted(allowed).is_some_and(|(allowed, at)| allowed == name && (at.is_none() || at == port))
        })
    }
}

/// The name and the port of `uri-host [ ":" port ]` (RFC 3986), where it is one. A dot at the end of a name is passed over.
fn parted(host: &str) -> Option<(&str, Option<&str>)> {
    let (name, port) = if let Some(rest) = host.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        address.parse::<Ipv6Addr>().ok()?;
        let port = if port.is_empty() {
            port
        } else {
            port.strip_prefix(':')?
        };
        (&host[..address.len() + "[]".len()], port)
    } else {
        let (name, port) = host.split_once(':').unwrap_or((host, ""));
        let name = name.strip_suffix('.').unwrap_or(name);
        is_registered(name).then_some((name, port))?
    };
    let is_port =
        port.bytes().all(|digit| digit.is_ascii_digit()) && (port.is_empty() || port.parse::<u16>().is_ok());
    is_port.then_some((name, Some(port).filter(|port| !port.is_empty())))
}

/// A `reg-name`, and no empty one.
fn is_registered(name: &str) -> bool {
    let mut left = name.bytes();
    while let Some(byte) = left.next() {
        let is_part = match byte {
            b'%' => {
                let mut is_digit = || left.next().is_some_and(|digit| digit.is_ascii_hexdigit());
                is_digit() && is_digit()
            }
            _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte),
        };
        if !is_part {
            return false;
        }
    }
    !name.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(version: Version, target: &str, hosts: &[&[u8]]) -> Request<()> {
        let mut request = Request::new(());
        *request.version_mut() = version;
        *request.uri_mut() = target.parse().unwrap();
        for host in hosts {
            request
                .headers_mut()
                .append(header::HOST, HeaderValue::from_bytes(host).unwrap());
        }
        request
    }

    #[test]
    fn a_request_has_one_host_that_is_one() {
        let is_admitted = |version, hosts: &[&[u8]]| {
            AllowedHosts::default()
                .admit(&asked(version, "/v1/pledges", hosts), &Named::default())
                .is_ok()
        };
        for good in [
            "example.org",
            "example.org:80",
            "EXAMPLE.org.",
            "localhost:",
            "a_b-c.d",
            "127.0.0.1:8080",
            "[::1]",
            "[2001:db8::1]:443",
            "xn--mgbh0fb.example",
            "%d8%a7",
        ] {
            assert!(is_admitted(Version::HTTP_11, &[good.as_bytes()]), "{good}");
        }
        for bad in [
            "",
            " ",
            ":80",
            "a b",
            "a/b",
            "user@example.org",
            "example.org:port",
            "example.org:65536",
            "a:1:2",
            "::1",
            "[::1",
            "[::1]80",
            "[nonsense]",
            "a,b c",
            "%zz",
            "%a",
            "a?b",
            "a#b",
            "a\\b",
            ".",
            "a:+1",
        ] {
            assert!(!is_admitted(Version::HTTP_11, &[bad.as_bytes()]), "{bad:?}");
        }
        assert!(!is_admitted(Version::HTTP_11, &[b"\xc3\xa9.example"]));
        assert!(!is_admitted(Version::HTTP_11, &[]));
        assert!(is_admitted(Version::HTTP_10, &[]));
        for version in [Version::HTTP_10, Version::HTTP_11] {
            assert!(!is_admitted(version, &[b"a", b"a"]));
            assert!(!is_admitted(version, &[b"a/"]));
        }
    }

    #[test]
    fn where_names_are_said_others_are_refused_but_for_health() {
        let ours = AllowedHosts::parse("Pledges.Example.org, localhost:8080,[2001:db8::1]").unwrap();
        let is_admitted = |target, host: &str| {
            ours.admit(
                &asked(Version::HTTP_11, target, &[host.as_bytes()]),
                &Named::default(),
            )
            .is_ok()
        };
        for good in [
            "pledges.example.org",
            "PLEDGES.example.ORG.:443",
            "localhost:8080",
            "[2001:db8::1]:1",
        ] {
            assert!(is_admitted("/v1/pledges", good), "{good}");
        }
        for other in [
            "example.org",
            "x.pledges.example.org",
            "localhost",
            "localhost:80",
            "127.0.0.1",
            "[::1]",
        ] {
            assert!(!is_admitted("/v1/pledges", other), "{other}");
            assert!(
                is_admitted("/healthz", other) && is_admitted("/readyz/", other),
                "{other}"
            );
        }
        assert!(!is_admitted("/readyz", "a b"));
        assert!(is_admitted(
            "http://pledges.example.org/v1/pledges",
            "pledges.example.org"
        ));
        assert!(!is_admitted("http://elsewhere/v1/pledges", "pledges.example.org"));
        assert!(
            ours.admit(&asked(Version::HTTP_10, "/v1/pledges", &[]), &Named::default())
                .is_err()
        );
        assert_eq!(AllowedHosts::parse(" "), Ok(AllowedHosts::default()));
        assert!(AllowedHosts::parse("http://example.org").is_err());
    }

    #[test]
    fn what_a_connection_named_before_is_still_all_that_it_may_name() {
        let (ours, named) = (AllowedHosts::parse("here").unwrap(), Named::default());
        let admits = |target: &str, hosts: &[&[u8]]| {
            ours.admit(&asked(Version::HTTP_11, target, hosts), &named)
                .is_ok()
        };
        assert!(admits("/healthz", &[b"10.0.0.1"]) && !admits("/", &[b"10.0.0.1"]));
        for _ in 0..2 {
            assert!(admits("/", &[b"here"]) && admits("/", &[b"HERE:80"]));
            assert!(!admits("/", &[b"there"]) && !admits("/", &[b"here", b"here"]) && !admits("/", &[]));
            assert!(!admits("http://there/", &[b"here"]) && admits("http://here/", &[b"here"]));
        }
    }
}
