//! Routes of totals and their explanations.

use axum::{
    extract::{FromRequestParts, Path, State},
    http::request::Parts,
    response::Response,
};
use serde::Serialize;

use super::{
    By, Dimension, Explanation, Question, Totals,
    basis::Basis,
    events::{self, EventTotals},
    how_rates_are_loaded, question,
    question::SAID,
    table::{self, Lines},
};
use crate::{
    error::{Error, Faults, Result},
    history::Register,
    pledges::{events::sql::EventsOfPledges, sql::PledgeFilter},
    values::Language,
    web::{
        self, Dated, Depends, Extent, Filter, Format, GroupPage, Operation, Provenance, Query,
        RequestOptions, Routes, Table,
    },
};

pub fn routes() -> Routes<Register> {
    let totals = |id, about| {
        Operation::answers::<Totals>(id, about, Format::ALL, SAID, described::<ToTotal>)
            .or::<EventTotals>("by=events")
    };
    let reasons = |id, about| {
        Operation::answers::<Explanation>(id, about, Format::JSON, &SAID[..5], described::<ToExplain>)
    };
    let of_all = "What was promised in all, and what was left out; or what became of it.";
    let of_one = "What was promised at a meeting, beside what it announced; or what became of it.";
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
struct Asking<Q> {
    question: Q,
    asked: RequestOptions,
}

/// What can be asked of totals on a route.
trait Asked: Sized {
    /// In which forms it is answered.
    const OFFERED: &'static [Format];
    /// Whether all groups are answered at once where no limit is said, whatever the form.
    const IS_WHOLE: bool;

    fn read(query: &mut Query) -> Self;

    /// What the path, and the request's options, say of it.
    fn places(&mut self) -> Places<'_>;

    /// The meeting that the query names, where it does.
    fn names_a_meeting(&self) -> bool;
}

/// Where a question keeps what its query does not say.
struct Places<'a> {
    meeting: &'a mut Option<String>,
    page: &'a mut GroupPage,
    language: &'a mut Language,
}

/// What is added up: pledges, or events.
enum ToTotal {
    Pledges(Question),
    Events(events::Question),
}

impl Asked for ToTotal {
    const OFFERED: &'static [Format] = Format::ALL;
    const IS_WHOLE: bool = false;

    fn read(query: &mut Query) -> Self {
        let by = query.one("by").unwrap_or(By::Pledges);
        let filter = EventsOfPledges::read(query);
        if by == By::Events {
            return Self::Events(events::Question::of(filter, query));
        }
        for name in EventsOfPledges::OF_EVENTS {
            if query.is_given(name) {
                let detail = format!("{name} speaks of events; ask with by=events, or leave it out");
                query.fault(name, "value", detail);
            }
        }
        Self::Pledges(Question::of(filter.into_pledges(), query))
    }

    fn places(&mut self) -> Places<'_> {
        match self {
            Self::Pledges(question) => question.places(),
            Self::Events(question) => Places {
                meeting: &mut question.meeting,
                page: &mut question.page,
                language: &mut question.language,
            },
        }
    }

    fn names_a_meeting(&self) -> bool {
        match self {
            Self::Pledges(question) => question.names_a_meeting(),
            Self::Events(question) => !question.filter.pledges.meeting.is_empty(),
        }
    }
}

/// What is explained is pledges, which stand in groups, each with its reason, which no line holds.
type ToExplain = Question;

impl Asked for ToExplain {
    const OFFERED: &'static [Format] = Format::JSON;
    const IS_WHOLE: bool = true;

    fn read(query: &mut Query) -> Self {
        if query.one("by") == Some(By::Events) {
            query.fault(
                "by",
                "value",
                "by=events has nothing to explain: what an event adds is its amount. /v1/events lists each, by the same filters",
            );
        }
        Self::of(PledgeFilter::read(query), query)
    }

    fn places(&mut self) -> Places<'_> {
        Places {
            meeting: &mut self.meeting,
            page: &mut self.page,
            language: &mut self.language,
        }
    }

    fn names_a_meeting(&self) -> bool {
        !self.filter.meeting.is_empty()
    }
}

impl<Q: Asked> Asking<Q> {
    fn read(parts: &Parts, query: &mut Query) -> Result<Self> {
        let mut question = Q::read(query);
        let asked = RequestOptions::read(parts, query, Q::OFFERED)?;
        // Totals and their explanation page alike.
        let whole = Q::IS_WHOLE || asked.format.extent() == Extent::Whole;
        let (path, _) = Format::split(parts.uri.path());
        let path = path.trim_end_matches("/explain");
        let places = question.places();
        *places.page = GroupPage::read(query, path, whole);
        *places.language = asked.language;
        Ok(Self { question, asked })
    }

    /// The question, of the meeting that the path names where it names one.
    fn of(mut self, meeting: Option<Path<String>>) -> Result<(Q, RequestOptions)> {
        if meeting.is_some() && self.question.names_a_meeting() {
            let detail = "meeting is named by the path already; leave it out, or ask /v1/totals";
            let faults = Faults::one("?meeting", "unknown_parameter", detail);
            return Err(Error::Malformed(faults));
        }
        *self.question.places().meeting = meeting.map(|Path(key)| key);
        Ok((self.question, self.asked))
    }
}

/// What can be asked, for the contract to know it.
fn described<Q: Asked>(query: &mut Query) {
    let parts = axum::http::Request::new(()).into_parts().0;
    drop(Asking::<Q>::read(&parts, query));
}

impl<S: Dated, Q: Asked> FromRequestParts<S> for Asking<Q> {
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
    asking: Asking<ToTotal>,
) -> Result<Response> {
    match asking.of(meeting)? {
        (ToTotal::Pledges(question), asked) => of_pledges(&register, &question, &asked).await,
        (ToTotal::Events(question), asked) => of_events(&register, &question, &asked).await,
    }
}

/// An answer of totals, for as long as it holds.
struct Answered<'a, G> {
    dimensions: &'a [Dimension],
    basis: &'a Basis,
    groups: &'a [G],
    next: Option<&'a str>,
    provenance: Provenance,
    depends: Depends,
    /// What its reader should know.
    note: Option<&'static str>,
}

impl<G: Lines + Serialize> Answered<'_, G> {
    fn in_form(self, whole: &impl Serialize, asked: &RequestOptions) -> Result<Response> {
        let answer = match asked.format.extent() {
            Extent::Page => web::paged(asked, whole, self.next),
            Extent::Whole => Table {
                columns: table::columns::<G>(self.dimensions, self.basis),
                lines: Box::new(table::lines(self.groups, self.basis.conversion.as_ref())),
                rows: self.groups,
                method: Some(&self.provenance.method),
                as_of: self.provenance.as_of,
                next: self.next,
            }
            .answer(asked),
        };
        self.provenance.on(self.depends.said_with(answer?), self.note)
    }
}

async fn of_pledges(register: &Register, question: &Question, asked: &RequestOptions) -> Result<Response> {
    // Questions that read much share a part of the connections.
    let mut conn = if question.is_dear() {
        register.dear_snapshot().await?
    } else {
        register.snapshot().await?
    };
    let provenance = question.provenance(register.clock().now());
    let totals = super::answer(&mut conn, question).await?;
    Answered {
        dimensions: &question.dimensions,
        basis: &question.basis,
        groups: &totals.groups,
        next: totals.next.as_deref(),
        provenance,
        depends: question.depends(),
        note: totals.note.map(|_| how_rates_are_loaded(Language::En)),
    }
    .in_form(&totals, asked)
}

async fn of_events(
    register: &Register,
    question: &events::Question,
    asked: &RequestOptions,
) -> Result<Response> {
    let mut conn = register.dear_snapshot().await?;
    let provenance = question.provenance(register.clock().now());
    let totals = events::answer(&mut conn, question).await?;
    Answered {
        dimensions: &question.dimensions,
        basis: &question.basis,
        groups: &totals.groups,
        next: totals.next.as_deref(),
        provenance,
        depends: question.depends(),
        note: totals.note.map(|_| events::how_rates_are_loaded(Language::En)),
    }
    .in_form(&totals, asked)
}

async fn explain(
    State(register): State<Register>,
    meeting: Option<Path<String>>,
    asking: Asking<ToExplain>,
) -> Result<Response> {
    let (question, asked) = asking.of(meeting)?;
    let mut conn = register.dear_snapshot().await?;
    let provenance = question.provenance(register.clock().now());
    let explained = super::explanation(&mut conn, &question).await?;
    let answer = web::paged(&asked, &explained, explained.next.as_deref())?;
    let answer = question.depends().said_with(answer);
    provenance.on(answer, explained.note.map(|_| how_rates_are_loaded(Language::En)))
}
