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
    plausible::{self, Quote, Standing, Verdict},
    sql,
};
use crate::{
    error::{Faults, Result},
    history::Write,
    values::{Currency, PartialDate},
};

/// How many unjudged rates an answer names.
const NAMED: usize = 100;

/// What became of the rates of a request.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = RatesStored)]
pub struct Stored {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Whether any that was created or updated had no neighbour to be judged by.
    pub unjudged: bool,
    /// Which: the first hundred.
    #[schema(max_items = 100)]
    pub unjudged_rates: Vec<Unjudged>,
}

/// A rate that was taken though no neighbour could judge it.
#[derive(Debug, Serialize, ToSchema)]
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
            (Some(earlier), Some(later)) => {
                write!(f, "is too far off both of its neighbours, {earlier} and {later}.")?;
            }
            (Some(only), None) => write!(
                f,
                "is too far off its only neighbour, {only}; nothing tells which of the two is wrong."
            )?,
            _ => f.write_str("is vouched for by none of its neighbours.")?,
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
    let outcomes = weigh(write, &drafts.list, plausibility).await?;
    let mut faults = Faults::default();
    for (index, outcome) in outcomes.iter().enumerate() {
        if let Outcome::Refused(refused) = outcome {
            faults.add(
                format!("{}/{index}/per_usd", drafts.at),
                "implausible",
                format!("{refused} If it is right all the same, send it with ?plausibility=waived"),
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
    let mut all_refused = Vec::new();
    loop {
        let outcomes = weigh(write, &drafts, plausibility).await?;
        let refused = all_refused.len();
        let mut left = Vec::with_capacity(drafts.len());
        let mut outcomes_left = Vec::with_capacity(drafts.len());
        for (draft, outcome) in drafts.into_iter().zip(outcomes) {
            if let Outcome::Refused(refused) = outcome {
                all_refused.push(refused);
            } else {
                left.push(draft);
                outcomes_left.push(outcome);
            }
        }
        if all_refused.len() == refused {
            let stored = store(write, left, outcomes_left, plausibility).await?;
            return Ok((stored, all_refused));
        }
        // Where one was to replace a rate that is kept, that one stays, and is a neighbour again.
        drafts = left;
    }
}

/// What becomes of each draft beside what is kept.
async fn weigh(write: &mut Write, drafts: &[Draft], plausibility: Plausibility) -> Result<Vec<Outcome>> {
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
        for (index, outcome) in weigh_currency(drafts, &indexes, &kept, plausibility) {
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
    let neighbour = |place: usize| {
        let (draft, rate) = origins[place];
        let of_draft = draft.map(|index| (drafts[index].date, &drafts[index].per_usd, &drafts[index].source));
        let of_rate = || rate.map(|at| (kept[at].date, &kept[at].per_usd, &kept[at].source));
        of_draft
            .or_else(of_rate)
            .map(|(date, per_usd, source)| Neighbour {
                date,
                per_usd: per_usd.clone(),
                source: source.clone(),
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
