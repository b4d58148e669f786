//! Answers that are given again from memory: byte for byte those that the database gives, whoever wrote meanwhile.
//!
//! `CACHE_SEED` asks for another random story than this one, `CACHE_STEPS=10000` for all of it.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fs,
    net::Ipv4Addr,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use pledgebook::auth::{self, Role};
use reqwest::Method;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use crate::{
    app::Ask,
    dossier::{Dossier, Operation},
    prelude::*,
    reckoning::dice::Dice,
    support::{postgres, told::Told},
};

/// So that an answer that names its request is the same of two servers.
const NAME: &str = "a-story";

async fn told(ask: Ask) -> Told {
    // Each is another client's: one that comes with many wrong keys is slowed.
    static CLIENTS: AtomicU32 = AtomicU32::new(0x0a00_0000);
    let client = Ipv4Addr::from(CLIENTS.fetch_add(1, Ordering::Relaxed));
    let ask = ask.header("X-Forwarded-For", &client.to_string());
    let (status, headers, body) = ask.header("X-Request-Id", NAME).unheld().await;
    Told::of(status, &headers, body)
}

/// A question, and how it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    key: Option<String>,
}

impl Question {
    fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers: Vec::new(),
            key: None,
        }
    }

    fn head(path: impl Into<String>) -> Self {
        Self {
            method: Method::HEAD,
            ..Self::get(path)
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn by(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    async fn told_by(&self, app: &App) -> Told {
        let ask = app.ask(self.method.clone(), &self.path);
        let ask = self.key.iter().fold(ask, |ask, key| ask.key(key));
        let asked = self.headers.iter();
        told(asked.fold(ask, |ask, (name, value)| ask.header(name, value))).await
    }
}

/// Servers that answer from memory, and one that does not; and how many answers were held against its.
struct Beside<'a> {
    oracle: App,
    cached: Vec<&'a App>,
    compared: usize,
}

impl<'a> Beside<'a> {
    async fn of(cached: Vec<&'a App>) -> Self {
        Self {
            oracle: cached[0].forgetful().await,
            cached,
            compared: 0,
        }
    }

    /// What the database answers, once each server has said the same as often as this.
    async fn says(&mut self, question: &Question, times: usize, when: &str) -> Told {
        let mut said = question.told_by(&self.oracle).await;
        for app in &self.cached {
            for time in 1..=times {
                let again = question.told_by(app).await;
                self.compared += 1;
                // When a key was used last is noted in the background, also between two answers.
                if again != said && question.path.starts_with("/v1/keys") {
                    said = question.told_by(&self.oracle).await;
                }
                assert!(
                    again == said,
                    "{when}: {question:?}, asked of {} for the {time}. time, is answered\n{again:?}\n\nand by the \
                     database\n{said:?}",
                    app.base
                );
            }
        }
        said
    }
}

/// The ways to ask for what is at a path, by its words in the contract.
fn ways<'a>(dossier: &'a Dossier, of: &Operation<'a>) -> Vec<String> {
    let mut queries = vec![String::new()];
    let knows = |name: &str| dossier.parameter(of, name).is_some();
    for name in [
        "format",
        "lang",
        "expand",
        "group_by",
        "restatements",
        "parents",
        "instruments",
        "state",
    ] {
        for word in dossier.words(of, name) {
            queries.push(format!("{name}={word}"));
        }
    }
    let sorts = dossier.words(of, "sort");
    for word in sorts.iter().take(2) {
        queries.push(format!("sort={word}"));
    }
    for query in [
        "format=csv&bom=true",
        "lang=ar&format=csv",
        "lang=xx",
        "fields=id",
        "fields=id,version&lang=ar",
        "count=true",
        "count=true&limit=2",
        "limit=1",
        "limit=1&lang=ar",
        "limit=0",
        "names_at=2015",
        "on=2018-02-13",
        "on=2010",
        "meeting=m-one",
        "meeting=m-one&lang=ar",
        "meeting=m-one,m-two",
        "meeting=nowhere",
        "participant=USA",
        "participant=usa",
        "coalition=c-one",
        "cited=true",
        "collective=true",
        "group_by=participant,meeting&lang=fr",
        "in=EUR",
        "in=EUR&rate_date=event",
        "in=KWD&rate_date=2018-02-13&group_by=year",
        "membership_at=2018",
        "currency=USD&sort=-point&group_by=participant",
        "currency=USD&group_by=participant&limit=1",
        "after_seq=3",
        "op=create",
        "preferred=true",
        "subject=meetings/m-one",
        "updated_from=2020",
    ] {
        let names = query.split('&').map(|pair| pair.split('=').next().unwrap());
        if names.into_iter().all(knows) {
            queries.push(query.to_owned());
        }
    }
    queries.push("nobody_knows=this".to_owned());
    queries
}

/// What a client may say beside the path, as odd as it comes.
fn manners(path: &str, tag: Option<&str>) -> Vec<Question> {
    let get = || Question::get(path);
    let head = || Question::head(path);
    let slash = format!("{path}/");
    let (before, last) = path.split_at(path.len() - 1);
    let encoded = format!(
        "{}%{:02X}",
        if before.is_empty() { "/" } else { before },
        last.as_bytes()[0]
    );
    let mut all = vec![
        head(),
        get(),
        head(),
        Question::get(slash),
        Question::get(encoded),
        Question::get(format!("{path}?")),
        Question::get(format!("{path}?&")),
        get().with("If-None-Match", "*"),
        get().with("If-None-Match", "W/*"),
        get().with("If-None-Match", "\"another\""),
        get().with("If-None-Match", ""),
        head().with("If-None-Match", "*"),
        get().with("If-Match", "*"),
        get().with("If-Match", "\"1\""),
        get().with("Range", "bytes=0-3"),
        get().with("Accept", "text/csv"),
        get().with("Accept", "text/html"),
        get().with("Accept", "application/x-ndjson, */*;q=0.1"),
        get()
            .with("Accept", "application/json")
            .with("Accept", "text/csv"),
        get()
            .with("Accept", "text/csv")
            .with("Accept", "application/json"),
        get().with("Accept", "text/csv;q=0").with("Accept", "*/*;q=0.5"),
        get().with("Accept", "image/png"),
        get().with("Accept", ""),
        get().with("Accept-Encoding", "gzip, br"),
        get().with("Accept-Encoding", "identity;q=0"),
        get().with("Accept-Language", "ar"),
        get().with("Accept-Language", "fr-CA, en;q=0.5"),
        get().with("Accept-Language", "de").with("Accept-Language", "ar"),
        get().with("Prefer", "return=minimal"),
        get().with("Prefer", "handling=strict, wait=1"),
        get().with("Idempotency-Key", "one"),
        get().with("Change-Reason", "%D8%AA"),
        get().with("Origin", "https://example.org"),
        get().with("Content-Type", "application/json"),
        get().with("Host", "example.org"),
        get().with("If-Modified-Since", "Fri, 27 Nov 2099 00:00:00 GMT"),
        get().with("Authorization", ""),
        get().with("Authorization", "Basic dXNlcjpwYXNz"),
        get().with("Authorization", "Bearer nobody"),
        get().with("Authorization", "Bearer"),
    ];
    if let Some(tag) = tag {
        let bare = tag.trim_start_matches("W/");
        for seen in [
            tag.to_owned(),
            bare.to_owned(),
            format!("W/{bare}"),
            format!("\"x\" , W/{bare}"),
            format!("W/W/{bare}"),
            bare.trim_matches('"').to_owned(),
        ] {
            all.push(get().with("If-None-Match", seen));
        }
        let twice = get().with("If-None-Match", "\"x\"");
        all.push(twice.with("If-None-Match", tag));
        all.push(get().with("If-None-Match", format!("\u{ff}, {tag}")));
        all.push(head().with("If-None-Match", tag));
    }
    all
}

/// What a page of this register leads to, within it.
fn links(page: &Told) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(&page.body).into_owned();
    text.split(['"', '\''])
        .filter(|it| it.starts_with('/') && !it.contains(['<', '{', '>', ' ', '\n', '$', '#']))
        .map(|it| it.replace("&amp;", "&"))
        .collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn everything_is_answered_from_memory_as_the_database_answers_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    app.participant("ROUK").await;
    app.patch("/v1/participants/ROUK", json!({"merged_into": "USA"}))
        .await
        .ok();
    let gone = app.article(json!({"title": "gone"})).await;
    app.delete(&format!("/v1/articles/{gone}")).await.ok();
    let mut beside = Beside::of(vec![&app]).await;
    let mut paths = BTreeSet::new();
    for operation in dossier.gets() {
        for query in ways(&dossier, &operation) {
            let mark = if query.is_empty() { "" } else { "?" };
            let question = Question::get(format!("{}{mark}{query}", operation.path));
            let said = beside.says(&question, 3, "each way").await;
            if let Some(next) = said.header("link").filter(|_| said.status == 200) {
                let next = next.trim_start_matches('<').split('>').next().unwrap();
                beside.says(&Question::get(next), 3, "the next page").await;
            }
        }
        paths.insert(operation.path.clone());
    }
    let mut linked = BTreeSet::new();
    for page in ["/", "/docs", "/problems", "/?lang=ar"] {
        linked.extend(links(&Question::get(page).told_by(&app).await));
    }
    // One file is asked for as all of them are.
    paths.extend(linked.iter().find(|path| path.starts_with("/assets/")).cloned());
    for path in [
        format!("/v1/articles/{gone}"),
        "/v1/participants/ROUK".to_owned(),
        "/v1/participants/rouk?lang=ar".to_owned(),
        "/v1/participants/ROUK/history".to_owned(),
        "/v1/nothing".to_owned(),
        "/v1/meetings/nowhere".to_owned(),
        "/v1//meetings".to_owned(),
        "/V1/meetings".to_owned(),
        "/v1/meetings/m%2Done/totals".to_owned(),
        "/v1/totals?meeting=m%2Done".to_owned(),
        "/v1/totals?meeting=m-one&meeting=m-two".to_owned(),
        "/problems/nothing".to_owned(),
    ] {
        paths.insert(path);
    }
    for path in paths.iter().filter(|path| !path.contains('?')) {
        let said = beside.says(&Question::get(path), 3, "each path").await;
        for question in manners(path, said.header("etag")) {
            beside.says(&question, 2, "each manner").await;
        }
        let key = &app.keys.reader;
        let keyed = Question::get(path).by(key);
        let keyed = beside.says(&keyed, 2, "with a key").await;
        // What is about keys is not for everybody.
        let is_of_keys = path.starts_with("/v1/keys") || path == "/v1/me";
        assert!(is_of_keys || keyed.status == said.status, "{path}");
        for odd in odd_spellings(key) {
            let question = odd.iter().fold(Question::get(path), |asked, value| {
                asked.with("Authorization", value)
            });
            beside.says(&question, 2, "with a key in odd letters").await;
        }
    }
    for path in linked
        .iter()
        .chain(paths.iter().filter(|path| path.contains('?')))
    {
        beside.says(&Question::get(path), 3, "each link").await;
    }
    println!("{engine:?}: {} answers compared", beside.compared);
}

/// A key as it may be spelled in headers, and as it may not.
fn odd_spellings(key: &str) -> Vec<Vec<String>> {
    let one = |value: String| vec![value];
    vec![
        one(format!("bearer {key}")),
        one(format!("BEARER   {key}")),
        one(format!("Bearer {key}x")),
        one(format!("Bearer  {} ", key.to_uppercase())),
        one(format!("Bearer\t{key}")),
        one(format!("Bearer {key}, Bearer nobody")),
        vec![format!("Bearer {key}"), "Bearer nobody".to_owned()],
        vec!["Bearer nobody".to_owned(), format!("Bearer {key}")],
    ]
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_key_holder_was_answered_is_for_nobody_else(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    let editor = &app.keys.editor.clone();
    for body in [json!({"code": "USA", "kind": "state", "names": {"en": "U", "ar": "أ"}})] {
        app.post("/v1/participants", body).await.created();
    }
    let meeting = json!({"slug": "m-one", "titles": {"en": "M"}, "kind": "ministerial", "starts_on": "2018"});
    app.post("/v1/meetings", meeting).await.created();
    let mut beside = Beside::of(vec![&app]).await;
    let keys = [&app.keys.reader, editor, &app.keys.admin];
    for path in [
        "/",
        "/docs",
        "/problems/malformed",
        "/openapi.json",
        "/version",
        "/healthz",
        "/readyz",
        "/v1",
        "/v1/participants",
        "/v1/participants/USA?lang=ar",
        "/v1/meetings/m-one/totals",
        "/v1/changes",
        "/v1/nothing",
        "//v1/participants",
        "/%761/participants",
        "/v1%2Fparticipants",
    ] {
        // Who has no key comes first, in the middle and last.
        for key in keys {
            let anonymous = beside.says(&Question::get(path), 2, "without a key").await;
            let wrong = Question::get(path).by("nobody");
            let wrong = beside.says(&wrong, 2, "with none of ours").await.status;
            // Of health whoever asks is told, as no key is looked at.
            let is_of_health = ["/healthz", "/readyz"].contains(&path);
            assert_eq!(wrong, if is_of_health { 200 } else { 401 }, "{path}");
            let keyed = beside.says(&Question::get(path).by(key), 2, "with a key").await;
            if path.starts_with("/v1/p") || path.starts_with("/v1/m") {
                assert_eq!((anonymous.status, keyed.status), (401, 200), "{path}");
            }
            let seen = keyed.header("etag").unwrap_or("*").to_owned();
            for tag in [seen.as_str(), "*"] {
                let tagged = Question::get(path).with("If-None-Match", tag);
                beside.says(&tagged, 2, "without a key, with a tag").await;
                beside.says(&tagged.by(key), 2, "with both").await;
            }
            beside.says(&Question::head(path), 2, "its head").await;
            for odd in odd_spellings(key) {
                let question = odd.iter().fold(Question::get(path), |asked, value| {
                    asked.with("Authorization", value)
                });
                beside.says(&question, 2, "in odd letters").await;
            }
        }
    }
    println!("{engine:?}: {} answers compared", beside.compared);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_revoked_elsewhere_opens_nothing_from_then_on(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    let elsewhere = app.another_db().await;
    for round in 0..9 {
        let name = format!("guest {round}");
        let key = auth::create(&elsewhere, &name, Role::Editor).await.unwrap();
        let participant = |code: &str| json!({"code": code, "kind": "state", "names": {"en": "N"}});
        let first = participant(&format!("A{round}"));
        app.post("/v1/participants", first.clone())
            .key(&key)
            .once("a")
            .await
            .created();
        app.post("/v1/participants", first.clone())
            .key(&key)
            .once("a")
            .await
            .created();
        for _ in 0..3 {
            app.get("/v1/participants").key(&key).await.expect(200);
        }
        assert!(auth::keys::revoke_named(&elsewhere, &name).await.unwrap());
        // It let writers in a moment ago: to none of these, whichever comes first.
        let second = participant(&format!("B{round}"));
        let of_first = format!("/v1/participants/A{round}");
        let mut refused = vec![
            app.get("/v1/participants").key(&key),
            app.post("/v1/participants", first).key(&key).once("a"),
            app.post("/v1/participants", json!({"code": 1})).key(&key),
            app.post("/v1/participants", second).key(&key),
            app.post("/v1/participants/batch", json!([])).key(&key),
            app.patch("/v1/participants/NOBODY", json!({})).key(&key),
            app.patch(&of_first, json!({})).key(&key),
            app.delete(&of_first).key(&key).header("If-Match", "\"9\""),
            app.put("/v1/nothing", json!({})).key(&key),
        ];
        let kinds = refused.len();
        refused.rotate_left(round % kinds);
        // One client has ten wrong keys free.
        let client = format!("198.51.100.{round}");
        for refused in refused {
            refused
                .header("X-Forwarded-For", &client)
                .await
                .problem(401, "unauthorized");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_leaves_the_totals_of_other_meetings_in_memory(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let (here, there) = (app.meeting("here").await, app.meeting("there").await);
    let pledge = app.pledge(&here, "200.00", "USD").await;
    app.pledge(&there, "100.00", "USD").await;
    // To hear from Postgres whether anything was committed is one; SQLite is asked where it is.
    let question = u64::from(engine == Engine::Postgres);
    let statements = async |path: &str| {
        let before = app.register().db().statements();
        app.get(path).await.expect(200);
        app.register().db().statements() - before
    };
    let of = |meeting: &str| {
        [
            format!("/v1/meetings/{meeting}/totals"),
            format!("/v1/meetings/{meeting}/totals/explain?group_by=participant"),
            format!("/v1/totals?meeting={meeting}&lang=ar"),
            format!("/v1/totals?meeting={meeting}&by=events"),
            format!("/v1/events?meeting={meeting}"),
        ]
    };
    let from_memory = async |path: &str, when: &str| {
        let run = statements(path).await;
        assert!(run <= question, "{when}: {path} ran {run} statements");
    };
    let anew = async |path: &str, when: &str| {
        let run = statements(path).await;
        assert!(run > question, "{when}: {path} ran {run} statements");
        from_memory(path, when).await;
    };
    for path in of("here").iter().chain(&of("there")) {
        anew(path, "at first").await;
    }
    let event = json!({"stage": "paid", "amount": "1.00", "occurred_on": "2018-03"});
    for write in [
        app.patch(&format!("/v1/pledges/{pledge}"), json!({"amount": "300.00"})),
        app.post(&format!("/v1/pledges/{pledge}/events"), event),
        app.delete(&format!("/v1/pledges/{pledge}")),
        app.restore(&format!("/v1/pledges/{pledge}")),
    ] {
        let written = write.await.ok().asked;
        // Whoever asks first finds out what changed, for all.
        app.get("/v1/changes?limit=1").await.expect(200);
        for path in of("there") {
            from_memory(&path, &written).await;
        }
        for path in of("here") {
            anew(&path, &written).await;
        }
    }
    // What is of no meeting changes all.
    app.patch("/v1/participants/USA", json!({"names": {"en": "U", "ar": "و"}}))
        .await
        .ok();
    app.get("/v1/changes?limit=1").await.expect(200);
    for path in of("here").iter().chain(&of("there")) {
        anew(path, "a name").await;
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_pledges_nothing_at_another_meeting_changes_its_parents_totals(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let (here, there) = (app.meeting("here").await, app.meeting("there").await);
    let parent = app.pledge(&here, "200.00", "USD").await;
    let mut beside = Beside::of(vec![&app]).await;
    let part = json!({"participant": "USA", "meeting": there, "parent": parent, "qualifier": "exact",
        "amount": "50.00", "currency": "USD"});
    let mut asks = async |when: &str| {
        for parents in ["children", "only", "remainder"] {
            for path in ["/v1/meetings/here/totals", "/v1/totals/explain", "/v1/totals"] {
                let meeting = if path.contains("here") {
                    ""
                } else {
                    "&meeting=here"
                };
                let question = Question::get(format!("{path}?parents={parents}{meeting}"));
                beside.says(&question, 2, when).await;
            }
        }
    };
    asks("before there are parts").await;
    let part = app.pledge_with(part).await;
    asks("with a part").await;
    app.event(&part, "reduced", "50.00", "2018-03").await;
    asks("with a part of nothing").await;
    app.delete(&format!("/v1/pledges/{part}")).await.ok();
    asks("once it is retracted").await;
    app.restore(&format!("/v1/pledges/{part}")).await.ok();
    asks("once it is restored").await;
}

async fn administered(text: &str) {
    let url = postgres::server().unwrap().url("postgres");
    let mut conn = PgConnection::connect(&url).await.unwrap();
    conn.execute(AssertSqlSafe(text)).await.unwrap();
    conn.close().await.unwrap();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_answered_from_memory_where_the_database_cannot_be_asked(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("here").await;
    app.pledge(&meeting, "200.00", "USD").await;
    let mut beside = Beside::of(vec![&app]).await;
    let asked = [
        "/v1/meetings/here/totals",
        "/v1/pledges",
        "/v1/participants/USA",
        "/v1/changes",
    ];
    for path in asked.iter().chain(&["/", "/version", "/openapi.json"]) {
        beside.says(&Question::get(*path), 2, "at first").await;
    }
    match engine {
        Engine::Postgres => {
            let url = app.database_url().split('?').next().unwrap();
            let name = url.rsplit('/').next().unwrap();
            administered(&format!("alter database {name} with allow_connections false")).await;
            administered(&format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            ))
            .await;
            for path in asked {
                for _ in 0..2 {
                    app.get(path).await.problem(503, "unavailable");
                }
            }
            // What no database makes is there all the same.
            for path in ["/", "/version", "/openapi.json"] {
                app.get(path).await.expect(200);
            }
            administered(&format!("alter database {name} with allow_connections true")).await;
            // What was away is asked again a moment later.
            let begun = Instant::now();
            for server in [&app, &beside.oracle] {
                while server.get("/v1/pledges").await.status != 200 {
                    assert!(begun.elapsed() < Duration::from_secs(10), "it is not read again");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        Engine::Sqlite => {
            let file = PathBuf::from(
                app.database_url()
                    .trim_start_matches("sqlite:")
                    .split('?')
                    .next()
                    .unwrap(),
            );
            let away = file.with_extension("away");
            fs::rename(&file, &away).unwrap();
            for path in asked {
                beside
                    .says(&Question::get(path), 2, "while the file is away")
                    .await;
            }
            fs::rename(&away, &file).unwrap();
        }
    }
    app.pledge(&meeting, "1.00", "USD").await;
    for path in asked {
        beside.says(&Question::get(path), 2, "when it is back").await;
    }
}

/// A failover to a standby that lacks the last write, as seen from here: what the database had committed before is
/// what it has committed again. An answer that was on its way meanwhile shows what is lost.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_made_over_a_lost_write_is_not_given_again() {
    let Some(engine) = Engine::postgres() else { return };
    let app = App::start(engine).await;
    let meeting = app.meeting("here").await;
    app.pledge(&meeting, "200.00", "USD").await;
    let mut beside = Beside::of(vec![&app]).await;
    let paths = [
        "/v1/pledges",
        "/v1/pledges?limit=1&lang=ar",
        "/v1/pledges?sort=-created_at",
    ];
    // What is committed is known; these answers are not.
    app.get("/v1/participants").await.expect(200);
    let mut operator = PgConnection::connect(app.database_url()).await.unwrap();
    operator
        .execute("create table kept as table revision")
        .await
        .unwrap();
    operator
        .execute("begin; lock table pledges in access exclusive mode")
        .await
        .unwrap();
    let on_their_way = paths.map(|path| {
        let app = &app;
        async move { Question::get(path).told_by(app).await }
    });
    let change = async {
        // They have asked what is committed, and wait for the pledges.
        tokio::time::sleep(Duration::from_millis(500)).await;
        for statement in [
            "update pledges set purpose = 'lost', pledged = pledged + 100, counted = counted + 100",
            "update revision set logged = logged + 1, unlogged = unlogged + 1",
            "commit",
        ] {
            operator.execute(statement).await.unwrap();
        }
    };
    let (answers, ()) = tokio::join!(join_all(on_their_way), change);
    for (answer, path) in answers.iter().zip(paths) {
        let text = String::from_utf8_lossy(&answer.body);
        assert!(text.contains("lost"), "{path} was not on its way: {text}");
    }
    operator
        .execute(
            "begin; update pledges set purpose = null, pledged = pledged - 100, counted = counted - 100;
             delete from revision; insert into revision table kept; commit",
        )
        .await
        .unwrap();
    operator.close().await.unwrap();
    for path in paths {
        beside
            .says(&Question::get(path), 2, "once the write was lost")
            .await;
    }
}

/// How many steps the random story has by default: a sample.
const STEPS: usize = 400;

/// How many questions are asked again and again.
const ASKED_AGAIN: usize = 16;

const MEETINGS: [&str; 4] = ["m-one", "m-two", "m-three", "m-four"];
const COALITIONS: [&str; 2] = ["c-one", "c-two"];
const DAYS: [&str; 6] = [
    "2017-12-30",
    "2018",
    "2018-02",
    "2018-02-13",
    "2018-03-01",
    "2019-01-01",
];

/// Two servers as two processes, written to at random.
struct World<'a> {
    apps: [&'a App; 2],
    dice: Dice,
    codes: Vec<String>,
    articles: Vec<String>,
    pledges: Vec<String>,
    /// With their pledges.
    events: Vec<(String, String)>,
    citations: Vec<String>,
    accepted: usize,
    refused: HashMap<u16, usize>,
}

impl World<'_> {
    fn code(&mut self) -> String {
        let codes = self.codes.clone();
        self.dice.of(&codes)
    }

    fn pledge(&mut self) -> String {
        let pledges = self.pledges.clone();
        self.dice.of(&pledges)
    }

    /// Mostly the live ones that were made lately.
    fn late_pledge(&mut self) -> String {
        let late = self.pledges[self.pledges.len().saturating_sub(12)..].to_vec();
        self.dice.of(&late)
    }

    fn subject(&mut self) -> String {
        match self.dice.roll(5) {
            0 => format!("participants/{}", self.code()),
            1 => format!("meetings/{}", self.dice.of(&MEETINGS)),
            2 if !self.events.is_empty() => {
                let events = self.events.clone();
                format!("events/{}", self.dice.of(&events).0)
            }
            3 => format!("coalitions/{}", self.dice.of(&COALITIONS)),
            _ => format!("pledges/{}", self.late_pledge()),
        }
    }

    fn terms(&mut self) -> Value {
        let amount = self.dice.of(&["0.00", "10.00", "25.50", "100.00", "1000.00"]);
        let mut terms = json!({
            "instrument": self.dice.of(&["grant", "grant", "loan"]),
            "participant": self.code(),
            "qualifier": "exact",
            "amount": amount,
            "currency": self.dice.of(&["USD", "USD", "USD", "EUR"]),
            "announced_on": self.dice.of(&DAYS),
        });
        if !self.dice.one_in(6) {
            terms["meeting"] = self.dice.of(&MEETINGS).into();
        }
        if self.dice.one_in(3) {
            terms["parent"] = self.late_pledge().into();
        } else if self.dice.one_in(5) {
            terms["restates"] = self.late_pledge().into();
        }
        terms
    }

    fn names(&mut self) -> Value {
        let number = self.dice.roll(1_000);
        json!({"en": format!("Name {number}"), "ar": format!("اسم {number}")})
    }

    /// Sends a write to one of the servers; what it answered, where that was a success.
    async fn sent(&mut self, method: Method, path: &str, body: Option<Value>) -> Option<Value> {
        let app = self.apps[self.dice.roll(2)];
        let mut ask = app.ask(method.clone(), path);
        if let Some(body) = body {
            let kind = if method == Method::PATCH {
                "application/merge-patch+json"
            } else {
                "application/json"
            };
            ask = ask.body(kind, body.to_string());
        }
        let (status, _, body) = ask.unheld().await;
        assert!(
            status < 500,
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        if !(200..300).contains(&status) {
            *self.refused.entry(status).or_default() += 1;
            return None;
        }
        self.accepted += 1;
        Some(serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn retract_or_restore(&mut self, path: &str) {
        if self.dice.one_in(2) {
            self.sent(Method::DELETE, path, None).await;
        } else {
            self.sent(Method::POST, &format!("{path}/restore"), None).await;
        }
    }

    /// One write of any kind; what it was.
    #[expect(clippy::too_many_lines, reason = "one list of what can be written")]
    async fn write(&mut self) -> String {
        let (post, put, change_in) = (Method::POST, Method::PUT, Method::PATCH);
        let made = |made: Option<Value>| made.and_then(|it| it["id"].as_str().map(str::to_owned));
        match self.dice.roll(30) {
            0..=5 => {
                let terms = self.terms();
                let id = made(self.sent(post, "/v1/pledges", Some(terms.clone())).await);
                self.pledges.extend(id);
                format!("a pledge {terms}")
            }
            6..=9 => {
                let path = format!("/v1/pledges/{}", self.late_pledge());
                let mut change = self.terms();
                let only = self.dice.of(&[
                    "amount",
                    "meeting",
                    "announced_on",
                    "participant",
                    "parent",
                    "instrument",
                ]);
                let value = match only {
                    "meeting" if self.dice.one_in(4) => Value::Null,
                    "parent" if self.dice.one_in(2) => Value::Null,
                    _ => change[only].take(),
                };
                let change = json!({only: value});
                self.sent(change_in, &path, Some(change.clone())).await;
                format!("{path} {change}")
            }
            10 | 11 => {
                let path = format!("/v1/pledges/{}", self.late_pledge());
                self.retract_or_restore(&path).await;
                format!("{path} retracted or restored")
            }
            12..=14 => {
                let pledge = self.late_pledge();
                let event = json!({
                    "stage": self.dice.of(&["committed", "paid", "increased", "reduced", "withdrawn"]),
                    "amount": self.dice.of(&["1.00", "5.00", "10.00", "25.50"]),
                    "occurred_on": self.dice.of(&DAYS),
                });
                let path = format!("/v1/pledges/{pledge}/events");
                let id = made(self.sent(post, &path, Some(event.clone())).await);
                self.events.extend(id.map(|id| (id, pledge)));
                format!("{path} {event}")
            }
            15..=17 if !self.events.is_empty() => {
                let events = self.events.clone();
                let (event, pledge) = self.dice.of(&events);
                let path = format!("/v1/pledges/{pledge}/events/{event}");
                if self.dice.one_in(3) {
                    self.retract_or_restore(&path).await;
                    return format!("{path} retracted or restored");
                }
                let change = match self.dice.roll(3) {
                    0 => json!({"occurred_on": self.dice.of(&DAYS)}),
                    1 => json!({"amount": self.dice.of(&["1.00", "2.00", "7.00"])}),
                    _ => json!({"note": format!("note {}", self.dice.roll(100))}),
                };
                self.sent(change_in, &path, Some(change.clone())).await;
                format!("{path} {change}")
            }
            18 | 19 => {
                let articles = self.articles.clone();
                let citation = json!({"subject": self.subject(), "article": self.dice.of(&articles)});
                let id = made(self.sent(post, "/v1/citations", Some(citation.clone())).await);
                self.citations.extend(id);
                format!("a citation {citation}")
            }
            20 if !self.citations.is_empty() => {
                let citations = self.citations.clone();
                let path = format!("/v1/citations/{}", self.dice.of(&citations));
                if self.dice.one_in(3) {
                    let number = self.dice.roll(100);
                    self.sent(change_in, &path, Some(json!({"note": format!("note {number}")})))
                        .await;
                } else {
                    self.retract_or_restore(&path).await;
                }
                path
            }
            21 | 22 => {
                let path = format!("/v1/participants/{}", self.code());
                let change = if self.dice.one_in(12) && self.codes.len() > 4 {
                    json!({"merged_into": self.code()})
                } else {
                    json!({"names": self.names()})
                };
                self.sent(change_in, &path, Some(change.clone())).await;
                format!("{path} {change}")
            }
            23 => {
                let code = format!("N{}", self.dice.roll(100_000));
                let body = json!({"code": code, "kind": "igo", "names": self.names()});
                if self.sent(post, "/v1/participants", Some(body)).await.is_some() {
                    self.codes.push(code.clone());
                }
                format!("participant {code}")
            }
            24 | 25 => {
                let path = format!("/v1/meetings/{}", self.dice.of(&MEETINGS));
                let change = match self.dice.roll(4) {
                    0 => json!({"titles": self.names()}),
                    1 => json!({"coalition": self.dice.of(&COALITIONS)}),
                    2 => json!({"coalition": null}),
                    _ => {
                        json!({"headline_amount": self.dice.of(&["500.00", "700.00"]), "headline_currency": "USD"})
                    }
                };
                self.sent(change_in, &path, Some(change.clone())).await;
                format!("{path} {change}")
            }
            26 => {
                let coalition = self.dice.of(&COALITIONS);
                let path = format!("/v1/coalitions/{coalition}/members/{}", self.code());
                if self.dice.one_in(3) {
                    self.retract_or_restore(&path).await;
                } else {
                    let periods = json!([{"joined_on": self.dice.of(&DAYS), "left_on": null}]);
                    self.sent(put, &path, Some(json!({"periods": periods}))).await;
                }
                path
            }
            27 => {
                let rate = json!([{"currency": "EUR", "date": self.dice.of(&["2018-02-13", "2018-03-01", "2017-12-30"]),
                    "per_usd": format!("0.8{:03}", self.dice.roll(1_000)), "source": self.dice.of(&["ecb", "imf"])}]);
                self.sent(put, "/v1/rates?plausibility=waived", Some(rate.clone()))
                    .await;
                format!("rates {rate}")
            }
            28 => {
                let meeting = self.dice.of(&MEETINGS);
                let path = format!("/v1/meetings/{meeting}/attendance/{}", self.code());
                if self.dice.one_in(3) {
                    self.retract_or_restore(&path).await;
                } else {
                    let name = format!("Delegate {}", self.dice.roll(100));
                    self.sent(put, &path, Some(json!({"delegate_name": name}))).await;
                }
                path
            }
            _ => {
                let batch: Vec<Value> = (0..3).map(|_| self.terms()).collect();
                let said = self.sent(post, "/v1/pledges/batch", Some(json!(batch))).await;
                let items = said
                    .as_ref()
                    .and_then(|said| said["items"].as_array())
                    .into_iter()
                    .flatten();
                let ids = items.filter_map(|it| it["id"].as_str().or(it["record"]["id"].as_str()));
                self.pledges.extend(ids.map(str::to_owned));
                "a batch".to_owned()
            }
        }
    }

    /// A question of any kind; mostly one of those whose answers outlive writes.
    fn question(&mut self) -> Question {
        const TOTALS: [&str; 21] = [
            "",
            "group_by=participant",
            "group_by=participant&lang=ar",
            "group_by=year,currency",
            "parents=children",
            "parents=only&group_by=participant",
            "restatements=include",
            "cited=true",
            "cited=false&group_by=state",
            "in=EUR",
            "in=EUR&rate_date=event&group_by=participant",
            "in=EUR&rate_date=2018-02-13&rate_source=imf",
            "membership_at=2018-02",
            "instruments=grant",
            "currency=USD&sort=-point&group_by=participant&limit=2",
            "format=csv&group_by=participant",
            "participant_kind=igo",
            "collective=false&state=open",
            "by=events&group_by=stage,month",
            "by=events&in=EUR&group_by=participant&lang=ar",
            "by=events&format=csv&membership_at=2018",
        ];
        let meeting = self.dice.of(&MEETINGS);
        let totals = self.dice.of(&TOTALS);
        let only_added_up = totals.contains("format") || totals.contains("by=events");
        let explain = if only_added_up || self.dice.one_in(2) {
            ""
        } else {
            "/explain"
        };
        let path = match self.dice.roll(25) {
            0..=7 => format!("/v1/meetings/{meeting}/totals{explain}?{totals}"),
            8..=11 => format!("/v1/totals{explain}?meeting={meeting}&{totals}"),
            12 => format!("/v1/totals{explain}?{totals}"),
            13 => {
                let other = self.dice.of(&MEETINGS);
                format!("/v1/totals?meeting={meeting},{other}&group_by=meeting")
            }
            14 => format!("/v1/totals?meeting={meeting}&parent={}", self.late_pledge()),
            15 => format!("/v1/pledges?meeting={meeting}&limit=5&count=true&lang=ar"),
            16 => format!("/v1/pledges/{}?expand=participant,meeting", self.late_pledge()),
            17 => {
                let pledge = self.late_pledge();
                let what = self.dice.of(&["", "/events", "/history", "/citations"]);
                format!("/v1/pledges/{pledge}{what}")
            }
            18 => {
                let code = self.code();
                let what = self
                    .dice
                    .of(&["", "?lang=ar", "/history", "/citations", "?names_at=2015"]);
                format!("/v1/participants/{code}{what}")
            }
            19 => format!(
                "/v1/meetings/{meeting}{}",
                self.dice.of(&["", "/attendance", "/history", "/citations"])
            ),
            20 => format!("/v1/coalitions/{}/members", self.dice.of(&COALITIONS)),
            21 => self
                .dice
                .of(&[
                    "/v1/changes?limit=5&sort=-seq",
                    "/v1/citations?limit=5",
                    "/v1/citations?limit=5&expand=article&lang=ar",
                    "/v1/articles?limit=5",
                    "/v1/coalitions",
                    "/v1/vocabularies?lang=fr",
                    "/v1/participants?format=csv",
                    "/",
                    "/v1/rates",
                ])
                .to_owned(),
            22 => match self.dice.roll(6) {
                0 => format!("/v1/meetings?participant={}", self.code()),
                1 => "/v1/meetings?expand=totals".to_owned(),
                2 => format!("/v1/meetings/{meeting}?expand=totals,citations&lang=ar"),
                3 => format!("/v1/meetings/{meeting}/attendance?expand=participant,meeting"),
                4 => format!("/v1/pledges?meeting={meeting}&limit=5&expand=participant,citations"),
                _ => format!(
                    "/v1/coalitions/{}/members?expand=participant",
                    self.dice.of(&COALITIONS)
                ),
            },
            23 => format!("/v1/events?meeting={meeting}&sort=-occurred_on&limit=20&expand=pledge"),
            _ => format!("/v1/pledges/{}", self.pledge()),
        };
        let method = if self.dice.one_in(8) {
            Method::HEAD
        } else {
            Method::GET
        };
        Question {
            method,
            ..Question::get(path)
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_written_no_answer_differs_from_the_databases(#[case] engine: Engine) {
    let steps = std::env::var("CACHE_STEPS").map_or(STEPS, |steps| steps.parse().unwrap());
    let first = App::start(engine).await;
    let second = first.second().await;
    let dice = Dice::seeded("CACHE_SEED", 2_018);
    for code in ["USA", "KWT", "EU", "IRQ", "UNDP", "SAU", "QAT", "ARE"] {
        first.participant(code).await;
    }
    for slug in COALITIONS {
        first.coalition(slug).await;
    }
    for slug in MEETINGS {
        first.meeting(slug).await;
    }
    let articles = vec![
        first.article(json!({})).await,
        first.article(json!({"title": "B"})).await,
    ];
    let pledge = first.pledge("m-one", "200.00", "USD").await;
    let mut world = World {
        apps: [&first, &second],
        dice,
        codes: ["USA", "KWT", "EU", "IRQ", "UNDP", "SAU", "QAT", "ARE"]
            .map(str::to_owned)
            .to_vec(),
        articles,
        pledges: vec![pledge],
        events: Vec::new(),
        citations: Vec::new(),
        accepted: 0,
        refused: HashMap::new(),
    };
    let mut beside = Beside::of(vec![&first, &second]).await;
    let elsewhere = first.another_db().await;
    let mut again: VecDeque<Question> = VecDeque::new();
    let mut tags: HashMap<String, String> = HashMap::new();
    let mut last = "nothing yet".to_owned();
    for step in 0..steps {
        let writes = world.dice.one_in(2);
        if writes {
            last = world.write().await;
        } else if world.dice.one_in(40) {
            // What the log does not tell of.
            let name = format!("key {step}");
            auth::create(&elsewhere, &name, Role::Reader).await.unwrap();
            last = name;
        }
        let when = format!("step {step}, after {last}");
        let mut asked = vec![world.question()];
        for _ in 0..if writes { 3 } else { 0 } {
            let number = again.len().max(1);
            asked.extend(again.get(world.dice.roll(number)).cloned());
        }
        for mut question in asked {
            if let Some(tag) = tags.get(&question.path).filter(|_| world.dice.one_in(6)) {
                question = question.with("If-None-Match", tag.clone());
            }
            let said = beside.says(&question, 1, &when).await;
            if let Some(tag) = said.header("etag") {
                tags.insert(question.path.clone(), tag.to_owned());
            }
            question.headers.clear();
            if !again.contains(&question) {
                again.push_back(question);
            }
            if again.len() > ASKED_AGAIN {
                again.pop_front();
            }
        }
    }
    println!(
        "{engine:?}: {steps} steps, {} writes accepted, refused {:?}, {} answers compared",
        world.accepted, world.refused, beside.compared
    );
    assert!(
        world.accepted > steps / 5,
        "hardly anything was written: {:?}",
        world.refused
    );
    first.check_kept_sums().await;
}
