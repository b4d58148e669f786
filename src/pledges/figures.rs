//! What a pledge comes to: pure arithmetic over its terms, its events and its parts.
//!
//! Everything is in minor units of the pledge's currency. Nothing here wraps:
//! a figure that would not fit is [`Misfit::TooLarge`].

use chrono::NaiveDate;
use uuid::Uuid;

use super::{stage::Stage, terms::Qualifier};
use crate::values::{Currency, PartialDate, vocabulary};

vocabulary! {
    /// What became of a pledge: derived, never written. A parent that is nothing but its parts stands as they do.
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
    pub equivalent: Option<Equivalent>,
}

/// What a part is in its parent's currency, as announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Equivalent {
    pub currency: Currency,
    pub amount: Range,
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
    /// Of what increased or reduced a part in another currency, and in which.
    pub equivalent: Option<i64>,
    pub equivalent_currency: Option<Currency>,
}

impl Happened {
    /// Whether it moves what was pledged.
    #[must_use]
    pub fn moves_pledged(&self) -> bool {
        matches!(self.stage, Stage::Increased | Stage::Reduced)
    }

    /// Its amount in this currency, where that is not the pledge's.
    #[must_use]
    pub fn equivalent_in(&self, currency: Currency) -> Option<i64> {
        self.equivalent
            .filter(|_| self.equivalent_currency == Some(currency))
    }
}

/// A part of a pledge, as far as that one's figures follow from it.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// What it takes of the whole, as adjusted and in the whole's currency.
    pub taken: Range,
    pub standing: Standing,
}

/// How a pledge stands, as far as others follow it: one that restates another stands as that one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    /// Whether anything was paid, of itself or of its parts.
    pub is_paid: bool,
    /// Since when it has been fulfilled.
    pub kept_on: Option<NaiveDate>,
}

/// How the parts of a pledge stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Course {
    /// One of them is neither kept nor ended otherwise.
    is_pending: bool,
    is_one_withdrawn: bool,
    is_paid: bool,
    /// The day of the last that was kept.
    pub kept_on: Option<NaiveDate>,
}

/// What the parts of a pledge take of it together, as adjusted and in its currency, and how they stand; restated ones are
/// among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts {
    pub min: i64,
    /// Over those that have one.
    pub point: i64,
    /// Over those that have one.
    pub max: i64,
    /// One of them has no maximum, so neither have they all.
    pub is_unbounded: bool,
    pub course: Course,
}

/// What a parent's parts, and what was paid or lost on itself beside them, are too much for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// What they are at least is more than the whole is at most.
    Most { most: i64, least: i64 },
    /// What they are is more than the whole is.
    Whole { whole: i64, parts: i64 },
}

/// The derived figures of a pledge, as its row keeps them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    pub state: State,
    /// As announced, with increased and reduced applied.
    pub pledged: Range,
    /// The same in the currency of its equivalent, where it has one.
    pub share: Range,
    /// What it adds to totals: nothing for a restatement, for a parent what its parts do not cover.
    pub counted: Range,
    pub committed: Option<i64>,
    pub paid: Option<i64>,
    /// Withdrawn, redirected and expired together.
    pub withdrawn: Option<i64>,
    pub outstanding: Option<i64>,
    /// It takes its state from its parts, and something was paid of them.
    pub is_paid_in_parts: bool,
}

/// Why figures cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfit {
    /// A sum would not fit.
    TooLarge,
    /// What was reduced is more than what was pledged.
    BelowZero,
    /// The same two of what the pledge is in its parent's currency.
    EquivalentTooLarge,
    EquivalentBelowZero,
    /// Of what the pledge is in the two currencies, one has come to nothing and the other not.
    EquivalentApart,
}

impl Misfit {
    fn of_equivalent(self) -> Self {
        match self {
            Self::TooLarge | Self::EquivalentTooLarge => Self::EquivalentTooLarge,
            Self::BelowZero | Self::EquivalentBelowZero => Self::EquivalentBelowZero,
            Self::EquivalentApart => Self::EquivalentApart,
        }
    }
}

impl Promise {
    /// What amounts mean that were announced so.
    fn range(&self, amount: Range) -> Range {
        match self.qualifier {
            None => Range::default(),
            Some(Qualifier::Exact | Qualifier::About) => Range {
                min: amount.min.or(amount.point),
                point: amount.point,
                max: amount.max.or(amount.point),
            },
            Some(Qualifier::UpTo | Qualifier::AtLeast | Qualifier::Between) => amount,
        }
    }

    /// The same with what increased and reduced it, each event by this amount of it.
    fn adjusted(
        &self,
        amount: Range,
        events: &[Happened],
        of: impl Fn(&Happened) -> Option<i64>,
    ) -> Result<Range, Misfit> {
        let sum = |stage| {
            let events = events.iter().filter(|event| event.stage == stage);
            sum(events.filter_map(&of))
        };
        let moved = sum(Stage::Increased)?
            .checked_sub(sum(Stage::Reduced)?)
            .ok_or(Misfit::TooLarge)?;
        self.range(amount)
            .checked(|figure| match figure.checked_add(moved) {
                Some(figure) if figure < 0 => Err(Misfit::BelowZero),
                figure => figure.ok_or(Misfit::TooLarge),
            })
    }
}

fn sum(amounts: impl IntoIterator<Item = i64>) -> Result<i64, Misfit> {
    let mut amounts = amounts.into_iter();
    amounts.try_fold(0_i64, |sum, amount| {
        sum.checked_add(amount).ok_or(Misfit::TooLarge)
    })
}

fn sum_of(events: &[Happened], of: impl Fn(Stage) -> bool) -> Result<i64, Misfit> {
    let events = events.iter().filter(|event| of(event.stage));
    sum(events.filter_map(|event| event.amount))
}

impl Course {
    fn add(&mut self, part: Standing) {
        match part.state {
            State::Fulfilled => {}
            State::Withdrawn => self.is_one_withdrawn = true,
            _ => self.is_pending = true,
        }
        self.is_paid |= part.is_paid;
        self.kept_on = self.kept_on.max(part.kept_on);
    }

    /// The state of a pledge that is nothing but its parts.
    fn state(self) -> State {
        match self {
            Self {
                is_pending: true,
                is_paid: true,
                ..
            } => State::PartlyPaid,
            Self { is_pending: true, .. } => State::Open,
            Self {
                is_one_withdrawn: true,
                ..
            } => State::Withdrawn,
            _ => State::Fulfilled,
        }
    }
}

impl Parts {
    /// Of all of them; none where there are none.
    pub fn of(all: impl IntoIterator<Item = Part>) -> Result<Option<Self>, Misfit> {
        let mut parts = None;
        for part in all {
            parts = Some(Self::and(parts, part)?);
        }
        Ok(parts)
    }

    /// With one more.
    pub fn and(parts: Option<Self>, Part { taken, standing }: Part) -> Result<Self, Misfit> {
        let mut sum = parts.unwrap_or_default();
        for (sum, figure) in [
            (&mut sum.min, taken.min),
            (&mut sum.point, taken.point),
            (&mut sum.max, taken.max),
        ] {
            *sum = sum.checked_add(figure.unwrap_or(0)).ok_or(Misfit::TooLarge)?;
        }
        sum.is_unbounded |= taken.max.is_none();
        sum.course.add(standing);
        Ok(sum)
    }

    /// What they cover of that of which the most may be paid: the point, else the max.
    pub(super) fn covered(&self, pledged: Range) -> i64 {
        match pledged.point {
            Some(_) => self.point,
            None if self.is_unbounded => i64::MAX,
            None => self.max,
        }
    }

    /// What of a pledge they do not cover: never less than nothing. While one of them may be any amount, nothing is
    /// left of a maximum.
    fn left_of(&self, pledged: Range) -> Range {
        let left = |own: Option<i64>, parts: i64| own.map(|own| own.saturating_sub(parts).max(0));
        Range {
            min: left(pledged.min, self.min),
            point: left(pledged.point, self.point),
            max: left(pledged.max, if self.is_unbounded { i64::MAX } else { self.max }),
        }
    }
}

/// How far above its point parts may go that make up a pledge which is meant to be about that: 5 %.
fn about(point: i64) -> i64 {
    point.saturating_add(point / 20)
}

impl Figures {
    pub fn of(promise: &Promise, events: &[Happened], parts: Option<&Parts>) -> Result<Self, Misfit> {
        let pledged = promise.adjusted(promise.amount, events, |event| event.amount)?;
        let share = match promise.equivalent {
            Some(Equivalent { currency, amount }) => {
                let share = promise.adjusted(amount, events, |event| event.equivalent_in(currency));
                let share = share.map_err(Misfit::of_equivalent)?;
                // Else a parent would miss a part that is gone, or have one twice whose equivalent is.
                if (pledged.point == Some(0)) != (share.point == Some(0)) {
                    return Err(Misfit::EquivalentApart);
                }
                share
            }
            None => Range::default(),
        };
        let counted = if promise.is_restatement {
            pledged.map(|_| 0)
        } else {
            parts.map_or(pledged, |parts| parts.left_of(pledged))
        };

        let (committed, paid, withdrawn) = if pledged == Range::default() {
            (None, None, None)
        } else {
            (
                Some(sum_of(events, |stage| stage == Stage::Committed)?),
                Some(sum_of(events, |stage| stage == Stage::Paid)?),
                Some(sum_of(events, Stage::is_loss)?),
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
            share,
            counted,
            committed,
            paid,
            withdrawn,
            outstanding,
            is_paid_in_parts: false,
        };
        let course = figures.course(parts);
        figures.is_paid_in_parts = course.is_some_and(|parts| parts.is_paid);
        figures.state = match course {
            Some(parts) => parts.state(),
            None => figures.state_after(promise, events),
        };
        Ok(figures)
    }

    /// How the parts stand that tell the state of the whole: they leave nothing of it, and of itself nothing was paid.
    pub(super) fn course(&self, parts: Option<&Parts>) -> Option<Course> {
        let Range { min, point, max } = self.counted;
        let is_covered = point.or(max).or(min) == Some(0);
        parts
            .filter(|_| is_covered && self.paid.unwrap_or(0) == 0)
            .map(|parts| parts.course)
    }

    /// What it is of its parent, in that one's currency.
    #[must_use]
    pub fn taken(&self) -> Range {
        if self.share == Range::default() {
            self.pledged
        } else {
            self.share
        }
    }

    /// What it adds, which is what may be paid, redirected, withdrawn or expired together: the point, else the max.
    pub(super) fn cap(&self) -> Option<i64> {
        self.counted.point.or(self.counted.max)
    }

    /// What the parts of an exact or rough amount, and what was paid or lost beside them, may come to.
    pub(super) fn whole(&self, promise: &Promise) -> Option<i64> {
        match promise.qualifier {
            Some(Qualifier::Exact) => self.pledged.point,
            Some(Qualifier::About) if promise.amount.max.is_some() => self.pledged.max,
            Some(Qualifier::Between) if promise.amount.point.is_some() => self.pledged.max,
            Some(Qualifier::About) => self.pledged.point.map(about),
            _ => None,
        }
    }

    fn gone(&self) -> i64 {
        // Checked when the figures were made.
        self.paid.unwrap_or(0).saturating_add(self.withdrawn.unwrap_or(0))
    }

    /// How far what was paid or lost goes beyond what was pledged and is in none of its parts.
    #[must_use]
    pub fn excess(&self, promise: &Promise, parts: Option<&Parts>) -> i64 {
        let beside = self
            .whole(promise)
            .zip(parts)
            .map(|(whole, parts)| whole.saturating_sub(parts.point).max(0));
        let cap = beside.or(self.cap());
        cap.map_or(0, |cap| self.gone().saturating_sub(cap).max(0))
    }

    /// Whether its parts are too much for it, whatever was paid or lost.
    #[must_use]
    pub fn beyond(&self, promise: &Promise, parts: &Parts) -> Option<Beyond> {
        let whole = self.whole(promise);
        let most = whole.or(self.pledged.max);
        if let Some(whole) = whole.filter(|whole| parts.point > *whole) {
            let parts = parts.point;
            return Some(Beyond::Whole { whole, parts });
        }
        let least = parts.min;
        most.filter(|most| least > *most)
            .map(|most| Beyond::Most { most, least })
    }

    /// Whether something is still to come: `None` bounds leave it open.
    fn is_outstanding(&self) -> bool {
        self.cap().is_none_or(|cap| cap > self.gone())
    }

    /// Whether it was reduced until nothing of it was left.
    fn is_nothing(&self) -> bool {
        self.pledged.max == Some(0)
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
        } else if !self.is_outstanding() && (withdrawn > 0 || self.is_nothing()) {
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
            equivalent: None,
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
                equivalent: None,
                equivalent_currency: None,
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
                .excess(&up_to, None),
            30
        );
        let at_least = Promise {
            qualifier: Some(Qualifier::AtLeast),
            amount: range(Some(50), None, None),
            ..up_to
        };
        let paid = Figures::of(&at_least, &happened(&[(Stage::Paid, 500)]), None).unwrap();
        assert_eq!((paid.excess(&at_least, None), paid.state), (0, State::PartlyPaid));
    }

    fn standing(state: State, is_paid: bool, kept_on: Option<&str>) -> Standing {
        Standing {
            state,
            is_paid,
            kept_on: kept_on.map(|day| day.parse().unwrap()),
        }
    }

    fn parts(pledged: &[Range]) -> Parts {
        let standing = standing(State::Open, false, None);
        let all = pledged.iter().map(|&taken| Part { taken, standing });
        Parts::of(all).unwrap().unwrap()
    }

    fn plain(amount: i64) -> Range {
        range(Some(amount), Some(amount), Some(amount))
    }

    #[test]
    fn a_parent_counts_what_its_parts_do_not_and_a_restatement_nothing() {
        let parent = Figures::of(&exact(300), &[], Some(&parts(&[plain(150)]))).unwrap();
        assert_eq!(
            (parent.counted.point, parent.pledged.point, parent.outstanding),
            (Some(150), Some(300), Some(150))
        );
        let covered = Figures::of(&exact(300), &[], Some(&parts(&[plain(300)]))).unwrap();
        assert_eq!((covered.counted.point, covered.state), (Some(0), State::Open));
        let restated = Promise {
            is_restatement: true,
            ..exact(100)
        };
        let restated = Figures::of(&restated, &[], None).unwrap();
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
    fn a_parent_that_is_nothing_but_its_parts_stands_as_they_do() {
        let of = |states: &[(State, bool)], events: &[(Stage, i64)], amount: i64| {
            let all = states.iter().map(|&(state, is_paid)| Part {
                taken: plain(10),
                standing: standing(state, is_paid, None),
            });
            let parts = Parts::of(all).unwrap();
            let figures = Figures::of(&exact(amount), &happened(events), parts.as_ref()).unwrap();
            (figures.state, figures.is_paid_in_parts)
        };
        let open = (State::Open, false);
        let (kept, lost, half_lost) = (
            (State::Fulfilled, true),
            (State::Withdrawn, false),
            (State::Withdrawn, true),
        );
        let partly = (State::PartlyPaid, true);
        for (states, expected) in [
            ([kept, kept], kept),
            ([kept, lost], (State::Withdrawn, true)),
            ([lost, lost], lost),
            ([kept, open], partly),
            ([lost, open], open),
            ([half_lost, open], partly),
            ([partly, (State::Frozen, false)], partly),
            ([(State::Frozen, false), open], open),
        ] {
            assert_eq!(of(&states, &[], 20), expected, "{states:?}");
            // What is left of it is its own, and tells its state.
            assert_eq!(of(&states, &[], 21), open, "{states:?}");
            assert_eq!(of(&states, &[(Stage::Frozen, 0)], 21), (State::Frozen, false));
            // And so does what was paid on itself.
            let paid = (State::Fulfilled, false);
            assert_eq!(of(&states, &[(Stage::Paid, 1)], 20), paid, "{states:?}");
            assert_eq!(of(&states, &[(Stage::Frozen, 0)], 20), expected, "{states:?}");
        }
    }

    #[test]
    fn what_a_headline_says_at_least_may_be_all_in_its_parts() {
        let at_least = of(Qualifier::AtLeast, range(Some(20), None, None));
        let up_to = of(Qualifier::UpTo, range(Some(0), None, Some(20)));
        let kept = |taken| Part {
            taken,
            standing: standing(State::Fulfilled, true, Some("2019-01-01")),
        };
        for (promise, taken, state) in [
            (at_least, plain(20), State::Fulfilled),
            (at_least, plain(25), State::Fulfilled),
            (at_least, plain(19), State::Open),
            (up_to, plain(20), State::Fulfilled),
            (up_to, plain(19), State::Open),
            (up_to, range(Some(4), None, None), State::Fulfilled),
        ] {
            let parts = Parts::of([kept(taken)]).unwrap();
            let figures = Figures::of(&promise, &[], parts.as_ref()).unwrap();
            assert_eq!(figures.state, state, "{promise:?} {taken:?}");
        }
    }

    #[test]
    fn what_was_reduced_to_nothing_was_withdrawn() {
        let state = |promise: &Promise, events: &[(Stage, i64)]| {
            Figures::of(promise, &happened(events), None).unwrap().state
        };
        assert_eq!(state(&exact(100), &[(Stage::Reduced, 100)]), State::Withdrawn);
        assert_eq!(
            state(&exact(100), &[(Stage::Reduced, 100), (Stage::Frozen, 0)]),
            State::Withdrawn
        );
        assert_eq!(
            state(&exact(100), &[(Stage::Reduced, 100), (Stage::Increased, 1)]),
            State::Open
        );
        // Some of it may still come.
        let rough = of(Qualifier::About, range(None, Some(3), Some(9)));
        assert_eq!(state(&rough, &[(Stage::Reduced, 3)]), State::Open);
    }

    fn of(qualifier: Qualifier, amount: Range) -> Promise {
        Promise {
            qualifier: Some(qualifier),
            amount,
            is_restatement: false,
            equivalent: None,
        }
    }

    #[test]
    fn each_figure_of_a_parent_adds_what_its_parts_do_not() {
        let counted = |promise: &Promise, pledged: &[Range]| {
            let parts = parts(pledged);
            let figures = Figures::of(promise, &[], Some(&parts)).unwrap();
            assert_eq!(figures.beyond(promise, &parts), None);
            figures.counted
        };
        let at_least = of(Qualifier::AtLeast, range(Some(1_000), None, None));
        assert_eq!(
            counted(&at_least, &[plain(600), plain(400)]),
            range(Some(0), None, None)
        );
        assert_eq!(
            counted(&at_least, &[plain(900), plain(103)]),
            range(Some(0), None, None)
        );
        let up_to = of(Qualifier::UpTo, range(Some(0), None, Some(10)));
        assert_eq!(counted(&up_to, &[plain(4)]), range(Some(0), None, Some(6)));
        assert_eq!(
            counted(&up_to, &[range(Some(4), None, None)]),
            range(Some(0), None, Some(0))
        );
        let about_four = range(Some(3), Some(4), Some(5));
        assert_eq!(
            counted(&exact(10), &[about_four]),
            range(Some(7), Some(6), Some(5))
        );
        let wide = range(Some(8), Some(9), Some(14));
        assert_eq!(counted(&exact(10), &[wide]), range(Some(2), Some(1), Some(0)));
    }

    #[test]
    fn a_part_in_another_currency_takes_its_equivalent() {
        let [eur, usd] = ["EUR", "USD"].map(|code| code.parse::<Currency>().unwrap());
        let promise = Promise {
            equivalent: Some(Equivalent {
                currency: usd,
                amount: range(None, Some(120), None),
            }),
            ..exact(100)
        };
        let event = |stage, amount, equivalent, currency| Happened {
            equivalent: Some(equivalent),
            equivalent_currency: Some(currency),
            ..happened(&[(stage, amount)])[0]
        };
        let events = [
            event(Stage::Increased, 10, 13, usd),
            event(Stage::Reduced, 5, 6, usd),
            // Of another parent that it had before.
            event(Stage::Increased, 1, 70, eur),
        ];
        let figures = Figures::of(&promise, &events, None).unwrap();
        assert_eq!((figures.pledged, figures.taken()), (plain(106), plain(127)));
        let reduced = [event(Stage::Reduced, 5, 121, usd)];
        assert_eq!(
            Figures::of(&promise, &reduced, None),
            Err(Misfit::EquivalentBelowZero)
        );
        for apart in [
            event(Stage::Reduced, 100, 119, usd),
            event(Stage::Reduced, 99, 120, usd),
        ] {
            assert_eq!(
                Figures::of(&promise, &[apart], None),
                Err(Misfit::EquivalentApart)
            );
        }
        let gone = [event(Stage::Reduced, 100, 120, usd)];
        assert_eq!(Figures::of(&promise, &gone, None).unwrap().taken(), plain(0));
        assert_eq!(Figures::of(&exact(7), &[], None).unwrap().taken(), plain(7));
    }

    #[test]
    fn parts_are_no_more_than_their_whole_can_be() {
        let beyond = |promise: &Promise, pledged: &[Range]| {
            let parts = parts(pledged);
            let figures = Figures::of(promise, &[], Some(&parts)).unwrap();
            figures.beyond(promise, &parts)
        };
        let whole = |whole, parts| Some(Beyond::Whole { whole, parts });
        assert_eq!(beyond(&exact(300), &[plain(300)]), None);
        assert_eq!(beyond(&exact(300), &[plain(301)]), whole(300, 301));
        let rough = of(Qualifier::About, range(None, Some(100), None));
        assert_eq!(beyond(&rough, &[plain(105)]), None);
        assert_eq!(beyond(&rough, &[plain(106)]), whole(105, 106));
        let stated = of(Qualifier::About, range(None, Some(100), Some(102)));
        assert_eq!(beyond(&stated, &[plain(103)]), whole(102, 103));
        let between = of(Qualifier::Between, range(Some(50), Some(70), Some(100)));
        assert_eq!(beyond(&between, &[plain(100)]), None);
        assert_eq!(
            beyond(&between, &[plain(60), range(Some(1), Some(41), Some(50))]),
            whole(100, 101)
        );
        let up_to = of(Qualifier::UpTo, range(Some(0), None, Some(10)));
        assert_eq!(beyond(&up_to, &[range(Some(10), None, Some(20))]), None);
        assert_eq!(
            beyond(&up_to, &[range(Some(11), None, None)]),
            Some(Beyond::Most { most: 10, least: 11 })
        );
        let at_least = of(Qualifier::AtLeast, range(Some(5), None, None));
        assert_eq!(beyond(&at_least, &[plain(i64::MAX)]), None);
    }

    #[test]
    fn what_is_paid_on_a_parent_is_what_its_parts_leave() {
        let excess = |promise: &Promise, pledged: &[Range], paid: i64| {
            let parts = parts(pledged);
            let figures = Figures::of(promise, &happened(&[(Stage::Paid, paid)]), Some(&parts)).unwrap();
            figures.excess(promise, Some(&parts))
        };
        assert_eq!(excess(&exact(300), &[plain(200)], 101), 1);
        let rough = of(Qualifier::About, range(None, Some(100), None));
        assert_eq!(excess(&rough, &[plain(102)], 3), 0);
        assert_eq!(excess(&rough, &[plain(102)], 4), 1);
        let between = of(Qualifier::Between, range(Some(50), Some(70), Some(100)));
        assert_eq!(excess(&between, &[plain(90)], 10), 0);
        assert_eq!(excess(&between, &[plain(90)], 11), 1);
        let up_to = of(Qualifier::UpTo, range(Some(0), None, Some(10)));
        assert_eq!(excess(&up_to, &[plain(4)], 7), 1);
        assert_eq!(excess(&up_to, &[range(Some(4), None, None)], 1), 1);
        let at_least = of(Qualifier::AtLeast, range(Some(5), None, None));
        assert_eq!(excess(&at_least, &[plain(5)], 1_000), 0);
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
            equivalent: None,
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
