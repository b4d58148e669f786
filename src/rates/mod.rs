//! Rates: units of a currency per US dollar on a day, as a source has them.

pub mod http;
mod plausible;
pub mod sql;

use std::{collections::HashMap, fmt, str::FromStr};

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Error, Faults, Result},
    history::{Recorded, Write},
    resources::Resource,
    values::{
        Currency, Fields, FromValue, Language, PartialDate, Timestamp, described, escape, from_text,
        stored_as_text, vocabulary,
    },
    web::{Kind, Listed, Shown, Sort},
};

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
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, sqlx::FromRow)]
pub struct Rate {
    pub id: Uuid,
    pub currency: Currency,
    #[schema(value_type = PartialDate)]
    pub date: NaiveDate,
    pub per_usd: PerUsd,
    /// Who says so.
    #[schema(
        min_length = 1,
        max_length = 200,
        example = "European Central Bank, reference rates"
    )]
    pub source: String,
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

    fn shown(&self, _: Language) -> &Self {
        self
    }
}

impl Recorded for Rate {
    const RESOURCE: Resource = Resource::Rates;
    fn id(&self) -> Uuid {
        self.id
    }
    fn key(&self) -> String {
        format!("{}/{}/{}", self.currency, self.date, self.source)
    }
    fn version(&self) -> i64 {
        self.version
    }
}

impl Listed for Rate {
    const SORTS: &'static [Sort<Self>] = &[
        Sort {
            name: "created_at",
            column: "r.id",
            kind: Kind::Id,
            of: |_| None,
        },
        Sort {
            name: "updated_at",
            column: "r.updated_at",
            kind: Kind::Time,
            of: |it| Some(it.updated_at.to_rfc3339()),
        },
        Sort {
            name: "date",
            column: "r.\"date\"",
            kind: Kind::Day,
            of: |it| Some(it.date.to_string()),
        },
        Sort {
            name: "currency",
            column: "r.currency",
            kind: Kind::Text,
            of: |it| Some(it.currency.to_string()),
        },
    ];

    fn id(&self) -> Uuid {
        self.id
    }
}

/// What a caller says of a rate.
pub struct Draft {
    currency: Currency,
    date: NaiveDate,
    per_usd: PerUsd,
    source: String,
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
        fields.done();
        Some(Self {
            currency: currency?,
            date: date?.first(),
            per_usd: per_usd?,
            source: source?,
        })
    }
}

/// An array of rates, or `{"items": […]}` as a list answers.
pub fn parse(body: &Value) -> Result<Vec<Draft>> {
    let mut faults = Faults::default();
    let (list, at) = match body.get("items") {
        Some(items) => (items, "/items"),
        None => (body, ""),
    };
    for name in body.as_object().into_iter().flat_map(serde_json::Map::keys) {
        if name != "items" {
            faults.add(
                format!("/{}", escape(name)),
                "unknown_field",
                "is no field here; send an array of rates, or {\"items\": […]}",
            );
        }
    }
    if list.as_array().is_some_and(|items| items.len() > MOST) {
        faults.add(
            at,
            "length",
            format!("holds more than {MOST} rates; send them in several requests"),
        );
    }
    faults.clone().or_invalid()?;
    let drafts = Vec::<Draft>::from_value(list, at, &mut faults);
    faults.or_invalid()?;
    drafts.ok_or_else(|| Error::internal("rates without faults were not read"))
}

/// How many rates a request brought, by what became of them.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = RatesStored)]
pub struct Stored {
    created: u64,
    updated: u64,
    unchanged: u64,
}

vocabulary! {
    /// Whether rates are held against their neighbours before they are kept; waived, a person has looked at them.
    Plausibility { Checked = "checked", Waived = "waived" }
}

/// Sets rates by currency, date and source, all or nothing.
pub async fn put(write: &mut Write, drafts: Vec<Draft>, plausibility: Plausibility) -> Result<Stored> {
    if plausibility == Plausibility::Checked {
        let mut known = HashMap::new();
        for draft in &drafts {
            if !known.contains_key(draft.currency.code()) {
                known.insert(
                    draft.currency.code(),
                    sql::of_currency(&mut write.conn, draft.currency).await?,
                );
            }
        }
        plausible::check(&drafts, known)?;
    }
    let mut stored = Stored::default();
    for draft in drafts {
        let before = sql::find(&mut write.conn, &draft).await?;
        match before {
            None => {
                let rate = Rate {
                    id: write.new_id(),
                    currency: draft.currency,
                    date: draft.date,
                    per_usd: draft.per_usd,
                    source: draft.source,
                    version: 1,
                    created_at: write.at,
                    updated_at: write.at,
                };
                sql::insert(&mut write.conn, &rate).await?;
                write.created(&rate).await?;
                stored.created += 1;
            }
            Some(before) if before.per_usd == draft.per_usd => stored.unchanged += 1,
            Some(before) => {
                let after = Rate {
                    per_usd: draft.per_usd,
                    version: before.version + 1,
                    updated_at: write.at,
                    ..before.clone()
                };
                sql::update(&mut write.conn, &after).await?;
                write.updated(&before, &after).await?;
                stored.updated += 1;
            }
        }
    }
    Ok(stored)
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
