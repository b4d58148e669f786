//! A register that stands below a path of its proxy's.

use pledgebook::{
    serve::Policy,
    web::{base::Base, client::TrustedProxies},
};

use crate::prelude::*;

/// Where the links of a page lead that lead to this server.
fn links(html: &str) -> Vec<&str> {
    ["href=\"", "src=\"", "action=\""]
        .iter()
        .flat_map(|name| html.split(name).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .filter(|link| link.starts_with('/'))
        .collect()
}

/// Every link of every kind of answer stands below `path`, for who asks with these headers.
async fn all_leads_below(app: &App, path: &str, headers: &[(&str, &str)]) {
    let below = format!("{path}/");
    let article = json!({"publisher": "P", "language": "en", "kind": "news", "title": "Links"});
    let with = |mut ask: crate::app::Ask| {
        for (name, value) in headers {
            ask = ask.header(name, value);
        }
        ask
    };
    let made = with(app.post("/v1/articles", article.clone())).await.expect(201);
    assert_eq!(
        made.header("location").unwrap(),
        format!("{path}/v1/articles/{}", made.id())
    );
    let batch = with(app.post("/v1/articles/batch?pretty=true", json!([article, article])))
        .header("Prefer", "handling=lenient")
        .await
        .expect(200);
    for item in batch.items() {
        assert!(item["location"].as_str().unwrap().starts_with(&below), "{batch}");
    }
    let failed = with(app.post("/v1/articles/batch", json!([{}])))
        .header("Prefer", "handling=lenient")
        .await
        .expect(200);
    let problem = failed["items"][0]["problem"]["type"].as_str().unwrap();
    assert_eq!(problem, format!("{path}/problems/invalid"));
    // Twice: the second time from memory.
    for _ in 0..2 {
        let page = with(app.get("/v1/articles?limit=1")).await.expect(200);
        let link = page.header("link").unwrap();
        assert!(
            link.starts_with(&format!("<{path}/v1/articles?limit=1&after=")),
            "{link}"
        );
        let csv = with(app.get("/v1/articles?limit=1&format=csv")).await.expect(200);
        assert!(csv.header("link").unwrap().starts_with(&format!("<{below}")));
        for index in ["/", "/v1"] {
            let index = with(app.get(index)).await.expect(200);
            for link in index["links"].as_object().unwrap().values() {
                assert!(link.as_str().unwrap().starts_with(&below), "{index}");
            }
        }
        let errors = with(app.get("/problems")).await.expect(200);
        assert!(errors.items()[0]["page"].as_str().unwrap().starts_with(&below));
        for page in [
            "/",
            "/docs",
            "/problems",
            "/problems/invalid?lang=ar",
            "/search?q=links",
        ] {
            let html = with(app.get(page))
                .header("Accept", "text/html")
                .await
                .expect(200)
                .text;
            let links = links(&html);
            assert!(links.len() > 5, "{page}: {links:?}");
            for link in links {
                assert!(link.starts_with(&below), "{page}: {link}");
            }
        }
        let contract = with(app.get("/openapi.json")).await.expect(200);
        let server = contract["servers"][0]["url"].as_str().unwrap();
        let place = if path.is_empty() { "/" } else { path };
        assert!(server.ends_with(place), "{server}");
    }
    let refused = with(app.get("/v1/nothing")).await;
    assert_eq!(
        (refused.status, &refused["type"]),
        (404, &json!(format!("{path}/problems/no_such_path")))
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_moves_every_link_below_its_path(#[case] engine: Engine) {
    let app = App::start(engine).await;
    all_leads_below(&app, "/pledges", &[("X-Forwarded-Prefix", "/pledges/")]).await;
    all_leads_below(
        &app,
        "/other/place",
        &[("X-Forwarded-Prefix", "/other"), ("X-Forwarded-Prefix", "/place")],
    )
    .await;
    all_leads_below(&app, "", &[]).await;
    // What is no path is not believed.
    for made_up in ["//evil.example", "https://evil.example", "/a\"b", "x"] {
        all_leads_below(&app, "", &[("X-Forwarded-Prefix", made_up)]).await;
    }
    let moved = app
        .get("/v1/articles")
        .header("X-Forwarded-Prefix", "/pledges")
        .await;
    assert!(
        moved
            .headers
            .get_all("vary")
            .iter()
            .any(|it| it == "X-Forwarded-Prefix")
    );
    // A merged participant lives elsewhere, below the same path.
    app.participant("FRA").await;
    app.post(
        "/v1/participants",
        json!({"code": "GAUL", "kind": "state", "names": {"en": "Gaul"}}),
    )
    .await
    .created();
    app.patch("/v1/participants/GAUL", json!({"merged_into": "FRA"}))
        .await
        .expect(200);
    let away = app
        .get("/v1/participants/GAUL?lang=fr")
        .header("X-Forwarded-Prefix", "/pledges")
        .await;
    assert_eq!(away.status, 308);
    assert_eq!(
        away.header("location"),
        Some("/pledges/v1/participants/FRA?lang=fr")
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_moves_anything(#[case] engine: Engine) {
    let policy = Policy {
        trusted_proxies: TrustedProxies::default(),
        ..App::policy()
    };
    let app = App::start_with(engine, policy).await;
    all_leads_below(&app, "", &[("X-Forwarded-Prefix", "/pledges")]).await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn where_the_operator_says_the_address_it_is_that_one(#[case] engine: Engine) {
    let policy = Policy {
        public: Some(Base::parse("https://example.org/pledges").unwrap()),
        ..App::policy()
    };
    let app = App::start_with(engine, policy).await;
    all_leads_below(&app, "/pledges", &[("X-Forwarded-Prefix", "/other")]).await;
    let contract = app.get("/openapi.json").await.expect(200);
    assert_eq!(contract["servers"][0]["url"], "https://example.org/pledges");
}
