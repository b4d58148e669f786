use axum::{
    extract::{Path, State},
    response::Response,
};

use serde_json::json;

use super::{
    Coalition, Draft,
    members::{self, Member},
    sql::{self, CoalitionFilter, MemberFilter},
};
use crate::{
    auth::Editor,
    citations::{self, About, Subject},
    db::Conn,
    error::Result,
    history::{self, ChangeFilter, Register, Write},
    participants::{self, Participant},
    records,
    resources::{self, Named, Resource},
    web::{self, Asked, Body, Does, Listing, New, Routes, Single},
};

const THIS: Resource = Resource::Coalitions;

pub fn routes() -> Routes<Register> {
    let member = "/v1/coalitions/{key}/members/{participant}";
    Routes::about("coalitions")
        .get(
            "/v1/coalitions",
            records::list::<CoalitionFilter>,
            Does::list::<CoalitionFilter>("list_coalitions", "Coalitions: standing groups."),
        )
        .post(
            "/v1/coalitions",
            create,
            Does::create::<Coalition>("create_coalition", "Writes down a coalition.", new()),
        )
        .post(
            "/v1/coalitions/batch",
            records::batch::<Coalition>,
            Does::batch::<Coalition>("create_coalitions", "Writes down many coalitions at once.", new()),
        )
        .get(
            "/v1/coalitions/{key}",
            read,
            Does::read::<Coalition>("read_coalition", "One coalition."),
        )
        .patch(
            "/v1/coalitions/{key}",
            change,
            Does::change::<Coalition>("change_coalition", "Changes a coalition.", THIS.fields()),
        )
        .delete(
            "/v1/coalitions/{key}",
            |s, e, p, a| records::retract(THIS, s, e, p, a),
            Does::retract("retract_coalition", "Retracts a coalition with its parts."),
        )
        .post(
            "/v1/coalitions/{key}/restore",
            restore,
            Does::restore::<Coalition>(
                "restore_coalition",
                "Brings back a retracted coalition with the parts that went with it.",
            ),
        )
        .get(
            "/v1/coalitions/{key}/history",
            |s, p, l| history::http::history(THIS, s, p, l),
            Does::list::<ChangeFilter>(
                "list_coalition_history",
                "Every change of a coalition, also when it is retracted or merged.",
            ),
        )
        .get(
            "/v1/coalitions/{key}/members",
            list_members,
            Does::list::<MemberFilter>("list_members", "Who belongs or belonged to a coalition."),
        )
        .get(
            member,
            read_member,
            Does::read::<Member>("read_member", "When a participant belonged."),
        )
        .put(
            member,
            put_member,
            Does::put::<Member>("put_member", "Sets the periods of a membership.", new_member()),
        )
        .delete(
            member,
            retract_member,
            Does::retract("retract_member", "Retracts a membership."),
        )
        .post(
            "/v1/coalitions/{key}/members/{participant}/restore",
            restore_member,
            Does::restore::<Member>("restore_member", "Brings back a retracted membership."),
        )
        .get(
            "/v1/coalitions/{key}/members/{participant}/history",
            member_history,
            Does::list::<ChangeFilter>("list_member_history", "Every change of a membership."),
        )
}

/// What a new coalition says.
fn new() -> New {
    New {
        name: "NewCoalition",
        fields: THIS.fields(),
        required: &["slug", "names"],
        beside: Vec::new(),
        example: json!({
            "slug": "friends-of-the-marshes", "founded_on": "2019-03",
            "names": { "en": "Friends of the Marshes", "ar": "أصدقاء الأهوار" },
        }),
    }
}

/// Periods on their way in: one that still runs need not say so.
fn periods() -> serde_json::Value {
    json!({
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["joined_on"],
            "additionalProperties": false,
            "properties": {
                "joined_on": { "$ref": "#/components/schemas/PartialDate" },
                "left_on": {
                    "oneOf": [{ "$ref": "#/components/schemas/PartialDate" }, { "type": "null" }],
                    "description": "The first day that is no longer a member's.",
                },
            },
        },
    })
}

/// What is said of a membership.
fn new_member() -> New {
    New {
        name: "Membership",
        fields: &[],
        required: &["periods"],
        beside: vec![("periods", periods())],
        example: json!({ "periods": [{ "joined_on": "2014-09", "left_on": null }] }),
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
        &format!("/v1/coalitions/{}", it.slug),
        it.version,
        &it.whole(asked.language, Vec::new()),
    )?;
    write.finish(answer).await
}

async fn live(conn: &mut Conn, key: &str) -> Result<Coalition> {
    let located = resources::live(conn, THIS, key).await?;
    sql::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, key))
}

async fn read(
    State(register): State<Register>,
    Path(key): Path<String>,
    single: Single<Coalition>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let it = live(&mut conn, &key).await?;
    let conflicts = super::conflicts(&mut conn, &it).await?;
    let view = it.whole(single.asked.language, conflicts);
    single.answer(&mut conn, &it, it.version, &view).await
}

/// Commits, and answers with the coalition as it now is.
async fn written(mut write: Write, asked: &Asked, it: &Coalition) -> Result<Response> {
    let conflicts = super::conflicts(&mut write.conn, it).await?;
    let answer = web::item(asked, it.version, &it.whole(asked.language, conflicts))?;
    write.finish(answer).await
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
    let coalition = resources::live(&mut register.read().await?, THIS, &key).await?;
    listing.filter.coalition = Named::one(coalition.id);
    listing.answer(register.db()).await
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
    single: Single<Member>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let (coalition, participant) = ends(&mut conn, &path).await?;
    let key = format!("{}/{}", coalition.slug, participant.code);
    match sql::find_member(&mut conn, coalition.id, participant.id).await? {
        Some(it) => {
            let view = it.view(single.asked.language);
            single.answer(&mut conn, &it, it.version, &view).await
        }
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
    let answer = if new {
        let location = format!("/v1/coalitions/{}/members/{}", it.coalition, it.participant);
        web::created(&asked, &location, it.version, &it.view(asked.language))
    } else {
        web::item(&asked, it.version, &it.view(asked.language))
    }?;
    write.finish(answer).await
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
    write.retract(Resource::Members, it.id).await?;
    write.finish(web::no_content()).await
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
    drop(conn);
    history::http::of_records(&register, ids, listing).await
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
    let answer = web::item(&asked, it.version, &it.view(asked.language))?;
    write.finish(answer).await
}
