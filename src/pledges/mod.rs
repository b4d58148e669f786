//! Pledges: one promise of one instrument by one participant, or by a meeting as a whole.
//!
//! The rules of a pledge on its own are in [`Draft`]; those of a pledge
//! among others (parents, restatements) in `relations`; what it comes to, in
//! [`figures`]. `recompute` brings the derived figures up to date after every
//! write that touches them, in its transaction.

pub mod adherents;
pub mod events;
mod evidence;
pub mod figures;
pub mod http;
mod record;
mod recompute;
mod relations;
mod sent;
pub mod sql;
mod stage;
mod terms;
mod timing;
mod tranches;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    citations::{self, Conflict, Within},
    error::Result,
    history::Parts,
    records,
    resources::{Code, Resource, Slug},
    values::{Amount, Currency, Fields, LangMap, PartialDate, Timestamp, decimal, parse},
    web::InputSchema,
};
pub use evidence::Evidence;
pub use figures::State;
use figures::{Equivalent, Figures, Promise, Range, Standing};
use terms::{Anew, SaidEquivalent};
pub use terms::{Instrument, Qualifier, Terms};
pub use timing::Timing;
pub use tranches::Tranches;

/// A meeting's pledges, with their events, are a part of the register.
pub const PARTS: Parts = Parts {
    of: Resource::Pledges,
    named_by: "meeting",
    within: &[Resource::Events],
};

/// A pledge as it is stored; money in minor units of its currency.
#[derive(Debug, Clone, PartialEq)]
pub struct Pledge {
    pub id: Uuid,
    pub refs: Refs,
    pub terms: Terms,
    /// Of a part in another currency than its parent's; it stays when the part leaves its parent.
    pub equivalent: Option<Equivalent>,
    pub figures: Figures,
    pub timing: Timing,
    /// Whether assessors conflict over it: follows from what others say of it.
    disputed: Option<bool>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    counts: Counts,
}

/// How much there is of what belongs to a pledge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PledgeCounts)]
struct Counts {
    /// Of the pledge itself.
    #[schema(minimum = 0)]
    citations: i64,
    #[schema(minimum = 0)]
    events: i64,
}

/// What a pledge refers to: by its key as readers name it, by its id as the row keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct Refs {
    pub participant: Option<Code>,
    participant_id: Option<Uuid>,
    participant_names: Option<LangMap>,
    pub meeting: Option<Slug>,
    meeting_id: Option<Uuid>,
    meeting_titles: Option<LangMap>,
    pub beneficiary: Option<Code>,
    beneficiary_id: Option<Uuid>,
    beneficiary_names: Option<LangMap>,
    pub parent: Option<Uuid>,
    pub restates: Option<Uuid>,
}

/// A pledge as it is written down: amounts in decimals. The log keeps this.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PledgeRecord)]
struct Document<'a> {
    id: Uuid,
    instrument: Instrument,
    /// Who promises; null when the meeting promises as a whole.
    participant: Option<&'a Code>,
    /// Where it was promised.
    meeting: Option<&'a Slug>,
    /// The pledge that this one is a part of.
    parent: Option<Uuid>,
    /// The earlier pledge that this one only says again: it adds nothing to totals.
    restates: Option<Uuid>,
    qualifier: Option<Qualifier>,
    #[schema(value_type = Option<Amount>)]
    amount_min: Option<String>,
    #[schema(value_type = Option<Amount>)]
    amount: Option<String>,
    #[schema(value_type = Option<Amount>)]
    amount_max: Option<String>,
    /// Of every amount of this pledge and of its events.
    currency: Option<Currency>,
    /// Of a part in another currency than its parent's: what it is in that one, as announced.
    equivalent: Option<EquivalentDocument>,
    /// The currency of the equivalent: the parent's, also when the part has left it.
    equivalent_currency: Option<Currency>,
    #[schema(min_length = 1, max_length = 10000)]
    purpose: Option<&'a str>,
    /// For whom: a participant's code.
    beneficiary: Option<&'a Code>,
    announced_on: Option<PartialDate>,
    #[schema(min_length = 1, max_length = 300)]
    announced_by_name: Option<&'a str>,
    #[schema(min_length = 1, max_length = 300)]
    announced_by_office: Option<&'a str>,
    period_from: Option<PartialDate>,
    period_to: Option<PartialDate>,
    /// By when it is to be kept, as it was first said; what puts it off is an event.
    due_on: Option<PartialDate>,
    /// In which phases it is to be kept, as announced; no two have a day in common.
    #[schema(max_items = 100)]
    tranches: Vec<tranches::Document>,
    #[schema(min_length = 1, max_length = 10000)]
    conditions: Option<&'a str>,
    state: State,
    /// What is pledged at least: as announced, with later increases and reductions.
    #[schema(value_type = Option<Amount>)]
    pledged_min: Option<String>,
    /// What is pledged: as announced, with later increases and reductions.
    #[schema(value_type = Option<Amount>)]
    pledged: Option<String>,
    /// What is pledged at most: as announced, with later increases and reductions.
    #[schema(value_type = Option<Amount>)]
    pledged_max: Option<String>,
    /// What it adds to the minimum of totals.
    #[schema(value_type = Option<Amount>)]
    counted_min: Option<String>,
    /// What it adds to totals: nothing where it restates, what its parts do not cover where it has parts.
    #[schema(value_type = Option<Amount>)]
    counted: Option<String>,
    /// What it adds to the maximum of totals.
    #[schema(value_type = Option<Amount>)]
    counted_max: Option<String>,
    #[schema(value_type = Option<Amount>)]
    committed: Option<String>,
    #[schema(value_type = Option<Amount>)]
    paid: Option<String>,
    /// Withdrawn, redirected and expired.
    #[schema(value_type = Option<Amount>)]
    withdrawn: Option<String>,
    /// What is still to be paid.
    #[schema(value_type = Option<Amount>)]
    outstanding: Option<String>,
    /// When it was first due: `due_on`, else the end of its last tranche, else that of its period.
    first_due_on: Option<PartialDate>,
    /// When it is due, as last put off.
    due: Option<PartialDate>,
    /// How many days late it was kept, of what is fulfilled: from the last day of `first_due_on`. A parent that is nothing but its
    /// parts was kept when the last of them was.
    #[schema(minimum = 1)]
    kept_late_days: Option<i64>,
    /// Goes up by one with every change, its events' included.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    updated_at: Timestamp,
}

/// What a part is in its parent's currency: the amounts that its own qualifier asks for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Equivalent)]
struct EquivalentDocument {
    #[schema(value_type = Option<Amount>)]
    amount_min: Option<String>,
    #[schema(value_type = Option<Amount>)]
    amount: Option<String>,
    #[schema(value_type = Option<Amount>)]
    amount_max: Option<String>,
}

impl EquivalentDocument {
    fn of(equivalent: &Equivalent) -> Self {
        let amount = equivalent.amount.map(|minor| decimal(minor, equivalent.currency));
        let Range { min, point, max } = amount;
        Self {
            amount_min: min,
            amount: point,
            amount_max: max,
        }
    }
}

/// A pledge as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pledge)]
pub struct View<'a> {
    #[serde(flatten)]
    pledge: Document<'a>,
    /// The participant's name in the reader's language.
    participant_name: Option<&'a str>,
    /// The meeting's title in the reader's language.
    meeting_title: Option<&'a str>,
    /// The beneficiary's name in the reader's language.
    beneficiary_name: Option<&'a str>,
    /// How much there is of what belongs to it.
    counts: Counts,
    /// Whether assessors conflict, over it as a whole or over a member.
    disputed: bool,
    /// Whether the last day of `due` is past, and it is neither fulfilled nor ended otherwise.
    overdue: bool,
    /// When it was last heard of: the latest day of its events, and of the articles that are cited for it or for them.
    last_evidence_on: Option<NaiveDate>,
    /// How many days ago that was; without any, since it was announced.
    #[schema(minimum = 0)]
    silent_days: Option<i64>,
    /// The day, in UTC, that the three before depend on.
    as_of: NaiveDate,
    /// On the pledge itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

impl Pledge {
    fn document(&self) -> Document<'_> {
        let Terms { currency, .. } = self.terms;
        let money = |minor: Option<i64>| Some(decimal(minor?, currency?));
        Document {
            id: self.id,
            instrument: self.terms.instrument,
            participant: self.refs.participant.as_ref(),
            meeting: self.refs.meeting.as_ref(),
            parent: self.refs.parent,
            restates: self.refs.restates,
            qualifier: self.terms.qualifier,
            amount_min: money(self.terms.amount_min),
            amount: money(self.terms.amount),
            amount_max: money(self.terms.amount_max),
            currency,
            equivalent: self.equivalent.as_ref().map(EquivalentDocument::of),
            equivalent_currency: self.equivalent.map(|it| it.currency),
            purpose: self.terms.purpose.as_deref(),
            beneficiary: self.refs.beneficiary.as_ref(),
            announced_on: self.terms.announced_on,
            announced_by_name: self.terms.announced_by_name.as_deref(),
            announced_by_office: self.terms.announced_by_office.as_deref(),
            period_from: self.terms.period_from,
            period_to: self.terms.period_to,
            due_on: self.terms.due_on,
            tranches: self.tranche_documents(),
            conditions: self.terms.conditions.as_deref(),
            state: self.figures.state,
            pledged_min: money(self.figures.pledged.min),
            pledged: money(self.figures.pledged.point),
            pledged_max: money(self.figures.pledged.max),
            counted_min: money(self.figures.counted.min),
            counted: money(self.figures.counted.point),
            counted_max: money(self.figures.counted.max),
            committed: money(self.figures.committed),
            paid: money(self.figures.paid),
            withdrawn: money(self.figures.withdrawn),
            outstanding: money(self.figures.outstanding),
            first_due_on: self.terms.first_due_on(),
            due: self.timing.due,
            kept_late_days: self.timing.kept_late_days,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn tranche_documents(&self) -> Vec<tranches::Document> {
        let Terms {
            tranches, currency, ..
        } = &self.terms;
        let documents = tranches.as_ref().zip(*currency);
        documents.map_or_else(Vec::new, |(tranches, currency)| tranches.documents(currency))
    }

    /// Whose own it is, and what that one is called; none where it is collective.
    #[must_use]
    pub fn own_participant(&self) -> Option<(&Code, &LangMap)> {
        self.refs
            .participant
            .as_ref()
            .zip(self.refs.participant_names.as_ref())
    }

    /// Whether it should have been kept by now, and is not.
    #[must_use]
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.timing.seen(&self.terms, self.figures.state, today).overdue
    }

    /// How it stands to those who follow it.
    fn standing(&self) -> Standing {
        Standing {
            state: self.figures.state,
            is_paid: self.figures.is_paid_in_parts || self.figures.paid.unwrap_or(0) > 0,
            kept_on: self.timing.kept_on,
        }
    }

    /// Whether another one is the same but for what nobody is shown of it: how its parts stand to those who follow it.
    fn says_what(&self, other: &Self) -> bool {
        let (mut figures, mut timing) = (other.figures, other.timing);
        figures.is_paid_in_parts = self.figures.is_paid_in_parts;
        timing.kept_on = self.timing.kept_on;
        *self
            == Self {
                figures,
                timing,
                ..other.clone()
            }
    }

    fn promise(&self) -> Promise {
        Promise {
            equivalent: self.equivalent,
            ..self.terms.promise(self.refs.restates.is_some())
        }
    }
}

impl Serialize for Pledge {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}

/// Sorts that compare amounts, which only one currency's can be.
pub const MONEY_SORTS: [&str; 4] = ["pledged", "amount", "paid", "outstanding"];

/// What a caller says of a pledge.
pub struct Draft {
    participant: Option<String>,
    meeting: Option<String>,
    parent: Option<Uuid>,
    restates: Option<Uuid>,
    beneficiary: Option<String>,
    terms: Terms,
    equivalent: Option<SaidEquivalent>,
    /// What of it a patch says, which is then of the parent and the amounts that it has by now.
    anew: Anew,
    citations: Vec<citations::Draft>,
}

impl records::Draft for Draft {
    fn input() -> InputSchema {
        InputSchema {
            name: "NewPledge",
            fields: Resource::Pledges.fields(),
            required: &["instrument"],
            input_only: vec![("citations", citations::within())],
            example: json!({
                "participant": "USA", "meeting": "global-coalition-kuwait-2018", "instrument": "grant",
                "qualifier": "exact", "amount": "20000000.00", "currency": "USD", "announced_on": "2018-02-13",
                "purpose": "Water for Basra",
            }),
        }
    }

    fn patch() -> Value {
        json!({ "purpose": "stabilisation of what was freed in Syria" })
    }

    fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let citations: Option<Vec<Within<Pledge>>> = fields.list("citations", citations::MOST_AT_ONCE);
            let draft = Self::read(fields);
            Some(Self {
                citations: citations.unwrap_or_default().into_iter().map(|it| it.0).collect(),
                ..draft?
            })
        })
    }

    fn patched(merged: &Value, patch: &Value) -> Result<Self> {
        let draft = Self::parse(merged)?;
        Ok(Self {
            anew: Anew::of(patch),
            ..draft
        })
    }

    fn has_sources(&self) -> bool {
        !self.citations.is_empty()
    }
}

impl Draft {
    /// Whether nothing but its own row follows from it: no other pledge's figures, no citation.
    fn stands_alone(&self) -> bool {
        self.parent.is_none()
            && self.restates.is_none()
            && self.equivalent.is_none()
            && self.citations.is_empty()
    }

    fn read(fields: &mut Fields) -> Option<Self> {
        let participant = fields.optional("participant");
        let meeting = fields.optional("meeting");
        let parent = fields.optional("parent");
        let restates = fields.optional("restates");
        let beneficiary = fields.optional("beneficiary");
        let terms = Terms::read(fields);
        let equivalent = fields.optional("equivalent");
        Some(Self {
            participant,
            meeting,
            parent,
            restates,
            beneficiary,
            terms: terms?,
            equivalent,
            anew: Anew::default(),
            citations: Vec::new(),
        })
    }
}
