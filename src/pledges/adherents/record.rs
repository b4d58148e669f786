//! Adherents as records: how one is shown, set and checked, and put beside a pledge.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{Adherent, Draft, Statement, View, last, sql};
use crate::{
    citations::{self, About, Conflict, Subject},
    db::Reader,
    error::{Error, Faults, Result},
    history::{Record, Write},
    participants::{self, NamesParticipant},
    pledges::Pledge,
    records::{Related, counts::Cited},
    resources::{Code, Located, Named, Resource},
    values::{Timestamp, Viewpoint},
    web::{Expand, Shown, Shows},
};

impl Shown for Adherent {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = Vec<Conflict>;

    const EXPANDS: &'static [Expand<Self>] = &[participants::expand(), citations::expand()];

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, viewpoint: Viewpoint, conflicts: Option<Vec<Conflict>>) -> View<'_> {
        let statements = self.statements();
        let last = last(statements);
        let kept = self.is_kept();
        View {
            id: kept.then_some(self.id),
            pledge: self.pledge,
            participant: &self.participant,
            participant_name: self.participant_names.resolve(viewpoint.language),
            stance: self.stance(),
            on: last.and_then(|it| it.on),
            text: last.and_then(|it| it.text.as_ref()),
            by: self.by(),
            statements,
            version: kept.then_some(self.version),
            created_at: kept.then_some(self.created_at),
            updated_at: kept.then_some(self.updated_at),
            counts: self.counts,
            conflicts,
        }
    }
}

impl NamesParticipant for Adherent {
    fn participant(&self) -> Option<&Code> {
        Some(&self.participant)
    }
}

impl Record for Adherent {
    const RESOURCE: Resource = Resource::Adherents;
    fn key(&self) -> String {
        format!("{}/{}", self.pledge, self.participant)
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }

    /// Sources state a stance, as a reader sees it.
    fn stated(&self) -> Result<Value> {
        let last = last(self.statements());
        let mut said = serde_json::to_value(self).map_err(Error::internal)?;
        said["stance"] = self.stance().as_str().into();
        said["on"] = serde_json::to_value(last.map(|it| it.on)).map_err(Error::internal)?;
        said["text"] = serde_json::to_value(last.map(|it| &it.text)).map_err(Error::internal)?;
        Ok(said)
    }
}

impl Related for Adherent {
    type Filter = sql::AdherentFilter;
    type Draft = Draft;

    const WHOLE: Resource = Resource::Pledges;
    const SUMMARIES: [&'static str; 3] = [
        "Who stands behind a collective pledge, by a statement or by attendance.",
        "How a participant stands to a collective pledge.",
        "Sets what a participant states of a collective pledge.",
    ];
    const ONE: &'static str = "an adherent";

    fn of(filter: &mut sql::AdherentFilter, whole: Uuid) {
        filter.pledge = Named::one(whole);
    }

    fn new(id: Uuid, at: Timestamp, pledge: &Located, who: &Located) -> Result<Self> {
        Ok(Self {
            id,
            pledge: pledge.id,
            participant: who.parsed()?,
            statements: Some(Vec::new()),
            version: 1,
            created_at: at,
            updated_at: at,
            participant_names: who.required_names()?,
            counts: Cited::default(),
        })
    }

    fn said(self, draft: Draft) -> Self {
        Self {
            statements: Some(draft.statements),
            ..self
        }
    }

    fn check(said: &Draft, kept: &[Value], now: Timestamp) -> Result<()> {
        let statements = kept
            .iter()
            .map(|it| Vec::<Statement>::deserialize(&it["statements"]));
        let kept: Result<Vec<_>, _> = statements.collect();
        said.check(&kept.map_err(Error::internal)?.concat(), now)
    }

    fn is_kept(&self) -> bool {
        self.statements.is_some()
    }

    async fn admit(conn: &mut Reader, pledge: &Located) -> Result<()> {
        match sql::participant_of(conn, pledge.id).await? {
            None => Ok(()),
            Some(participant) => Err(Error::Invalid(Faults::one(
                "",
                "collective",
                format!(
                    "pledges/{} is {participant}'s own. Only a collective pledge, which names no participant, has adherents",
                    pledge.id
                ),
            ))),
        }
    }

    async fn recheck(&self, write: &mut Write) -> Result<()> {
        let about = About::Adherents;
        citations::recheck_about(write, Subject { about, id: self.id }).await
    }
}

/// Puts beside a pledge who stands behind it.
pub const EXPAND: Expand<Pledge> = Expand {
    name: "adherents",
    shows: Shows::Many("Adherent"),
    is_of_any_part: false,
    read: |conn, pledges, viewpoint| Box::pin(standing_behind(conn, pledges, viewpoint)),
};

/// The adherents of each pledge, the oldest first.
async fn standing_behind(conn: &mut Reader, pledges: &[Pledge], viewpoint: Viewpoint) -> Result<Vec<Value>> {
    let ids = pledges.iter().map(|it| it.id).collect();
    let mut of: HashMap<Uuid, Vec<Value>> = HashMap::new();
    for adherent in sql::of_any(conn, ids).await? {
        let view = serde_json::to_value(adherent.summary(viewpoint)).map_err(Error::internal)?;
        of.entry(adherent.pledge).or_default().push(view);
    }
    Ok(pledges
        .iter()
        .map(|it| of.remove(&it.id).unwrap_or_default().into())
        .collect())
}
