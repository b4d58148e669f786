//! The one route that a demo has beside those of every register. The contract is every register's, so it does not stand there.

use axum::{Router, extract::State, response::Response, routing::post};

use crate::{
    app,
    auth::{Admin, Reading, commit_with},
    cache::Front,
    db::Patience,
    error::Result,
    history::Register,
    values::parse,
    web::{self, BodyIfAny, RequestOptions},
};

/// What answers for a demo.
#[must_use]
pub fn front(register: Register, memory: app::Memory) -> Front {
    let more = Router::new().route("/demo/reset", post(begin_anew));
    app::front_with(register, Reading::Public, memory, more)
}

async fn begin_anew(
    State(register): State<Register>,
    Admin(author): Admin,
    _: RequestOptions,
    BodyIfAny(body): BodyIfAny,
) -> Result<Response> {
    // It takes nothing; what somebody says all the same is not passed over.
    parse(&body, |_| Some(()))?;
    let mut write = register.write_alone(&author, Patience::OfWhoHasBegun).await?;
    Box::pin(super::reset(&mut write)).await?;
    commit_with(write, web::no_content()).await
}
