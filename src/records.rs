//! What routes of every record have in common, beside what it says.

use axum::{
    extract::{Path, State},
    response::Response,
};

use uuid::Uuid;

use crate::{
    auth::Editor,
    db::Conn,
    error::{Error, Result},
    history::{Register, Write, batch::Batched},
    resources::{self, Located, Resource},
    web::{self, Asked, Batch, Filter, Listing, Prefer, Report},
};

/// `GET` of a list.
pub async fn list<F: Filter>(State(register): State<Register>, listing: Listing<F>) -> Result<Response> {
    listing.answer(register.db()).await
}

/// `DELETE`: retracts a record whose retraction changes no other's figures.
pub async fn retract(
    resource: Resource,
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let current = resources::live(&mut write.conn, resource, &key).await?;
    asked.must_match(current.version)?;
    write.retract(resource, current.id).await?;
    write.finish(web::no_content()).await
}

/// How many of a batch's items are written at once: enough that their common cost is small beside them,
/// few enough that they need little memory, and that a batch has fewer parts than the 64 subtransactions
/// that Postgres keeps at hand.
const AT_ONCE: usize = 2_000;

/// `POST …/batch`: many creates in one write.
pub async fn batch<R: Batched>(
    State(register): State<Register>,
    Editor(author): Editor,
    asked: Asked,
    prefer: Prefer,
    batch: Batch,
) -> Result<Response> {
    let items = batch.read(R::read).await?;
    let mut report = Report::new(prefer, asked.language);
    let mut write = register.write(&author).await?;
    let mut items = items.into_iter();
    while items.len() > 0 {
        create_part::<R>(&mut write, items.by_ref().take(AT_ONCE), &mut report).await?;
    }
    write.finish(report.answer()?).await
}

/// Creates what can be created of these items, and reports of each in its order.
async fn create_part<R: Batched>(
    write: &mut Write,
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
    let created = write.create_each::<R>(&drafts).await?;
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
                    Some(it.whole(draft, &mut write.conn, report.language()).await?)
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

/// `POST …/restore`, as far as it is the same for all: brings the record back, and its id.
pub async fn restore(write: &mut Write, resource: Resource, key: &str, asked: &Asked) -> Result<Uuid> {
    let found = resources::locate(&mut write.conn, resource, key)
        .await?
        .ok_or_else(|| resources::not_found(resource, key))?;
    if let Some(successor) = &found.merged_into {
        return Err(resources::moved(resource, successor));
    }
    asked.must_match(found.version)?;
    write.restore(resource, found.id, &found.public_key()).await?;
    Ok(found.id)
}

/// A member or an attendance that is not there: it never was, or it was retracted.
#[must_use]
pub fn absent(resource: Resource, key: &str, path: &str, retracted: Option<Uuid>) -> Error {
    match retracted {
        None => resources::not_found(resource, key),
        Some(_) => Error::Gone {
            resource: resource.as_str(),
            key: key.to_owned(),
            path: path.to_owned(),
        },
    }
}

/// The retracted member or attendance that a restore brings back: none while another stands in its place.
pub fn restorable(resource: Resource, key: &str, stands: bool, retracted: Option<Uuid>) -> Result<Uuid> {
    match retracted {
        _ if stands => Err(Error::conflict(
            "not_retracted",
            format!("{resource}/{key} is not retracted; there is nothing to restore."),
        )),
        None => Err(resources::not_found(resource, key)),
        Some(id) => Ok(id),
    }
}

/// The whole and the participant of a member's or an attendance's path, retracted or not: for its history.
pub async fn ends(
    conn: &mut Conn,
    whole: Resource,
    (key, participant): &(String, String),
) -> Result<(Located, Located)> {
    let whole_found = resources::locate(conn, whole, key)
        .await?
        .ok_or_else(|| resources::not_found(whole, key))?;
    let mut found = resources::locate(conn, Resource::Participants, participant).await?;
    if let Some(successor) = found.as_ref().and_then(|it| it.merged_into.clone()) {
        found = resources::locate(conn, Resource::Participants, &successor).await?;
    }
    let found = found.ok_or_else(|| resources::not_found(Resource::Participants, participant))?;
    Ok((whole_found, found))
}
