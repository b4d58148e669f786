//! Parents of a register of 0.2.0 add of each figure what their parts do not.

use std::{collections::BTreeMap, fs};

use pledgebook::{db::Db, totals::rollups};
use serde_json::{Value, json};

use crate::{
    deeds::{Upgraded, entries},
    fill, released,
    support::{Database, Engine},
};

const REASON: &str = "new counting of parents";

async fn count_anew(url: &str) {
    let register = Upgraded::serve(url).await;
    let pledges = register.get("/v1/pledges?limit=200").await;
    let pledges = pledges["items"].as_array().unwrap().iter();
    let named: BTreeMap<&str, &Value> = pledges
        .filter_map(|it| Some((it["purpose"].as_str()?, it)))
        .collect();
    for (purpose, counted, has_moved) in [
        ("300 in parts", ["130.00", "130.00", "130.00"], false),
        ("10 with a part of about 4", ["7.00", "6.00", "5.00"], true),
        ("about 8, all of it in parts", ["1.00", "0.00", "0.00"], true),
        ("about 4 of 10", ["3.00", "4.00", "5.00"], false),
    ] {
        let pledge = named[purpose];
        let now = [&pledge["counted_min"], &pledge["counted"], &pledge["counted_max"]];
        assert_eq!(now, counted, "{purpose}");
        let entries = entries(&register, &pledge["id"]).await;
        let moved: Vec<_> = entries.iter().filter(|it| it["reason"] == REASON).collect();
        assert_eq!(moved.len(), usize::from(has_moved), "{purpose}");
        assert_eq!(entries[0]["version"], pledge["version"], "{purpose}");
        for entry in moved {
            assert_eq!(entry["actor"], "pledgebook");
            let after = &entry["after"];
            let said = json!([after["counted_min"], after["counted"], after["counted_max"]]);
            assert_eq!(said, json!(counted), "{purpose}");
            assert_eq!(after["state"], entry["before"]["state"]);
        }
    }
    let totals = register.get("/v1/totals?currency=EUR&participant=USA").await;
    let sums = &totals["groups"][0]["by_currency"][0];
    // 10 and 8, as rough as their parts are: 3 to 5 of about 4, 5 to 6 of 6.
    assert_eq!(
        json!([sums["min"], sums["point"], sums["max"]]),
        json!(["18.00", "18.00", "18.00"])
    );
    let db = Db::open(url).await.unwrap();
    let differences = rollups::verify(&mut db.snapshot().await.unwrap()).await.unwrap();
    assert!(differences.is_empty(), "{differences:?}");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parents_of_before_are_counted_anew_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("register.db");
    fs::copy(released("0.2.0").join("register.db"), &file).unwrap();
    count_anew(&Db::file_url(&file)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parents_of_before_are_counted_anew_in_a_database() {
    let Some(engine) = Engine::postgres() else { return };
    let database = Database::blank(engine).await;
    fill(&database, &released("0.2.0")).await;
    count_anew(&database.url).await;
}
