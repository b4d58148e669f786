//! Who may come in: keys, and those that were seen a moment ago.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::extract::Request;
use uuid::Uuid;

use super::{Guesses, Hash, Holder, MayRead, Reading, Uses, bearer, hash, sql};
use crate::{
    db,
    error::{Error, Result},
    history::{Register, Revision},
    web::{
        arrival::Arrival,
        client::{Client, Network},
        host::is_of_health,
    },
};

/// How many keys are remembered. Only live ones are, so there are hardly ever more.
const MOST_KEYS: usize = 1024;

/// Of how many clients it is remembered that they used a key.
const MOST_USERS: usize = 16;

/// How often the secrets of keys that clients used are looked up, where such a client waits.
const LOOKED_UP_EVERY: Duration = Duration::from_secs(1);

/// For how long a key that was looked up lets writers in: the write itself looks again.
const LET_IN_FOR: Duration = Duration::from_millis(900);

/// The door of a register.
#[derive(Clone)]
pub struct Door(Arc<Shared>);

struct Shared {
    register: Register,
    reading: Reading,
    keys: Mutex<Keys>,
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
}

/// What is remembered of keys.
#[derive(Default)]
struct Keys {
    seen: HashMap<Hash, Seen>,
    /// Who used a key, whichever secret it had; the last last.
    users: HashMap<Uuid, Vec<Network>>,
    /// The secrets that keys with users had when it was looked last: others than were seen, where they were rotated.
    secrets: HashMap<Hash, Uuid>,
    /// When that was, and how often this process had changed a key by then.
    secrets_at: Option<(Instant, u64)>,
}

impl Keys {
    fn used_by(&mut self, key: Uuid, client: Option<Client>) {
        let Some(user) = client.map(Client::network) else {
            return;
        };
        let users = self.users.entry(key).or_default();
        if users.last() == Some(&user) {
            return;
        }
        users.retain(|it| *it != user);
        if users.len() >= MOST_USERS {
            users.remove(0);
        }
        users.push(user);
    }

    fn is_used_by(&self, hash: &Hash, user: Network) -> bool {
        let seen = self.seen.get(hash).map(|seen| &seen.holder.id);
        let users = seen
            .or_else(|| self.secrets.get(hash))
            .and_then(|key| self.users.get(key));
        users.is_some_and(|users| users.contains(&user))
    }

    fn keep(&mut self, hash: Hash, seen: Seen) {
        if self.seen.len() >= MOST_KEYS || self.users.len() >= MOST_KEYS {
            *self = Self::default();
        }
        self.seen.insert(hash, seen);
    }

    fn forget(&mut self, hash: &Hash) {
        self.seen.remove(hash);
        self.secrets.remove(hash);
    }

    /// The keys whose secrets are to be looked up, as this client used one of them and they may have others by now; none
    /// where that was done a moment ago.
    fn due_to_look_up(&mut self, user: Network, untold: u64) -> Vec<Uuid> {
        let is_old = self
            .secrets_at
            .is_none_or(|(at, before)| before != untold || at.elapsed() >= LOOKED_UP_EVERY);
        if !is_old || !self.users.values().any(|users| users.contains(&user)) {
            return Vec::new();
        }
        self.secrets_at = Some((Instant::now(), untold));
        self.users.keys().copied().collect()
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
            keys: Mutex::default(),
            guesses: Guesses::default(),
        }))
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        // Nothing that is done to them can panic halfway.
        self.0.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether who asks may read, and whose key it is; none where that has to be looked up first, or is none.
    #[must_use]
    pub fn reader<B>(
        &self,
        request: &Request<B>,
        revision: Option<&Revision>,
    ) -> Option<(MayRead, Option<Uuid>)> {
        if is_of_health(request.uri().path()) {
            return Some((MayRead(self.is_public()), None));
        }
        match bearer(request.headers()) {
            Ok(None) => Some((MayRead(self.is_public()), None)),
            Ok(Some(secret)) => {
                let (arrival, hash) = (Arrival::get(request), hash(secret));
                let client = arrival.map(Arrival::client);
                let network = client.map(Client::network);
                if network.is_some_and(|it| self.0.guesses.suspects(it) && !self.keys().is_used_by(&hash, it))
                {
                    return None;
                }
                let holder = self.known(&hash, client, revision)?;
                holder.is_told(arrival);
                Some((MayRead(true), Some(holder.id)))
            }
            Err(_) => None,
        }
    }

    fn known(&self, hash: &Hash, client: Option<Client>, revision: Option<&Revision>) -> Option<Holder> {
        let unlogged = revision?.unlogged();
        let mut keys = self.keys();
        let seen = keys
            .seen
            .get(hash)
            .filter(|seen| seen.unlogged == Some(unlogged))?;
        let holder = self.good(&seen.holder)?;
        keys.used_by(holder.id, client);
        Some(holder)
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
        let hash = hash(secret);
        let network = arrival.map(|it| it.client().network());
        let guesses = &self.0.guesses;
        let attempt = match network {
            Some(network) if !self.is_used_by(&hash, network).await => {
                Some(guesses.attempt(network, hash).await?)
            }
            _ => None,
        };
        let found = self.found(&hash, arrival, reads).await;
        let is_wrong = matches!(found, Err(Error::WrongKey(_) | Error::KeyExpired));
        match (attempt, network) {
            (Some(attempt), _) if is_wrong => attempt.was_wrong()?,
            (Some(attempt), _) => attempt.was_no_guess(),
            (None, Some(network)) if is_wrong => guesses.wrong(network)?,
            _ => {}
        }
        found
    }

    /// Whether a client used this key before, with this secret or another one. What others know of it is not looked at, nor is
    /// it asked for what came: who waits would guess by that.
    async fn is_used_by(&self, hash: &Hash, client: Network) -> bool {
        let due = {
            let mut keys = self.keys();
            if keys.is_used_by(hash, client) {
                return true;
            }
            if !self.0.guesses.suspects(client) {
                return false;
            }
            keys.due_to_look_up(client, self.0.register.untold())
        };
        if due.is_empty() {
            return false;
        }
        let (db, now) = (self.0.register.db().clone(), self.0.register.clock().now());
        let reading = db.clone();
        let secrets = async move { sql::secrets(&mut reading.reserved().await?, &due, now).await };
        // Where they cannot be looked up, who comes with another one waits.
        let Ok(secrets) = db.beside(secrets).await.flatten() else {
            return false;
        };
        let mut keys = self.keys();
        keys.secrets = secrets;
        keys.is_used_by(hash, client)
    }

    async fn found(&self, hash: &Hash, arrival: Option<&Arrival>, reads: bool) -> Result<(Holder, Look)> {
        let (at, client) = (Instant::now(), arrival.map(Arrival::client));
        let register = &self.0.register;
        let untold = register.untold();
        let revision = if reads { register.revision().await } else { None };
        let known = if reads {
            self.known(hash, client, revision.as_deref())
        } else if register.db().is_a_file() && !db::stands_in_line() {
            // That another file was written over this one shows where its keys are read; for those in line, who creates looks.
            None
        } else {
            let mut keys = self.keys();
            let lately = keys
                .seen
                .get(hash)
                .filter(|seen| seen.at.elapsed() < LET_IN_FOR && seen.untold == untold)
                // How far it reaches is asked before its body is read, and may be more by now.
                .filter(|seen| seen.holder.reach.covers_all().is_ok());
            let holder = lately.and_then(|seen| self.good(&seen.holder));
            if let Some(holder) = &holder {
                keys.used_by(holder.id, client);
            }
            holder
        };
        if let Some(holder) = known {
            holder.is_told(arrival);
            return Ok((holder, if reads { Look::At(at) } else { Look::Before }));
        }
        let holder = self.looked_up(hash, arrival).await?;
        let mut keys = self.keys();
        let before = keys.seen.remove(hash);
        let unlogged = match revision {
            Some(revision) => Some(revision.unlogged()),
            None => before.and_then(|seen| seen.unlogged),
        };
        let seen = Seen {
            holder: holder.clone(),
            at,
            unlogged,
            untold,
        };
        keys.keep(*hash, seen);
        keys.used_by(holder.id, client);
        Ok((holder, Look::At(at)))
    }

    /// That a key that was let in is live still. Where that cannot be asked, nothing is said against it.
    pub(super) async fn must_be_live(&self, holder: &Holder) -> Result<()> {
        match self.looked_up(&holder.secret, None).await {
            Err(refusal @ (Error::WrongKey(_) | Error::KeyExpired)) => Err(refusal),
            _ => Ok(()),
        }
    }

    /// The key as it is now. The log is told whose a key is that opens nothing any more, and nobody else.
    async fn looked_up(&self, hash: &Hash, arrival: Option<&Arrival>) -> Result<Holder> {
        let register = &self.0.register;
        let (db, now, reading) = (register.db(), register.clock().now(), register.db().clone());
        let sought = hash.to_vec();
        let found = db.beside(async move { sql::by_hash(&mut reading.reserved().await?, sought).await });
        let found = found.await??;
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
                    reach: key.reach,
                };
                if let Some(holder) = self.good(&holder) {
                    return Ok(holder);
                }
                Error::KeyExpired
            }
            _ => Error::WrongKey(
                "This key is unknown or revoked. Check it, or ask the register's operator for a new one.",
            ),
        };
        self.keys().forget(hash);
        // Which keys another register has says nothing of this one.
        let reading = db.clone();
        db.beside(async move { reading.must_be_itself().await }).await??;
        Err(refusal)
    }

    /// Whether reading takes no key.
    pub(super) fn is_public(&self) -> bool {
        self.0.reading == Reading::Public
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::web::client::TrustedProxies;

    #[test]
    fn of_many_users_those_are_forgotten_that_used_a_key_longest_ago() {
        let client = |number: usize| {
            let address = Ipv4Addr::from(u32::try_from(number).unwrap());
            TrustedProxies::default().peer((address, 1).into())
        };
        let (mut keys, key) = (Keys::default(), Uuid::nil());
        for number in 0..MOST_USERS {
            keys.used_by(key, Some(client(number)));
        }
        keys.used_by(key, Some(client(0)));
        keys.used_by(key, Some(client(MOST_USERS)));
        let users = &keys.users[&key];
        assert_eq!(users.len(), MOST_USERS);
        assert!(users.contains(&client(0).network()));
        assert!(!users.contains(&client(1).network()));
    }
}
