//! Texts in bodies: kept letter by letter, or refused.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use pledgebook::values::without_ends;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::{answered, counts, each, encoded, holds, kept, made, stands, texts};
use crate::prelude::*;

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
        let verbatim: String = body(number, text).nfc().collect();
        let expected = kept(text, 300).map(|text| json!({"publisher": text, "title": text, "body": verbatim}));
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
        let (before, inside) = stored.split_once('«').unwrap();
        let start = before.chars().count() + 1 + inside[..inside.find(text).unwrap()].chars().count();
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
        let composed: String = without_ends(&meant.replace('\0', "\u{fffd}")).nfc().collect();
        let reason = Some(composed).filter(|reason| !reason.is_empty());
        expected.insert(patched["version"].as_i64().unwrap(), json!(reason));
    }
    let history = app.rows("/v1/participants/USA/history?limit=200").await;
    let mut logged: BTreeMap<i64, Value> = history
        .into_iter()
        .map(|change| (change["version"].as_i64().unwrap(), change["reason"].clone()))
        .collect();
    assert_eq!(logged.remove(&1), Some(Value::Null));
    assert_eq!(logged, expected);
    holds(&app, &before, &[("changes", i64::try_from(sent.len()).unwrap())]).await;
}
