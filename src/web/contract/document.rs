//! The OpenAPI document: paths, and the components that they share.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    descriptions::FAILURES,
    examples,
    operation::headers,
    routes::Described,
    schema::{self, reference},
    vocabulary::Vocabularies,
};
use crate::web::{Format, problem::Problem};

/// Everything beside the operations and their schemas: shared headers, parameters, failures, security.
fn components(words: &Vocabularies) -> Map<String, Value> {
    let mut shared_headers = Map::new();
    let mut parameters = Map::new();
    for header in words.headers() {
        let example = words.example(header);
        let schema = match header.pattern {
            Some(pattern) => json!({ "type": "string", "pattern": pattern, "examples": [example] }),
            None => json!({ "type": "string", "examples": [example] }),
        };
        if header.answered {
            shared_headers.insert(
                header.name.to_owned(),
                json!({ "description": header.text, "schema": { "type": "string", "examples": [example] } }),
            );
        }
        if header.asked {
            parameters.insert(
                header.name.to_owned(),
                json!({ "name": header.name, "in": "header", "required": false, "description": header.text, "schema": schema }),
            );
        }
    }
    let mut responses = Map::new();
    let moved = words.moved().map(|text| ("308", text));
    let failures = FAILURES.iter().map(|(status, text, _)| (*status, *text));
    for (status, text) in moved.into_iter().chain(failures) {
        let mut named = vec!["X-Request-Id", "Content-Language"];
        match status {
            "308" => named.push("Location"),
            "401" => named.push("WWW-Authenticate"),
            "409" => named.extend(["ETag", "Retry-After"]),
            "412" => named.push("ETag"),
            "503" | "507" => named.push("Retry-After"),
            "429" => named.extend(["Retry-After", "RateLimit-Policy", "RateLimit"]),
            _ => {}
        }
        responses.insert(
            status.to_owned(),
            json!({
                "description": text,
                "headers": headers(&named),
                "content": { "application/problem+json": { "schema": reference("Problem"), "examples": examples::of_failures(status) } },
            }),
        );
    }
    let security = json!({ "key": { "type": "http", "scheme": "bearer", "description": "A key of this register: `pledgebook key create` makes one. Readers read in a private register, editors write, admins also handle keys." } });
    Map::from_iter([
        ("headers".to_owned(), shared_headers.into()),
        ("parameters".to_owned(), parameters.into()),
        ("responses".to_owned(), responses.into()),
        ("securitySchemes".to_owned(), security),
    ])
}

/// Leads from what a `POST` made to what can be done with it.
fn link(paths: &mut Map<String, Value>) {
    let ids: Vec<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flat_map(Map::values);
            operations.filter_map(|it| Some((path.clone(), it["operationId"].as_str()?.to_owned())))
        })
        .collect();
    for (path, item) in paths.iter_mut() {
        let Some(answer) = item.get_mut("post").and_then(|it| it["responses"].get_mut("201")) else {
            continue;
        };
        let key_below = |(other, _): &&(String, String)| {
            let rest = other
                .strip_prefix(path.as_str())
                .and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| rest.starts_with('{') && !rest.contains('/'))
        };
        let Some((made, _)) = ids.iter().find(key_below) else {
            continue;
        };
        let (_, below) = made.rsplit_once('/').unwrap_or_default();
        let kept = path.contains('{').then_some(("key", "$request.path.key"));
        let links: Map<String, Value> = ids
            .iter()
            .filter(|(other, _)| matches!(Format::split(other), (_, None)))
            .filter(|(other, _)| {
                other == made
                    || other.starts_with(&format!("{made}/"))
                        && other.matches('{').count() == made.matches('{').count()
            })
            .map(|(_, id)| {
                let mut parameters = Map::new();
                parameters.insert(
                    below.trim_matches(['{', '}']).to_owned(),
                    "$response.body#/id".into(),
                );
                if let Some((name, from)) = kept {
                    parameters.insert(name.to_owned(), from.into());
                }
                (id.clone(), json!({ "operationId": id, "parameters": parameters }))
            })
            .collect();
        if !links.is_empty() {
            answer["links"] = links.into();
        }
    }
}

/// Says a parameter once that is the same wherever it is taken.
fn share_parameters(paths: &mut Map<String, Value>, components: &mut Map<String, Value>) {
    let mut all: BTreeMap<String, Vec<&mut Value>> = BTreeMap::new();
    let operations = paths
        .values_mut()
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut);
    for parameter in operations
        .filter_map(|operation| operation["parameters"].as_array_mut())
        .flatten()
    {
        if let Some(name) = parameter["name"].as_str().filter(|_| parameter["in"] == "query") {
            all.entry(name.to_owned()).or_default().push(parameter);
        }
    }
    for (name, uses) in all {
        let alike = uses.windows(2).all(|pair| pair[0] == pair[1]);
        if uses.len() > 1 && alike {
            components["parameters"][&name] = (*uses[0]).clone();
            for parameter in uses {
                *parameter = json!({ "$ref": format!("#/components/parameters/{name}") });
            }
        }
    }
}

/// The document of these operations, without its front matter: paths, and the components that they use.
#[must_use]
pub fn document(described: Described, front: Value) -> Value {
    let words = Vocabularies::new(described.vocabulary);
    let mut paths = Map::new();
    let mut schemas = schema::named::<Problem>();
    schemas.extend(words.schemas_of_keys());
    for route in described.operations {
        let (object, of_operation) = route.operation.on(&route.path, &route.method, route.tag, &words);
        let path = paths
            .entry(route.path)
            .or_insert_with(|| Value::Object(Map::new()));
        path[route.method.as_str().to_ascii_lowercase()] = object;
        for (name, schema) in of_operation {
            let is_richer = |known: &Value| {
                known["properties"].as_object().map(Map::len) < schema["properties"].as_object().map(Map::len)
            };
            if schemas.get(&name).is_none_or(is_richer) {
                schemas.insert(name, schema);
            }
        }
    }
    schema::leave_out(&mut schemas, |name, member| words.is_sometimes(name, member));
    let mut components = components(&words);
    share_parameters(&mut paths, &mut components);
    link(&mut paths);
    schema::keep_used(&mut schemas, &json!([paths, components]));
    examples::exemplify(&mut paths, &schemas, &words);
    components.insert("schemas".into(), schemas.into());
    let mut document = front;
    document["paths"] = paths.into();
    document["components"] = components.into();
    document
}
