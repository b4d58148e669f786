use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};

use super::{
    Coalition, Draft, View, members,
    sql::{self, CoalitionFilter, MemberFilter},
};
use crate::{
    auth::Editor,
    citations::{self, About, Subject},
    db::Conn,
    error::Result,
    history::{self, ChangeFilter, Recorded, Register, Write},
    participants::{self, Participant},
    records,
    resources::{self, Named, Resource},
    web::{self, Asked, Body, Listing},
};

const THIS: Resource = Resource::Coalitions;

pub fn routes() -> Router<Register> {
    Router::new()
        .route("/v1/coalitions", get(list).post(create))
        .route("/v1/coalitions/batch", records::batch::<Coalition>())
        .route(
            "/v1/coalitions/{key}",
            get(read)
                .patch(change)
                .delete(|s, e, p, a| records::retract(THIS, s, e, p, a)),
        )
        .route("/v1/coalitions/{key}/restore", post(restore))
        .route(
            "/v1/coalitions/{key}/history",
            get(|s, p, l| history::http::history(THIS, s, p, l)),
        )
        .route("/v1/coalitions/{key}/members", get(list_members))
        .route(
            "/v1/coalitions/{key}/members/{participant}",
            get(read_member).put(put_member).delete(retract_member),
        )
        .route(
            "/v1/coalitions/{key}/members/{participant}/restore",
            post(restore_member),
        )
        .route(
            "/v1/coalitions/{key}/members/{participant}/history",
            get(member_history),
        )
}

async fn list(State(register): State<Register>, mut listing: Listing<CoalitionFilter>) -> Result<Response> {
    let paged = listing.fetch(&mut register.read().await?).await?;
    let views: Vec<View> = paged
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
    let draft = Draft::parse(&body)?;
    let mut write = register.write(&author).await?;
    let it = super::create(&mut write, draft).await?;
    write.commit().await?;
    web::created(
        &asked,
        &format!("/v1/coalitions/{}", it.slug),
        it.version,
        &it.whole(asked.language, Vec::new()),
    )
}

async fn live(conn: &mut Conn, key: &str) -> Result<Coalition> {
    let located = resources::live(conn, THIS, key).await?;
    sql::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, key))
}

async fn read(State(register): State<Register>, Path(key): Path<String>, asked: Asked) -> Result<Response> {
    let mut conn = register.read().await?;
    let it = live(&mut conn, &key).await?;
    let conflicts = super::conflicts(&mut conn, &it).await?;
    web::item(&asked, it.version, &it.whole(asked.language, conflicts))
}

/// Commits, and answers with the coalition as it now is.
async fn written(mut write: Write, asked: &Asked, it: &Coalition) -> Result<Response> {
    let conflicts = super::conflicts(&mut write.conn, it).await?;
    write.commit().await?;
    web::item(asked, it.version, &it.whole(asked.language, conflicts))
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

async fn restore(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(key): Path<String>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let id = records::restore(&mut write, THIS, &key, &asked).await?;
    citations::recheck_about(
        &mut write,
        Subject {
            about: About::Coalitions,
            id,
        },
    )
    .await?;
    let it = sql::find(&mut write.conn, id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, &key))?;
    written(write, &asked, &it).await
}

async fn list_members(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: Listing<MemberFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    listing.filter.coalition = Named::one(resources::live(&mut conn, THIS, &key).await?.id);
    let mut paged = listing.fetch(&mut conn).await?;
    sql::with_periods(&mut conn, &mut paged.items).await?;
    let views: Vec<_> = paged
        .items
        .iter()
        .map(|it| it.view(listing.asked.language))
        .collect();
    web::list(&listing.asked, &paged, &views)
}

/// The coalition and the participant of a membership's path.
async fn ends(conn: &mut Conn, (key, participant): &(String, String)) -> Result<(Coalition, Participant)> {
    Ok((
        live(conn, key).await?,
        participants::sql::named(conn, participant).await?,
    ))
}

async fn read_member(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    asked: Asked,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let (coalition, participant) = ends(&mut conn, &path).await?;
    let key = format!("{}/{}", coalition.slug, participant.code);
    match sql::find_member(&mut conn, coalition.id, participant.id).await? {
        Some(it) => web::item(&asked, it.version, &it.view(asked.language)),
        None => Err(records::absent(
            Resource::Members,
            &key,
            &format!("/v1/coalitions/{}/members/{}", coalition.slug, participant.code),
            sql::retracted_member(&mut conn, coalition.id, participant.id).await?,
        )),
    }
}

async fn put_member(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: Asked,
    Body(body): Body,
) -> Result<Response> {
    let periods = members::parse_periods(&body)?;
    let mut write = register.write(&author).await?;
    let (coalition, participant) = ends(&mut write.conn, &path).await?;
    let before = sql::find_member(&mut write.conn, coalition.id, participant.id).await?;
    asked.must_match(before.as_ref().map(|it| it.version))?;
    let (it, new) = members::put(&mut write, &coalition, &participant, before, periods).await?;
    write.commit().await?;
    if new {
        let location = format!("/v1/coalitions/{}/members/{}", it.coalition, it.participant);
        web::created(&asked, &location, it.version, &it.view(asked.language))
    } else {
        web::item(&asked, it.version, &it.view(asked.language))
    }
}

async fn retract_member(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let (coalition, participant) = ends(&mut write.conn, &path).await?;
    let Some(it) = sql::find_member(&mut write.conn, coalition.id, participant.id).await? else {
        return Err(records::absent(
            Resource::Members,
            &format!("{}/{}", coalition.slug, participant.code),
            &format!("/v1/coalitions/{}/members/{}", coalition.slug, participant.code),
            sql::retracted_member(&mut write.conn, coalition.id, participant.id).await?,
        ));
    };
    asked.must_match(it.version)?;
    write.retract(Resource::Members, it.id()).await?;
    write.commit().await?;
    Ok(web::no_content())
}

async fn member_history(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    listing: Listing<ChangeFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let (coalition, participant) = records::ends(&mut conn, THIS, &path).await?;
    let ids = sql::every_member(&mut conn, coalition.id, participant.id).await?;
    if ids.is_empty() {
        let key = format!("{}/{}", coalition.public_key(), participant.public_key());
        return Err(resources::not_found(Resource::Members, &key));
    }
    history::http::of_records(&mut conn, ids, listing).await
}

async fn restore_member(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let (coalition, participant) = ends(&mut write.conn, &path).await?;
    let key = format!("{}/{}", coalition.slug, participant.code);
    let retracted = sql::retracted_member(&mut write.conn, coalition.id, participant.id).await?;
    let live = sql::find_member(&mut write.conn, coalition.id, participant.id).await?;
    let id = records::restorable(Resource::Members, &key, live.is_some(), retracted)?;
    records::restore(&mut write, Resource::Members, &id.to_string(), &asked).await?;
    let it = sql::find_member(&mut write.conn, coalition.id, participant.id)
        .await?
        .ok_or_else(|| resources::not_found(Resource::Members, &key))?;
    write.commit().await?;
    web::item(&asked, it.version, &it.view(asked.language))
}
