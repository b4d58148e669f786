//! Attendance as a record: how one is shown, created and changed.

use uuid::Uuid;

use super::{Attendance, Draft, View, sql};
use crate::{
    error::Result,
    history::{Record, Write},
    meetings::{self, NamesMeeting},
    participants::{self, NamesParticipant},
    records::Related,
    resources::{Code, Located, Named, Resource, Slug},
    values::{Language, Timestamp},
    web::{Expand, Shown},
};

impl Shown for Attendance {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = ();

    const EXPANDS: &'static [Expand<Self>] = &[participants::expand(), meetings::expand()];

    const IS_OF_NO_PART: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, language: Language, _: Option<()>) -> View<'_> {
        View {
            attendance: self,
            participant_name: self.participant_names.resolve(language),
        }
    }
}

impl NamesParticipant for Attendance {
    fn participant(&self) -> Option<&Code> {
        Some(&self.participant)
    }
}

impl NamesMeeting for Attendance {
    fn meeting(&self) -> Option<&Slug> {
        Some(&self.meeting)
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

impl Related for Attendance {
    type Filter = sql::AttendanceFilter;
    type Draft = Draft;

    const WHOLE: Resource = Resource::Meetings;
    const COLUMN: &'static str = sql::WHOLE;
    const SUMMARIES: [&'static str; 3] = [
        "Who attended a meeting.",
        "How a participant attended.",
        "Sets how a participant attended.",
    ];
    const ONE: &'static str = "an attendance";

    fn of(filter: &mut sql::AttendanceFilter, whole: Uuid) {
        filter.meeting = Named::one(whole);
    }

    async fn create(write: &mut Write, meeting: &Located, who: &Located, draft: Draft) -> Result<Self> {
        let attendance = Self {
            id: write.new_id(),
            meeting: meeting.parsed()?,
            participant: who.parsed()?,
            role: draft.role,
            delegate_name: draft.delegate_name,
            delegate_office: draft.delegate_office,
            adopted: draft.adopted,
            version: 1,
            created_at: write.at,
            updated_at: write.at,
            participant_names: who.required_names()?,
        };
        let cells = sql::new_cells(&attendance, meeting, who);
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
        write.change(before, after, sql::cells).await
    }
}
