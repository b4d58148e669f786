//! The disk of a Postgres server is full: the one of its tables, or the one of its log.

use std::time::{Duration, Instant};

use crate::{
    Fault, Told,
    ask::{Asker, NOTICED, holds_within},
    postgres::{AWAY, Servers, recovered, says, told, under_load},
    support::Engine,
};

pub const FAULTS: [Fault; 2] = [
    Fault {
        name: "disk of the server full twice, then room",
        engine: Engine::Postgres,
        run: |_| Box::pin(tables()),
    },
    Fault {
        name: "disk of the server's log full, then room",
        engine: Engine::Postgres,
        run: |_| Box::pin(log()),
    },
];

/// Writes until no byte more is taken.
fn fill(servers: &Servers, disk: &str) {
    let filled = servers.tell(&format!("cat /dev/zero >{disk}/filler"));
    assert!(filled.is_err_and(|said| said.contains("No space left")));
}

fn empty(servers: &Servers, disk: &str) {
    servers.told(&format!("rm {disk}/filler"));
}

/// Of an operator who means well by the disk, and by whom a question that sorts learns nothing of where the tables are.
const SETTINGS: [&str; 2] = ["temp_file_limit = '64kB'", "temp_tablespaces = 'elsewhere'"];

async fn tables() -> Told {
    let servers = Servers::with_a_small("main", "160m").await?;
    servers.told("mkdir elsewhere");
    let elsewhere = servers.directory.join("elsewhere");
    servers
        .sql(&format!(
            "create tablespace elsewhere location '{}'",
            elsewhere.display()
        ))
        .await;
    let (program, load) = under_load(&servers, &servers.url(), &[]).await;
    let asker = Asker::new(&program.url, "");
    let mut unlike = Vec::new();
    for setting in SETTINGS {
        servers.sql("alter database register reset all").await;
        servers
            .sql(&format!("alter database register set {setting}"))
            .await;
        servers.terminate().await;
        load.more(30).await;
        let before = load.refused_as("disk_full");
        fill(&servers, "main");
        let refused = holds_within(NOTICED, async || load.refused_as("disk_full") > before).await;
        // Nobody writes, and it asks itself.
        load.rest(true);
        let not_ready = asker.readiness(503).await;
        let noticed = load.since_a_write() <= NOTICED;
        let stays = asker.readiness_stays(503, Duration::from_secs(7)).await;
        empty(&servers, "main");
        let ready = asker.readiness(200).await;
        load.rest(false);
        for (holds, should) in [
            (refused, "writes are refused as disk_full"),
            (
                not_ready.is_some_and(|it| it.is(503, "not_ready")),
                "it is not ready",
            ),
            (noticed, "that is noticed in 15 s"),
            (
                stays,
                "it is not ready for as long as it is so, also when nobody writes",
            ),
            (ready.is_some(), "it is ready in 15 s, also when nobody writes"),
        ] {
            if !holds {
                unlike.push(format!("{setting}: {should}"));
            }
        }
    }
    load.more(30).await;
    let row = told(load, &program, &["disk_full", "outcome_unknown"]).await;
    let goes_on = row.account.reads.only(200, &[]);
    Ok(row
        .also(goes_on, "reads go on")
        .also(unlike.is_empty(), &unlike.join("; ")))
}

async fn log() -> Told {
    let servers = Servers::with_a_small("log", "48m").await?;
    let (program, load) = under_load(&servers, &servers.url(), &[]).await;
    let begun = Instant::now();
    fill(&servers, "log");
    // The server ends itself when it finds no room, and starts again if it can.
    let noticed = says(&program, 503, Duration::from_secs(30)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    empty(&servers, "log");
    // As an operator does, whether it is there or not.
    let _ = servers.tell("pg_ctl stop -s -m immediate -D main");
    servers.begin("main", servers.port);
    let away = begun.elapsed();
    load.more(60).await;
    let ready = says(&program, 200, Duration::from_secs(10)).await;
    let codes = [AWAY, &["disk_full"]].concat();
    let row = told(load, &program, &codes).await;
    Ok(recovered(row, away)
        .also(noticed, "/readyz says that it is not ready")
        .also(ready, "/readyz says that it is ready again"))
}
