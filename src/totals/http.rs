use std::collections::BTreeMap;

use axum::{
    extract::{FromRequestParts, Path, State},
    http::{HeaderValue, request::Parts},
    response::Response,
};
use uuid::Uuid;

use super::{
    Adding, Dimension, Figure, Folded, Group, Headline, Moved, Totals,
    basis::Basis,
    convert::Converter,
    days_needed,
    explain::{Explanation, explain},
    fold, parts,
    rollups::Level,
    sql::{self, Grain, Sums, Window},
    table,
};
use crate::{
    db::Conn,
    error::{Error, Faults, Result},
    history::Register,
    meetings::{self, Meeting},
    pledges::sql::PledgeFilter,
    resources::{self, Named, Resource},
    values::{Amount, Currency, Language, Timestamp},
    web::{self, Asked, Does, Filter, Format, GroupPage, Query, Routes, Table},
};

/// How many pledges an explanation names at most.
const MOST_EXPLAINED: i64 = 10_000;

pub fn routes() -> Routes<Register> {
    let said = [
        "ETag",
        "Pledgebook-Basis",
        "Pledgebook-As-Of",
        "Link",
        "Content-Disposition",
    ];
    let totals = |id, summary| {
        Does::answers::<Totals>(id, summary, Format::ALL, &said, |query| asked(query, Format::ALL))
    };
    let explanation = |id, summary| {
        Does::answers::<Explanation>(id, summary, Format::JSON, &said[..3], |query| {
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

/// Totals that are asked for.
struct Question {
    filter: PledgeFilter,
    dimensions: Vec<Dimension>,
    basis: Basis,
    /// By a figure, and whether the largest comes first; else by key.
    sort: Option<(Figure, bool)>,
    /// The currency that figures are compared in, where it is not the converted one.
    compared_in: Option<Currency>,
    point_min: Option<i128>,
    page: GroupPage,
    asked: Asked,
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

/// The same, to be explained: its pledges stand in groups, each with its reason, which no line holds.
struct Explained(Question);

impl<S: Send + Sync> FromRequestParts<S> for Explained {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut query = Query::of(parts);
        let question = Question::read(parts, &mut query, Format::JSON)?;
        query.done()?;
        Ok(Self(question))
    }
}

impl Question {
    fn read(parts: &Parts, query: &mut Query, offered: &'static [Format]) -> Result<Self> {
        let filter = PledgeFilter::read(query);
        let mut dimensions: Vec<Dimension> = Vec::new();
        for dimension in query.many("group_by") {
            if !dimensions.contains(&dimension) {
                dimensions.push(dimension);
            }
        }
        let basis = Basis::read(query);
        let compared_in = match (basis.conversion, filter.currency.as_slice()) {
            (None, [currency]) => Some(*currency),
            _ => None,
        };
        let comparable = compared_in.or(basis.conversion.map(|it| it.into));
        let sort = read_sort(query, comparable.is_some());
        let point_min = query.one::<String>("point_min").and_then(|text| {
            let outcome = match comparable {
                Some(currency) => Amount::parse_sum(&text).and_then(|amount| amount.in_currency(currency)),
                None => Err(NEEDS_CURRENCY.to_owned()),
            };
            outcome
                .map_err(|detail| query.fault("point_min", "amount", format!("point_min {detail}")))
                .ok()
        });
        let asked = Asked::read(parts, query, offered)?;
        let page = GroupPage::read(query, parts.uri.path(), asked.format != Format::Json);
        Ok(Self {
            filter,
            dimensions,
            basis,
            sort,
            compared_in,
            point_min: point_min.map(Into::into),
            page,
            asked,
        })
    }
}

const NEEDS_CURRENCY: &str =
    "needs one currency= or in=, as amounts of different currencies are not compared";

fn read_sort(query: &mut Query, comparable: bool) -> Option<(Figure, bool)> {
    let text: String = query.one("sort")?;
    let (name, descending) = text
        .strip_prefix('-')
        .map_or((text.as_str(), false), |name| (name, true));
    if name == "key" && !descending {
        return None;
    }
    match name.parse::<Figure>() {
        Ok(figure) if figure.is_money() && !comparable => {
            query.fault("sort", "currency", format!("sort={text} {NEEDS_CURRENCY}"));
            None
        }
        Ok(figure) => Some((figure, descending)),
        Err(_) => {
            let figures = Figure::WORDS.join(", ");
            query.fault(
                "sort",
                "value",
                format!("sort must be key or one of {figures}, with - before it for the reverse"),
            );
            None
        }
    }
}

async fn of_register(State(register): State<Register>, question: Question) -> Result<Response> {
    answer(&mut register.snapshot().await?, question, None).await
}

async fn of_meeting(
    State(register): State<Register>,
    Path(key): Path<String>,
    mut question: Question,
) -> Result<Response> {
    let mut conn = register.snapshot().await?;
    let meeting = fix_meeting(&mut conn, &key, &mut question).await?;
    answer(&mut conn, question, Some(meeting)).await
}

async fn explain_register(
    State(register): State<Register>,
    Explained(question): Explained,
) -> Result<Response> {
    explanation(&mut register.snapshot().await?, question).await
}

async fn explain_meeting(
    State(register): State<Register>,
    Path(key): Path<String>,
    Explained(mut question): Explained,
) -> Result<Response> {
    let mut conn = register.snapshot().await?;
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

/// Rows of single pledges with what their conversion needs.
struct Converting {
    converter: Converter,
    moved: BTreeMap<Uuid, Vec<Moved>>,
}

async fn converting(conn: &mut Conn, question: &Question, rows: &[Sums]) -> Result<Option<Converting>> {
    let Some(conversion) = question.basis.conversion else {
        return Ok(None);
    };
    let moved = match conversion.day {
        super::basis::RateDay::Event => sql::moved(conn, &question.filter).await?,
        _ => BTreeMap::new(),
    };
    let mut currencies: Vec<Currency> = vec![conversion.into];
    for currency in rows.iter().filter_map(|row| row.currency) {
        if !currencies.contains(&currency) {
            currencies.push(currency);
        }
    }
    let kept = match days_needed(rows, &moved, conversion.day) {
        None => Vec::new(),
        Some((first, last)) => {
            let first = first
                .checked_sub_signed(chrono::TimeDelta::days(conversion.max_age))
                .unwrap_or(first);
            sql::rates(conn, currencies, first, last).await?
        }
    };
    Ok(Some(Converting {
        converter: Converter::new(conversion, kept),
        moved,
    }))
}

async fn answer(conn: &mut Conn, mut question: Question, meeting: Option<Meeting>) -> Result<Response> {
    let said = Said::of(&question.basis);
    question.filter.resolve(conn).await?;
    let into = question.basis.conversion.map(|it| it.into);
    let kept = if question.basis.is_kept() {
        Level::for_question(&question.filter, &question.dimensions)
    } else {
        None
    };
    let mut rates = Vec::new();
    let (folded, excluded) = if let Some(level) = kept {
        kept_answer(conn, &question, level).await?
    } else {
        let Question {
            filter,
            dimensions,
            basis,
            ..
        } = &question;
        let grain = if into.is_some() {
            Grain::OneByOne
        } else {
            Grain::Together
        };
        let rows = sql::from_pledges(conn, filter, dimensions, basis, grain, None).await?;
        let mut converting = converting(conn, &question, &rows).await?;
        let folded = fold(
            basis,
            &rows,
            converting.as_mut().map(|it| (&mut it.converter, &it.moved)),
        );
        rates = converting.map(|it| it.converter.used()).unwrap_or_default();
        let excluded = folded.excluded();
        (folded, excluded)
    };
    let (page, next) = paged(&question, &folded);
    let mut groups: Vec<Group> = page
        .into_iter()
        .map(|(key, adding)| adding.shown(keyed(&question.dimensions, key), into))
        .collect();
    name(conn, &question.dimensions, &mut groups, question.asked.language).await?;
    let headline = match meeting.and_then(|it| Some((it.headline_currency?, it))) {
        None => None,
        Some((currency, it)) => {
            let counted = beside_headline(conn, &it, currency).await?;
            Some(Headline::of(
                currency,
                it.headline_amount,
                it.need_amount,
                counted,
            ))
        }
    };
    if question.asked.format != Format::Json {
        let table = Table {
            columns: table::columns(&question.dimensions, into.is_some()),
            lines: table::lines(&groups),
            rows: &groups,
            words: &said.basis,
            at: said.at,
            next: next.as_deref(),
        };
        return said.with(table.answer(&question.asked)?);
    }
    let totals = Totals {
        basis: question.basis.shown(question.asked.language),
        headline,
        groups,
        excluded,
        rates,
        next,
    };
    let mut answer = web::item(&question.asked, None, &totals)?;
    answer
        .headers_mut()
        .extend(web::link(&question.asked, totals.next.as_deref())?);
    said.with(answer)
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

    fn with(&self, mut answer: Response) -> Result<Response> {
        let said = [
            (web::PLEDGEBOOK_BASIS, self.basis.clone()),
            (web::PLEDGEBOOK_AS_OF, self.at.to_rfc3339()),
        ];
        for (name, value) in said {
            let value = HeaderValue::from_str(&value).map_err(Error::internal)?;
            answer.headers_mut().insert(name, value);
        }
        Ok(answer)
    }
}

/// An answer from kept sums. In the order of one key only the page's groups are read; what is left
/// out of all of them is asked of the coarser level.
async fn kept_answer(
    conn: &mut Conn,
    question: &Question,
    level: Level,
) -> Result<(Folded, Vec<super::Excluded>)> {
    let Question {
        filter,
        dimensions,
        basis,
        ..
    } = question;
    let in_order = dimensions.as_slice() == level.keys()
        && dimensions.len() == 1
        && question.sort.is_none()
        && question.point_min.is_none()
        && filter.is_empty();
    if in_order {
        let window = Window {
            after: question.page.after_key(),
            groups: question.page.limit() + 1,
        };
        let rows = sql::from_rollups(conn, level, filter, dimensions, Some(window)).await?;
        let all = sql::from_rollups(conn, Level::Register, filter, &[], None).await?;
        Ok((fold(basis, &rows, None), fold(basis, &all, None).excluded()))
    } else {
        let folded = fold(
            basis,
            &sql::from_rollups(conn, level, filter, dimensions, None).await?,
            None,
        );
        let excluded = folded.excluded();
        Ok((folded, excluded))
    }
}

/// What the register counts of a whole meeting in the currency of its headline, on the default basis:
/// however a question narrows the total, the gap stays the meeting's.
async fn beside_headline(conn: &mut Conn, meeting: &Meeting, currency: Currency) -> Result<Option<i128>> {
    let filter = PledgeFilter {
        meeting: Named::one(meeting.id),
        ..PledgeFilter::default()
    };
    let rows = sql::from_rollups(conn, Level::Meeting, &filter, &[], None).await?;
    let whole = fold(&Basis::default(), &rows, None);
    Ok(whole
        .groups
        .get("")
        .map_or(Some(0), |adding| adding.beside_headline(currency)))
}

/// The page's groups in the order that is asked for, and the cursor of the next.
fn paged<'a>(question: &Question, folded: &'a Folded) -> (Vec<(&'a str, Adding)>, Option<String>) {
    let figure = |adding: &Adding| {
        question
            .sort
            .and_then(|(figure, _)| adding.figure(figure, question.compared_in))
    };
    let mut groups: Vec<(&str, Adding)> = folded
        .groups
        .iter()
        .filter(|(_, adding)| {
            question.point_min.is_none_or(|least| {
                adding
                    .figure(Figure::Point, question.compared_in)
                    .is_some_and(|point| point >= least)
            })
        })
        .map(|(key, adding)| (key.as_str(), adding.clone()))
        .collect();
    if groups.is_empty() && question.dimensions.is_empty() && question.point_min.is_none() {
        groups.push(("", Adding::default()));
    }
    if let Some((_, descending)) = question.sort {
        // Null last in either direction; the key breaks ties, as the groups come in its order.
        groups.sort_by(|(_, one), (_, other)| match (figure(one), figure(other)) {
            (Some(one), Some(other)) if descending => other.cmp(&one),
            (Some(one), Some(other)) => one.cmp(&other),
            (one, other) => one.is_none().cmp(&other.is_none()),
        });
    }
    question.page.cut(
        groups,
        |(key, adding)| (figure(adding), (*key).to_owned()),
        question.sort.map(|it| it.1),
    )
}

fn keyed(dimensions: &[Dimension], key: &str) -> BTreeMap<Dimension, Option<String>> {
    dimensions
        .iter()
        .copied()
        .zip(parts(key, dimensions.len()))
        .collect()
}

async fn explanation(conn: &mut Conn, mut question: Question) -> Result<Response> {
    question.filter.resolve(conn).await?;
    let Question {
        filter,
        dimensions,
        basis,
        ..
    } = &question;
    let most = Some(MOST_EXPLAINED + 1);
    let rows = sql::from_pledges(conn, filter, dimensions, basis, Grain::OneByOne, most).await?;
    if rows.len() > usize::try_from(MOST_EXPLAINED).unwrap_or(usize::MAX) {
        let detail = format!(
            "more than {MOST_EXPLAINED} pledges match; narrow the question (a meeting, a participant, a year) to have each explained"
        );
        return Err(Error::Malformed(Faults::one("?", "too_many", detail)));
    }
    let mut converting = converting(conn, &question, &rows).await?;
    let groups = explain(
        basis,
        &rows,
        converting.as_mut().map(|it| (&mut it.converter, &it.moved)),
    )
    .into_iter()
    .map(|(key, mut group)| {
        group.key = keyed(dimensions, &key);
        group
    })
    .collect();
    let explanation = Explanation {
        basis: basis.shown(question.asked.language),
        groups,
        rates: converting.map(|it| it.converter.used()).unwrap_or_default(),
    };
    Said::of(&question.basis).with(web::item(&question.asked, None, &explanation)?)
}

/// Puts names beside keys, one statement per dimension.
async fn name(
    conn: &mut Conn,
    dimensions: &[Dimension],
    groups: &mut [Group],
    language: Language,
) -> Result<()> {
    let with_names = [
        Dimension::Meeting,
        Dimension::Coalition,
        Dimension::Participant,
        Dimension::Beneficiary,
    ];
    for dimension in dimensions.iter().filter(|it| with_names.contains(it)) {
        let mut keys: Vec<String> = groups
            .iter()
            .filter_map(|group| group.key.get(dimension)?.clone())
            .collect();
        keys.sort();
        keys.dedup();
        let names = sql::names(conn, *dimension, keys).await?;
        for group in groups.iter_mut() {
            let name = group
                .key
                .get(dimension)
                .and_then(Option::as_ref)
                .and_then(|key| names.get(key));
            group
                .names
                .insert(*dimension, name.map(|name| name.resolve(language).to_owned()));
        }
    }
    Ok(())
}
