//! Records, each defined once: what its routes, lists, batches and the log need to know of one is said in
//! [`Collected`] or [`Related`].
//!
//! [`collection`] makes the eight routes of a resource, [`related`] the six of a record that stands between two
//! others. What differs stays in the feature.

mod batch;
mod collection;
pub mod counts;
mod queue;
mod related;
mod sql;

use std::{collections::HashMap, future::Future, sync::Arc};

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    db::Reader,
    error::{Error, Faults, Result},
    history::{Author, Record, Write},
    resources::{self, Located, Resource},
    values::{Timestamp, Viewpoint},
    web::{Filter, InputSchema, RequestOptions, Shown},
};

pub use batch::Refusal;
pub use collection::{collection, collection_read_by, list};
pub use related::{relate, related};
pub use sql::{RelatedRow, find};

/// What a caller says of a record.
pub trait Draft: Sized + Send + Sync + 'static {
    /// What a new one says, for the contract.
    fn input() -> InputSchema;

    /// What one says that may stand beside the example of that, likewise.
    #[must_use]
    fn another() -> Value {
        Self::input().example
    }

    /// What a patch of one that a demo has says, likewise; of what is changed by such.
    #[must_use]
    fn patch() -> Value {
        Value::Object(Map::new())
    }

    /// Reads a whole record, as it is sent or as a patch leaves it.
    fn parse(body: &Value) -> Result<Self>;

    /// The same of a record as this patch leaves it: to say something anew may mean more than to leave it.
    fn patched(merged: &Value, _patch: &Value) -> Result<Self> {
        Self::parse(merged)
    }

    /// Whether it brings sources along, which may disagree with it from the beginning.
    fn has_sources(&self) -> bool {
        false
    }

    /// What is wrong with it already, where that is told together with what only the register knows to be wrong.
    fn unread(&mut self) -> Option<&mut Faults> {
        None
    }
}

/// A draft, and whose it is.
pub struct Signed<'a, D> {
    pub draft: &'a D,
    pub author: &'a Arc<Author>,
}

/// A record of a resource that has a list of its own, is created by `POST` there and changed by a merge patch.
pub trait Collected: Record + Clone {
    /// What lists show, and may be asked for.
    type Filter: Filter;
    type Draft: Draft;

    /// How many creates that wait are made together at most: enough that their common cost is small beside them, few
    /// enough that none of them waits long for the others.
    const MOST_TOGETHER: usize = 120;

    fn create(write: &mut Write, draft: &Self::Draft) -> impl Future<Output = Result<Self>> + Send;

    /// Creates all of them, in their order, each by its author. Where one breaks a rule the caller undoes them all.
    fn create_all(
        write: &mut Write,
        drafts: &[&Signed<'_, Self::Draft>],
    ) -> impl Future<Output = Result<Vec<Self>, Refusal>> + Send {
        async move {
            let mut created = Vec::with_capacity(drafts.len());
            for Signed { draft, author } in drafts {
                write.act_for(author);
                created.push(Self::create(write, draft).await?);
            }
            Ok(created)
        }
    }

    fn change(
        write: &mut Write,
        before: Self,
        draft: Self::Draft,
    ) -> impl Future<Output = Result<Self>> + Send;

    fn retract(write: &mut Write, id: Uuid) -> impl Future<Output = Result<()>> + Send {
        write.retract(Self::RESOURCE, id)
    }

    /// Checks a record that was brought back against what stands now.
    fn recheck(self, write: &mut Write) -> impl Future<Output = Result<Self>> + Send;

    /// The live record with this id.
    fn find(conn: &mut Reader, id: Uuid) -> impl Future<Output = Result<Option<Self>>> + Send;
}

/// A record that stands between a whole and a participant: who belongs, who attended. Its path names both,
/// and `PUT` there says it.
pub trait Related: Record + Clone + RelatedRow {
    /// What lists show, and may be asked for.
    type Filter: Filter<Item = Self>;
    type Draft: Draft;

    /// The whole that it belongs to.
    const WHOLE: Resource;
    /// What the list, one of it and a `PUT` are, as sentences; and the thing itself, with its article.
    const SUMMARIES: [&'static str; 3];
    const ONE: &'static str;

    /// The list's filter, of this whole alone.
    fn of(filter: &mut Self::Filter, whole: Uuid);

    /// A new one, of which nothing is said yet.
    fn new(id: Uuid, at: Timestamp, whole: &Located, participant: &Located) -> Result<Self>;

    /// The same, of which this is said.
    #[must_use]
    fn said(self, draft: Self::Draft) -> Self;

    /// Refuses what cannot be said by then. What is kept of the same two, as it was written down, may be said as it is.
    fn check(_said: &Self::Draft, _kept: &[Value], _now: Timestamp) -> Result<()> {
        Ok(())
    }

    /// Whether it is a record of its own. One that only follows from others is shown, and has no version, no history and
    /// nothing that could be retracted.
    fn is_kept(&self) -> bool {
        true
    }

    /// Refuses a whole that takes none.
    fn admit(_conn: &mut Reader, _whole: &Located) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Checks one that was brought back against what stands now.
    fn recheck(&self, _: &mut Write) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

/// The live record that a path names.
pub async fn live<R: Collected>(conn: &mut Reader, key: &str) -> Result<R> {
    let located = resources::live(conn, R::RESOURCE, key).await?;
    R::find(conn, located.id)
        .await?
        .ok_or_else(|| resources::not_found(R::RESOURCE, key))
}

/// `POST …/restore`, as far as it is the same for all: brings back what was found.
pub async fn restore(
    write: &mut Write,
    resource: Resource,
    found: &Located,
    asked: &RequestOptions,
) -> Result<()> {
    if let Some(successor) = &found.merged_into {
        return Err(resources::moved(resource, successor));
    }
    asked.must_match(found.version)?;
    write.restore(resource, found.id, &found.public_key()).await
}

/// The record of this write that must be there.
pub async fn must_find<R: Collected>(conn: &mut Reader, id: Uuid) -> Result<R> {
    R::find(conn, id).await?.ok_or_else(|| {
        Error::internal(format!(
            "a record of {} vanished within its own write",
            R::RESOURCE
        ))
    })
}

/// What each of these keys names, as lists show it; null where that is nothing.
pub async fn named<F: Filter<Item: Record>>(
    conn: &mut Reader,
    keys: Vec<Option<&str>>,
    viewpoint: Viewpoint,
) -> Result<Vec<Value>> {
    let once = keys.iter().flatten().map(ToString::to_string).collect();
    let mut views: HashMap<String, Value> = HashMap::new();
    for record in sql::by_keys::<F>(conn, once).await? {
        let view = serde_json::to_value(record.summary(viewpoint)).map_err(Error::internal)?;
        views.insert(record.key(), view);
    }
    let view = |key: Option<&str>| views.get(key?).cloned();
    Ok(keys
        .into_iter()
        .map(|key| view(key).unwrap_or_default())
        .collect())
}

/// What a caller said of a record: the fields of it that can be written.
pub fn said<R: Record>(record: &R) -> Result<Value> {
    let mut whole = serde_json::to_value(record).map_err(Error::internal)?;
    if let Some(fields) = whole.as_object_mut() {
        fields.retain(|name, _| R::RESOURCE.fields().contains(&name.as_str()));
    }
    Ok(whole)
}
