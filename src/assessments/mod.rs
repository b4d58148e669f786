//! Assessments: what somebody who is not the register says of whether a commitment was kept.
//!
//! The register gives no verdict of its own: it holds each one beside its assessor, knows which are the latest, and shows
//! where assessors conflict ([`disputes`]). Nothing of it moves a figure or a state.

pub mod disputes;
pub mod http;
mod record;
pub mod sql;

use std::{fmt, str::FromStr};

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    citations::{self, Conflict, Within},
    error::{Detail, Error, Faults, Result},
    records::{self, counts::Cited},
    resources::{Code, Resource, Slug, examples},
    scales::{LONGEST_VALUE, Meaning},
    values::{
        Fields, FromText, FromValue, LangMap, PartialDate, Timestamp, described, from_text, parse,
        stored_as_text, vocabulary,
    },
    web::InputSchema,
};

/// Longest name of an assessor, in code points.
const LONGEST_ASSESSOR: usize = 300;

vocabulary! {
    Kind as "AssessmentKind" { Interim = "interim", Final = "final" }
}

/// What is assessed, as an address: `pledges/{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject(pub Uuid);

stored_as_text!(Subject);
from_text!(Subject);
described!(
    Subject,
    "AssessedPledge",
    "The commitment that is assessed: pledges/ and its id.",
    "^pledges/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    "pledges/01618c76-0400-7007-8000-000600000000"
);

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Resource::Pledges, self.0)
    }
}

impl FromStr for Subject {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let id = text
            .split_once('/')
            .filter(|(resource, _)| *resource == Resource::Pledges.as_str())
            .and_then(|(_, id)| Uuid::from_text(id).ok());
        id.map(Self)
            .ok_or_else(|| "must be a pledge, as pledges/01618c76-0400-7007-8000-000600000000".to_owned())
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    pub id: Uuid,
    pub pledge: Uuid,
    pub participant: Option<Code>,
    participant_id: Option<Uuid>,
    participant_names: Option<LangMap>,
    pub assessor: String,
    pub scale: Slug,
    scale_id: Uuid,
    scale_names: LangMap,
    pub value: String,
    /// What the scale's value means.
    pub meaning: Meaning,
    pub period_from: Option<PartialDate>,
    pub period_to: Option<PartialDate>,
    pub kind: Kind,
    pub published_on: Option<PartialDate>,
    pub replaces: Option<Uuid>,
    /// Whether nothing live replaces it.
    pub latest: bool,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    counts: Cited,
}

/// A latest one, as a matrix shows it: of tens of thousands, each without the names that all repeat.
#[derive(Debug)]
pub struct Latest {
    pub id: Uuid,
    pub pledge: Uuid,
    pub participant: Option<Code>,
    pub assessor: String,
    pub scale: Slug,
    pub value: String,
    pub meaning: Meaning,
    pub kind: Kind,
}

/// An assessment as it is written down.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AssessmentRecord)]
struct Document<'a> {
    id: Uuid,
    subject: Subject,
    /// Whose conduct is assessed; null where it is the commitment as a whole.
    participant: Option<&'a Code>,
    /// Who says so.
    #[schema(min_length = 1, max_length = 300, example = "G20 Research Group")]
    assessor: &'a str,
    /// On which scale.
    scale: &'a Slug,
    /// One of the scale's values.
    #[schema(min_length = 1, max_length = 100, example = "+1")]
    value: &'a str,
    /// The time that is assessed.
    period_from: Option<PartialDate>,
    period_to: Option<PartialDate>,
    kind: Kind,
    published_on: Option<PartialDate>,
    /// The earlier one by the same assessor, of the same, that this one takes the place of.
    replaces: Option<Uuid>,
    /// Goes up by one with every change.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    updated_at: Timestamp,
}

/// An assessment as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Assessment)]
pub struct View<'a> {
    #[serde(flatten)]
    assessment: Document<'a>,
    /// The participant's name in the reader's language.
    participant_name: Option<&'a str>,
    /// The scale's name in the reader's language.
    scale_name: &'a str,
    /// What its value means.
    meaning: Meaning,
    /// Whether no other replaces it.
    latest: bool,
    /// How much there is of what belongs to it.
    counts: Cited,
    /// On the assessment itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

impl Assessment {
    fn document(&self) -> Document<'_> {
        Document {
            id: self.id,
            subject: Subject(self.pledge),
            participant: self.participant.as_ref(),
            assessor: &self.assessor,
            scale: &self.scale,
            value: &self.value,
            period_from: self.period_from,
            period_to: self.period_to,
            kind: self.kind,
            published_on: self.published_on,
            replaces: self.replaces,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    /// Whether one may take the place of the other: by one assessor, of one pledge, of one participant or of the whole.
    fn is_of_the_same(&self, other: &Self) -> bool {
        let of = |it: &Self| (it.pledge, it.participant_id);
        of(self) == of(other) && self.assessor == other.assessor
    }

    /// Why it cannot replace the other, if it cannot.
    fn cannot_replace(&self, earlier: &Self) -> Option<String> {
        let certainly_later = |it: &Self| {
            let (this, that) = (self.published_on?, it.published_on?);
            Some(that.first() > this.last())
        };
        let named = format!("assessments/{}", earlier.id);
        if !self.is_of_the_same(earlier) {
            Some(format!(
                "{named} is of another assessor, subject or participant; one replaces an earlier one of the same"
            ))
        } else if earlier.id >= self.id {
            Some(format!("{named} was not entered before this one"))
        } else if certainly_later(earlier) == Some(true) {
            Some(format!("{named} was published later than this one"))
        } else {
            None
        }
    }
}

impl Serialize for Assessment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}

/// What a caller says of an assessment.
pub struct Draft {
    /// None where it cannot be read.
    subject: Option<Subject>,
    /// Why not: told together with what only the register knows to be wrong.
    unread: Faults,
    participant: Option<String>,
    assessor: String,
    scale: String,
    value: String,
    period_from: Option<PartialDate>,
    period_to: Option<PartialDate>,
    kind: Kind,
    published_on: Option<PartialDate>,
    replaces: Option<Uuid>,
    citations: Vec<citations::Draft>,
}

impl records::Draft for Draft {
    fn input() -> InputSchema {
        InputSchema {
            name: "NewAssessment",
            fields: Resource::Assessments.fields(),
            required: &["subject", "assessor", "scale", "value"],
            input_only: vec![("citations", citations::within())],
            example: json!({
                "subject": format!("pledges/{}", examples::COLLECTIVE_PLEDGE), "participant": "KWT",
                "assessor": "G20 Research Group", "scale": "g20-compliance", "value": "+1", "kind": "final",
                "published_on": "2019-06-27",
            }),
        }
    }

    fn patch() -> Value {
        json!({ "published_on": "2019-03" })
    }

    fn parse(body: &Value) -> Result<Self> {
        let mut unread = Faults::default();
        let draft = parse(body, |fields| {
            let citations: Option<Vec<Within<Assessment>>> =
                fields.list("citations", citations::MOST_AT_ONCE);
            let draft = Self::read(fields, &mut unread);
            Some(Self {
                citations: citations.unwrap_or_default().into_iter().map(|it| it.0).collect(),
                ..draft?
            })
        });
        match draft {
            Ok(draft) => Ok(Self { unread, ..draft }),
            Err(Error::Invalid(others)) => {
                unread.merge("", others);
                Err(Error::Invalid(unread))
            }
            Err(error) => Err(error),
        }
    }

    fn has_sources(&self) -> bool {
        !self.citations.is_empty()
    }

    fn unread(&mut self) -> Option<&mut Faults> {
        Some(&mut self.unread)
    }
}

impl Draft {
    fn read(fields: &mut Fields, unread: &mut Faults) -> Option<Self> {
        let subject = match fields.raw("subject") {
            Some(given) => Subject::from_value(given, &fields.pointer("subject"), unread),
            None => fields.required("subject"),
        };
        let participant = fields.optional("participant");
        let assessor = fields.required_text("assessor", LONGEST_ASSESSOR);
        let scale = fields.required("scale");
        let value = fields.required_text("value", LONGEST_VALUE);
        let period_from: Option<PartialDate> = fields.optional("period_from");
        let period_to: Option<PartialDate> = fields.optional("period_to");
        if let (Some(from), Some(to)) = (period_from, period_to)
            && to.last() < from.first()
        {
            let detail = Detail::of("must not be before period_from");
            fields.fault("period_to", "order", detail.limited(from.to_string()));
        }
        let kind = fields.optional("kind").unwrap_or(Kind::Final);
        let published_on = fields.optional("published_on");
        let replaces = fields.optional("replaces");
        Some(Self {
            subject,
            unread: Faults::default(),
            participant,
            assessor: assessor?,
            scale: scale?,
            value: value?,
            period_from,
            period_to,
            kind,
            published_on,
            replaces,
            citations: Vec::new(),
        })
    }
}
