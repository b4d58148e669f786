//! Events as records: how one is shown, created, changed and brought back, and what follows for its pledge.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;
use uuid::Uuid;

use super::{Draft, Event, EventOfPledge, View, ViewOfPledge, sql};
use crate::{
    citations::{self, About, Conflict, Subject},
    db::Reader,
    error::{Error, Faults, Result},
    history::{Record, Write},
    meetings::{self, NamesMeeting},
    participants::{self, NamesParticipant},
    pledges::{
        Pledge,
        recompute::{Excess, Recomputed, recompute_figures, recompute_parents},
        sent::Sent,
    },
    records::{self, Draft as _, counts::Cited},
    resources::{Code, Located, Resource, Slug},
    values::{Currency, Timestamp, Viewpoint},
    web::{Expand, Shown, Shows},
};

impl Shown for Event {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = Vec<Conflict>;

    const EXPANDS: &'static [Expand<Self>] = &[citations::expand()];

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, _: Viewpoint, conflicts: Option<Vec<Conflict>>) -> View<'_> {
        View {
            event: self.document(),
            counts: self.counts,
            conflicts,
        }
    }
}

impl Shown for EventOfPledge {
    type View<'a> = ViewOfPledge<'a>;
    type Schema = ViewOfPledge<'static>;
    type Alone = ();

    const EXPANDS: &'static [Expand<Self>] = &[
        Expand {
            name: "pledge",
            shows: Shows::One("Pledge"),
            is_of_any_part: false,
            read: |conn, events, viewpoint| Box::pin(pledges_of(conn, events, viewpoint)),
        },
        participants::expand(),
        meetings::expand(),
        Expand {
            name: "citations",
            shows: Shows::Many("Citation"),
            is_of_any_part: false,
            read: |conn, events, viewpoint| Box::pin(cited(conn, events, viewpoint)),
        },
    ];

    fn id(&self) -> Uuid {
        self.event.id
    }

    fn view(&self, viewpoint: Viewpoint, _: Option<()>) -> ViewOfPledge<'_> {
        ViewOfPledge {
            event: self.event.document(),
            counts: self.event.counts,
            participant: self.participant.as_ref(),
            participant_name: self
                .participant_names
                .as_ref()
                .map(|it| it.resolve(viewpoint.language)),
            meeting: self.meeting.as_ref(),
            meeting_title: self
                .meeting_titles
                .as_ref()
                .map(|it| it.resolve(viewpoint.language)),
        }
    }
}

/// The pledge of each event.
async fn pledges_of(conn: &mut Reader, events: &[EventOfPledge], viewpoint: Viewpoint) -> Result<Vec<Value>> {
    let ids: BTreeSet<Uuid> = events.iter().map(|it| it.event.pledge).collect();
    let mut views = HashMap::new();
    for pledge in sql::pledges(conn, ids).await? {
        let view = serde_json::to_value(pledge.summary(viewpoint)).map_err(Error::internal)?;
        views.insert(pledge.id, view);
    }
    let of = |event: &EventOfPledge| views.get(&event.event.pledge).cloned();
    Ok(events.iter().map(|it| of(it).unwrap_or_default()).collect())
}

/// What is said of each event.
async fn cited(conn: &mut Reader, events: &[EventOfPledge], viewpoint: Viewpoint) -> Result<Vec<Value>> {
    let events: Vec<Event> = events.iter().map(|it| it.event.clone()).collect();
    (citations::expand().read)(conn, &events, viewpoint).await
}

impl NamesParticipant for EventOfPledge {
    fn participant(&self) -> Option<&Code> {
        self.participant.as_ref()
    }
}

impl NamesMeeting for EventOfPledge {
    fn meeting(&self) -> Option<&Slug> {
        self.meeting.as_ref()
    }
}

impl Record for Event {
    const RESOURCE: Resource = Resource::Events;
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

pub async fn create(write: &mut Write, pledge: &mut Pledge, draft: &Draft) -> Result<Event> {
    let against = draft.against(pledge, None, write.at)?;
    let new = Event {
        id: write.new_id(),
        pledge: pledge.id,
        stage: draft.stage,
        occurred_on: draft.occurred_on,
        to: draft.to,
        amount: against.amount,
        equivalent: against.equivalent,
        equivalent_currency: against.equivalent_currency,
        currency: pledge.terms.currency,
        over: draft.over,
        note: draft.note.clone(),
        version: 1,
        created_at: write.at,
        updated_at: write.at,
        counts: Cited::default(),
    };
    let cells = sql::new_cells(&new);
    let mut event = write.create(new, cells).await?;
    let sent = Sent::event(None, &event);
    recompute_pledge(write, pledge, excess(draft, false), sent).await?;
    for (index, citation) in draft.citations.iter().enumerate() {
        let at = format!("/citations/{index}");
        citations::create(write, About::Events, &Located::new(event.id), citation, &at).await?;
        event.counts.citations += 1;
    }
    Ok(event)
}

/// Changes an event, or checks anew that it may stand, as after a restore.
pub async fn change(write: &mut Write, pledge: &mut Pledge, before: Event, draft: Draft) -> Result<Event> {
    let against = draft.against(pledge, Some(&before), write.at)?;
    let after = Event {
        stage: draft.stage,
        occurred_on: draft.occurred_on,
        to: draft.to,
        amount: against.amount,
        equivalent: against.equivalent,
        equivalent_currency: against.equivalent_currency,
        over: draft.over,
        note: draft.note.clone(),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    let excess = excess(&draft, before.over);
    let sent = Sent::event(Some(&before), &after);
    let event = write.change(before, after, sql::cells).await?;
    recompute_pledge(write, pledge, excess, sent).await?;
    Ok(event)
}

pub async fn retract(write: &mut Write, pledge: &mut Pledge, event: &Event) -> Result<()> {
    write.retract(Resource::Events, event.id).await?;
    // Its sources went along.
    *pledge = records::must_find(&mut write.conn, pledge.id).await?;
    recompute_pledge(write, pledge, Excess::NotDeeper, Sent::NOTHING).await
}

/// Checks a restored event as if it happened anew.
pub async fn recheck(write: &mut Write, pledge: &mut Pledge, id: Uuid) -> Result<Event> {
    let about = About::Events;
    citations::recheck_about(write, Subject { about, id }).await?;
    // Its sources came back with it.
    *pledge = records::must_find(&mut write.conn, pledge.id).await?;
    let event = records::find::<sql::EventFilter>(&mut write.conn, id)
        .await?
        .ok_or_else(|| Error::internal("an event vanished within its own write"))?;
    let draft = Draft::parse(&records::said(&event)?)?;
    refuse_another_currency(write, pledge, &event).await?;
    draft.against(pledge, Some(&event), write.at)?;
    recompute_pledge(write, pledge, excess(&draft, false), Sent::NOTHING).await?;
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
async fn recompute_pledge(write: &mut Write, pledge: &mut Pledge, excess: Excess, sent: Sent) -> Result<()> {
    let recomputed = recompute_figures(write, pledge.clone(), excess, sent).await?;
    let Recomputed {
        pledge: after,
        restated_in,
    } = recomputed;
    recompute_parents(write, Some(pledge), Some(&after), restated_in, sent).await?;
    *pledge = after;
    Ok(())
}

/// What may be paid or lost beyond what was pledged, where this is said.
fn excess(draft: &Draft, was_over: bool) -> Excess {
    if draft.over {
        Excess::Allowed
    } else if was_over {
        Excess::Refused
    } else {
        Excess::NotDeeper
    }
}

/// Puts beside a pledge what became of it.
pub const EXPAND: Expand<Pledge> = Expand {
    name: "events",
    shows: Shows::Many("Event"),
    is_of_any_part: false,
    read: |conn, pledges, viewpoint| Box::pin(happened(conn, pledges, viewpoint)),
};

/// The live events of each pledge, in the order in which they happened.
async fn happened(conn: &mut Reader, pledges: &[Pledge], viewpoint: Viewpoint) -> Result<Vec<Value>> {
    let ids = pledges.iter().map(|it| it.id).collect();
    let mut of: HashMap<Uuid, Vec<Value>> = HashMap::new();
    for event in sql::of_any(conn, ids).await? {
        let view = serde_json::to_value(event.summary(viewpoint)).map_err(Error::internal)?;
        of.entry(event.pledge).or_default().push(view);
    }
    Ok(pledges
        .iter()
        .map(|it| of.remove(&it.id).unwrap_or_default().into())
        .collect())
}
