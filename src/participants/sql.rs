//! Statements about participants: what is kept of one, which match, and the names of a day.

use std::collections::HashSet;

use chrono::NaiveDate;
use uuid::Uuid;

use super::{FormerName, Kind, Participant, View};
use crate::{
    db::{Cells, Reader, Sql, row, stored_as_json},
    error::{Detail, Faults, Result},
    resources::{self, Code, Named, ParticipantKey, Resource},
    search::{by_words, sql::Searched},
    values::{FromText, PartialDate, Timestamp, Viewpoint},
    web::{ColumnType, Filter, Query, Ranked, Sort, Updated, among},
};

stored_as_json!(Vec<FormerName>);

row! {
    Participant {
        id, code, kind, names, former_names, aliases, merged_into, version, created_at, updated_at, counts: row,
    }
}

pub(super) fn cells(participant: &Participant, merged_into: Option<Uuid>) -> Cells {
    let Participant {
        id: _,
        code,
        kind,
        names,
        former_names,
        aliases,
        merged_into: _,
        version,
        created_at,
        updated_at,
        counts: _,
    } = participant;
    Cells::new()
        .set("code", code.clone())
        .set("kind", *kind)
        .set("names", names.clone())
        .set("former_names", former_names.clone())
        .set("aliases", aliases.clone())
        .set("merged_into", merged_into)
        .set("version", *version)
        .set("created_at", *created_at)
        .set("updated_at", *updated_at)
}

pub async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Participant>> {
    let mut sql = Sql::new(ParticipantFilter::COLUMNS);
    sql.push(" from participants r left join participants m on m.id = r.merged_into where r.retracted_at is null and r.id = ");
    sql.push_arg(id);
    conn.find(sql).await
}

/// Whether the register has any participant, retracted ones too.
pub async fn any(conn: &mut Reader) -> Result<bool> {
    let found: Option<(Uuid,)> = conn.find(Sql::new("select id from participants limit 1")).await?;
    Ok(found.is_some())
}

/// The participant that a path names, also by the key of one that was merged into it.
pub async fn named(conn: &mut Reader, key: &str) -> Result<Participant> {
    let found = match resources::resolve(conn, Resource::Participants, key).await? {
        Some(found) => find(conn, found.id).await?,
        None => None,
    };
    found.ok_or_else(|| resources::not_found(Resource::Participants, key))
}

/// Coalitions and meetings in which both participants stand, or would again once they are restored:
/// what went at one moment comes back together.
pub(super) async fn standing_in_both(conn: &mut Reader, one: Uuid, other: Uuid) -> Result<Vec<String>> {
    let places: Vec<(String,)> = conn
        .all(
            Sql::new(
                "select 'coalitions/' || c.slug from members a join members b on b.coalition_id = a.coalition_id
                   join coalitions c on c.id = a.coalition_id
                 where a.participant_id = $1 and b.participant_id = $2 and a.retracted_at is not distinct from b.retracted_at
                 union
                 select 'meetings/' || m.slug from attendance a join attendance b on b.meeting_id = a.meeting_id
                   join meetings m on m.id = a.meeting_id
                 where a.participant_id = $1 and b.participant_id = $2 and a.retracted_at is not distinct from b.retracted_at
                 order by 1",
            )
            .bind(one)
            .bind(other),
        )
        .await?;
    Ok(places.into_iter().map(|(place,)| place).collect())
}

/// Pledges of which both participants state something, or would again once it is restored.
pub(super) async fn stating_of_both(conn: &mut Reader, one: Uuid, other: Uuid) -> Result<Vec<Uuid>> {
    let pledges: Vec<(Uuid,)> = conn
        .all(
            Sql::new(
                "select distinct a.pledge_id from adherents a join adherents b on b.pledge_id = a.pledge_id
                 where a.participant_id = $1 and b.participant_id = $2 and a.retracted_at is not distinct from b.retracted_at
                 order by 1",
            )
            .bind(one)
            .bind(other),
        )
        .await?;
    Ok(pledges.into_iter().map(|(id,)| id).collect())
}

/// What of one participant is retracted where the other has the same live: neither can come back beside the other.
pub(super) async fn outlived(conn: &mut Reader, one: Uuid, other: Uuid) -> Result<HashSet<Uuid>> {
    let rows: Vec<(Uuid,)> = conn
        .all(
            Sql::new(
                "select a.id from members a join members b on b.coalition_id = a.coalition_id
                 where a.participant_id = $1 and b.participant_id = $2 and a.retracted_at is not null and b.retracted_at is null
                 union all
                 select a.id from attendance a join attendance b on b.meeting_id = a.meeting_id
                 where a.participant_id = $1 and b.participant_id = $2 and a.retracted_at is not null and b.retracted_at is null
                 union all
                 select a.id from adherents a join adherents b on b.pledge_id = a.pledge_id
                 where a.participant_id = $1 and b.participant_id = $2 and a.retracted_at is not null and b.retracted_at is null",
            )
            .bind(one)
            .bind(other),
        )
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Something of a participant that stands, or stood, in a place, as a statement does in its pledge.
pub(super) struct Placed {
    pub id: Uuid,
    pub resource: Resource,
    pub place: Uuid,
    pub participant: Uuid,
    pub retracted_at: Option<Timestamp>,
    /// How far the versions have gone in that place: of this participant, of another, and of those that were merged into either.
    pub reached: i64,
}

row! { Placed { id, resource, place, participant, retracted_at, reached } }

/// What of one participant has a place, and what the other has or had there, the oldest first.
pub(super) async fn placed(conn: &mut Reader, one: Uuid, other: Uuid) -> Result<Vec<Placed>> {
    let mut sql = Sql::new("with of_both (id) as (select id from participants where id in ");
    let both = [one, other];
    sql.push_list(both).push(" or merged_into in ").push_list(both);
    sql.push(") ");
    let tables = [
        (Resource::Members, "coalition_id"),
        (Resource::Attendance, "meeting_id"),
        (Resource::Adherents, "pledge_id"),
    ];
    for (index, (resource, place)) in tables.into_iter().enumerate() {
        let table = resource.as_str();
        sql.push(if index == 0 {
            "select a.id, '"
        } else {
            " union all select a.id, '"
        });
        sql.push(table).push("' as resource, a.").push(place);
        sql.push(" as place, a.participant_id as participant, a.retracted_at, (select max(b.version) from ");
        sql.push(table);
        sql.push(" b where b.").push(place).push(" = a.").push(place);
        sql.push(" and b.participant_id in (select id from of_both)) as reached from ");
        sql.push(table)
            .push(" a where a.participant_id in ")
            .push_list(both);
        sql.push(" and a.").push(place).push(" in (select ").push(place);
        sql.push(" from ").push(table);
        sql.push(" where participant_id = ").push_arg(one).push(")");
    }
    sql.push(" order by 1");
    conn.all(sql).await
}

/// A participant's code or id.
#[derive(Debug)]
struct Key(String);

impl FromText for Key {
    fn described() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        <ParticipantKey as utoipa::PartialSchema>::schema()
    }

    fn from_text(text: &str) -> Result<Self, Detail> {
        let is_id = Uuid::from_text(text).is_ok();
        let code = if is_id {
            Ok(())
        } else {
            Code::from_text(text).map(drop)
        };
        code.map(|()| Self(text.to_owned()))
    }
}

#[derive(Debug, Default)]
pub struct ParticipantFilter {
    searched: Searched,
    kind: Vec<Kind>,
    /// As asked; those of merged ones and ids lead to others.
    code: Vec<Key>,
    ids: Vec<Uuid>,
    coalition: Named,
    meeting: Named,
    updated: Updated,
}

impl Filter for ParticipantFilter {
    type Item = Participant;

    const COLUMNS: &'static str =
        "select r.id, r.code, r.kind, r.names, r.former_names, r.aliases, m.code as merged_into,
        r.version, r.created_at, r.updated_at,
        (select count(*) from citations ct where ct.participant_id = r.id and ct.retracted_at is null) as citations,
        (select cast(coalesce(sum(x.pledges), 0) as bigint) from rollups x where x.level = 'participant' and x.key1 = r.code) as pledges";
    // Hundreds of names, of hundreds of characters each.
    const BYTES: Option<&'static str> = Some(
        "octet_length(cast(r.names as text)) + octet_length(cast(r.former_names as text)) + octet_length(cast(r.aliases as text))",
    );
    /// Merged ones answer under their successor's name.
    const FROM: &'static str = " from participants r left join participants m on m.id = r.merged_into
        where r.retracted_at is null and r.merged_into is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("code", "r.code", ColumnType::Text, |it| Some(it.code.to_string())),
        Sort::by("kind", "r.kind", ColumnType::Text, |it| Some(it.kind.to_string())),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            searched: Searched::read_as_typed(query),
            kind: query.many("kind"),
            code: query.many("code"),
            ids: Vec::new(),
            coalition: Named::read(query, "coalition"),
            meeting: Named::read(query, "meeting"),
            updated: Updated::read(query),
        }
    }

    fn names_records(&self) -> bool {
        !(self.code.is_empty() && self.coalition.is_empty() && self.meeting.is_empty())
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        let mut faults = Faults::default();
        self.coalition
            .resolve(conn, Resource::Coalitions, "coalition", &mut faults)
            .await?;
        self.meeting
            .resolve(conn, Resource::Meetings, "meeting", &mut faults)
            .await?;
        for Key(key) in &self.code {
            let found = resources::resolve(conn, Resource::Participants, key).await?;
            self.ids.extend(found.map(|it| it.id));
        }
        faults.or_malformed()
    }

    by_words!(Resource::Participants);

    fn matching(&self, sql: &mut Sql) {
        self.searched.matching(sql, Resource::Participants);
        among(sql, "r.kind", &self.kind);
        if !self.code.is_empty() {
            sql.push(" and r.id in ").push_list(self.ids.iter().copied());
        }
        self.coalition.matching(
            sql,
            " and r.id in (select participant_id from members where retracted_at is null and coalition_id in ",
            ")",
        );
        self.meeting.matching(
            sql,
            " and r.id in (select participant_id from attendance where retracted_at is null and meeting_id in ",
            ")",
        );
        self.updated.matching(sql, "r.updated_at");
    }
}

/// `names_at`: the names that held on a day.
pub struct NamesAt(pub(super) Option<NaiveDate>);

impl NamesAt {
    pub(super) fn read(query: &mut Query) -> Self {
        Self(query.one::<PartialDate>("names_at").map(PartialDate::last))
    }
}

/// The list's filter, and the day of the names in it.
pub struct NamedAt {
    filter: ParticipantFilter,
    names_at: NamesAt,
}

impl Filter for NamedAt {
    type Item = Participant;
    const COLUMNS: &'static str = ParticipantFilter::COLUMNS;
    const FROM: &'static str = ParticipantFilter::FROM;
    const BYTES: Option<&'static str> = ParticipantFilter::BYTES;
    const SORTS: &'static [Sort<Participant>] = ParticipantFilter::SORTS;

    fn read(query: &mut Query) -> Self {
        Self {
            filter: ParticipantFilter::read(query),
            names_at: NamesAt::read(query),
        }
    }
    fn asks_for_words(&self) -> bool {
        self.filter.asks_for_words()
    }
    fn is_found_by_name(&self) -> bool {
        self.filter.is_found_by_name()
    }
    async fn rank(&mut self, conn: &mut Reader) -> Result<Vec<Ranked>> {
        self.filter.rank(conn).await
    }
    fn names_records(&self) -> bool {
        self.filter.names_records()
    }
    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        self.filter.resolve(conn).await
    }
    fn matching(&self, sql: &mut Sql) {
        self.filter.matching(sql);
    }
    fn view<'a>(&self, row: &'a Participant, viewpoint: Viewpoint) -> View<'a> {
        row.view_at(self.names_at.0, viewpoint.language, None)
    }
}
