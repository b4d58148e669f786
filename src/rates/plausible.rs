//! Rates that cannot be right, held against their neighbours.
//!
//! The commonest fault of published rates is the wrong way round: dollars per
//! unit where units per dollar are meant. It is caught where a rate is far
//! nearer to the inverse of what its neighbours say than to what they say; so is one
//! that is off by orders of magnitude. A real collapse of a currency may look
//! like that too, and is let in by saying so.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Draft;
use crate::error::{Faults, Result};

/// How many neighbours on each side are asked, and how many days away at most.
const NEIGHBOURS: usize = 5;
const REACH: i64 = 366;
/// How far from its neighbours a rate must be before it is doubted at all (the Swiss franc moved by a
/// seventh in a day of January 2015), and where it is past belief.
const DOUBTED: f64 = 1.2;
const UNBELIEVABLE: f64 = 20.0;

/// A day, a rate, and which draft it is; a kept one is none.
type Dated = (NaiveDate, f64, Option<usize>);

/// Refuses the rates that their neighbours contradict, naming each. `known` holds, by currency, the
/// days and rates that are kept already.
pub(super) fn check(drafts: &[Draft], known: HashMap<&'static str, Vec<(NaiveDate, f64)>>) -> Result<()> {
    let mut by_currency: HashMap<&str, Vec<Dated>> = known
        .into_iter()
        .map(|(currency, rates)| {
            (
                currency,
                rates.into_iter().map(|(date, rate)| (date, rate, None)).collect(),
            )
        })
        .collect();
    for (index, draft) in drafts.iter().enumerate() {
        let rates = by_currency.entry(draft.currency.code()).or_default();
        rates.push((draft.date, draft.per_usd.approximately(), Some(index)));
    }
    let mut doubted: Vec<(usize, f64)> = Vec::new();
    for rates in by_currency.values_mut() {
        rates.sort_by_key(|(date, _, index)| (*date, *index));
        for (place, (date, rate, index)) in rates.iter().enumerate() {
            let Some(index) = index else { continue };
            // In the order of their days: behind the first that is too far away, all are.
            let near = |other: &&Dated| (other.0 - *date).num_days().abs() <= REACH;
            let before = rates[..place].iter().rev().take_while(near).take(NEIGHBOURS);
            let after = rates[place + 1..].iter().take_while(near).take(NEIGHBOURS);
            let mut neighbours: Vec<f64> = before.chain(after).map(|(_, rate, _)| *rate).collect();
            neighbours.sort_by(f64::total_cmp);
            if let Some(usual) = neighbours.get(neighbours.len() / 2)
                && is_doubtful(*rate, *usual)
            {
                doubted.push((*index, *usual));
            }
        }
    }
    doubted.sort_by_key(|(index, _)| *index);
    let mut faults = Faults::default();
    for (index, usual) in doubted {
        let draft = &drafts[index];
        faults.add(
            format!("/{index}/per_usd"),
            "implausible",
            format!(
                "{} {} per USD on {}: its neighbours are near {usual}. Is it the wrong way round? Units of the currency per dollar are meant. If it is right all the same, send it with ?plausibility=waived",
                draft.per_usd, draft.currency, draft.date
            ),
        );
    }
    faults.or_invalid()
}

fn is_doubtful(rate: f64, usual: f64) -> bool {
    let off = (rate / usual).ln().abs();
    let off_inverse = (rate * usual).ln().abs();
    off > UNBELIEVABLE.ln() || (off > DOUBTED.ln() && off_inverse < off / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::assert_in_proportion;

    /// Rates of one currency, each more than [`REACH`] days from the next: none has a neighbour.
    fn far_apart(count: usize) -> Vec<Draft> {
        let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();
        let draft = |number: usize| Draft {
            currency: "KWD".parse().unwrap(),
            date: first + chrono::Days::new(number as u64 * (REACH as u64 + 1)),
            per_usd: "0.3".parse().unwrap(),
            source: "a bank".to_owned(),
        };
        (0..count).map(draft).collect()
    }

    #[test]
    fn rates_without_neighbours_cost_their_number() {
        assert_in_proportion(1_000, far_apart, |drafts| {
            check(drafts, HashMap::new()).unwrap();
        });
    }

    #[test]
    fn a_rate_the_wrong_way_round_is_doubted() {
        assert!(is_doubtful(1.2348, 0.81));
        assert!(is_doubtful(0.000_374, 0.3));
        assert!(is_doubtful(4124.0, 1.35));
        assert!(is_doubtful(0.27, 3.67));
    }

    #[test]
    fn what_moves_as_currencies_do_is_not() {
        assert!(!is_doubtful(0.95, 0.81));
        assert!(!is_doubtful(1.04, 0.96));
        assert!(!is_doubtful(0.878, 1.0167));
        assert!(!is_doubtful(15_000.0, 1_507.5));
        assert!(!is_doubtful(3.673, 3.672));
    }
}
