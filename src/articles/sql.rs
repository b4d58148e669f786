//! Statements about articles: what is kept of one, and which match.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Article, Entry, Kind, excerpt, folded};
use crate::{
    db::{Cells, Reader, Sql, row},
    error::{Faults, Result},
    resources::Resource,
    search::{by_words, sql::Searched},
    values::PartialDate,
    web::{ColumnType, Filter, Query, Sort, Updated, among},
};

row! {
    Article {
        id, publisher, language, title, kind, url, published_on, body, body_sha256, version, created_at,
        updated_at, counts: row,
    }
}

row! {
    Entry {
        id, publisher, language, title, kind, url, published_on, excerpt, body_sha256, version, created_at,
        updated_at, counts: row,
    }
}

pub(super) fn cells(article: &Article) -> Cells {
    let Article {
        id: _,
        publisher,
        language,
        title,
        kind,
        url,
        published_on,
        body,
        body_sha256,
        version,
        created_at,
        updated_at,
        counts: _,
    } = article;
    Cells::new()
        .set("publisher", publisher.clone())
        .set("language", language.clone())
        .set("title", title.clone())
        .set("kind", *kind)
        .set("url", url.clone())
        .set("published_on", *published_on)
        .set("published_first", published_on.map(PartialDate::first))
        .set("published_last", published_on.map(PartialDate::last))
        .set("body", body.clone())
        .set("excerpt", body.as_deref().map(excerpt))
        .set("body_sha256", body_sha256.clone())
        .set("folded_sha256", body.as_deref().map(folded))
        .set("version", *version)
        .set("created_at", *created_at)
        .set("updated_at", *updated_at)
}

const ARTICLE: &str = "select r.id, r.publisher, r.language, r.title, r.kind, r.url, r.published_on, r.body, r.body_sha256, r.version,
    r.created_at, r.updated_at, ";

/// The live article with this id, of which nothing is counted: thousands may cite it, each of which asks for it.
pub async fn find(conn: &mut Reader, id: Uuid) -> Result<Option<Article>> {
    let mut sql = Sql::new(ARTICLE);
    sql.push("cast(0 as bigint) as citations from articles r where r.retracted_at is null and r.id = ")
        .push_arg(id);
    conn.find(sql).await
}

/// The same as readers see it.
pub(super) async fn counted(conn: &mut Reader, id: Uuid) -> Result<Option<Article>> {
    let mut sql = Sql::new(ARTICLE);
    sql.push(
        "(select count(*) from citations ct where ct.article_id = r.id and ct.retracted_at is null) as citations
         from articles r where r.retracted_at is null and r.id = ",
    )
    .push_arg(id);
    conn.find(sql).await
}

/// The live articles with these ids, as lists show them.
pub async fn entries(conn: &mut Reader, ids: BTreeSet<Uuid>) -> Result<Vec<Entry>> {
    let mut sql = ArticleFilter::rows();
    sql.push(" and r.id in ").push_list(ids);
    conn.all(sql).await
}

/// The first live article with this body, another one than `but`.
pub(super) async fn same_body(conn: &mut Reader, folded: &str, but: Uuid) -> Result<Option<Uuid>> {
    let found: Option<(Uuid,)> = conn
        .find(
            Sql::new("select id from articles where folded_sha256 = $1 and id <> $2 and retracted_at is null order by id limit 1")
                .bind(folded.to_owned())
                .bind(but),
        )
        .await?;
    Ok(found.map(|(id,)| id))
}

/// The quotes that live citations take from an article, with their offsets.
pub(super) async fn quotes(conn: &mut Reader, article: Uuid) -> Result<Vec<(Uuid, String, i64, i64)>> {
    conn.all(
        Sql::new(
            "select id, quote, quote_start, quote_end from citations
             where article_id = $1 and quote is not null and retracted_at is null order by id",
        )
        .bind(article),
    )
    .await
}

#[derive(Debug, Default)]
pub struct ArticleFilter {
    searched: Searched,
    publisher: Vec<String>,
    language: Vec<String>,
    kind: Vec<Kind>,
    /// From and to.
    published: [Option<PartialDate>; 2],
    updated: Updated,
}

impl Filter for ArticleFilter {
    type Item = Entry;

    const COLUMNS: &'static str =
        "select r.id, r.publisher, r.language, r.title, r.kind, r.url, r.published_on, r.excerpt,
        r.body_sha256, r.version, r.created_at, r.updated_at,
        (select count(*) from citations ct where ct.article_id = r.id and ct.retracted_at is null) as citations";
    const FROM: &'static str = " from articles r where r.retracted_at is null";

    const SORTS: &'static [Sort<Self::Item>] = &[
        Sort::CREATED,
        Sort::by("updated_at", "r.updated_at", ColumnType::Time, |it| {
            Some(it.updated_at.to_rfc3339())
        }),
        Sort::by("publisher", "r.publisher", ColumnType::Text, |it| {
            Some(it.publisher.clone())
        }),
        Sort::by("title", "r.title", ColumnType::Text, |it| Some(it.title.clone())),
        Sort::by("published_on", "r.published_first", ColumnType::Day, |it| {
            it.published_on.map(|date| date.first().to_string())
        }),
    ];

    fn read(query: &mut Query) -> Self {
        Self {
            searched: Searched::read(query),
            publisher: query.texts("publisher"),
            language: query.many("language"),
            kind: query.many("kind"),
            published: query.dates(["published_from", "published_to"]),
            updated: Updated::read(query),
        }
    }

    async fn resolve(&mut self, conn: &mut Reader) -> Result<()> {
        let mut faults = Faults::default();
        self.searched
            .resolve(conn, Resource::Articles, &mut faults)
            .await?;
        faults.or_malformed()
    }

    by_words!(Resource::Articles);

    fn matching(&self, sql: &mut Sql) {
        self.searched.matching(sql, Resource::Articles);
        among(sql, "r.publisher", &self.publisher);
        among(sql, "r.language", &self.language);
        among(sql, "r.kind", &self.kind);
        let [from, to] = self.published;
        if let Some(from) = from {
            sql.push(" and r.published_last >= ").push_arg(from.first());
        }
        if let Some(to) = to {
            sql.push(" and r.published_first <= ").push_arg(to.last());
        }
        self.updated.matching(sql, "r.updated_at");
    }
}
