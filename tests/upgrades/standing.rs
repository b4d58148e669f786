//! Parents of a register of 0.2.0 that are nothing but their parts take their state from them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Output,
};

use pledgebook::{
    db::{Db, Migrations, Sql},
    upgrades,
};
use serde_json::{Value, json};

use crate::{
    deeds::{Upgraded, entries},
    fill, released,
    support::{Database, Engine, program},
};

const REASON: &str = "a parent's state from its parts";

/// The register was made without any: parts that are paid, a parent that is made up of what restates another, which comes
/// behind it, a pledge that was reduced to nothing, and a parent that was, with a part that was paid before it was.
async fn give_parts(url: &str) {
    let db = Db::open(url).await.unwrap();
    let mut write = db.begin().await.unwrap();
    for given in [
        "update events set pledge_id = (select id from pledges where purpose = '6 of 8'), amount = 600
         where stage = 'paid' and amount = 4000",
        "update events set pledge_id = (select id from pledges where purpose = '2 of 8'), amount = 200,
         occurred_on = '2019-05', occurred_first = '2019-05-01' where stage = 'paid' and amount = 3000",
        "update pledges set state = 'fulfilled', paid = pledged, outstanding = 0 where purpose in ('6 of 8', '2 of 8')",
        "update pledges set restates_id = (select id from pledges where purpose = 'about 8, all of it in parts'), state = 'restated',
         pledged_min = 1000, pledged = 1000, pledged_max = 1000 where purpose = 'about 4 of 10'",
        "update pledges set counted = 0, period_to = '2018-12' where purpose = '10 with a part of about 4'",
        "update pledges set purpose = 'nothing left', qualifier = 'exact', amount = 200, amount_min = null, amount_max = null,
         pledged_min = 0, pledged = 0, pledged_max = 0, counted_min = 0, counted = 0, counted_max = 0, outstanding = 0
         where qualifier = 'between' and purpose is null",
        "update pledges set purpose = 'nothing in parts', pledged_min = 0, pledged = 0, pledged_max = 0, counted_min = 0, counted = 0,
         counted_max = 0, outstanding = 0 where pledged = 1000000000",
        "update pledges set purpose = 'all of nothing', pledged_min = 0, pledged = 0, pledged_max = 0, counted_min = 0, counted = 0,
         counted_max = 0, paid = 100, outstanding = -100, state = 'fulfilled' where pledged = 400000000",
    ] {
        write.run(Sql::new(given)).await.unwrap();
    }
    write.commit().await.unwrap();
    db.close().await;
}

/// The migrations up to this one.
fn until(version: i64) -> Migrations {
    let mut all = upgrades::all();
    for migrator in [&mut all.sqlite, &mut all.postgres] {
        migrator.migrations.to_mut().retain(|it| it.version <= version);
    }
    all.steps.retain(|it| it.version() <= version);
    all
}

/// Since schema 10 the end of the last tranche is when a pledge is due.
async fn give_tranches(url: &str) {
    let db = Db::open(url).await.unwrap();
    db.migrate(&until(10), |_| {}).await.unwrap();
    let mut write = db.begin().await.unwrap();
    let tranches = r#"update pledges set tranches = '[{"period_from": "2018", "period_to": "2018", "amount": 400},
        {"period_from": "2019-01", "period_to": "2019-02", "amount": 400}]'
        where purpose = 'about 8, all of it in parts'"#;
    write.run(Sql::new(tranches)).await.unwrap();
    write.commit().await.unwrap();
    db.close().await;
}

async fn stands(url: &str) {
    give_parts(url).await;
    give_tranches(url).await;
    let register = Upgraded::serve(url).await;
    let pledges = register.get("/v1/pledges?limit=200").await;
    let pledges = pledges["items"].as_array().unwrap();
    let named: BTreeMap<&str, &Value> = pledges
        .iter()
        .filter_map(|it| Some((it["purpose"].as_str()?, it)))
        .collect();
    for (purpose, state, late, has_moved) in [
        ("about 8, all of it in parts", "fulfilled", json!(62), true),
        ("10 with a part of about 4", "fulfilled", json!(121), true),
        ("nothing left", "withdrawn", Value::Null, true),
        ("nothing in parts", "fulfilled", Value::Null, true),
        ("300 in parts", "partly_paid", Value::Null, false),
    ] {
        let pledge = named[purpose];
        assert_eq!(
            (&pledge["state"], &pledge["kept_late_days"]),
            (&json!(state), &late),
            "{purpose}"
        );
        let entries = entries(&register, &pledge["id"]).await;
        let moved: Vec<_> = entries.iter().filter(|it| it["reason"] == REASON).collect();
        assert_eq!(moved.len(), usize::from(has_moved), "{purpose}");
        for entry in moved {
            assert_eq!(entry["actor"], "pledgebook");
            assert_eq!(entry["version"], pledge["version"], "{purpose}");
            let after = &entry["after"];
            assert_eq!(
                (&after["state"], &entry["before"]["state"]),
                (&json!(state), &json!("open"))
            );
        }
    }
    // The kept sums have followed.
    let totals = register.get("/v1/totals?group_by=state").await;
    for group in totals["groups"].as_array().unwrap() {
        let state = &group["key"]["state"];
        let found = pledges
            .iter()
            .filter(|it| &it["state"] == state && state != "restated");
        assert_eq!(group["pledges"], found.count(), "{state}");
    }
}

/// Two parents, each of which is made up of a part that restates the other: a register of 0.2.0 took both.
async fn give_circle(url: &str) {
    let db = Db::open(url).await.unwrap();
    let mut write = db.begin().await.unwrap();
    for given in [
        "update pledges set pledged_min = 1000, pledged = 1000, pledged_max = 1000, state = 'restated',
         restates_id = (select id from pledges where purpose = 'about 8, all of it in parts') where purpose = 'about 4 of 10'",
        "update pledges set pledged_min = 800, pledged = 800, pledged_max = 800, state = 'restated',
         restates_id = (select id from pledges where purpose = '10 with a part of about 4') where purpose = '6 of 8'",
        "update pledges set counted_min = 0, counted = 0, counted_max = 0 where purpose = '10 with a part of about 4'",
        "update pledges set pledged_min = 0, pledged = 0, pledged_max = 0 where purpose = '2 of 8'",
    ] {
        write.run(Sql::new(given)).await.unwrap();
    }
    write.commit().await.unwrap();
    db.close().await;
}

fn run(url: &str, command: &[&str]) -> Output {
    let mut program = program::bare();
    program
        .args(command)
        .args(["--database-url", url])
        .output()
        .unwrap()
}

/// Nobody can know how they stand, but whoever runs the register can know that there are such.
async fn is_told_of_circles(url: &str) {
    give_circle(url).await;
    let migrated = run(url, &["migrate"]);
    assert!(migrated.status.success(), "{migrated:?}");
    let register = Upgraded::serve(url).await;
    let pledges = register.get("/v1/pledges?limit=200").await;
    let pledges = pledges["items"].as_array().unwrap();
    let id = |purpose: &str| {
        let found = pledges.iter().find(|it| it["purpose"] == purpose).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let parent = id("10 with a part of about 4");
    let all = ["about 8, all of it in parts", "about 4 of 10", "6 of 8"].map(id);
    // Nothing goes round in them for ever.
    let paid = json!({"stage": "paid", "amount": "0.01", "occurred_on": "2019", "over": true});
    register
        .post(&format!("/v1/pledges/{parent}/events"), &paid)
        .await;
    let verified = run(url, &["totals", "verify"]);
    let refusal = String::from_utf8_lossy(&verified.stderr);
    assert!(
        refusal.contains("4 pledges are made up of themselves"),
        "{refusal}"
    );
    assert_eq!(verified.status.code(), Some(1));
    for said in [migrated.stderr, verified.stdout] {
        let said = String::from_utf8(said).unwrap();
        let named: BTreeSet<_> = said
            .lines()
            .filter(|it| it.contains("is made up of itself"))
            .collect();
        assert_eq!(named.len(), 4, "{said}");
        for id in all.iter().chain([&parent]) {
            assert!(said.contains(&format!("pledges/{id} is")), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_runs_the_register_is_told_of_circles_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("register.db");
    fs::copy(released("0.2.0").join("register.db"), &file).unwrap();
    is_told_of_circles(&Db::file_url(&file)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_runs_the_register_is_told_of_circles_in_a_database() {
    let Some(engine) = Engine::postgres() else { return };
    let database = Database::blank(engine).await;
    fill(&database, &released("0.2.0")).await;
    is_told_of_circles(&database.url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parents_of_before_stand_as_their_parts_do_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("register.db");
    fs::copy(released("0.2.0").join("register.db"), &file).unwrap();
    stands(&Db::file_url(&file)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parents_of_before_stand_as_their_parts_do_in_a_database() {
    let Some(engine) = Engine::postgres() else { return };
    let database = Database::blank(engine).await;
    fill(&database, &released("0.2.0")).await;
    stands(&database.url).await;
}
