//! Where a request comes in: who asks and whom, whether it may, and what became of it in the end.

use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderValue, Method, Version, header},
    response::Response,
};
use hyper::{
    body::{Frame, Incoming, SizeHint},
    service::Service,
};
use tokio::io::AsyncWriteExt;

use super::{
    Answers, Policy,
    places::{Busy, PassedOn, Place},
    unread,
    wire::Wire,
};
use crate::{
    error::{Error, Result},
    web::{
        arrival::Arrival,
        host::{Named, is_of_health, is_of_readiness},
        layers,
        log::{Outcome, RequestLog},
        quota::Counted,
        traffic::Traffic,
    },
};

const NO_PLACE: &str = "All connections have requests under way. Nothing was done; try again in a moment.";

/// What all connections know of the server.
pub(super) struct State {
    pub(super) traffic: Traffic,
    is_draining: AtomicBool,
    /// What is under way is not waited for any more.
    is_cutting: AtomicBool,
}

impl State {
    pub(super) fn new(traffic: Traffic, policy: &Policy) -> Self {
        traffic.may_connect(policy.max_connections);
        Self {
            traffic,
            is_draining: AtomicBool::default(),
            is_cutting: AtomicBool::default(),
        }
    }

    pub(super) fn drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn cut(&self) {
        self.is_cutting.store(true, Ordering::Relaxed);
    }
}

/// Lets the requests of one connection in.
pub(super) struct Entry<S> {
    pub(super) answers: S,
    pub(super) policy: Arc<Policy>,
    pub(super) state: Arc<State>,
    pub(super) peer: SocketAddr,
    pub(super) place: Place,
    pub(super) named: Named,
    pub(super) flushed: Flushed,
}

impl<S: Answers> Entry<S> {
    /// Whether the request may be asked; if so, its share of what its client may have.
    fn admit(&self, request: &Request<Incoming>, arrival: &Arrival) -> Result<Option<PassedOn>> {
        let client = arrival.client();
        arrival.counted().map_or(Ok(()), Counted::admit)?;
        self.policy.allowed_hosts.admit(request, &self.named)?;
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let is_of_health = reads && is_of_health(request.uri().path());
        if self.place.is_spare() && !is_of_health {
            return Err(Error::Overloaded(NO_PLACE));
        }
        let is_draining = self.state.is_draining.load(Ordering::Relaxed);
        if is_draining && reads && is_of_readiness(request.uri().path()) {
            return Err(Error::Draining);
        }
        // Whoever is connected directly has a place of their own; and how the register fares is told whatever its client holds.
        let is_counted = client != self.policy.trusted_proxies.peer(self.peer) && !is_of_health;
        match client.counted_by().filter(|_| is_counted) {
            None => Ok(None),
            Some(client) => match self.place.passed_on(client) {
                Some(passed_on) => Ok(Some(passed_on)),
                None => Err(Error::TooManyConnections(self.place.most_of_one())),
            },
        }
    }
}

impl<S> Entry<S> {
    fn under_way<B>(
        &self,
        request: &Request<B>,
        arrival: Arrival,
        log: RequestLog,
        passed_on: Option<PassedOn>,
    ) -> UnderWay {
        self.state.traffic.is_under_way();
        self.flushed.is_asked();
        UnderWay {
            arrival,
            log,
            outcome: Outcome::Left,
            is_last: self.place.is_spare(),
            has_no_body: request.method() == Method::HEAD,
            is_of_1_0: request.version() == Version::HTTP_10,
            state: self.state.clone(),
            flushed: self.flushed.clone(),
            _busy: self.place.busy(),
            _passed_on: passed_on,
        }
    }

    /// Answers what had come of a head of which no request was made. It is told and counted like any other.
    pub(super) async fn refuse(self, head: &[u8], error: Error, wire: &mut Wire) -> io::Result<()> {
        let mut request = unread::request(head);
        let client = self.policy.trusted_proxies.client(self.peer, request.headers());
        let base = self.policy.base(self.peer, request.headers());
        let arrival = Arrival::of(&mut request, false, client, base, self.policy.quota.as_ref());
        let traffic = &self.state.traffic;
        let log = RequestLog::begin(&request, arrival.clone(), traffic, self.policy.quiet).unread(traffic);
        let mut under_way = self.under_way(&request, arrival, log, None);
        under_way.is_last = true;
        // It counts like any other, and is refused like any other.
        let too_many = under_way.arrival.counted().and_then(|it| it.admit().err());
        let error = too_many.unwrap_or(error);
        let mut answer = layers::refused(&request, error);
        under_way.answers(&mut answer);
        let (text, body) = unread::written(answer, request.method()).await;
        wire.write_all(&text).await?;
        wire.flush().await?;
        under_way.log.sent(body);
        under_way.outcome = Outcome::Answered;
        Ok(())
    }
}

impl<S: Answers> Service<Request<Incoming>> for Entry<S> {
    type Response = Response<Sent>;
    type Error = Infallible;
    type Future = Sent<Made<S::Future>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let client = self.policy.trusted_proxies.client(self.peer, request.headers());
        let has_body = !request.body().is_end_stream();
        let base = self.policy.base(self.peer, request.headers());
        let arrival = Arrival::of(&mut request, has_body, client, base, self.policy.quota.as_ref());
        let traffic = &self.state.traffic;
        let log = RequestLog::begin(&request, arrival.clone(), traffic, self.policy.quiet);
        let admitted = self.admit(&request, &arrival);
        let (inner, passed_on) = match admitted {
            Ok(passed_on) => (None, passed_on),
            Err(error) => (Some(layers::refused(&request, error)), None),
        };
        let under_way = self.under_way(&request, arrival, log, passed_on);
        let inner = match inner {
            Some(refusal) => Made::Refused(Some(refusal)),
            None => Made::Asked(self.answers.call(request)),
        };
        Sent {
            inner,
            under_way: Some(under_way),
        }
    }
}

/// A request that is under way.
struct UnderWay {
    arrival: Arrival,
    log: RequestLog,
    outcome: Outcome,
    /// The connection is for this one.
    is_last: bool,
    has_no_body: bool,
    is_of_1_0: bool,
    state: Arc<State>,
    flushed: Flushed,
    _busy: Busy,
    _passed_on: Option<PassedOn>,
}

impl UnderWay {
    /// This is what is answered, to which is added what every answer says.
    fn answers<B>(&mut self, answer: &mut Response<B>) {
        layers::guard(answer.headers_mut());
        self.log.answered(answer);
        if let Some(counted) = self.arrival.counted() {
            counted.tell(answer.headers_mut());
        }
        let close = HeaderValue::from_static("close");
        // Of a body that nobody has read, the next request would be read before this answer is written.
        if !self.arrival.is_read() {
            answer.headers_mut().insert(header::CONNECTION, close.clone());
        }
        if answer.headers().contains_key(header::CONNECTION) {
            self.flushed.is_parting();
        }
        // Whoever comes again is to come to somebody else.
        if self.is_last || self.state.is_draining.load(Ordering::Relaxed) {
            answer.headers_mut().insert(header::CONNECTION, close);
        }
        // hyper would add to it that the connection is kept open, as whoever asked by 1.0 wanted, if this were an answer of 1.1.
        if self.is_of_1_0 && answer.headers().contains_key(header::CONNECTION) {
            *answer.version_mut() = Version::HTTP_10;
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.flushed.is_over();
        self.state.traffic.is_over();
        let outcome = match self.outcome {
            Outcome::Left if self.flushed.0.is_given_up.load(Ordering::Relaxed) => Outcome::GivenUp,
            Outcome::Left if self.state.is_cutting.load(Ordering::Relaxed) => Outcome::Cut,
            outcome => outcome,
        };
        self.log.end(outcome, &self.state.traffic);
    }
}

/// How far a connection is with its answers.
#[derive(Clone, Default)]
pub(super) struct Flushed(Arc<Answering>);

#[derive(Default)]
struct Answering {
    /// The requests whose whole answers were made, until they are also written.
    made: Mutex<Vec<UnderWay>>,
    /// How many are under way, those among them.
    under_way: AtomicUsize,
    /// An answer is under way, or some of one may not be written yet.
    is_owed: AtomicBool,
    /// An answer has ended the connection by itself: its request may still be coming.
    is_parting: AtomicBool,
    /// We did, as too little of an answer was taken.
    is_given_up: AtomicBool,
}

impl Flushed {
    fn is_asked(&self) {
        self.0.under_way.fetch_add(1, Ordering::Relaxed);
        self.0.is_owed.store(true, Ordering::Relaxed);
    }

    fn is_over(&self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether what is written now is somebody's answer.
    pub(super) fn is_owed(&self) -> bool {
        self.0.is_owed.load(Ordering::Relaxed)
    }

    fn is_parting(&self) {
        self.0.is_parting.store(true, Ordering::Relaxed);
    }

    /// Whether the client may still be sending what nobody reads.
    pub(super) fn has_parted(&self) -> bool {
        self.0.is_parting.load(Ordering::Relaxed)
    }

    pub(super) fn give_up(&self) {
        self.0.is_given_up.store(true, Ordering::Relaxed);
    }

    /// All that was made is written.
    pub(super) fn all(&self) {
        for mut answered in self.made().drain(..) {
            answered.outcome = Outcome::Answered;
            drop(answered);
        }
        if self.0.under_way.load(Ordering::Relaxed) == 0 {
            self.0.is_owed.store(false, Ordering::Relaxed);
        }
    }

    /// Nobody is there any more to whom anything could be written.
    pub(super) fn gone(&self) {
        self.made().clear();
    }

    fn made(&self) -> MutexGuard<'_, Vec<UnderWay>> {
        // Nothing that is done to them can panic halfway, and none of them asks for the others as it ends.
        self.0.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer, whoever makes it.
pub(super) enum Made<F> {
    Refused(Option<Response>),
    Asked(F),
}

impl<F: Future<Output = Result<Response, Infallible>> + Unpin> Future for Made<F> {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Refused(refusal) => refusal
                .take()
                .map_or(Poll::Pending, |refusal| Poll::Ready(Ok(refusal))),
            Self::Asked(answer) => Pin::new(answer).poll(context),
        }
    }
}

/// An answer that is made, then its body: the request is under way until that is sent.
pub(super) struct Sent<T = Body> {
    inner: T,
    under_way: Option<UnderWay>,
}

impl<F> Future for Sent<F>
where
    F: Future<Output = Result<Response, Infallible>> + Unpin,
{
    type Output = Result<Response<Sent>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.inner).poll(context));
        let mut under_way = self.under_way.take();
        Poll::Ready(answer.map(|mut answer| {
            if let Some(under_way) = &mut under_way {
                under_way.answers(&mut answer);
            }
            let mut answer = answer.map(|inner| Sent { inner, under_way });
            answer.body_mut().look_for_the_end();
            answer
        }))
    }
}

impl Sent {
    /// Where nothing of the body is left, the request is only under way until what was made is written.
    fn look_for_the_end(&mut self) {
        let is_over = self
            .under_way
            .as_ref()
            .is_some_and(|it| it.has_no_body || self.inner.is_end_stream());
        if is_over {
            self.is_made();
        }
    }

    fn is_made(&mut self) {
        if let Some(under_way) = self.under_way.take() {
            let flushed = under_way.flushed.clone();
            flushed.made().push(under_way);
        }
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = ready!(Pin::new(&mut self.inner).poll_frame(context));
        match &polled {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                if let Some(under_way) = &mut self.under_way {
                    under_way.log.sent(length);
                }
                self.look_for_the_end();
            }
            Some(Err(_)) => {}
            None => self.is_made(),
        }
        Poll::Ready(polled)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
