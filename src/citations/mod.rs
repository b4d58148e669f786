//! Citations: the sentence that says so.
//!
//! A quote is verified against the stored body; what a source states stands
//! beside what the register holds, and where the two differ is a conflict that
//! is shown, not settled.

pub mod http;
mod record;
pub mod sql;

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    articles,
    error::{Detail, Faults, Result},
    history::Record,
    labels,
    resources::{Code, Resource, Slug, examples},
    values::{
        Amount, Fields, FromText, FromValue, LangMap, Language, PartialDate, Timestamp, described, escape,
        nfc, no_nul, parse, vocabulary, without_ends,
    },
    web::InputSchema,
};

pub use record::{create, expand, recheck_about};

/// Longest quote and longest stated value, in code points.
const LONGEST_QUOTE: usize = 10_000;
const LONGEST_STATED: usize = 1_000;
/// How many a pledge or an event may bring along.
pub const MOST_AT_ONCE: usize = 100;
/// Fields whose values are money.
const AMOUNTS: &[&str] = &[
    "equivalent",
    "amount",
    "amount_min",
    "amount_max",
    "headline_amount",
    "need_amount",
];
/// How many of the places where a misplaced quote does stand are named.
const PLACES: usize = 5;

vocabulary! {
    /// What a citation can be about.
    About {
        Participants = "participants",
        Coalitions = "coalitions",
        Meetings = "meetings",
        Pledges = "pledges",
        Events = "events",
        Adherents = "adherents",
        Assessments = "assessments",
    }
}

impl About {
    pub const ALL: [Self; 7] = [
        Self::Participants,
        Self::Coalitions,
        Self::Meetings,
        Self::Pledges,
        Self::Events,
        Self::Adherents,
        Self::Assessments,
    ];

    #[must_use]
    pub const fn resource(self) -> Resource {
        match self {
            Self::Participants => Resource::Participants,
            Self::Coalitions => Resource::Coalitions,
            Self::Meetings => Resource::Meetings,
            Self::Pledges => Resource::Pledges,
            Self::Events => Resource::Events,
            Self::Adherents => Resource::Adherents,
            Self::Assessments => Resource::Assessments,
        }
    }
}

/// What a citation is about, as an address: `pledges/{id}`, `meetings/{slug}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub about: About,
    pub key: String,
}

described!(
    Address,
    "Subject",
    "What a citation is about: a resource and a key.",
    "^((participants|coalitions|meetings|pledges|events|assessments)/[^/]+|pledges/[^/]+/adherents/[^/]+)$",
    "meetings/global-coalition-kuwait-2018"
);

impl FromText for Address {
    fn described() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        <Self as utoipa::PartialSchema>::schema()
    }

    fn from_text(text: &str) -> Result<Self, Detail> {
        let parts: Vec<&str> = text.split('/').collect();
        let found = match parts.as_slice() {
            [whole, pledge, inner, participant]
                if whole.eq_ignore_ascii_case(About::Pledges.as_str())
                    && inner.eq_ignore_ascii_case(About::Adherents.as_str()) =>
            {
                Some((About::Adherents, format!("{pledge}/{participant}")))
            }
            [resource, key] => {
                let about = resource.parse().ok().filter(|about| *about != About::Adherents);
                about.map(|about| (about, (*key).to_owned()))
            }
            _ => None,
        };
        found
            .filter(|_| !parts.contains(&""))
            .map(|(about, key)| Self { about, key })
            .ok_or_else(|| {
                let words: Vec<_> = About::ALL.iter().filter(|it| **it != About::Adherents).map(|it| it.as_str()).collect();
                format!("must be a resource and a key, such as pledges/{{id}} or meetings/kicri-2018, the resource one of {}; or pledges/{{id}}/adherents/{{participant}}", words.join(", ")).into()
            })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { about, key } = self;
        match key.split_once('/') {
            // What stands between two is named by both.
            Some((whole, participant)) => write!(f, "{}/{whole}/{about}/{participant}", About::Pledges),
            None => write!(f, "{about}/{key}"),
        }
    }
}

/// What a citation is about, found.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    pub about: About,
    pub id: Uuid,
}

/// What a source states: a value for each field, in the order of their names, as not every database keeps another.
pub type States = BTreeMap<String, Value>;

#[derive(Debug, Clone, PartialEq)]
pub struct Citation {
    pub id: Uuid,
    // Exactly one of the seven is set; the pledge of an adherent goes with it.
    participant: Option<Code>,
    coalition: Option<Slug>,
    meeting: Option<Slug>,
    pledge: Option<Uuid>,
    event: Option<Uuid>,
    adherent: Option<Code>,
    adherent_pledge: Option<Uuid>,
    assessment: Option<Uuid>,
    called: Called,
    pub article: Uuid,
    pub article_title: String,
    pub quote: Option<String>,
    pub quote_start: Option<i64>,
    pub quote_end: Option<i64>,
    pub states: States,
    pub preferred: bool,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a citation is about, as a person would call it: what its title is made of.
#[derive(Debug, Clone, Default, PartialEq)]
struct Called {
    /// Its own; of an adherent, those of the participant.
    names: Option<LangMap>,
    /// Of an event.
    stage: Option<String>,
    occurred_on: Option<PartialDate>,
    /// Of an assessment.
    assessor: Option<String>,
    /// Of the pledge that it is, or is a part of.
    participant_names: Option<LangMap>,
    meeting_titles: Option<LangMap>,
    /// The beginning of it.
    purpose: Option<String>,
}

impl Called {
    /// `Paid 2018-06 — Kuwait — Ministerial of the Global Coalition`: from what is said of it alone to what it belongs to.
    fn title(&self, language: Language) -> Option<String> {
        let named = |names: &Option<LangMap>| names.as_ref().map(|it| it.resolve(language).to_owned());
        let event = self.stage.as_deref().map(|stage| {
            let happened = labels::STAGE.of(stage, language);
            match self.occurred_on {
                Some(day) => format!("{happened} {day}"),
                None => happened.to_owned(),
            }
        });
        let own = event.or_else(|| self.assessor.clone());
        let own = own.or_else(|| named(&self.names));
        // The first two tell a pledge from most others.
        let (participant, meeting) = (named(&self.participant_names), named(&self.meeting_titles));
        let purpose = self.purpose.as_deref().map(shortened);
        let pledge = [participant, meeting, purpose].into_iter().flatten().take(2);
        let parts: Vec<String> = own.into_iter().chain(pledge).collect();
        (!parts.is_empty()).then(|| parts.join(" — "))
    }
}

/// The member that names what a citation is about, by its address.
pub const SUBJECT: &str = "subject";

/// A citation as it is written down.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CitationRecord)]
struct Document<'a> {
    id: Uuid,
    /// What it is about: a resource and a key.
    #[schema(value_type = Address)]
    subject: String,
    /// The source that says so.
    article: Uuid,
    /// The sentence that says so, word for word as in the article's body; at most 10,000 characters.
    #[schema(min_length = 1, max_length = 10000)]
    quote: Option<&'a str>,
    /// Where the quote begins in the article's body, in Unicode code points from 0.
    #[schema(minimum = 0)]
    start: Option<i64>,
    /// Where it ends: the code point behind its last.
    #[schema(minimum = 0)]
    end: Option<i64>,
    /// What the source states of the subject's fields, as the source has it.
    #[schema(value_type = HashMap<String, StatedValue>)]
    states: &'a States,
    /// Whether it is the one of its subject's citations that readers are shown first.
    preferred: bool,
    /// Goes up by one with every change.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    updated_at: Timestamp,
}

impl Citation {
    fn subject(&self) -> String {
        let keyed = |about: About, key: Option<String>| Some(Address { about, key: key? }.to_string());
        keyed(
            About::Participants,
            self.participant.as_ref().map(ToString::to_string),
        )
        .or_else(|| {
            keyed(
                About::Coalitions,
                self.coalition.as_ref().map(ToString::to_string),
            )
        })
        .or_else(|| keyed(About::Meetings, self.meeting.as_ref().map(ToString::to_string)))
        .or_else(|| keyed(About::Pledges, self.pledge.map(|id| id.to_string())))
        .or_else(|| keyed(About::Events, self.event.map(|id| id.to_string())))
        .or_else(|| keyed(About::Adherents, self.adherent_key()))
        .or_else(|| keyed(About::Assessments, self.assessment.map(|id| id.to_string())))
        .unwrap_or_default()
    }

    /// As an adherent's record has it.
    fn adherent_key(&self) -> Option<String> {
        let (pledge, participant) = self.adherent_pledge.zip(self.adherent.as_ref())?;
        Some(format!("{pledge}/{participant}"))
    }

    fn document(&self) -> Document<'_> {
        Document {
            id: self.id,
            subject: self.subject(),
            article: self.article,
            quote: self.quote.as_deref(),
            start: self.quote_start,
            end: self.quote_end,
            states: &self.states,
            preferred: self.preferred,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl Serialize for Citation {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}

/// A citation as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Citation)]
pub struct View<'a> {
    #[serde(flatten)]
    citation: Document<'a>,
    /// What a person would call its subject, in the reader's language: a name, a title; of a pledge, who made it and where, or
    /// for what. Null where it has none of these.
    subject_title: Option<String>,
    /// The article's own title.
    article_title: &'a str,
}

/// What a caller says of a citation, its subject apart.
#[derive(Debug, Clone)]
pub struct Draft {
    article: String,
    quote: Option<(String, i64, i64)>,
    states: States,
    preferred: bool,
}

impl Draft {
    /// Reads a citation of `about`, from a body or from a pledge's `citations[]`.
    fn read(fields: &mut Fields, about: Option<About>) -> Option<Self> {
        let article = fields.required("article");
        let given = ["quote", "start", "end"].map(|name| fields.raw(name).is_some());
        let quote = fields.verbatim("quote", LONGEST_QUOTE);
        let start: Option<i64> = fields.optional("start");
        let end: Option<i64> = fields.optional("end");
        if given.contains(&true) && given.contains(&false) {
            for (name, given) in ["quote", "start", "end"].into_iter().zip(given) {
                if !given {
                    fields.fault(
                        name,
                        "required",
                        "is required with the other two of quote, start and end; send all three or none",
                    );
                }
            }
        }
        let states = fields.raw("states").and_then(|value| {
            let at = fields.pointer("states");
            stated(value, &at, about, fields.faults)
        });
        let preferred = fields.optional("preferred").unwrap_or(false);
        let quote = match (quote, start, end) {
            (Some(quote), Some(start), Some(end)) => Some((quote, start, end)),
            _ => None,
        };
        Some(Self {
            article: article?,
            quote,
            states: states.unwrap_or_default(),
            preferred,
        })
    }

    /// A body with a `subject`, unless the path names it.
    pub fn parse(body: &Value, on_path: Option<Address>) -> Result<(Address, Self)> {
        parse(body, |fields| {
            let address = on_path.or_else(|| fields.required(SUBJECT));
            let draft = Self::read(fields, address.as_ref().map(|address| address.about));
            Some((address?, draft?))
        })
    }
}

/// A citation within the body of another record, of this type: its subject is that record.
pub struct Within<R>(pub Draft, PhantomData<fn() -> R>);

impl<R: Record> FromValue for Within<R> {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(value, at, faults)?;
        let about = R::RESOURCE.as_str().parse().ok();
        let draft = Draft::read(&mut fields, about);
        fields.done();
        draft.map(|draft| Self(draft, PhantomData))
    }
}

/// Field → value as the source has it. The fields are those of the subject.
fn stated(value: &Value, at: &str, about: Option<About>, faults: &mut Faults) -> Option<States> {
    let Some(map) = value.as_object() else {
        faults.add(
            at,
            "type",
            "must be an object of the subject's fields and the values that the source states",
        );
        return None;
    };
    for (name, value) in map {
        let here = format!("{at}/{}", escape(name));
        if let Some(about) = about
            && !about.resource().is_stated(name)
        {
            faults.add_with("unknown_field", || {
                let fields = about.resource().fields().iter();
                let known: Vec<_> = fields
                    .copied()
                    .filter(|it| about.resource().is_stated(it))
                    .collect();
                let detail = format!("is no field of {about}; these are: {}", known.join(", "));
                (here.clone(), Detail::of(detail).knowing(known))
            });
        }
        match value {
            Value::String(text) => {
                if let Err(detail) = no_nul(text) {
                    faults.add(&here, "text", detail);
                } else if text.chars().count() > LONGEST_STATED {
                    faults.add(
                        &here,
                        "text",
                        Detail::of(format!("must be at most {LONGEST_STATED} characters"))
                            .limited(LONGEST_STATED),
                    );
                }
            }
            Value::Bool(_) => {}
            // As in the record itself; what it says is why.
            Value::Number(_) if AMOUNTS.contains(&name.as_str()) => {
                Amount::from_value(value, &here, faults);
            }
            Value::Number(number) if number.is_i64() => {}
            _ => faults.add(
                &here,
                "type",
                "must be what the source states: a string, a whole number, true or false",
            ),
        }
    }
    Some(
        map.iter()
            .map(|(name, value)| (name.clone(), composed(value)))
            .collect(),
    )
}

fn composed(value: &Value) -> Value {
    match value {
        // As the record keeps it, with which it is compared.
        Value::String(text) => nfc(without_ends(text)).into_owned().into(),
        other => other.clone(),
    }
}

/// Whether a quote stands where it is said to; if not, what stands there and where it does occur.
fn verified(body: Option<&str>, quote: &str, start: i64, end: i64) -> Result<(), String> {
    let Some(body) = body else {
        return Err(
            "cannot be verified: the article has no body. Patch the body in first, or cite without a quote"
                .into(),
        );
    };
    let there = articles::slice(body, start, end);
    if there == Some(quote) {
        return Ok(());
    }
    let there = match there {
        Some(text) => format!("at [{start}, {end}) the article has «{}»", shortened(text)),
        None => format!(
            "[{start}, {end}) is no range of the article's {} code points",
            body.chars().count()
        ),
    };
    let length = quote.chars().count();
    let places: Vec<String> = body
        .match_indices(quote)
        .take(PLACES)
        .map(|(offset, _)| {
            let start = body[..offset].chars().count();
            format!("[{start}, {})", start + length)
        })
        .collect();
    Err(if places.is_empty() {
        format!("{there}; the quote occurs nowhere in it. Copy it from the stored body, letter by letter")
    } else {
        format!("{there}; the quote stands at {}", places.join(", "))
    })
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 120;
    if text.chars().count() <= SHOWN {
        text.to_owned()
    } else {
        text.chars().take(SHOWN).chain(['…']).collect()
    }
}

/// A value as a source states it, or as the register holds it: text, a whole number, yes or no; of the
/// register's own also its lists and maps.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it stands in the contract alone")]
enum StatedValue {
    Text(String),
    Number(i64),
    Flag(bool),
}

/// What the register holds, of whatever type the field is.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it stands in the contract alone")]
enum HeldValue {
    Text(String),
    Number(i64),
    Flag(bool),
    List(Vec<HeldEntry>),
    Texts(Vec<String>),
    Languages(LangMap),
}

// It has a name, as a generated client has none for a map in a list.
/// An entry of a list that the register holds, as a former name or a tranche is one: what it has of these.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it stands in the contract alone")]
struct HeldEntry {
    names: Option<LangMap>,
    until: Option<PartialDate>,
    period_from: Option<PartialDate>,
    period_to: Option<PartialDate>,
    amount: Option<String>,
}

/// What a citation says whose subject is known: by its path, or by the record that it comes with.
#[must_use]
pub fn of_subject() -> InputSchema {
    InputSchema {
        name: WITHIN,
        fields: &["article", "quote", "start", "end", "states", "preferred"],
        required: &["article"],
        input_only: Vec::new(),
        example: serde_json::json!({
            "article": examples::ARTICLE,
            "quote": "Ministers of the Global Coalition against Daesh met in Kuwait City on 13 February 2018.",
            "start": 90,
            "end": 177,
        }),
    }
}

const WITHIN: &str = "NewCitationOfSubject";

/// Citations that a new record brings along.
#[must_use]
pub fn within() -> Value {
    serde_json::json!({
        "type": ["array", "null"],
        "description": "Its sources, written down with it.",
        "items": { "$ref": format!("#/components/schemas/{WITHIN}") },
    })
}

/// Where sources state another value than the register holds.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Conflict {
    pub field: String,
    /// What the register holds.
    #[schema(value_type = Option<HeldValue>)]
    pub value: Value,
    /// What its sources state instead, each value once.
    pub stated: Vec<Stated>,
}

/// A value that sources state, and which citations do.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Stated {
    #[schema(value_type = StatedValue)]
    pub value: Value,
    pub citations: Vec<Uuid>,
}

fn differing(record: &Value, stating: &[(Uuid, States)]) -> Vec<Conflict> {
    let mut conflicts: Vec<Conflict> = Vec::new();
    for (citation, states) in stating {
        for (field, stated) in states {
            let held = record.get(field).unwrap_or(&Value::Null);
            if same(held, stated) {
                continue;
            }
            let place = conflicts
                .iter()
                .position(|conflict| &conflict.field == field)
                .unwrap_or_else(|| {
                    conflicts.push(Conflict {
                        field: field.clone(),
                        value: held.clone(),
                        stated: Vec::new(),
                    });
                    conflicts.len() - 1
                });
            let values = &mut conflicts[place].stated;
            match values.iter_mut().find(|other| same(&other.value, stated)) {
                Some(other) => other.citations.push(*citation),
                None => values.push(Stated {
                    value: stated.clone(),
                    citations: vec![*citation],
                }),
            }
        }
    }
    conflicts
}

/// Whether a source says what the register holds: of names in several languages, or of other spellings,
/// one; amounts by their value, all else by its text.
fn same(one: &Value, other: &Value) -> bool {
    match one {
        Value::Object(texts) => return texts.values().any(|text| same(text, other)),
        Value::Array(texts) => return texts.iter().any(|text| same(text, other)),
        _ => {}
    }
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let (one, other) = (text(one), text(other));
    // Codes come in any case, and a partial date says what any day in it says.
    let overlap =
        |one: PartialDate, other: PartialDate| one.first() <= other.last() && other.first() <= one.last();
    one == other
        || (one.is_ascii() && one.eq_ignore_ascii_case(&other))
        || matches!((one.parse(), other.parse()), (Ok(one), Ok(other)) if overlap(one, other))
        || matches!((Amount::parse(&one), Amount::parse(&other)), (Ok(one), Ok(other)) if one.same_value(&other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_quote_that_does_not_stand_there_is_told_where_it_does() {
        let body = "تعهد بتقديم 200 مليون دولار";
        assert_eq!(verified(Some(body), "200 مليون", 12, 21), Ok(()));
        let detail = verified(Some(body), "200 مليون", 11, 20).unwrap_err();
        assert!(
            detail.contains("[12, 21)") && detail.contains("« 200 مليو»"),
            "{detail}"
        );
        assert!(verified(Some(body), "300", 0, 3).unwrap_err().contains("nowhere"));
        assert!(verified(None, "x", 0, 1).is_err());
    }

    #[test]
    fn sources_that_differ_are_grouped_by_what_they_state() {
        let record = json!({"amount": "200000000.00", "instrument": "grant"});
        let (a, b, c) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let states = |value: Value| serde_json::from_value::<States>(value).unwrap();
        let found = differing(
            &record,
            &[
                (a, states(json!({"amount": "200000000"}))),
                (b, states(json!({"amount": "230000000.00"}))),
                (c, states(json!({"amount": "230000000", "instrument": "grant"}))),
            ],
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].field, "amount");
        assert_eq!(found[0].stated.len(), 1);
        assert_eq!(found[0].stated[0].citations, vec![b, c]);
    }
}
