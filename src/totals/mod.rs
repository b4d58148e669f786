//! Totals: what was promised, what of it was counted, and what was left out.
//!
//! Every total names its basis. The default: restatements add nothing, a parent
//! adds what its children do not, each currency stands for itself. Included and
//! excluded together are everything that the filter matched.

pub mod http;
pub mod sql;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::values::{Currency, Language, decimal, vocabulary};
use sql::Sums;

vocabulary! {
    /// What totals are grouped by.
    Dimension { Meeting = "meeting", Participant = "participant", Instrument = "instrument", Currency = "currency" }
}

/// Why something that matched is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Restated,
    CoveredByChildren,
}

#[derive(Debug, Serialize)]
pub struct Totals {
    pub basis: Basis,
    pub groups: Vec<Group>,
    pub excluded: Vec<Excluded>,
    /// No conversion was asked for, so no rate was used.
    pub rates: [(); 0],
    pub next: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Basis {
    restatements: &'static str,
    parents: &'static str,
    amounts: &'static str,
    text: &'static str,
}

#[derive(Debug, Serialize)]
pub struct Group {
    pub key: BTreeMap<Dimension, Option<String>>,
    /// Names in the reader's language, of the keys that have one.
    pub names: BTreeMap<Dimension, Option<String>>,
    pub pledges: i64,
    /// Pledges that state no amount: counted, and in no sum.
    pub unquantified: i64,
    /// Pledges that state no upper bound: they leave `max` to the others.
    pub unbounded: i64,
    pub by_currency: Vec<ByCurrency>,
}

/// Sums in one currency; null where no pledge of the row has that figure.
#[derive(Debug, Serialize)]
pub struct ByCurrency {
    pub currency: Currency,
    pub pledges: i64,
    pub min: Option<String>,
    pub point: Option<String>,
    pub max: Option<String>,
    pub committed: String,
    pub paid: String,
    pub withdrawn: String,
    pub outstanding: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Excluded {
    pub reason: Reason,
    pub pledges: i64,
    pub by_currency: Vec<ExcludedByCurrency>,
}

#[derive(Debug, Serialize)]
pub struct ExcludedByCurrency {
    pub currency: Currency,
    pub pledges: i64,
    pub min: Option<String>,
    pub point: Option<String>,
    pub max: Option<String>,
}

impl Basis {
    /// The default counting basis, in a sentence of the reader's language.
    #[must_use]
    pub fn default_in(language: Language) -> Self {
        Self {
            restatements: "exclude",
            parents: "remainder",
            amounts: "original currency",
            text: match language {
                Language::En => {
                    "What was pledged, as announced and with later increases and reductions; a restatement adds nothing, a pledge with parts adds what its parts do not, and each currency stands for itself."
                }
                Language::Ar => {
                    "ما تم التعهد به كما أُعلن، مع ما طرأ عليه لاحقا من زيادة أو تخفيض؛ لا يضيف تكرار الإعلان شيئا، ويضيف التعهد ذو الأجزاء ما لا تغطيه أجزاؤه، وتُحسب كل عملة على حدة."
                }
                Language::Fr => {
                    "Les montants promis, tels qu'annoncés et compte tenu des augmentations et réductions ultérieures ; une promesse réitérée n'ajoute rien, une promesse divisée ajoute ce que ses parties ne couvrent pas, et chaque devise est comptée à part."
                }
            },
        }
    }
}

impl Group {
    fn empty(key: BTreeMap<Dimension, Option<String>>) -> Self {
        Self {
            key,
            names: BTreeMap::new(),
            pledges: 0,
            unquantified: 0,
            unbounded: 0,
            by_currency: Vec::new(),
        }
    }

    fn include(&mut self, row: &Sums) {
        self.pledges += row.pledges;
        let Some(currency) = row.currency else {
            self.unquantified += row.pledges;
            return;
        };
        self.unbounded += row.unbounded;
        let money = |minor: Option<i64>| minor.map(|minor| decimal(minor, currency));
        let sum = |minor: Option<i64>| decimal(minor.unwrap_or(0), currency);
        self.by_currency.push(ByCurrency {
            currency,
            pledges: row.pledges,
            min: money(row.counted_min),
            point: money(row.counted),
            max: money(row.counted_max),
            committed: sum(row.committed),
            paid: sum(row.paid),
            withdrawn: sum(row.withdrawn),
            outstanding: money(row.outstanding),
        });
    }
}

/// Minimum, point and maximum of a sum, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Figures {
    min: Option<i64>,
    point: Option<i64>,
    max: Option<i64>,
}

impl Figures {
    fn less(self, other: Self) -> Self {
        let less = |one: Option<i64>, other: Option<i64>| Some(one? - other?);
        Self {
            min: less(self.min, other.min),
            point: less(self.point, other.point),
            max: less(self.max, other.max),
        }
    }

    fn plus(self, other: Self) -> Self {
        let plus = |one: Option<i64>, other: Option<i64>| match (one, other) {
            (None, None) => None,
            _ => Some(one.unwrap_or(0) + other.unwrap_or(0)),
        };
        Self {
            min: plus(self.min, other.min),
            point: plus(self.point, other.point),
            max: plus(self.max, other.max),
        }
    }
}

impl Sums {
    fn pledged(&self) -> Figures {
        Figures {
            min: self.pledged_min,
            point: self.pledged,
            max: self.pledged_max,
        }
    }

    fn counted(&self) -> Figures {
        Figures {
            min: self.counted_min,
            point: self.counted,
            max: self.counted_max,
        }
    }
}

/// What is left out for one reason: pledges, and sums per currency (none for those that state no amount).
#[derive(Default)]
struct LeftOut {
    pledges: i64,
    by_currency: BTreeMap<&'static str, (Currency, i64, Figures)>,
}

impl LeftOut {
    fn add(&mut self, currency: Option<Currency>, pledges: i64, figures: Figures) {
        self.pledges += pledges;
        if let Some(currency) = currency {
            let none = Figures {
                min: None,
                point: None,
                max: None,
            };
            let (_, count, sum) = self
                .by_currency
                .entry(currency.code())
                .or_insert((currency, 0, none));
            *count += pledges;
            *sum = sum.plus(figures);
        }
    }

    fn shown(self, reason: Reason) -> Excluded {
        Excluded {
            reason,
            pledges: self.pledges,
            by_currency: self
                .by_currency
                .into_values()
                .map(|(currency, pledges, sum)| {
                    let money = |minor: Option<i64>| minor.map(|minor| decimal(minor, currency));
                    ExcludedByCurrency {
                        currency,
                        pledges,
                        min: money(sum.min),
                        point: money(sum.point),
                        max: money(sum.max),
                    }
                })
                .collect(),
        }
    }
}

/// Folds the database's sums, which come in the order of their keys, into
/// groups, and what is left out into its reasons.
#[must_use]
pub fn fold(dimensions: &[Dimension], sums: &[Sums]) -> (Vec<Group>, Vec<Excluded>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut left_out: BTreeMap<Reason, LeftOut> = BTreeMap::new();
    for row in sums {
        let key: BTreeMap<_, _> = dimensions.iter().copied().zip(row.key()).collect();
        if groups.last().is_none_or(|group| group.key != key) {
            groups.push(Group::empty(key));
        }
        if row.restated {
            left_out
                .entry(Reason::Restated)
                .or_default()
                .add(row.currency, row.pledges, row.pledged());
            continue;
        }
        let covered = row.pledged().less(row.counted());
        if covered.point.is_some_and(|point| point != 0) {
            left_out
                .entry(Reason::CoveredByChildren)
                .or_default()
                .add(row.currency, 0, covered);
        }
        if let Some(group) = groups.last_mut() {
            group.include(row);
        }
    }
    if dimensions.is_empty() && groups.is_empty() {
        groups.push(Group::empty(BTreeMap::new()));
    }
    (
        groups,
        left_out
            .into_iter()
            .map(|(reason, left_out)| left_out.shown(reason))
            .collect(),
    )
}
