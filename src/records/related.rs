//! The six routes of what stands between a whole and a participant.

use axum::{
    extract::{Path, State},
    response::Response,
};

use uuid::Uuid;

use super::{Draft, Related, restore, sql};
use crate::{
    auth::{self, Editor},
    db::Reader,
    error::{Error, Result},
    history::{self, ChangeFilter, Register, Write},
    resources::{self, Located, Resource},
    web::{self, Body, ListRequest, Operation, RecordRequest, RequestOptions, Routes},
};

/// The list; one, its `PUT`, its retraction, its return, its history.
#[must_use]
pub fn related<R: Related>() -> Routes<Register> {
    let (all, singular, one) = (R::RESOURCE.as_str(), R::RESOURCE.singular(), R::ONE);
    let (_, noun) = one.split_once(' ').unwrap_or_default();
    let [of_list, of_one, of_put] = R::SUMMARIES;
    let path = format!("/v1/{}/{{key}}/{all}", R::WHOLE);
    let key = format!("{path}/{{participant}}");
    Routes::about(R::WHOLE.as_str())
        .get(
            &path,
            list::<R>,
            Operation::list::<R::Filter>(format!("list_{all}"), of_list),
        )
        .get(
            &key,
            read::<R>,
            Operation::read::<R>(format!("read_{singular}"), of_one),
        )
        .put(
            &key,
            put::<R>,
            Operation::put::<R>(format!("put_{singular}"), of_put, R::Draft::input()),
        )
        .delete(
            &key,
            retract::<R>,
            Operation::retract(format!("retract_{singular}"), format!("Retracts {one}.")),
        )
        .post(
            &format!("{key}/restore"),
            bring_back::<R>,
            Operation::restore::<R>(
                format!("restore_{singular}"),
                format!("Brings back a retracted {noun}."),
            ),
        )
        .get(
            &format!("{key}/history"),
            changes::<R>,
            Operation::list::<ChangeFilter>(
                format!("list_{singular}_history"),
                format!("Every change of {one}."),
            ),
        )
}

/// What a path names: the whole, and the participant or the one that it was merged into.
struct Ends {
    whole: Located,
    participant: Located,
}

impl Ends {
    /// Both live.
    async fn live<R: Related>(conn: &mut Reader, path: &(String, String)) -> Result<Self> {
        let whole = resources::live(conn, R::WHOLE, &path.0).await?;
        Self::below(conn, whole, &path.1).await
    }

    /// The same for a write: who may not write here hears that before it is looked whom the path names below the whole.
    async fn written<R: Related>(write: &mut Write, path: &(String, String)) -> Result<Self> {
        let whole = resources::live(&mut write.conn, R::WHOLE, &path.0).await?;
        write.permit_about(R::RESOURCE, R::WHOLE, whole.id).await?;
        Self::below(&mut write.conn, whole, &path.1).await
    }

    async fn below(conn: &mut Reader, whole: Located, participant: &str) -> Result<Self> {
        let participant = resources::resolve(conn, Resource::Participants, participant)
            .await?
            .ok_or_else(|| resources::not_found_at("{participant}", Resource::Participants, participant))?;
        Ok(Self { whole, participant })
    }

    /// Retracted or not, for the history.
    async fn any<R: Related>(conn: &mut Reader, (key, participant): &(String, String)) -> Result<Self> {
        let whole = resources::locate(conn, R::WHOLE, key)
            .await?
            .ok_or_else(|| resources::not_found(R::WHOLE, key))?;
        let mut found = resources::locate(conn, Resource::Participants, participant).await?;
        if let Some(successor) = found.as_ref().and_then(|it| it.merged_into.clone()) {
            found = resources::locate(conn, Resource::Participants, &successor).await?;
        }
        let participant = found
            .ok_or_else(|| resources::not_found_at("{participant}", Resource::Participants, participant))?;
        Ok(Self { whole, participant })
    }

    /// As a key of a related record is written.
    fn key(&self) -> String {
        format!("{}/{}", self.whole.public_key(), self.participant.public_key())
    }

    fn path<R: Related>(&self) -> String {
        let (whole, participant) = (self.whole.public_key(), self.participant.public_key());
        format!("/v1/{}/{whole}/{}/{participant}", R::WHOLE, R::RESOURCE)
    }

    /// What is answered where there is none: it never was, or it was retracted.
    async fn absent<R: Related>(&self, conn: &mut Reader) -> Result<Error> {
        let retracted = sql::last_retracted::<R>(conn, self.whole.id, self.participant.id).await?;
        Ok(match retracted {
            None => resources::not_found(R::RESOURCE, &self.key()),
            Some(_) => Error::Gone {
                resource: R::RESOURCE.as_str(),
                key: self.key(),
                path: self.path::<R>(),
            },
        })
    }

    async fn find<R: Related>(&self, conn: &mut Reader) -> Result<Option<R>> {
        sql::between(conn, self.whole.id, self.participant.id).await
    }

    /// The one that a write is about, where it is a record of its own.
    async fn find_kept<R: Related>(&self, conn: &mut Reader) -> Result<Option<R>> {
        Ok(self.find(conn).await?.filter(R::is_kept))
    }
}

fn version<R: Related>(record: &R) -> i64 {
    if record.is_kept() {
        record.version()
    } else {
        web::UNWRITTEN
    }
}

/// Refuses what cannot be said by now. What stands between these two may stay, and what was retracted there may be said again:
/// where another stands in its place, or stood there since, that is the only way back to it.
async fn check<R: Related>(
    write: &mut Write,
    whole: Uuid,
    participant: Uuid,
    draft: &R::Draft,
) -> Result<()> {
    let now = write.at;
    if R::check(draft, &[], now).is_ok() {
        return Ok(());
    }
    let all = sql::every::<R>(&mut write.conn, whole, participant).await?;
    let kept = write.last_kept_of(R::RESOURCE, all).await?;
    R::check(draft, &kept, now)
}

/// Creates what stands between these two. Where something stood between them before, its versions go on: an entity tag of that
/// one names nothing of this.
pub async fn relate<R: Related>(
    write: &mut Write,
    whole: &Located,
    participant: &Located,
    draft: R::Draft,
) -> Result<R> {
    check::<R>(write, whole.id, participant.id, &draft).await?;
    let last = sql::last_version::<R>(&mut write.conn, whole.id, participant.id).await?;
    let mut record = R::new(write.new_id(), write.at, whole, participant)?.said(draft);
    *record.stamp().0 += last;
    let cells = sql::new_cells(&record, whole.id, participant.id);
    let record = write.create(record, cells).await?;
    record.store_parts(&mut write.conn).await?;
    Ok(record)
}

async fn change<R: Related>(write: &mut Write, before: R, draft: R::Draft) -> Result<R> {
    let after = before.clone().said(draft);
    if after != before {
        before.remove_parts(&mut write.conn).await?;
        after.store_parts(&mut write.conn).await?;
    }
    write.change(before, after, R::cells).await
}

async fn list<R: Related>(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: ListRequest<R::Filter>,
) -> Result<Response> {
    let mut conn = listing.snapshot(&register).await?;
    let whole = resources::live(&mut conn, R::WHOLE, &key).await?;
    R::of(&mut listing.filter, whole.id);
    listing.answer_on(conn, &register).await
}

async fn read<R: Related>(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    single: RecordRequest<R>,
) -> Result<Response> {
    let mut conn = register.snapshot().await?;
    let ends = Ends::live::<R>(&mut conn, &path).await?;
    match ends.find::<R>(&mut conn).await? {
        Some(record) => {
            let view = record.detail(Some(&mut conn), single.asked.viewpoint()).await?;
            single.answer(&mut conn, &record, version(&record), &view).await
        }
        None => Err(ends.absent::<R>(&mut conn).await?),
    }
}

async fn put<R: Related>(
    State(register): State<Register>,
    Editor { author, .. }: Editor<R>,
    Path(path): Path<(String, String)>,
    asked: RequestOptions,
    Body(body): Body,
) -> Result<Response> {
    let writable = R::Draft::input().members();
    let (said, only_read) = web::put_back::<R>(body, &writable);
    let draft = R::Draft::parse(&said);
    let mut write = register.write(&author).await?;
    write.permit(&author, R::RESOURCE)?;
    let ends = Ends::written::<R>(&mut write, &path).await?;
    let draft = draft?;
    R::admit(&mut write.conn, &ends.whole).await?;
    let shown: Option<R> = ends.find(&mut write.conn).await?;
    asked.must_match(shown.as_ref().map(version))?;
    if let Some(record) = &shown {
        web::must_be_as_read(&mut write.conn, &only_read, &writable, record, false).await?;
    } else {
        let record = R::new(Uuid::nil(), write.at, &ends.whole, &ends.participant)?;
        web::must_be_as_read(&mut write.conn, &only_read, &writable, &record, true).await?;
    }
    let answer = if let Some(before) = shown.filter(R::is_kept) {
        check::<R>(&mut write, ends.whole.id, ends.participant.id, &draft).await?;
        let record = change(&mut write, before, draft).await?;
        let view = record.detail(Some(&mut write.conn), asked.viewpoint()).await?;
        web::item(&asked, record.version(), &view)?
    } else {
        let record: R = relate(&mut write, &ends.whole, &ends.participant, draft).await?;
        // Nothing is cited for it yet.
        let view = record.detail(None, asked.viewpoint()).await?;
        web::created(&asked, &ends.path::<R>(), record.version(), &view)?
    };
    auth::commit_with(write, answer).await
}

async fn retract<R: Related>(
    State(register): State<Register>,
    Editor { author, .. }: Editor<R>,
    Path(path): Path<(String, String)>,
    asked: RequestOptions,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    write.permit(&author, R::RESOURCE)?;
    let ends = Ends::written::<R>(&mut write, &path).await?;
    let Some(record) = ends.find_kept::<R>(&mut write.conn).await? else {
        return Err(ends.absent::<R>(&mut write.conn).await?);
    };
    asked.must_match(record.version())?;
    write.retract(R::RESOURCE, record.id()).await?;
    auth::commit_with(write, web::no_content()).await
}

async fn bring_back<R: Related>(
    State(register): State<Register>,
    Editor { author, .. }: Editor<R>,
    Path(path): Path<(String, String)>,
    asked: RequestOptions,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    write.permit(&author, R::RESOURCE)?;
    let ends = Ends::written::<R>(&mut write, &path).await?;
    let missing = || resources::not_found(R::RESOURCE, &ends.key());
    if ends.find_kept::<R>(&mut write.conn).await?.is_some() {
        let all = sql::every::<R>(&mut write.conn, ends.whole.id, ends.participant.id).await?;
        // One place has room for one.
        let others = match all.len() {
            0 | 1 => String::new(),
            _ => format!(
                " What stood here before it is in {}/history; PUT says it again, and what was cited for it is cited anew.",
                ends.path::<R>()
            ),
        };
        return Err(Error::conflict(
            "not_retracted",
            "",
            format!(
                "{}/{} is not retracted; there is nothing to restore.{others}",
                R::RESOURCE,
                ends.key()
            ),
        ));
    }
    let id = sql::last_retracted::<R>(&mut write.conn, ends.whole.id, ends.participant.id)
        .await?
        .ok_or_else(missing)?;
    let found = resources::locate(&mut write.conn, R::RESOURCE, &id.to_string())
        .await?
        .ok_or_else(missing)?;
    R::admit(&mut write.conn, &ends.whole).await?;
    restore(&mut write, R::RESOURCE, &found, &asked).await?;
    let record: R = ends.find(&mut write.conn).await?.ok_or_else(missing)?;
    record.recheck(&mut write).await?;
    let view = record.detail(Some(&mut write.conn), asked.viewpoint()).await?;
    let answer = web::item(&asked, record.version(), &view)?;
    auth::commit_with(write, answer).await
}

async fn changes<R: Related>(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    listing: ListRequest<ChangeFilter>,
) -> Result<Response> {
    let mut conn = listing.snapshot(&register).await?;
    let ends = Ends::any::<R>(&mut conn, &path).await?;
    let mut ids = sql::every::<R>(&mut conn, ends.whole.id, ends.participant.id).await?;
    if ids.is_empty() {
        if ends.find::<R>(&mut conn).await?.is_none() {
            return Err(resources::not_found(R::RESOURCE, &ends.key()));
        }
        // What is shown without having been written has a history without entries: of this id there are none.
        ids.push(Uuid::nil());
    }
    history::http::of_records(&register, conn, ids, listing).await
}
