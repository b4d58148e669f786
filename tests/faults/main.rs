//! Bad days, one after another: the real program under load while its disk, its database, its log, its clients or
//! itself fail. It prints a table of what each fault cost, and fails where anything acknowledged was lost, anything
//! was made twice, or anything was answered with 500.
//!
//! `cargo test --test faults -- disk` runs those with `disk` in their names. They run one at a time, as each
//! measures how long nothing succeeded.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)] // Clippy's own exception covers test functions, not what they share.

mod ask;
mod clients;
mod dear;
mod disk;
mod kill;
mod load;
mod log;
mod postgres;
#[path = "../../bench/register.rs"]
#[expect(dead_code, reason = "it uses its own part of what the benchmarks share")]
mod register;
mod server_disk;
#[path = "../support/mod.rs"]
mod support;
mod wire;

use std::{future::Future, pin::Pin, process::ExitCode, time::Duration};

use load::Account;
use support::Engine;

/// With this begins why a fault was not brought about, where no installation would help.
const NEEDS_ROOT: &str = "it needs root";

/// What a fault came to. A fault that cannot be brought about here says why instead.
type Told = Result<Row, String>;

struct Fault {
    name: &'static str,
    engine: Engine,
    run: fn(Engine) -> Pin<Box<dyn Future<Output = Told>>>,
}

struct Row {
    account: Account,
    lost: usize,
    twice: usize,
    /// What else the fault was to show and did not, in words.
    faults: Vec<String>,
}

impl Row {
    /// The account of a load, held against the register that is served there.
    async fn of(account: Account, url: &str) -> Self {
        let (lost, twice) = account.lost_and_twice(url).await;
        let all = [&account.writes, &account.reads, &account.probes];
        let says_when = all.iter().all(|told| told.undated == 0);
        Self {
            account,
            lost,
            twice,
            faults: Vec::new(),
        }
        .also(says_when, "every 503 and 507 says when to try again")
    }

    fn also(mut self, holds: bool, what: &str) -> Self {
        if !holds {
            self.faults.push(what.to_owned());
        }
        self
    }

    fn five_hundreds(&self) -> usize {
        let of = |told: &load::Told| told.statuses.get(&500).copied().unwrap_or_default();
        of(&self.account.writes) + of(&self.account.reads) + of(&self.account.probes)
    }

    fn is_well(&self) -> bool {
        self.lost + self.twice + self.five_hundreds() + self.faults.len() == 0
    }
}

fn all() -> Vec<Fault> {
    kill::FAULTS
        .into_iter()
        .chain(disk::FAULTS)
        .chain(log::FAULTS)
        .chain(clients::FAULTS)
        .chain(dear::FAULTS)
        .chain(postgres::faults())
        .chain(server_disk::FAULTS)
        .collect()
}

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let is_wanted = |fault: &Fault| wanted.is_empty() || wanted.iter().any(|part| fault.name.contains(part));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut lines = Vec::new();
    let faults = all();
    let mut failed = false;
    let mut unrun = Vec::new();
    for fault in faults.iter().filter(|fault| is_wanted(fault)) {
        if fault.engine == Engine::Postgres && Engine::postgres().is_none() {
            continue;
        }
        eprintln!("{} on {:?}", fault.name, fault.engine);
        match runtime.block_on((fault.run)(fault.engine)) {
            Ok(row) => {
                failed |= !row.is_well();
                lines.push(line(fault, &row));
            }
            Err(why) => unrun.push((fault, why)),
        }
    }
    println!(
        "| fault | engine | acknowledged | lost | twice | no write for | no read for | not ready for | slowest answer | refused | 500s |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    );
    for line in lines {
        println!("{line}");
    }
    // Behind the table, where it is seen.
    for (fault, why) in unrun {
        support::say_loudly(&format!("NOT RUN: {} on {:?}: {why}.", fault.name, fault.engine));
        if is_ci() && (is_root() || !why.starts_with(NEEDS_ROOT)) {
            eprintln!("what could be brought about here must not be left out where CI=true");
            failed = true;
        }
    }
    if failed {
        eprintln!(
            "something was lost, made twice or answered with 500, or is not as it should be: see the table"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn is_ci() -> bool {
    std::env::var("CI").as_deref() == Ok("true")
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|of| std::os::unix::fs::MetadataExt::uid(&of) == 0)
}

fn line(fault: &Fault, row: &Row) -> String {
    let seconds = |time: Duration| format!("{:.1} s", time.as_secs_f64());
    let Account {
        writes,
        reads,
        probes,
        ..
    } = &row.account;
    let mut refused = writes.codes.clone();
    for (code, number) in reads.codes.iter().chain(&probes.codes) {
        *refused.entry(code.clone()).or_default() += number;
    }
    let refused: Vec<_> = refused
        .iter()
        .map(|(code, number)| format!("{code} {number}"))
        .collect();
    format!(
        "| {} | {:?} | {} | {} | {} | {} | {} | {} | {} | {} | {} |{}",
        fault.name,
        fault.engine,
        row.account.acknowledged.len(),
        row.lost,
        row.twice,
        seconds(writes.longest_gap),
        seconds(reads.longest_gap),
        seconds(probes.longest_gap),
        seconds(writes.slowest.max(reads.slowest).max(probes.slowest)),
        refused.join(", "),
        row.five_hundreds(),
        row.faults
            .iter()
            .fold(String::new(), |told, fault| told + " NOT SO: " + fault),
    )
}
