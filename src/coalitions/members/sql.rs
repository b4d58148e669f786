//! Statements about members and their periods: what is kept, and which match.

use uuid::Uuid;

use super::{Member, Period};
use crate::{
    db::{Cells, Conn, Reader, Sql, row},
    error::Result,
    records::RelatedRow,
    resources::Named,
    values::PartialDate,
    web::{ColumnType, Filter, Query, Sort, Updated},
};

row! {
    Member {
        id, coalition, participant, periods: later, version, created_at, updated_at, participant_names,
        coalition_names,
    }
}

impl RelatedRow for Member {
    const COLUMN: &'static str = "coalition_id";

    fn cells(&self) -> Cells {
        let Self {
            id: _,
            coalition: _,
            participant: _,
            periods: _,
            version,
            created_at,
            updated_at,
            participant_names: _,
            coalition_names: _,
        } = self;
        Cells::new()
            .set("version", *version)
            .set("created_at", *created_at)
            .set("updated_at", *updated_at)
    }

    async fn store_parts(&self, conn: &mut Conn) -> Result<()> {
        for (position, period) in (0_i64..).zip(&self.periods) {
            conn.run(
                Sql::new(
                    "insert into member_periods (member_id, position, joined_on, joined_first, left_on, left_last)
                     values ($1, $2, $3, $4, $5, $6)",
                )
                .bind(self.id)
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

    async fn remove_parts(&self, conn: &mut Conn) -> Result<()> {
        conn.run(Sql::new("delete from member_periods where member_id = $1").bind(self.id))
            .await
            .map(drop)
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
        "select r.id, c.slug as coalition, c.names as coalition_names, p.code as participant, p.names as participant_names,
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
