//! Pages: what the register says of itself, to people in their language and to programs as JSON.
//!
//! The first page with what is held, a page of what is found by words, a page for every error ([`crate::problems`]), and the
//! explorer of the API. None of them needs a script but the explorer, and none asks another server for anything.

pub mod http;

mod files;
mod html;
mod sql;
mod translations;

use std::collections::HashMap;

use crate::{
    db::Reader,
    error::Result,
    pledges::sql::PledgeFilter,
    resources::Named,
    totals::{self, Dimension, Group, Question, headline::HeadlineFigures},
};
use sql::{Counts, Latest};

/// How many meetings the first page shows.
const SHOWN: i64 = 8;

/// What the first page shows of a register.
struct Overview {
    counts: Counts,
    /// Live pledges, restated ones and parts included.
    pledges: i64,
    /// The latest first.
    meetings: Vec<MeetingSummary>,
}

/// A meeting, and what became of it.
struct MeetingSummary {
    meeting: Latest,
    /// Its total on the default basis, where it has pledges.
    group: Option<Group>,
    /// What it announced as a whole beside the register's own sum, where it announced anything.
    headline: Option<HeadlineFigures>,
}

impl Overview {
    async fn read(conn: &mut Reader) -> Result<Self> {
        let latest = sql::latest(conn, SHOWN).await?;
        let mut groups = of_meetings(conn, &latest).await?;
        let everything = Question::about(PledgeFilter::default(), Vec::new());
        Ok(Self {
            counts: sql::counts(conn).await?,
            pledges: totals::answer(conn, &everything).await?.matched(),
            meetings: latest
                .into_iter()
                .map(|meeting| {
                    let group = groups.remove(&meeting.slug);
                    let headline = meeting.headline_currency.map(|currency| {
                        let counted = group.as_ref().and_then(|group| group.point_in(currency));
                        let [amount, need] =
                            [meeting.headline_amount, meeting.need_amount].map(|minor| minor.map(Into::into));
                        HeadlineFigures::of(currency, amount, need, counted)
                    });
                    MeetingSummary {
                        meeting,
                        group,
                        headline,
                    }
                })
                .collect(),
        })
    }
}

/// What each of these meetings comes to, by its slug; those without a pledge are not among them.
async fn of_meetings(conn: &mut Reader, meetings: &[Latest]) -> Result<HashMap<String, Group>> {
    // A filter that names none is one of all.
    if meetings.is_empty() {
        return Ok(HashMap::new());
    }
    let filter = PledgeFilter {
        meeting: Named::these(meetings.iter().map(|it| (it.id, it.slug.clone()))),
        ..PledgeFilter::default()
    };
    let question = Question::about(filter, vec![Dimension::Meeting]);
    let groups = totals::answer(conn, &question).await?.groups;
    Ok(groups
        .into_iter()
        .filter_map(|mut group| Some((group.key.remove(&Dimension::Meeting)??, group)))
        .collect())
}
