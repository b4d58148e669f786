use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};

use super::{
    Article, Draft,
    sql::{self, ArticleFilter},
};
use crate::{
    auth::Editor,
    db::Conn,
    error::Result,
    history::{self, Register},
    records,
    resources::{self, Resource},
    web::{self, Asked, Body, Single},
};

const THIS: Resource = Resource::Articles;

pub fn routes() -> Router<Register> {
    Router::new()
        .route("/v1/articles", get(records::list::<ArticleFilter>).post(create))
        .route(
            "/v1/articles/{key}",
            get(read)
                .patch(change)
                .delete(|s, e, p, a| records::retract(THIS, s, e, p, a)),
        )
        .route("/v1/articles/{key}/restore", post(restore))
        .route(
            "/v1/articles/{key}/history",
            get(|s, p, l| history::http::history(THIS, s, p, l)),
        )
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
    let answer = web::created(&asked, &format!("/v1/articles/{}", it.id), it.version, &it)?;
    write.finish(answer).await
}

async fn live(conn: &mut Conn, key: &str) -> Result<Article> {
    let located = resources::live(conn, THIS, key).await?;
    sql::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, key))
}

async fn read(
    State(register): State<Register>,
    Path(key): Path<String>,
    single: Single<Article>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let it = live(&mut conn, &key).await?;
    single.answer(&mut conn, &it, it.version, &it).await
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
    let merged = web::merged(&patch, THIS.fields(), |_| &before)?;
    let it = super::change(&mut write, before, Draft::parse(&merged)?).await?;
    let answer = web::item(&asked, it.version, &it)?;
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
    let it = sql::find(&mut write.conn, id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, &key))?;
    super::refuse_copy(&mut write, &it).await?;
    let answer = web::item(&asked, it.version, &it)?;
    write.finish(answer).await
}
