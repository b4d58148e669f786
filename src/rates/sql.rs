use chrono::NaiveDate;

use super::{Draft, PerUsd, Rate};
use crate::{
    db::{Conn, Sql},
    error::Result,
    values::{Currency, PartialDate},
    web::{Filter, Query, Updated},
};

pub(super) async fn find(conn: &mut Conn, draft: &Draft) -> Result<Option<Rate>> {
    let mut sql = Sql::new(RateFilter::COLUMNS);
    sql.push(RateFilter::FROM)
        .push(" and r.currency = ")
        .push_arg(draft.currency);
    sql.push(" and r.\"date\" = ").push_arg(draft.date);
    sql.push(" and r.source = ").push_arg(draft.source.clone());
    conn.find(sql).await
}

/// The days and rates of a currency, near enough to compare with.
pub(super) async fn of_currency(conn: &mut Conn, currency: Currency) -> Result<Vec<(NaiveDate, f64)>> {
    let rows: Vec<(NaiveDate, PerUsd)> = conn
        .all(Sql::new("select \"date\", per_usd from rates where currency = $1").bind(currency))
        .await?;
    Ok(rows
        .into_iter()
        .map(|(date, rate)| (date, rate.approximately()))
        .collect())
}

pub(super) async fn insert(conn: &mut Conn, it: &Rate) -> Result<()> {
    conn.run(
        Sql::new(
            "insert into rates (id, currency, \"date\", per_usd, source, version, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(it.id)
        .bind(it.currency)
        .bind(it.date)
        .bind(it.per_usd.clone())
        .bind(it.source.clone())
        .bind(it.version)
        .bind(it.created_at)
        .bind(it.updated_at),
    )
    .await
    .map(drop)
}

pub(super) async fn update(conn: &mut Conn, it: &Rate) -> Result<()> {
    conn.run(
        Sql::new("update rates set per_usd = $2, version = $3, updated_at = $4 where id = $1")
            .bind(it.id)
            .bind(it.per_usd.clone())
            .bind(it.version)
            .bind(it.updated_at),
    )
    .await
    .map(drop)
}

#[derive(Debug, Default)]
pub struct RateFilter {
    currency: Vec<Currency>,
    date_from: Option<PartialDate>,
    date_to: Option<PartialDate>,
    source: Vec<String>,
    updated: Updated,
}

impl Filter for RateFilter {
    type Item = Rate;

    const COLUMNS: &'static str =
        "select r.id, r.currency, r.\"date\", r.per_usd, r.source, r.version, r.created_at, r.updated_at";
    const FROM: &'static str = " from rates r where 1 = 1";

    fn read(query: &mut Query) -> Self {
        Self {
            currency: query.many("currency"),
            date_from: query.one("date_from"),
            date_to: query.one("date_to"),
            source: query.texts("source"),
            updated: Updated::read(query),
        }
    }

    fn matching(&self, sql: &mut Sql) {
        if !self.currency.is_empty() {
            sql.push(" and r.currency in ")
                .push_list(self.currency.iter().copied());
        }
        if let Some(from) = self.date_from {
            sql.push(" and r.\"date\" >= ").push_arg(from.first());
        }
        if let Some(to) = self.date_to {
            sql.push(" and r.\"date\" <= ").push_arg(to.last());
        }
        if !self.source.is_empty() {
            sql.push(" and r.source in ")
                .push_list(self.source.iter().cloned());
        }
        self.updated.matching(sql, "r.updated_at");
    }
}
