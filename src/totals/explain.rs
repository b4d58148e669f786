//! Explanations: what each pledge added to a total, and why.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::{
    Dimension, Figures, Moved, basis,
    basis::{Basis, Counted, Reason},
    convert::{Converter, UsedRate},
    converted,
    sql::Sums,
};
use crate::values::{Currency, decimal, vocabulary};

vocabulary! {
    /// How a pledge that counts does so.
    How {
        AsAnnounced = "as_announced",
        Remainder = "remainder",
        Whole = "whole",
        RestatementIncluded = "restatement_included",
        Unquantified = "unquantified",
    }
}

#[derive(Debug, Serialize)]
pub struct Explanation {
    pub basis: basis::ShownBasis,
    pub groups: Vec<ExplainedGroup>,
    pub rates: Vec<UsedRate>,
}

#[derive(Debug, Default, Serialize)]
pub struct ExplainedGroup {
    pub key: BTreeMap<Dimension, Option<String>>,
    pub counted: Vec<CountedPledge>,
    pub excluded: Vec<ExcludedPledge>,
}

#[derive(Debug, Serialize)]
pub struct CountedPledge {
    pub id: Uuid,
    pub currency: Option<Currency>,
    pub min: Option<String>,
    pub point: Option<String>,
    pub max: Option<String>,
    pub committed: Option<String>,
    pub paid: Option<String>,
    pub withdrawn: Option<String>,
    pub outstanding: Option<String>,
    pub reason: How,
    /// In the currency that is asked for; null where a rate is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub converted: Option<Option<ConvertedPledge>>,
}

#[derive(Debug, Serialize)]
pub struct ConvertedPledge {
    pub currency: Currency,
    #[serde(flatten)]
    pub figures: Figures,
    pub rates: Vec<UsedRate>,
}

#[derive(Debug, Serialize)]
pub struct ExcludedPledge {
    pub id: Uuid,
    pub currency: Option<Currency>,
    pub min: Option<String>,
    pub point: Option<String>,
    pub max: Option<String>,
    pub reason: Reason,
}

/// Explains rows of single pledges, in the order in which they come.
pub fn explain(
    basis: &Basis,
    rows: &[Sums],
    mut converting: Option<(&mut Converter, &BTreeMap<Uuid, Vec<Moved>>)>,
) -> BTreeMap<String, ExplainedGroup> {
    let mut groups: BTreeMap<String, ExplainedGroup> = BTreeMap::new();
    for row in rows {
        let Some(id) = row.id else { continue };
        let contribution = row.contribution(basis);
        let group = groups.entry(row.key.clone()).or_default();
        let money = |minor: Option<i128>| {
            minor
                .zip(row.currency)
                .map(|(minor, currency)| decimal(minor, currency))
        };
        if let Some((reason, _, range)) = contribution.left_out {
            group.excluded.push(ExcludedPledge {
                id,
                currency: row.currency,
                min: money(range.min),
                point: money(range.point),
                max: money(range.max),
                reason,
            });
        }
        let Some(tally) = contribution.counted else {
            continue;
        };
        let converted = match (converting.as_mut(), row.currency, basis.conversion) {
            (Some((converter, moved)), Some(_), Some(conversion)) => {
                let moved = moved.get(&id).map(Vec::as_slice).unwrap_or_default();
                let into = converter.target();
                Some(
                    converted(row, &tally, converter, conversion.day, moved).map(|(tally, rates)| {
                        ConvertedPledge {
                            currency: into,
                            figures: Figures::of(&tally, into),
                            rates,
                        }
                    }),
                )
            }
            _ => None,
        };
        let quantified = row.currency.is_some();
        group.counted.push(CountedPledge {
            id,
            currency: row.currency,
            min: money(tally.range.min),
            point: money(tally.range.point),
            max: money(tally.range.max),
            committed: money(quantified.then_some(tally.committed)),
            paid: money(quantified.then_some(tally.paid)),
            withdrawn: money(quantified.then_some(tally.withdrawn)),
            outstanding: money(tally.outstanding),
            reason: match contribution.how {
                _ if !quantified => How::Unquantified,
                Counted::InFull if row.restated => How::RestatementIncluded,
                Counted::InFull if row.pledged != row.counted => How::Whole,
                Counted::Remainder if row.pledged != row.counted => How::Remainder,
                _ => How::AsAnnounced,
            },
            converted,
        });
    }
    groups
}
