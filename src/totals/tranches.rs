//! Pledges in tranches: what was to be paid of them by a day, and in which years what they add falls.
//!
//! Everything else of a total is counted as if there were no tranches. Where they are asked about, the pledges that have some come
//! once more, one by one, and each moves what falls into a year out of the row in which it was counted ([`Shift`]): so groups by
//! year add up to the whole. A pledge with parts is not among them, as its tranches are those of its parts as well.
//! docs/decisions/0042.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Dimension, Folded, NULL, Range, SEPARATOR, Sums, Tally,
    basis::Basis,
    convert::{Converter, Cross, Split},
};
use crate::{
    pledges::Tranches,
    values::{Amount, Currency, decimal},
};

/// A pledge that has tranches and no parts.
pub struct InTranches {
    pub sums: Sums,
    pub tranches: Tranches,
}

/// What is asked of them.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// What was to be paid before this day.
    phased: Option<NaiveDate>,
    /// At which place of a group's key the year stands.
    year: Option<usize>,
}

impl Asked {
    /// `None` where nothing is.
    #[must_use]
    pub fn of(basis: &Basis, dimensions: &[Dimension]) -> Option<Self> {
        let asked = Self {
            phased: basis.phased,
            year: dimensions.iter().position(|it| *it == Dimension::TrancheYear),
        };
        (asked.phased.is_some() || asked.year.is_some()).then_some(asked)
    }
}

/// Pledges with tranches, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PhasedTally {
    pub pledges: i64,
    pub expected: Option<i128>,
    pub paid: Option<i128>,
}

impl PhasedTally {
    pub fn add(&mut self, other: &Self) {
        self.pledges += other.pledges;
        super::add(&mut self.expected, other.expected);
        super::add(&mut self.paid, other.paid);
    }

    #[must_use]
    pub fn with_zeros(self) -> Self {
        Self {
            expected: self.expected.or(Some(0)),
            paid: self.paid.or(Some(0)),
            ..self
        }
    }

    /// Among so many pledges.
    #[must_use]
    pub fn shown(self, of: i64, currency: Currency) -> Phased {
        let money = |minor: Option<i128>| minor.map(|minor| decimal(minor, currency));
        Phased {
            pledges: self.pledges,
            expected: money(self.expected),
            paid: money(self.paid),
            without_tranches: of - self.pledges,
        }
    }
}

/// What was to be paid by now of pledges with tranches, and what was; where it is converted, null where nothing of it has a rate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Phased {
    /// Those with tranches.
    pub pledges: i64,
    /// The tranches of which the last day is past, as announced.
    #[schema(value_type = Option<Amount>)]
    pub expected: Option<String>,
    /// What was paid on these pledges, whichever tranche it was for.
    #[schema(value_type = Option<Amount>)]
    pub paid: Option<String>,
    /// The other pledges of the row: without tranches, or with parts, which have tranches of their own.
    pub without_tranches: i64,
}

/// What a pledge with tranches moves into a group, or out of it: in its own currency, and where all is converted in the other and
/// as far as it is left.
#[derive(Debug)]
pub struct Shift {
    pub key: String,
    pub own: Tally,
    pub converted: Tally,
    pub left: Tally,
}

/// How far a pledge's figures go until the end of a year, by its tranches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reached {
    range: Range,
    /// Of it, what was to be paid; `None` where it is too much to be converted.
    expected: Option<i128>,
}

impl Reached {
    /// In another currency, each figure rounded once.
    fn converted(&self, cross: &Cross) -> Option<Self> {
        Some(Self {
            range: cross.range(self.range)?,
            expected: self.expected.and_then(|minor| cross.convert(minor)),
        })
    }

    const NOTHING: Self = Self {
        range: Range {
            min: None,
            point: None,
            max: None,
        },
        expected: Some(0),
    };
}

impl InTranches {
    /// What it moves, where it counts with this: out of its group first, then into those of its years. `split` is how all of it
    /// is converted.
    #[must_use]
    pub fn shifts(
        &self,
        asked: Asked,
        tally: &Tally,
        converting: Option<(&Split, &mut Converter)>,
    ) -> Vec<Shift> {
        let Some(currency) = self.sums.currency else {
            return Vec::new();
        };
        let reached = match asked.year {
            Some(_) => reached(tally.range, &self.tranches, asked.phased),
            None => Vec::new(),
        };
        let (years, reached): (Vec<i32>, Vec<Reached>) = reached.into_iter().unzip();
        let expected = asked.phased.map(|today| self.tranches.expected(today));
        let own = asked.tallies(&reached, expected, tally.paid);
        let none = vec![Tally::default(); own.len()];
        // Events may have rates of their own days, so that some of them stand where the pledge does not.
        let of_events = |split: &Tally| {
            let mut alone = none.clone();
            if let Some(first) = alone.first_mut().filter(|_| split.pledges > 0) {
                first.phased = asked.phased_tally(None, split.paid);
            }
            alone
        };
        let (converted, left) = match converting {
            None => (none.clone(), none.clone()),
            Some((split, converter)) => {
                let cross = converter.cross_of(&self.sums, currency, split);
                let in_the_other = cross.and_then(|cross| {
                    let reached = reached.iter().map(|it| it.converted(&cross));
                    let expected = expected.and_then(|minor| cross.convert(minor));
                    Some((reached.collect::<Option<Vec<_>>>()?, expected))
                });
                match in_the_other {
                    Some((reached, expected)) => (
                        asked.tallies(&reached, expected, split.converted.paid),
                        of_events(&split.left),
                    ),
                    None => (
                        of_events(&split.converted),
                        asked.tallies(&reached, expected, split.left.paid),
                    ),
                }
            }
        };
        let keys = [self.sums.key.clone()].into_iter();
        let keys = keys.chain(years.into_iter().map(|year| asked.key_of(&self.sums.key, year)));
        keys.zip(own.into_iter().zip(converted.into_iter().zip(left)))
            .enumerate()
            .map(|(place, (key, (own, (converted, left))))| Shift {
                key,
                // In its own currency nothing is unknown, also to those who sort by it.
                own: own.with_zeros(),
                converted,
                // Nothing happened in a year by its tranche, and that stays with the amount that is left.
                left: if place > 0 && left.has_figures() {
                    left.with_zeros()
                } else {
                    left
                },
            })
            .collect()
    }
}

impl Asked {
    /// What leaves a pledge's group, less what it has there of its tranches, and what comes into the group of each year.
    ///
    /// Each share is what is reached with it less what was reached before: so shares add up to the whole, also where what is
    /// reached was rounded.
    fn tallies(self, reached: &[Reached], expected: Option<i128>, paid: Option<i128>) -> Vec<Tally> {
        let beyond = |one: Option<i128>, other: Option<i128>| Some(one? - other?);
        let before = [Reached::NOTHING].into_iter().chain(reached.iter().copied());
        let years = reached.iter().zip(before).map(|(reached, before)| Tally {
            pledges: 1,
            range: reached.range.beyond(before.range),
            phased: self.phased_tally(beyond(reached.expected, before.expected), None),
            ..Tally::default()
        });
        let last = reached.last().copied().unwrap_or(Reached::NOTHING);
        let first = Tally {
            range: last.range.map(|figure| -figure),
            phased: self.phased_tally(beyond(expected, last.expected), paid),
            ..Tally::default()
        };
        [first].into_iter().chain(years).collect()
    }

    fn phased_tally(self, expected: Option<i128>, paid: Option<i128>) -> PhasedTally {
        self.phased.map_or_else(PhasedTally::default, |_| PhasedTally {
            pledges: 1,
            expected,
            paid,
        })
    }

    /// The key of the same group in a year.
    fn key_of(self, key: &str, year: i32) -> String {
        let mut parts: Vec<String> = key.split(SEPARATOR).map(str::to_owned).collect();
        if let Some(part) = self.year.and_then(|place| parts.get_mut(place)) {
            debug_assert_eq!(part, NULL);
            *part = format!("{year:04}");
        }
        parts.join(SEPARATOR)
    }
}

/// How far the figures go until the end of each year, the earliest first. A pledge that states neither a point nor a maximum is not
/// split, and of one without a point the least is in no year.
fn reached(range: Range, tranches: &Tranches, phased: Option<NaiveDate>) -> Vec<(i32, Reached)> {
    let split = match range.point {
        Some(_) => range,
        None => Range { min: None, ..range },
    };
    if split == Range::default() {
        return Vec::new();
    }
    let (mut sum, mut expected) = (0, 0);
    let mut years: Vec<(i32, Reached)> = Vec::new();
    for tranche in tranches.in_time() {
        let amount = i128::from(tranche.amount);
        sum += amount;
        if phased.is_some_and(|today| tranche.is_past(today)) {
            expected += amount;
        }
        let reached = Reached {
            // Where tranches come to more, the latest are cut.
            range: split.map(|figure| figure.min(sum)),
            expected: Some(expected),
        };
        match years.last_mut() {
            Some((year, until)) if *year == tranche.year() => *until = reached,
            _ => years.push((tranche.year(), reached)),
        }
    }
    years
}

/// Moves what is asked of tranches into the groups where it belongs.
pub fn fold_in(
    folded: &mut Folded,
    asked: Asked,
    basis: &Basis,
    rows: &[InTranches],
    mut converter: Option<&mut Converter>,
) {
    for row in rows {
        // A page has some groups alone.
        if !folded.groups.contains_key(&row.sums.key) {
            continue;
        }
        let counted = row.sums.contribution(basis).counted;
        let Some((tally, currency)) = counted.zip(row.sums.currency) else {
            continue;
        };
        let split = converter
            .as_deref_mut()
            .map(|converter| converter.split(&row.sums, currency, &tally));
        let converting = split.as_ref().zip(converter.as_deref_mut());
        for shift in row.shifts(asked, &tally, converting) {
            folded
                .groups
                .entry(shift.key.clone())
                .or_default()
                .shift(currency, &shift);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tranches(amounts: &[(&str, i64)]) -> Tranches {
        let tranches: Vec<_> = amounts
            .iter()
            .map(|(year, amount)| serde_json::json!({"period_from": year, "period_to": year, "amount": amount}))
            .collect();
        serde_json::from_value(tranches.into()).unwrap()
    }

    fn range(min: Option<i128>, point: Option<i128>, max: Option<i128>) -> Range {
        Range { min, point, max }
    }

    fn shares(whole: Range, amounts: &[(&str, i64)]) -> (Range, Vec<(i32, Range)>) {
        let asked = Asked {
            phased: None,
            year: Some(0),
        };
        let (years, reached): (Vec<i32>, Vec<Reached>) =
            reached(whole, &tranches(amounts), None).into_iter().unzip();
        let mut tallies = asked.tallies(&reached, None, None).into_iter();
        let mut rest = whole;
        rest.add(tallies.next().unwrap().range);
        let ranges = tallies.map(|tally| tally.range);
        (rest, years.into_iter().zip(ranges).collect())
    }

    #[test]
    fn a_point_is_split_with_what_it_is_at_least_and_at_most() {
        let whole = range(Some(90), Some(100), Some(110));
        let (rest, years) = shares(whole, &[("2019", 60), ("2018", 40)]);
        assert_eq!(rest, range(Some(0), Some(0), Some(10)));
        assert_eq!(
            years,
            [
                (2018, range(Some(40), Some(40), Some(40))),
                (2019, range(Some(50), Some(60), Some(60)))
            ]
        );
    }

    #[test]
    fn the_latest_are_cut_first_and_months_of_a_year_are_one_row() {
        let whole = range(Some(50), Some(50), Some(50));
        let (rest, years) = shares(
            whole,
            &[("2018-01", 20), ("2018-07", 20), ("2019", 20), ("2020", 20)],
        );
        assert_eq!(rest, range(Some(0), Some(0), Some(0)));
        let points = years.iter().map(|(year, range)| (*year, range.point.unwrap()));
        assert_eq!(points.collect::<Vec<_>>(), [(2018, 40), (2019, 10), (2020, 0)]);
    }

    #[test]
    fn without_a_point_the_maximum_is_split_and_without_either_nothing() {
        let (rest, years) = shares(range(Some(5), None, Some(100)), &[("2018", 30)]);
        assert_eq!(rest, range(Some(5), None, Some(70)));
        assert_eq!(years, [(2018, range(None, None, Some(30)))]);
        let at_least = range(Some(5), None, None);
        assert_eq!(shares(at_least, &[("2018", 30)]), (at_least, Vec::new()));
    }
}
