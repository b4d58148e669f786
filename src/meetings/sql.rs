//! Statements about meetings: what is kept, and which match.

use super::{Kind, Meeting, Refs};
use crate::{
    db::{Cells, Reader, Sql, row},
    error::{Faults, Result},
    resources::{Located, Named, Resource},
    search::{by_words, sql::Searched},
    values::PartialDate,
    web::{ColumnType, Filter, Query, Sort, Updated, among},
};

row! {
    Meeting {
        id, slug, titles, kind, starts_on, ends_on, coalition, coalition_names, city, country, country_names,
        headline_amount, need_amount, headline_currency, participant_count, version, created_at, updated_at, counts: row,
    }
}

pub(super) fn cells(meeting: &Meeting, refs: &Refs) -> Cells {
    let Refs { coalition, country } = refs;
    let Meeting {
        id: _,
        slug,
        titles,
        kind,
        starts_on,
        ends_on,
        coalition: _,
        coalition_names: _,
        city,
        country: _,
        country_names: _,
        headline_amount,
        need_amount,
        headline_currency,
        participant_count,
        version,
        created_at,
        updated_at,
        counts: _,
    } = meeting;
    let id = |located: &Option<Located>| located.as_ref().map(|it| it.id);
    Cells::new()
        .set("slug", slug.clone())
        .set("titles", titles.clone())
        .set("kind", *kind)
        .set("starts_on", *starts_on)
        .set("starts_first", starts_on.first())
        .set("starts_last", starts_on.last())
        .set("ends_on", *ends_on)
        .set("city", city.clone())
        .set("headline_amount", *headline_amount)
        .set("need_amount", *need_amount)
        .set("headline_currency", *headline_currency)
        .set("participant_count", *participant_count)
        .set("version", *version)
        .set("created_at", *created_at)
        .set("updated_at", *updated_at)
        .set("coalition_id", id(coalition))
        .set("country_id", id(country))
}

#[derive(Debug, Default)]
pub struct MeetingFilter {
    searched: Searched,
    coalition: Named,
    kind: Vec<Kind>,
    country: Named,
    /// From and to.
    starts: [Option<PartialDate>; 2],
    participant: Named,
    updated: Updated,
}

impl Filter for MeetingFilter {
    type Item = Meeting;

    const COLUMNS: &'static str =
        "select r.id, r.slug, r.titles, r.kind, r.starts_on, r.ends_on, c.slug as coalition,
        c.names as coalition_names, r.city, p.code as country, p.names as country_names, r.headline_amount, r.need_amount, r.headline_currency, r.participant_count,
        r.version, r.created_at, r.updated_at,
        (select count(*) from citations ct where ct.meeting_id = r.id and ct.retracted_at is null) as citations,
        (select cast(coalesce(sum(x.pledges), 0) as bigint) from rollups x where x.level = 'meeting' and x.key1 = r.slug) as pledges";
    const FROM: &'static str = " from meetings r left join coalitions c on c.id = r.coalition_id
        left join participants p on p.id = r.country_id where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("slug", "r.slug", ColumnType::Text, |it| Some(it.slug.to_string())),
        Sort::by("kind", "r.kind", ColumnType::Text, |it| Some(it.kind.to_string())),
        Sort::by("starts_on", "r.starts_first", ColumnType::Day, |it| {
            Some(it.starts_on.first().to_string())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            searched: Searched::read(query),
            coalition: Named::read(query, "coalition"),
            kind: query.many("kind"),
            country: Named::read(query, "country"),
            starts: query.dates(["starts_from", "starts_to"]),
            participant: Named::read(query, "participant"),
            updated: Updated::read(query),
        }
    }

    fn names_records(&self) -> bool {
        let named = [&self.coalition, &self.country, &self.participant];
        named.iter().any(|it| !it.is_empty())
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
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
        self.searched
            .resolve(conn, Resource::Meetings, &mut faults)
            .await?;
        faults.or_malformed()
    }

    by_words!(Resource::Meetings);

    fn matching(&self, sql: &mut Sql) {
        self.searched.matching(sql, Resource::Meetings);
        self.coalition.matching(sql, " and r.coalition_id in ", "");
        self.country.matching(sql, " and r.country_id in ", "");
        among(sql, "r.kind", &self.kind);
        let [from, to] = self.starts;
        if let Some(from) = from {
            sql.push(" and r.starts_last >= ").push_arg(from.first());
        }
        if let Some(to) = to {
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
