//! What is counted of requests and connections, for whoever watches over the register: docs/decisions/0036.
//!
//! Whoever counts adds to an atomic and goes on. A request's route is found as it comes in, whoever answers it then.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::http::{Method, StatusCode};

/// The bounds of what times are sorted into, in microseconds: from an answer at hand to one that was given up.
const BOUNDS: [u64; 16] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 5_000_000, 10_000_000,
];

/// A method that is none of the contract's is a stranger's word.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "other"];

/// The first digit of a status; of a request that was not answered, none.
const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// What is asked for and is no route of ours.
const NO_ROUTE: &str = "none";

/// What is counted; a clone counts along.
#[derive(Debug, Clone)]
pub struct Traffic(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    /// In their order.
    routes: Vec<Route>,
    /// The same as paths lead to them.
    by_path: matchit::Router<Route>,
    none: Route,
    refused: RwLock<BTreeMap<&'static str, AtomicU64>>,
    in_flight: AtomicUsize,
    connected: AtomicUsize,
    most_connected: AtomicUsize,
    gave_way: AtomicU64,
    turned_away: AtomicU64,
}

impl Default for Traffic {
    /// Of no routes.
    fn default() -> Self {
        Self::of([])
    }
}

impl Traffic {
    /// Of these routes, which are told apart: templates as they stand in the contract.
    pub fn of(templates: impl IntoIterator<Item = String>) -> Self {
        let templates: BTreeSet<String> = templates.into_iter().collect();
        let routes: Vec<_> = templates.iter().map(|template| Route::new(template)).collect();
        let mut by_path = matchit::Router::new();
        for route in &routes {
            if let Err(error) = by_path.insert(route.template(), route.clone()) {
                tracing::error!(%error, route = route.template(), "a route is not counted apart");
            }
        }
        Self(Arc::new(Counts {
            routes,
            by_path,
            none: Route::new(NO_ROUTE),
            refused: RwLock::default(),
            in_flight: AtomicUsize::default(),
            connected: AtomicUsize::default(),
            most_connected: AtomicUsize::default(),
            gave_way: AtomicU64::default(),
            turned_away: AtomicU64::default(),
        }))
    }
}

/// Without more slashes around it than the first one: they mean nothing to who answers either.
fn plain(path: &str) -> &str {
    let bare = path.trim_matches('/');
    if bare.is_empty() {
        return &path[..path.len().min(1)];
    }
    let path = path.trim_end_matches('/');
    &path[(path.len() - bare.len()).saturating_sub(1)..]
}

/// Why a request was refused, as its problem says. Whoever makes the problem puts it among the answer's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Refusal(pub &'static str);

/// A route, as it stands in the contract, and what was counted of it.
#[derive(Debug, Clone)]
pub struct Route(Arc<Series>);

#[derive(Debug)]
struct Series {
    template: Box<str>,
    times: [[OnceLock<Box<Times>>; CLASSES.len()]; METHODS.len()],
}

impl Route {
    fn new(template: &str) -> Self {
        Self(Arc::new(Series {
            template: template.into(),
            times: Default::default(),
        }))
    }

    #[must_use]
    pub fn template(&self) -> &str {
        &self.0.template
    }

    /// The same; none where it is [`NO_ROUTE`].
    pub(super) fn if_any(&self) -> Option<&str> {
        Some(self.template()).filter(|it| *it != NO_ROUTE)
    }

    /// A request has ended so.
    pub(super) fn took(&self, method: &Method, status: Option<StatusCode>, time: Duration) {
        let times = &self.0.times[number_of(method)][class_of(status)];
        times.get_or_init(Box::default).add(time);
    }
}

fn number_of(method: &Method) -> usize {
    match *method {
        Method::GET => 0,
        Method::HEAD => 1,
        Method::POST => 2,
        Method::PUT => 3,
        Method::PATCH => 4,
        Method::DELETE => 5,
        _ => 6,
    }
}

fn class_of(status: Option<StatusCode>) -> usize {
    let digit = status.map_or(0, |status| usize::from(status.as_u16() / 100));
    if digit < CLASSES.len() { digit } else { 0 }
}

/// How long requests took: how many of them within each of the bounds, the others last, and all of them together.
#[derive(Debug, Default)]
struct Times {
    counts: [AtomicU64; BOUNDS.len() + 1],
    nanos: AtomicU64,
}

impl Times {
    fn add(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        // A bound is part of what it bounds.
        let at = BOUNDS.iter().take_while(|bound| micros > **bound).count();
        self.counts[at].fetch_add(1, Relaxed);
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Relaxed);
    }
}

/// What was counted of requests that have this much in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Requests {
    pub route: Route,
    pub method: &'static str,
    pub class: &'static str,
    /// How long all of them took.
    pub seconds: f64,
    /// A bound in seconds, and how many took no longer, but longer than the one before.
    pub within: Vec<(f64, u64)>,
}

impl PartialEq for Route {
    fn eq(&self, other: &Self) -> bool {
        self.template() == other.template()
    }
}

/// Who is connected, and who could not stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    pub open: usize,
    pub most: usize,
    /// How many had to go for others, so far.
    pub gave_way: u64,
    /// How many were closed as their client has as many as one may have, so far.
    pub turned_away: u64,
}

impl Traffic {
    /// Where a path leads, whatever becomes of who asks; [`NO_ROUTE`], nowhere.
    pub(super) fn route(&self, path: &str) -> Route {
        let found = self.0.by_path.at(plain(path)).ok();
        found.map_or(&self.0.none, |found| found.value).clone()
    }

    pub(super) fn no_route(&self) -> Route {
        self.0.none.clone()
    }

    pub(super) fn refused(&self, Refusal(code): Refusal) {
        if let Some(count) = read(&self.0.refused).get(code) {
            count.fetch_add(1, Relaxed);
            return;
        }
        let mut refused = self.0.refused.write().unwrap_or_else(PoisonError::into_inner);
        refused.entry(code).or_default().fetch_add(1, Relaxed);
    }

    /// A request is under way until [`Self::is_over`].
    pub fn is_under_way(&self) {
        self.0.in_flight.fetch_add(1, Relaxed);
    }

    pub fn is_over(&self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }

    /// How many requests are under way: each from when its head was read until its answer is sent.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.load(Relaxed)
    }

    /// So many may be connected.
    pub fn may_connect(&self, most: usize) {
        self.0.most_connected.store(most, Relaxed);
    }

    /// Somebody is connected, for as long as what is returned.
    #[must_use]
    pub fn connected(&self) -> Connected {
        self.0.connected.fetch_add(1, Relaxed);
        Connected(self.clone())
    }

    /// Somebody's connection was closed for somebody else's.
    pub fn gave_way(&self) {
        self.0.gave_way.fetch_add(1, Relaxed);
    }

    /// Somebody came who has as many connections as one may have.
    pub fn turned_away(&self) {
        self.0.turned_away.fetch_add(1, Relaxed);
    }

    #[must_use]
    pub fn connections(&self) -> Connections {
        Connections {
            open: self.0.connected.load(Relaxed),
            most: self.0.most_connected.load(Relaxed),
            gave_way: self.0.gave_way.load(Relaxed),
            turned_away: self.0.turned_away.load(Relaxed),
        }
    }

    /// Refused requests by the codes of their problems.
    #[must_use]
    pub fn refusals(&self) -> Vec<(&'static str, u64)> {
        let refused = read(&self.0.refused);
        refused
            .iter()
            .map(|(code, count)| (*code, count.load(Relaxed)))
            .collect()
    }

    /// All requests that have ended, in the order of their routes.
    #[must_use]
    pub fn requests(&self) -> Vec<Requests> {
        let mut all = Vec::new();
        for route in self.0.routes.iter().chain([&self.0.none]) {
            for (method, classes) in METHODS.iter().zip(&route.0.times) {
                for (class, times) in CLASSES.iter().zip(classes) {
                    all.extend(times.get().map(|times| Requests {
                        route: route.clone(),
                        method,
                        class,
                        seconds: Duration::from_nanos(times.nanos.load(Relaxed)).as_secs_f64(),
                        within: times.read(),
                    }));
                }
            }
        }
        all
    }
}

impl Times {
    fn read(&self) -> Vec<(f64, u64)> {
        let bounds = BOUNDS
            .iter()
            .map(|micros| Duration::from_micros(*micros).as_secs_f64());
        let counts = self.counts.iter().map(|count| count.load(Relaxed));
        bounds.chain([f64::INFINITY]).zip(counts).collect()
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    // Nothing that is done to them can panic halfway.
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Somebody who is connected.
#[derive(Debug)]
pub struct Connected(Traffic);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.0.connected.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(templates: &[&str]) -> Traffic {
        Traffic::of(templates.iter().map(|template| (*template).to_owned()))
    }

    fn ended(traffic: &Traffic, path: &str, method: &Method, status: u16, micros: u64) {
        let route = traffic.route(path);
        let status = StatusCode::from_u16(status).ok();
        route.took(method, status, Duration::from_micros(micros));
    }

    #[test]
    fn a_time_is_counted_once_and_a_bound_is_part_of_what_it_bounds() {
        let traffic = of(&["/here"]);
        for micros in [0, 100, 101, 10_000_000, 10_000_001] {
            ended(&traffic, "/here", &Method::GET, 200, micros);
        }
        let all = traffic.requests();
        let [requests] = all.as_slice() else {
            panic!("{all:?}")
        };
        let counted: Vec<_> = requests.within.iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(
            counted,
            [&(0.0001, 2), &(0.00025, 1), &(10.0, 1), &(f64::INFINITY, 1)]
        );
        assert!((requests.seconds - 20.000_202).abs() < 1e-9);
    }

    #[test]
    fn no_stranger_makes_a_series() {
        let traffic = Traffic::default();
        for method in ["BREW", "PROPFIND"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let route = traffic.route(method.as_str());
            route.took(&method, StatusCode::from_u16(999).ok(), Duration::ZERO);
            route.took(&method, None, Duration::ZERO);
        }
        let all = traffic.requests();
        let [requests] = all.as_slice() else {
            panic!("{all:?}")
        };
        assert_eq!(
            (requests.route.template(), requests.method, requests.class),
            ("none", "other", "none")
        );
    }

    #[test]
    fn a_path_leads_where_its_answer_is_made() {
        let traffic = of(&["/", "/v1/pledges", "/v1/pledges/{key}", "/v1/pledges/batch"]);
        let long = format!("/v1/pledges/{}", "x".repeat(9_000));
        for (path, template) in [
            ("/", "/"),
            ("//", "/"),
            ("/v1", "none"),
            ("/v1/pledges", "/v1/pledges"),
            ("///v1/pledges//", "/v1/pledges"),
            ("/v1/pledges/%D8%A3", "/v1/pledges/{key}"),
            ("/v1/pledges/batch", "/v1/pledges/batch"),
            ("/v1/pledges/batch/x", "none"),
            ("*", "none"),
            // As of CONNECT.
            ("", "none"),
            (&long, "/v1/pledges/{key}"),
        ] {
            assert_eq!(traffic.route(path).template(), template, "{path:.40}");
        }
    }

    #[test]
    fn routes_methods_classes_and_refusals_are_told_apart() {
        let traffic = of(&["/b", "/a", "/a"]);
        ended(&traffic, "/b", &Method::GET, 200, 1);
        ended(&traffic, "/a", &Method::GET, 200, 1);
        ended(&traffic, "/a", &Method::GET, 404, 1);
        ended(&traffic, "/a", &Method::POST, 201, 1);
        let all = traffic.requests();
        let named = all.iter().map(|it| (it.route.template(), it.method, it.class));
        let named: Vec<_> = named.collect();
        let expected = [
            ("/a", "GET", "2xx"),
            ("/a", "GET", "4xx"),
            ("/a", "POST", "2xx"),
            ("/b", "GET", "2xx"),
        ];
        assert_eq!(named, expected);
        for code in ["busy", "not_found", "busy"] {
            traffic.refused(Refusal(code));
        }
        assert_eq!(traffic.refusals(), [("busy", 2), ("not_found", 1)]);
    }
}
