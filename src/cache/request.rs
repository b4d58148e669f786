//! What is asked, as far as the answer hangs on it.

use std::cell::RefCell;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
};
use chrono::{Datelike, NaiveDate};
use hyper::body::Body;
use uuid::Uuid;

use crate::{
    auth::{Door, MayRead},
    history::Revision,
    web::{arrival::Arrival, coding, host::is_of_readiness, layers},
};

/// What makes an answer another one, or none to be kept: whoever sends it is answered anew.
const UNUSUAL: [HeaderName; 3] = [header::IF_MATCH, header::RANGE, header::EXPECT];

/// What an answer is chosen by.
const CHOSEN_BY: [HeaderName; 2] = [header::ACCEPT, header::ACCEPT_LANGUAGE];

/// Whether an answer to it may be kept, or be a kept one.
pub(super) fn may_be_kept<B: Body>(request: &Request<B>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD)
        && request.body().is_end_stream()
        && layers::bounded(request).is_ok()
        // Whether it can be asked is the question.
        && !is_of_readiness(request.uri().path())
        && !UNUSUAL.iter().any(|name| request.headers().contains_key(name))
}

/// A question, by whoever may ask it.
pub(super) struct Question<'r> {
    target: &'r str,
    headers: &'r HeaderMap,
    /// Where links lead.
    base: &'r str,
    may_read: bool,
    /// Whose key it came with.
    pub(super) key: Option<Uuid>,
    /// Names are of a day.
    today: NaiveDate,
}

impl<'r> Question<'r> {
    /// None where it is not known whether who asks may: the door will tell.
    pub(super) fn of<B>(
        request: &'r Request<B>,
        door: &Door,
        revision: Option<&Revision>,
        today: NaiveDate,
    ) -> Option<Self> {
        let (MayRead(may_read), key) = door.reader(request, revision)?;
        if !may_read && request.uri().path().starts_with("/v1") {
            return None;
        }
        Some(Self {
            target: request.uri().path_and_query()?.as_str(),
            headers: request.headers(),
            base: Arrival::get(request).map_or("", |arrival| arrival.base().server()),
            may_read,
            key,
            today,
        })
    }

    /// The question as one text, which no other question has.
    pub(super) fn with_key<T>(&self, work: impl FnOnce(&[u8]) -> T) -> T {
        thread_local! {
            static KEY: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        KEY.with_borrow_mut(|key| {
            key.clear();
            key.push(u8::from(self.may_read));
            key.push(coding::negotiated(self.headers) as u8);
            key.extend_from_slice(&self.today.num_days_from_ce().to_be_bytes());
            key.extend_from_slice(self.base.as_bytes());
            // No path has one in it, nor a header or a target.
            key.push(b'\n');
            key.extend_from_slice(self.target.as_bytes());
            for name in &CHOSEN_BY {
                key.push(b'\n');
                for value in self.headers.get_all(name) {
                    key.extend_from_slice(value.as_bytes());
                    key.push(b'\r');
                }
            }
            work(key)
        })
    }
}

/// The tags of what a client has already.
pub(super) struct Seen(Vec<HeaderValue>);

impl Seen {
    pub(super) fn taken_from(headers: &mut HeaderMap) -> Self {
        let tags = headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect();
        headers.remove(header::IF_NONE_MATCH);
        Self(tags)
    }

    pub(super) fn has(&self, tag: Option<&HeaderValue>) -> bool {
        names(self.0.iter(), tag)
    }
}

/// Whether a list of tags names this one, in whichever strength. A tag that is no text matches nothing, and its
/// neighbours do, as where the answer is made.
pub(super) fn names<'a>(lists: impl Iterator<Item = &'a HeaderValue>, tag: Option<&HeaderValue>) -> bool {
    let Some(Ok(tag)) = tag.map(HeaderValue::to_str) else {
        return false;
    };
    lists
        .map(|list| String::from_utf8_lossy(list.as_bytes()))
        .any(|list| {
            list.split(',')
                .map(str::trim)
                .any(|named| named == "*" || coding::is_same(named, tag))
        })
}
