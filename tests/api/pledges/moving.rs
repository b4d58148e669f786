//! Parts in another currency that are moved in every way, against what the writes that were taken say.

use serde_json::Value;

use super::{granted, patched};
use crate::{answer::Answer, prelude::*, reckoning::dice::Dice};

/// Least, single and greatest amount, in hundredths.
type Range = [Option<i64>; 3];

const AMOUNTS: [&str; 3] = ["amount_min", "amount", "amount_max"];
const CURRENCIES: [&str; 3] = ["EUR", "USD", "GBP"];

/// A pledge as far as it is moved here.
#[derive(Debug, Clone)]
struct Moving {
    id: String,
    /// Its place among the parents.
    parent: Option<usize>,
    qualifier: &'static str,
    currency: &'static str,
    stated: Range,
    equivalent: Option<(&'static str, Range)>,
    live: bool,
    events: Vec<Event>,
}

#[derive(Debug, Clone)]
struct Event {
    id: String,
    /// Below zero where it reduced the pledge.
    sign: i64,
    amount: i64,
    equivalent: Option<(&'static str, i64)>,
    live: bool,
}

/// What of an equivalent a patch says.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Says {
    Nothing,
    Empty,
    WhatWasRead,
    All,
    Null,
}

fn money(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn minor(amount: &Value) -> Option<i64> {
    amount.as_str().map(|it| it.replace('.', "").parse().unwrap())
}

/// The three amounts of a range, as they are sent.
fn said(range: Range) -> Value {
    let pairs = AMOUNTS.into_iter().zip(range);
    let each = pairs.map(|(name, minor)| (name.to_owned(), json!(minor.map(money))));
    Value::Object(each.collect())
}

fn meant(qualifier: &str, [min, point, max]: Range) -> Range {
    match qualifier {
        "exact" | "about" => [min.or(point), point, max.or(point)],
        "up_to" => [min.or(Some(0)), None, max],
        "at_least" => [min, None, None],
        _ => [min, point, max],
    }
}

impl Moving {
    fn terms(dice: &mut Dice) -> (&'static str, Range) {
        let amount = 20_000 + i64::try_from(dice.roll(5)).unwrap() * 1_000;
        let (low, high) = (Some(amount - 500), Some(amount + 500));
        match dice.roll(7) {
            0 => ("about", [low, Some(amount), high]),
            1 => ("about", [None, Some(amount), None]),
            2 => ("up_to", [None, None, high]),
            3 => ("at_least", [low, None, None]),
            4 => ("between", [low, None, high]),
            5 => ("between", [low, Some(amount), high]),
            _ => ("exact", [None, Some(amount), None]),
        }
    }

    /// What it takes of its parent, with what moved it.
    fn taken(&self) -> Range {
        let live = || self.events.iter().filter(|it| it.live);
        let (stated, moved) = match self.equivalent {
            None => (self.stated, live().map(|it| it.sign * it.amount).sum::<i64>()),
            Some((currency, stated)) => {
                let each = live().map(|it| {
                    let (of, amount) = it.equivalent.unwrap();
                    assert_eq!(of, currency, "{self:?}");
                    it.sign * amount
                });
                (stated, each.sum())
            }
        };
        meant(self.qualifier, stated).map(|figure| Some(figure? + moved))
    }

    fn has_live_events(&self) -> bool {
        self.events.iter().any(|it| it.live)
    }

    /// What its equivalent is once it is patched to be the other, where that is taken.
    fn equivalent_of(
        &self,
        next: &Self,
        others: Option<&'static str>,
        says: Says,
    ) -> Option<(&'static str, Range)> {
        let has_moved = self.currency != next.currency || self.stated != next.stated;
        match others {
            Some(others) if says == Says::All => Some((others, twice(next.stated))),
            Some(others) => {
                // Nothing was said anew: so no amount of it may be of another one.
                let (currency, range) = self.equivalent.unwrap();
                assert_eq!(currency, others, "{self:?} {next:?}");
                assert_eq!(self.currency, next.currency, "{self:?} {next:?}");
                for (at, said) in range.iter().enumerate() {
                    let is_said = said.is_some_and(|it| it > 0);
                    assert!(
                        !is_said || self.stated[at] == next.stated[at],
                        "{self:?} {next:?}"
                    );
                }
                Some((currency, range))
            }
            None if next.parent.is_some() || says == Says::Null || has_moved => None,
            None => self.equivalent,
        }
    }
}

/// What so much is in any other currency.
fn twice(range: Range) -> Range {
    range.map(|it| it.map(|it| it * 2))
}

/// Everything that the register says of a part's equivalent, and of what its parents have left.
async fn assert_as_reckoned(
    app: &App,
    parts: &[Moving],
    parents: &[(String, &'static str, Range)],
    at: usize,
) {
    let part = &parts[at];
    if part.live {
        let now = app.pledge_now(&part.id).await;
        let (currency, range) = part.equivalent.unzip();
        assert_eq!(now["equivalent_currency"], json!(currency), "{part:?}");
        let range = range.map(|it| {
            if part.qualifier == "up_to" {
                meant("up_to", it)
            } else {
                it
            }
        });
        assert_eq!(now["equivalent"], range.map_or(Value::Null, said), "{part:?}");
    }
    for (place, (id, _, own)) in parents.iter().enumerate() {
        let taken = parts
            .iter()
            .filter(|it| it.live && it.parent == Some(place))
            .map(Moving::taken);
        let taken: Vec<Range> = taken.collect();
        let now = app.pledge_now(id).await;
        for (figure, name) in ["counted_min", "counted", "counted_max"].into_iter().enumerate() {
            let left = own[figure].map(|own| {
                if figure == 2 && taken.iter().any(|it| it[2].is_none()) {
                    return 0;
                }
                let sum: i64 = taken.iter().filter_map(|it| it[figure]).sum();
                (own - sum).max(0)
            });
            assert_eq!(minor(&now[name]), left, "{name} of {now} with {parts:?}");
        }
    }
}

/// A refusal of what was asked, which is one for its reasons.
fn assert_refused(answer: &Answer) {
    assert!(answer.status == 422, "{answer}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn however_a_part_is_moved_its_parent_has_what_is_left(#[case] engine: Engine) {
    let mut dice = Dice::seeded("EQUIVALENTS_SEED", 2031);
    let app = App::start(engine).await;
    let large = 100_000_000;
    let mut parents: Vec<(String, &'static str, Range)> = Vec::new();
    for (qualifier, currency, stated) in [
        ("exact", "USD", [None, Some(large), None]),
        ("at_least", "USD", [Some(large), None, None]),
        ("up_to", "GBP", [None, None, Some(large)]),
        ("about", "GBP", [Some(large - 1), Some(large), Some(large + 1)]),
        ("between", "EUR", [Some(large), None, Some(large + 1)]),
    ] {
        let mut parent = said(stated);
        parent["qualifier"] = json!(qualifier);
        parent["currency"] = json!(currency);
        parents.push((granted(&app, parent).await, currency, meant(qualifier, stated)));
    }
    let mut parts: Vec<Moving> = Vec::new();
    for _ in 0..5 {
        let (qualifier, stated) = Moving::terms(&mut dice);
        let mut part = said(stated);
        part["qualifier"] = json!(qualifier);
        part["currency"] = json!("EUR");
        parts.push(Moving {
            id: granted(&app, part).await,
            parent: None,
            qualifier,
            currency: "EUR",
            stated,
            equivalent: None,
            live: true,
            events: Vec::new(),
        });
    }
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..150 {
        let at = dice.roll(parts.len());
        let part = parts[at].clone();
        let is_taken = match dice.roll(8) {
            _ if !part.live => come_back(&app, &mut parts[at]).await,
            0 => {
                app.delete(&format!("/v1/pledges/{}", part.id)).await.expect(204);
                parts[at].live = false;
                true
            }
            1 => happen(&app, &mut dice, &mut parts[at]).await,
            2 if !part.events.is_empty() => correct(&app, &mut dice, &mut parts[at]).await,
            _ => patch(&app, &mut dice, &parents, &mut parts[at]).await,
        };
        *(if is_taken { &mut taken } else { &mut refused }) += 1;
        assert_as_reckoned(&app, &parts, &parents, at).await;
    }
    println!("{taken} taken, {refused} refused");
    assert!(taken > 40 && refused > 20, "{taken} taken, {refused} refused");
    app.check_kept_sums().await;
}

async fn come_back(app: &App, part: &mut Moving) -> bool {
    app.restore(&format!("/v1/pledges/{}", part.id)).await.ok();
    part.live = true;
    true
}

async fn happen(app: &App, dice: &mut Dice, part: &mut Moving) -> bool {
    let (stage, sign) = dice.of(&[("increased", 1), ("reduced", -1)]);
    let amount = 1 + i64::try_from(dice.roll(100)).unwrap();
    let says = !dice.one_in(4);
    let mut event = json!({"stage": stage, "occurred_on": "2019", "amount": money(amount)});
    if says && part.equivalent.is_some() {
        event["equivalent"] = json!(money(amount * 3));
    }
    let answer = app.post(&format!("/v1/pledges/{}/events", part.id), event).await;
    if answer.status != 201 {
        assert_refused(&answer);
        assert!(
            part.stated[1].is_none() || (part.equivalent.is_some() && !says),
            "{answer}"
        );
        return false;
    }
    part.events.push(Event {
        id: answer.id(),
        sign,
        amount,
        equivalent: part.equivalent.map(|(currency, _)| (currency, amount * 3)),
        live: true,
    });
    true
}

/// Another amount of an event, its retraction or its return.
async fn correct(app: &App, dice: &mut Dice, part: &mut Moving) -> bool {
    let which = dice.roll(part.events.len());
    let event = part.events[which].clone();
    let path = format!("/v1/pledges/{}/events/{}", part.id, event.id);
    if !event.live {
        let answer = app.restore(&path).await;
        part.events[which].live = answer.status == 200;
        return part.events[which].live;
    }
    if dice.one_in(3) {
        app.delete(&path).await.expect(204);
        part.events[which].live = false;
        return true;
    }
    let amount = 1 + i64::try_from(dice.roll(3)).unwrap();
    let mut fields = json!({"amount": money(amount)});
    let (says, is_read) = (dice.one_in(2), dice.one_in(3));
    if says {
        fields["equivalent"] = json!(money(amount * 5));
    } else if is_read {
        fields["equivalent"] = json!(event.equivalent.map(|it| money(it.1)));
        fields["equivalent_currency"] = json!(event.equivalent.map(|it| it.0));
    }
    let answer = app.patch(&path, fields).await;
    if answer.status != 200 {
        assert_refused(&answer);
        let is_due = part.equivalent.is_some() && !says && event.amount != amount;
        let is_idle = part.equivalent.is_none() && says;
        assert!(is_due || is_idle, "{answer} of {event:?} of {part:?}");
        return false;
    }
    let equivalent = match part.equivalent {
        Some((currency, _)) if says => Some((currency, amount * 5)),
        Some(_) => {
            assert_eq!(event.amount, amount, "{answer}");
            event.equivalent
        }
        None => event.equivalent.filter(|_| event.amount == amount),
    };
    assert_eq!(
        answer["equivalent"],
        json!(equivalent.map(|it| money(it.1))),
        "{event:?}"
    );
    part.events[which] = Event {
        amount,
        equivalent,
        ..event
    };
    true
}

async fn patch(
    app: &App,
    dice: &mut Dice,
    parents: &[(String, &'static str, Range)],
    part: &mut Moving,
) -> bool {
    let mut next = part.clone();
    let mut patch = json!({});
    if dice.one_in(2) {
        (next.qualifier, next.stated) = Moving::terms(dice);
        patch = said(next.stated);
        patch["qualifier"] = json!(next.qualifier);
    }
    if dice.one_in(4) {
        next.currency = dice.of(&CURRENCIES);
        patch["currency"] = json!(next.currency);
    }
    if dice.one_in(3) {
        let to = dice.roll(parents.len() + 2);
        next.parent = (to < parents.len()).then_some(to);
        patch["parent"] = json!(next.parent.map(|to| parents[to].0.clone()));
    }
    let says = dice.of(&[
        Says::Nothing,
        Says::Empty,
        Says::WhatWasRead,
        Says::All,
        Says::All,
        Says::Null,
    ]);
    let read = app.pledge_now(&part.id).await;
    match says {
        Says::Nothing => {}
        Says::Empty => patch["equivalent"] = json!({}),
        Says::WhatWasRead => {
            patch["equivalent"] = read["equivalent"].clone();
            patch["equivalent_currency"] = read["equivalent_currency"].clone();
        }
        Says::All => patch["equivalent"] = said(twice(next.stated)),
        Says::Null => patch["equivalent"] = Value::Null,
    }
    let others = next
        .parent
        .map(|it| parents[it].1)
        .filter(|it| *it != next.currency);
    let answer = patched(app, &part.id, patch.clone()).await;
    if answer.status != 200 {
        assert_refused(&answer);
        // Whoever says all of it is refused for other reasons alone: events, and a parent that has a point.
        let lacks_a_point =
            next.stated[1].is_none() && next.parent.is_some_and(|it| parents[it].2[1].is_some());
        let is_whole = others.is_some() && says == Says::All;
        assert!(
            !is_whole || lacks_a_point || part.has_live_events(),
            "{patch} of {part:?}: {answer}"
        );
        assert_eq!(app.pledge_now(&part.id).await.body, read.body, "{patch}");
        return false;
    }
    next.equivalent = part.equivalent_of(&next, others, says);
    *part = next;
    true
}
