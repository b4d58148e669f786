//! How much of the database is in use, and whether it answers: for whoever watches over the register, who must never
//! wait for it.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{sync::Semaphore, time::timeout};

use super::{Connect, Db, Engine, NO_ANSWER, Pool, Pools, READY_WITHIN, line};
use crate::error::Error;

/// What does not answer within so long is told as not answering.
const ASKED_FOR: Duration = Duration::from_secs(1);

/// What is known of it without a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub places: Vec<PoolUsage>,
    /// How many writes wait for their turn.
    pub waiting_for_turn: usize,
    /// How many creates stand in a line, or wait for what others make of them.
    pub waiting_in_line: usize,
    /// How many statements it has run so far.
    pub statements: u64,
    /// Whether what was written last was kept, as far as is known.
    pub keeps_writes: bool,
}

/// The connections of one kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUsage {
    pub of: &'static str,
    pub most: usize,
    pub taken: usize,
    pub waiting: usize,
}

/// The file system is asked by one at a time: one that hangs must not take a thread of each who looks.
pub(super) struct Looking(Arc<Semaphore>);

impl Default for Looking {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl PoolUsage {
    fn of(of: &'static str, places: &line::Places) -> Self {
        let (most, taken, waiting) = places.taken();
        Self {
            of,
            most,
            taken,
            waiting,
        }
    }
}

impl<C: Connect> Pools<C> {
    fn places(&self) -> [PoolUsage; 5] {
        let of = |of, pool: &Pool<C>| PoolUsage::of(of, pool.places());
        [
            of("writer", &self.writer),
            of("readers", &self.readers),
            of("key_checks", &self.key_checks),
            of("readiness", &self.readiness),
            of("watching", &self.watching),
        ]
    }
}

impl Db {
    /// How much of it is in use this moment. Nothing is asked for it.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let places = match &self.engine {
            Engine::Sqlite { pools, .. } => pools.places(),
            Engine::Postgres { pools, .. } => pools.places(),
        };
        // A share of the readers, and no connections of their own.
        let dear = PoolUsage::of("dear_readers", &self.dear);
        Usage {
            places: places.into_iter().chain([dear]).collect(),
            waiting_for_turn: self.writers.length(),
            waiting_in_line: self.waiting_in_line.load(Ordering::Relaxed),
            statements: self.statements(),
            keeps_writes: self.keeps_writes(),
        }
    }

    /// Whether it answers, and is the register that was opened.
    pub async fn answers(&self) -> bool {
        matches!(timeout(ASKED_FOR, self.looked()).await, Ok(Ok(_)))
    }

    /// Which engine answers, and that it is the register that was opened, or why not; one question for all who ask, so
    /// that nobody waits for a connection because many do.
    pub(super) async fn looked(&self) -> Result<String, String> {
        let db = self.clone();
        let look = async move {
            let engine = db.engine().await?;
            db.was_never_another()?;
            Ok(engine)
        };
        let db = self.clone();
        let ask = || async move {
            match db.served(READY_WITHIN, false, Error::TimedOut, look).await {
                Ok(Ok(engine)) => Ok(engine),
                // One that was given up has not ended yet, or this one was. Only the database holds it up: it has a connection of its own.
                Ok(Err(Error::Overloaded(_) | Error::Busy(_) | Error::TimedOut)) | Err(Error::TimedOut) => {
                    Err(NO_ANSWER.to_owned())
                }
                Ok(Err(why)) | Err(why) => Err(why.to_string()),
            }
        };
        self.look
            .answer(ask)
            .await
            .unwrap_or_else(|| Err(NO_ANSWER.to_owned()))
    }

    /// How long the write-ahead log beside the file is; none where there is no file, or none that says so in time.
    pub async fn log_bytes(&self) -> Option<u64> {
        let Engine::Sqlite { file, .. } = &self.engine else {
            return None;
        };
        let file = file.clone();
        let look = async {
            let looking = self.looking.0.clone().acquire_owned().await.ok()?;
            let looked = tokio::task::spawn_blocking(move || {
                let _looking = looking;
                file.log_bytes()
            });
            looked.await.ok().flatten()
        };
        timeout(ASKED_FOR, look).await.ok().flatten()
    }
}
