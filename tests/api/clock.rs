//! The clock: whatever the register dates, it dates by the one that it was given.

use chrono::TimeDelta;
use pledgebook::values::{Clock, Timestamp};

use crate::prelude::*;

const THEN: &str = "2019-05-04T12:30:00Z";

fn then() -> Timestamp {
    THEN.parse().unwrap()
}

fn a_day_later() -> Timestamp {
    then() + TimeDelta::hours(24)
}

#[apply(on_both_engines)]
#[tokio::test]
async fn all_that_the_register_dates_is_of_its_own_clock(#[case] engine: Engine) {
    let app = App::start_at(engine, Clock::telling(then)).await;
    app.participant("USA").await;
    let usa = app.get("/v1/participants/USA").await.ok();
    assert_eq!(usa["created_at"], THEN);
    assert_eq!(usa["updated_at"], THEN);
    assert_eq!(app.get("/v1/changes").await.ok()["items"][0]["at"], THEN);

    let list = app.get("/v1/participants?format=csv").await.ok();
    let named = list.header("content-disposition").unwrap();
    assert!(named.ends_with("_2019-05-04T123000Z.csv\""), "{named}");
    let totals = app.get("/v1/totals?format=csv").await.ok();
    let named = totals.header("content-disposition").unwrap();
    assert!(named.ends_with("_2019-05-04T123000Z.csv\""), "{named}");
    let as_of: Timestamp = totals.header("pledgebook-as-of").unwrap().parse().unwrap();
    assert_eq!(as_of, then());

    // Another server, by whose clock a day has passed.
    let later = app.second_at(Clock::telling(a_day_later)).await;
    later
        .patch("/v1/participants/USA", json!({"names": {"fr": "États-Unis"}}))
        .await
        .ok();
    let usa = app.get("/v1/participants/USA").await.ok();
    assert_eq!(
        (&usa["created_at"], &usa["updated_at"]),
        (&json!(THEN), &json!("2019-05-05T12:30:00Z"))
    );
}
