//! What is known of a request from its arrival until it is logged, whoever answers it.

use std::sync::{Arc, OnceLock};

use axum::{extract::Request, http::HeaderValue};

use super::{
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
    counted: Option<Counted>,
    key: OnceLock<String>,
}

impl Arrival {
    /// Names a request and counts it; it is found among the request's extensions from here on.
    pub fn of<B>(request: &mut Request<B>, client: Client, quota: Option<&Quota>) -> Self {
        let arrival = Self(Arc::new(Known {
            id: layers::name_of(request),
            client,
            counted: quota.and_then(|quota| quota.count(request.uri().path(), client)),
            key: OnceLock::new(),
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
}
