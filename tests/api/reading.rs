//! Reading: languages, pages, and filters that mean what they say.

use std::collections::HashSet;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::prelude::*;

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
    for lang in ["de", "", "AR"] {
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
            let Some(next) = page["next"].as_str() else {
                assert_eq!(page.header("link"), None);
                break;
            };
            assert!(
                next.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
            );
            let link = page.header("link").unwrap().to_owned();
            let path = link
                .strip_prefix('<')
                .and_then(|link| link.strip_suffix(">; rel=\"next\""))
                .unwrap();
            assert_eq!(path, format!("/v1/articles?{query}&after={next}"));
            // Somebody else writes before and behind the place where the page ends.
            app.article(
                json!({"title": format!("00 new {}", seen.len()), "publisher": "A", "published_on": "1900"}),
            )
            .await;
            page = app.get(path).await.expect(200);
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
