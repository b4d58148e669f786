//! What a pledge is: its terms, whose it is, and who says so.

use super::{assert_figures, grant, granted, ids, patched, sorted};
use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_political_pledge_has_no_amount_and_one_of_money_need_not_state_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let political = app
        .post(
            "/v1/pledges",
            json!({"instrument": "political", "meeting": meeting, "purpose": "stabilisation of liberated communities"}),
        )
        .await
        .created();
    let unquantified = app
        .post("/v1/pledges", json!({"instrument": "in_kind"}))
        .await
        .created();
    for made in [&political, &unquantified] {
        assert_figures(
            made,
            json!({"participant": null, "participant_name": null, "qualifier": null, "currency": null, "amount": null, "pledged": null,
                   "counted": null, "committed": null, "paid": null, "withdrawn": null, "outstanding": null, "state": "open"}),
        );
    }
    assert_eq!(political["meeting"], "kuwait-2018");
    for fields in [
        json!({"instrument": "political"}),
        json!({"instrument": "political", "qualifier": null}),
        json!({"instrument": "political", "amount": null}),
        json!({"instrument": "political", "amount": null, "currency": null}),
    ] {
        app.post("/v1/pledges", grant(fields))
            .await
            .problem(422, "invalid");
    }
    // Nor does one become the other by halves.
    patched(
        &app,
        &political.id(),
        json!({"amount": "5", "currency": "USD", "qualifier": "exact"}),
    )
    .await
    .problem(422, "invalid")
    .fault("/instrument");
    let grant = granted(&app, json!({})).await;
    patched(&app, &grant, json!({"instrument": "political"}))
        .await
        .problem(422, "invalid")
        .fault("/instrument");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn all_faults_of_a_pledge_are_named_at_once(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.post(
        "/v1/pledges",
        json!({
            "instrument": "gift", "qualifier": "exactly", "amount": 5, "currency": "XXY", "announced_on": "2018-02-30",
            "period_from": "2020", "period_to": "2019", "purpose": " ", "announced_by_name": "x".repeat(301),
            "parent": "no-id", "restates": 7, "participant": 7, "state": "open", "colour": "red",
            "citations": [{"quote": "half a quote"}],
        }),
    )
    .await
    .problem(422, "invalid")
    .fault("/instrument")
    .fault("/qualifier")
    .fault("/amount")
    .fault("/currency")
    .fault("/announced_on")
    .fault("/period_to")
    .fault("/purpose")
    .fault("/announced_by_name")
    .fault("/parent")
    .fault("/restates")
    .fault("/participant")
    .fault("/state")
    .fault("/colour")
    .fault("/citations/0/article")
    .fault("/citations/0/start")
    .fault("/citations/0/end");
    app.post("/v1/pledges", json!({}))
        .await
        .problem(422, "invalid")
        .fault("/instrument");
    app.post("/v1/pledges", json!([])).await.problem(422, "invalid");
    let nobody = "00000000-0000-7000-8000-000000000000";
    app.post(
        "/v1/pledges",
        grant(json!({"participant": "XYZ", "meeting": "nowhere", "beneficiary": "ABC", "parent": nobody, "restates": nobody})),
    )
    .await
    .problem(422, "invalid")
    .fault("/participant")
    .fault("/meeting")
    .fault("/beneficiary")
    .fault("/parent")
    .fault("/restates");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_comes_with_its_citations_or_not_at_all(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app
        .article(json!({"body": "Kuwait promised 1 billion dollars."}))
        .await;
    let cited = |end: i64| {
        grant(json!({"citations": [
            {"article": article, "quote": "1 billion", "start": 16, "end": end, "states": {"amount": "1000000000"}, "preferred": true},
            {"article": article},
        ]}))
    };
    app.post("/v1/pledges", cited(24))
        .await
        .problem(422, "invalid")
        .fault("/citations/0/quote");
    assert_eq!(ids(&app, "").await.len(), 0);
    let made = app.post("/v1/pledges", cited(25)).await.created();
    assert_eq!(made["conflicts"][0]["field"], "amount", "{made}");
    assert_eq!(made["conflicts"][0]["value"], "100.00");
    let citations = app
        .get(&format!("/v1/pledges/{}/citations", made.id()))
        .await
        .expect(200);
    assert_eq!(citations.items().len(), 2);
    granted(&app, json!({})).await;
    assert_eq!(ids(&app, "cited=true").await, [made.id()]);
    assert_eq!(ids(&app, "cited=false").await.len(), 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn people_s_keys_come_in_any_case_and_names_in_the_reader_s_language(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    app.participant("USA").await;
    app.participant("SYR").await;
    let id = granted(
        &app,
        json!({"participant": "usa", "meeting": meeting, "beneficiary": "Syr"}),
    )
    .await;
    let arabic = app.get(&format!("/v1/pledges/{id}?lang=ar")).await.expect(200);
    assert_figures(
        &arabic,
        json!({"participant": "USA", "beneficiary": "SYR", "participant_name": "الولايات المتحدة", "meeting_title": "اجتماع وزاري في مدينة الكويت"}),
    );
    assert_eq!(arabic.header("content-language"), Some("ar"));
    let list = app
        .get_with("/v1/pledges", &[("Accept-Language", "fr, ar;q=0.5")])
        .await
        .expect(200);
    // There is no French name: English stands in.
    assert_eq!(list.items()[0]["participant_name"], "United States");
    assert_eq!(list.header("content-language"), Some("fr"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn members_attendees_and_pledgers_are_three_things(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let coalition = app.coalition("global").await;
    let meeting = app
        .meeting_with(json!({"slug": "ministerial", "coalition": coalition}))
        .await;
    app.member(&coalition, "SAU", "2014").await;
    app.attendance(&meeting, "KWT", json!({"role": "host", "adopted": true}))
        .await;
    app.pledge(&meeting, "200", "USD").await;
    for (query, found) in [
        ("participant=USA", 1),
        ("participant=SAU", 0),
        ("participant=KWT", 0),
        ("coalition=global", 1),
    ] {
        assert_eq!(ids(&app, query).await.len(), found, "{query}");
    }
    let attending = app
        .get(&format!("/v1/meetings/{meeting}/attendance"))
        .await
        .expect(200);
    assert_eq!(attending.each("participant"), ["KWT"]);
    let members = app
        .get(&format!("/v1/coalitions/{coalition}/members"))
        .await
        .expect(200);
    assert_eq!(members.each("participant"), ["SAU"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_merged_participant_s_pledges_are_its_successor_s(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["UAE", "ARE"] {
        app.participant(code).await;
    }
    let first = granted(&app, json!({"participant": "UAE", "amount": "300"})).await;
    let child = granted(
        &app,
        json!({"participant": "UAE", "parent": first, "beneficiary": "UAE"}),
    )
    .await;
    let again = granted(&app, json!({"participant": "UAE", "restates": first})).await;
    app.delete(&format!("/v1/pledges/{child}")).await.expect(204);
    app.patch("/v1/participants/UAE", json!({"merged_into": "ARE"}))
        .await
        .ok();
    for key in ["ARE", "UAE"] {
        assert_eq!(
            ids(&app, &format!("participant={key}")).await,
            sorted(vec![first.clone(), again.clone()]),
            "{key}"
        );
    }
    // Also what was retracted is the successor's, and comes back as such.
    let back = app.restore(&format!("/v1/pledges/{child}")).await.expect(200);
    assert_figures(&back, json!({"participant": "ARE", "beneficiary": "ARE"}));
    // The old key is accepted wherever a key is.
    let more = granted(&app, json!({"participant": "uae", "parent": first})).await;
    assert_eq!(app.pledge_now(&more).await["participant"], "ARE");
    let totals = app.totals("group_by=participant").await;
    assert_eq!(totals["groups"].as_array().unwrap().len(), 1, "{totals}");
    assert_eq!(totals["groups"][0]["by_currency"][0]["point"], "300.00");
    let last = app.history(&format!("/v1/pledges/{first}")).await;
    let merging = last
        .items()
        .iter()
        .find(|change| change["before"]["participant"] == "UAE" && change["after"]["participant"] == "ARE");
    assert!(merging.is_some(), "a change each: {last}");
}
