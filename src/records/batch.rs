//! Many creates in one request: in one write, or in one after the other where each item is taken on its own.
//!
//! Those of a step are tried together, which is fast, behind a savepoint. Where they fail, the ones that
//! are known to be at fault are left out, or the step is tried in smaller parts, down to one by one; so
//! each item fares as if it came alone after those before it, and one that fails leaves no trace, in the
//! numbers of the log either.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, response::Response};
use tokio::time::Instant;

use super::{Collected, Draft, Signed};
use crate::{
    auth::{self, Writer},
    db::Patience,
    error::{Error, Result},
    history::{self, Author, Register, Write},
    search::suggest::Suggestions,
    web::{Batch, Prefer, Report, RequestOptions},
};

/// In how many parts a step is tried again where nobody knows which of its items is at fault.
const PARTS: usize = 16;

/// How many of a batch's items are written at once: enough that their common cost is small beside them,
/// few enough that they need little memory, and that a batch has fewer parts than the 64 subtransactions
/// that Postgres keeps at hand.
const AT_ONCE: usize = 2_000;

/// How many times as many as of creates that wait are tried at once where each item is taken on its own: so few that nobody
/// waits long for them.
const TIMES_AS_MANY: usize = 2;

/// After how long a batch whose items are taken on their own lets those write who wait.
const GIVES_WAY_AFTER: Duration = Duration::from_millis(250);

/// For how many names of a batch keys are looked for, where each item is taken on its own.
const MOST_SUGGESTIONS: usize = 20;

/// How often a part is tried again whose connection died before anything was kept.
const AGAIN: usize = 2;

/// `POST …/batch`: many creates in one request.
pub async fn batch<R: Collected>(
    State(register): State<Register>,
    writer: Writer,
    asked: RequestOptions,
    prefer: Prefer,
    batch: Batch,
) -> Result<Response> {
    let mut report = Report::new(prefer, &asked);
    // What parts of one in parts are kept, and so how long it may wait, is not known yet.
    if !report.is_lenient() {
        writer.must_write(R::RESOURCE)?;
        register.db().must_take_one_alone().await?;
    }
    let items = batch.read(&mut report, R::Draft::parse, R::Draft::unread).await?;
    let author = Arc::new(writer.author);
    if report.is_lenient() {
        create_leniently::<R>(&register, &author, &items, report).await
    } else {
        create_strictly::<R>(&register, &author, items, report).await
    }
}

/// All of them or none, in one write.
async fn create_strictly<R: Collected>(
    register: &Register,
    author: &Arc<Author>,
    items: Vec<Result<Box<R::Draft>>>,
    mut report: Report,
) -> Result<Response> {
    let mut write = register.write_alone(author, Patience::OfRequest).await?;
    let mut items = items.into_iter();
    while items.len() > 0 && !report.is_full() {
        let part: Vec<_> = items.by_ref().take(AT_ONCE).collect();
        // A refusal of them all is told which keys were meant once it is made.
        create_part::<R>(&mut write, author, &part, &mut report, None).await?;
    }
    report.leave(items.len());
    auth::commit_with(write, report.answer()?).await
}

/// Those that can be created. Each part is kept, and lets those write who wait; what has kept one answers for all: where it
/// cannot go on, the items that are left are told why.
async fn create_leniently<R: Collected>(
    register: &Register,
    author: &Arc<Author>,
    items: &[Result<Box<R::Draft>>],
    mut report: Report,
) -> Result<Response> {
    let mut parts = 0;
    // Asked again, it goes on from where it was cut short.
    for part in history::kept_parts(register, author).await? {
        report.add_kept(&part)?;
        parts += 1;
    }
    let mut deaths = 0;
    let mut suggestions = Suggestions::of_the_first(MOST_SUGGESTIONS);
    loop {
        match create_next::<R>(register, author, items, &report, parts, &mut suggestions).await {
            Ok(Next::Part(part)) => {
                report.add(&part);
                parts += 1;
                deaths = 0;
            }
            Ok(Next::Answer(answer)) => return Ok(answer),
            Err(Error::Lost) if deaths < AGAIN => deaths += 1,
            Err(error) if parts == 0 => return Err(error),
            Err(error) => {
                for _ in report.count()..items.len() {
                    report.failed(&error)?;
                }
                return report.answer();
            }
        }
    }
}

/// What a write of a batch came to.
enum Next {
    /// It has kept a part, of which this is told.
    Part(Report),
    /// It was the last one.
    Answer(Response),
}

/// Creates the next ones, as many as can be in a moment.
async fn create_next<R: Collected>(
    register: &Register,
    author: &Arc<Author>,
    items: &[Result<Box<R::Draft>>],
    before: &Report,
    parts: usize,
    suggestions: &mut Suggestions,
) -> Result<Next> {
    let patience = if parts == 0 {
        Patience::OfRequest
    } else {
        Patience::OfWhoHasBegun
    };
    let mut write = register.write_alone(author, patience).await?;
    write.must_be_part(parts).await?;
    let began = Instant::now();
    let mut part = before.part();
    loop {
        let left = items.get(before.count() + part.count()..).unwrap_or_default();
        if left.is_empty() {
            let mut report = before.clone();
            report.add(&part);
            write.forget_parts().await?;
            let answer = auth::commit_with(write, report.answer()?).await?;
            return Ok(Next::Answer(answer));
        }
        if began.elapsed() >= GIVES_WAY_AFTER {
            write.commit_part(parts, part.body()).await?;
            return Ok(Next::Part(part));
        }
        let next = &left[..left.len().min(TIMES_AS_MANY * R::MOST_TOGETHER)];
        create_part::<R>(&mut write, author, next, &mut part, Some(suggestions)).await?;
    }
}

/// Creates what can be created of these items, and reports of each in its order.
async fn create_part<R: Collected>(
    write: &mut Write,
    author: &Arc<Author>,
    items: &[Result<Box<R::Draft>>],
    report: &mut Report,
    mut suggestions: Option<&mut Suggestions>,
) -> Result<()> {
    let drafts = items.iter().filter_map(|item| item.as_deref().ok());
    let drafts: Vec<_> = drafts.map(|draft| Signed { draft, author }).collect();
    let mut created = create_each::<R>(write, &drafts).await?.into_iter();
    for item in items {
        let draft = match item {
            Ok(draft) => draft,
            Err(error) => {
                let keys = suggested(write, suggestions.as_deref_mut(), error).await?;
                report.failed_suggesting(error, keys)?;
                continue;
            }
        };
        let outcome = created
            .next()
            .ok_or_else(|| Error::internal("a draft has no outcome"))?;
        match outcome {
            Ok(it) => {
                let whole = if report.wants_whole() {
                    let sources = draft.has_sources().then_some(&mut *write.conn);
                    let whole = serde_json::to_string(&it.detail(sources, report.viewpoint()).await?);
                    Some(whole.map_err(Error::internal)?)
                } else {
                    None
                };
                report.created(R::RESOURCE.as_str(), &it.key(), it.version(), whole)?;
            }
            Err(error) => {
                let keys = suggested(write, suggestions.as_deref_mut(), &error).await?;
                report.failed_suggesting(&error, keys)?;
            }
        }
    }
    Ok(())
}

/// Which keys were probably meant by the names of an item, each with the place of its fault. The item is told without them where
/// they cannot be looked for.
async fn suggested(
    write: &mut Write,
    suggestions: Option<&mut Suggestions>,
    error: &Error,
) -> Result<Vec<(usize, Vec<String>)>> {
    let (Some(suggestions), Some(faults)) = (suggestions, error.faults()) else {
        return Ok(Vec::new());
    };
    if !suggestions.has_any(faults.said()) {
        return Ok(Vec::new());
    }
    // What fails here is no reason for the write to fail.
    let mark = write.mark().await?;
    match suggestions.of(&mut write.conn, faults.said()).await {
        Ok(keys) => {
            write.pass(mark).await?;
            Ok(keys)
        }
        Err(error) => {
            tracing::debug!(%error, "no key was looked for");
            write.back_to(mark).await?;
            *suggestions = Suggestions::of_the_first(0);
            Ok(Vec::new())
        }
    }
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
    let permitted = |it: &Signed<'_, R::Draft>| write.permit(it.author, R::RESOURCE).err().map(Err);
    let mut outcomes: Vec<Option<Result<R>>> = drafts.iter().map(permitted).collect();
    // Places in `drafts`, the next ones on top.
    let first = (0..drafts.len()).filter(|place| outcomes[*place].is_none());
    let mut tries: Vec<Vec<usize>> = vec![first.collect()];
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
