//! Statements about adherents: what is kept, and who stands behind a pledge with or without it.

use uuid::Uuid;

use super::{Adherent, By, Stance, Standing, Standings, Statement};
use crate::{
    db::{Cells, Reader, Sql, row, stored_as_json},
    error::Result,
    records::RelatedRow,
    resources::{Code, Named},
    values::LangMap,
    web::{ColumnType, Filter, Query, Sort, Updated, among},
};

stored_as_json!(Vec<Statement>);

row! { Adherent { id, pledge, participant, statements, version, created_at, updated_at, participant_names, counts: row } }

impl RelatedRow for Adherent {
    const COLUMN: &'static str = "pledge_id";

    fn cells(&self) -> Cells {
        let Self {
            id: _,
            pledge: _,
            participant: _,
            statements,
            version,
            created_at,
            updated_at,
            participant_names: _,
            counts: _,
        } = self;
        Cells::new()
            .set("statements", statements.clone())
            .set("stance", self.stance())
            .set("version", *version)
            .set("created_at", *created_at)
            .set("updated_at", *updated_at)
    }
}

/// The code of the participant whose own a pledge is; none where it is collective.
pub(super) async fn participant_of(conn: &mut Reader, pledge: Uuid) -> Result<Option<Code>> {
    let found: Option<(Code,)> = conn
        .find(
            Sql::new(
                "select p.code from pledges r join participants p on p.id = r.participant_id where r.id = $1",
            )
            .bind(pledge),
        )
        .await?;
    Ok(found.map(|(code,)| code))
}

/// The adherents of any of these pledges, the oldest first.
pub(super) async fn of_any(conn: &mut Reader, pledges: Vec<Uuid>) -> Result<Vec<Adherent>> {
    let mut sql = AdherentFilter::rows();
    sql.push(" and r.pledge_id in ")
        .push_list(pledges)
        .push(" order by r.id");
    conn.all(sql).await
}

/// One of [`Standings`], with its participant's names.
struct Stands {
    standing: Standing,
    participant_names: LangMap,
}

row! { Standing { id, pledge, participant, stance, is_stated } }

row! { Stands { standing: row, participant_names } }

impl Extend<Stands> for Standings {
    fn extend<T: IntoIterator<Item = Stands>>(&mut self, all: T) {
        for Stands {
            standing,
            participant_names,
        } in all
        {
            if !self.names.contains_key(&standing.participant) {
                self.names.insert(standing.participant.clone(), participant_names);
            }
            self.all.push(standing);
        }
    }
}

/// How all stand to any of these pledges; so many of them at most.
pub async fn standings(conn: &mut Reader, pledges: Vec<Uuid>, most: usize) -> Result<Standings> {
    let mut sql = Sql::new(
        "select r.id, r.pledge_id as pledge, p.code as participant, p.names as participant_names, r.stance, r.statements is not null as is_stated",
    );
    sql.push(AdherentFilter::FROM)
        .push(" and r.pledge_id in ")
        .push_list(pledges)
        .push(" limit ")
        .push_arg(i64::try_from(most).unwrap_or(i64::MAX));
    conn.gathered::<Stands, _>(sql).await
}

const UPDATED: &str = "case when r.statements is not null then r.updated_at end";

/// Adherents of a pledge: who stated something, and of those who did not whoever attended its meeting and adopted.
#[derive(Debug, Default)]
pub struct AdherentFilter {
    pub(super) pledge: Named,
    stance: Vec<Stance>,
    by: Vec<By>,
    updated: Updated,
}

impl Filter for AdherentFilter {
    type Item = Adherent;

    const COLUMNS: &'static str =
        "select r.id, r.pledge_id as pledge, p.code as participant, p.names as participant_names,
        r.statements, r.version, r.created_at, r.updated_at,
        (select count(*) from citations ct where ct.adherent_id = r.id and ct.retracted_at is null) as citations";
    const FROM: &'static str = " from (
            select a.id, a.pledge_id, a.participant_id, a.statements, a.stance, a.version, a.created_at, a.updated_at
            from adherents a where a.retracted_at is null
            union all
            select t.id, l.id, t.participant_id, null, 'adopted', t.version, t.created_at, t.updated_at
            from pledges l join attendance t on t.meeting_id = l.meeting_id
            where l.participant_id is null and l.retracted_at is null and t.retracted_at is null and t.adopted
                and not exists (select 1 from adherents o where o.pledge_id = l.id
                    and o.participant_id = t.participant_id and o.retracted_at is null)
        ) r join participants p on p.id = r.participant_id where 1 = 1";
    // A hundred statements, of thousands of characters each.
    const BYTES: Option<&'static str> = Some("coalesce(octet_length(cast(r.statements as text)), 0)");

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        // Who adheres by attendance was not written down here.
        Sort::by("updated_at", UPDATED, ColumnType::Time, |it| {
            it.statements.as_ref().map(|_| it.updated_at.to_rfc3339())
        }),
        Sort::by("participant", "p.code", ColumnType::Text, |it| {
            Some(it.participant.to_string())
        }),
        Sort::by("stance", "r.stance", ColumnType::Text, |it| {
            Some(it.stance().to_string())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            pledge: Named::default(),
            stance: query.many("stance"),
            by: query.many("by"),
            updated: Updated::read(query),
        }
    }

    fn matching(&self, sql: &mut Sql) {
        self.pledge.matching(sql, " and r.pledge_id in ", "");
        among(sql, "r.stance", &self.stance);
        match self.by.as_slice() {
            [By::Statement] => sql.push(" and r.statements is not null"),
            [By::Attendance] => sql.push(" and r.statements is null"),
            // Nothing is asked, or both.
            _ => sql,
        };
        self.updated.matching(sql, UPDATED);
    }
}
