//! Statements about the log: its entries, and which match.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::{
    Change, Op,
    idempotency::{KeptKey, Keyed, StoredReceipt},
    revision::Entry,
};
use crate::{
    db::{Conn, Marks, Reader, Sql, row, rows_of},
    error::{Error, Result},
    resources::{self, Reach, Resource},
    values::{FromText, Timestamp},
    web::{ColumnType, Filter, Query, Sort, Updated},
};

row! { Change { seq, at, actor, op, resource, record_id, key, version, before, after, reason } }

/// The last number of the log; 0 while it is empty.
pub(super) async fn last_seq(conn: &mut Reader) -> Result<i64> {
    let (seq,) = conn
        .one(Sql::new("select coalesce(max(seq), 0) from changes"))
        .await?;
    Ok(seq)
}

/// What a write goes on from.
pub(super) struct Begun {
    pub last_seq: i64,
    /// The greatest id of a record.
    pub latest_id: Option<Uuid>,
    /// The keys of those who are to write, but for those that were revoked, by their ids.
    pub keys: HashMap<Uuid, HeldKey>,
}

/// A key as the transaction finds it.
pub(super) struct HeldKey {
    pub name: String,
    pub expires_at: Option<Timestamp>,
    hash: Vec<u8>,
    old_hash: Option<Vec<u8>>,
    old_until: Option<Timestamp>,
    pub reach: Reach,
}

impl HeldKey {
    /// Whether this is a secret of it, at that moment.
    pub fn is_opened_by(&self, secret: &[u8; 32], at: Timestamp) -> bool {
        let is = |hash: &[u8]| hash == secret;
        is(&self.hash)
            || (self.old_until.is_some_and(|until| until > at) && self.old_hash.as_deref().is_some_and(is))
    }
}

/// A row of it: without a key where none is to be found.
struct Holding {
    last_seq: i64,
    latest_id: Option<Uuid>,
    id: Option<Uuid>,
    name: Option<String>,
    expires_at: Option<Timestamp>,
    hash: Option<Vec<u8>>,
    old_hash: Option<Vec<u8>>,
    old_until: Option<Timestamp>,
    reach: Reach,
}

row! { Holding { last_seq, latest_id, id, name, expires_at, hash, old_hash, old_until, reach: row } }

impl Holding {
    fn key(self) -> Option<(Uuid, HeldKey)> {
        let key = HeldKey {
            name: self.name?,
            expires_at: self.expires_at,
            hash: self.hash?,
            old_hash: self.old_hash,
            old_until: self.old_until,
            reach: self.reach,
        };
        Some((self.id?, key))
    }
}

pub(super) async fn begun(conn: &mut Reader, keys: BTreeSet<Uuid>) -> Result<Begun> {
    let mut sql = Sql::new(
        "select (select coalesce(max(seq), 0) from changes) as last_seq,
             (select record_id from changes order by record_id desc limit 1) as latest_id,
             k.id, k.name, k.expires_at, k.hash, k.old_hash, k.old_until, ",
    );
    sql.push(resources::REACH);
    sql.push(" from (select 1) as begun left join keys k on k.revoked_at is null and k.id in ")
        .push_list(keys);
    let rows: Vec<Holding> = conn.all(sql).await?;
    let first = rows
        .first()
        .ok_or_else(|| Error::internal("the log has no last number"))?;
    let (last_seq, latest_id) = (first.last_seq, first.latest_id);
    Ok(Begun {
        last_seq,
        latest_id,
        keys: rows.into_iter().filter_map(Holding::key).collect(),
    })
}

pub(super) async fn append(conn: &mut Conn, changes: &[Change]) -> Result<()> {
    for changes in changes.chunks(rows_of(11)) {
        let mut sql = Sql::new(
            "insert into changes (seq, at, actor, op, resource, record_id, \"key\", version, before, after, reason) values ",
        );
        sql.push_rows(changes, |change, row| {
            row.add(change.seq)
                .add(change.at)
                .add(change.actor.clone())
                .add(change.op)
                .add(change.resource)
                .add(change.record_id)
                .add(change.key.clone())
                .add(change.version)
                .add(change.before.clone())
                .add(change.after.clone())
                .add(change.reason.clone());
        });
        conn.run(sql).await?;
    }
    Ok(())
}

/// The last entry about a record.
pub(super) async fn last(conn: &mut Reader, record: Uuid) -> Result<Option<Change>> {
    let mut sql = ChangeFilter::rows();
    sql.push(" and r.record_id = ").push_arg(record);
    sql.push(" order by r.seq desc limit 1");
    conn.find(sql).await
}

/// The last entry about each of these records.
pub(super) async fn last_of(conn: &mut Reader, records: &[Uuid]) -> Result<HashMap<Uuid, Change>> {
    let mut last = HashMap::with_capacity(records.len());
    for records in records.chunks(rows_of(1)) {
        let mut sql = ChangeFilter::rows();
        sql.push(" and r.seq in (select max(seq) from changes where record_id in ")
            .push_list(records.iter().copied())
            .push(" group by record_id)");
        let found: Vec<Change> = conn.all(sql).await?;
        last.extend(found.into_iter().map(|it| (it.record_id, it)));
    }
    Ok(last)
}

/// Who made the first entry of the log, and why; none while it is empty.
pub async fn begun_by(conn: &mut Reader) -> Result<Option<(String, Option<String>)>> {
    conn.find(Sql::new("select actor, reason from changes order by seq limit 1"))
        .await
}

/// The numbers of the entries that created these records.
pub async fn first_entries(conn: &mut Reader, records: Vec<Uuid>) -> Result<Vec<(Uuid, i64)>> {
    let mut sql = Sql::new("select record_id, min(seq) from changes where record_id in ");
    sql.push_list(records).push(" group by record_id");
    conn.all(sql).await
}

/// What the last commit renewed, and the log from this entry on, or from its last, no more than so many of it: by one
/// statement, so as of one moment. Documents may be long: these are of one kind of record alone.
pub(super) async fn seen_from(
    conn: &mut Reader,
    seq: Option<i64>,
    of: Resource,
    most: i64,
) -> Result<(Marks, Vec<Entry>)> {
    let rows: Vec<Seen> = conn
        .all(
            Sql::new(
                "select v.logged, v.unlogged, c.seq, c.at, c.resource, c.record_id,
                     case when c.resource = $1 then c.before end as before,
                     case when c.resource = $1 then c.after end as after
                 from revision v
                 left join changes c on c.seq >= coalesce($2, (select max(seq) from changes))
                 where v.id = 1 order by c.seq limit $3",
            )
            .bind(of)
            .bind(seq)
            .bind(most),
        )
        .await?;
    let marks = rows
        .first()
        .map(|row| row.marks)
        .ok_or_else(|| Error::internal("the register has no revision"))?;
    Ok((marks, rows.into_iter().filter_map(Seen::entry).collect()))
}

/// A row of it: of an empty log there is one without an entry.
struct Seen {
    marks: Marks,
    seq: Option<i64>,
    at: Option<Timestamp>,
    resource: Option<Resource>,
    record_id: Option<Uuid>,
    before: Option<String>,
    after: Option<String>,
}

row! { Seen { marks: row, seq, at, resource, record_id, before, after } }

impl Seen {
    fn entry(self) -> Option<Entry> {
        Some(Entry {
            seq: self.seq?,
            at: self.at?,
            resource: self.resource?,
            record_id: self.record_id?,
            before: self.before,
            after: self.after,
        })
    }
}

row! { StoredReceipt { fingerprint, status, headers, body } }
row! { KeptKey { holder_id, key, fingerprint, status } }

/// How many old answers a write clears away: more than the one that it adds, and never so many that it is
/// held up.
const FORGOTTEN_AT_ONCE: i64 = 100;

/// The answer under a key, unless it is older than `after`.
pub(super) async fn kept(
    conn: &mut Reader,
    request: &Keyed,
    after: Timestamp,
) -> Result<Option<StoredReceipt>> {
    conn.find(
        Sql::new(
            "select fingerprint, status, headers, body from idempotency_keys
             where holder_id = $1 and \"key\" = $2 and at > $3",
        )
        .bind(request.holder)
        .bind(request.key.clone())
        .bind(after),
    )
    .await
}

/// What the answers under these keys are of, but for those that are older than `after`.
pub(super) async fn fingerprints(
    conn: &mut Reader,
    requests: &[Keyed],
    after: Timestamp,
) -> Result<Vec<KeptKey>> {
    if requests.is_empty() {
        return Ok(Vec::new());
    }
    let mut sql =
        Sql::new("select holder_id, \"key\", fingerprint, status from idempotency_keys where at > ");
    sql.push_arg(after);
    let mut before = " and (";
    for request in requests {
        sql.push(before).push("holder_id = ").push_arg(request.holder);
        sql.push(" and \"key\" = ").push_arg(request.key.clone());
        before = " or ";
    }
    sql.push(")");
    conn.all(sql).await
}

/// Keeps answers, each in the place of one that is too old and not yet cleared away.
pub(super) async fn keep(conn: &mut Conn, kept: Vec<(Keyed, StoredReceipt)>, at: Timestamp) -> Result<()> {
    for kept in kept.chunks(rows_of(7)) {
        let mut sql = Sql::new(
            "insert into idempotency_keys (holder_id, \"key\", fingerprint, status, headers, body, at) values ",
        );
        sql.push_rows(kept, |(request, kept), row| {
            row.add(request.holder)
                .add(request.key.clone())
                .add(kept.fingerprint.clone())
                .add(kept.status)
                .add(kept.headers.clone())
                .add(kept.body.clone())
                .add(at);
        });
        sql.push(
            " on conflict (holder_id, \"key\") do update set fingerprint = excluded.fingerprint,
                 status = excluded.status, headers = excluded.headers, body = excluded.body, at = excluded.at",
        );
        conn.run(sql).await?;
    }
    Ok(())
}

/// What is kept of a request in parts, unless it is older than `after`.
fn parts_of(mut sql: Sql, request: &Keyed, after: Timestamp) -> Sql {
    part_keys(sql.push(" from idempotency_keys where "), request);
    sql.push(" and exists (select 1 from idempotency_keys where holder_id = ")
        .push_arg(request.holder);
    sql.push(" and \"key\" = ").push_arg(request.key.clone());
    sql.push(" and at > ").push_arg(after).push(")");
    sql
}

/// The keys of its parts: its own, a space and a number.
fn part_keys(sql: &mut Sql, request: &Keyed) {
    sql.push("holder_id = ").push_arg(request.holder);
    sql.push(" and \"key\" > ").push_arg(format!("{} ", request.key));
    sql.push(" and \"key\" < ").push_arg(format!("{}!", request.key));
}

pub(super) async fn parts(conn: &mut Reader, request: &Keyed, after: Timestamp) -> Result<Vec<Vec<u8>>> {
    let mut sql = parts_of(Sql::new("select body"), request, after);
    sql.push(" order by \"key\"");
    let rows: Vec<(Vec<u8>,)> = conn.all(sql).await?;
    Ok(rows.into_iter().map(|(body,)| body).collect())
}

pub(super) async fn parts_count(conn: &mut Reader, request: &Keyed, after: Timestamp) -> Result<i64> {
    let (count,) = conn
        .one(parts_of(Sql::new("select count(*)"), request, after))
        .await?;
    Ok(count)
}

pub(super) async fn forget_parts(conn: &mut Conn, request: &Keyed) -> Result<()> {
    let mut sql = Sql::new("delete from idempotency_keys where ");
    part_keys(&mut sql, request);
    conn.run(sql).await.map(drop)
}

/// Clears away the oldest of the answers that are not younger than `until`.
pub(super) async fn forget(conn: &mut Conn, until: Timestamp) -> Result<()> {
    conn.run(
        Sql::new(
            "delete from idempotency_keys where (holder_id, \"key\") in
                 (select holder_id, \"key\" from idempotency_keys where at <= $1 order by at limit $2)",
        )
        .bind(until)
        .bind(FORGOTTEN_AT_ONCE),
    )
    .await
    .map(drop)
}

/// The keys that are meant by one: a code and a slug come in any case, by themselves or as the parts of a key that names two
/// records, of which the last is named by its code.
fn spellings(key: &str) -> [String; 3] {
    let code = key.rfind('/').map_or(0, |slash| slash + 1);
    let (whole, code) = key.split_at(code);
    [
        key.to_owned(),
        format!("{}{}", whole.to_ascii_lowercase(), code.to_ascii_uppercase()),
        key.to_ascii_lowercase(),
    ]
}

/// Which entries of the log.
#[derive(Debug, Default)]
pub struct ChangeFilter {
    /// Of these records alone, where any are named.
    pub(super) records: Vec<Uuid>,
    after_seq: Option<i64>,
    resource: Vec<Resource>,
    key: Vec<String>,
    actor: Vec<String>,
    op: Vec<Op>,
    updated: Updated,
}

impl Filter for ChangeFilter {
    type Item = Change;

    const COLUMNS: &'static str = "select r.seq, r.at, r.actor, r.op, r.resource, r.record_id, r.\"key\", r.version, r.before, r.after, r.reason";
    const FROM: &'static str = " from changes r where 1 = 1";
    // An article of a million characters stands in both.
    const BYTES: Option<&'static str> =
        Some("coalesce(octet_length(r.before), 0) + coalesce(octet_length(r.after), 0)");

    const SORTS: &'static [Sort<Self::Item>] = &[Sort::by_what_is_there(
        "seq",
        "r.seq",
        ColumnType::Sequence,
        |change| Some(change.seq.to_string()),
    )];

    fn read(query: &mut Query) -> Self {
        Self {
            records: Vec::new(),
            after_seq: query.number("after_seq"),
            resource: query.many("resource"),
            key: query.texts("key"),
            actor: query.texts("actor"),
            op: query.many("op"),
            updated: Updated::read(query),
        }
    }

    /// Whoever follows the log reads it forwards.
    fn newest_first(&self) -> bool {
        self.after_seq.is_none()
    }

    fn matching(&self, sql: &mut Sql) {
        if !self.records.is_empty() {
            sql.push(" and r.record_id in ")
                .push_list(self.records.iter().copied());
        }
        if let Some(seq) = self.after_seq {
            sql.push(" and r.seq > ").push_arg(seq);
        }
        if !self.resource.is_empty() {
            sql.push(" and r.resource in ")
                .push_list(self.resource.iter().copied());
        }
        if !self.key.is_empty() {
            let ids = self.key.iter().filter_map(|key| Uuid::from_text(key).ok());
            sql.push(" and (r.\"key\" in ")
                .push_list(self.key.iter().flat_map(|key| spellings(key)))
                .push(" or r.record_id in ")
                .push_list(ids)
                .push(")");
        }
        if !self.actor.is_empty() {
            sql.push(" and r.actor in ").push_list(self.actor.iter().cloned());
        }
        if !self.op.is_empty() {
            sql.push(" and r.op in ").push_list(self.op.iter().copied());
        }
        self.updated.matching(sql, "r.at");
    }
}
