//! Types as the contract describes them, read back: the members of a view, in their order.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Members that an answer may leave out: on single records or where they are asked for alone.
/// Every other member is always there, null where nothing is known.
const SOMETIMES: &[&str] = &[
    "conflicts",
    "expanded",
    "count",
    "body",
    "excerpt",
    "converted",
    "headline",
    "instruments",
    "membership_at",
    "in",
    "rate_date",
    "rate_max_age",
    "request_id",
    "errors",
];

/// Members that stand on single records, never in lists.
pub(super) const OF_ITEMS: &[&str] = &["conflicts", "body"];

/// A type's schema as one plain object: what it flattens in is part of it.
pub(super) fn flat<T: ToSchema>() -> Value {
    let mut named = Vec::new();
    T::schemas(&mut named);
    let named: Map<String, Value> = named
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()))
        .collect();
    let own = serde_json::to_value(T::schema()).unwrap_or_default();
    let mut properties = Map::new();
    gather(&own, &named, &mut properties);
    if properties.is_empty() {
        return own;
    }
    let required: Vec<&String> = properties
        .keys()
        .filter(|name| !SOMETIMES.contains(&name.as_str()))
        .collect();
    let mut object = json!({ "type": "object", "required": required });
    if let Some(text) = own.get("description") {
        object["description"] = text.clone();
    }
    object["properties"] = Value::Object(properties);
    object
}

fn gather(schema: &Value, named: &Map<String, Value>, into: &mut Map<String, Value>) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let name = name.rsplit('/').next().unwrap_or_default();
        if let Some(schema) = named.get(name) {
            gather(schema, named, into);
        }
    }
    for part in schema
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        gather(part, named, into);
    }
    for (name, property) in schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        into.insert(name.clone(), property.clone());
    }
}

/// The members of a type, in their order.
pub(super) fn members<T: ToSchema>() -> Vec<String> {
    flat::<T>()["properties"]
        .as_object()
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}
