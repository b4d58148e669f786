//! Whatever is sent: the register answers, says why it refuses, and keeps what it accepts letter by letter.
//!
//! Two public collections of awkward input are read where they stand beside the project
//! (`../shared/data/robustness`): the Big List of Naughty Strings and the JSON Test Suite. Where they do not,
//! a smaller set of our own stands in, and a line says so.

use std::{collections::BTreeMap, future::Future, path::PathBuf, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{StreamExt, stream};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use pledgebook::serve::Stop;
use reqwest::Method;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use unicode_normalization::UnicodeNormalization;

use crate::{answer::Answer, app::Ask, prelude::*, support::say_loudly};

/// No answer takes as long, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many requests of a story are under way at once.
const AT_ONCE: usize = 6;
/// Path and query, in bytes.
const LONGEST_TARGET: usize = 24 * 1024;
/// No refusal is longer, in bytes.
const LONGEST_REFUSAL: usize = 200_000;

// ---- What is sent

fn robustness(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/robustness")
        .join(path)
}

/// Texts that have broken programs before.
fn texts() -> Vec<String> {
    // Blank in many ways, invisible, directed, joined, decomposed, no characters at all, syntax of something.
    let ours: Vec<String> = serde_json::from_str(include_str!("../support/awkward.json")).unwrap();
    let long = [
        format!("e{}", "\u{301}".repeat(400)),
        "\u{301}\u{323}".repeat(200),
        "🚱".repeat(190),
        "\u{10ffff}".repeat(200),
        "س".repeat(500),
        "x".repeat(501),
        "a".repeat(1001),
        format!("{}{}", "\u{202e}".repeat(100), "\u{2066}".repeat(100)),
    ];
    let theirs: Vec<String> = std::fs::read_to_string(robustness("blns/blns.json"))
        .map_or_else(
            |_| {
                say_loudly("NOT RUN: the Big List of Naughty Strings is not beside the project (../shared/data/robustness); only our own texts were sent");
                Vec::new()
            },
            |text| serde_json::from_str(&text).unwrap(),
        );
    let mut all: Vec<String> = ours.into_iter().chain(long).chain(theirs).collect();
    let mut seen = std::collections::HashSet::new();
    all.retain(|text| seen.insert(text.clone()));
    all
}

/// What the register makes of a text: nothing where it is refused.
fn kept(text: &str, longest: usize) -> Option<String> {
    let composed: String = text.nfc().collect();
    let fits = !text.contains('\0') && !text.trim().is_empty() && composed.chars().count() <= longest;
    fits.then_some(composed)
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

// ---- What must hold of every answer

/// An answer, in time, that is not our failure; a refusal is a problem, and not a long one.
async fn answered(ask: Ask) -> Answer {
    let answer = in_time(ask.into_future()).await;
    let status = answer.status;
    assert!(status < 500, "our failure: {answer}");
    if status >= 400 {
        assert!(
            answer.text.len() < LONGEST_REFUSAL,
            "{} bytes of {status}: {}",
            answer.text.len(),
            answer.asked
        );
        if !answer.asked.starts_with("HEAD") {
            let code = answer["code"].as_str().unwrap_or_default().to_owned();
            assert!(!code.is_empty(), "no code: {answer}");
            return answer.problem(status, &code);
        }
    }
    answer
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work)
        .await
        .expect("an answer within the limit")
}

/// Does the same with each, several at once; the outcomes in order.
async fn each<T, O>(items: impl IntoIterator<Item = T>, work: impl AsyncFn(T) -> O) -> Vec<O> {
    stream::iter(items)
        .map(|item| work(item))
        .buffered(AT_ONCE)
        .collect()
        .await
}

/// Every row of a list, over all its pages.
async fn all_of(app: &App, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut after = String::new();
    let separator = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = app
            .get(&format!("{path}{separator}limit=200{after}"))
            .await
            .expect(200);
        rows.extend(page.items().iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return rows,
        }
    }
}

/// How much there is: of each list, and of changes.
async fn counts(app: &App) -> BTreeMap<&'static str, i64> {
    let mut counts = BTreeMap::new();
    for resource in [
        "participants",
        "coalitions",
        "meetings",
        "articles",
        "pledges",
        "citations",
        "rates",
        "changes",
    ] {
        let list = app
            .get(&format!("/v1/{resource}?count=true&limit=1"))
            .await
            .expect(200);
        counts.insert(resource, list["count"].as_i64().unwrap());
    }
    counts
}

/// The register holds what it did and these, with an entry of the log for each write; and it is well.
async fn holds(app: &App, before: &BTreeMap<&'static str, i64>, more: &[(&'static str, i64)]) {
    let mut expected = before.clone();
    for (resource, count) in more {
        *expected.get_mut(resource).unwrap() += count;
    }
    assert_eq!(counts(app).await, expected);
    let last = app.get("/v1/changes?limit=1").await.expect(200);
    let seq = last
        .items()
        .first()
        .map_or(0, |change| change["seq"].as_i64().unwrap());
    assert_eq!(seq, expected["changes"], "the log has a gap");
    for path in ["/healthz", "/readyz"] {
        app.get(path).await.expect(200);
    }
}

/// Whether a record says of itself what it said when it was made, wherever it stands: on its own, in its
/// list, in the log. `made` has the fields that were sent, as they must come back.
async fn stands(app: &App, list: &str, resource: &str, made: &[(String, Value)]) {
    let says = |record: &Value, fields: &Value| {
        fields
            .as_object()
            .unwrap()
            .iter()
            .all(|(name, value)| record[name] == *value)
    };
    let by_id = |rows: Vec<Value>, id: fn(&Value) -> &Value| -> BTreeMap<String, Value> {
        rows.into_iter()
            .map(|row| (id(&row).as_str().unwrap().to_owned(), row))
            .collect()
    };
    let listed = by_id(all_of(app, list).await, |row| &row["id"]);
    let logged = by_id(
        all_of(app, &format!("/v1/changes?resource={resource}&op=create")).await,
        |change| &change["after"]["id"],
    );
    assert!(!made.is_empty());
    for (id, fields) in made {
        // A list has an article's beginning only.
        let mut short = fields.clone();
        short.as_object_mut().unwrap().remove("body");
        assert!(
            says(&listed[id], &short),
            "{} in its list, not {fields}",
            listed[id]
        );
        assert!(
            says(&logged[id]["after"], fields),
            "{} in the log, not {fields}",
            logged[id]
        );
        assert!(logged[id]["before"].is_null());
    }
    let path = list.split('?').next().unwrap();
    each(made.iter().step_by(4), async |(id, fields)| {
        let record = app.get(&format!("{path}/{id}")).await.expect(200);
        assert!(says(&record.body, fields), "{record}, not {fields}");
    })
    .await;
    each(made.iter().step_by(16), async |(id, fields)| {
        let history = app.history(&format!("{path}/{id}")).await;
        assert!(
            says(&history.items().last().unwrap()["after"], fields),
            "{history}, not {fields}"
        );
    })
    .await;
}

/// Sends each, and holds what was made of it against what should be: the fields as they come back, or a
/// refusal. What was made, by id.
async fn made(app: &App, path: &str, bodies: Vec<(Value, Option<Value>)>) -> Vec<(String, Value)> {
    let outcomes = each(bodies, async |(body, expected)| {
        let answer = answered(app.post(path, body.clone())).await;
        let Some(expected) = expected else {
            answer.problem(422, "invalid");
            return None;
        };
        let answer = answer.created();
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(answer[name], *value, "{name} of {answer}");
        }
        Some((answer.id(), expected))
    })
    .await;
    outcomes.into_iter().flatten().collect()
}

// ---- Texts in bodies

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn names_and_titles_come_back_letter_by_letter(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let before = counts(&app).await;
    let bodies = texts().into_iter().enumerate().map(|(number, text)| {
        let code = format!("X{number}");
        let body = json!({"code": code, "kind": "fund", "names": {"en": text, "zh-Hans": "名"}, "aliases": [text, "بديل"]});
        let expected = kept(&text, 500)
            .map(|text| json!({"code": code, "names": {"en": text, "zh-Hans": "名"}, "name": text, "aliases": [text, "بديل"]}));
        (body, expected)
    });
    let participants = made(&app, "/v1/participants", bodies.collect()).await;
    let bodies = texts().into_iter().enumerate().map(|(number, text)| {
        let slug = format!("x-{number}");
        let body =
            json!({"slug": slug, "kind": "other", "starts_on": "2018", "titles": {"ar": text}, "city": text});
        let expected = kept(&text, 200)
            .map(|text| json!({"slug": slug, "titles": {"ar": text}, "title": text, "city": text}));
        (body, expected)
    });
    let meetings = made(&app, "/v1/meetings", bodies.collect()).await;
    // The log keeps what is said, not what is derived of it.
    let said = |made: Vec<(String, Value)>, derived: &str| -> Vec<(String, Value)> {
        made.into_iter()
            .map(|(id, mut fields)| {
                fields.as_object_mut().unwrap().remove(derived);
                (id, fields)
            })
            .collect()
    };
    let count = |made: &[(String, Value)]| i64::try_from(made.len()).unwrap();
    let (of_participants, of_meetings) = (count(&participants), count(&meetings));
    stands(
        &app,
        "/v1/participants",
        "participants",
        &said(participants, "name"),
    )
    .await;
    stands(&app, "/v1/meetings", "meetings", &said(meetings, "title")).await;
    holds(
        &app,
        &before,
        &[
            ("participants", of_participants),
            ("meetings", of_meetings),
            ("changes", of_participants + of_meetings),
        ],
    )
    .await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn purposes_and_notes_come_back_letter_by_letter(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let before = counts(&app).await;
    let bodies = texts().into_iter().map(|text| {
        let body = json!({"instrument": "political", "purpose": text, "conditions": text, "announced_by_name": text});
        let expected = kept(&text, 300)
            .map(|text| json!({"purpose": text, "conditions": text, "announced_by_name": text, "announced_by_office": null}));
        (body, expected)
    });
    let pledges = made(&app, "/v1/pledges", bodies.collect()).await;
    stands(&app, "/v1/pledges", "pledges", &pledges).await;
    let pledge = app
        .pledge_with(json!({"qualifier": "exact", "amount": "1", "currency": "USD"}))
        .await;
    let bodies = texts().into_iter().map(|text| {
        let body = json!({"stage": "frozen", "occurred_on": "2018", "note": text});
        (body, kept(&text, 10_000).map(|text| json!({"note": text})))
    });
    let path = format!("/v1/pledges/{pledge}/events");
    let events = made(&app, &path, bodies.collect()).await;
    stands(&app, &path, "events", &events).await;
    let (of_pledges, of_events) = (
        i64::try_from(pledges.len()).unwrap() + 1,
        i64::try_from(events.len()).unwrap(),
    );
    // An event brings its pledge to a new version, which is an entry of its own.
    holds(
        &app,
        &before,
        &[("pledges", of_pledges), ("changes", of_pledges + 2 * of_events)],
    )
    .await;
    assert_eq!(app.pledge_now(&pledge).await["version"], 1 + of_events);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn articles_and_quotes_come_back_letter_by_letter(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let pledge = app.pledge_with(json!({"instrument": "political"})).await;
    let before = counts(&app).await;
    let texts = texts();
    let body = |number: usize, text: &str| format!("{number} قال «{text}» 🇰🇼");
    let bodies = texts.iter().enumerate().map(|(number, text)| {
        let sent = json!({"publisher": text, "title": text, "language": "ar", "kind": "other", "body": body(number, text)});
        let expected = kept(text, 300).map(|text| json!({"publisher": text, "title": text, "body": body(number, &text)}));
        (sent, expected)
    });
    let articles = made(&app, "/v1/articles", bodies.collect()).await;
    stands(&app, "/v1/articles", "articles", &articles).await;
    // Each is found by its publisher, commas or not.
    each(&articles, async |(id, article)| {
        let publisher = encoded(article["publisher"].as_str().unwrap());
        let found = app
            .get(&format!("/v1/articles?limit=200&publisher={publisher}"))
            .await
            .expect(200);
        assert!(
            found.each("id").contains(&&json!(id)),
            "{article} is not in {found}"
        );
    })
    .await;
    // A quote is found where it stands, and comes back as it stands there.
    let bodies = articles.iter().map(|(id, article)| {
        let text = article["title"].as_str().unwrap();
        let stored = article["body"].as_str().unwrap();
        let start = stored.chars().position(|letter| letter == '«').unwrap() + 1;
        let end = start + text.chars().count();
        let decomposed: String = text.nfd().collect();
        let sent = json!({"subject": format!("pledges/{pledge}"), "article": id, "quote": decomposed, "start": start, "end": end, "states": {"purpose": decomposed}});
        let expected = json!({"quote": text, "start": start, "end": end, "states": {"purpose": text}, "article_title": text});
        (sent, Some(expected))
    });
    let citations = made(&app, "/v1/citations", bodies.collect()).await;
    let said: Vec<(String, Value)> = citations
        .iter()
        .map(|(id, fields)| {
            let mut fields = fields.clone();
            fields.as_object_mut().unwrap().remove("article_title");
            (id.clone(), fields)
        })
        .collect();
    stands(&app, "/v1/citations", "citations", &said).await;
    let (of_articles, of_citations) = (
        i64::try_from(articles.len()).unwrap(),
        i64::try_from(citations.len()).unwrap(),
    );
    holds(
        &app,
        &before,
        &[
            ("articles", of_articles),
            ("citations", of_citations),
            ("changes", of_articles + of_citations),
        ],
    )
    .await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn reasons_come_back_letter_by_letter(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = counts(&app).await;
    let texts = texts();
    // What is not encoded is taken as it is, a malformed % included.
    let raw = texts.iter().filter(|text| {
        let sent_whole = reqwest::header::HeaderValue::from_str(text).is_ok() && text.trim() == text.as_str();
        sent_whole && text.is_ascii() && (text.contains('%') || text.len() < 8)
    });
    let sent: Vec<(String, String)> = texts
        .iter()
        .map(|text| (encoded(text), text.clone()))
        .chain(raw.map(|text| {
            (
                text.clone(),
                percent_decode_str(text).decode_utf8_lossy().into_owned(),
            )
        }))
        .collect();
    let mut expected = BTreeMap::new();
    for (number, (header, meant)) in sent.iter().enumerate() {
        let patched = answered(
            app.patch("/v1/participants/USA", json!({"aliases": [number.to_string()]}))
                .header("Change-Reason", header),
        )
        .await
        .expect(200);
        let composed: String = meant.replace('\0', "\u{fffd}").nfc().collect();
        let reason = Some(composed).filter(|reason| !reason.trim().is_empty());
        expected.insert(patched["version"].as_i64().unwrap(), json!(reason));
    }
    let history = all_of(&app, "/v1/participants/USA/history").await;
    let mut logged: BTreeMap<i64, Value> = history
        .into_iter()
        .map(|change| (change["version"].as_i64().unwrap(), change["reason"].clone()))
        .collect();
    assert_eq!(logged.remove(&1), Some(Value::Null));
    assert_eq!(logged, expected);
    holds(&app, &before, &[("changes", i64::try_from(sent.len()).unwrap())]).await;
}

// ---- Texts in addresses and headers

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn hostile_parameters_are_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let meeting = app.meeting("kuwait-2018").await;
    app.pledge(&meeting, "1.00", "USD").await;
    let before = counts(&app).await;
    let texts = texts();
    // A text that nothing has is no fault; a record that is named is there, or the question is refused.
    let some: Vec<&String> = texts
        .iter()
        .filter(|text| kept(text, usize::MAX).is_some())
        .collect();
    each(some.chunks(20), async |some| {
        let all_as = |name: &str| -> String {
            some.iter()
                .map(|text| format!("{name}{}", encoded(text)))
                .collect::<Vec<_>>()
                .join("&")
        };
        for path in [
            format!("/v1/changes?{}", all_as("key=")),
            format!("/v1/changes?{}", all_as("actor=")),
            format!("/v1/rates?{}", all_as("source=")),
        ] {
            assert!(answered(app.get(&path)).await.expect(200).items().is_empty());
        }
        for path in [
            format!("/v1/participants?{}", all_as("coalition=")),
            format!("/v1/pledges?{}", all_as("participant=")),
            format!("/v1/citations?{}", all_as("subject=meetings/")),
            format!("/v1/totals?{}", all_as("meeting=")),
        ] {
            answered(app.get(&path)).await.problem(400, "malformed");
        }
    })
    .await;
    each(&texts, async |text| {
        let word = encoded(text);
        // A word that must be one of several, a number, a date, an id, a cursor: all at once.
        for path in [
            format!(
                "/v1/pledges?participant_kind={word}&instrument={word}&qualifier={word}&currency={word}&state={word}&amount_min={word}&announced_from={word}&parent={word}&collective={word}&sort={word}&limit={word}&count={word}&lang={word}&updated_from={word}&after={word}"
            ),
            format!(
                "/v1/totals?group_by={word}&in={word}&restatements={word}&parents={word}&rate_date={word}&rate_max_age={word}&membership_at={word}&point_min={word}&sort={word}&after={word}"
            ),
            format!("/v1/changes?after_seq={word}&{word}={word}"),
        ] {
            let answer = answered(app.get(&path)).await;
            if path.len() <= LONGEST_TARGET {
                answer.problem(400, "malformed");
            } else {
                answer.problem(414, "target_too_long");
            }
        }
    })
    .await;
    // Not even UTF-8.
    for path in [
        "/v1/changes?key=%ff",
        "/v1/changes?%ff=1",
        "/v1/changes?key=%ed%a0%80",
        "/v1/changes?key=%c0%80",
        "/v1/changes?key=%f4%90%80%80",
    ] {
        answered(app.get(path)).await.problem(400, "malformed");
    }
    holds(&app, &before, &[]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_tampered_with_is_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for number in 0..2 {
        app.meeting_with(json!({"slug": format!("m-{number}")})).await;
        app.pledge_with(
            json!({"qualifier": "exact", "amount": "1", "currency": "USD", "meeting": format!("m-{number}")}),
        )
        .await;
    }
    let before = counts(&app).await;
    for list in [
        "/v1/meetings?limit=1",
        "/v1/meetings?limit=1&sort=slug",
        "/v1/meetings?limit=1&sort=-starts_on",
        "/v1/meetings?limit=1&sort=updated_at",
        "/v1/pledges?limit=1&currency=USD&sort=amount",
        "/v1/changes?limit=1",
        "/v1/totals?limit=1&group_by=meeting&currency=USD&sort=point",
    ] {
        let page = app.get(list).await.expect(200);
        let cursor = URL_SAFE_NO_PAD.decode(page["next"].as_str().unwrap()).unwrap();
        let cursor: Value = serde_json::from_slice(&cursor).unwrap();
        for value in [
            json!(null),
            json!(""),
            json!("\0"),
            json!("x"),
            json!(1),
            json!([]),
            json!("0"),
            json!("-1"),
            json!("9223372036854775807"),
            json!("-9223372036854775808"),
            json!("9223372036854775808"),
            json!("1e400"),
            json!("NaN"),
            json!("0000-01-01"),
            json!("-9999-01-01"),
            json!("9999-12-31"),
            json!("+262142-12-31"),
            json!("-262143-01-01"),
            json!("+262142-12-31T23:59:59Z"),
            json!("-262143-01-01T00:00:00Z"),
            json!("-0001-01-01T00:00:00Z"),
            json!("9999-12-31T23:59:59-23:59"),
            json!("2018-02-13T23:59:60Z"),
            json!("x".repeat(12_000)),
        ] {
            for place in 1..3 {
                let mut cursor = cursor.clone();
                cursor[place] = value.clone();
                let cursor = URL_SAFE_NO_PAD.encode(cursor.to_string());
                let answer = answered(app.get(&format!("{list}&after={cursor}"))).await;
                assert!(matches!(answer.status, 200 | 400), "{value}: {answer}");
            }
        }
        for cursor in [
            "null",
            "[]",
            "{}",
            "[[],[],[]]",
            &"[".repeat(10_000),
            "[\"a\",null,\"b\",1]",
        ] {
            answered(app.get(&format!("{list}&after={}", URL_SAFE_NO_PAD.encode(cursor))))
                .await
                .problem(400, "malformed")
                .fault("?after");
        }
    }
    // Moments at the ends of the calendar, the same on both engines, and beyond them.
    for (parameters, found) in [
        ("updated_from=9999-12-31T23:59:59.999999Z", 0),
        ("updated_to=9999-12-31T23:59:59.999999Z", 2),
        ("updated_from=0001-01-01T00:00:00Z", 2),
        ("updated_to=0001-01-01T00:00:00Z", 0),
        ("updated_from=0001", 2),
        ("updated_to=9999", 2),
        ("updated_from=2016-12-31T23:59:60Z", 2),
    ] {
        let list = answered(app.get(&format!("/v1/meetings?{parameters}")))
            .await
            .expect(200);
        assert_eq!(list.items().len(), found, "{list}");
    }
    for beyond in [
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00%2B23:59",
        "0000-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z",
    ] {
        answered(app.get(&format!("/v1/meetings?updated_from={beyond}")))
            .await
            .problem(400, "malformed")
            .fault("?updated_from");
    }
    holds(&app, &before, &[]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn hostile_paths_are_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let meeting = app.meeting("kuwait-2018").await;
    let before = counts(&app).await;
    let mut words: Vec<String> = texts().iter().map(|text| encoded(text)).collect();
    words.extend(
        [
            "%ff",
            "%ed%a0%80",
            "%",
            "%2",
            "%zz",
            "%00",
            "%2f",
            "%2e%2e",
            ";a=b",
            "a%20b",
        ]
        .map(str::to_owned),
    );
    each(&words, async |word| {
        for path in [
            format!("/{word}"),
            format!("/v1/participants/{word}"),
            format!("/v1/meetings/{meeting}/attendance/{word}"),
            format!("/v1/pledges/{word}/events/{word}/history"),
        ] {
            let answer = answered(app.get(&path)).await;
            // A dot or two, or nothing, is another path.
            assert!(matches!(answer.status, 200 | 400 | 404), "{answer}");
        }
        for ask in [
            app.delete(&format!("/v1/participants/x{word}")),
            app.put(&format!("/v1/meetings/{meeting}/attendance/x{word}"), json!({})),
        ] {
            let answer = answered(ask).await;
            assert!(matches!(answer.status, 400 | 404 | 405 | 422), "{answer}");
        }
    })
    .await;
    holds(&app, &before, &[]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn hostile_headers_are_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let path = "/v1/participants/USA";
    // A version that no text names by accident.
    for number in 2..8 {
        app.patch(path, json!({"aliases": [number.to_string()]}))
            .await
            .expect(200);
    }
    let before = counts(&app).await;
    let now = app.get(path).await.expect(200);
    let texts: Vec<String> = texts()
        .into_iter()
        // Others cannot be sent in a header at all.
        .filter(|text| reqwest::header::HeaderValue::from_str(text).is_ok())
        .collect();
    each(&texts, async |text| {
        let read = answered(app.get_with(
            path,
            &[
                ("If-None-Match", text),
                ("X-Request-Id", text),
                ("Accept-Language", text),
                ("Accept", text),
                ("Origin", text),
            ],
        ))
        .await;
        assert!(matches!(read.status, 200 | 304 | 406), "{read}");
        assert!(read.header("x-request-id").is_some_and(|id| !id.is_empty()));
        if *text != "*" {
            answered(
                app.patch(path, json!({"aliases": ["x"]}))
                    .header("If-Match", text),
            )
            .await
            .problem(412, "stale_version");
        }
        let answer = answered(app.ask(Method::POST, "/v1/participants").body(text, "{}")).await;
        assert!(matches!(answer.status, 415 | 422), "{answer}");
        answered(app.get(path).header("Authorization", &format!("Bearer x{text}")))
            .await
            .problem(401, "unauthorized");
    })
    .await;
    assert_eq!(app.get(path).await.expect(200).body, now.body);
    holds(&app, &before, &[]).await;
}

// ---- Bodies that are no JSON, or hardly

/// Files of the JSON Test Suite by name: `y_` is JSON, `n_` is not, of `i_` nobody knows.
fn files() -> Vec<(String, Vec<u8>)> {
    let Ok(folder) = std::fs::read_dir(robustness("jsontestsuite/test_parsing")) else {
        say_loudly(
            "NOT RUN: the JSON Test Suite is not beside the project (../shared/data/robustness); only our own cases were sent",
        );
        return [
            ("y_empty_object", "{}"),
            ("y_empty_array", " [] "),
            ("y_null", "null"),
            ("y_nested", r#"{"a": [1, {"b": "\uD83D\uDE00"}]}"#),
            ("n_nothing", ""),
            ("n_blank", " "),
            ("n_two", "{}{}"),
            ("n_comma", "[1,]"),
            ("n_plus", "[+1]"),
            ("n_zero", "[01]"),
            ("n_point", "[1.]"),
            ("n_nan", "[NaN]"),
            ("n_quotes", "{'a': 1}"),
            ("n_bare", "{a: 1}"),
            ("n_comment", "{} // a"),
            ("n_control", "[\"a\tb\"]"),
            ("n_escape", r#"["\x00"]"#),
            ("n_open", "{\"a\":[{\"b\":"),
            ("n_bracket", "[1}"),
            ("i_exponent", "[1e400]"),
            ("i_mark", "\u{feff}{}"),
            ("i_surrogate", r#"["\uDADA"]"#),
        ]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .to_vec();
    };
    folder
        .map(|file| {
            let path = file.unwrap().path();
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                std::fs::read(path).unwrap(),
            )
        })
        .collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_refused_and_what_is_is_read(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let meeting = app.meeting("kuwait-2018").await;
    let attendance = format!("/v1/meetings/{meeting}/attendance/USA");
    app.put(&attendance, json!({})).await.created();
    let before = counts(&app).await;
    let files = files();
    let ways = [
        (Method::POST, "/v1/participants", "application/json"),
        (Method::PATCH, "/v1/participants/USA", "application/json"),
        (
            Method::PATCH,
            "/v1/participants/USA",
            "application/merge-patch+json",
        ),
        (Method::PUT, "/v1/rates", "application/json"),
        (Method::PUT, &*attendance, "application/json"),
    ];
    each(&files, async |(name, text)| {
        for (method, path, content_type) in &ways {
            let answer = answered(app.ask(method.clone(), path).body(content_type, text.clone())).await;
            let read: Result<Value, _> = serde_json::from_slice(text);
            // An empty patch, an empty attendance and no rates at all are valid, and change nothing.
            let valid = match read {
                Ok(Value::Object(fields)) => {
                    fields.is_empty() && *method != Method::POST && *path != "/v1/rates"
                }
                Ok(Value::Array(items)) => items.is_empty() && *path == "/v1/rates",
                _ => false,
            };
            let status = answer.status;
            let right = match name.as_bytes()[0] {
                b'n' => status == 400,
                b'y' if valid => status == 200,
                // A member that stands twice is JSON by its grammar, and refused all the same.
                b'y' if name.contains("duplicate") => status == 400,
                b'y' => status == 422,
                _ => matches!(status, 400 | 422) || valid && status == 200,
            };
            assert!(right, "{name}: {answer}");
        }
    })
    .await;
    assert!(files.len() > 20);
    holds(&app, &before, &[]).await;
    assert_eq!(app.get(&attendance).await["version"], 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_and_members_that_stand_twice_are_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = counts(&app).await;
    let whole = r#"{"code": "KWT", "kind": "state", "names": {"en": "Kuwait"}, "aliases": ["ك"]}"#;
    let utf16 = |units: Vec<u16>, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        units.into_iter().flat_map(bytes).collect()
    };
    let units = |mark: bool| -> Vec<u16> {
        mark.then_some(0xfeff)
            .into_iter()
            .chain(whole.encode_utf16())
            .collect()
    };
    let mut bodies: Vec<Vec<u8>> = vec![
        utf16(units(false), u16::to_le_bytes),
        utf16(units(false), u16::to_be_bytes),
        utf16(units(true), u16::to_le_bytes),
        utf16(units(true), u16::to_be_bytes),
        format!("\u{feff}{whole}").into_bytes(),
        format!("{whole}\0").into_bytes(),
        format!("{whole}{whole}").into_bytes(),
        vec![0; 1000],
        vec![0xff; 1000],
        // gzip's first bytes.
        vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0],
    ];
    // In Latin-1, cut within a letter, overlong, a surrogate, beyond the last code point.
    for bytes in [
        &b"\xe9"[..],
        b"\xd9",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\x80",
    ] {
        for place in ["Kuwait", "code", "ك"] {
            let (left, right) = whole.split_once(place).unwrap();
            bodies.push([left.as_bytes(), bytes, right.as_bytes()].concat());
        }
    }
    // Halves of a pair, alone or the wrong way round, in a value and in a name.
    for half in [
        r"\ud800",
        r"\udfff",
        r"\ud800\ud800",
        r"\udc00\ud800",
        r"\ud83d x",
        r"\ud800\u0041",
        r"\ud8",
        r"\u{1f600}",
    ] {
        for place in ["Kuwait", "aliases", "names"] {
            bodies.push(whole.replace(place, half).into_bytes());
        }
    }
    for twice in [
        r#"{"code": "KWT", "code": "KWT", "kind": "state", "names": {"en": "Kuwait"}}"#,
        r#"{"code": "KWT", "kind": "state", "names": {"en": "Kuwait", "en": "Kuwait"}}"#,
        r#"{"code": "KWT", "kind": "state", "names": {"en": "Kuwait", "\u0065n": "Koweït"}}"#,
        r#"{"x": [[{"": {"a": 1, "a": 1}}]]}"#,
        r#"{"": 1, "": 2}"#,
    ] {
        bodies.push(twice.into());
    }
    for depth in [127, 129, 100_000] {
        bodies.push(format!("{}{}", "[".repeat(depth), "]".repeat(depth - 1)).into_bytes());
        bodies.push(format!("{}1{}", r#"{"names":"#.repeat(depth), "}".repeat(depth - 1)).into_bytes());
        bodies.push(r#"[{"":"#.repeat(depth).into_bytes());
    }
    bodies.push(r#"{"aliases": [1e400]}"#.into());
    each(bodies, async |body| {
        answered(
            app.ask(Method::POST, "/v1/participants")
                .body("application/json", body.clone()),
        )
        .await
        .problem(400, "malformed");
        answered(
            app.ask(Method::PATCH, "/v1/participants/USA")
                .body("application/merge-patch+json", body),
        )
        .await
        .problem(400, "malformed");
    })
    .await;
    // As deep as is read, and then it is no name.
    for patch in [
        format!(r#"{{"names": {}1{}}}"#, r#"{"en":"#.repeat(120), "}".repeat(120)),
        format!(r#"{{"aliases": {}{}}}"#, "[".repeat(120), "]".repeat(120)),
    ] {
        answered(
            app.ask(Method::PATCH, "/v1/participants/USA")
                .body("application/json", patch),
        )
        .await
        .problem(422, "invalid");
    }
    // U+0000, as it may stand in JSON.
    for (body, at) in [
        (r#"{"names": {"en": "a\u0000"}}"#, "/names/en"),
        (r#"{"names": {"e\u0000": "a"}}"#, "/names/e\0"),
        (r#"{"aliases": ["a", "\u0000"]}"#, "/aliases/1"),
        (
            r#"{"former_names": [{"until": "2018", "names": {"en": "\u0000a"}}]}"#,
            "/former_names/0/names/en",
        ),
        (
            r#"{"former_names": [{"until": "2018\u0000", "names": {"en": "a"}}]}"#,
            "/former_names/0/until",
        ),
        (r#"{"merged_into": "KWT\u0000"}"#, "/merged_into"),
        (r#"{"\u0000": 1}"#, "/\0"),
    ] {
        answered(
            app.ask(Method::PATCH, "/v1/participants/USA")
                .body("application/json", body),
        )
        .await
        .problem(422, "invalid")
        .fault(at);
    }
    holds(&app, &before, &[]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_what_it_is_or_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let article = app.article(json!({"body": "200 million"})).await;
    let before = counts(&app).await;
    let digits = "9".repeat(10_000);
    let pledge = |amount: &str| {
        let body = format!(
            r#"{{"instrument": "grant", "qualifier": "exact", "currency": "USD", "amount": {amount}}}"#
        );
        answered(
            app.ask(Method::POST, "/v1/pledges")
                .body("application/json", body),
        )
    };
    // No number is an amount, however well it is written; one beyond any float is no JSON that can be read.
    for number in [
        "0",
        "-0",
        "1",
        "0.1",
        "1E+2",
        "1e-400",
        "18446744073709551616",
        "-9223372036854775809",
        "1.0000000000000000000001",
        "5e-324",
    ] {
        pledge(number).await.problem(422, "invalid").fault("/amount");
    }
    for number in [
        "1e400",
        "-1e400",
        &digits,
        &format!("-{digits}"),
        "01",
        "+1",
        ".5",
        "5.",
        "1_000",
        "0x10",
        "١",
    ] {
        pledge(number).await.problem(400, "malformed");
    }
    pledge(&format!("0.{digits}"))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    for text in [
        "",
        " ",
        "0",
        "0.00",
        "-0",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1,000",
        "1 000",
        "1.000,00",
        "1\u{a0}000",
        "1_000",
        "1'000",
        "٢٠٠",
        "۲۰۰",
        "２００",
        "²",
        "1e3",
        "1E+2",
        "NaN",
        "Infinity",
        "-Infinity",
        "0x10",
        "1.",
        ".1",
        ".",
        "1..0",
        "1.0.0",
        "1.001",
        "USD 1",
        "$1",
        "1\n",
        "\u{200f}1",
        "1\u{301}",
        "1000000000000001",
        "1000000000000000.01",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        &digits,
        &format!("0.{digits}"),
        &format!("1.{}", "0".repeat(10_000)),
        "1/2",
        "½",
    ] {
        pledge(&json!(text).to_string())
            .await
            .problem(422, "invalid")
            .fault("/amount");
        for path in [
            format!("/v1/pledges?currency=USD&amount_min={}", encoded(text)),
            format!("/v1/totals?currency=USD&point_min={}", encoded(text)),
        ] {
            assert!(matches!(answered(app.get(&path)).await.status, 200 | 400));
        }
    }
    let mut made = 0;
    for (text, amount) in [
        ("1", "1.00"),
        ("0.1", "0.10"),
        ("00012.30", "12.30"),
        ("1000000000000000", "1000000000000000.00"),
        (&format!("{}7", "0".repeat(10_000)), "7.00"),
    ] {
        assert_eq!(pledge(&json!(text).to_string()).await.created()["amount"], amount);
        made += 1;
    }
    // Whole numbers elsewhere.
    for number in [
        "-1",
        "-0",
        "1.0",
        "1E+2",
        "0.1",
        "100001",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e308",
        "\"1\"",
    ] {
        answered(app.ask(Method::PATCH, &format!("/v1/meetings/{meeting}")).body(
            "application/json",
            format!(r#"{{"participant_count": {number}}}"#),
        ))
        .await
        .problem(422, "invalid")
        .fault("/participant_count");
    }
    for (start, end) in [
        ("0", "4"),
        ("-1", "2"),
        ("3", "0"),
        ("0", "9223372036854775807"),
        ("-9223372036854775808", "9223372036854775807"),
        ("9223372036854775807", "-9223372036854775808"),
        ("0", "18446744073709551615"),
        ("0.0", "3"),
        ("0", "1e400"),
    ] {
        let body = format!(
            r#"{{"subject": "meetings/{meeting}", "article": "{article}", "quote": "200", "start": {start}, "end": {end}}}"#
        );
        let answer = answered(
            app.ask(Method::POST, "/v1/citations")
                .body("application/json", body),
        )
        .await;
        assert!(matches!(answer.status, 400 | 422), "{answer}");
    }
    for rate in [
        "1e3",
        "0",
        "0.0",
        "-1",
        "+1",
        "٣",
        "1,5",
        " 1",
        &digits,
        &format!("0.{digits}"),
        "0.0000000000000000000001",
    ] {
        answered(app.put(
            "/v1/rates",
            json!([{"currency": "EUR", "date": "2018-02-14", "per_usd": rate, "source": "S"}]),
        ))
        .await
        .problem(422, "invalid")
        .fault("/0/per_usd");
    }
    holds(&app, &before, &[("pledges", made), ("changes", made)]).await;
}

// ---- Any field, of any type

/// A body of each resource that is accepted, without the key that each needs for itself.
fn bodies(article: &str, pledge: &str) -> Vec<(&'static str, String, Value)> {
    vec![
        (
            "participants",
            "/v1/participants".into(),
            json!({"code": "X", "kind": "igo", "names": {"en": "N"}, "former_names": [{"until": "2018", "names": {"en": "F"}}], "aliases": ["A"], "merged_into": null}),
        ),
        (
            "coalitions",
            "/v1/coalitions".into(),
            json!({"slug": "x", "names": {"en": "N"}, "founded_on": "2014-10-17", "description": "D"}),
        ),
        (
            "meetings",
            "/v1/meetings".into(),
            json!({"slug": "x", "titles": {"en": "T"}, "kind": "summit", "starts_on": "2018-02-13", "ends_on": "2018-02-14", "coalition": "c", "city": "C", "country": "USA", "headline_amount": "1.00", "need_amount": "2.00", "headline_currency": "USD", "participant_count": 70}),
        ),
        (
            "articles",
            "/v1/articles".into(),
            json!({"publisher": "P", "language": "ar", "title": "T", "kind": "news", "url": "https://example.org/a", "published_on": "2018-02", "body": "B"}),
        ),
        (
            "pledges",
            "/v1/pledges".into(),
            json!({"instrument": "loan", "participant": "USA", "meeting": "m", "parent": null, "restates": null, "qualifier": "about", "amount_min": "1.00", "amount": "2.00", "amount_max": "3.00", "currency": "USD", "purpose": "P", "beneficiary": "USA", "announced_on": "2018-02-13", "announced_by_name": "N", "announced_by_office": "O", "period_from": "2018", "period_to": "2020", "conditions": "C", "citations": [{"article": article, "quote": "200", "start": 0, "end": 3, "states": {"amount": "2"}, "preferred": false}]}),
        ),
        (
            "events",
            format!("/v1/pledges/{pledge}/events"),
            json!({"stage": "committed", "occurred_on": "2018", "amount": "0.01", "currency": "USD", "over": true, "note": "N", "citations": [{"article": article}]}),
        ),
        (
            "citations",
            "/v1/citations".into(),
            json!({"subject": "meetings/m", "article": article, "quote": "200", "start": 0, "end": 3, "states": {"city": "C"}, "preferred": false}),
        ),
    ]
}

/// Values of every type, and of none that is meant.
fn garbage() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1.5),
        json!(u64::MAX),
        json!("\u{202e}نص\u{1}"),
        json!(""),
        json!([]),
        json!([null, true, 1, "a", [], {}]),
        json!({}),
        json!({"": {"a/b": [{"~": null}]}, "__proto__": {"constructor": 1}, "en": ["x"]}),
    ]
}

/// Every value within a body, by its path.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    let within: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (format!("{at}/{name}"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (format!("{at}/{index}"), value))
            .collect(),
        _ => Vec::new(),
    };
    for (at, value) in within {
        places.push(at.clone());
        self::places(value, &at, places);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn any_field_of_any_type_is_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.coalition("c").await;
    app.meeting("m").await;
    let article = app.article(json!({"body": "200 million"})).await;
    let pledge = app
        .pledge_with(json!({"qualifier": "exact", "amount": "1", "currency": "USD"}))
        .await;
    let mut number = 0;
    for (resource, path, body) in bodies(&article, &pledge) {
        let is_event = resource == "events";
        let before = counts(&app).await;
        let mut all = Vec::new();
        places(&body, "", &mut all);
        let mut sent = Vec::new();
        for at in &all {
            for value in garbage() {
                let mut body = body.clone();
                number += 1;
                // What must be its own in every record.
                for (field, own) in [
                    ("code", format!("X{number}")),
                    ("slug", format!("x-{number}")),
                    ("body", format!("B {number}")),
                ] {
                    if body.get(field).is_some() {
                        body[field] = own.into();
                    }
                }
                *body.pointer_mut(at).unwrap() = value.clone();
                sent.push((at.clone(), value, body));
            }
        }
        let made = each(sent, async |(at, value, body)| {
            let answer = answered(app.post(&path, body)).await;
            if answer.status != 201 {
                let refused = answer.problem(422, "invalid");
                let errors = refused["errors"].as_array().unwrap();
                assert!(!errors.is_empty(), "no fault at {at}: {refused}");
                return None;
            }
            let field = at.split('/').nth(1).unwrap();
            let whole = at.matches('/').count() == 1;
            if whole && !value.is_null() && field != "citations" {
                // Text that was taken for a field is that field.
                assert_eq!(answer[field], value, "{at} of {answer}");
            }
            Some(answer.id())
        })
        .await;
        let made: Vec<String> = made.into_iter().flatten().collect();
        let after = counts(&app).await;
        let count = i64::try_from(made.len()).unwrap();
        assert!(count > 0, "no {resource} was accepted");
        let citations = after["citations"] - before["citations"];
        if resource == "citations" {
            holds(&app, &before, &[("citations", count), ("changes", count)]).await;
        } else if is_event {
            holds(
                &app,
                &before,
                &[("citations", citations), ("changes", 2 * count + citations)],
            )
            .await;
        } else {
            assert!(citations == 0 || resource == "pledges");
            holds(
                &app,
                &before,
                &[
                    (resource, count),
                    ("citations", citations),
                    ("changes", count + citations),
                ],
            )
            .await;
        }
        // The same by patch, of one that is there: refused, or a new version of it.
        let one = app.get(&format!("{path}/{}", made[0])).await.expect(200);
        let before = counts(&app).await;
        let mut versions = one["version"].as_i64().unwrap();
        let mut entries = 0;
        for field in body.as_object().unwrap().keys() {
            for value in garbage() {
                let answer =
                    answered(app.patch(&format!("{path}/{}", made[0]), json!({field.as_str(): value}))).await;
                if answer.status == 200 {
                    let version = answer["version"].as_i64().unwrap();
                    assert!(version == versions || version == versions + 1, "{answer}");
                    entries += version - versions;
                    versions = version;
                } else {
                    // Another has that body, or is preferred, by now.
                    assert!(matches!(answer.status, 409 | 422), "{answer}");
                }
            }
        }
        let logged = counts(&app).await["changes"] - before["changes"];
        // A changed event is a new version of its pledge too.
        assert!(
            logged == entries || is_event && logged == 2 * entries,
            "{entries} versions of {resource}, {logged} entries"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_of_any_type_is_answered(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.coalition("c").await;
    app.meeting("m").await;
    for (path, body) in [
        (
            "/v1/coalitions/c/members/USA",
            json!({"periods": [{"joined_on": "2014", "left_on": "2015"}, {"joined_on": "2016", "left_on": "2017"}]}),
        ),
        (
            "/v1/meetings/m/attendance/USA",
            json!({"role": "host", "delegate_name": "N", "delegate_office": "O", "adopted": true}),
        ),
        (
            "/v1/rates",
            json!({"items": [{"currency": "EUR", "date": "2018-02-14", "per_usd": "0.81", "source": "S"}]}),
        ),
    ] {
        let mut all = Vec::new();
        places(&body, "", &mut all);
        let mut bodies: Vec<Value> = vec![body.clone()];
        bodies.extend(garbage());
        for at in &all {
            for value in garbage() {
                let mut body = body.clone();
                *body.pointer_mut(at).unwrap() = value;
                bodies.push(body);
            }
        }
        let before = counts(&app).await["changes"];
        let mut accepted = 0;
        for body in bodies {
            let answer = answered(app.put(path, body)).await;
            if answer.status < 300 {
                accepted += 1;
            } else {
                answer.problem(422, "invalid");
            }
        }
        let written = counts(&app).await["changes"] - before;
        assert!(
            written <= accepted && written > 0,
            "{written} entries of {accepted} writes to {path}"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_in_a_strangely_named_field_has_a_pointer_that_finds_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = counts(&app).await;
    let article = app.article(json!({})).await;
    for name in [
        "",
        "__proto__",
        "constructor",
        "a/b",
        "~",
        "~0",
        "~1",
        "/",
        "//",
        "~/~",
        "é",
        "e\u{301}",
        "\u{202e}x",
        "\0",
        "\"",
        "\\",
        "名",
        "names/en",
        "🚱",
        " ",
    ] {
        for body in [
            json!({name: 1}),
            json!({"names": {name: "x"}}),
            json!({"former_names": [{"until": "2018", "names": {"en": "x"}, name: {}}]}),
            json!({"former_names": [{"until": "2018", "names": {name: 1}}]}),
        ] {
            for refused in [
                answered(app.patch("/v1/participants/USA", body.clone())).await,
                answered(app.post("/v1/participants", body.clone())).await,
            ] {
                let refused = refused.problem(422, "invalid");
                let found = refused["errors"].as_array().unwrap().iter().any(|fault| {
                    let pointer = fault["pointer"].as_str().unwrap();
                    pointer.len() > 1 && body.pointer(pointer).is_some() || pointer == "/" && name.is_empty()
                });
                assert!(found, "{body} at none of the pointers of {refused}");
            }
        }
        let states = json!({"subject": "participants/USA", "article": article, "states": {name: "x"}});
        let refused = answered(app.post("/v1/citations", states.clone()))
            .await
            .problem(422, "invalid");
        assert!(
            states
                .pointer(refused["errors"][0]["pointer"].as_str().unwrap())
                .is_some(),
            "{refused}"
        );
    }
    holds(&app, &before, &[("articles", 1), ("changes", 1)]).await;
}

// ---- However much is wrong, the answer stays short

/// Faults that are named, and the one that says how many are not.
fn some_of_many(refused: &Answer) {
    let errors = refused["errors"].as_array().unwrap();
    assert!(errors.len() <= 101, "{} faults are named", errors.len());
    assert_eq!(
        errors.last().unwrap()["code"],
        "more_faults",
        "{}",
        errors.last().unwrap()
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn however_much_is_wrong_the_answer_stays_short(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let meeting = app.meeting("kuwait-2018").await;
    let before = counts(&app).await;
    let many = |count: usize, member: fn(usize) -> String| -> String {
        (0..count).map(member).collect::<Vec<_>>().join(",")
    };
    let unknown = format!(
        "{{{}}}",
        many(10_000, |number| format!("\"field {number}\": {number}"))
    );
    let short = format!("{{{}}}", many(100_000, |number| format!("\"{number:x}\":1")));
    let aliases = format!(
        r#"{{"aliases": [{}]}}"#,
        many(200_000, |number| number.to_string())
    );
    let tags = format!(
        r#"{{"names": {{{}}}}}"#,
        many(30_000, |number| format!("\"{number}\": {number}"))
    );
    let former = format!(
        r#"{{"former_names": [{}]}}"#,
        many(100_000, |_| r#"{"x": []}"#.into())
    );
    let nested = format!(
        r#"{{"former_names": [{}]}}"#,
        vec![r#"{"x": [], "y": 1, "z": null}"#; 100].join(",")
    );
    for body in [&unknown, &short, &aliases, &tags, &former, &nested] {
        for (method, path) in [
            (Method::POST, "/v1/participants"),
            (Method::PATCH, "/v1/participants/USA"),
        ] {
            let refused = answered(app.ask(method, path).body("application/json", body.clone()))
                .await
                .problem(422, "invalid");
            let of_length = |fault: &Value| fault["code"] == "length";
            if refused["errors"].as_array().unwrap().iter().any(of_length) {
                // A list that is too long is not looked into.
                assert!(refused.text.len() < 2_000, "{refused}");
            } else {
                some_of_many(&refused);
            }
        }
    }
    // In 100 patches the same could be sent again; what stands first is named first.
    let refused = app
        .ask(Method::PATCH, "/v1/participants/USA")
        .body("application/json", unknown)
        .await;
    assert_eq!(refused["errors"][0]["pointer"], "/field 0");
    assert!(
        refused["detail"].as_str().unwrap().starts_with("10000 faults"),
        "{}",
        refused["detail"]
    );
    let rates = format!(
        "[{}]",
        many(10_000, |number| format!(
            r#"{{"currency": "EUR", "{number}": 1}}"#
        ))
    );
    let refused = answered(app.ask(Method::PUT, "/v1/rates").body("application/json", rates))
        .await
        .problem(422, "invalid");
    some_of_many(&refused);
    let citations = format!(
        r#"{{"instrument": "grant", "citations": [{}]}}"#,
        many(100_000, |_| r#"{"states": []}"#.into())
    );
    let refused = answered(
        app.ask(Method::POST, "/v1/pledges")
            .body("application/json", citations),
    )
    .await
    .problem(422, "invalid");
    let refused = refused.fault("/citations");
    assert!(refused.text.len() < 2_000, "{refused}");

    // One fault alone, which has much to repeat.
    let long = "ن".repeat(1_900_000);
    for body in [
        json!({long.as_str(): 1}),
        json!({"names": {long.as_str(): 1}}),
        json!({"kind": long}),
        json!({"merged_into": long}),
        json!({"aliases": {long.as_str(): [long.get(..20)]}}),
    ] {
        answered(app.patch("/v1/participants/USA", body))
            .await
            .problem(422, "invalid");
    }
    for (field, longest) in [
        ("participant", 1),
        ("meeting", 1),
        ("currency", 1),
        ("amount", 1),
        ("purpose", 10_000),
    ] {
        assert!(long.chars().count() > longest);
        answered(app.post("/v1/pledges", json!({"instrument": "grant", field: long})))
            .await
            .problem(422, "invalid")
            .fault(&format!("/{field}"));
    }
    answered(app.post(
        "/v1/citations",
        json!({"subject": format!("meetings/{}", &long[..1_900_000]), "article": &long[..1_900_000]}),
    ))
    .await
    .problem(422, "invalid");
    let twice = format!(
        r#"{{"{long}": 1, "a": {{"b": 1, "b": "{}"}}}}"#,
        "\u{10ffff}".repeat(10)
    );
    answered(
        app.ask(Method::POST, "/v1/participants")
            .body("application/json", twice),
    )
    .await
    .problem(400, "malformed");
    let twice = format!(r#"{{"{0}": 1, "{0}": 1}}"#, "\u{10ffff}".repeat(400_000));
    answered(
        app.ask(Method::POST, "/v1/participants")
            .body("application/json", twice),
    )
    .await
    .problem(400, "malformed");

    let keys = |count: usize| app.get(&format!("/v1/changes?key={}", vec!["a"; count].join(",")));
    answered(keys(500)).await.expect(200);
    answered(keys(501)).await.problem(400, "malformed").fault("?key");

    // Addresses, as long as they may be: parameters that nobody knows, words that mean nothing.
    for path in [
        format!("/v1/pledges?{}", "a&".repeat(12_000)),
        format!("/v1/pledges?{}", "a=b&".repeat(6_000)),
        format!("/v1/pledges?instrument={}", "a,".repeat(12_000)),
        format!("/v1/pledges?participant={}", "USA,".repeat(6_000)),
        format!("/v1/pledges?participant={}", "X,".repeat(12_000)),
        format!("/v1/pledges?currency={}", "USD,".repeat(6_000)),
        format!("/v1/totals?group_by={}", "a,".repeat(12_000)),
        format!("/v1/changes?key={}", "a,".repeat(12_000)),
        format!("/v1/changes?{}", "key=a&".repeat(4_000)),
        format!("/v1/pledges?{}", "%zz&%ff&".repeat(3_000)),
        format!("/v1/participants/{}", "a".repeat(24_000)),
        format!("/v1/participants/{}", "%01".repeat(8_000)),
        format!(
            "/v1/meetings/{meeting}/attendance/{}",
            "%F4%8F%BF%BF".repeat(2_000)
        ),
        format!("/{}", "a/".repeat(12_000)),
    ] {
        let started = std::time::Instant::now();
        let answer = answered(app.get(&path)).await;
        assert!(
            matches!(answer.status, 400 | 404),
            "{}: {}",
            answer.status,
            &path[..40]
        );
        assert!(
            started.elapsed() < Duration::from_secs(5),
            "{:?}: {}",
            started.elapsed(),
            &path[..40]
        );
    }
    // And a little longer.
    answered(app.get(&format!("/v1/pledges?{}", "a&".repeat(12_300))))
        .await
        .problem(414, "target_too_long");
    holds(&app, &before, &[]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_read_up_to_its_limit_and_not_beyond(#[case] engine: Engine) {
    const LIMIT: usize = 4 * 1024 * 1024;
    let app = App::start(engine).await;
    let before = counts(&app).await;
    let article = |length: usize| {
        let body = json!({"publisher": "P", "language": "en", "title": "T", "kind": "other", "body": "B"})
            .to_string();
        format!("{}{body}", " ".repeat(length - body.len()))
    };
    let post = |body: String| {
        answered(
            app.ask(Method::POST, "/v1/articles")
                .body("application/json", body),
        )
    };
    post(article(LIMIT + 1)).await.problem(413, "body_too_large");
    // Also to a client that sends all of it before it listens.
    for _ in 0..10 {
        post(json!({"body": "x".repeat(10_000_000)}).to_string())
            .await
            .problem(413, "body_too_large");
    }
    post(article(LIMIT)).await.created();
    // Marks without end compose in no longer than they are: a million of them, out of order.
    let marks = "e".to_owned() + &"\u{323}\u{301}\u{5b0}".repeat(333_000);
    let sent = json!({"publisher": "P", "language": "en", "title": "T", "kind": "other", "body": marks});
    let created = answered(app.post("/v1/articles", sent)).await.created();
    let composed: String = marks.nfc().collect();
    assert_eq!(created["body"], composed);
    holds(&app, &before, &[("articles", 2), ("changes", 2)]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_a_sentence_not_a_book(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = counts(&app).await;
    let patch = |alias: &str, reason: &str| {
        answered(
            app.patch("/v1/participants/USA", json!({"aliases": [alias]}))
                .header("Change-Reason", reason),
        )
    };
    patch("a", &encoded(&"س".repeat(2_000))).await.expect(200);
    patch("b", &encoded(&"س".repeat(2_001)))
        .await
        .problem(400, "malformed")
        .fault("Change-Reason");
    patch("c", &"x".repeat(30_000))
        .await
        .problem(400, "malformed")
        .fault("Change-Reason");
    patch("d", &"x".repeat(100_000))
        .await
        .problem(431, "head_too_large");
    holds(&app, &before, &[("changes", 1)]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_record_has_room_for_much_but_not_for_all(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.coalition("c").await;
    let article = app.article(json!({})).await;
    let before = counts(&app).await;
    let path = "/v1/participants/USA";
    let tags = |count: usize| -> Value {
        let tag = |number: usize| format!("aa-{number:04}");
        (0..count)
            .map(|number| (tag(number), json!("x")))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    for (fits, field, beyond) in [
        (
            json!({"aliases": vec!["x"; 500]}),
            "/aliases",
            json!({"aliases": vec!["x"; 501]}),
        ),
        (
            json!({"aliases": ["س".repeat(500)]}),
            "/aliases/1",
            json!({"aliases": ["x", "س".repeat(501)]}),
        ),
        (json!({"names": tags(97)}), "/names", json!({"names": tags(101)})),
        (
            json!({"aliases": ["last"]}),
            "/names/aa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee",
            json!({"names": {"aa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee": "x"}}),
        ),
    ] {
        answered(app.patch(path, fits)).await.expect(200);
        answered(app.patch(path, beyond))
            .await
            .problem(422, "invalid")
            .fault(field);
    }
    let former =
        |count: usize| json!({"former_names": vec![json!({"until": "2018", "names": {"en": "x"}}); count]});
    answered(app.patch(path, former(100))).await.expect(200);
    answered(app.patch(path, former(101)))
        .await
        .problem(422, "invalid")
        .fault("/former_names");
    let periods = |count: usize| -> Value {
        let period = |number: usize| json!({"joined_on": format!("{:04}", 1000 + 2 * number), "left_on": format!("{:04}", 1001 + 2 * number)});
        json!({"periods": (0..count).map(period).collect::<Vec<_>>()})
    };
    let member = "/v1/coalitions/c/members/USA";
    answered(app.put(member, periods(101)))
        .await
        .problem(422, "invalid")
        .fault("/periods");
    answered(app.put(member, periods(100))).await.created();
    let citing =
        |count: usize| json!({"instrument": "grant", "citations": vec![json!({"article": article}); count]});
    answered(app.post("/v1/pledges", citing(101)))
        .await
        .problem(422, "invalid")
        .fault("/citations");
    answered(app.post("/v1/pledges", citing(100))).await.created();
    holds(
        &app,
        &before,
        &[("pledges", 1), ("citations", 100), ("changes", 107)],
    )
    .await;
}

// ---- Connections that lie

/// Sends bytes as they are to the server as it runs in earnest; what comes back until it ends or nothing more comes.
async fn raw(address: &str, bytes: &[u8], and_close: bool) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.ok();
    if and_close {
        stream.shutdown().await.ok();
    }
    let mut answer = Vec::new();
    // The server gives a body up after fifteen seconds, and an idle connection too.
    let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "no end of {:?}", String::from_utf8_lossy(&answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_lies_gets_an_answer_or_an_end_and_writes_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = counts(&app).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = &listener.local_addr().unwrap().to_string();
    let router = pledgebook::app::router(app.register().clone(), pledgebook::auth::Reading::Public);
    let server =
        tokio::spawn(async move { pledgebook::serve::serve(listener, router, &mut Stop::never()).await });
    let key = &app.keys.editor;
    let head = |rest: &str| {
        format!(
            "POST /v1/participants HTTP/1.1\r\nHost: here\r\nConnection: close\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n{rest}\r\n\r\n"
        )
    };
    let body = r#"{"code": "KWT", "kind": "state", "names": {"en": "Kuwait"}}"#;
    let length = body.len();
    let chunked = |chunks: &str| format!("{}{chunks}", head("Transfer-Encoding: chunked"));
    let sent: Vec<(Vec<u8>, bool)> = [
        // Less than was said, and then nothing, or the end.
        (
            format!("{}{body}", head(&format!("Content-Length: {}", length + 1))),
            true,
        ),
        (
            format!("{}{body}", head(&format!("Content-Length: {}", length + 1))),
            false,
        ),
        (head("Content-Length: 10"), true),
        (head("Content-Length: 99999999999999"), true),
        // No lengths.
        (
            format!("{}{body}", head("Content-Length: 18446744073709551616")),
            true,
        ),
        (format!("{}{body}", head("Content-Length: -1")), true),
        (format!("{}{body}", head("Content-Length: +10")), true),
        (format!("{}{body}", head("Content-Length: 0x20")), true),
        (format!("{}{body}", head("Content-Length: ")), true),
        (format!("{}{body}", head("X-None: 1")), true),
        // Two lengths, or two ways to tell it.
        (
            format!(
                "{}{body}",
                head(&format!("Content-Length: {length}\r\nContent-Length: 5"))
            ),
            true,
        ),
        (
            format!("{}{body}", head(&format!("Content-Length: {length}, 5"))),
            true,
        ),
        (
            format!(
                "{}0\r\n\r\n{body}",
                head(&format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"))
            ),
            true,
        ),
        (
            format!("{}{body}", head("Transfer-Encoding: gzip, chunked")),
            true,
        ),
        (format!("{}{body}", head("Transfer-Encoding: identity")), true),
        // Chunks that break off, or are none.
        (chunked(&format!("{length:x}\r\n{body}")), true),
        (chunked(&format!("{length:x}\r\n{body}\r\n")), true),
        (chunked(&format!("{:x}\r\n{body}\r\n0\r\n\r\n", length - 1)), true),
        (chunked(&format!("zz\r\n{body}\r\n0\r\n\r\n")), true),
        (chunked(&format!("-1\r\n{body}\r\n0\r\n\r\n")), true),
        (chunked(&format!("ffffffffffffffffff\r\n{body}")), true),
        (chunked("0\r\n\r\n"), true),
        // A promise of a body that is not kept.
        (
            head(&format!("Expect: 100-continue\r\nContent-Length: {length}")),
            true,
        ),
        (head("Expect: 200-ok\r\nContent-Length: 0"), true),
        // No requests.
        (String::new(), true),
        ("\r\n\r\n\r\n".into(), true),
        ("GET / HTTP/9.9\r\n\r\n".into(), true),
        ("GET\r\n\r\n".into(), true),
        ("GET /v1/participants\r\n\r\n".into(), true),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}".into(), true),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".into(), true),
        (
            format!("GET /{} HTTP/1.1\r\nHost: here\r\n\r\n", "a".repeat(70_000)),
            true,
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: here\r\nX: {}\r\n\r\n",
                "a".repeat(500_000)
            ),
            true,
        ),
        (format!("GET / HTTP/1.1\r\n{}\r\n", "X: a\r\n".repeat(500)), true),
        (
            "GET /v1/changes?key=\u{202e}\u{1}<> HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "GET /v1/changes?limit=1&key=\u{e9} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "GET http://elsewhere/v1/changes HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "OPTIONS * HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "CONNECT here:443 HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "TRACE / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "BREW /v1/pledges HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
        (
            "GET /v1/changes HTTP/1.1\r\nConnection: close\r\n\r\n".into(),
            true,
        ),
    ]
    .into_iter()
    .map(|(text, close)| (text.into_bytes(), close))
    .collect();
    let mut sent = sent;
    // Bytes that are no text, in a header's value and in the address.
    for bytes in [&b"GET /v1/changes HTTP/1.1\r\nHost: here\r\nX-Request-Id: \xff\xfe\r\nAccept-Language: \xff\r\nIf-None-Match: \xff\r\nConnection: close\r\n\r\n"[..], b"GET /v1/changes?key=\xff HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n", b"GET /v1/participants/\xff\xfe HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"] {
        sent.push((bytes.to_vec(), true));
    }
    stream::iter(sent)
        .map(|(bytes, close)| async move {
            let answer = raw(address, &bytes, close).await;
            let first = String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned();
            for status in answer.split("HTTP/1.1 ").skip(1) {
                assert!(
                    !status.starts_with('5') && !status.starts_with("201"),
                    "{first:?} was answered {status}"
                );
            }
            // What reached the register is refused as everything is.
            if let Some((_, body)) = answer
                .rsplit_once("\r\n\r\n")
                .filter(|(head, body)| head.starts_with("HTTP/1.1 4") && !body.is_empty())
            {
                let problem: Value =
                    serde_json::from_str(body).unwrap_or_else(|_| panic!("{first:?} was answered {answer}"));
                assert!(
                    problem["code"].is_string() && problem["detail"].is_string(),
                    "{answer}"
                );
            }
        })
        .buffer_unordered(16)
        .collect::<Vec<()>>()
        .await;
    // Two in one go, of which the first is refused: the second is not taken for a part of it.
    let two = format!(
        "{}{{}}{}",
        head("Content-Length: 2").replace("close", "keep-alive"),
        "GET /healthz HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
    );
    let answers = raw(address, two.as_bytes(), false).await;
    assert!(
        answers.contains(" 422 ") && answers.contains(" 200 OK"),
        "{answers}"
    );
    let mut client = TcpStream::connect(address).await.unwrap();
    client
        .write_all(head(&format!("Expect: 100-continue\r\nContent-Length: {length}")).as_bytes())
        .await
        .unwrap();
    let mut told = [0; 25];
    in_time(client.read_exact(&mut told)).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    holds(&app, &before, &[]).await;
    client.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    in_time(client.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    server.abort();
    holds(&app, &before, &[("participants", 1), ("changes", 1)]).await;
}
