use axum::{
    Router,
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::Response,
    routing::{get, post},
};
use chrono::NaiveDate;

use super::{
    Draft, Participant, View,
    sql::{self, ParticipantFilter},
};
use crate::{
    auth::Editor,
    citations::{self, About, Subject},
    db::Conn,
    error::{Error, Result},
    history::{self, Register, Write},
    records,
    resources::{self, Resource},
    values::PartialDate,
    web::{self, Asked, Body, Filter, Listing, Query},
};

const THIS: Resource = Resource::Participants;

pub fn routes() -> Router<Register> {
    Router::new()
        .route("/v1/participants", get(list).post(create))
        .route("/v1/participants/batch", records::batch::<Participant>())
        .route(
            "/v1/participants/{key}",
            get(read)
                .patch(change)
                .delete(|s, e, p, a| records::retract(THIS, s, e, p, a)),
        )
        .route("/v1/participants/{key}/restore", post(restore))
        .route(
            "/v1/participants/{key}/history",
            get(|s, p, l| history::http::history(THIS, s, p, l)),
        )
}

/// `names_at`: the names that held on a day.
struct NamesAt(Option<NaiveDate>);

impl NamesAt {
    fn read(query: &mut Query) -> Self {
        Self(query.one::<PartialDate>("names_at").map(PartialDate::last))
    }
}

/// A participant, or participants, under the names of a day.
struct AskedAt {
    asked: Asked,
    names_at: NamesAt,
}

impl<S: Send + Sync> FromRequestParts<S> for AskedAt {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut query = Query::of(parts);
        let asked = Asked::read(parts, &mut query);
        let names_at = NamesAt::read(&mut query);
        query.done()?;
        Ok(Self { asked, names_at })
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
}

async fn list(State(register): State<Register>, mut listing: Listing<Named>) -> Result<Response> {
    let paged = listing.fetch(&mut register.read().await?).await?;
    let (language, at) = (listing.asked.language, listing.filter.names_at.0);
    let views: Vec<View> = paged.items.iter().map(|it| it.view(language, at)).collect();
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
        &format!("/v1/participants/{}", it.code),
        it.version,
        &it.whole(asked.language, None, Vec::new()),
    )
}

async fn live(conn: &mut Conn, key: &str) -> Result<Participant> {
    let located = resources::live(conn, THIS, key).await?;
    sql::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, key))
}

async fn read(State(register): State<Register>, Path(key): Path<String>, asked: AskedAt) -> Result<Response> {
    let mut conn = register.read().await?;
    let it = live(&mut conn, &key).await?;
    let conflicts = super::conflicts(&mut conn, &it).await?;
    let view = it.whole(asked.asked.language, asked.names_at.0, conflicts);
    web::item(&asked.asked, it.version, &view)
}

/// Commits, and answers with the participant as it now is.
async fn written(mut write: Write, asked: &Asked, it: &Participant) -> Result<Response> {
    let conflicts = super::conflicts(&mut write.conn, it).await?;
    write.commit().await?;
    web::item(asked, it.version, &it.whole(asked.language, None, conflicts))
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
