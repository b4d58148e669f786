//! Bodies that are no JSON, or hardly.

use reqwest::Method;
use serde_json::Value;

use super::{answered, counts, each, holds};
use crate::{prelude::*, support::shared_data};

/// Files of the JSON Test Suite by name: `y_` is JSON, `n_` is not, of `i_` nobody knows.
fn files() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = shared_data("robustness/jsontestsuite/test_parsing") else {
        return [
            ("y_empty_object", "{}"),
            ("y_empty_array", " [] "),
            ("y_null", "null"),
            ("y_nested", r#"{"a": [1, {"b": "\uD83D\uDE00"}]}"#),
            ("n_nothing", ""),
            ("n_blank", " "),
            ("n_two", "{}{}"),
            ("n_comma", "[1,]"),
            ("n_plus", "[+1]"),
            ("n_zero", "[01]"),
            ("n_point", "[1.]"),
            ("n_nan", "[NaN]"),
            ("n_quotes", "{'a': 1}"),
            ("n_bare", "{a: 1}"),
            ("n_comment", "{} // a"),
            ("n_control", "[\"a\tb\"]"),
            ("n_escape", r#"["\x00"]"#),
            ("n_open", "{\"a\":[{\"b\":"),
            ("n_bracket", "[1}"),
            ("i_exponent", "[1e400]"),
            ("i_mark", "\u{feff}{}"),
            ("i_surrogate", r#"["\uDADA"]"#),
        ]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .to_vec();
    };
    std::fs::read_dir(folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            (
                path.file_stem().unwrap().to_str().unwrap().to_owned(),
                std::fs::read(path).unwrap(),
            )
        })
        .collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_is_refused_and_what_is_is_read(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let meeting = app.meeting("kuwait-2018").await;
    let attendance = format!("/v1/meetings/{meeting}/attendance/USA");
    app.put(&attendance, json!({})).await.created();
    let before = counts(&app).await;
    let files = files();
    let ways = [
        (Method::POST, "/v1/participants", "application/json"),
        (Method::PATCH, "/v1/participants/USA", "application/json"),
        (
            Method::PATCH,
            "/v1/participants/USA",
            "application/merge-patch+json",
        ),
        (Method::PUT, "/v1/rates", "application/json"),
        (Method::PUT, &*attendance, "application/json"),
    ];
    each(&files, async |(name, text)| {
        for (method, path, content_type) in &ways {
            let answer = answered(app.ask(method.clone(), path).body(content_type, text.clone())).await;
            // The mark that files begin with is passed over.
            let read: Result<Value, _> =
                serde_json::from_slice(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text));
            // An empty patch, an empty attendance and no rates at all are valid, and change nothing.
            let valid = match read {
                Ok(Value::Object(fields)) => {
                    fields.is_empty() && *method != Method::POST && *path != "/v1/rates"
                }
                Ok(Value::Array(items)) => items.is_empty() && *path == "/v1/rates",
                _ => false,
            };
            let status = answer.status;
            let right = match name.as_bytes()[0] {
                b'n' => status == 400,
                b'y' if valid => status == 200,
                // A member that stands twice is JSON by its grammar, and refused all the same.
                b'y' if name.contains("duplicate") => status == 400,
                b'y' => status == 422,
                _ => matches!(status, 400 | 422) || valid && status == 200,
            };
            assert!(right, "{name}: {answer}");
        }
    })
    .await;
    assert!(files.len() > 20);
    holds(&app, &before, &[]).await;
    assert_eq!(app.get(&attendance).await["version"], 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_text_and_members_that_stand_twice_are_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let before = counts(&app).await;
    let whole = r#"{"code": "KWT", "kind": "state", "names": {"en": "Kuwait"}, "aliases": ["ك"]}"#;
    let utf16 = |units: Vec<u16>, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        units.into_iter().flat_map(bytes).collect()
    };
    let units = |mark: bool| -> Vec<u16> {
        mark.then_some(0xfeff)
            .into_iter()
            .chain(whole.encode_utf16())
            .collect()
    };
    let mut bodies: Vec<Vec<u8>> = vec![
        utf16(units(false), u16::to_le_bytes),
        utf16(units(false), u16::to_be_bytes),
        utf16(units(true), u16::to_le_bytes),
        utf16(units(true), u16::to_be_bytes),
        format!("{whole}\0").into_bytes(),
        format!("{whole}{whole}").into_bytes(),
        vec![0; 1000],
        vec![0xff; 1000],
        // gzip's first bytes.
        vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0],
    ];
    // In Latin-1, cut within a letter, overlong, a surrogate, beyond the last code point.
    for bytes in [
        &b"\xe9"[..],
        b"\xd9",
        b"\xc0\x80",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\x80",
    ] {
        for place in ["Kuwait", "code", "ك"] {
            let (left, right) = whole.split_once(place).unwrap();
            bodies.push([left.as_bytes(), bytes, right.as_bytes()].concat());
        }
    }
    // Halves of a pair, alone or the wrong way round, in a value and in a name.
    for half in [
        r"\ud800",
        r"\udfff",
        r"\ud800\ud800",
        r"\udc00\ud800",
        r"\ud83d x",
        r"\ud800\u0041",
        r"\ud8",
        r"\u{1f600}",
    ] {
        for place in ["Kuwait", "aliases", "names"] {
            bodies.push(whole.replace(place, half).into_bytes());
        }
    }
    for twice in [
        r#"{"code": "KWT", "code": "KWT", "kind": "state", "names": {"en": "Kuwait"}}"#,
        r#"{"code": "KWT", "kind": "state", "names": {"en": "Kuwait", "en": "Kuwait"}}"#,
        r#"{"code": "KWT", "kind": "state", "names": {"en": "Kuwait", "\u0065n": "Koweït"}}"#,
        r#"{"x": [[{"": {"a": 1, "a": 1}}]]}"#,
        r#"{"": 1, "": 2}"#,
    ] {
        bodies.push(twice.into());
    }
    for depth in [127, 129, 100_000] {
        bodies.push(format!("{}{}", "[".repeat(depth), "]".repeat(depth - 1)).into_bytes());
        bodies.push(format!("{}1{}", r#"{"names":"#.repeat(depth), "}".repeat(depth - 1)).into_bytes());
        bodies.push(r#"[{"":"#.repeat(depth).into_bytes());
    }
    bodies.push(r#"{"aliases": [1e400]}"#.into());
    each(bodies, async |body| {
        answered(
            app.ask(Method::POST, "/v1/participants")
                .body("application/json", body.clone()),
        )
        .await
        .problem(400, "malformed");
        answered(
            app.ask(Method::PATCH, "/v1/participants/USA")
                .body("application/merge-patch+json", body),
        )
        .await
        .problem(400, "malformed");
    })
    .await;
    // As deep as is read, and then it is no name.
    for patch in [
        format!(r#"{{"names": {}1{}}}"#, r#"{"en":"#.repeat(120), "}".repeat(120)),
        format!(r#"{{"aliases": {}{}}}"#, "[".repeat(120), "]".repeat(120)),
    ] {
        answered(
            app.ask(Method::PATCH, "/v1/participants/USA")
                .body("application/json", patch),
        )
        .await
        .problem(422, "invalid");
    }
    // U+0000, as it may stand in JSON.
    for (body, at) in [
        (r#"{"names": {"en": "a\u0000"}}"#, "/names/en"),
        (r#"{"names": {"e\u0000": "a"}}"#, "/names/e\0"),
        (r#"{"aliases": ["a", "\u0000"]}"#, "/aliases/1"),
        (
            r#"{"former_names": [{"until": "2018", "names": {"en": "\u0000a"}}]}"#,
            "/former_names/0/names/en",
        ),
        (
            r#"{"former_names": [{"until": "2018\u0000", "names": {"en": "a"}}]}"#,
            "/former_names/0/until",
        ),
        (r#"{"merged_into": "KWT\u0000"}"#, "/merged_into"),
        (r#"{"\u0000": 1}"#, "/\0"),
    ] {
        answered(
            app.ask(Method::PATCH, "/v1/participants/USA")
                .body("application/json", body),
        )
        .await
        .problem(422, "invalid")
        .fault(at);
    }
    holds(&app, &before, &[]).await;
}
