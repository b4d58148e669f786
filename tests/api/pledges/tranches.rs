//! Tranches: in which phases a pledge is to be kept, and what that says of when it is due.

use pledgebook::values::{Clock, Timestamp};
use serde_json::Value;

use super::{assert_figures, grant, granted, patched};
use crate::{answer::Answer, prelude::*};

fn tranche(from: &str, to: &str, amount: &str) -> Value {
    json!({"period_from": from, "period_to": to, "amount": amount})
}

/// A grant of 100 dollars in these tranches, and with these fields.
fn phased(tranches: Value, mut fields: Value) -> Value {
    fields["tranches"] = tranches;
    grant(fields)
}

async fn refused(app: &App, tranches: Value, fields: Value) -> Answer {
    let refused = app.post("/v1/pledges", phased(tranches, fields)).await;
    refused.problem(422, "invalid")
}

#[track_caller]
fn pointers(of: &Answer) -> Vec<&str> {
    let errors = of["errors"].as_array().unwrap();
    errors.iter().map(|it| it["pointer"].as_str().unwrap()).collect()
}

#[apply(on_both_engines)]
#[tokio::test]
async fn tranches_are_a_whole_list_and_come_back_as_they_were_sent(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let plain = granted(&app, json!({})).await;
    assert_eq!(
        app.get(&format!("/v1/pledges/{plain}")).await.ok()["tranches"],
        json!([])
    );

    let given = json!([
        tranche("2020", "2020-12", "60"),
        tranche("2018-07", "2019-06-30", "40.00")
    ]);
    let kept = json!([
        tranche("2020", "2020-12", "60.00"),
        tranche("2018-07", "2019-06-30", "40.00")
    ]);
    let created = app.post("/v1/pledges", phased(given, json!({}))).await.created();
    assert_eq!(created["tranches"], kept);
    let id = created.id();
    let path = format!("/v1/pledges/{id}");
    let read = app.get(&path).await.ok();
    assert_eq!(read["tranches"], kept);

    // What was read may be patched back, and another field leaves them.
    let back = app
        .patch(&path, json!({"tranches": kept, "first_due_on": "2020-12"}))
        .await
        .ok();
    assert_eq!(back["version"], 1);
    assert_eq!(
        patched(&app, &id, json!({"purpose": "Water"})).await.ok()["tranches"],
        kept
    );
    let one = json!([tranche("2021", "2021", "100.00")]);
    assert_eq!(
        patched(&app, &id, json!({"tranches": one})).await.ok()["tranches"],
        one
    );
    for none in [json!([]), json!(null)] {
        patched(&app, &id, json!({"tranches": one})).await.ok();
        assert_eq!(
            patched(&app, &id, json!({"tranches": none})).await.ok()["tranches"],
            json!([])
        );
    }

    let log = app.get(&format!("{path}/history")).await.ok();
    let said: Vec<&Value> = log
        .items()
        .iter()
        .map(|entry| &entry["after"]["tranches"])
        .collect();
    assert!(said.contains(&&kept) && said.contains(&&one), "{log}");

    // Away and back, with all of it.
    patched(&app, &id, json!({"tranches": kept})).await.ok();
    app.delete(&path).await.expect(204);
    assert_eq!(app.restore(&path).await.ok()["tranches"], kept);
}

#[apply(on_both_engines)]
#[tokio::test]
async fn a_batch_and_each_format_have_tranches_as_they_have_other_lists(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let kept = json!([tranche("2018", "2018", "100.00")]);
    let batch = json!([phased(kept.clone(), json!({})), grant(json!({}))]);
    let made = app.post("/v1/pledges/batch", batch).await.ok();
    let id = made["items"][0]["key"].as_str().unwrap().to_owned();
    assert_eq!(app.get(&format!("/v1/pledges/{id}")).await.ok()["tranches"], kept);
    let wrong = phased(json!([tranche("2018", "2017", "1")]), json!({}));
    let refused = app
        .post("/v1/pledges/batch", json!([grant(json!({})), wrong]))
        .await;
    assert_eq!(
        pointers(&refused.problem(422, "batch_refused")),
        ["/1/tranches/0/period_to"]
    );

    let csv = app
        .get("/v1/pledges?format=csv&fields=tranches,amount")
        .await
        .ok()
        .text;
    let cell = "\"[{\"\"period_from\"\":\"\"2018\"\",\"\"period_to\"\":\"\"2018\"\",\"\"amount\"\":\"\"100.00\"\"}]\"";
    assert!(csv.contains(cell), "{csv}");
    assert!(
        csv.contains("\r\n,100.00") || csv.contains("\r\n100.00,\r\n"),
        "{csv}"
    );
    let ndjson = app.get("/v1/pledges?format=ndjson").await.ok().text;
    let lines: Vec<Value> = ndjson
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(lines.iter().any(|line| line["tranches"] == kept), "{ndjson}");

    // No source states several amounts as one value.
    let article = app.article(json!({})).await;
    let citation =
        json!({"subject": format!("pledges/{id}"), "article": article, "states": {"tranches": "100"}});
    app.post("/v1/citations", citation)
        .await
        .problem(422, "invalid")
        .fault("/states/tranches");
}

#[apply(on_both_engines)]
#[tokio::test]
async fn each_refusal_names_its_tranche(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let first = || tranche("2018", "2018", "10");
    for (second, pointer) in [
        (
            json!({"period_to": "2019", "amount": "1"}),
            "/tranches/1/period_from",
        ),
        (
            json!({"period_from": "2019", "amount": "1"}),
            "/tranches/1/period_to",
        ),
        (
            json!({"period_from": "2019", "period_to": "2019"}),
            "/tranches/1/amount",
        ),
        (tranche("2019-03", "2019-02", "1"), "/tranches/1/period_to"),
        (tranche("2019-02-30", "2019", "1"), "/tranches/1/period_from"),
        (tranche("2019", "2019", "0.00"), "/tranches/1/amount"),
        (tranche("2019", "2019", "-1"), "/tranches/1/amount"),
        (tranche("2019", "2019", "1.001"), "/tranches/1/amount"),
        (tranche("2019", "2019", "90.01"), "/tranches/1/amount"),
        (tranche("2018-12-31", "2019", "1"), "/tranches/1/period_from"),
        (tranche("2018-05", "2018-05", "1"), "/tranches/1/period_from"),
        (tranche("2017", "2018-01-01", "1"), "/tranches/1/period_from"),
        (
            json!({"period_from": "2019", "period_to": "2019", "amount": "1", "note": "x"}),
            "/tranches/1/note",
        ),
        (json!("2019"), "/tranches/1"),
    ] {
        let refused = refused(&app, json!([first(), second]), json!({})).await;
        assert_eq!(pointers(&refused), [pointer], "{second}: {refused}");
    }
    let number = json!([{"period_from": "2018", "period_to": "2018", "amount": 10}]);
    refused(&app, number, json!({})).await.fault("/tranches/0/amount");
    refused(&app, json!("2018"), json!({})).await.fault("/tranches");
    let many: Vec<Value> = (0..101)
        .map(|year| tranche(&format!("{}", 1900 + year), &format!("{}", 1900 + year), "0.01"))
        .collect();
    refused(&app, json!(many), json!({})).await.fault("/tranches");

    // What is allowed just beside.
    for allowed in [
        json!([
            tranche("2018-06-30", "2018-06-30", "1"),
            tranche("2018-07-01", "2018-07-01", "1")
        ]),
        json!([tranche("2018-02-14", "2018-02", "1")]),
        json!([tranche("2018", "2018-02-14", "1")]),
        json!([tranche("2018-12", "2018", "1")]),
        json!([tranche("2019", "2019", "50"), tranche("2018", "2018", "50")]),
        json!(many[..100].to_vec()),
    ] {
        app.post("/v1/pledges", phased(allowed, json!({})))
            .await
            .created();
    }
}

#[apply(on_both_engines)]
#[tokio::test]
async fn tranches_come_to_no_more_than_is_stated_when_they_are_written(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let of = |amount: &str| json!([tranche("2018", "2018", amount)]);
    let none = json!(null);
    for (fields, most) in [
        (json!({}), Some("100.00")),
        // The point, also where it may be more.
        (json!({"qualifier": "about", "amount_max": "120"}), Some("100.00")),
        (
            json!({"qualifier": "up_to", "amount": none, "amount_max": "120"}),
            Some("120.00"),
        ),
        (
            json!({"qualifier": "between", "amount": none, "amount_min": "80", "amount_max": "120"}),
            Some("120.00"),
        ),
        (
            json!({"qualifier": "between", "amount_min": "80", "amount_max": "120"}),
            Some("100.00"),
        ),
        (
            json!({"qualifier": "at_least", "amount": none, "amount_min": "80"}),
            None,
        ),
    ] {
        let Some(most) = most else {
            let id = granted(&app, phased(of("999"), fields)).await;
            assert_figures(
                &app.get(&format!("/v1/pledges/{id}")).await.ok(),
                json!({"tranches": [tranche("2018", "2018", "999.00")]}),
            );
            continue;
        };
        granted(&app, phased(of(most), fields.clone())).await;
        let more = most.replace(".00", ".01");
        let refused = refused(&app, of(&more), fields).await;
        assert_eq!(pointers(&refused), ["/tranches/0/amount"]);
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(most) && detail.contains("0.01"), "{detail}");
    }

    // Without an amount there is nothing that they could be parts of.
    let nothing = json!({"amount": none, "qualifier": none, "currency": none});
    let refused = refused(&app, of("1"), nothing.clone()).await;
    assert_eq!(pointers(&refused), ["/tranches"]);
    assert!(
        refused["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("state it"),
        "{refused}"
    );
    app.post("/v1/pledges", phased(json!([]), nothing))
        .await
        .created();

    // They are of what was stated: what reduces it later leaves them, and a patch is held against them again.
    let id = granted(&app, phased(of("100"), json!({}))).await;
    app.event(&id, "reduced", "70", "2018-03").await;
    let reduced = app.get(&format!("/v1/pledges/{id}")).await.ok();
    assert_figures(
        &reduced,
        json!({"pledged": "30.00", "tranches": [tranche("2018", "2018", "100.00")]}),
    );
    patched(&app, &id, json!({"purpose": "Water"})).await.ok();
    patched(&app, &id, json!({"amount": "99.99"}))
        .await
        .problem(422, "invalid")
        .fault("/tranches/0/amount");
    patched(&app, &id, json!({"amount": "99.99", "tranches": of("99.99")}))
        .await
        .ok();
    let raised = granted(&app, json!({})).await;
    app.event(&raised, "increased", "50", "2018-03").await;
    patched(&app, &raised, json!({"tranches": of("100.01")}))
        .await
        .problem(422, "invalid")
        .fault("/tranches/0/amount");

    // In another currency with other decimals they are read as what that one has.
    let yen = json!({"currency": "JPY", "amount": "100"});
    let id = granted(&app, phased(of("100"), yen)).await;
    patched(&app, &id, json!({"currency": "KWD", "amount": "100.000"}))
        .await
        .ok();
    assert_eq!(
        app.get(&format!("/v1/pledges/{id}")).await.ok()["tranches"],
        json!([tranche("2018", "2018", "100.000")])
    );
}

fn on_new_years_day() -> Timestamp {
    "2020-01-01T00:00:00Z".parse().unwrap()
}

#[apply(on_both_engines)]
#[tokio::test]
async fn the_end_of_the_last_tranche_is_when_a_pledge_is_first_due(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(on_new_years_day)).await;
    let two = json!([tranche("2019", "2019", "50"), tranche("2018", "2018-06", "50")]);
    let id = granted(
        &app,
        phased(two, json!({"period_from": "2018", "period_to": "2021"})),
    )
    .await;
    let path = format!("/v1/pledges/{id}");
    let due = |date: &str, overdue: bool| json!({"first_due_on": date, "due": date, "overdue": overdue});
    assert_figures(&app.get(&path).await.ok(), due("2019", true));

    assert_figures(
        &patched(&app, &id, json!({"due_on": "2020-01-01"})).await.ok(),
        due("2020-01-01", false),
    );
    assert_figures(
        &patched(&app, &id, json!({"due_on": null, "tranches": []}))
            .await
            .ok(),
        due("2021", false),
    );
    let one = json!([tranche("2018", "2019-11", "50")]);
    assert_figures(
        &patched(&app, &id, json!({"tranches": one})).await.ok(),
        due("2019-11", true),
    );
    assert_eq!(app.get("/v1/due?within=0d").await.ok().items().len(), 1);

    app.event(&id, "paid", "100", "2019-12-05").await;
    let kept = json!({"state": "fulfilled", "overdue": false, "kept_late_days": 5});
    assert_figures(&app.get(&path).await.ok(), kept);
}
