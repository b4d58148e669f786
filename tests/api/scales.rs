//! Scales: the values that assessors give, and what each of them means.

use pledgebook::seed;
use serde_json::Value;

use crate::prelude::*;

fn lights() -> Value {
    json!({
        "names": {"en": "Lights", "ar": "أضواء"},
        "values": [
            {"value": "red", "meaning": "not_kept"},
            {"value": "amber", "names": {"en": "Amber"}, "meaning": "partly"},
            {"value": " green ", "meaning": "kept", "order": 7},
        ],
    })
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_scale_is_set_whole_and_has_a_history(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.get("/v1/scales/lights").await.problem(404, "not_found");
    let created = app.put("/v1/scales/lights", lights()).await.created();
    assert_eq!(created.header("location"), Some("/v1/scales/lights"));
    assert_eq!(created["key"], "lights");
    assert_eq!(created["version"], 1);
    assert_eq!(
        created["values"],
        json!([
            {"value": "red", "names": null, "meaning": "not_kept", "order": 0},
            {"value": "amber", "names": {"en": "Amber"}, "meaning": "partly", "order": 1},
            {"value": "green", "names": null, "meaning": "kept", "order": 7},
        ])
    );
    let read = app.get("/v1/scales/lights?lang=ar").await.expect(200);
    assert_eq!(read["name"], "أضواء");
    assert_eq!(read["values"], created["values"]);
    // The same again is no version more; another order is.
    let same = app.put("/v1/scales/lights", lights()).await.expect(200);
    assert_eq!(same["version"], 1);
    let mut other = lights();
    other["values"][0]["order"] = 9.into();
    let stale = app
        .put("/v1/scales/lights", other.clone())
        .header("if-match", "\"7\"")
        .await;
    stale.problem(412, "stale_version");
    let changed = app.put("/v1/scales/lights", other).await.expect(200);
    assert_eq!(changed["version"], 2);
    let values: Vec<&Value> = changed["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["value"])
        .collect();
    assert_eq!(json!(values), json!(["amber", "green", "red"]));
    let listed = app.get("/v1/scales?sort=key").await.expect(200);
    assert_eq!(listed.items()[0]["values"], changed["values"]);
    let history = app.get("/v1/scales/lights/history").await.expect(200);
    assert_eq!(json!(history.each("op")), json!(["update", "create"]));
    assert_eq!(history.items()[0]["before"]["values"], created["values"]);
    let log = app
        .get("/v1/changes?resource=scales&key=lights")
        .await
        .expect(200);
    assert_eq!(log.items().len(), 2);
    let lines = app.get("/v1/scales?format=ndjson").await.expect(200);
    assert!(lines.text.contains("\"amber\""), "{lines}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_scale_that_cannot_be_is_refused_with_every_fault(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let mut refused = app
        .put(
            "/v1/scales/lights",
            json!({
                "names": {},
                "values": [
                    {"value": "a", "meaning": "kept", "order": 1},
                    {"value": "a ", "meaning": "good", "order": 2},
                    {"value": "b", "meaning": "partly", "order": 1},
                    {"value": " ", "meaning": "kept", "weight": 2},
                ],
            }),
        )
        .await
        .problem(422, "invalid");
    for pointer in [
        "/names",
        "/values/1/meaning",
        "/values/3/value",
        "/values/3/weight",
    ] {
        refused = refused.fault(pointer);
    }
    let twice = app
        .put(
            "/v1/scales/lights",
            json!({
                "names": {"en": "Lights"},
                "values": [
                    {"value": "a", "meaning": "kept", "order": 1},
                    {"value": "a ", "meaning": "kept", "order": 2},
                    {"value": "b", "meaning": "partly", "order": 1},
                ],
            }),
        )
        .await
        .problem(422, "invalid");
    twice.fault("/values/1/value").fault("/values/2/order");
    for values in [json!([]), json!(null)] {
        app.put(
            "/v1/scales/lights",
            json!({"names": {"en": "Lights"}, "values": values}),
        )
        .await
        .problem(422, "invalid")
        .fault("/values");
    }
    for key in ["batch", "a_b"] {
        app.put(&format!("/v1/scales/{key}"), lights())
            .await
            .problem(422, "invalid");
    }
    assert!(app.get("/v1/scales").await.items().is_empty());
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_shipped_scales_come_once_and_are_then_the_editors(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let mine = json!({"names": {"en": "Ours"}, "values": [{"value": "done", "meaning": "kept"}]});
    app.put("/v1/scales/completion-5", mine).await.created();
    assert_eq!(seed::scales(app.register()).await.unwrap(), 1);
    assert_eq!(seed::scales(app.register()).await.unwrap(), 0);
    let ours = app.get("/v1/scales/completion-5").await.expect(200);
    assert_eq!(ours["version"], 1);
    assert_eq!(ours["name"], "Ours");
    let shipped = app.get("/v1/scales/g20-compliance").await.expect(200);
    let meanings: Vec<_> = shipped["values"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["value"].clone(), it["meaning"].clone()))
        .collect();
    assert_eq!(
        json!(meanings),
        json!([["-1", "not_kept"], ["0", "partly"], ["+1", "kept"]])
    );
    let history = app.get("/v1/scales/g20-compliance/history").await.expect(200);
    assert_eq!(history.items()[0]["actor"], "pledgebook");
}
