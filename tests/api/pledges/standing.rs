//! How a parent stands that is nothing but its parts.

use serde_json::Value;

use super::{assert_figures, granted, headline, ids, patched};
use crate::prelude::*;

/// A parent of 300 in parts of 100 and 200; their ids.
async fn in_two(app: &App) -> [String; 3] {
    let parent = headline(app).await;
    let part = granted(app, json!({"parent": parent})).await;
    let other = granted(app, json!({"parent": parent, "amount": "200"})).await;
    [parent, part, other]
}

async fn state(app: &App, id: &str) -> Value {
    app.pledge_now(id).await["state"].clone()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_is_nothing_but_its_parts_stands_as_they_do(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let [parent, part, other] = in_two(&app).await;
    let version = app.pledge_now(&parent).await["version"].clone();
    assert_eq!((state(&app, &parent).await, version), (json!("open"), json!(3)));

    app.event(&part, "paid", "40", "2019-01").await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"state": "partly_paid", "paid": "0.00", "outstanding": "0.00", "version": 4}),
    );
    // What does not move it is no version of it.
    let rest = app.event(&part, "paid", "60", "2019-02").await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"state": "partly_paid", "version": 4}),
    );
    app.event(&other, "frozen", None, "2019-03").await;
    assert_eq!(state(&app, &parent).await, "partly_paid");
    app.event(&other, "released", None, "2019-04").await;
    app.event(&other, "paid", "200", "2019-05").await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"state": "fulfilled", "version": 5}),
    );
    let events = format!("/v1/pledges/{part}/events");
    app.patch(&format!("{events}/{rest}"), json!({"stage": "expired"}))
        .await
        .ok();
    assert_eq!(state(&app, &parent).await, "withdrawn");
    app.delete(&format!("{events}/{rest}")).await.expect(204);
    assert_eq!(state(&app, &parent).await, "partly_paid");
    app.restore(&format!("{events}/{rest}")).await.ok();
    assert_eq!(state(&app, &parent).await, "withdrawn");

    // Its own states again, once it is more than its parts.
    app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"state": "open", "counted": "200.00"}),
    );
    app.restore(&format!("/v1/pledges/{other}")).await.ok();
    assert_eq!(state(&app, &parent).await, "withdrawn");
    patched(&app, &parent, json!({"amount": "301"})).await.ok();
    assert_eq!(state(&app, &parent).await, "open");
    patched(&app, &parent, json!({"amount": "300"})).await.ok();
    assert_eq!(state(&app, &parent).await, "withdrawn");
    let second = granted(&app, json!({"amount": "200"})).await;
    patched(&app, &other, json!({"parent": second})).await.ok();
    assert_eq!(state(&app, &parent).await, "open");
    assert_eq!(state(&app, &second).await, "fulfilled");

    for (state, found) in [("fulfilled", vec![&other, &second]), ("open", vec![&parent])] {
        let mut found: Vec<String> = found.into_iter().cloned().collect();
        found.sort();
        assert_eq!(ids(&app, &format!("state={state}")).await, found);
    }
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_on_the_parent_itself_tells_its_state(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let [parent, part, _] = in_two(&app).await;
    let events = format!("/v1/pledges/{parent}/events");
    // Nothing of it is left to be frozen or lost.
    app.event(&parent, "frozen", None, "2019").await;
    assert_eq!(state(&app, &parent).await, "open");
    app.event(&part, "paid", "1", "2019").await;
    assert_eq!(state(&app, &parent).await, "partly_paid");
    let paid = json!({"stage": "paid", "amount": "1", "occurred_on": "2019", "over": true});
    let paid = app.post(&events, paid).await.created().id();
    assert_eq!(state(&app, &parent).await, "fulfilled");
    app.delete(&format!("{events}/{paid}")).await.expect(204);
    assert_eq!(state(&app, &parent).await, "partly_paid");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_headline_that_names_no_limit_may_be_all_in_its_parts(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let at_least = json!({"qualifier": "at_least", "amount": null, "amount_min": "150"});
    let parent = granted(&app, at_least).await;
    for _ in 0..2 {
        let part = granted(&app, json!({"parent": parent, "amount": "80"})).await;
        app.event(&part, "paid", "80", "2019").await;
    }
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"state": "fulfilled", "counted_min": "0.00"}),
    );
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "80"});
    let parent = granted(&app, up_to).await;
    let part = granted(&app, json!({"parent": parent, "amount": "79"})).await;
    app.event(&part, "paid", "79", "2019").await;
    assert_eq!(state(&app, &parent).await, "open");
    app.event(&part, "increased", "1", "2019").await;
    app.event(&part, "paid", "1", "2019").await;
    assert_eq!(state(&app, &parent).await, "fulfilled");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_restates_a_pledge_stands_as_that_one_does(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let saudi = |fields: Value| {
        let mut all = json!({"participant": "SAU"});
        for (name, value) in fields.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    };
    app.participant("SAU").await;
    let first = granted(&app, saudi(json!({"due_on": "2018"}))).await;
    let parent = granted(&app, json!({"due_on": "2018"})).await;
    let part = granted(&app, saudi(json!({"parent": parent, "restates": first}))).await;
    assert_eq!(state(&app, &parent).await, "open");
    let paid = app.event(&first, "paid", "100", "2019-01-11").await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"state": "fulfilled", "kept_late_days": 11, "overdue": false, "paid": "0.00"}),
    );
    assert_eq!(state(&app, &part).await, "restated");
    let path = format!("/v1/pledges/{first}/events/{paid}");
    app.patch(&path, json!({"amount": "60"})).await.ok();
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"state": "partly_paid", "kept_late_days": null, "overdue": true}),
    );
    // A correction of the first announcement counts as well.
    patched(&app, &first, json!({"amount": "60"})).await.ok();
    assert_eq!(state(&app, &parent).await, "fulfilled");
    patched(&app, &part, json!({"restates": null})).await.ok();
    assert_eq!(state(&app, &parent).await, "open");
    patched(&app, &part, json!({"restates": first})).await.ok();
    assert_eq!(state(&app, &parent).await, "fulfilled");

    // The first announcement may be a parent in turn, and have another such behind it.
    let behind = granted(&app, saudi(json!({}))).await;
    let between = granted(&app, saudi(json!({}))).await;
    granted(&app, saudi(json!({"parent": between, "restates": behind}))).await;
    let top = granted(&app, json!({"amount": "200"})).await;
    granted(&app, saudi(json!({"parent": top, "restates": between}))).await;
    let open = granted(&app, json!({"parent": top})).await;
    let lost = app.event(&behind, "expired", "60", "2019").await;
    app.event(&behind, "withdrawn", "40", "2019").await;
    for (id, expected) in [(&behind, "withdrawn"), (&between, "withdrawn"), (&top, "open")] {
        assert_eq!(state(&app, id).await, expected);
    }
    // What was paid of it shows at the top, though the state of what lies between is the same.
    let lost = format!("/v1/pledges/{behind}/events/{lost}");
    app.patch(&lost, json!({"stage": "paid"})).await.ok();
    for (id, expected) in [(&between, "withdrawn"), (&top, "partly_paid")] {
        assert_eq!(state(&app, id).await, expected);
    }
    let between_now = app.pledge_now(&between).await;
    app.delete(&lost).await.expect(204);
    assert_eq!(state(&app, &between).await, "open");
    app.event(&behind, "paid", "60", "2019").await;
    assert_eq!(state(&app, &top).await, "partly_paid");
    app.event(&open, "withdrawn", "100", "2019").await;
    assert_eq!(state(&app, &top).await, "withdrawn");
    // Its own version did not go up while nothing of it moved.
    assert_eq!(
        app.pledge_now(&between).await["version"],
        json!(between_now["version"].as_i64().unwrap() + 2)
    );
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn two_pledges_are_not_made_up_of_each_other(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let saudi = app.participant("SAU").await;
    let made = async |fields: Value| {
        let mut all = json!({"participant": saudi});
        for (name, value) in fields.as_object().unwrap() {
            all[name] = value.clone();
        }
        granted(&app, all).await
    };
    let [one, two, three] = [
        made(json!({})).await,
        made(json!({})).await,
        made(json!({})).await,
    ];
    made(json!({"parent": one, "restates": two})).await;
    let between = made(json!({"parent": two, "restates": three})).await;
    for first in [&one, &two] {
        let fields = json!({"participant": "SAU", "instrument": "grant", "qualifier": "exact", "amount": "100", "currency": "USD",
            "parent": three, "restates": first});
        let problem = app.post("/v1/pledges", fields).await.problem(422, "invalid");
        assert!(problem.fault("/restates").text.contains("made up of"));
    }
    let part = made(json!({"parent": three})).await;
    patched(&app, &part, json!({"restates": one}))
        .await
        .problem(422, "invalid")
        .fault("/restates");
    // Where the chain is broken it may be, and then the chain may not be mended.
    app.delete(&format!("/v1/pledges/{between}")).await.expect(204);
    patched(&app, &part, json!({"restates": one})).await.ok();
    app.restore(&format!("/v1/pledges/{between}"))
        .await
        .problem(422, "invalid")
        .fault("/restates");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_was_kept_when_the_last_of_its_parts_was(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "300", "due_on": "2019-06"})).await;
    let part = granted(&app, json!({"parent": parent, "due_on": "2020"})).await;
    let other = granted(&app, json!({"parent": parent, "amount": "200"})).await;
    assert_eq!(app.pledge_now(&parent).await["overdue"], true);
    let last = app.event(&part, "paid", "100", "2019-07-10").await;
    app.event(&other, "paid", "200", "2019-05").await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"state": "fulfilled", "kept_late_days": 10, "overdue": false}),
    );
    assert_eq!(app.pledge_now(&part).await["kept_late_days"], Value::Null);
    assert_eq!(ids(&app, "overdue=true").await, Vec::<String>::new());
    let path = format!("/v1/pledges/{part}/events/{last}");
    app.patch(&path, json!({"occurred_on": "2019-06-30"})).await.ok();
    let now = app.pledge_now(&parent).await;
    assert_eq!(now["kept_late_days"], Value::Null);
    // That it was kept on an earlier day is no version of it while it was in time.
    app.patch(&path, json!({"occurred_on": "2019-06-01"})).await.ok();
    assert_eq!(app.pledge_now(&parent).await["version"], now["version"]);
    patched(&app, &parent, json!({"due_on": "2019-05-01"})).await.ok();
    assert_eq!(app.pledge_now(&parent).await["kept_late_days"], 31);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_whose_parts_are_more_than_its_point_was_kept_by_what_was_paid_first(
    #[case] engine: Engine,
) {
    let app = App::start(engine).await;
    let between = json!({"qualifier": "between", "amount_min": "80", "amount": "100", "amount_max": "300", "due_on": "2020-01-01"});
    let parent = granted(&app, between).await;
    granted(&app, json!({"parent": parent, "amount": "120"})).await;
    app.event(&parent, "paid", "20", "2019-01-01").await;
    let kept = json!({"state": "fulfilled", "kept_late_days": null});
    assert_figures(&app.pledge_now(&parent).await, kept.clone());
    app.event(&parent, "reduced", "80", "2021-01-01").await;
    assert_figures(&app.pledge_now(&parent).await, kept);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_reduced_to_nothing_is_withdrawn_and_not_overdue(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({"due_on": "2019"})).await;
    let reduced = app.event(&id, "reduced", "100", "2018").await;
    assert_figures(
        &app.pledge_now(&id).await,
        json!({"state": "withdrawn", "outstanding": "0.00", "overdue": false, "kept_late_days": null}),
    );
    assert_eq!(
        ids(&app, "state=withdrawn&overdue=false").await,
        std::slice::from_ref(&id)
    );
    let path = format!("/v1/pledges/{id}/events/{reduced}");
    app.patch(&path, json!({"amount": "99"})).await.ok();
    assert_figures(
        &app.pledge_now(&id).await,
        json!({"state": "open", "overdue": true}),
    );
    app.event(&id, "paid", "1", "2020-01-01").await;
    assert_figures(
        &app.pledge_now(&id).await,
        json!({"state": "fulfilled", "kept_late_days": 1}),
    );
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn parts_that_come_in_a_batch_tell_the_state_of_their_parent(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("SAU").await;
    let first = granted(&app, json!({"participant": "SAU"})).await;
    app.event(&first, "paid", "100", "2019").await;
    let parent = granted(&app, json!({"amount": "200"})).await;
    let part = json!({"participant": "SAU", "instrument": "grant", "qualifier": "exact", "amount": "100", "currency": "USD",
        "parent": parent, "restates": first});
    let mut other = part.clone();
    other["restates"] = Value::Null;
    app.post("/v1/pledges/batch", json!([part, other]))
        .await
        .expect(201);
    assert_eq!(state(&app, &parent).await, "partly_paid");
    app.check_kept_sums().await;
}
