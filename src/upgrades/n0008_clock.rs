//! Fills what follows from the dates that are there: docs/decisions/0041. No entry of the log, as nothing that was said changes.

use std::collections::HashMap;

use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::{
    db::{Conn, Part, Reader, Sql, Step, row},
    error::{Error, Result},
    values::PartialDate,
};

/// Few enough for a part of some milliseconds.
const PLEDGES_AT_ONCE: i64 = 200;

pub(super) struct Clock;

impl Step for Clock {
    fn version(&self) -> i64 {
        8
    }

    fn rows<'a>(&'a self, conn: &'a mut Reader) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let (pledges,): (i64,) = conn.one(Sql::new("select count(*) from pledges")).await?;
            Ok(pledges.unsigned_abs())
        })
    }

    fn advance<'a>(
        &'a self,
        conn: &'a mut Conn,
        after: Option<String>,
    ) -> BoxFuture<'a, Result<Option<Part>>> {
        Box::pin(async move {
            let after: Option<Uuid> = after.map(|id| id.parse()).transpose().map_err(Error::internal)?;
            let pledges = next(conn, after).await?;
            let Some(last) = pledges.last() else {
                return Ok(None);
            };
            let part = Part {
                end: last.id.to_string(),
                rows: pledges.len() as u64,
            };
            fill(conn, pledges).await?;
            Ok(Some(part))
        })
    }
}

/// A pledge, retracted or not: it may be restored.
struct Pledge {
    id: Uuid,
    state: String,
    /// What is to be paid in all, and what was.
    cap: Option<i64>,
    paid: Option<i64>,
    announced_last: Option<NaiveDate>,
    period_to: Option<PartialDate>,
    cited_last: Option<NaiveDate>,
}

row! { Pledge { id, state, cap, paid, announced_last, period_to, cited_last } }

async fn next(conn: &mut Conn, after: Option<Uuid>) -> Result<Vec<Pledge>> {
    let pledges = "select p.id, p.state, coalesce(p.counted, p.counted_max) as cap, p.paid, p.announced_last, p.period_to,
          (select max(published_last) from (
            select a.published_last from citations c join articles a on a.id = c.article_id
              where c.retracted_at is null and c.pledge_id = p.id
            union all select a.published_last from events e join citations c on c.event_id = e.id
              join articles a on a.id = c.article_id
              where c.retracted_at is null and e.retracted_at is null and e.pledge_id = p.id) said) as cited_last
        from pledges p where p.id > $1 order by p.id limit $2";
    let pledges = Sql::new(pledges).bind(after.unwrap_or_default());
    conn.all(pledges.bind(PLEDGES_AT_ONCE)).await
}

/// What happened to one of them and was not taken back.
struct Event {
    pledge_id: Uuid,
    stage: String,
    occurred_on: PartialDate,
    amount: Option<i64>,
}

row! { Event { pledge_id, stage, occurred_on, amount } }

async fn fill(conn: &mut Conn, pledges: Vec<Pledge>) -> Result<()> {
    let mut happened = Sql::new(
        "select pledge_id, stage, occurred_on, amount from events where retracted_at is null and pledge_id in ",
    );
    happened.push_list(pledges.iter().map(|it| it.id));
    happened.push(" order by pledge_id, occurred_first, id");
    let mut of: HashMap<Uuid, Vec<Event>> = HashMap::new();
    for event in conn.all::<Event>(happened).await? {
        of.entry(event.pledge_id).or_default().push(event);
    }
    for pledge in pledges {
        let events = of.remove(&pledge.id).unwrap_or_default();
        let happened_last = events.iter().map(|event| event.occurred_on.last()).max();
        let since = happened_last.max(pledge.cited_last).or(pledge.announced_last);
        let due = pledge.period_to;
        if due.is_none() && since.is_none() {
            continue;
        }
        let late = due.zip(kept_since(&pledge, &events)).and_then(|(due, kept)| {
            let days = (kept.occurred_on.first() - due.last()).num_days();
            (days > 0).then_some(days)
        });
        let filled = "update pledges set due = $2, due_first = $3, due_last = $4, kept_late_days = $5, happened_last = $6,
            cited_last = $7, silent_since = $8 where id = $1";
        let filled = Sql::new(filled)
            .bind(pledge.id)
            .bind(due)
            .bind(due.map(PartialDate::first))
            .bind(due.map(PartialDate::last))
            .bind(late)
            .bind(happened_last)
            .bind(pledge.cited_last)
            .bind(since);
        conn.run(filled).await?;
    }
    Ok(())
}

/// The event since which it has been fulfilled, in the order of dates.
fn kept_since<'a>(pledge: &Pledge, events: &'a [Event]) -> Option<&'a Event> {
    if pledge.state != "fulfilled" {
        return None;
    }
    let Some((mut cap, mut paid)) = pledge.cap.zip(pledge.paid) else {
        let lost = |event: &&Event| matches!(event.stage.as_str(), "withdrawn" | "redirected" | "expired");
        let since = events.iter().rev().take_while(|event| !lost(event));
        return since.filter(|event| event.stage == "completed").last();
    };
    events.iter().rev().find(|event| {
        let amount = event.amount.unwrap_or(0);
        match event.stage.as_str() {
            "paid" => paid = paid.saturating_sub(amount),
            "increased" => cap = cap.saturating_sub(amount),
            "reduced" => cap = cap.saturating_add(amount),
            _ => {}
        }
        paid <= 0 || paid < cap
    })
}
