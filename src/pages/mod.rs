//! Pages: what the register says of itself, to people in their language and to programs as JSON.
//!
//! The first page with what is held, a page for every error ([`problems`]), and the explorer of the
//! API. None of them has a script but the explorer, and none asks another server for anything.

pub mod http;
pub mod problems;

mod files;
mod html;
mod sql;
mod words;

use crate::{
    db::Conn,
    error::Result,
    totals::{self, Group, headline::HeadlineFigures},
};
use sql::{Counts, Latest};

/// How many meetings the first page shows.
const SHOWN: i64 = 8;

/// What the first page shows of a register.
struct Held {
    counts: Counts,
    /// Live pledges, restated ones and parts included.
    pledges: i64,
    /// The latest first.
    meetings: Vec<Shown>,
}

/// A meeting, and what became of it.
struct Shown {
    meeting: Latest,
    /// Its total on the default basis, where it has pledges.
    group: Option<Group>,
    /// What it announced as a whole beside the register's own sum, where it announced anything.
    headline: Option<HeadlineFigures>,
}

impl Held {
    async fn read(conn: &mut Conn) -> Result<Self> {
        let latest = sql::latest(conn, SHOWN).await?;
        let ids = latest.iter().map(|meeting| meeting.id).collect();
        let mut groups = totals::of_meetings(conn, ids).await?;
        Ok(Self {
            counts: sql::counts(conn).await?,
            pledges: totals::pledges_held(conn).await?,
            meetings: latest
                .into_iter()
                .map(|meeting| {
                    let of_meeting = groups.remove(&meeting.slug);
                    let headline = meeting.headline_currency.map(|currency| {
                        let counted = of_meeting.as_ref().and_then(|it| it.counted(currency));
                        let [amount, need] =
                            [meeting.headline_amount, meeting.need_amount].map(|minor| minor.map(Into::into));
                        HeadlineFigures::of(currency, amount, need, counted)
                    });
                    Shown {
                        meeting,
                        group: of_meeting.map(|it| it.group),
                        headline,
                    }
                })
                .collect(),
        })
    }
}
