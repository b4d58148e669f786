//! A pledge among others: parents and children, first announcements and restatements.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use uuid::Uuid;

use super::{
    Pledge,
    figures::{Equivalent, Happened, Part, Range},
    terms::{Anew, Moved, SaidEquivalent, Terms},
};
use crate::{
    error::{Detail, Faults, Result},
    values::Currency,
};

/// Another pledge, as far as kinship goes.
#[derive(Debug)]
pub(super) struct Relative {
    pub id: Uuid,
    pub participant_id: Option<Uuid>,
    pub parent_id: Option<Uuid>,
    pub restates_id: Option<Uuid>,
    pub currency: Option<Currency>,
    pub announced_first: Option<NaiveDate>,
    pub announced_last: Option<NaiveDate>,
    pub pledged: Range,
    /// What it is to its parent, and in which currency.
    pub taken_currency: Option<Currency>,
    pub part: Part,
}

/// The pledges that one names, and those that name it.
pub(super) struct Relatives<'a> {
    pub parent: Option<&'a Relative>,
    pub first: Option<&'a Relative>,
    pub children: Vec<&'a Relative>,
    pub restatements: Vec<&'a Relative>,
}

/// Pledges that others may be related to, each by its id and by those that it names.
#[derive(Debug, Default)]
pub(super) struct Family {
    pledges: BTreeMap<Uuid, Relative>,
    children: HashMap<Uuid, Vec<Uuid>>,
    restatements: HashMap<Uuid, Vec<Uuid>>,
}

impl FromIterator<Relative> for Family {
    fn from_iter<I: IntoIterator<Item = Relative>>(all: I) -> Self {
        let pledges: BTreeMap<Uuid, Relative> = all.into_iter().map(|it| (it.id, it)).collect();
        let (mut children, mut restatements) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        for it in pledges.values() {
            if let Some(parent) = it.parent_id {
                children.entry(parent).or_default().push(it.id);
            }
            if let Some(first) = it.restates_id {
                restatements.entry(first).or_default().push(it.id);
            }
        }
        Self {
            pledges,
            children,
            restatements,
        }
    }
}

impl Family {
    pub fn has(&self, id: Uuid) -> bool {
        self.pledges.contains_key(&id)
    }

    /// Whose pledge this is.
    pub fn owner(&self, id: Uuid) -> Option<Uuid> {
        self.pledges.get(&id)?.participant_id
    }

    /// The pledges that this one names, and those that name it.
    pub fn relatives(&self, id: Uuid, parent: Option<Uuid>, restates: Option<Uuid>) -> Relatives<'_> {
        let named = |id: Option<Uuid>| self.pledges.get(&id?);
        let naming = |by: &HashMap<Uuid, Vec<Uuid>>| {
            let ids = by.get(&id).into_iter().flatten();
            ids.filter_map(|id| self.pledges.get(id)).collect()
        };
        Relatives {
            parent: named(parent),
            first: named(restates),
            children: naming(&self.children),
            restatements: naming(&self.restatements),
        }
    }
}

/// A pledge, and those that it names as its parent and as what it restates.
pub(super) type Link = (Uuid, Option<Uuid>, Option<Uuid>);

/// The pledges that are made up of themselves, as parents are of their parts and restatements of what they restate. No write
/// makes such a one any more.
pub(super) fn in_circles(links: impl IntoIterator<Item = Link>) -> Vec<Uuid> {
    let mut made_up_of: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for (id, parent, restates) in links {
        if let Some(parent) = parent {
            made_up_of.entry(parent).or_default().push(id);
        }
        if let Some(first) = restates {
            made_up_of.entry(id).or_default().push(first);
        }
    }
    let is_in_one = |start: &Uuid| {
        let mut met = HashSet::new();
        let mut waiting = vec![start];
        while let Some(next) = waiting.pop() {
            for of in made_up_of.get(next).into_iter().flatten() {
                if of == start {
                    return true;
                }
                if met.insert(of) {
                    waiting.push(of);
                }
            }
        }
        false
    };
    made_up_of.keys().copied().filter(is_in_one).collect()
}

/// What is said of what a pledge is in its parent's currency.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub equivalent: Option<&'a SaidEquivalent>,
    /// By this very write; else it may be what was said before, of another parent.
    pub anew: Anew,
    /// Which of the amounts that it is of this write changes.
    pub moved: Moved,
}

/// Checks a pledge that is about to be written against its relatives. What it is in its parent's currency is known by
/// then; `said` is what is said of that, and `before` what it was.
pub(super) fn check(
    this: &mut Pledge,
    said: Said,
    before: Option<Equivalent>,
    relatives: &Relatives,
) -> Result<()> {
    let mut faults = Faults::default();
    this.equivalent = equivalent(&this.terms, said, before, relatives.parent, &mut faults);
    if let Some(parent) = relatives.parent {
        as_child(this, parent, &mut faults);
    }
    if let Some(first) = relatives.first {
        as_restatement(this, first, &mut faults);
    }
    for child in &relatives.children {
        as_parent(this, child, &mut faults);
    }
    for restatement in &relatives.restatements {
        as_first(this, restatement, &mut faults);
    }
    faults.or_invalid()
}

/// What a pledge is in its parent's currency, where that is another one.
fn equivalent(
    terms: &Terms,
    said: Said,
    before: Option<Equivalent>,
    parent: Option<&Relative>,
    faults: &mut Faults,
) -> Option<Equivalent> {
    let at = "/equivalent";
    let Said {
        equivalent: said,
        anew,
        moved,
    } = said;
    let unchanged = before.filter(|before| said.is_some_and(|said| said.is(before)));
    let others = parent
        .and_then(|it| it.currency)
        .filter(|it| Some(*it) != terms.currency);
    match (said, others) {
        (None, None) => None,
        (None, Some(others)) => {
            if let Some(own) = terms.currency {
                faults.add(at, "required", format!("is required of a part in {own}, as its parent is in {others}: say what it is there, amount by amount"));
            }
            None
        }
        (Some(said), Some(others)) => {
            let left = before.map(|kept| {
                let left = said.left_over(&kept, others, terms, (moved, anew));
                (left.pointers(), kept.currency)
            });
            let (left, kept) = left.unwrap_or((Vec::new(), others));
            for pointer in &left {
                if kept == others {
                    let detail = format!("is of the amount before; say anew what the part is in {others}");
                    faults.add(pointer, "amount", detail);
                } else {
                    let detail = format!("is in {kept}, and the parent in {others}; say it anew");
                    faults.add(pointer, "currency", detail);
                }
            }
            left.is_empty().then(|| said.in_currency(others, terms, faults))
        }
        // It stays when the part leaves its parent, and goes with the amount that it is of, or where that one is in its currency.
        (Some(_), None) if parent.is_none() && unchanged.is_some() && !(moved.is_any() && anew.is_any()) => {
            unchanged.filter(|it| !moved.is_any() && terms.currency != Some(it.currency))
        }
        (Some(_), None) => {
            let detail = if parent.is_some() {
                "goes with a part in another currency than its parent's alone; send null"
            } else {
                "says what a part is in its parent's currency; name the parent, or send null"
            };
            faults.add(at, "value", detail);
            None
        }
    }
}

fn as_child(this: &Pledge, parent: &Relative, faults: &mut Faults) {
    let Pledge { refs, terms, .. } = this;
    let name = format!("pledges/{}", parent.id);
    if parent.id == this.id {
        faults.add(
            "/parent",
            "kinship",
            "names the pledge itself; a pledge is no part of itself",
        );
        return;
    }
    if let Some(grandparent) = parent.parent_id {
        faults.add(
            "/parent",
            "kinship",
            Detail::of(format!(
                "{name} is itself a part of pledges/{grandparent}; parts have no parts. Name that one"
            ))
            .naming(&name),
        );
    }
    if let Some(first) = parent.restates_id {
        faults.add(
            "/parent",
            "kinship",
            Detail::of(format!(
                "{name} restates pledges/{first}, and a restatement has no parts. Name that one"
            ))
            .naming(&name),
        );
    }
    if parent.currency.is_none() {
        faults.add(
            "/parent",
            "kinship",
            Detail::of(format!(
                "{name} states no amount, so nothing can be a part of it; give it one first"
            ))
            .naming(&name),
        );
    }
    if !terms.has_amounts() {
        faults.add(
            "/amount",
            "required",
            "is required of a part, as the parent counts what its parts do not",
        );
    } else if parent.pledged.point.is_some() && terms.amount.is_none() {
        faults.add("/amount", "required", Detail::of(format!("is required, as {name} states one amount and counts what its parts do not; a range may stand beside it")).naming(&name));
    } else if parent.pledged.point.is_some() && this.equivalent.is_some_and(|it| it.amount.point.is_none()) {
        faults.add("/equivalent/amount", "required", Detail::of(format!("is required, as {name} states one amount and counts what is left of it; a range may stand beside it")).naming(&name));
    }
    if parent.participant_id.is_some() && parent.participant_id != refs.participant_id {
        faults.add(
            "/participant",
            "kinship",
            Detail::of(format!("must be that of {name}, unless that one is collective")).naming(&name),
        );
    }
    if refs.restates == Some(parent.id) {
        faults.add(
            "/restates",
            "kinship",
            "names the parent; a pledge is a part of it or restates it, not both",
        );
    }
}

fn as_restatement(this: &Pledge, first: &Relative, faults: &mut Faults) {
    let Pledge { refs, terms, .. } = this;
    let name = format!("pledges/{}", first.id);
    if first.id == this.id {
        faults.add(
            "/restates",
            "kinship",
            "names the pledge itself; name the one that was announced first",
        );
        return;
    }
    if let Some(earlier) = first.restates_id {
        faults.add(
            "/restates",
            "kinship",
            Detail::of(format!(
                "{name} itself restates pledges/{earlier}; name that one, the first announcement"
            ))
            .naming(&name),
        );
    }
    if first.participant_id != refs.participant_id {
        faults.add(
            "/restates",
            "kinship",
            Detail::of(format!(
                "{name} was made by another participant; one restates only what it promised itself"
            ))
            .naming(&name),
        );
    }
    if first.currency != terms.currency {
        faults.add(
            "/currency",
            "kinship",
            Detail::of(format!("must be that of {name}, {}", text(first.currency))).naming(&name),
        );
    }
    if let (Some(began), Some(this)) = (first.announced_first, terms.announced_on)
        && began > this.last()
    {
        faults.add("/restates", "kinship", Detail::of(format!("{name} was announced later, on {began} at the earliest; the first announcement is what is restated")).naming(&name));
    }
    if refs.parent.is_some() && first.parent_id == refs.parent {
        faults.add("/restates", "kinship", Detail::of(format!("{name} is a part of the same parent, which would count it twice; make only one of them its part")).naming(&name));
    }
}

/// What a pledge that has parts must stay.
fn as_parent(this: &Pledge, child: &Relative, faults: &mut Faults) {
    let Pledge { refs, terms, .. } = this;
    let name = format!("pledges/{}", child.id);
    if refs.parent.is_some() {
        faults.add(
            "/parent",
            "kinship",
            Detail::of(format!(
                "cannot be set: {name} is a part of this pledge, and parts have no parts"
            ))
            .naming(&name),
        );
    }
    if refs.restates.is_some() {
        faults.add(
            "/restates",
            "kinship",
            Detail::of(format!(
                "cannot be set: {name} is a part of this pledge, and a restatement has no parts"
            ))
            .naming(&name),
        );
    }
    if !terms.has_amounts() {
        faults.add(
            "/amount",
            "kinship",
            Detail::of(format!("must not go: {name} is a part of it")).naming(&name),
        );
    } else if terms.amount.is_some() && child.part.taken.point.is_none() {
        faults.add(
            "/amount",
            "kinship",
            Detail::of(format!(
                "cannot be given: its part {name} states none, only a range"
            ))
            .naming(&name),
        );
    }
    if child.taken_currency != terms.currency {
        faults.add(
            "/currency",
            "kinship",
            Detail::of(format!(
                "must stay {}, in which its part {name} is taken of it",
                text(child.taken_currency)
            ))
            .naming(&name),
        );
    }
    if refs.participant_id.is_some() && child.participant_id != refs.participant_id {
        faults.add(
            "/participant",
            "kinship",
            Detail::of(format!("must stay that of its part {name}, or null")).naming(&name),
        );
    }
}

/// What a pledge that others restate must stay.
fn as_first(this: &Pledge, restatement: &Relative, faults: &mut Faults) {
    let Pledge { refs, terms, .. } = this;
    let name = format!("pledges/{}", restatement.id);
    if refs.restates.is_some() {
        faults.add(
            "/restates",
            "kinship",
            Detail::of(format!(
                "cannot be set: {name} restates this pledge, and names the first announcement"
            ))
            .naming(&name),
        );
    }
    if restatement.participant_id != refs.participant_id {
        faults.add(
            "/participant",
            "kinship",
            Detail::of(format!("must stay that of {name}, which restates it")).naming(&name),
        );
    }
    if restatement.currency != terms.currency {
        faults.add(
            "/currency",
            "kinship",
            Detail::of(format!(
                "must stay {}, that of {name}, which restates it",
                text(restatement.currency)
            ))
            .naming(&name),
        );
    }
    if let (Some(ended), Some(this)) = (restatement.announced_last, terms.announced_on)
        && this.first() > ended
    {
        faults.add(
            "/announced_on",
            "kinship",
            Detail::of(format!("must not be after {ended}, when {name} restated it")).naming(&name),
        );
    }
    if refs.parent.is_some() && restatement.parent_id == refs.parent {
        faults.add(
            "/parent",
            "kinship",
            Detail::of(format!(
                "{name}, which restates it, is a part of the same parent; that would count it twice"
            ))
            .naming(&name),
        );
    }
}

/// Checks new terms against the events that a pledge has.
pub(super) fn check_events(happened: &[Happened], before: &Pledge, after: &Pledge) -> Result<()> {
    let terms = &after.terms;
    if happened.is_empty() {
        return Ok(());
    }
    let mut faults = Faults::default();
    let amounts = happened.iter().any(|event| event.amount.is_some());
    if after.refs.restates.is_some() {
        faults.add("/restates", "events", "cannot be set: the pledge has events, and a restatement takes none. Move them to the first announcement");
    }
    if amounts && terms.currency != before.terms.currency {
        faults.add(
            "/currency",
            "events",
            format!(
                "must stay {}: its events have amounts in it",
                text(before.terms.currency)
            ),
        );
    }
    let moved = happened.iter().any(Happened::moves_pledged);
    if moved && terms.amount.is_none() {
        faults.add(
            "/amount",
            "events",
            "must stay: events have increased or reduced it",
        );
    }
    if let Some(Equivalent { currency, .. }) = after.equivalent {
        let silent = |it: &&Happened| it.moves_pledged() && it.equivalent_in(currency).is_none();
        let silent: Vec<_> = happened.iter().filter(silent).collect();
        if !silent.is_empty() {
            faults.add(
                "/equivalent",
                "events",
                format!(
                    "cannot be given in {currency}: {} do not say what they are in it; retract them, and post them anew with their equivalent",
                    listed(&silent)
                ),
            );
        }
    }
    let bare: Vec<_> = happened.iter().filter(|it| is_without_its_amount(it)).collect();
    if terms.has_amounts() && !bare.is_empty() {
        faults.add(
            given(after),
            "events",
            format!(
                "cannot be given: the pledge has events without amounts, {}; retract them first, and write down with amounts what was paid or lost",
                listed(&bare)
            ),
        );
    }
    faults.or_invalid()
}

/// Whether it could not happen to a pledge that has an amount.
fn is_without_its_amount(event: &Happened) -> bool {
    event.stage.is_of_deeds() || (event.stage.moves_money() && event.amount.is_none())
}

/// The amount that a pledge states first.
fn given(pledge: &Pledge) -> &'static str {
    match pledge.terms.amounts() {
        Range { point: Some(_), .. } => "/amount",
        // "Up to" begins at nothing, said or not.
        Range {
            min: None | Some(0), ..
        } => "/amount_max",
        _ => "/amount_min",
    }
}

/// How many events are named where there are more.
const NAMED: usize = 20;

fn listed(events: &[&Happened]) -> String {
    let named = events.iter().take(NAMED);
    let named: Vec<_> = named
        .map(|it| format!("{} (events/{})", it.stage, it.id))
        .collect();
    let more = events.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    named.join(", ") + &more
}

fn text(currency: Option<Currency>) -> String {
    currency.map_or_else(|| "none".to_owned(), |currency| currency.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        pledges::figures::{Standing, State},
        values::assert_in_proportion,
    };

    fn pledge(id: u128, parent: Option<u128>, restates: Option<u128>) -> Relative {
        Relative {
            id: Uuid::from_u128(id),
            participant_id: None,
            parent_id: parent.map(Uuid::from_u128),
            restates_id: restates.map(Uuid::from_u128),
            currency: None,
            announced_first: None,
            announced_last: None,
            pledged: Range::default(),
            taken_currency: None,
            part: Part {
                taken: Range::default(),
                standing: Standing {
                    state: State::Open,
                    is_paid: false,
                    kept_on: None,
                },
            },
        }
    }

    #[test]
    fn relatives_are_those_that_one_names_and_those_that_name_it() {
        let family: Family = [
            pledge(4, Some(2), Some(1)),
            pledge(3, Some(2), None),
            pledge(1, None, None),
            pledge(2, None, None),
        ]
        .into_iter()
        .collect();
        let id = Uuid::from_u128;
        let ids = |found: &[&Relative]| found.iter().map(|it| it.id.as_u128()).collect::<Vec<_>>();
        let of_parent = family.relatives(id(2), None, None);
        assert_eq!(ids(&of_parent.children), [3, 4]);
        assert!(of_parent.restatements.is_empty() && of_parent.parent.is_none() && of_parent.first.is_none());
        let of_first = family.relatives(id(1), None, None);
        assert_eq!(ids(&of_first.restatements), [4]);
        let of_new = family.relatives(id(9), Some(id(2)), Some(id(1)));
        assert_eq!(of_new.parent.map(|it| it.id), Some(id(2)));
        assert_eq!(of_new.first.map(|it| it.id), Some(id(1)));
        assert!(of_new.children.is_empty() && of_new.restatements.is_empty());
    }

    #[test]
    fn what_is_made_up_of_itself_is_found_however_far_it_goes_round() {
        let circles = |links: &[(u128, Option<u128>, Option<u128>)]| {
            let id = |it: &u128| Uuid::from_u128(*it);
            let links = links
                .iter()
                .map(|(it, parent, restates)| (id(it), parent.as_ref().map(id), restates.as_ref().map(id)));
            let found = in_circles(links).into_iter();
            found.map(|it| it.as_u128()).collect::<Vec<_>>()
        };
        // Two parents, each of which has a part that restates the other; 7 is made up of them, and is none of them.
        let mut links = vec![
            (3, Some(1), Some(2)),
            (4, Some(2), Some(1)),
            (8, Some(7), Some(1)),
        ];
        assert_eq!(circles(&links), [1, 2, 3, 4]);
        links[1].2 = Some(5);
        assert!(circles(&links).is_empty());
        // Announcements that restate each other, and parts of each other.
        assert_eq!(circles(&[(1, None, Some(2)), (2, None, Some(1))]), [1, 2]);
        assert_eq!(circles(&[(1, Some(2), None), (2, Some(1), None)]), [1, 2]);
        assert_eq!(circles(&[(1, Some(1), None)]), [1]);
        // Siblings are no circle, and neither is a part that restates another's part.
        assert!(circles(&[(2, Some(1), None), (3, Some(1), Some(2))]).is_empty());
    }

    #[test]
    fn the_relatives_of_many_cost_their_number() {
        let family = |size: usize| -> Family { (0..size as u128).map(|id| pledge(id, None, None)).collect() };
        assert_in_proportion(300, family, |family| {
            let new = Uuid::from_u128(u128::MAX);
            for parent in family.pledges.keys() {
                let relatives = family.relatives(new, Some(*parent), None);
                assert!(relatives.parent.is_some() && relatives.children.is_empty());
            }
        });
    }
}
