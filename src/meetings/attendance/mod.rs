//! Attendance: a participant at a meeting. Neither membership nor pledging follows from it.

mod record;
pub mod sql;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::Result,
    records,
    resources::{Code, Resource, Slug},
    values::{LangMap, Timestamp, parse, vocabulary},
    web::InputSchema,
};

vocabulary! {
    Role as "AttendanceRole" { Host = "host", CoChair = "co_chair", Member = "member", Observer = "observer" }
}

/// Longest name or office of a delegate, in code points.
const LONGEST_NAME: usize = 300;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = AttendanceRecord)]
pub struct Attendance {
    pub id: Uuid,
    pub meeting: Slug,
    pub participant: Code,
    pub role: Role,
    #[schema(min_length = 1, max_length = 300)]
    pub delegate_name: Option<String>,
    #[schema(min_length = 1, max_length = 300)]
    pub delegate_office: Option<String>,
    /// Whether it adopted the communiqué; null where nobody says.
    pub adopted: Option<bool>,
    /// Goes up by one with every change.
    pub version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
    #[serde(skip)]
    #[schema(ignore)]
    pub participant_names: LangMap,
    #[serde(skip)]
    #[schema(ignore)]
    meeting_titles: LangMap,
}

/// An attendance as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attendance)]
pub struct View<'a> {
    #[serde(flatten)]
    attendance: &'a Attendance,
    /// The participant's name in the reader's language.
    participant_name: &'a str,
    /// The meeting's title in the reader's language.
    meeting_title: &'a str,
}

/// What a caller says of an attendance.
pub struct Draft {
    pub role: Role,
    pub delegate_name: Option<String>,
    pub delegate_office: Option<String>,
    pub adopted: Option<bool>,
}

impl records::Draft for Draft {
    fn input() -> InputSchema {
        InputSchema {
            name: "NewAttendance",
            fields: Resource::Attendance.fields(),
            required: &[],
            input_only: Vec::new(),
            example: json!({ "role": "co_chair", "delegate_name": "A. Example", "adopted": true }),
        }
    }

    fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            Some(Self {
                role: fields.optional("role").unwrap_or(Role::Member),
                delegate_name: fields.text("delegate_name", LONGEST_NAME),
                delegate_office: fields.text("delegate_office", LONGEST_NAME),
                adopted: fields.optional("adopted"),
            })
        })
    }
}
