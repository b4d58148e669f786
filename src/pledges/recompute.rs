//! The derived figures of a pledge, brought up to date in the write that touches them.

use uuid::Uuid;

use super::{
    Pledge, Timing, events,
    figures::{Beyond, Figures, Happened, Misfit, Parts, Range},
    sql,
};
use crate::{
    error::{Error, Faults, Result},
    history::Write,
    records::must_find,
    values::decimal,
};

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

/// Brings a pledge's derived figures up to date with its events, which the same write has changed: so its version goes
/// up also where no figure moved.
pub(super) async fn recompute_figures(write: &mut Write, before: Pledge, excess: Excess) -> Result<Pledge> {
    let happened = events::sql::happened(&mut write.conn, before.id).await?;
    let parts = parts(sql::parts_taken(&mut write.conn, before.id).await?)?;
    let figures = figures(&before, &before, &happened, parts.as_ref(), excess)?;
    let after = Pledge {
        figures,
        timing: Timing::of(&before.terms, &figures, &happened, before.timing.cited_last),
        ..before.clone()
    };
    write.raise(before, after, sql::figure_cells).await
}

/// What a pledge comes to with these events and beside its parts, if that may be. `before` is how it was, `after` how it
/// is but for the figures; its parts are what they were.
pub(super) fn figures(
    before: &Pledge,
    after: &Pledge,
    happened: &[Happened],
    parts: Option<&Parts>,
    excess: Excess,
) -> Result<Figures> {
    let before = before.figures.excess(&before.promise(), parts);
    figures_beside(after, happened, parts, excess, before)
}

fn figures_beside(
    pledge: &Pledge,
    happened: &[Happened],
    parts: Option<&Parts>,
    excess: Excess,
    before: i64,
) -> Result<Figures> {
    let promise = pledge.promise();
    let figures = Figures::of(&promise, happened, parts).map_err(misfit)?;
    // An event may go beyond what was pledged and say so; parts never go beyond the whole.
    if let Some(beyond) = parts.and_then(|parts| figures.beyond(&promise, parts)) {
        return Err(parts_exceed(pledge, beyond));
    }
    let now = figures.excess(&promise, parts);
    let refused = match excess {
        Excess::Allowed => false,
        Excess::Refused => now > 0,
        Excess::NotDeeper => now > before,
    };
    if refused {
        return Err(overrun(pledge, &figures, parts, now));
    }
    Ok(figures)
}

/// Brings up to date what counts of the parents of a pledge, which the same write has changed: what it was to them, and
/// what it is.
pub(super) async fn recompute_parents(
    write: &mut Write,
    before: Option<&Pledge>,
    after: Option<&Pledge>,
) -> Result<()> {
    let parent = |part: Option<&Pledge>| part.and_then(|it| it.refs.parent);
    let (old, new) = (parent(before), parent(after));
    if let Some(old) = old.filter(|old| Some(*old) != new) {
        recompute_parent(write, old, before, None).await?;
    }
    if let Some(new) = new {
        let before = before.filter(|_| old == Some(new));
        recompute_parent(write, new, before, after).await?;
    }
    Ok(())
}

async fn recompute_parent(
    write: &mut Write,
    id: Uuid,
    part_before: Option<&Pledge>,
    part_after: Option<&Pledge>,
) -> Result<()> {
    let before: Pledge = must_find(&mut write.conn, id).await?;
    let happened = events::sql::happened(&mut write.conn, id).await?;
    let parts = parts(sql::parts_taken(&mut write.conn, id).await?)?;
    let point = |part: Option<&Pledge>| part.and_then(|it| it.figures.taken().point).unwrap_or(0);
    // What they were together: nothing but this part has moved, and where there are none it was the last.
    let then = parts
        .or(part_before.map(|_| Parts::default()))
        .map(|parts| Parts {
            point: parts.point - point(part_after) + point(part_before),
            ..parts
        });
    let excess = before.figures.excess(&before.promise(), then.as_ref());
    let figures = figures_beside(&before, &happened, parts.as_ref(), Excess::NotDeeper, excess)?;
    let after = Pledge {
        figures,
        timing: Timing::of(&before.terms, &figures, &happened, before.timing.cited_last),
        ..before.clone()
    };
    write.change(before, after, sql::figure_cells).await.map(drop)
}

/// What a pledge's parts take of it together; none where it has none.
pub(super) fn parts(taken: Vec<Range>) -> Result<Option<Parts>> {
    Parts::of(taken).map_err(misfit)
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

/// Writes amounts of a pledge, which has a currency where it has any.
fn money(pledge: &Pledge) -> impl Fn(i64) -> String {
    let currency = pledge.terms.currency;
    move |minor| currency.map_or_else(String::new, |it| format!("{it} {}", decimal(minor, it)))
}

/// Parts are more than their whole can be: says how much of each.
fn parts_exceed(pledge: &Pledge, beyond: Beyond) -> Error {
    let money = money(pledge);
    let id = pledge.id;
    let detail = match beyond {
        Beyond::Most { most, least } => format!(
            "pledges/{id} is {} at most; its parts would be {} at least, {} too much",
            money(most),
            money(least),
            money(least.saturating_sub(most)),
        ),
        Beyond::Whole { whole, parts } => format!(
            "pledges/{id} can be {} in parts; they would add up to {}, {} too much",
            money(whole),
            money(parts),
            money(parts.saturating_sub(whole)),
        ),
    };
    Error::Invalid(Faults::one("/amount", "exceeds_parent", detail))
}

/// What was paid or lost is more than what was pledged: says how much of each.
fn overrun(pledge: &Pledge, figures: &Figures, parts: Option<&Parts>, excess: i64) -> Error {
    let money = money(pledge);
    let gone = figures
        .paid
        .unwrap_or(0)
        .saturating_add(figures.withdrawn.unwrap_or(0));
    let pledged = figures.pledged.point.or(figures.pledged.max).unwrap_or(0);
    let (id, pledged, gone, excess) = (pledge.id, money(pledged), money(gone), money(excess));
    Error::Invalid(match parts {
        Some(parts) if figures.pledged.point.is_some() => Faults::one(
            "/amount",
            "exceeds_parent",
            format!(
                "pledges/{id} states {pledged}; its parts would add up to {} and {gone} is paid or lost on itself, {excess} too much",
                money(parts.point),
            ),
        ),
        Some(_) => Faults::one(
            "/amount",
            "exceeds_parent",
            format!(
                "pledges/{id} states {pledged} at most, of which its parts would leave {}; {gone} is paid or lost on itself, {excess} too much",
                money(figures.counted.max.unwrap_or(0)),
            ),
        ),
        None => Faults::one(
            "/amount",
            "exceeds_pledge",
            format!(
                "pledges/{id} states {pledged}; paid, redirected, withdrawn and expired would add up to {gone}, {excess} too much. An event that really goes beyond says \"over\": true",
            ),
        ),
    })
}
