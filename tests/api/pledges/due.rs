//! When a pledge is due, how late it was kept, and since when nothing was heard of it.

use pledgebook::values::{Clock, Timestamp};
use reqwest::Method;
use serde_json::Value;

use crate::{answer::Answer, prelude::*};

fn noon(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn on_the_last_of_june() -> Timestamp {
    noon("2020-06-30")
}

fn on_the_first_of_july() -> Timestamp {
    noon("2020-07-01")
}

fn political(fields: Value) -> Value {
    let mut pledge =
        json!({"instrument": "political", "purpose": "Deny a safe haven", "announced_on": "2018-02-13"});
    for (name, value) in fields.as_object().unwrap() {
        pledge[name] = value.clone();
    }
    pledge
}

async fn promised(app: &App, fields: Value) -> String {
    app.post("/v1/pledges", political(fields)).await.created().id()
}

async fn put_off(app: &App, pledge: &str, to: &str, on: &str) -> String {
    let event = json!({"stage": "rescheduled", "occurred_on": on, "to": to});
    let path = format!("/v1/pledges/{pledge}/events");
    app.post(&path, event).await.created().id()
}

#[apply(on_both_engines)]
#[tokio::test]
async fn a_pledge_is_overdue_on_the_day_after_the_last_that_it_was_due_on(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(on_the_last_of_june)).await;
    let id = promised(&app, json!({"due_on": "2020-06"})).await;
    let path = format!("/v1/pledges/{id}");
    let before = app.get(&path).await.ok();
    assert_eq!(before["as_of"], "2020-06-30");
    assert_eq!(before["overdue"], false);
    assert_eq!(
        (&before["first_due_on"], &before["due"]),
        (&json!("2020-06"), &json!("2020-06"))
    );

    let later = app.second_at(Clock::telling(on_the_first_of_july)).await;
    let after = later.get(&path).await.ok();
    assert_eq!(
        (&after["as_of"], &after["overdue"]),
        (&json!("2020-07-01"), &json!(true))
    );
    assert_eq!(before["version"], after["version"]);
    let tag = before.header("etag").unwrap().to_owned();
    assert_ne!(Some(tag.as_str()), after.header("etag"));
    // Who has it as it was yesterday has this version all the same.
    let kept = json!({"purpose": "Deny it", "overdue": false, "as_of": "1999-01-01", "silent_days": 5, "last_evidence_on": "1999-01-01"});
    later
        .ask(Method::PATCH, &path)
        .json(&kept)
        .header("if-match", &tag)
        .await
        .ok();

    for (query, found) in [("overdue=true", 0), ("overdue=false", 1)] {
        assert_eq!(
            app.get(&format!("/v1/pledges?{query}")).await.ok().items().len(),
            found,
            "{query}"
        );
        let totals = app.totals(&format!("{query}&group_by=state")).await;
        assert_eq!(totals["groups"].as_array().unwrap().len(), found, "{query}");
    }
    // A whole list says the day too, and is another one then.
    for list in ["/v1/pledges?overdue=true", "/v1/events?overdue=true", "/v1/due?"] {
        let path = format!("{list}&format=csv");
        let tag = app.get(&path).await.ok().header("etag").unwrap().to_owned();
        assert_eq!(
            app.get_with(&path, &[("if-none-match", &tag)]).await.status,
            304,
            "{path}"
        );
        assert_eq!(
            later.get_with(&path, &[("if-none-match", &tag)]).await.status,
            200,
            "{path}"
        );
    }
    let overdue = later.get("/v1/pledges?overdue=true").await.ok();
    assert_eq!(
        (overdue.items().len(), &overdue["as_of"]),
        (1, &json!("2020-07-01"))
    );
    let csv = later
        .get("/v1/pledges?overdue=true&format=csv&fields=id,overdue,as_of")
        .await
        .ok();
    assert!(
        csv.text.contains(&format!("{id},true,2020-07-01")),
        "{}",
        csv.text
    );
    // Nothing that the day decides is in the log.
    let log = app.get(&format!("{path}/history")).await.ok();
    for entry in log.items() {
        for name in ["overdue", "silent_days", "last_evidence_on", "as_of"] {
            assert!(entry["after"].get(name).is_none(), "{entry}");
        }
        assert_eq!(entry["after"]["due"], "2020-06");
    }

    for (stage, is_due) in [("started", true), ("completed", false), ("withdrawn", false)] {
        later.event(&id, stage, None, "2020-06-30").await;
        assert_eq!(later.pledge_now(&id).await["overdue"], is_due, "{stage}");
    }
}

#[apply(on_both_engines)]
#[tokio::test]
async fn what_is_put_off_keeps_the_date_that_was_said_first(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(on_the_first_of_july)).await;
    let usa = app.participant("USA").await;
    let id = app
        .pledge_with(
            json!({"participant": usa, "qualifier": "exact", "amount": "10.00", "currency": "USD",
            "period_from": "2019", "period_to": "2019"}),
        )
        .await;
    let path = format!("/v1/pledges/{id}");
    let dates = |it: &Answer| {
        [
            it["due_on"].clone(),
            it["first_due_on"].clone(),
            it["due"].clone(),
        ]
    };
    assert_eq!(
        dates(&app.pledge_now(&id).await),
        [Value::Null, json!("2019"), json!("2019")]
    );
    app.patch(&path, json!({"due_on": "2020-03-31"})).await.ok();
    // The later one by date, whichever was written down first; of one day, the one that was written down last.
    let second = put_off(&app, &id, "2021-06", "2020-05").await;
    put_off(&app, &id, "2020-12", "2020-04").await;
    assert_eq!(
        dates(&app.pledge_now(&id).await),
        ["2020-03-31", "2020-03-31", "2021-06"].map(Value::from)
    );
    assert_eq!(app.pledge_now(&id).await["overdue"], false);
    let third = put_off(&app, &id, "2022", "2020-05").await;
    assert_eq!(app.pledge_now(&id).await["due"], "2022");
    for event in [third, second] {
        app.delete(&format!("{path}/events/{event}")).await.expect(204);
    }
    assert_eq!(app.pledge_now(&id).await["due"], "2020-12");
    assert_eq!(app.pledge_now(&id).await["state"], "open");
    // A date may be moved forward, even before the day on which that was said: it is overdue then.
    let forward = put_off(&app, &id, "2019-06", "2020-06-15").await;
    let now = app.pledge_now(&id).await;
    assert_eq!(
        (&now["due"], &now["first_due_on"], &now["overdue"]),
        (&json!("2019-06"), &json!("2020-03-31"), &json!(true))
    );
    app.delete(&format!("{path}/events/{forward}")).await.expect(204);

    let events = format!("{path}/events");
    let event = |fields: Value| {
        let mut event = json!({"stage": "rescheduled", "occurred_on": "2020-05"});
        for (name, value) in fields.as_object().unwrap() {
            event[name] = value.clone();
        }
        event
    };
    app.post(&events, event(json!({})))
        .await
        .problem(422, "invalid")
        .fault("/to");
    app.post(&events, event(json!({"to": "2021-13"})))
        .await
        .problem(422, "invalid")
        .fault("/to");
    app.post(&events, event(json!({"to": "2021", "amount": "1.00"})))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    app.post(
        &events,
        event(json!({"to": "2021", "stage": "paid", "amount": "1.00"})),
    )
    .await
    .problem(422, "invalid")
    .fault("/to");
}

#[apply(on_both_engines)]
#[tokio::test]
async fn met_fourteen_months_late_can_be_read_off(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let late = |id: String| {
        let app = &app;
        async move { app.pledge_now(&id).await["kept_late_days"].clone() }
    };
    let id = promised(&app, json!({"due_on": "2019-03"})).await;
    app.event(&id, "completed", None, "2020-05").await;
    // From the last day of March 2019 to the first of May 2020.
    assert_eq!(late(id.clone()).await, 397);
    // Done, undone, and done again.
    app.event(&id, "withdrawn", None, "2020-06").await;
    assert_eq!(late(id.clone()).await, Value::Null);
    app.event(&id, "completed", None, "2021-01-01").await;
    app.event(&id, "completed", None, "2021-02-01").await;
    assert_eq!(late(id.clone()).await, 642);
    // What was put off was late all the same.
    put_off(&app, &id, "2030", "2019-01").await;
    assert_eq!(late(id).await, 642);

    let usa = app.participant("USA").await;
    let paid_by = |due_on: &'static str| {
        app.pledge_with(
            json!({"participant": usa, "qualifier": "exact", "amount": "100.00", "currency": "USD",
            "due_on": due_on}),
        )
    };
    let id = paid_by("2019-12-31").await;
    app.event(&id, "paid", "60.00", "2019-06").await;
    app.event(&id, "paid", "40.00", "2020-01-10").await;
    app.event(&id, "frozen", None, "2020-02").await;
    assert_eq!(late(id.clone()).await, 10);
    // It was reduced to what was paid by then, in time.
    let reduced = json!({"stage": "reduced", "occurred_on": "2019-07", "amount": "40.00", "over": true});
    app.post(&format!("/v1/pledges/{id}/events"), reduced)
        .await
        .created();
    assert_eq!(late(id).await, Value::Null);

    let id = paid_by("2019-12-31").await;
    app.event(&id, "paid", "60.00", "2019-06").await;
    app.event(&id, "reduced", "40.00", "2020-01-02").await;
    assert_eq!(late(id).await, 2);
    // What is not kept is late for nobody knows how long.
    let id = paid_by("2019-12-31").await;
    app.event(&id, "paid", "60.00", "2020-06").await;
    assert_eq!(late(id).await, Value::Null);
}

#[apply(on_both_engines)]
#[tokio::test]
async fn silence_is_counted_from_the_last_that_was_heard(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(on_the_first_of_july)).await;
    let id = promised(&app, json!({"announced_on": "2020-05"})).await;
    let heard = |id: String| {
        let app = &app;
        async move {
            let pledge = app.pledge_now(&id).await;
            // What is found by is what is shown.
            if let Some(days) = pledge["silent_days"].as_i64() {
                for (least, found) in [(days, true), (days + 1, false)] {
                    let silent = app.rows(&format!("/v1/pledges?silent_days_min={least}")).await;
                    assert_eq!(
                        silent.iter().any(|it| it["id"] == *id),
                        found,
                        "{least} days of {pledge}"
                    );
                }
            }
            (pledge["last_evidence_on"].clone(), pledge["silent_days"].clone())
        }
    };
    // Of nothing else was heard since the end of May.
    assert_eq!(heard(id.clone()).await, (Value::Null, json!(31)));
    let old = app
        .article(json!({"title": "Old", "published_on": "2020-02-13"}))
        .await;
    let cited = app.citation(&format!("pledges/{id}"), &old, json!({})).await;
    assert_eq!(heard(id.clone()).await, (json!("2020-02-13"), json!(139)));
    let event = app.event(&id, "started", None, "2020-03").await;
    assert_eq!(heard(id.clone()).await, (json!("2020-03-31"), json!(92)));
    let news = app
        .article(json!({"title": "News", "published_on": "2020-06"}))
        .await;
    let of_event = app.citation(&format!("events/{event}"), &news, json!({})).await;
    assert_eq!(heard(id.clone()).await, (json!("2020-06-30"), json!(1)));
    let version = app.pledge_now(&id).await["version"].clone();
    app.patch(&format!("/v1/articles/{news}"), json!({"published_on": "2020"}))
        .await
        .ok();
    // A year is as long as its last day, but nothing was heard tomorrow.
    assert_eq!(heard(id.clone()).await, (json!("2020-07-01"), json!(0)));
    app.patch(
        &format!("/v1/articles/{news}"),
        json!({"published_on": "2020-06-21"}),
    )
    .await
    .ok();
    assert_eq!(heard(id.clone()).await, (json!("2020-06-21"), json!(10)));
    assert_eq!(app.pledge_now(&id).await["version"], version);
    app.delete(&format!("/v1/citations/{of_event}")).await.expect(204);
    assert_eq!(heard(id.clone()).await, (json!("2020-03-31"), json!(92)));
    app.restore(&format!("/v1/citations/{of_event}")).await.ok();
    // An event takes its sources along, and brings them back.
    app.delete(&format!("/v1/pledges/{id}/events/{event}"))
        .await
        .expect(204);
    assert_eq!(heard(id.clone()).await, (json!("2020-02-13"), json!(139)));
    app.restore(&format!("/v1/pledges/{id}/events/{event}"))
        .await
        .ok();
    assert_eq!(heard(id.clone()).await, (json!("2020-06-21"), json!(10)));
    // So does the pledge.
    let path = format!("/v1/pledges/{id}");
    app.delete(&path).await.expect(204);
    app.restore(&path).await.ok();
    assert_eq!(heard(id.clone()).await, (json!("2020-06-21"), json!(10)));
    app.delete(&format!("/v1/citations/{of_event}")).await.expect(204);
    app.patch(&format!("/v1/citations/{cited}"), json!({"article": news}))
        .await
        .ok();
    assert_eq!(heard(id.clone()).await, (json!("2020-06-21"), json!(10)));

    let said_at_once = app
        .post(
            "/v1/pledges",
            political(json!({"citations": [{"article": news}], "announced_on": null})),
        )
        .await
        .created();
    assert_eq!(heard(said_at_once.id()).await, (json!("2020-06-21"), json!(10)));
    let unheard_of = promised(&app, json!({"announced_on": null})).await;
    assert_eq!(heard(unheard_of.clone()).await, (Value::Null, Value::Null));
    let ahead = promised(&app, json!({"announced_on": "2021"})).await;
    assert_eq!(heard(ahead.clone()).await, (Value::Null, json!(0)));

    let ids = |answer: Answer| {
        answer
            .each("id")
            .into_iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let silent = |days: &str| app.get(&format!("/v1/pledges?silent_days_min={days}&sort=-silent_days"));
    assert_eq!(ids(silent("11").await.ok()).len(), 0);
    assert_eq!(ids(silent("10").await.ok()).len(), 2);
    let all = ids(silent("0").await.ok());
    assert_eq!((all.len(), &all[2]), (3, &ahead));
    let by_silence = app.rows("/v1/pledges?sort=silent_days&limit=1").await;
    let days: Vec<_> = by_silence.iter().map(|it| it["silent_days"].as_i64()).collect();
    assert_eq!(days, [Some(0), Some(10), Some(10), None]);
    for wrong in ["-1", "1.5", "1000000", "many"] {
        silent(wrong).await.problem(400, "malformed");
    }
}

#[apply(on_both_engines)]
#[tokio::test]
async fn what_is_due_soon_is_listed_the_longest_overdue_first(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(on_the_first_of_july)).await;
    let meeting = app.meeting("kuwait-2018").await;
    let on = |due: &'static str| promised(&app, json!({"due_on": due, "meeting": meeting}));
    let (far, soon, overdue) = (on("2020-09").await, on("2020-07-31").await, on("2019").await);
    let (kept, tied) = (on("2019").await, on("2020-07").await);
    promised(&app, json!({"meeting": meeting})).await;
    app.event(&kept, "completed", None, "2020").await;
    let listed = |query: &str| {
        let asked = app.get(&format!("/v1/due{query}"));
        async move {
            let answer = asked.await.ok();
            assert_eq!(answer["as_of"], "2020-07-01");
            let ids = answer.each("id");
            ids.into_iter()
                .map(|id| id.as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(listed("").await, [&overdue, &soon, &tied].map(String::clone));
    assert_eq!(listed("?within=30d&meeting=kuwait-2018").await.len(), 3);
    assert_eq!(listed("?within=29d").await, std::slice::from_ref(&overdue));
    assert_eq!(listed("?within=0d").await, std::slice::from_ref(&overdue));
    assert_eq!(
        listed("?within=92d").await,
        [&overdue, &soon, &tied, &far].map(String::clone)
    );
    assert_eq!(listed("?within=999999d&state=open").await.len(), 4);
    let paged = app.rows("/v1/due?within=92d&limit=1").await;
    assert_eq!(paged.len(), 4);
    for wrong in ["30", "d", "-1d", "+1d", "1w", "1000000d", "٣d", ""] {
        app.get(&format!("/v1/due?within={wrong}"))
            .await
            .problem(400, "malformed");
    }
    app.get("/v1/due?sort=-due").await.ok();
    app.get("/v1/due?participant=NOBODY")
        .await
        .problem(400, "malformed");

    let due = |query: &str| {
        let asked = app.get(&format!("/v1/pledges?{query}&count=true"));
        async move { asked.await.ok()["count"].clone() }
    };
    // A month is due from its first day to its last.
    assert_eq!(due("due_from=2020-07-15").await, 3);
    assert_eq!(due("due_from=2020-07-15&due_to=2020-07-20").await, 1);
    assert_eq!(due("due_to=2019-03").await, 2);
    let sorted = app.rows("/v1/pledges?sort=-due&limit=2").await;
    let dues: Vec<_> = sorted.iter().map(|it| it["due"].as_str()).collect();
    assert_eq!(
        dues,
        [
            Some("2020-09"),
            Some("2020-07"),
            Some("2020-07-31"),
            Some("2019"),
            Some("2019"),
            None
        ]
    );
}

#[apply(on_both_engines)]
#[tokio::test]
async fn what_is_dated_ahead_is_silent_for_as_long_as_what_was_heard_of_today(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(on_the_first_of_july)).await;
    let mut expected = Vec::new();
    // Ids break ties, whichever day comes first.
    for day in ["2022", "2020-07-01", "2021", "2023-05-05", "2020-06-30"] {
        expected.push(promised(&app, json!({"announced_on": day})).await);
    }
    let ids = |rows: &[Value]| -> Vec<String> {
        rows.iter()
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect()
    };
    for (sort, is_reversed) in [("silent_days", false), ("-silent_days", true)] {
        if is_reversed {
            expected.reverse();
        }
        for limit in [1, 2, 200] {
            let path = format!("/v1/pledges?sort={sort}&limit={limit}");
            assert_eq!(ids(&app.rows(&path).await), expected, "{path}");
        }
        let csv = app
            .get(&format!("/v1/pledges?sort={sort}&format=csv&fields=id"))
            .await
            .ok();
        assert_eq!(
            csv.text.split_whitespace().skip(1).collect::<Vec<_>>(),
            expected,
            "{sort}"
        );
    }
}
