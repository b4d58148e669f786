//! Statements about keys.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Hash, Role,
    keys::{Key, Owner},
};
use crate::{
    db::{Cells, Conn, Reader, Sql, row, rows_of},
    error::Result,
    resources::{REACH, Reach},
    values::Timestamp,
    web::{ColumnType, Depends, Filter, Query, Sort, Updated, among},
};

row! {
    Key {
        id, name, role, created_at, updated_at, expires_at, last_used_at, resources, participant, note,
        old_secret_until, revoked_at, version,
    }
}

/// What changes of a key but for its secret and the moment of its last use.
fn cells(key: &Key, owner: Owner) -> Cells {
    let cells = Cells::new()
        .set("name", key.name.clone())
        .set("role", key.role)
        .set("created_at", key.created_at)
        .set("updated_at", key.updated_at)
        .set("expires_at", key.expires_at)
        .set("resources", key.resources.clone())
        .set("note", key.note.clone())
        .set("revoked_at", key.revoked_at)
        .set("version", key.version);
    match owner {
        Owner::AsBefore => cells,
        Owner::Is(participant) => cells.set("participant_id", participant),
    }
}

pub(super) async fn insert(conn: &mut Conn, key: &Key, owner: Owner, hash: Vec<u8>) -> Result<()> {
    let cells = cells(key, owner).set("hash", hash);
    conn.run(Sql::insert("keys", key.id, cells)).await.map(drop)
}

pub(super) async fn update(conn: &mut Conn, key: &Key, owner: Owner) -> Result<()> {
    conn.run(Sql::update("keys", key.id, cells(key, owner)))
        .await
        .map(drop)
}

/// Gives a key another secret. The one that it had stays good until then, where that is said.
pub(super) async fn rotate(
    conn: &mut Conn,
    id: Uuid,
    hash: Vec<u8>,
    old_until: Option<Timestamp>,
) -> Result<()> {
    let old_hash = if old_until.is_some() { "hash" } else { "null" };
    let mut sql = Sql::new("update keys set old_hash = ");
    sql.push(old_hash).push(", old_until = ").push_arg(old_until);
    sql.push(", hash = ").push_arg(hash);
    sql.push(" where id = ").push_arg(id);
    conn.run(sql).await.map(drop)
}

/// Whose secret this is, or was; and until when it is good.
pub(super) struct Found {
    pub id: Uuid,
    pub name: String,
    pub role: Role,
    pub expires_at: Option<Timestamp>,
    /// Of a secret that another one has followed.
    pub old_until: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub reach: Reach,
}

row! { Found { id, name, role, expires_at, old_until, revoked_at, reach: row } }

pub(super) async fn by_hash(conn: &mut Reader, hash: Vec<u8>) -> Result<Option<Found>> {
    let mut sql = Sql::new(
        "select k.id, k.name, k.role, k.expires_at, k.revoked_at, case when k.hash = $1 then null else k.old_until end as old_until, ",
    )
    .bind(hash);
    sql.push(REACH)
        .push(" from keys k where k.hash = $1 or k.old_hash = $1");
    conn.find(sql).await
}

/// The secrets that these keys have, hashed, of those that are good now.
pub(super) async fn secrets(conn: &mut Reader, keys: &[Uuid], now: Timestamp) -> Result<HashMap<Hash, Uuid>> {
    let mut sql = Sql::new(
        "select hash, id from keys where revoked_at is null and (expires_at is null or expires_at > ",
    );
    sql.push_arg(now).push(")");
    among(&mut sql, "id", keys);
    let rows: Vec<(Vec<u8>, Uuid)> = conn.all(sql).await?;
    let secrets = rows.into_iter();
    Ok(secrets
        .filter_map(|(hash, id)| Some((hash.try_into().ok()?, id)))
        .collect())
}

/// The key with this id, revoked or not.
pub(super) async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Key>> {
    let mut sql = KeyFilter::rows();
    sql.push(" and r.id = ").push_arg(id);
    conn.find(sql).await
}

/// The key of this name that was not revoked.
pub(super) async fn by_name(conn: &mut Reader, name: &str) -> Result<Option<Key>> {
    let mut sql = KeyFilter::rows();
    sql.push(" and r.revoked_at is null and r.name = ")
        .push_arg(name.to_owned());
    conn.find(sql).await
}

/// Whether any key has this name, or had it when it was revoked.
pub(super) async fn was_named(conn: &mut Reader, name: &str) -> Result<bool> {
    let sql = Sql::new("select count(*) from keys where name = $1").bind(name.to_owned());
    let (count,): (i64,) = conn.one(sql).await?;
    Ok(count > 0)
}

pub(super) async fn list(conn: &mut Reader) -> Result<Vec<Key>> {
    let mut sql = KeyFilter::rows();
    sql.push(" order by r.id");
    conn.all(sql).await
}

/// Writes down when keys were used last.
pub(super) async fn used(conn: &mut Conn, uses: &[(Uuid, Timestamp)]) -> Result<()> {
    for uses in uses.chunks(rows_of(2)) {
        let mut sql = Sql::new("with used (id, at) as (values ");
        sql.push_rows(uses, |(id, at), row| {
            row.add(*id).add(*at);
        });
        sql.push(
            ") update keys set last_used_at = used.at from used
             where keys.id = used.id and (keys.last_used_at is null or keys.last_used_at < used.at)",
        );
        conn.run(sql).await?;
    }
    Ok(())
}

/// Which keys.
#[derive(Debug, Default)]
pub struct KeyFilter {
    role: Vec<Role>,
    live: Option<bool>,
    /// The moment that liveness is judged by.
    pub(super) at: Option<Timestamp>,
    updated: Updated,
}

impl Filter for KeyFilter {
    type Item = Key;

    const COLUMNS: &'static str =
        "select r.id, r.name, r.role, r.created_at, r.updated_at, r.expires_at, r.last_used_at,
        r.resources, p.code as participant, r.note, r.old_until as old_secret_until, r.revoked_at, r.version";
    // Revoked ones too: they are seen for good.
    const FROM: &'static str = " from keys r left join participants p on p.id = r.participant_id where 1 = 1";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("name", "r.name", ColumnType::Text, |it| Some(it.name.clone())),
        Sort::by("last_used_at", "r.last_used_at", ColumnType::Time, |it| {
            it.last_used_at.map(|at| at.to_rfc3339())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            role: query.many("role"),
            live: query.flag("live"),
            at: None,
            updated: Updated::read(query),
        }
    }

    fn depends(&self) -> Depends {
        Depends::OnWhoAsks
    }

    fn matching(&self, sql: &mut Sql) {
        among(sql, "r.role", &self.role);
        if let (Some(live), Some(at)) = (self.live, self.at) {
            sql.push(if live { " and " } else { " and not " });
            sql.push("(r.revoked_at is null and (r.expires_at is null or r.expires_at > ")
                .push_arg(at)
                .push("))");
        }
        self.updated.matching(sql, "r.updated_at");
    }
}
