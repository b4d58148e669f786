//! Forms with paths of their own: `/v1/pledges.csv` answers as `/v1/pledges?format=csv` does, and
//! `/v1/pledges/batch.ndjson` takes lines.

use reqwest::Method;

use crate::{answer::Answer, contract::FORMS, dossier::Dossier, prelude::*};

/// The headers that say what an answer is, but for the moment in which it is told.
fn lasting(answer: &Answer) -> Vec<(&str, String)> {
    [
        "content-type",
        "etag",
        "content-language",
        "cache-control",
        "vary",
        "content-disposition",
        "pledgebook-basis",
    ]
    .into_iter()
    .filter_map(|name| Some((name, answer.header(name)?)))
    .map(|(name, value)| {
        // A file's name ends in the second in which it was asked for.
        let is_name = name == "content-disposition";
        (name, value.replace(|c: char| is_name && c.is_ascii_digit(), "0"))
    })
    .collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_forms_path_answers_as_its_word_does(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let mut asked = 0;
    for operation in dossier.operations() {
        let Some(form) = FORMS.iter().find(|form| operation.template.ends_with(*form)) else {
            continue;
        };
        if operation.method != Method::GET {
            continue;
        }
        asked += 1;
        let (path, query) = operation.path.split_once('?').unwrap_or((&operation.path, ""));
        let plain = path.strip_suffix(form).unwrap();
        let (form, and) = (&form[1..], if query.is_empty() { "" } else { "&" });
        for more in ["lang=ar", "lang=fr&limit=1"] {
            if plain.ends_with("/matrix") && more.contains("limit") {
                continue;
            }
            let own = format!("{path}?{query}{and}{more}");
            let by_word = format!("{plain}?{query}{and}{more}&format={form}");
            let wanted = app.get(&by_word).await.expect(200);
            // The path says it, whatever else is accepted.
            let answer = app
                .get(&own)
                .header("Accept", "application/json")
                .await
                .expect(200);
            assert_eq!(answer.text, wanted.text, "{own}");
            assert_eq!(lasting(&answer), lasting(&wanted), "{own}");
            // Its pages go on in its form.
            let link = |answer: &Answer| answer.header("link").map(str::to_owned);
            let cursor = |link: &str| link.split("after=").nth(1).map(str::to_owned);
            let (link, by_word) = (link(&answer), link(&wanted));
            assert_eq!(
                link.as_deref().and_then(cursor),
                by_word.as_deref().and_then(cursor),
                "{own}"
            );
            assert!(
                link.is_none_or(|link| link.starts_with(&format!("<{path}?"))),
                "{answer}"
            );
            // What is about keys has none.
            if let Some(tag) = wanted.header("etag") {
                app.get(&own).header("If-None-Match", tag).await.expect(304);
            }
            let head = app.ask(Method::HEAD, &own).await.expect(200);
            assert_eq!(head.text, "");
            assert_eq!(lasting(&head), lasting(&answer));
        }
        // What the path has said is no question here, nor is what no table has.
        for word in ["format=csv", "format=json", "pretty=true"] {
            app.get(&format!("{path}?{query}{and}{word}"))
                .await
                .problem(400, "malformed")
                .fault(&format!("?{}", word.split('=').next().unwrap()));
        }
        let marked = app.get(&format!("{path}?{query}{and}bom=true")).await;
        if form == "csv" {
            assert!(marked.expect(200).text.starts_with('\u{feff}'));
        } else {
            marked.problem(400, "malformed").fault("?bom");
        }
        let other = app.ask(Method::PUT, path).json(&json!({})).await;
        let other = other.problem(405, "method_not_allowed");
        assert_eq!(other.header("allow"), Some("GET,HEAD"), "{other}");
        let told = app.ask(Method::OPTIONS, path).await.expect(204);
        assert_eq!(told.header("allow"), Some("GET,HEAD"), "{told}");
    }
    assert!(asked > 60, "only {asked} paths of forms were found");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_serves_in_every_form(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    for amount in ["100.00", "200.00", "300.00"] {
        app.pledge(&meeting, amount, "USD").await;
    }
    let rows = |text: &str| text.lines().count();
    let page = app.get("/v1/pledges?limit=1&sort=created_at").await.expect(200);
    let next = page["next"].as_str().unwrap();
    for (path, count) in [
        ("/v1/pledges.csv?sort=created_at", 3),
        ("/v1/pledges?sort=created_at&format=csv", 3),
        ("/v1/pledges.ndjson?sort=created_at&limit=200", 2),
        ("/v1/pledges.ndjson?sort=created_at&limit=1", 1),
    ] {
        let rest = app.get(&format!("{path}&after={next}")).await.expect(200);
        assert_eq!(rows(&rest.text), count, "{rest}");
    }
    app.get(&format!("/v1/pledges.csv?sort=-created_at&after={next}"))
        .await
        .problem(400, "malformed")
        .fault("?after");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn lines_have_a_path_of_their_own(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let a_state = |code: &str| json!({"code": code, "kind": "state", "names": {"en": code}});
    let path = "/v1/participants/batch.ndjson";
    let send = |media_type: &str, body: String| app.ask(Method::POST, path).body(media_type, body);
    let lines = format!("{}\n{}\n", a_state("AAA"), a_state("BBB"));
    let made = send("application/x-ndjson", lines.clone())
        .once("lines")
        .await
        .expect(201);
    assert_eq!(made["created"], 2);
    let again = send("application/x-ndjson", lines)
        .once("lines")
        .await
        .expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let lenient = send(
        "application/jsonl",
        format!("{}\n{}\n", a_state("AAA"), a_state("CCC")),
    )
    .header("Prefer", "handling=lenient")
    .await
    .expect(200);
    assert_eq!((&lenient["created"], &lenient["failed"]), (&json!(1), &json!(1)));
    // Many, and more than a body that comes alone may have.
    let long = "x".repeat(40_000);
    let many: Vec<String> = (0..150)
        .map(|number| {
            let (one, two) = (char::from(b'A' + number / 26), char::from(b'A' + number % 26));
            let mut state = a_state(&format!("X{one}{two}"));
            state["aliases"] = json!([&long[..400]]);
            format!("{state}{}", " ".repeat(40_000))
        })
        .collect();
    let made = send("application/x-ndjson", many.join("\n"))
        .once("many")
        .await
        .expect(201);
    assert_eq!(made["created"], 150);
    // An array goes to the other path, and says so.
    let refused = send("application/json", json!([a_state("DDD")]).to_string()).await;
    let refused = refused.problem(415, "unsupported_media_type");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("/v1/participants/batch."), "{refused}");
    app.get("/v1/participants/DDD").await.problem(404, "not_found");
    let other = app.get(path).await.problem(405, "method_not_allowed");
    assert_eq!(other.header("allow"), Some("POST"));
    app.ask(Method::POST, path)
        .without_key()
        .body("application/x-ndjson", a_state("DDD").to_string())
        .await
        .expect(401);
}

/// Keys hold no dot, so that none can be taken for a form.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn no_key_ends_in_a_form(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    let pledge = app.pledge(&meeting, "100.00", "USD").await;
    for slug in ["kuwait.csv", "totals.ndjson", "csv."] {
        let body = json!({"slug": slug, "titles": {"en": "x"}, "kind": "ministerial", "starts_on": "2018"});
        app.post("/v1/meetings", body)
            .await
            .problem(422, "invalid")
            .fault("/slug");
    }
    let body = json!({"code": "A.CSV", "kind": "state", "names": {"en": "x"}});
    app.post("/v1/participants", body)
        .await
        .problem(422, "invalid")
        .fault("/code");
    // A word is no ending, and what has no such form has no such path.
    app.post(
        "/v1/meetings",
        json!({"slug": "csv", "titles": {"en": "x"}, "kind": "ministerial", "starts_on": "2018"}),
    )
    .await
    .created();
    app.get("/v1/meetings/csv").await.expect(200);
    app.get("/v1/meetings/csv/totals.csv").await.expect(200);
    for path in [
        "/v1/meetings/m-one.csv",
        &format!("/v1/pledges/{pledge}.csv"),
        "/v1/participants/USA.ndjson",
    ] {
        app.get(path).await.problem(404, "not_found");
    }
    for path in [
        "/v1/pledges.json",
        "/v1/pledges.CSV",
        "/v1/me.csv",
        "/v1.csv",
        "/v1/totals/explain.csv",
    ] {
        app.get(path).await.problem(404, "no_such_path");
    }
    app.ask(Method::POST, "/v1/pledges/batch.csv")
        .body("text/csv", "x")
        .await
        .problem(405, "method_not_allowed");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_merged_key_leads_on_in_its_form(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for code in ["AAA", "BBB"] {
        app.participant(code).await;
    }
    app.patch("/v1/participants/AAA", json!({"merged_into": "BBB"}))
        .await
        .expect(200);
    let moved = app.get("/v1/participants/AAA/citations.csv?lang=ar").await;
    let moved = moved.problem(308, "merged");
    assert_eq!(
        moved.header("location"),
        Some("/v1/participants/BBB/citations.csv?lang=ar")
    );
}
