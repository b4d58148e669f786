//! Totals: what was promised, what of it was counted, and what was left out.
//!
//! A question is a filter of pledges, a grouping and a [`basis`]. Its answer is
//! folded from [`Sums`]: rows of pledges that are alike in everything that
//! decides how they count. Where the question allows, they come from sums that
//! are kept ([`rollups`]); else from the pledges that the filter finds, together
//! or, for an explanation or a conversion ([`convert`]), one by one. It is one
//! fold for all of them, so that they cannot disagree.

pub mod basis;
pub mod convert;
pub mod explain;
pub mod http;
pub mod rollups;
pub mod sql;
mod table;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    pledges::events::Stage,
    values::{Amount, Currency, PartialDate, decimal, vocabulary},
};
use basis::{Basis, Counted, Marks, RateDay, Reason};
use convert::{Converter, Cross, UsedRate};
use sql::Sums;

vocabulary! {
    /// What totals are grouped by.
    Dimension {
        Meeting = "meeting",
        Coalition = "coalition",
        Participant = "participant",
        ParticipantKind = "participant_kind",
        Instrument = "instrument",
        State = "state",
        Beneficiary = "beneficiary",
        Currency = "currency",
        Year = "year",
        Month = "month",
    }
}

vocabulary! {
    /// What groups are sorted by, beside their keys.
    Figure {
        Pledges = "pledges",
        Unquantified = "unquantified",
        Unbounded = "unbounded",
        Min = "min",
        Point = "point",
        Max = "max",
        Committed = "committed",
        Paid = "paid",
        Withdrawn = "withdrawn",
        Outstanding = "outstanding",
    }
}

impl Figure {
    /// Amounts, which only one currency's can be compared.
    #[must_use]
    pub const fn is_money(self) -> bool {
        !matches!(self, Self::Pledges | Self::Unquantified | Self::Unbounded)
    }
}

/// Between the parts of a group's key, and for one that is null: both sort as
/// the parts do, null last.
const SEPARATOR: &str = "\u{1f}";
const NULL: &str = "~";

/// The parts of a group's key.
fn parts(key: &str, dimensions: usize) -> Vec<Option<String>> {
    if dimensions == 0 {
        return Vec::new();
    }
    key.split(SEPARATOR)
        .map(|part| (part != NULL).then(|| part.to_owned()))
        .collect()
}

/// Minimum, point and maximum, in minor units; `None` where nothing has that figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    pub min: Option<i128>,
    pub point: Option<i128>,
    pub max: Option<i128>,
}

impl Range {
    fn of(min: Option<i64>, point: Option<i64>, max: Option<i64>) -> Self {
        Self {
            min: min.map(Into::into),
            point: point.map(Into::into),
            max: max.map(Into::into),
        }
    }

    fn less(self, other: Self) -> Self {
        let less = |one: Option<i128>, other: Option<i128>| Some(one? - other?);
        Self {
            min: less(self.min, other.min),
            point: less(self.point, other.point),
            max: less(self.max, other.max),
        }
    }

    fn add(&mut self, other: Self) {
        add(&mut self.min, other.min);
        add(&mut self.point, other.point);
        add(&mut self.max, other.max);
    }
}

/// Adds what is known: null and null is null, null and a figure is the figure.
fn add(sum: &mut Option<i128>, figure: Option<i128>) {
    if let Some(figure) = figure {
        *sum = Some(sum.unwrap_or(0) + figure);
    }
}

/// Sums in one currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub pledges: i64,
    pub range: Range,
    pub committed: i128,
    pub paid: i128,
    pub withdrawn: i128,
    pub outstanding: Option<i128>,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.pledges += other.pledges;
        self.range.add(other.range);
        self.committed += other.committed;
        self.paid += other.paid;
        self.withdrawn += other.withdrawn;
        add(&mut self.outstanding, other.outstanding);
    }

    fn figure(&self, figure: Figure) -> Option<i128> {
        match figure {
            Figure::Min => self.range.min,
            Figure::Point => self.range.point,
            Figure::Max => self.range.max,
            Figure::Committed => Some(self.committed),
            Figure::Paid => Some(self.paid),
            Figure::Withdrawn => Some(self.withdrawn),
            Figure::Outstanding => self.outstanding,
            Figure::Pledges | Figure::Unquantified | Figure::Unbounded => Some(self.pledges.into()),
        }
    }
}

/// What a row of pledges adds, and what of it is left out.
pub struct Contribution {
    pub counted: Option<Tally>,
    pub left_out: Option<(Reason, i64, Range)>,
    /// It is a parent's remainder, or a restatement that the basis includes.
    pub how: Counted,
}

impl Sums {
    fn marks(&self) -> Marks {
        Marks {
            restated: self.restated,
            part: self.part,
            parent: self.parent,
            chosen: self.chosen,
            member: self.member,
        }
    }

    fn pledged(&self) -> Range {
        Range::of(self.pledged_min, self.pledged, self.pledged_max)
    }

    /// The one place where a basis meets figures.
    #[must_use]
    pub fn contribution(&self, basis: &Basis) -> Contribution {
        let pledged = self.pledged();
        let how = match basis.verdict(self.marks()) {
            Err(reason) => {
                let left_out = Some((reason, self.pledges, pledged));
                return Contribution {
                    counted: None,
                    left_out,
                    how: Counted::Remainder,
                };
            }
            Ok(how) => how,
        };
        let remainder = Range::of(self.counted_min, self.counted, self.counted_max);
        let covered = pledged.less(remainder);
        let sum = |figure: Option<i64>| i128::from(figure.unwrap_or(0));
        let outstanding = self.outstanding.map(i128::from);
        let mut tally = Tally {
            pledges: self.pledges,
            range: remainder,
            committed: sum(self.committed),
            paid: sum(self.paid),
            withdrawn: sum(self.withdrawn),
            outstanding,
        };
        let mut left_out = None;
        match how {
            Counted::InFull => {
                tally.range = pledged;
                tally.outstanding = outstanding.map(|it| it + covered.point.unwrap_or(0));
            }
            Counted::Remainder if covered.point.is_some_and(|point| point != 0) => {
                left_out = Some((Reason::CoveredByChildren, 0, covered));
            }
            Counted::Remainder => {}
        }
        Contribution {
            counted: Some(tally),
            left_out,
            how,
        }
    }
}

/// An event's amount, for conversions at its own day.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Moved {
    pub pledge: Uuid,
    pub stage: Stage,
    pub amount: i64,
    pub occurred_on: PartialDate,
}

/// What a pledge comes to in the currency that is asked for; `None` where a rate is missing.
pub fn converted(
    row: &Sums,
    tally: &Tally,
    converter: &mut Converter,
    day: RateDay,
    moved: &[Moved],
) -> Option<(Tally, Vec<UsedRate>)> {
    let from = row.currency?;
    let cross = converter.cross(from, converter.day(row.announced_on)?)?;
    let mut rates = cross.rates.clone();
    let each = |figure: Option<i128>| -> Option<Option<i128>> {
        let Some(figure) = figure else { return Some(None) };
        cross.convert(figure).map(Some)
    };
    let range = Range {
        min: each(tally.range.min)?,
        point: each(tally.range.point)?,
        max: each(tally.range.max)?,
    };
    let [committed, paid, withdrawn] = if day == RateDay::Event {
        let mut sums = [Vec::new(), Vec::new(), Vec::new()];
        for event in moved {
            let cross = converter.cross(from, event.occurred_on.last())?;
            rates.extend(
                cross
                    .rates
                    .iter()
                    .filter(|it| !rates.contains(it))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            let into = match event.stage {
                Stage::Committed => &mut sums[0],
                Stage::Paid => &mut sums[1],
                stage if stage.is_loss() => &mut sums[2],
                _ => continue,
            };
            into.push((event.amount, cross));
        }
        let [committed, paid, withdrawn] = sums.map(|sum| Cross::convert_together(&sum));
        [committed?, paid?, withdrawn?]
    } else {
        [
            cross.convert(tally.committed)?,
            cross.convert(tally.paid)?,
            cross.convert(tally.withdrawn)?,
        ]
    };
    // As defined, so that it stays the difference also after rounding.
    let outstanding = tally
        .outstanding
        .and(range.point)
        .map(|point| point - paid - withdrawn);
    Some((
        Tally {
            pledges: tally.pledges,
            range,
            committed,
            paid,
            withdrawn,
            outstanding,
        },
        rates,
    ))
}

/// Pledges and their sums, by the currency's code.
type RangesByCurrency = BTreeMap<&'static str, (Currency, i64, Range)>;

/// A group while it is added up.
#[derive(Debug, Clone, Default)]
pub struct Adding {
    pledges: i64,
    unquantified: i64,
    unbounded: i64,
    by_currency: BTreeMap<&'static str, (Currency, Tally)>,
    converted: Tally,
    unconverted: RangesByCurrency,
}

impl Adding {
    fn include(&mut self, row: &Sums, tally: &Tally) {
        self.pledges += tally.pledges;
        match row.currency {
            None => self.unquantified += tally.pledges,
            Some(currency) => {
                self.unbounded += row.unbounded;
                self.by_currency
                    .entry(currency.code())
                    .or_insert((currency, Tally::default()))
                    .1
                    .add(tally);
            }
        }
    }

    /// A figure to sort by: in the one currency, or converted.
    fn figure(&self, figure: Figure, currency: Option<Currency>) -> Option<i128> {
        match figure {
            Figure::Pledges => Some(self.pledges.into()),
            Figure::Unquantified => Some(self.unquantified.into()),
            Figure::Unbounded => Some(self.unbounded.into()),
            _ => match currency {
                None => self.converted.figure(figure),
                Some(currency) => self.by_currency.get(currency.code())?.1.figure(figure),
            },
        }
    }
}

/// Everything of a question that matched, added up.
#[derive(Debug, Default)]
pub struct Folded {
    /// By key, in its order.
    pub groups: BTreeMap<String, Adding>,
    left_out: BTreeMap<Reason, (i64, RangesByCurrency)>,
}

impl Folded {
    pub fn leave_out(&mut self, currency: Option<Currency>, (reason, pledges, range): (Reason, i64, Range)) {
        let (count, by_currency) = self.left_out.entry(reason).or_default();
        *count += pledges;
        if let Some(currency) = currency {
            let (_, count, sum) =
                by_currency
                    .entry(currency.code())
                    .or_insert((currency, 0, Range::default()));
            *count += pledges;
            sum.add(range);
        }
    }

    #[must_use]
    pub fn excluded(&self) -> Vec<Excluded> {
        self.left_out
            .iter()
            .map(|(reason, (pledges, by_currency))| Excluded {
                reason: *reason,
                pledges: *pledges,
                by_currency: by_currency.values().map(|it| InCurrency::of(*it)).collect(),
            })
            .collect()
    }
}

/// Folds rows into groups, converting each pledge where that is asked.
pub fn fold(
    basis: &Basis,
    rows: &[Sums],
    mut converting: Option<(&mut Converter, &BTreeMap<Uuid, Vec<Moved>>)>,
) -> Folded {
    let mut folded = Folded::default();
    for row in rows {
        let Contribution {
            counted, left_out, ..
        } = row.contribution(basis);
        if let Some(left_out) = left_out {
            folded.leave_out(row.currency, left_out);
        }
        let group = folded.groups.entry(row.key.clone()).or_default();
        let Some(tally) = counted else { continue };
        group.include(row, &tally);
        if let (Some((converter, moved)), Some(currency), Some(conversion)) =
            (converting.as_mut(), row.currency, basis.conversion)
        {
            let moved = row
                .id
                .and_then(|id| moved.get(&id))
                .map(Vec::as_slice)
                .unwrap_or_default();
            if let Some((converted, _)) = converted(row, &tally, converter, conversion.day, moved) {
                group.converted.add(&converted);
            } else {
                let none = (currency, 0, Range::default());
                let (_, pledges, range) = group.unconverted.entry(currency.code()).or_insert(none);
                *pledges += tally.pledges;
                range.add(tally.range);
            }
        }
    }
    folded
}

/// What was promised, counted on a basis that is said.
#[derive(Debug, Serialize, ToSchema)]
pub struct Totals {
    pub basis: basis::ShownBasis,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<Headline>,
    pub groups: Vec<Group>,
    pub excluded: Vec<Excluded>,
    /// The rates that were used.
    pub rates: Vec<UsedRate>,
    pub next: Option<String>,
}

/// What a meeting announced as a whole, beside what the register counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Headline {
    pub currency: Currency,
    /// As announced; null where nothing was.
    #[schema(value_type = Option<Amount>)]
    pub amount: Option<String>,
    /// What was said to be needed.
    #[schema(value_type = Option<Amount>)]
    pub need: Option<String>,
    /// The register's own figure in that currency; null where its pledges have no point.
    #[schema(value_type = Option<Amount>)]
    pub counted: Option<String>,
    /// `amount` − `counted`: what was announced and is not in the register.
    #[schema(value_type = Option<Amount>)]
    pub gap: Option<String>,
    /// `need` − `counted`.
    #[schema(value_type = Option<Amount>)]
    pub need_gap: Option<String>,
}

/// Pledges that share a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    /// A member for each dimension of `group_by`; null where its pledges have none.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub key: BTreeMap<Dimension, Option<String>>,
    /// Names in the reader's language, of the keys that have one.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub names: BTreeMap<Dimension, Option<String>>,
    pub pledges: i64,
    /// Pledges that state no amount: counted, and in no sum.
    pub unquantified: i64,
    /// Pledges that state no upper bound: they leave `max` to the others.
    pub unbounded: i64,
    pub by_currency: Vec<ByCurrency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converted: Option<Converted>,
}

/// Sums in one currency; null where no pledge of the row has that figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct ByCurrency {
    pub currency: Currency,
    pub pledges: i64,
    #[serde(flatten)]
    pub figures: Figures,
}

/// Sums of one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct Figures {
    #[schema(value_type = Option<Amount>)]
    pub min: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub point: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub max: Option<String>,
    #[schema(value_type = Amount)]
    pub committed: String,
    #[schema(value_type = Amount)]
    pub paid: String,
    #[schema(value_type = Amount)]
    pub withdrawn: String,
    #[schema(value_type = Option<Amount>)]
    pub outstanding: Option<String>,
}

/// The sums in the currency that is asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Converted {
    pub currency: Currency,
    #[serde(flatten)]
    pub figures: Figures,
    /// What has no rate: not in the figures above.
    pub unconverted: Vec<InCurrency>,
}

/// What matched and is not counted, or not in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct Excluded {
    pub reason: Reason,
    pub pledges: i64,
    pub by_currency: Vec<InCurrency>,
}

/// Pledges and what they pledge, in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct InCurrency {
    pub currency: Currency,
    pub pledges: i64,
    #[schema(value_type = Option<Amount>)]
    pub min: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub point: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub max: Option<String>,
}

impl InCurrency {
    fn of((currency, pledges, range): (Currency, i64, Range)) -> Self {
        let money = |minor: Option<i128>| minor.map(|minor| decimal(minor, currency));
        Self {
            currency,
            pledges,
            min: money(range.min),
            point: money(range.point),
            max: money(range.max),
        }
    }
}

impl Figures {
    #[must_use]
    pub fn of(tally: &Tally, currency: Currency) -> Self {
        let money = |minor: Option<i128>| minor.map(|minor| decimal(minor, currency));
        Self {
            min: money(tally.range.min),
            point: money(tally.range.point),
            max: money(tally.range.max),
            committed: decimal(tally.committed, currency),
            paid: decimal(tally.paid, currency),
            withdrawn: decimal(tally.withdrawn, currency),
            outstanding: money(tally.outstanding),
        }
    }
}

impl Adding {
    fn shown(&self, key: BTreeMap<Dimension, Option<String>>, into: Option<Currency>) -> Group {
        Group {
            key,
            names: BTreeMap::new(),
            pledges: self.pledges,
            unquantified: self.unquantified,
            unbounded: self.unbounded,
            by_currency: self
                .by_currency
                .values()
                .map(|(currency, tally)| ByCurrency {
                    currency: *currency,
                    pledges: tally.pledges,
                    figures: Figures::of(tally, *currency),
                })
                .collect(),
            converted: into.map(|currency| Converted {
                currency,
                figures: Figures::of(&self.converted, currency),
                unconverted: self.unconverted.values().map(|it| InCurrency::of(*it)).collect(),
            }),
        }
    }

    /// The register's figure beside a headline: nothing counted is zero, pledges without a point are not.
    fn beside_headline(&self, currency: Currency) -> Option<i128> {
        self.by_currency
            .get(currency.code())
            .map_or(Some(0), |(_, tally)| tally.range.point)
    }
}

impl Headline {
    #[must_use]
    pub fn of(currency: Currency, amount: Option<i64>, need: Option<i64>, counted: Option<i128>) -> Self {
        let money = |minor: Option<i128>| minor.map(|minor| decimal(minor, currency));
        let gap = |announced: Option<i64>| Some(i128::from(announced?) - counted?);
        Self {
            currency,
            amount: money(amount.map(Into::into)),
            need: money(need.map(Into::into)),
            counted: money(counted),
            gap: money(gap(amount)),
            need_gap: money(gap(need)),
        }
    }
}

/// The days between which rates may be needed.
#[must_use]
pub fn days_needed(
    rows: &[Sums],
    moved: &BTreeMap<Uuid, Vec<Moved>>,
    day: RateDay,
) -> Option<(NaiveDate, NaiveDate)> {
    if let RateDay::Fixed(day) = day {
        return Some((day, day));
    }
    let announced = rows.iter().filter_map(|row| row.announced_on);
    let occurred = moved.values().flatten().map(|event| event.occurred_on);
    announced
        .chain(occurred)
        .map(PartialDate::last)
        .fold(None, |days, day| match days {
            None => Some((day, day)),
            Some((first, last)) => Some((day.min(first), day.max(last))),
        })
}
