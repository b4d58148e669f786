//! Statements about assessments: what is kept, which match, and where they conflict.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Assessment, Kind, Latest, Subject, disputes::Verdict};
use crate::{
    db::{Cells, Conn, Reader, Sql, row, rows_of},
    error::{Faults, Result},
    resources::{self, Named, Resource},
    scales::Meaning,
    values::PartialDate,
    web::{ColumnType, Filter, Query, Sort, Updated, among},
};

row! {
    Assessment {
        id, pledge, participant, participant_id, participant_names, assessor, scale, scale_id, scale_names, value, meaning,
        period_from, period_to, kind, published_on, replaces, latest, version, created_at, updated_at, counts: row,
    }
}

/// How many pledges one statement takes.
pub(super) const AT_ONCE: usize = rows_of(1);

/// The whole row.
pub(super) fn new_cells(assessment: &Assessment) -> Cells {
    cells(assessment).set("pledge_id", assessment.pledge)
}

/// What may change of an assessment's row: its pledge is for good.
pub(super) fn cells(assessment: &Assessment) -> Cells {
    let Assessment {
        id: _,
        pledge: _,
        participant: _,
        participant_id,
        participant_names: _,
        assessor,
        scale: _,
        scale_id,
        scale_names: _,
        value,
        meaning: _,
        period_from,
        period_to,
        kind,
        published_on,
        replaces,
        latest: _,
        version,
        created_at,
        updated_at,
        counts: _,
    } = assessment;
    Cells::new()
        .set("participant_id", *participant_id)
        .set("assessor", assessor.clone())
        .set("scale_id", *scale_id)
        .set("value", value.clone())
        .set("period_from", *period_from)
        .set("period_to", *period_to)
        .set("kind", *kind)
        .set("published_on", *published_on)
        .set("published_first", published_on.map(PartialDate::first))
        .set("replaces_id", *replaces)
        .set("version", *version)
        .set("created_at", *created_at)
        .set("updated_at", *updated_at)
}

/// The participant whose own a pledge is; none where it is collective.
pub(super) async fn participant_of(conn: &mut Reader, pledge: Uuid) -> Result<Option<Uuid>> {
    let found: Option<(Option<Uuid>,)> = conn
        .find(Sql::new("select participant_id from pledges where id = $1").bind(pledge))
        .await?;
    Ok(found.and_then(|(participant,)| participant))
}

/// The live ones that replace this one.
pub(super) async fn replacing(conn: &mut Reader, id: Uuid) -> Result<Vec<Assessment>> {
    let mut sql = AssessmentFilter::rows();
    sql.push(" and r.replaces_id = ")
        .push_arg(id)
        .push(" order by r.id");
    conn.all(sql).await
}

/// The latest of any of these pledges, by assessor: so many at most.
pub async fn latest_of_any(conn: &mut Reader, pledges: Vec<Uuid>, most: usize) -> Result<Vec<Latest>> {
    let filter = AssessmentFilter {
        latest: Some(true),
        ..AssessmentFilter::default()
    };
    let mut sql = Sql::new(
        "select r.id, r.pledge_id as pledge, p.code as participant, r.assessor, s.\"key\" as scale, r.value, v.meaning, r.kind",
    );
    sql.push(AssessmentFilter::FROM);
    filter.matching(&mut sql);
    sql.push(" and r.pledge_id in ")
        .push_list(pledges)
        .push(" order by r.assessor, r.id limit ")
        .push_arg(i64::try_from(most).unwrap_or(i64::MAX));
    conn.all(sql).await
}

/// The pledges of these assessments, and of those on these scales.
pub(super) async fn pledges_of(
    conn: &mut Reader,
    assessments: BTreeSet<Uuid>,
    scales: BTreeSet<Uuid>,
) -> Result<BTreeSet<Uuid>> {
    let mut found = BTreeSet::new();
    for (of, ids) in [
        (
            "select distinct pledge_id from assessments where id in ",
            assessments,
        ),
        (
            "select distinct pledge_id from assessments where scale_id in ",
            scales,
        ),
    ] {
        let ids: Vec<_> = ids.into_iter().collect();
        for ids in ids.chunks(rows_of(1)) {
            let mut sql = Sql::new(of);
            sql.push_list(ids.iter().copied());
            let rows: Vec<(Uuid,)> = conn.all(sql).await?;
            found.extend(rows.into_iter().map(|(id,)| id));
        }
    }
    Ok(found)
}

row! { Latest { id, pledge, participant, assessor, scale, value, meaning, kind } }

row! { Verdict { pledge, member, assessor, meaning } }

/// The latest verdicts of these pledges, which are as many as one statement takes: of whom, by whom, meaning what.
pub(super) async fn verdicts(conn: &mut Reader, pledges: &BTreeSet<Uuid>) -> Result<Vec<Verdict>> {
    let mut sql = Sql::new(
        "select r.pledge_id as pledge, coalesce(r.participant_id, l.participant_id) as member, r.assessor, v.meaning
         from assessments r join pledges l on l.id = r.pledge_id
         join scale_values v on v.scale_id = r.scale_id and v.value = r.value
         where r.retracted_at is null
             and not exists (select 1 from assessments n where n.replaces_id = r.id and n.retracted_at is null)
             and r.pledge_id in ",
    );
    sql.push_list(pledges.iter().copied());
    conn.all(sql).await
}

/// Notes of these pledges whether they are disputed, where that is not noted yet.
pub(super) async fn set_disputed(conn: &mut Conn, pledges: BTreeSet<Uuid>, disputed: bool) -> Result<()> {
    if pledges.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::new("update pledges set disputed = ");
    sql.push_arg(disputed)
        .push(" where coalesce(disputed, ")
        .push_arg(false)
        .push(") <> ")
        .push_arg(disputed)
        .push(" and id in ")
        .push_list(pledges);
    conn.run(sql).await.map(drop)
}

#[derive(Debug, Default)]
pub struct AssessmentFilter {
    subjects: Vec<Subject>,
    meeting: Named,
    participant: Named,
    assessor: Vec<String>,
    scale: Named,
    value: Vec<String>,
    meaning: Vec<Meaning>,
    kind: Vec<Kind>,
    replaces: Vec<Uuid>,
    latest: Option<bool>,
    updated: Updated,
}

impl Filter for AssessmentFilter {
    type Item = Assessment;

    const COLUMNS: &'static str = "select r.id, r.pledge_id as pledge, p.code as participant, r.participant_id,
        p.names as participant_names, r.assessor, s.\"key\" as scale, r.scale_id, s.names as scale_names, r.value, v.meaning, r.period_from, r.period_to,
        r.kind, r.published_on, r.replaces_id as replaces,
        not exists (select 1 from assessments n where n.replaces_id = r.id and n.retracted_at is null) as latest,
        r.version, r.created_at, r.updated_at,
        (select count(*) from citations ct where ct.assessment_id = r.id and ct.retracted_at is null) as citations";
    const FROM: &'static str = " from assessments r join scales s on s.id = r.scale_id
        join scale_values v on v.scale_id = r.scale_id and v.value = r.value
        left join participants p on p.id = r.participant_id where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("published_on", "r.published_first", ColumnType::Day, |it| {
            it.published_on.map(|date| date.first().to_string())
        }),
        Sort::by("assessor", "r.assessor", ColumnType::Text, |it| {
            Some(it.assessor.clone())
        }),
        Sort::by("participant", "p.code", ColumnType::Text, |it| {
            it.participant.as_ref().map(ToString::to_string)
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            subjects: query.many("subject"),
            meeting: Named::read(query, "meeting"),
            participant: Named::read(query, "participant"),
            assessor: query.texts_or_quoted("assessor"),
            scale: Named::read(query, "scale"),
            value: query.texts_or_quoted("value"),
            meaning: query.many("meaning"),
            kind: query.many("kind"),
            replaces: query.many("replaces"),
            latest: query.flag("latest"),
            updated: Updated::read(query),
        }
    }

    fn names_records(&self) -> bool {
        let named = [&self.meeting, &self.participant, &self.scale];
        !self.subjects.is_empty() || named.iter().any(|it| !it.is_empty())
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        let mut faults = Faults::default();
        for subject in &self.subjects {
            let key = subject.0.to_string();
            if resources::resolve(conn, Resource::Pledges, &key).await?.is_none() {
                let detail = format!("subject names {subject}, which is not in the register");
                faults.add("?subject", "unknown_reference", detail);
            }
        }
        self.meeting
            .resolve(conn, Resource::Meetings, "meeting", &mut faults)
            .await?;
        self.participant
            .resolve(conn, Resource::Participants, "participant", &mut faults)
            .await?;
        self.scale
            .resolve(conn, Resource::Scales, "scale", &mut faults)
            .await?;
        faults.or_malformed()
    }

    fn matching(&self, sql: &mut Sql) {
        let pledges: Vec<Uuid> = self.subjects.iter().map(|subject| subject.0).collect();
        among(sql, "r.pledge_id", &pledges);
        self.meeting.matching(
            sql,
            " and r.pledge_id in (select id from pledges where meeting_id in ",
            ")",
        );
        self.participant.matching(sql, " and r.participant_id in ", "");
        among(sql, "r.assessor", &self.assessor);
        self.scale.matching(sql, " and r.scale_id in ", "");
        among(sql, "r.value", &self.value);
        among(sql, "v.meaning", &self.meaning);
        among(sql, "r.kind", &self.kind);
        among(sql, "r.replaces_id", &self.replaces);
        if let Some(latest) = self.latest {
            sql.push(if latest { " and not exists" } else { " and exists" });
            sql.push(" (select 1 from assessments n where n.replaces_id = r.id and n.retracted_at is null)");
        }
        self.updated.matching(sql, "r.updated_at");
    }
}
