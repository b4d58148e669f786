//! Membership: a list of half-open periods [`joined_on`, `left_on`) per participant.

mod record;
pub mod sql;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    error::{Detail, Faults, Result},
    records,
    resources::{Code, Slug},
    values::{Fields, FromValue, LangMap, PartialDate, Timestamp, parse},
    web::InputSchema,
};

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MemberRecord)]
pub struct Member {
    pub id: Uuid,
    pub coalition: Slug,
    pub participant: Code,
    /// When it belonged, in order and apart from each other.
    pub periods: Vec<Period>,
    /// Goes up by one with every change.
    pub version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
    #[serde(skip)]
    #[schema(ignore)]
    pub participant_names: LangMap,
    #[serde(skip)]
    #[schema(ignore)]
    coalition_names: LangMap,
}

/// A time of belonging: from a day, until the day on which it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MembershipPeriod)]
pub struct Period {
    pub joined_on: PartialDate,
    /// The first day that is no longer a member's.
    pub left_on: Option<PartialDate>,
}

/// A membership as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub struct View<'a> {
    #[serde(flatten)]
    member: &'a Member,
    /// The participant's name in the reader's language.
    participant_name: &'a str,
    /// The coalition's name in the reader's language.
    coalition_name: &'a str,
}

/// How many periods one membership may have.
const MOST_PERIODS: usize = 100;

impl FromValue for Period {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(value, at, faults)?;
        let joined_on: Option<PartialDate> = fields.required("joined_on");
        let left_on: Option<PartialDate> = fields.optional("left_on");
        if let (Some(joined), Some(left)) = (joined_on, left_on)
            && left.last() <= joined.first()
        {
            fields.fault(
                "left_on",
                "order",
                Detail::of("must be after joined_on; it is the first day that is no longer a member's")
                    .limited(joined.to_string()),
            );
        }
        fields.done();
        Some(Self {
            joined_on: joined_on?,
            left_on,
        })
    }
}

/// Periods on their way in: one that still runs need not say so.
fn periods() -> Value {
    json!({
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["joined_on"],
            "additionalProperties": false,
            "properties": {
                "joined_on": { "$ref": "#/components/schemas/PartialDate" },
                "left_on": {
                    "oneOf": [{ "$ref": "#/components/schemas/PartialDate" }, { "type": "null" }],
                    "description": "The first day that is no longer a member's.",
                },
            },
        },
    })
}

impl records::Draft for Vec<Period> {
    fn input() -> InputSchema {
        InputSchema {
            name: "Membership",
            fields: &[],
            required: &["periods"],
            input_only: vec![("periods", periods())],
            example: json!({ "periods": [{ "joined_on": "2014-09", "left_on": null }] }),
        }
    }

    /// The periods, in order.
    fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let many = fields
                .raw("periods")
                .and_then(Value::as_array)
                .map_or(0, Vec::len);
            if many > MOST_PERIODS {
                let detail = format!("has {many} entries; at most {MOST_PERIODS} are kept");
                fields.fault("periods", "length", Detail::of(detail).limited(MOST_PERIODS));
                return None;
            }
            let periods: Self = fields.required("periods")?;
            if periods.is_empty() {
                fields.fault(
                    "periods",
                    "required",
                    "needs at least one period; DELETE takes a member out of the list altogether",
                );
            }
            for (index, pair) in periods.windows(2).enumerate() {
                let overlaps = pair[0]
                    .left_on
                    .is_none_or(|left| left.first() > pair[1].joined_on.last());
                if overlaps {
                    let detail = "begins before the one before it has ended; give the periods in order, the earlier one with its left_on";
                    let pointer = format!("{}/{}", fields.pointer("periods"), index + 1);
                    fields.faults.add(pointer, "order", detail);
                }
            }
            Some(periods)
        })
    }
}
