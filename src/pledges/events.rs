//! Events: what happened to a pledge after it was made.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Instrument, Pledge,
    recompute::{Bump, Excess, recompute_figures, recompute_parents},
    record::said,
    sql,
};
use crate::{
    citations::{self, About, Conflict, Subject, Within},
    db::Reader,
    error::{Error, Faults, Result},
    history::{self, Write},
    resources::{Located, Resource},
    values::{Amount, Currency, Fields, Language, PartialDate, Timestamp, decimal, parse, vocabulary},
    web::{Expand, Shown, Shows},
};

vocabulary! {
    Stage {
        Committed = "committed",
        Paid = "paid",
        Frozen = "frozen",
        Released = "released",
        Redirected = "redirected",
        Withdrawn = "withdrawn",
        Expired = "expired",
        Increased = "increased",
        Reduced = "reduced",
    }
}

impl Stage {
    /// What is counted as withdrawn.
    #[must_use]
    pub const fn is_loss(self) -> bool {
        matches!(self, Self::Redirected | Self::Withdrawn | Self::Expired)
    }

    /// Whether it has an amount, on a pledge that has one.
    #[must_use]
    pub const fn moves_money(self) -> bool {
        !matches!(self, Self::Frozen | Self::Released)
    }
}

/// What `expand` puts beside a pledge.
pub const EXPAND: Expand = Expand {
    name: "events",
    shows: Shows::Many("Event"),
};

const LONGEST_NOTE: usize = 10_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: Uuid,
    pub pledge: Uuid,
    pub stage: Stage,
    pub occurred_on: PartialDate,
    /// Minor units of the pledge's currency.
    pub amount: Option<i64>,
    pub currency: Option<Currency>,
    /// It goes beyond what was pledged, and is meant to.
    pub over: bool,
    pub note: Option<String>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An event as it is written down.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventRecord)]
struct Record<'a> {
    id: Uuid,
    pledge: Uuid,
    stage: Stage,
    occurred_on: PartialDate,
    /// How much, where money moves.
    #[schema(value_type = Option<Amount>)]
    amount: Option<String>,
    /// The pledge's.
    currency: Option<Currency>,
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
    event: Record<'a>,
    /// On the event itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

impl Event {
    fn record(&self) -> Record<'_> {
        // An event without an amount says nothing in any currency.
        let currency = self.amount.and(self.currency);
        Record {
            id: self.id,
            pledge: self.pledge,
            stage: self.stage,
            occurred_on: self.occurred_on,
            amount: self
                .amount
                .zip(currency)
                .map(|(minor, currency)| decimal(minor, currency)),
            currency,
            over: self.over,
            note: self.note.as_deref(),
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    #[must_use]
    pub fn view(&self) -> View<'_> {
        View {
            event: self.record(),
            conflicts: None,
        }
    }

    /// With where its sources disagree.
    #[must_use]
    pub fn whole(&self, conflicts: Vec<Conflict>) -> View<'_> {
        View {
            event: self.record(),
            conflicts: Some(conflicts),
        }
    }
}

impl Serialize for Event {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.record().serialize(serializer)
    }
}

impl Shown for Event {
    type View<'a> = View<'a>;
    type Schema = View<'static>;

    const EXPANDS: &'static [Expand] = &[citations::EXPAND];

    fn id(&self) -> Uuid {
        self.id
    }

    fn shown(&self, _: Language) -> View<'_> {
        self.view()
    }

    async fn expand(conn: &mut Reader, records: &[Self], _: &'static str, _: Language) -> Result<Vec<Value>> {
        let records = records.iter().map(|it| (it.id, it.id.to_string())).collect();
        citations::beside(conn, About::Events, records).await
    }
}

impl history::Record for Event {
    const RESOURCE: Resource = Resource::Events;
    fn key(&self) -> String {
        self.id.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

/// What a caller says of an event.
pub struct Draft {
    pub(super) stage: Stage,
    pub(super) occurred_on: PartialDate,
    amount: Option<Amount>,
    currency: Option<Currency>,
    pub(super) over: bool,
    pub(super) note: Option<String>,
    citations: Vec<citations::Draft>,
}

impl Draft {
    /// A new event, which may bring its citations along.
    pub fn parse_new(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let citations: Option<Vec<Within<true>>> = fields.list("citations", citations::MOST_AT_ONCE);
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

    fn read(fields: &mut Fields) -> Option<Self> {
        let stage = fields.required("stage");
        let occurred_on = fields.required("occurred_on");
        let amount = fields.optional("amount");
        let currency = fields.optional("currency");
        let over = fields.optional("over").unwrap_or(false);
        let note = fields.text("note", LONGEST_NOTE);
        Some(Self {
            stage: stage?,
            occurred_on: occurred_on?,
            amount,
            currency,
            over,
            note,
            citations: Vec::new(),
        })
    }

    /// Its amount in minor units, when it may happen to this pledge.
    fn against(&self, pledge: &Pledge) -> Result<Option<i64>> {
        let mut faults = Faults::default();
        if let Some(first) = pledge.restates {
            faults.add("", "restatement", format!("pledges/{} restates pledges/{first} and takes no events; post it to /v1/pledges/{first}/events", pledge.id));
        }
        let political = pledge.terms.instrument == Instrument::Political;
        let stage = self.stage;
        if !stage.moves_money() || political {
            if self.amount.is_some() {
                let whose = if political {
                    "an event of a political pledge".to_owned()
                } else {
                    format!("{stage}")
                };
                faults.add(
                    "/amount",
                    "stage",
                    format!("does not go with {whose}; leave it out"),
                );
            }
        } else if self.amount.is_none() {
            faults.add("/amount", "required", format!("is required with {stage}"));
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
            (Some(_), None) if !political => {
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
                    format!("must be the pledge's, {currency}"),
                );
            }
            (Some(_), _) if self.amount.is_none() => {
                faults.add(
                    "/currency",
                    "value",
                    "says nothing without an amount; leave it out",
                );
            }
            _ => {}
        }
        faults.or_invalid()?;
        Ok(minor)
    }

    fn excess(&self, was_over: bool) -> Excess {
        if self.over {
            Excess::Allowed
        } else if was_over {
            Excess::Refused
        } else {
            Excess::NotDeeper
        }
    }
}

pub async fn create(write: &mut Write, pledge: &mut Pledge, draft: &Draft) -> Result<Event> {
    let new = Event {
        id: write.new_id(),
        pledge: pledge.id,
        stage: draft.stage,
        occurred_on: draft.occurred_on,
        amount: draft.against(pledge)?,
        currency: pledge.terms.currency,
        over: draft.over,
        note: draft.note.clone(),
        version: 1,
        created_at: write.at,
        updated_at: write.at,
    };
    let cells = sql::event_cells(&new).set("pledge_id", pledge.id);
    let event = write.create(new, cells).await?;
    follow(write, pledge, draft.excess(false)).await?;
    for (index, citation) in draft.citations.iter().enumerate() {
        let at = format!("/citations/{index}");
        citations::create(write, About::Events, &Located::new(event.id), citation, &at).await?;
    }
    Ok(event)
}

/// Changes an event, or checks anew that it may stand, as after a restore.
pub async fn change(write: &mut Write, pledge: &mut Pledge, before: Event, draft: Draft) -> Result<Event> {
    let after = Event {
        stage: draft.stage,
        occurred_on: draft.occurred_on,
        amount: draft.against(pledge)?,
        over: draft.over,
        note: draft.note.clone(),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    let excess = draft.excess(before.over);
    let event = write.change(before, after, sql::event_cells).await?;
    follow(write, pledge, excess).await?;
    Ok(event)
}

pub async fn retract(write: &mut Write, pledge: &mut Pledge, event: &Event) -> Result<()> {
    write.retract(Resource::Events, event.id).await?;
    follow(write, pledge, Excess::NotDeeper).await
}

/// Checks a restored event as if it happened anew.
pub async fn recheck(write: &mut Write, pledge: &mut Pledge, id: Uuid) -> Result<Event> {
    let about = About::Events;
    citations::recheck_about(write, Subject { about, id }).await?;
    let event = sql::find_event(&mut write.conn, id)
        .await?
        .ok_or_else(|| Error::internal("an event vanished within its own write"))?;
    let draft = Draft::parse(&said(&event)?)?;
    draft.against(pledge)?;
    refuse_another_currency(write, pledge, &event).await?;
    follow(write, pledge, draft.excess(false)).await?;
    Ok(event)
}

/// Its row keeps minor units alone, and the pledge may have changed its currency while the event was away.
async fn refuse_another_currency(write: &mut Write, pledge: &Pledge, event: &Event) -> Result<()> {
    let kept = write.last_kept(Resource::Events, event.id).await?;
    let then = kept.get("currency").and_then(Value::as_str);
    let now = pledge.terms.currency.map(Currency::code);
    if event.amount.is_some() && then != now {
        let (then, now) = (then.unwrap_or("no currency"), now.unwrap_or("none"));
        return Err(Error::Invalid(Faults::one(
            "/currency",
            "currency",
            format!(
                "is {then}, and the pledge's is {now} by now; post the event anew with the amount that it has in it"
            ),
        )));
    }
    Ok(())
}

/// What follows an event: it always raises its pledge's version, and may move what its parent counts. The pledge is as
/// it stands before, and as it stands then.
async fn follow(write: &mut Write, pledge: &mut Pledge, excess: Excess) -> Result<()> {
    *pledge = recompute_figures(write, pledge.clone(), pledge.clone(), Bump::Always, excess).await?;
    recompute_parents(write, &[pledge.parent]).await
}

/// Where the sources of an event disagree with what the register holds.
pub async fn conflicts(conn: &mut Reader, event: &Event) -> Result<Vec<Conflict>> {
    citations::conflicts(conn, Resource::Events, event.id, event).await
}

/// The same of one that was just created, which only what it brought along can contradict.
pub async fn conflicts_of_new(conn: &mut Reader, event: &Event, draft: &Draft) -> Result<Vec<Conflict>> {
    if draft.citations.is_empty() {
        return Ok(Vec::new());
    }
    conflicts(conn, event).await
}
