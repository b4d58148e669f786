use axum::{Router, extract::State, response::Response, routing::get};

use super::sql::RateFilter;
use crate::{
    auth::Editor,
    error::Result,
    history::Register,
    web::{self, Asked, Body, Listing},
};

pub fn routes() -> Router<Register> {
    Router::new().route("/v1/rates", get(list).put(put))
}

async fn list(State(register): State<Register>, mut listing: Listing<RateFilter>) -> Result<Response> {
    let paged = listing.fetch(&mut register.read().await?).await?;
    web::list(&listing.asked, &paged, &paged.items)
}

async fn put(
    State(register): State<Register>,
    Editor(author): Editor,
    asked: Asked,
    Body(body): Body,
) -> Result<Response> {
    let drafts = super::parse(&body)?;
    let mut write = register.write(&author).await?;
    let stored = super::put(&mut write, drafts).await?;
    write.commit().await?;
    web::item(&asked, None, &stored)
}
