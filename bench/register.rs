//! A register of any size, always the same one: the generator has a seed.
//!
//! What is in it, by chance, of every hundred pledges:
//! ten are of the one hot meeting, the others spread evenly; five state no amount and some eight are
//! political (one instrument of twelve); of the rest six in ten are exact, and one each about, up to,
//! at least and between; two restate an earlier pledge of their meeting; four are a parent with its three
//! children; one is of a meeting as a whole; twenty had something committed, paid or withdrawn.
//! An ordinary meeting has three of the ten currencies, the hot one all of them, so that an ordinary
//! meeting's totals have about the same number of rows at every size.

use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta};
use pledgebook::{
    db::{Conn, Db, Sql},
    pledges::{
        Instrument, Qualifier,
        events::Stage,
        figures::{Figures, Happened, Parts, Promise, Range},
    },
    totals::rollups,
    values::{Currency, LangMap, PartialDate, Timestamp},
};
use serde_json::json;
use uuid::Uuid;

use crate::support::Engine;

pub const PARTICIPANTS: usize = 200;
const CURRENCIES: [&str; 10] = [
    "USD", "EUR", "GBP", "JPY", "KWD", "SAR", "AED", "QAR", "CHF", "SEK",
];

/// Rows of one transaction, and of one statement. SQLite looks a parameter's name up in a list, so that
/// a statement costs the square of its parameters: some thousand of them are the best.
const A_TRANSACTION: usize = 50_000;
const A_STATEMENT: usize = 50;

/// How many meetings a register of so many pledges has: 3,000 at a million, 300 at a hundred thousand,
/// and never fewer than a page of them.
#[must_use]
pub fn meetings_of(pledges: usize) -> usize {
    (pledges / 333).max(60)
}

#[must_use]
pub fn slug(meeting: usize) -> String {
    if meeting == 0 {
        "hot".to_owned()
    } else {
        format!("meeting-{meeting:05}")
    }
}

#[must_use]
pub fn code(participant: usize) -> String {
    format!("P{participant:03}")
}

/// The ids of a register's meetings, the hot one first, and how long it took to make.
pub struct Loaded {
    pub meetings: Vec<Uuid>,
    pub rows: Duration,
    pub rollups: Duration,
}

/// Fills an empty database.
pub async fn load(db: &Db, engine: Engine, pledges: usize) -> Loaded {
    let started = Instant::now();
    let mut generator = Generator::new(meetings_of(pledges));
    let mut conn = db.begin().await.unwrap();
    if engine == Engine::Sqlite {
        // Rows fall all over the indexes: 512 MB keep those in memory. The one writer stays the same
        // connection, so that it is taken back below.
        conn.run(Sql::new("pragma cache_size = -524288")).await.unwrap();
        conn.run(Sql::new("pragma wal_autocheckpoint = 100000"))
            .await
            .unwrap();
    }
    insert_participants(&mut conn, &generator).await;
    insert_meetings(&mut conn, &generator).await;
    conn.commit().await.unwrap();
    let mut left = pledges;
    while left > 0 {
        let batch = generator.batch(left.min(A_TRANSACTION));
        left -= batch.pledges.len();
        let mut conn = db.begin().await.unwrap();
        for rows in batch.pledges.chunks(A_STATEMENT) {
            conn.run(insert_pledges(rows)).await.unwrap();
        }
        for rows in batch.events.chunks(A_STATEMENT) {
            conn.run(insert_events(rows)).await.unwrap();
        }
        conn.commit().await.unwrap();
    }
    let rows = started.elapsed();

    let started = Instant::now();
    let mut conn = db.begin().await.unwrap();
    if engine == Engine::Postgres {
        // A program's request may take 30 s, this may take longer.
        conn.run(Sql::new("set local statement_timeout = 0"))
            .await
            .unwrap();
    }
    rollups::rebuild(&mut conn).await.unwrap();
    if engine == Engine::Sqlite {
        // As the program opens it.
        conn.run(Sql::new("pragma cache_size = -2000")).await.unwrap();
        conn.run(Sql::new("pragma wal_autocheckpoint = 15000"))
            .await
            .unwrap();
    }
    conn.commit().await.unwrap();
    let rollups = started.elapsed();

    if engine == Engine::Postgres {
        // Both, so that no autovacuum comes in the middle of a measurement.
        let mut conn = db.read().await.unwrap();
        for statement in [
            "set statement_timeout = 0",
            "vacuum (analyze)",
            "reset statement_timeout",
        ] {
            conn.all::<(i64,)>(Sql::new(statement)).await.unwrap();
        }
    }
    Loaded {
        meetings: generator.meetings,
        rows,
        rollups,
    }
}

/// Whether every kept sum is what the pledges say.
pub async fn verify(db: &Db) -> String {
    let differences = rollups::verify(&mut db.snapshot().await.unwrap()).await.unwrap();
    match differences.first() {
        None => "verified".to_owned(),
        Some(first) => format!("NOT verified: {} sums differ, such as {first}", differences.len()),
    }
}

/// splitmix64: small, and even enough for made-up pledges.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

struct PledgeRow {
    id: Uuid,
    participant: Option<Uuid>,
    meeting: Uuid,
    parent: Option<Uuid>,
    restates: Option<Uuid>,
    beneficiary: Option<Uuid>,
    currency: Option<Currency>,
    instrument: Instrument,
    promise: Promise,
    announced_on: PartialDate,
    figures: Figures,
}

struct EventRow {
    pledge: Uuid,
    happened: Happened,
    occurred_on: PartialDate,
}

#[derive(Default)]
struct Batch {
    pledges: Vec<PledgeRow>,
    events: Vec<EventRow>,
}

/// A pledge that another may restate.
#[derive(Clone, Copy)]
struct Earlier {
    id: Uuid,
    participant: Option<Uuid>,
    currency: Option<Currency>,
    instrument: Instrument,
    promise: Promise,
}

struct Generator {
    random: Random,
    /// Of the ids: one millisecond each, so that they come in order, as the register's own do.
    clock: u64,
    participants: Vec<Uuid>,
    meetings: Vec<Uuid>,
    /// Of each meeting, the last one that stands for itself.
    earlier: Vec<Option<Earlier>>,
    currencies: Vec<Currency>,
    instruments: Vec<Instrument>,
}

impl Generator {
    fn new(meetings: usize) -> Self {
        let mut it = Self {
            random: Random(2018),
            clock: 1_518_500_000_000,
            participants: Vec::new(),
            meetings: Vec::new(),
            earlier: vec![None; meetings],
            currencies: CURRENCIES.iter().map(|code| code.parse().unwrap()).collect(),
            instruments: Instrument::WORDS
                .iter()
                .map(|word| word.parse().unwrap())
                .collect(),
        };
        it.participants = (0..PARTICIPANTS).map(|_| it.id()).collect();
        it.meetings = (0..meetings).map(|_| it.id()).collect();
        it
    }

    fn id(&mut self) -> Uuid {
        self.clock += 1;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.random.next().to_le_bytes());
        uuid::Builder::from_unix_timestamp_millis(self.clock, &random).into_uuid()
    }

    fn day(&mut self) -> PartialDate {
        let days = TimeDelta::days(i64::try_from(self.random.below(3650)).unwrap());
        (NaiveDate::from_ymd_opt(2014, 1, 1).unwrap() + days).into()
    }

    /// So many pledges, with their events.
    fn batch(&mut self, pledges: usize) -> Batch {
        let mut batch = Batch::default();
        while batch.pledges.len() < pledges {
            let meeting = if self.random.percent(10) {
                0
            } else {
                1 + self.random.below(self.meetings.len() - 1)
            };
            let room = pledges - batch.pledges.len();
            match self.earlier[meeting] {
                Some(earlier) if self.random.percent(2) => self.restatement(&mut batch, meeting, earlier),
                _ if room >= 4 && self.random.percent(1) => self.family(&mut batch, meeting),
                _ => self.single(&mut batch, meeting),
            }
        }
        batch
    }

    fn single(&mut self, batch: &mut Batch, meeting: usize) {
        let (instrument, promise, currency) = self.promise(meeting);
        let participant = (!self.random.percent(1)).then(|| self.participant());
        let id = self.id();
        if currency.is_some() {
            self.earlier[meeting] = Some(Earlier {
                id,
                participant,
                currency,
                instrument,
                promise,
            });
        }
        let row = self.row(id, participant, meeting, (instrument, promise), currency);
        self.finish(batch, row, None);
    }

    fn restatement(&mut self, batch: &mut Batch, meeting: usize, earlier: Earlier) {
        let promise = Promise {
            is_restatement: true,
            ..earlier.promise
        };
        let id = self.id();
        let promised = (earlier.instrument, promise);
        let mut row = self.row(id, earlier.participant, meeting, promised, earlier.currency);
        row.restates = Some(earlier.id);
        self.finish(batch, row, None);
    }

    /// A parent whose three children make up a half of it.
    fn family(&mut self, batch: &mut Batch, meeting: usize) {
        let currency = Some(self.currency(meeting));
        let participant = Some(self.participant());
        let child = self.amount();
        let parent = self.id();
        let exact = |amount: i64| {
            let promise = Promise {
                qualifier: Some(Qualifier::Exact),
                amount: range([None, Some(amount), None]),
                is_restatement: false,
                equivalent: None,
            };
            (Instrument::Grant, promise)
        };
        let row = self.row(parent, participant, meeting, exact(6 * child), currency);
        let parts = Parts {
            min: 3 * child,
            point: 3 * child,
            max: 3 * child,
            ..Parts::default()
        };
        self.finish(batch, row, Some(&parts));
        for _ in 0..3 {
            let id = self.id();
            let mut row = self.row(id, participant, meeting, exact(child), currency);
            row.parent = Some(parent);
            self.finish(batch, row, None);
        }
    }

    fn participant(&mut self) -> Uuid {
        self.participants[self.random.below(PARTICIPANTS)]
    }

    fn currency(&mut self, meeting: usize) -> Currency {
        let of_ten = if meeting == 0 {
            self.random.below(10)
        } else {
            meeting + self.random.below(3)
        };
        self.currencies[of_ten % 10]
    }

    /// In minor units.
    fn amount(&mut self) -> i64 {
        1_000 * (10 + i64::try_from(self.random.below(1_000_000)).unwrap())
    }

    fn promise(&mut self, meeting: usize) -> (Instrument, Promise, Option<Currency>) {
        let instrument = self.instruments[self.random.below(self.instruments.len())];
        let none = Promise {
            qualifier: None,
            amount: Range::default(),
            is_restatement: false,
            equivalent: None,
        };
        if instrument == Instrument::Political || self.random.percent(5) {
            return (instrument, none, None);
        }
        let amount = self.amount();
        let (qualifier, amounts) = match self.random.below(10) {
            0 => (Qualifier::About, [None, Some(amount), None]),
            1 => (Qualifier::UpTo, [Some(0), None, Some(amount)]),
            2 => (Qualifier::AtLeast, [Some(amount), None, None]),
            3 => (Qualifier::Between, [Some(amount / 2), None, Some(amount)]),
            _ => (Qualifier::Exact, [None, Some(amount), None]),
        };
        let promise = Promise {
            qualifier: Some(qualifier),
            amount: range(amounts),
            ..none
        };
        (instrument, promise, Some(self.currency(meeting)))
    }

    fn row(
        &mut self,
        id: Uuid,
        participant: Option<Uuid>,
        meeting: usize,
        (instrument, promise): (Instrument, Promise),
        currency: Option<Currency>,
    ) -> PledgeRow {
        let beneficiary = self.random.percent(30).then(|| self.participant());
        PledgeRow {
            id,
            participant,
            meeting: self.meetings[meeting],
            parent: None,
            restates: None,
            beneficiary,
            currency,
            instrument,
            promise,
            announced_on: self.day(),
            figures: Figures::of(&promise, &[], None).unwrap(),
        }
    }

    /// Gives a pledge its events and its figures, by the register's own arithmetic.
    fn finish(&mut self, batch: &mut Batch, mut row: PledgeRow, parts: Option<&Parts>) {
        let whole = Figures::of(&row.promise, &[], parts).unwrap();
        let whole = whole.counted.point.or(whole.counted.max).or(whole.counted.min);
        let happened: Vec<Happened> = match whole {
            // A quarter of those that money can move on: a fifth of all.
            Some(whole) if whole > 0 && self.random.percent(25) => self.events(whole, row.announced_on),
            _ => Vec::new(),
        };
        row.figures = Figures::of(&row.promise, &happened, parts).unwrap();
        for happened in happened {
            let event = EventRow {
                pledge: row.id,
                happened,
                occurred_on: row.announced_on,
            };
            batch.events.push(event);
        }
        batch.pledges.push(row);
    }

    fn events(&mut self, whole: i64, on: PartialDate) -> Vec<Happened> {
        let half = whole / 2;
        let stages: &[(Stage, i64)] = match self.random.below(4) {
            0 => &[(Stage::Committed, half)],
            1 => &[(Stage::Committed, whole), (Stage::Paid, half)],
            2 => &[(Stage::Paid, whole)],
            _ => &[(Stage::Paid, half), (Stage::Withdrawn, whole - half)],
        };
        stages
            .iter()
            .map(|&(stage, amount)| Happened {
                id: self.id(),
                stage,
                occurred_on: on,
                amount: Some(amount),
                to: None,
                equivalent: None,
                equivalent_currency: None,
            })
            .collect()
    }
}

/// The moment at which everything was written.
fn moment() -> Timestamp {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

/// A statement whose `$1` is the moment, and between whose rows stand commas.
fn insert<T>(into: &'static str, rows: &[T], mut push: impl FnMut(&mut Sql, &T)) -> Sql {
    let mut sql = Sql::new(into).bind(moment());
    for (index, row) in rows.iter().enumerate() {
        sql.push(if index == 0 { " values (" } else { ", (" });
        push(&mut sql, row);
        sql.push(", 1, $1, $1)");
    }
    sql
}

/// Appends parameters with commas between them.
macro_rules! push_args {
    ($sql:expr, $first:expr $(, $rest:expr)* $(,)?) => {{
        $sql.push_arg($first);
        $($sql.push(", ").push_arg($rest);)*
    }};
}

fn insert_pledges(rows: &[PledgeRow]) -> Sql {
    let into = "insert into pledges (id, participant_id, meeting_id, parent_id, restates_id, beneficiary_id, instrument,
        qualifier, currency, amount_min, amount, amount_max, announced_on, announced_first, announced_last, state,
        pledged_min, pledged, pledged_max, counted_min, counted, counted_max, committed, paid, withdrawn, outstanding,
        version, created_at, updated_at)";
    insert(into, rows, |sql, row| {
        push_args!(
            sql,
            row.id,
            row.participant,
            row.meeting,
            row.parent,
            row.restates,
            row.beneficiary,
            row.instrument,
            row.promise.qualifier,
            row.currency,
            row.promise.amount.min,
            row.promise.amount.point,
            row.promise.amount.max,
            row.announced_on,
            row.announced_on.first(),
            row.announced_on.last(),
            row.figures.state,
            row.figures.pledged.min,
            row.figures.pledged.point,
            row.figures.pledged.max,
            row.figures.counted.min,
            row.figures.counted.point,
            row.figures.counted.max,
            row.figures.committed,
            row.figures.paid,
            row.figures.withdrawn,
            row.figures.outstanding,
        );
    })
}

fn insert_events(rows: &[EventRow]) -> Sql {
    let into = "insert into events (id, pledge_id, stage, occurred_on, occurred_first, amount, \"over\", version, created_at,
        updated_at)";
    insert(into, rows, |sql, row| {
        let EventRow {
            happened,
            occurred_on,
            ..
        } = *row;
        push_args!(
            sql,
            happened.id,
            row.pledge,
            happened.stage,
            occurred_on,
            occurred_on.first(),
            happened.amount,
            false,
        );
    })
}

fn texts(of: serde_json::Value) -> LangMap {
    serde_json::from_value(of).unwrap()
}

async fn insert_participants(conn: &mut Conn, generator: &Generator) {
    let into = "insert into participants (id, code, kind, names, former_names, aliases, version, created_at, updated_at)";
    let rows: Vec<(usize, Uuid)> = generator.participants.iter().copied().enumerate().collect();
    for rows in rows.chunks(A_STATEMENT) {
        let sql = insert(into, rows, |sql, &(number, id)| {
            let code = code(number);
            let names = texts(json!({"en": format!("Participant {code}"), "ar": format!("مشارك {code}")}));
            let (former, aliases) = (Vec::<String>::new(), Vec::<String>::new());
            push_args!(sql, id, code, "state".to_owned(), names, former, aliases);
        });
        conn.run(sql).await.unwrap();
    }
}

async fn insert_meetings(conn: &mut Conn, generator: &Generator) {
    let into = "insert into meetings (id, slug, titles, kind, starts_on, starts_first, starts_last, version, created_at,
        updated_at)";
    let day: PartialDate = "2018-02-13".parse().unwrap();
    let rows: Vec<(usize, Uuid)> = generator.meetings.iter().copied().enumerate().collect();
    for rows in rows.chunks(A_STATEMENT) {
        let sql = insert(into, rows, |sql, &(number, id)| {
            let titles = texts(json!({"en": format!("Meeting {number}"), "ar": format!("اجتماع {number}")}));
            push_args!(
                sql,
                id,
                slug(number),
                titles,
                "pledging_conference".to_owned(),
                day,
                day.first(),
                day.last()
            );
        });
        conn.run(sql).await.unwrap();
    }
}

fn range([min, point, max]: [Option<i64>; 3]) -> Range {
    Range { min, point, max }
}
