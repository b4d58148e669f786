//! Clients that go on whatever they are answered, and keep account of it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// No answer takes as long, whatever the fault.
const PATIENCE: Duration = Duration::from_mins(1);
/// What a client waits before it asks again after anything but a success.
const PAUSE: Duration = Duration::from_millis(50);

/// Since when nothing of a kind succeeded, and the longest time that it was so.
struct Gap {
    last: Instant,
    longest: Duration,
}

impl Gap {
    fn new() -> Self {
        Self {
            last: Instant::now(),
            longest: Duration::ZERO,
        }
    }

    fn success(&mut self) {
        let now = Instant::now();
        self.longest = self.longest.max(now - self.last);
        self.last = now;
    }
}

/// What clients of one kind were answered.
struct Seen {
    gap: Gap,
    slowest: Duration,
    /// How often each status was answered; 0 stands for no answer.
    statuses: BTreeMap<u16, usize>,
    /// How often each code of a problem was.
    codes: BTreeMap<String, usize>,
    /// How many were told to come back, and not when.
    undated: usize,
}

impl Seen {
    fn new() -> Mutex<Self> {
        Mutex::new(Self {
            gap: Gap::new(),
            slowest: Duration::ZERO,
            statuses: BTreeMap::new(),
            codes: BTreeMap::new(),
            undated: 0,
        })
    }
}

struct Shared {
    client: Client,
    url: String,
    key: String,
    /// How long an article's text is.
    text: usize,
    /// While it is set, nobody writes.
    rest: AtomicBool,
    over: AtomicBool,
    next: AtomicUsize,
    acknowledged: Mutex<HashMap<usize, String>>,
    writes: Mutex<Seen>,
    reads: Mutex<Seen>,
    probes: Mutex<Seen>,
}

/// Clients under way. Each writer makes one article after another, and repeats what was not acknowledged
/// with the same `Idempotency-Key` until it is; readers ask for a page; one asks `/readyz`.
pub struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
}

/// What came of a load.
pub struct Account {
    pub acknowledged: HashMap<usize, String>,
    pub writes: Told,
    pub reads: Told,
    pub probes: Told,
}

pub struct Told {
    pub longest_gap: Duration,
    pub slowest: Duration,
    pub statuses: BTreeMap<u16, usize>,
    pub codes: BTreeMap<String, usize>,
    /// How many were told to come back (503, 507), and not when: without `Retry-After`.
    pub undated: usize,
}

impl Told {
    /// Whether it was answered always, and with nothing else.
    pub fn is_only(&self, statuses: &[u16]) -> bool {
        self.statuses.keys().all(|status| statuses.contains(status))
    }

    /// Whether every answer was a success or a problem of one of these codes.
    pub fn only(&self, success: u16, codes: &[&str]) -> bool {
        !self.statuses.contains_key(&0)
            && self.codes.keys().all(|code| codes.contains(&code.as_str()))
            && self.codes.values().sum::<usize>() + self.statuses.get(&success).copied().unwrap_or_default()
                == self.statuses.values().sum::<usize>()
    }
}

impl Load {
    pub fn start(url: &str, key: &str, writers: usize, readers: usize) -> Self {
        Self::with_texts(url, key, writers, readers, 0)
    }

    /// The same; each article has a text of so many bytes.
    pub fn with_texts(url: &str, key: &str, writers: usize, readers: usize, text: usize) -> Self {
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let shared = Arc::new(Shared {
            client,
            url: url.to_owned(),
            key: key.to_owned(),
            text,
            rest: AtomicBool::new(false),
            over: AtomicBool::new(false),
            next: AtomicUsize::new(0),
            acknowledged: Mutex::default(),
            writes: Seen::new(),
            reads: Seen::new(),
            probes: Seen::new(),
        });
        let mut clients = JoinSet::new();
        for _ in 0..writers {
            clients.spawn(write(Arc::clone(&shared)));
        }
        for _ in 0..readers {
            clients.spawn(read(Arc::clone(&shared)));
        }
        clients.spawn(probe(Arc::clone(&shared)));
        Self { shared, clients }
    }

    pub fn acknowledged(&self) -> usize {
        self.shared.acknowledged.lock().unwrap().len()
    }

    /// Until so many more were acknowledged.
    pub async fn more(&self, number: usize) {
        let goal = self.acknowledged() + number;
        let begun = Instant::now();
        while self.acknowledged() < goal {
            assert!(
                begun.elapsed() < PATIENCE,
                "writing does not go on: {:?}",
                self.shared.writes.lock().unwrap().codes
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// For how long nothing was acknowledged.
    pub fn since_a_write(&self) -> Duration {
        self.shared.writes.lock().unwrap().gap.last.elapsed()
    }

    /// Has the writers rest, or go on.
    pub fn rest(&self, rest: bool) {
        self.shared.rest.store(rest, Ordering::Relaxed);
    }

    /// Whether so many more were acknowledged in this time.
    pub async fn more_within(&self, number: usize, time: Duration) -> bool {
        tokio::time::timeout(time, self.more(number)).await.is_ok()
    }

    /// How often a problem of this code was answered to writers.
    pub fn refused_as(&self, code: &str) -> usize {
        let seen = self.shared.writes.lock().unwrap();
        seen.codes.get(code).copied().unwrap_or_default()
    }

    /// How often writers were answered a problem.
    pub fn refused(&self) -> usize {
        self.shared.writes.lock().unwrap().codes.values().sum()
    }

    /// Lets every client finish what it is at.
    pub async fn stop(mut self) -> Account {
        self.shared.over.store(true, Ordering::Relaxed);
        while let Some(client) = self.clients.join_next().await {
            client.unwrap();
        }
        let shared = Arc::into_inner(self.shared).unwrap();
        let acknowledged = shared.acknowledged.into_inner().unwrap();
        let told = |seen: Mutex<Seen>| {
            let seen = seen.into_inner().unwrap();
            Told {
                longest_gap: seen.gap.longest.max(seen.gap.last.elapsed()),
                slowest: seen.slowest,
                statuses: seen.statuses,
                codes: seen.codes,
                undated: seen.undated,
            }
        };
        Account {
            acknowledged,
            writes: told(shared.writes),
            reads: told(shared.reads),
            probes: told(shared.probes),
        }
    }
}

impl Account {
    /// Of what was acknowledged, what is not in the register; and of all that was asked, what was made twice.
    pub async fn lost_and_twice(&self, url: &str) -> (usize, usize) {
        let made = made(url).await;
        let lost = self
            .acknowledged
            .iter()
            .filter(|(number, id)| !made.get(number).is_some_and(|ids| ids.contains(id)));
        (lost.count(), made.values().filter(|ids| ids.len() > 1).count())
    }
}

/// The articles of each number, as the log tells; that it has no gap on the way.
async fn made(url: &str) -> HashMap<usize, Vec<String>> {
    let client = Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
    let mut made: HashMap<usize, Vec<String>> = HashMap::new();
    let mut last = 0;
    loop {
        let asked = client
            .get(format!("{url}/v1/changes?after_seq={last}&limit=200"))
            .send();
        let answer = asked.await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let page: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            return made;
        }
        for change in items {
            last += 1;
            assert_eq!(change["seq"], last, "the log has a gap");
            let after = &change["after"];
            let Some(number) = after["title"].as_str().and_then(|title| title.parse().ok()) else {
                continue;
            };
            let id = after["id"].as_str().unwrap().to_owned();
            made.entry(number).or_default().push(id);
        }
    }
}

impl Shared {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

async fn write(shared: Arc<Shared>) {
    while !shared.is_over() {
        let number = shared.next.fetch_add(1, Ordering::Relaxed);
        let mut article =
            json!({"publisher": "P", "language": "en", "title": number.to_string(), "kind": "news"});
        if shared.text > 0 {
            // Two of the same text are one article.
            article["body"] = format!("{number} {}", "x".repeat(shared.text)).into();
        }
        loop {
            while shared.rest.load(Ordering::Relaxed) && !shared.is_over() {
                tokio::time::sleep(PAUSE).await;
            }
            let request = shared
                .client
                .post(format!("{}/v1/articles", shared.url))
                .bearer_auth(&shared.key)
                .header("content-type", "application/json")
                .header("idempotency-key", number.to_string())
                .body(article.to_string());
            if let Some(record) = asked(request, &shared.writes, 201).await {
                let record: Value = serde_json::from_str(&record).unwrap();
                let id = record["id"].as_str().unwrap().to_owned();
                shared.acknowledged.lock().unwrap().insert(number, id);
                break;
            }
            if shared.is_over() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn read(shared: Arc<Shared>) {
    while !shared.is_over() {
        let request = shared.client.get(format!("{}/v1/articles?limit=5", shared.url));
        if asked(request, &shared.reads, 200).await.is_none() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn probe(shared: Arc<Shared>) {
    while !shared.is_over() {
        let request = shared.client.get(format!("{}/readyz", shared.url));
        asked(request, &shared.probes, 200).await;
        tokio::time::sleep(PAUSE).await;
    }
}

/// The whole answer, if it has the status of a success.
async fn asked(request: reqwest::RequestBuilder, seen: &Mutex<Seen>, success: u16) -> Option<String> {
    let begun = Instant::now();
    let mut says_when = true;
    let answer = match request.send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            says_when = !matches!(status, 503 | 507) || answer.headers().contains_key("retry-after");
            answer.text().await.ok().map(|text| (status, text))
        }
        Err(_) => None,
    };
    let mut seen = seen.lock().unwrap();
    seen.slowest = seen.slowest.max(begun.elapsed());
    let status = answer.as_ref().map_or(0, |(status, _)| *status);
    *seen.statuses.entry(status).or_default() += 1;
    seen.undated += usize::from(!says_when);
    let (status, text) = answer?;
    if status == success {
        seen.gap.success();
        return Some(text);
    }
    let code = serde_json::from_str::<Value>(&text)
        .ok()
        .and_then(|problem| problem["code"].as_str().map(str::to_owned))
        .unwrap_or_else(|| format!("{status} without a code"));
    *seen.codes.entry(code).or_default() += 1;
    None
}
