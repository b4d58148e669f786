//! Articles as records: how one is shown, created and changed without breaking a quote.

use uuid::Uuid;

use super::{Article, Draft, Entry, View, excerpt, folded, hex, slice, sql};
use crate::{
    db::Reader,
    error::{Detail, Error, Faults, Result},
    history::{Record, Write},
    records::{Collected, counts::Cited},
    resources::Resource,
    values::{Timestamp, Viewpoint},
    web::{AlsoListed, Shown},
};

const THIS: Resource = Resource::Articles;

impl Shown for Article {
    type View<'a> = View<'a>;
    type Schema = View<'static>;
    type Alone = ();

    const ALSO_LISTED: &'static [AlsoListed<Self>] =
        &[("excerpt", |article| article.body.as_deref().map(excerpt).into())];
    const IS_OF_NO_PART: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, _: Viewpoint, _: Option<()>) -> View<'_> {
        View {
            article: self,
            counts: self.counts,
        }
    }
}

impl Shown for Entry {
    type View<'a> = &'a Self;
    type Schema = Self;
    type Alone = ();

    const IS_OF_NO_PART: bool = true;

    fn id(&self) -> Uuid {
        self.id
    }

    fn view(&self, _: Viewpoint, _: Option<()>) -> &Self {
        self
    }
}

impl Record for Article {
    const RESOURCE: Resource = THIS;
    fn version(&self) -> i64 {
        self.version
    }
    fn stamp(&mut self) -> (&mut i64, &mut Timestamp) {
        (&mut self.version, &mut self.updated_at)
    }
}

impl Collected for Article {
    type Filter = sql::ArticleFilter;
    type Draft = Draft;

    // Each may have millions of bytes.
    const MOST_TOGETHER: usize = 8;

    async fn create(write: &mut Write, draft: &Draft) -> Result<Self> {
        let draft = draft.clone();
        let article = Self {
            id: write.new_id(),
            publisher: draft.publisher,
            language: draft.language,
            title: draft.title,
            kind: draft.kind,
            url: draft.url,
            published_on: draft.published_on,
            body_sha256: draft.body.as_deref().map(hex),
            body: draft.body,
            version: 1,
            created_at: write.at,
            updated_at: write.at,
            counts: Cited::default(),
        };
        refuse_copy(write, &article).await?;
        let cells = sql::cells(&article);
        write.create(article, cells).await
    }

    async fn change(write: &mut Write, before: Self, draft: Draft) -> Result<Self> {
        let after = Self {
            publisher: draft.publisher,
            language: draft.language,
            title: draft.title,
            kind: draft.kind,
            url: draft.url,
            published_on: draft.published_on,
            body_sha256: draft.body.as_deref().map(hex),
            body: draft.body,
            ..before.clone()
        };
        if after.body != before.body {
            refuse_copy(write, &after).await?;
            keep_quotes(write, &after).await?;
        }
        write.change(before, after, sql::cells).await
    }

    async fn recheck(self, write: &mut Write) -> Result<Self> {
        refuse_copy(write, &self).await?;
        Ok(self)
    }

    async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Self>> {
        sql::counted(conn, id).await
    }
}

/// A text is registered once.
async fn refuse_copy(write: &mut Write, article: &Article) -> Result<()> {
    let Some(body) = &article.body else { return Ok(()) };
    match sql::same_body(&mut write.conn, &folded(body), article.id).await? {
        None => Ok(()),
        Some(first) => Err(Error::Conflict {
            code: "duplicate",
            detail: format!(
                "This body is registered already, as articles/{first}. Cite that one, or patch it."
            ),
            faults: Faults::one(
                "/body",
                "duplicate",
                Detail::of(format!("is the body of articles/{first}, white space apart"))
                    .naming(format!("articles/{first}")),
            ),
            with: Some(format!("/v1/articles/{first}")),
        }),
    }
}

/// A body may change only where its quotes still stand.
async fn keep_quotes(write: &mut Write, article: &Article) -> Result<()> {
    let mut faults = Faults::default();
    for (citation, quote, start, end) in sql::quotes(&mut write.conn, article.id).await? {
        let stands = article
            .body
            .as_deref()
            .is_some_and(|body| slice(body, start, end) == Some(quote.as_str()));
        if !stands {
            let detail =
                format!("citations/{citation} quotes [{start}, {end}), which would no longer read as quoted");
            faults.add(
                "/body",
                "quoted",
                Detail::of(detail).naming(format!("citations/{citation}")),
            );
        }
    }
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::Conflict {
        code: "still_referenced",
        detail: "Citations quote what this would change; change or retract them first. errors names them."
            .into(),
        faults,
        with: None,
    })
}
