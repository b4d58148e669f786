//! The Kuwait dossier: what the register must get right, as a reader asks for it.

use pledgebook::{seed, values::Clock};
use serde_json::Value;

use crate::{answer::Answer, prelude::*};

const MINISTERIAL: &str = "global-coalition-kuwait-2018";
const CONFERENCE: &str = "kicri-2018";
/// The five commitments of the ministerial's communiqué.
const DEFEAT: &str = "complete defeat of the group";
const STABILISATION: &str = "stabilisation of liberated communities";
const COMMAND: &str = "coalition command at Tampa stays in place";
const VOICES: &str = "support for local voices against the group's propaganda";
const SOCIAL_MEDIA: &str = "denying the group the use of social media";

/// A register with the reference participants and the dossier.
async fn kuwait(engine: Engine) -> App {
    with_the_dossier(App::start(engine).await).await
}

async fn with_the_dossier(app: App) -> App {
    app.load_the_dossier().await.unwrap();
    app
}

/// The one group of a total.
#[track_caller]
fn the_group(totals: &Answer) -> &Value {
    assert_eq!(totals["groups"].as_array().unwrap().len(), 1, "{totals}");
    &totals["groups"][0]
}

#[track_caller]
fn row<'a>(group: &'a Value, currency: &str) -> &'a Value {
    group["by_currency"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["currency"] == currency)
        .unwrap_or_else(|| panic!("no row in {currency} of {group}"))
}

/// The one pledge of a query.
async fn the_pledge(app: &App, query: &str) -> Answer {
    let found = app.get(&format!("/v1/pledges?{query}")).await.expect(200);
    assert_eq!(found.items().len(), 1, "{found}");
    app.pledge_now(found.items()[0]["id"].as_str().unwrap()).await
}

/// The commitment of the communiqué that says this.
async fn commitment(app: &App, purpose: &str) -> Answer {
    let five = app
        .get(&format!("/v1/pledges?meeting={MINISTERIAL}&collective=true"))
        .await
        .expect(200);
    let found = five.items().iter().find(|it| it["purpose"] == purpose);
    app.pledge_now(found.unwrap()["id"].as_str().unwrap()).await
}

/// Every value of a field that some source states otherwise than the register holds.
fn stated(of: &Answer, field: &str) -> Vec<Value> {
    let mut values: Vec<Value> = of["conflicts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|conflict| conflict["field"] == field)
        .flat_map(|conflict| conflict["stated"].as_array().unwrap())
        .map(|stated| stated["value"].clone())
        .collect();
    values.sort_by_key(ToString::to_string);
    values
}

async fn totals_of(app: &App, meeting: &str) -> Answer {
    app.get(&format!("/v1/meetings/{meeting}/totals"))
        .await
        .expect(200)
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_million_is_not_the_whole_answer(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    // G1: who promised what, where, and who said so.
    let pledge = the_pledge(&app, &format!("meeting={MINISTERIAL}&participant=USA")).await;
    for (name, value) in [
        ("participant", "USA"),
        ("meeting", MINISTERIAL),
        ("instrument", "unspecified"),
        ("qualifier", "exact"),
        ("amount", "200000000.00"),
        ("currency", "USD"),
        ("beneficiary", "SYR"),
        ("announced_on", "2018-02-13"),
        ("announced_by_name", "Rex Tillerson"),
        ("announced_by_office", "Secretary of State"),
        // G2: what became of it.
        ("pledged", "200000000.00"),
        ("counted", "200000000.00"),
        ("committed", "0.00"),
        ("paid", "6600000.00"),
        ("withdrawn", "193400000.00"),
        ("outstanding", "0.00"),
        ("state", "withdrawn"),
    ] {
        assert_eq!(pledge[name], value, "{name}");
    }
    let events = app
        .get(&format!("/v1/pledges/{}/events?sort=occurred_on", pledge.id()))
        .await
        .expect(200);
    assert_eq!(events.each("stage"), ["frozen", "released", "paid", "redirected"]);
    assert_eq!(
        events.each("occurred_on"),
        ["2018-03", "2018-06", "2018-06", "2018-08-17"]
    );
    // A report of 230 redirected stands beside the 193.4 that the register prefers.
    let redirected = events.items()[3]["id"].as_str().unwrap();
    let redirected = app
        .get(&format!("/v1/pledges/{}/events/{redirected}", pledge.id()))
        .await
        .expect(200);
    assert_eq!(redirected["amount"], "193400000.00");
    assert_eq!(stated(&redirected, "amount"), ["230000000.00"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_ministerial_has_none_of_the_conference_s_billions(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let totals = totals_of(&app, MINISTERIAL).await;
    let group = the_group(&totals);
    assert_eq!(
        group["by_currency"],
        json!([{
            "currency": "USD", "pledges": 1, "unbounded": 0, "min": "200000000.00", "point": "200000000.00", "max": "200000000.00",
            "committed": "0.00", "paid": "6600000.00", "withdrawn": "193400000.00", "outstanding": "0.00",
        }])
    );
    assert_eq!(
        [&group["pledges"], &group["unquantified"], &group["unbounded"]],
        [6, 5, 0]
    );
    assert_eq!(totals["excluded"], json!([]));
    // Nor has the coalition: only its own meetings' pledges.
    let coalition = app
        .totals("coalition=global-coalition-against-daesh&group_by=meeting")
        .await;
    let points: Vec<_> = coalition["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (&group["key"]["meeting"], &row(group, "USD")["point"]))
        .collect();
    assert_eq!(
        points,
        [
            (&json!("global-coalition-brussels-2018"), &json!("100000000.00")),
            (&json!(MINISTERIAL), &json!("200000000.00"))
        ]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_communique_s_commitments_are_political_and_collective(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let five = app
        .get(&format!(
            "/v1/pledges?meeting={MINISTERIAL}&instrument=political&count=true"
        ))
        .await
        .expect(200);
    assert_eq!(five["count"], 5);
    for commitment in five.items() {
        for name in [
            "participant",
            "qualifier",
            "amount_min",
            "amount",
            "amount_max",
            "currency",
            "pledged",
            "counted",
            "paid",
        ] {
            assert_eq!(commitment[name], Value::Null, "{name} of {commitment}");
        }
    }
    // What became of each follows from its events; most have none.
    for (purpose, state) in [
        (DEFEAT, "open"),
        (STABILISATION, "in_progress"),
        (COMMAND, "fulfilled"),
        (VOICES, "open"),
        (SOCIAL_MEDIA, "open"),
    ] {
        assert_eq!(commitment(&app, purpose).await["state"], state, "{purpose}");
    }
    let collective = app
        .get(&format!("/v1/pledges?meeting={MINISTERIAL}&collective=true"))
        .await
        .expect(200);
    assert_eq!(collective.items(), five.items());
    // Adopted by all who attended, as far as the sources name them.
    let attendance = app
        .get(&format!("/v1/meetings/{MINISTERIAL}/attendance"))
        .await
        .expect(200);
    assert!(
        attendance.each("adopted").iter().all(|adopted| **adopted == true),
        "{attendance}"
    );
    let adopting = app
        .get(&format!("/v1/meetings/{MINISTERIAL}/attendance?adopted=true"))
        .await
        .expect(200);
    assert_eq!(adopting.items().len(), attendance.items().len());
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn partners_were_counted_in_several_ways(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let meeting = app.get(&format!("/v1/meetings/{MINISTERIAL}")).await.expect(200);
    assert_eq!(meeting["participant_count"], 75);
    assert_eq!(stated(&meeting, "participant_count"), [68, 74]);
    // The Philippines joined that day.
    let on = async |day: &str| {
        let members = app
            .get(&format!(
                "/v1/coalitions/global-coalition-against-daesh/members?limit=200&on={day}"
            ))
            .await
            .expect(200);
        members.each("participant").contains(&&json!("PHL"))
    };
    assert!(!on("2018-02-12").await);
    assert!(on("2018-02-13").await);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_conference_s_pledges_stand_each_in_its_currency_and_instrument(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let conference = app.get(&format!("/v1/meetings/{CONFERENCE}")).await.expect(200);
    for (name, value) in [
        ("coalition", Value::Null),
        ("headline_amount", json!("30000000000.00")),
        ("need_amount", json!("88200000000.00")),
        ("headline_currency", json!("USD")),
        ("starts_on", json!("2018-02-12")),
        ("ends_on", json!("2018-02-14")),
    ] {
        assert_eq!(conference[name], value, "{name}");
    }
    let totals = app
        .get(&format!("/v1/meetings/{CONFERENCE}/totals"))
        .await
        .expect(200);
    let group = the_group(&totals);
    assert_eq!(
        [&group["pledges"], &group["unquantified"], &group["unbounded"]],
        [14, 0, 0]
    );
    let figures = |currency: &str| {
        let row = row(group, currency);
        ["pledges", "min", "point", "max", "outstanding"].map(|name| row[name].clone())
    };
    // The headline of 30 billion is a claim; this is what there is of it. Britain's offer moves the maximum alone.
    assert_eq!(
        figures("USD"),
        [
            json!(12),
            json!("15100000000.00"),
            json!("15100000000.00"),
            json!("25100000000.00"),
            json!("15100000000.00")
        ]
    );
    assert_eq!(
        figures("EUR"),
        [
            json!(2),
            json!("900000000.00"),
            json!("900000000.00"),
            json!("900000000.00"),
            json!("900000000.00")
        ]
    );
    assert_eq!(group["by_currency"].as_array().unwrap().len(), 2);
    let split = app
        .totals(&format!(
            "meeting={CONFERENCE}&group_by=participant,instrument,currency"
        ))
        .await;
    let mut found: Vec<_> = split["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| {
            let key = |name: &str| group["key"][name].as_str().unwrap();
            let row = row(group, key("currency"));
            (
                key("participant"),
                key("instrument"),
                key("currency"),
                row["point"].as_str().unwrap_or("none"),
            )
        })
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("AFESD", "loan", "USD", "1500000000.00"),
            ("ARE", "investment", "USD", "500000000.00"),
            ("AUS", "unspecified", "USD", "100000000.00"),
            ("DEU", "unspecified", "EUR", "500000000.00"),
            ("EU", "grant", "EUR", "400000000.00"),
            ("GBR", "export_credit", "USD", "none"),
            ("ISDB", "unspecified", "USD", "500000000.00"),
            ("KWT", "investment", "USD", "1000000000.00"),
            ("KWT", "loan", "USD", "1000000000.00"),
            ("QAT", "investment", "USD", "1000000000.00"),
            ("SAU", "export_credit", "USD", "500000000.00"),
            ("SAU", "investment", "USD", "1000000000.00"),
            ("TUR", "credit_line", "USD", "5000000000.00"),
            ("USA", "credit_line", "USD", "3000000000.00"),
        ]
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn up_to_a_billion_a_year_has_no_point(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let pledge = the_pledge(&app, "participant=GBR").await;
    for (name, value) in [
        ("instrument", json!("export_credit")),
        ("qualifier", json!("up_to")),
        ("amount_min", json!("0.00")),
        ("amount", Value::Null),
        ("amount_max", json!("10000000000.00")),
        ("counted_min", json!("0.00")),
        ("counted", Value::Null),
        ("counted_max", json!("10000000000.00")),
        ("outstanding", Value::Null),
        ("period_from", json!("2018")),
        ("period_to", json!("2028")),
        ("state", json!("open")),
    ] {
        assert_eq!(pledge[name], value, "{name}");
    }
    let totals = app.totals("participant=GBR").await;
    assert_eq!(
        row(the_group(&totals), "USD"),
        &json!({"currency": "USD", "pledges": 1, "unbounded": 0, "min": "0.00", "point": null, "max": "10000000000.00",
                "committed": "0.00", "paid": "0.00", "withdrawn": "0.00", "outstanding": null})
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn euros_that_the_press_gave_in_dollars_are_conflicts_not_pledges(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let germany = the_pledge(&app, "participant=DEU").await;
    assert_eq!(
        (&germany["amount"], &germany["currency"]),
        (&json!("500000000.00"), &json!("EUR"))
    );
    assert_eq!(stated(&germany, "amount"), ["616000000.00", "617000000.00"]);
    assert_eq!(stated(&germany, "currency"), ["USD"]);
    let union = the_pledge(&app, "participant=EU").await;
    assert_eq!(union["instrument"], "grant");
    assert_eq!(stated(&union, "amount"), ["494000000.00"]);
    assert_eq!(stated(&union, "instrument"), ["investment"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn euros_converted_on_the_day_come_near_what_the_press_had(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    for (participant, press) in [("DEU", 617.0), ("EU", 494.0)] {
        let totals = app.totals(&format!("participant={participant}&in=USD")).await;
        let group = the_group(&totals);
        // A second figure beside the first, never instead of it.
        assert!(row(group, "EUR")["point"].is_string());
        let converted = &group["converted"];
        assert_eq!(
            (&converted["currency"], &converted["unconverted"]),
            (&json!("USD"), &json!([]))
        );
        let millions = converted["point"].as_str().unwrap().parse::<f64>().unwrap() / 1e6;
        assert!((millions - press).abs() < 1.0, "{participant}: {millions}");
        let rate = &totals["rates"][0];
        assert_eq!(
            (&rate["currency"], &rate["date"]),
            (&json!("EUR"), &json!("2018-02-14"))
        );
        assert!(
            rate["per_usd"].is_string() && rate["source"].is_string(),
            "{rate}"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn everything_converts_to_the_readers_currencies(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    for currency in [
        "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "TRY", "SEK", "NOK", "DKK",
    ] {
        let totals = app.totals(&format!("in={currency}")).await;
        let converted = &the_group(&totals)["converted"];
        assert_eq!(converted["currency"], currency);
        assert_eq!(converted["unconverted"], json!([]), "{currency}");
        let parts = ["point", "paid", "withdrawn", "outstanding"];
        assert!(
            parts.iter().all(|part| converted[part].is_string()),
            "{converted}"
        );
    }
    for (participant, dollars) in [("DEU", "617400000.00"), ("EU", "493920000.00")] {
        let totals = app.totals(&format!("participant={participant}&in=USD")).await;
        assert_eq!(the_group(&totals)["converted"]["point"], dollars);
        assert_eq!(totals["rates"][0]["source"], "ECB");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_saudi_hundred_counts_once(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let july = the_pledge(&app, "participant=SAU&meeting=global-coalition-brussels-2018").await;
    let headline = the_pledge(&app, "collective=true&currency=USD").await;
    let august = the_pledge(&app, "participant=SAU&state=restated").await;
    let emirates = the_pledge(&app, "participant=ARE&announced_from=2018-08").await;
    for (pledge, pledged, counted) in [
        (&july, "100000000.00", "100000000.00"),
        (&headline, "300000000.00", "150000000.00"),
        (&august, "100000000.00", "0.00"),
        (&emirates, "50000000.00", "50000000.00"),
    ] {
        assert_eq!(
            (&pledge["pledged"], &pledge["counted"]),
            (&json!(pledged), &json!(counted)),
            "{pledge}"
        );
    }
    assert_eq!(
        (&august["restates"], &august["parent"]),
        (&json!(july.id()), &json!(headline.id()))
    );
    assert_eq!(
        (
            &headline["meeting"],
            &headline["participant"],
            &emirates["parent"]
        ),
        (&Value::Null, &Value::Null, &json!(headline.id()))
    );
    // All four announcements, and what they come to.
    let totals = app
        .totals("beneficiary=SYR&announced_from=2018-07&announced_to=2018-08")
        .await;
    let group = the_group(&totals);
    assert_eq!(group["pledges"], 3);
    assert_eq!(row(group, "USD")["point"], "300000000.00");
    let left_out: Vec<_> = totals["excluded"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["reason"], &it["pledges"], &row(it, "USD")["point"]))
        .collect();
    assert_eq!(
        left_out,
        [
            (&json!("restated"), &json!(1), &json!("100000000.00")),
            (&json!("covered_by_children"), &json!(0), &json!("150000000.00"))
        ]
    );
    // August alone has the Emirates' and the remainder; the Saudi hundred is July's.
    let august = app.totals("announced_from=2018-08&announced_to=2018-08").await;
    assert_eq!(row(the_group(&august), "USD")["point"], "200000000.00");
    let saudi = app.totals("participant=SAU&beneficiary=SYR").await;
    assert_eq!(row(the_group(&saudi), "USD")["point"], "100000000.00");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_state_has_the_name_of_the_day(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    for (code, day, name) in [
        ("SWZ", "2018-02-13", "Swaziland"),
        ("SWZ", "2018-04-18", "Swaziland"),
        ("SWZ", "2018-04-19", "Eswatini"),
        ("MKD", "2019-02-11", "the former Yugoslav Republic of Macedonia"),
        ("MKD", "2019-02-12", "North Macedonia"),
        ("TUR", "2018-02-14", "Turkey"),
        ("TUR", "2023", "Türkiye"),
        ("CZE", "2015", "Czech Republic"),
        ("CZE", "2018-02-13", "Czechia"),
    ] {
        let named = app
            .get(&format!("/v1/participants/{code}?names_at={day}"))
            .await
            .expect(200);
        assert_eq!(named["name"], name, "{code} on {day}");
        let listed = app
            .get(&format!("/v1/participants?code={code}&names_at={day}"))
            .await
            .expect(200);
        assert_eq!(listed.each("name"), [name], "{code} on {day}");
    }
    let arabic = app
        .get("/v1/participants/swz?names_at=2018-02-13&lang=ar")
        .await
        .expect(200);
    assert_eq!(arabic["name"], "سوازيلند");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_register_answers_in_arabic(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let meeting = app
        .get_with(
            &format!("/v1/meetings/{MINISTERIAL}"),
            &[("Accept-Language", "ar-KW, en;q=0.5")],
        )
        .await
        .expect(200);
    assert_eq!(
        meeting["title"],
        "الاجتماع الوزاري للتحالف الدولي ضد داعش، الكويت 2018"
    );
    assert_eq!(meeting.header("content-language"), Some("ar"));
    assert!(meeting.header("vary").unwrap().contains("Accept-Language"));
    let pledges = app
        .get(&format!(
            "/v1/pledges?meeting={MINISTERIAL}&participant=USA&lang=ar"
        ))
        .await
        .expect(200);
    assert_eq!(pledges.items()[0]["participant_name"], "الولايات المتحدة");
    let totals = app
        .totals(&format!("meeting={CONFERENCE}&group_by=participant&lang=ar"))
        .await;
    let names: Vec<_> = totals["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["names"]["participant"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"تركيا") && names.contains(&"الاتحاد الأوروبي"),
        "{names:?}"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_quote_stands_in_its_article(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let citations = app.get("/v1/citations?limit=200&count=true").await.expect(200);
    assert_eq!(citations["count"], citations.items().len());
    let mut arabic = 0;
    for citation in citations.items() {
        let article = citation["article"].as_str().unwrap();
        let article = app.get(&format!("/v1/articles/{article}")).await.expect(200);
        let (Some(start), Some(end)) = (citation["start"].as_u64(), citation["end"].as_u64()) else {
            continue;
        };
        let length = usize::try_from(end - start).unwrap();
        let there: String = article["body"]
            .as_str()
            .unwrap()
            .chars()
            .skip(usize::try_from(start).unwrap())
            .take(length)
            .collect();
        assert_eq!(citation["quote"], there);
        arabic += usize::from(article["language"] == "ar");
    }
    assert!(arabic > 10, "the dossier is in Arabic too");
    // And every pledge has a sentence that says so.
    let uncited = app.get("/v1/pledges?cited=false").await.expect(200);
    assert_eq!(uncited.items().len(), 0, "{uncited}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_background_of_2016_is_a_citation_and_no_pledge(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let citations = app
        .get(&format!("/v1/meetings/{MINISTERIAL}/citations?limit=200"))
        .await
        .expect(200);
    let background: Vec<_> = citations
        .items()
        .iter()
        .filter(|citation| {
            citation["quote"]
                .as_str()
                .is_some_and(|quote| quote.contains("سرت"))
        })
        .collect();
    assert_eq!(background.len(), 1, "{citations}");
    assert_eq!(background[0]["states"], json!({}));
    assert_eq!(background[0]["subject"], format!("meetings/{MINISTERIAL}"));
    let article = background[0]["article"].as_str().unwrap();
    let article = app.get(&format!("/v1/articles/{article}")).await.expect(200);
    assert_eq!(article["language"], "ar");
    // Nobody pledged anything for Libya, or in 2016.
    assert_eq!(
        app.get("/v1/pledges?beneficiary=LBY")
            .await
            .expect(200)
            .items()
            .len(),
        0
    );
    let early = app.get("/v1/pledges?announced_to=2017").await.expect(200);
    assert_eq!(early.items().len(), 0);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_dossier_is_loaded_like_any_other_write(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let again = seed::participants(app.register()).await.unwrap();
    assert_eq!(again, 0, "reference participants come once");
    let changes = app
        .get("/v1/changes?resource=pledges&op=create&limit=200&count=true")
        .await
        .expect(200);
    assert_eq!(changes["count"], app.get("/v1/pledges?count=true").await["count"]);
    assert!(changes.each("reason").iter().all(|reason| reason.is_string()));
    // A second time, its articles are there already, and nothing of it is kept twice.
    assert!(app.load_the_dossier().await.is_err());
    assert_eq!(app.get("/v1/pledges?limit=200").await.items().len(), 24);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_has_the_five_commitments_beside_their_members(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let path = format!("/v1/meetings/{MINISTERIAL}/matrix");
    let matrix = app.get(&path).await.expect(200);
    let commitments: Vec<_> = matrix["commitments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| json!([it["purpose"], it["state"], it["due"], it["overdue"]]))
        .collect();
    assert_eq!(
        json!(commitments),
        json!([
            [DEFEAT, "open", null, false],
            [STABILISATION, "in_progress", "2018", true],
            [COMMAND, "fulfilled", "2018-12-31", false],
            [VOICES, "open", "2019-12", true],
            [SOCIAL_MEDIA, "open", null, false],
        ])
    );
    // What is made up is nobody's who was there.
    let members: Vec<_> = matrix["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| json!([it["participant"], it["role"]]))
        .collect();
    assert_eq!(
        json!(members),
        json!([
            ["EXAMPLE", null],
            ["KWT", "host"],
            ["PHL", "member"],
            ["USA", "member"]
        ])
    );
    let cells = matrix["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 5 * 3 + 2, "all who attended adopted all five");
    let cell = |commitment: &Answer, participant: &str| {
        let of = |it: &&Value| it["pledge"] == commitment.id() && it["participant"] == participant;
        cells.iter().find(of).unwrap()
    };
    let command = commitment(&app, COMMAND).await;
    let social_media = commitment(&app, SOCIAL_MEDIA).await;
    for (commitment, participant, stance, by, obliged, disputed) in [
        (&command, "EXAMPLE", "dissociated", "statement", false, false),
        (&social_media, "EXAMPLE", "reserved", "statement", true, true),
        (&social_media, "KWT", "adopted", "statement", true, false),
        (&social_media, "PHL", "adopted", "attendance", true, false),
    ] {
        let cell = cell(commitment, participant);
        for (name, value) in [
            ("stance", json!(stance)),
            ("by", json!(by)),
            ("obliged", json!(obliged)),
            ("disputed", json!(disputed)),
        ] {
            assert_eq!(cell[name], value, "{name} of {cell}");
        }
    }
    // Two scales, two verdicts; the interim one has given way.
    assert_eq!(
        cell(&social_media, "EXAMPLE")["assessments"],
        json!([
            {"assessor": "Example Monitor", "scale": "completion-5", "value": "limited", "meaning": "partly", "kind": "final"},
            {"assessor": "Example Research Group", "scale": "g20-compliance", "value": "+1", "meaning": "kept", "kind": "final"},
        ])
    );
    let csv = app.get(&format!("{path}?format=csv")).await.expect(200);
    let rows: Vec<&str> = csv.text.trim_end().split("\r\n").skip(1).collect();
    assert_eq!(rows.len(), cells.len());
    // Of its six sources two are of the commitment, two of what it states, two of the latest assessments.
    let disputed = format!(
        "{},{SOCIAL_MEDIA},EXAMPLE,Example Organisation,,reserved,statement,true,6,true,\"Example Monitor: limited; Example Research Group: +1\"",
        social_media.id()
    );
    assert!(rows.contains(&disputed.as_str()), "{csv}");
    let arabic = app.get(&format!("{path}?format=csv&lang=ar")).await.expect(200);
    assert!(
        arabic.text.contains(",EXAMPLE,منظمة المثال,,reserved,"),
        "{arabic}"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_reservation_stands_in_two_languages_with_its_source(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    let social_media = commitment(&app, SOCIAL_MEDIA).await;
    let path = format!("/v1/pledges/{}/adherents/EXAMPLE", social_media.id());
    let adherent = app.get(&path).await.expect(200);
    assert_eq!(
        (&adherent["stance"], &adherent["on"]),
        (&json!("reserved"), &json!("2018-09-10"))
    );
    assert_eq!(
        adherent["text"],
        json!({
            "en": "What the group itself publishes should be taken down, not what reporters and researchers write about it.",
            "ar": "نطلب حجب ما ينشره التنظيم نفسه، لا ما يكتبه عنه الصحفيون والباحثون.",
        })
    );
    // It had joined before, and that is not lost.
    assert_eq!(adherent["statements"][0]["stance"], "joined");
    let citations = app.get(&format!("{path}/citations")).await.expect(200);
    let stated: Vec<_> = citations
        .items()
        .iter()
        .filter(|it| it["states"]["stance"] == "reserved")
        .collect();
    assert_eq!(stated.len(), 1, "{citations}");
    assert!(
        stated[0]["quote"].as_str().unwrap().contains("تحفظا"),
        "{citations}"
    );
    // Who stands behind it: three who attended, and one who joined.
    let all = app
        .get(&format!("/v1/pledges/{}/adherents", social_media.id()))
        .await
        .expect(200);
    let mut who = all.each("participant");
    who.sort_by_key(ToString::to_string);
    assert_eq!(who, ["EXAMPLE", "KWT", "PHL", "USA"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn assessors_agree_on_one_commitment_and_not_on_the_other(#[case] engine: Engine) {
    let app = kuwait(engine).await;
    for (purpose, disputed, assessments) in [
        (
            STABILISATION,
            false,
            json!([
                ["Example Research Group", "0", "partly", true],
                ["Example Monitor", "substantial", "partly", true]
            ]),
        ),
        (
            SOCIAL_MEDIA,
            true,
            json!([
                ["Example Research Group", "0", "partly", false],
                ["Example Research Group", "+1", "kept", true],
                ["Example Monitor", "limited", "partly", true],
            ]),
        ),
    ] {
        let pledge = commitment(&app, purpose).await;
        assert_eq!(pledge["disputed"], disputed, "{purpose}");
        let found = app
            .get(&format!(
                "/v1/assessments?subject=pledges/{}&sort=created_at",
                pledge.id()
            ))
            .await
            .expect(200);
        let said: Vec<_> = found
            .items()
            .iter()
            .map(|it| json!([it["assessor"], it["value"], it["meaning"], it["latest"]]))
            .collect();
        assert_eq!(json!(said), assessments, "{purpose}");
        for assessment in found.items() {
            let id = assessment["id"].as_str().unwrap();
            let cited = app
                .get(&format!("/v1/assessments/{id}/citations"))
                .await
                .expect(200);
            assert_eq!(cited.items().len(), 1, "{assessment} has its sentence");
            assert_eq!(cited.items()[0]["states"]["value"], assessment["value"]);
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_due_is_told_by_its_latest_date(#[case] engine: Engine) {
    let clock = Clock::telling(|| "2019-06-01T09:00:00Z".parse().unwrap());
    let app = with_the_dossier(App::start_at(engine, clock).await).await;
    let purposes = async |query: &str| {
        let due = app.get(&format!("/v1/due{query}")).await.expect(200);
        due.items()
            .iter()
            .map(|it| json!([it["purpose"], it["due"], it["overdue"]]))
            .collect::<Vec<_>>()
    };
    let late = json!([STABILISATION, "2018", true]);
    let moved = json!([VOICES, "2019-12", false]);
    assert_eq!(purposes("").await, std::slice::from_ref(&late));
    assert_eq!(purposes("?within=212d").await, std::slice::from_ref(&late));
    assert_eq!(purposes("?within=213d").await, [late, moved]);
    // The first date stays beside the one to which it was moved.
    let voices = commitment(&app, VOICES).await;
    for (name, value) in [
        ("due_on", "2019-02-13"),
        ("first_due_on", "2019-02-13"),
        ("due", "2019-12"),
        ("state", "open"),
    ] {
        assert_eq!(voices[name], value, "{name}");
    }
    assert_eq!(voices["overdue"], false);
    let moves = app
        .get(&format!("/v1/events?meeting={MINISTERIAL}&stage=rescheduled"))
        .await
        .expect(200);
    assert_eq!(moves.each("pledge"), [&json!(voices.id())]);
    assert_eq!(moves.each("to"), ["2019-12"]);
    // What was kept late is due no more, and says by how much.
    let command = commitment(&app, COMMAND).await;
    assert_eq!(
        (&command["kept_late_days"], &command["overdue"]),
        (&json!(44), &json!(false))
    );
    // Britain's ten years have a last one, which ends before its period does.
    let britain = the_pledge(&app, "participant=GBR").await;
    assert_eq!(
        (&britain["due"], &britain["overdue"]),
        (&json!("2028-02-13"), &json!(false))
    );
}
