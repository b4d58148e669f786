//! Pledges as records: how one is shown, created, changed and brought back.

use std::collections::HashMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Draft, Pledge, View, events, expand,
    figures::Figures,
    recompute::{Bump, Excess, misfit, recompute_figures, recompute_parents},
    relations::{self, Refs},
    sql::{self, NewPledge},
};
use crate::{
    citations::{self, About, Conflict, Subject},
    db::Reader,
    error::{Error, Faults, Result},
    history::{Record, Write},
    meetings, participants,
    records::{self, Collected, Refusal, must_find},
    resources::{self, Located, Resource},
    values::{Language, Timestamp},
    web::{self, Expand, Shown},
};

const THIS: Resource = Resource::Pledges;

impl Shown for Pledge {
    type View<'a> = View<'a>;
    type Schema = View<'static>;

    const EXPANDS: &'static [Expand] = &[
        participants::EXPAND,
        meetings::EXPAND,
        events::EXPAND,
        citations::EXPAND,
    ];
    const ALONE: &'static [&'static str] = &[citations::CONFLICTS];

    fn id(&self) -> Uuid {
        self.id
    }

    fn summary(&self, language: Language) -> View<'_> {
        self.view(language)
    }

    async fn expand(
        conn: &mut Reader,
        records: &[Self],
        what: &'static str,
        language: Language,
    ) -> Result<Vec<Value>> {
        expand::expand(conn, records, what, language).await
    }
}

impl Record for Pledge {
    const RESOURCE: Resource = THIS;
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

impl Collected for Pledge {
    type Filter = sql::PledgeFilter;
    type Draft = Draft;
    type Extra = Vec<Conflict>;

    const LISTS: &'static str = "Pledges that match; every total takes the same filters.";

    fn input() -> web::InputSchema {
        web::InputSchema {
            name: "NewPledge",
            fields: THIS.fields(),
            required: &["instrument"],
            input_only: vec![("citations", citations::within())],
            example: json!({
                "participant": "USA", "meeting": "global-coalition-kuwait-2018", "instrument": "grant",
                "qualifier": "exact", "amount": "20000000.00", "currency": "USD", "announced_on": "2018-02-13",
                "purpose": "Water for Basra",
            }),
        }
    }

    fn parse(body: &Value) -> Result<Draft> {
        Draft::parse(body)
    }

    fn parse_new(body: &Value) -> Result<Draft> {
        Draft::parse_new(body)
    }

    async fn create(write: &mut Write, draft: &Draft) -> Result<Self> {
        let refs = refs_of(&mut write.conn, draft).await?;
        create_referring(write, draft, refs).await
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
                plain.push(new_of(write.new_id(), draft, refs)?);
                continue;
            }
            created.append(&mut stored(write, &std::mem::take(&mut plain)).await?);
            created.push(create_referring(write, draft, refs).await?);
        }
        created.append(&mut stored(write, &plain).await?);
        Ok(created)
    }

    /// Changes what a pledge says, or checks anew that it may say it, as after a restore.
    async fn change(write: &mut Write, before: Self, draft: Draft) -> Result<Self> {
        let refs = refs_of(&mut write.conn, &draft).await?;
        let relatives = sql::relatives(&mut write.conn, before.id, &refs).await?;
        relations::check(before.id, &draft.terms, &refs, &relatives)?;
        let happened = events::sql::happened(&mut write.conn, before.id).await?;
        relations::check_events(&happened, &before, &draft.terms, refs.restates.is_some())?;
        sql::update(&mut write.conn, before.id, &draft.terms, &refs).await?;
        let parents = [before.parent, refs.parent];
        let said = must_find(&mut write.conn, before.id).await?;
        let after = recompute_figures(write, before, said, Bump::IfChanged, Excess::NotDeeper).await?;
        recompute_parents(write, &parents).await?;
        Ok(after)
    }

    /// With its events and citations; its parent counts what it covered.
    async fn retract(write: &mut Write, id: Uuid) -> Result<()> {
        let pledge: Self = must_find(&mut write.conn, id).await?;
        write.retract(THIS, id).await?;
        recompute_parents(write, &[pledge.parent]).await
    }

    /// Checks a restored pledge as if it were said anew.
    async fn recheck(self, write: &mut Write) -> Result<Self> {
        let of = |about, id| Subject { about, id };
        citations::recheck_about(write, of(About::Pledges, self.id)).await?;
        for event in events::sql::of(&mut write.conn, self.id).await? {
            citations::recheck_about(write, of(About::Events, event)).await?;
        }
        let draft = Draft::parse(&records::said(&self)?)?;
        Self::change(write, self, draft).await
    }

    async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Self>> {
        sql::find(conn, id).await
    }

    async fn extra(&self, conn: &mut Reader) -> Result<Vec<Conflict>> {
        citations::conflicts(conn, THIS, self.id, self).await
    }

    async fn extra_of_new(&self, conn: &mut Reader, draft: &Draft) -> Result<Vec<Conflict>> {
        if draft.citations.is_empty() {
            return Ok(Vec::new());
        }
        self.extra(conn).await
    }

    fn detail(&self, language: Language, conflicts: Vec<Conflict>) -> View<'_> {
        View {
            conflicts: Some(conflicts),
            ..self.view(language)
        }
    }
}

/// Of each draft, the ids of what it refers to, or a fault for each reference to nothing.
async fn refs(conn: &mut Reader, drafts: &[&Draft]) -> Result<Vec<Result<Refs>>> {
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
            let mut find = |found: &HashMap<&str, Located>, resource, key: Option<&str>, pointer| {
                let id = found.get(key?).map(|it| it.id);
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

async fn refs_of(conn: &mut Reader, draft: &Draft) -> Result<Refs> {
    refs(conn, &[draft])
        .await?
        .pop()
        .unwrap_or_else(|| Err(Error::internal("a draft whose references were not looked up")))
}

async fn create_referring(write: &mut Write, draft: &Draft, refs: Refs) -> Result<Pledge> {
    let parent = refs.parent;
    let new = new_of(write.new_id(), draft, refs)?;
    let relatives = sql::relatives_of_new(&mut write.conn, &new.refs).await?;
    relations::check(new.id, &draft.terms, &new.refs, &relatives)?;
    let pledge = stored(write, &[new])
        .await?
        .pop()
        .ok_or_else(|| Error::internal("a pledge that was stored is not there"))?;
    for (index, citation) in draft.citations.iter().enumerate() {
        let at = format!("/citations/{index}");
        citations::create(write, About::Pledges, &Located::new(pledge.id), citation, &at).await?;
    }
    recompute_parents(write, &[parent]).await?;
    Ok(pledge)
}

fn new_of(id: Uuid, draft: &Draft, refs: Refs) -> Result<NewPledge<'_>> {
    let promise = draft.terms.promise(refs.restates.is_some());
    Ok(NewPledge {
        id,
        terms: &draft.terms,
        refs,
        figures: Figures::of(&promise, &[], None).map_err(misfit)?,
    })
}

/// Writes new pledges and the log's entries of them; as they now are.
async fn stored(write: &mut Write, new: &[NewPledge<'_>]) -> Result<Vec<Pledge>> {
    sql::insert(&mut write.conn, new, write.at).await?;
    let ids: Vec<Uuid> = new.iter().map(|it| it.id).collect();
    let pledges = sql::must_find_all(&mut write.conn, &ids).await?;
    write.created_many(&pledges).await?;
    Ok(pledges)
}
