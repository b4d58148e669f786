//! Totals by events: what became of pledges, added up by the events' own dates.
//!
//! Rows are events that are alike in all that decides where they count, or, where each is converted, one
//! event. The filter is that of the list of events, so that a total is what one adds up from it.

mod basis;
mod compute;
mod question;
mod sql;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Keys,
    basis::{Basis, Marks, Reason},
    convert::{Converter, UsedRate},
};
use crate::{
    pledges::events::Stage,
    values::{Amount, Currency, PartialDate, decimal, vocabulary},
};
pub(super) use basis::how_rates_are_loaded;
pub(super) use compute::answer;
pub(super) use question::Question;

vocabulary! {
    /// What groups are sorted by, beside their keys.
    Figure {
        Events = "events",
        Committed = "committed",
        Paid = "paid",
        Redirected = "redirected",
        Withdrawn = "withdrawn",
        Expired = "expired",
        Increased = "increased",
        Reduced = "reduced",
    }
}

impl Figure {
    /// The stage whose amounts it sums; none of how many there are.
    const fn stage(self) -> Option<Stage> {
        match self {
            Self::Events => None,
            Self::Committed => Some(Stage::Committed),
            Self::Paid => Some(Stage::Paid),
            Self::Redirected => Some(Stage::Redirected),
            Self::Withdrawn => Some(Stage::Withdrawn),
            Self::Expired => Some(Stage::Expired),
            Self::Increased => Some(Stage::Increased),
            Self::Reduced => Some(Stage::Reduced),
        }
    }

    /// Amounts, which only one currency's can be compared.
    const fn is_money(self) -> bool {
        self.stage().is_some()
    }
}

/// Events that share their group, currency, stage and marks; or one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventSums {
    key: String,
    /// Of their amounts; none where they have none.
    currency: Option<Currency>,
    stage: Stage,
    marks: Marks,
    events: i64,
    /// Of the sum in minor units, how often it holds 10^9, and what is left: their sums, each by itself.
    billions: Option<i64>,
    rest: Option<i64>,
    /// Of a single event.
    occurred_on: Option<PartialDate>,
}

impl EventSums {
    /// The sum of the amounts, in minor units.
    fn amount(&self) -> Option<i128> {
        let (billions, rest) = self.billions.zip(self.rest)?;
        Some(i128::from(billions) * 1_000_000_000 + i128::from(rest))
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally {
            events: self.events,
            ..Tally::default()
        };
        if let Some(amount) = self.amount() {
            tally.sums.insert(self.stage, amount);
        }
        tally
    }

    /// What one event adds in the currency that is asked for; `None` where no rate serves on its day.
    fn converted(&self, from: Currency, converter: &mut Converter) -> Option<Tally> {
        let mut tally = self.tally();
        for amount in tally.sums.values_mut() {
            let minor = i64::try_from(*amount).ok()?;
            *amount = converter.convert(minor, from, self.occurred_on?.last())?;
        }
        Some(tally)
    }
}

/// Events, and the sums of their amounts by stage, in minor units; a stage of which there is none has no sum.
#[derive(Debug, Clone, Default)]
struct Tally {
    events: i64,
    sums: BTreeMap<Stage, i128>,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.events += other.events;
        for (stage, amount) in &other.sums {
            *self.sums.entry(*stage).or_default() += amount;
        }
    }

    fn figure(&self, figure: Figure) -> Option<i128> {
        match figure.stage() {
            None => Some(self.events.into()),
            Some(stage) => self.sums.get(&stage).copied(),
        }
    }

    fn shown(&self, currency: Currency) -> EventFigures {
        let sum = |stage: Stage| self.sums.get(&stage).map(|minor| decimal(*minor, currency));
        EventFigures {
            events: self.events,
            committed: sum(Stage::Committed),
            paid: sum(Stage::Paid),
            redirected: sum(Stage::Redirected),
            withdrawn: sum(Stage::Withdrawn),
            expired: sum(Stage::Expired),
            increased: sum(Stage::Increased),
            reduced: sum(Stage::Reduced),
        }
    }
}

/// By the currency's code.
type Tallies = BTreeMap<&'static str, (Currency, Tally)>;

fn add_to(tallies: &mut Tallies, currency: Currency, tally: &Tally) {
    let none = (currency, Tally::default());
    tallies.entry(currency.code()).or_insert(none).1.add(tally);
}

fn shown(tallies: &Tallies) -> Vec<EventsInCurrency> {
    let each = |(currency, tally): &(Currency, Tally)| EventsInCurrency {
        currency: *currency,
        figures: tally.shown(*currency),
    };
    tallies.values().map(each).collect()
}

/// A group while it is added up.
#[derive(Debug, Clone, Default)]
struct Adding {
    events: i64,
    by_currency: Tallies,
    converted: Tally,
    unconverted: Tallies,
}

impl Adding {
    /// A figure to sort by: in the one currency, or converted.
    fn figure(&self, figure: Figure, currency: Option<Currency>) -> Option<i128> {
        match currency {
            _ if !figure.is_money() => Some(self.events.into()),
            None => self.converted.figure(figure),
            Some(currency) => self.by_currency.get(currency.code())?.1.figure(figure),
        }
    }

    fn shown(&self, key: Keys, into: Option<Currency>) -> EventGroup {
        EventGroup {
            key,
            names: Keys::new(),
            events: self.events,
            by_currency: shown(&self.by_currency),
            converted: into.map(|currency| ConvertedEvents {
                currency,
                figures: self.converted.shown(currency),
                unconverted: shown(&self.unconverted),
            }),
        }
    }
}

/// Everything of a question that matched, added up.
#[derive(Debug, Default)]
struct Folded {
    /// By key, in its order.
    groups: BTreeMap<String, Adding>,
    left_out: BTreeMap<Reason, Adding>,
}

impl Folded {
    fn lacks_a_rate(&self) -> bool {
        self.groups.values().any(|group| !group.unconverted.is_empty())
    }

    fn excluded(&self) -> Vec<ExcludedEvents> {
        let each = |(reason, left_out): (&Reason, &Adding)| ExcludedEvents {
            reason: *reason,
            events: left_out.events,
            by_currency: shown(&left_out.by_currency),
        };
        self.left_out.iter().map(each).collect()
    }
}

/// Folds rows into groups, converting each event where that is asked.
fn fold(basis: &Basis, rows: &[EventSums], mut converter: Option<&mut Converter>) -> Folded {
    let mut folded = Folded::default();
    for row in rows {
        // The group is there also where nothing in it counts.
        let group = folded.groups.entry(row.key.clone()).or_default();
        let verdict = basis.verdict(row.marks);
        let adding = match verdict {
            Ok(_) => group,
            Err(reason) => folded.left_out.entry(reason).or_default(),
        };
        adding.events += row.events;
        let Some(currency) = row.currency else { continue };
        add_to(&mut adding.by_currency, currency, &row.tally());
        if let Some(converter) = converter.as_mut().filter(|_| verdict.is_ok()) {
            match row.converted(currency, converter) {
                Some(tally) => adding.converted.add(&tally),
                None => add_to(&mut adding.unconverted, currency, &row.tally()),
            }
        }
    }
    folded
}

/// What became of pledges, added up by the dates of the events.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventTotals {
    basis: basis::ShownBasis,
    pub groups: Vec<EventGroup>,
    excluded: Vec<ExcludedEvents>,
    /// The rates that were used.
    rates: BTreeSet<UsedRate>,
    /// How rates are loaded, where an event has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    pub next: Option<String>,
}

/// Events that share a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventGroup {
    /// A member for each dimension of `group_by`; null where its events have none.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub key: Keys,
    /// Names in the reader's language, of the keys that have one.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub names: Keys,
    /// How many there are, with those that have no amount.
    pub events: i64,
    pub by_currency: Vec<EventsInCurrency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converted: Option<ConvertedEvents>,
}

/// Events of one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventsInCurrency {
    pub currency: Currency,
    #[serde(flatten)]
    pub figures: EventFigures,
}

/// Events in the currency that is asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConvertedEvents {
    pub currency: Currency,
    #[serde(flatten)]
    figures: EventFigures,
    /// Events whose days have no rate, in their own currencies: not in the figures above.
    pub unconverted: Vec<EventsInCurrency>,
}

/// Events with an amount, and what these come to by stage; null where there is none of that stage.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventFigures {
    events: i64,
    #[schema(value_type = Option<Amount>)]
    committed: Option<String>,
    #[schema(value_type = Option<Amount>)]
    paid: Option<String>,
    #[schema(value_type = Option<Amount>)]
    redirected: Option<String>,
    #[schema(value_type = Option<Amount>)]
    withdrawn: Option<String>,
    #[schema(value_type = Option<Amount>)]
    expired: Option<String>,
    #[schema(value_type = Option<Amount>)]
    increased: Option<String>,
    #[schema(value_type = Option<Amount>)]
    reduced: Option<String>,
}

impl EventFigures {
    /// What it says, in the order of the columns of a table.
    pub(super) const COLUMNS: [&'static str; 8] = [
        "events",
        "committed",
        "paid",
        "redirected",
        "withdrawn",
        "expired",
        "increased",
        "reduced",
    ];

    /// `events=1 paid=100.00 …`, without what is null.
    pub(super) fn in_words(&self) -> String {
        let sums = [
            &self.committed,
            &self.paid,
            &self.redirected,
            &self.withdrawn,
            &self.expired,
            &self.increased,
            &self.reduced,
        ];
        let mut words = format!("events={}", self.events);
        for (name, sum) in Self::COLUMNS[1..].iter().zip(sums) {
            if let Some(sum) = sum {
                words.extend([" ", name, "=", sum]);
            }
        }
        words
    }
}

/// Events that matched and do not count.
#[derive(Debug, Serialize, ToSchema)]
struct ExcludedEvents {
    reason: Reason,
    events: i64,
    by_currency: Vec<EventsInCurrency>,
}
