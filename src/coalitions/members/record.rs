//! Membership as a record: how one is shown, created and changed.

use uuid::Uuid;

use super::{Member, Period, View, sql};
use crate::{
    error::Result,
    history::Record,
    participants::{self, NamesParticipant},
    records::Related,
    resources::{Code, Located, Named, Resource},
    values::{Timestamp, Viewpoint},
    web::{Expand, Shown},
};

impl Shown for Member {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = ();

    const EXPANDS: &'static [Expand<Self>] = &[participants::expand()];

    const IS_OF_NO_PART: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, viewpoint: Viewpoint, _: Option<()>) -> View<'_> {
        View {
            member: self,
            participant_name: self.participant_names.resolve(viewpoint.language),
            coalition_name: self.coalition_names.resolve(viewpoint.language),
        }
    }
}

impl NamesParticipant for Member {
    fn participant(&self) -> Option<&Code> {
        Some(&self.participant)
    }
}

impl Record for Member {
    const RESOURCE: Resource = Resource::Members;
    fn key(&self) -> String {
        format!("{}/{}", self.coalition, self.participant)
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

impl Related for Member {
    type Filter = sql::MemberFilter;
    type Draft = Vec<Period>;

    const WHOLE: Resource = Resource::Coalitions;
    const SUMMARIES: [&'static str; 3] = [
        "Who belongs or belonged to a coalition.",
        "When a participant belonged.",
        "Sets the periods of a membership.",
    ];
    const ONE: &'static str = "a membership";

    fn of(filter: &mut sql::MemberFilter, whole: Uuid) {
        filter.coalition = Named::one(whole);
    }

    fn new(id: Uuid, at: Timestamp, coalition: &Located, who: &Located) -> Result<Self> {
        Ok(Self {
            id,
            coalition: coalition.parsed()?,
            participant: who.parsed()?,
            periods: Vec::new(),
            version: 1,
            created_at: at,
            updated_at: at,
            participant_names: who.required_names()?,
            coalition_names: coalition.required_names()?,
        })
    }

    fn said(self, periods: Vec<Period>) -> Self {
        Self { periods, ..self }
    }
}
