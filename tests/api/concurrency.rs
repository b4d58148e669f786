//! Many at once: nothing is lost, nothing is skipped, nobody is in another's way for long.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pledgebook::{
    history::{Author, Write},
    participants,
    records::Draft,
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::prelude::*;

/// A number that differs from call to call, for delays: chance enough here.
#[expect(clippy::disallowed_methods, reason = "the register is to meet chance")]
fn any(below: u64) -> u64 {
    getrandom::u64().unwrap() % below
}

fn a_participant(code: &str) -> serde_json::Value {
    json!({"code": code, "kind": "state", "names": {"en": code}})
}

/// Numbers and keys of every change, the oldest first, by pages.
async fn followed(app: &App, mut after: i64) -> Vec<(i64, String)> {
    let mut seen = Vec::new();
    loop {
        let page = app
            .get(&format!("/v1/changes?after_seq={after}&limit=200"))
            .await
            .expect(200);
        if page.items().is_empty() {
            return seen;
        }
        for change in page.items() {
            after = change["seq"].as_i64().unwrap();
            seen.push((after, change["key"].as_str().unwrap().to_owned()));
        }
    }
}

/// That numbers go from one upwards, each one there.
#[track_caller]
fn assert_without_a_gap(changes: &[(i64, String)]) {
    for (expected, (seq, key)) in (1..).zip(changes) {
        assert_eq!(*seq, expected, "the log skips to {key}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_creates_from_thirty_two_clients_are_all_there(#[case] engine: Engine) {
    const CLIENTS: usize = 32;
    const ALL: usize = 1_000;
    let app = App::start(engine).await;
    let client = async |client: usize| {
        let mut ids = Vec::new();
        for number in (client..ALL).step_by(CLIENTS) {
            let created = app
                .post("/v1/participants", a_participant(&format!("P{number:04}")))
                .await
                .created();
            ids.push(created.id());
        }
        ids
    };
    let acknowledged: Vec<String> = futures_util::future::join_all((0..CLIENTS).map(client))
        .await
        .concat();
    assert_eq!(acknowledged.iter().collect::<HashSet<_>>().len(), ALL);

    let pages = app.pages("/v1/participants?limit=200&count=true").await;
    assert!(pages.iter().all(|page| page["count"] == ALL));
    let stored: HashSet<&str> = pages
        .iter()
        .flat_map(|page| page.each("id"))
        .map(|id| id.as_str().unwrap())
        .collect();
    assert_eq!(stored, acknowledged.iter().map(String::as_str).collect());
    let changes = followed(&app, 0).await;
    assert_eq!(changes.len(), ALL);
    assert_without_a_gap(&changes);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_create_the_same_one_succeeds(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let statuses = futures_util::future::join_all(
        (0..16).map(async |_| app.post("/v1/participants", a_participant("USA")).await.status),
    )
    .await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 15);
    assert_eq!(followed(&app, 0).await.len(), 1);
}

/// A participant made past HTTP, so that a story decides when it commits.
async fn begun(app: &App, code: &str) -> Write {
    let author = Author {
        actor: "slow".into(),
        reason: None,
        holder: None,
        claim: None,
    };
    let mut write = app.register().write(&author).await.unwrap();
    let draft = participants::Draft::parse(&a_participant(code)).unwrap();
    participants::create(&mut write, draft).await.unwrap();
    write
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_the_log_misses_nothing(#[case] engine: Engine) {
    const WRITERS: usize = 12;
    const EACH: usize = 12;
    const SLOW: usize = 10;
    let app = App::start(engine).await;
    // As a second process would be: it shares nothing with the first but the database.
    let second = app.second().await;
    let done = AtomicBool::new(false);

    let follow = |server: &App| {
        let (base, client) = (
            server.base.clone(),
            reqwest::Client::builder().no_proxy().build().unwrap(),
        );
        let done = &done;
        async move {
            let mut seen: Vec<(i64, String)> = Vec::new();
            loop {
                // Looked at before the question: what comes after the answer is for another round.
                let last_round = done.load(Ordering::SeqCst);
                let after = seen.last().map_or(0, |(seq, _)| *seq);
                let page: serde_json::Value = client
                    .get(format!("{base}/v1/changes?after_seq={after}&limit=7"))
                    .send()
                    .await
                    .unwrap()
                    .json()
                    .await
                    .unwrap();
                let items = page["items"].as_array().unwrap();
                for change in items {
                    seen.push((
                        change["seq"].as_i64().unwrap(),
                        change["key"].as_str().unwrap().to_owned(),
                    ));
                }
                if last_round && items.is_empty() {
                    return seen;
                }
            }
        }
    };
    let write = async {
        let fast = (0..WRITERS).map(async |writer| {
            let server = if writer % 2 == 0 { &app } else { &second };
            for number in 0..EACH {
                sleep(Duration::from_millis(any(15))).await;
                server
                    .post(
                        "/v1/participants",
                        a_participant(&format!("W{writer:02}-{number:02}")),
                    )
                    .await
                    .created();
            }
        });
        let slow = [&app, &second].map(async |server| {
            for number in 0..SLOW {
                let write = begun(server, &format!("S{:08X}-{number:02}", any(1 << 32))).await;
                sleep(Duration::from_millis(any(60))).await;
                if number % 3 == 2 {
                    // Given up: its number is for the next one.
                    drop(write);
                } else {
                    write.commit().await.unwrap();
                }
                sleep(Duration::from_millis(any(30))).await;
            }
        });
        futures_util::future::join(
            futures_util::future::join_all(fast),
            futures_util::future::join_all(slow),
        )
        .await;
        done.store(true, Ordering::SeqCst);
    };
    let (one, other, ()) = futures_util::future::join3(follow(&app), follow(&second), write).await;
    let all = followed(&app, 0).await;
    assert_without_a_gap(&all);
    assert_eq!(all.len(), WRITERS * EACH + 2 * (SLOW - SLOW / 3));
    assert_eq!(one, all);
    assert_eq!(other, all);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_a_write_before_it_is_done(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let write = begun(&app, "SLOW").await;
    for _ in 0..20 {
        assert_eq!(followed(&app, 0).await.len(), 1);
        app.get("/v1/participants/SLOW").await.problem(404, "not_found");
    }
    write.commit().await.unwrap();
    assert_eq!(followed(&app, 1).await, [(2, "SLOW".to_owned())]);
    app.get("/v1/participants/SLOW").await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_to_write_do_not_keep_others_from_reading(#[case] engine: Engine) {
    let app = Arc::new(App::start(engine).await);
    let held = begun(&app, "SLOW").await;
    // More than there are readers, and few enough that a slow machine makes them within the second that they wait.
    let waiting: Vec<_> = (0..24)
        .map(|number| {
            let app = app.clone();
            tokio::spawn(async move {
                app.post("/v1/participants", a_participant(&format!("P{number}")))
                    .await
                    .status
            })
        })
        .collect();
    // Until they stand in line.
    sleep(Duration::from_millis(250)).await;
    let started = Instant::now();
    for key in [None, Some(&app.keys.reader)] {
        for path in ["/v1/participants", "/v1/totals", "/v1/changes"] {
            let ask = match key {
                Some(key) => app.get(path).key(key),
                None => app.get(path),
            };
            ask.await.expect(200);
        }
    }
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "reading took {:?}",
        started.elapsed()
    );
    held.commit().await.unwrap();
    for status in waiting {
        assert_eq!(status.await.unwrap(), 201);
    }
}

/// Sends a request and hangs up, now or in a moment, whatever is under way by then.
async fn hung_up_on(app: &App, method: &str, path: &str, body: &str, part: usize) {
    let mut stream = TcpStream::connect(app.base.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        app.keys.editor,
        body.len()
    );
    stream
        .write_all(&request.as_bytes()[..request.len() - part])
        .await
        .unwrap();
    stream.flush().await.unwrap();
    // Most are in the middle of it, some are done.
    let patience = if any(10) == 0 { 500_000 } else { 8_000 };
    sleep(Duration::from_micros(any(patience))).await;
    // Unread answers or not: the connection is reset rather than closed in order.
    stream.set_zero_linger().unwrap();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_leaves_nothing_half_done(#[case] engine: Engine) {
    const CALLS: usize = 200;
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let article = app.article(json!({"body": "200 million"})).await;
    let before = followed(&app, 0).await.len();
    futures_util::future::join_all((0..CALLS).map(async |number| {
        let app = &app;
        // A pledge with an event's worth of citations: several records, one write.
        let body = json!({
            "instrument": "grant", "meeting": meeting, "qualifier": "exact", "amount": "1", "currency": "USD",
            "citations": [{"article": article, "quote": "200", "start": 0, "end": 3}, {"article": article}],
        })
        .to_string();
        match number % 4 {
            // Hung up before the body is there: not even begun.
            0 => hung_up_on(app, "POST", "/v1/pledges", &body, 10).await,
            1 => hung_up_on(app, "GET", "/v1/totals?group_by=meeting", "", 0).await,
            _ => hung_up_on(app, "POST", "/v1/pledges", &body, 0).await,
        }
    }))
    .await;

    // The pool is whole: as many as it has connections can be had at once, to read and to write.
    let reads = futures_util::future::join_all((0..40).map(async |_| {
        app.get("/v1/totals").await.expect(200);
    }));
    timeout(Duration::from_secs(10), reads).await.unwrap();
    timeout(Duration::from_secs(10), app.pledge(&meeting, "5", "USD"))
        .await
        .unwrap();

    // Whoever hung up may not know, but each pledge is there with both of its citations, or not at all.
    let mut quiet = 0;
    let mut changes = followed(&app, 0).await;
    while quiet < 3 {
        sleep(Duration::from_millis(100)).await;
        let now = followed(&app, 0).await;
        // Nor is a write still under way that only waits for the disk.
        let is_quiet = now.len() == changes.len() && app.register().db().is_free();
        quiet = if is_quiet { quiet + 1 } else { 0 };
        changes = now;
    }
    assert_without_a_gap(&changes);
    let mut pledges = 0;
    for pledge in app.rows("/v1/pledges?limit=200").await {
        if pledge["amount"] == "1.00" {
            let id = pledge["id"].as_str().unwrap();
            let cited = app.get(&format!("/v1/pledges/{id}/citations")).await;
            assert_eq!(cited.items().len(), 2, "{pledge}");
            pledges += 1;
        }
    }
    assert!(
        pledges <= CALLS / 2,
        "a request whose body was cut short was carried out"
    );
    assert!(pledges > 0, "every one of {CALLS} was given up");
    // Each is a pledge and two citations; one more pledge came after them, with its participant.
    assert_eq!(
        changes
            .iter()
            .filter(|(seq, _)| usize::try_from(*seq).unwrap() > before)
            .count(),
        3 * pledges + 2
    );
    // What is read now is of now, not of the moment at which somebody hung up.
    let counted = app.get("/v1/pledges?count=true&limit=1").await["count"].clone();
    for _ in 0..40 {
        assert_eq!(app.totals("").await["groups"][0]["pledges"], counted);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_gives_up_while_a_snapshot_begins_leaves_none_behind(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for round in 0..20 {
        futures_util::future::join_all((0..20).map(async |_| {
            let snapshot = app.register().snapshot();
            // Some get theirs in time, and let it go.
            timeout(Duration::from_micros(any(1_500)), snapshot).await.ok();
        }))
        .await;
        app.participant(&format!("P{round}")).await;
        // Whichever connection answers, it sees what was just written.
        let reads = (0..30).map(async |_| app.get("/v1/participants?count=true&limit=1").await);
        for read in futures_util::future::join_all(reads).await {
            assert_eq!(read.expect(200)["count"], round + 1);
        }
    }
}
