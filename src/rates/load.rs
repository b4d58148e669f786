//! Many rates at once, as a file has them: in several writes, each of which others need not wait for long.

use super::{
    Draft, Plausibility, Refused, Stored, put,
    write::{NAMED, Unjudged, offer},
};
use crate::{
    db::Patience,
    error::Result,
    history::{Author, Register},
};

/// How many rates go into one write, at most, beside those that are carried over.
const TOGETHER: usize = 10_000;

/// How many that were refused at the end of a write are judged with the next, at most: a step is a few days long.
const CARRIED: usize = 500;

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
    let mut writes = writes(&mut drafts).into_iter().peekable();
    let mut of_write: Vec<Draft> = Vec::new();
    while let Some(next) = writes.next() {
        done += next.len();
        of_write.extend(next);
        let goes_on = writes.peek().zip(of_write.last());
        let goes_on = goes_on.is_some_and(|(next, last)| next[0].currency == last.currency);
        let offered = if goes_on { of_write.clone() } else { Vec::new() };
        let mut refused = checked(register, author, of_write, &mut loaded).await?;
        // Those that are refused at the end are judged with the next write: what follows them there may agree with them.
        of_write = refused
            .split_off(refused.len() - refused_at_the_end(&offered, &refused))
            .into_iter()
            .map(|it| it.draft)
            .collect();
        loaded.refused.extend(refused);
        progress(done);
    }
    if plausibility == Plausibility::Waived {
        let mut refused: Vec<Draft> = loaded.refused.drain(..).map(|it| it.draft).collect();
        for drafts in self::writes(&mut refused) {
            let mut write = register.write_alone(author, Patience::OfWhoHasBegun).await?;
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
    let mut write = register.write_alone(author, Patience::OfWhoHasBegun).await?;
    let (stored, refused) = offer(&mut write, drafts, Plausibility::Checked).await?;
    write.commit().await?;
    loaded.add(stored);
    Ok(refused)
}

/// How many of those that were offered, from the last one backwards, were refused.
fn refused_at_the_end(offered: &[Draft], refused: &[Refused]) -> usize {
    let backwards = offered.iter().rev().zip(refused.iter().rev());
    backwards
        .take(CARRIED)
        .take_while(|(offered, refused)| **offered == refused.draft)
        .count()
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
