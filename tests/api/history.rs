//! The log: every write is in it, and nothing is lost.

use serde_json::Value;

use crate::{answer::Answer, prelude::*};

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_says_who_when_what_and_why(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let created = app
        .post(
            "/v1/coalitions",
            json!({"slug": "global", "names": {"en": "Global"}}),
        )
        .header(
            "Change-Reason",
            "%D8%AA%D8%B3%D8%AC%D9%8A%D9%84 %D8%A3%D9%88%D9%84%D9%8A 100%",
        )
        .await
        .created();
    let changed = app
        .patch("/v1/coalitions/global", json!({"description": "One group"}))
        .key(&app.keys.admin)
        .header("Change-Reason", "a better one: 50%off")
        .await
        .expect(200);
    app.delete("/v1/coalitions/global").await.expect(204);
    let restored = app.restore("/v1/coalitions/global").await.expect(200);

    let history = app.history("/v1/coalitions/global").await;
    assert_eq!(
        json!(history.each("op")),
        json!(["restore", "retract", "update", "create"])
    );
    assert_eq!(json!(history.each("version")), json!([4, 3, 2, 1]));
    assert_eq!(
        json!(history.each("actor")),
        json!(["editor", "editor", "admin", "editor"])
    );
    assert_eq!(
        json!(history.each("reason")),
        json!([null, null, "a better one: 50%off", "تسجيل أولي 100%"])
    );
    let record = |answer: &Answer| {
        let mut record = answer.body.clone();
        for derived in ["name", "counts", "conflicts"] {
            record.as_object_mut().unwrap().shift_remove(derived);
        }
        record
    };
    let said: Vec<(&Value, &Value)> = history
        .items()
        .iter()
        .map(|change| (&change["before"], &change["after"]))
        .collect();
    let (first, second, last) = (record(&created), record(&changed), record(&restored));
    assert_eq!(said[3], (&Value::Null, &first));
    assert_eq!(said[2], (&first, &second));
    assert_eq!(said[1], (&second, &Value::Null));
    assert_eq!(said[0], (&Value::Null, &last));
    for change in history.items() {
        assert_eq!(change["resource"], "coalitions");
        assert_eq!(change["key"], "global");
        assert!(change["at"].as_str().unwrap().ends_with('Z'), "{change}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_is_no_change(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.coalition("global").await;
    let meeting = app.meeting("kuwait-2018").await;
    let article = app.article(json!({})).await;
    let pledge = app.pledge(&meeting, "10", "USD").await;
    let citation = app.citation("meetings/kuwait-2018", &article, json!({})).await;
    let before = app.get("/v1/changes?count=true").await["count"].clone();
    for path in [
        "/v1/participants/USA".to_owned(),
        "/v1/coalitions/global".into(),
        "/v1/meetings/kuwait-2018".into(),
        format!("/v1/articles/{article}"),
        format!("/v1/pledges/{pledge}"),
        format!("/v1/citations/{citation}"),
    ] {
        let read = app.get(&path).await;
        for patch in [json!({}), read.body.clone()] {
            let same = app.patch(&path, patch).await.expect(200);
            assert_eq!(same.body, read.body, "{path}");
            assert_eq!(same.header("etag"), read.header("etag"), "{path}");
        }
    }
    // And what is refused is none either.
    app.patch("/v1/participants/USA", json!({"kind": "empire"}))
        .await
        .problem(422, "invalid");
    app.delete("/v1/meetings/kuwait-2018")
        .await
        .problem(409, "still_referenced");
    assert_eq!(app.get("/v1/changes?count=true").await["count"], before);
}

/// Every change there is, the oldest first.
async fn whole_log(app: &App) -> Vec<Value> {
    let mut log: Vec<Value> = Vec::new();
    loop {
        let after = log.last().map_or(0, |change| change["seq"].as_i64().unwrap());
        let page = app
            .get(&format!("/v1/changes?after_seq={after}&limit=200"))
            .await
            .expect(200);
        if page.items().is_empty() {
            return log;
        }
        log.extend_from_slice(page.items());
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn each_version_of_a_record_is_exactly_one_change(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.member("global", "USA", "2014").await;
    let meeting = app
        .meeting_with(json!({"slug": "kuwait-2018", "coalition": "global", "country": "USA"}))
        .await;
    app.attendance(&meeting, "USA", json!({"role": "host"})).await;
    let article = app.article(json!({"body": "200 million"})).await;
    let pledge = app.pledge(&meeting, "200", "USD").await;
    let event = app.event(&pledge, "paid", "6.6", "2018-06").await;
    app.citation(&format!("events/{event}"), &article, json!({}))
        .await;
    app.citation(
        "participants/USA",
        &article,
        json!({"quote": "200", "start": 0, "end": 3}),
    )
    .await;
    app.put(
        "/v1/coalitions/global/members/USA",
        json!({"periods": [{"joined_on": "2015"}]}),
    )
    .await
    .expect(200);
    app.put(
        &format!("/v1/meetings/{meeting}/attendance/USA"),
        json!({"adopted": true}),
    )
    .await
    .expect(200);
    app.delete(&format!("/v1/pledges/{pledge}")).await.expect(204);
    app.restore(&format!("/v1/pledges/{pledge}")).await.expect(200);
    app.participant("USB").await;
    app.patch("/v1/participants/USA", json!({"merged_into": "USB"}))
        .await
        .expect(200);
    app.delete(&format!("/v1/pledges/{pledge}/events/{event}"))
        .await
        .expect(204);

    let log = whole_log(&app).await;
    for (index, change) in log.iter().enumerate() {
        assert_eq!(change["seq"], index + 1, "the log has no gap");
        if change["after"].is_object() {
            assert_eq!(change["after"]["version"], change["version"], "{change}");
        }
        let id = |side: &str| change[side]["id"].clone();
        let record = if change["after"].is_object() {
            id("after")
        } else {
            id("before")
        };
        let earlier: Vec<&Value> = log[..index]
            .iter()
            .filter(|earlier| earlier["after"]["id"] == record || earlier["before"]["id"] == record)
            .collect();
        assert_eq!(change["version"], earlier.len() + 1, "{change}");
        let last_said = earlier.last().map_or(&Value::Null, |earlier| &earlier["after"]);
        match change["op"].as_str().unwrap() {
            "create" => assert!(change["before"].is_null() && earlier.is_empty(), "{change}"),
            "restore" => assert!(change["before"].is_null() && last_said.is_null(), "{change}"),
            _ => assert_eq!(&change["before"], last_said, "{change}"),
        }
    }

    // And the last thing that the log says of a record is what the record says.
    for path in [
        "/v1/participants/USB".to_owned(),
        "/v1/coalitions/global".into(),
        "/v1/coalitions/global/members/USB".into(),
        "/v1/meetings/kuwait-2018".into(),
        "/v1/meetings/kuwait-2018/attendance/USB".into(),
        format!("/v1/articles/{article}"),
        format!("/v1/pledges/{pledge}"),
    ] {
        let read = app.get(&path).await.expect(200);
        let last = app.history(&path).await.items()[0]["after"].clone();
        for (field, value) in last.as_object().unwrap() {
            assert_eq!(&read[field], value, "{field} of {path}");
        }
    }
    for citation in app.get("/v1/citations").await.items() {
        let path = format!("/v1/citations/{}", citation["id"].as_str().unwrap());
        let last = app.history(&path).await.items()[0]["after"].clone();
        for (field, value) in last.as_object().unwrap() {
            assert_eq!(&citation[field], value, "{field} of {path}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_followed_forwards_and_looked_at_backwards(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["AA", "BB", "CC", "DD"] {
        app.participant(code).await;
    }
    let seqs = |answer: &Answer| json!(answer.each("seq"));
    assert_eq!(seqs(&app.get("/v1/changes").await), json!([4, 3, 2, 1]));
    let newest = app.get("/v1/changes?limit=3").await;
    let next = newest["next"].as_str().unwrap();
    assert_eq!(
        seqs(&app.get(&format!("/v1/changes?limit=3&after={next}")).await),
        json!([1])
    );
    let first = app.get("/v1/changes?after_seq=1&limit=2").await;
    assert_eq!(seqs(&first), json!([2, 3]));
    let next = first["next"].as_str().unwrap();
    assert_eq!(
        seqs(
            &app.get(&format!("/v1/changes?after_seq=1&limit=2&after={next}"))
                .await
        ),
        json!([4])
    );
    assert_eq!(seqs(&app.get("/v1/changes?after_seq=4").await), json!([]));
    assert_eq!(
        seqs(&app.get("/v1/changes?after_seq=0&sort=-seq").await),
        json!([4, 3, 2, 1])
    );
    for bad in ["", "x", "1.5", "99999999999999999999"] {
        app.get(&format!("/v1/changes?after_seq={bad}"))
            .await
            .problem(400, "malformed")
            .fault("?after_seq");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn changes_are_found_by_what_they_changed_and_who_did(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    app.coalition("usa").await;
    app.member("usa", "USA", "2014").await;
    app.patch("/v1/participants/USA", json!({"aliases": ["America"]}))
        .key(&app.keys.admin)
        .await
        .expect(200);
    let id = app.get("/v1/participants/USA").await.id();
    for (query, count) in [
        ("resource=participants", 2),
        ("resource=participants,members", 3),
        ("resource=participants&key=USA", 2),
        ("resource=participants&key=usa", 2),
        ("resource=coalitions&key=usa", 1),
        ("key=usa/USA", 1),
        ("key=usa/usa", 1),
        (&*format!("key={id}"), 2),
        ("actor=admin", 1),
        ("actor=admin,editor", 4),
        ("op=update", 1),
        ("op=retract,restore", 0),
        ("resource=participants&op=create&actor=editor", 1),
        ("updated_from=2018", 4),
        ("updated_to=2018", 0),
    ] {
        let list = app
            .get(&format!("/v1/changes?count=true&{query}"))
            .await
            .expect(200);
        assert_eq!(list["count"], count, "{query}");
        assert_eq!(list.items().len(), count, "{query}");
    }
    let history = app
        .get("/v1/participants/usa/history?op=update&count=true")
        .await
        .expect(200);
    assert_eq!(history["count"], 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_retracted_is_gone_with_the_way_to_its_history(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let id = app.get("/v1/participants/USA").await.id();
    app.delete("/v1/participants/usa")
        .header("Change-Reason", "entered by mistake")
        .await
        .expect(204);
    for key in ["USA", "usa", &id] {
        let path = format!("/v1/participants/{key}");
        let gone = app.get(&path).await.problem(410, "retracted");
        assert!(
            gone["detail"]
                .as_str()
                .unwrap()
                .contains("/v1/participants/USA/history"),
            "{gone}"
        );
        app.patch(&path, json!({"aliases": []}))
            .await
            .problem(410, "retracted");
        app.delete(&path).await.problem(410, "retracted");
        app.get(&format!("{path}/citations"))
            .await
            .problem(410, "retracted");
        let history = app.history(&path).await;
        assert_eq!(history.items()[0]["reason"], "entered by mistake");
        assert_eq!(history.items()[0]["before"]["code"], "USA");
    }
    // Nothing refers to it, and no other takes its key.
    app.get("/v1/pledges?participant=USA")
        .await
        .problem(400, "malformed")
        .fault("?participant");
    app.post(
        "/v1/pledges",
        json!({"participant": "USA", "instrument": "grant"}),
    )
    .await
    .problem(422, "invalid")
    .fault("/participant");
    let taken = app
        .post(
            "/v1/participants",
            json!({"code": "usa", "kind": "state", "names": {"en": "X"}}),
        )
        .await
        .problem(409, "duplicate");
    assert!(taken["detail"].as_str().unwrap().contains("restore"), "{taken}");
    app.restore("/v1/participants/ZZZ")
        .await
        .problem(404, "not_found");
    let restored = app.restore("/v1/participants/usa").await.expect(200);
    assert_eq!(restored["version"], 3);
    assert_eq!(restored.id(), id);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_retraction_takes_the_parts_along_and_a_restore_brings_exactly_those_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({})).await;
    let meeting = app.meeting("kuwait-2018").await;
    for code in ["USA", "KWT", "SAU"] {
        app.attendance(&meeting, code, json!({})).await;
    }
    let kept = app.citation("meetings/kuwait-2018", &article, json!({})).await;
    let gone_before = app.citation("meetings/kuwait-2018", &article, json!({})).await;
    app.delete(&format!("/v1/citations/{gone_before}"))
        .await
        .expect(204);
    app.delete("/v1/meetings/kuwait-2018/attendance/SAU")
        .await
        .expect(204);
    let last = app.get("/v1/changes?limit=1").await.items()[0]["seq"].clone();

    app.delete("/v1/meetings/kuwait-2018").await.expect(204);
    let changes = app.get(&format!("/v1/changes?after_seq={last}")).await;
    assert_eq!(changes.items().len(), 4, "{changes}");
    assert!(changes.each("op").iter().all(|op| *op == "retract"));
    app.get(&format!("/v1/citations/{kept}"))
        .await
        .problem(410, "retracted");
    assert!(app.get("/v1/meetings?participant=USA").await.items().is_empty());
    // A part does not come back without its whole.
    app.restore(&format!("/v1/citations/{kept}"))
        .await
        .problem(409, "refers_to_retracted")
        .fault("/meeting");

    app.restore("/v1/meetings/kuwait-2018").await.expect(200);
    app.get(&format!("/v1/citations/{kept}")).await.expect(200);
    app.get(&format!("/v1/citations/{gone_before}"))
        .await
        .problem(410, "retracted");
    let attendance = app
        .get("/v1/meetings/kuwait-2018/attendance?sort=participant")
        .await;
    assert_eq!(json!(attendance.each("participant")), json!(["KWT", "USA"]));
    app.restore("/v1/meetings/kuwait-2018/attendance/SAU")
        .await
        .expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_goes_and_comes_back_with_its_events_and_their_citations(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({})).await;
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "200", "USD").await;
    let event = app.event(&pledge, "paid", "6.6", "2018-06").await;
    let of_event = app
        .citation(&format!("events/{event}"), &article, json!({}))
        .await;
    let before = app.pledge_now(&pledge).await;
    app.delete(&format!("/v1/pledges/{pledge}")).await.expect(204);
    app.get(&format!("/v1/citations/{of_event}"))
        .await
        .problem(410, "retracted");
    // Nothing stands in the way of the article now; of the pledge's return, the article does.
    app.delete(&format!("/v1/articles/{article}")).await.expect(204);
    app.restore(&format!("/v1/pledges/{pledge}"))
        .await
        .problem(409, "refers_to_retracted")
        .fault("/article");
    app.restore(&format!("/v1/articles/{article}")).await.expect(200);
    let restored = app.restore(&format!("/v1/pledges/{pledge}")).await.expect(200);
    for field in ["amount", "paid", "outstanding", "state", "counted"] {
        assert_eq!(restored[field], before[field], "{field}");
    }
    app.get(&format!("/v1/citations/{of_event}")).await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_others_refer_to_stays_and_they_are_named(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.coalition("global").await;
    app.member("global", "USA", "2014").await;
    let meeting = app
        .meeting_with(json!({"slug": "kuwait-2018", "country": "USA"}))
        .await;
    app.attendance(&meeting, "USA", json!({})).await;
    let pledge = app.pledge(&meeting, "200", "USD").await;
    let refused = app
        .delete("/v1/participants/USA")
        .await
        .problem(409, "still_referenced");
    for referrer in [
        "members/global/USA",
        "meetings/kuwait-2018",
        "attendance/kuwait-2018/USA",
        &format!("pledges/{pledge}"),
    ] {
        assert!(
            refused.text.contains(referrer),
            "{referrer} is not named: {refused}"
        );
    }
    app.get("/v1/participants/USA").await.expect(200);
    let refused = app
        .delete("/v1/meetings/kuwait-2018")
        .await
        .still_referenced_by(&format!("pledges/{pledge}"));
    assert_eq!(refused["errors"].as_array().unwrap().len(), 1, "{refused}");
}
