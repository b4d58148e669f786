//! Parents and children: a parent counts what its children do not.

use super::{assert_figures, grant, granted, headline, patched};
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
    let range = granted(
        &app,
        json!({"qualifier": "between", "amount": "60", "amount_min": "50", "amount_max": "80"}),
    )
    .await;
    let about = granted(
        &app,
        json!({"qualifier": "about", "amount": "60", "amount_max": "80"}),
    )
    .await;
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
        (json!({"parent": range}), "/parent"),
        (json!({"parent": about}), "/parent"),
        (json!({"parent": up_to}), "/parent"),
        (json!({"parent": political}), "/parent"),
        (json!({"parent": parent, "currency": "EUR"}), "/currency"),
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
        (json!({"currency": "EUR"}), "/currency"),
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
        (json!({"qualifier": "about", "amount_min": "250"}), "/amount"),
        (
            json!({"qualifier": "between", "amount_min": "250", "amount_max": "350"}),
            "/amount",
        ),
        (
            json!({"qualifier": "up_to", "amount": null, "amount_max": "300"}),
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
    ] {
        patched(&app, &parent, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    // To its children's only participant, to "about", or down to what they cover, it may.
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
        .fault("/amount");
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
    app.restore(&path).await.problem(422, "invalid").fault("/amount");
    app.get(&path).await.problem(410, "retracted");
    app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    // The parent becomes what has no parts.
    let parent_path = format!("/v1/pledges/{parent}");
    patched(&app, &parent, json!({"currency": "EUR"})).await.ok();
    app.restore(&path)
        .await
        .problem(422, "invalid")
        .fault("/currency");
    patched(
        &app,
        &parent,
        json!({"currency": "USD", "qualifier": "about", "amount_max": "400"}),
    )
    .await
    .ok();
    app.restore(&path).await.problem(422, "invalid").fault("/parent");
    patched(
        &app,
        &parent,
        json!({"qualifier": "exact", "amount_max": null, "amount": "100"}),
    )
    .await
    .ok();
    app.restore(&path).await.problem(422, "invalid").fault("/amount");
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
