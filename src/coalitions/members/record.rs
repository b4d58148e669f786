//! Membership as a record: how one is shown, created and changed.

use uuid::Uuid;

use super::{Member, Period, View, sql};
use crate::{
    error::Result,
    history::{Record, Write},
    participants::{self, NamesParticipant},
    records::Related,
    resources::{Code, Located, Named, Resource},
    values::{Language, Timestamp},
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

    fn view(&self, language: Language, _: Option<()>) -> View<'_> {
        View {
            member: self,
            participant_name: self.participant_names.resolve(language),
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
    const COLUMN: &'static str = sql::WHOLE;
    const SUMMARIES: [&'static str; 3] = [
        "Who belongs or belonged to a coalition.",
        "When a participant belonged.",
        "Sets the periods of a membership.",
    ];
    const ONE: &'static str = "a membership";

    fn of(filter: &mut sql::MemberFilter, whole: Uuid) {
        filter.coalition = Named::one(whole);
    }

    async fn create(
        write: &mut Write,
        coalition: &Located,
        who: &Located,
        periods: Vec<Period>,
    ) -> Result<Self> {
        let member = Self {
            id: write.new_id(),
            coalition: coalition.parsed()?,
            participant: who.parsed()?,
            periods,
            version: 1,
            created_at: write.at,
            updated_at: write.at,
            participant_names: who.required_names()?,
        };
        let cells = sql::new_cells(&member, coalition, who);
        let (id, periods) = (member.id, member.periods.clone());
        let member = write.create(member, cells).await?;
        sql::insert_periods(&mut write.conn, id, &periods).await?;
        Ok(member)
    }

    async fn change(write: &mut Write, before: Self, periods: Vec<Period>) -> Result<Self> {
        if before.periods != periods {
            sql::remove_periods(&mut write.conn, before.id).await?;
            sql::insert_periods(&mut write.conn, before.id, &periods).await?;
        }
        let after = Self {
            periods,
            ..before.clone()
        };
        write.change(before, after, sql::cells).await
    }
}
