//! Query parameters: flat, typed, plain words; all faults at once, the unknown refused by name.

use std::collections::HashSet;

use axum::http::request::Parts;
use chrono::{Datelike, NaiveDate, SubsecRound};
use percent_encoding::percent_decode_str;
use utoipa::{
    PartialSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::{
    error::{Detail, Faults, Result},
    values::{FromText, PartialDate, Timestamp, described, nfc, without_ends},
};

/// How many values one parameter may name. Each is a parameter of the statement, of which a database takes
/// some ten thousands, or a record to be looked up.
const MOST_VALUES: usize = 500;

/// More than a thousand years.
const MOST_DAYS: u32 = 999_999;

/// A query string being read. Every parameter that is asked for is known; what
/// is left over at [`Query::done`] is refused, with the list of the known ones.
/// The contract learns the parameters by the same reading, of an empty query.
#[derive(Default)]
pub struct Query {
    pairs: Vec<(String, String)>,
    /// The names of those whose values cannot be read, which is a fault already.
    unread: Vec<String>,
    /// The day on which it is asked.
    today: NaiveDate,
    known: Vec<Parameter>,
    pub faults: Faults,
}

/// What has a day: by the clock of whoever answers, so that a story's is its own.
pub trait Dated: Send + Sync {
    fn today(&self) -> NaiveDate;
}

/// A parameter that is known, as the contract shows it.
pub struct Parameter {
    pub name: &'static str,
    /// Whether a comma in it means or.
    pub many: bool,
    pub schema: fn() -> RefOr<Schema>,
}

impl Query {
    #[must_use]
    pub fn of(parts: &Parts, today: NaiveDate) -> Self {
        let mut query = Self {
            today,
            ..Self::default()
        };
        for pair in parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name);
            if let (Some(name), Some(value)) = (&name, decoded(value)) {
                query.pairs.push((name.clone(), value));
                continue;
            }
            query.faults.add(
                format!("?{}", name.as_deref().unwrap_or_default()),
                "encoding",
                "is not percent-encoded UTF-8, or holds U+0000; encode it so, without that character",
            );
            query.unread.extend(name);
        }
        query
    }

    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// Every value of a parameter; a comma or a repeated parameter means or.
    pub fn many<T: FromText>(&mut self, name: &'static str) -> Vec<T> {
        self.know(name, true, T::described);
        let mut values = Vec::new();
        if self.too_many(name) {
            return values;
        }
        for (_, text) in self.pairs.iter().filter(|(given, _)| given == name) {
            for word in text.split(',') {
                match T::from_text(word) {
                    Ok(value) => values.push(value),
                    Err(detail) => {
                        let detail = with_what_was_meant(detail, word, T::from_text);
                        self.faults
                            .add_said(format!("?{name}"), "value", detail.of_the(name), word);
                    }
                }
            }
        }
        values
    }

    /// Texts, which may hold a comma themselves: each is meant as a whole, or as several. Each is meant without its ends, as texts
    /// are kept, and as it is given, as they were kept before.
    pub fn texts(&mut self, name: &'static str) -> Vec<String> {
        self.know(name, true, text_of_several);
        let mut texts = Vec::new();
        if self.too_many(name) {
            return texts;
        }
        for (_, text) in self.pairs.iter().filter(|(given, _)| given == name) {
            match String::from_text(text) {
                Ok(_) => texts.extend(with_and_without_ends(text)),
                Err(detail) => self.faults.add(format!("?{name}"), "value", detail.of_the(name)),
            }
            if text.contains(',') {
                // Beside a comma of the text's own there may be nothing.
                let words = text.split(',').filter(|word| !without_ends(word).is_empty());
                texts.extend(words.flat_map(with_and_without_ends));
            }
        }
        texts
    }

    /// As [`Self::texts`], and also as [`Self::quoted`], where a text can be read so.
    pub fn texts_or_quoted(&mut self, name: &'static str) -> Vec<String> {
        let mut texts = self.texts(name);
        if texts.is_empty() {
            return texts;
        }
        let given = self.pairs.iter().filter(|(given, _)| given == name);
        for word in given.filter_map(|(_, text)| unquoted(text).ok()).flatten() {
            if !texts.contains(&word) {
                texts.push(word);
            }
        }
        texts
    }

    /// Texts, of which one that holds a comma is quoted as in a CSV: `"Central Bank, Kuwait",ECB`.
    pub fn quoted(&mut self, name: &'static str) -> Vec<String> {
        self.know(name, true, String::described);
        let mut texts = Vec::new();
        if self.too_many(name) {
            return texts;
        }
        for (_, given) in self.pairs.iter().filter(|(given, _)| given == name) {
            match unquoted(given) {
                Ok(words) => texts.extend(words),
                Err(detail) => self
                    .faults
                    .add(format!("?{name}"), "value", format!("{name} {detail}")),
            }
        }
        texts
    }

    /// Whether a parameter names more values than are taken, which is a fault.
    fn too_many(&mut self, name: &'static str) -> bool {
        let given = self.pairs.iter().filter(|(given, _)| given == name);
        let count: usize = given.map(|(_, text)| text.split(',').count()).sum();
        if count > MOST_VALUES {
            self.fault(
                name,
                "length",
                Detail::of(format!(
                    "{name} names {count} values; at most {MOST_VALUES} are taken, so ask in several requests"
                ))
                .limited(MOST_VALUES),
            );
        }
        count > MOST_VALUES
    }

    /// The one value of a parameter.
    pub fn one<T: FromText>(&mut self, name: &'static str) -> Option<T> {
        self.know(name, false, T::described);
        self.parsed(name, T::from_text)
    }

    /// The two dates between which something lies.
    pub fn dates(&mut self, [from, to]: [&'static str; 2]) -> [Option<PartialDate>; 2] {
        let ends: [Option<PartialDate>; 2] = [self.one(from), self.one(to)];
        let [first, last] = ends;
        self.in_order(
            [from, to],
            first.map(PartialDate::first),
            last.map(PartialDate::last),
        );
        ends
    }

    /// Refuses two ends that are exchanged: that nothing lies between them would be taken for an answer.
    pub fn in_order<T: PartialOrd>(&mut self, [from, to]: [&str; 2], first: Option<T>, last: Option<T>) {
        if first.zip(last).is_some_and(|(first, last)| last < first) {
            let detail = format!("{to} comes before {from}; exchange the two");
            self.fault(to, "order", detail);
        }
    }

    /// A text of any kind, also none at all, as of a form that is sent empty.
    pub fn text_or_nothing(&mut self, name: &'static str) -> String {
        self.know(name, false, String::schema);
        self.parsed(name, |text| Ok(text.to_owned())).unwrap_or_default()
    }

    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.know(name, false, bool::schema);
        self.parsed(name, |text| {
            text.parse()
                .map_err(|_| Detail::of("must be true or false").allowing(["true", "false"]))
        })
    }

    pub fn number(&mut self, name: &'static str) -> Option<i64> {
        self.know(name, false, whole_number);
        self.parsed(name, |text| {
            text.parse().map_err(|_| "must be a whole number".into())
        })
    }

    /// So many days, at least.
    pub fn days(&mut self, name: &'static str) -> Option<u32> {
        self.know(name, false, days);
        self.parsed(name, |text| {
            let days = text.parse().ok().filter(|days| *days <= MOST_DAYS);
            days.ok_or_else(|| {
                Detail::of(format!("must be a number of days, from 0 to {MOST_DAYS}")).limited(MOST_DAYS)
            })
        })
    }

    /// Whether a parameter is there at all, well or not.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.pairs.iter().any(|(given, _)| given == name) || self.unread.iter().any(|given| given == name)
    }

    /// What can be asked, as far as it was read.
    #[must_use]
    pub fn known(self) -> Vec<Parameter> {
        self.known
    }

    fn know(&mut self, name: &'static str, many: bool, schema: fn() -> RefOr<Schema>) {
        self.known.push(Parameter { name, many, schema });
    }

    fn parsed<T>(&mut self, name: &'static str, parse: impl Fn(&str) -> Result<T, Detail>) -> Option<T> {
        let mut given = self.pairs.iter().filter(|(given, _)| given == name);
        let text = &given.next()?.1;
        if given.next().is_some() {
            self.faults.add(
                format!("?{name}"),
                "repeated",
                format!("{name} is given more than once; give it once"),
            );
            return None;
        }
        parse(text)
            .map_err(|detail| {
                let detail = with_what_was_meant(detail, text, &parse);
                self.faults
                    .add_said(format!("?{name}"), "value", detail.of_the(name), text);
            })
            .ok()
    }

    pub fn fault(&mut self, name: &str, code: &'static str, detail: impl Into<Detail>) {
        self.faults.add(format!("?{name}"), code, detail);
    }

    /// Name and value of all that decides what is asked, in one order, but for `without`. Between
    /// them stands U+0000, which neither can hold, so that two questions are never one.
    #[must_use]
    pub fn canonical(&self, without: &[&str]) -> String {
        let mut pairs: Vec<String> = self
            .pairs
            .iter()
            .filter(|(name, _)| !without.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}\0{value}"))
            .collect();
        pairs.sort();
        pairs.join("\0")
    }

    /// Refuses what nobody asked for, and whatever was wrong.
    pub fn done(mut self) -> Result<()> {
        let names: Vec<_> = self.known.iter().map(|it| it.name).collect();
        let known: HashSet<_> = names.iter().copied().collect();
        let listed = names.join(", ");
        for (name, _) in &self.pairs {
            if !known.contains(name.as_str()) {
                self.faults.add_with("unknown_parameter", || {
                    (
                        format!("?{name}"),
                        Detail::of(format!("{name} is no parameter here; these are: {listed}"))
                            .knowing(names.iter().copied()),
                    )
                });
            }
        }
        self.faults.or_malformed()
    }
}

/// What is wrong with a value, and how it is written where it has a + that came as the space that it means in a query.
fn with_what_was_meant<T>(
    mut detail: Detail,
    text: &str,
    parse: impl Fn(&str) -> Result<T, Detail>,
) -> Detail {
    let meant = text
        .rsplit_once(' ')
        .filter(|(before, after)| parse(&format!("{before}+{after}")).is_ok());
    if let Some((before, after)) = meant {
        let mend = format!(". A + means a space in a query; write it as %2B: {before}%2B{after}");
        detail.sentence.push_str(&mend);
    }
    detail
}

fn with_and_without_ends(text: &str) -> impl Iterator<Item = String> {
    let bare = without_ends(text);
    let given = (bare != text).then_some(text);
    [bare].into_iter().chain(given).map(str::to_owned)
}

/// The texts between commas, without their ends; a quoted one may hold commas, and quotes twice.
fn unquoted(text: &str) -> Result<Vec<String>, String> {
    let mut texts = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let (word, after) = if let Some(quoted) = rest.strip_prefix('"') {
            let mut word = String::new();
            let mut quoted = quoted;
            loop {
                let (part, after) = quoted.split_once('"').ok_or_else(|| {
                    "opens a quote and does not close it; a source with a comma is quoted, as \"Central Bank, Kuwait\"".to_owned()
                })?;
                word.push_str(part);
                let Some(after) = after.strip_prefix('"') else {
                    quoted = after;
                    break;
                };
                word.push('"');
                quoted = after;
            }
            let after = quoted.trim_start();
            if !after.is_empty() && !after.starts_with(',') {
                return Err("has text behind a closing quote; separate sources by a comma, and write a quote within one twice".into());
            }
            (word, after)
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].trim_end().to_owned(), &rest[end..])
        };
        let word = without_ends(&word);
        if word.is_empty() {
            return Err("has an empty value".into());
        }
        texts.push(word.to_owned());
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Ok(texts),
        }
    }
}

fn whole_number() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Integer).into()
}

/// Beside a comma there may be nothing, as it may be the text's own.
fn text_of_several() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).into()
}

fn days() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0))
        .maximum(Some(MOST_DAYS))
        .into()
}

fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let text = percent_decode_str(&spaced).decode_utf8().ok()?;
    (!text.contains('\0')).then(|| nfc(&text).into_owned())
}

/// A moment, or a day as the moments that it covers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    pub first: Timestamp,
    pub last: Timestamp,
}

described!(
    Moments,
    "Moments",
    "A moment (RFC 3339) or a date, which stands for all its moments.",
    "^[0-9]{4}(-[0-9]{2}(-[0-9]{2}([Tt ].+)?)?)?$",
    "2026-01-01"
);

impl FromText for Moments {
    fn described() -> RefOr<Schema> {
        <Self as PartialSchema>::schema()
    }

    fn from_text(text: &str) -> Result<Self, Detail> {
        if let Ok(moment) = chrono::DateTime::parse_from_rfc3339(text) {
            let moment = moment.to_utc();
            // Beyond these, times that are kept as text no longer sort as they follow each other.
            if !(1..=9999).contains(&moment.year()) {
                return Err("must lie in the years 1 to 9999 of UTC".into());
            }
            // Of what is finer than a microsecond, neither end takes in the one that it lies behind.
            let last = moment.trunc_subsecs(6);
            let step = chrono::TimeDelta::microseconds(i64::from(last < moment));
            return Ok(Self {
                first: last + step,
                last,
            });
        }
        let day: PartialDate = text
            .parse()
            .map_err(|_| "must be a moment (2018-02-13T09:30:00Z) or a date (2018-02-13)".to_owned())?;
        let last = day
            .last()
            .succ_opt()
            .unwrap_or(day.last())
            .and_time(chrono::NaiveTime::MIN)
            .and_utc()
            - chrono::TimeDelta::microseconds(1);
        Ok(Self {
            first: day.first().and_time(chrono::NaiveTime::MIN).and_utc(),
            last,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::assert_in_proportion;

    #[test]
    fn many_parameters_and_many_commas_cost_their_number() {
        let parts = |query: String| {
            let request = axum::http::Request::get(format!("/v1/pledges?{query}"));
            request.body(()).unwrap().into_parts().0
        };
        let unknown = |count: usize| {
            let pairs: Vec<_> = (0..count).map(|number| format!("p{number}=")).collect();
            parts(pairs.join("&"))
        };
        assert_in_proportion(400, unknown, |parts| {
            let mut query = Query::of(parts, NaiveDate::default());
            query.number("limit");
            assert!(query.done().is_err());
        });
        let commas = |count: usize| parts(format!("source={}", "a,".repeat(count)));
        assert_in_proportion(1_000, commas, |parts| {
            let mut query = Query::of(parts, NaiveDate::default());
            assert!(query.many::<String>("source").is_empty());
            assert!(query.done().is_err());
        });
    }

    #[test]
    fn a_text_with_a_comma_is_quoted() {
        let read = |text: &str| unquoted(text);
        assert_eq!(read("ECB"), Ok(vec!["ECB".into()]));
        assert_eq!(
            read("ECB, \"Central Bank, Kuwait\" ,\"say \"\"so\"\"\""),
            Ok(vec![
                "ECB".into(),
                "Central Bank, Kuwait".into(),
                "say \"so\"".into()
            ])
        );
        assert_eq!(read(" ECB ,\"  sp  \" "), Ok(vec!["ECB".into(), "sp".into()]));
        assert_eq!(read("a \"b\" c"), Ok(vec!["a \"b\" c".into()]));
        for bad in ["", ",", "ECB,", "\"ECB", "\"ECB\" IMF", "\"\"", "\"  \""] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
