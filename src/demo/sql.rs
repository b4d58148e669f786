//! Statements about all that a demo holds.

use uuid::Uuid;

use crate::{
    db::{Conn, Sql},
    error::Result,
};

/// Every table in which requests leave something, those that refer to others before those; a test looks for one that is missing.
const TABLES: &[&str] = &[
    "idempotency_keys",
    "citations",
    "assessments",
    "adherents",
    "events",
    "pledges",
    "attendance",
    "meetings",
    "member_periods",
    "members",
    "coalitions",
    "articles",
    "rates",
    "scale_values",
    "scales",
    "participants",
    "rollups",
    "search_terms",
    "search_documents",
    "search_facets",
    "changes",
];

/// Empties them all, and forgets every key but these. Rows are deleted, as a server's `truncate` would have readers wait.
pub(super) async fn empty(conn: &mut Conn, keys: impl Iterator<Item = Uuid>) -> Result<()> {
    // A key refers to a participant, and what was answered to its holder refers to it.
    let (answers, records) = TABLES.split_at(1);
    delete(conn, answers).await?;
    let mut sql = Sql::new("delete from keys where id not in ");
    sql.push_list(keys);
    conn.run(sql).await?;
    delete(conn, records).await
}

async fn delete(conn: &mut Conn, tables: &[&'static str]) -> Result<()> {
    for table in tables {
        let mut sql = Sql::new("delete from ");
        sql.push(table);
        conn.run(sql).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{db::Db, upgrades};

    /// What stays: who may come in, what was committed last, how far the schema and the index are; and what shows the terms of
    /// another table.
    const KEPT: &[&str] = &[
        "keys",
        "revision",
        "search_state",
        "search_places",
        "migration_steps",
        "_sqlx_migrations",
    ];

    #[tokio::test]
    async fn every_table_is_emptied_or_stays_on_purpose() {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open(&Db::file_url(&directory.path().join("register.db")))
            .await
            .unwrap();
        db.migrate(&upgrades::all(), |_| {}).await.unwrap();
        // What a virtual table keeps in tables of its own goes with it.
        let sql = "select name from pragma_table_list where schema = 'main' and type in ('table', 'virtual') and name not like 'sqlite\\_%' escape '\\'";
        let there: Vec<(String,)> = db.read().await.unwrap().all(Sql::new(sql)).await.unwrap();
        db.close().await;
        let there: BTreeSet<&str> = there.iter().map(|(name,)| name.as_str()).collect();
        let known: BTreeSet<&str> = TABLES.iter().chain(KEPT).copied().collect();
        assert_eq!(there, known);
    }
}
