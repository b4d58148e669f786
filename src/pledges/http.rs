//! Routes of pledges: those of every record; and of the events of each.

use axum::{
    extract::{Path, State},
    response::Response,
};

use serde_json::json;

use super::{
    Pledge,
    events::{self, Event},
    sql::{self, EventFilter},
};
use crate::{
    auth::Editor,
    citations,
    db::Reader,
    error::{Error, Result},
    history::{self, ChangeFilter, Register, Write},
    records,
    resources::{self, Located, Named, Resource},
    web::{self, Body, ListRequest, New, Operation, RecordRequest, RequestOptions, Routes, Vocabulary},
};

const THIS: Resource = Resource::Pledges;

pub fn routes() -> Routes<Register> {
    let event = "/v1/pledges/{key}/events/{event}";
    records::collection::<Pledge>()
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
    parameters: &[
        ("participant_kind", "By participants of these kinds."),
        ("instrument", "Of these instruments."),
        ("qualifier", "Whose amount is meant so."),
        ("currency", "In these currencies."),
        ("state", "In one of these states."),
        ("beneficiary", "For these participants."),
        (
            "amount_min",
            "Whose own range, as adjusted, reaches so much or more: `at_least` has no upper end. Needs one `currency`.",
        ),
        (
            "amount_max",
            "Whose own range, as adjusted, begins at so much or less: `up_to` begins at its minimum. Needs one `currency`.",
        ),
        ("announced_from", "Announced on this date or later."),
        ("announced_to", "Announced on this date or earlier."),
        ("parent", "Parts of these pledges."),
        ("restates", "Saying these pledges again."),
        (
            "collective",
            "Made by a meeting as a whole (true), or by a participant (false).",
        ),
        ("cited", "Whether anything is cited for them."),
        ("stage", "Events of these stages."),
    ],
    examples: &[
        ("Link", "</v1/pledges?limit=50&after=eyJ>; rel=\"next\""),
        (
            "Content-Disposition",
            "attachment; filename=\"pledges_2026-11-24T190000Z.csv\"",
        ),
    ],
    ..Vocabulary::NONE
};

/// What a new event says.
fn new_event() -> New {
    New {
        name: "NewEvent",
        fields: Resource::Events.fields(),
        required: &["stage", "occurred_on"],
        beside: vec![("citations", citations::within())],
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
    listing.answer(register.db()).await
}

async fn create_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: RequestOptions,
    Body(body): Body,
) -> Result<Response> {
    let draft = events::Draft::parse_new(&body)?;
    let mut write = register.write(&author).await?;
    let mut pledge: Pledge = records::live(&mut write.conn, &key).await?;
    asked.must_match(pledge.version)?;
    let it = events::create(&mut write, &mut pledge, &draft).await?;
    let conflicts = events::conflicts_of_new(&mut write.conn, &it, &draft).await?;
    let location = format!("/v1/pledges/{}/events/{}", pledge.id, it.id);
    let answer = web::created(&asked, &location, it.version, &it.whole(conflicts))?;
    write.finish(answer).await
}

/// An event of this pledge, retracted or not.
async fn locate_event(conn: &mut Reader, (pledge, event): &(String, String)) -> Result<Located> {
    let missing = || resources::not_found(Resource::Events, event);
    let pledge = resources::locate(conn, THIS, pledge)
        .await?
        .ok_or_else(|| resources::not_found(THIS, pledge))?;
    let located = resources::locate(conn, Resource::Events, event)
        .await?
        .ok_or_else(missing)?;
    if resources::is_event_of(conn, located.id, pledge.id).await? {
        Ok(located)
    } else {
        Err(missing())
    }
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
    let event = sql::find_event(conn, located.id).await?.ok_or_else(gone)?;
    Ok((pledge, event))
}

async fn read_event(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    single: RecordRequest<Event>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let (_, it) = live_event(&mut conn, &path).await?;
    let conflicts = events::conflicts(&mut conn, &it).await?;
    single
        .answer(&mut conn, &it, it.version, &it.whole(conflicts))
        .await
}

async fn written_event(mut write: Write, asked: &RequestOptions, it: &Event) -> Result<Response> {
    let conflicts = events::conflicts(&mut write.conn, it).await?;
    let answer = web::item(asked, it.version, &it.whole(conflicts))?;
    write.finish(answer).await
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
    let conflicts = events::conflicts(&mut write.conn, &before).await?;
    let merged = web::merged(&patch, Resource::Events.fields(), |_| {
        before.whole(conflicts.clone())
    })?;
    let it = events::change(&mut write, &mut pledge, before, events::Draft::parse(&merged)?).await?;
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
    events::retract(&mut write, &mut pledge, &it).await?;
    write.finish(web::no_content()).await
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
    let it = events::recheck(&mut write, &mut pledge, id).await?;
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
