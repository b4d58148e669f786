//! Rates: units of a currency per US dollar.

use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn rates_are_put_in_bulk_and_kept_exactly(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let rates = json!([
        {"currency": "EUR", "date": "2018-02-14", "per_usd": "0.80980", "source": "ECB"},
        {"currency": "eur", "date": "2018-02-15", "per_usd": "0.8", "source": "ECB"},
        {"currency": "KWD", "date": "2018-02-14", "per_usd": "0.299700000000000001", "source": "البنك المركزي"},
    ]);
    assert_eq!(
        app.put("/v1/rates", rates.clone()).await.expect(200).body,
        json!({"created": 3, "updated": 0, "unchanged": 0})
    );
    assert_eq!(
        app.put("/v1/rates", rates).await.expect(200).body,
        json!({"created": 0, "updated": 0, "unchanged": 3})
    );
    assert_eq!(
        app.put(
            "/v1/rates",
            json!({"items": [
                {"currency": "EUR", "date": "2018-02-14", "per_usd": "0.81", "source": "ECB"},
                {"currency": "EUR", "date": "2018-02-14", "per_usd": "0.8098", "source": "IMF"},
            ]}),
        )
        .await
        .expect(200)
        .body,
        json!({"created": 1, "updated": 1, "unchanged": 0})
    );
    let list = app.get("/v1/rates?currency=KWD").await;
    assert_eq!(list.each("per_usd"), ["0.299700000000000001"]);
    let changes = app.get("/v1/changes?resource=rates&op=update").await;
    assert_eq!(changes.each("key"), ["EUR/2018-02-14/ECB"]);
    assert_eq!(changes.items()[0]["before"]["per_usd"], "0.8098");
    assert_eq!(changes.items()[0]["after"]["per_usd"], "0.81");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn one_faulty_rate_and_none_is_stored(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let good = json!({"currency": "EUR", "date": "2018-02-14", "per_usd": "0.8", "source": "ECB"});
    for (field, value) in [
        ("currency", json!("XXY")),
        ("date", json!("2018-02")),
        ("date", json!("2018-02-30")),
        ("per_usd", json!(0.8)),
        ("per_usd", json!("0")),
        ("per_usd", json!("-1")),
        ("per_usd", json!("1e3")),
        ("per_usd", json!("٠٫٨")),
        ("source", json!(null)),
        ("source", json!(" ")),
        ("why", json!("x")),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        app.put("/v1/rates", json!([good, bad]))
            .await
            .problem(422, "invalid")
            .fault(&format!("/1/{field}"));
        app.put("/v1/rates", json!({"items": [good, bad]}))
            .await
            .problem(422, "invalid")
            .fault(&format!("/items/1/{field}"));
    }
    app.put(
        "/v1/rates",
        json!([{"currency": "USD", "date": "2018-02-14", "per_usd": "2", "source": "x"}]),
    )
    .await
    .problem(422, "invalid")
    .fault("/0/per_usd");
    app.put("/v1/rates", json!({"rates": [good]}))
        .await
        .problem(422, "invalid");
    app.put("/v1/rates", json!({"items": [good], "source": "ECB"}))
        .await
        .problem(422, "invalid")
        .fault("/source");
    assert!(app.get("/v1/rates").await.items().is_empty());
    app.put("/v1/rates", json!([good]))
        .key(&app.keys.reader)
        .await
        .problem(403, "forbidden");
    app.put("/v1/rates", json!([good]))
        .without_key()
        .await
        .problem(401, "unauthorized");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn rates_are_found_by_currency_date_and_source(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let rates: Vec<_> = [
        ("EUR", "2018-02-13", "ECB"),
        ("EUR", "2018-02-14", "ECB"),
        ("EUR", "2018-02-14", "Central Bank, Kuwait"),
        ("KWD", "2018-03-01", "ECB"),
    ]
    .iter()
    .map(|(currency, date, source)| {
        json!({"currency": currency, "date": date, "per_usd": "0.8", "source": source})
    })
    .collect();
    app.put("/v1/rates", json!(rates)).await.expect(200);
    for (query, count) in [
        ("", 4),
        ("currency=EUR", 3),
        ("currency=eur,kwd", 4),
        ("date_from=2018-02-14", 3),
        ("date_to=2018-02", 3),
        ("date_from=2018-02-14&date_to=2018-02-14", 2),
        ("source=Central+Bank,+Kuwait", 1),
        ("source=ECB", 3),
    ] {
        let list = app
            .get(&format!("/v1/rates?count=true&{query}"))
            .await
            .expect(200);
        assert_eq!(list["count"], count, "{query}");
    }
    let list = app.get("/v1/rates?sort=date&limit=2").await;
    assert_eq!(json!(list.each("date")), json!(["2018-02-13", "2018-02-14"]));
    let next = list["next"].as_str().unwrap();
    let rest = app
        .get(&format!("/v1/rates?sort=date&limit=2&after={next}"))
        .await;
    assert_eq!(json!(rest.each("date")), json!(["2018-02-14", "2018-03-01"]));
}
