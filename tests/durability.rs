//! What was acknowledged is kept, also when the program is killed in the middle of its work.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)] // Clippy's own exception covers test functions, not what they share.

mod support;

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use pledgebook::{auth::Role, db::Db};
use reqwest::Client;
use serde_json::{Value, json};
use support::{Database, Engine, program::Program};

const CLIENTS: usize = 64;
/// How often it is killed.
const KILLED: usize = 5;

/// Ids and codes of what was created, as far as anybody was told.
type Acknowledged = Mutex<HashMap<String, String>>;

/// Creates one participant after another until the server is no more.
async fn create_until_the_end(
    client: &Client,
    url: &str,
    key: &str,
    next: &AtomicUsize,
    told: &Acknowledged,
) {
    loop {
        let code = format!("P{:06}", next.fetch_add(1, Ordering::Relaxed));
        let asked = client
            .post(format!("{url}/v1/participants"))
            .bearer_auth(key)
            .header("content-type", "application/json")
            .body(json!({"code": code, "kind": "state", "names": {"en": code}}).to_string())
            .send()
            .await;
        let Ok(answer) = asked else { return };
        // Only its death is an excuse.
        assert_eq!(answer.status().as_u16(), 201, "{code}");
        let Ok(record) = answer.text().await else { return };
        let record: Value = serde_json::from_str(&record).unwrap();
        told.lock()
            .unwrap()
            .insert(record["id"].as_str().unwrap().to_owned(), code);
    }
}

async fn page(client: &Client, url: &str) -> Value {
    let answer = client.get(url).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// That all that was acknowledged is there, and that the log tells of each record that there is, without a gap.
async fn assert_whole(client: &Client, url: &str, told: &Acknowledged) {
    let mut logged: HashMap<String, String> = HashMap::new();
    let mut last = 0;
    loop {
        let changes = page(client, &format!("{url}/v1/changes?after_seq={last}&limit=200")).await;
        let items = changes["items"].as_array().unwrap();
        if items.is_empty() {
            break;
        }
        for change in items {
            last += 1;
            assert_eq!(change["seq"], last, "the log has a gap");
            // What the register began with was there before anybody wrote.
            if change["resource"] == "scales" {
                continue;
            }
            let id = change["after"]["id"].as_str().unwrap().to_owned();
            logged.insert(id, change["key"].as_str().unwrap().to_owned());
        }
    }
    let mut stored: HashSet<String> = HashSet::new();
    let mut path = format!("{url}/v1/participants?limit=200");
    loop {
        let shown = page(client, &path).await;
        for item in shown["items"].as_array().unwrap() {
            stored.insert(item["id"].as_str().unwrap().to_owned());
        }
        match shown["next"].as_str() {
            Some(next) => path = format!("{url}/v1/participants?limit=200&after={next}"),
            None => break,
        }
    }
    assert_eq!(
        stored,
        logged.keys().cloned().collect(),
        "a record and its change come together"
    );
    let told = told.lock().unwrap();
    for (id, code) in &*told {
        assert_eq!(logged.get(id), Some(code), "{code} was acknowledged, and is lost");
    }
    assert!(told.len() > CLIENTS, "too few were created to tell anything");
}

/// A client each time the program was killed, as the connections of the last one are dead.
fn client() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

async fn killed_and_started_again(engine: Engine) {
    let database = Database::fresh(engine).await;
    let db = Db::open(&database.url).await.unwrap();
    let key = support::key(&db, "desk", Role::Editor).await;
    db.close().await;
    let (next, told) = (AtomicUsize::new(0), Acknowledged::default());
    for round in 0..KILLED {
        let mut running = Program::serve(&database.url);
        let client = client();
        let url = running.url.clone();
        let creating = futures_util::future::join_all(
            (0..CLIENTS).map(|_| create_until_the_end(&client, &url, &key, &next, &told)),
        );
        let killing = async {
            let enough = (round + 1) * 150;
            while told.lock().unwrap().len() < enough {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            running.kill();
        };
        futures_util::future::join(creating, killing).await;
        let again = Program::serve(&database.url);
        assert_whole(&client, &again.url, &told).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_a_kill_on_sqlite() {
    killed_and_started_again(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_a_kill_on_postgres() {
    if let Some(engine) = Engine::postgres() {
        killed_and_started_again(engine).await;
    }
}

/// What each request under a key was answered with, by the number that is its key; nothing, where its answer was lost.
type Asked = Mutex<HashMap<usize, Option<String>>>;

/// Creates the article of this number under the key of this number: the answer, and whether it is a repetition.
/// No two articles differ but in their titles, and nothing but the key keeps one from being made twice.
async fn create_once(client: &Client, url: &str, key: &str, number: usize) -> Option<(String, bool)> {
    let article = json!({"publisher": "P", "language": "en", "title": number.to_string(), "kind": "news"});
    let asked = client
        .post(format!("{url}/v1/articles"))
        .bearer_auth(key)
        .header("content-type", "application/json")
        .header("idempotency-key", number.to_string())
        .body(article.to_string())
        .send()
        .await;
    let answer = asked.ok()?;
    assert_eq!(answer.status().as_u16(), 201, "{number}");
    let replayed = answer.headers().contains_key("idempotency-replayed");
    Some((answer.text().await.ok()?, replayed))
}

/// How often each number was made an article, as the log tells.
async fn made(client: &Client, url: &str) -> HashMap<usize, usize> {
    let mut made = HashMap::new();
    let mut last = 0;
    loop {
        let articles = format!("{url}/v1/changes?resource=articles&after_seq={last}&limit=200");
        let changes = page(client, &articles).await;
        let items = changes["items"].as_array().unwrap();
        if items.is_empty() {
            return made;
        }
        for change in items {
            last = change["seq"].as_i64().unwrap();
            let number = change["after"]["title"].as_str().unwrap().parse().unwrap();
            *made.entry(number).or_default() += 1;
        }
    }
}

async fn asked_again_after_a_kill(engine: Engine) {
    let database = Database::fresh(engine).await;
    let db = Db::open(&database.url).await.unwrap();
    let key = support::key(&db, "desk", Role::Editor).await;
    db.close().await;
    let (next, asked) = (AtomicUsize::new(0), Asked::default());
    let mut lost_and_made = 0;
    for round in 0..KILLED {
        let mut running = Program::serve(&database.url);
        let (client, url) = (client(), running.url.clone());
        let asking = futures_util::future::join_all((0..CLIENTS).map(async |_| {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                asked.lock().unwrap().insert(number, None);
                let Some((answer, _)) = create_once(&client, &url, &key, number).await else {
                    return;
                };
                asked.lock().unwrap().insert(number, Some(answer));
            }
        }));
        let killing = async {
            let enough = (round + 1) * 150;
            while asked.lock().unwrap().len() < enough {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            running.kill();
        };
        futures_util::future::join(asking, killing).await;

        let again = Program::serve(&database.url);
        let before = made(&client, &again.url).await;
        let all: Vec<_> = asked.lock().unwrap().clone().into_iter().collect();
        for (number, first) in all {
            let (answer, replayed) = create_once(&client, &again.url, &key, number).await.unwrap();
            assert_eq!(replayed, before.contains_key(&number), "{number}");
            match first {
                Some(first) => assert!(
                    replayed && answer == first,
                    "{number}: {answer}, and first {first}"
                ),
                None => lost_and_made += usize::from(replayed),
            }
            asked.lock().unwrap().insert(number, Some(answer));
        }
        let made = made(&client, &again.url).await;
        assert_eq!(made.len(), asked.lock().unwrap().len());
        assert!(made.values().all(|times| *times == 1), "{made:?}");
    }
    println!("of the answers that were lost in a kill, {lost_and_made} were of writes that were made");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_again_after_a_kill_is_done_once_on_sqlite() {
    asked_again_after_a_kill(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_again_after_a_kill_is_done_once_on_postgres() {
    if let Some(engine) = Engine::postgres() {
        asked_again_after_a_kill(engine).await;
    }
}

const IN_A_BATCH: usize = 20_000;

/// Sends a batch of articles, each taken on its own, under one key: the answer, and whether it is a repetition. Of every
/// hundred one has no title.
async fn create_many_once(client: &Client, url: &str, key: &str) -> Option<(Value, bool)> {
    let articles: Vec<Value> = (0..IN_A_BATCH)
        .map(|number| match number % 100 {
            99 => json!({"publisher": "P", "language": "en", "kind": "news"}),
            _ => json!({"publisher": "P", "language": "en", "title": number.to_string(), "kind": "news"}),
        })
        .collect();
    let asked = client
        .post(format!("{url}/v1/articles/batch"))
        .bearer_auth(key)
        .header("content-type", "application/json")
        .header("prefer", "handling=lenient")
        .header("idempotency-key", "batch")
        .body(Value::from(articles).to_string())
        .send()
        .await;
    let answer = asked.ok()?;
    assert_eq!(answer.status().as_u16(), 200);
    let replayed = answer.headers().contains_key("idempotency-replayed");
    let answer = serde_json::from_str(&answer.text().await.ok()?).unwrap();
    Some((answer, replayed))
}

async fn a_batch_is_cut_and_asked_again(engine: Engine) {
    let database = Database::fresh(engine).await;
    let db = Db::open(&database.url).await.unwrap();
    let key = support::key(&db, "desk", Role::Editor).await;
    db.close().await;
    let mut kept = 0;
    // Cut twice, the second time behind where it was cut first.
    for _ in 0..2 {
        let mut running = Program::serve(&database.url);
        let (client, url) = (client(), running.url.clone());
        kept = made(&client, &url).await.len();
        let newest = page(&client, &format!("{url}/v1/changes?limit=1")).await["items"][0]["seq"].clone();
        let killing = async {
            let more = format!("{url}/v1/changes?after_seq={newest}&limit=1");
            while page(&client, &more).await["items"].as_array().unwrap().is_empty() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            running.kill();
        };
        let (answer, ()) = futures_util::future::join(create_many_once(&client, &url, &key), killing).await;
        assert!(answer.is_none(), "it was done before it could be cut");
    }
    let again = Program::serve(&database.url);
    let client = client();
    let there = made(&client, &again.url).await.len();
    assert!(
        there > kept && there < IN_A_BATCH - IN_A_BATCH / 100,
        "{there} were there"
    );
    let (answer, replayed) = create_many_once(&client, &again.url, &key).await.unwrap();
    assert!(!replayed);
    assert_eq!(answer["created"], IN_A_BATCH - IN_A_BATCH / 100);
    assert_eq!(answer["failed"], IN_A_BATCH / 100);
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), IN_A_BATCH);
    let mut keys = HashSet::new();
    for (number, item) in items.iter().enumerate() {
        assert_eq!(item["index"], number);
        if number % 100 == 99 {
            assert_eq!(item["status"], 422, "{item}");
            continue;
        }
        assert_eq!(item["status"], 201, "{item}");
        assert!(keys.insert(item["key"].as_str().unwrap()), "{item}");
        if number % 500 == 0 {
            let article = page(
                &client,
                &format!("{}{}", again.url, item["location"].as_str().unwrap()),
            )
            .await;
            assert_eq!(article["title"], number.to_string());
        }
    }
    let made = made(&client, &again.url).await;
    assert_eq!(made.len(), keys.len());
    assert!(made.values().all(|times| *times == 1), "{made:?}");
    let repeated = create_many_once(&client, &again.url, &key).await.unwrap();
    assert_eq!(repeated, (answer, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_was_cut_by_a_kill_goes_on_where_it_was_on_sqlite() {
    a_batch_is_cut_and_asked_again(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_was_cut_by_a_kill_goes_on_where_it_was_on_postgres() {
    if let Some(engine) = Engine::postgres() {
        a_batch_is_cut_and_asked_again(engine).await;
    }
}
