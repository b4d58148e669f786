//! Asking again and again for a while, and what it came to.

use std::{
    env,
    future::Future,
    time::{Duration, Instant},
};

use pledgebook::{
    app::Memory,
    cache::Front,
    serve::{self, Policy, Stop},
    web::traffic::Traffic,
};
use reqwest::{Client, RequestBuilder};
use tokio::net::TcpListener;

/// No answer is kept: the database is what is measured.
pub const WITHOUT_ANSWERS: Memory = Memory {
    answers: 0,
    bodies: Memory::BODIES,
};

/// How many ask at once where throughput is measured.
pub const WORKERS: usize = 8;

/// How long one measurement takes, after a warm-up.
fn duration() -> Duration {
    let seconds = env::var("BENCH_SECONDS").map_or(2.0, |text| text.parse().unwrap());
    Duration::from_secs_f64(seconds)
}

/// However slow an answer is, there are so many of each.
const LEAST_ANSWERS: usize = 3;

#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub per_second: f64,
    /// The median of the answers' times, in milliseconds.
    pub p50: f64,
    pub bytes: usize,
}

/// One asks, which gives the latency; then eight do, which gives the throughput.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    pub alone: Load,
    pub together: Load,
}

/// Measures what `ask` does; it gets a running number, and returns the bytes of the answer.
pub async fn pair<F, A>(ask: F) -> Pair
where
    F: Fn(usize) -> A + Clone + Send + 'static,
    A: Future<Output = usize> + Send,
{
    Pair {
        alone: load(1, ask.clone()).await,
        together: load(WORKERS, ask).await,
    }
}

pub async fn load<F, A>(workers: usize, ask: F) -> Load
where
    F: Fn(usize) -> A + Clone + Send + 'static,
    A: Future<Output = usize> + Send,
{
    rounds(workers, duration() / 8, ask.clone()).await;
    rounds(workers, duration(), ask).await
}

async fn rounds<F, A>(workers: usize, duration: Duration, ask: F) -> Load
where
    F: Fn(usize) -> A + Clone + Send + 'static,
    A: Future<Output = usize> + Send,
{
    let started = Instant::now();
    let tasks: Vec<_> = (0..workers)
        .map(|worker| {
            let ask = ask.clone();
            tokio::spawn(async move {
                let (mut times, mut bytes) = (Vec::new(), 0);
                while started.elapsed() < duration || times.len() < LEAST_ANSWERS {
                    let asked = Instant::now();
                    bytes = ask(worker + workers * times.len()).await;
                    times.push(asked.elapsed());
                }
                (times, bytes)
            })
        })
        .collect();
    let (mut times, mut bytes) = (Vec::new(), 0);
    for task in tasks {
        let (of_worker, last) = task.await.unwrap();
        times.extend(of_worker);
        bytes = last;
    }
    let elapsed = started.elapsed().as_secs_f64();
    times.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "no run has 2^52 answers")]
    let answers = times.len() as f64;
    Load {
        per_second: answers / elapsed,
        p50: times[times.len() / 2].as_secs_f64() * 1e3,
        bytes,
    }
}

/// An app on a port of its own, and a client that keeps its connections.
#[derive(Clone)]
pub struct Served {
    base: String,
    pub client: Client,
}

impl Served {
    pub async fn start(front: Front) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            serve::serve(
                listener,
                front,
                Policy::default(),
                Traffic::default(),
                &mut Stop::never(),
            )
            .await
            .unwrap();
        });
        let client = Client::builder().no_proxy().build().unwrap();
        Self { base, client }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }
}

/// Sends a request that must succeed; the bytes of its answer.
pub async fn answered(request: RequestBuilder) -> usize {
    let response = request.send().await.unwrap();
    let status = response.status();
    let body = response.bytes().await.unwrap();
    assert!(
        status.is_success(),
        "{status}: {}",
        String::from_utf8_lossy(&body)
    );
    body.len()
}
