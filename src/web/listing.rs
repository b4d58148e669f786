//! Lists: a filter, a sort and a page, all values; keyset, never an offset.
//!
//! A page is found by the last row of the one before (its sort value and id),
//! so rows that are added meanwhile neither repeat nor hide others, and the
//! hundredth page costs what the first does. The cursor carries a fingerprint
//! of path, filters and sort: used with others it is refused. What JSON gives by
//! pages, CSV and NDJSON give whole, see [`export`].
//!
//! A page ends by its limit or by its bytes, whichever comes first: it is closed
//! with the item that passes [`PAGE_BYTES`], and its cursor is that item's. What
//! is read for it is bounded as well. Where a row may be large ([`Filter::BYTES`])
//! the rows' lengths are read before them, which costs neither engine the rows
//! themselves; what stands beside rows is read for some of them at a time.

use axum::{extract::FromRequestParts, http::request::Parts, response::Response};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{Datelike, NaiveDate};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use std::{collections::HashMap, future::Future};

use serde_json::Value as Json;

use super::{
    Dated, Depends, Extent, Format, Moments, Query, RequestOptions, Shape, Shown,
    response::{self, End, Layout, RowWriter, answer, export},
};
use crate::{
    db::{Db, Reader, Row, Sql, Value},
    error::{Detail, Error, Result},
    values::{Clock, Timestamp, Viewpoint, no_nul},
};

const LARGEST_LIMIT: i64 = 200;
const DEFAULT_LIMIT: i64 = 50;
/// More groups than there can be.
const ALL_GROUPS: i64 = i32::MAX as i64;

/// A page has no item more once it has so many bytes.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// How many that were ranked are looked at by one statement, at most.
const MOST_RANKED: usize = 400;

/// For how many rows what stands beside them is read first; for how many then, follows from their length.
const FIRST_ROWS: usize = 25;

const OTHER_CURSOR: &str =
    "after is the cursor of another query; keep filters and sort as they were, or start without it";
const NO_CURSOR: &str = "after is no cursor; take it from next of the page before";

/// What decides how rows are shown, not which: a cursor serves with any of it.
const NOT_WHICH: [&str; 9] = [
    "after", "limit", "count", "lang", "format", "bom", "pretty", "fields", "expand",
];

fn read_limit(query: &mut Query) -> Option<i64> {
    let limit = query.number("limit")?;
    if !(1..=LARGEST_LIMIT).contains(&limit) {
        let passed = if limit < 1 { 1 } else { LARGEST_LIMIT };
        query.fault(
            "limit",
            "value",
            Detail::of(format!("limit must be from 1 to {LARGEST_LIMIT}")).limited(passed.unsigned_abs()),
        );
    }
    Some(limit)
}

/// How a sort column compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
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
    pub kind: ColumnType,
    /// Whether it may be null. Where it is not, an index gives the order in either direction, and a page begins where the
    /// one before ended.
    pub nullable: bool,
    /// The column's value in a row, as text; `None` is null.
    pub of: fn(&R) -> Option<String>,
    /// Whether more of what it is called is less in its column, as days of silence are of the day since.
    is_reversed: bool,
    /// Whether days that are yet to come are taken for today, as what it is called shows them so.
    ends_today: bool,
}

impl<R> Sort<R> {
    /// By creation, which is the order of ids.
    pub const CREATED: Self = Self::by("created_at", "id", ColumnType::Id, |_| None);

    #[must_use]
    pub const fn by(
        name: &'static str,
        column: &'static str,
        kind: ColumnType,
        of: fn(&R) -> Option<String>,
    ) -> Self {
        Self {
            name,
            column,
            kind,
            nullable: true,
            of,
            is_reversed: false,
            ends_today: false,
        }
    }

    /// The same where the column is never null.
    #[must_use]
    pub const fn of_what_is_there(self) -> Self {
        Self {
            nullable: false,
            ..self
        }
    }

    #[must_use]
    pub const fn reversed(self) -> Self {
        Self {
            is_reversed: true,
            ..self
        }
    }

    /// The same of days, none of which is later than today.
    #[must_use]
    pub const fn until_today(self) -> Self {
        Self {
            ends_today: true,
            ..self
        }
    }

    /// The same by a column that is never null.
    #[must_use]
    pub const fn by_what_is_there(
        name: &'static str,
        column: &'static str,
        kind: ColumnType,
        of: fn(&R) -> Option<String>,
    ) -> Self {
        Self::by(name, column, kind, of).of_what_is_there()
    }
}

/// What of a resource is asked for. One [`Filter::matching`] serves list, count
/// and totals, so that they cannot disagree.
pub trait Filter: Sized + Send + Sync + 'static {
    type Item: Shown + Row;

    /// `select …`, the columns of an item.
    const COLUMNS: &'static str;
    /// `from … where …`, the live rows, the table itself as `r`.
    const FROM: &'static str;
    /// An item's id, where it is not that of `r`.
    const ID: &'static str = "r.id";
    /// How long a row is, in bytes, as SQL: of rows that may be so long that a page of them is too much at once.
    const BYTES: Option<&'static str> = None;

    /// Whether what matches depends on the day, also where its rows do not.
    const IS_OF_THE_DAY: bool = false;

    /// Whether [`Filter::complete`] reads anything.
    const IS_COMPLETED: bool = false;

    /// Whether its order is that of [`Filter::rank`] alone.
    const IS_RANKED: bool = false;

    /// What it may be sorted by. The first is the default, newest first.
    const SORTS: &'static [Sort<Self::Item>];

    fn read(query: &mut Query) -> Self;

    /// The order where none is asked for.
    fn newest_first(&self) -> bool {
        true
    }

    /// Whether what matches can be sorted by this column.
    fn can_sort_by(&self, _column: &str) -> Result<()> {
        Ok(())
    }

    /// What must change for something else to match, or to be shown of it.
    fn depends(&self) -> Depends {
        Depends::of_part(Self::Item::IS_OF_NO_PART)
    }

    /// Whether [`Filter::resolve`] reads anything.
    fn names_records(&self) -> bool {
        false
    }

    /// Whether what matches is found by an index of what is named, and then put in order. Said where few match of much: else a
    /// server may read the list in its order, and most of it, until a page is full.
    fn is_found_by_name(&self) -> bool {
        false
    }

    /// Finds the records that the filter names by their keys; one that does not exist is a fault.
    fn resolve(&mut self, _: &mut Reader) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Whether it asks for words: of what has them the best comes first, where no other order is asked for.
    fn asks_for_words(&self) -> bool {
        Self::IS_RANKED
    }

    /// Whether much may be read to find what matches.
    fn is_dear(&self) -> bool {
        false
    }

    /// What has the words that are asked for, in its order. [`Filter::matching`] says nothing of them from then on, as rows are named by
    /// their ranks.
    fn rank(&mut self, _: &mut Reader) -> impl Future<Output = Result<Vec<Ranked>>> + Send {
        async { Ok(Vec::new()) }
    }

    /// Tells a row where it was ranked, and whatever else of the question it needs to be completed.
    fn placed(&self, _row: &mut Self::Item, _place: Place) {}

    /// Whether it asks for what [`Filter::facets`] says, which stands beside the items of a page alone.
    fn asks_for_facets(&self) -> bool {
        false
    }

    /// What is said of all that was ranked, beside the items of a page, under `facets`.
    fn facets(&self) -> Option<Json> {
        None
    }

    /// Appends ` and …` for everything that is asked.
    fn matching(&self, sql: &mut Sql);

    /// Reads what of the rows is kept in other tables than theirs.
    fn complete(_: &mut Reader, _rows: &mut [Self::Item]) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Whether a row's record was still there when it was completed: what is read by parts is not of one moment. One that was not is
    /// left out.
    fn is_there(_row: &Self::Item) -> bool {
        true
    }

    /// The statement that reads all live items, to go on with ` and …`.
    #[must_use]
    fn rows() -> Sql {
        let mut sql = Sql::new(Self::COLUMNS);
        sql.push(Self::FROM);
        sql
    }

    /// A row as this list shows it.
    fn view<'a>(&self, row: &'a Self::Item, viewpoint: Viewpoint) -> <Self::Item as Shown>::View<'a> {
        row.summary(viewpoint)
    }
}

/// Where a row stands among those that have the words that are asked for: the least first.
pub type Place = [i64; 3];

/// A row that has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranked {
    pub place: Place,
    pub id: Uuid,
}

/// Appends ` and …`, that a column holds one of these values, where any are asked for.
pub fn among<T: Value + Clone>(sql: &mut Sql, column: &'static str, values: &[T]) {
    if !values.is_empty() {
        sql.push(" and ").push(column).push(" in ");
        sql.push_list(values.iter().cloned());
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
        let names = ["updated_from", "updated_to"];
        let ends: [Option<Moments>; 2] = names.map(|name| query.one(name));
        let [from, to] = ends;
        // Of what is finer than is kept, the first moment is behind the last.
        query.in_order(names, from.map(|it| it.first.min(it.last)), to.map(|it| it.last));
        Self { from, to }
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
    /// The column of ids, which break ties.
    id: &'static str,
    descending: bool,
    /// Whether it is the order of ranks.
    is_ranked: bool,
    after: Option<(Option<String>, Uuid)>,
    limit: Option<i64>,
    fingerprint: String,
    /// The last day that the column may have, where rows have a later one.
    last_day: Option<NaiveDate>,
}

impl<R: Shown> Page<R> {
    fn read<F: Filter<Item = R>>(query: &mut Query, path: &str, filter: &F) -> Self {
        let sorts = F::SORTS;
        let fingerprint = fingerprint(path, &query.canonical(&NOT_WHICH));
        let limit = read_limit(query);
        let wanted = query.one::<String>("sort");
        let (name, descending) = match wanted.as_deref() {
            None => (sorts[0].name, filter.newest_first()),
            Some(text) => text.strip_prefix('-').map_or((text, false), |name| (name, true)),
        };
        let sort = sorts
            .iter()
            .find(|sort| sort.name.eq_ignore_ascii_case(name))
            .unwrap_or_else(|| {
                let names: Vec<_> = sorts.iter().map(|sort| sort.name).collect();
                query.fault(
                    "sort",
                    "value",
                    Detail::of(format!(
                        "sort must be one of {}, with - before it for the reverse",
                        names.join(", ")
                    ))
                    .allowing(names),
                );
                &sorts[0]
            });
        let is_ranked = F::IS_RANKED || (filter.asks_for_words() && wanted.is_none());
        // The best first, however the list is read without words.
        let descending = descending && (F::IS_RANKED || !is_ranked);
        let fits = |value: Option<&str>| {
            if is_ranked {
                value.and_then(place_of).is_some()
            } else {
                fits(sort.kind, value)
            }
        };
        let after = query
            .one::<String>("after")
            .and_then(|cursor| match opened(&cursor) {
                Some((of, value, id)) if of == fingerprint && fits(value.as_deref()) => Some((value, id)),
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
            id: F::ID,
            descending,
            is_ranked,
            after,
            limit,
            fingerprint,
            last_day: None,
        }
    }

    /// Appends what rows are sorted by.
    fn push_column(&self, sql: &mut Sql) {
        let column = self.sort.column;
        match self.last_day {
            None => sql.push(column),
            Some(day) => {
                sql.push("case when ").push(column).push(" > ").push_arg(day);
                sql.push(" then ").push_arg(day).push(" else ").push(column);
                sql.push(" end")
            }
        };
    }

    /// Appends the page's predicate and order to a statement that ends in its `where`. `by_index` says whether an index may
    /// give the order.
    pub(super) fn apply(&self, sql: &mut Sql, by_index: bool) {
        let towards = |descends: bool| {
            if descends {
                (" < ", " desc")
            } else {
                (" > ", " asc")
            }
        };
        let (beyond_id, id_order) = towards(self.descending);
        let (beyond, order) = towards(self.descending != self.sort.is_reversed);
        let id_column = self.id;
        if let Some((value, id)) = &self.after {
            match value {
                _ if self.sort.kind == ColumnType::Id => {
                    sql.push(" and ").push(id_column).push(beyond_id).push_arg(*id);
                }
                Some(value) if self.sort.kind == ColumnType::Sequence => {
                    sql.push(" and ");
                    self.push_column(sql);
                    sql.push(beyond);
                    push_value(sql, self.sort.kind, value);
                }
                Some(value) if !self.sort.nullable => {
                    sql.push(" and (");
                    self.push_column(sql);
                    sql.push(", ").push(id_column);
                    sql.push(")").push(beyond).push("(");
                    push_value(sql, self.sort.kind, value);
                    sql.push(", ").push_arg(*id).push(")");
                }
                Some(value) => {
                    sql.push(" and (");
                    self.push_column(sql);
                    sql.push(beyond);
                    push_value(sql, self.sort.kind, value);
                    sql.push(" or (");
                    self.push_column(sql);
                    sql.push(" = ");
                    push_value(sql, self.sort.kind, value);
                    sql.push(" and ").push(id_column).push(beyond_id).push_arg(*id);
                    sql.push(") or ").push(self.sort.column).push(" is null)");
                }
                None => {
                    sql.push(" and ").push(self.sort.column).push(" is null and ");
                    sql.push(id_column).push(beyond_id).push_arg(*id);
                }
            }
        }
        sql.push(" order by ");
        let (first, first_order) = if self.sort.kind == ColumnType::Id {
            (id_column, id_order)
        } else {
            (self.sort.column, order)
        };
        if self.last_day.is_some() {
            self.push_column(sql);
        } else if by_index {
            sql.push(first);
        } else {
            // The same, as no index knows it.
            sql.push("coalesce(").push(first).push(", ").push(first).push(")");
        }
        sql.push(first_order);
        if !matches!(self.sort.kind, ColumnType::Id | ColumnType::Sequence) {
            let nulls = if self.sort.nullable { " nulls last, " } else { ", " };
            sql.push(nulls).push(id_column).push(id_order);
        }
    }

    /// Whether all rows are wanted, as nobody said how many.
    pub(super) fn is_whole(&self) -> bool {
        self.limit.is_none()
    }

    /// Whether the rows after a given one are found without looking at those before it.
    pub(super) fn is_in_order_of_a_key(&self) -> bool {
        !self.is_ranked && matches!(self.sort.kind, ColumnType::Id | ColumnType::Sequence)
    }

    /// What is read next begins after this row.
    pub(super) fn advance(&mut self, last: &R) {
        let mut value = (self.sort.of)(last);
        if let Some(day) = self.last_day {
            // Days are in their order as texts.
            value = value.map(|value| value.min(day.to_string()));
        }
        self.after = Some((value, last.id()));
    }

    /// The same, of a row that was ranked.
    fn advance_behind(&mut self, last: Ranked) {
        let place = last.place.map(|it| it.to_string()).join(",");
        self.after = Some((Some(place), last.id));
    }

    /// Puts what was ranked in the order that is asked for, without what stands before the page.
    fn cut(&self, mut ranking: Vec<Ranked>) -> Vec<Ranked> {
        if self.descending {
            ranking.reverse();
        }
        let after = self
            .after
            .as_ref()
            .and_then(|(place, _)| place_of(place.as_deref()?));
        if let Some(after) = after {
            let before = ranking.partition_point(|it| {
                if self.descending {
                    it.place >= after
                } else {
                    it.place <= after
                }
            });
            ranking.drain(..before);
        }
        ranking
    }

    /// The cursor of what follows.
    fn cursor(&self) -> Option<String> {
        self.after.as_ref().map(|(value, id)| {
            let cursor = (self.fingerprint.as_str(), value, id);
            URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
        })
    }
}

/// The place in a cursor.
fn place_of(text: &str) -> Option<Place> {
    let numbers: Vec<i64> = text.split(',').map(|it| it.parse().ok()).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

fn push_value(sql: &mut Sql, kind: ColumnType, value: &str) {
    match kind {
        ColumnType::Text | ColumnType::Id => sql.push_arg(value.to_owned()),
        ColumnType::Day => sql.push_arg(value.parse::<NaiveDate>().ok()),
        ColumnType::Time => sql.push_arg(value.parse::<Timestamp>().ok()),
        ColumnType::Number | ColumnType::Sequence => sql.push_arg(value.parse::<i64>().ok()),
    };
}

/// Whether a cursor's value can be compared with the column: a null where there may be one, a date that both
/// databases know.
fn fits(kind: ColumnType, value: Option<&str>) -> bool {
    let known = |day: NaiveDate| (1..=9999).contains(&day.year());
    let Some(value) = value else {
        return kind != ColumnType::Sequence;
    };
    match kind {
        ColumnType::Text | ColumnType::Id => no_nul(value).is_ok(),
        ColumnType::Day => value.parse().is_ok_and(known),
        ColumnType::Time => value.parse::<Timestamp>().is_ok_and(|at| known(at.date_naive())),
        ColumnType::Number | ColumnType::Sequence => value.parse::<i64>().is_ok(),
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
pub struct ListRequest<F: Filter> {
    pub filter: F,
    pub page: Page<F::Item>,
    pub asked: RequestOptions,
    pub shape: Shape,
    /// Whether the number of all that match is wanted too.
    count: bool,
    /// Where the rows stand that are read by their ranks.
    places: HashMap<Uuid, Place>,
    /// Everything that is asked, as one word.
    pub(super) question: String,
}

/// Where lists are read from.
pub trait ListSource: Sync {
    fn db(&self) -> &Db;

    /// By which its answers are dated.
    fn clock(&self) -> Clock;

    /// A number that goes up with every change of what is there.
    fn last_change(&self, conn: &mut Reader) -> impl Future<Output = Result<i64>> + Send;
}

impl<F: Filter> ListRequest<F> {
    /// The whole answer: a page as JSON, or all that matches as CSV or NDJSON.
    pub async fn answer(self, source: &impl ListSource) -> Result<Response> {
        // What cannot be sorted so is refused before a connection is taken.
        self.filter.can_sort_by(self.page.sort.name)?;
        // An answer is of one moment, also where more than one statement makes it; a whole list is read by parts.
        let is_made_of_several = self.count
            || self.shape.expands()
            || F::IS_COMPLETED
            || self.page.is_ranked
            || self.filter.names_records()
            || self.page.sort.ends_today;
        let conn = if is_made_of_several && self.asked.format.extent() == Extent::Page {
            self.snapshot(source).await?
        } else if self.is_dear() {
            source.db().dear_read().await?
        } else {
            source.db().read().await?
        };
        self.answer_on(conn, source).await
    }

    /// The moment of a list below a record: that one is looked for first, then [`ListRequest::answer_on`] goes on. Of a
    /// whole list it is the moment of the first part.
    pub async fn snapshot(&self, source: &impl ListSource) -> Result<Reader> {
        if self.is_dear() {
            source.db().dear_snapshot().await
        } else {
            source.db().snapshot().await
        }
    }

    /// Whether everything that matches is looked at, or counted.
    fn is_dear(&self) -> bool {
        self.count || self.is_export() || self.filter.is_dear()
    }

    /// Whether all that matches is wanted, however much it is.
    fn is_export(&self) -> bool {
        self.asked.format.extent() == Extent::Whole && self.page.is_whole()
    }

    /// As [`ListRequest::answer`], on a connection that has been read from.
    pub async fn answer_on(mut self, mut conn: Reader, source: &impl ListSource) -> Result<Response> {
        self.filter.can_sort_by(self.page.sort.name)?;
        // By the key that is asked for; once it is resolved, it is an id.
        let depends = self.shape.depends::<F::Item>(self.filter.depends());
        self.filter.resolve(&mut conn).await?;
        if self.page.sort.ends_today && self.has_days_ahead(&mut conn).await? {
            self.page.last_day = Some(self.asked.today);
        }
        match self.asked.format.extent() {
            Extent::Page => Ok(depends.said_with(self.answer_page(conn).await?)),
            Extent::Whole => export::answer(self, conn, source).await,
        }
    }

    /// Whether a row has a day in the column that is yet to come: few registers have any, and only then the order is not that of
    /// the column itself, which an index knows.
    async fn has_days_ahead(&self, conn: &mut Reader) -> Result<bool> {
        let mut sql = Sql::new("select ");
        sql.push(F::ID).push(F::FROM);
        sql.push(" and ").push(self.page.sort.column).push(" > ");
        sql.push_arg(self.asked.today).push(" limit 1");
        let found: Option<(Uuid,)> = conn.find(sql).await?;
        Ok(found.is_some())
    }

    /// A page, and how many match where that is asked.
    async fn answer_page(mut self, mut conn: Reader) -> Result<Response> {
        let mut writer = self.writer()?;
        // While the filter still says all that matches.
        let mut count = if self.count && !F::IS_RANKED {
            let mut sql = Sql::new("select count(*) ");
            sql.push(F::FROM);
            self.filter.matching(&mut sql);
            let (count,) = conn.one(sql).await?;
            Some(count)
        } else {
            None
        };
        let (next, ranked) = self.write_one_page(&mut conn, writer.as_mut()).await?;
        if self.count && F::IS_RANKED {
            count = Some(i64::try_from(ranked).map_err(Error::internal)?);
        }
        drop(conn);
        let next = next.as_deref();
        let as_of = (!F::Item::OF_THE_DAY.is_empty()).then_some(self.asked.today);
        let facets = self.filter.facets();
        let page = writer.finish(End {
            next,
            count,
            as_of,
            facets,
        })?;
        answer::list(&self.asked, page, next)
    }

    /// What writes this list, its header being written.
    pub(super) fn writer(&self) -> Result<Box<dyn RowWriter>> {
        let columns = match self.asked.format.layout() {
            Layout::Line => response::columns::<F::Item>(self.shape.fields()),
            Layout::Object => Vec::new(),
        };
        response::begun(&self.asked, columns)
    }

    /// Writes the page's items; the cursor of the next one, and how many were ranked.
    pub(super) async fn write_one_page(
        &mut self,
        conn: &mut Reader,
        writer: &mut dyn RowWriter,
    ) -> Result<(Option<String>, usize)> {
        if !self.page.is_ranked {
            return Ok((self.write_page(conn, writer).await?, 0));
        }
        let ranking = self.filter.rank(conn).await?;
        let ranked = ranking.len();
        Ok((self.write_ranked(conn, ranking, writer).await?, ranked))
    }

    async fn write_page(&mut self, conn: &mut Reader, writer: &mut dyn RowWriter) -> Result<Option<String>> {
        let limit = self.page.limit.unwrap_or(DEFAULT_LIMIT);
        let mut left = usize::try_from(limit).map_err(Error::internal)?;
        loop {
            let (mut rows, more) = self.rows(conn, left, PAGE_BYTES).await?;
            let written = self.write(conn, &mut rows, writer, PAGE_BYTES).await?;
            let Some(last) = rows[..written].last() else {
                return Ok(None);
            };
            self.page.advance(last);
            left -= written;
            if !more && written == rows.len() {
                return Ok(None);
            }
            if left == 0 || writer.len() > PAGE_BYTES {
                return Ok(self.page.cursor());
            }
        }
    }

    /// The same of what was ranked.
    async fn write_ranked(
        &mut self,
        conn: &mut Reader,
        ranking: Vec<Ranked>,
        writer: &mut dyn RowWriter,
    ) -> Result<Option<String>> {
        let limit = self.page.limit.unwrap_or(DEFAULT_LIMIT);
        let mut left = usize::try_from(limit).map_err(Error::internal)?;
        let ranking = self.page.cut(ranking);
        let mut ranking = ranking.as_slice();
        // Where other filters leave little of it, more of it is looked at.
        let mut step = left.min(FIRST_ROWS);
        while !ranking.is_empty() {
            let (part, rest) = ranking.split_at(ranking.len().min(step));
            let ids: Vec<Uuid> = part.iter().map(|it| it.id).collect();
            self.places = part.iter().map(|it| (it.id, it.place)).collect();
            let mut rows = self.rows_of(conn, &padded(&ids)).await?;
            rows.truncate(left);
            let places: HashMap<Uuid, usize> = ids.iter().copied().zip(0..).collect();
            let written = self.write(conn, &mut rows, writer, PAGE_BYTES).await?;
            left -= written;
            let is_full = left == 0 || writer.len() > PAGE_BYTES;
            // Those that other filters leave out have had their turn as well.
            let last = rows[..written].last().filter(|_| is_full || written < rows.len());
            let read = last
                .and_then(|last| places.get(&last.id()))
                .map_or(part.len(), |at| at + 1);
            self.page.advance_behind(part[read - 1]);
            ranking = &ranking[read..];
            if is_full {
                return Ok(self.page.cursor().filter(|_| !ranking.is_empty()));
            }
            debug_assert!(read < part.len() || ranking.len() == rest.len());
            step = (2 * step).min(MOST_RANKED);
        }
        Ok(None)
    }

    /// The next rows, at most so many, and whether others follow. Of rows that may be long these are no more
    /// than fill `room` bytes, the last of them beyond it.
    pub(super) async fn rows(
        &self,
        conn: &mut Reader,
        most: usize,
        room: usize,
    ) -> Result<(Vec<F::Item>, bool)> {
        let Some(bytes) = F::BYTES else {
            // One row more than is wanted tells whether others follow.
            let mut rows = conn.all(self.next(Sql::new(F::COLUMNS), most + 1)).await?;
            let more = rows.len() > most;
            rows.truncate(most);
            return Ok((rows, more));
        };
        let mut sql = Sql::new("select cast(");
        sql.push(bytes).push(" as bigint)");
        let lengths: Vec<(i64,)> = conn.all(self.next(sql, most + 1)).await?;
        let (mut fitting, mut filled) = (0, 0);
        for (length,) in lengths.iter().take(most) {
            if filled > room {
                break;
            }
            fitting += 1;
            filled += usize::try_from(*length).unwrap_or_default();
        }
        let rows = conn.all(self.next(Sql::new(F::COLUMNS), fitting)).await?;
        Ok((rows, lengths.len() > fitting))
    }

    /// The statement for the next rows that match, so many of them.
    fn next(&self, mut sql: Sql, rows: usize) -> Sql {
        sql.push(F::FROM);
        self.filter.matching(&mut sql);
        // An export is read in parts, each of which would put all that matches in order again.
        let by_index = self.is_export() || !self.filter.is_found_by_name();
        self.page.apply(&mut sql, by_index);
        sql.push(" limit ")
            .push_arg(i64::try_from(rows).unwrap_or(i64::MAX));
        sql
    }

    /// The ids of everything that matches, in its order; of what is ranked also of some that other filters leave out.
    pub(super) async fn ids(&mut self, conn: &mut Reader) -> Result<Vec<Uuid>> {
        if self.page.is_ranked {
            let ranking = self.filter.rank(conn).await?;
            let ranking = self.page.cut(ranking);
            self.places = ranking.iter().map(|it| (it.id, it.place)).collect();
            return Ok(ranking.into_iter().map(|it| it.id).collect());
        }
        let mut sql = Sql::new("select ");
        sql.push(F::ID).push(F::FROM);
        self.filter.matching(&mut sql);
        self.page.apply(&mut sql, true);
        let ids: Vec<(Uuid,)> = conn.all(sql).await?;
        Ok(ids.into_iter().map(|(id,)| id).collect())
    }

    /// The rows with these ids, in their order, as far as they are there and still match. One that is named
    /// twice is one.
    pub(super) async fn rows_of(&self, conn: &mut Reader, ids: &[Uuid]) -> Result<Vec<F::Item>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut sql = F::rows();
        // As rows, and before all other parameters: so SQLite takes them in their order, see `Sql::sqlite_text`.
        sql.push(" and ").push(F::ID).push(" in (values ");
        sql.push_rows(ids, |id, row| {
            row.add(*id);
        });
        sql.push(")");
        self.filter.matching(&mut sql);
        let mut rows: Vec<F::Item> = conn.all(sql).await?;
        let places: HashMap<&Uuid, usize> = ids.iter().zip(0..).collect();
        rows.sort_by_key(|row| places.get(&row.id()));
        for row in &mut rows {
            if let Some(place) = self.places.get(&row.id()) {
                self.filter.placed(row, *place);
            }
        }
        Ok(rows)
    }

    /// Writes rows in the form that is asked for, until all are there or more than `room` bytes; how many it
    /// wrote. What stands beside them is read for as many at a time as seem to fit in.
    pub(super) async fn write(
        &self,
        conn: &mut Reader,
        rows: &mut [F::Item],
        writer: &mut dyn RowWriter,
        room: usize,
    ) -> Result<usize> {
        let viewpoint = self.asked.viewpoint();
        let (mut written, mut step) = (0, FIRST_ROWS);
        let begun = writer.len();
        while written < rows.len() && writer.len() <= room {
            let end = rows.len().min(written + step);
            F::complete(conn, &mut rows[written..end]).await?;
            let part = &rows[written..end];
            if self.shape.is_plain() {
                for row in part {
                    if writer.len() > room {
                        return Ok(written);
                    }
                    if F::is_there(row) {
                        writer.row(&self.filter.view(row, viewpoint))?;
                    }
                    written += 1;
                }
            } else {
                let views: Vec<_> = part.iter().map(|row| self.filter.view(row, viewpoint)).collect();
                let items = self.shape.shape(conn, part, &views, viewpoint).await?;
                for (row, item) in part.iter().zip(items) {
                    if writer.len() > room {
                        return Ok(written);
                    }
                    if F::is_there(row) {
                        writer.row(&item)?;
                    }
                    written += 1;
                }
            }
            // As many as have room if they are like those before them, and no more than twice as many at once.
            let average = 1 + (writer.len() - begun) / written;
            step = (room.saturating_sub(writer.len()) / average).clamp(1, 2 * step);
        }
        Ok(written)
    }

    /// Reads a list's parameters; with an empty query, for the contract to know them.
    pub(super) fn read(parts: &Parts, query: &mut Query) -> Result<Self> {
        let asked = RequestOptions::read(parts, query, Format::ALL)?;
        let filter = F::read(query);
        // The same question in each form: a cursor of one serves in the others.
        let (path, _) = Format::split(parts.uri.path());
        let page = Page::read::<F>(query, path, &filter);
        let shape = Shape::read_of_list::<F::Item>(query);
        let count = query.flag("count").unwrap_or(false);
        if count && !asked.format.goes_with("count") {
            query.fault(
                "count",
                "format",
                "count goes with JSON; count the lines of the others",
            );
        }
        if filter.asks_for_facets() && !asked.format.goes_with("facets") {
            query.fault(
                "facets",
                "format",
                "facets goes with JSON; leave it out, or ask for json",
            );
        }
        if shape.expands() && !asked.format.goes_with("expand") {
            query.fault(
                "expand",
                "format",
                "expand does not fit into the lines of a CSV; ask for json or ndjson",
            );
        }
        let question = fingerprint(path, &query.canonical(&["format"]));
        Ok(Self {
            filter,
            page,
            asked,
            shape,
            count,
            places: HashMap::new(),
            question,
        })
    }
}

impl<S: Dated, F: Filter> FromRequestParts<S> for ListRequest<F> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let mut query = Query::of(parts, state.today());
        let listing = Self::read(parts, &mut query)?;
        query.done()?;
        Ok(listing)
    }
}

/// As many ids as a statement has place for, the last of them several times where they are fewer: few texts, as those that
/// are named by their ids take a statement of its own for each number.
pub(super) fn padded(ids: &[Uuid]) -> Vec<Uuid> {
    let places = [25, 100, 500].into_iter().find(|places| ids.len() <= *places);
    let mut padded = ids.to_vec();
    if let Some(last) = ids.last() {
        padded.resize(places.unwrap_or(ids.len()), *last);
    }
    padded
}

/// Which part of a total's groups. They are ordered by a figure and their key,
/// or by their key alone; the last of a page finds the next.
pub struct GroupPage {
    after: Option<(Option<i128>, String)>,
    limit: i64,
    fingerprint: String,
}

impl GroupPage {
    /// All groups.
    #[must_use]
    pub fn whole() -> Self {
        Self {
            after: None,
            limit: ALL_GROUPS,
            fingerprint: String::new(),
        }
    }

    /// `whole`: all groups, where no limit is said.
    pub fn read(query: &mut Query, path: &str, whole: bool) -> Self {
        let fingerprint = fingerprint(path, &query.canonical(&NOT_WHICH));
        let limit = read_limit(query).unwrap_or(if whole { ALL_GROUPS } else { DEFAULT_LIMIT });
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
    pub fn slice<T>(
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
