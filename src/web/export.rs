//! Whole lists: everything that matches as CSV or NDJSON, a body of any length in constant memory.
//!
//! Rows are read by the keyset, some hundred at a time, each time on a
//! connection of its own: a reader who is slow to take the lines holds none of
//! the register's. A row is as it was when its part was read; one that stands
//! all the while is there exactly once. If reading fails on the way the answer
//! breaks off, so that nobody takes a part for the whole.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::Value;

use super::{
    Asked, Filter, Format, Listing, Shown,
    answer::{fresh, headers, link, now},
    csv::{self, BYTE_ORDER_MARK},
    listing::last_change,
};
use crate::{
    db::{Conn, Db},
    error::{Error, Result},
    values::Timestamp,
};

pub use csv::Lines;

/// How much of its basis stands in a file's name.
const MOST_WORDS: usize = 150;

/// How many rows are read at a time.
const ROWS: i64 = 500;

/// A list on its way out.
struct Export<F: Filter> {
    listing: Listing<F>,
    db: Db,
    columns: Vec<String>,
    /// The page that was asked for alone, if one was.
    one_page: bool,
    done: bool,
}

/// All that matches, or the one page that is asked for.
pub(super) async fn whole<F: Filter>(mut listing: Listing<F>, mut conn: Conn, db: &Db) -> Result<Response> {
    let asked = &listing.asked;
    let seq = last_change(&mut conn).await?;
    // The register as it stood, and the question: one cannot be hashed before it is sent.
    let etag = format!(
        "W/\"{seq}.{}.{}.{}\"",
        listing.question, asked.language, asked.format
    );
    let mut headers = headers(asked, &etag)?;
    headers.extend(attachment(asked, None));
    if asked.already_has(&etag) {
        return Ok(fresh(asked, headers, Vec::new(), &etag));
    }
    let columns = csv::columns::<<F::Item as Shown>::Schema>(listing.shape.fields());
    let wanted = listing.page.wanted();
    listing.page.turn(wanted.unwrap_or(ROWS), None);
    let mut export = Export {
        listing,
        db: db.clone(),
        columns,
        one_page: wanted.is_some(),
        done: false,
    };
    // Read before the answer begins, so that what can fail at once is still a problem.
    let (first, next) = export.part(&mut conn, true).await?;
    drop(conn);
    if export.one_page {
        headers.extend(link(&export.listing.asked, next.as_deref())?);
    }
    let rest = stream::try_unfold(export, |mut export| async move {
        if export.done {
            return Ok(None);
        }
        let part = async {
            let mut conn = export.db.read().await?;
            export.part(&mut conn, false).await
        };
        match part.await {
            Ok((bytes, _)) => Ok(Some((bytes, export))),
            Err(error) => {
                tracing::error!(%error, "a list broke off on its way out");
                Err(error)
            }
        }
    });
    let whole = stream::once(async move { Ok::<_, Error>(first) }).chain(rest);
    Ok((headers, Body::from_stream(whole)).into_response())
}

impl<F: Filter> Export<F> {
    /// The next rows as bytes, and the cursor of what follows them.
    async fn part(&mut self, conn: &mut Conn, first: bool) -> Result<(Bytes, Option<String>)> {
        let Listing {
            filter, asked, shape, ..
        } = &self.listing;
        let paged = self.listing.rows(conn).await?;
        let views: Vec<_> = paged
            .items
            .iter()
            .map(|row| filter.view(row, asked.language))
            .collect();
        let bytes = if asked.format == Format::Csv {
            let mut lines = Lines::default();
            if first {
                lines.header(&self.columns)?;
            }
            for view in &views {
                let view = serde_json::to_value(view).map_err(Error::internal)?;
                lines.object(&self.columns, &view)?;
            }
            marked(asked, first, lines.into_bytes()?)
        } else if shape.is_plain() {
            ndjson(&views)?
        } else {
            ndjson(&shape.shape(conn, &paged.items, &views, asked.language).await?)?
        };
        drop(views);
        self.done = self.one_page || paged.next.is_none();
        self.listing
            .page
            .turn(if self.one_page { 0 } else { ROWS }, paged.items.last());
        Ok((bytes.into(), paged.next))
    }
}

fn marked(asked: &Asked, first: bool, bytes: Vec<u8>) -> Vec<u8> {
    if asked.bom && first {
        [BYTE_ORDER_MARK.as_bytes(), &bytes].concat()
    } else {
        bytes
    }
}

fn ndjson<T: Serialize>(rows: &[T]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut bytes, row).map_err(Error::internal)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// The file's name, where the answer is one to keep: what it holds, how it was counted, and as of when.
fn attachment(asked: &Asked, said: Option<(&str, Timestamp)>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let path = asked.address.split('?').next().unwrap_or_default();
    let mut name: String = path
        .trim_start_matches("/v1/")
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    if let Some((words, _)) = said {
        let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | ',');
        let words = words.replace("; ", "_").replace(|c: char| !safe(c), "");
        // A name has at most 255 bytes, and the sources of rates may be many.
        name = format!("{name}_{}", words.get(..MOST_WORDS).unwrap_or(&words));
    }
    let at = said.map_or_else(now, |(_, at)| at).format("%Y-%m-%dT%H%M%SZ");
    let disposition = format!("attachment; filename=\"{name}_{at}.{}\"", asked.format);
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers
}

/// An answer that is small enough to be made at once, and has rows.
pub struct Table<'a, T> {
    pub columns: Vec<String>,
    /// As they stand in a CSV.
    pub lines: Vec<Value>,
    /// As they stand in NDJSON.
    pub rows: &'a [T],
    /// What it was counted by, for the file's name.
    pub words: &'a str,
    pub at: Timestamp,
    pub next: Option<&'a str>,
}

impl<T: Serialize> Table<'_, T> {
    pub fn answer(&self, asked: &Asked) -> Result<Response> {
        let bytes = if asked.format == Format::Csv {
            let mut lines = Lines::default();
            lines.header(&self.columns)?;
            for line in &self.lines {
                lines.object(&self.columns, line)?;
            }
            marked(asked, true, lines.into_bytes()?)
        } else {
            ndjson(self.rows)?
        };
        // Counted otherwise it is another answer, also where its lines happen to be the same.
        let etag = super::answer::etag(None, &[self.words.as_bytes(), &bytes].concat());
        let mut headers = headers(asked, &etag)?;
        headers.extend(attachment(asked, Some((self.words, self.at))));
        headers.extend(link(asked, self.next)?);
        Ok(fresh(asked, headers, bytes, &etag))
    }
}
