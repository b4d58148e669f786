//! Rates: units of a currency per US dollar.

use pledgebook::{
    history::Author,
    rates::{self, Plausibility},
};
use serde_json::Value;

use crate::{
    prelude::*,
    support::{carried_data, not_run},
};

fn rate(currency: &str, date: &str, per_usd: &str, source: &str) -> Value {
    json!({"currency": currency, "date": date, "per_usd": per_usd, "source": source})
}

/// What the program's own loader makes of these.
async fn loaded(app: &App, drafts: Vec<rates::Draft>) -> rates::Loaded {
    let author = Author {
        actor: "loader".into(),
        reason: None,
        holder: None,
        claim: None,
    };
    rates::load(app.register(), &author, drafts, Plausibility::Checked, |_| {})
        .await
        .unwrap()
}

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
        json!({"created": 3, "updated": 0, "unchanged": 0, "unjudged": true, "unjudged_rates": [
            {"currency": "KWD", "date": "2018-02-14", "source": "البنك المركزي"},
        ]})
    );
    assert_eq!(
        app.put("/v1/rates", rates).await.expect(200).body,
        json!({"created": 0, "updated": 0, "unchanged": 3, "unjudged": false, "unjudged_rates": []})
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
        json!({"created": 1, "updated": 1, "unchanged": 0, "unjudged": false, "unjudged_rates": []})
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
        ("source=%22Central+Bank,+Kuwait%22", 1),
        ("source=%22Central+Bank,+Kuwait%22,ECB", 4),
        ("source=IMF,+ECB", 3),
        ("source=%22ECB", 0),
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

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_wild_rate_is_refused_by_name_and_takes_no_neighbour_down(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let euro = |day: u32, per_usd: &str| rate("EUR", &format!("2018-02-{day:02}"), per_usd, "ECB");
    let good: Vec<_> = [12, 13, 15, 16].map(|day| euro(day, "0.81")).to_vec();
    // With good ones on both sides, in whichever order they come.
    let mut list = good.clone();
    list.insert(1, euro(14, "10.223"));
    let refused = app.put("/v1/rates", json!(list)).await.problem(422, "invalid");
    let faults = refused["errors"].as_array().unwrap();
    assert_eq!(faults.len(), 1, "{refused}");
    assert_eq!(
        (&faults[0]["pointer"], &faults[0]["code"]),
        (&json!("/1/per_usd"), &json!("implausible"))
    );
    let detail = faults[0]["detail"].as_str().unwrap();
    for part in [
        "10.223",
        "2018-02-14",
        "0.81 on 2018-02-13 (ECB)",
        "0.81 on 2018-02-15 (ECB)",
        "waived",
    ] {
        assert!(detail.contains(part), "{part} in {detail}");
    }
    app.put("/v1/rates", json!({"items": list}))
        .await
        .problem(422, "invalid")
        .fault("/items/1/per_usd");
    assert!(app.get("/v1/rates").await.items().is_empty());
    // Alone beside the register it fares the same.
    app.put("/v1/rates", json!(good)).await.expect(200);
    for wild in ["10.223", "0.0923", "1.2348", "0.5", "1.1"] {
        app.put("/v1/rates", json!([euro(14, wild)]))
            .await
            .problem(422, "invalid")
            .fault("/0/per_usd");
    }
    // Nor may one be corrected into a wild one. What it was is no neighbour of what it becomes.
    app.put("/v1/rates", json!([euro(16, "8.1")]))
        .await
        .problem(422, "invalid");
    app.put(
        "/v1/rates",
        json!([euro(12, "0.9"), euro(13, "0.9"), euro(15, "0.9"), euro(16, "0.9")]),
    )
    .await
    .expect(200);
    assert_eq!(
        app.put("/v1/rates", json!([euro(14, "0.9")])).await.expect(200)["created"],
        1
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_tells_which_is_wrong_both_are_named(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let first = app
        .put("/v1/rates", json!([rate("KWD", "2018-02-14", "3.33", "one")]))
        .await
        .expect(200);
    assert_eq!(first["unjudged"], true);
    assert_eq!(
        first["unjudged_rates"],
        json!([{"currency": "KWD", "date": "2018-02-14", "source": "one"}])
    );
    // The one that is kept may be the wrong one.
    for (date, source) in [
        ("2018-02-14", "two"),
        ("2018-02-15", "one"),
        ("2018-02-13", "one"),
    ] {
        let refused = app
            .put("/v1/rates", json!([rate("KWD", date, "0.3", source)]))
            .await
            .problem(422, "invalid");
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(
            detail.contains(&format!("0.3 KWD per USD on {date} ({source})"))
                && detail.contains("3.33 on 2018-02-14 (one)"),
            "{detail}"
        );
    }
    // Two that agree outweigh it.
    let pair = json!([
        rate("KWD", "2018-02-15", "0.3", "one"),
        rate("KWD", "2018-02-16", "0.3", "one")
    ]);
    assert_eq!(app.put("/v1/rates", pair).await.expect(200)["created"], 2);
    // The only kept one may be replaced, and then judges no more; beside either of the two, 4 cannot stand.
    app.put("/v1/rates", json!([rate("OMR", "2020-01-02", "2", "one")]))
        .await
        .expect(200);
    let both = json!([
        rate("OMR", "2020-01-01", "4", "one"),
        rate("OMR", "2020-01-02", "1", "one")
    ]);
    let refused = app
        .put("/v1/rates", both)
        .await
        .problem(422, "invalid")
        .fault("/0/per_usd");
    assert_eq!(refused["errors"].as_array().unwrap().len(), 1, "{refused:?}");
    // The later of two that come together is refused, wherever it stands.
    let pair = json!([
        rate("BHD", "2018-02-15", "0.376", "one"),
        rate("BHD", "2018-02-14", "2.66", "one")
    ]);
    app.put("/v1/rates", pair)
        .await
        .problem(422, "invalid")
        .fault("/0/per_usd");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_load_keeps_nothing_that_a_request_would_refuse(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let file = "currency,date,per_usd,source\nQAR,2018-02-01,0.81,one\nQAR,2018-02-02,1.23,one\nQAR,2018-02-03,1.22,one\nQAR,2018-02-04,0.81,one\nQAR,2018-02-05,0.82,one\n";
    let drafts = rates::file::read(file.as_bytes(), None).unwrap().drafts;
    let loaded = loaded(&app, drafts).await;
    assert_eq!((loaded.created, loaded.refused.len()), (3, 2));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_mistaken_waiver_is_corrected_before_what_followed_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let manat = |day: u32, per_usd: &str| json!([rate("AZN", &format!("2020-01-{day:02}"), per_usd, "a")]);
    app.put("/v1/rates", manat(1, "1.7")).await.expect(200);
    app.put("/v1/rates?plausibility=waived", manat(2, "17"))
        .await
        .expect(200);
    let follows = app.put("/v1/rates", manat(3, "17")).await.expect(200);
    assert_eq!(follows["unjudged"], true);
    app.put("/v1/rates", manat(3, "1.7"))
        .await
        .problem(422, "invalid");
    for day in [2, 3] {
        let corrected = app.put("/v1/rates", manat(day, "1.7")).await.expect(200);
        assert_eq!(
            (&corrected["updated"], &corrected["unjudged"]),
            (&json!(1), &json!(false))
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_beside_many_that_agree_does_not_say_that_nothing_tells(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dinar = |day: u32, per_usd: &str| rate("KWD", &format!("2018-02-{day:02}"), per_usd, "a");
    let kept: Vec<_> = (10..14).map(|day| dinar(day, "1")).collect();
    app.put("/v1/rates", json!(kept)).await.expect(200);
    for day in [9, 14] {
        let refused = app
            .put("/v1/rates", json!([dinar(day, "9")]))
            .await
            .problem(422, "invalid");
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(
            detail.contains("its only neighbour, 1 on") && !detail.contains("nothing tells"),
            "{detail}"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_nothing_that_is_false(#[case] engine: Engine) {
    let app = App::start(engine).await;
    // 1.7 agrees with 1.3, and 1 with neither: the letter of the rule tells.
    let three: Vec<_> = [("14", "1.0"), ("15", "1.7"), ("16", "1.3")]
        .iter()
        .map(|(day, per_usd)| rate("BHD", &format!("2018-02-{day}"), per_usd, "one"))
        .collect();
    let refused = app.put("/v1/rates", json!(three)).await.problem(422, "invalid");
    assert_eq!(refused["errors"].as_array().unwrap().len(), 1, "{refused}");
    assert_eq!(refused["errors"][0]["pointer"], "/0/per_usd");
    let detail = refused["errors"][0]["detail"].as_str().unwrap();
    assert!(
        detail.starts_with(
            "1 BHD per USD on 2018-02-14 (one) is too far off its only neighbour, 1.7 on 2018-02-15 (one). Is it"
        ) && detail.contains("send it once with ?plausibility=waived"),
        "{detail}"
    );
    // Without the one that is named the rest is taken.
    app.put("/v1/rates", json!(three[1..])).await.expect(200);
    let two = json!(three[..2]).to_string().replace("BHD", "TND");
    let two: Value = serde_json::from_str(&two).unwrap();
    let refused = app.put("/v1/rates", two).await.problem(422, "invalid");
    let detail = refused["errors"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("; nothing tells which of the two is wrong."),
        "{detail}"
    );
    // Where 1.7 agrees with none beside it, nothing but the order tells; still it is not off 1.3.
    let four: Vec<_> = [("14", "1.0"), ("15", "1.7"), ("16", "9"), ("17", "1.3")]
        .iter()
        .map(|(day, per_usd)| rate("OMR", &format!("2018-02-{day}"), per_usd, "one"))
        .collect();
    let refused = app.put("/v1/rates", json!(four)).await.problem(422, "invalid");
    let detail = refused["errors"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains(
            "is too far off 1 on 2018-02-14 (one), though not off 1.3 on 2018-02-17 (one); nothing tells"
        ),
        "{detail}"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_level_that_only_new_ones_vouch_for_says_so(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dinar = |day: u32, per_usd: &str| rate("KWD", &format!("2018-02-{day:02}"), per_usd, "one");
    app.put("/v1/rates", json!([dinar(1, "0.3"), dinar(2, "0.3")]))
        .await
        .expect(200);
    let stored = app
        .put(
            "/v1/rates",
            json!([dinar(3, "3.3"), dinar(4, "3.3"), dinar(5, "3.3")]),
        )
        .await
        .expect(200);
    assert_eq!(
        (&stored["created"], &stored["unjudged"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(stored["unjudged_rates"].as_array().unwrap().len(), 3);
    assert!(stored.body.get("unjudged_count").is_none());
    // What agrees with one that is kept by now is judged.
    let stored = app.put("/v1/rates", json!([dinar(6, "3.3")])).await.expect(200);
    assert_eq!(stored["unjudged"], false);
    // At most a hundred are named.
    let many: Vec<_> = (1..=28)
        .flat_map(|day| {
            (0..8).map(move |at| rate("KWD", &format!("2019-02-{day:02}"), "33", &format!("{at}")))
        })
        .collect();
    let stored = app.put("/v1/rates", json!(many)).await.expect(200);
    assert_eq!(
        (
            &stored["created"],
            stored["unjudged_rates"].as_array().unwrap().len()
        ),
        (&json!(224), 100)
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_trimmed_and_may_hold_what_it_likes(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let put = async |source: &str| {
        app.put("/v1/rates", json!([rate("EUR", "2018-02-14", "0.81", source)]))
            .await
    };
    assert_eq!(put("sp").await.expect(200)["created"], 1);
    for same in [" sp ", "\tsp\n", "\u{a0}sp\u{2003}", "\u{feff}sp\u{200f}"] {
        assert_eq!(put(same).await.expect(200)["unchanged"], 1, "{same:?}");
    }
    // What is left out counts as it is sent.
    assert_eq!(
        put(&format!(" {} ", "ü".repeat(198))).await.expect(200)["created"],
        1
    );
    put(&format!(" {}", "ü".repeat(200)))
        .await
        .problem(422, "invalid")
        .fault("/0/source");
    put(&"ü".repeat(201))
        .await
        .problem(422, "invalid")
        .fault("/0/source");
    for nothing in [" \u{a0}\t", "\u{200b}\u{202e}"] {
        put(nothing).await.problem(422, "invalid").fault("/0/source");
    }
    // Two that are one without it are one.
    app.put(
        "/v1/rates",
        json!([
            rate("EUR", "2018-02-15", "0.81", "sp"),
            rate("EUR", "2018-02-15", "0.82", " sp")
        ]),
    )
    .await
    .problem(422, "invalid")
    .fault("/1/per_usd");
    for source in [
        "two\nlines",
        "a\ttab",
        "a \"quote\"",
        "بنك\u{200e} ECB",
        "=1+1",
        "'",
        "{}",
        "%s\\",
    ] {
        assert_eq!(put(source).await.expect(200)["created"], 1, "{source:?}");
        let wild = json!([rate("EUR", "2018-02-14", "8.1", source)]);
        let refused = app.put("/v1/rates", wild).await.problem(422, "invalid");
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(
            detail.starts_with(&format!("8.1 EUR per USD on 2018-02-14 ({source}) ")),
            "{detail}"
        );
        let asked: String = percent_encoding::utf8_percent_encode(
            &format!("\"{}\"", source.replace('"', "\"\"")),
            percent_encoding::NON_ALPHANUMERIC,
        )
        .to_string();
        let list = app.get(&format!("/v1/rates?source={asked}")).await;
        assert_eq!(list.each("source"), [source]);
    }
    // The register's own list as CSV says the same again.
    let csv = app.get("/v1/rates?format=csv&limit=100").await.expect(200).text;
    let file = rates::file::read(csv.as_bytes(), None).unwrap();
    let drafts = file.drafts.len();
    let loaded = loaded(&app, file.drafts).await;
    assert_eq!((drafts, loaded.unchanged), (10, 10));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn two_figures_for_one_day_and_source_are_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let one = rate("EUR", "2018-02-14", "0.81", "ECB");
    app.put(
        "/v1/rates",
        json!([one, rate("EUR", "2018-02-14", "0.82", "ECB")]),
    )
    .await
    .problem(422, "invalid")
    .fault("/1/per_usd");
    let stored = app.put("/v1/rates", json!([one, one])).await.expect(200);
    assert_eq!((&stored["created"], &stored["unchanged"]), (&json!(1), &json!(1)));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn of_replacements_only_those_are_refused_that_cannot_stand(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let euro = |day: &str, per_usd: &str| rate("EUR", day, per_usd, "X");
    let kept = json!([euro("2018-02-01", "1"), euro("2018-02-02", "1")]);
    app.put("/v1/rates", kept).await.expect(200);
    let wild = euro("2018-02-01", "10");
    let near = euro("2018-02-02", "1.1");
    // However often it came, it is named each time, and takes no other with it.
    let sent: Vec<Value> = std::iter::repeat_n(&wild, 9)
        .chain([&near, &near])
        .cloned()
        .collect();
    let refused = app.put("/v1/rates", json!(sent)).await.problem(422, "invalid");
    let named: Vec<&str> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["pointer"].as_str().unwrap())
        .collect();
    let copies: Vec<String> = (0..9).map(|index| format!("/{index}/per_usd")).collect();
    assert_eq!(named, copies);
    let stored = app.put("/v1/rates", json!(&sent[9..])).await.expect(200);
    assert_eq!((&stored["updated"], &stored["unchanged"]), (&json!(1), &json!(1)));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_waived_says_so_and_judges_nobody_alone(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let pound = |day: u32, per_usd: &str| rate("LBP", &format!("2023-02-{day:02}"), per_usd, "BDL");
    app.put("/v1/rates", json!([rate("LBP", "2023-01-31", "1507.5", "BDL")]))
        .await
        .expect(200);
    app.put("/v1/rates", json!([pound(1, "15000")]))
        .await
        .problem(422, "invalid");
    let stored = app
        .put("/v1/rates?plausibility=waived", json!([pound(1, "15000")]))
        .await
        .expect(200);
    assert_eq!(
        (&stored["created"], &stored["unjudged"]),
        (&json!(1), &json!(false))
    );
    let waived = async || {
        let list = app.get("/v1/rates?sort=date&currency=LBP").await;
        list.each("waived").into_iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(waived().await, [json!(false), json!(true)]);
    let csv = app.get("/v1/rates?format=csv&sort=date").await.expect(200).text;
    assert!(csv.lines().next().unwrap().contains("waived"), "{csv}");
    // The same again changes nothing: it is still as wild as it was, and a person has looked at it.
    let again = app.put("/v1/rates", json!([pound(1, "15000")])).await.expect(200);
    assert_eq!(again["unchanged"], 1);
    // Vouched for by a waived one alone: taken, and not judged. What it does not vouch for is refused.
    app.put("/v1/rates", json!([pound(2, "150000")]))
        .await
        .problem(422, "invalid");
    let next = app.put("/v1/rates", json!([pound(2, "15010")])).await.expect(200);
    assert_eq!((&next["created"], &next["unjudged"]), (&json!(1), &json!(true)));
    // From then on it is a step like any other.
    let next = app.put("/v1/rates", json!([pound(3, "15000")])).await.expect(200);
    assert_eq!((&next["created"], &next["unjudged"]), (&json!(1), &json!(false)));
    // Sent again it is judged now, and no longer waived.
    let again = app.put("/v1/rates", json!([pound(1, "15000")])).await.expect(200);
    assert_eq!(
        (&again["updated"], &again["unjudged"]),
        (&json!(1), &json!(false))
    );
    assert_eq!(waived().await, vec![json!(false); 4]);
    let changes = app.get("/v1/changes?resource=rates&op=update").await;
    assert_eq!(
        (
            &changes.items()[0]["before"]["waived"],
            &changes.items()[0]["after"]["waived"]
        ),
        (&json!(true), &json!(false))
    );
    // It is read, not written.
    let mut written = pound(4, "15000");
    written["waived"] = json!(true);
    app.put("/v1/rates", json!([written])).await.expect(200);
    assert!(waived().await.iter().all(|it| *it == json!(false)));
}

/// A currency, its rates by day, and whether the third, of the day itself, has to be waived while it is the last.
type Devaluation = (&'static str, [(&'static str, &'static str); 5], bool);

/// Days on which a currency was really devalued: those of two days before, of the day and of two days after, units
/// per dollar, rounded, as central banks and the press had them.
const DEVALUATIONS: &[Devaluation] = &[
    (
        "RUB",
        [
            ("2014-12-15", "56.89"),
            ("2014-12-16", "58.35"),
            ("2014-12-17", "61.15"),
            ("2014-12-18", "67.79"),
            ("2014-12-19", "59.60"),
        ],
        false,
    ),
    (
        "CHF",
        [
            ("2015-01-13", "1.0202"),
            ("2015-01-14", "1.0193"),
            ("2015-01-15", "0.878"),
            ("2015-01-16", "0.8586"),
            ("2015-01-19", "0.8785"),
        ],
        false,
    ),
    (
        "KZT",
        [
            ("2015-08-19", "188.35"),
            ("2015-08-20", "188.38"),
            ("2015-08-21", "255.26"),
            ("2015-08-24", "234.99"),
            ("2015-08-25", "218.48"),
        ],
        true,
    ),
    (
        "ARS",
        [
            ("2015-12-15", "9.80"),
            ("2015-12-16", "9.83"),
            ("2015-12-17", "13.95"),
            ("2015-12-18", "13.30"),
            ("2015-12-21", "12.92"),
        ],
        true,
    ),
    (
        "AZN",
        [
            ("2015-12-17", "1.05"),
            ("2015-12-18", "1.05"),
            ("2015-12-21", "1.55"),
            ("2015-12-22", "1.55"),
            ("2015-12-23", "1.56"),
        ],
        true,
    ),
    (
        "EGP",
        [
            ("2016-11-01", "8.88"),
            ("2016-11-02", "8.88"),
            ("2016-11-03", "14.65"),
            ("2016-11-06", "15.90"),
            ("2016-11-07", "16.61"),
        ],
        true,
    ),
    (
        "UZS",
        [
            ("2017-09-01", "4210.35"),
            ("2017-09-04", "4210.35"),
            ("2017-09-05", "8100"),
            ("2017-09-06", "8100"),
            ("2017-09-07", "8100"),
        ],
        true,
    ),
    (
        "TRY",
        [
            ("2018-08-08", "5.28"),
            ("2018-08-09", "5.55"),
            ("2018-08-10", "6.43"),
            ("2018-08-13", "6.88"),
            ("2018-08-14", "6.35"),
        ],
        false,
    ),
    (
        "IQD",
        [
            ("2020-12-16", "1190"),
            ("2020-12-17", "1190"),
            ("2020-12-20", "1460"),
            ("2020-12-21", "1460"),
            ("2020-12-22", "1460"),
        ],
        false,
    ),
    (
        "SDG",
        [
            ("2021-02-17", "55"),
            ("2021-02-18", "55"),
            ("2021-02-21", "375.08"),
            ("2021-02-22", "376.5"),
            ("2021-02-23", "377.2"),
        ],
        true,
    ),
    (
        "LBP",
        [
            ("2023-01-30", "1507.5"),
            ("2023-01-31", "1507.5"),
            ("2023-02-01", "15000"),
            ("2023-02-02", "15000"),
            ("2023-02-03", "15000"),
        ],
        true,
    ),
    (
        "NGN",
        [
            ("2023-06-12", "471.33"),
            ("2023-06-13", "471.67"),
            ("2023-06-14", "664.04"),
            ("2023-06-15", "702.19"),
            ("2023-06-16", "663.04"),
        ],
        true,
    ),
    (
        "MWK",
        [
            ("2023-11-07", "1180.29"),
            ("2023-11-08", "1180.29"),
            ("2023-11-09", "1699.31"),
            ("2023-11-10", "1699.31"),
            ("2023-11-13", "1700.00"),
        ],
        true,
    ),
    (
        "ARS",
        [
            ("2023-12-11", "366.05"),
            ("2023-12-12", "366.45"),
            ("2023-12-13", "799.95"),
            ("2023-12-14", "800.85"),
            ("2023-12-15", "801.45"),
        ],
        true,
    ),
    (
        "EGP",
        [
            ("2024-03-04", "30.85"),
            ("2024-03-05", "30.85"),
            ("2024-03-06", "49.40"),
            ("2024-03-07", "49.36"),
            ("2024-03-10", "49.10"),
        ],
        true,
    ),
    (
        "ETB",
        [
            ("2024-07-25", "57.40"),
            ("2024-07-26", "57.48"),
            ("2024-07-29", "74.74"),
            ("2024-07-30", "78.05"),
            ("2024-07-31", "80.12"),
        ],
        false,
    ),
];

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_real_devaluation_gets_in(#[case] engine: Engine) {
    for (currency, days, needs_waiving) in DEVALUATIONS {
        let app = App::start(engine).await;
        let [earlier, before, day, after, later] = days;
        let one = |(date, per_usd): &(&str, &str)| json!([rate(currency, date, per_usd, "central bank")]);
        app.put("/v1/rates", one(earlier)).await.expect(200);
        app.put("/v1/rates", one(before)).await.expect(200);
        // On the day itself nothing tells it from a mistake, where it is large.
        if *needs_waiving {
            app.put("/v1/rates", one(day)).await.problem(422, "invalid");
            app.put("/v1/rates?plausibility=waived", one(day))
                .await
                .expect(200);
        } else {
            app.put("/v1/rates", one(day)).await.expect(200);
        }
        // Then nobody needs to say so again.
        app.put("/v1/rates", one(after)).await.expect(200);
        app.put("/v1/rates", one(later)).await.expect(200);
        // Its history, sent whole, needs no waiving at all.
        let app = App::start(engine).await;
        let whole: Vec<_> = days
            .iter()
            .map(|(date, per_usd)| rate(currency, date, per_usd, "central bank"))
            .collect();
        let stored = app.put("/v1/rates", json!(whole)).await.expect(200);
        assert_eq!(
            (&stored["created"], &stored["unjudged"]),
            (&json!(5), &json!(false)),
            "{currency}"
        );
    }
}

/// Of each day of the European Central Bank's file: the date, and by currency its units per dollar, approximately.
fn ecb_rates() -> Vec<Value> {
    let text = std::fs::read_to_string(carried_data("rates/ecb.csv")).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let mut rates = Vec::new();
    for cells in lines {
        let usd: f64 = cells[1].parse().unwrap();
        rates.push(rate("EUR", cells[0], &format!("{:.12}", 1.0 / usd), "ECB"));
        assert_eq!(cells.len(), names.len(), "{cells:?}");
        for (currency, cell) in names.iter().zip(&cells).skip(2) {
            if !cell.is_empty() && !["BGN", "HRK", "LTL"].contains(currency) {
                let number: f64 = cell.parse().unwrap();
                rates.push(rate(currency, cells[0], &format!("{:.12}", number / usd), "ECB"));
            }
        }
    }
    rates
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn beside_the_ecb_s_history_no_wild_rate_gets_in(#[case] engine: Engine) {
    let history = ecb_rates();
    let app = App::start(engine).await;
    let began = std::time::Instant::now();
    for rates in history.chunks(20_000) {
        app.put("/v1/rates", json!(rates)).await.expect(200);
    }
    println!("{} rates of the ECB in {:?}", history.len(), began.elapsed());
    let number = |rate: &Value| rate["per_usd"].as_str().unwrap().parse::<f64>().unwrap();
    let day = |date: &str| date.parse::<chrono::NaiveDate>().unwrap();
    let mut by_currency = std::collections::BTreeMap::<_, std::collections::BTreeMap<_, f64>>::new();
    for rate in &history {
        let of_currency = by_currency.entry(rate["currency"].as_str().unwrap()).or_default();
        of_currency.insert(day(rate["date"].as_str().unwrap()), number(rate));
    }
    // Wild is what is more than 1.35 times off the bank's nearest day, however far away that is: not what the guard says.
    let is_wild = |currency: &str, date: chrono::NaiveDate, seen: f64| {
        let kept = &by_currency[currency];
        let beside = [kept.range(..=date).next_back(), kept.range(date..).next()];
        let nearest = beside
            .into_iter()
            .flatten()
            .min_by_key(|(at, _)| (**at - date).abs());
        nearest.is_some_and(|(_, rate)| (seen / rate).max(rate / seen) > 1.35)
    };
    let text = std::fs::read_to_string(carried_data("rates/seen.csv")).unwrap();
    let mut tried = std::collections::BTreeSet::new();
    let mut got_in = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        for date in [cells[1], cells[2]] {
            let seen: f64 = cells[3].parse().unwrap();
            let known = by_currency.contains_key(cells[0]) && !date.is_empty() && seen > 0.0;
            if known && is_wild(cells[0], day(date), seen) && tried.insert((cells[0], date, cells[3])) {
                // Whatever its source is called: of one day they stand by name.
                for source in ["A list", "seen"] {
                    let wild = rate(cells[0], date, cells[3], source);
                    let answer = app.put("/v1/rates", json!([wild])).await;
                    if answer.status == 422 {
                        answer.problem(422, "invalid").fault("/0/per_usd");
                    } else {
                        got_in.push(wild);
                    }
                }
            }
        }
    }
    println!(
        "{engine:?}: {} wild rates tried, {} got in",
        tried.len(),
        got_in.len()
    );
    assert!(tried.len() > 30, "only {} wild rates were found", tried.len());
    assert_eq!(got_in, Vec::<Value>::new());
    let count = app.get("/v1/rates?count=true&limit=1").await;
    assert_eq!(count["count"], history.len());
}

/// The program that docs/rates.md gives, as it stands there.
fn recipe() -> &'static str {
    let docs = include_str!("../../docs/rates.md");
    let (_, from) = docs.split_once("```python\n").unwrap();
    from.split_once("```").unwrap().0
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_recipe_of_the_docs_loads_the_ecb_s_file_exactly(#[case] engine: Engine) {
    let version = tokio::process::Command::new("python3")
        .arg("--version")
        .output()
        .await;
    if !version.is_ok_and(|it| it.status.success()) {
        not_run("python3 is not there: the recipe of docs/rates.md was not tried");
        return;
    }
    // As the bank has it: commas at the ends, days and currencies without a rate, one that is no longer.
    let table = include_str!("../../data/ecb-2018.csv").replace('\n', ",7.4\n");
    let table = table.replacen(",7.4\n", ",HRK,\n", 1)
        + "2018-09-01,N/A,,,,,,,,,,\n2017-12-29,1.1993,135.01,N/A,,,,,,,,,\n";
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name);
    std::fs::write(place("load.py"), recipe()).unwrap();
    std::fs::write(place("eurofxref-hist.csv"), &table).unwrap();
    let app = App::start(engine).await;
    let ran = tokio::process::Command::new("python3")
        .arg(place("load.py"))
        .args([&app.base, &app.keys.editor])
        .arg(place("eurofxref-hist.csv"))
        .env("NO_PROXY", "*")
        .output()
        .await
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let list = app
        .get("/v1/rates?currency=EUR&date_from=2018-02-14&date_to=2018-02-14")
        .await;
    assert_eq!(list.each("per_usd"), ["0.809847748623258827"]);
    assert_eq!(list.each("source"), ["ECB"]);
    // The program's own loader finds nothing to add, and nothing that differs.
    let file = rates::file::read(table.as_bytes(), Some("ECB")).unwrap();
    assert_eq!(file.unknown.values().sum::<usize>(), 149);
    let total = file.drafts.len();
    let loaded = loaded(&app, file.drafts).await;
    assert_eq!((total, loaded.unchanged), (149 * 10 + 2, 149 * 10 + 2));
    let count = app.get("/v1/rates?count=true&limit=1").await;
    assert_eq!(count["count"], total);
}
