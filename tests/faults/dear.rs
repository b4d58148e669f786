//! Strangers who ask the dearest questions, again and again.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use futures_util::future::{join, join_all};
use pledgebook::{
    auth::Role,
    db::{Db, Sql},
};

use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout_at};

use crate::{
    Fault, Row, Told,
    ask::{Answer, Asker},
    load::Load,
    register,
    support::{Database, Engine, program::Program},
};

pub const FAULTS: [Fault; 2] = [
    Fault {
        name: "dear questions of 16 strangers, and one past its time",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(dear(engine)),
    },
    Fault {
        name: "dear questions of 16 strangers, and one past its time",
        engine: Engine::Postgres,
        run: |engine| Box::pin(dear(engine)),
    },
];

const PLEDGES: usize = 20_000;
const STRANGERS: usize = 16;

/// No kept sum answers these, and an order is made of everything.
const QUESTIONS: [&str; 8] = [
    "/v1/totals?group_by=participant,meeting,month&collective=false&limit=200",
    "/v1/totals/explain?currency=USD,EUR,GBP&group_by=participant,meeting",
    "/v1/pledges?format=csv&sort=participant",
    "/v1/totals?group_by=participant,month&in=USD&rate_date=2019-01-01",
    "/v1/totals?group_by=meeting,year&cited=false",
    "/v1/pledges?format=ndjson&sort=-updated_at",
    "/v1/totals/explain?currency=JPY,KWD,SAR",
    "/v1/pledges?format=ndjson&sort=meeting&expand=participant,meeting",
];

/// As many as Postgres has places to read: `POSTGRES_READERS` and `RESERVED` of `src/db/mod.rs`.
const MOST_LEFT: u64 = 12;

/// What a question takes that is answered at once, however busy the machine.
const AT_ONCE: Duration = Duration::from_secs(4);

async fn dear(engine: Engine) -> Told {
    let database = Database::fresh(engine).await;
    let db = Db::open(&database.url).await.unwrap();
    register::load(&db, engine, PLEDGES).await;
    let key = crate::support::key(&db, "desk", Role::Editor).await;
    let program = Program::serve(&database.url);

    let load = Load::start(&program.url, &key, 2, 2);
    load.more(5).await;
    let next = AtomicUsize::new(0);
    let stranger = Asker::new(&program.url, "");
    let before = load.acknowledged();
    let over = Instant::now() + Duration::from_secs(8);
    let answers = join_all((0..STRANGERS).map(async |_| {
        let mut answers = Vec::new();
        loop {
            let question = QUESTIONS[next.fetch_add(1, Ordering::Relaxed) % QUESTIONS.len()];
            // Asked again at once: who is refused has waited for a moment.
            match timeout_at(over.into(), stranger.get(question)).await {
                Ok(answer) => answers.push((question, answer)),
                // An export on its way out, and whatever else is not ended, is given up.
                Err(_) => return answers,
            }
        }
    }))
    .await;
    let written = load.acknowledged() - before;
    let account = load.stop().await;
    let answers: Vec<_> = answers.into_iter().flatten().collect();
    let number = |status: u16| {
        answers
            .iter()
            .filter(|(_, answer)| answer.status == status)
            .count()
    };
    let (answered, refused) = (number(200), number(503));
    let refused_well = answers.iter().all(|(_, it)| it.status == 200 || is_refusal(it));
    let stays_ready = account.probes.is_only(&[200]);
    let ready_at_once = account.probes.slowest <= AT_ONCE;
    let only = account.writes.is_only(&[201, 503]) && account.reads.is_only(&[200, 503]);
    // Bounds for a busy machine; where strangers took all the readers, a third of the reads were refused.
    let refused_reads = account.reads.statuses.get(&503).copied().unwrap_or_default();
    let all_reads: usize = account.reads.statuses.values().sum();
    let few_refused = refused_reads * 10 <= all_reads;
    let longest_gap = account.writes.longest_gap.max(account.reads.longest_gap);
    let keeps_going = written > 5 && few_refused && longest_gap < Duration::from_secs(6);
    drop(program);

    let late = past_its_time(&database, &db, &key, engine).await;
    // Any program serves for what is stored.
    let program = Program::serve(&database.url);
    let row = Row::of(account, &program.url).await;
    db.close().await;
    Ok(row
        .also(stays_ready, "it is ready all the while")
        .also(ready_at_once, "it says so at once")
        .also(
            only,
            "cheap questions and writes are answered with 200, 201 and 503 alone",
        )
        .also(
            keeps_going,
            &format!("cheap questions and writes go on: {written} written, {refused_reads} of {all_reads} reads refused"),
        )
        .also(answered > 0, "dear questions are answered too")
        // Half of the readers are two here, and ten there.
        .also(
            refused > 0 || engine == Engine::Postgres,
            "there are too many of them",
        )
        .also(
            refused_well,
            "who finds no connection is told so in a moment, and when to come back",
        )
        .also(late.is_empty(), &late.join("; ")))
}

/// How many statements are at work for a hundred strangers who asked and are gone: sessions of the server that wait
/// for the table, or threads that the program has got besides.
async fn hung_up_on(program: &Program, db: &Db, engine: Engine) -> u64 {
    let threads = || program.number("Threads").unwrap_or_default();
    let before = threads();
    let address = program.url.strip_prefix("http://").unwrap();
    join_all((0..10).map(async |_| {
        for question in QUESTIONS.iter().cycle().take(10) {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let request = format!("GET {question} HTTP/1.1\r\nHost: here\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            tokio::time::sleep(Duration::from_millis(60)).await;
        }
    }))
    .await;
    if engine == Engine::Sqlite {
        return threads().saturating_sub(before);
    }
    let sessions = "select count(*) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'";
    let (sessions,): (i64,) = db.read().await.unwrap().one(Sql::new(sessions)).await.unwrap();
    sessions.try_into().unwrap()
}

fn is_refusal(answer: &Answer) -> bool {
    answer.is(503, "overloaded") && answer.took < AT_ONCE || answer.is(503, "timed_out")
}

/// What is not as it should be where statements take longer than they may.
async fn past_its_time(database: &Database, db: &Db, key: &str, engine: Engine) -> Vec<String> {
    let short = Program::command(&database.url, "127.0.0.1:0", ["--request-timeout", "1s"]);
    let program = Program::start(short);
    let (asker, stranger) = (Asker::new(&program.url, key), Asker::new(&program.url, ""));
    let mut unlike = Vec::new();
    let mut should = |holds: bool, what: &str| {
        if !holds {
            unlike.push(format!("past its time: {what}"));
        }
    };
    // So that no statement ends: on Postgres one that waits for a table; on SQLite as many as the machine cannot do.
    let held = if engine == Engine::Postgres {
        let mut held = db.begin().await.unwrap();
        held.run(Sql::new("lock table pledges in access exclusive mode"))
            .await
            .unwrap();
        Some(held)
    } else {
        None
    };
    let begun = Instant::now();
    let mut late = 0;
    let mut all_well = true;
    let mut longest = Duration::ZERO;
    while late < 4 && begun.elapsed() < Duration::from_secs(6) {
        // Not the exports, whose answers break off.
        let dear: Vec<_> = QUESTIONS.iter().filter(|it| it.contains("totals")).collect();
        let answers = join_all((0..STRANGERS).map(|n| stranger.get(dear[n % dear.len()]))).await;
        for answer in answers {
            late += usize::from(answer.is(503, "timed_out"));
            all_well &= answer.status == 200 || is_refusal(&answer);
            if answer.status == 503 {
                longest = longest.max(answer.took);
            }
        }
    }
    let left = hung_up_on(&program, db, engine).await;
    drop(held);
    should(
        left <= MOST_LEFT,
        &format!("who hangs up leaves nothing behind, and {left} are left"),
    );
    should(late > 0, "a statement past --request-timeout is 503 timed_out");
    should(all_well, "all else is 200, or 503 with Retry-After");
    should(longest < Duration::from_secs(3), "its end is told in time");
    tokio::time::sleep(Duration::from_secs(1)).await;
    // All at once: as many as there are readers, and then some.
    let reads = join_all((0..16).map(|_| asker.get("/v1/participants?limit=5")));
    let (reads, write) = join(reads, asker.write("afterwards")).await;
    should(reads.iter().all(|read| read.status == 200), "no reader is kept");
    should(write.status == 201, "the writer is free");
    let dear = join_all((0..2).map(|_| asker.get("/v1/totals?meeting=hot&group_by=month"))).await;
    should(
        dear.iter().all(|answer| answer.status == 200),
        "no dear place is kept",
    );
    should(asker.get("/readyz").await.status == 200, "it is ready");
    unlike
}
