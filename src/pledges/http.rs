use axum::{
    extract::{Path, State},
    response::Response,
};

use serde_json::json;

use super::{
    Draft, MONEY_SORTS, Pledge,
    events::{self, Event},
    sql::{self, EventFilter, PledgeFilter},
};
use crate::{
    auth::Editor,
    citations,
    db::Conn,
    error::{Error, Faults, Result},
    history::{self, ChangeFilter, Register, Write},
    records,
    resources::{self, Located, Named, Resource},
    web::{self, Asked, Body, Does, Listing, New, Routes, Single},
};

const THIS: Resource = Resource::Pledges;

pub fn routes() -> Routes<Register> {
    let event = "/v1/pledges/{key}/events/{event}";
    Routes::about("pledges")
        .get(
            "/v1/pledges",
            list,
            Does::list::<PledgeFilter>(
                "list_pledges",
                "Pledges that match; every total takes the same filters.",
            ),
        )
        .post(
            "/v1/pledges",
            create,
            Does::create::<Pledge>("create_pledge", "Writes down a pledge.", new()),
        )
        .post(
            "/v1/pledges/batch",
            records::batch::<Pledge>,
            Does::batch::<Pledge>("create_pledges", "Writes down many pledges at once.", new()),
        )
        .get(
            "/v1/pledges/{key}",
            read,
            Does::read::<Pledge>("read_pledge", "One pledge."),
        )
        .patch(
            "/v1/pledges/{key}",
            change,
            Does::change::<Pledge>("change_pledge", "Changes a pledge.", THIS.fields()),
        )
        .delete(
            "/v1/pledges/{key}",
            retract,
            Does::retract("retract_pledge", "Retracts a pledge with its parts."),
        )
        .post(
            "/v1/pledges/{key}/restore",
            restore,
            Does::restore::<Pledge>(
                "restore_pledge",
                "Brings back a retracted pledge with the parts that went with it.",
            ),
        )
        .get(
            "/v1/pledges/{key}/history",
            |s, p, l| history::http::history(THIS, s, p, l),
            Does::list::<ChangeFilter>(
                "list_pledge_history",
                "Every change of a pledge, also when it is retracted or merged.",
            ),
        )
        .get(
            "/v1/pledges/{key}/events",
            list_events,
            Does::list::<EventFilter>("list_events", "What became of a pledge."),
        )
        .post(
            "/v1/pledges/{key}/events",
            create_event,
            Does::create::<Event>(
                "create_event",
                "Writes down what happened to a pledge.",
                new_event(),
            ),
        )
        .get(
            event,
            read_event,
            Does::read::<Event>("read_event", "One event of a pledge."),
        )
        .patch(
            event,
            change_event,
            Does::change::<Event>("change_event", "Changes an event.", Resource::Events.fields()),
        )
        .delete(
            event,
            retract_event,
            Does::retract("retract_event", "Retracts an event."),
        )
        .post(
            "/v1/pledges/{key}/events/{event}/restore",
            restore_event,
            Does::restore::<Event>("restore_event", "Brings back a retracted event."),
        )
        .get(
            "/v1/pledges/{key}/events/{event}/history",
            event_history,
            Does::list::<ChangeFilter>("list_event_history", "Every change of an event."),
        )
}

/// What a new pledge says.
fn new() -> New {
    New {
        name: "NewPledge",
        fields: THIS.fields(),
        required: &["instrument"],
        beside: vec![("citations", citations::within())],
        example: json!({
            "participant": "USA", "meeting": "global-coalition-kuwait-2018", "instrument": "grant",
            "qualifier": "exact", "amount": "20000000.00", "currency": "USD", "announced_on": "2018-02-13",
            "purpose": "Water for Basra",
        }),
    }
}

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

async fn list(State(register): State<Register>, listing: Listing<PledgeFilter>) -> Result<Response> {
    if let Some(sort) = MONEY_SORTS.into_iter().find(|sort| listing.page.sorts_by(sort))
        && listing.filter.currency.len() != 1
    {
        let detail =
            format!("sort={sort} needs one currency=, as amounts of different currencies are not compared");
        return Err(Error::Malformed(Faults::one("?sort", "currency", detail)));
    }
    listing.answer(register.db()).await
}

async fn create(
    State(register): State<Register>,
    Editor(author): Editor,
    asked: Asked,
    Body(body): Body,
) -> Result<Response> {
    let draft = Draft::parse_new(&body)?;
    let mut write = register.write(&author).await?;
    let it = super::create(&mut write, draft).await?;
    let conflicts = super::conflicts(&mut write.conn, &it).await?;
    let answer = web::created(
        &asked,
        &format!("/v1/pledges/{}", it.id),
        it.version,
        &it.whole(asked.language, conflicts),
    )?;
    write.finish(answer).await
}

async fn live(conn: &mut Conn, key: &str) -> Result<Pledge> {
    let located = resources::live(conn, THIS, key).await?;
    sql::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, key))
}

/// The answer with the whole of a pledge, once its write is committed.
async fn written(mut write: Write, asked: &Asked, it: &Pledge) -> Result<Response> {
    let conflicts = super::conflicts(&mut write.conn, it).await?;
    let answer = web::item(asked, it.version, &it.whole(asked.language, conflicts))?;
    write.finish(answer).await
}

async fn read(
    State(register): State<Register>,
    Path(key): Path<String>,
    single: Single<Pledge>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let it = live(&mut conn, &key).await?;
    let conflicts = super::conflicts(&mut conn, &it).await?;
    let view = it.whole(single.asked.language, conflicts);
    single.answer(&mut conn, &it, it.version, &view).await
}

async fn change(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
    Body(patch): Body,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let before = live(&mut write.conn, &key).await?;
    asked.must_match(before.version)?;
    let conflicts = super::conflicts(&mut write.conn, &before).await?;
    let merged = web::merged(&patch, THIS.fields(), |language| {
        before.whole(language, conflicts.clone())
    })?;
    let it = super::change(&mut write, before, Draft::parse(&merged)?).await?;
    written(write, &asked, &it).await
}

async fn retract(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let it = live(&mut write.conn, &key).await?;
    asked.must_match(it.version)?;
    super::retract(&mut write, &it).await?;
    write.finish(web::no_content()).await
}

async fn restore(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let id = records::restore(&mut write, THIS, &key, &asked).await?;
    let it = super::recheck(&mut write, id).await?;
    written(write, &asked, &it).await
}

async fn list_events(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: Listing<EventFilter>,
) -> Result<Response> {
    let pledge = resources::live(&mut register.read().await?, THIS, &key).await?;
    listing.filter.pledge = Named::one(pledge.id);
    listing.answer(register.db()).await
}

async fn create_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
    Body(body): Body,
) -> Result<Response> {
    let draft = events::Draft::parse_new(&body)?;
    let mut write = register.write(&author).await?;
    let pledge = live(&mut write.conn, &key).await?;
    asked.must_match(pledge.version)?;
    let it = events::create(&mut write, &pledge, draft).await?;
    let conflicts = events::conflicts(&mut write.conn, &it).await?;
    let location = format!("/v1/pledges/{}/events/{}", pledge.id, it.id);
    let answer = web::created(&asked, &location, it.version, &it.whole(conflicts))?;
    write.finish(answer).await
}

/// An event of this pledge, retracted or not.
async fn locate_event(conn: &mut Conn, (pledge, event): &(String, String)) -> Result<Located> {
    let missing = || resources::not_found(Resource::Events, event);
    let pledge = resources::locate(conn, THIS, pledge)
        .await?
        .ok_or_else(|| resources::not_found(THIS, pledge))?;
    let located = resources::locate(conn, Resource::Events, event)
        .await?
        .ok_or_else(missing)?;
    if sql::is_of(conn, located.id, pledge.id).await? {
        Ok(located)
    } else {
        Err(missing())
    }
}

/// A live event of a live pledge, and the pledge.
async fn live_event(conn: &mut Conn, path: &(String, String)) -> Result<(Pledge, Event)> {
    let pledge = live(conn, &path.0).await?;
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
    single: Single<Event>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let (_, it) = live_event(&mut conn, &path).await?;
    let conflicts = events::conflicts(&mut conn, &it).await?;
    single
        .answer(&mut conn, &it, it.version, &it.whole(conflicts))
        .await
}

async fn written_event(mut write: Write, asked: &Asked, it: &Event) -> Result<Response> {
    let conflicts = events::conflicts(&mut write.conn, it).await?;
    let answer = web::item(asked, it.version, &it.whole(conflicts))?;
    write.finish(answer).await
}

async fn change_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(at): Path<(String, String)>,
    asked: Asked,
    Body(patch): Body,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let (pledge, before) = live_event(&mut write.conn, &at).await?;
    asked.must_match(before.version)?;
    let conflicts = events::conflicts(&mut write.conn, &before).await?;
    let merged = web::merged(&patch, Resource::Events.fields(), |_| {
        before.whole(conflicts.clone())
    })?;
    let it = events::change(&mut write, &pledge, before, events::Draft::parse(&merged)?).await?;
    written_event(write, &asked, &it).await
}

async fn retract_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let (pledge, it) = live_event(&mut write.conn, &path).await?;
    asked.must_match(it.version)?;
    events::retract(&mut write, &pledge, &it).await?;
    write.finish(web::no_content()).await
}

async fn restore_event(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let pledge = live(&mut write.conn, &path.0).await?;
    locate_event(&mut write.conn, &path).await?;
    let id = records::restore(&mut write, Resource::Events, &path.1, &asked).await?;
    let it = events::recheck(&mut write, &pledge, id).await?;
    written_event(write, &asked, &it).await
}

async fn event_history(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    listing: Listing<ChangeFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let located = locate_event(&mut conn, &path).await?;
    drop(conn);
    history::http::of_records(&register, vec![located.id], listing).await
}
