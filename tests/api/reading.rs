//! Reading: languages, pages, and filters that mean what they say.

use std::collections::HashSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{answer::Answer, dossier::Dossier, prelude::*};

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_in_the_language_that_was_asked_for(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("KWT").await;
    let path = "/v1/participants/KWT";
    for (query, accept, language, name) in [
        ("", None, "en", "Kuwait"),
        ("?lang=ar", None, "ar", "الكويت"),
        ("?lang=ar", Some("en"), "ar", "الكويت"),
        ("", Some("ar-KW,en;q=0.8"), "ar", "الكويت"),
        ("", Some("en;q=0.2, ar;q=0.9"), "ar", "الكويت"),
        ("", Some("de"), "en", "Kuwait"),
        ("", Some("de, *;q=0.5"), "en", "Kuwait"),
        ("", Some("ar;q=0, en;q=0.1"), "en", "Kuwait"),
        ("", Some("ar;q=x;;,,;q="), "en", "Kuwait"),
        ("?lang=en", Some("ar"), "en", "Kuwait"),
    ] {
        for path in [path, "/v1/participants"] {
            let mut ask = app.get(&format!("{path}{query}"));
            if let Some(accept) = accept {
                ask = ask.header("Accept-Language", accept);
            }
            let answer = ask.await.expect(200);
            let shown = answer
                .body
                .get("name")
                .unwrap_or(&answer.body["items"][0]["name"]);
            assert_eq!(shown, name, "{query} {accept:?}");
            assert_eq!(answer.header("content-language"), Some(language));
            let vary = answer.header("vary").unwrap().to_ascii_lowercase();
            assert!(vary.contains("accept-language"), "{vary}");
        }
    }
    for lang in ["de", ""] {
        app.get(&format!("{path}?lang={lang}"))
            .await
            .problem(400, "malformed")
            .fault("?lang");
    }
    // What differs has another tag, and each its own 304.
    let (en, ar) = (app.get(path).await, app.get(&format!("{path}?lang=ar")).await);
    assert_ne!(en.header("etag"), ar.header("etag"));
    let known = ar.header("etag").unwrap();
    app.get(path).header("If-None-Match", known).await.expect(200);
    app.get(path)
        .header("Accept-Language", "ar")
        .header("If-None-Match", &format!("\"x\", W/{known}"))
        .await
        .expect(304);
    app.get(path).header("If-None-Match", "*").await.expect(304);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_on_exactly_one_page_while_others_write(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for number in 0..25 {
        // Many alike, and some without the value, so that ties and nulls are crossed by a page's end.
        let kind = ["news", "report"][number % 2];
        let date = [Some("2018"), Some("2018-02-13"), None][number % 3];
        app.article(json!({"title": format!("{number:02}"), "kind": kind, "published_on": date}))
            .await;
    }
    for sort in [
        "",
        "created_at",
        "-created_at",
        "title",
        "-title",
        "published_on",
        "-published_on",
        "updated_at",
        "-updated_at",
        "publisher",
    ] {
        let query = format!(
            "limit=4&count=true{}",
            if sort.is_empty() {
                String::new()
            } else {
                format!("&sort={sort}")
            }
        );
        let mut seen = Vec::new();
        let mut page = app.get(&format!("/v1/articles?{query}")).await.expect(200);
        loop {
            for title in page.each("title") {
                seen.push(title.as_str().unwrap().to_owned());
            }
            let Some(path) = page.next_page() else { break };
            let next = page["next"].as_str().unwrap();
            assert!(
                next.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            );
            assert_eq!(path, format!("/v1/articles?{query}&after={next}"));
            // Somebody else writes before and behind the place where the page ends.
            app.article(
                json!({"title": format!("00 new {}", seen.len()), "publisher": "A", "published_on": "1900"}),
            )
            .await;
            page = app.get(&path).await.expect(200);
        }
        let old: Vec<&String> = seen.iter().filter(|title| !title.contains("new")).collect();
        let once: HashSet<&String> = seen.iter().collect();
        assert_eq!(once.len(), seen.len(), "{sort}: a row was shown twice: {seen:?}");
        assert_eq!(old.len(), 25, "{sort}: a row was left out: {seen:?}");
        for article in app.get("/v1/articles?limit=200").await.items() {
            if article["title"].as_str().unwrap().contains("new") {
                app.delete(&format!("/v1/articles/{}", article["id"].as_str().unwrap()))
                    .await
                    .expect(204);
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_order_is_that_of_code_points_on_either_database(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let titles = [
        "Zebra", "apple", "Éclair", "أحمر", "zebra", "Apple", "ياء", "😀", "_", "~",
    ];
    for title in titles {
        app.article(json!({"title": title})).await;
    }
    let mut sorted = titles.to_vec();
    sorted.sort_unstable();
    let list = app.get("/v1/articles?sort=title").await;
    assert_eq!(json!(list.each("title")), json!(sorted));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_and_the_count_are_as_asked_for(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for number in 0..52 {
        app.participant(&format!("P{number:02}")).await;
    }
    let list = app.get("/v1/participants").await;
    assert_eq!(list.items().len(), 50);
    assert_eq!(list.items()[0]["code"], "P51");
    assert!(list.body.get("count").is_none());
    let counted = app
        .get("/v1/participants?limit=1&count=true&code=P01,P02,P03")
        .await;
    assert_eq!(counted["count"], 3);
    assert_eq!(
        app.get("/v1/participants?count=false").await.body.get("count"),
        None
    );
    // A cursor belongs to its query; language, limit and count are no part of it.
    let next = list["next"].as_str().unwrap();
    for query in ["lang=ar", "limit=1", "count=true"] {
        app.get(&format!("/v1/participants?{query}&after={next}"))
            .await
            .expect(200);
    }
    for path in [
        "/v1/participants?sort=code",
        "/v1/participants?kind=state",
        "/v1/articles?",
    ] {
        app.get(&format!("{path}&after={next}"))
            .await
            .problem(400, "malformed")
            .fault("?after");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn records_are_found_by_when_they_last_changed(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("AAA").await;
    app.participant("BBB").await;
    let between = app.get("/v1/participants/BBB").await["updated_at"]
        .as_str()
        .unwrap()
        .to_owned();
    app.patch("/v1/participants/AAA", json!({"aliases": ["A"]}))
        .await
        .expect(200);
    for (query, codes) in [
        (format!("updated_from={between}"), json!(["AAA", "BBB"])),
        (format!("updated_to={between}"), json!(["BBB"])),
        (
            format!("updated_from={between}&updated_to={between}"),
            json!(["BBB"]),
        ),
        ("updated_from=2018".into(), json!(["AAA", "BBB"])),
        ("updated_to=2018-02-13".into(), json!([])),
        ("updated_from=2018&updated_to=2999".into(), json!(["AAA", "BBB"])),
        ("updated_to=9999".into(), json!(["AAA", "BBB"])),
    ] {
        let list = app
            .get(&format!("/v1/participants?sort=code&{query}"))
            .await
            .expect(200);
        assert_eq!(json!(list.each("code")), codes, "{query}");
    }
    // One nanosecond later is later, on either database.
    let later = between.replace('Z', "001Z");
    let list = app
        .get(&format!("/v1/participants?updated_from={later}"))
        .await
        .expect(200);
    assert_eq!(json!(list.each("code")), json!(["AAA"]));
    let list = app
        .get(&format!("/v1/participants?updated_to={later}"))
        .await
        .expect(200);
    assert_eq!(json!(list.each("code")), json!(["BBB"]));
    for bad in ["now", "2018-02-30", "2018-02-13T25:00:00Z", "2018-02-13T09:30:00"] {
        app.get(&format!("/v1/participants?updated_from={bad}"))
            .await
            .problem(400, "malformed")
            .fault("?updated_from");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_names_nothing_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    for (path, name) in [
        ("/v1/participants", "coalition"),
        ("/v1/participants", "meeting"),
        ("/v1/coalitions", "member"),
        ("/v1/meetings", "coalition"),
        ("/v1/meetings", "country"),
        ("/v1/meetings", "participant"),
        ("/v1/pledges", "participant"),
        ("/v1/pledges", "meeting"),
        ("/v1/pledges", "coalition"),
        ("/v1/pledges", "beneficiary"),
    ] {
        for key in ["ZZZ", "usa,ZZZ", "", "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b"] {
            app.get(&format!("{path}?{name}={key}"))
                .await
                .problem(400, "malformed")
                .fault(&format!("?{name}"));
        }
    }
    for (path, name) in [
        ("/v1/participants", "kind"),
        ("/v1/meetings", "kind"),
        ("/v1/meetings", "starts_from"),
        ("/v1/articles", "kind"),
        ("/v1/articles", "published_to"),
        ("/v1/rates", "currency"),
        ("/v1/changes", "resource"),
        ("/v1/changes", "op"),
    ] {
        for value in ["x", "", "state,"] {
            app.get(&format!("{path}?{name}={value}"))
                .await
                .problem(400, "malformed")
                .fault(&format!("?{name}"));
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_any_characters_is_only_unknown(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for key in [
        "%00",
        "A%00",
        "%F0%9F%92%B0",
        "%D8%B3",
        "a%2Fb",
        "..%2f",
        "%27--",
        &"x".repeat(5000),
    ] {
        for resource in [
            "participants",
            "coalitions",
            "meetings",
            "articles",
            "pledges",
            "citations",
        ] {
            app.get(&format!("/v1/{resource}/{key}"))
                .await
                .problem(404, "not_found");
            app.get(&format!("/v1/{resource}/{key}/history"))
                .await
                .problem(404, "not_found");
        }
    }
    for path in [
        "/v1/participants/%FF",
        "/v1/participants?code=%FF",
        "/v1/participants?code=%00",
    ] {
        app.get(path).await.problem(400, "malformed");
    }
}

/// What is answered to a request whose line is these very bytes.
async fn answered(app: &App, line: &str) -> String {
    let mut stream = TcpStream::connect(app.base.strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let request = format!("{line} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn arabic_in_a_filter_may_be_encoded_or_not(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for title in ["1", "2"] {
        app.article(json!({"title": title, "publisher": "الناس"})).await;
    }
    // As curl sends it, not encoded.
    let answer = answered(&app, "GET /v1/articles?publisher=الناس&limit=1").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let link = answer
        .lines()
        .find_map(|line| line.strip_prefix("link: <"))
        .and_then(|link| link.split_once('>'))
        .unwrap()
        .0;
    assert!(link.is_ascii(), "{link}");
    assert!(
        link.contains("publisher=%D8%A7%D9%84%D9%86%D8%A7%D8%B3"),
        "{link}"
    );
    assert_eq!(app.get(link).await.expect(200).each("title"), ["1"]);
}

/// Sorts that compare amounts, which are of one currency then.
const MONEY: [&str; 6] = [
    "amount",
    "pledged",
    "committed",
    "paid",
    "withdrawn",
    "outstanding",
];

/// A value that a list is sorted by, as what is compared of it.
fn position(sort: &str, record: &Value) -> Option<String> {
    let member = match sort {
        // In order of creation.
        "created_at" => "id",
        // Of two decimals each, and none below zero.
        name if MONEY.contains(&name) => return record[name].as_str().map(|it| format!("{it:0>30}")),
        "seq" | "silent_days" => return Some(format!("{:0>20}", record[sort].as_i64()?)),
        name => name,
    };
    let text = record[member].as_str()?.to_owned();
    Some(match sort {
        "updated_at" => {
            let at = chrono::DateTime::parse_from_rfc3339(&text).unwrap();
            format!("{:0>20}", at.timestamp_micros())
        }
        // What is due is due by its last day.
        "due" => match text.len() {
            4 => format!("{text}-12-31"),
            7 => format!("{text}-31"),
            _ => text,
        },
        // A date that names no day counts as its first.
        _ if sort.ends_with("_on") => match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text,
        },
        _ => text,
    })
}

fn name_of(record: &Value) -> String {
    record["id"].as_str().map_or_else(
        || format!("{:0>20}", record["seq"].as_i64().unwrap()),
        str::to_owned,
    )
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_sort_of_every_list_is_the_same_by_pages_of_any_size(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    // One part of what changes, so that the small pages of a long log end.
    let newest = app.get("/v1/changes?limit=12").await;
    let from = newest.items().last().unwrap()["seq"].clone();
    for list in dossier.lists() {
        let sorts = dossier.words(&list, "sort");
        assert!(sorts.len() >= 2, "{}", list.path);
        for sort in sorts {
            let (name, descending) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
            let filter = match name {
                name if MONEY.contains(&name) => "&currency=USD".to_owned(),
                "seq" if list.path == "/v1/changes" => format!("&after_seq={from}"),
                _ => String::new(),
            };
            let query = format!("{}?sort={sort}{filter}", list.path);
            let whole = app
                .get(&format!("{query}&limit=200&count=true"))
                .await
                .expect(200);
            let mut names: Vec<String> = whole.items().iter().map(name_of).collect();
            assert_eq!(whole["count"], names.len(), "{query}");
            assert_eq!(whole["next"], Value::Null);
            // Nulls last in either direction, ids break ties.
            for pair in whole.items().windows(2) {
                let place = |record: &Value| (position(name, record), name_of(record));
                let ((one, one_id), (other, other_id)) = (place(&pair[0]), place(&pair[1]));
                let after =
                    |first: &String, then: &String| if descending { first > then } else { first < then };
                let in_order = match (&one, &other) {
                    (Some(one), Some(other)) if one != other => after(one, other),
                    (None, Some(_)) => false,
                    (Some(_), None) => true,
                    _ => after(&one_id, &other_id),
                };
                assert!(in_order, "{query}: {one:?} {one_id} before {other:?} {other_id}");
            }
            for limit in 1..=3 {
                let pages = app.pages(&format!("{query}&limit={limit}&count=true")).await;
                for (page, shown) in pages.iter().zip(names.chunks(limit)) {
                    // How many there are does not depend on the page; only the last one is short.
                    assert_eq!(page["count"], names.len());
                    assert_eq!(page.items().len(), shown.len(), "{query} by {limit}");
                }
                let mut paged: Vec<String> = pages.iter().flat_map(Answer::items).map(name_of).collect();
                if paged != names && name == "last_used_at" {
                    // That was written down while one asked, as it is every few seconds: once more, as it stands now.
                    names = app
                        .rows(&format!("{query}&limit=200"))
                        .await
                        .iter()
                        .map(name_of)
                        .collect();
                    paged = app
                        .rows(&format!("{query}&limit={limit}"))
                        .await
                        .iter()
                        .map(name_of)
                        .collect();
                }
                assert_eq!(paged, names, "{query} by {limit}");
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_serves_its_own_question_in_whatever_form(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let mut cursors: Vec<(String, String)> = Vec::new();
    for list in dossier.lists() {
        let page = app.get(&format!("{}?limit=1", list.path)).await.expect(200);
        let Some(next) = page["next"].as_str().map(str::to_owned) else {
            continue;
        };
        let second = app
            .get(&format!("{}?limit=1&after={next}", list.path))
            .await
            .expect(200);
        let second = name_of(&second.items()[0]);
        let fields = dossier.words(&list, "fields").join(",");
        let mut forms = vec![
            "lang=fr".to_owned(),
            "limit=3".into(),
            "count=true".into(),
            "format=ndjson&limit=1".into(),
            "format=csv&bom=true".into(),
            format!("fields={fields}"),
        ];
        forms.extend(
            dossier
                .words(&list, "expand")
                .iter()
                .map(|it| format!("expand={it}")),
        );
        for form in forms {
            let page = app
                .get(&format!("{}?{form}&after={next}", list.path))
                .await
                .expect(200);
            if form.contains("csv") {
                assert!(page.text.lines().count() > 1, "{form}: {page}");
                continue;
            }
            // One line is JSON as well.
            let first = page.body.get("items").map_or(&page.body, |items| &items[0]);
            assert_eq!(name_of(first), second, "{form}: {page}");
        }
        // Cut, lengthened, or changed on the way.
        let middle = next.len() / 2;
        for broken in [
            &next[1..],
            &next[..next.len() - 1],
            &next[..middle],
            &format!("{next}A"),
            &format!("{next}="),
            &format!("{next}%0AA"),
            &format!("{next},{next}"),
            &next.to_uppercase(),
            "null",
            "W10",
        ] {
            let refused = app.get(&format!("{}?after={broken}", list.path)).await;
            refused.problem(400, "malformed").fault("?after");
        }
        app.get(&format!("{}?after={next}&after={next}", list.path))
            .await
            .problem(400, "malformed")
            .fault("?after");
        // Of another question: a filter more, another order.
        let sort = dossier.words(&list, "sort")[0];
        for other in ["updated_from=2018", &format!("sort={sort}")] {
            let refused = app.get(&format!("{}?{other}&after={next}", list.path)).await;
            refused.problem(400, "malformed").fault("?after");
        }
        cursors.push((list.path, next));
    }
    assert!(cursors.len() > 15, "{cursors:?}");
    for (path, _) in &cursors {
        for (_, other) in cursors.iter().filter(|(of, _)| of != path) {
            app.get(&format!("{path}?after={other}"))
                .await
                .problem(400, "malformed")
                .fault("?after");
        }
    }
}

/// A cursor that says what another says, but for its value.
fn forged(cursor: &str, value: &Value) -> String {
    let mut parts: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cursor).unwrap()).unwrap();
    parts[1] = value.clone();
    URL_SAFE_NO_PAD.encode(parts.to_string())
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_somebody_made_up_is_refused_or_serves(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let long = "x".repeat(3000);
    let mut forgeries = 0;
    for list in dossier.lists() {
        for sort in dossier.words(&list, "sort") {
            let mut path = format!("{}?limit=1&sort={sort}", list.path);
            if MONEY.contains(&sort.trim_start_matches('-')) {
                path.push_str("&currency=USD");
            }
            let page = app.get(&path).await.expect(200);
            let Some(next) = page["next"].as_str() else {
                continue;
            };
            for value in [
                Value::Null,
                json!(""),
                json!("0"),
                json!("-9223372036854775808"),
                json!("9223372036854775807"),
                json!("9223372036854775808"),
                json!("-262143-01-01"),
                json!("+262142-12-31"),
                json!("0000-01-01"),
                json!("9999-12-31"),
                json!("2018-02-30"),
                json!("-262143-01-01T00:00:00Z"),
                json!("+262142-12-31T23:59:59.999999999Z"),
                json!("9999-12-31T23:59:60Z"),
                json!("x' or '1'='1"),
                json!("a\u{0}b"),
                json!(long),
                json!(7),
                json!({}),
                json!(["2018"]),
            ] {
                forgeries += 1;
                let answer = app.get(&format!("{path}&after={}", forged(next, &value))).await;
                if answer.status != 200 {
                    answer.problem(400, "malformed").fault("?after");
                }
            }
        }
    }
    assert!(forgeries > 500, "only {forgeries} cursors were made up");
    for value in [
        json!("x"),
        json!(""),
        json!("1e5"),
        json!("9".repeat(60)),
        json!(7),
    ] {
        let path = "/v1/totals?group_by=participant&sort=-pledges&limit=1";
        let next = app.get(path).await.expect(200)["next"]
            .as_str()
            .unwrap()
            .to_owned();
        app.get(&format!("{path}&after={}", forged(&next, &value)))
            .await
            .problem(400, "malformed")
            .fault("?after");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_go_or_come_do_not_move_the_others(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let mut ids = Vec::new();
    for number in 0..9 {
        let published_on = [None, Some("2018")][number % 2];
        ids.push(
            app.article(json!({"title": format!("{number}"), "published_on": published_on}))
                .await,
        );
    }
    for sort in ["created_at", "-published_on", "title"] {
        let query = format!("/v1/articles?limit=3&sort={sort}");
        let first = app.get(&query).await.expect(200);
        let seen: Vec<String> = first
            .each("id")
            .iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect();
        // The very row that the cursor names goes, and so does the next one.
        let all = app.get(&format!("/v1/articles?sort={sort}")).await;
        let all: Vec<String> = all
            .each("id")
            .iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect();
        for id in &all[2..4] {
            app.delete(&format!("/v1/articles/{id}")).await.expect(204);
        }
        let new = app
            .article(json!({"title": "0 new", "published_on": "2018"}))
            .await;
        let rest = app.rows(&first.next_page().unwrap()).await;
        let rest: Vec<&str> = rest
            .iter()
            .map(|row| row["id"].as_str().unwrap())
            .filter(|id| *id != new)
            .collect();
        assert_eq!(rest, all[4..], "{sort}");
        assert_eq!(seen, all[..3]);
        for id in &all[2..4] {
            app.restore(&format!("/v1/articles/{id}")).await.expect(200);
        }
        app.delete(&format!("/v1/articles/{new}")).await.expect(204);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_the_same_however_it_is_encoded(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for publisher in [
        "الأهرام",
        "Café Débats",
        "A+B & C=D; 100%",
        "a,b",
        "a",
        "x&sort=title",
    ] {
        app.article(json!({"title": "t", "publisher": publisher})).await;
    }
    for (query, publishers) in [
        (
            "publisher=%D8%A7%D9%84%D8%A3%D9%87%D8%B1%D8%A7%D9%85",
            json!(["الأهرام"]),
        ),
        (
            "publisher=%d8%a7%d9%84%d8%a3%d9%87%d8%b1%d8%a7%d9%85",
            json!(["الأهرام"]),
        ),
        // Alef and a hamza apart, as some keyboards write it.
        (
            "publisher=%D8%A7%D9%84%D8%A7%D9%94%D9%87%D8%B1%D8%A7%D9%85",
            json!(["الأهرام"]),
        ),
        ("publisher=Caf%C3%A9+D%C3%A9bats", json!(["Café Débats"])),
        ("publisher=Cafe%CC%81%20De%CC%81bats", json!(["Café Débats"])),
        (
            "publisher=A%2BB%20%26%20C%3DD%3B%20100%25",
            json!(["A+B & C=D; 100%"]),
        ),
        ("publisher=A%2BB+%26+C=D;+100%25", json!(["A+B & C=D; 100%"])),
        ("publisher=a%2Cb", json!(["a", "a,b"])),
        ("publisher=a,b", json!(["a", "a,b"])),
        ("%70ublisher=a", json!(["a"])),
        (
            "publisher=a&publisher=Caf%C3%A9%20D%C3%A9bats",
            json!(["a", "Café Débats"]),
        ),
        ("publisher=x%26sort%3Dtitle", json!(["x&sort=title"])),
        ("publisher=nobody", json!([])),
    ] {
        let list = app
            .get(&format!("/v1/articles?{query}&limit=200"))
            .await
            .expect(200);
        let mut found: Vec<_> = list
            .each("publisher")
            .iter()
            .map(|it| it.as_str().unwrap())
            .collect();
        found.sort_unstable();
        let mut wanted: Vec<_> = publishers
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it.as_str().unwrap())
            .collect();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{query}");
        // Whatever the form, and by the link to the next page too.
        let table = app
            .get(&format!("/v1/articles?{query}&format=csv&fields=id"))
            .await
            .expect(200);
        assert_eq!(table.text.lines().count(), wanted.len() + 1);
    }
    // A question that only looks like another is another.
    let next = app.get("/v1/articles?publisher=x%26sort%3Dtitle,a&limit=1").await["next"]
        .as_str()
        .unwrap()
        .to_owned();
    app.get(&format!("/v1/articles?publisher=x&sort=title,a&after={next}"))
        .await
        .problem(400, "malformed");
    let page = app
        .get("/v1/articles?publisher=Caf%C3%A9+D%C3%A9bats,a&limit=1")
        .await;
    let next = page["next"].as_str().unwrap();
    app.get(&format!(
        "/v1/articles?publisher=Cafe%CC%81%20De%CC%81bats%2Ca&after={next}"
    ))
    .await
    .expect(200);
    for broken in ["publisher=%", "publisher=%D8", "publisher=%zz%FF", "%FF=a"] {
        let answer = app.get(&format!("/v1/articles?{broken}")).await;
        assert!([200, 400].contains(&answer.status), "{answer}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_count_is_of_what_matches(#[case] engine: Engine) {
    let app = App::start(engine).await;
    Dossier::of(&app).await;
    let mut paged = 0;
    for path in [
        "/v1/participants?kind=fund",
        "/v1/participants?coalition=c-one",
        "/v1/meetings?participant=USA",
        "/v1/articles?publisher=%D8%A7%D9%84%D9%82%D8%A8%D8%B3",
        "/v1/pledges?participant=USA,KWT&instrument=grant",
        "/v1/pledges?collective=true",
        "/v1/pledges?cited=true",
        "/v1/citations?subject=participants/USA,meetings/m-one",
        "/v1/rates?currency=EUR",
        "/v1/changes?resource=pledges&op=update",
        "/v1/coalitions/c-one/members?on=2014-09-10",
        "/v1/coalitions/c-one/members?on=2013",
        "/v1/meetings/m-one/attendance?role=member",
    ] {
        let all = app.get(&format!("{path}&limit=200")).await.expect(200);
        let page = app.get(&format!("{path}&limit=1&count=true")).await.expect(200);
        assert_eq!(page["count"], all.items().len(), "{path}");
        let rows = app.get(&format!("{path}&format=ndjson")).await.expect(200);
        assert_eq!(rows.text.lines().count(), all.items().len(), "{path}");
        let Some(next) = page.next_page() else {
            assert!(all.items().len() < 2, "{path} has no second page");
            continue;
        };
        let last = app.get(&next).await.expect(200);
        paged += 1;
        assert_eq!(last["count"], page["count"]);
    }
    assert!(paged > 5, "only {paged} lists have more than one row");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn two_ends_that_are_exchanged_are_a_fault(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let mut pairs = 0;
    for list in dossier.gets() {
        for parameter in dossier.parameters(&list) {
            let from = parameter["name"].as_str().unwrap();
            let (to, [less, more]) = match from.strip_suffix("_from") {
                Some(of) => (format!("{of}_to"), ["2018", "2019-02"]),
                None if from == "amount_min" => ("amount_max".to_owned(), ["5", "5.01"]),
                None => continue,
            };
            assert!(dossier.parameter(&list, &to).is_some(), "{from} of {}", list.path);
            let beside = match from {
                "amount_min" => "&currency=USD",
                "occurred_from" if dossier.parameter(&list, "by").is_some() => "&by=events",
                _ => "",
            };
            let path = &list.path;
            let asked = |first, last| app.get(&format!("{path}?{from}={first}&{to}={last}{beside}"));
            asked(less, more).await.expect(200);
            asked(less, less).await.expect(200);
            let refused = asked(more, less).await.problem(400, "malformed");
            assert_eq!(refused["errors"][0]["pointer"], format!("?{to}"), "{refused}");
            let detail = refused["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains(from) && detail.contains(&to), "{refused}");
            pairs += 1;
        }
    }
    assert!(pairs > 30, "the contract has lost its ranges: {pairs}");
    // A month begins within its year, and a moment within its day.
    for within in [
        "/v1/pledges?announced_from=2018-06&announced_to=2018",
        "/v1/pledges?updated_from=2018-02-13T09:30:00Z&updated_to=2018-02-13",
        "/v1/pledges?updated_from=2018-02-13T09:30:00.0000001Z&updated_to=2018-02-13T09:30:00.0000001Z",
    ] {
        app.get(within).await.expect(200);
    }
}
