//! Of each figure a parent adds what its parts do not (docs/decisions/0038): until then it was less by their points in
//! all three.
//!
//! A parent and its parts have a point here, as they had to: so the point that a parent adds stays, and with it what is
//! outstanding and its state.

use futures_util::future::BoxFuture;
use serde_json::Value;
use uuid::Uuid;

use super::{entries::Log, sums};
use crate::{
    db::{Conn, Part, Reader, Sql, Step, row},
    error::{Error, Result},
    values::{Currency, decimal},
};

const REASON: &str = "new counting of parents";

/// Few enough for a part of some tens of milliseconds.
const PARENTS_AT_ONCE: i64 = 200;

pub(super) struct Parents;

impl Step for Parents {
    fn version(&self) -> i64 {
        6
    }

    fn rows<'a>(&'a self, conn: &'a mut Reader) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let parents = "select count(distinct parent_id) from pledges where retracted_at is null";
            let (parents,): (i64,) = conn.one(Sql::new(parents)).await?;
            Ok(parents.unsigned_abs())
        })
    }

    fn advance<'a>(
        &'a self,
        conn: &'a mut Conn,
        after: Option<String>,
    ) -> BoxFuture<'a, Result<Option<Part>>> {
        Box::pin(async move {
            let reached = Reached::read(after)?;
            let done = match reached {
                Reached::Level(number) => return rebuild(conn, number).await,
                Reached::Parent(id) => Some(id),
                Reached::Nothing => None,
            };
            let parents = next(conn, done).await?;
            let Some(last) = parents.last() else {
                // Where there is no parent, no sum has moved.
                return match done {
                    Some(_) => rebuild(conn, 0).await,
                    None => Ok(None),
                };
            };
            let part = Part {
                end: last.id.to_string(),
                rows: parents.len() as u64,
            };
            let mut log = Log::open(conn, REASON).await?;
            for parent in &parents {
                count_anew(conn, &mut log, parent).await?;
            }
            Ok(Some(part))
        })
    }
}

/// Where the last part ended.
enum Reached {
    Nothing,
    Parent(Uuid),
    /// All parents are done, and the sums of so many levels.
    Level(usize),
}

impl Reached {
    fn read(after: Option<String>) -> Result<Self> {
        let Some(after) = after else {
            return Ok(Self::Nothing);
        };
        let misread = || Error::internal(format!("no end of a part: {after}"));
        match after.strip_prefix("sums ") {
            Some(number) => number.parse().map(Self::Level).map_err(|_| misread()),
            None => after.parse().map(Self::Parent).map_err(|_| misread()),
        }
    }
}

/// Computes the next level of kept sums anew, when so many are done.
async fn rebuild(conn: &mut Conn, done: usize) -> Result<Option<Part>> {
    let Some(level) = sums::LEVELS.get(done) else {
        return Ok(None);
    };
    sums::rebuild(conn, level).await?;
    Ok(Some(Part {
        end: format!("sums {}", done + 1),
        rows: 0,
    }))
}

/// A pledge with live parts: what it has pledged, what it adds, and what they have pledged together.
struct Parent {
    id: Uuid,
    currency: Currency,
    pledged_min: i64,
    pledged_max: i64,
    counted_min: i64,
    counted_max: i64,
    parts_min: i64,
    parts_max: i64,
}

row! {
    Parent { id, currency, pledged_min, pledged_max, counted_min, counted_max, parts_min, parts_max }
}

async fn next(conn: &mut Conn, done: Option<Uuid>) -> Result<Vec<Parent>> {
    let parents = "select p.id, p.currency, p.pledged_min, p.pledged_max, p.counted_min, p.counted_max,
          cast(sum(part.pledged_min) as bigint) as parts_min, cast(sum(part.pledged_max) as bigint) as parts_max
        from pledges p join pledges part on part.parent_id = p.id and part.retracted_at is null
        where p.id > $1
        group by p.id, p.currency, p.pledged_min, p.pledged_max, p.counted_min, p.counted_max
        order by p.id limit $2";
    let parents = Sql::new(parents).bind(done.unwrap_or_default());
    conn.all(parents.bind(PARENTS_AT_ONCE)).await
}

async fn count_anew(conn: &mut Conn, log: &mut Log, parent: &Parent) -> Result<()> {
    let left = |own: i64, parts: i64| own.saturating_sub(parts).max(0);
    let min = left(parent.pledged_min, parent.parts_min);
    let max = left(parent.pledged_max, parent.parts_max);
    if (min, max) == (parent.counted_min, parent.counted_max) {
        return Ok(());
    }
    let money = |minor: i64| Value::from(decimal(minor, parent.currency));
    let members = vec![("counted_min", money(min)), ("counted_max", money(max))];
    let version = log.update(conn, "pledges", parent.id, members).await?;
    let moved =
        "update pledges set counted_min = $2, counted_max = $3, version = $4, updated_at = $5 where id = $1";
    let moved = Sql::new(moved).bind(parent.id).bind(min).bind(max);
    conn.run(moved.bind(version).bind(log.at)).await.map(drop)
}
