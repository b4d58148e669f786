//! Keys that write some resources alone, or one participant's own.

use serde_json::Value;

use crate::{app::Ask, prelude::*};

/// A register with pledges of two participants and of all together, an event and a citation of each.
struct Desk {
    app: App,
    article: String,
    own: [String; 3],
    other: [String; 3],
    collective: [String; 3],
}

impl Desk {
    async fn open(engine: Engine) -> Self {
        let app = App::start(engine).await;
        let meeting = app.meeting("kuwait-2018").await;
        let article = app.article(json!({})).await;
        let with_parts = async |pledge: String| {
            let event = app.event(&pledge, "paid", "1.00", "2018-03-01").await;
            let citation = app
                .citation(&format!("pledges/{pledge}"), &article, json!({}))
                .await;
            [pledge, event, citation]
        };
        let own = with_parts(app.pledge_by("USA", &meeting, "100.00", "USD").await).await;
        let other = with_parts(app.pledge_by("KWT", &meeting, "100.00", "USD").await).await;
        let all = app
            .pledge_with(
                json!({"meeting": meeting, "qualifier": "exact", "amount": "900.00", "currency": "USD"}),
            )
            .await;
        let collective = with_parts(all).await;
        Self {
            app,
            article,
            own,
            other,
            collective,
        }
    }

    fn others(&self) -> [&[String; 3]; 2] {
        [&self.other, &self.collective]
    }
}

fn pledge(participant: impl Into<Value>) -> Value {
    json!({"instrument": "grant", "announced_on": "2018-02-13", "participant": participant.into(),
        "qualifier": "exact", "amount": "5.00", "currency": "USD"})
}

async fn refused(asked: Ask) {
    asked.await.problem(403, "forbidden");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_participants_key_writes_its_own_pledges_with_their_parts(#[case] engine: Engine) {
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    let key = app.editor_with("usa", json!({"participant": "USA"})).await;
    let citation = json!({"article": desk.article});
    let made = app
        .post("/v1/pledges", {
            let mut pledge = pledge("usa");
            pledge["citations"] = json!([citation]);
            pledge
        })
        .key(&key)
        .await
        .created();
    let path = format!("/v1/pledges/{}", made.id());
    app.patch(&path, json!({"purpose": "schools"}))
        .key(&key)
        .await
        .expect(200);
    let event = json!({"stage": "paid", "occurred_on": "2018-04-01", "amount": "1.00"});
    let event = app
        .post(&format!("{path}/events"), event)
        .key(&key)
        .await
        .created()
        .id();
    let event = format!("{path}/events/{event}");
    app.patch(&event, json!({"note": "by bank"}))
        .key(&key)
        .await
        .expect(200);
    let of_event = app
        .post(&format!("{event}/citations"), citation.clone())
        .key(&key)
        .await
        .created()
        .id();
    app.post(&format!("{path}/citations"), citation.clone())
        .key(&key)
        .await
        .created();
    let subject = json!({"subject": path.trim_start_matches("/v1/"), "article": desk.article});
    app.post("/v1/citations", subject.clone())
        .key(&key)
        .await
        .created();
    let from_article = json!({"subject": path.trim_start_matches("/v1/")});
    app.post(&format!("/v1/articles/{}/citations", desk.article), from_article)
        .key(&key)
        .await
        .created();
    let cited = format!("/v1/citations/{of_event}");
    app.patch(&cited, json!({"states": {"note": "x"}}))
        .key(&key)
        .await
        .expect(200);
    app.delete(&cited).key(&key).await.expect(204);
    app.restore(&cited).key(&key).await.expect(200);
    app.delete(&event).key(&key).await.expect(204);
    app.restore(&event).key(&key).await.expect(200);
    // A restatement and a part of its own.
    let mut restating = pledge("USA");
    restating["restates"] = json!(desk.own[0]);
    restating["announced_on"] = json!("2019-02-13");
    // The first one has an event, so this is a rule's refusal and not the key's.
    assert_ne!(app.post("/v1/pledges", restating).key(&key).await.status, 403);
    let mut part = pledge("USA");
    part["parent"] = json!(desk.own[0]);
    app.post("/v1/pledges", part).key(&key).await.created();
    app.delete(&path).key(&key).await.expect(204);
    app.restore(&path).key(&key).await.expect(200);
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_participants_key_writes_nothing_else_by_any_path(#[case] engine: Engine) {
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    let before = app.get("/v1/changes?limit=1").await.expect(200).items()[0]["seq"].clone();
    let key = app.editor_with("usa", json!({"participant": "USA"})).await;
    let post = |path: &str, body: Value| app.post(path, body).key(&key);
    let patch = |path: &str, body: Value| app.patch(path, body).key(&key);
    let delete = |path: &str| app.delete(path).key(&key);
    refused(post("/v1/pledges", pledge("KWT"))).await;
    refused(post("/v1/pledges", pledge(Value::Null))).await;
    let citation = json!({"article": desk.article});
    for [id, event, cited] in desk.others() {
        let path = format!("/v1/pledges/{id}");
        refused(patch(&path, json!({"purpose": "x"}))).await;
        refused(patch(&path, json!({"participant": "USA"}))).await;
        refused(delete(&path)).await;
        refused(app.restore(&path).key(&key)).await;
        let event_body = json!({"stage": "paid", "occurred_on": "2018-04-01", "amount": "1.00"});
        refused(post(&format!("{path}/events"), event_body)).await;
        let event = format!("{path}/events/{event}");
        refused(patch(&event, json!({"note": "x"}))).await;
        refused(delete(&event)).await;
        refused(app.restore(&event).key(&key)).await;
        refused(post(&format!("{event}/citations"), citation.clone())).await;
        refused(post(&format!("{path}/citations"), citation.clone())).await;
        let subject = path.trim_start_matches("/v1/");
        refused(post(
            "/v1/citations",
            json!({"subject": subject, "article": desk.article}),
        ))
        .await;
        refused(post(
            &format!("/v1/articles/{}/citations", desk.article),
            json!({"subject": subject}),
        ))
        .await;
        let subject = event
            .trim_start_matches("/v1/pledges/")
            .split_once('/')
            .unwrap()
            .1;
        refused(post(
            "/v1/citations",
            json!({"subject": subject, "article": desk.article}),
        ))
        .await;
        let cited = format!("/v1/citations/{cited}");
        refused(patch(&cited, json!({"states": {}}))).await;
        refused(delete(&cited)).await;
        refused(app.restore(&cited).key(&key)).await;
        // Its own, so that it bears on another's.
        for relation in ["parent", "restates"] {
            let mut bearing = pledge("USA");
            bearing[relation] = json!(id);
            refused(post("/v1/pledges", bearing)).await;
            refused(patch(
                &format!("/v1/pledges/{}", desk.own[0]),
                json!({relation: id}),
            ))
            .await;
        }
    }
    let own = format!("/v1/pledges/{}", desk.own[0]);
    for away in [json!("KWT"), Value::Null] {
        refused(patch(&own, json!({"participant": away}))).await;
    }
    refused(patch("/v1/participants/USA", json!({"aliases": ["US"]}))).await;
    refused(patch("/v1/participants/KWT", json!({"merged_into": "USA"}))).await;
    refused(post("/v1/participants/USA/citations", citation.clone())).await;
    refused(post(
        "/v1/citations",
        json!({"subject": "participants/USA", "article": desk.article}),
    ))
    .await;
    refused(post("/v1/meetings/kuwait-2018/citations", citation)).await;
    refused(
        app.put("/v1/meetings/kuwait-2018/attendance/USA", json!({}))
            .key(&key),
    )
    .await;
    refused(patch("/v1/meetings/kuwait-2018", json!({"city": "x"}))).await;
    let rate = json!([{"currency": "EUR", "date": "2018-02-14", "per_usd": "0.8098", "source": "ECB"}]);
    refused(app.put("/v1/rates", rate).key(&key)).await;
    refused(post("/v1/keys", json!({"name": "x", "role": "editor"}))).await;
    let entries = app
        .get(&format!("/v1/changes?after_seq={before}"))
        .await
        .expect(200);
    assert_eq!(
        entries.each("resource"),
        ["keys"],
        "nothing was written but the key"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_names_the_items_that_are_not_the_keys_to_write(#[case] engine: Engine) {
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    let key = app.editor_with("usa", json!({"participant": "USA"})).await;
    let items = json!([pledge("USA"), pledge("KWT"), pledge("USA"), pledge(Value::Null)]);
    let refused = app
        .post("/v1/pledges/batch", items.clone())
        .key(&key)
        .await
        .problem(403, "forbidden");
    let errors = refused["errors"].as_array().unwrap();
    let named: Vec<_> = errors
        .iter()
        .map(|it| (it["index"].as_i64().unwrap(), &it["code"]))
        .collect();
    assert_eq!(
        named,
        [(1, &json!("forbidden")), (3, &json!("forbidden"))],
        "{refused}"
    );
    let count = app.get("/v1/pledges?count=true").await.expect(200)["count"].clone();
    assert_eq!(count, 3);
    let report = app
        .post("/v1/pledges/batch", items)
        .header("Prefer", "handling=lenient")
        .key(&key)
        .await
        .expect(200);
    assert_eq!((&report["created"], &report["failed"]), (&json!(2), &json!(2)));
    assert_eq!(report.each("status"), [201, 403, 201, 403]);
    let citations = json!([
        {"subject": format!("pledges/{}", desk.own[0]), "article": desk.article},
        {"subject": format!("pledges/{}", desk.other[0]), "article": desk.article},
    ]);
    let refused = app
        .post("/v1/citations/batch", citations)
        .key(&key)
        .await
        .problem(403, "forbidden");
    assert_eq!(refused["errors"][0]["index"], 1, "{refused}");
    app.post(
        "/v1/articles/batch",
        json!([{"publisher": "p", "language": "en", "title": "t", "kind": "news"}]),
    )
    .key(&key)
    .await
    .problem(403, "forbidden");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn creates_that_wait_together_keep_their_own_keys(#[case] engine: Engine) {
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    let usa = app.editor_with("usa", json!({"participant": "USA"})).await;
    let kwt = app.editor_with("kwt", json!({"participant": "KWT"})).await;
    let asked = (0..40).map(|number| {
        let (key, is_own) = if number % 2 == 0 {
            (&usa, number % 4 == 0)
        } else {
            (&kwt, number % 4 == 3)
        };
        let code = if number % 4 == 0 || number % 4 == 1 {
            "USA"
        } else {
            "KWT"
        };
        let asked = app.post("/v1/pledges", pledge(code)).key(key);
        async move { (asked.await.status, if is_own { 201 } else { 403 }) }
    });
    for (status, expected) in futures_util::future::join_all(asked).await {
        assert_eq!(status, expected);
    }
    let log = app.rows("/v1/changes?resource=pledges&actor=usa,kwt").await;
    assert_eq!(log.len(), 20);
    for entry in log {
        let code = entry["after"]["participant"].as_str().unwrap().to_lowercase();
        assert_eq!(entry["actor"], code);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_goes_along_where_its_participant_is_merged(#[case] engine: Engine) {
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    app.participant("US").await;
    let made = app
        .key(json!({"name": "x/US", "role": "editor", "participant": "US"}))
        .await;
    let key = made["secret"].as_str().unwrap().to_owned();
    let own = format!("/v1/pledges/{}", desk.own[0]);
    refused(app.patch(&own, json!({"purpose": "x"})).key(&key)).await;
    app.patch("/v1/participants/US", json!({"merged_into": "USA"}))
        .await
        .expect(200);
    app.patch(&own, json!({"purpose": "x"}))
        .key(&key)
        .await
        .expect(200);
    app.post("/v1/pledges", pledge("US")).key(&key).await.created();
    let now = app
        .get(&format!("/v1/keys/{}", made.id()))
        .key(&app.keys.admin)
        .await
        .expect(200);
    assert_eq!((&now["participant"], &now["version"]), (&json!("USA"), &json!(2)));
    let log = app.get("/v1/changes?resource=keys&limit=1").await.expect(200);
    assert_eq!(log.items()[0]["key"], "x/US");
    assert_eq!(log.items()[0]["after"], Value::Null);
    // A key holds up no retraction of its participant.
    app.participant("QAT").await;
    app.editor_with("qat", json!({"participant": "QAT"})).await;
    app.delete("/v1/participants/QAT").await.expect(204);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_writes_the_resources_that_it_names_alone(#[case] engine: Engine) {
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    let coalition = app.coalition("c").await;
    let meetings = app
        .editor_with("meetings", json!({"resources": ["meetings"]}))
        .await;
    let pledges = app
        .editor_with("pledges", json!({"resources": ["pledges"]}))
        .await;
    let events = app.editor_with("events", json!({"resources": ["events"]})).await;
    let coalitions = app
        .editor_with("coalitions", json!({"resources": ["coalitions"]}))
        .await;
    let attendance = || app.put("/v1/meetings/kuwait-2018/attendance/USA", json!({}));
    attendance().key(&meetings).await.created();
    let at = "/v1/meetings/kuwait-2018/attendance/USA";
    app.delete(at).key(&meetings).await.expect(204);
    refused(app.restore(at).key(&coalitions)).await;
    app.restore(at).key(&meetings).await.expect(200);
    let member = format!("/v1/coalitions/{coalition}/members/USA");
    let periods = json!({"periods": [{"joined_on": "2015", "left_on": null}]});
    app.put(&member, periods.clone()).key(&coalitions).await.created();
    refused(app.put(&member, periods).key(&meetings)).await;
    refused(attendance().key(&pledges)).await;
    // What follows is not asked: an event moves its pledge, and what a pledge takes along goes.
    let path = format!("/v1/pledges/{}", desk.own[0]);
    let event = json!({"stage": "paid", "occurred_on": "2018-04-01", "amount": "1.00"});
    app.post(&format!("{path}/events"), event.clone())
        .key(&events)
        .await
        .created();
    refused(app.patch(&path, json!({"purpose": "x"})).key(&events)).await;
    refused(app.post(&format!("{path}/events"), event).key(&pledges)).await;
    let mut cited = pledge("USA");
    cited["citations"] = json!([{"article": desk.article}]);
    refused(app.post("/v1/pledges", cited.clone()).key(&pledges)).await;
    let both = app
        .editor_with("both", json!({"resources": ["pledges", "citations"]}))
        .await;
    app.post("/v1/pledges", cited).key(&both).await.created();
    app.delete(&path).key(&pledges).await.expect(204);
    app.restore(&path).key(&pledges).await.expect(200);
    // Both ways of confining at once.
    let narrow = app
        .editor_with("narrow", json!({"resources": ["events"], "participant": "USA"}))
        .await;
    let event = json!({"stage": "paid", "occurred_on": "2018-05-01", "amount": "1.00"});
    app.post(&format!("{path}/events"), event.clone())
        .key(&narrow)
        .await
        .created();
    refused(
        app.post(&format!("/v1/pledges/{}/events", desk.other[0]), event)
            .key(&narrow),
    )
    .await;
    refused(app.post("/v1/pledges", pledge("USA")).key(&narrow)).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_hears_that_before_the_faults_of_the_body(#[case] engine: Engine) {
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    let rates = app.editor_with("rates", json!({"resources": ["rates"]})).await;
    let pledge = format!("/v1/pledges/{}", desk.own[0]);
    let event = format!("{pledge}/events/{}", desk.own[1]);
    let faulty = || json!({"nothing": 1});
    for ask in [
        app.post("/v1/meetings", faulty()),
        app.post("/v1/pledges", faulty()),
        app.post("/v1/pledges/batch", json!([faulty()])),
        app.post("/v1/pledges/batch", faulty()),
        app.patch(&pledge, faulty()),
        app.post(&format!("{pledge}/events"), faulty()),
        app.patch(&event, faulty()),
        app.post(&format!("{pledge}/citations"), faulty()),
        app.post(&format!("/v1/articles/{}/citations", desk.article), faulty()),
        app.put("/v1/meetings/kuwait-2018/attendance/USA", faulty()),
    ] {
        refused(ask.key(&rates)).await;
    }
    for (method, path) in [
        ("POST", "/v1/meetings"),
        ("POST", "/v1/meetings/batch"),
        ("PATCH", &pledge),
    ] {
        let ask = app.ask(method.parse().unwrap(), path);
        refused(ask.body("application/json", "{").key(&rates)).await;
    }
    let meetings = app
        .editor_with("meetings", json!({"resources": ["meetings"]}))
        .await;
    refused(app.put("/v1/rates", faulty()).key(&meetings)).await;
    app.post("/v1/meetings", faulty())
        .key(&meetings)
        .await
        .problem(422, "invalid");
    // A participant's key, where the path says whose it is; elsewhere it is the body that says so.
    let usa = app.editor_with("usa", json!({"participant": "USA"})).await;
    for [id, event, _] in desk.others() {
        let path = format!("/v1/pledges/{id}");
        refused(app.patch(&path, faulty()).key(&usa)).await;
        refused(app.post(&format!("{path}/events"), faulty()).key(&usa)).await;
        refused(app.patch(&format!("{path}/events/{event}"), faulty()).key(&usa)).await;
        refused(app.post(&format!("{path}/citations"), faulty()).key(&usa)).await;
    }
    app.post("/v1/pledges", faulty())
        .key(&usa)
        .await
        .problem(422, "invalid");
    // A lenient batch refuses item by item.
    let report = app
        .post("/v1/meetings/batch", json!([{"name": {"en": "x"}}]))
        .header("Prefer", "handling=lenient")
        .key(&rates)
        .await
        .expect(200);
    assert_eq!(report["failed"], 1);
    // What a key may is looked at anew once an admin has changed it.
    let made = app
        .key(json!({"name": "wide", "role": "editor", "resources": ["rates"]}))
        .await;
    let wide = made["secret"].as_str().unwrap();
    refused(app.post("/v1/meetings", faulty()).key(wide)).await;
    app.patch(
        &format!("/v1/keys/{}", made.id()),
        json!({"resources": ["meetings"]}),
    )
    .await
    .expect(200);
    app.post("/v1/meetings", faulty())
        .key(wide)
        .await
        .problem(422, "invalid");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn below_another_s_pledge_a_key_hears_the_same_whatever_else_the_path_names(#[case] engine: Engine) {
    const NOBODYS: &str = "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b";
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    let usa = app.editor_with("usa", json!({"participant": "USA"})).await;
    let contract = pledgebook::app::contract();
    let mut routes = 0;
    for (path, item) in contract["paths"].as_object().unwrap() {
        let Some((_, below)) = path
            .strip_prefix("/v1/pledges/{")
            .and_then(|path| path.split_once('}'))
        else {
            continue;
        };
        // What stands there is nowhere.
        let below = below
            .replace("{participant}", "NONE")
            .replace("{event}", NOBODYS)
            .replace("{key}", NOBODYS);
        for method in ["post", "put", "patch", "delete"] {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let content = operation["requestBody"]["content"].as_object();
            let body = content.and_then(|content| content.iter().next());
            let ask = |pledge: &str| {
                let method = method.to_uppercase().parse().unwrap();
                let ask = app.ask(method, &format!("/v1/pledges/{pledge}{below}")).key(&usa);
                match body {
                    Some((kind, content)) => ask.body(kind, content["example"].to_string()),
                    None => ask,
                }
            };
            for [pledge, ..] in desk.others() {
                refused(ask(pledge)).await;
            }
            ask(NOBODYS).await.problem(404, "not_found");
            if below.contains("NONE") || below.contains(NOBODYS) {
                ask(&desk.own[0]).await.problem(404, "not_found");
            }
            routes += 1;
        }
    }
    assert!(routes > 10, "{routes}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_confined_key_merges_no_participants(#[case] engine: Engine) {
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    app.participant("US").await;
    let key = app
        .editor_with("participants", json!({"resources": ["participants", "pledges"]}))
        .await;
    let merge = || app.patch("/v1/participants/US", json!({"merged_into": "USA"}));
    app.patch("/v1/participants/US", json!({"aliases": ["x"]}))
        .key(&key)
        .await
        .expect(200);
    let refused = merge().key(&key).await.problem(403, "forbidden");
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("merging participants"),
        "{refused}"
    );
    app.get("/v1/participants/US").await.expect(200);
    merge().await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_stays_confined_whatever_becomes_of_its_participant(#[case] engine: Engine) {
    let desk = Desk::open(engine).await;
    let app = &desk.app;
    app.participant("QAT").await;
    let made = app
        .key(json!({"name": "qat", "role": "editor", "participant": "QAT"}))
        .await;
    let path = format!("/v1/keys/{}", made.id());
    app.delete("/v1/participants/QAT").await.expect(204);
    // What is not about the participant may be changed, also by what was read.
    let mut read = app.get(&path).await.expect(200).body;
    assert_eq!(read["participant"], "QAT");
    read["note"] = json!("n");
    let patched = app.patch(&path, read).await.expect(200);
    assert_eq!(
        (&patched["participant"], &patched["note"]),
        (&json!("QAT"), &json!("n"))
    );
    let rotated = app.post(&format!("{path}/rotate"), json!({})).await.expect(200);
    assert_eq!(rotated["participant"], "QAT");
    let key = rotated["secret"].as_str().unwrap();
    refused(app.post("/v1/pledges", pledge("USA")).key(key)).await;
    app.patch(&path, json!({"participant": "qat"}))
        .await
        .problem(422, "invalid")
        .fault("/participant");
    app.delete(&path).await.expect(204);
    assert_eq!(app.get(&path).await.expect(200)["participant"], "QAT");
}
