//! Postgres: where the server is, how a session is begun, and what stands between the two.

use std::{borrow::Cow, io::ErrorKind, str::FromStr, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, Connection, PgConnection, Row,
    postgres::{PgConnectOptions, PgDatabaseError},
};
use tokio::{sync::Mutex, time::timeout};

use super::{OpenError, pool::Connect};

/// Parameters of a URL that are understood; any other is refused, as who wrote it meant something.
const PARAMETERS: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// What tells one session from another.
const SESSION: &str = "select pid, (extract(epoch from backend_start) * 1000000)::bigint
    from pg_stat_activity where pid = pg_backend_pid()";

/// Whether a session is ours, or a pooler gives us another one for each transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sessions {
    Ours,
    ByTransaction,
}

/// The session that ends what others left running, once it was needed. There is one, so that however many clients
/// hang up at once, the server has this one session more than there are places.
type Warden = Arc<Mutex<Option<PgConnection>>>;

/// How long the warden may take to do its work, before another is begun; and how long is waited for a session's end,
/// before it is told again.
const TOLD_WITHIN: Duration = Duration::from_millis(500);
/// How long all of it may take, with a warden that is made anew: a word that a network lost is said again by then.
const TRIED_FOR: Duration = Duration::from_secs(2);

pub(super) struct Connector {
    options: PgConnectOptions,
    sessions: Sessions,
    warden: Warden,
    /// How long the server works on one statement at most, also when nobody waits for it any more.
    longest: Option<Duration>,
}

/// A connection, and which session it is there.
pub(super) struct Session {
    pub(super) connection: PgConnection,
    name: Name,
}

/// A session's name on its server: the number of its process, and when it began, in microseconds, where that is
/// told. Another server, or the same one later, has that number for somebody else.
type Name = (i32, Option<i64>);

impl Connect for Connector {
    type Connection = Session;

    async fn connect(&self) -> Result<Session, sqlx::Error> {
        let mut connection = self.options.connect().await?;
        if self.sessions == Sessions::Ours {
            // By statements, not by `options` at the start of the session, which a pooler refuses.
            // A server that knows how is told to look whether its client is still there: else what a program ran that
            // was killed runs on, and holds the writers' lock.
            let limits = format!(
                "set statement_timeout = {}; set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '60s';
                 select set_config('client_connection_check_interval', '2s', false)
                 where current_setting('server_version_num')::int >= 140000",
                self.longest.map_or(0, |longest| longest.as_millis())
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(limits))
                .execute(&mut connection)
                .await?;
        }
        let name = name(&mut connection).await?;
        Ok(Session { connection, name })
    }

    async fn is_alive(&self, session: &mut Session) -> bool {
        session.connection.ping().await.is_ok()
    }

    async fn end(&self, session: Session) {
        // It is idle: whether the server hears of it changes nothing.
        drop(session.connection.close().await);
    }

    async fn cut_short(&self, mut session: Session) -> Option<Session> {
        if self.sessions == Sessions::ByTransaction {
            // The pooler ends what its client left, and how many sessions there are it counts itself.
            return None;
        }
        loop {
            match timeout(TRIED_FOR, self.told_to_end(session.name)).await {
                Ok(Ok(Told::NoSuchSession)) => break,
                Ok(Err(error)) if is_of_no_server(&error) => return None,
                // A session may be at what cannot be cut short, as a disk that hangs; a server may have none to spare for
                // this, or not be heard. That may be over in a moment.
                _ => {}
            }
            if timeout(TOLD_WITHIN, ended(&mut session.connection)).await.is_ok() {
                break;
            }
        }
        drop(session);
        timeout(TRIED_FOR, self.connect()).await.ok()?.ok()
    }
}

/// What came of telling a session to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Itself,
    NoSuchSession,
}

impl Connector {
    async fn told_to_end(&self, name: Name) -> Result<Told, sqlx::Error> {
        let mut kept = self.warden.lock().await;
        // Taken out, so that one is not kept that was given up halfway. One that knows of no such session may be
        // another server's than the one that the address leads to now.
        if let Some(mut warden) = kept.take()
            && let Ok(Ok(Told::Itself)) = timeout(TOLD_WITHIN, tell(&mut warden, name)).await
        {
            *kept = Some(warden);
            return Ok(Told::Itself);
        }
        let mut warden = self.options.connect().await?;
        let told = tell(&mut warden, name).await?;
        if told == Told::Itself {
            *kept = Some(warden);
        }
        Ok(told)
    }
}

/// Tells a session to end, by its whole name: what has its number may be somebody else's.
async fn tell(warden: &mut PgConnection, (process, begun): Name) -> Result<Told, sqlx::Error> {
    let begun = begun.map_or("null".to_owned(), |begun| begun.to_string());
    let end = format!(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where pid = {process} and (extract(epoch from backend_start) * 1000000)::bigint is not distinct from {begun}"
    );
    let found = sqlx::raw_sql(sqlx::AssertSqlSafe(end))
        .fetch_optional(warden)
        .await?;
    Ok(found.map_or(Told::NoSuchSession, |_| Told::Itself))
}

/// Whether nothing listens there: a server that is not there runs nothing. Whatever else may have happened on the way
/// to it says nothing of what it does.
fn is_of_no_server(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound))
}

/// Waits until a session is no more on the server, which says why it ends, and then nothing. However the connection
/// was left, it is asked no more often than it takes to hear that.
async fn ended(connection: &mut PgConnection) {
    for _ in 0..8 {
        if let Err(sqlx::Error::Io(_)) = connection.ping().await {
            return;
        }
    }
}

/// A server, as its URL says.
pub(super) struct Place {
    options: PgConnectOptions,
    pub(super) sessions: Sessions,
    warden: Warden,
}

impl Place {
    pub(super) fn of(url: &str) -> Result<Self, OpenError> {
        // Read on, it would take a part of the password for the host, and print it as such.
        let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
        if after_scheme
            .split_once(['/', '?', '#'])
            .is_some_and(|(_, rest)| rest.contains('@'))
        {
            return Err(OpenError::Unencoded);
        }
        let (url, sessions) = understood(url)?;
        let options = PgConnectOptions::from_str(&url)
            .map_err(OpenError::Url)?
            // A parameter that poolers do not know; no floating point number passes through here.
            .extra_float_digits(None);
        let options = if url.contains("application_name=") {
            options
        } else {
            options.application_name("pledgebook")
        };
        let options = match sessions {
            Sessions::Ours => options,
            // A statement that was prepared in one session is unknown to the next.
            Sessions::ByTransaction => options.statement_cache_capacity(0),
        };
        Ok(Self {
            options,
            sessions,
            warden: Warden::default(),
        })
    }

    /// Where it is, without user and password.
    pub(super) fn address(&self) -> String {
        match self.options.get_socket() {
            Some(socket) => socket.display().to_string(),
            None => format!("{}:{}", self.options.get_host(), self.options.get_port()),
        }
    }

    pub(super) fn connector(&self, longest: Option<Duration>) -> Connector {
        Connector {
            options: self.options.clone(),
            sessions: self.sessions,
            warden: self.warden.clone(),
            longest,
        }
    }

    /// Whether two connections really are two sessions, each the same one all the time. Behind a pooler that lends
    /// sessions by the transaction, the second one meets the statement that the first has prepared; or, where the
    /// pooler sees to prepared statements, the first one's session itself.
    pub(super) async fn is_lent(&self) -> Result<bool, sqlx::Error> {
        if self.sessions == Sessions::ByTransaction {
            return Ok(false);
        }
        let mut connections = [self.options.connect().await?, self.options.connect().await?];
        let mut sessions = [None, None];
        for _ in 0..3 {
            for (connection, known) in connections.iter_mut().zip(&mut sessions) {
                let outcome = sqlx::query_as::<_, Name>(SESSION)
                    .fetch_one(&mut *connection)
                    .await;
                match outcome {
                    Err(error) if is_about_a_prepared_statement(&error) => return Ok(true),
                    Err(error) => return Err(error),
                    Ok(session) if known.as_ref().is_some_and(|known| *known != session) => return Ok(true),
                    Ok(session) => *known = Some(session),
                }
            }
        }
        let [one, other] = sessions;
        for connection in connections {
            connection.close().await?;
        }
        Ok(one.is_some() && one == other)
    }
}

impl Place {
    /// Whether a pooler that is said to lend its sessions by the transaction lends them by the statement: then it ends one
    /// that begins a transaction, with `protocol_violation`.
    pub(super) async fn is_lent_by_the_statement(&self) -> Result<bool, sqlx::Error> {
        if self.sessions == Sessions::Ours {
            return Ok(false);
        }
        let mut connection = self.options.connect().await?;
        match sqlx::raw_sql("begin").execute(&mut connection).await {
            Err(sqlx::Error::Database(refused)) if refused.code().as_deref() == Some("08P01") => Ok(true),
            Err(error) => Err(error),
            Ok(_) => connection.close().await.map(|()| false),
        }
    }
}

/// `duplicate_prepared_statement`, `invalid_sql_statement_name`.
fn is_about_a_prepared_statement(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
        .is_some_and(|error| matches!(error.code(), "42P05" | "26000"))
}

/// The name of a connection's session; asked without a prepared statement, which a pooler may not know.
async fn name(connection: &mut PgConnection) -> Result<Name, sqlx::Error> {
    let row = sqlx::raw_sql(SESSION).fetch_one(connection).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// The URL without what is ours in it, and with a host where `host=` says one; refused where a parameter is not known.
fn understood(url: &str) -> Result<(Cow<'_, str>, Sessions), OpenError> {
    let (rest, query) = url.split_once('?').unwrap_or((url, ""));
    let mut sessions = Sessions::Ours;
    let mut kept = Vec::new();
    let mut names_a_host = false;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match (name, value) {
            ("pooler", "transaction") => sessions = Sessions::ByTransaction,
            ("pooler", "session") => {}
            ("pooler", _) => {
                return Err(OpenError::Parameter(
                    "pooler is transaction or session, whichever the pooler lends".into(),
                ));
            }
            _ if PARAMETERS.contains(&name)
                || name.starts_with("options[")
                || name.starts_with("options%5B") =>
            {
                names_a_host |= name == "host" || name == "hostaddr";
                kept.push(parameter);
            }
            _ => {
                return Err(OpenError::Parameter(format!(
                    "{name} is no parameter of a Postgres URL; these are: {}, pooler",
                    PARAMETERS.join(", ")
                )));
            }
        }
    }
    if sessions == Sessions::ByTransaction && kept.iter().any(|it| it.starts_with("statement-cache-capacity"))
    {
        return Err(OpenError::Parameter(
            "statement-cache-capacity does not go with pooler=transaction, where nothing is prepared".into(),
        ));
    }
    // `postgres://user@/database?host=/run/postgresql` is a URL to everyone but to the URL standard.
    let rest = match rest.split_once("://") {
        Some((scheme, after)) if names_a_host => {
            let (authority, path) = after.find('/').map_or((after, ""), |at| after.split_at(at));
            let host = authority.rsplit('@').next().unwrap_or_default();
            if host.is_empty() {
                format!("{scheme}://{authority}localhost{path}")
            } else {
                rest.to_owned()
            }
        }
        _ => rest.to_owned(),
    };
    let url = if kept.is_empty() {
        rest
    } else {
        format!("{rest}?{}", kept.join("&"))
    };
    Ok((url.into(), sessions))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_may_name_its_host_behind_the_database() {
        let of = |url: &str| {
            Place::of(url).map(|place| (place.address(), place.options.get_database().map(str::to_owned)))
        };
        let (address, database) = of("postgres://u@/db?host=/run/pg").unwrap();
        assert_eq!((address.as_str(), database.as_deref()), ("/run/pg", Some("db")));
        let (address, _) = of("postgres:///db?host=127.0.0.1&port=6543").unwrap();
        assert_eq!(address, "127.0.0.1:6543");
        assert_eq!(of("postgres://u:p%40w@h:1/db").unwrap().0, "h:1");
    }

    #[test]
    fn a_parameter_that_is_not_known_is_refused() {
        for bad in [
            "sslmod=require",
            "pooler=statement",
            "pool_mode=transaction",
            "pooler=transaction&statement-cache-capacity=100",
            "statement-cache-capacity=0&pooler=transaction",
        ] {
            let url = format!("postgres://u@h/db?{bad}");
            assert!(matches!(Place::of(&url), Err(OpenError::Parameter(_))), "{bad}");
        }
        assert!(Place::of("postgres://u@h/db?statement-cache-capacity=10&pooler=session").is_ok());
        assert_eq!(
            Place::of("postgres://u@h/db?pooler=transaction")
                .unwrap()
                .sessions,
            Sessions::ByTransaction
        );
        assert!(matches!(
            Place::of("postgres://u:a/b@h/db"),
            Err(OpenError::Unencoded)
        ));
    }
}
