//! Files of rates: the European Central Bank's table of all days, and the register's own list as CSV.
//!
//! The bank's table has a row a day and a column a currency, a number the units of it per euro. A dollar is 1 / USD
//! euros, so everything is divided by the day's USD: exactly, as whole numbers, and rounded once.

use std::{collections::BTreeMap, collections::HashMap, fmt};

use chrono::NaiveDate;
use num_bigint::BigUint;

use super::{Draft, LONGEST_SOURCE, PerUsd};
use crate::{
    values::{Currency, FromText},
    web::undefused,
};

/// How many decimals a rate that was divided is given.
const DECIMALS: u32 = 18;

/// What a file says.
#[derive(Debug, Default)]
pub struct RateFile {
    pub drafts: Vec<Draft>,
    /// The currencies that the register does not know, and how many rates of each were left out.
    pub unknown: BTreeMap<String, usize>,
}

/// Why a file cannot be read, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    line: u64,
    why: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

fn malformed<T>(line: u64, why: impl Into<String>) -> Result<T, Malformed> {
    Err(Malformed {
        line,
        why: why.into(),
    })
}

/// Reads a file in either layout, told apart by its first line. The bank's says nothing of its source, so that is
/// `source`; in the register's own each line has one, unless `source` is to stand in its place.
pub fn read(bytes: &[u8], source: Option<&str>) -> Result<RateFile, Malformed> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        // The bank's lines end in a comma in some years, and not in others.
        .flexible(true)
        .from_reader(bytes);
    let source = source
        .map(source_from)
        .transpose()
        .or_else(|why| malformed(0, why))?;
    let mut lines = reader.records().map(|record| {
        record.map_err(|error| Malformed {
            line: error.position().map_or(1, csv::Position::line),
            why: "is no line of CSV in UTF-8".to_owned(),
        })
    });
    let mut header = lines.next().transpose()?.unwrap_or_default();
    header.trim();
    let mut file = Reading {
        file: RateFile::default(),
        lines: HashMap::new(),
    };
    if header
        .get(0)
        .is_some_and(|name| name.eq_ignore_ascii_case("date"))
        && !header.iter().any(|name| name == "per_usd")
    {
        let Some(source) = source else {
            return malformed(
                1,
                "the European Central Bank's layout names no source; say it with --source ECB",
            );
        };
        let table = EcbTable::new(&header, source)?;
        for line in lines {
            let mut cells = line?;
            cells.trim();
            table.read(&cells, &mut file)?;
        }
    } else {
        let list = OwnList::new(&header, source)?;
        for line in lines {
            list.read(&line?, &mut file)?;
        }
    }
    Ok(file.file)
}

/// A file being read.
struct Reading {
    file: RateFile,
    /// On which line each currency, day and source stands.
    lines: HashMap<(&'static str, NaiveDate, String), (u64, PerUsd)>,
}

impl Reading {
    fn add(&mut self, line: u64, draft: Draft) -> Result<(), Malformed> {
        let key = (draft.currency.code(), draft.date, draft.source.clone());
        if let Some((first, per_usd)) = self.lines.get(&key) {
            return if *per_usd == draft.per_usd {
                Ok(())
            } else {
                malformed(
                    line,
                    format!(
                        "{} on {} stands on line {first} already, and says otherwise there",
                        draft.currency, draft.date
                    ),
                )
            };
        }
        self.lines.insert(key, (line, draft.per_usd.clone()));
        self.file.drafts.push(draft);
        Ok(())
    }

    fn leave_out(&mut self, currency: &str) {
        *self.file.unknown.entry(currency.to_owned()).or_default() += 1;
    }
}

/// A column of the bank's table.
enum Column {
    Known(Currency),
    Unknown(String),
    /// Without a name, as behind a last comma.
    Empty,
}

struct EcbTable {
    /// Those after the date.
    columns: Vec<Column>,
    usd: usize,
    source: String,
}

impl EcbTable {
    fn new(header: &csv::StringRecord, source: String) -> Result<Self, Malformed> {
        let mut columns = Vec::new();
        for name in header.iter().skip(1) {
            let is_code = name.len() == 3 && name.bytes().all(|byte| byte.is_ascii_uppercase());
            columns.push(match Currency::from_text(name) {
                _ if name.is_empty() => Column::Empty,
                Ok(currency) if is_code => Column::Known(currency),
                _ if is_code => Column::Unknown(name.to_owned()),
                _ => {
                    return malformed(
                        1,
                        format!("{name:?} is no currency's code; after Date each column is one, such as USD"),
                    );
                }
            });
        }
        for (at, name) in header.iter().enumerate().skip(1) {
            if !name.is_empty() && header.iter().take(at).any(|earlier| earlier == name) {
                return malformed(1, format!("{name} has two columns"));
            }
        }
        let Some(usd) = header.iter().position(|name| name == "USD") else {
            return malformed(
                1,
                "there is no column USD; without it nothing can be said per US dollar",
            );
        };
        Ok(Self { columns, usd, source })
    }

    fn read(&self, cells: &csv::StringRecord, into: &mut Reading) -> Result<(), Malformed> {
        let line = cells.position().map_or(0, csv::Position::line);
        if cells
            .iter()
            .skip(self.columns.len() + 1)
            .any(|cell| !cell.is_empty())
        {
            return malformed(line, "has more cells than the first line has names");
        }
        let date = date_from(line, cells.get(0))?;
        let number = |at: usize| {
            match cells.get(at) {
            None | Some("" | "N/A") => Ok(None),
            Some(text) => Decimal::parse(text).map(Some).ok_or_else(|| Malformed {
                line,
                why: format!("{text:?} is no number above zero such as 1.2348; where there is none, N/A or nothing stands"),
            }),
        }
        };
        let usd = number(self.usd)?;
        let mut add = |currency: Currency, units: &Decimal| {
            // A day without dollars says nothing per dollar.
            let Some(usd) = &usd else { return Ok(()) };
            let Some(per_usd) = units.divided_by(usd) else {
                return malformed(
                    line,
                    format!("the rate of {currency} is too large or too small to be kept"),
                );
            };
            into.add(
                line,
                Draft {
                    currency,
                    date,
                    per_usd,
                    source: self.source.clone(),
                },
            )
        };
        let euro = Currency::from_text("EUR").or_else(|why| malformed(line, why))?;
        add(euro, &Decimal::one())?;
        let mut unknown = Vec::new();
        for (at, column) in (1..).zip(&self.columns) {
            match (column, number(at)?) {
                (Column::Known(currency), Some(units)) if at != self.usd => add(*currency, &units)?,
                (Column::Unknown(name), Some(_)) => unknown.push(name),
                (Column::Empty, Some(_)) => return malformed(line, "has a number under no name"),
                _ => {}
            }
        }
        for name in unknown {
            into.leave_out(name);
        }
        Ok(())
    }
}

/// The layout of `/v1/rates?format=csv`: a rate a line, its columns in any order, others passed over.
struct OwnList {
    currency: usize,
    date: usize,
    per_usd: usize,
    /// Where the source stands, or what it is for all lines.
    source: Result<usize, String>,
}

impl OwnList {
    fn new(header: &csv::StringRecord, source: Option<String>) -> Result<Self, Malformed> {
        let column = |name: &str| header.iter().position(|it| it == name);
        match (column("currency"), column("date"), column("per_usd")) {
            (Some(currency), Some(date), Some(per_usd)) => Ok(Self {
                currency,
                date,
                per_usd,
                source: match (source, column("source")) {
                    (Some(source), _) => Err(source),
                    (None, Some(at)) => Ok(at),
                    (None, None) => return malformed(1, "there is no column source; say it with --source"),
                },
            }),
            _ => malformed(
                1,
                "must begin with Date and currencies (Date,USD,JPY,…), as the European Central Bank's file does, or name the columns currency, date, per_usd and source",
            ),
        }
    }

    fn read(&self, cells: &csv::StringRecord, into: &mut Reading) -> Result<(), Malformed> {
        let line = cells.position().map_or(0, csv::Position::line);
        let cell = |at: usize| undefused(cells.get(at).unwrap_or_default()).trim();
        let date = date_from(line, Some(cell(self.date)))?;
        let per_usd = PerUsd::from_text(cell(self.per_usd))
            .or_else(|why| malformed(line, format!("per_usd {:?} {why}", cell(self.per_usd))))?;
        let source = match &self.source {
            Ok(at) => source_from(cell(*at)).or_else(|why| malformed(line, why))?,
            Err(source) => source.clone(),
        };
        let code = cell(self.currency);
        match Currency::from_text(code) {
            Ok(currency) if currency.code() != "USD" => into.add(
                line,
                Draft {
                    currency,
                    date,
                    per_usd,
                    source,
                },
            ),
            // The dollar needs no rate.
            Ok(_) => Ok(()),
            Err(_) if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
                into.leave_out(code);
                Ok(())
            }
            Err(why) => malformed(line, format!("currency {code:?} {why}")),
        }
    }
}

fn date_from(line: u64, cell: Option<&str>) -> Result<NaiveDate, Malformed> {
    let text = cell.unwrap_or_default();
    let is_day = text.len() == 10;
    match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        Ok(date) if is_day => Ok(date),
        _ => malformed(line, format!("{text:?} is no day such as 2018-02-14")),
    }
}

fn source_from(text: &str) -> Result<String, String> {
    let source = String::from_text(text).map_err(|why| format!("the source {why}"))?;
    if source.chars().count() > LONGEST_SOURCE {
        return Err(format!(
            "the source must be of at most {LONGEST_SOURCE} characters"
        ));
    }
    Ok(source)
}

/// A decimal above zero: `digits` / 10^`scale`.
struct Decimal {
    digits: BigUint,
    scale: u32,
}

impl Decimal {
    fn one() -> Self {
        Self {
            digits: 1_u32.into(),
            scale: 0,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let PerUsd(text) = PerUsd::from_text(text).ok()?;
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        Some(Self {
            digits: format!("{whole}{fraction}").parse().ok()?,
            scale: u32::try_from(fraction.len()).ok()?,
        })
    }

    /// To 18 decimals, half to even. None where that is nothing, or more than a rate can be.
    fn divided_by(&self, other: &Self) -> Option<PerUsd> {
        let dividend = &self.digits * BigUint::from(10_u32).pow(other.scale + DECIMALS);
        let divisor = &other.digits * BigUint::from(10_u32).pow(self.scale);
        let mut quotient = &dividend / &divisor;
        let twice_the_rest = (dividend % &divisor) * 2_u32;
        if twice_the_rest > divisor || (twice_the_rest == divisor && quotient.bit(0)) {
            quotient += 1_u32;
        }
        let digits = format!("{quotient:0>19}");
        let (whole, fraction) = digits.split_at(digits.len() - DECIMALS as usize);
        PerUsd::from_text(&format!("{whole}.{fraction}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ecb(text: &str) -> Result<Vec<String>, String> {
        let file = read(text.as_bytes(), Some("ECB")).map_err(|why| why.to_string())?;
        let said = |it: &Draft| format!("{} {} {} {}", it.currency, it.date, it.per_usd, it.source);
        Ok(file.drafts.iter().map(said).collect())
    }

    #[test]
    fn a_number_is_divided_by_the_day_s_dollars_to_eighteen_decimals() {
        assert_eq!(
            ecb("Date,USD,JPY,\n2018-02-14,1.2348,132.88,\n"),
            Ok(vec![
                "EUR 2018-02-14 0.809847748623258827 ECB".into(),
                "JPY 2018-02-14 107.612568837058632977 ECB".into(),
            ])
        );
        let divided = |a: &str, b: &str| Decimal::parse(a).unwrap().divided_by(&Decimal::parse(b).unwrap());
        let is = |a: &str, b: &str| divided(a, b).unwrap().to_string();
        assert_eq!(is("1", "3"), "0.333333333333333333");
        assert_eq!(is("2", "3"), "0.666666666666666667");
        assert_eq!(is("1", "0.8"), "1.25");
        // Halves go to the even neighbour.
        assert_eq!(is("0.000000000000000001", "0.4"), "0.000000000000000002");
        assert_eq!(is("0.000000000000000003", "2"), "0.000000000000000002");
        assert_eq!(is("0.000000000000000005", "2"), "0.000000000000000002");
        assert!(divided("0.000000000000000001", "2").is_none());
        assert!(divided("999999999999999999", "0.1").is_none());
    }

    #[test]
    fn a_table_has_many_manners() {
        let expected = ecb("Date,USD,JPY\n2018-02-13,1.2333,133.05\n2018-02-14,1.2348,N/A\n").unwrap();
        assert_eq!(expected.len(), 3);
        for same in [
            "\u{feff}Date,USD,JPY,\r\n2018-02-13,1.2333,133.05,\r\n2018-02-14,1.2348,N/A,\r\n",
            "Date, USD, JPY, \n2018-02-13, 1.2333, 133.05, \n2018-02-14, 1.2348, , \n",
            "Date,JPY,USD\n2018-02-13,133.05,1.2333\n2018-02-14,,1.2348\n",
            "Date,USD,JPY\n2018-02-13,1.2333,133.05\n2018-02-13,1.2333,133.05\n2018-02-14,1.2348\n2018-02-15,N/A,133\n",
        ] {
            assert_eq!(ecb(same).as_ref(), Ok(&expected), "{same:?}");
        }
        let newest_first = ecb("Date,USD,JPY\n2018-02-14,1.2348,\n2018-02-13,1.2333,133.05\n").unwrap();
        assert_eq!(newest_first.len(), 3);
    }

    #[test]
    fn currencies_that_are_no_longer_are_counted() {
        let file = read(
            b"Date,USD,HRK,BGN\n2018-02-13,1.2,7.4,1.9558\n2018-02-14,1.2,7.4,\n",
            Some("ECB"),
        )
        .unwrap();
        assert_eq!(file.drafts.len(), 2);
        assert_eq!(
            file.unknown,
            BTreeMap::from([("HRK".into(), 2), ("BGN".into(), 1)])
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_says_where() {
        for (text, line, part) in [
            ("", 1, "Date"),
            ("rate,day\n", 1, "per_usd"),
            ("Date,JPY\n", 1, "USD"),
            ("Date,USD,Yen\n", 1, "Yen"),
            ("Date,USD,JPY,USD\n", 1, "two columns"),
            ("Date,USD\n2018-02-14,1.2\n14.02.2018,1.2\n", 3, "14.02.2018"),
            ("Date,USD\n2018-02-30,1.2\n", 2, "2018-02-30"),
            ("Date,USD\n2018-02-14,1,2348\n", 2, "more cells"),
            ("Date,USD\n2018-02-14,-1\n", 2, "-1"),
            ("Date,USD\n2018-02-14,0\n", 2, "\"0\""),
            ("Date,USD,JPY\n2018-02-14,1.2,x\n", 2, "\"x\""),
            ("Date,USD\n2018-02-14,1.2\n2018-02-14,1.3\n", 3, "line 2 already"),
        ] {
            let why = ecb(text).unwrap_err();
            assert!(
                why.starts_with(&format!("line {line}: ")) && why.contains(part),
                "{text:?}: {why}"
            );
        }
        let why = read(b"Date,USD\n", None).unwrap_err().to_string();
        assert!(why.contains("--source"), "{why}");
        assert!(read(b"Date,USD\n\xff,1\n", Some("ECB")).is_err());
    }

    #[test]
    fn the_register_s_own_list_comes_back() {
        let text = "source,per_usd,date,currency,version\n\"Bank, central\",0.2998,2018-02-14,KWD,1\nECB,0.81,2018-02-14,EUR,2\nx,1,2018-02-14,USD,1\nx,7.4,2018-02-14,HRK,1\n";
        let file = read(text.as_bytes(), None).unwrap();
        let sources: Vec<_> = file.drafts.iter().map(|it| it.source.as_str()).collect();
        assert_eq!(sources, ["Bank, central", "ECB"]);
        assert_eq!(file.unknown, BTreeMap::from([("HRK".into(), 1)]));
        // As the register writes it: a text that a spreadsheet would run has an apostrophe.
        let text_of = |source: &str| format!("source,per_usd,date,currency\r\n{source},1,2018-02-14,EUR\r\n");
        for (cell, source) in [
            ("'=IMF", "=IMF"),
            ("''=IMF", "'=IMF"),
            ("'a", "'a"),
            ("\"'@ two\nlines\"", "@ two\nlines"),
            ("\" a \"\"b\"\" \"", "a \"b\""),
            ("' =IMF", "=IMF"),
        ] {
            let file = read(text_of(cell).as_bytes(), None).unwrap();
            assert_eq!(file.drafts[0].source, source, "{cell}");
        }
        assert!(read(text_of("' ").as_bytes(), None).is_ok());
        assert!(read(text_of("\"  \"").as_bytes(), None).is_err());
        assert!(read(text_of(&format!(" {} ", "x".repeat(200))).as_bytes(), None).is_ok());
        assert!(read(text_of(&"x".repeat(201)).as_bytes(), None).is_err());
        let file = read(text.as_bytes(), Some(" mine ")).unwrap();
        assert!(file.drafts.iter().all(|it| it.source == "mine"));
        assert!(read(b"currency,date,per_usd\nEUR,2018-02-14,0.8\n", None).is_err());
    }
}
