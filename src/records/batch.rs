//! Many creates in one write.
//!
//! Those of a step are tried together, which is fast, behind a savepoint. Where they fail, the ones that
//! are known to be at fault are left out, or the step is tried in smaller parts, down to one by one; so
//! each item fares as if it came alone after those before it, and one that fails leaves no trace, in the
//! numbers of the log either.

use std::sync::Arc;

use axum::{extract::State, response::Response};

use super::{Collected, Draft, Signed};
use crate::{
    auth::{self, Editor},
    error::{Error, Result},
    history::{Author, Register, Write},
    web::{Batch, Prefer, Report, RequestOptions},
};

/// In how many parts a step is tried again where nobody knows which of its items is at fault.
const PARTS: usize = 16;

/// How many of a batch's items are written at once: enough that their common cost is small beside them,
/// few enough that they need little memory, and that a batch has fewer parts than the 64 subtransactions
/// that Postgres keeps at hand.
const AT_ONCE: usize = 2_000;

/// `POST …/batch`: many creates in one write.
pub async fn batch<R: Collected>(
    State(register): State<Register>,
    Editor(author): Editor,
    asked: RequestOptions,
    prefer: Prefer,
    batch: Batch,
) -> Result<Response> {
    let items = batch.read(R::Draft::parse).await?;
    let mut report = Report::new(prefer, asked.language);
    let author = Arc::new(author);
    let mut write = register.write_alone(&author).await?;
    let mut items = items.into_iter();
    while items.len() > 0 {
        create_part::<R>(&mut write, &author, items.by_ref().take(AT_ONCE), &mut report).await?;
    }
    auth::commit_with(write, report.answer()?).await
}

/// Creates what can be created of these items, and reports of each in its order.
async fn create_part<R: Collected>(
    write: &mut Write,
    author: &Arc<Author>,
    items: impl Iterator<Item = Result<R::Draft>>,
    report: &mut Report,
) -> Result<()> {
    let (mut drafts, mut unread) = (Vec::new(), Vec::new());
    for item in items {
        unread.push(match item {
            Ok(draft) => {
                drafts.push(draft);
                None
            }
            Err(error) => Some(error),
        });
    }
    let signed: Vec<_> = drafts.iter().map(|draft| Signed { draft, author }).collect();
    let created = create_each::<R>(write, &signed).await?;
    let mut created = drafts.iter().zip(created);
    for error in unread {
        let outcome = match error {
            Some(error) => Err(error),
            None => created
                .next()
                .map(|(draft, outcome)| outcome.map(|record| (draft, record)))
                .ok_or_else(|| Error::internal("a draft has no outcome"))?,
        };
        match outcome {
            Ok((draft, it)) => {
                let whole = if report.wants_whole() {
                    let sources = draft.has_sources().then_some(&mut *write.conn);
                    let whole = serde_json::to_string(&it.detail(sources, report.language()).await?);
                    Some(whole.map_err(Error::internal)?)
                } else {
                    None
                };
                report.created(R::RESOURCE.as_str(), &it.key(), it.version(), whole)?;
            }
            Err(error) => report.failed(&error)?,
        }
    }
    Ok(())
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

/// Creates all of them or fails, with one step into the log.
async fn create_together<R: Collected>(
    write: &mut Write,
    drafts: &[&Signed<'_, R::Draft>],
) -> Result<Vec<R>, Refusal> {
    write.gather();
    let created = R::create_all(write, drafts).await?;
    write.keep_gathered().await?;
    Ok(created)
}

/// Creates what can be created, in order; what became of each.
pub(super) async fn create_each<R: Collected>(
    write: &mut Write,
    drafts: &[Signed<'_, R::Draft>],
) -> Result<Vec<Result<R>>> {
    let mut outcomes: Vec<Option<Result<R>>> = drafts.iter().map(|_| None).collect();
    // Places in `drafts`, the next ones on top.
    let mut tries: Vec<Vec<usize>> = vec![(0..drafts.len()).collect()];
    tries.retain(|places| !places.is_empty());
    while let Some(mut places) = tries.pop() {
        let together: Vec<_> = places.iter().map(|place| &drafts[*place]).collect();
        let mark = write.mark().await?;
        let refusal = match create_together::<R>(write, &together).await {
            Ok(created) => {
                write.pass(mark).await?;
                for (place, record) in places.into_iter().zip(created) {
                    outcomes[place] = Some(Ok(record));
                }
                continue;
            }
            Err(Refusal::Somewhere(error)) if !error.is_of_request() => return Err(error),
            Err(refusal) => refusal,
        };
        write.back_to(mark).await?;
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
