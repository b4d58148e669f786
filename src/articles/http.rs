use axum::{
    extract::{Path, State},
    response::Response,
};

use serde_json::json;

use super::{
    Article, Draft,
    sql::{self, ArticleFilter},
};
use crate::{
    auth::Editor,
    db::Conn,
    error::Result,
    history::{self, ChangeFilter, Register},
    records,
    resources::{self, Resource},
    web::{self, Asked, Body, Does, New, Routes, Single},
};

const THIS: Resource = Resource::Articles;

pub fn routes() -> Routes<Register> {
    Routes::about("articles")
        .get(
            "/v1/articles",
            records::list::<ArticleFilter>,
            Does::list::<ArticleFilter>(
                "list_articles",
                "Articles: the sources, with the beginning of their text.",
            ),
        )
        .post(
            "/v1/articles",
            create,
            Does::create::<Article>("create_article", "Writes down an article.", new()),
        )
        .post(
            "/v1/articles/batch",
            records::batch::<Article>,
            Does::batch::<Article>("create_articles", "Writes down many articles at once.", new()),
        )
        .get(
            "/v1/articles/{key}",
            read,
            Does::read::<Article>("read_article", "One article."),
        )
        .patch(
            "/v1/articles/{key}",
            change,
            Does::change::<Article>("change_article", "Changes an article.", THIS.fields()),
        )
        .delete(
            "/v1/articles/{key}",
            |s, e, p, a| records::retract(THIS, s, e, p, a),
            Does::retract("retract_article", "Retracts an article with its parts."),
        )
        .post(
            "/v1/articles/{key}/restore",
            restore,
            Does::restore::<Article>(
                "restore_article",
                "Brings back a retracted article with the parts that went with it.",
            ),
        )
        .get(
            "/v1/articles/{key}/history",
            |s, p, l| history::http::history(THIS, s, p, l),
            Does::list::<ChangeFilter>(
                "list_article_history",
                "Every change of an article, also when it is retracted or merged.",
            ),
        )
}

/// What a new article says.
fn new() -> New {
    New {
        name: "NewArticle",
        fields: THIS.fields(),
        required: &["publisher", "language", "title", "kind"],
        beside: Vec::new(),
        example: json!({
            "publisher": "Example Gazette", "language": "en", "kind": "news", "published_on": "2026-03-02",
            "title": "Donors meet in Basra", "body": "The United States pledged USD 20 million for water.",
        }),
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
