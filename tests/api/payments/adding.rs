//! Totals by events: what the events of a list come to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::furnished;
use crate::{answer::Answer, pledges::granted, prelude::*, reckoning::dice::Dice};

const SUMMED: [&str; 7] = [
    "committed",
    "paid",
    "redirected",
    "withdrawn",
    "expired",
    "increased",
    "reduced",
];

/// A row of sums, of these and null besides.
fn row(currency: &str, events: u64, sums: Value) -> Value {
    let mut row = json!({"currency": currency, "events": events});
    for stage in SUMMED {
        row[stage] = sums[stage].clone();
    }
    row
}

async fn by_events(app: &App, query: &str) -> Answer {
    app.totals(&format!("by=events&{query}")).await
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn events_add_up_by_stage_in_each_currency(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    let all = by_events(&app, "").await;
    let dollars = row("USD", 3, json!({"paid": "11.60", "redirected": "193.40"}));
    let dinars = row(
        "KWD",
        3,
        json!({"committed": "700.000", "paid": "250.125", "increased": "50.000"}),
    );
    assert_eq!(
        all["groups"],
        json!([{"key": {}, "names": {}, "events": 9, "by_currency": [dinars, dollars]}])
    );
    assert_eq!(all["excluded"], json!([]));
    assert_eq!((&all["rates"], &all["next"]), (&json!([]), &Value::Null));
    assert_eq!(all["basis"]["by"], "events");
    assert_eq!(all["basis"].get("restatements"), None);
    assert_eq!(all.header("pledgebook-basis"), Some("by=events"));
    // The filters of the list.
    let paid = by_events(
        &app,
        "stage=paid&occurred_from=2018-06&occurred_to=2018&participant=USA",
    )
    .await;
    assert_eq!(
        paid["groups"][0]["by_currency"],
        json!([row("USD", 2, json!({"paid": "11.60"}))])
    );
    let none = by_events(&app, "occurred_to=2017").await;
    assert_eq!(
        none["groups"],
        json!([{"key": {}, "names": {}, "events": 0, "by_currency": []}])
    );
    assert_eq!(
        by_events(&app, "occurred_to=2017&group_by=year").await["groups"],
        json!([])
    );
    let meeting = app
        .get("/v1/meetings/ministerial/totals?by=events&lang=ar")
        .await
        .expect(200);
    assert_eq!(meeting["groups"][0]["events"], 5);
    assert_eq!(meeting["groups"][0]["by_currency"][0]["paid"], "6.60");
    assert_eq!(meeting.body.get("headline"), None);
    assert!(
        meeting["basis"]["text"]
            .as_str()
            .unwrap()
            .contains("كل حدث بتاريخه")
    );
    // What was asked of pledges is as it was.
    let pledges = app.totals("by=pledges").await;
    assert_eq!(pledges.body["groups"], app.totals("").await.body["groups"]);
    assert_eq!(pledges["basis"]["parents"], "remainder");
}

/// The groups of a total: their keys, how many events, and a figure of the only currency.
fn groups(of: &Answer, dimension: &str, figure: &str) -> Vec<(Value, u64, Value)> {
    let each = of["groups"].as_array().unwrap().iter();
    each.map(|group| {
        let figure = group["by_currency"][0][figure].clone();
        (
            group["key"][dimension].clone(),
            group["events"].as_u64().unwrap(),
            figure,
        )
    })
    .collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn groups_are_of_the_event_and_of_its_pledge(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    let dinars = |query: &str| format!("currency=KWD&group_by={query}");
    assert_eq!(
        groups(&by_events(&app, &dinars("year")).await, "year", "paid"),
        [
            (json!("2018"), 1, Value::Null),
            (json!("2019"), 2, json!("250.125"))
        ]
    );
    // A year is no month, and stands last.
    assert_eq!(
        groups(&by_events(&app, &dinars("month")).await, "month", "committed"),
        [
            (json!("2019-01"), 2, Value::Null),
            (Value::Null, 1, json!("700.000"))
        ]
    );
    assert_eq!(
        groups(&by_events(&app, &dinars("stage")).await, "stage", "increased"),
        [
            (json!("committed"), 1, Value::Null),
            (json!("increased"), 1, json!("50.000")),
            (json!("paid"), 1, Value::Null)
        ]
    );
    // What has no amount is in no currency.
    assert_eq!(
        groups(&by_events(&app, "group_by=currency").await, "currency", "paid"),
        [
            (json!("KWD"), 3, json!("250.125")),
            (json!("USD"), 3, json!("11.60")),
            (Value::Null, 3, Value::Null)
        ]
    );
    let named = by_events(&app, "group_by=participant,meeting&stage=paid&lang=en").await;
    let kuwait = &named["groups"][0];
    assert_eq!(
        kuwait["key"],
        json!({"participant": "KWT", "meeting": "conference"})
    );
    let title = app.get("/v1/meetings/conference").await["title"].clone();
    assert_eq!(kuwait["names"]["meeting"], title);
    let kinds = by_events(
        &app,
        "group_by=participant_kind,instrument,coalition,state,beneficiary",
    )
    .await;
    let counted: u64 = kinds["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["events"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, 9);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn groups_come_by_their_figures_and_page_by_page(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    for (sort, years) in [
        ("-paid&currency=KWD", &["2019", "2018"][..]),
        ("committed&currency=KWD", &["2018", "2019"]),
        ("events", &["2019", "2018"]),
        ("-events", &["2018", "2019"]),
        ("-paid&in=USD", &["2018", "2019"]),
        ("key", &["2018", "2019"]),
    ] {
        let query = format!("/v1/totals?by=events&group_by=year&sort={sort}&limit=1");
        let pages = app.pages(&query).await;
        let found: Vec<_> = pages
            .iter()
            .map(|page| &page["groups"][0]["key"]["year"])
            .collect();
        assert_eq!(found, years, "{query}");
    }
    let table = app
        .get("/v1/totals?by=events&group_by=participant,currency&format=csv&bom=false")
        .await
        .expect(200);
    let lines: Vec<_> = table.text.lines().collect();
    assert_eq!(
        lines[0],
        "participant,participant_name,currency,events,committed,paid,redirected,withdrawn,expired,increased,reduced,group_events"
    );
    assert!(
        lines[1].starts_with("KWT,") && lines[1].ends_with(",KWD,3,700.000,250.125,,,,50.000,,3"),
        "{table}"
    );
    assert_eq!(lines.len(), 5, "{table}");
    assert_eq!(
        lines[4], ",,,1,,,,,,,,1",
        "an event as a whole, without an amount"
    );
    let rows = app
        .get("/v1/totals?by=events&group_by=stage&format=ndjson")
        .await
        .expect(200);
    assert_eq!(rows.text.lines().count(), 7);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn each_event_converts_at_its_own_day(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    let rate = |date: &str, per_usd: &str| json!({"currency": "KWD", "date": date, "per_usd": per_usd, "source": "test"});
    let rates = [rate("2018-12-31", "0.35"), rate("2019-01-31", "0.3")];
    app.put("/v1/rates", json!(rates)).await.ok();
    // A year and a month by their last days: 700 / 0.35, 250.125 / 0.3, 50 / 0.3.
    let converted = by_events(&app, "in=USD").await;
    let group = &converted["groups"][0]["converted"];
    let mut expected = row(
        "USD",
        6,
        json!({"committed": "2000.00", "paid": "845.35", "redirected": "193.40", "increased": "166.67"}),
    );
    expected["unconverted"] = json!([]);
    assert_eq!(group, &expected);
    assert_eq!(converted["rates"].as_array().unwrap().len(), 2);
    assert_eq!(converted.header("pledgebook-note"), None);
    assert!(converted["basis"].get("rate_date").is_none());
    assert_eq!(
        converted.header("pledgebook-basis"),
        Some("by=events; in=USD; rate_max_age=7; rate_source=first by name")
    );
    // Without a rate of its day an event is left in its own currency, with its stage.
    let some = by_events(&app, "in=EUR&currency=KWD,USD&stage=paid,committed").await;
    let group = &some["groups"][0]["converted"];
    assert_eq!((&group["events"], &group["paid"]), (&json!(0), &Value::Null));
    assert_eq!(
        group["unconverted"],
        json!([
            row("KWD", 2, json!({"committed": "700.000", "paid": "250.125"})),
            row("USD", 2, json!({"paid": "11.60"}))
        ])
    );
    assert!(!some["note"].as_str().unwrap().contains("rate_date"));
    assert!(some.header("pledgebook-note").is_some());
    // Each is rounded by itself, half to even: 0.005 / 0.35 and 0.3 would be 0.03 together.
    let small = granted(&app, json!({"currency": "KWD", "amount": "10"})).await;
    app.event(&small, "paid", "0.005", "2019-01-31").await;
    app.event(&small, "paid", "0.005", "2019-01-31").await;
    let pledge = "collective=true&in=USD&stage=paid&currency=KWD";
    let cents = by_events(&app, pledge).await;
    assert_eq!(cents["groups"][0]["converted"]["paid"], "0.04");
    let table = app
        .get(&format!("/v1/totals?by=events&format=csv&bom=false&{pledge}"))
        .await
        .expect(200);
    assert!(
        table
            .text
            .lines()
            .next()
            .unwrap()
            .ends_with("group_events,unconverted,rate_source"),
        "{table}"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_basis_leaves_out_is_told(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    let loans = by_events(&app, "instruments=loan&stage=paid").await;
    assert_eq!(loans["groups"][0]["events"], 1);
    assert_eq!(
        loans["excluded"],
        json!([{"reason": "other_instrument", "events": 2, "by_currency": [row("USD", 2, json!({"paid": "11.60"}))]}])
    );
    app.member("global", "USA", "2014-09").await;
    let members = by_events(&app, "membership_at=2018-02-13&group_by=participant").await;
    let reasons: Vec<_> = members["excluded"].as_array().unwrap().iter().collect();
    assert_eq!(
        reasons
            .iter()
            .map(|it| (&it["reason"], &it["events"]))
            .collect::<Vec<_>>(),
        [
            (&json!("not_a_member"), &json!(1)),
            (&json!("no_coalition"), &json!(4))
        ]
    );
    assert_eq!(
        groups(&members, "participant", "redirected"),
        [
            (json!("KWT"), 0, Value::Null),
            (json!("USA"), 4, json!("193.40")),
            (Value::Null, 0, Value::Null)
        ]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_and_why(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (path, query, parameter) in [
        ("totals", "by=events&restatements=include", "?restatements"),
        ("totals", "by=events&parents=remainder", "?parents"),
        ("totals", "by=events&in=USD&rate_date=event", "?rate_date"),
        ("totals", "by=events&currency=USD&point_min=1", "?point_min"),
        ("totals", "by=events&sort=point&currency=USD", "?sort"),
        ("totals", "by=events&sort=paid", "?sort"),
        ("totals", "by=events&rate_max_age=3", "?rate_max_age"),
        ("totals", "by=events&participant=XYZ", "?participant"),
        ("totals", "by=events&stage=given", "?stage"),
        ("totals", "by=payments", "?by"),
        ("totals", "group_by=stage", "?group_by"),
        ("totals", "by=pledges&stage=paid", "?stage"),
        ("totals", "occurred_from=2018", "?occurred_from"),
        ("totals", "occurred_to=2018", "?occurred_to"),
        ("totals", "by=events&limit=0", "?limit"),
        ("totals/explain", "by=events", "?by"),
        ("totals/explain", "stage=paid", "?stage"),
        ("totals/explain", "group_by=stage", "?group_by"),
    ] {
        app.get(&format!("/v1/{path}?{query}"))
            .await
            .problem(400, "malformed")
            .fault(parameter);
    }
    app.meeting("here").await;
    app.get("/v1/meetings/here/totals?by=events&meeting=here")
        .await
        .problem(400, "malformed")
        .fault("?meeting");
    app.get("/v1/meetings/nowhere/totals?by=events")
        .await
        .problem(404, "not_found");
    let explained = app.get("/v1/totals/explain?by=events").await;
    assert!(
        explained.text.contains("/v1/events"),
        "names the mend: {explained}"
    );
    app.get("/v1/totals/explain?by=pledges").await.expect(200);
}

/// Minor units of an amount that has this many decimals.
fn minor(amount: &str, decimals: usize) -> i128 {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    assert_eq!(fraction.len(), decimals, "{amount}");
    format!("{whole}{fraction}").parse().unwrap()
}

fn decimals(currency: &str) -> usize {
    match currency {
        "KWD" => 3,
        "JPY" => 0,
        _ => 2,
    }
}

/// A group, a currency and a stage.
type At = (String, String, String);

/// How many events, and their sum in minor units.
type Sums = BTreeMap<At, (u64, i128)>;

/// The sums of an answer, each once; and how many events each of its rows says it has.
type Told = (BTreeMap<At, i128>, BTreeMap<(String, String), u64>);

/// What the list shows, added up one by one.
fn added_up(rows: &[Value], key: impl Fn(&Value) -> String) -> Sums {
    let mut sums = Sums::new();
    for event in rows {
        let Some(currency) = event["currency"].as_str() else {
            continue;
        };
        let stage = event["stage"].as_str().unwrap().to_owned();
        let sum = sums.entry((key(event), currency.to_owned(), stage)).or_default();
        sum.0 += 1;
        sum.1 += minor(event["amount"].as_str().unwrap(), decimals(currency));
    }
    sums
}

fn told(answer: &Answer, dimension: &str) -> Told {
    let (mut sums, mut counts) = (BTreeMap::new(), BTreeMap::new());
    for group in answer["groups"].as_array().unwrap() {
        let key = group["key"][dimension].as_str().unwrap_or("null").to_owned();
        for row in group["by_currency"].as_array().unwrap() {
            let currency = row["currency"].as_str().unwrap().to_owned();
            counts.insert((key.clone(), currency.clone()), row["events"].as_u64().unwrap());
            for stage in SUMMED {
                if let Some(amount) = row[stage].as_str() {
                    let at = (key.clone(), currency.clone(), stage.to_owned());
                    sums.insert(at, minor(amount, decimals(&currency)));
                }
            }
        }
    }
    (sums, counts)
}

/// A register of chance: pledges of three participants in three currencies, some of them parts of the first.
async fn filled(app: &App, dice: &mut Dice) {
    let meetings = [app.meeting("one").await, app.meeting("two").await];
    let mut pledges = Vec::new();
    for number in 0..14 {
        let currency = dice.of(&["USD", "KWD", "JPY"]);
        let mut fields = json!({
            "participant": app.participant(dice.of(&["USA", "KWT", "JPN"])).await,
            "amount": "1000000", "currency": currency, "instrument": dice.of(&["grant", "loan"]),
            "announced_on": dice.of(&["2017-05", "2018-02-13", "2018"]),
        });
        if !dice.one_in(4) {
            fields["meeting"] = json!(dice.of(&meetings));
        }
        if number % 5 == 4 {
            let (parent, of, participant): &(String, &str, Value) = &pledges[0];
            fields["parent"] = json!(parent);
            fields["currency"] = json!(of);
            fields["participant"] = participant.clone();
            fields["amount"] = json!("100");
        }
        let participant = fields["participant"].clone();
        let currency = fields["currency"].as_str().unwrap().to_owned();
        let currency = ["USD", "KWD", "JPY"]
            .into_iter()
            .find(|it| *it == currency)
            .unwrap();
        pledges.push((granted(app, fields).await, currency, participant));
    }
    let mut made = Vec::new();
    for _ in 0..90 {
        let (pledge, currency, _) = &pledges[dice.roll(pledges.len())];
        let stage = dice.of(&[
            "committed",
            "paid",
            "paid",
            "paid",
            "redirected",
            "withdrawn",
            "expired",
            "increased",
            "reduced",
            "frozen",
            "released",
        ]);
        let mut event = json!({
            "stage": stage,
            "occurred_on": dice.of(&["2017", "2018", "2018-02", "2018-02-13", "2018-06-15", "2019-01-31", "2019-02"]),
        });
        if !matches!(stage, "frozen" | "released") {
            let units = 1 + dice.roll(999);
            let digits = decimals(currency);
            let fraction = format!("{:03}", dice.roll(1000));
            event["amount"] = json!(if digits == 0 {
                units.to_string()
            } else {
                format!("{units}.{}", &fraction[..digits])
            });
        }
        let sent = app.post(&format!("/v1/pledges/{pledge}/events"), event).await;
        // A part may have nothing left to be lost, which is the register's to say.
        if sent.status == 201 {
            made.push(format!("/v1/pledges/{pledge}/events/{}", sent.id()));
        }
    }
    assert!(made.len() > 60, "most events are taken: {}", made.len());
    for event in made.iter().step_by(9) {
        app.delete(event).await.expect(204);
    }
    app.delete(&format!("/v1/pledges/{}", pledges[1].0))
        .await
        .expect(204);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_total_is_what_one_adds_up_from_the_list(#[case] engine: Engine) {
    let mut dice = Dice::seeded("PAYMENTS_SEED", 2018);
    let app = App::start(engine).await;
    filled(&app, &mut dice).await;
    type Key = fn(&Value) -> String;
    let dimensions: [(&str, Key); 7] = [
        ("year", |it| it["occurred_on"].as_str().unwrap()[..4].to_owned()),
        ("month", |it| {
            it["occurred_on"]
                .as_str()
                .unwrap()
                .get(..7)
                .unwrap_or("null")
                .to_owned()
        }),
        ("stage", |it| it["stage"].as_str().unwrap().to_owned()),
        ("participant", |it| {
            it["participant"].as_str().unwrap_or("null").to_owned()
        }),
        ("meeting", |it| {
            it["meeting"].as_str().unwrap_or("null").to_owned()
        }),
        ("currency", |it| {
            it["currency"].as_str().unwrap_or("null").to_owned()
        }),
        ("", |_| "null".to_owned()),
    ];
    let mut compared = 0;
    for _ in 0..40 {
        let mut filters = Vec::new();
        for (one_in, filter) in [
            (3, dice.of(&["participant=USA", "participant=KWT,JPN"])),
            (
                3,
                dice.of(&["meeting=one", "meeting=one,two", "collective=false"]),
            ),
            (
                3,
                dice.of(&[
                    "instrument=loan",
                    "state=open,partly_paid",
                    "currency=KWD",
                    "announced_from=2018",
                ]),
            ),
            (
                2,
                dice.of(&[
                    "stage=paid",
                    "stage=paid,committed,frozen",
                    "stage=redirected,withdrawn,expired",
                ]),
            ),
            (
                2,
                dice.of(&[
                    "occurred_from=2018-02-13",
                    "occurred_from=2018-06",
                    "occurred_from=2019",
                    "occurred_to=2018-02",
                    "occurred_to=2018",
                    "occurred_to=2018-06-15",
                    "occurred_from=2018-02-13&occurred_to=2018-02",
                    "occurred_from=2018-06&occurred_to=2018",
                    "occurred_from=2018-06&occurred_to=2018-06-15",
                ]),
            ),
        ] {
            if dice.one_in(one_in) {
                filters.push(filter);
            }
        }
        let filters = filters.join("&");
        let rows = app.rows(&format!("/v1/events?limit=200&{filters}")).await;
        let (dimension, key) = dimensions[dice.roll(dimensions.len())];
        let grouped = if dimension.is_empty() {
            String::new()
        } else {
            format!("&group_by={dimension}")
        };
        let answer = by_events(&app, &format!("{filters}{grouped}")).await;
        let expected = added_up(&rows, key);
        let (sums, counts) = told(&answer, dimension);
        let expected_sums = expected.iter().map(|(at, (_, sum))| (at.clone(), *sum)).collect();
        assert_eq!(sums, expected_sums, "{filters}{grouped}");
        let mut expected_counts = BTreeMap::new();
        for ((group, currency, _), (events, _)) in &expected {
            *expected_counts
                .entry((group.clone(), currency.clone()))
                .or_default() += events;
        }
        assert_eq!(counts, expected_counts, "{filters}{grouped}");
        let events: u64 = answer["groups"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["events"].as_u64().unwrap())
            .sum();
        assert_eq!(events, u64::try_from(rows.len()).unwrap(), "{filters}{grouped}");
        compared += sums.len();
    }
    assert!(compared > 100, "sums were compared: {compared}");
    // What happened to live pledges in all is what these say of themselves.
    let all = by_events(&app, "group_by=currency").await;
    let pledges = app.totals("group_by=currency").await;
    for (events, pledges) in all["groups"]
        .as_array()
        .unwrap()
        .iter()
        .zip(pledges["groups"].as_array().unwrap())
    {
        let (events, pledges) = (&events["by_currency"][0], &pledges["by_currency"][0]);
        for figure in ["currency", "committed", "paid"] {
            if !events[figure].is_null() {
                assert_eq!(events[figure], pledges[figure], "{figure}");
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_no_number_of_the_database_holds_is_added_up_all_the_same(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let largest = "1000000000000000.000";
    for _ in 0..11 {
        let pledge = granted(&app, json!({"currency": "KWD", "amount": "1"})).await;
        app.event(&pledge, "increased", largest, "2018").await;
        app.event(&pledge, "reduced", largest, "2018").await;
    }
    let sums = by_events(&app, "group_by=year").await;
    let dinars = &sums["groups"][0]["by_currency"][0];
    for stage in ["increased", "reduced"] {
        assert_eq!(dinars[stage], "11000000000000000.000");
    }
}
