//! Participants: states, international organisations, funds and others that promise.

pub mod http;
mod record;
pub mod sql;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    citations::Conflict,
    error::{Detail, Faults, Result},
    records::{self, counts::Pledging},
    resources::Code,
    values::{Fields, FromValue, LangMap, Language, PartialDate, Timestamp, parse, vocabulary},
    web::InputSchema,
};

pub use record::{create, expand};

vocabulary! {
    Kind as "ParticipantKind" { State = "state", Igo = "igo", Ifi = "ifi", Ngo = "ngo", Fund = "fund", Private = "private" }
}

/// A record that names a participant, which `expand` puts beside it.
pub trait NamesParticipant: Send + Sync {
    fn participant(&self) -> Option<&Code>;
}

/// Longest alias, in code points, and how many of what else a participant is and was called are kept.
const LONGEST_ALIAS: usize = 500;
const MOST_ALIASES: usize = 500;
const MOST_FORMER_NAMES: usize = 100;

/// A participant as the register holds it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ParticipantRecord)]
pub struct Participant {
    pub id: Uuid,
    pub code: Code,
    pub kind: Kind,
    pub names: LangMap,
    /// What it was called before, each until a day.
    pub former_names: Vec<FormerName>,
    /// Other spellings, in any script.
    pub aliases: Vec<String>,
    /// The participant that it was merged into: its key redirects there for good.
    pub merged_into: Option<Code>,
    /// Goes up by one with every change.
    pub version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
    #[serde(skip)]
    #[schema(ignore)]
    counts: Pledging,
}

/// What a participant was called until a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FormerName {
    pub names: LangMap,
    /// The first day of the name that followed.
    pub until: PartialDate,
}

/// A participant as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Participant)]
pub struct View<'a> {
    #[serde(flatten)]
    participant: &'a Participant,
    /// Its name in the reader's language.
    name: &'a str,
    /// How much there is of what belongs to it.
    counts: Pledging,
    /// On the participant itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

impl Participant {
    /// Its name in a language, as of a day or today.
    #[must_use]
    pub fn name(&self, language: Language, at: Option<NaiveDate>) -> &str {
        at.and_then(|day| {
            self.former_names
                .iter()
                .filter(|former| former.until.first() > day)
                .min_by_key(|former| former.until.first())
        })
        .map_or(&self.names, |former| &former.names)
        .resolve(language)
    }

    /// As it is shown under the names of a day or of today.
    #[must_use]
    pub fn view_at(
        &self,
        day: Option<NaiveDate>,
        language: Language,
        conflicts: Option<Vec<Conflict>>,
    ) -> View<'_> {
        View {
            participant: self,
            name: self.name(language, day),
            counts: self.counts,
            conflicts,
        }
    }
}

/// What a caller says of a participant.
#[derive(Clone)]
pub struct Draft {
    code: Code,
    kind: Kind,
    names: LangMap,
    former_names: Vec<FormerName>,
    aliases: Vec<String>,
    merged_into: Option<String>,
}

impl records::Draft for Draft {
    fn input() -> InputSchema {
        InputSchema {
            name: "NewParticipant",
            fields: &["code", "kind", "names", "former_names", "aliases"],
            required: &["code", "kind", "names"],
            input_only: vec![(
                "merged_into",
                json!({ "type": ["string", "null"], "description": "As it is read, so null: a participant is merged by a patch." }),
            )],
            example: json!({
                "code": "OFID", "kind": "fund",
                "names": { "en": "OPEC Fund for International Development", "ar": "صندوق الأوبك للتنمية الدولية" },
                "aliases": ["OPEC Fund"],
            }),
        }
    }

    fn another() -> Value {
        json!({
            "code": "BADEA", "kind": "ifi",
            "names": { "en": "Arab Bank for Economic Development in Africa", "ar": "المصرف العربي للتنمية الاقتصادية في أفريقيا" },
        })
    }

    fn patch() -> Value {
        json!({ "aliases": ["United States", "America"] })
    }

    fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let code = fields.required("code");
            let kind = fields.required("kind");
            let names = fields.required("names");
            let former_names = fields.list("former_names", MOST_FORMER_NAMES);
            let aliases: Option<Vec<String>> = fields.list("aliases", MOST_ALIASES);
            for (index, alias) in aliases.iter().flatten().enumerate() {
                if alias.chars().count() > LONGEST_ALIAS {
                    let pointer = format!("{}/{index}", fields.pointer("aliases"));
                    let detail = format!("must be at most {LONGEST_ALIAS} characters");
                    fields
                        .faults
                        .add(pointer, "text", Detail::of(detail).limited(LONGEST_ALIAS));
                }
            }
            let merged_into = fields.optional("merged_into");
            Some(Self {
                code: code?,
                kind: kind?,
                names: names?,
                former_names: former_names.unwrap_or_default(),
                aliases: aliases.unwrap_or_default(),
                merged_into,
            })
        })
    }
}

impl FromValue for FormerName {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(value, at, faults)?;
        let names = fields.required("names");
        let until = fields.required("until");
        fields.done();
        Some(Self {
            names: names?,
            until: until?,
        })
    }
}
