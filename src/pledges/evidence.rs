//! When a pledge was last heard of by a publication: follows citations and articles, which know of no pledge.

use std::{future::Future, pin::Pin};

use serde::Deserialize;

use super::sql::{self, Cited};
use crate::{
    citations::Address,
    db::Conn,
    error::{Error, Result},
    history::{Change, Projection},
    resources::Resource,
    values::{FromText, PartialDate},
};

/// Keeps the day of the latest publication that is cited for a pledge. It is no part of what the log says of one, as whoever wrote it
/// down did not write to the pledge.
pub struct Evidence;

impl Projection for Evidence {
    fn apply<'a>(
        &'a self,
        conn: &'a mut Conn,
        changes: &'a [Change],
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let mut cited = Cited::default();
            for change in changes {
                match change.resource {
                    Resource::Citations => cited.about(change)?,
                    Resource::Articles => cited.by(change)?,
                    _ => {}
                }
            }
            if cited == Cited::default() {
                return Ok(());
            }
            sql::note_cited(conn, &cited).await
        })
    }
}

/// What the log keeps of a citation, as far as this goes.
#[derive(Deserialize)]
struct Subject {
    subject: String,
}

/// And of an article.
#[derive(Deserialize)]
struct Published {
    published_on: Option<PartialDate>,
}

fn read<'a, T: Deserialize<'a>>(text: Option<&'a str>) -> Result<Option<T>> {
    text.map(serde_json::from_str)
        .transpose()
        .map_err(Error::internal)
}

impl Cited {
    /// A citation was written, changed or taken back.
    fn about(&mut self, change: &Change) -> Result<()> {
        for text in [&change.before, &change.after] {
            let Some(Subject { subject }) = read(text.as_deref())? else {
                continue;
            };
            let Address { about, key } = Address::from_text(&subject).map_err(Error::internal)?;
            match about.resource() {
                Resource::Pledges => self.pledges.insert(key.parse().map_err(Error::internal)?),
                Resource::Events => self.events.insert(key.parse().map_err(Error::internal)?),
                _ => false,
            };
        }
        Ok(())
    }

    /// An article says that it was published on another day. A new one is not cited yet.
    fn by(&mut self, change: &Change) -> Result<()> {
        let (Some(before), Some(after)) = (
            read::<Published>(change.before.as_deref())?,
            read::<Published>(change.after.as_deref())?,
        ) else {
            return Ok(());
        };
        if before.published_on != after.published_on {
            self.articles.insert(change.record_id);
        }
        Ok(())
    }
}
