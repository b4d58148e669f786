//! When keys were used last: written down some seconds later and many at a time, as a read must not wait for a write.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use tokio::{runtime::Handle, time::sleep};
use uuid::Uuid;

use super::sql;
use crate::{db::deadline, error::Result, history::Register, values::Timestamp};

/// How long uses are gathered.
const GATHERED_FOR: Duration = Duration::from_secs(5);

/// How long it may take to write them down.
const WRITTEN_WITHIN: Duration = Duration::from_secs(4);

pub(super) struct Uses(Arc<Shared>);

struct Shared {
    register: Register,
    gathered: Mutex<Gathered>,
}

#[derive(Default)]
struct Gathered {
    last: HashMap<Uuid, Timestamp>,
    /// Whether somebody is about to write them down.
    is_awaited: bool,
}

impl Uses {
    pub fn of(register: Register) -> Self {
        Self(Arc::new(Shared {
            register,
            gathered: Mutex::default(),
        }))
    }

    /// A key was used.
    pub fn add(&self, key: Uuid, at: Timestamp) {
        let mut gathered = self.0.gathered();
        gathered.last.insert(key, at);
        if gathered.is_awaited {
            return;
        }
        // Whoever asks without a runtime is not a server.
        if Handle::try_current().is_err() {
            return;
        }
        gathered.is_awaited = true;
        // A register that is closed meanwhile is not held open for it.
        let written = written_later(Arc::downgrade(&self.0));
        self.0.register.db().beside_all(written);
    }
}

/// Writes down what was gathered, and as often as it takes what could not be written.
async fn written_later(uses: Weak<Shared>) {
    loop {
        sleep(GATHERED_FOR).await;
        let Some(uses) = uses.upgrade() else { return };
        let last = {
            let mut gathered = uses.gathered();
            if gathered.last.is_empty() {
                gathered.is_awaited = false;
                return;
            }
            mem::take(&mut gathered.last)
        };
        match deadline::within(WRITTEN_WITHIN, Box::pin(uses.write(&last))).await {
            Ok(true) => {}
            Ok(false) => uses.gathered().put_back(last),
            Err(error) => {
                tracing::debug!(%error, "the last uses of keys were not written down");
                uses.gathered().put_back(last);
            }
        }
    }
}

impl Gathered {
    /// What was taken away and could not be written; who used a key since has used it later.
    fn put_back(&mut self, last: HashMap<Uuid, Timestamp>) {
        for (key, at) in last {
            let latest = self.last.entry(key).or_insert(at);
            *latest = at.max(*latest);
        }
    }
}

impl Shared {
    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        // Nothing that is done to them can panic halfway.
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether they were written down.
    async fn write(&self, last: &HashMap<Uuid, Timestamp>) -> Result<bool> {
        let db = self.register.db();
        if !db.keeps_writes() {
            // So small a write may be kept where no other is, and would be taken for a sign that all is well again.
            return Ok(false);
        }
        let mut conn = db.begin().await?;
        let uses: Vec<_> = last.iter().map(|(key, at)| (*key, *at)).collect();
        sql::used(&mut conn, &uses).await?;
        conn.commit_unshown().await?;
        Ok(true)
    }
}
