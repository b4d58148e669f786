//! The route of a meeting's matrix.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::Response,
};

use super::{COLUMNS, Kind, MOST_ASSESSMENTS, MOST_CELLS, MOST_COMMITMENTS, Matrix, sql};
use crate::{
    error::{Detail, Error, Faults, Result},
    history::Register,
    pledges::{Instrument, State as PledgeState, sql::PledgeFilter},
    resources::{self, Located, Named, Resource},
    web::{self, Dated, Depends, Extent, Format, Operation, Query, RequestOptions, Routes, Table},
};

pub fn routes() -> Routes<Register> {
    Routes::about("meetings").get(
        "/v1/meetings/{key}/matrix",
        read,
        Operation::answers::<Matrix<'static>>(
            "read_meeting_matrix",
            "Each commitment of a meeting beside each member, and what assessors say.",
            Format::ALL,
            &["ETag", "Content-Disposition"],
            Asking::describe,
        ),
    )
}

/// Which commitments, and how the matrix is wanted.
struct Asking {
    kind: Option<Kind>,
    state: Vec<PledgeState>,
    instrument: Vec<Instrument>,
    asked: RequestOptions,
}

impl Asking {
    fn read(parts: &Parts, query: &mut Query) -> Result<Self> {
        let kind = query.one("kind");
        let instrument: Vec<Instrument> = query.many("instrument");
        if kind == Some(Kind::Political) && instrument.iter().any(|it| *it != Instrument::Political) {
            let detail =
                "instrument names others than political, which kind=political leaves out; ask with kind=all";
            query.fault("instrument", "value", detail);
        }
        Ok(Self {
            kind,
            state: query.many("state"),
            instrument,
            asked: RequestOptions::read(parts, query, Format::ALL)?,
        })
    }

    /// What can be asked, for the contract to know it.
    fn describe(query: &mut Query) {
        let parts = axum::http::Request::new(()).into_parts().0;
        drop(Self::read(&parts, query));
    }

    /// Political ones unless something else is asked for.
    fn filter(&self, meeting: &Located) -> PledgeFilter {
        let instrument = match self.kind {
            _ if !self.instrument.is_empty() => self.instrument.clone(),
            Some(Kind::All) => Vec::new(),
            Some(Kind::Political) | None => vec![Instrument::Political],
        };
        PledgeFilter {
            meeting: Named::one(meeting.id),
            state: self.state.clone(),
            instrument,
            ..PledgeFilter::default()
        }
    }
}

impl<S: Dated> FromRequestParts<S> for Asking {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let asking = Self::read(parts, &mut query)?;
        query.done()?;
        Ok(asking)
    }
}

async fn read(State(register): State<Register>, Path(key): Path<String>, asking: Asking) -> Result<Response> {
    // It may read all that is said of two hundred commitments.
    let mut conn = register.dear_snapshot().await?;
    let meeting = resources::live(&mut conn, Resource::Meetings, &key).await?;
    let pledges = sql::commitments(&mut conn, &asking.filter(&meeting)).await?;
    if pledges.len() > MOST_COMMITMENTS {
        let detail = "commitments match; ask for some of them by state or instrument";
        return Err(too_many(MOST_COMMITMENTS, detail));
    }
    let holdings = sql::holdings(&mut conn, meeting.id, pledges).await?;
    if holdings.adherents.all.len() > MOST_CELLS {
        let detail = "cells are there of these commitments and who stands to them; ask for some of them by state or instrument, or commitment by commitment: /v1/pledges/{id}/adherents";
        return Err(too_many(MOST_CELLS, detail));
    }
    if holdings.assessments.len() > MOST_ASSESSMENTS {
        let detail = format!(
            "assessments of these commitments are there; ask for some of them by state or instrument, or page by page: /v1/assessments?meeting={}&latest=true",
            meeting.public_key()
        );
        return Err(too_many(MOST_ASSESSMENTS, &detail));
    }
    let asked = &asking.asked;
    let matrix = holdings.matrix(asked.viewpoint());
    let answer = match asked.format.extent() {
        Extent::Page => web::item(asked, None, &matrix),
        Extent::Whole => Table {
            columns: COLUMNS.map(str::to_owned).to_vec(),
            lines: Box::new(matrix.lines()),
            rows: &matrix.cells,
            method: None,
            as_of: register.clock().now(),
            next: None,
        }
        .answer(asked),
    };
    // Whose names, attendance and assessments it shows is of no part of the register; the commitments are of the meeting's.
    Ok(Depends::on_part(meeting.key.as_deref()).said_with(answer?))
}

fn too_many(most: usize, of_what: &str) -> Error {
    let detail = Detail::of(format!("more than {most} {of_what}")).limited(most);
    Error::Malformed(Faults::one("?", "too_many", detail))
}
