//! Whatever is sent: the register answers, says why it refuses, and keeps what it accepts letter by letter.
//!
//! Two public collections of awkward input are read where they stand beside the project
//! (`../shared/data/robustness`): the Big List of Naughty Strings and the JSON Test Suite. Where they do not,
//! a smaller set of our own stands in, and a line says so.

use std::{collections::BTreeMap, future::Future, path::PathBuf, time::Duration};

use futures_util::{StreamExt, stream};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Method;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::{answer::Answer, app::Ask, prelude::*, support::say_loudly};

/// No answer takes as long, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many requests of a story are under way at once.
const AT_ONCE: usize = 6;
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
    let ours = [
        // Blank, in one way or another.
        "",
        " ",
        "\u{a0}",
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\u{3000}",
        "\t\r\n",
        // Invisible, but no white space.
        "\u{200b}",
        "\u{feff}",
        "\u{2060}",
        "\u{ad}",
        "\u{34f}",
        "\u{180e}",
        // U+0000, which is refused, and the other controls, which are not.
        "\0",
        "a\0b",
        "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}",
        "\u{b}\u{c}\u{e}\u{f}\u{10}\u{1b}[31m\u{1f}",
        "\u{7f}",
        "a\u{85}b",
        "\u{80}\u{9f}",
        "line\u{2028}line\u{2029}line",
        "a\r\nb\rc\nd",
        " padded ",
        "\ttabs\t",
        // Directions: embedding, override, isolates, marks.
        "\u{202a}a\u{202b}b\u{202c}c\u{202d}d\u{202e}e",
        "\u{2066}a\u{2067}b\u{2068}c\u{2069}",
        "\u{200e}a\u{200f}b\u{61c}c",
        "\u{202e}txt.exe",
        "\u{2066}",
        "\u{202e}تعهد\u{202c} 200",
        // Joiners, which Persian and emoji need.
        "می\u{200c}خواهم",
        "क\u{94d}\u{200d}ष",
        "\u{200d}",
        "👩\u{200d}👩\u{200d}👧\u{200d}👦",
        "👍🏽",
        "🏳\u{fe0f}\u{200d}🌈",
        "🇰🇼🇺🇸🇪",
        "1\u{fe0f}\u{20e3}",
        // Decomposed, which comes back composed; and what must not be composed.
        "e\u{301}",
        "A\u{30a}ngstro\u{308}m",
        "Tu\u{308}rkiye",
        "\u{627}\u{653}",
        "\u{648}\u{654}\u{64a}\u{654}",
        "\u{1100}\u{1161}\u{11a8}",
        "q\u{323}\u{307}",
        "q\u{307}\u{323}",
        "\u{212b}\u{2126}",
        "\u{1d15e}",
        "\u{958}",
        "\u{fb1d}",
        "\u{344}",
        "\u{f73}",
        "\u{301}leading",
        "trailing\u{301}",
        // Noncharacters, private use, the last code point, tags.
        "\u{ffff}",
        "\u{fffe}",
        "\u{fdd0}\u{fdef}",
        "\u{10ffff}",
        "\u{1fffe}",
        "\u{e000}\u{f8ff}",
        "\u{fffd}",
        "\u{e0041}\u{e007f}",
        // Digits and letters that look like others.
        "٢٠٠٠٠٠٠٠٠",
        "۲۰۰",
        "２００",
        "ﷺ",
        "ﷲ",
        "ſ",
        "İıIi",
        "ß",
        "Ωmega",
        "раураl",
        "①",
        "½",
        "１，０００",
        // What some program somewhere takes for syntax.
        "'; DROP TABLE pledges; --",
        "$1",
        "${1}",
        "{{7*7}}",
        "%",
        "%%",
        "%s%n",
        "%00",
        "%2500",
        "%zz",
        "\\",
        "\\u0000",
        "\\x00",
        "\"",
        "'",
        "`",
        "<script>",
        "]]>",
        "&amp;",
        "a,b",
        ",",
        ",a",
        "a,,b",
        "a&b=c",
        "a=b",
        "a;b",
        "a+b",
        "?",
        "#",
        "/",
        "..",
        ".",
        "../../etc/passwd",
        "a/b",
        "//",
        "*",
        "W/\"1\"",
        "\"1.x\"",
        "null",
        "true",
        "NaN",
        "-0",
        "__proto__",
        "constructor",
        "[]",
        "{}",
        "pledges/",
        "=1+1",
        "@x",
        "-1",
        "1e309",
        "0x10",
        "🚱".repeat(1).as_str(),
    ]
    .map(str::to_owned);
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
    each(made, async |(id, fields)| {
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
    let mut expected = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let version = answered(
            app.patch("/v1/participants/USA", json!({"aliases": [number.to_string()]}))
                .header("Change-Reason", &encoded(text)),
        )
        .await
        .expect(200)["version"]
            .clone();
        let composed: String = text.replace('\0', "\u{fffd}").nfc().collect();
        let reason = Some(composed).filter(|reason| !reason.trim().is_empty());
        expected.push((version, json!(reason)));
    }
    let logged: BTreeMap<i64, Value> = all_of(&app, "/v1/participants/USA/history")
        .await
        .into_iter()
        .map(|change| (change["version"].as_i64().unwrap(), change["reason"].clone()))
        .collect();
    for (version, reason) in &expected {
        assert_eq!(logged[&version.as_i64().unwrap()], *reason);
    }
    // What is not encoded is taken as it is, a malformed % included.
    let raw = texts.iter().filter(|text| {
        reqwest::header::HeaderValue::from_str(text).is_ok()
            && text.is_ascii()
            && text.trim() == text.as_str()
    });
    let mut writes = texts.len();
    for text in raw {
        writes += 1;
        answered(
            app.patch(
                "/v1/participants/USA",
                json!({"aliases": [format!("raw {writes}")]}),
            )
            .header("Change-Reason", text),
        )
        .await
        .expect(200);
        let decoded = percent_decode_str(text)
            .decode_utf8_lossy()
            .replace('\0', "\u{fffd}");
        let reason: String = decoded.nfc().collect();
        let reason = Some(reason).filter(|reason| !reason.trim().is_empty());
        assert_eq!(
            app.get("/v1/changes?limit=1").await.items()[0]["reason"],
            json!(reason)
        );
    }
    holds(&app, &before, &[("changes", i64::try_from(writes).unwrap())]).await;
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
    each(texts(), async |text| {
        let text = &text;
        let word = encoded(text);
        // A text that nothing has is no fault.
        for path in [
            format!("/v1/changes?key={word}&actor={word}"),
            format!("/v1/rates?source={word}"),
        ] {
            let answer = answered(app.get(&path)).await;
            if kept(text, usize::MAX).is_some() {
                assert!(answer.expect(200).items().is_empty());
            } else {
                answer.problem(400, "malformed");
            }
        }
        // A word that must be one of several, a number, a date, an id, a cursor: all at once, and the cursor alone.
        for path in [
            format!("/v1/pledges?participant_kind={word}&instrument={word}&qualifier={word}&currency={word}&state={word}&amount_min={word}&announced_from={word}&parent={word}&collective={word}&sort={word}&limit={word}&count={word}&lang={word}&updated_from={word}"),
            format!("/v1/totals?group_by={word}&in={word}&restatements={word}&parents={word}&rate_date={word}&rate_max_age={word}&membership_at={word}&point_min={word}&sort={word}"),
            format!("/v1/changes?after={word}"),
            format!("/v1/totals?group_by=meeting&after={word}"),
            format!("/v1/changes?after_seq={word}"),
            format!("/v1/changes?{word}={word}"),
        ] {
            let answer = answered(app.get(&path)).await;
            assert!(matches!(answer.status, 200 | 400), "{answer}");
        }
        // A record that is named is there, or the question is refused.
        for path in [
            format!("/v1/participants?coalition={word}"),
            format!("/v1/pledges?participant={word}&meeting={word}&beneficiary={word}&coalition={word}"),
            format!("/v1/citations?subject={word}"),
            format!("/v1/citations?subject=meetings/{word}&article={word}"),
            format!("/v1/totals?participant={word}"),
        ] {
            answered(app.get(&path)).await.problem(400, "malformed");
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
            format!("/v1/{word}"),
            format!("/v1/participants/{word}"),
            format!("/v1/articles/{word}"),
            format!("/v1/meetings/{word}/attendance/{word}"),
            format!("/v1/meetings/{meeting}/attendance/{word}"),
            format!("/v1/pledges/{word}/events/{word}/history"),
            format!("/v1/coalitions/{word}/members?on=2018"),
        ] {
            let answer = answered(app.get(&path)).await;
            // A dot or two, or nothing, is another path.
            assert!(matches!(answer.status, 200 | 400 | 404), "{answer}");
        }
        for ask in [
            app.delete(&format!("/v1/participants/x{word}")),
            app.patch(&format!("/v1/meetings/x{word}"), json!({"city": "x"})),
            app.put(&format!("/v1/meetings/{meeting}/attendance/x{word}"), json!({})),
            app.post(&format!("/v1/meetings/x{word}/citations"), json!({})),
            app.restore(&format!("/v1/citations/x{word}")),
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
        for ask in [
            app.patch(path, json!({"aliases": ["x"]}))
                .header("If-Match", text),
            app.delete(path).header("If-Match", text),
        ] {
            if *text == "*" {
                continue;
            }
            answered(ask).await.problem(412, "stale_version");
        }
        for ask in [
            app.post("/v1/participants", json!({}))
                .header("Content-Type", text),
            app.ask(Method::POST, "/v1/participants").body(text, "{}"),
        ] {
            let answer = answered(ask).await;
            assert!(matches!(answer.status, 415 | 422), "{answer}");
        }
        answered(app.get(path).header("Authorization", text))
            .await
            .problem(401, "unauthorized");
        answered(app.get(path).header("Authorization", &format!("Bearer x{text}")))
            .await
            .problem(401, "unauthorized");
        // Not of this register, or not yet.
        answered(
            app.get(path)
                .header("Range", text)
                .header("Cookie", text)
                .header("If-Modified-Since", text),
        )
        .await
        .expect(200);
    })
    .await;
    assert_eq!(app.get(path).await.expect(200).body, now.body);
    holds(&app, &before, &[]).await;
}
