//! `/v1/changes` and every record's `/history`.

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{ChangeFilter, Register};
use crate::{
    db::Reader,
    error::Result,
    resources::{self, Resource},
    web::{ListRequest, Operation, Routes, Vocabulary},
};

pub fn routes() -> Routes<Register> {
    Routes::about("changes")
        .get(
            "/v1/changes",
            changes,
            Operation::list::<ChangeFilter>("list_changes", "The log: every change of every record."),
        )
        .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        (
            "after_seq",
            "Entries behind this number, oldest first: for whoever follows the log.",
        ),
        ("resource", "Of these resources."),
        ("key", "Of the records with these keys."),
        ("actor", "Made with these keys, by their names."),
        ("op", "Of these kinds of change."),
    ],
    ..Vocabulary::NONE
};

async fn changes(State(register): State<Register>, listing: ListRequest<ChangeFilter>) -> Result<Response> {
    listing.answer(&register).await
}

/// The history of one record, which also answers when it is retracted or merged.
pub async fn history(
    resource: Resource,
    State(register): State<Register>,
    Path(key): Path<String>,
    listing: ListRequest<ChangeFilter>,
) -> Result<Response> {
    let mut conn = listing.snapshot(&register).await?;
    let located = resources::locate(&mut conn, resource, &key)
        .await?
        .ok_or_else(|| resources::not_found(resource, &key))?;
    of_records(&register, conn, vec![located.id], listing).await
}

/// The history of these records, which were found on `conn`: of a membership, each that stood between its two ends.
pub async fn of_records(
    register: &Register,
    conn: Reader,
    ids: Vec<uuid::Uuid>,
    mut listing: ListRequest<ChangeFilter>,
) -> Result<Response> {
    listing.filter.records = ids;
    listing.answer_on(conn, register).await
}
