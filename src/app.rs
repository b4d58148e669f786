//! The contents page: every feature's routes, and what each request passes through.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use axum::{Router, middleware};
use serde_json::{Value, json};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{
    articles, assessments,
    auth::{self, Door, Reading},
    cache::Front,
    citations, coalitions,
    db::Db,
    error::{Error, Result},
    health,
    history::{self, Projection, Register},
    matrix, meetings, pages, participants, pledges, rates, resources, scales, search, totals, vocabularies,
    web::{
        self, Bodies, Operation, RequestOptions, Routes, contract,
        layers::{self, over},
        traffic::Traffic,
    },
};

/// The register over a database whose schema is up to date.
pub async fn register(db: Db) -> Result<Register> {
    search::index::prepare();
    meetings::TOTALS.hand_in(totals::beside);
    let projections: Vec<Box<dyn Projection>> = vec![
        Box::new(totals::rollups::Rollups),
        Box::new(pledges::Evidence),
        Box::new(assessments::disputes::Disputes),
        Box::new(search::index::Index),
    ];
    Register::new(db, projections, pledges::PARTS).await
}

/// Every route, in the order of the contract's table.
fn routes() -> Routes<Register> {
    Routes::about("the register itself")
        .describes(&resources::IN_PATHS)
        .merge(participants::http::routes())
        .merge(coalitions::http::routes())
        .merge(meetings::http::routes())
        .merge(matrix::http::routes())
        .merge(articles::http::routes())
        .merge(pledges::http::routes())
        .merge(assessments::http::routes())
        .merge(scales::http::routes())
        .merge(citations::http::routes())
        .merge(rates::http::routes())
        .merge(totals::http::routes())
        .merge(search::http::routes())
        .merge(vocabularies::http::routes())
        .merge(history::http::routes())
        .merge(auth::http::routes())
        .merge(health::routes())
        .merge(pages::http::routes())
        .get(
            "/openapi.json",
            |asked: RequestOptions| async move {
                match asked
                    .base
                    .contract(str::from_utf8(document()).unwrap_or_default())
                {
                    Cow::Borrowed(_) => web::prepared(&asked, document()),
                    Cow::Owned(moved) => web::prepared(&asked, moved),
                }
            },
            Operation::tells(
                "read_contract",
                "This contract, as OpenAPI 3.1.",
                &["application/json"],
                &json!({ "type": "object", "required": ["openapi", "info", "paths"], "properties": {
                    "openapi": { "type": "string", "examples": ["3.1.0"] },
                    "info": { "type": "object" },
                    "paths": { "type": "object" },
                } }),
            )
            .tagged(),
        )
}

/// The contract as OpenAPI 3.1: every path, and what it takes and answers.
#[must_use]
pub fn contract() -> Value {
    let (_, described) = routes().split();
    let tags = [
        (
            "participants",
            "States, international organisations, funds and others that promise.",
        ),
        ("coalitions", "Standing groups, and who belonged to them when."),
        (
            "meetings",
            "Conferences, ministerials, summits; what they announced as a whole, and who attended.",
        ),
        ("articles", "The sources, and their text."),
        (
            "pledges",
            "What was promised, by whom, where; and what became of it.",
        ),
        (
            "assessments",
            "Whether commitments were kept, as others than the register say.",
        ),
        (
            "scales",
            "The values in which assessors give their verdicts, and what each means.",
        ),
        ("citations", "The sentence that says so."),
        ("rates", "Units of a currency per US dollar on a day."),
        ("totals", "What was promised in all, on a basis that is said."),
        (
            "search",
            "Records by their words, whatever the spelling, in the order of what they were found by.",
        ),
        ("changes", "The log: who changed what, when and why."),
        ("keys", "Who may write, and what; managed by admins."),
        ("the register itself", "Whether it is well, and what it speaks."),
    ];
    contract::document(
        described,
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Pledgebook",
                "version": env!("CARGO_PKG_VERSION"),
                "summary": env!("CARGO_PKG_DESCRIPTION"),
                "description": "The register of record for what states and international organisations promise at coalition meetings: who promised what, where, who says so, and what became of it. Amounts are decimal strings, dates are as precise as their source, names come in the reader's language, texts lose white space and invisible marks at their ends (but for an article's body and a citation's quote), and every answer that is no success is problem+json with a code, a mend and a page that explains it. Answers above 1 kB come packed to whoever accepts it (`Accept-Encoding: br, gzip`), and bodies may be sent gzipped (`Content-Encoding: gzip`). Where the operator limits how many requests one address and one key may send a second, every answer to who is counted says what is left in `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10); health checks are not counted, nor, unless the operator says so, is what the register's own machine asks.",
                "contact": { "name": "The operator of this register" },
                "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
            },
            "servers": [{ "url": "/", "description": "This register" }],
            "tags": tags.map(|(name, text)| json!({ "name": name, "description": text })),
        }),
    )
}

/// The contract as it is served and committed.
pub fn document() -> &'static [u8] {
    static DOCUMENT: OnceLock<Vec<u8>> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = serde_json::to_vec_pretty(&contract()).unwrap_or_default();
        document.push(b'\n');
        document
    })
}

/// How many bytes of memory there are for what may fill it.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Answers that are kept to be given again.
    pub answers: usize,
    /// The bodies of all requests that are under way.
    pub bodies: usize,
}

impl Memory {
    pub const ANSWERS: usize = 64 << 20;
    pub const BODIES: usize = 256 << 20;
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            answers: Self::ANSWERS,
            bodies: Self::BODIES,
        }
    }
}

/// What is counted of requests, told apart by their routes.
#[must_use]
pub fn traffic() -> Traffic {
    Traffic::of(routes().split().1.paths())
}

/// What answers, what each request passes through, and in front of it what was answered before.
#[must_use]
pub fn front(register: Register, reading: Reading, memory: Memory) -> Front {
    front_with(register, reading, memory, Router::new())
}

/// The same, where there is more than every register has.
#[must_use]
pub fn front_with(register: Register, reading: Reading, memory: Memory, more: Router<Register>) -> Front {
    let door = Door::new(register.clone(), reading);
    let bodies = Bodies::of_bytes(memory.bodies);
    Front::new(
        router(register.clone(), door.clone(), bodies, more),
        register,
        door,
        memory.answers,
    )
}

/// What answers, and what each request passes through.
fn router(register: Register, door: Door, bodies: Bodies, more: Router<Register>) -> Router {
    let db = register.db().clone();
    let (routes, described) = routes().split();
    let in_line: Arc<[String]> = described.in_line().into();
    let routes = routes
        .merge(more)
        .fallback(|| async { Error::NoSuchPath })
        .with_state(register.clone());
    // Around the routes as a whole, not around each: what the router itself answers (405 with its
    // Allow) passes through the layers too. The last one is the outermost.
    let answers = Router::new()
        .fallback_service(routes)
        .layer(over(middleware::from_fn_with_state(
            db.clone(),
            layers::tell_what_is_there,
        )))
        .layer(over(middleware::from_fn_with_state(
            register.clone(),
            search::http::suggest,
        )))
        .layer(over(middleware::from_fn(layers::again)))
        .layer(over(middleware::from_fn_with_state(register, auth::idempotent)))
        .layer(over(middleware::from_fn_with_state(door, auth::identify)))
        .layer(over(CatchPanicLayer::custom(layers::panicked)))
        .layer(over(middleware::from_fn_with_state(
            bodies,
            layers::room_for_its_body,
        )))
        .layer(over(middleware::from_fn_with_state(
            (db, in_line),
            layers::in_time,
        )))
        .layer(over(middleware::from_fn(layers::finish_writes)));
    layers::around(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_explained_once_and_used() {
        let explained = routes().split().1.parameters();
        let twice = explained.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None);
        let contract = contract().to_string();
        for name in explained {
            assert!(
                contract.contains(&format!("\"name\":\"{name}\",\"in\":\"query\"")),
                "no route asks for {name}"
            );
        }
    }
}
