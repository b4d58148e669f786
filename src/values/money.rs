//! Money is exact: integer minor units inside, decimal strings outside, never a float.

use serde_json::Value;

use super::{Currency, FromValue, described};
use crate::error::Faults;

/// Largest amount that one figure may state, in whole units of its currency.
pub const LARGEST_UNITS: i64 = 1_000_000_000_000_000;

/// A decimal as it was written, before its currency is known.
///
/// A body names its currency in another field, so an amount is read in two
/// steps: its shape here, its decimals by [`Amount::in_currency`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    whole: i64,
    fraction: String,
}

impl Amount {
    /// Minor units of `currency`; fewer decimals than it has are padded, more are refused.
    pub fn in_currency(&self, currency: Currency) -> Result<i64, String> {
        let digits = currency.minor_units() as usize;
        if self.fraction.len() > digits {
            return Err(format!(
                "has {} decimals; {currency} has {digits}",
                self.fraction.len()
            ));
        }
        let padded = format!("{:0<digits$}", self.fraction);
        let fraction: i64 = if padded.is_empty() {
            0
        } else {
            padded.parse().map_err(|_| "is no decimal".to_owned())?
        };
        let scale = 10_i64.pow(currency.minor_units());
        self.whole
            .checked_mul(scale)
            .and_then(|minor| minor.checked_add(fraction))
            .ok_or_else(too_large)
    }

    /// Whether two decimals have one value: 200 is 200.00.
    #[must_use]
    pub fn same_value(&self, other: &Self) -> bool {
        self.whole == other.whole
            && self.fraction.trim_end_matches('0') == other.fraction.trim_end_matches('0')
    }

    /// An amount that someone states: at most [`LARGEST_UNITS`].
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::parse_sum(text).and_then(|amount| {
            let beyond = amount.whole > LARGEST_UNITS
                || (amount.whole == LARGEST_UNITS && amount.fraction.bytes().any(|b| b != b'0'));
            if beyond { Err(too_large()) } else { Ok(amount) }
        })
    }

    /// A sum of amounts, which may be larger than any of them.
    pub fn parse_sum(text: &str) -> Result<Self, String> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(shape()),
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) {
            return Err(shape());
        }
        let whole = whole.trim_start_matches('0');
        let whole: i64 = if whole.is_empty() {
            0
        } else {
            whole.parse().map_err(|_| too_large())?
        };
        Ok(Self {
            whole,
            fraction: fraction.to_owned(),
        })
    }
}

fn shape() -> String {
    "must be a decimal string in ASCII digits without sign, grouping or exponent, such as \"200000000.00\""
        .into()
}

fn too_large() -> String {
    format!("must be at most {LARGEST_UNITS} units of the currency")
}

impl FromValue for Amount {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let parsed = match value {
            Value::String(text) => Self::parse(text),
            Value::Number(_) => {
                faults.add(at, "number", "must be a string, \"200000000.00\": a JSON number may lose digits on its way through a program's floating point");
                return None;
            }
            _ => Err(shape()),
        };
        parsed.map_err(|detail| faults.add(at, "amount", detail)).ok()
    }
}

described!(
    Amount,
    "Amount",
    "A decimal string with at most as many decimals as its currency has (USD 2, KWD 3, JPY 0); an answer has exactly as many. Never a JSON number. At most 10^15 units.",
    "^-?[0-9]+(\\.[0-9]+)?$",
    "200000000.00"
);

/// Minor units as a decimal string with the currency's own number of decimals.
#[must_use]
pub fn decimal(minor: impl Into<i128>, currency: Currency) -> String {
    let minor = minor.into();
    let digits = currency.minor_units() as usize;
    let sign = if minor < 0 { "-" } else { "" };
    let text = format!("{:0>width$}", minor.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn minor(text: &str, currency: &str) -> Result<i64, String> {
        Amount::parse(text)?.in_currency(currency.parse()?)
    }

    #[test]
    fn amounts_are_read_in_the_minor_units_of_their_currency() {
        assert_eq!(minor("200000000.00", "USD"), Ok(20_000_000_000));
        assert_eq!(minor("1.5", "USD"), Ok(150));
        assert_eq!(minor("1.234", "KWD"), Ok(1234));
        assert_eq!(minor("1000", "JPY"), Ok(1000));
        assert_eq!(minor("007", "USD"), Ok(700));
        assert_eq!(minor("1000000000000000", "KWD"), Ok(1_000_000_000_000_000_000));
    }

    #[test]
    fn what_is_no_plain_decimal_is_refused() {
        for bad in [
            "",
            ".5",
            "5.",
            "-1",
            "+1",
            "1e3",
            "1,000",
            "1 000",
            "٢٠٠",
            "0x1",
            "1.2.3",
            "1000000000000001",
            "1000000000000000.01",
            "1.001",
        ] {
            assert!(minor(bad, "USD").is_err(), "{bad}");
        }
        assert!(minor("1.5", "JPY").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(amount in 0_i64..=100_000_000_000_000_000, currency in prop::sample::select(vec!["USD", "JPY", "KWD"])) {
            let currency: Currency = currency.parse().unwrap();
            prop_assume!(amount / 10_i64.pow(currency.minor_units()) < LARGEST_UNITS);
            let text = decimal(amount, currency);
            prop_assert_eq!(Amount::parse(&text).unwrap().in_currency(currency), Ok(amount));
        }
    }

    #[test]
    fn negative_figures_keep_their_sign() {
        let usd = "USD".parse().unwrap();
        assert_eq!(decimal(-5, usd), "-0.05");
        assert_eq!(decimal(0, usd), "0.00");
    }
}
