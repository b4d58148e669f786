//! Meetings: what they were, what they announced as a whole, who attended.

use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_says_where_when_and_whose_it_was(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.participant("KWT").await;
    let created = app
        .post(
            "/v1/meetings",
            json!({
                "slug": "kuwait-2018", "coalition": "global", "kind": "ministerial",
                "titles": {"en": "Ministerial", "ar": "اجتماع وزاري"},
                "starts_on": "2018-02-13", "ends_on": "2018-02-13",
                "city": "Kuwait City", "country": "kwt", "participant_count": 75,
            }),
        )
        .await
        .created();
    assert_eq!(created.header("location"), Some("/v1/meetings/kuwait-2018"));
    assert_eq!(created["country"], "KWT");
    assert_eq!(created["coalition"], "global");
    assert_eq!(created["headline_amount"], json!(null));
    let read = app.get("/v1/meetings/kuwait-2018?lang=ar").await.expect(200);
    assert_eq!(read["title"], "اجتماع وزاري");
    let changed = app
        .patch(
            "/v1/meetings/kuwait-2018",
            json!({"ends_on": null, "country": null, "participant_count": null}),
        )
        .await
        .expect(200);
    assert_eq!(changed["version"], 2);
    for field in ["ends_on", "country", "participant_count"] {
        assert_eq!(changed[field], json!(null), "{field}");
    }
    // What was read, in whichever language, may be sent back.
    for lang in ["ar", "en", "fr"] {
        let read = app
            .get(&format!("/v1/meetings/kuwait-2018?lang={lang}"))
            .await
            .body;
        let same = app.patch("/v1/meetings/kuwait-2018", read).await.expect(200);
        assert_eq!(same["version"], 2);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_meeting_that_makes_no_sense_is_refused_with_all_its_faults(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.post("/v1/meetings", json!({}))
        .await
        .problem(422, "invalid")
        .fault("/slug")
        .fault("/titles")
        .fault("/kind")
        .fault("/starts_on");
    app.meeting("kuwait-2018").await;
    for (patch, pointer) in [
        (json!({"ends_on": "2018-02-12"}), "/ends_on"),
        (json!({"ends_on": "2017"}), "/ends_on"),
        (json!({"starts_on": null}), "/starts_on"),
        (json!({"starts_on": "13.02.2018"}), "/starts_on"),
        (json!({"participant_count": -1}), "/participant_count"),
        (json!({"participant_count": "75"}), "/participant_count"),
        (json!({"participant_count": 1.5}), "/participant_count"),
        (json!({"coalition": "none"}), "/coalition"),
        (json!({"country": "ZZZ"}), "/country"),
        (json!({"city": " "}), "/city"),
        (json!({"kind": "party"}), "/kind"),
        (json!({"slug": "other"}), "/slug"),
        (json!({"title": "Another"}), "/title"),
        (json!({"version": 7}), "/version"),
    ] {
        app.patch("/v1/meetings/kuwait-2018", patch)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    // A month that holds the first day does not contradict it.
    app.patch("/v1/meetings/kuwait-2018", json!({"ends_on": "2018-02"}))
        .await
        .expect(200);
    assert_eq!(app.get("/v1/meetings/kuwait-2018").await["version"], 2);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_headline_is_money_in_one_currency(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app
        .meeting_with(json!({
            "slug": "kicri-2018", "headline_amount": "30000000000", "need_amount": "88200000000.00",
            "headline_currency": "usd",
        }))
        .await;
    let path = format!("/v1/meetings/{meeting}");
    let read = app.get(&path).await;
    assert_eq!(read["headline_amount"], "30000000000.00");
    assert_eq!(read["need_amount"], "88200000000.00");
    assert_eq!(read["headline_currency"], "USD");
    for (patch, pointer) in [
        (json!({"headline_amount": 30_000_000_000_i64}), "/headline_amount"),
        (json!({"headline_amount": "0.00"}), "/headline_amount"),
        (json!({"headline_amount": "-1"}), "/headline_amount"),
        (json!({"headline_amount": "30,000"}), "/headline_amount"),
        (json!({"headline_amount": "1.001"}), "/headline_amount"),
        (json!({"headline_amount": "٣٠"}), "/headline_amount"),
        (json!({"headline_amount": "1000000000000001"}), "/headline_amount"),
        (json!({"headline_currency": null}), "/headline_currency"),
        (json!({"headline_currency": "XXY"}), "/headline_currency"),
        (
            json!({"headline_amount": null, "need_amount": null}),
            "/headline_currency",
        ),
    ] {
        app.patch(&path, patch)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    // Three decimals in Kuwait, none in Japan.
    let dinars = app
        .patch(
            &path,
            json!({"headline_amount": "1.5", "need_amount": null, "headline_currency": "KWD"}),
        )
        .await
        .expect(200);
    assert_eq!(dinars["headline_amount"], "1.500");
    app.patch(&path, json!({"headline_currency": "JPY"}))
        .await
        .problem(422, "invalid")
        .fault("/headline_amount");
    let none = app
        .patch(&path, json!({"headline_amount": null, "headline_currency": null}))
        .await
        .expect(200);
    assert_eq!(none["headline_currency"], json!(null));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn meetings_are_found_by_dates_that_overlap(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.participant("KWT").await;
    app.meeting_with(
        json!({"slug": "day", "starts_on": "2018-02-13", "coalition": "global", "country": "KWT"}),
    )
    .await;
    app.meeting_with(json!({"slug": "month", "starts_on": "2018-02", "kind": "summit"}))
        .await;
    app.meeting_with(json!({"slug": "year", "starts_on": "2018", "kind": "other"}))
        .await;
    app.meeting_with(json!({"slug": "before", "starts_on": "2017-12-31"}))
        .await;
    for (query, slugs) in [
        ("starts_from=2018-02-13", json!(["day", "month", "year"])),
        ("starts_from=2018-02-14", json!(["month", "year"])),
        ("starts_from=2018-03", json!(["year"])),
        ("starts_to=2018-01", json!(["before", "year"])),
        ("starts_to=2017", json!(["before"])),
        (
            "starts_from=2018-02-13&starts_to=2018-02-13",
            json!(["day", "month", "year"]),
        ),
        ("starts_from=2019", json!([])),
        ("coalition=global", json!(["day"])),
        ("country=kwt", json!(["day"])),
        ("kind=summit,other", json!(["month", "year"])),
    ] {
        let list = app
            .get(&format!("/v1/meetings?sort=slug&{query}"))
            .await
            .expect(200);
        assert_eq!(json!(list.each("slug")), slugs, "{query}");
    }
    // A partial date sorts by its first day.
    let list = app.get("/v1/meetings?sort=starts_on").await;
    assert_eq!(
        json!(list.each("slug")),
        json!(["before", "year", "month", "day"])
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_attendance_says_in_which_role_and_who_came(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.meeting("kuwait-2018").await;
    app.participant("USA").await;
    let path = "/v1/meetings/kuwait-2018/attendance/usa";
    let created = app
        .put(
            path,
            json!({"role": "co_chair", "delegate_name": "Rex Tillerson", "delegate_office": "Secretary of State", "adopted": true}),
        )
        .await
        .created();
    assert_eq!(
        created.header("location"),
        Some("/v1/meetings/kuwait-2018/attendance/USA")
    );
    assert_eq!(created["participant"], "USA");
    assert_eq!(created["participant_name"], "United States");
    assert_eq!(app.get(path).await.body, created.body);
    assert_eq!(
        app.get("/v1/meetings/kuwait-2018/attendance?lang=ar")
            .await
            .each("participant_name"),
        ["الولايات المتحدة"]
    );
    // PUT says it all: what it leaves out is unsaid.
    let replaced = app.put(path, json!({})).await.expect(200);
    assert_eq!(replaced["role"], "member");
    assert_eq!(replaced["delegate_name"], json!(null));
    assert_eq!(replaced["adopted"], json!(null));
    assert_eq!(replaced["version"], 2);
    assert_eq!(app.put(path, json!({})).await.expect(200)["version"], 2);
    for (faulty, pointer) in [
        (json!({"role": "guest"}), "/role"),
        (json!({"adopted": "yes"}), "/adopted"),
        (json!({"delegate_name": ""}), "/delegate_name"),
        (json!({"delegate": "x"}), "/delegate"),
    ] {
        app.put(path, faulty).await.problem(422, "invalid").fault(pointer);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn attendance_is_found_by_role_and_adoption(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    app.attendance(&meeting, "KWT", json!({"role": "host", "adopted": true}))
        .await;
    app.attendance(&meeting, "USA", json!({"role": "co_chair", "adopted": false}))
        .await;
    app.attendance(&meeting, "EU", json!({"role": "observer"})).await;
    for (query, codes) in [
        ("", json!(["EU", "KWT", "USA"])),
        ("role=host,co_chair", json!(["KWT", "USA"])),
        ("adopted=true", json!(["KWT"])),
        // Unknown is not no.
        ("adopted=false", json!(["USA"])),
    ] {
        let list = app
            .get(&format!(
                "/v1/meetings/{meeting}/attendance?sort=participant&{query}"
            ))
            .await
            .expect(200);
        assert_eq!(json!(list.each("participant")), codes, "{query}");
    }
    assert_eq!(
        app.get("/v1/meetings?participant=USA").await.each("slug"),
        ["kuwait-2018"]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_attendance_is_retracted_put_again_and_restored(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    app.attendance(&meeting, "USA", json!({"role": "host"})).await;
    let path = "/v1/meetings/kuwait-2018/attendance/USA";
    app.delete(path).await.expect(204);
    app.get(path).await.problem(410, "retracted");
    assert_eq!(app.restore(path).await.expect(200)["role"], "host");
    app.delete(path).await.expect(204);
    app.put(path, json!({"role": "observer"})).await.created();
    app.restore(path).await.problem(409, "not_retracted");
    assert_eq!(
        json!(app.history(path).await.each("op")),
        json!(["create", "retract", "restore", "retract", "create"])
    );
    app.get("/v1/meetings/kuwait-2018/attendance/KWT")
        .await
        .problem(404, "not_found");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn neither_membership_nor_attendance_nor_pledging_follows_from_another(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.member("global", "KWT", "2014").await;
    let meeting = app
        .meeting_with(json!({"slug": "kuwait-2018", "coalition": "global"}))
        .await;
    app.pledge(&meeting, "200000000", "USD").await;
    assert!(
        app.get("/v1/meetings/kuwait-2018/attendance")
            .await
            .items()
            .is_empty()
    );
    app.attendance(&meeting, "SAU", json!({"adopted": true})).await;
    assert_eq!(
        app.get("/v1/coalitions/global/members").await.each("participant"),
        ["KWT"]
    );
    assert_eq!(app.get("/v1/pledges").await.each("participant"), ["USA"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn sources_that_count_otherwise_are_shown_on_the_meeting(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app
        .meeting_with(json!({
            "slug": "kuwait-2018", "participant_count": 75,
            "headline_amount": "30000000000.00", "headline_currency": "USD",
        }))
        .await;
    let article = app.article(json!({})).await;
    let subject = format!("meetings/{meeting}");
    let mut citations = Vec::new();
    for states in [
        json!({"participant_count": 68}),
        json!({"participant_count": 74, "headline_amount": "30000000000"}),
        json!({"participant_count": 68, "titles": "Ministerial in Kuwait City"}),
        json!({"participant_count": 75, "titles": "اجتماع وزاري في مدينة الكويت"}),
    ] {
        citations.push(app.citation(&subject, &article, json!({"states": states})).await);
    }
    assert_eq!(
        app.get("/v1/meetings/kuwait-2018").await["conflicts"],
        json!([{"field": "participant_count", "value": 75, "stated": [
            {"value": 68, "citations": [citations[0], citations[2]]},
            {"value": 74, "citations": [citations[1]]},
        ]}])
    );
    // Once retracted, a source says nothing any more.
    for citation in &citations[..3] {
        app.delete(&format!("/v1/citations/{citation}")).await.expect(204);
    }
    assert_eq!(app.get("/v1/meetings/kuwait-2018").await["conflicts"], json!([]));
}
