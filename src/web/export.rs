//! Whole lists: everything that matches as CSV or NDJSON, a body of any length in bounded memory.
//!
//! Rows are read some hundred at a time, and fewer where they are long, each time
//! on a connection of its own: a reader who is slow to take the lines holds none of
//! the register's, and no more than a part of the lines. A row is as it was when its
//! part was read; one that stands all the while is there exactly once. If reading
//! fails on the way the answer breaks off, so that nobody takes a part for the whole.
//!
//! In the order of an id or of the log's numbers a part is found by the last row of
//! the one before. Any other order would be made anew for every part. So it is made
//! once, of all ids that match, before the answer begins: 16 bytes a row, held until
//! the last is sent. A sorted list is thus in the order of one moment, while its values
//! are those of when their part was read; what comes later is not in it, and what is
//! retracted meanwhile, or no longer matches, is left out when its turn comes.

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Asked, Filter, Format, Listing, Shown,
    answer::{fresh, headers, link, now},
    csv,
    items::Items,
    listing::last_change,
};
use crate::{
    db::{Conn, Db, Limits, deadline},
    error::{Error, Result},
    values::Timestamp,
};

/// How many rows are read at a time, from the longest to the shortest: few numbers, as those that are named by
/// their ids take a statement of its own for each.
const ROWS: [usize; 3] = [20, 100, 500];

/// A part has no row more once it has so many bytes.
const PART_BYTES: usize = 1024 * 1024;

/// How much of its basis stands in a file's name.
const MOST_WORDS: usize = 150;

/// A list on its way out.
struct Export<F: Filter> {
    listing: Listing<F>,
    db: Db,
    columns: Vec<String>,
    /// Where no key gives the order, what is still to be read.
    order: Option<std::vec::IntoIter<Uuid>>,
    /// Which of [`ROWS`] are read.
    pace: usize,
    done: bool,
}

/// All that matches, or the one page that is asked for.
pub(super) async fn answer<F: Filter>(mut listing: Listing<F>, mut conn: Conn, db: &Db) -> Result<Response> {
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
    if !listing.page.is_whole() {
        let mut items = Items::new(&listing.asked, &columns, true)?;
        let next = listing.write_page(&mut conn, &mut items).await?;
        headers.extend(link(&listing.asked, next.as_deref())?);
        return Ok((headers, items.finish(None, None)?).into_response());
    }
    let order = if listing.page.is_in_order_of_a_key() {
        None
    } else {
        Some(listing.ids(&mut conn).await?.into_iter())
    };
    let mut export = Export {
        listing,
        db: db.clone(),
        columns,
        order,
        pace: 1,
        done: false,
    };
    // Read before the answer begins, so that what can fail at once is still a problem.
    let first = export.part(&mut conn, true).await?;
    drop(conn);
    let Limits {
        request,
        export: longest,
    } = db.limits();
    let ends = Instant::now() + longest;
    let rest = stream::try_unfold(export, move |mut export| async move {
        if export.done {
            return Ok(None);
        }
        let part = deadline::until(ends, request, async {
            let mut conn = export.db.dear_read_patiently().await?;
            export.part(&mut conn, false).await
        });
        match part.await {
            Ok(bytes) => Ok(Some((bytes, export))),
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
    /// The next rows as bytes.
    async fn part(&mut self, conn: &mut Conn, first: bool) -> Result<Bytes> {
        let mut items = Items::new(&self.listing.asked, &self.columns, first)?;
        let most = ROWS[self.pace];
        let all_written = match &mut self.order {
            None => {
                let (mut rows, more) = self.listing.rows(conn, most, PART_BYTES).await?;
                let written = self
                    .listing
                    .write(conn, &mut rows, &mut items, PART_BYTES)
                    .await?;
                if let Some(last) = rows[..written].last() {
                    self.listing.page.turn(last);
                }
                self.done = !more && written == rows.len();
                written == rows.len()
            }
            Some(order) => {
                let left = order.as_slice();
                let ids = &left[..left.len().min(most)];
                let mut rows = self.listing.rows_of(conn, &padded(ids)).await?;
                let written = self
                    .listing
                    .write(conn, &mut rows, &mut items, PART_BYTES)
                    .await?;
                // Those that are gone have had their turn as well.
                let unwritten = rows.get(written).map(Shown::id);
                let read = ids.iter().position(|id| Some(*id) == unwritten);
                let read = read.unwrap_or(ids.len());
                self.done = read == left.len();
                order.by_ref().take(read).for_each(drop);
                written == rows.len()
            }
        };
        if !all_written {
            self.pace = self.pace.saturating_sub(1);
        } else if let Some(next) = ROWS.get(self.pace + 1)
            && items.len() * (next / most) <= PART_BYTES
        {
            self.pace += 1;
        }
        Ok(items.finish(None, None)?.into())
    }
}

/// As many ids as a statement has place for, the last of them several times where they are fewer.
fn padded(ids: &[Uuid]) -> Vec<Uuid> {
    let places = ROWS
        .into_iter()
        .find(|rows| ids.len() <= *rows)
        .unwrap_or(ids.len());
    let mut padded = ids.to_vec();
    if let Some(last) = ids.last() {
        padded.resize(places, *last);
    }
    padded
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
        let mut items = Items::new(asked, &self.columns, true)?;
        if asked.format == Format::Csv {
            for line in &self.lines {
                items.add(line)?;
            }
        } else {
            for row in self.rows {
                items.add(row)?;
            }
        }
        let bytes = items.finish(None, None)?;
        // Counted otherwise it is another answer, also where its lines happen to be the same.
        let etag = super::answer::etag(None, &[self.words.as_bytes(), &bytes].concat());
        let mut headers = headers(asked, &etag)?;
        headers.extend(attachment(asked, Some((self.words, self.at))));
        headers.extend(link(asked, self.next)?);
        Ok(fresh(asked, headers, bytes, &etag))
    }
}
