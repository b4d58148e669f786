//! Rates that cannot be right, held against their neighbours in time.
//!
//! A wild rate is wild on both sides; a real devaluation is a step, and agrees with what comes after it. So
//! a rate is refused when it is too far off both its nearest earlier and its nearest later neighbour, or off
//! the only one that it has. docs/rates.md says it for those who send rates, docs/decisions/0017 why.
//!
//! Of rates that come together only those are refused without which the rest is believable. Where that leaves a choice,
//! what it costs to refuse a rate and to believe in a jump decides: [`judge`] finds the cheapest for a whole
//! currency at once. What is kept is never refused, and stays where the rate that was to replace it is.

use std::collections::VecDeque;

use chrono::{Datelike, NaiveDate};

/// How far off a neighbour a rate may be, within so many days.
const LIMIT: f64 = 1.35;
const WITHIN: f64 = 31.0;
/// Further apart the limit grows by a hundredth a year. Wild rates were seen at 1.36 times off after 107 days and at 1.47
/// after seven years, so it cannot grow as fast as currencies move.
const HUNDRED_YEARS: f64 = 36_525.0;
/// Exactly the limit is not more than the limit, whatever the last digits of a logarithm are.
const EPSILON: f64 = 1e-9;

/// What it costs to refuse a rate, and to believe in a jump between two rates that stand, where something must be
/// refused. A jump costs more than one refusal and less than two, and there and back more than two and less than
/// three: so one or two that leave their neighbours and come back go before those around them, and three are a
/// level of their own.
const REFUSAL: u64 = 4 * FINE;
const JUMP: u64 = 5 * FINE;
/// By how much it costs more to refuse a rate that agrees with one beside it in all that came: never as much as another
/// refusal, so that it decides only between choices that else cost the same.
const AGREEING: u64 = 1;
const FINE: u64 = 1 << 32;

/// How many rates that may be the next to stand are weighed for each: in rates that make any sense it is two or three.
/// The bound keeps noise from costing the square of its length.
const WEIGHED: usize = 64;

/// Whether a rate may be refused, and whether others are judged by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Offered,
    Kept,
    /// Kept because a person said so: it may vouch for a rate, but none is refused because of it.
    Waived,
}

/// A rate of one currency, as far as it is judged. Two have the same day and the same source only where one is offered and
/// the other is the kept one that it is to replace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quote<'a> {
    pub date: NaiveDate,
    pub source: &'a str,
    pub per_usd: f64,
    pub standing: Standing,
}

impl Quote<'_> {
    fn is_of_day_and_source(&self, other: &Self) -> bool {
        (self.date, self.source) == (other.date, other.source)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It agrees with a neighbour.
    Plausible,
    /// It has no neighbour that judges, or only a waived one vouches for it, or only others that are offered while
    /// what is kept says otherwise; of a waived one, also if all that agree with it are unjudged.
    Unjudged,
    /// It is too far off its neighbours, or one of them would be if it stood. Offered, it is refused.
    Implausible {
        earlier: Option<Beside>,
        later: Option<Beside>,
    },
}

/// A neighbour of a rate that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beside {
    pub place: usize,
    pub agrees: bool,
    /// Whether another beside that neighbour agrees with it.
    pub upheld: bool,
}

/// What becomes of each of the rates of one currency, in whichever order they come.
pub(super) fn judge(quotes: &[Quote]) -> Vec<Verdict> {
    let mut order: Vec<usize> = (0..quotes.len()).collect();
    // Of one day the first source by name is the earlier: any order would do, as long as it is always the same. What is
    // replaced follows what replaces it.
    order.sort_unstable_by_key(|&place| {
        let quote = &quotes[place];
        (quote.date, quote.source, quote.standing != Standing::Offered)
    });
    let series = Series::new(quotes, &order);
    let stands = series.standing();
    let mut verdicts = vec![Verdict::Unjudged; quotes.len()];
    for (place, verdict) in series.verdicts(&stands) {
        verdicts[place] = verdict;
    }
    verdicts
}

/// A day and a rate, in numbers that can be compared.
#[derive(Clone, Copy)]
struct Mark {
    /// Its place in the order of time, which it shares with the one that it replaces, and among the quotes.
    rank: usize,
    place: usize,
    day: f64,
    logarithm: f64,
}

impl Mark {
    /// Whether two rates are no further apart than is believed of the time between them.
    fn agrees(self, other: Self) -> bool {
        let days = (self.day - other.day).abs();
        let limit = LIMIT * (1.0 + (days - WITHIN).max(0.0) / HUNDRED_YEARS);
        (self.logarithm - other.logarithm).abs() <= limit.ln() + EPSILON
    }
}

/// A rate that others are judged by, or will be if it stands.
struct Point {
    mark: Mark,
    offered: bool,
    /// Whether the point before is to replace this one: one of the two stands.
    replaced: bool,
    /// The nearest waived rates that judge nobody, on either side.
    waived: [Option<Mark>; 2],
}

#[derive(Clone, Copy)]
enum Side {
    Earlier,
    Later,
}

/// The way on from a rate that stands: what it costs to the end, and which stands next.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Way {
    cost: u64,
    next: usize,
}

impl Way {
    const NONE: Self = Self {
        cost: u64::MAX,
        next: usize::MAX,
    };
}

/// The rates of a currency in the order of time.
struct Series {
    points: Vec<Point>,
    /// Those that judge nobody.
    waived: Vec<Mark>,
}

impl Series {
    fn new(quotes: &[Quote], order: &[usize]) -> Self {
        let mut marks: Vec<(Mark, Standing)> = Vec::with_capacity(order.len());
        for &place in order {
            let quote = &quotes[place];
            let rank = marks.last().map_or(0, |(last, _)| {
                let before = &quotes[last.place];
                last.rank + usize::from(!before.is_of_day_and_source(quote))
            });
            let mark = Mark {
                rank,
                place,
                day: f64::from(quote.date.num_days_from_ce()),
                logarithm: quote.per_usd.ln(),
            };
            marks.push((mark, quote.standing));
        }
        let mut judges: Vec<bool> = vec![false; quotes.len()];
        for (mark, standing) in &marks {
            judges[mark.place] = *standing != Standing::Waived;
        }
        // A waived rate judges like any other once a kept one that was not waived stands by it and agrees: also one that is to
        // be replaced, or it would depend on what is refused whether it is.
        let mut earlier: Option<&(Mark, Standing)> = None;
        for kept in marks
            .iter()
            .filter(|(_, standing)| *standing != Standing::Offered)
        {
            if let Some(earlier) = earlier.filter(|it| it.1 != kept.1 && it.0.agrees(kept.0)) {
                judges[earlier.0.place] = true;
                judges[kept.0.place] = true;
            }
            earlier = Some(kept);
        }
        let mut series = Self {
            points: Vec::new(),
            waived: Vec::new(),
        };
        for (mark, standing) in marks {
            let is_replaced = series
                .points
                .last()
                .is_some_and(|point| point.mark.rank == mark.rank);
            if judges[mark.place] {
                series.points.push(Point {
                    mark,
                    offered: standing == Standing::Offered,
                    replaced: is_replaced,
                    waived: [series.waived.last().copied(), None],
                });
            } else {
                // Nobody is vouched for by what it replaces.
                let followed = series.points.iter_mut().rev().skip(usize::from(is_replaced));
                followed
                    .take_while(|point| point.waived[1].is_none())
                    .for_each(|point| point.waived[1] = Some(mark));
                series.waived.push(mark);
            }
        }
        series
    }

    fn agree(&self, a: usize, b: usize) -> bool {
        self.points[a].mark.agrees(self.points[b].mark)
    }

    /// Whether the next point is what this one is to replace.
    fn replaces(&self, at: usize) -> bool {
        self.points.get(at + 1).is_some_and(|point| point.replaced)
    }

    /// What it costs not to let a point stand.
    fn refusal(&self, at: usize) -> u64 {
        if self.points[at].replaced {
            return 0;
        }
        // Those beside it in all that came, not what they replace.
        let earlier = (0..at).rev().find(|&it| !self.points[it].replaced);
        let later = (at + 1..self.points.len()).find(|&it| !self.points[it].replaced);
        let agrees = earlier
            .into_iter()
            .chain(later)
            .any(|other| self.agree(at, other));
        REFUSAL + if agrees { AGREEING } else { 0 }
    }

    /// Which points stand: what is kept, and of what is offered as much as it costs least to believe, with all
    /// that may stand beside it.
    fn standing(&self) -> Vec<bool> {
        let nothing = vec![false; self.points.len()];
        let believed = self.cheapest(JUMP, &nothing);
        // Jumps tell what is to be believed, but are no fault: nothing is refused that the rule itself lets stand.
        self.cheapest(0, &believed)
    }

    /// What stands when jumps cost so much, some of it for certain.
    fn cheapest(&self, jump: u64, certain: &[bool]) -> Vec<bool> {
        let mut stands = vec![true; self.points.len()];
        // What stays for certain parts the series into stretches that do not touch each other.
        let mut from = 0;
        while from < self.points.len() {
            let open = self.points[from..]
                .iter()
                .take_while(|point| point.offered || point.replaced);
            let to = from + open.count();
            if to > from {
                self.choose(from, to, jump, certain, &mut stands);
            }
            from = to + 1;
        }
        stands
    }

    /// Of the points from `from` to before `to`, which are offered or replaced, those that stand: the cheapest way through
    /// them on which each that is offered stands beside one that agrees, by the costs to the end from each; of ways that
    /// cost the same the one whose points are earlier. No way passes by both a replaced point and what replaces it.
    fn choose(&self, from: usize, to: usize, jump: u64, certain: &[bool], stands: &mut [bool]) {
        let before = from.checked_sub(1);
        let after = (to < self.points.len()).then_some(to);
        let point = |at: usize| if at == to { after } else { Some(at) };
        // What it costs to refuse all of them before each.
        let mut refusals = vec![0; to - from + 1];
        for at in from..to {
            refusals[at + 1 - from] = refusals[at - from] + self.refusal(at);
        }
        let refusals = |at: usize| refusals[at - from];
        // What may be replaced is never certain.
        let is_certain = |&at: &usize| certain[at] && self.points[at].offered;
        let some_are_certain = (from..to).any(|at| is_certain(&at));
        // From a point that agrees with what is before it one would rather jump to any other, or refuse it; where it replaces
        // one that is kept, both, as that one then stands.
        let detour = if (from..to).any(|at| self.points[at].replaced) {
            jump + REFUSAL + AGREEING
        } else {
            jump.max(REFUSAL + AGREEING)
        };
        // Of each point the way on: where one before it agrees with it, and where none does.
        let mut ways = vec![[Way { cost: 0, next: to }; 2]; to - from + 1];
        // Those that may be the next to stand, the earliest first.
        let mut candidates = VecDeque::from([to]);
        let way =
            |ways: &[[Way; 2]], candidates: &VecDeque<usize>, a: Option<usize>, first: usize, needs: bool| {
                let through = |&b: &usize| {
                    if needs && !a.is_some_and(|a| self.is_upheld_by_later(a, point(b))) {
                        return Way::NONE;
                    }
                    let jumps = a.zip(point(b)).is_some_and(|(a, b)| !self.agree(a, b));
                    let needs_later = b < to && !self.is_upheld_by_earlier(a, b);
                    let rest = ways[b - from][usize::from(needs_later)].cost;
                    let here = refusals(b) - refusals(first) + if jumps { jump } else { 0 };
                    Way {
                        cost: rest.saturating_add(here),
                        next: b,
                    }
                };
                candidates.iter().map(through).min().unwrap_or(Way::NONE)
            };
        for at in (from..to).rev() {
            let is_offered = self.points[at].offered;
            ways[at - from] =
                [false, is_offered].map(|needs| way(&ways, &candidates, Some(at), at + 1, needs));
            if !is_offered {
                // It is the next together with what is to replace it, the point before.
                continue;
            }
            if self.replaces(at) {
                candidates = VecDeque::from([at + 1]);
            }
            candidates.push_front(at);
            if is_certain(&at) {
                candidates.truncate(1);
            }
            let whole = |b: usize, needs: usize| ways[b - from][needs].cost.saturating_add(refusals(b));
            let (least, cheapest) = candidates
                .iter()
                .map(|&b| (whole(b, 1), b))
                .min()
                .unwrap_or((u64::MAX, at));
            if !some_are_certain {
                // One that is dearer than another, even if a point before it agrees, is never the next.
                candidates.retain(|&b| whole(b, 0) <= least.saturating_add(detour));
            }
            if candidates.len() > WEIGHED {
                // These two lead to the end for certain.
                let sure = [Some(cheapest), candidates.back().copied()];
                candidates.truncate(WEIGHED - sure.len());
                candidates.extend(sure.into_iter().flatten());
            }
        }
        let first = way(&ways, &candidates, before, from, false);
        stands[from..to].fill(false);
        if before.or(after).is_none() {
            // One that has no neighbour at all may stand, and replace the only one that is kept.
            let sure: Vec<usize> = (from..to).filter(is_certain).take(2).collect();
            let replaced: Vec<usize> = (from..to)
                .filter(|&at| self.points[at].replaced)
                .take(2)
                .collect();
            let alone = |at: usize| Way {
                cost: refusals(to) - self.refusal(at),
                next: at,
            };
            let alone = (from..to)
                .filter(|&at| self.points[at].offered && (sure.is_empty() || sure == [at]))
                .filter(|&at| replaced.is_empty() || replaced == [at + 1])
                .map(alone)
                .min();
            if let Some(alone) = alone.filter(|it| it.cost < first.cost) {
                stands[alone.next] = true;
                return;
            }
        }
        let (mut last, mut at) = (before, first.next);
        while at < to {
            stands[at] = true;
            let needs_later = !self.is_upheld_by_earlier(last, at);
            (last, at) = (Some(at), ways[at - from][usize::from(needs_later)].next);
        }
    }

    /// Whether a point may stand because of what is nearest before it.
    fn is_upheld_by_earlier(&self, earlier: Option<usize>, at: usize) -> bool {
        earlier.is_some_and(|earlier| self.agree(earlier, at))
            || self.is_vouched_for(at, Side::Earlier, earlier)
    }

    /// Whether a point may stand because of what is nearest after it.
    fn is_upheld_by_later(&self, at: usize, later: Option<usize>) -> bool {
        later.is_some_and(|later| self.agree(at, later)) || self.is_vouched_for(at, Side::Later, later)
    }

    /// Whether the nearest waived rate on a side agrees and is nearer than the neighbour there.
    fn is_vouched_for(&self, at: usize, side: Side, neighbour: Option<usize>) -> bool {
        let point = &self.points[at];
        let is_nearer = |waived: Mark| {
            neighbour.is_none_or(|other| {
                let other = self.points[other].mark.rank;
                match side {
                    Side::Earlier => other < waived.rank,
                    Side::Later => other > waived.rank,
                }
            })
        };
        point.waived[side as usize].is_some_and(|waived| waived.agrees(point.mark) && is_nearer(waived))
    }

    /// By place among the quotes.
    fn verdicts(&self, stands: &[bool]) -> Vec<(usize, Verdict)> {
        let neighbours = Neighbours::new(self, stands);
        let among_themselves = self.among_themselves(stands);
        let of_points: Vec<Verdict> = (0..self.points.len())
            .map(|at| {
                // Of what it is to replace, and what therefore stays, it is no neighbour.
                let (earlier, later) = neighbours.of(at, at + 1 + usize::from(self.replaces(at)));
                let vouched_for = || {
                    self.is_vouched_for(at, Side::Earlier, earlier)
                        || self.is_vouched_for(at, Side::Later, later)
                };
                let mark = self.points[at].mark;
                match self.verdict(mark, earlier, later, &neighbours) {
                    _ if !stands[at] => self.off(mark, earlier, later, &neighbours),
                    Verdict::Implausible { .. } if vouched_for() => Verdict::Unjudged,
                    Verdict::Plausible if among_themselves[at] => Verdict::Unjudged,
                    other => other,
                }
            })
            .collect();
        let of_waived = self.waived.iter().map(|mark| {
            let next = self.points.partition_point(|point| point.mark.rank < mark.rank);
            let (earlier, later) = neighbours.of(next, next);
            let judges = |&at: &usize| !self.points[at].offered || of_points[at] == Verdict::Plausible;
            let mut agreeing = earlier
                .into_iter()
                .chain(later)
                .filter(|&at| self.points[at].mark.agrees(*mark))
                .peekable();
            let verdict = if agreeing.peek().is_some() && !agreeing.any(|at| judges(&at)) {
                Verdict::Unjudged
            } else {
                self.verdict(*mark, earlier, later, &neighbours)
            };
            (mark.place, verdict)
        });
        let places = self.points.iter().map(|point| point.mark.place);
        places.zip(of_points.iter().copied()).chain(of_waived).collect()
    }

    fn verdict(&self, mark: Mark, earlier: Option<usize>, later: Option<usize>, all: &Neighbours) -> Verdict {
        if earlier.or(later).is_none() {
            return Verdict::Unjudged;
        }
        let mut neighbours = earlier.into_iter().chain(later);
        if neighbours.any(|other| self.points[other].mark.agrees(mark)) {
            Verdict::Plausible
        } else {
            self.off(mark, earlier, later, all)
        }
    }

    fn off(&self, mark: Mark, earlier: Option<usize>, later: Option<usize>, all: &Neighbours) -> Verdict {
        let beside = |at: usize| {
            let (before, after) = all.of(at, at + 1);
            Beside {
                place: self.points[at].mark.place,
                agrees: self.points[at].mark.agrees(mark),
                upheld: before.into_iter().chain(after).any(|other| self.agree(at, other))
                    || self.is_vouched_for(at, Side::Earlier, before)
                    || self.is_vouched_for(at, Side::Later, after),
            }
        };
        Verdict::Implausible {
            earlier: earlier.map(beside),
            later: later.map(beside),
        }
    }

    /// Which of the points that stand belong to a level that nothing kept agrees with, not even what they replace, though
    /// something is kept.
    fn among_themselves(&self, stands: &[bool]) -> Vec<bool> {
        let mut are = vec![false; stands.len()];
        if self.waived.is_empty() && self.points.iter().all(|point| point.offered) {
            return are;
        }
        let is_new = |&at: &usize| self.points[at].offered && !(self.replaces(at) && self.agree(at, at + 1));
        let standing: Vec<usize> = (0..stands.len()).filter(|&at| stands[at]).collect();
        for level in standing.chunk_by(|&a, &b| self.agree(a, b)) {
            let is_new = level.iter().all(is_new);
            for &at in level {
                are[at] = is_new;
            }
        }
        are
    }
}

/// Which points that stand are nearest.
struct Neighbours {
    /// Before each place.
    before: Vec<Option<usize>>,
    /// From each place on.
    from: Vec<Option<usize>>,
}

impl Neighbours {
    fn new(series: &Series, stands: &[bool]) -> Self {
        let count = series.points.len();
        let mut before = vec![None; count + 1];
        let mut from = vec![None; count + 1];
        for at in 0..count {
            before[at + 1] = if stands[at] { Some(at) } else { before[at] };
        }
        for at in (0..count).rev() {
            from[at] = if stands[at] { Some(at) } else { from[at + 1] };
        }
        Self { before, from }
    }

    /// The nearest before one place, and from another on.
    fn of(&self, before: usize, from: usize) -> (Option<usize>, Option<usize>) {
        (self.before[before], self.from[from])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Standing::*, *};
    use crate::values::assert_in_proportion;

    const NONE: [usize; 0] = [];

    type Given = (i32, &'static str, f64, Standing);

    fn quotes(given: &[Given]) -> Vec<Quote<'static>> {
        let quote = |&(day, source, per_usd, standing): &Given| Quote {
            date: NaiveDate::from_num_days_from_ce_opt(730_000 + day).unwrap(),
            source,
            per_usd,
            standing,
        };
        given.iter().map(quote).collect()
    }

    /// The places of those that are refused.
    fn refused(given: &[Given]) -> Vec<usize> {
        let verdicts = judge(&quotes(given));
        let is_refused =
            |&at: &usize| given[at].3 == Offered && matches!(verdicts[at], Verdict::Implausible { .. });
        (0..given.len()).filter(is_refused).collect()
    }

    /// Of one source, a rate a day, all offered.
    fn refused_of(rates: &[f64]) -> Vec<usize> {
        let given: Vec<Given> = (0..)
            .zip(rates)
            .map(|(day, &rate)| (day, "a", rate, Offered))
            .collect();
        refused(&given)
    }

    #[test]
    fn one_that_is_off_on_both_sides_is_refused_alone() {
        assert_eq!(refused_of(&[0.81, 0.82, 10.223, 0.81, 0.80]), [2]);
        assert_eq!(refused_of(&[10.223, 0.81, 0.82, 0.81]), [0]);
        assert_eq!(refused_of(&[0.81, 0.82, 0.81, 0.0923]), [3]);
        assert_eq!(refused_of(&[0.81, 1.23, 0.81, 1.23, 0.81]), [1, 3]);
        assert_eq!(refused_of(&[0.81, 0.82, 1.23, 0.81, 1.23, 0.82, 0.81]), [2, 4]);
        assert_eq!(refused_of(&[0.81, 10.223, 0.0923, 0.81]), [1, 2]);
    }

    #[test]
    fn a_step_is_believed_once_a_second_rate_agrees() {
        assert_eq!(refused_of(&[8.88, 8.88, 15.75]), [2]);
        assert_eq!(refused_of(&[8.88, 8.88, 15.75, 16.1]), NONE);
        assert_eq!(refused_of(&[8.88, 8.88, 15.75, 16.1, 30.0, 31.0]), NONE);
    }

    #[test]
    fn where_one_must_go_one_or_two_that_come_back_do_and_three_are_a_level() {
        assert_eq!(refused_of(&[0.81, 1.23, 1.22, 0.81, 0.82]), [1, 2]);
        assert_eq!(refused_of(&[0.81, 1.23, 1.22, 1.23, 0.81, 0.82]), [0]);
        // Here none must: each of the two has a neighbour that agrees.
        assert_eq!(refused_of(&[0.81, 0.82, 1.23, 1.22, 0.81, 0.82]), NONE);
    }

    #[test]
    fn where_nothing_tells_the_later_one_is_refused() {
        assert_eq!(refused_of(&[0.81, 1.23]), [1]);
        assert_eq!(refused(&[(9, "a", 0.81, Offered), (2, "a", 1.23, Offered)]), [0]);
        assert_eq!(refused_of(&[0.81, 1.23, 0.81, 1.23]), [1, 3]);
        // What is kept stays, whichever it is.
        let given = [(9, "a", 10.223, Kept), (2, "a", 0.81, Offered)];
        assert_eq!(refused(&given), [1]);
        assert_eq!(
            judge(&quotes(&given))[1],
            Verdict::Implausible {
                earlier: None,
                later: Some(Beside {
                    place: 0,
                    agrees: false,
                    upheld: false,
                })
            }
        );
        // A second neighbour tells.
        assert_eq!(
            refused(&[
                (1, "a", 0.81, Kept),
                (2, "a", 0.81, Offered),
                (3, "a", 10.223, Kept)
            ]),
            NONE
        );
    }

    #[test]
    fn exactly_the_limit_is_within_it_and_it_grows_with_time() {
        let apart =
            |days: i32, rate: f64| refused(&[(0, "a", 1.0, Kept), (days, "b", rate, Offered)]).is_empty();
        for (days, limit) in [
            (0, 1.35),
            (1, 1.35),
            (31, 1.35),
            (31 + 3_652, 1.35 * 1.099_986_310_746_064),
            (31 + 36_525, 1.35 * 2.0),
        ] {
            assert!(apart(days, limit) && apart(days, 1.0 / limit), "{days}");
            assert!(
                !apart(days, limit * 1.000_001) && !apart(days, 0.999_999 / limit),
                "{days}"
            );
        }
    }

    #[test]
    fn other_sources_of_the_day_are_neighbours_too() {
        // Between the day before and the other source, which disagree, one is enough.
        let day = [
            (0, "a", 0.81, Kept),
            (1, "a", 0.81, Kept),
            (1, "b", 1.23, Offered),
            (2, "a", 0.81, Kept),
        ];
        assert_eq!(refused(&day), [2]);
        let day = [
            (0, "a", 0.81, Kept),
            (1, "a", 10.2, Kept),
            (1, "b", 0.81, Offered),
            (2, "a", 0.81, Kept),
        ];
        assert_eq!(refused(&day), NONE);
        // A whole month the wrong way round does not vouch for itself beside a source that knows better.
        let month: Vec<Given> = (0..30)
            .flat_map(|day| [(day, "good", 0.81, Kept), (day, "bad", 1.23, Offered)])
            .collect();
        assert_eq!(refused(&month).len(), 30);
    }

    #[test]
    fn a_waived_rate_vouches_and_does_not_accuse() {
        let verdict = |given: &[Given]| judge(&quotes(given)).pop().unwrap();
        assert_eq!(verdict(&[(0, "a", 1.0, Offered)]), Verdict::Unjudged);
        assert_eq!(
            verdict(&[(0, "a", 1.0, Waived), (1, "a", 9.0, Offered)]),
            Verdict::Unjudged
        );
        // The one behind it judges; what the waived one vouches for is taken all the same.
        let after = |rate| {
            verdict(&[
                (0, "a", 1.0, Kept),
                (1, "a", 9.0, Waived),
                (2, "a", rate, Offered),
            ])
        };
        assert_eq!(after(9.1), Verdict::Unjudged);
        assert_eq!(after(1.1), Verdict::Plausible);
        assert!(matches!(after(80.0), Verdict::Implausible { .. }));
        // Once an unwaived one stands by it, it is a neighbour like any other.
        let later = |rate| {
            verdict(&[
                (1, "a", 9.0, Waived),
                (2, "a", 9.1, Kept),
                (0, "a", rate, Offered),
            ])
        };
        assert_eq!(later(9.1), Verdict::Plausible);
        assert!(matches!(
            later(1.0),
            Verdict::Implausible {
                earlier: None,
                later: Some(Beside { place: 0, .. })
            }
        ));
    }

    #[test]
    fn of_choices_that_cost_the_same_those_that_agree_with_none_are_refused() {
        // 1.7 agrees with 1.3, and 1.0 with none beside it.
        assert_eq!(refused_of(&[1.0, 1.7, 1.3]), [0]);
        assert_eq!(refused_of(&[1.3, 1.7, 1.0]), [2]);
        assert_eq!(refused_of(&[1.0, 1.7, 1.3, 0.9]), [0, 3]);
        // What is kept stays, and accuses neither of two that agree.
        let given = [
            (0, "a", 1.0, Kept),
            (1, "a", 1.7, Offered),
            (2, "a", 1.3, Offered),
        ];
        assert_eq!(refused(&given), NONE);
        // Two that leave and come back, rather than the one before them: to believe in it would be to believe in a jump.
        assert_eq!(refused_of(&[1.0, 1.7, 1.7, 1.0, 0.8]), [1, 2]);
    }

    #[test]
    fn a_level_of_new_ones_alone_beside_kept_ones_is_unjudged() {
        let verdicts = |given: &[Given]| judge(&quotes(given));
        let three = [
            (1, "a", 9.0, Offered),
            (2, "a", 9.1, Offered),
            (3, "a", 9.0, Offered),
        ];
        assert_eq!(verdicts(&three), [Verdict::Plausible; 3]);
        let beside = |kept: &[Given]| verdicts(&[&three[..], kept].concat())[..3].to_vec();
        assert_eq!(beside(&[(0, "a", 1.0, Kept)]), [Verdict::Unjudged; 3]);
        assert_eq!(
            beside(&[(0, "a", 1.0, Kept), (9, "a", 1.0, Kept)]),
            [Verdict::Unjudged; 3]
        );
        assert_eq!(
            beside(&[(0, "a", 1.0, Kept), (9, "a", 9.3, Kept)]),
            [Verdict::Plausible; 3]
        );
        assert_eq!(beside(&[(0, "a", 1.0, Waived)]), [Verdict::Unjudged; 3]);
    }

    #[test]
    fn what_stays_where_its_replacement_is_refused_is_a_neighbour_of_others() {
        // The kept 1.0 of the first day stays, so 1.1 stands beside it.
        let given = [
            (1, "a", 1.0, Kept),
            (1, "a", 10.0, Offered),
            (2, "a", 1.0, Kept),
            (2, "a", 1.1, Offered),
        ];
        assert_eq!(refused(&given), [1]);
        // A whole level is replaced, and the only one that is kept.
        let tenfold = given.map(|it| (it.0, it.1, if it.3 == Offered { 10.0 } else { it.2 }, it.3));
        assert_eq!(refused(&tenfold), NONE);
        assert_eq!(judge(&quotes(&tenfold))[1], Verdict::Unjudged);
        assert_eq!(refused(&given[..2]), NONE);
        // Replaced by what agrees with it, it has judged.
        let corrected = given.map(|it| (it.0, it.1, if it.3 == Offered { 1.1 } else { it.2 }, it.3));
        assert_eq!(judge(&quotes(&corrected))[1], Verdict::Plausible);
        // What vouches for others is gone where it is replaced.
        let vouched = |replacement: f64| {
            refused(&[
                (0, "a", 1.0, Kept),
                (1, "a", 9.0, Waived),
                (1, "a", replacement, Offered),
                (2, "a", 9.1, Offered),
            ])
        };
        assert_eq!(vouched(1.1), [3]);
        assert_eq!(vouched(90.0), [2]);
    }

    #[test]
    fn a_mistaken_waiver_is_corrected_before_what_followed_it() {
        let kept = [(0, "a", 1.0, Kept), (1, "a", 9.0, Waived), (2, "a", 9.1, Kept)];
        let with = |new: &[Given]| refused(&[&kept[..], new].concat());
        assert_eq!(with(&[(2, "a", 1.1, Offered)]), [3]);
        assert_eq!(with(&[(1, "a", 1.1, Offered)]), NONE);
        assert_eq!(with(&[(1, "a", 1.1, Offered), (2, "a", 1.1, Offered)]), NONE);
    }

    #[test]
    fn the_rest_is_taken_also_where_waived_rates_are_replaced() {
        // 1.51 alone is named if 3 counts as gone, and then 1 cannot stand beside 1.5, which judges.
        let given = [
            (1, "a", 1.0, Offered),
            (2, "a", 1.5, Waived),
            (2, "a", 1.51, Offered),
            (3, "a", 3.0, Waived),
            (3, "a", 1.0, Offered),
            (4, "a", 1.2, Kept),
        ];
        let named = refused(&given);
        let rest: Vec<Given> = (0..given.len())
            .filter(|at| !named.contains(at))
            .map(|at| given[at])
            .collect();
        assert_eq!(refused(&rest), NONE, "{named:?}");
    }

    #[test]
    fn a_waived_rate_is_not_judged_by_those_that_only_it_vouches_for() {
        let verdicts = |given: &[Given]| judge(&quotes(given));
        let (kept, waived, new) = ((0, "a", 0.3, Kept), (4, "a", 9.0, Waived), (5, "a", 9.1, Offered));
        assert_eq!(verdicts(&[kept, waived, new])[1..], [Verdict::Unjudged; 2]);
        assert_eq!(verdicts(&[waived, new]), [Verdict::Unjudged; 2]);
        let level = verdicts(&[kept, waived, new, (6, "a", 9.2, Offered)]);
        assert_eq!(level[1..], [Verdict::Unjudged; 3]);
        assert_eq!(
            verdicts(&[kept, waived, (5, "a", 9.1, Kept)])[1],
            Verdict::Plausible
        );
    }

    #[test]
    fn a_rate_is_taken_though_a_kept_one_then_stands_alone() {
        assert_eq!(
            refused(&[(0, "a", 1.0, Kept), (2, "a", 1.3, Kept), (1, "a", 0.8, Offered)]),
            NONE
        );
    }

    #[test]
    fn noise_costs_no_square_of_its_length() {
        // Beside kept ones, and each of them sent anew with another figure.
        let noise = |days: usize| {
            let mut state = 1_u64;
            let mut random = move || {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                f64::from(u32::try_from(state >> 33).unwrap()) / f64::from(1_u32 << 31)
            };
            let days = i32::try_from(days).unwrap();
            let mut one = move |day, standing| (day, "a", (random() * 20.0).exp(), standing);
            let beside = (0..days).map(|day| (day, if day % 5 < 4 { Kept } else { Offered }));
            let replacing = (days..2 * days).flat_map(|day| [(day, Kept), (day, Offered)]);
            let all: Vec<Given> = beside
                .chain(replacing)
                .map(|(day, standing)| one(day, standing))
                .collect();
            all
        };
        assert!(refused(&noise(10_000)).len() > 5_000);
        assert_in_proportion(1_000, noise, |given| drop(refused(given)));
    }

    /// Whether a rate may stand among others, by the words of the rule, when no rate is waived.
    fn may_stand(given: &[Given], at: usize) -> bool {
        let (day, source, rate, _) = given[at];
        let others = || given.iter().filter(|it| (it.0, it.1) != (day, source));
        let earlier = others()
            .filter(|it| (it.0, it.1) < (day, source))
            .max_by_key(|it| (it.0, it.1));
        let later = others()
            .filter(|it| (it.0, it.1) > (day, source))
            .min_by_key(|it| (it.0, it.1));
        let near = |it: &&Given| {
            let days = f64::from((it.0 - day).abs());
            let limit = 1.35 * (1.0 + (days - 31.0).max(0.0) / 36_525.0);
            (it.2 / rate).max(rate / it.2) <= limit + 1e-9
        };
        let mut neighbours = earlier.iter().chain(&later).peekable();
        neighbours.peek().is_none() || neighbours.any(near)
    }

    /// What stands when those that are named are refused: what the others replace does not.
    fn without(given: &[Given], named: &[usize]) -> Vec<Given> {
        let stands = |&at: &usize| given[at].3 == Offered && !named.contains(&at);
        let offered: Vec<Given> = (0..given.len()).filter(stands).map(|at| given[at]).collect();
        let is_replaced = |it: &Given| offered.iter().any(|new| (new.0, new.1) == (it.0, it.1));
        let kept = given.iter().filter(|it| it.3 != Offered && !is_replaced(it));
        offered.iter().chain(kept).copied().collect()
    }

    /// Few levels, so that rates often agree; close together and far apart.
    fn some_rates(standings: &'static [Standing]) -> impl Strategy<Value = Vec<Given>> {
        let one = (
            prop_oneof![0..40_i32, 0..2_000_i32],
            prop::sample::select(&["a", "b"][..]),
            prop::sample::select(&[0.8, 1.0, 1.2, 1.5, 3.0, 10.0][..]),
            prop::sample::select(standings),
        );
        prop::collection::vec(one, 1..14).prop_map(|rates| {
            let distinct: BTreeMap<_, _> = rates
                .into_iter()
                .map(|it| ((it.0, it.1, it.3 == Offered), it))
                .collect();
            distinct.into_values().collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_order_of_a_request_does_not_matter(
            (given, shuffled) in some_rates(&[Offered, Offered, Kept, Waived])
                .prop_flat_map(|given| (Just(given.clone()), Just(given).prop_shuffle()))
        ) {
            let named = |given: &[Given]| {
                let mut named: Vec<_> = refused(given).into_iter().map(|at| (given[at].0, given[at].1)).collect();
                named.sort_unstable();
                named
            };
            prop_assert_eq!(named(&given), named(&shuffled));
        }

        #[test]
        fn without_those_that_are_named_the_rest_is_plausible(given in some_rates(&[Offered, Offered, Kept])) {
            let named = refused(&given);
            let rest = without(&given, &named);
            for at in 0..rest.len() {
                prop_assert!(rest[at].3 == Kept || may_stand(&rest, at), "{:?}", rest[at]);
            }
        }

        #[test]
        fn the_rest_sent_again_is_taken_whole(given in some_rates(&[Offered, Offered, Kept, Waived])) {
            let named = refused(&given);
            let rest: Vec<Given> = (0..given.len()).filter(|at| !named.contains(at)).map(|at| given[at]).collect();
            prop_assert_eq!(refused(&rest), NONE, "{:?} of {:?}", named, given);
        }

        #[test]
        fn none_are_named_that_could_stand_with_the_rest(given in some_rates(&[Offered, Offered, Kept])) {
            let named = refused(&given);
            // Every choice of those that are named, but none of them.
            for choice in 1..1_u32 << named.len() {
                let again: Vec<usize> =
                    (0..named.len()).filter(|bit| choice >> bit & 1 == 1).map(|bit| named[bit]).collect();
                let still: Vec<usize> = named.iter().copied().filter(|at| !again.contains(at)).collect();
                let with = without(&given, &still);
                let all_stand = (0..with.len()).all(|at| with[at].3 == Kept || may_stand(&with, at));
                prop_assert!(!all_stand, "{:?} of {:?}", again, given);
            }
        }

        #[test]
        fn one_that_is_named_is_off_a_neighbour_that_stands(given in some_rates(&[Offered, Offered, Kept, Waived])) {
            let verdicts = judge(&quotes(&given));
            for at in refused(&given) {
                let Verdict::Implausible { earlier, later } = verdicts[at] else { unreachable!() };
                prop_assert!(earlier.iter().chain(&later).any(|beside| !beside.agrees), "{:?} of {:?}", given[at], given);
            }
        }

        #[test]
        fn one_alone_is_judged_by_the_words_of_the_rule(
            mut given in some_rates(&[Kept]), chosen in any::<prop::sample::Index>()
        ) {
            let at = chosen.index(given.len());
            given[at].3 = Offered;
            prop_assert_eq!(refused(&given).is_empty(), may_stand(&given, at));
        }
    }
}
