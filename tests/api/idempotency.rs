//! What is asked for twice under one `Idempotency-Key` is done once, and answered as it was the first time.

use std::time::Duration;

use futures_util::future::join_all;
use pledgebook::db::{Patience, Sql};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use crate::{answer::Answer, prelude::*};

const PARTICIPANTS: &str = "/v1/participants";

fn a_participant(code: &str) -> serde_json::Value {
    json!({"code": code, "kind": "state", "names": {"en": code, "ar": "دولة"}})
}

/// How many records were made, and changes of them: one for each, or something was done twice.
async fn changes(app: &App) -> usize {
    app.get("/v1/changes?limit=200").await.expect(200).items().len()
}

async fn kept(app: &App) -> i64 {
    let mut conn = app.register().read().await.unwrap();
    let sql = Sql::new("select count(*) from idempotency_keys");
    let (kept,): (i64,) = conn.one(sql).await.unwrap();
    kept
}

/// Everything that was kept until now becomes older by so much.
async fn let_pass(app: &App, time: chrono::TimeDelta) {
    let mut conn = app.register().db().begin().await.unwrap();
    let sql = Sql::new("update idempotency_keys set at = $1").bind(app.register().clock().now() - time);
    conn.run(sql).await.unwrap();
    conn.commit().await.unwrap();
}

/// The same answer again, as it was, but for what names this request.
#[track_caller]
fn assert_replayed(again: &Answer, first: &Answer) {
    assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again}");
    assert_eq!(first.header("idempotency-replayed"), None, "{first}");
    assert_eq!(again.status, first.status);
    assert_eq!(again.text, first.text, "not the same bytes");
    let own = ["x-request-id", "date", "idempotency-replayed"];
    let others = |answer: &Answer| {
        let mut headers: Vec<_> = answer
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.clone()))
            .filter(|(name, _)| !own.contains(&name.as_str()))
            .collect();
        headers.sort_by(|one, other| one.0.cmp(&other.0));
        headers
    };
    assert_eq!(others(again), others(first));
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
}

#[track_caller]
fn assert_new(answer: Answer) -> Answer {
    let answer = answer.ok();
    assert_eq!(answer.header("idempotency-replayed"), None, "{answer}");
    answer
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_post_is_answered_as_it_was_the_first_time(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let ask = || app.post(PARTICIPANTS, a_participant("USA")).once("first");
    let first = ask().await.created();
    for _ in 0..3 {
        assert_replayed(&ask().await, &first);
    }
    assert_eq!(changes(&app).await, 1);

    // What became of the record since is asked of the record.
    let path = "/v1/participants/USA";
    app.patch(path, json!({"names": {"en": "Another name"}}))
        .await
        .ok();
    assert_replayed(&ask().await, &first);
    app.delete(path).await.expect(204);
    assert_replayed(&ask().await, &first);
    app.get(path).await.problem(410, "retracted");
    assert_eq!(changes(&app).await, 3);

    // Without the key, or under another one, it is another request.
    app.post(PARTICIPANTS, a_participant("USA")).await.expect(409);
    app.post(PARTICIPANTS, a_participant("USA"))
        .once("second")
        .await
        .expect(409);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_post_is_done_once(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "200000000.00", "USD").await;
    let article = app.article(json!({})).await;
    let pledge_path = format!("/v1/pledges/{pledge}");

    let paid = json!({"stage": "paid", "occurred_on": "2018-06-01", "amount": "50000000.00"});
    let body = json!({"article": article});
    for (path, body) in [
        (format!("{pledge_path}/events"), paid),
        (format!("{pledge_path}/citations"), body.clone()),
        (format!("/v1/meetings/{meeting}/citations"), body),
        (
            "/v1/coalitions".into(),
            json!({"slug": "global", "names": {"en": "Global"}}),
        ),
        (
            "/v1/meetings".into(),
            json!({"slug": "m", "titles": {"en": "M"}, "kind": "summit", "starts_on": "2019"}),
        ),
        (
            "/v1/pledges".into(),
            json!({"participant": "USA", "instrument": "grant", "qualifier": "exact", "amount": "1.00",
                   "currency": "USD", "meeting": meeting}),
        ),
        (
            "/v1/articles".into(),
            json!({"publisher": "P", "language": "ar", "title": "عنوان", "kind": "news", "body": "نص"}),
        ),
    ] {
        let first = app.post(&path, body.clone()).once(&path).await.created();
        let before = changes(&app).await;
        assert_replayed(&app.post(&path, body).once(&path).await, &first);
        assert_eq!(changes(&app).await, before, "{path}");
    }
    assert_eq!(app.pledge_now(&pledge).await["paid"], "50000000.00");

    // It has no body, and its answer no Location.
    app.delete(&pledge_path).await.expect(204);
    let restored = app.restore(&pledge_path).once("restore").await.expect(200);
    assert_replayed(&app.restore(&pledge_path).once("restore").await, &restored);
    app.restore(&pledge_path)
        .once("another")
        .await
        .problem(409, "not_retracted");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_done_once_also_one_larger_than_any_other_body(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let batch = |last: &str| {
        let padding = " ".repeat(5 * 1024 * 1024);
        let items = json!([a_participant("USA"), a_participant(last)]).to_string();
        app.ask(reqwest::Method::POST, "/v1/participants/batch")
            .header("Prefer", "handling=lenient")
            .once("k")
            .body("application/json", items + &padding)
    };
    // Of two that are the same, the second fails.
    let first = batch("USA").await.ok();
    assert_replayed(&batch("USA").await, &first);
    assert!(first.header("preference-applied").is_some(), "{first}");
    batch("KWT").await.problem(422, "idempotency_mismatch");
    assert_eq!(changes(&app).await, 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_with_another_request_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let first = app
        .post(PARTICIPANTS, a_participant("USA"))
        .once("k")
        .await
        .created();
    let text = a_participant("USA").to_string();
    let json = "application/json";
    let ask = |path: &str| app.ask(reqwest::Method::POST, path).once("k");
    for (what, other) in [
        (
            "another body",
            app.post(PARTICIPANTS, a_participant("KWT")).once("k"),
        ),
        ("a space more", ask(PARTICIPANTS).body(json, format!("{text} "))),
        ("another path", ask("/v1/coalitions").body(json, text.clone())),
        (
            "a query",
            ask("/v1/participants?lang=ar").body(json, text.clone()),
        ),
        (
            "another type",
            ask(PARTICIPANTS).body("application/json; charset=utf-8", text.clone()),
        ),
        (
            "a preference",
            ask(PARTICIPANTS)
                .header("Prefer", "return=minimal")
                .body(json, text.clone()),
        ),
        ("no body", ask("/v1/participants/USA/restore")),
    ] {
        let refused = other.await.problem(422, "idempotency_mismatch");
        let fault = &refused["errors"][0];
        assert_eq!(fault["pointer"], "Idempotency-Key", "{what}");
        assert!(
            fault["detail"].as_str().unwrap().contains("new key"),
            "{what}: {refused}"
        );
    }
    assert_eq!(changes(&app).await, 1);
    assert_replayed(&ask(PARTICIPANTS).body(json, text).await, &first);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn one_holders_keys_are_nothing_to_another(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let mine = app
        .post(PARTICIPANTS, a_participant("USA"))
        .once("1")
        .await
        .created();
    let ask = || {
        app.post(PARTICIPANTS, a_participant("KWT"))
            .once("1")
            .key(&app.keys.admin)
    };
    let theirs = assert_new(ask().await.created());
    assert_replayed(&ask().await, &theirs);
    assert_replayed(
        &app.post(PARTICIPANTS, a_participant("USA")).once("1").await,
        &mine,
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_not_kept_so_a_mended_request_may_use_the_key(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let ask = |body| app.post(PARTICIPANTS, body).once("k");
    app.post(PARTICIPANTS, a_participant("USA"))
        .without_key()
        .once("k")
        .await
        .problem(401, "unauthorized");
    app.post(PARTICIPANTS, a_participant("USA"))
        .key(&app.keys.reader)
        .once("k")
        .await
        .problem(403, "forbidden");
    ask(json!({"code": "USA"})).await.problem(422, "invalid");
    app.ask(reqwest::Method::POST, PARTICIPANTS)
        .body("application/json", "{")
        .once("k")
        .await
        .problem(400, "malformed");
    app.post("/v1/nothing", json!({}))
        .once("k")
        .await
        .problem(404, "no_such_path");
    app.post("/v1/changes", json!({}))
        .once("k")
        .await
        .problem(405, "method_not_allowed");
    app.ask(reqwest::Method::POST, PARTICIPANTS)
        .body("application/json", " ".repeat(4 * 1024 * 1024 + 1))
        .once("k")
        .await
        .problem(413, "body_too_large");
    assert_eq!(kept(&app).await, 0);
    assert_new(ask(a_participant("USA")).await.created());
    assert_eq!(kept(&app).await, 1);

    // Of a write that is undone in the middle nothing is there either.
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "100.00", "USD").await;
    let pay = |amount: &str| {
        let paid = json!({"stage": "paid", "occurred_on": "2018-06-01", "amount": amount});
        app.post(&format!("/v1/pledges/{pledge}/events"), paid)
            .once("pay")
    };
    pay("100.01").await.problem(422, "invalid").fault("/amount");
    assert_eq!(kept(&app).await, 1);
    assert_new(pay("100.00").await.created());
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_one_header_of_visible_ascii(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for unfit in ["", "two words", "tab\tbed", &"x".repeat(256)] {
        let refused = app
            .post(PARTICIPANTS, a_participant("USA"))
            .once(unfit)
            .await
            .problem(400, "malformed");
        assert!(
            refused["detail"].as_str().unwrap().contains("1 to 255"),
            "{refused}"
        );
    }
    app.post(PARTICIPANTS, a_participant("USA"))
        .once("a")
        .once("a")
        .await
        .problem(400, "malformed");
    assert_eq!(changes(&app).await, 0);
    let longest = "~".repeat(255);
    for (code, fit) in [("USA", "\"quoted,;\""), ("KWT", &longest), ("IRQ", "!")] {
        let first = app
            .post(PARTICIPANTS, a_participant(code))
            .once(fit)
            .await
            .created();
        let again = app.post(PARTICIPANTS, a_participant(code)).once(fit).await;
        assert_replayed(&again, &first);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn other_methods_pass_the_key_over(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let path = format!("/v1/participants/{}", app.participant("USA").await);
    for name in ["One", "Two"] {
        let changed = app.patch(&path, json!({"names": {"en": name}})).once("k").await;
        assert_eq!(assert_new(changed)["name"], name);
    }
    // Not even a key that a POST could not have.
    let coalition = app.coalition("global").await;
    let member = format!("/v1/coalitions/{coalition}/members/USA");
    for joined_on in ["2014", "2015"] {
        let put = app
            .put(&member, json!({"periods": [{"joined_on": joined_on}]}))
            .once("no key");
        assert_new(put.await);
    }
    assert_new(app.get(&path).once("k").await);
    assert_new(app.delete(&member).once("k").await);
    app.delete(&member).once("k").await.problem(410, "retracted");
    assert_eq!(kept(&app).await, 0);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_first_answer_is_given_in_the_language_that_it_had(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let ask = |language: &str| {
        app.post(PARTICIPANTS, a_participant("KWT"))
            .once("k")
            .header("Accept-Language", language)
    };
    let first = ask("ar").await.created();
    assert_eq!(first.header("content-language"), Some("ar"));
    assert_eq!(first["name"], "دولة");
    assert_replayed(&ask("fr").await, &first);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_make_one_record(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let ask = || app.post(PARTICIPANTS, a_participant("USA")).once("k");
    let answers = join_all((0..50).map(async |_| ask().await)).await;
    let mut first = None;
    for answer in answers {
        match (answer.status, answer.header("idempotency-replayed")) {
            (201, None) => assert!(first.replace(answer).is_none(), "it was done twice"),
            (201, Some("true")) => {}
            _ => {
                let refused = answer.problem(409, "still_running");
                assert_eq!(refused.header("retry-after"), Some("1"), "{refused}");
            }
        }
    }
    let first = first.expect("nobody was the first");
    for again in join_all((0..50).map(async |_| ask().await)).await {
        assert_replayed(&again, &first);
    }
    assert_eq!(changes(&app).await, 1);
}

/// Sends a request with the key `k`, and hangs up before it can be answered.
async fn ask_and_hang_up(app: &App, code: &str) {
    let body = a_participant(code).to_string();
    let authority = app.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let request = format!(
        "POST {PARTICIPANTS} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: k\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        app.keys.editor,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // Read by the server, which then waits for its turn to write.
    sleep(Duration::from_millis(300)).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_asks_again_and_is_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    // Nobody else may write while this is held.
    let held = app
        .register()
        .db()
        .begin_alone(Patience::OfRequest)
        .await
        .unwrap();
    ask_and_hang_up(&app, "USA").await;
    let ask = || app.post(PARTICIPANTS, a_participant("USA")).once("k");
    let refused = ask().await.problem(409, "still_running");
    assert_eq!(refused.header("retry-after"), Some("1"), "{refused}");
    // Whether it is the same request cannot be told yet: the first may fail, and the key be free again.
    app.post(PARTICIPANTS, a_participant("KWT"))
        .once("k")
        .await
        .problem(409, "still_running");
    drop(held);
    let answer = loop {
        let answer = ask().await;
        if answer.status != 409 {
            break answer.created();
        }
        sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(answer.header("idempotency-replayed"), Some("true"), "{answer}");
    assert_eq!(changes(&app).await, 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn of_two_servers_on_one_database_one_writes(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let second = app.second().await;
    let servers = [&app, &second];
    // Both have found that nothing is kept, and wait for their turn to write.
    let held = app
        .register()
        .db()
        .begin_alone(Patience::OfRequest)
        .await
        .unwrap();
    let asked =
        join_all(servers.map(async |server| server.post(PARTICIPANTS, a_participant("USA")).once("k").await));
    let release = async {
        sleep(Duration::from_millis(500)).await;
        drop(held);
    };
    let (mut answers, ()) = futures_util::future::join(asked, release).await;
    answers.sort_by_key(|answer| answer.status);
    let refused = answers.pop().unwrap().problem(409, "still_running");
    assert_eq!(refused.header("retry-after"), Some("1"), "{refused}");
    let first = assert_new(answers.pop().unwrap().created());
    for server in servers {
        let again = server.post(PARTICIPANTS, a_participant("USA")).once("k").await;
        assert_replayed(&again, &first);
        server
            .post(PARTICIPANTS, a_participant("KWT"))
            .once("k")
            .await
            .problem(422, "idempotency_mismatch");
    }

    let many = (0..40).map(async |number| {
        servers[number % 2]
            .post(PARTICIPANTS, a_participant("IRQ"))
            .once("many")
            .await
    });
    let answers = join_all(many).await;
    let new = |answer: &&Answer| answer.status == 201 && answer.header("idempotency-replayed").is_none();
    assert_eq!(answers.iter().filter(new).count(), 1);
    assert!(
        answers
            .iter()
            .all(|it| it.status == 201 || it["code"] == "still_running")
    );
    assert_eq!(changes(&app).await, 2);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_kept_for_a_day(#[case] engine: Engine) {
    use chrono::TimeDelta;
    let app = App::start(engine).await;
    let ask = |code: &str, key: &str| app.post(PARTICIPANTS, a_participant(code)).once(key);
    let first = ask("USA", "k").await.created();
    let_pass(&app, TimeDelta::hours(24) - TimeDelta::minutes(1)).await;
    assert_replayed(&ask("USA", "k").await, &first);
    ask("KWT", "k").await.problem(422, "idempotency_mismatch");

    let_pass(&app, TimeDelta::hours(24)).await;
    // The key is free: for another request, and for the same, which is then told what it finds.
    ask("USA", "k").await.problem(409, "duplicate");
    let second = assert_new(ask("KWT", "k").await.created());
    assert_replayed(&ask("KWT", "k").await, &second);

    // Old ones are cleared away by writes, also where nobody asks for them again.
    for number in 0..5 {
        ask(&format!("P{number}"), &format!("key-{number}"))
            .await
            .created();
    }
    assert_eq!(kept(&app).await, 6);
    let_pass(&app, TimeDelta::hours(25)).await;
    ask("IRQ", "new").await.created();
    assert_eq!(kept(&app).await, 1);
}
