//! Conversions: what has a rate is converted, what has none is left in its own currency, and nothing is a false zero.

use serde_json::Value;

use crate::{answer::Answer, prelude::*};

async fn rates(app: &App, list: &[(&str, &str, &str, &str)]) {
    let list: Vec<Value> = list
        .iter()
        .map(|(currency, date, per_usd, source)| {
            json!({"currency": currency, "date": date, "per_usd": per_usd, "source": source})
        })
        .collect();
    app.put("/v1/rates", json!(list)).await.expect(200);
}

/// The euro at 0.8 on the day of the ministerial and at half a dollar's worth more in June; nothing else.
async fn euros(app: &App) {
    rates(
        app,
        &[
            ("EUR", "2018-02-13", "0.8", "test"),
            ("EUR", "2018-06-01", "1", "test"),
        ],
    )
    .await;
}

/// A grant of so much, announced on 13 February 2018 but for these fields; its id.
async fn grant(app: &App, participant: &str, amount: &str, currency: &str, fields: Value) -> String {
    let mut pledge =
        json!({"participant": participant, "qualifier": "exact", "amount": amount, "currency": currency});
    for (name, value) in fields.as_object().unwrap() {
        pledge[name] = value.clone();
    }
    app.pledge_with(pledge).await
}

fn converted(totals: &Answer) -> &Value {
    let groups = totals["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{totals}");
    &groups[0]["converted"]
}

/// min, point, max, committed, paid, withdrawn, outstanding.
fn figures(of: &Value) -> [&str; 7] {
    [
        "min",
        "point",
        "max",
        "committed",
        "paid",
        "withdrawn",
        "outstanding",
    ]
    .map(|name| {
        of[name].as_str().unwrap_or_else(|| {
            if of[name].is_null() {
                "-"
            } else {
                panic!("{name} of {of}")
            }
        })
    })
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_currency_needs_no_rate_and_no_day(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let undated = json!({"announced_on": null});
    let kuwait = grant(&app, "KWT", "1000000000", "USD", undated.clone()).await;
    app.event(&kuwait, "paid", "5", "2016").await;
    grant(&app, "USA", "7", "USD", json!({})).await;
    grant(&app, "DEU", "500", "EUR", undated).await;
    for day in ["", "&rate_date=event", "&rate_date=announced&rate_max_age=0"] {
        for basis in [
            "",
            "&restatements=include",
            "&parents=only",
            "&parents=children",
            "&instruments=grant",
        ] {
            let totals = app.totals(&format!("in=USD{day}{basis}")).await;
            let whole = converted(&totals);
            assert_eq!(
                figures(whole),
                [
                    "1000000007.00",
                    "1000000007.00",
                    "1000000007.00",
                    "-",
                    "5.00",
                    "-",
                    "1000000002.00"
                ],
                "{day}{basis}"
            );
            assert_eq!(whole["pledges"], 2);
            let left = &whole["unconverted"];
            assert_eq!(left.as_array().unwrap().len(), 1, "{left}");
            assert_eq!(
                (&left[0]["currency"], &left[0]["pledges"]),
                (&json!("EUR"), &json!(1))
            );
            assert_eq!(
                figures(&left[0]),
                ["500.00", "500.00", "500.00", "0.00", "0.00", "0.00", "500.00"]
            );
            let euros = app.totals(&format!("in=EUR&currency=EUR{day}{basis}")).await;
            assert_eq!(
                figures(converted(&euros)),
                ["500.00", "500.00", "500.00", "0.00", "0.00", "0.00", "500.00"]
            );
            assert_eq!(converted(&euros)["unconverted"], json!([]));
            assert_eq!(euros["rates"], json!([]));
            let explained = app
                .get(&format!("/v1/totals/explain?in=USD&participant=KWT{day}{basis}"))
                .await
                .expect(200);
            let pledge = &explained["groups"][0]["counted"][0];
            assert_eq!(pledge["converted"]["outstanding"], "999999995.00", "{explained}");
            assert!(pledge.get("unconverted").is_none(), "{explained}");
        }
    }
    let csv = app.totals("in=USD&participant=KWT&format=csv").await;
    assert!(csv.text.contains("\nUSD,1,0,1000000000.00,"), "{csv}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_rate_is_null_and_stands_in_its_own_currency(#[case] engine: Engine) {
    let app = App::start(engine).await;
    euros(&app).await;
    let zlotys = grant(&app, "POL", "100", "PLN", json!({})).await;
    app.event(&zlotys, "committed", "70", "2018-03").await;
    app.event(&zlotys, "paid", "50", "2018-04").await;
    app.event(&zlotys, "withdrawn", "20", "2018-05").await;
    grant(&app, "USA", "9", "USD", json!({})).await;
    let paid = grant(&app, "DEU", "80", "EUR", json!({})).await;
    app.event(&paid, "paid", "8", "2018-02-13").await;

    let totals = app.totals("participant=POL&in=USD").await;
    let whole = converted(&totals);
    assert_eq!(figures(whole), ["-"; 7]);
    assert_eq!(whole["pledges"], 0);
    assert_eq!(
        figures(&whole["unconverted"][0]),
        ["100.00", "100.00", "100.00", "70.00", "50.00", "20.00", "30.00"]
    );
    assert!(
        totals["note"].as_str().unwrap().contains("rates load"),
        "{totals}"
    );
    let csv = app.totals("participant=POL&in=USD&format=csv").await;
    assert!(
        csv.header("pledgebook-note").unwrap().contains("rates load"),
        "{csv}"
    );
    assert!(
        csv.text.contains(
            "USD,0,0,,,,,,,,1,0,0,PLN pledges=1 min=100.00 point=100.00 max=100.00 committed=70.00 paid=50.00 withdrawn=20.00 outstanding=30.00,announced,first by name"
        ),
        "{csv}"
    );
    // Beside others: nothing was committed of what converts, and that is not known of the whole.
    let totals = app.totals("in=USD").await;
    assert_eq!(
        figures(converted(&totals)),
        ["109.00", "109.00", "109.00", "-", "10.00", "-", "99.00"]
    );
    // Where all converted and nothing happened it is zero.
    let totals = app.totals("in=USD&participant=USA,DEU").await;
    assert_eq!(
        figures(converted(&totals)),
        ["109.00", "109.00", "109.00", "0.00", "10.00", "0.00", "99.00"]
    );
    assert!(totals.body.get("note").is_none(), "{totals}");
    // Null comes last, either way.
    for (sort, order) in [("paid", ["USA", "DEU", "POL"]), ("-paid", ["DEU", "USA", "POL"])] {
        let totals = app
            .totals(&format!("group_by=participant&in=USD&sort={sort}"))
            .await;
        let keys: Vec<_> = totals["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["key"]["participant"].as_str().unwrap())
            .collect();
        assert_eq!(keys, order, "{sort}");
    }
    // The explanation says the same of the pledge.
    let explained = app
        .get("/v1/totals/explain?in=USD&participant=POL&lang=ar")
        .await
        .expect(200);
    let pledge = &explained["groups"][0]["counted"][0];
    assert_eq!(pledge["converted"], Value::Null);
    assert_eq!(
        figures(&pledge["unconverted"]),
        ["100.00", "100.00", "100.00", "70.00", "50.00", "20.00", "30.00"]
    );
    assert!(
        explained["note"].as_str().unwrap().contains("أسعار"),
        "{explained}"
    );
    // On whichever page, as totals do: the first group of these is of Germany, which has its rate.
    let page = app
        .get("/v1/totals/explain?in=USD&group_by=participant&limit=1")
        .await
        .expect(200);
    assert_eq!(page["groups"][0]["key"]["participant"], "DEU", "{page}");
    assert!(page["note"].is_string(), "{page}");
    // A pledge that states no amount is neither converted nor left.
    app.pledge_with(json!({"participant": "FRA", "instrument": "political"}))
        .await;
    let totals = app.totals("in=USD&participant=FRA").await;
    assert_eq!(
        figures(converted(&totals)),
        ["-", "-", "-", "0.00", "0.00", "0.00", "-"]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn with_rate_date_event_each_figure_converts_on_its_own(#[case] engine: Engine) {
    let app = App::start(engine).await;
    euros(&app).await;
    // Increased, reduced and frozen on days without a rate: what was pledged converts at the announcement.
    let whole = grant(&app, "DEU", "80", "EUR", json!({})).await;
    app.event(&whole, "increased", "20", "2018-09-01").await;
    app.event(&whole, "reduced", "4", "2018-09-02").await;
    app.event(&whole, "frozen", None, "2018-09-03").await;
    app.event(&whole, "committed", "8", "2018-06-01").await;
    let totals = app.totals("in=USD&rate_date=event").await;
    assert_eq!(
        figures(converted(&totals)),
        ["120.00", "120.00", "120.00", "8.00", "0.00", "0.00", "120.00"]
    );
    // One payment without a rate leaves the others converted, and itself and what is outstanding where they are.
    app.event(&whole, "paid", "16", "2018-02-14").await;
    app.event(&whole, "paid", "10", "2018-06-02").await;
    app.event(&whole, "paid", "5", "2018-09-04").await;
    app.event(&whole, "redirected", "4", "2018-02-13").await;
    let totals = app.totals("in=USD&rate_date=event").await;
    assert_eq!(
        figures(converted(&totals)),
        ["120.00", "120.00", "120.00", "8.00", "30.00", "5.00", "-"]
    );
    let left = &converted(&totals)["unconverted"][0];
    assert_eq!(figures(left), ["-", "-", "-", "-", "5.00", "-", "61.00"]);
    assert_eq!(
        (&left["pledges"], &converted(&totals)["pledges"]),
        (&json!(1), &json!(1))
    );
    let explained = app
        .get("/v1/totals/explain?in=USD&rate_date=event")
        .await
        .expect(200);
    let pledge = &explained["groups"][0]["counted"][0];
    assert_eq!(figures(&pledge["converted"]), figures(converted(&totals)));
    assert_eq!(figures(&pledge["unconverted"]), figures(left));
    assert_eq!(pledge["converted"]["rates"].as_array().unwrap().len(), 2);
    // A payment converts also where the announcement has no rate.
    let early = grant(&app, "ITA", "50", "EUR", json!({"announced_on": "2017"})).await;
    app.event(&early, "paid", "20", "2018-06-01").await;
    let totals = app.totals("in=USD&rate_date=event&participant=ITA").await;
    assert_eq!(
        figures(converted(&totals)),
        ["-", "-", "-", "-", "20.00", "-", "-"]
    );
    assert_eq!(
        figures(&converted(&totals)["unconverted"][0]),
        ["50.00", "50.00", "50.00", "0.00", "-", "0.00", "30.00"]
    );
    // Outstanding needs the point, also where nothing was paid; without a point there is none anywhere.
    let open = grant(
        &app,
        "ESP",
        "10",
        "EUR",
        json!({"announced_on": null, "qualifier": "up_to", "amount": null, "amount_max": "10"}),
    )
    .await;
    app.event(&open, "expired", "4", "2018-06-01").await;
    let totals = app.totals("in=USD&rate_date=event&participant=ESP").await;
    assert_eq!(
        figures(converted(&totals)),
        ["-", "-", "-", "-", "-", "4.00", "-"]
    );
    assert_eq!(
        figures(&converted(&totals)["unconverted"][0]),
        ["0.00", "-", "10.00", "0.00", "0.00", "-", "-"]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_explanation_has_the_groups_of_its_totals_in_their_order(#[case] engine: Engine) {
    let app = App::start(engine).await;
    rates(
        &app,
        &[
            ("EUR", "2018-02-14", "0.8", "ECB"),
            ("EUR", "2018-06-30", "0.6", "ECB"),
        ],
    )
    .await;
    let late = grant(&app, "DEU", "100", "EUR", json!({"announced_on": "2018-02-14"})).await;
    app.event(&late, "paid", "10", "2018-06-30").await;
    let early = grant(&app, "FRA", "100", "EUR", json!({"announced_on": "2018-02-14"})).await;
    app.event(&early, "paid", "12", "2018-02-14").await;
    for sort in ["-paid", "paid", "-outstanding", "-committed"] {
        let asked = format!("group_by=participant&in=USD&rate_date=event&sort={sort}");
        let totals = app.totals(&asked).await;
        let explained = app.get(&format!("/v1/totals/explain?{asked}")).await.expect(200);
        for at in 0..2 {
            assert_eq!(
                totals["groups"][at]["key"], explained["groups"][at]["key"],
                "{sort}"
            );
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn of_several_sources_the_first_by_name_serves_or_the_one_that_is_chosen(#[case] engine: Engine) {
    let app = App::start(engine).await;
    rates(
        &app,
        &[
            ("KWD", "2018-02-13", "0.30", "IMF"),
            ("KWD", "2018-02-13", "0.25", "Central Bank, Kuwait"),
            ("KWD", "2018-02-12", "0.20", "البنك المركزي"),
        ],
    )
    .await;
    grant(&app, "KWT", "3", "KWD", json!({})).await;
    let basis = |answer: &Answer| answer.header("pledgebook-basis").unwrap().to_owned();
    let mut tags = std::collections::BTreeSet::new();
    for (asked, point, shown, header) in [
        ("", "12.00", "first by name", "first by name"),
        ("&rate_source=IMF", "10.00", "IMF", "IMF"),
        (
            "&rate_source=%22Central+Bank,+Kuwait%22",
            "12.00",
            "\"Central Bank, Kuwait\"",
            "\"Central Bank, Kuwait\"",
        ),
        (
            "&rate_source=IMF,%22Central+Bank,+Kuwait%22",
            "12.00",
            "\"Central Bank, Kuwait\",IMF",
            "\"Central Bank, Kuwait\",IMF",
        ),
        (
            "&rate_source=البنك+المركزي",
            "15.00",
            "البنك المركزي",
            "%D8%A7%D9%84%D8%A8%D9%86%D9%83 %D8%A7%D9%84%D9%85%D8%B1%D9%83%D8%B2%D9%8A",
        ),
        ("&rate_source=ECB", "-", "ECB", "ECB"),
        (
            "&rate_source=Central+Bank,Kuwait",
            "-",
            "Central Bank,Kuwait",
            "Central Bank,Kuwait",
        ),
    ] {
        let totals = app.totals(&format!("in=USD{asked}")).await;
        assert_eq!(figures(converted(&totals))[1], point, "{asked}");
        assert_eq!(totals["basis"]["rate_source"], shown);
        let sentence = totals["basis"]["text"].as_str().unwrap();
        assert!(asked.is_empty() || sentence.contains(shown), "{sentence}");
        assert!(
            !asked.is_empty() || sentence.contains("the first by name serves"),
            "{sentence}"
        );
        assert!(
            basis(&totals).ends_with(&format!("rate_source={header}")),
            "{}",
            basis(&totals)
        );
        let left = converted(&totals)["unconverted"].as_array().unwrap().len();
        assert_eq!(left, usize::from(point == "-"));
        let explained = app
            .get(&format!("/v1/totals/explain?in=USD{asked}"))
            .await
            .expect(200);
        assert_eq!(explained["basis"]["rate_source"], shown);
        assert_eq!(
            explained["groups"][0]["counted"][0]["converted"]["point"]
                .as_str()
                .unwrap_or("-"),
            point
        );
        let csv = app.totals(&format!("in=USD&format=csv{asked}")).await;
        assert_eq!(basis(&csv), basis(&totals));
        assert!(csv.text.contains("rate_source"), "{csv}");
        for answer in [&totals, &csv] {
            let tag = answer.header("etag").unwrap().to_owned();
            assert!(tags.insert(tag), "{asked}: another basis, another tag");
        }
    }
    // A cursor belongs to the sources that it was made with.
    grant(&app, "USA", "3", "USD", json!({})).await;
    let next = app
        .totals("group_by=participant&in=USD&rate_source=IMF&limit=1")
        .await["next"]
        .clone();
    let next = next.as_str().unwrap();
    app.totals(&format!(
        "group_by=participant&in=USD&rate_source=IMF&limit=1&after={next}"
    ))
    .await;
    app.get(&format!(
        "/v1/totals?group_by=participant&in=USD&rate_source=ECB&limit=1&after={next}"
    ))
    .await
    .problem(400, "malformed")
    .fault("?after");
    for bad in [
        "rate_source=IMF",
        "in=USD&rate_source=",
        "in=USD&rate_source=%22IMF",
        "in=USD&rate_source=IMF,",
    ] {
        app.get(&format!("/v1/totals?{bad}"))
            .await
            .problem(400, "malformed")
            .fault("?rate_source");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_headline_converts_at_one_day(#[case] engine: Engine) {
    let app = App::start(engine).await;
    rates(
        &app,
        &[
            ("EUR", "2018-02-10", "0.9", "test"),
            ("EUR", "2018-02-14", "0.8", "test"),
            ("EUR", "2018-02-28", "1", "test"),
        ],
    )
    .await;
    let meeting = |slug: &str, fields: Value| {
        let mut meeting = json!({"slug": slug, "headline_amount": "1000", "need_amount": "4000", "headline_currency": "EUR"});
        for (name, value) in fields.as_object().unwrap() {
            meeting[name] = value.clone();
        }
        meeting
    };
    let days = app
        .meeting_with(meeting(
            "days",
            json!({"starts_on": "2018-02-12", "ends_on": "2018-02-14"}),
        ))
        .await;
    let month = app
        .meeting_with(meeting("month", json!({"starts_on": "2018-02"})))
        .await;
    let headline = async |slug: &str, query: &str| {
        let totals = app
            .get(&format!("/v1/meetings/{slug}/totals{query}"))
            .await
            .expect(200);
        totals["headline"].clone()
    };
    // Nobody pledged in its currency: what is not there is not zero.
    assert_eq!(
        headline(&days, "").await,
        json!({"currency": "EUR", "amount": "1000.00", "need": "4000.00", "counted": null, "gap": null, "need_gap": null})
    );
    app.pledge_by("USA", &days, "250", "USD").await;
    app.pledge_by("DEU", &days, "80", "EUR").await;
    app.pledge_by("DEU", &month, "80", "EUR").await;
    let plain = json!({"currency": "EUR", "amount": "1000.00", "need": "4000.00", "counted": "80.00", "gap": "920.00", "need_gap": "3920.00"});
    assert_eq!(headline(&days, "?participant=USA").await, plain);
    // At the meeting's last day, also where the pledges convert at their own: 1000 / 0.8, and 250 + 80 / 0.8.
    for query in [
        "?in=USD",
        "?in=USD&rate_date=event",
        "?in=USD&participant=USA&group_by=state",
    ] {
        let shown = headline(&days, query).await;
        for (name, value) in plain.as_object().unwrap() {
            assert_eq!(&shown[name], value);
        }
        assert_eq!(
            shown["converted"],
            json!({"currency": "USD", "amount": "1250.00", "need": "5000.00", "counted": "350.00", "gap": "900.00", "need_gap": "4650.00", "rate_date": "2018-02-14", "unconverted": []}),
            "{query}"
        );
    }
    assert_eq!(
        headline(&month, "?in=USD").await["converted"]["amount"],
        "1000.00"
    );
    let fixed = headline(&days, "?in=USD&rate_date=2018-02-10").await;
    assert_eq!(fixed["converted"]["amount"], "1111.11");
    assert_eq!(fixed["converted"]["counted"], "338.89");
    // In its own currency it needs no rate; dollars do.
    let same = headline(&days, "?in=EUR").await;
    assert_eq!(same["converted"]["amount"], "1000.00");
    assert_eq!(same["converted"]["counted"], "280.00");
    // What has no rate is said, and no gap is made up where nothing is known.
    let none = app
        .get(&format!("/v1/meetings/{days}/totals?in=KWD"))
        .await
        .expect(200);
    let shown = &none["headline"]["converted"];
    for name in ["amount", "need", "counted", "gap", "need_gap"] {
        assert_eq!(shown[name], Value::Null, "{shown}");
    }
    assert_eq!(shown["unconverted"].as_array().unwrap().len(), 2);
    assert!(none["note"].is_string());
    let rated = app
        .get(&format!("/v1/meetings/{days}/totals?in=USD&participant=USA"))
        .await;
    assert_eq!(rated["rates"][0]["date"], "2018-02-14", "{rated}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn membership_is_asked_of_a_coalitions_meeting(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let coalition = app.coalition("global").await;
    app.member(&coalition, "USA", "2014").await;
    let theirs = app
        .meeting_with(json!({"slug": "theirs", "coalition": coalition}))
        .await;
    let other = app.meeting("other").await;
    for meeting in [&theirs, &other] {
        for participant in ["USA", "KWT"] {
            app.pledge_by(participant, meeting, "10", "USD").await;
        }
    }
    grant(&app, "USA", "5", "USD", json!({})).await;
    for path in [
        "/v1/meetings/other/totals?membership_at=2018",
        "/v1/meetings/other/totals/explain?membership_at=2018",
        "/v1/totals?meeting=other&membership_at=2018",
        "/v1/totals/explain?meeting=OTHER&membership_at=2018",
    ] {
        let path = path.replace("OTHER", "other");
        let refused = app.get(&path).await.problem(400, "malformed");
        assert_eq!(refused["errors"][0]["code"], "no_coalition", "{refused}");
        assert_eq!(refused["errors"][0]["pointer"], "?membership_at");
    }
    for query in [
        "membership_at=2018",
        "membership_at=2018&in=USD",
        "membership_at=2018&parents=only",
    ] {
        let totals = app.totals(query).await;
        assert_eq!(totals["groups"][0]["by_currency"][0]["point"], "10.00");
        let left: Vec<_> = totals["excluded"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| {
                (
                    it["reason"].as_str().unwrap(),
                    it["pledges"].as_i64().unwrap(),
                    it["by_currency"][0]["point"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            left,
            [("not_a_member", 1, "10.00"), ("no_coalition", 3, "25.00")],
            "{query}"
        );
    }
    let some = app.totals("meeting=other,theirs&membership_at=2018").await;
    assert_eq!(some["groups"][0]["pledges"], 1);
    let explained = app.get("/v1/totals/explain?membership_at=2018").await.expect(200);
    let reasons: Vec<_> = explained["groups"][0]["excluded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["reason"].as_str().unwrap())
        .collect();
    assert_eq!(
        reasons,
        ["not_a_member", "no_coalition", "no_coalition", "no_coalition"]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_unbounded_is_told_per_currency_and_ranges_match_by_overlap(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let ranged = async |qualifier: &str, amounts: Value| {
        let mut pledge = json!({"participant": "USA", "qualifier": qualifier, "currency": "USD"});
        for (name, value) in amounts.as_object().unwrap() {
            pledge[name] = value.clone();
        }
        app.pledge_with(pledge).await
    };
    let at_least = ranged("at_least", json!({"amount_min": "100"})).await;
    let up_to = ranged("up_to", json!({"amount_min": "20", "amount_max": "50"})).await;
    let about = ranged(
        "about",
        json!({"amount": "30", "amount_min": "25", "amount_max": "60"}),
    )
    .await;
    let exact = ranged("exact", json!({"amount": "40"})).await;
    ranged("at_least", json!({"amount_min": "1", "currency": "EUR"})).await;
    ranged("at_least", json!({"amount_min": "1", "currency": "EUR"})).await;
    ranged("exact", json!({"amount": "1", "currency": "EUR"})).await;
    app.event(&exact, "increased", "30", "2018-03").await;
    let totals = app.totals("").await;
    let told: Vec<_> = totals["groups"][0]["by_currency"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["currency"].as_str().unwrap(),
                row["unbounded"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("EUR", 2), ("USD", 1)]);
    assert_eq!(totals["groups"][0]["unbounded"], 3);
    for grouped in ["group_by=currency", "group_by=year"] {
        let sum: i64 = app.totals(grouped).await["groups"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|group| group["by_currency"].as_array().unwrap())
            .map(|row| row["unbounded"].as_i64().unwrap())
            .sum();
        assert_eq!(sum, 3, "{grouped}");
    }
    for (query, ids) in [
        ("amount_min=101", vec![&at_least]),
        ("amount_min=70", vec![&exact, &at_least]),
        ("amount_min=61", vec![&exact, &at_least]),
        ("amount_min=60", vec![&exact, &about, &at_least]),
        ("amount_max=19.99", vec![]),
        ("amount_max=20", vec![&up_to]),
        ("amount_max=25", vec![&about, &up_to]),
        ("amount_max=70", vec![&exact, &about, &up_to]),
        ("amount_min=51&amount_max=69", vec![&about]),
        ("amount_min=1000000", vec![&at_least]),
        (
            "amount_max=1000000000000001",
            vec![&exact, &about, &up_to, &at_least],
        ),
    ] {
        let list = app
            .get(&format!("/v1/pledges?currency=USD&{query}"))
            .await
            .expect(200);
        let found: Vec<_> = list.items().iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(found, ids, "{query}");
        let totals = app.totals(&format!("currency=USD&{query}")).await;
        assert_eq!(
            totals["groups"][0]["pledges"].as_i64(),
            i64::try_from(ids.len()).ok(),
            "{query}"
        );
    }
}
