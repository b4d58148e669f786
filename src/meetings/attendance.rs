//! Attendance: a participant at a meeting. Neither membership nor pledging follows from it.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Meeting, sql};
use crate::{
    error::Result,
    history::{Recorded, Write},
    participants::Participant,
    resources::Resource,
    values::{Code, LangMap, Language, Slug, Timestamp, parse, vocabulary},
    web::{Kind, Listed, Sort},
};

vocabulary! {
    Role { Host = "host", CoChair = "co_chair", Member = "member", Observer = "observer" }
}

/// Longest name or office of a delegate, in code points.
const LONGEST_NAME: usize = 300;

#[derive(Debug, Clone, PartialEq, Serialize, sqlx::FromRow)]
pub struct Attendance {
    pub id: Uuid,
    pub meeting: Slug,
    pub participant: Code,
    pub role: Role,
    pub delegate_name: Option<String>,
    pub delegate_office: Option<String>,
    /// Whether it adopted the communiqué; null where nobody says.
    pub adopted: Option<bool>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    #[sqlx(json)]
    pub participant_names: LangMap,
}

#[derive(Debug, Serialize)]
pub struct View<'a> {
    #[serde(flatten)]
    attendance: &'a Attendance,
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

impl Recorded for Attendance {
    const RESOURCE: Resource = Resource::Attendance;
    fn id(&self) -> Uuid {
        self.id
    }
    fn key(&self) -> String {
        format!("{}/{}", self.meeting, self.participant)
    }
    fn version(&self) -> i64 {
        self.version
    }
}

impl Listed for Attendance {
    const SORTS: &'static [Sort<Self>] = &[
        Sort {
            name: "created_at",
            column: "r.id",
            kind: Kind::Id,
            of: |_| None,
        },
        Sort {
            name: "updated_at",
            column: "r.updated_at",
            kind: Kind::Time,
            of: |it| Some(it.updated_at.to_rfc3339()),
        },
        Sort {
            name: "participant",
            column: "p.code",
            kind: Kind::Text,
            of: |it| Some(it.participant.to_string()),
        },
        Sort {
            name: "role",
            column: "r.role",
            kind: Kind::Text,
            of: |it| Some(it.role.to_string()),
        },
    ];

    fn id(&self) -> Uuid {
        self.id
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
