//! Articles: the sources, and what their bodies say.

use serde_json::Value;

use crate::{prelude::*, support::shared_data};

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_how_an_article_begins_and_the_article_its_body(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let body = format!("  First\n\tline.  {}", "كلمة ".repeat(100));
    let id = app
        .article(json!({"body": body, "url": "https://example.org/1"}))
        .await;
    let read = app.get(&format!("/v1/articles/{id}")).await.expect(200);
    assert_eq!(read["body"], body);
    assert_eq!(read.body.get("excerpt"), None::<&Value>);
    let list = app.get("/v1/articles").await;
    let entry = &list.items()[0];
    assert_eq!(entry.get("body"), None::<&Value>);
    let excerpt = entry["excerpt"].as_str().unwrap();
    assert!(
        excerpt.starts_with("First line. كلمة") && excerpt.ends_with('…'),
        "{excerpt}"
    );
    assert!(excerpt.chars().count() <= 241, "{excerpt}");
    assert_eq!(entry["body_sha256"], read["body_sha256"]);
    // Sent back, also without its body, it stays as it is.
    assert_eq!(
        app.patch(&format!("/v1/articles/{id}"), read.body)
            .await
            .expect(200)["version"],
        1
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_text_without_spaces_has_a_beginning_too(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.article(json!({"body": "字".repeat(1000), "language": "zh-Hans"}))
        .await;
    let list = app.get("/v1/articles").await;
    let excerpt = list.items()[0]["excerpt"].as_str().unwrap();
    assert_eq!(excerpt, format!("{}…", "字".repeat(240)));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_digest_is_that_of_the_composed_body(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = app.article(json!({"body": "cafe\u{301}\r\n"})).await;
    let read = app.get(&format!("/v1/articles/{id}")).await;
    assert_eq!(read["body"], "café\r\n");
    // printf 'café\r\n' | sha256sum
    assert_eq!(
        read["body_sha256"],
        "7f2adbdb77890209f13a322e75d8aa13b9169722e702a2e367250125d33e8832"
    );
    let without = app.article(json!({"title": "No body"})).await;
    let read = app.get(&format!("/v1/articles/{without}")).await;
    assert_eq!(read["body"], json!(null));
    assert_eq!(read["body_sha256"], json!(null));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_body_twice_is_refused_with_the_id_of_the_first(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let first = app.article(json!({"body": "Une cafe\u{301} à  Koweït."})).await;
    for copy in [
        "Une café à Koweït.",
        " Une\ncafé\tà Koweït.\r\n",
        "Une\u{a0}cafe\u{301} à Koweït.",
    ] {
        let refused = app
            .post(
                "/v1/articles",
                json!({"publisher": "Copy", "language": "fr", "title": "Copy", "kind": "news", "body": copy}),
            )
            .await
            .problem(409, "duplicate")
            .fault("/body");
        assert!(refused["detail"].as_str().unwrap().contains(&first), "{refused}");
    }
    let other = app.article(json!({"body": "Une cafe à Koweït."})).await;
    app.patch(
        &format!("/v1/articles/{other}"),
        json!({"body": "Une café à Koweït."}),
    )
    .await
    .problem(409, "duplicate")
    .fault("/body");
    // Its own white space may change.
    app.patch(
        &format!("/v1/articles/{first}"),
        json!({"body": "Une café à Koweït."}),
    )
    .await
    .expect(200);
    // Articles without a body are no copies of each other.
    app.article(json!({})).await;
    app.article(json!({})).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_copy_does_not_come_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let first = app.article(json!({"body": "One text."})).await;
    app.delete(&format!("/v1/articles/{first}")).await.expect(204);
    let second = app.article(json!({"body": "One  text."})).await;
    let refused = app
        .restore(&format!("/v1/articles/{first}"))
        .await
        .problem(409, "duplicate");
    assert!(refused["detail"].as_str().unwrap().contains(&second), "{refused}");
    app.get(&format!("/v1/articles/{first}"))
        .await
        .problem(410, "retracted");
    app.delete(&format!("/v1/articles/{second}")).await.expect(204);
    app.restore(&format!("/v1/articles/{first}")).await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_quoted_stays_as_it_is_quoted(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({"body": "They pledged 200 million."})).await;
    let path = format!("/v1/articles/{article}");
    app.meeting("kuwait-2018").await;
    let citation = app
        .citation(
            "meetings/kuwait-2018",
            &article,
            json!({"quote": "200 million", "start": 13, "end": 24}),
        )
        .await;
    for body in [
        json!("They pledged 230 million."),
        json!("Yesterday they pledged 200 million."),
        json!(null),
    ] {
        app.patch(&path, json!({"body": body}))
            .await
            .still_referenced_by(&citation);
    }
    app.delete(&path).await.still_referenced_by(&citation);
    app.patch(&path, json!({"body": "They pledged 200 million. So they said."}))
        .await
        .expect(200);
    app.delete(&format!("/v1/citations/{citation}")).await.expect(204);
    app.patch(&path, json!({"body": "They pledged 230 million."}))
        .await
        .expect(200);
    // The citation cannot come back: what it quotes stands there no more.
    app.restore(&format!("/v1/citations/{citation}"))
        .await
        .problem(422, "invalid")
        .fault("/quote");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn articles_are_found_by_publisher_language_kind_and_date(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.article(json!({"title": "1", "publisher": "الناس", "language": "ar", "published_on": "2018-02-14"}))
        .await;
    app.article(json!({"title": "2", "publisher": "Department of State, Office of the Spokesperson", "kind": "press_release", "published_on": "2018-02"}))
        .await;
    app.article(json!({"title": "3", "publisher": "Office", "language": "fr", "published_on": null}))
        .await;
    for (query, titles) in [
        ("publisher=الناس", json!(["1"])),
        ("publisher=%D8%A7%D9%84%D9%86%D8%A7%D8%B3", json!(["1"])),
        (
            "publisher=%D8%A7%D9%84%D9%86%D8%A7%D8%B3,Office",
            json!(["1", "3"]),
        ),
        (
            "publisher=Department+of+State%2C+Office+of+the+Spokesperson",
            json!(["2"]),
        ),
        ("publisher=Nobody", json!([])),
        ("language=ar,fr", json!(["1", "3"])),
        ("kind=press_release", json!(["2"])),
        ("published_from=2018-02-15", json!(["2"])),
        ("published_to=2018-02-14", json!(["1", "2"])),
        ("published_from=2018-03", json!([])),
    ] {
        let list = app
            .get(&format!("/v1/articles?sort=title&{query}"))
            .await
            .expect(200);
        assert_eq!(json!(list.each("title")), titles, "{query}");
    }
    for sort in ["published_on", "-published_on"] {
        let list = app.get(&format!("/v1/articles?sort={sort}")).await;
        assert_eq!(list.each("title")[2], "3", "what has no date comes last");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_article_that_makes_no_sense_is_refused_with_all_its_faults(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.post(
        "/v1/articles",
        json!({"publisher": " ", "language": "Arabic", "kind": "rumour", "url": "javascript:alert(1)",
               "published_on": "2018-02-31", "body": "", "excerpt": "x"}),
    )
    .await
    .problem(422, "invalid")
    .fault("/publisher")
    .fault("/language")
    .fault("/title")
    .fault("/kind")
    .fault("/url")
    .fault("/published_on")
    .fault("/body")
    .fault("/excerpt");
    for url in [
        "http://",
        "https:///x",
        "https://a b",
        "ftp://a",
        "//a",
        "https://a\nb",
    ] {
        app.post(
            "/v1/articles",
            json!({"publisher": "P", "language": "en", "title": "T", "kind": "news", "url": url}),
        )
        .await
        .problem(422, "invalid")
        .fault("/url");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_founding_article_says_two_hundred_million(#[case] engine: Engine) {
    // The article that the register began with is others' text, and no part of the project.
    let Some(file) = shared_data("founding-article.txt") else {
        return;
    };
    let body = std::fs::read_to_string(file).unwrap();
    let app = App::start(engine).await;
    let article = app
        .article(json!({
            "publisher": "الناس", "language": "ar", "published_on": "2018-02-14", "body": body,
            "title": "التحالف الدولي لهزيمة داعش يدعو إلى محاربة أيديولوجية داعش",
        }))
        .await;
    let meeting = app.meeting("global-coalition-kuwait-2018").await;
    let pledge = app.pledge(&meeting, "200000000.00", "USD").await;
    let stored = app.get(&format!("/v1/articles/{article}")).await["body"]
        .as_str()
        .unwrap()
        .to_owned();
    let quote = "بتقديم 200 مليون دولار أمريكي";
    let start = stored[..stored.find(quote).unwrap()].chars().count();
    let end = start + quote.chars().count();
    let cite = |start: usize, end: usize| {
        app.post(
            &format!("/v1/pledges/{pledge}/citations"),
            json!({"article": article, "quote": quote, "start": start, "end": end,
                   "states": {"amount": "200000000.00"}, "preferred": true}),
        )
    };
    for (start, end) in [(start - 1, end - 1), (start, end + 1), (start + 1, end), (0, 1)] {
        let refused = cite(start, end).await.problem(422, "invalid").fault("/quote");
        let detail = refused["errors"][0]["detail"].as_str().unwrap();
        assert!(
            detail.contains(&format!(
                "[{}, {})",
                stored[..stored.find(quote).unwrap()].chars().count(),
                stored[..stored.find(quote).unwrap()].chars().count() + quote.chars().count()
            )),
            "{detail}"
        );
    }
    let cited = cite(start, end).await.created();
    assert_eq!(cited["quote"], quote);
    assert_eq!(cited["subject"], format!("pledges/{pledge}"));
    // The same article, whatever its lines look like, is not taken twice.
    let again = body.lines().collect::<Vec<_>>().join(" ");
    let refused = app
        .post(
            "/v1/articles",
            json!({"publisher": "Another", "language": "ar", "title": "x", "kind": "news", "body": again}),
        )
        .await
        .problem(409, "duplicate");
    assert!(refused["detail"].as_str().unwrap().contains(&article));
}
