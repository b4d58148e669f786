//! Totals as the lines of a table: a line a group and currency, or, where they are converted, a line a group.
//!
//! What does not count is not among the lines: a column that somebody adds up must not hold money twice.

use serde_json::{Map, Value, json};

use super::{Dimension, Figures, Group};

/// A dimension that has a name beside its key.
const NAMED: [(Dimension, &str); 4] = [
    (Dimension::Meeting, "meeting_title"),
    (Dimension::Coalition, "coalition_name"),
    (Dimension::Participant, "participant_name"),
    (Dimension::Beneficiary, "beneficiary_name"),
];

fn name_of(dimension: Dimension) -> Option<&'static str> {
    NAMED
        .into_iter()
        .find(|(named, _)| *named == dimension)
        .map(|(_, column)| column)
}

/// The key's columns, each name beside its key, then the figures.
pub fn columns(dimensions: &[Dimension], is_converted: bool) -> Vec<String> {
    let mut columns: Vec<&str> = Vec::new();
    for dimension in dimensions.iter().filter(|it| **it != Dimension::Currency) {
        columns.push(dimension.as_str());
        columns.extend(name_of(*dimension));
    }
    columns.extend([
        "currency",
        "pledges",
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
        columns.push("unconverted");
    }
    columns.into_iter().map(str::to_owned).collect()
}

pub fn lines(groups: &[Group]) -> Vec<Value> {
    groups.iter().flat_map(lines_of).collect()
}

fn lines_of(group: &Group) -> Vec<Value> {
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
    let line = |currency: Value, pledges: i64, figures: &Figures| {
        let mut line = head.clone();
        line.insert("currency".into(), currency);
        line.insert("pledges".into(), pledges.into());
        if let Ok(Value::Object(figures)) = serde_json::to_value(figures) {
            line.extend(figures);
        }
        line
    };
    if let Some(converted) = &group.converted {
        let without: i64 = converted.unconverted.iter().map(|it| it.pledges).sum();
        let pledges = group.pledges - group.unquantified - without;
        let mut line = line(json!(converted.currency), pledges, &converted.figures);
        let left: Vec<String> = converted
            .unconverted
            .iter()
            .map(|it| {
                let point = it.point.as_deref().unwrap_or("?");
                format!("{} {point} ({} pledges)", it.currency, it.pledges)
            })
            .collect();
        line.insert("unconverted".into(), left.join("; ").into());
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
        .map(|it| line(json!(it.currency), it.pledges, &it.figures).into())
        .collect()
}
