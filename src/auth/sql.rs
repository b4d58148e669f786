//! Statements about keys.

use super::Key;
use crate::{
    db::{Conn, Reader, Sql, row},
    error::Result,
    values::Timestamp,
};

row! { Key { id, name, role, created_at, revoked_at } }

pub(super) async fn insert(conn: &mut Conn, key: &Key, hash: Vec<u8>) -> Result<()> {
    conn.run(
        Sql::new("insert into keys (id, name, role, hash, created_at) values ($1, $2, $3, $4, $5)")
            .bind(key.id)
            .bind(key.name.clone())
            .bind(key.role)
            .bind(hash)
            .bind(key.created_at),
    )
    .await
    .map(drop)
}

pub(super) async fn live_by_hash(conn: &mut Reader, hash: Vec<u8>) -> Result<Option<Key>> {
    conn.find(
        Sql::new(
            "select id, name, role, created_at, revoked_at from keys where hash = $1 and revoked_at is null",
        )
        .bind(hash),
    )
    .await
}

pub(super) async fn live_by_name(conn: &mut Reader, name: &str) -> Result<Option<Key>> {
    conn.find(
        Sql::new(
            "select id, name, role, created_at, revoked_at from keys where name = $1 and revoked_at is null",
        )
        .bind(name.to_owned()),
    )
    .await
}

pub(super) async fn list(conn: &mut Reader) -> Result<Vec<Key>> {
    conn.all(Sql::new(
        "select id, name, role, created_at, revoked_at from keys order by id",
    ))
    .await
}

pub(super) async fn revoke(conn: &mut Conn, name: &str, at: Timestamp) -> Result<bool> {
    let touched = conn
        .run(
            Sql::new("update keys set revoked_at = $1 where name = $2 and revoked_at is null")
                .bind(at)
                .bind(name.to_owned()),
        )
        .await?;
    Ok(touched > 0)
}
