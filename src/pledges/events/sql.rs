//! Statements about events: those of a pledge, those of all pledges, and which match.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Event, EventOfPledge, Stage};
use crate::{
    db::{Cells, Reader, Sql, row},
    error::Result,
    pledges::{Pledge, figures::Happened, sql::PledgeFilter},
    resources::Named,
    values::PartialDate,
    web::{ColumnType, Depends, Filter, Query, Sort, Updated, among},
};

/// The live events of a pledge, in the order in which they happened.
pub(in crate::pledges) async fn happened(conn: &mut Reader, id: Uuid) -> Result<Vec<Happened>> {
    let sql = "select id, stage, occurred_on, amount, equivalent, equivalent_currency, moved_to as \"to\" from events where pledge_id = $1 and retracted_at is null order by occurred_first, id";
    conn.all(Sql::new(sql).bind(id)).await
}

pub(in crate::pledges) async fn of(conn: &mut Reader, id: Uuid) -> Result<Vec<Uuid>> {
    let rows: Vec<(Uuid,)> = conn
        .all(
            Sql::new("select id from events where pledge_id = $1 and retracted_at is null order by id")
                .bind(id),
        )
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The live events of any of these pledges, in the order in which they happened.
pub(in crate::pledges) async fn of_any(conn: &mut Reader, pledges: Vec<Uuid>) -> Result<Vec<Event>> {
    let mut sql = EventFilter::rows();
    sql.push(" and r.pledge_id in ")
        .push_list(pledges)
        .push(" order by r.occurred_first, r.id");
    conn.all(sql).await
}

#[derive(Debug, Default)]
pub struct EventFilter {
    pub pledge: Named,
    stage: Vec<Stage>,
    updated: Updated,
}

impl Filter for EventFilter {
    type Item = Event;

    const COLUMNS: &'static str = "select r.id, r.pledge_id as pledge, r.stage, r.occurred_on, r.moved_to as \"to\", r.amount, pl.currency, r.equivalent, r.equivalent_currency, r.\"over\" as \"over\",
        r.note, r.version, r.created_at, r.updated_at,
        (select count(*) from citations ct where ct.event_id = r.id and ct.retracted_at is null) as citations";
    const FROM: &'static str =
        " from events r join pledges pl on pl.id = r.pledge_id where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("occurred_on", "r.occurred_first", ColumnType::Day, |it| {
            Some(it.occurred_on.first().to_string())
        }),
        Sort::by("stage", "r.stage", ColumnType::Text, |it| {
            Some(it.stage.to_string())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            pledge: Named::default(),
            stage: query.many("stage"),
            updated: Updated::read(query),
        }
    }

    fn matching(&self, sql: &mut Sql) {
        self.pledge.matching(sql, " and r.pledge_id in ", "");
        among(sql, "r.stage", &self.stage);
        self.updated.matching(sql, "r.updated_at");
    }
}

/// Which events of all pledges: of pledges that match, and among theirs those of which the rest is true.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct EventsOfPledges {
    pub pledges: PledgeFilter,
    stage: Vec<Stage>,
    /// From and to.
    occurred: [Option<PartialDate>; 2],
    updated: Updated,
}

impl EventsOfPledges {
    /// The parameters that speak of events alone.
    pub const OF_EVENTS: [&'static str; 3] = ["stage", "occurred_from", "occurred_to"];

    /// The same question, asked of the pledges themselves.
    #[must_use]
    pub fn into_pledges(self) -> PledgeFilter {
        PledgeFilter {
            updated: self.updated,
            ..self.pledges
        }
    }
}

impl Filter for EventsOfPledges {
    type Item = EventOfPledge;

    const COLUMNS: &'static str = "select e.id, e.pledge_id as pledge, e.stage, e.occurred_on, e.moved_to as \"to\", e.amount, r.currency, e.equivalent, e.equivalent_currency, e.\"over\" as \"over\",
        e.note, e.version, e.created_at, e.updated_at, p.code as participant, p.names as participant_names, m.slug as meeting,
        m.titles as meeting_titles, (select count(*) from citations ct where ct.event_id = e.id and ct.retracted_at is null) as citations";
    /// The pledge stands where it does in its own list, so that what is asked of it there can be asked here.
    const FROM: &'static str = " from events e join pledges r on r.id = e.pledge_id
        left join participants p on p.id = r.participant_id left join meetings m on m.id = r.meeting_id
        left join participants b on b.id = r.beneficiary_id
        where e.retracted_at is null and r.retracted_at is null";
    const ID: &'static str = "e.id";
    // As the pledges do.
    const IS_OF_THE_DAY: bool = true;

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by_what_is_there("updated_at", "e.updated_at", ColumnType::Time, |it| {
            Some(it.event.updated_at.to_rfc3339())
        }),
        Sort::by_what_is_there("occurred_on", "e.occurred_first", ColumnType::Day, |it| {
            Some(it.event.occurred_on.first().to_string())
        }),
        Sort::by_what_is_there("stage", "e.stage", ColumnType::Text, |it| {
            Some(it.event.stage.to_string())
        }),
        Sort::by("amount", "e.amount", ColumnType::Number, |it| {
            it.event.amount.map(|it| it.to_string())
        }),
        Sort::by("participant", "p.code", ColumnType::Text, |it| {
            it.participant.as_ref().map(ToString::to_string)
        }),
        Sort::by("meeting", "m.slug", ColumnType::Text, |it| {
            it.meeting.as_ref().map(ToString::to_string)
        }),
    ];

    fn read(query: &mut Query) -> Self {
        let mut pledges = PledgeFilter::read(query);
        Self {
            stage: query.many("stage"),
            occurred: query.dates(["occurred_from", "occurred_to"]),
            // Of the rows that are listed, as everywhere.
            updated: std::mem::take(&mut pledges.updated),
            pledges,
        }
    }

    fn can_sort_by(&self, column: &str) -> Result<()> {
        self.pledges.can_sort_by(column)
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
        self.pledges.is_found_by_name() || self.pledges.names_what_an_index_finds()
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        self.pledges.resolve(conn).await
    }

    fn matching(&self, sql: &mut Sql) {
        self.pledges.matching(sql);
        among(sql, "e.stage", &self.stage);
        let [from, to] = self.occurred;
        if let Some(from) = from {
            // What began before that day reaches it where it is dated by the day's month or year.
            sql.push(" and (e.occurred_first >= ").push_arg(from.first());
            sql.push(" or e.occurred_on in ")
                .push_list(from.around_first())
                .push(")");
        }
        if let Some(to) = to {
            sql.push(" and e.occurred_first <= ").push_arg(to.last());
        }
        self.updated.matching(sql, "e.updated_at");
    }
}

/// The live pledges with these ids.
pub(super) async fn pledges(conn: &mut Reader, ids: BTreeSet<Uuid>) -> Result<Vec<Pledge>> {
    let mut sql = PledgeFilter::rows();
    sql.push(" and r.id in ").push_list(ids);
    conn.all(sql).await
}

row! { Happened { id, stage, occurred_on, amount, equivalent, equivalent_currency, to } }

row! {
    Event {
        id, pledge, stage, occurred_on, to, amount, currency, equivalent, equivalent_currency, over, note, version, created_at, updated_at,
        counts: row,
    }
}

row! { EventOfPledge { event: row, participant, participant_names, meeting, meeting_titles } }

/// The whole row.
pub(super) fn new_cells(event: &Event) -> Cells {
    cells(event).set("pledge_id", event.pledge)
}

/// What may change of an event's row: its pledge is for good.
pub(super) fn cells(event: &Event) -> Cells {
    let Event {
        id: _,
        pledge: _,
        stage,
        occurred_on,
        to,
        amount,
        currency: _,
        equivalent,
        equivalent_currency,
        over,
        note,
        version,
        created_at,
        updated_at,
        counts: _,
    } = event;
    Cells::new()
        .set("stage", *stage)
        .set("occurred_on", *occurred_on)
        .set("occurred_first", occurred_on.first())
        .set("moved_to", *to)
        .set("amount", *amount)
        .set("equivalent", *equivalent)
        .set("equivalent_currency", *equivalent_currency)
        .set("\"over\"", *over)
        .set("note", note.clone())
        .set("version", *version)
        .set("created_at", *created_at)
        .set("updated_at", *updated_at)
}
