use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};

use super::{
    Draft, Meeting, View, attendance,
    sql::{self, AttendanceFilter, MeetingFilter},
};
use crate::{
    auth::Editor,
    citations::{self, About, Subject},
    db::Conn,
    error::Result,
    history::{self, ChangeFilter, Recorded, Register},
    participants::{self, Participant},
    records,
    resources::{self, Named, Resource},
    web::{self, Asked, Body, Listing},
};

const THIS: Resource = Resource::Meetings;

pub fn routes() -> Router<Register> {
    Router::new()
        .route("/v1/meetings", get(list).post(create))
        .route("/v1/meetings/batch", records::batch::<Meeting>())
        .route(
            "/v1/meetings/{key}",
            get(read)
                .patch(change)
                .delete(|s, e, p, a| records::retract(THIS, s, e, p, a)),
        )
        .route("/v1/meetings/{key}/restore", post(restore))
        .route(
            "/v1/meetings/{key}/history",
            get(|s, p, l| history::http::history(THIS, s, p, l)),
        )
        .route("/v1/meetings/{key}/attendance", get(list_attendance))
        .route(
            "/v1/meetings/{key}/attendance/{participant}",
            get(read_attendance)
                .put(put_attendance)
                .delete(retract_attendance),
        )
        .route(
            "/v1/meetings/{key}/attendance/{participant}/restore",
            post(restore_attendance),
        )
        .route(
            "/v1/meetings/{key}/attendance/{participant}/history",
            get(attendance_history),
        )
}

async fn list(State(register): State<Register>, mut listing: Listing<MeetingFilter>) -> Result<Response> {
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
        &format!("/v1/meetings/{}", it.slug),
        it.version,
        &it.whole(asked.language, Vec::new()),
    )
}

async fn live(conn: &mut Conn, key: &str) -> Result<Meeting> {
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
    let conflicts = super::conflicts(&mut write.conn, &it).await?;
    write.commit().await?;
    web::item(&asked, it.version, &it.whole(asked.language, conflicts))
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
            about: About::Meetings,
            id,
        },
    )
    .await?;
    let it = sql::find(&mut write.conn, id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, &key))?;
    let conflicts = super::conflicts(&mut write.conn, &it).await?;
    write.commit().await?;
    web::item(&asked, it.version, &it.whole(asked.language, conflicts))
}

async fn list_attendance(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: Listing<AttendanceFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    listing.filter.meeting = Named::one(resources::live(&mut conn, THIS, &key).await?.id);
    let paged = listing.fetch(&mut conn).await?;
    let views: Vec<_> = paged
        .items
        .iter()
        .map(|it| it.view(listing.asked.language))
        .collect();
    web::list(&listing.asked, &paged, &views)
}

/// The meeting and the participant of an attendance's path.
async fn ends(conn: &mut Conn, (key, participant): &(String, String)) -> Result<(Meeting, Participant)> {
    Ok((
        live(conn, key).await?,
        participants::sql::named(conn, participant).await?,
    ))
}

async fn read_attendance(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    asked: Asked,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let (meeting, participant) = ends(&mut conn, &path).await?;
    let key = format!("{}/{}", meeting.slug, participant.code);
    match sql::find_attendance(&mut conn, meeting.id, participant.id).await? {
        Some(it) => web::item(&asked, it.version, &it.view(asked.language)),
        None => Err(records::absent(
            Resource::Attendance,
            &key,
            &format!("/v1/meetings/{}/attendance/{}", meeting.slug, participant.code),
            sql::retracted_attendance(&mut conn, meeting.id, participant.id).await?,
        )),
    }
}

async fn put_attendance(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: Asked,
    Body(body): Body,
) -> Result<Response> {
    let draft = attendance::Draft::parse(&body)?;
    let mut write = register.write(&author).await?;
    let (meeting, participant) = ends(&mut write.conn, &path).await?;
    let before = sql::find_attendance(&mut write.conn, meeting.id, participant.id).await?;
    asked.must_match(before.as_ref().map(|it| it.version))?;
    let (it, new) = attendance::put(&mut write, &meeting, &participant, before, draft).await?;
    write.commit().await?;
    if new {
        let location = format!("/v1/meetings/{}/attendance/{}", it.meeting, it.participant);
        web::created(&asked, &location, it.version, &it.view(asked.language))
    } else {
        web::item(&asked, it.version, &it.view(asked.language))
    }
}

async fn retract_attendance(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let (meeting, participant) = ends(&mut write.conn, &path).await?;
    let Some(it) = sql::find_attendance(&mut write.conn, meeting.id, participant.id).await? else {
        return Err(records::absent(
            Resource::Attendance,
            &format!("{}/{}", meeting.slug, participant.code),
            &format!("/v1/meetings/{}/attendance/{}", meeting.slug, participant.code),
            sql::retracted_attendance(&mut write.conn, meeting.id, participant.id).await?,
        ));
    };
    asked.must_match(it.version)?;
    write.retract(Resource::Attendance, it.id()).await?;
    write.commit().await?;
    Ok(web::no_content())
}

async fn attendance_history(
    State(register): State<Register>,
    Path(path): Path<(String, String)>,
    listing: Listing<ChangeFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let (meeting, participant) = records::ends(&mut conn, THIS, &path).await?;
    let ids = sql::every_attendance(&mut conn, meeting.id, participant.id).await?;
    if ids.is_empty() {
        let key = format!("{}/{}", meeting.public_key(), participant.public_key());
        return Err(resources::not_found(Resource::Attendance, &key));
    }
    history::http::of_records(&mut conn, ids, listing).await
}

async fn restore_attendance(
    State(register): State<Register>,
    Editor(author): Editor,
    Path(path): Path<(String, String)>,
    asked: Asked,
) -> Result<Response> {
    let mut write = register.write(&author).await?;
    let (meeting, participant) = ends(&mut write.conn, &path).await?;
    let key = format!("{}/{}", meeting.slug, participant.code);
    let retracted = sql::retracted_attendance(&mut write.conn, meeting.id, participant.id).await?;
    let live = sql::find_attendance(&mut write.conn, meeting.id, participant.id).await?;
    let id = records::restorable(Resource::Attendance, &key, live.is_some(), retracted)?;
    records::restore(&mut write, Resource::Attendance, &id.to_string(), &asked).await?;
    let it = sql::find_attendance(&mut write.conn, meeting.id, participant.id)
        .await?
        .ok_or_else(|| resources::not_found(Resource::Attendance, &key))?;
    write.commit().await?;
    web::item(&asked, it.version, &it.view(asked.language))
}
