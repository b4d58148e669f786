//! Accepts connections, answers on them, and stops without dropping what is under way.
//!
//! An accept loop of our own, as `axum::serve` sets no limit on how long a
//! client may take over its request's head, nor on how many may be connected:
//! either lets a handful of idle sockets exhaust the process.

use std::{
    convert::Infallible,
    fmt, io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    response::Response,
};
use hyper::{
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::Service,
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::JoinSet,
};
use tokio_io_timeout::TimeoutStream;

/// How long a client may take over a request's head; also how long a kept-open connection may idle.
const HEAD_WITHIN: Duration = Duration::from_secs(15);

/// How long a client may take nothing of what is being sent to it.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);

/// What is read of a head before it is given up, in bytes and in headers. Both lie above what the app takes, so that
/// whoever is over that is answered by the app; whoever is over these gets a bare 431.
const LARGEST_HEAD: usize = 128 * 1024;
const MOST_HEADERS: usize = 1024;

/// How long requests in flight may go on once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Beyond these, connections wait in the kernel's queue.
const MOST_CONNECTIONS: usize = 1024;

/// A pause after a failed accept: what is short (file descriptors, memory) comes back with time, not with haste.
const BREATH: Duration = Duration::from_millis(500);

/// Answers on `listener` until it is asked to stop, then lets what is in flight finish, for ten seconds at most; asked
/// again meanwhile, it ends at once.
pub async fn serve<S: Answers>(listener: TcpListener, answers: S, stop: &mut Stop) -> Result<(), Cut> {
    serve_at_most(MOST_CONNECTIONS, listener, answers, stop).await
}

/// Whoever answers.
pub trait Answers:
    Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send + Unpin>
    + Clone
    + Send
    + 'static
{
}

impl<S> Answers for S where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send + Unpin>
        + Clone
        + Send
        + 'static
{
}

async fn serve_at_most<S: Answers>(
    most_connections: usize,
    listener: TcpListener,
    answers: S,
    stop: &mut Stop,
) -> Result<(), Cut> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_header_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS);
    let under_way = UnderWay::default();
    let counting = Counting {
        answers,
        under_way: under_way.clone(),
    };
    let slots = Arc::new(Semaphore::new(most_connections));
    let graceful = GracefulShutdown::new();
    // Dropped at the end, it aborts whatever has outlived the grace.
    let mut connections = JoinSet::new();
    loop {
        let (slot, stream) = tokio::select! {
            () = stop.asked() => break,
            // Only to let go of the finished ones.
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &slots) => accepted,
        };
        // Whoever stops reading would hold a place among the connections, and the answer, for good.
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(TAKEN_WITHIN));
        let connection =
            graceful.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), counting.clone()));
        connections.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(slot);
        });
    }
    // Whoever connects from now on is refused, rather than kept waiting.
    drop(listener);
    let is_told_again = tokio::select! {
        finished = tokio::time::timeout(GRACE, graceful.shutdown()) => {
            if finished.is_ok() {
                return Ok(());
            }
            false
        }
        () = stop.asked() => true,
    };
    while connections.try_join_next().is_some() {}
    let cut = Cut {
        requests: under_way.count(),
        connections: connections.len(),
    };
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

/// What was cut off when the server was told a second time to stop.
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

/// How many requests are under way: each from when it was read until its answer is sent.
#[derive(Debug, Default, Clone)]
struct UnderWay(Arc<AtomicUsize>);

impl UnderWay {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn one_more(&self) -> Place {
        self.0.fetch_add(1, Ordering::Relaxed);
        Place(self.clone())
    }
}

/// The place of one request among those under way.
struct Place(UnderWay);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts what is under way.
#[derive(Clone)]
struct Counting<S> {
    answers: S,
    under_way: UnderWay,
}

impl<S: Answers> Service<Request<Incoming>> for Counting<S> {
    type Response = Response<Counted>;
    type Error = Infallible;
    type Future = Counted<S::Future>;

    fn call(&self, request: Request<Incoming>) -> Counted<S::Future> {
        let place = Some(self.under_way.one_more());
        let inner = self.answers.call(request);
        Counted { inner, place }
    }
}

/// An answer that is made, then its body: the request is under way until it is sent.
struct Counted<T = Body> {
    inner: T,
    place: Option<Place>,
}

impl<F> Future for Counted<F>
where
    F: Future<Output = Result<Response, Infallible>> + Unpin,
{
    type Output = Result<Response<Counted>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.inner).poll(context));
        let place = self.place.take();
        Poll::Ready(answer.map(|answer| answer.map(|inner| Counted { inner, place })))
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The next connection, and its place among those that there may be.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> (OwnedSemaphorePermit, TcpStream) {
    let Ok(slot) = Arc::clone(slots).acquire_owned().await else {
        // Only a closed semaphore has no place for anyone; this one never is.
        return std::future::pending().await;
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are written whole: waiting for more to send only delays them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "TCP_NODELAY was refused");
                }
                return (slot, stream);
            }
            Err(error) if is_of_the_client(&error) => {
                tracing::debug!(%error, "a client left before it was accepted");
            }
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted; trying again in a moment");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// What asks the server to stop, once and again.
pub struct Stop(mpsc::Receiver<()>);

impl Stop {
    /// Signals do: SIGTERM, SIGINT and SIGQUIT. From the call on, also before it is awaited, none of them ends the
    /// process by itself: as the first process of a container it would be deaf to them anyway.
    ///
    /// SIGHUP, SIGUSR1 and SIGUSR2 ask for nothing that there is here; unheard, each would end the process.
    #[cfg(unix)]
    pub fn on_signals() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        // Whoever has listened once keeps the default away for good.
        for ignored in [
            SignalKind::hangup(),
            SignalKind::user_defined1(),
            SignalKind::user_defined2(),
        ] {
            drop(signal(ignored)?);
        }
        let (ask, asked) = mpsc::channel(1);
        for kind in [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::quit(),
        ] {
            let (mut heard, ask) = (signal(kind)?, ask.clone());
            tokio::spawn(async move { while heard.recv().await.is_some() && ask.send(()).await.is_ok() {} });
        }
        Ok(Self(asked))
    }

    /// A file that may not grow any more (SIGXFSZ) is a write that fails, and no reason to end.
    pub fn outlive_file_size_limits() -> io::Result<()> {
        #[cfg(target_os = "linux")]
        drop(tokio::signal::unix::signal(
            tokio::signal::unix::SignalKind::from_raw(25),
        )?);
        Ok(())
    }

    /// Ctrl-C and Ctrl-Break do.
    #[cfg(windows)]
    pub fn on_signals() -> io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c};
        let (mut interrupt, mut quit) = (ctrl_c()?, ctrl_break()?);
        let (ask, asked) = mpsc::channel(1);
        tokio::spawn(async move {
            loop {
                let heard = tokio::select! {
                    heard = interrupt.recv() => heard,
                    heard = quit.recv() => heard,
                };
                if heard.is_none() || ask.send(()).await.is_err() {
                    return;
                }
            }
        });
        Ok(Self(asked))
    }

    /// Nothing does.
    #[must_use]
    pub fn never() -> Self {
        Self(mpsc::channel(1).1)
    }

    /// Waits until it is asked, each time anew.
    pub async fn asked(&mut self) {
        if self.0.recv().await.is_none() {
            // Nobody is left who could.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        routing::{get, post},
    };
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
        task::JoinHandle,
        time::Instant,
    };

    use super::*;
    use crate::{cache::Front, web};

    struct Running {
        address: std::net::SocketAddr,
        stop: mpsc::Sender<()>,
        server: JoinHandle<Result<(), Cut>>,
    }

    async fn running(router: Router) -> Running {
        running_at_most(MOST_CONNECTIONS, router).await
    }

    async fn running_at_most(most_connections: usize, router: Router) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, asked) = mpsc::channel(1);
        let server = tokio::spawn(async move {
            {
                let front = Front::forgetful(router);
                serve_at_most(most_connections, listener, front, &mut Stop(asked)).await
            }
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
        all_of(stream).await;
        assert_eq!(started.elapsed().as_secs(), HEAD_WITHIN.as_secs());
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
        let (router, was_asked) = slow(GRACE / 2);
        let running = running(router).await;
        let stream = sent(&running, REQUEST).await;
        was_asked.await.unwrap();
        running.stop.send(()).await.unwrap();
        assert!(all_of(stream).await.ends_with("at last"));
        assert_eq!(running.server.await.unwrap(), Ok(()));
        assert!(TcpStream::connect(running.address).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_does_not_hold_up_the_stop() {
        let (router, was_asked) = slow(GRACE * 100);
        let running = running(router).await;
        let stream = sent(&running, REQUEST).await;
        was_asked.await.unwrap();
        let told = Instant::now();
        running.stop.send(()).await.unwrap();
        assert_eq!(running.server.await.unwrap(), Ok(()));
        assert_eq!(told.elapsed().as_secs(), GRACE.as_secs());
        assert_eq!(all_of(stream).await, "");
    }

    #[tokio::test(start_paused = true)]
    async fn told_a_second_time_it_stops_at_once_and_says_what_it_cut_off() {
        let (router, was_asked) = slow(GRACE / 2);
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
        running.stop.send(()).await.unwrap();
        running.stop.send(()).await.unwrap();
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
        assert_eq!(started.elapsed().as_secs(), 15);
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

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_of_an_answer_is_given_up_and_leaves_a_place() {
        let running = running_at_most(1, much()).await;
        let started = Instant::now();
        let idler = sent(&running, ALL).await;
        idler.readable().await.unwrap();
        // There is no place for this one yet.
        let next = sent(
            &running,
            "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n",
        )
        .await;
        let answer = tokio::time::timeout(TAKEN_WITHIN * 2, all_of(next)).await;
        assert!(answer.expect("a place").ends_with("hello"));
        assert_eq!(started.elapsed().as_secs(), TAKEN_WITHIN.as_secs());
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
            tokio::time::sleep(TAKEN_WITHIN * 5 / 6).await;
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
            let head = format!("GET / HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
            let mut stream = TcpStream::connect(running.address).await.unwrap();
            // What is given up is not read to its end: sending the rest may fail, as may reading on behind the answer.
            stream.write_all(head.as_bytes()).await.ok();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.ok();
            String::from_utf8(answer).unwrap()
        };
        let large = ask(&format!("a: {}\r\n", "x".repeat(LARGEST_HEAD / 2))).await;
        assert!(
            large.ends_with(&(LARGEST_HEAD / 2 + "close".len()).to_string()),
            "{large}"
        );
        let many: Vec<_> = (1..MOST_HEADERS)
            .map(|number| format!("h{number}: x\r\n"))
            .collect();
        let many = many.concat();
        let answer = ask(&many).await;
        assert!(
            answer.ends_with(&(MOST_HEADERS - 1 + "close".len()).to_string()),
            "{answer}"
        );
        for too_much in [
            format!("{many}one-more: x\r\n"),
            format!("a: {}\r\n", "x".repeat(LARGEST_HEAD)),
        ] {
            let answer = ask(&too_much).await;
            assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
            assert!(answer.ends_with("\r\n\r\n"), "{answer}");
        }
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_hold_up_the_stop() {
        let running = running(Router::new()).await;
        let stream = sent(&running, "").await;
        let told = Instant::now();
        running.stop.send(()).await.unwrap();
        assert_eq!(running.server.await.unwrap(), Ok(()));
        assert!(told.elapsed() < GRACE / 2);
        drop(stream);
    }

    #[tokio::test]
    async fn one_connection_too_many_waits_for_a_place() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let slots = Arc::new(Semaphore::new(1));
        let (_first, _second) = (
            TcpStream::connect(address).await.unwrap(),
            TcpStream::connect(address).await.unwrap(),
        );
        let held = accept(&listener, &slots).await;
        let next = accept(&listener, &slots);
        let mut next = std::pin::pin!(next);
        assert!(
            tokio::time::timeout(Duration::from_millis(50), &mut next)
                .await
                .is_err()
        );
        drop(held);
        drop(next.await);
    }
}
