//! How much one may ask, how wrong keys are slowed, and what every answer tells a browser.

use std::{num::NonZeroU32, time::Duration};

use futures_util::future::join_all;
use pledgebook::{serve::Policy, web::quota::Quota};
use reqwest::Method;
use tokio::time::sleep;

use crate::{answer::Answer, app::Ask, prelude::*};

fn limited(per_second: u32, counts_loopback: bool) -> Option<Quota> {
    NonZeroU32::new(per_second).map(|it| Quota::new(it, counts_loopback))
}

/// So few a second that none comes back while a story asks: half a second each.
const FEW: u32 = 2;

fn from(ask: Ask, client: &str) -> Ask {
    ask.header("x-forwarded-for", client)
}

fn is_limited(answer: Answer) -> Answer {
    let answer = answer.problem(429, "rate_limited");
    assert_eq!(answer.header("retry-after"), Some("1"), "{answer}");
    answer
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_limit_nobody_is_told_of_one(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for _ in 0..30 {
        let answer = app.get("/v1/meetings").await.expect(200);
        assert_eq!(answer.header("ratelimit"), None);
        assert_eq!(answer.header("ratelimit-policy"), None);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_client_is_told_what_is_left_and_refused_beyond_it(#[case] engine: Engine) {
    let quota = limited(FEW, true);
    let app = App::start_with(
        engine,
        Policy {
            quota,
            ..Policy::default()
        },
    )
    .await;
    // The second comes from memory, or another is refused: all count.
    let first = app.get("/v1/meetings").await.expect(200);
    assert_eq!(first.header("ratelimit-policy"), Some("\"client\";q=2;w=1"));
    assert_eq!(first.header("ratelimit"), Some("\"client\";r=1;t=1"));
    let second = app.get("/v1/meetings").await.expect(200);
    assert_eq!(second.header("ratelimit"), Some("\"client\";r=0;t=1"));
    let refused = is_limited(app.get("/v1/nothing").await);
    assert_eq!(refused.header("ratelimit"), Some("\"client\";r=0;t=1"));
    for open in ["access-control-allow-origin", "access-control-expose-headers"] {
        assert_eq!(refused.header(open), Some("*"));
    }
    for _ in 0..10 {
        for path in ["/healthz", "/readyz"] {
            app.get(path).await.expect(200);
        }
    }
    sleep(Duration::from_millis(1_050)).await;
    let answer = app.get("/v1/nothing").await.problem(404, "no_such_path");
    assert_eq!(answer.header("ratelimit"), Some("\"client\";r=1;t=1"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn clients_behind_a_proxy_are_counted_and_the_machine_itself_is_not(#[case] engine: Engine) {
    let quota = limited(FEW, false);
    let app = App::start_with(
        engine,
        Policy {
            quota,
            ..App::policy()
        },
    )
    .await;
    for client in ["198.51.100.1", "198.51.100.2", "2001:db8:0:1::1"] {
        for _ in 0..FEW {
            from(app.get("/v1/meetings"), client).await.expect(200);
        }
        is_limited(from(app.get("/v1/meetings"), client).await);
    }
    is_limited(from(app.get("/v1/meetings"), "2001:db8:0:1:ffff::1").await);
    for _ in 0..10 {
        let answer = app.get("/v1/meetings").await.expect(200);
        assert_eq!(answer.header("ratelimit"), None);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_its_quota_wherever_it_is_used(#[case] engine: Engine) {
    let quota = limited(FEW, false);
    let app = App::start_with(
        engine,
        Policy {
            quota,
            ..App::policy()
        },
    )
    .await;
    app.participant("USA").await;
    let (reader, admin) = (app.keys.reader.clone(), app.keys.admin.clone());
    for (client, left) in [("198.51.100.1", 1), ("198.51.100.2", 0)] {
        let answer = from(app.get("/v1/participants").key(&reader), client)
            .await
            .expect(200);
        let told = format!("\"client\";r=1;t=1, \"key\";r={left};t=1");
        assert_eq!(answer.header("ratelimit"), Some(told.as_str()));
        let policy = "\"client\";q=2;w=1, \"key\";q=2;w=1";
        assert_eq!(answer.header("ratelimit-policy"), Some(policy));
    }
    // From memory or not, to read or to write.
    for path in ["/v1/participants", "/v1/participants?kind=state"] {
        let refused = is_limited(from(app.get(path).key(&reader), "198.51.100.3").await);
        assert!(
            refused.header("ratelimit").unwrap().ends_with("\"key\";r=0;t=1"),
            "{refused}"
        );
    }
    is_limited(from(app.delete("/v1/participants/USA").key(&reader), "198.51.100.4").await);
    // Nobody else is held up by that.
    from(app.get("/v1/participants").key(&admin), "198.51.100.5")
        .await
        .expect(200);
    from(app.get("/v1/participants"), "198.51.100.5")
        .await
        .expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_opens_nothing_uses_up_nobody_s_quota(#[case] engine: Engine) {
    let quota = limited(FEW, false);
    let app = App::start_with(
        engine,
        Policy {
            quota,
            ..App::policy()
        },
    )
    .await;
    let admin = app.keys.admin.clone();
    let made = app.key(json!({"name": "desk", "role": "reader"})).await;
    let old = made["secret"].as_str().unwrap().to_owned();
    from(app.get("/v1/meetings").key(&old), "198.51.100.1")
        .await
        .expect(200);
    let rotated = app
        .post(&format!("/v1/keys/{}/rotate", made.id()), json!({}))
        .key(&admin)
        .await
        .expect(200);
    let new = rotated["secret"].as_str().unwrap();
    sleep(Duration::from_millis(1_050)).await;
    for client in 10..20 {
        let answer = from(app.get("/v1/meetings").key(&old), &format!("198.51.100.{client}")).await;
        let answer = answer.problem(401, "unauthorized");
        assert_eq!(answer.header("ratelimit"), Some("\"client\";r=1;t=1"));
    }
    let answer = from(app.get("/v1/meetings").key(new), "198.51.100.1")
        .await
        .expect(200);
    let told = "\"client\";r=1;t=1, \"key\";r=1;t=1";
    assert_eq!(answer.header("ratelimit"), Some(told));
}

/// That nobody looked at the key, or that it was wrong once more; and for how long none is looked at.
fn waits(answer: Answer) -> u64 {
    let answer = answer.problem(429, "too_many_attempts");
    answer.header("retry-after").unwrap().parse().unwrap()
}

async fn ten_wrong_keys(app: &App, from_client: &str) {
    for number in 0..10 {
        from(
            app.get("/v1/meetings").key(&format!("pbk_wrong{number}")),
            from_client,
        )
        .await
        .problem(401, "unauthorized");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_keys_are_free_then_each_doubles_the_wait(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let one = "198.51.100.1";
    ten_wrong_keys(&app, one).await;
    for wait in [1, 2] {
        for path in ["/v1/meetings", "/"] {
            assert_eq!(waits(from(app.get(path).key("pbk_wrong"), one).await), wait);
        }
        for path in ["/healthz", "/readyz"] {
            let asked = from(app.get(path), one).header("authorization", "Basic nothing");
            asked.await.expect(200);
            from(app.get(path).key("pbk_wrong"), one).await.expect(200);
        }
        // What is not looked at makes no wait longer, nor is it over sooner.
        sleep(Duration::from_millis(1_000 * wait - 500)).await;
        assert_eq!(
            waits(from(app.post("/v1/meetings", json!({})).key("pbk_wrong"), one).await),
            1
        );
        sleep(Duration::from_millis(550)).await;
    }
    assert_eq!(
        waits(from(app.get("/v1/meetings").key("pbk_wrong"), one).await),
        4
    );
    // Who has no key is not held up, and no other client is.
    from(app.get("/v1/meetings"), one).await.expect(200);
    from(app.get("/v1/meetings").key("pbk_wrong"), "198.51.100.2")
        .await
        .problem(401, "unauthorized");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_machine_itself_is_slowed_too(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for _ in 0..10 {
        app.get("/v1/meetings")
            .key("pbk_wrong")
            .await
            .problem(401, "unauthorized");
    }
    assert_eq!(waits(app.get("/v1/meetings").key("pbk_wrong").await), 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn keys_that_a_client_used_go_on_and_no_other_is_looked_at(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    let (one, other) = ("198.51.100.1", "198.51.100.2");
    let (reader, admin) = (app.keys.reader.clone(), app.keys.admin.clone());
    app.participant("USA").await;
    let path = "/v1/participants";
    from(app.get(path).key(&reader), one).await.expect(200);
    // Another client's, whose answer is in memory.
    for _ in 0..2 {
        from(app.get(path).key(&admin), other).await.expect(200);
    }
    ten_wrong_keys(&app, one).await;
    assert_eq!(waits(from(app.get(path).key("pbk_wrong"), one).await), 1);
    for path in [path, "/v1/participants?kind=state", "/v1/meetings"] {
        from(app.get(path).key(&reader), one).await.expect(200);
    }
    from(app.delete("/v1/participants/USA").key(&reader), one)
        .await
        .problem(403, "forbidden");
    // A guess that is right looks like one that is wrong.
    let mut told = Vec::new();
    for key in ["pbk_wrong", &admin] {
        let (status, mut headers, body) = from(app.get(path).key(key), one).unheld().await;
        headers.remove("x-request-id");
        headers.remove("date");
        let mut body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        body.as_object_mut().unwrap().remove("request_id");
        told.push((status, headers, body));
    }
    assert_eq!(told[0].0, 429);
    assert_eq!(told[0], told[1]);
    from(app.get(path).key(&admin), other).await.expect(200);
    sleep(Duration::from_millis(1_050)).await;
    from(app.get(path).key(&admin), one).await.expect(200);
    // What was right does not forgive what was wrong.
    let mut last = 0;
    for _ in 0..2 {
        last = waits(from(app.get(path).key("pbk_wrong"), one).await);
    }
    assert_eq!(last, 2);
    from(app.get(path).key(&admin), one).await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn guesses_at_the_same_time_are_one(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let one = "198.51.100.1";
    ten_wrong_keys(&app, one).await;
    let guesses = (0..20).map(|number| {
        let ask = app.get("/v1/meetings").key(&format!("pbk_wrong{number}"));
        async move { waits(from(ask, one).await) }
    });
    assert_eq!(join_all(guesses).await, [1; 20]);
    sleep(Duration::from_millis(1_100)).await;
    // It was not told to wait, others were: it is now, and then the wait begins with it.
    for wait in [1, 2] {
        let asked = from(app.get("/v1/meetings").key("pbk_wrong"), one).await;
        assert_eq!(waits(asked), wait);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn of_guesses_at_the_same_time_no_more_are_looked_at_than_are_free(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let one = "198.51.100.1";
    let guesses = (0..60).map(|number| {
        let ask = app.get("/v1/meetings").key(&format!("pbk_wrong{number}"));
        async move { from(ask, one).await }
    });
    let answers = join_all(guesses).await;
    let free = answers.iter().filter(|answer| answer.status == 401).count();
    assert_eq!(free, 10);
    // One more was looked at, in the first turn of those who wait.
    sleep(Duration::from_millis(1_100)).await;
    let mut last = 0;
    for _ in 0..2 {
        last = waits(from(app.get("/v1/meetings").key("pbk_wrong"), one).await);
    }
    assert_eq!(last, 2);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn many_right_keys_of_one_client_at_the_same_time_are_all_let_in(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    let mut keys = Vec::new();
    for number in 0..25 {
        let made = app
            .key(json!({"name": format!("desk {number}"), "role": "reader"}))
            .await;
        keys.push(made["secret"].as_str().unwrap().to_owned());
    }
    let asks = keys.iter().flat_map(|key| [key, key]).map(|key| {
        let ask = from(app.get("/v1/meetings").key(key), "198.51.100.1");
        async move { ask.await.status }
    });
    assert_eq!(join_all(asks).await, [200; 50]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_right_key_has_its_turn_however_many_are_guessed_beside_it(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    let one = "198.51.100.1";
    let reader = app.keys.reader.clone();
    ten_wrong_keys(&app, one).await;
    let path = "/v1/meetings";
    let newcomer = async {
        sleep(Duration::from_millis(200)).await;
        for tries in 1..10 {
            let answer = from(app.get(path).key(&reader), one).await;
            if answer.status == 200 {
                return tries;
            }
            // A little later than it was told to come.
            let wait = Duration::from_secs(waits(answer));
            sleep(wait + Duration::from_millis(300)).await;
        }
        panic!("it never had its turn");
    };
    let guesser = async {
        for number in 0.. {
            let guess = from(app.get(path).key(&format!("pbk_guess{number}")), one);
            waits(guess.await);
            sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        tries = newcomer => assert_eq!(tries, 2),
        () = guesser => {}
    }
    from(app.get(path).key(&reader), one).await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_used_a_key_goes_on_with_its_next_secret(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    let (one, other) = ("198.51.100.1", "198.51.100.2");
    let path = "/v1/meetings";
    let admin = app.keys.admin.clone();
    let made = app.key(json!({"name": "desk", "role": "reader"})).await;
    let first = made["secret"].as_str().unwrap().to_owned();
    let another = app.key(json!({"name": "another", "role": "reader"})).await;
    let another = another["secret"].as_str().unwrap();
    from(app.get(path).key(&first), one).await.expect(200);
    from(app.get(path).key(another), other).await.expect(200);
    ten_wrong_keys(&app, one).await;
    assert_eq!(waits(from(app.get(path).key("pbk_wrong"), one).await), 1);
    for overlap in [3_600, 0] {
        let rotate = format!("/v1/keys/{}/rotate", made.id());
        let rotated = app
            .post(&rotate, json!({"overlap_seconds": overlap}))
            .key(&admin)
            .await
            .expect(200);
        let next = rotated["secret"].as_str().unwrap();
        from(app.get(path).key(next), one).await.expect(200);
        from(app.delete("/v1/participants/USA").key(next), one)
            .await
            .problem(403, "forbidden");
        // Nobody else's key is looked at, rotated or not.
        waits(from(app.get(path).key(another), one).await);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_answer_tells_a_browser_what_it_may(#[case] engine: Engine) {
    let quota = limited(50, false);
    let app = App::start_with(
        engine,
        Policy {
            quota,
            ..App::policy()
        },
    )
    .await;
    app.participant("USA").await;
    let tag = app.get("/v1/participants").await.expect(200);
    let tag = tag.header("etag").unwrap().to_owned();
    let long = format!("/v1/participants?code={}", "A".repeat(25_000));
    let large = "a".repeat(40_000);
    let asks = [
        (app.get("/v1/participants"), 200),
        (app.get("/v1/participants"), 200),
        (app.get("/v1/participants").header("if-none-match", &tag), 304),
        (
            app.get("/v1/participants?limit=7").header("if-none-match", "*"),
            304,
        ),
        (app.get("/v1/participants?format=csv"), 200),
        (app.get("/v1/participants?format=ndjson"), 200),
        (app.ask(Method::HEAD, "/v1/participants"), 200),
        (app.ask(Method::OPTIONS, "/v1/participants").without_key(), 204),
        (
            app.ask(Method::OPTIONS, "/v1/participants")
                .header("access-control-request-method", "POST"),
            204,
        ),
        (app.get("/v1/participants?nothing=1"), 400),
        (app.get("/v1/participants").key("pbk_wrong"), 401),
        (app.get("/v1/nothing"), 404),
        (app.delete("/v1/changes"), 405),
        (app.get(&long), 414),
        (app.get("/v1/participants").header("x-large", &large), 431),
        (app.post("/v1/participants", json!({})), 422),
        (app.get("/healthz"), 200),
        (app.get("/openapi.json"), 200),
        (app.get("/v1/participants").header("host", "not a host"), 400),
    ];
    for (ask, status) in asks {
        let (was, headers, _) = ask.unheld().await;
        let told = |name: &str| headers.get(name).and_then(|it| it.to_str().ok());
        assert_eq!(was, status, "{headers:?}");
        assert_eq!(told("x-content-type-options"), Some("nosniff"), "{status}");
        assert_eq!(told("referrer-policy"), Some("no-referrer"), "{status}");
        let policy = "default-src 'none'; frame-ancestors 'none'";
        assert_eq!(told("content-security-policy"), Some(policy), "{status}");
    }
    for path in ["/", "/problems/invalid", "/docs"] {
        let (_, headers, _) = app.get(path).header("accept", "text/html").unheld().await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("style-src 'self'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert_eq!(headers.get_all("content-security-policy").iter().count(), 1);
        assert_eq!(headers["referrer-policy"], "no-referrer");
    }
    let mut refused = 0;
    for _ in 0..60 {
        let (status, headers, _) = from(app.get("/v1/participants"), "198.51.100.1").unheld().await;
        assert_eq!(headers["x-content-type-options"], "nosniff");
        refused += usize::from(status == 429);
    }
    assert!(refused > 0);
}
