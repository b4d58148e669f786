//! Scales: the words in which assessors give their verdicts, and what each of them means.
//!
//! A scale is its assessors' own. What its values mean is the register's, so that verdicts of different scales can be
//! held against each other.

pub mod http;
mod record;
pub mod sql;

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Faults, Result},
    resources::{Resource, Slug},
    values::{Fields, FromValue, LangMap, Timestamp, parse, vocabulary},
    web::InputSchema,
};

pub use record::put;

/// How many values one scale may have, and the longest of them, in code points.
const MOST_VALUES: usize = 100;
pub const LONGEST_VALUE: usize = 100;

vocabulary! {
    /// What a value says of a commitment, whatever the scale calls it.
    Meaning {
        Kept = "kept",
        Partly = "partly",
        NotKept = "not_kept",
        /// Nobody could find out: it contradicts nothing.
        NoEvidence = "no_evidence",
        NotYet = "not_yet",
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ScaleRecord)]
pub struct Scale {
    pub id: Uuid,
    pub key: Slug,
    pub names: LangMap,
    /// In their order.
    pub values: Vec<Step>,
    /// Goes up by one with every change.
    pub version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
}

/// One of a scale's values.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = ScaleValue)]
pub struct Step {
    /// As assessors write it.
    #[schema(min_length = 1, max_length = 100, example = "+1")]
    pub value: String,
    pub names: Option<LangMap>,
    pub meaning: Meaning,
    /// Where it stands among the others: the smallest first.
    pub order: i64,
}

/// A scale as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Scale)]
pub struct View<'a> {
    #[serde(flatten)]
    scale: &'a Scale,
    /// Its name in the reader's language.
    name: &'a str,
}

impl Scale {
    /// The value that is written so.
    #[must_use]
    pub fn step(&self, value: &str) -> Option<&Step> {
        self.values.iter().find(|step| step.value == value)
    }
}

/// What a caller says of a scale; its key is its path's.
pub struct Draft {
    names: LangMap,
    values: Vec<Step>,
}

/// A value on its way in, whose order may be that of the list.
struct Given {
    value: String,
    names: Option<LangMap>,
    meaning: Meaning,
    order: Option<i64>,
}

impl FromValue for Given {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(value, at, faults)?;
        let value = fields.required_text("value", LONGEST_VALUE);
        let names = fields.optional("names");
        let meaning = fields.required("meaning");
        let order = fields.optional("order");
        fields.done();
        Some(Self {
            value: value?,
            names,
            meaning: meaning?,
            order,
        })
    }
}

impl Draft {
    pub fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let names = fields.required("names");
            // A list of none is there, and names no value.
            let given: Option<Vec<Given>> = fields
                .raw("values")
                .is_some()
                .then(|| fields.list("values", MOST_VALUES))
                .flatten();
            if fields.raw("values").is_none() || given.as_ref().is_some_and(Vec::is_empty) {
                fields.fault("values", "required", "needs at least one value");
            }
            let values = in_order(given?, &fields.pointer("values"), fields.faults);
            Some(Self {
                names: names?,
                values,
            })
        })
    }

    #[must_use]
    pub fn input() -> InputSchema {
        let nullable = |schema: &str| json!({ "oneOf": [{ "$ref": format!("#/components/schemas/{schema}") }, { "type": "null" }] });
        let value = json!({
            "type": "object",
            "required": ["value", "meaning"],
            "additionalProperties": false,
            "properties": {
                "value": { "type": "string", "minLength": 1, "maxLength": LONGEST_VALUE, "examples": ["+1"] },
                "names": nullable("LanguageMap"),
                "meaning": { "$ref": "#/components/schemas/Meaning" },
                "order": { "type": ["integer", "null"], "description": "Its place in the list, where nothing is said." },
            },
        });
        InputSchema {
            name: "NewScale",
            fields: &["names"],
            required: &["names", "values"],
            input_only: vec![(
                "values",
                json!({ "type": "array", "minItems": 1, "maxItems": MOST_VALUES, "items": value }),
            )],
            example: json!({
                "names": { "en": "G20 compliance" },
                "values": [
                    { "value": "-1", "meaning": "not_kept" },
                    { "value": "0", "meaning": "partly" },
                    { "value": "+1", "meaning": "kept" },
                ],
            }),
        }
    }
}

/// The values in their order, with a fault for each that is there twice, or in another's place.
fn in_order(given: Vec<Given>, at: &str, faults: &mut Faults) -> Vec<Step> {
    let (mut words, mut places) = (HashSet::new(), HashSet::new());
    let mut steps = Vec::with_capacity(given.len());
    for (index, it) in given.into_iter().enumerate() {
        let order = it
            .order
            .unwrap_or_else(|| i64::try_from(index).unwrap_or(i64::MAX));
        if !words.insert(it.value.clone()) {
            let detail = format!("{:?} stands here already; a scale has each value once", it.value);
            faults.add(format!("{at}/{index}/value"), "value", detail);
        }
        if !places.insert(order) {
            let detail = format!(
                "{order} is another value's order; give each its own, or none and the list's order counts"
            );
            faults.add(format!("{at}/{index}/order"), "value", detail);
        }
        steps.push(Step {
            value: it.value,
            names: it.names,
            meaning: it.meaning,
            order,
        });
    }
    steps.sort_by_key(|step| step.order);
    steps
}

/// What a change of a scale may write: see [`Resource::fields`].
const THIS: Resource = Resource::Scales;
