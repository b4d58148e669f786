//! Who stands behind a collective pledge.

use pledgebook::values::Clock;
use serde_json::Value;

use crate::prelude::*;

/// A register with a collective commitment, which USA and KWT attended; USA adopted it.
async fn communique(engine: Engine) -> (App, String) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    app.attendance(&meeting, "USA", json!({"adopted": true})).await;
    app.attendance(&meeting, "KWT", json!({"role": "host", "adopted": false}))
        .await;
    app.attendance(&meeting, "JOR", json!({})).await;
    let pledge = app
        .pledge_with(json!({"meeting": meeting, "instrument": "political"}))
        .await;
    (app, pledge)
}

fn codes(rows: &[Value]) -> Value {
    let codes: Vec<_> = rows.iter().map(|it| it["participant"].clone()).collect();
    json!(codes)
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_attended_and_adopted_adheres_without_a_statement(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let path = format!("/v1/pledges/{pledge}/adherents");
    let all = app.get(&format!("{path}?lang=ar")).await.expect(200);
    assert_eq!(codes(all.items()), json!(["USA"]));
    let usa = app.get(&format!("{path}/usa")).await.expect(200);
    for (field, value) in [
        ("participant", json!("USA")),
        ("pledge", json!(pledge)),
        ("stance", json!("adopted")),
        ("by", json!("attendance")),
        ("statements", json!([])),
        ("on", Value::Null),
        ("text", Value::Null),
        ("id", Value::Null),
        ("version", Value::Null),
    ] {
        assert_eq!(usa[field], value, "{field}");
    }
    assert_eq!(all.items()[0]["participant_name"], "الولايات المتحدة");
    for absent in ["KWT", "JOR"] {
        app.get(&format!("{path}/{absent}"))
            .await
            .problem(404, "not_found");
    }
    app.delete(&format!("{path}/USA")).await.problem(404, "not_found");
    // It follows the attendance, whatever becomes of that.
    app.put(
        "/v1/meetings/kuwait-2018/attendance/JOR",
        json!({"adopted": true}),
    )
    .await
    .expect(200);
    app.delete("/v1/meetings/kuwait-2018/attendance/USA")
        .await
        .expect(204);
    assert_eq!(codes(app.get(&path).await.items()), json!(["JOR"]));
    // One that is a participant's own has none.
    let own = app.pledge("kuwait-2018", "5.00", "USD").await;
    let none = app.get(&format!("/v1/pledges/{own}/adherents")).await.expect(200);
    assert!(none.items().is_empty());
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_participant_stands_where_its_last_statement_says(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let path = format!("/v1/pledges/{pledge}/adherents");
    let kwt = format!("{path}/KWT");
    let created = app
        .put(&kwt, json!({"stance": "reserved", "on": "2018-02-13", "text": {"en": "Not on the sea.", "ar": "إلا في البحر."}}))
        .await
        .created();
    assert_eq!(created.header("location"), Some(kwt.as_str()));
    assert_eq!(created["stance"], "reserved");
    assert_eq!(created["by"], "statement");
    assert_eq!(
        created["text"],
        json!({"en": "Not on the sea.", "ar": "إلا في البحر."})
    );
    assert_eq!(
        created["statements"],
        json!([{"stance": "reserved", "on": "2018-02-13", "text": {"en": "Not on the sea.", "ar": "إلا في البحر."}}])
    );
    let statements = json!([
        {"stance": "withdrew", "on": "2019-06-01", "text": "For lack of funds."},
        {"stance": "joined", "on": null, "text": null},
        {"stance": "adopted", "on": "2018-02", "text": null},
    ]);
    let changed = app
        .put(&kwt, json!({"statements": statements.clone()}))
        .header("if-match", created.header("etag").unwrap())
        .await
        .expect(200);
    assert_eq!(changed["version"], 2);
    assert_eq!(changed["statements"], statements);
    assert_eq!(changed["stance"], "withdrew");
    assert_eq!(changed["on"], "2019-06-01");
    assert_eq!(changed["text"], "For lack of funds.");
    // Of one day, the one that was entered last.
    let both = json!({"statements": [
        {"stance": "dissociated", "on": "2018-02"},
        {"stance": "joined", "on": "2018-02-01"},
    ]});
    assert_eq!(app.put(&kwt, both).await.expect(200)["stance"], "joined");
    // A statement goes before what was adopted, and is found by it.
    app.put(&format!("{path}/USA"), json!({"stance": "dissociated"}))
        .await
        .created();
    for (query, found) in [
        ("sort=participant", json!(["KWT", "USA"])),
        ("stance=dissociated", json!(["USA"])),
        ("stance=adopted", json!([])),
        ("by=statement&sort=-participant", json!(["USA", "KWT"])),
        ("by=attendance", json!([])),
    ] {
        let rows = app.rows(&format!("{path}?{query}&limit=1")).await;
        assert_eq!(codes(&rows), found, "{query}");
    }
    let csv = app.get(&format!("{path}?format=csv")).await.expect(200);
    assert!(csv.text.contains("dissociated"), "{csv}");
    let history = app.get(&format!("{kwt}/history")).await.expect(200);
    assert_eq!(json!(history.each("op")), json!(["update", "update", "create"]));
    assert_eq!(history.items()[0]["key"], format!("{pledge}/KWT"));
    let expanded = app
        .get(&format!("/v1/pledges/{pledge}?expand=adherents"))
        .await
        .expect(200);
    let beside = expanded["expanded"]["adherents"].as_array().unwrap();
    assert_eq!(codes(beside), json!(["KWT", "USA"]));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn statements_are_taken_back_and_brought_back_alone(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let path = format!("/v1/pledges/{pledge}/adherents");
    let usa = format!("{path}/USA");
    let kwt = format!("{path}/KWT");
    app.put(&usa, json!({"stance": "withdrew", "on": "2019"}))
        .await
        .created();
    app.put(&kwt, json!({"stance": "joined"})).await.created();
    app.delete(&usa).await.expect(204);
    app.delete(&kwt).await.expect(204);
    // Who adopted where it attended stands there again.
    let again = app.get(&usa).await.expect(200);
    assert_eq!(
        (&again["by"], &again["stance"]),
        (&json!("attendance"), &json!("adopted"))
    );
    app.get(&kwt).await.problem(410, "retracted");
    app.delete(&kwt).await.problem(410, "retracted");
    assert_eq!(codes(app.get(&path).await.items()), json!(["USA"]));
    let restored = app.restore(&usa).await.expect(200);
    assert_eq!(
        (&restored["stance"], &restored["version"]),
        (&json!("withdrew"), &json!(3))
    );
    app.restore(&usa).await.problem(409, "not_retracted");
    // They go and come with their pledge.
    app.delete(&format!("/v1/pledges/{pledge}")).await.expect(204);
    app.get(&usa).await.problem(410, "retracted");
    app.restore(&format!("/v1/pledges/{pledge}")).await.expect(200);
    assert_eq!(app.get(&usa).await.expect(200)["version"], 5);
    app.get(&kwt).await.problem(410, "retracted");
    let history = app.get(&format!("{usa}/history")).await.expect(200);
    assert_eq!(
        json!(history.each("op")),
        json!(["restore", "retract", "restore", "retract", "create"])
    );
    // Who states something is not retracted.
    app.delete("/v1/meetings/kuwait-2018/attendance/USA")
        .await
        .expect(204);
    app.delete("/v1/participants/USA")
        .await
        .still_referenced_by(&format!("adherents/{pledge}/USA"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn statements_that_cannot_be_are_refused(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let usa = format!("/v1/pledges/{pledge}/adherents/USA");
    for (body, pointer) in [
        (json!({}), "/stance"),
        (json!({"stance": "agreed"}), "/stance"),
        (json!({"statements": []}), "/statements"),
        (
            json!({"statements": [{"stance": "joined"}], "stance": "adopted"}),
            "/stance",
        ),
        (
            json!({"statements": [{"stance": "joined"}, {"on": "2018"}]}),
            "/statements/1/stance",
        ),
        (json!({"stance": "joined", "on": "2018-13"}), "/on"),
        (json!({"stance": "reserved", "text": " "}), "/text"),
        (
            json!({"stance": "reserved", "text": {"english": "No."}}),
            "/text/english",
        ),
        (json!({"stance": "reserved", "text": 5}), "/text"),
        (json!({"stance": "reserved", "text": "x".repeat(10_001)}), "/text"),
        (json!({"stance": "reserved", "reason": "No."}), "/reason"),
        (json!({"stance": "reserved"}), "/text"),
        (json!({"stance": "adopted", "text": "But for the sea."}), "/text"),
        (
            json!({"statements": [{"stance": "adopted"}, {"stance": "reserved"}]}),
            "/statements/1/text",
        ),
    ] {
        app.put(&usa, body).await.problem(422, "invalid").fault(pointer);
    }
    app.put(
        &format!("/v1/pledges/{pledge}/adherents/NONE"),
        json!({"stance": "joined"}),
    )
    .await
    .problem(404, "not_found");
    let own = app.pledge("kuwait-2018", "5.00", "USD").await;
    let refused = app
        .put(
            &format!("/v1/pledges/{own}/adherents/KWT"),
            json!({"stance": "joined"}),
        )
        .await
        .problem(422, "invalid")
        .fault("");
    assert_eq!(refused["errors"][0]["code"], "collective");
    // Nor does a collective pledge with statements become somebody's own.
    app.put(&usa, json!({"stance": "joined"})).await.created();
    app.patch(&format!("/v1/pledges/{pledge}"), json!({"participant": "KWT"}))
        .await
        .problem(422, "invalid")
        .fault("/participant");
    app.delete(&usa).await.expect(204);
    app.patch(&format!("/v1/pledges/{pledge}"), json!({"participant": "KWT"}))
        .await
        .expect(200);
    app.restore(&usa).await.problem(422, "invalid");
    app.get(&usa).await.problem(410, "retracted");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_cited_for_a_statement(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let usa = format!("/v1/pledges/{pledge}/adherents/USA");
    let article = app.article(json!({})).await;
    let subject = format!("pledges/{pledge}/adherents/USA");
    // What is not stated has no source.
    app.post("/v1/citations", json!({"subject": subject, "article": article}))
        .await
        .problem(422, "invalid")
        .fault("/subject");
    app.put(&usa, json!({"stance": "reserved", "text": "In part."}))
        .await
        .created();
    let by_path = app
        .post(
            &format!("{usa}/citations"),
            json!({"article": article, "states": {"stance": "reserved"}}),
        )
        .await
        .created();
    assert_eq!(by_path["subject"], subject);
    let by_body = app
        .post(
            "/v1/citations",
            json!({"subject": format!("pledges/{pledge}/adherents/usa"), "article": article}),
        )
        .await
        .created();
    assert_eq!(by_body["subject"], subject);
    for path in [
        format!("{usa}/citations"),
        format!("/v1/citations?subject={subject}"),
    ] {
        assert_eq!(app.get(&path).await.expect(200).items().len(), 2, "{path}");
    }
    let expanded = app
        .get(&format!("{usa}?expand=citations,participant"))
        .await
        .expect(200);
    assert_eq!(expanded["expanded"]["citations"].as_array().unwrap().len(), 2);
    assert_eq!(expanded["expanded"]["participant"]["code"], "USA");
    for subject in [
        "adherents/x",
        &format!("pledges/{pledge}/adherents"),
        &format!("pledges/{pledge}/events/USA"),
        &format!("{subject}/x"),
    ] {
        app.post("/v1/citations", json!({"subject": subject, "article": article}))
            .await
            .problem(422, "invalid")
            .fault("/subject");
    }
    // It goes and comes with the statement, and is held against its article then.
    app.delete(&usa).await.expect(204);
    app.get(&format!("/v1/citations/{}", by_path.id()))
        .await
        .problem(410, "retracted");
    app.restore(&usa).await.expect(200);
    assert_eq!(app.get(&format!("{usa}/citations")).await.items().len(), 2);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn merging_participants_moves_statements_and_what_is_cited_for_them(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let path = format!("/v1/pledges/{pledge}/adherents");
    let article = app.article(json!({})).await;
    app.participant("SWZ").await;
    app.participant("FRA").await;
    app.put(&format!("{path}/SWZ"), json!({"stance": "joined"}))
        .await
        .created();
    app.put(
        &format!("{path}/FRA"),
        json!({"stance": "reserved", "text": "In part."}),
    )
    .await
    .created();
    let cited = app
        .citation(&format!("pledges/{pledge}/adherents/SWZ"), &article, json!({}))
        .await;
    let refused = app
        .patch("/v1/participants/SWZ", json!({"merged_into": "FRA"}))
        .await
        .problem(409, "merge_conflict");
    assert!(
        refused
            .text
            .contains(&format!("/v1/pledges/{pledge}/adherents/SWZ")),
        "{refused}"
    );
    app.delete(&format!("{path}/FRA")).await.expect(204);
    app.patch("/v1/participants/SWZ", json!({"merged_into": "FRA"}))
        .await
        .expect(200);
    let fra = app.get(&format!("{path}/FRA")).await.expect(200);
    // Behind what FRA had stated, which was retracted as version 2.
    assert_eq!((&fra["stance"], &fra["version"]), (&json!("joined"), &json!(3)));
    // The old key leads there too.
    assert_eq!(
        app.get(&format!("{path}/SWZ")).await.expect(200)["participant"],
        "FRA"
    );
    let citation = app.get(&format!("/v1/citations/{cited}")).await.expect(200);
    assert_eq!(citation["subject"], format!("pledges/{pledge}/adherents/FRA"));
    assert_eq!(citation["version"], 2);
    let history = app
        .get(&format!("/v1/citations/{cited}/history"))
        .await
        .expect(200);
    assert_eq!(history.items()[0]["after"]["subject"], citation["subject"]);
    assert_eq!(
        history.items()[0]["before"]["subject"],
        format!("pledges/{pledge}/adherents/SWZ")
    );
    let log = app
        .get(&format!("/v1/changes?key={pledge}/FRA&op=update"))
        .await
        .expect(200);
    assert_eq!(log.items()[0]["after"]["participant"], "FRA");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_participants_key_states_nothing_of_what_is_nobodys_own(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let usa = format!("/v1/pledges/{pledge}/adherents/USA");
    let key = app.editor_with("usa", json!({"participant": "USA"})).await;
    app.put(&usa, json!({"stance": "joined"}))
        .key(&key)
        .await
        .problem(403, "forbidden");
    app.put(&usa, json!({"stance": "joined"})).await.created();
    app.delete(&usa).key(&key).await.problem(403, "forbidden");
    let article = app.article(json!({})).await;
    app.post(&format!("{usa}/citations"), json!({"article": article}))
        .key(&key)
        .await
        .problem(403, "forbidden");
    let pledges = app
        .editor_with("pledges", json!({"resources": ["pledges"]}))
        .await;
    app.delete(&usa).key(&pledges).await.expect(204);
    app.restore(&usa).key(&key).await.problem(403, "forbidden");
    app.restore(&usa).key(&pledges).await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_adheres_by_attendance_can_be_asked_for_all_that_a_record_can(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let usa = format!("/v1/pledges/{pledge}/adherents/USA");
    for of in ["history", "citations"] {
        assert!(
            app.get(&format!("{usa}/{of}")).await.ok().items().is_empty(),
            "{of}"
        );
        app.get(&format!("/v1/pledges/{pledge}/adherents/JOR/{of}"))
            .await
            .problem(404, "not_found");
    }
    let read = app.get(&usa).await.ok();
    assert_eq!(read["conflicts"], json!([]));
    let tag = read.header("etag").unwrap().to_owned();
    app.get_with(&usa, &[("if-none-match", &tag)]).await.expect(304);
    // Nothing of it was written: there is nothing yet to be changed, and it may be made.
    for (header, value) in [("if-match", "*"), ("if-none-match", tag.as_str())] {
        app.put(&usa, json!({"stance": "reserved", "text": "In part."}))
            .header(header, value)
            .await
            .problem(412, "stale_version");
    }
    app.put(&usa, json!({"stance": "reserved", "text": "In part."}))
        .header("if-none-match", "*")
        .await
        .created();
    app.put(&usa, json!({"stance": "joined"}))
        .header("if-none-match", "*")
        .await
        .problem(412, "stale_version");
    // Who has seen it as it was, and is again once the statements are taken back, may write too.
    app.delete(&usa).await.expect(204);
    assert_eq!(app.get(&usa).await.ok().header("etag"), Some(tag.as_str()));
    app.put(&usa, json!({"stance": "reserved", "text": "In part."}))
        .header("if-match", &tag)
        .await
        .created();
    app.put(&usa, json!({"stance": "adopted"}))
        .header("if-match", &tag)
        .await
        .problem(412, "stale_version");
    // What was never written is listed last by when that was.
    app.put(
        "/v1/meetings/kuwait-2018/attendance/JOR",
        json!({"adopted": true}),
    )
    .await
    .ok();
    app.put(
        "/v1/meetings/kuwait-2018/attendance/KWT",
        json!({"adopted": true}),
    )
    .await
    .ok();
    let path = format!("/v1/pledges/{pledge}/adherents");
    app.put(&format!("{path}/KWT"), json!({"stance": "joined"}))
        .await
        .created();
    for (sort, first) in [("updated_at", ["USA", "KWT"]), ("-updated_at", ["KWT", "USA"])] {
        let rows = app.rows(&format!("{path}?sort={sort}&limit=1")).await;
        assert_eq!(codes(&rows), json!([first[0], first[1], "JOR"]), "{sort}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_states_of_a_stance_is_held_against_it(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let usa = format!("/v1/pledges/{pledge}/adherents/USA");
    let article = app.article(json!({})).await;
    let made = app
        .put(&usa, json!({"stance": "reserved", "on": "2018-02-13", "text": {"en": "Not all of it", "ar": "ليس كله"}}))
        .await
        .created();
    assert_eq!(made["conflicts"], json!([]));
    let subject = format!("pledges/{pledge}/adherents/USA");
    let agrees = json!({"states": {"stance": "reserved", "on": "2018", "text": "Not all of it"}});
    app.citation(&subject, &article, agrees).await;
    let differs = json!({"states": {"stance": "adopted", "on": "2018-02-13"}});
    let differs = app.citation(&subject, &article, differs).await;
    let conflicts = json!([{"field": "stance", "value": "reserved", "stated": [{"value": "adopted", "citations": [differs]}]}]);
    assert_eq!(app.get(&usa).await.ok()["conflicts"], conflicts);
    let listed = app.get(&format!("/v1/pledges/{pledge}/adherents")).await.ok();
    assert!(listed.items()[0].get("conflicts").is_none());
    let put = app.put(&usa, json!({"stance": "adopted"})).await.ok();
    let fields: Vec<_> = put["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["field"].clone())
        .collect();
    assert_eq!(json!(fields), json!(["on", "stance", "text"]));
    assert_eq!(app.get(&usa).await.ok()["conflicts"], put["conflicts"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_after_it_was_taken_back_goes_on_with_its_versions(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    let coalition = app.coalition("the-coalition").await;
    for (path, said, other) in [
        (
            format!("/v1/pledges/{pledge}/adherents/JOR"),
            json!({"stance": "reserved", "text": "In part."}),
            json!({"stance": "joined"}),
        ),
        (
            "/v1/meetings/kuwait-2018/attendance/JOR".to_owned(),
            json!({"role": "host"}),
            json!({"role": "observer"}),
        ),
        (
            format!("/v1/coalitions/{coalition}/members/JOR"),
            json!({"periods": [{"joined_on": "2015"}]}),
            json!({"periods": [{"joined_on": "2016"}]}),
        ),
    ] {
        let first = app.put(&path, said.clone()).await;
        let first = first["version"].as_i64().unwrap();
        let tag = app.get(&path).await.ok().header("etag").unwrap().to_owned();
        app.delete(&path).await.expect(204);
        let anew = app.put(&path, other).await.created();
        assert_eq!(anew["version"], first + 2, "{path}");
        app.put(&path, said)
            .header("if-match", &tag)
            .await
            .problem(412, "stale_version");
        let versions = app.get(&format!("{path}/history?sort=seq")).await.ok();
        let expected: Vec<i64> = (1..=first + 2).collect();
        assert_eq!(json!(versions.each("version")), json!(expected), "{path}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_does_not_go_over_what_stands_when_two_are_merged(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    for code in ["SWZ", "FRA"] {
        app.participant(code).await;
    }
    let coalition = app.coalition("the-coalition").await;
    let places = [
        (
            format!("/v1/pledges/{pledge}/adherents"),
            "statements",
            json!([{"stance": "reserved", "text": "In part."}]),
            json!([{"stance": "joined"}]),
        ),
        (
            "/v1/meetings/kuwait-2018/attendance".to_owned(),
            "role",
            json!("observer"),
            json!("host"),
        ),
        (
            format!("/v1/coalitions/{coalition}/members"),
            "periods",
            json!([{"joined_on": "2015"}]),
            json!([{"joined_on": "2016"}]),
        ),
    ];
    for (path, field, retracted, live) in &places {
        app.put(&format!("{path}/SWZ"), json!({*field: retracted}))
            .await
            .created();
        app.delete(&format!("{path}/SWZ")).await.expect(204);
        app.put(&format!("{path}/FRA"), json!({*field: live}))
            .await
            .created();
    }
    app.patch("/v1/participants/SWZ", json!({"merged_into": "FRA"}))
        .await
        .ok();
    for (path, field, retracted, live) in &places {
        let one = app.get(&format!("{path}/FRA")).await.ok();
        let entries = app.get(&format!("{path}/FRA/history")).await.ok();
        // The newest entry is of what stands, and what was retracted is found behind it.
        assert_eq!(&entries.items()[0]["after"][*field], &one[*field], "{path}");
        assert_eq!(
            json!(entries.each("op")),
            json!(["update", "create", "retract", "create"])
        );
        assert_eq!(
            entries.items()[2]["before"][*field],
            entries.items()[3]["after"][*field]
        );
        assert_ne!(retracted, live);
        // Taken back and brought back, it is the one that stood.
        app.delete(&format!("{path}/FRA")).await.expect(204);
        app.restore(&format!("{path}/FRA")).await.ok();
        assert_eq!(app.get(&format!("{path}/FRA")).await.ok()[*field], one[*field]);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn no_tag_of_before_fits_what_stands_after_two_are_merged(#[case] engine: Engine) {
    let (app, pledge) = communique(engine).await;
    for code in ["SWZ", "FRA"] {
        app.participant(code).await;
    }
    let coalition = app.coalition("the-coalition").await;
    let places = [
        (
            format!("/v1/pledges/{pledge}/adherents"),
            [
                json!({"stance": "reserved", "text": "In part."}),
                json!({"stance": "joined"}),
            ],
        ),
        (
            "/v1/meetings/kuwait-2018/attendance".to_owned(),
            [json!({"role": "host"}), json!({"role": "observer"})],
        ),
        (
            format!("/v1/coalitions/{coalition}/members"),
            [
                json!({"periods": [{"joined_on": "2015"}]}),
                json!({"periods": [{"joined_on": "2016"}]}),
            ],
        ),
    ];
    let mut tags = Vec::new();
    for (path, [one, other]) in &places {
        let fra = format!("{path}/FRA");
        // Three versions, and the entry of what was taken back; two that SWZ had, and one that it has.
        app.put(&fra, one.clone()).await.created();
        app.put(&fra, other.clone()).await.ok();
        let third = app.put(&fra, one.clone()).await.ok();
        app.delete(&fra).await.expect(204);
        let swz = format!("{path}/SWZ");
        app.put(&swz, one.clone()).await.created();
        app.delete(&swz).await.expect(204);
        app.put(&swz, other.clone()).await.created();
        tags.push(third.header("etag").unwrap().to_owned());
    }
    app.patch("/v1/participants/SWZ", json!({"merged_into": "FRA"}))
        .await
        .ok();
    for ((path, [one, other]), tag) in places.iter().zip(&tags) {
        let fra = format!("{path}/FRA");
        let merged = app.get(&fra).await.ok();
        // What SWZ had taken back goes before it.
        assert_eq!(merged["version"], 6, "{path}");
        for _ in 0..2 {
            app.put(&fra, one.clone())
                .header("if-match", tag)
                .await
                .problem(412, "stale_version");
            app.put(&fra, other.clone()).await.ok();
        }
        let entries = app.get(&format!("{fra}/history?sort=-seq")).await.ok();
        let newest = &entries.items()[0];
        let now = app.get(&fra).await.ok();
        assert_eq!(newest["version"], now["version"], "{path}");
        app.delete(&fra).await.expect(204);
        assert_eq!(
            app.put(&fra, one.clone()).await.created()["version"],
            now["version"].as_i64().unwrap() + 2,
            "{path}"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_is_of_a_day_that_has_come(#[case] engine: Engine) {
    let clock = Clock::telling(|| "2018-02-13T09:00:00Z".parse().unwrap());
    let app = App::start_at(engine, clock).await;
    app.participant("USA").await;
    let pledge = app.pledge_with(json!({"instrument": "political"})).await;
    let usa = format!("/v1/pledges/{pledge}/adherents/USA");
    let withdrew = json!({"stance": "withdrew", "on": "2018-02-14"});
    app.put(&usa, withdrew.clone())
        .await
        .problem(422, "invalid")
        .fault("/on");
    let two = json!({"statements": [{"stance": "joined", "on": "2018"}, withdrew.clone()]});
    app.put(&usa, two.clone())
        .await
        .problem(422, "invalid")
        .fault("/statements/1/on");
    app.get(&usa).await.problem(404, "not_found");
    // What is kept so may stay beside what is said anew.
    let ahead = Clock::telling(|| "2018-02-13T10:00:00Z".parse().unwrap());
    app.second_at(ahead).await.put(&usa, withdrew).await.created();
    let both = app.put(&usa, two).await.ok();
    assert_eq!(
        (&both["stance"], &both["version"]),
        (&json!("withdrew"), &json!(2))
    );
    app.put(&usa, both.body).await.ok();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn no_tag_of_what_one_had_taken_back_fits_what_the_other_has(#[case] engine: Engine) {
    for fra_stands in [true, false] {
        let (app, pledge) = communique(engine).await;
        for code in ["SWZ", "FRA"] {
            app.participant(code).await;
        }
        let coalition = app.coalition("the-coalition").await;
        let places = [
            (
                format!("/v1/pledges/{pledge}/adherents"),
                ["dissociated", "joined"].map(|stance| json!({"stance": stance})),
            ),
            (
                "/v1/meetings/kuwait-2018/attendance".to_owned(),
                ["host", "observer"].map(|role| json!({"role": role})),
            ),
            (
                format!("/v1/coalitions/{coalition}/members"),
                ["2015", "2016"].map(|joined| json!({"periods": [{"joined_on": joined}]})),
            ),
        ];
        let mut tags = Vec::new();
        for (path, [one, other]) in &places {
            let (fra, swz) = (format!("{path}/FRA"), format!("{path}/SWZ"));
            let mut seen = Vec::new();
            for said in [one, other, one] {
                let tag = app.put(&swz, said.clone()).await.ok();
                seen.push(tag.header("etag").unwrap().to_owned());
            }
            app.delete(&swz).await.expect(204);
            app.put(&fra, other.clone()).await.created();
            if !fra_stands {
                app.delete(&fra).await.expect(204);
            }
            tags.push(seen);
        }
        app.patch("/v1/participants/SWZ", json!({"merged_into": "FRA"}))
            .await
            .ok();
        for ((path, [one, _]), seen) in places.iter().zip(&tags) {
            if !fra_stands {
                app.restore(&format!("{path}/SWZ")).await.ok();
            }
            let now = app.get(&format!("{path}/FRA")).await.ok();
            for code in ["SWZ", "FRA"] {
                for tag in seen {
                    app.put(&format!("{path}/{code}"), one.clone())
                        .header("if-match", tag)
                        .await
                        .problem(412, "stale_version");
                }
            }
            let history = app.get(&format!("{path}/FRA/history")).await.ok();
            assert_eq!(history.items()[0]["version"], now["version"], "{path}");
            assert_eq!(history.items()[0]["after"]["id"], now["id"], "{path}");
            let refused = app
                .restore(&format!("{path}/FRA"))
                .await
                .problem(409, "not_retracted");
            assert!(refused.text.contains("FRA/history"), "{refused}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_stood_in_a_place_can_stand_there_again(#[case] engine: Engine) {
    // Of a day that has not come to those who say it again.
    let ahead = Clock::telling(|| "2018-02-20T09:00:00Z".parse().unwrap());
    let later = Clock::telling(|| "2018-02-20T09:00:01Z".parse().unwrap());
    let now = Clock::telling(|| "2018-02-13T09:00:00Z".parse().unwrap());
    for fra_stands in [true, false] {
        let app = App::start_at(engine, ahead).await;
        for code in ["SWZ", "FRA"] {
            app.participant(code).await;
        }
        let article = app.article(json!({})).await;
        let pledge = app.pledge_with(json!({"instrument": "political"})).await;
        let path = format!("/v1/pledges/{pledge}/adherents");
        let (fra, swz) = (format!("{path}/FRA"), format!("{path}/SWZ"));
        let said = json!([{"stance": "joined", "on": "2018-02-10", "text": null}, {"stance": "withdrew", "on": "2018-02-20", "text": null}]);
        app.put(&swz, json!({"statements": said})).await.created();
        let subject = format!("pledges/{pledge}/adherents/SWZ");
        let cited = app.citation(&subject, &article, json!({})).await;
        app.delete(&swz).await.expect(204);
        app.put(&fra, json!({"stance": "dissociated"})).await.created();
        if !fra_stands {
            // What went at one moment would come back together.
            app.second_at(later).await.delete(&fra).await.expect(204);
        }
        app.patch("/v1/participants/SWZ", json!({"merged_into": "FRA"}))
            .await
            .ok();
        let app = app.second_at(now).await;
        if !fra_stands {
            app.restore(&fra).await.ok();
        }
        let refused = app.restore(&fra).await.problem(409, "not_retracted");
        assert!(refused.text.contains("PUT says it again"), "{refused}");
        // In other words it is said by whom it was never said.
        let other = json!({"statements": [{"stance": "withdrew", "on": "2018-02-21"}]});
        let refused = app.put(&fra, other).await;
        refused.problem(422, "invalid").fault("/statements/0/on");
        let history = app.get(&format!("{fra}/history")).await.ok();
        let of_swz = history
            .items()
            .iter()
            .find(|it| it["op"] == "retract" && it["before"]["statements"] == said);
        let of_swz = of_swz.unwrap_or_else(|| panic!("{history}"));
        let again = app
            .put(&fra, json!({"statements": of_swz["before"]["statements"]}))
            .await
            .ok();
        assert_eq!(
            (&again["statements"], &again["stance"]),
            (&said, &json!("withdrew"))
        );
        // What was cited for it is told of where it stood, and cited anew.
        let gone = app.restore(&format!("/v1/citations/{cited}")).await;
        assert!(gone.status == 409, "{gone}");
        let subject = format!("pledges/{pledge}/adherents/FRA");
        app.citation(&subject, &article, json!({})).await;
        // Where nothing stands, it is put as if nothing had been retracted.
        app.delete(&fra).await.expect(204);
        let again = app.put(&fra, json!({"statements": said})).await.created();
        assert_eq!(again["statements"], said);
        let newest = app.get(&format!("{fra}/history?sort=-seq")).await.ok();
        assert_eq!(newest.items()[0]["after"]["statements"], said);
    }
}
