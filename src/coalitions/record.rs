//! Coalitions as records: how one is shown, created and changed.

use uuid::Uuid;

use super::{Coalition, Draft, View, sql};
use crate::{
    citations::{self, About, Conflict, Subject},
    db::Reader,
    error::Result,
    history::{Record, Write},
    records::{self, Collected, counts::Pledging},
    resources::{self, Resource},
    values::{Timestamp, Viewpoint},
    web::{Expand, Shown},
};

const THIS: Resource = Resource::Coalitions;

impl Shown for Coalition {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = Vec<Conflict>;

    const EXPANDS: &'static [Expand<Self>] = &[citations::expand()];

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, viewpoint: Viewpoint, conflicts: Option<Vec<Conflict>>) -> View<'_> {
        View {
            coalition: self,
            name: self.names.resolve(viewpoint.language),
            counts: self.counts,
            conflicts,
        }
    }
}

impl Record for Coalition {
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

impl Collected for Coalition {
    type Filter = sql::CoalitionFilter;
    type Draft = Draft;

    async fn create(write: &mut Write, draft: &Draft) -> Result<Self> {
        resources::refuse_taken(&mut write.conn, THIS, draft.slug.as_str()).await?;
        let draft = draft.clone();
        let coalition = Self {
            id: write.new_id(),
            slug: draft.slug,
            names: draft.names,
            founded_on: draft.founded_on,
            description: draft.description,
            version: 1,
            created_at: write.at,
            updated_at: write.at,
            counts: Pledging::default(),
        };
        let cells = sql::cells(&coalition);
        write.create(coalition, cells).await
    }

    async fn change(write: &mut Write, before: Self, draft: Draft) -> Result<Self> {
        if draft.slug != before.slug {
            return Err(resources::fixed("slug", before.slug.as_str()));
        }
        let after = Self {
            names: draft.names,
            founded_on: draft.founded_on,
            description: draft.description,
            ..before.clone()
        };
        write.change(before, after, sql::cells).await
    }

    async fn recheck(self, write: &mut Write) -> Result<Self> {
        let about = About::Coalitions;
        citations::recheck_about(write, Subject { about, id: self.id }).await?;
        Ok(self)
    }

    async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Self>> {
        records::find::<Self::Filter>(conn, id).await
    }
}
