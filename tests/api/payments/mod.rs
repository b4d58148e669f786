//! Money over time: events of all pledges in one list, and what they add up to by their own dates.

mod adding;
mod finding;

use std::collections::HashMap;

use crate::{pledges::granted, prelude::*};

/// Pledges of two participants, two meetings and one as a whole, in dollars and dinars, with events of most stages;
/// pledges' and events' ids by name.
async fn furnished(app: &App) -> HashMap<&'static str, String> {
    let coalition = app.coalition("global").await;
    let ministerial = app
        .meeting_with(json!({"slug": "ministerial", "coalition": coalition}))
        .await;
    let conference = app.meeting("conference").await;
    for code in ["USA", "KWT", "SYR"] {
        app.participant(code).await;
    }
    let mut made = HashMap::new();
    for (name, fields) in [
        (
            "us",
            json!({"participant": "USA", "meeting": ministerial, "amount": "200", "beneficiary": "SYR", "announced_on": "2018-02-13"}),
        ),
        (
            "kuwait",
            json!({"participant": "KWT", "meeting": conference, "instrument": "loan", "amount": "1000", "currency": "KWD"}),
        ),
        ("headline", json!({"amount": "300"})),
        (
            "principle",
            json!({"instrument": "political", "meeting": ministerial, "qualifier": null, "amount": null, "currency": null}),
        ),
    ] {
        made.insert(name, granted(app, fields).await);
    }
    let part = json!({"parent": made["headline"], "participant": "USA", "amount": "20"});
    made.insert("part", granted(app, part).await);
    for (name, pledge, stage, amount, occurred_on) in [
        ("frozen", "us", "frozen", None, "2018-03"),
        ("released", "us", "released", None, "2018-06"),
        ("first paid", "us", "paid", Some("6.6"), "2018-06-15"),
        ("redirected", "us", "redirected", Some("193.4"), "2018-08-17"),
        ("committed", "kuwait", "committed", Some("700"), "2018"),
        ("dinars", "kuwait", "paid", Some("250.125"), "2019-01"),
        ("increased", "kuwait", "increased", Some("50"), "2019-01-31"),
        ("part paid", "part", "paid", Some("5"), "2018-06-15"),
        ("started", "principle", "started", None, "2018-02-13"),
    ] {
        made.insert(name, app.event(&made[pledge], stage, amount, occurred_on).await);
    }
    made
}
