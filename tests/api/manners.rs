//! What every path has in common, whatever it is about.

use std::collections::HashSet;

use pledgebook::auth;
use reqwest::Method;

use crate::{
    answer::Answer,
    contract::FORMS,
    dossier::{Dossier, Operation},
    prelude::*,
};

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_a_problem(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for path in ["/nothing", "/v1/nothing", "/v1/changes/x", "/v2"] {
        app.get(path).await.problem(404, "no_such_path");
    }
    app.post("/v1/nothing", json!({}))
        .await
        .problem(404, "no_such_path");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_method_that_a_path_does_not_have_is_answered_with_those_it_has(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let refused = app.delete("/v1/changes").await.problem(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), Some("GET,HEAD"));
    assert!(refused["detail"].as_str().unwrap().contains("GET"), "{refused}");
    let options = app.ask(reqwest::Method::OPTIONS, "/v1/changes").await.ok();
    assert!(options.text.is_empty(), "{options}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_request_keeps_the_id_that_it_came_with(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let named = app
        .get("/v1/changes")
        .header("X-Request-Id", "story-17")
        .await
        .ok();
    assert_eq!(named.header("x-request-id"), Some("story-17"));
    let refused = app
        .get("/nothing")
        .header("X-Request-Id", "story-18")
        .await
        .problem(404, "no_such_path");
    assert_eq!(refused["request_id"], "story-18");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_an_id_is_given_one(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let ids: Vec<_> = [app.get("/v1/changes").await, app.get("/v1/changes").await]
        .iter()
        .map(|answer| answer.header("x-request-id").unwrap().to_owned())
        .collect();
    assert_ne!(ids[0], ids[1]);
    // What cannot stand in a header or a log is no id.
    for unfit in ["", "two words", &"x".repeat(129)] {
        let answer = app.get("/v1/changes").header("X-Request-Id", unfit).await.ok();
        assert_ne!(answer.header("x-request-id"), Some(unfit));
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_refused_on_any_path(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for path in ["/v1/changes", "/v1/nothing", "/nothing", "/"] {
        let refused = app.get(path).key("pbk_wrong").await.problem(401, "unauthorized");
        assert!(
            refused.header("www-authenticate").unwrap().starts_with("Bearer"),
            "{refused}"
        );
    }
    for header in ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "pbk_wrong"] {
        app.get("/v1/changes")
            .header("Authorization", header)
            .await
            .problem(401, "unauthorized");
    }
    for key in [&app.keys.reader, &app.keys.editor, &app.keys.admin] {
        app.get("/v1/changes").key(key).await.expect(200);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_key_is_a_wrong_one(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let key = app.keys.editor.clone();
    assert!(
        auth::keys::revoke_named(app.register().db(), "editor")
            .await
            .unwrap()
    );
    app.get("/v1/changes")
        .key(&key)
        .await
        .problem(401, "unauthorized");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_private_register_is_read_with_any_key(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    app.get("/v1/changes").await.problem(401, "unauthorized");
    app.get("/v1/changes").key(&app.keys.reader).await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_from_anywhere_may_read_the_answer_and_the_error(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for path in ["/v1/changes", "/v1/changes?limit=0", "/nothing"] {
        let answer = app.get(path).header("Origin", "https://example.org").await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("*"),
            "{answer}"
        );
        assert_eq!(
            answer.header("access-control-expose-headers"),
            Some("*"),
            "{answer}"
        );
    }
    let refused = app
        .get("/v1/changes")
        .key("pbk_wrong")
        .header("Origin", "https://example.org")
        .await;
    assert_eq!(
        refused.header("access-control-allow-origin"),
        Some("*"),
        "{refused}"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_asks_first_and_may(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let preflight = app
        .ask(reqwest::Method::OPTIONS, "/v1/changes")
        .header("Origin", "https://example.org")
        .header("Access-Control-Request-Method", "PATCH")
        .header(
            "Access-Control-Request-Headers",
            "authorization,content-type,if-match,change-reason,traceparent,sentry-trace",
        )
        .await
        .ok();
    assert!(
        preflight
            .header("access-control-allow-methods")
            .unwrap()
            .contains("PATCH"),
        "{preflight}"
    );
    let headers = preflight
        .header("access-control-allow-headers")
        .unwrap()
        .to_ascii_lowercase();
    for name in [
        "authorization",
        "content-type",
        "if-match",
        "if-none-match",
        "change-reason",
        "traceparent",
        "tracestate",
        "baggage",
        "sentry-trace",
        "x-requested-with",
    ] {
        assert!(headers.contains(name), "{name} is not allowed: {headers}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_register_has_no_changes(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let changes = app.get("/v1/changes").await.expect(200);
    assert_eq!(changes.body, json!({"items": [], "next": null}));
    assert_eq!(changes.header("content-type"), Some("application/json"));
    assert_eq!(changes.header("link"), None);
    let counted = app.get("/v1/changes?count=true").await.expect(200);
    assert_eq!(counted.body, json!({"items": [], "next": null, "count": 0}));
    let head = app.ask(reqwest::Method::HEAD, "/v1/changes").await.expect(200);
    assert!(head.text.is_empty());
    assert_eq!(head.header("etag"), changes.header("etag"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_already_has_is_not_sent_again(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let etag = app
        .get("/v1/changes")
        .await
        .expect(200)
        .header("etag")
        .unwrap()
        .to_owned();
    let unchanged = app
        .get_with("/v1/changes", &[("If-None-Match", &etag)])
        .await
        .expect(304);
    assert_eq!(unchanged.text, "");
    assert_eq!(unchanged.header("etag"), Some(&*etag));
    app.get_with("/v1/changes", &[("If-None-Match", "\"other\"")])
        .await
        .expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_parameter_is_answered_with_the_known_ones(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let refused = app
        .get("/v1/changes?colour=red")
        .await
        .problem(400, "malformed")
        .fault("?colour");
    let detail = refused["errors"][0]["detail"].as_str().unwrap();
    for known in [
        "resource",
        "actor",
        "op",
        "after_seq",
        "limit",
        "after",
        "sort",
        "count",
        "lang",
    ] {
        assert!(detail.contains(known), "{known} is not named: {detail}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn all_faults_are_named_at_once(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.get("/v1/changes?colour=red&limit=0&op=paint&sort=beauty&count=maybe")
        .await
        .problem(400, "malformed")
        .fault("?colour")
        .fault("?limit")
        .fault("?op")
        .fault("?sort")
        .fault("?count");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_out_of_range_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for limit in ["0", "201", "-1", "many", "", "1.5", "99999999999999999999"] {
        app.get(&format!("/v1/changes?limit={limit}"))
            .await
            .problem(400, "malformed")
            .fault("?limit");
    }
    for limit in ["1", "200"] {
        app.get(&format!("/v1/changes?limit={limit}")).await.expect(200);
    }
    app.get("/v1/changes?limit=1&limit=2")
        .await
        .problem(400, "malformed")
        .fault("?limit");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_cursor_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for garbage in ["", "garbage", "bnVsbA", "%00", "%F0%9F%92%B0", "WyJhIiwiYiJd"] {
        app.get(&format!("/v1/changes?after={garbage}"))
            .await
            .problem(400, "malformed");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_knows_what_the_first_does(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let second = app.second().await;
    let key = auth::create(app.register().db(), "colleague", auth::Role::Editor)
        .await
        .unwrap();
    second.get("/v1/changes").key(&key).await.expect(200);
    drop(app);
    second.get("/v1/changes").key(&key).await.expect(200);
}

/// The methods that a path of the contract has, as `Allow` says them.
fn methods_of(dossier: &Dossier, template: &str) -> Vec<String> {
    let mut methods: Vec<String> = dossier
        .operations()
        .into_iter()
        .filter(|it| it.template == template)
        .flat_map(|it| match it.method {
            Method::GET => vec!["GET".to_owned(), "HEAD".to_owned()],
            other => vec![other.to_string()],
        })
        .collect();
    methods.sort();
    methods
}

fn allowed(answer: &Answer) -> Vec<String> {
    let allow = answer
        .header("allow")
        .unwrap_or_else(|| panic!("no Allow in {answer}"));
    let mut methods: Vec<String> = allow.split(',').map(|it| it.trim().to_owned()).collect();
    methods.sort();
    methods
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_path_says_which_methods_it_has(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let before = app.get("/v1/changes?limit=1").await["items"][0]["seq"].clone();
    let operations = dossier.operations();
    let mut seen = HashSet::new();
    for Operation { template, path, .. } in &operations {
        if !seen.insert(*template) {
            continue;
        }
        let methods = methods_of(&dossier, template);
        let options = app.ask(Method::OPTIONS, path).await.expect(204);
        assert_eq!(allowed(&options), methods, "{options}");
        assert_eq!(options.text, "");
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PURGE"] {
            if methods.iter().any(|it| it == method) {
                continue;
            }
            let refused = app.ask(method.parse().unwrap(), path).await.expect(405);
            assert_eq!(allowed(&refused), methods, "{refused}");
            if method != "HEAD" {
                refused.problem(405, "method_not_allowed");
            }
        }
    }
    app.ask(Method::OPTIONS, "/v1/nothing")
        .await
        .problem(404, "no_such_path");
    assert_eq!(app.get("/v1/changes?limit=1").await["items"][0]["seq"], before);
}

/// Headers that tell of this one answer alone.
const OF_ONE_ANSWER: [&str; 3] = ["date", "x-request-id", "pledgebook-as-of"];

fn lasting(answer: &Answer) -> Vec<(String, String)> {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !OF_ONE_ANSWER.contains(&name.as_str()))
        .map(|(name, value)| {
            // A file's name ends in the second at which it was asked for.
            let value = value.to_str().unwrap();
            let value = value.rsplit_once('_').filter(|_| name == "content-disposition");
            let value = value.map_or(answer.header(name.as_str()).unwrap(), |(name, _)| name);
            (name.to_string(), value.to_owned())
        })
        .collect();
    headers.sort();
    headers
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn head_says_of_every_path_what_get_does_without_the_body(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let mut asked: Vec<String> = dossier.gets().iter().map(|it| it.path.clone()).collect();
    for list in dossier.lists() {
        asked.extend(
            ["format=csv", "format=ndjson&limit=1", "limit=1"].map(|it| format!("{}?{it}", list.path)),
        );
    }
    asked.extend(
        [
            "/v1/totals?format=csv",
            "/v1/meetings/m-one/totals?format=ndjson",
            "/v1/nothing",
            "/v1/pledges?limit=0",
            "/v1/participants/NOBODY",
        ]
        .map(str::to_owned),
    );
    for path in asked {
        let get = app.get(&path).await;
        let head = app.ask(Method::HEAD, &path).await;
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.text, "", "{path}");
        let mut wanted = lasting(&get);
        // A body whose length nobody knows beforehand has none.
        wanted.retain(|(name, _)| name != "transfer-encoding");
        assert_eq!(lasting(&head), wanted, "{path}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_parameter_is_refused_on_every_path(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    for operation in dossier.operations() {
        // Probes may be called with anything.
        if ["/healthz", "/readyz", "/version"].contains(&operation.template) {
            continue;
        }
        let joined = if operation.path.contains('?') { '&' } else { '?' };
        let path = format!("{}{joined}colour=red&lang=en", operation.path);
        let mut ask = app.ask(operation.method.clone(), &path);
        if operation.object.get("requestBody").is_some() {
            ask = ask.json(&json!({}));
        }
        let refused = ask.await.problem(400, "malformed").fault("?colour");
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        for parameter in dossier.parameters(&operation) {
            let name = parameter["name"].as_str().unwrap();
            assert!(detail.contains(name), "{name} is not named: {refused}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_reads_every_header_that_the_contract_knows_also_of_errors(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let pledge = dossier
        .lists()
        .iter()
        .find(|it| it.path.starts_with("/v1/pledges/") && it.path.ends_with("/events"))
        .unwrap()
        .path
        .clone();
    let pledge = pledge.strip_suffix("/events").unwrap();
    app.delete("/v1/participants/X1").await.expect(204);
    for (ask, status) in [
        (app.get("/v1/pledges"), 200),
        (app.get("/v1/pledges?format=csv"), 200),
        (app.get("/v1/pledges").header("If-None-Match", "*"), 304),
        (app.ask(Method::OPTIONS, "/v1/pledges"), 204),
        (app.get("/v1/pledges?limit=0"), 400),
        (app.get("/v1/pledges").key("pbk_wrong"), 401),
        (app.post("/v1/pledges", json!({})).without_key(), 401),
        (app.post("/v1/pledges", json!({})).key(&app.keys.reader), 403),
        (app.get("/v1/pledges/x"), 404),
        (app.get("/v1/nothing"), 404),
        (app.ask(Method::PUT, "/v1/pledges"), 405),
        (app.get("/v1/pledges").header("Accept", "image/png"), 406),
        (
            app.post("/v1/coalitions", json!({"slug": "c-one", "names": {"en": "x"}})),
            409,
        ),
        (app.get("/v1/participants/X1"), 410),
        (app.patch(pledge, json!({})).header("If-Match", "\"77.x\""), 412),
        (
            app.post("/v1/articles", json!({"title": "x".repeat(5 << 20)})),
            413,
        ),
        (app.ask(Method::POST, "/v1/pledges").body("text/plain", "{}"), 415),
        (app.post("/v1/pledges", json!({})), 422),
    ] {
        let answer = ask.header("Origin", "https://example.org").await.expect(status);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("*"),
            "{answer}"
        );
        assert_eq!(
            answer.header("access-control-expose-headers"),
            Some("*"),
            "{answer}"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_may_send_every_header_that_the_contract_knows(#[case] engine: Engine) {
    // Also where reading needs a key: a browser asks without one.
    let app = App::start_private(engine).await;
    let document = app.get("/openapi.json").await.expect(200);
    let mut sent: Vec<String> = document["components"]["parameters"]
        .as_object()
        .unwrap()
        .values()
        .filter(|it| it["in"] == "header")
        .map(|it| it["name"].as_str().unwrap().to_lowercase())
        .collect();
    sent.extend(["authorization", "content-type", "accept"].map(str::to_owned));
    assert!(sent.contains(&"idempotency-key".to_owned()), "{sent:?}");
    for (path, item) in document["paths"].as_object().unwrap() {
        let path = path.replace(['{', '}'], "");
        for method in item.as_object().unwrap().keys() {
            let preflight = app
                .ask(Method::OPTIONS, &path)
                .header("Origin", "https://example.org")
                .header("Access-Control-Request-Method", &method.to_uppercase())
                .header("Access-Control-Request-Headers", &sent.join(","))
                .await
                .expect(204);
            assert_eq!(preflight.header("access-control-allow-origin"), Some("*"));
            let allowed = |name: &str| -> Vec<String> {
                let value = preflight.header(name).unwrap();
                value.split(',').map(|it| it.trim().to_lowercase()).collect()
            };
            assert!(
                allowed("access-control-allow-methods").contains(method),
                "{preflight}"
            );
            let headers = allowed("access-control-allow-headers");
            for name in &sent {
                assert!(headers.contains(name), "{name} is not allowed: {headers:?}");
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_slash_at_the_end_makes_no_difference(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let names = json!({"en": "x"});
    for (path, code) in [("/v1/participants/", "AAA"), ("/v1/participants//", "BBB")] {
        let made = app
            .post(path, json!({"code": code, "kind": "state", "names": names}))
            .await
            .created();
        assert_eq!(
            made.header("location"),
            Some(&*format!("/v1/participants/{code}"))
        );
    }
    for path in [
        "/v1/participants/AAA/",
        "/v1/participants/AAA//",
        "/v1/participants/aaa/?lang=ar",
    ] {
        assert_eq!(app.get(path).await.expect(200)["code"], "AAA");
    }
    app.patch("/v1/participants/AAA/", json!({"aliases": ["a"]}))
        .await
        .expect(200);
    // A page that began with the slash goes on without it, and the other way round.
    let page = app.get("/v1/participants/?limit=1&sort=code").await.expect(200);
    let next = page["next"].as_str().unwrap();
    assert_eq!(
        page.header("link"),
        Some(&*format!(
            "</v1/participants?limit=1&sort=code&after={next}>; rel=\"next\""
        ))
    );
    for path in ["/v1/participants", "/v1/participants/", "/v1/participants//"] {
        let next = app
            .get(&format!("{path}?sort=code&after={next}"))
            .await
            .expect(200);
        assert_eq!(next.each("code"), ["BBB"]);
    }
    app.delete("/v1/participants/BBB/").await.expect(204);
    app.restore("/v1/participants/BBB").await.expect(200);
    app.get("/v1/nothing/").await.problem(404, "no_such_path");
    app.get("/openapi.json/").await.expect(200);
    let refused = app.put("/v1/participants/", json!({})).await;
    refused.problem(405, "method_not_allowed");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_type_is_refused_and_so_is_one_that_is_too_large(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = app.get("/v1/changes?limit=1").await["items"][0]["seq"].clone();
    let body = json!({"code": "AAA", "kind": "state", "names": {"en": "x"}}).to_string();
    for given in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/merge-patch+json",
        "application/jsonx",
        "",
        ";charset=utf-8",
        "application/vnd.api+json",
    ] {
        app.ask(Method::POST, "/v1/participants")
            .body(given, body.clone())
            .await
            .problem(415, "unsupported_media_type");
    }
    for given in ["text/plain", "application/json-patch+json"] {
        app.ask(Method::PATCH, "/v1/participants/USA")
            .body(given, "{\"aliases\":[]}")
            .await
            .problem(415, "unsupported_media_type");
    }
    // No body at all has no type either.
    app.ask(Method::POST, "/v1/participants")
        .await
        .problem(415, "unsupported_media_type");
    app.ask(Method::PUT, "/v1/rates")
        .await
        .problem(415, "unsupported_media_type");
    for path in ["/v1/participants", "/v1/articles"] {
        let large = format!("{{\"title\":\"{}\"}}", "x".repeat(4 << 20));
        app.ask(Method::POST, path)
            .body("application/json", large)
            .await
            .problem(413, "body_too_large");
    }
    assert_eq!(app.get("/v1/changes?limit=1").await["items"][0]["seq"], before);
    for given in [
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json ; a=b",
    ] {
        let code = format!("A{}", given.len());
        let body = json!({"code": code, "kind": "state", "names": {"en": "x"}});
        app.ask(Method::POST, "/v1/participants")
            .body(given, body.to_string())
            .await
            .created();
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_below_the_base_path_is_listed_there(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let base = app.get("/v1").await.expect(200);
    let contract = app.get("/openapi.json").await.expect(200);
    let mut listed: Vec<_> = base["links"].as_object().unwrap().values().collect();
    listed.retain(|path| path.as_str().unwrap().starts_with("/v1/"));
    let mut known: Vec<_> = contract["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(path, methods)| {
            // Each once, whatever forms it comes in.
            let is_of_form = FORMS.iter().any(|form| path.ends_with(form));
            path.starts_with("/v1/") && !path.contains('{') && !is_of_form && methods.get("get").is_some()
        })
        .map(|(path, _)| json!(path))
        .collect();
    known.sort_by_key(ToString::to_string);
    listed.sort_by_key(ToString::to_string);
    assert_eq!(listed, known.iter().collect::<Vec<_>>());
    for path in ["/openapi.json", "/docs"] {
        assert!(base.text.contains(path), "{base}");
    }
    assert_eq!(
        app.get("/v1/?lang=fr")
            .await
            .expect(200)
            .header("content-language"),
        Some("fr")
    );
    let (status, headers, bytes) = app.get("/favicon.ico").unheld().await;
    assert_eq!(
        (status, &headers["content-type"]),
        (200, &"image/x-icon".parse().unwrap())
    );
    assert!(bytes.starts_with(b"\0\0\x01\0"));
    let (status, _, bytes) = app.get("/robots.txt").unheld().await;
    assert!(status == 200 && bytes.ends_with(b"Disallow: /v1/\n"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_plus_that_came_as_a_space_is_told_how_it_is_written(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meant = "2018-02-13T00:00:00%2B03:00";
    let refused = app
        .get("/v1/articles?updated_from=2018-02-13T00:00:00+03:00")
        .await
        .problem(400, "malformed")
        .fault("?updated_from");
    assert!(refused.text.contains(meant), "{refused}");
    app.get(&format!("/v1/articles?updated_from={meant}"))
        .await
        .expect(200);
    // Of what would be wrong with it too, nothing is said.
    let refused = app
        .get("/v1/articles?published_from=2018-02-13T00:00:00+03:00&updated_to=2018+02")
        .await
        .problem(400, "malformed");
    assert!(!refused.text.contains("%2B"), "{refused}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_byte_order_mark_before_a_body_is_passed_over(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = |title: &str| json!({"publisher": "P", "language": "en", "kind": "news", "title": title});
    for (path, content_type, body) in [
        (
            "/v1/articles",
            "application/json",
            format!("\u{feff}{}", article("one")),
        ),
        (
            "/v1/articles/batch",
            "application/json",
            format!("\u{feff}[{}]", article("two")),
        ),
        (
            "/v1/articles/batch",
            "application/x-ndjson",
            format!("\u{feff}{}\r\n{}\r\n", article("three"), article("four")),
        ),
    ] {
        app.ask(Method::POST, path)
            .body(content_type, body)
            .await
            .expect(201);
    }
    let list = app.get("/v1/articles?sort=title").await.expect(200);
    assert_eq!(list.each("title"), ["four", "one", "three", "two"]);
}
