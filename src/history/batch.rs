//! Many creates in one write.
//!
//! Those of a step are tried together, which is fast, behind a savepoint. Where they fail, the ones that
//! are known to be at fault are left out, or the step is tried in smaller parts, down to one by one; so
//! each item fares as if it came alone after those before it, and one that fails leaves no trace, in the
//! numbers of the log either.

use std::future::Future;

use serde_json::Value;

use super::{Recorded, Write};
use crate::{
    db::Conn,
    error::{Error, Result},
    values::Language,
};

/// In how many parts a step is tried again where nobody knows which of its items is at fault.
const PARTS: usize = 16;

/// A record of which many can be created at once.
pub trait Batched: Recorded + Send + Sync + Sized + 'static {
    type Draft: Send + Sync + 'static;

    /// Reads a draft as a body that comes alone.
    fn read(body: &Value) -> Result<Self::Draft>;

    /// Creates all of them, in their order. Where one breaks a rule the caller undoes them all.
    fn create_all(
        write: &mut Write,
        drafts: &[&Self::Draft],
    ) -> impl Future<Output = Result<Vec<Self>, Refusal>> + Send;

    /// The whole of what was created, as JSON.
    fn whole(
        &self,
        draft: &Self::Draft,
        conn: &mut Conn,
        language: Language,
    ) -> impl Future<Output = Result<String>> + Send;
}

/// Why drafts could not be created together.
#[derive(Debug)]
pub enum Refusal {
    /// The drafts at these places fail, whatever else does.
    Of(Vec<(usize, Error)>),
    /// One of them fails, or all of them together do.
    Somewhere(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Somewhere(error)
    }
}

impl Write {
    /// Creates all of them or fails, with one step into the log.
    async fn create_together<R: Batched>(&mut self, drafts: &[&R::Draft]) -> Result<Vec<R>, Refusal> {
        self.together = Some(Vec::new());
        let created = R::create_all(self, drafts).await;
        let changes = self.together.take().unwrap_or_default();
        let created = created?;
        self.keep(changes).await?;
        Ok(created)
    }

    /// Creates what can be created, in order; what became of each.
    pub async fn create_each<R: Batched>(&mut self, drafts: &[R::Draft]) -> Result<Vec<Result<R>>> {
        let mut outcomes: Vec<Option<Result<R>>> = drafts.iter().map(|_| None).collect();
        // Places in `drafts`, the next ones on top.
        let mut tries: Vec<Vec<usize>> = vec![(0..drafts.len()).collect()];
        tries.retain(|places| !places.is_empty());
        while let Some(mut places) = tries.pop() {
            let together: Vec<&R::Draft> = places.iter().map(|place| &drafts[*place]).collect();
            let next_seq = self.next_seq;
            self.conn.savepoint().await?;
            let refusal = match self.create_together::<R>(&together).await {
                Ok(created) => {
                    self.conn.release_savepoint().await?;
                    for (place, record) in places.into_iter().zip(created) {
                        outcomes[place] = Some(Ok(record));
                    }
                    continue;
                }
                Err(Refusal::Somewhere(error)) if !error.is_of_request() => return Err(error),
                Err(refusal) => refusal,
            };
            self.conn.rollback_to_savepoint().await?;
            self.next_seq = next_seq;
            match refusal {
                Refusal::Of(failed) => {
                    for (at, error) in failed {
                        outcomes[places[at]] = Some(Err(error));
                    }
                    places.retain(|place| outcomes[*place].is_none());
                    if !places.is_empty() {
                        tries.push(places);
                    }
                }
                Refusal::Somewhere(error) if places.len() == 1 => outcomes[places[0]] = Some(Err(error)),
                Refusal::Somewhere(_) => {
                    // The last part goes in first, so that the first one is the next.
                    let part = places.len().div_ceil(PARTS);
                    let parts: Vec<_> = places.chunks(part).map(<[usize]>::to_vec).collect();
                    tries.extend(parts.into_iter().rev());
                }
            }
        }
        outcomes
            .into_iter()
            .map(|outcome| outcome.ok_or_else(|| Error::internal("an item of a batch was passed over")))
            .collect()
    }
}
