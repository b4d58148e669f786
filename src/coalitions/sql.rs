//! Statements about coalitions and members, with their periods.

use uuid::Uuid;

use super::{
    Coalition,
    members::{Member, Period},
};
use crate::{
    db::{Cells, Conn, Reader, Sql, row},
    error::{Faults, Result},
    resources::{Named, Resource},
    values::PartialDate,
    web::{ColumnType, Filter, Query, Sort, Updated},
};

row! { Coalition { id, slug, names, founded_on, description, version, created_at, updated_at } }

pub(super) fn cells(coalition: &Coalition) -> Cells {
    let Coalition {
        id: _,
        slug,
        names,
        founded_on,
        description,
        version,
        created_at,
        updated_at,
    } = coalition;
    Cells::new()
        .set("slug", slug.clone())
        .set("names", names.clone())
        .set("founded_on", *founded_on)
        .set("founded_first", founded_on.map(PartialDate::first))
        .set("description", description.clone())
        .set("version", *version)
        .set("created_at", *created_at)
        .set("updated_at", *updated_at)
}

pub async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Coalition>> {
    let mut sql = Sql::new(CoalitionFilter::COLUMNS);
    sql.push(CoalitionFilter::FROM).push(" and r.id = ").push_arg(id);
    conn.find(sql).await
}

#[derive(Debug, Default)]
pub struct CoalitionFilter {
    member: Named,
    updated: Updated,
}

impl Filter for CoalitionFilter {
    type Item = Coalition;

    const COLUMNS: &'static str =
        "select r.id, r.slug, r.names, r.founded_on, r.description, r.version, r.created_at, r.updated_at";
    const FROM: &'static str = " from coalitions r where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("slug", "r.slug", ColumnType::Text, |it| Some(it.slug.to_string())),
        Sort::by("founded_on", "r.founded_first", ColumnType::Day, |it| {
            it.founded_on.map(|date| date.first().to_string())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            member: Named::read(query, "member"),
            updated: Updated::read(query),
        }
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        let mut faults = Faults::default();
        self.member
            .resolve(conn, Resource::Participants, "member", &mut faults)
            .await?;
        faults.or_malformed()
    }

    fn matching(&self, sql: &mut Sql) {
        self.member.matching(
            sql,
            " and r.id in (select coalition_id from members where retracted_at is null and participant_id in ",
            ")",
        );
        self.updated.matching(sql, "r.updated_at");
    }
}

/// Members of a coalition; on a day, those whose period may cover it.
#[derive(Debug, Default)]
pub struct MemberFilter {
    pub(super) coalition: Named,
    on: Option<PartialDate>,
    updated: Updated,
}

impl Filter for MemberFilter {
    type Item = Member;

    const COLUMNS: &'static str =
        "select r.id, c.slug as coalition, p.code as participant, p.names as participant_names,
        r.version, r.created_at, r.updated_at";
    const FROM: &'static str = " from members r join coalitions c on c.id = r.coalition_id
        join participants p on p.id = r.participant_id where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("participant", "p.code", ColumnType::Text, |it| {
            Some(it.participant.to_string())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            coalition: Named::default(),
            on: query.one("on"),
            updated: Updated::read(query),
        }
    }

    fn matching(&self, sql: &mut Sql) {
        self.coalition.matching(sql, " and r.coalition_id in ", "");
        if let Some(on) = self.on {
            sql.push(" and exists (select 1 from member_periods mp where mp.member_id = r.id and mp.joined_first <= ")
                .push_arg(on.last())
                .push(" and (mp.left_last is null or mp.left_last > ")
                .push_arg(on.first())
                .push("))");
        }
        self.updated.matching(sql, "r.updated_at");
    }

    const IS_COMPLETED: bool = true;

    async fn complete(conn: &mut Reader, rows: &mut [Member]) -> Result<()> {
        with_periods(conn, rows).await
    }
}

/// Reads the periods of members, in one statement for all of them.
pub(super) async fn with_periods(conn: &mut Reader, members: &mut [Member]) -> Result<()> {
    let mut sql = Sql::new("select member_id, joined_on, left_on from member_periods where member_id in ");
    sql.push_list(members.iter().map(|member| member.id))
        .push(" order by member_id, position");
    let rows: Vec<(Uuid, PartialDate, Option<PartialDate>)> = conn.all(sql).await?;
    for (id, joined_on, left_on) in rows {
        if let Some(member) = members.iter_mut().find(|member| member.id == id) {
            member.periods.push(Period { joined_on, left_on });
        }
    }
    Ok(())
}

row! {
    Member {
        id, coalition, participant, periods: later, version, created_at, updated_at, participant_names,
    }
}

/// What the row of a member itself holds; the two that it stands between are for good.
pub(super) fn member_cells(member: &Member) -> Cells {
    Cells::new()
        .set("version", member.version)
        .set("created_at", member.created_at)
        .set("updated_at", member.updated_at)
}

pub(super) async fn remove_periods(conn: &mut Conn, member: Uuid) -> Result<()> {
    conn.run(Sql::new("delete from member_periods where member_id = $1").bind(member))
        .await
        .map(drop)
}

pub(super) async fn insert_periods(conn: &mut Conn, member: Uuid, periods: &[Period]) -> Result<()> {
    for (position, period) in (0_i64..).zip(periods) {
        conn.run(
            Sql::new(
                "insert into member_periods (member_id, position, joined_on, joined_first, left_on, left_last)
                 values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(member)
            .bind(position)
            .bind(period.joined_on)
            .bind(period.joined_on.first())
            .bind(period.left_on)
            .bind(period.left_on.map(PartialDate::last)),
        )
        .await?;
    }
    Ok(())
}
