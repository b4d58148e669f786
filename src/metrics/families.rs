//! The figures by name: what each of them is, as a scraper reads it.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet},
    metrics::MetricType,
};

use crate::{
    cache,
    db::{self, PoolUsage, Usage},
    values::Timestamp,
    web::traffic::{Connections, Requests},
};

/// All that is known of one moment. What could not be read then is none, and is not told.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub started: Timestamp,
    /// Whether the register is up to date, and answers.
    pub is_open: bool,
    pub requests: Vec<Requests>,
    pub refusals: Vec<(&'static str, u64)>,
    pub in_flight: usize,
    pub connections: Connections,
    pub usage: Usage,
    /// Whether the database does; not asked while it is brought up to date.
    pub answers: Option<bool>,
    pub log_bytes: Option<u64>,
    pub cached: Option<cache::Usage>,
    pub lines_dropped: u64,
}

impl Collector for Snapshot {
    fn encode(&self, encoder: DescriptorEncoder) -> fmt::Result {
        let mut to = Families(encoder);
        self.of_the_program(&mut to)?;
        self.of_requests(&mut to)?;
        self.of_connections(&mut to)?;
        self.of_the_database(&mut to)?;
        self.of_the_cache(&mut to)?;
        to.counter(
            "log_lines_dropped",
            "Lines of the log that were dropped, as standard error did not take them.",
            self.lines_dropped,
        )
    }
}

impl Snapshot {
    fn of_the_program(&self, to: &mut Families) -> fmt::Result {
        let schema = db::newest_schema().to_string();
        to.gauges(
            "build_info",
            "Which program this is, and the schema that it keeps; always 1.",
            [(
                [
                    ("version", env!("CARGO_PKG_VERSION")),
                    ("schema", schema.as_str()),
                ],
                1,
            )],
        )?;
        to.gauge(
            "start_time_seconds",
            "When the program began, in seconds since 1970.",
            self.started.timestamp(),
        )?;
        to.gauge(
            "serving",
            "Whether the register answers; 0 while it is brought up to date.",
            u8::from(self.is_open),
        )
    }

    fn of_requests(&self, to: &mut Families) -> fmt::Result {
        to.histograms(
            "http_request_duration_seconds",
            "How long requests took, from their head to the last byte of the answer, by route, method and class of status; none is no route of ours, and a client that left before it was answered.",
            &self.requests,
        )?;
        to.gauge(
            "http_requests_in_flight",
            "Requests that are under way, their answers not sent yet.",
            self.in_flight,
        )?;
        to.counters(
            "http_refused",
            "Requests that were answered with a problem of status 400 or more, by its code.",
            self.refusals
                .iter()
                .map(|(code, count)| ([("code", *code)], *count)),
        )
    }

    fn of_connections(&self, to: &mut Families) -> fmt::Result {
        let Connections {
            open,
            most,
            gave_way,
            turned_away,
        } = self.connections;
        to.gauge(
            "connections",
            "Connections that are open, also those beyond connections_max.",
            open,
        )?;
        to.gauge(
            "connections_max",
            "How many connections have a place; up to 32 more are let in only to be told that there is none.",
            most,
        )?;
        to.counter(
            "connections_gave_way",
            "Connections that were closed for others, when all places were taken.",
            gave_way,
        )?;
        to.counter(
            "connections_refused",
            "Connections that were closed at once, as their client had as many as one may have.",
            turned_away,
        )
    }

    fn of_the_database(&self, to: &mut Families) -> fmt::Result {
        let Usage {
            places,
            waiting_for_turn,
            waiting_in_line,
            statements,
            keeps_writes,
        } = &self.usage;
        if let Some(answers) = self.answers {
            to.gauge(
                "database_up",
                "Whether the database answered within a second, and is the register that was opened; not asked while it is brought up to date.",
                u8::from(answers),
            )?;
        }
        to.gauge(
            "database_keeps_writes",
            "Whether what was written last was kept, as far as is known.",
            u8::from(*keeps_writes),
        )?;
        let by_pool = |number: fn(&PoolUsage) -> usize| {
            places
                .iter()
                .map(move |places| ([("pool", places.of)], number(places)))
        };
        to.gauges(
            "database_places",
            "How many connections to the database each kind of work may have; those of dear_readers are a share of the readers'.",
            by_pool(|places| places.most),
        )?;
        to.gauges(
            "database_places_taken",
            "How many of them are in use.",
            by_pool(|places| places.taken),
        )?;
        to.gauges(
            "database_places_awaited",
            "How many requests wait for one.",
            by_pool(|places| places.waiting),
        )?;
        to.gauges(
            "writes_waiting",
            "Writes that wait for their turn, and creates that wait in a line to be made together.",
            [
                ([("queue", "turn")], *waiting_for_turn),
                ([("queue", "line")], *waiting_in_line),
            ],
        )?;
        to.counter(
            "database_statements",
            "Statements that were run, those apart that begin and end transactions.",
            *statements,
        )?;
        if let Some(bytes) = self.log_bytes {
            to.gauge(
                "wal_bytes",
                "How long the write-ahead log beside the database's file is; not told on a database server.",
                bytes,
            )?;
        }
        if self.answers == Some(true) {
            to.gauge(
                "kept_sums_lag_seconds",
                "How far kept sums are behind the pledges: always 0, as they are kept in the transaction of the write that moves them.",
                0,
            )?;
        }
        Ok(())
    }

    fn of_the_cache(&self, to: &mut Families) -> fmt::Result {
        let Some(cached) = &self.cached else {
            return Ok(());
        };
        to.counter(
            "cache_hits",
            "Requests that were answered from memory.",
            cached.hits,
        )?;
        to.counter(
            "cache_misses",
            "Requests that might have been, but what they asked for was not there or did not hold any more.",
            cached.misses,
        )?;
        to.counter(
            "cache_evictions",
            "Answers that had to go for others, or were too large.",
            cached.evictions,
        )?;
        to.gauge("cache_answers", "Answers in memory.", cached.answers)?;
        to.gauge("cache_bytes", "What they take, in bytes.", cached.bytes)?;
        to.gauge("cache_max_bytes", "What they may take.", cached.most_bytes)
    }
}

/// Where families are written, one after another.
struct Families<'a>(DescriptorEncoder<'a>);

/// A number that goes up and down.
trait Level: Copy {
    fn told(self) -> i64;
}

impl<N: Copy + TryInto<i64>> Level for N {
    fn told(self) -> i64 {
        self.try_into().unwrap_or(i64::MAX)
    }
}

impl Families<'_> {
    fn gauge(&mut self, name: &str, help: &str, value: impl Level) -> fmt::Result {
        self.gauges(name, help, [([("", ""); 0], value)])
    }

    fn gauges<'l, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        series: impl IntoIterator<Item = ([(&'l str, &'l str); N], impl Level)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in series {
            family.encode_family(&labels)?.encode_gauge(&value.told())?;
        }
        Ok(())
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.counters(name, help, [([("", ""); 0], value)])
    }

    fn counters<'l, const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        series: impl IntoIterator<Item = ([(&'l str, &'l str); N], u64)>,
    ) -> fmt::Result {
        let mut family = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in series {
            family
                .encode_family(&labels)?
                .encode_counter::<NoLabelSet, _, u64>(&value, None)?;
        }
        Ok(())
    }

    fn histograms(&mut self, name: &str, help: &str, series: &[Requests]) -> fmt::Result {
        let mut family = self
            .0
            .encode_descriptor(name, help, None, MetricType::Histogram)?;
        for requests in series {
            let labels = [
                ("route", requests.route.template()),
                ("method", requests.method),
                ("status", requests.class),
            ];
            let count = requests.within.iter().map(|(_, count)| count).sum();
            family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(
                requests.seconds,
                count,
                &requests.within,
                None,
            )?;
        }
        Ok(())
    }
}
