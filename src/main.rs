//! The command line: settings, then the database, then the app, then serve.

mod config;

use std::{
    fmt,
    fs::File,
    io::{self, IsTerminal, Read, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use pledgebook::{
    app,
    auth::{self, keys},
    db::{self, Db, Limits, OpenError, Progress},
    demo::{self, Opened},
    error::Error,
    gate::Gate,
    health,
    history::Author,
    logging::{self, Form},
    metrics::{self, Metrics},
    pledges, rates, resources,
    search::index,
    seed,
    serve::{self, Cut, Policy, Stop, handles},
    totals::rollups,
    upgrades,
    values::{Clock, Timestamp, is_hidden},
    web::traffic::Traffic,
};
use serde_json::json;
use tokio::{net::TcpListener, runtime::Runtime, sync::oneshot, task::JoinHandle};
use tracing_subscriber::EnvFilter;

/// SQLite's memory comes from it as well: docs/decisions/0031.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use crate::config::{
    Command, Database, Demo, Healthcheck, KeyCommand, Load, Log, LogFormat, NewKey, RatesCommand,
    SearchCommand, Serve, Settings, TotalsCommand,
};

/// How long the database may take over its last words.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);

/// What the program exits with when it loaded a file but for rates that it refused.
const SOME_REFUSED: u8 = 3;

/// How often what nobody watches says how far it is.
const SAID_EVERY: Duration = Duration::from_secs(5);

/// Why the program stops: one line for whoever started it, and what it exits with.
struct Refusal {
    line: String,
    code: u8,
}

impl Refusal {
    fn new(why: impl fmt::Display) -> Self {
        Self {
            line: why.to_string().replace(['\r', '\n'], " "),
            code: 1,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            // What a caller is told sends them to the log; here this line is the log.
            Error::Internal(source) => Self::new(source),
            other => Self::new(other),
        }
    }
}

impl From<OpenError> for Refusal {
    fn from(error: OpenError) -> Self {
        Self::new(error)
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self::new(error)
    }
}

impl From<Cut> for Refusal {
    fn from(cut: Cut) -> Self {
        Self::new(cut)
    }
}

type Outcome<T = ()> = Result<T, Refusal>;

fn main() -> ExitCode {
    let command = Settings::said().command;
    let outcome = Runtime::new().map_err(Refusal::from).and_then(|runtime| {
        let outcome = runtime.block_on(run(command));
        // What is still under way was waited for long enough, or is not to be waited for.
        runtime.shutdown_background();
        outcome
    });
    let code = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Refusal { line, code }) => {
            logging::say(&format!("pledgebook: {line}"));
            ExitCode::from(code)
        }
    };
    logging::finish();
    code
}

async fn run(command: Command) -> Outcome {
    Stop::outlive_file_size_limits()?;
    match command {
        Command::Serve(settings) => serve(settings).await,
        Command::Demo(settings) => Box::pin(serve_demo(settings)).await,
        Command::Migrate(settings) => migrate(&settings).await,
        Command::Key(command) => key(command).await,
        Command::Totals(command) => totals(command).await,
        Command::Search(command) => search(command).await,
        Command::Rates(RatesCommand::Load(settings)) => load_rates(settings).await,
        Command::Openapi => openapi(),
        Command::Healthcheck(settings) => healthcheck(&settings).await,
    }
}

async fn serve(settings: Serve) -> Outcome {
    log(&settings.log)?;
    for line in settings.without_effect() {
        tracing::warn!("{line}");
    }
    let mut stop = Stop::on_signals()?;
    // A register in memory is one in a file that goes with the program: all connections see it.
    let said = settings.database.url().map_err(Refusal::new)?;
    let in_memory = Db::is_in_memory(&said).then(temporary).transpose()?;
    let kept_at = match &in_memory {
        Some(directory) => Db::file_url(&directory.path().join("pledgebook.db")),
        None => said,
    };
    let db = tokio::select! {
        db = Db::open_within(&kept_at, settings.limits()) => db?,
        _ = stop.asked() => return Ok(()),
    };
    let listener = listen(&settings.address.listen, "--listen").await?;
    let url = url(&listener)?;
    let traffic = app::traffic();
    let gate = Gate::default();
    let watched = Metrics::new(traffic.clone(), db.clone(), gate.clone());
    // Told until all else is over.
    let _watched = match &settings.metrics_listen {
        Some(address) => Some(watch(address, watched).await?),
        None => None,
    };
    // Its URL is said once somebody answers there.
    let handles = handles::raised();
    let policy = settings.policy(handles);
    tracing::info!(
        address = %listener.local_addr()?,
        max_connections = policy.max_connections,
        max_connections_per_client = policy.max_connections_per_client,
        handles,
        "listening"
    );
    if policy.max_connections as u64 >= handles {
        tracing::warn!(
            "--max-connections is not below the limit of handles: raise that one (ulimit -n), or say fewer"
        );
    }
    let opening = async {
        let mut is_upgraded = false;
        let watch = |progress| {
            is_upgraded = true;
            gate.close_for(progress);
        };
        db.migrate(&upgrades::all(), watch).await?;
        if is_upgraded {
            for circle in circles(&db).await? {
                tracing::warn!("{circle}");
            }
        }
        fill_index(&db, |progress| gate.close_for(progress)).await?;
        let register = app::register(db.clone()).await?;
        seed::scales(&register).await?;
        if !settings.empty {
            let loaded = seed::participants(&register).await?;
            if loaded > 0 {
                tracing::info!(
                    participants = loaded,
                    "the register was empty: loaded the reference participants"
                );
            }
        }
        let engine = db.engine().await?;
        gate.open(app::front(register, settings.reading(), settings.memory()));
        tracing::info!(%url, engine, schema = db::newest_schema(), version = env!("CARGO_PKG_VERSION"), "ready");
        Outcome::Ok(())
    };
    let serving = async {
        let gate = gate.clone();
        tokio::select! {
            () = gate.is_attended() => serve::serve(listener, gate, policy, traffic.clone(), &mut stop).await,
            _ = stop.asked() => Ok(()),
        }
    };
    tokio::select! {
        served = serving => served?,
        Err(refusal) = opening => return Err(refusal),
    }
    close_unless_told_again(&db, &mut stop).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Who tells the figures, for as long as this is there.
struct Watched(JoinHandle<Result<(), Cut>>);

impl Drop for Watched {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn watch(address: &str, metrics: Metrics) -> Outcome<Watched> {
    let listener = listen(address, "--metrics-listen").await?;
    tracing::info!(address = %listener.local_addr()?, "figures for Prometheus at /metrics");
    // Who looks is not among those who are looked at.
    let apart = Traffic::default();
    Ok(Watched(tokio::spawn(async move {
        serve::serve(listener, metrics, metrics::policy(), apart, &mut Stop::never()).await
    })))
}

async fn serve_demo(settings: Demo) -> Outcome {
    log(&Log {
        filter: "warn".to_owned(),
        format: LogFormat::Text,
    })?;
    let mut stop = Stop::on_signals()?;
    let said = settings.url().map_err(Refusal::new)?;
    let secret = settings.key().map_err(Refusal::new)?;
    // First of all, so that a taken port costs no wait.
    let listener = listen(&settings.address.listen, "--listen").await?;
    // Removed when it goes out of scope, by whichever way this ends.
    let directory = temporary()?;
    let temporary = Db::file_url(&directory.path().join("pledgebook.db"));
    let kept_at = said.as_deref().unwrap_or(&temporary);
    let db = tokio::select! {
        db = Db::open_within(kept_at, Limits::default()) => db?,
        _ = stop.asked() => return Ok(()),
    };
    let filled = async {
        bring_up_to_date(&db).await?;
        let register = app::register(db.clone()).await?;
        let Some(opened) = demo::open(&register, secret.as_ref()).await? else {
            return Err(Refusal::new(
                "the database already holds a register that no demo began; a demo fills an empty one: name another with --database-url",
            ));
        };
        invite(invitation(&url(&listener)?, &opened, said.is_none())).await?;
        Outcome::Ok(register)
    };
    let filled = tokio::select! {
        filled = filled => Some(filled?),
        _ = stop.asked() => None,
    };
    if let Some(register) = filled {
        let front = demo::http::front(register, app::Memory::default());
        // Nobody has to be told that a demo goes away.
        let policy = Policy::default();
        serve::serve(listener, front, policy, app::traffic(), &mut stop).await?;
    }
    close_unless_told_again(&db, &mut stop).await?;
    directory.close()?;
    Ok(())
}

/// Says it on standard output; a signal still ends who waits for a pipe that is full.
async fn invite(invitation: String) -> Outcome {
    let (tell, told) = oneshot::channel();
    // Not one of the runtime's, which it might wait for at its end.
    std::thread::Builder::new().spawn(move || tell.send(say(&invitation)))?;
    told.await.map_err(Refusal::new)?
}

/// What a demo says of itself: where it is, the key, three things to try, and how to begin anew.
fn invitation(url: &str, opened: &Opened, temporary: bool) -> String {
    let key = &opened.key;
    let stays = match (temporary, opened.goes_on) {
        (true, _) => "Everything in it is gone when it stops (Ctrl-C).",
        (false, false) => "It stays in its database when it stops (Ctrl-C).",
        (false, true) => "It goes on with what its database held, and stays there when it stops (Ctrl-C).",
    };
    format!(
        r#"The demo register is at   {url}
Its key, an admin's:      {key}
{stays}

What the ministerial of 13 February 2018 in Kuwait was promised:
  curl '{url}/v1/meetings/global-coalition-kuwait-2018/totals'

Pledge by pledge, in Arabic:
  curl '{url}/v1/pledges?meeting=global-coalition-kuwait-2018&lang=ar'

A pledge of your own:
  curl '{url}/v1/pledges' -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{"participant": "KWT", "meeting": "global-coalition-kuwait-2018", "instrument": "grant", "qualifier": "exact", "amount": "1000000.00", "currency": "USD"}}'

Back to what it began with:
  curl -X POST '{url}/demo/reset' -H 'Authorization: Bearer {key}'"#
    )
}

/// A directory that is removed when it goes out of scope.
fn temporary() -> Outcome<tempfile::TempDir> {
    Ok(tempfile::Builder::new().prefix("pledgebook-demo-").tempdir()?)
}

async fn migrate(settings: &Database) -> Outcome {
    let db = database(settings).await?;
    let engine = db.engine().await?;
    let circles = circles(&db).await?;
    close(&db).await;
    for circle in circles {
        logging::say(&circle);
    }
    say(&format!(
        "The schema is up to date: {} on {engine}.",
        db::newest_schema()
    ))
}

async fn key(command: KeyCommand) -> Outcome {
    match command {
        KeyCommand::Create(new) => {
            let db = database(&new.database).await?;
            let draft = draft(new)?;
            let mut write = keys::beside(&db).await?;
            let made = keys::make(&mut write, &draft).await.map_err(named_faults)?;
            write.commit().await?;
            close(&db).await;
            say(made.secret.as_deref().unwrap_or_default())
        }
        KeyCommand::List { database } => {
            let db = self::database(&database).await?;
            let keys = keys::all(&mut db.read().await?).await?;
            close(&db).await;
            say(&listed(&keys, Clock::SYSTEM.now()))
        }
        KeyCommand::Change(changed) => {
            let db = database(&changed.database).await?;
            let name = changed.of.clone();
            let mut write = keys::beside(&db).await?;
            let key = keys::named(&mut write.conn, &name).await?;
            let key = key.ok_or_else(|| Refusal::new(format!("there is no key named {name:?} to change")))?;
            let patch = changed.patch(write.at);
            let key = keys::patch(&mut write, key, &patch).await.map_err(named_faults)?;
            write.commit().await?;
            close(&db).await;
            say(&listed(&[key], Clock::SYSTEM.now()))
        }
        KeyCommand::Rotate {
            database,
            name,
            overlap,
        } => {
            let db = self::database(&database).await?;
            let overlap = keys::overlap(overlap).map_err(|why| Refusal::new(format!("the overlap {why}")))?;
            let mut write = keys::beside(&db).await?;
            let key = keys::named(&mut write.conn, &name).await?;
            let key = key.ok_or_else(|| Refusal::new(format!("there is no key named {name:?} to rotate")))?;
            let made = keys::rotate(&mut write, key, overlap).await?;
            write.commit().await?;
            close(&db).await;
            say(made.secret.as_deref().unwrap_or_default())
        }
        KeyCommand::Revoke { database, name } => {
            let db = self::database(&database).await?;
            let revoked = keys::revoke_named(&db, &name).await?;
            let was_revoked = !revoked && keys::was_revoked(&mut db.read().await?, &name).await?;
            close(&db).await;
            if revoked {
                Ok(())
            } else if was_revoked {
                Err(Refusal::new(format!(
                    "there is no key named {name:?} to revoke: it was revoked before, which is for good"
                )))
            } else {
                Err(Refusal::new(format!("there is no key named {name:?} to revoke")))
            }
        }
    }
}

/// The key that is asked for, read as strictly as over HTTP.
fn draft(new: NewKey) -> Outcome<keys::Draft> {
    let in_seconds = new
        .expires_in
        .map(|seconds| Clock::SYSTEM.now() + TimeDelta::seconds(seconds));
    let resources = Some(new.resources).filter(|resources| !resources.is_empty());
    let body = json!({
        "name": new.name,
        "role": new.role,
        "expires_at": new.expires_at.or(in_seconds.map(|at| at.to_rfc3339())),
        "resources": resources,
        "participant": new.participant,
        "note": new.note,
    });
    keys::Draft::parse(&body).map_err(named_faults)
}

/// What is wrong, each with the field that it is wrong with.
fn named_faults(error: Error) -> Refusal {
    match error.faults().filter(|faults| !faults.is_empty()) {
        Some(faults) => {
            let faults = faults.iter();
            let named: Vec<_> = faults
                .map(|fault| format!("{} {}", fault.pointer.trim_start_matches('/'), fault.detail))
                .collect();
            Refusal::new(named.join("; "))
        }
        None => error.into(),
    }
}

/// A line for each key, its name last, as that may hold spaces.
fn listed(keys: &[auth::Key], now: Timestamp) -> String {
    let lines = keys.iter().map(|key| {
        let role = key.role.as_str();
        let created = key.created_at.format("%Y-%m-%d");
        let used = key
            .last_used_at
            .map_or_else(|| "never".to_owned(), |at| at.format("%Y-%m-%d").to_string());
        let state = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {}", at.format("%Y-%m-%d")),
            (None, Some(end)) if end <= now => format!("expired {}", end.format("%Y-%m-%d")),
            (None, Some(end)) => format!("until {}", end.format("%Y-%m-%d")),
            (None, None) => "live".to_owned(),
        };
        let areas = key.resources.iter().flatten().map(|area| area.as_str());
        let participant = key.participant.as_ref().map(resources::Code::as_str);
        let limits: Vec<_> = participant.into_iter().chain(areas).collect();
        let limits = if limits.is_empty() {
            "-".to_owned()
        } else {
            limits.join(",")
        };
        format!(
            "{role:<7} {created}  {used:<10}  {state:<18}  {limits:<18}  {}",
            legible(&key.name)
        )
    });
    let heading = format!(
        "{:<7} {:<10}  {:<10}  {:<18}  {:<18}  name",
        "role", "created", "used", "state", "confined to"
    );
    std::iter::once(heading)
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A name on a terminal: what cannot be seen in it, or would move what is, stands as its number.
fn legible(name: &str) -> String {
    let mut legible = String::with_capacity(name.len());
    for character in name.chars() {
        if is_hidden(character) {
            legible.extend(character.escape_unicode());
        } else {
            legible.push(character);
        }
    }
    legible
}

/// The pledges of which nobody can say what they come to, a line each: a register of before may have such.
async fn circles(db: &Db) -> Outcome<Vec<String>> {
    let circles = pledges::sql::in_circles(&mut db.read().await?).await?.into_iter();
    let line = |id| format!("pledges/{id} is made up of itself, by way of parts and of what they restate");
    Ok(circles.map(line).collect())
}

async fn totals(command: TotalsCommand) -> Outcome {
    match command {
        TotalsCommand::Verify(settings) => {
            let db = existing(&settings).await?;
            let differences = rollups::verify(&mut db.snapshot().await?).await?;
            let circles = circles(&db).await?;
            close(&db).await;
            for difference in &differences {
                say(&difference.to_string())?;
            }
            for circle in &circles {
                say(circle)?;
            }
            if !differences.is_empty() {
                let count = differences.len();
                return Err(Refusal::new(format!(
                    "{count} kept sums differ from the pledges; pledgebook totals rebuild mends them"
                )));
            }
            if !circles.is_empty() {
                let count = circles.len();
                return Err(Refusal::new(format!(
                    "{count} pledges are made up of themselves, so that they are counted nowhere and no state of theirs can be known; patch the parent or restates of one in each circle"
                )));
            }
            say("every kept sum is what the pledges say")
        }
        TotalsCommand::Rebuild(settings) => {
            let db = existing(&settings).await?;
            let mut conn = db.begin().await?;
            rollups::rebuild(&mut conn).await?;
            conn.commit().await?;
            close(&db).await;
            say("every kept sum was computed anew")
        }
    }
}

async fn search(command: SearchCommand) -> Outcome {
    let mut far = far();
    let progress = |done, all| far(&format!("{done} of {all} records"), done == all);
    match command {
        SearchCommand::Verify(settings) => {
            let db = existing(&settings).await?;
            let differences = index::verify(&mut db.snapshot().await?, progress).await?;
            close(&db).await;
            for difference in &differences {
                say(&difference.to_string())?;
            }
            if differences.is_empty() {
                say("every row of the index is what its record says")
            } else {
                let count = differences.len();
                Err(Refusal::new(format!(
                    "{count} differences between the index and the records; pledgebook search rebuild mends them"
                )))
            }
        }
        SearchCommand::Rebuild(settings) => {
            let db = existing(&settings).await?;
            index::rebuild(&db, progress).await?;
            close(&db).await;
            say("the index was filled anew")
        }
    }
}

async fn load_rates(settings: Load) -> Outcome {
    let from_input = settings.file.as_os_str() == "-";
    let name = if from_input {
        "standard input".to_owned()
    } else {
        settings.file.display().to_string()
    };
    let mut bytes = Vec::new();
    let read = if from_input {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        File::open(&settings.file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| Refusal::new(format!("{name} cannot be read: {error}")))?;
    // The whole file before the first write: one that is malformed changes nothing.
    let file = rates::file::read(&bytes, settings.source.as_deref())
        .map_err(|why| Refusal::new(format!("{name}, {why}; nothing was loaded")))?;
    if !file.unknown.is_empty() {
        let unknown: Vec<_> = file
            .unknown
            .iter()
            .map(|(code, count)| format!("{code} ({count})"))
            .collect();
        logging::say(&format!(
            "left out, as the register does not know these currencies: {}",
            unknown.join(", ")
        ));
    }
    let db = database(&settings.database).await?;
    let register = app::register(db.clone()).await?;
    let author = Author {
        actor: "pledgebook".to_owned(),
        reason: Some(format!("rates loaded from {name}")),
        holder: None,
        claim: None,
    };
    let total = file.drafts.len();
    let mut far = far();
    let progress = |done| far(&format!("{done} of {total} rates"), done == total);
    let loaded = rates::load(&register, &author, file.drafts, settings.plausibility, progress).await;
    close(&db).await;
    let loaded = loaded?;
    for refused in &loaded.refused {
        logging::say(&format!("refused: {}", Refusal::new(refused).line));
    }
    for unjudged in &loaded.unjudged_rates {
        logging::say(&format!("unjudged: {}", Refusal::new(unjudged).line));
    }
    let unnamed = loaded.unjudged - loaded.unjudged_rates.len() as u64;
    if unnamed > 0 {
        logging::say(&format!("unjudged: and {unnamed} others"));
    }
    let refused = loaded.refused.len();
    say(&format!(
        "{total} rates: {} created, {} updated, {} unchanged, {refused} refused; {} waived, {} unjudged",
        loaded.created, loaded.updated, loaded.unchanged, loaded.waived, loaded.unjudged
    ))?;
    if refused == 0 {
        return Ok(());
    }
    Err(Refusal {
        code: SOME_REFUSED,
        ..Refusal::new(format!(
            "{refused} of {total} rates were refused, all others are loaded; those that are right all the same are taken with --plausibility waived"
        ))
    })
}

/// Says how far something is: on a terminal at once, elsewhere a line now and then.
fn far() -> impl FnMut(&str, bool) {
    let mut said = Instant::now();
    move |far, is_end| {
        if io::stderr().is_terminal() {
            let end = if is_end { "\n" } else { "" };
            // Whoever closed it does not want to know.
            let _ = write!(io::stderr(), "\r{far}{end}");
        } else if said.elapsed() >= SAID_EVERY {
            said = Instant::now();
            logging::say(far);
        }
    }
}

fn openapi() -> Outcome {
    say(String::from_utf8_lossy(app::document()).trim_end())
}

async fn healthcheck(settings: &Healthcheck) -> Outcome {
    let url = settings.url();
    if settings.alive {
        health::ask_whether_alive(&url)
            .await
            .map_err(|why| Refusal::new(format!("{url} is not alive: {why}")))?;
        return say(&format!("{url} is alive"));
    }
    let engine = health::ask(&url)
        .await
        .map_err(|why| Refusal::new(format!("{url} is not ready: {why}")))?;
    say(&format!("{url} is ready: {engine}"))
}

/// The database, its schema up to date.
async fn database(settings: &Database) -> Outcome<Db> {
    let url = settings.url().map_err(Refusal::new)?;
    let db = Db::open(&url).await?;
    bring_up_to_date(&db).await?;
    Ok(db)
}

/// Says on standard error how far it is.
async fn bring_up_to_date(db: &Db) -> Outcome {
    let mut far = far();
    db.migrate(&upgrades::all(), |progress| {
        if let Some((done, all)) = progress.rows {
            far(&progress.to_string(), done == all);
        }
    })
    .await?;
    let mut far = self::far();
    fill_index(db, |progress| {
        if let Some((done, all)) = progress.rows {
            far(&format!("search: {done} of {all} records"), done == all);
        }
    })
    .await
}

/// Fills the index of search, where it is not whole or of another analysis.
async fn fill_index(db: &Db, mut watch: impl FnMut(Progress)) -> Outcome {
    let version = db::newest_schema();
    let begun = Instant::now();
    let mut said = begun;
    index::fill(db, |done, all| {
        // A register that only begins is nothing to wait for.
        if all == 0 {
            return;
        }
        if done == 0 || done == all || said.elapsed() >= SAID_EVERY {
            said = Instant::now();
            tracing::info!(done, records = all, "the index of search is filled");
        }
        watch(Progress {
            version,
            rows: Some((done, all)),
        });
    })
    .await?;
    Ok(())
}

/// The database as it is, unless a newer program has changed its schema.
async fn existing(settings: &Database) -> Outcome<Db> {
    let url = settings.url().map_err(Refusal::new)?;
    let db = Db::open_existing(&url).await?;
    db.require_known_schema(&upgrades::all()).await?;
    Ok(db)
}

/// A request that outlived the server may still hold a connection; it is not waited for without end.
async fn close(db: &Db) {
    if tokio::time::timeout(CLOSED_WITHIN, db.close()).await.is_err() {
        tracing::warn!("the database was still busy when it was left");
    }
}

/// The same, but for who is told again to stop: then at once.
async fn close_unless_told_again(db: &Db, stop: &mut Stop) -> Outcome {
    tokio::select! {
        () = close(db) => Ok(()),
        _ = stop.asked() => Err(Cut::default().into()),
    }
}

async fn listen(address: &str, flag: &str) -> Outcome<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::AddrInUse => {
                format!("the address is in use; stop what listens there, or say another with {flag}")
            }
            io::ErrorKind::AddrNotAvailable => {
                format!("this machine has no such address; say another with {flag}")
            }
            io::ErrorKind::PermissionDenied => {
                "this user may not listen there; take a port above 1023".to_owned()
            }
            _ => error.to_string(),
        };
        Refusal::new(format!("cannot listen on {address}: {why}"))
    })
}

fn url(listener: &TcpListener) -> Outcome<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

fn log(settings: &Log) -> Outcome {
    let filter = EnvFilter::try_new(&settings.filter).map_err(|error| {
        Refusal::new(format!(
            "the log filter {:?} cannot be read: {error}",
            settings.filter
        ))
    })?;
    let form = match settings.format {
        LogFormat::Text => Form::Text,
        LogFormat::Json => Form::Json,
    };
    logging::start(filter, form).map_err(Refusal::from)
}

/// The answer proper, on standard output and nothing else there, so that it can be piped.
fn say(line: &str) -> Outcome {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}
