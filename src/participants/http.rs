//! Routes of participants: those of every record; one of them is also read under the names of a day.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::Response,
};

use super::{Participant, sql::NamesAt};
use crate::{
    citations::Conflict,
    error::{Error, Result},
    history::{Record, Register},
    records,
    web::{Alone, Dated, Query, RecordRequest, Routes, Vocabulary},
};

pub fn routes() -> Routes<Register> {
    records::collection_read_by::<Participant, _, _>(
        "Participants: states, organisations, funds and others.",
        read,
        |does| {
            does.asked(|query| {
                NamesAt::read(query);
            })
        },
    )
    .describes(&VOCABULARY)
}

/// What its words mean, on whichever route.
const VOCABULARY: Vocabulary = Vocabulary {
    parameters: &[
        ("kind", "Of one of these kinds."),
        (
            "code",
            "These participants, by code or id. One that nobody has finds nothing; `q` finds them by whatever they are called.",
        ),
        ("names_at", "Names as they were on a day."),
    ],
    sometimes: &["Participant.conflicts"],
    ..Vocabulary::NONE
};

/// A participant under the names of a day.
struct SingleAt {
    single: RecordRequest<Participant>,
    names_at: NamesAt,
}

impl<S: Dated> FromRequestParts<S> for SingleAt {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let single = RecordRequest::read(parts, &mut query)?;
        let names_at = NamesAt::read(&mut query);
        query.done()?;
        Ok(Self { single, names_at })
    }
}

async fn read(
    State(register): State<Register>,
    Path(key): Path<String>,
    SingleAt { single, names_at }: SingleAt,
) -> Result<Response> {
    let mut conn = register.snapshot().await?;
    let participant: Participant = records::live(&mut conn, &key).await?;
    let conflicts = Vec::<Conflict>::read(Some(&mut conn), &participant).await?;
    let view = participant.view_at(names_at.0, single.asked.language, Some(conflicts));
    single
        .answer(&mut conn, &participant, participant.version(), &view)
        .await
}
