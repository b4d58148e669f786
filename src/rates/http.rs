use axum::{
    Router,
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::Response,
    routing::get,
};

use super::{Plausibility, sql::RateFilter};
use crate::{
    auth::Editor,
    error::{Error, Result},
    history::Register,
    web::{self, Asked, Body, Listing, Query},
};

pub fn routes() -> Router<Register> {
    Router::new().route("/v1/rates", get(list).put(put))
}

async fn list(State(register): State<Register>, mut listing: Listing<RateFilter>) -> Result<Response> {
    let paged = listing.fetch(&mut register.read().await?).await?;
    web::list(&listing.asked, &paged, &paged.items)
}

/// How rates are to be taken.
struct Taking {
    plausibility: Plausibility,
    asked: Asked,
}

impl<S: Send + Sync> FromRequestParts<S> for Taking {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut query = Query::of(parts);
        let plausibility = query.one("plausibility").unwrap_or(Plausibility::Checked);
        let asked = Asked::read(parts, &mut query);
        query.done()?;
        Ok(Self { plausibility, asked })
    }
}

async fn put(
    State(register): State<Register>,
    Editor(author): Editor,
    Taking { plausibility, asked }: Taking,
    Body(body): Body,
) -> Result<Response> {
    let drafts = super::parse(&body)?;
    let mut write = register.write(&author).await?;
    let stored = super::put(&mut write, drafts, plausibility).await?;
    write.commit().await?;
    web::item(&asked, None, &stored)
}
