use axum::{
    extract::{FromRequestParts, Path, State},
    http::{HeaderValue, request::Parts},
    response::Response,
};

use super::{
    Totals, basis::Basis, compute, explain::Explanation, how_rates_are_loaded, question::Question, table,
};
use crate::{
    db::Conn,
    error::{Error, Faults, Result},
    history::Register,
    meetings::{self, Meeting},
    resources::{self, Named, Resource},
    values::{Language, Timestamp},
    web::{self, Does, Extent, Format, Query, Routes, Table},
};

pub fn routes() -> Routes<Register> {
    let said = [
        "ETag",
        "Pledgebook-Basis",
        "Pledgebook-As-Of",
        "Pledgebook-Note",
        "Link",
        "Content-Disposition",
    ];
    let totals = |id, summary| {
        Does::answers::<Totals>(id, summary, Format::ALL, &said, |query| asked(query, Format::ALL))
    };
    let explanation = |id, summary| {
        Does::answers::<Explanation>(id, summary, Format::JSON, &said[..5], |query| {
            asked(query, Format::JSON);
        })
    };
    Routes::about("totals")
        .get(
            "/v1/totals",
            of_register,
            totals(
                "read_totals",
                "What was promised in all, and what was left out of the sum.",
            ),
        )
        .get(
            "/v1/totals/explain",
            explain_register,
            explanation("explain_totals", "What each pledge added to the totals, and why."),
        )
        .get(
            "/v1/meetings/{key}/totals",
            of_meeting,
            totals(
                "read_meeting_totals",
                "What was promised at a meeting, beside what it announced as a whole.",
            ),
        )
        .get(
            "/v1/meetings/{key}/totals/explain",
            explain_meeting,
            explanation(
                "explain_meeting_totals",
                "What each pledge added to a meeting's totals, and why.",
            ),
        )
}

/// What a total can be asked.
fn asked(query: &mut Query, offered: &'static [Format]) {
    let parts = axum::http::Request::new(()).into_parts().0;
    drop(Question::read(&parts, query, offered));
}

impl<S: Send + Sync> FromRequestParts<S> for Question {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut query = Query::of(parts);
        let question = Self::read(parts, &mut query, Format::ALL)?;
        query.done()?;
        Ok(question)
    }
}

/// The same, to be explained.
struct Explained(Question);

impl<S: Send + Sync> FromRequestParts<S> for Explained {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut query = Query::of(parts);
        let question = Question::to_explain(parts, &mut query)?;
        query.done()?;
        Ok(Self(question))
    }
}

/// What the question reads, as of one moment. Those that read much share a part of the connections.
async fn moment(register: &Register, question: &Question) -> Result<Conn> {
    if question.is_dear() {
        register.dear_snapshot().await
    } else {
        register.snapshot().await
    }
}

async fn of_register(State(register): State<Register>, question: Question) -> Result<Response> {
    let mut conn = moment(&register, &question).await?;
    answer(&mut conn, question, None).await
}

async fn of_meeting(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut question: Question,
) -> Result<Response> {
    let mut conn = moment(&register, &question).await?;
    let meeting = fix_meeting(&mut conn, &key, &mut question).await?;
    answer(&mut conn, question, Some(meeting)).await
}

async fn explain_register(
    State(register): State<Register>,
    Explained(question): Explained,
) -> Result<Response> {
    explanation(&mut register.dear_snapshot().await?, question).await
}

async fn explain_meeting(
    State(register): State<Register>,
    Path(key): Path<String>,
    Explained(mut question): Explained,
) -> Result<Response> {
    let mut conn = register.dear_snapshot().await?;
    fix_meeting(&mut conn, &key, &mut question).await?;
    explanation(&mut conn, question).await
}

/// The meeting of the path is the one that is totalled.
async fn fix_meeting(conn: &mut Conn, key: &str, question: &mut Question) -> Result<Meeting> {
    if !question.filter.meeting.is_empty() {
        let detail = "meeting is named by the path already; leave it out, or ask /v1/totals";
        return Err(Error::Malformed(Faults::one(
            "?meeting",
            "unknown_parameter",
            detail,
        )));
    }
    let id = resources::live(conn, Resource::Meetings, key).await?.id;
    question.filter.meeting = Named::one(id);
    meetings::sql::find(conn, id)
        .await?
        .ok_or_else(|| resources::not_found(Resource::Meetings, key))
}

async fn answer(conn: &mut Conn, mut question: Question, meeting: Option<Meeting>) -> Result<Response> {
    let said = Said::of(&question.basis);
    let totals = compute::totals(conn, &mut question, meeting.as_ref()).await?;
    let Question {
        dimensions,
        basis,
        asked,
        ..
    } = &question;
    if asked.format.extent() == Extent::Whole {
        let table = Table {
            columns: table::columns(dimensions, basis.conversion.is_some()),
            lines: table::lines(&totals.groups, basis.conversion.as_ref()),
            rows: &totals.groups,
            words: &said.basis,
            at: said.at,
            next: totals.next.as_deref(),
        };
        return said.with(totals.note.is_some(), table.answer(asked)?);
    }
    let mut answer = web::item(asked, None, &totals)?;
    answer
        .headers_mut()
        .extend(web::link(asked, totals.next.as_deref())?);
    said.with(totals.note.is_some(), answer)
}

async fn explanation(conn: &mut Conn, mut question: Question) -> Result<Response> {
    let said = Said::of(&question.basis);
    let explanation = compute::explanation(conn, &mut question).await?;
    let mut answer = web::item(&question.asked, None, &explanation)?;
    answer
        .headers_mut()
        .extend(web::link(&question.asked, explanation.next.as_deref())?);
    said.with(explanation.note.is_some(), answer)
}

/// What a total says of itself also where there is no room in its body: how it was counted, and as of when.
struct Said {
    basis: String,
    at: Timestamp,
}

impl Said {
    fn of(basis: &Basis) -> Self {
        Self {
            basis: basis.words(),
            at: web::now(),
        }
    }

    fn with(&self, lacks_a_rate: bool, mut answer: Response) -> Result<Response> {
        let said = [
            (web::PLEDGEBOOK_BASIS, self.basis.clone()),
            (web::PLEDGEBOOK_AS_OF, self.at.to_rfc3339()),
        ];
        for (name, value) in said {
            let value = HeaderValue::from_str(&value).map_err(Error::internal)?;
            answer.headers_mut().insert(name, value);
        }
        if lacks_a_rate {
            let note = HeaderValue::from_static(how_rates_are_loaded(Language::En));
            answer.headers_mut().insert(web::PLEDGEBOOK_NOTE, note);
        }
        Ok(answer)
    }
}
