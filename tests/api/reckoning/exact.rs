//! Exact numbers: fractions of whole numbers, decimals as text, and the one rounding.

use num_bigint::{BigInt, BigUint, Sign};

/// A currency's number of decimals by ISO 4217, of the currencies that are reckoned with.
pub fn decimals(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" | "ISK" | "XOF" | "XAF" | "CLP" | "VND" | "UGX" | "PYG" | "RWF" => 0,
        "KWD" | "BHD" | "IQD" | "JOD" | "OMR" | "LYD" | "TND" => 3,
        _ => 2,
    }
}

/// A fraction whose denominator is above zero.
#[derive(Debug, Clone)]
pub struct Fraction {
    over: BigInt,
    under: BigInt,
}

impl Fraction {
    pub fn whole(number: i128) -> Self {
        Self {
            over: number.into(),
            under: 1.into(),
        }
    }

    /// Of a decimal in ASCII digits: `0.8098`, `-60558`.
    pub fn read(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
        Some(Self {
            over: digits,
            under: BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?),
        })
    }

    pub fn plus(&self, other: &Self) -> Self {
        Self {
            over: &self.over * &other.under + &other.over * &self.under,
            under: &self.under * &other.under,
        }
    }

    pub fn times(&self, other: &Self) -> Self {
        Self {
            over: &self.over * &other.over,
            under: &self.under * &other.under,
        }
    }

    /// Divided by a number that is above zero.
    pub fn by(&self, other: &Self) -> Self {
        assert!(other.over.sign() == Sign::Plus, "{other:?} divides");
        Self {
            over: &self.over * &other.under,
            under: &self.under * &other.over,
        }
    }

    pub fn is_above_zero(&self) -> bool {
        self.over.sign() == Sign::Plus
    }

    /// To the nearest whole number; from halfway to the even one.
    pub fn rounded(&self) -> BigInt {
        let under = self.under.magnitude();
        let whole = self.over.magnitude() / under;
        let twice_the_rest = (self.over.magnitude() % under) * 2_u32;
        let is_odd = &whole % 2_u32 == BigUint::from(1_u32);
        let up = twice_the_rest > *under || (twice_the_rest == *under && is_odd);
        let nearest = whole + u32::from(up);
        BigInt::from_biguint(self.over.sign(), nearest)
    }

    /// With so many decimals: `1.250`.
    pub fn written(&self, decimals: u32) -> String {
        let shifted = self.times(&Self::whole(10_i128.pow(decimals)));
        written(&shifted.rounded().to_string(), decimals)
    }
}

/// Minor units as a decimal of so many decimals.
fn written(minor: &str, decimals: u32) -> String {
    let decimals = decimals as usize;
    let (sign, digits) = minor
        .strip_prefix('-')
        .map_or(("", minor), |digits| ("-", digits));
    if decimals == 0 {
        return format!("{sign}{digits}");
    }
    let digits = format!("{digits:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    format!("{sign}{whole}.{fraction}")
}

/// Minor units of a currency, as the register writes them.
pub fn money(minor: i128, currency: &str) -> String {
    written(&minor.to_string(), decimals(currency))
}

#[test]
fn halves_go_to_the_even_side() {
    for (text, expected) in [
        ("0.5", 0),
        ("1.5", 2),
        ("2.5", 2),
        ("2.51", 3),
        ("-0.5", 0),
        ("-1.5", -2),
        ("-2.5", -2),
        ("7", 7),
    ] {
        let fraction = Fraction::read(text).unwrap();
        assert_eq!(fraction.rounded(), BigInt::from(expected), "{text}");
    }
    assert_eq!(money(-5, "USD"), "-0.05");
    assert_eq!(money(5, "KWD"), "0.005");
    assert_eq!(money(5, "JPY"), "5");
}
