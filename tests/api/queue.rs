//! Creates that wait are made together, and each fares as if it had come alone.

use std::{
    collections::HashMap,
    future::{Future, IntoFuture},
    pin::Pin,
    time::Duration,
};

use futures_util::future::{join, join_all};
use pledgebook::{
    db::{Conn, Patience, Sql},
    error::{Error, Result},
    history::{Change, Projection},
    resources::Resource,
};
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};

use crate::{
    answer::Answer,
    app::{App, Ask},
    prelude::*,
};

pub(crate) const PLEDGES: &str = "/v1/pledges";

/// A grant of the United States at [`kuwait`].
pub(crate) fn a_grant(amount: &str) -> Value {
    json!({"participant": "USA", "meeting": "kuwait-2018", "instrument": "grant", "qualifier": "exact",
        "amount": amount, "currency": "USD", "announced_on": "2018-02-13"})
}

fn with(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

/// A meeting and a participant.
pub(crate) async fn kuwait(app: &App) {
    app.meeting("kuwait-2018").await;
    app.participant("USA").await;
}

/// What is answered to those who all wait while somebody else writes.
async fn together(app: &App, asked: Vec<Ask>) -> Vec<Answer> {
    together_after(app, asked, None).await
}

/// The same, where the one that they wait for changes something.
async fn together_after(app: &App, asked: Vec<Ask>, change: Option<Sql>) -> Vec<Answer> {
    let mut held = app
        .register()
        .db()
        .begin_alone(Patience::OfRequest)
        .await
        .unwrap();
    let release = async {
        // Until they stand in line.
        sleep(Duration::from_millis(250)).await;
        if let Some(change) = change {
            held.run(change).await.unwrap();
        }
        held.commit().await.unwrap();
    };
    join(join_all(asked.into_iter().map(IntoFuture::into_future)), release)
        .await
        .0
}

/// The whole log, the oldest entry first; it has no gap.
async fn log(app: &App) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let path = format!("/v1/changes?after_seq={}&limit=200", all.len());
        let page = app.get(&path).await.expect(200);
        if page.items().is_empty() {
            break;
        }
        all.extend(page.items().iter().cloned());
    }
    for (expected, change) in (1..).zip(&all) {
        assert_eq!(change["seq"], expected, "the log has a gap");
    }
    all
}

fn keys_of(log: &[Value], resource: &str) -> Vec<String> {
    let of = log
        .iter()
        .filter(|it| it["resource"] == resource && it["op"] == "create");
    of.map(|it| it["key"].as_str().unwrap().to_owned()).collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn creates_that_wait_share_their_statements(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let asked = (0..50).map(|_| app.post(PLEDGES, a_grant("1.00"))).collect();
    let before = app.register().db().statements();
    for answer in together(&app, asked).await {
        answer.created();
    }
    // On SQLite each looks at its key as well.
    let run = app.register().db().statements() - before;
    assert!(run < 50 + 50, "fifty creates ran {run} statements");
    assert_eq!(keys_of(&log(&app).await, "pledges").len(), 50);
    app.check_kept_sums().await;
}

/// What a mixed company asks for, each by a name; the article says "200 million", and the pledges are of 100.00.
fn mixed(app: &App, [article, parent, whole]: &[String; 3]) -> Vec<(String, Ask)> {
    let mut all = Vec::new();
    for number in 0..24 {
        let ask = app.post(PLEDGES, a_grant(&format!("{number}.50")));
        let ask = match number % 4 {
            0 => ask.key(&app.keys.admin).header("Change-Reason", "an admin's"),
            1 => ask.header("Change-Reason", &format!("reason {number}")),
            2 => ask.header("Accept-Language", "ar"),
            _ => ask.once(&format!("key-{number}")),
        };
        all.push((format!("good {number}"), ask));
    }
    let cited = |start: i64, end: i64| json!([{"article": article, "quote": "200", "start": start, "end": end, "states": {"amount": "8.00"}}]);
    for (name, body) in [
        ("unknown participant", with(a_grant("1"), "participant", "NOBODY")),
        ("unknown meeting", with(a_grant("2"), "meeting", "nowhere")),
        (
            "unknown parent",
            with(a_grant("3"), "parent", "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b"),
        ),
        ("part", with(a_grant("60"), "parent", &**parent)),
        ("too large a part", with(a_grant("100.01"), "parent", &**whole)),
        ("cited", with(a_grant("7"), "citations", cited(0, 3))),
        ("misquoted", with(a_grant("7"), "citations", cited(1, 4))),
        ("faulty", with(a_grant("7"), "qualifier", "roughly")),
    ] {
        all.push((name.to_owned(), app.post(PLEDGES, body)));
    }
    let minimal = app.post(PLEDGES, a_grant("5")).header("Prefer", "return=minimal");
    all.push(("minimal".to_owned(), minimal));
    let reader = app.post(PLEDGES, a_grant("5")).key(&app.keys.reader);
    all.push(("reader".to_owned(), reader));
    all
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn each_of_a_mixed_company_is_answered_what_it_would_be_alone(#[case] engine: Engine) {
    let (app, other) = (App::start(engine).await, App::start(engine).await);
    let mut ids = Vec::new();
    for app in [&app, &other] {
        kuwait(app).await;
        let article = app.article(json!({"body": "200 million"})).await;
        let parent = app.pledge("kuwait-2018", "100.00", "USD").await;
        let whole = app.pledge("kuwait-2018", "100.00", "USD").await;
        ids.push([article, parent, whole]);
    }
    let before = log(&app).await.len();
    let (names, asked): (Vec<_>, Vec<_>) = mixed(&app, &ids[0]).into_iter().unzip();
    let asked = names
        .iter()
        .zip(asked)
        .map(|(name, ask)| ask.header("X-Request-Id", &name.replace(' ', "-")));
    let answers = together(&app, asked.collect()).await;

    let mut alone = HashMap::new();
    for (name, ask) in mixed(&other, &ids[1]) {
        let ask = ask.header("X-Request-Id", &name.replace(' ', "-"));
        alone.insert(name, ask.await);
    }
    let changes = log(&app).await;
    let mut created = Vec::new();
    for (name, answer) in names.iter().zip(answers) {
        let alone = &alone[name];
        assert_eq!(answer.status, alone.status, "{name}: {answer}");
        let headers = |answer: &Answer| {
            let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            names
        };
        assert_eq!(headers(&answer), headers(alone), "{name}");
        if answer.status != 201 {
            let mut text = alone.text.clone();
            for (here, there) in ids[0].iter().zip(&ids[1]) {
                text = text.replace(there, here);
            }
            assert_eq!(answer.text, text, "{name}");
            continue;
        }
        let location = answer.header("location").unwrap().to_owned();
        let id = location.rsplit('/').next().unwrap().to_owned();
        let language = answer.header("content-language").unwrap();
        let now = app.get_with(&location, &[("Accept-Language", language)]).await;
        if name != "minimal" {
            assert_eq!(answer.text, now.text, "{name}");
            assert_eq!(answer.header("etag"), now.header("etag"), "{name}");
        }
        let change = changes
            .iter()
            .find(|it| it["key"] == *id && it["op"] == "create")
            .unwrap();
        let number: Option<u64> = name.strip_prefix("good ").map(|it| it.parse().unwrap());
        let (actor, reason) = match number {
            Some(number) if number % 4 == 0 => ("admin", json!("an admin's")),
            Some(number) if number % 4 == 1 => ("editor", json!(format!("reason {number}"))),
            _ => ("editor", Value::Null),
        };
        assert_eq!(
            (&change["actor"], &change["reason"]),
            (&json!(actor), &reason),
            "{name}"
        );
        // What was answered under a key is answered again.
        if let Some(number) = number.filter(|number| number % 4 == 3) {
            let again = app.post(PLEDGES, a_grant(&format!("{number}.50")));
            let again = again.once(&format!("key-{number}")).await;
            assert_eq!(again.header("idempotency-replayed"), Some("true"), "{again}");
            assert_eq!(again.text, answer.text);
        }
        created.push(id);
    }
    // Each once, and nothing else: of the part an entry of its parent as well, of what is cited one of its citation.
    created.sort();
    let mut kept = keys_of(&log(&app).await[before..], "pledges");
    kept.sort();
    assert_eq!(kept, created);
    assert_eq!(log(&app).await.len() - before, created.len() + 2);
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_key_in_one_company_one_is_created(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    // People's keys, and requests'.
    let a_state = |code: &str| json!({"code": code, "kind": "state", "names": {"en": code}});
    let mut asked: Vec<Ask> = Vec::new();
    // Few enough that a slow machine makes them all within the second that they wait.
    for number in 0..10 {
        asked.push(app.post("/v1/participants", a_state("KWT")));
        asked.push(app.post("/v1/participants", a_state(&format!("P{number}"))));
        asked.push(app.post(PLEDGES, a_grant("1")).once("once"));
    }
    let answers = together(&app, asked).await;
    let of = |path: &str, status: u16| {
        let all = answers.iter().filter(|it| it.asked.ends_with(path));
        all.filter(|it| it.status == status).count()
    };
    assert_eq!(
        (of("/v1/participants", 201), of("/v1/participants", 409)),
        (11, 9)
    );
    assert_eq!((of(PLEDGES, 201), of(PLEDGES, 409)), (1, 9));
    for answer in answers {
        match (answer.status, answer.asked.ends_with(PLEDGES)) {
            (201, _) => {}
            (_, true) => drop(answer.problem(409, "still_running")),
            (_, false) => drop(answer.problem(409, "duplicate")),
        }
    }
    let log = log(&app).await;
    assert_eq!(keys_of(&log, "participants").len(), 12);
    assert_eq!(keys_of(&log, "pledges").len(), 1);
    app.check_kept_sums().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_revoked_meanwhile_creates_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let asked = (0..20).map(|number| {
        let ask = app.post(PLEDGES, a_grant("1"));
        if number % 2 == 0 {
            ask.key(&app.keys.admin)
        } else {
            ask
        }
    });
    let revoked = Sql::new("update keys set revoked_at = created_at where name = 'admin'");
    let answers = together_after(&app, asked.collect(), Some(revoked)).await;
    for (number, answer) in answers.into_iter().enumerate() {
        if number % 2 == 0 {
            answer.problem(401, "unauthorized");
        } else {
            answer.created();
        }
    }
    assert_eq!(keys_of(&log(&app).await, "pledges").len(), 10);
}

/// Sends a create, and goes away without its answer.
async fn gone_away(app: &App, body: &Value) {
    let body = body.to_string();
    let mut stream = TcpStream::connect(app.base.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let request = format!(
        "POST {PLEDGES} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        app.keys.editor,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    sleep(Duration::from_millis(200)).await;
    stream.set_zero_linger().unwrap();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_takes_nobody_along(#[case] engine: Engine) {
    let app = App::start(engine).await;
    kuwait(&app).await;
    let asked = (0..20).map(|_| app.post(PLEDGES, a_grant("1"))).collect();
    let gone = a_grant("2");
    let gone = (0..10).map(|_| gone_away(&app, &gone));
    let (answers, _) = join(together(&app, asked), join_all(gone)).await;
    for answer in answers {
        answer.created();
    }
    // They are carried out, whoever waits for it.
    let mut tries = 0;
    while keys_of(&log(&app).await, "pledges").len() < 30 {
        tries += 1;
        assert!(tries < 50, "what was sent whole is not there");
        sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(keys_of(&log(&app).await, "pledges").len(), 30);
    app.check_kept_sums().await;
}

/// Follows the log, and fails as the reason of a change says.
struct FailsAsTold;

impl Projection for FailsAsTold {
    fn apply<'a>(
        &'a self,
        _: &'a mut Conn,
        changes: &'a [Change],
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            for change in changes.iter().filter(|it| it.resource == Resource::Pledges) {
                match change.reason.as_deref() {
                    Some("panic") => panic!("as it was told"),
                    Some("fault") => return Err(Error::internal("as it was told")),
                    Some("full") => return Err(Error::DiskFull),
                    Some("away") => return Err(Error::Unavailable("The database is away.")),
                    _ => {}
                }
            }
            Ok(())
        })
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn our_fault_in_one_is_its_own_and_the_storages_is_everybodys(#[case] engine: Engine) {
    let app = App::start_followed(engine, Box::new(FailsAsTold)).await;
    kuwait(&app).await;
    let of = |told: &str| -> Vec<Ask> {
        let ask = |number: i32| {
            let ask = app.post(PLEDGES, a_grant("1")).once(&format!("{told}-{number}"));
            let reason = if number == 7 { told } else { "well" };
            ask.header("Change-Reason", reason)
        };
        (0..15).map(ask).collect()
    };
    for told in ["panic", "fault"] {
        let before = log(&app).await.len();
        for (number, answer) in together(&app, of(told)).await.into_iter().enumerate() {
            if number == 7 {
                answer.problem(500, "internal");
            } else {
                answer.created();
            }
        }
        assert_eq!(log(&app).await.len() - before, 14, "{told}");
    }
    for (told, status, code) in [("full", 507, "disk_full"), ("away", 503, "unavailable")] {
        let before = log(&app).await.len();
        for answer in together(&app, of(told)).await {
            answer.problem(status, code);
        }
        assert_eq!(log(&app).await.len(), before, "{told}");
        // None of their keys is used up.
        let again = app.post(PLEDGES, a_grant("1")).once(&format!("{told}-1"));
        assert_eq!(again.await.created().header("idempotency-replayed"), None);
    }
}
