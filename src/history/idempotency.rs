//! `Idempotency-Key`: what is asked for twice is done once.
//!
//! The answer to a write is stored in the write's own transaction, under the key that came with the
//! request. So whoever lost an answer asks again and is given it, byte for byte, also when the program
//! was killed between the commit and the answer; and of a write that failed nothing is kept, so that
//! the request may be mended and the key used again.
//!
//! Within a process a key is claimed while its request is at work. Another process on the same database
//! is met at the register's one write lock: whoever gets there second finds the first one's answer
//! before it has written anything.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;
use uuid::Uuid;

use super::{Author, Register, Write, sql};
use crate::{
    db::Reader,
    error::{Error, Result},
    values::Timestamp,
};

/// How long an answer is kept.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// SHA-256 of what a request is.
pub type Fingerprint = [u8; 32];

/// A request that came with a key. Whose it is counts: one holder's keys are nothing to another.
#[derive(Debug, Clone)]
pub struct Keyed {
    pub holder: Uuid,
    pub key: String,
    pub fingerprint: Fingerprint,
}

/// Holders and their keys whose requests this process is at work on.
#[derive(Debug, Clone, Default)]
pub(super) struct Running(Arc<Mutex<HashSet<(Uuid, String)>>>);

impl Running {
    fn with<T>(&self, work: impl FnOnce(&mut HashSet<(Uuid, String)>) -> T) -> T {
        // Nothing that is done to it can panic halfway.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A key at work: in this process nobody else's until it is dropped.
#[derive(Debug)]
pub struct Claim {
    request: Keyed,
    running: Running,
}

impl Drop for Claim {
    fn drop(&mut self) {
        let name = (self.request.holder, std::mem::take(&mut self.request.key));
        self.running.with(|running| running.remove(&name));
    }
}

/// An answer, to be given again.
pub struct Receipt {
    /// Of HTTP.
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What is kept of whose key.
pub(super) struct KeptKey {
    pub holder_id: Uuid,
    pub key: String,
    pub fingerprint: Vec<u8>,
    pub status: i64,
}

/// The status of what is kept in parts while it is not all there: no answer yet, and whoever asks again goes on from there.
pub(super) const UNDER_WAY: i64 = 102;

/// The same as it is kept, with what the request was.
pub(super) struct StoredReceipt {
    pub fingerprint: Vec<u8>,
    pub status: i64,
    /// JSON: `[["location", "/v1/…"], …]`.
    pub headers: String,
    pub body: Vec<u8>,
}

impl StoredReceipt {
    fn of(request: &Keyed, receipt: Receipt) -> Result<Self> {
        Ok(Self {
            fingerprint: request.fingerprint.to_vec(),
            status: receipt.status.into(),
            headers: serde_json::to_string(&receipt.headers).map_err(Error::internal)?,
            body: receipt.body,
        })
    }

    fn receipt(self) -> Result<Receipt> {
        Ok(Receipt {
            status: u16::try_from(self.status).map_err(Error::internal)?,
            headers: serde_json::from_str(&self.headers).map_err(Error::internal)?,
            body: self.body,
        })
    }
}

impl Register {
    /// Claims a request's key; none while another request has it.
    #[must_use]
    pub fn claim(&self, request: &Keyed) -> Option<Claim> {
        let name = (request.holder, request.key.clone());
        self.running.with(|running| running.insert(name)).then(|| Claim {
            request: request.clone(),
            running: self.running.clone(),
        })
    }

    /// The answer that the request was given before; refused where its key was used with another one.
    pub async fn answered(&self, request: &Keyed) -> Result<Option<Receipt>> {
        let kept = request.kept(&mut self.read().await?, self.clock.now()).await?;
        kept.map(StoredReceipt::receipt).transpose()
    }
}

impl Keyed {
    /// Under which a part is kept: behind a space, which no client's key has.
    fn part(&self, number: usize) -> Self {
        Self {
            key: format!("{} {number:06}", self.key),
            ..self.clone()
        }
    }

    async fn kept(&self, conn: &mut Reader, now: Timestamp) -> Result<Option<StoredReceipt>> {
        match sql::kept(conn, self, now - KEPT_FOR).await? {
            Some(kept) if kept.fingerprint != self.fingerprint => Err(Error::IdempotencyMismatch),
            kept => Ok(kept.filter(|kept| kept.status != UNDER_WAY)),
        }
    }
}

/// Refuses each of these writes that another process has made since it was asked whether the request was answered.
pub(super) async fn firsts(
    conn: &mut Reader,
    authors: &[Arc<Author>],
    now: Timestamp,
) -> Result<Vec<Result<()>>> {
    let request = |author: &Arc<Author>| author.claim.as_ref().map(|claim| claim.request.clone());
    let requests: Vec<Keyed> = authors.iter().filter_map(request).collect();
    let kept = sql::fingerprints(conn, &requests, now - KEPT_FOR).await?;
    let kept: HashMap<_, _> = kept
        .into_iter()
        .map(|it| ((it.holder_id, it.key), (it.fingerprint, it.status)))
        .collect();
    let first = |author: &Arc<Author>| match request(author) {
        Some(Keyed {
            holder,
            key,
            fingerprint,
        }) => match kept.get(&(holder, key)) {
            Some((kept, _)) if *kept != fingerprint => Err(Error::IdempotencyMismatch),
            Some((_, status)) if *status != UNDER_WAY => Err(Error::StillRunning),
            _ => Ok(()),
        },
        None => Ok(()),
    };
    Ok(authors.iter().map(first).collect())
}

/// What was told of the parts of a request that were kept, in their order, where it did not come to its end.
pub async fn kept_parts(register: &Register, author: &Author) -> Result<Vec<Vec<u8>>> {
    match &author.claim {
        Some(claim) => {
            let after = register.clock.now() - KEPT_FOR;
            sql::parts(&mut register.read().await?, &claim.request, after).await
        }
        None => Ok(Vec::new()),
    }
}

impl Write {
    /// Refuses a part of a request where another process has kept one since: so many there should be.
    pub async fn must_be_part(&mut self, number: usize) -> Result<()> {
        let Some(claim) = &self.author.claim else {
            return Ok(());
        };
        let kept = sql::parts_count(&mut self.conn, &claim.request, self.at - KEPT_FOR).await?;
        if usize::try_from(kept) == Ok(number) {
            Ok(())
        } else {
            Err(Error::StillRunning)
        }
    }

    /// Makes a part of what a request asks for last, and with it what is told of the part, where the request came with a key:
    /// asked again, it goes on behind it.
    pub async fn commit_part(mut self, number: usize, told: Vec<u8>) -> Result<()> {
        if let Some(claim) = self.author.claim.clone() {
            let request = &claim.request;
            let part = |body| StoredReceipt {
                fingerprint: request.fingerprint.to_vec(),
                status: UNDER_WAY,
                headers: "[]".to_owned(),
                body,
            };
            let mut kept = vec![(request.part(number), part(told))];
            if number == 0 {
                // Those of another day.
                sql::forget_parts(&mut self.conn, request).await?;
                kept.push((request.clone(), part(Vec::new())));
            }
            sql::keep(&mut self.conn, kept, self.at).await?;
        }
        self.conn.commit_logged().await
    }

    /// What was told of the parts is told by the answer, which is kept with this write.
    pub async fn forget_parts(&mut self) -> Result<()> {
        match &self.author.claim {
            Some(claim) => sql::forget_parts(&mut self.conn, &claim.request).await,
            None => Ok(()),
        }
    }

    /// Whether the answer is to be kept with the write.
    #[must_use]
    pub fn wants_receipt(&self) -> bool {
        self.author.claim.is_some()
    }

    /// Makes the write last, and with it the answer.
    pub async fn commit_with(self, receipt: Receipt) -> Result<()> {
        let claim = self.author.claim.clone();
        self.commit_with_all(claim.map(|claim| (claim, receipt)).into_iter().collect())
            .await
    }

    /// The same of a write of several, with the answer to each whose request came with a key.
    pub async fn commit_with_all(mut self, receipts: Vec<(Arc<Claim>, Receipt)>) -> Result<()> {
        if !receipts.is_empty() {
            let kept = receipts.into_iter().map(|(claim, receipt)| {
                let kept = StoredReceipt::of(&claim.request, receipt)?;
                Ok((claim.request.clone(), kept))
            });
            let kept = kept.collect::<Result<_>>()?;
            sql::forget(&mut self.conn, self.at - KEPT_FOR).await?;
            sql::keep(&mut self.conn, kept, self.at).await?;
        }
        self.end().await
    }
}
