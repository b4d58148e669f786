//! Events: what happened to a pledge after it was made.

pub mod http;
mod record;
pub mod sql;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Pledge, terms::says_equivalent};
use crate::{
    citations::{self, Conflict, Within},
    error::{Detail, Faults, Result},
    records::{self, counts::Cited},
    resources::{Code, Resource, Slug},
    values::{Amount, Currency, Fields, LangMap, PartialDate, Timestamp, decimal, parse},
    web::InputSchema,
};

pub use super::stage::Stage;
pub use record::{EXPAND, create};

const LONGEST_NOTE: usize = 10_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: Uuid,
    pub pledge: Uuid,
    pub stage: Stage,
    pub occurred_on: PartialDate,
    /// Until when it puts off what was due.
    pub to: Option<PartialDate>,
    /// Minor units of the pledge's currency.
    pub amount: Option<i64>,
    pub currency: Option<Currency>,
    /// Of what increased or reduced a part in another currency than its parent's, in minor units of that one.
    pub equivalent: Option<i64>,
    pub equivalent_currency: Option<Currency>,
    /// It goes beyond what was pledged, and is meant to.
    pub over: bool,
    pub note: Option<String>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    counts: Cited,
}

/// An event as it is written down.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventRecord)]
struct Document<'a> {
    id: Uuid,
    pledge: Uuid,
    stage: Stage,
    occurred_on: PartialDate,
    /// Until when it is put off, where it is rescheduled.
    to: Option<PartialDate>,
    /// How much, where money moves.
    #[schema(value_type = Option<Amount>)]
    amount: Option<String>,
    /// The pledge's.
    currency: Option<Currency>,
    /// What it is in the currency of the parent, where it increased or reduced a part in another one.
    #[schema(value_type = Option<Amount>)]
    equivalent: Option<String>,
    /// The currency of the equivalent.
    equivalent_currency: Option<Currency>,
    /// It goes beyond what was pledged, and is meant to.
    over: bool,
    #[schema(min_length = 1, max_length = 10000)]
    note: Option<&'a str>,
    /// Goes up by one with every change.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    updated_at: Timestamp,
}

/// An event as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct View<'a> {
    #[serde(flatten)]
    event: Document<'a>,
    /// How much there is of what belongs to it.
    counts: Cited,
    /// On the event itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

impl Event {
    fn document(&self) -> Document<'_> {
        // An event without an amount says nothing in any currency.
        let currency = self.amount.and(self.currency);
        Document {
            id: self.id,
            pledge: self.pledge,
            stage: self.stage,
            occurred_on: self.occurred_on,
            to: self.to,
            amount: self
                .amount
                .zip(currency)
                .map(|(minor, currency)| decimal(minor, currency)),
            currency,
            equivalent: self
                .equivalent
                .zip(self.equivalent_currency)
                .map(|(minor, currency)| decimal(minor, currency)),
            equivalent_currency: self.equivalent.and(self.equivalent_currency),
            over: self.over,
            note: self.note.as_deref(),
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// An event beside those of other pledges: with whose it is.
#[derive(Debug)]
pub struct EventOfPledge {
    event: Event,
    participant: Option<Code>,
    participant_names: Option<LangMap>,
    meeting: Option<Slug>,
    meeting_titles: Option<LangMap>,
}

impl EventOfPledge {
    /// What an event among those of other pledges shows beside itself.
    pub const OF_ITS_PLEDGE: [&'static str; 4] =
        ["participant", "participant_name", "meeting", "meeting_title"];

    /// This event of this pledge.
    #[must_use]
    pub fn of(event: &Event, pledge: &Pledge) -> Self {
        let refs = &pledge.refs;
        Self {
            event: event.clone(),
            participant: refs.participant.clone(),
            participant_names: refs.participant_names.clone(),
            meeting: refs.meeting.clone(),
            meeting_titles: refs.meeting_titles.clone(),
        }
    }
}

/// An event of any pledge as a reader sees it: with who pledged, and where.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventOfPledge)]
pub struct ViewOfPledge<'a> {
    #[serde(flatten)]
    event: Document<'a>,
    /// Who made the pledge; null when its meeting made it as a whole.
    participant: Option<&'a Code>,
    /// In the reader's language.
    participant_name: Option<&'a str>,
    /// Where it was pledged.
    meeting: Option<&'a Slug>,
    /// In the reader's language.
    meeting_title: Option<&'a str>,
    /// How much there is of what belongs to it.
    counts: Cited,
}

impl Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}

/// What a caller says of an event.
pub struct Draft {
    stage: Stage,
    occurred_on: PartialDate,
    to: Option<PartialDate>,
    amount: Option<Amount>,
    currency: Option<Currency>,
    equivalent: Option<Amount>,
    /// Whether a patch says it, which is then of the currency that it is asked for in.
    says_equivalent: bool,
    over: bool,
    note: Option<String>,
    citations: Vec<citations::Draft>,
}

impl records::Draft for Draft {
    fn input() -> InputSchema {
        InputSchema {
            name: "NewEvent",
            fields: Resource::Events.fields(),
            required: &["stage", "occurred_on"],
            input_only: vec![("citations", citations::within())],
            example: json!({ "stage": "frozen", "occurred_on": "2018-09", "note": "for review" }),
        }
    }

    fn patch() -> Value {
        json!({ "note": "the first part of it" })
    }

    fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let citations: Option<Vec<Within<Event>>> = fields.list("citations", citations::MOST_AT_ONCE);
            let draft = Self::read(fields);
            Some(Self {
                citations: citations.unwrap_or_default().into_iter().map(|it| it.0).collect(),
                ..draft?
            })
        })
    }

    fn patched(merged: &Value, patch: &Value) -> Result<Self> {
        let draft = Self::parse(merged)?;
        let says_equivalent = says_equivalent(patch);
        Ok(Self {
            says_equivalent,
            ..draft
        })
    }

    fn has_sources(&self) -> bool {
        !self.citations.is_empty()
    }
}

/// What an event comes to on its pledge.
struct Against {
    amount: Option<i64>,
    equivalent: Option<i64>,
    equivalent_currency: Option<Currency>,
}

impl Draft {
    fn read(fields: &mut Fields) -> Option<Self> {
        let stage = fields.required("stage");
        let occurred_on = fields.required("occurred_on");
        let to = fields.optional("to");
        let amount = fields.optional("amount");
        let currency = fields.optional("currency");
        let equivalent = fields.optional("equivalent");
        let over = fields.optional("over").unwrap_or(false);
        let note = fields.text("note", LONGEST_NOTE);
        Some(Self {
            stage: stage?,
            occurred_on: occurred_on?,
            to,
            amount,
            currency,
            equivalent,
            says_equivalent: false,
            over,
            note,
            citations: Vec::new(),
        })
    }

    /// Whether its stage happens to such a pledge, and takes an amount there.
    fn goes_with(&self, pledge: &Pledge, faults: &mut Faults) {
        let (stage, has_amounts) = (self.stage, pledge.terms.has_amounts());
        match stage {
            Stage::Started | Stage::Completed if has_amounts => {
                faults.add("/stage", "stage", format!("{stage} goes with a pledge that states no amount; what became of this one is committed and paid, each with its amount"));
            }
            Stage::Committed | Stage::Paid if !has_amounts => {
                faults.add("/stage", "stage", format!("{stage} does not go with a pledge that states no amount; what is done about it is started and completed. A pledge that is to be paid needs its amount first: patch it"));
            }
            _ if has_amounts && stage.moves_money() && self.amount.is_some() => {}
            _ if has_amounts && stage.moves_money() => {
                faults.add("/amount", "required", format!("is required with {stage}"));
            }
            _ if self.amount.is_some() && stage.is_loss() => {
                faults.add("/amount", "stage", "does not go with a pledge that states no amount; leave it out, or patch the pledge first");
            }
            _ if self.amount.is_some() && stage.goes_without_amounts() => {
                faults.add(
                    "/amount",
                    "stage",
                    format!("does not go with {stage}; leave it out"),
                );
            }
            _ => {}
        }
    }

    /// What it is in the currency of the pledge's parent, where that is another one. What was said of it before stays,
    /// as the pledge's own does.
    fn in_the_other(
        &self,
        pledge: &Pledge,
        (before, amount): (Option<&Event>, Option<i64>),
        faults: &mut Faults,
    ) -> Option<(i64, Currency)> {
        let (at, stage) = ("/equivalent", self.stage);
        let moves = matches!(stage, Stage::Increased | Stage::Reduced);
        let others = pledge.equivalent.map(|it| it.currency).filter(|_| moves);
        let kept = before.and_then(|it| it.equivalent.zip(it.equivalent_currency));
        let unchanged = kept.filter(|(minor, currency)| {
            let said = self.equivalent.as_ref().map(|it| it.in_currency(*currency));
            said == Some(Ok(*minor))
        });
        // What was said is of the amount before.
        let is_moved = before.is_some_and(|it| amount.is_some() && it.amount != amount);
        match (&self.equivalent, others) {
            (None, None) => None,
            (None, Some(others)) => {
                faults.add(at, "required", format!("is required with {stage} of a pledge that has an equivalent: say what it is in {others}"));
                None
            }
            (Some(_), Some(others))
                if !self.says_equivalent && unchanged.is_some_and(|(_, kept)| kept != others) =>
            {
                faults.add(
                    at,
                    "currency",
                    format!("is not in {others}, as the pledge's is by now; say it anew"),
                );
                None
            }
            (Some(_), Some(others)) if !self.says_equivalent && unchanged.is_some() && is_moved => {
                let detail = format!("is of the amount before; say anew what this one is in {others}");
                faults.add(at, "amount", detail);
                None
            }
            (Some(said), Some(others)) => match said.in_currency(others) {
                Ok(0) => {
                    faults.add(at, "amount", "must be above zero");
                    None
                }
                Ok(minor) => Some((minor, others)),
                Err(detail) => {
                    faults.add(at, "amount", detail);
                    None
                }
            },
            (Some(_), None) if moves && unchanged.is_some() && !(is_moved && self.says_equivalent) => {
                unchanged.filter(|_| !is_moved)
            }
            (Some(_), None) => {
                faults.add(at, "value", "goes with what increased or reduced a part in another currency than its parent's alone; leave it out");
                None
            }
        }
    }

    /// Refuses a date of which no day has come. One that is kept so stays, until it is said anew.
    fn has_happened(&self, before: Option<&Event>, now: Timestamp, faults: &mut Faults) {
        let is_kept = before.is_some_and(|it| it.occurred_on == self.occurred_on);
        if let Some(today) = self.occurred_on.ahead_of(now).filter(|_| !is_kept) {
            let detail = format!(
                "lies ahead: no day after {today} has begun anywhere, and an event is what has happened. What is to come is said by \
                 the pledge's due_on and tranches; of rescheduled, to is the new date, and this the day on which it was put off"
            );
            faults.add(
                "/occurred_on",
                "value",
                Detail::of(detail).limited(today.to_string()),
            );
        }
    }

    /// Its amount in minor units, and what that is in another currency, when it may have happened to this pledge by now.
    /// `before` is how it was.
    fn against(&self, pledge: &Pledge, before: Option<&Event>, now: Timestamp) -> Result<Against> {
        let mut faults = Faults::default();
        self.has_happened(before, now, &mut faults);
        if let Some(first) = pledge.refs.restates {
            let detail = format!(
                "pledges/{} restates pledges/{first} and takes no events; post it to /v1/pledges/{first}/events",
                pledge.id
            );
            faults.add(
                "",
                "restatement",
                Detail::of(detail).naming(format!("pledges/{first}")),
            );
        }
        self.goes_with(pledge, &mut faults);
        let stage = self.stage;
        match self.to {
            None if stage == Stage::Rescheduled => {
                faults.add(
                    "/to",
                    "required",
                    "is required with rescheduled: the date to which it is put off",
                );
            }
            Some(_) if stage != Stage::Rescheduled => {
                faults.add(
                    "/to",
                    "stage",
                    format!("does not go with {stage}, which puts nothing off; leave it out"),
                );
            }
            _ => {}
        }
        if self.over && !(stage == Stage::Paid || stage.is_loss() || stage == Stage::Reduced) {
            faults.add(
                "/over",
                "stage",
                format!("does not go with {stage}, which cannot go beyond what was pledged"),
            );
        }
        if matches!(stage, Stage::Increased | Stage::Reduced) && pledge.terms.amount.is_none() {
            faults.add(
                "/stage",
                "stage",
                format!(
                    "{stage} needs a pledge that states a single amount to move; patch the pledge instead"
                ),
            );
        }
        let minor = match (&self.amount, pledge.terms.currency) {
            (Some(_), None) if !stage.goes_without_amounts() => {
                faults.add("/amount", "currency", "cannot be kept: the pledge states no amount and no currency. Patch it first, at_least being what is known");
                None
            }
            (Some(amount), Some(currency)) => match amount.in_currency(currency) {
                Ok(0) => {
                    faults.add("/amount", "amount", "must be above zero");
                    None
                }
                Ok(minor) => Some(minor),
                Err(detail) => {
                    faults.add("/amount", "amount", detail);
                    None
                }
            },
            _ => None,
        };
        match (self.currency, pledge.terms.currency) {
            (Some(given), Some(currency)) if given != currency => {
                faults.add(
                    "/currency",
                    "currency",
                    Detail::of(format!("must be the pledge's, {currency}")).allowing([currency.to_string()]),
                );
            }
            (Some(_), _) if self.amount.is_none() => {
                faults.add(
                    "/currency",
                    "value",
                    "says nothing without an amount; leave it out, and send null where it is kept",
                );
            }
            _ => {}
        }
        let in_the_other = self.in_the_other(pledge, (before, minor), &mut faults);
        faults.or_invalid()?;
        Ok(Against {
            amount: minor,
            equivalent: in_the_other.map(|it| it.0),
            equivalent_currency: in_the_other.map(|it| it.1),
        })
    }
}
