//! Finding: filters, sorts and pages.

use serde_json::Value;

use super::{granted, ids, sorted};
use crate::{answer::Answer, prelude::*};

/// A register with something for every filter; ids by name.
async fn furnished(app: &App) -> std::collections::HashMap<&'static str, String> {
    let coalition = app.coalition("global").await;
    let ministerial = app
        .meeting_with(json!({"slug": "ministerial", "coalition": coalition}))
        .await;
    let conference = app.meeting("conference").await;
    for code in ["USA", "KWT", "EU", "ISDB", "SYR", "IRQ"] {
        app.participant(code).await;
    }
    let mut made = std::collections::HashMap::new();
    for (name, fields) in [
        (
            "us",
            json!({"participant": "USA", "meeting": ministerial, "amount": "200", "beneficiary": "SYR", "announced_on": "2018-02-13"}),
        ),
        (
            "kuwait",
            json!({"participant": "KWT", "meeting": conference, "instrument": "loan", "amount": "1000", "beneficiary": "IRQ", "announced_on": "2018-02-14"}),
        ),
        (
            "eu",
            json!({"participant": "EU", "meeting": conference, "amount": "400", "currency": "EUR", "beneficiary": "IRQ", "announced_on": "2018-02"}),
        ),
        (
            "bank",
            json!({"participant": "ISDB", "meeting": conference, "instrument": "credit_line", "qualifier": "up_to", "amount": null, "amount_max": "500", "announced_on": "2018"}),
        ),
        (
            "floor",
            json!({"participant": "USA", "qualifier": "at_least", "amount": null, "amount_min": "50"}),
        ),
        (
            "political",
            json!({"instrument": "political", "meeting": ministerial, "qualifier": null, "amount": null, "currency": null, "announced_on": "2019-01-01"}),
        ),
        ("headline", json!({"amount": "300"})),
    ] {
        made.insert(name, granted(app, fields).await);
    }
    let child = json!({"parent": made["headline"], "participant": "USA", "amount": "20"});
    made.insert("child", granted(app, child).await);
    let again =
        json!({"restates": made["us"], "participant": "USA", "amount": "200", "announced_on": "2018-03"});
    made.insert("again", granted(app, again).await);
    app.event(&made["kuwait"], "paid", "1000", "2019").await;
    let article = app.article(json!({})).await;
    app.citation(&format!("pledges/{}", made["eu"]), &article, json!({}))
        .await;
    made
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_filter_finds_what_it_names(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let made = furnished(&app).await;
    let us_id = app.get("/v1/participants/USA").await.id();
    let by_id = format!("participant={us_id}");
    let (parent, restates) = (
        format!("parent={}", made["headline"]),
        format!("restates={}", made["us"]),
    );
    for (query, names) in [
        (
            "",
            &[
                "us",
                "kuwait",
                "eu",
                "bank",
                "floor",
                "political",
                "headline",
                "child",
                "again",
            ][..],
        ),
        ("participant=USA", &["us", "floor", "child", "again"]),
        (
            "participant=usa,kwt",
            &["us", "floor", "child", "again", "kuwait"],
        ),
        (
            "participant=USA&participant=KWT",
            &["us", "floor", "child", "again", "kuwait"],
        ),
        (&by_id, &["us", "floor", "child", "again"]),
        ("participant_kind=igo,ifi", &["eu", "bank"]),
        ("participant_kind=ngo", &[]),
        ("meeting=ministerial", &["us", "political"]),
        (
            "meeting=conference,ministerial",
            &["us", "political", "kuwait", "eu", "bank"],
        ),
        ("coalition=global", &["us", "political"]),
        ("instrument=loan,political", &["kuwait", "political"]),
        ("qualifier=up_to,at_least", &["bank", "floor"]),
        ("currency=EUR", &["eu"]),
        (
            "currency=usd",
            &["us", "kuwait", "bank", "floor", "headline", "child", "again"],
        ),
        ("state=fulfilled", &["kuwait"]),
        ("state=restated,fulfilled", &["again", "kuwait"]),
        ("beneficiary=IRQ", &["kuwait", "eu"]),
        ("collective=true", &["political", "headline"]),
        ("collective=false&currency=EUR", &["eu"]),
        (&parent, &["child"]),
        (&restates, &["again"]),
        ("cited=true", &["eu"]),
        ("cited=false&collective=true", &["political", "headline"]),
        // A partial date matches wherever it overlaps; none, nowhere.
        (
            "announced_from=2018-02-14&announced_to=2018-02-14",
            &["kuwait", "eu", "bank"],
        ),
        ("announced_to=2018-02-13", &["us", "eu", "bank"]),
        ("announced_from=2018-03", &["again", "bank", "political"]),
        (
            "announced_from=2018&announced_to=2018",
            &["us", "kuwait", "eu", "bank", "again"],
        ),
        ("announced_from=2020", &[]),
        // Amounts, in one currency: a range matches where it overlaps.
        (
            "currency=USD&amount_min=300",
            &["kuwait", "bank", "floor", "headline"],
        ),
        ("currency=USD&amount_max=50", &["bank", "floor", "child"]),
        (
            "currency=USD&amount_min=200&amount_max=200.00",
            &["us", "again", "bank", "floor"],
        ),
        ("currency=EUR&amount_min=400.01", &[]),
        (
            "participant=USA&meeting=ministerial&currency=USD&state=open&beneficiary=SYR&collective=false",
            &["us"],
        ),
        (
            "updated_from=2018-01-01",
            &[
                "us",
                "kuwait",
                "eu",
                "bank",
                "floor",
                "political",
                "headline",
                "child",
                "again",
            ],
        ),
        ("updated_to=2018-01-01", &[]),
    ] {
        let expected = sorted(names.iter().map(|name| made[name].clone()).collect());
        assert_eq!(ids(&app, query).await, expected, "{query}");
        let counted = app
            .get(&format!("/v1/pledges?limit=1&count=true&{query}"))
            .await
            .expect(200);
        assert_eq!(counted["count"], names.len(), "{query}");
        // The list and its total never disagree.
        let totals = app.totals(query).await;
        let restated = names.iter().filter(|name| **name == "again").count();
        assert_eq!(totals["groups"][0]["pledges"], names.len() - restated, "{query}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_cannot_be_understood_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (query, parameter) in [
        ("participant=XYZ", "?participant"),
        ("meeting=nowhere", "?meeting"),
        ("coalition=none", "?coalition"),
        ("beneficiary=XYZ", "?beneficiary"),
        ("participant_kind=people", "?participant_kind"),
        ("instrument=gift", "?instrument"),
        ("qualifier=exactly", "?qualifier"),
        ("currency=XXY", "?currency"),
        ("state=done", "?state"),
        ("parent=nonsense", "?parent"),
        ("restates=nonsense", "?restates"),
        ("collective=yes", "?collective"),
        ("cited=1", "?cited"),
        ("announced_from=yesterday", "?announced_from"),
        ("announced_to=2018-13", "?announced_to"),
        ("amount_min=5", "?amount_min"),
        ("amount_max=5", "?amount_max"),
        ("amount_min=5&currency=USD,EUR", "?amount_min"),
        ("amount_min=-5&currency=USD", "?amount_min"),
        ("amount_min=1.001&currency=USD", "?amount_min"),
        ("amount_max=many&currency=USD", "?amount_max"),
        ("updated_from=soon", "?updated_from"),
        ("colour=red", "?colour"),
        ("participant=", "?participant"),
    ] {
        for path in ["/v1/pledges", "/v1/totals"] {
            app.get(&format!("{path}?{query}"))
                .await
                .problem(400, "malformed")
                .fault(parameter);
        }
    }
    for sort in ["pledged", "-pledged", "amount", "-paid", "outstanding"] {
        for currencies in ["", "&currency=USD,EUR"] {
            let refused = app
                .get(&format!("/v1/pledges?sort={sort}{currencies}"))
                .await
                .problem(400, "malformed")
                .fault("?sort");
            assert!(refused.text.contains("currency="), "names the mend: {refused}");
        }
        app.get(&format!("/v1/pledges?sort={sort}&currency=USD"))
            .await
            .expect(200);
    }
    app.get("/v1/pledges?sort=colour")
        .await
        .problem(400, "malformed")
        .fault("?sort");
}

/// What a row is sorted by.
type Key = Box<dyn Fn(&Value) -> Option<String>>;

/// A list, page by page, in one direction.
async fn paged(app: &App, query: &str) -> Vec<Value> {
    let pages = app.pages(&format!("/v1/pledges?limit=2&{query}")).await;
    let (last, others) = pages.split_last().unwrap();
    assert!(
        others.iter().all(|page| page.items().len() == 2),
        "only the last page is short"
    );
    assert!(last.items().len() <= 2);
    pages.iter().flat_map(Answer::items).cloned().collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn all_pages_of_a_sorted_list_come_in_order_nulls_last(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    // Ties and nulls, so that pages begin and end within them.
    for announced_on in [
        json!("2018-02-13"),
        json!("2018-02-13"),
        Value::Null,
        Value::Null,
        Value::Null,
    ] {
        granted(
            &app,
            json!({"participant": "USA", "announced_on": announced_on, "amount": "200"}),
        )
        .await;
        granted(
            &app,
            json!({"qualifier": "at_least", "amount": null, "amount_min": "5"}),
        )
        .await;
    }
    // Each with the key that it sorts by; a partial date by its first day.
    let first_day = |item: &Value| {
        item["announced_on"]
            .as_str()
            .map(|date| format!("{date}{}", &"-01-01"[date.len() - 4..]))
    };
    let text = |name: &'static str| move |item: &Value| item[name].as_str().map(str::to_owned);
    let money =
        |name: &'static str| move |item: &Value| item[name].as_str().map(|amount| format!("{amount:0>30}"));
    let sorts: [(&str, &str, Key); 11] = [
        ("created_at", "", Box::new(text("id"))),
        ("updated_at", "", Box::new(text("updated_at"))),
        ("announced_on", "", Box::new(first_day)),
        ("participant", "", Box::new(text("participant"))),
        ("meeting", "", Box::new(text("meeting"))),
        ("instrument", "", Box::new(text("instrument"))),
        ("state", "", Box::new(text("state"))),
        ("pledged", "&currency=USD", Box::new(money("pledged"))),
        ("amount", "&currency=USD", Box::new(money("amount"))),
        ("paid", "&currency=USD", Box::new(money("paid"))),
        ("outstanding", "&currency=USD", Box::new(money("outstanding"))),
    ];
    for (name, filter, key) in sorts {
        let count = app.get(&format!("/v1/pledges?limit=1&count=true{filter}")).await["count"].as_u64();
        for descending in [false, true] {
            let sign = if descending { "-" } else { "" };
            let query = format!("sort={sign}{name}{filter}");
            let all = paged(&app, &query).await;
            assert_eq!(Some(all.len() as u64), count, "{query} shows each once");
            let mut expected = all.clone();
            expected.sort_by(|one, other| {
                let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
                match (key(one), key(other)) {
                    (None, Some(_)) => std::cmp::Ordering::Greater,
                    (Some(_), None) => std::cmp::Ordering::Less,
                    (one_key, other_key) => {
                        let order = (one_key, id(one)).cmp(&(other_key, id(other)));
                        if descending { order.reverse() } else { order }
                    }
                }
            });
            let ids = |items: &[Value]| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
            assert_eq!(ids(&all), ids(&expected), "{query}");
        }
    }
    // Newest first, unless another order is asked for.
    assert_eq!(
        app.get("/v1/pledges").await.body,
        app.get("/v1/pledges?sort=-created_at").await.body
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_not_moved_by_what_comes_meanwhile(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for _ in 0..4 {
        granted(&app, json!({})).await;
    }
    let before = ids(&app, "").await;
    let first = app.get("/v1/pledges?limit=2").await.expect(200);
    granted(&app, json!({})).await;
    let next = first["next"].as_str().unwrap();
    let second = app
        .get(&format!("/v1/pledges?limit=200&after={next}"))
        .await
        .expect(200);
    let seen = first.each("id").into_iter().chain(second.each("id"));
    assert_eq!(
        sorted(seen.map(|id| id.as_str().unwrap().into()).collect()),
        before
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_its_query(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for _ in 0..3 {
        granted(&app, json!({})).await;
    }
    let page = app
        .get("/v1/pledges?limit=1&currency=USD&sort=pledged")
        .await
        .expect(200);
    let next = page["next"].as_str().unwrap();
    assert!(
        next.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        "{next}"
    );
    for other in [
        "/v1/pledges?currency=USD&sort=-pledged",
        "/v1/pledges?currency=USD",
        "/v1/pledges?currency=EUR&sort=pledged",
        "/v1/pledges?currency=USD&sort=pledged&state=open",
        "/v1/changes?limit=1",
    ] {
        app.get(&format!("{other}&after={next}"))
            .await
            .problem(400, "malformed")
            .fault("?after");
    }
    // How many at a time, in which language, and in which order it is written, does not matter.
    app.get(&format!(
        "/v1/pledges?sort=pledged&lang=ar&count=true&after={next}&currency=USD&limit=2"
    ))
    .await
    .expect(200);
}
