//! An answer that was given, to be given again.

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, header, response::Parts},
    response::Response,
};
use uuid::Uuid;

use super::{request::names, unsent};
use crate::{
    history::{Revision, Stamp},
    totals::PROVENANCE,
    values::Timestamp,
    web::{Depends, arrival::Arrival, layers},
};

pub(super) struct Kept {
    headers: HeaderMap,
    body: Bytes,
    depends: Depends,
    stamp: Stamp,
}

impl Kept {
    pub(super) fn new(head: &Parts, body: Bytes, depends: Depends, stamp: Stamp) -> Self {
        let mut headers = head.headers.clone();
        // To be replaced, which takes no room that is not there.
        headers.insert(layers::X_REQUEST_ID, HeaderValue::from_static(""));
        layers::guard(&mut headers);
        Self {
            headers,
            body,
            depends,
            stamp,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.body.len()
    }

    /// Whether a write can make it another one.
    pub(super) fn is_of_a_moment(&self) -> bool {
        self.depends != Depends::OnNothing
    }

    /// Whether it would be made as it is again.
    pub(super) fn holds(&self, revision: Option<&Revision>) -> bool {
        !self.is_of_a_moment() || revision.is_some_and(|revision| revision.stamp(&self.depends) == self.stamp)
    }

    /// The answer to this request, which holds now. Or that the key asks too much that it came with.
    pub(super) fn answer<B>(&self, request: &Request<B>, key: Option<Uuid>, now: Timestamp) -> Response {
        if let Some(key) = key
            && let Some(counted) = Arrival::get(request).and_then(Arrival::counted)
            && let Err(too_many) = counted.admit_key(key)
        {
            return layers::refused(request, too_many);
        }
        let mut answer = Response::new(Body::empty());
        answer.headers_mut().clone_from(&self.headers);
        let seen = request.headers().get_all(header::IF_NONE_MATCH).iter();
        if names(seen, self.headers.get(header::ETAG)) {
            unsent(&mut answer);
        } else {
            *answer.body_mut() = Body::from(self.body.clone());
        }
        if let Some(as_of) = answer.headers_mut().get_mut(PROVENANCE.as_of)
            && let Ok(now) = HeaderValue::from_str(&now.to_rfc3339())
        {
            *as_of = now;
        }
        layers::named(request, answer)
    }
}
