//! A meeting's commitments beside its members.

use pledgebook::db::Sql;
use serde_json::Value;

use crate::prelude::*;

/// A communiqué of two commitments, and a grant; who attended adopted them or not, and some state more.
struct Communique {
    app: App,
    first: String,
    second: String,
    grant: String,
}

impl Communique {
    async fn of(engine: Engine) -> Self {
        let app = App::start(engine).await;
        let meeting = app.meeting("kuwait-2018").await;
        app.attendance(&meeting, "USA", json!({"role": "co_chair", "adopted": true}))
            .await;
        app.attendance(&meeting, "KWT", json!({"role": "host", "adopted": true}))
            .await;
        app.attendance(&meeting, "JOR", json!({"role": "observer"})).await;
        app.participant("FRA").await;
        app.participant("DEU").await;
        let commitment = async |purpose: &str| {
            app.pledge_with(json!({"meeting": meeting, "instrument": "political", "purpose": purpose}))
                .await
        };
        let first = commitment("Deny it social media").await;
        let second = commitment("Support local voices").await;
        let grant = app
            .pledge_with(json!({"meeting": meeting, "participant": "DEU", "qualifier": "exact", "amount": "5.00", "currency": "USD"}))
            .await;
        for (pledge, participant, stance) in [
            (&first, "KWT", "reserved"),
            (&first, "FRA", "joined"),
            (&second, "USA", "dissociated"),
        ] {
            app.put(
                &format!("/v1/pledges/{pledge}/adherents/{participant}"),
                json!({"stance": stance, "text": (stance == "reserved").then_some("In part.")}),
            )
            .await
            .created();
        }
        Self {
            app,
            first,
            second,
            grant,
        }
    }

    async fn matrix(&self, query: &str) -> Value {
        let path = format!("/v1/meetings/kuwait-2018/matrix{query}");
        self.app.get(&path).await.expect(200).body
    }

    async fn assess(&self, pledge: &str, participant: Option<&str>, assessor: &str, value: &str) -> String {
        let values = json!([
            {"value": "-1", "meaning": "not_kept"}, {"value": "0", "meaning": "partly"}, {"value": "+1", "meaning": "kept"},
        ]);
        self.app
            .put(
                "/v1/scales/lights",
                json!({"names": {"en": "Lights"}, "values": values}),
            )
            .await
            .ok();
        let body = json!({"subject": format!("pledges/{pledge}"), "participant": participant, "assessor": assessor,
            "scale": "lights", "value": value});
        self.app.post("/v1/assessments", body).await.created().id()
    }
}

/// The cells, each as pledge, participant, stance, by, obliged.
fn stances(matrix: &Value) -> Vec<Value> {
    let of = |cell: &Value| {
        json!([
            cell["pledge"],
            cell["participant"],
            cell["stance"],
            cell["by"],
            cell["obliged"]
        ])
    };
    matrix["cells"].as_array().unwrap().iter().map(of).collect()
}

fn cell<'a>(matrix: &'a Value, pledge: &str, participant: &str) -> &'a Value {
    let mut cells = matrix["cells"].as_array().unwrap().iter();
    cells
        .find(|it| it["pledge"] == *pledge && it["participant"] == *participant)
        .unwrap()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn each_commitment_stands_beside_whoever_it_binds_or_does_not(#[case] engine: Engine) {
    let it = Communique::of(engine).await;
    let political = it.matrix("").await;
    let commitments = political["commitments"].as_array().unwrap();
    assert_eq!(
        commitments[0],
        json!({"pledge": it.first, "purpose": "Deny it social media", "state": "open", "due": null, "overdue": false})
    );
    assert_eq!(commitments.len(), 2);
    let members: Vec<_> = political["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| json!([member["participant"], member["name"], member["role"]]))
        .collect();
    assert_eq!(
        json!(members),
        json!([
            ["FRA", "FRA", null],
            ["JOR", "JOR", "observer"],
            ["KWT", "Kuwait", "host"],
            ["USA", "United States", "co_chair"]
        ])
    );
    // Who attended without adopting, and states nothing, has no cell.
    assert_eq!(
        json!(stances(&political)),
        json!([
            [it.first, "FRA", "joined", "statement", true],
            [it.first, "KWT", "reserved", "statement", true],
            [it.first, "USA", "adopted", "attendance", true],
            [it.second, "KWT", "adopted", "attendance", true],
            [it.second, "USA", "dissociated", "statement", false],
        ])
    );
    let all = it.matrix("?kind=all&lang=ar").await;
    assert_eq!(all["commitments"].as_array().unwrap().len(), 3);
    assert_eq!(
        json!(stances(&all).last()),
        json!([it.grant, "DEU", null, "pledge", true])
    );
    let deu = all["members"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["participant"] == "DEU")
        .unwrap();
    assert_eq!(deu["role"], Value::Null);
    let kwt = all["members"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["participant"] == "KWT")
        .unwrap();
    assert_eq!(kwt["name"], "الكويت");
    for (query, count) in [
        ("?kind=political", 2),
        ("?instrument=grant", 1),
        ("?kind=all&instrument=grant,political", 3),
        ("?kind=all&state=open", 3),
        ("?kind=all&state=fulfilled", 0),
        ("?kind=political&instrument=political", 2),
    ] {
        let found = it.matrix(query).await["commitments"].as_array().unwrap().len();
        assert_eq!(found, count, "{query}");
    }
    for (query, parameter) in [
        ("kind=political&instrument=grant", "?instrument"),
        ("kind=some", "?kind"),
        ("state=done", "?state"),
        ("participant=USA", "?participant"),
    ] {
        it.app
            .get(&format!("/v1/meetings/kuwait-2018/matrix?{query}"))
            .await
            .problem(400, "malformed")
            .fault(parameter);
    }
    it.app
        .get("/v1/meetings/none/matrix")
        .await
        .problem(404, "not_found");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_cell_says_what_is_evidenced_and_what_assessors_say(#[case] engine: Engine) {
    let it = Communique::of(engine).await;
    let article = it.app.article(json!({})).await;
    let cite = async |subject: String| it.app.citation(&subject, &article, json!({})).await;
    let earlier = it.assess(&it.first, Some("KWT"), "B", "0").await;
    cite(format!("assessments/{earlier}")).await;
    let later = it
        .app
        .post(
            "/v1/assessments",
            json!({"subject": format!("pledges/{}", it.first), "participant": "KWT", "assessor": "B", "scale": "lights",
                "value": "+1", "kind": "interim", "replaces": earlier}),
        )
        .await
        .created()
        .id();
    it.assess(&it.first, Some("KWT"), "A", "-1").await;
    // Of the whole, and of another: neither is of this member.
    it.assess(&it.first, None, "C", "+1").await;
    it.assess(&it.first, Some("FRA"), "A", "+1").await;
    cite(format!("assessments/{later}")).await;
    cite(format!("pledges/{}", it.first)).await;
    let gone = cite(format!("pledges/{}", it.first)).await;
    it.app.delete(&format!("/v1/citations/{gone}")).await.expect(204);
    cite(format!("pledges/{}/adherents/KWT", it.first)).await;
    cite(format!("pledges/{}/adherents/KWT", it.first)).await;
    let matrix = it.matrix("").await;
    let kwt = cell(&matrix, &it.first, "KWT");
    assert_eq!(
        kwt["assessments"],
        json!([
            {"assessor": "A", "scale": "lights", "value": "-1", "meaning": "not_kept", "kind": "final"},
            {"assessor": "B", "scale": "lights", "value": "+1", "meaning": "kept", "kind": "interim"},
        ])
    );
    // One of the pledge, two of what it states, one of the latest assessment.
    assert_eq!((&kwt["evidence"], &kwt["disputed"]), (&json!(4), &json!(true)));
    let fra = cell(&matrix, &it.first, "FRA");
    assert_eq!((&fra["evidence"], &fra["disputed"]), (&json!(1), &json!(false)));
    assert_eq!(cell(&matrix, &it.second, "KWT")["evidence"], 0);
    // Of a pledge that is one's own: its events count, and what is said of the whole.
    let event = it.app.event(&it.grant, "paid", "1.00", "2018-03").await;
    cite(format!("events/{event}")).await;
    cite(format!("pledges/{}", it.grant)).await;
    it.assess(&it.grant, None, "A", "+1").await;
    it.assess(&it.grant, Some("DEU"), "B", "0").await;
    let all = it.matrix("?kind=all").await;
    let deu = cell(&all, &it.grant, "DEU");
    assert_eq!((&deu["evidence"], &deu["disputed"]), (&json!(2), &json!(true)));
    assert_eq!(deu["assessments"].as_array().unwrap().len(), 2);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_matrix_is_a_table_of_its_cells(#[case] engine: Engine) {
    let it = Communique::of(engine).await;
    it.assess(&it.first, Some("KWT"), "B", "0").await;
    it.assess(&it.first, Some("KWT"), "A, the first", "-1").await;
    let csv = it
        .app
        .get("/v1/meetings/kuwait-2018/matrix?format=csv&lang=fr")
        .await
        .expect(200);
    let lines: Vec<&str> = csv.text.trim_end().split("\r\n").collect();
    assert_eq!(
        lines[0],
        "pledge,purpose,participant,participant_name,role,stance,by,obliged,evidence,disputed,assessments"
    );
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[2],
        format!(
            "{},Deny it social media,KWT,Kuwait,host,reserved,statement,true,0,true,\"A, the first: -1; B: 0\"",
            it.first
        )
    );
    assert_eq!(
        lines[1],
        format!(
            "{},Deny it social media,FRA,FRA,,joined,statement,true,0,false,",
            it.first
        )
    );
    let name = csv.header("content-disposition").unwrap();
    assert!(name.contains("meetings-kuwait-2018-matrix_"), "{name}");
    let ndjson = it
        .app
        .get("/v1/meetings/kuwait-2018/matrix?format=ndjson")
        .await
        .expect(200);
    let rows: Vec<Value> = ndjson
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(json!(rows), it.matrix("").await["cells"]);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_matrix_from_memory_says_what_the_register_says(#[case] engine: Engine) {
    let it = Communique::of(engine).await;
    let path = "/v1/meetings/kuwait-2018/matrix?kind=all";
    let fresh = it.app.forgetful().await;
    let other = it.assess(&it.first, Some("KWT"), "A", "+1").await;
    let mut seen = it.app.get(path).await.expect(200).body;
    let article = it.app.article(json!({})).await;
    it.app.participant("SWZ").await;
    for (name, change) in [
        (
            "a name",
            it.app.patch(
                "/v1/participants/KWT",
                json!({"names": {"en": "State of Kuwait"}}),
            ),
        ),
        (
            "an attendance",
            it.app.put(
                "/v1/meetings/kuwait-2018/attendance/JOR",
                json!({"adopted": true}),
            ),
        ),
        (
            "a statement",
            it.app.put(
                &format!("/v1/pledges/{}/adherents/JOR", it.first),
                json!({"stance": "withdrew"}),
            ),
        ),
        (
            "a newcomer",
            it.app.put(
                &format!("/v1/pledges/{}/adherents/SWZ", it.second),
                json!({"stance": "joined"}),
            ),
        ),
        (
            "a merge",
            it.app
                .patch("/v1/participants/SWZ", json!({"merged_into": "DEU"})),
        ),
        (
            "a verdict",
            it.app
                .patch(&format!("/v1/assessments/{other}"), json!({"value": "-1"})),
        ),
        (
            "a scale",
            it.app.put(
                "/v1/scales/lights",
                json!({"names": {"en": "Lights"}, "values": [{"value": "-1", "meaning": "partly"}]}),
            ),
        ),
        (
            "a source",
            it.app.post(
                "/v1/citations",
                json!({"subject": format!("pledges/{}", it.second), "article": article}),
            ),
        ),
        (
            "an event",
            it.app.post(
                &format!("/v1/pledges/{}/events", it.grant),
                json!({"stage": "paid", "amount": "5.00", "occurred_on": "2018-04"}),
            ),
        ),
        (
            "a retraction",
            it.app.delete(&format!("/v1/pledges/{}", it.second)),
        ),
    ] {
        change.await.ok();
        let now = it.app.get(path).await.expect(200).body;
        assert_ne!(now, seen, "{name} is not seen");
        assert_eq!(now, fresh.get(path).await.expect(200).body, "{name}");
        // Asked again, it is given from memory.
        assert_eq!(it.app.get(path).await.expect(200).body, now);
        seen = now;
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_matrix_costs_the_same_statements_whatever_it_holds(#[case] engine: Engine) {
    let it = Communique::of(engine).await;
    let app = it.app.forgetful().await;
    let cost = async || {
        let before = app.register().db().statements();
        app.get("/v1/meetings/kuwait-2018/matrix?kind=all")
            .await
            .expect(200);
        app.register().db().statements() - before
    };
    let few = cost().await;
    assert!(few <= 6, "{few} statements");
    let commitments: Vec<Value> = (0..197)
        .map(|number| json!({"meeting": "kuwait-2018", "instrument": "political", "purpose": format!("No. {number}")}))
        .collect();
    app.post("/v1/pledges/batch", json!(commitments))
        .await
        .expect(201);
    assert_eq!(cost().await, few);
    app.pledge_with(json!({"meeting": "kuwait-2018", "instrument": "political"}))
        .await;
    let refused = app
        .get("/v1/meetings/kuwait-2018/matrix?kind=all")
        .await
        .problem(400, "malformed");
    assert!(refused.text.contains("state or instrument"), "{refused}");
    app.get("/v1/meetings/kuwait-2018/matrix").await.expect(200);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_matrix_holds_a_hundred_thousand_assessments(#[case] engine: Engine) {
    let it = Communique::of(engine).await;
    it.assess(&it.first, Some("KWT"), "Group", "+1").await;
    let multiply = async |text: &'static str, by: i64| {
        let mut conn = it.app.register().db().begin().await.unwrap();
        conn.run(Sql::new(text).bind(by)).await.unwrap();
        conn.commit().await.unwrap();
    };
    let text = match engine {
        Engine::Sqlite => {
            "with recursive n (i) as (select 1 union all select i + 1 from n where i < $1)
             insert into assessments (id, pledge_id, participant_id, assessor, scale_id, value, kind, version, created_at, updated_at)
             select randomblob(16), pledge_id, participant_id, assessor, scale_id, value, kind, version, created_at, updated_at from assessments, n"
        }
        Engine::Postgres => {
            "insert into assessments (id, pledge_id, participant_id, assessor, scale_id, value, kind, version, created_at, updated_at)
             select gen_random_uuid(), pledge_id, participant_id, assessor, scale_id, value, kind, version, created_at, updated_at
             from assessments, generate_series(1, $1)"
        }
    };
    multiply(text, 99_999).await;
    let full = it.matrix("").await;
    let of_kuwait = full["cells"]
        .as_array()
        .unwrap()
        .iter()
        .find(|cell| cell["participant"] == "KWT");
    assert_eq!(
        of_kuwait.unwrap()["assessments"].as_array().unwrap().len(),
        100_000
    );
    it.assess(&it.second, Some("USA"), "Group", "0").await;
    let refused = it
        .app
        .get("/v1/meetings/kuwait-2018/matrix")
        .await
        .problem(400, "malformed");
    assert_eq!(
        refused["errors"][0]["code"], "too_many",
        "{}",
        refused["errors"][0]
    );
    let detail = refused["errors"][0]["detail"].as_str().unwrap();
    assert!(
        detail.contains("/v1/assessments?meeting=kuwait-2018&latest=true"),
        "{detail}"
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_matrix_holds_a_hundred_thousand_cells(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("crowd").await;
    let codes: Vec<String> = (0..500).map(|it| format!("CROWD{it}")).collect();
    let funds = codes
        .iter()
        .map(|it| json!({"code": it, "kind": "fund", "names": {"en": it}}));
    let funds = app
        .post("/v1/participants/batch", funds.collect::<Vec<_>>().into())
        .await;
    funds.expect(201);
    for code in &codes {
        let path = format!("/v1/meetings/crowd/attendance/{code}");
        app.put(&path, json!({"adopted": true})).await.created();
    }
    let commitment = json!({"meeting": meeting, "instrument": "political"});
    app.post("/v1/pledges/batch", vec![commitment; 200].into())
        .await
        .expect(201);
    let path = "/v1/meetings/crowd/matrix";
    let full = app.get(path).await.ok();
    assert_eq!(full["cells"].as_array().unwrap().len(), 100_000);
    let lines = app.get(&format!("{path}?format=csv")).await.ok().text;
    assert_eq!(lines.lines().count(), 100_001);
    app.attendance(&meeting, "USA", json!({"adopted": true})).await;
    let refused = app.get(path).await.problem(400, "malformed");
    let detail = refused["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("/v1/pledges/{id}/adherents"), "{detail}");
    assert_eq!(refused["errors"][0]["code"], "too_many");
    app.get(&format!("{path}?instrument=grant")).await.ok();
}
