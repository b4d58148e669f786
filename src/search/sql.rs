//! Statements about what is searched: the texts of records, the index, and what it finds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Asked, Facet, Facets, Found, Hit, SearchedResource, Source, Text, Tier, Title, Year,
    analysis::{LONGEST_QUERY, Query, QueryFault},
    find::{self, Candidate, How, Levels},
    terms::{self, Terms, Wanted},
};
use crate::{
    db::{Conn, Reader, Sql, row, rows_of, stored_as_json},
    error::{Detail, Error, Faults, Result},
    history,
    resources::{Named, Resource},
    values::{LangMap, PartialDate},
    web::{self, ColumnType, Depends, Filter, Place, Ranked, Sort},
};

/// How many records one statement reads. Few sizes, so that there are few texts to keep prepared.
const SIZES: [usize; 3] = [1, 20, 200];
/// Of how many combinations facets are read by their numbers alone.
const FEW_FACETS: usize = 200;
/// Of more, all between the first and the last are read where they are no more than so many times what is wanted.
const SPARSE: usize = 8;
/// Of how many records a name may be for each to be told.
const MOST_MEANT: usize = 3;

/// How much is read of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// The same of one that is new, to which nothing was added yet.
    New,
    /// No more than snippets are cut from.
    Opening,
}

/// As many as a statement has place for, the last of them several times.
fn padded(ids: &[Uuid]) -> Vec<Uuid> {
    let places = SIZES.into_iter().find(|places| ids.len() <= *places);
    let mut padded = ids.to_vec();
    if let Some(last) = ids.last() {
        padded.resize(places.unwrap_or(ids.len()), *last);
    }
    padded
}

/// These ids, of which a column is one. A server that knows little of a table yet finds each by its index, and does not hold every
/// row against all of them.
fn push_ids<'s>(sql: &'s mut Sql, ids: &[Uuid]) -> &'s mut Sql {
    let mut before = "(values (";
    for id in ids {
        sql.push(before).push_arg(*id);
        before = "), (";
    }
    sql.push("))")
}

/// The live records of a resource with these ids, as they are searched.
pub(super) async fn sources(
    conn: &mut Reader,
    resource: Resource,
    ids: &[Uuid],
    extent: Extent,
) -> Result<Vec<Source>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(SIZES[2]) {
        let ids = padded(ids);
        let mut sources = match resource {
            Resource::Participants => participants(conn, &ids, extent).await?,
            Resource::Coalitions => coalitions(conn, &ids).await?,
            Resource::Meetings => meetings(conn, &ids, extent).await?,
            Resource::Articles => articles(conn, &ids, extent).await?,
            Resource::Pledges => pledges(conn, &ids).await?,
            _ => Vec::new(),
        };
        if resource != Resource::Articles && extent != Extent::New && !sources.is_empty() {
            let mut quotes = quotes(conn, resource, &ids).await?;
            for source in &mut sources {
                for quote in quotes.remove(&source.id).unwrap_or_default() {
                    source.put(Tier::Quotes, "quote", Some(quote));
                }
            }
        }
        found.append(&mut sources);
    }
    Ok(found)
}

impl Source {
    fn new(resource: Resource, id: Uuid, key: String, title: Title) -> Self {
        Self {
            resource,
            id,
            key,
            title,
            date: None,
            language: None,
            publisher: None,
            meeting: None,
            wholes: Vec::new(),
            texts: Vec::new(),
        }
    }

    fn put(&mut self, tier: Tier, field: &'static str, text: Option<String>) {
        if let Some(text) = text {
            self.texts.push(Text {
                tier,
                field,
                words: text,
            });
        }
    }

    fn add_name(&mut self, field: &'static str, name: &str) {
        self.wholes.push(name.to_owned());
        self.put(Tier::Names, field, Some(name.to_owned()));
    }

    fn add_names(&mut self, field: &'static str, names: &LangMap) {
        for name in names.texts() {
            self.add_name(field, name);
        }
    }
}

/// What a participant was called before.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FormerNames {
    names: LangMap,
}
stored_as_json!(Vec<FormerNames>);

struct Participant {
    /// Its own, or of the one that it was merged into.
    id: Uuid,
    code: String,
    names: LangMap,
    former_names: Vec<FormerNames>,
    aliases: Vec<String>,
}

row! { Participant { id, code, names, former_names, aliases } }

async fn participants(conn: &mut Reader, ids: &[Uuid], extent: Extent) -> Result<Vec<Source>> {
    let mut sql = Sql::new(
        "select id, code, names, former_names, aliases from participants
         where retracted_at is null and merged_into is null and id in ",
    );
    push_ids(&mut sql, ids).push(" order by id");
    let live: Vec<Participant> = conn.all(sql).await?;
    let mut sql = Sql::new(
        "select merged_into as id, code, names, former_names, aliases from participants
         where retracted_at is null and merged_into in ",
    );
    push_ids(&mut sql, ids).push(" order by code");
    let mut merged: HashMap<Uuid, Vec<Participant>> = HashMap::new();
    let others = if extent == Extent::New {
        Vec::new()
    } else {
        conn.all::<Participant>(sql).await?
    };
    for it in others {
        merged.entry(it.id).or_default().push(it);
    }
    let sources = live.into_iter().map(|it| {
        let mut source = Source::new(
            Resource::Participants,
            it.id,
            it.code.clone(),
            Title::In(it.names.clone()),
        );
        name(&mut source, &it, "names");
        for it in merged.remove(&it.id).unwrap_or_default() {
            name(&mut source, &it, "former_names");
        }
        source
    });
    Ok(sources.collect())
}

fn name(source: &mut Source, it: &Participant, field: &'static str) {
    source.add_name("code", &it.code);
    source.add_names(field, &it.names);
    for former in &it.former_names {
        source.add_names("former_names", &former.names);
    }
    for alias in &it.aliases {
        source.add_name("aliases", alias);
    }
}

struct Coalition {
    id: Uuid,
    slug: String,
    names: LangMap,
    description: Option<String>,
}

row! { Coalition { id, slug, names, description } }

async fn coalitions(conn: &mut Reader, ids: &[Uuid]) -> Result<Vec<Source>> {
    let mut sql =
        Sql::new("select id, slug, names, description from coalitions where retracted_at is null and id in ");
    push_ids(&mut sql, ids).push(" order by id");
    let found: Vec<Coalition> = conn.all(sql).await?;
    let sources = found.into_iter().map(|it| {
        let title = Title::In(it.names.clone());
        let mut source = Source::new(Resource::Coalitions, it.id, it.slug.clone(), title);
        source.add_name("slug", &it.slug);
        source.add_names("names", &it.names);
        source.put(Tier::Bodies, "description", it.description);
        source
    });
    Ok(sources.collect())
}

struct Meeting {
    id: Uuid,
    slug: String,
    titles: LangMap,
    city: Option<String>,
    starts_on: PartialDate,
}

row! { Meeting { id, slug, titles, city, starts_on } }

struct Delegate {
    meeting_id: Uuid,
    name: Option<String>,
    office: Option<String>,
}

row! { Delegate { meeting_id, name, office } }

async fn meetings(conn: &mut Reader, ids: &[Uuid], extent: Extent) -> Result<Vec<Source>> {
    let mut sql = Sql::new(
        "select id, slug, titles, city, starts_on from meetings where retracted_at is null and id in ",
    );
    push_ids(&mut sql, ids).push(" order by id");
    let found: Vec<Meeting> = conn.all(sql).await?;
    let mut sql = Sql::new(
        "select meeting_id, delegate_name as name, delegate_office as office from attendance
         where retracted_at is null and (delegate_name is not null or delegate_office is not null) and meeting_id in ",
    );
    push_ids(&mut sql, ids).push(" order by id");
    let mut delegates: HashMap<Uuid, Vec<Delegate>> = HashMap::new();
    let all = if extent == Extent::New {
        Vec::new()
    } else {
        conn.all::<Delegate>(sql).await?
    };
    for it in all {
        delegates.entry(it.meeting_id).or_default().push(it);
    }
    let sources = found.into_iter().map(|it| {
        let title = Title::In(it.titles.clone());
        let mut source = Source::new(Resource::Meetings, it.id, it.slug.clone(), title);
        source.date = Some(it.starts_on);
        source.meeting = Some(it.slug.clone());
        source.add_name("slug", &it.slug);
        source.add_names("titles", &it.titles);
        source.put(Tier::Purposes, "city", it.city);
        for it in delegates.remove(&it.id).unwrap_or_default() {
            source.put(Tier::Purposes, "delegate_name", it.name);
            source.put(Tier::Purposes, "delegate_office", it.office);
        }
        source
    });
    Ok(sources.collect())
}

struct Article {
    id: Uuid,
    publisher: String,
    language: String,
    title: String,
    published_on: Option<PartialDate>,
    body: Option<String>,
}

row! { Article { id, publisher, language, title, published_on, body } }

async fn articles(conn: &mut Reader, ids: &[Uuid], extent: Extent) -> Result<Vec<Source>> {
    let mut sql = Sql::new(match extent {
        Extent::Whole | Extent::New => {
            "select a.id, a.publisher, a.language, a.title, a.published_on, a.body from articles a
             where a.retracted_at is null and a.id in "
        }
        Extent::Opening => {
            "select a.id, a.publisher, a.language, a.title, a.published_on,
               case when d.opening is null then a.body else d.opening end as body
             from articles a join search_documents d on d.record_id = a.id
             where a.retracted_at is null and a.id in "
        }
    });
    push_ids(&mut sql, ids).push(" order by a.id");
    let found: Vec<Article> = conn.all(sql).await?;
    let sources = found.into_iter().map(|it| {
        let title = Title::Plain(it.title.clone());
        let mut source = Source::new(Resource::Articles, it.id, it.id.to_string(), title);
        source.date = it.published_on;
        source.language = Some(it.language);
        source.publisher = Some(it.publisher.clone());
        source.put(Tier::Names, "title", Some(it.title));
        source.put(Tier::Purposes, "publisher", Some(it.publisher));
        source.put(Tier::Bodies, "body", it.body);
        source
    });
    Ok(sources.collect())
}

#[derive(Deserialize)]
struct Pledge {
    id: Uuid,
    purpose: Option<String>,
    conditions: Option<String>,
    announced_by_name: Option<String>,
    announced_by_office: Option<String>,
    #[serde(deserialize_with = "date")]
    announced_on: Option<PartialDate>,
    meeting: Option<String>,
    participant_names: Option<LangMap>,
    meeting_titles: Option<LangMap>,
}

row! {
    Pledge {
        id, purpose, conditions, announced_by_name, announced_by_office, announced_on, meeting, participant_names,
        meeting_titles,
    }
}

async fn pledges(conn: &mut Reader, ids: &[Uuid]) -> Result<Vec<Source>> {
    let mut sql = Sql::new(
        "select r.id, r.purpose, r.conditions, r.announced_by_name, r.announced_by_office, r.announced_on, m.slug as meeting,
           p.names as participant_names, m.titles as meeting_titles
         from pledges r left join meetings m on m.id = r.meeting_id left join participants p on p.id = r.participant_id
         where r.retracted_at is null and r.id in ",
    );
    push_ids(&mut sql, ids).push(" order by r.id");
    let found: Vec<Pledge> = conn.all(sql).await?;
    Ok(found.into_iter().map(Pledge::source).collect())
}

impl Pledge {
    fn source(self) -> Source {
        let key = self.id.to_string();
        // A pledge has no title: it is called by what it is for, or by whose it is.
        let title = match (&self.purpose, self.participant_names, self.meeting_titles) {
            (Some(purpose), ..) => Title::Plain(purpose.clone()),
            (None, Some(names), _) | (None, None, Some(names)) => Title::In(names),
            (None, None, None) => Title::Plain(key.clone()),
        };
        let mut source = Source::new(Resource::Pledges, self.id, key, title);
        source.date = self.announced_on;
        source.meeting = self.meeting;
        source.put(Tier::Purposes, "purpose", self.purpose);
        source.put(Tier::Purposes, "announced_by_name", self.announced_by_name);
        source.put(Tier::Purposes, "announced_by_office", self.announced_by_office);
        source.put(Tier::Bodies, "conditions", self.conditions);
        source
    }
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PartialDate>, D::Error> {
    let date: Option<&str> = Deserialize::deserialize(deserializer)?;
    date.map(str::parse).transpose().map_err(D::Error::custom)
}

/// A new pledge as it is searched, from what the log keeps of it; not what it is called where it has no purpose.
pub(super) fn new_pledge(document: &str) -> Result<Source> {
    let pledge: Pledge = serde_json::from_str(document).map_err(Error::internal)?;
    Ok(pledge.source())
}

/// The quotes that say so, by what they are cited for, in the order in which they were entered.
async fn quotes(conn: &mut Reader, resource: Resource, ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<String>>> {
    let ways: &[&'static str] = match resource {
        Resource::Participants => {
            &["c.participant_id as about, c.quote from citations c where c.participant_id in "]
        }
        Resource::Coalitions => {
            &["c.coalition_id as about, c.quote from citations c where c.coalition_id in "]
        }
        Resource::Meetings => &["c.meeting_id as about, c.quote from citations c where c.meeting_id in "],
        Resource::Pledges => &[
            "c.pledge_id as about, c.quote from citations c where c.pledge_id in ",
            "e.pledge_id as about, c.quote from events e join citations c on c.event_id = e.id where e.pledge_id in ",
            "d.pledge_id as about, c.quote from adherents d join citations c on c.adherent_id = d.id where d.pledge_id in ",
            "s.pledge_id as about, c.quote from assessments s join citations c on c.assessment_id = s.id where s.pledge_id in ",
        ],
        _ => &[],
    };
    let mut sql = Sql::new("select about, quote from (");
    let mut before = "select c.id, ";
    for way in ways {
        push_ids(sql.push(before).push(way), ids);
        sql.push(" and c.retracted_at is null and c.quote is not null");
        before = " union all select c.id, ";
    }
    sql.push(") as said order by id");
    let mut quotes: HashMap<Uuid, Vec<String>> = HashMap::new();
    for (about, quote) in conn.all::<(Uuid, String)>(sql).await? {
        quotes.entry(about).or_default().push(quote);
    }
    Ok(quotes)
}

/// The meetings that these rows of attendance are of, live or not.
pub(super) async fn meetings_attended(conn: &mut Reader, attendance: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for ids in attendance.chunks(SIZES[2]) {
        let mut sql = Sql::new("select distinct meeting_id from attendance where id in ");
        sql.push_list(padded(ids));
        found.extend(conn.all::<(Uuid,)>(sql).await?.into_iter().map(|(id,)| id));
    }
    Ok(found)
}

/// Whom these participants were merged into, live or not.
pub(super) async fn successors(conn: &mut Reader, participants: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for ids in participants.chunks(SIZES[2]) {
        let mut sql = Sql::new(
            "select distinct merged_into from participants where merged_into is not null and id in ",
        );
        sql.push_list(padded(ids));
        found.extend(conn.all::<(Uuid,)>(sql).await?.into_iter().map(|(id,)| id));
    }
    Ok(found)
}

/// What a citation is about, of what is searched.
struct Subject {
    participant: Option<Uuid>,
    coalition: Option<Uuid>,
    meeting: Option<Uuid>,
    pledge: Option<Uuid>,
}

row! { Subject { participant, coalition, meeting, pledge } }

/// What these citations are about, live or not.
pub(super) async fn subjects(conn: &mut Reader, citations: &[Uuid]) -> Result<Vec<(Resource, Uuid)>> {
    let mut found = Vec::new();
    for ids in citations.chunks(SIZES[2]) {
        let mut sql = Sql::new(
            "select c.participant_id as participant, c.coalition_id as coalition, c.meeting_id as meeting,
               coalesce(c.pledge_id, e.pledge_id, d.pledge_id, s.pledge_id) as pledge
             from citations c left join events e on e.id = c.event_id left join adherents d on d.id = c.adherent_id
               left join assessments s on s.id = c.assessment_id
             where c.id in ",
        );
        sql.push_list(padded(ids));
        for it in conn.all::<Subject>(sql).await? {
            let about = [
                (Resource::Participants, it.participant),
                (Resource::Coalitions, it.coalition),
                (Resource::Meetings, it.meeting),
                (Resource::Pledges, it.pledge),
            ];
            found.extend(
                about
                    .into_iter()
                    .filter_map(|(resource, id)| Some((resource, id?))),
            );
        }
    }
    Ok(found)
}

/// A row of the index.
pub(super) struct Indexed {
    pub number: i64,
    pub record_id: Uuid,
    pub day: Option<i64>,
    pub facets_id: i64,
    pub terms_sha256: String,
}

row! { Indexed { number, record_id, day, facets_id, terms_sha256 } }

const INDEXED: &str = "select number, record_id, \"day\", facets_id, terms_sha256 from search_documents";

/// What the index has of these records.
pub(super) async fn indexed(conn: &mut Reader, ids: &[Uuid]) -> Result<HashMap<Uuid, Indexed>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(SIZES[2]) {
        let mut sql = Sql::new(INDEXED);
        push_ids(sql.push(" where record_id in "), &padded(ids));
        found.extend(
            conn.all::<Indexed>(sql)
                .await?
                .into_iter()
                .map(|it| (it.record_id, it)),
        );
    }
    Ok(found)
}

/// The entries of the log that created these records.
pub(super) async fn numbers(conn: &mut Reader, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let mut found = HashMap::new();
    for ids in ids.chunks(SIZES[2]) {
        found.extend(history::first_entries(conn, padded(ids)).await?);
    }
    Ok(found)
}

/// Takes rows out of the index.
pub(super) async fn remove(conn: &mut Conn, numbers: &[i64]) -> Result<()> {
    for numbers in numbers.chunks(SIZES[2]) {
        remove_terms(conn, numbers).await?;
        let mut sql = Sql::new("delete from search_documents where number in ");
        sql.push_list(numbers.iter().copied());
        conn.run(sql).await?;
    }
    Ok(())
}

/// Takes out words that are of no row.
pub(super) async fn remove_words_of_nothing(conn: &mut Conn) -> Result<()> {
    let strays = conn.all(Sql::new(
        "select t.rowid from search_terms t left join search_documents d on d.number = t.rowid where d.number is null",
    ));
    let numbers: Vec<(i64,)> = strays.await?;
    for numbers in numbers.chunks(SIZES[2]) {
        remove_terms(conn, &numbers.iter().map(|(it,)| *it).collect::<Vec<_>>()).await?;
    }
    Ok(())
}

async fn remove_terms(conn: &mut Conn, numbers: &[i64]) -> Result<()> {
    let mut sql = Sql::new("delete from search_terms where rowid in ");
    sql.push_list(numbers.iter().copied());
    conn.run(sql).await.map(drop)
}

/// A row to be put into the index.
pub(super) struct Row {
    pub number: i64,
    pub record_id: Uuid,
    pub day: Option<i64>,
    pub facets_id: i64,
    pub terms_sha256: String,
    pub opening: Option<String>,
    /// Where its terms are others than those that are there.
    pub terms: Option<Terms>,
    /// Whether there are some.
    pub is_there: bool,
}

/// Puts rows into the index, each in the place of what was there of its record.
pub(super) async fn write(conn: &mut Conn, mut rows: Vec<Row>) -> Result<()> {
    // A file's index takes them in this order without a pause.
    rows.sort_by_key(|row| row.number);
    let replaced: Vec<i64> = rows
        .iter()
        .filter(|row| row.is_there && row.terms.is_some())
        .map(|row| row.number)
        .collect();
    for numbers in replaced.chunks(SIZES[2]) {
        remove_terms(conn, numbers).await?;
    }
    for rows in rows.chunks(rows_of(6)) {
        let mut sql = Sql::new(
            "insert into search_documents (number, record_id, \"day\", facets_id, terms_sha256, opening) values ",
        );
        sql.push_rows(rows, |it, row| {
            row.add(it.number)
                .add(it.record_id)
                .add(it.day)
                .add(it.facets_id)
                .add(it.terms_sha256.clone())
                .add(it.opening.clone());
        });
        sql.push(
            " on conflict (number) do update set \"day\" = excluded.\"day\", facets_id = excluded.facets_id,
                 terms_sha256 = excluded.terms_sha256, opening = excluded.opening",
        );
        conn.run(sql).await?;
    }
    let mut terms: Vec<(i64, Terms)> = rows
        .into_iter()
        .filter_map(|row| Some((row.number, row.terms?)))
        .collect();
    while !terms.is_empty() {
        let rest = terms.split_off(terms.len().min(SIZES[1]));
        let mut sql = Sql::either(
            "insert into search_terms (rowid, terms, loose) select column1, column2, column3 from (values ",
            "insert into search_terms (rowid, terms) select column1, cast(column2 as tsvector) from (values ",
        );
        let taken = std::mem::replace(&mut terms, rest);
        sql.push_rows(taken, |(number, terms), row| {
            let loose = terms.loose();
            row.add(number).add(terms.spelled()).add(loose);
        });
        sql.push(") as given");
        conn.run(sql).await?;
    }
    Ok(())
}

/// The numbers of these combinations; those that are new get one.
pub(super) async fn facets_ids(conn: &mut Conn, wanted: BTreeSet<Facets>) -> Result<HashMap<Facets, i64>> {
    let mut of: BTreeMap<String, Facets> = BTreeMap::new();
    for facets in wanted {
        of.insert(said(&facets)?, facets);
    }
    let mut found = HashMap::new();
    let texts: Vec<String> = of.keys().cloned().collect();
    for texts in texts.chunks(SIZES[2]) {
        let mut sql = Sql::new("select id, said from search_facets where said in ");
        sql.push_list(texts.iter().cloned());
        for (id, said) in conn.all::<(i64, String)>(sql).await? {
            if let Some(facets) = of.remove(&said) {
                found.insert(facets, id);
            }
        }
    }
    if of.is_empty() {
        return Ok(found);
    }
    let (last,): (i64,) = conn
        .one(Sql::new("select coalesce(max(id), 0) from search_facets"))
        .await?;
    let new: Vec<(i64, (String, Facets))> = (last + 1..).zip(of).collect();
    for new in new.chunks(rows_of(2)) {
        let mut sql = Sql::new("insert into search_facets (id, said) values ");
        sql.push_rows(new, |(id, (said, _)), row| {
            row.add(*id).add(said.clone());
        });
        conn.run(sql).await?;
    }
    found.extend(new.into_iter().map(|(id, (_, facets))| (facets, id)));
    Ok(found)
}

fn said(facets: &Facets) -> Result<String> {
    serde_json::to_string(facets).map_err(Error::internal)
}

/// What facets tell by these numbers. However many combinations there are, little more is read than is wanted.
pub(super) async fn facets(conn: &mut Reader, ids: &BTreeSet<i64>) -> Result<HashMap<i64, Facets>> {
    let (Some(first), Some(last)) = (ids.first(), ids.last()) else {
        return Ok(HashMap::new());
    };
    let between = usize::try_from(last - first).unwrap_or(usize::MAX);
    let mut rows: Vec<(i64, String)> = Vec::with_capacity(ids.len());
    if ids.len() > FEW_FACETS && between / SPARSE <= ids.len() {
        let mut sql = Sql::new("select id, said from search_facets where id between ");
        sql.push_arg(*first).push(" and ").push_arg(*last);
        rows.extend(conn.all::<(i64, String)>(sql).await?);
    } else {
        let ids: Vec<i64> = ids.iter().copied().collect();
        for ids in ids.chunks(FEW_FACETS) {
            let mut sql = Sql::new("select id, said from search_facets where id in ");
            sql.push_list(ids.iter().copied());
            rows.extend(conn.all::<(i64, String)>(sql).await?);
        }
    }
    rows.into_iter()
        .filter(|(id, _)| ids.contains(id))
        .map(|(id, said)| Ok((id, serde_json::from_str(&said).map_err(Error::internal)?)))
        .collect()
}

/// The next live and retracted records of a resource behind an id, each with the length of its longest text.
pub(super) async fn next_ids(
    conn: &mut Reader,
    resource: Resource,
    after: Option<Uuid>,
    most: i64,
) -> Result<Vec<(Uuid, i64)>> {
    let length = match resource {
        Resource::Articles => "coalesce(octet_length(body), 0)",
        _ => "0",
    };
    let mut sql = Sql::new("select id, cast(");
    sql.push(length).push(" as bigint) from ").push(resource.as_str());
    sql.push(" where id > ").push_arg(after.unwrap_or_default());
    sql.push(" order by id limit ").push_arg(most);
    conn.all(sql).await
}

/// How many records there are to be searched, retracted ones too.
pub(super) async fn records(conn: &mut Reader) -> Result<i64> {
    let (count,) = conn
        .one(Sql::new(
            "select (select count(*) from participants) + (select count(*) from coalitions) + (select count(*) from meetings)
               + (select count(*) from articles) + (select count(*) from pledges)",
        ))
        .await?;
    Ok(count)
}

/// Which analysis the index holds, and how far it was filled; none where it is whole.
pub(super) async fn state(conn: &mut Reader) -> Result<(i64, Option<String>)> {
    conn.one(Sql::new(
        "select analysis, reached from search_state where id = 1",
    ))
    .await
}

pub(super) async fn set_state(conn: &mut Conn, analysis: i64, reached: Option<String>) -> Result<()> {
    let sql = Sql::new("update search_state set analysis = $1, reached = $2 where id = 1");
    conn.run(sql.bind(analysis).bind(reached)).await.map(drop)
}

/// How many rows the index has.
pub(super) async fn rows(conn: &mut Reader) -> Result<i64> {
    let (count,) = conn
        .one(Sql::new("select count(*) from search_documents"))
        .await?;
    Ok(count)
}

/// How many rows have no terms, and how many terms have no row.
pub(super) async fn strays(conn: &mut Reader) -> Result<(i64, i64)> {
    conn.one(Sql::new(
        "select (select count(*) from search_documents d left join search_terms t on t.rowid = d.number where t.rowid is null),
           (select count(*) from search_terms t left join search_documents d on d.number = t.rowid where d.number is null)",
    ))
    .await
}

/// The words that the index holds.
pub(super) enum Words {
    /// Of a file, which finds no row's words without reading all: their sum, by the number of the row.
    Summed(Summed),
    /// Of a server, which compares them itself.
    Kept,
}

/// Sums of terms where they stand, by the number of the row.
#[derive(Default)]
pub(super) struct Summed(HashMap<i64, u64>);

/// The number of its row, itself, and where it stands, see [`terms::sum`].
type Stood = (i64, String, i64);

impl Extend<Stood> for Summed {
    fn extend<I: IntoIterator<Item = Stood>>(&mut self, terms: I) {
        for (number, term, place) in terms {
            let sum = self.0.entry(number).or_default();
            *sum = sum.wrapping_add(terms::sum(&term, place));
        }
    }
}

impl Words {
    pub(super) async fn read(conn: &mut Reader) -> Result<Self> {
        if !conn.is_of_file() {
            return Ok(Self::Kept);
        }
        let sql = Sql::new(
            "select doc, term, case col when 'loose' then -1 - \"offset\" else \"offset\" end from search_places",
        );
        Ok(Self::Summed(conn.gathered::<Stood, Summed>(sql).await?))
    }

    /// The numbers of those rows whose words are others than these.
    pub(super) async fn other_than(
        &self,
        conn: &mut Reader,
        mut expected: Vec<(i64, Terms)>,
    ) -> Result<BTreeSet<i64>> {
        let mut others = BTreeSet::new();
        if let Self::Summed(Summed(sums)) = self {
            let differs = |(number, terms): &&(i64, Terms)| {
                sums.get(number).copied().unwrap_or_default() != terms.sum()
            };
            others.extend(expected.iter().filter(differs).map(|(number, _)| *number));
            return Ok(others);
        }
        while !expected.is_empty() {
            let rest = expected.split_off(expected.len().min(SIZES[1]));
            let mut sql = Sql::new("select given.column1 from (values ");
            let part = std::mem::replace(&mut expected, rest);
            sql.push_rows(part, |(number, terms), row| {
                row.add(number).add(terms.spelled());
            });
            sql.push(
                ") as given left join search_terms t on t.rowid = given.column1
                 where t.terms is distinct from cast(given.column2 as tsvector)",
            );
            others.extend(conn.all::<(i64,)>(sql).await?.into_iter().map(|(number,)| number));
        }
        Ok(others)
    }
}

/// How many pages of a file's index one step of joining it writes: some hundred milliseconds, for which other writes wait.
const PAGES_OF_A_STEP: i64 = -2_000;

/// Joins the pieces that a file's index has after it was filled, of each of which every question reads a little; whether there is
/// more to do. A server's index has none.
pub(super) async fn join_pieces(conn: &mut Conn) -> Result<bool> {
    if !conn.is_of_file() {
        return Ok(false);
    }
    let (pieces,): (i64,) = conn
        .one(Sql::new("select count(distinct segid) from search_terms_idx"))
        .await?;
    if pieces > 1 {
        let sql = Sql::new("insert into search_terms (search_terms, rank) values ('merge', $1)");
        conn.run(sql.bind(PAGES_OF_A_STEP)).await?;
    }
    Ok(pieces > 1)
}

/// Takes out what facets tell of no row.
pub(super) async fn remove_unused_facets(conn: &mut Conn) -> Result<()> {
    conn.run(Sql::new(
        "delete from search_facets where id not in (select facets_id from search_documents)",
    ))
    .await
    .map(drop)
}

/// The next rows of the index behind a number.
pub(super) async fn next_indexed(conn: &mut Reader, after: i64, most: i64) -> Result<Vec<Indexed>> {
    let mut sql = Sql::new(INDEXED);
    sql.push(" where number > ").push_arg(after);
    sql.push(" order by number limit ").push_arg(most);
    conn.all(sql).await
}

/// Appends that a row of terms has what is wanted, as either engine asks it.
fn push_match(sql: &mut Sql, wanted: Wanted) {
    // Behind a question of its own, so that the server's planner does not see which words are common: it would read the terms of
    // every record then, and does not know what it costs to unpack them.
    sql.push_either("search_terms match ", "terms @@ (select cast(")
        .push_arg(wanted.spelled());
    sql.push_either("", " as tsquery))");
}

/// Which hits are kept, by what facets tell of them. Without it all are, and nobody reads what facets tell.
type Kept<'a> = Option<&'a (dyn Fn(&Facets) -> bool + Sync)>;

/// What a query finds of these resources, in its order; and what facets tell of it, where somebody asks.
pub(super) async fn find(
    conn: &mut Reader,
    query: &Query,
    how: How,
    only: &[Resource],
    kept: Kept<'_>,
) -> Result<(Vec<Hit>, HashMap<i64, Facets>)> {
    let Levels { all, last, before } = Levels::of(query, how, only);
    // In this order, as the planner of a file may think that a row of terms is found by its number.
    let mut sql = Sql::new(
        "select d.number, d.record_id, d.\"day\", d.facets_id from search_terms cross join search_documents d
         where d.number = search_terms.rowid and ",
    );
    push_match(&mut sql, all);
    let all: Vec<Candidate> = conn.all(sql).await?;
    if all.is_empty() {
        return Ok((Vec::new(), HashMap::new()));
    }
    let facets = match kept {
        Some(_) => facets(conn, &all.iter().map(|it| it.facets_id).collect()).await?,
        None => HashMap::new(),
    };
    let mut sql = Sql::new("");
    let mut union = "select cast(";
    for (level, wanted) in before {
        let level = i64::try_from(level).map_err(Error::internal)?;
        sql.push(union).push_arg(level);
        sql.push(" as bigint), rowid from search_terms where ");
        push_match(&mut sql, wanted);
        union = " union all select cast(";
    }
    let before: Vec<(i64, i64)> = conn.all(sql).await?;
    let hits = find::ordered(all, last, &before, |id| {
        kept.is_none_or(|kept| facets.get(&id).is_some_and(kept))
    });
    Ok((hits, facets))
}

fn has_beginnings(query: &Query) -> bool {
    let mut terms = query.clauses.iter().flat_map(|it| &it.terms);
    terms.any(|it| it.prefix)
}

/// The keys of the records that this name may be meant for; none where it is that of none, or of too many.
pub(super) async fn meant(conn: &mut Reader, resource: Resource, name: &str) -> Result<Vec<String>> {
    // A beginning of a word may be that of very many; and no name has one.
    let Some(query) = Query::parse(name).ok().filter(|it| !has_beginnings(it)) else {
        return Ok(Vec::new());
    };
    let (hits, _) = find(conn, &query, How::Named, &[resource], None).await?;
    let exact = hits.iter().filter(|it| it.is_exact()).count();
    let mut meant: Vec<&Hit> = if exact > 0 {
        hits.iter().take(exact).collect()
    } else {
        hits.iter().filter(|it| it.is_by_name()).collect()
    };
    if let &[one] = meant.as_slice()
        && exact > 0
    {
        // Whoever is told from others by more than this name shares it with them: Congo (DRC), Congo (Republic).
        let longer = longer_names(conn, resource, &query.whole).await?;
        if longer.contains(&one.number) {
            meant.extend(hits.iter().skip(exact).filter(|it| longer.contains(&it.number)));
        }
        // Too many to be told: the one that is called so.
        if meant.len() > MOST_MEANT {
            meant.truncate(exact);
        }
    }
    if meant.len() > MOST_MEANT {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = meant.iter().map(|it| it.id).collect();
    let found = sources(conn, resource, &ids, Extent::Opening).await?;
    let mut keys: HashMap<Uuid, String> = found.into_iter().map(|it| (it.id, it.key)).collect();
    Ok(ids.iter().filter_map(|id| keys.remove(id)).collect())
}

/// The numbers of those that have a name of which this is the beginning, other words behind it.
async fn longer_names(conn: &mut Reader, resource: Resource, whole: &str) -> Result<BTreeSet<i64>> {
    let mut sql = Sql::new("select rowid from search_terms where ");
    push_match(&mut sql, find::beginning_with(whole, resource));
    Ok(conn
        .all::<(i64,)>(sql)
        .await?
        .into_iter()
        .map(|(it,)| it)
        .collect())
}

/// A fault where a query has only words that stand in nearly every text, and nobody is called so.
async fn named_at_least(
    conn: &mut Reader,
    query: &Query,
    only: &[Resource],
    faults: &mut Faults,
) -> Result<()> {
    if !query.says_nothing {
        return Ok(());
    }
    let (hits, _) = find(conn, query, How::Asked, only, None).await?;
    if hits.is_empty() {
        faults.add("?q", "search", format!("q {}", QueryFault::OnlyStopWords));
    }
    Ok(())
}

/// `q` of a list: what of its resource has these words.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Searched {
    query: Option<Asked>,
    how: How,
    is_ranked: bool,
}

impl Searched {
    /// Words, as `/v1/search` takes them.
    pub fn read(query: &mut web::Query) -> Self {
        Self::of(query, How::Asked)
    }

    /// The beginnings of words, as one types.
    pub fn read_as_typed(query: &mut web::Query) -> Self {
        Self::of(query, How::Typed)
    }

    fn of(query: &mut web::Query, how: How) -> Self {
        let line: Option<String> = query.one("q");
        let parsed = line.map(|line| match how {
            How::Asked | How::Named => Query::parse(&line),
            How::Typed => Query::typed(&line),
        });
        let parsed = parsed.and_then(|parsed| {
            parsed
                .map_err(|fault| {
                    let detail = Detail::of(format!("q {fault}"));
                    let (code, detail) = match fault {
                        QueryFault::TooLong { .. } => ("length", detail.limited(LONGEST_QUERY)),
                        QueryFault::Empty | QueryFault::OnlyStopWords | QueryFault::OnlyExcluded => {
                            ("search", detail)
                        }
                    };
                    query.fault("q", code, detail);
                })
                .ok()
        });
        Self {
            query: parsed.map(Into::into),
            how,
            is_ranked: false,
        }
    }

    /// Where nothing is asked for but words that stand in nearly every text, somebody must be called so.
    pub async fn resolve(&self, conn: &mut Reader, resource: Resource, faults: &mut Faults) -> Result<()> {
        match &self.query {
            Some(query) => named_at_least(conn, query, &[resource], faults).await,
            None => Ok(()),
        }
    }

    /// Whether it asks for anything.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.query.is_some()
    }

    /// Whether much may be read to find what matches: not of names as they are typed, which are few.
    #[must_use]
    pub fn is_dear(&self) -> bool {
        self.is_asked() && self.how == How::Asked
    }

    /// What matches, in the order of search.
    pub async fn rank(&mut self, conn: &mut Reader, resource: Resource) -> Result<Vec<Ranked>> {
        let Some(query) = &self.query else {
            return Ok(Vec::new());
        };
        let (hits, _) = find(conn, query, self.how, &[resource], None).await?;
        self.is_ranked = true;
        Ok(hits.iter().map(Hit::ranked).collect())
    }

    /// Appends ` and …`, that the record has them, unless its rows are named by their ranks.
    pub fn matching(&self, sql: &mut Sql, resource: Resource) {
        let Some(query) = self.query.as_ref().filter(|_| !self.is_ranked) else {
            return;
        };
        let all = Levels::of(query, self.how, &[resource]).all;
        sql.push(
            " and r.id in (select d.record_id from search_terms cross join search_documents d
              where d.number = search_terms.rowid and ",
        );
        push_match(sql, all);
        sql.push(")");
    }
}

/// What is found by words, of all that is searched.
#[derive(Debug, Default)]
pub struct SearchFilter {
    query: Option<Asked>,
    resource: Vec<Resource>,
    language: Vec<String>,
    publisher: Vec<String>,
    year: Vec<String>,
    meeting: Named,
    /// By what hits are counted.
    facets: Vec<Facet>,
    counted: Option<Value>,
}

row! { Found { id, said, place: later, shown: later } }

impl SearchFilter {
    /// Whether it leaves out what facets tell of; of which resource a record is the index says.
    fn chooses(&self) -> bool {
        !(self.language.is_empty()
            && self.publisher.is_empty()
            && self.year.is_empty()
            && self.meeting.is_empty())
    }

    fn keeps(&self, facets: &Facets) -> bool {
        let is_among = |asked: &[String], value: Option<&str>| {
            asked.is_empty() || value.is_some_and(|value| asked.iter().any(|it| it == value))
        };
        let Facets(_, language, publisher, year, meeting) = facets;
        let year = year.map(|it| it.to_string());
        is_among(&self.language, language.as_deref())
            && is_among(&self.publisher, publisher.as_deref())
            && is_among(&self.year, year.as_deref())
            && is_among(self.meeting.known(), meeting.as_deref())
            && (self.resource.is_empty() || facets.resource().is_some_and(|it| self.resource.contains(&it)))
    }
}

impl Filter for SearchFilter {
    type Item = Found;

    const COLUMNS: &'static str = "select r.record_id as id, f.said";
    const FROM: &'static str =
        " from search_documents r join search_facets f on f.id = r.facets_id where 1 = 1";
    const ID: &'static str = "r.record_id";
    const IS_COMPLETED: bool = true;
    const IS_RANKED: bool = true;
    const SORTS: &'static [Sort<Found>] = &[Sort::by("rank", "r.number", ColumnType::Number, |_| None)];

    fn read(query: &mut web::Query) -> Self {
        let searched = Searched::read(query);
        if !query.is_given("q") {
            query.fault("q", "search", "q is required: the words to search for");
        }
        let resource: Vec<SearchedResource> = query.many("resource");
        let year: Vec<Year> = query.many("year");
        Self {
            query: searched.query,
            resource: resource.into_iter().map(SearchedResource::resource).collect(),
            language: query.many("language"),
            publisher: query.texts("publisher"),
            year: year.into_iter().map(|Year(year)| year.to_string()).collect(),
            meeting: Named::read(query, "meeting"),
            facets: query.many("facets"),
            counted: None,
        }
    }

    fn newest_first(&self) -> bool {
        false
    }

    fn is_dear(&self) -> bool {
        true
    }

    fn depends(&self) -> Depends {
        Depends::OnEverything
    }

    fn names_records(&self) -> bool {
        !self.meeting.is_empty()
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        let mut faults = Faults::default();
        self.meeting
            .resolve(conn, Resource::Meetings, "meeting", &mut faults)
            .await?;
        if let Some(query) = &self.query {
            named_at_least(conn, query, &[], &mut faults).await?;
        }
        faults.or_malformed()
    }

    async fn rank(&mut self, conn: &mut Reader) -> Result<Vec<Ranked>> {
        let Some(query) = &self.query else {
            return Ok(Vec::new());
        };
        let keeps = |facets: &Facets| self.keeps(facets);
        let is_told = self.asks_for_facets() || self.chooses();
        let kept: Kept<'_> = if is_told { Some(&keeps) } else { None };
        let (hits, known) = find(conn, query, How::Asked, &self.resource, kept).await?;
        if !self.facets.is_empty() {
            let counted = find::counted(&hits, &known, &self.facets);
            self.counted = Some(serde_json::to_value(counted).map_err(Error::internal)?);
        }
        Ok(hits.iter().map(Hit::ranked).collect())
    }

    fn placed(&self, row: &mut Found, place: Place) {
        row.place = self.query.clone().map(|query| (query, place));
    }

    fn asks_for_facets(&self) -> bool {
        !self.facets.is_empty()
    }

    fn facets(&self) -> Option<Value> {
        self.counted.clone()
    }

    fn matching(&self, _: &mut Sql) {}

    async fn complete(conn: &mut Reader, rows: &mut [Found]) -> Result<()> {
        let mut of: BTreeMap<Resource, Vec<Uuid>> = BTreeMap::new();
        for row in rows.iter() {
            of.entry(row.resource()?).or_default().push(row.id);
        }
        let mut found: HashMap<Uuid, Source> = HashMap::new();
        for (resource, ids) in of {
            let sources = sources(conn, resource, &ids, Extent::Opening).await?;
            found.extend(sources.into_iter().map(|it| (it.id, it)));
        }
        for row in rows {
            if let Some(source) = found.remove(&row.id) {
                row.show(source);
            }
        }
        Ok(())
    }

    fn is_there(row: &Found) -> bool {
        row.shown.is_some()
    }
}

/// A page of what was found, for people.
pub struct Results {
    pub found: Vec<Found>,
    /// How many hits stand before the page, and whether others follow.
    pub before: usize,
    pub more: bool,
    /// How many there are, whatever they are of.
    pub everything: usize,
    pub of_resources: Vec<(SearchedResource, usize)>,
}

/// A fault where it has only words that say nothing, and nobody is called so.
pub async fn results(
    conn: &mut Reader,
    query: Query,
    only: Option<SearchedResource>,
    before: usize,
    size: usize,
) -> Result<Result<Results, QueryFault>> {
    let (hits, facets) = find(conn, &query, How::Asked, &[], Some(&|_| true)).await?;
    if query.says_nothing && hits.is_empty() {
        return Ok(Err(QueryFault::OnlyStopWords));
    }
    let resource_of = |hit: &Hit| facets.get(&hit.facets).and_then(Facets::resource);
    let mut of_resources = Vec::new();
    for resource in SearchedResource::ALL {
        let count = hits
            .iter()
            .filter(|hit| resource_of(hit) == Some(resource.resource()))
            .count();
        if count > 0 || only == Some(resource) {
            of_resources.push((resource, count));
        }
    }
    let kept = |hit: &&Hit| only.is_none_or(|only| resource_of(hit) == Some(only.resource()));
    let mut shown: Vec<&Hit> = hits.iter().filter(kept).skip(before).take(size + 1).collect();
    let more = shown.len() > size;
    shown.truncate(size);
    let query = Asked::new(query);
    let mut found = Vec::with_capacity(shown.len());
    for hit in shown {
        let facets = facets.get(&hit.facets);
        let facets = facets.ok_or_else(|| Error::internal("a hit without facets"))?;
        found.push(Found {
            id: hit.id,
            said: said(facets)?,
            place: Some((query.clone(), hit.ranked().place)),
            shown: None,
        });
    }
    SearchFilter::complete(conn, &mut found).await?;
    found.retain(SearchFilter::is_there);
    Ok(Ok(Results {
        found,
        before,
        more,
        everything: hits.len(),
        of_resources,
    }))
}
