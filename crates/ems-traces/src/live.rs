//! The speeds of now: what the units that drive through the city see this minute.

use std::collections::BTreeMap;

use ems_model::{Millis, Timestamp};
use ems_roads::Roads;

use crate::paces::Paces;
use crate::span::{Part, Span};

/// How spans become live speeds. The defaults are this crate's own choice, not measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LiveRules {
    /// What is older says nothing of now.
    pub age_max: Millis,
    /// After this time an observation counts half.
    pub half_life: Millis,
    /// So many observed seconds are worth as much as the belief that all is as usual.
    pub usual_s: f64,
    /// A speed that differs less from the usual one, as a share of it, is not told.
    pub change_min: f64,
}

impl LiveRules {
    /// 20 minutes, 10 minutes, 5 s, 25 %.
    pub const CAREFUL: Self = Self {
        age_max: Millis::from_mins(20),
        half_life: Millis::from_mins(10),
        usual_s: 5.0,
        change_min: 0.25,
    };
}

/// An arc that flows otherwise than it usually does at this hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LiveSpeed {
    /// The arc: twice the edge's number, plus one from its head to its tail.
    pub arc: u32,
    /// How fast it is driven, km/h.
    pub kmh: f64,
    /// When a unit last drove there.
    pub seen: Timestamp,
    /// For how long units drove there, the older the less, seconds at the usual speed.
    pub evidence_s: f64,
}

impl LiveSpeed {
    /// The edge, by its number in the pack.
    pub fn edge(&self) -> u32 {
        self.arc / 2
    }

    /// Whether it is about driving from the edge's tail to its head.
    pub fn is_forward(&self) -> bool {
        self.arc.is_multiple_of(2)
    }
}

/// The arcs on which recent spans differ from the usual paces, by arc.
///
/// `spans` may hold older ones and those of many units. Each arc's speed is between the usual and
/// the observed one, nearer to the observed the more was observed. O(spans).
pub fn live_speeds(
    roads: &Roads,
    spans: &[Span],
    usual: &Paces,
    now: Timestamp,
    rules: &LiveRules,
) -> Vec<LiveSpeed> {
    let mut by_arc: BTreeMap<u32, Seen> = BTreeMap::new();
    let is_recent = |span: &&Span| (Millis::ZERO..=rules.age_max).contains(&now.since(span.at));
    for span in spans.iter().filter(is_recent) {
        let age = now.since(span.at).as_secs_f64() / rules.half_life.as_secs_f64();
        let weight = (-age).exp2();
        let ratio = span.seconds / usual.seconds(span);
        for &(part, profile_s) in &span.parts {
            if let Part::Arc(arc) = part {
                let usual_s = profile_s * usual.of_arc(arc, span.hour);
                by_arc.entry(arc).or_default().add(span, weight * usual_s, ratio);
            }
        }
    }
    by_arc.into_iter().filter_map(|(arc, seen)| seen.speed(roads, usual, arc, rules)).collect()
}

/// What was seen of an arc.
#[derive(Debug, Default)]
struct Seen {
    usual_s: f64,
    taken_s: f64,
    last: Option<Timestamp>,
    hour: Option<ems_model::HourOfWeek>,
}

impl Seen {
    fn add(&mut self, span: &Span, usual_s: f64, ratio: f64) {
        self.usual_s += usual_s;
        self.taken_s += usual_s * ratio;
        if self.last.is_none_or(|last| span.at > last) {
            (self.last, self.hour) = (Some(span.at), Some(span.hour));
        }
    }

    fn speed(
        &self,
        roads: &Roads,
        usual: &Paces,
        arc: u32,
        rules: &LiveRules,
    ) -> Option<LiveSpeed> {
        let ratio = (self.taken_s + rules.usual_s) / (self.usual_s + rules.usual_s);
        let is_change = (1.0 / ratio - 1.0).abs() >= rules.change_min;
        let profile_s = f64::from(roads.arc_time(arc)?) / 1000.0;
        let secs = profile_s * usual.of_arc(arc, self.hour?) * ratio;
        let kmh = roads.arc_metres(arc) / secs * 3.6;
        let speed = LiveSpeed { arc, kmh, seen: self.last?, evidence_s: self.usual_s };
        is_change.then_some(speed)
    }
}
