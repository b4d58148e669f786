//! Parents and children: a parent counts what its children do not.

use super::{assert_figures, grant, granted, headline, patched};
use serde_json::Value;

use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_counts_what_its_children_do_not(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    let child = granted(&app, json!({"parent": parent, "amount": "100"})).await;
    let other = granted(&app, json!({"parent": parent, "amount": "150"})).await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"pledged": "300.00", "counted": "50.00", "counted_min": "50.00", "counted_max": "50.00", "outstanding": "50.00", "version": 3}),
    );
    patched(&app, &child, json!({"amount": "120"})).await.ok();
    assert_eq!(app.pledge_now(&parent).await["counted"], "30.00");
    app.event(&child, "increased", "30", "2019").await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"counted": "0.00", "state": "open"}),
    );
    app.event(&child, "reduced", "50", "2019").await;
    assert_eq!(app.pledge_now(&parent).await["counted"], "50.00");
    app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    assert_eq!(app.pledge_now(&parent).await["counted"], "200.00");
    patched(&app, &child, json!({"parent": null})).await.ok();
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"counted": "300.00", "outstanding": "300.00"}),
    );
    app.restore(&format!("/v1/pledges/{other}")).await.ok();
    assert_eq!(app.pledge_now(&parent).await["counted"], "150.00");
    // From one parent to another: both follow.
    let second = headline(&app).await;
    patched(&app, &other, json!({"parent": second})).await.ok();
    assert_eq!(app.pledge_now(&parent).await["counted"], "300.00");
    assert_eq!(app.pledge_now(&second).await["counted"], "150.00");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_does_not_fit_its_parent_is_refused_however_it_comes(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let parent = headline(&app).await;
    let of_usa = granted(&app, json!({"participant": "USA", "amount": "300"})).await;
    let child = granted(&app, json!({"parent": parent, "amount": "50"})).await;
    let first = granted(&app, json!({"participant": "SAU"})).await;
    let restatement = granted(&app, json!({"participant": "SAU", "restates": first})).await;
    let up_to = granted(
        &app,
        json!({"qualifier": "up_to", "amount": null, "amount_max": "80"}),
    )
    .await;
    let political = app
        .pledge_with(json!({"instrument": "political", "announced_on": null}))
        .await;
    for (fields, pointer) in [
        (json!({"parent": child}), "/parent"),
        (json!({"parent": restatement}), "/parent"),
        (json!({"parent": political}), "/parent"),
        (
            json!({"parent": up_to, "qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
        (json!({"parent": up_to, "amount": "80.01"}), "/amount"),
        (json!({"parent": up_to, "restates": up_to}), "/restates"),
        (json!({"parent": parent, "currency": "EUR"}), "/equivalent"),
        (
            json!({"parent": parent, "qualifier": "up_to", "amount": null, "amount_max": "80"}),
            "/amount",
        ),
        (
            json!({"parent": parent, "qualifier": "at_least", "amount": null, "amount_min": "80"}),
            "/amount",
        ),
        (
            json!({"parent": parent, "qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
        (json!({"parent": of_usa}), "/participant"),
        (json!({"parent": of_usa, "participant": "SAU"}), "/participant"),
        (json!({"parent": parent, "restates": parent}), "/restates"),
        (json!({"parent": parent, "amount": "250.01"}), "/amount"),
    ] {
        app.post("/v1/pledges", grant(fields.clone()))
            .await
            .problem(422, "invalid")
            .fault(pointer);
        let lone = granted(&app, json!({})).await;
        patched(&app, &lone, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
        app.delete(&format!("/v1/pledges/{lone}")).await.expect(204);
    }
    // Nor is it part of itself, or a parent itself.
    patched(&app, &of_usa, json!({"parent": of_usa}))
        .await
        .problem(422, "invalid")
        .fault("/parent");
    let second = headline(&app).await;
    patched(&app, &parent, json!({"parent": second}))
        .await
        .problem(422, "invalid")
        .fault("/parent");
    // Anybody's may be part of a collective one; a range with a point too.
    granted(&app, json!({"parent": parent, "participant": "SAU", "qualifier": "about", "amount": "60", "amount_min": "50", "amount_max": "80"})).await;
    granted(
        &app,
        json!({"parent": of_usa, "participant": "USA", "amount": "300"}),
    )
    .await;
    assert_eq!(app.pledge_now(&parent).await["counted"], "190.00");
    assert_eq!(app.pledge_now(&of_usa).await["counted"], "0.00");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_not_patched_out_of_its_parent_s_bounds(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let parent = granted(&app, json!({"participant": "USA", "amount": "300"})).await;
    let child = granted(&app, json!({"participant": "USA", "parent": parent})).await;
    for (fields, pointer) in [
        (json!({"amount": "300.01"}), "/amount"),
        (json!({"currency": "EUR"}), "/equivalent"),
        (json!({"participant": "SAU"}), "/participant"),
        (json!({"participant": null}), "/participant"),
        (
            json!({"qualifier": "up_to", "amount": null, "amount_max": "100"}),
            "/amount",
        ),
        (
            json!({"qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
        (
            json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
        (json!({"restates": parent}), "/restates"),
    ] {
        patched(&app, &child, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    let event = json!({"stage": "increased", "occurred_on": "2019", "amount": "200.01"});
    app.post(&format!("/v1/pledges/{child}/events"), event)
        .await
        .problem(422, "invalid")
        .fault("/amount");
    assert_figures(&app.pledge_now(&child).await, json!({"version": 1}));
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"version": 2, "counted": "200.00"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_is_not_patched_away_from_under_its_children(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let first = granted(&app, json!({})).await;
    let parent = headline(&app).await;
    let child = granted(
        &app,
        json!({"participant": "SAU", "parent": parent, "amount": "200"}),
    )
    .await;
    for (fields, pointer) in [
        (json!({"amount": "199.99"}), "/amount"),
        (json!({"currency": "EUR"}), "/currency"),
        (json!({"participant": "USA"}), "/participant"),
        (json!({"restates": first}), "/restates"),
        (json!({"restates": child}), "/restates"),
        (json!({"parent": first}), "/parent"),
        (json!({"parent": child}), "/parent"),
        (
            json!({"qualifier": "about", "amount": "150", "amount_max": "199.99"}),
            "/amount_max",
        ),
        (
            json!({"qualifier": "up_to", "amount": null, "amount_max": "199.99"}),
            "/amount_max",
        ),
        (
            json!({"qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
        (
            json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
    ] {
        patched(&app, &parent, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    // To a range and back, to its children's only participant, to "about", or down to what they cover, it may.
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "200"});
    patched(&app, &parent, up_to).await.ok();
    let exact = json!({"qualifier": "exact", "amount": "200", "amount_min": null, "amount_max": null});
    patched(&app, &parent, exact).await.ok();
    patched(
        &app,
        &parent,
        json!({"participant": "SAU", "qualifier": "about", "amount": "200"}),
    )
    .await
    .ok();
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"counted": "0.00", "outstanding": "0.00"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_is_not_reduced_or_paid_beyond_what_its_children_leave(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    granted(&app, json!({"parent": parent, "amount": "200"})).await;
    let events = format!("/v1/pledges/{parent}/events");
    for stage in ["reduced", "paid", "withdrawn", "redirected", "expired"] {
        app.post(
            &events,
            json!({"stage": stage, "occurred_on": "2019", "amount": "100.01"}),
        )
        .await
        .problem(422, "invalid")
        .fault("/amount");
    }
    app.event(&parent, "paid", "70", "2019").await;
    app.event(&parent, "reduced", "20", "2019").await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"pledged": "280.00", "counted": "80.00", "paid": "70.00", "outstanding": "10.00", "state": "partly_paid"}),
    );
    // A new child has only what is left of both.
    app.post("/v1/pledges", grant(json!({"parent": parent, "amount": "10.01"})))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    granted(&app, json!({"parent": parent, "amount": "10"})).await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"outstanding": "0.00", "state": "fulfilled"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_never_counts_less_than_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    granted(&app, json!({"parent": parent, "amount": "200"})).await;
    let events = format!("/v1/pledges/{parent}/events");
    // "over" says that more is paid or lost than was pledged, not that its parts are more than the whole.
    let reduced = json!({"stage": "reduced", "occurred_on": "2019", "amount": "250", "over": true});
    app.post(&events, reduced)
        .await
        .problem(422, "invalid")
        .fault("/amount");
    let paid = json!({"stage": "paid", "occurred_on": "2019", "amount": "250", "over": true});
    let paid = app.post(&events, paid).await.created().id();
    app.patch(&format!("{events}/{paid}"), json!({"stage": "reduced"}))
        .await
        .problem(422, "invalid")
        .fault("/stage");
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"counted": "100.00", "outstanding": "-150.00"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_restored_only_where_it_still_fits(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    let child = granted(&app, json!({"parent": parent, "amount": "200"})).await;
    let path = format!("/v1/pledges/{child}");
    app.delete(&path).await.expect(204);
    // Another takes its room.
    let other = granted(&app, json!({"parent": parent, "amount": "150"})).await;
    app.restore(&path).await.problem(422, "invalid").fault("");
    app.get(&path).await.problem(410, "retracted");
    app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    // The parent becomes what has no parts.
    let parent_path = format!("/v1/pledges/{parent}");
    patched(&app, &parent, json!({"currency": "EUR"})).await.ok();
    app.restore(&path)
        .await
        .problem(422, "invalid")
        .fault("/equivalent");
    patched(
        &app,
        &parent,
        json!({"currency": null, "qualifier": null, "amount": null}),
    )
    .await
    .ok();
    app.restore(&path).await.problem(422, "invalid").fault("/parent");
    patched(
        &app,
        &parent,
        json!({"currency": "USD", "qualifier": "exact", "amount": "100"}),
    )
    .await
    .ok();
    app.restore(&path).await.problem(422, "invalid").fault("");
    // The parent goes too.
    app.delete(&parent_path).await.expect(204);
    app.restore(&path)
        .await
        .problem(409, "refers_to_retracted")
        .fault("/parent");
    app.restore(&parent_path).await.ok();
    patched(&app, &parent, json!({"amount": "200"})).await.ok();
    app.restore(&path).await.ok();
    assert_eq!(app.pledge_now(&parent).await["counted"], "0.00");
}

/// `min`, `point` and `max` of all dollars, and how many are unbounded.
async fn in_all(app: &App, query: &str) -> Value {
    let totals = app.totals(query).await;
    let sums = &totals["groups"][0]["by_currency"][0];
    json!([sums["min"], sums["point"], sums["max"], sums["unbounded"]])
}

async fn counted(app: &App, id: &str) -> Value {
    let now = app.pledge_now(id).await;
    json!([now["counted_min"], now["counted"], now["counted_max"]])
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_billion_in_two_parts_is_what_they_are(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let over = |amount: &str| json!({"qualifier": "at_least", "amount": null, "amount_min": amount});
    let parent = granted(&app, over("1000")).await;
    for amount in ["600", "400"] {
        granted(&app, json!({"parent": parent, "amount": amount})).await;
    }
    assert_eq!(counted(&app, &parent).await, json!(["0.00", null, null]));
    assert_eq!(
        in_all(&app, "currency=USD").await,
        json!(["1000.00", "1000.00", "1000.00", 1])
    );
    // Parts may be more than the least that was promised. What is paid on it beside them has no bound.
    granted(&app, json!({"parent": parent, "amount": "3"})).await;
    app.event(&parent, "paid", "5000", "2019").await;
    assert_eq!(
        in_all(&app, "currency=USD").await,
        json!(["1003.00", "1003.00", "1003.00", 1])
    );
    assert_eq!(
        in_all(&app, "currency=USD&parents=only").await,
        json!(["1000.00", null, null, 1])
    );
    assert_eq!(
        in_all(&app, "currency=USD&parents=children").await,
        json!(["1003.00", "1003.00", "1003.00", 0])
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn up_to_ten_of_which_four_are_promised_leaves_six_at_most(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "10"});
    let parent = granted(&app, up_to).await;
    let part = granted(&app, json!({"parent": parent, "amount": "4"})).await;
    assert_eq!(counted(&app, &parent).await, json!(["0.00", null, "6.00"]));
    assert_eq!(
        in_all(&app, "currency=USD").await,
        json!(["4.00", "4.00", "10.00", 0])
    );
    let totals = app.totals("currency=USD").await;
    assert_eq!(
        totals["excluded"],
        json!([{"reason": "covered_by_children", "pledges": 0, "by_currency":
            [{"currency": "USD", "pledges": 0, "min": null, "point": null, "max": "4.00"}]}])
    );
    let explained = app.get("/v1/totals/explain?currency=USD").await.expect(200);
    let group = &explained["groups"][0];
    let of_parent = |list: &str| {
        let all = group[list].as_array().unwrap().iter();
        all.filter(|it| it["id"] == parent).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_parent("excluded")[0]["max"], "4.00");
    assert_eq!(of_parent("counted")[0]["max"], "6.00");
    assert_eq!(of_parent("counted")[0]["reason"], "remainder");
    // On itself it is paid what its parts leave.
    let events = format!("/v1/pledges/{parent}/events");
    let paid = |amount: &str| json!({"stage": "paid", "occurred_on": "2019", "amount": amount});
    let refused = app.post(&events, paid("6.01")).await;
    let refused = refused.problem(422, "invalid").fault("/amount");
    for said in ["10.00 at most", "leave USD 6.00", "0.01 too much"] {
        assert!(refused.text.contains(said), "names {said}: {refused}");
    }
    app.post(&events, paid("6")).await.created();
    // So no part grows into it, and what is at least more than all of it is none.
    patched(&app, &part, json!({"amount": "4.01"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    let at_least = json!({"parent": parent, "qualifier": "at_least", "amount": null, "amount_min": "6.01"});
    app.post("/v1/pledges", grant(at_least))
        .await
        .problem(422, "invalid")
        .fault("/amount_min");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_part_without_an_end_leaves_nothing_of_a_maximum(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "10"});
    let parent = granted(&app, up_to).await;
    let at_least = json!({"parent": parent, "qualifier": "at_least", "amount": null, "amount_min": "4"});
    let part = granted(&app, at_least).await;
    assert_eq!(counted(&app, &parent).await, json!(["0.00", null, "0.00"]));
    assert_eq!(
        in_all(&app, "currency=USD").await,
        json!(["4.00", null, "0.00", 1])
    );
    let paid = json!({"stage": "paid", "occurred_on": "2019", "amount": "1"});
    app.post(&format!("/v1/pledges/{parent}/events"), paid)
        .await
        .problem(422, "invalid")
        .fault("/amount");
    let refused = patched(&app, &part, json!({"amount_min": "10.01"})).await;
    let refused = refused.problem(422, "invalid").fault("/amount_min");
    for said in ["10.00 at most", "10.01 at least", "0.01 too much"] {
        assert!(refused.text.contains(said), "names {said}: {refused}");
    }
    patched(&app, &part, json!({"amount_min": "10"})).await.ok();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn exactly_ten_with_a_part_of_about_four_stays_ten(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"amount": "10"})).await;
    let about =
        json!({"parent": parent, "qualifier": "about", "amount_min": "3", "amount": "4", "amount_max": "5"});
    granted(&app, about).await;
    assert_eq!(counted(&app, &parent).await, json!(["7.00", "6.00", "5.00"]));
    assert_eq!(
        in_all(&app, "currency=USD").await,
        json!(["10.00", "10.00", "10.00", 0])
    );
    for unsaid in [
        json!({"parent": parent, "qualifier": "up_to", "amount": null, "amount_max": "2"}),
        json!({"parent": parent, "qualifier": "at_least", "amount": null, "amount_min": "2"}),
    ] {
        app.post("/v1/pledges", grant(unsaid))
            .await
            .problem(422, "invalid")
            .fault("/amount");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn parts_of_about_a_hundred_may_be_five_more(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"qualifier": "about", "amount": "100"})).await;
    let part = granted(&app, json!({"parent": parent, "amount": "102"})).await;
    assert_eq!(counted(&app, &parent).await, json!(["0.00", "0.00", "0.00"]));
    let events = format!("/v1/pledges/{parent}/events");
    let paid = |amount: &str| json!({"stage": "paid", "occurred_on": "2019", "amount": amount});
    app.post(&events, paid("3.01"))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    app.post(&events, paid("2")).await.created();
    // Together they have one more, whoever takes it.
    patched(&app, &part, json!({"amount": "103.01"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    patched(&app, &part, json!({"amount": "103"})).await.ok();
    app.post(&events, paid("0.01"))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    // Beyond that by intent, no part grows, and one may shrink.
    let mut over = paid("10");
    over["over"] = json!(true);
    app.post(&events, over).await.created();
    patched(&app, &part, json!({"amount": "103.01"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    patched(&app, &part, json!({"amount": "102.99"})).await.ok();
    patched(&app, &part, json!({"purpose": "a word"})).await.ok();
    // With a maximum of its own, that is the bound.
    let stated = json!({"qualifier": "about", "amount": "100", "amount_max": "101"});
    let parent = granted(&app, stated).await;
    let refused = app
        .post(
            "/v1/pledges",
            grant(json!({"parent": parent, "amount": "101.01"})),
        )
        .await;
    let refused = refused.problem(422, "invalid").fault("/amount");
    assert!(refused.text.contains("USD 101.00 in parts"), "{refused}");
    granted(&app, json!({"parent": parent, "amount": "101"})).await;
}

/// Beside a part, what is paid of an `about` parent may go up to its maximum, or 5 % above its point; by itself, up to its point.
/// What was paid within that is no reason to hold the last part back.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_last_part_of_a_rough_parent_can_leave_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (terms, paid, left) in [
        (json!({"qualifier": "about", "amount": "100"}), "103", "-3.00"),
        (
            json!({"qualifier": "about", "amount": "100", "amount_max": "120"}),
            "112",
            "-12.00",
        ),
    ] {
        let parent = granted(&app, terms).await;
        let part = granted(&app, json!({"parent": parent, "amount": "1"})).await;
        app.event(&parent, "paid", paid, "2019").await;
        let path = format!("/v1/pledges/{part}");
        app.delete(&path).await.expect(204);
        assert_eq!(app.pledge_now(&parent).await["outstanding"], left);
        // It is no deeper for a word, and goes no deeper.
        patched(&app, &parent, json!({"purpose": "a word"})).await.ok();
        let more = json!({"stage": "paid", "occurred_on": "2019", "amount": "0.01"});
        app.post(&format!("/v1/pledges/{parent}/events"), more)
            .await
            .problem(422, "invalid")
            .fault("/amount");
        // It comes back, and leaves by a patch as well.
        app.restore(&path).await.ok();
        patched(&app, &part, json!({"parent": null})).await.ok();
        assert_eq!(app.pledge_now(&parent).await["outstanding"], left);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_not_made_a_point_from_under_its_parts(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "10"});
    let parent = granted(&app, up_to.clone()).await;
    let mut part = up_to;
    part["parent"] = json!(parent);
    granted(&app, part).await;
    patched(
        &app,
        &parent,
        json!({"qualifier": "exact", "amount": "10", "amount_min": null, "amount_max": null}),
    )
    .await
    .problem(422, "invalid")
    .fault("/amount");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_between_two_amounts_is_bounded_by_the_greater(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let between = json!({"qualifier": "between", "amount_min": "50", "amount": "70", "amount_max": "100"});
    let parent = granted(&app, between).await;
    granted(&app, json!({"parent": parent, "amount": "60"})).await;
    let rough = json!({"qualifier": "between", "amount_min": "1", "amount": "41", "amount_max": "50", "instrument": "grant",
        "currency": "USD", "parent": parent});
    let refused = app.post("/v1/pledges", rough).await.problem(422, "invalid");
    assert!(
        refused
            .text
            .contains("can be USD 100.00 in parts; they would add up to USD 101.00, USD 1.00 too much"),
        "{refused}"
    );
    // What is paid on itself goes as far.
    granted(&app, json!({"parent": parent, "amount": "30"})).await;
    app.event(&parent, "paid", "10", "2019").await;
    let beyond = json!({"stage": "paid", "amount": "1", "occurred_on": "2019"});
    let events = format!("/v1/pledges/{parent}/events");
    let refused = app.post(&events, beyond.clone()).await.problem(422, "invalid");
    assert!(refused.text.contains("USD 100.00 in all"), "{refused}");
    let mut over = beyond;
    over["over"] = json!(true);
    app.post(&events, over).await.created();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_beyond_a_rough_parent_is_held_against_its_limit(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = granted(&app, json!({"qualifier": "about"})).await;
    granted(&app, json!({"parent": parent, "amount": "102"})).await;
    let events = format!("/v1/pledges/{parent}/events");
    let refused = app
        .post(
            &events,
            json!({"stage": "paid", "amount": "4", "occurred_on": "2019"}),
        )
        .await
        .problem(422, "invalid");
    assert!(
        refused.text.contains(
            "can be USD 105.00 in all; its parts would add up to USD 102.00 and USD 4.00 is paid or lost on itself, USD 1.00 too much"
        ),
        "{refused}"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn parts_that_come_together_are_refused_one_by_one(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parents = [
        granted(&app, json!({})).await,
        granted(
            &app,
            json!({"qualifier": "up_to", "amount": null, "amount_max": "100"}),
        )
        .await,
    ];
    let part = |parent: &str, amount: &str| grant(json!({"parent": parent, "amount": amount}));
    let mut items = Vec::new();
    for amount in ["40", "50", "20", "10", "0.01"] {
        items.extend(parents.iter().map(|it| part(it, amount)));
    }
    // All of them or none, and each that is too much is told.
    let refused = app.post("/v1/pledges/batch", items.clone().into()).await;
    let refused = refused.problem(422, "batch_refused");
    let faults = refused["errors"].as_array().unwrap().iter();
    let faults: Vec<_> = faults
        .map(|it| (it["index"].clone(), it["code"].clone()))
        .collect();
    let expected = [4, 5, 8, 9].map(|index| (json!(index), json!("exceeds_parent")));
    assert_eq!(faults, expected);
    for parent in &parents {
        assert_eq!(app.pledge_now(parent).await["version"], 1);
    }
    let made = app
        .post("/v1/pledges/batch", items.into())
        .header("Prefer", "handling=lenient")
        .await
        .expect(200);
    let statuses = made.each("status");
    assert_eq!(
        json!(statuses),
        json!([201, 201, 201, 201, 422, 422, 201, 201, 422, 422])
    );
    let left = ["counted", "counted_max"];
    for (parent, figure) in parents.iter().zip(left) {
        assert_eq!(app.pledge_now(parent).await[figure], "0.00");
    }
    app.check_kept_sums().await;
}

/// Sums are of several pledges: a fault of one points at what its request says, not at what the others do.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_points_at_what_was_sent(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let exact = granted(&app, json!({})).await;
    let up_to = json!({"qualifier": "up_to", "amount": null, "amount_max": "100"});
    let up_to = granted(&app, up_to).await;
    let between = json!({"qualifier": "between", "amount_min": "30", "amount": "40", "amount_max": "80"});
    let range = granted(&app, between).await;
    granted(&app, json!({"parent": exact, "amount": "70"})).await;
    granted(&app, json!({"parent": up_to, "amount": "71"})).await;
    let unsaid = json!({"qualifier": "at_least", "amount": null, "amount_min": "30"});
    let least = granted(&app, unsaid).await;
    // Where the parent alone was set, it is the parent; else the amount that came with it.
    for (part, fields, pointer) in [
        (&range, json!({"parent": exact}), "/parent"),
        (&range, json!({"parent": exact, "amount": "41"}), "/amount"),
        (&range, json!({"parent": up_to, "amount_max": "79"}), "/parent"),
        (
            &range,
            json!({"parent": up_to, "amount_min": "29.01"}),
            "/amount_min",
        ),
        (&least, json!({"parent": up_to}), "/parent"),
        (
            &least,
            json!({"parent": up_to, "amount_min": "29.01"}),
            "/amount_min",
        ),
    ] {
        let refused = patched(&app, part, fields.clone()).await;
        let refused = refused.problem(422, "invalid");
        assert_eq!(refused["errors"][0]["code"], "exceeds_parent", "{fields}");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{fields}");
    }
    // A parent points at what bounds its parts.
    for (parent, fields, pointer) in [
        (&exact, json!({"amount": "69.99"}), "/amount"),
        (&up_to, json!({"amount_max": "70.99"}), "/amount_max"),
    ] {
        patched(&app, parent, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    let about = json!({"qualifier": "about", "amount": "100", "amount_max": "120"});
    let about = granted(&app, about).await;
    granted(&app, json!({"parent": about, "amount": "110"})).await;
    for (fields, pointer) in [
        (json!({"amount_max": null}), "/amount_max"),
        (json!({"amount_max": null, "qualifier": "exact"}), "/amount_max"),
        (json!({"amount": "90", "amount_max": "109"}), "/amount_max"),
    ] {
        patched(&app, &about, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    patched(&app, &about, json!({"amount_max": "110"})).await.ok();
    let rough = granted(&app, json!({"qualifier": "about"})).await;
    granted(&app, json!({"parent": rough, "amount": "105"})).await;
    patched(&app, &rough, json!({"qualifier": "exact"}))
        .await
        .problem(422, "invalid")
        .fault("/qualifier");
    // Of a range, the least of it is what goes below zero.
    let reduced = granted(
        &app,
        json!({"qualifier": "about", "amount_min": "50", "amount": "60", "amount_max": "70"}),
    )
    .await;
    let events = format!("/v1/pledges/{reduced}/events");
    let by = |amount: &str| json!({"stage": "reduced", "occurred_on": "2019", "amount": amount});
    app.post(&events, by("50.01"))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    let increased = app.event(&reduced, "increased", "10", "2018").await;
    app.event(&reduced, "reduced", "55", "2019").await;
    for (fields, pointer) in [
        (json!({"amount_min": "44.99"}), "/amount_min"),
        (json!({"amount_min": null, "amount": "44"}), "/amount_min"),
    ] {
        patched(&app, &reduced, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    app.patch(&format!("{events}/{increased}"), json!({"amount": "4"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    app.patch(&format!("{events}/{increased}"), json!({"stage": "reduced"}))
        .await
        .problem(422, "invalid")
        .fault("/stage");
    // What comes without a body has no member that it could be.
    let refused = app.delete(&format!("{events}/{increased}")).await;
    assert_eq!(refused.problem(422, "invalid")["errors"][0]["pointer"], "");
}

/// What a batch knows of parents from one part to the next is what single writes read.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn parts_that_come_together_say_what_they_say_one_by_one(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let mut told = Vec::new();
    for is_batch in [false, true] {
        let parent = granted(&app, json!({"amount": "100"})).await;
        let first = granted(&app, json!({"amount": "50"})).await;
        let items: Vec<_> = [
            json!({"parent": parent, "amount": "10"}),
            json!({"parent": first, "amount": "20"}),
            json!({"parent": parent, "restates": first, "amount": "50"}),
            json!({"parent": parent, "amount": "15"}),
            json!({"parent": first, "amount": "30"}),
            json!({"parent": parent, "currency": "EUR", "amount": "20", "equivalent": {"amount": "25"}}),
        ]
        .into_iter()
        .map(grant)
        .collect();
        if is_batch {
            app.post("/v1/pledges/batch", items.into()).await.expect(201);
        } else {
            for item in items {
                app.post("/v1/pledges", item).await.created();
            }
        }
        let mut said = Vec::new();
        for id in [&parent, &first] {
            let history = app.get(&format!("/v1/pledges/{id}/history?sort=seq")).await.ok();
            said.extend(history.items().iter().map(|entry| {
                let after = &entry["after"];
                json!([
                    entry["op"],
                    entry["version"],
                    after["counted_min"],
                    after["counted"],
                    after["counted_max"],
                    after["outstanding"],
                    after["state"]
                ])
            }));
            // What follows from its parts follows from what is kept of them.
            let paid = json!({"stage": "paid", "amount": "0.01", "occurred_on": "2019"});
            app.post(&format!("/v1/pledges/{id}/events"), paid)
                .await
                .problem(422, "invalid")
                .fault("/amount");
        }
        assert_eq!(said.len(), 5 + 3, "{said:?}");
        told.push(said);
    }
    assert_eq!(told[0], told[1]);
    app.check_kept_sums().await;
}
