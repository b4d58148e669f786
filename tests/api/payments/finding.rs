//! Finding events, whoever's they are: filters, sorts, pages and forms.

use std::collections::BTreeSet;

use serde_json::Value;

use super::furnished;
use crate::{answer::Answer, prelude::*};

const EVENTS: [&str; 9] = [
    "frozen",
    "released",
    "first paid",
    "redirected",
    "committed",
    "dinars",
    "increased",
    "part paid",
    "started",
];

fn text<'a>(row: &'a Value, member: &str) -> &'a str {
    row[member].as_str().unwrap()
}

async fn ids(app: &App, query: &str) -> BTreeSet<String> {
    let rows = app.rows(&format!("/v1/events?{query}")).await;
    rows.iter().map(|row| text(row, "id").to_owned()).collect()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_filter_speaks_of_the_pledge_or_of_the_event(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let made = furnished(&app).await;
    let article = app.article(json!({})).await;
    app.citation(&format!("pledges/{}", made["us"]), &article, json!({}))
        .await;
    let of_us = ["frozen", "released", "first paid", "redirected"];
    let of_kuwait = ["committed", "dinars", "increased"];
    let parent = format!("parent={}", made["headline"]);
    let nobodys = format!("restates={}", made["us"]);
    for (query, names) in [
        ("", &EVENTS[..]),
        // Of the pledge.
        ("participant=KWT", &of_kuwait),
        ("participant=usa&meeting=ministerial", &of_us),
        ("participant_kind=state&collective=true", &[]),
        ("collective=true", &["started"]),
        ("meeting=ministerial", &[&of_us[..], &["started"]].concat()),
        ("coalition=global&instrument=grant", &of_us),
        (
            "instrument=loan,political",
            &[&of_kuwait[..], &["started"]].concat(),
        ),
        ("qualifier=exact&currency=KWD", &of_kuwait),
        ("currency=USD", &[&of_us[..], &["part paid"]].concat()),
        ("state=withdrawn", &of_us),
        ("state=in_progress", &["started"]),
        ("beneficiary=SYR", &of_us),
        ("currency=USD&amount_min=100", &of_us),
        ("currency=USD&amount_max=100", &["part paid"]),
        ("announced_from=2018-02-01&announced_to=2018-02", &of_us),
        (&parent, &["part paid"]),
        (&nobodys, &[]),
        ("cited=true", &of_us),
        // Of the event.
        ("stage=paid", &["first paid", "dinars", "part paid"]),
        ("stage=frozen,released&participant=USA", &["frozen", "released"]),
        ("stage=expired", &[]),
        // A partial date matches wherever it overlaps.
        (
            "occurred_from=2018-06-15&occurred_to=2018-06-15",
            &["released", "first paid", "committed", "part paid"],
        ),
        (
            "occurred_from=2018-06-16&occurred_to=2018-07",
            &["released", "committed"],
        ),
        ("occurred_from=2018-12-31&occurred_to=2018", &["committed"]),
        ("occurred_from=2019", &["dinars", "increased"]),
        ("occurred_from=2019-01-31", &["dinars", "increased"]),
        ("occurred_from=2019-02-01", &[]),
        ("occurred_to=2018-02-13", &["committed", "started"]),
        ("occurred_to=2017", &[]),
        (
            "occurred_from=2018-03&occurred_to=2018-03&stage=frozen",
            &["frozen"],
        ),
        ("updated_from=2018-01-01", &EVENTS),
        ("updated_to=2018-01-01", &[]),
    ] {
        let expected = names.iter().map(|name| made[name].clone()).collect();
        assert_eq!(ids(&app, query).await, expected, "{query}");
        let counted = app
            .get(&format!("/v1/events?limit=1&count=true&{query}"))
            .await
            .expect(200);
        assert_eq!(counted["count"], names.len(), "{query}");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn updated_speaks_of_the_event_and_not_of_its_pledge(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let made = furnished(&app).await;
    let pledge = format!("/v1/pledges/{}", made["us"]);
    let changed = app.patch(&pledge, json!({"purpose": "Stabilisation"})).await.ok();
    let from = format!("updated_from={}", text(&changed.body, "updated_at"));
    assert!(ids(&app, &from).await.is_empty(), "no event changed since");
    let event = format!("{pledge}/events/{}", made["frozen"]);
    app.patch(&event, json!({"note": "in March"})).await.ok();
    let one = BTreeSet::from([made["frozen"].clone()]);
    assert_eq!(
        ids(&app, &from).await,
        one,
        "though its pledge has changed with it"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_names_its_pledge_and_who_made_it_where(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let made = furnished(&app).await;
    let kuwait = "/v1/participants/KWT";
    let names = json!({"names": {"en": "Kuwait", "ar": "الكويت"}});
    app.patch(kuwait, names).await.ok();
    let found = app.get("/v1/events?stage=committed&lang=ar").await.expect(200);
    let one = &found.items()[0];
    let own = app
        .get(&format!("/v1/pledges/{}/events?stage=committed", made["kuwait"]))
        .await
        .expect(200);
    for (member, value) in own.items()[0].as_object().unwrap() {
        assert_eq!(
            &one[member], value,
            "{member} is what the pledge's own list shows"
        );
    }
    let title = app.get("/v1/meetings/conference?lang=ar").await["title"].clone();
    for (member, value) in [
        ("pledge", json!(made["kuwait"])),
        ("participant", json!("KWT")),
        ("participant_name", json!("الكويت")),
        ("meeting", json!("conference")),
        ("meeting_title", title),
        ("amount", json!("700.000")),
        ("currency", json!("KWD")),
        ("occurred_on", json!("2018")),
    ] {
        assert_eq!(one[member], value, "{member}");
    }
    // Of a commitment as a whole nobody is named; what moves no money is in no currency.
    let collective = app.get("/v1/events?stage=started").await.expect(200);
    for member in ["participant", "participant_name", "amount", "currency"] {
        assert_eq!(collective.items()[0][member], Value::Null, "{member}");
    }
    assert_eq!(collective.items()[0]["meeting"], "ministerial");
    let nowhere = &app.get("/v1/events?meeting=ministerial&stage=paid").await;
    assert_eq!(nowhere.items().len(), 1);
    let part = app
        .get("/v1/events?occurred_to=2018&stage=paid&amount_max=20&currency=USD")
        .await;
    assert_eq!(part.items()[0]["meeting_title"], Value::Null);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_an_event_refers_to_is_put_beside_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let made = furnished(&app).await;
    let article = app.article(json!({})).await;
    let cited = app
        .citation(&format!("events/{}", made["dinars"]), &article, json!({}))
        .await;
    let shown = app
        .get("/v1/events?currency=KWD&sort=occurred_on&expand=pledge,participant,meeting,citations&fields=stage,amount")
        .await
        .expect(200);
    assert_eq!(shown.items().len(), 3);
    for (item, stage) in shown.items().iter().zip(["committed", "dinars", "increased"]) {
        let expanded = &item["expanded"];
        assert_eq!(expanded["pledge"]["id"], made["kuwait"]);
        assert_eq!(expanded["pledge"]["pledged"], "1050.000");
        assert_eq!(expanded["participant"]["code"], "KWT");
        assert_eq!(expanded["meeting"]["slug"], "conference");
        let citations = expanded["citations"].as_array().unwrap();
        if stage == "dinars" {
            assert_eq!(citations[0]["id"], cited);
        } else {
            assert!(citations.is_empty(), "{stage}");
        }
        let members: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members.len(), 3, "{members:?}");
    }
    app.get("/v1/events?expand=events")
        .await
        .problem(400, "malformed")
        .fault("?expand");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn pages_in_every_order_are_the_whole_in_that_order(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    let whole = app.rows("/v1/events?limit=200&sort=created_at").await;
    assert_eq!(whole.len(), EVENTS.len());
    type Key = fn(&Value) -> Option<String>;
    let by_entry: Key = |row| row["id"].as_str().map(str::to_owned);
    // A partial date by its first day.
    let by_date: Key = |row| {
        let first = row["occurred_on"].as_str().unwrap();
        Some(format!("{first}{}", &"0000-01-01"[first.len()..]))
    };
    // Where a participant is named the server finds what matches first; amounts are filled to one length.
    let sorts: [(&str, &str, Key); 9] = [
        ("created_at", "", by_entry),
        ("created_at", "&participant=USA", by_entry),
        ("occurred_on", "", by_date),
        ("occurred_on", "&participant=USA", by_date),
        ("updated_at", "", |row| {
            row["updated_at"].as_str().map(str::to_owned)
        }),
        ("stage", "", |row| row["stage"].as_str().map(str::to_owned)),
        ("participant", "", |row| {
            row["participant"].as_str().map(str::to_owned)
        }),
        ("meeting", "", |row| row["meeting"].as_str().map(str::to_owned)),
        ("amount", "&currency=USD", |row| {
            row["amount"].as_str().map(|it| format!("{it:>12}"))
        }),
    ];
    for (sort, filter, key) in sorts {
        let of_dollars = |row: &&Value| row["participant"] == "USA";
        let of_whole = whole.iter().filter(|row| filter.is_empty() || of_dollars(row));
        for descending in [false, true] {
            let mut expected: Vec<_> = of_whole.clone().collect();
            expected.sort_by(|one, other| {
                let id = |row: &Value| text(row, "id").to_owned();
                let (ours, theirs) = (key(one), key(other));
                // Nulls last in either direction.
                ours.is_none().cmp(&theirs.is_none()).then_with(|| {
                    let order = (ours, id(one)).cmp(&(theirs, id(other)));
                    if descending { order.reverse() } else { order }
                })
            });
            let sign = if descending { "-" } else { "" };
            let path = format!("/v1/events?limit=2&sort={sign}{sort}{filter}");
            let pages = app.pages(&path).await;
            let paged: Vec<&Value> = pages.iter().flat_map(Answer::items).collect();
            assert_eq!(paged, expected, "{path}");
        }
    }
    // A cursor is of its own question.
    let next = app.get("/v1/events?limit=2&stage=paid").await.expect(200);
    let after = next["next"].as_str().unwrap().to_owned();
    app.get(&format!("/v1/events?limit=2&stage=committed&after={after}"))
        .await
        .problem(400, "malformed")
        .fault("?after");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn whole_exports_have_what_the_pages_have(#[case] engine: Engine) {
    let app = App::start(engine).await;
    furnished(&app).await;
    for sort in ["", "&sort=-occurred_on"] {
        let query = format!("/v1/events?currency=USD{sort}");
        let paged = app.rows(&format!("{query}&limit=2")).await;
        assert_eq!(paged.len(), 5);
        let lines = app.get(&format!("{query}&format=ndjson")).await.expect(200);
        let lines: Vec<Value> = lines
            .text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines, paged, "{query}");
        let table = app
            .get(&format!("{query}&format=csv&bom=false"))
            .await
            .expect(200);
        let mut rows = table.text.lines();
        let head = rows.next().unwrap();
        assert_eq!(
            head,
            "id,pledge,stage,occurred_on,to,amount,currency,equivalent,equivalent_currency,over,note,version,created_at,updated_at,participant,participant_name,meeting,meeting_title,counts"
        );
        for (row, of) in rows.zip(&paged) {
            assert!(row.starts_with(text(of, "id")), "{row}");
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn only_live_events_of_live_pledges_are_there(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let made = furnished(&app).await;
    let kuwait = format!("/v1/pledges/{}", made["kuwait"]);
    let event = format!("{kuwait}/events/{}", made["dinars"]);
    let all = ids(&app, "").await;
    let without = |names: &[&str]| -> BTreeSet<String> {
        let gone: Vec<_> = names.iter().map(|name| &made[name]).collect();
        all.iter().filter(|id| !gone.contains(id)).cloned().collect()
    };
    app.delete(&event).await.expect(204);
    assert_eq!(ids(&app, "").await, without(&["dinars"]));
    app.delete(&kuwait).await.expect(204);
    assert_eq!(
        ids(&app, "").await,
        without(&["dinars", "committed", "increased"])
    );
    app.restore(&kuwait).await.ok();
    assert_eq!(ids(&app, "").await, without(&["dinars"]));
    app.restore(&event).await.ok();
    assert_eq!(ids(&app, "").await, all);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_refused(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (query, parameter) in [
        ("participant=XYZ", "?participant"),
        ("meeting=nowhere", "?meeting"),
        ("coalition=none", "?coalition"),
        ("beneficiary=XYZ", "?beneficiary"),
        ("stage=given", "?stage"),
        ("occurred_from=soon", "?occurred_from"),
        ("occurred_to=2018-13", "?occurred_to"),
        ("updated_from=soon", "?updated_from"),
        ("amount_min=5", "?amount_min"),
        ("amount_max=5&currency=USD,EUR", "?amount_max"),
        ("sort=amount", "?sort"),
        ("sort=announced_on", "?sort"),
        ("pledge=1", "?pledge"),
        ("by=events", "?by"),
        ("limit=0", "?limit"),
        ("fields=state", "?fields"),
        ("format=csv&expand=pledge", "?expand"),
    ] {
        app.get(&format!("/v1/events?{query}"))
            .await
            .problem(400, "malformed")
            .fault(parameter);
    }
    assert!(app.get("/v1/events").await.expect(200).items().is_empty());
}
