//! The server is stopped, crashes, goes read-only, is replaced, cannot be reached, ends its connections.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command},
    sync::Mutex,
    time::{Duration, Instant},
};

use pledgebook::{db::Db, upgrades};
use reqwest::Client;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::task::JoinSet;

use crate::{
    Fault, NEEDS_ROOT, Row, Told,
    ask::{NOTICED, holds_within},
    disk::{by_a_shell, mounting_shell},
    is_root,
    kill::key,
    load::Load,
    support::{
        Engine,
        postgres::{owner, programs, watched},
        program::{Program, free_address},
        told::Asking,
    },
    wire::{Mode, Wire},
};

macro_rules! faults {
    ($($name:literal: $run:ident,)*) => {
        [$(Fault { name: $name, engine: Engine::Postgres, run: |_| Box::pin($run()) }),*]
    };
}

pub fn faults() -> impl Iterator<Item = Fault> {
    let faults: [Fault; 16] = faults! {
        "server stopped and started again": stopped,
        "server crashed three times": crashed,
        "every connection terminated, ten times": terminated,
        "every connection dead while idle": idle,
        "database made read-only": read_only,
        "failed over to a standby": failed_over,
        "failed over to a standby that lacks the last writes": fallen_back,
        "black hole after a COMMIT, then the network again": hole,
        "black hole before a COMMIT that the server never hears of": forgotten,
        "connections forgotten by the network, idle and at work": silent,
        "black hole of 12 s, and readers that hang up": hung_up,
        "disk of the server's log hangs for 12 s, and nobody writes": hanging,
        "another server in its place, with sessions of the same numbers": replaced,
        "pooler by the session, restarted five times": pooler_restarted,
        "pooler by the transaction": pooler_by_transaction,
        "pooler by the transaction, unsaid": pooler_unsaid,
    };
    faults.into_iter()
}

/// What an answer may be while the database is away.
pub const AWAY: &[&str] = &[
    "unavailable",
    "outcome_unknown",
    "busy",
    "overloaded",
    "timed_out",
];
/// What the program is given to find that all is well again.
const RECOVERY: Duration = Duration::from_secs(5);
/// No probe of readiness takes as long.
const PROBE: Duration = Duration::from_secs(5);

/// Runs what it is told line by line, and says how each ended. It outlives this process, to clean up.
const OWNER: &str = r#"
trap '' HUP INT TERM PIPE
programs=$1 directory=$2
export LC_ALL=C PATH="$programs:/usr/sbin:$PATH"
cd "$directory" || exit
echo ready
while IFS= read -r line; do
  if (eval "$line") </dev/null >said 2>&1; then echo "it is done"; else cat said; echo "it has failed"; fi
done
if [ -f pooler.pid ]; then kill "$(cat pooler.pid)"; fi
for data in */postmaster.pid; do "$programs/pg_ctl" stop -s -m immediate -D "${data%/*}"; done
cd /
rm -rf "$directory"
"#;

/// A directory with servers in it that may be ended as one likes. They are gone when this is, or this process.
pub struct Servers {
    owner: Mutex<(Child, BufReader<ChildStdout>)>,
    pub directory: PathBuf,
    /// Of the first server, whose data is in `main` and its log in `log`.
    pub port: u16,
}

impl Servers {
    /// With one server, and an empty register in its database `register`.
    async fn start() -> Result<Self, String> {
        let (shell, directory) = owner(OWNER, &programs_here()?);
        Ok(Self::owned_by(shell, directory, 16).await)
    }

    /// The same; `main` or `log` is a disk of this size.
    pub async fn with_a_small(disk: &str, size: &str) -> Result<Self, String> {
        // For the owner is not who may mount, and does not outlive the disk.
        const SHELL: &str = r#"
            trap '' HUP INT TERM PIPE
            directory=$1 disk=$1/$2 size=$3
            shift 3
            mkdir "$disk" && mount -t tmpfs -o "size=$size" small "$disk" && chown --reference="$directory" "$disk" &&
              setpriv --reuid "$(stat -c %u "$directory")" --regid "$(stat -c %g "$directory")" --clear-groups "$@"
            umount "$disk"
            rm -rf "$directory"
        "#;
        if !is_root() {
            return Err(format!("{NEEDS_ROOT}, to give a server a small disk"));
        }
        let shell = mounting_shell()?;
        let (owner, directory) = owner(OWNER, &programs_here()?);
        let words = [&directory, Path::new(disk), Path::new(size)];
        let shell = by_a_shell(shell, SHELL, &words, &owner);
        // As small as it can be: what is full is noticed when the next part is begun.
        Ok(Self::owned_by(shell, directory, 1).await)
    }

    /// The same; its processes are numbered anew, so that two such servers have the same numbers.
    async fn numbered_anew() -> Result<Self, String> {
        const SHELL: &str = r#"
            trap '' HUP INT TERM PIPE
            directory=$1
            shift
            setpriv --reuid "$(stat -c %u "$directory")" --regid "$(stat -c %g "$directory")" --clear-groups "$@"
        "#;
        if !is_root() {
            return Err(format!("{NEEDS_ROOT}, to number a server's processes anew"));
        }
        let (owner, directory) = owner(OWNER, &programs_here()?);
        let mut shell = Command::new("unshare");
        shell.args(["--pid", "--fork", "--mount-proc", "sh"]);
        let shell = by_a_shell(shell, SHELL, &[&directory], &owner);
        Ok(Self::owned_by(shell, directory, 16).await)
    }

    /// `part` is how long a part of the server's log is, in MiB.
    async fn owned_by(shell: Command, directory: PathBuf, part: usize) -> Self {
        let (owner, out, said) = watched(shell);
        assert_eq!(said, "ready\n");
        let servers = Self {
            owner: Mutex::new((owner, out)),
            directory,
            port: free_port(),
        };
        servers.told(&format!(
            "initdb --no-sync -D main -X \"$directory/log\" --wal-segsize={part} -U postgres -A trust -E UTF8 --locale=C"
        ));
        servers.begin("main", servers.port);
        servers.sql("create database register").await;
        let db = Db::open(&servers.url()).await.unwrap();
        db.migrate(&upgrades::all(), |_| {}).await.unwrap();
        db.close().await;
        servers
    }

    /// Has the owner do something.
    pub fn tell(&self, line: &str) -> Result<(), String> {
        let mut owner = self.owner.lock().unwrap();
        writeln!(owner.0.stdin.as_mut().unwrap(), "{line}").unwrap();
        let mut said = String::new();
        loop {
            assert!(owner.1.read_line(&mut said).unwrap() > 0, "{line}: {said}");
            if said.ends_with("it is done\n") {
                return Ok(());
            }
            if said.ends_with("it has failed\n") {
                return Err(said);
            }
        }
    }

    pub fn told(&self, line: &str) {
        self.tell(line)
            .unwrap_or_else(|said| panic!("{line} in {}: {said}", self.directory.display()));
    }

    /// Starts a server; after a crash, once what is left of it is gone.
    pub fn begin(&self, data: &str, port: u16) {
        let start = format!(
            "pg_ctl start -s -w -D {data} -l {data}.log -o \"-c listen_addresses=127.0.0.1 -c port={port} \
             -c unix_socket_directories='$directory' -c fsync=on -c max_wal_size=256MB\" || {{ cat {data}.log; false; }}"
        );
        let begun = Instant::now();
        while let Err(said) = self.tell(&start) {
            assert!(
                begun.elapsed() < Duration::from_secs(10),
                "the server does not start: {said}"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub fn url(&self) -> String {
        url(([127, 0, 0, 1], self.port).into())
    }

    fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// Runs a statement beside the register.
    pub async fn sql(&self, text: &str) {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        let mut conn = PgConnection::connect(&url).await.unwrap();
        conn.execute(AssertSqlSafe(text)).await.unwrap();
        conn.close().await.unwrap();
    }

    /// How many there are, by a question that counts.
    async fn count(&self, text: &str) -> i64 {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        let mut conn = PgConnection::connect(&url).await.unwrap();
        let count = sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&mut conn).await;
        conn.close().await.unwrap();
        count.unwrap()
    }

    /// Ends every session of the program's.
    pub async fn terminate(&self) {
        self.sql("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'register'")
            .await;
    }

    /// A pooler before the server; where it listens.
    fn pooler(&self, mode: &str) -> Result<SocketAddr, String> {
        self.tell("command -v pgbouncer")
            .map_err(|_| "pgbouncer is not here".to_owned())?;
        let port = free_port();
        self.told(&format!(
            "printf '%s\\n' '[databases]' '* = host=127.0.0.1 port={}' '[pgbouncer]' 'listen_addr = 127.0.0.1' \
             'listen_port = {port}' 'unix_socket_dir =' 'auth_type = trust' 'auth_file = users' 'pool_mode = {mode}' \
             \"logfile = $directory/pooler.log\" \"pidfile = $directory/pooler.pid\" >pooler.ini; \
             echo '\"postgres\" \"\"' >users",
            self.port
        ));
        self.begin_pooler();
        Ok(([127, 0, 0, 1], port).into())
    }

    fn begin_pooler(&self) {
        self.told("pgbouncer -q -d pooler.ini && while [ ! -f pooler.pid ]; do sleep 0.05; done");
    }

    fn end_pooler(&self) {
        self.told("kill \"$(cat pooler.pid)\"; while [ -f pooler.pid ]; do sleep 0.05; done");
    }
}

fn programs_here() -> Result<PathBuf, String> {
    programs().ok_or_else(|| "initdb, pg_ctl and postgres are not here, and are to be killed".to_owned())
}

fn free_port() -> u16 {
    free_address().parse::<SocketAddr>().unwrap().port()
}

fn url(at: SocketAddr) -> String {
    format!("postgres://postgres@{at}/register")
}

/// The program over this database, and clients at work on it.
pub async fn under_load(servers: &Servers, url: &str, args: &[&str]) -> (Program, Load) {
    let key = key(&servers.url()).await;
    let program = Program::start(Program::command(url, "127.0.0.1:0", args));
    let load = Load::start(&program.url, &key, 16, 2);
    load.more(50).await;
    (program, load)
}

/// What came of it. Beside successes nothing was answered but these codes, each 503 with its time to come back.
pub async fn told(load: Load, program: &Program, codes: &[&str]) -> Row {
    let row = Row::of(load.stop().await, &program.url).await;
    let (writes, reads, probes) = (&row.account.writes, &row.account.reads, &row.account.probes);
    let writes_are = writes.only(201, codes);
    let reads_are = reads.only(200, codes);
    let probes_are = probes.only(200, &["not_ready"]) && probes.slowest < PROBE;
    let dated = writes.undated + reads.undated + probes.undated == 0;
    row.also(
        writes_are,
        &format!("writes are answered 201, or with one of {codes:?}"),
    )
    .also(
        reads_are,
        &format!("reads are answered 200, or with one of {codes:?}"),
    )
    .also(probes_are, "a probe is answered within 5 s, 200 or not_ready")
    .also(dated, "every 503 says when to come back")
}

/// How long nothing succeeded: no longer than the fault, and what it takes to find that it is over.
pub fn recovered(row: Row, away: Duration) -> Row {
    let account = &row.account;
    let writes = account.writes.longest_gap < away + RECOVERY;
    let reads = account.reads.longest_gap < away + RECOVERY;
    let probes = account.probes.longest_gap < away + RECOVERY + RECOVERY;
    row.also(
        writes,
        &format!("writing goes on within 5 s after {away:.1?} away"),
    )
    .also(
        reads,
        &format!("reading goes on within 5 s after {away:.1?} away"),
    )
    .also(
        probes,
        &format!("readiness is told within 10 s after {away:.1?} away"),
    )
}

fn client() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap()
}

/// Whether `/readyz` comes to say this, in this time.
pub async fn says(program: &Program, status: u16, time: Duration) -> bool {
    let client = client();
    let begun = Instant::now();
    while begun.elapsed() < time {
        let answer = client.get(format!("{}/readyz", program.url)).send().await;
        if answer.is_ok_and(|answer| answer.status().as_u16() == status) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

/// Twelve of each question at once; what was answered, other than a success.
async fn failures(program: &Program, key: &str) -> Vec<String> {
    let client = client();
    let mut asked = JoinSet::new();
    for _ in 0..12 {
        let article = json!({"publisher": "P", "language": "en", "title": "one of many", "kind": "news"});
        let write = client
            .post(format!("{}/v1/articles", program.url))
            .bearer_auth(key)
            .header("content-type", "application/json")
            .body(article.to_string());
        let read = client.get(format!("{}/v1/articles?limit=5", program.url));
        let probe = client.get(format!("{}/readyz", program.url));
        for request in [write, read, probe] {
            asked.spawn(async move {
                let answer = request.send().await.unwrap();
                (!answer.status().is_success()).then_some(answer.status().to_string())
            });
        }
    }
    asked.join_all().await.into_iter().flatten().collect()
}

async fn stopped() -> Told {
    let servers = Servers::start().await?;
    let (program, load) = under_load(&servers, &servers.url(), &[]).await;
    let begun = Instant::now();
    servers.told("pg_ctl stop -s -m fast -D main");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let noticed = says(&program, 503, Duration::from_secs(1)).await;
    servers.begin("main", servers.port);
    let away = begun.elapsed();
    load.more(60).await;
    let ready = says(&program, 200, Duration::from_secs(10)).await;
    let row = told(load, &program, AWAY).await;
    Ok(recovered(row, away)
        .also(noticed, "/readyz says that it is not ready")
        .also(ready, "/readyz says that it is ready again"))
}

async fn crashed() -> Told {
    let servers = Servers::start().await?;
    let (program, load) = under_load(&servers, &servers.url(), &[]).await;
    let mut longest = Duration::ZERO;
    for crash in [
        "pg_ctl stop -s -m immediate -D main",
        "kill -9 \"$(head -n 1 main/postmaster.pid)\"",
        "pg_ctl stop -s -m immediate -D main",
    ] {
        let begun = Instant::now();
        servers.told(crash);
        servers.begin("main", servers.port);
        longest = longest.max(begun.elapsed());
        load.more(60).await;
    }
    let row = told(load, &program, AWAY).await;
    Ok(recovered(row, longest))
}

async fn terminated() -> Told {
    let servers = Servers::start().await?;
    let (program, load) = under_load(&servers, &servers.url(), &[]).await;
    for _ in 0..10 {
        servers.terminate().await;
        load.more(30).await;
    }
    let row = told(load, &program, &["outcome_unknown"]).await;
    let reads = row.account.reads.only(200, &[]);
    let probes = row.account.probes.only(200, &[]);
    Ok(recovered(row, Duration::ZERO)
        .also(reads, "no read fails")
        .also(probes, "no probe fails"))
}

async fn idle() -> Told {
    const SESSIONS: &str = "select count(*) from pg_stat_activity where datname = 'register'";
    let servers = Servers::start().await?;
    servers
        .sql("alter database register set idle_session_timeout = '1500ms'")
        .await;
    let key = key(&servers.url()).await;
    let program = Program::serve(&servers.url());
    let mut failed = failures(&program, &key).await;
    let filled = servers.count(SESSIONS).await;
    // By the server's own rule, and asked first as they have idled for long.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let left = servers.count(SESSIONS).await;
    failed.extend(failures(&program, &key).await);
    // And so lately that nobody doubts them.
    for _ in 0..3 {
        servers.terminate().await;
        failed.extend(failures(&program, &key).await);
    }
    let load = Load::start(&program.url, &key, 16, 2);
    load.more(50).await;
    let row = told(load, &program, &[]).await;
    Ok(row
        .also(
            filled > 5 && left == 0,
            &format!("the sessions that were filled ({filled}) ended while idle ({left})"),
        )
        .also(
            failed.is_empty(),
            &format!("a connection that died while idle costs nobody a failure: {failed:?}"),
        ))
}

async fn read_only() -> Told {
    let servers = Servers::start().await?;
    let (program, load) = under_load(&servers, &servers.url(), &[]).await;
    let begun = Instant::now();
    servers
        .sql("alter database register set default_transaction_read_only = on")
        .await;
    servers.terminate().await;
    let noticed = says(&program, 503, Duration::from_secs(15)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let refused = load.refused_as("read_only");
    servers
        .sql("alter database register reset default_transaction_read_only")
        .await;
    let away = begun.elapsed();
    load.more(60).await;
    let ready = says(&program, 200, Duration::from_secs(10)).await;
    let row = told(load, &program, &["read_only", "outcome_unknown"]).await;
    let goes_on = row.account.reads.only(200, &[]) && row.account.reads.longest_gap < Duration::from_secs(2);
    Ok(recovered(row, away)
        .also(refused > 10, "writes are told that it is read-only")
        .also(goes_on, "reads go on")
        .also(noticed, "/readyz says so within 15 s")
        .also(ready, "/readyz says that it is ready again"))
}

async fn failed_over() -> Told {
    let servers = Servers::start().await?;
    let port = free_port();
    servers.told(&format!(
        "pg_basebackup -D standby -d 'host=127.0.0.1 port={} user=postgres' -R -X stream -c fast --no-sync && chmod 700 standby",
        servers.port
    ));
    servers.begin("standby", port);
    servers
        .sql("alter system set synchronous_standby_names = '*'")
        .await;
    servers.sql("select pg_reload_conf()").await;
    let begun = Instant::now();
    while servers
        .count("select count(*) from pg_stat_replication where sync_state = 'sync'")
        .await
        == 0
    {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "the standby does not follow"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let wire = Wire::to(servers.address()).await;
    let (program, load) = under_load(&servers, &url(wire.address), &[]).await;
    let begun = Instant::now();
    servers.told("pg_ctl stop -s -m immediate -D main");
    tokio::time::sleep(Duration::from_millis(500)).await;
    // Reached before it is promoted: it can be read.
    wire.lead_to(([127, 0, 0, 1], port).into());
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let refused = load.refused_as("read_only");
    servers.told("pg_ctl promote -s -w -D standby");
    let away = begun.elapsed();
    load.more(60).await;
    let ready = says(&program, 200, Duration::from_secs(10)).await;
    let codes = [AWAY, &["read_only"]].concat();
    let row = told(load, &program, &codes).await;
    let goes_on = row.account.reads.longest_gap < Duration::from_millis(1500);
    Ok(recovered(row, away)
        .also(refused > 0, "a standby that is not promoted is read-only")
        .also(goes_on, "reading goes on before the standby is promoted")
        .also(ready, "/readyz says that it is ready again"))
}

/// How many writes the standby lacks.
const LACKED: usize = 5;

/// What was acknowledged and lost is no fault of ours; to show it from memory would be. Neither before there are new
/// writes, nor with fewer, as many or more of them than were lost.
async fn fallen_back() -> Told {
    const FOLLOWS: &str = "select count(*) from pg_stat_replication where replay_lsn >= pg_current_wal_lsn()";
    let servers = Servers::start().await?;
    let port = free_port();
    servers.told(&format!(
        "pg_basebackup -D standby -d 'host=127.0.0.1 port={} user=postgres' -R -X stream -c fast --no-sync && chmod 700 standby",
        servers.port
    ));
    servers.begin("standby", port);
    let wire = Wire::to(servers.address()).await;
    let key = key(&servers.url()).await;
    let program = Program::serve(&url(wire.address));
    let mut asking = Asking::with(&key);
    let usa = json!({"code": "USA", "kind": "state", "names": {"en": "U"}});
    let meeting =
        |slug: &str| json!({"slug": slug, "titles": {"en": slug}, "kind": "summit", "starts_on": "2018"});
    let create = reqwest::Method::POST;
    for (path, body) in [
        ("/v1/participants", usa),
        ("/v1/meetings", meeting("m-one")),
        ("/v1/meetings", meeting("m-two")),
    ] {
        asking.written(create.clone(), &program.url, path, &body).await;
    }
    let mut paths: Vec<String> = [
        "/",
        "/v1/pledges",
        "/v1/changes?limit=3&sort=-seq",
        "/v1/totals?group_by=meeting",
        "/v1/meetings/m-one/totals",
        "/v1/meetings/m-two/totals",
        "/v1/totals/explain?meeting=m-one",
        "/v1/participants/USA",
    ]
    .map(str::to_owned)
    .to_vec();
    let pledged = async |asking: &Asking, number: usize| {
        let meeting = ["m-one", "m-two"][number % 2];
        let pledge = json!({"participant": "USA", "meeting": meeting, "instrument": "grant",
            "qualifier": "exact", "amount": format!("{}.00", 1 + number), "currency": "USD"});
        let made = asking
            .written(reqwest::Method::POST, &program.url, "/v1/pledges", &pledge)
            .await;
        format!("/v1/pledges/{}", made["id"].as_str().unwrap())
    };
    for number in 0..3 {
        paths.push(pledged(&asking, number).await);
    }
    let follows = holds_within(NOTICED, async || servers.count(FOLLOWS).await == 1).await;
    assert!(follows, "the standby does not follow");
    let at_standby = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let mut conn = PgConnection::connect(&at_standby).await.unwrap();
    conn.execute("alter system set primary_conninfo = ''")
        .await
        .unwrap();
    conn.execute("select pg_reload_conf()").await.unwrap();
    conn.close().await.unwrap();
    let cut = holds_within(NOTICED, async || {
        servers.count("select count(*) from pg_stat_replication").await == 0
    })
    .await;
    assert!(cut, "the standby follows still");
    for number in 0..LACKED {
        paths.push(pledged(&asking, 100 + number).await);
        for path in &paths {
            let said = asking.told(&program.url, path).await;
            assert_eq!(said.status, 200, "{path}");
        }
    }
    // Some are on their way all the time.
    let load = Load::start(&program.url, "", 0, 4);
    servers.told("pg_ctl stop -s -m immediate -D main");
    wire.lead_to(([127, 0, 0, 1], port).into());
    servers.told("pg_ctl promote -s -w -D standby");
    let args = ["--cache-bytes", "0"];
    let of_standby = url(([127, 0, 0, 1], port).into());
    let oracle = Program::start(Program::command(&of_standby, "127.0.0.1:0", args));
    let ready = says(&program, 200, Duration::from_secs(10)).await;
    let mut differences = Vec::new();
    differences.extend(asking.difference(&oracle.url, &[&program.url], &paths).await);
    let shown = asking.told(&program.url, paths.last().unwrap()).await.status;
    for number in 0..LACKED + 3 {
        paths.push(pledged(&asking, 200 + number).await);
        differences.extend(asking.difference(&oracle.url, &[&program.url], &paths).await);
    }
    println!("failed over: {} answers compared", asking.compared);
    let row = told(load, &program, AWAY).await;
    Ok(row
        .also(ready, "/readyz says that it is ready again")
        .also(shown == 404, "what was lost is not there")
        .also(
            differences.is_empty(),
            &format!("no answer is of the old history: {differences:?}"),
        ))
}

/// How long a request may take where nothing answers, and how long an answer may take then.
const DEADLINE: &[&str] = &["--request-timeout", "2s"];
const ANSWERED: Duration = Duration::from_secs(4);

/// How a write ends: not as it begins, which speaks of what is committed.
const COMMIT: &[u8] = b"; commit";

/// Every answer came in time, and what was in COMMIT was told so.
fn in_time(row: Row, unknown: usize) -> Row {
    let writes = row.account.writes.slowest < ANSWERED;
    let reads = row.account.reads.slowest < ANSWERED;
    row.also(
        writes,
        "writes are answered by the deadline of 2 s, or a little later",
    )
    .also(
        reads,
        "reads are answered by the deadline of 2 s, or a little later",
    )
    .also(unknown > 0, "the write in COMMIT is told outcome_unknown")
}

async fn hole() -> Told {
    let servers = Servers::start().await?;
    let wire = Wire::to(servers.address()).await;
    let (program, load) = under_load(&servers, &url(wire.address), DEADLINE).await;
    wire.hole_at(COMMIT, true).await;
    let begun = Instant::now();
    let noticed = says(&program, 503, Duration::from_secs(15)).await;
    tokio::time::sleep(Duration::from_secs(5).saturating_sub(begun.elapsed())).await;
    wire.set(Mode::Pass);
    let away = begun.elapsed();
    load.more(60).await;
    let ready = says(&program, 200, Duration::from_secs(10)).await;
    let unknown = load.refused_as("outcome_unknown");
    let row = told(load, &program, AWAY).await;
    Ok(in_time(recovered(row, away), unknown)
        .also(noticed, "/readyz says that it is not ready")
        .also(ready, "/readyz says that it is ready again"))
}

async fn forgotten() -> Told {
    let servers = Servers::start().await?;
    let wire = Wire::to(servers.address()).await;
    let (program, load) = under_load(&servers, &url(wire.address), DEADLINE).await;
    wire.hole_at(COMMIT, false).await;
    let begun = Instant::now();
    // The server goes on to hold whatever these had locked: nobody tells it that they are gone.
    wire.forget();
    wire.set(Mode::Refuse);
    tokio::time::sleep(Duration::from_secs(1)).await;
    wire.set(Mode::Pass);
    let away = begun.elapsed();
    let again = load.more_within(100, Duration::from_secs(15)).await;
    let ready = says(&program, 200, Duration::from_secs(10)).await;
    let unknown = load.refused_as("outcome_unknown");
    let row = told(load, &program, AWAY).await;
    let writes = row.account.writes.longest_gap < Duration::from_secs(10);
    Ok(in_time(row, unknown)
        .also(again, "writing goes on")
        .also(
            writes,
            &format!("who is gone for {away:.1?} holds up writers for less than 10 s"),
        )
        .also(ready, "/readyz says that it is ready again"))
}

async fn silent() -> Told {
    let servers = Servers::start().await?;
    let wire = Wire::to(servers.address()).await;
    let key = key(&servers.url()).await;
    let command = Program::command(&url(wire.address), "127.0.0.1:0", DEADLINE);
    let program = Program::start(command);
    let mut failed = failures(&program, &key).await;
    wire.forget_silently();
    // From when on they are asked first.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    failed.extend(failures(&program, &key).await);
    let load = Load::start(&program.url, &key, 16, 2);
    load.more(50).await;
    wire.forget_silently();
    let again = load.more_within(60, Duration::from_secs(15)).await;
    let ready = says(&program, 200, Duration::from_secs(10)).await;
    let row = told(load, &program, AWAY).await;
    let account = &row.account;
    let answered = account.writes.slowest.max(account.reads.slowest) < ANSWERED;
    let gaps = account.reads.longest_gap < RECOVERY && account.writes.longest_gap < Duration::from_secs(10);
    Ok(row
        .also(again, "writing goes on")
        .also(answered, "answers come by the deadline of 2 s, or a little later")
        .also(gaps, "reading goes on within 5 s, writing within 10 s")
        .also(ready, "/readyz says that it is ready again")
        .also(
            failed.is_empty(),
            &format!("a connection that was forgotten while idle costs nobody a failure: {failed:?}"),
        ))
}

/// Long enough that whoever tries for a while has given up, and shorter than a statement may take.
const LONG: Duration = Duration::from_secs(12);

async fn hung_up() -> Told {
    let servers = Servers::start().await?;
    let wire = Wire::to(servers.address()).await;
    let key = key(&servers.url()).await;
    let program = Program::serve(&url(wire.address));
    let load = Load::start(&program.url, &key, 4, 0);
    load.more(20).await;
    let impatient = Client::builder().no_proxy().timeout(Duration::from_secs(2));
    let impatient = impatient.build().unwrap();
    let mut readers = JoinSet::new();
    for _ in 0..14 {
        let asked = impatient.get(format!("{}/v1/articles?limit=5", program.url));
        readers.spawn(async move {
            while let Some(asked) = asked.try_clone() {
                let _ = asked.send().await;
            }
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    wire.set(Mode::Hole);
    tokio::time::sleep(LONG).await;
    readers.shutdown().await;
    let noticed = says(&program, 503, Duration::from_secs(1)).await;
    wire.set(Mode::Pass);
    let away = begun.elapsed();
    let all = holds_within(RECOVERY, async || failures(&program, &key).await.is_empty()).await;
    load.more(20).await;
    let row = told(load, &program, AWAY).await;
    let writes = row.account.writes.longest_gap < away + RECOVERY;
    Ok(row
        .also(noticed, "/readyz says that it is not ready")
        .also(all, "every place is free again within 5 s")
        .also(
            writes,
            &format!("writing goes on within 5 s after {away:.1?} away"),
        ))
}

async fn hanging() -> Told {
    /// Who waits for a standby that is not there is in COMMIT.
    const IN_COMMIT: &str =
        "select coalesce(max(pid), 0)::bigint from pg_stat_activity where wait_event = 'SyncRep'";
    let servers = Servers::start().await?;
    let (program, load) = under_load(&servers, &servers.url(), &[]).await;
    load.rest(true);
    tokio::time::sleep(Duration::from_secs(1)).await;
    servers
        .sql("alter system set synchronous_standby_names = 'nobody'")
        .await;
    servers.sql("select pg_reload_conf()").await;
    // Readiness writes, as nobody else does. Its session is stopped there, as by a disk that does not answer.
    let mut session = 0;
    let met = holds_within(NOTICED, async || {
        session = servers.count(IN_COMMIT).await;
        session > 0
    })
    .await;
    assert!(met, "readiness does not write");
    servers.told(&format!("kill -STOP {session}"));
    servers.sql("alter system reset synchronous_standby_names").await;
    servers.sql("select pg_reload_conf()").await;
    let noticed = says(&program, 503, PROBE).await;
    tokio::time::sleep(LONG).await;
    servers.told(&format!("kill -CONT {session}"));
    load.rest(false);
    let again = load.more_within(1, RECOVERY).await;
    let ready = says(&program, 200, RECOVERY).await;
    load.more(60).await;
    let row = told(load, &program, AWAY).await;
    let goes_on = row.account.reads.only(200, &[]);
    Ok(row
        .also(noticed, "/readyz says that it is not ready")
        .also(again, "writing goes on within 5 s after the disk does")
        .also(ready, "/readyz says that it is ready again")
        .also(goes_on, "reads go on"))
}

async fn replaced() -> Told {
    const SESSIONS: &str = "select pid from pg_stat_activity where datname = 'register'";
    let (old, new) = (Servers::numbered_anew().await?, Servers::numbered_anew().await?);
    let numbers = async |servers: &Servers| {
        let mut conn = PgConnection::connect(&servers.url()).await.unwrap();
        let asked = format!("{SESSIONS} and pid <> pg_backend_pid()");
        let found: Vec<i32> = sqlx::query_scalar(AssertSqlSafe(asked))
            .fetch_all(&mut conn)
            .await
            .unwrap();
        conn.close().await.unwrap();
        found
    };
    let wire = Wire::to(old.address()).await;
    let program = Program::start(Program::command(&url(wire.address), "127.0.0.1:0", DEADLINE));
    let mut locks = PgConnection::connect(&old.url()).await.unwrap();
    locks
        .execute("begin; lock table articles in access exclusive mode")
        .await
        .unwrap();
    let mut readers = JoinSet::new();
    for _ in 0..8 {
        let asked = client().get(format!("{}/v1/articles?limit=5", program.url));
        readers.spawn(async move { asked.send().await.unwrap().status().as_u16() });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    // Somebody else's, on the server that is to take the other's place.
    let ours = numbers(&old).await;
    let mut others = Vec::new();
    for _ in 0..60 {
        others.push(PgConnection::connect(&new.url()).await.unwrap());
    }
    let before = numbers(&new).await;
    let shared = before.iter().filter(|number| ours.contains(number)).count();
    wire.lead_to(new.address());
    wire.forget_silently();
    let refused = readers.join_all().await.iter().all(|status| *status == 503);
    // It is another register, which is not written to.
    let load = Load::start(&program.url, "", 0, 2);
    tokio::time::sleep(RECOVERY).await;
    let after = numbers(&new).await;
    let ended = before.iter().filter(|number| !after.contains(number)).count();
    let row = told(load, &program, AWAY).await;
    let goes_on = row.account.reads.longest_gap < RECOVERY;
    Ok(row
        .also(goes_on, "reading goes on within 5 s")
        .also(refused, "who waits in vain is told 503")
        .also(
            shared > 3,
            &format!("some numbers are of both servers ({shared})"),
        )
        .also(
            ended == 0,
            &format!("nobody else's session is ended ({ended} of {})", others.len()),
        ))
}

async fn pooler_restarted() -> Told {
    let servers = Servers::start().await?;
    let pooler = servers.pooler("session")?;
    let (program, load) = under_load(&servers, &url(pooler), &[]).await;
    let mut longest = Duration::ZERO;
    for _ in 0..5 {
        let begun = Instant::now();
        servers.end_pooler();
        servers.begin_pooler();
        longest = longest.max(begun.elapsed());
        load.more(50).await;
    }
    let row = told(load, &program, AWAY).await;
    Ok(recovered(row, longest))
}

async fn pooler_by_transaction() -> Told {
    let servers = Servers::start().await?;
    let pooler = servers.pooler("transaction")?;
    let url = format!("{}?pooler=transaction", url(pooler));
    let (program, load) = under_load(&servers, &url, &[]).await;
    load.more(60).await;
    let undisturbed = load.refused() == 0;
    servers.terminate().await;
    load.more(60).await;
    servers.end_pooler();
    servers.begin_pooler();
    load.more(60).await;
    let row = told(load, &program, AWAY).await;
    Ok(recovered(row, Duration::from_secs(1)).also(undisturbed, "nothing fails while all is well"))
}

async fn pooler_unsaid() -> Told {
    let servers = Servers::start().await?;
    let pooler = servers.pooler("transaction")?;
    let url = url(pooler);
    // The second prepares nothing that could be missed: it is told by the session alone, as behind a newer pooler.
    let of = async |url: &str, names: &str| {
        let begun = Instant::now();
        let mut command = tokio::process::Command::from(Program::command(url, "127.0.0.1:0", [""; 0]));
        command.kill_on_drop(true);
        let ended = tokio::time::timeout(Duration::from_secs(20), command.output()).await;
        let refused = ended.is_ok_and(|output| {
            let output = output.unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            !output.status.success() && said.trim().lines().count() == 1 && said.contains(names)
        });
        refused && begun.elapsed() < Duration::from_secs(5)
    };
    let mend = "?pooler=transaction";
    let refused = of(&url, mend).await;
    let refused_unprepared = of(&format!("{url}?statement-cache-capacity=0"), mend).await;
    servers.end_pooler();
    let by_statement = format!("{}?pooler=transaction", self::url(servers.pooler("statement")?));
    let refused_by_statement = of(&by_statement, "by the statement, which cannot serve").await;
    // There is nothing wrong with the server itself.
    let (program, load) = under_load(&servers, &servers.url(), &[]).await;
    let row = told(load, &program, &[]).await;
    Ok(row
        .also(
            refused,
            "it is refused at the start at once, in one line that names the mend",
        )
        .also(
            refused_unprepared,
            "it is refused also where no prepared statement tells",
        )
        .also(
            refused_by_statement,
            "one that lends by the statement is refused as such",
        ))
}
