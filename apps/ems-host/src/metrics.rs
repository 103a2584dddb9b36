//! What `/metrics` tells.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use ems_centre::TrafficSummary;
use ems_model::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Label of a counter that is kept by the API's answer code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

/// Counters and histograms of one centre. Clones share them.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    commands: Family<CodeLabel, Counter>,
    command_seconds: Histogram,
    delay_seconds: Histogram,
    /// The number of the last durable event.
    pub(crate) seq: Gauge,
    /// Screens on the stream.
    pub(crate) stream_clients: Gauge,
    /// Screens that were cut off because they did not read.
    pub(crate) stream_lagged: Counter,
    /// Gateways' connections.
    pub(crate) uplink_clients: Gauge,
    /// Frames made durable.
    pub(crate) frames_stored: Counter,
    /// Frames that came again and were dropped.
    pub(crate) frames_repeated: Counter,
    /// Positions taken.
    pub(crate) positions: Counter,
    /// Size of the event log on disk.
    pub(crate) log_bytes: Gauge,
    /// Times that the centre was rebuilt from its log while the program ran.
    pub(crate) rebuilds: Counter,
    traffic_arcs: Gauge,
    traffic_closed_arcs: Gauge,
    traffic_fleet_arcs: Gauge,
    traffic_age_seconds: Gauge<f64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("golden_hour"),
            commands: Family::default(),
            command_seconds: Histogram::new(SECONDS),
            delay_seconds: Histogram::new(SECONDS),
            seq: Gauge::default(),
            stream_clients: Gauge::default(),
            stream_lagged: Counter::default(),
            uplink_clients: Gauge::default(),
            frames_stored: Counter::default(),
            frames_repeated: Counter::default(),
            positions: Counter::default(),
            log_bytes: Gauge::default(),
            rebuilds: Counter::default(),
            traffic_arcs: Gauge::default(),
            traffic_closed_arcs: Gauge::default(),
            traffic_fleet_arcs: Gauge::default(),
            traffic_age_seconds: Gauge::default(),
        };
        metrics.register();
        metrics
    }
}

/// Bucket borders in seconds: a command must be acknowledged in 0.05, a beat seen in 0.25.
const SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 60.0];

impl Metrics {
    /// Counts a command by its answer: `ok`, `repeated` or the error's code.
    pub(crate) fn on_command(&self, code: &'static str, took: Duration) {
        self.commands.get_or_create(&CodeLabel { code }).inc();
        self.command_seconds.observe(took.as_secs_f64());
    }

    /// Notes how old a frame was, by its device's clock, when the centre had made it durable.
    pub(crate) fn on_delay(&self, delay: ems_model::Millis) {
        self.delay_seconds.observe(delay.as_secs_f64().max(0.0));
    }

    /// Notes the live traffic that the centre believes; where there is none its age is no number.
    pub(crate) fn on_traffic(&self, now: Timestamp, traffic: &TrafficSummary) {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        self.traffic_arcs.set(count(traffic.n_arcs));
        self.traffic_closed_arcs.set(count(traffic.n_closed));
        self.traffic_fleet_arcs.set(count(traffic.n_fleet));
        let age = traffic.newest.map_or(f64::NAN, |newest| now.since(newest).as_secs_f64());
        self.traffic_age_seconds.set(age);
    }

    /// The text for Prometheus.
    pub fn text(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes every text");
        text
    }

    fn register(&mut self) {
        let to = &mut self.registry;
        to.register("commands", "Commands by answer", self.commands.clone());
        let help = "From a command's arrival to its durable answer";
        to.register_with_unit("command", help, Unit::Seconds, self.command_seconds.clone());
        let help = "From a frame's measurement to its durable storage";
        to.register_with_unit("frame_delay", help, Unit::Seconds, self.delay_seconds.clone());
        to.register("event_seq", "Number of the last durable event", self.seq.clone());
        to.register("stream_clients", "Screens on the stream", self.stream_clients.clone());
        let help = "Screens cut off because they did not read";
        to.register("stream_lagged", help, self.stream_lagged.clone());
        to.register("uplink_clients", "Connections of gateways", self.uplink_clients.clone());
        to.register("frames_stored", "Frames made durable", self.frames_stored.clone());
        let help = "Frames that came again and were dropped";
        to.register("frames_repeated", help, self.frames_repeated.clone());
        to.register("positions", "Positions taken", self.positions.clone());
        let help = "Size of the event log on disk";
        to.register_with_unit("log", help, Unit::Bytes, self.log_bytes.clone());
        let help = "Times that the centre was rebuilt from its log";
        to.register("rebuilds", help, self.rebuilds.clone());
        let help = "Directions of road stretches under live traffic";
        to.register("traffic_arcs", help, self.traffic_arcs.clone());
        let help = "Those of them that are closed";
        to.register("traffic_closed_arcs", help, self.traffic_closed_arcs.clone());
        let help = "Those that only the fleet's own drives tell of";
        to.register("traffic_fleet_arcs", help, self.traffic_fleet_arcs.clone());
        let help = "Since the newest live traffic was applied";
        to.register_with_unit("traffic_age", help, Unit::Seconds, self.traffic_age_seconds.clone());
    }
}
