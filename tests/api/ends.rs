//! Texts lose what is not seen at their ends.

use crate::prelude::*;

/// What stands around a name and is no part of it.
const ENDS: [&str; 7] = [
    " ", "\n", "\u{a0}", "\u{200f}", "\u{202b}", "\u{2069}", "\u{feff}",
];

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn one_publisher_is_one_however_its_name_is_sent(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.article(json!({"publisher": "Reuters", "title": "Donors"}))
        .await;
    for end in ENDS {
        let publisher = format!("{end}Reuters{end}");
        app.article(json!({"publisher": publisher, "title": format!("{end}Donors{end}")}))
            .await;
    }
    let all = 1 + ENDS.len();
    let list = app.get("/v1/articles?publisher=Reuters").await.expect(200);
    assert_eq!(list.each("publisher"), vec!["Reuters"; all]);
    assert_eq!(list.each("title"), vec!["Donors"; all]);
    for asked in [
        "Reuters%20",
        "%E2%80%8FReuters",
        "%EF%BB%BFReuters,AFP",
        "AFP,%C2%A0Reuters",
    ] {
        let list = app
            .get(&format!("/v1/articles?publisher={asked}"))
            .await
            .expect(200);
        assert_eq!(list.items().len(), all, "{asked}");
        let path = format!("/v1/search?q=donors&publisher={asked}&facets=publisher");
        let found = app.get(&path).await.expect(200);
        assert_eq!(
            found["facets"]["publisher"],
            json!([{"value": "Reuters", "count": all}]),
            "{asked}: {found}"
        );
    }
    app.get("/v1/articles?publisher=%E2%80%8F%20")
        .await
        .problem(400, "malformed")
        .fault("?publisher");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn names_and_what_is_said_of_records_lose_their_ends(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let made = app
        .post(
            "/v1/participants",
            json!({"code": "FUND", "kind": "fund", "names": {"en": " The Fund\u{200f}", "ar": "\u{200f}الصندوق\u{200f}"},
                   "former_names": [{"names": {"en": "\u{feff}Old fund "}, "until": "2018"}],
                   "aliases": ["Fund\u{a0}", "\u{2067}صندوق\u{2069}"]}),
        )
        .await
        .created();
    assert_eq!(made["names"], json!({"en": "The Fund", "ar": "الصندوق"}));
    assert_eq!(made["former_names"][0]["names"], json!({"en": "Old fund"}));
    assert_eq!(made["aliases"], json!(["Fund", "صندوق"]));
    let meeting = app
        .meeting_with(
            json!({"slug": "kuwait", "titles": {"en": "Ministerial\u{200b}"}, "city": " Kuwait City\u{a0}"}),
        )
        .await;
    let read = app.get(&format!("/v1/meetings/{meeting}")).await.expect(200);
    assert_eq!(
        (&read["title"], &read["city"]),
        (&json!("Ministerial"), &json!("Kuwait City"))
    );
    let pledge = app
        .pledge_with(json!({"purpose": " water\n", "conditions": "as agreed\u{200e}"}))
        .await;
    let read = app.pledge_now(&pledge).await;
    assert_eq!(
        (&read["purpose"], &read["conditions"]),
        (&json!("water"), &json!("as agreed"))
    );
    let key = app
        .key(json!({"name": "\u{2066}desk\u{2069} ", "role": "reader"}))
        .await;
    assert_eq!(key["name"], "desk");
    // What is left empty was never anything.
    for (path, body, pointer) in [
        (
            "/v1/participants/FUND",
            json!({"names": {"en": "\u{200f}"}}),
            "/names/en",
        ),
        (
            "/v1/participants/FUND",
            json!({"aliases": ["a", " \u{feff}"]}),
            "/aliases/1",
        ),
        (
            &*format!("/v1/meetings/{meeting}"),
            json!({"city": "\u{a0}\u{200b}"}),
            "/city",
        ),
        (
            &*format!("/v1/pledges/{pledge}"),
            json!({"purpose": "\u{202e}"}),
            "/purpose",
        ),
    ] {
        app.patch(path, body).await.problem(422, "invalid").fault(pointer);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_and_what_is_quoted_of_it_stand_as_they_were_sent(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let body = "\u{feff} The United States pledged \u{200f}";
    let article = app.article(json!({"body": body})).await;
    let path = format!("/v1/articles/{article}");
    assert_eq!(app.get(&path).await.expect(200)["body"], body);
    let meeting = app.meeting("kuwait-2018").await;
    let quoted = app
        .post(
            "/v1/citations",
            json!({"subject": format!("meetings/{meeting}"), "article": article, "quote": " The ", "start": 1, "end": 6,
                   "states": {"city": " Kuwait\u{200f}"}}),
        )
        .await
        .created();
    assert_eq!(quoted["quote"], " The ");
    assert_eq!(quoted["states"]["city"], "Kuwait");
    // One that lost its ends would stand elsewhere.
    app.patch(
        &format!("/v1/citations/{}", quoted.id()),
        json!({"quote": "The", "start": 1, "end": 6}),
    )
    .await
    .problem(422, "invalid")
    .fault("/quote");
}
