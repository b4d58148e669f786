//! Statements about coalitions: what is kept, and which match.

use super::Coalition;
use crate::{
    db::{Cells, Reader, Sql, row},
    error::{Faults, Result},
    resources::{Named, Resource},
    search::{by_words, sql::Searched},
    values::PartialDate,
    web::{ColumnType, Filter, Query, Sort, Updated},
};

row! { Coalition { id, slug, names, founded_on, description, version, created_at, updated_at, counts: row } }

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
        counts: _,
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

#[derive(Debug, Default)]
pub struct CoalitionFilter {
    searched: Searched,
    member: Named,
    updated: Updated,
}

impl Filter for CoalitionFilter {
    type Item = Coalition;

    const COLUMNS: &'static str =
        "select r.id, r.slug, r.names, r.founded_on, r.description, r.version, r.created_at, r.updated_at,
        (select count(*) from citations ct where ct.coalition_id = r.id and ct.retracted_at is null) as citations,
        (select cast(coalesce(sum(x.pledges), 0) as bigint) from meetings mt cross join rollups x
            where mt.coalition_id = r.id and x.level = 'meeting' and x.key1 = mt.slug) as pledges";
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
            searched: Searched::read(query),
            member: Named::read(query, "member"),
            updated: Updated::read(query),
        }
    }

    fn names_records(&self) -> bool {
        !self.member.is_empty()
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        let mut faults = Faults::default();
        self.member
            .resolve(conn, Resource::Participants, "member", &mut faults)
            .await?;
        self.searched
            .resolve(conn, Resource::Coalitions, &mut faults)
            .await?;
        faults.or_malformed()
    }

    by_words!(Resource::Coalitions);

    fn matching(&self, sql: &mut Sql) {
        self.searched.matching(sql, Resource::Coalitions);
        self.member.matching(
            sql,
            " and r.id in (select coalition_id from members where retracted_at is null and participant_id in ",
            ")",
        );
        self.updated.matching(sql, "r.updated_at");
    }
}
