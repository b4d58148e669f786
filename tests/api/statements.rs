//! What a request costs the database, in statements; those that begin and end transactions are not counted.

use crate::prelude::*;

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
        ("create a pledge", 7 + lock, app.post("/v1/pledges", new_pledge)),
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
            5 + lock,
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
