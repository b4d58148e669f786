//! Conversion: exact arithmetic over rates that are named.
//!
//! An amount goes from its currency to the dollar and from there to the one
//! that is asked for, as one fraction of whole numbers; it is rounded once,
//! half to even, at the end. Each figure of a pledge converts on its own
//! ([`Split`]); where a rate is missing it is left in its own currency.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use chrono::{NaiveDate, TimeDelta};
use num_bigint::{BigInt, Sign};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    pledges::events::Stage,
    rates::PerUsd,
    values::{Currency, PartialDate},
};

use super::{
    Range, Sums, Tally,
    basis::{Conversion, RateDay},
};

/// A rate that was used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct UsedRate {
    #[schema(value_type = Currency)]
    pub currency: String,
    #[schema(value_type = PartialDate)]
    pub date: NaiveDate,
    #[schema(value_type = PerUsd)]
    pub per_usd: String,
    pub source: String,
}

/// A rate as it is kept.
#[derive(Debug, Clone)]
pub struct KeptRate {
    pub currency: Currency,
    pub date: NaiveDate,
    pub per_usd: PerUsd,
    pub source: String,
}

/// An event's amount, for conversions at its own day.
#[derive(Debug, Clone)]
pub struct Moved {
    pub pledge: Uuid,
    pub stage: Stage,
    pub amount: i64,
    pub occurred_on: PartialDate,
}

/// What of a pledge converted, and what is left in its own currency: each figure stands in one of the
/// two, or where its events differ in both.
pub struct Split {
    pub converted: Tally,
    pub left: Tally,
    pub rates: BTreeSet<UsedRate>,
}

/// The rates that a question may need, and which of them served.
pub struct Converter {
    conversion: Conversion,
    /// Of single pledges, where events convert at their own day.
    moved: BTreeMap<Uuid, Vec<Moved>>,
    /// By currency, in the order of their days; of several sources of one day the first by name comes last.
    rates: HashMap<&'static str, Vec<KeptRate>>,
    crosses: HashMap<(&'static str, NaiveDate), Option<Arc<Cross>>>,
    used: BTreeSet<UsedRate>,
}

impl Converter {
    #[must_use]
    pub fn new(conversion: Conversion, mut kept: Vec<KeptRate>, moved: BTreeMap<Uuid, Vec<Moved>>) -> Self {
        kept.sort_by(|one, other| (one.date, &other.source).cmp(&(other.date, &one.source)));
        let mut rates: HashMap<&'static str, Vec<KeptRate>> = HashMap::new();
        for rate in kept {
            rates.entry(rate.currency.code()).or_default().push(rate);
        }
        Self {
            conversion,
            moved,
            rates,
            crosses: HashMap::new(),
            used: BTreeSet::new(),
        }
    }

    #[must_use]
    pub fn target(&self) -> Currency {
        self.conversion.into
    }

    /// Splits a pledge, given in its own currency.
    pub fn split(&mut self, row: &Sums, currency: Currency, tally: &Tally) -> Split {
        let announced = self.conversion.pledged_day(row.announced_on);
        let cross = self.cross(currency, announced);
        let mut rates = BTreeSet::new();
        let mut converted = Tally::default();
        let mut left = Tally::default();
        match cross.as_ref().and_then(|cross| cross.range(tally.range)) {
            Some(range) => converted.range = range,
            None => left.range = tally.range,
        }
        let sums = if self.conversion.day == RateDay::Event {
            self.at_their_own_days(row, currency, cross.as_deref(), tally, &mut rates)
        } else {
            [tally.committed, tally.paid, tally.withdrawn].map(|sum| Part::of(sum, cross.as_deref()))
        };
        if let Some(cross) = cross {
            rates.extend(cross.rates.iter().cloned());
        }
        let [committed, paid, withdrawn] = sums;
        // As defined, so that it stays the difference also after rounding.
        let outstanding = match (converted.range.point, paid.whole(), withdrawn.whole()) {
            (Some(point), Some(paid), Some(withdrawn)) => Some(point - paid - withdrawn),
            _ => None,
        };
        if outstanding.is_some() {
            converted.outstanding = tally.outstanding.and(outstanding);
        } else {
            left.outstanding = tally.outstanding;
        }
        (converted.committed, left.committed) = (committed.converted, committed.left);
        (converted.paid, left.paid) = (paid.converted, paid.left);
        (converted.withdrawn, left.withdrawn) = (withdrawn.converted, withdrawn.left);
        if left.has_figures() {
            // What did not happen is told with what is left, be it the announcement or another figure of it.
            let nothing =
                |left: Option<i128>, converted: Option<i128>| left.or(converted.is_none().then_some(0));
            left.committed = nothing(left.committed, converted.committed);
            left.paid = nothing(left.paid, converted.paid);
            left.withdrawn = nothing(left.withdrawn, converted.withdrawn);
        }
        if converted.has_figures() {
            converted.pledges = tally.pledges;
            converted.unbounded = tally.unbounded;
        }
        if left.has_figures() {
            left.pledges = tally.pledges;
        }
        self.used.extend(rates.iter().cloned());
        Split {
            converted,
            left,
            rates,
        }
    }

    /// By what the amounts that a pledge states are converted; `None` where they are left.
    pub(super) fn cross_of(&mut self, row: &Sums, currency: Currency, split: &Split) -> Option<Arc<Cross>> {
        if split.left.range != Range::default() {
            return None;
        }
        self.cross(currency, self.conversion.pledged_day(row.announced_on))
    }

    /// What was committed, paid and lost, each event at the rate of its own day.
    fn at_their_own_days(
        &mut self,
        row: &Sums,
        currency: Currency,
        announced: Option<&Cross>,
        tally: &Tally,
        rates: &mut BTreeSet<UsedRate>,
    ) -> [Part; 3] {
        let moved = row
            .id
            .and_then(|id| self.moved.get(&id).cloned())
            .unwrap_or_default();
        let mut amounts = [Vec::new(), Vec::new(), Vec::new()];
        let mut left = [None, None, None];
        for event in &moved {
            let figure = match event.stage {
                Stage::Committed => 0,
                Stage::Paid => 1,
                _ => 2,
            };
            match self.cross(currency, Some(event.occurred_on.last())) {
                Some(cross) => amounts[figure].push((event.amount, cross)),
                None => super::add(&mut left[figure], Some(event.amount.into())),
            }
        }
        let whole = [tally.committed, tally.paid, tally.withdrawn];
        let mut parts = whole.map(|sum| Part::of(sum, announced));
        for ((part, whole), (amounts, left)) in parts.iter_mut().zip(whole).zip(amounts.iter().zip(left)) {
            // Where nothing happened there is no day but the announcement's.
            if amounts.is_empty() && left.is_none() {
                continue;
            }
            *part = match Cross::together(amounts) {
                Some(converted) => {
                    for (_, cross) in amounts {
                        rates.extend(cross.rates.iter().cloned());
                    }
                    Part {
                        converted: (!amounts.is_empty()).then_some(converted),
                        left,
                    }
                }
                None => Part {
                    converted: None,
                    left: whole,
                },
            };
        }
        parts
    }

    /// The latest rate on or before a day that is not too old. The dollar needs none.
    fn rate(&self, currency: Currency, day: NaiveDate) -> Option<Fraction> {
        if currency.code() == "USD" {
            return Some(Fraction {
                rate: None,
                digits: BigInt::from(1),
                scale: 0,
            });
        }
        let rates = self.rates.get(currency.code())?;
        let after = rates.partition_point(|rate| rate.date <= day);
        let rate = rates.get(after.checked_sub(1)?)?;
        let oldest = day.checked_sub_signed(TimeDelta::days(self.conversion.max_age))?;
        (rate.date >= oldest).then(|| Fraction::of(rate))?
    }

    /// What a currency's amounts are multiplied and divided by on a day; `None` where a rate is
    /// missing. The same currency needs no rate, and no day.
    fn cross(&mut self, from: Currency, day: Option<NaiveDate>) -> Option<Arc<Cross>> {
        if from == self.conversion.into {
            return Some(Arc::new(Cross::same()));
        }
        let day = day?;
        let key = (from.code(), day);
        if let Some(known) = self.crosses.get(&key) {
            return known.clone();
        }
        let rates = self.rate(from, day).zip(self.rate(self.conversion.into, day));
        let cross = rates.map(|(from_rate, into_rate)| {
            // minor_into = minor_from × (into / from) × 10^(into's decimals − from's decimals)
            let ten = BigInt::from(10);
            Arc::new(Cross {
                multiply: into_rate.digits * ten.pow(from_rate.scale + self.conversion.into.minor_units()),
                divide: from_rate.digits * ten.pow(into_rate.scale + from.minor_units()),
                rates: from_rate.rate.into_iter().chain(into_rate.rate).collect(),
            })
        });
        self.crosses.insert(key, cross.clone());
        cross
    }

    /// An amount that is no pledge's, at a day of its own.
    pub fn convert(&mut self, minor: i64, from: Currency, day: NaiveDate) -> Option<i128> {
        let cross = self.cross(from, Some(day))?;
        self.used.extend(cross.rates.iter().cloned());
        cross.convert(minor.into())
    }

    #[must_use]
    pub fn used(self) -> BTreeSet<UsedRate> {
        self.used
    }
}

impl Conversion {
    /// The day whose rate converts what was pledged; a partial date is taken at its last day.
    #[must_use]
    pub fn pledged_day(&self, announced_on: Option<PartialDate>) -> Option<NaiveDate> {
        match self.day {
            RateDay::Fixed(day) => Some(day),
            RateDay::Announced | RateDay::Event => announced_on.map(PartialDate::last),
        }
    }

    /// The days between which rates may be needed.
    #[must_use]
    pub fn days_needed(
        &self,
        rows: &[Sums],
        moved: &BTreeMap<Uuid, Vec<Moved>>,
    ) -> Option<(NaiveDate, NaiveDate)> {
        let pledged = rows.iter().filter_map(|row| self.pledged_day(row.announced_on));
        let occurred = moved.values().flatten().map(|event| event.occurred_on.last());
        let fixed = match self.day {
            RateDay::Fixed(day) => Some(day),
            RateDay::Announced | RateDay::Event => None,
        };
        self.days_around(pledged.chain(occurred).chain(fixed))
    }

    /// The days between which rates may be needed for what is converted on these.
    #[must_use]
    pub fn days_around(&self, days: impl Iterator<Item = NaiveDate>) -> Option<(NaiveDate, NaiveDate)> {
        let (first, last) = days.fold(None, |days: Option<(NaiveDate, NaiveDate)>, day| match days {
            None => Some((day, day)),
            Some((first, last)) => Some((day.min(first), day.max(last))),
        })?;
        let oldest = first.checked_sub_signed(TimeDelta::days(self.max_age));
        Some((oldest.unwrap_or(first), last))
    }
}

/// A sum of events, as far as it converted and as far as it is left.
struct Part {
    converted: Option<i128>,
    left: Option<i128>,
}

impl Part {
    /// At one rate. Where nothing happened there is nothing to convert.
    fn of(sum: Option<i128>, announced: Option<&Cross>) -> Self {
        match sum.zip(announced).and_then(|(sum, cross)| cross.convert(sum)) {
            Some(converted) => Self {
                converted: (sum != Some(0)).then_some(converted),
                left: None,
            },
            None => Self {
                converted: None,
                left: sum,
            },
        }
    }

    /// All of it in the other currency; `None` while something is left.
    fn whole(&self) -> Option<i128> {
        self.left.is_none().then(|| self.converted.unwrap_or(0))
    }
}

/// A rate as `digits / 10^scale`.
struct Fraction {
    rate: Option<UsedRate>,
    digits: BigInt,
    scale: u32,
}

impl Fraction {
    fn of(rate: &KeptRate) -> Option<Self> {
        let text = rate.per_usd.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        Some(Self {
            digits: format!("{whole}{fraction}").parse().ok()?,
            scale: u32::try_from(fraction.len()).ok()?,
            rate: Some(UsedRate {
                currency: rate.currency.to_string(),
                date: rate.date,
                per_usd: text.clone(),
                source: rate.source.clone(),
            }),
        })
    }
}

/// What an amount is multiplied and divided by.
pub(super) struct Cross {
    multiply: BigInt,
    divide: BigInt,
    rates: Vec<UsedRate>,
}

/// A converted figure is below this many minor units, or it is none: sums of them never wrap.
const TOO_LARGE: i128 = 10_i128.pow(30);

impl Cross {
    /// From a currency to itself.
    fn same() -> Self {
        Self {
            multiply: BigInt::from(1),
            divide: BigInt::from(1),
            rates: Vec::new(),
        }
    }

    /// Minor units of the other currency, rounded half to even; `None` when they would not fit.
    pub(super) fn convert(&self, minor: i128) -> Option<i128> {
        rounded(&(BigInt::from(minor) * &self.multiply), &self.divide)
    }

    /// All three figures, or none.
    pub(super) fn range(&self, range: Range) -> Option<Range> {
        let each = |figure: Option<i128>| {
            figure
                .map(|minor| self.convert(minor))
                .map_or(Some(None), |it| it.map(Some))
        };
        Some(Range {
            min: each(range.min)?,
            point: each(range.point)?,
            max: each(range.max)?,
        })
    }

    /// The sum of amounts that are converted each at its own rate, rounded once.
    fn together(amounts: &[(i64, Arc<Self>)]) -> Option<i128> {
        // Those of one day have one rate: fractions are added a day at a time, as each makes the next addition dearer.
        let mut by_rate: BTreeMap<*const Self, (i128, &Self)> = BTreeMap::new();
        for (minor, cross) in amounts {
            by_rate.entry(Arc::as_ptr(cross)).or_insert((0, cross)).0 += i128::from(*minor);
        }
        let none = (BigInt::from(0), BigInt::from(1));
        let (numerator, denominator) =
            by_rate
                .into_values()
                .fold(none, |(numerator, denominator), (minor, cross)| {
                    let added = BigInt::from(minor) * &cross.multiply * &denominator;
                    (numerator * &cross.divide + added, denominator * &cross.divide)
                });
        rounded(&numerator, &denominator)
    }
}

/// A fraction as a whole number, half to even; the denominator is positive.
fn rounded(numerator: &BigInt, denominator: &BigInt) -> Option<i128> {
    let negative = numerator.sign() == Sign::Minus;
    let numerator = BigInt::from(numerator.magnitude().clone());
    let (quotient, remainder) = (&numerator / denominator, &numerator % denominator);
    let up = match (remainder * 2_u8).cmp(denominator) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => quotient.bit(0),
    };
    let magnitude = i128::try_from(quotient + u8::from(up))
        .ok()
        .filter(|it| *it < TOO_LARGE)?;
    Some(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(currency: &str, date: &str, per_usd: &str) -> KeptRate {
        KeptRate {
            currency: currency.parse().unwrap(),
            date: date.parse().unwrap(),
            per_usd: per_usd.parse().unwrap(),
            source: "test".into(),
        }
    }

    fn converter(into: &str, rates: Vec<KeptRate>) -> Converter {
        let conversion = Conversion {
            into: into.parse().unwrap(),
            day: RateDay::Announced,
            max_age: 7,
            sources: BTreeSet::new(),
        };
        Converter::new(conversion, rates, BTreeMap::new())
    }

    fn convert(converter: &mut Converter, minor: i128, from: &str, day: &str) -> Option<i128> {
        converter
            .cross(from.parse().unwrap(), day.parse().ok())?
            .convert(minor)
    }

    #[test]
    fn values_worked_by_hand() {
        let day = "2018-02-14";
        // 500,000,000.00 EUR at 0.8 EUR per USD is 625,000,000.00 USD.
        let mut usd = converter("USD", vec![rate("EUR", day, "0.8")]);
        assert_eq!(
            convert(&mut usd, 50_000_000_000, "EUR", day),
            Some(62_500_000_000)
        );
        // 1.000 KWD at 0.3 is 3.333… USD; 1.00 JPY-less: 100 JPY at 125 is 0.80 USD.
        let mut usd = converter("USD", vec![rate("KWD", day, "0.3"), rate("JPY", day, "125")]);
        assert_eq!(convert(&mut usd, 1000, "KWD", day), Some(333));
        assert_eq!(convert(&mut usd, 100, "JPY", day), Some(80));
        // Through the dollar: 3.00 EUR at 0.75 is 4 USD, at 0.3 is 1.200 KWD.
        let mut kwd = converter("KWD", vec![rate("EUR", day, "0.75"), rate("KWD", day, "0.3")]);
        assert_eq!(convert(&mut kwd, 300, "EUR", day), Some(1200));
        let day = day.parse().ok();
        let through = kwd.cross("EUR".parse().unwrap(), day).unwrap();
        assert_eq!(through.rates.len(), 2);
    }

    #[test]
    fn halves_go_to_the_even_neighbour_once_at_the_end() {
        let day = "2020-01-01";
        // At 2 per USD, 0.01 is half a cent, 0.03 one and a half, 0.05 two and a half.
        let mut usd = converter("USD", vec![rate("EUR", day, "2")]);
        assert_eq!(convert(&mut usd, 1, "EUR", day), Some(0));
        assert_eq!(convert(&mut usd, 3, "EUR", day), Some(2));
        assert_eq!(convert(&mut usd, 5, "EUR", day), Some(2));
        assert_eq!(convert(&mut usd, -3, "EUR", day), Some(-2));
        // A third through the dollar and back is not rounded on the way.
        let mut gbp = converter("GBP", vec![rate("EUR", day, "3"), rate("GBP", day, "3")]);
        assert_eq!(convert(&mut gbp, 1, "EUR", day), Some(1));
    }

    #[test]
    fn a_rate_serves_from_its_day_until_it_is_too_old() {
        let mut usd = converter(
            "USD",
            vec![rate("EUR", "2018-02-01", "0.5"), rate("EUR", "2018-02-09", "0.8")],
        );
        assert_eq!(convert(&mut usd, 100, "EUR", "2018-01-31"), None);
        assert_eq!(convert(&mut usd, 100, "EUR", "2018-02-08"), Some(200));
        assert_eq!(convert(&mut usd, 100, "EUR", "2018-02-16"), Some(125));
        assert_eq!(convert(&mut usd, 100, "EUR", "2018-02-17"), None);
        assert_eq!(convert(&mut usd, 100, "SYP", "2018-02-09"), None);
        assert_eq!(convert(&mut usd, 100, "USD", "2018-02-09"), Some(100));
    }

    #[test]
    fn events_at_their_own_rates_are_rounded_once_together() {
        let mut usd = converter(
            "USD",
            vec![rate("EUR", "2020-01-01", "2"), rate("EUR", "2020-02-01", "4")],
        );
        let eur = "EUR".parse().unwrap();
        let january = usd.cross(eur, "2020-01-01".parse().ok()).unwrap();
        let february = usd.cross(eur, "2020-02-01".parse().ok()).unwrap();
        // Half a cent and a quarter of one are three quarters, which is one cent; each on its own would be none.
        assert_eq!(Cross::together(&[(1, january), (1, february)]), Some(1));
        assert_eq!(Cross::together(&[]), Some(0));
    }

    #[test]
    fn the_largest_amounts_are_converted_exactly() {
        let day = "2020-01-01";
        let mut idr = converter(
            "IDR",
            vec![
                rate("IDR", day, "14000.123456789"),
                rate("KWD", day, "0.300000000000000001"),
            ],
        );
        // 10^15 KWD / 0.300000000000000001 × 14000.123456789, in hundredths.
        let got = convert(&mut idr, 1_000_000_000_000_000_000, "KWD", day).unwrap();
        let exact = BigInt::from(10_i128.pow(15))
            * BigInt::from(14_000_123_456_789_i128)
            * BigInt::from(10_i128.pow(11));
        let divide = BigInt::from(300_000_000_000_000_001_i128);
        let floor = i128::try_from(exact / divide).unwrap();
        assert!(got == floor || got == floor + 1);
    }

    #[test]
    fn a_figure_that_no_sum_could_hold_is_none() {
        let day = "2020-01-01";
        let mut idr = converter(
            "IDR",
            vec![
                rate("IDR", day, "999999999999999999"),
                rate("KWD", day, "0.000000000000000001"),
            ],
        );
        assert_eq!(convert(&mut idr, 1_000_000_000_000_000_000, "KWD", day), None);
    }
}
