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

/// What a page says, without its tags, as a line of words: `200'000'000` is one of them.
fn said(html: &str) -> String {
    let mut text = String::new();
    for part in html.replace("\u{202f}<wbr>", "'").split('<') {
        let (tag, words) = part.split_once('>').unwrap_or(("", part));
        let inline = ["bdi", "/bdi", "b", "/b"].iter().any(|it| {
            tag.strip_prefix(it)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        });
        if !inline {
            text.push(' ');
        }
        text.push_str(words);
    }
    let words: Vec<&str> = text.split([' ', '\n']).filter(|it| !it.is_empty()).collect();
    words.join(" ").replace("&#39;", "'")
}

/// What the card of a meeting says.
#[track_caller]
fn card(page: &Answer, slug: &str) -> String {
    let link = format!("/v1/meetings/{slug}/totals");
    let mut cards = page.text.split("<article ").skip(1);
    let card = cards
        .find(|card| card.contains(&link))
        .unwrap_or_else(|| panic!("no card of {slug} in {page}"));
    said(&format!("<{}", card.split("</article>").next().unwrap()))
}

#[track_caller]
fn says(card: &str, texts: &[&str]) {
    for text in texts {
        assert!(card.contains(text), "{text:?} is not in {card:?}");
    }
}

#[track_caller]
fn says_nothing_of(card: &str, texts: &[&str]) {
    for text in texts {
        assert!(!card.contains(text), "{text:?} is in {card:?}");
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
            None if ["meta", "link", "wbr", "input"].contains(&name) => {}
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

    let english = app.page("/").await;
    for text in [
        "Ministerial in Kuwait City",
        "13–14 February 2018",
        "<bdi>Kuwait City</bdi>, <bdi>Kuwait</bdi>",
        "href=\"/v1/meetings/kuwait-2018/totals?lang=en\"",
        "<bdi class=\"figure\" dir=\"ltr\">6\u{202f}<wbr>600\u{202f}<wbr>000.50</bdi>",
    ] {
        assert!(english.text.contains(text), "{text} is not in {english}");
    }
    says(&said(&english.text), &["3 Pledges", "1 Articles"]);
    says(
        &card(&english, "kuwait-2018"),
        &[
            "EUR Pledged 1'000'000 up to 1'500'000 Paid 0",
            "USD Pledged 200'000'000 Paid 6'600'000.50",
            "Pledges without an amount: 1",
        ],
    );
    let arabic = app.page("/?lang=ar").await;
    for text in [
        "<html lang=\"ar\" dir=\"rtl\">",
        "اجتماع وزاري في مدينة الكويت",
        "13–14 فبراير 2018",
        "<bdi>الكويت</bdi>",
    ] {
        assert!(arabic.text.contains(text), "{text} is not in {arabic}");
    }
    says(
        &card(&arabic, "kuwait-2018"),
        &["USD المتعهَّد به 200'000'000 المدفوع 6'600'000.50"],
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_card_says_what_became_of_two_hundred_million(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.load_the_dossier().await.unwrap();
    for (language, sums, unquantified, whole, announced, need) in [
        (
            "en",
            "USD Pledged 200'000'000 Paid 6'600'000 Withdrawn, redirected or expired 193'400'000 Outstanding 0 ",
            "Pledges without an amount: 5",
            "For the meeting as a whole, in USD",
            "Announced in all Amount 30'000'000'000 Register's sum 15'100'000'000 Gap 14'900'000'000 ",
            "Said to be needed Amount 88'200'000'000 Register's sum 15'100'000'000 Gap 73'100'000'000 ",
        ),
        (
            "ar",
            "USD المتعهَّد به 200'000'000 المدفوع 6'600'000 ما سُحب أو حُوّل إلى غرض آخر أو انقضى أجله 193'400'000 المتبقي 0 ",
            "تعهدات بلا مبلغ: 5",
            "للاجتماع ككل، بعملة USD",
            "المعلَن إجمالا المبلغ 30'000'000'000 مجموع السجل 15'100'000'000 الفارق 14'900'000'000 ",
            "الاحتياجات المعلنة المبلغ 88'200'000'000 مجموع السجل 15'100'000'000 الفارق 73'100'000'000 ",
        ),
        (
            "fr",
            "USD Promis 200'000'000 Payé 6'600'000 Retiré, réaffecté ou expiré 193'400'000 Reste à payer 0 ",
            "Promesses sans montant\u{a0}: 5",
            "Pour la réunion dans son ensemble, en USD",
            "Annoncé au total Montant 30'000'000'000 Somme du registre 15'100'000'000 Écart 14'900'000'000 ",
            "Besoins déclarés Montant 88'200'000'000 Somme du registre 15'100'000'000 Écart 73'100'000'000 ",
        ),
    ] {
        let page = app.page(&format!("/?lang={language}")).await;
        let ministerial = card(&page, "global-coalition-kuwait-2018");
        says(&ministerial, &[sums, unquantified]);
        says_nothing_of(&ministerial, &[whole]);
        let conference = card(&page, "kicri-2018");
        says(
            &conference,
            &["15'100'000'000", "25'100'000'000", whole, announced, need],
        );
        says_nothing_of(&conference, &[unquantified]);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_headline_without_a_sum_to_hold_beside_it_has_no_gap(#[case] engine: Engine) {
    let app = App::start(engine).await;
    // Nobody pledged in its currency: that is not a sum of nothing.
    let dinars = app
        .meeting_with(json!({"slug": "dinars", "headline_amount": "1000000000000000", "need_amount": "2.125", "headline_currency": "KWD"}))
        .await;
    app.pledge(&dinars, "7", "USD").await;
    // Nobody pledged a figure.
    let bounds = app
        .meeting_with(json!({"slug": "bounds", "headline_amount": "100", "headline_currency": "USD"}))
        .await;
    app.pledge_with(json!({
        "participant": "USA", "meeting": bounds, "qualifier": "at_least", "amount_min": "40", "currency": "USD",
    }))
    .await;
    // Nobody pledged.
    app.meeting_with(json!({"slug": "promises", "need_amount": "12345678", "headline_currency": "JPY"}))
        .await;
    app.meeting("quiet").await;

    let page = app.page("/").await;
    says(
        &card(&page, "dinars"),
        &[
            "USD Pledged 7 Paid 0",
            "For the meeting as a whole, in KWD",
            "Announced in all Amount 1'000'000'000'000'000 Register's sum – no figure Gap – no figure ",
            "Said to be needed Amount 2.125 Register's sum – no figure Gap – no figure ",
            "No pledge in this currency is on record",
        ],
    );
    says(
        &card(&page, "bounds"),
        &[
            "USD Pledged at least 40 without an upper bound: 1 Paid 0",
            "Outstanding – no figure ",
            "Announced in all Amount 100 Register's sum – no figure Gap – no figure ",
            "The pledges in this currency state bounds only",
        ],
    );
    let promises = card(&page, "promises");
    says(
        &promises,
        &[
            "No pledge is on record.",
            "Said to be needed Amount 12'345'678 Register's sum – no figure Gap – no figure ",
        ],
    );
    says_nothing_of(&promises, &["Announced in all", "Pledged", "in this currency"]);
    let quiet = card(&page, "quiet");
    says(&quiet, &["No pledge is on record."]);
    says_nothing_of(&quiet, &["Amount", "Pledged"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_sum_is_said_as_far_as_it_is_known(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app
        .meeting_with(json!({"slug": "sums", "headline_amount": "100", "headline_currency": "USD"}))
        .await;
    // More was paid than pledged, and more pledged than announced.
    let over = app.pledge(&meeting, "140", "USD").await;
    app.post(
        &format!("/v1/pledges/{over}/events"),
        json!({"stage": "paid", "occurred_on": "2018-06", "amount": "1150", "over": true}),
    )
    .await
    .created();
    app.pledge_with(json!({
        "participant": "KWT", "meeting": meeting, "qualifier": "at_least", "amount_min": "60", "currency": "USD",
    }))
    .await;
    app.pledge_with(json!({
        "participant": "KWT", "meeting": meeting, "qualifier": "up_to", "amount_max": "1000", "currency": "EUR",
    }))
    .await;
    let expired = app.pledge_by("SAU", &meeting, "5000", "JPY").await;
    for (stage, amount) in [("withdrawn", "1"), ("redirected", "20"), ("expired", "300")] {
        app.event(&expired, stage, amount, "2018-07").await;
    }
    let card_of = card(&app.page("/").await, "sums");
    says(
        &card_of,
        &[
            // That a pledge in dollars has no upper bound is nothing to the euros.
            "EUR Pledged up to 1'000 Paid 0 Withdrawn, redirected or expired 0 Outstanding – no figure ",
            "JPY Pledged 5'000 Paid 0 Withdrawn, redirected or expired 321 Outstanding 4'679 ",
            "USD Pledged 140 at least 200 without an upper bound: 1 Paid 1'150 Withdrawn, redirected or expired 0 \
             Outstanding −1'010 beyond what was pledged ",
            "Announced in all Amount 100 Register's sum 140 Gap −40 ",
        ],
    );
    assert_eq!(card_of.matches("up to").count(), 1, "{card_of}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_of_restatements_says_where_they_are_counted(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let first = app.meeting("first").await;
    let pledge = app.pledge(&first, "100", "USD").await;
    let second = app
        .meeting_with(json!({"slug": "second", "starts_on": "2018-08-16"}))
        .await;
    app.pledge_with(json!({
        "participant": "USA", "meeting": second, "qualifier": "exact", "amount": "100", "currency": "USD",
        "restates": pledge, "announced_on": "2018-08-16",
    }))
    .await;
    let page = app.page("/").await;
    says(&card(&page, "first"), &["USD Pledged 100 Paid 0"]);
    let second = card(&page, "second");
    says(&second, &["Its pledges repeat earlier ones"]);
    says_nothing_of(&second, &["USD", "No pledge"]);
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
    app.post(
        "/v1/participants",
        json!({"code": "EVIL", "kind": "state", "names": {"en": evil}}),
    )
    .await
    .created();
    let meeting = app
        .meeting_with(json!({
            "slug": "evil", "titles": {"en": evil}, "city": evil, "country": "EVIL",
            "headline_amount": "1", "headline_currency": "USD",
        }))
        .await;
    app.pledge(&meeting, "1", "USD").await;
    let page = app.page("/").await;
    assert!(!page.text.contains("<script>"), "{page}");
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt; &quot;quoted&quot; &amp; &#39;so&#39;";
    assert_eq!(page.text.matches(escaped).count(), 3, "{page}");
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
