//! A random history: what is written, by chance, over HTTP. What the server refuses is not kept.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::{
    dice::Dice,
    exact::money,
    question::Asker,
    reckoner::POINT,
    register::{Date, Event, Headline, Meeting, Membership, Pledge, Range, Register, Standing, Terms, units},
};
use crate::app::App;

const PLEDGES: usize = 150;
const EVENTS: usize = 250;

const PARTICIPANTS: [(&str, &str); 12] = [
    ("USA", "state"),
    ("DEU", "state"),
    ("KWT", "state"),
    ("SAU", "state"),
    ("JPN", "state"),
    ("IRQ", "state"),
    ("EU", "igo"),
    ("UNDP", "igo"),
    ("ISDB", "ifi"),
    ("NRC", "ngo"),
    ("CERF", "fund"),
    ("IKEA", "private"),
];

const INSTRUMENTS: [&str; 11] = [
    "grant",
    "loan",
    "credit_line",
    "guarantee",
    "export_credit",
    "investment",
    "in_kind",
    "technical",
    "military",
    "debt_relief",
    "unspecified",
];

/// With none, two and three decimals; the zloty has hardly a rate.
const CURRENCIES: [&str; 6] = ["USD", "EUR", "KWD", "JPY", "GBP", "PLN"];

/// To convert to. Nobody has a rate of the Syrian pound.
pub const INTO: &[&str] = &["USD", "USD", "EUR", "EUR", "KWD", "JPY", "GBP", "PLN", "SYP"];

const SOURCES: [&str; 4] = [
    "ECB",
    "Central Bank, Kuwait",
    "البنك المركزي",
    "UN \"operational\"",
];

const DATES: [&str; 20] = [
    "2017",
    "2018",
    "2018",
    "2017-12",
    "2018-02",
    "2018-04",
    "2018-12",
    "2017-11-30",
    "2018-01-01",
    "2018-02-12",
    "2018-02-13",
    "2018-02-14",
    "2018-02-28",
    "2018-03-01",
    "2018-06-15",
    "2018-06-30",
    "2018-08-17",
    "2018-12-31",
    "2019-01-01",
    "2019-02",
];

pub struct History<'a> {
    app: &'a App,
    dice: Dice,
    pub register: Register,
    pub accepted: usize,
    pub refused: Vec<String>,
}

impl<'a> History<'a> {
    pub fn of_nothing(app: &'a App, seed: u64) -> Self {
        Self {
            app,
            dice: Dice::of_seed(seed),
            register: Register::default(),
            accepted: 0,
            refused: Vec::new(),
        }
    }

    pub async fn written(app: &'a App, seed: u64) -> Self {
        let mut history = Self::of_nothing(app, seed);
        history.people().await;
        history.meetings().await;
        history.rates().await;
        let article = app.article(json!({})).await;
        for number in 0..PLEDGES {
            history.pledge(number).await;
            if history.dice.one_in(5) && history.accepted > 0 {
                history.cite(&article).await;
            }
        }
        for _ in 0..EVENTS {
            history.event().await;
        }
        for _ in 0..40 {
            history.correct().await;
        }
        history
    }

    pub fn asker<'b>(&'b self, standings: &'b std::collections::BTreeMap<&'b str, Standing>) -> Asker<'b> {
        Asker {
            register: &self.register,
            standings,
            into: INTO,
            days: DATES
                .iter()
                .filter(|date| date.len() == 10)
                .map(|date| Date::of(date).last)
                .collect(),
            sources: SOURCES.map(str::to_owned).to_vec(),
            least_page: 1,
        }
    }

    /// These rates: currency, day, source and units per dollar.
    pub async fn kept_rates(&mut self, rates: &[(&str, &str, &str, &str)]) {
        let mut sent = Vec::new();
        for (currency, day, source, per_usd) in rates {
            self.register.rate(currency, Date::of(day).first, source, per_usd);
            sent.push(json!({"currency": currency, "date": day, "per_usd": per_usd, "source": source}));
        }
        let path = "/v1/rates?plausibility=waived";
        self.app.put(path, json!(sent)).await.ok();
    }

    /// A collective grant of this range; its place. A range without a point is between its ends.
    pub async fn kept_pledge(&mut self, stated: Range, currency: &str, announced_on: &str) -> usize {
        let qualifier = if stated[POINT].is_some() {
            "exact"
        } else {
            "between"
        };
        let terms = Terms {
            instrument: "grant".into(),
            participant: None,
            meeting: None,
            parent: None,
            restates: None,
            beneficiary: None,
            qualifier: Some(qualifier.into()),
            stated,
            currency: Some(currency.into()),
            equivalent: None,
            announced_on: Some(Date::of(announced_on)),
            tranches: Vec::new(),
        };
        let id = self.app.post("/v1/pledges", said(&terms)).await.created().id();
        self.register.pledges.push(Pledge {
            id,
            live: true,
            cited: false,
            terms,
            events: Vec::new(),
        });
        self.register.pledges.len() - 1
    }

    /// What became of the pledge at this place.
    pub async fn kept_event(&mut self, at: usize, stage: &'static str, amount: i128, occurred_on: &str) {
        let pledge = &mut self.register.pledges[at];
        let currency = pledge.terms.currency.as_deref().unwrap();
        let sent = json!({"stage": stage, "occurred_on": occurred_on, "amount": money(amount, currency)});
        let path = format!("/v1/pledges/{}/events", pledge.id);
        let id = self.app.post(&path, sent).await.created().id();
        pledge.events.push(Event {
            id,
            live: true,
            stage,
            occurred_on: Date::of(occurred_on),
            amount: Some(amount),
            equivalent: None,
        });
    }

    /// Takes note of an answer; true where it is a success.
    fn took(&mut self, what: &str, answer: &crate::answer::Answer) -> bool {
        match answer.status {
            200 | 201 | 204 => {
                self.accepted += 1;
                true
            }
            409 | 422 => {
                self.refused.push(format!("{what}: {answer}"));
                false
            }
            _ => panic!("{what}: {answer}"),
        }
    }

    async fn people(&mut self) {
        for (code, kind) in PARTICIPANTS {
            let participant = json!({"code": code, "kind": kind, "names": {"en": code}});
            self.app.post("/v1/participants", participant).await.created();
            self.register.participants.insert(code.into(), kind.into());
        }
        for coalition in ["allies", "friends", "others"] {
            self.app.coalition(coalition).await;
            for (code, _) in PARTICIPANTS {
                if self.dice.one_in(2) {
                    self.member(coalition, code).await;
                }
            }
        }
    }

    async fn member(&mut self, coalition: &str, participant: &str) {
        let all: &[&[(&str, Option<&str>)]] = &[
            &[("2014", None)],
            &[("2017", None)],
            &[("2018-02-13", None)],
            &[("2014-10-01", Some("2018-02-13"))],
            &[("2014", Some("2016-03-01")), ("2018-02-14", None)],
            &[("2015-06", Some("2016-01-01")), ("2017-02", Some("2018-02-14"))],
        ];
        let periods = self.dice.of(all);
        let sent: Vec<Value> = periods
            .iter()
            .map(|(joined_on, left_on)| json!({"joined_on": joined_on, "left_on": left_on}))
            .collect();
        let path = format!("/v1/coalitions/{coalition}/members/{participant}");
        self.app.put(&path, json!({"periods": sent})).await.ok();
        for (joined_on, left_on) in periods {
            self.register.memberships.push(Membership {
                coalition: coalition.to_owned(),
                participant: participant.to_owned(),
                joined_on: Date::of(joined_on),
                left_on: left_on.map(|day| Date::of(day).first),
            });
        }
    }

    async fn meetings(&mut self) {
        // Coalition, days, and the currency and kind of a headline.
        let all = [
            (
                Some("allies"),
                "2018-02-13",
                Some("2018-02-14"),
                Some(("USD", true, true)),
            ),
            (Some("allies"), "2018-02", None, Some(("EUR", true, false))),
            (Some("friends"), "2018", None, Some(("JPY", false, true))),
            (Some("friends"), "2018-06-14", Some("2018-06"), None),
            (Some("others"), "2018-03-01", None, Some(("PLN", true, true))),
            (None, "2018-02-12", Some("2018-02-14"), Some(("KWD", true, true))),
            (None, "2019-01-01", None, None),
            (None, "2017-12", None, Some(("GBP", true, true))),
        ];
        for (number, (coalition, starts_on, ends_on, headline)) in all.into_iter().enumerate() {
            let slug = format!("meeting-{number}");
            let headline = headline.map(|(currency, has_amount, has_need)| {
                let mut some = |is: bool| is.then(|| self.amount(currency, &[1_000, 10_000_000]));
                Headline {
                    amount: some(has_amount),
                    need: some(has_need),
                    currency: currency.to_owned(),
                }
            });
            let written = |of: fn(&Headline) -> Option<i128>| {
                let headline = headline.as_ref()?;
                Some(money(of(headline)?, &headline.currency))
            };
            self.app
                .post(
                    "/v1/meetings",
                    json!({
                        "slug": slug,
                        "titles": {"en": slug},
                        "kind": "summit",
                        "starts_on": starts_on,
                        "ends_on": ends_on,
                        "coalition": coalition,
                        "headline_amount": written(|it| it.amount),
                        "need_amount": written(|it| it.need),
                        "headline_currency": headline.as_ref().map(|it| &it.currency),
                    }),
                )
                .await
                .created();
            self.register.meetings.insert(
                slug,
                Meeting {
                    coalition: coalition.map(str::to_owned),
                    starts_on: Date::of(starts_on),
                    ends_on: ends_on.map(Date::of),
                    headline,
                },
            );
        }
    }

    /// Few days have a rate, and some of them several.
    async fn rates(&mut self) {
        let days: Vec<NaiveDate> = DATES.iter().map(|date| Date::of(date).last).collect();
        let mut sent = Vec::new();
        let levels: [(&str, &[&str], usize); 5] = [
            ("EUR", &["0.8", "0.81", "0.784"], 11),
            ("KWD", &["0.3", "0.302", "0.2997"], 8),
            ("JPY", &["110", "107.5", "112"], 9),
            ("GBP", &["0.72", "0.75", "0.7"], 7),
            ("PLN", &["3.4"], 1),
        ];
        for (currency, plain, count) in levels {
            for _ in 0..count {
                let ago = self.dice.of(&[0, 0, 1, 2, 7, 8, 20]);
                let day = self.dice.of(&days) - Days::new(ago);
                for _ in 0..self.dice.of(&[1, 1, 2, 3]) {
                    let source = self.dice.of(&SOURCES);
                    let per_usd = if self.dice.one_in(3) {
                        self.dice.of(plain).to_owned()
                    } else {
                        self.long_rate(plain[0])
                    };
                    let is_new = self
                        .register
                        .rates
                        .get(currency)
                        .and_then(|days| days.get(&day)?.get(source))
                        .is_none();
                    if is_new {
                        self.register.rate(currency, day, source, &per_usd);
                        sent.push(json!({"currency": currency, "date": day.to_string(), "per_usd": per_usd, "source": source}));
                    }
                }
            }
        }
        let path = "/v1/rates?plausibility=waived";
        self.app.put(path, json!(sent)).await.ok();
        // Some were wrong, and are set right.
        for mut rate in sent.into_iter().step_by(9) {
            let text = |name: &str| rate[name].as_str().unwrap().to_owned();
            let (currency, day, source) = (text("currency"), text("date").parse().unwrap(), text("source"));
            let level = levels.iter().find(|(of, ..)| *of == currency).unwrap().1[0];
            let per_usd = self.long_rate(level);
            self.register.rate(&currency, day, &source, &per_usd);
            rate["per_usd"] = json!(per_usd);
            self.app.put(path, json!([rate])).await.ok();
        }
    }

    /// Near a level, with many decimals, the last of them no zero.
    fn long_rate(&mut self, level: &str) -> String {
        let (whole, _) = level.split_once('.').unwrap_or((level, ""));
        let base: usize = match level {
            "0.8" => 77,
            "0.3" => 29,
            "0.72" => 71,
            "3.4" => 35,
            _ => 4,
        };
        let length = self.dice.of(&[4, 6, 12, 18]);
        let mut decimals = base.to_string();
        while decimals.len() < length - 1 {
            decimals.push_str(&self.dice.roll(10).to_string());
        }
        format!("{whole}.{decimals}{}", 1 + self.dice.roll(9))
    }

    /// Some minor units, above zero; up to so many whole ones.
    fn amount(&mut self, currency: &str, most: &[usize]) -> i128 {
        let whole = self.dice.of(most);
        let most = units(i128::try_from(whole).unwrap(), currency);
        1 + i128::try_from(self.dice.roll(usize::try_from(most).unwrap())).unwrap()
    }

    fn date(&mut self) -> Option<Date> {
        (!self.dice.one_in(6)).then(|| Date::of(self.dice.of(&DATES)))
    }

    fn meeting(&mut self) -> Option<String> {
        // The last has no pledges.
        (!self.dice.one_in(6)).then(|| format!("meeting-{}", self.dice.roll(7)))
    }

    fn participant(&mut self) -> Option<String> {
        (!self.dice.one_in(7)).then(|| self.dice.of(&PARTICIPANTS).0.to_owned())
    }

    /// Qualifier and amounts.
    fn range(&mut self, currency: &str) -> (&'static str, Range) {
        let sizes = &[1, 10, 500, 20_000, 3_000_000, 2_000_000_000];
        let mut three: Vec<i128> = (0..3).map(|_| self.amount(currency, sizes)).collect();
        three.sort_unstable();
        let [low, mid, high] = three[..] else { panic!() };
        let qualifier = self.dice.of(&[
            "exact", "exact", "exact", "about", "about", "up_to", "at_least", "between", "between",
        ]);
        let one_in_two = self.dice.one_in(2);
        let stated = match qualifier {
            "about" if one_in_two => [Some(low), Some(mid), Some(high)],
            "exact" | "about" => [None, Some(mid), None],
            "up_to" => [one_in_two.then_some(low), None, Some(high)],
            "at_least" => [Some(low), None, None],
            _ => [Some(low), one_in_two.then_some(mid), Some(high)],
        };
        (qualifier, stated)
    }

    fn terms(&mut self) -> Terms {
        let currency = self.dice.of(&CURRENCIES);
        let (qualifier, stated) = self.range(currency);
        let mut terms = Terms {
            instrument: self.dice.of(&INSTRUMENTS).to_owned(),
            participant: self.participant(),
            meeting: self.meeting(),
            parent: None,
            restates: None,
            beneficiary: self
                .dice
                .one_in(2)
                .then(|| self.dice.of(&PARTICIPANTS).0.to_owned()),
            qualifier: Some(qualifier.to_owned()),
            stated,
            currency: Some(currency.to_owned()),
            equivalent: None,
            announced_on: self.date(),
            tranches: Vec::new(),
        };
        if self.dice.one_in(8) {
            if !self.dice.one_in(3) {
                terms.instrument = "political".into();
            }
            (terms.qualifier, terms.stated, terms.currency) = (None, [None; 3], None);
        }
        terms
    }

    async fn pledge(&mut self, number: usize) {
        let mut terms = self.terms();
        let kin = if number < 40 { 9 } else { self.dice.roll(10) };
        if kin < 2 {
            self.make_part(&mut terms);
        }
        if kin == 1 || kin == 2 {
            self.make_restatement(&mut terms);
        }
        if self.dice.one_in(3) {
            self.phase(&mut terms);
        }
        let answer = self.app.post("/v1/pledges", said(&terms)).await;
        if self.took("a new pledge", &answer) {
            self.register.pledges.push(Pledge {
                id: answer.id(),
                live: true,
                cited: false,
                terms,
                events: Vec::new(),
            });
        }
    }

    /// Some tranches, in any order, of what is stated; of at least something they may be more.
    fn phase(&mut self, terms: &mut Terms) {
        const PHASES: [(&str, &str); 6] = [
            ("2017", "2017-11-30"),
            ("2017-12", "2018-03"),
            ("2018-04", "2018-04"),
            ("2018-05-01", "2019-06-30"),
            ("2019-07", "2020"),
            ("2028", "2028"),
        ];
        let [min, point, max] = terms.stated;
        let Some(mut left) = point.or(max).or(min.map(|min| min * 2)) else {
            return;
        };
        for (from, to) in PHASES {
            if left > 0 && self.dice.one_in(2) {
                let amount = if self.dice.one_in(4) {
                    left
                } else {
                    self.part_of(left)
                };
                left -= amount;
                terms.tranches.push((Date::of(from), Date::of(to), amount));
            }
        }
        if self.dice.one_in(2) {
            terms.tranches.reverse();
        }
    }

    /// A part of a pledge of which much is left.
    fn make_part(&mut self, terms: &mut Terms) {
        let standings = self.register.standings();
        let parents: Vec<(Pledge, i128)> = self
            .register
            .live()
            .filter(|it| it.terms.parent.is_none() && it.terms.restates.is_none())
            .filter_map(|it| {
                let standing = &standings[it.id.as_str()];
                let [min, point, max] = standing.remainder();
                // What is left of it when all that was paid and lost is gone; without a maximum, there is always more.
                let gone = standing.paid + standing.withdrawn;
                let left = point.map(|point| point.min(max.unwrap_or(point)));
                let left = left
                    .or(max)
                    .map(|left| left - gone)
                    .or(min.map(|min| min + 1_000))?;
                (left > 20).then(|| (it.clone(), left))
            })
            .collect();
        let Some((parent, left)) = (!parents.is_empty()).then(|| self.dice.of(&parents)) else {
            return;
        };
        // Now and then all of it, so that the whole stands as its parts do.
        let part = if self.dice.one_in(5) {
            left
        } else {
            left / i128::try_from(3 + self.dice.roll(12)).unwrap()
        };
        if terms.instrument == "political" {
            terms.instrument = "grant".into();
        }
        let (qualifier, stated) = self.share(&parent, part.max(3));
        terms.parent = Some(parent.id);
        terms.qualifier = Some(qualifier.into());
        let of_parent = parent.terms.currency.clone().unwrap();
        let own = self.dice.of(&CURRENCIES);
        if own != of_parent && self.dice.one_in(3) {
            // At some rate that nobody asks for.
            let many = i128::try_from(1 + self.dice.roll(4)).unwrap();
            terms.stated = stated.map(|figure| Some(figure? * many));
            terms.currency = Some(own.to_owned());
            terms.equivalent = Some((of_parent, stated));
        } else {
            terms.stated = stated;
            terms.currency = Some(of_parent);
        }
        if parent.terms.participant.is_some() {
            terms.participant = parent.terms.participant;
        }
    }

    /// About so much of a parent, in whichever words it may be said.
    fn share(&mut self, parent: &Pledge, amount: i128) -> (&'static str, Range) {
        let has_point = parent.terms.stated[POINT].is_some();
        let choices = if has_point { 6 } else { 9 };
        let (low, high) = (Some(amount / 3), Some(amount + amount / 3));
        match self.dice.roll(choices) {
            0 => ("about", [low, Some(amount), high]),
            1 => ("between", [low, Some(amount), high]),
            2 => ("about", [None, Some(amount), None]),
            6 => ("up_to", [None, None, Some(amount)]),
            7 => ("at_least", [low, None, None]),
            8 => ("between", [low, None, high]),
            _ => ("exact", [None, Some(amount), None]),
        }
    }

    fn make_restatement(&mut self, terms: &mut Terms) {
        let is_part = terms.parent.is_some();
        let firsts: Vec<Pledge> = self
            .register
            .live()
            .filter(|it| it.terms.restates.is_none() && Some(&it.id) != terms.parent.as_ref())
            .filter(|it| {
                // A part keeps the currency and participant that it has of its parent.
                !is_part || (it.terms.currency == terms.currency && it.terms.participant == terms.participant)
            })
            .cloned()
            .collect();
        let Some(first) = (!firsts.is_empty()).then(|| self.dice.of(&firsts)) else {
            return;
        };
        terms.participant.clone_from(&first.terms.participant);
        if first.terms.currency != terms.currency {
            terms.currency.clone_from(&first.terms.currency);
            if let Some(currency) = first.terms.currency.clone() {
                let (qualifier, stated) = self.range(&currency);
                (terms.qualifier, terms.stated) = (Some(qualifier.into()), stated);
            } else {
                (terms.qualifier, terms.stated) = (None, [None; 3]);
            }
            terms.instrument = first.terms.instrument;
        }
        terms.restates = Some(first.id);
        if self.dice.one_in(2) {
            terms.announced_on = Some(Date::of("2019-02"));
        }
    }

    async fn cite(&mut self, article: &str) {
        let at = self.dice.roll(self.register.pledges.len());
        let pledge = &mut self.register.pledges[at];
        let subject = format!("pledges/{}", pledge.id);
        self.app.citation(&subject, article, json!({})).await;
        pledge.cited = true;
    }

    /// What so much of a part is in the currency of its parent, when it comes to more, or to less.
    fn in_the_other(&mut self, pledge: &Pledge, stage: &str) -> Option<i128> {
        if !["increased", "reduced"].contains(&stage) || pledge.terms.equivalent.is_none() {
            return None;
        }
        let least = pledge.taken()[0].unwrap();
        Some(self.part_of((least / 5).max(1)))
    }

    async fn event(&mut self) {
        let takers: Vec<usize> = (0..self.register.pledges.len())
            .filter(|&at| {
                self.register.pledges[at].live && self.register.pledges[at].terms.restates.is_none()
            })
            .collect();
        let at = self.dice.of(&takers);
        let pledge = self.register.pledges[at].clone();
        let Some((stage, amount, over)) = self.happening(&pledge) else {
            return;
        };
        let occurred_on = Date::of(self.dice.of(&DATES));
        let mut sent = json!({"stage": stage, "occurred_on": occurred_on.text});
        if let Some(amount) = amount {
            sent["amount"] = json!(money(amount, pledge.terms.currency.as_deref().unwrap()));
        }
        let equivalent = self.in_the_other(&pledge, stage);
        if let Some((minor, (currency, _))) = equivalent.zip(pledge.terms.equivalent.as_ref()) {
            sent["equivalent"] = json!(money(minor, currency));
        }
        if over {
            sent["over"] = json!(true);
        }
        let path = format!("/v1/pledges/{}/events", pledge.id);
        let answer = self.app.post(&path, sent.clone()).await;
        if self.took(&format!("{sent} of {:?}", pledge.terms), &answer) {
            self.register.pledges[at].events.push(Event {
                id: answer.id(),
                live: true,
                stage,
                occurred_on,
                amount,
                equivalent,
            });
        }
    }

    /// A stage, its amount, and whether it goes beyond what is pledged.
    fn happening(&mut self, pledge: &Pledge) -> Option<(&'static str, Option<i128>, bool)> {
        if pledge.terms.currency.is_none() {
            let stages = [
                "started",
                "started",
                "completed",
                "withdrawn",
                "redirected",
                "expired",
                "frozen",
                "frozen",
                "released",
            ];
            return Some((self.dice.of(&stages), None, false));
        }
        let stage = self.dice.of(&[
            "committed",
            "committed",
            "paid",
            "paid",
            "paid",
            "paid",
            "withdrawn",
            "redirected",
            "expired",
            "increased",
            "reduced",
            "frozen",
            "released",
        ]);
        if ["frozen", "released"].contains(&stage) {
            return Some((stage, None, false));
        }
        let standing = &self.register.standings()[pledge.id.as_str()];
        let [min, point, max] = standing.remainder();
        let most = point.or(max).or(min).unwrap();
        let left = most - standing.paid - standing.withdrawn;
        if ["increased", "reduced"].contains(&stage) {
            point?;
            let room = if stage == "reduced" {
                left.min(min?) / 3
            } else {
                most
            };
            return (room > 0).then(|| (stage, Some(self.part_of(room)), false));
        }
        if stage == "committed" {
            return (most > 0).then(|| (stage, Some(self.part_of(most)), false));
        }
        if self.dice.one_in(15) {
            return Some((stage, Some(most.max(1) + self.part_of(1_000)), true));
        }
        (left > 0).then(|| {
            let amount = if self.dice.one_in(4) {
                left
            } else {
                self.part_of(left)
            };
            (stage, Some(amount), false)
        })
    }

    /// Above zero, and at most this.
    fn part_of(&mut self, most: i128) -> i128 {
        1 + i128::try_from(self.dice.roll(usize::try_from(most).unwrap())).unwrap()
    }

    /// A correction of what was written, or its retraction, or its return.
    async fn correct(&mut self) {
        let at = self.dice.roll(self.register.pledges.len());
        let pledge = self.register.pledges[at].clone();
        let path = format!("/v1/pledges/{}", pledge.id);
        if !pledge.live {
            let answer = self.app.restore(&path).await;
            if self.took("restoring", &answer) {
                self.register.pledges[at].live = true;
            }
            return;
        }
        match self.dice.roll(6) {
            0 => {
                let answer = self.app.delete(&path).await;
                if self.took("retracting", &answer) {
                    self.register.pledges[at].live = false;
                }
            }
            1 | 2 if !pledge.events.is_empty() => self.correct_event(at).await,
            _ => {
                let mut terms = pledge.terms.clone();
                match self.dice.roll(4) {
                    0 => terms.meeting = self.meeting(),
                    1 => terms.announced_on = self.date(),
                    2 => terms.beneficiary = Some("IRQ".into()),
                    _ if terms.qualifier.as_deref() == Some("exact") => {
                        terms.stated[POINT] = terms.stated[POINT].map(|point| point + point / 10);
                    }
                    _ => terms.meeting = None,
                }
                let answer = self.app.patch(&path, said(&terms)).await;
                if self.took("a patch", &answer) {
                    self.register.pledges[at].terms = terms;
                }
            }
        }
    }

    async fn correct_event(&mut self, at: usize) {
        let pledge = self.register.pledges[at].clone();
        let which = self.dice.roll(pledge.events.len());
        let event = &pledge.events[which];
        let path = format!("/v1/pledges/{}/events/{}", pledge.id, event.id);
        if !event.live {
            let answer = self.app.restore(&path).await;
            let took = self.took("restoring an event", &answer);
            self.register.pledges[at].events[which].live |= took;
        } else if self.dice.one_in(2) {
            let answer = self.app.delete(&path).await;
            let took = self.took("retracting an event", &answer);
            self.register.pledges[at].events[which].live &= !took;
        } else {
            let occurred_on = Date::of(self.dice.of(&DATES));
            let answer = self
                .app
                .patch(&path, json!({"occurred_on": occurred_on.text}))
                .await;
            if self.took("patching an event", &answer) {
                self.register.pledges[at].events[which].occurred_on = occurred_on;
            }
        }
    }
}

/// Terms as they are sent.
pub fn said(terms: &Terms) -> Value {
    let [min, point, max] = terms
        .stated
        .map(|minor| Some(money(minor?, terms.currency.as_deref()?)));
    json!({
        "instrument": terms.instrument,
        "participant": terms.participant,
        "meeting": terms.meeting,
        "parent": terms.parent,
        "restates": terms.restates,
        "beneficiary": terms.beneficiary,
        "qualifier": terms.qualifier,
        "amount_min": min,
        "amount": point,
        "amount_max": max,
        "currency": terms.currency,
        "equivalent": terms.equivalent.as_ref().map(|(currency, stated)| {
            let [min, point, max] = stated.map(|minor| Some(money(minor?, currency)));
            json!({"amount_min": min, "amount": point, "amount_max": max})
        }),
        "announced_on": terms.announced_on.as_ref().map(|date| &date.text),
        "tranches": terms.tranches.iter().map(|(from, to, amount)| {
            let amount = money(*amount, terms.currency.as_deref().unwrap());
            json!({"period_from": from.text, "period_to": to.text, "amount": amount})
        }).collect::<Vec<_>>(),
    })
}
