//! What is known of whether the register can store: what the last write learnt.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Mutex as Turn, MutexGuard},
    time::Instant,
};

use crate::error::Error;

/// For how long what a write learnt is believed: when it went well, and when it did not.
const WELL_FOR: Duration = Duration::from_secs(10);
const ILL_FOR: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(super) struct Storage {
    known: Mutex<Known>,
    /// Who asks it; others take what is known.
    asking: Turn<()>,
}

#[derive(Debug, Default)]
struct Known {
    at: Option<Instant>,
    trouble: Option<String>,
    read_only: bool,
    wrote: bool,
    /// The last write's connection died under it.
    lost: bool,
}

impl Storage {
    fn with<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        // Nothing that is done to it can panic halfway.
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A write was kept.
    pub(super) fn wrote(&self) {
        self.with(|known| {
            *known = Known {
                at: Some(Instant::now()),
                trouble: None,
                read_only: false,
                wrote: true,
                lost: false,
            };
        });
    }

    /// A write was not kept, for a reason that the next one meets too. That somebody else was at work, or that time
    /// was short, is none.
    pub(super) fn failed(&self, error: &Error) {
        if matches!(error, Error::Busy(_) | Error::TimedOut) {
            return;
        }
        let trouble = error.to_string();
        self.with(|known| {
            known.at = Some(Instant::now());
            known.trouble = Some(trouble);
            known.read_only = matches!(error, Error::ReadOnly);
        });
    }

    /// A write's connection died. One may, of itself: the next write, or who asks, will see. Two in a row are a sign.
    pub(super) fn lost(&self, error: &Error) {
        if self.with(|known| std::mem::replace(&mut known.lost, true)) {
            self.failed(error);
        } else {
            self.doubt();
        }
    }

    /// What is known is old: who asks will see.
    pub(super) fn doubt(&self) {
        self.with(|known| known.at = None);
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.with(|known| known.trouble.clone())
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.with(|known| known.read_only)
    }

    pub(super) fn was_never_written(&self) -> bool {
        self.with(|known| !known.wrote)
    }

    /// Whether what is known is too old, and nobody is about to learn more.
    pub(super) fn must_be_asked(&self) -> Option<MutexGuard<'_, ()>> {
        let asking = self.asking.try_lock().ok()?;
        let is_old = self.with(|known| {
            let believed = if known.trouble.is_none() {
                WELL_FOR
            } else {
                ILL_FOR
            };
            known.at.is_none_or(|at| at.elapsed() >= believed)
        });
        is_old.then_some(asking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_dead_connection_is_looked_into_and_two_in_a_row_are_believed() {
        let storage = Storage::default();
        storage.wrote();
        assert!(storage.must_be_asked().is_none());
        storage.lost(&Error::Lost);
        assert!(storage.trouble().is_none());
        assert!(storage.must_be_asked().is_some());
        storage.wrote();
        storage.lost(&Error::Lost);
        assert!(storage.trouble().is_none());
        storage.lost(&Error::Lost);
        assert!(storage.trouble().is_some());
        storage.wrote();
        assert!(storage.trouble().is_none());
    }

    #[test]
    fn who_was_busy_or_late_met_no_trouble_of_the_storage() {
        let storage = Storage::default();
        storage.failed(&Error::Busy("Another write holds the register."));
        storage.failed(&Error::TimedOut);
        assert!(storage.trouble().is_none());
        storage.doubt();
        storage.doubt();
        assert!(storage.trouble().is_none());
        storage.failed(&Error::DiskFull);
        assert!(storage.trouble().is_some());
    }
}
