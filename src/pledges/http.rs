use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};

use super::{
    Draft, MONEY_SORTS, Pledge,
    events::{self, Event},
    sql::{self, EventFilter, PledgeFilter},
};
use crate::{
    auth::Editor,
    db::Conn,
    error::{Error, Faults, Result},
    history::{self, ChangeFilter, Register, Write},
    records,
    resources::{self, Located, Named, Resource},
    web::{self, Asked, Body, Listing},
};

const THIS: Resource = Resource::Pledges;

pub fn routes() -> Router<Register> {
    Router::new()
        .route("/v1/pledges", get(list).post(create))
        .route("/v1/pledges/batch", records::batch::<Pledge>())
        .route("/v1/pledges/{key}", get(read).patch(change).delete(retract))
        .route("/v1/pledges/{key}/restore", post(restore))
        .route(
            "/v1/pledges/{key}/history",
            get(|s, p, l| history::http::history(THIS, s, p, l)),
        )
        .route("/v1/pledges/{key}/events", get(list_events).post(create_event))
        .route(
            "/v1/pledges/{key}/events/{event}",
            get(read_event).patch(change_event).delete(retract_event),
        )
        .route("/v1/pledges/{key}/events/{event}/restore", post(restore_event))
        .route("/v1/pledges/{key}/events/{event}/history", get(event_history))
}

async fn list(State(register): State<Register>, mut listing: Listing<PledgeFilter>) -> Result<Response> {
    if let Some(sort) = MONEY_SORTS.into_iter().find(|sort| listing.page.sorts_by(sort))
        && listing.filter.currency.len() != 1
    {
        let detail =
            format!("sort={sort} needs one currency=, as amounts of different currencies are not compared");
        return Err(Error::Malformed(Faults::one("?sort", "currency", detail)));
    }
    let paged = listing.fetch(&mut register.read().await?).await?;
    let views: Vec<_> = paged
        .items
        .iter()
        .map(|it| it.view(listing.asked.language))
        .collect();
    web::list(&listing.asked, &paged, &views)
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
    write.commit().await?;
    web::created(
        &asked,
        &format!("/v1/pledges/{}", it.id),
        it.version,
        &it.whole(asked.language, conflicts),
    )
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
    write.commit().await?;
    web::item(asked, it.version, &it.whole(asked.language, conflicts))
}

async fn read(State(register): State<Register>, Path(key): Path<String>, asked: Asked) -> Result<Response> {
    let mut conn = register.read().await?;
    let it = live(&mut conn, &key).await?;
    let conflicts = super::conflicts(&mut conn, &it).await?;
    web::item(&asked, it.version, &it.whole(asked.language, conflicts))
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
    write.commit().await?;
    Ok(web::no_content())
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
    let mut conn = register.read().await?;
    listing.filter.pledge = Named::one(resources::live(&mut conn, THIS, &key).await?.id);
    let paged = listing.fetch(&mut conn).await?;
    let views: Vec<_> = paged.items.iter().map(Event::view).collect();
    web::list(&listing.asked, &paged, &views)
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
    write.commit().await?;
    let location = format!("/v1/pledges/{}/events/{}", pledge.id, it.id);
    web::created(&asked, &location, it.version, &it.whole(conflicts))
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
    asked: Asked,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let (_, it) = live_event(&mut conn, &path).await?;
    let conflicts = events::conflicts(&mut conn, &it).await?;
    web::item(&asked, it.version, &it.whole(conflicts))
}

async fn written_event(mut write: Write, asked: &Asked, it: &Event) -> Result<Response> {
    let conflicts = events::conflicts(&mut write.conn, it).await?;
    write.commit().await?;
    web::item(asked, it.version, &it.whole(conflicts))
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
    write.commit().await?;
    Ok(web::no_content())
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
    history::http::of_records(&mut conn, vec![located.id], listing).await
}
