//! How a client would like a write to be answered.

use crate::prelude::*;

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_wants_to_hear_no_more_gets_the_address_and_the_version(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let minimal = ("Prefer", "return=minimal");
    let body =
        json!({"slug": "basra-2026", "kind": "other", "starts_on": "2026", "titles": {"ar": "البصرة"}});
    let made = app
        .post("/v1/meetings", body)
        .header(minimal.0, minimal.1)
        .await
        .expect(201);
    assert!(made.text.is_empty(), "{made}");
    assert_eq!(made.header("content-type"), None);
    assert_eq!(made.header("location"), Some("/v1/meetings/basra-2026"));
    assert_eq!(made.header("preference-applied"), Some("return=minimal"));
    let tag = made.header("etag").unwrap().to_owned();
    assert_eq!(
        app.get("/v1/meetings/basra-2026").await.header("etag"),
        Some(tag.as_str())
    );

    let changed = app
        .patch("/v1/meetings/basra-2026", json!({"city": "Basra"}))
        .header(minimal.0, minimal.1)
        .header("If-Match", &tag)
        .await
        .expect(204);
    assert!(changed.text.is_empty(), "{changed}");
    assert_ne!(changed.header("etag"), Some(tag.as_str()));
    assert_eq!(changed.header("preference-applied"), Some("return=minimal"));

    app.delete("/v1/meetings/basra-2026").await.expect(204);
    app.restore("/v1/meetings/basra-2026")
        .header(minimal.0, minimal.1)
        .await
        .expect(204);
    app.participant("IRQ").await;
    let attendance = "/v1/meetings/basra-2026/attendance/IRQ";
    let put = app
        .put(attendance, json!({}))
        .header(minimal.0, minimal.1)
        .await
        .expect(201);
    assert!(put.text.is_empty(), "{put}");
    app.put(attendance, json!({"role": "host"}))
        .header(minimal.0, minimal.1)
        .await
        .expect(204);
    let read = app
        .get("/v1/meetings/basra-2026")
        .header(minimal.0, minimal.1)
        .await
        .ok();
    assert_eq!(read["city"], "Basra", "a read is not cut short");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_preference_that_is_not_known_is_passed_over(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let body = json!({"code": "IRQ", "kind": "state", "names": {"en": "Iraq"}});
    let made = app
        .post("/v1/participants", body)
        .header("Prefer", "respond-async, return=representation; foo=bar")
        .await
        .created();
    assert_eq!(made.header("preference-applied"), Some("return=representation"));
    assert_eq!(made["code"], "IRQ");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_expanded_record_may_be_patched_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("kuwait-2018").await;
    let pledge = app.pledge(&meeting, "200000000.00", "USD").await;
    let path = format!("/v1/pledges/{pledge}");
    let read = app
        .get(&format!("{path}?expand=participant,meeting,events,citations"))
        .await
        .ok();
    assert_eq!(read["expanded"]["meeting"]["slug"], "kuwait-2018", "{read}");
    let mut body = read.body.clone();
    body["purpose"] = json!("Water");
    let patched = app.patch(&path, body).await.ok();
    assert_eq!(patched["purpose"], "Water");
    assert_eq!(patched["version"], 2);
}
