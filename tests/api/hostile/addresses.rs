//! Texts in addresses and headers, cursors among them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::Value;

use super::{answered, counts, each, encoded, holds, kept, texts};
use crate::prelude::*;

/// Path and query, in bytes.
const LONGEST_TARGET: usize = 24 * 1024;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn hostile_parameters_are_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let meeting = app.meeting("kuwait-2018").await;
    app.pledge(&meeting, "1.00", "USD").await;
    let before = counts(&app).await;
    let texts = texts();
    // A text that nothing has is no fault; a record that is named is there, or the question is refused.
    let some: Vec<&String> = texts
        .iter()
        .filter(|text| kept(text, usize::MAX).is_some())
        .collect();
    each(some.chunks(20), async |some| {
        let all_as = |name: &str| -> String {
            some.iter()
                .map(|text| format!("{name}{}", encoded(text)))
                .collect::<Vec<_>>()
                .join("&")
        };
        for path in [
            format!("/v1/changes?{}", all_as("key=")),
            format!("/v1/changes?{}", all_as("actor=")),
            format!("/v1/rates?{}", all_as("source=")),
        ] {
            assert!(answered(app.get(&path)).await.expect(200).items().is_empty());
        }
        for path in [
            format!("/v1/participants?{}", all_as("coalition=")),
            format!("/v1/pledges?{}", all_as("participant=")),
            format!("/v1/citations?{}", all_as("subject=meetings/")),
            format!("/v1/totals?{}", all_as("meeting=")),
        ] {
            answered(app.get(&path)).await.problem(400, "malformed");
        }
    })
    .await;
    each(&texts, async |text| {
        let word = encoded(text);
        // A word that must be one of several, a number, a date, an id, a cursor: all at once.
        for path in [
            format!(
                "/v1/pledges?participant_kind={word}&instrument={word}&qualifier={word}&currency={word}&state={word}&amount_min={word}&announced_from={word}&parent={word}&collective={word}&sort={word}&limit={word}&count={word}&lang={word}&updated_from={word}&after={word}"
            ),
            format!(
                "/v1/totals?group_by={word}&in={word}&restatements={word}&parents={word}&rate_date={word}&rate_max_age={word}&membership_at={word}&point_min={word}&sort={word}&after={word}"
            ),
            format!("/v1/changes?after_seq={word}&{word}={word}"),
        ] {
            let answer = answered(app.get(&path)).await;
            if path.len() <= LONGEST_TARGET {
                answer.problem(400, "malformed");
            } else {
                answer.problem(414, "target_too_long");
            }
        }
    })
    .await;
    // Not even UTF-8.
    for path in [
        "/v1/changes?key=%ff",
        "/v1/changes?%ff=1",
        "/v1/changes?key=%ed%a0%80",
        "/v1/changes?key=%c0%80",
        "/v1/changes?key=%f4%90%80%80",
    ] {
        answered(app.get(path)).await.problem(400, "malformed");
    }
    holds(&app, &before, &[]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_tampered_with_is_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for number in 0..2 {
        app.meeting_with(json!({"slug": format!("m-{number}")})).await;
        app.pledge_with(
            json!({"qualifier": "exact", "amount": "1", "currency": "USD", "meeting": format!("m-{number}")}),
        )
        .await;
    }
    let before = counts(&app).await;
    for list in [
        "/v1/meetings?limit=1",
        "/v1/meetings?limit=1&sort=slug",
        "/v1/meetings?limit=1&sort=-starts_on",
        "/v1/meetings?limit=1&sort=updated_at",
        "/v1/pledges?limit=1&currency=USD&sort=amount",
        "/v1/changes?limit=1",
        "/v1/totals?limit=1&group_by=meeting&currency=USD&sort=point",
    ] {
        let page = app.get(list).await.expect(200);
        let cursor = URL_SAFE_NO_PAD.decode(page["next"].as_str().unwrap()).unwrap();
        let cursor: Value = serde_json::from_slice(&cursor).unwrap();
        for value in [
            json!(null),
            json!(""),
            json!("\0"),
            json!("x"),
            json!(1),
            json!([]),
            json!("0"),
            json!("-1"),
            json!("9223372036854775807"),
            json!("-9223372036854775808"),
            json!("9223372036854775808"),
            json!("1e400"),
            json!("NaN"),
            json!("0000-01-01"),
            json!("-9999-01-01"),
            json!("9999-12-31"),
            json!("+262142-12-31"),
            json!("-262143-01-01"),
            json!("+262142-12-31T23:59:59Z"),
            json!("-262143-01-01T00:00:00Z"),
            json!("-0001-01-01T00:00:00Z"),
            json!("9999-12-31T23:59:59-23:59"),
            json!("2018-02-13T23:59:60Z"),
            json!("x".repeat(12_000)),
        ] {
            for place in 1..3 {
                let mut cursor = cursor.clone();
                cursor[place] = value.clone();
                let cursor = URL_SAFE_NO_PAD.encode(cursor.to_string());
                let answer = answered(app.get(&format!("{list}&after={cursor}"))).await;
                assert!(matches!(answer.status, 200 | 400), "{value}: {answer}");
            }
        }
        for cursor in [
            "null",
            "[]",
            "{}",
            "[[],[],[]]",
            &"[".repeat(10_000),
            "[\"a\",null,\"b\",1]",
        ] {
            answered(app.get(&format!("{list}&after={}", URL_SAFE_NO_PAD.encode(cursor))))
                .await
                .problem(400, "malformed")
                .fault("?after");
        }
    }
    // Moments at the ends of the calendar, the same on both engines, and beyond them.
    for (parameters, found) in [
        ("updated_from=9999-12-31T23:59:59.999999Z", 0),
        ("updated_to=9999-12-31T23:59:59.999999Z", 2),
        ("updated_from=0001-01-01T00:00:00Z", 2),
        ("updated_to=0001-01-01T00:00:00Z", 0),
        ("updated_from=0001", 2),
        ("updated_to=9999", 2),
        ("updated_from=2016-12-31T23:59:60Z", 2),
    ] {
        let list = answered(app.get(&format!("/v1/meetings?{parameters}")))
            .await
            .expect(200);
        assert_eq!(list.items().len(), found, "{list}");
    }
    for beyond in [
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00%2B23:59",
        "0000-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
    ] {
        answered(app.get(&format!("/v1/meetings?updated_from={beyond}")))
            .await
            .problem(400, "malformed")
            .fault("?updated_from");
    }
    holds(&app, &before, &[]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn hostile_paths_are_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let meeting = app.meeting("kuwait-2018").await;
    let before = counts(&app).await;
    let mut words: Vec<String> = texts().iter().map(|text| encoded(text)).collect();
    words.extend(
        [
            "%ff",
            "%ed%a0%80",
            "%",
            "%2",
            "%zz",
            "%00",
            "%2f",
            "%2e%2e",
            ";a=b",
            "a%20b",
        ]
        .map(str::to_owned),
    );
    each(&words, async |word| {
        for path in [
            format!("/{word}"),
            format!("/v1/participants/{word}"),
            format!("/v1/meetings/{meeting}/attendance/{word}"),
            format!("/v1/pledges/{word}/events/{word}/history"),
        ] {
            let answer = answered(app.get(&path)).await;
            // A dot or two, or nothing, is another path.
            assert!(matches!(answer.status, 200 | 400 | 404), "{answer}");
        }
        for ask in [
            app.delete(&format!("/v1/participants/x{word}")),
            app.put(&format!("/v1/meetings/{meeting}/attendance/x{word}"), json!({})),
        ] {
            let answer = answered(ask).await;
            assert!(matches!(answer.status, 400 | 404 | 405 | 422), "{answer}");
        }
    })
    .await;
    holds(&app, &before, &[]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn hostile_headers_are_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let path = "/v1/participants/USA";
    // A version that no text names by accident.
    for number in 2..8 {
        app.patch(path, json!({"aliases": [number.to_string()]}))
            .await
            .expect(200);
    }
    let before = counts(&app).await;
    let now = app.get(path).await.expect(200);
    let texts: Vec<String> = texts()
        .into_iter()
        // Others cannot be sent in a header at all.
        .filter(|text| reqwest::header::HeaderValue::from_str(text).is_ok())
        .collect();
    each(&texts, async |text| {
        let read = answered(app.get_with(
            path,
            &[
                ("If-None-Match", text),
                ("X-Request-Id", text),
                ("Accept-Language", text),
                ("Accept", text),
                ("Origin", text),
            ],
        ))
        .await;
        assert!(matches!(read.status, 200 | 304 | 406), "{read}");
        assert!(read.header("x-request-id").is_some_and(|id| !id.is_empty()));
        if *text != "*" {
            answered(
                app.patch(path, json!({"aliases": ["x"]}))
                    .header("If-Match", text),
            )
            .await
            .problem(412, "stale_version");
        }
        let answer = answered(app.ask(Method::POST, "/v1/participants").body(text, "{}")).await;
        assert!(matches!(answer.status, 415 | 422), "{answer}");
        let refused = answered(app.get(path).header("Authorization", &format!("Bearer x{text}"))).await;
        // Of so many wrong keys all but the first are slowed.
        assert!(matches!(refused.status, 401 | 429), "{refused}");
    })
    .await;
    assert_eq!(app.get(path).await.expect(200).body, now.body);
    holds(&app, &before, &[]).await;
}
