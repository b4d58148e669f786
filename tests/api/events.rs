//! Events: what became of a pledge, and what that does to its figures.

use pledgebook::{
    db::Sql,
    values::{Clock, Timestamp},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{answer::Answer, pledges::granted, prelude::*};

async fn political(app: &App) -> String {
    app.pledge_with(json!({"instrument": "political"})).await
}

fn at(pledge: &str) -> String {
    format!("/v1/pledges/{pledge}/events")
}

/// An event in 2019, but for these fields.
async fn happens(app: &App, pledge: &str, fields: Value) -> Answer {
    let mut event = json!({"occurred_on": "2019"});
    for (name, value) in fields.as_object().unwrap() {
        event[name] = value.clone();
    }
    app.post(&at(pledge), event).await
}

/// Pledged, committed, paid, withdrawn, outstanding and state.
async fn figures(app: &App, pledge: &str) -> [Value; 6] {
    let now = app.pledge_now(pledge).await;
    [
        "pledged",
        "committed",
        "paid",
        "withdrawn",
        "outstanding",
        "state",
    ]
    .map(|name| now[name].clone())
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn each_stage_is_a_sum_of_its_own(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    for (stage, amount, expected) in [
        (
            "committed",
            Some("90"),
            ["100.00", "90.00", "0.00", "0.00", "100.00", "open"],
        ),
        (
            "frozen",
            None,
            ["100.00", "90.00", "0.00", "0.00", "100.00", "frozen"],
        ),
        (
            "paid",
            Some("10"),
            ["100.00", "90.00", "10.00", "0.00", "90.00", "frozen"],
        ),
        (
            "released",
            None,
            ["100.00", "90.00", "10.00", "0.00", "90.00", "partly_paid"],
        ),
        (
            "withdrawn",
            Some("1"),
            ["100.00", "90.00", "10.00", "1.00", "89.00", "partly_paid"],
        ),
        (
            "redirected",
            Some("2"),
            ["100.00", "90.00", "10.00", "3.00", "87.00", "partly_paid"],
        ),
        (
            "expired",
            Some("3"),
            ["100.00", "90.00", "10.00", "6.00", "84.00", "partly_paid"],
        ),
        (
            "increased",
            Some("50"),
            ["150.00", "90.00", "10.00", "6.00", "134.00", "partly_paid"],
        ),
        (
            "reduced",
            Some("30"),
            ["120.00", "90.00", "10.00", "6.00", "104.00", "partly_paid"],
        ),
        (
            "committed",
            Some("900"),
            ["120.00", "990.00", "10.00", "6.00", "104.00", "partly_paid"],
        ),
        (
            "expired",
            Some("104"),
            ["120.00", "990.00", "10.00", "110.00", "0.00", "withdrawn"],
        ),
    ] {
        app.event(&id, stage, amount, "2019").await;
        assert_eq!(figures(&app, &id).await, expected, "after {stage}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_reads_as_it_was_written(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({"currency": "KWD"})).await;
    let made = app
        .post(
            &at(&id),
            json!({"stage": "paid", "occurred_on": "2018-06", "amount": "6.6", "currency": "kwd", "note": "first tranche"}),
        )
        .await
        .created();
    for (name, value) in [
        ("pledge", json!(id)),
        ("stage", json!("paid")),
        ("occurred_on", json!("2018-06")),
        ("amount", json!("6.600")),
        ("currency", json!("KWD")),
        ("over", json!(false)),
        ("note", json!("first tranche")),
        ("version", json!(1)),
    ] {
        assert_eq!(made[name], value, "{name} of {made}");
    }
    let path = made.header("location").unwrap();
    assert_eq!(path, format!("{}/{}", at(&id), made.id()));
    let read = app.get(path).await.expect(200);
    assert_eq!(read.body, made.body);
    let back = app.patch(path, read.body.clone()).await.expect(200);
    assert_eq!(back["version"], 1, "what was read may be patched back");
    assert_eq!(app.pledge_now(&id).await["version"], 2, "and changes nothing");
    let frozen = happens(&app, &id, json!({"stage": "frozen"})).await.created();
    assert_eq!(
        (&frozen["amount"], &frozen["currency"]),
        (&Value::Null, &Value::Null)
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_makes_no_sense_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let exact = granted(&app, json!({})).await;
    let up_to = granted(
        &app,
        json!({"qualifier": "up_to", "amount": null, "amount_max": "100"}),
    )
    .await;
    let unquantified = granted(&app, json!({"qualifier": null, "amount": null, "currency": null})).await;
    let political = political(&app).await;
    for (on, fields, pointer) in [
        (&exact, json!({}), "/stage"),
        (&exact, json!({"stage": "spent"}), "/stage"),
        (
            &exact,
            json!({"stage": "frozen", "occurred_on": null}),
            "/occurred_on",
        ),
        (
            &exact,
            json!({"stage": "frozen", "occurred_on": "soon"}),
            "/occurred_on",
        ),
        (&exact, json!({"stage": "frozen", "amount": "5"}), "/amount"),
        (&exact, json!({"stage": "released", "amount": "5"}), "/amount"),
        (&exact, json!({"stage": "frozen", "currency": "USD"}), "/currency"),
        (&exact, json!({"stage": "frozen", "over": true}), "/over"),
        (
            &exact,
            json!({"stage": "committed", "amount": "5", "over": true}),
            "/over",
        ),
        (
            &exact,
            json!({"stage": "increased", "amount": "5", "over": true}),
            "/over",
        ),
        (
            &exact,
            json!({"stage": "paid", "amount": "5", "over": "yes"}),
            "/over",
        ),
        (&exact, json!({"stage": "committed"}), "/amount"),
        (&exact, json!({"stage": "paid"}), "/amount"),
        (&exact, json!({"stage": "redirected"}), "/amount"),
        (&exact, json!({"stage": "withdrawn"}), "/amount"),
        (&exact, json!({"stage": "expired"}), "/amount"),
        (&exact, json!({"stage": "increased"}), "/amount"),
        (&exact, json!({"stage": "reduced"}), "/amount"),
        (&exact, json!({"stage": "paid", "amount": "0"}), "/amount"),
        (&exact, json!({"stage": "paid", "amount": "-5"}), "/amount"),
        (&exact, json!({"stage": "paid", "amount": 5}), "/amount"),
        (&exact, json!({"stage": "paid", "amount": "5.001"}), "/amount"),
        (
            &exact,
            json!({"stage": "paid", "amount": "5", "currency": "EUR"}),
            "/currency",
        ),
        (&exact, json!({"stage": "paid", "amount": "100.01"}), "/amount"),
        (&exact, json!({"stage": "reduced", "amount": "100.01"}), "/amount"),
        (
            &exact,
            json!({"stage": "paid", "amount": "5", "pledge": up_to}),
            "/pledge",
        ),
        (
            &exact,
            json!({"stage": "paid", "amount": "5", "note": ""}),
            "/note",
        ),
        (&up_to, json!({"stage": "increased", "amount": "5"}), "/stage"),
        (&up_to, json!({"stage": "reduced", "amount": "5"}), "/stage"),
        (&up_to, json!({"stage": "paid", "amount": "100.01"}), "/amount"),
        (&unquantified, json!({"stage": "paid", "amount": "5"}), "/amount"),
        (&unquantified, json!({"stage": "paid"}), "/stage"),
        (&unquantified, json!({"stage": "committed"}), "/stage"),
        (
            &unquantified,
            json!({"stage": "expired", "amount": "5"}),
            "/amount",
        ),
        (
            &unquantified,
            json!({"stage": "completed", "amount": "5"}),
            "/amount",
        ),
        (
            &unquantified,
            json!({"stage": "completed", "over": true}),
            "/over",
        ),
        (&exact, json!({"stage": "started"}), "/stage"),
        (&up_to, json!({"stage": "completed", "amount": "5"}), "/stage"),
        (&political, json!({"stage": "paid"}), "/stage"),
        (
            &political,
            json!({"stage": "withdrawn", "amount": "5"}),
            "/amount",
        ),
        (
            &political,
            json!({"stage": "withdrawn", "amount": "5", "currency": "USD"}),
            "/amount",
        ),
        (
            &political,
            json!({"stage": "withdrawn", "currency": "USD"}),
            "/currency",
        ),
        (&political, json!({"stage": "increased"}), "/stage"),
    ] {
        happens(&app, on, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    happens(&app, &exact, json!({"stage": "spent", "occurred_on": "soon", "amount": 5, "currency": "XXY", "over": 1, "note": 7, "colour": "red"}))
        .await
        .problem(422, "invalid")
        .fault("/stage")
        .fault("/occurred_on")
        .fault("/amount")
        .fault("/currency")
        .fault("/over")
        .fault("/note")
        .fault("/colour");
    for on in [&exact, &up_to, &unquantified, &political] {
        assert_eq!(app.get(&at(on)).await.expect(200).items().len(), 0);
        assert_eq!(app.pledge_now(on).await["version"], 1);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_without_any_amount_is_started_and_completed(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let unquantified = json!({"qualifier": null, "amount": null, "currency": null});
    for id in [political(&app).await, granted(&app, unquantified).await] {
        for (stage, state) in [
            ("started", "in_progress"),
            ("frozen", "frozen"),
            ("released", "in_progress"),
            ("expired", "withdrawn"),
            ("frozen", "withdrawn"),
            ("completed", "fulfilled"),
            ("started", "fulfilled"),
            ("frozen", "fulfilled"),
            ("redirected", "withdrawn"),
        ] {
            app.event(&id, stage, None, "2019").await;
            let now = app.pledge_now(&id).await;
            assert_eq!(now["state"], state, "after {stage}");
            assert_eq!([&now["paid"], &now["outstanding"]], [&Value::Null; 2]);
            let found = app.get(&format!("/v1/pledges?state={state}")).await.expect(200);
            assert!(found.each("id").contains(&&json!(id)), "{state} finds it");
        }
        // What is done is told by its date, not by its entry.
        app.event(&id, "completed", None, "2018-12").await;
        assert_eq!(app.pledge_now(&id).await["state"], "withdrawn");
        app.event(&id, "completed", None, "2019-02").await;
        assert_eq!(app.pledge_now(&id).await["state"], "fulfilled");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_needs_an_amount_and_what_is_done_none(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let unquantified = json!({"qualifier": null, "amount": null, "currency": null});
    for id in [political(&app).await, granted(&app, unquantified).await] {
        for stage in ["paid", "committed"] {
            let refused = happens(&app, &id, json!({"stage": stage})).await;
            let refused = refused.problem(422, "invalid").fault("/stage");
            for said in [stage, "started", "completed", "its amount first", "patch"] {
                assert!(refused.text.contains(said), "names {said}: {refused}");
            }
        }
        assert_eq!(app.pledge_now(&id).await["version"], 1);
    }
    let exact = granted(&app, json!({})).await;
    for stage in ["started", "completed"] {
        let refused = happens(&app, &exact, json!({"stage": stage})).await;
        let refused = refused.problem(422, "invalid").fault("/stage");
        assert!(refused.text.contains("committed and paid"), "{refused}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_with_events_without_amounts_is_given_none(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = political(&app).await;
    let path = format!("/v1/pledges/{id}");
    let started = app.event(&id, "started", None, "2019").await;
    app.event(&id, "frozen", None, "2019").await;
    let expired = app.event(&id, "expired", None, "2020").await;
    // Of another instrument it may be, as long as there is no amount.
    app.patch(&path, json!({"instrument": "grant"})).await.ok();
    for (amounts, pointer) in [
        (json!({"qualifier": "exact", "amount": "5"}), "/amount"),
        (json!({"qualifier": "up_to", "amount_max": "5"}), "/amount_max"),
        (json!({"qualifier": "at_least", "amount_min": "5"}), "/amount_min"),
    ] {
        let mut patch = amounts;
        patch["currency"] = json!("USD");
        let refused = app.patch(&path, patch.clone()).await;
        let refused = refused.problem(422, "invalid").fault(pointer);
        for said in ["started", &started, "expired", &expired] {
            assert!(refused.text.contains(said), "names {said}: {refused}");
        }
        assert!(!refused.text.contains("frozen"), "{refused}");
    }
    assert_eq!(app.pledge_now(&id).await["amount"], Value::Null);
    for event in [&started, &expired] {
        app.delete(&format!("{}/{event}", at(&id))).await.expect(204);
    }
    let with = json!({"qualifier": "exact", "amount": "5", "currency": "USD"});
    app.patch(&path, with).await.ok();
    assert_eq!(app.pledge_now(&id).await["state"], "frozen");
    // Nor do they come back to it.
    for event in [&started, &expired] {
        app.restore(&format!("{}/{event}", at(&id)))
            .await
            .problem(422, "invalid");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_of_money_without_an_amount_may_be_frozen(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({"qualifier": null, "amount": null, "currency": null})).await;
    app.event(&id, "frozen", None, "2019").await;
    assert_eq!(app.pledge_now(&id).await["state"], "frozen");
    app.patch(
        &format!("/v1/pledges/{id}"),
        json!({"qualifier": "at_least", "amount_min": "5", "currency": "USD"}),
    )
    .await
    .ok();
    app.event(&id, "paid", "50", "2019").await;
    assert_eq!(
        figures(&app, &id).await,
        [
            Value::Null,
            json!("0.00"),
            json!("50.00"),
            json!("0.00"),
            Value::Null,
            json!("frozen")
        ],
        "without a maximum, something is always outstanding"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_beyond_a_pledge_must_say_so(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    app.event(&id, "paid", "60", "2019").await;
    app.event(&id, "expired", "30", "2019").await;
    let refused = happens(&app, &id, json!({"stage": "paid", "amount": "10.01"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    for said in ["100.00", "100.01", "0.01", "\\\"over\\\": true"] {
        assert!(refused.text.contains(said), "names {said}: {refused}");
    }
    let over = happens(&app, &id, json!({"stage": "paid", "amount": "50", "over": true}))
        .await
        .created();
    assert_eq!(over["over"], true);
    assert_eq!(
        figures(&app, &id).await,
        ["100.00", "0.00", "110.00", "30.00", "-40.00", "withdrawn"]
    );
    // What is not itself beyond may still happen; what would go deeper may not.
    app.event(&id, "committed", "5", "2019").await;
    app.event(&id, "frozen", None, "2019").await;
    happens(&app, &id, json!({"stage": "paid", "amount": "0.01"}))
        .await
        .problem(422, "invalid");
    let path = format!("{}/{}", at(&id), over.id());
    app.patch(&path, json!({"note": "as the donor has it"}))
        .await
        .ok();
    app.patch(&path, json!({"over": false}))
        .await
        .problem(422, "invalid")
        .fault("/over");
    app.patch(&path, json!({"over": false, "amount": "10"}))
        .await
        .ok();
    assert_eq!(
        figures(&app, &id).await,
        ["100.00", "5.00", "70.00", "30.00", "0.00", "withdrawn"]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn no_write_takes_the_ground_from_under_what_was_paid(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let path = format!("/v1/pledges/{id}");
    let increased = app.event(&id, "increased", "50", "2019").await;
    let paid = app.event(&id, "paid", "60", "2019").await;
    let withdrawn = app.event(&id, "withdrawn", "70", "2019").await;
    let event = |event: &str| format!("{}/{event}", at(&id));
    // Less pledged.
    app.patch(&path, json!({"amount": "79.99"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    app.patch(
        &path,
        json!({"qualifier": "up_to", "amount": null, "amount_max": "500"}),
    )
    .await
    .problem(422, "invalid")
    .fault("/amount");
    app.patch(
        &path,
        json!({"qualifier": null, "amount": null, "currency": null}),
    )
    .await
    .problem(422, "invalid")
    .fault("/currency");
    app.patch(&path, json!({"currency": "EUR"}))
        .await
        .problem(422, "invalid")
        .fault("/currency");
    app.delete(&event(&increased))
        .await
        .problem(422, "invalid")
        .fault("");
    for (fields, pointer) in [
        (json!({"amount": "29.99"}), "/amount"),
        (json!({"stage": "reduced"}), "/stage"),
        (json!({"stage": "committed"}), "/stage"),
        (json!({"stage": "paid"}), "/stage"),
    ] {
        app.patch(&event(&increased), fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    happens(&app, &id, json!({"stage": "reduced", "amount": "20.01"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    // More paid.
    app.patch(&event(&paid), json!({"amount": "80.01"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    // Gone and come back, when its room was taken.
    app.delete(&event(&withdrawn)).await.expect(204);
    let late = app.event(&id, "paid", "20.01", "2020").await;
    app.restore(&event(&withdrawn))
        .await
        .problem(422, "invalid")
        .fault("");
    app.get(&event(&withdrawn)).await.problem(410, "retracted");
    app.delete(&event(&late)).await.expect(204);
    app.restore(&event(&withdrawn)).await.ok();
    app.delete(&event(&withdrawn)).await.expect(204);
    app.delete(&event(&increased)).await.expect(204);
    app.restore(&event(&withdrawn))
        .await
        .problem(422, "invalid")
        .fault("");
    app.restore(&event(&increased)).await.ok();
    app.restore(&event(&withdrawn)).await.ok();
    assert_eq!(
        figures(&app, &id).await,
        ["150.00", "0.00", "60.00", "70.00", "20.00", "partly_paid"]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_comes_back_in_the_currency_in_which_it_went(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let path = format!("/v1/pledges/{id}");
    let paid = app.event(&id, "paid", "50", "2019").await;
    let event = format!("{}/{paid}", at(&id));
    app.delete(&event).await.expect(204);
    // Fifty dollars are not five dinars, nor five thousand yen, nor nothing.
    for fields in [
        json!({"currency": "KWD"}),
        json!({"currency": "EUR", "amount": "100"}),
        json!({"currency": "JPY", "amount": "90000"}),
        json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null}),
    ] {
        app.patch(&path, fields).await.ok();
        app.restore(&event)
            .await
            .problem(422, "invalid")
            .fault("/currency");
    }
    app.patch(
        &path,
        json!({"instrument": "grant", "qualifier": "exact", "amount": "80", "currency": "USD"}),
    )
    .await
    .ok();
    let back = app.restore(&event).await.expect(200);
    assert_eq!(
        (&back["amount"], &back["currency"]),
        (&json!("50.00"), &json!("USD"))
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_comes_back_only_to_a_pledge_that_it_may_happen_to(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let first = granted(&app, json!({})).await;
    let id = granted(&app, json!({})).await;
    let path = format!("/v1/pledges/{id}");
    let increased = app.event(&id, "increased", "50", "2019").await;
    let event = format!("{}/{increased}", at(&id));
    app.restore(&event).await.problem(409, "not_retracted");
    app.delete(&event).await.expect(204);
    app.patch(&path, json!({"restates": first})).await.ok();
    app.restore(&event).await.problem(422, "invalid");
    app.patch(
        &path,
        json!({"restates": null, "qualifier": "up_to", "amount": null, "amount_max": "100"}),
    )
    .await
    .ok();
    app.restore(&event).await.problem(422, "invalid").fault("/stage");
    app.delete(&path).await.expect(204);
    app.restore(&event).await.problem(410, "retracted");
    app.restore(&path).await.ok();
    // It went before its pledge did, so it did not come back with it.
    assert_eq!(app.get(&at(&id)).await.expect(200).items().len(), 0);
    app.patch(
        &path,
        json!({"qualifier": "exact", "amount": "100", "amount_min": null, "amount_max": null}),
    )
    .await
    .ok();
    app.restore(&event).await.ok();
    assert_eq!(app.pledge_now(&id).await["pledged"], "150.00");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn increased_and_reduced_move_the_whole_range(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(
        &app,
        json!({"qualifier": "between", "amount_min": "50", "amount": "60", "amount_max": "100"}),
    )
    .await;
    app.event(&id, "increased", "10", "2019").await;
    let now = app.pledge_now(&id).await;
    assert_eq!(
        [
            &now["pledged_min"],
            &now["pledged"],
            &now["pledged_max"],
            &now["amount"]
        ],
        ["60.00", "70.00", "110.00", "60.00"],
        "what was announced stays what it was"
    );
    // Its minimum does not go below nothing.
    happens(&app, &id, json!({"stage": "reduced", "amount": "60.01"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    app.event(&id, "reduced", "60", "2019").await;
    assert_eq!(app.pledge_now(&id).await["pledged_min"], "0.00");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_the_first_that_holds(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "100"});
    let at_least = json!({"qualifier": "at_least", "amount": null, "amount_min": "100"});
    for (fields, events, state) in [
        (json!({}), &[][..], "open"),
        (json!({}), &[("committed", "100")], "open"),
        (json!({}), &[("withdrawn", "99")], "open"),
        (json!({}), &[("paid", "99")], "partly_paid"),
        (json!({}), &[("paid", "99"), ("frozen", "")], "frozen"),
        (
            json!({}),
            &[("frozen", ""), ("frozen", ""), ("released", "")],
            "open",
        ),
        (json!({}), &[("released", ""), ("frozen", "")], "frozen"),
        // Nothing outstanding, so nothing is frozen.
        (json!({}), &[("paid", "100"), ("frozen", "")], "fulfilled"),
        (json!({}), &[("expired", "100"), ("frozen", "")], "withdrawn"),
        (json!({}), &[("paid", "100")], "fulfilled"),
        (json!({}), &[("paid", "40"), ("paid", "60")], "fulfilled"),
        (json!({}), &[("paid", "99.99"), ("expired", "0.01")], "withdrawn"),
        (json!({}), &[("redirected", "100")], "withdrawn"),
        (json!({}), &[("paid", "60"), ("reduced", "40")], "fulfilled"),
        (json!({}), &[("paid", "100"), ("increased", "1")], "partly_paid"),
        (up_to.clone(), &[("paid", "99")], "partly_paid"),
        (up_to.clone(), &[("paid", "100")], "fulfilled"),
        (up_to.clone(), &[("paid", "50"), ("expired", "50")], "withdrawn"),
        (up_to, &[("paid", "100"), ("frozen", "")], "fulfilled"),
        (at_least.clone(), &[("paid", "500")], "partly_paid"),
        (at_least, &[("withdrawn", "500")], "open"),
    ] {
        let id = granted(&app, fields).await;
        for (stage, amount) in events {
            app.event(&id, stage, Some(*amount).filter(|it| !it.is_empty()), "2019")
                .await;
        }
        assert_eq!(app.pledge_now(&id).await["state"], state, "{events:?}");
        let found = app
            .get(&format!("/v1/pledges?limit=200&state={state}"))
            .await
            .expect(200);
        assert!(found.each("id").contains(&&json!(id)), "{state} finds it");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_happened_last_is_told_by_its_date_not_by_its_entry(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let released = app.event(&id, "released", None, "2018-06").await;
    app.event(&id, "frozen", None, "2018-03").await;
    assert_eq!(app.pledge_now(&id).await["state"], "open");
    let path = format!("{}/{released}", at(&id));
    app.patch(&path, json!({"occurred_on": "2018-02-28"})).await.ok();
    assert_eq!(app.pledge_now(&id).await["state"], "frozen");
    // Of one day, the one that was entered last.
    app.patch(&path, json!({"occurred_on": "2018-03-01"})).await.ok();
    assert_eq!(app.pledge_now(&id).await["state"], "frozen");
    app.patch(&path, json!({"occurred_on": "2018-03-02"})).await.ok();
    assert_eq!(app.pledge_now(&id).await["state"], "open");
    let oldest_first = app
        .get(&format!("{}?sort=occurred_on", at(&id)))
        .await
        .expect(200);
    assert_eq!(oldest_first.each("stage"), ["frozen", "released"]);
    let frozen = app.get(&format!("{}?stage=frozen", at(&id))).await.expect(200);
    assert_eq!(frozen.each("stage"), ["frozen"]);
    app.get(&format!("{}?stage=spent", at(&id)))
        .await
        .problem(400, "malformed")
        .fault("?stage");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_makes_a_new_version_of_its_pledge(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let path = format!("/v1/pledges/{id}");
    let mut etags = vec![app.get(&path).await.header("etag").unwrap().to_owned()];
    let mut version = 1;
    let event = app.event(&id, "frozen", None, "2019").await;
    let event = format!("{}/{event}", at(&id));
    // Also one that moves no figure.
    for ask in [
        None,
        Some(app.patch(&event, json!({"note": "on hold"}))),
        Some(app.delete(&event)),
        Some(app.restore(&event)),
    ] {
        if let Some(ask) = ask {
            ask.await.ok();
        }
        version += 1;
        let now = app.get(&path).await.expect(200);
        assert_eq!(now["version"], version, "{now}");
        let etag = now.header("etag").unwrap().to_owned();
        assert!(!etags.contains(&etag));
        etags.push(etag);
    }
    app.patch(&path, json!({"purpose": "x"}))
        .header("If-Match", &etags[0])
        .await
        .problem(412, "stale_version");
    app.patch(&event, json!({"note": "x"}))
        .header("If-Match", "\"1\"")
        .await
        .problem(412, "stale_version");
    // The log has them all, each of the pledge's versions once.
    let history = app.history(&path).await;
    assert_eq!(history.each("version"), [5, 4, 3, 2, 1]);
    let of_event = app.history(&event).await;
    assert_eq!(of_event.each("op"), ["restore", "retract", "update", "create"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_found_only_under_its_own_pledge(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let other = granted(&app, json!({})).await;
    let event = app.event(&id, "paid", "5", "2019").await;
    let elsewhere = format!("{}/{event}", at(&other));
    app.get(&elsewhere).await.problem(404, "not_found");
    app.patch(&elsewhere, json!({"amount": "6"}))
        .await
        .problem(404, "not_found");
    app.delete(&elsewhere).await.problem(404, "not_found");
    app.get(&format!("{elsewhere}/history"))
        .await
        .problem(404, "not_found");
    app.delete(&format!("{}/{event}", at(&id))).await.expect(204);
    app.restore(&elsewhere).await.problem(404, "not_found");
    app.get(&elsewhere).await.problem(404, "not_found");
    let nobody = "00000000-0000-7000-8000-000000000000";
    app.get(&at(nobody)).await.problem(404, "not_found");
    app.post(&at(nobody), json!({"stage": "frozen", "occurred_on": "2019"}))
        .await
        .problem(404, "not_found");
    app.get(&format!("{}/{nobody}", at(&id)))
        .await
        .problem(404, "not_found");
    assert_eq!(app.get(&at(&other)).await.expect(200).items().len(), 0);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_has_sources_of_its_own(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app
        .article(json!({"body": "Some 230 million were redirected."}))
        .await;
    let id = granted(&app, json!({"amount": "200000000"})).await;
    let made = happens(
        &app,
        &id,
        json!({"stage": "redirected", "amount": "193400000", "citations": [
            {"article": article, "quote": "230 million", "start": 5, "end": 16, "states": {"amount": "230000000.00"}},
        ]}),
    )
    .await
    .created();
    assert_eq!(made["conflicts"][0]["value"], "193400000.00", "{made}");
    assert_eq!(made["conflicts"][0]["stated"][0]["value"], "230000000.00");
    happens(
        &app,
        &id,
        json!({"stage": "frozen", "citations": [{"article": article, "quote": "230 million", "start": 0, "end": 11}]}),
    )
    .await
    .problem(422, "invalid")
    .fault("/citations/0/quote");
    assert_eq!(app.pledge_now(&id).await["version"], 2, "it did not happen");
    // Its citations go and come with it, and with its pledge.
    let citations = format!("/v1/citations?subject=events/{}", made.id());
    for whole in [format!("{}/{}", at(&id), made.id()), format!("/v1/pledges/{id}")] {
        app.delete(&whole).await.expect(204);
        app.get(&citations).await.problem(400, "malformed");
        app.restore(&whole).await.ok();
        assert_eq!(app.get(&citations).await.expect(200).items().len(), 1);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_later_comes_later_also_where_another_clock_is_ahead(#[case] engine: Engine) {
    const DAY: u128 = 86_400_000;
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let frozen = happens(&app, &id, json!({"stage": "frozen"})).await.created();
    assert_eq!(app.pledge_now(&id).await["state"], "frozen");
    // It was recorded by another program, whose clock is a day ahead.
    let drawn: Uuid = frozen.id().parse().unwrap();
    let ahead = Uuid::from_u128(drawn.as_u128() + (DAY << 80));
    let mut conn = app.register().db().begin().await.unwrap();
    for text in [
        "update events set id = $1 where id = $2",
        "update changes set record_id = $1 where record_id = $2",
    ] {
        conn.run(Sql::new(text).bind(ahead).bind(drawn)).await.unwrap();
    }
    conn.commit().await.unwrap();
    let released = happens(&app, &id, json!({"stage": "released"})).await.created();
    assert_eq!(released["occurred_on"], frozen["occurred_on"]);
    assert_eq!(app.pledge_now(&id).await["state"], "open");
}

/// Nowhere on earth has July begun.
fn before_july() -> Timestamp {
    "2020-06-30T09:59:59Z".parse().unwrap()
}

/// In Kiribati it has.
fn when_july_begins() -> Timestamp {
    "2020-06-30T10:00:00Z".parse().unwrap()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_has_not_come_has_not_happened(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(before_july)).await;
    let id = granted(&app, json!({})).await;
    let paid = |on: &str| json!({"stage": "paid", "amount": "10", "occurred_on": on});
    for ahead in ["2020-07-01", "2020-07", "2021", "2099", "9999-12-31"] {
        let refused = app
            .post(&at(&id), paid(ahead))
            .await
            .problem(422, "invalid")
            .fault("/occurred_on");
        let fault = &refused["errors"][0];
        assert_eq!(
            (&fault["code"], &fault["limit"]),
            (&json!("value"), &json!("2020-06-30"))
        );
        assert!(fault["detail"].as_str().unwrap().contains("due_on"), "{refused}");
    }
    assert_eq!(app.pledge_now(&id).await["version"], 1);
    // What has begun has come, however much of it is left.
    for begun in ["2020-06-30", "2020-06", "2020"] {
        app.post(&at(&id), paid(begun)).await.created();
    }
    let now = app.pledge_now(&id).await;
    assert_eq!(
        (&now["last_evidence_on"], &now["silent_days"]),
        (&json!("2020-06-30"), &json!(0))
    );
    // Of one that is kept, by a clock that was ahead or from before, all else can be changed; its date comes nearer alone.
    let ahead = app.second_at(Clock::telling(when_july_begins)).await;
    let kept = ahead.post(&at(&id), paid("2020-07-01")).await.created();
    let path = format!("{}/{}", at(&id), kept.id());
    let noted = app.patch(&path, json!({"note": "By wire."})).await.ok();
    assert_eq!(noted["occurred_on"], "2020-07-01");
    app.patch(&path, noted.body).await.ok();
    app.delete(&path).await.expect(204);
    app.restore(&path).await.ok();
    app.patch(&path, json!({"occurred_on": "2020-07-02"}))
        .await
        .problem(422, "invalid")
        .fault("/occurred_on");
    app.patch(&path, json!({"occurred_on": "2020-06"})).await.ok();
    app.patch(&path, json!({"occurred_on": "2020-07-01"}))
        .await
        .problem(422, "invalid")
        .fault("/occurred_on");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_read_among_others_is_patched_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let meeting = app.meeting("conference").await;
    let id = app.pledge_by("USA", &meeting, "100", "USD").await;
    app.event(&id, "paid", "40", "2019").await;
    for language in ["en", "ar"] {
        let listed = app.get(&format!("/v1/events?lang={language}")).await.ok();
        let item = listed["items"][0].clone();
        let path = format!("{}/{}", at(&id), item["id"].as_str().unwrap());
        let same = app.patch(&path, item.clone()).await.ok();
        assert_eq!(same["version"], 1);
        for name in ["participant", "participant_name", "meeting", "meeting_title"] {
            assert!(item.get(name).is_some(), "{name}");
            let other = json!({ name: "other", "note": "By wire." });
            app.patch(&path, other)
                .await
                .problem(422, "invalid")
                .fault(&format!("/{name}"));
        }
    }
}
