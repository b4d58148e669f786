use uuid::Uuid;

use super::Resource;
use crate::{
    db::{Conn, ForeignKey, Name, Schema, Sql},
    error::Result,
    values::Timestamp,
};

pub(super) fn by_key(resource: Resource) -> Option<Sql> {
    Some(Sql::new(match resource {
        Resource::Participants => {
            "select p.id, p.code as \"key\", p.version, p.retracted_at, m.code as merged_into
             from participants p left join participants m on m.id = p.merged_into where p.code = $1"
        }
        Resource::Coalitions => {
            "select id, slug as \"key\", version, retracted_at, null as merged_into from coalitions where slug = $1"
        }
        Resource::Meetings => {
            "select id, slug as \"key\", version, retracted_at, null as merged_into from meetings where slug = $1"
        }
        _ => return None,
    }))
}

pub(super) fn by_id(resource: Resource) -> Sql {
    Sql::new(match resource {
        Resource::Participants => {
            "select p.id, p.code as \"key\", p.version, p.retracted_at, m.code as merged_into
             from participants p left join participants m on m.id = p.merged_into where p.id = $1"
        }
        Resource::Coalitions => {
            "select id, slug as \"key\", version, retracted_at, null as merged_into from coalitions where id = $1"
        }
        Resource::Meetings => {
            "select id, slug as \"key\", version, retracted_at, null as merged_into from meetings where id = $1"
        }
        Resource::Members => {
            "select id, null as \"key\", version, retracted_at, null as merged_into from members where id = $1"
        }
        Resource::Attendance => {
            "select id, null as \"key\", version, retracted_at, null as merged_into from attendance where id = $1"
        }
        Resource::Articles => {
            "select id, null as \"key\", version, retracted_at, null as merged_into from articles where id = $1"
        }
        Resource::Pledges => {
            "select id, null as \"key\", version, retracted_at, null as merged_into from pledges where id = $1"
        }
        Resource::Events => {
            "select id, null as \"key\", version, retracted_at, null as merged_into from events where id = $1"
        }
        Resource::Citations => {
            "select id, null as \"key\", version, retracted_at, null as merged_into from citations where id = $1"
        }
        Resource::Rates => {
            "select id, null as \"key\", version, null as retracted_at, null as merged_into from rates where id = $1"
        }
    })
}

/// A row that points at another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub resource: Resource,
    pub id: Uuid,
}

/// Rows of `key`'s table that point at `target`: live ones, or all.
pub async fn rows_pointing(
    conn: &mut Conn,
    key: &ForeignKey,
    target: Uuid,
    live_only: bool,
) -> Result<Vec<Reference>> {
    let Ok(resource) = key.table_name.as_str().parse::<Resource>() else {
        // A table of values that belong to a record, such as member_periods.
        return Ok(Vec::new());
    };
    let mut sql = Sql::new("select id from ");
    sql.push_name(&key.table_name).push(" where ");
    sql.push_name(&key.column_name).push(" = ").push_arg(target);
    if live_only {
        sql.push(" and retracted_at is null");
    }
    sql.push(" order by id");
    let ids: Vec<(Uuid,)> = conn.all(sql).await?;
    Ok(ids.into_iter().map(|(id,)| Reference { resource, id }).collect())
}

/// Live records that refer to this one, its own parts apart.
pub async fn referrers(
    conn: &mut Conn,
    schema: &Schema,
    resource: Resource,
    id: Uuid,
) -> Result<Vec<Reference>> {
    let mut all = Vec::new();
    for key in schema.pointing_at(resource.as_str()).filter(|key| !key.is_part) {
        all.extend(rows_pointing(conn, key, id, true).await?);
    }
    Ok(all)
}

/// What this record points at that was retracted, as `(column, resource)`.
pub async fn retracted_targets(
    conn: &mut Conn,
    schema: &Schema,
    resource: Resource,
    id: Uuid,
) -> Result<Vec<(String, Reference)>> {
    let mut gone = Vec::new();
    for key in schema.pointing_from(resource.as_str()) {
        let mut sql = Sql::new("select t.id from ");
        sql.push_name(&key.table_name)
            .push(" r join ")
            .push_name(&key.target);
        sql.push(" t on t.id = r.").push_name(&key.column_name);
        sql.push(" where t.retracted_at is not null and r.id = ")
            .push_arg(id);
        let found: Option<(Uuid,)> = conn.find(sql).await?;
        if let (Some((id,)), Ok(resource)) = (found, key.target.as_str().parse()) {
            gone.push((key.column_name.as_str().to_owned(), Reference { resource, id }));
        }
    }
    Ok(gone)
}

/// Points a row elsewhere; its version goes up.
pub async fn repoint(
    conn: &mut Conn,
    table: &Name,
    column: &Name,
    id: Uuid,
    to: Uuid,
    at: Timestamp,
) -> Result<()> {
    let mut sql = Sql::new("update ");
    sql.push_name(table)
        .push(" set ")
        .push_name(column)
        .push(" = ")
        .push_arg(to);
    sql.push(", version = version + 1, updated_at = ").push_arg(at);
    sql.push(" where id = ").push_arg(id);
    conn.run(sql).await.map(drop)
}

/// Marks a record as retracted, or as live again; its version goes up.
pub async fn set_retracted(
    conn: &mut Conn,
    resource: Resource,
    id: Uuid,
    retracted_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<()> {
    let mut sql = Sql::new("update ");
    sql.push(resource.as_str())
        .push(" set version = version + 1, retracted_at = ");
    sql.push_arg(retracted_at).push(", updated_at = ").push_arg(at);
    sql.push(" where id = ").push_arg(id);
    conn.run(sql).await.map(drop)
}

/// Raises a record's version.
pub async fn touch(conn: &mut Conn, resource: Resource, id: Uuid, at: Timestamp) -> Result<()> {
    let mut sql = Sql::new("update ");
    sql.push(resource.as_str())
        .push(" set version = version + 1, updated_at = ")
        .push_arg(at);
    sql.push(" where id = ").push_arg(id);
    conn.run(sql).await.map(drop)
}
