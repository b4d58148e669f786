//! The analyser against any text, against the table of queries in `tests/data/search`, and against the clock.

use std::{collections::BTreeMap, fmt::Write as _};

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use super::*;

const CORPUS: &str = include_str!("../../../tests/data/search/corpus.json");
const QUERIES: &str = include_str!("../../../tests/data/search/queries.json");
const TYPED: &str = include_str!("../../../tests/data/search/typed.json");

fn folded(text: &str) -> Vec<String> {
    tokens(text)
        .iter()
        .flat_map(|position| position.word.folded.clone())
        .collect()
}

/// One word's stem, without its mark.
fn stem(text: &str) -> String {
    let positions = tokens(text);
    assert_eq!(positions.len(), 1, "{text}: {positions:?}");
    positions[0].word.stem.clone()
}

fn finds(one: &str, other: &str) -> bool {
    let of = |text: &str| -> Vec<String> {
        tokens(text)
            .iter()
            .flat_map(|position| position.word.stems().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    };
    let others = of(other);
    of(one).iter().any(|stem| others.contains(stem))
}

#[test]
fn words_are_told_from_what_is_between_them() {
    for (text, expected) in [
        ("Kuwait's pledge", &["kuwait", "pledge"][..]),
        ("the partners' sum", &["the", "partners", "sum"]),
        ("don't", &["dont"]),
        ("O'Brien", &["obrien"]),
        ("l’Irak et d'autres", &["l", "irak", "et", "d", "autres"]),
        ("jusqu'à aujourd'hui", &["jusqu", "a", "aujourdhui"]),
        ("Sana'a", &["sanaa"]),
        ("lʼIrak, Kuwaitʼs Qurʼan", &["l", "irak", "kuwait", "quran"]),
        ("al-Jubeir", &["al", "jubeir"]),
        ("U.S. and U.S.A.", &["us", "and", "usa"]),
        ("G20, COVID-19", &["g20", "covid", "19"]),
        ("75th", &["75th"]),
        ("2018م", &["2018", "م"]),
        ("في13شباط", &["في", "13", "شباط"]),
        ("Daeshداعش", &["daesh", "داعش"]),
        ("شباط/فبراير", &["شباط", "فبراير"]),
        ("2018-02-13", &["2018", "02", "13"]),
        ("13.02.2018", &["13", "02", "2018"]),
        ("1,500,000 or 88.2", &["1500000", "or", "88.2"]),
        ("1,5 milliard", &["1.5", "milliard"]),
        ("200 000 euros", &["200000", "euros"]),
        ("1\u{a0}234\u{202f}567", &["1234567"]),
        ("13 200", &["13", "200"]),
        ("١٬٥٠٠٫٥", &["1500.5"]),
        ("200m", &["200m"]),
        ("US$300m", &["us", "300m"]),
        ("USD300m, usd300,000", &["usd", "300m", "usd", "300000"]),
        ("USDA300", &["usda300"]),
        (
            "5㎏ or 1.5㎏ of 10 ㎢",
            &["5kg", "or", "1.5kg", "of", "10", "km2"],
        ),
        ("科威特", &["科", "威", "特"]),
        ("\u{feff}سوريـــا\u{200f}", &["سوريا"]),
        ("e\u{301}cole", &["ecole"]),
        ("", &[]),
        (" \u{301}\u{640}'\"", &[]),
    ] {
        assert_eq!(folded(text), expected, "{text}");
    }
}

#[test]
fn a_number_is_one_stem_however_it_is_written() {
    for text in [
        "200 million",
        "200m",
        "200 m",
        "200mn",
        "200-million",
        "200,000,000",
        "200 000 000",
        "0.2 billion",
        "0,2 milliard",
        "two hundred million",
        "deux cents millions",
        "٢٠٠ مليون",
        "٢٠٠مليون",
        "۲۰۰ مليون",
        "مئتي مليون",
        "مائتي مليون",
        "مئتا مليون",
        "مائتا مليون",
        "بمئتي مليون",
        "وبمائتي مليون",
    ] {
        assert_eq!(stem(text), "#200000000", "{text}");
    }
    for (text, expected) in [
        ("ثلاثين مليارا", "#30000000000"),
        ("الثلاثين مليارا", "#30000000000"),
        ("خمسة وعشرون مليون", "#25000000"),
        ("ثلاثة عشر مليونا", "#13000000"),
        ("مئة وخمسون مليون", "#150000000"),
        ("مليوني", "#2000000"),
        ("مليارين", "#2000000000"),
        ("خمسمائة ألف", "#500000"),
        ("one hundred and fifty million", "#150000000"),
        ("twenty-five million", "#25000000"),
        ("quatre-vingt-dix millions", "#90000000"),
        ("soixante et onze millions", "#71000000"),
        ("un million", "#1000000"),
        ("$1.5bn", "#1500000000"),
        ("100k", "#100000"),
        ("five", "#5"),
        ("خمسة", "#5"),
        ("cinq", "#5"),
        ("5.0", "#5"),
        ("seventy five", "#75"),
    ] {
        assert_eq!(stem(text), expected, "{text}");
    }
    assert!(finds("مليون", "1 million"));
    assert!(finds("200", "200 million"));
    assert!(finds("ملايين", "200 million"));
    assert!(finds("200 million", "between 200 and 230 million"));
    assert!(finds("200 million", "200-230 million"));
    assert!(finds("200 million", "بين 200 و230 مليون"));
    let asked = Query::parse("200 million").unwrap();
    for text in [
        "20 million",
        "200 and a million",
        "200 thousand million",
        "2 million, 200",
    ] {
        assert_eq!(matches(&asked, text), None, "{text}");
    }
}

#[test]
fn numbers_that_are_none_are_words() {
    assert_eq!(stem("5b"), "#5000000000");
    assert_eq!(stem("5x"), "~5x");
    assert_eq!(stem(&"9".repeat(30)), format!("~{}", "9".repeat(30)));
    assert!(finds("13", "13,14 May"));
    assert!(finds("14", "13,14 May"));
}

#[test]
fn the_founding_pair_is_one_word() {
    for (one, other) in [
        ("سوريا", "سورية"),
        ("الكويت", "كويت"),
        ("الوزراء", "وزراء"),
        ("وبالكويت", "الكويت"),
        ("للكويت", "الكويت"),
        ("للبنان", "لبنان"),
        ("الأمريكي", "الأميركي"),
        ("الأمريكية", "أميركيين"),
        ("مسؤول", "المسئولين"),
        ("شؤون", "لشئون"),
        ("Tillerson", "تيلرسون"),
        ("Tillerson's", "وتيلرسون"),
        ("Kuwait", "بالكويت"),
        ("Koweït", "الكويت"),
        ("Daesh", "داعش"),
        ("February", "شباط"),
        ("فبراير", "février"),
        ("تعهدت", "تعهد"),
        ("ألمانيا", "بألمانيا"),
        ("Germany", "ولألمانيا"),
    ] {
        assert!(finds(one, other), "{one} {other}");
    }
    for (one, other) in [("سورة", "سوريا"), ("ألف", "ألفان"), ("والد", "ولد")] {
        assert!(!finds(one, other), "{one} {other}");
    }
}

#[test]
fn a_preposition_is_a_stop_word_and_a_name_is_none() {
    let is_stop = |text: &str| tokens(text)[0].word.stop;
    for word in [
        "على", "إلى", "الى", "ومن", "فى", "في", "the", "The", "à", "l'eau", "de",
    ] {
        assert!(is_stop(word), "{word}");
    }
    for word in ["علي", "un", "UN", "us", "can", "كويت", "l", "200"] {
        assert!(!is_stop(word), "{word}");
    }
}

#[test]
fn glued_names_are_the_words_that_they_are_made_of() {
    for (glued, expected) in [
        ("الولاياتالمتحدة", &["الولايات", "المتحده"][..]),
        ("والولاياتالمتحدة", &["والولايات", "المتحده"]),
        ("للولاياتالمتحدة", &["للولايات", "المتحده"]),
        ("الوِلاياتُالمتحدةِ", &["الولايات", "المتحده"]),
        ("المملكةالعربيةالسعودية", &["المملكه", "العربيه", "السعوديه"]),
        ("UnitedStates", &["united", "states"]),
        ("Vietnam", &["viet", "nam"]),
    ] {
        assert_eq!(folded(glued), expected, "{glued}");
    }
    let text = "قال الوِلاياتُالمتحدةِ نعم";
    let characters: Vec<char> = text.chars().collect();
    let words: Vec<String> = tokens(text)
        .iter()
        .map(|it| characters[it.start..it.end].iter().collect())
        .collect();
    assert_eq!(words, ["قال", "الوِلاياتُ", "المتحدةِ", "نعم"]);
}

#[test]
fn stems_and_folded_words_are_told_apart_and_bounded() {
    let long = "ك".repeat(10_000);
    for text in [
        long.as_str(),
        "Kuwait 200 million",
        &"é".repeat(500),
        &"x1".repeat(500),
    ] {
        for position in tokens(text) {
            for word in &position.word.folded {
                assert!(word.chars().count() <= LONGEST_WORD);
                assert!(word.starts_with(char::is_alphanumeric), "{word}");
            }
            for stem in position.word.stems() {
                assert!(stem.starts_with([STEM_MARK, NUMBER_MARK]), "{stem}");
                assert!(stem.chars().count() <= LONGEST_WORD + 1);
            }
        }
    }
    assert_eq!(tokens(&long)[0].end, 10_000);
}

/// What any of the analyser's rules may be set off by, in any order.
fn texts() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "الولاياتالمتحدة",
        "وبالكويت",
        "لل",
        "ال",
        "و",
        "سُورِيَة",
        "ـ",
        "٢٠٠",
        "200",
        "مليون",
        "million",
        "m",
        "1,500",
        "88.2",
        "2018-02-13",
        "two",
        "hundred",
        "and",
        "quatre",
        "vingt",
        "خمسة",
        "وعشرون",
        "l'",
        "d’",
        "Kuwait's",
        "U.S.",
        "é",
        "e\u{301}",
        "\u{301}",
        "\u{64e}",
        "ß",
        "İ",
        "ﷺ",
        "ﻻ",
        "½",
        "²",
        "カ\u{3099}",
        "한국",
        "科威特",
        "-",
        "–",
        "\"",
        "«",
        "»",
        "*",
        "\0",
        "\u{200f}",
        "\u{a0}",
        "000",
        "\n\n",
        ".",
        ",",
        "'",
        "ŉ",
        "ǅ",
        "أ",
        "ئ",
        "ى",
        "ة",
        "🇰🇼",
        "isation",
        "0",
    ]);
    let piece = prop_oneof![
        3 => parts.prop_map(str::to_owned),
        2 => Just(" ".to_owned()),
        1 => any::<char>().prop_map(String::from),
        1 => "[a-zà-ÿ]{1,8}",
        1 => "[ء-ي]{1,8}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn slice(text: &str, start: usize, end: usize) -> String {
    text.chars().skip(start).take(end - start).collect()
}

proptest! {
    #[test]
    fn any_text_has_its_words_in_order_and_where_they_say(text in texts()) {
        let length = text.chars().count();
        let mut last = 0;
        for position in tokens(&text) {
            prop_assert!(position.start >= last);
            prop_assert!(position.end >= position.start && position.end <= length);
            last = position.end;
            prop_assert!(!position.word.folded.is_empty());
            for word in &position.word.folded {
                prop_assert!(word.starts_with(char::is_alphanumeric), "{:?}", word);
            }
            let mut stems: Vec<&str> = position.word.stems().collect();
            prop_assert!(stems.iter().all(|it| it.starts_with(['~', '#'])));
            let count = stems.len();
            stems.sort_unstable();
            stems.dedup();
            prop_assert_eq!(stems.len(), count);
        }
    }

    #[test]
    fn what_stands_at_a_word_is_that_word(text in "[a-zA-Zà-ÿء-ي\u{64b}-\u{652} ,.]{0,60}") {
        for position in tokens(&text) {
            let there = slice(&text, position.start, position.end);
            prop_assert_eq!(folded(&there), position.word.folded.clone(), "{:?}", there);
        }
    }

    #[test]
    fn a_text_is_analysed_alike_in_both_forms(text in texts()) {
        let words = |text: &str| -> Vec<Arc<Word>> { tokens(text).into_iter().map(|it| it.word).collect() };
        let composed: String = text.nfc().collect();
        let decomposed: String = text.nfd().collect();
        prop_assert_eq!(words(&composed), words(&decomposed));
    }

    #[test]
    fn folded_words_are_folded_already(text in texts()) {
        for word in folded(&text) {
            prop_assert_eq!(folded(&word).concat(), word);
        }
    }

    #[test]
    fn two_texts_have_the_words_of_both(one in "[a-zà-ÿء-ي' ]{0,40}", other in "[a-zà-ÿء-ي' ]{0,40}") {
        // Number words on both sides of the seam would be one number.
        let is_number = |text: &str| tokens(text).iter().any(|it| it.word.stem.starts_with('#') || it.word.folded.len() > 1);
        prop_assume!(!is_number(&one) && !is_number(&other));
        let together = format!("{one}\n\n{other}");
        let words = |text: &str| -> Vec<Arc<Word>> { tokens(text).into_iter().map(|it| it.word).collect() };
        prop_assert_eq!(words(&together), [words(&one), words(&other)].concat());
        let together = format!("{one} {other}");
        prop_assert_eq!(folded(&together), [folded(&one), folded(&other)].concat());
    }

    #[test]
    fn any_line_is_a_query_or_a_fault(line in texts(), text in texts()) {
        for query in [Query::parse(&line), Query::typed(&line)].into_iter().flatten() {
            prop_assert!(query.clauses.iter().any(|it| !it.excluded));
            for clause in &query.clauses {
                let (last, before) = clause.terms.split_last().unwrap();
                prop_assert!(before.iter().all(|it| !it.prefix));
                prop_assert!(!last.folded.is_empty() && !last.stem.is_empty());
            }
            let _ = matches(&query, &text);
            if let Some(shown) = snippet(&query, &text, 40) {
                let length = shown.text.chars().count();
                prop_assert!(length <= 40);
                prop_assert_eq!(slice(&text, shown.start, shown.start + length), shown.text);
                let mut last = 0;
                for it in &shown.matches {
                    prop_assert!(it.start >= last && it.start < it.end && it.end <= length);
                    last = it.end;
                }
            }
        }
    }

    #[test]
    fn a_text_is_found_by_its_own_words(text in texts()) {
        for position in tokens(&text) {
            let line = slice(&text, position.start, position.end);
            if let Ok(query) = Query::parse(&format!("\"{line}\"")) && !line.contains(['"', '\0']) {
                prop_assert!(matches(&query, &line).is_some(), "{:?}", line);
            }
        }
    }
}

/// What is written together with a word in a shipped name is no part of it, there and elsewhere.
#[test]
fn words_of_names_are_found_bare() {
    for (text, line) in [
        ("البوسنة والهرسك", "الهرسك"),
        ("ترينيداد وتوباغو", "توباغو"),
        ("أنتيغوا وبربودا", "بربودا"),
        ("منظمة التعاون الاقتصادي والتنمية", "التنمية"),
        ("صندوق الأوبك للتنمية الدولية", "تنمية"),
        ("أهداف التنمية", "للتنمية"),
        ("قال الأمين العام للأمم المتحدة", "الأمم المتحدة"),
        ("مفوضية الأمم المتحدة لشؤون اللاجئين", "شؤون"),
        ("مؤتمر الكويت لإعادة إعمار العراق", "إعادة إعمار العراق"),
        ("إعادة الإعمار", "لإعادة الإعمار"),
    ] {
        assert!(finds(line, text), "{line} in {text}");
    }
    // But a state's own letters are its own.
    assert!(!finds("انكا", "سري لانكا"));
}

/// The fingerprint of every word of the corpus and of the shipped data. Where it changes and these did not, an index is no longer what
/// a rebuild makes: [`VERSION`] counts up, and the new one is written here.
#[test]
fn a_change_of_any_word_is_a_new_version() {
    let mut digest = Sha256::new();
    for text in [
        CORPUS,
        include_str!("../../../data/participants.json"),
        include_str!("../../../data/equivalents.csv"),
    ] {
        for position in tokens(text) {
            digest.update(format!("{position:?}"));
        }
    }
    let mut hex = String::new();
    for byte in &digest.finalize()[..8] {
        write!(hex, "{byte:02x}").unwrap();
    }
    assert_eq!((VERSION, hex.as_str()), (3, "99d3454d032accd8"));
}

#[derive(Deserialize)]
struct Corpus {
    participants: Vec<Value>,
    coalitions: Vec<Value>,
    articles: Vec<Value>,
    meetings: Vec<Value>,
    pledges: Vec<Value>,
}

#[derive(Deserialize)]
struct Row {
    about: String,
    q: Line,
    #[serde(default)]
    finds: Vec<String>,
    fault: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Given(String),
    Repeated { repeat: String, times: usize },
}

/// A record of the corpus, its texts by their tiers.
struct Record {
    key: String,
    wholes: Vec<String>,
    texts: [Vec<String>; 4],
    date: Option<String>,
}

impl Corpus {
    fn records(&self) -> Vec<Record> {
        let mut records = Vec::new();
        for it in &self.participants {
            let mut names = strings(&it["names"]);
            names.extend(
                it["former_names"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .flat_map(|it| strings(&it["names"])),
            );
            names.extend(strings(&it["aliases"]));
            names.push(text(it, "code"));
            records.push(Record::new(
                text(it, "code"),
                names.clone(),
                names,
                [vec![], vec![], vec![]],
                None,
            ));
        }
        for it in &self.coalitions {
            let mut names = strings(&it["names"]);
            names.push(text(it, "slug"));
            let bodies = strings(&it["description"]);
            records.push(Record::new(
                text(it, "slug"),
                names.clone(),
                names,
                [vec![], vec![], bodies],
                None,
            ));
        }
        for it in &self.articles {
            let texts = [vec![], strings(&it["publisher"]), strings(&it["body"])];
            records.push(Record::new(
                text(it, "ref"),
                vec![],
                strings(&it["title"]),
                texts,
                date(it, "published_on"),
            ));
        }
        for it in &self.meetings {
            let mut titles = strings(&it["titles"]);
            titles.push(text(it, "slug"));
            let mut places = strings(&it["city"]);
            for delegate in it["attendance"].as_array().into_iter().flatten() {
                places.extend(strings(&delegate["delegate_name"]));
                places.extend(strings(&delegate["delegate_office"]));
            }
            let texts = [quotes(it), places, vec![]];
            records.push(Record::new(
                text(it, "slug"),
                titles.clone(),
                titles,
                texts,
                date(it, "starts_on"),
            ));
        }
        for it in &self.pledges {
            let mut purposes = strings(&it["purpose"]);
            purposes.extend(strings(&it["announced_by_name"]));
            purposes.extend(strings(&it["announced_by_office"]));
            let texts = [quotes(it), purposes, strings(&it["conditions"])];
            records.push(Record::new(
                text(it, "ref"),
                vec![],
                vec![],
                texts,
                date(it, "announced_on"),
            ));
        }
        records
    }
}

impl Record {
    fn new(
        key: String,
        wholes: Vec<String>,
        names: Vec<String>,
        [quotes, purposes, bodies]: [Vec<String>; 3],
        date: Option<String>,
    ) -> Self {
        Self {
            key,
            wholes,
            texts: [names, quotes, purposes, bodies],
            date,
        }
    }

    /// Its tier, and how it was found there.
    fn level(&self, query: &Query) -> Option<(usize, Level)> {
        let is_whole = self.wholes.iter().any(|name| whole(name) == query.whole);
        if query.is_code && !is_whole {
            return None;
        }
        let all: Vec<&str> = self.texts.iter().flatten().map(String::as_str).collect();
        let level = matches_any(query, &all)?;
        if is_whole {
            return Some((0, Level::Folded));
        }
        let asked = Query {
            clauses: query.clauses.iter().filter(|it| !it.excluded).cloned().collect(),
            ..query.clone()
        };
        (1..=4)
            .find_map(|tier| {
                let texts: Vec<&str> = self.texts[..tier].iter().flatten().map(String::as_str).collect();
                matches_any(&asked, &texts).map(|level| (tier, level))
            })
            .or(Some((4, level)))
    }
}

fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap().to_owned()
}

/// The first day of a date.
fn date(record: &Value, field: &str) -> Option<String> {
    let date = record[field].as_str()?;
    Some(format!("{date}{}", &"-01-01"[(date.len() - 4).min(6)..]))
}

/// The texts of a value: itself, or those in it.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}

fn quotes(record: &Value) -> Vec<String> {
    let citations = record["citations"].as_array().into_iter().flatten();
    citations.flat_map(|it| strings(&it["quote"])).collect()
}

fn found(records: &[Record], query: &Query) -> Vec<String> {
    let mut hits: Vec<_> = records
        .iter()
        .enumerate()
        .filter_map(|(at, record)| {
            let (tier, level) = record.level(query)?;
            let newest = record.date.clone().map(std::cmp::Reverse);
            Some(((tier, level, newest.is_none(), newest, at), record.key.clone()))
        })
        .collect();
    hits.sort();
    hits.into_iter().map(|(_, key)| key).collect()
}

/// Whom a picker offers: the whole name first, then who has all words whole, then who has their beginnings.
fn offered(records: &[Record], query: &Query) -> Vec<String> {
    let mut hits = Vec::new();
    for (at, record) in records.iter().enumerate() {
        let names: Vec<&str> = record.texts[0].iter().map(String::as_str).collect();
        let mut whole_words = query.clone();
        for clause in &mut whole_words.clauses {
            clause.terms[0].prefix = false;
        }
        let level = if record.wholes.iter().any(|name| whole(name) == query.whole) {
            0
        } else if matches_any(&whole_words, &names).is_some() {
            1
        } else if matches_any(query, &names).is_some() {
            2
        } else {
            continue;
        };
        hits.push((level, at, record.key.clone()));
    }
    hits.sort();
    hits.into_iter().map(|(_, _, key)| key).collect()
}

#[test]
fn the_table_of_what_is_typed_offers_whom_it_says() {
    let corpus: Corpus = serde_json::from_str(CORPUS).unwrap();
    let rows: Vec<Row> = serde_json::from_str(TYPED).unwrap();
    let mut records = corpus.records();
    records.truncate(corpus.participants.len());
    let mut wrong = String::new();
    for row in &rows {
        let Line::Given(line) = &row.q else {
            panic!("{}", row.about)
        };
        let (finds, faulty) = match Query::typed(line) {
            Ok(query) => (offered(&records, &query), None),
            Err(it) => (Vec::new(), Some(fault(it).to_owned())),
        };
        if (&finds, &faulty) != (&row.finds, &row.fault) {
            writeln!(
                wrong,
                "{}: {line:?}\n  is   {finds:?} {faulty:?}\n  says {:?} {:?}",
                row.about, row.finds, row.fault
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn fault(fault: QueryFault) -> &'static str {
    match fault {
        QueryFault::TooLong { .. } => "too_long",
        QueryFault::Empty => "empty",
        QueryFault::OnlyStopWords => "only_stop_words",
        QueryFault::OnlyExcluded => "only_excluded",
    }
}

#[test]
fn the_table_of_queries_finds_what_it_says_in_its_order() {
    let corpus: Corpus = serde_json::from_str(CORPUS).unwrap();
    let rows: Vec<Row> = serde_json::from_str(QUERIES).unwrap();
    let records = corpus.records();
    let keys: Vec<&str> = records.iter().map(|it| it.key.as_str()).collect();
    let mut wrong = String::new();
    for row in &rows {
        let line = match &row.q {
            Line::Given(line) => line.clone(),
            Line::Repeated { repeat, times } => repeat.repeat(*times),
        };
        for key in &row.finds {
            assert!(keys.contains(&key.as_str()), "{key} of {line:?} is in no corpus");
        }
        let (finds, faulty) = match Query::parse(&line) {
            Ok(query) => {
                let finds = found(&records, &query);
                let is_nobody = query.says_nothing && finds.is_empty();
                (
                    finds,
                    is_nobody.then(|| fault(QueryFault::OnlyStopWords).to_owned()),
                )
            }
            Err(it) => (Vec::new(), Some(fault(it).to_owned())),
        };
        if (&finds, &faulty) != (&row.finds, &row.fault) {
            let line: String = line.chars().take(60).collect();
            writeln!(
                wrong,
                "{}: {line:?}\n  is   {finds:?} {faulty:?}\n  says {:?} {:?}",
                row.about, row.finds, row.fault
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(rows.len() >= 100);
    // Every record is found by something.
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for row in &rows {
        for key in &row.finds {
            *times.entry(key.clone()).or_default() += 1;
        }
    }
    for key in keys {
        assert!(times.contains_key(key), "{key} is found by no query");
    }
}

#[test]
fn the_dossiers_arabic_article_is_found_by_all_its_spellings() {
    let dossier: Corpus = serde_json::from_str(include_str!("../../../data/kuwait.json")).unwrap();
    let article = dossier
        .articles
        .iter()
        .find(|it| it["ref"] == "ar-ministerial")
        .unwrap();
    let texts = [text(article, "title"), text(article, "body")];
    for line in [
        "سوريا",
        "سورية",
        "«تيلرسون»",
        "\"Tillerson\"",
        "\"200 million\"",
        "200m",
        "مئتي مليون",
        "٢٠٠",
        "الأمريكي",
        "Koweït",
    ] {
        let query = Query::parse(line).unwrap();
        assert!(matches_any(&query, &[&texts[0], &texts[1]]).is_some(), "{line}");
    }
}

#[test]
fn the_corpus_quotes_what_its_articles_say() {
    let corpus: Corpus = serde_json::from_str(CORPUS).unwrap();
    for record in corpus.meetings.iter().chain(&corpus.pledges) {
        for citation in record["citations"].as_array().into_iter().flatten() {
            let article = corpus
                .articles
                .iter()
                .find(|it| it["ref"] == citation["article"])
                .unwrap();
            let body = text(article, "body");
            assert!(
                citation["quote"]
                    .as_str()
                    .is_none_or(|quote| body.contains(quote)),
                "{citation}"
            );
        }
    }
}

/// A body of what articles are made of.
fn article(language: &str) -> String {
    let corpus: Corpus = serde_json::from_str(include_str!("../../../data/kuwait.json")).unwrap();
    let bodies: Vec<String> = corpus
        .articles
        .iter()
        .filter(|it| it["language"] == language)
        .map(|it| text(it, "body"))
        .collect();
    bodies.join("\n\n")
}

/// Articles of 400 words, none like another: the words of a language's articles in another order each.
fn articles(language: &str, count: usize) -> Vec<String> {
    let body = article(language);
    let words: Vec<&str> = body.split(' ').collect();
    let mut at = 1;
    (0..count)
        .map(|_| {
            let mut text = String::new();
            for _ in 0..400 {
                // Any order will do, if it is the same one each time.
                at = (at * 48_271) % 2_147_483_647;
                text.push_str(words[at % words.len()]);
                text.push(' ');
            }
            text
        })
        .collect()
}

/// What this thread has computed so far, whoever else does: a machine that is busy tells nothing by the clock.
fn seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "a duration that is printed")]
    let seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
    seconds
}

/// Hostile texts of a size cost as much a byte as they do at a tenth of it.
#[test]
#[ignore = "measures, and takes a release build: cargo test --release --lib analysis -- --ignored --nocapture"]
fn how_fast_texts_are_analysed() {
    let _ = tokens("the lexicon is read once");
    for language in ["ar", "en"] {
        let articles = articles(language, 1_000);
        let bytes: usize = articles.iter().map(String::len).sum();
        let begin = seconds();
        let words: usize = articles.iter().map(|it| tokens(it).len()).sum();
        let taken = seconds() - begin;
        #[expect(clippy::cast_precision_loss, reason = "a speed")]
        let (speed, minute) = (bytes as f64 / 1e6 / taken, 60_000.0 / taken);
        println!("{language}: {speed:.1} MB/s, {minute:.0} articles of 400 words a minute ({words} words)");
    }
    let megabyte = 1 << 20;
    let of = |text: &str, size: usize| text.repeat(size / text.len() + 1);
    let cases = [
        ("arabic", article("ar")),
        ("english", article("en")),
        ("one letter", "a".to_owned()),
        ("one arabic letter", "ك".to_owned()),
        ("combining marks", "\u{301}".to_owned()),
        ("tashkeel", "\u{64e}".to_owned()),
        ("marks on a letter", "e\u{301}\u{302}\u{303}".to_owned()),
        ("digits", "7".to_owned()),
        ("digits and points", "1.".to_owned()),
        ("groups of three", "123 ".to_owned()),
        ("zeros", "000 ".to_owned()),
        ("tatweel", "ـ".to_owned()),
        ("quotes", "\"".to_owned()),
        ("apostrophes", "l'".to_owned()),
        ("initials", "U.S.".to_owned()),
        ("number words", "two hundred and ".to_owned()),
        ("waw", "و".to_owned()),
        ("spaces", " ".to_owned()),
        ("ideographs", "科".to_owned()),
    ];
    for (name, text) in cases {
        let mut speeds = Vec::new();
        for size in [megabyte / 10, megabyte] {
            let text = of(&text, size);
            let begin = seconds();
            let words = tokens(&text).len();
            let taken = seconds() - begin;
            #[expect(clippy::cast_precision_loss, reason = "a speed")]
            let speed = text.len() as f64 / 1e6 / taken;
            speeds.push((speed, words));
        }
        println!(
            "{name}: {:.1} MB/s at 100 kB, {:.1} MB/s at 1 MB, {} words",
            speeds[0].0, speeds[1].0, speeds[1].1
        );
        assert!(
            speeds[1].0 > speeds[0].0 / 4.0,
            "{name} grows faster than its length"
        );
    }
}
