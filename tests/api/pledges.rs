//! Pledges: money, qualifiers, kinship, and finding them again.

use serde_json::Value;

use crate::{answer::Answer, prelude::*};

/// A grant of 100 dollars, but for these fields; unlike the app's words, null stays null.
#[allow(
    clippy::needless_pass_by_value,
    reason = "a story writes its fields in place, as json!({…})"
)]
fn grant(fields: Value) -> Value {
    let mut grant =
        json!({"instrument": "grant", "qualifier": "exact", "amount": "100.00", "currency": "USD"});
    for (name, value) in fields.as_object().unwrap() {
        grant[name] = value.clone();
    }
    grant
}

/// A grant by nobody in particular, but for these fields; its id.
async fn granted(app: &App, fields: Value) -> String {
    app.post("/v1/pledges", grant(fields)).await.created().id()
}

async fn patched(app: &App, id: &str, fields: Value) -> Answer {
    app.patch(&format!("/v1/pledges/{id}"), fields).await
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "a story writes its fields in place, as json!({…})"
)]
#[track_caller]
fn assert_figures(of: &Answer, expected: Value) {
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&of[name], value, "{name} of {of}");
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

async fn ids(app: &App, query: &str) -> Vec<String> {
    let list = app
        .get(&format!("/v1/pledges?limit=200&{query}"))
        .await
        .expect(200);
    sorted(
        list.each("id")
            .iter()
            .map(|id| id.as_str().unwrap().into())
            .collect(),
    )
}

// Money.

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_amount_is_kept_to_the_last_minor_unit(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (written, currency, read) in [
        ("200000000.00", "USD", "200000000.00"),
        ("200000000", "USD", "200000000.00"),
        ("0.01", "USD", "0.01"),
        ("0.1", "usd", "0.10"),
        ("007.5", "EUR", "7.50"),
        ("1.234", "KWD", "1.234"),
        ("1", "BHD", "1.000"),
        ("0.001", "IQD", "0.001"),
        ("5000", "JPY", "5000"),
        ("1000000000000000", "USD", "1000000000000000.00"),
        ("1000000000000000", "KWD", "1000000000000000.000"),
        ("90071992547409.93", "USD", "90071992547409.93"),
    ] {
        // Each currency on its own, so that no sum of the story grows beyond keeping.
        let body = grant(json!({"amount": written, "currency": currency}));
        let made = app.post("/v1/pledges", body).await.created();
        assert_figures(
            &made,
            json!({"amount": read, "currency": currency.to_ascii_uppercase(), "pledged": read, "counted": read, "outstanding": read}),
        );
        app.delete(&format!("/v1/pledges/{}", made.id()))
            .await
            .expect(204);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_amount_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (amount, currency) in [
        (json!(""), "USD"),
        (json!(" 1"), "USD"),
        (json!("1 "), "USD"),
        (json!("-1"), "USD"),
        (json!("+1"), "USD"),
        (json!("1e9"), "USD"),
        (json!("1,000"), "USD"),
        (json!("1 000"), "USD"),
        (json!("1_000"), "USD"),
        (json!(".5"), "USD"),
        (json!("5."), "USD"),
        (json!("1.2.3"), "USD"),
        (json!("0x10"), "USD"),
        (json!("٢٠٠"), "USD"),
        (json!("２００"), "USD"),
        (json!("USD 200"), "USD"),
        (json!("200 million"), "USD"),
        (json!("NaN"), "USD"),
        (json!("Infinity"), "USD"),
        (json!("0"), "USD"),
        (json!("0.00"), "USD"),
        (json!("1.001"), "USD"),
        (json!("1.000"), "USD"),
        (json!("1.0001"), "KWD"),
        (json!("1.0"), "JPY"),
        (json!("1000000000000000.01"), "USD"),
        (json!("1000000000000001"), "USD"),
        (json!("99999999999999999999999999"), "USD"),
        (json!(200), "USD"),
        (json!(200.5), "USD"),
        (json!(true), "USD"),
        (json!(["200"]), "USD"),
        (json!({"value": "200"}), "USD"),
    ] {
        app.post(
            "/v1/pledges",
            grant(json!({"amount": amount, "currency": currency})),
        )
        .await
        .problem(422, "invalid")
        .fault("/amount");
    }
    let number = app.post("/v1/pledges", grant(json!({"amount": 200}))).await;
    let detail = number["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("floating point"), "says why: {number}");
    assert_eq!(
        app.get("/v1/pledges").await.items().len(),
        0,
        "nothing refused is kept"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_sum_of_a_pledge_that_would_not_fit_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let most = json!({"amount": "1000000000000000", "currency": "KWD"});
    let pledge = granted(&app, most).await;
    let events = format!("/v1/pledges/{pledge}/events");
    for stage in ["increased", "committed"] {
        let event = json!({"stage": stage, "occurred_on": "2019", "amount": "1000000000000000"});
        let mut refused = None;
        for _ in 0..10 {
            let answer = app.post(&events, event.clone()).await;
            if answer.status != 201 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.unwrap_or_else(|| panic!("{stage} grew beyond what can be kept"));
        refused.problem(422, "invalid").fault("/amount");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_currency_is_needed_with_any_amount_and_only_then(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (fields, pointer) in [
        (json!({"currency": null}), "/currency"),
        (
            json!({"qualifier": "at_least", "amount": null, "amount_min": "5", "currency": null}),
            "/currency",
        ),
        (
            json!({"qualifier": "up_to", "amount": null, "amount_max": "5", "currency": null}),
            "/currency",
        ),
        (json!({"qualifier": null, "amount": null}), "/currency"),
        (json!({"currency": "XXY"}), "/currency"),
        (json!({"currency": "dollars"}), "/currency"),
        // Withdrawn currencies, metals and tests are none.
        (json!({"currency": "HRK"}), "/currency"),
        (json!({"currency": "XAU"}), "/currency"),
        (json!({"currency": "XXX"}), "/currency"),
        (json!({"currency": ""}), "/currency"),
        (json!({"currency": 840}), "/currency"),
        (json!({"qualifier": null}), "/qualifier"),
        (json!({"qualifier": "roughly"}), "/qualifier"),
    ] {
        app.post("/v1/pledges", grant(fields))
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn each_qualifier_takes_its_amounts_and_a_range_stays_a_range(#[case] engine: Engine) {
    let app = App::start(engine).await;
    // What is written, and the range that it comes to.
    for (qualifier, [min, point, max], range) in [
        (
            "exact",
            [None, Some("60"), None],
            [Some("60.00"), Some("60.00"), Some("60.00")],
        ),
        (
            "about",
            [None, Some("60"), None],
            [Some("60.00"), Some("60.00"), Some("60.00")],
        ),
        (
            "about",
            [Some("50"), Some("60"), None],
            [Some("50.00"), Some("60.00"), Some("60.00")],
        ),
        (
            "about",
            [Some("50"), Some("60"), Some("80")],
            [Some("50.00"), Some("60.00"), Some("80.00")],
        ),
        (
            "about",
            [Some("60"), Some("60"), Some("60")],
            [Some("60.00"), Some("60.00"), Some("60.00")],
        ),
        (
            "up_to",
            [None, None, Some("80")],
            [Some("0.00"), None, Some("80.00")],
        ),
        (
            "up_to",
            [Some("0"), None, Some("80")],
            [Some("0.00"), None, Some("80.00")],
        ),
        (
            "up_to",
            [Some("50"), None, Some("80")],
            [Some("50.00"), None, Some("80.00")],
        ),
        ("at_least", [Some("50"), None, None], [Some("50.00"), None, None]),
        (
            "between",
            [Some("50"), None, Some("80")],
            [Some("50.00"), None, Some("80.00")],
        ),
        (
            "between",
            [Some("50"), Some("60"), Some("80")],
            [Some("50.00"), Some("60.00"), Some("80.00")],
        ),
    ] {
        let made = app
            .post(
                "/v1/pledges",
                grant(json!({"qualifier": qualifier, "amount_min": min, "amount": point, "amount_max": max})),
            )
            .await
            .created();
        let [min, point, max] = range;
        assert_figures(
            &made,
            json!({
                "pledged_min": min, "pledged": point, "pledged_max": max,
                "counted_min": min, "counted": point, "counted_max": max,
                "outstanding": point, "committed": "0.00", "paid": "0.00", "withdrawn": "0.00", "state": "open",
            }),
        );
        let read = app.pledge_now(&made.id()).await;
        assert_eq!(read.body, made.body, "what is read is what was answered");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn amounts_that_do_not_go_with_their_qualifier_are_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (qualifier, [min, point, max], pointer) in [
        ("exact", [None, None, None], "/amount"),
        ("exact", [Some("50"), Some("60"), None], "/amount_min"),
        ("exact", [None, Some("60"), Some("80")], "/amount_max"),
        ("about", [Some("50"), None, Some("80")], "/amount"),
        ("about", [Some("70"), Some("60"), None], "/amount"),
        ("about", [None, Some("60"), Some("50")], "/amount"),
        ("about", [Some("0"), Some("60"), None], "/amount_min"),
        ("up_to", [None, None, None], "/amount_max"),
        ("up_to", [None, Some("60"), Some("80")], "/amount"),
        ("up_to", [Some("90"), None, Some("80")], "/amount_max"),
        ("up_to", [None, None, Some("0")], "/amount_max"),
        ("at_least", [None, None, None], "/amount_min"),
        ("at_least", [Some("0"), None, None], "/amount_min"),
        ("at_least", [Some("50"), Some("60"), None], "/amount"),
        ("at_least", [Some("50"), None, Some("80")], "/amount_max"),
        ("between", [None, None, Some("80")], "/amount_min"),
        ("between", [Some("50"), None, None], "/amount_max"),
        ("between", [Some("80"), None, Some("50")], "/amount_max"),
        ("between", [Some("50"), Some("90"), Some("80")], "/amount"),
        ("between", [Some("50"), Some("40"), Some("80")], "/amount"),
        ("between", [Some("0"), None, Some("80")], "/amount_min"),
    ] {
        app.post(
            "/v1/pledges",
            grant(json!({"qualifier": qualifier, "amount_min": min, "amount": point, "amount_max": max})),
        )
        .await
        .problem(422, "invalid")
        .fault(pointer);
    }
}

// What a pledge is.

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

// Parents and children.

/// A collective headline of 300 dollars; its id.
async fn headline(app: &App) -> String {
    granted(app, json!({"amount": "300"})).await
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_counts_what_its_children_do_not(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    let child = granted(&app, json!({"parent": parent, "amount": "100"})).await;
    let other = granted(&app, json!({"parent": parent, "amount": "150"})).await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"pledged": "300.00", "counted": "50.00", "counted_min": "50.00", "counted_max": "50.00", "outstanding": "50.00", "version": 3}),
    );
    patched(&app, &child, json!({"amount": "120"})).await.ok();
    assert_eq!(app.pledge_now(&parent).await["counted"], "30.00");
    app.event(&child, "increased", "30", "2019").await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"counted": "0.00", "state": "open"}),
    );
    app.event(&child, "reduced", "50", "2019").await;
    assert_eq!(app.pledge_now(&parent).await["counted"], "50.00");
    app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    assert_eq!(app.pledge_now(&parent).await["counted"], "200.00");
    patched(&app, &child, json!({"parent": null})).await.ok();
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"counted": "300.00", "outstanding": "300.00"}),
    );
    app.restore(&format!("/v1/pledges/{other}")).await.ok();
    assert_eq!(app.pledge_now(&parent).await["counted"], "150.00");
    // From one parent to another: both follow.
    let second = headline(&app).await;
    patched(&app, &other, json!({"parent": second})).await.ok();
    assert_eq!(app.pledge_now(&parent).await["counted"], "300.00");
    assert_eq!(app.pledge_now(&second).await["counted"], "150.00");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_does_not_fit_its_parent_is_refused_however_it_comes(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let parent = headline(&app).await;
    let of_usa = granted(&app, json!({"participant": "USA", "amount": "300"})).await;
    let child = granted(&app, json!({"parent": parent, "amount": "50"})).await;
    let first = granted(&app, json!({"participant": "SAU"})).await;
    let restatement = granted(&app, json!({"participant": "SAU", "restates": first})).await;
    let range = granted(
        &app,
        json!({"qualifier": "between", "amount": "60", "amount_min": "50", "amount_max": "80"}),
    )
    .await;
    let about = granted(
        &app,
        json!({"qualifier": "about", "amount": "60", "amount_max": "80"}),
    )
    .await;
    let up_to = granted(
        &app,
        json!({"qualifier": "up_to", "amount": null, "amount_max": "80"}),
    )
    .await;
    let political = app
        .pledge_with(json!({"instrument": "political", "announced_on": null}))
        .await;
    for (fields, pointer) in [
        (json!({"parent": child}), "/parent"),
        (json!({"parent": restatement}), "/parent"),
        (json!({"parent": range}), "/parent"),
        (json!({"parent": about}), "/parent"),
        (json!({"parent": up_to}), "/parent"),
        (json!({"parent": political}), "/parent"),
        (json!({"parent": parent, "currency": "EUR"}), "/currency"),
        (
            json!({"parent": parent, "qualifier": "up_to", "amount": null, "amount_max": "80"}),
            "/amount",
        ),
        (
            json!({"parent": parent, "qualifier": "at_least", "amount": null, "amount_min": "80"}),
            "/amount",
        ),
        (
            json!({"parent": parent, "qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
        (json!({"parent": of_usa}), "/participant"),
        (json!({"parent": of_usa, "participant": "SAU"}), "/participant"),
        (json!({"parent": parent, "restates": parent}), "/restates"),
        (json!({"parent": parent, "amount": "250.01"}), "/amount"),
    ] {
        app.post("/v1/pledges", grant(fields.clone()))
            .await
            .problem(422, "invalid")
            .fault(pointer);
        let lone = granted(&app, json!({})).await;
        patched(&app, &lone, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
        app.delete(&format!("/v1/pledges/{lone}")).await.expect(204);
    }
    // Nor is it part of itself, or a parent itself.
    patched(&app, &of_usa, json!({"parent": of_usa}))
        .await
        .problem(422, "invalid")
        .fault("/parent");
    let second = headline(&app).await;
    patched(&app, &parent, json!({"parent": second}))
        .await
        .problem(422, "invalid")
        .fault("/parent");
    // Anybody's may be part of a collective one; a range with a point too.
    granted(&app, json!({"parent": parent, "participant": "SAU", "qualifier": "about", "amount": "60", "amount_min": "50", "amount_max": "80"})).await;
    granted(
        &app,
        json!({"parent": of_usa, "participant": "USA", "amount": "300"}),
    )
    .await;
    assert_eq!(app.pledge_now(&parent).await["counted"], "190.00");
    assert_eq!(app.pledge_now(&of_usa).await["counted"], "0.00");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_not_patched_out_of_its_parent_s_bounds(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let parent = granted(&app, json!({"participant": "USA", "amount": "300"})).await;
    let child = granted(&app, json!({"participant": "USA", "parent": parent})).await;
    for (fields, pointer) in [
        (json!({"amount": "300.01"}), "/amount"),
        (json!({"currency": "EUR"}), "/currency"),
        (json!({"participant": "SAU"}), "/participant"),
        (json!({"participant": null}), "/participant"),
        (
            json!({"qualifier": "up_to", "amount": null, "amount_max": "100"}),
            "/amount",
        ),
        (
            json!({"qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
        (
            json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
        (json!({"restates": parent}), "/restates"),
    ] {
        patched(&app, &child, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    let event = json!({"stage": "increased", "occurred_on": "2019", "amount": "200.01"});
    app.post(&format!("/v1/pledges/{child}/events"), event)
        .await
        .problem(422, "invalid")
        .fault("/amount");
    assert_figures(&app.pledge_now(&child).await, json!({"version": 1}));
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"version": 2, "counted": "200.00"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_is_not_patched_away_from_under_its_children(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let first = granted(&app, json!({})).await;
    let parent = headline(&app).await;
    let child = granted(
        &app,
        json!({"participant": "SAU", "parent": parent, "amount": "200"}),
    )
    .await;
    for (fields, pointer) in [
        (json!({"amount": "199.99"}), "/amount"),
        (json!({"currency": "EUR"}), "/currency"),
        (json!({"participant": "USA"}), "/participant"),
        (json!({"restates": first}), "/restates"),
        (json!({"restates": child}), "/restates"),
        (json!({"parent": first}), "/parent"),
        (json!({"parent": child}), "/parent"),
        (json!({"qualifier": "about", "amount_min": "250"}), "/amount"),
        (
            json!({"qualifier": "between", "amount_min": "250", "amount_max": "350"}),
            "/amount",
        ),
        (
            json!({"qualifier": "up_to", "amount": null, "amount_max": "300"}),
            "/amount",
        ),
        (
            json!({"qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
        (
            json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null}),
            "/amount",
        ),
    ] {
        patched(&app, &parent, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    // To its children's only participant, to "about", or down to what they cover, it may.
    patched(
        &app,
        &parent,
        json!({"participant": "SAU", "qualifier": "about", "amount": "200"}),
    )
    .await
    .ok();
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"counted": "0.00", "outstanding": "0.00"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_is_not_reduced_or_paid_beyond_what_its_children_leave(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    granted(&app, json!({"parent": parent, "amount": "200"})).await;
    let events = format!("/v1/pledges/{parent}/events");
    for stage in ["reduced", "paid", "withdrawn", "redirected", "expired"] {
        app.post(
            &events,
            json!({"stage": stage, "occurred_on": "2019", "amount": "100.01"}),
        )
        .await
        .problem(422, "invalid")
        .fault("/amount");
    }
    app.event(&parent, "paid", "70", "2019").await;
    app.event(&parent, "reduced", "20", "2019").await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"pledged": "280.00", "counted": "80.00", "paid": "70.00", "outstanding": "10.00", "state": "partly_paid"}),
    );
    // A new child has only what is left of both.
    app.post("/v1/pledges", grant(json!({"parent": parent, "amount": "10.01"})))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    granted(&app, json!({"parent": parent, "amount": "10"})).await;
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"outstanding": "0.00", "state": "fulfilled"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_parent_never_counts_less_than_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    granted(&app, json!({"parent": parent, "amount": "200"})).await;
    let events = format!("/v1/pledges/{parent}/events");
    // "over" says that more is paid or lost than was pledged, not that its parts are more than the whole.
    let reduced = json!({"stage": "reduced", "occurred_on": "2019", "amount": "250", "over": true});
    app.post(&events, reduced)
        .await
        .problem(422, "invalid")
        .fault("/amount");
    let paid = json!({"stage": "paid", "occurred_on": "2019", "amount": "250", "over": true});
    let paid = app.post(&events, paid).await.created().id();
    app.patch(&format!("{events}/{paid}"), json!({"stage": "reduced"}))
        .await
        .problem(422, "invalid")
        .fault("/amount");
    assert_figures(
        &app.pledge_now(&parent).await,
        json!({"counted": "100.00", "outstanding": "-150.00"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_restored_only_where_it_still_fits(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    let child = granted(&app, json!({"parent": parent, "amount": "200"})).await;
    let path = format!("/v1/pledges/{child}");
    app.delete(&path).await.expect(204);
    // Another takes its room.
    let other = granted(&app, json!({"parent": parent, "amount": "150"})).await;
    app.restore(&path).await.problem(422, "invalid").fault("/amount");
    app.get(&path).await.problem(410, "retracted");
    app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    // The parent becomes what has no parts.
    let parent_path = format!("/v1/pledges/{parent}");
    patched(&app, &parent, json!({"currency": "EUR"})).await.ok();
    app.restore(&path)
        .await
        .problem(422, "invalid")
        .fault("/currency");
    patched(
        &app,
        &parent,
        json!({"currency": "USD", "qualifier": "about", "amount_max": "400"}),
    )
    .await
    .ok();
    app.restore(&path).await.problem(422, "invalid").fault("/parent");
    patched(
        &app,
        &parent,
        json!({"qualifier": "exact", "amount_max": null, "amount": "100"}),
    )
    .await
    .ok();
    app.restore(&path).await.problem(422, "invalid").fault("/amount");
    // The parent goes too.
    app.delete(&parent_path).await.expect(204);
    app.restore(&path)
        .await
        .problem(409, "refers_to_retracted")
        .fault("/parent");
    app.restore(&parent_path).await.ok();
    patched(&app, &parent, json!({"amount": "200"})).await.ok();
    app.restore(&path).await.ok();
    assert_eq!(app.pledge_now(&parent).await["counted"], "0.00");
}

// Restatements.

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_restatement_adds_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("SAU").await;
    let first = granted(&app, json!({"participant": "SAU", "announced_on": "2018-07-12"})).await;
    let parent = headline(&app).await;
    let again = app
        .post(
            "/v1/pledges",
            grant(json!({"participant": "SAU", "announced_on": "2018-08-16", "restates": first, "parent": parent})),
        )
        .await
        .created();
    assert_figures(
        &again,
        json!({"state": "restated", "pledged": "100.00", "counted": "0.00", "counted_min": "0.00", "counted_max": "0.00", "outstanding": "0.00"}),
    );
    // Its parent leaves it out all the same: the first announcement counts.
    assert_eq!(app.pledge_now(&parent).await["counted"], "200.00");
    assert_eq!(
        app.totals("").await["groups"][0]["by_currency"][0]["point"],
        "300.00"
    );
    // No longer a restatement, it counts.
    let counted = patched(&app, &again.id(), json!({"restates": null})).await.ok();
    assert_figures(
        &counted,
        json!({"state": "open", "counted": "100.00", "outstanding": "100.00"}),
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_restatement_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let by_saudi = |fields: Value| {
        let mut body = grant(json!({"participant": "SAU", "announced_on": "2018-08-16"}));
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let make = async |fields| app.post("/v1/pledges", by_saudi(fields)).await.created().id();
    let first = make(json!({"announced_on": "2018-07-12"})).await;
    let again = make(json!({"restates": first})).await;
    let by_usa = make(json!({"participant": "USA"})).await;
    let collective = make(json!({"participant": null})).await;
    let in_euros = make(json!({"currency": "EUR"})).await;
    let later = make(json!({"announced_on": "2018-08-17"})).await;
    let next_month = make(json!({"announced_on": "2018-09"})).await;
    let political = app
        .pledge_with(json!({"participant": "SAU", "instrument": "political"}))
        .await;
    for (fields, pointer) in [
        (json!({"restates": again}), "/restates"),
        (json!({"restates": by_usa}), "/restates"),
        (json!({"restates": collective}), "/restates"),
        (json!({"restates": in_euros}), "/currency"),
        (json!({"restates": political}), "/currency"),
        (json!({"restates": later}), "/restates"),
        (json!({"restates": next_month}), "/restates"),
        (
            json!({"restates": first, "announced_on": "2018-07-11"}),
            "/restates",
        ),
        (json!({"restates": first, "announced_on": "2018-06"}), "/restates"),
    ] {
        app.post("/v1/pledges", by_saudi(fields.clone()))
            .await
            .problem(422, "invalid")
            .fault(pointer);
        let lone = make(json!({})).await;
        patched(&app, &lone, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
        app.delete(&format!("/v1/pledges/{lone}")).await.expect(204);
    }
    patched(&app, &first, json!({"restates": first}))
        .await
        .problem(422, "invalid")
        .fault("/restates");
    // What may be as early is not certainly later.
    for date in [json!("2018-07"), json!("2018"), Value::Null, json!("2018-07-12")] {
        let other = make(json!({"restates": first, "announced_on": date})).await;
        app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_first_announcement_stays_what_its_restatements_restate(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "SAU"] {
        app.participant(code).await;
    }
    let earlier = granted(&app, json!({"participant": "SAU"})).await;
    let first = granted(&app, json!({"participant": "SAU", "announced_on": "2018-07-12"})).await;
    let again = granted(
        &app,
        json!({"participant": "SAU", "announced_on": "2018-08-16", "restates": first}),
    )
    .await;
    for (fields, pointer) in [
        (json!({"participant": "USA"}), "/participant"),
        (json!({"participant": null}), "/participant"),
        (json!({"currency": "EUR"}), "/currency"),
        (json!({"announced_on": "2018-08-17"}), "/announced_on"),
        (json!({"announced_on": "2019"}), "/announced_on"),
        (json!({"restates": earlier}), "/restates"),
    ] {
        patched(&app, &first, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    for (fields, pointer) in [
        (json!({"participant": "USA"}), "/restates"),
        (json!({"currency": "EUR"}), "/currency"),
        (json!({"announced_on": "2018-07-11"}), "/restates"),
    ] {
        patched(&app, &again, fields)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    // While the restatement is away, the first may change: then it does not come back.
    let path = format!("/v1/pledges/{again}");
    app.delete(&path).await.expect(204);
    patched(&app, &first, json!({"restates": earlier})).await.ok();
    app.restore(&path)
        .await
        .problem(422, "invalid")
        .fault("/restates");
    patched(&app, &first, json!({"restates": null, "participant": "USA"}))
        .await
        .ok();
    app.restore(&path)
        .await
        .problem(422, "invalid")
        .fault("/restates");
    app.delete(&format!("/v1/pledges/{first}")).await.expect(204);
    app.restore(&path)
        .await
        .problem(409, "refers_to_retracted")
        .fault("/restates");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_restatement_has_no_children_and_takes_no_events(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let first = granted(&app, json!({})).await;
    let paid = granted(&app, json!({})).await;
    app.event(&paid, "frozen", None, "2019").await;
    patched(&app, &paid, json!({"restates": first}))
        .await
        .problem(422, "invalid")
        .fault("/restates");
    let parent = headline(&app).await;
    granted(&app, json!({"parent": parent})).await;
    patched(&app, &parent, json!({"restates": first}))
        .await
        .problem(422, "invalid")
        .fault("/restates");
    let again = granted(&app, json!({"restates": first})).await;
    let refused = app
        .post(
            &format!("/v1/pledges/{again}/events"),
            json!({"stage": "paid", "occurred_on": "2019", "amount": "1"}),
        )
        .await
        .problem(422, "invalid");
    assert!(
        refused.text.contains(&format!("/v1/pledges/{first}/events")),
        "names the record that does: {refused}"
    );
}

// Writing.

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_is_written_by_an_editor_and_read_by_anybody(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let path = format!("/v1/pledges/{id}");
    for ask in [
        app.post("/v1/pledges", grant(json!({}))),
        app.patch(&path, json!({"purpose": "x"})),
        app.delete(&path),
        app.restore(&path),
        app.post(
            &format!("{path}/events"),
            json!({"stage": "frozen", "occurred_on": "2019"}),
        ),
    ] {
        ask.without_key().await.problem(401, "unauthorized");
    }
    app.delete(&path)
        .key(&app.keys.reader)
        .await
        .problem(403, "forbidden");
    assert_eq!(app.get(&path).await.expect(200)["version"], 1);
    app.patch(&path, json!({"purpose": "roads"}))
        .header("Change-Reason", "%D8%AA%D8%B5%D8%AD%D9%8A%D8%AD")
        .await
        .ok();
    let last = app.history(&path).await.items()[0].clone();
    assert_eq!(
        (&last["actor"], &last["reason"]),
        (&json!("editor"), &json!("تصحيح"))
    );
    assert_eq!(
        (&last["before"]["purpose"], &last["after"]["purpose"]),
        (&Value::Null, &json!("roads"))
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_may_be_patched_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let article = app.article(json!({})).await;
    app.participant("USA").await;
    for fields in [
        json!({"participant": "USA", "meeting": meeting, "citations": [{"article": article, "states": {"amount": "230"}}]}),
        json!({"qualifier": "up_to", "amount": null, "amount_max": "80"}),
        json!({"qualifier": "between", "amount": "60", "amount_min": "50", "amount_max": "80", "announced_on": "2018-02"}),
        json!({"instrument": "political", "qualifier": null, "amount": null, "currency": null}),
    ] {
        let id = granted(&app, fields).await;
        for language in ["en", "ar"] {
            let read = app
                .get(&format!("/v1/pledges/{id}?lang={language}"))
                .await
                .expect(200);
            let back = patched(&app, &id, read.body.clone()).await.expect(200);
            assert_eq!(back["version"], 1, "nothing changed: {back}");
        }
        assert_eq!(app.history(&format!("/v1/pledges/{id}")).await.items().len(), 1);
        for (name, value) in [
            ("id", json!("00000000-0000-7000-8000-000000000000")),
            ("version", json!(7)),
            ("state", json!("fulfilled")),
            ("counted", json!("5.00")),
            ("paid", json!("5.00")),
            ("participant_name", json!("Somebody")),
            ("updated_at", json!("2018-02-13T00:00:00Z")),
            ("conflicts", json!(null)),
            ("colour", json!("red")),
            ("citations", json!([])),
        ] {
            patched(&app, &id, json!({name: value}))
                .await
                .problem(422, "invalid")
                .fault(&format!("/{name}"));
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_patch_touches_only_what_it_names(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    for code in ["USA", "SYR"] {
        app.participant(code).await;
    }
    let made = app
        .post(
            "/v1/pledges",
            grant(json!({
                "participant": "USA", "meeting": meeting, "beneficiary": "SYR", "purpose": "stabilisation", "announced_on": "2018-02-13",
                "announced_by_name": "Rex Tillerson", "announced_by_office": "Secretary of State", "period_from": "2018", "period_to": "2019-06",
                "conditions": "none",
            })),
        )
        .await
        .created();
    let mut now = made.body.clone();
    for (patch, derived) in [
        (json!({"purpose": "demining"}), json!({})),
        (json!({"announced_by_office": null}), json!({})),
        (json!({"announced_on": "2018-02"}), json!({})),
        (
            json!({"amount": "150.00"}),
            json!({"pledged_min": "150.00", "pledged": "150.00", "pledged_max": "150.00", "counted_min": "150.00", "counted": "150.00",
                   "counted_max": "150.00", "outstanding": "150.00"}),
        ),
        (json!({"meeting": null}), json!({"meeting_title": null})),
    ] {
        let answer = app
            .patch(&format!("/v1/pledges/{}", made.id()), patch.clone())
            .await
            .expect(200);
        for fields in [&patch, &derived] {
            for (name, value) in fields.as_object().unwrap() {
                now[name] = value.clone();
            }
        }
        now["version"] = (now["version"].as_i64().unwrap() + 1).into();
        now["updated_at"] = answer["updated_at"].clone();
        assert_eq!(answer.body, now, "after {patch}");
    }
    // application/json is taken as a merge patch too.
    let plain = app
        .ask(reqwest::Method::PATCH, &format!("/v1/pledges/{}", made.id()))
        .json(&json!({"conditions": null}))
        .await
        .expect(200);
    assert_eq!(plain["conditions"], Value::Null);
    assert_eq!(plain["purpose"], "demining");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_is_changed_only_as_its_editor_saw_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = granted(&app, json!({})).await;
    let path = format!("/v1/pledges/{id}");
    let read = app.get(&path).await.expect(200);
    let etag = read.header("etag").unwrap().to_owned();
    app.get_with(&path, &[("If-None-Match", &etag)]).await.expect(304);
    // In another language it is another representation of the same version.
    let arabic = app.get(&format!("{path}?lang=ar")).await.expect(200);
    let arabic = arabic.header("etag").unwrap().to_owned();
    let patched = app
        .patch(&path, json!({"purpose": "demining"}))
        .header("If-Match", &arabic)
        .await
        .expect(200);
    assert_eq!(patched["version"], 2);
    assert_ne!(patched.header("etag"), Some(&*etag));
    app.get_with(&path, &[("If-None-Match", &etag)]).await.expect(200);
    for ask in [
        app.patch(&path, json!({"purpose": "roads"})),
        app.delete(&path),
        app.post(
            &format!("{path}/events"),
            json!({"stage": "frozen", "occurred_on": "2019"}),
        ),
    ] {
        ask.header("If-Match", &etag).await.problem(412, "stale_version");
    }
    assert_eq!(app.pledge_now(&id).await["version"], 2);
    app.delete(&path).header("If-Match", "*").await.expect(204);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_retracted_pledge_is_gone_until_it_is_restored(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({})).await;
    let id = granted(&app, json!({"citations": [{"article": article}]})).await;
    app.event(&id, "paid", "40", "2019").await;
    let before = app.pledge_now(&id).await;
    let path = format!("/v1/pledges/{id}");
    app.delete(&path)
        .header("Change-Reason", "entered%20twice")
        .await
        .expect(204);
    let gone = app.get(&path).await.problem(410, "retracted");
    assert!(
        gone["detail"]
            .as_str()
            .unwrap()
            .contains(&format!("{path}/history")),
        "{gone}"
    );
    app.patch(&path, json!({"purpose": "x"}))
        .await
        .problem(410, "retracted");
    app.delete(&path).await.problem(410, "retracted");
    app.get(&format!("{path}/events")).await.problem(410, "retracted");
    app.get(&format!("{path}/citations"))
        .await
        .problem(410, "retracted");
    assert_eq!(ids(&app, "").await.len(), 0);
    assert_eq!(app.totals("").await["groups"][0]["pledges"], 0);
    // What refers to a record that is gone names nothing.
    app.post("/v1/pledges", grant(json!({"restates": id})))
        .await
        .problem(422, "invalid")
        .fault("/restates");
    let history = app.history(&path).await;
    assert_eq!(history.items()[0]["op"], "retract");
    assert_eq!(history.items()[0]["reason"], "entered twice");
    let back = app.restore(&path).await.expect(200);
    assert_eq!(back["version"], before["version"].as_i64().unwrap() + 2);
    assert_figures(
        &back,
        json!({"paid": "40.00", "outstanding": "60.00", "state": "partly_paid"}),
    );
    assert_eq!(
        app.get(&format!("{path}/events")).await.expect(200).items().len(),
        1
    );
    assert_eq!(
        app.get(&format!("{path}/citations"))
            .await
            .expect(200)
            .items()
            .len(),
        1
    );
    app.restore(&path).await.problem(409, "not_retracted");
    app.restore("/v1/pledges/00000000-0000-7000-8000-000000000000")
        .await
        .problem(404, "not_found");
    app.get("/v1/pledges/nonsense").await.problem(404, "not_found");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_that_others_refer_to_stays_and_they_are_named(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let parent = headline(&app).await;
    let child = granted(&app, json!({"parent": parent})).await;
    let restatement = granted(&app, json!({"restates": parent})).await;
    let refused = app
        .delete(&format!("/v1/pledges/{parent}"))
        .await
        .problem(409, "still_referenced");
    for other in [&child, &restatement] {
        assert!(refused.text.contains(&format!("pledges/{other}")), "{refused}");
    }
    for other in [&child, &restatement] {
        app.delete(&format!("/v1/pledges/{other}")).await.expect(204);
    }
    app.delete(&format!("/v1/pledges/{parent}")).await.expect(204);
    // Nor is a meeting or a participant retracted from under a pledge.
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "5", "USD").await;
    for path in ["/v1/meetings/kuwait-2018", "/v1/participants/USA"] {
        let refused = app.delete(path).await.problem(409, "still_referenced");
        assert!(refused.text.contains(&format!("pledges/{pledge}")), "{refused}");
    }
}

// Finding.

/// A register with something for every filter; ids by name.
async fn furnished(app: &App) -> std::collections::HashMap<&'static str, String> {
    let coalition = app.coalition("global").await;
    let ministerial = app
        .meeting_with(json!({"slug": "ministerial", "coalition": coalition}))
        .await;
    let conference = app.meeting("conference").await;
    for code in ["USA", "KWT", "EU", "ISDB", "SYR", "IRQ"] {
        app.participant(code).await;
    }
    let mut made = std::collections::HashMap::new();
    for (name, fields) in [
        (
            "us",
            json!({"participant": "USA", "meeting": ministerial, "amount": "200", "beneficiary": "SYR", "announced_on": "2018-02-13"}),
        ),
        (
            "kuwait",
            json!({"participant": "KWT", "meeting": conference, "instrument": "loan", "amount": "1000", "beneficiary": "IRQ", "announced_on": "2018-02-14"}),
        ),
        (
            "eu",
            json!({"participant": "EU", "meeting": conference, "amount": "400", "currency": "EUR", "beneficiary": "IRQ", "announced_on": "2018-02"}),
        ),
        (
            "bank",
            json!({"participant": "ISDB", "meeting": conference, "instrument": "credit_line", "qualifier": "up_to", "amount": null, "amount_max": "500", "announced_on": "2018"}),
        ),
        (
            "floor",
            json!({"participant": "USA", "qualifier": "at_least", "amount": null, "amount_min": "50"}),
        ),
        (
            "political",
            json!({"instrument": "political", "meeting": ministerial, "qualifier": null, "amount": null, "currency": null, "announced_on": "2019-01-01"}),
        ),
        ("headline", json!({"amount": "300"})),
    ] {
        made.insert(name, granted(app, fields).await);
    }
    let child = json!({"parent": made["headline"], "participant": "USA", "amount": "20"});
    made.insert("child", granted(app, child).await);
    let again =
        json!({"restates": made["us"], "participant": "USA", "amount": "200", "announced_on": "2018-03"});
    made.insert("again", granted(app, again).await);
    app.event(&made["kuwait"], "paid", "1000", "2019").await;
    let article = app.article(json!({})).await;
    app.citation(&format!("pledges/{}", made["eu"]), &article, json!({}))
        .await;
    made
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_filter_finds_what_it_names(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let made = furnished(&app).await;
    let us_id = app.get("/v1/participants/USA").await.id();
    let by_id = format!("participant={us_id}");
    let (parent, restates) = (
        format!("parent={}", made["headline"]),
        format!("restates={}", made["us"]),
    );
    for (query, names) in [
        (
            "",
            &[
                "us",
                "kuwait",
                "eu",
                "bank",
                "floor",
                "political",
                "headline",
                "child",
                "again",
            ][..],
        ),
        ("participant=USA", &["us", "floor", "child", "again"]),
        (
            "participant=usa,kwt",
            &["us", "floor", "child", "again", "kuwait"],
        ),
        (
            "participant=USA&participant=KWT",
            &["us", "floor", "child", "again", "kuwait"],
        ),
        (&by_id, &["us", "floor", "child", "again"]),
        ("participant_kind=igo,ifi", &["eu", "bank"]),
        ("participant_kind=ngo", &[]),
        ("meeting=ministerial", &["us", "political"]),
        (
            "meeting=conference,ministerial",
            &["us", "political", "kuwait", "eu", "bank"],
        ),
        ("coalition=global", &["us", "political"]),
        ("instrument=loan,political", &["kuwait", "political"]),
        ("qualifier=up_to,at_least", &["bank", "floor"]),
        ("currency=EUR", &["eu"]),
        (
            "currency=usd",
            &["us", "kuwait", "bank", "floor", "headline", "child", "again"],
        ),
        ("state=fulfilled", &["kuwait"]),
        ("state=restated,fulfilled", &["again", "kuwait"]),
        ("beneficiary=IRQ", &["kuwait", "eu"]),
        ("collective=true", &["political", "headline"]),
        ("collective=false&currency=EUR", &["eu"]),
        (&parent, &["child"]),
        (&restates, &["again"]),
        ("cited=true", &["eu"]),
        ("cited=false&collective=true", &["political", "headline"]),
        // A partial date matches wherever it overlaps; none, nowhere.
        (
            "announced_from=2018-02-14&announced_to=2018-02-14",
            &["kuwait", "eu", "bank"],
        ),
        ("announced_to=2018-02-13", &["us", "eu", "bank"]),
        ("announced_from=2018-03", &["again", "bank", "political"]),
        (
            "announced_from=2018&announced_to=2018",
            &["us", "kuwait", "eu", "bank", "again"],
        ),
        ("announced_from=2020", &[]),
        // Amounts, in one currency: a range matches where it overlaps.
        (
            "currency=USD&amount_min=300",
            &["kuwait", "bank", "floor", "headline"],
        ),
        ("currency=USD&amount_max=50", &["bank", "floor", "child"]),
        (
            "currency=USD&amount_min=200&amount_max=200.00",
            &["us", "again", "bank", "floor"],
        ),
        ("currency=EUR&amount_min=400.01", &[]),
        (
            "participant=USA&meeting=ministerial&currency=USD&state=open&beneficiary=SYR&collective=false",
            &["us"],
        ),
        (
            "updated_from=2018-01-01",
            &[
                "us",
                "kuwait",
                "eu",
                "bank",
                "floor",
                "political",
                "headline",
                "child",
                "again",
            ],
        ),
        ("updated_to=2018-01-01", &[]),
    ] {
        let expected = sorted(names.iter().map(|name| made[name].clone()).collect());
        assert_eq!(ids(&app, query).await, expected, "{query}");
        let counted = app
            .get(&format!("/v1/pledges?limit=1&count=true&{query}"))
            .await
            .expect(200);
        assert_eq!(counted["count"], names.len(), "{query}");
        // The list and its total never disagree.
        let totals = app.totals(query).await;
        let restated = names.iter().filter(|name| **name == "again").count();
        assert_eq!(totals["groups"][0]["pledges"], names.len() - restated, "{query}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_cannot_be_understood_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (query, parameter) in [
        ("participant=XYZ", "?participant"),
        ("meeting=nowhere", "?meeting"),
        ("coalition=none", "?coalition"),
        ("beneficiary=XYZ", "?beneficiary"),
        ("participant_kind=people", "?participant_kind"),
        ("instrument=gift", "?instrument"),
        ("qualifier=exactly", "?qualifier"),
        ("currency=XXY", "?currency"),
        ("state=done", "?state"),
        ("parent=nonsense", "?parent"),
        ("restates=nonsense", "?restates"),
        ("collective=yes", "?collective"),
        ("cited=1", "?cited"),
        ("announced_from=yesterday", "?announced_from"),
        ("announced_to=2018-13", "?announced_to"),
        ("amount_min=5", "?amount_min"),
        ("amount_max=5", "?amount_max"),
        ("amount_min=5&currency=USD,EUR", "?amount_min"),
        ("amount_min=-5&currency=USD", "?amount_min"),
        ("amount_min=1.001&currency=USD", "?amount_min"),
        ("amount_max=many&currency=USD", "?amount_max"),
        ("updated_from=soon", "?updated_from"),
        ("colour=red", "?colour"),
        ("participant=", "?participant"),
    ] {
        for path in ["/v1/pledges", "/v1/totals"] {
            app.get(&format!("{path}?{query}"))
                .await
                .problem(400, "malformed")
                .fault(parameter);
        }
    }
    for sort in ["pledged", "-pledged", "amount", "-paid", "outstanding"] {
        for currencies in ["", "&currency=USD,EUR"] {
            let refused = app
                .get(&format!("/v1/pledges?sort={sort}{currencies}"))
                .await
                .problem(400, "malformed")
                .fault("?sort");
            assert!(refused.text.contains("currency="), "names the mend: {refused}");
        }
        app.get(&format!("/v1/pledges?sort={sort}&currency=USD"))
            .await
            .expect(200);
    }
    app.get("/v1/pledges?sort=colour")
        .await
        .problem(400, "malformed")
        .fault("?sort");
}

/// What a row is sorted by.
type Key = Box<dyn Fn(&Value) -> Option<String>>;

/// A list, page by page, in one direction.
async fn paged(app: &App, query: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut path = format!("/v1/pledges?limit=2&{query}");
    loop {
        let page = app.get(&path).await.expect(200);
        assert!(page.items().len() <= 2);
        all.extend_from_slice(page.items());
        match page["next"].as_str() {
            None => {
                assert_eq!(page.header("link"), None);
                return all;
            }
            Some(next) => {
                assert_eq!(page.items().len(), 2, "only the last page is short");
                // The header says the same as the body.
                let link = page.header("link").unwrap();
                assert!(
                    link.contains(&format!("after={next}")) && link.ends_with("rel=\"next\""),
                    "{link}"
                );
                link.strip_prefix('<')
                    .unwrap()
                    .split_once('>')
                    .unwrap()
                    .0
                    .clone_into(&mut path);
            }
        }
        assert!(all.len() < 100, "pages go round in circles");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn all_pages_of_a_sorted_list_come_in_order_nulls_last(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    // Ties and nulls, so that pages begin and end within them.
    for announced_on in [
        json!("2018-02-13"),
        json!("2018-02-13"),
        Value::Null,
        Value::Null,
        Value::Null,
    ] {
        granted(
            &app,
            json!({"participant": "USA", "announced_on": announced_on, "amount": "200"}),
        )
        .await;
        granted(
            &app,
            json!({"qualifier": "at_least", "amount": null, "amount_min": "5"}),
        )
        .await;
    }
    // Each with the key that it sorts by; a partial date by its first day.
    let first_day = |item: &Value| {
        item["announced_on"]
            .as_str()
            .map(|date| format!("{date}{}", &"-01-01"[date.len() - 4..]))
    };
    let text = |name: &'static str| move |item: &Value| item[name].as_str().map(str::to_owned);
    let money =
        |name: &'static str| move |item: &Value| item[name].as_str().map(|amount| format!("{amount:0>30}"));
    let sorts: [(&str, &str, Key); 11] = [
        ("created_at", "", Box::new(text("id"))),
        ("updated_at", "", Box::new(text("updated_at"))),
        ("announced_on", "", Box::new(first_day)),
        ("participant", "", Box::new(text("participant"))),
        ("meeting", "", Box::new(text("meeting"))),
        ("instrument", "", Box::new(text("instrument"))),
        ("state", "", Box::new(text("state"))),
        ("pledged", "&currency=USD", Box::new(money("pledged"))),
        ("amount", "&currency=USD", Box::new(money("amount"))),
        ("paid", "&currency=USD", Box::new(money("paid"))),
        ("outstanding", "&currency=USD", Box::new(money("outstanding"))),
    ];
    for (name, filter, key) in sorts {
        let count = app.get(&format!("/v1/pledges?limit=1&count=true{filter}")).await["count"].as_u64();
        for descending in [false, true] {
            let sign = if descending { "-" } else { "" };
            let query = format!("sort={sign}{name}{filter}");
            let all = paged(&app, &query).await;
            assert_eq!(Some(all.len() as u64), count, "{query} shows each once");
            let mut expected = all.clone();
            expected.sort_by(|one, other| {
                let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
                match (key(one), key(other)) {
                    (None, Some(_)) => std::cmp::Ordering::Greater,
                    (Some(_), None) => std::cmp::Ordering::Less,
                    (one_key, other_key) => {
                        let order = (one_key, id(one)).cmp(&(other_key, id(other)));
                        if descending { order.reverse() } else { order }
                    }
                }
            });
            let ids = |items: &[Value]| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
            assert_eq!(ids(&all), ids(&expected), "{query}");
        }
    }
    // Newest first, unless another order is asked for.
    assert_eq!(
        app.get("/v1/pledges").await.body,
        app.get("/v1/pledges?sort=-created_at").await.body
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_not_moved_by_what_comes_meanwhile(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for _ in 0..4 {
        granted(&app, json!({})).await;
    }
    let before = ids(&app, "").await;
    let first = app.get("/v1/pledges?limit=2").await.expect(200);
    granted(&app, json!({})).await;
    let next = first["next"].as_str().unwrap();
    let second = app
        .get(&format!("/v1/pledges?limit=200&after={next}"))
        .await
        .expect(200);
    let seen = first.each("id").into_iter().chain(second.each("id"));
    assert_eq!(
        sorted(seen.map(|id| id.as_str().unwrap().into()).collect()),
        before
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_its_query(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for _ in 0..3 {
        granted(&app, json!({})).await;
    }
    let page = app
        .get("/v1/pledges?limit=1&currency=USD&sort=pledged")
        .await
        .expect(200);
    let next = page["next"].as_str().unwrap();
    assert!(
        next.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        "{next}"
    );
    for other in [
        "/v1/pledges?currency=USD&sort=-pledged",
        "/v1/pledges?currency=USD",
        "/v1/pledges?currency=EUR&sort=pledged",
        "/v1/pledges?currency=USD&sort=pledged&state=open",
        "/v1/changes?limit=1",
    ] {
        app.get(&format!("{other}&after={next}"))
            .await
            .problem(400, "malformed")
            .fault("?after");
    }
    // How many at a time, in which language, and in which order it is written, does not matter.
    app.get(&format!(
        "/v1/pledges?sort=pledged&lang=ar&count=true&after={next}&currency=USD&limit=2"
    ))
    .await
    .expect(200);
}
