//! Participants as records: how one is shown, created, changed and merged into another.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::{
    Draft, NamesParticipant, Participant, View,
    sql::{self, Placed},
};
use crate::{
    citations::{self, About, Conflict, Subject},
    db::Reader,
    error::{Error, Faults, Result},
    history::{Moves, Record, Write},
    records::{self, Collected, counts::Pledging},
    resources::{self, Code, Reference, Resource},
    values::{Timestamp, Viewpoint},
    web::{Expand, Shown, Shows},
};

const THIS: Resource = Resource::Participants;

impl Shown for Participant {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = Vec<Conflict>;

    const EXPANDS: &'static [Expand<Self>] = &[citations::expand()];

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, viewpoint: Viewpoint, conflicts: Option<Vec<Conflict>>) -> View<'_> {
        self.view_at(None, viewpoint.language, conflicts)
    }
}

impl Record for Participant {
    const RESOURCE: Resource = THIS;
    fn key(&self) -> String {
        self.code.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

impl Collected for Participant {
    type Filter = sql::NamedAt;
    type Draft = Draft;

    async fn create(write: &mut Write, draft: &Draft) -> Result<Self> {
        create(write, draft.clone()).await
    }

    async fn change(write: &mut Write, before: Self, draft: Draft) -> Result<Self> {
        if draft.code != before.code {
            return Err(resources::fixed("code", before.code.as_str()));
        }
        let successor = match &draft.merged_into {
            Some(key) => Some(successor(write, &before, key).await?),
            None => None,
        };
        let mut after = Self {
            kind: draft.kind,
            names: draft.names,
            former_names: draft.former_names,
            aliases: draft.aliases,
            merged_into: successor.as_ref().map(|it| it.code.clone()),
            ..before.clone()
        };
        if let Some(successor) = successor.as_ref().filter(|_| after != before) {
            write.permit_all()?;
            merge(write, &before, successor).await?;
            // All that it had is the other's.
            after.counts = Pledging::default();
        }
        let into = successor.map(|it| it.id);
        write.change(before, after, |after| sql::cells(after, into)).await
    }

    async fn recheck(self, write: &mut Write) -> Result<Self> {
        citations::recheck_about(write, about(self.id)).await?;
        Ok(self)
    }

    async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Self>> {
        sql::find(conn, id).await
    }
}

pub async fn create(write: &mut Write, draft: Draft) -> Result<Participant> {
    resources::refuse_taken(&mut write.conn, THIS, draft.code.as_str()).await?;
    if draft.merged_into.is_some() {
        let fault = Faults::one(
            "/merged_into",
            "value",
            "a new participant cannot be merged already; create it, then patch it",
        );
        return Err(Error::Invalid(fault));
    }
    let participant = Participant {
        id: write.new_id(),
        code: draft.code,
        kind: draft.kind,
        names: draft.names,
        former_names: draft.former_names,
        aliases: draft.aliases,
        merged_into: None,
        version: 1,
        created_at: write.at,
        updated_at: write.at,
        counts: Pledging::default(),
    };
    let cells = sql::cells(&participant, None);
    write.create(participant, cells).await
}

fn about(id: Uuid) -> Subject {
    Subject {
        about: About::Participants,
        id,
    }
}

async fn successor(write: &mut Write, merged: &Participant, key: &str) -> Result<Participant> {
    let fault = |detail: String| Error::Invalid(Faults::one("/merged_into", "unknown_reference", detail));
    let id = resources::resolve(&mut write.conn, THIS, key)
        .await?
        .map(|it| it.id)
        .ok_or_else(|| {
            let mut faults = Faults::default();
            resources::unknown(THIS, key, "/merged_into", &mut faults);
            Error::Invalid(faults)
        })?;
    if id == merged.id {
        return Err(fault(
            "names the participant itself; name the one that stays".into(),
        ));
    }
    sql::find(&mut write.conn, id)
        .await?
        .ok_or_else(|| Error::internal("a resolved participant is gone"))
}

/// Points everything that refers to one participant to another, unless both stand in one place.
async fn merge(write: &mut Write, from: &Participant, to: &Participant) -> Result<()> {
    let mut both: Vec<String> = sql::standing_in_both(&mut write.conn, from.id, to.id)
        .await?
        .into_iter()
        .map(|place| {
            format!(
                "{} and {} both stand in {place}; retract one of the two",
                from.code, to.code
            )
        })
        .collect();
    for pledge in sql::stating_of_both(&mut write.conn, from.id, to.id).await? {
        both.push(format!(
            "{0} and {1} both made statements of pledges/{pledge}; retract one of /v1/pledges/{pledge}/adherents/{0} and /v1/pledges/{pledge}/adherents/{1}",
            from.code, to.code
        ));
    }
    if let (Some(one), Some(other)) = (
        citations::sql::preferred(&mut write.conn, about(from.id), None).await?,
        citations::sql::preferred(&mut write.conn, about(to.id), None).await?,
    ) {
        both.push(format!(
            "citations/{one} and citations/{other} are both preferred; patch one of the two to \"preferred\": false"
        ));
    }
    if !both.is_empty() {
        let mut faults = Faults::default();
        for detail in both {
            faults.add("/merged_into", "both", detail);
        }
        return Err(Error::Conflict {
            code: "merge_conflict",
            detail: format!(
                "{} and {} stand in the same place; errors names where.",
                from.code, to.code
            ),
            faults,
            with: None,
        });
    }
    // Where the one was retracted that the other has live, it would go into the log over that one.
    let staying = sql::outlived(&mut write.conn, from.id, to.id).await?;
    let mut places: BTreeMap<Uuid, Vec<Placed>> = BTreeMap::new();
    for it in sql::placed(&mut write.conn, from.id, to.id).await? {
        places.entry(it.place).or_default().push(it);
    }
    let (mut versions, mut outrunning) = (HashMap::new(), Vec::new());
    for placed in places.into_values() {
        let mut version = placed.iter().map(|it| it.reached).max().unwrap_or_default();
        let moves = |it: &&Placed| it.participant == from.id && !staying.contains(&it.id);
        for it in placed.iter().filter(moves) {
            version += 1;
            versions.insert(it.id, version);
        }
        // Whose key leads to what the other has there may have seen as many versions of its own.
        let standing = placed
            .iter()
            .max_by_key(|it| (it.retracted_at.is_none(), it.retracted_at, it.id));
        if let Some(it) = standing.filter(|it| it.participant == to.id) {
            let Placed { resource, id, .. } = *it;
            outrunning.push((Reference { resource, id }, version + 1));
        }
    }
    write
        .repoint(
            THIS,
            (from.id, from.code.as_str()),
            (to.id, to.code.as_str()),
            citations::SUBJECT,
            Moves {
                staying,
                versions,
                outrunning,
            },
        )
        .await
}

/// Puts beside a record the participant that it names.
#[must_use]
pub const fn expand<R: NamesParticipant>() -> Expand<R> {
    Expand {
        name: "participant",
        shows: Shows::One("Participant"),
        is_of_any_part: true,
        read: |conn, records, viewpoint| {
            let codes = records.iter().map(|it| it.participant().map(Code::as_str));
            Box::pin(records::named::<sql::ParticipantFilter>(
                conn,
                codes.collect(),
                viewpoint,
            ))
        },
    }
}
