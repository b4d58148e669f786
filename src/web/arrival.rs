//! What is known of a request from its arrival until it is logged, whoever answers it.

use std::{
    pin::Pin,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum::{
    BoxError,
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::HeaderValue,
};
use hyper::body::{Frame, SizeHint};

use super::{
    base::Base,
    client::Client,
    layers,
    quota::{Counted, Quota},
};

/// A request that was let in. A clone is of the same one.
#[derive(Debug, Clone)]
pub struct Arrival(Arc<Known>);

#[derive(Debug)]
struct Known {
    id: HeaderValue,
    client: Client,
    base: Base,
    counted: Option<Counted>,
    key: OnceLock<String>,
    /// Whether its body was read to its end, if it has one.
    is_read: AtomicBool,
}

impl Arrival {
    /// Names a request and counts it; it is found among the request's extensions from here on.
    pub fn of<B>(
        request: &mut Request<B>,
        has_body: bool,
        client: Client,
        base: Base,
        quota: Option<&Quota>,
    ) -> Self {
        let arrival = Self(Arc::new(Known {
            id: layers::name_of(request),
            client,
            base,
            counted: quota.and_then(|quota| quota.count(request.uri().path(), client)),
            key: OnceLock::new(),
            is_read: AtomicBool::new(!has_body),
        }));
        request.extensions_mut().insert(arrival.clone());
        arrival
    }

    /// None where nobody let it in by [`Self::of`].
    #[must_use]
    pub fn get<B>(request: &Request<B>) -> Option<&Self> {
        request.extensions().get()
    }

    /// What the request is called: as it stands in the answer, so that it is written once.
    #[must_use]
    pub fn id(&self) -> &HeaderValue {
        &self.0.id
    }

    #[must_use]
    pub fn client(&self) -> Client {
        self.0.client
    }

    /// Where its client finds the register.
    #[must_use]
    pub fn base(&self) -> &Base {
        &self.0.base
    }

    /// None where nobody counts it.
    #[must_use]
    pub fn counted(&self) -> Option<&Counted> {
        self.0.counted.as_ref()
    }

    /// The name of the key that it came with, right or not any more.
    pub fn came_with(&self, key: &str) {
        self.0.key.get_or_init(|| key.to_owned());
    }

    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.0.key.get().map(String::as_str)
    }

    /// Whether nothing of its body is left that nobody has asked for.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.0.is_read.load(Ordering::Relaxed)
    }

    /// The request as it is handed on to who answers it: it is noticed whether that reads its body to the end.
    pub fn handed_on<B>(request: Request<B>) -> Request
    where
        B: HttpBody<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        let arrival = Self::get(&request).cloned();
        request.map(|body| match arrival {
            Some(arrival) if !arrival.is_read() => Body::new(Noticed { body, arrival }),
            _ => Body::new(body),
        })
    }
}

/// A body of which it is noticed that it was read to its end.
struct Noticed<B> {
    body: B,
    arrival: Arrival,
}

impl<B: HttpBody + Unpin> HttpBody for Noticed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.arrival.0.is_read.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
