//! What the contract shows: of every answer an example, of a failure one for each code that it may have. Ids are those of what a demo
//! begins with, as features say them ([`Vocabulary`](super::Vocabulary)), so that whoever asks a demo for what is shown finds it.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::vocabulary::Vocabularies;
use crate::web::problem;

/// Answers with a status that is none of a success: by each code, in the order of the catalogue, what it says.
pub(super) fn of_failures(status: &str) -> Value {
    let status = status.parse().unwrap_or_default();
    problem::examples(status)
        .map(|(of, value)| {
            let named = if of.is_fault() {
                &value["errors"][0]
            } else {
                &value
            };
            let summary = named["title"].clone();
            (of.code.clone(), json!({ "summary": summary, "value": value }))
        })
        .collect::<Map<_, _>>()
        .into()
}

/// Gives every JSON answer that shows nothing yet an example, made of its members' own.
pub(super) fn exemplify(paths: &mut Map<String, Value>, schemas: &Map<String, Value>, words: &Vocabularies) {
    let shown = Shown { schemas, words };
    let answers = paths
        .values_mut()
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
        .filter_map(|operation| operation.get_mut("responses")?.as_object_mut())
        .flat_map(Map::values_mut);
    for (media_type, content) in answers
        .filter_map(|response| response.get_mut("content")?.as_object_mut())
        .flatten()
    {
        if media_type.ends_with("json")
            && content.get("example").is_none()
            && content["schema"]["type"] != "string"
        {
            content["example"] = shown.example(&content["schema"], 0);
        }
    }
}

/// All that examples are made of.
struct Shown<'a> {
    schemas: &'a Map<String, Value>,
    words: &'a Vocabularies,
}

impl Shown<'_> {
    fn example(&self, schema: &Value, depth: usize) -> Value {
        let name = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next());
        match name {
            Some(name) => {
                let named = self.schemas.get(name);
                named.map_or(Value::Null, |schema| self.of_type(name, schema, depth))
            }
            None => self.of_type("", schema, depth),
        }
    }

    /// An example of a schema that has this name, or none.
    fn of_type(&self, name: &str, schema: &Value, depth: usize) -> Value {
        if schema.get("$ref").is_some() {
            return self.example(schema, depth);
        }
        if let Some(given) = schema["examples"].as_array().and_then(|it| it.first()) {
            return given.clone();
        }
        if let Some(given) = schema.get("example").or_else(|| schema.get("default")) {
            return given.clone();
        }
        if let Some(word) = schema["enum"].as_array().and_then(|it| it.first()) {
            return word.clone();
        }
        if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let choice = choices.iter().find(|choice| choice["type"] != "null");
            return choice.map_or(Value::Null, |choice| self.example(choice, depth));
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.first().and_then(Value::as_str),
            kind => kind.as_str(),
        };
        match (kind, schema["format"].as_str()) {
            (Some("object"), _) => self.object(name, schema, depth),
            (Some("array"), _) if depth < 4 => json!([self.example(&schema["items"], depth + 1)]),
            (Some("array"), _) => json!([]),
            (Some("integer"), _) => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
            (Some("boolean"), _) => json!(false),
            // Nobody's: whose it is the vocabularies say.
            (Some("string"), Some("uuid")) => json!(Uuid::nil()),
            (Some("string"), Some("date-time")) => json!("2026-11-24T19:00:00Z"),
            (Some("string"), Some("date")) => json!("2026-11-24"),
            (Some("string"), _) => json!("…"),
            _ => Value::Null,
        }
    }

    fn object(&self, name: &str, schema: &Value, depth: usize) -> Value {
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(member, _)| required.contains(&member.as_str()))
            .map(|(member, schema)| {
                let said = self.words.member(name, member).cloned();
                let shown = said.unwrap_or_else(|| self.example(schema, depth + 1));
                (member.clone(), shown)
            })
            .collect::<Map<_, _>>()
            .into()
    }
}
