//! The program is killed, and started again.

use std::{fs, path::PathBuf, process::Stdio, str::FromStr, time::Duration};

use pledgebook::{
    auth::Role,
    db::{Db, Sql},
};
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, migrate::Migrator, sqlite::SqliteConnectOptions,
};

use crate::{
    Fault, Row, Told,
    ask::{NOTICED, holds_within},
    load::Load,
    support::{
        Database, Engine,
        program::{Program, free_address},
    },
};

pub const FAULTS: [Fault; 4] = [
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
    Fault {
        name: "killed while a register is begun, or brought up to date",
        engine: Engine::Sqlite,
        run: |engine| Box::pin(killed_in_migration(engine)),
    },
    Fault {
        name: "killed while a register is begun, or brought up to date",
        engine: Engine::Postgres,
        run: |engine| Box::pin(killed_in_migration(engine)),
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
    let key = crate::support::key(&db, "desk", Role::Editor).await;
    db.close().await;
    key
}

/// After how long one that begins a register is killed: before, in the middle of it, and behind it.
const MOMENTS: [u64; 8] = [5, 10, 20, 30, 45, 60, 90, 120];

/// How many rates the first schema's register has: so many that they do not go over at once.
const RATES: i64 = 200_000;

async fn killed_in_migration(engine: Engine) -> Told {
    for moment in MOMENTS {
        let database = Database::blank(engine).await;
        killed_once(&database, async || {
            tokio::time::sleep(Duration::from_millis(moment)).await;
        })
        .await;
        drop(Program::serve(&database.url));
    }

    let database = Database::blank(engine).await;
    let is_half_way = match engine {
        Engine::Sqlite => half_way_on_sqlite(&database).await,
        Engine::Postgres => half_way_on_postgres(&database).await,
    };
    let program = Program::serve(&database.url);
    let db = Db::open_existing(&database.url).await.unwrap();
    let asked = Sql::new("select count(*) from rates where not waived");
    let (rates,): (i64,) = db.read().await.unwrap().one(asked).await.unwrap();
    db.close().await;
    let key = key(&database.url).await;
    let load = Load::start(&program.url, &key, 8, 2);
    load.more(50).await;
    Ok(Row::of(load.stop().await, &program.url)
        .await
        .also(is_half_way, "it is killed on the way from one schema to another")
        .also(rates == RATES, "it has what it had, as the new schema has it"))
}

/// Starts the program, and kills it then.
async fn killed_once(database: &Database, then: impl AsyncFnOnce()) {
    let mut command = Program::command(&database.url, "127.0.0.1:0", [""; 0]);
    let mut program = command.stderr(Stdio::null()).spawn().unwrap();
    then().await;
    program.kill().unwrap();
    program.wait().unwrap();
}

/// The first schema, from which there is a way to the newest.
async fn first_schema(engine: Engine) -> Migrator {
    let of_engine = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    let first = "0001_register.sql";
    let all = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let directory = tempfile::tempdir().unwrap();
    fs::copy(all.join(of_engine).join(first), directory.path().join(first)).unwrap();
    Migrator::new(directory.path()).await.unwrap()
}

/// Whether whoever brings a file up to date was killed when a part of that was in the log beside it.
async fn half_way_on_sqlite(database: &Database) -> bool {
    let place = SqliteConnectOptions::from_str(&database.url).unwrap();
    let place = place.create_if_missing(true);
    let mut conn = place.connect().await.unwrap();
    first_schema(Engine::Sqlite).await.run(&mut conn).await.unwrap();
    let many = "with recursive n (n) as (select 1 union all select n + 1 from n where n < $1)
        insert into rates (id, currency, date, source, per_usd, version, created_at, updated_at)
        select randomblob(16), 'XTS', date('1900-01-01', n || ' days'), 'many', '1', 1, '2020-01-01T00:00:00+00:00',
            '2020-01-01T00:00:00+00:00' from n";
    sqlx::query(many).bind(RATES).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();

    let log = PathBuf::from(database.url.strip_prefix("sqlite:").unwrap()).with_extension("db-wal");
    killed_once(database, async || {
        holds_within(NOTICED, async || {
            fs::metadata(&log).is_ok_and(|log| log.len() > 100_000)
        })
        .await;
    })
    .await;
    let mut conn = place.connect().await.unwrap();
    let schema = sqlx::query_scalar("select max(version) from _sqlx_migrations").fetch_one(&mut conn);
    let schema: i64 = schema.await.unwrap();
    conn.close().await.unwrap();
    schema == 1
}

/// The same of a database, in which somebody reads what is to be altered.
async fn half_way_on_postgres(database: &Database) -> bool {
    let mut reader = PgConnection::connect(&database.url).await.unwrap();
    first_schema(Engine::Postgres)
        .await
        .run(&mut reader)
        .await
        .unwrap();
    let many = "insert into rates (id, currency, date, source, per_usd, version, created_at, updated_at)
        select gen_random_uuid(), 'XTS', date '1900-01-01' + n::int, 'many', '1', 1, now(), now()
        from generate_series(1, $1) as n";
    sqlx::query(many).bind(RATES).execute(&mut reader).await.unwrap();
    reader
        .execute("begin; lock table rates in access share mode")
        .await
        .unwrap();

    let waiting = "select count(*) from pg_locks where relation = 'rates'::regclass and not granted";
    let mut is_half_way = false;
    killed_once(database, async || {
        is_half_way = holds_within(NOTICED, async || {
            let waiting = sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut reader);
            waiting.await.unwrap() > 0
        })
        .await;
    })
    .await;
    reader.execute("rollback").await.unwrap();
    reader.close().await.unwrap();
    is_half_way
}
