//! How much one client may ask, and one key: docs/decisions/0035.
//!
//! A request's client is counted where it comes in, in front of all that answers; its key where that is known to be right.

use std::{
    fmt,
    hash::Hash,
    num::NonZeroU32,
    sync::{Arc, OnceLock},
};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue},
};
use governor::{
    DefaultDirectRateLimiter, RateLimiter,
    clock::{DefaultClock, Reference},
    middleware::{RateLimitingMiddleware, StateSnapshot},
};
use quick_cache::sync::Cache;
use uuid::Uuid;

use super::{
    client::{Client, Network},
    host::is_of_health,
};
use crate::error::{Error, Result};

const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Of how many clients, and of how many keys, it is known what they asked lately; of others it begins anew.
const MOST_KNOWN: usize = 65_536;

/// How many requests a second one client may send, and one key. A clone counts together with it.
#[derive(Clone)]
pub struct Quota(Arc<Counts>);

struct Counts {
    per_second: NonZeroU32,
    with_loopback: bool,
    /// What answers say of it: where a client alone was counted, and where its key was too.
    policy: [HeaderValue; 2],
    clients: Cache<Network, Arc<Count>>,
    keys: Cache<Uuid, Arc<Count>>,
}

type Count = DefaultDirectRateLimiter<Left>;

/// Tells how many more there is room for, at once.
#[derive(Debug)]
struct Left;

impl<P: Reference> RateLimitingMiddleware<P> for Left {
    type PositiveOutcome = u32;
    type NegativeOutcome = ();

    fn allow<K>(_: &K, state: impl Into<StateSnapshot>) -> u32 {
        state.into().remaining_burst_capacity()
    }

    fn disallow<K>(_: &K, _: impl Into<StateSnapshot>, _: P) {}
}

impl fmt::Debug for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quota({} a second)", self.0.per_second)
    }
}

impl Quota {
    /// The largest that is told in whole steps of time.
    pub const MOST: u32 = 1_000_000;

    /// So many a second. The machine itself has no limit, unless it is counted as well.
    #[must_use]
    pub fn new(per_second: NonZeroU32, with_loopback: bool) -> Self {
        let client = format!("\"client\";q={per_second};w=1");
        let both = format!("{client}, \"key\";q={per_second};w=1");
        Self(Arc::new(Counts {
            per_second,
            with_loopback,
            policy: [client, both].map(|policy| value(policy.into())),
            clients: Cache::new(MOST_KNOWN),
            keys: Cache::new(MOST_KNOWN),
        }))
    }

    /// Counts a request to this path; none where nobody counts it.
    #[must_use]
    pub fn count(&self, path: &str, client: Client) -> Option<Counted> {
        let is_local = self.0.with_loopback && client.is_loopback();
        let network = client
            .counted_by()
            .or_else(|| is_local.then(|| client.network()))?;
        if is_of_health(path) {
            return None;
        }
        Some(Counted {
            client: self.0.ask(&self.0.clients, &network),
            quota: self.clone(),
            key: OnceLock::new(),
        })
    }
}

impl Counts {
    /// How many more may come, where one more may.
    fn ask<K: Hash + Eq + Clone>(&self, of: &Cache<K, Arc<Count>>, who: &K) -> Option<u32> {
        let count = of.get(who).unwrap_or_else(|| {
            let quota = governor::Quota::per_second(self.per_second);
            let count =
                Arc::new(RateLimiter::direct_with_clock(quota, DefaultClock::default()).with_middleware());
            of.get_or_insert_with(who, || Ok::<_, ()>(count.clone()))
                .unwrap_or(count)
        });
        count.check().ok()
    }
}

/// A request that was counted, and how its client and its key stand now.
#[derive(Debug)]
pub struct Counted {
    quota: Quota,
    /// How many more may come; none where this was one too many.
    client: Option<u32>,
    key: OnceLock<Option<u32>>,
}

impl Counted {
    /// Refuses what is more than its client may ask.
    pub fn admit(&self) -> Result<()> {
        self.within(self.client, "Your address")
    }

    /// Counts the key that the request came with, once it is known to be right.
    pub fn admit_key(&self, key: Uuid) -> Result<()> {
        let counts = &self.quota.0;
        let left = *self.key.get_or_init(|| counts.ask(&counts.keys, &key));
        self.within(left, "This key")
    }

    fn within(&self, left: Option<u32>, who: &'static str) -> Result<()> {
        let most = self.quota.0.per_second.get();
        left.map(drop).ok_or(Error::TooManyRequests { who, most })
    }

    /// Says with an answer how they stand.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let key = self.key.get();
        headers.insert(
            RATELIMIT_POLICY,
            self.quota.0.policy[usize::from(key.is_some())].clone(),
        );
        let client = self.client.unwrap_or_default();
        // Some of a second's quota is back within the second.
        let standing = match key {
            None => format!("\"client\";r={client};t=1"),
            Some(key) => {
                let key = key.unwrap_or_default();
                format!("\"client\";r={client};t=1, \"key\";r={key};t=1")
            }
        };
        headers.insert(RATELIMIT, value(standing.into()));
    }
}

/// Of digits and letters that we wrote.
fn value(text: Bytes) -> HeaderValue {
    HeaderValue::from_maybe_shared(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::web::client::TrustedProxies;

    #[test]
    fn of_very_many_clients_some_are_forgotten() {
        let quota = Quota::new(NonZeroU32::MIN, false);
        for number in 0..2 * u32::try_from(MOST_KNOWN).unwrap() {
            let client = TrustedProxies::default().peer((Ipv4Addr::from(number | 1 << 28), 1).into());
            drop(quota.count("/", client));
        }
        assert!(quota.0.clients.len() <= MOST_KNOWN);
    }

    #[test]
    fn a_value_is_a_list_of_structured_fields() {
        let quota = Quota::new(NonZeroU32::new(3).unwrap(), false);
        let client = TrustedProxies::default().peer(([192, 0, 2, 1], 1).into());
        let (key, mut said) = (Uuid::nil(), Vec::new());
        for _ in 0..4 {
            let counted = quota.count("/", client).unwrap();
            let is_admitted = counted.admit().is_ok() && counted.admit_key(key).is_ok();
            let mut headers = HeaderMap::new();
            counted.tell(&mut headers);
            said.push((is_admitted, headers[RATELIMIT].to_str().unwrap().to_owned()));
        }
        let told = |left: u32| format!("\"client\";r={left};t=1, \"key\";r={left};t=1");
        let expected = [
            (true, told(2)),
            (true, told(1)),
            (true, told(0)),
            (false, "\"client\";r=0;t=1".to_owned()),
        ];
        assert_eq!(said, expected);
    }
}
