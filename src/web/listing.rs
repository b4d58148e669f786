//! Lists: a filter, a sort and a page, all values; keyset, never an offset.
//!
//! A page is found by the last row of the one before (its sort value and id),
//! so rows that are added meanwhile neither repeat nor hide others, and the
//! hundredth page costs what the first does. The cursor carries a fingerprint
//! of path, filters and sort: used with others it is refused. What JSON gives by
//! pages, CSV and NDJSON give whole, see [`super::export`].

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use std::future::Future;

use super::{Asked, Format, Moments, Query, Shape, Shown, answer, export};
use crate::{
    db::{Conn, Db, Row, Sql},
    error::{Error, Result},
    values::{Language, Timestamp, no_nul},
};

const LARGEST_LIMIT: i64 = 200;
const DEFAULT_LIMIT: i64 = 50;

const OTHER_CURSOR: &str =
    "after is the cursor of another query; keep filters and sort as they were, or start without it";
const NO_CURSOR: &str = "after is no cursor; take it from next of the page before";

/// What decides how rows are shown, not which: a cursor serves with any of it.
const NOT_WHICH: [&str; 8] = [
    "after", "limit", "count", "lang", "format", "bom", "fields", "expand",
];

fn read_limit(query: &mut Query) -> Option<i64> {
    let limit = query.number("limit")?;
    if !(1..=LARGEST_LIMIT).contains(&limit) {
        query.fault(
            "limit",
            "value",
            format!("limit must be from 1 to {LARGEST_LIMIT}"),
        );
    }
    Some(limit)
}

/// How a sort column compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Day,
    Time,
    Number,
    /// A number that no two rows share, so that it needs no second to break ties.
    Sequence,
    /// The id itself, which is unique and in order of creation.
    Id,
}

/// A column that a list may be sorted by.
pub struct Sort<R: 'static> {
    pub name: &'static str,
    pub column: &'static str,
    pub kind: Kind,
    /// The column's value in a row, as text; `None` is null.
    pub of: fn(&R) -> Option<String>,
}

/// A record that stands in lists. Its table is `r` in the list's SQL.
pub trait Listed: Shown {
    /// The first is the default, newest first.
    const SORTS: &'static [Sort<Self>];
    fn id(&self) -> Uuid;
}

/// What of a resource is asked for. One [`Filter::matching`] serves list, count
/// and totals, so that they cannot disagree.
pub trait Filter: Sized + Send + Sync + 'static {
    type Item: Listed + Row;

    /// `select …`, the columns of an item.
    const COLUMNS: &'static str;
    /// `from … where …`, the live rows, the table itself as `r`.
    const FROM: &'static str;

    fn read(query: &mut Query) -> Self;

    /// The order where none is asked for.
    fn newest_first(&self) -> bool {
        true
    }

    /// Finds the records that the filter names by their keys; one that does not exist is a fault.
    fn resolve(&mut self, _: &mut Conn) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Appends ` and …` for everything that is asked.
    fn matching(&self, sql: &mut Sql);

    /// Reads what of the rows is kept in other tables than theirs.
    fn complete(&self, _: &mut Conn, _rows: &mut [Self::Item]) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// A row as this list shows it.
    fn view<'a>(&self, row: &'a Self::Item, language: Language) -> <Self::Item as Shown>::View<'a> {
        row.shown(language)
    }
}

/// `updated_from` and `updated_to`, which every list takes.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Updated {
    from: Option<Moments>,
    to: Option<Moments>,
}

impl Updated {
    pub fn read(query: &mut Query) -> Self {
        Self {
            from: query.one("updated_from"),
            to: query.one("updated_to"),
        }
    }

    pub fn matching(&self, sql: &mut Sql, column: &'static str) {
        if let Some(from) = self.from {
            sql.push(" and ").push(column).push(" >= ").push_arg(from.first);
        }
        if let Some(to) = self.to {
            sql.push(" and ").push(column).push(" <= ").push_arg(to.last);
        }
    }
}

/// Which part of a list, in which order.
pub struct Page<R: 'static> {
    sort: &'static Sort<R>,
    descending: bool,
    after: Option<(Option<String>, Uuid)>,
    limit: Option<i64>,
    fingerprint: String,
}

/// A page's rows, the cursor of the next one, and how many there are in all where that was asked.
pub struct Paged<R> {
    pub items: Vec<R>,
    pub next: Option<String>,
    pub count: Option<i64>,
}

impl<R: Listed> Page<R> {
    fn read(query: &mut Query, path: &str, newest_first: bool) -> Self {
        let fingerprint = fingerprint(path, &query.canonical(&NOT_WHICH));
        let limit = read_limit(query);
        let wanted = query.one::<String>("sort");
        let (name, descending) = match wanted.as_deref() {
            None => (R::SORTS[0].name, newest_first),
            Some(text) => text.strip_prefix('-').map_or((text, false), |name| (name, true)),
        };
        let sort = R::SORTS.iter().find(|sort| sort.name == name).unwrap_or_else(|| {
            let names: Vec<_> = R::SORTS.iter().map(|sort| sort.name).collect();
            query.fault(
                "sort",
                "value",
                format!(
                    "sort must be one of {}, with - before it for the reverse",
                    names.join(", ")
                ),
            );
            &R::SORTS[0]
        });
        let after = query
            .one::<String>("after")
            .and_then(|cursor| match opened(&cursor) {
                Some((of, value, id)) if of == fingerprint && fits(sort.kind, value.as_deref()) => {
                    Some((value, id))
                }
                Some(_) => {
                    query.fault("after", "cursor", OTHER_CURSOR);
                    None
                }
                None => {
                    query.fault("after", "cursor", NO_CURSOR);
                    None
                }
            });
        Self {
            sort,
            descending,
            after,
            limit,
            fingerprint,
        }
    }

    /// Appends the page's predicate, order and limit to a statement that ends in its `where`.
    pub fn apply(&self, sql: &mut Sql) {
        let (beyond, order) = if self.descending {
            (" < ", " desc")
        } else {
            (" > ", " asc")
        };
        let column = self.sort.column;
        if let Some((value, id)) = &self.after {
            match value {
                _ if self.sort.kind == Kind::Id => {
                    sql.push(" and r.id").push(beyond).push_arg(*id);
                }
                Some(value) if self.sort.kind == Kind::Sequence => {
                    sql.push(" and ").push(column).push(beyond);
                    push_value(sql, self.sort.kind, value);
                }
                Some(value) => {
                    sql.push(" and (").push(column).push(beyond);
                    push_value(sql, self.sort.kind, value);
                    sql.push(" or (").push(column).push(" = ");
                    push_value(sql, self.sort.kind, value);
                    sql.push(" and r.id").push(beyond).push_arg(*id);
                    sql.push(") or ").push(column).push(" is null)");
                }
                None => {
                    sql.push(" and ").push(column).push(" is null and r.id");
                    sql.push(beyond).push_arg(*id);
                }
            }
        }
        sql.push(" order by ");
        match self.sort.kind {
            Kind::Id => sql.push("r.id").push(order),
            Kind::Sequence => sql.push(column).push(order),
            _ => sql.push(column).push(order).push(" nulls last, r.id").push(order),
        };
        // One row more than asked for tells whether there is a next page.
        sql.push(" limit ").push_arg(self.limit() + 1);
    }

    fn limit(&self) -> i64 {
        self.limit.unwrap_or(DEFAULT_LIMIT)
    }

    /// How many rows are wanted at most; none, where nobody said.
    pub(super) fn wanted(&self) -> Option<i64> {
        self.limit
    }

    /// Sets the page that is read: so many rows after this one.
    pub(super) fn turn(&mut self, limit: i64, last: Option<&R>) {
        self.limit = Some(limit);
        if let Some(last) = last {
            self.after = Some(((self.sort.of)(last), last.id()));
        }
    }

    /// Whether rows come by a named column, for rules such as "needs one currency".
    #[must_use]
    pub fn sorts_by(&self, name: &str) -> bool {
        self.sort.name == name
    }

    fn paged(&self, mut items: Vec<R>, count: Option<i64>) -> Paged<R> {
        let limit = usize::try_from(self.limit()).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| {
            let cursor = (self.fingerprint.as_str(), (self.sort.of)(last), last.id());
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
        });
        Paged { items, next, count }
    }
}

fn push_value(sql: &mut Sql, kind: Kind, value: &str) {
    match kind {
        Kind::Text | Kind::Id => sql.push_arg(value.to_owned()),
        Kind::Day => sql.push_arg(value.parse::<NaiveDate>().ok()),
        Kind::Time => sql.push_arg(value.parse::<Timestamp>().ok()),
        Kind::Number | Kind::Sequence => sql.push_arg(value.parse::<i64>().ok()),
    };
}

/// Whether a cursor's value can be compared with the column: a null where there may be one, a date that both
/// databases know.
fn fits(kind: Kind, value: Option<&str>) -> bool {
    let known = |day: NaiveDate| (1..=9999).contains(&day.year());
    let Some(value) = value else {
        return kind != Kind::Sequence;
    };
    match kind {
        Kind::Text | Kind::Id => no_nul(value).is_ok(),
        Kind::Day => value.parse().is_ok_and(known),
        Kind::Time => value.parse::<Timestamp>().is_ok_and(|at| known(at.date_naive())),
        Kind::Number | Kind::Sequence => value.parse::<i64>().is_ok(),
    }
}

fn opened(cursor: &str) -> Option<(String, Option<String>, Uuid)> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    serde_json::from_slice(&bytes).ok()
}

pub(super) fn fingerprint(path: &str, query: &str) -> String {
    let digest = Sha256::new()
        .chain_update(path)
        .chain_update("?")
        .chain_update(query)
        .finalize();
    URL_SAFE_NO_PAD.encode(&digest[..9])
}

/// A list that is asked for.
pub struct Listing<F: Filter> {
    pub filter: F,
    pub page: Page<F::Item>,
    pub asked: Asked,
    pub shape: Shape,
    /// Whether the number of all that match is wanted too.
    count: bool,
    /// Everything that is asked, as one word.
    pub(super) question: String,
}

impl<F: Filter> Listing<F> {
    /// The whole answer: a page as JSON, or all that matches as CSV or NDJSON.
    pub async fn answer(mut self, db: &Db) -> Result<Response> {
        let mut conn = db.read().await?;
        self.filter.resolve(&mut conn).await?;
        if self.asked.format != Format::Json {
            return export::whole(self, conn, db).await;
        }
        let paged = self.rows(&mut conn).await?;
        let language = self.asked.language;
        let views: Vec<_> = paged
            .items
            .iter()
            .map(|row| self.filter.view(row, language))
            .collect();
        if self.shape.is_plain() {
            answer::list(&self.asked, &paged, &views)
        } else {
            let shaped = self
                .shape
                .shape(&mut conn, &paged.items, &views, language)
                .await?;
            answer::list(&self.asked, &paged, &shaped)
        }
    }

    /// The page's rows.
    pub(super) async fn rows(&self, conn: &mut Conn) -> Result<Paged<F::Item>> {
        let mut sql = Sql::new(F::COLUMNS);
        sql.push(F::FROM);
        self.filter.matching(&mut sql);
        self.page.apply(&mut sql);
        let rows = conn.all(sql).await?;
        let count = if self.count {
            let mut sql = Sql::new("select count(*) ");
            sql.push(F::FROM);
            self.filter.matching(&mut sql);
            let (count,) = conn.one(sql).await?;
            Some(count)
        } else {
            None
        };
        let mut paged = self.page.paged(rows, count);
        self.filter.complete(conn, &mut paged.items).await?;
        Ok(paged)
    }

    /// Reads a list's parameters; with an empty query, for the contract to know them.
    pub(super) fn read(parts: &Parts, query: &mut Query) -> Result<Self> {
        let asked = Asked::read(parts, query, Format::ALL)?;
        let filter = F::read(query);
        let page = Page::read(query, parts.uri.path(), filter.newest_first());
        let shape = Shape::read_of_list::<F::Item>(query);
        let count = query.flag("count").unwrap_or(false);
        if count && asked.format != Format::Json {
            query.fault(
                "count",
                "format",
                "count goes with JSON; count the lines of the others",
            );
        }
        if shape.expands() && asked.format == Format::Csv {
            query.fault(
                "expand",
                "format",
                "expand does not fit into the lines of a CSV; ask for json or ndjson",
            );
        }
        let question = fingerprint(parts.uri.path(), &query.canonical(&[]));
        Ok(Self {
            filter,
            page,
            asked,
            shape,
            count,
            question,
        })
    }
}

impl<S: Send + Sync, F: Filter> FromRequestParts<S> for Listing<F> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let mut query = Query::of(parts);
        let listing = Self::read(parts, &mut query)?;
        query.done()?;
        Ok(listing)
    }
}

/// The number of the register's last change: what a whole list answers as of.
pub(super) async fn last_change(conn: &mut Conn) -> Result<i64> {
    let (seq,) = conn
        .one(Sql::new("select coalesce(max(seq), 0) from changes"))
        .await?;
    Ok(seq)
}

/// Which part of a total's groups. They are ordered by a figure and their key,
/// or by their key alone; the last of a page finds the next.
pub struct GroupPage {
    after: Option<(Option<i128>, String)>,
    limit: i64,
    fingerprint: String,
}

impl GroupPage {
    /// `whole`: all groups, where no limit is said.
    pub fn read(query: &mut Query, path: &str, whole: bool) -> Self {
        let fingerprint = fingerprint(path, &query.canonical(&NOT_WHICH));
        let limit = read_limit(query).unwrap_or(if whole { i64::from(i32::MAX) } else { DEFAULT_LIMIT });
        let after = query.one::<String>("after").and_then(|cursor| {
            let opened = URL_SAFE_NO_PAD.decode(&cursor).ok();
            let opened = opened
                .and_then(|bytes| serde_json::from_slice::<(String, Option<String>, String)>(&bytes).ok());
            let (of, figure, key) = opened.or_else(|| {
                query.fault("after", "cursor", NO_CURSOR);
                None
            })?;
            let Ok(figure) = figure.map(|figure| figure.parse()).transpose() else {
                query.fault("after", "cursor", NO_CURSOR);
                return None;
            };
            if of != fingerprint {
                query.fault("after", "cursor", OTHER_CURSOR);
                return None;
            }
            Some((figure, key))
        });
        Self {
            after,
            limit,
            fingerprint,
        }
    }

    #[must_use]
    pub fn after_key(&self) -> Option<&str> {
        self.after.as_ref().map(|(_, key)| key.as_str())
    }

    #[must_use]
    pub fn limit(&self) -> i64 {
        self.limit
    }

    /// The page's part of all groups, which come in their order, and the cursor of the next.
    /// `descending` says how they are sorted by their figure; `None`, that they are not.
    pub fn cut<T>(
        &self,
        groups: Vec<T>,
        position: impl Fn(&T) -> (Option<i128>, String),
        descending: Option<bool>,
    ) -> (Vec<T>, Option<String>) {
        use std::cmp::Ordering;
        let figures = |one: Option<i128>, other: Option<i128>| match (one, other, descending) {
            (_, _, None) => Ordering::Equal,
            (Some(one), Some(other), Some(true)) => other.cmp(&one),
            (Some(one), Some(other), Some(false)) => one.cmp(&other),
            (one, other, _) => one.is_none().cmp(&other.is_none()),
        };
        let comes_after = |group: &T| {
            self.after.as_ref().is_none_or(|(after_figure, after_key)| {
                let (figure, key) = position(group);
                figures(figure, *after_figure).then_with(|| key.cmp(after_key)) == Ordering::Greater
            })
        };
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let mut page: Vec<T> = groups.into_iter().filter(comes_after).take(limit + 1).collect();
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| more).map(|last| {
            let (figure, key) = position(last);
            let cursor = (&self.fingerprint, figure.map(|figure| figure.to_string()), key);
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
        });
        (page, next)
    }
}
