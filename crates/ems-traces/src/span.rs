//! What a drive took beside what the profile says it takes.

use ems_model::{HourOfWeek, Millis, Timestamp};
use ems_roads::ArcStretch;

/// What a share of a drive's time is spent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Driving along an arc.
    Arc(u32),
    /// Turning round.
    UTurn,
}

/// A piece of a drive whose time is known as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// When it began.
    pub at: Timestamp,
    /// The hour of the week in which it began.
    pub hour: HourOfWeek,
    /// How long it took, seconds.
    pub seconds: f64,
    /// What it was spent on, with the seconds that the profile gives to each, none of them zero.
    pub parts: Vec<(Part, f64)>,
}

/// Which pieces of a drive tell of speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpanRules {
    /// A span is at least so long, metres, unless its drive ends: noise at its ends then matters
    /// little.
    pub metres_min: f64,
    /// A unit that stays within `stay_metres` for longer than this stands at a scene, a hospital
    /// or its station, not at traffic lights.
    pub stop_min: Millis,
    /// See `stop_min`, metres.
    pub stay_metres: f64,
    /// Slower than this over a whole span is no driving, km/h.
    pub kmh_min: f64,
}

impl SpanRules {
    /// 200 m; 120 s within 50 m; 3 km/h: this crate's own choice, not measured.
    pub const CAREFUL: Self = Self {
        metres_min: 200.0,
        stop_min: Millis::from_secs(120),
        stay_metres: 50.0,
        kmh_min: 3.0,
    };
}

impl Span {
    /// The seconds that the profile gives to it.
    pub fn profile_seconds(&self) -> f64 {
        self.parts.iter().map(|(_, seconds)| seconds).sum()
    }

    /// A span from a drive whose time is known.
    pub fn of([at, until]: [Timestamp; 2], stretches: &[ArcStretch], utc_offset_mins: i32) -> Self {
        let parts = stretches.iter().flat_map(parts_of).collect();
        let hour = HourOfWeek::of(at, utc_offset_mins);
        Self { at, hour, seconds: until.since(at).as_secs_f64(), parts }
    }
}

fn parts_of(stretch: &ArcStretch) -> impl Iterator<Item = (Part, f64)> {
    let along = (Part::Arc(stretch.arc), f64::from(stretch.millis) / 1000.0);
    let turn = (Part::UTurn, f64::from(stretch.turn_millis) / 1000.0);
    [turn, along].into_iter().filter(|(_, seconds)| *seconds > 0.0)
}
