//! Totals: what was promised, what of it counts, and what was left out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{answer::Answer, pledges::granted, prelude::*};

/// The one row of the one group in a currency.
#[track_caller]
fn row<'a>(of: &'a Value, currency: &str) -> &'a Value {
    of["by_currency"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["currency"] == currency)
        .unwrap_or_else(|| panic!("no row in {currency} of {of}"))
}

#[track_caller]
fn the_group(totals: &Answer) -> &Value {
    let groups = totals["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{totals}");
    assert_eq!(groups[0]["key"], json!({}));
    &groups[0]
}

/// Left out for a reason; null where nothing was.
fn excluded<'a>(totals: &'a Answer, reason: &str) -> &'a Value {
    totals["excluded"]
        .as_array()
        .unwrap()
        .iter()
        .find(|left_out| left_out["reason"] == reason)
        .unwrap_or(&Value::Null)
}

/// Hundredths of a two-digit currency; null is nothing.
fn cents(amount: &Value) -> i64 {
    amount
        .as_str()
        .map_or(0, |text| text.replace('.', "").parse().unwrap())
}

/// What a sum comes to, per currency.
fn sums<'a>(
    rows: impl IntoIterator<Item = &'a Value>,
    field: &str,
    skip_nothing: bool,
) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for row in rows {
        if let Some(currency) = row["currency"].as_str() {
            *sums.entry(currency.to_owned()).or_default() += cents(&row[field]);
        }
    }
    if skip_nothing {
        sums.retain(|_, sum| *sum != 0);
    }
    sums
}

fn rows_of(list: &Value) -> Vec<&Value> {
    list.as_array()
        .unwrap()
        .iter()
        .flat_map(|it| it["by_currency"].as_array().unwrap())
        .collect()
}

fn pledges_of(list: &Value) -> i64 {
    list.as_array()
        .unwrap()
        .iter()
        .map(|it| it["pledges"].as_i64().unwrap())
        .sum()
}

/// The conference and the ministerial, with something of every kind.
async fn furnished(app: &App) {
    let coalition = app.coalition("global").await;
    let ministerial = app
        .meeting_with(json!({"slug": "ministerial", "coalition": coalition}))
        .await;
    let conference = app
        .meeting_with(json!({"slug": "conference", "titles": {"en": "Conference"}}))
        .await;
    for code in ["USA", "KWT", "SAU", "EU", "GBR"] {
        app.participant(code).await;
    }
    let us = granted(
        app,
        json!({"participant": "USA", "meeting": ministerial, "amount": "200", "announced_on": "2018-02-13"}),
    )
    .await;
    app.event(&us, "committed", "150", "2018").await;
    app.event(&us, "paid", "6.60", "2018-06").await;
    app.event(&us, "redirected", "100", "2018-08").await;
    app.event(&us, "increased", "10", "2018-09").await;
    granted(app, json!({"instrument": "political", "meeting": ministerial, "qualifier": null, "amount": null, "currency": null})).await;
    granted(
        app,
        json!({"participant": "KWT", "meeting": conference, "instrument": "loan", "amount": "1000", "beneficiary": "SAU", "announced_on": "2018"}),
    )
    .await;
    granted(
        app,
        json!({"participant": "EU", "meeting": conference, "amount": "400", "currency": "EUR"}),
    )
    .await;
    granted(app, json!({"participant": "GBR", "meeting": conference, "instrument": "export_credit", "qualifier": "up_to", "amount": null, "amount_max": "10000"})).await;
    granted(app, json!({"participant": "USA", "meeting": conference, "instrument": "credit_line", "qualifier": "at_least", "amount": null, "amount_min": "3000"})).await;
    granted(
        app,
        json!({"participant": "KWT", "instrument": "in_kind", "qualifier": null, "amount": null, "currency": null}),
    )
    .await;
    let july = granted(
        app,
        json!({"participant": "SAU", "meeting": ministerial, "announced_on": "2018-07-12"}),
    )
    .await;
    let headline = granted(app, json!({"amount": "300", "announced_on": "2018-08-16"})).await;
    app.event(&headline, "paid", "20", "2019").await;
    granted(
        app,
        json!({"participant": "SAU", "parent": headline, "restates": july, "announced_on": "2018-08-16"}),
    )
    .await;
    granted(
        app,
        json!({"parent": headline, "qualifier": "about", "amount": "50", "amount_min": "40", "amount_max": "70"}),
    )
    .await;
}

const FILTERS: &[&str] = &[
    "",
    "currency=USD",
    "currency=EUR",
    "currency=USD,EUR",
    "participant=USA",
    "participant=SAU",
    "participant_kind=igo",
    "meeting=conference",
    "meeting=ministerial",
    "coalition=global",
    "instrument=grant,loan",
    "instrument=political",
    "qualifier=exact",
    "qualifier=up_to,at_least",
    "state=restated",
    "state=open,partly_paid",
    "collective=true",
    "collective=false",
    "announced_from=2018-08",
    "announced_to=2018-02",
    "currency=USD&amount_min=150",
    "currency=USD&amount_max=60",
    "beneficiary=USA",
    "cited=true",
    "participant=SAU&announced_from=2018-08",
];

/// All that totals can be grouped by.
const DIMENSIONS: &[&str] = &[
    "meeting",
    "coalition",
    "participant",
    "participant_kind",
    "instrument",
    "state",
    "beneficiary",
    "currency",
    "year",
    "month",
];

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_empty_register_has_one_group_of_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    for query in ["", "participant=USA", "announced_from=2018"] {
        let totals = app.totals(query).await;
        assert_eq!(
            totals["groups"],
            json!([{"key": {}, "names": {}, "pledges": 0, "unquantified": 0, "unbounded": 0, "by_currency": []}]),
            "{totals}"
        );
        assert_eq!(totals["excluded"], json!([]));
        assert_eq!(totals["next"], Value::Null);
    }
    let grouped = app.totals("group_by=participant").await;
    assert_eq!(grouped["groups"], json!([]));
    // A total always names its basis, in the reader's language.
    let english = app.totals("").await;
    assert_eq!(english["basis"]["restatements"], "exclude");
    assert_eq!(english["basis"]["parents"], "remainder");
    assert_eq!(english["basis"]["amounts"], "original currency");
    let arabic = app.totals("lang=ar").await;
    assert_ne!(arabic["basis"]["text"], english["basis"]["text"]);
    assert_eq!(arabic.header("content-language"), Some("ar"));
    assert_ne!(arabic.header("etag"), english.header("etag"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn each_currency_stands_for_itself(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (amount, currency) in [
        ("100", "USD"),
        ("0.01", "USD"),
        ("100", "EUR"),
        ("1.001", "KWD"),
        ("100", "JPY"),
    ] {
        granted(&app, json!({"amount": amount, "currency": currency})).await;
    }
    let totals = app.totals("").await;
    let group = the_group(&totals);
    let rows: Vec<_> = group["by_currency"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["currency"].as_str().unwrap(),
                row["pledges"].as_i64().unwrap(),
                row["point"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("EUR", 1, "100.00"),
            ("JPY", 1, "100"),
            ("KWD", 1, "1.001"),
            ("USD", 2, "100.01")
        ]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_summed_beside_what_was_pledged(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let one = app.pledge(&meeting, "200", "USD").await;
    app.event(&one, "committed", "150", "2018").await;
    app.event(&one, "paid", "6.60", "2018").await;
    app.event(&one, "withdrawn", "1", "2018").await;
    app.event(&one, "redirected", "2", "2018").await;
    app.event(&one, "expired", "4", "2018").await;
    app.event(&one, "increased", "50", "2018").await;
    app.event(&one, "reduced", "10", "2018").await;
    // What was paid of a pledge without a point is paid, and leaves nothing outstanding of the others.
    let up_to = granted(
        &app,
        json!({"qualifier": "up_to", "amount": null, "amount_max": "100"}),
    )
    .await;
    app.event(&up_to, "paid", "30", "2018").await;
    let totals = app.totals("").await;
    let expected = json!({
        "currency": "USD", "pledges": 2, "unbounded": 0, "min": "240.00", "point": "240.00", "max": "340.00",
        "committed": "150.00", "paid": "36.60", "withdrawn": "7.00", "outstanding": "226.40",
    });
    assert_eq!(row(the_group(&totals), "USD"), &expected);
    // A retracted pledge, or event, is in no total.
    app.delete(&format!("/v1/pledges/{one}")).await.expect(204);
    let totals = app.totals("").await;
    let expected = json!({
        "currency": "USD", "pledges": 1, "unbounded": 0, "min": "0.00", "point": null, "max": "100.00",
        "committed": "0.00", "paid": "30.00", "withdrawn": "0.00", "outstanding": null,
    });
    assert_eq!(row(the_group(&totals), "USD"), &expected);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_range_adds_to_its_ends_and_what_is_unbounded_or_unquantified_is_counted(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for fields in [
        json!({"qualifier": "up_to", "amount": null, "amount_max": "80"}),
        json!({"qualifier": "between", "amount": null, "amount_min": "50", "amount_max": "70"}),
    ] {
        granted(&app, fields).await;
    }
    let totals = app.totals("").await;
    let usd = row(the_group(&totals), "USD");
    assert_eq!(
        [&usd["min"], &usd["point"], &usd["max"]],
        [&json!("50.00"), &Value::Null, &json!("150.00")],
        "no midpoint"
    );
    assert_eq!(usd["outstanding"], Value::Null);
    for fields in [
        json!({"qualifier": "at_least", "amount": null, "amount_min": "5"}),
        json!({"qualifier": "at_least", "amount": null, "amount_min": "7", "currency": "EUR"}),
        json!({"qualifier": "between", "amount": "15", "amount_min": "10", "amount_max": "20"}),
        json!({"qualifier": null, "amount": null, "currency": null}),
        json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null}),
    ] {
        granted(&app, fields).await;
    }
    let totals = app.totals("").await;
    let group = the_group(&totals);
    assert_eq!(
        [&group["pledges"], &group["unquantified"], &group["unbounded"]],
        [7, 2, 2]
    );
    let usd = row(group, "USD");
    assert_eq!(
        [&usd["pledges"], &usd["min"], &usd["point"], &usd["max"]],
        [&json!(4), &json!("65.00"), &json!("15.00"), &json!("170.00")]
    );
    let eur = row(group, "EUR");
    assert_eq!(
        [&eur["min"], &eur["point"], &eur["max"]],
        [&json!("7.00"), &Value::Null, &Value::Null],
        "one without a maximum leaves it to the others"
    );
    // None at all is zero pledges, not an unquantified one.
    let none = app.totals("announced_from=2018").await;
    assert_eq!(the_group(&none)["unquantified"], 0);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_counted_twice_and_what_is_left_out_is_shown(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("SAU").await;
    let july = granted(&app, json!({"participant": "SAU"})).await;
    let headline = granted(&app, json!({"amount": "300"})).await;
    let again = granted(
        &app,
        json!({"participant": "SAU", "restates": july, "parent": headline}),
    )
    .await;
    granted(&app, json!({"amount": "50", "parent": headline})).await;
    let totals = app.totals("").await;
    let group = the_group(&totals);
    assert_eq!(group["pledges"], 3);
    assert_eq!(row(group, "USD")["point"], "300.00");
    assert_eq!(
        totals["excluded"],
        json!([
            {"reason": "restated", "pledges": 1,
             "by_currency": [{"currency": "USD", "pledges": 1, "min": "100.00", "point": "100.00", "max": "100.00"}]},
            {"reason": "covered_by_children", "pledges": 0,
             "by_currency": [{"currency": "USD", "pledges": 0, "min": "150.00", "point": "150.00", "max": "150.00"}]},
        ])
    );
    // Whatever the filter: the parent alone adds its remainder, not the whole.
    let collective = app.totals("collective=true&currency=USD&amount_min=200").await;
    assert_eq!(row(the_group(&collective), "USD")["point"], "150.00");
    assert_eq!(
        row(excluded(&collective, "covered_by_children"), "USD")["point"],
        "150.00"
    );
    // Nothing left out is no entry.
    assert_eq!(excluded(&collective, "restated"), &Value::Null);
    // All of a restated total is left out.
    let restated = app.totals("state=restated").await;
    let group = the_group(&restated);
    assert_eq!(
        (&group["pledges"], &group["by_currency"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(row(excluded(&restated, "restated"), "USD")["point"], "100.00");
    // A restatement that states no amount is left out without a sum.
    app.delete(&format!("/v1/pledges/{again}")).await.expect(204);
    let political = json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null});
    let first = granted(&app, political.clone()).await;
    let mut again = political;
    again["restates"] = first.into();
    granted(&app, again).await;
    let totals = app.totals("instrument=political").await;
    assert_eq!(
        totals["excluded"],
        json!([{"reason": "restated", "pledges": 1, "by_currency": []}])
    );
    assert_eq!(the_group(&totals)["unquantified"], 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn included_and_excluded_are_everything_that_matched(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    for filter in FILTERS {
        let list = app
            .get(&format!("/v1/pledges?limit=200&count=true&{filter}"))
            .await
            .expect(200);
        let totals = app.totals(filter).await;
        let (included, left_out) = (&totals["groups"], &totals["excluded"]);
        assert_eq!(
            pledges_of(included) + pledges_of(left_out),
            list["count"].as_i64().unwrap(),
            "{filter}"
        );
        let everything: Vec<&Value> = rows_of(included).into_iter().chain(rows_of(left_out)).collect();
        for (total, pledge) in [
            ("min", "pledged_min"),
            ("point", "pledged"),
            ("max", "pledged_max"),
        ] {
            assert_eq!(
                sums(everything.iter().copied(), total, true),
                sums(list.items(), pledge, true),
                "{pledge} with {filter}"
            );
        }
        // And what each pledge shows that it adds is what the total comes to.
        let not_restated: Vec<&Value> = list
            .items()
            .iter()
            .filter(|it| it["restates"].is_null())
            .collect();
        for (total, pledge) in [
            ("min", "counted_min"),
            ("point", "counted"),
            ("max", "counted_max"),
            ("committed", "committed"),
            ("paid", "paid"),
            ("withdrawn", "withdrawn"),
            ("outstanding", "outstanding"),
        ] {
            assert_eq!(
                sums(rows_of(included), total, true),
                sums(list.items(), pledge, true),
                "{pledge} with {filter}"
            );
            assert_eq!(
                sums(rows_of(included), total, false),
                sums(not_restated.iter().copied(), pledge, false),
                "{pledge} with {filter}"
            );
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn groups_always_add_up_to_the_whole(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    for filter in ["", "currency=USD", "collective=true", "participant=SAU"] {
        let whole = app.totals(filter).await;
        // Each alone, each two together either way round, and four at once.
        let mut combinations: Vec<Vec<&str>> = vec![vec!["meeting", "participant", "instrument", "currency"]];
        for one in DIMENSIONS {
            combinations.push(vec![one]);
            combinations.extend(
                DIMENSIONS
                    .iter()
                    .filter(|other| *other != one)
                    .map(|other| vec![*one, *other]),
            );
        }
        for dimensions in combinations {
            let query = format!("group_by={}&{filter}", dimensions.join(","));
            let totals = app.totals(&query).await;
            for count in ["pledges", "unquantified", "unbounded"] {
                let sum: i64 = totals["groups"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|group| group[count].as_i64().unwrap())
                    .sum();
                assert_eq!(the_group(&whole)[count], sum, "{count} of {query}");
            }
            for sum in [
                "min",
                "point",
                "max",
                "committed",
                "paid",
                "withdrawn",
                "outstanding",
            ] {
                assert_eq!(
                    sums(rows_of(&totals["groups"]), sum, true),
                    sums(rows_of(&whole["groups"]), sum, true),
                    "{sum} of {query}"
                );
            }
            assert_eq!(totals["excluded"], whole["excluded"], "{query}");
            // Every group has all the keys that were asked for, and no key comes twice.
            let mut keys = Vec::new();
            for group in totals["groups"].as_array().unwrap() {
                let key = group["key"].as_object().unwrap();
                assert_eq!(key.len(), dimensions.len(), "{group}");
                for dimension in &dimensions {
                    assert!(key.contains_key(*dimension), "{group}");
                }
                let key = group["key"].to_string();
                assert!(!keys.contains(&key), "{key} comes twice in {query}");
                keys.push(key);
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_group_has_the_total_of_its_key(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    for dimension in DIMENSIONS {
        let totals = app.totals(&format!("group_by={dimension}")).await;
        let groups = totals["groups"].as_array().unwrap();
        assert!(groups.len() > 1, "{totals}");
        // A year or a month is no filter of its own.
        for group in groups.iter().filter(|_| !["year", "month"].contains(dimension)) {
            if group["key"][dimension].is_null() {
                continue;
            }
            let key = group["key"][dimension].as_str().unwrap();
            let alone = app.totals(&format!("{dimension}={key}")).await;
            for member in ["pledges", "unquantified", "unbounded", "by_currency"] {
                assert_eq!(
                    group[member],
                    the_group(&alone)[member],
                    "{member} of {dimension}={key}"
                );
            }
        }
        // What has no meeting, nobody's name, or no amount is a group too, the last.
        let last = groups.last().unwrap();
        assert_eq!(
            last["key"][dimension].is_null(),
            !["instrument", "state"].contains(dimension),
            "{dimension}: {last}"
        );
    }
    let collective = app.totals("group_by=participant").await;
    let groups = collective["groups"].as_array().unwrap();
    assert_eq!(
        groups.last().unwrap()["by_currency"],
        the_group(&app.totals("collective=true").await)["by_currency"]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_is_known_to_the_year_has_no_month(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for announced_on in [
        json!("2018-02-13"),
        json!("2018-02"),
        json!("2018"),
        json!("2019-02-28"),
        Value::Null,
    ] {
        granted(&app, json!({"announced_on": announced_on})).await;
    }
    let groups = async |dimension: &str| -> Vec<(Value, i64)> {
        let totals = app.totals(&format!("group_by={dimension}")).await;
        let groups = totals["groups"].as_array().unwrap().iter();
        groups
            .map(|it| (it["key"][dimension].clone(), it["pledges"].as_i64().unwrap()))
            .collect()
    };
    assert_eq!(
        groups("year").await,
        [(json!("2018"), 3), (json!("2019"), 1), (Value::Null, 1)]
    );
    assert_eq!(
        groups("month").await,
        [(json!("2018-02"), 2), (json!("2019-02"), 1), (Value::Null, 2)]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_named_in_the_reader_s_language(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    let totals = app
        .totals("group_by=participant,meeting,currency&lang=ar&participant=USA,EU")
        .await;
    let groups: Vec<_> = totals["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (&group["key"], &group["names"]))
        .collect();
    assert_eq!(
        groups,
        [
            // The conference has no Arabic title; English stands in. Currencies are their codes.
            (
                &json!({"participant": "EU", "meeting": "conference", "currency": "EUR"}),
                &json!({"participant": "الاتحاد الأوروبي", "meeting": "Conference"})
            ),
            (
                &json!({"participant": "USA", "meeting": "conference", "currency": "USD"}),
                &json!({"participant": "الولايات المتحدة", "meeting": "Conference"})
            ),
            (
                &json!({"participant": "USA", "meeting": "ministerial", "currency": "USD"}),
                &json!({"participant": "الولايات المتحدة", "meeting": "اجتماع وزاري في مدينة الكويت"})
            ),
        ]
    );
    let nameless = app.totals("group_by=meeting,participant&collective=true").await;
    let last = nameless["groups"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["key"], &last["names"]),
        (
            &json!({"meeting": null, "participant": null}),
            &json!({"meeting": null, "participant": null})
        )
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_has_totals_of_its_own(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    for query in [
        "",
        "group_by=participant",
        "currency=USD",
        "group_by=currency&instrument=grant",
    ] {
        let own = app
            .get(&format!("/v1/meetings/ministerial/totals?{query}"))
            .await
            .expect(200);
        let filtered = app.totals(&format!("meeting=ministerial&{query}")).await;
        assert_eq!(own.body, filtered.body, "{query}");
    }
    app.get("/v1/meetings/nowhere/totals")
        .await
        .problem(404, "not_found");
    let empty = app.meeting("empty").await;
    let none = app.get(&format!("/v1/meetings/{empty}/totals")).await.expect(200);
    assert_eq!(the_group(&none)["pledges"], 0);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_cannot_be_understood_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (query, parameter) in [
        ("group_by=colour", "?group_by"),
        ("group_by=", "?group_by"),
        ("colour=red", "?colour"),
        ("limit=5&colour=red", "?colour"),
        ("lang=de", "?lang"),
    ] {
        app.get(&format!("/v1/totals?{query}"))
            .await
            .problem(400, "malformed")
            .fault(parameter);
    }
    // A dimension that is named twice groups once.
    let totals = app.totals("group_by=currency,currency&group_by=currency").await;
    assert_eq!(totals["groups"], json!([]));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_total_that_has_not_changed_is_not_sent_again(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let etag = app.totals("").await.header("etag").unwrap().to_owned();
    app.get_with("/v1/totals", &[("If-None-Match", &etag)])
        .await
        .expect(304);
    app.event(&id, "paid", "5", "2019").await;
    let changed = app
        .get_with("/v1/totals", &[("If-None-Match", &etag)])
        .await
        .expect(200);
    assert_eq!(row(the_group(&changed), "USD")["paid"], "5.00");
}
