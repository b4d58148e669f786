//! At what of a request a fault of sums points. They are of several pledges, and one record alone was sent.

use super::{Pledge, events::Event, figures::Range};

/// The members that say how little, how much, and how much at most: the same where the request has but one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pointers {
    pub least: &'static str,
    pub point: &'static str,
    pub most: &'static str,
}

impl Pointers {
    const fn all(pointer: &'static str) -> Self {
        Self {
            least: pointer,
            point: pointer,
            most: pointer,
        }
    }
}

/// What a request says of a pledge or of an event, as far as sums follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    /// In the pledge's own currency.
    pub own: Pointers,
    /// What that is of its parent, or in that one's currency.
    pub of_parent: Pointers,
}

const AMOUNTS: [&str; 3] = ["/amount_min", "/amount", "/amount_max"];
const EQUIVALENTS: [&str; 3] = [
    "/equivalent/amount_min",
    "/equivalent/amount",
    "/equivalent/amount_max",
];

/// An amount as it was, where it was, and as it is to be.
type Moved = (&'static str, Option<i64>, Option<i64>);

impl Sent {
    /// What has no body: a record is taken back, or brought back.
    pub const NOTHING: Self = Self {
        own: Pointers::all(""),
        of_parent: Pointers::all(""),
    };

    /// A pledge; `before` is how it was, where it was there.
    pub fn pledge(before: Option<&Pledge>, after: &Pledge) -> Self {
        let amounts = |of: &Pledge| of.terms.amounts();
        let own = pointers(before, after, AMOUNTS, amounts);
        let of_parent = if after.equivalent.is_some() {
            let equivalents = |of: &Pledge| of.equivalent.map(|it| it.amount).unwrap_or_default();
            pointers(before, after, EQUIVALENTS, equivalents)
        } else {
            own
        };
        Self { own, of_parent }
    }

    /// An event, in the same way.
    pub fn event(before: Option<&Event>, after: &Event) -> Self {
        let pointer = |first: &'static str| {
            let Some(before) = before else { return first };
            let moved = [
                ("/equivalent", before.equivalent != after.equivalent),
                ("/amount", before.amount != after.amount),
                ("/stage", before.stage != after.stage),
                ("/over", before.over != after.over),
            ];
            // An equivalent is nothing to what has the pledge's own currency.
            let mut moved = moved
                .iter()
                .filter(|(name, _)| first == "/equivalent" || *name != "/equivalent");
            moved.find(|(_, moved)| *moved).map_or(first, |(name, _)| name)
        };
        let own = pointer("/amount");
        let of_parent = if after.equivalent.is_some() {
            pointer("/equivalent")
        } else {
            own
        };
        Self {
            own: Pointers::all(own),
            of_parent: Pointers::all(of_parent),
        }
    }
}

/// Of the amounts of a pledge the one that is too much, or too little: one that moved, else what moved in their place, as a
/// parent.
fn pointers(
    before: Option<&Pledge>,
    after: &Pledge,
    names: [&'static str; 3],
    amounts: impl Fn(&Pledge) -> Range,
) -> Pointers {
    let was = before.map(&amounts).unwrap_or_default();
    let is = amounts(after);
    // "Up to" begins at nothing, said or not.
    let said = |figure: Option<i64>| figure.filter(|it| *it > 0);
    let least: Moved = (names[0], said(was.min), said(is.min));
    let point: Moved = (names[1], was.point, is.point);
    let most: Moved = (names[2], was.max, is.max);
    let instead = before.and_then(|before| {
        let others = [
            ("/parent", before.refs.parent != after.refs.parent),
            ("/currency", before.terms.currency != after.terms.currency),
            ("/qualifier", before.terms.qualifier != after.terms.qualifier),
        ];
        others.into_iter().find(|(_, moved)| *moved).map(|(name, _)| name)
    });
    // An exact amount is the least and the most as well.
    let first = |meant: &[Moved], all: [Moved; 3]| {
        let moved = |among: &[Moved]| among.iter().find(|(_, was, is)| was != is).map(|it| it.0);
        let stated = || all.iter().find(|(.., is)| is.is_some()).map(|it| it.0);
        moved(meant)
            .or(instead)
            .or_else(|| moved(&all))
            .or_else(stated)
            .unwrap_or(names[1])
    };
    Pointers {
        least: first(&[least, point], [least, point, most]),
        point: first(&[point], [point, most, least]),
        most: first(&[most, point], [most, point, least]),
    }
}
