//! Participants: their codes and names, and what merging two of them means.

use serde_json::Value;

use crate::{answer::Answer, prelude::*};

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_code_comes_in_any_case_and_goes_out_in_upper_case(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let body = json!({"code": "undp", "kind": "igo", "names": {"en": "UNDP"}});
    let created = app.post("/v1/participants", body.clone()).await.created();
    assert_eq!(created["code"], "UNDP");
    assert_eq!(created.header("location"), Some("/v1/participants/UNDP"));
    for key in ["undp", "UNDP", "uNdP", &created.id()] {
        let read = app.get(&format!("/v1/participants/{key}")).await.expect(200);
        assert_eq!(read.body, created.body);
        assert_eq!(read.header("etag"), created.header("etag"));
    }
    app.post("/v1/participants", body).await.problem(409, "duplicate");
    for code in [
        "",
        "U",
        "U N",
        "ÅLA",
        "A/B",
        "-AB",
        "ABCDEFGHIJKLMNOPQRSTU",
        "A\u{0}",
    ] {
        app.post(
            "/v1/participants",
            json!({"code": code, "kind": "igo", "names": {"en": "X"}}),
        )
        .await
        .problem(422, "invalid")
        .fault("/code");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_for_good(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("KWT").await;
    app.patch("/v1/participants/KWT", json!({"code": "KUW"}))
        .await
        .problem(422, "invalid")
        .fault("/code");
    // The same code in another case is the same code.
    let same = app
        .patch("/v1/participants/kwt", json!({"code": "kwt"}))
        .await
        .expect(200);
    assert_eq!(same["version"], 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_participant_is_addressed_by_its_id_wherever_by_its_code(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.participant("SYR").await;
    let usa = app.get("/v1/participants/USA").await.id();
    let syr = app.get("/v1/participants/syr").await.id();
    let coalition = app.coalition("global").await;
    let meeting = app
        .meeting_with(json!({"slug": "kuwait-2018", "country": usa}))
        .await;
    assert_eq!(app.get("/v1/meetings/kuwait-2018").await["country"], "USA");
    app.put(
        &format!("/v1/coalitions/{coalition}/members/{usa}"),
        json!({"periods": [{"joined_on": "2014"}]}),
    )
    .await
    .created();
    app.put(&format!("/v1/meetings/{meeting}/attendance/{usa}"), json!({}))
        .await
        .created();
    let pledge = app
        .post(
            "/v1/pledges",
            json!({"participant": usa, "beneficiary": syr, "instrument": "political"}),
        )
        .await
        .created();
    assert_eq!(pledge["participant"], "USA");
    assert_eq!(pledge["beneficiary"], "SYR");
    for filtered in [
        format!("/v1/pledges?participant={usa}"),
        format!("/v1/pledges?beneficiary={syr}"),
        format!("/v1/meetings?country={usa}"),
        format!("/v1/meetings?participant={usa}"),
        format!("/v1/coalitions?member={usa}"),
        format!("/v1/participants?code={usa}"),
        format!("/v1/changes?resource=participants&key={usa}"),
        "/v1/pledges?participant=usa".into(),
        "/v1/participants?code=usa".into(),
        "/v1/changes?resource=participants&key=usa".into(),
    ] {
        assert_eq!(app.get(&filtered).await.items().len(), 1, "{filtered}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_that_of_the_reader_s_language_and_of_the_day_asked_for(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.post(
        "/v1/participants",
        json!({
            "code": "SWZ", "kind": "state",
            "names": {"en": "Eswatini", "ar": "إسواتيني"},
            "former_names": [
                {"names": {"en": "Swaziland", "ar": "سوازيلاند"}, "until": "2018-04-19"},
                {"names": {"en": "Protectorate of Swaziland"}, "until": "1968"},
            ],
        }),
    )
    .await
    .created();
    for (query, name) in [
        ("", "Eswatini"),
        ("?lang=ar", "إسواتيني"),
        ("?lang=fr", "Eswatini"),
        ("?names_at=2018-04-18", "Swaziland"),
        ("?names_at=2018-04-19", "Eswatini"),
        ("?names_at=2018-03&lang=ar", "سوازيلاند"),
        ("?names_at=2018", "Eswatini"),
        ("?names_at=1967", "Protectorate of Swaziland"),
        ("?names_at=1967&lang=ar", "Protectorate of Swaziland"),
        ("?names_at=1968-01-01", "Swaziland"),
    ] {
        let read = app.get(&format!("/v1/participants/SWZ{query}")).await.expect(200);
        assert_eq!(read["name"], name, "{query}");
        let list = app.get(&format!("/v1/participants{query}")).await.expect(200);
        assert_eq!(list.each("name"), [name], "{query}");
    }
    app.get("/v1/participants/SWZ?names_at=yesterday")
        .await
        .problem(400, "malformed")
        .fault("?names_at");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn names_and_spellings_are_kept_composed(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let created = app
        .post(
            "/v1/participants",
            json!({
                "code": "TUR", "kind": "state",
                "names": {"en": "Tu\u{308}rkiye", "zh-Hans": "土耳其"},
                "aliases": ["Turkey", "Tu\u{308}rkei", "تركيا"],
            }),
        )
        .await
        .created();
    assert_eq!(created["names"]["en"], "Türkiye");
    assert_eq!(created["aliases"], json!(["Turkey", "Türkei", "تركيا"]));
    for (faulty, pointer) in [
        (json!({"names": {"en": null, "zh-Hans": null}}), "/names"),
        (json!({"names": {"en": " "}}), "/names/en"),
        (json!({"names": {"Eng/lish": "x"}}), "/names/Eng~1lish"),
        (json!({"names": "Türkiye"}), "/names"),
        (json!({"names": null}), "/names"),
        (json!({"aliases": ["x", 1]}), "/aliases/1"),
        (json!({"aliases": [""]}), "/aliases/0"),
        (
            json!({"former_names": [{"names": {"en": "Turkey"}}]}),
            "/former_names/0/until",
        ),
        (
            json!({"former_names": [{"names": {"en": "Turkey"}, "until": "2022", "since": "1923"}]}),
            "/former_names/0/since",
        ),
        (json!({"kind": "empire"}), "/kind"),
    ] {
        app.patch("/v1/participants/TUR", faulty)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn participants_are_found_by_what_they_are_and_where_they_stand(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["USA", "KWT", "EU", "ISDB"] {
        app.participant(code).await;
    }
    let coalition = app.coalition("global").await;
    app.member(&coalition, "USA", "2014-09-10").await;
    let meeting = app.meeting("kuwait-2018").await;
    app.attendance(&meeting, "KWT", json!({"role": "host"})).await;
    for (query, codes) in [
        ("sort=code", json!(["EU", "ISDB", "KWT", "USA"])),
        ("", json!(["ISDB", "EU", "KWT", "USA"])),
        ("kind=igo,ifi", json!(["ISDB", "EU"])),
        ("kind=igo&kind=ifi", json!(["ISDB", "EU"])),
        ("code=usa,kwt", json!(["KWT", "USA"])),
        ("code=ZZZ", json!([])),
        ("coalition=global", json!(["USA"])),
        ("meeting=kuwait-2018", json!(["KWT"])),
        ("meeting=kuwait-2018&coalition=global", json!([])),
    ] {
        let list = app.get(&format!("/v1/participants?{query}")).await.expect(200);
        assert_eq!(json!(list.each("code")), codes, "{query}");
    }
    // Who left a list no longer stands in it.
    app.delete("/v1/coalitions/global/members/USA").await.expect(204);
    app.delete("/v1/meetings/kuwait-2018/attendance/KWT")
        .await
        .expect(204);
    for query in ["coalition=global", "meeting=kuwait-2018"] {
        assert!(
            app.get(&format!("/v1/participants?{query}"))
                .await
                .items()
                .is_empty()
        );
    }
}

/// One participant twice, under two codes, each standing where the other does not.
async fn twins(app: &App) {
    app.post(
        "/v1/participants",
        json!({"code": "ROUK", "kind": "state", "names": {"en": "Britain"}}),
    )
    .await
    .created();
    app.participant("GBR").await;
}

async fn merge(app: &App, from: &str, to: &str) -> Answer {
    app.patch(&format!("/v1/participants/{from}"), json!({"merged_into": to}))
        .header("Change-Reason", "the same state twice")
        .await
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn merging_points_everything_to_the_successor_a_change_each(#[case] engine: Engine) {
    let app = App::start(engine).await;
    twins(&app).await;
    let coalition = app.coalition("global").await;
    app.member(&coalition, "ROUK", "2014").await;
    let meeting = app
        .meeting_with(json!({"slug": "london-2016", "country": "ROUK"}))
        .await;
    app.attendance(&meeting, "ROUK", json!({"role": "host", "adopted": true}))
        .await;
    let gone = app.meeting_with(json!({"slug": "gone-2016"})).await;
    app.attendance(&gone, "ROUK", json!({"role": "observer"})).await;
    app.delete("/v1/meetings/gone-2016").await.expect(204);
    let given = app.pledge_by("ROUK", &meeting, "10", "USD").await;
    let taken = app.pledge_with(json!({"beneficiary": "ROUK"})).await;
    let both = app
        .pledge_with(json!({"participant": "ROUK", "beneficiary": "ROUK"}))
        .await;
    let article = app.article(json!({})).await;
    let citation = app
        .citation("participants/ROUK", &article, json!({"states": {"kind": "igo"}}))
        .await;
    let last = app.get("/v1/changes?limit=1").await.items()[0]["seq"]
        .as_i64()
        .unwrap();

    let merged = merge(&app, "ROUK", "gbr").await.expect(200);
    assert_eq!(merged["merged_into"], "GBR");
    assert_eq!(merged["version"], 2);

    assert_eq!(
        app.get("/v1/coalitions/global/members").await.each("participant"),
        ["GBR"]
    );
    assert_eq!(
        app.get("/v1/meetings/london-2016/attendance")
            .await
            .each("participant"),
        ["GBR"]
    );
    assert_eq!(app.get("/v1/meetings/london-2016").await["country"], "GBR");
    assert_eq!(app.pledge_now(&given).await["participant"], "GBR");
    assert_eq!(app.pledge_now(&taken).await["beneficiary"], "GBR");
    assert_eq!(app.pledge_now(&both).await["participant"], "GBR");
    assert_eq!(app.pledge_now(&both).await["beneficiary"], "GBR");
    assert_eq!(
        app.get(&format!("/v1/citations/{citation}")).await["subject"],
        "participants/GBR"
    );
    let totals = app.totals("group_by=participant").await;
    let groups = totals["groups"].as_array().unwrap();
    let givers: Vec<_> = groups.iter().map(|group| &group["key"]["participant"]).collect();
    assert_eq!(json!(givers), json!(["GBR", null]), "{totals}");

    // What was retracted comes back under the successor's name.
    app.restore("/v1/meetings/gone-2016").await.expect(200);
    assert_eq!(
        app.get("/v1/meetings/gone-2016/attendance")
            .await
            .each("participant"),
        ["GBR"]
    );

    // Member, country, two attendances, three pledges of which one twice, a citation, the participant
    // itself; then the meeting that came back with its attendance.
    let changes = app
        .get(&format!("/v1/changes?after_seq={last}&limit=200"))
        .await
        .expect(200);
    let of = |op: &str| changes.items().iter().filter(|change| change["op"] == op).count();
    assert_eq!((of("update"), of("restore")), (10, 2), "{changes}");
    for change in changes.items().iter().filter(|change| change["op"] == "update") {
        assert_eq!(change["reason"], "the same state twice");
        assert_ne!(change["before"], change["after"]);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_a_merged_participant_goes_on_to_work(#[case] engine: Engine) {
    let app = App::start(engine).await;
    twins(&app).await;
    let coalition = app.coalition("global").await;
    app.member(&coalition, "GBR", "2014").await;
    let meeting = app
        .meeting_with(json!({"slug": "london-2016", "country": "GBR"}))
        .await;
    app.attendance(&meeting, "GBR", json!({})).await;
    let pledge = app.pledge_by("GBR", &meeting, "10", "USD").await;
    let article = app.article(json!({})).await;
    app.citation("participants/GBR", &article, json!({})).await;
    let old_id = app.get("/v1/participants/ROUK").await.id();
    merge(&app, "ROUK", "GBR").await.expect(200);

    // On its own path it redirects, whatever stands behind the key or the question mark.
    for (path, to) in [
        ("/v1/participants/ROUK", "/v1/participants/GBR"),
        ("/v1/participants/rouk", "/v1/participants/GBR"),
        (&*format!("/v1/participants/{old_id}"), "/v1/participants/GBR"),
        (
            "/v1/participants/ROUK?lang=ar&names_at=2018",
            "/v1/participants/GBR?lang=ar&names_at=2018",
        ),
        (
            "/v1/participants/ROUK/citations?limit=1",
            "/v1/participants/GBR/citations?limit=1",
        ),
    ] {
        let moved = app.get(path).await.problem(308, "merged");
        assert_eq!(moved.header("location"), Some(to), "{path}");
        app.get(to).await.expect(200);
    }
    let moved = app
        .patch("/v1/participants/ROUK", json!({"aliases": ["Britain"]}))
        .await
        .problem(308, "merged");
    assert_eq!(moved.header("location"), Some("/v1/participants/GBR"));
    app.delete("/v1/participants/ROUK").await.problem(308, "merged");
    app.restore("/v1/participants/ROUK").await.problem(308, "merged");
    let moved = app
        .post("/v1/participants/ROUK/citations", json!({"article": article}))
        .await
        .problem(308, "merged");
    assert_eq!(moved.header("location"), Some("/v1/participants/GBR/citations"));

    // As a part of another's path, in filters and in bodies, it means the successor.
    for (path, field) in [
        ("/v1/coalitions/global/members/rouk", "participant"),
        ("/v1/meetings/london-2016/attendance/ROUK", "participant"),
    ] {
        assert_eq!(app.get(path).await.expect(200)[field], "GBR");
    }
    for path in [
        "/v1/pledges?participant=ROUK",
        "/v1/meetings?country=ROUK",
        "/v1/meetings?participant=rouk",
        "/v1/coalitions?member=ROUK",
        "/v1/citations?subject=participants/ROUK",
        "/v1/participants?code=ROUK",
        &format!("/v1/pledges?participant={old_id}"),
    ] {
        assert_eq!(app.get(path).await.expect(200).items().len(), 1, "{path}");
    }
    let second = app
        .post(
            "/v1/pledges",
            json!({"participant": "ROUK", "beneficiary": old_id, "instrument": "grant"}),
        )
        .await
        .created();
    assert_eq!(second["participant"], "GBR");
    assert_eq!(second["beneficiary"], "GBR");
    let same = app
        .patch(&format!("/v1/pledges/{pledge}"), json!({"participant": "rouk"}))
        .await
        .expect(200);
    assert_eq!(same["version"], 1);

    // It is in no list, and it is not to be had again.
    assert_eq!(
        json!(app.get("/v1/participants?sort=code").await.each("code")),
        json!(["GBR"])
    );
    app.post(
        "/v1/participants",
        json!({"code": "rouk", "kind": "state", "names": {"en": "X"}}),
    )
    .await
    .problem(409, "duplicate");
    // Its history is still its own.
    let history = app.history("/v1/participants/rouk").await;
    assert_eq!(json!(history.each("op")), json!(["update", "create"]));
    assert_eq!(history.items()[0]["after"]["merged_into"], "GBR");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_of_merges_leads_to_its_end(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["AAA", "BBB", "CCC", "DDD"] {
        app.participant(code).await;
    }
    let pledge = app.pledge_with(json!({"participant": "AAA"})).await;
    merge(&app, "AAA", "BBB").await.expect(200);
    merge(&app, "BBB", "CCC").await.expect(200);
    // Into one that was merged itself: into where that leads.
    assert_eq!(merge(&app, "DDD", "AAA").await.expect(200)["merged_into"], "CCC");
    for code in ["AAA", "BBB", "DDD"] {
        let moved = app
            .get(&format!("/v1/participants/{code}"))
            .await
            .problem(308, "merged");
        assert_eq!(moved.header("location"), Some("/v1/participants/CCC"));
    }
    assert_eq!(app.pledge_now(&pledge).await["participant"], "CCC");
    // That the first of them leads elsewhere now is a change of its own.
    let history = app.history("/v1/participants/AAA").await;
    assert_eq!(history.items()[0]["after"]["merged_into"], "CCC");
    assert_eq!(history.items()[0]["version"], 3);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_that_leads_nowhere_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    twins(&app).await;
    app.participant("KWT").await;
    for into in ["ROUK", "rouk", "ZZZ", "", "\u{0}"] {
        merge(&app, "ROUK", into)
            .await
            .problem(422, "invalid")
            .fault("/merged_into");
    }
    app.delete("/v1/participants/KWT").await.expect(204);
    merge(&app, "ROUK", "KWT")
        .await
        .problem(422, "invalid")
        .fault("/merged_into");
    app.post(
        "/v1/participants",
        json!({"code": "NEW", "kind": "state", "names": {"en": "X"}, "merged_into": "GBR"}),
    )
    .await
    .problem(422, "invalid")
    .fault("/merged_into");
    // In a circle.
    merge(&app, "ROUK", "GBR").await.expect(200);
    merge(&app, "GBR", "ROUK")
        .await
        .problem(422, "invalid")
        .fault("/merged_into");
    assert_eq!(app.get("/v1/participants/GBR").await["version"], 1);
}

/// That a merge is refused, naming these places, and that nothing came of it.
async fn refused_in(app: &App, places: &[&str]) {
    let before = app.get("/v1/changes?limit=1").await.body;
    let refused = merge(app, "ROUK", "GBR").await.problem(409, "merge_conflict");
    let details: Vec<&str> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| fault["detail"].as_str().unwrap())
        .collect();
    assert_eq!(details.len(), places.len(), "{refused}");
    for place in places {
        assert!(
            details.iter().any(|detail| detail.contains(place)),
            "{place} is not named: {refused}"
        );
    }
    assert_eq!(app.get("/v1/changes?limit=1").await.body, before);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_stand_in_one_place_cannot_be_merged(#[case] engine: Engine) {
    let app = App::start(engine).await;
    twins(&app).await;
    let coalition = app.coalition("global").await;
    let meeting = app.meeting("london-2016").await;
    for code in ["ROUK", "GBR"] {
        app.member(&coalition, code, "2014").await;
        app.attendance(&meeting, code, json!({})).await;
    }
    refused_in(&app, &["coalitions/global", "meetings/london-2016"]).await;
    app.delete("/v1/coalitions/global/members/ROUK").await.expect(204);
    refused_in(&app, &["meetings/london-2016"]).await;
    app.delete("/v1/meetings/london-2016/attendance/GBR")
        .await
        .expect(204);
    merge(&app, "ROUK", "GBR").await.expect(200);
    // The retracted one of the two does not come back beside the other.
    app.restore("/v1/coalitions/global/members/GBR")
        .await
        .problem(409, "not_retracted");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_would_both_come_back_to_one_place_cannot_be_merged(#[case] engine: Engine) {
    let app = App::start(engine).await;
    twins(&app).await;
    let coalition = app.coalition("global").await;
    let meeting = app.meeting("london-2016").await;
    for code in ["ROUK", "GBR"] {
        app.member(&coalition, code, "2014").await;
        app.attendance(&meeting, code, json!({})).await;
    }
    app.delete("/v1/coalitions/global").await.expect(204);
    app.delete("/v1/meetings/london-2016").await.expect(204);
    refused_in(&app, &["coalitions/global", "meetings/london-2016"]).await;
    app.restore("/v1/coalitions/global").await.expect(200);
    app.restore("/v1/meetings/london-2016").await.expect(200);
    assert_eq!(app.get("/v1/coalitions/global/members").await.items().len(), 2);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_both_have_a_preferred_source_cannot_be_merged(#[case] engine: Engine) {
    let app = App::start(engine).await;
    twins(&app).await;
    let article = app.article(json!({})).await;
    let first = app
        .citation("participants/ROUK", &article, json!({"preferred": true}))
        .await;
    app.citation("participants/GBR", &article, json!({"preferred": true}))
        .await;
    refused_in(&app, &[&format!("citations/{first}")]).await;
    app.patch(&format!("/v1/citations/{first}"), json!({"preferred": false}))
        .await
        .expect(200);
    merge(&app, "ROUK", "GBR").await.expect(200);
    let about = app.get("/v1/participants/GBR/citations").await;
    assert_eq!(about.items().len(), 2);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_successor_stays_while_others_lead_to_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    twins(&app).await;
    merge(&app, "ROUK", "GBR").await.expect(200);
    app.delete("/v1/participants/GBR")
        .await
        .still_referenced_by("participants/ROUK");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn sources_that_state_otherwise_are_shown_on_the_participant(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("EU").await;
    assert_eq!(app.get("/v1/participants/EU").await["conflicts"], json!([]));
    let article = app.article(json!({})).await;
    let citation = app
        .citation(
            "participants/EU",
            &article,
            json!({"states": {"kind": "fund", "names": "European Union"}}),
        )
        .await;
    let read = app.get("/v1/participants/EU").await;
    assert_eq!(
        read["conflicts"],
        json!([{"field": "kind", "value": "igo", "stated": [{"value": "fund", "citations": [citation]}]}])
    );
    assert_eq!(
        app.get("/v1/participants").await.items()[0].get("conflicts"),
        None::<&Value>
    );
    // What was read may be sent back.
    app.patch("/v1/participants/EU", read.body).await.expect(200);
}
