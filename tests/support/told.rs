//! What was answered, to be held against what another server answers.

use std::{collections::BTreeSet, fmt};

use reqwest::header::HeaderMap;

/// Headers that say something else in every answer.
const OF_THE_MOMENT: [&str; 3] = ["date", "x-request-id", "pledgebook-as-of"];

/// An answer without what each says anew.
#[derive(Clone, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    headers: BTreeSet<(String, String)>,
    pub body: Vec<u8>,
}

impl Told {
    pub fn of(status: u16, headers: &HeaderMap, body: Vec<u8>) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                let said = match name.as_str() {
                    // That it is there says something too.
                    name if OF_THE_MOMENT.contains(&name) => String::new(),
                    // It names the file by the time.
                    "content-disposition" => value.replace(|c: char| c.is_ascii_digit(), "0"),
                    _ => value,
                };
                (name.to_string(), said)
            })
            .collect();
        Self {
            status,
            headers,
            body,
        }
    }

    pub async fn by(answer: reqwest::Response) -> Self {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        Self::of(status, &headers, answer.bytes().await.unwrap().to_vec())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(it, _)| it == name)?;
        Some(&found.1)
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        let body: String = body.chars().take(2_000).collect();
        write!(f, "{} {:?}\n{body}", self.status, self.headers)
    }
}

/// Who asks one program what another one is asked, with a key.
pub struct Asking {
    client: reqwest::Client,
    key: String,
    /// How many answers were held against others so far.
    pub compared: usize,
}

impl Asking {
    pub fn with(key: &str) -> Self {
        Self::sending(key, reqwest::header::HeaderMap::new())
    }

    /// One for whom a proxy asks.
    pub fn of(key: &str, client: &str) -> Self {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("x-forwarded-for", client.parse().unwrap());
        Self::sending(key, headers)
    }

    fn sending(key: &str, headers: reqwest::header::HeaderMap) -> Self {
        let client = reqwest::Client::builder()
            .default_headers(headers)
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(20));
        Self {
            client: client.build().unwrap(),
            key: key.to_owned(),
            compared: 0,
        }
    }

    /// The same, elsewhere.
    pub fn again(&self) -> Self {
        Self::with(&self.key)
    }

    /// What is read there.
    pub async fn told(&self, url: &str, path: &str) -> Told {
        let asked = self.client.get(format!("{url}{path}")).bearer_auth(&self.key);
        // A problem names the request in its body.
        let asked = asked.header("X-Request-Id", "a-story").send().await;
        Told::by(asked.unwrap_or_else(|error| panic!("{url}{path} got no answer: {error:?}"))).await
    }

    /// Sends JSON, or nothing where it is null; the answer as it comes.
    pub async fn send(
        &self,
        method: reqwest::Method,
        url: &str,
        path: &str,
        body: &serde_json::Value,
    ) -> reqwest::Result<reqwest::Response> {
        let kind = if method == reqwest::Method::PATCH {
            "application/merge-patch+json"
        } else {
            "application/json"
        };
        let request = self.client.request(method, format!("{url}{path}"));
        let request = request.bearer_auth(&self.key);
        if body.is_null() {
            return request.send().await;
        }
        request
            .header("content-type", kind)
            .body(body.to_string())
            .send()
            .await
    }

    /// Writes; the record, or what stands in its place.
    pub async fn written(
        &self,
        method: reqwest::Method,
        url: &str,
        path: &str,
        body: &serde_json::Value,
    ) -> serde_json::Value {
        let answer = self.send(method, url, path, body).await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path} {body}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// That each of these says what the oracle says.
    pub async fn same(&mut self, oracle: &str, others: &[&str], paths: &[String], when: &str) {
        if let Some(difference) = self.difference(oracle, others, paths).await {
            panic!("{when}: {difference}");
        }
    }

    /// The first answer of these that is not the oracle's.
    pub async fn difference(&mut self, oracle: &str, others: &[&str], paths: &[String]) -> Option<String> {
        for path in paths {
            let said = self.told(oracle, path).await;
            for other in others {
                let again = self.told(other, path).await;
                self.compared += 1;
                if again != said {
                    return Some(format!(
                        "{path} is answered by {other}\n{again:?}\n\nand by the database\n{said:?}"
                    ));
                }
            }
        }
        None
    }
}
