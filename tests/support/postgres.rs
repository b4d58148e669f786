//! A PostgreSQL server for this process.
//!
//! The first of these that is there: `TEST_DATABASE_URL` (a server where
//! databases may be created), the server's own programs (`initdb`, `pg_ctl`,
//! `postgres`, in `PATH` or where Debian keeps them), Docker. The latter two
//! start a private server, whose data needs no protection from power cuts
//! (`TEST_FSYNC=on` asks for it all the same), with a locale whose order is not
//! that of code points, so that a comparison that forgot `COLLATE "C"` shows.
//!
//! A test process has no last moment of its own: libtest leaves without running
//! destructors, and a process may be killed. So the server belongs to a shell
//! that waits for the end of its standard input, which comes when this process
//! ends, however it ends; then it stops the server and removes its directory.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const IMAGE: &str = "postgres:17";

/// Where databases are made.
pub struct Server {
    /// Of the database from which others are made.
    url: String,
    /// Holds the watchdog's standard input open.
    _watchdog: Option<Child>,
}

impl Server {
    /// The URL of a database on this server.
    pub fn url(&self, database: &str) -> String {
        with_database(&self.url, database)
    }
}

/// The server, started when it is first asked for. None where there is none, which is said once, or
/// is a failure where `CI=true`.
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    match SERVER.get_or_init(find) {
        Ok(server) => Some(server),
        Err(why) => {
            let text = format!(
                "PostgreSQL did not run: {why}.\n\
                 Everything ran on SQLite alone; a Postgres test that says ok did nothing."
            );
            assert!(env::var("CI").as_deref() != Ok("true"), "{text}");
            super::say_loudly(&text);
            None
        }
    }
}

fn find() -> Result<Server, String> {
    if let Some(url) = env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty()) {
        return Ok(Server { url, _watchdog: None });
    }
    match programs() {
        Some(programs) => Ok(private(&programs)),
        None => in_docker().map_err(|why| {
            format!(
                "TEST_DATABASE_URL is not set, initdb, pg_ctl and postgres are neither in PATH \
                 nor in /usr/lib/postgresql/*/bin, and Docker does not help ({why})"
            )
        }),
    }
}

/// Where the server's programs are: in `PATH`, else the newest of Debian's.
pub fn programs() -> Option<PathBuf> {
    let complete = |directory: &PathBuf| {
        ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|program| directory.join(program).is_file())
    };
    let path = env::var_os("PATH").unwrap_or_default();
    // A link in PATH leads to the directory that holds the other programs.
    let in_path = env::split_paths(&path)
        .filter_map(|directory| fs::canonicalize(directory.join("initdb")).ok())
        .filter_map(|initdb| initdb.parent().map(Path::to_owned));
    let mut packaged: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    packaged.sort();
    in_path
        .chain(packaged.into_iter().rev().map(|(_, directory)| directory))
        .find(complete)
}

const PRIVATE: &str = r#"
trap '' HUP INT TERM PIPE
programs=$1 directory=$2 fsync=$3
export LC_ALL=C
start() {
  # Before version 15 a cluster has no ICU locale of its own.
  { "$programs/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C --locale-provider=icu --icu-locale=en ||
    "$programs/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C; } &&
  "$programs/pg_ctl" start -w -D "$directory/data" -l "$directory/log" -o "-c listen_addresses='' \
    -c unix_socket_directories='$directory' -c fsync=$fsync -c max_connections=500 -c max_wal_size=256MB"
}
if start </dev/null >"$directory/start" 2>&1; then echo ready; else cat "$directory/start" "$directory/log"; fi
cat >/dev/null
"$programs/pg_ctl" stop -s -m immediate -D "$directory/data"
rm -rf "$directory"
"#;

/// A shell that runs a script as whoever may run a server, with the server's programs and a new directory, which
/// is for the script to remove, as its arguments.
pub fn owner(script: &str, programs: &Path) -> (Command, PathBuf) {
    let is_root = id("-u", None) == Some(0);
    let directory = tempfile::Builder::new()
        .prefix("pledgebook-postgres-")
        // Others than this process's user must be able to get there, below.
        .tempdir_in(if is_root {
            PathBuf::from("/tmp")
        } else {
            env::temp_dir()
        })
        .unwrap()
        .keep();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script, "watchdog"])
        .arg(programs)
        .arg(&directory);
    if is_root {
        // The server refuses to run as root.
        let (user, group) = ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| id("-u", Some(name)).zip(id("-g", Some(name))))
            .expect("running as root, a user postgres or nobody to run the server as");
        chown(&directory, Some(user), Some(group)).unwrap();
        shell.uid(user).gid(group);
    }
    (shell, directory)
}

/// A cluster of our own, reached by a socket in its directory, so that no port can be taken.
fn private(programs: &Path) -> Server {
    let (mut shell, directory) = owner(PRIVATE, programs);
    shell.arg(fsync());
    let (watchdog, _, said) = watched(shell);
    assert!(
        said.trim_end().ends_with("ready"),
        "PostgreSQL in {} does not start:\n{said}",
        programs.display()
    );
    let socket = directory.to_str().unwrap();
    Server {
        url: format!("postgres://postgres@localhost/postgres?host={socket}"),
        _watchdog: Some(watchdog),
    }
}

const DOCKER: &str = r#"
trap '' HUP INT TERM PIPE
image=$1 fsync=$2
id=$(docker run --detach --rm --env POSTGRES_HOST_AUTH_METHOD=trust \
  --env POSTGRES_INITDB_ARGS="--locale-provider=icu --icu-locale=en" --publish 127.0.0.1::5432 \
  "$image" -c fsync="$fsync" -c max_connections=500 2>&1) || { echo "$id" | grep -m 1 '^docker: ' || echo "$id" | tail -n 1; exit 1; }
id=$(echo "$id" | tail -n 1)
# While it sets itself up, the image's server listens on a socket alone.
tries=0
until docker exec "$id" pg_isready -q -h 127.0.0.1 -U postgres; do
  tries=$((tries + 1))
  if [ "$tries" -gt 120 ]; then docker logs "$id" 2>&1 | tail -n 1; docker rm -f "$id" >/dev/null; exit 1; fi
  sleep 0.5
done
echo "$(docker port "$id" 5432/tcp | head -n 1) ready"
cat >/dev/null
docker rm -f "$id" >/dev/null
"#;

fn in_docker() -> Result<Server, String> {
    let mut shell = Command::new("sh");
    shell.args(["-c", DOCKER, "watchdog", IMAGE, fsync()]);
    let (watchdog, _, said) = watched(shell);
    let address = said
        .trim()
        .strip_suffix(" ready")
        .ok_or_else(|| said.trim().to_owned())?;
    Ok(Server {
        url: format!("postgres://postgres@{address}/postgres"),
        _watchdog: Some(watchdog),
    })
}

/// Starts a watchdog, and waits for what it says: a last line that ends in `ready`, or all else.
pub fn watched(mut shell: Command) -> (Child, BufReader<ChildStdout>, String) {
    let mut watchdog = shell
        // The user that it runs as may not enter where we are.
        .current_dir("/")
        // What a terminal sends to this process's group is not for it.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let mut out = BufReader::new(watchdog.stdout.take().unwrap());
    while !said.ends_with("ready\n") {
        if out.read_line(&mut said).unwrap() == 0 {
            break;
        }
    }
    (watchdog, out, said)
}

fn fsync() -> &'static str {
    match env::var("TEST_FSYNC").as_deref() {
        Ok("on") => "on",
        _ => "off",
    }
}

/// A user's number or its group's, by `id`; without a name, of whoever runs this.
fn id(which: &str, name: Option<&str>) -> Option<u32> {
    let output = Command::new("id")
        .arg(which)
        .args(name)
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

pub fn with_database(url: &str, database: &str) -> String {
    let (base, query) = url
        .split_once('?')
        .map_or((url, ""), |(base, query)| (base, query));
    let authority = base.find("://").map_or(0, |at| at + 3);
    let end = base[authority..]
        .find('/')
        .map_or(base.len(), |at| authority + at);
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{}/{database}{separator}{query}", &base[..end])
}

const PREFIX: &str = "pledgebook_test_";

/// A name for a database of this process: `pledgebook_test_<seconds>_<process>_<what>_<number>`.
fn numbered(what: &str) -> String {
    static RUN: OnceLock<String> = OnceLock::new();
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let run = RUN.get_or_init(|| {
        #[expect(clippy::disallowed_methods, reason = "it names what runs at the same time")]
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        format!("{PREFIX}{seconds}_{}", std::process::id())
    });
    format!("{run}_{what}_{}", MADE.fetch_add(1, Ordering::Relaxed))
}

/// Makes a database as a template has it; its name. By the server's own strategy: of a template as small as
/// ours, `file_copy` was no faster, as it waits for two checkpoints (273 ms and 316 ms for a database that is
/// made, written to and dropped; 369 ms and 386 ms of four at once).
pub async fn copy_of(template: &str) -> String {
    let name = numbered("copy");
    run(&format!("create database {name} template {template}")).await;
    name
}

/// Makes a database with nothing in it; its name.
pub async fn blank() -> String {
    let name = numbered("blank");
    run(&format!("create database {name}")).await;
    name
}

/// Makes a database for others to be copied from, once it is filled and nobody is connected to it; its name.
pub async fn template() -> String {
    sweep().await;
    let name = numbered("template");
    run(&format!("create database {name}")).await;
    name
}

/// Removes what runs left behind on a server that outlives them: killed ones, and each its template.
async fn sweep() {
    let mut conn = connect().await;
    let stale: Vec<(String,)> = sqlx::query_as(
        "select datname from pg_database where starts_with(datname, $1)
         and to_timestamp(split_part(datname, '_', 3)::bigint) < now() - interval '1 hour'",
    )
    .bind(PREFIX)
    .fetch_all(&mut conn)
    .await
    .unwrap();
    for (name,) in stale {
        // Another run may be sweeping too.
        let _ = conn
            .execute(AssertSqlSafe(format!(
                "drop database if exists {name} with (force)"
            )))
            .await;
    }
    conn.close().await.unwrap();
}

/// Drops a database and whoever is still connected to it. It has a thread and a runtime of its own,
/// as it is called where a test ends, which may be in the middle of a panic.
pub fn drop_database(name: &str) {
    let sql = format!("drop database if exists {name} with (force)");
    std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(run(&sql));
    })
    .join()
    .ok();
}

async fn run(sql: &str) {
    let mut conn = connect().await;
    conn.execute(AssertSqlSafe(sql)).await.unwrap();
    conn.close().await.unwrap();
}

async fn connect() -> PgConnection {
    PgConnection::connect(&server().unwrap().url)
        .await
        .unwrap_or_else(|error| panic!("the PostgreSQL server for tests cannot be reached: {error}"))
}
