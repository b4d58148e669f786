//! Statements about scales and their values: what is kept, which match, and which values are in use.

use uuid::Uuid;

use super::{Meaning, Scale, Step};
use crate::{
    db::{Cells, Conn, Reader, Sql, row, rows_of},
    error::Result,
    records,
    values::LangMap,
    web::{ColumnType, Filter, Query, Sort, Updated},
};

row! { Scale { id, key, names, values: later, version, created_at, updated_at } }

/// The whole row.
pub(super) fn cells(scale: &Scale) -> Cells {
    let Scale {
        id: _,
        key,
        names,
        values: _,
        version,
        created_at,
        updated_at,
    } = scale;
    Cells::new()
        .set("\"key\"", key.clone())
        .set("names", names.clone())
        .set("version", *version)
        .set("created_at", *created_at)
        .set("updated_at", *updated_at)
}

pub(super) async fn store_values(conn: &mut Conn, scale: &Scale) -> Result<()> {
    for steps in scale.values.chunks(rows_of(5)) {
        let mut sql = Sql::new("insert into scale_values (scale_id, value, names, meaning, place) values ");
        sql.push_rows(steps, |step, row| {
            row.add(scale.id)
                .add(step.value.clone())
                .add(step.names.clone())
                .add(step.meaning)
                .add(step.order);
        });
        conn.run(sql).await?;
    }
    Ok(())
}

pub(super) async fn remove_values(conn: &mut Conn, scale: Uuid) -> Result<()> {
    conn.run(Sql::new("delete from scale_values where scale_id = $1").bind(scale))
        .await
        .map(drop)
}

/// The scale with this id.
pub async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Scale>> {
    let found: Option<Scale> = records::find::<ScaleFilter>(conn, id).await?;
    let mut found: Vec<Scale> = found.into_iter().collect();
    ScaleFilter::complete(conn, &mut found).await?;
    Ok(found.pop())
}

/// The values of a scale that assessments use, retracted ones included, and how many do.
pub(super) async fn used(conn: &mut Reader, scale: Uuid) -> Result<Vec<(String, i64)>> {
    conn.all(
        Sql::new("select value, count(*) from assessments where scale_id = $1 group by value order by value")
            .bind(scale),
    )
    .await
}

#[derive(Debug, Default)]
pub struct ScaleFilter {
    updated: Updated,
}

impl Filter for ScaleFilter {
    type Item = Scale;

    const COLUMNS: &'static str = "select r.id, r.\"key\", r.names, r.version, r.created_at, r.updated_at";
    const FROM: &'static str = " from scales r where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("key", "r.\"key\"", ColumnType::Text, |it| {
            Some(it.key.to_string())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            updated: Updated::read(query),
        }
    }

    fn matching(&self, sql: &mut Sql) {
        self.updated.matching(sql, "r.updated_at");
    }

    const IS_COMPLETED: bool = true;

    /// With their values, in one statement for all of them.
    async fn complete(conn: &mut Reader, scales: &mut [Scale]) -> Result<()> {
        let mut sql =
            Sql::new("select scale_id, value, names, meaning, place from scale_values where scale_id in ");
        sql.push_list(scales.iter().map(|scale| scale.id))
            .push(" order by scale_id, place");
        let rows: Vec<(Uuid, String, Option<LangMap>, Meaning, i64)> = conn.all(sql).await?;
        for (id, value, names, meaning, order) in rows {
            if let Some(scale) = scales.iter_mut().find(|scale| scale.id == id) {
                scale.values.push(Step {
                    value,
                    names,
                    meaning,
                    order,
                });
            }
        }
        Ok(())
    }
}
