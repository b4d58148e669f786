//! Statements of the matrix: a fixed number of them, each for all commitments.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Holdings, MOST_ASSESSMENTS, MOST_CELLS, MOST_COMMITMENTS};
use crate::{
    assessments::sql as assessments,
    db::{Reader, Sql},
    error::Result,
    meetings::attendance::Attendance,
    pledges::{Pledge, adherents::sql as adherents, sql::PledgeFilter},
    records::Related,
    web::Filter,
};

/// The commitments that match, in the order in which they were entered; one more than a matrix holds, where there are more.
pub(super) async fn commitments(conn: &mut Reader, filter: &PledgeFilter) -> Result<Vec<Pledge>> {
    let mut sql = PledgeFilter::rows();
    filter.matching(&mut sql);
    sql.push(" order by r.id limit ")
        .push_arg(i64::try_from(MOST_COMMITMENTS + 1).unwrap_or(i64::MAX));
    conn.all(sql).await
}

/// What stands beside these commitments of a meeting; one cell or assessment more than a matrix holds, where there are more.
pub(super) async fn holdings(conn: &mut Reader, meeting: Uuid, pledges: Vec<Pledge>) -> Result<Holdings> {
    let ids: Vec<Uuid> = pledges.iter().map(|it| it.id).collect();
    Ok(Holdings {
        pledges,
        attendance: attendance(conn, meeting).await?,
        adherents: adherents::standings(conn, ids.clone(), MOST_CELLS + 1).await?,
        assessments: assessments::latest_of_any(conn, ids.clone(), MOST_ASSESSMENTS + 1).await?,
        citations: citations(conn, &ids).await?,
    })
}

async fn attendance(conn: &mut Reader, meeting: Uuid) -> Result<Vec<Attendance>> {
    let mut filter = <Attendance as Related>::Filter::default();
    Attendance::of(&mut filter, meeting);
    let mut sql = <Attendance as Related>::Filter::rows();
    filter.matching(&mut sql);
    conn.all(sql).await
}

/// How many live citations there are about these pledges, their events, their adherents and their assessments: by the
/// record that each is about, those of events by their pledge.
async fn citations(conn: &mut Reader, pledges: &[Uuid]) -> Result<HashMap<Uuid, i64>> {
    let ids = || pledges.iter().copied();
    let mut sql = Sql::new(
        "select c.pledge_id, count(*) from citations c where c.retracted_at is null and c.pledge_id in ",
    );
    sql.push_list(ids()).push(" group by c.pledge_id union all ");
    sql.push(
        "select e.pledge_id, count(*) from citations c join events e on e.id = c.event_id
         where c.retracted_at is null and e.pledge_id in ",
    );
    sql.push_list(ids()).push(" group by e.pledge_id union all ");
    sql.push(
        "select c.adherent_id, count(*) from citations c join adherents a on a.id = c.adherent_id
         where c.retracted_at is null and a.pledge_id in ",
    );
    sql.push_list(ids()).push(" group by c.adherent_id union all ");
    sql.push(
        "select c.assessment_id, count(*) from citations c join assessments s on s.id = c.assessment_id
         where c.retracted_at is null and s.pledge_id in ",
    );
    sql.push_list(ids()).push(" group by c.assessment_id");
    let rows: Vec<(Uuid, i64)> = conn.all(sql).await?;
    let mut counted: HashMap<Uuid, i64> = HashMap::new();
    for (about, count) in rows {
        *counted.entry(about).or_default() += count;
    }
    Ok(counted)
}
