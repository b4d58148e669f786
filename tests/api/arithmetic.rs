//! Whatever is written, in whatever order, the register's figures are those of a plain count.
//!
//! Random writes go over HTTP; what is refused is passed over. The count below
//! knows only what was accepted, and works everything out anew after every step,
//! by the words of the domain.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::prelude::*;

const STEPS: usize = 150;
/// Enough for every kind of kinship, and few enough for a quick look at all of them.
const MOST_LIVE: usize = 30;

/// Chance, the same at every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }

    fn amount(&mut self, most: usize) -> String {
        format!("{}.{}", 1 + self.roll(most), self.roll(10))
    }
}

#[derive(Clone)]
struct Event {
    id: String,
    live: bool,
    /// It went with its pledge, and comes back with it.
    went_along: bool,
    said: Value,
}

impl Event {
    fn first_day(&self) -> String {
        let date = self.said["occurred_on"].as_str().unwrap();
        format!("{date}{}", &"-01-01"[date.len() - 4..])
    }

    /// In the order in which they happened.
    fn place(&self) -> (String, String) {
        (self.first_day(), self.id.clone())
    }
}

/// How a pledge stands to those that follow it: its state, whether anything was paid, and since when it is fulfilled.
type Standing = (&'static str, bool, Option<String>);

#[derive(Clone)]
struct Pledge {
    id: String,
    live: bool,
    said: Value,
    events: Vec<Event>,
}

const AMOUNTS: [&str; 3] = ["amount_min", "amount", "amount_max"];

/// Minimum, point and maximum.
type Range = [Option<i64>; 3];

#[derive(Debug, PartialEq)]
struct Figures {
    pledged: Range,
    counted: Range,
    committed: Option<i64>,
    paid: Option<i64>,
    withdrawn: Option<i64>,
    outstanding: Option<i64>,
    state: &'static str,
    excess: i64,
}

fn decimals(currency: &str) -> usize {
    if currency == "KWD" { 3 } else { 2 }
}

fn minor(amount: &str, currency: &str) -> i64 {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    format!("{whole}{fraction:0<width$}", width = decimals(currency))
        .parse()
        .unwrap()
}

fn written(minor: Option<i64>, currency: Option<&str>) -> Value {
    let (Some(minor), Some(currency)) = (minor, currency) else {
        return Value::Null;
    };
    let digits = decimals(currency);
    let text = format!("{:0>width$}", minor.abs(), width = digits + 1);
    let (whole, fraction) = text.split_at(text.len() - digits);
    format!("{}{whole}.{fraction}", if minor < 0 { "-" } else { "" }).into()
}

impl Pledge {
    fn text(&self, field: &str) -> Option<&str> {
        self.said[field].as_str()
    }

    fn currency(&self) -> Option<&str> {
        self.text("currency")
    }

    fn announced(&self) -> Range {
        let read = |field: &str| Some(minor(self.text(field)?, self.currency()?));
        self.meant(AMOUNTS.map(read))
    }

    /// What amounts mean that were announced in its words.
    fn meant(&self, [min, point, max]: Range) -> Range {
        match self.text("qualifier") {
            Some("exact" | "about") => [min.or(point), point, max.or(point)],
            Some("up_to") => [min.or(Some(0)), None, max],
            _ => [min, point, max],
        }
    }

    fn sum(&self, stages: &[&str]) -> i64 {
        self.events
            .iter()
            .filter(|event| event.live && stages.contains(&event.said["stage"].as_str().unwrap()))
            .filter_map(|event| Some(minor(event.said["amount"].as_str()?, self.currency()?)))
            .sum()
    }

    fn pledged(&self) -> Range {
        let moved = self.sum(&["increased"]) - self.sum(&["reduced"]);
        self.announced().map(|figure| Some(figure? + moved))
    }

    /// What it is to a parent in this currency: what it is, or what it says that it is there.
    fn taken(&self, currency: Option<&str>) -> Range {
        let equivalent = &self.said["equivalent"];
        if equivalent.is_null() {
            return self.pledged();
        }
        let read = |amount: &Value| Some(minor(amount.as_str()?, currency?));
        let announced = self.meant(AMOUNTS.map(|field| read(&equivalent[field])));
        let of = |stage: &str| -> i64 {
            let events = self
                .events
                .iter()
                .filter(|it| it.live && it.said["stage"] == stage);
            events.map(|it| read(&it.said["equivalent"]).unwrap()).sum()
        };
        let moved = of("increased") - of("reduced");
        announced.map(|figure| Some(figure? + moved))
    }

    /// Which of these stages happened last.
    fn last(&self, stages: &[&str]) -> Option<&str> {
        self.events
            .iter()
            .filter(|event| event.live && stages.contains(&event.said["stage"].as_str().unwrap()))
            .max_by_key(|event| event.place())
            .and_then(|event| event.said["stage"].as_str())
    }
}

/// All that was accepted.
struct Count(Vec<Pledge>);

impl Count {
    fn live(&self) -> impl Iterator<Item = &Pledge> {
        self.0.iter().filter(|pledge| pledge.live)
    }

    fn parts(&self, parent: &Pledge) -> Vec<Range> {
        self.live()
            .filter(|part| part.text("parent") == Some(&parent.id))
            .map(|part| part.taken(parent.currency()))
            .collect()
    }

    /// What a parent's parts and what is gone of itself may come to by their points, and how far they go beyond it.
    fn beyond(&self, pledge: &Pledge, counted: Range, gone: i64) -> i64 {
        let parts = self.parts(pledge);
        let [.., max] = pledge.pledged();
        if let Some(whole) = Self::whole(pledge).filter(|_| !parts.is_empty()) {
            let points: i64 = parts.iter().map(|part| part[1].unwrap()).sum();
            assert!(points <= whole, "{} is less than its parts", pledge.id);
            return (points + gone - whole).max(0);
        }
        let least: i64 = parts.iter().map(|part| part[0].unwrap()).sum();
        assert!(
            max.is_none_or(|max| least <= max),
            "{} is less than its parts",
            pledge.id
        );
        counted[1].or(counted[2]).map_or(0, |cap| (gone - cap).max(0))
    }

    /// Of a pledge without parts: whether that much may have been paid or lost beside some, which have left it since.
    fn was_within_parts(&self, pledge: &Pledge, figures: &Figures) -> bool {
        let gone = figures.paid.unwrap_or(0) + figures.withdrawn.unwrap_or(0);
        self.parts(pledge).is_empty() && Self::whole(pledge).is_some_and(|whole| gone <= whole)
    }

    /// What parts and what is gone beside them may come to.
    fn whole(pledge: &Pledge) -> Option<i64> {
        let [_, point, max] = pledge.pledged();
        match pledge.text("qualifier") {
            Some("exact") => point,
            Some("about" | "between") if point.is_some() && pledge.text("amount_max").is_some() => max,
            Some("about") => point.map(|point| point * 105 / 100),
            _ => None,
        }
    }

    /// The pledges that say how a parent stands, where it is nothing but its parts: those of its parts that restate another
    /// stand as that one does.
    fn followed(&self, pledge: &Pledge) -> Vec<&Pledge> {
        let own = self.own(pledge);
        let [min, point, max] = own.counted;
        if point.or(max).or(min) != Some(0) || own.paid != Some(0) {
            return Vec::new();
        }
        let parts = self.live().filter(|it| it.text("parent") == Some(&pledge.id));
        let named = |id: &str| self.live().find(|it| it.id == id).unwrap();
        parts
            .map(|part| part.text("restates").map_or(part, named))
            .collect()
    }

    fn standing(&self, pledge: &Pledge) -> Standing {
        let followed = self.followed(pledge);
        if followed.is_empty() {
            let own = self.own(pledge);
            let kept_on = (own.state == "fulfilled").then(|| self.kept_on(pledge));
            return (own.state, own.paid > Some(0), kept_on);
        }
        let parts: Vec<Standing> = followed.iter().map(|it| self.standing(it)).collect();
        let are = |states: &[&str]| parts.iter().all(|(state, ..)| states.contains(state));
        let is_paid = parts.iter().any(|(_, is_paid, _)| *is_paid);
        let state = if are(&["fulfilled"]) {
            "fulfilled"
        } else if are(&["fulfilled", "withdrawn"]) {
            "withdrawn"
        } else if is_paid {
            "partly_paid"
        } else {
            "open"
        };
        let last = parts.iter().map(|(.., kept_on)| kept_on.clone()).max().unwrap();
        (state, is_paid, last.filter(|_| state == "fulfilled"))
    }

    /// The day of the event without which it would not be fulfilled yet.
    fn kept_on(&self, pledge: &Pledge) -> String {
        let mut then = pledge.clone();
        then.events.retain(|event| event.live);
        then.events.sort_by_key(Event::place);
        loop {
            let last = then.events.pop().unwrap();
            if self.own(&then).state != "fulfilled" {
                return last.first_day();
            }
        }
    }

    fn kept_late_days(&self, pledge: &Pledge) -> Option<i64> {
        let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
        let (.., kept_on) = self.standing(pledge);
        let late = (day(&kept_on?) - day(pledge.text("due_on")?)).num_days();
        (late > 0).then_some(late)
    }

    fn figures(&self, pledge: &Pledge) -> Figures {
        let (state, ..) = self.standing(pledge);
        Figures {
            state,
            ..self.own(pledge)
        }
    }

    /// Whatever its parts do.
    fn own(&self, pledge: &Pledge) -> Figures {
        let pledged = pledge.pledged();
        let restated = pledge.text("restates").is_some();
        let parts = self.parts(pledge);
        let counted = std::array::from_fn(|at| {
            let own = pledged[at]?;
            let is_known = at < 2 || parts.iter().all(|part| part[at].is_some());
            let covered: i64 = parts.iter().filter_map(|part| part[at]).sum();
            Some(if restated || !is_known {
                0
            } else {
                (own - covered).max(0)
            })
        });
        let has_amount = pledged != [None; 3];
        let [committed, paid, withdrawn] = [
            &["committed"][..],
            &["paid"],
            &["withdrawn", "redirected", "expired"],
        ]
        .map(|stages| pledge.sum(stages));
        let outstanding = counted[1].map(|point| point - paid - withdrawn);
        let cap = counted[1].or(counted[2]);
        let is_outstanding = cap.is_none_or(|cap| cap - paid - withdrawn > 0);
        let is_frozen = pledge.last(&["frozen", "released"]) == Some("frozen");
        let end = pledge.last(&["completed", "withdrawn", "redirected", "expired"]);
        let state = if restated {
            "restated"
        } else if !has_amount {
            match end {
                None if is_frozen => "frozen",
                None if pledge.last(&["started"]).is_some() => "in_progress",
                None => "open",
                Some("completed") => "fulfilled",
                Some(_) => "withdrawn",
            }
        } else if is_frozen && is_outstanding {
            "frozen"
        } else if paid > 0 && withdrawn == 0 && cap.is_some_and(|cap| paid >= cap) {
            "fulfilled"
        } else if !is_outstanding && (withdrawn > 0 || pledged[2] == Some(0)) {
            "withdrawn"
        } else if paid > 0 {
            "partly_paid"
        } else {
            "open"
        };
        let shown = |sum: i64| has_amount.then_some(sum);
        Figures {
            pledged,
            counted,
            committed: shown(committed),
            paid: shown(paid),
            withdrawn: shown(withdrawn),
            outstanding,
            state,
            excess: self.beyond(pledge, counted, paid + withdrawn),
        }
    }

    /// What can never be, whatever was written.
    fn check_rules(&self) {
        for pledge in self.live() {
            let figures = self.figures(pledge);
            let id = &pledge.id;
            assert!(
                figures
                    .pledged
                    .iter()
                    .chain(&figures.counted)
                    .flatten()
                    .all(|it| *it >= 0),
                "{id}: {figures:?}"
            );
            let over = pledge
                .events
                .iter()
                .any(|event| event.live && event.said["over"] == true);
            assert!(
                figures.excess == 0 || over || self.was_within_parts(pledge, &figures),
                "{id} exceeds, and no event says so: {figures:?}"
            );
            let other = |field: &str| {
                let id = pledge.text(field)?;
                Some(
                    self.live()
                        .find(|it| it.id == id)
                        .unwrap_or_else(|| panic!("{field} of {} is not there", pledge.id)),
                )
            };
            if let Some(parent) = other("parent") {
                let taken = pledge.taken(parent.currency());
                assert!(taken[1].is_some() || parent.pledged()[1].is_none(), "{id}");
                assert!(taken.iter().flatten().all(|it| *it >= 0), "{id}: {taken:?}");
                let is_in_its_currency = parent.currency() == pledge.currency();
                assert_eq!(pledge.said["equivalent"].is_null(), is_in_its_currency, "{id}");
                assert!(
                    parent.text("parent").is_none() && parent.text("restates").is_none(),
                    "{id}"
                );
                assert!(
                    parent.text("participant").is_none()
                        || parent.text("participant") == pledge.text("participant"),
                    "{id}"
                );
            }
            if let Some(first) = other("restates") {
                assert!(first.text("restates").is_none(), "{id}");
                assert_eq!(first.currency(), pledge.currency(), "{id}");
                assert_eq!(first.text("participant"), pledge.text("participant"), "{id}");
                assert!(pledge.events.iter().all(|event| !event.live), "{id}");
            }
        }
    }
}

/// What a row of a total comes to.
#[derive(Debug, Default, PartialEq)]
struct Row {
    pledges: i64,
    unbounded: i64,
    range: Range,
    committed: i64,
    paid: i64,
    withdrawn: i64,
    outstanding: Option<i64>,
}

fn add(to: &mut Option<i64>, figure: Option<i64>) {
    if let Some(figure) = figure {
        *to = Some(to.unwrap_or(0) + figure);
    }
}

impl Row {
    fn add(&mut self, range: Range) {
        for (to, figure) in self.range.iter_mut().zip(range) {
            add(to, figure);
        }
    }

    fn shown(&self, currency: &str, whole: bool) -> Value {
        let money = |figure| written(figure, Some(currency));
        let [min, point, max] = self.range.map(money);
        let mut row =
            json!({"currency": currency, "pledges": self.pledges, "min": min, "point": point, "max": max});
        if whole {
            row["unbounded"] = self.unbounded.into();
            for (name, sum) in [
                ("committed", Some(self.committed)),
                ("paid", Some(self.paid)),
                ("withdrawn", Some(self.withdrawn)),
                ("outstanding", self.outstanding),
            ] {
                row[name] = money(sum);
            }
        }
        row
    }
}

#[derive(Default)]
struct Group {
    pledges: i64,
    unquantified: i64,
    unbounded: i64,
    rows: BTreeMap<String, Row>,
}

impl Count {
    /// The totals of the pledges that match: groups by key, and what is left out by reason.
    fn totals(
        &self,
        dimensions: &[&str],
        matches: impl Fn(&Pledge) -> bool,
    ) -> (BTreeMap<String, Value>, BTreeMap<String, Value>) {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        let mut left_out: BTreeMap<&str, Group> = BTreeMap::new();
        if dimensions.is_empty() {
            groups.insert("{}".into(), Group::default());
        }
        for pledge in self.live().filter(|it| matches(it)) {
            let figures = self.figures(pledge);
            if pledge.text("restates").is_some() {
                let reason = left_out.entry("restated").or_default();
                reason.pledges += 1;
                if let Some(currency) = pledge.currency() {
                    let row = reason.rows.entry(currency.into()).or_default();
                    row.pledges += 1;
                    row.add(figures.pledged);
                }
                continue;
            }
            let covered = std::array::from_fn(|at| {
                Some(figures.pledged[at]? - figures.counted[at]?).filter(|covered| *covered > 0)
            });
            if covered != [None; 3] {
                let reason = left_out.entry("covered_by_children").or_default();
                let row = reason.rows.entry(pledge.currency().unwrap().into()).or_default();
                row.add(covered);
            }
            let key: Map<String, Value> = dimensions
                .iter()
                .map(|&dimension| {
                    let key = match dimension {
                        "state" => figures.state.into(),
                        said => pledge.text(said).into(),
                    };
                    (dimension.to_owned(), key)
                })
                .collect();
            let group = groups.entry(sorted(&key)).or_default();
            group.pledges += 1;
            let Some(currency) = pledge.currency() else {
                group.unquantified += 1;
                continue;
            };
            group.unbounded += i64::from(figures.pledged[2].is_none());
            let row = group.rows.entry(currency.into()).or_default();
            row.pledges += 1;
            row.unbounded += i64::from(figures.pledged[2].is_none());
            row.add(figures.counted);
            row.committed += figures.committed.unwrap();
            row.paid += figures.paid.unwrap();
            row.withdrawn += figures.withdrawn.unwrap();
            add(&mut row.outstanding, figures.outstanding);
        }
        let rows = |group: &Group, whole| -> Vec<Value> {
            group
                .rows
                .iter()
                .map(|(currency, row)| row.shown(currency, whole))
                .collect()
        };
        (
            groups
                .iter()
                .map(|(key, group)| {
                    let shown = json!({"pledges": group.pledges, "unquantified": group.unquantified, "unbounded": group.unbounded,
                                       "by_currency": rows(group, true)});
                    (key.clone(), shown)
                })
                .collect(),
            left_out
                .iter()
                .map(|(&reason, group)| {
                    (reason.to_owned(), json!({"pledges": group.pledges, "by_currency": rows(group, false)}))
                })
                .collect(),
        )
    }
}

/// A key as text, its dimensions in the order of their names.
fn sorted(key: &Map<String, Value>) -> String {
    let sorted: BTreeMap<_, _> = key.iter().collect();
    serde_json::to_string(&sorted).unwrap()
}

fn without(value: &Value, members: &[&str]) -> Value {
    let mut value = value.clone();
    for member in members {
        value.as_object_mut().unwrap().shift_remove(*member);
    }
    value
}

type Matches = fn(&Pledge) -> bool;

/// Compares everything that the register derives with the count.
async fn compare(app: &App, count: &Count, step: &str) {
    count.check_rules();
    let list = app.get("/v1/pledges?limit=200").await.expect(200);
    let ids: BTreeSet<_> = list
        .items()
        .iter()
        .map(|item| item["id"].as_str().unwrap())
        .collect();
    let expected: BTreeSet<_> = count.live().map(|pledge| pledge.id.as_str()).collect();
    assert_eq!(ids, expected, "after {step}");
    for item in list.items() {
        let pledge = count.live().find(|it| item["id"] == it.id).unwrap();
        let figures = count.figures(pledge);
        let money = |figure| written(figure, pledge.currency());
        let [pledged, counted] = [figures.pledged, figures.counted].map(|range| range.map(money));
        for (name, expected) in [
            ("pledged_min", &pledged[0]),
            ("pledged", &pledged[1]),
            ("pledged_max", &pledged[2]),
            ("counted_min", &counted[0]),
            ("counted", &counted[1]),
            ("counted_max", &counted[2]),
            ("committed", &money(figures.committed)),
            ("paid", &money(figures.paid)),
            ("withdrawn", &money(figures.withdrawn)),
            ("outstanding", &money(figures.outstanding)),
            ("state", &json!(figures.state)),
            ("kept_late_days", &json!(count.kept_late_days(pledge))),
        ] {
            assert_eq!(&item[name], expected, "{name} after {step}: {item}");
        }
    }
    let questions: [(&str, &[&str], Matches); 9] = [
        ("group_by=state", &["state"], |_| true),
        ("group_by=instrument,meeting", &["instrument", "meeting"], |_| {
            true
        }),
        (
            "group_by=meeting,participant&instrument=grant",
            &["meeting", "participant"],
            |it| it.text("instrument") == Some("grant"),
        ),
        ("", &[], |_| true),
        (
            "group_by=participant,currency",
            &["participant", "currency"],
            |_| true,
        ),
        ("group_by=instrument", &["instrument"], |_| true),
        ("currency=USD&group_by=meeting", &["meeting"], |it| {
            it.currency() == Some("USD")
        }),
        ("participant=SAU", &[], |it| it.text("participant") == Some("SAU")),
        (
            "collective=true&group_by=meeting,participant,instrument,currency",
            &["meeting", "participant", "instrument", "currency"],
            |it| it.text("participant").is_none(),
        ),
    ];
    for (query, dimensions, matches) in questions {
        let totals = app.totals(query).await;
        let members = |name: &str| totals[name].as_array().unwrap().clone();
        let groups: BTreeMap<String, Value> = members("groups")
            .iter()
            // A group in which all is restated has nothing to count.
            .filter(|group| dimensions.is_empty() || group["pledges"] != 0)
            .map(|group| {
                (
                    sorted(group["key"].as_object().unwrap()),
                    without(group, &["key", "names"]),
                )
            })
            .collect();
        let left_out: BTreeMap<String, Value> = members("excluded")
            .iter()
            .map(|it| {
                (
                    it["reason"].as_str().unwrap().to_owned(),
                    without(it, &["reason"]),
                )
            })
            .collect();
        assert_eq!(
            (groups, left_out),
            count.totals(dimensions, matches),
            "{query} after {step}"
        );
    }
}

/// Something to say of a pledge's amount.
fn terms(dice: &mut Dice) -> Value {
    let amount = |dice: &mut Dice| json!(dice.amount(100));
    let [mut min, mut point, mut max] = [Value::Null, Value::Null, Value::Null];
    let qualifier = dice.of(&[
        "exact", "exact", "exact", "exact", "about", "up_to", "at_least", "between", "none",
    ]);
    match qualifier {
        "exact" => point = json!(dice.amount(200)),
        "about" => {
            point = json!("60");
            if dice.one_in(2) {
                min = json!("50");
            }
        }
        "up_to" => max = amount(dice),
        "at_least" => min = amount(dice),
        "between" => {
            (min, max) = (json!("20"), json!("90.5"));
            if dice.one_in(2) {
                point = json!("44.44");
            }
        }
        _ => {
            return json!({"instrument": dice.of(&["political", "grant"]), "qualifier": null, "amount_min": null,
                          "amount": null, "amount_max": null, "currency": null});
        }
    }
    json!({"instrument": dice.of(&["grant", "loan"]), "qualifier": qualifier, "amount_min": min, "amount": point, "amount_max": max,
           "currency": if dice.one_in(8) { "KWD" } else { "USD" }})
}

fn laid_over(mut under: Value, over: &Value) -> Value {
    for (name, value) in over.as_object().unwrap() {
        under[name] = value.clone();
    }
    under
}

/// What such an amount is in another currency: the same figures, and now and then a range without its point.
fn equivalent(dice: &mut Dice, said: &Value) -> Value {
    let is_given = AMOUNTS.map(|field| !said[field].is_null());
    let amounts = [json!("1.5"), json!(dice.amount(40)), json!("42")];
    let is_range = is_given[0] && is_given[2];
    let mut equivalent = json!({});
    for ((field, is_given), amount) in AMOUNTS.into_iter().zip(is_given).zip(amounts) {
        let is_left_out = field == "amount" && is_range && dice.one_in(6);
        equivalent[field] = if is_given && !is_left_out {
            amount
        } else {
            Value::Null
        };
    }
    equivalent
}

fn event(dice: &mut Dice, pledge: &Pledge) -> Value {
    let is_moved = !pledge.said["equivalent"].is_null() && dice.one_in(2);
    let stages = [
        "committed",
        "paid",
        "paid",
        "frozen",
        "released",
        "redirected",
        "withdrawn",
        "expired",
        "increased",
        "reduced",
        "started",
        "completed",
    ];
    let stage = if is_moved {
        dice.of(&["increased", "reduced"])
    } else {
        dice.of(&stages)
    };
    let bare = ["frozen", "released", "started", "completed"].contains(&stage);
    let moves = ["increased", "reduced"].contains(&stage);
    let is_elsewhere = moves && pledge.said["equivalent"].is_null() == dice.one_in(8);
    let has_amount = is_moved || (!bare && !dice.one_in(3));
    json!({
        "stage": stage,
        "occurred_on": dice.of(&["2018", "2018-02", "2018-02-13", "2018-03-01", "2019-01", "2019-06-30"]),
        "amount": has_amount.then(|| dice.amount(if is_moved { 10 } else { 60 })),
        "equivalent": is_elsewhere.then(|| dice.amount(10)),
        "over": dice.one_in(6) && !bare && !["committed", "increased"].contains(&stage),
    })
}

impl Count {
    fn id_of_any(&self, dice: &mut Dice) -> Value {
        let ids: Vec<Value> = self.live().map(|it| json!(it.id)).collect();
        dice.of(&ids)
    }

    /// Mostly one that may have parts.
    fn parent(&self, dice: &mut Dice) -> Value {
        let plain: Vec<Value> = self
            .live()
            .filter(|it| it.currency().is_some())
            .filter(|it| it.text("parent").or(it.text("restates")).is_none())
            .map(|it| json!(it.id))
            .collect();
        if plain.is_empty() || dice.one_in(8) {
            self.id_of_any(dice)
        } else {
            dice.of(&plain)
        }
    }
}

fn participant(dice: &mut Dice) -> Value {
    dice.of(&[Value::Null, json!("USA"), json!("SAU"), json!("SAU")])
}

fn new_pledge(dice: &mut Dice, count: &Count) -> Value {
    let said = json!({
        "participant": participant(dice), "meeting": dice.of(&[Value::Null, json!("kuwait-2018")]), "parent": null, "restates": null,
        "equivalent": null,
        "due_on": dice.of(&[Value::Null, json!("2018-02-20"), json!("2018-12-31")]),
    });
    let mut said = laid_over(said, &terms(dice));
    let kin = if count.live().count() < 2 { 9 } else { dice.roll(6) };
    if kin < 2 {
        said["parent"] = count.parent(dice);
        let parent = count.live().find(|it| said["parent"] == it.id).unwrap();
        let amount = dice.amount(30);
        let [min, point, max] = match dice.roll(6) {
            0 => [json!("2"), json!("3"), json!("9")],
            1 => [json!("2"), Value::Null, json!("9")],
            2 => [json!("2.5"), Value::Null, Value::Null],
            _ => [Value::Null, json!(amount), Value::Null],
        };
        let qualifier = match (point.is_null(), max.is_null()) {
            (false, true) => "exact",
            (false, false) => dice.of(&["about", "between"]),
            (true, false) => dice.of(&["up_to", "between"]),
            (true, true) => "at_least",
        };
        for (name, value) in [
            ("qualifier", json!(qualifier)),
            ("instrument", json!("grant")),
            ("amount_min", min),
            ("amount", point),
            ("amount_max", max),
            ("currency", json!(parent.currency().unwrap_or("USD"))),
            ("participant", parent.said["participant"].clone()),
        ] {
            said[name] = value;
        }
        if kin == 0 && !dice.one_in(3) {
            said["currency"] = json!("EUR");
            said["equivalent"] = equivalent(dice, &said);
        }
    }
    if kin == 1 || kin == 2 {
        said["restates"] = count.id_of_any(dice);
        let first = count.live().find(|it| said["restates"] == it.id).unwrap();
        if kin == 2 {
            said["participant"] = first.said["participant"].clone();
        }
    }
    said
}

async fn create(app: &App, dice: &mut Dice, count: &mut Count) -> String {
    let said = new_pledge(dice, count);
    let answer = app.post("/v1/pledges", said.clone()).await;
    if answer.status == 201 {
        count.0.push(Pledge {
            id: answer.id(),
            live: true,
            said: said.clone(),
            events: Vec::new(),
        });
    }
    format!("creating {said}: {}", answer.status)
}

async fn patch(app: &App, dice: &mut Dice, count: &mut Count, at: usize) -> String {
    let path = format!("/v1/pledges/{}", count.0[at].id);
    let fields = match dice.roll(10) {
        0 => json!({"parent": count.parent(dice)}),
        8 => json!({"parent": count.parent(dice), "equivalent": equivalent(dice, &count.0[at].said)}),
        9 if dice.one_in(2) => json!({"equivalent": equivalent(dice, &count.0[at].said)}),
        9 => json!({"parent": count.parent(dice), "equivalent": null}),
        1 => json!({"parent": null}),
        2 => json!({"restates": count.id_of_any(dice)}),
        3 => json!({"restates": null}),
        4 => json!({"participant": participant(dice)}),
        5 | 6 if count.0[at].said["qualifier"] == "exact" => json!({"amount": dice.amount(200)}),
        _ => terms(dice),
    };
    let answer = app.patch(&path, fields.clone()).await;
    if answer.status == 200 {
        let mut said = laid_over(count.0[at].said.clone(), &fields);
        // What a pledge is elsewhere goes with what it is.
        if said["currency"].is_null() {
            said["equivalent"] = Value::Null;
        }
        count.0[at].said = said;
    }
    format!("patching {path} with {fields}: {}", answer.status)
}

async fn happen(app: &App, dice: &mut Dice, pledge: &mut Pledge) -> String {
    let said = event(dice, pledge);
    let path = format!("/v1/pledges/{}/events", pledge.id);
    let answer = app.post(&path, said.clone()).await;
    if answer.status == 201 {
        pledge.events.push(Event {
            id: answer.id(),
            live: true,
            went_along: false,
            said: said.clone(),
        });
    }
    format!("happening {said} at {path}: {}", answer.status)
}

/// Patches, retracts or restores one of a pledge's events.
async fn correct(app: &App, dice: &mut Dice, pledge: &mut Pledge) -> String {
    let which = dice.roll(pledge.events.len());
    let path = format!("/v1/pledges/{}/events/{}", pledge.id, pledge.events[which].id);
    let fields = event(dice, pledge);
    let happened = &mut pledge.events[which];
    if !happened.live {
        let answer = app.restore(&path).await;
        if answer.status == 200 {
            (happened.live, happened.went_along) = (true, false);
        }
        format!("restoring {path}: {}", answer.status)
    } else if dice.one_in(2) {
        let answer = app.delete(&path).await;
        happened.live = answer.status != 204;
        format!("retracting {path}: {}", answer.status)
    } else {
        let mut fields = fields;
        if fields["amount"].is_null() {
            fields["currency"] = Value::Null;
        }
        let answer = app.patch(&path, fields.clone()).await;
        if answer.status == 200 {
            happened.said = laid_over(happened.said.clone(), &fields);
        }
        format!("patching {path} with {fields}: {}", answer.status)
    }
}

/// Retracts a pledge, or restores it, with its events.
async fn come_or_go(app: &App, pledge: &mut Pledge) -> String {
    let path = format!("/v1/pledges/{}", pledge.id);
    if pledge.live {
        let answer = app.delete(&path).await;
        if answer.status == 204 {
            pledge.live = false;
            for event in pledge.events.iter_mut().filter(|event| event.live) {
                (event.live, event.went_along) = (false, true);
            }
        }
        format!("retracting {path}: {}", answer.status)
    } else {
        let answer = app.restore(&path).await;
        if answer.status == 200 {
            pledge.live = true;
            for event in pledge.events.iter_mut().filter(|event| event.went_along) {
                (event.live, event.went_along) = (true, false);
            }
        }
        format!("restoring {path}: {}", answer.status)
    }
}

/// One write by chance; the count learns of it when it is accepted. What it was, and its status.
async fn step(app: &App, dice: &mut Dice, count: &mut Count) -> String {
    let (live, gone): (Vec<usize>, Vec<usize>) = (0..count.0.len()).partition(|&it| count.0[it].live);
    let choice = if live.len() < 6 { 0 } else { dice.roll(16) };
    if choice < 4 && live.len() < MOST_LIVE {
        return create(app, dice, count).await;
    }
    // Now and then at one that is not there.
    let elsewhere: Vec<usize> = (0..count.0.len())
        .filter(|&it| count.0[it].live && !count.0[it].said["equivalent"].is_null())
        .filter(|&it| !count.0[it].said["amount"].is_null())
        .collect();
    let at = if !elsewhere.is_empty() && (6..14).contains(&choice) && dice.one_in(3) {
        // They are few.
        dice.of(&elsewhere)
    } else if !gone.is_empty() && dice.one_in(if choice < 14 { 16 } else { 2 }) {
        dice.of(&gone)
    } else {
        dice.of(&live)
    };
    let pledge = &mut count.0[at];
    match choice {
        0..=5 => patch(app, dice, count, at).await,
        11..=13 if !pledge.events.is_empty() => correct(app, dice, pledge).await,
        6..=13 => happen(app, dice, pledge).await,
        _ => come_or_go(app, pledge).await,
    }
}

/// What a pledge shows that follows from other records, or from the day.
const NOT_LOGGED: [&str; 10] = [
    "participant_name",
    "beneficiary_name",
    "counts",
    "meeting_title",
    "conflicts",
    "disputed",
    "overdue",
    "last_evidence_on",
    "silent_days",
    "as_of",
];

/// Every version is one entry of the log, and the last of them is what stands.
async fn compare_log(app: &App, count: &Count) {
    for pledge in &count.0 {
        let path = format!("/v1/pledges/{}", pledge.id);
        let entries = app
            .get(&format!("{path}/history?limit=200&sort=seq"))
            .await
            .expect(200);
        let versions: Vec<usize> = (1..=entries.items().len()).collect();
        assert_eq!(json!(entries.each("version")), json!(versions), "{path}");
        if pledge.live {
            let now = app.pledge_now(&pledge.id).await;
            let kept = &entries.items().last().unwrap()["after"];
            let shown = without(&now.body, &NOT_LOGGED);
            assert_eq!(kept, &shown, "{path}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn figures_and_totals_are_those_of_a_plain_count(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.meeting("kuwait-2018").await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let seed = std::env::var("ARITHMETIC_SEED").map_or(2018, |seed| seed.parse().unwrap());
    let mut dice = Dice(seed);
    let mut count = Count(Vec::new());
    let mut kinds = BTreeSet::new();
    for number in 1..=STEPS {
        let did = step(&app, &mut dice, &mut count).await;
        println!("{number}: {did}");
        assert!(
            ["200", "201", "204", "409", "410", "422"].contains(&&did[did.len() - 3..]),
            "{did}"
        );
        if did.contains(": 2") {
            kinds.insert(did.split(' ').next().unwrap().to_owned());
        }
        let mut elsewhere = count.live().filter(|it| !it.said["equivalent"].is_null());
        if elsewhere.any(|it| it.events.iter().any(|event| !event.said["equivalent"].is_null())) {
            kinds.insert("equivalent".into());
        }
        for kin in ["parent", "restates"] {
            if count.live().any(|it| it.text(kin).is_some()) {
                kinds.insert(kin.into());
            }
        }
        compare(&app, &count, &format!("step {number}, {did}")).await;
    }
    compare_log(&app, &count).await;
    app.check_kept_sums().await;
    // The dice must have had something to show.
    let expected = [
        "creating",
        "equivalent",
        "happening",
        "parent",
        "patching",
        "restates",
        "restoring",
        "retracting",
    ];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}
