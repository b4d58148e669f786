use axum::{
    extract::{Path, State},
    response::Response,
};

use serde_json::json;

use super::{
    Draft, Meeting,
    attendance::{self, Attendance},
    sql::{self, AttendanceFilter, MeetingFilter},
};
use crate::{
    auth::Editor,
    citations::{self, About, Subject},
    db::Conn,
    error::Result,
    history::{self, ChangeFilter, Register},
    participants::{self, Participant},
    records,
    resources::{self, Named, Resource},
    web::{self, Asked, Body, Does, Listing, New, Routes, Single},
};

const THIS: Resource = Resource::Meetings;

pub fn routes() -> Routes<Register> {
    let attendance = "/v1/meetings/{key}/attendance/{participant}";
    Routes::about("meetings")
        .get(
            "/v1/meetings",
            records::list::<MeetingFilter>,
            Does::list::<MeetingFilter>("list_meetings", "Meetings: conferences, ministerials, summits."),
        )
        .post(
            "/v1/meetings",
            create,
            Does::create::<Meeting>("create_meeting", "Writes down a meeting.", new()),
        )
        .post(
            "/v1/meetings/batch",
            records::batch::<Meeting>,
            Does::batch::<Meeting>("create_meetings", "Writes down many meetings at once.", new()),
        )
        .get(
            "/v1/meetings/{key}",
            read,
            Does::read::<Meeting>("read_meeting", "One meeting."),
        )
        .patch(
            "/v1/meetings/{key}",
            change,
            Does::change::<Meeting>("change_meeting", "Changes a meeting.", THIS.fields()),
        )
        .delete(
            "/v1/meetings/{key}",
            |s, e, p, a| records::retract(THIS, s, e, p, a),
            Does::retract("retract_meeting", "Retracts a meeting with its parts."),
        )
        .post(
            "/v1/meetings/{key}/restore",
            restore,
            Does::restore::<Meeting>(
                "restore_meeting",
                "Brings back a retracted meeting with the parts that went with it.",
            ),
        )
        .get(
            "/v1/meetings/{key}/history",
            |s, p, l| history::http::history(THIS, s, p, l),
            Does::list::<ChangeFilter>(
                "list_meeting_history",
                "Every change of a meeting, also when it is retracted or merged.",
            ),
        )
        .get(
            "/v1/meetings/{key}/attendance",
            list_attendance,
            Does::list::<AttendanceFilter>("list_attendance", "Who attended a meeting."),
        )
        .get(
            attendance,
            read_attendance,
            Does::read::<Attendance>("read_attendance", "How a participant attended."),
        )
        .put(
            attendance,
            put_attendance,
            Does::put::<Attendance>(
                "put_attendance",
                "Sets how a participant attended.",
                new_attendance(),
            ),
        )
        .delete(
            attendance,
            retract_attendance,
            Does::retract("retract_attendance", "Retracts an attendance."),
        )
        .post(
            "/v1/meetings/{key}/attendance/{participant}/restore",
            restore_attendance,
            Does::restore::<Attendance>("restore_attendance", "Brings back a retracted attendance."),
        )
        .get(
            "/v1/meetings/{key}/attendance/{participant}/history",
            attendance_history,
            Does::list::<ChangeFilter>("list_attendance_history", "Every change of an attendance."),
        )
}

/// What a new meeting says.
fn new() -> New {
    New {
        name: "NewMeeting",
        fields: THIS.fields(),
        required: &["slug", "titles", "kind", "starts_on"],
        beside: Vec::new(),
        example: json!({
            "slug": "basra-water-2026", "kind": "pledging_conference",
            "titles": { "en": "Basra Water Conference", "ar": "مؤتمر البصرة للمياه" },
            "starts_on": "2026-03-01", "ends_on": "2026-03-02", "city": "Basra", "country": "IRQ",
            "headline_amount": "500000000.00", "headline_currency": "USD",
        }),
    }
}

/// What is said of an attendance.
fn new_attendance() -> New {
    New {
        name: "NewAttendance",
        fields: Resource::Attendance.fields(),
        required: &[],
        beside: Vec::new(),
        example: json!({ "role": "co_chair", "delegate_name": "A. Example", "adopted": true }),
    }
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
    let answer = web::created(
        &asked,
        &format!("/v1/meetings/{}", it.slug),
        it.version,
        &it.whole(asked.language, Vec::new()),
    )?;
    write.finish(answer).await
}

async fn live(conn: &mut Conn, key: &str) -> Result<Meeting> {
    let located = resources::live(conn, THIS, key).await?;
    sql::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, key))
}

async fn read(
    State(register): State<Register>,
    Path(key): Path<String>,
    single: Single<Meeting>,
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
    let conflicts = super::conflicts(&mut write.conn, &it).await?;
    let answer = web::item(&asked, it.version, &it.whole(asked.language, conflicts))?;
    write.finish(answer).await
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
    let answer = web::item(&asked, it.version, &it.whole(asked.language, conflicts))?;
    write.finish(answer).await
}

async fn list_attendance(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut listing: Listing<AttendanceFilter>,
) -> Result<Response> {
    let meeting = resources::live(&mut register.read().await?, THIS, &key).await?;
    listing.filter.meeting = Named::one(meeting.id);
    listing.answer(register.db()).await
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
    single: Single<Attendance>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let (meeting, participant) = ends(&mut conn, &path).await?;
    let key = format!("{}/{}", meeting.slug, participant.code);
    match sql::find_attendance(&mut conn, meeting.id, participant.id).await? {
        Some(it) => {
            let view = it.view(single.asked.language);
            single.answer(&mut conn, &it, it.version, &view).await
        }
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
    let answer = if new {
        let location = format!("/v1/meetings/{}/attendance/{}", it.meeting, it.participant);
        web::created(&asked, &location, it.version, &it.view(asked.language))
    } else {
        web::item(&asked, it.version, &it.view(asked.language))
    }?;
    write.finish(answer).await
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
    write.retract(Resource::Attendance, it.id).await?;
    write.finish(web::no_content()).await
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
    drop(conn);
    history::http::of_records(&register, ids, listing).await
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
    let answer = web::item(&asked, it.version, &it.view(asked.language))?;
    write.finish(answer).await
}
