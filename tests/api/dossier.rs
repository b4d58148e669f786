//! A register that has something in every list, and the paths of the contract with keys of what is there.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::Value;

use crate::{contract::FORMS, prelude::*};

/// Texts that a table must hold, and that a spreadsheet must not run.
pub const TEXTS: [&str; 14] = [
    "=1+1",
    "+965 2222 0000",
    "-2+3",
    "@SUM(A1:A9)",
    "＝1+1",
    " =1+1",
    "say \"so\", twice",
    "two\nlines",
    "two\r\nlines; and; semicolons",
    "\tindented",
    "\rreturned",
    "مياه البصرة، العراق",
    "a comma, and an apostrophe's",
    "-12.50",
];

/// The pledge that has adherents.
const COLLECTIVE: &str = "collective";

pub struct Dossier {
    pub document: Value,
    /// Keys by what stands before them in a path.
    keys: HashMap<&'static str, String>,
}

/// What a path of the contract answers to by a method.
pub struct Operation<'a> {
    pub method: Method,
    /// As the contract writes it, its keys in braces.
    pub template: &'a str,
    /// Where it is in this dossier.
    pub path: String,
    pub object: &'a Value,
}

impl Dossier {
    /// Fills a register: ties and nulls in whatever lists are sorted by, and awkward texts.
    #[expect(clippy::too_many_lines, reason = "one register, told from top to bottom")]
    pub async fn of(app: &App) -> Self {
        for code in ["USA", "KWT", "EU", "IRQ", "UNDP"] {
            app.participant(code).await;
        }
        for (number, text) in TEXTS.iter().enumerate() {
            app.post(
                "/v1/participants",
                json!({"code": format!("X{number}"), "kind": "fund", "names": {"en": text, "ar": "صندوق"}, "aliases": [text]}),
            )
            .await
            .created();
        }
        for (slug, founded_on) in [
            ("c-one", Some("2014-09")),
            ("c-two", None),
            ("c-three", Some("2014")),
            ("c-four", None),
            ("c-five", Some("2014-09-01")),
        ] {
            app.post(
                "/v1/coalitions",
                json!({"slug": slug, "names": {"en": slug, "ar": "تحالف"}, "founded_on": founded_on, "description": TEXTS[6]}),
            )
            .await
            .created();
        }
        for code in ["USA", "KWT", "EU", "IRQ"] {
            app.member("c-one", code, "2014-09-10").await;
        }
        for (slug, kind, starts_on) in [
            ("m-one", "ministerial", "2018-02-13"),
            ("m-two", "summit", "2018-02-13"),
            ("m-three", "ministerial", "2018"),
            ("m-four", "ministerial", "2017-03"),
        ] {
            app.meeting_with(json!({"slug": slug, "kind": kind, "starts_on": starts_on, "city": TEXTS[5]}))
                .await;
        }
        for (code, role) in [("USA", None), ("KWT", Some("host")), ("EU", None), ("IRQ", None)] {
            app.attendance(
                "m-one",
                code,
                json!({"role": role.unwrap_or("member"), "delegate_name": TEXTS[12]}),
            )
            .await;
        }
        let mut articles = Vec::new();
        for (number, title) in TEXTS.iter().enumerate() {
            let published_on = [Some("2018-02-13"), None, Some("2018"), None][number % 4];
            let publisher = ["Al-Qabas", "القبس"][number % 2];
            articles.push(
                app.article(json!({"title": title, "published_on": published_on, "publisher": publisher, "body": format!("The United States pledged. {number} {title}")}))
                    .await,
            );
        }
        let mut pledges = Vec::new();
        for (number, purpose) in TEXTS.iter().enumerate() {
            let instrument = ["grant", "loan"][number % 2];
            let meeting = [Some("m-one"), Some("m-two"), None][number % 3];
            let participant =
                (number % 4 != 3 || meeting.is_none()).then_some(["USA", "KWT", "EU"][number % 3]);
            let announced_on = [Some("2018-02-13"), Some("2018"), None][number % 3];
            let due_on = [Some("2018-12"), None, Some("2018")][number % 3];
            let amount = (number % 5 != 4).then_some(["20000000.00", "150.25"][number % 2]);
            let pledge = app
                .post(
                    "/v1/pledges",
                    json!({
                        "instrument": instrument,
                        "participant": participant,
                        "meeting": meeting,
                        "announced_on": announced_on,
                        "due_on": due_on,
                        "qualifier": if amount.is_some() { "exact" } else { "up_to" },
                        "amount": amount,
                        "amount_max": amount.is_none().then_some("500.00"),
                        "currency": "USD",
                        "purpose": purpose,
                        "beneficiary": "IRQ",
                    }),
                )
                .await
                .created();
            pledges.push(pledge.id());
        }
        let mut events = Vec::new();
        for (stage, amount, occurred_on) in [
            ("committed", "100.00", "2018-03"),
            ("paid", "50.00", "2018-03-01"),
            ("paid", "25.00", "2018"),
            ("paid", "12.50", "2018-03-01"),
        ] {
            let event =
                json!({"stage": stage, "amount": amount, "occurred_on": occurred_on, "note": TEXTS[7]});
            let path = format!("/v1/pledges/{}/events", pledges[0]);
            events.push(app.post(&path, event).await.created().id());
        }
        // The fourth is made by the meeting as a whole.
        let collective = pledges[3].clone();
        for (number, code) in ["USA", "KWT", "EU", "IRQ"].iter().enumerate() {
            let stance = ["reserved", "joined"][number % 2];
            let text = [
                json!(TEXTS[number]),
                json!({"en": TEXTS[number], "ar": TEXTS[11]}),
            ][number % 2]
                .clone();
            app.put(
                &format!("/v1/pledges/{collective}/adherents/{code}"),
                json!({"stance": stance, "on": "2018-02-13", "text": text}),
            )
            .await
            .created();
        }
        for (key, value) in [
            ("lights", "+1"),
            ("grades", "=A"),
            ("words", "done"),
            ("marks", "-5"),
        ] {
            app.put(
                &format!("/v1/scales/{key}"),
                json!({"names": {"en": TEXTS[6], "ar": "مقياس"}, "values": [
                    {"value": value, "meaning": "kept", "names": {"en": TEXTS[0]}},
                    {"value": "0", "meaning": "partly"},
                    {"value": "none", "meaning": "not_kept"},
                ]}),
            )
            .await
            .created();
        }
        let mut assessment = None;
        for (number, assessor) in TEXTS.iter().enumerate() {
            let value = ["+1", "0", "none"][number % 3];
            let published_on = [Some("2018-02-13"), None, Some("2018")][number % 3];
            let participant = [Some("USA"), Some("KWT"), None][number % 3];
            let kind = ["final", "interim"][number % 2];
            // The fourth is the first one's assessor again, and of the same.
            let (assessor, replaces) = if number == 3 {
                (&TEXTS[0], assessment.clone())
            } else {
                (assessor, None)
            };
            let made = app
                .post(
                    "/v1/assessments",
                    json!({
                        "subject": format!("pledges/{collective}"), "participant": participant, "scale": "lights",
                        "assessor": assessor, "value": value, "kind": kind, "published_on": published_on,
                        "replaces": replaces,
                    }),
                )
                .await
                .created();
            assessment.get_or_insert(made.id());
        }
        let assessment = assessment.unwrap();
        let mut citation = String::new();
        for subject in [
            "participants/USA",
            "coalitions/c-one",
            "meetings/m-one",
            &format!("pledges/{}", pledges[0]),
            &format!("pledges/{collective}/adherents/USA"),
            &format!("assessments/{assessment}"),
            &format!("events/{}", events[0]),
        ] {
            for article in &articles[..3] {
                citation = app
                    .citation(
                        subject,
                        article,
                        json!({"quote": "The United States", "start": 0, "end": 17}),
                    )
                    .await;
            }
        }
        let rates: Vec<Value> = [
            ("EUR", "2018-02-12"),
            ("EUR", "2018-02-13"),
            ("KWD", "2018-02-13"),
            ("GBP", "2018-02-13"),
        ]
        .into_iter()
        .map(|(currency, date)| json!({"currency": currency, "date": date, "per_usd": "0.8098", "source": TEXTS[3]}))
        .collect();
        app.put("/v1/rates", json!(rates)).await.ok();
        let mut key = String::new();
        for (number, note) in TEXTS.iter().take(3).enumerate() {
            let participant = (number == 1).then_some("USA");
            let fields = json!({"name": format!("={number}"), "role": "editor", "note": note, "participant": participant});
            key = app.key(fields).await.id();
        }
        Self {
            document: app.get("/openapi.json").await.expect(200).body,
            keys: HashMap::from([
                ("participants", "USA".to_owned()),
                ("coalitions", "c-one".to_owned()),
                ("meetings", "m-one".to_owned()),
                ("members", "USA".to_owned()),
                ("attendance", "USA".to_owned()),
                ("articles", articles[0].clone()),
                ("pledges", pledges[0].clone()),
                ("events", events[0].clone()),
                (COLLECTIVE, collective),
                ("adherents", "USA".to_owned()),
                ("assessments", assessment),
                ("scales", "lights".to_owned()),
                ("citations", citation),
                ("keys", key),
                ("problems", "malformed".to_owned()),
            ]),
        }
    }

    /// Everything that the contract says can be asked.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = self.document["paths"].as_object().unwrap();
        assert!(paths.len() > 50, "the contract has lost its paths");
        paths
            .iter()
            .flat_map(|(template, item)| {
                item.as_object()
                    .unwrap()
                    .iter()
                    .map(|(method, object)| Operation {
                        method: method.to_uppercase().parse().unwrap(),
                        template,
                        path: self.path(template),
                        object,
                    })
            })
            .collect()
    }

    pub fn gets(&self) -> Vec<Operation<'_>> {
        let mut operations = self.operations();
        // What is searched for needs words, and is no list of records: it has stories of its own.
        operations.retain(|it| it.method == Method::GET && !it.path.starts_with("/v1/search"));
        operations
    }

    /// Those that answer JSON: the text forms of lists and totals have paths of their own.
    pub fn gets_of_json(&self) -> Vec<Operation<'_>> {
        let mut gets = self.gets();
        gets.retain(|it| !FORMS.iter().any(|form| it.template.ends_with(*form)));
        gets
    }

    /// Lists of records, each with all forms of a list.
    pub fn lists(&self) -> Vec<Operation<'_>> {
        let mut lists = self.gets();
        lists.retain(|it| self.parameter(it, "count").is_some());
        assert!(lists.len() > 20, "the contract has lost its lists");
        lists
    }

    fn path(&self, template: &str) -> String {
        let mut before = "";
        let segments = template.split('/').map(|segment| {
            if segment.starts_with('{') {
                let is_of_adherents = before == "pledges" && template.contains("/adherents");
                self.keys
                    .get(if is_of_adherents { COLLECTIVE } else { before })
                    .unwrap_or_else(|| panic!("the dossier has nothing for {template}"))
            } else {
                before = segment;
                segment
            }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        if path.starts_with("/v1/search") {
            format!("{path}?q=kuwait")
        } else {
            path
        }
    }

    /// A parameter of an operation's query, as the contract has it.
    pub fn parameter<'a>(&'a self, of: &Operation<'a>, name: &str) -> Option<&'a Value> {
        self.parameters(of).into_iter().find(|it| it["name"] == name)
    }

    /// All parameters of an operation's query.
    pub fn parameters<'a>(&'a self, of: &Operation<'a>) -> Vec<&'a Value> {
        of.object["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| {
                let pointer = it["$ref"].as_str().map(|it| it.trim_start_matches('#'));
                pointer.map_or(it, |pointer| self.document.pointer(pointer).unwrap())
            })
            .filter(|it| it["in"] == "query")
            .collect()
    }

    /// The words that a parameter is one of.
    pub fn words<'a>(&'a self, of: &Operation<'a>, name: &str) -> Vec<&'a str> {
        let Some(parameter) = self.parameter(of, name) else {
            return Vec::new();
        };
        let schema = &parameter["schema"];
        [&schema["enum"], &schema["items"]["enum"]]
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .map(|word| word.as_str().unwrap())
            .collect()
    }
}
