//! The log: the one door through which every write passes.
//!
//! A [`Write`] is a transaction that knows who writes, when and why. Whatever a
//! feature stores in it, it also tells it ([`Write::created`],
//! [`Write::updated`], …), so that record and change commit together: each
//! version of a record is exactly one entry of the log.
//!
//! Numbers are drawn under the register's one write lock (see [`crate::db`]),
//! so they have no gaps, and one that commits later is never smaller: whoever
//! follows `after_seq` misses nothing.

pub mod http;
mod idempotency;
mod retraction;
mod revision;
mod sql;

use std::{
    collections::HashMap,
    future::Future,
    ops::Deref,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value, value::RawValue};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    db::{Cells, Conn, Db, Patience, Reader, Schema, Sql},
    error::{Error, Result},
    resources::{self, Reach, Resource, reach},
    values::{Clock, FixedIds, Timestamp, Viewpoint, vocabulary},
    web::{Dated, ListSource, Shown},
};

pub use idempotency::{Claim, Fingerprint, Keyed, Receipt, kept_parts};
pub use retraction::Moves;
pub use revision::{Parts, Revision, Stamp};
pub use sql::{ChangeFilter, begun_by, first_entries};

vocabulary! {
    Op as "ChangeOp" { Create = "create", Update = "update", Retract = "retract", Restore = "restore" }
}

/// A record of the register: it has versions, and is written in the log as it serializes.
pub trait Record: Shown + Serialize + PartialEq {
    const RESOURCE: Resource;
    /// As it stands in paths: a code, a slug, or the id.
    fn key(&self) -> String {
        self.id().to_string()
    }
    fn version(&self) -> i64;
    /// Its version and when it was changed last, to be set.
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp);
    /// What it says, by the fields of which sources state something.
    fn stated(&self) -> Result<Value> {
        serde_json::to_value(self).map_err(Error::internal)
    }
}

/// One entry of the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Change {
    /// Its number: without gaps, and never smaller than that of a change that was made before.
    #[schema(minimum = 1)]
    pub seq: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Timestamp,
    /// The name of the key that it was made with.
    pub actor: String,
    pub op: Op,
    pub resource: Resource,
    #[serde(skip)]
    #[schema(ignore)]
    pub record_id: Uuid,
    /// Of the record, as it stands in paths; of a key, its name.
    pub key: String,
    /// The record's, after it.
    pub version: i64,
    /// The record as it was; null where it was not, and of keys.
    #[serde(serialize_with = "as_json")]
    #[schema(value_type = Option<RecordedDocument>)]
    pub before: Option<String>,
    /// The record as it then was; null where it was retracted, and of keys.
    #[serde(serialize_with = "as_json")]
    #[schema(value_type = Option<RecordedDocument>)]
    pub after: Option<String>,
    /// Why, as the writer said in Change-Reason.
    pub reason: Option<String>,
}

/// A record as the log keeps it: its own members, without names in a reader's language.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it stands in the contract alone")]
struct RecordedDocument {
    id: Uuid,
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    updated_at: Timestamp,
}

/// The log keeps JSON as text; a reader gets it as JSON, the same bytes.
#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn as_json<S: serde::Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_deref()
        .map(serde_json::from_str::<&RawValue>)
        .transpose()
        .map_err(serde::ser::Error::custom)?
        .serialize(serializer)
}

impl Shown for Change {
    type View<'a> = &'a Self;
    type Schema = Self;
    type Alone = ();

    fn id(&self) -> Uuid {
        self.record_id
    }

    fn view(&self, _: Viewpoint, _: Option<()>) -> &Self {
        self
    }
}

/// What follows a change of what stands, in its transaction: sums, and later the search index.
/// Handed in where the app is put together, so that the log knows no feature.
pub trait Projection: Send + Sync {
    /// `changes` are those of one step of a write, in the order of the log.
    fn apply<'a>(
        &'a self,
        conn: &'a mut Conn,
        changes: &'a [Change],
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;
}

/// The register: its database, and the way every write to it takes. A clone is the same.
#[derive(Clone)]
pub struct Register {
    shared: Arc<Shared>,
    clock: Clock,
}

/// What all clones of a [`Register`] share.
pub struct Shared {
    db: Db,
    schema: Schema,
    projections: Vec<Box<dyn Projection>>,
    running: idempotency::Running,
    revisions: revision::Revisions,
    /// How often this process committed what the log does not tell of.
    untold: AtomicU64,
}

impl Deref for Register {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Dated for Register {
    fn today(&self) -> NaiveDate {
        self.clock.today()
    }
}

impl ListSource for Register {
    fn db(&self) -> &Db {
        &self.db
    }

    fn clock(&self) -> Clock {
        self.clock
    }

    async fn last_change(&self, conn: &mut Reader) -> Result<i64> {
        sql::last_seq(conn).await
    }
}

impl Register {
    /// Over a database whose schema is up to date.
    pub async fn new(db: Db, projections: Vec<Box<dyn Projection>>, parts: Parts) -> Result<Self> {
        let mut reader = db.read().await?;
        let schema = reader.schema().await?;
        drop(reader);
        let shared = Shared {
            db,
            schema,
            projections,
            running: idempotency::Running::default(),
            revisions: revision::Revisions::new(parts),
            untold: AtomicU64::new(0),
        };
        Ok(Self {
            shared: Arc::new(shared),
            clock: Clock::SYSTEM,
        })
    }

    /// The same, which tells the time by this clock: so does all that it dates.
    #[must_use]
    pub fn at(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// What is committed, where that is known without waiting.
    #[must_use]
    pub fn revision_at_once(&self) -> Option<Arc<Revision>> {
        self.revisions.known(self.db.version_at_once()?)
    }

    /// What is committed, or was after this was asked; none where the database does not say.
    pub async fn revision(&self) -> Option<Arc<Revision>> {
        self.revisions.current(&self.db).await
    }

    /// Moves whenever this process commits what the log does not tell of, as of keys: who remembers such looks again.
    #[must_use]
    pub fn untold(&self) -> u64 {
        self.untold.load(Ordering::Acquire)
    }

    #[must_use]
    pub fn clock(&self) -> Clock {
        self.clock
    }

    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    pub async fn read(&self) -> Result<Reader> {
        self.db.read().await
    }

    pub async fn snapshot(&self) -> Result<Reader> {
        self.db.snapshot().await
    }

    /// As [`Db::dear_snapshot`].
    pub async fn dear_snapshot(&self) -> Result<Reader> {
        self.db.dear_snapshot().await
    }

    /// As [`Db::spare_snapshot`].
    pub async fn spare_snapshot(&self) -> Result<Reader> {
        self.db.spare_snapshot().await
    }

    /// Begins a write. Nothing of it is there until [`Write::commit`] or [`Write::commit_with`].
    /// It may share its transaction with others who wait: see [`Db::begin`].
    pub async fn write(&self, author: &Author) -> Result<Write> {
        self.written_by(author, self.db.begin().await?).await
    }

    /// The same for one that takes long, as [`Db::begin_alone`].
    pub async fn write_alone(&self, author: &Author, patience: Patience) -> Result<Write> {
        self.written_by(author, self.db.begin_alone(patience).await?)
            .await
    }

    async fn written_by(&self, author: &Author, conn: Conn) -> Result<Write> {
        let (write, admitted) = self.write_for(&[Arc::new(author.clone())], conn).await?;
        admitted.into_iter().collect::<Result<()>>()?;
        Ok(write)
    }

    /// The write of several, in what has begun; and whether each of them may take part. It is the first one's until
    /// another [acts](Write::act_for).
    pub async fn write_for(
        &self,
        authors: &[Arc<Author>],
        mut conn: Conn,
    ) -> Result<(Write, Vec<Result<()>>)> {
        let first = authors.first().cloned();
        let first = first.ok_or_else(|| Error::internal("a write of nobody"))?;
        let at = self.clock.now();
        let mut admitted = idempotency::firsts(&mut conn, authors, at).await?;
        let keys = authors.iter().filter_map(|author| Some(author.holder?.key));
        let begun = sql::begun(&mut conn, keys.collect()).await?;
        // Whoever let them in looked at it when the request's head was here; its body may have taken a while.
        let mut held = HashMap::new();
        for (author, admitted) in authors.iter().zip(&mut admitted) {
            let Some(holder) = author.holder else { continue };
            match holder.held(&begun, at) {
                Ok(key) => {
                    held.insert(holder, key);
                }
                Err(refused) if admitted.is_ok() => *admitted = Err(refused),
                Err(_) => {}
            }
        }
        // What is recorded later stands later, whoever recorded what was before, and however the clocks differ.
        if let Some(latest) = begun.latest_id {
            self.clock.go_on_from(latest);
        }
        let write = Write {
            conn,
            at,
            author: first,
            register: self.clone(),
            next_seq: begun.last_seq + 1,
            together: None,
            held,
            is_told: true,
            ids: None,
        };
        Ok((write, admitted))
    }
}

/// A key, and which of its secrets came: one that has followed the other opens no more than it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bearer {
    pub key: Uuid,
    /// The secret's SHA-256.
    pub secret: [u8; 32],
}

impl Bearer {
    /// What it may as the transaction finds it.
    fn held(&self, begun: &sql::Begun, at: Timestamp) -> Result<Held> {
        let key = begun
            .keys
            .get(&self.key)
            .filter(|key| key.is_opened_by(&self.secret, at));
        match key {
            Some(key) if key.expires_at.is_some_and(|end| end <= at) => Err(Error::KeyExpired),
            Some(key) => Ok(Held {
                name: key.name.clone(),
                reach: key.reach.clone(),
            }),
            None => Err(Error::WrongKey(
                "This key was revoked or has another secret. Ask the register's operator for a new one.",
            )),
        }
    }
}

/// What a key is called, and how far it reaches, as of a write.
struct Held {
    name: String,
    reach: Reach,
}

/// Who writes, and why.
#[derive(Debug, Clone)]
pub struct Author {
    /// What their key was called when the request came; the log calls them as the write finds it.
    pub actor: String,
    /// Their key, where they came with one.
    pub holder: Option<Bearer>,
    pub reason: Option<String>,
    /// The request's `Idempotency-Key`, where it has one.
    pub claim: Option<Arc<Claim>>,
}

/// The refusal of a key that reaches not so far.
#[must_use]
pub fn forbidden(key: &str, why: &str) -> Error {
    Error::Forbidden(format!(
        "The key {key:?} {why}. Use another key, or have an admin let this one write more."
    ))
}

/// A place in a write that can be come back to.
pub struct Mark(i64);

/// A transaction that records what it does.
pub struct Write {
    pub conn: Conn,
    /// The moment of everything in it.
    pub at: Timestamp,
    author: Arc<Author>,
    register: Register,
    next_seq: i64,
    /// Changes that go into the log at once, while such are collected: nothing that creates looks into it.
    together: Option<Vec<Change>>,
    /// The keys of those who write, as they are now.
    held: HashMap<Bearer, Held>,
    /// Whether the log tells of all that it changes.
    is_told: bool,
    /// Where new ids come from, unless the clock draws them.
    ids: Option<FixedIds>,
}

impl Write {
    /// A new record's id, in order of creation.
    #[must_use]
    pub fn new_id(&mut self) -> Uuid {
        match &mut self.ids {
            Some(ids) => ids.draw(),
            None => self.register.clock.new_id(),
        }
    }

    /// From here on new records have these ids; where none are given, ids that are drawn.
    pub fn take_ids_of(&mut self, ids: Option<FixedIds>) {
        self.ids = ids;
    }

    /// What comes from here on is by this one, in a write of several.
    pub fn act_for(&mut self, author: &Arc<Author>) {
        self.author = author.clone();
    }

    /// Refuses where this one's key writes no record of this resource.
    pub fn permit(&self, author: &Author, resource: Resource) -> Result<()> {
        self.refused(
            author,
            self.reach(author).map_or(Ok(()), |reach| reach.covers(resource)),
        )
    }

    /// Refuses where this one's key writes no record of this resource that is this owner's, or nobody's.
    pub fn permit_of(&self, author: &Author, resource: Resource, owner: Option<Uuid>) -> Result<()> {
        let reach = self.reach(author);
        self.refused(
            author,
            reach.map_or(Ok(()), |reach| reach.covers_of(resource, owner)),
        )
    }

    /// Refuses where the key of who writes does not write all records, whatever they are and whosesoever.
    pub fn permit_all(&self) -> Result<()> {
        let reach = self.reach(&self.author);
        self.refused(&self.author, reach.map_or(Ok(()), Reach::covers_all))
    }

    /// The refusal of one whose key reaches not so far.
    fn refused(&self, author: &Author, covers: Result<(), String>) -> Result<()> {
        covers.map_err(|why| forbidden(self.name(author), &why))
    }

    /// Refuses where who writes may write nothing of this resource that is about this record, or is it.
    pub async fn permit_about(&mut self, resource: Resource, about: Resource, id: Uuid) -> Result<()> {
        let author = self.author.clone();
        self.permit(&author, resource)?;
        if self.reach(&author).is_none_or(Reach::is_of_all) {
            return Ok(());
        }
        let owner = resources::owner(&mut self.conn, about, id).await?;
        self.permit_of(&author, resource, owner)
    }

    /// Who writes what comes from here on.
    #[must_use]
    pub fn author(&self) -> Arc<Author> {
        self.author.clone()
    }

    /// How far a key reaches; none where there is no key, as of the program itself. One that was not looked at reaches nothing.
    fn reach(&self, author: &Author) -> Option<&Reach> {
        let holder = author.holder.as_ref()?;
        Some(self.held.get(holder).map_or(&reach::NOTHING, |held| &held.reach))
    }

    /// What the log calls this one: as their key is called now.
    fn name<'a>(&'a self, author: &'a Author) -> &'a str {
        let held = author.holder.as_ref().and_then(|holder| self.held.get(holder));
        held.map_or(&author.actor, |held| &held.name)
    }

    /// Logs an act of which nothing but whom it was done to is to be seen.
    pub async fn note(
        &mut self,
        op: Op,
        resource: Resource,
        id: Uuid,
        key: String,
        version: i64,
    ) -> Result<()> {
        self.is_told = false;
        self.log(op, (resource, id, key, version), None, None)
            .await
            .map(drop)
    }

    /// Stores a new record, and logs it.
    pub async fn create<R: Record>(&mut self, record: R, cells: Cells) -> Result<R> {
        let insert = Sql::insert(R::RESOURCE.as_str(), record.id(), cells);
        self.conn.run(insert).await?;
        self.created(&record).await?;
        Ok(record)
    }

    /// What every change ends in: where the record says what it said, nothing; else its next version is stored and
    /// logged.
    pub async fn change<R: Record>(
        &mut self,
        before: R,
        after: R,
        cells: impl FnOnce(&R) -> Cells + Send,
    ) -> Result<R> {
        if after == before {
            return Ok(before);
        }
        self.raise(before, after, cells).await
    }

    /// The same of a record whose version goes up also where it says what it said, as something of it changed.
    pub async fn raise<R: Record>(
        &mut self,
        before: R,
        mut after: R,
        cells: impl FnOnce(&R) -> Cells + Send,
    ) -> Result<R> {
        let (version, updated_at) = after.stamp();
        *version += 1;
        *updated_at = self.at;
        let update = Sql::update(R::RESOURCE.as_str(), after.id(), cells(&after));
        self.conn.run(update).await?;
        self.updated(&before, &after).await?;
        Ok(after)
    }

    pub async fn created<R: Record>(&mut self, after: &R) -> Result<()> {
        self.created_many(std::slice::from_ref(after)).await
    }

    /// As [`Write::created`], of many, in their order.
    pub async fn created_many<R: Record>(&mut self, created: &[R]) -> Result<()> {
        let mut changes = Vec::with_capacity(created.len());
        for after in created {
            let document = Some(json(after)?);
            changes.push(self.entry(Op::Create, entry::<R>(after), None, document));
        }
        self.keep(changes).await
    }

    pub async fn updated<R: Record>(&mut self, before: &R, after: &R) -> Result<()> {
        self.append(
            Op::Update,
            entry::<R>(after),
            Some(json(before)?),
            Some(json(after)?),
        )
        .await
    }

    /// As [`Write::updated`], of many: each as it was, and as it is.
    pub async fn updated_many<R: Record>(&mut self, updated: &[(R, R)]) -> Result<()> {
        let mut changes = Vec::with_capacity(updated.len());
        for (before, after) in updated {
            let documents = (Some(json(before)?), Some(json(after)?));
            changes.push(self.entry(Op::Update, entry::<R>(after), documents.0, documents.1));
        }
        self.keep(changes).await
    }

    async fn append(
        &mut self,
        op: Op,
        entry: (Resource, Uuid, String, i64),
        before: Option<String>,
        after: Option<String>,
    ) -> Result<()> {
        let change = self.entry(op, entry, before, after);
        self.keep(vec![change]).await
    }

    /// Appends changes to the log, and lets follow who follows; or puts them to those that go in together.
    async fn keep(&mut self, changes: Vec<Change>) -> Result<()> {
        if let Some(together) = &mut self.together {
            together.extend(changes);
            return Ok(());
        }
        sql::append(&mut self.conn, &changes).await?;
        for projection in &self.register.clone().projections {
            projection.apply(&mut self.conn, &changes).await?;
        }
        Ok(())
    }

    /// Appends to the log alone, as of a record that is retracted: who follows hears of it when it is back.
    async fn log(
        &mut self,
        op: Op,
        entry: (Resource, Uuid, String, i64),
        before: Option<String>,
        after: Option<String>,
    ) -> Result<Change> {
        let change = self.entry(op, entry, before, after);
        sql::append(&mut self.conn, std::slice::from_ref(&change)).await?;
        Ok(change)
    }

    /// The next entry of the log, to be appended.
    fn entry(
        &mut self,
        op: Op,
        (resource, record_id, key, version): (Resource, Uuid, String, i64),
        before: Option<String>,
        after: Option<String>,
    ) -> Change {
        let seq = self.next_seq;
        self.next_seq += 1;
        Change {
            seq,
            at: self.at,
            actor: self.name(&self.author).to_owned(),
            op,
            resource,
            record_id,
            key,
            version,
            before,
            after,
            reason: self.author.reason.clone(),
        }
    }

    /// Where it stands, to come back to. Marks do not nest.
    pub async fn mark(&mut self) -> Result<Mark> {
        self.conn.savepoint().await?;
        Ok(Mark(self.next_seq))
    }

    /// Undoes what came after the mark: in the numbers of the log either it leaves no trace.
    pub async fn back_to(&mut self, Mark(next_seq): Mark) -> Result<()> {
        self.conn.rollback_to_savepoint().await?;
        self.together = None;
        self.next_seq = next_seq;
        Ok(())
    }

    /// What came after the mark stays.
    pub async fn pass(&mut self, _: Mark) -> Result<()> {
        self.conn.release_savepoint().await
    }

    /// From here on, changes wait to go into the log together.
    pub fn gather(&mut self) {
        self.together = Some(Vec::new());
    }

    /// Puts what was gathered into the log.
    pub async fn keep_gathered(&mut self) -> Result<()> {
        let gathered = self.together.take().unwrap_or_default();
        self.keep(gathered).await
    }

    /// Makes the whole of it last; until then, none of it is. What is answered over HTTP ends in [`Write::commit_with`].
    pub async fn commit(self) -> Result<()> {
        if self.author.claim.is_some() {
            // Committed without its answer, it would be made again when it is asked for again.
            return Err(Error::internal(
                "a write with an Idempotency-Key has no answer to keep",
            ));
        }
        self.end().await
    }

    async fn end(self) -> Result<()> {
        if self.is_told {
            return self.conn.commit_logged().await;
        }
        let committed = self.conn.commit().await;
        // Also where nobody knows whether it was.
        self.register.untold.fetch_add(1, Ordering::Release);
        committed
    }
}

fn entry<R: Record>(record: &R) -> (Resource, Uuid, String, i64) {
    (R::RESOURCE, record.id(), record.key(), record.version())
}

fn json<R: Record>(record: &R) -> Result<String> {
    serde_json::to_string(record).map_err(Error::internal)
}
