//! Where assessors conflict: over a commitment as a whole, or over one member's conduct.
//!
//! Whether a pledge is disputed is kept beside it, and follows the log: whatever touches an assessment (a write, a
//! retraction with its pledge, a merge of participants) or a scale's meanings is followed in its own transaction. The pledge itself
//! says nothing else than before, so no version of it is made.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
};

use serde::Deserialize;
use uuid::Uuid;

use super::sql;
use crate::{
    db::Conn,
    error::{Error, Result},
    history::{Change, Op, Projection},
    resources::Resource,
    scales::Meaning,
};

/// A latest assessment, as far as it can conflict.
#[derive(Debug, Clone)]
pub struct Verdict {
    pub pledge: Uuid,
    /// Whose conduct is judged: of a pledge that is one participant's own, that one's, also where all of it is.
    pub member: Option<Uuid>,
    pub assessor: String,
    pub meaning: Meaning,
}

/// Whether assessors conflict: what one of them means by all that it says is not what another does. Who found no evidence
/// says nothing, and one who says several things of several periods does not conflict with itself.
pub fn is_disputed<'a>(verdicts: impl IntoIterator<Item = (&'a str, Meaning)>) -> bool {
    let mut by_assessor: BTreeMap<&str, BTreeSet<Meaning>> = BTreeMap::new();
    for (assessor, meaning) in verdicts {
        if meaning != Meaning::NoEvidence {
            by_assessor.entry(assessor).or_default().insert(meaning);
        }
    }
    let mut said = by_assessor.values();
    said.next().is_some_and(|first| said.any(|other| other != first))
}

/// Keeps beside pledges whether they are disputed.
pub struct Disputes;

impl Projection for Disputes {
    fn apply<'a>(
        &'a self,
        conn: &'a mut Conn,
        changes: &'a [Change],
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let touched = Touched::by(changes)?;
            if touched == Touched::default() {
                return Ok(());
            }
            let Touched {
                assessments,
                scales,
                mut pledges,
            } = touched;
            if !assessments.is_empty() || !scales.is_empty() {
                pledges.append(&mut sql::pledges_of(conn, assessments, scales).await?);
            }
            // A scale may be that of all pledges there are.
            let pledges: Vec<Uuid> = pledges.into_iter().collect();
            for pledges in pledges.chunks(sql::AT_ONCE) {
                recompute(conn, pledges.iter().copied().collect()).await?;
            }
            Ok(())
        })
    }
}

/// What changes have touched that disputes follow from.
#[derive(Debug, Default, PartialEq)]
struct Touched {
    assessments: BTreeSet<Uuid>,
    scales: BTreeSet<Uuid>,
    pledges: BTreeSet<Uuid>,
}

impl Touched {
    fn by(changes: &[Change]) -> Result<Self> {
        let mut touched = Self::default();
        for change in changes {
            match (change.resource, change.op) {
                (Resource::Assessments, _) => {
                    touched.assessments.insert(change.record_id);
                }
                // Nothing is assessed on a new one yet.
                (Resource::Scales, Op::Update) => {
                    touched.scales.insert(change.record_id);
                }
                (Resource::Pledges, Op::Update) if has_another_participant(change)? => {
                    touched.pledges.insert(change.record_id);
                }
                _ => {}
            }
        }
        Ok(touched)
    }
}

/// Whether a pledge is another's than it was: what is said of all of it is then said of somebody else.
fn has_another_participant(change: &Change) -> Result<bool> {
    #[derive(Deserialize, PartialEq)]
    struct Own {
        participant: Option<String>,
    }
    let own = |document: &Option<String>| {
        let own: Option<Own> = document.as_deref().map(serde_json::from_str).transpose()?;
        Ok::<_, serde_json::Error>(own)
    };
    let (before, after) = (own(&change.before), own(&change.after));
    Ok(before.map_err(Error::internal)? != after.map_err(Error::internal)?)
}

/// Finds out anew which of these pledges are disputed.
async fn recompute(conn: &mut Conn, pledges: BTreeSet<Uuid>) -> Result<()> {
    let mut of: BTreeMap<(Uuid, Option<Uuid>), Vec<Verdict>> = BTreeMap::new();
    for verdict in sql::verdicts(conn, &pledges).await? {
        of.entry((verdict.pledge, verdict.member))
            .or_default()
            .push(verdict);
    }
    let is_disputed =
        |said: &Vec<Verdict>| is_disputed(said.iter().map(|it| (it.assessor.as_str(), it.meaning)));
    let disputed: BTreeSet<Uuid> = of
        .into_iter()
        .filter(|(_, said)| is_disputed(said))
        .map(|((pledge, _), _)| pledge)
        .collect();
    let others = pledges.difference(&disputed).copied().collect();
    sql::set_disputed(conn, disputed, true).await?;
    sql::set_disputed(conn, others, false).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use Meaning::{Kept, NoEvidence, NotKept, NotYet, Partly};

    #[test]
    fn assessors_conflict_where_they_mean_another_set() {
        for (said, disputed) in [
            (vec![], false),
            (vec![("a", Kept), ("a", NotKept)], false),
            (vec![("a", Kept), ("b", Kept)], false),
            (vec![("a", Kept), ("b", Partly)], true),
            (vec![("a", Kept), ("b", NoEvidence)], false),
            (vec![("a", Kept), ("a", NoEvidence), ("b", Kept)], false),
            (vec![("a", Kept), ("a", NotYet), ("b", Kept)], true),
            (
                vec![("a", Kept), ("a", NotYet), ("b", NotYet), ("b", Kept)],
                false,
            ),
            (vec![("a", Kept), ("b", Kept), ("c", NotYet)], true),
        ] {
            assert_eq!(is_disputed(said.clone()), disputed, "{said:?}");
        }
    }
}
