//! Whether commitments were kept, as others than the register say.

use pledgebook::{
    assessments::disputes::Disputes,
    history::{Change, Op, Projection as _},
    resources::Resource,
    values::Clock,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{answer::Answer, prelude::*};

/// A register with a collective commitment, two members, and a scale of three grades.
async fn judged(engine: Engine) -> (App, String) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    app.participant("USA").await;
    app.participant("KWT").await;
    scale(&app, "lights").await;
    let pledge = app
        .pledge_with(json!({"meeting": meeting, "instrument": "political"}))
        .await;
    (app, pledge)
}

async fn scale(app: &App, key: &str) {
    let values = json!([
        {"value": "-1", "meaning": "not_kept"},
        {"value": "0", "meaning": "partly"},
        {"value": "+1", "meaning": "kept"},
        {"value": "?", "meaning": "no_evidence"},
    ]);
    app.put(
        &format!("/v1/scales/{key}"),
        json!({"names": {"en": key}, "values": values}),
    )
    .await
    .ok();
}

fn verdict(pledge: &str, participant: Option<&str>, assessor: &str, value: &str) -> Value {
    json!({"subject": format!("pledges/{pledge}"), "participant": participant, "assessor": assessor,
        "scale": "lights", "value": value})
}

async fn assess(app: &App, pledge: &str, participant: Option<&str>, assessor: &str, value: &str) -> String {
    let body = verdict(pledge, participant, assessor, value);
    app.post("/v1/assessments", body).await.created().id()
}

async fn disputed(app: &App, pledge: &str) -> bool {
    let pledge = app.get(&format!("/v1/pledges/{pledge}")).await.expect(200);
    let listed = app.get("/v1/pledges?limit=200").await.expect(200);
    let in_list = listed.items().iter().find(|it| it["id"] == pledge["id"]).unwrap();
    assert_eq!(in_list["disputed"], pledge["disputed"]);
    pledge["disputed"].as_bool().unwrap()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_assessment_is_created_read_changed_retracted_and_restored(#[case] engine: Engine) {
    let (app, pledge) = judged(engine).await;
    let article = app.article(json!({"body": "Kuwait complied."})).await;
    let created = app
        .post(
            "/v1/assessments",
            json!({
                "subject": format!("pledges/{pledge}"), "participant": "kwt", "assessor": "  Cafe\u{301} Group ",
                "scale": "lights", "value": "+1", "period_from": "2018", "period_to": "2019-06", "kind": "interim",
                "published_on": "2019-06-27",
                "citations": [{"article": article, "quote": "Kuwait complied.", "start": 0, "end": 16, "states": {"value": "0"}}],
            }),
        )
        .await
        .created();
    let path = format!("/v1/assessments/{}", created.id());
    assert_eq!(created.header("location"), Some(path.as_str()));
    for (field, value) in [
        ("subject", json!(format!("pledges/{pledge}"))),
        ("participant", json!("KWT")),
        ("participant_name", json!("Kuwait")),
        ("assessor", json!("Café Group")),
        ("scale", json!("lights")),
        ("value", json!("+1")),
        ("meaning", json!("kept")),
        ("kind", json!("interim")),
        ("period_to", json!("2019-06")),
        ("replaces", Value::Null),
        ("latest", json!(true)),
        ("version", json!(1)),
    ] {
        assert_eq!(created[field], value, "{field}");
    }
    assert_eq!(created["conflicts"][0]["field"], "value");
    let read = app
        .get(&format!("{path}?expand=citations,participant&lang=ar"))
        .await
        .expect(200);
    assert_eq!(read["participant_name"], "الكويت");
    assert_eq!(
        read["expanded"]["citations"][0]["subject"],
        format!("assessments/{}", created.id())
    );
    // As it is read, it is patched back.
    let again = app.patch(&path, app.get(&path).await.body).await.expect(200);
    assert_eq!(again["version"], 1);
    let changed = app
        .patch(&path, json!({"value": "0", "participant": null}))
        .await
        .expect(200);
    assert_eq!(
        (&changed["meaning"], &changed["participant"]),
        (&json!("partly"), &Value::Null)
    );
    let other = app.pledge_with(json!({"instrument": "political"})).await;
    app.patch(&path, json!({"subject": format!("pledges/{other}")}))
        .await
        .problem(422, "invalid")
        .fault("/subject");
    app.delete(&path).await.expect(204);
    app.get(&path).await.problem(410, "retracted");
    assert_eq!(app.restore(&path).await.expect(200)["version"], 4);
    assert_eq!(app.get(&format!("{path}/citations")).await.items().len(), 1);
    // It goes and comes with its pledge.
    app.delete(&format!("/v1/pledges/{pledge}")).await.expect(204);
    app.get(&path).await.problem(410, "retracted");
    app.restore(&path).await.problem(409, "refers_to_retracted");
    app.restore(&format!("/v1/pledges/{pledge}")).await.expect(200);
    let back = app.get(&path).await.expect(200);
    assert_eq!(
        (&back["version"], &back["meaning"]),
        (&json!(6), &json!("partly"))
    );
    let history = app.get(&format!("{path}/history")).await.expect(200);
    assert_eq!(
        json!(history.each("op")),
        json!(["restore", "retract", "restore", "retract", "update", "create"])
    );
    assert_eq!(
        history.items()[5]["after"]["subject"],
        format!("pledges/{pledge}")
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_assessment_that_cannot_be_is_refused(#[case] engine: Engine) {
    let (app, pledge) = judged(engine).await;
    let laid_over = |fields: Value| {
        let mut body = verdict(&pledge, Some("KWT"), "A", "0");
        for (name, value) in fields.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    for (fields, pointer) in [
        (json!({"subject": "meetings/kuwait-2018"}), "/subject"),
        (
            json!({"subject": "pledges/019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b"}),
            "/subject",
        ),
        (json!({"participant": "NONE"}), "/participant"),
        (json!({"assessor": " "}), "/assessor"),
        (json!({"scale": "none"}), "/scale"),
        (json!({"value": "1"}), "/value"),
        (json!({"value": 1}), "/value"),
        (json!({"kind": "draft"}), "/kind"),
        (
            json!({"period_from": "2019", "period_to": "2018-12"}),
            "/period_to",
        ),
        (
            json!({"replaces": "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b"}),
            "/replaces",
        ),
        (json!({"meaning": "kept"}), "/meaning"),
        (
            json!({"citations": [{"article": "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b"}]}),
            "/citations/0/article",
        ),
    ] {
        let refused = app
            .post("/v1/assessments", laid_over(fields))
            .await
            .problem(422, "invalid");
        refused.fault(pointer);
    }
    let all = app
        .post("/v1/assessments", json!({"kind": "draft"}))
        .await
        .problem(422, "invalid");
    all.fault("/subject")
        .fault("/assessor")
        .fault("/scale")
        .fault("/value")
        .fault("/kind");
    assert!(app.get("/v1/assessments").await.items().is_empty());
    assert!(
        app.get("/v1/changes?resource=assessments,citations")
            .await
            .items()
            .is_empty()
    );
    // A pledge that is one participant's own says nothing of another.
    let own = app.pledge_by("USA", "kuwait-2018", "5.00", "USD").await;
    let refused = app
        .post("/v1/assessments", verdict(&own, Some("KWT"), "A", "0"))
        .await
        .problem(422, "invalid")
        .fault("/participant");
    assert_eq!(refused["errors"][0]["code"], "collective");
    assess(&app, &own, Some("USA"), "A", "0").await;
    assess(&app, &own, None, "A", "0").await;
    app.patch(&format!("/v1/pledges/{own}"), json!({"participant": "KWT"}))
        .await
        .problem(422, "invalid")
        .fault("/participant");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_subject_that_cannot_be_read_hides_no_other_fault(#[case] engine: Engine) {
    let (app, pledge) = judged(engine).await;
    let nothing = "019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b";
    let refused = |answer: Answer, faults: &[&str]| {
        let refused = answer.problem(422, "invalid");
        let named = refused["errors"].as_array().unwrap().iter();
        let mut named: Vec<_> = named.map(|it| it["pointer"].as_str().unwrap()).collect();
        named.sort_unstable();
        assert_eq!(named, faults, "{refused}");
    };
    for (member, said, faults) in [
        ("participant", json!("NOBODY"), &["/participant", "/subject"][..]),
        ("scale", json!("none"), &["/scale", "/subject"]),
        ("value", json!("+2"), &["/subject", "/value"]),
        ("replaces", json!(nothing), &["/replaces", "/subject"]),
        ("kind", json!("last"), &["/kind", "/subject"]),
        ("colour", json!("red"), &["/colour", "/subject"]),
        ("assessor", json!(null), &["/assessor", "/subject"]),
    ] {
        for subject in [json!("pledges/x"), json!("meetings/kuwait-2018"), json!(5)] {
            let mut body = verdict(&pledge, Some("USA"), "Group A", "+1");
            body["subject"] = subject;
            body[member] = said.clone();
            refused(app.post("/v1/assessments", body).await, faults);
        }
    }
    let mut body = verdict(nothing, Some("NOBODY"), "Group A", "+1");
    body["replaces"] = nothing.into();
    refused(
        app.post("/v1/assessments", body).await,
        &["/participant", "/replaces", "/subject"],
    );
    let made = assess(&app, &pledge, Some("USA"), "Group A", "+1").await;
    let path = format!("/v1/assessments/{made}");
    let patch = json!({"subject": "pledges/x", "scale": "none"});
    refused(app.patch(&path, patch).await, &["/scale", "/subject"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn one_replaces_an_earlier_one_of_the_same(#[case] engine: Engine) {
    let (app, pledge) = judged(engine).await;
    let with = |mut body: Value, fields: &[(&str, Value)]| {
        for (name, value) in fields {
            body[*name] = value.clone();
        }
        body
    };
    let of_kwt = || verdict(&pledge, Some("KWT"), "A", "0");
    let first = app
        .post(
            "/v1/assessments",
            with(of_kwt(), &[("published_on", json!("2019-06"))]),
        )
        .await
        .created()
        .id();
    let other = app.pledge_with(json!({"instrument": "political"})).await;
    for body in [
        verdict(&pledge, Some("KWT"), "B", "0"),
        verdict(&pledge, Some("USA"), "A", "0"),
        verdict(&pledge, None, "A", "0"),
        verdict(&other, Some("KWT"), "A", "0"),
        with(of_kwt(), &[("published_on", json!("2019-05-31"))]),
    ] {
        let refused = app
            .post("/v1/assessments", with(body, &[("replaces", json!(first))]))
            .await
            .problem(422, "invalid")
            .fault("/replaces");
        assert_eq!(refused["errors"][0]["code"], "replaces");
    }
    let second = app
        .post(
            "/v1/assessments",
            with(
                of_kwt(),
                &[
                    ("published_on", json!("2019")),
                    ("value", json!("+1")),
                    ("replaces", json!(first)),
                ],
            ),
        )
        .await
        .created()
        .id();
    let path = |id: &str| format!("/v1/assessments/{id}");
    assert_eq!(app.get(&path(&first)).await["latest"], false);
    assert_eq!(app.get(&path(&second)).await["latest"], true);
    // No circle, and nothing that makes of either another's.
    for (id, patch, pointer) in [
        (&first, json!({"replaces": second}), "/replaces"),
        (&first, json!({"replaces": first}), "/replaces"),
        (&first, json!({"assessor": "B"}), ""),
        (&first, json!({"published_on": "2020"}), ""),
        (&second, json!({"participant": null}), "/replaces"),
    ] {
        app.patch(&path(id), patch)
            .await
            .problem(422, "invalid")
            .fault(pointer);
    }
    app.delete(&path(&first))
        .await
        .still_referenced_by(&format!("assessments/{second}"));
    // A retracted one gives way to what it replaced.
    app.delete(&path(&second)).await.expect(204);
    assert_eq!(app.get(&path(&first)).await["latest"], true);
    app.patch(&path(&first), json!({"assessor": "B"}))
        .await
        .expect(200);
    app.restore(&path(&second))
        .await
        .problem(422, "invalid")
        .fault("/replaces");
    app.patch(&path(&first), json!({"assessor": "A"}))
        .await
        .expect(200);
    app.restore(&path(&second)).await.expect(200);
    assert_eq!(app.get(&path(&first)).await["latest"], false);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn assessments_are_found_by_what_they_say(#[case] engine: Engine) {
    let (app, pledge) = judged(engine).await;
    scale(&app, "others").await;
    let first = assess(&app, &pledge, Some("KWT"), "Group, The", "0").await;
    let mut body = verdict(&pledge, Some("KWT"), "Group, The", "+1");
    body["replaces"] = json!(first);
    body["published_on"] = json!("2019-06");
    let second = app.post("/v1/assessments", body).await.created().id();
    let other = app.pledge_with(json!({"instrument": "political"})).await;
    let mut body = verdict(&other, None, "B", "+1");
    body["scale"] = json!("others");
    body["kind"] = json!("interim");
    let third = app.post("/v1/assessments", body).await.created().id();
    for (query, found) in [
        (format!("subject=pledges/{pledge}"), vec![&first, &second]),
        (
            format!("subject=pledges/{pledge},pledges/{other}"),
            vec![&first, &second, &third],
        ),
        ("participant=kwt".to_owned(), vec![&first, &second]),
        ("participant=USA".to_owned(), vec![]),
        ("assessor=B".to_owned(), vec![&third]),
        ("assessor=b".to_owned(), vec![]),
        ("assessor=%22Group,+The%22".to_owned(), vec![&first, &second]),
        ("scale=others".to_owned(), vec![&third]),
        ("value=0".to_owned(), vec![&first]),
        ("meaning=kept".to_owned(), vec![&second, &third]),
        ("meaning=partly,not_kept".to_owned(), vec![&first]),
        ("kind=interim".to_owned(), vec![&third]),
        (format!("replaces={first}"), vec![&second]),
        ("latest=true".to_owned(), vec![&second, &third]),
        ("latest=false".to_owned(), vec![&first]),
        ("meeting=kuwait-2018".to_owned(), vec![&first, &second]),
    ] {
        let rows = app
            .rows(&format!("/v1/assessments?{query}&sort=created_at&limit=1"))
            .await;
        let ids: Vec<_> = rows.iter().map(|it| it["id"].as_str().unwrap()).collect();
        assert_eq!(ids, found, "{query}");
    }
    let dated = app.rows("/v1/assessments?sort=-published_on").await;
    assert_eq!(dated[0]["id"], json!(second));
    for query in [
        "subject=pledges/019c8a3e-7b1f-7c22-9a55-0f3f6c1d2e4b",
        "scale=none",
        "subject=meetings/kuwait-2018",
        "meaning=good",
    ] {
        app.get(&format!("/v1/assessments?{query}"))
            .await
            .problem(400, "malformed");
    }
    let csv = app
        .get("/v1/assessments?format=csv&sort=created_at")
        .await
        .expect(200);
    assert!(csv.text.contains("\"Group, The\""), "{csv}");
    assert_eq!(
        app.get("/v1/assessments?format=ndjson")
            .await
            .expect(200)
            .text
            .lines()
            .count(),
        3
    );
    let batch = app
        .post(
            "/v1/assessments/batch",
            json!([verdict(&pledge, None, "C", "0"), verdict(&pledge, None, "D", "0")]),
        )
        .await
        .expect(201);
    assert_eq!(batch["created"], 2);
    app.post(
        "/v1/assessments/batch",
        json!([verdict(&pledge, None, "E", "0"), verdict(&pledge, None, "F", "5")]),
    )
    .await
    .problem(422, "batch_refused");
    // What cannot be read is told with what only the register knows, and is as much of what is told as any other fault.
    let mut unread = verdict(&pledge, Some("NOBODY"), "E", "0");
    unread["subject"] = json!("pledges/1");
    let refused = app.post("/v1/assessments/batch", json!([unread.clone()])).await;
    let refused = refused.problem(422, "batch_refused");
    refused.fault("/0/subject").fault("/0/participant");
    let refused = app
        .post("/v1/assessments/batch", vec![unread.clone(); 1_200].into())
        .await
        .problem(422, "batch_refused");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("200 more items were not looked at"), "{detail}");
    let each = app
        .post("/v1/assessments/batch", vec![unread; 1_200].into())
        .header("prefer", "handling=lenient")
        .await
        .ok();
    assert_eq!(each["failed"], 1_200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pledge_is_disputed_while_its_assessors_conflict(#[case] engine: Engine) {
    let (app, pledge) = judged(engine).await;
    let path = |id: &str| format!("/v1/assessments/{id}");
    let version = app.pledge_now(&pledge).await["version"].clone();
    let of_a = assess(&app, &pledge, Some("KWT"), "A", "+1").await;
    // Of another member, of the whole, and without evidence, nothing contradicts it.
    assess(&app, &pledge, Some("USA"), "B", "-1").await;
    assess(&app, &pledge, None, "B", "0").await;
    assess(&app, &pledge, Some("KWT"), "C", "?").await;
    assert!(!disputed(&app, &pledge).await);
    let of_b = assess(&app, &pledge, Some("KWT"), "B", "0").await;
    assert!(disputed(&app, &pledge).await);
    // The pledge itself says what it said: who writes it need not read it anew.
    assert_eq!(app.pledge_now(&pledge).await["version"], version);
    app.patch(&path(&of_b), json!({"value": "+1"})).await.expect(200);
    assert!(!disputed(&app, &pledge).await);
    app.patch(&path(&of_b), json!({"value": "0"})).await.expect(200);
    app.delete(&path(&of_b)).await.expect(204);
    assert!(!disputed(&app, &pledge).await);
    app.restore(&path(&of_b)).await.expect(200);
    assert!(disputed(&app, &pledge).await);
    // One that replaces it counts in its place, until it is taken back.
    let mut body = verdict(&pledge, Some("KWT"), "B", "+1");
    body["replaces"] = json!(of_b);
    let later = app.post("/v1/assessments", body).await.created().id();
    assert!(!disputed(&app, &pledge).await);
    app.delete(&path(&later)).await.expect(204);
    assert!(disputed(&app, &pledge).await);
    // Two latest of one assessor are its set; the other's must be the same.
    let mut body = verdict(&pledge, Some("KWT"), "A", "0");
    body["kind"] = json!("interim");
    assess(&app, &pledge, Some("KWT"), "B", "+1").await;
    app.post("/v1/assessments", body).await.created();
    assert!(!disputed(&app, &pledge).await);
    app.delete(&path(&of_a)).await.expect(204);
    assert!(disputed(&app, &pledge).await);
    // With its pledge all of it goes, and comes.
    app.delete(&format!("/v1/pledges/{pledge}")).await.expect(204);
    let restored = app.restore(&format!("/v1/pledges/{pledge}")).await.expect(200);
    assert_eq!(restored["disputed"], true);
    assert!(disputed(&app, &pledge).await);
    let state = app.pledge_now(&pledge).await["state"].clone();
    assert_eq!(state, "open", "no verdict moves a state");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_scale_means_and_whose_a_pledge_is_moves_disputes(#[case] engine: Engine) {
    let (app, pledge) = judged(engine).await;
    scale(&app, "others").await;
    assess(&app, &pledge, Some("KWT"), "A", "+1").await;
    let mut body = verdict(&pledge, Some("KWT"), "B", "0");
    body["scale"] = json!("others");
    let of_b = app.post("/v1/assessments", body).await.created().id();
    assert!(disputed(&app, &pledge).await);
    let values = json!([{"value": "0", "meaning": "kept"}, {"value": "1", "meaning": "kept"}]);
    let others = json!({"names": {"en": "Others"}, "values": values});
    app.put("/v1/scales/others", others.clone()).await.expect(200);
    assert!(!disputed(&app, &pledge).await);
    assert_eq!(
        app.get(&format!("/v1/assessments/{of_b}")).await["meaning"],
        "kept"
    );
    // No value goes that an assessment uses, also one that could be brought back.
    app.delete(&format!("/v1/assessments/{of_b}")).await.expect(204);
    let without = json!({"names": {"en": "Others"}, "values": [{"value": "1", "meaning": "kept"}]});
    let refused = app
        .put("/v1/scales/others", without)
        .await
        .problem(409, "still_referenced");
    assert!(refused.text.contains("\\\"0\\\""), "{refused}");
    app.restore(&format!("/v1/assessments/{of_b}")).await.expect(200);
    let fewer = json!({"names": {"en": "Others"}, "values": [{"value": "0", "meaning": "not_kept"}]});
    app.put("/v1/scales/others", fewer).await.expect(200);
    assert!(disputed(&app, &pledge).await);
    // Of a pledge that is one's own, what is said of the whole is said of that one.
    let own = app.pledge_by("USA", "kuwait-2018", "5.00", "USD").await;
    assess(&app, &own, Some("USA"), "A", "+1").await;
    assess(&app, &own, None, "B", "-1").await;
    assert!(disputed(&app, &own).await);
    let collective = app
        .patch(&format!("/v1/pledges/{own}"), json!({"participant": null}))
        .await
        .expect(200);
    assert_eq!(collective["disputed"], false);
    assert!(!disputed(&app, &own).await);
    let again = app
        .patch(&format!("/v1/pledges/{own}"), json!({"participant": "USA"}))
        .await
        .expect(200);
    assert_eq!(again["disputed"], true);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn merged_participants_are_judged_as_one(#[case] engine: Engine) {
    let (app, pledge) = judged(engine).await;
    app.participant("SWZ").await;
    let moved = assess(&app, &pledge, Some("SWZ"), "A", "+1").await;
    assess(&app, &pledge, Some("KWT"), "B", "-1").await;
    assert!(!disputed(&app, &pledge).await);
    app.delete("/v1/participants/SWZ")
        .await
        .still_referenced_by(&format!("assessments/{moved}"));
    app.patch("/v1/participants/SWZ", json!({"merged_into": "KWT"}))
        .await
        .expect(200);
    assert!(disputed(&app, &pledge).await);
    let now = app.get(&format!("/v1/assessments/{moved}")).await.expect(200);
    assert_eq!((&now["participant"], &now["version"]), (&json!("KWT"), &json!(2)));
    let history = app
        .get(&format!("/v1/assessments/{moved}/history"))
        .await
        .expect(200);
    assert_eq!(history.items()[0]["after"]["participant"], "KWT");
    assert_eq!(app.get("/v1/assessments?participant=SWZ").await.items().len(), 2);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_judges_with_a_participants_own_key(#[case] engine: Engine) {
    let (app, pledge) = judged(engine).await;
    let own = app.pledge_by("USA", "kuwait-2018", "5.00", "USD").await;
    let key = app.editor_with("usa", json!({"participant": "USA"})).await;
    let assessors = app
        .editor_with("assessors", json!({"resources": ["assessments"]}))
        .await;
    for pledge in [&own, &pledge] {
        app.post("/v1/assessments", verdict(pledge, None, "A", "+1"))
            .key(&key)
            .await
            .problem(403, "forbidden");
    }
    let made = app
        .post("/v1/assessments", verdict(&own, None, "A", "+1"))
        .key(&assessors)
        .await
        .created()
        .id();
    app.patch(&format!("/v1/assessments/{made}"), json!({"value": "0"}))
        .key(&key)
        .await
        .problem(403, "forbidden");
    let article = app.article(json!({})).await;
    app.post(
        "/v1/citations",
        json!({"subject": format!("assessments/{made}"), "article": article}),
    )
    .key(&key)
    .await
    .problem(403, "forbidden");
    app.put(
        &format!("/v1/pledges/{pledge}/adherents/USA"),
        json!({"stance": "joined"}),
    )
    .key(&assessors)
    .await
    .problem(403, "forbidden");
}

/// More than an engine takes parameters: each pledge that is said to be another's now is looked at anew.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn disputes_follow_any_number_of_pledges(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let change = |number: i64| Change {
        seq: number,
        at: Clock::SYSTEM.now(),
        actor: "a key".into(),
        op: Op::Update,
        resource: Resource::Pledges,
        record_id: Uuid::from_u128(number.unsigned_abs().into()),
        key: number.to_string(),
        version: 2,
        before: Some(r#"{"participant": "USA"}"#.into()),
        after: Some(r#"{"participant": "SAU"}"#.into()),
        reason: None,
    };
    let changes: Vec<Change> = (1..=70_000).map(change).collect();
    let mut conn = app.register().db().begin().await.unwrap();
    Disputes.apply(&mut conn, &changes).await.unwrap();
}
