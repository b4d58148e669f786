//! Search: records found by their words, in Arabic, English and French, on both databases alike.
//!
//! [`analysis`] makes words of text. It knows neither records nor a database, so that what is indexed, what is
//! asked for and what is shown of it are cut by one and the same rule. `terms` makes of words what either engine keeps as
//! it is; the engines say which records have what is asked for, and nothing else. Order, filters and facets are reckoned
//! here (`find`), from three numbers a hit. docs/decisions/0044 says why.

pub mod analysis;
mod find;
pub mod http;
pub mod index;
mod record;
pub mod sql;
pub mod suggest;
mod terms;

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use chrono::{Datelike, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use uuid::Uuid;

use crate::{
    error::{self, Detail, Error},
    resources::Resource,
    values::{FromText, LangMap, PartialDate, described, vocabulary},
    web::{Place, Ranked},
};

/// What the words of a list say of it, among the methods of its filter, which has them as `searched`.
macro_rules! by_words {
    ($resource:expr) => {
        fn asks_for_words(&self) -> bool {
            self.searched.is_asked()
        }

        fn is_dear(&self) -> bool {
            self.searched.is_dear()
        }

        fn is_found_by_name(&self) -> bool {
            self.searched.is_asked()
        }

        async fn rank(
            &mut self,
            conn: &mut $crate::db::Reader,
        ) -> $crate::error::Result<Vec<$crate::web::Ranked>> {
            self.searched.rank(conn, $resource).await
        }
    };
}
pub(crate) use by_words;

/// Of which resources records are found.
pub const SEARCHED: [Resource; 5] = [
    Resource::Participants,
    Resource::Coalitions,
    Resource::Meetings,
    Resource::Articles,
    Resource::Pledges,
];

/// How much of a text snippets are cut from, in code points.
const OPENING: usize = 20_000;
/// A text of more bytes is not read for a snippet: its opening is kept apart.
const LONG: usize = 65_536;
/// How long a snippet is, in code points.
const WIDTH: usize = 240;
/// How many snippets a hit shows.
const MOST_SNIPPETS: usize = 3;
/// How many values of a facet are told, those with the most hits.
const MOST_VALUES: usize = 100;

vocabulary! {
    /// Where a word stands: the first that a hit's words all stand in, or in one before it, decides where the hit stands.
    Tier {
        Names = "names",
        Quotes = "quotes",
        Purposes = "purposes",
        Bodies = "bodies",
    }
}

impl Tier {
    const ALL: [Self; 4] = [Self::Names, Self::Quotes, Self::Purposes, Self::Bodies];
}

vocabulary! {
    /// Why a hit stands where it does; in the order of hits.
    Why {
        /// All that was asked for is a code, a slug or a name of it.
        Exact = "exact",
        Name = "name",
        NameByStem = "name_by_stem",
        Quote = "quote",
        QuoteByStem = "quote_by_stem",
        Purpose = "purpose",
        PurposeByStem = "purpose_by_stem",
        Body = "body",
        BodyByStem = "body_by_stem",
    }
}

impl Why {
    const ALL: [Self; 9] = [
        Self::Exact,
        Self::Name,
        Self::NameByStem,
        Self::Quote,
        Self::QuoteByStem,
        Self::Purpose,
        Self::PurposeByStem,
        Self::Body,
        Self::BodyByStem,
    ];

    fn of_level(level: usize) -> Self {
        Self::ALL.get(level).copied().unwrap_or(Self::BodyByStem)
    }
}

vocabulary! {
    /// Of what records are found.
    SearchedResource {
        Participants = "participants",
        Coalitions = "coalitions",
        Meetings = "meetings",
        Articles = "articles",
        Pledges = "pledges",
    }
}

impl SearchedResource {
    const ALL: [Self; 5] = [
        Self::Participants,
        Self::Coalitions,
        Self::Meetings,
        Self::Articles,
        Self::Pledges,
    ];

    fn resource(self) -> Resource {
        match self {
            Self::Participants => Resource::Participants,
            Self::Coalitions => Resource::Coalitions,
            Self::Meetings => Resource::Meetings,
            Self::Articles => Resource::Articles,
            Self::Pledges => Resource::Pledges,
        }
    }
}

/// A year of a record's date.
struct Year(i32);

described!(Year, "Year", "A year.", "^[0-9]{4}$", "2018");

impl FromText for Year {
    fn described() -> RefOr<Schema> {
        <Self as PartialSchema>::schema()
    }

    fn from_text(text: &str) -> Result<Self, Detail> {
        let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let year = text.parse().ok().filter(|_| is_year);
        year.map(Self).ok_or_else(|| "must be a year such as 2018".into())
    }
}

vocabulary! {
    /// What hits are counted by.
    Facet {
        Resource = "resource",
        Language = "language",
        Publisher = "publisher",
        Year = "year",
        Meeting = "meeting",
    }
}

/// What facets tell of a record. A number stands for it in the index.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Facets(
    String,
    Option<String>,
    Option<String>,
    Option<i32>,
    Option<String>,
);

impl Facets {
    fn resource(&self) -> Option<Resource> {
        self.0.parse().ok()
    }

    fn value(&self, facet: Facet) -> Option<Value> {
        match facet {
            Facet::Resource => Some(json!(self.0)),
            Facet::Language => self.1.as_ref().map(|it| json!(it)),
            Facet::Publisher => self.2.as_ref().map(|it| json!(it)),
            Facet::Year => self.3.map(|it| json!(it)),
            Facet::Meeting => self.4.as_ref().map(|it| json!(it)),
        }
    }
}

/// A value of a facet, as the contract has it.
#[derive(Serialize, ToSchema)]
#[schema(as = SearchFacetValue)]
#[serde(untagged)]
#[expect(dead_code, reason = "it stands in the contract alone")]
enum FacetValue {
    Word(String),
    Year(i32),
}

/// How many hits have a value.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FacetCount {
    /// A word, a year, or a key.
    #[schema(value_type = FacetValue)]
    value: Value,
    #[schema(minimum = 1)]
    count: i64,
}

/// By what hits were counted, where that was asked for: the values with the most hits, at most a hundred each.
#[derive(ToSchema)]
#[schema(as = SearchFacets)]
#[expect(dead_code, reason = "it stands in the contract alone")]
pub struct FacetCounts {
    resource: Vec<FacetCount>,
    language: Vec<FacetCount>,
    publisher: Vec<FacetCount>,
    year: Vec<FacetCount>,
    meeting: Vec<FacetCount>,
}

/// A record that was found, as far as its order goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub id: Uuid,
    level: usize,
    /// Days since 1970.
    day: Option<i64>,
    number: i64,
    facets: i64,
}

impl Hit {
    fn ranked(&self) -> Ranked {
        let level = i64::try_from(self.level).unwrap_or(i64::MAX);
        let day = self.day.map_or(i64::MAX, |day| -day);
        Ranked {
            place: [level, day, self.number],
            id: self.id,
        }
    }

    fn is_exact(&self) -> bool {
        Why::of_level(self.level) == Why::Exact
    }

    fn is_by_name(&self) -> bool {
        Why::of_level(self.level) <= Why::NameByStem
    }

    fn order(&self) -> (usize, bool, i64, i64) {
        (
            self.level,
            self.day.is_none(),
            self.day.map_or(0, |day| -day),
            self.number,
        )
    }
}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn day_number(day: NaiveDate) -> i64 {
    (day - NaiveDate::default()).num_days()
}

fn year_of(day: i64) -> Option<i32> {
    let since = TimeDelta::try_days(day)?;
    Some(NaiveDate::default().checked_add_signed(since)?.year())
}

/// What a record is called.
#[derive(Debug, Clone)]
enum Title {
    In(LangMap),
    Plain(String),
}

/// A text of a record.
#[derive(Debug, Clone)]
struct Text {
    tier: Tier,
    field: &'static str,
    words: String,
}

/// What is searched of a record, and shown of it.
#[derive(Debug, Clone)]
struct Source {
    resource: Resource,
    id: Uuid,
    key: String,
    title: Title,
    date: Option<PartialDate>,
    language: Option<String>,
    publisher: Option<String>,
    meeting: Option<String>,
    /// What it is called, each to be found as a whole.
    wholes: Vec<String>,
    texts: Vec<Text>,
}

impl Source {
    fn day(&self) -> Option<i64> {
        self.date.map(|date| day_number(date.first()))
    }

    fn facets(&self) -> Facets {
        Facets(
            self.resource.to_string(),
            self.language.clone(),
            self.publisher.clone(),
            self.day().and_then(year_of),
            self.meeting.clone(),
        )
    }

    fn terms(&self) -> terms::Terms {
        let mut terms = terms::Terms::default();
        terms.add_resource(self.resource.as_str());
        for name in &self.wholes {
            terms.add_whole(name);
            if self.resource == Resource::Participants {
                terms.add_picked(name);
            }
        }
        let mut texts: Vec<&Text> = self.texts.iter().collect();
        // Where not all has room, what is behind is the least.
        texts.sort_by_key(|text| text.tier);
        for text in texts {
            terms.add_text(text.tier, &text.words);
        }
        terms
    }

    /// The parts of its texts that show what was asked for: of the first tiers first. Where none is found as far as is read, the
    /// beginning of the last text stands for it.
    fn snippets(&self, query: &analysis::Query) -> Vec<Snippet> {
        let mut texts: Vec<&Text> = self.texts.iter().collect();
        texts.sort_by_key(|text| text.tier);
        let mut snippets = Vec::new();
        for text in &texts {
            if let Some(found) = analysis::snippet(query, &text.words, WIDTH) {
                let matches = found.matches.iter();
                snippets.push(Snippet {
                    field: text.field,
                    text: found.text,
                    matches: matches
                        .map(|it| Match {
                            start: it.start,
                            end: it.end,
                        })
                        .collect(),
                });
            }
            if snippets.len() == MOST_SNIPPETS {
                break;
            }
        }
        if let Some(text) = texts.last().filter(|_| snippets.is_empty()) {
            snippets.push(Snippet {
                field: text.field,
                text: analysis::opening(&text.words, WIDTH).text,
                matches: Vec::new(),
            });
        }
        snippets
    }

    /// The beginning of a text that is too long to be read for it.
    fn opening(&self) -> Option<String> {
        let long = self.texts.iter().find(|text| text.words.len() > LONG)?;
        Some(long.words.chars().take(OPENING).collect())
    }
}

/// A part of a text that shows why a record was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = SearchSnippet)]
pub struct Snippet {
    /// Of which field of the record.
    #[schema(example = "body")]
    field: &'static str,
    /// As it is written there.
    text: String,
    /// What was found in it; empty where it stands further on than is read.
    matches: Vec<Match>,
}

impl Snippet {
    /// Its text in pieces, and whether each is a match.
    #[must_use]
    pub fn parts(&self) -> Vec<(String, bool)> {
        let text: Vec<char> = self.text.chars().collect();
        let piece = |from: usize, to: usize| text.get(from..to).unwrap_or_default().iter().collect();
        let (mut parts, mut at) = (Vec::new(), 0);
        for it in &self.matches {
            parts.push((piece(at, it.start), false));
            parts.push((piece(it.start, it.end), true));
            at = it.end;
        }
        parts.push((piece(at, text.len()), false));
        parts
    }
}

/// Offsets into the snippet's text, in code points.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = SearchMatch)]
struct Match {
    #[schema(minimum = 0)]
    start: usize,
    /// Behind its last code point.
    #[schema(minimum = 1)]
    end: usize,
}

/// A record that was found, as a row of the list of hits.
#[derive(Debug)]
pub struct Found {
    id: Uuid,
    /// What facets tell of it, as JSON.
    said: String,
    /// For what, and where it stands among the hits.
    place: Option<(Asked, Place)>,
    /// What is shown of it.
    shown: Option<FoundText>,
}

#[derive(Debug)]
struct FoundText {
    resource: Resource,
    key: String,
    title: Title,
    snippets: Vec<Snippet>,
    why: Why,
}

impl Found {
    fn resource(&self) -> error::Result<Resource> {
        let facets: Facets = serde_json::from_str(&self.said).map_err(Error::internal)?;
        let resource = facets.resource();
        resource.ok_or_else(|| Error::internal("what was found is of no resource"))
    }

    fn show(&mut self, source: Source) {
        let (snippets, why) = match &self.place {
            Some((query, [level, ..])) => (
                source.snippets(query),
                Why::of_level(usize::try_from(*level).unwrap_or(usize::MAX)),
            ),
            None => (Vec::new(), Why::BodyByStem),
        };
        self.shown = Some(FoundText {
            resource: source.resource,
            key: source.key,
            title: source.title,
            snippets,
            why,
        });
    }
}

/// A record that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchHit)]
pub struct FoundView<'a> {
    pub resource: &'a str,
    /// As it stands in paths, behind `/v1/{resource}/`.
    #[schema(example = "KWT")]
    pub key: &'a str,
    /// What it is called, in the reader's language; of a pledge its purpose, or who pledged.
    pub title: &'a str,
    /// Where the words stand: at most three parts of its texts.
    pub snippets: &'a [Snippet],
    /// Why it stands where it does among the hits.
    why: Why,
}

/// What facets say of hits.
type Counted = BTreeMap<&'static str, Vec<FacetCount>>;

/// A query as it is shared by all that ask it.
type Asked = Arc<analysis::Query>;
