//! The index follows the log: what a row of it holds follows from the tables alone, whoever writes it and when.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    future::Future,
    pin::Pin,
    time::Duration,
};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    SEARCHED, Source, analysis,
    sql::{self, Extent, Row},
    terms::Terms,
};
use crate::{
    db::{Conn, Db, Reader},
    error::{Error, Result},
    history::{Change, Op, Projection},
    resources::Resource,
};

/// How many records a part of a rebuild has, and how many bytes of text at most, the last of them beyond that: some
/// hundred milliseconds, for which other writes wait.
const RECORDS_OF_A_PART: i64 = 200;
const BYTES_OF_A_PART: usize = 1 << 20;

/// How long a rebuild waits between its parts: another program that waits to write to the same file looks each tenth of a second
/// whether it can.
const GAP: Duration = Duration::from_millis(120);

/// Which analysis an index holds: the words, and what terms are made of them.
const ANALYSIS: i64 = 100 * analysis::VERSION + 1;

/// Reads what words are told by, so that no write waits for it.
pub fn prepare() {
    drop(analysis::tokens("ready"));
}

/// Keeps the index in step with the records.
pub struct Index;

/// What has to be read anew.
#[derive(Default)]
struct Touched<'c> {
    /// Each with how many bytes the log says of it.
    records: BTreeMap<Resource, BTreeMap<Uuid, usize>>,
    /// Records that are new, and the numbers of their entries.
    created: HashMap<Uuid, i64>,
    /// New pledges, which come by the thousand: as the log has them.
    pledges: HashMap<Uuid, &'c str>,
    /// To which something was added that has a record of its own.
    added_to: BTreeSet<Uuid>,
}

impl Touched<'_> {
    fn touch(&mut self, resource: Resource, id: Uuid, bytes: usize) {
        *self.records.entry(resource).or_default().entry(id).or_default() += bytes;
    }
}

/// As many records at a time as have no more text than a part of a rebuild, the last of them beyond it: the terms of a text take
/// several times its room.
fn parts(records: BTreeMap<Uuid, usize>) -> Vec<Vec<Uuid>> {
    let mut parts: Vec<Vec<Uuid>> = Vec::new();
    let mut room = 0;
    for (id, bytes) in records {
        if let Some(part) = parts.last_mut().filter(|_| room > 0) {
            part.push(id);
        } else {
            parts.push(vec![id]);
            room = BYTES_OF_A_PART;
        }
        room = room.saturating_sub(bytes);
    }
    parts
}

impl Projection for Index {
    fn apply<'a>(
        &'a self,
        conn: &'a mut Conn,
        changes: &'a [Change],
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let touched = touched(conn, changes).await?;
            for (resource, records) in touched.records {
                for ids in parts(records) {
                    let is_new = |id| touched.created.contains_key(id) && !touched.added_to.contains(id);
                    let extent = if ids.iter().all(is_new) {
                        Extent::New
                    } else {
                        Extent::Whole
                    };
                    let said = ids.iter().map_while(|id| touched.pledges.get(id));
                    let sources = if extent == Extent::New && said.clone().count() == ids.len() {
                        said.map(|document| sql::new_pledge(document))
                            .collect::<Result<_>>()?
                    } else {
                        sql::sources(conn, resource, &ids, extent).await?
                    };
                    put(conn, resource, &ids, sources, &touched.created).await?;
                }
            }
            Ok(())
        })
    }
}

async fn touched<'c>(conn: &mut Reader, changes: &'c [Change]) -> Result<Touched<'c>> {
    let mut touched = Touched::default();
    let (mut citations, mut attendance, mut participants) = (Vec::new(), Vec::new(), Vec::new());
    for change in changes {
        if !is_searched(change)? {
            continue;
        }
        let id = change.record_id;
        match change.resource {
            Resource::Citations => citations.push(id),
            Resource::Attendance => attendance.push(id),
            resource => {
                touched.touch(resource, id, change.after.as_ref().map_or(0, String::len));
                match (change.op, resource, &change.after) {
                    (Op::Create, Resource::Pledges, Some(after)) => {
                        touched.created.insert(id, change.seq);
                        touched.pledges.insert(id, after);
                    }
                    (Op::Create, ..) => drop(touched.created.insert(id, change.seq)),
                    // It is other by now than what was said of it first.
                    (_, Resource::Pledges, _) => drop(touched.pledges.remove(&id)),
                    (_, Resource::Participants, _) => participants.push(id),
                    _ => {}
                }
            }
        }
    }
    let mut others = sql::subjects(conn, &citations).await?;
    let meetings = sql::meetings_attended(conn, &attendance).await?;
    others.extend(meetings.into_iter().map(|id| (Resource::Meetings, id)));
    let successors = sql::successors(conn, &participants).await?;
    others.extend(successors.into_iter().map(|id| (Resource::Participants, id)));
    for (resource, id) in others {
        touched.touch(resource, id, 0);
        touched.added_to.insert(id);
    }
    Ok(touched)
}

/// The members of what the log keeps of a record that are searched, or that order and facets need.
fn members(resource: Resource) -> &'static [&'static str] {
    match resource {
        Resource::Participants => &["names", "former_names", "aliases", "merged_into"],
        Resource::Coalitions => &["names", "description"],
        Resource::Meetings => &["titles", "city", "starts_on"],
        Resource::Attendance => &["delegate_name", "delegate_office"],
        Resource::Articles => &["publisher", "language", "title", "published_on", "body"],
        Resource::Pledges => &[
            "purpose",
            "conditions",
            "announced_by_name",
            "announced_by_office",
            "announced_on",
            "meeting",
        ],
        // What it is about too, as that goes along where participants are merged.
        Resource::Citations => &["quote", "subject"],
        _ => &[],
    }
}

/// What the log keeps of a record: its members, unread.
#[derive(Deserialize)]
struct Members<'a>(#[serde(borrow)] HashMap<&'a str, &'a RawValue>);

/// Whether anything changed that is searched, or shown of what is.
fn is_searched(change: &Change) -> Result<bool> {
    let members = members(change.resource);
    if members.is_empty() {
        return Ok(false);
    }
    let (Some(before), Some(after)) = (&change.before, &change.after) else {
        return Ok(true);
    };
    let read = |text| serde_json::from_str::<Members<'_>>(text).map_err(Error::internal);
    let (Members(before), Members(after)) = (read(before)?, read(after)?);
    Ok(members
        .iter()
        .any(|member| before.get(member).map(|it| it.get()) != after.get(member).map(|it| it.get())))
}

/// A record as the index is to have it.
struct Document {
    source: Source,
    terms: Terms,
    terms_sha256: String,
}

impl Document {
    fn of(source: Source) -> Self {
        let terms = source.terms();
        Self {
            terms_sha256: terms.sha256(),
            terms,
            source,
        }
    }
}

/// Writes these records, of which the live ones are given as they are now; the others leave the index.
async fn put(
    conn: &mut Conn,
    resource: Resource,
    ids: &[Uuid],
    live: Vec<Source>,
    created: &HashMap<Uuid, i64>,
) -> Result<()> {
    let documents: Vec<Document> = live.into_iter().map(Document::of).collect();
    let old: Vec<Uuid> = ids
        .iter()
        .filter(|id| !created.contains_key(id))
        .copied()
        .collect();
    let there = sql::indexed(conn, &old).await?;
    let live: BTreeSet<Uuid> = documents.iter().map(|it| it.source.id).collect();
    let gone: Vec<i64> = there
        .values()
        .filter(|it| !live.contains(&it.record_id))
        .map(|it| it.number)
        .collect();
    sql::remove(conn, &gone).await?;
    if documents.is_empty() {
        return Ok(());
    }
    let unnumbered: Vec<Uuid> = documents
        .iter()
        .map(|it| it.source.id)
        .filter(|id| !there.contains_key(id) && !created.contains_key(id))
        .collect();
    let logged = sql::numbers(conn, &unnumbered).await?;
    let facets = documents.iter().map(|it| it.source.facets()).collect();
    let facets = sql::facets_ids(conn, facets).await?;
    let mut rows = Vec::with_capacity(documents.len());
    let mut without_history = 0_u32;
    for document in documents {
        let id = document.source.id;
        let old = there.get(&id);
        let number = old
            .map(|it| it.number)
            .or_else(|| created.get(&id).or_else(|| logged.get(&id)).copied());
        // Nobody wrote it through the register. That keeps no other from being found.
        let Some(number) = number else {
            without_history += 1;
            continue;
        };
        let facets_id = facets.get(&document.source.facets()).copied();
        let is_as_it_was = old.is_some_and(|it| it.terms_sha256 == document.terms_sha256);
        rows.push(Row {
            number,
            record_id: id,
            day: document.source.day(),
            facets_id: facets_id.ok_or_else(|| Error::internal("facets without a number"))?,
            opening: document.source.opening(),
            terms_sha256: document.terms_sha256,
            terms: (!is_as_it_was).then_some(document.terms),
            is_there: old.is_some(),
        });
    }
    if without_history > 0 {
        tracing::warn!(%resource, records = without_history, "the log has no entry of them: they are not searched");
    }
    sql::write(conn, rows).await
}

/// How far the index was filled.
#[derive(Debug, Clone, Copy)]
struct Reached {
    resource: Resource,
    id: Option<Uuid>,
}

impl Reached {
    const BEGIN: Self = Self {
        resource: SEARCHED[0],
        id: None,
    };

    fn read(text: &str) -> Option<Self> {
        let (resource, id) = text.split_once('/')?;
        Some(Self {
            resource: resource.parse().ok()?,
            id: if id.is_empty() {
                None
            } else {
                Some(id.parse().ok()?)
            },
        })
    }

    /// Where the next resource begins.
    fn next_resource(self) -> Option<Self> {
        let at = SEARCHED.iter().position(|it| *it == self.resource)?;
        SEARCHED.get(at + 1).map(|resource| Self {
            resource: *resource,
            id: None,
        })
    }
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.resource)?;
        self.id.map_or(Ok(()), |id| write!(f, "{id}"))
    }
}

/// The ids of the next part, and where it ends; none where all is done.
async fn next_part(conn: &mut Reader, reached: Reached) -> Result<Option<(Resource, Vec<Uuid>, Reached)>> {
    let mut reached = reached;
    loop {
        let ids = sql::next_ids(conn, reached.resource, reached.id, RECORDS_OF_A_PART).await?;
        let mut bytes = 0;
        let ids: Vec<Uuid> = ids
            .into_iter()
            .take_while(|(_, length)| {
                let has_room = bytes <= BYTES_OF_A_PART;
                bytes += usize::try_from(*length).unwrap_or_default();
                has_room
            })
            .map(|(id, _)| id)
            .collect();
        if let Some(last) = ids.last() {
            let end = Reached {
                id: Some(*last),
                ..reached
            };
            return Ok(Some((reached.resource, ids, end)));
        }
        match reached.next_resource() {
            Some(next) => reached = next,
            None => return Ok(None),
        }
    }
}

/// Fills the index anew, in parts between which others write. What it does is done once; broken off, the next
/// [`fill`] goes on.
pub async fn rebuild(db: &Db, progress: impl FnMut(u64, u64)) -> Result<()> {
    let mut conn = db.begin_part().await?;
    sql::remove_words_of_nothing(&mut conn).await?;
    sql::set_state(&mut conn, ANALYSIS, Some(Reached::BEGIN.to_string())).await?;
    conn.commit_unshown().await?;
    fill_with(db, GAP, progress).await
}

/// Fills the index to its end, where it is of another analysis or was not filled to its end. `progress` hears how many of
/// how many records are done.
pub async fn fill(db: &Db, progress: impl FnMut(u64, u64)) -> Result<()> {
    fill_with(db, Duration::ZERO, progress).await
}

async fn fill_with(db: &Db, gap: Duration, progress: impl FnMut(u64, u64)) -> Result<()> {
    let (analysis, reached) = sql::state(&mut db.read().await?).await?;
    if analysis == ANALYSIS && reached.is_none() {
        return Ok(());
    }
    let all = sql::records(&mut db.read().await?).await?.unsigned_abs();
    match fill_parts(db, all, gap, progress).await {
        // There is nothing to find yet, and what is written takes its words along.
        Err(error) if all == 0 && error.leaves_reading() => {
            tracing::warn!(%error, "that the index of search is full could not be noted: the next start does it");
            Ok(())
        }
        filled => filled,
    }
}

async fn fill_parts(db: &Db, all: u64, gap: Duration, mut progress: impl FnMut(u64, u64)) -> Result<()> {
    let mut done = 0;
    progress(done, all);
    loop {
        let mut conn = db.begin_part().await?;
        let state = sql::state(&mut conn).await?;
        let (analysis, reached) = state.clone();
        let reached = match reached.filter(|_| analysis == ANALYSIS) {
            Some(reached) => Reached::read(&reached).unwrap_or(Reached::BEGIN),
            // Another program has ended it meanwhile.
            None if analysis == ANALYSIS => return Ok(()),
            None => Reached::BEGIN,
        };
        let Some((resource, ids, end)) = next_part(&mut conn, reached).await? else {
            remove_strays(&mut conn).await?;
            sql::remove_unused_facets(&mut conn).await?;
            conn.commit_unshown().await?;
            // Before it is said to be full, so that one that is broken off is joined by the next.
            join_pieces(db).await?;
            let mut conn = db.begin_part().await?;
            // Unless another program has begun anew meanwhile.
            if sql::state(&mut conn).await? == state {
                sql::set_state(&mut conn, ANALYSIS, None).await?;
            }
            // What was answered meanwhile may be another answer now.
            return conn.commit().await;
        };
        // Written anew whatever a row says of itself: its words may be gone, or be another's.
        let there = sql::indexed(&mut conn, &ids).await?;
        sql::remove(&mut conn, &there.values().map(|it| it.number).collect::<Vec<_>>()).await?;
        let sources = sql::sources(&mut conn, resource, &ids, Extent::Whole).await?;
        put(&mut conn, resource, &ids, sources, &HashMap::new()).await?;
        sql::set_state(&mut conn, ANALYSIS, Some(end.to_string())).await?;
        conn.commit_unshown().await?;
        sleep(gap).await;
        done += ids.len() as u64;
        progress(done.min(all), all);
    }
}

/// Leaves a full index as it is read fastest. Broken off, it is whole all the same.
async fn join_pieces(db: &Db) -> Result<()> {
    // What others write meanwhile is pieces again: nobody waits for an end that does not come.
    const MOST_STEPS: usize = 1_000;
    for _ in 0..MOST_STEPS {
        let mut conn = db.begin_part().await?;
        let more = sql::join_pieces(&mut conn).await?;
        conn.commit_unshown().await?;
        if !more {
            break;
        }
    }
    Ok(())
}

/// Takes out what belongs to no record.
async fn remove_strays(conn: &mut Conn) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = sql::next_indexed(conn, after, 1_000).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.number;
        let ids: Vec<Uuid> = rows.iter().map(|it| it.record_id).collect();
        let known = sql::numbers(conn, &ids).await?;
        let strays: Vec<i64> = rows
            .iter()
            .filter(|it| known.get(&it.record_id) != Some(&it.number))
            .map(|it| it.number)
            .collect();
        sql::remove(conn, &strays).await?;
    }
}

const OTHER_WORDS: &str = "has other words in the index";

/// A row of the index that differs from what the record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference(String);

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Holds every row of the index against its record; what differs. `conn` reads as of one moment. Beside a part of the records, it
/// holds some forty bytes for each row of a file's index.
pub async fn verify(conn: &mut Reader, mut progress: impl FnMut(u64, u64)) -> Result<Vec<Difference>> {
    let mut differences = Vec::new();
    let words = sql::Words::read(conn).await?;
    let all = sql::records(conn).await?.unsigned_abs();
    let (mut done, mut found, mut reached) = (0, 0_i64, Reached::BEGIN);
    while let Some((resource, ids, end)) = next_part(conn, reached).await? {
        let there = sql::indexed(conn, &ids).await?;
        let numbers = sql::numbers(conn, &ids).await?;
        let facets = there.values().map(|it| it.facets_id).collect();
        let facets = sql::facets(conn, &facets).await?;
        let sources = sql::sources(conn, resource, &ids, Extent::Whole).await?;
        let mut documents: HashMap<Uuid, Document> =
            sources.into_iter().map(|it| (it.id, Document::of(it))).collect();
        let mut as_hashed = Vec::with_capacity(ids.len());
        let mut differs =
            |id: &Uuid, how: &str| differences.push(Difference(format!("{resource}/{id} {how}")));
        for id in &ids {
            let row = there.get(id);
            found += i64::from(row.is_some());
            match (row, documents.remove(id)) {
                (None, None) => {}
                (None, Some(_)) => differs(id, "is not in the index"),
                (Some(_), None) => differs(id, "is in the index and should not be"),
                (Some(row), Some(document)) => {
                    let Document {
                        source,
                        terms,
                        terms_sha256,
                    } = document;
                    if Some(&row.number) != numbers.get(id) {
                        differs(id, "has another number than its first entry of the log");
                    } else if row.day != source.day() {
                        differs(id, "has another date in the index");
                    } else if facets.get(&row.facets_id) != Some(&source.facets()) {
                        differs(id, "has other facets in the index");
                    } else if row.terms_sha256 != terms_sha256 {
                        differs(id, OTHER_WORDS);
                    } else {
                        as_hashed.push((row.number, terms));
                    }
                }
            }
        }
        let others = words.other_than(conn, as_hashed).await?;
        for id in ids
            .iter()
            .filter(|id| there.get(id).is_some_and(|row| others.contains(&row.number)))
        {
            differs(id, OTHER_WORDS);
        }
        done += ids.len() as u64;
        progress(done.min(all), all);
        reached = end;
    }
    let (without_terms, without_document) = sql::strays(conn).await?;
    let rows = sql::rows(conn).await?;
    for (count, what) in [
        (rows - found, "rows of the index are of no record"),
        (without_terms, "rows of the index have no words"),
        (without_document, "rows of words are of no row of the index"),
    ] {
        if count > 0 {
            differences.push(Difference(format!("{count} {what}")));
        }
    }
    Ok(differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_text_is_held_at_once_than_a_part_has() {
        let of = |bytes: &[usize]| {
            let records = (0..).zip(bytes).map(|(id, bytes)| (Uuid::from_u128(id), *bytes));
            let parts = parts(records.collect());
            let all: Vec<Uuid> = parts.concat();
            assert!(all.len() == bytes.len() && all.is_sorted());
            parts.iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(of(&[]), [0; 0]);
        assert_eq!(of(&[1_000; 500]), [500]);
        assert_eq!(of(&[0; 2_000]), [2_000]);
        assert_eq!(of(&[BYTES_OF_A_PART / 2; 5]), [2, 2, 1]);
        assert_eq!(of(&[5, 4 * BYTES_OF_A_PART, 5, 5]), [2, 2]);
        assert_eq!(of(&[4 * BYTES_OF_A_PART; 3]), [1, 1, 1]);
    }
}
