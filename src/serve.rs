//! Accepts connections, answers on them, and stops without dropping what is under way.
//!
//! An accept loop of our own, as `axum::serve` sets no limit on how long a
//! client may take over its request's head, nor on how many may be connected:
//! either lets a handful of idle sockets exhaust the process.

use std::{io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};

/// How long a client may take over a request's head; also how long a kept-open connection may idle.
const HEAD_WITHIN: Duration = Duration::from_secs(15);

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

/// Answers on `listener` until `stop`, then lets what is in flight finish, for ten seconds at most.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_header_size(LARGEST_HEAD)
        .max_headers(MOST_HEADERS);
    let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    // Dropped at the end, it aborts whatever has outlived the grace.
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let (slot, stream) = tokio::select! {
            () = &mut stop => break,
            // Only to let go of the finished ones.
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &slots) => accepted,
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        connections.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(slot);
        });
    }
    // Whoever connects from now on is refused, rather than kept waiting.
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "requests in flight took too long and were dropped"
        );
    }
}

/// The next connection, and its place among `MOST_CONNECTIONS`.
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

/// Waits for SIGTERM or SIGINT. From the call on, also before it is awaited,
/// neither ends the process by itself: as the first process of a container it would be deaf to them anyway.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits for Ctrl-C.
#[cfg(windows)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::oneshot,
        task::JoinHandle,
        time::Instant,
    };

    use super::*;

    struct Running {
        address: std::net::SocketAddr,
        stop: oneshot::Sender<()>,
        server: JoinHandle<()>,
    }

    async fn running(router: Router) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, router, async {
            stopped.await.ok();
        }));
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
        running.stop.send(()).unwrap();
        assert!(all_of(stream).await.ends_with("at last"));
        running.server.await.unwrap();
        assert!(TcpStream::connect(running.address).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_does_not_hold_up_the_stop() {
        let (router, was_asked) = slow(GRACE * 100);
        let running = running(router).await;
        let stream = sent(&running, REQUEST).await;
        was_asked.await.unwrap();
        let told = Instant::now();
        running.stop.send(()).unwrap();
        running.server.await.unwrap();
        assert_eq!(told.elapsed().as_secs(), GRACE.as_secs());
        assert_eq!(all_of(stream).await, "");
    }

    #[tokio::test]
    async fn an_idle_connection_does_not_hold_up_the_stop() {
        let running = running(Router::new()).await;
        let stream = sent(&running, "").await;
        let told = Instant::now();
        running.stop.send(()).unwrap();
        running.server.await.unwrap();
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
        let mut next = pin!(next);
        assert!(
            tokio::time::timeout(Duration::from_millis(50), &mut next)
                .await
                .is_err()
        );
        drop(held);
        drop(next.await);
    }
}
