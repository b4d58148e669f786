//! Explanations: what each pledge added to a total, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Dimension, KnownFigures, Shown, Sums, basis,
    basis::{Basis, Counted, Reason},
    convert::{Converter, Split, UsedRate},
    shown,
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

/// Explains rows of single pledges, in the order in which they come.
#[must_use]
pub fn explain(
    basis: &Basis,
    rows: &[Sums],
    mut into: Option<&mut Converter>,
) -> BTreeMap<String, ExplainedGroup> {
    let mut groups: BTreeMap<String, ExplainedGroup> = BTreeMap::new();
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
        let Some(tally) = contribution.counted else {
            continue;
        };
        let split = into
            .as_mut()
            .zip(row.currency)
            .map(|(into, currency)| (into.split(row, currency, &tally), into.target()));
        let quantified = row.currency.is_some();
        group.counted.push(CountedPledge {
            id,
            currency: row.currency,
            figures: row
                .currency
                .map(|currency| KnownFigures::of(&tally, currency))
                .unwrap_or_default(),
            reason: match contribution.how {
                _ if !quantified => How::Unquantified,
                Counted::InFull if row.marks.restated => How::RestatementIncluded,
                Counted::InFull if row.pledged != row.counted => How::Whole,
                Counted::Remainder if row.pledged != row.counted => How::Remainder,
                _ => How::AsAnnounced,
            },
            converted: split.as_ref().map(|(split, into)| in_the_other(split, *into)),
            unconverted: split
                .filter(|(split, _)| split.left.has_figures())
                .zip(row.currency)
                .map(|((split, _), currency)| KnownFigures::of(&split.left, currency)),
        });
    }
    groups
}

/// A pledge in the currency that is asked for; none where nothing of it converted.
fn in_the_other(split: &Split, into: Currency) -> Option<ConvertedPledge> {
    let tally = if split.left.has_figures() {
        split.converted
    } else {
        split.converted.with_zeros()
    };
    tally.has_figures().then(|| ConvertedPledge {
        currency: into,
        figures: KnownFigures::of(&tally, into),
        rates: split.rates.clone(),
    })
}
