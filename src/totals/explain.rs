//! Explanations: what each pledge added to a total, and why.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Dimension, KnownFigures, Shown, Sums, Tally, basis,
    basis::{Basis, Counted, Reason},
    convert::{Converter, Split, UsedRate},
    phased, shown,
    tranches::{Asked, InTranches, Phased},
};
use crate::values::{Amount, Currency, vocabulary};

vocabulary! {
    /// How a pledge that counts does so.
    How as "CountedAs" {
        AsAnnounced = "as_announced",
        Remainder = "remainder",
        Whole = "whole",
        RestatementIncluded = "restatement_included",
        Unquantified = "unquantified",
    }
}

/// What each pledge added to a total, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    pub basis: basis::ShownBasis,
    pub groups: Vec<ExplainedGroup>,
    pub rates: BTreeSet<UsedRate>,
    /// How rates are loaded, where something has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<&'static str>,
    /// The cursor of the next groups, where a limit is asked for and there are more.
    pub next: Option<String>,
}

/// The pledges of one group.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct ExplainedGroup {
    /// A member for each dimension of `group_by`.
    #[schema(value_type = BTreeMap<String, Option<String>>)]
    pub key: BTreeMap<Dimension, Option<String>>,
    pub counted: Vec<CountedPledge>,
    pub excluded: Vec<ExcludedPledge>,
}

/// A pledge that counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedPledge {
    pub id: Uuid,
    pub currency: Option<Currency>,
    #[serde(flatten)]
    pub figures: KnownFigures,
    /// Where `phased=true` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phased: Option<Phased>,
    pub reason: How,
    /// In the currency that is asked for; null where nothing of it has a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ConvertedPledge>)]
    pub converted: Option<Option<ConvertedPledge>>,
    /// What of it has no rate, in its own currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconverted: Option<KnownFigures>,
}

/// A pledge in the currency that is asked for, and the rates that made it so.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConvertedPledge {
    pub currency: Currency,
    #[serde(flatten)]
    pub figures: KnownFigures,
    /// Where `phased=true` asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phased: Option<Phased>,
    pub rates: BTreeSet<UsedRate>,
}

/// A pledge that matched and does not count, or not in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExcludedPledge {
    pub id: Uuid,
    pub currency: Option<Currency>,
    #[schema(value_type = Option<Amount>)]
    pub min: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub point: Option<String>,
    #[schema(value_type = Option<Amount>)]
    pub max: Option<String>,
    pub reason: Reason,
}

/// Explains rows of single pledges, in the order in which they come. One with tranches stands in each group that has something of
/// it, where that is asked.
#[must_use]
pub fn explain(
    basis: &Basis,
    rows: &[Sums],
    in_tranches: Option<(Asked, &[InTranches])>,
    mut into: Option<&mut Converter>,
) -> BTreeMap<String, ExplainedGroup> {
    let mut groups: BTreeMap<String, ExplainedGroup> = BTreeMap::new();
    let with_tranches: HashMap<Uuid, (Asked, &InTranches)> = in_tranches
        .into_iter()
        .flat_map(|(asked, all)| all.iter().map(move |it| (asked, it)))
        .filter_map(|(asked, it)| Some((it.sums.id?, (asked, it))))
        .collect();
    for row in rows {
        let Some(id) = row.id else { continue };
        let contribution = row.contribution(basis);
        let group = groups.entry(row.key.clone()).or_default();
        if let Some((reason, _, range)) = contribution.left_out {
            let range = row.currency.map(|currency| shown(range, currency));
            let Shown { min, point, max } = range.unwrap_or_default();
            group.excluded.push(ExcludedPledge {
                id,
                currency: row.currency,
                min,
                point,
                max,
                reason,
            });
        }
        let Some(mut tally) = contribution.counted else {
            continue;
        };
        let mut split = into
            .as_mut()
            .zip(row.currency)
            .map(|(into, currency)| into.split(row, currency, &tally));
        let mut shifts = with_tranches.get(&id).map_or_else(Vec::new, |(asked, it)| {
            let converting = split.as_ref().zip(into.as_deref_mut());
            it.shifts(*asked, &tally, converting)
        });
        if !shifts.is_empty() {
            let out = shifts.remove(0);
            tally.add(&out.own);
            if let Some(split) = &mut split {
                split.converted.add(&out.converted);
                split.left.add(&out.left);
            }
        }
        let why = Why {
            row,
            how: contribution.how,
            is_phased: basis.phased.is_some(),
            into: into.as_deref().map(Converter::target),
        };
        group.counted.push(why.counted(id, &tally, split.as_ref()));
        for shift in shifts {
            let split = split.as_ref().map(|it| Split {
                converted: shift.converted,
                left: shift.left,
                rates: it.rates.clone(),
            });
            let share = why.counted(id, &shift.own, split.as_ref());
            groups.entry(shift.key).or_default().counted.push(share);
        }
    }
    groups
}

/// How a pledge comes to count, in whichever groups.
struct Why<'a> {
    row: &'a Sums,
    how: Counted,
    is_phased: bool,
    into: Option<Currency>,
}

impl Why<'_> {
    fn counted(&self, id: Uuid, tally: &Tally, split: Option<&Split>) -> CountedPledge {
        let row = self.row;
        let own = |currency| KnownFigures::of(tally, currency);
        let left = split.filter(|it| it.left.has_figures()).zip(row.currency);
        CountedPledge {
            id,
            currency: row.currency,
            figures: row.currency.map(own).unwrap_or_default(),
            phased: row
                .currency
                .and_then(|currency| phased(self.is_phased, &tally.with_zeros(), currency)),
            reason: match self.how {
                _ if row.currency.is_none() => How::Unquantified,
                Counted::InFull if row.marks.restated => How::RestatementIncluded,
                Counted::InFull if row.pledged != row.counted => How::Whole,
                Counted::Remainder if row.pledged != row.counted => How::Remainder,
                _ => How::AsAnnounced,
            },
            converted: split
                .zip(self.into)
                .map(|(split, into)| in_the_other(split, into, self.is_phased)),
            unconverted: left.map(|(split, currency)| KnownFigures::of(&split.left, currency)),
        }
    }
}

/// A pledge in the currency that is asked for; none where nothing of it converted.
fn in_the_other(split: &Split, into: Currency, is_phased: bool) -> Option<ConvertedPledge> {
    let tally = if split.left.has_figures() {
        split.converted
    } else {
        split.converted.with_zeros()
    };
    tally.has_figures().then(|| ConvertedPledge {
        currency: into,
        figures: KnownFigures::of(&tally, into),
        phased: phased(is_phased, &tally, into),
        rates: split.rates.clone(),
    })
}
