//! Kept sums, bases, explanations and conversions: a total must be right however it was come by.

use std::collections::BTreeMap;

use pledgebook::{db::Sql, totals::rollups};
use serde_json::Value;

use crate::{answer::Answer, prelude::*};

/// A small generator of chance, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides as u64).unwrap()
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())].clone()
    }
}

/// A decimal string of any currency in its thousandths, which none here goes below.
fn thousandths(figure: &Value) -> i128 {
    if figure.is_null() {
        return 0;
    }
    let text = figure.as_str().unwrap();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    sign * format!("{whole}{fraction:0<3}").parse::<i128>().unwrap()
}

/// A register with a bit of everything.
async fn filled(app: &App, dice: &mut Dice) {
    app.coalition("allies").await;
    for meeting in ["m-one", "m-two", "m-three"] {
        let coalition = if meeting == "m-three" {
            Value::Null
        } else {
            json!("allies")
        };
        app.meeting_with(json!({"slug": meeting, "coalition": coalition}))
            .await;
    }
    app.member("allies", "USA", "2014").await;
    app.member("allies", "KWT", "2016-05-01").await;
    app.participant("SYR").await;
    let mut made: Vec<(String, Value)> = Vec::new();
    for _ in 0..60 {
        let currency = dice.pick(&["USD", "EUR", "KWD"]);
        let amount = (1 + dice.roll(900)) * 1000;
        let mut fields = json!({
            "participant": dice.pick(&["USA", "KWT", "DEU", "EU"]),
            "meeting": dice.pick(&[json!("m-one"), json!("m-two"), json!("m-three"), Value::Null]),
            "instrument": dice.pick(&["grant", "loan", "investment"]),
            "beneficiary": dice.pick(&[json!("SYR"), Value::Null]),
            "announced_on": dice.pick(&[json!("2018-02-13"), json!("2018-03"), json!("2019"), Value::Null]),
            "currency": currency,
        });
        match dice.roll(6) {
            0 => {
                fields["instrument"] = json!("political");
                fields["participant"] = Value::Null;
                fields["currency"] = Value::Null;
            }
            1 => {
                fields["qualifier"] = json!("up_to");
                fields["amount_max"] = json!(amount.to_string());
            }
            2 => {
                fields["qualifier"] = json!("at_least");
                fields["amount_min"] = json!(amount.to_string());
            }
            _ => {
                fields["qualifier"] = json!("exact");
                fields["amount"] = json!(amount.to_string());
            }
        }
        let exact = fields["qualifier"] == "exact";
        let id = app.pledge_with(fields.clone()).await;
        if exact && dice.roll(3) == 0 {
            app.event(
                &id,
                dice.pick(&["paid", "withdrawn", "committed", "increased"]),
                "500",
                "2018-06",
            )
            .await;
        }
        if exact {
            made.push((id, fields));
        }
    }
    assert!(made.len() >= 12, "only {} pledges have kin", made.len());
    for (number, (id, fields)) in made.into_iter().take(12).enumerate() {
        let mut kin = fields;
        if number.is_multiple_of(2) {
            kin["restates"] = json!(id);
        } else {
            kin["parent"] = json!(id);
            kin["amount"] = json!("200");
        }
        app.pledge_with(kin).await;
    }
}

fn random_filter(dice: &mut Dice) -> Vec<String> {
    let mut filter = Vec::new();
    let all = [
        "participant=USA",
        "participant=USA,EU",
        "participant_kind=state",
        "meeting=m-one",
        "meeting=m-one,m-three",
        "coalition=allies",
        "instrument=grant",
        "instrument=loan,political",
        "currency=USD",
        "currency=EUR,KWD",
        "state=open",
        "state=partly_paid,restated",
        "beneficiary=SYR",
        "announced_from=2018-03",
        "announced_to=2018",
        "collective=false",
        "collective=true",
        "qualifier=exact",
        "cited=false",
        "currency=USD&amount_min=300000",
    ];
    for _ in 0..dice.roll(3) {
        let one = dice.pick(&all);
        let name = one.split('=').next().unwrap();
        if !filter.iter().any(|it: &String| it.contains(&format!("{name}="))) {
            filter.push(one.to_owned());
        }
    }
    filter
}

fn by_currency<'a>(rows: impl Iterator<Item = &'a Value>, figure: &str) -> BTreeMap<String, i128> {
    let mut sums = BTreeMap::new();
    for row in rows {
        if let (Some(currency), true) = (row["currency"].as_str(), row[figure].is_string()) {
            *sums.entry(currency.to_owned()).or_insert(0) += thousandths(&row[figure]);
        }
    }
    sums
}

/// A restatement and a covered parent count as zero, which stands in no row.
fn nonzero(mut sums: BTreeMap<String, i128>) -> BTreeMap<String, i128> {
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn groups(totals: &Answer) -> impl Iterator<Item = &Value> {
    totals["groups"].as_array().unwrap().iter()
}

fn rows_of<'a>(groups: impl Iterator<Item = &'a Value>) -> Vec<Value> {
    groups
        .flat_map(|group| group["by_currency"].as_array().unwrap().clone())
        .collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_its_total_and_its_explanation_never_disagree(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let mut dice = Dice(2018);
    filled(&app, &mut dice).await;
    let mut matched = 0;
    for _ in 0..60 {
        let filter = random_filter(&mut dice).join("&");
        let grouping = dice.pick(&[
            "",
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
            "meeting,participant",
            "meeting,instrument",
            "coalition,participant_kind,year",
        ]);
        let basis = dice.pick(&[
            "",
            "restatements=include",
            "parents=only",
            "parents=children",
            "instruments=grant",
            "membership_at=2016-01",
            "parents=only&restatements=include",
        ]);
        let list = app.rows(&format!("/v1/pledges?limit=200&{filter}")).await;
        matched += usize::from(!list.is_empty());
        let asked = format!("{filter}&group_by={grouping}&{basis}");
        let asked = asked.replace("group_by=&", "");
        let totals = app.totals(&format!("limit=200&{asked}")).await;
        assert!(totals["next"].is_null());
        let counted = rows_of(groups(&totals));
        let excluded = totals["excluded"].as_array().unwrap();
        let left_out = rows_of(excluded.iter());

        if basis.is_empty() {
            assert_eq!(
                nonzero(by_currency(list.iter(), "counted")),
                nonzero(by_currency(counted.iter(), "point")),
                "{asked}"
            );
        }
        let number = |rows: &mut dyn Iterator<Item = &Value>| {
            rows.map(|it| it["pledges"].as_i64().unwrap()).sum::<i64>()
        };
        let all = number(&mut groups(&totals)) + number(&mut excluded.iter());
        assert_eq!(all, i64::try_from(list.len()).unwrap(), "{asked}");
        for (figure, of_pledge) in [
            ("min", "pledged_min"),
            ("point", "pledged"),
            ("max", "pledged_max"),
        ] {
            let both = counted.iter().chain(&left_out);
            assert_eq!(
                by_currency(list.iter(), of_pledge),
                by_currency(both, figure),
                "{figure} of {asked}"
            );
        }

        let explained = app.get(&format!("/v1/totals/explain?{asked}")).await.expect(200);
        let each = |name: &str| -> Vec<Value> {
            groups(&explained)
                .flat_map(|group| group[name].as_array().unwrap().clone())
                .collect()
        };
        for figure in [
            "min",
            "point",
            "max",
            "committed",
            "paid",
            "withdrawn",
            "outstanding",
        ] {
            assert_eq!(
                nonzero(by_currency(each("counted").iter(), figure)),
                nonzero(by_currency(counted.iter(), figure)),
                "{figure} of {asked}"
            );
        }
        assert_eq!(
            by_currency(each("excluded").iter(), "point"),
            by_currency(left_out.iter(), "point"),
            "{asked}"
        );
    }
    assert!(matched > 20, "only {matched} filters match anything");
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn kept_sums_are_right_after_many_writers_at_once(#[case] engine: Engine) {
    let app = std::sync::Arc::new(App::start(engine).await);
    app.meeting("m-one").await;
    app.meeting("m-two").await;
    app.participant("USA").await;
    let shared = app.pledge("m-one", "1000000.00", "USD").await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..12_u64 {
        let (app, shared) = (app.clone(), shared.clone());
        writers.spawn(async move {
            let mut dice = Dice(writer);
            for _ in 0..12 {
                let own = app.pledge(dice.pick(&["m-one", "m-two"]), "300.00", "EUR").await;
                app.event(&shared, "paid", "10.00", "2018-06").await;
                let patched = match dice.roll(3) {
                    0 => {
                        app.patch(
                            &format!("/v1/pledges/{own}"),
                            json!({"meeting": "m-two", "amount": "200.00"}),
                        )
                        .await
                    }
                    1 => {
                        app.patch(&format!("/v1/pledges/{own}"), json!({"instrument": "loan"}))
                            .await
                    }
                    _ => app.delete(&format!("/v1/pledges/{own}")).await,
                };
                patched.ok();
            }
        });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap();
    }
    let paid = app.pledge_now(&shared).await;
    assert_eq!(paid["paid"], "1440.00");
    assert_eq!(paid["version"], 145);
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_kept_sum_that_is_wrong_is_found_and_mended(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    app.pledge(&meeting, "100.00", "USD").await;
    let mut conn = app.register().db().begin().await.unwrap();
    conn.run(Sql::new(
        "update rollups set pledged = pledged + 1 where level = 'meeting'",
    ))
    .await
    .unwrap();
    let differences = rollups::verify(&mut conn).await.unwrap();
    assert_eq!(differences.len(), 1);
    assert!(differences[0].row.starts_with("meeting m-one"), "{differences:?}");
    rollups::rebuild(&mut conn).await.unwrap();
    assert_eq!(rollups::verify(&mut conn).await.unwrap(), []);
    conn.commit().await.unwrap();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_largest_amounts_add_up_and_a_sum_that_would_not_fit_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    let largest = "1000000000000000.000";
    for _ in 0..2 {
        app.pledge(&meeting, largest, "KWD").await;
    }
    let totals = app.totals("").await;
    assert_eq!(
        totals["groups"][0]["by_currency"][0]["point"],
        "2000000000000000.000"
    );
    for _ in 2..9 {
        app.pledge(&meeting, largest, "KWD").await;
    }
    let before = app.get("/v1/changes?limit=1").await["items"][0]["seq"].clone();
    let refused = app
        .post(
            "/v1/pledges",
            json!({"participant": "USA", "meeting": meeting, "instrument": "grant", "qualifier": "exact", "amount": largest, "currency": "KWD"}),
        )
        .await
        .problem(422, "invalid");
    assert_eq!(refused["errors"][0]["code"], "sum_does_not_fit");
    assert_eq!(app.get("/v1/changes?limit=1").await["items"][0]["seq"], before);
    assert_eq!(
        app.totals("").await["groups"][0]["by_currency"][0]["point"],
        "9000000000000000.000"
    );
}

async fn rates(app: &App, list: Value) -> Answer {
    app.put("/v1/rates", list).await
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_names_its_rates_and_lists_what_has_none(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    rates(
        &app,
        json!([
            {"currency": "EUR", "date": "2018-02-12", "per_usd": "0.8", "source": "test"},
            {"currency": "EUR", "date": "2018-03-05", "per_usd": "1.25", "source": "test"},
            {"currency": "KWD", "date": "2018-02-13", "per_usd": "0.3", "source": "test"},
        ]),
    )
    .await
    .expect(422)
    .fault("/1/per_usd");
    rates(
        &app,
        json!({"items": [
            {"currency": "EUR", "date": "2018-02-12", "per_usd": "0.80", "source": "test"},
            {"currency": "EUR", "date": "2018-06-30", "per_usd": "0.75", "source": "test"},
            {"currency": "KWD", "date": "2018-02-13", "per_usd": "0.3", "source": "test"},
        ]}),
    )
    .await
    .ok();
    let euros = app.pledge(&meeting, "100.00", "EUR").await;
    app.event(&euros, "paid", "30.00", "2018-06").await;
    app.pledge(&meeting, "60.00", "USD").await;
    app.pledge(&meeting, "7000", "SYP").await;

    let totals = app.totals("in=USD").await;
    let converted = &totals["groups"][0]["converted"];
    // 100 / 0.8 + 60; of it 30 / 0.8 is paid.
    assert_eq!(converted["point"], "185.00");
    assert_eq!(converted["paid"], "37.50");
    assert_eq!(converted["outstanding"], "147.50");
    assert_eq!(converted["unconverted"][0]["currency"], "SYP");
    assert_eq!(converted["unconverted"][0]["point"], "7000.00");
    assert_eq!(totals["rates"].as_array().unwrap().len(), 1);
    assert_eq!(totals["rates"][0]["date"], "2018-02-12");

    // Each event at its own day: 30 / 0.75.
    let totals = app.totals("in=USD&rate_date=event").await;
    assert_eq!(totals["groups"][0]["converted"]["paid"], "40.00");
    assert_eq!(totals["groups"][0]["converted"]["point"], "185.00");
    // Through the dollar, at a fixed day.
    let totals = app.totals("in=KWD&rate_date=2018-02-14&currency=EUR").await;
    assert_eq!(totals["groups"][0]["converted"]["point"], "37.500");
    // Too old.
    let totals = app.totals("in=USD&rate_date=2018-02-14&rate_max_age=1").await;
    assert_eq!(totals["groups"][0]["converted"]["point"], "60.00");
    assert_eq!(
        totals["groups"][0]["converted"]["unconverted"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    // No rate at all: null, not zero.
    let totals = app.totals("in=SYP&currency=EUR").await;
    assert!(totals["groups"][0]["converted"]["point"].is_null());
    assert_eq!(
        totals["groups"][0]["converted"]["unconverted"][0]["point"],
        "100.00"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn groups_are_sorted_bounded_and_paged(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for number in 0..7 {
        let meeting = app.meeting(&format!("m-{number}")).await;
        app.pledge(&meeting, &format!("{}.00", 100 * ((number * 3) % 7 + 1)), "USD")
            .await;
        app.pledge(&meeting, "5.00", "EUR").await;
    }
    app.get("/v1/totals?group_by=meeting&sort=-point")
        .await
        .problem(400, "malformed")
        .fault("?sort");
    app.get("/v1/totals?group_by=meeting&point_min=5")
        .await
        .problem(400, "malformed")
        .fault("?point_min");
    for (query, expected) in [
        (
            "group_by=meeting",
            vec!["m-0", "m-1", "m-2", "m-3", "m-4", "m-5", "m-6"],
        ),
        (
            "group_by=meeting&sort=-point&currency=USD",
            vec!["m-2", "m-4", "m-6", "m-1", "m-3", "m-5", "m-0"],
        ),
        (
            "group_by=meeting&sort=point&currency=USD&point_min=400",
            vec!["m-1", "m-6", "m-4", "m-2"],
        ),
        (
            "group_by=meeting&sort=pledges",
            vec!["m-0", "m-1", "m-2", "m-3", "m-4", "m-5", "m-6"],
        ),
    ] {
        for path in ["/v1/totals", "/v1/totals/explain"] {
            let pages = app.pages(&format!("{path}?{query}&limit=2")).await;
            assert!(pages.iter().all(|page| groups(page).count() <= 2));
            let seen: Vec<&str> = pages
                .iter()
                .flat_map(groups)
                .map(|group| group["key"]["meeting"].as_str().unwrap())
                .collect();
            assert_eq!(seen, expected, "{path}?{query}");
        }
    }
    let next = app.totals("group_by=meeting&limit=2").await["next"]
        .as_str()
        .unwrap()
        .to_owned();
    app.get(&format!("/v1/totals?group_by=participant&limit=2&after={next}"))
        .await
        .problem(400, "malformed")
        .fault("?after");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_headline_stands_beside_the_sum_and_the_gap(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let money = json!({"slug": "m-one", "headline_amount": "1000.00", "need_amount": "5000.00", "headline_currency": "USD"});
    let meeting = app.meeting_with(money).await;
    app.pledge(&meeting, "300.00", "USD").await;
    for query in [
        "",
        "?group_by=participant",
        "?state=fulfilled",
        "?restatements=include",
    ] {
        let totals = app
            .get(&format!("/v1/meetings/{meeting}/totals{query}"))
            .await
            .expect(200);
        assert_eq!(
            totals["headline"],
            json!({"currency": "USD", "amount": "1000.00", "need": "5000.00", "counted": "300.00", "gap": "700.00", "need_gap": "4700.00"})
        );
    }
}
