//! Nobody takes the log. The same for both engines, so SQLite alone.

use std::time::{Duration, Instant};

use crate::{
    Fault, Row, Told,
    kill::key,
    load::Load,
    support::{Database, Engine, program::Program},
};

pub const FAULTS: [Fault; 2] = [
    Fault {
        name: "log closed",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(untaken(engine, false)),
    },
    Fault {
        name: "log a full pipe that nobody reads",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(untaken(engine, true)),
    },
];

/// No answer takes as long under this load, whatever else the machine is at.
const LONGEST: Duration = Duration::from_secs(3);

async fn untaken(engine: Engine, open: bool) -> Told {
    let database = Database::fresh(engine).await;
    let key = key(&database.url).await;
    let (program, log) = Program::start_unread(Program::command(&database.url, "127.0.0.1:0", [""; 0]));
    // A pipe holds 64 KiB, some hundred requests; its other end is open for as long as this is.
    let log = open.then_some(log);
    let load = Load::start(&program.url, &key, 16, 4);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        load.more(50).await;
    }
    let row = Row::of(load.stop().await, &program.url).await;
    let account = &row.account;
    let only =
        account.writes.is_only(&[201]) && account.reads.is_only(&[200]) && account.probes.is_only(&[200]);
    let told = [&account.writes, &account.reads, &account.probes];
    let no_delay = told
        .iter()
        .all(|told| told.slowest.max(told.longest_gap) < LONGEST);
    drop(log);
    Ok(row
        .also(only, "every request succeeds")
        .also(no_delay, "nobody waits for the log"))
}
