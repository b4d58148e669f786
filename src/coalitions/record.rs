//! Coalitions as records: how one is shown, created and changed.

use serde_json::Value;
use uuid::Uuid;

use super::{Coalition, Draft, View, sql};
use crate::{
    citations::{self, About, Subject},
    db::Reader,
    error::Result,
    history::{Record, Write},
    records::Collected,
    resources::{self, Resource},
    values::{Language, Timestamp},
    web::{Expand, Shown},
};

const THIS: Resource = Resource::Coalitions;

impl Shown for Coalition {
    type View<'a> = View<'a>;
    type Schema = View<'static>;

    const EXPANDS: &'static [Expand] = &[citations::EXPAND];
    const ALONE: &'static [&'static str] = &[citations::CONFLICTS];

    const IS_OF_NO_PART: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn summary(&self, language: Language) -> View<'_> {
        self.view(language)
    }

    async fn detail(&self, sources: Option<&mut Reader>, language: Language) -> Result<View<'_>> {
        Ok(View {
            conflicts: Some(citations::conflicts(sources, self).await?),
            ..self.view(language)
        })
    }

    async fn expand(conn: &mut Reader, records: &[Self], _: &'static str, _: Language) -> Result<Vec<Value>> {
        let records = records.iter().map(|it| (it.id, it.slug.to_string())).collect();
        citations::expand(conn, About::Coalitions, records).await
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
        sql::find(conn, id).await
    }
}
