//! What can be put beside a pledge: who promised, where, what became of it, and who says so.

use std::collections::HashMap;

use serde_json::Value;
use uuid::Uuid;

use super::{Pledge, events};
use crate::{
    citations::{self, About},
    db::Reader,
    error::{Error, Result},
    meetings, participants,
    values::Language,
};

pub(super) async fn expand(
    conn: &mut Reader,
    pledges: &[Pledge],
    what: &'static str,
    language: Language,
) -> Result<Vec<Value>> {
    match what {
        _ if what == participants::EXPAND.name => {
            let codes = pledges.iter().map(|it| it.refs.participant.as_ref());
            participants::expand(conn, codes, language).await
        }
        _ if what == meetings::EXPAND.name => {
            let slugs = pledges.iter().map(|it| it.refs.meeting.as_ref());
            meetings::expand(conn, slugs, language).await
        }
        _ if what == events::EXPAND.name => happened(conn, pledges).await,
        _ => {
            let records = pledges.iter().map(|it| (it.id, it.id.to_string())).collect();
            citations::expand(conn, About::Pledges, records).await
        }
    }
}

/// The live events of each pledge, in the order in which they happened.
async fn happened(conn: &mut Reader, pledges: &[Pledge]) -> Result<Vec<Value>> {
    let ids = pledges.iter().map(|it| it.id).collect();
    let mut of: HashMap<Uuid, Vec<Value>> = HashMap::new();
    for event in events::sql::of_any(conn, ids).await? {
        let view = serde_json::to_value(event.view()).map_err(Error::internal)?;
        of.entry(event.pledge).or_default().push(view);
    }
    Ok(pledges
        .iter()
        .map(|it| of.remove(&it.id).unwrap_or_default().into())
        .collect())
}
