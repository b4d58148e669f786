//! Of a pledge without any amount, what was paid is completed, and what was committed is started (docs/decisions/0037).

use std::collections::{BTreeMap, HashMap};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{entries::Log, sums};
use crate::{
    db::{Conn, Part, Reader, Sql, Step, row, stored_as_json},
    error::{Error, Result},
};

const REASON: &str = "a pledge without any amount is started and completed";

/// Few enough for a part of some milliseconds.
const PLEDGES_AT_ONCE: i64 = 100;

/// Where the step is once only the sums by state are left.
const SUMS: &str = "sums";

pub(super) struct Deeds;

impl Step for Deeds {
    fn version(&self) -> i64 {
        5
    }

    fn rows<'a>(&'a self, conn: &'a mut Reader) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let pledges = "select count(distinct p.id) from pledges p join events e on e.pledge_id = p.id
                where p.currency is null and e.amount is null
                and e.stage in ('paid', 'committed', 'completed', 'started')";
            let (pledges,): (i64,) = conn.one(Sql::new(pledges)).await?;
            Ok(pledges.unsigned_abs())
        })
    }

    fn advance<'a>(
        &'a self,
        conn: &'a mut Conn,
        after: Option<String>,
    ) -> BoxFuture<'a, Result<Option<Part>>> {
        Box::pin(async move {
            let done = match after.as_deref() {
                Some(SUMS) => return Ok(None),
                Some(id) => Some(
                    id.parse::<Uuid>()
                        .map_err(|error| Error::internal(error.to_string()))?,
                ),
                None => None,
            };
            let pledges = next(conn, done).await?;
            if let Some(last) = pledges.last() {
                let part = Part {
                    end: last.id.to_string(),
                    rows: pledges.len() as u64,
                };
                rename(conn, &pledges).await?;
                return Ok(Some(part));
            }
            // Where nothing was renamed, no state has moved.
            if done.is_none() {
                return Ok(None);
            }
            sums::rebuild(conn, &sums::STATE).await?;
            Ok(Some(Part {
                end: SUMS.to_owned(),
                rows: 0,
            }))
        })
    }
}

/// A pledge without any amount, of which something was paid or committed.
struct Pledge {
    id: Uuid,
    state: String,
    is_live: bool,
}

row! { Pledge { id, state, is_live } }

async fn next(conn: &mut Conn, done: Option<Uuid>) -> Result<Vec<Pledge>> {
    let pledges = "select p.id, p.state, p.retracted_at is null as is_live from pledges p
        where p.currency is null and p.id > $1 and exists (select 1 from events e
          where e.pledge_id = p.id and e.amount is null and e.stage in ('paid', 'committed'))
        order by p.id limit $2";
    let pledges = Sql::new(pledges).bind(done.unwrap_or_default());
    conn.all(pledges.bind(PLEDGES_AT_ONCE)).await
}

/// What happened to one of them, retracted or not.
struct Event {
    id: Uuid,
    pledge_id: Uuid,
    stage: String,
    has_amount: bool,
    is_live: bool,
}

row! { Event { id, pledge_id, stage, has_amount, is_live } }

async fn rename(conn: &mut Conn, pledges: &[Pledge]) -> Result<()> {
    let mut log = Log::open(conn, REASON).await?;
    let mut happened = Sql::new(
        "select id, pledge_id, stage, amount is not null as has_amount, retracted_at is null as is_live from events where pledge_id in ",
    );
    happened.push_list(pledges.iter().map(|it| it.id));
    happened.push(" order by pledge_id, occurred_first, id");
    let mut of: HashMap<Uuid, Vec<Event>> = HashMap::new();
    for event in conn.all::<Event>(happened).await? {
        of.entry(event.pledge_id).or_default().push(event);
    }
    for pledge in pledges {
        let mut events = of.remove(&pledge.id).unwrap_or_default();
        for event in &mut events {
            rename_event(conn, &mut log, event).await?;
        }
        // A retracted one's state follows when it is restored.
        if pledge.is_live {
            let state = state(&events.iter().filter(|it| it.is_live).map(|it| it.stage.as_str()));
            move_state(conn, &mut log, pledge, state).await?;
        }
    }
    Ok(())
}

/// Also a retracted one, so that it can be restored.
async fn rename_event(conn: &mut Conn, log: &mut Log, event: &mut Event) -> Result<()> {
    let stage = match event.stage.as_str() {
        _ if event.has_amount => return Ok(()),
        "paid" => "completed",
        "committed" => "started",
        _ => return Ok(()),
    };
    // Beyond what was pledged goes nothing where that has no amount.
    let members = vec![("stage", stage.into()), ("over", false.into())];
    let version = log.update(conn, "events", event.id, members).await?;
    let renamed = "update events set stage = $2, \"over\" = $3, version = $4, updated_at = $5 where id = $1";
    let renamed = Sql::new(renamed)
        .bind(event.id)
        .bind(stage.to_owned())
        .bind(false);
    conn.run(renamed.bind(version).bind(log.at)).await?;
    stage.clone_into(&mut event.stage);
    rename_stated(conn, log, event).await
}

/// What a source states of an event, by field.
#[derive(Serialize, Deserialize)]
struct States(BTreeMap<String, Value>);

stored_as_json!(States);

struct Citation {
    id: Uuid,
    states: States,
}

row! { Citation { id, states } }

/// Its sources state the same in the new words: else each would contradict it, though none of them does.
async fn rename_stated(conn: &mut Conn, log: &mut Log, event: &Event) -> Result<()> {
    let citations = Sql::new("select id, states from citations where event_id = $1 order by id");
    for citation in conn.all::<Citation>(citations.bind(event.id)).await? {
        let States(mut states) = citation.states;
        // One that says something else than the event did goes on to contradict it.
        let renamed = match states.get("stage").and_then(Value::as_str) {
            Some("paid") => "completed",
            Some("committed") => "started",
            _ => continue,
        };
        states.insert("stage".to_owned(), renamed.into());
        let document = serde_json::to_value(&states).map_err(Error::internal)?;
        let members = vec![("states", document)];
        let version = log.update(conn, "citations", citation.id, members).await?;
        let renamed = "update citations set states = $2, version = $3, updated_at = $4 where id = $1";
        let renamed = Sql::new(renamed).bind(citation.id).bind(States(states));
        conn.run(renamed.bind(version).bind(log.at)).await?;
    }
    Ok(())
}

/// What a pledge without any amount comes to by what happened to it, in that order.
fn state<'a>(stages: &(impl DoubleEndedIterator<Item = &'a str> + Clone)) -> &'static str {
    let mut backwards = stages.clone().rev();
    let end = backwards.find(|it| matches!(*it, "completed" | "withdrawn" | "redirected" | "expired"));
    let freeze = stages
        .clone()
        .rev()
        .find(|it| matches!(*it, "frozen" | "released"));
    match end {
        None if freeze == Some("frozen") => "frozen",
        None if stages.clone().any(|it| it == "started") => "in_progress",
        None => "open",
        Some("completed") => "fulfilled",
        Some(_) => "withdrawn",
    }
}

async fn move_state(conn: &mut Conn, log: &mut Log, pledge: &Pledge, state: &'static str) -> Result<()> {
    // What restates another has that state whatever happens.
    if pledge.state == state || pledge.state == "restated" {
        return Ok(());
    }
    let version = log
        .update(conn, "pledges", pledge.id, vec![("state", state.into())])
        .await?;
    let moved = "update pledges set state = $2, version = $3, updated_at = $4 where id = $1";
    let moved = Sql::new(moved).bind(pledge.id).bind(state.to_owned());
    conn.run(moved.bind(version).bind(log.at)).await.map(drop)
}
