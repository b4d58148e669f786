//! How a demo begins, goes on, and begins anew.

use super::{EXAMPLE, NAME, sql};
use crate::{
    auth::given::{self, Secret},
    db::Patience,
    error::Result,
    history::{self, Author, Register, Write},
    resources::examples::Chapter,
    seed,
};

/// A demo that may be served.
pub struct Opened {
    /// What opens its key, an admin's.
    pub key: String,
    /// Whether the database held it before.
    pub goes_on: bool,
}

/// Fills a database that holds nothing, or goes on with what a demo filled; none where it holds anything else. Its key is opened by
/// this secret, or by a new one where none is given.
pub async fn open(register: &Register, secret: Option<&Secret>) -> Result<Option<Opened>> {
    let program = Author {
        actor: seed::ACTOR.to_owned(),
        reason: None,
        holder: None,
        claim: None,
    };
    let mut write = register.write_alone(&program, Patience::OfWhoHasBegun).await?;
    let goes_on = match history::begun_by(&mut write.conn).await? {
        None => {
            Box::pin(fill(&mut write)).await?;
            false
        }
        // No key is called as the program is: nobody else begins a log so.
        Some((actor, Some(reason))) if actor == seed::ACTOR && reason == seed::DEMO => true,
        Some(_) => return Ok(None),
    };
    let key = given::admin(&mut write, NAME, secret).await?;
    write.commit().await?;
    Ok(Some(Opened { key, goes_on }))
}

/// What a demo begins with: the dossier, and a key that nobody opens, to be looked at, given another secret, and revoked.
async fn fill(write: &mut Write) -> Result<()> {
    seed::demo(write).await?;
    write.take_ids_of(Some(Chapter::Keys.entry(0)));
    given::unopened(write, EXAMPLE).await?;
    write.take_ids_of(None);
    Ok(())
}

/// Brings the register back to what a demo begins with, as one write: whoever reads meanwhile is told what was before. Of keys, the
/// demo's and that of who writes stay.
pub async fn reset(write: &mut Write) -> Result<()> {
    let who = write.author();
    let kept = given::kept(&mut write.conn, NAME, &who).await?;
    sql::empty(&mut write.conn, kept.iter().map(|key| key.id)).await?;
    Box::pin(fill(write)).await?;
    for key in &kept {
        given::log_again(write, key).await?;
    }
    write.act_for(&who);
    Ok(())
}
