//! Membership as a record: how one is shown, created and changed.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Member, Period, View, parse_periods, sql};
use crate::{
    db::Reader,
    error::{Error, Result},
    history::{Record, Write},
    participants,
    records::Related,
    resources::{Located, Named, Resource},
    values::{Language, Timestamp},
    web::{Expand, InputSchema, Shown},
};

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

    fn input() -> InputSchema {
        InputSchema {
            name: "Membership",
            fields: &[],
            required: &["periods"],
            input_only: vec![("periods", periods())],
            example: json!({ "periods": [{ "joined_on": "2014-09", "left_on": null }] }),
        }
    }

    fn parse(body: &Value) -> Result<Vec<Period>> {
        parse_periods(body)
    }

    fn of(filter: &mut sql::MemberFilter, whole: Uuid) {
        filter.coalition = Named::one(whole);
    }

    async fn create(
        write: &mut Write,
        coalition: &Located,
        who: &Located,
        periods: Vec<Period>,
    ) -> Result<Self> {
        let participant = participants::sql::find(&mut write.conn, who.id)
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
        let cells = sql::new_cells(&member, coalition, who);
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
        write.change(before, after, sql::cells).await
    }
}
