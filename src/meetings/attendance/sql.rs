//! Statements about attendance: what is kept, and which match.

use super::{Attendance, Role};
use crate::{
    db::{Cells, Sql, row},
    records::RelatedRow,
    resources::Named,
    web::{ColumnType, Filter, Query, Sort, Updated, among},
};

row! {
    Attendance {
        id, meeting, participant, role, delegate_name, delegate_office, adopted, version, created_at,
        updated_at, participant_names, meeting_titles,
    }
}

impl RelatedRow for Attendance {
    const COLUMN: &'static str = "meeting_id";

    fn cells(&self) -> Cells {
        let Self {
            id: _,
            meeting: _,
            participant: _,
            role,
            delegate_name,
            delegate_office,
            adopted,
            version,
            created_at,
            updated_at,
            participant_names: _,
            meeting_titles: _,
        } = self;
        Cells::new()
            .set("role", *role)
            .set("delegate_name", delegate_name.clone())
            .set("delegate_office", delegate_office.clone())
            .set("adopted", *adopted)
            .set("version", *version)
            .set("created_at", *created_at)
            .set("updated_at", *updated_at)
    }
}

#[derive(Debug, Default)]
pub struct AttendanceFilter {
    pub(super) meeting: Named,
    role: Vec<Role>,
    adopted: Option<bool>,
    updated: Updated,
}

impl Filter for AttendanceFilter {
    type Item = Attendance;

    const COLUMNS: &'static str =
        "select r.id, m.slug as meeting, m.titles as meeting_titles, p.code as participant, p.names as participant_names, r.role,
        r.delegate_name, r.delegate_office, r.adopted, r.version, r.created_at, r.updated_at";
    const FROM: &'static str = " from attendance r join meetings m on m.id = r.meeting_id
        join participants p on p.id = r.participant_id where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("participant", "p.code", ColumnType::Text, |it| {
            Some(it.participant.to_string())
        }),
        Sort::by("role", "r.role", ColumnType::Text, |it| Some(it.role.to_string())),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            meeting: Named::default(),
            role: query.many("role"),
            adopted: query.flag("adopted"),
            updated: Updated::read(query),
        }
    }

    fn matching(&self, sql: &mut Sql) {
        self.meeting.matching(sql, " and r.meeting_id in ", "");
        among(sql, "r.role", &self.role);
        if let Some(adopted) = self.adopted {
            sql.push(" and r.adopted = ").push_arg(adopted);
        }
        self.updated.matching(sql, "r.updated_at");
    }
}
