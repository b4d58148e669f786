//! Statements for totals by events: the list of events, added up.

use super::EventSums;
use crate::{
    db::{Reader, Sql, row},
    error::Result,
    pledges::events::sql::EventsOfPledges,
    totals::{
        Dimension,
        basis::Basis,
        sql::{Grain, of_pledge, push_choices, push_key},
    },
    web::Filter,
};

row! { EventSums { key, currency, stage, marks: row, events, billions, rest, occurred_on: if_there } }

/// What a dimension's key is, in terms of the events' list.
fn of_event(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Currency => CURRENCY,
        Dimension::Year => "substr(e.occurred_on, 1, 4)",
        // A year is no month.
        Dimension::Month => "case when length(e.occurred_on) >= 7 then substr(e.occurred_on, 1, 7) end",
        Dimension::Stage => "e.stage",
        of_its_pledge => of_pledge(of_its_pledge),
    }
}

/// The currency that an event shows.
const CURRENCY: &str = "case when e.amount is not null then r.currency end";

// Parts of sums, as what increased pledges again and again need not fit into one number. No amount is below zero.
const TOGETHER: &str = ", count(*) as events, cast(sum(e.amount / 1000000000) as bigint) as billions,
    cast(sum(e.amount % 1000000000) as bigint) as rest";
const ONE_BY_ONE: &str = ", cast(1 as bigint) as events, e.amount / 1000000000 as billions,
    e.amount % 1000000000 as rest, e.occurred_on";

/// The sums of the events that match.
pub(super) async fn from_events(
    conn: &mut Reader,
    filter: &EventsOfPledges,
    dimensions: &[Dimension],
    basis: &Basis,
    grain: Grain,
) -> Result<Vec<EventSums>> {
    let mut sql = Sql::new("select ");
    push_key(&mut sql, dimensions, of_event);
    sql.push(", ").push(CURRENCY).push(" as currency, e.stage");
    // Neither a restatement nor a parent stands in the way of an event.
    sql.push(", 1 = 0 as restated, 1 = 0 as part, 1 = 0 as parent");
    push_choices(&mut sql, basis);
    sql.push(match grain {
        Grain::Together => TOGETHER,
        Grain::OneByOne => ONE_BY_ONE,
    });
    sql.push(EventsOfPledges::FROM);
    filter.matching(&mut sql);
    match grain {
        Grain::Together => sql.push(" group by 1, 2, 3, 4, 5, 6, 7, 8, 9"),
        Grain::OneByOne => sql.push(" order by e.id"),
    };
    conn.all(sql).await
}
