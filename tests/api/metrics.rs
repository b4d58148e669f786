//! The figures of a register, as whoever watches over it reads them on a listener of their own.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use pledgebook::{
    metrics,
    serve::{self, Stop},
    web::traffic::Traffic,
};
use reqwest::{Client, Method, Response};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::prelude::*;

/// A listener for the figures of an app.
struct Watched {
    base: String,
    client: Client,
    server: JoinHandle<()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What was told, by name and labels as they stand there.
type Figures = BTreeMap<String, f64>;

impl Watched {
    async fn of(app: &App) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let metrics = app.metrics();
        let server = tokio::spawn(async move {
            serve::serve(
                listener,
                metrics,
                metrics::policy(),
                Traffic::default(),
                &mut Stop::never(),
            )
            .await
            .unwrap();
        });
        let client = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()
            .unwrap();
        Self { base, client, server }
    }

    async fn ask(&self, method: Method, path: &str, accept: &str) -> Response {
        let request = self.client.request(method, format!("{}{path}", self.base));
        request.header("accept", accept).send().await.unwrap()
    }

    async fn text(&self) -> String {
        let answer = self.ask(Method::GET, "/metrics", "*/*").await;
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap()
    }

    async fn figures(&self) -> Figures {
        let text = self.text().await;
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples
            .map(|line| {
                let (name, value) = line.rsplit_once(' ').unwrap();
                (name.to_owned(), value.parse().unwrap())
            })
            .collect()
    }

    /// The figures once this holds of them, which it comes to: a request is counted when its answer was sent, which its
    /// client may know a moment earlier.
    async fn until(&self, holds: impl Fn(&Figures) -> bool) -> Figures {
        for _ in 0..200 {
            let figures = self.figures().await;
            if holds(&figures) {
                return figures;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{:#?}", self.figures().await)
    }
}

/// How many requests were counted.
fn count(figures: &Figures, route: &str, method: &str, status: &str) -> f64 {
    let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
    let name = format!("pledgebook_http_request_duration_seconds_count{{{labels}}}");
    figures.get(&name).copied().unwrap_or_default()
}

/// The values of one label.
fn values(figures: &Figures, label: &str) -> BTreeSet<String> {
    let begin = format!("{label}=\"");
    let of = |name: &String| {
        let (_, rest) = name.split_once(&begin)?;
        rest.split_once('"').map(|(value, _)| value.to_owned())
    };
    figures.keys().filter_map(of).collect()
}

fn is(value: f64, expected: u32) -> bool {
    (value - f64::from(expected)).abs() < 1e-9
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn figures_are_told_on_a_listener_of_their_own_and_nowhere_else(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.get("/metrics").await.problem(404, "no_such_path");

    let watched = Watched::of(&app).await;
    let answer = watched.ask(Method::GET, "/metrics", "text/plain").await;
    assert_eq!(answer.status(), 200);
    let kind = &answer.headers()["content-type"];
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let text = answer.text().await.unwrap();
    assert!(
        text.contains("# TYPE pledgebook_http_refused_total counter\n"),
        "{text}"
    );
    for line in text.lines() {
        let name = line.trim_start_matches("# HELP ").trim_start_matches("# TYPE ");
        assert!(name.starts_with("pledgebook_"), "{line}");
    }
    // As Prometheus asks.
    let accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
    let answer = watched.ask(Method::GET, "/metrics", accept).await;
    let kind = &answer.headers()["content-type"];
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = answer.text().await.unwrap();
    assert!(
        text.contains("# TYPE pledgebook_http_refused counter\n") && text.ends_with("# EOF\n"),
        "{text}"
    );

    for (method, path, status, code) in [
        (Method::GET, "/", 404, "no_such_path"),
        (Method::GET, "/v1/participants", 404, "no_such_path"),
        (Method::POST, "/metrics", 405, "method_not_allowed"),
    ] {
        let answer = watched.ask(method, path, "*/*").await;
        assert_eq!(answer.status(), status, "{path}");
        let problem: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        assert_eq!(problem["code"], code);
    }
    // Whoever looks is not counted among who is looked at.
    let figures = watched.until(|it| is(count(it, "none", "GET", "4xx"), 1)).await;
    assert!(is(count(&figures, "none", "POST", "4xx"), 0));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_template_method_and_class(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let watched = Watched::of(&app).await;
    for code in ["KWT", "USA"] {
        app.participant(code).await;
        app.get(&format!("/v1/participants/{code}")).await.expect(200);
    }
    app.ask(Method::HEAD, "/v1/participants/USA").await.expect(200);
    app.get("/v1/participants.csv").await.expect(200);
    app.get("/v1/participants/NOBODY").await.problem(404, "not_found");
    for path in ["/a", "/b", "/v1/c", "/metrics"] {
        app.get(path).await.problem(404, "no_such_path");
    }
    app.delete("/v1/totals").await.problem(405, "method_not_allowed");
    // Also where it is answered before it comes to its route.
    let wrong = app.get("/v1/meetings").key("pbk_wrong");
    wrong.await.problem(401, "unauthorized");
    let figures = watched
        .until(|it| is(count(it, "/v1/meetings", "GET", "4xx"), 1))
        .await;
    for (route, method, status, expected) in [
        ("/v1/participants", "POST", "2xx", 2),
        ("/v1/participants/{key}", "GET", "2xx", 2),
        ("/v1/participants.csv", "GET", "2xx", 1),
        ("/v1/participants/{key}", "HEAD", "2xx", 1),
        // Each of them was looked for before it was made.
        ("/v1/participants/{key}", "GET", "4xx", 3),
        ("none", "GET", "4xx", 4),
        ("/v1/totals", "DELETE", "4xx", 1),
    ] {
        let counted = count(&figures, route, method, status);
        assert!(
            is(counted, expected),
            "{method} {route} {status}: {counted}, and not {expected}"
        );
    }
    // Its buckets are all of them in the end.
    let labels = "route=\"none\",method=\"GET\",status=\"4xx\"";
    let all = format!("pledgebook_http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}}");
    assert!(is(figures[&all], 4));

    // No other route than the contract's, and no word of a stranger's.
    let contract = app.get("/openapi.json").await.ok();
    let paths = contract["paths"].as_object().unwrap();
    let routes = values(&figures, "route");
    let unknown = routes
        .iter()
        .filter(|it| *it != "none" && !paths.contains_key(*it));
    assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_from_memory_is_counted_as_well(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let watched = Watched::of(&app).await;
    app.participant("USA").await;
    let asked = |figures: &Figures| {
        let [hits, misses] = ["hits", "misses"].map(|it| figures[&format!("pledgebook_cache_{it}_total")]);
        (hits, misses)
    };
    let (hits, misses) = asked(&watched.figures().await);
    for _ in 0..5 {
        app.get("/v1/participants/USA").await.expect(200);
    }
    let figures = watched
        .until(|it| is(count(it, "/v1/participants/{key}", "GET", "2xx"), 5))
        .await;
    let (hits, misses) = (asked(&figures).0 - hits, asked(&figures).1 - misses);
    assert!(hits >= 1.0 && is(hits + misses, 5), "{hits} and {misses}");
    assert!(figures["pledgebook_cache_bytes"] > 0.0);
    assert!(is(figures["pledgebook_cache_evictions_total"], 0));

    let forgetful = app.forgetful().await;
    let figures = Watched::of(&forgetful).await.figures().await;
    assert!(!figures.contains_key("pledgebook_cache_bytes"));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_counted_by_its_code_and_each_server_tells_its_own(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let (watched, second) = (Watched::of(&app).await, app.second().await);
    app.post("/v1/participants", json!({}))
        .await
        .problem(422, "invalid");
    for _ in 0..2 {
        let unauthorized = app.post("/v1/participants", json!({})).without_key().await;
        unauthorized.problem(401, "unauthorized");
    }
    let refused = |figures: &Figures, code: &str| {
        let name = format!("pledgebook_http_refused_total{{code=\"{code}\"}}");
        figures.get(&name).copied().unwrap_or_default()
    };
    let figures = watched.until(|it| is(refused(it, "unauthorized"), 2)).await;
    assert!(is(refused(&figures, "invalid"), 1));
    assert!(is(count(&figures, "/v1/participants", "POST", "4xx"), 3));
    let figures = Watched::of(&second).await.figures().await;
    assert!(is(refused(&figures, "unauthorized"), 0));
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_to_write_is_told_while_they_wait(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let watched = Watched::of(&app).await;
    let writing = app.register().db().begin().await.unwrap();
    let body = json!({
        "publisher": "The Example",
        "language": "en",
        "title": "Ministers meet",
        "kind": "news",
        "published_on": "2018-02-13",
    });
    let waiting = app.post("/v1/articles", body);
    let waiting = tokio::spawn(async move { waiting.await });
    let figures = watched
        .until(|it| is(it["pledgebook_writes_waiting{queue=\"turn\"}"], 1))
        .await;
    assert!(is(figures["pledgebook_http_requests_in_flight"], 1));
    assert!(is(
        figures["pledgebook_database_places_taken{pool=\"writer\"}"],
        1
    ));
    assert!(is(figures["pledgebook_database_up"], 1));
    assert!(is(figures["pledgebook_kept_sums_lag_seconds"], 0));
    let of_a_file = figures.contains_key("pledgebook_wal_bytes");
    assert_eq!(of_a_file, engine == Engine::Sqlite);
    drop(writing);
    waiting.await.unwrap().created();
    watched
        .until(|it| {
            is(it["pledgebook_writes_waiting{queue=\"turn\"}"], 0)
                && is(it["pledgebook_writes_waiting{queue=\"line\"}"], 0)
                && is(it["pledgebook_http_requests_in_flight"], 0)
        })
        .await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn of_a_database_that_is_gone_all_else_is_told(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let watched = Watched::of(&app).await;
    assert!(is(watched.figures().await["pledgebook_database_up"], 1));
    app.register().db().close().await;
    // What was known a moment ago is still told.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let figures = watched.figures().await;
    assert!(is(figures["pledgebook_database_up"], 0));
    assert!(!figures.contains_key("pledgebook_kept_sums_lag_seconds"));
    assert!(figures.contains_key("pledgebook_http_requests_in_flight"));
}
