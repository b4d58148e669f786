//! Dates are what they are: a day, a month or a year, each the interval it covers.

use std::{fmt, str::FromStr};

use chrono::{NaiveDate, TimeDelta};

use super::{Timestamp, described, from_text, stored_as_text};

/// How far ahead of UTC the first are who have a day.
const FIRST_TO_HAVE_A_DAY: TimeDelta = TimeDelta::hours(14);

/// `2018-02-13`, `2018-02` or `2018`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PartialDate {
    year: i32,
    month: Option<u32>,
    day: Option<u32>,
}

impl PartialDate {
    /// The first day that it covers.
    #[must_use]
    pub fn first(self) -> NaiveDate {
        // Every PartialDate is built by FromStr, which has checked that the day exists.
        NaiveDate::from_ymd_opt(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1))
            .unwrap_or(NaiveDate::MIN)
    }

    /// The last day that it covers.
    #[must_use]
    pub fn last(self) -> NaiveDate {
        let next = match (self.month, self.day) {
            (_, Some(_)) => return self.first(),
            (Some(month), None) if month < 12 => NaiveDate::from_ymd_opt(self.year, month + 1, 1),
            _ => NaiveDate::from_ymd_opt(self.year + 1, 1, 1),
        };
        next.and_then(|day| day.pred_opt()).unwrap_or(NaiveDate::MAX)
    }

    /// Where none of its days has begun anywhere on earth by then: the last day that has.
    #[must_use]
    pub fn ahead_of(self, now: Timestamp) -> Option<NaiveDate> {
        let last_begun = now.checked_add_signed(FIRST_TO_HAVE_A_DAY)?.date_naive();
        (self.first() > last_begun).then_some(last_begun)
    }

    /// Its year and its month: the less precise dates that cover its first day.
    #[must_use]
    pub fn around_first(self) -> [Self; 2] {
        let year = Self {
            month: None,
            day: None,
            ..self
        };
        let month = self.month.or(Some(1));
        [year, Self { month, ..year }]
    }
}

impl From<NaiveDate> for PartialDate {
    fn from(day: NaiveDate) -> Self {
        use chrono::Datelike;
        Self {
            year: day.year(),
            month: Some(day.month()),
            day: Some(day.day()),
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

impl FromStr for PartialDate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || "must be a date that exists, as 2018-02-13, 2018-02 or 2018".to_owned();
        let number = |part: &str, digits: usize| {
            (part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
                .then(|| part.parse::<u32>().ok())
                .flatten()
        };
        let mut parts = text.split('-');
        let year = parts.next().and_then(|part| number(part, 4)).ok_or_else(shape)?;
        let month = parts
            .next()
            .map(|part| number(part, 2).ok_or_else(shape))
            .transpose()?;
        let day = parts
            .next()
            .map(|part| number(part, 2).ok_or_else(shape))
            .transpose()?;
        let year = i32::try_from(year).map_err(|_| shape())?;
        if year == 0 || parts.next().is_some() {
            return Err(shape());
        }
        NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1)).ok_or_else(shape)?;
        Ok(Self { year, month, day })
    }
}

stored_as_text!(PartialDate);
from_text!(PartialDate);
described!(
    PartialDate,
    "PartialDate",
    "A day, a month or a year, as precise as the source is; it stands for all the days that it covers.",
    "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
    "2018-02-13"
);

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(text: &str) -> (String, String) {
        let date: PartialDate = text.parse().unwrap();
        assert_eq!(date.to_string(), text);
        (date.first().to_string(), date.last().to_string())
    }

    #[test]
    fn a_partial_date_is_the_interval_it_covers() {
        assert_eq!(interval("2018-02-13"), ("2018-02-13".into(), "2018-02-13".into()));
        assert_eq!(interval("2018-02"), ("2018-02-01".into(), "2018-02-28".into()));
        assert_eq!(interval("2016-02"), ("2016-02-01".into(), "2016-02-29".into()));
        assert_eq!(interval("2018-12"), ("2018-12-01".into(), "2018-12-31".into()));
        assert_eq!(interval("2018"), ("2018-01-01".into(), "2018-12-31".into()));
        assert_eq!(interval("9999"), ("9999-01-01".into(), "9999-12-31".into()));
    }

    #[test]
    fn the_year_and_the_month_of_a_day_cover_it() {
        for (date, around) in [
            ("2018-02-13", ["2018", "2018-02"]),
            ("2018-02", ["2018", "2018-02"]),
            ("2018", ["2018", "2018-01"]),
        ] {
            let date: PartialDate = date.parse().unwrap();
            assert_eq!(date.around_first().map(|it| it.to_string()), around);
        }
    }

    #[test]
    fn a_date_is_ahead_until_its_first_day_has_begun_somewhere() {
        let ahead = |date: &str, now: &str| {
            let date: PartialDate = date.parse().unwrap();
            date.ahead_of(now.parse().unwrap()).map(|day| day.to_string())
        };
        for date in ["2018-02-14", "2018-02", "2018", "2017-12-31"] {
            assert_eq!(ahead(date, "2018-02-13T10:00:00Z"), None, "{date}");
        }
        for date in ["2018-02-14", "2018-03", "2019", "9999"] {
            let day = Some("2018-02-13".to_owned());
            assert_eq!(ahead(date, "2018-02-13T09:59:59Z"), day, "{date}");
        }
    }

    #[test]
    fn a_day_that_does_not_exist_is_refused() {
        for bad in [
            "",
            "18",
            "2018-2",
            "2018-13",
            "2018-02-30",
            "2018-02-13T00:00",
            "2018-02-13-1",
            "٢٠١٨",
            "0000",
            "+018",
        ] {
            assert!(bad.parse::<PartialDate>().is_err(), "{bad}");
        }
    }
}
