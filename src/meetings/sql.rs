use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Draft, Kind, Meeting, Refs,
    attendance::{Attendance, Role},
};
use crate::{
    db::{Conn, Sql},
    error::{Error, Faults, Result},
    resources::{Named, Resource},
    values::{PartialDate, Slug, Timestamp},
    web::{Filter, Query, Sort, SortKind, Updated},
};

pub(super) async fn insert(conn: &mut Conn, id: Uuid, it: &Draft, refs: &Refs, at: Timestamp) -> Result<()> {
    conn.run(
        Sql::new("insert into meetings (id, slug, version, created_at, updated_at, titles, kind, starts_on, starts_first, starts_last) values ($1, $2, 1, $3, $3, $4, $5, $6, $7, $8)")
            .bind(id)
            .bind(it.slug.clone())
            .bind(at)
            .bind(Json(it.titles.clone()))
            .bind(it.kind)
            .bind(it.starts_on)
            .bind(it.starts_on.first())
            .bind(it.starts_on.last()),
    )
    .await?;
    update(conn, id, it, refs).await
}

/// Writes all that a caller may say; the version is the caller's to raise.
pub(super) async fn update(conn: &mut Conn, id: Uuid, it: &Draft, refs: &Refs) -> Result<()> {
    conn.run(
        Sql::new(
            "update meetings set titles = $2, kind = $3, coalition_id = $4, starts_on = $5, starts_first = $6, starts_last = $7,
             ends_on = $8, city = $9, country_id = $10, headline_amount = $11, need_amount = $12, headline_currency = $13,
             participant_count = $14 where id = $1",
        )
        .bind(id)
        .bind(Json(it.titles.clone()))
        .bind(it.kind)
        .bind(refs.coalition)
        .bind(it.starts_on)
        .bind(it.starts_on.first())
        .bind(it.starts_on.last())
        .bind(it.ends_on)
        .bind(it.city.clone())
        .bind(refs.country)
        .bind(it.headline_amount)
        .bind(it.need_amount)
        .bind(it.headline_currency)
        .bind(it.participant_count),
    )
    .await
    .map(drop)
}

/// The meetings of these slugs.
pub(super) async fn by_slugs(conn: &mut Conn, slugs: impl IntoIterator<Item = Slug>) -> Result<Vec<Meeting>> {
    let mut sql = Sql::new(MeetingFilter::COLUMNS);
    sql.push(MeetingFilter::FROM)
        .push(" and r.slug in ")
        .push_list(slugs);
    conn.all(sql).await
}

pub async fn find(conn: &mut Conn, id: Uuid) -> Result<Option<Meeting>> {
    let mut sql = Sql::new(MeetingFilter::COLUMNS);
    sql.push(MeetingFilter::FROM).push(" and r.id = ").push_arg(id);
    conn.find(sql).await
}

pub(super) async fn must_find(conn: &mut Conn, id: Uuid) -> Result<Meeting> {
    find(conn, id)
        .await?
        .ok_or_else(|| Error::internal("a meeting vanished within its own write"))
}

#[derive(Debug, Default)]
pub struct MeetingFilter {
    coalition: Named,
    kind: Vec<Kind>,
    country: Named,
    starts_from: Option<PartialDate>,
    starts_to: Option<PartialDate>,
    participant: Named,
    updated: Updated,
}

impl Filter for MeetingFilter {
    type Item = Meeting;

    const COLUMNS: &'static str =
        "select r.id, r.slug, r.titles, r.kind, r.starts_on, r.ends_on, c.slug as coalition, r.city,
        p.code as country, r.headline_amount, r.need_amount, r.headline_currency, r.participant_count,
        r.version, r.created_at, r.updated_at";
    const FROM: &'static str = " from meetings r left join coalitions c on c.id = r.coalition_id
        left join participants p on p.id = r.country_id where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort {
            name: "created_at",
            column: "r.id",
            kind: SortKind::Id,
            of: |_| None,
        },
        Sort {
            name: "updated_at",
            column: "r.updated_at",
            kind: SortKind::Time,
            of: |it| Some(it.updated_at.to_rfc3339()),
        },
        Sort {
            name: "slug",
            column: "r.slug",
            kind: SortKind::Text,
            of: |it| Some(it.slug.to_string()),
        },
        Sort {
            name: "kind",
            column: "r.kind",
            kind: SortKind::Text,
            of: |it| Some(it.kind.to_string()),
        },
        Sort {
            name: "starts_on",
            column: "r.starts_first",
            kind: SortKind::Day,
            of: |it| Some(it.starts_on.first().to_string()),
        },
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            coalition: Named::read(query, "coalition"),
            kind: query.many("kind"),
            country: Named::read(query, "country"),
            starts_from: query.one("starts_from"),
            starts_to: query.one("starts_to"),
            participant: Named::read(query, "participant"),
            updated: Updated::read(query),
        }
    }

    async fn resolve(&mut self, conn: &mut Conn) -> Result<()> {
        let mut faults = Faults::default();
        self.coalition
            .resolve(conn, Resource::Coalitions, "coalition", &mut faults)
            .await?;
        self.country
            .resolve(conn, Resource::Participants, "country", &mut faults)
            .await?;
        self.participant
            .resolve(conn, Resource::Participants, "participant", &mut faults)
            .await?;
        faults.or_malformed()
    }

    fn matching(&self, sql: &mut Sql) {
        self.coalition.matching(sql, " and r.coalition_id in ", "");
        self.country.matching(sql, " and r.country_id in ", "");
        if !self.kind.is_empty() {
            sql.push(" and r.kind in ").push_list(self.kind.iter().copied());
        }
        if let Some(from) = self.starts_from {
            sql.push(" and r.starts_last >= ").push_arg(from.first());
        }
        if let Some(to) = self.starts_to {
            sql.push(" and r.starts_first <= ").push_arg(to.last());
        }
        self.participant.matching(
            sql,
            " and r.id in (select meeting_id from attendance where retracted_at is null and participant_id in ",
            ")",
        );
        self.updated.matching(sql, "r.updated_at");
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
        "select r.id, m.slug as meeting, p.code as participant, p.names as participant_names, r.role,
        r.delegate_name, r.delegate_office, r.adopted, r.version, r.created_at, r.updated_at";
    const FROM: &'static str = " from attendance r join meetings m on m.id = r.meeting_id
        join participants p on p.id = r.participant_id where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort {
            name: "created_at",
            column: "r.id",
            kind: SortKind::Id,
            of: |_| None,
        },
        Sort {
            name: "updated_at",
            column: "r.updated_at",
            kind: SortKind::Time,
            of: |it| Some(it.updated_at.to_rfc3339()),
        },
        Sort {
            name: "participant",
            column: "p.code",
            kind: SortKind::Text,
            of: |it| Some(it.participant.to_string()),
        },
        Sort {
            name: "role",
            column: "r.role",
            kind: SortKind::Text,
            of: |it| Some(it.role.to_string()),
        },
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
        if !self.role.is_empty() {
            sql.push(" and r.role in ").push_list(self.role.iter().copied());
        }
        if let Some(adopted) = self.adopted {
            sql.push(" and r.adopted = ").push_arg(adopted);
        }
        self.updated.matching(sql, "r.updated_at");
    }
}

/// The live attendance of a participant at a meeting.
pub async fn find_attendance(
    conn: &mut Conn,
    meeting: Uuid,
    participant: Uuid,
) -> Result<Option<Attendance>> {
    let mut sql = Sql::new(AttendanceFilter::COLUMNS);
    sql.push(AttendanceFilter::FROM)
        .push(" and r.meeting_id = ")
        .push_arg(meeting);
    sql.push(" and r.participant_id = ").push_arg(participant);
    conn.find(sql).await
}

/// The last attendance that was retracted, where there is one.
pub(super) async fn retracted_attendance(
    conn: &mut Conn,
    meeting: Uuid,
    participant: Uuid,
) -> Result<Option<Uuid>> {
    let found: Option<(Uuid,)> = conn
        .find(
            Sql::new(
                "select id from attendance where meeting_id = $1 and participant_id = $2 and retracted_at is not null
                 order by retracted_at desc limit 1",
            )
            .bind(meeting)
            .bind(participant),
        )
        .await?;
    Ok(found.map(|(id,)| id))
}

pub(super) async fn insert_attendance(
    conn: &mut Conn,
    it: &Attendance,
    meeting: Uuid,
    participant: Uuid,
) -> Result<()> {
    conn.run(
        Sql::new(
            "insert into attendance (id, meeting_id, participant_id, role, delegate_name, delegate_office, adopted, version, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(it.id)
        .bind(meeting)
        .bind(participant)
        .bind(it.role)
        .bind(it.delegate_name.clone())
        .bind(it.delegate_office.clone())
        .bind(it.adopted)
        .bind(it.version)
        .bind(it.created_at)
        .bind(it.updated_at),
    )
    .await
    .map(drop)
}

pub(super) async fn update_attendance(conn: &mut Conn, it: &Attendance) -> Result<()> {
    conn.run(
        Sql::new(
            "update attendance set role = $2, delegate_name = $3, delegate_office = $4, adopted = $5, version = $6, updated_at = $7
             where id = $1",
        )
        .bind(it.id)
        .bind(it.role)
        .bind(it.delegate_name.clone())
        .bind(it.delegate_office.clone())
        .bind(it.adopted)
        .bind(it.version)
        .bind(it.updated_at),
    )
    .await
    .map(drop)
}

/// Every attendance record between the two, live and retracted.
pub(super) async fn every_attendance(conn: &mut Conn, meeting: Uuid, participant: Uuid) -> Result<Vec<Uuid>> {
    let found: Vec<(Uuid,)> = conn
        .all(
            Sql::new("select id from attendance where meeting_id = $1 and participant_id = $2 order by id")
                .bind(meeting)
                .bind(participant),
        )
        .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
