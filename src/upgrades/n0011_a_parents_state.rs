//! A parent that is nothing but its parts takes its state from them, and what was reduced to nothing was withdrawn
//! (docs/decisions/0043).

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use futures_util::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{entries::Log, sums};
use crate::{
    db::{Conn, Part, Reader, Sql, Step, row},
    error::{Error, Result},
    values::PartialDate,
};

const REASON: &str = "a parent's state from its parts";

/// Few enough for a part of some tens of milliseconds.
const PLEDGES_AT_ONCE: i64 = 200;
const PARENTS_AT_ONCE: i64 = 100;

pub(super) struct States;

/// Pledges of which it is to be said since when they are fulfilled, retracted or not, as they may be restored; and those that
/// were reduced to nothing, of which a retracted one's state follows when it is restored, and a parent's from its parts.
const ENDED: &str =
    "(p.state = 'fulfilled' or (p.state = 'open' and p.pledged_max = 0 and p.retracted_at is null
    and not exists (select 1 from pledges part where part.parent_id = p.id and part.retracted_at is null)))";

impl Step for States {
    fn version(&self) -> i64 {
        11
    }

    fn rows<'a>(&'a self, conn: &'a mut Reader) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let mut ended = Sql::new("select count(*) from pledges p where ");
            ended.push(ENDED);
            let (ended,): (i64,) = conn.one(ended).await?;
            let parents = "select count(distinct parent_id) from pledges where retracted_at is null";
            let (parents,): (i64,) = conn.one(Sql::new(parents)).await?;
            Ok(ended.unsigned_abs() + parents.unsigned_abs())
        })
    }

    fn advance<'a>(
        &'a self,
        conn: &'a mut Conn,
        after: Option<String>,
    ) -> BoxFuture<'a, Result<Option<Part>>> {
        Box::pin(async move {
            let reached = Reached::read(after)?;
            if reached == Reached::Sums {
                return Ok(None);
            }
            if let Reached::Nothing | Reached::Ended(_) = reached {
                let ended = next_ended(conn, reached.id()).await?;
                if let Some(last) = ended.last() {
                    let part = part(&format!("ended {}", last.id), ended.len());
                    end(conn, ended).await?;
                    return Ok(Some(part));
                }
            }
            let done = match reached {
                Reached::Parent(id) => Some(id),
                _ => None,
            };
            let parents = next_parents(conn, done).await?;
            if let Some((last,)) = parents.last() {
                let part = part(&format!("parent {last}"), parents.len());
                let mut log = Log::open(conn, REASON).await?;
                for (parent,) in &parents {
                    follow(conn, &mut log, *parent).await?;
                }
                return Ok(Some(part));
            }
            // Where there was nothing, no state has moved.
            if reached == Reached::Nothing {
                return Ok(None);
            }
            sums::rebuild(conn, &sums::STATE).await?;
            Ok(Some(part("sums", 0)))
        })
    }
}

fn part(end: &str, rows: usize) -> Part {
    Part {
        end: end.to_owned(),
        rows: rows as u64,
    }
}

/// Where the last part ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reached {
    Nothing,
    Ended(Uuid),
    Parent(Uuid),
    Sums,
}

impl Reached {
    fn read(after: Option<String>) -> Result<Self> {
        let Some(after) = after else {
            return Ok(Self::Nothing);
        };
        let misread = || Error::internal(format!("no end of a part: {after}"));
        match after.split_once(' ') {
            None if after == "sums" => Ok(Self::Sums),
            Some(("ended", id)) => id.parse().map(Self::Ended).map_err(|_| misread()),
            Some(("parent", id)) => id.parse().map(Self::Parent).map_err(|_| misread()),
            _ => Err(misread()),
        }
    }

    fn id(self) -> Uuid {
        match self {
            Self::Ended(id) | Self::Parent(id) => id,
            Self::Nothing | Self::Sums => Uuid::nil(),
        }
    }
}

/// A pledge that has ended.
struct Ended {
    id: Uuid,
    state: String,
    /// What is to be paid in all, and what was.
    cap: Option<i64>,
    paid: Option<i64>,
}

row! { Ended { id, state, cap, paid } }

async fn next_ended(conn: &mut Conn, done: Uuid) -> Result<Vec<Ended>> {
    let mut ended = Sql::new(
        "select p.id, p.state, coalesce(p.counted, p.counted_max) as cap, p.paid from pledges p where ",
    );
    ended.push(ENDED).push(" and p.id > ").push_arg(done);
    ended.push(" order by p.id limit ").push_arg(PLEDGES_AT_ONCE);
    conn.all(ended).await
}

/// What happened to one of them and was not taken back.
struct Event {
    pledge_id: Uuid,
    stage: String,
    occurred_on: PartialDate,
    amount: Option<i64>,
}

row! { Event { pledge_id, stage, occurred_on, amount } }

async fn end(conn: &mut Conn, pledges: Vec<Ended>) -> Result<()> {
    let mut happened = Sql::new(
        "select pledge_id, stage, occurred_on, amount from events where retracted_at is null and pledge_id in ",
    );
    happened.push_list(pledges.iter().map(|it| it.id));
    happened.push(" order by pledge_id, occurred_first, id");
    let mut of: HashMap<Uuid, Vec<Event>> = HashMap::new();
    for event in conn.all::<Event>(happened).await? {
        of.entry(event.pledge_id).or_default().push(event);
    }
    let mut log = Log::open(conn, REASON).await?;
    for pledge in pledges {
        if pledge.state == "open" {
            withdraw(conn, &mut log, pledge.id).await?;
            continue;
        }
        let events = of.remove(&pledge.id).unwrap_or_default();
        let Some(kept) = kept_since(&pledge, &events) else {
            continue;
        };
        let kept_on = kept.occurred_on.first();
        let kept = Sql::new("update pledges set kept_on = $2 where id = $1");
        conn.run(kept.bind(pledge.id).bind(kept_on)).await?;
    }
    Ok(())
}

async fn withdraw(conn: &mut Conn, log: &mut Log, id: Uuid) -> Result<()> {
    let members = vec![("state", "withdrawn".into())];
    let version = log.update(conn, "pledges", id, members).await?;
    let moved = "update pledges set state = 'withdrawn', version = $2, updated_at = $3 where id = $1";
    conn.run(Sql::new(moved).bind(id).bind(version).bind(log.at))
        .await
        .map(drop)
}

/// The event since which it has been fulfilled, in the order of dates.
fn kept_since<'a>(pledge: &Ended, events: &'a [Event]) -> Option<&'a Event> {
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

/// Live pledges that have parts.
async fn next_parents(conn: &mut Conn, done: Option<Uuid>) -> Result<Vec<(Uuid,)>> {
    let parents = "select distinct part.parent_id from pledges part
        where part.retracted_at is null and part.parent_id > $1 order by part.parent_id limit $2";
    let parents = Sql::new(parents).bind(done.unwrap_or_default());
    conn.all(parents.bind(PARENTS_AT_ONCE)).await
}

/// A live pledge that has parts.
struct Parent {
    state: String,
    /// What it adds beside its parts: the point, else the maximum, else the minimum.
    rest: Option<i64>,
    paid: Option<i64>,
    due_on: Option<PartialDate>,
    /// JSON.
    tranches: Option<String>,
    period_to: Option<PartialDate>,
    kept_on: Option<NaiveDate>,
    kept_late_days: Option<i64>,
    is_paid_in_parts: Option<bool>,
}

row! { Parent { state, rest, paid, due_on, tranches, period_to, kept_on, kept_late_days, is_paid_in_parts } }

impl Parent {
    fn first_due_on(&self) -> Result<Option<PartialDate>> {
        let tranches: Vec<Tranche> = match &self.tranches {
            Some(tranches) => serde_json::from_str(tranches).map_err(Error::internal)?,
            None => Vec::new(),
        };
        let phased = tranches.into_iter().map(|it| it.period_to);
        let phased = phased.max_by_key(|it| it.last());
        Ok(self.due_on.or(phased).or(self.period_to))
    }
}

/// What of a tranche it is due by.
#[derive(Deserialize)]
struct Tranche {
    period_to: PartialDate,
}

/// How a part stands, or the pledge that it restates.
struct Standing {
    first: Option<Uuid>,
    first_has_parts: bool,
    state: String,
    is_paid: bool,
    kept_on: Option<NaiveDate>,
}

row! { Standing { first, first_has_parts, state, is_paid, kept_on } }

/// Gives a parent the state of its parts, and before that those parents that a part of it restates.
async fn follow(conn: &mut Conn, log: &mut Log, parent: Uuid) -> Result<()> {
    // Two that are made up of each other are taken once each.
    let mut met = HashSet::from([parent]);
    let mut waiting = vec![parent];
    while let Some(&next) = waiting.last() {
        let parts: Vec<Standing> = conn
            .all(
                Sql::new(
                    "select f.id as first, coalesce(f.state, p.state) as state, coalesce(f.kept_on, p.kept_on) as kept_on,
                      coalesce(f.paid, p.paid, 0) > 0 or coalesce(f.is_paid_in_parts, p.is_paid_in_parts, false) as is_paid,
                      exists (select 1 from pledges g where g.parent_id = f.id and g.retracted_at is null) as first_has_parts
                    from pledges p left join pledges f on f.id = p.restates_id
                    where p.parent_id = $1 and p.retracted_at is null",
                )
                .bind(next),
            )
            .await?;
        let firsts = parts
            .iter()
            .filter(|it| it.first_has_parts)
            .filter_map(|it| it.first);
        let unmet: Vec<Uuid> = firsts.filter(|first| met.insert(*first)).collect();
        if unmet.is_empty() {
            waiting.pop();
            stand(conn, log, next, &parts).await?;
        }
        waiting.extend(unmet);
    }
    Ok(())
}

/// Writes how a parent stands, where its parts tell.
async fn stand(conn: &mut Conn, log: &mut Log, id: Uuid, parts: &[Standing]) -> Result<()> {
    let parent: Parent = conn
        .one(
            Sql::new(
                "select state, coalesce(counted, counted_max, counted_min) as rest, paid, due_on,
                  cast(tranches as text) as tranches, period_to, kept_on, kept_late_days, is_paid_in_parts from pledges where id = $1",
            )
            .bind(id),
        )
        .await?;
    if parent.rest != Some(0) || parent.paid.unwrap_or(0) > 0 {
        return Ok(());
    }
    let is = |part: &Standing, state: &str| part.state == state;
    let is_paid = parts.iter().any(|it| it.is_paid);
    let has_ended = parts.iter().all(|it| is(it, "fulfilled") || is(it, "withdrawn"));
    let state = match (has_ended, is_paid) {
        (true, _) if parts.iter().any(|it| is(it, "withdrawn")) => "withdrawn",
        (true, _) => "fulfilled",
        (false, true) => "partly_paid",
        (false, false) => "open",
    };
    let kept_on = parts.iter().filter_map(|it| it.kept_on).max();
    let kept_on = kept_on.filter(|_| state == "fulfilled");
    let late = parent.first_due_on()?.zip(kept_on).and_then(|(due, kept)| {
        let days = (kept - due.last()).num_days();
        (days > 0).then_some(days)
    });
    let mut members = Vec::new();
    if parent.state != state {
        members.push(("state", Value::from(state)));
    }
    if parent.kept_late_days != late {
        members.push(("kept_late_days", late.into()));
    }
    if (parent.kept_on, parent.is_paid_in_parts.unwrap_or(false)) != (kept_on, is_paid) {
        let stands = Sql::new("update pledges set kept_on = $2, is_paid_in_parts = $3 where id = $1");
        conn.run(stands.bind(id).bind(kept_on).bind(is_paid)).await?;
    }
    if members.is_empty() {
        return Ok(());
    }
    let version = log.update(conn, "pledges", id, members).await?;
    let moved =
        "update pledges set state = $2, kept_late_days = $3, version = $4, updated_at = $5 where id = $1";
    let moved = Sql::new(moved).bind(id).bind(state.to_owned()).bind(late);
    conn.run(moved.bind(version).bind(log.at)).await.map(drop)
}
