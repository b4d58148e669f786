//! An independent reckoning of totals: random questions, answered twice, and no difference.
//!
//! The register is filled over HTTP, with random histories and with the flows that OCHA's Financial
//! Tracking Service has published. What was sent and accepted is all that the reckoning knows
//! (`reckoner.rs`): it shares no line with the server, holds amounts as whole minor units and rates as
//! fractions, and works every answer out anew, by the words of the domain. Each question is then put
//! to the totals as JSON (through all its pages), as lines and as CSV, to the explanation, and to the
//! list.
//!
//! A run prints its seed; `RECKONING_SEED` takes another, `RECKONING_QUESTIONS` another number of
//! questions, and `RECKONING_FLOWS=all` loads every flow.

mod compare;
pub mod dice;
mod exact;
mod flows;
mod history;
mod question;
mod reckoner;
mod register;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use futures_util::{StreamExt as _, stream};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use self::{
    compare::{Seen, differences},
    dice::Dice,
    history::History,
    question::{Asker, Conversion, Question, STATES},
    reckoner::Totals,
    register::{Register, Standing},
};
use crate::prelude::*;

const SEED: u64 = 2018;
/// Of random histories, and of the flows, where each costs more.
const QUESTIONS: usize = 400;
const QUESTIONS_OF_FLOWS: usize = 150;
/// Histories that share the questions.
const HISTORIES: usize = 4;
/// Questions that are asked at once.
const AT_ONCE: usize = 2;

/// Where the seeds of histories begin.
const FIRST_HISTORY: u64 = 20_180_213;

fn number_of_questions(otherwise: usize) -> usize {
    std::env::var("RECKONING_QUESTIONS").map_or(otherwise, |number| number.parse().unwrap())
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn random_histories_come_to_what_their_inputs_say(#[case] engine: Engine) {
    let mut dice = Dice::seeded("RECKONING_SEED", SEED);
    let mut seen = Seen::default();
    let mut report = Report::default();
    let many = number_of_questions(QUESTIONS);
    for number in 0..HISTORIES {
        let app = App::start(engine).await;
        let history = History::written(&app, FIRST_HISTORY + dice.roll(1_000_000) as u64).await;
        let (accepted, refused) = (history.accepted, history.refused.len());
        println!("history {number}: {accepted} writes accepted, {refused} refused");
        assert!(
            refused * 5 < accepted,
            "most writes are refused: {:#?}",
            &history.refused[..10.min(refused)]
        );
        let standings = history.register.standings();
        report.note("states", states(&app, &history.register, &standings).await);
        let asker = history.asker(&standings);
        report.add(ask_all(&app, &asker, &mut dice, many / HISTORIES, &mut seen).await);
    }
    println!("{seen:#?}");
    report.judge();
    let is_usual = std::env::var_os("RECKONING_SEED").is_none() && many == QUESTIONS;
    if is_usual {
        all_was_asked(&seen);
    }
}

#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn real_flows_come_to_what_their_rows_say(#[case] engine: Engine) {
    let Some(flows) = flows::read() else { return };
    let mut dice = Dice::seeded("RECKONING_SEED", SEED);
    let app = App::start(engine).await;
    let register = flows::loaded(&app, &flows).await;
    let standings = register.standings();
    let asker = flows::asker(&register, &standings);
    let mut seen = Seen::default();
    let mut report = Report::default();
    report.note("states", states(&app, &register, &standings).await);
    let many = number_of_questions(QUESTIONS_OF_FLOWS);
    report.add(ask_all(&app, &asker, &mut dice, many, &mut seen).await);
    println!("{seen:#?}");
    report.judge();
}

/// What was pledged in euros on a day of the smallest rate is more dollars than a sum could hold.
#[apply(on_both_engines)]
#[tokio::test(flavor = "multi_thread")]
async fn a_figure_that_no_sum_could_hold_stays_in_its_own_currency(#[case] engine: Engine) {
    let app = App::start(engine).await;
    let mut history = History::of_nothing(&app, SEED);
    history
        .kept_rates(&[
            ("EUR", "2018-02-13", "ECB", "0.000000000000000001"),
            ("EUR", "2018-06-15", "ECB", "0.8"),
        ])
        .await;
    let largest = 100_000_000_000_000_000;
    for stated in [
        [None, Some(largest), None],
        [Some(100), None, Some(largest)],
        [None, Some(100), None],
    ] {
        let pledge = history.kept_pledge(stated, "EUR", "2018-02-13").await;
        history.kept_event(pledge, "paid", 50, "2018-06-15").await;
        history.kept_pledge(stated, "EUR", "2018-02-13").await;
    }
    let standings = history.register.standings();
    let mut report = Report::default();
    for rate_date in ["announced", "event", "2018-02-13", "2018-06-15"] {
        let mut question = Question::plain();
        question.conversion = Some(Conversion::into("USD", rate_date));
        let totals = reckoner::answer(&history.register, &standings, &question).unwrap();
        report.note(rate_date, ask(&app, &question, &totals).await);
    }
    report.judge();
}

/// What differed, question by question.
#[derive(Default)]
struct Report {
    asked: usize,
    differing: Vec<String>,
}

impl Report {
    /// At most so many differences of a question are told, and so many questions.
    const TOLD: usize = 8;

    fn note(&mut self, question: &str, differences: Vec<String>) {
        self.asked += 1;
        if !differences.is_empty() {
            let mut text = format!("{question}\n");
            for difference in differences.iter().take(Self::TOLD) {
                writeln!(text, "    {difference}").unwrap();
            }
            if differences.len() > Self::TOLD {
                writeln!(text, "    and {} more", differences.len() - Self::TOLD).unwrap();
            }
            self.differing.push(text);
        }
    }

    fn add(&mut self, other: Self) {
        self.asked += other.asked;
        self.differing.extend(other.differing);
    }

    fn judge(self) {
        let Self { asked, mut differing } = self;
        // The shortest question is the easiest to look into.
        differing.sort_by_key(String::len);
        let count = differing.len();
        differing.truncate(Self::TOLD);
        assert!(
            count == 0,
            "{count} of {asked} answers differ from the reckoning:\n\n{}",
            differing.join("\n")
        );
    }
}

/// The states that are shown, and those that the filter finds, of all pledges.
async fn states(app: &App, register: &Register, standings: &BTreeMap<&str, Standing>) -> Vec<String> {
    let mut list = Vec::new();
    for pledge in ndjson(app, "/v1/pledges?format=ndjson&fields=id,state").await {
        let standing = &standings[pledge["id"].as_str().unwrap()];
        if pledge["state"] != standing.state {
            list.push(format!("{pledge} is {}", standing.state));
        }
    }
    for state in STATES {
        let path = format!("/v1/pledges?format=ndjson&fields=id&state={state}");
        let found = ids(&ndjson(app, &path).await);
        let expected: BTreeSet<String> = register
            .live()
            .filter(|pledge| standings[pledge.id.as_str()].state == *state)
            .map(|pledge| pledge.id.clone())
            .collect();
        for id in found.symmetric_difference(&expected) {
            list.push(format!("state={state} and {id}"));
        }
    }
    list
}

async fn ndjson(app: &App, path: &str) -> Vec<Value> {
    let answer = app.get(path).await.expect(200);
    let lines = answer.text.lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids(records: &[Value]) -> BTreeSet<String> {
    let ids = records
        .iter()
        .map(|record| record["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// Puts so many random questions, a few at a time.
async fn ask_all(app: &App, asker: &Asker<'_>, dice: &mut Dice, many: usize, seen: &mut Seen) -> Report {
    let mut questions = Vec::new();
    for number in 0..many {
        let question = asker.question(dice, number);
        let totals = reckoner::answer(asker.register, asker.standings, &question);
        seen.look_at(&question, totals.as_ref());
        questions.push((question, totals));
    }
    let answers = stream::iter(&questions).map(async |(question, totals)| {
        let path = format!("{}?{}", question.path(), question.query());
        let found = match totals {
            Some(totals) => ask(app, question, totals).await,
            None => ask_in_vain(app, question).await,
        };
        (path, found)
    });
    let mut report = Report::default();
    let mut answers = std::pin::pin!(answers.buffer_unordered(AT_ONCE));
    while let Some((path, found)) = answers.next().await {
        report.note(&path, found);
    }
    report
}

/// A question that has no answer is refused in every form.
async fn ask_in_vain(app: &App, question: &Question) -> Vec<String> {
    let mut list = Vec::new();
    let path = question.path();
    for asked in [
        format!("{path}?{}", question.query()),
        format!("{path}?format=csv&{}", question.query()),
        format!("{path}/explain?{}", question.unsorted_query()),
    ] {
        let answer = app.get(&asked).await;
        let names_it = answer["errors"][0]["pointer"] == "?membership_at";
        if answer.status != 400 || !names_it {
            list.push(format!("expected a 400 that names membership_at of {answer}"));
        }
    }
    list
}

async fn ask(app: &App, question: &Question, totals: &Totals) -> Vec<String> {
    let mut list = whole(app, question, totals).await;
    list.extend(explanation(app, question, totals).await);
    list.extend(csv(app, question, totals).await);
    let path = format!("/v1/pledges?format=ndjson&fields=id&{}", question.list_query());
    let found = ids(&ndjson(app, &path).await);
    if found != totals.matching {
        let apart: Vec<_> = found.symmetric_difference(&totals.matching).collect();
        list.push(format!("{path}: expected or found alone: {apart:?}"));
    }
    list
}

/// All pages, as JSON.
async fn whole(app: &App, question: &Question, totals: &Totals) -> Vec<String> {
    let limit = question.limit.unwrap_or(200);
    let path = format!("{}?{}&limit={limit}", question.path(), question.query());
    let mut list = Vec::new();
    let pages = app.pages(&path).await;
    for answer in &pages {
        let header = answer.header("pledgebook-basis").unwrap_or_default();
        let header = percent_decode_str(header).decode_utf8_lossy().into_owned();
        if header != compare::expected_header(question) {
            list.push(format!("Pledgebook-Basis is {header}"));
        }
        let size = answer["groups"].as_array().unwrap().len();
        if size > limit {
            list.push(format!("{size} groups on a page of {limit}"));
        }
        for name in ["excluded", "headline"] {
            if answer[name] != pages[0][name] {
                list.push(format!("{name} differs from page to page"));
            }
        }
    }
    let pages: Vec<Value> = pages.into_iter().map(|page| page.body).collect();
    let expected = compare::expected_totals(question, totals);
    list.extend(differences("", &expected, &compare::found_totals(&pages)));
    // As lines they come all at once.
    let path = format!("{}?{}&format=ndjson", question.path(), question.query());
    let lines = ndjson(app, &path).await;
    let found = compare::found_groups(lines.iter());
    list.extend(differences("ndjson", &expected["groups"], &found));
    list
}

async fn explanation(app: &App, question: &Question, totals: &Totals) -> Vec<String> {
    let answer = app
        .get(&format!(
            "{}/explain?{}",
            question.path(),
            question.unsorted_query()
        ))
        .await;
    if answer.status != 200 {
        return vec![format!("expected 200 of {answer}")];
    }
    let expected = compare::expected_explanation(question, totals);
    differences("explain", &expected, &compare::found_explanation(&answer.body))
}

async fn csv(app: &App, question: &Question, totals: &Totals) -> Vec<String> {
    let answer = app
        .get(&format!("{}?format=csv&{}", question.path(), question.query()))
        .await;
    if answer.status != 200 {
        return vec![format!("expected 200 of {answer}")];
    }
    let expected = compare::expected_csv(question, totals);
    differences("csv", &expected, &compare::found_csv(&answer.text))
}

/// The questions must have had something to ask, and the answers something to show.
fn all_was_asked(seen: &Seen) {
    for what in [
        "several dimensions",
        "rate_date=announced",
        "rate_date=event",
        "rate_date=day",
        "rate_max_age",
        "rate_source",
        "point_min",
        "limit",
        "refused",
        "instruments",
        "excluded restated",
        "excluded covered_by_children",
        "excluded part_of_parent",
        "excluded has_children",
        "excluded other_instrument",
        "excluded not_a_member",
        "excluded no_coalition",
        "headline converted",
        "headline of which nothing is counted",
        "headline with something unconverted",
        "partly converted pledge",
        "partly converted group",
        "unconverted group",
        "several rates",
        "year of a tranche",
        "year of a tranche, converted",
    ] {
        assert!(
            seen.0.get(what).is_some_and(|times| *times >= 5),
            "{what} hardly came up"
        );
    }
    for dimension in question::DIMENSIONS {
        assert!(
            seen.0.contains_key(&format!("group_by {dimension}")),
            "{dimension}"
        );
    }
    for column in question::FIGURES {
        assert!(seen.0.contains_key(&format!("sort {column}")), "{column}");
    }
}
