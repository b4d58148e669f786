//! Questions on their own, beside a load.

use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// How soon trouble with the disk is noticed, and its end.
pub const NOTICED: Duration = Duration::from_secs(15);

pub struct Answer {
    /// 0 where there was none.
    pub status: u16,
    pub says_when: bool,
    pub took: Duration,
    pub text: String,
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let begun = Instant::now();
        let mut answer = Self {
            status: 0,
            says_when: false,
            took: Duration::ZERO,
            text: String::new(),
        };
        if let Ok(asked) = request.send().await {
            let status = asked.status().as_u16();
            answer.says_when = asked.headers().contains_key("retry-after");
            if let Ok(text) = asked.text().await {
                (answer.status, answer.text) = (status, text);
            }
        }
        answer.took = begun.elapsed();
        answer
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub fn is(&self, status: u16, code: &str) -> bool {
        self.status == status && self.says_when && self.json()["code"] == code
    }

    pub fn detail(&self) -> String {
        self.json()["detail"].as_str().unwrap_or_default().to_owned()
    }
}

/// Who asks, with a key or without.
#[derive(Clone)]
pub struct Asker {
    client: Client,
    url: String,
    key: String,
}

impl Asker {
    pub fn new(url: &str, key: &str) -> Self {
        let client = Client::builder().no_proxy().timeout(Duration::from_mins(1));
        Self {
            client: client.build().unwrap(),
            url: url.to_owned(),
            key: key.to_owned(),
        }
    }

    fn asks(&self, request: RequestBuilder) -> RequestBuilder {
        if self.key.is_empty() {
            request
        } else {
            request.bearer_auth(&self.key)
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.asks(self.client.get(format!("{}{path}", self.url)))).await
    }

    pub async fn send(&self, method: reqwest::Method, path: &str, body: &Value) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let request = request.header("content-type", "application/json");
        Answer::of(self.asks(request).body(body.to_string())).await
    }

    /// Writes an article of this title.
    pub async fn write(&self, title: &str) -> Answer {
        let article = json!({"publisher": "P", "language": "en", "title": title, "kind": "news"});
        self.send(reqwest::Method::POST, "/v1/articles", &article).await
    }

    /// Asks `/readyz` until it answers so, for no longer than trouble may go unnoticed.
    pub async fn readiness(&self, status: u16) -> Option<Answer> {
        let mut answered = None;
        holds_within(NOTICED, async || {
            let answer = self.get("/readyz").await;
            let is_so = answer.status == status;
            answered = Some(answer).filter(|_| is_so);
            is_so
        })
        .await;
        answered
    }

    /// Whether `/readyz` answers with nothing else for so long.
    pub async fn readiness_stays(&self, status: u16, long: Duration) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < long {
            if self.get("/readyz").await.status != status {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        true
    }
}

/// Whether something comes to hold in time.
pub async fn holds_within(long: Duration, mut holds: impl AsyncFnMut() -> bool) -> bool {
    let begun = Instant::now();
    while !holds().await {
        if begun.elapsed() > long {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    true
}
