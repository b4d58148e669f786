//! Accepts connections, answers on them, and stops without dropping what is under way.
//!
//! An accept loop of our own, as `axum::serve` sets no limit on how long a
//! client may take over its request's head, nor on how many may be connected:
//! either lets a handful of idle sockets exhaust the process. Who gives way when all
//! places are taken, and why: docs/decisions/0032.

mod entry;
pub mod handles;
mod places;
mod stop;
mod unread;
mod wire;

use std::{convert::Infallible, fmt, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{extract::Request, http::HeaderMap, response::Response};
use futures_util::FutureExt;
use hyper::{body::Incoming, server::conn::http1, service::Service};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinSet, unconstrained},
    time::{Instant, sleep_until, timeout},
};

pub use stop::{Asked, Stop};

use crate::{
    cache::Front,
    gate::Gate,
    web::{
        base::Base,
        client::TrustedProxies,
        host::{AllowedHosts, Named},
        layers,
        quota::Quota,
        traffic::Traffic,
    },
};
use entry::{Entry, Flushed, State};
use places::{ARRIVING, Place, Places};
use unread::End;
use wire::Wire;

/// How long a client may take over a request's head; also how long a kept-open connection may idle.
const HEAD_WITHIN: Duration = Duration::from_secs(10);

/// What is read of a head before it is given up, in bytes and in headers. Both lie above what the app takes, so that
/// whoever is over that is answered by the app; whoever is over these is answered here.
const LARGEST_HEAD: usize = 128 * 1024;

/// What a connection reads ahead at the most, in bytes: a head, or some of a body. It has that for as long as it lasts, so
/// there may be as much of it as there are connections.
const BUFFERED: usize = LARGEST_HEAD + 8 * 1024;

/// A pause after a failed accept: what is short (file descriptors, memory) comes back with time, not with haste.
const BREATH: Duration = Duration::from_millis(500);

/// How long whoever comes waits for a place before they are told that there is none.
const PLACE_WITHIN: Duration = Duration::from_secs(1);

/// How long the stop waits for the next request of a connection that is kept open, or the rest of its head: what its client sends in
/// that moment was on its way before anybody could know, and is answered. Also how long whoever was told that there is no place for
/// them is heard out.
const HALF_A_HEAD: Duration = Duration::from_millis(250);

/// How long whoever was answered before all that they send was read is heard out: a connection that is closed on what is still
/// on its way is reset, and its client may never see why. Many look for an answer only once they have sent all. Meanwhile it is
/// idle, and gives way.
const HEARD_OUT: Duration = Duration::from_secs(10);
/// How much of it is heard at the most, in bytes: twice the largest body that is read.
const MOST_HEARD: usize = 128 * 1024 * 1024;
const HEARD_AT_ONCE: usize = 64 * 1024;
/// How long a stop waits for that.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);

/// How long those that are cut off may take over it.
const CUT_WITHIN: Duration = Duration::from_secs(1);

/// How many may wait in the kernel's queue, where the system allows it. Whoever comes when it is full is not heard, and comes again
/// after a second: so it holds more than ever give way in a moment.
const QUEUE: u16 = 4096;

/// Who is let in, and how the server stops.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Beyond these, whoever has been idle longest gives way; where nobody is idle, whoever comes waits.
    pub max_connections: usize,
    /// Of one IPv4 address, or of the first 64 bits of an IPv6 address.
    pub max_connections_per_client: usize,
    pub trusted_proxies: TrustedProxies,
    pub allowed_hosts: AllowedHosts,
    /// Where clients find the register; where that is not said, a trusted proxy may say below which path.
    pub public: Option<Base>,
    /// How much one client may ask, and one key; none, as much as they like.
    pub quota: Option<Quota>,
    /// How long all goes on once it is asked to drain, but for `/readyz`.
    pub drain_delay: Duration,
    /// How long what is in flight may go on once nobody is let in any more.
    pub shutdown_timeout: Duration,
    /// Whoever watches over the register asks every few seconds: that is logged at debug.
    pub quiet: bool,
}

impl Policy {
    /// An office behind one address has some forty browsers, of six connections each; forty such offices are far from what
    /// there is room for.
    pub const MAX_CONNECTIONS_PER_CLIENT: usize = 256;
    pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

    /// Where the client of a request finds the register.
    fn base(&self, peer: SocketAddr, headers: &HeaderMap) -> Base {
        match &self.public {
            Some(public) => public.clone(),
            None if self.trusted_proxies.speaks_for_others(peer) => Base::forwarded(headers),
            None => Base::default(),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_connections: 1024,
            max_connections_per_client: Self::MAX_CONNECTIONS_PER_CLIENT,
            trusted_proxies: TrustedProxies::default(),
            allowed_hosts: AllowedHosts::default(),
            public: None,
            quota: None,
            drain_delay: Duration::ZERO,
            shutdown_timeout: Self::SHUTDOWN_TIMEOUT,
            quiet: false,
        }
    }
}

/// Whoever answers.
pub trait Answers:
    Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send + Unpin>
    + Clone
    + Send
    + Unpin
    + 'static
{
    /// What is under way is cut off: nothing of it is kept from now on.
    fn cut(&self) {}
}

impl Answers for Gate {
    fn cut(&self) {
        self.keep_nothing_more();
    }
}

impl Answers for Front {
    fn cut(&self) {
        self.keep_nothing_more();
    }
}

/// Answers on `listener` until it is asked to stop, then lets what is in flight finish, for so long as the policy says; asked
/// again meanwhile, it ends at once. Who comes and what is asked is counted in `traffic`.
#[expect(
    clippy::too_many_lines,
    reason = "who comes, in which order, is one loop over what it knows"
)]
pub async fn serve<S: Answers>(
    listener: TcpListener,
    answers: S,
    policy: Policy,
    traffic: Traffic,
    stop: &mut Stop,
) -> Result<(), Cut> {
    let http = protocol();
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(&listener).listen(QUEUE.into()) {
        tracing::debug!(%error, "the queue of connections could not be made longer");
    }
    let policy = Arc::new(policy);
    let state = Arc::new(State::new(traffic, &policy));
    let places = Places::new(policy.max_connections, policy.max_connections_per_client);
    let stopping = watch::Sender::new(());
    // Dropped at the end, it aborts whatever has outlived it.
    let mut connections = JoinSet::new();
    // One that was accepted, and has no place yet. All others wait in the kernel's queue, where they cost nothing.
    let mut arrived: Option<Arrived> = None;
    let mut not_before = None;
    // Nobody had a place within the time for it: whoever comes next is told so at once.
    let mut is_full = false;
    let mut drained_at = None;
    let mut is_told_again = false;
    let let_in = |connections: &mut JoinSet<()>, stream: TcpStream, peer: SocketAddr, place: Place| {
        let entry = Entry {
            answers: answers.clone(),
            policy: policy.clone(),
            state: state.clone(),
            peer,
            place: place.clone(),
            named: Named::default(),
            flushed: Flushed::default(),
        };
        // Whoever stops reading would hold a place among the connections, and the answer, for good.
        let wire = TokioIo::new(Wire::new(stream, entry.flushed.clone()));
        connections.spawn(attend(
            http.serve_connection(wire, entry),
            place,
            state.traffic.clone(),
            policy.shutdown_timeout,
            stopping.subscribe(),
        ));
    };
    loop {
        let client = arrived
            .as_ref()
            .and_then(|it| policy.trusted_proxies.peer(it.peer).counted_by());
        let place = tokio::select! {
            // In this order, so that a place that is there is taken.
            biased;
            asked = stop.asked() => match drained_at {
                None if asked == Asked::ToDrain && !policy.drain_delay.is_zero() => {
                    state.drain();
                    drained_at = Some(Instant::now() + policy.drain_delay);
                    tracing::info!(delay = ?policy.drain_delay, "draining: /readyz says so, everything else goes on");
                    continue;
                }
                already => {
                    is_told_again = already.is_some();
                    break;
                }
            },
            () = reached(drained_at) => break,
            // Only to let go of the finished ones.
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &mut not_before), if arrived.is_none() => {
                let within = if is_full { Duration::ZERO } else { PLACE_WITHIN };
                arrived = Some(Arrived { told_at: accepted.told_at + within, ..accepted });
                continue;
            }
            place = places.take(client), if arrived.is_some() => {
                is_full = false;
                place
            }
            () = reached(arrived.as_ref().map(|it| it.told_at)) => {
                is_full = true;
                let spare = places.spare();
                if let (None, Some(it)) = (&spare, &mut arrived) {
                    it.told_at = Instant::now() + ARRIVING;
                    continue;
                }
                spare
            }
        };
        let Some(Arrived { stream, peer, .. }) = arrived.take() else {
            continue;
        };
        let Some(place) = place else {
            tracing::debug!(client = %peer.ip(), "a client has as many connections as one may have");
            state.traffic.turned_away();
            continue;
        };
        let_in(&mut connections, stream, peer, place);
    }
    // From here on every answer says that it is its connection's last.
    state.drain();
    if !is_told_again {
        // Who has connected already may have asked.
        for Arrived { stream, peer, .. } in arrived.into_iter().chain(queued(&listener)) {
            let client = policy.trusted_proxies.peer(peer).counted_by();
            let place = places.take(client).now_or_never().flatten();
            if let Some(place) = place.or_else(|| places.spare()) {
                let_in(&mut connections, stream, peer, place);
            }
        }
    }
    // Whoever connects from now on is refused, rather than kept waiting.
    drop(listener);
    stopping.send_replace(());
    let within = policy.shutdown_timeout;
    finish(
        connections,
        &answers,
        within,
        is_told_again,
        stop,
        &state,
        &places,
    )
    .await
}

/// Lets what is in flight finish, for so long, and cuts off the rest.
async fn finish(
    mut connections: JoinSet<()>,
    answers: &impl Answers,
    within: Duration,
    mut is_told_again: bool,
    stop: &mut Stop,
    state: &State,
    places: &Places,
) -> Result<(), Cut> {
    if !is_told_again {
        let finishing = async { while connections.join_next().await.is_some() {} };
        is_told_again = tokio::select! {
            finished = tokio::time::timeout(within, finishing) => {
                if finished.is_ok() {
                    return Ok(());
                }
                false
            }
            _ = stop.asked() => true,
        };
    }
    let cut = Cut {
        requests: state.traffic.in_flight(),
        connections: places.count(),
    };
    state.cut();
    // First, as what is kept from here on nobody would hear of.
    answers.cut();
    tokio::time::timeout(CUT_WITHIN, connections.shutdown())
        .await
        .ok();
    if is_told_again {
        return Err(cut);
    }
    tracing::warn!(
        cut.requests,
        cut.connections,
        "requests in flight took too long and were dropped"
    );
    Ok(())
}

fn protocol() -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_header_size(LARGEST_HEAD)
        .max_headers(layers::MOST_HEADERS)
        .max_buf_size(BUFFERED);
    http
}

/// Stays with a connection until it ends, has to give way, or the server stops.
async fn attend<S: Answers>(
    mut connection: http1::Connection<TokioIo<Wire>, Entry<S>>,
    place: Place,
    traffic: Traffic,
    shutdown_timeout: Duration,
    mut stopping: watch::Receiver<()>,
) {
    let _connected = traffic.connected();
    let mut is_last = false;
    let mut idle_until = None;
    let mut is_asked_again = false;
    // Within what all connections have to end.
    let patience = HALF_A_HEAD.min(shutdown_timeout / 2);
    let end = loop {
        tokio::select! {
            // In this order, so that what has come is read before its connection is given up.
            biased;
            // To its end, so that all that was made is written. hyper leaves that out once where its client has asked for
            // another protocol.
            ended = &mut connection => match ended {
                Ok(()) if place.is_busy() && !is_asked_again => is_asked_again = true,
                ended => break ended.err().map(End::Failed),
            },
            () = place.has_to_give_way() => {
                traffic.gave_way();
                if !place.is_busy() {
                    tracing::debug!("an idle connection gave way to another one");
                    return;
                }
                // It was asked meanwhile: that is answered.
                Pin::new(&mut connection).graceful_shutdown();
            }
            _ = stopping.changed(), if !is_last => {
                is_last = true;
                idle_until = Some(Instant::now() + patience);
            }
            // hyper would close it at once, also on a request that it has not read yet.
            () = reached(idle_until) => {
                let now = Instant::now();
                // Of an answer that began before the stop, nobody was told that it is the last: so that counts from its end.
                let until = place.idle_since().unwrap_or(now) + patience;
                if until <= now {
                    break Some(End::Stopped);
                }
                idle_until = Some(until);
            }
        }
    };
    // Neither the stop waits for who has asked nothing, nor whoever has no place yet for who was refused one.
    let heard_out = if place.is_spare() || matches!(end, Some(End::Stopped)) {
        HALF_A_HEAD
    } else {
        HEARD_OUT
    };
    let stopped = async {
        if !is_last && stopping.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(STOPPED_WITHIN).await;
    };
    tokio::select! {
        // What is left of it does not matter.
        _ = timeout(heard_out, part(connection, end)) => {}
        () = stopped => {}
        () = place.has_to_give_way() => traffic.gave_way(),
    }
}

/// Closes a connection that has ended; of half a head, or one that cannot be read, it is told first what is wrong.
async fn part<S: Answers>(
    connection: http1::Connection<TokioIo<Wire>, Entry<S>>,
    end: Option<End>,
) -> io::Result<()> {
    let http1::Parts {
        io,
        read_buf: head,
        service: entry,
        ..
    } = connection.into_parts();
    let mut wire = io.into_inner();
    let flushed = entry.flushed.clone();
    let fault = match &end {
        None => None,
        Some(End::Failed(error)) if flushed.is_owed() => {
            tracing::debug!(%error, "a connection ended early");
            return Ok(());
        }
        // It was told so behind an answer that was still to be written.
        Some(End::Failed(error)) if unread::says_so_itself(error, &head) && !wire.has_kept_back() => {
            return hear_out(&mut wire, true).await;
        }
        Some(end) => unread::fault(&head, end),
    };
    let may_send_more = match fault {
        Some(fault) => {
            entry.refuse(&head, fault, &mut wire).await?;
            true
        }
        None => end.is_none() && (flushed.has_parted() || !head.is_empty()),
    };
    hear_out(&mut wire, may_send_more).await
}

/// Says that nothing more comes, and throws away what does, so that no reset overtakes the last answer.
async fn hear_out(wire: &mut Wire, may_send_more: bool) -> io::Result<()> {
    wire.close().await?;
    let mut into = vec![0; 4096];
    // What has come already, at the least.
    let mut heard = match wire.read(&mut into).now_or_never().transpose()? {
        Some(0) => return Ok(()),
        None if !may_send_more => return Ok(()),
        come => come.unwrap_or_default(),
    };
    into.resize(HEARD_AT_ONCE, 0);
    while heard < MOST_HEARD {
        match wire.read(&mut into).await? {
            0 => break,
            more => heard += more,
        }
    }
    Ok(())
}

async fn reached(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// What was cut off as the server stopped.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Those whose answers were not sent yet.
    pub requests: usize,
    pub connections: usize,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "told a second time to stop, it stopped at once: {} request(s) on {} connection(s) were cut off",
            self.requests, self.connections
        )
    }
}

/// Who has come, and has no place yet.
struct Arrived {
    stream: TcpStream,
    peer: SocketAddr,
    /// When they are told that there is none.
    told_at: Instant,
}

/// The next connection. None is asked for before the moment that is kept in `not_before`, as whoever waits for one may be called
/// away and come again.
async fn accept(listener: &TcpListener, not_before: &mut Option<Instant>) -> Arrived {
    loop {
        if let Some(moment) = *not_before {
            sleep_until(moment).await;
            *not_before = None;
        }
        match listener.accept().await {
            Ok((stream, peer)) => {
                let told_at = Instant::now();
                return Arrived {
                    stream,
                    peer,
                    told_at,
                };
            }
            Err(error) if is_of_the_client(&error) => {
                tracing::debug!(%error, "a client left before it was accepted");
            }
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted; trying again in a moment");
                *not_before = Some(Instant::now() + BREATH);
            }
        }
    }
}

/// Who stands in the kernel's queue, as far as that is known.
fn queued(listener: &TcpListener) -> impl Iterator<Item = Arrived> {
    let next = || unconstrained(accept(listener, &mut None)).now_or_never();
    std::iter::from_fn(next).take(QUEUE.into())
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::{Body, Bytes},
        routing::{get, post},
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::{mpsc, oneshot},
        task::JoinHandle,
    };

    use super::*;
    use crate::{
        cache::Front,
        web::{self, WINDOW, arrival::Arrival},
    };

    struct Running {
        address: std::net::SocketAddr,
        stop: mpsc::Sender<Asked>,
        server: JoinHandle<Result<(), Cut>>,
    }

    async fn running(router: Router) -> Running {
        running_by(Policy::default(), router).await
    }

    async fn running_at_most(max_connections: usize, router: Router) -> Running {
        let policy = Policy {
            max_connections,
            ..Policy::default()
        };
        running_by(policy, router).await
    }

    async fn running_by(policy: Policy, router: Router) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, asked) = mpsc::channel(1);
        let server = tokio::spawn(async move {
            let front = Front::forgetful(router);
            serve(listener, front, policy, Traffic::default(), &mut Stop(asked)).await
        });
        Running {
            address,
            stop,
            server,
        }
    }

    async fn sent(running: &Running, text: &str) -> TcpStream {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream
    }

    async fn all_of(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    const REQUEST: &str = "GET / HTTP/1.1\r\nHost: here\r\n\r\n";

    /// Answers a while after it was asked, and says when it was.
    fn slow(answer_after: Duration) -> (Router, oneshot::Receiver<()>) {
        let (asked, was_asked) = oneshot::channel();
        let asked = Arc::new(std::sync::Mutex::new(Some(asked)));
        let router = Router::new().route(
            "/",
            get(move || async move {
                asked.lock().unwrap().take().unwrap().send(()).unwrap();
                tokio::time::sleep(answer_after).await;
                "at last"
            }),
        );
        (router, was_asked)
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_never_ends_is_given_up() {
        let running = running(Router::new()).await;
        let started = Instant::now();
        let stream = sent(&running, "GET / HTTP/1.1\r\nHost: he").await;
        let answer = all_of(stream).await;
        assert_eq!(started.elapsed().as_secs(), HEAD_WITHIN.as_secs());
        is_refused(&answer, "408 Request Timeout", "head_too_slow");
    }

    /// Like any other problem, and the last of its connection.
    fn is_refused(answer: &str, status: &str, code: &str) {
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
        assert!(answer.contains(&format!("\"code\":\"{code}\"")), "{answer}");
        assert_eq!(
            answer
                .lines()
                .filter(|line| line.starts_with("HTTP/1.1 "))
                .count(),
            1,
            "{answer}"
        );
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        for line in [
            "connection: close",
            "content-type: application/problem+json",
            "x-content-type-options: nosniff",
            "access-control-allow-origin: *",
            "cache-control: no-store",
            &format!("content-length: {}", body.len()),
        ] {
            assert_eq!(
                head.lines().filter(|it| *it == line).count(),
                1,
                "{line}: {answer}"
            );
        }
        assert!(
            head.contains("\r\nx-request-id: ") && head.contains("\r\ndate: "),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn a_head_that_cannot_be_read_is_answered_in_our_words() {
        let running = running(much()).await;
        let headers = "a: b\r\n".repeat(layers::MOST_HEADERS + 1);
        let large = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(200 * 1024));
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(100 * 1024));
        let (bad, too_large) = ("400 Bad Request", "431 Request Header Fields Too Large");
        for (text, status, code, says) in [
            ("nonsense\r\n\r\n", bad, "malformed", "cannot be read"),
            ("GET / HTTP/4.0\r\n\r\n", bad, "malformed", "version"),
            ("GET / HTTP/1.1\r\nHost here\r\n\r\n", bad, "malformed", "header"),
            (
                "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                bad,
                "malformed",
                "head",
            ),
            (
                "GET /\u{e9}\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
                bad,
                "malformed",
                "percent-encoded",
            ),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", bad, "malformed", "HTTP/2"),
            ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", bad, "malformed", "TLS"),
            (
                &format!("GET / HTTP/1.1\r\n{headers}\r\n"),
                too_large,
                "head_too_large",
                "1024 headers",
            ),
            (&large, too_large, "head_too_large", "32768 bytes"),
            (&long, "414 URI Too Long", "target_too_long", "24576 bytes"),
        ] {
            let answer = all_of(sent(&running, text).await).await;
            assert!(answer.contains(says), "{says}: {answer}");
            is_refused(&answer, status, code);
            // The same behind one that can be.
            let mut behind = sent(&running, &format!("{REQUEST}{text}")).await;
            let mut first = vec![0; 12];
            behind.read_exact(&mut first).await.unwrap();
            assert_eq!(first, b"HTTP/1.1 200");
            let rest = all_of(behind).await;
            let (first, second) = rest.split_once("hello").unwrap();
            assert!(!first.contains("close"), "{rest}");
            is_refused(second, status, code);
        }
    }

    #[tokio::test]
    async fn a_body_that_is_said_to_be_too_large_is_refused_before_it_comes() {
        let router = Router::new().route("/", post(|_: web::Body| async { "read" }));
        let running = running(router).await;
        let length = 64 * 1024 * 1024;
        let head = format!(
            "POST / HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        let is_told = |answer: &str| {
            assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
            assert!(answer.contains("\"code\":\"body_too_large\""), "{answer}");
            assert_eq!(answer.matches("connection: close\r\n").count(), 1, "{answer}");
        };
        is_told(&all_of(sent(&running, &head).await).await);
        // Whoever sends it nevertheless, and looks only then, hears the same.
        let mut stream = sent(&running, &head).await;
        stream.write_all(&vec![b' '; length]).await.unwrap();
        is_told(&all_of(stream).await);
        // Also who takes their time over it.
        let mut stream = sent(&running, &head).await;
        for _ in 0..8 {
            stream.write_all(&vec![b' '; 64 * 1024]).await.unwrap();
            tokio::time::sleep(HEARD_OUT / 10).await;
        }
        is_told(&all_of(stream).await);
    }

    #[tokio::test]
    async fn who_sends_without_end_is_not_heard_without_end() {
        let router = Router::new().route("/", post(|_: web::Body| async { "read" }));
        let running = running(router).await;
        let head = "POST / HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n";
        let mut stream = sent(&running, head).await;
        let piece = vec![b' '; 1 << 20];
        let mut taken = 0;
        while taken < 2 * MOST_HEARD && stream.write_all(&piece).await.is_ok() {
            taken += piece.len();
        }
        assert!(
            (MOST_HEARD..MOST_HEARD + MOST_HEARD / 4).contains(&taken),
            "{taken} bytes were taken"
        );
    }

    #[tokio::test]
    async fn half_a_head_is_told_where_its_client_waits_and_where_the_server_stops() {
        let running = running(much()).await;
        let mut broken = sent(&running, "GET / HTTP/1.1\r\nHost: he").await;
        broken.shutdown().await.unwrap();
        is_refused(&all_of(broken).await, "400 Bad Request", "malformed");
        let half = sent(&running, "HEAD / HTTP/1.1\r\nHost: he").await;
        let silent = sent(&running, "").await;
        let kept = sent(&running, REQUEST).await;
        kept.readable().await.unwrap();
        sleep_until(Instant::now() + Duration::from_millis(50)).await;
        running.stop.send(Asked::ToStop).await.unwrap();
        let answer = all_of(half).await;
        assert!(
            answer.starts_with("HTTP/1.1 408 ") && answer.ends_with("\r\n\r\n"),
            "{answer}"
        );
        assert_eq!(all_of(silent).await, "");
        assert!(all_of(kept).await.ends_with("hello"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_is_given_up() {
        let running = running(Router::new().route("/", get("hello"))).await;
        let started = Instant::now();
        let answer = all_of(sent(&running, REQUEST).await).await;
        assert!(answer.ends_with("hello"), "{answer}");
        assert_eq!(started.elapsed().as_secs(), HEAD_WITHIN.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_in_flight_finishes_after_the_stop() {
        let (router, was_asked) = slow(Policy::SHUTDOWN_TIMEOUT / 2);
        let running = running(router).await;
        let stream = sent(&running, REQUEST).await;
        was_asked.await.unwrap();
        running.stop.send(Asked::ToStop).await.unwrap();
        assert!(all_of(stream).await.ends_with("at last"));
        assert_eq!(running.server.await.unwrap(), Ok(()));
        assert!(TcpStream::connect(running.address).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_does_not_hold_up_the_stop() {
        let (router, was_asked) = slow(Policy::SHUTDOWN_TIMEOUT * 100);
        let running = running(router).await;
        let stream = sent(&running, REQUEST).await;
        was_asked.await.unwrap();
        let told = Instant::now();
        running.stop.send(Asked::ToStop).await.unwrap();
        assert_eq!(running.server.await.unwrap(), Ok(()));
        assert_eq!(told.elapsed().as_secs(), Policy::SHUTDOWN_TIMEOUT.as_secs());
        assert_eq!(all_of(stream).await, "");
    }

    #[tokio::test(start_paused = true)]
    async fn told_a_second_time_it_stops_at_once_and_says_what_it_cut_off() {
        let (router, was_asked) = slow(Policy::SHUTDOWN_TIMEOUT / 2);
        let router = router.route("/endless", get(|| async { Body::from_stream(endless()) }));
        let running = running(router).await;
        let in_flight = sent(&running, REQUEST).await;
        was_asked.await.unwrap();
        // Its head was answered; its body is on its way.
        let mut on_its_way = sent(&running, "GET /endless HTTP/1.1\r\nHost: here\r\n\r\n").await;
        on_its_way.read_exact(&mut [0; 15]).await.unwrap();
        // A head that breaks off is no request yet.
        let half = sent(&running, "GET / HTTP/1.1\r\nHost: he").await;
        let told = Instant::now();
        running.stop.send(Asked::ToStop).await.unwrap();
        running.stop.send(Asked::ToStop).await.unwrap();
        let cut = running.server.await.unwrap().unwrap_err();
        assert_eq!((cut.requests, told.elapsed()), (2, Duration::ZERO));
        assert!((2..=3).contains(&cut.connections), "{cut}");
        assert!(cut.to_string().contains("2 request(s) on"), "{cut}");
        assert_eq!(all_of(in_flight).await, "");
        drop((on_its_way, half));
    }

    /// A body that never ends, and never has any more to send.
    fn endless() -> impl futures_util::Stream<Item = io::Result<Bytes>> {
        futures_util::StreamExt::chain(
            futures_util::stream::iter([Ok(Bytes::from_static(b"the beginning"))]),
            futures_util::stream::pending(),
        )
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_pauses_is_answered_and_its_connection_closed() {
        let router = Router::new().route("/", post(|_: web::Body| async { "read" }));
        let running = running(router).await;
        let begun =
            "POST / HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
        let started = Instant::now();
        let answer = all_of(sent(&running, begun).await).await;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\"code\":\"body_too_slow\""), "{answer}");
        let says = answer.to_ascii_lowercase();
        assert_eq!(says.matches("connection: close\r\n").count(), 1, "{answer}");
        // No longer than the pause: it is not kept open for another request, nor for the rest.
        assert_eq!(started.elapsed().as_secs(), 20);
    }

    /// Answers `/` at once, and `/all` with more than any client and all that is on the way can hold.
    fn much() -> Router {
        let all = || async {
            let piece = Bytes::from(vec![b'x'; 1024 * 1024]);
            Body::from_stream(futures_util::stream::repeat_with(move || {
                io::Result::Ok(piece.clone())
            }))
        };
        Router::new().route("/", get("hello")).route("/all", get(all))
    }

    const ALL: &str = "GET /all HTTP/1.1\r\nHost: here\r\n\r\n";

    /// Takes what has arrived, without waiting for more; none once the connection has ended.
    fn taken(stream: &TcpStream) -> Option<usize> {
        let mut into = vec![0; 64 * 1024];
        let mut taken = 0;
        // No more than this, as there is no end.
        while taken < 64 * 1024 * 1024 {
            match stream.try_read(&mut into) {
                Ok(0) => return None,
                Ok(length) => taken += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return None,
            }
        }
        Some(taken)
    }

    #[tokio::test]
    async fn an_answer_comes_whole_also_where_the_body_of_its_request_is_not_read() {
        const MUCH: usize = 1 << 20;
        let running = running(Router::new().route("/", get(|| async { vec![b'x'; MUCH] }))).await;
        for body in [
            "Content-Length: 100000\r\n\r\nbegun",
            "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n",
            "Upgrade: h2c\r\nContent-Length: 1000\r\n\r\nbegun",
            "Content-Length: 2\r\n\r\n{}",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        ] {
            let head = REQUEST.trim_end();
            let mut stream = sent(&running, &format!("{head}\r\n{body}")).await;
            // Slower than it is made.
            tokio::time::sleep(Duration::from_millis(100)).await;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            assert!(answer.len() > MUCH, "{body:?}: {}", answer.len());
        }
    }

    #[tokio::test]
    async fn each_of_many_that_come_at_once_is_answered_in_its_turn() {
        const MANY: usize = 2_000;
        let router = Router::new().route("/", post(|body: Bytes| async move { body }));
        let running = running(router).await;
        let body = "#".repeat(200);
        let ask =
            |last: &str| format!("POST / HTTP/1.1\r\nHost: here\r\n{last}Content-Length: 200\r\n\r\n{body}");
        let many = ask("").repeat(MANY) + &ask("Connection: close\r\n");
        let stream = TcpStream::connect(running.address).await.unwrap();
        let (reads, mut writes) = stream.into_split();
        let writing = tokio::spawn(async move { writes.write_all(many.as_bytes()).await.map(|()| writes) });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut answers = String::new();
        tokio::io::BufReader::new(reads)
            .read_to_string(&mut answers)
            .await
            .unwrap();
        drop(writing.await);
        assert_eq!(answers.matches("HTTP/1.1 200").count(), MANY + 1);
        assert_eq!(answers.matches('#').count(), 200 * (MANY + 1));
    }

    #[tokio::test]
    async fn a_connection_ends_behind_an_answer_to_whose_body_nobody_listened() {
        let running = running(Router::new().route("/", get("hello"))).await;
        let unread = "GET / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}";
        let answers = all_of(sent(&running, &unread.repeat(3)).await).await;
        assert_eq!(answers.matches("HTTP/1.1 200").count(), 1, "{answers}");
        assert!(
            answers.contains("connection: close") && answers.ends_with("hello"),
            "{answers}"
        );
    }

    #[tokio::test]
    async fn behind_answers_that_are_still_to_be_written_a_broken_head_is_answered_once() {
        const MANY: usize = 300;
        let router = Router::new().route("/", get(|| async { "x".repeat(200) }));
        let running = running(router).await;
        let stream = sent(&running, &(REQUEST.repeat(MANY) + "BROKEN\r\n\r\n")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let answers = all_of(stream).await;
        assert_eq!(answers.matches("HTTP/1.1 200").count(), MANY);
        assert_eq!(answers.matches("HTTP/1.1 400").count(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_of_an_answer_is_given_up_and_leaves_a_place() {
        let running = running_at_most(1, much()).await;
        let started = Instant::now();
        let idler = sent(&running, ALL).await;
        idler.readable().await.unwrap();
        let (refused, _) = asked(&running, LAST).await;
        assert!(refused.contains("overloaded"), "{refused}");
        tokio::time::sleep_until(started + WINDOW).await;
        let (answer, took) = asked(&running, LAST).await;
        assert!(answer.ends_with("hello") && took < PLACE_WITHIN, "{answer}");
        // What was on its way is all that comes.
        while taken(&idler).is_some() {
            idler.readable().await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_an_answer_slowly_is_not_given_up() {
        let running = running(much()).await;
        let slow = sent(&running, ALL).await;
        for _ in 0..5 {
            tokio::time::sleep(WINDOW * 5 / 6).await;
            assert!(taken(&slow).expect("the connection to go on") > 0);
        }
        drop(slow);
    }

    #[tokio::test]
    async fn a_large_head_comes_as_far_as_the_app_and_a_huge_one_does_not() {
        let length = |headers: axum::http::HeaderMap| async move {
            headers
                .values()
                .map(axum::http::HeaderValue::len)
                .sum::<usize>()
                .to_string()
        };
        let running = running(Router::new().route("/", get(length))).await;
        let ask = async |headers: &str| {
            let head = format!("GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n{headers}\r\n");
            let mut stream = TcpStream::connect(running.address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            all_of(stream).await
        };
        let large = ask(&format!("a: {}\r\n", "x".repeat(LARGEST_HEAD / 2))).await;
        assert!(
            large.ends_with(&(LARGEST_HEAD / 2 + "hereclose".len()).to_string()),
            "{large}"
        );
        let many: Vec<_> = (2..layers::MOST_HEADERS)
            .map(|number| format!("h{number}: x\r\n"))
            .collect();
        let many = many.concat();
        let answer = ask(&many).await;
        assert!(
            answer.ends_with(&(layers::MOST_HEADERS - 2 + "hereclose".len()).to_string()),
            "{answer}"
        );
        for too_much in [
            format!("{many}one-more: x\r\n"),
            format!("a: {}\r\n", "x".repeat(LARGEST_HEAD)),
        ] {
            let answer = ask(&too_much).await;
            is_refused(&answer, "431 Request Header Fields Too Large", "head_too_large");
        }
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_hold_up_the_stop() {
        let running = running(Router::new()).await;
        let stream = sent(&running, "").await;
        let told = Instant::now();
        running.stop.send(Asked::ToStop).await.unwrap();
        assert_eq!(running.server.await.unwrap(), Ok(()));
        assert!(told.elapsed() < Policy::SHUTDOWN_TIMEOUT / 2);
        drop(stream);
    }

    #[tokio::test]
    async fn what_is_asked_in_the_moment_of_the_stop_is_answered() {
        let router = Router::new().route("/", get("hello")).route(
            "/long",
            get(|| async {
                tokio::time::sleep(HALF_A_HEAD * 2).await;
                "hello"
            }),
        );
        let running = running(router).await;
        let long = REQUEST.replace("GET /", "GET /long");
        let (kept, new) = (sent(&running, REQUEST).await, sent(&running, "").await);
        let (idle, busy) = (sent(&running, REQUEST).await, sent(&running, &long).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
        running.stop.send(Asked::ToStop).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        for (mut stream, before) in [(kept, 1), (new, 0)] {
            stream.write_all(REQUEST.as_bytes()).await.unwrap();
            let answers = all_of(stream).await;
            assert_eq!(answers.matches("hello").count(), before + 1, "{answers}");
            assert_eq!(answers.matches("connection: close").count(), 1, "{answers}");
        }
        // Nobody waits for who asks nothing more.
        assert_eq!(all_of(idle).await.matches("hello").count(), 1);
        let answer = all_of(busy).await;
        assert!(
            answer.contains("connection: close") && answer.ends_with("hello"),
            "{answer}"
        );
        assert_eq!(running.server.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn behind_an_answer_that_began_before_the_stop_one_more_is_answered() {
        let router = Router::new().route("/", get("hello")).route(
            "/long",
            get(|| async {
                let end = async {
                    tokio::time::sleep(HALF_A_HEAD * 2).await;
                    io::Result::Ok(Bytes::from_static(b"the end"))
                };
                let begun = futures_util::stream::iter([Ok(Bytes::from_static(b"begun"))]);
                Body::from_stream(futures_util::StreamExt::chain(
                    begun,
                    futures_util::stream::once(end),
                ))
            }),
        );
        let running = running(router).await;
        let mut stream = sent(&running, &REQUEST.replace("GET /", "GET /long")).await;
        let mut first = Vec::new();
        while !first.ends_with(b"begun\r\n") {
            first.push(stream.read_u8().await.unwrap());
        }
        running.stop.send(Asked::ToStop).await.unwrap();
        while !first.ends_with(b"0\r\n\r\n") {
            first.push(stream.read_u8().await.unwrap());
        }
        // Nothing of it said that it is the last.
        assert!(!String::from_utf8_lossy(&first).contains("connection: close"));
        stream.write_all(REQUEST.as_bytes()).await.unwrap();
        let answer = all_of(stream).await;
        assert!(
            answer.contains("connection: close") && answer.ends_with("hello"),
            "{answer}"
        );
        assert_eq!(running.server.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn half_a_head_does_not_hold_up_the_stop() {
        let running = running(Router::new()).await;
        let stream = sent(&running, "GET / HTTP/1.1\r\nHost: he").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let told = Instant::now();
        running.stop.send(Asked::ToStop).await.unwrap();
        assert_eq!(running.server.await.unwrap(), Ok(()));
        assert!(told.elapsed() < Policy::SHUTDOWN_TIMEOUT / 4);
        drop(stream);
    }

    /// What is answered to a request without a body, and when.
    async fn asked(running: &Running, text: &str) -> (String, Duration) {
        let begun = Instant::now();
        let answer = all_of(sent(running, text).await).await;
        (answer, begun.elapsed())
    }

    const LAST: &str = "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";

    #[tokio::test]
    async fn idle_connections_and_half_heads_give_way_to_who_asks() {
        let running = running_at_most(4, Router::new().route("/", get("hello"))).await;
        let mut held = Vec::new();
        for text in ["", "GET / HT", "", "GET / HTTP/1.1\r\nHost: he"].repeat(3) {
            held.push(sent(&running, text).await);
        }
        for _ in 0..5 {
            let (answer, took) = asked(&running, LAST).await;
            assert!(answer.ends_with("hello"), "{answer}");
            assert!(took < Duration::from_secs(2), "{took:?}");
        }
        // Those that came first have gone first, without a word.
        for stream in held.drain(..8) {
            assert_eq!(all_of(stream).await, "");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn where_all_are_asking_one_more_waits_a_second_for_a_place() {
        let (router, was_asked) = slow(PLACE_WITHIN / 2);
        let running = running_at_most(1, router.route("/other", get("other"))).await;
        let first = sent(&running, REQUEST).await;
        was_asked.await.unwrap();
        let (answer, took) = asked(&running, &LAST.replace("GET /", "GET /other")).await;
        assert!(answer.ends_with("other") && took >= PLACE_WITHIN / 2, "{answer}");
        // The first one was answered whole, and then gave way.
        assert!(all_of(first).await.ends_with("at last"));
    }

    #[tokio::test]
    async fn who_has_no_place_by_then_is_told_so_and_that_it_is_well() {
        let (router, was_asked) = slow(Duration::from_secs(30));
        let router = router
            .route("/other", get("other"))
            .route("/healthz", get("alive"));
        let running = running_at_most(1, router).await;
        let _first = sent(&running, REQUEST).await;
        was_asked.await.unwrap();
        for (path, status, end) in [("/other", "503", "}\n"), ("/healthz", "200", "alive")] {
            let (answer, _) = asked(&running, &LAST.replace("GET /", &format!("GET {path}"))).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.ends_with(end),
                "{answer}"
            );
            assert_eq!(
                status == "503",
                answer.contains("\"code\":\"overloaded\""),
                "{answer}"
            );
            assert!(answer.contains("connection: close"), "{answer}");
        }
    }

    #[tokio::test]
    async fn many_who_find_no_place_are_told_together() {
        let (router, was_asked) = slow(Duration::from_secs(30));
        let running = running_at_most(1, router).await;
        let _first = sent(&running, REQUEST).await;
        was_asked.await.unwrap();
        let answers = (0..20).map(|_| asked(&running, LAST));
        for (answer, took) in futures_util::future::join_all(answers).await {
            assert!(answer.contains("overloaded"), "{answer}");
            // One after another, it would be twenty times that.
            assert!(took < 5 * PLACE_WITHIN, "{took:?}");
        }
    }

    #[tokio::test]
    async fn a_request_names_one_host_and_where_they_are_said_one_of_ours() {
        let policy = Policy {
            allowed_hosts: AllowedHosts::parse("here").unwrap(),
            ..Policy::default()
        };
        let router = Router::new()
            .route("/", get("hello"))
            .route("/healthz", get("alive"));
        let running = running_by(policy, router).await;
        let head =
            |path: &str, hosts: &str| format!("GET {path} HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        for (path, hosts) in [
            ("/", ""),
            ("/", "Host: here\r\nHost: here\r\n"),
            ("/", "Host: a b\r\n"),
            ("/", "Host: there\r\n"),
            ("/healthz", ""),
        ] {
            let (answer, _) = asked(&running, &head(path, hosts)).await;
            assert!(answer.starts_with("HTTP/1.1 400 "), "{hosts}: {answer}");
            assert!(answer.contains("\"code\":\"bad_host\""), "{answer}");
            assert!(
                answer.contains("\"request_id\":\"") && answer.contains("x-request-id: "),
                "{answer}"
            );
        }
        for (path, hosts) in [
            ("/", "Host: Here:80\r\n"),
            ("/healthz", "Host: 10.0.0.1:8080\r\n"),
        ] {
            let (answer, _) = asked(&running, &head(path, hosts)).await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{hosts}: {answer}");
        }
    }

    /// Answers with who asks, after a while.
    fn whom(answer_after: Duration) -> Router {
        let says = move |request: Request| async move {
            tokio::time::sleep(answer_after).await;
            let arrival = Arrival::get(&request);
            arrival
                .map(|arrival| arrival.client().to_string())
                .unwrap_or_default()
        };
        Router::new().route("/", get(says))
    }

    #[tokio::test(start_paused = true)]
    async fn behind_a_proxy_each_client_has_so_many_requests_at_once() {
        let policy = Policy {
            max_connections_per_client: 2,
            trusted_proxies: TrustedProxies::parse("127.0.0.1").unwrap(),
            ..Policy::default()
        };
        let running = running_by(policy, whom(Duration::from_secs(1))).await;
        let ask = async |forwarded: &str| {
            let text = LAST.replace("\r\n\r\n", &format!("\r\nX-Forwarded-For: {forwarded}\r\n\r\n"));
            asked(&running, &text).await.0
        };
        let one = "192.0.2.1";
        // What it made up itself is no other client.
        let [forged, other_forged] = [77, 78].map(|made_up| format!("192.0.2.{made_up}, {one}"));
        let (a, b, c, other) = tokio::join!(ask(one), ask(&forged), ask(&other_forged), ask("192.0.2.2"));
        let answers = [a, b, c];
        let refused: Vec<_> = answers
            .iter()
            .filter(|it| it.contains("too_many_connections"))
            .collect();
        assert!(
            refused.len() == 1 && refused[0].starts_with("HTTP/1.1 429 "),
            "{answers:?}"
        );
        assert!(refused[0].contains("retry-after: "), "{answers:?}");
        assert_eq!(
            answers.iter().filter(|it| it.ends_with(one)).count(),
            2,
            "{answers:?}"
        );
        assert!(other.ends_with("192.0.2.2"), "{other}");
        assert!(ask(one).await.ends_with(one));
    }

    #[tokio::test]
    async fn how_it_fares_is_told_whatever_a_client_behind_a_proxy_holds() {
        let policy = Policy {
            max_connections_per_client: 1,
            trusted_proxies: TrustedProxies::parse("127.0.0.1").unwrap(),
            ..Policy::default()
        };
        let (router, was_asked) = slow(Duration::from_secs(30));
        let router = router
            .route("/other", get("other"))
            .route("/healthz", get("alive"))
            .route("/readyz", get("ready"));
        let running = running_by(policy, router).await;
        let of_one = |text: &str| text.replace("\r\n\r\n", "\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n");
        let _all_of_it = sent(&running, &of_one(REQUEST)).await;
        was_asked.await.unwrap();
        for (asked_for, status, says) in [
            ("GET /other", "429", "too_many_connections"),
            ("GET /healthz", "200", "alive"),
            ("GET /readyz", "200", "ready"),
            ("HEAD /healthz", "200", ""),
            ("POST /healthz", "429", "too_many_connections"),
        ] {
            let (answer, _) = asked(&running, &of_one(&LAST.replace("GET /", asked_for))).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.contains(says),
                "{asked_for}: {answer}"
            );
        }
    }

    #[tokio::test]
    async fn nobody_is_believed_who_is_no_trusted_proxy() {
        let running = running(whom(Duration::ZERO)).await;
        let text = LAST.replace(
            "\r\n\r\n",
            "\r\nX-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\n\r\n",
        );
        assert!(asked(&running, &text).await.0.ends_with("127.0.0.1"));
    }

    #[tokio::test(start_paused = true)]
    async fn asked_to_drain_it_goes_on_and_says_that_it_will_not() {
        let delay = Duration::from_secs(2);
        let policy = Policy {
            drain_delay: delay,
            ..Policy::default()
        };
        let router = Router::new()
            .route("/", get("hello"))
            .route("/readyz", get("ready"));
        let running = running_by(policy, router).await;
        let ready = LAST.replace("GET /", "GET /readyz");
        assert!(asked(&running, &ready).await.0.ends_with("ready"));
        let told = Instant::now();
        running.stop.send(Asked::ToDrain).await.unwrap();
        tokio::task::yield_now().await;
        let (answer, _) = asked(&running, &ready).await;
        assert!(
            answer.starts_with("HTTP/1.1 503 ") && answer.contains("\"code\":\"draining\""),
            "{answer}"
        );
        assert!(answer.contains("retry-after: "), "{answer}");
        // Everything else is answered, and whoever comes again comes anew.
        let (answer, _) = asked(&running, REQUEST).await;
        assert!(
            answer.contains("connection: close") && answer.ends_with("hello"),
            "{answer}"
        );
        assert_eq!(running.server.await.unwrap(), Ok(()));
        assert_eq!(told.elapsed().as_millis(), delay.as_millis());
        assert!(TcpStream::connect(running.address).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_the_stop_does_not_wait_for_a_drain() {
        let policy = || Policy {
            drain_delay: Duration::from_mins(1),
            ..Policy::default()
        };
        let (one, other) = (
            running_by(policy(), Router::new()).await,
            running_by(policy(), Router::new()).await,
        );
        let told = Instant::now();
        one.stop.send(Asked::ToStop).await.unwrap();
        assert_eq!(one.server.await.unwrap(), Ok(()));
        // A second time, it is at once.
        for _ in 0..2 {
            other.stop.send(Asked::ToDrain).await.unwrap();
        }
        assert_eq!(other.server.await.unwrap(), Err(Cut::default()));
        assert_eq!(told.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_cut_off_ends_without_its_last_chunk() {
        let router = Router::new().route("/", get(|| async { Body::from_stream(endless()) }));
        let running = running(router).await;
        let stream = sent(&running, REQUEST).await;
        stream.readable().await.unwrap();
        running.stop.send(Asked::ToStop).await.unwrap();
        assert_eq!(running.server.await.unwrap(), Ok(()));
        let answer = all_of(stream).await;
        assert!(answer.contains("transfer-encoding: chunked"), "{answer}");
        assert!(
            answer.contains("the beginning") && !answer.ends_with("0\r\n\r\n"),
            "{answer}"
        );
    }
}
