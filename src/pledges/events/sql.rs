//! Statements about events: those of pledges, and which match.

use uuid::Uuid;

use super::{Event, Stage};
use crate::{
    db::{Cells, Reader, Sql, row},
    error::Result,
    pledges::figures::Happened,
    resources::Named,
    web::{ColumnType, Filter, Query, Sort, Updated, among},
};

/// The live events of a pledge, in the order in which they happened.
pub(in crate::pledges) async fn happened(conn: &mut Reader, id: Uuid) -> Result<Vec<Happened>> {
    let sql = "select id, stage, occurred_on, amount, moved_to as \"to\" from events where pledge_id = $1 and retracted_at is null order by occurred_first, id";
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

    const COLUMNS: &'static str = "select r.id, r.pledge_id as pledge, r.stage, r.occurred_on, r.moved_to as \"to\", r.amount, pl.currency, r.\"over\" as \"over\",
        r.note, r.version, r.created_at, r.updated_at";
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

row! { Happened { id, stage, occurred_on, amount, to } }

row! {
    Event {
        id, pledge, stage, occurred_on, to, amount, currency, over, note, version, created_at, updated_at,
    }
}

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
        over,
        note,
        version,
        created_at,
        updated_at,
    } = event;
    Cells::new()
        .set("stage", *stage)
        .set("occurred_on", *occurred_on)
        .set("occurred_first", occurred_on.first())
        .set("moved_to", *to)
        .set("amount", *amount)
        .set("\"over\"", *over)
        .set("note", note.clone())
        .set("version", *version)
        .set("created_at", *created_at)
        .set("updated_at", *updated_at)
}
