//! Who came with wrong keys, and how long they wait: docs/decisions/0035.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;
use tokio::sync::Notify;

use super::Hash;
use crate::{
    error::{Error, Result},
    web::client::Network,
};

/// Wrong keys that cost a client nothing.
const FREE: u32 = 10;

/// The first wait, which doubles with each wrong key, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// After so long without a wrong key all is forgotten. Whoever lets that pass again and again guesses half as fast again
/// as who does not: 17 keys in 663 seconds, rather than one a minute.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);

/// For how long after a wait the turn is held for keys that were told to wait, before any may have it.
const HELD_FOR: Duration = Duration::from_secs(30);

/// How many clients are remembered.
const MOST_CLIENTS: usize = 16_384;

/// How many keys that were told to wait, of all clients.
const MOST_TOLD: usize = 65_536;

/// What clients have guessed.
pub(super) struct Guesses {
    of: Cache<Network, Guessed>,
    /// When a key was told to wait, for the first time since it had a turn; and when it came last.
    told: Cache<(Network, Hash), (Instant, Instant)>,
    /// What is looked at of clients that have free guesses still. All is changed under this lock, one at a time.
    looked_at: Mutex<HashMap<Network, Vec<Looks>>>,
    /// One of them was looked at.
    ended: Notify,
    began: Instant,
    /// Until when anybody is suspected, in milliseconds since then: so that others cost nothing.
    suspects_until: AtomicU64,
}

#[derive(Debug, Clone, Copy)]
struct Guessed {
    wrong: u32,
    /// When the last was.
    at: Instant,
    /// Until when no key is looked at.
    until: Instant,
    /// Who was told to wait since the last turn.
    told: Told,
}

/// For whom the next turn is held.
#[derive(Debug, Clone, Copy)]
enum Told {
    Nobody,
    /// Keys that did not come again yet.
    Once,
    /// Of those that came again, the one that was told first: then.
    Again(Instant),
}

/// How often a key is being looked at.
struct Looks {
    key: Hash,
    times: usize,
}

impl Guessed {
    fn is_suspect(&self, now: Instant) -> bool {
        self.wrong >= FREE && now < self.is_kept_until()
    }

    fn is_kept_until(&self) -> Instant {
        self.until.max(self.at + FORGOTTEN_AFTER)
    }

    /// How long a key waits that was told so first at this moment, or never; none where it is its turn.
    fn wait(&self, told: Option<Instant>, now: Instant) -> Option<Duration> {
        if now < self.until {
            return Some(self.until - now);
        }
        let held_for = (self.until + HELD_FOR).saturating_duration_since(now);
        match (self.told, told) {
            _ if held_for.is_zero() => None,
            (Told::Nobody, _) | (Told::Once, Some(_)) => None,
            (Told::Again(first), Some(told)) if told <= first => None,
            // It is told now.
            (Told::Once, None) => Some(FIRST_WAIT),
            (Told::Again(_), _) => Some(held_for),
        }
    }
}

/// A key that a client has not used before, while it is looked at.
pub(super) struct Attempt<'g> {
    guesses: &'g Guesses,
    client: Network,
    key: Hash,
    /// Of a suspect: until when the wait goes that began with it.
    until: Option<Instant>,
}

impl Attempt<'_> {
    /// The key was wrong; an error where the free ones are used up.
    pub(super) fn was_wrong(self) -> Result<()> {
        self.guesses.wrong(self.client)
    }

    /// The key was right, or it could not be found out. What came before is not forgiven: who has a right key could pay
    /// for guesses with it.
    pub(super) fn was_no_guess(self) {
        let Some(until) = self.until else { return };
        self.guesses.change(self.client, |guessed, _, now| {
            if let Some(guessed) = guessed.as_mut().filter(|it| it.until == until) {
                guessed.until = now;
            }
        });
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.until.is_none() {
            self.guesses.has_looked(self.client, &self.key);
        }
    }
}

/// How long the client waits that has guessed wrong so often.
fn wait(wrong: u32) -> Duration {
    let doubled = wrong.saturating_sub(FREE + 1).min(16);
    (FIRST_WAIT * (1 << doubled)).min(LONGEST_WAIT)
}

/// Whole seconds, one at least.
fn seconds(wait: Duration) -> u64 {
    let begun = u64::from(wait.subsec_nanos() > 0);
    (wait.as_secs() + begun).max(1)
}

impl Default for Guesses {
    fn default() -> Self {
        Self {
            of: Cache::new(MOST_CLIENTS),
            told: Cache::new(MOST_TOLD),
            looked_at: Mutex::default(),
            ended: Notify::new(),
            began: Instant::now(),
            suspects_until: AtomicU64::new(0),
        }
    }
}

impl Guesses {
    fn since_start(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.began).as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether a client came with so many wrong keys that it may try others only now and then.
    pub(super) fn suspects(&self, client: Network) -> bool {
        let until = self.suspects_until.load(Ordering::Relaxed);
        if until == 0 {
            return false;
        }
        let now = Instant::now();
        self.since_start(now) < until && self.of.get(&client).is_some_and(|it| it.is_suspect(now))
    }

    /// Lets a client try a key that it has not used before. A suspect is told to wait unless it is this key's turn. Of
    /// others no more are looked at at once than they may guess freely; the next one waits for these, and no longer.
    pub(super) async fn attempt(&self, client: Network, key: Hash) -> Result<Attempt<'_>> {
        loop {
            // Begun before it is looked, so that no end is missed.
            let ended = self.ended.notified();
            if let Some(attempt) = self.try_attempt(client, key)? {
                return Ok(attempt);
            }
            ended.await;
        }
    }

    /// None where as many are being looked at as may be.
    fn try_attempt(&self, client: Network, key: Hash) -> Result<Option<Attempt<'_>>> {
        let attempt = |until| Attempt {
            guesses: self,
            client,
            key,
            until,
        };
        self.change(client, |guessed, looked_at, now| {
            let wrong = guessed.map_or(0, |it| it.wrong);
            if let Some(guessed) = guessed.as_mut().filter(|it| it.wrong >= FREE) {
                return self
                    .turn(guessed, (client, key), now)
                    .map(|until| Some(attempt(Some(until))));
            }
            let looks = looked_at.entry(client).or_default();
            let has_room = looks.len() + (wrong as usize) < FREE as usize;
            match looks.iter_mut().find(|it| it.key == key) {
                // The same guess once more finds out nothing.
                Some(same) => same.times += 1,
                None if has_room => looks.push(Looks { key, times: 1 }),
                None => return Ok(None),
            }
            Ok(Some(attempt(None)))
        })
    }

    /// The turn of a suspect's key, with which the next wait begins: it ends then. Where it is not its turn, the key is
    /// told to wait, and is remembered.
    fn turn(&self, guessed: &mut Guessed, key: (Network, Hash), now: Instant) -> Result<Instant> {
        let told = self.told.get(&key);
        let told = told.filter(|(_, came)| now.saturating_duration_since(*came) < FORGOTTEN_AFTER);
        let told = told.map(|(told, _)| told);
        let Some(waits) = guessed.wait(told, now) else {
            self.told.remove(&key);
            guessed.told = Told::Nobody;
            guessed.until = now + wait(guessed.wrong + 1);
            return Ok(guessed.until);
        };
        guessed.told = match (guessed.told, told) {
            (Told::Again(first), Some(told)) => Told::Again(first.min(told)),
            (_, Some(told)) => Told::Again(told),
            (Told::Nobody, None) => Told::Once,
            (before, None) => before,
        };
        self.told.insert(key, (told.unwrap_or(now), now));
        Err(Error::TooManyAttempts(seconds(waits)))
    }

    fn has_looked(&self, client: Network, key: &Hash) {
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(looks) = looked_at.get_mut(&client) {
            for same in looks.iter_mut().filter(|it| it.key == *key) {
                same.times -= 1;
            }
            looks.retain(|it| it.times > 0);
            if looks.is_empty() {
                looked_at.remove(&client);
            }
        }
        drop(looked_at);
        self.ended.notify_waiters();
    }

    /// A key was wrong; an error where the free ones are used up.
    pub(super) fn wrong(&self, client: Network) -> Result<()> {
        self.change(client, |guessed, _, now| {
            let wrong = guessed.map_or(0, |it| it.wrong).saturating_add(1);
            let is_free = wrong <= FREE;
            let waits = if is_free { Duration::ZERO } else { wait(wrong) };
            *guessed = Some(Guessed {
                wrong,
                at: now,
                until: now + waits,
                told: guessed.map_or(Told::Nobody, |it| it.told),
            });
            if is_free {
                Ok(())
            } else {
                Err(Error::TooManyAttempts(seconds(waits)))
            }
        })
    }

    fn change<T>(
        &self,
        client: Network,
        work: impl FnOnce(&mut Option<Guessed>, &mut HashMap<Network, Vec<Looks>>, Instant) -> T,
    ) -> T {
        // Nothing that is done to them can panic halfway.
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let before = self.of.get(&client);
        let mut guessed = before.filter(|it| now < it.is_kept_until());
        let done = work(&mut guessed, &mut looked_at, now);
        match guessed {
            Some(guessed) => {
                if guessed.wrong >= FREE {
                    self.suspects_until
                        .fetch_max(self.since_start(guessed.is_kept_until()), Ordering::Relaxed);
                }
                self.of.insert(client, guessed);
            }
            None if before.is_some() => drop(self.of.remove(&client)),
            None => {}
        }
        done
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::web::client::TrustedProxies;

    fn network(number: u32) -> Network {
        let address = (Ipv4Addr::from(number), 1);
        TrustedProxies::default().peer(address.into()).network()
    }

    #[test]
    fn waits_double_to_a_minute() {
        let waits: Vec<_> = (FREE + 1..FREE + 9).map(|wrong| wait(wrong).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(wait(u32::MAX), LONGEST_WAIT);
        assert_eq!(seconds(Duration::from_millis(1)), 1);
        assert_eq!(seconds(Duration::from_millis(1_001)), 2);
    }

    #[test]
    fn of_very_many_clients_some_are_forgotten() {
        let guesses = Guesses::default();
        for number in 0..3 * u32::try_from(MOST_CLIENTS).unwrap() {
            assert!(guesses.wrong(network(number)).is_ok());
        }
        assert!(guesses.of.len() <= MOST_CLIENTS);
        assert!(!guesses.suspects(network(0)));
    }

    #[tokio::test]
    async fn one_that_was_right_begins_no_wait_and_forgives_none() {
        let guesses = Guesses::default();
        let one = network(1);
        for _ in 0..FREE {
            assert!(guesses.wrong(one).is_ok());
        }
        assert!(guesses.suspects(one));
        let attempt = guesses.attempt(one, key(1)).await.unwrap();
        assert!(matches!(
            guesses.try_attempt(one, key(2)),
            Err(Error::TooManyAttempts(1))
        ));
        attempt.was_no_guess();
        let attempt = guesses.attempt(one, key(2)).await.unwrap();
        assert!(matches!(attempt.was_wrong(), Err(Error::TooManyAttempts(1))));
    }

    fn key(number: u32) -> Hash {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&number.to_be_bytes());
        key
    }

    /// A suspect whose wait is over.
    struct Suspect {
        guesses: Guesses,
        guessed: Guessed,
        began: Instant,
    }

    impl Suspect {
        /// One who waits the longest.
        fn new() -> Self {
            let began = Instant::now();
            let guessed = Guessed {
                wrong: FREE + 20,
                at: began,
                until: began,
                told: Told::Nobody,
            };
            Self {
                guesses: Guesses::default(),
                guessed,
                began,
            }
        }

        /// Whether a key that comes so many milliseconds after the begin is looked at.
        fn looks_at(&mut self, number: u32, at: u64) -> bool {
            let now = self.began + Duration::from_millis(at);
            let turn = self
                .guesses
                .turn(&mut self.guessed, (network(1), key(number)), now);
            turn.is_ok()
        }
    }

    #[test]
    fn a_key_that_comes_again_is_not_pushed_out_by_ever_new_ones() {
        let mut suspect = Suspect::new();
        let mut new = 1_000;
        let mut tries = 0;
        // A guess each 20 ms, each another one; and one that comes when it was told to, a little late.
        let mut comes_at = 500;
        let came_in = (0..600_000).step_by(20).find(|at| {
            new += 1;
            suspect.looks_at(new, *at);
            if *at < comes_at {
                return false;
            }
            tries += 1;
            let waits = suspect.guessed.until.saturating_duration_since(suspect.began);
            comes_at = u64::try_from(waits.as_millis()).unwrap() + 1_500;
            suspect.looks_at(1, *at)
        });
        assert_eq!(tries, 2, "{came_in:?}");
    }

    #[test]
    fn turns_go_round_between_keys_that_come_again() {
        let mut suspect = Suspect::new();
        let mut turns = Vec::new();
        // One of them comes ten times as often.
        for at in (0..900_000).step_by(100) {
            for number in 1..=4 {
                let comes = number == 1 || at % 1_000 == 100 * u64::from(number);
                if comes && suspect.looks_at(number, at) {
                    turns.push(number);
                }
            }
        }
        assert_eq!(turns.len(), 15);
        for four in turns[1..].chunks_exact(4) {
            let mut four = four.to_vec();
            four.sort_unstable();
            assert_eq!(four, [1, 2, 3, 4], "{turns:?}");
        }
    }

    #[test]
    fn a_turn_that_nobody_takes_is_free_for_all_after_a_while() {
        let mut suspect = Suspect::new();
        let minute = 60_000;
        let held = u64::try_from(HELD_FOR.as_millis()).unwrap();
        assert!(suspect.looks_at(1, 0));
        // Told, and never seen again.
        assert!(!suspect.looks_at(2, 10));
        assert!(!suspect.looks_at(3, minute) && !suspect.looks_at(4, minute));
        assert!(suspect.looks_at(3, minute + 1), "it was told");
        assert!(!suspect.looks_at(2, minute + 10), "it comes again");
        assert!(!suspect.looks_at(4, 2 * minute + 1), "another was told before it");
        assert!(!suspect.looks_at(5, 2 * minute + held));
        assert!(suspect.looks_at(5, 2 * minute + held + 1));
    }

    #[test]
    fn what_is_remembered_of_keys_is_bounded() {
        let mut suspect = Suspect::new();
        for number in 0..3 * u32::try_from(MOST_TOLD).unwrap() {
            suspect.looks_at(number, 0);
        }
        assert!(suspect.guesses.told.len() <= MOST_TOLD);
    }

    #[tokio::test]
    async fn no_more_are_looked_at_at_once_than_are_free() {
        let guesses = Guesses::default();
        let one = network(1);
        let mut looks = Vec::new();
        for number in 0..FREE {
            looks.push(guesses.attempt(one, key(number)).await.unwrap());
        }
        assert!(matches!(guesses.try_attempt(one, key(FREE)), Ok(None)));
        // The same key once more, and another client's.
        drop(guesses.attempt(one, key(0)).await);
        drop(guesses.attempt(network(2), key(FREE)).await);
        let (next, ()) = tokio::join!(guesses.attempt(one, key(FREE)), async {
            looks.remove(0).was_no_guess();
        });
        let last = next.unwrap();
        for look in looks {
            assert!(look.was_wrong().is_ok());
        }
        assert!(matches!(guesses.try_attempt(one, key(50)), Ok(None)));
        assert!(last.was_wrong().is_ok());
        assert!(matches!(
            guesses.attempt(one, key(50)).await.unwrap().was_wrong(),
            Err(Error::TooManyAttempts(1))
        ));
        assert!(guesses.looked_at.lock().unwrap().is_empty());
    }

    #[test]
    fn who_lets_all_be_forgotten_guesses_half_as_fast_again() {
        let (mut free, mut after) = (FREE, Duration::ZERO);
        let mut best: f64 = 0.0;
        for wrong in FREE + 1..FREE + 30 {
            free += 1;
            let per_second = f64::from(free) / (after + FORGOTTEN_AFTER).as_secs_f64();
            best = best.max(per_second);
            after += wait(wrong);
        }
        assert!((best - 17.0 / 663.0).abs() < 1e-9, "{best}");
    }
}
