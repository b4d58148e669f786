//! Whatever is sent: the register answers, says why it refuses, and keeps what it accepts letter by letter.
//!
//! Two public collections of awkward input are read where they stand beside the project
//! (`../shared/data/robustness`): the Big List of Naughty Strings and the JSON Test Suite. Where they do not,
//! a smaller set of our own stands in, and the run says so at its end.

mod addresses;
mod connections;
mod fields;
mod json;
mod lengths;
mod numbers;
mod texts;

use std::{
    collections::{BTreeMap, HashSet},
    future::Future,
    time::Duration,
};

use futures_util::{StreamExt, stream};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pledgebook::values::without_ends;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::{answer::Answer, app::Ask, prelude::*, support::shared_data};

/// No answer takes as long, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many requests of a story are under way at once.
const AT_ONCE: usize = 6;
/// No refusal is longer, in bytes.
const LONGEST_REFUSAL: usize = 200_000;

/// Texts that have broken programs before.
fn texts() -> Vec<String> {
    // Blank in many ways, invisible, directed, joined, decomposed, no characters at all, syntax of something.
    let ours: Vec<String> = serde_json::from_str(include_str!("../../data/awkward.json")).unwrap();
    let long = [
        format!("e{}", "\u{301}".repeat(400)),
        "\u{301}\u{323}".repeat(200),
        "🚱".repeat(190),
        "\u{10ffff}".repeat(200),
        "س".repeat(500),
        "x".repeat(501),
        "a".repeat(1001),
        format!("{}{}", "\u{202e}".repeat(100), "\u{2066}".repeat(100)),
    ];
    let theirs: Vec<String> = shared_data("robustness/blns/blns.json").map_or_else(Vec::new, |file| {
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    });
    let mut all: Vec<String> = ours.into_iter().chain(long).chain(theirs).collect();
    let mut seen = HashSet::new();
    all.retain(|text| seen.insert(text.clone()));
    all
}

/// What the register makes of a text: nothing where it is refused.
fn kept(text: &str, longest: usize) -> Option<String> {
    let composed: String = without_ends(text).nfc().collect();
    let fits = !text.contains('\0') && !composed.is_empty() && composed.chars().count() <= longest;
    fits.then_some(composed)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

/// An answer, in time, that is a success, says that nothing has changed, or refuses: a refusal is a problem,
/// and not a long one.
async fn answered(ask: Ask) -> Answer {
    let answer = in_time(ask.into_future()).await;
    let status = answer.status;
    match status {
        200..300 | 304 => answer,
        400..500 => {
            let length = answer.text.len();
            assert!(
                length < LONGEST_REFUSAL,
                "{length} bytes of {status}: {}",
                answer.asked
            );
            let code = answer["code"].as_str().map(str::to_owned);
            let code = code.unwrap_or_else(|| panic!("no code: {answer}"));
            answer.problem(status, &code)
        }
        _ => panic!("our failure: {answer}"),
    }
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work)
        .await
        .expect("an answer within the limit")
}

/// Does the same with each, several at once; the outcomes in order. There is something to do it with.
async fn each<T, O>(items: impl IntoIterator<Item = T>, work: impl AsyncFn(T) -> O) -> Vec<O> {
    let outcomes: Vec<O> = stream::iter(items)
        .map(|item| work(item))
        .buffered(AT_ONCE)
        .collect()
        .await;
    assert!(!outcomes.is_empty(), "nothing was sent");
    outcomes
}

/// How much there is: of each list, and of changes.
async fn counts(app: &App) -> BTreeMap<&'static str, i64> {
    let mut counts = BTreeMap::new();
    for resource in [
        "participants",
        "coalitions",
        "meetings",
        "articles",
        "pledges",
        "citations",
        "rates",
        "changes",
    ] {
        let list = app
            .get(&format!("/v1/{resource}?count=true&limit=1"))
            .await
            .expect(200);
        counts.insert(resource, list["count"].as_i64().unwrap());
    }
    counts
}

/// The register holds what it did and these, with an entry of the log for each write; and it is well.
async fn holds(app: &App, before: &BTreeMap<&'static str, i64>, more: &[(&'static str, i64)]) {
    let mut expected = before.clone();
    for (resource, count) in more {
        *expected.get_mut(resource).unwrap() += count;
    }
    assert_eq!(counts(app).await, expected);
    let last = app.get("/v1/changes?limit=1").await.expect(200);
    let seq = last
        .items()
        .first()
        .map_or(0, |change| change["seq"].as_i64().unwrap());
    assert_eq!(seq, expected["changes"], "the log has a gap");
    for path in ["/healthz", "/readyz"] {
        app.get(path).await.expect(200);
    }
}

/// Whether a record says of itself what it said when it was made, wherever it stands: on its own, in its
/// list, in the log. `made` has the fields that were sent, as they must come back.
async fn stands(app: &App, list: &str, resource: &str, made: &[(String, Value)]) {
    let says = |record: &Value, fields: &Value| {
        fields
            .as_object()
            .unwrap()
            .iter()
            .all(|(name, value)| record[name] == *value)
    };
    let by_id = |rows: Vec<Value>, id: fn(&Value) -> &Value| -> BTreeMap<String, Value> {
        rows.into_iter()
            .map(|row| (id(&row).as_str().unwrap().to_owned(), row))
            .collect()
    };
    let listed = by_id(app.rows(&format!("{list}?limit=200")).await, |row| &row["id"]);
    let logged = by_id(
        app.rows(&format!("/v1/changes?limit=200&resource={resource}&op=create"))
            .await,
        |change| &change["after"]["id"],
    );
    assert!(!made.is_empty());
    for (id, fields) in made {
        // A list has an article's beginning only.
        let mut short = fields.clone();
        short.as_object_mut().unwrap().remove("body");
        assert!(
            says(&listed[id], &short),
            "{} in its list, not {fields}",
            listed[id]
        );
        assert!(
            says(&logged[id]["after"], fields),
            "{} in the log, not {fields}",
            logged[id]
        );
        assert!(logged[id]["before"].is_null());
    }
    each(made.iter().step_by(4), async |(id, fields)| {
        let record = app.get(&format!("{list}/{id}")).await.expect(200);
        assert!(says(&record.body, fields), "{record}, not {fields}");
    })
    .await;
    each(made.iter().step_by(16), async |(id, fields)| {
        let history = app.history(&format!("{list}/{id}")).await;
        assert!(
            says(&history.items().last().unwrap()["after"], fields),
            "{history}, not {fields}"
        );
    })
    .await;
}

/// Sends each, and holds what was made of it against what should be: the fields as they come back, or a
/// refusal. What was made, by id.
async fn made(app: &App, path: &str, bodies: Vec<(Value, Option<Value>)>) -> Vec<(String, Value)> {
    let outcomes = each(bodies, async |(body, expected)| {
        let answer = answered(app.post(path, body.clone())).await;
        let Some(expected) = expected else {
            answer.problem(422, "invalid");
            return None;
        };
        let answer = answer.created();
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(answer[name], *value, "{name} of {answer}");
        }
        Some((answer.id(), expected))
    })
    .await;
    outcomes.into_iter().flatten().collect()
}
