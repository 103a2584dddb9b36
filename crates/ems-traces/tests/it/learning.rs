//! A hidden truth about speeds, and how much of it is learnt from half of its trips.

use std::fmt::Write;

use ems_model::{HourOfWeek, Millis, Timestamp};
use ems_roads::{ArcStretch, ROAD_CLASSES, Roads};
use ems_traces::{
    Fix, MatchModel, Paces, Part, Shrinkage, Span, SpanRules, Trip, drives, match_trace,
};

use crate::world::{Chance, City, Driven, Receiver, drive_by_chance, fixes, received};

/// Monday 2024-01-01, 00:00 UTC.
const MONDAY_MILLIS: i64 = 1_704_067_200_000;

/// How a fleet truly drives, by seed; nothing in it is known to what is tested.
pub(crate) struct Truth {
    classes: Vec<f64>,
    seed: u64,
}

impl Truth {
    pub(crate) fn new(seed: u64) -> Self {
        let mut chance = Chance::new(seed);
        let class = |_: &&str| 1.2 * (0.25 * chance.normal()).exp();
        Self { classes: ROAD_CLASSES.iter().map(class).collect(), seed }
    }

    /// Time over the profile's time of an arc at a time, but for chance.
    pub(crate) fn pace(&self, roads: &Roads, arc: u32, at: Timestamp) -> f64 {
        let class = self.classes[roads.arc_class(arc)];
        let arc = (0.25 * Chance::new(self.seed ^ (u64::from(arc) << 20)).normal()).exp();
        class * arc * rush(HourOfWeek::of(at, 0))
    }

    /// One trip as it was driven: its own luck, and traffic lights now and then.
    fn drive(
        &self,
        roads: &Roads,
        way: Vec<ArcStretch>,
        at: Timestamp,
        chance: &mut Chance,
    ) -> Driven {
        let luck = (0.1 * chance.normal()).exp();
        let mut driven = Driven::of(way, at, |s| luck * self.pace(roads, s.arc, at));
        for millis in &mut driven.millis {
            if chance.share() < 0.03 {
                *millis += 20_000.0 * chance.share();
            }
        }
        driven
    }
}

/// Slow in the mornings and evenings of working days.
fn rush(hour: HourOfWeek) -> f64 {
    let (day, hour) = (hour.get() / 24, hour.get() % 24);
    match hour {
        7..=9 | 16..=18 if day < 5 => 1.4,
        22.. | ..=5 => 0.85,
        _ => 1.0,
    }
}

/// Trips at all hours of four weeks.
pub(crate) fn trips(city: &City, truth: &Truth, n: usize, seed: u64) -> Vec<Driven> {
    let mut chance = Chance::new(seed);
    let mut trip = || {
        let way = drive_by_chance(&city.roads, &mut chance);
        let minute = (chance.share() * 4.0 * 7.0 * 1440.0) as i64;
        let at = Timestamp::from_millis(MONDAY_MILLIS + minute * 60_000);
        truth.drive(&city.roads, way, at, &mut chance)
    };
    std::iter::repeat_with(&mut trip).take(n).collect()
}

const RECEIVER: Receiver = Receiver { interval_s: 10.0, noise_m: 8.0, outliers: 0.01 };

/// What a trip's unit sent: minutes at its station, the trip, minutes at the scene.
fn sent(city: &City, driven: &Driven, chance: &mut Chance) -> Vec<Fix> {
    let wait_s = 300;
    let took = Millis::new(driven.duration_millis() as i64);
    let [first, last] =
        [0.0, driven.duration_millis()].map(|at| driven.position_at(&city.roads, at));
    let mut stand = |position, from: Timestamp| -> Vec<Fix> {
        let fix = |secs| Fix {
            at: from + Millis::from_secs(secs),
            position: received(position, &RECEIVER, chance),
        };
        (0..wait_s).step_by(10).map(fix).collect()
    };
    let before = stand(first, driven.start - Millis::from_secs(wait_s));
    let after = stand(last, driven.start + took + Millis::from_secs(10));
    let under_way = fixes(&city.roads, driven, &RECEIVER, chance);
    [before, under_way, after].concat()
}

/// The spans that the matcher finds in what the units sent.
pub(crate) fn observed(city: &City, trips: &[Driven], seed: u64) -> Vec<Span> {
    let mut chance = Chance::new(seed);
    let model = MatchModel::for_noise(RECEIVER.noise_m, Millis::from_secs(10));
    let of_trip = |driven: &Driven| -> Vec<Span> {
        let trace = sent(city, driven, &mut chance);
        let chains = match_trace(&city.roads, &city.lengths, model, &trace).unwrap();
        let drives = chains.iter().flat_map(|c| drives(&city.roads, c, &SpanRules::CAREFUL));
        drives.flat_map(|drive| drive.spans(&city.roads, &SpanRules::CAREFUL, 0)).collect()
    };
    trips.iter().flat_map(of_trip).collect()
}

/// The way that the engine gives, in the time that the trip took.
fn asked(driven: &Driven) -> Span {
    let took = Millis::new(driven.duration_millis() as i64);
    Span::of([driven.start, driven.start + took], &driven.stretches, 0)
}

/// Median and 90 % quantile of |ETA − taken|, seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Error {
    pub(crate) median_s: f64,
    pub(crate) p90_s: f64,
}

fn error(trips: &[Driven], eta_s: impl Fn(&Span) -> f64) -> Error {
    let mut off: Vec<f64> =
        trips.iter().map(asked).map(|span| (eta_s(&span) - span.seconds).abs()).collect();
    off.sort_by(f64::total_cmp);
    Error { median_s: off[off.len() / 2], p90_s: off[off.len() * 9 / 10] }
}

/// Errors on trips that nothing was learnt from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Learnt {
    pub(crate) before: Error,
    pub(crate) classes: Error,
    pub(crate) after: Error,
    /// Of one that knows the whole truth but each trip's luck.
    pub(crate) oracle: Error,
    pub(crate) n_spans: usize,
}

/// Learns from one half of the trips and measures on the other.
pub(crate) fn learn(city: &City, n_trips: usize, seed: u64) -> (Learnt, Paces) {
    learn_by(city, n_trips, seed, &Shrinkage::CAREFUL)
}

fn learn_by(city: &City, n_trips: usize, seed: u64, shrinkage: &Shrinkage) -> (Learnt, Paces) {
    let truth = Truth::new(seed);
    let mut all = trips(city, &truth, n_trips, seed + 1);
    let held_out = all.split_off(n_trips / 2);
    let spans = observed(city, &all, seed + 2);
    let paces = Paces::learn(&city.roads, &spans, shrinkage);
    let classes_only = |span: &Span| {
        let of_part = |&(part, profile_s): &(Part, f64)| match part {
            Part::Arc(arc) => profile_s * paces.of_class_in(city.roads.arc_class(arc), span.hour),
            Part::UTurn => profile_s * paces.of_u_turn(),
        };
        span.parts.iter().map(of_part).sum()
    };
    let known = |span: &Span| {
        let of_part = |&(part, profile_s): &(Part, f64)| match part {
            Part::Arc(arc) => profile_s * truth.pace(&city.roads, arc, span.at) + 0.3,
            Part::UTurn => profile_s,
        };
        span.parts.iter().map(of_part).sum()
    };
    let learnt = Learnt {
        before: error(&held_out, Span::profile_seconds),
        classes: error(&held_out, classes_only),
        after: error(&held_out, |span| paces.seconds(span)),
        oracle: error(&held_out, known),
        n_spans: spans.len(),
    };
    (learnt, paces)
}

/// Predicted and taken times.
pub(crate) fn timed(trips: &[Driven], paces: &Paces) -> Vec<Trip> {
    let one = |driven: &Driven| {
        let span = asked(driven);
        let secs = |secs: f64| Millis::new((secs * 1000.0) as i64);
        Trip { predicted: secs(paces.seconds(&span)), took: secs(span.seconds) }
    };
    trips.iter().map(one).collect()
}

/// What units sent on trips one after the other, as a file.
pub(crate) fn file(city: &City, n_trips: usize, seed: u64) -> String {
    let mut chance = Chance::new(seed);
    let mut text = String::from("unit,time,lat,lon\n");
    for (idx, driven) in trips(city, &Truth::new(seed), n_trips, seed).iter().enumerate() {
        for fix in sent(city, driven, &mut chance) {
            let (lat, lon) = (fix.position.lat(), fix.position.lon());
            let secs = fix.at.as_micros() as f64 / 1e6;
            writeln!(text, "A{idx},{secs},{lat},{lon}").unwrap();
        }
    }
    text
}
