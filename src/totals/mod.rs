//! Totals: what was promised, what of it was counted, and what was left out.
//!
//! A question is a filter of pledges, a grouping and a [`basis`]. Its answer is
//! folded from [`Sums`]: rows of pledges that are alike in everything that
//! decides how they count. Where the question allows, they come from sums that
//! are kept ([`rollups`]); else from the pledges that the filter finds, together
//! or, for an explanation or a conversion ([`convert`]), one by one. It is one
//! fold for all of them, so that they cannot disagree.

pub mod basis;
mod compute;
pub mod convert;
mod events;
pub mod explain;
pub mod headline;
pub mod http;
mod question;
mod record;
pub mod rollups;
pub mod sql;
mod table;
pub mod tranches;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    labels::{self, Labels},
    pledges::figures,
    values::{Amount, Currency, Language, PartialDate, decimal, vocabulary},
};
pub use compute::{answer, explanation};
pub use events::Figure as EventFigure;
pub use explain::Explanation;
pub use question::{PROVENANCE, Question};
pub use record::beside;

use basis::{Basis, Counted, Marks, Reason};
use convert::{Converter, Split, UsedRate};
use headline::Headline;
use tranches::{Phased, PhasedTally, Shift};

vocabulary! {
    /// What totals are grouped by.
    Dimension {
        Meeting = "meeting",
        Coalition = "coalition",
        Participant = "participant",
        ParticipantKind = "participant_kind",
        Instrument = "instrument",
        State = "state",
        Beneficiary = "beneficiary",
        Currency = "currency",
        Year = "year",
        Month = "month",
        /// Of pledges alone: in which a tranche begins.
        TrancheYear = "tranche_year",
        /// Of events alone.
        Stage = "stage",
    }
}

impl Dimension {
    /// What its keys are called, where they are words.
    const fn labels(self) -> Option<&'static Labels> {
        match self {
            Self::ParticipantKind => Some(&labels::PARTICIPANT_KIND),
            Self::Instrument => Some(&labels::INSTRUMENT),
            Self::State => Some(&labels::STATE),
            Self::Stage => Some(&labels::STAGE),
            _ => None,
        }
    }
}

/// A group's key, and the names beside it.
type Keys = BTreeMap<Dimension, Option<String>>;

vocabulary! {
    /// What is added up: what was pledged, with what became of it, or what became of it by its own date.
    By as "TotalsBy" { Pledges = "pledges", Events = "events" }
}

vocabulary! {
    /// What groups are sorted by, beside their keys.
    Figure {
        Pledges = "pledges",
        Unquantified = "unquantified",
        Unbounded = "unbounded",
        Min = "min",
        Point = "point",
        Max = "max",
        Committed = "committed",
        Paid = "paid",
        Withdrawn = "withdrawn",
        Outstanding = "outstanding",
    }
}

impl Figure {
    /// Amounts, which only one currency's can be compared.
    #[must_use]
    pub const fn is_money(self) -> bool {
        !matches!(self, Self::Pledges | Self::Unquantified | Self::Unbounded)
    }
}

/// Between the parts of a group's key, and for one that is null: both sort as
/// the parts do, null last.
const SEPARATOR: &str = "\u{1f}";
const NULL: &str = "~";

/// The parts of a group's key.
fn parts(key: &str, dimensions: usize) -> Vec<Option<String>> {
    if dimensions == 0 {
        return Vec::new();
    }
    key.split(SEPARATOR)
        .map(|part| (part != NULL).then(|| part.to_owned()))
        .collect()
}

/// Sums, in minor units; `None` where nothing has that figure.
type Range = figures::Range<i128>;

impl Range {
    /// What is left when the other is taken away: nothing where that is nothing.
    fn less(self, other: Self) -> Self {
        let less = |one: Option<i128>, other: Option<i128>| Some(one? - other?).filter(|left| *left != 0);
        Self {
            min: less(self.min, other.min),
            point: less(self.point, other.point),
            max: less(self.max, other.max),
        }
    }

    /// How far it goes beyond the other, figure by figure.
    fn beyond(self, other: Self) -> Self {
        let beyond = |one: Option<i128>, other: Option<i128>| Some(one? - other.unwrap_or(0));
        Self {
            min: beyond(self.min, other.min),
            point: beyond(self.point, other.point),
            max: beyond(self.max, other.max),
        }
    }

    fn add(&mut self, other: Self) {
        add(&mut self.min, other.min);
        add(&mut self.point, other.point);
        add(&mut self.max, other.max);
    }
}

/// Adds what is known: null and null is null, null and a figure is the figure.
fn add(sum: &mut Option<i128>, figure: Option<i128>) {
    if let Some(figure) = figure {
        *sum = Some(sum.unwrap_or(0) + figure);
    }
}

/// Sums in one currency, in minor units; `None` where nothing has that figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub pledges: i64,
    /// Those that state no upper bound.
    pub unbounded: i64,
    pub range: Range,
    pub committed: Option<i128>,
    pub paid: Option<i128>,
    pub withdrawn: Option<i128>,
    pub outstanding: Option<i128>,
    /// Of those with tranches, where that is asked.
    pub phased: PhasedTally,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.pledges += other.pledges;
        self.unbounded += other.unbounded;
        self.range.add(other.range);
        add(&mut self.committed, other.committed);
        add(&mut self.paid, other.paid);
        add(&mut self.withdrawn, other.withdrawn);
        add(&mut self.outstanding, other.outstanding);
        self.phased.add(&other.phased);
    }

    fn has_figures(&self) -> bool {
        let counted = Self {
            pledges: 0,
            unbounded: 0,
            ..*self
        };
        counted != Self::default()
    }

    /// What happened, where nothing else is unknown: what did not happen is zero.
    fn with_zeros(self) -> Self {
        let or_zero = |sum: Option<i128>| Some(sum.unwrap_or(0));
        Self {
            committed: or_zero(self.committed),
            paid: or_zero(self.paid),
            withdrawn: or_zero(self.withdrawn),
            phased: self.phased.with_zeros(),
            ..self
        }
    }

    /// What pledges with tranches come to where there are none of them.
    fn with_phased_zeros(self) -> Self {
        let phased = match self.phased.pledges {
            0 => self.phased.with_zeros(),
            _ => self.phased,
        };
        Self { phased, ..self }
    }

    fn figure(&self, figure: Figure) -> Option<i128> {
        match figure {
            Figure::Min => self.range.min,
            Figure::Point => self.range.point,
            Figure::Max => self.range.max,
            Figure::Committed => self.committed,
            Figure::Paid => self.paid,
            Figure::Withdrawn => self.withdrawn,
            Figure::Outstanding => self.outstanding,
            Figure::Pledges => Some(self.pledges.into()),
            Figure::Unbounded => Some(self.unbounded.into()),
            Figure::Unquantified => None,
        }
    }
}

/// What a row of pledges adds, and what of it is left out.
pub struct Contribution {
    pub counted: Option<Tally>,
    pub left_out: Option<(Reason, i64, Range)>,
    /// It is a parent's remainder, or a restatement that the basis includes.
    pub how: Counted,
}

/// Sums of pledges that share their group, currency and marks; or one pledge. In minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    pub key: String,
    pub currency: Option<Currency>,
    pub marks: Marks,
    pub pledges: i64,
    pub unbounded: i64,
    pub pledged: figures::Range,
    pub counted: figures::Range,
    pub committed: Option<i64>,
    pub paid: Option<i64>,
    pub withdrawn: Option<i64>,
    pub outstanding: Option<i64>,
    /// Of a single pledge.
    pub id: Option<Uuid>,
    pub announced_on: Option<PartialDate>,
}

impl Sums {
    /// The one place where a basis meets figures.
    #[must_use]
    pub fn contribution(&self, basis: &Basis) -> Contribution {
        let pledged = self.pledged.map(i128::from);
        let how = match basis.verdict(self.marks) {
            Err(reason) => {
                let left_out = Some((reason, self.pledges, pledged));
                return Contribution {
                    counted: None,
                    left_out,
                    how: Counted::Remainder,
                };
            }
            Ok(how) => how,
        };
        let remainder = self.counted.map(i128::from);
        let covered = pledged.less(remainder);
        let sum = |figure: Option<i64>| Some(figure.unwrap_or(0).into());
        let outstanding = self.outstanding.map(i128::from);
        let mut tally = Tally {
            pledges: self.pledges,
            unbounded: self.unbounded,
            range: remainder,
            committed: sum(self.committed),
            paid: sum(self.paid),
            withdrawn: sum(self.withdrawn),
            outstanding,
            phased: PhasedTally::default(),
        };
        let mut left_out = None;
        match how {
            Counted::InFull => {
                tally.range = pledged;
                tally.outstanding = outstanding.map(|it| it + covered.point.unwrap_or(0));
            }
            Counted::Remainder if covered != Range::default() => {
                left_out = Some((Reason::CoveredByChildren, 0, covered));
            }
            Counted::Remainder => {}
        }
        Contribution {
            counted: Some(tally),
            left_out,
            how,
        }
    }
}

type TalliesByCurrency = BTreeMap<&'static str, (Currency, Tally)>;

fn add_to(sums: &mut TalliesByCurrency, currency: Currency, tally: &Tally) {
    let none = (currency, Tally::default());
    sums.entry(currency.code()).or_insert(none).1.add(tally);
}

/// Pledges and their sums, by the currency's code.
type RangesByCurrency = BTreeMap<&'static str, (Currency, i64, Range)>;

/// A group while it is added up.
#[derive(Debug, Clone, Default)]
pub struct Adding {
    pledges: i64,
    unquantified: i64,
    unbounded: i64,
    by_currency: TalliesByCurrency,
    converted: Tally,
    unconverted: TalliesByCurrency,
}

impl Adding {
    fn include(&mut self, row: &Sums, tally: &Tally) {
        self.pledges += tally.pledges;
        match row.currency {
            None => self.unquantified += tally.pledges,
            Some(currency) => {
                self.unbounded += row.unbounded;
                add_to(&mut self.by_currency, currency, tally);
            }
        }
    }

    /// Takes what a pledge with tranches moves here, or away from here.
    fn shift(&mut self, currency: Currency, shift: &Shift) {
        self.pledges += shift.own.pledges;
        add_to(&mut self.by_currency, currency, &shift.own);
        self.converted.add(&shift.converted);
        if shift.left.has_figures() {
            add_to(&mut self.unconverted, currency, &shift.left);
        }
    }

    /// The sums in the currency that is asked for. While something of the row is left in its own
    /// currency, what nothing converted to is not known, and not zero.
    fn converted(&self) -> Tally {
        if self.unconverted.is_empty() {
            self.converted.with_zeros()
        } else {
            self.converted
        }
    }

    /// What is pledged in a currency: `None` where no pledge is in it, or none of them has a point.
    fn point_in(&self, currency: Currency) -> Option<i128> {
        self.by_currency.get(currency.code())?.1.range.point
    }

    /// A figure to sort by: in the one currency, or converted.
    fn figure(&self, figure: Figure, currency: Option<Currency>) -> Option<i128> {
        match figure {
            Figure::Pledges => Some(self.pledges.into()),
            Figure::Unquantified => Some(self.unquantified.into()),
            Figure::Unbounded => Some(self.unbounded.into()),
            _ => match currency {
                None => self.converted().figure(figure),
                Some(currency) => self.by_currency.get(currency.code())?.1.figure(figure),
            },
        }
    }
}

/// Everything of a question that matched, added up.
#[derive(Debug, Default)]
pub struct Folded {
    /// By key, in its order.
    pub groups: BTreeMap<String, Adding>,
    left_out: BTreeMap<Reason, (i64, RangesByCurrency)>,
}

impl Folded {
    /// Whether any group, on whichever page, has something without a rate.
    #[must_use]
    pub fn lacks_a_rate(&self) -> bool {
        self.groups.values().any(|group| !group.unconverted.is_empty())
    }

    pub fn leave_out(&mut self, currency: Option<Currency>, (reason, pledges, range): (Reason, i64, Range)) {
        let (count, by_currency) = self.left_out.entry(reason).or_default();
        *count += pledges;
        if let Some(currency) = currency {
            let (_, count, sum) =
                by_currency
                    .entry(currency.code())
                    .or_insert((currency, 0, Range::default()));
            *count += pledges;
            sum.add(range);
        }
    }

    #[must_use]
    pub fn excluded(&self) -> Vec<Excluded> {
        self.left_out
            .iter()
            .map(|(reason, (pledges, by_currency))| Excluded {
                reason: *reason,
                pledges: *pledges,
                by_currency: by_currency.values().map(|it| InCurrency::of(*it)).collect(),
            })
            .collect()
    }
}

/// Folds rows into groups, converting each pledge where that is asked.
#[must_use]
pub fn fold(basis: &Basis, rows: &[Sums], mut converter: Option<&mut Converter>) -> Folded {
    let mut folded = Folded::default();
    for row in rows {
        let Contribution {
            counted, left_out, ..
        } = row.contribution(basis);
        if let Some(left_out) = left_out {
            folded.leave_out(row.currency, left_out);
        }
        let group = folded.groups.entry(row.key.clone()).or_default();
        let Some(tally) = counted else { continue };
        group.include(row, &tally);
        if let Some((converter, currency)) = converter.as_mut().zip(row.currency) {
            let Split { converted, left, .. } = converter.split(row, currency, &tally);
            group.converted.add(&converted);
            if left.has_figures() {
                add_to(&mut group.unconverted, currency, &left);
            }
        }
    }
    folded
}

/// What was promised, counted on a basis that is said.
#[derive(Debug, Serialize, ToSchema)]
pub struct Totals {
    pub basis: basis::ShownBasis,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headline: Option<Headline>,
    pub groups: Vec<Group>,
    pub excluded: Vec<Excluded>,
    /// The rates that were used.
    pub rates: BTreeSet<UsedRate>,
    /// How rates are loaded, where something has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    pub next: Option<String>,
}

impl Totals {
    /// How many pledges matched, counted or left out, where all groups are here.
    #[must_use]
    pub fn matched(&self) -> i64 {
        let counted = self.groups.iter().map(|group| group.pledges);
        let left_out = self.excluded.iter().map(|excluded| excluded.pledges);
        counted.chain(left_out).sum()
    }
}

/// What a reader is told where an amount is unconverted.
#[must_use]
pub const fn how_rates_are_loaded(language: Language) -> &'static str {
    match language {
        Language::En => {
            "What is null here or stands in unconverted has no rate that serves. Load rates with PUT /v1/rates or `pledgebook rates load`, allow older ones with rate_max_age, or convert at one day with rate_date, which a pledge without a date needs; docs/rates.md says how."
        }
        Language::Ar => {
            "ما ورد هنا فارغا أو في unconverted لا سعر صرف صالحا له. حمّل الأسعار بالطلب PUT /v1/rates أو بالأمر `pledgebook rates load`، أو اقبل أسعارا أقدم بالمُعامِل rate_max_age، أو حوّل بسعر يوم واحد بالمُعامِل rate_date، ويلزم ذلك التعهّد الذي لا تاريخ له؛ والتفصيل في docs/rates.md."
        }
        Language::Fr => {
            "Ce qui est nul ici ou figure dans unconverted n'a pas de taux utilisable. Chargez des taux par PUT /v1/rates ou `pledgebook rates load`, acceptez-en de plus anciens avec rate_max_age, ou convertissez à un jour fixe avec rate_date, ce que demande une promesse sans date ; voir docs/rates.md."
        }
    }
}

/// Pledges that share a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct Group {
    /// A member for each dimension of `group_by`; null where its pledges have none.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub key: BTreeMap<Dimension, Option<String>>,
    /// Names in the reader's language, of the keys that have one, and labels of those that are words of a vocabulary.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub names: BTreeMap<Dimension, Option<String>>,
    pub pledges: i64,
    /// Pledges that state no amount: counted, and in no sum.
    pub unquantified: i64,
    /// Pledges that state no upper bound: they leave `max` to the others.
    pub unbounded: i64,
    pub by_currency: Vec<ByCurrency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converted: Option<Converted>,
}

impl Group {
    /// What is pledged in a currency, in its minor units: `None` where no pledge is in it, or none of them has a point.
    #[must_use]
    pub fn point_in(&self, currency: Currency) -> Option<i128> {
        self.by_currency
            .iter()
            .find(|sums| sums.currency == currency)?
            .minor_point
    }
}

/// Sums in one currency; null where no pledge of the row has that figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct ByCurrency {
    pub currency: Currency,
    pub pledges: i64,
    /// Of these, those that state no upper bound: they leave `max` to the others.
    pub unbounded: i64,
    #[serde(flatten)]
    pub figures: Figures,
    /// Where `phased=true` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phased: Option<Phased>,
    /// The point in minor units, to be reckoned with.
    #[serde(skip)]
    minor_point: Option<i128>,
}

/// Sums of one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct Figures {
    #[schema(value_type = Option<Amount>)]
    pub min: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub point: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub max: Option<String>,
    #[schema(value_type = Amount)]
    pub committed: String,
    #[schema(value_type = Amount)]
    pub paid: String,
    #[schema(value_type = Amount)]
    pub withdrawn: String,
    #[schema(value_type = Option<Amount>)]
    pub outstanding: Option<String>,
}

/// Sums of one currency, each as far as it is known in it: null where nothing of it is, which is not zero.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct KnownFigures {
    #[schema(value_type = Option<Amount>)]
    pub min: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub point: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub max: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub committed: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub paid: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub withdrawn: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub outstanding: Option<String>,
}

/// The sums in the currency that is asked for; null where no part of a figure converted while something is unconverted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Converted {
    pub currency: Currency,
    /// Pledges of which anything converted.
    pub pledges: i64,
    /// Of these, those that state no upper bound: they leave `max` to the others.
    pub unbounded: i64,
    #[serde(flatten)]
    pub figures: KnownFigures,
    /// Where `phased=true` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phased: Option<Phased>,
    /// What has no rate: not in the figures above.
    pub unconverted: Vec<Unconverted>,
}

/// What of one currency has no rate, in that currency, as `by_currency` shows it; null where a figure has nothing left here,
/// as all of it converted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unconverted {
    pub currency: Currency,
    /// Pledges of which anything is left here.
    pub pledges: i64,
    #[serde(flatten)]
    pub figures: KnownFigures,
    /// Where `phased=true` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phased: Option<Phased>,
}

/// What matched and is not counted, or not in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct Excluded {
    pub reason: Reason,
    pub pledges: i64,
    pub by_currency: Vec<InCurrency>,
}

/// Pledges and what they pledge, in one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct InCurrency {
    pub currency: Currency,
    pub pledges: i64,
    #[schema(value_type = Option<Amount>)]
    pub min: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub point: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub max: Option<String>,
}

/// A range as it is written: in decimals.
type Shown = figures::Range<String>;

fn shown(range: Range, currency: Currency) -> Shown {
    range.map(|minor| decimal(minor, currency))
}

impl InCurrency {
    fn of((currency, pledges, range): (Currency, i64, Range)) -> Self {
        let Shown { min, point, max } = shown(range, currency);
        Self {
            currency,
            pledges,
            min,
            point,
            max,
        }
    }
}

impl Figures {
    #[must_use]
    pub fn of(tally: &Tally, currency: Currency) -> Self {
        let known = KnownFigures::of(tally, currency);
        let or_zero = |sum: Option<String>| sum.unwrap_or_else(|| decimal(0, currency));
        Self {
            min: known.min,
            point: known.point,
            max: known.max,
            committed: or_zero(known.committed),
            paid: or_zero(known.paid),
            withdrawn: or_zero(known.withdrawn),
            outstanding: known.outstanding,
        }
    }
}

impl KnownFigures {
    #[must_use]
    pub fn of(tally: &Tally, currency: Currency) -> Self {
        let money = |minor: Option<i128>| minor.map(|minor| decimal(minor, currency));
        let Shown { min, point, max } = shown(tally.range, currency);
        Self {
            min,
            point,
            max,
            committed: money(tally.committed),
            paid: money(tally.paid),
            withdrawn: money(tally.withdrawn),
            outstanding: money(tally.outstanding),
        }
    }
}

fn phased(is_asked: bool, of: &Tally, currency: Currency) -> Option<Phased> {
    is_asked.then(|| of.phased.shown(of.pledges, currency))
}

impl Adding {
    fn shown(
        &self,
        key: BTreeMap<Dimension, Option<String>>,
        into: Option<Currency>,
        is_phased: bool,
    ) -> Group {
        let phased = |tally: &Tally, currency| phased(is_phased, tally, currency);
        Group {
            key,
            names: BTreeMap::new(),
            pledges: self.pledges,
            unquantified: self.unquantified,
            unbounded: self.unbounded,
            by_currency: self
                .by_currency
                .values()
                .map(|(currency, tally)| ByCurrency {
                    currency: *currency,
                    pledges: tally.pledges,
                    unbounded: tally.unbounded,
                    figures: Figures::of(tally, *currency),
                    phased: phased(&tally.with_zeros(), *currency),
                    minor_point: tally.range.point,
                })
                .collect(),
            converted: into.map(|currency| {
                let tally = self.converted();
                Converted {
                    currency,
                    pledges: tally.pledges,
                    unbounded: tally.unbounded,
                    figures: KnownFigures::of(&tally, currency),
                    phased: phased(&tally, currency),
                    unconverted: self.unconverted(is_phased),
                }
            }),
        }
    }

    fn unconverted(&self, is_phased: bool) -> Vec<Unconverted> {
        self.unconverted
            .values()
            .map(|(currency, tally)| Unconverted {
                currency: *currency,
                pledges: tally.pledges,
                figures: KnownFigures::of(tally, *currency),
                phased: phased(is_phased, &tally.with_phased_zeros(), *currency),
            })
            .collect()
    }
}
