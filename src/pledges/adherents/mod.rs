//! Adherents: who stands behind a collective pledge, by what it states or because it adopted it where it was made.

mod record;
pub mod sql;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    citations::Conflict,
    error::{Detail, Faults, Result},
    records::{self, counts::Cited},
    resources::Code,
    values::{Fields, FromValue, LangMap, PartialDate, Timestamp, Wording, parse, vocabulary},
    web::InputSchema,
};

pub use record::EXPAND;

vocabulary! {
    Stance {
        Adopted = "adopted",
        Reserved = "reserved",
        Dissociated = "dissociated",
        Joined = "joined",
        Withdrew = "withdrew",
    }
}

impl Stance {
    /// Whether who takes it is bound.
    #[must_use]
    pub const fn obliges(self) -> bool {
        !matches!(self, Self::Dissociated | Self::Withdrew)
    }
}

vocabulary! {
    /// By what somebody adheres.
    By as "AdherenceBy" { Statement = "statement", Attendance = "attendance" }
}

/// How many statements one adherent may have.
const MOST_STATEMENTS: usize = 100;

/// What a participant says of a commitment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AdherentStatement)]
pub struct Statement {
    pub stance: Stance,
    /// Undated, it counts as the earliest.
    pub on: Option<PartialDate>,
    /// What it says, as of a reservation: in one language or in several.
    pub text: Option<Wording>,
}

/// An adherent as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adherent {
    pub id: Uuid,
    pub pledge: Uuid,
    pub participant: Code,
    /// In the order in which they were entered; none where it adheres by attendance alone, and has no record.
    pub statements: Option<Vec<Statement>>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub participant_names: LangMap,
    #[serde(skip)]
    counts: Cited,
}

/// An adherent as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Adherent)]
pub struct View<'a> {
    /// Null where it adheres by attendance, of which there is no record here.
    id: Option<Uuid>,
    pledge: Uuid,
    participant: &'a Code,
    /// The participant's name in the reader's language.
    participant_name: &'a str,
    /// That of its last statement by date.
    stance: Stance,
    on: Option<PartialDate>,
    text: Option<&'a Wording>,
    by: By,
    /// In the order in which they were entered.
    statements: &'a [Statement],
    /// Goes up by one with every change.
    version: Option<i64>,
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    created_at: Option<Timestamp>,
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    updated_at: Option<Timestamp>,
    /// How much there is of what belongs to it.
    counts: Cited,
    /// On the adherent itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

impl Adherent {
    fn statements(&self) -> &[Statement] {
        self.statements.as_deref().unwrap_or_default()
    }

    /// By what it adheres.
    #[must_use]
    pub fn by(&self) -> By {
        match self.statements {
            Some(_) => By::Statement,
            None => By::Attendance,
        }
    }

    /// That of its last statement; who states nothing has adopted it where it attended.
    #[must_use]
    pub fn stance(&self) -> Stance {
        last(self.statements()).map_or(Stance::Adopted, |it| it.stance)
    }
}

/// How somebody stands to a pledge, as a matrix shows it.
#[derive(Debug)]
pub struct Standing {
    pub id: Uuid,
    pub pledge: Uuid,
    pub participant: Code,
    pub stance: Stance,
    pub is_stated: bool,
}

/// How all stand to some pledges, tens of thousands of them; and what each is called, once.
#[derive(Debug, Default)]
pub struct Standings {
    pub all: Vec<Standing>,
    pub names: BTreeMap<Code, LangMap>,
}

/// The last by date: undated ones come first, then partial dates by their first day, then by entry.
fn last(statements: &[Statement]) -> Option<&Statement> {
    statements
        .iter()
        .max_by_key(|statement| statement.on.map(PartialDate::first))
}

impl Statement {
    fn read(fields: &mut Fields) -> Option<Self> {
        let stance = fields.required("stance");
        let on = fields.optional("on");
        let text = fields.optional("text");
        Some(Self {
            stance: stance?,
            on,
            text,
        })
    }
}

impl FromValue for Statement {
    fn from_value(value: &Value, at: &str, faults: &mut Faults) -> Option<Self> {
        let mut fields = Fields::of(value, at, faults)?;
        let statement = Self::read(&mut fields);
        fields.done();
        statement
    }
}

/// The members of a statement that stands alone.
const ALONE: [&str; 3] = ["stance", "on", "text"];

/// What a caller says of an adherent: all that it states.
pub struct Draft {
    statements: Vec<Statement>,
    /// Whether it came as the members of the one statement that it is.
    is_alone: bool,
}

impl Draft {
    /// Refuses a statement of which no day has come, a reservation that says nothing, and one that is none. What is kept so
    /// may stay.
    fn check(&self, kept: &[Statement], now: Timestamp) -> Result<()> {
        let mut faults = Faults::default();
        for (index, statement) in self.statements.iter().enumerate() {
            if kept.contains(statement) {
                continue;
            }
            let at = if self.is_alone {
                String::new()
            } else {
                format!("/statements/{index}")
            };
            if let Some(today) = statement.on.and_then(|on| on.ahead_of(now)) {
                let detail = format!(
                    "lies ahead: no day after {today} has begun anywhere. A statement is of the day on which it was made; \
                     from when on it is meant is said in its text"
                );
                faults.add(
                    format!("{at}/on"),
                    "value",
                    Detail::of(detail).limited(today.to_string()),
                );
            }
            match (statement.stance, &statement.text) {
                (Stance::Reserved, None) => {
                    let detail =
                        "is required with reserved: what the reservation is, or that the source does not say";
                    faults.add(format!("{at}/text"), "required", detail);
                }
                (Stance::Adopted, Some(_)) => {
                    let detail = "does not go with adopted, which is without reservation; say reserved, or leave it out";
                    faults.add(format!("{at}/text"), "value", detail);
                }
                _ => {}
            }
        }
        faults.or_invalid()
    }
}

impl records::Draft for Draft {
    fn input() -> InputSchema {
        let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
        let nullable = |schema: Value| json!({ "oneOf": [schema, { "type": "null" }] });
        let members = [
            ("stance", reference("Stance")),
            ("on", nullable(reference("PartialDate"))),
            ("text", nullable(reference("Wording"))),
        ];
        let statement = json!({
            "type": "object",
            "required": ["stance"],
            "additionalProperties": false,
            "properties": members.clone().into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect::<serde_json::Map<_, _>>(),
        });
        let all = json!({
            "type": ["array", "null"],
            "minItems": 1,
            "maxItems": MOST_STATEMENTS,
            "description": "All of them, in their order; or a single one by its own members.",
            "items": statement,
        });
        let alone = members.map(|(name, schema)| match name {
            "stance" => (name, nullable(schema)),
            _ => (name, schema),
        });
        InputSchema {
            name: "Adherence",
            fields: &[],
            required: &[],
            input_only: [("statements", all)].into_iter().chain(alone).collect(),
            example: json!({ "stance": "reserved", "on": "2018-02-13", "text": { "en": "Not as far as its own law forbids." } }),
        }
    }

    /// The whole list, or a list of the one statement that the body is.
    fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let given: Vec<&str> = ALONE
                .into_iter()
                .filter(|name| fields.raw(name).is_some())
                .collect();
            if fields.raw("statements").is_none() {
                return Statement::read(fields).map(|statement| Self {
                    statements: vec![statement],
                    is_alone: true,
                });
            }
            let statements: Vec<Statement> = fields.list("statements", MOST_STATEMENTS)?;
            // As it is read, the last one's members stand beside all of them.
            let read = last(&statements).map(|it| json!(it)).unwrap_or_default();
            for name in given {
                if fields.raw(name) != read.get(name) {
                    let detail = "goes with a statement that stands alone, or says what the last of statements says; put it there";
                    fields.fault(name, "value", detail);
                }
            }
            if statements.is_empty() {
                let detail = "needs at least one statement; DELETE takes them all back, and who adheres by having attended needs none";
                fields.fault("statements", "required", detail);
            }
            Some(Self {
                statements,
                is_alone: false,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_statement_is_the_last_by_date_then_by_entry() {
        let of = |stance, on: Option<&str>| Statement {
            stance,
            on: on.map(|it| it.parse().unwrap()),
            text: None,
        };
        let stance = |statements: &[Statement]| last(statements).unwrap().stance;
        let adopted = of(Stance::Adopted, Some("2018-02-13"));
        let withdrew = of(Stance::Withdrew, None);
        assert_eq!(stance(&[adopted.clone(), withdrew.clone()]), Stance::Adopted);
        // A month counts by its first day.
        let reserved = of(Stance::Reserved, Some("2018-02"));
        assert_eq!(stance(&[adopted.clone(), reserved]), Stance::Adopted);
        let joined = of(Stance::Joined, Some("2018-02-13"));
        assert_eq!(stance(&[adopted.clone(), joined.clone()]), Stance::Joined);
        assert_eq!(stance(&[joined, adopted]), Stance::Adopted);
        assert_eq!(last(&[]), None);
        assert_eq!(stance(&[withdrew]), Stance::Withdrew);
    }
}
