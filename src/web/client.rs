//! Who asks, as they are counted: who is connected, or for whom a trusted proxy asks.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The client of a request: its address, and whether it is held to what one client may have at once.
///
/// Whoever is connected directly is who they are. A header is believed only where a trusted proxy sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    address: IpAddr,
    is_counted: bool,
}

/// What one client is counted by: an IPv4 address; of IPv6 the first 64 bits, as whoever has one address there has them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Client {
    /// Nobody is more than one on the way in: of the machine itself, and of proxies that speak for others.
    #[must_use]
    pub fn counted_by(self) -> Option<Network> {
        self.is_counted.then(|| self.network())
    }

    /// The same of whoever asks, held to anything or not.
    #[must_use]
    pub fn network(self) -> Network {
        match self.address {
            IpAddr::V4(_) => Network(self.address),
            IpAddr::V6(address) => {
                let first = u128::from(address) & (u128::MAX << 64);
                Network(Ipv6Addr::from(first).into())
            }
        }
    }

    /// Whether it is the machine itself.
    #[must_use]
    pub fn is_loopback(self) -> bool {
        self.address.is_loopback()
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let IpAddr::V4(address) = self.address else {
            return self.address.fmt(f);
        };
        // In one piece, as it is written into every line of the log.
        let mut text = String::with_capacity("255.255.255.255".len());
        for (number, octet) in address.octets().into_iter().enumerate() {
            if number > 0 {
                text.push('.');
            }
            text.push_str(itoa::Buffer::new().format(octet));
        }
        f.pad(&text)
    }
}

/// The proxies whose word on their clients is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    by: ForwardedBy,
}

/// The header in which the proxies say for whom they ask. The other one may be anybody's, as a proxy lets pass what it does not
/// write itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`, and `Forwarded` where there is none of it.
    #[default]
    Either,
    XForwardedFor,
    Forwarded,
}

impl ForwardedBy {
    /// The name of the header; empty where it is not said.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" => Ok(Self::Either),
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            other => Err(format!("{other:?} is neither x-forwarded-for nor forwarded")),
        }
    }
}

impl TrustedProxies {
    /// Addresses and networks, with commas between them: `10.0.0.0/8,fd00::/8,192.0.2.7`.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|network| !network.is_empty())
            .map(|network| {
                network
                    .parse::<IpNet>()
                    .or_else(|_| network.parse::<IpAddr>().map(IpNet::from))
                    .map_err(|_| {
                        format!(
                            "{network:?} is neither an address nor a network such as 10.0.0.0/8 or fd00::/8"
                        )
                    })
            })
            .collect::<Result<_, _>>()
            .map(|networks| Self {
                networks,
                by: ForwardedBy::Either,
            })
    }

    /// Which header they write.
    #[must_use]
    pub fn that_write(self, by: ForwardedBy) -> Self {
        Self { by, ..self }
    }

    /// Whether what comes from there is a proxy's.
    #[must_use]
    pub fn speaks_for_others(&self, peer: SocketAddr) -> bool {
        self.trusts(peer.ip().to_canonical())
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Who is connected from there, before anything was asked.
    #[must_use]
    pub fn peer(&self, peer: SocketAddr) -> Client {
        // A socket for both kinds gives IPv4 addresses another form.
        let address = peer.ip().to_canonical();
        Client {
            address,
            is_counted: !address.is_loopback() && !self.trusts(address),
        }
    }

    /// For whom a request is that came from there.
    ///
    /// What a proxy appends stands at the right, and whatever a client made up at the left of it: so the rightmost address that
    /// is no trusted proxy's is the client. Those for whom no address can be read are all counted as one client, so that it gains
    /// nobody anything.
    #[must_use]
    pub fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> Client {
        let direct = self.peer(peer);
        if !self.trusts(direct.address) {
            return direct;
        }
        let listed = || {
            let list = listed(headers, &X_FORWARDED_FOR)?;
            Some(self.rightmost(list.iter().map(|it| address(it))))
        };
        let forwarded = || Some(self.rightmost(listed_for(headers)?.into_iter()));
        let named = match self.by {
            ForwardedBy::Either => listed().or_else(forwarded),
            ForwardedBy::XForwardedFor => listed(),
            ForwardedBy::Forwarded => forwarded(),
        };
        let Some(named) = named else { return direct };
        Client {
            address: named.unwrap_or(direct.address),
            is_counted: true,
        }
    }

    /// Of addresses in the order in which they were added; the first where all are trusted, none where one on the way is no
    /// address.
    fn rightmost(&self, added: impl DoubleEndedIterator<Item = Option<IpAddr>>) -> Option<IpAddr> {
        let mut first = None;
        for address in added.rev() {
            let address = address?;
            first = Some(address);
            if !self.trusts(address) {
                break;
            }
        }
        first
    }
}

/// The parts of a list that may stand on several lines; none where there is no such header.
fn listed<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Vec<&'h str>> {
    let mut parts = None;
    for value in headers.get_all(name) {
        let parts = parts.get_or_insert_with(Vec::new);
        // What is no text is no address either, and says nothing of those beside it.
        let texts = value.as_bytes().split(|byte| *byte == b',').map(str::from_utf8);
        parts.extend(texts.map(|text| text.unwrap_or("?").trim()));
    }
    parts
}

/// The addresses that `Forwarded` (RFC 7239) names: `for=192.0.2.7;proto=https, for="[2001:db8::1]:4711"`. A comma or a
/// semicolon inside of a quoted text would part it; no address has one, and what is no address is not believed.
fn listed_for(headers: &HeaderMap) -> Option<Vec<Option<IpAddr>>> {
    let named = |hop: &str| {
        hop.split(';')
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))
            .and_then(|(_, node)| address(node.trim().trim_matches('"')))
    };
    listed(headers, &header::FORWARDED).map(|hops| hops.into_iter().map(named).collect())
}

/// An address as proxies write it, with or without a port: `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse()
        .or_else(|_| text.parse::<SocketAddr>().map(|it| it.ip()))
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const PROXY: &str = "10.0.0.1:4000";

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> (String, bool) {
        let trusted = TrustedProxies::parse("10.0.0.0/8, fd00::/8,192.0.2.250").unwrap();
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            all.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let client = trusted.client(peer.parse().unwrap(), &all);
        (client.to_string(), client.counted_by().is_some())
    }

    fn named(address: &str) -> (String, bool) {
        (address.to_owned(), true)
    }

    #[test]
    fn who_is_connected_directly_is_who_they_are_whatever_they_say() {
        let forged = [
            ("x-forwarded-for", "198.51.100.1"),
            ("forwarded", "for=198.51.100.1"),
        ];
        for headers in [&[][..], &forged] {
            assert_eq!(client("203.0.113.9:1", headers), named("203.0.113.9"));
            assert_eq!(client("[2001:db8::9]:1", headers), named("2001:db8::9"));
            assert_eq!(client("[::ffff:203.0.113.9]:1", headers), named("203.0.113.9"));
            assert_eq!(client("127.0.0.1:1", headers), ("127.0.0.1".to_owned(), false));
            assert_eq!(client("[::1]:1", headers), ("::1".to_owned(), false));
        }
        assert_eq!(client(PROXY, &[]), ("10.0.0.1".to_owned(), false));
    }

    #[test]
    fn behind_trusted_proxies_it_is_the_rightmost_that_is_none() {
        for (list, right) in [
            ("198.51.100.1", "198.51.100.1"),
            ("1.1.1.1, 127.0.0.1, 198.51.100.1", "198.51.100.1"),
            ("1.1.1.1, 198.51.100.1, 10.2.3.4,192.0.2.250", "198.51.100.1"),
            ("nonsense, 198.51.100.1:4711", "198.51.100.1"),
            ("café, 198.51.100.1", "198.51.100.1"),
            ("[2001:db8::1]:80, fd00::1", "2001:db8::1"),
            // A forged address of the machine itself is one more to be counted.
            ("127.0.0.1", "127.0.0.1"),
            // Of the house, all the way.
            ("10.7.7.7, 10.2.3.4", "10.7.7.7"),
        ] {
            assert_eq!(
                client(PROXY, &[("x-forwarded-for", list)]),
                named(right),
                "{list}"
            );
        }
        let lines = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "198.51.100.1, 10.1.1.1"),
        ];
        assert_eq!(client(PROXY, &lines), named("198.51.100.1"));
        for list in [
            "for=198.51.100.1",
            "for=1.1.1.1, FOR=\"198.51.100.1:80\";proto=https;by=10.0.0.1",
            "by=10.0.0.1;for=198.51.100.1, for=10.1.1.1",
        ] {
            assert_eq!(
                client(PROXY, &[("forwarded", list)]),
                named("198.51.100.1"),
                "{list}"
            );
        }
        let six = "for=\"[2001:db8:cafe::17]:4711\"";
        assert_eq!(client(PROXY, &[("forwarded", six)]), named("2001:db8:cafe::17"));
    }

    #[test]
    fn what_cannot_be_believed_is_counted_as_the_proxy() {
        for headers in [
            &[("x-forwarded-for", "unknown")][..],
            &[("x-forwarded-for", "")],
            &[("x-forwarded-for", "198.51.100.1, ")],
            &[("forwarded", "for=_hidden")],
            &[("forwarded", "proto=https")],
            &[("x-forwarded-for", "unknown"), ("forwarded", "for=198.51.100.2")],
        ] {
            assert_eq!(client(PROXY, headers), named("10.0.0.1"), "{headers:?}");
        }
    }

    #[test]
    fn of_two_headers_the_one_that_the_proxy_writes_is_believed() {
        let both: HeaderMap = [
            (X_FORWARDED_FOR, "198.51.100.1"),
            (header::FORWARDED, "for=198.51.100.2"),
        ]
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .into_iter()
        .collect();
        let told = |by| {
            let trusted = TrustedProxies::parse("10.0.0.1").unwrap().that_write(by);
            trusted.client(PROXY.parse().unwrap(), &both).to_string()
        };
        for (said, client) in [
            ("", "198.51.100.1"),
            ("X-Forwarded-For", "198.51.100.1"),
            ("forwarded", "198.51.100.2"),
        ] {
            assert_eq!(told(ForwardedBy::parse(said).unwrap()), client);
        }
        assert!(ForwardedBy::parse("x-real-ip").is_err());
    }

    #[test]
    fn of_ipv6_the_first_half_is_counted() {
        let of = |address: &str| {
            let trusted = TrustedProxies::default();
            trusted
                .peer(SocketAddr::new(address.parse().unwrap(), 1))
                .counted_by()
        };
        assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
        assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        assert_eq!(TrustedProxies::parse(""), Ok(TrustedProxies::default()));
        for bad in ["10.0.0.0/33", "proxy", "10.0.0", "::1/129"] {
            let why = TrustedProxies::parse(bad).unwrap_err();
            assert!(why.contains(bad) && why.contains("10.0.0.0/8"), "{why}");
        }
    }
}
