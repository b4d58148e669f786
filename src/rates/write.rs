//! Rates on their way in: held against their neighbours, then kept, many at a time.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Draft, Drafts, PerUsd, Plausibility, Rate,
    plausible::{self, Beside, Quote, Standing, Verdict},
    sql,
};
use crate::{
    error::{Faults, Result},
    history::Write,
    values::{Currency, PartialDate},
};

/// How many unjudged rates an answer names.
pub(super) const NAMED: usize = 100;

/// What became of the rates of a request.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = RatesStored)]
pub struct Stored {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Whether any that was created or updated had no neighbour to be judged by, or beside kept rates only waived or new
    /// ones that agree with it.
    pub unjudged: bool,
    /// Which: the first hundred.
    #[schema(max_items = 100)]
    pub unjudged_rates: Vec<Unjudged>,
    /// How many.
    #[serde(skip)]
    pub unjudged_count: u64,
}

impl fmt::Display for Unjudged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} ({})", self.currency, self.date, self.source)
    }
}

/// A rate that was taken though no neighbour could judge it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = UnjudgedRate)]
pub struct Unjudged {
    pub currency: Currency,
    #[schema(value_type = PartialDate)]
    pub date: NaiveDate,
    pub source: String,
}

/// What becomes of a draft.
enum Outcome {
    /// There is none yet of this currency, day and source.
    Create {
        unjudged: bool,
    },
    /// It says otherwise than the one that is kept, or is no longer waived.
    Update {
        before: Box<Rate>,
        unjudged: bool,
    },
    Unchanged,
    Refused(Refused),
}

/// A rate that its neighbours contradict.
#[derive(Debug, Clone)]
pub struct Refused {
    pub(super) draft: Draft,
    earlier: Option<Neighbour>,
    later: Option<Neighbour>,
    /// Whether one of its day and source is kept, and stays.
    replaces: bool,
}

#[derive(Debug, Clone)]
struct Neighbour {
    date: NaiveDate,
    per_usd: PerUsd,
    source: String,
    /// Whether the refused rate is not too far off it.
    agrees: bool,
    /// Whether another beside it agrees with it.
    upheld: bool,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Draft {
            currency,
            date,
            per_usd,
            source,
        } = &self.draft;
        write!(f, "{per_usd} {currency} per USD on {date} ({source}) ")?;
        let mut neighbours = self.earlier.iter().chain(&self.later);
        match (neighbours.next(), neighbours.next()) {
            (Some(earlier), Some(later)) if !earlier.agrees && !later.agrees => {
                write!(f, "is too far off both of its neighbours, {earlier} and {later}.")?;
            }
            (Some(off), Some(near)) | (Some(near), Some(off)) if !off.agrees => {
                write!(f, "is too far off {off}, though not off {near}")?;
                if !self.replaces {
                    f.write_str("; nothing tells which of the two that differ is wrong")?;
                }
                f.write_str(".")?;
            }
            (Some(only), None) if !only.agrees => {
                write!(f, "is too far off its only neighbour, {only}")?;
                // Another beside that one tells, or what is kept of the day.
                if !only.upheld && !self.replaces {
                    f.write_str("; nothing tells which of the two is wrong")?;
                }
                f.write_str(".")?;
            }
            _ => f.write_str("was not weighed, as too many rates around it contradict each other.")?,
        }
        f.write_str(" Is it the wrong way round, or its decimal point in the wrong place? Units of the currency per dollar are meant.")
    }
}

impl fmt::Display for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} ({})", self.per_usd, self.date, self.source)
    }
}

/// Sets rates by currency, date and source, all or nothing.
pub async fn put(write: &mut Write, drafts: Drafts, plausibility: Plausibility) -> Result<Stored> {
    let list = &drafts.list;
    let outcomes = weigh(write, list, plausibility).await?;
    let mut faults = Faults::default();
    for (index, outcome) in outcomes.iter().enumerate() {
        if let Outcome::Refused(refused) = outcome {
            faults.add(
                format!("{}/{index}/per_usd", drafts.at),
                "implausible",
                format!(
                    "{refused} If it is right all the same, send it once with ?plausibility=waived; the next beside it that agrees then passes by itself"
                ),
            );
        }
    }
    faults.or_invalid()?;
    store(write, drafts.list, outcomes, plausibility).await
}

/// As [`put`], but where some are refused the others are kept.
pub async fn offer(
    write: &mut Write,
    mut drafts: Vec<Draft>,
    plausibility: Plausibility,
) -> Result<(Stored, Vec<Refused>)> {
    let outcomes = weigh(write, &drafts, plausibility).await?;
    let mut all_refused = Vec::new();
    let mut outcomes_left = Vec::with_capacity(drafts.len());
    let mut outcomes = outcomes.into_iter();
    drafts.retain(|_| match outcomes.next() {
        Some(Outcome::Refused(refused)) => {
            all_refused.push(refused);
            false
        }
        outcome => {
            outcomes_left.extend(outcome);
            true
        }
    });
    let stored = store(write, drafts, outcomes_left, plausibility).await?;
    Ok((stored, all_refused))
}

/// What becomes of each draft beside what is kept.
async fn weigh(write: &mut Write, drafts: &[Draft], plausibility: Plausibility) -> Result<Vec<Outcome>> {
    let mut by_currency: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        by_currency.entry(draft.currency.code()).or_default().push(index);
    }
    let mut outcomes: Vec<Outcome> = drafts.iter().map(|_| Outcome::Unchanged).collect();
    for indexes in by_currency.into_values() {
        let days = || indexes.iter().map(|&index| drafts[index].date);
        let Some((first, last)) = days().min().zip(days().max()) else {
            continue;
        };
        let currency = drafts[indexes[0]].currency;
        let kept = sql::around(&mut write.conn, currency, first, last).await?;
        for (index, outcome) in weigh_currency(drafts, &indexes, &kept, plausibility) {
            outcomes[index] = outcome;
        }
    }
    Ok(outcomes)
}

/// What becomes of the drafts of one currency.
fn weigh_currency(
    drafts: &[Draft],
    indexes: &[usize],
    kept: &[Rate],
    plausibility: Plausibility,
) -> Vec<(usize, Outcome)> {
    // A rate that comes more than once with the same figure is one rate: the first is judged, for all of them.
    let mut offered: BTreeMap<(NaiveDate, &str), Vec<usize>> = BTreeMap::new();
    for &index in indexes {
        let draft = &drafts[index];
        offered
            .entry((draft.date, &draft.source))
            .or_default()
            .push(index);
    }
    let mut quotes = Vec::with_capacity(kept.len() + offered.len());
    // Beside each quote, what it says.
    let mut whose: Vec<Label> = Vec::with_capacity(quotes.capacity());
    let mut places_of_kept = HashMap::with_capacity(kept.len());
    for rate in kept {
        places_of_kept.insert((rate.date, rate.source.as_str()), quotes.len());
        let standing = if rate.waived {
            Standing::Waived
        } else {
            Standing::Kept
        };
        quotes.push(quote(rate.date, &rate.source, &rate.per_usd, standing));
        whose.push((rate.date, &rate.per_usd, &rate.source));
    }
    let judged: Vec<Judged> = offered
        .into_iter()
        .map(|(key, copies)| {
            let draft = &drafts[copies[0]];
            let before = places_of_kept.get(&key).copied();
            // What is kept and comes again with the same figure is judged as what is kept.
            let same = before.filter(|&at| kept[at].per_usd == draft.per_usd);
            let place = same.unwrap_or_else(|| {
                quotes.push(quote(
                    draft.date,
                    &draft.source,
                    &draft.per_usd,
                    Standing::Offered,
                ));
                whose.push((draft.date, &draft.per_usd, &draft.source));
                quotes.len() - 1
            });
            Judged {
                copies,
                place,
                before: before.map(|at| &kept[at]),
            }
        })
        .collect();
    let verdicts = match plausibility {
        Plausibility::Checked => plausible::judge(&quotes),
        Plausibility::Waived => vec![Verdict::Plausible; quotes.len()],
    };
    let neighbour = |beside: Beside| {
        let (date, per_usd, source) = whose[beside.place];
        Neighbour {
            date,
            per_usd: per_usd.clone(),
            source: source.clone(),
            agrees: beside.agrees,
            upheld: beside.upheld,
        }
    };
    let mut outcomes = Vec::with_capacity(indexes.len());
    for Judged {
        copies,
        place,
        before,
    } in judged
    {
        let verdict = verdicts[place];
        let unjudged = verdict == Verdict::Unjudged;
        let outcome = match (before, quotes[place].standing, verdict) {
            (_, Standing::Offered, Verdict::Implausible { earlier, later }) => {
                let refused = Refused {
                    draft: drafts[copies[0]].clone(),
                    earlier: earlier.map(neighbour),
                    later: later.map(neighbour),
                    replaces: before.is_some(),
                };
                outcomes.extend(
                    copies[1..]
                        .iter()
                        .map(|&copy| (copy, Outcome::Refused(refused.clone()))),
                );
                Outcome::Refused(refused)
            }
            (None, ..) => Outcome::Create { unjudged },
            (Some(before), Standing::Offered, _) => Outcome::Update {
                before: Box::new(before.clone()),
                unjudged,
            },
            // Judged now, it needs no more to be waived.
            (Some(before), Standing::Waived, Verdict::Plausible) if plausibility == Plausibility::Checked => {
                Outcome::Update {
                    before: Box::new(before.clone()),
                    unjudged,
                }
            }
            (Some(_), ..) => Outcome::Unchanged,
        };
        outcomes.push((copies[0], outcome));
    }
    outcomes
}

/// A rate beside its quote, to name it by.
type Label<'a> = (NaiveDate, &'a PerUsd, &'a String);

/// A rate that came, as often as it came.
struct Judged<'a> {
    copies: Vec<usize>,
    /// Its place among the quotes, or that of the kept one, where it says the same.
    place: usize,
    /// What is kept of its day and source.
    before: Option<&'a Rate>,
}

fn quote<'a>(date: NaiveDate, source: &'a str, per_usd: &PerUsd, standing: Standing) -> Quote<'a> {
    Quote {
        date,
        source,
        per_usd: per_usd.approximately(),
        standing,
    }
}

/// Keeps what was created and updated, and tells the log.
async fn store(
    write: &mut Write,
    drafts: Vec<Draft>,
    outcomes: Vec<Outcome>,
    plausibility: Plausibility,
) -> Result<Stored> {
    let waived = plausibility == Plausibility::Waived;
    let mut stored = Stored::default();
    let mut created = Vec::new();
    let mut updated = Vec::new();
    for (draft, outcome) in drafts.into_iter().zip(outcomes) {
        let is_unjudged = match outcome {
            Outcome::Unchanged | Outcome::Refused(_) => {
                stored.unchanged += 1;
                continue;
            }
            Outcome::Create { unjudged } | Outcome::Update { unjudged, .. } => unjudged,
        };
        if is_unjudged {
            stored.unjudged = true;
            stored.unjudged_count += 1;
            if stored.unjudged_rates.len() < NAMED {
                stored.unjudged_rates.push(Unjudged {
                    currency: draft.currency,
                    date: draft.date,
                    source: draft.source.clone(),
                });
            }
        }
        if let Outcome::Update { before, .. } = outcome {
            let after = Rate {
                per_usd: draft.per_usd,
                waived,
                version: before.version + 1,
                updated_at: write.at,
                ..(*before).clone()
            };
            updated.push((*before, after));
        } else {
            created.push(Rate {
                id: write.new_id(),
                currency: draft.currency,
                date: draft.date,
                per_usd: draft.per_usd,
                source: draft.source,
                waived,
                version: 1,
                created_at: write.at,
                updated_at: write.at,
            });
        }
    }
    sql::store(
        &mut write.conn,
        created.iter().chain(updated.iter().map(|(_, after)| after)),
    )
    .await?;
    write.created_many(&created).await?;
    write.updated_many(&updated).await?;
    stored.created = created.len() as u64;
    stored.updated = updated.len() as u64;
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn draft(day: u32, per_usd: &str) -> Draft {
        Draft {
            currency: "KWD".parse().unwrap(),
            date: NaiveDate::from_ymd_opt(2018, 2, day).unwrap(),
            per_usd: per_usd.parse().unwrap(),
            source: "one".to_owned(),
        }
    }

    fn kept(day: u32, per_usd: &str) -> Rate {
        let draft = draft(day, per_usd);
        Rate {
            id: Uuid::nil(),
            currency: draft.currency,
            date: draft.date,
            per_usd: draft.per_usd,
            source: draft.source,
            waived: false,
            version: 1,
            created_at: crate::values::Timestamp::default(),
            updated_at: crate::values::Timestamp::default(),
        }
    }

    /// The figures that are refused, and the reasons.
    fn refused(drafts: &[Draft], kept: &[Rate]) -> Vec<(String, String)> {
        let indexes: Vec<usize> = (0..drafts.len()).collect();
        let mut outcomes = weigh_currency(drafts, &indexes, kept, Plausibility::Checked);
        outcomes.sort_by_key(|(index, _)| *index);
        let refused = outcomes.into_iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Refused(refused) => Some((refused.draft.per_usd.to_string(), refused.to_string())),
            _ => None,
        });
        refused.collect()
    }

    /// Alone the figures.
    fn figures(drafts: &[Draft], kept: &[Rate]) -> Vec<String> {
        refused(drafts, kept)
            .into_iter()
            .map(|(figure, _)| figure)
            .collect()
    }

    #[test]
    fn where_one_is_not_replaced_after_all_it_vouches_for_others() {
        let there = [kept(1, "1"), kept(5, "2"), kept(9, "1")];
        assert_eq!(figures(&[draft(5, "20"), draft(6, "2.1")], &there), ["20"]);
        let there = [kept(1, "1"), kept(2, "1")];
        let named = refused(&[draft(1, "10"), draft(2, "1.1")], &there);
        assert_eq!(named.len(), 1);
        let said =
            "10 KWD per USD on 2018-02-01 (one) is too far off its only neighbour, 1.1 on 2018-02-02 (one).";
        assert!(named[0].1.starts_with(said), "{}", named[0].1);
    }

    #[test]
    fn every_copy_is_named_and_takes_no_other_down() {
        let there = [kept(1, "1"), kept(5, "1"), kept(9, "1")];
        let offered: Vec<Draft> = (0..9)
            .map(|_| draft(5, "20"))
            .chain([draft(6, "1.1"), draft(9, "1.2")])
            .collect();
        assert_eq!(figures(&offered, &there), ["20"; 9]);
        let copies = [draft(5, "1.1"), draft(5, "1.1")];
        assert_eq!(
            weigh_currency(&copies, &[0, 1], &there, Plausibility::Checked).len(),
            1
        );
    }

    #[test]
    fn a_refusal_says_nothing_that_is_false() {
        let said = |rates: &[&str]| {
            let drafts: Vec<_> = (1..).zip(rates).map(|(day, rate)| draft(day, rate)).collect();
            refused(&drafts, &[])
        };
        let one = said(&["1.0", "1.7", "1.3"]);
        assert_eq!(one.len(), 1);
        assert!(
            one[0]
                .1
                .contains("off its only neighbour, 1.7 on 2018-02-02 (one). Is"),
            "{one:?}"
        );
        let alone = said(&["1.0", "1.7"]);
        assert!(
            alone[0].1.contains("1 on 2018-02-01 (one); nothing tells which"),
            "{alone:?}"
        );
        // Nothing but the order tells 1 from 1.7 here, and 1.7 is not off 1.3.
        let two = said(&["1.0", "1.7", "9", "1.3"]);
        assert_eq!((two[0].0.as_str(), two[1].0.as_str(), two.len()), ("1.7", "9", 2));
        assert!(
            two[0]
                .1
                .contains("too far off 1 on 2018-02-01 (one), though not off 1.3 on 2018-02-04 (one)"),
            "{two:?}"
        );
        assert!(two[1].1.contains("both of its neighbours, 1 on"), "{two:?}");
    }
}
