//! Coalitions, and who belonged to them when.

use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_coalition_is_created_read_changed_retracted_and_restored(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let created = app
        .post(
            "/v1/coalitions",
            json!({
                "slug": "global-coalition",
                "names": {"en": "Global Coalition", "ar": "التحالف الدولي"},
                "founded_on": "2014-09",
                "description": "Against one group.",
            }),
        )
        .await
        .created();
    assert_eq!(
        created.header("location"),
        Some("/v1/coalitions/global-coalition")
    );
    assert_eq!(created["founded_on"], "2014-09");
    let by_id = app
        .get(&format!("/v1/coalitions/{}?lang=ar", created.id()))
        .await
        .expect(200);
    assert_eq!(by_id["name"], "التحالف الدولي");
    let changed = app
        .patch(
            "/v1/coalitions/global-coalition",
            json!({"names": {"fr": "Coalition mondiale"}, "description": null}),
        )
        .await
        .expect(200);
    assert_eq!(
        changed["names"],
        json!({"en": "Global Coalition", "ar": "التحالف الدولي", "fr": "Coalition mondiale"})
    );
    assert_eq!(changed["description"], json!(null));
    assert_eq!(changed["founded_on"], "2014-09");
    app.patch("/v1/coalitions/global-coalition", json!({"slug": "other"}))
        .await
        .problem(422, "invalid")
        .fault("/slug");
    app.delete("/v1/coalitions/global-coalition").await.expect(204);
    let gone = app
        .get("/v1/coalitions/global-coalition")
        .await
        .problem(410, "retracted");
    assert!(
        gone["detail"]
            .as_str()
            .unwrap()
            .contains("/v1/coalitions/global-coalition/history"),
        "{gone}"
    );
    assert!(app.get("/v1/coalitions").await.items().is_empty());
    app.post(
        "/v1/coalitions",
        json!({"slug": "global-coalition", "names": {"en": "X"}}),
    )
    .await
    .problem(409, "duplicate");
    let restored = app.restore("/v1/coalitions/global-coalition").await.expect(200);
    assert_eq!(restored["version"], 4);
    assert_eq!(restored["names"], changed["names"]);
    app.restore("/v1/coalitions/global-coalition")
        .await
        .problem(409, "not_retracted");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_slug_never_looks_like_an_id(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let id = "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b";
    for slug in [id, "", "a b", "مؤتمر", "-a", &"a".repeat(81)] {
        app.post("/v1/coalitions", json!({"slug": slug, "names": {"en": "X"}}))
            .await
            .problem(422, "invalid")
            .fault("/slug");
    }
    app.coalition(&"a".repeat(80)).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_membership_ends_on_the_first_day_that_is_no_longer_a_member_s(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.participant("USA").await;
    app.put(
        "/v1/coalitions/global/members/USA",
        json!({"periods": [
            {"joined_on": "2014-09-10", "left_on": "2016-01-01"},
            {"joined_on": "2018-02-13", "left_on": null},
        ]}),
    )
    .await
    .created();
    app.participant("KWT").await;
    app.put(
        "/v1/coalitions/global/members/KWT",
        json!({"periods": [{"joined_on": "2015", "left_on": "2017"}]}),
    )
    .await
    .created();
    for (on, members) in [
        ("2014-09-09", json!([])),
        ("2014-09-10", json!(["USA"])),
        ("2014-09", json!(["USA"])),
        ("2015-12-31", json!(["KWT", "USA"])),
        ("2016-01-01", json!(["KWT"])),
        ("2017-12-30", json!(["KWT"])),
        // Some day of 2017 was Kuwait's first outside, and all of its last day may be it.
        ("2017-12-31", json!([])),
        ("2018-02-12", json!([])),
        ("2018-02-13", json!(["USA"])),
        ("2018", json!(["USA"])),
        ("2030", json!(["USA"])),
    ] {
        let list = app
            .get(&format!("/v1/coalitions/global/members?on={on}&sort=participant"))
            .await
            .expect(200);
        assert_eq!(json!(list.each("participant")), members, "{on}");
    }
    app.get("/v1/coalitions/global/members?on=today")
        .await
        .problem(400, "malformed")
        .fault("?on");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn putting_a_member_creates_replaces_or_changes_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.participant("USA").await;
    let path = "/v1/coalitions/global/members/usa";
    let periods = json!({"periods": [{"joined_on": "2014-09-10"}]});
    let created = app.put(path, periods.clone()).await.created();
    assert_eq!(
        created.header("location"),
        Some("/v1/coalitions/global/members/USA")
    );
    assert_eq!(created["participant"], "USA");
    assert_eq!(created["participant_name"], "United States");
    assert_eq!(
        created["periods"],
        json!([{"joined_on": "2014-09-10", "left_on": null}])
    );
    let same = app.put(path, periods).await.expect(200);
    assert_eq!(same.body, created.body);
    assert_eq!(same.header("etag"), created.header("etag"));
    let replaced = app
        .put(
            path,
            json!({"periods": [{"joined_on": "2014", "left_on": "2018"}]}),
        )
        .await
        .expect(200);
    assert_eq!(replaced["version"], 2);
    assert_eq!(replaced.id(), created.id());
    assert_eq!(app.get(path).await.body, replaced.body);
    assert_eq!(
        json!(app.history(path).await.each("op")),
        json!(["update", "create"])
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn periods_that_make_no_sense_are_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.participant("USA").await;
    for (periods, pointer) in [
        (json!([]), "/periods"),
        (json!(null), "/periods"),
        (json!({}), "/periods"),
        (json!([{}]), "/periods/0/joined_on"),
        (
            json!([{"joined_on": "2018-02-13", "left_on": "2018-02-13"}]),
            "/periods/0/left_on",
        ),
        (
            json!([{"joined_on": "2018", "left_on": "2017"}]),
            "/periods/0/left_on",
        ),
        (
            json!([{"joined_on": "2014"}, {"joined_on": "2018"}]),
            "/periods/1",
        ),
        (
            json!([{"joined_on": "2018", "left_on": "2019"}, {"joined_on": "2014", "left_on": "2015"}]),
            "/periods/1",
        ),
        (json!([{"joined_on": "2018-02-30"}]), "/periods/0/joined_on"),
        (json!([{"joined_on": "2018", "why": "x"}]), "/periods/0/why"),
    ] {
        app.put("/v1/coalitions/global/members/USA", json!({"periods": periods}))
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    app.put(
        "/v1/coalitions/global/members/ZZZ",
        json!({"periods": [{"joined_on": "2018"}]}),
    )
    .await
    .problem(404, "not_found");
    app.put(
        "/v1/coalitions/none/members/USA",
        json!({"periods": [{"joined_on": "2018"}]}),
    )
    .await
    .problem(404, "not_found");
    app.get("/v1/coalitions/global/members/USA")
        .await
        .problem(404, "not_found");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_member_is_taken_out_put_again_and_restored(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.member("global", "USA", "2014").await;
    let path = "/v1/coalitions/global/members/USA";
    app.delete(path).await.expect(204);
    let gone = app.get(path).await.problem(410, "retracted");
    assert!(
        gone["detail"]
            .as_str()
            .unwrap()
            .contains(&format!("{path}/history")),
        "{gone}"
    );
    app.delete(path).await.problem(410, "retracted");
    let restored = app.restore(path).await.expect(200);
    assert_eq!(restored["version"], 3);
    assert_eq!(restored["periods"][0]["joined_on"], "2014");
    app.restore(path).await.problem(409, "not_retracted");

    app.delete(path).await.expect(204);
    let again = app
        .put(path, json!({"periods": [{"joined_on": "2018"}]}))
        .await
        .created();
    assert_eq!(again["version"], 5);
    app.restore(path).await.problem(409, "not_retracted");
    // Its history is that of both, the newest first.
    assert_eq!(
        json!(app.history(path).await.each("op")),
        json!(["create", "retract", "restore", "retract", "create"])
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_membership_keeps_its_history_when_its_participant_is_merged(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.member("global", "OLD", "2014").await;
    let meeting = app.meeting("kuwait-2018").await;
    app.attendance(&meeting, "OLD", json!({})).await;
    app.participant("NEW").await;
    app.patch("/v1/participants/OLD", json!({"merged_into": "NEW"}))
        .await
        .expect(200);
    for path in [
        "/v1/coalitions/global/members/NEW",
        "/v1/coalitions/global/members/OLD",
        "/v1/meetings/kuwait-2018/attendance/NEW",
    ] {
        let history = app.history(path).await;
        assert_eq!(json!(history.each("op")), json!(["update", "create"]), "{path}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_membership_keeps_its_history_when_its_coalition_or_participant_is_retracted(
    #[case] engine: Engine,
) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.member("global", "USA", "2014").await;
    let meeting = app.meeting("kuwait-2018").await;
    app.attendance(&meeting, "USA", json!({})).await;
    app.delete("/v1/coalitions/global").await.expect(204);
    app.delete("/v1/meetings/kuwait-2018").await.expect(204);
    app.delete("/v1/participants/USA").await.expect(204);
    for path in [
        "/v1/coalitions/global/members/USA",
        "/v1/meetings/kuwait-2018/attendance/USA",
    ] {
        let history = app.history(path).await;
        assert_eq!(json!(history.each("op")), json!(["retract", "create"]), "{path}");
        app.get(path).await.problem(410, "retracted");
    }
    app.get("/v1/coalitions/global/members/KWT/history")
        .await
        .problem(404, "not_found");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn coalitions_are_found_by_their_members(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("one").await;
    app.coalition("two").await;
    app.member("one", "USA", "2014").await;
    app.member("two", "KWT", "2014").await;
    for (query, slugs) in [
        ("member=usa", json!(["one"])),
        ("member=USA,KWT&sort=slug", json!(["one", "two"])),
        ("sort=-slug", json!(["two", "one"])),
    ] {
        let list = app.get(&format!("/v1/coalitions?{query}")).await.expect(200);
        assert_eq!(json!(list.each("slug")), slugs, "{query}");
    }
    app.get("/v1/coalitions?member=ZZZ")
        .await
        .problem(400, "malformed")
        .fault("?member");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_coalition_stays_while_meetings_are_its_own(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.meeting_with(json!({"slug": "kuwait-2018", "coalition": "global"}))
        .await;
    app.delete("/v1/coalitions/global")
        .await
        .still_referenced_by("meetings/kuwait-2018");
    app.delete("/v1/meetings/kuwait-2018").await.expect(204);
    app.delete("/v1/coalitions/global").await.expect(204);
    let refused = app
        .restore("/v1/meetings/kuwait-2018")
        .await
        .problem(409, "refers_to_retracted");
    assert_eq!(refused["errors"][0]["pointer"], "/coalition");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn sources_that_state_otherwise_are_shown_on_the_coalition(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    let article = app.article(json!({})).await;
    let citation = app
        .citation(
            "coalitions/global",
            &article,
            json!({"states": {"founded_on": "2014-09-10"}}),
        )
        .await;
    assert_eq!(
        app.get("/v1/coalitions/global").await["conflicts"],
        json!([{"field": "founded_on", "value": null, "stated": [{"value": "2014-09-10", "citations": [citation]}]}])
    );
}
