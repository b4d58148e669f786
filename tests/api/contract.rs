//! The contract, held against every answer of every story: what is answered is what `openapi.json`
//! says, and what is accepted is what it says can be sent.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::answer::Answer;

static DOCUMENT: LazyLock<Value> = LazyLock::new(pledgebook::app::contract);

/// What the paths of forms end in.
pub const FORMS: [&str; 2] = [".csv", ".ndjson"];

/// Headers that a client may act on: an answer has none of them that the contract does not promise.
const PROMISED: [&str; 8] = [
    "ETag",
    "Location",
    "Link",
    "Content-Disposition",
    "Retry-After",
    "Preference-Applied",
    "Idempotency-Replayed",
    "Pledgebook-Basis",
];

/// Fails where an answer, or a body that was accepted, is not as the contract says; and where something is
/// served of which the contract knows nothing.
pub fn hold(sent: Option<&Value>, answer: &Answer) {
    let (method, address) = answer.asked.split_once(' ').unwrap();
    let path = address.split_once('?').map_or(address, |(path, _)| path);
    let path = if path.len() > 1 {
        path.trim_end_matches('/')
    } else {
        path
    };
    let is_refused = (400..500).contains(&answer.status);
    let Some((template, item)) = of_path(path) else {
        // The files that pages are made of are none of the contract's.
        let is_file = ["/docs/", "/assets/"]
            .iter()
            .any(|folder| path.starts_with(folder))
            && matches!(answer.status, 200 | 304);
        assert!(
            is_refused || is_file,
            "the contract knows nothing of {path}: {answer}"
        );
        return;
    };
    let is_head = method == "HEAD";
    let method = if is_head { "get" } else { &method.to_lowercase() };
    let Some(operation) = item.get(method) else {
        // What a path can be asked is said of any path.
        let is_told = method == "options" && answer.status == 204;
        assert!(
            is_refused || is_told,
            "the contract knows no {method} of {template}: {answer}"
        );
        return;
    };
    let status = answer.status.to_string();
    let responses = &operation["responses"];
    // A path that is none of its keys' is no record's either.
    let Some(response) = responses.get(&status) else {
        panic!("the contract knows no {status} of {method} {template}: {answer}")
    };
    let response = resolved(response);
    for name in PROMISED {
        assert!(
            answer.header(name).is_none() || response["headers"].get(name).is_some(),
            "the contract promises no {name} with {status} of {method} {template}: {answer}"
        );
    }
    let has_no_body = matches!(answer.status, 204 | 304) || answer.status == 201 && answer.text.is_empty();
    assert!(
        is_head || !has_no_body || answer.header("content-type").is_none(),
        "no body has a type: {answer}"
    );
    let media_type = answer
        .header("content-type")
        .and_then(|it| it.split(';').next())
        .unwrap_or_default();
    let mut content = &response["content"][media_type];
    if content.is_null() && answer.status == 200 {
        // Of a form that was asked for otherwise than by its path, its path says the same.
        content = FORMS
            .iter()
            .map(|form| &DOCUMENT["paths"][format!("{template}{form}")][method]["responses"]["200"])
            .map(|it| &it["content"][media_type])
            .find(|it| it.is_object())
            .unwrap_or(content);
    }
    if answer.text.is_empty() {
        // A list without a row is no line; and who wants to hear no more is told that it is heeded.
        let may_be_empty = response["content"].is_null()
            || is_head
            || media_type == "application/x-ndjson"
            || answer.header("preference-applied") == Some("return=minimal");
        assert!(
            may_be_empty,
            "{status} of {method} {template} has a body: {answer}"
        );
        return;
    }
    assert!(
        content.is_object(),
        "the contract knows no {media_type:?} of {status} of {method} {template}: {answer}"
    );
    if media_type.ends_with("json") && media_type != "application/x-ndjson" {
        let key = format!("{method} {template} {status}");
        let faults = faults(&key, &content["schema"], &answer.body);
        assert!(
            faults.is_empty(),
            "{key} is not as the contract says: {faults:?} in {answer}"
        );
    }
    // What a lenient batch takes of what it was sent, it says item by item; lines are no one value.
    let is_batch = template.contains("/batch");
    let sent = sent.filter(|sent| !is_batch || answer.status == 201 && sent.is_array());
    if let Some(sent) = sent.filter(|_| (200..300).contains(&answer.status)) {
        let content = &operation["requestBody"]["content"];
        let schema = &content["application/json"]["schema"];
        let key = format!("{method} {template} is sent");
        let faults = faults(&key, schema, &in_their_own_case(sent));
        assert!(
            faults.is_empty(),
            "{key} what the contract does not allow, and takes it: {faults:?} in {sent}"
        );
    }
}

/// What was sent, with the words of the contract's lists in the case that they have there: any other is taken too, which no
/// schema can say.
fn in_their_own_case(sent: &Value) -> Value {
    static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        let mut words = HashSet::new();
        let mut left: Vec<&'static Value> = vec![&DOCUMENT["components"]["schemas"]];
        while let Some(value) = left.pop() {
            words.extend(
                value["enum"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str),
            );
            left.extend(value.as_object().into_iter().flat_map(|it| it.values()));
            left.extend(value.as_array().into_iter().flatten());
        }
        words
    });
    match sent {
        Value::String(text) => {
            let own = text.to_ascii_lowercase();
            WORDS
                .get(own.as_str())
                .map_or_else(|| sent.clone(), |word| json!(word))
        }
        Value::Array(items) => items.iter().map(in_their_own_case).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), in_their_own_case(value)))
            .collect(),
        _ => sent.clone(),
    }
}

fn of_path(path: &str) -> Option<(&'static String, &'static Value)> {
    let matches = |template: &str| {
        let (mut given, mut wanted) = (path.split('/'), template.split('/'));
        loop {
            match (given.next(), wanted.next()) {
                (None, None) => return true,
                (Some(given), Some(wanted))
                    if given == wanted || wanted.starts_with('{') && !given.is_empty() => {}
                _ => return false,
            }
        }
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    // A literal segment is meant before a key is.
    paths
        .iter()
        .filter(|(template, _)| matches(template))
        .min_by_key(|(template, _)| template.matches('{').count())
}

fn resolved(object: &'static Value) -> &'static Value {
    object["$ref"].as_str().map_or(object, |pointer| {
        DOCUMENT.pointer(pointer.trim_start_matches('#')).unwrap()
    })
}

/// What of a value is against its schema. A validator is made once for all stories.
fn faults(key: &str, schema: &Value, value: &Value) -> Vec<String> {
    static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let known = VALIDATORS.lock().unwrap().get(key).cloned();
    let validator = known.unwrap_or_else(|| {
        assert!(schema.is_object(), "the contract has no schema for {key}");
        let mut whole = schema.clone();
        whole["components"] = json!({ "schemas": DOCUMENT["components"]["schemas"] });
        let validator = Arc::new(jsonschema::draft202012::new(&whole).unwrap());
        VALIDATORS
            .lock()
            .unwrap()
            .insert(key.to_owned(), validator.clone());
        validator
    });
    validator
        .iter_errors(value)
        .take(5)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn the_committed_contract_is_the_one_that_is_served() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json")).unwrap();
    let served = std::str::from_utf8(pledgebook::app::document()).unwrap();
    assert!(
        committed == served,
        "openapi.json is not what the routes say: cargo run -- openapi > openapi.json"
    );
}

#[test]
fn every_operation_is_named_once_and_every_word_is_explained() {
    let mut ids = Vec::new();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            ids.push(operation["operationId"].as_str().unwrap());
            for parameter in operation["parameters"].as_array().unwrap() {
                let pointer = parameter["$ref"].as_str().map(|it| it.trim_start_matches('#'));
                let parameter = pointer.map_or(parameter, |it| DOCUMENT.pointer(it).unwrap());
                let text = parameter["description"].as_str().unwrap_or_default();
                assert!(
                    !text.is_empty(),
                    "{method} {path} takes {parameter}, and nothing says what it is"
                );
                assert!(parameter["schema"].is_object(), "{method} {path}: {parameter}");
            }
        }
    }
    let all = ids.len();
    assert!(all > 90, "only {all} operations were found");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an operation id stands twice");
}

/// Generated clients know one type of an answer, and of a body: each other form is an operation of its own, and whoever may ask for
/// the one may ask for the other.
#[test]
fn every_form_has_an_operation_of_its_own() {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    // A page beside JSON is for browsers, and a patch is the same under either name.
    let is_form = |it: &&String| !["text/html", "application/merge-patch+json"].contains(&it.as_str());
    let mut apart = 0;
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            let at = format!("{method} {path}");
            for content in [
                &operation["responses"]["200"]["content"],
                &operation["responses"]["201"]["content"],
                &operation["requestBody"]["content"],
            ] {
                let forms = content.as_object().into_iter().flat_map(|it| it.keys());
                assert!(
                    forms.filter(is_form).count() < 2,
                    "{at} has several forms: {content}"
                );
            }
            let Some(plain) = FORMS.iter().find_map(|form| path.strip_suffix(form)) else {
                continue;
            };
            apart += 1;
            let plain = &paths[plain][method];
            for same in ["tags", "security"] {
                assert_eq!(plain[same], operation[same], "{at}");
            }
            // Whoever sends defaults is still answered all that matches.
            for parameter in operation["parameters"].as_array().unwrap() {
                let given = method == "get" && !parameter["schema"]["default"].is_null();
                assert!(!given, "{at} has a default: {parameter}");
            }
            let said = plain["description"].as_str().unwrap();
            assert!(
                said.contains(&format!("`{path}`")),
                "{at} is not named by {said:?}"
            );
        }
    }
    assert!(apart > 60, "only {apart} operations of forms were found");
}

/// A schema says what it is: a type, words, or a choice of others.
#[test]
fn no_schema_is_untyped() {
    fn check(schema: &Value, at: &str) {
        let says = ["type", "$ref", "enum", "oneOf", "anyOf", "allOf", "const"]
            .iter()
            .any(|word| schema.get(word).is_some());
        assert!(says, "{at} is untyped: {schema}");
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            assert_ne!(member["type"], "null", "{at}/{name} is nothing else than null");
            check(member, &format!("{at}/{name}"));
        }
        for part in ["oneOf", "allOf"] {
            for (index, member) in schema[part].as_array().into_iter().flatten().enumerate() {
                check(member, &format!("{at}/{part}/{index}"));
            }
        }
        for part in ["items", "additionalProperties"] {
            if schema[part].is_object() {
                check(&schema[part], &format!("{at}/{part}"));
            }
        }
    }
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    assert!(schemas.len() > 50, "only {} schemas were found", schemas.len());
    for (name, schema) in schemas {
        check(schema, name);
    }
}
