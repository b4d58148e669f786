//! Numbers, however they are written: by digits, by words, with a scale.

use std::fmt;

use super::NUMBER_MARK;

/// How many digits are a number to us; what has more is a word.
const MOST_DIGITS: usize = 24;

/// A number of zero or more, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: u128,
    /// How many of the digits stand behind the point.
    decimals: usize,
}

impl Decimal {
    /// Of ASCII digits with at most one point among them.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() || whole.len() + fraction.len() > MOST_DIGITS {
            return None;
        }
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self {
            digits,
            decimals: fraction.len(),
        })
    }

    pub fn of(number: u64) -> Self {
        Self {
            digits: number.into(),
            decimals: 0,
        }
    }

    /// One number over another, where that comes out even.
    pub fn ratio(above: u64, below: u64) -> Option<Self> {
        const MOST_DECIMALS: usize = 9;
        let (mut digits, below) = (u128::from(above), u128::from(below));
        for decimals in 0..=MOST_DECIMALS {
            if digits.checked_rem(below)? == 0 {
                return Some(Self {
                    digits: digits / below,
                    decimals,
                });
            }
            digits = digits.checked_mul(10)?;
        }
        None
    }

    /// So many times as much, where that is still a number to us.
    pub fn times(self, scale: u64) -> Option<Self> {
        let digits = self.digits.checked_mul(scale.into())?;
        (digits.checked_ilog10().unwrap_or(0) < 36).then_some(Self { digits, ..self })
    }

    /// As it stands among the stems.
    pub fn stem(self) -> String {
        format!("{NUMBER_MARK}{self}")
    }
}

/// Without a zero that says nothing: 1.50 is 1.5, and 007 is 7.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.decimals == 0 {
            return write!(f, "{}", self.digits);
        }
        let digits = format!("{:0>width$}", self.digits, width = self.decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.decimals);
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() {
            f.write_str(whole)
        } else {
            write!(f, "{whole}.{fraction}")
        }
    }
}

/// A number word where it stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberWord {
    pub value: u64,
    /// Whether it is a number by itself.
    pub alone: bool,
    /// Written together with an و before it, or behind an `and`.
    pub joined: bool,
    pub arabic: bool,
}

/// What a number that was read so far becomes by the next word, if that is a part of it: `two hundred`, `quatre-vingt-dix`,
/// خمسة وعشرون.
pub(super) fn with_next(total: u64, next: NumberWord) -> Option<u64> {
    let NumberWord {
        value,
        joined,
        arabic,
        ..
    } = next;
    let last_two = total % 100;
    let is_tens = |number: u64| (20..=90).contains(&number) && number.is_multiple_of(10);
    match value {
        100 if (1..10).contains(&total) && !joined => Some(total * 100),
        // Quatre-vingts.
        20 if last_two == 4 && !joined && !arabic => Some(total + 76),
        1..=99 if total >= 100 && last_two == 0 => Some(total + value),
        1..=9 if is_tens(last_two) && !arabic => Some(total + value),
        // Soixante-dix, quatre-vingt-onze.
        10..=19 if matches!(last_two, 60 | 80) && !arabic => Some(total + value),
        // ثلاثة عشر
        10 if (1..10).contains(&last_two) && arabic && !joined => Some(total + 10),
        _ if is_tens(value) && (1..10).contains(&last_two) && arabic && joined => Some(total + value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_one_way() {
        for (written, expected) in [
            ("200", "200"),
            ("007", "7"),
            ("000", "0"),
            ("1.50", "1.5"),
            ("0.05", "0.05"),
            ("200000000.00", "200000000"),
        ] {
            assert_eq!(Decimal::parse(written).unwrap().to_string(), expected);
        }
        assert_eq!(
            Decimal::parse("1.5")
                .unwrap()
                .times(1_000_000_000)
                .unwrap()
                .stem(),
            "#1500000000"
        );
        assert_eq!(
            Decimal::parse("88.2").unwrap().times(1_000).unwrap().stem(),
            "#88200"
        );
        for (above, below, expected) in [
            (1, 2, "0.5"),
            (7, 8, "0.875"),
            (0, 3, "0"),
            (11, 2, "5.5"),
            (4, 2, "2"),
        ] {
            assert_eq!(Decimal::ratio(above, below).unwrap().to_string(), expected);
        }
        assert_eq!(Decimal::ratio(1, 3), None);
        assert_eq!(Decimal::ratio(1, 0), None);
        assert_eq!(Decimal::parse(&"9".repeat(25)), None);
        assert_eq!(Decimal::parse(".5"), None);
    }
}
