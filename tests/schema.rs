//! Both sets of migrations give the same register, by each database's own catalogue.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use pledgebook::{
    app,
    db::{Db, Sql},
    history::Author,
    rates::{self, Plausibility},
    upgrades,
};
use serde_json::json;
use sqlx::{
    AssertSqlSafe, Connection, FromRow, PgConnection, PgPool, SqliteConnection, SqlitePool,
    migrate::Migrator, sqlite::SqliteConnectOptions,
};
use support::{Database, Engine};

/// How a Postgres type is kept in SQLite. No other type is in use; above all none that floats.
const TYPES: &[(&str, &str)] = &[
    ("bigint", "INTEGER"),
    ("boolean", "INTEGER"),
    ("bytea", "BLOB"),
    ("date", "TEXT"),
    ("jsonb", "TEXT"),
    ("text", "TEXT"),
    ("timestamp with time zone", "TEXT"),
    ("uuid", "BLOB"),
];

/// A schema as lines that can be compared, each true of one thing in it.
type Described = BTreeSet<String>;

#[derive(Debug, FromRow)]
struct Column {
    table_name: String,
    position: i64,
    name: String,
    /// The engine's own.
    type_name: String,
    required: bool,
    default_value: Option<String>,
    /// Its place in the primary key, from 1; 0 when it has none.
    key_place: i64,
}

#[derive(Debug, FromRow)]
struct IndexColumn {
    table_name: String,
    index_name: String,
    name: Option<String>,
    /// Of a partial index: the rows that it holds for.
    only_where: Option<String>,
}

#[derive(Debug, FromRow)]
struct ForeignKey {
    table_name: String,
    name: String,
    target: String,
    target_column: String,
    on_delete: String,
}

/// What each engine's catalogue answers, in one shape.
struct Catalogue {
    columns: Vec<Column>,
    unique: Vec<IndexColumn>,
    foreign: Vec<ForeignKey>,
}

mod sqlite {
    /// The tables that the migrations made, without sqlx's own and the shadows of virtual ones.
    pub const TABLES: &str = "
        select name, strict from pragma_table_list
        where schema = 'main' and type = 'table' and name not like 'sqlite|_%' escape '|' and name <> '_sqlx_migrations'";

    pub const COLUMNS: &str = "
        select t.name as table_name, c.cid as position, c.name, c.type as type_name, c.\"notnull\" as required,
               c.dflt_value as default_value, c.pk as key_place
        from ({tables}) t, pragma_table_xinfo(t.name) c";

    pub const UNIQUE: &str = "
        select t.name as table_name, i.name as index_name, c.name,
               case when i.partial then substr(s.sql, instr(upper(s.sql), ' WHERE ') + 7) end as only_where
        from ({tables}) t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
        left join sqlite_schema s on s.name = i.name
        where i.\"unique\" and i.origin <> 'pk' order by t.name, i.name, c.seqno";

    pub const FOREIGN: &str = "
        select t.name as table_name, f.\"from\" as name, f.\"table\" as target,
               coalesce(f.\"to\", 'id') as target_column, f.on_delete
        from ({tables}) t, pragma_foreign_key_list(t.name) f";
}

mod postgres {
    /// The same: the terms of search are a virtual table of SQLite's, and nothing of them but their name is alike.
    pub const TABLES: &str = "
        select oid, relname::text as name from pg_class
        where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
          and relname not in ('_sqlx_migrations', 'search_terms')";

    pub const COLUMNS: &str = "
        select t.name as table_name, a.attnum::bigint - 1 as position, a.attname::text as name,
               format_type(a.atttypid, a.atttypmod) as type_name, a.attnotnull as required,
               pg_get_expr(d.adbin, d.adrelid) as default_value,
               coalesce(array_position(k.conkey, a.attnum), 0)::bigint as key_place
        from ({tables}) t
        join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
        left join pg_constraint k on k.conrelid = t.oid and k.contype = 'p'";

    pub const UNIQUE: &str = "
        select t.name as table_name, c.relname::text as index_name, a.attname::text as name,
               pg_get_expr(i.indpred, i.indrelid) as only_where
        from ({tables}) t
        join pg_index i on i.indrelid = t.oid and i.indisunique and not i.indisprimary
        join pg_class c on c.oid = i.indexrelid
        cross join unnest(i.indkey) with ordinality u (number, place)
        left join pg_attribute a on a.attrelid = t.oid and a.attnum = u.number and u.number > 0
        order by t.name, c.relname, u.place";

    pub const FOREIGN: &str = "
        select t.name as table_name, a.attname::text as name, r.relname::text as target,
               b.attname::text as target_column,
               case f.confdeltype when 'a' then 'NO ACTION' when 'c' then 'CASCADE' when 'r' then 'RESTRICT'
                 when 'n' then 'SET NULL' else 'SET DEFAULT' end as on_delete
        from ({tables}) t
        join pg_constraint f on f.conrelid = t.oid and f.contype = 'f'
        join pg_class r on r.oid = f.confrelid
        cross join unnest(f.conkey, f.confkey) u (own, other)
        join pg_attribute a on a.attrelid = f.conrelid and a.attnum = u.own
        join pg_attribute b on b.attrelid = f.confrelid and b.attnum = u.other";

    pub const COLLATIONS: &str = "
        select t.name, a.attname::text, c.collname::text
        from ({tables}) t
        join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        join pg_collation c on c.oid = a.attcollation";
}

async fn migrated(engine: Engine) -> Database {
    let database = Database::fresh(engine).await;
    let db = Db::open(&database.url).await.unwrap();
    // The template was migrated already: once more changes nothing.
    db.migrate(&upgrades::all(), |_| {}).await.unwrap();
    db.close().await;
    database
}

macro_rules! asked {
    ($conn:expr, $module:ident :: $query:ident) => {
        sqlx::query_as(AssertSqlSafe(
            $module::$query.replace("{tables}", $module::TABLES),
        ))
        .fetch_all(&mut $conn)
        .await
        .unwrap()
    };
}

async fn of_sqlite(conn: &mut SqliteConnection) -> Catalogue {
    Catalogue {
        columns: asked!(*conn, sqlite::COLUMNS),
        unique: asked!(*conn, sqlite::UNIQUE),
        foreign: asked!(*conn, sqlite::FOREIGN),
    }
}

async fn of_postgres(conn: &mut PgConnection) -> Catalogue {
    Catalogue {
        columns: asked!(*conn, postgres::COLUMNS),
        unique: asked!(*conn, postgres::UNIQUE),
        foreign: asked!(*conn, postgres::FOREIGN),
    }
}

/// A catalogue in words, its types in SQLite's.
fn described(catalogue: &Catalogue, type_of: impl Fn(&str) -> String) -> Described {
    let mut lines = Described::new();
    for it in &catalogue.columns {
        let required = if it.required { "not null" } else { "null" };
        let default = it.default_value.as_deref().unwrap_or("none");
        let key = if it.key_place > 0 {
            format!(", primary key {}", it.key_place)
        } else {
            String::new()
        };
        lines.insert(format!(
            "column {}.{} stands at {}: {} {required}, default {default}{key}",
            it.table_name,
            it.name,
            it.position,
            type_of(&it.type_name)
        ));
    }
    let mut sets: BTreeMap<(&str, &str), (BTreeSet<&str>, String)> = BTreeMap::new();
    for it in &catalogue.unique {
        let (columns, only_where) = sets.entry((&it.table_name, &it.index_name)).or_default();
        columns.insert(it.name.as_deref().unwrap_or("an expression"));
        // Postgres puts brackets around it.
        *only_where = it
            .only_where
            .as_deref()
            .unwrap_or("always")
            .replace(['(', ')'], "")
            .to_lowercase();
    }
    for ((table, _), (columns, only_where)) in sets {
        lines.insert(format!("unique {table} {columns:?}, {only_where}"));
    }
    for it in &catalogue.foreign {
        lines.insert(format!(
            "foreign key {}.{} to {}.{}, on delete {}",
            it.table_name, it.name, it.target, it.target_column, it.on_delete
        ));
    }
    lines
}

fn described_sqlite(catalogue: &Catalogue) -> Described {
    described(catalogue, str::to_owned)
}

fn described_postgres(catalogue: &Catalogue) -> Described {
    described(catalogue, |name| {
        let known = TYPES.iter().find(|(postgres, _)| *postgres == name);
        known.map_or_else(
            || format!("{name}, which has no counterpart,"),
            |(_, sqlite)| (*sqlite).to_owned(),
        )
    })
}

async fn sqlite_connection(database: &Database) -> SqliteConnection {
    SqliteConnection::connect(&database.url).await.unwrap()
}

async fn postgres_connection(database: &Database) -> PgConnection {
    PgConnection::connect(&database.url).await.unwrap()
}

#[test]
fn both_folders_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(engine);
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sqlite_table_is_strict() {
    let database = migrated(Engine::Sqlite).await;
    let mut conn = sqlite_connection(&database).await;
    let tables: Vec<(String, bool)> = sqlx::query_as(sqlite::TABLES).fetch_all(&mut conn).await.unwrap();
    let lax: Vec<_> = tables
        .iter()
        .filter(|(_, strict)| !strict)
        .map(|(name, _)| name)
        .collect();
    assert!(lax.is_empty(), "these tables are not STRICT: {lax:?}");
    assert!(tables.len() > 10, "only {} tables were found", tables.len());
}

/// A default that only one writer of the schema thought of would be a difference in behaviour.
#[tokio::test(flavor = "multi_thread")]
async fn defaults_come_from_the_program() {
    let database = migrated(Engine::Sqlite).await;
    let catalogue = of_sqlite(&mut sqlite_connection(&database).await).await;
    let defaults: Vec<_> = catalogue
        .columns
        .iter()
        .filter(|column| column.default_value.is_some())
        .collect();
    assert!(defaults.is_empty(), "{defaults:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_in_postgres_is_compared_by_code_points() {
    if Engine::postgres().is_none() {
        return;
    }
    let database = migrated(Engine::Postgres).await;
    let mut conn = postgres_connection(&database).await;
    let collations: Vec<(String, String, String)> = asked!(conn, postgres::COLLATIONS);
    let others: Vec<_> = collations
        .iter()
        .filter(|(_, _, collation)| collation != "C")
        .collect();
    assert!(
        others.is_empty(),
        "these columns are not COLLATE \"C\": {others:#?}"
    );
    assert!(
        collations.len() > 30,
        "only {} columns of text were found",
        collations.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn both_engines_have_the_same_tables() {
    let database = migrated(Engine::Sqlite).await;
    let sqlite = described_sqlite(&of_sqlite(&mut sqlite_connection(&database).await).await);
    assert!(
        sqlite.len() > 100,
        "only {} lines describe the schema of SQLite",
        sqlite.len()
    );
    if Engine::postgres().is_none() {
        return;
    }
    let database = migrated(Engine::Postgres).await;
    let postgres = described_postgres(&of_postgres(&mut postgres_connection(&database).await).await);
    let only_sqlite: Vec<_> = sqlite.difference(&postgres).collect();
    let only_postgres: Vec<_> = postgres.difference(&sqlite).collect();
    assert!(
        only_sqlite.is_empty() && only_postgres.is_empty(),
        "true of SQLite alone: {only_sqlite:#?}\ntrue of Postgres alone: {only_postgres:#?}"
    );
}

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The migrations up to one of them, as an older program had them.
fn up_to(version: i64, all: &Migrator) -> Migrator {
    let older = all.iter().filter(|it| it.version <= version).cloned().collect();
    Migrator {
        migrations: older,
        ..Migrator::DEFAULT
    }
}

/// Runs the first migration alone, and keeps three rates as the program of that time did.
async fn a_register_of_the_first_schema(engine: Engine, database: &Database) {
    let rates = |id: fn(u8) -> String| {
        let rows = [("EUR", 14, "0.8098"), ("EUR", 15, "0.8"), ("KWD", 14, "0.2998")];
        let rows: Vec<_> = (0..)
            .zip(rows)
            .map(|(number, (currency, day, rate))| {
                format!("({}, '{currency}', '2018-02-{day}', 'ECB', '{rate}', 3, '2018-02-20T00:00:00+00:00', '2018-02-21T00:00:00+00:00')", id(number))
            })
            .collect();
        AssertSqlSafe(format!(
            "insert into rates (id, currency, \"date\", source, per_usd, version, created_at, updated_at) values {}",
            rows.join(", ")
        ))
    };
    match engine {
        Engine::Sqlite => {
            let options: SqliteConnectOptions = database.url.parse().unwrap();
            let pool = SqlitePool::connect_with(options.create_if_missing(true))
                .await
                .unwrap();
            up_to(1, &SQLITE).run(&pool).await.unwrap();
            let id = |number| format!("x'0199000000007000800000000000000{number}'");
            sqlx::query(rates(id)).execute(&pool).await.unwrap();
            pool.close().await;
        }
        Engine::Postgres => {
            let pool = PgPool::connect(&database.url).await.unwrap();
            up_to(1, &POSTGRES).run(&pool).await.unwrap();
            let id = |number| format!("'01990000-0000-7000-8000-00000000000{number}'");
            sqlx::query(rates(id)).execute(&pool).await.unwrap();
            pool.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_of_the_first_schema_keeps_its_rates() {
    for engine in [Some(Engine::Sqlite), Engine::postgres()].into_iter().flatten() {
        let database = Database::blank(engine).await;
        a_register_of_the_first_schema(engine, &database).await;
        let db = Db::open(&database.url).await.unwrap();
        db.migrate(&upgrades::all(), |_| {}).await.unwrap();
        let kept: Vec<(String, String, i64, bool)> = db
            .read()
            .await
            .unwrap()
            .all(Sql::new(
                "select currency, per_usd, version, waived from rates order by id",
            ))
            .await
            .unwrap();
        let expected = [("EUR", "0.8098"), ("EUR", "0.8"), ("KWD", "0.2998")];
        assert_eq!(
            kept,
            expected.map(|(currency, rate)| (currency.to_owned(), rate.to_owned(), 3, false))
        );
        // And goes on with them: known ones are known, and others are judged by them.
        let register = app::register(db.clone()).await.unwrap();
        let author = Author {
            actor: "someone".into(),
            reason: None,
            holder: None,
            claim: None,
        };
        let mut write = register.write(&author).await.unwrap();
        let mut put = async |currency: &str, date: &str, rate: &str| {
            let body = json!([{"currency": currency, "date": date, "per_usd": rate, "source": "ECB"}]);
            rates::put(&mut write, rates::parse(&body).unwrap(), Plausibility::Checked).await
        };
        assert_eq!(put("KWD", "2018-02-14", "0.2998").await.unwrap().unchanged, 1);
        assert_eq!(put("KWD", "2018-02-14", "0.3").await.unwrap().updated, 1);
        assert!(put("EUR", "2018-02-16", "1.2348").await.is_err());
        write.commit().await.unwrap();
        db.close().await;
    }
}
