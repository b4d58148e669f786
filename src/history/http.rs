//! `/v1/changes` and every record's `/history`.

use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::get,
};

use super::{Change, ChangeFilter, Register};
use crate::{
    db::Conn,
    error::Result,
    resources::{self, Resource},
    web::{self, Listing},
};

pub fn routes() -> Router<Register> {
    Router::new().route("/v1/changes", get(changes))
}

async fn changes(State(register): State<Register>, listing: Listing<ChangeFilter>) -> Result<Response> {
    answer(&mut register.read().await?, listing).await
}

/// The history of one record, which also answers when it is retracted or merged.
pub async fn history(
    resource: Resource,
    State(register): State<Register>,
    Path(key): Path<String>,
    listing: Listing<ChangeFilter>,
) -> Result<Response> {
    let mut conn = register.read().await?;
    let located = resources::locate(&mut conn, resource, &key)
        .await?
        .ok_or_else(|| resources::not_found(resource, &key))?;
    of_records(&mut conn, vec![located.id], listing).await
}

/// The history of these records: of a membership, each that stood between its two ends.
pub async fn of_records(
    conn: &mut Conn,
    ids: Vec<uuid::Uuid>,
    mut listing: Listing<ChangeFilter>,
) -> Result<Response> {
    listing.filter.records = ids;
    answer(conn, listing).await
}

async fn answer(conn: &mut Conn, mut listing: Listing<ChangeFilter>) -> Result<Response> {
    let paged = listing.fetch(conn).await?;
    web::list::<Change, _>(&listing.asked, &paged, &paged.items)
}
