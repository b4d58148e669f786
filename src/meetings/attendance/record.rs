//! Attendance as a record: how one is shown, created and changed.

use uuid::Uuid;

use super::{Attendance, Draft, Role, View, sql};
use crate::{
    error::Result,
    history::Record,
    meetings::{self, NamesMeeting},
    participants::{self, NamesParticipant},
    records::Related,
    resources::{Code, Located, Named, Resource, Slug},
    values::{Timestamp, Viewpoint},
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

    fn view(&self, viewpoint: Viewpoint, _: Option<()>) -> View<'_> {
        View {
            attendance: self,
            participant_name: self.participant_names.resolve(viewpoint.language),
            meeting_title: self.meeting_titles.resolve(viewpoint.language),
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
    const SUMMARIES: [&'static str; 3] = [
        "Who attended a meeting.",
        "How a participant attended.",
        "Sets how a participant attended.",
    ];
    const ONE: &'static str = "an attendance";

    fn of(filter: &mut sql::AttendanceFilter, whole: Uuid) {
        filter.meeting = Named::one(whole);
    }

    fn new(id: Uuid, at: Timestamp, meeting: &Located, who: &Located) -> Result<Self> {
        Ok(Self {
            id,
            meeting: meeting.parsed()?,
            participant: who.parsed()?,
            role: Role::Member,
            delegate_name: None,
            delegate_office: None,
            adopted: None,
            version: 1,
            created_at: at,
            updated_at: at,
            participant_names: who.required_names()?,
            meeting_titles: meeting.required_names()?,
        })
    }

    fn said(self, draft: Draft) -> Self {
        Self {
            role: draft.role,
            delegate_name: draft.delegate_name,
            delegate_office: draft.delegate_office,
            adopted: draft.adopted,
            ..self
        }
    }
}
