//! Rates on their way in: held against their neighbours, then kept, many at a time.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
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

/// How often the rates of a currency are judged again, as those that were to replace kept ones are refused.
const ROUNDS: usize = 8;

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
}

#[derive(Debug, Clone)]
struct Neighbour {
    date: NaiveDate,
    per_usd: PerUsd,
    source: String,
    /// Whether the refused rate is not too far off it.
    agrees: bool,
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
            (Some(off), Some(near)) | (Some(near), Some(off)) if !off.agrees => write!(
                f,
                "is too far off {off}, though not off {near}; nothing tells which of the two that differ is wrong."
            )?,
            (Some(only), None) if !only.agrees => write!(
                f,
                "is too far off its only neighbour, {only}; nothing tells which of the two is wrong."
            )?,
            _ => f.write_str("could not be judged, as too many rates around it contradict each other.")?,
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
    let outcomes = weigh(write, list, |indexes, kept| {
        settle(list, indexes, kept, plausibility, ROUNDS)
    })
    .await?;
    let mut faults = Faults::default();
    for (index, outcome) in outcomes.iter().enumerate() {
        if let Outcome::Refused(refused) = outcome {
            faults.add(
                format!("{}/{index}/per_usd", drafts.at),
                "implausible",
                format!(
                    "{refused} If it is right all the same, send it once with ?plausibility=waived; those that follow and agree with it then pass by themselves"
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
    let outcomes = weigh(write, &drafts, |indexes, kept| {
        settle(&drafts, indexes, kept, plausibility, ROUNDS)
    })
    .await?;
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

/// What becomes of the drafts of one currency where those that are refused are left out. Where one was to replace a rate
/// that is kept, that one stays and is a neighbour again, so all others are judged anew.
fn settle(
    drafts: &[Draft],
    indexes: &[usize],
    kept: &[Rate],
    plausibility: Plausibility,
    rounds: usize,
) -> Vec<(usize, Outcome)> {
    let kept_figures: HashMap<(NaiveDate, &str), &PerUsd> = kept
        .iter()
        .map(|rate| ((rate.date, rate.source.as_str()), &rate.per_usd))
        .collect();
    let replaces = |index: usize| {
        let Draft {
            date,
            source,
            per_usd,
            ..
        } = &drafts[index];
        kept_figures
            .get(&(*date, source.as_str()))
            .is_some_and(|kept| *kept != per_usd)
    };
    let mut open = indexes.to_vec();
    let mut settled = Vec::new();
    for _ in 0..rounds {
        let outcomes = weigh_currency(drafts, &open, kept, plausibility);
        let is_final =
            |(index, outcome): &(usize, Outcome)| replaces(*index) && matches!(outcome, Outcome::Refused(_));
        if !outcomes.iter().any(is_final) {
            settled.extend(outcomes);
            return settled;
        }
        settled.extend(outcomes.into_iter().filter(is_final));
        let gone: HashSet<usize> = settled.iter().map(|(index, _)| *index).collect();
        open.retain(|index| !gone.contains(index));
    }
    // In rates that make no sense at all it would never end: then nothing more is replaced.
    let (replacing, rest): (Vec<usize>, Vec<usize>) = open.into_iter().partition(|&index| replaces(index));
    settled.extend(replacing.into_iter().map(|index| {
        let refused = Refused {
            draft: drafts[index].clone(),
            earlier: None,
            later: None,
        };
        (index, Outcome::Refused(refused))
    }));
    settled.extend(weigh_currency(drafts, &rest, kept, plausibility));
    settled
}

/// What becomes of each draft beside what is kept, by what becomes of those of one currency.
async fn weigh(
    write: &mut Write,
    drafts: &[Draft],
    of_currency: impl Fn(&[usize], &[Rate]) -> Vec<(usize, Outcome)>,
) -> Result<Vec<Outcome>> {
    let mut by_currency: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        by_currency.entry(draft.currency.code()).or_default().push(index);
    }
    let mut outcomes: Vec<Option<Outcome>> = drafts.iter().map(|_| None).collect();
    for indexes in by_currency.into_values() {
        let days = || indexes.iter().map(|&index| drafts[index].date);
        let Some((first, last)) = days().min().zip(days().max()) else {
            continue;
        };
        let currency = drafts[indexes[0]].currency;
        let kept = sql::around(&mut write.conn, currency, first, last).await?;
        for (index, outcome) in of_currency(&indexes, &kept) {
            outcomes[index] = Some(outcome);
        }
    }
    // What has no outcome of its own says what another draft says.
    Ok(outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or(Outcome::Unchanged))
        .collect())
}

/// What becomes of the drafts of one currency.
fn weigh_currency(
    drafts: &[Draft],
    indexes: &[usize],
    kept: &[Rate],
    plausibility: Plausibility,
) -> Vec<(usize, Outcome)> {
    // By day and source: the draft that is offered, if it is the first of those that say the same.
    let mut offered: HashMap<(NaiveDate, &str), usize> = HashMap::new();
    for &index in indexes {
        let draft = &drafts[index];
        offered.entry((draft.date, &draft.source)).or_insert(index);
    }
    let mut quotes = Vec::with_capacity(kept.len() + offered.len());
    // Beside each quote: the draft, if there is one, and the kept rate of its day and source.
    let mut origins: Vec<(Option<usize>, Option<usize>)> = Vec::with_capacity(quotes.capacity());
    for (at, rate) in kept.iter().enumerate() {
        let draft = offered.remove(&(rate.date, rate.source.as_str()));
        // What is kept and comes again with the same figure is kept; what is to be replaced is no neighbour.
        let standing = match draft {
            Some(draft) if drafts[draft].per_usd != rate.per_usd => Standing::Offered,
            _ if rate.waived => Standing::Waived,
            _ => Standing::Kept,
        };
        let per_usd = draft.map_or(&rate.per_usd, |draft| &drafts[draft].per_usd);
        quotes.push(quote(rate.date, &rate.source, per_usd, standing));
        origins.push((draft, Some(at)));
    }
    for (&(date, source), &index) in &offered {
        quotes.push(quote(date, source, &drafts[index].per_usd, Standing::Offered));
        origins.push((Some(index), None));
    }
    let verdicts = match plausibility {
        Plausibility::Checked => plausible::judge(&quotes),
        Plausibility::Waived => vec![Verdict::Plausible; quotes.len()],
    };
    let neighbour = |beside: Beside| {
        let (draft, rate) = origins[beside.place];
        let of_draft = draft.map(|index| (drafts[index].date, &drafts[index].per_usd, &drafts[index].source));
        let of_rate = || rate.map(|at| (kept[at].date, &kept[at].per_usd, &kept[at].source));
        of_draft
            .or_else(of_rate)
            .map(|(date, per_usd, source)| Neighbour {
                date,
                per_usd: per_usd.clone(),
                source: source.clone(),
                agrees: beside.agrees,
            })
    };
    let mut outcomes = Vec::with_capacity(indexes.len());
    for (place, &(draft, rate)) in origins.iter().enumerate() {
        let Some(index) = draft else { continue };
        let before = rate.map(|at| &kept[at]);
        let unjudged = verdicts[place] == Verdict::Unjudged;
        outcomes.push((
            index,
            match (before, verdicts[place], quotes[place].standing) {
                (_, Verdict::Implausible { earlier, later }, Standing::Offered) => {
                    Outcome::Refused(Refused {
                        draft: drafts[index].clone(),
                        earlier: earlier.and_then(neighbour),
                        later: later.and_then(neighbour),
                    })
                }
                (None, ..) => Outcome::Create { unjudged },
                // Judged now, it needs no more to be waived.
                (Some(before), Verdict::Plausible, Standing::Waived)
                    if plausibility == Plausibility::Checked =>
                {
                    Outcome::Update {
                        before: Box::new(before.clone()),
                        unjudged,
                    }
                }
                (Some(before), _, Standing::Offered) => Outcome::Update {
                    before: Box::new(before.clone()),
                    unjudged,
                },
                (Some(_), ..) => Outcome::Unchanged,
            },
        ));
    }
    outcomes
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
    fn refused(drafts: &[Draft], kept: &[Rate], rounds: usize) -> Vec<(String, String)> {
        let indexes: Vec<usize> = (0..drafts.len()).collect();
        let mut outcomes = settle(drafts, &indexes, kept, Plausibility::Checked, rounds);
        outcomes.sort_by_key(|(index, _)| *index);
        assert_eq!(outcomes.len(), drafts.len());
        let refused = outcomes.into_iter().filter_map(|(_, outcome)| match outcome {
            Outcome::Refused(refused) => Some((refused.draft.per_usd.to_string(), refused.to_string())),
            _ => None,
        });
        refused.collect()
    }

    #[test]
    fn where_one_is_not_replaced_after_all_it_vouches_for_others() {
        let there = [kept(1, "1"), kept(5, "2"), kept(9, "1")];
        let offered = [draft(5, "20"), draft(6, "2.1")];
        let named = refused(&offered, &there, ROUNDS);
        assert_eq!(named.len(), 1, "{named:?}");
        assert_eq!(named[0].0, "20");
    }

    #[test]
    fn after_the_last_round_nothing_more_is_replaced() {
        let there = [kept(1, "1"), kept(5, "2"), kept(9, "1")];
        let offered = [draft(5, "20"), draft(6, "2.1"), draft(9, "1")];
        let named = refused(&offered, &there, 0);
        assert_eq!(named.len(), 1, "{named:?}");
        assert_eq!(named[0].0, "20");
        assert!(named[0].1.contains("could not be judged"), "{}", named[0].1);
    }

    #[test]
    fn a_refusal_says_nothing_that_is_false() {
        let said = |rates: &[&str]| {
            let drafts: Vec<_> = (1..).zip(rates).map(|(day, rate)| draft(day, rate)).collect();
            refused(&drafts, &[], ROUNDS)
        };
        let one = said(&["1.0", "1.7", "1.3"]);
        assert_eq!(one.len(), 1);
        assert!(
            one[0]
                .1
                .contains("off its only neighbour, 1.7 on 2018-02-02 (one); nothing tells"),
            "{one:?}"
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
