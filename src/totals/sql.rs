use std::collections::HashMap;

use sqlx::types::Json;

use super::Dimension;
use crate::{
    db::{Conn, Sql},
    error::Result,
    pledges::sql::PledgeFilter,
    values::{Currency, LangMap},
    web::Filter,
};

/// Sums of the pledges that share their keys, currency and whether they restate; in minor units.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Sums {
    key0: Option<String>,
    key1: Option<String>,
    key2: Option<String>,
    key3: Option<String>,
    pub currency: Option<Currency>,
    pub restated: bool,
    pub pledges: i64,
    pub unbounded: i64,
    pub pledged_min: Option<i64>,
    pub pledged: Option<i64>,
    pub pledged_max: Option<i64>,
    pub counted_min: Option<i64>,
    pub counted: Option<i64>,
    pub counted_max: Option<i64>,
    pub committed: Option<i64>,
    pub paid: Option<i64>,
    pub withdrawn: Option<i64>,
    pub outstanding: Option<i64>,
}

impl Sums {
    /// The keys, in the order of the dimensions that were asked for.
    pub fn key(&self) -> [Option<String>; 4] {
        [&self.key0, &self.key1, &self.key2, &self.key3].map(Clone::clone)
    }
}

const KEYS: [&str; 4] = [" as key0, ", " as key1, ", " as key2, ", " as key3, "];

/// What a dimension's key is, in terms of the pledges' list.
fn key(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Meeting => "m.slug",
        Dimension::Participant => "p.code",
        Dimension::Instrument => "r.instrument",
        Dimension::Currency => "r.currency",
    }
}

/// The sums of what matches, in the order of their keys, null last.
pub async fn sums(conn: &mut Conn, filter: &PledgeFilter, dimensions: &[Dimension]) -> Result<Vec<Sums>> {
    let mut sql = Sql::new("select ");
    for (index, name) in KEYS.into_iter().enumerate() {
        match dimensions.get(index) {
            Some(&dimension) => sql.push(key(dimension)).push(name),
            None => sql.push("cast(null as text)").push(name),
        };
    }
    // SUM over bigint is NUMERIC on Postgres: the cast refuses what would not fit, as SQLite's sum does.
    sql.push(
        "r.currency, r.restates_id is not null as restated, count(*) as pledges,
         cast(sum(case when r.currency is not null and r.pledged_max is null then 1 else 0 end) as bigint) as unbounded,
         cast(sum(r.pledged_min) as bigint) as pledged_min, cast(sum(r.pledged) as bigint) as pledged,
         cast(sum(r.pledged_max) as bigint) as pledged_max, cast(sum(r.counted_min) as bigint) as counted_min,
         cast(sum(r.counted) as bigint) as counted, cast(sum(r.counted_max) as bigint) as counted_max,
         cast(sum(r.committed) as bigint) as committed, cast(sum(r.paid) as bigint) as paid,
         cast(sum(r.withdrawn) as bigint) as withdrawn, cast(sum(r.outstanding) as bigint) as outstanding",
    );
    sql.push(PledgeFilter::FROM);
    filter.matching(&mut sql);
    sql.push(" group by ");
    for &dimension in dimensions {
        sql.push(key(dimension)).push(", ");
    }
    sql.push("r.currency, r.restates_id is not null order by ");
    for &dimension in dimensions {
        sql.push(key(dimension)).push(" nulls last, ");
    }
    sql.push("r.currency nulls last, r.restates_id is not null");
    conn.all(sql).await
}

/// The names of keys, where the dimension's have names.
pub async fn names(
    conn: &mut Conn,
    dimension: Dimension,
    keys: Vec<String>,
) -> Result<HashMap<String, LangMap>> {
    let mut sql = Sql::new(match dimension {
        Dimension::Meeting => "select slug, titles from meetings where slug in ",
        Dimension::Participant => "select code, names from participants where code in ",
        Dimension::Instrument | Dimension::Currency => return Ok(HashMap::new()),
    });
    sql.push_list(keys);
    let rows: Vec<(String, Json<LangMap>)> = conn.all(sql).await?;
    Ok(rows.into_iter().map(|(key, Json(names))| (key, names)).collect())
}
