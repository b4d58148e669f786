//! Pledges as records: how one is shown, created, changed and brought back.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use uuid::Uuid;

use super::{
    Counts, Draft, Pledge, Refs, View, adherents, events,
    recompute::{
        Cause, Excess, Known, Recomputed, derived, recompute_parents, recompute_parents_of_new, together,
    },
    relations::{self, Family, Relatives, Said},
    sent::Sent,
    sql,
    terms::Moved,
};
use crate::{
    citations::{self, About, Conflict, Subject},
    db::Reader,
    error::{Error, Faults, Result},
    history::{Author, Record, Write},
    meetings::{self, NamesMeeting},
    participants::{self, NamesParticipant},
    records::{self, Collected, Draft as _, Refusal, Signed, must_find},
    resources::{self, Code, Located, Resource, Slug},
    values::{Timestamp, Viewpoint},
    web::{Depends, Expand, Shown},
};

const THIS: Resource = Resource::Pledges;

impl Shown for Pledge {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = Vec<Conflict>;

    const EXPANDS: &'static [Expand<Self>] = &[
        participants::expand(),
        meetings::expand(),
        events::EXPAND,
        adherents::EXPAND,
        citations::expand(),
    ];

    const OF_THE_DAY: &'static [&'static str] = &["overdue", "last_evidence_on", "silent_days", "as_of"];

    fn id(&self) -> Uuid {
        self.id
    }

    fn depends(&self) -> Depends {
        Depends::on_part(self.refs.meeting.as_ref().map(Slug::as_str))
    }

    fn view(&self, viewpoint: Viewpoint, conflicts: Option<Vec<Conflict>>) -> View<'_> {
        let Self { refs, terms, .. } = self;
        let seen = self.timing.seen(terms, self.figures.state, viewpoint.today);
        View {
            pledge: self.document(),
            participant_name: refs
                .participant_names
                .as_ref()
                .map(|it| it.resolve(viewpoint.language)),
            meeting_title: refs
                .meeting_titles
                .as_ref()
                .map(|it| it.resolve(viewpoint.language)),
            beneficiary_name: refs
                .beneficiary_names
                .as_ref()
                .map(|it| it.resolve(viewpoint.language)),
            counts: self.counts,
            disputed: self.disputed.unwrap_or(false),
            overdue: seen.overdue,
            last_evidence_on: seen.last_evidence_on,
            silent_days: seen.silent_days,
            as_of: viewpoint.today,
            conflicts,
        }
    }
}

impl Record for Pledge {
    const RESOURCE: Resource = THIS;
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

impl Collected for Pledge {
    type Filter = sql::PledgeFilter;
    type Draft = Draft;

    async fn create(write: &mut Write, draft: &Draft) -> Result<Self> {
        let lookup = Lookup::of(&mut write.conn, &[draft], None).await?;
        let refs = lookup.refs(draft)?;
        lookup.permit(write, &write.author(), &refs, None)?;
        let pledge = new(write, draft, refs)?;
        create_related(write, draft, pledge, &lookup, &mut Known::default()).await
    }

    async fn create_all(write: &mut Write, drafts: &[&Signed<'_, Draft>]) -> Result<Vec<Self>, Refusal> {
        let named: Vec<&Draft> = drafts.iter().map(|it| it.draft).collect();
        let lookup = Lookup::of(&mut write.conn, &named, None).await?;
        let (mut referring, mut refused) = (Vec::with_capacity(drafts.len()), Vec::new());
        for (at, Signed { draft, author }) in drafts.iter().enumerate() {
            let permitted = |refs| lookup.permit(write, author, &refs, None).map(|()| refs);
            match lookup.refs(draft).and_then(permitted) {
                Ok(refs) => referring.push((*draft, *author, refs)),
                Err(error) => refused.push((at, error)),
            }
        }
        if !refused.is_empty() {
            return Err(Refusal::Of(refused));
        }
        let mut created = Vec::with_capacity(drafts.len());
        let mut plain = Vec::new();
        let mut known = Known::default();
        for (draft, author, refs) in referring {
            let pledge = new(write, draft, refs)?;
            if draft.stands_alone() {
                plain.push((pledge, author));
                continue;
            }
            created.extend(store_all(write, std::mem::take(&mut plain)).await?);
            write.act_for(author);
            created.push(create_related(write, draft, pledge, &lookup, &mut known).await?);
        }
        created.extend(store_all(write, plain).await?);
        Ok(created)
    }

    /// Changes what a pledge says, or checks anew that it may say it, as after a restore.
    async fn change(write: &mut Write, before: Self, draft: Draft) -> Result<Self> {
        let was = before.clone();
        let changed = Box::pin(changed(write, before, draft, Sent::pledge)).await?;
        let Recomputed {
            pledge: after,
            restated_in,
        } = changed;
        let sent = Sent::pledge(Some(&was), &after);
        recompute_parents(write, Some(&was), Some(&after), restated_in, sent).await?;
        if was.refs.participant_id != after.refs.participant_id {
            // What is said of all of it is now said of somebody else, who may be disputed.
            return must_find(&mut write.conn, after.id).await;
        }
        Ok(after)
    }

    /// With its events and citations; its parent counts what it covered.
    async fn retract(write: &mut Write, id: Uuid) -> Result<()> {
        let pledge: Self = must_find(&mut write.conn, id).await?;
        write.retract(THIS, id).await?;
        // Nothing restates it, or it could not go.
        recompute_parents(write, Some(&pledge), None, Vec::new(), Sent::NOTHING).await
    }

    /// Checks a restored pledge as if it were said anew.
    async fn recheck(self, write: &mut Write) -> Result<Self> {
        let of = |about, id| Subject { about, id };
        citations::recheck_about(write, of(About::Pledges, self.id)).await?;
        for event in events::sql::of(&mut write.conn, self.id).await? {
            citations::recheck_about(write, of(About::Events, event)).await?;
        }
        for (about, id) in sql::cited_parts(&mut write.conn, self.id).await? {
            citations::recheck_about(write, of(about, id)).await?;
        }
        let draft = Draft::parse(&records::said(&self)?)?;
        let changed = Box::pin(changed(write, self, draft, |_, _| Sent::NOTHING)).await?;
        let Recomputed { pledge, restated_in } = changed;
        // To its parent it was nothing while it was away.
        recompute_parents(write, None, Some(&pledge), restated_in, Sent::NOTHING).await?;
        Ok(pledge)
    }

    async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Self>> {
        records::find::<Self::Filter>(conn, id).await
    }
}

/// A pledge as it then says, which its parents are yet to follow.
async fn changed(
    write: &mut Write,
    before: Pledge,
    draft: Draft,
    sent: fn(Option<&Pledge>, &Pledge) -> Sent,
) -> Result<Recomputed> {
    let lookup = Lookup::of(&mut write.conn, &[&draft], Some(before.id)).await?;
    let mut after = Pledge {
        refs: lookup.refs(&draft)?,
        terms: draft.terms.clone(),
        ..before.clone()
    };
    lookup.permit(write, &write.author(), &after.refs, Some(&before.refs))?;
    if after.refs.participant_id != before.refs.participant_id {
        refuse_to_part_with_others(write, &after).await?;
    }
    let relatives = lookup.relatives(&after);
    let said = Said {
        moved: Moved::of(&before.terms, &after.terms),
        ..said(&draft)
    };
    relations::check(&mut after, said, before.equivalent, &relatives)?;
    let happened = events::sql::happened(&mut write.conn, before.id).await?;
    relations::check_events(&happened, &before, &after)?;
    refuse_circle(write, &after).await?;
    let cause = Cause::Own(sent(Some(&before), &after));
    let parts = together(relatives.children.iter().map(|it| it.part).collect(), cause)?;
    let restated_in = relatives.restatements.iter().filter_map(|it| it.parent_id);
    let restated_in = restated_in.collect();
    let most = Excess::NotDeeper.most(before.excess(parts.as_ref()));
    let after = after.brought_up(&happened, parts.as_ref(), most, cause)?;
    let pledge = write.change(before, after, sql::cells).await?;
    Ok(Recomputed { pledge, restated_in })
}

fn said(draft: &Draft) -> Said<'_> {
    Said {
        equivalent: draft.equivalent.as_ref(),
        anew: draft.anew,
        moved: Moved::default(),
    }
}

/// A part that restates a pledge says that its parent is made up of that one. Two that are made up of each other would be
/// counted in neither, and each would wait for the other's state.
async fn refuse_circle(write: &mut Write, part: &Pledge) -> Result<()> {
    let (Some(parent), Some(first)) = (part.refs.parent, part.refs.restates) else {
        return Ok(());
    };
    if !sql::is_made_up_of(&mut write.conn, first, parent, part.id).await? {
        return Ok(());
    }
    Err(Error::Invalid(Faults::one(
        "/restates",
        "kinship",
        format!(
            "pledges/{first} is itself made up of parts that restate pledges/{parent}, the parent; one of the two must stand on its own"
        ),
    )))
}

/// A pledge that becomes one participant's own has no adherents, and no assessment of another.
async fn refuse_to_part_with_others(write: &mut Write, after: &Pledge) -> Result<()> {
    let Some(participant) = after.refs.participant_id else {
        return Ok(());
    };
    let (stating, assessed) = sql::of_others(&mut write.conn, after.id, participant).await?;
    let mut faults = Faults::default();
    if stating > 0 {
        let detail = format!(
            "cannot be set: {stating} participant(s) made statements of this collective pledge; retract its adherents first"
        );
        faults.add("/participant", "collective", detail);
    }
    if assessed > 0 {
        let detail = format!(
            "cannot be set: {assessed} assessment(s) of this pledge are of another participant; retract them first"
        );
        faults.add("/participant", "collective", detail);
    }
    faults.or_invalid()
}

/// What drafts name, looked up at once.
struct Lookup<'a> {
    participants: HashMap<&'a str, Located>,
    meetings: HashMap<&'a str, Located>,
    pledges: Family,
}

impl<'a> Lookup<'a> {
    /// With the pledges that name this one, where it is there already.
    async fn of(conn: &mut Reader, drafts: &[&'a Draft], this: Option<Uuid>) -> Result<Self> {
        let each = || drafts.iter().copied();
        let codes = each().flat_map(|it| [&it.participant, &it.beneficiary]);
        let codes = codes.filter_map(Option::as_deref).collect();
        let slugs = each().filter_map(|it| it.meeting.as_deref()).collect();
        let ids: BTreeSet<Uuid> = each().flat_map(|it| [it.parent, it.restates]).flatten().collect();
        let ids = Vec::from_iter(ids);
        let pledges = match this {
            Some(this) => sql::related_to(conn, &ids, this).await?,
            None => sql::related(conn, &ids).await?,
        };
        Ok(Self {
            participants: resources::resolve_all(conn, Resource::Participants, codes).await?,
            meetings: resources::resolve_all(conn, Resource::Meetings, slugs).await?,
            pledges: pledges.into_iter().collect(),
        })
    }

    /// What a draft refers to, or a fault for each reference to nothing.
    fn refs(&self, draft: &Draft) -> Result<Refs> {
        let mut faults = Faults::default();
        let (participants, meetings) = (Resource::Participants, Resource::Meetings);
        let participant = found(
            &self.participants,
            participants,
            draft.participant.as_deref(),
            "/participant",
            &mut faults,
        );
        let meeting = found(
            &self.meetings,
            meetings,
            draft.meeting.as_deref(),
            "/meeting",
            &mut faults,
        );
        for (id, pointer) in [(draft.parent, "/parent"), (draft.restates, "/restates")] {
            if let Some(id) = id.filter(|id| !self.pledges.has(*id)) {
                resources::unknown(THIS, &id.to_string(), pointer, &mut faults);
            }
        }
        let beneficiary = found(
            &self.participants,
            participants,
            draft.beneficiary.as_deref(),
            "/beneficiary",
            &mut faults,
        );
        faults.or_invalid()?;
        Ok(Refs {
            participant: participant.map(Located::parsed).transpose()?,
            participant_id: participant.map(|it| it.id),
            participant_names: participant.and_then(|it| it.names.clone()),
            meeting: meeting.map(Located::parsed).transpose()?,
            meeting_id: meeting.map(|it| it.id),
            meeting_titles: meeting.and_then(|it| it.names.clone()),
            beneficiary: beneficiary.map(Located::parsed).transpose()?,
            beneficiary_id: beneficiary.map(|it| it.id),
            beneficiary_names: beneficiary.and_then(|it| it.names.clone()),
            parent: draft.parent,
            restates: draft.restates,
        })
    }

    /// Refuses a pledge that is not its author's to write, or that now bears on one that is not: what it restates counts no
    /// more, and of its parent only what is left.
    fn permit(&self, write: &Write, author: &Author, refs: &Refs, before: Option<&Refs>) -> Result<()> {
        write.permit_of(author, THIS, refs.participant_id)?;
        let of = |refs: &Refs| [refs.parent, refs.restates];
        let named_before = before.map(of).unwrap_or_default();
        for (id, before) in of(refs).into_iter().zip(named_before) {
            if let Some(id) = id.filter(|_| id != before) {
                write.permit_of(author, THIS, self.pledges.owner(id))?;
            }
        }
        Ok(())
    }

    /// The pledges that one names, and those that name it.
    fn relatives(&self, pledge: &Pledge) -> Relatives<'_> {
        let Refs { parent, restates, .. } = pledge.refs;
        self.pledges.relatives(pledge.id, parent, restates)
    }
}

/// What a key means; a fault at `pointer` where that is nothing.
fn found<'n>(
    among: &'n HashMap<&str, Located>,
    resource: Resource,
    key: Option<&str>,
    pointer: &str,
    faults: &mut Faults,
) -> Option<&'n Located> {
    let key = key?;
    let found = among.get(key);
    if found.is_none() {
        resources::unknown(resource, key, pointer, faults);
    }
    found
}

fn new(write: &mut Write, draft: &Draft, refs: Refs) -> Result<Pledge> {
    let promise = draft.terms.promise(refs.restates.is_some());
    let (figures, timing) = derived(&promise, &draft.terms, &[], None, Cause::Own(Sent::NOTHING))?;
    Ok(Pledge {
        id: write.new_id(),
        refs,
        terms: draft.terms.clone(),
        equivalent: None,
        figures,
        timing,
        disputed: None,
        version: 1,
        created_at: write.at,
        updated_at: write.at,
        counts: Counts::default(),
    })
}

/// Creates a pledge from which more than its own row may follow.
async fn create_related(
    write: &mut Write,
    draft: &Draft,
    mut pledge: Pledge,
    lookup: &Lookup<'_>,
    known: &mut Known,
) -> Result<Pledge> {
    let relatives = lookup.relatives(&pledge);
    relations::check(&mut pledge, said(draft), None, &relatives)?;
    refuse_circle(write, &pledge).await?;
    let sent = Sent::pledge(None, &pledge);
    if pledge.equivalent.is_some() {
        pledge = pledge.brought_up(&[], None, None, Cause::Own(sent))?;
    }
    sql::insert(&mut write.conn, std::slice::from_ref(&pledge)).await?;
    write.created(&pledge).await?;
    for (index, citation) in draft.citations.iter().enumerate() {
        let at = format!("/citations/{index}");
        citations::create(write, About::Pledges, &Located::new(pledge.id), citation, &at).await?;
    }
    recompute_parents_of_new(write, &pledge, sent, known).await?;
    if !draft.citations.is_empty() {
        pledge.counts.citations = i64::try_from(draft.citations.len()).map_err(Error::internal)?;
        pledge.timing.cited_last = sql::cited_last(&mut write.conn, pledge.id).await?;
    }
    Ok(pledge)
}

/// Writes new pledges, and the log's entries of them, each by its author.
async fn store_all(write: &mut Write, signed: Vec<(Pledge, &Arc<Author>)>) -> Result<Vec<Pledge>> {
    let (pledges, authors): (Vec<_>, Vec<_>) = signed.into_iter().unzip();
    sql::insert(&mut write.conn, &pledges).await?;
    for (pledge, author) in pledges.iter().zip(authors) {
        write.act_for(author);
        write.created(pledge).await?;
    }
    Ok(pledges)
}

impl NamesParticipant for Pledge {
    fn participant(&self) -> Option<&Code> {
        self.refs.participant.as_ref()
    }
}

impl NamesMeeting for Pledge {
    fn meeting(&self) -> Option<&Slug> {
        self.refs.meeting.as_ref()
    }
}
