//! Errors as their readers meet them: in their language, and with what a program needs to say the rest itself.

use pledgebook::{problems, values::Language};
use serde_json::Value;

use crate::{answer::Answer, prelude::*};

/// The first fault of a refusal at this pointer.
#[track_caller]
fn at<'a>(refused: &'a Answer, pointer: &str) -> &'a Value {
    let faults = refused["errors"].as_array().unwrap();
    let found = faults.iter().find(|fault| fault["pointer"] == pointer);
    found.unwrap_or_else(|| panic!("no fault at {pointer}: {refused}"))
}

fn is_arabic(text: &Value) -> bool {
    let text = text.as_str().unwrap_or_default();
    text.chars()
        .any(|letter| ('\u{600}'..='\u{6ff}').contains(&letter))
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_error_says_title_and_mend_in_the_language_of_its_reader(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (query, accept, languages, title) in [
        ("", "", "en", "The request cannot be understood"),
        ("&lang=ar", "", "ar, en", "تعذّر فهم الطلب"),
        ("&lang=AR", "fr", "ar, en", "تعذّر فهم الطلب"),
        ("", "de, ar-KW;q=0.9, en;q=0.1", "ar, en", "تعذّر فهم الطلب"),
        ("", "fr-CH", "fr, en", "La requête ne peut pas être comprise"),
        ("&lang=en", "fr", "en", "The request cannot be understood"),
        // What is refused is passed over.
        ("&lang=de", "fr", "fr, en", "La requête ne peut pas être comprise"),
    ] {
        let refused = app
            .get(&format!("/v1/pledges?limit=1000{query}"))
            .header("Accept-Language", accept)
            .await
            .problem(400, "malformed");
        assert_eq!(refused.header("content-language"), Some(languages), "{refused}");
        assert_eq!(refused["title"], title, "{refused}");
        let vary = refused.headers.get_all("vary");
        assert!(vary.iter().any(|it| it == "Accept-Language"), "{refused}");
        let fault = at(&refused, "?limit");
        assert_eq!(fault["limit"], 200);
        assert_eq!(fault["detail"], "limit must be from 1 to 200");
        assert_eq!(
            (is_arabic(&fault["title"]), is_arabic(&fault["mend"])),
            (languages == "ar, en", languages == "ar, en"),
            "{refused}"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_that_is_always_the_same_is_said_in_the_language_of_its_reader(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let refused = app.get("/v1/nothing?lang=ar").await.problem(404, "no_such_path");
    assert_eq!(refused.header("content-language"), Some("ar"));
    assert!(is_arabic(&refused["detail"]), "{refused}");
    let page = problems::find("no_such_path").unwrap().wording(Language::Ar);
    assert_eq!(refused["detail"], format!("{} {}", page.meaning, page.brief.mend));
    // One that names what was asked for is the register's own.
    let refused = app
        .get("/v1/meetings/none?lang=ar")
        .await
        .problem(404, "not_found");
    assert_eq!(refused.header("content-language"), Some("ar, en"));
    assert_eq!(refused["detail"], "There is no meetings/none.");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_has_as_data_what_its_sentence_says(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.meeting("kuwait-2018").await;
    let refused = app
        .post(
            "/v1/pledges?lang=ar",
            json!({"instrument": "gift", "particpant": "USA", "purpose": "x".repeat(20_000),
                "meeting": 7, "amount": "5.00", "currency": "USD",
                "period_from": "2019", "period_to": "2018"}),
        )
        .await
        .problem(422, "invalid");
    let known = &at(&refused, "/particpant")["known"];
    assert!(
        known.as_array().unwrap().contains(&json!("participant")),
        "{refused}"
    );
    let allowed = at(&refused, "/instrument")["allowed"].as_array().unwrap();
    assert!(allowed.contains(&json!("grant")), "{refused}");
    assert_eq!(
        at(&refused, "/qualifier")["allowed"],
        json!(["exact", "about", "up_to", "at_least", "between"])
    );
    assert_eq!(at(&refused, "/meeting")["allowed"], json!(["string"]));
    assert_eq!(at(&refused, "/period_to")["limit"], "2019");
    assert!(at(&refused, "/purpose")["limit"].is_u64(), "{refused}");
    // Nothing else need be said to a reader of Arabic.
    for fault in refused["errors"].as_array().unwrap() {
        assert!(
            is_arabic(&fault["title"]) && is_arabic(&fault["mend"]),
            "{refused}"
        );
    }

    let refused = app.get("/v1/pledges?color=1&sort=color&expand=color").await;
    let refused = refused.problem(400, "malformed");
    let known = at(&refused, "?color")["known"].as_array().unwrap();
    assert!(known.contains(&json!("participant")), "{refused}");
    let allowed = at(&refused, "?sort")["allowed"].as_array().unwrap();
    assert!(allowed.contains(&json!("announced_on")), "{refused}");
    assert!(at(&refused, "?expand")["known"].is_array(), "{refused}");

    let pledge = app.pledge("kuwait-2018", "200.00", "USD").await;
    let refused = app
        .post(
            &format!("/v1/pledges/{pledge}/events"),
            json!({"stage": "paid", "amount": "200.01", "occurred_on": "2019"}),
        )
        .await
        .problem(422, "invalid");
    let fault = at(&refused, "/amount");
    assert_eq!(fault["code"], "exceeds_pledge");
    assert_eq!(fault["limit"], "200.00");
    assert_eq!(fault["record"], format!("pledges/{pledge}"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_error_about_one_thing_names_it_too(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let refused = app.delete("/v1/changes").await.problem(405, "method_not_allowed");
    assert_eq!(refused["errors"][0]["allowed"], json!(["GET", "HEAD"]));
    let refused = app
        .get("/v1/me")
        .header("Accept", "image/png")
        .await
        .problem(406, "not_acceptable");
    assert_eq!(at(&refused, "Accept")["allowed"], json!(["application/json"]));
    let refused = app
        .ask(reqwest::Method::POST, "/v1/pledges")
        .body("text/plain", "x")
        .await
        .problem(415, "unsupported_media_type");
    assert_eq!(
        at(&refused, "Content-Type")["allowed"],
        json!(["application/json"])
    );
    let refused = app
        .get("/v1/changes")
        .header("X-Long", &"x".repeat(40_000))
        .await
        .problem(431, "head_too_large");
    assert_eq!(refused["errors"][0]["limit"], 32 * 1024);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn items_of_a_batch_are_told_of_in_the_language_of_its_reader(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let items = json!([{"slug": "a", "names": {"en": "A"}}, {"slug": "b"}]);
    let refused = app
        .post("/v1/coalitions/batch?lang=fr", items.clone())
        .await
        .problem(422, "batch_refused");
    assert_eq!(at(&refused, "/1/names")["title"], "Il manque quelque chose");
    let told = app
        .post("/v1/coalitions/batch?lang=fr", items)
        .header("Prefer", "handling=lenient")
        .await
        .expect(200);
    let problem = &told.items()[1]["problem"];
    assert_eq!(problem["title"], "La requête enfreint une règle du registre");
    assert_eq!(problem["errors"][0]["title"], "Il manque quelque chose");
    assert!(problem["mend"].is_string() && problem["errors"][0]["mend"].is_string());
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_write_is_told_which_version_is_there(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.meeting("kuwait-2018").await;
    let path = "/v1/meetings/kuwait-2018";
    let first = app.get(path).await.ok();
    app.patch(path, json!({"city": "Bayan"})).await.ok();
    let now = app.get(&format!("{path}?lang=ar")).await.ok();
    for write in [
        app.patch(&format!("{path}?lang=ar"), json!({"city": "Kuwait"})),
        app.delete(&format!("{path}?lang=ar")),
    ] {
        let refused = write
            .header("If-Match", first.header("etag").unwrap())
            .await
            .problem(412, "stale_version");
        assert_eq!(refused["current_version"], now["version"], "{refused}");
        assert_eq!(refused["etag"], now.header("etag").unwrap(), "{refused}");
        assert_eq!(refused.header("etag"), now.header("etag"), "{refused}");
        assert!(is_arabic(&refused["title"]), "{refused}");
    }
    let again = app
        .patch(path, json!({"city": "Kuwait"}))
        .header("If-Match", now.header("etag").unwrap())
        .await
        .ok();
    assert_eq!(again["city"], "Kuwait");

    // What is packed on its way names the same tag.
    let refused = app
        .patch(path, json!({"city": "Bayan"}))
        .header("If-Match", first.header("etag").unwrap())
        .header("Accept-Encoding", "gzip")
        .await
        .problem(412, "stale_version");
    assert_eq!(refused["etag"], refused.header("etag").unwrap(), "{refused}");

    // Of a pledge, which its events are held against.
    let pledge = app.pledge("kuwait-2018", "200.00", "USD").await;
    let now = app.get(&format!("/v1/pledges/{pledge}")).await.ok();
    let refused = app
        .post(
            &format!("/v1/pledges/{pledge}/events"),
            json!({"stage": "paid", "amount": "1.00", "occurred_on": "2019"}),
        )
        .header("If-Match", "\"9.x\"")
        .await
        .problem(412, "stale_version");
    assert_eq!(refused.header("etag"), now.header("etag"), "{refused}");

    // What is not there has neither.
    let refused = app
        .put(
            "/v1/scales/none",
            json!({"names": {"en": "N"}, "values": [{"value": "a", "meaning": "kept"}]}),
        )
        .header("If-Match", "*")
        .await
        .problem(412, "stale_version");
    assert_eq!(refused.header("etag"), None);
    assert!(
        refused["current_version"].is_null() && refused["etag"].is_null(),
        "{refused}"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_says_where_it_is_and_what_it_is_with(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("KWT").await;
    app.meeting("kuwait-2018").await;
    let meeting = app.get("/v1/meetings/kuwait-2018").await.ok();

    let again = json!({"slug": "Kuwait-2018", "titles": {"en": "K"}, "kind": "other", "starts_on": "2018"});
    let refused = app.post("/v1/meetings", again).await.problem(409, "duplicate");
    let fault = at(&refused, "/slug");
    assert_eq!(
        (&fault["code"], &fault["record"]),
        (&json!("duplicate"), &json!("meetings/kuwait-2018"))
    );
    assert_eq!(refused["title"], "It is there already");
    assert_eq!(refused["current_version"], 1);
    assert_eq!(refused["etag"], meeting.header("etag").unwrap());
    assert_eq!(refused.header("etag"), meeting.header("etag"));

    let refused = app
        .post(
            "/v1/participants",
            json!({"code": "kwt", "kind": "state", "names": {"en": "K"}}),
        )
        .await
        .problem(409, "duplicate");
    assert_eq!(at(&refused, "/code")["record"], "participants/KWT");

    let article = app.article(json!({"body": "Kuwait promised."})).await;
    let refused = app
        .post(
            "/v1/articles",
            json!({"publisher": "P", "language": "en", "kind": "news", "title": "T", "body": "Kuwait promised."}),
        )
        .await
        .problem(409, "duplicate");
    assert_eq!(at(&refused, "/body")["record"], format!("articles/{article}"));
    let there = app.get(&format!("/v1/articles/{article}")).await.ok();
    assert_eq!(refused.header("etag"), there.header("etag"), "{refused}");
    // A change is not told the tag of another record, which would fit its own by chance.
    let other = app.article(json!({"body": "Another."})).await;
    let body = json!({"body": "Kuwait promised."});
    let refused = app.patch(&format!("/v1/articles/{other}"), body).await;
    let refused = refused.problem(409, "duplicate");
    assert_eq!(at(&refused, "/body")["record"], format!("articles/{article}"));
    assert_eq!((refused.header("etag"), refused.body.get("etag")), (None, None));

    let pledge = app.pledge("kuwait-2018", "200.00", "USD").await;
    // How many pledges it has is another answer.
    let meeting = app.get("/v1/meetings/kuwait-2018").await.ok();
    let refused = app.delete("/v1/meetings/kuwait-2018").await;
    let refused = refused.problem(409, "still_referenced");
    assert_eq!(refused["errors"][0]["record"], format!("pledges/{pledge}"));
    assert_eq!(refused.header("etag"), meeting.header("etag"), "{refused}");

    let refused = app.restore("/v1/meetings/kuwait-2018").await;
    let refused = refused.problem(409, "not_retracted");
    assert_eq!(at(&refused, "")["code"], "not_retracted");
    assert_eq!(refused.header("etag"), meeting.header("etag"), "{refused}");

    // One that is retracted cannot be read, so it has no tag.
    app.coalition("anti-isis").await;
    app.delete("/v1/coalitions/anti-isis").await.expect(204);
    let refused = app
        .post(
            "/v1/coalitions",
            json!({"slug": "anti-isis", "names": {"en": "A"}}),
        )
        .await
        .problem(409, "duplicate");
    assert_eq!(refused.header("etag"), None, "{refused}");

    let desk = json!({"name": "Desk", "role": "editor"});
    app.post("/v1/keys", desk.clone()).await.created();
    let refused = app.post("/v1/keys", desk).await.problem(409, "duplicate");
    assert_eq!(at(&refused, "/name")["code"], "duplicate");
    assert_eq!(refused["current_version"], 1, "{refused}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_told_something_else_than_no_key(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let write = || app.post("/v1/coalitions", json!({"slug": "a", "names": {"en": "A"}}));
    let none = write().without_key().await.problem(401, "unauthorized");
    assert_eq!(none["title"], "A key is needed");
    let wrong = write().key("pbk_wrong").await.problem(401, "unauthorized");
    assert_eq!(wrong["title"], "This key opens nothing");
    for (lang, title) in [("ar", "هذا المفتاح غير صالح"), ("fr", "Cette clé n'ouvre rien")]
    {
        let wrong = app
            .get(&format!("/v1/changes?lang={lang}"))
            .key("pbk_wrong")
            .await
            .problem(401, "unauthorized");
        assert_eq!(wrong["title"], title);
    }
    for (header, value, why) in [
        ("Authorization", "Basic dXNlcjpwYmtfeA==", "Basic"),
        ("Authorization", "pbk_wrong", "Authorization"),
        ("X-API-Key", "pbk_wrong", "X-API-Key"),
        ("Api-Key", "pbk_wrong", "Api-Key"),
    ] {
        let told = write()
            .without_key()
            .header(header, value)
            .await
            .problem(401, "unauthorized");
        let detail = told["detail"].as_str().unwrap();
        assert!(detail.contains("Authorization: Bearer <key>"), "{told}");
        assert!(detail.contains(why), "{told}");
        assert_eq!(told["title"], "A key is needed");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn words_and_slugs_come_in_any_case_and_go_out_in_their_own(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.post(
        "/v1/coalitions",
        json!({"slug": "Anti-ISIS", "names": {"en": "A"}}),
    )
    .await
    .created();
    let meeting = app
        .post(
            "/v1/meetings",
            json!({"slug": "Kuwait-2018", "titles": {"en": "K"}, "kind": "Ministerial", "starts_on": "2018",
                "coalition": "ANTI-isis"}),
        )
        .await
        .created();
    assert_eq!(meeting["slug"], "kuwait-2018");
    assert_eq!(meeting["kind"], "ministerial");
    assert_eq!(meeting["coalition"], "anti-isis");
    assert_eq!(meeting.header("location"), Some("/v1/meetings/kuwait-2018"));
    let pledge = app
        .post(
            "/v1/pledges",
            json!({"participant": "usa", "meeting": "KUWAIT-2018", "instrument": "GRANT",
                "qualifier": "Exact", "amount": "200.00", "currency": "USD"}),
        )
        .await
        .created();
    for (field, value) in [
        ("instrument", "grant"),
        ("qualifier", "exact"),
        ("meeting", "kuwait-2018"),
    ] {
        assert_eq!(pledge[field], value, "{pledge}");
    }
    let event = app
        .post(
            &format!("/v1/pledges/{}/events", pledge.id()),
            json!({"stage": "PAID", "amount": "5.00", "occurred_on": "2019"}),
        )
        .await
        .created();
    assert_eq!(event["stage"], "paid");

    for query in [
        "instrument=GRANT",
        "meeting=Kuwait-2018",
        "coalition=Anti-Isis,anti-isis",
        "state=Partly_Paid",
        "qualifier=EXACT&sort=-ANNOUNCED_ON",
        "instrument=Grant&format=JSON&lang=EN",
    ] {
        let found = app.get(&format!("/v1/pledges?{query}")).await.ok();
        assert_eq!(found.items().len(), 1, "{query}");
    }
    let path = "/v1/meetings/Kuwait-2018";
    assert_eq!(app.get(path).await.ok()["slug"], "kuwait-2018");
    // A slug in another case is the slug that it is.
    let patched = app
        .patch(path, json!({"slug": "KUWAIT-2018", "city": "Kuwait"}))
        .await
        .ok();
    assert_eq!(patched["city"], "Kuwait");
    assert_eq!(app.get(&format!("{path}/history")).await.ok().items().len(), 2);
    let history = app
        .get("/v1/changes?key=KUWAIT-2018&resource=Meetings&op=CREATE")
        .await
        .ok();
    assert_eq!(history.items().len(), 1);
    let members = app
        .put(
            "/v1/coalitions/ANTI-ISIS/members/usa",
            json!({"periods": [{"joined_on": "2014-09"}]}),
        )
        .await
        .created();
    assert_eq!(
        members.header("location"),
        Some("/v1/coalitions/anti-isis/members/USA")
    );

    let small = app
        .totals("group_by=participant,instrument&meeting=kuwait-2018")
        .await;
    let large = app
        .totals("group_by=Participant,INSTRUMENT&meeting=Kuwait-2018")
        .await;
    assert_eq!(small["groups"], large["groups"]);
    assert_eq!(
        large["groups"][0]["key"],
        json!({"participant": "USA", "instrument": "grant"})
    );

    // What is answered from memory follows writes, however the meeting was named.
    let totals = [
        format!("{path}/totals"),
        "/v1/totals?meeting=Kuwait-2018".to_owned(),
    ];
    for path in &totals {
        app.get(path).await.ok();
        app.get(path).await.ok();
    }
    app.pledge_by("USA", "kuwait-2018", "100.00", "USD").await;
    for path in &totals {
        let now = app.get(path).await.ok();
        assert_eq!(now["groups"][0]["by_currency"][0]["point"], "300.00", "{path}");
    }

    let refused = app.get("/v1/meetings/Nowhere").await.problem(404, "not_found");
    assert_eq!(refused["detail"], "There is no meetings/nowhere.");
}
