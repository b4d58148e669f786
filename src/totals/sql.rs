//! Statements for totals: from kept sums, or from the pledges themselves.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    Dimension, NULL, SEPARATOR, Sums,
    basis::{Basis, Marks, Parents},
    convert::{KeptRate, Moved},
    rollups::{KeptSums, Level, RowKey},
    tranches::InTranches,
};
use crate::{
    db::{Conn, Reader, Sql, row, rows_of},
    error::Result,
    pledges::{events::Stage, sql::PledgeFilter},
    resources::Named,
    values::{Currency, LangMap},
    web::{Filter, among},
};

row! { Marks { restated, part, parent, chosen, coalition, member } }

row! {
    Sums {
        key, currency, marks: row, pledges, unbounded, pledged: range, counted: range, committed, paid,
        withdrawn, outstanding, id: if_there, announced_on: if_there,
    }
}

row! { InTranches { sums: row, tranches } }

/// Whether pledges are summed where they are, or come one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grain {
    Together,
    OneByOne,
}

/// What a dimension's key is, in terms of the pledges' list.
pub(super) fn of_pledge(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Meeting => "m.slug",
        Dimension::Coalition => "(select k.slug from coalitions k where k.id = m.coalition_id)",
        Dimension::Participant => "p.code",
        Dimension::ParticipantKind => "p.kind",
        Dimension::Instrument => "r.instrument",
        Dimension::State => "r.state",
        Dimension::Beneficiary => "b.code",
        Dimension::Currency => "r.currency",
        Dimension::Year => "substr(r.announced_on, 1, 4)",
        // A year is no month.
        Dimension::Month => "case when length(r.announced_on) >= 7 then substr(r.announced_on, 1, 7) end",
        // A pledge has none; its tranches have years, and move out of this what they split.
        Dimension::Stage | Dimension::TrancheYear => "null",
    }
}

/// Appends a group's key: its parts in one text, each null one as [`NULL`].
pub(super) fn push_key(sql: &mut Sql, dimensions: &[Dimension], of: impl Fn(Dimension) -> &'static str) {
    for (index, &dimension) in dimensions.iter().enumerate() {
        if index > 0 {
            sql.push(" || ").push_arg(SEPARATOR.to_owned()).push(" || ");
        }
        sql.push("coalesce(")
            .push(of(dimension))
            .push(", ")
            .push_arg(NULL.to_owned())
            .push(")");
    }
    if dimensions.is_empty() {
        sql.push("''");
    }
    sql.push(" as \"key\"");
}

// SUM over bigint is NUMERIC on Postgres: the cast refuses what would not fit, as SQLite's sum does.
const TOGETHER: &str = ", count(*) as pledges,
    cast(sum(case when r.currency is not null and r.pledged_max is null then 1 else 0 end) as bigint) as unbounded,
    cast(sum(r.pledged_min) as bigint) as pledged_min, cast(sum(r.pledged) as bigint) as pledged,
    cast(sum(r.pledged_max) as bigint) as pledged_max, cast(sum(r.counted_min) as bigint) as counted_min,
    cast(sum(r.counted) as bigint) as counted, cast(sum(r.counted_max) as bigint) as counted_max,
    cast(sum(r.committed) as bigint) as committed, cast(sum(r.paid) as bigint) as paid,
    cast(sum(r.withdrawn) as bigint) as withdrawn, cast(sum(r.outstanding) as bigint) as outstanding";
const ONE_BY_ONE: &str = ", cast(1 as bigint) as pledges,
    cast(case when r.currency is not null and r.pledged_max is null then 1 else 0 end as bigint) as unbounded,
    r.pledged_min, r.pledged, r.pledged_max, r.counted_min, r.counted, r.counted_max, r.committed, r.paid, r.withdrawn,
    r.outstanding, r.id, r.announced_on";

/// The sums of what matches, from the pledges themselves.
pub async fn from_pledges(
    conn: &mut Reader,
    filter: &PledgeFilter,
    dimensions: &[Dimension],
    basis: &Basis,
    grain: Grain,
    most: Option<i64>,
) -> Result<Vec<Sums>> {
    let mut sql = Sql::new("select ");
    push_marked(&mut sql, dimensions, basis);
    sql.push(match grain {
        Grain::Together => TOGETHER,
        Grain::OneByOne => ONE_BY_ONE,
    });
    sql.push(PledgeFilter::FROM);
    filter.matching(&mut sql);
    match grain {
        Grain::Together => sql.push(" group by 1, 2, 3, 4, 5, 6, 7, 8"),
        Grain::OneByOne => sql.push(" order by r.id"),
    };
    if let Some(most) = most {
        sql.push(" limit ").push_arg(most);
    }
    conn.all(sql).await
}

/// Of what matches, the pledges with tranches and without parts, one by one.
pub(super) async fn in_tranches(
    conn: &mut Reader,
    filter: &PledgeFilter,
    dimensions: &[Dimension],
    basis: &Basis,
) -> Result<Vec<InTranches>> {
    let mut sql = Sql::new("select ");
    push_marked(&mut sql, dimensions, basis);
    sql.push(ONE_BY_ONE).push(", r.tranches").push(PledgeFilter::FROM);
    sql.push(" and r.tranches is not null");
    sql.push(
        " and not exists (select 1 from pledges ch where ch.parent_id = r.id and ch.retracted_at is null)",
    );
    filter.matching(&mut sql);
    sql.push(" order by r.id");
    conn.all(sql).await
}

/// Appends the key of a pledge's group, its currency and its marks.
fn push_marked(sql: &mut Sql, dimensions: &[Dimension], basis: &Basis) {
    push_key(sql, dimensions, of_pledge);
    sql.push(", r.currency, r.restates_id is not null as restated");
    if basis.parents == Parents::Remainder {
        sql.push(", 1 = 0 as part, 1 = 0 as parent");
    } else {
        sql.push(", r.parent_id is not null as part");
        sql.push(", exists (select 1 from pledges ch where ch.parent_id = r.id and ch.retracted_at is null) as parent");
    }
    push_choices(sql, basis);
}

/// Appends the marks of pledges that a basis chooses by.
pub(super) fn push_choices(sql: &mut Sql, basis: &Basis) {
    if basis.instruments.is_empty() {
        sql.push(", 1 = 1 as chosen");
    } else {
        sql.push(", r.instrument in ")
            .push_list(basis.instruments.iter().copied())
            .push(" as chosen");
    }
    if let Some(day) = basis.membership_at {
        sql.push(
            ", m.coalition_id is not null as coalition, exists (select 1 from members mb join member_periods mp on mp.member_id = mb.id
               where mb.retracted_at is null and mb.coalition_id = m.coalition_id and mb.participant_id = r.participant_id
               and mp.joined_first <= ",
        )
        .push_arg(day.last())
        .push(" and (mp.left_last is null or mp.left_last > ")
        .push_arg(day.first())
        .push(")) as member");
    } else {
        sql.push(", 1 = 1 as coalition, 1 = 1 as member");
    }
}

/// The stages that are sums of their own.
const SUMMED: [Stage; 5] = [
    Stage::Committed,
    Stage::Paid,
    Stage::Redirected,
    Stage::Withdrawn,
    Stage::Expired,
];

row! { Moved { pledge, stage, amount, occurred_on } }

/// What was committed, paid or lost of the pledges that match, event by event. What increased or reduced them is in
/// what they pledge.
pub async fn moved(conn: &mut Reader, filter: &PledgeFilter) -> Result<BTreeMap<Uuid, Vec<Moved>>> {
    let mut sql = Sql::new(
        "select e.pledge_id as pledge, e.stage, e.amount, e.occurred_on from events e
         where e.retracted_at is null and e.amount is not null and e.stage in ",
    );
    sql.push_list(SUMMED).push(" and e.pledge_id in (select r.id");
    sql.push(PledgeFilter::FROM);
    filter.matching(&mut sql);
    sql.push(") order by e.id");
    let mut moved: BTreeMap<Uuid, Vec<Moved>> = BTreeMap::new();
    for event in conn.all::<Moved>(sql).await? {
        moved.entry(event.pledge).or_default().push(event);
    }
    Ok(moved)
}

row! { KeptRate { currency, date, per_usd, source } }

/// The rates of some currencies between two days, of these sources or of all.
pub async fn rates(
    conn: &mut Reader,
    currencies: Vec<Currency>,
    (from, to): (NaiveDate, NaiveDate),
    sources: &BTreeSet<String>,
) -> Result<Vec<KeptRate>> {
    let mut sql = Sql::new("select currency, \"date\", per_usd, source from rates where currency in ");
    sql.push_list(currencies)
        .push(" and \"date\" >= ")
        .push_arg(from)
        .push(" and \"date\" <= ")
        .push_arg(to);
    if !sources.is_empty() {
        sql.push(" and source in ").push_list(sources.iter().cloned());
    }
    conn.all(sql).await
}

/// Whether any of these meetings is a coalition's.
pub async fn any_of_a_coalition(conn: &mut Reader, meetings: &Named) -> Result<bool> {
    let mut sql = Sql::new("select slug from meetings where coalition_id is not null");
    meetings.matching(&mut sql, " and id in ", " limit 1");
    let found: Option<(String,)> = conn.find(sql).await?;
    Ok(found.is_some())
}

/// A page of groups in the order of one key: those after a key, so many.
pub struct Window<'a> {
    pub after: Option<&'a str>,
    pub groups: i64,
}

/// What a dimension's key is, in terms of the rows of a level.
fn of_level(level: Level, dimension: Dimension) -> &'static str {
    let key = |of: Dimension| {
        if level.keys().first() == Some(&of) {
            "x.key1"
        } else {
            "x.key2"
        }
    };
    match dimension {
        // A meeting is always the first key of its levels.
        Dimension::Coalition => {
            "(select k.slug from coalitions k join meetings m on m.coalition_id = k.id where m.slug = x.key1)"
        }
        Dimension::ParticipantKind if key(Dimension::Participant) == "x.key1" => {
            "(select p.kind from participants p where p.code = x.key1)"
        }
        Dimension::ParticipantKind => "(select p.kind from participants p where p.code = x.key2)",
        Dimension::Currency => "x.currency",
        Dimension::TrancheYear => "null",
        other => key(other),
    }
}

/// The sums of what matches, from those that are kept.
pub async fn from_rollups(
    conn: &mut Reader,
    level: Level,
    filter: &PledgeFilter,
    dimensions: &[Dimension],
    window: Option<Window<'_>>,
) -> Result<Vec<Sums>> {
    let mut sql = Sql::new("select ");
    push_key(&mut sql, dimensions, |dimension| of_level(level, dimension));
    sql.push(", nullif(x.currency, ").push_arg(NULL.to_owned());
    sql.push(
        ") as currency, x.restated, 1 = 0 as part, 1 = 0 as parent, 1 = 1 as chosen, 1 = 1 as coalition,
         1 = 1 as member,
         cast(sum(x.pledges) as bigint) as pledges,
         cast(sum(case when x.currency <> ",
    )
    .push_arg(NULL.to_owned())
    .push(
        " then x.pledges - x.with_max else 0 end) as bigint) as unbounded,
         case when sum(x.with_min) > 0 then cast(sum(x.pledged_min) as bigint) end as pledged_min,
         case when sum(x.with_point) > 0 then cast(sum(x.pledged) as bigint) end as pledged,
         case when sum(x.with_max) > 0 then cast(sum(x.pledged_max) as bigint) end as pledged_max,
         case when sum(x.with_min) > 0 then cast(sum(x.counted_min) as bigint) end as counted_min,
         case when sum(x.with_point) > 0 then cast(sum(x.counted) as bigint) end as counted,
         case when sum(x.with_max) > 0 then cast(sum(x.counted_max) as bigint) end as counted_max,
         cast(sum(x.committed) as bigint) as committed, cast(sum(x.paid) as bigint) as paid,
         cast(sum(x.withdrawn) as bigint) as withdrawn,
         case when sum(x.with_point) > 0 then cast(sum(x.outstanding) as bigint) end as outstanding
         from rollups x where x.pledges <> 0 and x.level = ",
    );
    sql.push_arg(level);
    let of = |dimension: Dimension| of_level(level, dimension);
    if !filter.meeting.is_empty() {
        sql.push(" and x.key1 in ");
        filter
            .meeting
            .push_keys(&mut sql, "(select slug from meetings where id in ", ")");
    }
    filter.coalition.matching(
        &mut sql,
        " and x.key1 in (select slug from meetings where coalition_id in ",
        ")",
    );
    let codes = [
        (&filter.participant, Dimension::Participant),
        (&filter.beneficiary, Dimension::Beneficiary),
    ];
    for (named, dimension) in codes {
        if !named.is_empty() {
            sql.push(" and ").push(of(dimension)).push(" in ");
            named.push_keys(&mut sql, "(select code from participants where id in ", ")");
        }
    }
    if !filter.participant_kind.is_empty() {
        sql.push(" and ")
            .push(of(Dimension::Participant))
            .push(" in (select code from participants where kind in ");
        sql.push_list(filter.participant_kind.iter().copied()).push(")");
    }
    among(&mut sql, of(Dimension::Instrument), &filter.instrument);
    among(&mut sql, of(Dimension::State), &filter.state);
    among(&mut sql, "x.currency", &filter.currency);
    if let Some(Window { after, groups }) = window {
        sql.push(" and x.key1 in (select distinct w.key1 from rollups w where w.pledges <> 0 and w.level = ");
        sql.push_arg(level);
        if let Some(after) = after {
            sql.push(" and w.key1 > ").push_arg(after.to_owned());
        }
        sql.push(" order by w.key1 limit ").push_arg(groups).push(")");
    }
    sql.push(" group by 1, 2, 3");
    conn.all(sql).await
}

/// Adds differences to their rows.
pub(super) async fn add(conn: &mut Conn, moved: &BTreeMap<RowKey<'_>, KeptSums>) -> Result<()> {
    let moved: Vec<_> = moved.iter().collect();
    for rows in moved.chunks(rows_of(19)) {
        let mut sql = Sql::new(
            "insert into rollups (level, key1, key2, currency, restated, pledges, with_min, with_point, with_max, pledged_min,
             pledged, pledged_max, counted_min, counted, counted_max, committed, paid, withdrawn, outstanding) values ",
        );
        sql.push_rows(rows, |(key, sums), row| {
            row.add(key.level)
                .add(key.key1.to_string())
                .add(key.key2.to_string())
                .add(key.currency.to_string())
                .add(key.restated);
            for figure in sums.0 {
                row.add(figure);
            }
        });
        sql.push(
            " on conflict (level, key1, key2, currency, restated) do update set
             pledges = rollups.pledges + excluded.pledges,
             with_min = rollups.with_min + excluded.with_min,
             with_point = rollups.with_point + excluded.with_point,
             with_max = rollups.with_max + excluded.with_max,
             pledged_min = rollups.pledged_min + excluded.pledged_min,
             pledged = rollups.pledged + excluded.pledged,
             pledged_max = rollups.pledged_max + excluded.pledged_max,
             counted_min = rollups.counted_min + excluded.counted_min,
             counted = rollups.counted + excluded.counted,
             counted_max = rollups.counted_max + excluded.counted_max,
             committed = rollups.committed + excluded.committed,
             paid = rollups.paid + excluded.paid,
             withdrawn = rollups.withdrawn + excluded.withdrawn,
             outstanding = rollups.outstanding + excluded.outstanding",
        );
        conn.run(sql).await?;
    }
    Ok(())
}

pub(super) async fn clear(conn: &mut Conn) -> Result<()> {
    conn.run(Sql::new("delete from rollups")).await.map(drop)
}

/// A level's rows, computed from the pledges, in the columns' order.
fn push_counted(sql: &mut Sql, level: Level) {
    sql.push("select ").push_arg(level);
    for index in 0..2 {
        match level.keys().get(index) {
            Some(&dimension) => {
                sql.push(", coalesce(")
                    .push(of_pledge(dimension))
                    .push(", ")
                    .push_arg(NULL.to_owned())
                    .push(")");
            }
            None => {
                sql.push(", ''");
            }
        }
    }
    sql.push(", coalesce(r.currency, ").push_arg(NULL.to_owned()).push(
        "), r.restates_id is not null, count(*), count(r.pledged_min), count(r.pledged), count(r.pledged_max),
         cast(coalesce(sum(r.pledged_min), 0) as bigint), cast(coalesce(sum(r.pledged), 0) as bigint),
         cast(coalesce(sum(r.pledged_max), 0) as bigint), cast(coalesce(sum(r.counted_min), 0) as bigint),
         cast(coalesce(sum(r.counted), 0) as bigint), cast(coalesce(sum(r.counted_max), 0) as bigint),
         cast(coalesce(sum(r.committed), 0) as bigint), cast(coalesce(sum(r.paid), 0) as bigint),
         cast(coalesce(sum(r.withdrawn), 0) as bigint), cast(coalesce(sum(r.outstanding), 0) as bigint)",
    );
    sql.push(PledgeFilter::FROM).push(" group by 2, 3, 4, 5");
}

pub(super) async fn fill(conn: &mut Conn, level: Level) -> Result<()> {
    let mut sql = Sql::new("insert into rollups ");
    push_counted(&mut sql, level);
    conn.run(sql).await.map(drop)
}

struct KeptRow {
    level: String,
    key1: String,
    key2: String,
    currency: String,
    restated: bool,
    pledges: i64,
    with_min: i64,
    with_point: i64,
    with_max: i64,
    pledged_min: i64,
    pledged: i64,
    pledged_max: i64,
    counted_min: i64,
    counted: i64,
    counted_max: i64,
    committed: i64,
    paid: i64,
    withdrawn: i64,
    outstanding: i64,
}

row! {
    KeptRow {
        level, key1, key2, currency, restated, pledges, with_min, with_point, with_max, pledged_min, pledged,
        pledged_max, counted_min, counted, counted_max, committed, paid, withdrawn, outstanding,
    }
}

impl KeptRow {
    fn keyed(self) -> (String, KeptSums) {
        let restated = if self.restated { " restated" } else { "" };
        let key = format!(
            "{} {} {} {}{restated}",
            self.level, self.key1, self.key2, self.currency
        );
        let sums = [
            self.pledges,
            self.with_min,
            self.with_point,
            self.with_max,
            self.pledged_min,
            self.pledged,
            self.pledged_max,
            self.counted_min,
            self.counted,
            self.counted_max,
            self.committed,
            self.paid,
            self.withdrawn,
            self.outstanding,
        ];
        (key, KeptSums(sums))
    }
}

/// Every kept row that holds anything.
pub(super) async fn kept(conn: &mut Reader) -> Result<BTreeMap<String, KeptSums>> {
    let rows: Vec<KeptRow> = conn
        .all(Sql::new(
            "select level, key1, key2, currency, restated, pledges, with_min, with_point, with_max, pledged_min, pledged,
             pledged_max, counted_min, counted, counted_max, committed, paid, withdrawn, outstanding from rollups",
        ))
        .await?;
    Ok(rows
        .into_iter()
        .map(KeptRow::keyed)
        .filter(|(_, sums)| *sums != KeptSums::default())
        .collect())
}

/// A level's rows as the pledges have them.
pub(super) async fn counted(conn: &mut Reader, level: Level) -> Result<BTreeMap<String, KeptSums>> {
    let mut sql = Sql::new(
        "with counted (level, key1, key2, currency, restated, pledges, with_min, with_point, with_max, pledged_min, pledged,
         pledged_max, counted_min, counted, counted_max, committed, paid, withdrawn, outstanding) as (",
    );
    push_counted(&mut sql, level);
    sql.push(") select * from counted");
    let rows: Vec<KeptRow> = conn.all(sql).await?;
    Ok(rows.into_iter().map(KeptRow::keyed).collect())
}

/// The names of keys, where the dimension's have names.
pub async fn names(
    conn: &mut Reader,
    dimension: Dimension,
    keys: Vec<String>,
) -> Result<HashMap<String, LangMap>> {
    let mut sql = Sql::new(match dimension {
        Dimension::Meeting => "select slug, titles from meetings where slug in ",
        Dimension::Coalition => "select slug, names from coalitions where slug in ",
        _ => "select code, names from participants where code in ",
    });
    sql.push_list(keys);
    let rows: Vec<(String, LangMap)> = conn.all(sql).await?;
    Ok(rows.into_iter().collect())
}
