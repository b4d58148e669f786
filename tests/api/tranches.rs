//! Totals of pledges in tranches: what was to be paid by a day, and in which years what was promised falls.

use std::collections::BTreeMap;

use pledgebook::values::{Clock, Timestamp};
use serde_json::Value;

use crate::{answer::Answer, pledges::granted, prelude::*, reckoning::dice::Dice};

fn on_the_first_of_july() -> Timestamp {
    "2020-07-01T00:00:00Z".parse().unwrap()
}

fn on_the_last_of_june() -> Timestamp {
    "2020-06-30T23:59:59Z".parse().unwrap()
}

fn tranches(list: &[(&str, &str, &str)]) -> Value {
    let each = list.iter();
    let each = each.map(|(from, to, amount)| json!({"period_from": from, "period_to": to, "amount": amount}));
    each.collect::<Vec<_>>().into()
}

/// Pledges with and without tranches, of every kind: in dollars, but for Germany's. Their ids, by who promised.
async fn furnished(app: &App) -> BTreeMap<&'static str, String> {
    for code in ["USA", "GBR", "KWT", "FRA", "DEU", "SAU"] {
        app.participant(code).await;
    }
    let meeting = app.meeting("kuwait").await;
    let on = "2018-02-13";
    let us = granted(
        app,
        json!({"participant": "USA", "meeting": meeting, "announced_on": on, "tranches": tranches(&[
            ("2020", "2020", "30"), ("2018", "2018", "40"), ("2019", "2019", "30")])}),
    )
    .await;
    app.event(&us, "paid", "55", "2018-06").await;
    let uk = granted(
        app,
        json!({"participant": "GBR", "meeting": meeting, "announced_on": on, "instrument": "export_credit", "qualifier": "up_to",
            "amount": null, "amount_max": "90",
            "tranches": tranches(&[("2019-07", "2020-06-30", "60"), ("2020-07", "2020-07", "20")])}),
    )
    .await;
    let kuwait = granted(
        app,
        json!({"participant": "KWT", "amount": "10", "announced_on": on}),
    )
    .await;
    app.event(&kuwait, "paid", "10", "2018-06").await;
    let france = granted(
        app,
        json!({"participant": "FRA", "qualifier": "at_least", "amount": null, "amount_min": "5", "announced_on": on,
            "tranches": tranches(&[("2018", "2018", "8")])}),
    )
    .await;
    let germany = granted(
        app,
        json!({"participant": "DEU", "amount": "20", "currency": "EUR", "announced_on": on, "tranches": tranches(&[("2018", "2018", "20")])}),
    )
    .await;
    app.event(&germany, "reduced", "5", "2018-09").await;
    let whole = granted(
        app,
        json!({"participant": "SAU", "amount": "50", "announced_on": on, "tranches": tranches(&[("2018", "2018", "50")])}),
    )
    .await;
    let part = granted(
        app,
        json!({"participant": "SAU", "amount": "20", "announced_on": on, "parent": whole}),
    )
    .await;
    granted(
        app,
        json!({"participant": "USA", "restates": us, "announced_on": "2018-07", "tranches": tranches(&[("2018", "2018", "100")])}),
    )
    .await;
    let all = [us, uk, kuwait, france, germany, whole, part];
    ["USA", "GBR", "KWT", "FRA", "DEU", "SAU", "part"]
        .into_iter()
        .zip(all)
        .collect()
}

/// A group's row in a currency, by what stands in its key for a dimension; null is "-".
#[track_caller]
fn row<'a>(totals: &'a Answer, dimension: &str, key: &str, currency: &str) -> &'a Value {
    let groups = totals["groups"].as_array().unwrap();
    let group = groups
        .iter()
        .find(|it| it["key"].get(dimension).and_then(Value::as_str).unwrap_or("-") == key);
    let rows = group.unwrap_or_else(|| panic!("no group {key} in {totals}"))["by_currency"]
        .as_array()
        .unwrap();
    let row = rows.iter().find(|row| row["currency"] == currency);
    row.unwrap_or_else(|| panic!("no {currency} in {key} of {totals}"))
}

#[track_caller]
fn assert_row(row: &Value, expected: Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&row[name], value, "{name} of {row}");
    }
}

fn phased(pledges: i64, expected: &str, paid: &str, without: i64) -> Value {
    json!({"pledges": pledges, "expected": expected, "paid": paid, "without_tranches": without})
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_to_be_paid_by_today_stands_beside_what_was(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(on_the_first_of_july)).await;
    furnished(&app).await;
    let plain = app.totals("").await;
    assert!(plain["groups"][0]["by_currency"][0].get("phased").is_none());
    assert!(plain["basis"].get("as_of").is_none());
    assert_eq!(app.totals("phased=false").await["groups"], plain["groups"]);

    // 70 of the United States', 60 of the United Kingdom's, 8 of France's; those with parts stand with those without.
    let totals = app.totals("phased=true").await;
    assert_row(
        row(&totals, "", "-", "USD"),
        json!({"pledges": 6, "point": "160.00", "paid": "65.00", "phased": phased(3, "138.00", "55.00", 3)}),
    );
    // As it was announced: what was reduced says of no tranche that it is another one.
    assert_row(
        row(&totals, "", "-", "EUR"),
        json!({"point": "15.00", "phased": phased(1, "20.00", "0.00", 0)}),
    );
    assert_eq!(totals["basis"]["as_of"], "2020-07-01");
    assert!(
        totals["basis"]["text"].as_str().unwrap().contains("2020-07-01"),
        "{totals}"
    );
    let words = totals.header("pledgebook-basis").unwrap();
    assert!(words.contains("phased=true; as_of=2020-07-01"), "{words}");

    // The day before, the tranche that ends on it is not past.
    let before = app.second_at(Clock::telling(on_the_last_of_june)).await;
    let earlier = before.totals("phased=true").await;
    assert_row(
        row(&earlier, "", "-", "USD"),
        json!({"phased": phased(3, "78.00", "55.00", 3)}),
    );
    assert_ne!(earlier.header("etag"), totals.header("etag"));
    let csv = "/v1/totals?phased=true&currency=EUR&format=csv";
    let tag = app.get(csv).await.ok().header("etag").unwrap().to_owned();
    assert_eq!(app.get_with(csv, &[("if-none-match", &tag)]).await.status, 304);
    assert_eq!(before.get_with(csv, &[("if-none-match", &tag)]).await.status, 200);

    // By groups, whichever sums they come from.
    let by = app.totals("phased=true&group_by=participant").await;
    for (code, expected) in [
        ("USA", phased(1, "70.00", "55.00", 0)),
        ("GBR", phased(1, "60.00", "0.00", 0)),
        ("KWT", phased(0, "0.00", "0.00", 1)),
        ("FRA", phased(1, "8.00", "0.00", 0)),
        ("SAU", phased(0, "0.00", "0.00", 2)),
    ] {
        assert_row(row(&by, "participant", code, "USD"), json!({"phased": expected}));
    }
    let pages = app
        .pages("/v1/totals?phased=true&group_by=participant&limit=2")
        .await;
    let paged: Vec<&Value> = pages
        .iter()
        .flat_map(|page| page["groups"].as_array().unwrap())
        .collect();
    assert_eq!(json!(paged), by["groups"]);
    let of_meeting = app.get("/v1/meetings/kuwait/totals?phased=true").await.ok();
    assert_row(
        row(&of_meeting, "", "-", "USD"),
        json!({"phased": phased(2, "130.00", "55.00", 0)}),
    );
    let of_year = app
        .totals("phased=true&announced_from=2018&instrument=grant&group_by=year")
        .await;
    assert_row(
        row(&of_year, "year", "2018", "USD"),
        json!({"phased": phased(2, "78.00", "55.00", 3)}),
    );

    // On another basis others count.
    let again = app
        .totals("phased=true&restatements=include&participant=USA")
        .await;
    assert_row(
        row(&again, "", "-", "USD"),
        json!({"pledges": 2, "phased": phased(2, "170.00", "55.00", 0)}),
    );
    let whole = app.totals("phased=true&parents=only&participant=SAU").await;
    assert_row(
        row(&whole, "", "-", "USD"),
        json!({"pledges": 1, "point": "50.00", "phased": phased(0, "0.00", "0.00", 1)}),
    );
    let chosen = app.totals("phased=true&instruments=export_credit").await;
    assert_row(
        row(&chosen, "", "-", "USD"),
        json!({"pledges": 1, "phased": phased(1, "60.00", "0.00", 0)}),
    );

    // Once its part is away, the whole is phased itself.
    let part = app
        .get("/v1/pledges?participant=SAU&amount_max=20&currency=USD")
        .await
        .ok()
        .items()[0]["id"]
        .clone();
    app.delete(&format!("/v1/pledges/{}", part.as_str().unwrap()))
        .await
        .expect(204);
    let alone = app.totals("phased=true&participant=SAU").await;
    assert_row(
        row(&alone, "", "-", "USD"),
        json!({"pledges": 1, "phased": phased(1, "50.00", "0.00", 0)}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_added_is_split_by_the_years_of_its_tranches(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(on_the_first_of_july)).await;
    let ids = furnished(&app).await;
    let totals = app.totals("group_by=tranche_year").await;
    let years: Vec<&Value> = totals["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["key"]["tranche_year"])
        .collect();
    assert_eq!(json!(years), json!(["2018", "2019", "2020", null]));
    let figures = |pledges: i64, range: [Value; 3]| {
        let [min, point, max] = range;
        json!({"pledges": pledges, "min": min, "point": point, "max": max})
    };
    let same = |amount: &str| [json!(amount), json!(amount), json!(amount)];
    let of = |year: &str, currency: &str| row(&totals, "tranche_year", year, currency);
    assert_row(of("2018", "USD"), figures(1, same("40.00")));
    assert_row(
        of("2019", "USD"),
        figures(2, [json!("30.00"), json!("30.00"), json!("90.00")]),
    );
    assert_row(
        of("2020", "USD"),
        figures(2, [json!("30.00"), json!("30.00"), json!("50.00")]),
    );
    assert_row(
        of("-", "USD"),
        figures(6, [json!("65.00"), json!("60.00"), json!("70.00")]),
    );
    assert_row(
        of("-", "USD"),
        json!({"paid": "65.00", "outstanding": "95.00", "unbounded": 1}),
    );
    assert_row(
        of("2018", "USD"),
        json!({"paid": "0.00", "committed": "0.00", "withdrawn": "0.00", "outstanding": null, "unbounded": 0}),
    );
    // Of the twenty that its tranche states, fifteen are left.
    assert_row(of("2018", "EUR"), figures(1, same("15.00")));
    assert_row(of("-", "EUR"), figures(1, same("0.00")));
    assert_row(of("-", "EUR"), json!({"outstanding": "15.00"}));

    // What is expected goes with its year, what was paid stays.
    let both = app.totals("group_by=tranche_year&phased=true&currency=USD").await;
    for (year, expected) in [
        ("2018", phased(1, "40.00", "0.00", 0)),
        ("2019", phased(2, "90.00", "0.00", 0)),
        ("2020", phased(2, "0.00", "0.00", 0)),
        ("-", phased(3, "8.00", "55.00", 3)),
    ] {
        assert_row(
            row(&both, "tranche_year", year, "USD"),
            json!({"phased": expected}),
        );
    }

    // Beside other keys, sorted and bounded by figures, page by page.
    let two = app
        .totals("group_by=participant,tranche_year&currency=USD&sort=-point&point_min=30")
        .await;
    let keys: Vec<(&Value, &Value)> = two["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["key"]["participant"], &it["key"]["tranche_year"]))
        .collect();
    assert_eq!(
        json!(keys),
        json!([["SAU", null], ["USA", "2018"], ["USA", "2019"], ["USA", "2020"]])
    );
    let pages = app.pages("/v1/totals?group_by=tranche_year&limit=1").await;
    let paged: Vec<&Value> = pages
        .iter()
        .flat_map(|page| page["groups"].as_array().unwrap())
        .collect();
    assert_eq!(json!(paged), totals["groups"]);

    // What each pledge adds, where it adds it.
    let explained = app
        .get("/v1/totals/explain?group_by=tranche_year&phased=true&currency=USD")
        .await
        .ok();
    let groups = explained["groups"].as_array().unwrap();
    let in_group = |year: Value| {
        let group = groups
            .iter()
            .find(|it| it["key"]["tranche_year"] == year)
            .unwrap();
        let counted = group["counted"].as_array().unwrap().iter();
        counted
            .map(|it| (it["id"].as_str().unwrap().to_owned(), it.clone()))
            .collect::<BTreeMap<_, _>>()
    };
    let (in_2019, rest) = (in_group(json!("2019")), in_group(json!(null)));
    assert_eq!(in_2019.len(), 2);
    assert_row(
        &in_2019[&ids["GBR"]],
        json!({"min": null, "point": null, "max": "60.00", "paid": "0.00", "phased": phased(1, "60.00", "0.00", 0)}),
    );
    assert_row(
        &rest[&ids["GBR"]],
        json!({"min": "0.00", "point": null, "max": "10.00"}),
    );
    assert_row(
        &rest[&ids["USA"]],
        json!({"point": "0.00", "paid": "55.00", "outstanding": "45.00", "phased": phased(1, "0.00", "55.00", 0)}),
    );
    assert_row(
        &rest[&ids["KWT"]],
        json!({"point": "10.00", "phased": phased(0, "0.00", "0.00", 1)}),
    );

    let csv = app
        .get("/v1/totals?group_by=tranche_year&phased=true&currency=USD&format=csv")
        .await
        .ok()
        .text;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines[..2],
        [
            "tranche_year,currency,pledges,unbounded,min,point,max,committed,paid,withdrawn,outstanding,phased_pledges,\
             phased_expected,phased_paid,phased_without_tranches,group_pledges,group_unquantified,group_unbounded",
            "2018,USD,1,0,40.00,40.00,40.00,0.00,0.00,0.00,,1,40.00,0.00,0,1,0,0",
        ],
        "{csv}"
    );
    assert!(
        !app.get("/v1/totals?format=csv")
            .await
            .ok()
            .text
            .contains("phased")
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn shares_convert_to_what_the_whole_converts_to(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(on_the_first_of_july)).await;
    let rates = json!([
        {"currency": "EUR", "date": "2018-02-13", "per_usd": "0.7", "source": "test"},
        {"currency": "EUR", "date": "2018-06-15", "per_usd": "0.9", "source": "test"},
    ]);
    app.put("/v1/rates", rates).await.expect(200);
    let on = "2018-02-13";
    // Thirds of a hundred, none of which converts without a rest: 142.86 in all.
    let euros = granted(
        &app,
        json!({"amount": "100", "currency": "EUR", "announced_on": on, "tranches": tranches(&[
            ("2018", "2018", "33.33"), ("2019", "2019", "33.33"), ("2020", "2020", "33.34")])}),
    )
    .await;
    app.event(&euros, "paid", "9", "2018-06-15").await;
    // Nothing is known of its day.
    granted(&app, json!({"amount": "7", "currency": "EUR", "announced_on": "2017", "tranches": tranches(&[("2018", "2018", "7")])})).await;
    let converted = |totals: &Answer, year: &str| {
        let groups = totals["groups"].as_array().unwrap();
        let group = groups
            .iter()
            .find(|it| it["key"]["tranche_year"].as_str().unwrap_or("-") == year);
        group.unwrap_or_else(|| panic!("no {year} in {totals}"))["converted"].clone()
    };
    let totals = app.totals("group_by=tranche_year&phased=true&in=USD").await;
    let point = |year: &str| converted(&totals, year)["point"].clone();
    // 47.614…, 95.228… and 142.857…, each rounded, and then what lies between them.
    assert_eq!(
        [point("2018"), point("2019"), point("2020"), point("-")],
        ["47.61", "47.62", "47.63", "0.00"]
    );
    let whole = app.totals("phased=true&in=USD").await;
    assert_row(
        &whole["groups"][0]["converted"],
        json!({"point": "142.86", "phased": phased(1, "95.23", "12.86", 0)}),
    );
    let known = json!({"pledges": 1, "expected": "47.61", "paid": null, "without_tranches": 0});
    assert_row(
        &converted(&totals, "2018"),
        json!({"pledges": 1, "phased": known}),
    );
    let left = &converted(&totals, "2018")["unconverted"][0];
    assert_row(
        left,
        json!({"currency": "EUR", "pledges": 1, "point": "7.00", "committed": "0.00", "paid": "0.00", "withdrawn": "0.00",
            "outstanding": null, "phased": phased(1, "7.00", "0.00", 0)}),
    );
    let rest = converted(&totals, "-");
    assert_row(
        &rest["unconverted"][0],
        json!({"pledges": 1, "point": "0.00", "paid": "0.00", "outstanding": "7.00"}),
    );
    assert_row(&rest, json!({"paid": "12.86", "outstanding": "130.00"}));

    // What was paid on a day of its own.
    let at_events = app.totals("phased=true&in=USD&rate_date=event").await;
    assert_row(
        &at_events["groups"][0]["converted"],
        json!({"phased": phased(1, "95.23", "10.00", 0)}),
    );

    let explained = app
        .get("/v1/totals/explain?group_by=tranche_year&in=USD")
        .await
        .ok();
    let first = &explained["groups"][0];
    assert_eq!(first["key"]["tranche_year"], "2018");
    let counted = first["counted"].as_array().unwrap();
    let of = |id: &str| counted.iter().find(|it| it["id"] == id).unwrap();
    assert_eq!(of(&euros)["converted"]["point"], "47.61");
    let csv = app
        .get("/v1/totals?phased=true&in=USD&format=csv")
        .await
        .ok()
        .text;
    assert!(csv.contains("phased_expected") && csv.contains("95.23"), "{csv}");
    assert!(csv.contains("phased_expected=7.00"), "{csv}");
}

#[apply(on_both_engines)]
#[tokio::test]
async fn events_have_no_tranches(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for query in ["by=events&phased=true", "by=events&phased=false"] {
        let refused = app
            .get(&format!("/v1/totals?{query}"))
            .await
            .problem(400, "malformed");
        refused.fault("?phased");
    }
    let refused = app.get("/v1/totals?by=events&group_by=tranche_year").await;
    refused.problem(400, "malformed").fault("?group_by");
    app.get("/v1/totals?phased=perhaps")
        .await
        .problem(400, "malformed")
        .fault("?phased");
}

/// Hundredths, or thousandths; null is nothing.
fn minor(amount: &Value) -> i64 {
    amount
        .as_str()
        .map_or(0, |text| text.replace('.', "").parse().unwrap())
}

const FIGURES: [&str; 7] = [
    "min",
    "point",
    "max",
    "committed",
    "paid",
    "withdrawn",
    "outstanding",
];

/// All figures of rows, added up by currency, in each currency itself and converted.
fn added_up(totals: &Answer) -> BTreeMap<(String, &'static str), i64> {
    let mut sums = BTreeMap::new();
    let mut add = |kind: &str, row: &Value| {
        for name in FIGURES {
            *sums
                .entry((format!("{kind} {}", row["currency"]), name))
                .or_default() += minor(&row[name]);
        }
        for name in ["expected", "paid"] {
            let name_of_sum = if name == "paid" { "phased paid" } else { "expected" };
            *sums
                .entry((format!("{kind} {}", row["currency"]), name_of_sum))
                .or_default() += minor(&row["phased"][name]);
        }
    };
    for group in totals["groups"].as_array().unwrap() {
        group["by_currency"]
            .as_array()
            .unwrap()
            .iter()
            .for_each(|row| add("own", row));
        add("converted", &group["converted"]);
        group["converted"]["unconverted"]
            .as_array()
            .unwrap()
            .iter()
            .for_each(|row| add("left", row));
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

/// What is left in a currency is told as that currency's own row tells it: a figure is null where there is none, or where all of
/// it converted.
fn assert_left_as_its_own(group: &Value) {
    let converted = &group["converted"];
    let own_rows = group["by_currency"].as_array().unwrap();
    for left in converted["unconverted"].as_array().unwrap() {
        let own = own_rows.iter().find(|it| it["currency"] == left["currency"]);
        let own = own.unwrap();
        let phased = ["expected", "paid"].map(|name| {
            (
                name,
                &own["phased"][name],
                &left["phased"][name],
                &converted["phased"][name],
            )
        });
        let plain = FIGURES.map(|name| (name, &own[name], &left[name], &converted[name]));
        for (name, own, left, converted) in plain.into_iter().chain(phased) {
            let said = format!("{name} in {group}");
            match (own.as_str(), left.as_str()) {
                (None, _) => assert_eq!(left, own, "{said}"),
                (Some(_), None) => assert!(converted.is_string(), "{said}"),
                (Some(_), Some(_)) if converted.is_null() => assert_eq!(left, own, "{said}"),
                (Some(_), Some(_)) => {}
            }
            if ["committed", "paid", "withdrawn"].contains(&name) && minor(own) == 0 {
                assert_eq!(left, own, "{said}");
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn rows_by_year_add_up_to_the_whole_whatever_was_promised(#[case] engine: Engine) {
    let mut dice = Dice::seeded("TRANCHES_SEED", 2028);
    let app = App::start_at(engine, Clock::telling(on_the_first_of_july)).await;
    let rates = json!([
        {"currency": "EUR", "date": "2018-02-13", "per_usd": "0.8123", "source": "test"},
        {"currency": "EUR", "date": "2018-06-15", "per_usd": "0.9", "source": "test"},
        {"currency": "KWD", "date": "2018-02-13", "per_usd": "0.2999", "source": "test"},
    ]);
    app.put("/v1/rates", rates).await.expect(200);
    for code in ["USA", "KWT"] {
        app.participant(code).await;
    }
    let mut made: Vec<String> = Vec::new();
    for _ in 0..60 {
        let whole = 20 + dice.roll(100);
        let mut left = whole;
        let mut list = Vec::new();
        for year in 2017..2023 {
            if dice.one_in(2) && left > 1 {
                let amount = 1 + dice.roll(left - 1);
                left -= amount;
                let from = if dice.one_in(2) {
                    format!("{year}")
                } else {
                    format!("{year}-0{}", 1 + dice.roll(9))
                };
                list.push(json!({"period_from": from, "period_to": from, "amount": amount.to_string()}));
            }
        }
        let amount = whole.to_string();
        let more = (whole + 7).to_string();
        let (qualifier, min, point, max) = match dice.roll(5) {
            0 => ("exact", None, Some(amount), None),
            1 => ("about", Some("10".to_owned()), Some(amount), Some(more)),
            2 => ("up_to", None, None, Some(amount)),
            3 => ("between", Some("10".to_owned()), None, Some(amount)),
            _ => ("at_least", Some(amount), None, None),
        };
        let mut pledge = json!({
            "instrument": "grant", "participant": dice.of(&["USA", "KWT"]), "qualifier": qualifier, "amount_min": min,
            "amount": point, "amount_max": max, "currency": dice.of(&["USD", "EUR", "KWD"]), "tranches": list,
            "announced_on": dice.of(&["2018-02-13", "2018", "2018-06-15"]),
        });
        if dice.one_in(4)
            && let Some(parent) = made.last()
        {
            pledge["parent"] = parent.clone().into();
        } else if dice.one_in(6)
            && let Some(first) = made.first()
        {
            pledge["restates"] = first.clone().into();
        }
        let answer = app.post("/v1/pledges", pledge).await;
        if answer.status == 201 {
            made.push(answer.id());
        }
    }
    for _ in 0..60 {
        let id = &made[dice.roll(made.len())];
        let stage = dice.of(&["paid", "reduced", "increased", "withdrawn"]);
        let event =
            json!({"stage": stage, "amount": (1 + dice.roll(30)).to_string(), "occurred_on": "2018-06-15"});
        app.post(&format!("/v1/pledges/{id}/events"), event).await;
    }
    assert!(made.len() > 30);
    for filter in [
        "",
        "&participant=USA",
        "&currency=EUR",
        "&qualifier=about",
        "&restatements=include",
        "&parents=only",
        "&parents=children",
        "&state=open,partly_paid",
        "&rate_date=event",
        "&rate_date=2018-02-14",
        "&announced_from=2018-06",
    ] {
        let asked = format!("in=USD&phased=true{filter}");
        let whole = app.totals(&asked).await;
        let mut lefts = 0;
        for keys in [
            "tranche_year",
            "tranche_year,participant",
            "meeting,tranche_year,instrument",
            "tranche_year,currency",
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
        ] {
            let split = app.totals(&format!("{asked}&limit=200&group_by={keys}")).await;
            assert_eq!(added_up(&split), added_up(&whole), "{keys} {filter}");
            assert_eq!(split["excluded"], whole["excluded"], "{keys} {filter}");
            for group in split["groups"].as_array().unwrap() {
                lefts += group["converted"]["unconverted"].as_array().unwrap().len();
                assert_left_as_its_own(group);
                for row in group["by_currency"].as_array().unwrap() {
                    let figures = ["min", "point", "max"].map(|name| minor(&row[name]));
                    assert!(figures.iter().all(|it| *it >= 0), "{row}");
                }
            }
        }
        assert!(lefts > 0 || filter.starts_with("&rate_date=2018"), "{filter}");
        // The same from what each pledge adds.
        let explained = app
            .get(&format!("/v1/totals/explain?{asked}&group_by=tranche_year"))
            .await
            .ok();
        let mut points: BTreeMap<String, i64> = BTreeMap::new();
        for group in explained["groups"].as_array().unwrap() {
            for pledge in group["counted"].as_array().unwrap() {
                *points.entry(pledge["currency"].to_string()).or_default() += minor(&pledge["point"]);
            }
        }
        points.retain(|_, sum| *sum != 0);
        let mut sums = BTreeMap::new();
        for row in whole["groups"][0]["by_currency"].as_array().unwrap() {
            sums.insert(row["currency"].to_string(), minor(&row["point"]));
        }
        sums.retain(|_, sum| *sum != 0);
        assert_eq!(points, sums, "{filter}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_paid_is_sorted_as_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    let paid = async |sort: &str| {
        let path = format!("/v1/totals?currency=USD&group_by=tranche_year&sort={sort}");
        let groups = app.get(&path).await.ok();
        let groups = groups["groups"].as_array().unwrap().iter();
        let each = groups.map(|it| it["by_currency"][0]["paid"].as_str().unwrap().to_owned());
        each.collect::<Vec<_>>()
    };
    let ascending = paid("paid").await;
    assert_eq!(ascending.last().unwrap(), "65.00", "{ascending:?}");
    assert!(ascending.len() > 2, "{ascending:?}");
    assert_eq!(paid("-paid").await[0], "65.00");
}
