//! The program is killed, and started again.

use pledgebook::{
    auth::{self, Role},
    db::Db,
};

use crate::{
    Fault, Row, Told,
    load::Load,
    support::{
        Database, Engine,
        program::{Program, free_address},
    },
};

pub const FAULTS: [Fault; 2] = [
    Fault {
        name: "killed five times under 64 writers",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(killed(engine)),
    },
    Fault {
        name: "killed five times under 64 writers",
        engine: Engine::Postgres,
        run: |engine| Box::pin(killed(engine)),
    },
];

async fn killed(engine: Engine) -> Told {
    let database = Database::fresh(engine).await;
    let key = key(&database.url).await;
    let address = free_address();
    let start = || Program::start(Program::command(&database.url, &address, [""; 0]));
    let mut program = start();
    let load = Load::start(&program.url, &key, 64, 4);
    for _ in 0..5 {
        load.more(200).await;
        program.kill();
        program = start();
    }
    load.more(200).await;
    Ok(Row::of(load.stop().await, &program.url).await)
}

/// A key to write with.
pub async fn key(database_url: &str) -> String {
    let db = Db::open(database_url).await.unwrap();
    let key = auth::create(&db, "desk", Role::Editor).await.unwrap();
    db.close().await;
    key
}
