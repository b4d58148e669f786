//! The eight routes of a resource.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    handler::Handler,
    response::Response,
};

use super::{
    Collected, Draft, batch, live, must_find,
    queue::{Order, Queue},
    restore,
};
use crate::{
    auth::{self, Editor},
    error::Result,
    history::{self, ChangeFilter, Register, Write},
    resources::{self, Resource},
    web::{self, Body, Filter, InputSchema, ListRequest, Operation, RecordRequest, RequestOptions, Routes},
};

/// The list, `POST`, the batch; one record, its patch, its retraction, its return, its history. `holds` says what the
/// list holds.
#[must_use]
pub fn collection<R: Collected>(holds: &'static str) -> Routes<Register> {
    collection_read_by::<R, _, _>(holds, read::<R>, |does| does)
}

/// The same with a handler of its own for one record, and with what that one is asked beside the usual.
#[must_use]
pub fn collection_read_by<R: Collected, H, T>(
    holds: &'static str,
    read: H,
    asked: impl FnOnce(Operation) -> Operation,
) -> Routes<Register>
where
    H: Handler<T, Register>,
    T: 'static,
{
    let (all, singular) = (R::RESOURCE.as_str(), R::RESOURCE.singular());
    let one = with_article(R::RESOURCE);
    let path = format!("/v1/{all}");
    let key = format!("{path}/{{key}}");
    let queue = Queue::default();
    Routes::about(all)
        .get(
            &path,
            list::<R::Filter>,
            Operation::list::<R::Filter>(format!("list_{all}"), holds),
        )
        .post_in_line(
            &path,
            move |state, editor, asked, body| create::<R>(queue.clone(), state, editor, asked, body),
            Operation::create::<R>(
                format!("create_{singular}"),
                format!("Writes down {one}."),
                R::Draft::input(),
            ),
        )
        .post(
            &format!("{path}/batch"),
            batch::batch::<R>,
            Operation::batch::<R>(
                format!("create_{all}"),
                format!("Writes down many {all} at once."),
                InputSchema {
                    example: R::Draft::another(),
                    ..R::Draft::input()
                },
            ),
        )
        .get(
            &key,
            read,
            asked(Operation::read::<R>(
                format!("read_{singular}"),
                format!("One {singular}."),
            )),
        )
        .patch(
            &key,
            change::<R>,
            Operation::change::<R>(
                format!("change_{singular}"),
                format!("Changes {one}."),
                R::RESOURCE.fields(),
                &R::Draft::patch(),
            ),
        )
        .delete(
            &key,
            retract::<R>,
            Operation::retract(
                format!("retract_{singular}"),
                format!("Retracts {one} with its parts."),
            ),
        )
        .post(
            &format!("{key}/restore"),
            restored::<R>,
            Operation::restore::<R>(
                format!("restore_{singular}"),
                format!("Brings back a retracted {singular} with the parts that went with it."),
            ),
        )
        .get(
            &format!("{key}/history"),
            |state, path, listing| history::http::history(R::RESOURCE, state, path, listing),
            Operation::list::<ChangeFilter>(
                format!("list_{singular}_history"),
                format!("Every change of {one}, also when it is retracted or merged."),
            ),
        )
}

fn with_article(resource: Resource) -> String {
    let singular = resource.singular();
    let article = if singular.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {singular}")
}

/// `GET` of a list.
pub async fn list<F: Filter>(State(register): State<Register>, listing: ListRequest<F>) -> Result<Response> {
    listing.answer(&register).await
}

async fn create<R: Collected>(
    queue: Queue<R>,
    State(register): State<Register>,
    Editor { author, .. }: Editor<R>,
    asked: RequestOptions,
    Body(body): Body,
) -> Result<Response> {
    let draft = R::Draft::parse(&body)?;
    let author = Arc::new(author);
    queue.create(register, Order { author, asked, draft }).await
}

async fn read<R: Collected>(
    State(register): State<Register>,
    Path(key): Path<String>,
    single: RecordRequest<R>,
) -> Result<Response> {
    let mut conn = register.snapshot().await?;
    let record: R = live(&mut conn, &key).await?;
    let whole = record.detail(Some(&mut conn), single.asked.viewpoint()).await?;
    single.answer(&mut conn, &record, record.version(), &whole).await
}

async fn change<R: Collected>(
    State(register): State<Register>,
    Editor { author, .. }: Editor<R>,
    Path(key): Path<String>,
    asked: RequestOptions,
    Body(patch): Body,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    write.permit(&author, R::RESOURCE)?;
    let before: R = live(&mut write.conn, &key).await?;
    write.permit_about(R::RESOURCE, R::RESOURCE, before.id()).await?;
    asked.must_match(before.version())?;
    let merged = web::merged(&mut write.conn, &patch, R::RESOURCE.fields(), &before).await?;
    let record = R::change(&mut write, before, R::Draft::patched(&merged, &patch)?).await?;
    written(write, &asked, &record).await
}

async fn retract<R: Collected>(
    State(register): State<Register>,
    Editor { author, .. }: Editor<R>,
    Path(key): Path<String>,
    asked: RequestOptions,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    write.permit(&author, R::RESOURCE)?;
    let located = resources::live(&mut write.conn, R::RESOURCE, &key).await?;
    write.permit_about(R::RESOURCE, R::RESOURCE, located.id).await?;
    asked.must_match(located.version)?;
    R::retract(&mut write, located.id).await?;
    auth::commit_with(write, web::no_content()).await
}

/// `POST …/restore`: brings a record back, if it may stand beside what came meanwhile.
async fn restored<R: Collected>(
    State(register): State<Register>,
    Editor { author, .. }: Editor<R>,
    Path(key): Path<String>,
    asked: RequestOptions,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    write.permit(&author, R::RESOURCE)?;
    let found = resources::locate(&mut write.conn, R::RESOURCE, &key)
        .await?
        .ok_or_else(|| resources::not_found(R::RESOURCE, &key))?;
    write.permit_about(R::RESOURCE, R::RESOURCE, found.id).await?;
    restore(&mut write, R::RESOURCE, &found, &asked).await?;
    let record: R = must_find(&mut write.conn, found.id).await?;
    let record = record.recheck(&mut write).await?;
    written(write, &asked, &record).await
}

/// Commits, and answers with the record as it now is.
async fn written<R: Collected>(mut write: Write, asked: &RequestOptions, record: &R) -> Result<Response> {
    let whole = record.detail(Some(&mut write.conn), asked.viewpoint()).await?;
    let answer = web::item(asked, record.version(), &whole)?;
    auth::commit_with(write, answer).await
}
