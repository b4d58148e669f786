//! Assessments as records: how one is shown, created, changed and checked.

use uuid::Uuid;

use super::{Assessment, Draft, View, sql};
use crate::{
    citations::{self, About, Conflict},
    db::Reader,
    error::{Detail, Error, Faults, Result},
    history::{Record, Write},
    participants::{self, NamesParticipant},
    records::{self, Collected, Draft as _, counts::Cited},
    resources::{self, Code, Located, Resource},
    scales::{self, Meaning, Scale},
    values::{Timestamp, Viewpoint},
    web::{Expand, Shown},
};

const THIS: Resource = Resource::Assessments;

impl Shown for Assessment {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = Vec<Conflict>;

    const EXPANDS: &'static [Expand<Self>] = &[participants::expand(), citations::expand()];

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, viewpoint: Viewpoint, conflicts: Option<Vec<Conflict>>) -> View<'_> {
        View {
            assessment: self.document(),
            participant_name: self
                .participant_names
                .as_ref()
                .map(|it| it.resolve(viewpoint.language)),
            scale_name: self.scale_names.resolve(viewpoint.language),
            meaning: self.meaning,
            latest: self.latest,
            counts: self.counts,
            conflicts,
        }
    }
}

impl NamesParticipant for Assessment {
    fn participant(&self) -> Option<&Code> {
        self.participant.as_ref()
    }
}

impl Record for Assessment {
    const RESOURCE: Resource = THIS;
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

impl Collected for Assessment {
    type Filter = sql::AssessmentFilter;
    type Draft = Draft;

    async fn create(write: &mut Write, draft: &Draft) -> Result<Self> {
        let mut refs = Refs::of(write, draft).await?;
        write
            .permit_about(THIS, Resource::Pledges, refs.pledge.id)
            .await?;
        let new = Self {
            id: write.new_id(),
            pledge: refs.pledge.id,
            participant: None,
            participant_id: None,
            participant_names: None,
            assessor: draft.assessor.clone(),
            scale: refs.scale.key.clone(),
            scale_id: refs.scale.id,
            scale_names: refs.scale.names.clone(),
            value: draft.value.clone(),
            meaning: refs.meaning,
            period_from: None,
            period_to: None,
            kind: draft.kind,
            published_on: None,
            replaces: None,
            latest: true,
            version: 1,
            created_at: write.at,
            updated_at: write.at,
            counts: Cited::default(),
        };
        let earlier = refs.earlier.take();
        let new = new.said(draft, refs)?;
        check_replaced(&new, earlier.as_ref())?;
        let cells = sql::new_cells(&new);
        let mut assessment = write.create(new, cells).await?;
        for (index, citation) in draft.citations.iter().enumerate() {
            let (about, of) = (About::Assessments, Located::new(assessment.id));
            citations::create(write, about, &of, citation, &format!("/citations/{index}")).await?;
            assessment.counts.citations += 1;
        }
        Ok(assessment)
    }

    /// Changes what an assessment says, or checks anew that it may say it, as after a restore.
    async fn change(write: &mut Write, before: Self, draft: Draft) -> Result<Self> {
        if draft.subject.is_some_and(|it| it.0 != before.pledge) {
            let now = super::Subject(before.pledge).to_string();
            return Err(resources::fixed("subject", &now));
        }
        let mut refs = Refs::of(write, &draft).await?;
        let earlier = refs.earlier.take();
        let after = before.clone().said(&draft, refs)?;
        check_replaced(&after, earlier.as_ref())?;
        check_replacing(write, &after).await?;
        write.change(before, after, sql::cells).await
    }

    async fn recheck(self, write: &mut Write) -> Result<Self> {
        let (about, id) = (About::Assessments, self.id);
        citations::recheck_about(write, citations::Subject { about, id }).await?;
        let draft = Draft::parse(&records::said(&self)?)?;
        Self::change(write, self, draft).await
    }

    async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Self>> {
        records::find::<Self::Filter>(conn, id).await
    }
}

/// What a draft refers to, found.
struct Refs {
    pledge: Located,
    participant: Option<Located>,
    scale: Scale,
    meaning: Meaning,
    /// The one that it replaces.
    earlier: Option<Assessment>,
}

impl Refs {
    /// A fault for a subject that cannot be read, for each reference to nothing, for a value that the scale does not have, and
    /// for a participant who is not bound by the pledge, which is another's own.
    async fn of(write: &mut Write, draft: &Draft) -> Result<Self> {
        let mut faults = draft.unread.clone();
        let conn = &mut write.conn;
        let pledge = draft.subject.map(|it| it.0.to_string());
        let pledges = Resource::Pledges;
        let pledge = resources::referred(conn, pledges, pledge.as_deref(), "/subject", &mut faults).await?;
        let participant = draft.participant.as_deref();
        let participants = Resource::Participants;
        let participant =
            resources::referred(conn, participants, participant, "/participant", &mut faults).await?;
        let scales = Resource::Scales;
        let scale = resources::referred(conn, scales, Some(&draft.scale), "/scale", &mut faults).await?;
        if let Some((pledge, participant)) = pledge.as_ref().zip(participant.as_ref())
            && let Some(own) = sql::participant_of(conn, pledge.id).await?
            && own != participant.id
        {
            let detail = format!(
                "is not who made pledges/{}, which is no collective one",
                pledge.id
            );
            faults.add("/participant", "collective", detail);
        }
        let scale = match scale {
            Some(found) => scales::sql::find(conn, found.id).await?,
            None => None,
        };
        let meaning = scale.as_ref().and_then(|it| Some(it.step(&draft.value)?.meaning));
        if let Some(scale) = scale.as_ref().filter(|_| meaning.is_none()) {
            let values: Vec<_> = scale.values.iter().map(|it| it.value.as_str()).collect();
            let detail = format!("must be a value of scales/{}: {}", scale.key, values.join(", "));
            faults.add("/value", "value", detail);
        }
        let earlier = match draft.replaces {
            Some(replaced) => {
                let found = Assessment::find(conn, replaced).await?;
                if found.is_none() {
                    resources::unknown(THIS, &replaced.to_string(), "/replaces", &mut faults);
                }
                found
            }
            None => None,
        };
        faults.or_invalid()?;
        let found = pledge.zip(scale).zip(meaning);
        let ((pledge, scale), meaning) =
            found.ok_or_else(|| Error::internal("a reference without a fault was not found"))?;
        Ok(Self {
            pledge,
            participant,
            scale,
            meaning,
            earlier,
        })
    }
}

impl Assessment {
    /// The same, of which this is said.
    fn said(self, draft: &Draft, refs: Refs) -> Result<Self> {
        let Refs {
            pledge: _,
            participant,
            scale,
            meaning,
            earlier: _,
        } = refs;
        let participant = participant.as_ref();
        Ok(Self {
            participant: participant.map(Located::parsed).transpose()?,
            participant_id: participant.map(|it| it.id),
            participant_names: participant.and_then(|it| it.names.clone()),
            assessor: draft.assessor.clone(),
            scale: scale.key,
            scale_id: scale.id,
            scale_names: scale.names,
            value: draft.value.clone(),
            meaning,
            period_from: draft.period_from,
            period_to: draft.period_to,
            kind: draft.kind,
            published_on: draft.published_on,
            replaces: draft.replaces,
            ..self
        })
    }
}

/// Holds one against the earlier one that it replaces.
fn check_replaced(new: &Assessment, earlier: Option<&Assessment>) -> Result<()> {
    let mut faults = Faults::default();
    if let Some(earlier) = earlier
        && let Some(detail) = new.cannot_replace(earlier)
    {
        let detail = Detail::of(detail).naming(format!("assessments/{}", earlier.id));
        faults.add("/replaces", "replaces", detail);
    }
    faults.or_invalid()
}

/// Holds one against those that replace it.
async fn check_replacing(write: &mut Write, earlier: &Assessment) -> Result<()> {
    let mut faults = Faults::default();
    for later in sql::replacing(&mut write.conn, earlier.id).await? {
        if later.cannot_replace(earlier).is_some() {
            let detail = format!(
                "assessments/{} replaces this one, and could not as it would be; patch or retract that one first",
                later.id
            );
            let detail = Detail::of(detail).naming(format!("assessments/{}", later.id));
            faults.add("", "replaces", detail);
        }
    }
    faults.or_invalid()
}
