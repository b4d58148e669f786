//! What the server answered, held against the reckoning: JSON, explanation, CSV, list and pages.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    exact::money,
    question::{Conversion, FIGURES, Filter, Parents, Question, RateDate},
    reckoner::{Converted, Figures, Group, Headline, LeftOut, Line, Row, Totals, UsedRate, said},
};

fn figure(minor: Option<i128>, currency: &str) -> Value {
    minor.map_or(Value::Null, |minor| money(minor, currency).into())
}

fn figures(of: &Figures, currency: &str) -> Map<String, Value> {
    FIGURES
        .iter()
        .zip(of)
        .map(|(name, minor)| ((*name).to_owned(), figure(*minor, currency)))
        .collect()
}

fn with(mut under: Map<String, Value>, over: Value) -> Value {
    let Value::Object(over) = over else {
        panic!("{over} is no object")
    };
    under.extend(over);
    under.into()
}

fn rates(used: &BTreeSet<UsedRate>) -> Value {
    used.iter()
        .map(|rate| {
            json!({"currency": rate.currency, "date": rate.date.to_string(), "per_usd": rate.per_usd, "source": rate.source})
        })
        .collect()
}

fn keyed(group_by: &[&str], key: &[Option<String>]) -> Value {
    let members = group_by.iter().zip(key);
    members
        .map(|(name, part)| ((*name).to_owned(), json!(part)))
        .collect::<Map<_, _>>()
        .into()
}

fn left_in_its_own(rows: &BTreeMap<String, Row>) -> Value {
    rows.iter()
        .map(|(currency, row)| {
            with(
                figures(&row.figures, currency),
                json!({"currency": currency, "pledges": row.pledges}),
            )
        })
        .collect()
}

fn converted(of: &Converted, into: &str) -> Value {
    let unconverted = left_in_its_own(&of.unconverted);
    with(
        figures(&of.row.figures, into),
        json!({"currency": into, "pledges": of.row.pledges, "unbounded": of.row.unbounded, "unconverted": unconverted}),
    )
}

fn by_currency(rows: &BTreeMap<String, Row>) -> Value {
    rows.iter()
        .map(|(currency, row)| {
            with(
                figures(&row.figures, currency),
                json!({"currency": currency, "pledges": row.pledges, "unbounded": row.unbounded}),
            )
        })
        .collect()
}

fn group(question: &Question, group: &Group) -> Value {
    let mut shown = json!({
        "key": keyed(&question.group_by, &group.key),
        "pledges": group.pledges,
        "unquantified": group.unquantified,
        "unbounded": group.unbounded,
        "by_currency": by_currency(&group.rows),
    });
    if let (Some(of), Some(conversion)) = (&group.converted, &question.conversion) {
        shown["converted"] = converted(of, &conversion.into);
    }
    shown
}

fn left_out(totals: &Totals) -> Value {
    totals
        .left_out_pledges
        .iter()
        .map(|(reason, pledges)| {
            let rows: Vec<Value> = totals.left_out[reason]
                .iter()
                .map(|(currency, row)| {
                    let [min, point, max, ..] = row.figures.map(|minor| figure(minor, currency));
                    json!({"currency": currency, "pledges": row.pledges, "min": min, "point": point, "max": max})
                })
                .collect();
            ((*reason).to_owned(), json!({"pledges": pledges, "by_currency": rows}))
        })
        .collect::<Map<_, _>>()
        .into()
}

fn gap(of: Option<i128>, counted: Option<i128>) -> Option<i128> {
    Some(of? - counted?)
}

fn headline(of: &Headline, into: Option<&str>) -> Value {
    let members = |currency: &str, amount, need, counted| {
        json!({
            "currency": currency,
            "amount": figure(amount, currency),
            "need": figure(need, currency),
            "counted": figure(counted, currency),
            "gap": figure(gap(amount, counted), currency),
            "need_gap": figure(gap(need, counted), currency),
        })
    };
    let mut shown = members(&of.currency, of.amount, of.need, of.counted);
    if let (Some(converted), Some(into)) = (&of.converted, into) {
        shown["converted"] = members(into, converted.amount, converted.need, converted.counted);
        shown["converted"]["rate_date"] = json!(converted.day.to_string());
        shown["converted"]["unconverted"] = left_in_its_own(&converted.unconverted);
    }
    shown
}

/// The whole answer: every group in its order, what is left out, the rates and the headline.
pub fn expected_totals(question: &Question, totals: &Totals) -> Value {
    let groups: Vec<Value> = totals
        .order
        .iter()
        .map(|&at| group(question, &totals.all_groups[at]))
        .collect();
    let used: BTreeSet<UsedRate> = totals.rates.union(&totals.headline_rates).cloned().collect();
    let into = question
        .conversion
        .as_ref()
        .map(|conversion| conversion.into.as_str());
    let mut expected = json!({"basis": basis(question), "groups": groups, "excluded": left_out(totals), "rates": rates(&used)});
    if let Some(of) = &totals.headline {
        expected["headline"] = headline(of, into);
    }
    expected
}

/// How a question is counted. Its sentence is for people.
fn basis(question: &Question) -> Value {
    let mut basis = json!({
        "restatements": if question.includes_restatements { "include" } else { "exclude" },
        "parents": match question.parents {
            Parents::Remainder => "remainder",
            Parents::Only => "only",
            Parents::Children => "children",
        },
    });
    if !question.instruments.is_empty() {
        basis["instruments"] = json!(question.instruments);
    }
    if let Some(date) = &question.membership_at {
        basis["membership_at"] = json!(date.text);
    }
    if let Some(conversion) = &question.conversion {
        basis["in"] = json!(conversion.into);
        basis["rate_date"] = json!(conversion.rate_date.said());
        basis["rate_max_age"] = json!(conversion.max_age.unwrap_or(7));
        basis["rate_source"] = json!(conversion.source_said());
    }
    basis
}

/// The same as a header has it: `restatements=exclude; parents=remainder`.
pub fn expected_header(question: &Question) -> String {
    let basis = basis(question);
    let said: Vec<String> = basis
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name}={text}"),
            Value::Array(_) => format!("{name}={}", question.instruments.join(",")),
            other => format!("{name}={other}"),
        })
        .collect();
    said.join("; ")
}

/// Answers of one question, page by page, as one; what does not matter here left out.
pub fn found_totals(pages: &[Value]) -> Value {
    let first = &pages[0];
    let groups = pages.iter().flat_map(|page| page["groups"].as_array().unwrap());
    let groups = found_groups(groups);
    let mut used: BTreeMap<String, Value> = BTreeMap::new();
    for rate in pages.iter().flat_map(|page| page["rates"].as_array().unwrap()) {
        used.insert(in_order(rate), rate.clone());
    }
    let mut left_out = Map::new();
    for reason in first["excluded"].as_array().unwrap() {
        let name = reason["reason"].as_str().unwrap();
        let twice = left_out.insert(name.to_owned(), without(reason, &["reason"]));
        assert!(twice.is_none(), "{name} is excluded twice");
    }
    let basis = without(&first["basis"], &["text", "amounts"]);
    let mut found = json!({
        "basis": basis,
        "groups": groups,
        "excluded": left_out,
        "rates": used.into_values().collect::<Vec<_>>(),
    });
    if let Some(headline) = first.get("headline") {
        found["headline"] = headline.clone();
    }
    found
}

/// Groups without the names of their keys, which are for people.
pub fn found_groups<'a>(groups: impl Iterator<Item = &'a Value>) -> Value {
    groups.map(|group| without(group, &["names"])).collect()
}

/// A rate's members in the order that used rates are compared in.
fn in_order(rate: &Value) -> String {
    ["currency", "date", "per_usd", "source"]
        .map(|name| rate[name].as_str().unwrap())
        .join("\u{0}")
}

fn without(value: &Value, members: &[&str]) -> Value {
    let mut value = value.clone();
    for member in members {
        value.as_object_mut().unwrap().shift_remove(*member);
    }
    value
}

fn counted(line: &Line, conversion: Option<&Conversion>) -> Value {
    let mut shown: Value = match &line.currency {
        Some(currency) => figures(&line.figures, currency).into(),
        None => figures(&[None; 7], "").into(),
    };
    shown["currency"] = json!(line.currency);
    shown["reason"] = json!(line.reason);
    // A pledge without any amount has nothing to convert.
    if let (Some(conversion), Some(split), Some(currency)) = (conversion, &line.split, &line.currency) {
        let into = &conversion.into;
        let is_all = !split.has_unconverted();
        shown["converted"] = Value::Null;
        if split.has_converted() {
            shown["converted"] = with(
                figures(&said(&split.converted, is_all), into),
                json!({"currency": into, "rates": rates(&split.rates)}),
            );
        }
        if !is_all {
            shown["unconverted"] = figures(&split.unconverted, currency).into();
        }
    }
    shown
}

fn left(of: &LeftOut) -> Value {
    let currency = of.currency.as_deref().unwrap_or_default();
    let [min, point, max] = of.range.map(|minor| figure(minor, currency));
    json!({"currency": of.currency, "min": min, "point": point, "max": max, "reason": of.reason})
}

/// Every group with its pledges by id. A group of nothing is not explained.
pub fn expected_explanation(question: &Question, totals: &Totals) -> Value {
    let groups: Vec<Value> = totals
        .all_groups
        .iter()
        .filter(|group| !(group.counted.is_empty() && group.left_out.is_empty()))
        .map(|group| {
            let lines: Map<String, Value> = group
                .counted
                .iter()
                .map(|line| (line.id.clone(), counted(line, question.conversion.as_ref())))
                .collect();
            let excluded: Map<String, Value> = group
                .left_out
                .iter()
                .map(|of| (of.id.clone(), left(of)))
                .collect();
            json!({"key": keyed(&question.group_by, &group.key), "counted": lines, "excluded": excluded})
        })
        .collect();
    json!({"groups": groups, "rates": rates(&totals.rates)})
}

pub fn found_explanation(answer: &Value) -> Value {
    let by_id = |list: &Value| -> Value {
        let mut map = Map::new();
        for line in list.as_array().unwrap() {
            let id = line["id"].as_str().unwrap();
            let mut line = without(line, &["id"]);
            if let Some(used) = line.pointer_mut("/converted/rates").and_then(Value::as_array_mut) {
                used.sort_by_key(in_order);
            }
            let twice = map.insert(id.to_owned(), line);
            assert!(twice.is_none(), "{id} is explained twice in a group");
        }
        map.into()
    };
    let groups: Vec<Value> = answer["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            json!({"key": group["key"], "counted": by_id(&group["counted"]), "excluded": by_id(&group["excluded"])})
        })
        .collect();
    let mut used = answer["rates"].as_array().unwrap().clone();
    used.sort_by_key(in_order);
    json!({"groups": groups, "rates": used})
}

/// The lines of a total as CSV: a column and its cell, but for names, which are for people.
pub fn expected_csv(question: &Question, totals: &Totals) -> Value {
    let conversion = question.conversion.as_ref();
    let mut lines = Vec::new();
    for group in totals.order.iter().map(|&at| &totals.all_groups[at]) {
        let mut key = Map::new();
        let mut own_currency = "";
        for (dimension, part) in question.group_by.iter().zip(&group.key) {
            let column = match (*dimension, conversion) {
                ("currency", Some(_)) => "group_currency",
                // It stands where the rows have theirs.
                ("currency", None) => {
                    own_currency = part.as_deref().unwrap_or_default();
                    continue;
                }
                (other, _) => other,
            };
            key.insert(column.to_owned(), json!(part.clone().unwrap_or_default()));
        }
        for (name, count) in [
            ("group_pledges", group.pledges),
            ("group_unquantified", group.unquantified),
            ("group_unbounded", group.unbounded),
        ] {
            key.insert(name.to_owned(), json!(count.to_string()));
        }
        if let (Some(of), Some(conversion)) = (&group.converted, conversion) {
            let mut line = row(&of.row, &conversion.into, key);
            line["unconverted"] = json!(unconverted(&of.unconverted));
            line["rate_date"] = json!(conversion.rate_date.said());
            line["rate_source"] = json!(conversion.source_said());
            lines.push(line);
            continue;
        }
        for (currency, of) in &group.rows {
            lines.push(row(of, currency, key.clone()));
        }
        if group.rows.is_empty() {
            let mut line = row(&Row::default(), own_currency, key);
            line["pledges"] = json!(group.pledges.to_string());
            line["unbounded"] = json!("");
            lines.push(line);
        }
    }
    lines.into()
}

fn row(of: &Row, currency: &str, mut key: Map<String, Value>) -> Value {
    for (name, minor) in FIGURES.iter().zip(of.figures) {
        let cell = minor.map(|minor| money(minor, currency)).unwrap_or_default();
        key.insert((*name).to_owned(), json!(cell));
    }
    key.insert("currency".into(), json!(currency));
    key.insert("pledges".into(), json!(of.pledges.to_string()));
    key.insert("unbounded".into(), json!(of.unbounded.to_string()));
    key.into()
}

fn unconverted(rows: &BTreeMap<String, Row>) -> String {
    let rows: Vec<String> = rows
        .iter()
        .map(|(currency, row)| {
            let mut text = format!("{currency} pledges={}", row.pledges);
            for (name, minor) in FIGURES.iter().zip(row.figures) {
                if let Some(minor) = minor {
                    text = format!("{text} {name}={}", money(minor, currency));
                }
            }
            text
        })
        .collect();
    rows.join("; ")
}

pub fn found_csv(text: &str) -> Value {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let names = [
        "meeting_title",
        "coalition_name",
        "participant_name",
        "beneficiary_name",
    ];
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = header.iter().zip(record.iter());
            cells
                .filter(|(column, _)| !names.contains(column) && !column.ends_with("_label"))
                .map(|(column, cell)| (column.to_owned(), json!(cell)))
                .collect::<Map<_, _>>()
                .into()
        })
        .collect::<Vec<Value>>()
        .into()
}

/// Where two values differ, in words.
pub fn differences(what: &str, expected: &Value, found: &Value) -> Vec<String> {
    let mut list = Vec::new();
    differ(what, expected, found, &mut list);
    list
}

fn differ(path: &str, expected: &Value, found: &Value, list: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(left), Value::Object(right)) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                let path = format!("{path}.{name}");
                match (left.get(name), right.get(name)) {
                    (Some(left), Some(right)) => differ(&path, left, right, list),
                    (Some(left), None) => list.push(format!("{path}: expected {left}, found nothing")),
                    (None, Some(right)) => list.push(format!("{path}: expected nothing, found {right}")),
                    (None, None) => {}
                }
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                list.push(format!(
                    "{path}: expected {} entries, found {}: expected {expected}, found {found}",
                    left.len(),
                    right.len()
                ));
                return;
            }
            for (at, (left, right)) in left.iter().zip(right).enumerate() {
                // A group is told by its key.
                let key = left.get("key").map(ToString::to_string).unwrap_or_default();
                differ(&format!("{path}[{at}{key}]"), left, right, list);
            }
        }
        _ if expected == found => {}
        _ => list.push(format!("{path}: expected {expected}, found {found}")),
    }
}

/// Which kinds of question and answer came up, so that a run that shows little is noticed.
#[derive(Debug, Default)]
pub struct Seen(pub BTreeMap<String, usize>);

impl Seen {
    fn note(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    pub fn look_at(&mut self, question: &Question, totals: Option<&Totals>) {
        for filter in &question.filters {
            self.note(format!("filter {}", Filter::name(filter)));
        }
        for dimension in &question.group_by {
            self.note(format!("group_by {dimension}"));
        }
        if question.group_by.len() > 1 {
            self.note("several dimensions");
        }
        for (name, is) in [
            ("restatements", question.includes_restatements),
            ("parents=only", question.parents == Parents::Only),
            ("parents=children", question.parents == Parents::Children),
            ("instruments", !question.instruments.is_empty()),
            ("membership_at", question.membership_at.is_some()),
            ("in", question.conversion.is_some()),
            ("point_min", question.point_min.is_some()),
            ("limit", question.limit.is_some()),
        ] {
            if is {
                self.note(name);
            }
        }
        if let Some(conversion) = &question.conversion {
            self.note(match conversion.rate_date {
                RateDate::Announced => "rate_date=announced",
                RateDate::Event => "rate_date=event",
                RateDate::Day(_) => "rate_date=day",
            });
            if conversion.max_age.is_some() {
                self.note("rate_max_age");
            }
            if !conversion.sources.is_empty() {
                self.note("rate_source");
            }
        }
        if let Some((column, _)) = question.sort {
            self.note(format!("sort {column}"));
        }
        let Some(totals) = totals else {
            self.note("refused");
            return;
        };
        let year = question.group_by.iter().position(|it| *it == "tranche_year");
        let of_years = totals
            .all_groups
            .iter()
            .filter(|it| year.is_some_and(|at| it.key[at].is_some()));
        for group in of_years {
            self.note("year of a tranche");
            if group.converted.as_ref().is_some_and(|it| it.row.pledges > 0) {
                self.note("year of a tranche, converted");
            }
        }
        self.look_at_answer(totals);
    }

    fn look_at_answer(&mut self, totals: &Totals) {
        for reason in totals.left_out_pledges.keys() {
            self.note(format!("excluded {reason}"));
        }
        if let Some(headline) = &totals.headline {
            self.note("headline");
            if headline.counted.is_none() {
                self.note("headline of which nothing is counted");
            }
            if let Some(converted) = &headline.converted {
                self.note("headline converted");
                if !converted.unconverted.is_empty() {
                    self.note("headline with something unconverted");
                }
            }
        }
        for group in &totals.all_groups {
            let Some(converted) = &group.converted else {
                continue;
            };
            if !converted.unconverted.is_empty() && converted.row.pledges > 0 {
                self.note("partly converted group");
            }
            if converted.row.pledges == 0 && !converted.unconverted.is_empty() {
                self.note("unconverted group");
            }
            for line in &group.counted {
                let Some(split) = &line.split else { continue };
                if split.has_converted() && split.has_unconverted() {
                    self.note("partly converted pledge");
                }
            }
        }
        if totals.rates.len() > 1 {
            self.note("several rates");
        }
    }
}
