//! Who may come in: keys, and those that were seen a moment ago.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::extract::Request;
use uuid::Uuid;

use super::{Guesses, Holder, MayRead, Reading, Uses, bearer, hash, sql};
use crate::{
    error::{Error, Result},
    history::{Register, Revision},
    web::{
        arrival::Arrival,
        client::{Client, Network},
    },
};

/// How many keys are remembered. Only live ones are, so there are hardly ever more.
const MOST_KEYS: usize = 1024;

/// Of how many clients it is remembered that they used a key.
const MOST_USERS: usize = 16;

/// For how long a key that was looked up lets writers in: the write itself looks again.
const LET_IN_FOR: Duration = Duration::from_millis(900);

/// The door of a register.
#[derive(Clone)]
pub struct Door(Arc<Shared>);

struct Shared {
    register: Register,
    reading: Reading,
    seen: Mutex<HashMap<[u8; 32], Seen>>,
    guesses: Guesses,
    uses: Uses,
}

/// A live key.
struct Seen {
    holder: Holder,
    at: Instant,
    /// What the log did not tell of, when it was looked up: keys are among it.
    unlogged: Option<u64>,
    /// How often this process had changed a key by then.
    untold: u64,
    /// Who used it, the last last.
    users: Vec<Network>,
}

impl Seen {
    fn used_by(&mut self, client: Option<Client>) {
        let Some(user) = client.map(Client::network) else {
            return;
        };
        if !self.users.contains(&user) {
            if self.users.len() >= MOST_USERS {
                self.users.remove(0);
            }
            self.users.push(user);
        }
    }
}

/// When it was looked whether a key is live: before its request came, or for it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look {
    Before,
    At(Instant),
}

impl Look {
    /// Whether a key may have ended since, and it be noticed.
    pub fn is_old(self) -> bool {
        match self {
            Self::Before => true,
            Self::At(at) => at.elapsed() >= LET_IN_FOR,
        }
    }
}

impl Door {
    #[must_use]
    pub fn new(register: Register, reading: Reading) -> Self {
        Self(Arc::new(Shared {
            uses: Uses::of(register.clone()),
            register,
            reading,
            seen: Mutex::default(),
            guesses: Guesses::default(),
        }))
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<[u8; 32], Seen>> {
        // Nothing that is done to them can panic halfway.
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether who asks may read, and whose key it is; none where that has to be looked up first, or is none.
    #[must_use]
    pub fn reader<B>(
        &self,
        request: &Request<B>,
        revision: Option<&Revision>,
    ) -> Option<(MayRead, Option<Uuid>)> {
        match bearer(request.headers()) {
            Ok(None) => Some((MayRead(self.is_public()), None)),
            Ok(Some(secret)) => {
                let (arrival, hash) = (Arrival::get(request), hash(secret));
                let client = arrival.map(Arrival::client);
                if self.suspect(&hash, client).is_some() {
                    return None;
                }
                let holder = self.known(&hash, client, revision)?;
                holder.is_told(arrival);
                Some((MayRead(true), Some(holder.id)))
            }
            Err(_) => None,
        }
    }

    fn known(&self, hash: &[u8; 32], client: Option<Client>, revision: Option<&Revision>) -> Option<Holder> {
        let unlogged = revision?.unlogged();
        let mut seen = self.seen();
        let seen = seen
            .get_mut(hash)
            .filter(|seen| seen.unlogged == Some(unlogged))?;
        let holder = self.good(&seen.holder)?;
        seen.used_by(client);
        Some(holder)
    }

    /// Whoever came with many wrong keys, and comes with one that they did not use before. What others know of it is not
    /// looked at.
    fn suspect(&self, hash: &[u8; 32], client: Option<Client>) -> Option<Network> {
        let network = client?.network();
        if !self.0.guesses.suspects(network) {
            return None;
        }
        let seen = self.seen();
        let is_theirs = seen.get(hash).is_some_and(|seen| seen.users.contains(&network));
        (!is_theirs).then_some(network)
    }

    /// A holder whose secret is good still: nobody writes down that it expires. Here it is used.
    fn good(&self, holder: &Holder) -> Option<Holder> {
        let now = self.0.register.clock().now();
        if holder.until.is_some_and(|end| end <= now) {
            return None;
        }
        self.0.uses.add(holder.id, now);
        Some(holder.clone())
    }

    /// Who comes with this key, to read or to write; and when that was looked at. Wrong keys are counted by who comes
    /// with them.
    pub(super) async fn holder(
        &self,
        secret: &str,
        arrival: Option<&Arrival>,
        reads: bool,
    ) -> Result<(Holder, Look)> {
        let (hash, client) = (hash(secret), arrival.map(Arrival::client));
        let guesses = &self.0.guesses;
        let suspect = self.suspect(&hash, client);
        if let Some(suspect) = suspect {
            guesses.attempt(suspect)?;
        }
        let found = self.found(&hash, arrival, reads).await;
        match (&found, client, suspect) {
            (Err(Error::Unauthorized(_) | Error::KeyExpired), Some(client), _) => {
                guesses.wrong(client.network())?;
            }
            (_, _, Some(suspect)) => guesses.no_guess(suspect),
            _ => {}
        }
        found
    }

    async fn found(&self, hash: &[u8; 32], arrival: Option<&Arrival>, reads: bool) -> Result<(Holder, Look)> {
        let (at, client) = (Instant::now(), arrival.map(Arrival::client));
        let register = &self.0.register;
        let untold = register.untold();
        let revision = if reads { register.revision().await } else { None };
        let known = if reads {
            self.known(hash, client, revision.as_deref())
        } else if register.db().is_a_file() {
            // That another file was written over this one shows where its keys are read.
            None
        } else {
            let mut seen = self.seen();
            let lately = seen
                .get_mut(hash)
                .filter(|seen| seen.at.elapsed() < LET_IN_FOR && seen.untold == untold);
            lately.and_then(|seen| {
                seen.used_by(client);
                self.good(&seen.holder)
            })
        };
        if let Some(holder) = known {
            holder.is_told(arrival);
            return Ok((holder, if reads { Look::At(at) } else { Look::Before }));
        }
        let holder = self.looked_up(hash, arrival).await?;
        let mut seen = self.seen();
        let before = seen.remove(hash);
        if seen.len() >= MOST_KEYS {
            seen.clear();
        }
        let (unlogged, users) = before.map_or_else(Default::default, |seen| (seen.unlogged, seen.users));
        let mut now = Seen {
            holder: holder.clone(),
            at,
            unlogged: revision.map_or(unlogged, |revision| Some(revision.unlogged())),
            untold,
            users,
        };
        now.used_by(client);
        seen.insert(*hash, now);
        Ok((holder, Look::At(at)))
    }

    /// That a key that was let in is live still. Where that cannot be asked, nothing is said against it.
    pub(super) async fn must_be_live(&self, holder: &Holder) -> Result<()> {
        match self.looked_up(&holder.secret, None).await {
            Err(refusal @ (Error::Unauthorized(_) | Error::KeyExpired)) => Err(refusal),
            _ => Ok(()),
        }
    }

    /// The key as it is now. The log is told whose a key is that opens nothing any more, and nobody else.
    async fn looked_up(&self, hash: &[u8; 32], arrival: Option<&Arrival>) -> Result<Holder> {
        let register = &self.0.register;
        let now = register.clock().now();
        let found = sql::by_hash(&mut register.db().reserved().await?, hash.to_vec()).await?;
        if let (Some(key), Some(arrival)) = (&found, arrival) {
            arrival.came_with(&key.name);
        }
        let refusal = match found {
            Some(key) if key.revoked_at.is_none() && key.old_until.is_none_or(|end| end > now) => {
                let holder = Holder {
                    id: key.id,
                    secret: *hash,
                    name: key.name,
                    role: key.role,
                    until: [key.expires_at, key.old_until].into_iter().flatten().min(),
                };
                if let Some(holder) = self.good(&holder) {
                    return Ok(holder);
                }
                Error::KeyExpired
            }
            _ => Error::Unauthorized(
                "This key is unknown or revoked. Check it, or ask the register's operator for a new one.",
            ),
        };
        self.seen().remove(hash);
        // Which keys another register has says nothing of this one.
        register.db().must_be_itself().await?;
        Err(refusal)
    }

    /// Whether reading takes no key.
    pub(super) fn is_public(&self) -> bool {
        self.0.reading == Reading::Public
    }
}
