//! The derived figures of a pledge, brought up to date in the write that touches them.

use std::collections::{HashMap, VecDeque};

use uuid::Uuid;

use super::{
    Pledge, Timing, events,
    figures::{Beyond, Figures, Happened, Misfit, Part, Parts, Promise},
    sent::{Pointers, Sent},
    sql::{self, Bearing},
    terms::Terms,
};
use crate::{
    error::{Detail, Error, Faults, Result},
    history::Write,
    records::must_find,
    values::decimal,
};

/// What may be paid or lost beyond what was pledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    /// No more than before the write.
    NotDeeper,
    /// None at all.
    Refused,
    /// Any: the event says `over`.
    Allowed,
}

impl Excess {
    /// How far it may go, where it went so far before the write; none where it may go however far.
    pub fn most(self, before: i64) -> Option<i64> {
        match self {
            Self::NotDeeper => Some(before),
            Self::Refused => Some(0),
            Self::Allowed => None,
        }
    }
}

/// What was sent, as the pledge sees it whose sums are at fault.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cause {
    /// It is of this pledge.
    Own(Sent),
    /// It is of a part of it.
    OfPart(Sent),
}

impl Cause {
    /// At which the fault points: at the one in what is of the pledge, at the other in what is of a part.
    fn pointer(
        self,
        own: impl Fn(Pointers) -> &'static str,
        of_part: impl Fn(Pointers) -> &'static str,
    ) -> &'static str {
        match self {
            Self::Own(sent) => own(sent.own),
            Self::OfPart(sent) => of_part(sent.of_parent),
        }
    }

    /// The same, where the fault is of what the pledge is in its parent's currency.
    fn in_the_other(self, of: impl Fn(Pointers) -> &'static str) -> &'static str {
        let (Self::Own(sent) | Self::OfPart(sent)) = self;
        of(sent.of_parent)
    }
}

/// A pledge as a write has left it, and the parents that now stand otherwise, as one of their parts restates it.
pub(super) struct Recomputed {
    pub pledge: Pledge,
    pub restated_in: Vec<Uuid>,
}

/// Brings a pledge's derived figures up to date with its events, which the same write has changed: so its version goes
/// up also where no figure moved.
pub(super) async fn recompute_figures(
    write: &mut Write,
    before: Pledge,
    excess: Excess,
    sent: Sent,
) -> Result<Recomputed> {
    let cause = Cause::Own(sent);
    let happened = events::sql::happened(&mut write.conn, before.id).await?;
    let (parts, restated_in) = bearings(sql::bearings(&mut write.conn, before.id).await?, cause)?;
    let most = excess.most(before.excess(parts.as_ref()));
    let after = before
        .clone()
        .brought_up(&happened, parts.as_ref(), most, cause)?;
    let pledge = write.raise(before, after, sql::figure_cells).await?;
    Ok(Recomputed { pledge, restated_in })
}

impl Pledge {
    /// The same with what follows from these events and from its parts, if that may be: what was paid or lost goes at most so
    /// far beyond what was pledged, where that has a bound.
    pub(super) fn brought_up(
        self,
        happened: &[Happened],
        parts: Option<&Parts>,
        most: Option<i64>,
        cause: Cause,
    ) -> Result<Self> {
        let promise = self.promise();
        let (figures, timing) = derived(&promise, &self.terms, happened, parts, cause)?;
        let cited_last = self.timing.cited_last;
        let after = Self {
            figures,
            timing: Timing { cited_last, ..timing },
            ..self
        };
        // An event may go beyond what was pledged and say so; parts never go beyond the whole.
        if let Some(beyond) = parts.and_then(|parts| figures.beyond(&promise, parts)) {
            return Err(parts_exceed(&after, beyond, cause));
        }
        let excess = figures.excess(&promise, parts);
        if most.is_some_and(|most| excess > most) {
            return Err(overrun(&after, parts, excess, cause));
        }
        Ok(after)
    }

    /// How far what was paid or lost goes beyond what was pledged, beside these parts.
    pub(super) fn excess(&self, parts: Option<&Parts>) -> i64 {
        self.figures.excess(&self.promise(), parts)
    }
}

/// What follows from what a pledge says, from its events and from its parts; not what is cited for it.
pub(super) fn derived(
    promise: &Promise,
    terms: &Terms,
    happened: &[Happened],
    parts: Option<&Parts>,
    cause: Cause,
) -> Result<(Figures, Timing)> {
    let figures = Figures::of(promise, happened, parts).map_err(|it| misfit(it, cause))?;
    let timing = Timing::of(terms, &figures, happened, parts);
    Ok((figures, timing))
}

/// What a parent's figures follow from.
struct Parent {
    pledge: Pledge,
    happened: Vec<Happened>,
    parts: Option<Parts>,
    restated_in: Vec<Uuid>,
}

impl Parent {
    async fn read(write: &mut Write, id: Uuid, cause: Cause) -> Result<Self> {
        let pledge = must_find(&mut write.conn, id).await?;
        let happened = events::sql::happened(&mut write.conn, id).await?;
        let (parts, restated_in) = bearings(sql::bearings(&mut write.conn, id).await?, cause)?;
        Ok(Self {
            pledge,
            happened,
            parts,
            restated_in,
        })
    }
}

/// Parents as a write has left them that creates many pledges: for each part more they need not be read again, with all of
/// their parts.
#[derive(Default)]
pub(super) struct Known(HashMap<Uuid, Parent>);

impl Known {
    /// A parent with its parts, of which this one is new if anything is.
    async fn parent(
        &mut self,
        write: &mut Write,
        id: Uuid,
        new: Option<&Pledge>,
        cause: Cause,
    ) -> Result<Parent> {
        let known = self.0.remove(&id);
        // A part that restates a pledge stands as that one does, which is read.
        let new = new.filter(|new| new.refs.restates.is_none());
        let Some((mut parent, new)) = known.zip(new) else {
            return Parent::read(write, id, cause).await;
        };
        let part = Part {
            taken: new.figures.taken(),
            standing: new.standing(),
        };
        let parts = Parts::and(parent.parts, part).map_err(|it| misfit(it, cause))?;
        parent.parts = Some(parts);
        Ok(parent)
    }
}

/// Brings up to date whatever follows a pledge that the same write has changed from what it was to what it is: the parents of
/// which it is or was a part, those of which a part restates it, and so on, as parents are restated too.
pub(super) async fn recompute_parents(
    write: &mut Write,
    before: Option<&Pledge>,
    after: Option<&Pledge>,
    restated_in: Vec<Uuid>,
    sent: Sent,
) -> Result<()> {
    follow(write, before, after, restated_in, sent, &mut Known::default()).await
}

/// The same of one that is new, among others that are.
pub(super) async fn recompute_parents_of_new(
    write: &mut Write,
    new: &Pledge,
    sent: Sent,
    known: &mut Known,
) -> Result<()> {
    if let Some(first) = new.refs.restates {
        // It may be restated in one parent more.
        known.0.remove(&first);
    }
    follow(write, None, Some(new), Vec::new(), sent, known).await
}

async fn follow(
    write: &mut Write,
    before: Option<&Pledge>,
    after: Option<&Pledge>,
    restated_in: Vec<Uuid>,
    sent: Sent,
    known: &mut Known,
) -> Result<()> {
    let parent = |part: Option<&Pledge>| part.and_then(|it| it.refs.parent);
    let (old, new) = (parent(before), parent(after));
    let mut waiting = VecDeque::new();
    if let Some(old) = old.filter(|old| Some(*old) != new) {
        waiting.push_back((old, before, None));
    }
    if let Some(new) = new {
        waiting.push_back((new, before.filter(|_| old == Some(new)), after));
    }
    if before.map(Pledge::standing) != after.map(Pledge::standing) {
        waiting.extend(restated_in.into_iter().map(|parent| (parent, None, None)));
    }
    // How often each was taken: as often as there are others behind which it may come. Those that are made up of themselves, as
    // registers of before may have them, could go round for ever.
    let mut taken: HashMap<Uuid, usize> = HashMap::new();
    while let Some((next, before, after)) = waiting.pop_front() {
        *taken.entry(next).or_default() += 1;
        // In a box, as every write of a pledge or an event has room for it else.
        let behind = Box::pin(recompute_parent(write, next, before, after, sent, known)).await?;
        for parent in behind {
            let is_waiting = waiting.iter().any(|(it, ..)| *it == parent);
            if !is_waiting && taken.get(&parent).is_none_or(|times| *times < taken.len()) {
                waiting.push_back((parent, None, None));
            }
        }
    }
    Ok(())
}

/// The parents that follow this one in turn, where it stands otherwise by now.
async fn recompute_parent(
    write: &mut Write,
    id: Uuid,
    part_before: Option<&Pledge>,
    part_after: Option<&Pledge>,
    sent: Sent,
    known: &mut Known,
) -> Result<Vec<Uuid>> {
    let cause = Cause::OfPart(sent);
    let new = part_after.filter(|_| part_before.is_none());
    let Parent {
        pledge: before,
        happened,
        parts,
        restated_in,
    } = known.parent(write, id, new, cause).await?;
    let has_left = part_before.is_some() && part_after.is_none();
    // What was paid beside it, within the bound that there was, is no reason to hold it back.
    let most = if has_left {
        None
    } else {
        let point = |part: Option<&Pledge>| part.and_then(|it| it.figures.taken().point).unwrap_or(0);
        // What they were together: nothing but this part has moved.
        let then = parts.map(|parts| Parts {
            point: parts.point - point(part_after) + point(part_before),
            ..parts
        });
        Excess::NotDeeper.most(before.excess(then.as_ref()))
    };
    let after = before
        .clone()
        .brought_up(&happened, parts.as_ref(), most, cause)?;
    let has_moved = before.standing() != after.standing();
    let pledge = if before.says_what(&after) {
        // Only what nobody is shown has moved, which is no version.
        if has_moved {
            sql::note_standing(&mut write.conn, &after).await?;
        }
        after
    } else {
        write.change(before, after, sql::figure_cells).await?
    };
    let behind = if has_moved {
        restated_in.clone()
    } else {
        Vec::new()
    };
    let parent = Parent {
        pledge,
        happened,
        parts,
        restated_in,
    };
    known.0.insert(id, parent);
    Ok(behind)
}

/// What a pledge's parts are to it together, none where it has none; and the parents of those that restate it.
pub(super) fn bearings(all: Vec<Bearing>, cause: Cause) -> Result<(Option<Parts>, Vec<Uuid>)> {
    let (mut parts, mut restated_in) = (Vec::new(), Vec::new());
    for bearing in all {
        match bearing {
            Bearing::Part(part) => parts.push(part),
            Bearing::RestatedIn(parent) => restated_in.push(parent),
        }
    }
    Ok((together(parts, cause)?, restated_in))
}

pub(super) fn together(parts: Vec<Part>, cause: Cause) -> Result<Option<Parts>> {
    Parts::of(parts).map_err(|it| misfit(it, cause))
}

fn misfit(misfit: Misfit, cause: Cause) -> Error {
    Error::Invalid(match misfit {
        Misfit::TooLarge => Faults::one(
            cause.pointer(|it| it.most, |it| it.most),
            "sum_does_not_fit",
            "with it a sum of this pledge would be too large to be kept exactly; mend the amount",
        ),
        Misfit::BelowZero => Faults::one(
            cause.pointer(|it| it.least, |it| it.least),
            "below_zero",
            "reduces the pledge by more than it states; use withdrawn for what is taken back whole",
        ),
        Misfit::EquivalentTooLarge => Faults::one(
            cause.in_the_other(|it| it.most),
            "sum_does_not_fit",
            "with it what the pledge is in its parent's currency would be too large to be kept exactly; mend the equivalent",
        ),
        Misfit::EquivalentBelowZero => Faults::one(
            cause.in_the_other(|it| it.least),
            "below_zero",
            "with it the pledge is reduced by more than what it is in its parent's currency; mend the equivalent, of the event or of the pledge",
        ),
        Misfit::EquivalentApart => Faults::one(
            cause.in_the_other(|it| it.least),
            "kinship",
            "with it the pledge comes to nothing in one of its two currencies and not in the other; mend the equivalent, so that it comes to nothing in both or in neither",
        ),
    })
}

/// Writes amounts of a pledge, which has a currency where it has any.
fn money(pledge: &Pledge) -> impl Fn(i64) -> String {
    let currency = pledge.terms.currency;
    move |minor| currency.map_or_else(String::new, |it| format!("{it} {}", decimal(minor, it)))
}

/// Parts are more than their whole can be: says how much of each.
fn parts_exceed(pledge: &Pledge, beyond: Beyond, cause: Cause) -> Error {
    let money = money(pledge);
    let id = pledge.id;
    let (at, most, sentence) = match beyond {
        Beyond::Most { most, least } => (
            cause.pointer(|it| it.most, |it| it.least),
            most,
            format!(
                "pledges/{id} is {} at most; its parts would be {} at least, {} too much",
                money(most),
                money(least),
                money(least.saturating_sub(most)),
            ),
        ),
        Beyond::Whole { whole, parts } => (
            cause.pointer(|it| it.most, |it| it.point),
            whole,
            format!(
                "pledges/{id} can be {} in parts; they would add up to {}, {} too much",
                money(whole),
                money(parts),
                money(parts.saturating_sub(whole)),
            ),
        ),
    };
    Error::Invalid(Faults::one(
        at,
        "exceeds_parent",
        beyond_of(pledge, most, sentence),
    ))
}

/// That a pledge cannot be more than this: the bound as an amount, beside the sentence that says so.
fn beyond_of(pledge: &Pledge, most: i64, sentence: String) -> Detail {
    let detail = Detail::of(sentence).naming(format!("pledges/{}", pledge.id));
    match pledge.terms.currency {
        Some(currency) => detail.limited(decimal(most, currency)),
        None => detail,
    }
}

/// What was paid or lost is more than what was pledged: says how much of each.
fn overrun(pledge: &Pledge, parts: Option<&Parts>, excess: i64, cause: Cause) -> Error {
    let money = money(pledge);
    let Pledge { id, figures, .. } = pledge;
    let gone = figures
        .paid
        .unwrap_or(0)
        .saturating_add(figures.withdrawn.unwrap_or(0));
    let most = figures.pledged.point.or(figures.pledged.max).unwrap_or(0);
    let whole = figures.whole(&pledge.promise());
    let (pledged, gone, excess) = (money(most), money(gone), money(excess));
    Error::Invalid(match (parts, whole) {
        (Some(parts), Some(whole)) => Faults::one(
            cause.pointer(|it| it.most, |it| it.point),
            "exceeds_parent",
            beyond_of(
                pledge,
                whole,
                format!(
                    "pledges/{id} can be {} in all; its parts would add up to {} and {gone} is paid or lost on itself, {excess} too much",
                    money(whole),
                    money(parts.point),
                ),
            ),
        ),
        (Some(_), None) => Faults::one(
            cause.pointer(|it| it.most, |it| it.most),
            "exceeds_parent",
            beyond_of(
                pledge,
                most,
                format!(
                    "pledges/{id} states {pledged} at most, of which its parts would leave {}; {gone} is paid or lost on itself, {excess} too much",
                    money(figures.counted.max.unwrap_or(0)),
                ),
            ),
        ),
        (None, _) => Faults::one(
            cause.pointer(|it| it.point, |it| it.point),
            "exceeds_pledge",
            beyond_of(
                pledge,
                most,
                format!(
                    "pledges/{id} states {pledged}; paid, redirected, withdrawn and expired would add up to {gone}, {excess} too much. An event that really goes beyond says \"over\": true",
                ),
            ),
        ),
    })
}
