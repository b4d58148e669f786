//! Statements about rates: those around some days, and which match.

use chrono::NaiveDate;

use super::Rate;
use crate::{
    db::{Conn, Reader, Sql, row, rows_of},
    error::Result,
    values::{Currency, PartialDate},
    web::{ColumnType, Filter, Query, Sort, Updated, among},
};

row! { Rate { id, currency, date, per_usd, source, waived, version, created_at, updated_at } }

/// What is kept of a currency from one day to another and beside them, on either side as far as the second rate that
/// was not waived: the nearest judges, and the one behind it tells whether that one stands alone.
pub(super) async fn around(
    conn: &mut Reader,
    currency: Currency,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<Rate>> {
    let mut sql = RateFilter::rows();
    sql.push(" and r.currency = ").push_arg(currency);
    sql.push(
        " and r.\"date\" >= coalesce((select b.\"date\" from rates b where not b.waived and b.currency = ",
    )
    .push_arg(currency);
    sql.push(" and b.\"date\" < ").push_arg(first);
    sql.push(" order by b.\"date\" desc limit 1 offset 1), '0001-01-01') and r.\"date\" <= coalesce((select b.\"date\" from rates b where not b.waived and b.currency = ")
        .push_arg(currency);
    sql.push(" and b.\"date\" > ").push_arg(last);
    sql.push(" order by b.\"date\" limit 1 offset 1), '9999-12-31')");
    conn.all(sql).await
}

/// Keeps new rates, and others as they have become.
pub(super) async fn store<'a>(conn: &mut Conn, rates: impl Iterator<Item = &'a Rate>) -> Result<()> {
    let rates: Vec<&Rate> = rates.collect();
    for rates in rates.chunks(rows_of(9)) {
        let mut sql = Sql::new(
            "insert into rates (id, currency, \"date\", per_usd, source, waived, version, created_at, updated_at) values ",
        );
        sql.push_rows(rates.iter().copied(), |it, row| {
            row.add(it.id)
                .add(it.currency)
                .add(it.date)
                .add(it.per_usd.clone())
                .add(it.source.clone())
                .add(it.waived)
                .add(it.version)
                .add(it.created_at)
                .add(it.updated_at);
        });
        sql.push(
            " on conflict (id) do update set per_usd = excluded.per_usd, waived = excluded.waived,
                version = excluded.version, updated_at = excluded.updated_at",
        );
        conn.run(sql).await?;
    }
    Ok(())
}

#[derive(Debug, Default)]
pub struct RateFilter {
    currency: Vec<Currency>,
    /// From and to.
    dates: [Option<PartialDate>; 2],
    source: Vec<String>,
    updated: Updated,
}

impl Filter for RateFilter {
    type Item = Rate;

    const COLUMNS: &'static str = "select r.id, r.currency, r.\"date\", r.per_usd, r.source, r.waived, r.version, r.created_at, r.updated_at";
    const FROM: &'static str = " from rates r where 1 = 1";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("date", "r.\"date\"", ColumnType::Day, |it| {
            Some(it.date.to_string())
        }),
        Sort::by("currency", "r.currency", ColumnType::Text, |it| {
            Some(it.currency.to_string())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            currency: query.many("currency"),
            dates: query.dates(["date_from", "date_to"]),
            source: query.texts_or_quoted("source"),
            updated: Updated::read(query),
        }
    }

    fn matching(&self, sql: &mut Sql) {
        among(sql, "r.currency", &self.currency);
        let [from, to] = self.dates;
        if let Some(from) = from {
            sql.push(" and r.\"date\" >= ").push_arg(from.first());
        }
        if let Some(to) = to {
            sql.push(" and r.\"date\" <= ").push_arg(to.last());
        }
        among(sql, "r.source", &self.source);
        self.updated.matching(sql, "r.updated_at");
    }
}
