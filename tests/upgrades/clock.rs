//! Of pledges of a register of 0.2.0 it is known when they are due, and when they were last heard of.

use std::fs;

use pledgebook::db::{Db, Sql};
use serde_json::Value;

use crate::{
    deeds::Upgraded,
    fill, released,
    support::{Database, Engine},
};

/// The register was made without any.
async fn give_periods(url: &str) {
    let db = Db::open(url).await.unwrap();
    let mut write = db.begin().await.unwrap();
    let given = "update pledges set period_to = '2017-06' where retracted_at is null";
    write.run(Sql::new(given)).await.unwrap();
    write.commit().await.unwrap();
    db.close().await;
}

async fn all(register: &Upgraded, path: &str) -> Vec<Value> {
    let list = register.get(path).await;
    list["items"].as_array().unwrap().clone()
}

/// The last day of a date, as far as this register has dates.
fn last(date: &str) -> String {
    match date.len() {
        4 => format!("{date}-12-31"),
        7 => {
            let month: usize = date[5..].parse().unwrap();
            let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
            format!("{date}-{days}")
        }
        _ => date.to_owned(),
    }
}

async fn is_filled(url: &str) {
    give_periods(url).await;
    let register = Upgraded::serve(url).await;
    let pledges = all(&register, "/v1/pledges?limit=200").await;
    let (mut late, mut heard) = (0, 0);
    for pledge in &pledges {
        assert_eq!(
            (pledge["due"].as_str(), &pledge["due_on"]),
            (Some("2017-06"), &Value::Null)
        );
        let id = pledge["id"].as_str().unwrap();
        let events = all(&register, &format!("/v1/pledges/{id}/events?limit=200")).await;
        let mut days: Vec<String> = events
            .iter()
            .map(|it| last(it["occurred_on"].as_str().unwrap()))
            .collect();
        let subjects = events
            .iter()
            .map(|it| format!("events/{}", it["id"].as_str().unwrap()));
        for subject in subjects.chain([format!("pledges/{id}")]) {
            for citation in all(&register, &format!("/v1/citations?subject={subject}")).await {
                let article = citation["article"].as_str().unwrap();
                let article = register.get(&format!("/v1/articles/{article}")).await;
                days.extend(article["published_on"].as_str().map(last));
            }
        }
        assert_eq!(
            pledge["last_evidence_on"].as_str(),
            days.iter().max().map(String::as_str),
            "{pledge}"
        );
        heard += usize::from(!days.is_empty());
        // Every event of that register is later than what was due.
        assert_eq!(
            pledge["kept_late_days"].is_i64(),
            pledge["state"] == "fulfilled",
            "{pledge}"
        );
        late += usize::from(pledge["kept_late_days"].is_i64());
        let silent = days
            .iter()
            .max()
            .cloned()
            .or(pledge["announced_on"].as_str().map(last));
        assert_eq!(pledge["silent_days"].is_i64(), silent.is_some(), "{pledge}");
    }
    assert!(late > 3 && heard > 5 && heard < pledges.len(), "{late}, {heard}");
    let overdue = all(&register, "/v1/pledges?overdue=true&limit=200").await;
    let over = ["fulfilled", "withdrawn", "restated"].map(Value::from);
    let expected = pledges.iter().filter(|it| !over.contains(&it["state"])).count();
    assert_eq!(overdue.len(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_dates_is_filled_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("register.db");
    fs::copy(released("0.2.0").join("register.db"), &file).unwrap();
    is_filled(&Db::file_url(&file)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_from_dates_is_filled_in_a_database() {
    let Some(engine) = Engine::postgres() else { return };
    let database = Database::blank(engine).await;
    fill(&database, &released("0.2.0")).await;
    is_filled(&database.url).await;
}
