//! Totals as the lines of a table: a line a group and currency, or, where they are converted, a line a group.
//!
//! What does not count is not among the lines: a column that somebody adds up must not hold money twice.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{Dimension, Group, Unconverted, basis::Conversion};

/// A dimension that has a name beside its key.
const NAMED: [(Dimension, &str); 4] = [
    (Dimension::Meeting, "meeting_title"),
    (Dimension::Coalition, "coalition_name"),
    (Dimension::Participant, "participant_name"),
    (Dimension::Beneficiary, "beneficiary_name"),
];

/// The key of a group by currency, where the line's figures are in another.
const GROUP_CURRENCY: &str = "group_currency";

fn name_of(dimension: Dimension) -> Option<&'static str> {
    NAMED
        .into_iter()
        .find(|(named, _)| *named == dimension)
        .map(|(_, column)| column)
}

/// The key's columns, each name beside its key, then the figures.
pub fn columns(dimensions: &[Dimension], is_converted: bool) -> Vec<String> {
    let mut columns: Vec<&str> = Vec::new();
    for dimension in dimensions {
        match dimension {
            // A line that is not converted is of one currency, which stands there in any case.
            Dimension::Currency if is_converted => columns.push(GROUP_CURRENCY),
            Dimension::Currency => {}
            other => {
                columns.push(other.as_str());
                columns.extend(name_of(*other));
            }
        }
    }
    columns.extend([
        "currency",
        "pledges",
        "unbounded",
        "min",
        "point",
        "max",
        "committed",
        "paid",
        "withdrawn",
        "outstanding",
        "group_pledges",
        "group_unquantified",
        "group_unbounded",
    ]);
    if is_converted {
        columns.extend(["unconverted", "rate_date", "rate_source"]);
    }
    columns.into_iter().map(str::to_owned).collect()
}

pub fn lines(groups: &[Group], conversion: Option<&Conversion>) -> Vec<Value> {
    groups
        .iter()
        .flat_map(|group| lines_of(group, conversion))
        .collect()
}

fn lines_of(group: &Group, conversion: Option<&Conversion>) -> Vec<Value> {
    let mut head = Map::new();
    for (dimension, key) in &group.key {
        head.insert(dimension.to_string(), json!(key));
        if let Some(column) = name_of(*dimension) {
            head.insert(column.to_owned(), json!(group.names.get(dimension)));
        }
    }
    head.insert("group_pledges".into(), group.pledges.into());
    head.insert("group_unquantified".into(), group.unquantified.into());
    head.insert("group_unbounded".into(), group.unbounded.into());
    if let Some((converted, conversion)) = group.converted.as_ref().zip(conversion) {
        if let Some(currency) = head.remove(Dimension::Currency.as_str()) {
            head.insert(GROUP_CURRENCY.into(), currency);
        }
        let mut line = joined(head, converted);
        let left: Vec<String> = converted.unconverted.iter().map(in_words).collect();
        line.insert("unconverted".into(), left.join("; ").into());
        line.insert("rate_date".into(), conversion.day.to_string().into());
        line.insert("rate_source".into(), conversion.source().into());
        return vec![line.into()];
    }
    if group.by_currency.is_empty() {
        // Pledges without an amount, or none: the group is there all the same.
        let mut line = head;
        line.entry("currency").or_insert(Value::Null);
        line.insert("pledges".into(), group.pledges.into());
        return vec![line.into()];
    }
    group
        .by_currency
        .iter()
        .map(|it| joined(head.clone(), it).into())
        .collect()
}

/// A line with all that a row of sums says.
fn joined(mut line: Map<String, Value>, sums: &impl Serialize) -> Map<String, Value> {
    if let Ok(Value::Object(sums)) = serde_json::to_value(sums) {
        line.extend(sums);
    }
    line
}

/// `PLN pledges=1 min=100.00 point=100.00 …`, without what is null.
fn in_words(it: &Unconverted) -> String {
    let figures = &it.figures;
    let named = [
        ("min", &figures.min),
        ("point", &figures.point),
        ("max", &figures.max),
        ("committed", &figures.committed),
        ("paid", &figures.paid),
        ("withdrawn", &figures.withdrawn),
        ("outstanding", &figures.outstanding),
    ];
    let mut words = format!("{} pledges={}", it.currency, it.pledges);
    for (name, figure) in named {
        if let Some(figure) = figure {
            words.extend([" ", name, "=", figure]);
        }
    }
    words
}
