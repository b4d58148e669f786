//! Writing: patched as it was seen, retracted, restored.

use serde_json::Value;

use super::{assert_figures, grant, granted, headline, ids, patched};
use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_is_written_by_an_editor_and_read_by_anybody(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let path = format!("/v1/pledges/{id}");
    for ask in [
        app.post("/v1/pledges", grant(json!({}))),
        app.patch(&path, json!({"purpose": "x"})),
        app.delete(&path),
        app.restore(&path),
        app.post(
            &format!("{path}/events"),
            json!({"stage": "frozen", "occurred_on": "2019"}),
        ),
    ] {
        ask.without_key().await.problem(401, "unauthorized");
    }
    app.delete(&path)
        .key(&app.keys.reader)
        .await
        .problem(403, "forbidden");
    assert_eq!(app.get(&path).await.expect(200)["version"], 1);
    app.patch(&path, json!({"purpose": "roads"}))
        .header("Change-Reason", "%D8%AA%D8%B5%D8%AD%D9%8A%D8%AD")
        .await
        .ok();
    let last = app.history(&path).await.items()[0].clone();
    assert_eq!(
        (&last["actor"], &last["reason"]),
        (&json!("editor"), &json!("تصحيح"))
    );
    assert_eq!(
        (&last["before"]["purpose"], &last["after"]["purpose"]),
        (&Value::Null, &json!("roads"))
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_may_be_patched_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let article = app.article(json!({})).await;
    app.participant("USA").await;
    for fields in [
        json!({"participant": "USA", "meeting": meeting, "citations": [{"article": article, "states": {"amount": "230"}}]}),
        json!({"qualifier": "up_to", "amount": null, "amount_max": "80"}),
        json!({"qualifier": "between", "amount": "60", "amount_min": "50", "amount_max": "80", "announced_on": "2018-02"}),
        json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null}),
    ] {
        let id = granted(&app, fields).await;
        for language in ["en", "ar"] {
            let read = app
                .get(&format!("/v1/pledges/{id}?lang={language}"))
                .await
                .expect(200);
            let back = patched(&app, &id, read.body.clone()).await.expect(200);
            assert_eq!(back["version"], 1, "nothing changed: {back}");
        }
        assert_eq!(app.history(&format!("/v1/pledges/{id}")).await.items().len(), 1);
        for (name, value) in [
            ("id", json!("00000000-0000-7000-8000-000000000000")),
            ("version", json!(7)),
            ("state", json!("fulfilled")),
            ("counted", json!("5.00")),
            ("paid", json!("5.00")),
            ("participant_name", json!("Somebody")),
            ("updated_at", json!("2018-02-13T00:00:00Z")),
            ("conflicts", json!(null)),
            ("colour", json!("red")),
            ("citations", json!([])),
        ] {
            patched(&app, &id, json!({name: value}))
                .await
                .problem(422, "invalid")
                .fault(&format!("/{name}"));
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_patch_touches_only_what_it_names(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    for code in ["USA", "SYR"] {
        app.participant(code).await;
    }
    let made = app
        .post(
            "/v1/pledges",
            grant(json!({
                "participant": "USA", "meeting": meeting, "beneficiary": "SYR", "purpose": "stabilisation", "announced_on": "2018-02-13",
                "announced_by_name": "Rex Tillerson", "announced_by_office": "Secretary of State", "period_from": "2018", "period_to": "2019-06",
                "conditions": "none",
            })),
        )
        .await
        .created();
    let mut now = made.body.clone();
    for (patch, derived) in [
        (json!({"purpose": "demining"}), json!({})),
        (json!({"announced_by_office": null}), json!({})),
        (json!({"announced_on": "2018-02"}), json!({})),
        (
            json!({"amount": "150.00"}),
            json!({"pledged_min": "150.00", "pledged": "150.00", "pledged_max": "150.00", "counted_min": "150.00", "counted": "150.00",
                   "counted_max": "150.00", "outstanding": "150.00"}),
        ),
        (json!({"meeting": null}), json!({"meeting_title": null})),
    ] {
        let answer = app
            .patch(&format!("/v1/pledges/{}", made.id()), patch.clone())
            .await
            .expect(200);
        for fields in [&patch, &derived] {
            for (name, value) in fields.as_object().unwrap() {
                now[name] = value.clone();
            }
        }
        now["version"] = (now["version"].as_i64().unwrap() + 1).into();
        now["updated_at"] = answer["updated_at"].clone();
        // Since when nothing was heard of it follows from when it was announced.
        now["silent_days"] = answer["silent_days"].clone();
        assert_eq!(answer.body, now, "after {patch}");
    }
    // application/json is taken as a merge patch too.
    let plain = app
        .ask(reqwest::Method::PATCH, &format!("/v1/pledges/{}", made.id()))
        .json(&json!({"conditions": null}))
        .await
        .expect(200);
    assert_eq!(plain["conditions"], Value::Null);
    assert_eq!(plain["purpose"], "demining");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_is_changed_only_as_its_editor_saw_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let path = format!("/v1/pledges/{id}");
    let read = app.get(&path).await.expect(200);
    let etag = read.header("etag").unwrap().to_owned();
    app.get_with(&path, &[("If-None-Match", &etag)]).await.expect(304);
    // In another language it is another representation of the same version.
    let arabic = app.get(&format!("{path}?lang=ar")).await.expect(200);
    let arabic = arabic.header("etag").unwrap().to_owned();
    let patched = app
        .patch(&path, json!({"purpose": "demining"}))
        .header("If-Match", &arabic)
        .await
        .expect(200);
    assert_eq!(patched["version"], 2);
    assert_ne!(patched.header("etag"), Some(&*etag));
    app.get_with(&path, &[("If-None-Match", &etag)]).await.expect(200);
    for ask in [
        app.patch(&path, json!({"purpose": "roads"})),
        app.delete(&path),
        app.post(
            &format!("{path}/events"),
            json!({"stage": "frozen", "occurred_on": "2019"}),
        ),
    ] {
        ask.header("If-Match", &etag).await.problem(412, "stale_version");
    }
    assert_eq!(app.pledge_now(&id).await["version"], 2);
    app.delete(&path).header("If-Match", "*").await.expect(204);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_retracted_pledge_is_gone_until_it_is_restored(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({})).await;
    let id = granted(&app, json!({"citations": [{"article": article}]})).await;
    app.event(&id, "paid", "40", "2019").await;
    let before = app.pledge_now(&id).await;
    let path = format!("/v1/pledges/{id}");
    app.delete(&path)
        .header("Change-Reason", "entered%20twice")
        .await
        .expect(204);
    let gone = app.get(&path).await.problem(410, "retracted");
    assert!(
        gone["detail"]
            .as_str()
            .unwrap()
            .contains(&format!("{path}/history")),
        "{gone}"
    );
    app.patch(&path, json!({"purpose": "x"}))
        .await
        .problem(410, "retracted");
    app.delete(&path).await.problem(410, "retracted");
    app.get(&format!("{path}/events")).await.problem(410, "retracted");
    app.get(&format!("{path}/citations"))
        .await
        .problem(410, "retracted");
    assert_eq!(ids(&app, "").await.len(), 0);
    assert_eq!(app.totals("").await["groups"][0]["pledges"], 0);
    // What refers to a record that is gone names nothing.
    app.post("/v1/pledges", grant(json!({"restates": id})))
        .await
        .problem(422, "invalid")
        .fault("/restates");
    let history = app.history(&path).await;
    assert_eq!(history.items()[0]["op"], "retract");
    assert_eq!(history.items()[0]["reason"], "entered twice");
    let back = app.restore(&path).await.expect(200);
    assert_eq!(back["version"], before["version"].as_i64().unwrap() + 2);
    assert_figures(
        &back,
        json!({"paid": "40.00", "outstanding": "60.00", "state": "partly_paid"}),
    );
    assert_eq!(
        app.get(&format!("{path}/events")).await.expect(200).items().len(),
        1
    );
    assert_eq!(
        app.get(&format!("{path}/citations"))
            .await
            .expect(200)
            .items()
            .len(),
        1
    );
    app.restore(&path).await.problem(409, "not_retracted");
    app.restore("/v1/pledges/00000000-0000-7000-8000-000000000000")
        .await
        .problem(404, "not_found");
    app.get("/v1/pledges/nonsense").await.problem(404, "not_found");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_that_others_refer_to_stays_and_they_are_named(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    let child = granted(&app, json!({"parent": parent})).await;
    let restatement = granted(&app, json!({"restates": parent})).await;
    app.delete(&format!("/v1/pledges/{parent}"))
        .await
        .still_referenced_by(&format!("pledges/{child}"))
        .still_referenced_by(&format!("pledges/{restatement}"));
    for other in [&child, &restatement] {
        app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    }
    app.delete(&format!("/v1/pledges/{parent}")).await.expect(204);
    // Nor is a meeting or a participant retracted from under a pledge.
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "5", "USD").await;
    for path in ["/v1/meetings/kuwait-2018", "/v1/participants/USA"] {
        app.delete(path)
            .await
            .still_referenced_by(&format!("pledges/{pledge}"));
    }
}
