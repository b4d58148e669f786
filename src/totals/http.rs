//! Routes of totals and their explanations.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::Response,
};

use super::{Explanation, Question, Totals, how_rates_are_loaded, question, question::SAID, table};
use crate::{
    db::Reader,
    error::{Error, Faults, Result},
    history::Register,
    values::Language,
    web::{self, Dated, Extent, Format, GroupPage, Operation, Query, RequestOptions, Routes, Table},
};

pub fn routes() -> Routes<Register> {
    let totals = |id, about| Operation::answers::<Totals>(id, about, Format::ALL, SAID, ToTotal::describe);
    let reasons = |id, about| {
        Operation::answers::<Explanation>(id, about, Format::JSON, &SAID[..5], ToExplain::describe)
    };
    let of_all = "What was promised in all, and what was left out of the sum.";
    let of_one = "What was promised at a meeting, beside what it announced as a whole.";
    let why = "What each pledge added to the totals, and why.";
    let why_of_one = "What each pledge added to a meeting's totals, and why.";
    Routes::about("totals")
        .get("/v1/totals", total, totals("read_totals", of_all))
        .get("/v1/totals/explain", explain, reasons("explain_totals", why))
        .get(
            "/v1/meetings/{key}/totals",
            total,
            totals("read_meeting_totals", of_one),
        )
        .get(
            "/v1/meetings/{key}/totals/explain",
            explain,
            reasons("explain_meeting_totals", why_of_one),
        )
        .describes(&question::VOCABULARY)
}

/// A question, and how its answer is wanted.
struct Asking<const EXPLAINED: bool> {
    question: Question,
    asked: RequestOptions,
}

type ToTotal = Asking<false>;
/// Its pledges stand in groups, each with its reason, which no line holds.
type ToExplain = Asking<true>;

impl<const EXPLAINED: bool> Asking<EXPLAINED> {
    const OFFERED: &'static [Format] = if EXPLAINED { Format::JSON } else { Format::ALL };

    fn read(parts: &Parts, query: &mut Query) -> Result<Self> {
        let mut question = Question::read(query);
        let asked = RequestOptions::read(parts, query, Self::OFFERED)?;
        // Totals and their explanation page alike, which is all at once where no limit is said.
        let whole = EXPLAINED || asked.format.extent() == Extent::Whole;
        let path = parts.uri.path().trim_end_matches("/explain");
        question.page = GroupPage::read(query, path, whole);
        question.language = asked.language;
        Ok(Self { question, asked })
    }

    /// What can be asked, for the contract to know it.
    fn describe(query: &mut Query) {
        let parts = axum::http::Request::new(()).into_parts().0;
        drop(Self::read(&parts, query));
    }

    /// The question, of the meeting that the path names where it names one, and the register as of one moment.
    /// Questions that read much share a part of the connections.
    async fn of(
        mut self,
        meeting: Option<Path<String>>,
        register: &Register,
    ) -> Result<(Reader, Question, RequestOptions)> {
        if meeting.is_some() && !self.question.filter.meeting.is_empty() {
            let detail = "meeting is named by the path already; leave it out, or ask /v1/totals";
            let faults = Faults::one("?meeting", "unknown_parameter", detail);
            return Err(Error::Malformed(faults));
        }
        self.question.meeting = meeting.map(|Path(key)| key);
        let conn = if EXPLAINED || self.question.is_dear() {
            register.dear_snapshot().await?
        } else {
            register.snapshot().await?
        };
        Ok((conn, self.question, self.asked))
    }
}

impl<S: Dated, const EXPLAINED: bool> FromRequestParts<S> for Asking<EXPLAINED> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let asking = Self::read(parts, &mut query)?;
        query.done()?;
        Ok(asking)
    }
}

async fn total(
    State(register): State<Register>,
    meeting: Option<Path<String>>,
    asking: ToTotal,
) -> Result<Response> {
    let (mut conn, question, asked) = asking.of(meeting, &register).await?;
    let provenance = question.provenance(register.clock().now());
    let depends = question.depends();
    let totals = super::answer(&mut conn, &question).await?;
    let next = totals.next.as_deref();
    let conversion = question.basis.conversion.as_ref();
    let answer = match asked.format.extent() {
        Extent::Page => web::paged(&asked, &totals, next),
        Extent::Whole => Table {
            columns: table::columns(&question.dimensions, conversion.is_some()),
            lines: table::lines(&totals.groups, conversion),
            rows: &totals.groups,
            method: Some(&provenance.method),
            as_of: provenance.as_of,
            next,
        }
        .answer(&asked),
    };
    let answer = depends.said_with(answer?);
    provenance.on(answer, totals.note.map(|_| how_rates_are_loaded(Language::En)))
}

async fn explain(
    State(register): State<Register>,
    meeting: Option<Path<String>>,
    asking: ToExplain,
) -> Result<Response> {
    let (mut conn, question, asked) = asking.of(meeting, &register).await?;
    let provenance = question.provenance(register.clock().now());
    let explained = super::explanation(&mut conn, &question).await?;
    let answer = web::paged(&asked, &explained, explained.next.as_deref())?;
    let answer = question.depends().said_with(answer);
    provenance.on(answer, explained.note.map(|_| how_rates_are_loaded(Language::En)))
}
