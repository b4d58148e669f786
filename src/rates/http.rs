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
    records,
    web::{self, Asked, Body, Format, Query},
};

pub fn routes() -> Router<Register> {
    Router::new().route("/v1/rates", get(records::list::<RateFilter>).put(put))
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
        let asked = Asked::read(parts, &mut query, Format::JSON)?;
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
    let answer = web::item(&asked, None, &stored)?;
    write.finish(answer).await
}
