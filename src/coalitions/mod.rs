//! Coalitions: standing groups, and who belonged to them when.

pub mod http;
pub mod members;
pub mod sql;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    citations::{self, About, Conflict},
    db::Conn,
    error::{Error, Result},
    history::{
        Recorded, Write,
        batch::{Batched, Refusal},
    },
    resources::{self, Resource},
    values::{LangMap, Language, PartialDate, Slug, Timestamp, parse},
    web::{Expand, Shown},
};

/// Longest description, in code points.
const LONGEST_DESCRIPTION: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, sqlx::FromRow)]
#[schema(as = CoalitionRecord)]
pub struct Coalition {
    pub id: Uuid,
    pub slug: Slug,
    #[sqlx(json)]
    pub names: LangMap,
    pub founded_on: Option<PartialDate>,
    #[schema(min_length = 1, max_length = 10000)]
    pub description: Option<String>,
    /// Goes up by one with every change.
    pub version: i64,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub created_at: Timestamp,
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub updated_at: Timestamp,
}

/// A coalition as a reader sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Coalition)]
pub struct View<'a> {
    #[serde(flatten)]
    coalition: &'a Coalition,
    /// Its name in the reader's language.
    name: &'a str,
    /// On the coalition itself, not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts: Option<Vec<Conflict>>,
}

impl Coalition {
    #[must_use]
    pub fn view(&self, language: Language) -> View<'_> {
        View {
            coalition: self,
            name: self.names.resolve(language),
            conflicts: None,
        }
    }

    /// With where its sources disagree.
    #[must_use]
    pub fn whole(&self, language: Language, conflicts: Vec<Conflict>) -> View<'_> {
        View {
            conflicts: Some(conflicts),
            ..self.view(language)
        }
    }
}

impl Shown for Coalition {
    type View<'a> = View<'a>;
    type Schema = View<'static>;

    const EXPANDS: &'static [Expand] = &[Expand::Citations];

    fn id(&self) -> Uuid {
        self.id
    }

    fn shown(&self, language: Language) -> View<'_> {
        self.view(language)
    }

    async fn expand(conn: &mut Conn, records: &[Self], _: Expand, _: Language) -> Result<Vec<Value>> {
        let records = records.iter().map(|it| (it.id, it.slug.to_string())).collect();
        citations::beside(conn, About::Coalitions, records).await
    }
}

impl Recorded for Coalition {
    const RESOURCE: Resource = Resource::Coalitions;
    fn key(&self) -> String {
        self.slug.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// What a caller says of a coalition.
#[derive(Clone)]
pub struct Draft {
    slug: Slug,
    names: LangMap,
    founded_on: Option<PartialDate>,
    description: Option<String>,
}

impl Draft {
    pub fn parse(body: &Value) -> Result<Self> {
        parse(body, |fields| {
            let slug = fields.required("slug");
            let names = fields.required("names");
            let founded_on = fields.optional("founded_on");
            let description = fields.text("description", LONGEST_DESCRIPTION);
            Some(Self {
                slug: slug?,
                names: names?,
                founded_on,
                description,
            })
        })
    }
}

pub async fn create(write: &mut Write, draft: Draft) -> Result<Coalition> {
    if let Some(found) = resources::locate(&mut write.conn, Resource::Coalitions, draft.slug.as_str()).await?
    {
        return Err(resources::taken(
            Resource::Coalitions,
            draft.slug.as_str(),
            &found,
        ));
    }
    let coalition = Coalition {
        id: write.new_id(),
        slug: draft.slug,
        names: draft.names,
        founded_on: draft.founded_on,
        description: draft.description,
        version: 1,
        created_at: write.at,
        updated_at: write.at,
    };
    sql::insert(&mut write.conn, &coalition).await?;
    write.created(&coalition).await?;
    Ok(coalition)
}

pub async fn change(write: &mut Write, before: Coalition, draft: Draft) -> Result<Coalition> {
    if draft.slug != before.slug {
        return Err(resources::fixed("slug", before.slug.as_str()));
    }
    let mut after = Coalition {
        names: draft.names,
        founded_on: draft.founded_on,
        description: draft.description,
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = write.at;
    sql::update(&mut write.conn, &after).await?;
    write.updated(&before, &after).await?;
    Ok(after)
}

/// Where the sources of a coalition disagree with what the register holds.
pub async fn conflicts(conn: &mut Conn, coalition: &Coalition) -> Result<Vec<Conflict>> {
    citations::conflicts(conn, Resource::Coalitions, coalition.id, coalition).await
}

impl Batched for Coalition {
    type Draft = Draft;

    fn read(body: &Value) -> Result<Draft> {
        Draft::parse(body)
    }

    async fn create_all(write: &mut Write, drafts: &[&Draft]) -> Result<Vec<Self>, Refusal> {
        let mut created = Vec::with_capacity(drafts.len());
        for draft in drafts {
            created.push(create(write, (*draft).clone()).await?);
        }
        Ok(created)
    }

    async fn whole(&self, _: &Draft, _: &mut Conn, language: Language) -> Result<String> {
        serde_json::to_string(&self.whole(language, Vec::new())).map_err(Error::internal)
    }
}
