//! Entries of the log, as steps append them since schema 5: by the program itself, each a version of its record.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    db::{Conn, Sql},
    error::{Error, Result},
    values::{Clock, Timestamp},
};

/// Who the log says it was. No key has this name.
const ACTOR: &str = "pledgebook";

/// The end of the log, while a part of a step holds it.
pub(super) struct Log {
    next: i64,
    pub at: Timestamp,
    reason: &'static str,
}

/// What a step changes of a record in the log: these members.
pub(super) type Members = Vec<(&'static str, Value)>;

impl Log {
    pub async fn open(conn: &mut Conn, reason: &'static str) -> Result<Self> {
        let (last,): (i64,) = conn
            .one(Sql::new("select coalesce(max(seq), 0) from changes"))
            .await?;
        Ok(Self {
            next: last + 1,
            at: Clock::SYSTEM.now(),
            reason,
        })
    }

    /// Appends a record's next version, in which these members say something else; its number.
    pub async fn update(
        &mut self,
        conn: &mut Conn,
        resource: &'static str,
        id: Uuid,
        members: Members,
    ) -> Result<i64> {
        let last = "select \"key\", version, coalesce(after, before) from changes where record_id = $1 order by seq desc limit 1";
        let last: Option<(String, i64, Option<String>)> = conn.find(Sql::new(last).bind(id)).await?;
        let Some((key, version, Some(before))) = last else {
            return Err(Error::internal(format!("{resource}/{id} has no history")));
        };
        let mut after: Map<String, Value> = serde_json::from_str(&before).map_err(Error::internal)?;
        let dated = serde_json::to_value(self.at).map_err(Error::internal)?;
        let version = version + 1;
        after.extend(members.into_iter().map(|(name, value)| (name.to_owned(), value)));
        after.insert("version".to_owned(), version.into());
        after.insert("updated_at".to_owned(), dated);
        let after = serde_json::to_string(&after).map_err(Error::internal)?;
        let entry = "insert into changes (seq, at, actor, op, resource, record_id, \"key\", version, before, after, reason)
            values ($1, $2, $3, 'update', $4, $5, $6, $7, $8, $9, $10)";
        conn.run(
            Sql::new(entry)
                .bind(self.next)
                .bind(self.at)
                .bind(ACTOR.to_owned())
                .bind(resource.to_owned())
                .bind(id)
                .bind(key)
                .bind(version)
                .bind(before)
                .bind(after)
                .bind(self.reason.to_owned()),
        )
        .await?;
        self.next += 1;
        Ok(version)
    }
}
