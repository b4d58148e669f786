//! Who came with wrong keys, and how long they wait: docs/decisions/0035.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;

use crate::{
    error::{Error, Result},
    web::client::Network,
};

/// Wrong keys that cost a client nothing.
const FREE: u32 = 10;

/// The first wait, which doubles with each wrong key, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// After so long without a wrong key all is forgotten: whoever waits for that guesses no faster than who does not.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(10);

/// How many clients are remembered.
const MOST_CLIENTS: usize = 16_384;

/// What clients have guessed.
pub(super) struct Guesses {
    of: Cache<Network, Guessed>,
    /// They are changed one at a time.
    changing: Mutex<()>,
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
}

impl Guessed {
    fn is_suspect(&self, now: Instant) -> bool {
        self.wrong >= FREE && now < self.until.max(self.at + FORGOTTEN_AFTER)
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
            changing: Mutex::default(),
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

    /// Lets a client try a key that it has not used before, unless it has to wait. Of a suspect, the next wait begins at
    /// once: who tries many at a time tries one.
    pub(super) fn attempt(&self, client: Network) -> Result<()> {
        self.change(client, |guessed, now| {
            let Some(guessed) = guessed.as_mut().filter(|it| it.wrong >= FREE) else {
                return Ok(());
            };
            if now < guessed.until {
                return Err(Error::TooManyAttempts(seconds(guessed.until - now)));
            }
            guessed.until = now + wait(guessed.wrong + 1);
            Ok(())
        })
    }

    /// The key was right, or it could not be found out. What came before is not forgiven: who has a right key could pay
    /// for guesses with it.
    pub(super) fn no_guess(&self, client: Network) {
        self.change(client, |guessed, now| {
            if let Some(guessed) = guessed {
                guessed.until = now;
            }
        });
    }

    /// The key was wrong; an error where the free ones are used up.
    pub(super) fn wrong(&self, client: Network) -> Result<()> {
        self.change(client, |guessed, now| {
            let wrong = guessed.map_or(0, |it| it.wrong).saturating_add(1);
            let is_free = wrong <= FREE;
            let waits = if is_free { Duration::ZERO } else { wait(wrong) };
            *guessed = Some(Guessed {
                wrong,
                at: now,
                until: now + waits,
            });
            if is_free {
                Ok(())
            } else {
                Err(Error::TooManyAttempts(seconds(waits)))
            }
        })
    }

    fn change<T>(&self, client: Network, work: impl FnOnce(&mut Option<Guessed>, Instant) -> T) -> T {
        // Nothing that is done to them can panic halfway.
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let before = self.of.get(&client);
        let mut guessed = before.filter(|it| now < it.until.max(it.at + FORGOTTEN_AFTER));
        let done = work(&mut guessed, now);
        match guessed {
            Some(guessed) => {
                if guessed.wrong >= FREE {
                    let until = guessed.until.max(guessed.at + FORGOTTEN_AFTER);
                    self.suspects_until
                        .fetch_max(self.since_start(until), Ordering::Relaxed);
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

    #[test]
    fn one_that_was_right_begins_no_wait_and_forgives_none() {
        let guesses = Guesses::default();
        let one = network(1);
        for _ in 0..FREE {
            assert!(guesses.wrong(one).is_ok());
        }
        assert!(guesses.suspects(one));
        assert!(guesses.attempt(one).is_ok());
        assert!(matches!(guesses.attempt(one), Err(Error::TooManyAttempts(1))));
        guesses.no_guess(one);
        assert!(guesses.attempt(one).is_ok());
        assert!(matches!(guesses.wrong(one), Err(Error::TooManyAttempts(1))));
    }
}
