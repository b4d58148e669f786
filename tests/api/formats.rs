//! Lists and totals as JSON, CSV and NDJSON: which one is answered, and that all say the same.

use std::collections::HashSet;

use pledgebook::db::Sql;
use reqwest::Method;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use uuid::Uuid;

use crate::{
    answer::Answer,
    contract::FORMS,
    dossier::{Dossier, TEXTS},
    prelude::*,
};

/// A table as a spreadsheet's reader sees it.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    #[track_caller]
    fn of(answer: &Answer) -> Self {
        assert_eq!(
            answer.header("content-type"),
            Some("text/csv; charset=utf-8"),
            "{answer}"
        );
        assert!(answer.text.ends_with("\r\n"), "{answer}");
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .terminator(csv::Terminator::CRLF)
            .from_reader(answer.text.as_bytes());
        // A row that has not the header's number of cells is an error.
        let mut rows: Vec<Vec<String>> = reader
            .records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect();
        assert!(!rows.is_empty(), "a table has a header: {answer}");
        Self {
            header: rows.remove(0),
            rows,
        }
    }

    #[track_caller]
    fn column(&self, name: &str) -> usize {
        let at = self.header.iter().position(|column| column == name);
        at.unwrap_or_else(|| panic!("no column {name} in {:?}", self.header))
    }

    #[track_caller]
    fn each(&self, name: &str) -> Vec<&str> {
        let at = self.column(name);
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }
}

/// What stands in a cell for a value.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => {
            let is_number = text.starts_with('-') && text.parse::<f64>().is_ok();
            let runs = text
                .trim_start_matches(' ')
                .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
            if runs && !is_number {
                format!("'{text}")
            } else {
                text.clone()
            }
        }
        Value::Array(items) if items.is_empty() => String::new(),
        Value::Object(members) if members.is_empty() => String::new(),
        other => other.to_string(),
    }
}

fn lines(answer: &Answer) -> Vec<Value> {
    assert_eq!(
        answer.header("content-type"),
        Some("application/x-ndjson"),
        "{answer}"
    );
    assert!(answer.text.is_empty() || answer.text.ends_with('\n'), "{answer}");
    answer
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn file_name(answer: &Answer) -> &str {
    answer
        .header("content-disposition")
        .and_then(|it| it.strip_prefix("attachment; filename=\"")?.strip_suffix('"'))
        .unwrap_or_else(|| panic!("no file name in {answer}"))
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_list_says_the_same_in_every_form(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    for list in dossier.lists() {
        for lang in ["en", "ar"] {
            let path = format!("{}?lang={lang}", list.path);
            let json = app.get(&format!("{path}&limit=200")).await.expect(200);
            let items = json.items();
            assert!(!items.is_empty(), "{path} has nothing to compare");
            assert_eq!(json["next"], json!(null));
            assert_eq!(json.header("content-disposition"), None);

            let answer = app.get(&format!("{path}&format=ndjson")).await.expect(200);
            assert_eq!(lines(&answer), items, "{path}");
            assert_eq!(answer.header("link"), None);
            assert_eq!(answer.header("content-language"), Some(lang));
            let name = file_name(&answer);
            let what = list.path.trim_start_matches("/v1/").replace('/', "-");
            assert!(name.starts_with(&format!("{what}_20")), "{name}");
            assert!(name.ends_with("Z.ndjson"), "{name}");

            let answer = app.get(&format!("{path}&format=csv")).await.expect(200);
            assert!(file_name(&answer).ends_with("Z.csv"), "{answer}");
            assert_eq!(answer.header("content-language"), Some(lang));
            let table = Table::of(&answer);
            assert_eq!(table.rows.len(), items.len(), "{path}");
            for (row, item) in table.rows.iter().zip(items) {
                for (name, value) in item.as_object().unwrap() {
                    let held = &row[table.column(name)];
                    assert_eq!(*held, cell(value), "{name} of {path}");
                }
            }
            // Nothing more than the items have, nothing twice, and each name beside its key.
            for (at, name) in table.header.iter().enumerate() {
                let said = items.iter().any(|item| item.get(name).is_some());
                assert!(said, "{path} has a column {name} that no item has");
                assert_eq!(table.column(name), at);
                for key in [name.strip_suffix("_name"), name.strip_suffix("_title")] {
                    let key = key.filter(|key| table.header.iter().any(|it| it == key));
                    assert!(
                        key.is_none_or(|key| table.column(key) + 1 == at),
                        "{:?}",
                        table.header
                    );
                }
            }
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_rows_is_a_header_or_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    for list in dossier.lists() {
        let path = format!("{}?updated_from=9000", list.path);
        assert_eq!(app.get(&path).await.items().len(), 0);
        let table = app.get(&format!("{path}&format=csv")).await.expect(200);
        let full = app.get(&format!("{}?format=csv", list.path)).await.expect(200);
        assert_eq!(table.text.matches("\r\n").count(), 1, "{table}");
        assert!(
            full.text.starts_with(&table.text),
            "{full} begins otherwise than {table}"
        );
        let empty = app.get(&format!("{path}&format=ndjson")).await.expect(200);
        assert_eq!(empty.text, "", "{empty}");
        for format in ["csv&limit=5", "ndjson&limit=5"] {
            let page = app.get(&format!("{path}&format={format}")).await.expect(200);
            assert_eq!(page.header("link"), None);
        }
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_written_runs_in_a_spreadsheet(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for text in TEXTS {
        app.article(json!({"title": text})).await;
    }
    let answer = app
        .get("/v1/articles?format=csv&fields=title&sort=created_at")
        .await
        .expect(200);
    let table = Table::of(&answer);
    assert_eq!(
        table.each("title"),
        [
            "'=1+1",
            "'+965 2222 0000",
            "'-2+3",
            "'@SUM(A1:A9)",
            "'＝1+1",
            "'=1+1",
            "say \"so\", twice",
            "two\nlines",
            "two\r\nlines; and; semicolons",
            "indented",
            "returned",
            "مياه البصرة، العراق",
            "a comma, and an apostrophe's",
            "-12.50",
        ]
    );
    // Only what needs them has quotes.
    assert!(answer.text.contains("\r\nمياه البصرة، العراق\r\n"), "{answer}");
    assert!(
        answer.text.contains("\r\n\"say \"\"so\"\", twice\"\r\n"),
        "{answer}"
    );
    // The other forms give the text itself.
    let rows = lines(&app.get("/v1/articles?format=ndjson&sort=created_at").await);
    assert_eq!(
        json!(rows.iter().map(|it| &it["title"]).collect::<Vec<_>>()),
        json!(TEXTS.map(str::trim))
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn fields_choose_and_order_the_columns(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    for list in dossier.lists() {
        let mut fields = dossier.words(&list, "fields");
        assert!(!fields.is_empty(), "{}", list.path);
        fields.reverse();
        let whole = Table::of(&app.get(&format!("{}?format=csv", list.path)).await);
        let mut columns: Vec<&str> = whole.header.iter().map(String::as_str).collect();
        columns.sort_unstable();
        let mut sorted = fields.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, columns, "{} offers other fields than it has", list.path);
        let path = format!("{}?format=csv&fields={}", list.path, fields.join(","));
        let reversed = Table::of(&app.get(&path).await.expect(200));
        assert_eq!(reversed.header, fields);
        for name in fields {
            assert_eq!(reversed.each(name), whole.each(name), "{name} of {path}");
        }
    }
    // One column that is empty is still a row, and one that is named twice is one column.
    let table = Table::of(&app.get("/v1/pledges?format=csv&fields=conditions").await);
    assert_eq!(table.rows.len(), TEXTS.len());
    let table = Table::of(
        &app.get("/v1/pledges?format=csv&fields=id,state,id&fields=state")
            .await,
    );
    assert_eq!(table.header, ["id", "state"]);
    for empty in ["", "id,,state"] {
        app.get(&format!("/v1/pledges?format=csv&fields={empty}"))
            .await
            .problem(400, "malformed")
            .fault("?fields");
    }
    for wrong in ["colour", "conflicts", "Id"] {
        let refused = app
            .get(&format!("/v1/pledges?format=csv&fields={wrong}"))
            .await
            .problem(400, "malformed")
            .fault("?fields");
        assert!(
            refused["detail"].as_str().unwrap().contains("instrument"),
            "{refused}"
        );
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_mark_for_spreadsheets_stands_before_a_csv_alone(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("KWT").await;
    for path in ["/v1/participants", "/v1/totals"] {
        let plain = app.get(&format!("{path}?format=csv")).await.expect(200);
        let marked = app.get(&format!("{path}?format=csv&bom=true")).await.expect(200);
        assert_eq!(marked.text, format!("\u{feff}{}", plain.text));
        assert_ne!(marked.header("etag"), plain.header("etag"));
        let marked = app
            .get(&format!("{path}?bom=true"))
            .header("Accept", "text/csv")
            .await
            .expect(200);
        assert!(marked.text.starts_with('\u{feff}'));
        let unmarked = app.get(&format!("{path}?format=csv&bom=false")).await.expect(200);
        assert_eq!(unmarked.text, plain.text);
        for query in [
            "bom=true",
            "format=json&bom=true",
            "format=ndjson&bom=true",
            "format=csv&bom=1",
            "format=csv&bom=",
        ] {
            app.get(&format!("{path}?{query}"))
                .await
                .problem(400, "malformed")
                .fault("?bom");
        }
        app.get(&format!("{path}?bom=false")).await.expect(200);
    }
    let marked = app.get("/v1/participants?format=csv&bom=true&limit=1").await;
    assert_eq!(&marked.text.as_bytes()[..3], b"\xef\xbb\xbf");
    app.get("/v1/participants/KWT?bom=true")
        .await
        .problem(400, "malformed")
        .fault("?bom");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_one_form_is_refused_with_the_others(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for format in ["csv", "ndjson"] {
        app.get(&format!("/v1/pledges?format={format}&count=true"))
            .await
            .problem(400, "malformed")
            .fault("?count");
        app.get(&format!("/v1/pledges?format={format}&count=false"))
            .await
            .expect(200);
    }
    app.get("/v1/pledges?format=csv&expand=participant")
        .await
        .problem(400, "malformed")
        .fault("?expand");
    for format in ["xml", "", "json,csv"] {
        app.get(&format!("/v1/pledges?format={format}"))
            .await
            .problem(400, "malformed")
            .fault("?format");
    }
    app.get("/v1/pledges?format=csv&format=json")
        .await
        .problem(400, "malformed")
        .fault("?format");
    // What is wrong is a problem in any form, before the first line.
    for query in [
        "format=csv&meeting=nowhere",
        "format=ndjson&sort=pledged",
        "format=csv&after=x",
    ] {
        app.get(&format!("/v1/pledges?{query}"))
            .await
            .problem(400, "malformed");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_form_is_the_one_that_is_liked_best(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.participant("KWT").await;
    let (json, csv, ndjson) = (
        "application/json",
        "text/csv; charset=utf-8",
        "application/x-ndjson",
    );
    for (accept, form) in [
        ("*/*", json),
        ("", json),
        ("application/*", json),
        ("text/*", csv),
        ("text/csv", csv),
        ("Text/CSV", csv),
        ("text/csv;charset=utf-8", csv),
        ("application/x-ndjson", ndjson),
        ("application/json;q=0.5, text/csv", csv),
        ("application/json;q=0.5,text/csv;q=0.4", json),
        ("text/csv, application/json", json),
        ("*/*;q=0.1, application/x-ndjson;q=0.2", ndjson),
        ("application/json;q=0, */*", csv),
        ("application/json;Q=0, text/csv;q=0, */*;q=0.1", ndjson),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
            json,
        ),
        // Whoever is ready for a problem has not asked for JSON.
        ("text/csv, application/problem+json", csv),
        ("application/problem+json", json),
        ("text/csv;q=0.001", csv),
        ("nonsense, text/csv", csv),
    ] {
        for path in ["/v1/participants", "/v1/totals", "/v1/meetings/m-one/totals"] {
            if path.contains("m-one") && app.get("/v1/meetings/m-one").await.status == 404 {
                app.meeting("m-one").await;
            }
            let answer = app.get(path).header("Accept", accept).await.expect(200);
            assert_eq!(answer.header("content-type"), Some(form), "{accept}");
            let vary = answer.header("vary").unwrap().to_lowercase();
            assert!(vary.split(", ").any(|it| it == "accept"), "{vary}");
        }
    }
    // What the address says wins, also over an Accept that takes nothing.
    for accept in ["text/csv", "image/png", "application/json;q=0"] {
        let answer = app
            .get("/v1/participants?format=ndjson")
            .header("Accept", accept)
            .await
            .expect(200);
        assert_eq!(answer.header("content-type"), Some(ndjson));
        app.get("/v1/participants/KWT?format=json")
            .header("Accept", accept)
            .await
            .expect(200);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_accept_that_nothing_fits_is_refused_and_changes_nothing(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let paths = dossier.document["paths"].as_object().unwrap();
    for get in dossier.gets().iter().filter(|it| it.path.starts_with("/v1/")) {
        if FORMS.iter().any(|form| get.template.ends_with(form)) {
            // The path has said it.
            app.get(&get.path).header("Accept", "image/png").await.expect(200);
            continue;
        }
        let apart = FORMS
            .iter()
            .filter_map(|form| paths.get(&format!("{}{form}", get.template)));
        let answers = [get.object].into_iter().chain(apart.map(|it| &it["get"]));
        let forms: HashSet<&String> = answers
            .flat_map(|it| it["responses"]["200"]["content"].as_object().unwrap().keys())
            .collect();
        for accept in [
            "image/png",
            "text/*;q=0",
            "*/*;q=0",
            "application/json;q=0, application/x-ndjson;q=0, text/csv;q=0",
        ] {
            let refused = app
                .get(&get.path)
                .header("Accept", accept)
                .await
                .problem(406, "not_acceptable");
            for form in &forms {
                assert!(refused["detail"].as_str().unwrap().contains(*form), "{refused}");
            }
        }
        for (accept, form) in [
            ("text/csv", "text/csv"),
            ("application/x-ndjson", "application/x-ndjson"),
        ] {
            let answer = app.get(&get.path).header("Accept", accept).await;
            if forms.contains(&form.to_owned()) {
                answer.expect(200);
            } else {
                answer.problem(406, "not_acceptable");
                // One that JSON fits as well is not lost.
                app.get(&get.path)
                    .header("Accept", &format!("{accept}, application/json;q=0.1"))
                    .await
                    .expect(200);
                let format = if accept == "text/csv" { "csv" } else { "ndjson" };
                app.get(&format!("{}?format={format}", get.path))
                    .await
                    .problem(406, "not_acceptable");
            }
        }
    }
    let before = app.get("/v1/changes?limit=1").await["items"][0]["seq"].clone();
    for operation in dossier.operations() {
        if operation.method == Method::GET {
            continue;
        }
        for (query, accept) in [("", "text/csv"), ("?format=csv", "*/*"), ("", "image/png")] {
            let mut ask = app
                .ask(operation.method.clone(), &format!("{}{query}", operation.path))
                .header("Accept", accept);
            if let Some(body) = operation.object.get("requestBody") {
                let (kind, content) = body["content"].as_object().unwrap().iter().next().unwrap();
                let example = &content["example"];
                ask = ask.body(
                    kind,
                    example
                        .as_str()
                        .map_or_else(|| example.to_string(), str::to_owned),
                );
            }
            ask.await.problem(406, "not_acceptable");
        }
    }
    assert_eq!(app.get("/v1/changes?limit=1").await["items"][0]["seq"], before);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn every_form_has_a_tag_of_its_own_that_holds_until_something_changes(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    let pledge = app.pledge(&meeting, "100.00", "USD").await;
    app.participant("KWT").await;
    let asked = [
        format!("/v1/pledges/{pledge}"),
        format!("/v1/pledges/{pledge}?lang=ar"),
        format!("/v1/pledges/{pledge}?fields=id,state"),
        format!("/v1/pledges/{pledge}?fields=id"),
        format!("/v1/pledges/{pledge}?expand=participant"),
        format!("/v1/pledges/{pledge}?expand=participant,meeting"),
        "/v1/pledges".into(),
        "/v1/pledges?lang=ar".into(),
        "/v1/pledges?lang=fr&fields=id".into(),
        "/v1/pledges?fields=id,state".into(),
        "/v1/pledges?expand=events".into(),
        "/v1/pledges?expand=meeting".into(),
        "/v1/pledges?format=csv".into(),
        "/v1/pledges?format=csv&lang=ar".into(),
        "/v1/pledges?format=csv&fields=id".into(),
        "/v1/pledges?format=csv&limit=1".into(),
        "/v1/pledges?format=csv&participant=USA".into(),
        "/v1/pledges?format=csv&bom=true".into(),
        "/v1/pledges?format=ndjson".into(),
        "/v1/pledges?format=ndjson&expand=meeting".into(),
        "/v1/participants?format=csv".into(),
        "/v1/totals".into(),
        "/v1/totals?lang=ar".into(),
        "/v1/totals?format=csv".into(),
        "/v1/totals?format=ndjson".into(),
        "/v1/totals?format=csv&group_by=meeting".into(),
        "/v1/totals?format=csv&group_by=meeting&lang=ar".into(),
        "/v1/meetings/m-one/totals?format=csv&group_by=participant".into(),
    ];
    let mut tags: Vec<String> = Vec::new();
    for path in &asked {
        let answer = app.get(path).await.expect(200);
        let tag = answer.header("etag").unwrap().to_owned();
        assert!(!tags.contains(&tag), "{path} has the tag of another answer");
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        let weak = tag.trim_start_matches("W/");
        for known in [
            tag.clone(),
            format!("W/{weak}"),
            format!("\"x\", {tag}"),
            format!("\"a\",\"b\" , W/{weak},\"c\""),
            "*".into(),
        ] {
            let same = app.get_with(path, &[("If-None-Match", &known)]).await.expect(304);
            assert_eq!(same.text, "");
            for name in ["etag", "vary", "cache-control", "content-language"] {
                assert_eq!(same.header(name), answer.header(name), "{name} of {same}");
            }
            let head = app.ask(Method::HEAD, path).header("If-None-Match", &known);
            head.await.expect(304);
        }
        for other in [
            "\"x\"",
            "W/\"\"",
            weak.trim_matches('"'),
            "",
            tags.last().map_or("x", |it| it),
        ] {
            app.get_with(path, &[("If-None-Match", other)]).await.expect(200);
        }
        tags.push(tag);
    }
    // Each tag names the version as well, whichever its form: a write may come with any of one record.
    for tag in &tags[..6] {
        let stale = app
            .patch(&format!("/v1/pledges/{pledge}"), json!({}))
            .header("If-Match", &format!("\"9{}", tag.trim_start_matches('"')));
        stale.await.problem(412, "stale_version");
        app.patch(&format!("/v1/pledges/{pledge}"), json!({}))
            .header("If-Match", tag)
            .await
            .expect(200);
    }
    app.patch(
        &format!("/v1/pledges/{pledge}"),
        json!({"purpose": "Water", "amount": "200.00"}),
    )
    .header("If-Match", &tags[5])
    .await
    .expect(200);
    for (path, tag) in asked.iter().zip(&tags) {
        // What these show has not changed.
        if path.contains("/v1/pledges?") && !path.contains("csv") && path.contains("fields=id") {
            app.get_with(path, &[("If-None-Match", tag)]).await.expect(304);
            continue;
        }
        let answer = app.get_with(path, &[("If-None-Match", tag)]).await.expect(200);
        assert_ne!(answer.header("etag"), Some(&**tag), "{path}");
    }
}

/// Makes more pledges like one, and lists no total of them: what a list is asked for needs no more.
pub async fn many_like(app: &App, pledge: &str, number: usize) {
    const OTHERS: &str = "participant_id, meeting_id, parent_id, restates_id, beneficiary_id, instrument, qualifier,
        currency, amount_min, amount, amount_max, purpose, announced_on, announced_first, announced_last,
        announced_by_name, announced_by_office, period_from, period_to, conditions, state, pledged_min, pledged,
        pledged_max, counted_min, counted, counted_max, committed, paid, withdrawn, outstanding, version, created_at,
        updated_at";
    let pledge: Uuid = pledge.parse().unwrap();
    let mut conn = app.register().db().begin().await.unwrap();
    for _ in 0..number {
        let mut sql = Sql::new("insert into pledges (id, ");
        sql.push(OTHERS).push(") select ").push_arg(Uuid::now_v7());
        sql.push(", ")
            .push(OTHERS)
            .push(" from pledges where id = ")
            .push_arg(pledge);
        conn.run(sql).await.unwrap();
    }
    conn.commit().await.unwrap();
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_list_has_each_row_once_while_others_write(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    let first = app.pledge(&meeting, "100.00", "USD").await;
    many_like(&app, &first, 1202).await;
    let standing: Vec<String> = app
        .rows("/v1/pledges?limit=200&sort=created_at&fields=id")
        .await
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(standing.len(), 1203);
    let write = async {
        for amount in 1..=20 {
            app.pledge(&meeting, &format!("{amount}.00"), "USD").await;
            app.patch(
                &format!("/v1/pledges/{first}"),
                json!({"purpose": format!("{amount}")}),
            )
            .await
            .expect(200);
        }
    };
    let read = async {
        for (format, sort) in [
            ("csv", "created_at"),
            ("ndjson", "-created_at"),
            ("csv", "-pledged&currency=USD"),
            ("csv", "state"),
        ] {
            let whole = app
                .get(&format!("/v1/pledges?format={format}&sort={sort}"))
                .await
                .expect(200);
            let mut ids: Vec<String> = if format == "csv" {
                Table::of(&whole)
                    .each("id")
                    .iter()
                    .map(|id| (*id).to_owned())
                    .collect()
            } else {
                lines(&whole)
                    .iter()
                    .map(|it| it["id"].as_str().unwrap().to_owned())
                    .collect()
            };
            let all = ids.len();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), all, "{sort}: a row stands twice");
            let missing = standing
                .iter()
                .filter(|id| ids.binary_search(id).is_err())
                .count();
            assert_eq!(missing, 0, "{sort}: rows are missing");
        }
    };
    tokio::join!(write, read);
    // With a limit it is a page, and leads to the next; a cursor without one leads to all the rest.
    let pages = app.pages("/v1/pledges?format=csv&limit=200&lang=ar").await;
    let rows: Vec<usize> = pages.iter().map(|page| Table::of(page).rows.len()).collect();
    assert_eq!(rows, [200, 200, 200, 200, 200, 200, 23]);
    let last = pages[5].next_page().unwrap();
    let rest = app.get(&last.replace("limit=200&", "")).await.expect(200);
    assert_eq!(Table::of(&rest).rows.len(), 23);
    // One page goes on in another form.
    let page = app.get("/v1/pledges?limit=3&sort=created_at").await.expect(200);
    let after = format!("sort=created_at&after={}", page["next"].as_str().unwrap());
    let rest = app
        .get(&format!("/v1/pledges?format=ndjson&fields=id&{after}"))
        .await;
    assert_eq!(lines(&rest)[0]["id"], standing[3]);
    assert_eq!(lines(&rest).len(), 1220);
    let expanded = app
        .get("/v1/pledges?format=ndjson&expand=participant,events&fields=id&sort=created_at")
        .await
        .expect(200);
    let rows = lines(&expanded);
    assert_eq!(rows.len(), 1223);
    assert!(
        rows.iter()
            .all(|it| it["expanded"]["participant"]["code"] == "USA")
    );
}

fn ids_of(answer: &Answer) -> Vec<String> {
    lines(answer)
        .iter()
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect()
}

/// The ids of a list of JSON, page by page, and the cursor of each page after the first.
async fn walked(app: &App, path: &str) -> (Vec<String>, Vec<String>) {
    let pages = app.pages(&format!("{path}&limit=200&fields=id")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let ids = pages.iter().flat_map(|page| page.each("id")).map(text);
    let cursors = pages
        .iter()
        .map(|page| &page["next"])
        .filter(|next| !next.is_null());
    (ids.collect(), cursors.map(text).collect())
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_sorted_list_has_one_order_in_every_form(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let (one, two) = (app.meeting("m-one").await, app.meeting("m-two").await);
    // Many alike in each, and some without the value.
    let partly = app.pledge_by("USA", &one, "100.00", "USD").await;
    app.event(&partly, "paid", "40.00", "2018-03-01").await;
    let mut kinds = vec![partly, app.pledge_by("KWT", &two, "100.00", "USD").await];
    for pledge in [
        json!({"participant": "USA", "meeting": one, "qualifier": "up_to", "amount_max": "90.00", "currency": "USD", "announced_on": null}),
        json!({"meeting": two, "qualifier": "exact", "amount": "60.00", "currency": "USD", "announced_on": "2017"}),
        json!({"participant": "EU", "qualifier": "exact", "amount": "250.00", "currency": "USD", "announced_on": null}),
    ] {
        kinds.push(app.pledge_with(pledge).await);
    }
    for kind in &kinds {
        many_like(&app, kind, 260).await;
    }
    let sorts = [
        "outstanding",
        "-outstanding",
        "-pledged",
        "participant",
        "-participant",
        "-meeting",
        "announced_on",
        "-announced_on",
        "state",
        "updated_at",
        "created_at",
    ];
    let mut orders = Vec::new();
    for sort in sorts {
        let path = format!("/v1/pledges?currency=USD&sort={sort}");
        let (ids, cursors) = walked(&app, &path).await;
        assert_eq!(ids.len(), 1305, "{sort}");
        let rows = app
            .get(&format!("{path}&format=ndjson&fields=id"))
            .await
            .expect(200);
        assert_eq!(ids_of(&rows), ids, "{sort}");
        let table = Table::of(&app.get(&format!("{path}&format=csv")).await.expect(200));
        assert_eq!(table.each("id"), ids, "{sort}");
        // What is left after a page.
        let rest = app
            .get(&format!("{path}&format=ndjson&fields=id&after={}", cursors[3]))
            .await
            .expect(200);
        assert_eq!(ids_of(&rest), ids[800..], "{sort}");
        orders.push(ids);
    }
    // While others write, what stands all the while stands once, and in the order that it has.
    let mut leaving = Vec::new();
    for amount in 1..=20 {
        leaving.push(app.pledge(&one, &format!("{amount}.00"), "USD").await);
    }
    let write = async {
        for (number, pledge) in leaving.iter().enumerate() {
            app.delete(&format!("/v1/pledges/{pledge}")).await.expect(204);
            app.pledge(&one, &format!("{number}.50"), "USD").await;
            app.patch(
                &format!("/v1/pledges/{}", kinds[number % 2]),
                json!({"purpose": format!("{number}")}),
            )
            .await
            .expect(200);
        }
    };
    let read = async {
        for (sort, order) in sorts.iter().zip(&orders) {
            if *sort == "updated_at" {
                continue;
            }
            let path = format!("/v1/pledges?currency=USD&sort={sort}&format=ndjson&fields=id");
            let ids = ids_of(&app.get(&path).await.expect(200));
            let standing: Vec<&String> = ids.iter().filter(|id| order.contains(id)).collect();
            assert_eq!(standing, order.iter().collect::<Vec<_>>(), "{sort}");
            let once: HashSet<&String> = ids.iter().collect();
            assert_eq!(once.len(), ids.len(), "{sort}: a row stands twice");
        }
    };
    tokio::join!(write, read);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_sorted_list_is_in_the_order_of_one_moment(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    let long = |amount: &str| {
        json!({"participant": "USA", "meeting": meeting, "qualifier": "exact", "amount": amount, "currency": "USD",
            "purpose": "x".repeat(10_000), "conditions": "y".repeat(10_000)})
    };
    let first = app.pledge_with(long("9000.00")).await;
    many_like(&app, &first, 1500).await;
    let third_last = app.pledge_with(long("30.00")).await;
    let second_last = app.pledge_with(long("20.00")).await;
    let last = app.pledge_with(long("10.00")).await;
    let path = format!(
        "{}/v1/pledges?format=ndjson&currency=USD&sort=-outstanding",
        app.base
    );
    // Thirty million bytes, of which the reader leaves all but the beginning: no system holds the rest for it.
    let mut answer = reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(path)
        .send()
        .await
        .unwrap();
    let mut text = answer.chunk().await.unwrap().unwrap().to_vec();
    app.delete(&format!("/v1/pledges/{second_last}"))
        .await
        .expect(204);
    app.patch(&format!("/v1/pledges/{last}"), json!({"amount": "99000.00"}))
        .await
        .expect(200);
    let new = app.pledge_with(long("5.00")).await;
    while let Some(chunk) = answer.chunk().await.unwrap() {
        text.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(text).unwrap();
    let rows: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // The retracted one is left out; the other has its new value, and its place.
    assert_eq!(rows.len(), 1503);
    assert_eq!(rows[1501]["id"], third_last);
    assert_eq!(rows[1502]["id"], last);
    assert_eq!(rows[1502]["outstanding"], "99000.00");
    assert!(!text.contains(&second_last) && !text.contains(&new));
}

/// The rows of a page in any form.
fn number_of_rows(page: &Answer, format: &str) -> usize {
    match format {
        "json" => page["groups"].as_array().unwrap().len(),
        "csv" => Table::of(page).rows.len(),
        _ => lines(page).len(),
    }
}

/// What a page may hold before its last item.
const PAGE: usize = 4 * 1024 * 1024;

/// The names of all items of a list, by pages that end by their bytes: each once, and how many pages it took.
async fn walked_by_bytes(app: &App, path: &str, name: &str) -> (Vec<String>, usize) {
    let mut names = Vec::new();
    let pages = app.pages(&format!("{path}&limit=200&count=true")).await;
    for page in &pages {
        let items = page.items();
        let last = items.last().map_or(0, |item| item.to_string().len());
        assert!(
            page.text.len() - last <= PAGE + 200,
            "{path} has {} bytes, {last} of them its last item",
            page.text.len()
        );
        names.extend(items.iter().map(|item| item[name].to_string()));
        // It is short only where it is full.
        let full = items.len() == 200 || page.text.len() > PAGE;
        assert!(full || page["next"].is_null(), "{path}");
    }
    assert_eq!(pages[0]["count"], names.len(), "{path}");
    (names, pages.len())
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_the_log_ends_by_its_bytes(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let body = |letter: &str| format!("{letter} {}", "word ".repeat(180_000));
    let article = app.article(json!({"title": "1", "body": body("a")})).await;
    for letter in ["b", "c", "d", "e", "f", "g", "h"] {
        app.patch(&format!("/v1/articles/{article}"), json!({"body": body(letter)}))
            .await
            .expect(200);
        app.participant(&format!("P{letter}").to_uppercase()).await;
    }
    let history = format!("/v1/articles/{article}/history");
    for path in [
        "/v1/changes?sort=-seq".to_owned(),
        "/v1/changes?after_seq=0".to_owned(),
        format!("{history}?sort=seq"),
        format!("{history}?op=create,update"),
    ] {
        let (seqs, pages) = walked_by_bytes(&app, &path, "seq").await;
        let shown = app.get(&format!("{path}&limit=200&fields=seq")).await.expect(200);
        // What is not shown takes no room.
        assert_eq!(shown["next"], Value::Null);
        let wanted: Vec<String> = shown.items().iter().map(|it| it["seq"].to_string()).collect();
        assert_eq!(seqs, wanted, "{path}");
        // Some 13 million bytes of articles, a little less than two million an item.
        assert!((3..=4).contains(&pages), "{path} took {pages} pages");
        let whole = app.get(&format!("{path}&format=ndjson")).await.expect(200);
        let whole: Vec<String> = lines(&whole).iter().map(|it| it["seq"].to_string()).collect();
        assert_eq!(whole, wanted, "{path}");
        // Another form has pages as well.
        for format in ["csv", "ndjson"] {
            let pages = app.pages(&format!("{path}&format={format}&limit=200")).await;
            assert!(
                pages.iter().all(|page| page.text.len() < PAGE + 2_000_000),
                "{path}"
            );
            let rows: usize = pages.iter().map(|page| number_of_rows(page, format)).sum();
            assert_eq!(rows, wanted.len(), "{path} as {format}");
            let many = pages.len();
            assert!((3..=4).contains(&many), "{path} as {format} took {many} pages");
        }
    }
    // An entry that is longer than a page is a page.
    let long = |letter: &str| letter.repeat(600_000);
    let longest = app.article(json!({"title": "2", "body": long("\u{1}")})).await;
    app.patch(&format!("/v1/articles/{longest}"), json!({"body": long("\u{2}")}))
        .await
        .expect(200);
    let page = app.get("/v1/changes?limit=200").await.expect(200);
    assert!(page.text.len() > 7_000_000, "{} bytes", page.text.len());
    assert_eq!(json!(page.each("op")), json!(["update"]));
    let next = page["next"].as_str().unwrap();
    let page = app
        .get(&format!("/v1/changes?limit=200&after={next}"))
        .await
        .expect(200);
    assert_eq!(page.items()[0]["after"]["id"], longest);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_beside_a_record_counts_for_its_page(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    let article = app.article(json!({"body": "q".repeat(10_000)})).await;
    let quote = json!({"article": article, "quote": "q".repeat(10_000), "start": 0, "end": 10_000});
    let mut pledges = Vec::new();
    for number in 0..60 {
        let mut pledge = json!({"participant": "USA", "meeting": meeting, "qualifier": "exact", "amount": "1.00", "currency": "USD"});
        // Every fourth has half a million bytes of citations: more at the end than at the beginning.
        if number % 4 == 0 {
            pledge["citations"] = json!(vec![quote.clone(); 50]);
        }
        pledges.push(json!(app.pledge_with(pledge).await).to_string());
    }
    for (sort, expand) in [
        ("created_at", "citations"),
        ("-created_at", "participant,citations,events"),
        ("amount", "citations,meeting"),
    ] {
        let path = format!("/v1/pledges?currency=USD&sort={sort}&expand={expand}");
        let (ids, pages) = walked_by_bytes(&app, &path, "id").await;
        let mut wanted = pledges.clone();
        if sort.starts_with('-') {
            wanted.reverse();
        }
        assert_eq!(ids, wanted, "{path}");
        assert_eq!(pages, 2, "{path}");
        let whole = lines(&app.get(&format!("{path}&format=ndjson")).await.expect(200));
        let cited: Vec<usize> = whole
            .iter()
            .map(|it| it["expanded"]["citations"].as_array().unwrap().len())
            .collect();
        assert_eq!(cited.iter().sum::<usize>(), 15 * 50, "{path}");
        let whole: Vec<String> = whole.iter().map(|it| it["id"].to_string()).collect();
        assert_eq!(whole, wanted, "{path}");
        // Without what stands beside them they are one page.
        let plain = format!("/v1/pledges?currency=USD&sort={sort}");
        assert_eq!(walked_by_bytes(&app, &plain, "id").await.1, 1);
    }
    // Long texts of their own, and of many participants.
    let long = app
        .pledge_with(json!({"participant": "KWT", "meeting": meeting, "purpose": "😀".repeat(10_000), "conditions": "😀".repeat(10_000)}))
        .await;
    many_like(&app, &long, 129).await;
    let (ids, pages) = walked_by_bytes(&app, "/v1/pledges?participant=KWT", "id").await;
    assert_eq!((ids.len(), pages), (130, 3));
    let aliases = |number: usize| -> Vec<String> {
        (0..400)
            .map(|alias| format!("{number} {alias} {}", "a".repeat(480)))
            .collect()
    };
    for number in 0..24 {
        app.post(
            "/v1/participants",
            json!({"code": format!("N{number:02}"), "kind": "fund", "names": {"en": "n"}, "aliases": aliases(number)}),
        )
        .await
        .created();
    }
    for sort in ["code", "-code", "created_at", "kind"] {
        let path = format!("/v1/participants?kind=fund&sort={sort}");
        let (codes, pages) = walked_by_bytes(&app, &path, "code").await;
        assert_eq!((codes.len(), pages), (24, 2), "{path}");
        let whole = lines(&app.get(&format!("{path}&format=ndjson")).await.expect(200));
        let whole: Vec<String> = whole.iter().map(|it| it["code"].to_string()).collect();
        assert_eq!(whole, codes, "{path}");
    }
}

/// Asks for a whole list, reads its beginning, and then takes its time.
async fn slow_reader(app: &App, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(65536).unwrap();
    let address = app.base.strip_prefix("http://").unwrap().parse().unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut start = [0; 64];
    stream.read_exact(&mut start).await.unwrap();
    assert!(start.starts_with(b"HTTP/1.1 200"));
    stream
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_stands_in_nobodys_way(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    let first = app
        .pledge_with(json!({"participant": "USA", "meeting": meeting, "purpose": "x".repeat(2000), "conditions": "y".repeat(2000)}))
        .await;
    many_like(&app, &first, 1202).await;
    // More of them than there are connections to read with.
    let mut readers = Vec::new();
    for number in 0..12 {
        let format = ["csv", "ndjson"][number % 2];
        readers.push(slow_reader(&app, &format!("/v1/pledges?format={format}")).await);
    }
    for _ in 0..20 {
        app.pledge(&meeting, "1.00", "USD").await;
        app.get("/v1/pledges?limit=2").await.expect(200);
        app.totals("").await;
    }
    let short = app.get("/v1/participants?format=csv").await.expect(200);
    assert_eq!(Table::of(&short).each("code"), ["USA"]);
    // One hangs up, and the others get the whole, to the end.
    drop(readers.pop());
    for mut reader in readers.into_iter().take(2) {
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).await.unwrap();
        let rest = String::from_utf8_lossy(&rest);
        assert!(rest.ends_with("\r\n0\r\n\r\n"), "it broke off");
        assert_eq!(rest.matches(&"y".repeat(2000)).count(), 1203);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn totals_are_a_table_of_what_counts(#[case] engine: Engine) {
    let app = App::start(engine).await;
    Dossier::of(&app).await;
    // One that only says another again, one in a currency without a rate, and one without an amount.
    let original = app.pledge("m-two", "1000.00", "EUR").await;
    app.pledge_with(json!({"participant": "USA", "meeting": "m-one", "restates": original, "qualifier": "exact", "amount": "1000.00", "currency": "EUR"}))
        .await;
    app.pledge("m-three", "5000", "IQD").await;
    app.pledge_with(json!({"participant": "UNDP", "meeting": "m-four", "instrument": "in_kind"}))
        .await;
    let figures = [
        "min",
        "point",
        "max",
        "committed",
        "paid",
        "withdrawn",
        "outstanding",
    ];
    for query in [
        "",
        "group_by=participant",
        "group_by=meeting,participant",
        "group_by=coalition",
        "group_by=meeting,currency",
        "group_by=currency",
        "group_by=participant_kind,instrument,state,year,month,beneficiary",
        "group_by=participant&in=USD&rate_max_age=366",
        "in=KWD&rate_max_age=366",
        "group_by=meeting,currency&in=USD",
        "group_by=month&restatements=include&parents=children",
        "group_by=participant&participant=IRQ",
        "participant=IRQ",
        "group_by=participant&currency=USD&sort=-point",
        "meeting=m-four",
    ] {
        let json = app.totals(&format!("{query}&lang=ar&limit=200")).await;
        let groups = json["groups"].as_array().unwrap();
        let rows = app.totals(&format!("{query}&lang=ar&format=ndjson")).await;
        assert_eq!(json!(lines(&rows)), json["groups"], "{query}");
        let answer = app.totals(&format!("{query}&lang=ar&format=csv")).await;
        let table = Table::of(&answer);
        let converted = query.contains("in=");
        let mut row = table.rows.iter();
        for group in groups {
            let by_currency = group["by_currency"].as_array().unwrap();
            let sums: Vec<&Value> = if converted {
                vec![&group["converted"]]
            } else if by_currency.is_empty() {
                vec![&Value::Null]
            } else {
                by_currency.iter().collect()
            };
            for sums in sums {
                let row = row
                    .next()
                    .unwrap_or_else(|| panic!("{query}: a line is missing: {answer}"));
                let holds = |column: &str, value: &Value| {
                    assert_eq!(
                        row[table.column(column)],
                        cell(value),
                        "{column} of {query}: {answer}"
                    );
                };
                for (dimension, key) in group["key"].as_object().unwrap() {
                    if dimension == "currency" && converted {
                        holds("group_currency", key);
                    } else {
                        holds(dimension, key);
                    }
                    if let Some(name) = group["names"].get(dimension) {
                        let at = table.column(dimension) + 1;
                        assert!(
                            table.header[at].starts_with(dimension.as_str()),
                            "{:?}",
                            table.header
                        );
                        assert_eq!(row[at], cell(name), "{query}");
                    }
                }
                for figure in figures {
                    holds(figure, &sums[figure]);
                }
                let currency = if sums.is_null() {
                    &group["key"]["currency"]
                } else {
                    holds("pledges", &sums["pledges"]);
                    holds("unbounded", &sums["unbounded"]);
                    &sums["currency"]
                };
                holds("currency", currency);
                for counted in ["pledges", "unquantified", "unbounded"] {
                    holds(&format!("group_{counted}"), &group[counted]);
                }
                if converted {
                    let left = row[table.column("unconverted")].as_str();
                    for it in sums["unconverted"].as_array().unwrap() {
                        let point = it["point"].as_str().unwrap();
                        let said = format!("{} pledges={} ", it["currency"].as_str().unwrap(), it["pledges"]);
                        let (_, rest) = left.split_once(&said).unwrap_or_else(|| panic!("{left}"));
                        assert!(rest.contains(&format!(" point={point} ")), "{left}");
                        assert!(
                            rest.contains(&format!(" paid={}", it["paid"].as_str().unwrap())),
                            "{left}"
                        );
                    }
                }
            }
        }
        assert!(row.next().is_none(), "{query}: a line too many: {answer}");
        // How it was counted, and as of when, is said of all forms alike.
        for form in [&json, &rows, &answer] {
            let basis = form.header("pledgebook-basis").unwrap();
            assert!(basis.starts_with("restatements="), "{basis}");
            assert_eq!(Some(basis), json.header("pledgebook-basis"));
            let at = form.header("pledgebook-as-of").unwrap();
            let at = chrono::DateTime::parse_from_rfc3339(at).unwrap();
            assert!((chrono::Utc::now() - at.to_utc()).num_seconds().abs() < 60);
        }
        let name = file_name(&answer);
        let restatements = if query.contains("include") {
            "include"
        } else {
            "exclude"
        };
        assert!(
            name.starts_with(&format!("totals_restatements={restatements}_parents=")),
            "{name}"
        );
        assert_eq!(name.contains("in="), converted, "{name}");
        assert!(
            name.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_=,.".contains(&b)),
            "{name}"
        );
    }
    // What is left out is in no line.
    let table = Table::of(&app.totals("format=csv&currency=EUR").await);
    assert_eq!(table.each("point"), ["1000.00"]);
    let excluded = app.totals("currency=EUR").await;
    assert_eq!(excluded["excluded"][0]["reason"], "restated");
    let name = app.get("/v1/meetings/m-one/totals?format=csv").await.expect(200);
    assert!(file_name(&name).starts_with("meetings-m-one-totals_"), "{name}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn totals_come_whole_or_by_pages_in_every_form(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let meeting = app.meeting("m-one").await;
    for number in 0..60 {
        app.pledge_by(&format!("P{number:02}"), &meeting, "10.00", "USD")
            .await;
    }
    for path in [
        "/v1/totals?group_by=participant",
        "/v1/meetings/m-one/totals?group_by=participant&currency=USD&sort=-point",
    ] {
        let whole = Table::of(&app.get(&format!("{path}&format=csv")).await.expect(200));
        assert_eq!(whole.rows.len(), 60);
        let json = app.get(path).await.expect(200);
        assert_eq!(json["groups"].as_array().unwrap().len(), 50);
        for format in ["json", "csv", "ndjson"] {
            let pages = app.pages(&format!("{path}&format={format}&limit=25")).await;
            let rows: Vec<usize> = pages.iter().map(|page| number_of_rows(page, format)).collect();
            assert_eq!(rows, [25, 25, 10], "{format} of {path}");
        }
        // A cursor goes from one form to another, and not to another question.
        let next = json["next"].as_str().unwrap();
        let rest = app
            .get(&format!("{path}&format=csv&lang=ar&after={next}"))
            .await
            .expect(200);
        assert_eq!(Table::of(&rest).rows.len(), 10);
        for other in [
            format!("{path}&participant_kind=state&after={next}"),
            format!("{path},instrument&after={next}").replace("&currency", ",instrument&currency"),
            format!("/v1/totals?after={next}"),
            format!("{path}&after={}", &next[..next.len() - 3]),
            format!("{path}&after={next}x"),
            format!("{path}&after="),
        ] {
            app.get(&other).await.problem(400, "malformed").fault("?after");
        }
    }
    for format in ["csv", "ndjson"] {
        for limit in ["0", "201"] {
            app.get(&format!("/v1/totals?format={format}&limit={limit}"))
                .await
                .problem(400, "malformed")
                .fault("?limit");
        }
    }
}

/// As browsers ask for whatever is typed into them.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn json_ends_its_line_and_is_indented_for_whoever_wants_that(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let dossier = Dossier::of(&app).await;
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap() + "\n";
    for get in dossier.gets() {
        let content = &get.object["responses"]["200"]["content"];
        if content.get("application/json").is_none() || get.path == "/openapi.json" {
            continue;
        }
        let plain = app.get(&get.path).header("Accept", "*/*").await.expect(200);
        assert_eq!(plain.text, plain.body.to_string() + "\n", "{}", get.path);
        // What takes no parameters is short.
        if ["/healthz", "/readyz", "/version"].contains(&&*get.path) {
            continue;
        }
        let and = if get.path.contains('?') { '&' } else { '?' };
        let asked = app
            .get(&format!("{}{and}pretty=true", get.path))
            .await
            .expect(200);
        assert_eq!(asked.text, pretty(&plain.body), "{}", get.path);
        assert_ne!(asked.header("etag"), plain.header("etag"));
        if content.get("text/html").is_some() {
            continue;
        }
        for accept in [BROWSER, "text/html"] {
            let shown = app.get(&get.path).header("Accept", accept).await.expect(200);
            assert_eq!(shown.text, asked.text, "{}", get.path);
            assert_eq!(shown.header("content-type"), Some("application/json"));
            let path = format!("{}{and}pretty=false", get.path);
            let plainly = app.get(&path).header("Accept", accept).await.expect(200);
            assert_eq!(plainly.text, plain.text, "{}", get.path);
        }
        let etag = asked.header("etag").unwrap();
        app.get(&format!("{}{and}pretty=true", get.path))
            .header("If-None-Match", etag)
            .await
            .expect(304);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn writes_batches_and_problems_are_indented_too(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let coalition = |slug: &str| json!({"slug": slug, "names": {"en": "C"}});
    let made = app
        .post("/v1/coalitions?pretty=true", coalition("one"))
        .await
        .created();
    let changed = app
        .patch("/v1/coalitions/one?pretty=true", json!({"founded_on": "2014"}))
        .await
        .expect(200);
    let batch = app
        .post("/v1/coalitions/batch?pretty=true", json!([coalition("two")]))
        .await
        .expect(201);
    let refused = app
        .post("/v1/coalitions?pretty=true", json!({"slug": "one"}))
        .await
        .problem(422, "invalid");
    let seen = app
        .get("/v1/nothing")
        .header("Accept", BROWSER)
        .await
        .problem(404, "no_such_path");
    for answer in [made, changed, batch, refused, seen] {
        let indented = serde_json::to_string_pretty(&answer.body).unwrap() + "\n";
        assert_eq!(answer.text, indented);
    }
    let plain = app.get("/v1/nothing").await.problem(404, "no_such_path");
    assert_eq!(plain.text, plain.body.to_string() + "\n");
    // A cursor serves whichever way its page was shown.
    let page = app.get("/v1/coalitions?limit=1&pretty=true").await.expect(200);
    let next = page["next"].as_str().unwrap();
    app.get(&format!("/v1/coalitions?limit=1&after={next}"))
        .await
        .expect(200);
    let refused = app
        .get("/v1/coalitions?pretty=yes")
        .await
        .problem(400, "malformed")
        .fault("?pretty");
    assert!(refused.text.ends_with("}\n"));
}
