//! Statements about records by name: where one stands, and who refers to it.

use uuid::Uuid;

use super::{Area, Located, Reach, Resource};
use crate::{
    db::{Conn, ForeignKey, Name, Reader, Schema, Sql, Value, row, rows_of, stored_as_json},
    error::Result,
    values::Timestamp,
};

/// How many records one statement looks for. Few sizes, so that there are few texts to keep prepared.
const SIZES: [usize; 3] = [1, 16, 256];

row! { Located { id, key, names, version, retracted_at, merged_into } }

stored_as_json!(Vec<Area>);
row! { Reach { resources, participant_id } }

/// The columns of a key, as `k`, that say how far it reaches.
pub const REACH: &str = "k.resources, k.participant_id";

/// Where records stand, whatever they are found by.
fn located(resource: Resource) -> &'static str {
    match resource {
        Resource::Participants => {
            "select r.id, r.code as \"key\", r.names, r.version, r.retracted_at, m.code as merged_into
             from participants r left join participants m on m.id = r.merged_into where "
        }
        Resource::Coalitions => {
            "select r.id, r.slug as \"key\", r.names, r.version, r.retracted_at, null as merged_into from coalitions r where "
        }
        Resource::Meetings => {
            "select r.id, r.slug as \"key\", r.titles as names, r.version, r.retracted_at, null as merged_into from meetings r where "
        }
        Resource::Members => {
            "select r.id, null as \"key\", null as names, r.version, r.retracted_at, null as merged_into from members r where "
        }
        Resource::Attendance => {
            "select r.id, null as \"key\", null as names, r.version, r.retracted_at, null as merged_into from attendance r where "
        }
        Resource::Articles => {
            "select r.id, null as \"key\", null as names, r.version, r.retracted_at, null as merged_into from articles r where "
        }
        Resource::Pledges => {
            "select r.id, null as \"key\", null as names, r.version, r.retracted_at, null as merged_into from pledges r where "
        }
        Resource::Events => {
            "select r.id, null as \"key\", null as names, r.version, r.retracted_at, null as merged_into from events r where "
        }
        Resource::Adherents => {
            "select r.id, null as \"key\", null as names, r.version, r.retracted_at, null as merged_into from adherents r where "
        }
        Resource::Assessments => {
            "select r.id, null as \"key\", null as names, r.version, r.retracted_at, null as merged_into from assessments r where "
        }
        Resource::Citations => {
            "select r.id, null as \"key\", null as names, r.version, r.retracted_at, null as merged_into from citations r where "
        }
        Resource::Rates => {
            "select r.id, null as \"key\", null as names, r.version, null as retracted_at, null as merged_into from rates r where "
        }
        Resource::Scales => {
            "select r.id, r.\"key\", r.names, r.version, r.retracted_at, null as merged_into from scales r where "
        }
        Resource::Keys => {
            "select r.id, null as \"key\", null as names, r.version, r.revoked_at as retracted_at, null as merged_into from keys r where "
        }
    }
}

/// The column of people's keys, where the resource has them.
#[must_use]
pub fn key_column(resource: Resource) -> Option<&'static str> {
    match resource {
        Resource::Participants => Some("r.code"),
        Resource::Coalitions | Resource::Meetings => Some("r.slug"),
        Resource::Scales => Some("r.\"key\""),
        _ => None,
    }
}

pub(super) async fn by_keys(
    conn: &mut Reader,
    resource: Resource,
    keys: Vec<String>,
) -> Result<Vec<Located>> {
    match key_column(resource) {
        Some(column) => among(conn, resource, column, keys).await,
        None => Ok(Vec::new()),
    }
}

pub(super) async fn by_ids(conn: &mut Reader, resource: Resource, ids: Vec<Uuid>) -> Result<Vec<Located>> {
    among(conn, resource, "r.id", ids).await
}

/// An event of this pledge, live or retracted.
pub(super) async fn event_of(conn: &mut Reader, pledge: Uuid, event: Uuid) -> Result<Option<Located>> {
    let mut sql = Sql::new(located(Resource::Events));
    sql.push("r.id = ").push_arg(event);
    sql.push(" and r.pledge_id = ").push_arg(pledge);
    conn.find(sql).await
}

/// What a participant states of a pledge, as long as it is live.
pub(super) async fn adherent_of(
    conn: &mut Reader,
    pledge: Uuid,
    participant: Uuid,
) -> Result<Option<Located>> {
    let mut sql = Sql::new(located(Resource::Adherents));
    sql.push("r.pledge_id = ").push_arg(pledge);
    sql.push(" and r.participant_id = ").push_arg(participant);
    sql.push(" and r.retracted_at is null");
    conn.find(sql).await
}

/// Whether a participant attended the meeting of a collective pledge and adopted it.
pub(super) async fn adopted(conn: &mut Reader, pledge: Uuid, participant: Uuid) -> Result<bool> {
    let adopted = "select t.id from pledges l join attendance t on t.meeting_id = l.meeting_id
        where l.id = $1 and l.participant_id is null and t.participant_id = $2 and t.retracted_at is null and t.adopted";
    let found: Option<(Uuid,)> = conn
        .find(Sql::new(adopted).bind(pledge).bind(participant))
        .await?;
    Ok(found.is_some())
}

async fn among<T: Value + Clone>(
    conn: &mut Reader,
    resource: Resource,
    column: &'static str,
    mut values: Vec<T>,
) -> Result<Vec<Located>> {
    let mut found = Vec::new();
    while let Some(last) = values.last().cloned() {
        let size = SIZES
            .into_iter()
            .find(|size| values.len() <= *size)
            .unwrap_or(SIZES[2]);
        let left = values.split_off(values.len().min(size));
        // A list that is too short repeats a value, which finds nothing twice.
        values.resize(size, last);
        let mut sql = Sql::new(located(resource));
        sql.push(column).push(" in ").push_list(values);
        found.extend(conn.all::<Located>(sql).await?);
        values = left;
    }
    Ok(found)
}

/// The participant whose record this is: of a pledge, and of what is written about one. None where it is nobody's own.
pub async fn owner(conn: &mut Reader, resource: Resource, id: Uuid) -> Result<Option<Uuid>> {
    let sql = match resource {
        Resource::Pledges => "select participant_id from pledges where id = $1",
        Resource::Adherents => {
            "select p.participant_id from adherents a join pledges p on p.id = a.pledge_id where a.id = $1"
        }
        Resource::Events => {
            "select p.participant_id from events e join pledges p on p.id = e.pledge_id where e.id = $1"
        }
        Resource::Citations => {
            "select p.participant_id from citations c left join events e on e.id = c.event_id
                 left join pledges p on p.id = coalesce(c.pledge_id, e.pledge_id)
             where c.id = $1"
        }
        _ => return Ok(None),
    };
    let found: Option<(Option<Uuid>,)> = conn.find(Sql::new(sql).bind(id)).await?;
    Ok(found.and_then(|(owner,)| owner))
}

/// A row that points at another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub resource: Resource,
    pub id: Uuid,
}

/// Which of the rows that point at others are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    All,
    Live,
    /// Those that went at this moment.
    RetractedAt(Timestamp),
}

/// Rows of `key`'s table that point at any of these, in the order of their ids: each with what it points at.
pub async fn rows_pointing(
    conn: &mut Reader,
    key: &ForeignKey,
    targets: &[Uuid],
    rows: Rows,
) -> Result<Vec<(Uuid, Reference)>> {
    let resource = match key.table_name.as_str().parse::<Resource>() {
        // A key follows its participant where that one is merged, and holds up no retraction.
        Ok(Resource::Keys) if rows != Rows::All => return Ok(Vec::new()),
        Ok(resource) => resource,
        // A table of values that belong to a record, such as member_periods.
        Err(_) => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for targets in targets.chunks(rows_of(1)) {
        let mut sql = Sql::new("select ");
        sql.push_name(&key.column_name).push(", id from ");
        sql.push_name(&key.table_name).push(" where ");
        sql.push_name(&key.column_name)
            .push(" in ")
            .push_list(targets.iter().copied());
        match rows {
            Rows::All => {}
            Rows::Live => {
                sql.push(" and retracted_at is null");
            }
            Rows::RetractedAt(moment) => {
                sql.push(" and retracted_at = ").push_arg(moment);
            }
        }
        sql.push(" order by id");
        let pointing: Vec<(Uuid, Uuid)> = conn.all(sql).await?;
        found.extend(
            pointing
                .into_iter()
                .map(|(target, id)| (target, Reference { resource, id })),
        );
    }
    Ok(found)
}

/// Live records that refer to any of these, their own parts apart: each with what it refers to.
pub async fn referrers(
    conn: &mut Reader,
    schema: &Schema,
    resource: Resource,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, Reference)>> {
    let mut all = Vec::new();
    for key in schema.pointing_at(resource.as_str()).filter(|key| !key.is_part) {
        all.extend(rows_pointing(conn, key, ids, Rows::Live).await?);
    }
    Ok(all)
}

/// What these records point at that was retracted, as `(record, (column, target))`.
pub async fn retracted_targets(
    conn: &mut Reader,
    schema: &Schema,
    resource: Resource,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, (String, Reference))>> {
    let mut gone = Vec::new();
    for key in schema.pointing_from(resource.as_str()) {
        let Ok(target) = key.target.as_str().parse() else {
            continue;
        };
        for ids in ids.chunks(rows_of(1)) {
            let mut sql = Sql::new("select r.id, t.id from ");
            sql.push_name(&key.table_name)
                .push(" r join ")
                .push_name(&key.target);
            sql.push(" t on t.id = r.").push_name(&key.column_name);
            sql.push(" where t.retracted_at is not null and r.id in ")
                .push_list(ids.iter().copied());
            let found: Vec<(Uuid, Uuid)> = conn.all(sql).await?;
            let column = key.column_name.as_str();
            gone.extend(found.into_iter().map(|(record, id)| {
                let target = Reference { resource: target, id };
                (record, (column.to_owned(), target))
            }));
        }
    }
    Ok(gone)
}

/// Points a row elsewhere, which is this version of it, at this moment.
pub async fn repoint(
    conn: &mut Conn,
    table: &Name,
    column: &Name,
    id: Uuid,
    to: Uuid,
    (version, at): (i64, Timestamp),
) -> Result<()> {
    let mut sql = Sql::new("update ");
    sql.push_name(table)
        .push(" set ")
        .push_name(column)
        .push(" = ")
        .push_arg(to);
    sql.push(", version = ").push_arg(version);
    sql.push(", updated_at = ").push_arg(at);
    sql.push(" where id = ").push_arg(id);
    conn.run(sql).await.map(drop)
}

/// Gives a record a version, and says when it was changed.
pub async fn set_version(
    conn: &mut Conn,
    Reference { resource, id }: &Reference,
    (version, at): (i64, Timestamp),
) -> Result<()> {
    let mut sql = Sql::new("update ");
    sql.push(resource.as_str());
    sql.push(" set version = ").push_arg(version);
    sql.push(", updated_at = ").push_arg(at);
    sql.push(" where id = ").push_arg(*id);
    conn.run(sql).await.map(drop)
}

/// Marks records as retracted, or as live again; their versions go up.
pub async fn set_retracted(
    conn: &mut Conn,
    resource: Resource,
    ids: &[Uuid],
    retracted_at: Option<Timestamp>,
    at: Timestamp,
) -> Result<()> {
    for ids in ids.chunks(rows_of(1)) {
        let mut sql = Sql::new("update ");
        sql.push(resource.as_str())
            .push(" set version = version + 1, retracted_at = ");
        sql.push_arg(retracted_at).push(", updated_at = ").push_arg(at);
        sql.push(" where id in ").push_list(ids.iter().copied());
        conn.run(sql).await?;
    }
    Ok(())
}
