//! A demo, and how it begins anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering},
};

use pledgebook::{demo, resources, search::index, totals::rollups};
use reqwest::Method;
use serde_json::Value;

use crate::{app::Ask, prelude::*};

const MINISTERIAL: &str = "global-coalition-kuwait-2018";

impl App {
    /// Brings it back to its beginning. The route stands in no contract.
    fn reset(&self, key: &str) -> Ask {
        self.ask(Method::POST, "/demo/reset").key(key)
    }

    async fn must_be_reset(&self, key: &str) {
        let (status, _, body) = self.reset(key).unheld().await;
        assert_eq!((status, body.as_slice()), (204, &b""[..]));
    }

    /// Of whatever was made since a demo began, what it is and its id, in order. Of keys the log has none.
    async fn ids(&self) -> Vec<(String, String)> {
        let log = self.rows("/v1/changes?after_seq=0&limit=200").await;
        let made = log
            .iter()
            .filter(|entry| entry["op"] == "create" && entry["resource"] != "keys");
        made.map(|entry| {
            let word = |value: &Value| value.as_str().unwrap().to_owned();
            (word(&entry["resource"]), word(&entry["after"]["id"]))
        })
        .collect()
    }

    /// What a demo holds, without times, which are others each time.
    async fn told(&self, key: &str) -> BTreeMap<String, Value> {
        let mut told = BTreeMap::new();
        for path in [
            "/v1/participants?limit=200&fields=code,names,version&count=true".to_owned(),
            "/v1/coalitions?fields=slug,names,version&count=true".to_owned(),
            "/v1/meetings?fields=slug,titles,version&count=true".to_owned(),
            "/v1/articles?fields=title,body_sha256,version&count=true".to_owned(),
            "/v1/pledges?limit=200&fields=purpose,participant,meeting,state,pledged,paid,disputed,version&count=true".to_owned(),
            "/v1/events?fields=stage,occurred_on,amount,version&count=true&limit=200".to_owned(),
            "/v1/scales?fields=key,version&count=true".to_owned(),
            "/v1/rates?currency=EUR&limit=1&fields=per_usd&count=true".to_owned(),
            format!("/v1/meetings/{MINISTERIAL}/totals"),
            format!("/v1/meetings/{MINISTERIAL}/attendance?fields=participant,role,version&limit=200"),
            "/v1/totals?group_by=meeting,currency".to_owned(),
            "/v1/totals?by=events&group_by=year".to_owned(),
        ] {
            let answer = self.get(&path).await.expect(200);
            // Without `next`, which names a record by its id.
            let said = [&answer["items"], &answer["count"], &answer["groups"]];
            told.insert(path, json!(said));
        }
        let keys = self.get("/v1/keys").key(key).await.expect(200);
        told.insert("keys".to_owned(), json!(keys.each("name")));
        told
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_is_brought_back_to_its_beginning(#[case] engine: Engine) {
    let (app, key) = App::start_demo(engine).await;
    // The keys that every story has are none of a demo's own.
    app.must_be_reset(&key).await;
    let second = app.second().await;
    let before = app.told(&key).await;
    assert_eq!(before["keys"], json!(["demo", "Example desk"]));
    assert_eq!(second.told(&key).await, before);

    let made = app
        .post(
            "/v1/pledges",
            json!({"participant": "KWT", "meeting": MINISTERIAL, "instrument": "grant", "qualifier": "exact",
                "amount": "5.00", "currency": "USD", "purpose": "a zeppelin"}),
        )
        .key(&key)
        .once("zeppelin")
        .await
        .created();
    let pledge = format!("/v1/pledges/{}", made.id());
    app.post(
        &format!("{pledge}/events"),
        json!({"stage": "paid", "occurred_on": "2018-06", "amount": "1.00"}),
    )
    .key(&key)
    .await
    .created();
    app.post(
        "/v1/participants",
        json!({"code": "NEW", "kind": "ngo", "names": {"en": "New"}}),
    )
    .key(&key)
    .await
    .created();
    app.patch(
        &format!("/v1/meetings/{MINISTERIAL}"),
        json!({"city": "Elsewhere"}),
    )
    .key(&key)
    .await
    .ok();
    let other = app
        .post(
            "/v1/keys",
            json!({"name": "desk", "role": "editor", "participant": "NEW"}),
        )
        .key(&key)
        .await
        .created();
    let other = other["secret"].as_str().unwrap().to_owned();
    app.get("/v1/me").key(&other).await.ok();
    app.get("/v1/search?q=zeppelin").await.ok();
    let last = app.get("/v1/changes?limit=1").await.ok().items()[0]["seq"]
        .as_i64()
        .unwrap();
    let list = "/v1/changes?format=ndjson";
    let (_, headers, _) = app.get(list).unheld().await;
    let tag = headers["etag"].to_str().unwrap().to_owned();
    // From here on both remember what they say now.
    for app in [&app, &second] {
        assert_ne!(app.told(&key).await, before);
    }

    app.must_be_reset(&key).await;

    for app in [&app, &second] {
        assert_eq!(app.told(&key).await, before);
        app.get(&pledge).await.problem(404, "not_found");
        app.get("/v1/participants/NEW").await.problem(404, "not_found");
        let found = app.get("/v1/search?q=zeppelin").await.ok();
        assert_eq!(found.items().len(), 0);
        app.get("/v1/me").key(&other).await.problem(401, "unauthorized");
        let (status, ..) = app.get_with(list, &[("If-None-Match", &tag)]).unheld().await;
        assert_eq!(status, 200, "it was told that the log is what it was");
        // Whoever follows the log goes on from where they are, and misses nothing.
        let log = app.rows(&format!("/v1/changes?after_seq={last}&limit=200")).await;
        let numbers: Vec<i64> = log.iter().map(|entry| entry["seq"].as_i64().unwrap()).collect();
        let expected: Vec<i64> = (last + 1..).take(numbers.len()).collect();
        assert_eq!(numbers, expected);
        assert_eq!(log, app.rows("/v1/changes?after_seq=0&limit=200").await);
        assert_eq!(log.last().unwrap()["resource"], "keys");
    }
    let again = app
        .post(
            "/v1/pledges",
            json!({"participant": "KWT", "meeting": MINISTERIAL, "instrument": "grant", "qualifier": "exact",
                "amount": "5.00", "currency": "USD", "purpose": "a zeppelin"}),
        )
        .key(&key)
        .once("zeppelin")
        .await
        .created();
    assert_eq!(again.header("idempotency-replayed"), None);
    assert_ne!(again.id(), made.id());

    app.must_be_reset(&key).await;
    let db = app.another_db().await;
    let differences = rollups::verify(&mut db.snapshot().await.unwrap()).await.unwrap();
    assert!(differences.is_empty(), "{}", differences.len());
    let differences = index::verify(&mut db.snapshot().await.unwrap(), |_, _| {})
        .await
        .unwrap();
    assert_eq!(differences, []);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_demo_begins_with_has_the_same_id_each_time(#[case] engine: Engine) {
    let (app, key) = App::start_demo(engine).await;
    let ids = app.ids().await;
    for resource in [
        "participants",
        "citations",
        "events",
        "adherents",
        "assessments",
        "rates",
    ] {
        assert!(
            ids.iter().any(|(of, _)| of == resource),
            "no {resource} in the log"
        );
    }
    let once: BTreeSet<&String> = ids.iter().map(|(_, id)| id).collect();
    assert_eq!(once.len(), ids.len(), "two have one id");
    let (other, _) = App::start_demo(engine).await;
    assert_eq!(other.ids().await, ids);
    let keys = app.get("/v1/keys").key(&key).await.ok();
    let example = keys
        .items()
        .iter()
        .find(|it| it["name"] == "Example desk")
        .unwrap();
    assert_eq!(example["id"], json!(resources::examples::KEY));

    // What is made later comes behind it, and has an id of its own in each.
    let mine = app.pledge(MINISTERIAL, "1.00", "USD").await;
    let others = other.pledge(MINISTERIAL, "1.00", "USD").await;
    assert!(mine != others && once.iter().all(|id| **id < mine && **id < others));
    let newest = app.get("/v1/pledges?sort=-created_at&limit=1").await.ok();
    assert_eq!(newest.items()[0]["id"], json!(mine));

    let path = format!("/v1/pledges/{}", resources::examples::PLEDGE);
    let before = app.get(&path).await.ok();
    app.must_be_reset(&key).await;
    assert_eq!(app.ids().await, ids);
    app.get(&format!("/v1/pledges/{mine}"))
        .await
        .problem(404, "not_found");
    // One that has the same id as one of before is not taken for it.
    let tag = before.header("etag").unwrap();
    let after = app.get_with(&path, &[("If-None-Match", tag)]).await.expect(200);
    assert_ne!(after["created_at"], before["created_at"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn readers_are_answered_while_a_demo_begins_anew(#[case] engine: Engine) {
    let (app, key) = App::start_demo(engine).await;
    let path = format!("/v1/meetings/{MINISTERIAL}/totals");
    let first = app.get(&path).await.ok()["groups"].clone();
    let is_over = AtomicBool::new(false);
    let reading = async |count: &str| {
        let mut asked = 0;
        while !is_over.load(Ordering::Relaxed) {
            let totals = app.get(&path).await.ok();
            assert_eq!(totals["groups"], first, "of a register that is not whole");
            let pledges = app
                .get(&format!("/v1/pledges?count=true&limit={count}"))
                .await
                .ok();
            assert_eq!(pledges["count"], 24);
            asked += 1;
        }
        asked
    };
    let resetting = async {
        for _ in 0..3 {
            app.must_be_reset(&key).await;
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let (one, other, ()) = tokio::join!(reading("1"), reading("2"), resetting);
    assert!(one > 2 && other > 2, "{one}, {other}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn none_but_an_admin_begins_a_demo_anew(#[case] engine: Engine) {
    let (app, _) = App::start_demo(engine).await;
    let pledge = app.pledge(MINISTERIAL, "1.00", "USD").await;
    let status = async |ask: Ask| ask.unheld().await.0;
    let admin = app.keys.admin.clone();
    assert_eq!(status(app.reset(&admin).without_key()).await, 401);
    assert_eq!(status(app.reset(&app.keys.editor)).await, 403);
    assert_eq!(status(app.reset(&app.keys.reader)).await, 403);
    assert_eq!(status(app.reset(&admin).json(&json!({"to": "now"}))).await, 422);
    assert_eq!(
        status(app.ask(Method::POST, "/demo/reset?to=now").key(&admin)).await,
        400
    );
    assert_eq!(status(app.get("/demo/reset")).await, 405);
    app.get(&format!("/v1/pledges/{pledge}")).await.ok();

    // Once, however often it is asked for under one key; and whose key it was has it still.
    let (done, ..) = app.reset(&admin).once("anew").json(&json!({})).unheld().await;
    assert_eq!(done, 204);
    app.get(&format!("/v1/pledges/{pledge}"))
        .await
        .problem(404, "not_found");
    let kept = app.ask(Method::POST, "/v1/meetings").key(&admin);
    let meeting = json!({"slug": "kept", "titles": {"en": "Kept"}, "kind": "other", "starts_on": "2018"});
    kept.json(&meeting).await.created();
    let (again, headers, _) = app.reset(&admin).once("anew").json(&json!({})).unheld().await;
    assert_eq!(
        (again, &headers["idempotency-replayed"]),
        (204, &"true".parse().unwrap())
    );
    app.get("/v1/meetings/kept").await.ok();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn no_other_register_begins_anew(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kept").await;
    let (status, ..) = app.reset(&app.keys.admin).unheld().await;
    assert_eq!(status, 404);
    app.get(&format!("/v1/meetings/{meeting}")).await.ok();
    // Nor is it taken for a demo.
    assert!(demo::open(app.register(), None).await.unwrap().is_none());
}
