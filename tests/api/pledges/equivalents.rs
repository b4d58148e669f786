//! Parts in another currency than their parent's: each says what it is there.

use serde_json::Value;

use super::{grant, granted, patched};
use crate::prelude::*;

/// A part of 80 euros of a pledge in dollars, 100 of them, but for these fields.
fn euros(parent: &str, fields: &Value) -> Value {
    let mut part =
        json!({"parent": parent, "currency": "EUR", "amount": "80", "equivalent": {"amount": "100"}});
    for (name, value) in fields.as_object().unwrap() {
        part[name] = value.clone();
    }
    part
}

async fn counted(app: &App, id: &str) -> Value {
    app.pledge_now(id).await["counted"].clone()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_part_in_another_currency_is_taken_by_its_equivalent(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "300"})).await;
    let part = granted(&app, euros(&parent, &json!({}))).await;
    let now = app.pledge_now(&part).await;
    assert_eq!(
        now["equivalent"],
        json!({"amount_min": null, "amount": "100.00", "amount_max": null})
    );
    assert_eq!(now["equivalent_currency"], "USD");
    // It is no single value that a source could state.
    let article = app.article(json!({})).await;
    let cited =
        json!({"subject": format!("pledges/{part}"), "article": article, "states": {"equivalent": "100"}});
    app.post("/v1/citations", cited)
        .await
        .problem(422, "invalid")
        .fault("/states/equivalent");
    assert_eq!(
        (&now["counted"], &now["currency"]),
        (&json!("80.00"), &json!("EUR"))
    );
    assert_eq!(counted(&app, &parent).await, "200.00");
    // A part adds its own figures in its own currency.
    let totals = app.totals("").await;
    let points: Vec<_> = totals["groups"][0]["by_currency"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["currency"].clone(), it["point"].clone()))
        .collect();
    assert_eq!(
        points,
        [(json!("EUR"), json!("80.00")), (json!("USD"), json!("200.00"))]
    );
    assert_eq!(totals["excluded"][0]["by_currency"][0]["point"], "100.00");
    // Together with others it is no more than the whole.
    app.post(
        "/v1/pledges",
        grant(euros(&parent, &json!({"equivalent": {"amount": "200.01"}}))),
    )
    .await
    .problem(422, "invalid")
    .fault("/equivalent/amount");
    granted(&app, json!({"parent": parent, "amount": "200"})).await;
    patched(&app, &part, json!({"equivalent": {"amount": "100.01"}}))
        .await
        .problem(422, "invalid")
        .fault("/equivalent/amount");
    patched(&app, &part, json!({"equivalent": {"amount": "90"}}))
        .await
        .ok();
    assert_eq!(counted(&app, &parent).await, "10.00");
    app.delete(&format!("/v1/pledges/{part}")).await.expect(204);
    assert_eq!(counted(&app, &parent).await, "100.00");
    app.restore(&format!("/v1/pledges/{part}")).await.ok();
    assert_eq!(counted(&app, &parent).await, "10.00");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_equivalent_has_the_figures_that_its_qualifier_asks_for(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(
        &app,
        json!({"qualifier": "up_to", "amount": null, "amount_max": "300"}),
    )
    .await;
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "80", "equivalent": {"amount_max": "100"}});
    let part = granted(&app, euros(&parent, &up_to)).await;
    assert_eq!(
        app.pledge_now(&part).await["equivalent"],
        json!({"amount_min": "0.00", "amount": null, "amount_max": "100.00"})
    );
    assert_eq!(app.pledge_now(&parent).await["counted_max"], "200.00");
    let between = json!({"qualifier": "between", "amount": null, "amount_min": "8", "amount_max": "16",
        "equivalent": {"amount_min": "10", "amount_max": "20"}});
    granted(&app, euros(&parent, &between)).await;
    assert_eq!(app.pledge_now(&parent).await["counted_max"], "180.00");
    for (equivalent, pointer) in [
        (json!({"amount": null}), "/equivalent/amount"),
        (json!({"amount": "0"}), "/equivalent/amount"),
        (json!({"amount": "1.001"}), "/equivalent/amount"),
        (json!({"amount": 1}), "/equivalent/amount"),
        (
            json!({"amount": "1", "amount_max": "2"}),
            "/equivalent/amount_max",
        ),
        (json!({"amount": "1", "currency": "USD"}), "/equivalent/currency"),
        (json!("1"), "/equivalent"),
    ] {
        app.post(
            "/v1/pledges",
            grant(euros(&parent, &json!({"equivalent": equivalent}))),
        )
        .await
        .problem(422, "invalid")
        .fault(pointer);
    }
    let crossed = json!({"qualifier": "about", "equivalent": {"amount_min": "5", "amount": "4"}});
    app.post("/v1/pledges", grant(euros(&parent, &crossed)))
        .await
        .problem(422, "invalid")
        .fault("/equivalent/amount");
    // A bound that one side has alone would be more on that side.
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "80"});
    for (own, equivalent, pointer) in [
        (
            json!({"qualifier": "about"}),
            json!({"amount": "100", "amount_min": "10"}),
            "/equivalent/amount_min",
        ),
        (
            json!({"qualifier": "about", "amount_min": "40"}),
            json!({"amount": "100"}),
            "/equivalent/amount_min",
        ),
        (
            json!({"qualifier": "about", "amount_max": "90"}),
            json!({"amount": "100"}),
            "/equivalent/amount_max",
        ),
        (
            json!({"qualifier": "about"}),
            json!({"amount": "100", "amount_max": "110"}),
            "/equivalent/amount_max",
        ),
        (
            up_to.clone(),
            json!({"amount_min": "6", "amount_max": "100"}),
            "/equivalent/amount_min",
        ),
    ] {
        let mut part = euros(&parent, &own);
        part["equivalent"] = equivalent;
        app.post("/v1/pledges", grant(part))
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    let at_least = granted(
        &app,
        json!({"qualifier": "at_least", "amount": null, "amount_min": "200"}),
    )
    .await;
    let mut part = euros(&at_least, &up_to);
    part["equivalent"] = json!({"amount_max": "100"});
    let part = granted(&app, part).await;
    let bounds = json!({"amount_min": "40"});
    patched(&app, &part, bounds)
        .await
        .problem(422, "invalid")
        .fault("/equivalent/amount_min");
    let bounds = json!({"amount_min": "40", "equivalent": {"amount_min": "50"}});
    patched(&app, &part, bounds).await.ok();
    assert_eq!(app.pledge_now(&at_least).await["counted_min"], "150.00");
    // Of a part in its parent's currency, or of no part, there is none.
    let same = json!({"parent": parent, "amount": "5", "equivalent": {"amount": "5"}});
    let alone = json!({"equivalent": {"amount": "5"}});
    for refused in [same, alone] {
        app.post("/v1/pledges", grant(refused))
            .await
            .problem(422, "invalid")
            .fault("/equivalent");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_moves_such_a_part_says_by_how_much_of_its_parent(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "300"})).await;
    let part = granted(&app, euros(&parent, &json!({}))).await;
    let events = format!("/v1/pledges/{part}/events");
    let event = |stage: &str, amount: &str, equivalent: Value| json!({"stage": stage, "occurred_on": "2019", "amount": amount, "equivalent": equivalent});
    for refused in [
        event("increased", "8", Value::Null),
        event("increased", "8", json!("0")),
        event("increased", "8", json!("10.001")),
        event("paid", "8", json!("10")),
    ] {
        app.post(&events, refused)
            .await
            .problem(422, "invalid")
            .fault("/equivalent");
    }
    // More than is left of the parent, and less than nothing of it.
    app.post(&events, event("increased", "8", json!("200.01")))
        .await
        .problem(422, "invalid")
        .fault("/equivalent");
    app.post(&events, event("reduced", "8", json!("100.01")))
        .await
        .problem(422, "invalid")
        .fault("/equivalent");
    let increased = app
        .post(&events, event("increased", "8", json!("10")))
        .await
        .created();
    assert_eq!(
        (&increased["equivalent"], &increased["equivalent_currency"]),
        (&json!("10.00"), &json!("USD"))
    );
    assert_eq!(counted(&app, &parent).await, "190.00");
    let reduced = app
        .post(&events, event("reduced", "16", json!("25")))
        .await
        .created()
        .id();
    assert_eq!(counted(&app, &parent).await, "215.00");
    assert_eq!(app.pledge_now(&part).await["pledged"], "72.00");
    let path = format!("{events}/{reduced}");
    app.patch(&path, json!({"equivalent": "20"})).await.ok();
    assert_eq!(counted(&app, &parent).await, "210.00");
    app.delete(&path).await.expect(204);
    assert_eq!(counted(&app, &parent).await, "190.00");
    app.restore(&path).await.ok();
    assert_eq!(counted(&app, &parent).await, "210.00");
    // Elsewhere there is nothing to say it in.
    let other = granted(&app, json!({})).await;
    app.post(
        &format!("/v1/pledges/{other}/events"),
        event("increased", "8", json!("10")),
    )
    .await
    .problem(422, "invalid")
    .fault("/equivalent");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_equivalent_stays_when_the_part_leaves_its_parent(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "300"})).await;
    let part = granted(&app, euros(&parent, &json!({}))).await;
    patched(&app, &part, json!({"parent": null})).await.ok();
    assert_eq!(counted(&app, &parent).await, "300.00");
    let alone = patched(&app, &part, json!({"purpose": "a word"})).await.ok();
    assert_eq!(
        (&alone["equivalent"]["amount"], &alone["equivalent_currency"]),
        (&json!("100.00"), &json!("USD"))
    );
    patched(&app, &part, json!({"equivalent": {"amount": "101"}}))
        .await
        .problem(422, "invalid")
        .fault("/equivalent");
    // It was in dollars, and is no dinars for that.
    let dinars = granted(&app, json!({"amount": "300", "currency": "KWD"})).await;
    patched(&app, &part, json!({"parent": dinars}))
        .await
        .problem(422, "invalid")
        .fault("/equivalent");
    let moved = json!({"parent": dinars, "equivalent": {"amount": "30"}});
    let moved = patched(&app, &part, moved).await.ok();
    assert_eq!(moved["equivalent_currency"], "KWD");
    assert_eq!(counted(&app, &dinars).await, "270.000");
    // In its parent's own currency a part has none.
    let in_euros = granted(&app, json!({"amount": "300", "currency": "EUR"})).await;
    patched(&app, &part, json!({"parent": in_euros}))
        .await
        .problem(422, "invalid")
        .fault("/equivalent");
    let joined = json!({"parent": in_euros, "equivalent": null});
    let joined = patched(&app, &part, joined).await.ok();
    assert_eq!(
        [&joined["equivalent"], &joined["equivalent_currency"]],
        [&Value::Null; 2]
    );
    assert_eq!(counted(&app, &in_euros).await, "220.00");
    assert_eq!(counted(&app, &dinars).await, "300.000");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_parts_were_taken_in_stays_their_parent_s_currency(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "300"})).await;
    granted(&app, euros(&parent, &json!({}))).await;
    for currency in ["EUR", "KWD"] {
        patched(&app, &parent, json!({"currency": currency}))
            .await
            .problem(422, "invalid")
            .fault("/currency");
    }
    // What moved it when it was no part yet does not say what it is there.
    let moved = granted(&app, json!({"currency": "EUR", "amount": "10"})).await;
    let event = app.event(&moved, "increased", "1", "2019").await;
    let join = json!({"parent": parent, "equivalent": {"amount": "12"}});
    let refused = patched(&app, &moved, join.clone()).await;
    let refused = refused.problem(422, "invalid").fault("/equivalent");
    assert!(refused.text.contains(&event), "names the event: {refused}");
    app.delete(&format!("/v1/pledges/{moved}/events/{event}"))
        .await
        .expect(204);
    patched(&app, &moved, join).await.ok();
    assert_eq!(counted(&app, &parent).await, "188.00");
    // Nor does it come back so.
    app.restore(&format!("/v1/pledges/{moved}/events/{event}"))
        .await
        .problem(422, "invalid")
        .fault("/equivalent");
}

/// A part of a parent that states one amount, said by a range alone, would leave that amount whole: both would be counted.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_equivalent_has_a_point_where_the_parent_has_one(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "100"})).await;
    let range = json!({"amount_min": "33", "amount_max": "55"});
    let between = json!({"qualifier": "between", "amount_min": "30", "amount": "40", "amount_max": "50", "equivalent": range});
    app.post("/v1/pledges", grant(euros(&parent, &between)))
        .await
        .problem(422, "invalid")
        .fault("/equivalent/amount");
    // Where the parent is a range, so may the part be: on both sides.
    let rough = json!({"qualifier": "between", "amount_min": "90", "amount": null, "amount_max": "120"});
    let rough = granted(&app, rough).await;
    app.post("/v1/pledges", grant(euros(&rough, &between)))
        .await
        .problem(422, "invalid")
        .fault("/equivalent/amount");
    let mut range = between.clone();
    range["amount"] = Value::Null;
    let mut one_sided = range.clone();
    one_sided["equivalent"]["amount"] = json!("44");
    app.post("/v1/pledges", grant(euros(&rough, &one_sided)))
        .await
        .problem(422, "invalid")
        .fault("/equivalent/amount");
    let part = granted(&app, euros(&rough, &range)).await;
    patched(&app, &part, json!({"parent": parent}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    patched(&app, &rough, json!({"amount": "100"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    // A least amount of its own is one of its parent's as well.
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_min": "3", "amount_max": "5", "equivalent": {"amount_max": "6"}});
    app.post("/v1/pledges", grant(euros(&rough, &up_to)))
        .await
        .problem(422, "invalid")
        .fault("/equivalent/amount_min");
    let said = json!({"parent": parent, "amount": "40", "equivalent": {"amount": "44"}});
    patched(&app, &part, said).await.ok();
    assert_eq!(counted(&app, &parent).await, "56.00");
    patched(&app, &part, json!({"equivalent": {"amount": null}}))
        .await
        .problem(422, "invalid")
        .fault("/equivalent/amount");
    patched(&app, &part, json!({"parent": null})).await.ok();
    assert_eq!(counted(&app, &parent).await, "100.00");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_an_equivalent_is_found_there(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "100"})).await;
    let part = json!({"amount": "40", "equivalent": {"amount": "44"}});
    let part = granted(&app, euros(&parent, &part)).await;
    let events = format!("/v1/pledges/{part}/events");
    let reduced = |amount: &str, equivalent: &str| json!({"stage": "reduced", "occurred_on": "2019", "amount": amount, "equivalent": equivalent});
    let refused = app.post(&events, reduced("1.00", "50.00")).await;
    let refused = refused.problem(422, "invalid").fault("/equivalent");
    assert!(refused.text.contains("parent's currency"), "{refused}");
    app.post(&events, reduced("41.00", "1.00"))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    app.post(&events, reduced("10.00", "12.00")).await.created();
    patched(&app, &part, json!({"equivalent": {"amount": "11"}}))
        .await
        .problem(422, "invalid")
        .fault("/equivalent/amount");
    patched(
        &app,
        &part,
        json!({"amount": "9", "equivalent": {"amount": "20"}}),
    )
    .await
    .problem(422, "invalid")
    .fault("/amount");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_equivalent_is_said_anew_also_in_the_same_digits(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dollars = granted(&app, json!({"amount": "300"})).await;
    let pounds = granted(&app, json!({"amount": "300", "currency": "GBP"})).await;
    let part = granted(&app, euros(&dollars, &json!({}))).await;
    // Merely left as it was, or patched back as it was read, it is of dollars.
    let now = app.pledge_now(&part).await;
    for left in [
        json!({"parent": pounds}),
        json!({"parent": pounds, "equivalent": now["equivalent"], "equivalent_currency": "USD"}),
    ] {
        patched(&app, &part, left)
            .await
            .problem(422, "invalid")
            .fault("/equivalent");
    }
    let said = json!({"parent": pounds, "equivalent": {"amount": "100.00"}});
    let moved = patched(&app, &part, said).await.ok();
    assert_eq!(moved["equivalent_currency"], "GBP");
    assert_eq!(counted(&app, &pounds).await, "200.00");
    assert_eq!(counted(&app, &dollars).await, "300.00");
    // An event that was of dollars comes back when it is said of pounds.
    let back = json!({"parent": dollars, "equivalent": {"amount": "100.00"}});
    patched(&app, &part, back).await.ok();
    let path = format!("/v1/pledges/{part}");
    patched(&app, &part, json!({"equivalent": {"amount": "100.00"}}))
        .await
        .ok();
    assert_eq!(app.get(&path).await.ok()["equivalent_currency"], "USD");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_equivalent_goes_with_the_amount_that_it_is_of(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "300"})).await;
    let part = granted(&app, euros(&parent, &json!({}))).await;
    // Of another amount it is another one, also when all is patched back as it was read.
    let now = app.pledge_now(&part).await;
    for left in [
        json!({"amount": "50"}),
        json!({"amount": "50", "equivalent": now["equivalent"], "equivalent_currency": "USD"}),
    ] {
        let refused = patched(&app, &part, left).await;
        refused.problem(422, "invalid").fault("/equivalent");
    }
    let said = json!({"amount": "50", "equivalent": {"amount": "55"}});
    patched(&app, &part, said).await.ok();
    assert_eq!(counted(&app, &parent).await, "245.00");
    patched(&app, &part, json!({"parent": null})).await.ok();
    let political = json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null});
    let now = patched(&app, &part, political).await.ok();
    assert_eq!(
        [&now["equivalent"], &now["equivalent_currency"]],
        [&Value::Null; 2]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_equivalent_in_its_own_currency_says_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "100"})).await;
    let part = json!({"amount": "40", "equivalent": {"amount": "44"}});
    let part = granted(&app, euros(&parent, &part)).await;
    let left = patched(&app, &part, json!({"parent": null, "currency": "USD"}))
        .await
        .ok();
    assert_eq!(left["equivalent"], Value::Null);
    assert_eq!(left["equivalent_currency"], Value::Null);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_an_equivalent_was_of_does_not_come_back_with_another_amount(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "300"})).await;
    let none = [&Value::Null; 2];
    // Another amount that a part comes to have while it has no parent.
    for fields in [json!({"amount": "8"}), json!({"amount": "8", "parent": null})] {
        let part = granted(&app, euros(&parent, &json!({}))).await;
        if fields.get("parent").is_none() {
            patched(&app, &part, json!({"parent": null})).await.ok();
        }
        let read = app.pledge_now(&part).await;
        let mut said = fields.clone();
        said["equivalent"] = json!({"amount": "100"});
        let refused = patched(&app, &part, said.clone()).await;
        refused.problem(422, "invalid").fault("/equivalent");
        said["equivalent"] = read["equivalent"].clone();
        said["equivalent_currency"] = json!("USD");
        let alone = patched(&app, &part, said).await.ok();
        assert_eq!([&alone["equivalent"], &alone["equivalent_currency"]], none);
        let back = patched(&app, &part, json!({"parent": parent})).await;
        back.problem(422, "invalid").fault("/equivalent");
        assert_eq!(counted(&app, &parent).await, "300.00");
    }
    // What moved it is of another amount as well.
    let part = granted(&app, euros(&parent, &json!({}))).await;
    let events = format!("/v1/pledges/{part}/events");
    let event = json!({"stage": "increased", "occurred_on": "2019", "amount": "8", "equivalent": "10"});
    let event = format!("{events}/{}", app.post(&events, event).await.created().id());
    for left in [
        json!({"amount": "16"}),
        json!({"amount": "16", "equivalent": "10.00", "equivalent_currency": "USD"}),
    ] {
        let refused = app.patch(&event, left).await;
        refused.problem(422, "invalid").fault("/equivalent");
    }
    app.patch(
        &event,
        json!({"stage": "increased", "amount": "8.00", "note": "a word"}),
    )
    .await
    .ok();
    app.patch(&event, json!({"amount": "16", "equivalent": "10"}))
        .await
        .ok();
    assert_eq!(counted(&app, &parent).await, "190.00");
    let put_back = json!({"amount": "24", "equivalent": "30", "equivalent_currency": "USD"});
    app.patch(&event, put_back).await.ok();
    assert_eq!(counted(&app, &parent).await, "170.00");
    // Where the pledge has none any more, neither has an event of another amount.
    patched(&app, &part, json!({"parent": null, "amount": "81"}))
        .await
        .ok();
    assert_eq!(app.get(&event).await.ok()["equivalent"], "30.00");
    let said = json!({"amount": "1", "equivalent": "30"});
    let refused = app.patch(&event, said).await;
    refused.problem(422, "invalid").fault("/equivalent");
    let alone = app.patch(&event, json!({"amount": "1"})).await.ok();
    assert_eq!([&alone["equivalent"], &alone["equivalent_currency"]], none);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_amount_of_an_equivalent_is_said_anew_of_what_it_is_of(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dollars = json!({"qualifier": "at_least", "amount": null, "amount_min": "1"});
    let dollars = granted(&app, dollars).await;
    let pounds = json!({"qualifier": "at_least", "amount": null, "amount_min": "1", "currency": "GBP"});
    let pounds = granted(&app, pounds).await;
    let about = json!({"qualifier": "about", "amount_min": "70", "amount_max": "90",
        "equivalent": {"amount_min": "90", "amount": "100", "amount_max": "110"}});
    let part = granted(&app, euros(&dollars, &about)).await;
    let read = app.pledge_now(&part).await;
    for (said, pointers) in [
        (
            json!({"amount": "81", "equivalent": {}}),
            &["/equivalent/amount"][..],
        ),
        (
            json!({"amount": "81", "equivalent": {"amount_max": "111"}}),
            &["/equivalent/amount"],
        ),
        (json!({"amount_max": "95"}), &["/equivalent/amount_max"]),
        (
            json!({"amount_min": "75", "amount_max": "95", "equivalent": {"amount": "100"}}),
            &["/equivalent/amount_min", "/equivalent/amount_max"],
        ),
        (
            json!({"amount": "81", "equivalent": {"amount": "100"}, "equivalent_currency": "USD"}),
            &["/equivalent/amount"],
        ),
        // What is left would be of dollars.
        (
            json!({"parent": pounds, "equivalent": {"amount": "100"}}),
            &["/equivalent/amount_min", "/equivalent/amount_max"],
        ),
        (
            json!({"parent": pounds, "equivalent": {"amount": "99"}, "equivalent_currency": "USD"}),
            &["/equivalent"],
        ),
    ] {
        let mut refused = patched(&app, &part, said).await.problem(422, "invalid");
        for pointer in pointers {
            refused = refused.fault(pointer);
        }
    }
    assert_eq!(app.pledge_now(&part).await.body, read.body);
    // What is said of a moved amount is enough, also beside what was read.
    for said in [
        json!({"amount_max": "95", "equivalent": {"amount_max": "115"}}),
        json!({"amount": "81", "equivalent": {"amount_min": "90.00", "amount": "101", "amount_max": "115.00"}, "equivalent_currency": "USD"}),
        json!({"parent": pounds, "equivalent": {"amount_min": "90", "amount": "101", "amount_max": "115"}}),
    ] {
        patched(&app, &part, said).await.ok();
    }
    // "Up to" begins at nothing in either currency.
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "80", "equivalent": {"amount_max": "100"}});
    let part = granted(&app, euros(&dollars, &up_to)).await;
    let said = json!({"amount_max": "90", "equivalent": {"amount_max": "110"}});
    let now = patched(&app, &part, said).await.ok();
    assert_eq!(now["equivalent"]["amount_min"], "0.00");
}
