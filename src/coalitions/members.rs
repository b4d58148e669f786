//! Membership: a list of half-open periods [`joined_on`, `left_on`) per participant.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::sql;
use crate::{
    db::Reader,
    error::{Error, Faults, Result},
    history::{Record, Write},
    participants,
    records::{self, Related},
    resources::{Code, Located, Named, Resource, Slug},
    values::{Fields, FromValue, LangMap, Language, PartialDate, Timestamp, parse},
    web::{Expand, New, Shown},
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
}

impl Member {
    #[must_use]
    pub fn view(&self, language: Language) -> View<'_> {
        View {
            member: self,
            participant_name: self.participant_names.resolve(language),
        }
    }
}

impl Shown for Member {
    type View<'a> = View<'a>;
    type Schema = View<'static>;

    const EXPANDS: &'static [Expand] = &[participants::EXPAND];

    fn id(&self) -> Uuid {
        self.id
    }

    fn summary(&self, language: Language) -> View<'_> {
        self.view(language)
    }

    async fn expand(
        conn: &mut Reader,
        records: &[Self],
        _: &'static str,
        language: Language,
    ) -> Result<Vec<Value>> {
        participants::beside(conn, records.iter().map(|it| Some(&it.participant)), language).await
    }
}

impl Record for Member {
    const RESOURCE: Resource = Resource::Members;
    fn key(&self) -> String {
        format!("{}/{}", self.coalition, self.participant)
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
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
                "must be after joined_on; it is the first day that is no longer a member's",
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
    fn input() -> New {
        New {
            name: "Membership",
            fields: &[],
            required: &["periods"],
            beside: vec![("periods", periods())],
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
                fields.fault("periods", "length", detail);
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

impl Related for Member {
    type Filter = sql::MemberFilter;
    type Draft = Vec<Period>;

    const WHOLE: Resource = Resource::Coalitions;
    const COLUMN: &'static str = "coalition_id";
    const SUMMARIES: [&'static str; 3] = [
        "Who belongs or belonged to a coalition.",
        "When a participant belonged.",
        "Sets the periods of a membership.",
    ];
    const ONE: &'static str = "a membership";

    fn of(filter: &mut sql::MemberFilter, whole: Uuid) {
        filter.coalition = Named::one(whole);
    }

    async fn create(
        write: &mut Write,
        coalition: &Located,
        participant: &Located,
        periods: Vec<Period>,
    ) -> Result<Self> {
        let participant = participants::sql::find(&mut write.conn, participant.id)
            .await?
            .ok_or_else(|| Error::internal("a participant vanished within a write"))?;
        let member = Self {
            id: write.new_id(),
            coalition: coalition.parsed()?,
            participant: participant.code,
            periods,
            version: 1,
            created_at: write.at,
            updated_at: write.at,
            participant_names: participant.names,
        };
        let cells = sql::member_cells(&member)
            .set("coalition_id", coalition.id)
            .set("participant_id", participant.id);
        let (id, periods) = (member.id, member.periods.clone());
        let member = write.create(member, cells).await?;
        sql::insert_periods(&mut write.conn, id, &periods).await?;
        Ok(member)
    }

    async fn change(write: &mut Write, before: Self, periods: Vec<Period>) -> Result<Self> {
        if before.periods != periods {
            sql::remove_periods(&mut write.conn, before.id).await?;
            sql::insert_periods(&mut write.conn, before.id, &periods).await?;
        }
        let after = Self {
            periods,
            ..before.clone()
        };
        write.change(before, after, sql::member_cells).await
    }
}
