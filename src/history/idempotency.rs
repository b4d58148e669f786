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
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderName, HeaderValue, StatusCode},
    response::Response,
};
use chrono::TimeDelta;
use uuid::Uuid;

use super::{Register, Write, sql};
use crate::{
    db::Reader,
    error::{Error, Result},
    values::Timestamp,
    web::layers::IDEMPOTENCY_REPLAYED,
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

/// An answer as it is kept.
pub(super) struct Kept {
    pub fingerprint: Vec<u8>,
    /// Of HTTP.
    pub status: i64,
    /// JSON: `[["location", "/v1/…"], …]`.
    pub headers: String,
    pub body: Vec<u8>,
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
    pub async fn answered(&self, request: &Keyed) -> Result<Option<Response>> {
        let kept = request.kept(&mut self.read().await?, self.clock.now()).await?;
        kept.map(|kept| replay(&kept)).transpose()
    }
}

impl Keyed {
    async fn kept(&self, conn: &mut Reader, now: Timestamp) -> Result<Option<Kept>> {
        match sql::kept(conn, self, now - KEPT_FOR).await? {
            Some(kept) if kept.fingerprint != self.fingerprint => Err(Error::IdempotencyMismatch),
            kept => Ok(kept),
        }
    }
}

impl Claim {
    /// Refuses a write that another process has made since it was asked whether the request was answered.
    pub(super) async fn must_be_first(&self, conn: &mut Reader, now: Timestamp) -> Result<()> {
        match self.request.kept(conn, now).await? {
            Some(_) => Err(Error::StillRunning),
            None => Ok(()),
        }
    }
}

impl Write {
    /// Makes the write last, and answers. With it lasts the answer, where the request came with a key.
    pub async fn finish(mut self, answer: Response) -> Result<Response> {
        let Some(claim) = self.author.claim.take().filter(|_| answer.status().is_success()) else {
            self.commit().await?;
            return Ok(answer);
        };
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.map_err(Error::internal)?;
        let headers: Vec<(&str, &str)> = parts
            .headers
            .iter()
            .map(|(name, value)| Ok((name.as_str(), value.to_str().map_err(Error::internal)?)))
            .collect::<Result<_>>()?;
        let kept = Kept {
            fingerprint: claim.request.fingerprint.to_vec(),
            status: parts.status.as_u16().into(),
            headers: serde_json::to_string(&headers).map_err(Error::internal)?,
            body: body.to_vec(),
        };
        sql::forget(&mut self.conn, self.at - KEPT_FOR).await?;
        sql::keep(&mut self.conn, &claim.request, kept, self.at).await?;
        self.commit().await?;
        Ok(Response::from_parts(parts, body.into()))
    }
}

fn replay(kept: &Kept) -> Result<Response> {
    let status = u16::try_from(kept.status).map_err(Error::internal)?;
    let mut answer = Response::new(Body::from(Bytes::copy_from_slice(&kept.body)));
    *answer.status_mut() = StatusCode::from_u16(status).map_err(Error::internal)?;
    let headers: Vec<(String, String)> = serde_json::from_str(&kept.headers).map_err(Error::internal)?;
    for (name, value) in headers {
        answer.headers_mut().append(
            HeaderName::try_from(name).map_err(Error::internal)?,
            HeaderValue::try_from(value).map_err(Error::internal)?,
        );
    }
    answer
        .headers_mut()
        .insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
    Ok(answer)
}
