//! Restatements: said again, counted once.

use serde_json::Value;

use super::{assert_figures, grant, granted, headline, patched};
use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_restatement_adds_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("SAU").await;
    let first = granted(&app, json!({"participant": "SAU", "announced_on": "2018-07-12"})).await;
    let parent = headline(&app).await;
    let again = app
        .post(
            "/v1/pledges",
            grant(json!({"participant": "SAU", "announced_on": "2018-08-16", "restates": first, "parent": parent})),
        )
        .await
        .created();
    assert_figures(
        &again,
        json!({"state": "restated", "pledged": "100.00", "counted": "0.00", "counted_min": "0.00", "counted_max": "0.00", "outstanding": "0.00"}),
    );
    // Its parent leaves it out all the same: the first announcement counts.
    assert_eq!(app.pledge_now(&parent).await["counted"], "200.00");
    assert_eq!(
        app.totals("").await["groups"][0]["by_currency"][0]["point"],
        "300.00"
    );
    // No longer a restatement, it counts.
    let counted = patched(&app, &again.id(), json!({"restates": null})).await.ok();
    assert_figures(
        &counted,
        json!({"state": "open", "counted": "100.00", "outstanding": "100.00"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_restatement_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let by_saudi = |fields: Value| {
        let mut body = grant(json!({"participant": "SAU", "announced_on": "2018-08-16"}));
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let make = async |fields| app.post("/v1/pledges", by_saudi(fields)).await.created().id();
    let first = make(json!({"announced_on": "2018-07-12"})).await;
    let again = make(json!({"restates": first})).await;
    let by_usa = make(json!({"participant": "USA"})).await;
    let collective = make(json!({"participant": null})).await;
    let in_euros = make(json!({"currency": "EUR"})).await;
    let later = make(json!({"announced_on": "2018-08-17"})).await;
    let next_month = make(json!({"announced_on": "2018-09"})).await;
    let political = app
        .pledge_with(json!({"participant": "SAU", "instrument": "political"}))
        .await;
    for (fields, pointer) in [
        (json!({"restates": again}), "/restates"),
        (json!({"restates": by_usa}), "/restates"),
        (json!({"restates": collective}), "/restates"),
        (json!({"restates": in_euros}), "/currency"),
        (json!({"restates": political}), "/currency"),
        (json!({"restates": later}), "/restates"),
        (json!({"restates": next_month}), "/restates"),
        (
            json!({"restates": first, "announced_on": "2018-07-11"}),
            "/restates",
        ),
        (json!({"restates": first, "announced_on": "2018-06"}), "/restates"),
    ] {
        app.post("/v1/pledges", by_saudi(fields.clone()))
            .await
            .problem(422, "invalid")
            .fault(pointer);
        let lone = make(json!({})).await;
        patched(&app, &lone, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
        app.delete(&format!("/v1/pledges/{lone}")).await.expect(204);
    }
    patched(&app, &first, json!({"restates": first}))
        .await
        .problem(422, "invalid")
        .fault("/restates");
    // What may be as early is not certainly later.
    for date in [json!("2018-07"), json!("2018"), Value::Null, json!("2018-07-12")] {
        let other = make(json!({"restates": first, "announced_on": date})).await;
        app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_first_announcement_stays_what_its_restatements_restate(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let earlier = granted(&app, json!({"participant": "SAU"})).await;
    let first = granted(&app, json!({"participant": "SAU", "announced_on": "2018-07-12"})).await;
    let again = granted(
        &app,
        json!({"participant": "SAU", "announced_on": "2018-08-16", "restates": first}),
    )
    .await;
    for (fields, pointer) in [
        (json!({"participant": "USA"}), "/participant"),
        (json!({"participant": null}), "/participant"),
        (json!({"currency": "EUR"}), "/currency"),
        (json!({"announced_on": "2018-08-17"}), "/announced_on"),
        (json!({"announced_on": "2019"}), "/announced_on"),
        (json!({"restates": earlier}), "/restates"),
    ] {
        patched(&app, &first, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    for (fields, pointer) in [
        (json!({"participant": "USA"}), "/restates"),
        (json!({"currency": "EUR"}), "/currency"),
        (json!({"announced_on": "2018-07-11"}), "/restates"),
    ] {
        patched(&app, &again, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    // While the restatement is away, the first may change: then it does not come back.
    let path = format!("/v1/pledges/{again}");
    app.delete(&path).await.expect(204);
    patched(&app, &first, json!({"restates": earlier})).await.ok();
    app.restore(&path)
        .await
        .problem(422, "invalid")
        .fault("/restates");
    patched(&app, &first, json!({"restates": null, "participant": "USA"}))
        .await
        .ok();
    app.restore(&path)
        .await
        .problem(422, "invalid")
        .fault("/restates");
    app.delete(&format!("/v1/pledges/{first}")).await.expect(204);
    app.restore(&path)
        .await
        .problem(409, "refers_to_retracted")
        .fault("/restates");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_restatement_has_no_children_and_takes_no_events(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let first = granted(&app, json!({})).await;
    let paid = granted(&app, json!({})).await;
    app.event(&paid, "frozen", None, "2019").await;
    patched(&app, &paid, json!({"restates": first}))
        .await
        .problem(422, "invalid")
        .fault("/restates");
    let parent = headline(&app).await;
    granted(&app, json!({"parent": parent})).await;
    patched(&app, &parent, json!({"restates": first}))
        .await
        .problem(422, "invalid")
        .fault("/restates");
    let again = granted(&app, json!({"restates": first})).await;
    let refused = app
        .post(
            &format!("/v1/pledges/{again}/events"),
            json!({"stage": "paid", "occurred_on": "2019", "amount": "1"}),
        )
        .await
        .problem(422, "invalid");
    assert!(
        refused.text.contains(&format!("/v1/pledges/{first}/events")),
        "names the record that does: {refused}"
    );
}
