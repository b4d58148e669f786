//! What the register holds: its resources by name, how each is addressed, and who refers to whom.
//!
//! A resource's name is its table's name and its path's word, so that a foreign
//! key read from the schema names what a person would call it.

pub mod examples;
mod keys;
pub mod reach;
mod sql;

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::{
    db::{Reader, Sql},
    error::{Detail, Error, Faults, Result},
    values::{LangMap, Timestamp, no_nul, vocabulary, without_secrets},
    web::Query,
};

pub use keys::{Code, IN_PATHS, ParticipantKey, Slug};
pub use reach::{Area, Reach};
pub use sql::{
    REACH, Reference, Rows, key_column, owner, referrers, repoint, retracted_targets, rows_pointing,
    set_retracted, set_version,
};

vocabulary! {
    /// Everything that has an id, versions and a history.
    Resource {
        Participants = "participants",
        Coalitions = "coalitions",
        Members = "members",
        Meetings = "meetings",
        Attendance = "attendance",
        Articles = "articles",
        Pledges = "pledges",
        Events = "events",
        Adherents = "adherents",
        Assessments = "assessments",
        Citations = "citations",
        Rates = "rates",
        Scales = "scales",
        Keys = "keys",
    }
}

impl Resource {
    /// One of it, as sentences and the contract's operations name it.
    #[must_use]
    pub const fn singular(self) -> &'static str {
        match self {
            Self::Participants => "participant",
            Self::Coalitions => "coalition",
            Self::Members => "member",
            Self::Meetings => "meeting",
            Self::Attendance => "attendance",
            Self::Articles => "article",
            Self::Pledges => "pledge",
            Self::Events => "event",
            Self::Adherents => "adherent",
            Self::Assessments => "assessment",
            Self::Citations => "citation",
            Self::Rates => "rate",
            Self::Scales => "scale",
            Self::Keys => "key",
        }
    }

    /// Whether a citation may state a field of this name: an equivalent and tranches are several amounts, and none of them alone.
    #[must_use]
    pub fn is_stated(self, field: &str) -> bool {
        self.fields().contains(&field)
            && !(self == Self::Pledges && ["equivalent", "tranches"].contains(&field))
    }

    /// The fields that a caller may write: what a patch may name, and, as [`is_stated`](Self::is_stated) says, what a
    /// citation may state.
    #[must_use]
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Participants => &["code", "kind", "names", "former_names", "aliases", "merged_into"],
            Self::Coalitions => &["slug", "names", "founded_on", "description"],
            Self::Members => &["periods"],
            Self::Meetings => &[
                "slug",
                "titles",
                "kind",
                "starts_on",
                "ends_on",
                "coalition",
                "city",
                "country",
                "headline_amount",
                "need_amount",
                "headline_currency",
                "participant_count",
            ],
            Self::Attendance => &["role", "delegate_name", "delegate_office", "adopted"],
            Self::Articles => &[
                "publisher",
                "language",
                "title",
                "kind",
                "url",
                "published_on",
                "body",
            ],
            Self::Pledges => &[
                "instrument",
                "participant",
                "meeting",
                "parent",
                "restates",
                "qualifier",
                "amount_min",
                "amount",
                "amount_max",
                "currency",
                "equivalent",
                "purpose",
                "beneficiary",
                "announced_on",
                "announced_by_name",
                "announced_by_office",
                "period_from",
                "period_to",
                "due_on",
                "tranches",
                "conditions",
            ],
            Self::Events => &[
                "stage",
                "occurred_on",
                "to",
                "amount",
                "currency",
                "equivalent",
                "over",
                "note",
            ],
            Self::Adherents => &["statements", "stance", "on", "text"],
            Self::Assessments => &[
                "subject",
                "participant",
                "assessor",
                "scale",
                "value",
                "period_from",
                "period_to",
                "kind",
                "published_on",
                "replaces",
            ],
            Self::Citations => &[
                "subject",
                "article",
                "quote",
                "start",
                "end",
                "states",
                "preferred",
            ],
            Self::Rates => &["currency", "date", "per_usd", "source"],
            Self::Scales => &["names", "values"],
            Self::Keys => &["name", "expires_at", "resources", "participant", "note"],
        }
    }
}

/// Where a record stands: enough to address it and to name it, not what it says.
#[derive(Debug, Clone)]
pub struct Located {
    pub id: Uuid,
    /// People's key, where the resource has one.
    pub key: Option<String>,
    /// What it is called, where it has names in several languages.
    pub names: Option<LangMap>,
    pub version: i64,
    pub retracted_at: Option<Timestamp>,
    /// The code of the participant that this one was merged into.
    pub merged_into: Option<String>,
}

impl Located {
    /// A live record that this write has made, and that has no key but its id.
    #[must_use]
    pub fn new(id: Uuid) -> Self {
        Self {
            id,
            key: None,
            names: None,
            version: 1,
            retracted_at: None,
            merged_into: None,
        }
    }

    /// As it stands in paths.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.key.clone().unwrap_or_else(|| self.id.to_string())
    }

    /// The same as the type that its resource's keys have.
    pub fn parsed<K: std::str::FromStr<Err = String>>(&self) -> Result<K> {
        self.public_key().parse().map_err(Error::internal)
    }

    /// What it is called, where its resource has names.
    pub fn required_names(&self) -> Result<LangMap> {
        let names = self.names.clone();
        names.ok_or_else(|| Error::internal("a record of a resource with names has none"))
    }
}

/// The record with this key or id, retracted or not.
pub async fn locate(conn: &mut Reader, resource: Resource, key: &str) -> Result<Option<Located>> {
    Ok(locate_all(conn, resource, vec![key]).await?.remove(key))
}

/// The records with these keys or ids, retracted or not, by what each was named. What is not there is left out.
async fn locate_all<'a>(
    conn: &mut Reader,
    resource: Resource,
    names: Vec<&'a str>,
) -> Result<HashMap<&'a str, Located>> {
    // Several names can mean one record: an id and a key, and the same code in two spellings.
    let (mut by_id, mut by_key) = (BTreeMap::new(), BTreeMap::new());
    for name in names {
        if no_nul(name).is_err() {
            continue;
        }
        match as_id(name) {
            Some(id) => by_id.entry(id).or_insert_with(Vec::new).push(name),
            None => by_key
                .entry(folded(resource, name))
                .or_insert_with(Vec::new)
                .push(name),
        }
    }
    let mut located = HashMap::new();
    if !by_id.is_empty() {
        for found in sql::by_ids(conn, resource, by_id.keys().copied().collect()).await? {
            for name in by_id.remove(&found.id).unwrap_or_default() {
                located.insert(name, found.clone());
            }
        }
    }
    if !by_key.is_empty() {
        for found in sql::by_keys(conn, resource, by_key.keys().cloned().collect()).await? {
            for name in by_key
                .remove(found.key.as_deref().unwrap_or_default())
                .unwrap_or_default()
            {
                located.insert(name, found.clone());
            }
        }
    }
    Ok(located)
}

/// A name that is an id, in the one spelling that ids have in paths.
fn as_id(name: &str) -> Option<Uuid> {
    Uuid::parse_str(name).ok().filter(|_| name.len() == 36)
}

/// The live record with this key or id. A merged participant is [`Error::Moved`].
pub async fn live(conn: &mut Reader, resource: Resource, key: &str) -> Result<Located> {
    let found = locate(conn, resource, key)
        .await?
        .ok_or_else(|| not_found(resource, key))?;
    if found.retracted_at.is_some() {
        return Err(gone(resource, &found.public_key()));
    }
    if let Some(successor) = &found.merged_into {
        return Err(moved(resource, successor));
    }
    Ok(found)
}

/// An event of this pledge, retracted or not.
pub async fn event_of(conn: &mut Reader, pledge: Uuid, key: &str) -> Result<Located> {
    let found = match as_id(key) {
        Some(event) => sql::event_of(conn, pledge, event).await?,
        None => None,
    };
    found.ok_or_else(|| not_found(Resource::Events, key))
}

/// The same of a live one.
pub async fn live_event_of(conn: &mut Reader, pledge: Uuid, key: &str) -> Result<Located> {
    let event = event_of(conn, pledge, key).await?;
    if event.retracted_at.is_some() {
        return Err(Error::Gone {
            resource: Resource::Events.as_str(),
            key: event.public_key(),
            path: format!("/v1/pledges/{pledge}/events/{}", event.id),
        });
    }
    Ok(event)
}

/// What a participant states of a pledge, both by their keys; its own key names them both. None where either is not there,
/// or there is no statement.
pub async fn adherent_of(conn: &mut Reader, pledge: &str, participant: &str) -> Result<Option<Located>> {
    let pledge = resolve(conn, Resource::Pledges, pledge).await?;
    let participant = resolve(conn, Resource::Participants, participant).await?;
    let Some((pledge, participant)) = pledge.zip(participant) else {
        return Ok(None);
    };
    let found = sql::adherent_of(conn, pledge.id, participant.id).await?;
    Ok(found.map(|it| Located {
        key: Some(format!("{}/{}", pledge.id, participant.public_key())),
        ..it
    }))
}

/// Whether a participant adheres to a pledge as it adopted it where it was made, without a statement.
pub async fn adheres_by_attendance(conn: &mut Reader, pledge: &str, participant: &str) -> Result<bool> {
    let pledge = resolve(conn, Resource::Pledges, pledge).await?;
    let participant = resolve(conn, Resource::Participants, participant).await?;
    match pledge.zip(participant) {
        Some((pledge, participant)) => sql::adopted(conn, pledge.id, participant.id).await,
        None => Ok(false),
    }
}

/// What a reference means: the live record, or the one that it was merged into.
/// `None` when there is none, or it was retracted.
pub async fn resolve(conn: &mut Reader, resource: Resource, key: &str) -> Result<Option<Located>> {
    Ok(resolve_all(conn, resource, vec![key]).await?.remove(key))
}

/// As [`resolve`], of many keys at once: what each means; one that means nothing is left out.
pub async fn resolve_all<'a>(
    conn: &mut Reader,
    resource: Resource,
    keys: Vec<&'a str>,
) -> Result<HashMap<&'a str, Located>> {
    let found = locate_all(conn, resource, keys).await?;
    let merged = found
        .values()
        .filter_map(|it| it.merged_into.as_deref())
        .collect();
    let successors = locate_all(conn, resource, merged).await?;
    Ok(found
        .iter()
        .filter_map(|(key, it)| {
            let it = match it.merged_into.as_deref() {
                Some(successor) => successors.get(successor)?,
                None => it,
            };
            it.retracted_at.is_none().then(|| (*key, it.clone()))
        })
        .collect())
}

#[must_use]
pub fn not_found(resource: Resource, key: &str) -> Error {
    Error::NotFound {
        resource: resource.as_str(),
        key: folded(resource, &without_secrets(key)),
        faults: Faults::default(),
    }
}

/// The same of a path that names several records: by which part of it.
#[must_use]
pub fn not_found_at(place: &'static str, resource: Resource, key: &str) -> Error {
    let key = without_secrets(key);
    let mut faults = Faults::default();
    unknown(resource, &key, place, &mut faults);
    Error::NotFound {
        resource: resource.as_str(),
        key: folded(resource, &key),
        faults,
    }
}

#[must_use]
pub fn gone(resource: Resource, key: &str) -> Error {
    Error::Gone {
        resource: resource.as_str(),
        key: key.to_owned(),
        path: format!("/v1/{resource}/{key}"),
    }
}

/// Where a merged record lives now.
#[must_use]
pub fn moved(resource: Resource, successor: &str) -> Error {
    Error::Moved {
        location: format!("/v1/{resource}/{successor}"),
    }
}

/// A key is given once, also where its record was retracted or merged.
pub async fn refuse_taken(conn: &mut Reader, resource: Resource, key: &str) -> Result<()> {
    let Some(found) = locate(conn, resource, key).await? else {
        return Ok(());
    };
    let field = match resource {
        Resource::Participants => "/code",
        _ => "/slug",
    };
    let mend = if let Some(successor) = &found.merged_into {
        format!("It was merged into {successor}; use that one.")
    } else if found.retracted_at.is_some() {
        format!(
            "It is retracted, and a key is never given twice: restore it (POST /v1/{resource}/{key}/restore) or choose another."
        )
    } else {
        format!("Patch it (PATCH /v1/{resource}/{key}) or choose another key.")
    };
    let detail = format!("{resource}/{key} exists already. {mend}");
    Err(Error::conflict(
        "duplicate",
        field,
        Detail::of(detail).naming(format!("{resource}/{key}")),
    )
    .with_the_record_at(format!("/v1/{resource}/{key}")))
}

/// A key is for life.
#[must_use]
pub fn fixed(field: &str, now: &str) -> Error {
    Error::Invalid(Faults::one(
        format!("/{field}"),
        "fixed",
        format!(
            "is {now:?} for good and cannot be changed. Leave it out of the patch, or make a new record."
        ),
    ))
}

/// People's keys come in any case.
fn folded(resource: Resource, key: &str) -> String {
    match resource {
        Resource::Participants => key.to_ascii_uppercase(),
        Resource::Coalitions | Resource::Meetings | Resource::Scales => key.to_ascii_lowercase(),
        _ => key.to_owned(),
    }
}

/// The id that a field of a body refers to; a fault at `pointer` when there is no such record.
pub async fn referred(
    conn: &mut Reader,
    resource: Resource,
    key: Option<&str>,
    pointer: &str,
    faults: &mut Faults,
) -> Result<Option<Located>> {
    let Some(key) = key else { return Ok(None) };
    let found = resolve(conn, resource, key).await?;
    if found.is_none() {
        unknown(resource, key, pointer, faults);
    }
    Ok(found)
}

/// What a reference to nothing is told.
pub fn unknown(resource: Resource, key: &str, pointer: &str, faults: &mut Faults) {
    faults.add_said(
        pointer,
        "unknown_reference",
        format!("names {resource}/{key}, which is not in the register; create it first or mend the key"),
        key,
    );
}

/// Records that a filter names: by their keys as asked, by their ids once resolved.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Named {
    keys: Vec<String>,
    ids: Vec<Uuid>,
    /// People's keys of the same records, as far as they are known.
    known: Vec<String>,
}

impl Named {
    pub fn read(query: &mut Query, parameter: &'static str) -> Self {
        Self {
            keys: query.many(parameter),
            ..Self::default()
        }
    }

    /// The record that a path names.
    #[must_use]
    pub fn one(id: Uuid) -> Self {
        Self {
            ids: vec![id],
            ..Self::default()
        }
    }

    /// Records that are known already, each with its key.
    pub fn these(records: impl IntoIterator<Item = (Uuid, String)>) -> Self {
        let (ids, known) = records.into_iter().unzip();
        Self {
            keys: Vec::new(),
            ids,
            known,
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.ids.is_empty()
    }

    /// People's keys of what it names, once it is resolved.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }

    /// The one slug that it names, as it is stored.
    #[must_use]
    pub fn slug(&self) -> Option<Slug> {
        match self.keys.as_slice() {
            [key] => key.parse().ok(),
            _ => None,
        }
    }

    /// Finds the ids. A key that names nothing is a fault: a filter that
    /// silently matched nothing would answer a typing error with a wrong number.
    pub async fn resolve(
        &mut self,
        conn: &mut Reader,
        resource: Resource,
        parameter: &'static str,
        faults: &mut Faults,
    ) -> Result<()> {
        for key in std::mem::take(&mut self.keys) {
            match resolve(conn, resource, &key).await? {
                Some(found) => {
                    self.ids.push(found.id);
                    self.known.extend(found.key);
                }
                None => faults.add_said(
                    format!("?{parameter}"),
                    "unknown_reference",
                    format!("{parameter} names {resource}/{key}, which is not in the register"),
                    &key,
                ),
            }
        }
        Ok(())
    }

    /// Appends `before ($1, $2, …) after` where anything is named.
    pub fn matching(&self, sql: &mut Sql, before: &'static str, after: &'static str) {
        if !self.ids.is_empty() {
            sql.push(before).push_list(self.ids.iter().copied()).push(after);
        }
    }

    /// Appends the keys of what is named: as they are known, which spares a server the plan of a join; else what finds
    /// them, `before ($1, $2, …) after` with the ids.
    pub fn push_keys(&self, sql: &mut Sql, before: &'static str, after: &'static str) {
        if self.known.len() == self.ids.len() {
            sql.push_list(self.known.iter().cloned());
        } else {
            self.matching(sql, before, after);
        }
    }
}
