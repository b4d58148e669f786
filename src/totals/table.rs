//! Totals as the lines of a table: a line a group and currency, or, where they are converted, a line a group.
//!
//! What does not count is not among the lines: a column that somebody adds up must not hold money twice.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Dimension, Group, Keys, Unconverted,
    basis::{Basis, Conversion},
    events::{EventFigures, EventGroup},
};

/// A dimension that has a name beside its key, or a label.
const NAMED: [(Dimension, &str); 8] = [
    (Dimension::Meeting, "meeting_title"),
    (Dimension::Coalition, "coalition_name"),
    (Dimension::Participant, "participant_name"),
    (Dimension::Beneficiary, "beneficiary_name"),
    (Dimension::ParticipantKind, "participant_kind_label"),
    (Dimension::Instrument, "instrument_label"),
    (Dimension::State, "state_label"),
    (Dimension::Stage, "stage_label"),
];

/// What was to be paid by now, which is several figures.
const PHASED: &str = "phased";

/// The key of a group by currency, where the line's figures are in another.
const GROUP_CURRENCY: &str = "group_currency";

fn name_of(dimension: Dimension) -> Option<&'static str> {
    NAMED
        .into_iter()
        .find(|(named, _)| *named == dimension)
        .map(|(_, column)| column)
}

/// A group whose lines are told alike, whatever was added up.
pub trait Lines {
    /// The figures of a line.
    const FIGURES: &'static [&'static str];
    /// How many of what a group holds, whatever their currency; the first are those that a line counts.
    const COUNTS: &'static [&'static str];
    /// What a line has beside its figures where `phased=true` asks for it.
    const PHASED: &'static [&'static str];
    /// What a converted line has beside its figures.
    const CONVERTED: &'static [&'static str];

    fn key(&self) -> &Keys;
    fn names(&self) -> &Keys;
    fn counts(&self) -> Vec<i64>;
    /// A row for each currency.
    fn rows(&self) -> Vec<Map<String, Value>>;
    /// The one row that is converted, and in words what has no rate.
    fn converted(&self) -> Option<(Map<String, Value>, Vec<String>)>;
}

impl Lines for Group {
    const FIGURES: &'static [&'static str] = &[
        "pledges",
        "unbounded",
        "min",
        "point",
        "max",
        "committed",
        "paid",
        "withdrawn",
        "outstanding",
    ];
    const COUNTS: &'static [&'static str] = &["group_pledges", "group_unquantified", "group_unbounded"];
    const PHASED: &'static [&'static str] = &[
        "phased_pledges",
        "phased_expected",
        "phased_paid",
        "phased_without_tranches",
    ];
    const CONVERTED: &'static [&'static str] = &["unconverted", "rate_date", "rate_source"];

    fn key(&self) -> &Keys {
        &self.key
    }

    fn names(&self) -> &Keys {
        &self.names
    }

    fn counts(&self) -> Vec<i64> {
        vec![self.pledges, self.unquantified, self.unbounded]
    }

    fn rows(&self) -> Vec<Map<String, Value>> {
        self.by_currency.iter().map(members).collect()
    }

    fn converted(&self) -> Option<(Map<String, Value>, Vec<String>)> {
        let converted = self.converted.as_ref()?;
        let left = converted.unconverted.iter().map(in_words).collect();
        Some((members(converted), left))
    }
}

impl Lines for EventGroup {
    const FIGURES: &'static [&'static str] = &EventFigures::COLUMNS;
    const COUNTS: &'static [&'static str] = &["group_events"];
    const PHASED: &'static [&'static str] = &[];
    const CONVERTED: &'static [&'static str] = &["unconverted", "rate_source"];

    fn key(&self) -> &Keys {
        &self.key
    }

    fn names(&self) -> &Keys {
        &self.names
    }

    fn counts(&self) -> Vec<i64> {
        vec![self.events]
    }

    fn rows(&self) -> Vec<Map<String, Value>> {
        self.by_currency.iter().map(members).collect()
    }

    fn converted(&self) -> Option<(Map<String, Value>, Vec<String>)> {
        let converted = self.converted.as_ref()?;
        let each = converted.unconverted.iter();
        let left = each.map(|it| format!("{} {}", it.currency, it.figures.in_words()));
        Some((members(converted), left.collect()))
    }
}

/// The key's columns, each name beside its key, then the figures.
pub fn columns<G: Lines>(dimensions: &[Dimension], basis: &Basis) -> Vec<String> {
    let is_converted = basis.conversion.is_some();
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
    columns.push("currency");
    columns.extend(G::FIGURES);
    if basis.phased.is_some() {
        columns.extend(G::PHASED);
    }
    columns.extend(G::COUNTS);
    if is_converted {
        columns.extend(G::CONVERTED);
    }
    columns.into_iter().map(str::to_owned).collect()
}

pub fn lines<G: Lines>(groups: &[G], conversion: Option<&Conversion>) -> impl Iterator<Item = Value> {
    groups.iter().flat_map(move |group| lines_of(group, conversion))
}

fn lines_of<G: Lines>(group: &G, conversion: Option<&Conversion>) -> Vec<Value> {
    let mut head = Map::new();
    for (dimension, key) in group.key() {
        head.insert(dimension.to_string(), json!(key));
        if let Some(column) = name_of(*dimension) {
            head.insert(column.to_owned(), json!(group.names().get(dimension)));
        }
    }
    let counts = group.counts();
    for (name, count) in G::COUNTS.iter().zip(&counts) {
        head.insert((*name).to_owned(), (*count).into());
    }
    if let Some(((row, left), conversion)) = group.converted().zip(conversion) {
        if let Some(currency) = head.remove(Dimension::Currency.as_str()) {
            head.insert(GROUP_CURRENCY.into(), currency);
        }
        let mut line = joined(head, row);
        line.insert("unconverted".into(), left.join("; ").into());
        line.insert("rate_date".into(), conversion.day.to_string().into());
        line.insert("rate_source".into(), conversion.source().into());
        return vec![line.into()];
    }
    let rows = group.rows();
    if rows.is_empty() {
        // What has no amount, or nothing: the group is there all the same.
        let mut line = head;
        line.entry("currency").or_insert(Value::Null);
        if let Some((figure, count)) = G::FIGURES.first().zip(counts.first()) {
            line.insert((*figure).to_owned(), (*count).into());
        }
        return vec![line.into()];
    }
    rows.into_iter()
        .map(|row| joined(head.clone(), row).into())
        .collect()
}

/// All that a row of sums says.
fn members(sums: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(sums) {
        Ok(Value::Object(mut members)) => {
            // A cell holds one value.
            if let Some(Value::Object(phased)) = members.shift_remove(PHASED) {
                members.extend(
                    phased
                        .into_iter()
                        .map(|(name, it)| (format!("{PHASED}_{name}"), it)),
                );
            }
            members
        }
        _ => Map::new(),
    }
}

fn joined(mut line: Map<String, Value>, row: Map<String, Value>) -> Map<String, Value> {
    line.extend(row);
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
    let phased = it.phased.as_ref();
    for (name, figure) in [
        ("expected", phased.and_then(|it| it.expected.as_ref())),
        ("paid", phased.and_then(|it| it.paid.as_ref())),
    ] {
        if let Some(figure) = figure {
            words.extend([" ", PHASED, "_", name, "=", figure]);
        }
    }
    words
}
