//! What search costs in a register of many articles, beside the engines' own search over the same terms: see README.md beside this.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on stops where it is"
)]
#![allow(dead_code, reason = "it uses its own part of what the benchmarks share")]

#[path = "../load.rs"]
mod load;
#[path = "../../tests/support/mod.rs"]
mod support;

use std::{env, fmt::Write as _, time::Instant};

use pledgebook::{
    app,
    auth::{self, Reading, Role},
    db::{Db, Sql},
    history::Register,
    pledges,
    search::index,
    seed,
};
use serde_json::json;

use load::{Served, WITHOUT_ANSWERS, answered};
use support::{Database, Engine};

const WORDS: usize = 400;
/// How many words the language has; the nth is there as often as 1/n of the first.
const LANGUAGE: usize = 50_000;
/// So many articles go in over HTTP, in batches of so many, with the index and without.
const SENT: usize = 4_000;
const BATCH: usize = 500;
/// How many different questions of each sort.
const QUESTIONS: usize = 40;
/// Which words, by their rank, count as what.
const SORTS: [(&str, std::ops::Range<usize>); 3] = [
    ("common", 5..60),
    ("middling", 300..2_000),
    ("rare", 8_000..30_000),
];

/// Always the same numbers.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank"
    )]
    fn rank(&mut self) -> usize {
        // Of a density of 1/n.
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        ((LANGUAGE as f64).powf(unit) as usize).min(LANGUAGE - 1)
    }
}

/// The word of a rank: two to five syllables, every third in Arabic.
fn word(rank: usize) -> String {
    const LATIN: [&str; 20] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su", "ta",
        "ve", "wi", "xo", "zu",
    ];
    const ARABIC: [&str; 20] = [
        "با", "تي", "ثو", "جا", "حي", "خو", "دا", "ذي", "رو", "زا", "سي", "شو", "صا", "ضي", "طو", "ظا", "عي",
        "غو", "فا", "قي",
    ];
    let syllables = if rank.is_multiple_of(3) { &ARABIC } else { &LATIN };
    let (mut text, mut left) = (String::new(), rank + 400);
    while left > 0 {
        text.push_str(syllables[left % 20]);
        left /= 20;
    }
    text
}

fn body(chance: &mut Chance) -> String {
    let mut body = String::new();
    for place in 0..WORDS {
        let end = if place % 12 == 11 { ". " } else { " " };
        write!(body, "{}{end}", word(chance.rank())).unwrap();
    }
    body
}

fn article(number: usize, chance: &mut Chance) -> serde_json::Value {
    let (year, month, day) = (
        2000 + chance.below(25),
        1 + chance.below(12),
        1 + chance.below(28),
    );
    let language = ["ar", "en", "fr"][chance.below(3)];
    json!({
        "publisher": format!("Gazette {}", chance.below(40)),
        "language": language,
        "title": format!("{} {} {number}", word(chance.rank()), word(chance.rank())),
        "kind": "news",
        "published_on": format!("{year}-{month:02}-{day:02}"),
        "body": body(chance),
    })
}

#[tokio::main]
async fn main() {
    let size: usize = env::var("BENCH_ARTICLES").map_or(100_000, |it| it.parse().unwrap());
    let only = env::var("BENCH_ENGINE").ok();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let mut engines = Vec::new();
    if wanted("sqlite") {
        engines.push(Engine::Sqlite);
    }
    if wanted("postgres") {
        engines.extend(Engine::postgres());
    }
    for engine in engines {
        of(engine, size).await;
    }
}

#[expect(clippy::too_many_lines, reason = "one run, told in its order")]
#[expect(clippy::cast_precision_loss, reason = "counts of articles")]
async fn of(engine: Engine, size: usize) {
    let database = Database::fresh(engine).await;
    let db = Db::open(&database.url).await.unwrap();
    let name = db.engine().await.unwrap();
    let key = auth::create(&db, "bench", Role::Editor).await.unwrap();
    println!("## {name}: {size} articles of {WORDS} words\n");
    let mut chance = Chance(0x5eed_5eed_5eed);
    let register = app::register(db.clone()).await.unwrap();
    seed::participants(&register).await.unwrap();
    // What the index adds to a write, in batches and singly: the same articles, into a register that does not keep it and one that does.
    let mut sent = 0;
    let rate = async |register: Register, sent: &mut usize, chance: &mut Chance| {
        let app = Served::start(app::front(register, Reading::Public, WITHOUT_ANSWERS)).await;
        let mut seconds = 0.0;
        for _ in 0..SENT.min(size / 4) / BATCH {
            let mut lines = String::new();
            for _ in 0..BATCH {
                writeln!(lines, "{}", article(*sent, chance)).unwrap();
                *sent += 1;
            }
            let begun = Instant::now();
            let post = app.client.post(app.url("/v1/articles/batch")).bearer_auth(&key);
            let post = post
                .header("content-type", "application/x-ndjson")
                .header("prefer", "return=minimal");
            answered(post.body(lines)).await;
            seconds += begun.elapsed().as_secs_f64();
        }
        let batched = 60.0 * *sent as f64 / seconds;
        let mut times = Vec::new();
        for _ in 0..200 {
            let body = article(*sent, chance).to_string();
            *sent += 1;
            let begun = Instant::now();
            let post = app.client.post(app.url("/v1/articles")).bearer_auth(&key);
            answered(post.header("content-type", "application/json").body(body)).await;
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
        (batched, median(&mut times))
    };
    let without = Register::new(db.clone(), Vec::new(), pledges::PARTS)
        .await
        .unwrap();
    let mut number = 0;
    let (batched, single) = rate(without, &mut number, &mut chance).await;
    sent += number;
    println!("| write | articles a minute in batches | one, ms (median) |\n| --- | ---: | ---: |");
    println!("| without the index | {batched:.0} | {single:.2} |");
    let mut number = 0;
    let (batched, single) = rate(register.clone(), &mut number, &mut chance).await;
    sent += number;
    println!("| with it | {batched:.0} | {single:.2} |\n");
    // The others go in as rows, and the index is filled with all of them.
    while sent < size {
        let to = size.min(sent + 2_000);
        load_rows(&db, &mut sent, to, &mut chance).await;
    }
    let begun = Instant::now();
    index::rebuild(&db, |_, _| {}).await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "Filled anew in {seconds:.1} s: {:.0} articles a minute.\n",
        60.0 * size as f64 / seconds
    );
    let mut conn = db.begin().await.unwrap();
    conn.run(Sql::new("analyze")).await.unwrap();
    conn.commit().await.unwrap();

    let app = Served::start(app::front(register, Reading::Public, WITHOUT_ANSWERS)).await;
    println!("| two words | hits (median) | search, ms | bare engine, ms |\n| --- | ---: | ---: | ---: |");
    let mut all = Vec::new();
    for (one, first_sort) in SORTS.iter().enumerate() {
        for second_sort in &SORTS[one..] {
            let (mut times, mut bare, mut hits) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..QUESTIONS {
                let [first, second] =
                    [first_sort, second_sort].map(|(_, ranks)| word(ranks.start + chance.below(ranks.len())));
                let path = format!(
                    "/v1/search?q={first}+{second}&facets=resource,language,publisher,year,meeting&count=true"
                );
                let begun = Instant::now();
                let answer = app.get(&path).send().await.unwrap().error_for_status().unwrap();
                let answer = answer.bytes().await.unwrap();
                times.push(begun.elapsed().as_secs_f64() * 1_000.0);
                let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
                hits.push(answer["count"].as_f64().unwrap());
                let begun = Instant::now();
                bare_search(&db, [&first, &second]).await;
                bare.push(begun.elapsed().as_secs_f64() * 1_000.0);
            }
            all.extend(times.iter().copied());
            println!(
                "| {} and {} | {:.0} | {:.1} | {:.1} |",
                first_sort.0,
                second_sort.0,
                median(&mut hits),
                median(&mut times),
                median(&mut bare)
            );
        }
    }
    println!("| all of these | | {:.1} | |\n", median(&mut all));
    let mut times = Vec::new();
    for typed in [
        "k",
        "ku",
        "kuw",
        "kuwa",
        "uni",
        "united st",
        "ال",
        "الك",
        "الكو",
        "fr",
        "ger",
        "sau",
        "un",
        "eu",
        "ja",
    ] {
        for _ in 0..8 {
            let begun = Instant::now();
            answered(app.get(&format!("/v1/participants?q={typed}&limit=10"))).await;
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    println!("The picker: {:.1} ms (median).\n", median(&mut times));
    db.close().await;
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The first page of what has both words in its body, as the engine alone gives it.
async fn bare_search(db: &Db, words: [&str; 2]) {
    let mut sql = Sql::new("select rowid from search_terms where ");
    sql.push_either("search_terms match ", "terms @@ cast(")
        .push_arg(pledgebook::db::Spelled(Box::new(Both(words.map(str::to_owned)))));
    sql.push_either(" order by rank limit 50", " as tsquery) limit 50");
    let _: Vec<(i64,)> = db.read().await.unwrap().all(sql).await.unwrap();
}

#[derive(Debug)]
struct Both([String; 2]);

impl pledgebook::db::Spelling for Both {
    fn of_file(&self) -> String {
        format!("\"4{}\" AND \"4{}\"", self.0[0], self.0[1])
    }

    fn of_server(&self) -> String {
        format!("'4{}' & '4{}'", self.0[0], self.0[1])
    }
}

/// Articles as rows and entries of the log, as writes leave them.
async fn load_rows(db: &Db, from: &mut usize, to: usize, chance: &mut Chance) {
    let mut conn = db.begin().await.unwrap();
    let (seq,): (i64,) = conn
        .one(Sql::new("select coalesce(max(seq), 0) from changes"))
        .await
        .unwrap();
    let clock = pledgebook::values::Clock::SYSTEM;
    let now = clock.now();
    let made: Vec<_> = (*from..to)
        .map(|number| (clock.new_id(), article(number, chance)))
        .collect();
    let text = |value: &serde_json::Value, name: &str| value[name].as_str().unwrap().to_owned();
    for made in made.chunks(100) {
        let mut sql = Sql::new(
            "insert into articles (id, publisher, language, title, kind, published_on, published_first, published_last, body, excerpt,
               body_sha256, folded_sha256, version, created_at, updated_at) values ",
        );
        sql.push_rows(made, |(id, it), row| {
            let on: pledgebook::values::PartialDate = text(it, "published_on").parse().unwrap();
            row.add(*id)
                .add(text(it, "publisher"))
                .add(text(it, "language"))
                .add(text(it, "title"))
                .add(text(it, "kind"))
                .add(on)
                .add(on.first())
                .add(on.last())
                .add(text(it, "body"))
                .add("…".to_owned())
                .add(id.to_string())
                .add(id.to_string())
                .add(1_i64)
                .add(now)
                .add(now);
        });
        conn.run(sql).await.unwrap();
    }
    let numbered: Vec<_> = made.iter().zip(seq + 1..).collect();
    for made in numbered.chunks(300) {
        let mut sql = Sql::new(
            "insert into changes (seq, at, actor, op, resource, record_id, \"key\", version) values ",
        );
        sql.push_rows(made, |((id, _), seq), row| {
            row.add(*seq)
                .add(now)
                .add("bench".to_owned())
                .add("create".to_owned())
                .add("articles".to_owned())
                .add(*id)
                .add(id.to_string())
                .add(1_i64);
        });
        conn.run(sql).await.unwrap();
    }
    conn.commit().await.unwrap();
    *from = to;
}
