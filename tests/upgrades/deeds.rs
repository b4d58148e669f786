//! What was paid and committed of pledges without any amount is completed and started, in a register of 0.2.0.

use std::{collections::BTreeMap, fs};

use pledgebook::{
    auth::{self, Role},
    db::{Db, Sql},
    totals::rollups,
    upgrades,
};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    fill, released,
    support::{Database, Engine, program::Program},
};

/// A register of 0.2.0 that was brought up to date, and who writes in it.
pub(crate) struct Upgraded {
    client: Client,
    key: String,
    base: String,
    _program: Program,
}

impl Upgraded {
    pub(crate) async fn serve(url: &str) -> Self {
        let db = Db::open(url).await.unwrap();
        db.migrate(&upgrades::all(), |_| {}).await.unwrap();
        let key = auth::create(&db, "after", Role::Editor).await.unwrap();
        db.close().await;
        let program = Program::serve(url);
        Self {
            client: Client::builder().no_proxy().build().unwrap(),
            key,
            base: program.url.clone(),
            _program: program,
        }
    }

    async fn ask(&self, method: Method, path: &str) -> (StatusCode, Value) {
        let request = self.client.request(method, format!("{}{path}", self.base));
        let answer = request.bearer_auth(&self.key).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, said) = self.ask(Method::GET, path).await;
        assert!(status.is_success(), "{path}: {said}");
        said
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) {
        let request = self.client.post(format!("{}{path}", self.base)).json(body);
        let answer = request.bearer_auth(&self.key).send().await.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{path}: {}", answer.text().await.unwrap());
    }

    async fn restore(&self, path: &str) -> (StatusCode, Value) {
        self.ask(Method::POST, &format!("{path}/restore")).await
    }

    /// Live pledges without any amount, by what they are for.
    async fn deeds(&self) -> BTreeMap<String, Value> {
        let pledges = self.get("/v1/pledges?participant=IRQ&limit=200").await;
        let pledges = pledges["items"].as_array().unwrap().iter();
        let named = pledges.filter_map(|it| Some((it["purpose"].as_str()?.to_owned(), it.clone())));
        named.collect()
    }
}

/// The entries of the log about a record, the newest first.
pub(crate) async fn entries(register: &Upgraded, key: &Value) -> Vec<Value> {
    let key = key.as_str().unwrap();
    let entries = register.get(&format!("/v1/changes?key={key}&limit=200")).await;
    entries["items"].as_array().unwrap().clone()
}

/// What a source of the register states of an event: the register was made without any.
async fn cite(db: &Db, purpose: &'static str, stage: &'static str, states: Value) -> String {
    let mut write = db.begin().await.unwrap();
    let event = "select e.id from events e join pledges p on p.id = e.pledge_id where p.purpose = $1 and e.stage = $2";
    let event = Sql::new(event).bind(purpose.to_owned()).bind(stage.to_owned());
    let (event,): (Uuid,) = write.one(event).await.unwrap();
    let article = "select id from articles order by id limit 1";
    let (article,): (Uuid,) = write.one(Sql::new(article)).await.unwrap();
    // Before all others, so that the register's ids go on from where they were.
    let id = Uuid::from_u128(event.as_u128() - (1 << 64));
    let cited =
        "insert into citations (id, event_id, article_id, states, preferred, version, created_at, updated_at)
        select $1, id, $2, $3, $4, 1, created_at, created_at from events where id = $5";
    let members = states.as_object().unwrap().clone();
    let cited = Sql::new(cited).bind(id).bind(article).bind(members);
    write.run(cited.bind(false).bind(event)).await.unwrap();
    let said = json!({"id": id, "subject": format!("events/{event}"), "article": article, "quote": null, "start": null,
        "end": null, "states": states, "preferred": false, "version": 1,
        "created_at": "2026-11-27T23:17:24.335273Z", "updated_at": "2026-11-27T23:17:24.335273Z"});
    let entry = "insert into changes (seq, at, actor, op, resource, record_id, \"key\", version, after)
        select seq + 1, at, actor, 'create', 'citations', $1, $2, 1, $3 from changes order by seq desc limit 1";
    let entry = Sql::new(entry).bind(id).bind(id.to_string());
    write.run(entry.bind(said.to_string())).await.unwrap();
    write.commit().await.unwrap();
    id.to_string()
}

/// Sources say of a deed what its event says by now, and go on to contradict it where they did.
async fn tells_what_is_stated(register: &Upgraded, [agreeing, other, contrary]: &[String; 3]) {
    for (id, version, states) in [
        (
            agreeing,
            2,
            json!({"occurred_on": "2018-04", "stage": "completed"}),
        ),
        (other, 1, json!({"occurred_on": "2018-04"})),
        (contrary, 2, json!({"stage": "started"})),
    ] {
        let citation = register.get(&format!("/v1/citations/{id}")).await;
        assert_eq!(
            (&citation["version"], &citation["states"]),
            (&json!(version), &states)
        );
        let entries = entries(register, &json!(id)).await;
        assert_eq!(json!(entries.len()), json!(version));
        assert_eq!(
            (&entries[0]["version"], &entries[0]["after"]["states"]),
            (&json!(version), &states)
        );
        if version == 2 {
            assert_eq!(entries[0]["actor"], "pledgebook");
        }
        let pledges = register.get("/v1/pledges?participant=IRQ&limit=200").await;
        let mut conflicts = 0;
        for pledge in pledges["items"].as_array().unwrap() {
            let pledge = pledge["id"].as_str().unwrap();
            let path = format!("/v1/pledges/{pledge}/events");
            for event in register.get(&path).await["items"].as_array().unwrap() {
                if citation["subject"] == format!("events/{}", event["id"].as_str().unwrap()) {
                    let path = format!("{path}/{}", event["id"].as_str().unwrap());
                    let event = register.get(&path).await;
                    let of_stage = event["conflicts"].as_array().unwrap().iter();
                    conflicts += of_stage.filter(|it| it["field"] == "stage").count();
                }
            }
        }
        assert_eq!(conflicts, usize::from(id == contrary), "{citation}");
    }
}

async fn tells_of_deeds(register: &Upgraded) {
    let deeds = register.deeds().await;
    let states: Vec<_> = deeds
        .iter()
        .map(|(purpose, it)| (purpose.as_str(), it["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        [
            ("a grant that is frozen", "frozen"),
            ("begun", "in_progress"),
            ("begun and done", "fulfilled"),
            ("begun and frozen", "frozen"),
            ("beyond what nobody promised", "fulfilled"),
            ("done and frozen", "fulfilled"),
            ("done and withdrawn", "withdrawn"),
            ("done, which was retracted", "open"),
            ("withdrawn and done", "fulfilled"),
        ]
    );
    for (purpose, pledge) in &deeds {
        let id = pledge["id"].as_str().unwrap();
        let events = register.get(&format!("/v1/pledges/{id}/events")).await;
        for event in events["items"].as_array().unwrap() {
            let stage = event["stage"].as_str().unwrap();
            assert!(!["paid", "committed"].contains(&stage), "{purpose}: {stage}");
            assert_eq!(event["over"], false, "{purpose}");
            let renamed = ["started", "completed"].contains(&stage);
            let entries = entries(register, &event["id"]).await;
            assert_eq!(entries.len(), 1 + usize::from(renamed), "{purpose}: {stage}");
            // What later versions show beside is no part of what was logged then.
            for (member, logged) in entries[0]["after"].as_object().unwrap() {
                assert_eq!(&event[member], logged, "{purpose}: {member} of {stage}");
            }
        }
        // A version where the state moved.
        let entries = entries(register, &pledge["id"]).await;
        let last = &entries[0];
        let moved = last["actor"] == "pledgebook";
        assert_eq!(
            moved,
            ["in_progress", "fulfilled"].contains(&pledge["state"].as_str().unwrap())
        );
        assert_eq!(last["version"], pledge["version"], "{purpose}");
        assert_eq!(last["after"]["state"], pledge["state"], "{purpose}");
    }
    let totals = register.get("/v1/totals?group_by=state&participant=IRQ").await;
    let counts = totals["groups"].as_array().unwrap().iter();
    let counts: BTreeMap<_, _> = counts
        .map(|it| {
            (
                it["key"]["state"].as_str().unwrap(),
                it["pledges"].as_i64().unwrap(),
            )
        })
        .collect();
    let counted = [
        ("frozen", 2),
        ("fulfilled", 4),
        ("in_progress", 1),
        ("open", 2),
        ("withdrawn", 1),
    ];
    assert_eq!(counts, counted.into());
}

/// What was retracted before comes back in today's words.
async fn comes_back(register: &Upgraded) {
    let retracted = register
        .get("/v1/changes?op=retract&resource=events&limit=200")
        .await;
    let retracted = retracted["items"].as_array().unwrap();
    let mut came_back = 0;
    let purposes = ["done, which was retracted", "paid while it had an amount"];
    for entry in retracted {
        let (event, pledge) = (&entry["before"]["id"], &entry["before"]["pledge"]);
        let (event, pledge) = (event.as_str().unwrap(), pledge.as_str().unwrap());
        let path = format!("/v1/pledges/{pledge}");
        let (status, whole) = register.ask(Method::GET, &path).await;
        if status == StatusCode::GONE {
            let (status, whole) = register.restore(&path).await;
            assert_eq!(status, StatusCode::OK, "{whole}");
            assert_eq!(
                (&whole["purpose"], &whole["state"]),
                (&json!("done and retracted"), &json!("fulfilled"))
            );
            came_back += 1;
        } else if whole["purpose"] == purposes[0] {
            let (status, event) = register.restore(&format!("{path}/events/{event}")).await;
            assert_eq!((status, &event["stage"]), (StatusCode::OK, &json!("completed")));
            assert_eq!(register.get(&path).await["state"], "fulfilled");
            came_back += 1;
        } else if whole["purpose"] == purposes[1] {
            // It has an amount, and stayed what it was.
            let (status, refused) = register.restore(&format!("{path}/events/{event}")).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
            assert_eq!(entries(register, &json!(event)).await.len(), 2);
            came_back += 1;
        }
    }
    assert_eq!(came_back, 3);
}

async fn is_told_anew(url: &str) {
    let db = Db::open(url).await.unwrap();
    let cited = [
        cite(
            &db,
            "begun and done",
            "paid",
            json!({"occurred_on": "2018-04", "stage": "paid"}),
        )
        .await,
        cite(
            &db,
            "beyond what nobody promised",
            "paid",
            json!({"occurred_on": "2018-04"}),
        )
        .await,
        cite(&db, "done and frozen", "paid", json!({"stage": "committed"})).await,
    ];
    db.close().await;
    let register = Upgraded::serve(url).await;
    tells_of_deeds(&register).await;
    tells_what_is_stated(&register, &cited).await;
    comes_back(&register).await;
    let db = Db::open(url).await.unwrap();
    let differences = rollups::verify(&mut db.snapshot().await.unwrap()).await.unwrap();
    assert!(differences.is_empty(), "{differences:?}");
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_without_an_amount_is_completed_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("register.db");
    fs::copy(released("0.2.0").join("register.db"), &file).unwrap();
    is_told_anew(&Db::file_url(&file)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_without_an_amount_is_completed_in_a_database() {
    let Some(engine) = Engine::postgres() else { return };
    let database = Database::blank(engine).await;
    fill(&database, &released("0.2.0")).await;
    is_told_anew(&database.url).await;
}
