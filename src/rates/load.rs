//! Many rates at once, as a file has them: in several writes, each of which others need not wait for long.

use super::{
    Draft, Plausibility, Refused, Stored, put,
    write::{NAMED, Unjudged, offer},
};
use crate::{
    error::Result,
    history::{Author, Register},
};

/// How many rates go into one write, at most.
const TOGETHER: usize = 10_000;

/// How often those that were refused are offered again, as each may have been vouched for by then.
const PASSES: usize = 8;

/// What became of the rates.
#[derive(Debug, Default)]
pub struct Loaded {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Of those that were created or updated, how many are waived.
    pub waived: u64,
    /// Of those that were created or updated, how many could not be judged, and the first of them.
    pub unjudged: u64,
    pub unjudged_rates: Vec<Unjudged>,
    /// Not kept: their neighbours contradict them.
    pub refused: Vec<Refused>,
}

impl Loaded {
    fn add(&mut self, stored: Stored) {
        self.created += stored.created;
        self.updated += stored.updated;
        self.unchanged += stored.unchanged;
        self.unjudged += stored.unjudged_count;
        let room = NAMED - self.unjudged_rates.len();
        self.unjudged_rates
            .extend(stored.unjudged_rates.into_iter().take(room));
    }
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
    let mut loaded = Loaded::default();
    let mut done = 0;
    for drafts in writes(&mut drafts) {
        done += drafts.len();
        let refused = checked(register, author, drafts, &mut loaded).await?;
        loaded.refused.extend(refused);
        progress(done);
    }
    // What follows a rate may have come with a later write, and agree with it.
    for _ in 0..PASSES {
        let refused = std::mem::take(&mut loaded.refused);
        let before = refused.len();
        for drafts in writes(&mut drafts_of(refused)) {
            let refused = checked(register, author, drafts, &mut loaded).await?;
            loaded.refused.extend(refused);
        }
        if loaded.refused.len() == before {
            break;
        }
    }
    if plausibility == Plausibility::Waived {
        let refused = std::mem::take(&mut loaded.refused);
        for drafts in writes(&mut drafts_of(refused)) {
            let mut write = register.write(author).await?;
            let stored = put(&mut write, drafts.into(), Plausibility::Waived).await?;
            write.commit().await?;
            loaded.waived += stored.created + stored.updated;
            loaded.add(stored);
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
    loaded.add(stored);
    Ok(refused)
}

fn drafts_of(refused: Vec<Refused>) -> Vec<Draft> {
    refused.into_iter().map(|it| it.draft).collect()
}

/// Drafts by what goes into one write: whole currencies, as far as they fit, so that rates are judged together
/// with those that follow them.
fn writes(drafts: &mut [Draft]) -> Vec<Vec<Draft>> {
    drafts.sort_by(|a, b| a.key().cmp(&b.key()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_goes_into_one_write_in_whatever_order_it_came() {
        let draft = |currency: &str, day: u32| Draft {
            currency: currency.parse().unwrap(),
            date: chrono::NaiveDate::from_ymd_opt(2018, 2, day).unwrap(),
            per_usd: "1".parse().unwrap(),
            source: "one".to_owned(),
        };
        let mut drafts: Vec<Draft> = (1..=20)
            .flat_map(|day| (0..400).flat_map(move |_| [("KWD", day), ("EUR", day)]))
            .map(|(currency, day)| draft(currency, day))
            .collect();
        let writes = writes(&mut drafts);
        let currencies = |drafts: &[Draft]| {
            let codes: std::collections::BTreeSet<_> = drafts.iter().map(|it| it.currency.code()).collect();
            (codes.into_iter().collect::<Vec<_>>(), drafts.len())
        };
        assert_eq!(
            writes.iter().map(|it| currencies(it)).collect::<Vec<_>>(),
            [(vec!["EUR"], 8_000), (vec!["KWD"], 8_000)]
        );
    }
}
