//! Who may do what: every route of the contract, asked with every sort of key. A route that is new has no line here,
//! and fails.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use crate::{contract::FORMS, prelude::*};

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// Everybody, whatever key comes along: none is looked at.
    Anybody,
    /// Everybody, also in a private register.
    All,
    /// Everybody in a public register, any key in a private one.
    Readers,
    /// Any key.
    Holders,
    /// Editors and admins; of confined keys those that may write this resource.
    Editors(&'static str),
    Admins,
}

use By::{Admins, All, Anybody, Editors, Holders, Readers};

const TABLE: &[(&str, &str, By)] = &[
    ("get", "/", All),
    ("get", "/docs", All),
    ("get", "/v1", Readers),
    ("get", "/search", All),
    ("get", "/openapi.json", All),
    ("get", "/problems", All),
    ("get", "/problems/{code}", All),
    ("get", "/healthz", Anybody),
    ("get", "/readyz", Anybody),
    ("get", "/version", All),
    ("get", "/v1/participants", Readers),
    ("post", "/v1/participants", Editors("participants")),
    ("post", "/v1/participants/batch", Editors("participants")),
    ("get", "/v1/participants/{key}", Readers),
    ("patch", "/v1/participants/{key}", Editors("participants")),
    ("delete", "/v1/participants/{key}", Editors("participants")),
    ("post", "/v1/participants/{key}/restore", Editors("participants")),
    ("get", "/v1/participants/{key}/history", Readers),
    ("get", "/v1/participants/{key}/citations", Readers),
    ("post", "/v1/participants/{key}/citations", Editors("citations")),
    ("get", "/v1/coalitions", Readers),
    ("post", "/v1/coalitions", Editors("coalitions")),
    ("post", "/v1/coalitions/batch", Editors("coalitions")),
    ("get", "/v1/coalitions/{key}", Readers),
    ("patch", "/v1/coalitions/{key}", Editors("coalitions")),
    ("delete", "/v1/coalitions/{key}", Editors("coalitions")),
    ("post", "/v1/coalitions/{key}/restore", Editors("coalitions")),
    ("get", "/v1/coalitions/{key}/history", Readers),
    ("get", "/v1/coalitions/{key}/citations", Readers),
    ("post", "/v1/coalitions/{key}/citations", Editors("citations")),
    ("get", "/v1/coalitions/{key}/members", Readers),
    ("get", "/v1/coalitions/{key}/members/{participant}", Readers),
    (
        "put",
        "/v1/coalitions/{key}/members/{participant}",
        Editors("coalitions"),
    ),
    (
        "delete",
        "/v1/coalitions/{key}/members/{participant}",
        Editors("coalitions"),
    ),
    (
        "post",
        "/v1/coalitions/{key}/members/{participant}/restore",
        Editors("coalitions"),
    ),
    (
        "get",
        "/v1/coalitions/{key}/members/{participant}/history",
        Readers,
    ),
    ("get", "/v1/meetings", Readers),
    ("post", "/v1/meetings", Editors("meetings")),
    ("post", "/v1/meetings/batch", Editors("meetings")),
    ("get", "/v1/meetings/{key}", Readers),
    ("patch", "/v1/meetings/{key}", Editors("meetings")),
    ("delete", "/v1/meetings/{key}", Editors("meetings")),
    ("post", "/v1/meetings/{key}/restore", Editors("meetings")),
    ("get", "/v1/meetings/{key}/history", Readers),
    ("get", "/v1/meetings/{key}/citations", Readers),
    ("post", "/v1/meetings/{key}/citations", Editors("citations")),
    ("get", "/v1/meetings/{key}/attendance", Readers),
    ("get", "/v1/meetings/{key}/attendance/{participant}", Readers),
    (
        "put",
        "/v1/meetings/{key}/attendance/{participant}",
        Editors("meetings"),
    ),
    (
        "delete",
        "/v1/meetings/{key}/attendance/{participant}",
        Editors("meetings"),
    ),
    (
        "post",
        "/v1/meetings/{key}/attendance/{participant}/restore",
        Editors("meetings"),
    ),
    (
        "get",
        "/v1/meetings/{key}/attendance/{participant}/history",
        Readers,
    ),
    ("get", "/v1/meetings/{key}/matrix", Readers),
    ("get", "/v1/meetings/{key}/totals", Readers),
    ("get", "/v1/meetings/{key}/totals/explain", Readers),
    ("get", "/v1/articles", Readers),
    ("post", "/v1/articles", Editors("articles")),
    ("post", "/v1/articles/batch", Editors("articles")),
    ("get", "/v1/articles/{key}", Readers),
    ("patch", "/v1/articles/{key}", Editors("articles")),
    ("delete", "/v1/articles/{key}", Editors("articles")),
    ("post", "/v1/articles/{key}/restore", Editors("articles")),
    ("get", "/v1/articles/{key}/history", Readers),
    ("get", "/v1/articles/{key}/citations", Readers),
    ("post", "/v1/articles/{key}/citations", Editors("citations")),
    ("get", "/v1/due", Readers),
    ("get", "/v1/pledges", Readers),
    ("post", "/v1/pledges", Editors("pledges")),
    ("post", "/v1/pledges/batch", Editors("pledges")),
    ("get", "/v1/pledges/{key}", Readers),
    ("patch", "/v1/pledges/{key}", Editors("pledges")),
    ("delete", "/v1/pledges/{key}", Editors("pledges")),
    ("post", "/v1/pledges/{key}/restore", Editors("pledges")),
    ("get", "/v1/pledges/{key}/history", Readers),
    ("get", "/v1/pledges/{key}/citations", Readers),
    ("post", "/v1/pledges/{key}/citations", Editors("citations")),
    ("get", "/v1/events", Readers),
    ("get", "/v1/pledges/{key}/events", Readers),
    ("post", "/v1/pledges/{key}/events", Editors("events")),
    ("get", "/v1/pledges/{key}/events/{event}", Readers),
    ("patch", "/v1/pledges/{key}/events/{event}", Editors("events")),
    ("delete", "/v1/pledges/{key}/events/{event}", Editors("events")),
    (
        "post",
        "/v1/pledges/{key}/events/{event}/restore",
        Editors("events"),
    ),
    ("get", "/v1/pledges/{key}/events/{event}/history", Readers),
    ("get", "/v1/pledges/{pledge}/events/{key}/citations", Readers),
    (
        "post",
        "/v1/pledges/{pledge}/events/{key}/citations",
        Editors("citations"),
    ),
    ("get", "/v1/pledges/{key}/adherents", Readers),
    ("get", "/v1/pledges/{key}/adherents/{participant}", Readers),
    (
        "put",
        "/v1/pledges/{key}/adherents/{participant}",
        Editors("pledges"),
    ),
    (
        "delete",
        "/v1/pledges/{key}/adherents/{participant}",
        Editors("pledges"),
    ),
    (
        "post",
        "/v1/pledges/{key}/adherents/{participant}/restore",
        Editors("pledges"),
    ),
    (
        "get",
        "/v1/pledges/{key}/adherents/{participant}/history",
        Readers,
    ),
    (
        "get",
        "/v1/pledges/{pledge}/adherents/{participant}/citations",
        Readers,
    ),
    (
        "post",
        "/v1/pledges/{pledge}/adherents/{participant}/citations",
        Editors("citations"),
    ),
    ("get", "/v1/assessments", Readers),
    ("post", "/v1/assessments", Editors("assessments")),
    ("post", "/v1/assessments/batch", Editors("assessments")),
    ("get", "/v1/assessments/{key}", Readers),
    ("patch", "/v1/assessments/{key}", Editors("assessments")),
    ("delete", "/v1/assessments/{key}", Editors("assessments")),
    ("post", "/v1/assessments/{key}/restore", Editors("assessments")),
    ("get", "/v1/assessments/{key}/history", Readers),
    ("get", "/v1/assessments/{key}/citations", Readers),
    ("post", "/v1/assessments/{key}/citations", Editors("citations")),
    ("get", "/v1/scales", Readers),
    ("get", "/v1/scales/{key}", Readers),
    ("put", "/v1/scales/{key}", Editors("scales")),
    ("get", "/v1/scales/{key}/history", Readers),
    ("get", "/v1/citations", Readers),
    ("post", "/v1/citations", Editors("citations")),
    ("post", "/v1/citations/batch", Editors("citations")),
    ("get", "/v1/citations/{key}", Readers),
    ("patch", "/v1/citations/{key}", Editors("citations")),
    ("delete", "/v1/citations/{key}", Editors("citations")),
    ("post", "/v1/citations/{key}/restore", Editors("citations")),
    ("get", "/v1/citations/{key}/history", Readers),
    ("get", "/v1/rates", Readers),
    ("put", "/v1/rates", Editors("rates")),
    ("get", "/v1/totals", Readers),
    ("get", "/v1/totals/explain", Readers),
    ("get", "/v1/search", Readers),
    ("get", "/v1/vocabularies", Readers),
    ("get", "/v1/changes", Readers),
    ("get", "/v1/keys", Admins),
    ("post", "/v1/keys", Admins),
    ("get", "/v1/keys/{key}", Admins),
    ("patch", "/v1/keys/{key}", Admins),
    ("delete", "/v1/keys/{key}", Admins),
    ("post", "/v1/keys/{key}/rotate", Admins),
    ("get", "/v1/me", Holders),
];

/// A way to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    None,
    Wrong,
    Reader,
    Editor,
    Admin,
    /// Of an editor who writes this resource alone.
    Confined(&'static str),
}

impl By {
    /// What whoever comes so is refused with; none where the key does not stand in the way.
    fn refuses(self, key: Key, is_private: bool) -> Option<u16> {
        match (self, key) {
            (Anybody, _) => None,
            (_, Key::Wrong) => Some(401),
            (All, _) | (Editors(_), Key::Editor | Key::Admin) | (Admins, Key::Admin) => None,
            (Readers, Key::None) => is_private.then_some(401),
            (_, Key::None) => Some(401),
            (Readers | Holders, _) => None,
            (Editors(resource), Key::Confined(to)) => (resource != to).then_some(403),
            (Editors(_) | Admins, _) => Some(403),
        }
    }
}

#[test]
fn every_route_has_its_line() {
    let contract = pledgebook::app::contract();
    let routes: BTreeSet<(String, String)> = contract["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods
                .map(|method| (path.clone(), method.clone()))
                .collect::<Vec<_>>()
        })
        .filter(|(_, method)| ["get", "post", "put", "patch", "delete"].contains(&method.as_str()))
        .collect();
    let table = table(&contract);
    let lines = table
        .iter()
        .map(|(method, path, _)| (path.clone(), (*method).to_owned()));
    let lines: BTreeSet<_> = lines.collect();
    assert_eq!(routes, lines);
    assert_eq!(lines.len(), table.len());
    // What the contract says of keys is what the table says.
    for (method, path, by) in &table {
        let security = &contract["paths"][path][method]["security"];
        let takes_a_key = security == &serde_json::json!([{ "key": [] }]);
        assert_eq!(
            takes_a_key,
            !matches!(by, Anybody | All | Readers),
            "{method} {path}"
        );
    }
}

/// The table, and behind each line those of the forms that have paths of their own: who may is the same.
fn table(contract: &Value) -> Vec<(&'static str, String, By)> {
    let lines = TABLE.iter().flat_map(|(method, path, by)| {
        let forms = ["", FORMS[0], FORMS[1]].into_iter();
        let paths = forms.map(move |form| format!("{path}{form}"));
        let known = paths.filter(|it| it.as_str() == *path || contract["paths"][it].get(method).is_some());
        known.map(|path| (*method, path, *by)).collect::<Vec<_>>()
    });
    lines.collect()
}

/// A path that names what is not there: what is refused for its key is refused first.
fn filled(path: &str) -> String {
    path.replace("/participants/{key}", "/participants/NONE")
        .replace("{participant}", "NONE")
        .replace("/coalitions/{key}", "/coalitions/none")
        .replace("/meetings/{key}", "/meetings/none")
        .replace("/scales/{key}", "/scales/none")
        .replace("{code}", "invalid")
        .replace("{key}", "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b")
        .replace("{pledge}", "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b")
        .replace("{event}", "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b")
}

async fn every_route(app: &App, is_private: bool) {
    let contract = pledgebook::app::contract();
    let mut keys = vec![
        (Key::None, String::new()),
        (Key::Wrong, "pbk_wrong".to_owned()),
        (Key::Reader, app.keys.reader.clone()),
        (Key::Editor, app.keys.editor.clone()),
        (Key::Admin, app.keys.admin.clone()),
    ];
    for resource in ["rates", "pledges", "meetings", "citations", "assessments"] {
        let secret = app.editor_with(resource, json!({"resources": [resource]})).await;
        keys.push((Key::Confined(resource), secret));
    }
    for (line, (method, path, by)) in table(&contract).into_iter().enumerate() {
        let content = &contract["paths"][&path][method]["requestBody"]["content"];
        let body = content.as_object().and_then(|content| content.iter().next_back());
        for (key, secret) in &keys {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let mut ask = app.ask(method.clone(), &filled(&path)).without_key();
            if let Some((kind, content)) = body {
                let example = &content["example"];
                ask = ask.body(
                    kind,
                    example
                        .as_str()
                        .map_or_else(|| example.to_string(), str::to_owned),
                );
            }
            if *key != Key::None {
                ask = ask.key(secret);
            }
            if *key == Key::Wrong {
                // Of one client, ten wrong keys are answered so.
                ask = ask.header("x-forwarded-for", &format!("198.51.100.{}", line / 10));
            }
            let answer = ask.await;
            let refused = Some(answer.status).filter(|status| [401, 403].contains(status));
            assert_eq!(refused, by.refuses(*key, is_private), "{key:?}, {by:?}: {answer}");
            assert!(answer.status < 500, "{answer}");
            let is_challenged = answer.header("www-authenticate").is_some();
            assert_eq!(is_challenged, refused == Some(401), "{answer}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_a_public_register_asks_for_the_right_key(#[case] engine: Engine) {
    let app = App::start(engine).await;
    every_route(&app, false).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_a_private_register_asks_for_the_right_key(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    every_route(&app, true).await;
}
