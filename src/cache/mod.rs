//! Answers that are given again from memory, for as long as nothing was committed that they could show:
//! docs/decisions/0025.
//!
//! It stands in front of everything that a request passes through, as what is answered from memory needs none of it.

mod kept;
mod request;

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody, to_bytes},
    extract::Request,
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::{body::Incoming, service::Service};
use quick_cache::{
    DefaultHashBuilder, Lifecycle, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use tower::Service as _;

use crate::{
    auth::Door,
    db::Db,
    error::Error,
    history::{Register, Revision, Stamp},
    web::{Depends, arrival::Arrival},
};
use kept::Kept;
use request::{Question, Seen};

/// How much of the memory one answer may take: as many as this at least are kept.
const LARGEST_SHARE: usize = 16;

/// What an answer in memory takes beside its body and its question, in bytes: its head, and where it stands.
const OVERHEAD: usize = 2048;

/// The register over HTTP: what it has answered, and in front of what.
#[derive(Clone)]
pub struct Front {
    router: Router,
    memory: Option<Arc<Memory>>,
    /// Where what is asked is kept.
    db: Option<Db>,
}

struct Memory {
    register: Register,
    door: Door,
    answers: Cache<Box<[u8]>, Arc<Kept>, Weight, DefaultHashBuilder, Evictions>,
    largest: usize,
    hits: AtomicU64,
    misses: AtomicU64,
    evictions: Evictions,
}

/// What is in memory, and what became of who asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub answers: u64,
    pub bytes: u64,
    pub most_bytes: u64,
    /// How many were answered from memory so far.
    pub hits: u64,
    /// How many might have been, and what they asked for was not there, or did not hold any more.
    pub misses: u64,
    /// How many answers had to go for others.
    pub evictions: u64,
}

/// Counts what has to go.
#[derive(Clone, Default)]
struct Evictions(Arc<AtomicU64>);

impl<K, V> Lifecycle<K, V> for Evictions {
    type RequestState = <DefaultLifecycle<K, V> as Lifecycle<K, V>>::RequestState;

    fn on_evict(&self, state: &mut Self::RequestState, key: K, value: V) {
        self.0.fetch_add(1, Ordering::Relaxed);
        // Let go of once nobody waits for it.
        DefaultLifecycle::default().on_evict(state, key, value);
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<Box<[u8]>, Arc<Kept>> for Weight {
    fn weight(&self, question: &Box<[u8]>, kept: &Arc<Kept>) -> u64 {
        (question.len() + kept.len() + OVERHEAD) as u64
    }
}

impl Front {
    /// Keeps answers of so many bytes in all; none, nothing is answered from memory.
    #[must_use]
    pub fn new(router: Router, register: Register, door: Door, bytes: usize) -> Self {
        let db = Some(register.db().clone());
        let memory = (bytes > 0).then(|| {
            let evictions = Evictions::default();
            let answers = Cache::with(
                bytes / (2 * OVERHEAD),
                bytes as u64,
                Weight,
                DefaultHashBuilder::default(),
                evictions.clone(),
            );
            let largest = bytes / LARGEST_SHARE;
            Arc::new(Memory {
                register,
                door,
                answers,
                largest,
                hits: AtomicU64::default(),
                misses: AtomicU64::default(),
                evictions,
            })
        });
        Self { router, memory, db }
    }

    /// Keeps nothing.
    #[must_use]
    pub fn forgetful(router: Router) -> Self {
        Self {
            router,
            memory: None,
            db: None,
        }
    }

    /// What is kept, where anything is.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.memory.as_ref().map(|memory| Usage {
            answers: memory.answers.len() as u64,
            bytes: memory.answers.weight(),
            most_bytes: memory.answers.capacity(),
            hits: memory.hits.load(Ordering::Relaxed),
            misses: memory.misses.load(Ordering::Relaxed),
            evictions: memory.evictions.0.load(Ordering::Relaxed),
        })
    }

    /// Nothing that is under way is kept any more.
    pub fn keep_nothing_more(&self) {
        if let Some(db) = &self.db {
            db.keep_nothing_more();
        }
    }

    async fn asked(self, memory: Arc<Memory>, request: Request<Incoming>) -> Response {
        match memory.looked_up(&request).await {
            Ok(answer) => {
                memory.hits.fetch_add(1, Ordering::Relaxed);
                answer
            }
            // Apart, so that whoever is answered from memory takes no room for what makes an answer.
            Err((question, revision)) => {
                memory.misses.fetch_add(1, Ordering::Relaxed);
                Box::pin(self.made(memory, request, question, revision)).await
            }
        }
    }

    async fn made(
        mut self,
        memory: Arc<Memory>,
        request: Request<Incoming>,
        question: Option<Box<[u8]>>,
        revision: Option<Arc<Revision>>,
    ) -> Response {
        let mut request = Arrival::handed_on(request);
        let Some(question) = question.filter(|_| request.method() == Method::GET) else {
            return routed(&mut self.router, request).await;
        };
        // Whole, so that it can be kept for others; who asked is told no more than they want to know.
        let seen = Seen::taken_from(request.headers_mut());
        let answer = routed(&mut self.router, request).await;
        let mut answer = memory.kept(question, revision.as_deref(), answer).await;
        if answer.status() == StatusCode::OK && seen.has(answer.headers().get(header::ETAG)) {
            unsent(&mut answer);
        }
        answer
    }
}

async fn routed(router: &mut Router, request: Request) -> Response {
    let mut answer = match router.call(request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    };
    if answer.status() == StatusCode::NOT_MODIFIED {
        unsent(&mut answer);
    }
    answer
}

/// What the client has already is not sent, and its length is not that of nothing.
fn unsent(answer: &mut Response) {
    *answer.status_mut() = StatusCode::NOT_MODIFIED;
    *answer.body_mut() = Body::empty();
    // Of a body that is not sent, nothing is told but its tag.
    for told in [
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
        header::CONTENT_ENCODING,
        header::LINK,
    ] {
        answer.headers_mut().remove(told);
    }
}

/// An answer on its way.
pub enum Answering {
    /// It was at hand.
    AtHand(Option<Response>),
    Made(Pin<Box<dyn Future<Output = Response> + Send>>),
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::AtHand(answer) => answer
                .take()
                .map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer))),
            Self::Made(answer) => answer.as_mut().poll(context).map(Ok),
        }
    }
}

impl Service<Request<Incoming>> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        let Some(memory) = self.memory.as_ref().filter(|_| request::may_be_kept(&request)) else {
            let mut router = self.router.clone();
            return Answering::Made(Box::pin(async move {
                routed(&mut router, Arrival::handed_on(request)).await
            }));
        };
        if let Some(answer) = memory.at_hand(&request) {
            memory.hits.fetch_add(1, Ordering::Relaxed);
            return Answering::AtHand(Some(answer));
        }
        Answering::Made(Box::pin(self.clone().asked(memory.clone(), request)))
    }
}

impl Memory {
    /// The answer, where it is known on the spot that it still holds.
    fn at_hand(&self, request: &Request<Incoming>) -> Option<Response> {
        let now = self.register.clock().now();
        let today = now.date_naive();
        let mut revision = None;
        // Whoever comes without a key is known without a question.
        let question = Question::of(request, &self.door, None, today).or_else(|| {
            revision = Some(self.register.revision_at_once()?);
            Question::of(request, &self.door, revision.as_deref(), today)
        })?;
        let kept = question.with_key(|key| self.answers.get(key))?;
        if kept.is_of_a_moment() && revision.is_none() {
            revision = Some(self.register.revision_at_once()?);
        }
        kept.holds(revision.as_deref())
            .then(|| kept.answer(request, question.key, now))
    }

    /// The answer; else what is to be kept of the one that is made now, and as of when.
    async fn looked_up(
        &self,
        request: &Request<Incoming>,
    ) -> Result<Response, (Option<Box<[u8]>>, Option<Arc<Revision>>)> {
        let revision = self.register.revision().await;
        let now = self.register.clock().now();
        let Some(question) = Question::of(request, &self.door, revision.as_deref(), now.date_naive()) else {
            return Err((None, None));
        };
        match question.with_key(|key| self.answers.get(key)) {
            Some(kept) if kept.holds(revision.as_deref()) => Ok(kept.answer(request, question.key, now)),
            _ => Err((Some(question.with_key(|key| Box::from(key))), revision)),
        }
    }

    /// Keeps an answer, if it may be kept; and gives it.
    async fn kept(&self, question: Box<[u8]>, revision: Option<&Revision>, answer: Response) -> Response {
        let depends = answer.extensions().get::<Depends>().cloned();
        let depends = depends.or_else(|| {
            let is_tagged = answer.headers().contains_key(header::ETAG);
            is_tagged.then_some(Depends::OnEverything)
        });
        let (Some(depends), StatusCode::OK) = (depends, answer.status()) else {
            return answer;
        };
        let stamp = match revision {
            Some(revision) => revision.stamp(&depends),
            None if depends == Depends::OnNothing => Stamp::default(),
            None => return answer,
        };
        if depends == Depends::OnWhoAsks {
            return answer;
        }
        let length = answer
            .body()
            .size_hint()
            .exact()
            .and_then(|length| usize::try_from(length).ok());
        if length.is_none_or(|length| length > self.largest) {
            return answer;
        }
        // What was committed while it was made may be lost with a server that fails over to one that lacks it. That one
        // has committed what was asked before; what is kept would show more.
        if depends != Depends::OnNothing {
            let now = self.register.revision().await;
            if now.is_none_or(|now| now.stamp(&depends) != stamp) {
                return answer;
            }
        }
        let (head, body) = answer.into_parts();
        let body = match to_bytes(body, usize::MAX).await {
            // Of its own length: what it was made in may have room to spare.
            Ok(body) => Bytes::copy_from_slice(&body),
            Err(error) => return Error::internal(error).into_response(),
        };
        let kept = Kept::new(&head, body.clone(), depends, stamp);
        self.answers.insert(question, Arc::new(kept));
        Response::from_parts(head, body.into())
    }
}
