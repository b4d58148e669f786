//! Pledges: money, qualifiers, kinship, and finding them again.

mod due;
mod equivalents;
mod finding;
mod money;
mod moving;
mod parts;
mod restatements;
mod standing;
mod terms;
mod tranches;
mod writing;

use serde_json::Value;

use crate::{answer::Answer, prelude::*};

/// A grant of 100 dollars, but for these fields; unlike the app's words, null stays null.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a story writes its fields in place, as json!({…})"
)]
fn grant(fields: Value) -> Value {
    let mut grant =
        json!({"instrument": "grant", "qualifier": "exact", "amount": "100.00", "currency": "USD"});
    for (name, value) in fields.as_object().unwrap() {
        grant[name] = value.clone();
    }
    grant
}

/// A grant of 100 dollars by nobody in particular, but for these fields; its id.
pub async fn granted(app: &App, fields: Value) -> String {
    app.post("/v1/pledges", grant(fields)).await.created().id()
}

async fn patched(app: &App, id: &str, fields: Value) -> Answer {
    app.patch(&format!("/v1/pledges/{id}"), fields).await
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a story writes its fields in place, as json!({…})"
)]
#[track_caller]
fn assert_figures(of: &Answer, expected: Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&of[name], value, "{name} of {of}");
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

async fn ids(app: &App, query: &str) -> Vec<String> {
    let list = app
        .get(&format!("/v1/pledges?limit=200&{query}"))
        .await
        .expect(200);
    sorted(
        list.each("id")
            .iter()
            .map(|id| id.as_str().unwrap().into())
            .collect(),
    )
}

/// A collective headline of 300 dollars; its id.
async fn headline(app: &App) -> String {
    granted(app, json!({"amount": "300"})).await
}
