//! Routes of events: those of a pledge, whose path names both, and the list of all.

use axum::{
    extract::{Path, State},
    response::Response,
};
use serde_json::Map;
use uuid::Uuid;

use super::{
    Draft, Event, EventOfPledge, record,
    sql::{EventFilter, EventsOfPledges},
};
use crate::{
    auth::{self, Editor},
    db::Reader,
    error::Result,
    history::{self, ChangeFilter, Register, Write},
    pledges::Pledge,
    records::{self, Draft as _},
    resources::{self, Named, Resource},
    web::{self, Body, ListRequest, Operation, RecordRequest, RequestOptions, Routes, Shown, Vocabulary},
};

/// Whose events they are.
const THIS: Resource = Resource::Pledges;

#[must_use]
pub fn routes() -> Routes<Register> {
    let event = "/v1/pledges/{key}/events/{event}";
    Routes::about(THIS.as_str())
        .get(
            "/v1/events",
            records::list::<EventsOfPledges>,
            Operation::list::<EventsOfPledges>(
                "list_all_events",
                "What became of the pledges that match: what was paid when, and what was lost.",
            ),
        )
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
                Draft::input(),
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
            Operation::change::<Event>(
                "change_event",
                "Changes an event.",
                Resource::Events.fields(),
                &Draft::patch(),
            )
            .or_as_listed::<Event, EventOfPledge>(),
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
        ("stage", "Events of these stages."),
        ("occurred_from", "Events of this date or later."),
        ("occurred_to", "Events of this date or earlier."),
    ],
    ..Vocabulary::NONE
};

async fn list_events(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: ListRequest<EventFilter>,
) -> Result<Response> {
    let mut conn = listing.snapshot(&register).await?;
    let pledge = resources::live(&mut conn, THIS, &key).await?;
    listing.filter.pledge = Named::one(pledge.id);
    listing.answer_on(conn, &register).await
}

async fn create_event(
    State(register): State<Register>,
    Editor { author, .. }: Editor<Event>,
    Path(key): Path<String>,
    asked: RequestOptions,
    Body(body): Body,
) -> Result<Response> {
    let draft = Draft::parse(&body);
    let mut write = register.write(&author).await?;
    write.permit(&author, Resource::Events)?;
    let mut pledge: Pledge = records::live(&mut write.conn, &key).await?;
    write.permit_of(&author, Resource::Events, pledge.refs.participant_id)?;
    // Who may not write here hears that before the body's faults.
    let draft = draft?;
    asked.must_match(pledge.version)?;
    let it = record::create(&mut write, &mut pledge, &draft).await?;
    let sources = draft.has_sources().then_some(&mut *write.conn);
    let whole = it.detail(sources, asked.viewpoint()).await?;
    let location = format!("/v1/pledges/{}/events/{}", pledge.id, it.id);
    let answer = web::created(&asked, &location, it.version, &whole)?;
    auth::commit_with(write, answer).await
}

/// A live event of this pledge.
async fn live(conn: &mut Reader, pledge: Uuid, key: &str) -> Result<Event> {
    let located = resources::live_event_of(conn, pledge, key).await?;
    records::find::<EventFilter>(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(Resource::Events, key))
}

async fn read_event(
    State(register): State<Register>,
    Path((pledge, key)): Path<(String, String)>,
    single: RecordRequest<Event>,
) -> Result<Response> {
    let mut conn = register.snapshot().await?;
    let pledge = resources::live(&mut conn, THIS, &pledge).await?;
    let it = live(&mut conn, pledge.id, &key).await?;
    let whole = it.detail(Some(&mut conn), single.asked.viewpoint()).await?;
    single.answer(&mut conn, &it, it.version, &whole).await
}

async fn written_event(mut write: Write, asked: &RequestOptions, it: &Event) -> Result<Response> {
    let whole = it.detail(Some(&mut write.conn), asked.viewpoint()).await?;
    let answer = web::item(asked, it.version, &whole)?;
    auth::commit_with(write, answer).await
}

async fn change_event(
    State(register): State<Register>,
    Editor { author, .. }: Editor<Event>,
    Path((pledge, key)): Path<(String, String)>,
    asked: RequestOptions,
    Body(mut patch): Body,
) -> Result<Response> {
    // As it is read among those of other pledges.
    let mut of_its_pledge = Map::new();
    if let Some(patch) = patch.as_object_mut() {
        let names = EventOfPledge::OF_ITS_PLEDGE.iter();
        of_its_pledge.extend(names.filter_map(|name| patch.shift_remove_entry(*name)));
    }
    let mut write = register.write(&author).await?;
    write.permit(&author, Resource::Events)?;
    let mut pledge: Pledge = records::live(&mut write.conn, &pledge).await?;
    write.permit_of(&author, Resource::Events, pledge.refs.participant_id)?;
    let before = live(&mut write.conn, pledge.id, &key).await?;
    asked.must_match(before.version)?;
    let writable = Resource::Events.fields();
    if !of_its_pledge.is_empty() {
        let (said, read) = (of_its_pledge.into(), EventOfPledge::of(&before, &pledge));
        web::must_be_as_read(&mut write.conn, &said, writable, &read, false).await?;
    }
    let merged = web::merged(&mut write.conn, &patch, writable, &before).await?;
    let draft = Draft::patched(&merged, &patch)?;
    let it = record::change(&mut write, &mut pledge, before, draft).await?;
    written_event(write, &asked, &it).await
}

async fn retract_event(
    State(register): State<Register>,
    Editor { author, .. }: Editor<Event>,
    Path((pledge, key)): Path<(String, String)>,
    asked: RequestOptions,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    write.permit(&author, Resource::Events)?;
    let mut pledge: Pledge = records::live(&mut write.conn, &pledge).await?;
    write.permit_of(&author, Resource::Events, pledge.refs.participant_id)?;
    let it = live(&mut write.conn, pledge.id, &key).await?;
    asked.must_match(it.version)?;
    record::retract(&mut write, &mut pledge, &it).await?;
    auth::commit_with(write, web::no_content()).await
}

async fn restore_event(
    State(register): State<Register>,
    Editor { author, .. }: Editor<Event>,
    Path((pledge, key)): Path<(String, String)>,
    asked: RequestOptions,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    write.permit(&author, Resource::Events)?;
    let mut pledge: Pledge = records::live(&mut write.conn, &pledge).await?;
    write.permit_of(&author, Resource::Events, pledge.refs.participant_id)?;
    let located = resources::event_of(&mut write.conn, pledge.id, &key).await?;
    records::restore(&mut write, Resource::Events, &located, &asked).await?;
    let it = record::recheck(&mut write, &mut pledge, located.id).await?;
    written_event(write, &asked, &it).await
}

async fn event_history(
    State(register): State<Register>,
    Path((pledge, key)): Path<(String, String)>,
    listing: ListRequest<ChangeFilter>,
) -> Result<Response> {
    let mut conn = listing.snapshot(&register).await?;
    let pledge = resources::locate(&mut conn, THIS, &pledge)
        .await?
        .ok_or_else(|| resources::not_found(THIS, &pledge))?;
    let located = resources::event_of(&mut conn, pledge.id, &key).await?;
    history::http::of_records(&register, conn, vec![located.id], listing).await
}
