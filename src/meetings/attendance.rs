//! Attendance: a participant at a meeting. Neither membership nor pledging follows from it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Meeting, sql};
use crate::{
    db::Conn,
    error::Result,
    history::{Recorded, Write},
    participants::{self, Participant},
    resources::Resource,
    values::{Code, LangMap, Language, Slug, Timestamp, parse, vocabulary},
    web::{Expand, Shown},
};

vocabulary! {
    Role as "AttendanceRole" { Host = "host", CoChair = "co_chair", Member = "member", Observer = "observer" }
}

/// Longest name or office of a delegate, in code points.
const LONGEST_NAME: usize = 300;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, sqlx::FromRow)]
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
    #[sqlx(json)]
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

    const EXPANDS: &'static [Expand] = &[Expand::Participant, Expand::Meeting];

    fn id(&self) -> Uuid {
        self.id
    }

    fn shown(&self, language: Language) -> View<'_> {
        self.view(language)
    }

    async fn expand(
        conn: &mut Conn,
        records: &[Self],
        what: Expand,
        language: Language,
    ) -> Result<Vec<Value>> {
        match what {
            Expand::Participant => {
                let codes = records.iter().map(|it| Some(&it.participant));
                participants::beside(conn, codes, language).await
            }
            _ => super::beside(conn, records.iter().map(|it| Some(&it.meeting)), language).await,
        }
    }
}

impl Recorded for Attendance {
    const RESOURCE: Resource = Resource::Attendance;
    fn key(&self) -> String {
        format!("{}/{}", self.meeting, self.participant)
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// What a caller says of an attendance.
pub struct Draft {
    pub role: Role,
    pub delegate_name: Option<String>,
    pub delegate_office: Option<String>,
    pub adopted: Option<bool>,
}

impl Draft {
    pub fn parse(body: &Value) -> Result<Self> {
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

/// Sets a participant's attendance; true when it is new.
pub async fn put(
    write: &mut Write,
    meeting: &Meeting,
    participant: &Participant,
    before: Option<Attendance>,
    draft: Draft,
) -> Result<(Attendance, bool)> {
    let Some(before) = before else {
        let attendance = Attendance {
            id: write.new_id(),
            meeting: meeting.slug.clone(),
            participant: participant.code.clone(),
            role: draft.role,
            delegate_name: draft.delegate_name,
            delegate_office: draft.delegate_office,
            adopted: draft.adopted,
            version: 1,
            created_at: write.at,
            updated_at: write.at,
            participant_names: participant.names.clone(),
        };
        sql::insert_attendance(&mut write.conn, &attendance, meeting.id, participant.id).await?;
        write.created(&attendance).await?;
        return Ok((attendance, true));
    };
    let mut after = Attendance {
        role: draft.role,
        delegate_name: draft.delegate_name,
        delegate_office: draft.delegate_office,
        adopted: draft.adopted,
        ..before.clone()
    };
    if after == before {
        return Ok((before, false));
    }
    after.version += 1;
    after.updated_at = write.at;
    sql::update_attendance(&mut write.conn, &after).await?;
    write.updated(&before, &after).await?;
    Ok((after, false))
}
