//! Currencies: ISO 4217 list one. Its minor units, not CLDR's, which differ for seventeen codes.

use std::{fmt, str::FromStr, sync::OnceLock};

use super::{described, from_text, stored_as_text};

/// The table is data, so that a new currency is a line there and nothing here.
const TABLE: &str = include_str!("../../data/currencies.csv");

#[derive(Debug)]
struct Iso {
    code: &'static str,
    minor_units: u32,
}

fn table() -> &'static [Iso] {
    static PARSED: OnceLock<Vec<Iso>> = OnceLock::new();
    PARSED.get_or_init(|| {
        TABLE
            .lines()
            .skip(1)
            .filter_map(|line| {
                let mut cells = line.split(',');
                Some(Iso {
                    code: cells.next()?,
                    minor_units: cells.next()?.parse().ok()?,
                })
            })
            .collect()
    })
}

/// A currency in use, by its ISO 4217 code.
#[derive(Clone, Copy)]
pub struct Currency(&'static Iso);

impl Currency {
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// How many decimals an amount has: 2 for USD, 3 for KWD, 0 for JPY.
    #[must_use]
    pub fn minor_units(self) -> u32 {
        self.0.minor_units
    }
}

impl FromStr for Currency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let upper = text.to_ascii_uppercase();
        table()
            .iter()
            .find(|iso| iso.code == upper)
            .map(Self)
            .ok_or_else(|| "must be an ISO 4217 currency code such as USD, EUR or KWD".into())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code)
    }
}

impl PartialEq for Currency {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code
    }
}
impl Eq for Currency {}

stored_as_text!(Currency);
from_text!(Currency);
described!(
    Currency,
    "Currency",
    "An ISO 4217 code. Any case in, upper case out.",
    "^[A-Za-z]{3}$",
    "USD"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_are_those_of_iso_4217() {
        for (code, units) in [
            ("USD", 2),
            ("EUR", 2),
            ("JPY", 0),
            ("KWD", 3),
            ("BHD", 3),
            ("IQD", 3),
            ("JOD", 3),
            ("OMR", 3),
            ("LYD", 3),
            ("TND", 3),
            ("LBP", 2),
            ("SYP", 2),
        ] {
            assert_eq!(code.parse::<Currency>().unwrap().minor_units(), units, "{code}");
        }
        assert!("XXY".parse::<Currency>().is_err());
    }
}
