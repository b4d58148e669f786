//! Routes of the events of a pledge: its path names both.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde_json::json;

use super::{
    Draft, Event, record,
    sql::{self, EventFilter},
};
use crate::{
    auth::{self, Editor},
    citations,
    db::Reader,
    error::{Error, Result},
    history::{self, ChangeFilter, Register, Write},
    pledges::Pledge,
    records,
    resources::{self, Located, Named, Resource},
    web::{
        self, Body, InputSchema, ListRequest, Operation, RecordRequest, RequestOptions, Routes, Vocabulary,
    },
};

/// Whose events they are.
const THIS: Resource = Resource::Pledges;

#[must_use]
pub fn routes() -> Routes<Register> {
    let event = "/v1/pledges/{key}/events/{event}";
    Routes::about(THIS.as_str())
        .get(
            "/v1/pledges/{key}/events",
            list_events,
            Operation::list::<EventFilter>("list_events", "What became of a pledge."),
        )
        .post(
            "/v1/pledges/{key}/events",
            create_event,
            Operation::create::<Event>(
                "create_event",
                "Writes down what happened to a pledge.",
                new_event(),
            ),
        )
        .get(
            event,
            read_event,
            Operation::read::<Event>("read_event", "One event of a pledge."),
        )
        .patch(
            event,
            change_event,
            Operation::change::<Event>("change_event", "Changes an event.", Resource::Events.fields()),
        )
        .delete(
            event,
            retract_event,
            Operation::retract("retract_event", "Retracts an event."),
        )
        .post(
            "/v1/pledges/{key}/events/{event}/restore",
            restore_event,
            Operation::restore::<Event>("restore_event", "Brings back a retracted event."),
        )
        .get(
            "/v1/pledges/{key}/events/{event}/history",
            event_history,
            Operation::list::<ChangeFilter>("list_event_history", "Every change of an event."),
        )
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[("stage", "Events of these stages.")],
    ..Vocabulary::NONE
};

/// What a new event says.
fn new_event() -> InputSchema {
    InputSchema {
        name: "NewEvent",
        fields: Resource::Events.fields(),
        required: &["stage", "occurred_on"],
        input_only: vec![("citations", citations::within())],
        example: json!({ "stage": "paid", "occurred_on": "2018-06", "amount": "6600000.00", "currency": "USD" }),
    }
}

async fn list_events(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: ListRequest<EventFilter>,
) -> Result<Response> {
    let pledge = resources::live(&mut register.read().await?, THIS, &key).await?;
    listing.filter.pledge = Named::one(pledge.id);
    listing.answer(&register).await
}

async fn create_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: RequestOptions,
    Body(body): Body,
) -> Result<Response> {
    let draft = Draft::parse_new(&body)?;
    let mut write = register.write(&author).await?;
    let mut pledge: Pledge = records::live(&mut write.conn, &key).await?;
    asked.must_match(pledge.version)?;
    let it = record::create(&mut write, &mut pledge, &draft).await?;
    let conflicts = record::conflicts_of_new(&mut write.conn, &it, &draft).await?;
    let location = format!("/v1/pledges/{}/events/{}", pledge.id, it.id);
    let answer = web::created(&asked, &location, it.version, &it.detail(conflicts))?;
    auth::commit_with(write, answer).await
}

/// An event of this pledge, retracted or not.
async fn locate_event(conn: &mut Reader, (pledge, event): &(String, String)) -> Result<Located> {
    let pledge = resources::locate(conn, THIS, pledge)
        .await?
        .ok_or_else(|| resources::not_found(THIS, pledge))?;
    resources::event_of(conn, pledge.id, event).await
}

/// A live event of a live pledge, and the pledge.
async fn live_event(conn: &mut Reader, path: &(String, String)) -> Result<(Pledge, Event)> {
    let pledge: Pledge = records::live(conn, &path.0).await?;
    let located = locate_event(conn, path).await?;
    let gone = || Error::Gone {
        resource: "events",
        key: located.id.to_string(),
        path: format!("/v1/pledges/{}/events/{}", pledge.id, located.id),
    };
    let event = sql::find(conn, located.id).await?.ok_or_else(gone)?;
    Ok((pledge, event))
}

async fn read_event(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    single: RecordRequest<Event>,
) -> Result<Response> {
    let mut conn = register.snapshot().await?;
    let (_, it) = live_event(&mut conn, &path).await?;
    let conflicts = record::conflicts(&mut conn, &it).await?;
    single
        .answer(&mut conn, &it, it.version, &it.detail(conflicts))
        .await
}

async fn written_event(mut write: Write, asked: &RequestOptions, it: &Event) -> Result<Response> {
    let conflicts = record::conflicts(&mut write.conn, it).await?;
    let answer = web::item(asked, it.version, &it.detail(conflicts))?;
    auth::commit_with(write, answer).await
}

async fn change_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(at): Path<(String, String)>,
    asked: RequestOptions,
    Body(patch): Body,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let (mut pledge, before) = live_event(&mut write.conn, &at).await?;
    asked.must_match(before.version)?;
    let conflicts = record::conflicts(&mut write.conn, &before).await?;
    let merged = web::merged(&patch, Resource::Events.fields(), |_| {
        before.detail(conflicts.clone())
    })?;
    let it = record::change(&mut write, &mut pledge, before, Draft::parse(&merged)?).await?;
    written_event(write, &asked, &it).await
}

async fn retract_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: RequestOptions,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let (mut pledge, it) = live_event(&mut write.conn, &path).await?;
    asked.must_match(it.version)?;
    record::retract(&mut write, &mut pledge, &it).await?;
    auth::commit_with(write, web::no_content()).await
}

async fn restore_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: RequestOptions,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let mut pledge: Pledge = records::live(&mut write.conn, &path.0).await?;
    locate_event(&mut write.conn, &path).await?;
    let id = records::restore(&mut write, Resource::Events, &path.1, &asked).await?;
    let it = record::recheck(&mut write, &mut pledge, id).await?;
    written_event(write, &asked, &it).await
}

async fn event_history(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    listing: ListRequest<ChangeFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let located = locate_event(&mut conn, &path).await?;
    drop(conn);
    history::http::of_records(&register, vec![located.id], listing).await
}
