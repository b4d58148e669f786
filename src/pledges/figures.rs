//! What a pledge comes to: pure arithmetic over its terms, its events and its children.
//!
//! Everything is in minor units of the pledge's currency. Nothing here wraps:
//! a figure that would not fit is [`Misfit::TooLarge`].

use uuid::Uuid;

use super::{stage::Stage, terms::Qualifier};
use crate::values::{PartialDate, vocabulary};

vocabulary! {
    /// What became of a pledge: derived, never written.
    State as "PledgeState" {
        Open = "open",
        InProgress = "in_progress",
        PartlyPaid = "partly_paid",
        Frozen = "frozen",
        Fulfilled = "fulfilled",
        Withdrawn = "withdrawn",
        Restated = "restated",
    }
}

/// A figure with its bounds; `None` is "not known", which is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range<N = i64> {
    pub min: Option<N>,
    pub point: Option<N>,
    pub max: Option<N>,
}

impl<N> From<[Option<N>; 3]> for Range<N> {
    fn from([min, point, max]: [Option<N>; 3]) -> Self {
        Self { min, point, max }
    }
}

impl<N> Range<N> {
    pub fn map<M>(self, mut of: impl FnMut(N) -> M) -> Range<M> {
        Range {
            min: self.min.map(&mut of),
            point: self.point.map(&mut of),
            max: self.max.map(&mut of),
        }
    }
}

impl Range {
    fn checked(self, mut of: impl FnMut(i64) -> Result<i64, Misfit>) -> Result<Self, Misfit> {
        let Range { min, point, max } = self.map(&mut of);
        Ok(Self {
            min: min.transpose()?,
            point: point.transpose()?,
            max: max.transpose()?,
        })
    }
}

/// What was promised, as far as the arithmetic goes.
#[derive(Debug, Clone, Copy)]
pub struct Promise {
    pub qualifier: Option<Qualifier>,
    pub amount: Range,
    pub is_restatement: bool,
}

/// An event, as far as the arithmetic goes. They come in the order in which they happened.
#[derive(Debug, Clone, Copy)]
pub struct Happened {
    pub id: Uuid,
    pub stage: Stage,
    pub occurred_on: PartialDate,
    pub amount: Option<i64>,
    /// Until when it puts off what was due.
    pub to: Option<PartialDate>,
}

/// The derived figures of a pledge, as its row keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    pub state: State,
    /// As announced, with increased and reduced applied.
    pub pledged: Range,
    /// What it adds to totals: nothing for a restatement, the remainder for a parent.
    pub counted: Range,
    pub committed: Option<i64>,
    pub paid: Option<i64>,
    /// Withdrawn, redirected and expired together.
    pub withdrawn: Option<i64>,
    pub outstanding: Option<i64>,
}

/// Why figures cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// A sum would not fit.
    TooLarge,
    /// What was reduced is more than what was pledged.
    BelowZero,
}

impl Promise {
    /// As announced.
    #[must_use]
    pub fn range(&self) -> Range {
        match self.qualifier {
            None => Range::default(),
            Some(Qualifier::Exact | Qualifier::About) => Range {
                min: self.amount.min.or(self.amount.point),
                point: self.amount.point,
                max: self.amount.max.or(self.amount.point),
            },
            Some(Qualifier::UpTo | Qualifier::AtLeast | Qualifier::Between) => self.amount,
        }
    }
}

fn sum(events: &[Happened], of: impl Fn(Stage) -> bool) -> Result<i64, Misfit> {
    events
        .iter()
        .filter(|event| of(event.stage))
        .filter_map(|event| event.amount)
        .try_fold(0_i64, |sum, amount| {
            sum.checked_add(amount).ok_or(Misfit::TooLarge)
        })
}

impl Figures {
    /// `children` is what its children have pledged, as adjusted, restated ones included; `None` when it has none.
    pub fn of(promise: &Promise, events: &[Happened], children: Option<i64>) -> Result<Self, Misfit> {
        let adjusted = sum(events, |stage| stage == Stage::Increased)?
            .checked_sub(sum(events, |stage| stage == Stage::Reduced)?)
            .ok_or(Misfit::TooLarge)?;
        let pledged = promise
            .range()
            .checked(|figure| match figure.checked_add(adjusted) {
                Some(figure) if figure < 0 => Err(Misfit::BelowZero),
                figure => figure.ok_or(Misfit::TooLarge),
            })?;
        let covered = children.unwrap_or(0);
        let own = pledged.checked(|figure| figure.checked_sub(covered).ok_or(Misfit::TooLarge))?;
        let counted = if promise.is_restatement {
            own.map(|_| 0)
        } else {
            own
        };

        let (committed, paid, withdrawn) = if pledged == Range::default() {
            (None, None, None)
        } else {
            (
                Some(sum(events, |stage| stage == Stage::Committed)?),
                Some(sum(events, |stage| stage == Stage::Paid)?),
                Some(sum(events, Stage::is_loss)?),
            )
        };
        let gone = paid
            .unwrap_or(0)
            .checked_add(withdrawn.unwrap_or(0))
            .ok_or(Misfit::TooLarge)?;
        let outstanding = counted
            .point
            .map(|point| point.checked_sub(gone).ok_or(Misfit::TooLarge))
            .transpose()?;
        let mut figures = Self {
            state: State::Open,
            pledged,
            counted,
            committed,
            paid,
            withdrawn,
            outstanding,
        };
        figures.state = figures.state_after(promise, events);
        Ok(figures)
    }

    /// What may be paid, redirected, withdrawn or expired together: the point, else the max; a parent's remainder.
    pub(super) fn cap(&self) -> Option<i64> {
        self.counted.point.or(self.counted.max)
    }

    fn gone(&self) -> i64 {
        // Checked when the figures were made.
        self.paid.unwrap_or(0).saturating_add(self.withdrawn.unwrap_or(0))
    }

    /// How far what was paid or lost goes beyond what was pledged.
    #[must_use]
    pub fn excess(&self) -> i64 {
        self.cap().map_or(0, |cap| self.gone().saturating_sub(cap).max(0))
    }

    /// Whether something is still to come: `None` bounds leave it open.
    fn is_outstanding(&self) -> bool {
        self.cap().is_none_or(|cap| cap > self.gone())
    }

    fn state_after(&self, promise: &Promise, events: &[Happened]) -> State {
        if promise.is_restatement {
            return State::Restated;
        }
        if self.pledged == Range::default() {
            return Self::state_of_deeds(events);
        }
        let (paid, withdrawn) = (self.paid.unwrap_or(0), self.withdrawn.unwrap_or(0));
        if self.is_outstanding() && is_frozen(events) {
            State::Frozen
        } else if withdrawn == 0 && paid > 0 && self.cap().is_some_and(|cap| paid >= cap) {
            State::Fulfilled
        } else if !self.is_outstanding() && withdrawn > 0 {
            State::Withdrawn
        } else if paid > 0 {
            State::PartlyPaid
        } else {
            State::Open
        }
    }

    /// Of a pledge without any amount, which no sum can tell: the last word counts.
    fn state_of_deeds(events: &[Happened]) -> State {
        let end = events.iter().rev().find(|event| event.stage.is_end());
        match end.map(|event| event.stage) {
            None if is_frozen(events) => State::Frozen,
            None if events.iter().any(|event| event.stage == Stage::Started) => State::InProgress,
            None => State::Open,
            Some(Stage::Completed) => State::Fulfilled,
            Some(_) => State::Withdrawn,
        }
    }
}

fn is_frozen(events: &[Happened]) -> bool {
    let mut freezes = events.iter().rev().map(|event| event.stage);
    freezes.find(|stage| matches!(stage, Stage::Frozen | Stage::Released)) == Some(Stage::Frozen)
}

#[cfg(test)]
mod tests {
    use super::{
        Stage::{Completed, Expired, Frozen, Redirected, Released, Started, Withdrawn},
        *,
    };

    fn exact(amount: i64) -> Promise {
        Promise {
            qualifier: Some(Qualifier::Exact),
            amount: range(None, Some(amount), None),
            is_restatement: false,
        }
    }

    fn range(min: Option<i64>, point: Option<i64>, max: Option<i64>) -> Range {
        Range { min, point, max }
    }

    fn happened(events: &[(Stage, i64)]) -> Vec<Happened> {
        events
            .iter()
            .map(|&(stage, amount)| Happened {
                id: Uuid::nil(),
                stage,
                occurred_on: "2018-02-13".parse().unwrap(),
                to: None,
                amount: (amount > 0).then_some(amount),
            })
            .collect()
    }

    #[test]
    fn the_two_hundred_millions_of_kuwait_end_withdrawn() {
        let events = happened(&[
            (Stage::Frozen, 0),
            (Stage::Released, 0),
            (Stage::Paid, 66),
            (Stage::Redirected, 1934),
        ]);
        let figures = Figures::of(&exact(2000), &events, None).unwrap();
        assert_eq!(
            (figures.paid, figures.withdrawn, figures.outstanding),
            (Some(66), Some(1934), Some(0))
        );
        assert_eq!(figures.state, State::Withdrawn);
    }

    #[test]
    fn each_state_holds_when_its_condition_does() {
        let state =
            |events: &[(Stage, i64)]| Figures::of(&exact(100), &happened(events), None).unwrap().state;
        assert_eq!(state(&[]), State::Open);
        assert_eq!(state(&[(Stage::Committed, 100)]), State::Open);
        assert_eq!(state(&[(Stage::Paid, 99)]), State::PartlyPaid);
        assert_eq!(state(&[(Stage::Paid, 100)]), State::Fulfilled);
        assert_eq!(state(&[(Stage::Frozen, 0)]), State::Frozen);
        assert_eq!(state(&[(Stage::Frozen, 0), (Stage::Released, 0)]), State::Open);
        assert_eq!(state(&[(Stage::Paid, 100), (Stage::Frozen, 0)]), State::Fulfilled);
        assert_eq!(
            state(&[(Stage::Paid, 50), (Stage::Expired, 50)]),
            State::Withdrawn
        );
        assert_eq!(state(&[(Stage::Withdrawn, 50)]), State::Open);
        assert_eq!(
            state(&[(Stage::Paid, 50), (Stage::Withdrawn, 40)]),
            State::PartlyPaid
        );
        assert_eq!(
            state(&[(Stage::Reduced, 50), (Stage::Paid, 50)]),
            State::Fulfilled
        );
    }

    #[test]
    fn a_range_stays_a_range() {
        let up_to = Promise {
            qualifier: Some(Qualifier::UpTo),
            amount: range(Some(0), None, Some(100)),
            ..exact(0)
        };
        let figures = Figures::of(&up_to, &[], None).unwrap();
        assert_eq!(figures.counted, range(Some(0), None, Some(100)));
        assert_eq!(figures.outstanding, None);
        let paid = Figures::of(&up_to, &happened(&[(Stage::Paid, 100)]), None).unwrap();
        assert_eq!(paid.state, State::Fulfilled);
        assert_eq!(
            Figures::of(&up_to, &happened(&[(Stage::Paid, 130)]), None)
                .unwrap()
                .excess(),
            30
        );
        let at_least = Promise {
            qualifier: Some(Qualifier::AtLeast),
            amount: range(Some(50), None, None),
            ..up_to
        };
        let paid = Figures::of(&at_least, &happened(&[(Stage::Paid, 500)]), None).unwrap();
        assert_eq!((paid.excess(), paid.state), (0, State::PartlyPaid));
    }

    #[test]
    fn a_parent_counts_what_its_children_do_not_and_a_restatement_nothing() {
        let parent = Figures::of(&exact(300), &[], Some(150)).unwrap();
        assert_eq!(
            (parent.counted.point, parent.pledged.point, parent.outstanding),
            (Some(150), Some(300), Some(150))
        );
        let covered = Figures::of(&exact(300), &[], Some(300)).unwrap();
        assert_eq!((covered.counted.point, covered.state), (Some(0), State::Open));
        let over = Figures::of(&exact(300), &[], Some(301)).unwrap();
        assert_eq!(over.excess(), 1);
        let restated = Figures::of(
            &Promise {
                is_restatement: true,
                ..exact(100)
            },
            &[],
            None,
        )
        .unwrap();
        assert_eq!(
            (
                restated.counted.point,
                restated.pledged.point,
                restated.outstanding
            ),
            (Some(0), Some(100), Some(0))
        );
        assert_eq!(restated.state, State::Restated);
    }

    #[test]
    fn increased_and_reduced_move_all_three_figures() {
        let between = Promise {
            qualifier: Some(Qualifier::Between),
            amount: range(Some(50), Some(60), Some(100)),
            ..exact(0)
        };
        let figures = Figures::of(&between, &happened(&[(Stage::Increased, 10)]), None).unwrap();
        assert_eq!(figures.pledged, range(Some(60), Some(70), Some(110)));
        assert_eq!(
            Figures::of(&between, &happened(&[(Stage::Reduced, 51)]), None),
            Err(Misfit::BelowZero)
        );
        assert_eq!(
            Figures::of(&exact(i64::MAX), &happened(&[(Stage::Increased, 1)]), None),
            Err(Misfit::TooLarge)
        );
    }

    #[test]
    fn a_pledge_without_any_amount_has_no_figures_and_its_last_end_counts() {
        let promise = Promise {
            qualifier: None,
            amount: Range::default(),
            is_restatement: false,
        };
        let open = Figures::of(&promise, &[], None).unwrap();
        assert_eq!(
            (open.state, open.paid, open.counted.point),
            (State::Open, None, None)
        );
        let state = |stages: &[Stage]| {
            let events: Vec<_> = stages.iter().map(|stage| (*stage, 0)).collect();
            Figures::of(&promise, &happened(&events), None).unwrap().state
        };
        assert_eq!(state(&[Started]), State::InProgress);
        assert_eq!(state(&[Frozen]), State::Frozen);
        assert_eq!(state(&[Started, Frozen]), State::Frozen);
        assert_eq!(state(&[Started, Frozen, Released]), State::InProgress);
        assert_eq!(state(&[Frozen, Released]), State::Open);
        assert_eq!(state(&[Completed]), State::Fulfilled);
        assert_eq!(state(&[Completed, Frozen]), State::Fulfilled);
        assert_eq!(state(&[Completed, Started]), State::Fulfilled);
        for loss in [Withdrawn, Redirected, Expired] {
            assert_eq!(state(&[loss]), State::Withdrawn);
            assert_eq!(state(&[loss, Frozen]), State::Withdrawn);
            assert_eq!(state(&[loss, Completed]), State::Fulfilled);
            assert_eq!(state(&[Completed, loss]), State::Withdrawn);
        }
    }
}
