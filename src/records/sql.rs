//! Records as their lists read them, and what stands between a whole and a participant.

use std::{collections::BTreeSet, future::Future};

use uuid::Uuid;

use super::{
    Related,
    counts::{Cited, Pledging},
};
use crate::{
    db::{Cells, Conn, Reader, Row, Sql, row},
    error::Result,
    history::Record,
    resources,
    web::Filter,
};

row! { Cited { citations } }

row! { Pledging { citations, pledges } }

/// The live record with this id.
pub async fn find<F: Filter>(conn: &mut Reader, id: Uuid) -> Result<Option<F::Item>> {
    let mut sql = F::rows();
    sql.push(" and r.id = ").push_arg(id);
    conn.find(sql).await
}

/// The live records with these keys.
pub(super) async fn by_keys<F: Filter<Item: Record>>(
    conn: &mut Reader,
    keys: BTreeSet<String>,
) -> Result<Vec<F::Item>> {
    let Some(column) = resources::key_column(F::Item::RESOURCE) else {
        return Ok(Vec::new());
    };
    let mut sql = F::rows();
    sql.push(" and ").push(column).push(" in ").push_list(keys);
    conn.all(sql).await
}

/// How a record between a whole and a participant is stored.
pub trait RelatedRow: Row {
    /// The column that names the whole.
    const COLUMN: &'static str;

    /// What may change of its row: the two that it stands between are for good.
    fn cells(&self) -> Cells;

    /// Stores what of it has rows of its own.
    fn store_parts(&self, _: &mut Conn) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Takes those rows away.
    fn remove_parts(&self, _: &mut Conn) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// The whole row of a new one.
pub(super) fn new_cells<R: RelatedRow>(record: &R, whole: Uuid, participant: Uuid) -> Cells {
    record
        .cells()
        .set(R::COLUMN, whole)
        .set("participant_id", participant)
}

/// The live one.
pub(super) async fn between<R: Related>(
    conn: &mut Reader,
    whole: Uuid,
    participant: Uuid,
) -> Result<Option<R>> {
    let mut sql = R::Filter::rows();
    sql.push(" and r.").push(R::COLUMN);
    sql.push(" = ").push_arg(whole);
    sql.push(" and r.participant_id = ").push_arg(participant);
    let mut found: Vec<R> = conn.all(sql).await?;
    R::Filter::complete(conn, &mut found).await?;
    Ok(found.pop())
}

/// The last one that was retracted.
pub(super) async fn last_retracted<R: Related>(
    conn: &mut Reader,
    whole: Uuid,
    participant: Uuid,
) -> Result<Option<Uuid>> {
    let mut sql = Sql::new("select id from ");
    sql.push(R::RESOURCE.as_str()).push(" where ").push(R::COLUMN);
    sql.push(" = ").push_arg(whole);
    sql.push(" and participant_id = ").push_arg(participant);
    sql.push(" and retracted_at is not null order by retracted_at desc limit 1");
    let found: Option<(Uuid,)> = conn.find(sql).await?;
    Ok(found.map(|(id,)| id))
}

/// How far their versions have gone, live and retracted.
pub(super) async fn last_version<R: Related>(
    conn: &mut Reader,
    whole: Uuid,
    participant: Uuid,
) -> Result<i64> {
    let mut sql = Sql::new("select coalesce(max(version), 0) from ");
    all::<R>(&mut sql, whole, participant);
    let (last,): (i64,) = conn.one(sql).await?;
    Ok(last)
}

/// Every one, live and retracted.
pub(super) async fn every<R: Related>(
    conn: &mut Reader,
    whole: Uuid,
    participant: Uuid,
) -> Result<Vec<Uuid>> {
    let mut sql = Sql::new("select id from ");
    all::<R>(&mut sql, whole, participant);
    sql.push(" order by id");
    let found: Vec<(Uuid,)> = conn.all(sql).await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// Of a participant, and of those that were merged into it, which keep what they had retracted where it had one of its own.
fn all<R: Related>(sql: &mut Sql, whole: Uuid, participant: Uuid) {
    sql.push(R::RESOURCE.as_str()).push(" where ").push(R::COLUMN);
    sql.push(" = ").push_arg(whole);
    sql.push(" and participant_id in (select id from participants where id = ")
        .push_arg(participant)
        .push(" or merged_into = ")
        .push_arg(participant)
        .push(")");
}
