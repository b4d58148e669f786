//! Types as the contract describes them, read back: the members of a view, in their order.

use std::{
    any::TypeId,
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::web::{Alone, Shown};

/// A type's schema as one plain object: what it flattens in is part of it.
pub(super) fn flat<T: ToSchema>() -> Value {
    flat_with_types::<T>().0
}

/// The same, and all that it refers to, by name.
pub(super) fn flat_with_types<T: ToSchema>() -> (Value, Map<String, Value>) {
    let mut types = named::<T>();
    let own = types.remove(T::name().as_ref()).unwrap_or_default();
    (own, types)
}

fn plain(own: &Value, named: &Map<String, Value>) -> Value {
    let mut properties = Map::new();
    gather(own, named, &mut properties);
    if properties.is_empty() {
        return own.clone();
    }
    let required: Vec<&String> = properties.keys().collect();
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

/// What was read of types: it takes longer than to answer with a record.
static MEMBERS: RwLock<BTreeMap<TypeId, Arc<[String]>>> = RwLock::new(BTreeMap::new());

/// The members of a type, in their order.
pub(in crate::web) fn members<T: ToSchema + 'static>() -> Arc<[String]> {
    let known = MEMBERS.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(members) = known.get(&TypeId::of::<T>()) {
        return members.clone();
    }
    drop(known);
    let schema = flat::<T>();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let members: Arc<[String]> = properties.map(|(name, _)| name.clone()).collect();
    let mut known = MEMBERS.write().unwrap_or_else(PoisonError::into_inner);
    known.insert(TypeId::of::<T>(), members.clone());
    members
}

/// The members of a record where it stands in a list.
pub(in crate::web) fn listed<R: Shown>() -> Vec<String> {
    let members = members::<R::Schema>();
    let alone = <R::Alone as Alone<R>>::MEMBERS;
    let listed = members.iter().filter(|name| !alone.contains(&name.as_str()));
    listed.cloned().collect()
}

/// The name of a language map in a merge patch.
pub(super) const PATCHED_MAP: &str = "LanguageMapPatch";

/// Of an answer that only those get who ask for it by this word: readers of the contract tell it by that.
pub(super) const ASKED_BY: &str = "x-asked-by";

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A type and all that it refers to, by name, each one plain.
pub(super) fn named<T: ToSchema>() -> Map<String, Value> {
    let mut found = Vec::new();
    T::schemas(&mut found);
    found.push((T::name().into_owned(), T::schema()));
    let all: Map<String, Value> = found
        .into_iter()
        .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap_or_default()))
        .collect();
    all.iter()
        .map(|(name, schema)| (name.clone(), plain(schema, &all)))
        .collect()
}

/// The same or null.
pub(super) fn nullable(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if schema.get("$ref").is_some() {
        return json!({ "oneOf": [{ "type": "null" }, schema] });
    }
    if let Some(single) = schema.get("type").filter(|it| it.is_string()).cloned() {
        schema["type"] = json!([single, "null"]);
    }
    schema
}

/// Where a type's schema says by which other type it is written.
pub const WRITTEN_AS: &str = "x-written-as";

/// A member on its way in: what is read as one type may be written as a wider one. A record's own `code` may not.
pub(super) fn written(name: &str, member: &Value, types: &Map<String, Value>) -> Value {
    let wider = types
        .iter()
        .filter(|_| name != "code")
        .filter_map(|(narrow, schema)| Some((reference(narrow), reference(schema[WRITTEN_AS].as_str()?))));
    wider.fold(member.clone(), |member, (narrow, wide)| {
        replaced(&member, &narrow, &wide)
    })
}

/// Takes away what is for this folder alone, and what `sometimes` says of members: all others are always there, null
/// where nothing is known.
pub(super) fn leave_out(schemas: &mut Map<String, Value>, sometimes: impl Fn(&str, &str) -> bool) {
    for (name, schema) in schemas {
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|member| !member.as_str().is_some_and(|member| sometimes(name, member)));
        }
        if let Some(object) = schema.as_object_mut() {
            object.remove(WRITTEN_AS);
        }
    }
}

/// A member in a merge patch: of a map of languages, null takes one away.
pub(super) fn patched(member: &Value) -> Value {
    replaced(member, &reference("LanguageMap"), &reference(PATCHED_MAP))
}

pub(super) fn patched_map() -> Value {
    json!({
        "type": "object",
        "description": "BCP 47 tag → text; null takes a language away.",
        "additionalProperties": { "type": ["string", "null"], "minLength": 1, "maxLength": 500 },
        "propertyNames": { "type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$" },
        "examples": [{ "fr": "Koweït" }],
    })
}

fn replaced(schema: &Value, this: &Value, by: &Value) -> Value {
    if schema["$ref"] == this["$ref"] && schema.get("$ref").is_some() {
        return by.clone();
    }
    let mut schema = schema.clone();
    for choice in schema
        .get_mut("oneOf")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        *choice = replaced(choice, this, by);
    }
    schema
}

/// Drops the schemas that nothing leads to.
pub(super) fn keep_used(schemas: &mut Map<String, Value>, from: &Value) {
    let mut used = Vec::new();
    names(from, &mut used);
    let mut next = 0;
    while let Some(name) = used.get(next).cloned() {
        next += 1;
        if let Some(schema) = schemas.get(&name) {
            names(schema, &mut used);
        }
    }
    schemas.retain(|name, _| used.contains(name));
    schemas.sort_keys();
}

fn names(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|it| it.strip_prefix("#/components/schemas/"))
                && !into.iter().any(|known| known == name)
            {
                into.push(name.to_owned());
            }
            members.values().for_each(|member| names(member, into));
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, into)),
        _ => {}
    }
}
