//! Numbers of every spelling: each is what it is, or refused.

use reqwest::Method;

use super::{answered, counts, encoded, holds};
use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_what_it_is_or_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let article = app.article(json!({"body": "200 million"})).await;
    let before = counts(&app).await;
    let digits = "9".repeat(10_000);
    let pledge = |amount: &str| {
        let body = format!(
            r#"{{"instrument": "grant", "qualifier": "exact", "currency": "USD", "amount": {amount}}}"#
        );
        answered(
            app.ask(Method::POST, "/v1/pledges")
                .body("application/json", body),
        )
    };
    // No number is an amount, however well it is written; one beyond any float is no JSON that can be read.
    for number in [
        "0",
        "-0",
        "1",
        "0.1",
        "1E+2",
        "1e-400",
        "18446744073709551616",
        "-9223372036854775809",
        "1.0000000000000000000001",
        "5e-324",
    ] {
        pledge(number).await.problem(422, "invalid").fault("/amount");
    }
    for number in [
        "1e400",
        "-1e400",
        &digits,
        &format!("-{digits}"),
        "01",
        "+1",
        ".5",
        "5.",
        "1_000",
        "0x10",
        "١",
    ] {
        pledge(number).await.problem(400, "malformed");
    }
    pledge(&format!("0.{digits}"))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    for text in [
        "",
        " ",
        "0",
        "0.00",
        "-0",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1,000",
        "1 000",
        "1.000,00",
        "1\u{a0}000",
        "1_000",
        "1'000",
        "٢٠٠",
        "۲۰۰",
        "２００",
        "²",
        "1e3",
        "1E+2",
        "NaN",
        "Infinity",
        "-Infinity",
        "0x10",
        "1.",
        ".1",
        ".",
        "1..0",
        "1.0.0",
        "1.001",
        "USD 1",
        "$1",
        "1\n",
        "\u{200f}1",
        "1\u{301}",
        "1000000000000001",
        "1000000000000000.01",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        &digits,
        &format!("0.{digits}"),
        &format!("1.{}", "0".repeat(10_000)),
        "1/2",
        "½",
    ] {
        pledge(&json!(text).to_string())
            .await
            .problem(422, "invalid")
            .fault("/amount");
        for path in [
            format!("/v1/pledges?currency=USD&amount_min={}", encoded(text)),
            format!("/v1/totals?currency=USD&point_min={}", encoded(text)),
        ] {
            assert!(matches!(answered(app.get(&path)).await.status, 200 | 400));
        }
    }
    let mut made = 0;
    for (text, amount) in [
        ("1", "1.00"),
        ("0.1", "0.10"),
        ("00012.30", "12.30"),
        ("1000000000000000", "1000000000000000.00"),
        (&format!("{}7", "0".repeat(10_000)), "7.00"),
    ] {
        assert_eq!(pledge(&json!(text).to_string()).await.created()["amount"], amount);
        made += 1;
    }
    // Whole numbers elsewhere.
    for number in [
        "-1",
        "-0",
        "1.0",
        "1E+2",
        "0.1",
        "100001",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e308",
        "\"1\"",
    ] {
        answered(app.ask(Method::PATCH, &format!("/v1/meetings/{meeting}")).body(
            "application/json",
            format!(r#"{{"participant_count": {number}}}"#),
        ))
        .await
        .problem(422, "invalid")
        .fault("/participant_count");
    }
    for (start, end) in [
        ("0", "4"),
        ("-1", "2"),
        ("3", "0"),
        ("0", "9223372036854775807"),
        ("-9223372036854775808", "9223372036854775807"),
        ("9223372036854775807", "-9223372036854775808"),
        ("0", "18446744073709551615"),
        ("0.0", "3"),
        ("0", "1e400"),
    ] {
        let body = format!(
            r#"{{"subject": "meetings/{meeting}", "article": "{article}", "quote": "200", "start": {start}, "end": {end}}}"#
        );
        let answer = answered(
            app.ask(Method::POST, "/v1/citations")
                .body("application/json", body),
        )
        .await;
        assert!(matches!(answer.status, 400 | 422), "{answer}");
    }
    for rate in [
        "1e3",
        "0",
        "0.0",
        "-1",
        "+1",
        "٣",
        "1,5",
        " 1",
        &digits,
        &format!("0.{digits}"),
        "0.0000000000000000000001",
    ] {
        answered(app.put(
            "/v1/rates",
            json!([{"currency": "EUR", "date": "2018-02-14", "per_usd": rate, "source": "S"}]),
        ))
        .await
        .problem(422, "invalid")
        .fault("/0/per_usd");
    }
    holds(&app, &before, &[("pledges", made), ("changes", made)]).await;
}
