//! Statements about pledges: what is kept, what follows from it, and which match.

use std::{
    collections::{BTreeSet, VecDeque},
    iter,
};

use chrono::{Days, NaiveDate};
use uuid::Uuid;

use super::{
    Counts, Instrument, MONEY_SORTS, Pledge, Qualifier, Refs, State, Terms, Timing, Tranches,
    figures::{Equivalent, Figures, Part, Standing},
    relations::{self, Link, Relative},
};
use crate::{
    citations::About,
    db::{Cells, Conn, Fetched, Reader, Row, Sql, Unreadable, row, rows_of, stored_as_json},
    error::{Detail, Error, Faults, Result},
    participants::Kind as ParticipantKind,
    resources::{Named, Resource, Slug},
    search::{by_words, sql::Searched},
    values::{Amount, Currency, FromText, PartialDate, described},
    web::{ColumnType, Depends, Filter, Query, Sort, Updated, among},
};

stored_as_json!(Tranches);

row! {
    Relative {
        id, participant_id, parent_id, restates_id, currency, announced_first, announced_last, pledged: range,
        taken_currency, part: row,
    }
}

row! { Part { taken: range, standing: row } }

row! { Standing { state, is_paid, kept_on } }

/// What another pledge is to one.
pub(super) enum Bearing {
    Part(Part),
    /// A part of this parent restates it.
    RestatedIn(Uuid),
}

impl Row for Bearing {
    fn read(row: Fetched<'_>) -> std::result::Result<Self, Unreadable> {
        let restated_in: Option<Uuid> = row.get("restated_in")?;
        restated_in.map_or_else(
            || Part::read(row).map(Self::Part),
            |parent| Ok(Self::RestatedIn(parent)),
        )
    }
}

impl Row for Option<Equivalent> {
    fn read(row: Fetched<'_>) -> std::result::Result<Self, Unreadable> {
        let currency: Option<Currency> = row.get("equivalent_currency")?;
        let amount = row.range(["equivalent_min", "equivalent", "equivalent_max"])?;
        Ok(currency.map(|currency| Equivalent { currency, amount }))
    }
}

row! {
    Figures {
        state, pledged: range, share: range, counted: range, committed, paid, withdrawn, outstanding, is_paid_in_parts,
    }
}

row! { Timing { due, kept_on, kept_late_days, happened_last, cited_last } }

row! {
    Terms {
        instrument, qualifier, currency, amount_min, amount, amount_max, purpose, announced_on,
        announced_by_name, announced_by_office, period_from, period_to, due_on, tranches, conditions,
    }
}

row! {
    Refs {
        participant, participant_id, participant_names, meeting, meeting_id, meeting_titles, beneficiary,
        beneficiary_id, beneficiary_names, parent, restates,
    }
}

row! { Pledge { id, refs: row, terms: row, equivalent: row, figures: row, timing: row, disputed, version, created_at, updated_at, counts: row } }

row! { Counts { citations, events } }

/// How many pledges one statement looks for, where there are so many; else the statement has the length it needs.
const RELATED_AT_ONCE: usize = 100;

/// Writes new pledges.
pub(super) async fn insert(conn: &mut Conn, pledges: &[Pledge]) -> Result<()> {
    for rows in pledges.chunks(rows_of(52)) {
        let rows = rows.iter().map(|it| (it.id, cells(it)));
        conn.run(Sql::insert_all("pledges", rows.collect())).await?;
    }
    Ok(())
}

pub(super) fn cells(pledge: &Pledge) -> Cells {
    let Pledge {
        id: _,
        refs:
            Refs {
                participant: _,
                participant_id,
                participant_names: _,
                meeting: _,
                meeting_id,
                meeting_titles: _,
                beneficiary: _,
                beneficiary_id,
                beneficiary_names: _,
                parent,
                restates,
            },
        terms:
            Terms {
                instrument,
                qualifier,
                currency,
                amount_min,
                amount,
                amount_max,
                purpose,
                announced_on,
                announced_by_name,
                announced_by_office,
                period_from,
                period_to,
                due_on,
                tranches,
                conditions,
            },
        equivalent,
        figures: _,
        timing: _,
        disputed: _,
        version: _,
        created_at,
        updated_at: _,
        counts: _,
    } = pledge;
    let in_the_other = equivalent.map(|it| it.amount).unwrap_or_default();
    figure_cells(pledge)
        .set("participant_id", *participant_id)
        .set("meeting_id", *meeting_id)
        .set("beneficiary_id", *beneficiary_id)
        .set("parent_id", *parent)
        .set("restates_id", *restates)
        .set("instrument", *instrument)
        .set("qualifier", *qualifier)
        .set("currency", *currency)
        .set("amount_min", *amount_min)
        .set("amount", *amount)
        .set("amount_max", *amount_max)
        .set("equivalent_min", in_the_other.min)
        .set("equivalent", in_the_other.point)
        .set("equivalent_max", in_the_other.max)
        .set("equivalent_currency", equivalent.map(|it| it.currency))
        .set("purpose", purpose.clone())
        .set("announced_on", *announced_on)
        .set("announced_first", announced_on.map(PartialDate::first))
        .set("announced_last", announced_on.map(PartialDate::last))
        .set("announced_by_name", announced_by_name.clone())
        .set("announced_by_office", announced_by_office.clone())
        .set("period_from", *period_from)
        .set("period_to", *period_to)
        .set("due_on", *due_on)
        .set("tranches", tranches.clone())
        .set("conditions", conditions.clone())
        .set("created_at", *created_at)
}

/// What follows from a pledge's terms, events and children, and its version.
pub(super) fn figure_cells(pledge: &Pledge) -> Cells {
    let Pledge {
        id: _,
        refs: _,
        terms,
        equivalent: _,
        figures:
            Figures {
                state,
                pledged,
                share,
                counted,
                committed,
                paid,
                withdrawn,
                outstanding,
                is_paid_in_parts,
            },
        timing,
        // It follows the log, in a statement of its own.
        disputed: _,
        version,
        // It stands since the row does.
        created_at: _,
        updated_at,
        // Of others.
        counts: _,
    } = pledge;
    Cells::new()
        .set("state", *state)
        .set("pledged_min", pledged.min)
        .set("pledged", pledged.point)
        .set("pledged_max", pledged.max)
        .set("share_min", share.min)
        .set("share", share.point)
        .set("share_max", share.max)
        .set("counted_min", counted.min)
        .set("counted", counted.point)
        .set("counted_max", counted.max)
        .set("committed", *committed)
        .set("paid", *paid)
        .set("withdrawn", *withdrawn)
        .set("outstanding", *outstanding)
        .set("is_paid_in_parts", *is_paid_in_parts)
        .set("due", timing.due)
        .set("due_first", timing.due.map(PartialDate::first))
        .set("due_last", timing.due.map(PartialDate::last))
        .set("kept_on", timing.kept_on)
        .set("kept_late_days", timing.kept_late_days)
        .set("happened_last", timing.happened_last)
        .set("silent_since", timing.silent_since(terms))
        .set("version", *version)
        .set("updated_at", *updated_at)
}

/// What a pledge `p` is to its parent, where `f` is the pledge that it restates.
const AS_PART: &str =
    "case when p.equivalent_currency is null then p.pledged_min else p.share_min end as taken_min,
    case when p.equivalent_currency is null then p.pledged else p.share end as taken,
    case when p.equivalent_currency is null then p.pledged_max else p.share_max end as taken_max,
    coalesce(f.state, p.state) as state, coalesce(f.kept_on, p.kept_on) as kept_on,
    coalesce(f.paid, p.paid, 0) > 0 or coalesce(f.is_paid_in_parts, p.is_paid_in_parts, false) as is_paid";

/// Asks for live pledges `p` as relatives: those with these ids, or (the parenthesis is still open) others.
fn relatives(ids: impl IntoIterator<Item = Uuid>) -> Sql {
    let mut sql = Sql::new(
        "select p.id, p.participant_id, p.parent_id, p.restates_id, p.currency, p.announced_first, p.announced_last,
        p.pledged_min, p.pledged, p.pledged_max, coalesce(p.equivalent_currency, p.currency) as taken_currency, ",
    );
    sql.push(AS_PART)
        .push(" from pledges p left join pledges f on f.id = p.restates_id where p.retracted_at is null and (p.id in ")
        .push_list(ids);
    sql
}

/// The live pledges with these ids.
pub(super) async fn related(conn: &mut Reader, ids: &[Uuid]) -> Result<Vec<Relative>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(RELATED_AT_ONCE) {
        let mut sql = relatives(ids.iter().copied());
        sql.push(")");
        found.append(&mut conn.all(sql).await?);
    }
    Ok(found)
}

/// The same few, and those that name this one as their parent or as what they restate.
pub(super) async fn related_to(conn: &mut Reader, ids: &[Uuid], this: Uuid) -> Result<Vec<Relative>> {
    let mut sql = relatives(ids.iter().copied());
    sql.push(" or p.parent_id = ").push_arg(this);
    sql.push(" or p.restates_id = ").push_arg(this).push(")");
    conn.all(sql).await
}

/// What others are to a pledge: each of its parts, and each part of a parent that restates it.
pub(super) async fn bearings(conn: &mut Reader, id: Uuid) -> Result<Vec<Bearing>> {
    let mut sql = Sql::new("select ");
    sql.push(AS_PART)
        .push(", null as restated_in from pledges p left join pledges f on f.id = p.restates_id where p.parent_id = ")
        .push_arg(id)
        .push(" and p.retracted_at is null union all select null, null, null, null, null, null, parent_id from pledges where restates_id = ")
        .push_arg(id)
        .push(" and parent_id is not null and retracted_at is null");
    conn.all(sql).await
}

/// Whether a pledge is another one, or has parts that restate that one, or one that is made up of it in turn: but for this part,
/// which is about to be another's.
pub(super) async fn is_made_up_of(conn: &mut Reader, id: Uuid, other: Uuid, but: Uuid) -> Result<bool> {
    let sql = "with recursive reached (id) as (select id from pledges where id = $1 union
          select p.restates_id from reached join pledges p on p.parent_id = reached.id
          where p.restates_id is not null and p.retracted_at is null and p.id <> $3)
        select count(*) from reached where id = $2";
    let (found,): (i64,) = conn.one(Sql::new(sql).bind(id).bind(other).bind(but)).await?;
    Ok(found > 0)
}

/// The live pledges that are made up of themselves, by way of parts and of what they restate.
pub async fn in_circles(conn: &mut Reader) -> Result<Vec<Uuid>> {
    let links = "select id, parent_id, restates_id from pledges
        where retracted_at is null and (parent_id is not null or restates_id is not null)";
    let links: Vec<Link> = conn.all(Sql::new(links)).await?;
    Ok(relations::in_circles(links))
}

/// Writes what a parent is to those who follow it, of which nobody is shown anything.
pub(super) async fn note_standing(conn: &mut Conn, pledge: &Pledge) -> Result<()> {
    let noted = Sql::new("update pledges set kept_on = $2, is_paid_in_parts = $3 where id = $1");
    let noted = noted.bind(pledge.id).bind(pledge.timing.kept_on);
    conn.run(noted.bind(pledge.figures.is_paid_in_parts))
        .await
        .map(drop)
}

/// In which nothing is due any more.
const OVER: [State; 3] = [State::Fulfilled, State::Withdrawn, State::Restated];

/// What is asked of pledges as they are on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnDay<T> {
    asked: T,
    today: NaiveDate,
}

impl<T> OnDay<T> {
    fn of(query: &Query, asked: T) -> Self {
        Self {
            asked,
            today: query.today(),
        }
    }
}

/// What of a pledge is kept beside its events and can be cited about, live.
pub(super) async fn cited_parts(conn: &mut Reader, pledge: Uuid) -> Result<Vec<(About, Uuid)>> {
    let adherents: Vec<(Uuid,)> = conn
        .all(
            Sql::new("select id from adherents where pledge_id = $1 and retracted_at is null order by id")
                .bind(pledge),
        )
        .await?;
    let assessments: Vec<(Uuid,)> = conn
        .all(
            Sql::new("select id from assessments where pledge_id = $1 and retracted_at is null order by id")
                .bind(pledge),
        )
        .await?;
    let of = |about: About| move |(id,): (Uuid,)| (about, id);
    let adherents = adherents.into_iter().map(of(About::Adherents));
    Ok(adherents
        .chain(assessments.into_iter().map(of(About::Assessments)))
        .collect())
}

/// How many participants state something of a pledge, and how many of its assessments are of another than this one.
pub(super) async fn of_others(conn: &mut Reader, pledge: Uuid, participant: Uuid) -> Result<(i64, i64)> {
    conn.one(
        Sql::new(
            "select (select count(*) from adherents where pledge_id = $1 and retracted_at is null),
                 (select count(*) from assessments where pledge_id = $1 and participant_id <> $2 and retracted_at is null)",
        )
        .bind(pledge)
        .bind(participant),
    )
    .await
}

/// Which pledges: shared by the list and every total.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct PledgeFilter {
    pub searched: Searched,
    pub participant: Named,
    pub participant_kind: Vec<ParticipantKind>,
    pub meeting: Named,
    pub coalition: Named,
    pub instrument: Vec<Instrument>,
    pub qualifier: Vec<Qualifier>,
    pub currency: Vec<Currency>,
    pub state: Vec<State>,
    pub beneficiary: Named,
    /// At least and at most.
    pub amounts: [Option<i64>; 2],
    /// From and to, as all dates.
    pub announced: [Option<PartialDate>; 2],
    pub parent: Vec<Uuid>,
    pub restates: Vec<Uuid>,
    pub collective: Option<bool>,
    pub cited: Option<bool>,
    pub overdue: Option<OnDay<bool>>,
    pub due: [Option<PartialDate>; 2],
    pub silent_days_min: Option<OnDay<u32>>,
    pub updated: Updated,
}

impl PledgeFilter {
    /// Whether everything matches.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The part of the register that all that matches is of: see [`super::PARTS`].
    #[must_use]
    pub fn part(&self) -> Option<Slug> {
        self.meeting.slug()
    }

    /// Whether it names records whose pledges an index finds.
    #[must_use]
    pub fn names_what_an_index_finds(&self) -> bool {
        let named = [&self.participant, &self.meeting, &self.beneficiary];
        let ids = [&self.parent, &self.restates];
        named.iter().any(|it| !it.is_empty()) || ids.iter().any(|it| !it.is_empty())
    }

    fn bounds(query: &mut Query, currency: &[Currency]) -> [Option<i64>; 2] {
        let names = ["amount_min", "amount_max"];
        let bounds = names.map(|name| Self::bound(query, name, currency));
        let [least, most] = bounds;
        query.in_order(names, least, most);
        bounds
    }

    /// Reads a bound in the one currency that is asked for.
    fn bound(query: &mut Query, name: &'static str, currency: &[Currency]) -> Option<i64> {
        let text: String = query.one(name)?;
        let outcome = match currency {
            // An adjusted pledge may be more than one that is stated.
            [currency] => Amount::parse_sum(&text).and_then(|amount| amount.in_currency(*currency)),
            _ => Err("needs one currency=, as amounts of different currencies are not compared".into()),
        };
        outcome
            .map_err(|detail| query.fault(name, "amount", format!("{name} {detail}")))
            .ok()
    }
}

const DUE: Sort<Pledge> = Sort::by("due", "r.due_last", ColumnType::Day, |it| {
    it.timing.due.map(|date| date.last().to_string())
});

const SILENT_DAYS: Sort<Pledge> = Sort::by("silent_days", "r.silent_since", ColumnType::Day, |it| {
    it.timing.silent_since(&it.terms).map(|day| day.to_string())
});

impl Filter for PledgeFilter {
    type Item = Pledge;

    const COLUMNS: &'static str = "select r.id, p.code as participant, r.participant_id, m.slug as meeting, r.meeting_id, b.code as beneficiary,
        r.beneficiary_id, r.parent_id as parent, r.restates_id as restates, r.instrument, r.qualifier, r.currency, r.amount_min, r.amount, r.amount_max,
        r.equivalent_min, r.equivalent, r.equivalent_max, r.equivalent_currency, r.share_min, r.share, r.share_max, r.purpose, r.announced_on,
        r.announced_by_name, r.announced_by_office, r.period_from, r.period_to, r.due_on, r.tranches, r.conditions, r.state, r.pledged_min, r.pledged,
        r.pledged_max, r.counted_min, r.counted, r.counted_max, r.committed, r.paid, r.withdrawn, r.outstanding, coalesce(r.is_paid_in_parts, false) as is_paid_in_parts, r.due, r.kept_on, r.kept_late_days, r.happened_last, r.cited_last, r.disputed, r.version,
        r.created_at, r.updated_at, p.names as participant_names, m.titles as meeting_titles, b.names as beneficiary_names,
        (select count(*) from citations ct where ct.pledge_id = r.id and ct.retracted_at is null) as citations,
        (select count(*) from events ev where ev.pledge_id = r.id and ev.retracted_at is null) as events";
    const FROM: &'static str = " from pledges r left join participants p on p.id = r.participant_id
        left join meetings m on m.id = r.meeting_id left join participants b on b.id = r.beneficiary_id
        where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("announced_on", "r.announced_first", ColumnType::Day, |it| {
            it.terms.announced_on.map(|date| date.first().to_string())
        }),
        Sort::by("participant", "p.code", ColumnType::Text, |it| {
            it.refs.participant.as_ref().map(ToString::to_string)
        }),
        Sort::by("meeting", "m.slug", ColumnType::Text, |it| {
            it.refs.meeting.as_ref().map(ToString::to_string)
        }),
        Sort::by("instrument", "r.instrument", ColumnType::Text, |it| {
            Some(it.terms.instrument.to_string())
        }),
        Sort::by("state", "r.state", ColumnType::Text, |it| {
            Some(it.figures.state.to_string())
        }),
        Sort::by("pledged", "r.pledged", ColumnType::Number, |it| {
            it.figures.pledged.point.map(|it| it.to_string())
        }),
        Sort::by("amount", "r.amount", ColumnType::Number, |it| {
            it.terms.amount.map(|it| it.to_string())
        }),
        Sort::by("paid", "r.paid", ColumnType::Number, |it| {
            it.figures.paid.map(|it| it.to_string())
        }),
        DUE,
        SILENT_DAYS.reversed().until_today(),
        Sort::by("outstanding", "r.outstanding", ColumnType::Number, |it| {
            it.figures.outstanding.map(|it| it.to_string())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        let currency: Vec<Currency> = query.many("currency");
        Self {
            searched: Searched::read(query),
            participant: Named::read(query, "participant"),
            participant_kind: query.many("participant_kind"),
            meeting: Named::read(query, "meeting"),
            coalition: Named::read(query, "coalition"),
            instrument: query.many("instrument"),
            qualifier: query.many("qualifier"),
            state: query.many("state"),
            beneficiary: Named::read(query, "beneficiary"),
            amounts: Self::bounds(query, &currency),
            announced: query.dates(["announced_from", "announced_to"]),
            parent: query.many("parent"),
            restates: query.many("restates"),
            collective: query.flag("collective"),
            cited: query.flag("cited"),
            overdue: query.flag("overdue").map(|asked| OnDay::of(query, asked)),
            due: query.dates(["due_from", "due_to"]),
            silent_days_min: query.days("silent_days_min").map(|asked| OnDay::of(query, asked)),
            updated: Updated::read(query),
            currency,
        }
    }

    fn can_sort_by(&self, column: &str) -> Result<()> {
        if !MONEY_SORTS.contains(&column) || self.currency.len() == 1 {
            return Ok(());
        }
        let detail =
            format!("sort={column} needs one currency=, as amounts of different currencies are not compared");
        Err(Error::Malformed(Faults::one("?sort", "currency", detail)))
    }

    fn depends(&self) -> Depends {
        Depends::on_part(self.part().as_ref().map(Slug::as_str))
    }

    fn names_records(&self) -> bool {
        let named = [
            &self.participant,
            &self.meeting,
            &self.coalition,
            &self.beneficiary,
        ];
        named.iter().any(|it| !it.is_empty())
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        let mut faults = Faults::default();
        self.participant
            .resolve(conn, Resource::Participants, "participant", &mut faults)
            .await?;
        self.meeting
            .resolve(conn, Resource::Meetings, "meeting", &mut faults)
            .await?;
        self.coalition
            .resolve(conn, Resource::Coalitions, "coalition", &mut faults)
            .await?;
        self.beneficiary
            .resolve(conn, Resource::Participants, "beneficiary", &mut faults)
            .await?;
        self.searched
            .resolve(conn, Resource::Pledges, &mut faults)
            .await?;
        faults.or_malformed()
    }

    by_words!(Resource::Pledges);

    fn matching(&self, sql: &mut Sql) {
        self.searched.matching(sql, Resource::Pledges);
        self.participant.matching(sql, " and r.participant_id in ", "");
        self.meeting.matching(sql, " and r.meeting_id in ", "");
        self.beneficiary.matching(sql, " and r.beneficiary_id in ", "");
        self.coalition.matching(
            sql,
            " and r.meeting_id in (select id from meetings where coalition_id in ",
            ")",
        );
        if !self.participant_kind.is_empty() {
            sql.push(" and r.participant_id in (select id from participants where kind in ")
                .push_list(self.participant_kind.iter().copied())
                .push(")");
        }
        among(sql, "r.instrument", &self.instrument);
        among(sql, "r.qualifier", &self.qualifier);
        among(sql, "r.currency", &self.currency);
        among(sql, "r.state", &self.state);
        // A pledge's own range matches where it overlaps, as dates do; `at_least` has no upper end.
        let [least, most] = self.amounts;
        if let Some(least) = least {
            sql.push(" and r.currency is not null and (r.pledged_max is null or r.pledged_max >= ")
                .push_arg(least)
                .push(")");
        }
        if let Some(most) = most {
            sql.push(" and r.pledged_min <= ").push_arg(most);
        }
        let [from, to] = self.announced;
        if let Some(from) = from {
            sql.push(" and r.announced_last >= ").push_arg(from.first());
        }
        if let Some(to) = to {
            sql.push(" and r.announced_first <= ").push_arg(to.last());
        }
        among(sql, "r.parent_id", &self.parent);
        among(sql, "r.restates_id", &self.restates);
        match self.collective {
            Some(true) => sql.push(" and r.participant_id is null"),
            Some(false) => sql.push(" and r.participant_id is not null"),
            None => sql,
        };
        if let Some(cited) = self.cited {
            sql.push(if cited { " and exists" } else { " and not exists" });
            sql.push(" (select 1 from citations ct where ct.pledge_id = r.id and ct.retracted_at is null)");
        }
        if let Some(OnDay { asked, today }) = self.overdue {
            sql.push(if asked { " and (" } else { " and not (" });
            sql.push("r.due_last is not null and r.due_last < ")
                .push_arg(today);
            sql.push(" and r.state not in ").push_list(OVER).push(")");
        }
        let [from, to] = self.due;
        if let Some(from) = from {
            sql.push(" and r.due_last >= ").push_arg(from.first());
        }
        if let Some(to) = to {
            sql.push(" and r.due_first <= ").push_arg(to.last());
        }
        match self.silent_days_min {
            // Also of what is dated ahead, which is silent for none.
            Some(OnDay { asked: 0, .. }) => {
                sql.push(" and r.silent_since is not null");
            }
            Some(OnDay { asked, today }) => {
                let since = today.checked_sub_days(Days::new(asked.into()));
                sql.push(" and r.silent_since <= ")
                    .push_arg(since.unwrap_or(NaiveDate::MIN));
            }
            None => {}
        }
        self.updated.matching(sql, "r.updated_at");
    }
}

/// What is due until some days from now: pledges in which something is due, the longest overdue first.
#[derive(Debug)]
pub struct DueFilter {
    pub pledges: PledgeFilter,
    until: NaiveDate,
}

/// How many days ahead is looked where nobody says.
const WITHIN: u32 = 30;

impl Filter for DueFilter {
    type Item = Pledge;

    const COLUMNS: &'static str = PledgeFilter::COLUMNS;
    const FROM: &'static str = PledgeFilter::FROM;
    // What matches has one.
    const SORTS: &'static [Sort<Self::Item>] = &[DUE.of_what_is_there()];

    fn read(query: &mut Query) -> Self {
        let within = query.one("within").map_or(WITHIN, |Within(days)| days);
        Self {
            pledges: PledgeFilter::read(query),
            until: ahead(query.today(), within),
        }
    }

    fn newest_first(&self) -> bool {
        false
    }

    fn depends(&self) -> Depends {
        self.pledges.depends()
    }

    fn names_records(&self) -> bool {
        self.pledges.names_records()
    }

    fn is_dear(&self) -> bool {
        self.pledges.is_dear()
    }

    fn is_found_by_name(&self) -> bool {
        self.pledges.is_found_by_name()
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        self.pledges.resolve(conn).await
    }

    fn matching(&self, sql: &mut Sql) {
        sql.push(" and r.due_last <= ").push_arg(self.until);
        sql.push(" and r.state not in ").push_list(OVER);
        self.pledges.matching(sql);
    }
}

/// So many days later, or the last day that there is.
fn ahead(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_add_days(Days::new(days.into()))
        .unwrap_or(NaiveDate::MAX)
}

/// A number of days, as `30d`.
struct Within(u32);

described!(
    Within,
    "Days",
    "A number of days from today.",
    "^[0-9]{1,6}d$",
    "30d"
);

impl FromText for Within {
    fn described() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        <Self as utoipa::PartialSchema>::schema()
    }

    fn from_text(text: &str) -> Result<Self, Detail> {
        text.strip_suffix('d')
            .filter(|digits| digits.len() <= 6 && digits.bytes().all(|it| it.is_ascii_digit()))
            .and_then(|digits| digits.parse().ok())
            .map(Self)
            .ok_or_else(|| "must be a number of days, such as 30d".into())
    }
}

/// A pledge, as far as it was heard of.
struct Heard {
    id: Uuid,
    happened_last: Option<NaiveDate>,
    announced_last: Option<NaiveDate>,
    cited_last: Option<NaiveDate>,
    cited: Option<NaiveDate>,
}

row! { Heard { id, happened_last, announced_last, cited_last, cited } }

/// The last day of the latest article that is cited for a pledge `p` or for its events.
const CITED_LAST: &str = "(select max(published_last) from (
      select a.published_last from citations c join articles a on a.id = c.article_id
        where c.retracted_at is null and c.pledge_id = p.id
      union all select a.published_last from events e join citations c on c.event_id = e.id join articles a on a.id = c.article_id
        where c.retracted_at is null and e.retracted_at is null and e.pledge_id = p.id) said)";

/// The same of one pledge: [`note_cited`] may not have come by yet.
pub(super) async fn cited_last(conn: &mut Reader, id: Uuid) -> Result<Option<NaiveDate>> {
    let mut cited = Sql::new("select ");
    cited
        .push(CITED_LAST)
        .push(" from pledges p where p.id = ")
        .push_arg(id);
    let (last,): (Option<NaiveDate>,) = conn.one(cited).await?;
    Ok(last)
}

/// What is cited for which pledges has changed.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Cited {
    pub pledges: BTreeSet<Uuid>,
    /// Of these events.
    pub events: BTreeSet<Uuid>,
    /// By these articles.
    pub articles: BTreeSet<Uuid>,
}

impl Cited {
    /// The same, by so many as one statement takes.
    fn by_parts(&self) -> impl Iterator<Item = Cited> {
        let chunks = |ids: &BTreeSet<Uuid>| {
            let ids: Vec<_> = ids.iter().copied().collect();
            let chunks = ids.chunks(rows_of(4)).map(|it| it.iter().copied().collect());
            chunks.collect::<VecDeque<BTreeSet<_>>>()
        };
        let (mut pledges, mut events, mut articles) = (
            chunks(&self.pledges),
            chunks(&self.events),
            chunks(&self.articles),
        );
        iter::from_fn(move || {
            let next = |of: &mut VecDeque<_>| of.pop_front().unwrap_or_default();
            let part = Cited {
                pledges: next(&mut pledges),
                events: next(&mut events),
                articles: next(&mut articles),
            };
            (part != Cited::default()).then_some(part)
        })
    }
}

/// Brings those pledges up to the day of the latest article that is cited for them or for their events.
pub(super) async fn note_cited(conn: &mut Conn, cited: &Cited) -> Result<()> {
    for part in cited.by_parts() {
        let heard = heard(conn, &part).await?;
        let moved: Vec<_> = heard.iter().filter(|it| it.cited != it.cited_last).collect();
        for moved in moved.chunks(rows_of(3)) {
            // An article may be cited for thousands.
            let mut noted =
                Sql::new("update pledges set cited_last = v.column2, silent_since = v.column3 from (values ");
            noted.push_rows(moved, |it, row| {
                let since = it.happened_last.max(it.cited).or(it.announced_last);
                row.add(it.id).add(it.cited).add(since);
            });
            noted.push(") as v where pledges.id = v.column1");
            conn.run(noted).await?;
        }
    }
    Ok(())
}

/// What is known of those pledges, and what is cited for them.
async fn heard(conn: &mut Reader, cited: &Cited) -> Result<Vec<Heard>> {
    let mut sql = Sql::new("select p.id, p.happened_last, p.announced_last, p.cited_last, ");
    sql.push(CITED_LAST)
        .push(" as cited from pledges p where p.id in (");
    // Each an index's question; joined by `or`, a server would read all pledges.
    let mut is_first = true;
    let mut or = |sql: &mut Sql, select: &'static str, ids: &BTreeSet<Uuid>| {
        if ids.is_empty() {
            return;
        }
        if !std::mem::take(&mut is_first) {
            sql.push(" union ");
        }
        sql.push(select).push_list(ids.iter().copied());
    };
    or(&mut sql, "select id from pledges where id in ", &cited.pledges);
    or(
        &mut sql,
        "select pledge_id from events where id in ",
        &cited.events,
    );
    or(
        &mut sql,
        "select pledge_id from citations where pledge_id is not null and article_id in ",
        &cited.articles,
    );
    or(
        &mut sql,
        "select e.pledge_id from citations c join events e on e.id = c.event_id where c.article_id in ",
        &cited.articles,
    );
    sql.push(")");
    conn.all(sql).await
}
