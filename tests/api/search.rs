//! Search: records found by their words, the same ones in the same order on both databases.

use std::{collections::HashMap, fmt::Write as _};

use pledgebook::{
    db::{Patience, Sql},
    search::index,
    seed,
};
use serde_json::Value;

use crate::{answer::Answer, prelude::*};

/// What was found, in its order: `articles/…`.
fn found(answer: &Answer) -> Vec<String> {
    let word = |item: &Value, member: &str| item[member].as_str().unwrap().to_owned();
    answer
        .items()
        .iter()
        .map(|item| format!("{}/{}", word(item, "resource"), word(item, "key")))
        .collect()
}

fn encoded(q: &str) -> String {
    q.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").unwrap();
        text
    })
}

impl App {
    async fn search(&self, q: &str, more: &str) -> Answer {
        self.get(&format!("/v1/search?q={}{more}", encoded(q))).await
    }

    async fn found(&self, q: &str) -> Vec<String> {
        found(&self.search(q, "&limit=200").await.expect(200))
    }

    /// The index is what the records say, and stays so when it is filled anew.
    async fn check_index(&self) {
        let db = self.another_db().await;
        let differences = index::verify(&mut db.snapshot().await.unwrap(), |_, _| {})
            .await
            .unwrap();
        assert_eq!(differences, []);
    }

    async fn rebuild(&self) {
        let db = self.another_db().await;
        index::rebuild(&db, |_, _| {}).await.unwrap();
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_article_of_the_demo_is_found_however_one_spells_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.load_the_dossier().await.unwrap();
    let list = app.get("/v1/articles?language=ar").await;
    let arabic: Vec<String> = list
        .each("id")
        .iter()
        .map(|id| format!("articles/{}", id.as_str().unwrap()))
        .collect();
    for q in [
        "سوريا",
        "سورية",
        "«تيلرسون»",
        "Tillerson",
        "\"200 million\"",
        "٢٠٠",
    ] {
        let hits = app.found(q).await;
        assert!(hits.iter().any(|it| arabic.contains(it)), "{q}: {hits:?}");
    }
    let hits = app.search("سوريا", "&resource=articles").await.expect(200);
    let snippet = &hits.items()[0]["snippets"][0];
    let text: Vec<char> = snippet["text"].as_str().unwrap().chars().collect();
    let place = |name: &str| usize::try_from(snippet["matches"][0][name].as_u64().unwrap()).unwrap();
    let marked: String = text[place("start")..place("end")].iter().collect();
    assert!(marked.contains("سوري"), "{marked}");
    app.check_index().await;
    app.rebuild().await;
    app.check_index().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn where_a_word_stands_decides_and_then_the_date(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let body = |title: &str, body: &str, on: Value| json!({"title": title, "body": body, "published_on": on});
    let undated = app
        .article(body("One", "Of desalination, undated.", json!(null)))
        .await;
    let old = app
        .article(body("Two", "Old words of desalination.", json!("2017-01-01")))
        .await;
    let new = app
        .article(body("Three", "New words of desalination.", json!("2019")))
        .await;
    let titled = app
        .article(body("Desalination at last", "Nothing else.", json!("2001-02-03")))
        .await;
    let meeting = app
        .meeting_with(json!({"slug": "desalination", "titles": {"en": "Water"}, "starts_on": "2000"}))
        .await;
    let purpose = app
        .pledge_with(
            json!({"participant": "USA", "meeting": meeting, "qualifier": "exact", "amount": "5.00",
            "currency": "USD", "purpose": "A desalination plant", "announced_on": "1999"}),
        )
        .await;
    let quoted = app
        .pledge_with(
            json!({"participant": "USA", "meeting": meeting, "qualifier": "exact", "amount": "6.00",
        "currency": "USD", "announced_on": "1998"}),
        )
        .await;
    app.citation(
        &format!("pledges/{quoted}"),
        &new,
        json!({"quote": "words of desalination", "start": 4, "end": 25}),
    )
    .await;
    let answer = app
        .search(
            "desalination",
            "&count=true&facets=resource,year,meeting,language,publisher",
        )
        .await
        .expect(200);
    assert_eq!(
        found(&answer),
        [
            "meetings/desalination".to_owned(),
            format!("articles/{titled}"),
            format!("pledges/{quoted}"),
            format!("pledges/{purpose}"),
            format!("articles/{new}"),
            format!("articles/{old}"),
            format!("articles/{undated}"),
        ]
    );
    assert_eq!(
        answer.each("why"),
        ["exact", "name", "quote", "purpose", "body", "body", "body"]
    );
    assert_eq!(answer["count"], 7);
    assert_eq!(
        answer["facets"]["resource"],
        json!([{"value": "articles", "count": 4}, {"value": "pledges", "count": 2}, {"value": "meetings", "count": 1}])
    );
    assert_eq!(
        answer["facets"]["meeting"],
        json!([{"value": "desalination", "count": 3}])
    );
    assert_eq!(answer["facets"]["language"], json!([{"value": "en", "count": 4}]));
    let years: i64 = answer["facets"]["year"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["count"].as_i64().unwrap())
        .sum();
    assert_eq!(years, 6);
    // By pages it is the same.
    let mut paged = Vec::new();
    for page in app.pages("/v1/search?q=desalination&limit=2").await {
        paged.extend(found(&page));
    }
    assert_eq!(paged, found(&answer));
    let csv = app.get("/v1/search?q=desalination&format=csv").await.expect(200);
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
    // Filters leave the others out.
    for (filter, count) in [
        ("resource=pledges", 2),
        ("year=2019", 1),
        ("meeting=desalination", 3),
        ("language=en", 4),
        ("publisher=Nobody", 0),
    ] {
        let answer = app
            .get(&format!("/v1/search?q=desalination&count=true&{filter}"))
            .await
            .expect(200);
        assert_eq!(answer["count"], count, "{filter}");
        assert_eq!(answer.items().len(), count, "{filter}");
    }
    app.check_index().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_finds_what_search_does(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for number in 0..30 {
        let title = if number % 3 == 0 { "Harbour" } else { "Road" };
        app.article(json!({"title": format!("{title} {number}"), "body": format!("Text {number} of a harbour"),
            "language": if number % 2 == 0 { "en" } else { "fr" }, "published_on": format!("{}", 2000 + number % 5)}))
            .await;
    }
    let all = app.found("harbour").await;
    assert_eq!(all.len(), 30);
    let keys = |rows: &[Value]| -> Vec<String> {
        rows.iter()
            .map(|it| format!("articles/{}", it["id"].as_str().unwrap()))
            .collect()
    };
    let rows = app.rows("/v1/articles?q=harbour&limit=7").await;
    assert_eq!(keys(&rows), all);
    let french = app.rows("/v1/articles?q=harbour&language=fr&limit=4").await;
    let found_french = found(&app.search("harbour", "&language=fr&limit=200").await);
    assert_eq!(keys(&french), found_french);
    let counted = app
        .get("/v1/articles?q=harbour&language=fr&count=true&limit=1")
        .await
        .expect(200);
    assert_eq!(counted["count"], found_french.len());
    // Another order is that of the list.
    let sorted = app
        .rows("/v1/articles?q=harbour&sort=published_on&limit=200")
        .await;
    assert!(sorted.is_sorted_by_key(|it| it["published_on"].as_str().unwrap().to_owned()));
    assert_eq!(sorted.len(), 30);
    let whole = app.get("/v1/articles?q=harbour&format=ndjson").await.expect(200);
    assert_eq!(whole.text.lines().count(), 30);
    // A cursor is of its question.
    let first = app.get("/v1/articles?q=harbour&limit=7").await;
    let next = first["next"].as_str().unwrap();
    app.get(&format!("/v1/articles?q=harbour&sort=title&limit=7&after={next}"))
        .await
        .problem(400, "malformed")
        .fault("?after");
    app.get(&format!("/v1/articles?limit=7&after={next}"))
        .await
        .problem(400, "malformed")
        .fault("?after");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_leaves_the_index_and_what_returns_comes_back(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app
        .article(json!({"title": "Aqueduct", "body": "Of aqueducts"}))
        .await;
    let hit = [format!("articles/{article}")];
    assert_eq!(app.found("aqueduct").await, hit);
    app.delete(&format!("/v1/articles/{article}")).await.expect(204);
    assert_eq!(app.found("aqueduct").await, [""; 0]);
    app.restore(&format!("/v1/articles/{article}")).await.expect(200);
    assert_eq!(app.found("aqueduct").await, hit);
    app.patch(
        &format!("/v1/articles/{article}"),
        json!({"title": "Bridge", "body": "Of bridges"}),
    )
    .await
    .expect(200);
    assert_eq!(app.found("aqueduct").await, [""; 0]);
    assert_eq!(app.found("bridge").await, hit);
    // Who was merged leads to the successor.
    for (code, name) in [("OLD", "Ruritania"), ("NEW", "Elbonia")] {
        let names = json!({"en": name});
        app.post(
            "/v1/participants",
            json!({"code": code, "kind": "state", "names": names}),
        )
        .await
        .created();
    }
    assert_eq!(app.found("Ruritania").await, ["participants/OLD"]);
    app.patch("/v1/participants/OLD", json!({"merged_into": "NEW"}))
        .await
        .expect(200);
    assert_eq!(app.found("Ruritania").await, ["participants/NEW"]);
    // Delegates are found with their meeting.
    let meeting = app.meeting("kuwait").await;
    app.attendance(
        &meeting,
        "NEW",
        json!({"delegate_name": "Zamfir Quill", "role": "member"}),
    )
    .await;
    assert_eq!(app.found("quill").await, ["meetings/kuwait"]);
    app.delete("/v1/meetings/kuwait/attendance/NEW").await.expect(204);
    assert_eq!(app.found("quill").await, [""; 0]);
    app.check_index().await;
    let before = app.found("bridge").await;
    app.rebuild().await;
    app.check_index().await;
    assert_eq!(app.found("bridge").await, before);
    // Whatever is not there, or there for nothing.
    for lost in [
        "delete from search_terms where rowid > (select min(number) from search_documents)",
        "delete from search_documents where number > (select min(number) from search_documents)",
    ] {
        let mut conn = app
            .register()
            .db()
            .begin_alone(Patience::OfRequest)
            .await
            .unwrap();
        conn.run(Sql::new(lost)).await.unwrap();
        conn.commit().await.unwrap();
        let db = app.another_db().await;
        let differences = index::verify(&mut db.snapshot().await.unwrap(), |_, _| {}).await;
        assert_ne!(differences.unwrap(), []);
        app.rebuild().await;
        app.check_index().await;
        assert_eq!(app.found("bridge").await, before);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn names_are_picked_as_one_types(#[case] engine: Engine) {
    let app = App::start(engine).await;
    seed::participants(app.register()).await.unwrap();
    for (typed, code) in [
        ("kuw", "KWT"),
        ("الكو", "KWT"),
        ("كوي", "KWT"),
        ("unit kin", "GBR"),
        ("gbr", "GBR"),
        ("swazi", "SWZ"),
    ] {
        let answer = app
            .get(&format!("/v1/participants?q={}&limit=10", encoded(typed)))
            .await
            .expect(200);
        assert!(
            answer.each("code").iter().any(|it| **it == code),
            "{typed}: {answer}"
        );
    }
    // A code as a whole comes first.
    let answer = app.get("/v1/participants?q=us&limit=5").await.expect(200);
    assert!(!answer.items().is_empty());
    let answer = app.get("/v1/participants?q=usa&limit=5").await.expect(200);
    assert_eq!(answer.items()[0]["code"], "USA");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_name_in_the_place_of_a_key_is_answered_with_the_key(#[case] engine: Engine) {
    let app = App::start(engine).await;
    seed::participants(app.register()).await.unwrap();
    for (name, code) in [("UK", "GBR"), ("الكويت", "KWT"), ("Swaziland", "SWZ")] {
        let suggested = |answer: &Answer, pointer: &str| {
            let errors = answer["errors"].as_array().unwrap();
            let fault = errors.iter().find(|it| it["pointer"] == pointer).unwrap();
            assert_eq!(fault["suggestion"], code, "{answer}");
        };
        let refused = app
            .post("/v1/pledges", json!({"participant": name, "instrument": "grant"}))
            .await
            .problem(422, "invalid");
        suggested(&refused, "/participant");
        let refused = app
            .get(&format!("/v1/pledges?participant={}", encoded(name)))
            .await
            .problem(400, "malformed");
        suggested(&refused, "?participant");
    }
    let refused = app
        .post(
            "/v1/pledges",
            json!({"participant": "Zzyzx", "instrument": "grant"}),
        )
        .await
        .problem(422, "invalid");
    assert_eq!(refused["errors"][0].get("suggestion"), None);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn no_question_is_a_fault_of_ours(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.article(
        json!({"title": "NEAR AND NOT", "body": "a OR b \"quoted\" col:umn x* ^y 'z' \\ & | ! <-> :* (c)"}),
    )
    .await;
    let long = "mot ".repeat(250);
    let longer = "mot ".repeat(2_500);
    let asked = [
        "",
        " ",
        "\"",
        "\"\"",
        "«»",
        "*",
        "-",
        "--",
        "- -a",
        "the",
        "من",
        "le la",
        "-a",
        "NEAR(a b)",
        "a NEAR b",
        "AND",
        "OR OR",
        "NOT a",
        "col:umn",
        "terms : a",
        "^y",
        "'z'",
        "\\",
        "&",
        "a & b",
        "a | b",
        "!a",
        "a <-> b",
        "a:*",
        "a:A",
        "(c",
        "c)",
        "((((",
        "{a b}",
        "\"a",
        "a\"",
        "\"a b",
        "a*b*c*",
        "**",
        "x*",
        "\u{1}",
        "\u{7f}",
        "\u{200f}",
        "\u{301}",
        "\u{fffd}",
        "ﷺ",
        "𝒜",
        "١٢٣٤٥٦٧٨٩٠",
        "9999999999999999999999 million",
        "%",
        "_",
        "#",
        "~a",
        "0",
        "1a",
        "'; drop table search_terms; --",
        "\"of the\"",
        "\"the\"",
        "a -\"b c\"",
        &long,
        &longer,
    ];
    for q in asked {
        for path in [
            "search",
            "articles",
            "participants",
            "meetings",
            "pledges",
            "coalitions",
        ] {
            let answer = app
                .get(&format!("/v1/{path}?q={}&facets=resource", encoded(q)).replace(
                    if path == "search" {
                        "\0"
                    } else {
                        "&facets=resource"
                    },
                    "",
                ))
                .await;
            assert!([200, 400, 414].contains(&answer.status), "{path} {q}: {answer}");
            if answer.status == 400 {
                answer.problem(400, "malformed").fault("?q");
            }
        }
    }
    app.get("/v1/search?q=a%00b").await.problem(400, "malformed");
    app.get("/v1/search?q=%FF").await.problem(400, "malformed");
    app.get("/v1/search").await.problem(400, "malformed").fault("?q");
    app.get("/v1/search?q=a&q=b")
        .await
        .problem(400, "malformed")
        .fault("?q");
    app.search("the", "").await.problem(400, "malformed").fault("?q");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_private_register_is_searched_with_a_key(#[case] engine: Engine) {
    let app = App::start_private(engine).await;
    app.article(json!({"title": "Aqueduct"})).await;
    app.get("/v1/search?q=aqueduct")
        .without_key()
        .await
        .problem(401, "unauthorized");
    app.get("/v1/articles?q=aqueduct")
        .without_key()
        .await
        .problem(401, "unauthorized");
    let reader = app.keys.reader.clone();
    let answer = app
        .get("/v1/search?q=aqueduct&facets=resource")
        .key(&reader)
        .await
        .expect(200);
    assert_eq!(found(&answer).len(), 1);
    // Nor does the page of results say anything.
    let page = app.get("/search?q=aqueduct").without_key().await.expect(200);
    assert!(!page.text.contains("Aqueduct"), "{page}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_from_memory_is_what_the_index_says(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({"title": "Aqueduct"})).await;
    for _ in 0..3 {
        assert_eq!(app.found("aqueduct").await.len(), 1);
    }
    app.patch(&format!("/v1/articles/{article}"), json!({"title": "Bridge"}))
        .await
        .expect(200);
    assert_eq!(app.found("aqueduct").await.len(), 0);
    assert_eq!(app.found("bridge").await.len(), 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_beyond_the_limits_of_a_vector_is_found_on_both(#[case] engine: Engine) {
    let app = App::start(engine).await;
    // Beyond 16,383 places, and a word more than 256 times.
    let mut body = String::new();
    for number in 0..20_000 {
        write!(body, "w{number} every ").unwrap();
    }
    body.push_str("the very last");
    let long = app.article(json!({"title": "Long", "body": body})).await;
    let hit = [format!("articles/{long}")];
    for q in ["w19999", "w5 w19998", "\"w5 every\"", "every"] {
        assert_eq!(app.found(q).await, hit, "{q}");
    }
    // Phrases are known of the first places alone, alike on both.
    assert_eq!(app.found("\"w19998 every\"").await, [""; 0]);
    // Of distinct words no more than fit.
    let mut body = String::new();
    for number in 0..80_000 {
        write!(body, "wörter{number:05} ").unwrap();
    }
    let full = app.article(json!({"title": "Full", "body": body})).await;
    assert_eq!(app.found("wörter00007").await, [format!("articles/{full}")]);
    let word = "ب".repeat(40_000);
    app.article(json!({"title": "Word", "body": word})).await;
    app.check_index().await;
}

/// Always the same numbers.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

/// A corpus, and what of it each query finds, in its order: told over HTTP as the analyser alone tells it.
const CORPUS: &str = include_str!("../data/search/corpus.json");
const QUERIES: &str = include_str!("../data/search/queries.json");

impl App {
    /// Writes down the corpus; by what is found, what it is called there.
    async fn corpus(&self) -> HashMap<String, String> {
        let corpus: Value = serde_json::from_str(CORPUS).unwrap();
        let of = |name: &str| corpus[name].as_array().unwrap().clone();
        let (mut names, mut articles) = (HashMap::new(), HashMap::new());
        for participant in of("participants") {
            let code = participant["code"].as_str().unwrap().to_owned();
            self.post("/v1/participants", participant).await.created();
            names.insert(format!("participants/{code}"), code);
        }
        for coalition in of("coalitions") {
            let slug = coalition["slug"].as_str().unwrap().to_owned();
            self.post("/v1/coalitions", coalition).await.created();
            names.insert(format!("coalitions/{slug}"), slug);
        }
        for mut article in of("articles") {
            let name = taken(&mut article, "ref").as_str().unwrap().to_owned();
            let body = article["body"].as_str().unwrap_or_default().to_owned();
            let id = self.post("/v1/articles", article).await.created().id();
            names.insert(format!("articles/{id}"), name.clone());
            articles.insert(name, (id, body));
        }
        let cited = |citations: Value| -> Vec<Value> {
            let citations = citations.as_array().cloned().unwrap_or_default();
            citations
                .into_iter()
                .map(|it| {
                    let (article, body) = &articles[it["article"].as_str().unwrap()];
                    let quote = it["quote"].as_str().unwrap();
                    let start = body[..body.find(quote).unwrap()].chars().count();
                    let end = start + quote.chars().count();
                    json!({"article": article, "quote": quote, "start": start, "end": end})
                })
                .collect()
        };
        for mut meeting in of("meetings") {
            let slug = meeting["slug"].as_str().unwrap().to_owned();
            let attendance = taken(&mut meeting, "attendance");
            let citations = cited(taken(&mut meeting, "citations"));
            self.post("/v1/meetings", meeting).await.created();
            for mut it in attendance.as_array().cloned().unwrap_or_default() {
                let participant = taken(&mut it, "participant");
                let participant = participant.as_str().unwrap();
                self.put(&format!("/v1/meetings/{slug}/attendance/{participant}"), it)
                    .await
                    .ok();
            }
            for it in citations {
                self.post(&format!("/v1/meetings/{slug}/citations"), it)
                    .await
                    .created();
            }
            names.insert(format!("meetings/{slug}"), slug);
        }
        for mut pledge in of("pledges") {
            let name = taken(&mut pledge, "ref").as_str().unwrap().to_owned();
            pledge["citations"] = cited(taken(&mut pledge, "citations")).into();
            let id = self.post("/v1/pledges", pledge).await.created().id();
            names.insert(format!("pledges/{id}"), name);
        }
        names
    }
}

fn taken(value: &mut Value, name: &str) -> Value {
    value.as_object_mut().unwrap().remove(name).unwrap_or_default()
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_queries_is_answered_as_it_says(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let names = app.corpus().await;
    app.check_index().await;
    let rows: Vec<Value> = serde_json::from_str(QUERIES).unwrap();
    assert!(rows.len() >= 100);
    let mut wrong = String::new();
    for row in rows {
        let line = match &row["q"] {
            Value::String(line) => line.clone(),
            it => {
                let times = usize::try_from(it["times"].as_u64().unwrap()).unwrap();
                it["repeat"].as_str().unwrap().repeat(times)
            }
        };
        // No parameter holds it: the analyser takes it for what stands between words, and the register refuses it.
        if line.contains('\0') {
            app.search(&line, "").await.problem(400, "malformed");
            continue;
        }
        // What is longer than an address may be is refused as an address.
        if encoded(&line).len() > 20_000 {
            assert_eq!(app.search(&line, "").await.status, 414);
            continue;
        }
        let answer = app.search(&line, "&limit=200").await;
        let (is, is_refused) = match answer.status {
            200 => (found(&answer), false),
            _ => (
                Vec::new(),
                answer.problem(400, "malformed").fault("?q").status == 400,
            ),
        };
        let is: Vec<&str> = is.iter().map(|it| names[it].as_str()).collect();
        let says: Vec<&str> = row["finds"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|it| it.as_str().unwrap())
            .collect();
        if is != says || is_refused != row["fault"].is_string() {
            writeln!(
                wrong,
                "{}: {line:?}\n  is   {is:?} {is_refused}\n  says {says:?} {}",
                row["about"], row["fault"]
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn the_index_is_what_the_records_say_after_any_history(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let mut chance = Chance(0x5eed + u64::from(engine == Engine::Sqlite));
    let words = [
        "سوريا",
        "والكويت",
        "water",
        "l'eau",
        "grain",
        "200 million",
        "Tillerson",
        "the",
        "hôpital",
        "وزراء",
    ];
    let text = |chance: &mut Chance| -> String {
        (0..=chance.below(11))
            .map(|_| words[chance.below(words.len())])
            .collect::<Vec<_>>()
            .join(" ")
    };
    let meeting = app.meeting("kuwait").await;
    let (mut articles, mut pledges, mut citations) = (Vec::new(), Vec::new(), Vec::new());
    let mut gone: Vec<String> = Vec::new();
    for step in 0..120 {
        match chance.below(12) {
            0 | 1 => {
                let body = format!("{} {step}", text(&mut chance));
                articles.push((
                    app.article(json!({"title": text(&mut chance), "body": body}))
                        .await,
                    body,
                ));
            }
            2 | 3 => {
                let pledge = app.pledge_with(
                    json!({"participant": "USA", "meeting": meeting, "qualifier": "exact", "amount": "5.00",
                    "currency": "USD", "purpose": text(&mut chance)}),
                );
                pledges.push(pledge.await);
            }
            4 if !pledges.is_empty() && !articles.is_empty() => {
                let (article, body) = &articles[chance.below(articles.len())];
                let end = body.chars().count().min(20);
                let quote: String = body.chars().take(end).collect();
                let made = app
                    .post(
                        "/v1/citations",
                        json!({"subject": format!("pledges/{}", pledges[chance.below(pledges.len())]),
                    "article": article, "quote": quote, "start": 0, "end": end}),
                    )
                    .await;
                if made.status == 201 {
                    citations.push(format!("/v1/citations/{}", made.id()));
                }
            }
            5 if !articles.is_empty() => {
                let (article, _) = &articles[chance.below(articles.len())];
                app.patch(&format!("/v1/articles/{article}"), json!({"title": text(&mut chance), "published_on": format!("20{}", 10 + chance.below(20))})).await;
            }
            6 if !pledges.is_empty() => {
                let pledge = &pledges[chance.below(pledges.len())];
                app.patch(
                    &format!("/v1/pledges/{pledge}"),
                    json!({"purpose": text(&mut chance), "announced_by_name": text(&mut chance)}),
                )
                .await;
            }
            7 if !pledges.is_empty() => {
                let pledge = pledges[chance.below(pledges.len())].clone();
                app.post(
                    &format!("/v1/pledges/{pledge}/events"),
                    json!({"stage": "paid", "occurred_on": "2019", "amount": "1.00", "currency": "USD"}),
                )
                .await;
            }
            8 => {
                let paths: Vec<String> = articles
                    .iter()
                    .map(|(id, _)| format!("/v1/articles/{id}"))
                    .chain(pledges.iter().map(|id| format!("/v1/pledges/{id}")))
                    .chain(citations.iter().cloned())
                    .collect();
                if let Some(path) = paths.get(chance.below(paths.len().max(1)))
                    && app.delete(path).await.status == 204
                {
                    gone.push(path.clone());
                }
            }
            9 if !gone.is_empty() => {
                let path = gone.swap_remove(chance.below(gone.len()));
                app.restore(&path).await;
            }
            10 => {
                let fields = json!({"role": "member", "delegate_name": text(&mut chance)});
                app.attendance(&meeting, ["USA", "KWT", "FRA"][chance.below(3)], fields)
                    .await;
            }
            _ => {
                let code = ["USA", "KWT", "FRA"][chance.below(3)];
                app.participant(code).await;
                app.patch(
                    &format!("/v1/participants/{code}"),
                    json!({"aliases": [text(&mut chance)]}),
                )
                .await;
            }
        }
    }
    app.check_index().await;
    let all = async || {
        let mut all = Vec::new();
        for word in words.iter().filter(|it| **it != "the") {
            all.push(app.found(word).await);
        }
        all
    };
    let kept = all().await;
    assert!(kept.iter().any(|it| it.len() > 3));
    app.rebuild().await;
    app.check_index().await;
    assert_eq!(all().await, kept);
}

/// Results for people, without a script.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn results_are_a_page_too(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for number in 0..23 {
        app.article(
            json!({"title": format!("Harbour <{number}>"), "body": format!("A harbour & more {number}")}),
        )
        .await;
    }
    let page = |path: &str| {
        let path = path.to_owned();
        let app = &app;
        async move { app.get_with(&path, &[("accept", "text/html")]).await.expect(200) }
    };
    let home = page("/").await;
    assert!(home.text.contains("action=\"/search\""), "{home}");
    for (language, direction) in [("en", "ltr"), ("ar", "rtl"), ("fr", "ltr")] {
        let first = page(&format!("/search?q=harbour&lang={language}")).await;
        assert!(first.text.contains(&format!("dir=\"{direction}\"")), "{first}");
        assert_eq!(first.text.matches("<li class=\"card\">").count(), 20);
        assert!(first.text.contains("<mark>Harbour</mark> &lt;"), "{first}");
        assert!(first.text.contains("rel=\"next\""));
        let policy = first.header("content-security-policy").unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("form-action 'self'"),
            "{policy}"
        );
    }
    let second = page("/search?q=harbour&page=2").await;
    assert_eq!(second.text.matches("<li class=\"card\">").count(), 3);
    assert!(second.text.contains("rel=\"prev\"") && !second.text.contains("rel=\"next\""));
    for q in ["", "the", "nothing-like-it", "\"<script>", &"a".repeat(1_001)] {
        let told = page(&format!("/search?q={}", encoded(q))).await;
        assert!(!told.text.contains("<script>"), "{told}");
    }
}

impl App {
    /// Does to the database what no request can.
    async fn meddle(&self, sql: Sql) {
        let db = self.register().db();
        let mut conn = db.begin_alone(Patience::OfRequest).await.unwrap();
        conn.run(sql).await.unwrap();
        conn.commit().await.unwrap();
    }

    async fn differences(&self) -> Vec<String> {
        let db = self.another_db().await;
        let differences = index::verify(&mut db.snapshot().await.unwrap(), |_, _| {}).await;
        differences.unwrap().iter().map(ToString::to_string).collect()
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_hit_that_goes_meanwhile_is_left_out(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let stays = app
        .article(json!({"title": "Stays", "body": "An aqueduct"}))
        .await;
    app.article(json!({"title": "Goes", "body": "Another aqueduct"}))
        .await;
    // As between two statements of one who reads by parts: the index still has it.
    app.meddle(Sql::new(
        "update articles set retracted_at = updated_at where title = 'Goes'",
    ))
    .await;
    assert_eq!(app.found("aqueduct").await, [format!("articles/{stays}")]);
    for fields in ["", "&fields=key"] {
        let lines = app.search("aqueduct", &format!("&format=ndjson{fields}")).await;
        let lines = lines.expect(200).text;
        assert_eq!(lines.lines().count(), 1, "{lines}");
        assert!(lines.contains(&stays), "{lines}");
        let csv = app.search("aqueduct", &format!("&format=csv{fields}")).await;
        assert_eq!(csv.expect(200).text.lines().count(), 2);
    }
    let page = app.get_with("/search?q=aqueduct", &[("accept", "text/html")]);
    let page = page.await.expect(200);
    assert_eq!(page.text.matches("<li class=\"card\">").count(), 1);
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn other_words_under_the_right_hash_are_noticed(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.article(json!({"title": "Old aqueduct", "body": "Of the aqueducts"}))
        .await;
    let article = app
        .article(json!({"title": "New aqueduct", "body": "Of the bridge and the aqueduct"}))
        .await;
    // What was there before leaves nothing behind.
    app.patch(
        &format!("/v1/articles/{article}"),
        json!({"body": "Of the bridge"}),
    )
    .await
    .expect(200);
    app.check_index().await;
    let noticed = [format!("articles/{article} has other words in the index")];
    for wrong in [
        Sql::either(
            "update search_terms set terms = '4of 4the 4canal', loose = 'rarticles'
             where rowid = (select max(number) from search_documents)",
            "update search_terms set terms = cast('4of:1 4the:2 4canal:3 rarticles:16383' as tsvector)
             where rowid = (select max(number) from search_documents)",
        ),
        // Its own words without a place, and without one of those that have none.
        Sql::either(
            "update search_terms set terms = '', loose = '1new 1aqueduct 4of 4the 4bridge'
             where rowid = (select max(number) from search_documents)",
            "update search_terms set terms = strip(terms)
             where rowid = (select max(number) from search_documents)",
        ),
    ] {
        app.meddle(wrong).await;
        assert_eq!(app.differences().await, noticed);
        app.rebuild().await;
        app.check_index().await;
        assert_eq!(app.found("bridge").await, [format!("articles/{article}")]);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_facets_told_of_goes_with_a_rebuild(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let article = app.article(json!({"title": "One", "publisher": "First"})).await;
    app.patch(&format!("/v1/articles/{article}"), json!({"publisher": "Second"}))
        .await
        .expect(200);
    let said = async || {
        let mut conn = app.register().db().read().await.unwrap();
        let rows = conn.all::<(String,)>(Sql::new(
            "select said from search_facets where said like '[\"articles\"%'",
        ));
        rows.await.unwrap()
    };
    app.rebuild().await;
    let said = said().await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].0.contains("Second"), "{said:?}");
    app.check_index().await;
    let answer = app.search("one", "&facets=publisher").await.expect(200);
    assert_eq!(
        answer["facets"]["publisher"],
        json!([{"value": "Second", "count": 1}])
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_stands_nowhere_in_what_is_found(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let plain = app
        .article(json!({"title": "Aqueduct", "body": "Nothing else"}))
        .await;
    app.article(json!({"title": "Aqueduct of quartz"})).await;
    app.article(json!({"title": "Aqueduct", "publisher": "Quartz"}))
        .await;
    let body = app
        .article(json!({"title": "Aqueduct", "body": "Of quartzes, at last"}))
        .await;
    let coalition = json!({"slug": "aqueduct", "names": {"en": "Aqueduct"}, "description": "For quartz"});
    app.post("/v1/coalitions", coalition).await.created();
    let meeting = app
        .meeting_with(json!({"slug": "water", "titles": {"en": "Aqueduct"}, "starts_on": "2018"}))
        .await;
    app.attendance(
        &meeting,
        "USA",
        json!({"delegate_name": "Zamfir Quartz", "role": "member"}),
    )
    .await;
    let cited = app
        .pledge_with(
            json!({"participant": "USA", "meeting": meeting, "qualifier": "exact", "amount": "5.00",
            "currency": "USD", "purpose": "An aqueduct"}),
        )
        .await;
    app.citation(
        &format!("pledges/{cited}"),
        &body,
        json!({"quote": "Of quartzes", "start": 0, "end": 11}),
    )
    .await;
    let condition = json!({"participant": "USA", "meeting": meeting, "qualifier": "exact", "amount": "6.00",
        "currency": "USD", "purpose": "An aqueduct", "conditions": "Of quartz"});
    app.pledge_with(condition).await;
    assert_eq!(app.found("aqueduct").await.len(), 8);
    for q in ["aqueduct -quartz", "aqueduct -\"quartz\"", "aqueduct -quart*"] {
        assert_eq!(app.found(q).await, [format!("articles/{plain}")], "{q}");
    }
    let list = app
        .rows(&format!("/v1/articles?q={}", encoded("aqueduct -quartz")))
        .await;
    assert_eq!(list.len(), 1);
    // Also a word that is left out of what is asked for.
    assert_eq!(
        app.found("aqueduct -an").await.len(),
        app.found("aqueduct").await.len() - 2
    );
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_found_in_any_case(#[case] engine: Engine) {
    let app = App::start(engine).await;
    seed::participants(app.register()).await.unwrap();
    app.article(json!({"title": "This and that", "body": "They are sure, and it is sur"}))
        .await;
    for (q, code) in [
        ("and", "AND"),
        ("are", "ARE"),
        ("est", "EST"),
        ("Sur", "SUR"),
        ("SUR", "SUR"),
    ] {
        let answer = app.search(q, "").await.expect(200);
        assert_eq!(found(&answer)[0], format!("participants/{code}"), "{q}");
        assert_eq!(answer.items()[0]["why"], "exact");
        let list = app.get(&format!("/v1/participants?q={q}")).await.expect(200);
        assert_eq!(list.items()[0]["code"], code);
        let page = app.get_with(&format!("/search?q={q}"), &[("accept", "text/html")]);
        let page = page.await.expect(200);
        assert!(page.text.contains(&format!("/v1/participants/{code}")), "{page}");
    }
    assert_eq!(app.found("and").await, ["participants/AND"]);
    let others = app.search("and", "&resource=articles").await.expect(200);
    assert!(others.items().is_empty());
    app.search("with", "").await.problem(400, "malformed").fault("?q");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_so_says_why(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for (query, pointer) in [
        ("q=%00", "?q"),
        ("q=a%00b", "?q"),
        ("q=", "?q"),
        ("q=iraq&year=%2B018", "?year"),
        ("q=iraq&year=-018", "?year"),
        ("q=iraq&facets=resource&format=csv", "?facets"),
        ("q=iraq&facets=resource&format=ndjson", "?facets"),
    ] {
        let refused = app.get(&format!("/v1/search?{query}")).await;
        let refused = refused.problem(400, "malformed").fault(pointer);
        assert_eq!(refused["errors"].as_array().unwrap().len(), 1, "{refused}");
    }
    for page in ["0", "-1", "10001"] {
        app.get(&format!("/search?q=iraq&page={page}"))
            .await
            .problem(400, "malformed")
            .fault("?page");
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_suggested_wherever_a_name_may_stand(#[case] engine: Engine) {
    let app = App::start(engine).await;
    seed::participants(app.register()).await.unwrap();
    let suggested = |problem: &Value, pointer: &str| {
        let errors = problem["errors"].as_array().unwrap();
        let fault = errors.iter().find(|it| it["pointer"] == pointer);
        fault.unwrap_or_else(|| panic!("{problem}"))["suggestion"].clone()
    };
    let refused = app
        .patch("/v1/participants/USA", json!({"merged_into": "UK"}))
        .await
        .problem(422, "invalid");
    assert_eq!(suggested(&refused.body, "/merged_into"), "GBR");
    let meeting = app
        .meeting_with(json!({"slug": "donors-2018", "titles": {"en": "Donors of Kuwait"}}))
        .await;
    let article = app.article(json!({"title": "Found"})).await;
    for (subject, meant) in [
        ("participants/UK", "participants/GBR"),
        ("meetings/Donors of Kuwait", "meetings/donors-2018"),
    ] {
        let refused = app
            .post("/v1/citations", json!({"subject": subject, "article": article}))
            .await
            .problem(422, "invalid");
        assert_eq!(suggested(&refused.body, "/subject"), meant);
        let refused = app
            .get(&format!("/v1/citations?subject={}", encoded(subject)))
            .await
            .problem(400, "malformed");
        assert_eq!(suggested(&refused.body, "?subject"), meant);
    }
    let refused = app
        .put(
            &format!("/v1/meetings/{meeting}/attendance/UK"),
            json!({"role": "member"}),
        )
        .await
        .problem(404, "not_found");
    assert_eq!(suggested(&refused.body, "{participant}"), "GBR");
    // An item of a batch is told as if it came alone, and the others are created.
    let items = json!([
        {"participant": "UK", "meeting": meeting, "instrument": "grant", "qualifier": "exact", "amount": "5.00", "currency": "USD"},
        {"participant": "USA", "meeting": meeting, "instrument": "grant", "qualifier": "exact", "amount": "5.00", "currency": "USD"},
        {"participant": "UK", "meeting": "Donors of Kuwait", "instrument": "grant", "qualifier": "exact", "amount": "5.00", "currency": "USD"},
        {"participant": "Zzyzx", "meeting": meeting, "instrument": "grant", "qualifier": "exact", "amount": "5.00", "currency": "USD"},
    ]);
    let made = app
        .post("/v1/pledges/batch", items)
        .header("prefer", "handling=lenient")
        .await
        .expect(200);
    assert_eq!(
        (&made["created"], &made["failed"]),
        (&json!(1), &json!(3)),
        "{made}"
    );
    let item = |at: usize| &made["items"][at]["problem"];
    assert_eq!(suggested(item(0), "/0/participant"), "GBR");
    assert_eq!(suggested(item(2), "/2/participant"), "GBR");
    assert_eq!(suggested(item(2), "/2/meeting"), "donors-2018");
    assert_eq!(suggested(item(3), "/3/participant"), Value::Null);
    app.check_index().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_snippet_ends_with_a_word(#[case] engine: Engine) {
    let app = App::start(engine).await;
    // Further on than is read for a snippet.
    let body = format!("{}needle", "stone bridges ".repeat(9_000));
    app.article(json!({"title": "Long", "body": body})).await;
    let answer = app.search("needle", "").await.expect(200);
    let text = answer.items()[0]["snippets"][0]["text"].as_str().unwrap();
    assert!(text.ends_with("stone") || text.ends_with("bridges"), "{text}");
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_a_stop_word_is_found_by_whoever_has_it(#[case] engine: Engine) {
    let app = App::start(engine).await;
    app.article(json!({"title": "In time", "body": "Of what is in it"}))
        .await;
    for q in ["in", "IN", "of", "إلى", "الى"] {
        app.search(q, "").await.problem(400, "malformed").fault("?q");
    }
    for (code, name) in [("IN", "Innland"), ("OF", "Offland")] {
        let names = json!({"en": name});
        app.post(
            "/v1/participants",
            json!({"code": code, "kind": "state", "names": names}),
        )
        .await
        .created();
    }
    app.patch("/v1/participants/OF", json!({"aliases": ["الى"]}))
        .await
        .expect(200);
    for (q, code) in [("in", "IN"), ("IN", "IN"), ("of", "OF"), ("إلى", "OF")] {
        let answer = app.search(q, "").await.expect(200);
        assert_eq!(found(&answer), [format!("participants/{code}")], "{q}");
        assert_eq!(answer.items()[0]["why"], "exact");
    }
    // Nobody else is called so, on whichever list and in whichever order, in a total and for people.
    for path in [
        "/v1/articles?q=in",
        "/v1/articles?q=in&sort=title",
        "/v1/articles?q=in&format=csv",
        "/v1/meetings?q=in",
        "/v1/coalitions?q=in",
        "/v1/pledges?q=in",
        "/v1/totals?q=in",
        "/v1/search?q=in+of",
    ] {
        let refused = app.get(path).await.problem(400, "malformed").fault("?q");
        assert!(refused.text.contains("stand in nearly every text"), "{refused}");
    }
    let page = async |q: &str| {
        let page = app.get_with(&format!("/search?q={q}"), &[("accept", "text/html")]);
        page.await.expect(200).text.clone()
    };
    assert!(page("in").await.contains("/v1/participants/IN"));
    assert!(page("the").await.contains("role=\"alert\""));
    app.check_index().await;
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_several_is_answered_with_all_of_their_keys(#[case] engine: Engine) {
    let app = App::start(engine).await;
    seed::participants(app.register()).await.unwrap();
    let fault = async |name: &str| {
        let refused = app
            .get(&format!("/v1/pledges?participant={}", encoded(name)))
            .await;
        refused.problem(400, "malformed")["errors"][0].clone()
    };
    for (name, codes) in [
        ("Congo", json!(["COG", "COD"])),
        ("الكونغو", json!(["COG", "COD"])),
    ] {
        let fault = fault(name).await;
        assert_eq!(fault["suggestions"], codes, "{fault}");
        assert_eq!(fault.get("suggestion"), None, "{fault}");
    }
    for (name, code) in [
        ("Kuwait", "KWT"),
        ("Congo (DRC)", "COD"),
        ("Republic of the Congo", "COG"),
        ("United Nations", "UN"),
        ("Sudan", "SDN"),
    ] {
        let fault = fault(name).await;
        assert_eq!(fault["suggestion"], code, "{fault}");
        assert_eq!(fault.get("suggestions"), None, "{fault}");
    }
    // Nobody is called so, and too many have the word.
    assert_eq!(fault("Republic").await.get("suggestions"), None);
    // Before a key stands of what it is.
    let article = app.article(json!({"title": "Found"})).await;
    let subject = json!({"subject": "participants/Congo", "article": article});
    let refused = app.post("/v1/citations", subject).await.problem(422, "invalid");
    assert_eq!(
        refused["errors"][0]["suggestions"],
        json!(["participants/COG", "participants/COD"])
    );
}

/// Of few hits among very many combinations no more is read than of many.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn what_facets_tell_is_whole_however_many_there_are(#[case] engine: Engine) {
    let app = App::start(engine).await;
    for part in 0..4 {
        let items: Vec<Value> = (part * 500..(part + 1) * 500)
            .map(|number| {
                let word = match number {
                    it if it % 100 == 0 => "quay pier harbour",
                    it if it % 9 == 0 => "pier harbour",
                    _ => "harbour",
                };
                json!({"publisher": format!("Gazette {number:04}"), "language": "en", "kind": "news",
                    "title": format!("{word} {number}"), "published_on": format!("{}", 1990 + number % 5)})
            })
            .collect();
        app.post("/v1/articles/batch", Value::from(items))
            .await
            .expect(201);
    }
    // A few, some hundreds far apart, and all.
    for (q, hits) in [("quay", 20), ("pier", 240), ("harbour", 2_000)] {
        let answer = app
            .search(q, "&limit=1&count=true&facets=resource,publisher,year")
            .await
            .expect(200);
        assert_eq!(answer["count"], hits, "{q}");
        assert_eq!(
            answer["facets"]["resource"],
            json!([{"value": "articles", "count": hits}])
        );
        let counts = |facet: &str| -> Vec<u64> {
            let values = answer["facets"][facet].as_array().unwrap().iter();
            values.map(|it| it["count"].as_u64().unwrap()).collect()
        };
        assert_eq!(counts("year").iter().sum::<u64>(), hits);
        assert_eq!(
            counts("publisher"),
            vec![1; usize::try_from(hits.min(100)).unwrap()]
        );
        let one = app
            .search(q, "&count=true&publisher=Gazette+0900")
            .await
            .expect(200);
        assert_eq!(one["count"], 1, "{q}");
    }
}
