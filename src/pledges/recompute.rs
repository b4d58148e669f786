//! The derived figures of a pledge, brought up to date in the write that touches them.

use uuid::Uuid;

use super::{
    Pledge, Timing, events,
    figures::{Figures, Happened, Misfit},
    sql,
};
use crate::{
    error::{Error, Faults, Result},
    history::Write,
    records::must_find,
    values::decimal,
};

/// Whether it raises the version also when no figure moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bump {
    IfChanged,
    Always,
}

/// What may be paid or lost beyond what was pledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    /// No more than before the write.
    NotDeeper,
    /// None at all.
    Refused,
    /// Any: the event says `over`.
    Allowed,
}

/// Brings a pledge's derived figures up to date with its events and children, which the same write has changed.
pub(super) async fn recompute_figures(
    write: &mut Write,
    before: Pledge,
    bump: Bump,
    excess: Excess,
) -> Result<Pledge> {
    let happened = events::sql::happened(&mut write.conn, before.id).await?;
    let children = covered(sql::children_pledged(&mut write.conn, before.id).await?)?;
    let figures = figures(&before, &before, &happened, children, excess)?;
    let after = Pledge {
        figures,
        timing: Timing::of(&before.terms, &figures, &happened, before.timing.cited_last),
        ..before.clone()
    };
    match bump {
        Bump::Always => write.raise(before, after, sql::figure_cells).await,
        Bump::IfChanged => write.change(before, after, sql::figure_cells).await,
    }
}

/// What a pledge comes to with these events and what its children cover, if that may be. `before` is how it was, `after`
/// how it is but for the figures.
pub(super) fn figures(
    before: &Pledge,
    after: &Pledge,
    happened: &[Happened],
    children: Option<i64>,
    excess: Excess,
) -> Result<Figures> {
    let figures = Figures::of(&after.promise(), happened, children).map_err(misfit)?;
    // An event may go beyond what was pledged and say so; parts never go beyond the whole.
    let parts_exceed = figures.counted.point.is_some_and(|counted| counted < 0);
    let refused = match excess {
        Excess::Allowed => false,
        Excess::Refused => figures.excess() > 0,
        Excess::NotDeeper => figures.excess() > before.figures.excess(),
    };
    if parts_exceed || refused {
        return Err(overrun(after, &figures, children));
    }
    Ok(figures)
}

pub(super) async fn recompute_parents(write: &mut Write, parents: &[Option<Uuid>]) -> Result<()> {
    let mut settled = None;
    for parent in parents.iter().flatten() {
        if settled != Some(*parent) {
            let before: Pledge = must_find(&mut write.conn, *parent).await?;
            recompute_figures(write, before, Bump::IfChanged, Excess::NotDeeper).await?;
            settled = Some(*parent);
        }
    }
    Ok(())
}

/// What a pledge's children have pledged together; `None` when it has none.
pub(super) fn covered(pledged: Vec<Option<i64>>) -> Result<Option<i64>> {
    if pledged.is_empty() {
        return Ok(None);
    }
    pledged
        .into_iter()
        .try_fold(0_i64, |sum, figure| sum.checked_add(figure.unwrap_or(0)))
        .map(Some)
        .ok_or_else(|| misfit(Misfit::TooLarge))
}

pub(super) fn misfit(misfit: Misfit) -> Error {
    Error::Invalid(match misfit {
        Misfit::TooLarge => Faults::one(
            "/amount",
            "sum_does_not_fit",
            "with it a sum of this pledge would be too large to be kept exactly; mend the amount",
        ),
        Misfit::BelowZero => Faults::one(
            "/amount",
            "below_zero",
            "reduces the pledge by more than it states; use withdrawn for what is taken back whole",
        ),
    })
}

/// What was paid or lost is more than what was pledged: says how much of each.
fn overrun(pledge: &Pledge, figures: &Figures, children: Option<i64>) -> Error {
    let Some(currency) = pledge.terms.currency else {
        return Error::internal("an excess without a currency");
    };
    let money = |minor: i64| format!("{currency} {}", decimal(minor, currency));
    let gone = figures
        .paid
        .unwrap_or(0)
        .saturating_add(figures.withdrawn.unwrap_or(0));
    let pledged = figures.pledged.point.or(figures.pledged.max).unwrap_or(0);
    Error::Invalid(match children {
        Some(children) => Faults::one(
            "/amount",
            "exceeds_parent",
            format!(
                "pledges/{} states {}; its parts would add up to {} and {} is paid or lost on itself, {} too much",
                pledge.id,
                money(pledged),
                money(children),
                money(gone),
                money(figures.excess()),
            ),
        ),
        None => Faults::one(
            "/amount",
            "exceeds_pledge",
            format!(
                "pledges/{} states {}; paid, redirected, withdrawn and expired would add up to {}, {} too much. An event that really goes beyond says \"over\": true",
                pledge.id,
                money(pledged),
                money(gone),
                money(figures.excess()),
            ),
        ),
    })
}
