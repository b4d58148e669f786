use axum::{
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::Response,
};
use chrono::NaiveDate;
use serde_json::json;

use super::{
    Draft, Participant, View,
    sql::{self, ParticipantFilter},
};
use crate::{
    auth::Editor,
    citations::{self, About, Subject},
    db::Conn,
    error::{Error, Result},
    history::{self, ChangeFilter, Register, Write},
    records,
    resources::{self, Resource},
    values::{Language, PartialDate},
    web::{self, Asked, Body, Does, Filter, New, Query, Routes, Single, Sort},
};

const THIS: Resource = Resource::Participants;

pub fn routes() -> Routes<Register> {
    Routes::about("participants")
        .get(
            "/v1/participants",
            records::list::<Named>,
            Does::list::<Named>(
                "list_participants",
                "Participants: states, organisations, funds and others.",
            ),
        )
        .post(
            "/v1/participants",
            create,
            Does::create::<Participant>("create_participant", "Writes down a participant.", new()),
        )
        .post(
            "/v1/participants/batch",
            records::batch::<Participant>,
            Does::batch::<Participant>(
                "create_participants",
                "Writes down many participants at once.",
                new(),
            ),
        )
        .get(
            "/v1/participants/{key}",
            read,
            Does::read::<Participant>("read_participant", "One participant.").asked(|query| {
                NamesAt::read(query);
            }),
        )
        .patch(
            "/v1/participants/{key}",
            change,
            Does::change::<Participant>("change_participant", "Changes a participant.", THIS.fields()),
        )
        .delete(
            "/v1/participants/{key}",
            |s, e, p, a| records::retract(THIS, s, e, p, a),
            Does::retract("retract_participant", "Retracts a participant with its parts."),
        )
        .post(
            "/v1/participants/{key}/restore",
            restore,
            Does::restore::<Participant>(
                "restore_participant",
                "Brings back a retracted participant with the parts that went with it.",
            ),
        )
        .get(
            "/v1/participants/{key}/history",
            |s, p, l| history::http::history(THIS, s, p, l),
            Does::list::<ChangeFilter>(
                "list_participant_history",
                "Every change of a participant, also when it is retracted or merged.",
            ),
        )
}

/// What a new participant says.
fn new() -> New {
    New {
        name: "NewParticipant",
        fields: &["code", "kind", "names", "former_names", "aliases"],
        required: &["code", "kind", "names"],
        beside: vec![(
            "merged_into",
            json!({ "type": "null", "description": "A participant is merged by a patch." }),
        )],
        example: json!({
            "code": "KFAED", "kind": "fund",
            "names": { "en": "Kuwait Fund for Arab Economic Development", "ar": "الصندوق الكويتي للتنمية الاقتصادية العربية" },
            "aliases": ["Kuwait Fund"],
        }),
    }
}

/// `names_at`: the names that held on a day.
struct NamesAt(Option<NaiveDate>);

impl NamesAt {
    fn read(query: &mut Query) -> Self {
        Self(query.one::<PartialDate>("names_at").map(PartialDate::last))
    }
}

/// A participant under the names of a day.
struct SingleAt {
    single: Single<Participant>,
    names_at: NamesAt,
}

impl<S: Send + Sync> FromRequestParts<S> for SingleAt {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut query = Query::of(parts);
        let single = Single::read(parts, &mut query)?;
        let names_at = NamesAt::read(&mut query);
        query.done()?;
        Ok(Self { single, names_at })
    }
}

/// The list's filter, and the day of the names in it.
struct Named {
    filter: ParticipantFilter,
    names_at: NamesAt,
}

impl Filter for Named {
    type Item = Participant;
    const COLUMNS: &'static str = ParticipantFilter::COLUMNS;
    const FROM: &'static str = ParticipantFilter::FROM;
    const BYTES: Option<&'static str> = ParticipantFilter::BYTES;
    const SORTS: &'static [Sort<Participant>] = ParticipantFilter::SORTS;

    fn read(query: &mut Query) -> Self {
        Self {
            filter: ParticipantFilter::read(query),
            names_at: NamesAt::read(query),
        }
    }
    async fn resolve(&mut self, conn: &mut Conn) -> Result<()> {
        self.filter.resolve(conn).await
    }
    fn matching(&self, sql: &mut crate::db::Sql) {
        self.filter.matching(sql);
    }
    fn view<'a>(&self, row: &'a Participant, language: Language) -> View<'a> {
        row.view(language, self.names_at.0)
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
        &format!("/v1/participants/{}", it.code),
        it.version,
        &it.whole(asked.language, None, Vec::new()),
    )?;
    write.finish(answer).await
}

async fn live(conn: &mut Conn, key: &str) -> Result<Participant> {
    let located = resources::live(conn, THIS, key).await?;
    sql::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, key))
}

async fn read(
    State(register): State<Register>,
    Path(key): Path<String>,
    SingleAt { single, names_at }: SingleAt,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let it = live(&mut conn, &key).await?;
    let conflicts = super::conflicts(&mut conn, &it).await?;
    let view = it.whole(single.asked.language, names_at.0, conflicts);
    single.answer(&mut conn, &it, it.version, &view).await
}

/// Commits, and answers with the participant as it now is.
async fn written(mut write: Write, asked: &Asked, it: &Participant) -> Result<Response> {
    let conflicts = super::conflicts(&mut write.conn, it).await?;
    let answer = web::item(asked, it.version, &it.whole(asked.language, None, conflicts))?;
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
        before.whole(language, None, conflicts.clone())
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
            about: About::Participants,
            id,
        },
    )
    .await?;
    let it = sql::find(&mut write.conn, id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, &key))?;
    written(write, &asked, &it).await
}
