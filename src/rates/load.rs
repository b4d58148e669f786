//! Many rates at once, as a file has them: in several writes, each of which others need not wait for long.

use super::{Draft, Plausibility, Refused, put, write::offer};
use crate::{
    error::Result,
    history::{Author, Register},
};

/// How many rates go into one write, at most.
const TOGETHER: usize = 10_000;

/// What became of the rates.
#[derive(Debug, Default)]
pub struct Loaded {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Of those that were created or updated, how many are waived.
    pub waived: u64,
    /// Not kept: their neighbours contradict them.
    pub refused: Vec<Refused>,
}

/// Keeps what is plausible; the rest too, as waived, where that is asked for. Broken off, it can be begun again: what is
/// there already is unchanged. `progress` is told how many were dealt with.
pub async fn load(
    register: &Register,
    author: &Author,
    mut drafts: Vec<Draft>,
    plausibility: Plausibility,
    mut progress: impl FnMut(usize),
) -> Result<Loaded> {
    drafts.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut loaded = Loaded::default();
    let mut done = 0;
    for drafts in writes(&drafts) {
        done += drafts.len();
        let refused = checked(register, author, drafts, &mut loaded).await?;
        loaded.refused.extend(refused);
        progress(done);
    }
    // What follows a rate may have come with a later write, and agree with it.
    loop {
        let refused = std::mem::take(&mut loaded.refused);
        let before = refused.len();
        for drafts in writes(&drafts_of(refused)) {
            let refused = checked(register, author, drafts, &mut loaded).await?;
            loaded.refused.extend(refused);
        }
        if loaded.refused.len() == before {
            break;
        }
    }
    if plausibility == Plausibility::Waived {
        let refused = std::mem::take(&mut loaded.refused);
        for drafts in writes(&drafts_of(refused)) {
            let mut write = register.write(author).await?;
            let stored = put(&mut write, drafts.into(), Plausibility::Waived).await?;
            write.commit().await?;
            loaded.created += stored.created;
            loaded.updated += stored.updated;
            loaded.waived += stored.created + stored.updated;
        }
    }
    Ok(loaded)
}

/// Keeps what is plausible, in one write; those that are not.
async fn checked(
    register: &Register,
    author: &Author,
    drafts: Vec<Draft>,
    loaded: &mut Loaded,
) -> Result<Vec<Refused>> {
    let mut write = register.write(author).await?;
    let (stored, refused) = offer(&mut write, drafts, Plausibility::Checked).await?;
    write.commit().await?;
    loaded.created += stored.created;
    loaded.updated += stored.updated;
    loaded.unchanged += stored.unchanged;
    Ok(refused)
}

fn drafts_of(refused: Vec<Refused>) -> Vec<Draft> {
    refused.into_iter().map(|it| it.draft).collect()
}

/// Sorted drafts by what goes into one write: whole currencies, as far as they fit, so that rates are judged together
/// with those that follow them.
fn writes(drafts: &[Draft]) -> Vec<Vec<Draft>> {
    let mut writes: Vec<Vec<Draft>> = Vec::new();
    for of_currency in drafts.chunk_by(|a, b| a.currency.code() == b.currency.code()) {
        for part in of_currency.chunks(TOGETHER) {
            match writes.last_mut() {
                Some(last) if last.len() + part.len() <= TOGETHER => last.extend_from_slice(part),
                _ => writes.push(part.to_vec()),
            }
        }
    }
    writes
}
