//! The app as a client meets it, with the words of the domain.

use std::{
    collections::HashSet,
    future::{Future, IntoFuture},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use pledgebook::{
    app::{self, Memory},
    auth::Reading,
    cache::Front,
    db::Db,
    demo,
    gate::Gate,
    history::{Author, Projection, Register},
    metrics::Metrics,
    pledges, seed,
    serve::{self, Stop},
    totals::rollups,
    values::Clock,
    web::{client::TrustedProxies, traffic::Traffic},
};
use reqwest::{Client, Method, RequestBuilder, header::HeaderMap, redirect::Policy};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tracing_subscriber::EnvFilter;

use crate::{
    answer::Answer,
    contract,
    support::{Database, Engine, Keys},
};

/// What a story's server keeps of its answers: enough to answer from memory what it may.
const MEMORY: Memory = Memory {
    answers: 8 << 20,
    bodies: Memory::BODIES,
};
const FORGETFUL: Memory = Memory { answers: 0, ..MEMORY };

/// A running server on a database of its own.
pub struct App {
    pub keys: Keys,
    /// Where it listens: `http://127.0.0.1:…`.
    pub base: String,
    client: Client,
    register: Register,
    front: Front,
    traffic: Traffic,
    reading: Reading,
    server: JoinHandle<()>,
    // Last, so that it is dropped when nothing uses it any more.
    database: Arc<Database>,
}

impl App {
    /// Who is let in unless a story says otherwise: anybody, and our own address may speak for clients in `X-Forwarded-For`.
    pub fn policy() -> serve::Policy {
        serve::Policy {
            trusted_proxies: TrustedProxies::parse("127.0.0.1").unwrap(),
            ..serve::Policy::default()
        }
    }

    /// A register that is empty but for its keys.
    pub async fn start(engine: Engine) -> Self {
        Self::reading(engine, Reading::Public).await
    }

    /// The same, which lets in whom this says.
    pub async fn start_with(engine: Engine, policy: serve::Policy) -> Self {
        Self::reading_with(engine, Reading::Public, policy).await
    }

    /// The same, whose readers need a key too.
    pub async fn start_private(engine: Engine) -> Self {
        Self::reading(engine, Reading::Private).await
    }

    async fn reading(engine: Engine, reading: Reading) -> Self {
        Self::reading_with(engine, reading, Self::policy()).await
    }

    async fn reading_with(engine: Engine, reading: Reading, policy: serve::Policy) -> Self {
        let (database, keys) = Database::with_keys(engine).await;
        let db = Db::open(&database.url).await.unwrap();
        let register = app::register(db).await.unwrap();
        Self::serving(Arc::new(database), register, keys, reading, (MEMORY, policy)).await
    }

    /// A demo, and what its key is opened by.
    pub async fn start_demo(engine: Engine) -> (Self, String) {
        let (database, keys) = Database::with_keys(engine).await;
        let db = Db::open(&database.url).await.unwrap();
        let register = app::register(db).await.unwrap();
        let opened = demo::open(&register, None).await.unwrap().unwrap();
        let front = demo::http::front(register.clone(), MEMORY);
        let (reading, policy) = (Reading::Public, Self::policy());
        let app = Self::answering(Arc::new(database), register, front, keys, reading, policy).await;
        (app, opened.key)
    }

    /// One that tells the time by this clock.
    pub async fn start_at(engine: Engine, clock: Clock) -> Self {
        let (database, keys) = Database::with_keys(engine).await;
        let db = Db::open(&database.url).await.unwrap();
        Self::serve(Arc::new(database), db, keys, Reading::Public, (MEMORY, clock)).await
    }

    /// One whose every write this follows, and the kept sums do not.
    pub async fn start_followed(engine: Engine, by: Box<dyn Projection>) -> Self {
        let (database, keys) = Database::with_keys(engine).await;
        let db = Db::open(&database.url).await.unwrap();
        let register = Register::new(db, vec![by], pledges::PARTS).await.unwrap();
        Self::serving(
            Arc::new(database),
            register,
            keys,
            Reading::Public,
            (FORGETFUL, Self::policy()),
        )
        .await
    }

    /// Another server on the same database, as a second process would be.
    pub async fn second(&self) -> Self {
        self.second_at(Clock::SYSTEM).await
    }

    /// The same, which tells the time by this clock.
    pub async fn second_at(&self, clock: Clock) -> Self {
        self.another((MEMORY, clock)).await
    }

    /// The same, which answers nothing from memory: what it says is what the database says.
    pub async fn forgetful(&self) -> Self {
        self.another((FORGETFUL, Clock::SYSTEM)).await
    }

    /// The same, which holds so many bytes of bodies at once.
    pub async fn with_room_for(&self, bodies: usize) -> Self {
        self.another((Memory { bodies, ..MEMORY }, Clock::SYSTEM)).await
    }

    async fn another(&self, with: (Memory, Clock)) -> Self {
        let db = self.another_db().await;
        let (database, keys) = (self.database.clone(), self.keys.clone());
        Self::serve(database, db, keys, self.reading, with).await
    }

    /// The same database, opened once more: what is written there is another process's.
    pub async fn another_db(&self) -> Db {
        Db::open(&self.database.url).await.unwrap()
    }

    /// What opens its database.
    pub fn database_url(&self) -> &str {
        &self.database.url
    }

    async fn serve(
        database: Arc<Database>,
        db: Db,
        keys: Keys,
        reading: Reading,
        (memory, clock): (Memory, Clock),
    ) -> Self {
        let register = app::register(db).await.unwrap().at(clock);
        let with = (memory, Self::policy());
        Self::serving(database, register, keys, reading, with).await
    }

    async fn serving(
        database: Arc<Database>,
        register: Register,
        keys: Keys,
        reading: Reading,
        (memory, policy): (Memory, serve::Policy),
    ) -> Self {
        let front = app::front(register.clone(), reading, memory);
        Self::answering(database, register, front, keys, reading, policy).await
    }

    async fn answering(
        database: Arc<Database>,
        register: Register,
        front: Front,
        keys: Keys,
        reading: Reading,
        policy: serve::Policy,
    ) -> Self {
        // What the server logs as an error is shown, as it explains a 500; RUST_LOG asks for more.
        let shown = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
        // Refused to all but the first story of a run, as it is for all of them.
        tracing_subscriber::fmt()
            .with_env_filter(shown)
            .with_test_writer()
            .try_init()
            .ok();
        let traffic = app::traffic();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (answers, counted) = (front.clone(), traffic.clone());
        let server = tokio::spawn(async move {
            serve::serve(listener, answers, policy, counted, &mut Stop::never())
                .await
                .unwrap();
        });
        let client = Client::builder()
            // A story sees a redirect as what it is.
            .redirect(Policy::none())
            .no_proxy()
            .timeout(Duration::from_mins(1))
            .build()
            .unwrap();
        Self {
            keys,
            base,
            client,
            register,
            front,
            traffic,
            reading,
            server,
            database,
        }
    }

    /// Who tells the figures of the server, on a listener of their own.
    pub fn metrics(&self) -> Metrics {
        let gate = Gate::default();
        gate.open(self.front.clone());
        Metrics::new(self.traffic.clone(), self.register.db().clone(), gate)
    }

    /// The register behind the server, for what no route offers.
    pub fn register(&self) -> &Register {
        &self.register
    }

    /// Puts into it what the demo begins with.
    pub async fn load_the_dossier(&self) -> pledgebook::error::Result<()> {
        let author = Author {
            actor: "a story".to_owned(),
            reason: None,
            holder: None,
            claim: None,
        };
        let mut write = self.register.write(&author).await?;
        seed::demo(&mut write).await?;
        write.commit().await
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A request, sent when awaited.
#[must_use]
pub struct Ask {
    asked: String,
    request: RequestBuilder,
    key: Option<String>,
    /// The body, where it is JSON.
    sent: Option<Value>,
}

impl Ask {
    /// With this key instead of whichever it would be sent with.
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub fn without_key(mut self) -> Self {
        self.key = None;
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With this `Idempotency-Key`.
    pub fn once(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// With a body of any kind, also one that is no JSON.
    pub fn body(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        let body = body.into();
        self.sent = body
            .as_bytes()
            .and_then(|bytes| serde_json::from_slice(bytes).ok());
        self.request = self.request.header("content-type", content_type).body(body);
        self
    }

    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// The answer as it comes, which is held against nothing.
    pub async fn unheld(self) -> (u16, HeaderMap, Vec<u8>) {
        let request = match self.key {
            Some(key) => self.request.bearer_auth(key),
            None => self.request,
        };
        let answer = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{} got no answer: {error:?}", self.asked));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap().to_vec())
    }

    /// Whatever a story sends, an answer is held against the contract.
    async fn answer(asked: String, sent: Option<Value>, response: reqwest::Response) -> Answer {
        let answer = Answer::of(asked, response).await;
        contract::hold(sent.as_ref(), &answer);
        answer
    }
}

impl IntoFuture for Ask {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let request = match self.key {
                Some(key) => self.request.bearer_auth(key),
                None => self.request,
            };
            let response = request
                .send()
                .await
                .unwrap_or_else(|error| panic!("{} got no answer: {error:?}", self.asked));
            // The path as it was sent: a client resolves dots in it.
            let method = self.asked.split(' ').next().unwrap_or_default();
            let query = response
                .url()
                .query()
                .map(|it| format!("?{it}"))
                .unwrap_or_default();
            let asked = format!("{method} {}{query}", response.url().path());
            Self::answer(asked, self.sent, response).await
        })
    }
}

/// The words of HTTP. Reading goes without a key, writing with an editor's; what is about keys goes with an admin's.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a story writes its body in place, as json!({…})"
)]
impl App {
    pub fn ask(&self, method: Method, path: &str) -> Ask {
        let is_of_keys = ["/v1/keys", "/v1/me"].iter().any(|of| {
            let rest = path.strip_prefix(of);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '.']))
        });
        let key = if is_of_keys {
            Some(self.keys.admin.clone())
        } else {
            (!method.is_safe()).then(|| self.keys.editor.clone())
        };
        let asked = format!("{method} {path}");
        let request = self.client.request(method, format!("{}{path}", self.base));
        Ask {
            asked,
            request,
            key,
            sent: None,
        }
    }

    pub fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
    }

    /// What a path shows page by page, from its first page to its last.
    pub async fn pages(&self, path: &str) -> Vec<Answer> {
        let mut pages = vec![self.get(path).await.expect(200)];
        let mut seen = HashSet::from([path.to_owned()]);
        while let Some(next) = pages.last().and_then(Answer::next_page) {
            pages.push(self.get(&next).await.expect(200));
            assert!(seen.insert(next), "the pages of {path} go round in circles");
        }
        pages
    }

    /// Every row of a list, over all its pages.
    pub async fn rows(&self, path: &str) -> Vec<Value> {
        let pages = self.pages(path).await;
        pages.iter().flat_map(Answer::items).cloned().collect()
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Ask {
        headers
            .iter()
            .fold(self.get(path), |ask, (name, value)| ask.header(name, value))
    }

    pub fn post(&self, path: &str, body: Value) -> Ask {
        self.ask(Method::POST, path).json(&body)
    }

    pub fn put(&self, path: &str, body: Value) -> Ask {
        self.ask(Method::PUT, path).json(&body)
    }

    /// By JSON merge patch.
    pub fn patch(&self, path: &str, body: Value) -> Ask {
        self.ask(Method::PATCH, path)
            .body("application/merge-patch+json", body.to_string())
    }

    pub fn delete(&self, path: &str) -> Ask {
        self.ask(Method::DELETE, path)
    }

    /// `POST …/restore`, which takes no body.
    pub fn restore(&self, path: &str) -> Ask {
        self.ask(Method::POST, &format!("{path}/restore"))
    }
}

/// The words of the domain. Each does what a story needs done, and fails where the server refuses it.
impl App {
    /// A participant, made unless it is there; its code.
    pub async fn participant(&self, code: &str) -> String {
        if self.get(&format!("/v1/participants/{code}")).await.status == 404 {
            let (kind, en, ar) = known(code);
            let names = json!({"en": en, "ar": ar});
            self.post(
                "/v1/participants",
                json!({"code": code, "kind": kind, "names": names}),
            )
            .await
            .created();
        }
        code.to_owned()
    }

    /// A coalition; its slug.
    pub async fn coalition(&self, slug: &str) -> String {
        let names = json!({"en": format!("Coalition {slug}"), "ar": format!("تحالف {slug}")});
        self.post("/v1/coalitions", json!({"slug": slug, "names": names}))
            .await
            .created();
        slug.to_owned()
    }

    /// A participant's membership, since a date.
    pub async fn member(&self, coalition: &str, participant: &str, joined_on: &str) -> Answer {
        let participant = self.participant(participant).await;
        let periods = json!([{"joined_on": joined_on, "left_on": null}]);
        let path = format!("/v1/coalitions/{coalition}/members/{participant}");
        self.put(&path, json!({"periods": periods})).await.ok()
    }

    /// A ministerial in Kuwait City on 13 February 2018, of no coalition; its slug.
    pub async fn meeting(&self, slug: &str) -> String {
        self.meeting_with(json!({"slug": slug})).await
    }

    /// The same, but for these fields.
    pub async fn meeting_with(&self, fields: Value) -> String {
        let meeting = laid_over(
            json!({
                "titles": {"en": "Ministerial in Kuwait City", "ar": "اجتماع وزاري في مدينة الكويت"},
                "kind": "ministerial",
                "starts_on": "2018-02-13",
                "city": "Kuwait City",
            }),
            fields,
        );
        self.post("/v1/meetings", meeting).await.created()["slug"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A participant's attendance at a meeting.
    pub async fn attendance(&self, meeting: &str, participant: &str, fields: Value) -> Answer {
        let participant = self.participant(participant).await;
        self.put(
            &format!("/v1/meetings/{meeting}/attendance/{participant}"),
            fields,
        )
        .await
        .ok()
    }

    /// The United States' grant of an exact amount, announced on 13 February 2018; its id.
    pub async fn pledge(&self, meeting: &str, amount: &str, currency: &str) -> String {
        self.pledge_by("USA", meeting, amount, currency).await
    }

    /// The same, by another participant.
    pub async fn pledge_by(&self, participant: &str, meeting: &str, amount: &str, currency: &str) -> String {
        self.pledge_with(json!({
            "participant": participant,
            "meeting": meeting,
            "qualifier": "exact",
            "amount": amount,
            "currency": currency,
        }))
        .await
    }

    /// A grant announced on 13 February 2018, but for these fields; its id.
    pub async fn pledge_with(&self, fields: Value) -> String {
        if let Some(code) = fields["participant"].as_str() {
            self.participant(code).await;
        }
        let pledge = laid_over(
            json!({"instrument": "grant", "announced_on": "2018-02-13"}),
            fields,
        );
        self.post("/v1/pledges", pledge).await.created().id()
    }

    /// What became of a pledge; the event's id. `frozen` and `released` have no amount.
    pub async fn event(
        &self,
        pledge: &str,
        stage: &str,
        amount: impl Into<Option<&str>>,
        occurred_on: &str,
    ) -> String {
        let mut event = json!({"stage": stage, "occurred_on": occurred_on});
        if let Some(amount) = amount.into() {
            event["amount"] = amount.into();
        }
        self.post(&format!("/v1/pledges/{pledge}/events"), event)
            .await
            .created()
            .id()
    }

    /// A news article in English, but for these fields; its id.
    pub async fn article(&self, fields: Value) -> String {
        let article = laid_over(
            json!({
                "publisher": "The Example",
                "language": "en",
                "title": "Ministers meet in Kuwait",
                "kind": "news",
                "published_on": "2018-02-13",
            }),
            fields,
        );
        self.post("/v1/articles", article).await.created().id()
    }

    /// What an article says of a subject (`pledges/{id}`, `meetings/{slug}`, …); the citation's id.
    pub async fn citation(&self, subject: &str, article: &str, fields: Value) -> String {
        let citation = laid_over(json!({"subject": subject, "article": article}), fields);
        self.post("/v1/citations", citation).await.created().id()
    }

    /// The totals of a query: `""`, `"group_by=meeting&in=USD"`.
    pub async fn totals(&self, query: &str) -> Answer {
        self.get(&format!("/v1/totals?{query}")).await.expect(200)
    }

    /// A key that an admin makes; the whole answer, with its secret.
    pub async fn key(&self, fields: Value) -> Answer {
        self.post("/v1/keys", fields)
            .key(&self.keys.admin)
            .await
            .created()
    }

    /// The secret of an editor's key, confined as these fields say.
    pub async fn editor_with(&self, name: &str, fields: Value) -> String {
        let key = laid_over(json!({"name": name, "role": "editor"}), fields);
        self.key(key).await["secret"].as_str().unwrap().to_owned()
    }

    /// A pledge as it stands now.
    pub async fn pledge_now(&self, id: &str) -> Answer {
        self.get(&format!("/v1/pledges/{id}")).await.expect(200)
    }

    /// That every kept sum is what the pledges come to.
    pub async fn check_kept_sums(&self) {
        let mut reader = self.register.snapshot().await.unwrap();
        let wrong = rollups::verify(&mut reader).await.unwrap();
        assert_eq!(wrong, [], "a kept sum is wrong");
    }

    /// What happened to a record, newest first.
    pub async fn history(&self, path: &str) -> Answer {
        self.get(&format!("{path}/history")).await.expect(200)
    }
}

/// Fields laid over others; those that are null are left out.
fn laid_over(mut under: Value, over: Value) -> Value {
    let (Value::Object(fields), Value::Object(over)) = (&mut under, over) else {
        panic!("fields are an object");
    };
    for (name, value) in over {
        if value.is_null() {
            fields.remove(&name);
        } else {
            fields.insert(name, value);
        }
    }
    under
}

/// Kind and names of those who stand in stories; of anybody else, a state named as its code.
fn known(code: &str) -> (&'static str, &str, &str) {
    match code {
        "USA" => ("state", "United States", "الولايات المتحدة"),
        "KWT" => ("state", "Kuwait", "الكويت"),
        "SAU" => ("state", "Saudi Arabia", "السعودية"),
        "ARE" => ("state", "United Arab Emirates", "الإمارات العربية المتحدة"),
        "QAT" => ("state", "Qatar", "قطر"),
        "IRQ" => ("state", "Iraq", "العراق"),
        "SYR" => ("state", "Syria", "سوريا"),
        "TUR" => ("state", "Türkiye", "تركيا"),
        "DEU" => ("state", "Germany", "ألمانيا"),
        "GBR" => ("state", "United Kingdom", "المملكة المتحدة"),
        "EU" => ("igo", "European Union", "الاتحاد الأوروبي"),
        "UNDP" => (
            "igo",
            "United Nations Development Programme",
            "برنامج الأمم المتحدة الإنمائي",
        ),
        "ISDB" => ("ifi", "Islamic Development Bank", "البنك الإسلامي للتنمية"),
        _ => ("state", code, code),
    }
}
