//! Pledges: one promise of one instrument by one participant, or by a meeting as a whole.
//!
//! The rules of a pledge on its own are in [`Draft::parse`]; those of a pledge
//! among others (parents, restatements) in `kinship`; what it comes to, in
//! [`figures`]. `settle` brings the derived figures up to date after every
//! write that touches them, in its transaction.

mod beside;
pub mod events;
pub mod figures;
pub mod http;
mod kinship;
pub mod sql;

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    citations::{self, About, Conflict, Subject, Within},
    db::Conn,
    error::{Error, Faults, Result},
    history::{
        Recorded, Write,
        batch::{Batched, Refusal},
    },
    resources::{self, Resource},
    values::{
        Amount, Code, Currency, Fields, LangMap, Language, PartialDate, Slug, Timestamp, decimal, parse,
        vocabulary,
    },
    web::{Expand, Shown},
};
use figures::{Figures, Misfit, Promise};

vocabulary! {
    /// What kind of promise: it decides what an amount means.
    Instrument {
        Grant = "grant",
        Loan = "loan",
        CreditLine = "credit_line",
        Guarantee = "guarantee",
        ExportCredit = "export_credit",
        Investment = "investment",
        InKind = "in_kind",
        Technical = "technical",
        Military = "military",
        DebtRelief = "debt_relief",
        Political = "political",
        Unspecified = "unspecified",
    }
}

vocabulary! {
    /// How an amount is meant.
    Qualifier { Exact = "exact", About = "about", UpTo = "up_to", AtLeast = "at_least", Between = "between" }
}

vocabulary! {
    /// What became of a pledge: derived, never written.
    State as "PledgeState" {
        Open = "open",
        PartlyPaid = "partly_paid",
        Frozen = "frozen",
        Fulfilled = "fulfilled",
        Withdrawn = "withdrawn",
        Restated = "restated",
    }
}

/// Longest purpose and conditions, and longest name or office, in code points.
const LONGEST_TEXT: usize = 10_000;
const LONGEST_NAME: usize = 300;

/// A pledge as it is stored; money in minor units of its currency.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Pledge {
    pub id: Uuid,
    pub participant: Option<Code>,
    pub meeting: Option<Slug>,
    pub parent: Option<Uuid>,
    pub restates: Option<Uuid>,
    pub beneficiary: Option<Code>,
    #[sqlx(flatten)]
    pub terms: Terms,
    #[sqlx(flatten)]
    pub figures: Figures,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    #[sqlx(json(nullable))]
    participant_names: Option<LangMap>,
    #[sqlx(json(nullable))]
    meeting_titles: Option<LangMap>,
}

/// What was promised, references apart.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub struct Terms {
    pub instrument: Instrument,
    pub qualifier: Option<Qualifier>,
    pub currency: Option<Currency>,
    pub amount_min: Option<i64>,
    pub amount: Option<i64>,
    pub amount_max: Option<i64>,
    pub purpose: Option<String>,
    pub announced_on: Option<PartialDate>,
    pub announced_by_name: Option<String>,
    pub announced_by_office: Option<String>,
    pub period_from: Option<PartialDate>,
    pub period_to: Option<PartialDate>,
    pub conditions: Option<String>,
}

/// A pledge as it is written down: amounts in decimals. The log keeps this.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PledgeRecord)]
struct Record<'a> {
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
    /// Goes up by one with every change, its events' included.
    version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    updated_at: Timestamp,
}

/// A pledge as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Pledge)]
pub struct View<'a> {
    #[serde(flatten)]
    pledge: Record<'a>,
    /// The participant's name in the reader's language.
    participant_name: Option<&'a str>,
    /// The meeting's title in the reader's language.
    meeting_title: Option<&'a str>,
    /// On the pledge itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

impl Pledge {
    fn record(&self) -> Record<'_> {
        let Terms { currency, .. } = self.terms;
        let money = |minor: Option<i64>| Some(decimal(minor?, currency?));
        Record {
            id: self.id,
            instrument: self.terms.instrument,
            participant: self.participant.as_ref(),
            meeting: self.meeting.as_ref(),
            parent: self.parent,
            restates: self.restates,
            qualifier: self.terms.qualifier,
            amount_min: money(self.terms.amount_min),
            amount: money(self.terms.amount),
            amount_max: money(self.terms.amount_max),
            currency,
            purpose: self.terms.purpose.as_deref(),
            beneficiary: self.beneficiary.as_ref(),
            announced_on: self.terms.announced_on,
            announced_by_name: self.terms.announced_by_name.as_deref(),
            announced_by_office: self.terms.announced_by_office.as_deref(),
            period_from: self.terms.period_from,
            period_to: self.terms.period_to,
            conditions: self.terms.conditions.as_deref(),
            state: self.figures.state,
            pledged_min: money(self.figures.pledged_min),
            pledged: money(self.figures.pledged),
            pledged_max: money(self.figures.pledged_max),
            counted_min: money(self.figures.counted_min),
            counted: money(self.figures.counted),
            counted_max: money(self.figures.counted_max),
            committed: money(self.figures.committed),
            paid: money(self.figures.paid),
            withdrawn: money(self.figures.withdrawn),
            outstanding: money(self.figures.outstanding),
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    #[must_use]
    pub fn view(&self, language: Language) -> View<'_> {
        View {
            pledge: self.record(),
            participant_name: self
                .participant_names
                .as_ref()
                .map(|names| names.resolve(language)),
            meeting_title: self
                .meeting_titles
                .as_ref()
                .map(|titles| titles.resolve(language)),
            conflicts: None,
        }
    }

    /// With where its sources disagree.
    #[must_use]
    pub fn whole(&self, language: Language, conflicts: Vec<Conflict>) -> View<'_> {
        View {
            conflicts: Some(conflicts),
            ..self.view(language)
        }
    }

    fn promise(&self) -> Promise {
        self.terms.promise(self.restates.is_some())
    }
}

impl Terms {
    fn promise(&self, is_restatement: bool) -> Promise {
        Promise {
            instrument: self.instrument,
            qualifier: self.qualifier,
            amount_min: self.amount_min,
            amount: self.amount,
            amount_max: self.amount_max,
            is_restatement,
        }
    }
}

impl Serialize for Pledge {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.record().serialize(serializer)
    }
}

impl Shown for Pledge {
    type View<'a> = View<'a>;
    type Schema = View<'static>;

    const EXPANDS: &'static [Expand] = &[
        Expand::Participant,
        Expand::Meeting,
        Expand::Events,
        Expand::Citations,
    ];

    fn id(&self) -> Uuid {
        self.id
    }

    fn shown(&self, language: Language) -> View<'_> {
        self.view(language)
    }

    async fn expand(
        conn: &mut Conn,
        records: &[Self],
        what: Expand,
        language: Language,
    ) -> Result<Vec<Value>> {
        beside::expand(conn, records, what, language).await
    }
}

impl Recorded for Pledge {
    const RESOURCE: Resource = Resource::Pledges;
    fn key(&self) -> String {
        self.id.to_string()
    }
    fn version(&self) -> i64 {
        self.version
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
    citations: Vec<citations::Draft>,
}

impl Draft {
    /// A new pledge, which may bring its citations along.
    pub fn parse_new(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let citations: Option<Vec<Within<false>>> = fields.list("citations", citations::MOST_AT_ONCE);
            let draft = Self::read(fields);
            Some(Self {
                citations: citations.unwrap_or_default().into_iter().map(|it| it.0).collect(),
                ..draft?
            })
        })
    }

    pub fn parse(body: &Value) -> Result<Self> {
        parse(body, Self::read)
    }

    /// Whether nothing but its own row follows from it: no other pledge's figures, no citation.
    fn stands_alone(&self) -> bool {
        self.parent.is_none() && self.restates.is_none() && self.citations.is_empty()
    }

    fn read(fields: &mut Fields) -> Option<Self> {
        let participant = fields.optional("participant");
        let meeting = fields.optional("meeting");
        let parent = fields.optional("parent");
        let restates = fields.optional("restates");
        let beneficiary = fields.optional("beneficiary");
        let terms = Terms::read(fields);
        Some(Self {
            participant,
            meeting,
            parent,
            restates,
            beneficiary,
            terms: terms?,
            citations: Vec::new(),
        })
    }
}

impl Terms {
    fn read(fields: &mut Fields) -> Option<Self> {
        let instrument: Option<Instrument> = fields.required("instrument");
        let given_qualifier = fields.raw("qualifier").is_some();
        let qualifier: Option<Qualifier> = fields.optional("qualifier");
        let given_currency = fields.raw("currency").is_some();
        let currency: Option<Currency> = fields.optional("currency");
        let [mut min, point, max] =
            ["amount_min", "amount", "amount_max"].map(|name| fields.money(name, currency));
        let purpose = fields.text("purpose", LONGEST_TEXT);
        let announced_on = fields.optional("announced_on");
        let announced_by_name = fields.text("announced_by_name", LONGEST_NAME);
        let announced_by_office = fields.text("announced_by_office", LONGEST_NAME);
        let period_from: Option<PartialDate> = fields.optional("period_from");
        let period_to: Option<PartialDate> = fields.optional("period_to");
        let conditions = fields.text("conditions", LONGEST_TEXT);

        if let (Some(from), Some(to)) = (period_from, period_to)
            && to.last() < from.first()
        {
            fields.fault("period_to", "order", "must not be before period_from");
        }
        let amounts = [("amount_min", &min), ("amount", &point), ("amount_max", &max)];
        let any = amounts.iter().any(|(_, money)| money.given);
        if any && !given_currency {
            fields.fault("currency", "required", "is required with any amount");
        }
        if !any && given_currency {
            fields.fault(
                "currency",
                "value",
                "says nothing without an amount; leave it out, or state the amount (at_least, up_to, …)",
            );
        }
        for (name, money) in amounts {
            // Only "up to" may begin at nothing, which is what it means.
            if money.minor == Some(0) && !(name == "amount_min" && qualifier == Some(Qualifier::UpTo)) {
                fields.fault(
                    name,
                    "amount",
                    "must be above zero; send null where no amount was stated",
                );
            }
        }
        if instrument == Some(Instrument::Political) && (any || given_qualifier) {
            fields.fault("instrument", "political", "a political pledge has no amount and no qualifier; leave them out, or name the instrument that the money comes by");
        } else if any && !given_qualifier {
            fields.fault(
                "qualifier",
                "required",
                format!(
                    "is required with an amount; it is one of: {}",
                    Qualifier::WORDS.join(", ")
                ),
            );
        }
        if let Some(qualifier) = qualifier {
            let (needs, takes) = qualifier.amounts();
            for (name, money) in [("amount_min", &min), ("amount", &point), ("amount_max", &max)] {
                if needs.contains(&name) && !money.given {
                    fields.fault(
                        name,
                        "required",
                        format!("is required with the qualifier {qualifier}"),
                    );
                }
                if money.given && !needs.contains(&name) && !takes.contains(&name) {
                    fields.fault(name, "qualifier", format!("does not go with the qualifier {qualifier}; send null, or choose another qualifier"));
                }
            }
        }
        let ordered =
            |low: &Money, high: &Money| low.minor.zip(high.minor).is_none_or(|(low, high)| low <= high);
        if !ordered(&min, &max) {
            fields.fault("amount_max", "order", "must not be below amount_min");
        }
        if !ordered(&min, &point) {
            fields.fault("amount", "order", "must not be below amount_min");
        }
        if !ordered(&point, &max) {
            fields.fault("amount", "order", "must not be above amount_max");
        }
        if qualifier == Some(Qualifier::UpTo) && !min.given {
            min.minor = Some(0);
        }
        Some(Self {
            instrument: instrument?,
            qualifier,
            currency,
            amount_min: min.minor,
            amount: point.minor,
            amount_max: max.minor,
            purpose,
            announced_on,
            announced_by_name,
            announced_by_office,
            period_from,
            period_to,
            conditions,
        })
    }
}

impl Qualifier {
    /// The amounts that it needs, and those that it also takes.
    fn amounts(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Exact => (&["amount"], &[]),
            Self::About => (&["amount"], &["amount_min", "amount_max"]),
            Self::UpTo => (&["amount_max"], &["amount_min"]),
            Self::AtLeast => (&["amount_min"], &[]),
            Self::Between => (&["amount_min", "amount_max"], &["amount"]),
        }
    }
}

/// An amount field as it came, and what it is in its currency where both can be read.
struct Money {
    given: bool,
    minor: Option<i64>,
}

impl Fields<'_> {
    fn money(&mut self, name: &'static str, currency: Option<Currency>) -> Money {
        let given = self.raw(name).is_some();
        let minor = self
            .optional::<Amount>(name)
            .zip(currency)
            .and_then(|(amount, currency)| {
                amount
                    .in_currency(currency)
                    .map_err(|detail| self.fault(name, "amount", detail))
                    .ok()
            });
        Money { given, minor }
    }
}

/// The ids of what a pledge refers to, as its row keeps them.
struct Refs {
    participant: Option<Uuid>,
    meeting: Option<Uuid>,
    parent: Option<Uuid>,
    restates: Option<Uuid>,
    beneficiary: Option<Uuid>,
}

/// Of each draft, the ids of what it refers to, or a fault for each reference to nothing.
async fn refs(conn: &mut Conn, drafts: &[&Draft]) -> Result<Vec<Result<Refs>>> {
    let (participants, meetings, pledges) = (Resource::Participants, Resource::Meetings, Resource::Pledges);
    let (mut codes, mut slugs, mut kin) = (Vec::new(), Vec::new(), Vec::new());
    for draft in drafts {
        codes.extend(draft.participant.as_deref());
        codes.extend(draft.beneficiary.as_deref());
        slugs.extend(draft.meeting.as_deref());
        kin.extend(
            [draft.parent, draft.restates]
                .into_iter()
                .flatten()
                .map(|id| id.to_string()),
        );
    }
    let codes = resources::resolve_all(conn, participants, codes).await?;
    let slugs = resources::resolve_all(conn, meetings, slugs).await?;
    let kin = resources::resolve_all(conn, pledges, kin.iter().map(String::as_str).collect()).await?;
    Ok(drafts
        .iter()
        .map(|draft| {
            let mut faults = Faults::default();
            let mut find = |found: &HashMap<&str, Uuid>, resource, key: Option<&str>, pointer| {
                let id = found.get(key?).copied();
                if id.is_none() {
                    resources::unknown(resource, key?, pointer, &mut faults);
                }
                id
            };
            let [parent, restates] = [draft.parent, draft.restates].map(|id| id.map(|id| id.to_string()));
            let refs = Refs {
                participant: find(&codes, participants, draft.participant.as_deref(), "/participant"),
                meeting: find(&slugs, meetings, draft.meeting.as_deref(), "/meeting"),
                parent: find(&kin, pledges, parent.as_deref(), "/parent"),
                restates: find(&kin, pledges, restates.as_deref(), "/restates"),
                beneficiary: find(&codes, participants, draft.beneficiary.as_deref(), "/beneficiary"),
            };
            faults.or_invalid().map(|()| refs)
        })
        .collect())
}

async fn refs_of(conn: &mut Conn, draft: &Draft) -> Result<Refs> {
    refs(conn, &[draft])
        .await?
        .pop()
        .unwrap_or_else(|| Err(Error::internal("a draft whose references were not looked up")))
}

pub async fn create(write: &mut Write, draft: Draft) -> Result<Pledge> {
    let refs = refs_of(&mut write.conn, &draft).await?;
    create_referring(write, &draft, refs).await
}

async fn create_referring(write: &mut Write, draft: &Draft, refs: Refs) -> Result<Pledge> {
    let parent = refs.parent;
    let new = New::of(write.new_id(), draft, refs)?;
    kinship::check_new(&mut write.conn, new.id, &draft.terms, &new.refs).await?;
    let pledge = stored(write, &[new])
        .await?
        .pop()
        .ok_or_else(|| Error::internal("a pledge that was stored is not there"))?;
    for (index, citation) in draft.citations.iter().enumerate() {
        let subject = Subject {
            about: About::Pledges,
            id: pledge.id,
        };
        citations::create(write, subject, citation.clone(), &format!("/citations/{index}")).await?;
    }
    settle_parents(write, &[parent]).await?;
    Ok(pledge)
}

/// A pledge that is about to be written for the first time.
struct New<'a> {
    id: Uuid,
    terms: &'a Terms,
    refs: Refs,
    figures: Figures,
}

impl<'a> New<'a> {
    fn of(id: Uuid, draft: &'a Draft, refs: Refs) -> Result<Self> {
        let promise = draft.terms.promise(refs.restates.is_some());
        Ok(Self {
            id,
            terms: &draft.terms,
            refs,
            figures: Figures::of(&promise, &[], None).map_err(misfit)?,
        })
    }
}

/// Writes new pledges and the log's entries of them; as they now are.
async fn stored(write: &mut Write, new: &[New<'_>]) -> Result<Vec<Pledge>> {
    sql::insert(&mut write.conn, new, write.at).await?;
    let ids: Vec<Uuid> = new.iter().map(|it| it.id).collect();
    let pledges = sql::must_find_all(&mut write.conn, &ids).await?;
    write.created_many(&pledges).await?;
    Ok(pledges)
}

impl Batched for Pledge {
    type Draft = Draft;

    fn read(body: &Value) -> Result<Draft> {
        Draft::parse_new(body)
    }

    async fn create_all(write: &mut Write, drafts: &[&Draft]) -> Result<Vec<Self>, Refusal> {
        let (mut referring, mut refused) = (Vec::with_capacity(drafts.len()), Vec::new());
        for (at, refs) in refs(&mut write.conn, drafts).await?.into_iter().enumerate() {
            match refs {
                Ok(refs) => referring.push((drafts[at], refs)),
                Err(error) => refused.push((at, error)),
            }
        }
        if !refused.is_empty() {
            return Err(Refusal::Of(refused));
        }
        let mut created = Vec::with_capacity(drafts.len());
        let mut plain = Vec::new();
        for (draft, refs) in referring {
            if draft.stands_alone() {
                plain.push(New::of(write.new_id(), draft, refs)?);
                continue;
            }
            created.append(&mut stored(write, &std::mem::take(&mut plain)).await?);
            created.push(create_referring(write, draft, refs).await?);
        }
        created.append(&mut stored(write, &plain).await?);
        Ok(created)
    }

    async fn whole(&self, draft: &Draft, conn: &mut Conn, language: Language) -> Result<String> {
        let conflicts = if draft.citations.is_empty() {
            Vec::new()
        } else {
            conflicts(conn, self).await?
        };
        serde_json::to_string(&self.whole(language, conflicts)).map_err(Error::internal)
    }
}

/// Changes what a pledge says, or checks anew that it may say it, as after a restore.
pub async fn change(write: &mut Write, before: Pledge, draft: Draft) -> Result<Pledge> {
    let refs = refs_of(&mut write.conn, &draft).await?;
    kinship::check(&mut write.conn, before.id, &draft.terms, &refs).await?;
    kinship::check_events(&mut write.conn, &before, &draft.terms, refs.restates.is_some()).await?;
    sql::update(&mut write.conn, before.id, &draft.terms, &refs).await?;
    let after = settle_from(write, before.clone(), Bump::IfChanged, Excess::NotDeeper).await?;
    settle_parents(write, &[before.parent, refs.parent]).await?;
    Ok(after)
}

/// Retracts a pledge with its events and citations; its parent counts what it covered.
pub async fn retract(write: &mut Write, pledge: &Pledge) -> Result<()> {
    write.retract(Resource::Pledges, pledge.id).await?;
    settle_parents(write, &[pledge.parent]).await
}

/// Checks a restored pledge as if it were said anew.
pub async fn recheck(write: &mut Write, id: Uuid) -> Result<Pledge> {
    citations::recheck_about(
        write,
        Subject {
            about: About::Pledges,
            id,
        },
    )
    .await?;
    for event in sql::events_of(&mut write.conn, id).await? {
        citations::recheck_about(
            write,
            Subject {
                about: About::Events,
                id: event,
            },
        )
        .await?;
    }
    let pledge = sql::must_find(&mut write.conn, id).await?;
    let said = said(&pledge)?;
    change(write, pledge, Draft::parse(&said)?).await
}

/// What a caller said of a record: the fields of it that can be written.
fn said<R: Recorded>(record: &R) -> Result<Value> {
    let mut whole = serde_json::to_value(record).map_err(Error::internal)?;
    if let Some(fields) = whole.as_object_mut() {
        fields.retain(|name, _| R::RESOURCE.fields().contains(&name.as_str()));
    }
    Ok(whole)
}

/// Whether settling raises the version also when no figure moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bump {
    IfChanged,
    Always,
}

/// What may be paid or lost beyond what was pledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    /// No more than before the write.
    NotDeeper,
    /// None at all.
    Refused,
    /// Any: the event says `over`.
    Allowed,
}

/// Brings a pledge's derived figures up to date with its terms, events and children.
pub(crate) async fn settle(write: &mut Write, id: Uuid, bump: Bump, excess: Excess) -> Result<Pledge> {
    let before = sql::must_find(&mut write.conn, id).await?;
    settle_from(write, before, bump, excess).await
}

/// As [`settle`], for a pledge whose terms may have been written already: `before` is how it was.
async fn settle_from(write: &mut Write, before: Pledge, bump: Bump, excess: Excess) -> Result<Pledge> {
    let id = before.id;
    let mut after = sql::must_find(&mut write.conn, id).await?;
    let happened = sql::happened(&mut write.conn, id).await?;
    let children = children(&mut write.conn, id).await?;
    let figures = Figures::of(&after.promise(), &happened, children).map_err(misfit)?;
    // An event may go beyond what was pledged and say so; parts never go beyond the whole.
    let parts_exceed = figures.counted.is_some_and(|counted| counted < 0);
    let refused = match excess {
        Excess::Allowed => false,
        Excess::Refused => figures.excess() > 0,
        Excess::NotDeeper => figures.excess() > before.figures.excess(),
    };
    if parts_exceed || refused {
        return Err(overrun(&after, &figures, children));
    }
    after.figures = figures;
    if after == before && bump == Bump::IfChanged {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = write.at;
    sql::update_figures(&mut write.conn, id, &figures, after.version, after.updated_at).await?;
    write.updated(&before, &after).await?;
    Ok(after)
}

async fn settle_parents(write: &mut Write, parents: &[Option<Uuid>]) -> Result<()> {
    let mut settled = None;
    for parent in parents.iter().flatten() {
        if settled != Some(*parent) {
            settle(write, *parent, Bump::IfChanged, Excess::NotDeeper).await?;
            settled = Some(*parent);
        }
    }
    Ok(())
}

/// What a pledge's children have pledged together; `None` when it has none.
async fn children(conn: &mut Conn, id: Uuid) -> Result<Option<i64>> {
    let pledged = sql::children_pledged(conn, id).await?;
    if pledged.is_empty() {
        return Ok(None);
    }
    pledged
        .into_iter()
        .try_fold(0_i64, |sum, figure| sum.checked_add(figure.unwrap_or(0)))
        .map(Some)
        .ok_or_else(|| misfit(Misfit::TooLarge))
}

fn misfit(misfit: Misfit) -> Error {
    Error::Invalid(match misfit {
        Misfit::TooLarge => Faults::one(
            "/amount",
            "sum_does_not_fit",
            "with it a sum of this pledge would be too large to be kept exactly; mend the amount",
        ),
        Misfit::BelowZero => Faults::one(
            "/amount",
            "below_zero",
            "reduces the pledge by more than it states; use withdrawn for what is taken back whole",
        ),
    })
}

/// What was paid or lost is more than what was pledged: says how much of each.
fn overrun(pledge: &Pledge, figures: &Figures, children: Option<i64>) -> Error {
    let Some(currency) = pledge.terms.currency else {
        return Error::internal("an excess without a currency");
    };
    let money = |minor: i64| format!("{currency} {}", decimal(minor, currency));
    let gone = figures
        .paid
        .unwrap_or(0)
        .saturating_add(figures.withdrawn.unwrap_or(0));
    let pledged = figures.pledged.or(figures.pledged_max).unwrap_or(0);
    Error::Invalid(match children {
        Some(children) => Faults::one(
            "/amount",
            "exceeds_parent",
            format!(
                "pledges/{} states {}; its parts would add up to {} and {} is paid or lost on itself, {} too much",
                pledge.id,
                money(pledged),
                money(children),
                money(gone),
                money(figures.excess()),
            ),
        ),
        None => Faults::one(
            "/amount",
            "exceeds_pledge",
            format!(
                "pledges/{} states {}; paid, redirected, withdrawn and expired would add up to {}, {} too much. An event that really goes beyond says \"over\": true",
                pledge.id,
                money(pledged),
                money(gone),
                money(figures.excess()),
            ),
        ),
    })
}

/// Where the sources of a pledge disagree with what the register holds.
pub async fn conflicts(conn: &mut Conn, pledge: &Pledge) -> Result<Vec<Conflict>> {
    citations::conflicts(conn, Resource::Pledges, pledge.id, pledge).await
}
