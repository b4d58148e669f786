//! Many creates in one request: all of them or none, or as many as can be.

use reqwest::Method;
use serde_json::Value;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Duration, sleep},
};

use crate::{answer::Answer, app::Ask, prelude::*};

fn batch(app: &App, resource: &str, items: Value) -> Ask {
    app.post(&format!("/v1/{resource}/batch"), items)
}

fn lines(app: &App, resource: &str, body: impl Into<String>) -> Ask {
    app.ask(Method::POST, &format!("/v1/{resource}/batch"))
        .body("application/x-ndjson", body.into())
}

fn ndjson(items: &[Value]) -> String {
    let lines: Vec<String> = items.iter().map(Value::to_string).collect();
    lines.join("\n")
}

fn a_participant(code: &str) -> Value {
    json!({"code": code, "kind": "state", "names": {"en": code}})
}

fn a_grant(participant: &str, amount: &str) -> Value {
    json!({
        "participant": participant, "meeting": "kuwait-2018", "instrument": "grant", "qualifier": "exact",
        "amount": amount, "currency": "USD", "announced_on": "2018-02-13",
    })
}

/// The greatest amount that a pledge may state: nine of them have a sum, ten do not.
fn the_greatest() -> Value {
    let mut item = a_grant("USA", "1000000000000000");
    item["currency"] = json!("KWD");
    item
}

/// A meeting, two participants and nothing else.
async fn kuwait(app: &App) {
    app.meeting("kuwait-2018").await;
    app.participant("USA").await;
    app.participant("KWT").await;
}

/// The whole log, the oldest entry first.
async fn log(app: &App) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let page = app
            .get(&format!("/v1/changes?after_seq={}&limit=200", all.len()))
            .await
            .expect(200);
        if page.items().is_empty() {
            break;
        }
        all.extend_from_slice(page.items());
    }
    for (seq, change) in (1..).zip(&all) {
        assert_eq!(change["seq"], seq, "the log has a gap");
    }
    all
}

/// Everything that a refused write must leave as it was.
async fn state(app: &App) -> (Vec<Value>, String, Value) {
    let totals = app.totals("group_by=meeting,participant").await.text;
    let count = app.get("/v1/pledges?count=true&limit=1").await["count"].clone();
    (log(app).await, totals, count)
}

#[track_caller]
fn codes(problem: &Answer) -> Vec<(u64, &str, &str)> {
    problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| {
            (
                fault["index"].as_u64().unwrap(),
                fault["pointer"].as_str().unwrap(),
                fault["code"].as_str().unwrap(),
            )
        })
        .collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_created_in_its_order(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let items: Vec<Value> = (1..=120).map(|n| a_grant("usa", &format!("{n}.00"))).collect();
    let made = batch(&app, "pledges", items.clone().into()).await.expect(201);
    assert_eq!(made["created"], 120);
    assert_eq!(made.items().len(), 120);
    assert!(made.header("preference-applied").is_none());
    let log = log(&app).await;
    for (n, item) in made.items().iter().enumerate() {
        let key = item["key"].as_str().unwrap();
        assert_eq!(
            *item,
            json!({"index": n, "status": 201, "key": key, "location": format!("/v1/pledges/{key}"), "version": 1})
        );
        let change = &log[3 + n];
        assert_eq!(change["key"], key);
        assert_eq!(change["after"]["amount"], format!("{}.00", n + 1));
        assert_eq!(change["after"]["participant"], "USA");
    }
    let first = made.items()[0]["location"].as_str().unwrap();
    assert_eq!(app.get(first).await.expect(200)["amount"], "1.00");
    app.check_kept_sums().await;
    assert_eq!(
        app.totals("").await["groups"][0]["by_currency"][0]["point"],
        "7260.00"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_resource_with_a_post_has_a_batch(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let participants = json!([
        {"code": "usa", "kind": "state", "names": {"en": "United States", "ar": "الولايات المتحدة"}},
        {"code": "KWT", "kind": "state", "names": {"ar": "الكويت"}},
    ]);
    let made = batch(&app, "participants", participants)
        .header("prefer", "return=representation")
        .header("accept-language", "ar")
        .header("change-reason", "%D8%AA%D8%AD%D9%85%D9%8A%D9%84")
        .await
        .expect(201);
    assert_eq!(made.header("preference-applied"), Some("return=representation"));
    assert_eq!(made.header("content-language"), Some("ar"));
    assert_eq!(made.each("key"), ["USA", "KWT"]);
    assert_eq!(made.items()[0]["location"], "/v1/participants/USA");
    for item in made.items() {
        // As a POST answers, and as it is read.
        let read = app
            .get_with(item["location"].as_str().unwrap(), &[("accept-language", "ar")])
            .await
            .expect(200);
        assert_eq!(item["item"], read.body);
    }
    assert_eq!(made.items()[0]["item"]["name"], "الولايات المتحدة");
    for change in log(&app).await {
        assert_eq!(
            (&change["actor"], &change["reason"]),
            (&json!("editor"), &json!("تحميل"))
        );
    }

    let made = batch(
        &app,
        "coalitions",
        json!([{"slug": "allies", "names": {"en": "Allies"}}]),
    )
    .await
    .expect(201);
    assert_eq!(made.each("key"), ["allies"]);
    let meetings = json!([
        {"slug": "m-1", "titles": {"en": "One"}, "kind": "summit", "starts_on": "2018", "coalition": "allies", "country": "kwt"},
        {"slug": "m-2", "titles": {"en": "Two"}, "kind": "summit", "starts_on": "2019"},
    ]);
    let made = batch(&app, "meetings", meetings)
        .header("prefer", "return=representation")
        .await
        .expect(201);
    assert_eq!(made.items()[0]["item"]["country"], "KWT");
    let articles: Vec<Value> = (1..=3)
        .map(|n| json!({"publisher": "P", "language": "ar", "title": format!("عنوان {n}"), "kind": "news", "body": format!("تعهد {n}")}))
        .collect();
    let made = lines(&app, "articles", ndjson(&articles))
        .header("prefer", "return=representation")
        .await
        .expect(201);
    assert_eq!(made.items()[2]["item"]["title"], "عنوان 3");
    let article = &made.items()[0]["key"];
    let citations = json!([
        {"subject": "meetings/m-1", "article": article, "quote": "تعهد", "start": 0, "end": 4, "states": {"city": "الكويت"}},
        {"subject": "participants/usa", "article": article},
    ]);
    let made = batch(&app, "citations", citations)
        .header("prefer", "return=representation")
        .await
        .expect(201);
    assert_eq!(made.items()[1]["item"]["subject"], "participants/USA");
    let conflicts = app.get("/v1/meetings/m-1").await["conflicts"].clone();
    assert_eq!(conflicts[0]["field"], "city");
    let log = log(&app).await;
    assert_eq!(log.len(), 10);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_said_at_once_and_nothing_is_left(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    // With one more of these, a total could not be kept.
    let greatest = vec![the_greatest(); 9];
    batch(&app, "pledges", greatest.into()).await.expect(201);
    let before = state(&app).await;
    let mut items: Vec<Value> = (0..300).map(|_| a_grant("USA", "5")).collect();
    items[3] = json!({"instrument": "gift", "amount": 5});
    items[17]["amount"] = json!("5.001");
    items[40]["participant"] = json!("NOBODY");
    items[40]["beneficiary"] = json!("NOONE");
    items[41]["meeting"] = json!("019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b");
    items[99] = the_greatest();
    items[200]["parent"] = json!("019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b");
    items[201] = json!([]);
    let expected = [
        (3, "/3/instrument", "value"),
        (3, "/3/amount", "number"),
        (3, "/3/currency", "required"),
        (3, "/3/qualifier", "required"),
        (17, "/17/amount", "amount"),
        (40, "/40/participant", "unknown_reference"),
        (40, "/40/beneficiary", "unknown_reference"),
        (41, "/41/meeting", "unknown_reference"),
        (99, "/99/amount", "sum_does_not_fit"),
        (200, "/200/parent", "unknown_reference"),
        (201, "/201", "type"),
    ];
    for ask in [
        batch(&app, "pledges", items.clone().into()),
        lines(&app, "pledges", ndjson(&items)),
        batch(&app, "pledges", items.clone().into()).header("prefer", "handling=strict"),
    ] {
        let problem = ask.await.problem(422, "batch_refused");
        let mut found = codes(&problem);
        found.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected, "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with("7 of 300 items"), "{detail}");
    }
    assert_eq!(state(&app).await, before);
    app.check_kept_sums().await;
    // The next write has the next number.
    app.pledge("kuwait-2018", "1.00", "USD").await;
    assert_eq!(log(&app).await.len(), before.0.len() + 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn lenient_creates_what_can_be_created(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let before = log(&app).await.len();
    let mut items: Vec<Value> = (0..250).map(|n| a_grant("USA", &format!("{}", n + 1))).collect();
    items[0] = json!("no object");
    items[7]["currency"] = json!("XXX");
    items[30]["participant"] = json!("NOBODY");
    // The tenth of them and the eleventh, together with what is there, are more than a total can keep.
    for n in (10..19).chain([31, 32]) {
        items[n] = the_greatest();
    }
    items[249]["meeting"] = json!("nowhere");
    let made = batch(&app, "pledges", items.into())
        .header("prefer", "handling=lenient")
        .await
        .expect(200);
    assert_eq!(made.header("preference-applied"), Some("handling=lenient"));
    assert_eq!((&made["created"], &made["failed"]), (&json!(244), &json!(6)));
    let failed: Vec<_> = made.items().iter().filter(|item| item["status"] != 201).collect();
    assert_eq!(
        failed.iter().map(|item| &item["index"]).collect::<Vec<_>>(),
        [0, 7, 30, 31, 32, 249]
    );
    for (n, item) in made.items().iter().enumerate() {
        assert_eq!(item["index"], n);
    }
    let problem = &failed[2]["problem"];
    assert_eq!(failed[2]["status"], 422);
    assert_eq!(
        (&problem["status"], &problem["code"], &problem["type"]),
        (&json!(422), &json!("invalid"), &json!("/problems/invalid"))
    );
    assert_eq!(problem["errors"][0]["pointer"], "/30/participant");
    assert_eq!(problem["errors"][0]["index"], 30);
    let log = log(&app).await;
    assert_eq!(log.len(), before + 244);
    let keys: Vec<_> = made
        .items()
        .iter()
        .filter_map(|item| item["key"].as_str())
        .collect();
    let logged: Vec<_> = log[before..]
        .iter()
        .map(|change| change["key"].as_str().unwrap())
        .collect();
    assert_eq!(keys, logged);
    assert_eq!(app.get("/v1/pledges?count=true&limit=1").await["count"], 244);
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_given_once_also_within_a_batch(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let items = json!([
        a_participant("AAA"),
        a_participant("usa"),
        a_participant("BBB"),
        a_participant("aaa")
    ]);
    let problem = batch(&app, "participants", items.clone())
        .await
        .problem(422, "batch_refused");
    assert_eq!(
        codes(&problem),
        [(1, "/1/code", "duplicate"), (3, "/3/code", "duplicate")]
    );
    assert_eq!(log(&app).await.len(), 1);
    let made = batch(&app, "participants", items)
        .header("prefer", "handling=lenient, return=minimal")
        .await
        .expect(200);
    assert_eq!((&made["created"], &made["failed"]), (&json!(2), &json!(2)));
    assert_eq!(made.each("index"), [1, 3]);
    // What a POST alone would have been answered.
    assert_eq!(made.items()[0]["status"], 409);
    assert_eq!(made.items()[0]["problem"]["code"], "duplicate");
    assert_eq!(log(&app).await.len(), 3);

    let body =
        json!({"publisher": "P", "language": "en", "title": "T", "kind": "news", "body": "the same text"});
    let problem = batch(&app, "articles", json!([body, body]))
        .await
        .problem(422, "batch_refused");
    assert_eq!(codes(&problem), [(1, "/1/body", "duplicate")]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_word_of_a_path_is_no_key(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["BATCH", "batch", "Batch"] {
        let problem = app
            .post("/v1/participants", a_participant(code))
            .await
            .problem(422, "invalid")
            .fault("/code");
        assert_eq!(problem["errors"][0]["code"], "reserved");
    }
    let names = json!({"en": "x"});
    for (path, body) in [
        ("/v1/coalitions", json!({"slug": "batch", "names": names})),
        (
            "/v1/meetings",
            json!({"slug": "batch", "titles": names, "kind": "summit", "starts_on": "2018"}),
        ),
    ] {
        let problem = app.post(path, body).await.problem(422, "invalid").fault("/slug");
        assert_eq!(problem["errors"][0]["code"], "reserved");
        let answer = app
            .get(&format!("{path}/batch"))
            .await
            .problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    app.participant("BATCH-1").await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn lines_are_read_however_they_end(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (n, (end, last)) in [("\n", ""), ("\r\n", "\r\n"), ("\n\n", "\n"), ("\n \t\r\n", "")]
        .into_iter()
        .enumerate()
    {
        let body = format!(
            "{}{end}{}{last}",
            a_participant(&format!("A{n}")),
            a_participant(&format!("B{n}"))
        );
        let made = lines(&app, "participants", body).await.expect(201);
        assert_eq!(made.each("index"), [0, 1]);
    }
    for content_type in [
        "application/ndjson",
        "application/jsonl",
        "Application/X-NDJSON; charset=utf-8",
    ] {
        let code = format!("C{}", content_type.len());
        app.ask(Method::POST, "/v1/participants/batch")
            .body(content_type, a_participant(&code).to_string())
            .await
            .expect(201);
    }
    // Blank lines are not counted; a line that is no JSON is named by both.
    let body = format!(
        "{}\n\n{{\"code\": \n{}\n{{\"code\":\"E\",\"code\":\"F\"}}",
        a_participant("D1"),
        a_participant("D2")
    );
    let problem = lines(&app, "participants", body.clone())
        .await
        .problem(400, "malformed");
    assert_eq!(codes(&problem), [(1, "/1", "json"), (3, "/3", "json")]);
    assert!(
        problem["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("line 3")
    );
    // With another fault beside it, it is one of several.
    let mixed = format!("{body}\n{{}}");
    let problem = lines(&app, "participants", mixed.clone())
        .await
        .problem(422, "batch_refused");
    assert_eq!(codes(&problem)[2], (4, "/4/code", "required"));
    let made = lines(&app, "participants", mixed)
        .header("prefer", "handling=lenient")
        .await
        .expect(200);
    assert_eq!((&made["created"], &made["failed"]), (&json!(2), &json!(3)));
    assert_eq!(made.items()[1]["status"], 400);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_batch_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for body in ["", "{}", "[]", "[{}", "null", "[{},]", "[] []"] {
        app.ask(Method::POST, "/v1/participants/batch")
            .body("application/json", body)
            .await
            .problem(400, "malformed");
    }
    lines(&app, "participants", "\n\n")
        .await
        .problem(400, "malformed");
    for content_type in ["text/plain", "application/merge-patch+json", "text/csv"] {
        app.ask(Method::POST, "/v1/participants/batch")
            .body(content_type, "[]")
            .await
            .problem(415, "unsupported_media_type");
    }
    let items = json!([a_participant("USA")]);
    batch(&app, "participants", items.clone())
        .without_key()
        .await
        .problem(401, "unauthorized");
    batch(&app, "participants", items.clone())
        .key(&app.keys.reader)
        .await
        .problem(403, "forbidden");
    batch(&app, "participants", items)
        .key(&app.keys.admin)
        .await
        .expect(201);
    app.post("/v1/participants/batch?limit=5", json!([]))
        .await
        .problem(400, "malformed")
        .fault("?limit");
    assert_eq!(log(&app).await.len(), 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_has_limits_of_its_own(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let too_many = "{}\n".repeat(100_001);
    lines(&app, "pledges", too_many)
        .await
        .problem(400, "too_many_items");
    lines(&app, "pledges", " ".repeat(64 * 1024 * 1024 + 1))
        .await
        .problem(413, "body_too_large");
    // Larger than any other body may be.
    let body = "x".repeat(900_000);
    let articles: Vec<Value> = (0..6)
        .map(|n| json!({"publisher": "P", "language": "en", "title": "T", "kind": "news", "body": format!("{n}{body}")}))
        .collect();
    let made = lines(&app, "articles", ndjson(&articles))
        .header("prefer", "return=minimal")
        .await
        .expect(201);
    assert_eq!(made.body, json!({"created": 6}));
    app.post("/v1/articles", articles.into())
        .await
        .problem(413, "body_too_large");
    let item = json!([{"title": "x".repeat(5_000_000)}]);
    let problem = batch(&app, "articles", item).await.problem(422, "batch_refused");
    assert_eq!(codes(&problem), [(0, "/0", "length")]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_faults_are_named_and_what_comes_behind_is_not_looked_at(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let before = state(&app).await;
    let items: Vec<Value> = (0..3_000)
        .map(|n| a_grant(if n % 2 == 0 { "NOBODY" } else { "USA" }, "1"))
        .collect();
    let problem = lines(&app, "pledges", ndjson(&items))
        .await
        .problem(422, "batch_refused");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 1_000);
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains("1000 of the first 2000 items")
            && detail.contains("; 1000 more items were not looked at."),
        "{detail}"
    );
    // What is wrong with an item by itself is seen before any of them is written.
    let problem = lines(&app, "pledges", "{}\n".repeat(100_000))
        .await
        .problem(422, "batch_refused");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 1_000);
    let detail = problem["detail"].as_str().unwrap();
    assert!(
        detail.contains(" of the first ") && detail.contains(" more items were not looked at."),
        "{detail}"
    );
    assert_eq!(state(&app).await, before);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_as_long_as_preferred(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let items = json!([a_grant("USA", "1"), a_grant("KWT", "2")]);
    let made = batch(&app, "pledges", items.clone())
        .header("prefer", "return=minimal")
        .await
        .expect(201);
    assert_eq!(made.body, json!({"created": 2}));
    assert_eq!(made.header("preference-applied"), Some("return=minimal"));
    let made = batch(&app, "pledges", items.clone())
        .header("prefer", "return=minimal")
        .header("prefer", "wait=5, handling=lenient")
        .await
        .expect(200);
    assert_eq!(made.body, json!({"created": 2, "failed": 0, "items": []}));
    assert_eq!(
        made.header("preference-applied"),
        Some("return=minimal, handling=lenient")
    );
    let made = batch(&app, "pledges", items)
        .header("prefer", "return=representation")
        .await
        .expect(201);
    for item in made.items() {
        assert_eq!(
            item["item"],
            app.get(item["location"].as_str().unwrap()).await.body
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn references_mean_what_they_mean_one_by_one(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let old = app.participant("OLD").await;
    let gone = app.participant("GONE").await;
    let (usa, meeting) = (
        app.get("/v1/participants/USA").await.id(),
        app.get("/v1/meetings/kuwait-2018").await.id(),
    );
    let old_id = app.get("/v1/participants/OLD").await.id();
    app.patch(&format!("/v1/participants/{old}"), json!({"merged_into": "KWT"}))
        .await
        .ok();
    app.delete(&format!("/v1/participants/{gone}")).await.expect(204);
    let references = [
        ("participant", "uSa"),
        ("participant", usa.as_str()),
        ("participant", "old"),
        ("participant", old_id.as_str()),
        ("participant", "GONE"),
        ("participant", "NOBODY"),
        ("participant", "a\u{0}b"),
        ("participant", ""),
        ("participant", "kuwait-2018"),
        ("meeting", "kuwait-2018"),
        ("meeting", "KUWAIT-2018"),
        ("meeting", meeting.as_str()),
        ("meeting", usa.as_str()),
        ("beneficiary", "old"),
        ("beneficiary", "gone"),
    ];
    let items: Vec<Value> = references
        .iter()
        .map(|(field, key)| {
            let mut item = a_grant("USA", "3");
            item[*field] = json!(key);
            item
        })
        .collect();
    let made = batch(&app, "pledges", items.clone().into())
        .header("prefer", "handling=lenient, return=representation")
        .await
        .expect(200);
    assert_eq!(made.items().len(), items.len());
    for (item, outcome) in items.into_iter().zip(made.items()) {
        let alone = app.post("/v1/pledges", item.clone()).await;
        assert_eq!(outcome["status"], alone.status, "{item}");
        for field in [
            "participant",
            "participant_name",
            "meeting",
            "meeting_title",
            "beneficiary",
        ] {
            assert_eq!(outcome["item"][field], alone[field], "{field} of {item}");
        }
        let faults = |problem: &Value| -> Vec<(Value, Value)> {
            let errors = problem["errors"].as_array().into_iter().flatten();
            errors
                .map(|fault| (fault["code"].clone(), fault["detail"].clone()))
                .collect()
        };
        assert_eq!(faults(&outcome["problem"]), faults(&alone.body), "{item}");
    }
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn parts_restatements_and_citations_keep_their_place(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let parent = app.pledge("kuwait-2018", "100.00", "USD").await;
    let article = app.article(json!({"body": "200 million"})).await;
    let before = log(&app).await.len();
    let mut part = a_grant("USA", "60");
    part["parent"] = json!(parent);
    let mut again = a_grant("USA", "100");
    again["restates"] = json!(parent);
    again["meeting"] = Value::Null;
    let mut cited = a_grant("USA", "7");
    cited["citations"] =
        json!([{"article": article, "quote": "200", "start": 0, "end": 3, "states": {"amount": "8"}}]);
    let items = json!([
        a_grant("USA", "1"),
        part,
        a_grant("USA", "2"),
        a_grant("USA", "3"),
        again,
        cited,
        a_grant("USA", "4")
    ]);
    let made = batch(&app, "pledges", items)
        .header("prefer", "return=representation")
        .await
        .expect(201);
    let resources: Vec<_> = log(&app).await[before..]
        .iter()
        .map(|change| {
            format!(
                "{} {}",
                change["op"].as_str().unwrap(),
                change["resource"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        resources,
        [
            "create pledges",
            "create pledges",
            "update pledges",
            "create pledges",
            "create pledges",
            "create pledges",
            "create pledges",
            "create citations",
            "create pledges"
        ]
    );
    assert_eq!(app.pledge_now(&parent).await["counted"], "40.00");
    assert_eq!(made.items()[4]["item"]["state"], "restated");
    assert_eq!(made.items()[5]["item"]["conflicts"][0]["field"], "amount");
    app.check_kept_sums().await;

    // Parts that go beyond the whole, one of them alone and two together; a quote that does not stand.
    let before = state(&app).await;
    let mut wrong = a_grant("USA", "9");
    wrong["citations"] = json!([{"article": article, "quote": "300", "start": 0, "end": 3}]);
    let mut first = a_grant("USA", "30");
    first["parent"] = json!(parent);
    let items = json!([a_grant("USA", "1"), first, wrong, first, a_grant("KWT", "1")]);
    let problem = batch(&app, "pledges", items.clone())
        .await
        .problem(422, "batch_refused");
    assert_eq!(
        codes(&problem),
        [
            (2, "/2/citations/0/quote", "quote"),
            (3, "/3/amount", "exceeds_parent")
        ]
    );
    assert_eq!(state(&app).await, before);
    let made = batch(&app, "pledges", items)
        .header("prefer", "handling=lenient")
        .await
        .expect(200);
    assert_eq!((&made["created"], &made["failed"]), (&json!(3), &json!(2)));
    assert_eq!(log(&app).await.len(), before.0.len() + 4);
    assert_eq!(app.pledge_now(&parent).await["counted"], "10.00");
    app.check_kept_sums().await;
}

/// A small generator of chance, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        from[usize::try_from((self.0 >> 33) % from.len() as u64).unwrap()].clone()
    }
}

/// A pledge of any kind, right or wrong.
fn any_pledge(dice: &mut Dice, parents: &[String]) -> Value {
    let null = Value::Null;
    let mut item = json!({
        "participant": dice.pick(&[json!("USA"), json!("kwt"), json!("NOBODY"), json!("USA"), null.clone()]),
        "meeting": dice.pick(&[json!("kuwait-2018"), json!("other"), null.clone()]),
        "instrument": dice.pick(&["grant", "loan", "in_kind"]),
        "beneficiary": dice.pick(&[json!("KWT"), null.clone(), null.clone()]),
        "announced_on": dice.pick(&[json!("2018-02-13"), json!("2018-03"), null.clone()]),
        "purpose": dice.pick(&[json!("للاجئين"), null.clone()]),
    });
    let amount = dice.pick(&["10", "20.5", "33.33", "1000000"]);
    match dice.pick(&[0, 1, 2, 3, 4, 5, 6]) {
        0 => item["instrument"] = json!("political"),
        1 => {
            item["qualifier"] = json!("up_to");
            item["amount_max"] = json!(amount);
            item["currency"] = json!("KWD");
        }
        2 => {
            item["qualifier"] = json!("at_least");
            item["amount_min"] = json!(amount);
            item["currency"] = json!("EUR");
        }
        3 => {
            item["qualifier"] = json!("exact");
            item["amount"] = json!(amount);
            item["currency"] = json!("USD");
            let kin = dice.pick(&["parent", "restates"]);
            item[kin] = json!(dice.pick(parents));
        }
        _ => {
            item["qualifier"] = json!("exact");
            item["amount"] = json!(amount);
            item["currency"] = json!("USD");
        }
    }
    item
}

/// A change without what is new in every register: ids and moments.
fn timeless(change: &Value, ids: &[String]) -> String {
    let mut text = change.to_string();
    for (n, id) in ids.iter().enumerate() {
        text = text.replace(id, &format!("<{n}>"));
    }
    let mut change: Value = serde_json::from_str(&text).unwrap();
    change["at"].take();
    for document in ["before", "after"] {
        for moment in ["created_at", "updated_at"] {
            if change[document].is_object() {
                change[document][moment].take();
            }
        }
    }
    change.to_string()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_writes_what_its_items_would_one_by_one(#[case] engine: Engine) {
    for seed in 1..=6 {
        let (together, alone) = (App::start(engine).await, App::start(engine).await);
        let mut parents = [Vec::new(), Vec::new()];
        for (app, parents) in [&together, &alone].into_iter().zip(&mut parents) {
            kuwait(app).await;
            app.meeting("other").await;
            for amount in ["100.00", "40.00"] {
                parents.push(app.pledge("kuwait-2018", amount, "USD").await);
            }
        }
        let mut dice = Dice(seed);
        let items: Vec<Value> = (0..150)
            .map(|_| any_pledge(&mut dice, &["<0>".into(), "<1>".into()]))
            .collect();
        let named = |parents: &[String]| -> Vec<Value> {
            let text = Value::from(items.clone()).to_string();
            let text = text.replace("<0>", &parents[0]).replace("<1>", &parents[1]);
            serde_json::from_str(&text).unwrap()
        };
        let made = lines(&together, "pledges", ndjson(&named(&parents[0])))
            .header("prefer", "handling=lenient")
            .await
            .expect(200);
        let mut statuses = Vec::new();
        for item in named(&parents[1]) {
            statuses.push(alone.post("/v1/pledges", item).await.status);
        }
        assert_eq!(made.each("status"), statuses, "seed {seed}");
        assert!(statuses.contains(&201) && statuses.contains(&422));

        let mut logs = Vec::new();
        for app in [&together, &alone] {
            let log = log(app).await;
            let mut ids: Vec<String> = Vec::new();
            for change in &log {
                let id = change["after"]["id"].as_str().unwrap().to_owned();
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            logs.push(
                log.iter()
                    .map(|change| timeless(change, &ids))
                    .collect::<Vec<_>>(),
            );
            app.check_kept_sums().await;
        }
        assert_eq!(logs[0], logs[1], "seed {seed}");
        for query in [
            "",
            "group_by=meeting,participant",
            "group_by=instrument",
            "group_by=state",
            "group_by=beneficiary,currency",
        ] {
            let [one, other] = [together.totals(query).await, alone.totals(query).await];
            assert_eq!(one.body, other.body, "{query}, seed {seed}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_cut_short_is_not_begun(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let before = log(&app).await.len();
    let items: Vec<Value> = (0..2_500).map(|_| a_grant("USA", "1")).collect();
    let body = ndjson(&items);
    let send = async |missing: usize| {
        let mut stream = TcpStream::connect(app.base.strip_prefix("http://").unwrap())
            .await
            .unwrap();
        let head = format!(
            "POST /v1/pledges/batch HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {}\r\nContent-Type: application/x-ndjson\r\nContent-Length: {}\r\n\r\n",
            app.keys.editor,
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
            .write_all(&body.as_bytes()[..body.len() - missing])
            .await
            .unwrap();
        stream.flush().await.unwrap();
        // Long enough to be read, not to be done.
        sleep(Duration::from_millis(30)).await;
    };
    // At the end of a line, so that what did come would be a batch.
    send(items[0].to_string().len() + 1).await;
    sleep(Duration::from_millis(300)).await;
    assert_eq!(log(&app).await.len(), before);
    // Whole, it is carried out whoever waits for it; or it never came.
    send(0).await;
    for _ in 0..100 {
        sleep(Duration::from_millis(100)).await;
        let now = log(&app).await.len();
        assert!([before, before + 2_500].contains(&now), "{now} of it");
        if now > before {
            break;
        }
    }
    app.check_kept_sums().await;
}
