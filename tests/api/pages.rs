//! What the register says of itself: its first page, the pages of its errors, and the explorer.

use crate::{answer::Answer, prelude::*};

/// What a browser sends.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// What a page promises, whichever it is.
const LANGUAGES: [(&str, &str); 3] = [("en", "ltr"), ("ar", "rtl"), ("fr", "ltr")];

impl App {
    /// A page as a browser gets it.
    async fn page(&self, path: &str) -> Answer {
        let page = self.get(path).header("Accept", BROWSER).await.expect(200);
        well_formed(&page);
        page
    }
}

/// A page of ours: its type, its policy, and tags that close in the order in which they open.
#[track_caller]
fn well_formed(page: &Answer) {
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8"),
        "{page}"
    );
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let vary = page.header("vary").unwrap();
    for name in ["Accept", "Accept-Language"] {
        assert!(vary.split(", ").any(|it| it == name), "{vary}");
    }
    assert!(page.text.starts_with("<!DOCTYPE html>\n<html "), "{page}");
    // No style and no script but from files of their own.
    for inline in ["<style", " style=\"", "<script>", " onload=", " onclick="] {
        assert!(!page.text.contains(inline), "{page}");
    }
    let mut open: Vec<&str> = Vec::new();
    for tag in page.text.split('<').skip(2) {
        let (tag, text) = tag
            .split_once('>')
            .unwrap_or_else(|| panic!("<{tag} is not closed in {page}"));
        assert!(!text.contains('>'), "{text:?} is not escaped in {page}");
        let name = tag.split_whitespace().next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "in {page}"),
            None if ["meta", "link"].contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?} stay open in {page}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_error_has_a_page_in_three_languages(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let index = app.get("/problems").await.expect(200);
    assert!(index.items().len() > 60);
    for item in index.items() {
        let path = item["page"].as_str().unwrap();
        for (language, direction) in LANGUAGES {
            let address = format!("{path}?lang={language}");
            let told = app.get(&address).await.expect(200);
            assert_eq!(told.header("content-type"), Some("application/json"));
            assert_eq!(told.header("content-language"), Some(language));
            assert_eq!(told["language"], language);
            assert_eq!(told["code"], item["code"]);
            assert_eq!(told["statuses"], item["statuses"]);
            assert!(told["example"]["type"].is_string(), "{told}");
            let page = app.page(&address).await;
            assert!(
                page.text
                    .contains(&format!("<html lang=\"{language}\" dir=\"{direction}\">")),
                "{page}"
            );
            for text in ["title", "meaning", "mend"] {
                let first = told[text]
                    .as_str()
                    .unwrap()
                    .split(['`', '\'', '"', '<', '&'])
                    .next()
                    .unwrap();
                assert!(page.text.contains(first), "{first} is not in {page}");
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_index_of_errors_leads_to_each(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let index = app.get("/problems?lang=fr").await.expect(200);
    for (language, direction) in LANGUAGES {
        let page = app.page(&format!("/problems?lang={language}")).await;
        assert!(page.text.contains(&format!("dir=\"{direction}\"")), "{page}");
        for item in index.items() {
            let link = format!("href=\"{}?lang={language}\"", item["page"].as_str().unwrap());
            assert!(page.text.contains(&link), "{link} is not in {page}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_code_is_answered_with_the_known_ones(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for accept in ["*/*", BROWSER] {
        let refused = app
            .get("/problems/colour")
            .header("Accept", accept)
            .await
            .problem(404, "no_such_problem");
        let detail = refused["detail"].as_str().unwrap();
        for known in ["malformed", "exceeds_pledge", "no_such_problem"] {
            assert!(detail.contains(known), "{detail}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_type_of_a_problem_is_a_page_that_is_there(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let refused = app.get("/v1/changes?limit=0").await.problem(400, "malformed");
    app.page(refused["type"].as_str().unwrap()).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_language_is_negotiated_and_a_parameter_wins(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for path in ["/", "/problems", "/problems/busy", "/docs"] {
        let german = app.get(path).header("Accept-Language", "de").await.expect(200);
        assert_eq!(german.header("content-language"), Some("en"));
        let arabic = app
            .get(path)
            .header("Accept-Language", "de, ar-KW;q=0.8")
            .await
            .expect(200);
        assert_eq!(arabic.header("content-language"), Some("ar"));
        let french = app
            .get(&format!("{path}?lang=fr"))
            .header("Accept-Language", "ar")
            .await
            .expect(200);
        assert_eq!(french.header("content-language"), Some("fr"));
        app.get(&format!("{path}?lang=de"))
            .await
            .problem(400, "malformed")
            .fault("?lang");
        app.get(&format!("{path}?colour=red"))
            .await
            .problem(400, "malformed")
            .fault("?colour");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_a_browser_has_is_not_sent_again(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for path in ["/", "/problems", "/problems/busy", "/docs"] {
        let page = app.page(path).await;
        let etag = page.header("etag").unwrap().to_owned();
        let again = app
            .get(path)
            .header("Accept", BROWSER)
            .header("If-None-Match", &etag)
            .await
            .expect(304);
        assert_eq!(again.text, "");
        assert!(again.header("content-security-policy").is_some());
        // In another language or form it is another page.
        app.get(path)
            .header("Accept", BROWSER)
            .header("Accept-Language", "ar")
            .header("If-None-Match", &etag)
            .await
            .expect(200);
        let head = app
            .ask(reqwest::Method::HEAD, path)
            .header("Accept", BROWSER)
            .await
            .expect(200);
        assert_eq!(head.header("etag"), Some(&*etag));
        assert_eq!(head.text, "");
    }
}

/// What is announced and not there yet.
const COMING: [&str; 1] = ["/openapi.json"];

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn programs_find_every_path_from_the_first(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for accept in ["*/*", "application/json"] {
        let index = app.get("/").header("Accept", accept).await.expect(200);
        assert_eq!(index.header("content-type"), Some("application/json"));
        assert_eq!(index["name"], "pledgebook");
        assert!(index["documentation"].as_str().unwrap().contains("/v1"));
        for (name, path) in index["links"].as_object().unwrap() {
            let path = path.as_str().unwrap();
            if !COMING.contains(&path) {
                let answer = app.get(path).await;
                assert_eq!(answer.status, 200, "{name}: {answer}");
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn people_see_what_the_register_holds_in_their_language(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("KWT").await;
    let meeting = app
        .meeting_with(json!({"slug": "kuwait-2018", "ends_on": "2018-02-14", "country": "KWT"}))
        .await;
    let paid = app.pledge(&meeting, "200000000.00", "USD").await;
    app.event(&paid, "paid", "6600000.50", "2018-06").await;
    app.pledge_with(json!({
        "participant": "SAU", "meeting": meeting, "qualifier": "between",
        "amount_min": "1000000", "amount": "1000000", "amount_max": "1500000", "currency": "EUR",
    }))
    .await;
    app.pledge_with(json!({"participant": "TUR", "meeting": meeting}))
        .await;
    app.article(json!({})).await;

    let figure = |text: &str| format!("<bdi class=\"figure\">{}</bdi>", text.replace(' ', "\u{202f}"));
    let english = app.page("/").await;
    for text in [
        "Ministerial in Kuwait City".to_owned(),
        "13–14 February 2018".to_owned(),
        "<bdi>Kuwait City</bdi>, <bdi>Kuwait</bdi>".to_owned(),
        format!(
            "<td>{}</td><td>{}</td>",
            figure("200 000 000"),
            figure("6 600 000.50")
        ),
        format!(
            "{}<span class=\"bound\">up to {}</span>",
            figure("1 000 000"),
            figure("1 500 000")
        ),
        format!("Pledges without an amount: {}", figure("1")),
        format!("<b>{}</b> Pledges", figure("3")),
        format!("<b>{}</b> Articles", figure("1")),
        "href=\"/v1/meetings/kuwait-2018/totals?lang=en\"".to_owned(),
    ] {
        assert!(english.text.contains(&text), "{text} is not in {english}");
    }
    let arabic = app.page("/?lang=ar").await;
    for text in [
        "<html lang=\"ar\" dir=\"rtl\">",
        "اجتماع وزاري في مدينة الكويت",
        "13–14 فبراير 2018",
        "<bdi>الكويت</bdi>",
        &figure("200 000 000"),
    ] {
        assert!(arabic.text.contains(text), "{text} is not in {arabic}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_latest_meetings_come_first_and_no_more_than_eight(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.page("/").await;
    for year in 2001..=2009 {
        app.meeting_with(json!({"slug": format!("summit-{year}"), "starts_on": year.to_string()}))
            .await;
    }
    app.delete("/v1/meetings/summit-2005").await.expect(204);
    let page = app.page("/").await;
    let shown: Vec<_> = page
        .text
        .split("/v1/meetings/summit-")
        .skip(1)
        .map(|text| text[..4].parse::<i32>().unwrap())
        .collect();
    assert_eq!(shown, [2009, 2008, 2007, 2006, 2004, 2003, 2002, 2001]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_people_wrote_is_text_and_never_a_tag(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let evil = "<script>alert(1)</script> \"quoted\" & 'so'";
    app.meeting_with(json!({"slug": "evil", "titles": {"en": evil}, "city": evil}))
        .await;
    let page = app.page("/").await;
    assert!(!page.text.contains("<script"), "{page}");
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp; &#39;so&#39;";
    assert_eq!(page.text.matches(escaped).count(), 2, "{page}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_private_register_shows_nothing_without_a_key(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    app.meeting("secret-meeting").await;
    for (language, _) in LANGUAGES {
        let page = app.page(&format!("/?lang={language}")).await;
        for shown in ["secret-meeting", "Ministerial", "وزاري", "figure"] {
            assert!(!page.text.contains(shown), "{page}");
        }
        assert!(page.text.contains("Authorization: Bearer"), "{page}");
    }
    let known = app
        .get("/")
        .header("Accept", BROWSER)
        .key(&app.keys.reader)
        .await
        .expect(200);
    assert!(known.text.contains("secret-meeting"), "{known}");
    assert!(known.header("vary").unwrap().contains("Authorization"));
    // What the register is, and how to go about it, is no secret.
    for path in ["/problems", "/docs"] {
        app.page(path).await;
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_explorer_comes_with_the_program(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let page = app.page("/docs").await;
    let mut files: Vec<&str> = page
        .text
        .split(['"'])
        .filter(|text| text.starts_with("/docs/") || text.starts_with("/assets/"))
        .collect();
    assert_eq!(files.len(), 4, "{page}");
    files.extend([
        "/docs/LICENSE",
        "/docs/NOTICE",
        "/docs/swagger-ui-bundle.js.LICENSE.txt",
    ]);
    for path in files {
        let file = app.get(path).await.expect(200);
        let expected = match path.split('?').next().unwrap().rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        };
        assert_eq!(file.header("content-type"), Some(expected), "{path}");
        assert_eq!(file.header("cache-control"), Some("public, max-age=86400"));
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        let etag = file.header("etag").unwrap();
        app.get_with(path, &[("If-None-Match", etag)]).await.expect(304);
    }
    app.get("/docs/other.js").await.problem(404, "no_such_path");
    app.get("/docs/LICENSE?colour=red")
        .await
        .problem(400, "malformed");
}
