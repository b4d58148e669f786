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
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::{End, RowWriter, attachment::attachment};
use crate::{
    db::{Db, Limits, Reader, deadline},
    error::{Error, Result},
    web::{
        Filter, ListRequest, ListSource, Shown,
        coding::{Coding, Unsent},
        listing::padded,
        response::answer::{headers, link, not_modified},
    },
};

/// How many rows are read at a time, from the longest to the shortest: few numbers, as those that are named by
/// their ids take a statement of its own for each.
const ROWS: [usize; 3] = [20, 100, 500];

/// A part has no row more once it has so many bytes.
const PART_BYTES: usize = 1024 * 1024;

/// A list on its way out.
struct Export<F: Filter> {
    listing: ListRequest<F>,
    db: Db,
    /// None once the last row is written.
    writer: Option<Box<dyn RowWriter>>,
    /// Where no key gives the order, what is still to be read.
    order: Option<std::vec::IntoIter<Uuid>>,
    /// Which of [`ROWS`] are read.
    pace: usize,
}

/// All that matches, or the one page that is asked for.
pub(in crate::web) async fn answer<F: Filter>(
    mut listing: ListRequest<F>,
    mut conn: Reader,
    source: &impl ListSource,
) -> Result<Response> {
    let asked = &listing.asked;
    let db = source.db();
    let seq = source.last_change(&mut conn).await?;
    // The register as it stood, and the question: one cannot be hashed before it is sent.
    let day = if F::Item::OF_THE_DAY.is_empty() && !F::IS_OF_THE_DAY {
        String::new()
    } else {
        format!(".{}", asked.viewpoint().today)
    };
    let etag = format!(
        "W/\"{seq}.{}.{}.{}{day}\"",
        listing.question, asked.language, asked.format
    );
    let mut headers = headers(asked, &etag)?;
    headers.extend(attachment(asked, None, source.clock().now()));
    let is_had = asked.already_has(&etag);
    // Its tag is that of what would have been sent, and the length decides whether that were packed: what was packed before
    // is long, and of anything else it is seen where it matters.
    if is_had && (asked.coding == Coding::Identity || asked.already_has_packed(&etag)) {
        return Ok(not_modified(headers, Unsent::LONG));
    }
    let mut writer = listing.writer()?;
    if !listing.page.is_whole() {
        let (next, _) = listing.write_one_page(&mut conn, writer.as_mut()).await?;
        let page = writer.finish(End::default())?;
        if is_had {
            return Ok(not_modified(headers, Unsent::of(page.len())));
        }
        headers.extend(link(&listing.asked, next.as_deref())?);
        return Ok((headers, page).into_response());
    }
    let order = if listing.page.is_in_order_of_a_key() {
        None
    } else {
        Some(listing.ids(&mut conn).await?.into_iter())
    };
    let mut export = Export {
        listing,
        db: db.clone(),
        writer: Some(writer),
        order,
        pace: 1,
    };
    // Read before the answer begins, so that what can fail at once is still a problem.
    let first = export.part(&mut conn).await?;
    drop(conn);
    if is_had {
        let unsent = if export.writer.is_none() {
            Unsent::of(first.len())
        } else {
            Unsent::LONG
        };
        return Ok(not_modified(headers, unsent));
    }
    let Limits {
        request,
        export: longest,
    } = db.limits();
    let ends = Instant::now() + longest;
    let rest = stream::try_unfold(export, move |mut export| async move {
        if export.writer.is_none() {
            return Ok(None);
        }
        let db = export.db.clone();
        let reading = async move {
            let mut conn = export.db.dear_read_patiently().await?;
            let bytes = export.part(&mut conn).await?;
            Ok((bytes, export))
        };
        let part = deadline::until(ends, request, async { db.beside(reading).await });
        match part.await.flatten() {
            Ok(part) => Ok(Some(part)),
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
    async fn part(&mut self, conn: &mut Reader) -> Result<Bytes> {
        let Some(mut writer) = self.writer.take() else {
            return Ok(Bytes::new());
        };
        let most = ROWS[self.pace];
        let (done, all_written) = match &mut self.order {
            None => {
                let (mut rows, more) = self.listing.rows(conn, most, PART_BYTES).await?;
                let written = self
                    .listing
                    .write(conn, &mut rows, writer.as_mut(), PART_BYTES)
                    .await?;
                if let Some(last) = rows[..written].last() {
                    self.listing.page.advance(last);
                }
                let all_written = written == rows.len();
                (all_written && !more, all_written)
            }
            Some(order) => {
                let left = order.as_slice();
                let ids = &left[..left.len().min(most)];
                let mut rows = self.listing.rows_of(conn, &padded(ids)).await?;
                let written = self
                    .listing
                    .write(conn, &mut rows, writer.as_mut(), PART_BYTES)
                    .await?;
                // Those that are gone have had their turn as well.
                let unwritten = rows.get(written).map(Shown::id);
                let read = ids.iter().position(|id| Some(*id) == unwritten);
                let read = read.unwrap_or(ids.len());
                let done = read == left.len();
                order.by_ref().take(read).for_each(drop);
                (done, written == rows.len())
            }
        };
        if !all_written {
            self.pace = self.pace.saturating_sub(1);
        } else if let Some(next) = ROWS.get(self.pace + 1)
            && writer.len() * (next / most) <= PART_BYTES
        {
            self.pace += 1;
        }
        if done {
            return Ok(writer.finish(End::default())?.into());
        }
        let part = writer.part()?;
        self.writer = Some(writer);
        Ok(part.into())
    }
}
