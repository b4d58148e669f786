//! Every setting: a flag, an environment variable and its documentation are one thing.

use std::{
    env,
    fs::File,
    io::{ErrorKind, Read},
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

use chrono::TimeDelta;
use clap::{
    ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum,
    builder::{FalseyValueParser, NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser},
    parser::ValueSource,
    value_parser,
};
use pledgebook::{
    app::Memory,
    auth::{Reading, Role, given::Secret},
    db::Limits,
    rates::Plausibility,
    resources::Area,
    serve::Policy,
    values::Timestamp,
    web::{
        base::Base,
        client::{ForwardedBy, TrustedProxies},
        host::AllowedHosts,
        quota::Quota,
    },
};
use serde_json::Value;

const LISTEN: &str = "127.0.0.1:8080";

/// The register of record for what states and international organisations promise.
#[derive(Debug, Parser)]
#[command(
    version,
    arg_required_else_help = true,
    after_help = "To look around: pledgebook demo. To run it: pledgebook serve."
)]
pub struct Settings {
    #[command(subcommand)]
    pub command: Command,
}

impl Settings {
    /// What was said on the command line and in the environment. A variable that is empty says nothing, as one that is not
    /// there: a file of settings may name them all.
    pub fn said() -> Self {
        let is_empty = |name: &str| env::var_os(name).is_some_and(|value| value.is_empty());
        let matches = without_empty(Self::command(), &is_empty).get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// The command, whose arguments are not read from variables that are empty.
fn without_empty(command: clap::Command, is_empty: &impl Fn(&str) -> bool) -> clap::Command {
    command
        .mut_args(|arg| {
            let is_unsaid = arg.get_env().and_then(|name| name.to_str()).is_some_and(is_empty);
            if is_unsaid { arg.env(None::<&str>) } else { arg }
        })
        .mut_subcommands(|command| without_empty(command, is_empty))
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the register; its schema is brought up to date first
    Serve(Serve),
    /// Serve a register with example data, which is gone when it stops
    Demo(Demo),
    /// Bring the database's schema up to date, and stop
    Migrate(Database),
    /// Make, list, change, rotate and revoke the keys that writing takes
    #[command(subcommand)]
    Key(KeyCommand),
    /// Check the sums that are kept against the pledges, or compute them anew
    #[command(subcommand)]
    Totals(TotalsCommand),
    /// Check the index of search against the records, or fill it anew
    #[command(subcommand)]
    Search(SearchCommand),
    /// Load rates from a file
    #[command(subcommand)]
    Rates(RatesCommand),
    /// Print the contract, as OpenAPI 3.1
    Openapi,
    /// Ask a running server whether it is ready; exits with 0 when it is, else with 1
    Healthcheck(Healthcheck),
}

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub database: Database,
    #[command(flatten)]
    pub address: Address,
    /// Leave an empty register empty, rather than load the reference participants into it
    #[arg(long, env = "EMPTY", value_parser = FalseyValueParser::new())]
    pub empty: bool,
    /// Ask for a key also to read
    #[arg(long, env = "PRIVATE", value_parser = FalseyValueParser::new())]
    private: bool,
    /// How long a request may take, and each statement of any: 30, 30s, 2m
    #[arg(long, env = "REQUEST_TIMEOUT", default_value = "30s", value_name = "TIME", value_parser = time)]
    request_timeout: Duration,
    /// How long a whole list may be on its way out
    #[arg(long, env = "EXPORT_TIMEOUT", default_value = "10m", value_name = "TIME", value_parser = time)]
    export_timeout: Duration,
    /// How many bytes of answers are kept in memory, to be given again while they hold; 0 keeps none
    #[arg(long, env = "CACHE_BYTES", default_value_t = Memory::ANSWERS, value_name = "BYTES")]
    cache_bytes: usize,
    /// How many bytes of bodies are held in memory at once; who comes beyond waits for a second, then is refused
    #[arg(long, env = "MAX_REQUEST_BYTES_HELD", default_value_t = Memory::BODIES, value_name = "BYTES", value_parser = number)]
    max_request_bytes_held: usize,
    /// Where Prometheus finds the figures, at /metrics: an address and port of their own, which knows no keys and is not for
    /// strangers; port 0 takes any that is free [default: nowhere]
    #[arg(long, env = "METRICS_LISTEN", value_name = "ADDRESS", value_parser = NonEmptyStringValueParser::new())]
    pub metrics_listen: Option<String>,
    #[command(flatten)]
    admission: Admission,
    #[command(flatten)]
    pub log: Log,
}

#[derive(Debug, Args)]
struct Admission {
    /// How many may be connected at once; beyond them, whoever has been idle longest gives way [default: half of the
    /// handles that the system lets the program have, once it has asked for as many as it can get]
    #[arg(long, env = "MAX_CONNECTIONS", value_name = "NUMBER", value_parser = number)]
    max_connections: Option<usize>,
    /// How many one IPv4 address may have of them, or one /64 of IPv6; behind a trusted proxy, how many requests at once.
    /// The machine itself and trusted proxies may have all
    #[arg(long, env = "MAX_CONNECTIONS_PER_CLIENT", default_value_t = Policy::MAX_CONNECTIONS_PER_CLIENT, value_name = "NUMBER", value_parser = number)]
    max_connections_per_client: usize,
    /// The proxies whose X-Forwarded-For, Forwarded and X-Forwarded-Prefix are believed: addresses and networks, with commas between them [default: none]
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "CIDR,…", value_parser = TrustedProxies::parse)]
    trusted_proxies: Option<TrustedProxies>,
    /// In which header they say for whom they ask; the other one is passed over [default: x-forwarded-for, and forwarded where
    /// there is none]
    #[arg(long, env = "FORWARDED_BY", value_name = "HEADER", value_parser = ForwardedBy::parse)]
    forwarded_by: Option<ForwardedBy>,
    /// The names under which the register answers, with commas between them; a request for another one is a 400, but for
    /// /healthz and /readyz [default: any]
    #[arg(long, env = "ALLOWED_HOSTS", value_name = "NAME,…", value_parser = AllowedHosts::parse)]
    allowed_hosts: Option<AllowedHosts>,
    /// Where clients find the register, where that is not the root of its host: every link then stands below the path of
    /// this address [default: the root, or what a trusted proxy says in X-Forwarded-Prefix]
    #[arg(long, env = "PUBLIC_URL", value_name = "URL", value_parser = Base::parse)]
    public_url: Option<Base>,
    /// How many requests a second one address may send, and one key; a /64 of IPv6 is one address. Beyond them 429; 0 for no limit
    #[arg(long, env = "RATE_LIMIT", default_value_t = 0, value_name = "NUMBER", value_parser = value_parser!(u32).range(..=i64::from(Quota::MOST)))]
    rate_limit: u32,
    /// Hold the machine itself to --rate-limit too [default: no]
    #[arg(long, env = "RATE_LIMIT_LOOPBACK", value_parser = FalseyValueParser::new())]
    rate_limit_loopback: bool,
    /// How long all goes on after SIGTERM, while /readyz says that it will not; SIGINT and SIGQUIT do not wait
    #[arg(long, env = "DRAIN_DELAY", default_value = "2s", value_name = "TIME", value_parser = time_or_none)]
    drain_delay: Duration,
    /// How long requests in flight have to finish when the server stops
    #[arg(long, env = "SHUTDOWN_TIMEOUT", default_value = "10s", value_name = "TIME", value_parser = time)]
    shutdown_timeout: Duration,
}

/// How many there may be: one at least.
fn number(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("must be a whole number above zero".into()),
    }
}

/// Half of the handles are for connections; the others are the database's, the log's and those of connections that end.
fn connections(handles: u64) -> usize {
    usize::try_from(handles / 2).unwrap_or(usize::MAX).max(1)
}

/// A time of a day at most.
fn time(text: &str) -> Result<Duration, String> {
    within_a_day(text)?
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "must be a time above zero and of a day at most, such as 30s".into())
}

/// The same, or none at all.
fn time_or_none(text: &str) -> Result<Duration, String> {
    within_a_day(text)?.ok_or_else(|| "must be 0 or a time of a day at most, such as 30s".into())
}

/// Seconds, or a number with its unit; none where that is no time of a day at most.
fn within_a_day(text: &str) -> Result<Option<Duration>, String> {
    let (number, of) = match text.trim_end_matches(char::is_alphabetic) {
        number if number.len() == text.len() => (number, 1_000),
        number => match &text[number.len()..] {
            "ms" => (number, 1),
            "s" => (number, 1_000),
            "m" | "min" => (number, 60_000),
            "h" => (number, 3_600_000),
            _ => return Err("the units are ms, s, m and h".into()),
        },
    };
    let millis = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(of));
    Ok(millis
        .filter(|millis| *millis <= 86_400_000)
        .map(Duration::from_millis))
}

impl Serve {
    pub fn limits(&self) -> Limits {
        Limits {
            request: self.request_timeout,
            export: self.export_timeout,
        }
    }

    /// Who is let in, where the program may have so many handles.
    pub fn policy(&self, handles: u64) -> Policy {
        let of = &self.admission;
        Policy {
            max_connections: of.max_connections.unwrap_or_else(|| connections(handles)),
            max_connections_per_client: of.max_connections_per_client,
            trusted_proxies: of
                .trusted_proxies
                .clone()
                .unwrap_or_default()
                .that_write(of.forwarded_by.unwrap_or_default()),
            allowed_hosts: of.allowed_hosts.clone().unwrap_or_default(),
            public: of.public_url.clone(),
            quota: NonZeroU32::new(of.rate_limit)
                .map(|per_second| Quota::new(per_second, of.rate_limit_loopback)),
            drain_delay: of.drain_delay,
            shutdown_timeout: of.shutdown_timeout,
            quiet: false,
        }
    }

    /// What was said and does nothing, as it needs what was not said.
    pub fn without_effect(&self) -> Vec<&'static str> {
        let of = &self.admission;
        let trusts_nobody = of
            .trusted_proxies
            .as_ref()
            .is_none_or(|it| *it == TrustedProxies::default());
        let names_a_header = of.forwarded_by.is_some_and(|by| by != ForwardedBy::default());
        [
            (
                of.rate_limit_loopback && of.rate_limit == 0,
                "--rate-limit-loopback does nothing without --rate-limit",
            ),
            (
                names_a_header && trusts_nobody,
                "--forwarded-by does nothing without --trusted-proxies: no header is believed",
            ),
        ]
        .into_iter()
        .filter_map(|(is_without, line)| is_without.then_some(line))
        .collect()
    }

    pub fn memory(&self) -> Memory {
        Memory {
            answers: self.cache_bytes,
            bodies: self.max_request_bytes_held,
        }
    }

    pub fn reading(&self) -> Reading {
        if self.private {
            Reading::Private
        } else {
            Reading::Public
        }
    }
}

#[derive(Debug, Args)]
pub struct Demo {
    /// Fill this empty database, or go on with the demo that it holds, and leave it when the demo stops [default: a file that is
    /// removed]
    // A flag alone: a register of record whose DATABASE_URL is set must never get the example data.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The file that holds the URL of that database
    #[arg(long, value_name = "FILE", conflicts_with = "database_url")]
    database_url_file: Option<PathBuf>,
    /// What the demo's key, an admin's, is opened by, for tests that know it before: pbk_ and behind it 20 to 200 letters, digits,
    /// - and _ [default: drawn anew at each start]
    #[arg(
        long,
        env = "PLEDGEBOOK_DEMO_KEY",
        hide_env_values = true,
        value_name = "SECRET"
    )]
    key: Option<String>,
    #[command(flatten)]
    pub address: Address,
}

impl Demo {
    /// What its key is to be opened by, where that is said.
    pub fn key(&self) -> Result<Option<Secret>, String> {
        self.key
            .as_deref()
            .map(Secret::parse)
            .transpose()
            .map_err(|why| format!("the demo's key (--key, PLEDGEBOOK_DEMO_KEY) {why}"))
    }

    /// The URL of the database that it is to fill, where one is said.
    pub fn url(&self) -> Result<Option<String>, String> {
        match &self.database_url_file {
            Some(file) => url_in(file).map(Some),
            None => Ok(self.database_url.clone()),
        }
    }
}

/// Where the register is kept, as it was said.
#[derive(Debug)]
pub struct Database(Place);

#[derive(Debug, PartialEq, Eq)]
enum Place {
    Url(String),
    /// The file that says it.
    In(PathBuf),
    Twice,
}

/// What `Database` is read from.
#[derive(Debug, Args)]
struct SaidDatabase {
    /// Where the register is kept: sqlite:<file> or postgres://<user>@<host>/<database>.
    /// What a Postgres URL leaves out is taken from PGHOST, PGUSER, PGPASSWORD and the like
    // The value is hidden from --help: it may hold a password.
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite:pledgebook.db",
        value_name = "URL"
    )]
    database_url: String,
    /// The file that holds this URL instead, so that no list of processes shows a password; a flag wins over a variable,
    /// whichever of the two is said
    #[arg(long, env = "DATABASE_URL_FILE", value_name = "FILE")]
    database_url_file: Option<PathBuf>,
}

impl Database {
    /// The URL, read from its file where that is said.
    pub fn url(&self) -> Result<String, String> {
        match &self.0 {
            Place::Url(url) => Ok(url.clone()),
            Place::In(file) => url_in(file),
            Place::Twice => Err("the database is said twice: say either its URL (--database-url, DATABASE_URL) or the file that holds it (--database-url-file, DATABASE_URL_FILE)".into()),
        }
    }
}

/// The longest file that holds a URL, in bytes: what is longer holds something else, or has no end.
const LONGEST_URL_FILE: u64 = 64 * 1024;
/// How long it is waited for where it is no plain file.
const URL_FILE_WITHIN: Duration = Duration::from_secs(5);

/// The URL that a file holds, in one line.
fn url_in(file: &Path) -> Result<String, String> {
    let name = file.display();
    let (tell, told) = mpsc::channel();
    let path = file.to_owned();
    // Whoever opens a pipe waits for somebody who writes.
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(LONGEST_URL_FILE + 1).read_to_end(&mut bytes));
        tell.send(read.map(|_| bytes))
    });
    let read = told.recv_timeout(URL_FILE_WITHIN);
    let read = read.unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()));
    let bytes = read.map_err(|error| match error.kind() {
        ErrorKind::IsADirectory => {
            format!("{name}, which is to hold the database's URL, is a directory; name a file")
        }
        ErrorKind::TimedOut => {
            format!("{name}, which is to hold the database's URL, did not end in time; name a file")
        }
        _ => format!("the file {name}, which is to hold the database's URL, cannot be read: {error}"),
    })?;
    let to_hold = format!("the file {name} is to hold the database's URL in one line, and nothing else");
    if bytes.len() as u64 > LONGEST_URL_FILE {
        return Err(format!("{to_hold}; it has more than {LONGEST_URL_FILE} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("{to_hold}; it is not UTF-8"))?;
    // Some editors begin a file with a mark of its byte order.
    let url = text.strip_prefix('\u{feff}').unwrap_or(&text).trim();
    if url.is_empty() || url.contains(char::is_control) {
        return Err(to_hold);
    }
    Ok(url.to_owned())
}

impl FromArgMatches for Database {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Self::from_arg_matches_mut(&mut matches.clone())
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        let level = |id| match matches.value_source(id) {
            Some(ValueSource::CommandLine) => 2,
            Some(ValueSource::EnvVariable) => 1,
            _ => 0,
        };
        let (of_url, of_file) = (level("database_url"), level("database_url_file"));
        let said = SaidDatabase::from_arg_matches_mut(matches)?;
        Ok(Self(match said.database_url_file {
            Some(_) if of_url == of_file => Place::Twice,
            Some(file) if of_file > of_url => Place::In(file),
            _ => Place::Url(said.database_url),
        }))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Database {
    fn augment_args(command: clap::Command) -> clap::Command {
        SaidDatabase::augment_args(command)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        SaidDatabase::augment_args_for_update(command)
    }
}

#[derive(Debug, Args)]
pub struct Address {
    /// The address and port to listen on; port 0 takes any that is free
    #[arg(long, env = "LISTEN", default_value = LISTEN, value_name = "ADDRESS", value_parser = NonEmptyStringValueParser::new())]
    pub listen: String,
}

#[derive(Debug, Args)]
pub struct Log {
    /// What is logged, to standard error
    #[arg(
        long = "log",
        env = "RUST_LOG",
        default_value = "info,sqlx=warn",
        value_name = "FILTER"
    )]
    pub filter: String,
    /// How it is logged
    #[arg(
        long = "log-format",
        env = "LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line, for programs
    Json,
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it: it is shown this once
    Create(NewKey),
    /// List the keys, without their secrets
    List {
        #[command(flatten)]
        database: Database,
    },
    /// Change what is said of the key of this name, but not its role: another role is another key. What is not named stays
    Change(ChangedKey),
    /// Give the key of this name another secret and print it: it is shown this once
    Rotate {
        #[command(flatten)]
        database: Database,
        name: String,
        /// For how long the secret that it has is good still, a week at most: 30s, 15m, 12h, 7d
        #[arg(long, default_value = "0", value_name = "TIME", value_parser = seconds)]
        overlap: i64,
    },
    /// Revoke the key of this name
    Revoke {
        #[command(flatten)]
        database: Database,
        name: String,
    },
}

#[derive(Debug, Args)]
pub struct NewKey {
    #[command(flatten)]
    pub database: Database,
    /// Whose key it is; the log of changes names its holder by it
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub name: String,
    /// What it may do; an editor may all that a reader may, an admin all that an editor may
    #[arg(long, value_parser = PossibleValuesParser::new(Role::WORDS).try_map(|word| word.parse::<Role>()))]
    pub role: Role,
    /// From when on it is good no more, such as 2027-01-01T00:00:00Z
    #[arg(long, value_name = "MOMENT", conflicts_with = "expires_in")]
    pub expires_at: Option<String>,
    /// For how long it is good: 12h, 90d
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    pub expires_in: Option<i64>,
    /// A resource that an editor's key may write, and no others; may be said more than once.
    /// Attendance is written with meetings, members with coalitions
    #[arg(long = "resource", value_parser = PossibleValuesParser::new(Area::WORDS))]
    pub resources: Vec<String>,
    /// The participant whose own pledges an editor's key may write, with their events and citations, and nothing else
    #[arg(long, value_name = "CODE")]
    pub participant: Option<String>,
    /// What else is to be known of it
    #[arg(long)]
    pub note: Option<String>,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct ChangedKey {
    #[command(flatten)]
    pub database: Database,
    #[arg(value_name = "NAME")]
    pub of: String,
    /// What it is called from now on
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    name: Option<String>,
    /// From when on it is good no more, such as 2027-01-01T00:00:00Z
    #[arg(long, value_name = "MOMENT", group = "end")]
    expires_at: Option<String>,
    /// For how long from now on it is good: 12h, 90d
    #[arg(long, value_name = "TIME", value_parser = seconds, group = "end")]
    expires_in: Option<i64>,
    /// It is good until it is revoked
    #[arg(long, group = "end")]
    no_expiry: bool,
    /// A resource that it may write, and none but those that are said; may be said more than once
    #[arg(long = "resource", value_parser = PossibleValuesParser::new(Area::WORDS), conflicts_with = "all_resources")]
    resources: Vec<String>,
    /// It writes all resources that its role may
    #[arg(long)]
    all_resources: bool,
    /// The participant whose own pledges it may write, with their events and citations, and nothing else
    #[arg(long, value_name = "CODE", conflicts_with = "any_participant")]
    participant: Option<String>,
    /// It writes for any participant
    #[arg(long)]
    any_participant: bool,
    /// What else is to be known of it
    #[arg(long, conflicts_with = "no_note")]
    note: Option<String>,
    /// Nothing else is to be known of it
    #[arg(long)]
    no_note: bool,
}

impl ChangedKey {
    /// The change as a merge patch.
    pub fn patch(self, now: Timestamp) -> Value {
        let end = self
            .expires_in
            .map(|seconds| (now + TimeDelta::seconds(seconds)).to_rfc3339());
        let resources = Some(self.resources).filter(|resources| !resources.is_empty());
        let said = [
            ("name", self.name.map(Value::from), false),
            (
                "expires_at",
                self.expires_at.or(end).map(Value::from),
                self.no_expiry,
            ),
            ("resources", resources.map(Value::from), self.all_resources),
            (
                "participant",
                self.participant.map(Value::from),
                self.any_participant,
            ),
            ("note", self.note.map(Value::from), self.no_note),
        ];
        said.into_iter()
            .filter_map(|(name, value, is_none)| {
                let value = value.or(is_none.then_some(Value::Null))?;
                Some((name.to_owned(), value))
            })
            .collect()
    }
}

/// A time from none to a century, in seconds, or as a number with its unit.
fn seconds(text: &str) -> Result<i64, String> {
    let (number, of) = match text.trim_end_matches(char::is_alphabetic) {
        number if number.len() == text.len() => (number, 1),
        number => match &text[number.len()..] {
            "s" => (number, 1),
            "m" | "min" => (number, 60),
            "h" => (number, 3_600),
            "d" => (number, 86_400),
            _ => return Err("the units are s, m, h and d".into()),
        },
    };
    number
        .parse::<i64>()
        .ok()
        .and_then(|number| number.checked_mul(of))
        .filter(|seconds| (0..=3_155_760_000).contains(seconds))
        .ok_or_else(|| "must be a time of a century at most, such as 90d".into())
}

#[derive(Debug, Subcommand)]
pub enum TotalsCommand {
    /// Recompute every kept sum from the pledges; exits with 1 and names the rows where any differs
    Verify(Database),
    /// Compute every kept sum anew
    Rebuild(Database),
}

#[derive(Debug, Subcommand)]
pub enum SearchCommand {
    /// Hold every row of the index against its record; exits with 1 and names the records where any differs
    Verify(Database),
    /// Fill the index anew, in parts between which a running server writes
    Rebuild(Database),
}

#[derive(Debug, Subcommand)]
pub enum RatesCommand {
    /// Load a file in the European Central Bank's layout (Date and a column a currency, units per euro), or in that of
    /// the register's own list as CSV.
    ///
    /// What is there already with the same figure is left alone, so that a load that was broken off can be begun again;
    /// another figure for the same currency, day and source replaces it. Rates that their neighbours contradict are
    /// listed on standard error and left out; then it exits with 3. Those that nothing could judge are listed too, the
    /// first hundred, and loaded.
    Load(Load),
}

#[derive(Debug, Args)]
pub struct Load {
    /// The file; - reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Who says so, such as ECB. The register's own list has a source on each line, which this replaces
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    pub source: Option<String>,
    /// With waived, take also what its neighbours contradict, as a person has looked at it
    #[arg(long, default_value = "checked", value_parser = PossibleValuesParser::new(Plausibility::WORDS).try_map(|word| word.parse::<Plausibility>()))]
    pub plausibility: Plausibility,
    #[command(flatten)]
    pub database: Database,
}

#[derive(Debug, Args)]
pub struct Healthcheck {
    /// Where the server answers [default: what LISTEN says, on this machine]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Ask whether the process is alive, which it is also during an upgrade, rather than whether the register is ready
    #[arg(long)]
    pub alive: bool,
    #[command(flatten)]
    address: Address,
}

impl Healthcheck {
    pub fn url(&self) -> String {
        self.url
            .clone()
            .unwrap_or_else(|| format!("http://{}", reachable(&self.address.listen)))
    }
}

/// An address that means every address of the machine is listened on, but cannot be called.
fn reachable(listen: &str) -> String {
    match listen.rsplit_once(':') {
        Some(("0.0.0.0", port)) => format!("127.0.0.1:{port}"),
        Some(("[::]", port)) => format!("[::1]:{port}"),
        _ => listen.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Settings::command().debug_assert();
    }

    #[test]
    fn a_time_has_a_unit_or_is_in_seconds() {
        for (text, millis) in [
            ("30", 30_000),
            ("30s", 30_000),
            ("250ms", 250),
            ("2m", 120_000),
            ("1h", 3_600_000),
        ] {
            assert_eq!(time(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["", "0", "-1", "1.5s", "3 s", "2d", "48h", "s"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_drain_may_take_no_time() {
        for (text, millis) in [
            ("0", 0),
            ("0s", 0),
            ("0ms", 0),
            ("00", 0),
            ("2s", 2_000),
            ("10ms", 10),
        ] {
            assert_eq!(time_or_none(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["", "0x", "-1", "2d", "s"] {
            assert!(!time_or_none(bad).unwrap_err().contains("above zero"), "{bad}");
        }
    }

    #[test]
    fn how_long_a_key_is_good_is_said_in_days_too() {
        for (text, expected) in [
            ("0", 0),
            ("30", 30),
            ("15m", 900),
            ("12h", 43_200),
            ("90d", 7_776_000),
        ] {
            assert_eq!(seconds(text), Ok(expected), "{text}");
        }
        for bad in ["", "-1", "1.5d", "3 d", "2w", "40000d", "d"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn half_of_the_handles_are_for_connections() {
        assert_eq!((connections(20_000), connections(1)), (10_000, 1));
        assert!(number("0").is_err() && number("-1").is_err() && number("").is_err());
    }

    #[test]
    fn a_server_on_every_address_is_asked_on_this_machine() {
        assert_eq!(reachable("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(reachable("[::]:80"), "[::1]:80");
        assert_eq!(reachable("10.0.0.7:80"), "10.0.0.7:80");
        assert_eq!(reachable("localhost:80"), "localhost:80");
    }
}
