//! The flows of 2025 that OCHA's Financial Tracking Service has published, as pledges and their events,
//! with the rates that were seen in them and those of the European Central Bank.
//!
//! A flow is a pledge of who gives it, for the country that it goes to, at the plan that it serves. What
//! the register refuses (nothing, less than nothing, a currency that is not said) is left out. A flow
//! that is a commitment was committed, one that is paid was paid. Rates are taken as they were seen, the
//! wrong way round too: what is reckoned here is whether two reckonings agree.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use chrono::NaiveDate;
use num_bigint::BigInt;
use serde_json::{Value, json};

use super::{
    exact::{Fraction, decimals, money},
    history::said,
    question::Asker,
    register::{Date, Event, Headline, Meeting, Membership, Pledge, Register, Standing, Terms},
};
use crate::{
    app::App,
    support::{carried_data, shared_data},
};

const INTO: &[&str] = &["USD", "USD", "EUR", "EUR", "GBP", "JPY", "KWD", "CHF", "IQD"];

const UNITED_NATIONS: &str = "United Nations, as seen in flows";
const SEEN_TOO: &str = "United Nations, seen too";
const BANK: &str = "ECB";

/// A row of a file, by column.
type Cells = HashMap<String, String>;

pub struct Flows {
    rows: Vec<Cells>,
    seen_rates: Vec<Cells>,
    bank_rates: Vec<Cells>,
}

/// Every twelfth flow, which the project has; or all of them, where they are asked for and lie beside it.
pub fn read() -> Option<Flows> {
    let flows = match std::env::var("RECKONING_FLOWS").as_deref() {
        Ok("all") => shared_data("pledges/fts_flows_2025_even_ids.csv")?,
        _ => carried_data("flows.csv"),
    };
    let cells = |file: &Path| -> Vec<Cells> {
        let mut reader = csv::Reader::from_path(file).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    };
    Some(Flows {
        rows: cells(&flows),
        seen_rates: cells(&carried_data("rates/seen.csv")),
        bank_rates: cells(&carried_data("rates/ecb.csv")),
    })
}

/// A register with the flows in it.
pub async fn loaded(app: &App, flows: &Flows) -> Register {
    let mut loading = Loading {
        app,
        register: Register::default(),
        donors: HashMap::new(),
        places: HashMap::new(),
        plans: HashMap::new(),
    };
    loading.rates(flows).await;
    for coalition in ["donors", "neighbours"] {
        app.coalition(coalition).await;
    }
    let mut pledges = Vec::new();
    for (number, row) in flows.rows.iter().enumerate() {
        if let Some(terms) = loading.terms(number, row).await {
            let events = happened(number, row, &terms);
            pledges.push((terms, events));
        }
    }
    println!("{} of {} flows are pledges", pledges.len(), flows.rows.len());
    assert!(
        pledges.len() > 800,
        "few of {} flows are pledges",
        flows.rows.len()
    );
    loading.pledges(pledges).await;
    loading.register
}

pub fn asker<'a>(register: &'a Register, standings: &'a BTreeMap<&'a str, Standing>) -> Asker<'a> {
    let days = [
        "2022-09-30",
        "2024-12-31",
        "2025-01-31",
        "2025-05-02",
        "2025-07-15",
        "2025-09-30",
    ];
    Asker {
        register,
        standings,
        into: INTO,
        days: days.iter().map(|day| Date::of(day).first).collect(),
        sources: [UNITED_NATIONS, SEEN_TOO, BANK].map(str::to_owned).to_vec(),
        least_page: 70,
    }
}

struct Loading<'a> {
    app: &'a App,
    register: Register,
    /// Codes and slugs by the names that the flows have.
    donors: HashMap<String, String>,
    places: HashMap<String, String>,
    plans: HashMap<String, String>,
}

impl Loading<'_> {
    async fn rates(&mut self, flows: &Flows) {
        let mut sent = Vec::new();
        for row in &flows.seen_rates {
            let (currency, per_usd) = (row["currency"].as_str(), row["rate_local_per_usd"].as_str());
            let day: NaiveDate = row["flow_date"].parse().unwrap();
            let is_above_zero = Fraction::read(per_usd).is_some_and(|rate| rate.is_above_zero());
            if currency == "USD" || !is_above_zero {
                continue;
            }
            let known = self.register.rates.get(currency).and_then(|days| days.get(&day));
            let free = [UNITED_NATIONS, SEEN_TOO]
                .into_iter()
                .find(|source| known.is_none_or(|by_source| !by_source.contains_key(*source)));
            let is_new = known.is_none_or(|by_source| by_source.values().all(|rate| rate.text != per_usd));
            if let Some(source) = free.filter(|_| is_new) {
                self.put(currency, day, source, per_usd, &mut sent);
            }
        }
        // Every tenth day, and every day of the last winter.
        for (number, row) in flows.bank_rates.iter().enumerate() {
            let day: NaiveDate = row["Date"].parse().unwrap();
            let usd = Fraction::read(&row["USD"]).unwrap();
            if !number.is_multiple_of(10) && day < Date::of("2024-11").first {
                continue;
            }
            for currency in [
                "EUR", "CAD", "CHF", "SEK", "GBP", "NOK", "JPY", "DKK", "AUD", "CZK", "NZD", "PLN",
            ] {
                let per_euro = if currency == "EUR" { "1" } else { &row[currency] };
                if let Some(per_euro) = Fraction::read(per_euro) {
                    self.put(currency, day, BANK, &per_euro.by(&usd).written(12), &mut sent);
                }
            }
        }
        println!("{} rates", sent.len());
        let path = "/v1/rates?plausibility=waived";
        for part in sent.chunks(5_000) {
            self.app.put(path, json!(part)).await.ok();
        }
    }

    fn put(&mut self, currency: &str, day: NaiveDate, source: &str, per_usd: &str, sent: &mut Vec<Value>) {
        // The register keeps a rate without the zeros at its end.
        let per_usd = match per_usd.split_once('.') {
            Some(_) => per_usd.trim_end_matches('0').trim_end_matches('.'),
            None => per_usd,
        };
        self.register.rate(currency, day, source, per_usd);
        sent.push(
            json!({"currency": currency, "date": day.to_string(), "per_usd": per_usd, "source": source}),
        );
    }

    async fn terms(&mut self, number: usize, row: &Cells) -> Option<Terms> {
        let (text, currency) = match row["original_currency"].as_str() {
            "" => (&row["amount_usd"], "USD"),
            currency => (&row["original_amount"], currency),
        };
        let scale = Fraction::whole(10_i128.pow(decimals(currency)));
        let amount = Fraction::read(text)?.times(&scale).rounded();
        let largest = BigInt::from(10).pow(15 + decimals(currency));
        if amount < BigInt::from(1) || amount > largest {
            return None;
        }
        let amount = i128::try_from(amount).unwrap();
        // What was parked is a ceiling, what is passed through is at least so much.
        let (qualifier, stated) = match row["flow_type"].as_str() {
            "Parked" => ("up_to", [None, None, Some(amount)]),
            "Pass through" => ("at_least", [Some(amount), None, None]),
            "Carryover" => ("about", [Some(amount - amount / 3), Some(amount), None]),
            _ => ("exact", [None, Some(amount), None]),
        };
        let instruments = ["grant", "grant", "loan", "technical", "unspecified"];
        Some(Terms {
            instrument: if row["contribution_type"] == "in kind" {
                "in_kind"
            } else {
                instruments[number % instruments.len()]
            }
            .to_owned(),
            participant: Some(self.donor(&row["source_org"]).await).filter(|_| !number.is_multiple_of(25)),
            meeting: self.plan(&row["dest_plan"], &row["date"][..10]).await,
            parent: None,
            restates: None,
            beneficiary: self.place(&row["dest_location"]).await,
            qualifier: Some(qualifier.to_owned()),
            stated,
            currency: Some(currency.to_owned()),
            equivalent: None,
            tranches: Vec::new(),
            announced_on: match (row["decision_date"].get(..10), row["budget_year"].as_str()) {
                (Some(day), _) if number % 11 < 9 => Some(Date::of(day)),
                (Some(day), _) if number % 11 == 9 => Some(Date::of(&day[..7])),
                (_, "") => None,
                (_, year) => Some(Date::of(year)),
            },
        })
    }

    async fn donor(&mut self, name: &str) -> String {
        if let Some(code) = self.donors.get(name) {
            return code.clone();
        }
        let code = format!("DONOR-{}", self.donors.len());
        let kind = if name.contains("Government of") {
            "state"
        } else if name.contains("Fund") {
            "fund"
        } else if name.contains("Bank") {
            "ifi"
        } else if name.contains("Commission") || name.contains("United Nations") {
            "igo"
        } else {
            "ngo"
        };
        self.participant(&code, kind).await;
        if self.donors.len().is_multiple_of(3) {
            let path = format!("/v1/coalitions/donors/members/{code}");
            let periods = json!([{"joined_on": "2016", "left_on": "2025-01-01"}]);
            self.app.put(&path, json!({"periods": periods})).await.ok();
            self.register.memberships.push(Membership {
                coalition: "donors".into(),
                participant: code.clone(),
                joined_on: Date::of("2016"),
                left_on: Some(Date::of("2025-01-01").first),
            });
        }
        self.donors.insert(name.to_owned(), code.clone());
        code
    }

    async fn place(&mut self, name: &str) -> Option<String> {
        if name.is_empty() {
            return None;
        }
        if let Some(code) = self.places.get(name) {
            return Some(code.clone());
        }
        let code = format!("PLACE-{}", self.places.len());
        self.participant(&code, "state").await;
        self.places.insert(name.to_owned(), code.clone());
        Some(code)
    }

    async fn participant(&mut self, code: &str, kind: &str) {
        let participant = json!({"code": code, "kind": kind, "names": {"en": code}});
        self.app.post("/v1/participants", participant).await.created();
        self.register.participants.insert(code.into(), kind.into());
    }

    /// A plan is a meeting on the day of its first flow; every other one has a headline.
    async fn plan(&mut self, name: &str, day: &str) -> Option<String> {
        if name.is_empty() {
            return None;
        }
        if let Some(slug) = self.plans.get(name) {
            return Some(slug.clone());
        }
        let number = self.plans.len();
        let slug = format!("plan-{number}");
        let coalition = ["donors", "neighbours", ""][number % 3];
        let coalition = (!coalition.is_empty()).then(|| coalition.to_owned());
        let currency = ["USD", "EUR"][number / 2 % 2];
        let headline = number.is_multiple_of(2).then(|| Headline {
            currency: currency.to_owned(),
            amount: Some(12_345_678_901),
            need: Some(98_765_432_109),
        });
        let written = |minor: Option<i128>| minor.map(|minor| money(minor, currency));
        self.app
            .post(
                "/v1/meetings",
                json!({
                    "slug": slug,
                    "titles": {"en": slug},
                    "kind": "pledging_conference",
                    "starts_on": day,
                    "coalition": coalition,
                    "headline_amount": written(headline.as_ref().and_then(|it| it.amount)),
                    "need_amount": written(headline.as_ref().and_then(|it| it.need)),
                    "headline_currency": headline.as_ref().map(|it| &it.currency),
                }),
            )
            .await
            .created();
        let meeting = Meeting {
            coalition,
            starts_on: Date::of(day),
            ends_on: None,
            headline,
        };
        self.register.meetings.insert(slug.clone(), meeting);
        self.plans.insert(name.to_owned(), slug.clone());
        Some(slug)
    }

    async fn pledges(&mut self, pledges: Vec<(Terms, Vec<Event>)>) {
        for part in pledges.chunks(1_000) {
            let drafts: Vec<Value> = part.iter().map(|(terms, _)| said(terms)).collect();
            let answer = self.app.post("/v1/pledges/batch", json!(drafts)).await.ok();
            assert_eq!(answer.items().len(), part.len(), "{answer}");
            for ((terms, events), item) in part.iter().zip(answer.items()) {
                let mut pledge = Pledge {
                    id: item["key"].as_str().unwrap().to_owned(),
                    live: true,
                    cited: false,
                    terms: terms.clone(),
                    events: Vec::new(),
                };
                let currency = terms.currency.as_deref().unwrap();
                for event in events {
                    let amount = event.amount.map(|minor| money(minor, currency));
                    let sent = json!({"stage": event.stage, "occurred_on": event.occurred_on.text, "amount": amount});
                    let path = format!("/v1/pledges/{}/events", pledge.id);
                    let id = self.app.post(&path, sent).await.created().id();
                    pledge.events.push(Event { id, ..event.clone() });
                }
                self.register.pledges.push(pledge);
            }
        }
    }
}

/// What became of a flow: committed, or paid in one or two parts.
fn happened(number: usize, row: &Cells, terms: &Terms) -> Vec<Event> {
    let [min, point, max] = terms.stated;
    let amount = point.or(max).or(min).unwrap();
    let event = |stage, amount: i128, day: &str| {
        (amount > 0).then(|| Event {
            id: String::new(),
            live: true,
            stage,
            occurred_on: Date::of(day),
            amount: Some(amount),
            equivalent: None,
        })
    };
    let (day, decided) = (&row["date"][..10], row["decision_date"].get(..10));
    // As many as show something, in a sample.
    let some = match row["status"].as_str() {
        _ if number % 8 > 4 => Vec::new(),
        "commitment" => vec![event("committed", amount, day)],
        "paid" if number.is_multiple_of(5) => vec![
            event("paid", amount / 3, decided.unwrap_or(day)),
            event("paid", amount / 4, day),
            event("expired", amount / 7, &day[..7]),
        ],
        "paid" => vec![event("paid", amount, day)],
        _ => Vec::new(),
    };
    some.into_iter().flatten().collect()
}
