//! What an answer can depend on, and whether that has changed since: docs/decisions/0025.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{sync::Mutex, time::timeout};
use uuid::Uuid;

use super::sql;
use crate::{
    db::{Db, Marks, Version, deadline},
    error::{Error, Result},
    resources::Resource,
    values::Timestamp,
    web::Depends,
};

/// How many entries of the log are read to find out what changed. Where there are more, everything did.
const MOST_ENTRIES: i64 = 500;

/// How long it may take to find that out. Nobody else bounds it: what is answered from memory passes no layer, and whoever
/// comes meanwhile waits behind it.
const FOUND_OUT_WITHIN: Duration = Duration::from_secs(1);

/// Parts that share a place change together, which costs an answer now and then.
const PLACES: usize = 1024;

/// How the register falls into parts, as far as the log tells: handed in where the app is put together.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    /// Whose records are each of one part, or of none.
    pub of: Resource,
    /// The member that names it.
    pub named_by: &'static str,
    /// Whose entries are always followed by one of those, in the same write.
    pub within: &'static [Resource],
}

/// The register at a moment, as far as answers can tell: for each thing that one may depend on, how often it changed.
#[derive(Debug, Clone)]
pub struct Revision {
    everything: u64,
    /// What is of no part.
    common: u64,
    /// What the log does not tell of.
    unlogged: u64,
    parts: [u64; PLACES],
}

/// What an answer depended on, as it was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stamp([u64; 2]);

impl Revision {
    #[must_use]
    pub fn stamp(&self, depends: &Depends) -> Stamp {
        Stamp(match depends {
            // What hangs on who asks is never kept.
            Depends::OnNothing | Depends::OnWhoAsks => [0, 0],
            Depends::OnNoPart => [self.common, 0],
            Depends::OnPart(name) => [self.common, self.parts[place(name)]],
            Depends::OnEverything => [self.common, self.everything],
        })
    }

    /// Changes with what the log does not tell of.
    #[must_use]
    pub fn unlogged(&self) -> u64 {
        self.unlogged
    }
}

fn place(part: &str) -> usize {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(part);
    usize::try_from(hash % PLACES as u64).unwrap_or_default()
}

/// An entry of the log, as far as it tells what changed.
pub(super) struct Entry {
    pub seq: i64,
    pub at: Timestamp,
    pub resource: Resource,
    pub record_id: Uuid,
    /// The record as it was and as it is, where it can tell of which part that is.
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Entry {
    /// What tells this entry from another one of its number.
    fn identity(&self) -> (i64, Timestamp, Uuid) {
        (self.seq, self.at, self.record_id)
    }
}

/// What is known of the register, and is as old as `version`.
struct Known {
    version: Version,
    marks: Marks,
    /// The last entry of the log that was seen; none while it is empty.
    last: Option<(i64, Timestamp, Uuid)>,
    revision: Arc<Revision>,
}

pub(super) struct Revisions {
    parts: Parts,
    known: RwLock<Option<Known>>,
    finding_out: Mutex<()>,
    /// When it could not be found out last.
    unknown_since: RwLock<Option<Instant>>,
}

impl Revisions {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            parts,
            known: RwLock::default(),
            finding_out: Mutex::default(),
            unknown_since: RwLock::default(),
        }
    }

    /// The revision of this version, where it is known.
    pub(super) fn known(&self, version: Version) -> Option<Arc<Revision>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref().filter(|known| known.version == version)?;
        Some(known.revision.clone())
    }

    /// The revision that is committed now, or one that was while this was asked.
    pub(super) async fn current(&self, db: &Db) -> Option<Arc<Revision>> {
        let lately = |at: &Option<Instant>| at.is_some_and(|at| at.elapsed() < FOUND_OUT_WITHIN);
        if lately(&self.unknown_since.read().unwrap_or_else(PoisonError::into_inner)) {
            return None;
        }
        let asked = timeout(FOUND_OUT_WITHIN, self.asked(db));
        let current = deadline::within(FOUND_OUT_WITHIN, asked).await.ok().flatten();
        if current.is_none() {
            // Whoever comes in this moment does not wait for it as well.
            *self.unknown_since.write().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        current
    }

    async fn asked(&self, db: &Db) -> Option<Arc<Revision>> {
        let version = db.version().await?;
        if let Some(revision) = self.known(version) {
            return Some(revision);
        }
        let _alone = self.finding_out.lock().await;
        // Whoever was before may have found out as much.
        let version = db.version().await?;
        if let Some(revision) = self.known(version) {
            return Some(revision);
        }
        // Apart, as it is seldom needed, and large.
        match Box::pin(self.found_out(db, version)).await {
            Ok(revision) => Some(revision),
            Err(error) => {
                tracing::debug!(%error, "what changed is not known");
                None
            }
        }
    }

    /// Reads what changed. The version was asked before, so whatever is committed meanwhile is another one.
    async fn found_out(&self, db: &Db, version: Version) -> Result<Arc<Revision>> {
        let last = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.as_ref().map(|known| (known.marks, known.last))
        };
        let seen = last.and_then(|(_, last)| last).map(|(seq, ..)| seq);
        let first = if last.is_some() {
            Some(seen.unwrap_or(0))
        } else {
            None
        };
        let (of, asked) = (self.parts.of, db.clone());
        let reading = db.beside(async move {
            let mut conn = asked.watching().await?;
            let (marks, entries) = sql::seen_from(&mut conn, first, of, MOST_ENTRIES).await?;
            let are_too_many = i64::try_from(entries.len()).is_ok_and(|count| count >= MOST_ENTRIES);
            let (marks, entries) = if are_too_many {
                sql::seen_from(&mut conn, None, of, MOST_ENTRIES).await?
            } else {
                (marks, entries)
            };
            Ok::<_, Error>((marks, entries, are_too_many))
        });
        let (marks, entries, are_too_many) = reading.await??;
        let Parts { named_by, within, .. } = self.parts;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut revision = known
            .as_ref()
            .map_or_else(Revision::first, |known| (*known.revision).clone());
        let (is_told, goes_on) = last.map_or((false, false), |(before, last)| {
            let is_the_same_log = last.is_none() || entries.first().map(Entry::identity) == last;
            let is_told = before.unlogged == marks.unlogged;
            (is_told, is_told && is_the_same_log && !are_too_many)
        });
        revision.unlogged += u64::from(!is_told);
        if goes_on {
            for entry in entries.iter().filter(|entry| Some(entry.seq) > seen) {
                revision.everything += 1;
                if entry.resource == of {
                    for document in [&entry.before, &entry.after].into_iter().flatten() {
                        revision.part_changed(document, named_by);
                    }
                } else if !within.contains(&entry.resource) {
                    revision.common += 1;
                }
            }
        } else {
            revision.everything += 1;
            revision.common += 1;
        }
        let revision = Arc::new(revision);
        *known = Some(Known {
            version: version.with(marks),
            marks,
            last: entries.last().map(Entry::identity),
            revision: revision.clone(),
        });
        Ok(revision)
    }
}

impl Revision {
    fn first() -> Self {
        Self {
            everything: 0,
            common: 0,
            unlogged: 0,
            parts: [0; PLACES],
        }
    }

    fn part_changed(&mut self, document: &str, named_by: &str) {
        match part_of(document, named_by) {
            Ok(Some(part)) => self.parts[place(&part)] += 1,
            // Of none: only who looks at everything sees it.
            Ok(None) => {}
            // Not as expected: whatever it is of.
            Err(_) => self.common += 1,
        }
    }
}

/// The part that a document names; none where the member is null.
fn part_of(document: &str, named_by: &str) -> Result<Option<String>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Members<'a>(#[serde(borrow)] HashMap<Cow<'a, str>, &'a RawValue>);
    let Members(members) = serde_json::from_str(document)?;
    // One that is not there reads as nothing, which is not what it should be.
    serde_json::from_str(members.get(named_by).map_or("", |member| member.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pledge_changes_its_part_before_and_after_and_nothing_else() {
        let depends = |part: &str| Depends::OnPart(part.to_owned());
        let before = Revision::first();
        let mut after = before.clone();
        after.part_changed(r#"{"id":"1","meeting":"a"}"#, "meeting");
        after.part_changed(r#"{"meeting":"b","amount":{"meeting":"c"}}"#, "meeting");
        after.part_changed(r#"{"meeting":null}"#, "meeting");
        let is_same = |depends: &Depends| before.stamp(depends) == after.stamp(depends);
        assert!(!is_same(&depends("a")) && !is_same(&depends("b")));
        assert!(is_same(&depends("c")) && is_same(&Depends::OnNoPart) && is_same(&Depends::OnNothing));
    }

    #[test]
    fn what_does_not_name_its_part_may_be_of_any() {
        for odd in ["{}", "[]", r#"{"meeting":1}"#, ""] {
            let mut revision = Revision::first();
            revision.part_changed(odd, "meeting");
            assert_ne!(
                revision.stamp(&Depends::OnNoPart),
                Revision::first().stamp(&Depends::OnNoPart)
            );
        }
    }
}
