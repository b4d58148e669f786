//! What follows from dates alone: when a pledge is due, how late it was kept, and when it was last heard of.
//!
//! [`Timing`] is kept with the pledge, as it follows from what is written down; [`Seen`] is made for whoever looks, as it depends
//! on the day. docs/decisions/0041.

use chrono::NaiveDate;

use super::{
    figures::{Figures, Happened, Parts, State},
    stage::Stage,
    terms::Terms,
};
use crate::values::PartialDate;

/// What the dates of a pledge, of its events and of its sources come to, as its row keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Timing {
    /// When it is due, as last put off.
    pub due: Option<PartialDate>,
    /// Since when it has been fulfilled: of a parent that is nothing but its parts, since the last of them was.
    pub kept_on: Option<NaiveDate>,
    /// How many days after it was first due it was kept; none where it was not late, or is not kept.
    pub kept_late_days: Option<i64>,
    /// The last day of its latest event.
    pub happened_last: Option<NaiveDate>,
    /// The last day of the latest publication that is cited for it or for its events; whoever writes those keeps it.
    pub cited_last: Option<NaiveDate>,
}

impl Timing {
    /// The events come in the order in which they happened. What is cited for it is not known here.
    pub(super) fn of(terms: &Terms, figures: &Figures, happened: &[Happened], parts: Option<&Parts>) -> Self {
        let first_due = terms.first_due_on();
        let moved = happened.iter().rev().find_map(|event| event.to);
        let kept_on = match figures.course(parts) {
            _ if figures.state != State::Fulfilled => None,
            Some(parts) => parts.kept_on,
            None => kept_since(figures, happened, parts).map(|event| event.occurred_on.first()),
        };
        let kept_late_days = first_due.zip(kept_on).and_then(|(due, kept)| {
            let days = (kept - due.last()).num_days();
            (days > 0).then_some(days)
        });
        Self {
            due: moved.or(first_due),
            kept_on,
            kept_late_days,
            happened_last: happened.iter().map(|event| event.occurred_on.last()).max(),
            cited_last: None,
        }
    }

    /// Since when nothing was heard of it: its announcement is the first that was.
    pub(super) fn silent_since(&self, terms: &Terms) -> Option<NaiveDate> {
        let announced = || terms.announced_on.map(PartialDate::last);
        self.happened_last.max(self.cited_last).or_else(announced)
    }

    /// On a day, of a pledge in this state.
    pub(super) fn seen(&self, terms: &Terms, state: State, today: NaiveDate) -> Seen {
        let is_over = matches!(state, State::Fulfilled | State::Withdrawn | State::Restated);
        let is_past = self.due.is_some_and(|due| due.last() < today);
        let silent = self
            .silent_since(terms)
            .map(|since| (today - since).num_days().max(0));
        Seen {
            overdue: is_past && !is_over,
            last_evidence_on: self
                .happened_last
                .max(self.cited_last)
                .map(|last| last.min(today)),
            silent_days: silent,
        }
    }
}

/// What of it depends on the day on which one looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub overdue: bool,
    pub last_evidence_on: Option<NaiveDate>,
    pub silent_days: Option<i64>,
}

/// The event since which a fulfilled pledge has been that, in the order of dates: what came behind it changed nothing of it.
fn kept_since<'a>(
    figures: &Figures,
    happened: &'a [Happened],
    parts: Option<&Parts>,
) -> Option<&'a Happened> {
    let pledged = figures.pledged.point.or(figures.pledged.max);
    let Some((mut pledged, mut paid)) = pledged.zip(figures.paid) else {
        // Without amounts: the first that completed it since it last ended otherwise.
        let since = happened.iter().rev().take_while(|event| !event.stage.is_loss());
        return since.filter(|event| event.stage == Stage::Completed).last();
    };
    // Backwards, until it was not fulfilled yet. Nothing was lost, or it would not be. What its parts cover may be more than it was.
    let covered = parts.map_or(0, |parts| parts.covered(figures.pledged));
    happened.iter().rev().find(|event| {
        let amount = event.amount.unwrap_or(0);
        match event.stage {
            Stage::Paid => paid = paid.saturating_sub(amount),
            Stage::Increased => pledged = pledged.saturating_sub(amount),
            Stage::Reduced => pledged = pledged.saturating_add(amount),
            _ => {}
        }
        paid <= 0 || paid < pledged.saturating_sub(covered)
    })
}
