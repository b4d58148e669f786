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
    web::{self, Asked, Body, Listing},
};

const THIS: Resource = Resource::Articles;

pub fn routes() -> Router<Register> {
    Router::new()
        .route("/v1/articles", get(list).post(create))
        .route("/v1/articles/batch", records::batch::<Article>())
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

async fn list(State(register): State<Register>, mut listing: Listing<ArticleFilter>) -> Result<Response> {
    let paged = listing.fetch(&mut register.read().await?).await?;
    web::list(&listing.asked, &paged, &paged.items)
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
    web::created(&asked, &format!("/v1/articles/{}", it.id), it.version, &it)
}

async fn live(conn: &mut Conn, key: &str) -> Result<Article> {
    let located = resources::live(conn, THIS, key).await?;
    sql::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(THIS, key))
}

async fn read(State(register): State<Register>, Path(key): Path<String>, asked: Asked) -> Result<Response> {
    let it = live(&mut register.read().await?, &key).await?;
    web::item(&asked, it.version, &it)
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
    write.commit().await?;
    web::item(&asked, it.version, &it)
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
    write.commit().await?;
    web::item(&asked, it.version, &it)
}
