//! Meetings as records: how one is shown, created and changed.

use uuid::Uuid;

use super::{Draft, Meeting, NamesMeeting, Refs, View, sql};
use crate::{
    citations::{self, About, Conflict, Subject},
    db::Reader,
    error::{Faults, Result},
    history::{Record, Write},
    records::{self, Collected, counts::Pledging},
    resources::{self, Located, Resource, Slug},
    values::{Timestamp, Viewpoint},
    web::{Depends, Expand, HandedIn, Shown, Shows},
};

const THIS: Resource = Resource::Meetings;

/// What was promised at each, as its own totals say where nothing else is asked.
pub static TOTALS: HandedIn<Meeting> = HandedIn::new();

impl Shown for Meeting {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = Vec<Conflict>;

    const EXPANDS: &'static [Expand<Self>] = &[
        Expand {
            name: "totals",
            shows: Shows::One("Totals"),
            is_of_any_part: false,
            read: |conn, meetings, viewpoint| TOTALS.read(conn, meetings, viewpoint),
        },
        citations::expand(),
    ];

    fn id(&self) -> Uuid {
        self.id
    }

    // Its pledges are counted.
    fn depends(&self) -> Depends {
        Depends::on_part(Some(self.slug.as_str()))
    }

    fn view(&self, viewpoint: Viewpoint, conflicts: Option<Vec<Conflict>>) -> View<'_> {
        let coalition = self.coalition_names.as_ref();
        let country = self.country_names.as_ref();
        View {
            meeting: self.document(),
            title: self.titles.resolve(viewpoint.language),
            coalition_name: coalition.map(|it| it.resolve(viewpoint.language)),
            country_name: country.map(|it| it.resolve(viewpoint.language)),
            counts: self.counts,
            conflicts,
        }
    }
}

impl Record for Meeting {
    const RESOURCE: Resource = THIS;
    fn key(&self) -> String {
        self.slug.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

impl Collected for Meeting {
    type Filter = sql::MeetingFilter;
    type Draft = Draft;

    async fn create(write: &mut Write, draft: &Draft) -> Result<Self> {
        resources::refuse_taken(&mut write.conn, THIS, draft.slug.as_str()).await?;
        let refs = Refs::of(&mut write.conn, draft).await?;
        let new = Stamp {
            id: write.new_id(),
            version: 1,
            created_at: write.at,
            updated_at: write.at,
            counts: Pledging::default(),
        };
        let meeting = refs.meeting(draft.clone(), new)?;
        let cells = sql::cells(&meeting, &refs);
        write.create(meeting, cells).await
    }

    async fn change(write: &mut Write, before: Self, draft: Draft) -> Result<Self> {
        if draft.slug != before.slug {
            return Err(resources::fixed("slug", before.slug.as_str()));
        }
        let refs = Refs::of(&mut write.conn, &draft).await?;
        let now = Stamp {
            id: before.id,
            version: before.version,
            created_at: before.created_at,
            updated_at: before.updated_at,
            counts: before.counts,
        };
        let after = refs.meeting(draft, now)?;
        write
            .change(before, after, |after| sql::cells(after, &refs))
            .await
    }

    async fn recheck(self, write: &mut Write) -> Result<Self> {
        let about = About::Meetings;
        citations::recheck_about(write, Subject { about, id: self.id }).await?;
        Ok(self)
    }

    async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Self>> {
        records::find::<Self::Filter>(conn, id).await
    }
}

/// What the register itself says of a record.
#[derive(Clone, Copy)]
struct Stamp {
    id: Uuid,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    counts: Pledging,
}

impl Refs {
    async fn of(conn: &mut Reader, draft: &Draft) -> Result<Self> {
        let mut faults = Faults::default();
        let (coalition, country) = (draft.coalition.as_deref(), draft.country.as_deref());
        let refs = Self {
            coalition: resources::referred(conn, Resource::Coalitions, coalition, "/coalition", &mut faults)
                .await?,
            country: resources::referred(conn, Resource::Participants, country, "/country", &mut faults)
                .await?,
        };
        faults.or_invalid()?;
        Ok(refs)
    }

    fn meeting(&self, draft: Draft, stamp: Stamp) -> Result<Meeting> {
        Ok(Meeting {
            id: stamp.id,
            slug: draft.slug,
            titles: draft.titles,
            kind: draft.kind,
            starts_on: draft.starts_on,
            ends_on: draft.ends_on,
            coalition: self.coalition.as_ref().map(Located::parsed).transpose()?,
            coalition_names: self.coalition.as_ref().and_then(|it| it.names.clone()),
            city: draft.city,
            country: self.country.as_ref().map(Located::parsed).transpose()?,
            country_names: self.country.as_ref().and_then(|it| it.names.clone()),
            headline_amount: draft.headline_amount,
            need_amount: draft.need_amount,
            headline_currency: draft.headline_currency,
            participant_count: draft.participant_count,
            version: stamp.version,
            created_at: stamp.created_at,
            updated_at: stamp.updated_at,
            counts: stamp.counts,
        })
    }
}

/// Puts beside a record the meeting that it names.
#[must_use]
pub const fn expand<R: NamesMeeting>() -> Expand<R> {
    Expand {
        name: "meeting",
        shows: Shows::One("Meeting"),
        is_of_any_part: false,
        read: |conn, records, viewpoint| {
            let slugs = records.iter().map(|it| it.meeting().map(Slug::as_str));
            Box::pin(records::named::<sql::MeetingFilter>(
                conn,
                slugs.collect(),
                viewpoint,
            ))
        },
    }
}
