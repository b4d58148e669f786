//! What a request costs the database, in statements; those that begin and end transactions are not counted.

use crate::{app::Ask, prelude::*};

/// Of each main route the most statements that it may run. A write on Postgres asks for the register's lock as well.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn no_request_runs_more_statements_than_is_known(#[case] engine: Engine) {
    // What is answered from memory runs none.
    let app = App::start(engine).await.forgetful().await;
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "200.00", "USD").await;
    app.event(&pledge, "paid", "1.00", "2018-03").await;
    let article = app.article(json!({})).await;
    let subject = format!("pledges/{pledge}");
    app.post("/v1/citations", json!({"subject": subject, "article": article}))
        .await
        .created();
    let of_event = format!("/v1/pledges/{pledge}/events");
    let of_pledge = format!("/v1/pledges/{pledge}");
    let new_pledge = json!({"participant": "USA", "meeting": meeting, "instrument": "grant", "qualifier": "exact",
        "amount": "5.00", "currency": "USD", "announced_on": "2018-02-13"});
    let lock = u64::from(engine == Engine::Postgres);
    // What stands in line asks whether a file is the register still, beside its key where that was not looked up of late.
    let look = u64::from(engine == Engine::Sqlite);
    for (name, most, asked) in [
        ("read a pledge", 3, app.get(&of_pledge)),
        ("list pledges", 1, app.get("/v1/pledges?limit=50")),
        ("list events of all", 1, app.get("/v1/events?limit=50&stage=paid")),
        ("read a meeting", 3, app.get("/v1/meetings/kuwait-2018")),
        (
            "totals of a meeting",
            3,
            app.get("/v1/meetings/kuwait-2018/totals"),
        ),
        (
            "totals by participant",
            3,
            app.get("/v1/totals?group_by=participant"),
        ),
        (
            "totals by events",
            2,
            app.get("/v1/totals?by=events&group_by=participant"),
        ),
        ("read the log", 2, app.get("/v1/changes?limit=50")),
        (
            "create a pledge",
            11 + lock + look,
            app.post("/v1/pledges", new_pledge),
        ),
        (
            "create an event",
            11 + lock,
            app.post(
                &of_event,
                json!({"stage": "paid", "amount": "2.00", "occurred_on": "2018-04"}),
            ),
        ),
        (
            "change a pledge",
            12 + lock,
            app.patch(&of_pledge, json!({"amount": "300.00"})),
        ),
        (
            "create a participant",
            9 + lock + look,
            app.post(
                "/v1/participants",
                json!({"code": "XX", "kind": "fund", "names": {"en": "X"}}),
            ),
        ),
    ] {
        let before = app.register().db().statements();
        let answer = asked.await;
        assert!(answer.status < 300, "{name}: {answer:?}");
        let run = app.register().db().statements() - before;
        assert!(
            (1..=most).contains(&run),
            "{name}: {run} statements, and {most} are known"
        );
    }
}

/// How many statements a request runs.
async fn statements(app: &App, asked: Ask) -> u64 {
    let before = app.register().db().statements();
    let answer = asked.await;
    assert!(answer.status < 300, "{answer:?}");
    app.register().db().statements() - before
}

/// A pledge, and an event of it, that so many sources tell of; its path.
async fn cited(app: &App, article: &str, times: usize) -> String {
    let pledge = app.pledge("kuwait-2018", "200.00", "USD").await;
    let event = app.event(&pledge, "paid", "1.00", "2018-03").await;
    for _ in 0..times {
        app.citation(&format!("pledges/{pledge}"), article, json!({}))
            .await;
        app.citation(&format!("events/{event}"), article, json!({})).await;
    }
    format!("/v1/pledges/{pledge}")
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_record_with_many_parts_goes_as_one_with_few(#[case] engine: Engine) {
    let app = App::start(engine).await.forgetful().await;
    app.meeting("kuwait-2018").await;
    let article = app.article(json!({})).await;
    let (few, many) = (cited(&app, &article, 1).await, cited(&app, &article, 8).await);
    assert_eq!(
        statements(&app, app.delete(&many)).await,
        statements(&app, app.delete(&few)).await
    );
    // Each source is held against its article when it comes back, and nothing else is asked of it.
    let restored = statements(&app, app.restore(&few)).await;
    let most = restored + 3 * 14;
    let restored = statements(&app, app.restore(&many)).await;
    assert!(restored <= most, "{restored} statements, and {most} are known");
    // It comes back whole, and the log has parts behind their wholes.
    let log = app.get("/v1/changes?op=restore&sort=seq&limit=200").await.ok();
    let resources = log.each("resource");
    assert_eq!(resources.len(), 4 + 18);
    assert_eq!(resources[4], "pledges");
    assert!(resources[5..].iter().all(|it| *it != "pledges"));
    let event = resources[5..].iter().position(|it| *it == "events").unwrap();
    assert!(event < resources.len() - 9, "its sources come behind the event");
    let log = app.get("/v1/changes?op=retract&sort=seq&limit=200").await.ok();
    assert_eq!(log.each("resource")[17], "pledges");
    let seen = app.get(&format!("{many}/citations?limit=200")).await.ok();
    assert_eq!(seen.items().len(), 8);
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_article_of_many_pledges_is_dated_anew_as_one_of_few(#[case] engine: Engine) {
    let app = App::start(engine).await.forgetful().await;
    app.meeting("kuwait-2018").await;
    let mut run = Vec::new();
    // The first one of a year is new to the index of search as well.
    for count in [1, 1, 9] {
        let article = app.article(json!({})).await;
        let mut pledges = Vec::new();
        for _ in 0..count {
            pledges.push(cited(&app, &article, 1).await);
        }
        let path = format!("/v1/articles/{article}");
        let dated = app.patch(&path, json!({"published_on": "2019-05"}));
        run.push(statements(&app, dated).await);
        for pledge in pledges {
            assert_eq!(app.get(&pledge).await.ok()["last_evidence_on"], "2019-05-31");
        }
    }
    assert_eq!(run[1], run[2]);
    // Without a day it says nothing, and an event is the last that was heard.
    let of_none = app.get("/v1/articles?limit=1").await.ok().items()[0]["id"].clone();
    let path = format!("/v1/articles/{}", of_none.as_str().unwrap());
    app.patch(&path, json!({"published_on": null})).await.ok();
    let silent = app.get("/v1/pledges?limit=200").await.ok();
    let last: Vec<_> = silent.each("last_evidence_on");
    assert_eq!(
        last.iter().filter(|it| **it == "2018-03-31").count(),
        9,
        "{last:?}"
    );
}
