//! Registers that earlier versions made are opened, brought up to date, and say what they said.
//!
//! `tests/data/registers/` has one of each release; `make.py` there makes the next. What a migration does in Rust is in
//! `steps.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod clock;
mod deeds;
mod parents;
mod standing;
mod steps;
#[path = "../support/mod.rs"]
mod support;

use std::{
    fs,
    path::{Path, PathBuf},
};

use pledgebook::{
    auth::{Role, keys},
    db::Db,
    totals::rollups,
    upgrades,
};
use reqwest::Client;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use support::{Database, Engine, program::Program};

/// Where the register of a release is.
fn released(version: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/registers")
        .join(version)
}

/// The releases that there are, the oldest first.
fn releases() -> Vec<PathBuf> {
    let mut releases: Vec<_> = fs::read_dir(released(""))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    releases.sort();
    assert!(!releases.is_empty(), "there is no register of any release");
    releases
}

async fn asked(client: &Client, url: &str) -> Value {
    let answer = client.get(url).send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{url}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// A register as a release left it.
struct Left {
    /// How many entries its log has.
    entries: usize,
    /// Its keys' names, roles and versions.
    keys: &'static [(&'static str, Role, i64)],
    /// What the meeting's totals say, as they are now: paid and at most in dollars, the point in euros.
    totals: [&'static str; 3],
}

fn left_by(release: &Path) -> Left {
    match release.file_name().unwrap().to_str().unwrap() {
        "0.1.0" => Left {
            entries: 39,
            keys: &[("desk", Role::Editor, 1)],
            totals: ["6600000.00", "1200000002.00", "10000000.00"],
        },
        "0.2.0" => Left {
            entries: 115,
            keys: &[
                ("desk", Role::Editor, 1),
                ("confined", Role::Editor, 1),
                ("turned", Role::Reader, 2),
            ],
            totals: ["6600070.00", "1200000302.00", "10000018.00"],
        },
        other => panic!("what did {other} leave?"),
    }
}

/// What the program itself has to say of an upgrade.
const UPGRADED: [&str; 4] = [
    "a pledge without any amount is started and completed",
    "new counting of parents",
    "a parent's state from its parts",
    "shipped scales",
];

/// Brought up to date, it has all that it had, and its kept sums are what its pledges say.
async fn holds(url: &str, release: &Path) {
    let left = left_by(release);
    let db = Db::open(url).await.unwrap();
    db.migrate(&upgrades::all(), |_| {}).await.unwrap();
    let differences = rollups::verify(&mut db.snapshot().await.unwrap()).await.unwrap();
    assert!(differences.is_empty(), "{differences:?}");
    let keys = keys::all(&mut db.read().await.unwrap()).await.unwrap();
    let kept: Vec<_> = keys
        .iter()
        .map(|it| (it.name.as_str(), it.role, it.version))
        .collect();
    assert_eq!(kept, left.keys);
    assert_eq!(keys[0].updated_at, keys[0].created_at);
    db.close().await;

    let program = Program::serve(url);
    let (client, base) = (Client::builder().no_proxy().build().unwrap(), &program.url);
    let changes = asked(&client, &format!("{base}/v1/changes?after_seq=0&limit=200")).await;
    let changes = changes["items"].as_array().unwrap();
    for (number, change) in (1..).zip(changes) {
        assert_eq!(change["seq"], number, "the log has a gap");
        let by_whom = (change["actor"].as_str().unwrap(), change["reason"].as_str());
        if number <= left.entries {
            let of_keys = change["resource"] == "keys" && by_whom == ("pledgebook", None);
            assert!(of_keys || by_whom == ("desk", Some("made for those who upgrade")));
        } else {
            assert!(by_whom.0 == "pledgebook" && UPGRADED.contains(&by_whom.1.unwrap()));
            // What came with the release is set once the program serves.
            let is_shipped = change["resource"] == "scales";
            assert_eq!(change["op"], if is_shipped { "create" } else { "update" });
            assert_eq!(change["version"], change["after"]["version"]);
        }
    }
    assert!(changes.len() >= left.entries);
    let scale = asked(&client, &format!("{base}/v1/scales/g20-compliance?lang=ar")).await;
    assert_eq!(scale["values"][2]["meaning"], "kept");
    let totals = asked(&client, &format!("{base}/v1/meetings/kuwait-2018/totals?in=USD")).await;
    let sums = totals["groups"][0]["by_currency"].as_array().unwrap();
    let dollars = sums.iter().find(|it| it["currency"] == "USD").unwrap();
    let euros = sums.iter().find(|it| it["currency"] == "EUR").unwrap();
    assert_eq!(dollars["withdrawn"], "193400000.00");
    let said = [&dollars["paid"], &dollars["max"], &euros["point"]];
    assert_eq!(said, left.totals);
    let pledges = asked(&client, &format!("{base}/v1/pledges?cited=true")).await;
    let pledge = &pledges["items"][0]["id"].as_str().unwrap();
    let pledge = asked(&client, &format!("{base}/v1/pledges/{pledge}?lang=ar")).await;
    assert_eq!(pledge["state"], "withdrawn");
    assert_eq!(pledge["participant_name"], "الولايات المتحدة");
    assert_eq!(pledge["conflicts"][0]["stated"][0]["value"], "230000000.00");
    let rates = asked(&client, &format!("{base}/v1/rates?source=other")).await;
    assert_eq!(rates["items"][0]["waived"], true);
    // One that was merged leads to its successor, one that was retracted says so.
    let merged = asked(&client, &format!("{base}/v1/participants/UKM")).await;
    assert_eq!(merged["code"], "GBR");
    let gone = client
        .get(format!("{base}/v1/participants/GONE"))
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status().as_u16(), 410);
}

/// Puts what a release left into a Postgres database that has nothing.
async fn fill(database: &Database, release: &Path) {
    let dump = fs::read_to_string(release.join("register.sql")).unwrap();
    let mut conn = PgConnection::connect(&database.url).await.unwrap();
    conn.execute(AssertSqlSafe(dump)).await.unwrap();
    conn.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_every_release_is_opened_and_brought_up_to_date() {
    for release in releases() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("register.db");
        fs::copy(release.join("register.db"), &file).unwrap();
        holds(&Db::file_url(&file), &release).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_every_release_is_opened_and_brought_up_to_date() {
    let Some(engine) = Engine::postgres() else { return };
    for release in releases() {
        let database = Database::blank(engine).await;
        fill(&database, &release).await;
        holds(&database.url, &release).await;
    }
}
