//! Answers come packed to whoever accepts it, and bodies may come packed: what is said stays the same.

use std::{io::Write, time::Instant};

use flate2::{Compression, write::GzEncoder};
use reqwest::Method;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{answer::Answer, dossier::Dossier, formats::many_like, prelude::*};

const CODINGS: [(&str, &str); 2] = [("gzip", "-gzip\""), ("br", "-br\"")];

/// A meeting with pledges enough for more than a kilobyte of anything; one of them.
async fn a_long_list(app: &App) -> String {
    let meeting = app.meeting("m-one").await;
    let first = app
        .pledge_with(json!({"participant": "USA", "meeting": meeting, "purpose": "schools ".repeat(150)}))
        .await;
    many_like(app, &first, 60).await;
    first
}

/// The plain tag of an answer, and what it is in a coding.
fn tag_in(plain: &Answer, ending: &str) -> String {
    format!(
        "{}{ending}",
        plain.header("etag").unwrap().strip_suffix('"').unwrap()
    )
}

fn gzipped(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text).unwrap();
    packer.finish().unwrap()
}

fn varies(answer: &Answer) -> bool {
    let lines = answer.headers.get_all("vary").into_iter();
    let mut names = lines.flat_map(|line| line.to_str().unwrap().split(','));
    names.any(|name| name.trim().eq_ignore_ascii_case("Accept-Encoding"))
}

/// That an answer is another one, packed; sizes and all.
#[track_caller]
fn assert_packed(packed: &Answer, plain: &Answer, coding: &str, ending: &str) {
    assert_eq!(packed.status, plain.status, "{packed}");
    assert_eq!(packed.header("content-encoding"), Some(coding), "{packed}");
    assert_eq!(packed.text, plain.text, "{coding} of {}", plain.asked);
    assert!(packed.raw.len() < plain.raw.len() * 2 / 3, "{}", packed.asked);
    assert!(varies(packed) && varies(plain), "{}", packed.asked);
    assert_eq!(plain.header("content-encoding"), None, "{}", plain.asked);
    let etag = plain.header("etag").map(|_| tag_in(plain, ending));
    assert_eq!(packed.header("etag"), etag.as_deref(), "{}", packed.asked);
    match packed.header("content-length") {
        Some(length) => assert_eq!(length, packed.raw.len().to_string(), "{}", packed.asked),
        None => assert_eq!(packed.header("transfer-encoding"), Some("chunked")),
    }
    assert_eq!(packed.header("content-type"), plain.header("content-type"));
    assert_eq!(packed.header("cache-control"), plain.header("cache-control"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_long_comes_packed_to_whoever_accepts_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let pledge = a_long_list(&app).await;
    for path in [
        "/v1/pledges",
        &format!("/v1/pledges/{pledge}"),
        "/v1/pledges?format=csv",
        "/v1/pledges?format=csv&sort=-state",
        "/v1/pledges?format=ndjson&limit=7",
        "/v1/totals/explain",
        "/v1/changes",
        "/openapi.json",
        "/docs",
        "/docs/swagger-ui-bundle.js",
        // A problem: it names all parameters that there are.
        "/v1/pledges?nothing=1&limit=0&sort=nothing&fields=nothing&amount_min=much",
        "/problems/nothing",
    ] {
        let plain = app.get(path).await;
        assert!(plain.raw.len() > 1000, "{path} is short: {}", plain.raw.len());
        for (coding, ending) in CODINGS {
            let packed = app.get_with(path, &[("Accept-Encoding", coding)]).await;
            // A problem names its request.
            if plain.status == 200 {
                assert_packed(&packed, &plain, coding, ending);
            } else {
                assert_eq!(
                    (packed.status, packed.header("content-encoding")),
                    (plain.status, Some(coding))
                );
                assert_eq!(packed["detail"], plain["detail"]);
                assert!(varies(&packed) && varies(&plain));
            }
        }
    }
    for (accept, wanted) in [
        ("gzip, deflate, br, zstd", Some("br")),
        ("gzip;q=1.0, br;q=0.5", Some("gzip")),
        ("br;q=0.5, gzip;q=0.5", Some("br")),
        ("*", Some("br")),
        ("br;q=0, *", Some("gzip")),
        ("identity;q=0, gzip;q=0.1", Some("gzip")),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("deflate, zstd", None),
        ("", None),
    ] {
        let answer = app
            .get_with("/v1/pledges", &[("Accept-Encoding", accept)])
            .await
            .expect(200);
        assert_eq!(answer.header("content-encoding"), wanted, "{accept:?}");
        assert_eq!(answer.items().len(), 50);
        assert!(varies(&answer));
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_short_or_packed_already_goes_as_it_is(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    for path in [
        "/v1/participants/USA",
        "/v1/participants?limit=1",
        "/v1/participants?format=csv",
        "/v1/participants?format=ndjson",
        "/v1/nothing",
        "/version",
    ] {
        let plain = app.get(path).await;
        let packed = app
            .get_with(path, &[("Accept-Encoding", "gzip, br, identity;q=0")])
            .await;
        assert_eq!(packed.header("content-encoding"), None, "{packed}");
        assert_eq!(packed.header("etag"), plain.header("etag"), "{packed}");
        assert_eq!(packed.raw.len(), plain.raw.len(), "{packed}");
        let Some(etag) = plain.header("etag") else {
            continue;
        };
        // Also where it need not be sent: nobody has it packed.
        for tag in [etag, "*"] {
            let headers = [("Accept-Encoding", "gzip"), ("If-None-Match", tag)];
            let same = app.get_with(path, &headers).await.expect(304);
            assert_eq!(same.header("etag"), Some(etag), "{same}");
            assert_eq!(same.header("content-encoding"), None, "{same}");
        }
    }
    let options = app
        .ask(Method::OPTIONS, "/v1/pledges")
        .header("Accept-Encoding", "gzip")
        .await;
    assert_eq!((options.status, options.header("vary")), (204, None));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_has_in_any_coding_is_not_sent_again(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let pledge = a_long_list(&app).await;
    for path in [
        &format!("/v1/pledges/{pledge}"),
        "/v1/pledges",
        "/v1/pledges?format=csv",
        "/v1/pledges?format=csv&sort=state",
        "/v1/pledges?format=ndjson&limit=9",
        "/openapi.json",
        "/docs",
        "/docs/explorer.css",
    ] {
        let plain = app.get(path).await.expect(200);
        let forms = ["\"", "-gzip\"", "-br\""].map(|ending| tag_in(&plain, ending));
        for (accept, sent) in [("identity", 0), ("gzip", 1), ("gzip, br", 2)] {
            let had = forms
                .iter()
                .map(String::as_str)
                .chain(["*", "\"x\", \"y-gzip\", *"]);
            for tag in had {
                for method in [Method::GET, Method::HEAD] {
                    let same = app
                        .ask(method, path)
                        .header("Accept-Encoding", accept)
                        .header("If-None-Match", tag)
                        .await
                        .expect(304);
                    assert_eq!(
                        same.header("etag"),
                        Some(&*forms[sent]),
                        "{path}: {tag} with {accept}"
                    );
                    assert_eq!(same.header("content-encoding"), None, "{same}");
                    assert!(varies(&same), "{same}");
                }
            }
            let other = tag_in(&plain, "x-gzip\"");
            let changed = app
                .get_with(path, &[("Accept-Encoding", accept), ("If-None-Match", &other)])
                .await;
            assert_eq!(changed.expect(200).header("etag"), Some(&*forms[sent]));
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_tied_to_its_version_by_the_tag_of_any_form(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let path = format!("/v1/pledges/{}", a_long_list(&app).await);
    for (number, (coding, ending)) in [("identity", "\""), CODINGS[0], CODINGS[1]]
        .into_iter()
        .enumerate()
    {
        let read = app
            .get_with(&path, &[("Accept-Encoding", coding)])
            .await
            .expect(200);
        let tag = read.header("etag").unwrap().to_owned();
        assert!(tag.ends_with(ending), "{tag}");
        let patch = || {
            app.patch(&path, json!({"conditions": number.to_string()}))
                .header("Accept-Encoding", coding)
                .header("If-Match", &tag)
        };
        let changed = patch().await.expect(200);
        assert!(changed.header("etag").unwrap().ends_with(ending), "{changed}");
        assert_eq!(changed["version"], read["version"].as_i64().unwrap() + 1);
        patch().await.problem(412, "stale_version");
        // What was just written is what is now there.
        let headers = [
            ("Accept-Encoding", coding),
            ("If-None-Match", changed.header("etag").unwrap()),
        ];
        app.get_with(&path, &headers).await.expect(304);
        // A write that is ruled out for a version is so by any of its tags.
        let now = changed.header("etag").unwrap();
        app.patch(&path, json!({"purpose": "x"}))
            .header("If-None-Match", now)
            .await
            .expect(412);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn head_says_of_a_packed_answer_what_get_does(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let mut asked: Vec<String> = dossier.gets().iter().map(|it| it.path.clone()).collect();
    for list in dossier.lists() {
        asked.extend(["format=csv", "format=ndjson&limit=9"].map(|it| format!("{}?{it}", list.path)));
    }
    asked.extend(["/v1/nothing", "/v1/pledges?nothing=1", "/docs/explorer.css"].map(str::to_owned));
    let mut packed = 0;
    for path in asked {
        for accept in ["gzip", "br"] {
            let get = app.get_with(&path, &[("Accept-Encoding", accept)]).await;
            let head = app
                .ask(Method::HEAD, &path)
                .header("Accept-Encoding", accept)
                .await;
            assert_eq!((head.status, head.raw.len()), (get.status, 0), "{path}");
            packed += usize::from(get.header("content-encoding").is_some());
            for name in get.headers.keys().map(reqwest::header::HeaderName::as_str) {
                if [
                    "date",
                    "x-request-id",
                    "transfer-encoding",
                    "pledgebook-as-of",
                    "content-disposition",
                ]
                .contains(&name)
                    || path == "/readyz"
                {
                    continue;
                }
                // What tells its moment in its body is seldom twice as long when it is packed.
                // A problem names its request.
                let is_never_the_same = get.header("pledgebook-as-of").is_some() || get.status >= 400;
                if name == "content-length" && is_never_the_same {
                    continue;
                }
                assert_eq!(
                    head.header(name),
                    get.header(name),
                    "{name} of {path} with {accept}"
                );
            }
        }
    }
    assert!(packed > 20, "{packed}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_kept_answer_is_kept_plain_and_given_in_any_coding(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = json!({"publisher": "The Example", "language": "en", "kind": "news", "title": "Ministers meet",
        "body": "They promised much, and some of it was paid. ".repeat(100)});
    let post = |accept: &'static str| {
        app.post("/v1/articles", article.clone())
            .once("one")
            .header("Accept-Encoding", accept)
    };
    let first = post("br").await.created();
    assert_eq!(first.header("content-encoding"), Some("br"));
    assert!(first.header("etag").unwrap().ends_with("-br\""));
    let plain = post("identity").await.created();
    assert_eq!(plain.header("idempotency-replayed"), Some("true"));
    for (coding, ending) in CODINGS {
        let again = post(coding).await.created();
        assert_packed(&again, &plain, coding, ending);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
    }
    assert_eq!(plain.text, first.text);
    // Without a key as well, and also where it is refused.
    let refused = app.post(
        "/v1/pledges",
        json!({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9}),
    );
    let refused = refused
        .header("Accept-Encoding", "gzip")
        .await
        .problem(422, "invalid");
    assert_eq!(refused.header("content-encoding"), Some("gzip"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_gzipped_body_is_read_as_the_plain_one(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let usa =
        json!({"code": "USA", "kind": "state", "names": {"en": "United States", "ar": "الولايات المتحدة"}});
    let send = |method: Method, path: &str, content_type: &str, coding: &str, body: Vec<u8>| {
        app.ask(method, path)
            .body(content_type, body)
            .header("Content-Encoding", coding)
    };
    let json = "application/json";
    let text = usa.to_string();
    let made = send(
        Method::POST,
        "/v1/participants",
        json,
        "gzip",
        gzipped(text.as_bytes()),
    )
    .await
    .created();
    assert_eq!(made["names"]["ar"], "الولايات المتحدة");
    let patch = gzipped(br#"{"aliases": ["America"]}"#);
    let path = "/v1/participants/USA";
    let merge = "application/merge-patch+json";
    let patched = send(Method::PATCH, path, merge, "GZIP", patch).await.expect(200);
    assert_eq!(patched["aliases"], json!(["America"]));
    // By its older name, after nothing, and in several members, which gzip may have.
    let halves = [gzipped(br#"{"aliases": ["#), gzipped(b"]}")].concat();
    let patched = send(Method::PATCH, path, json, "identity, x-gzip", halves)
        .await
        .expect(200);
    assert_eq!(patched["aliases"], json!([]));
    // As it is.
    for coding in ["identity", "Identity", ""] {
        let plain = br#"{"aliases": ["Us"]}"#.to_vec();
        send(Method::PATCH, path, merge, coding, plain).await.expect(200);
    }
    // A body whose length nobody tells.
    let answer = patched_by_parts(&app, path, &gzipped(br#"{"aliases": ["By parts"]}"#)).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("By parts"),
        "{answer}"
    );

    let lines: String = (0..500)
        .map(|number| {
            json!({"code": format!("X{number}"), "kind": "fund", "names": {"en": "F"}}).to_string() + "\n"
        })
        .collect();
    let ndjson = "application/x-ndjson";
    let batch = "/v1/participants/batch";
    let answer = send(Method::POST, batch, ndjson, "gzip", gzipped(lines.as_bytes()))
        .header("Accept-Encoding", "gzip")
        .await
        .expect(201);
    assert_eq!(
        (answer["created"].as_i64(), answer.header("content-encoding")),
        (Some(500), Some("gzip"))
    );
    let array = json!([{"code": "Y1", "kind": "fund", "names": {"en": "F"}}]).to_string();
    let answer = send(Method::POST, batch, json, "gzip", gzipped(array.as_bytes()))
        .await
        .expect(201);
    assert_eq!(answer["created"], 1);
    let rates =
        json!([{"currency": "EUR", "date": "2018-02-13", "per_usd": "0.81", "source": "ECB"}]).to_string();
    send(Method::PUT, "/v1/rates", json, "gzip", gzipped(rates.as_bytes()))
        .await
        .ok();
    // A path that takes no body does not mind how none is packed.
    app.delete(path).await.expect(204);
    app.restore(path)
        .header("Content-Encoding", "gzip")
        .once("back")
        .await
        .expect(200);
}

/// What is answered to a patch that comes byte by byte.
async fn patched_by_parts(app: &App, path: &str, gzip: &[u8]) -> String {
    let address = app.base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let key = &app.keys.editor;
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for byte in gzip {
        stream
            .write_all(&[b'1', b'\r', b'\n', *byte, b'\r', b'\n'])
            .await
            .unwrap();
        stream.flush().await.unwrap();
    }
    stream.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_body_gzipped_is_the_same_request(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let usa = json!({"code": "USA", "kind": "state", "names": {"en": "United States"}}).to_string();
    let post = |coding: &str, body: Vec<u8>| {
        app.ask(Method::POST, "/v1/participants")
            .body("application/json", body)
            .header("Content-Encoding", coding)
            .once("one")
    };
    let first = post("gzip", gzipped(usa.as_bytes())).await.created();
    assert_eq!(first.header("idempotency-replayed"), None);
    let mut slowly = GzEncoder::new(Vec::new(), Compression::best());
    slowly.write_all(usa.as_bytes()).unwrap();
    for (coding, body) in [
        ("identity", usa.clone().into_bytes()),
        ("gzip", slowly.finish().unwrap()),
        (
            "x-gzip",
            [gzipped(&usa.as_bytes()[..9]), gzipped(&usa.as_bytes()[9..])].concat(),
        ),
    ] {
        let again = post(coding, body).await.created();
        assert_eq!(again.header("idempotency-replayed"), Some("true"), "{coding}");
        assert_eq!(again.text, first.text);
    }
    let other = post("gzip", gzipped(usa.replace("United", "Other").as_bytes())).await;
    other.problem(422, "idempotency_mismatch");
    assert_eq!(app.get("/v1/changes").await.items().len(), 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_cannot_be_unpacked_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("USA").await;
    let text = json!({"code": "KWT", "kind": "state", "names": {"en": "Kuwait".repeat(50)}}).to_string();
    let whole = gzipped(text.as_bytes());
    let at = whole.len();
    let mut wrong_sum = whole.clone();
    wrong_sum[at - 6] ^= 1;
    let mut wrong_length = whole.clone();
    wrong_length[at - 1] ^= 1;
    let mut wrong_data = whole.clone();
    wrong_data[20] ^= 0x55;
    for key in [None, Some("one")] {
        let post = |path: &str, coding: &str, body: Vec<u8>| {
            let ask = app
                .ask(Method::POST, path)
                .body("application/json", body)
                .header("Content-Encoding", coding);
            match key {
                Some(key) => ask.once(key),
                None => ask,
            }
        };
        for path in ["/v1/participants", "/v1/participants/batch"] {
            for body in [
                whole[..at - 1].to_vec(),
                whole[..at - 8].to_vec(),
                whole[..at / 2].to_vec(),
                whole[..5].to_vec(),
                wrong_sum.clone(),
                wrong_length.clone(),
                wrong_data.clone(),
                [&whole[..], b"more"].concat(),
                text.clone().into_bytes(),
                vec![0; 5000],
            ] {
                let refused = post(path, "gzip", body).await.problem(400, "malformed").fault("");
                assert!(refused["detail"].as_str().unwrap().contains("gzip"), "{refused}");
            }
            post(path, "gzip", Vec::new()).await.problem(400, "malformed");
            post(path, "gzip", gzipped(b"")).await.problem(400, "malformed");
            for coding in [
                "br",
                "deflate",
                "zstd",
                "compress",
                "gzip, gzip",
                "gzip, br",
                "gzipped",
                "*",
                "ü",
            ] {
                let refused = post(path, coding, whole.clone())
                    .await
                    .problem(415, "unsupported_media_type");
                assert_eq!(refused.header("accept-encoding"), Some("gzip"), "{coding}");
                assert!(
                    refused["detail"]
                        .as_str()
                        .unwrap()
                        .contains("Content-Encoding: gzip"),
                    "{refused}"
                );
            }
        }
    }
    // Of a type that is not read, the coding is not what is wrong.
    let refused = app
        .ask(Method::POST, "/v1/participants")
        .body("text/plain", "x")
        .await;
    assert_eq!(
        refused
            .problem(415, "unsupported_media_type")
            .header("accept-encoding"),
        None
    );
    assert_eq!(app.get("/v1/changes").await.items().len(), 1);
    let preflight = app
        .ask(Method::OPTIONS, "/v1/pledges")
        .header("Origin", "https://example.org")
        .header("Access-Control-Request-Method", "POST")
        .await;
    assert!(
        preflight
            .header("access-control-allow-headers")
            .unwrap()
            .contains("content-encoding")
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_bomb_is_too_large_and_soon_told_so(#[case] engine: Engine) {
    let app = App::start(engine).await;
    // Four gigabytes, in as many members as gzip may have.
    let member = gzipped(&vec![b' '; 16 << 20]);
    let bomb = member.repeat(256);
    assert!(bomb.len() < 32 << 20, "{}", bomb.len());
    for (path, key) in [
        ("/v1/articles", None),
        ("/v1/articles", Some("one")),
        ("/v1/participants/batch", None),
    ] {
        let mut post = app.ask(Method::POST, path).header("Content-Encoding", "gzip");
        if let Some(key) = key {
            post = post.once(key);
        }
        let begun = Instant::now();
        post.body("application/json", bomb.clone())
            .await
            .problem(413, "body_too_large");
        assert!(
            begun.elapsed().as_secs() < 30,
            "{path} took {:?}",
            begun.elapsed()
        );
    }

    // The limit is that of what is unpacked: one byte more is too much, and gzip's own bytes do not count.
    let text = |length: usize| {
        let article = json!({"publisher": "P", "language": "en", "kind": "news", "title": "T"}).to_string();
        let padding = " ".repeat(length - article.len());
        (article + &padding).into_bytes()
    };
    for (length, status) in [(4 << 20, 201), ((4 << 20) + 1, 413)] {
        for level in [0, 1] {
            let mut packer = GzEncoder::new(Vec::new(), Compression::new(level));
            packer.write_all(&text(length)).unwrap();
            let post = app
                .ask(Method::POST, "/v1/articles")
                .header("Content-Encoding", "gzip");
            post.body("application/json", packer.finish().unwrap())
                .await
                .expect(status);
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_long_export_comes_packed_part_by_part(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    let first = app
        .pledge_with(json!({"participant": "USA", "meeting": meeting, "purpose": "مدرسة ".repeat(300), "conditions": "y".repeat(2000)}))
        .await;
    many_like(&app, &first, 1999).await;
    for format in ["csv", "ndjson"] {
        let path = format!("/v1/pledges?format={format}&sort=created_at");
        let plain = app.get(&path).await.expect(200);
        assert!(plain.raw.len() > 10_000_000, "{}", plain.raw.len());
        for (coding, ending) in CODINGS {
            let packed = app
                .get_with(&path, &[("Accept-Encoding", coding)])
                .await
                .expect(200);
            assert_packed(&packed, &plain, coding, ending);
            assert_eq!(packed.header("content-length"), None);
            assert!(packed.raw.len() < plain.raw.len() / 5, "{}", packed.raw.len());
        }
    }
    // Whoever has read a part has what is in it, and the rest is still to come.
    let url = format!("{}/v1/pledges?format=ndjson", app.base);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answer = client
        .get(url)
        .header("Accept-Encoding", "gzip")
        .send()
        .await
        .unwrap();
    let mut begun = flate2::write::GzDecoder::new(Vec::new());
    let (mut parts, mut begins) = (0, None);
    while let Some(part) = answer.chunk().await.unwrap() {
        parts += 1;
        begun.write_all(&part).unwrap();
        if begins.is_none() {
            begun.flush().unwrap();
            begins = begun.get_ref().contains(&b'\n').then_some(parts);
        }
    }
    assert!(begins.unwrap() * 4 < parts, "{begins:?} of {parts}");
    let lines = String::from_utf8(begun.finish().unwrap()).unwrap();
    assert_eq!(lines.lines().count(), 2000);
    for line in lines.lines() {
        assert_eq!(serde_json::from_str::<Value>(line).unwrap()["participant"], "USA");
    }
}
