//! What every path has in common, whatever it is about.

use pledgebook::auth;

use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_a_problem(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for path in ["/nothing", "/v1/nothing", "/v1/changes/x", "/v1"] {
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
    assert!(auth::revoke(app.register().db(), "editor").await.unwrap());
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
        let exposed = answer
            .header("access-control-expose-headers")
            .unwrap()
            .to_ascii_lowercase();
        for name in ["etag", "link", "location", "x-request-id", "retry-after"] {
            assert!(exposed.contains(name), "{name} is not exposed by {answer}");
        }
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
            "authorization,content-type,if-match,change-reason",
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
