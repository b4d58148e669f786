//! Money: exact to the last minor unit, in one currency, and as vague as it was announced.

use super::{assert_figures, grant, granted};
use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_amount_is_kept_to_the_last_minor_unit(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (written, currency, read) in [
        ("200000000.00", "USD", "200000000.00"),
        ("200000000", "USD", "200000000.00"),
        ("0.01", "USD", "0.01"),
        ("0.1", "usd", "0.10"),
        ("007.5", "EUR", "7.50"),
        ("1.234", "KWD", "1.234"),
        ("1", "BHD", "1.000"),
        ("0.001", "IQD", "0.001"),
        ("5000", "JPY", "5000"),
        ("1000000000000000", "USD", "1000000000000000.00"),
        ("1000000000000000", "KWD", "1000000000000000.000"),
        ("90071992547409.93", "USD", "90071992547409.93"),
    ] {
        // Each currency on its own, so that no sum of the story grows beyond keeping.
        let body = grant(json!({"amount": written, "currency": currency}));
        let made = app.post("/v1/pledges", body).await.created();
        assert_figures(
            &made,
            json!({"amount": read, "currency": currency.to_ascii_uppercase(), "pledged": read, "counted": read, "outstanding": read}),
        );
        app.delete(&format!("/v1/pledges/{}", made.id()))
            .await
            .expect(204);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_amount_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (amount, currency) in [
        (json!(""), "USD"),
        (json!(" 1"), "USD"),
        (json!("1 "), "USD"),
        (json!("-1"), "USD"),
        (json!("+1"), "USD"),
        (json!("1e9"), "USD"),
        (json!("1,000"), "USD"),
        (json!("1 000"), "USD"),
        (json!("1_000"), "USD"),
        (json!(".5"), "USD"),
        (json!("5."), "USD"),
        (json!("1.2.3"), "USD"),
        (json!("0x10"), "USD"),
        (json!("٢٠٠"), "USD"),
        (json!("２００"), "USD"),
        (json!("USD 200"), "USD"),
        (json!("200 million"), "USD"),
        (json!("NaN"), "USD"),
        (json!("Infinity"), "USD"),
        (json!("0"), "USD"),
        (json!("0.00"), "USD"),
        (json!("1.001"), "USD"),
        (json!("1.000"), "USD"),
        (json!("1.0001"), "KWD"),
        (json!("1.0"), "JPY"),
        (json!("1000000000000000.01"), "USD"),
        (json!("1000000000000001"), "USD"),
        (json!("99999999999999999999999999"), "USD"),
        (json!(200), "USD"),
        (json!(200.5), "USD"),
        (json!(true), "USD"),
        (json!(["200"]), "USD"),
        (json!({"value": "200"}), "USD"),
    ] {
        app.post(
            "/v1/pledges",
            grant(json!({"amount": amount, "currency": currency})),
        )
        .await
        .problem(422, "invalid")
        .fault("/amount");
    }
    let number = app.post("/v1/pledges", grant(json!({"amount": 200}))).await;
    let detail = number["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("floating point"), "says why: {number}");
    assert_eq!(
        app.get("/v1/pledges").await.items().len(),
        0,
        "nothing refused is kept"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_sum_of_a_pledge_that_would_not_fit_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let most = json!({"amount": "1000000000000000", "currency": "KWD"});
    let pledge = granted(&app, most).await;
    let events = format!("/v1/pledges/{pledge}/events");
    for stage in ["increased", "committed"] {
        let event = json!({"stage": stage, "occurred_on": "2019", "amount": "1000000000000000"});
        let mut refused = None;
        for _ in 0..10 {
            let answer = app.post(&events, event.clone()).await;
            if answer.status != 201 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.unwrap_or_else(|| panic!("{stage} grew beyond what can be kept"));
        refused.problem(422, "invalid").fault("/amount");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_currency_is_needed_with_any_amount_and_only_then(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (fields, pointer) in [
        (json!({"currency": null}), "/currency"),
        (
            json!({"qualifier": "at_least", "amount": null, "amount_min": "5", "currency": null}),
            "/currency",
        ),
        (
            json!({"qualifier": "up_to", "amount": null, "amount_max": "5", "currency": null}),
            "/currency",
        ),
        (json!({"qualifier": null, "amount": null}), "/currency"),
        (json!({"currency": "XXY"}), "/currency"),
        (json!({"currency": "dollars"}), "/currency"),
        // Withdrawn currencies, metals and tests are none.
        (json!({"currency": "HRK"}), "/currency"),
        (json!({"currency": "XAU"}), "/currency"),
        (json!({"currency": "XXX"}), "/currency"),
        (json!({"currency": ""}), "/currency"),
        (json!({"currency": 840}), "/currency"),
        (json!({"qualifier": null}), "/qualifier"),
        (json!({"qualifier": "roughly"}), "/qualifier"),
    ] {
        app.post("/v1/pledges", grant(fields))
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn each_qualifier_takes_its_amounts_and_a_range_stays_a_range(#[case] engine: Engine) {
    let app = App::start(engine).await;
    // What is written, and the range that it comes to.
    for (qualifier, [min, point, max], range) in [
        (
            "exact",
            [None, Some("60"), None],
            [Some("60.00"), Some("60.00"), Some("60.00")],
        ),
        (
            "about",
            [None, Some("60"), None],
            [Some("60.00"), Some("60.00"), Some("60.00")],
        ),
        (
            "about",
            [Some("50"), Some("60"), None],
            [Some("50.00"), Some("60.00"), Some("60.00")],
        ),
        (
            "about",
            [Some("50"), Some("60"), Some("80")],
            [Some("50.00"), Some("60.00"), Some("80.00")],
        ),
        (
            "about",
            [Some("60"), Some("60"), Some("60")],
            [Some("60.00"), Some("60.00"), Some("60.00")],
        ),
        (
            "up_to",
            [None, None, Some("80")],
            [Some("0.00"), None, Some("80.00")],
        ),
        (
            "up_to",
            [Some("0"), None, Some("80")],
            [Some("0.00"), None, Some("80.00")],
        ),
        (
            "up_to",
            [Some("50"), None, Some("80")],
            [Some("50.00"), None, Some("80.00")],
        ),
        ("at_least", [Some("50"), None, None], [Some("50.00"), None, None]),
        (
            "between",
            [Some("50"), None, Some("80")],
            [Some("50.00"), None, Some("80.00")],
        ),
        (
            "between",
            [Some("50"), Some("60"), Some("80")],
            [Some("50.00"), Some("60.00"), Some("80.00")],
        ),
    ] {
        let made = app
            .post(
                "/v1/pledges",
                grant(json!({"qualifier": qualifier, "amount_min": min, "amount": point, "amount_max": max})),
            )
            .await
            .created();
        let [min, point, max] = range;
        assert_figures(
            &made,
            json!({
                "pledged_min": min, "pledged": point, "pledged_max": max,
                "counted_min": min, "counted": point, "counted_max": max,
                "outstanding": point, "committed": "0.00", "paid": "0.00", "withdrawn": "0.00", "state": "open",
            }),
        );
        let read = app.pledge_now(&made.id()).await;
        assert_eq!(read.body, made.body, "what is read is what was answered");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn amounts_that_do_not_go_with_their_qualifier_are_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (qualifier, [min, point, max], pointer) in [
        ("exact", [None, None, None], "/amount"),
        ("exact", [Some("50"), Some("60"), None], "/amount_min"),
        ("exact", [None, Some("60"), Some("80")], "/amount_max"),
        ("about", [Some("50"), None, Some("80")], "/amount"),
        ("about", [Some("70"), Some("60"), None], "/amount"),
        ("about", [None, Some("60"), Some("50")], "/amount"),
        ("about", [Some("0"), Some("60"), None], "/amount_min"),
        ("up_to", [None, None, None], "/amount_max"),
        ("up_to", [None, Some("60"), Some("80")], "/amount"),
        ("up_to", [Some("90"), None, Some("80")], "/amount_max"),
        ("up_to", [None, None, Some("0")], "/amount_max"),
        ("at_least", [None, None, None], "/amount_min"),
        ("at_least", [Some("0"), None, None], "/amount_min"),
        ("at_least", [Some("50"), Some("60"), None], "/amount"),
        ("at_least", [Some("50"), None, Some("80")], "/amount_max"),
        ("between", [None, None, Some("80")], "/amount_min"),
        ("between", [Some("50"), None, None], "/amount_max"),
        ("between", [Some("80"), None, Some("50")], "/amount_max"),
        ("between", [Some("50"), Some("90"), Some("80")], "/amount"),
        ("between", [Some("50"), Some("40"), Some("80")], "/amount"),
        ("between", [Some("0"), None, Some("80")], "/amount_min"),
    ] {
        app.post(
            "/v1/pledges",
            grant(json!({"qualifier": qualifier, "amount_min": min, "amount": point, "amount_max": max})),
        )
        .await
        .problem(422, "invalid")
        .fault(pointer);
    }
}
