//! Conversion: exact arithmetic over rates that are named.
//!
//! An amount goes from its currency to the dollar and from there to the one
//! that is asked for, as one fraction of whole numbers; it is rounded once,
//! half to even, at the end. Where a rate is missing there is no figure.

use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, TimeDelta};
use num_bigint::{BigInt, Sign};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    rates::PerUsd,
    values::{Currency, PartialDate},
};

use super::basis::{Conversion, RateDay};

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
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct KeptRate {
    pub currency: Currency,
    pub date: NaiveDate,
    pub per_usd: PerUsd,
    pub source: String,
}

/// The rates that a question may need, and which of them served.
pub struct Converter {
    conversion: Conversion,
    /// By currency, in the order of their days; of several sources the first by name.
    rates: HashMap<&'static str, Vec<KeptRate>>,
    used: BTreeSet<UsedRate>,
}

impl Converter {
    #[must_use]
    pub fn new(conversion: Conversion, mut kept: Vec<KeptRate>) -> Self {
        kept.sort_by(|one, other| (one.date, &other.source).cmp(&(other.date, &one.source)));
        let mut rates: HashMap<&'static str, Vec<KeptRate>> = HashMap::new();
        for rate in kept {
            rates.entry(rate.currency.code()).or_default().push(rate);
        }
        Self {
            conversion,
            rates,
            used: BTreeSet::new(),
        }
    }

    #[must_use]
    pub fn target(&self) -> Currency {
        self.conversion.into
    }

    /// The day whose rate converts what was pledged; a partial date is taken at its last day.
    #[must_use]
    pub fn day(&self, announced_on: Option<PartialDate>) -> Option<NaiveDate> {
        match self.conversion.day {
            RateDay::Fixed(day) => Some(day),
            RateDay::Announced | RateDay::Event => announced_on.map(PartialDate::last),
        }
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

    /// Both rates that a currency needs on a day, noted as used; `None` where one is missing.
    pub fn cross(&mut self, from: Currency, day: NaiveDate) -> Option<Cross> {
        if from == self.conversion.into {
            return Some(Cross {
                multiply: BigInt::from(1),
                divide: BigInt::from(1),
                rates: Vec::new(),
            });
        }
        let (from_rate, into_rate) = (self.rate(from, day)?, self.rate(self.conversion.into, day)?);
        let rates: Vec<UsedRate> = [&from_rate, &into_rate]
            .into_iter()
            .filter_map(|it| it.rate.clone())
            .collect();
        self.used.extend(rates.iter().cloned());
        // minor_into = minor_from × (into / from) × 10^(into's decimals − from's decimals)
        let ten = BigInt::from(10);
        Some(Cross {
            multiply: into_rate.digits * ten.pow(from_rate.scale + self.conversion.into.minor_units()),
            divide: from_rate.digits * ten.pow(into_rate.scale + from.minor_units()),
            rates,
        })
    }

    #[must_use]
    pub fn used(self) -> Vec<UsedRate> {
        self.used.into_iter().collect()
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
pub struct Cross {
    multiply: BigInt,
    divide: BigInt,
    pub rates: Vec<UsedRate>,
}

impl Cross {
    /// Minor units of the other currency, rounded half to even; `None` when they would not fit.
    #[must_use]
    pub fn convert(&self, minor: i128) -> Option<i128> {
        rounded(&(BigInt::from(minor) * &self.multiply), &self.divide)
    }

    /// The sum of amounts that are converted each at its own rate, rounded once.
    #[must_use]
    pub fn convert_together(amounts: &[(i64, Self)]) -> Option<i128> {
        let none = (BigInt::from(0), BigInt::from(1));
        let (numerator, denominator) =
            amounts
                .iter()
                .fold(none, |(numerator, denominator), (minor, cross)| {
                    let added = BigInt::from(*minor) * &cross.multiply * &denominator;
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
    let magnitude = i128::try_from(quotient + u8::from(up)).ok()?;
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
        };
        Converter::new(conversion, rates)
    }

    fn convert(converter: &mut Converter, minor: i128, from: &str, day: &str) -> Option<i128> {
        converter
            .cross(from.parse().unwrap(), day.parse().unwrap())?
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
        assert_eq!(kwd.used().len(), 2);
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
        let january = usd.cross(eur, "2020-01-01".parse().unwrap()).unwrap();
        let february = usd.cross(eur, "2020-02-01".parse().unwrap()).unwrap();
        // Half a cent and a quarter of one are three quarters, which is one cent; each on its own would be none.
        assert_eq!(Cross::convert_together(&[(1, january), (1, february)]), Some(1));
        assert_eq!(Cross::convert_together(&[]), Some(0));
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
}
