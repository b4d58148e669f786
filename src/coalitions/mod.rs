//! Coalitions: standing groups, and who belonged to them when.

pub mod http;
pub mod members;
mod record;
pub mod sql;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    citations::Conflict,
    error::Result,
    records::{self, counts::Pledging},
    resources::{Resource, Slug},
    values::{LangMap, PartialDate, Timestamp, parse},
    web::InputSchema,
};

/// Longest description, in code points.
const LONGEST_DESCRIPTION: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = CoalitionRecord)]
pub struct Coalition {
    pub id: Uuid,
    pub slug: Slug,
    pub names: LangMap,
    pub founded_on: Option<PartialDate>,
    #[schema(min_length = 1, max_length = 10000)]
    pub description: Option<String>,
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

/// A coalition as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Coalition)]
pub struct View<'a> {
    #[serde(flatten)]
    coalition: &'a Coalition,
    /// Its name in the reader's language.
    name: &'a str,
    /// How much there is of what belongs to it; the pledges are those of its meetings.
    counts: Pledging,
    /// On the coalition itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

/// What a caller says of a coalition.
#[derive(Clone)]
pub struct Draft {
    slug: Slug,
    names: LangMap,
    founded_on: Option<PartialDate>,
    description: Option<String>,
}

impl records::Draft for Draft {
    fn input() -> InputSchema {
        InputSchema {
            name: "NewCoalition",
            fields: Resource::Coalitions.fields(),
            required: &["slug", "names"],
            input_only: Vec::new(),
            example: json!({
                "slug": "friends-of-the-marshes", "founded_on": "2019-03",
                "names": { "en": "Friends of the Marshes", "ar": "أصدقاء الأهوار" },
            }),
        }
    }

    fn another() -> Value {
        json!({ "slug": "friends-of-the-delta", "names": { "en": "Friends of the Delta" } })
    }

    fn patch() -> Value {
        json!({ "founded_on": "2014-09-10" })
    }

    fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let slug = fields.required("slug");
            let names = fields.required("names");
            let founded_on = fields.optional("founded_on");
            let description = fields.text("description", LONGEST_DESCRIPTION);
            Some(Self {
                slug: slug?,
                names: names?,
                founded_on,
                description,
            })
        })
    }
}
