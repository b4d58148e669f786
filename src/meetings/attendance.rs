//! Attendance: a participant at a meeting. Neither membership nor pledging follows from it.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::sql;
use crate::{
    db::Reader,
    error::{Error, Result},
    history::{Record, Write},
    participants,
    records::{self, Related},
    resources::{Code, Located, Named, Resource, Slug},
    values::{LangMap, Language, Timestamp, parse, vocabulary},
    web::{Expand, New, Shown},
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
}

/// An attendance as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attendance)]
pub struct View<'a> {
    #[serde(flatten)]
    attendance: &'a Attendance,
    /// The participant's name in the reader's language.
    participant_name: &'a str,
}

impl Attendance {
    #[must_use]
    pub fn view(&self, language: Language) -> View<'_> {
        View {
            attendance: self,
            participant_name: self.participant_names.resolve(language),
        }
    }
}

impl Shown for Attendance {
    type View<'a> = View<'a>;
    type Schema = View<'static>;

    const EXPANDS: &'static [Expand] = &[participants::EXPAND, super::EXPAND];

    fn id(&self) -> Uuid {
        self.id
    }

    fn summary(&self, language: Language) -> View<'_> {
        self.view(language)
    }

    async fn expand(
        conn: &mut Reader,
        records: &[Self],
        what: &'static str,
        language: Language,
    ) -> Result<Vec<Value>> {
        match what {
            it if it == participants::EXPAND.name => {
                let codes = records.iter().map(|it| Some(&it.participant));
                participants::beside(conn, codes, language).await
            }
            _ => super::beside(conn, records.iter().map(|it| Some(&it.meeting)), language).await,
        }
    }
}

impl Record for Attendance {
    const RESOURCE: Resource = Resource::Attendance;
    fn key(&self) -> String {
        format!("{}/{}", self.meeting, self.participant)
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

/// What a caller says of an attendance.
pub struct Draft {
    pub role: Role,
    pub delegate_name: Option<String>,
    pub delegate_office: Option<String>,
    pub adopted: Option<bool>,
}

impl records::Draft for Draft {
    fn input() -> New {
        New {
            name: "NewAttendance",
            fields: Resource::Attendance.fields(),
            required: &[],
            beside: Vec::new(),
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

impl Related for Attendance {
    type Filter = sql::AttendanceFilter;
    type Draft = Draft;

    const WHOLE: Resource = Resource::Meetings;
    const COLUMN: &'static str = "meeting_id";
    const SUMMARIES: [&'static str; 3] = [
        "Who attended a meeting.",
        "How a participant attended.",
        "Sets how a participant attended.",
    ];
    const ONE: &'static str = "an attendance";

    fn of(filter: &mut sql::AttendanceFilter, whole: Uuid) {
        filter.meeting = Named::one(whole);
    }

    async fn create(
        write: &mut Write,
        meeting: &Located,
        participant: &Located,
        draft: Draft,
    ) -> Result<Self> {
        let participant = participants::sql::find(&mut write.conn, participant.id)
            .await?
            .ok_or_else(|| Error::internal("a participant vanished within a write"))?;
        let attendance = Self {
            id: write.new_id(),
            meeting: meeting.parsed()?,
            participant: participant.code,
            role: draft.role,
            delegate_name: draft.delegate_name,
            delegate_office: draft.delegate_office,
            adopted: draft.adopted,
            version: 1,
            created_at: write.at,
            updated_at: write.at,
            participant_names: participant.names,
        };
        let cells = sql::attendance_cells(&attendance)
            .set("meeting_id", meeting.id)
            .set("participant_id", participant.id);
        write.create(attendance, cells).await
    }

    async fn change(write: &mut Write, before: Self, draft: Draft) -> Result<Self> {
        let after = Self {
            role: draft.role,
            delegate_name: draft.delegate_name,
            delegate_office: draft.delegate_office,
            adopted: draft.adopted,
            ..before.clone()
        };
        write.change(before, after, sql::attendance_cells).await
    }
}
