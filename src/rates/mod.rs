//! Rates: units of a currency per US dollar on a day, as a source has them.

pub mod file;
pub mod http;
mod load;
mod plausible;
pub mod sql;
mod write;

use std::{collections::HashMap, fmt, str::FromStr};

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Detail, Error, Faults, Result},
    history::Record,
    resources::Resource,
    values::{
        Currency, Fields, FromValue, PartialDate, Timestamp, Viewpoint, described, escape, from_text,
        stored_as_text, vocabulary,
    },
    web::Shown,
};

pub use load::{Loaded, load};
pub use write::{Refused, Stored, Unjudged, put};

const LONGEST_SOURCE: usize = 200;
/// How many rates one request may bring.
const MOST: usize = 20_000;

/// A positive decimal as it was written, without leading or trailing zeros: exact on both engines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerUsd(String);

stored_as_text!(PerUsd);
from_text!(PerUsd);
described!(
    PerUsd,
    "PerUsd",
    "Units of the currency for one US dollar: a decimal string above zero, of at most 18 digits on either side of the point.",
    "^[0-9]{1,18}(\\.[0-9]{1,18})?$",
    "0.8098"
);

impl PerUsd {
    /// Near enough to compare with, never to calculate with.
    fn approximately(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }
}

impl fmt::Display for PerUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PerUsd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.len() <= 18 && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err("must be a decimal string of at most 18 digits on either side of the point, such as \"0.8098\"".into());
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        if whole.is_empty() && fraction.is_empty() {
            return Err("must be above zero".into());
        }
        let whole = if whole.is_empty() { "0" } else { whole };
        Ok(Self(if fraction.is_empty() {
            whole.to_owned()
        } else {
            format!("{whole}.{fraction}")
        }))
    }
}

/// A rate of a currency on a day, as a source has it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Rate {
    pub id: Uuid,
    pub currency: Currency,
    #[schema(value_type = PartialDate)]
    pub date: NaiveDate,
    pub per_usd: PerUsd,
    /// Who says so; white space around it is left out.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "European Central Bank, reference rates"
    )]
    pub source: String,
    /// Taken as it is, by `plausibility=waived`: no other rate is refused because of it, unless one that was not waived stands by it.
    pub waived: bool,
    /// Goes up by one with every change.
    pub version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
}

impl Shown for Rate {
    type View<'a> = &'a Self;
    type Schema = Self;
    type Alone = ();

    const IS_OF_NO_PART: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, _: Viewpoint, _: Option<()>) -> &Self {
        self
    }
}

impl Record for Rate {
    const RESOURCE: Resource = Resource::Rates;
    fn key(&self) -> String {
        format!("{}/{}/{}", self.currency, self.date, self.source)
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

/// What of a rate nobody writes: as it was read it may come along, and is not looked at. Which rate is meant, its currency, its
/// day and its source say.
const ONLY_READ: &[&str] = &["id", "waived", "version", "created_at", "updated_at"];

/// What a page of their list says beside its items.
const OF_A_PAGE: [&str; 2] = ["next", "count"];

/// What a caller says of a rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    currency: Currency,
    date: NaiveDate,
    per_usd: PerUsd,
    source: String,
}

impl Draft {
    /// What makes it another rate than others: the currency, the day and the source.
    fn key(&self) -> (&'static str, NaiveDate, &str) {
        (self.currency.code(), self.date, &self.source)
    }
}

impl FromValue for Draft {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(value, at, faults)?;
        let currency: Option<Currency> = fields.required("currency");
        let date: Option<PartialDate> = fields.required("date");
        let per_usd: Option<PerUsd> = fields.required("per_usd");
        let source = fields.required_text("source", LONGEST_SOURCE);
        if date.is_some_and(|date| date.first() != date.last()) {
            fields.fault("date", "value", "must be a day, such as 2018-02-14");
        }
        if currency.is_some_and(|currency| currency.code() == "USD")
            && per_usd.as_ref().is_some_and(|rate| rate.0 != "1")
        {
            fields.fault("per_usd", "value", "of USD is 1 by meaning; leave the dollar out");
        }
        fields.pass_over(ONLY_READ);
        fields.done();
        Some(Self {
            currency: currency?,
            date: date?.first(),
            per_usd: per_usd?,
            source: source?,
        })
    }
}

/// Rates that come together, no two of which say different things of one currency, day and source.
#[derive(Debug)]
pub struct Drafts {
    /// Where they stand in a body.
    at: &'static str,
    list: Vec<Draft>,
}

impl From<Vec<Draft>> for Drafts {
    fn from(list: Vec<Draft>) -> Self {
        Self { at: "", list }
    }
}

/// An array of rates, or `{"items": […]}` as a list answers.
pub fn parse(body: &Value) -> Result<Drafts> {
    let mut faults = Faults::default();
    let (items, at) = match body.get("items") {
        Some(items) => (items, "/items"),
        None => (body, ""),
    };
    for name in body.as_object().into_iter().flat_map(serde_json::Map::keys) {
        if name != "items" && !(at == "/items" && OF_A_PAGE.contains(&name.as_str())) {
            faults.add(
                format!("/{}", escape(name)),
                "unknown_field",
                Detail::of("is no field here; send an array of rates, or {\"items\": […]}")
                    .knowing(["items"]),
            );
        }
    }
    if items.as_array().is_some_and(|items| items.len() > MOST) {
        faults.add(
            at,
            "length",
            Detail::of(format!(
                "holds more than {MOST} rates; send them in several requests"
            ))
            .limited(MOST),
        );
    }
    faults.clone().or_invalid()?;
    let drafts = Vec::<Draft>::from_value(items, at, &mut faults);
    faults.or_invalid()?;
    let list = drafts.ok_or_else(|| Error::internal("rates without faults were not read"))?;
    let mut faults = Faults::default();
    let mut seen: HashMap<_, (usize, &PerUsd)> = HashMap::new();
    for (index, draft) in list.iter().enumerate() {
        let (first, per_usd) = *seen.entry(draft.key()).or_insert((index, &draft.per_usd));
        if *per_usd != draft.per_usd {
            faults.add(
                format!("{at}/{index}/per_usd"),
                "value",
                format!(
                    "is {} where {at}/{first} says {per_usd} of the same currency, day and source; send one of them",
                    draft.per_usd
                ),
            );
        }
    }
    faults.or_invalid()?;
    Ok(Drafts { at, list })
}

vocabulary! {
    /// Whether rates are held against their neighbours before they are kept; waived, a person has looked at them.
    Plausibility { Checked = "checked", Waived = "waived" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_exactly_and_in_one_spelling() {
        let read = |text: &str| PerUsd::from_str(text).map(|rate| rate.0);
        assert_eq!(read("0.80980"), Ok("0.8098".into()));
        assert_eq!(read("0030"), Ok("30".into()));
        assert_eq!(read("3.0"), Ok("3".into()));
        for bad in ["0", "0.0", "-1", "1e3", ".5", "5.", "", "1234567890123456789"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
