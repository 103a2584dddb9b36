//! All that a fleet's traces teach, and how much of it holds on trips that were not learnt from.

use ems_model::Millis;
use ems_roads::{Lengths, Roads};

use crate::chain::match_trace;
use crate::drives::{Drive, drives};
use crate::eta::{EtaError, EtaModel, TRIPS_MIN, Trip};
use crate::file::Traces;
use crate::fix::Fix;
use crate::model::MatchModel;
use crate::paces::{Paces, Shrinkage};
use crate::span::{Span, SpanRules};

/// How traces are learnt from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LessonRules {
    /// The receivers' standard deviation in each direction, 1..=200 m.
    pub noise_m: f64,
    /// How far the local clock is ahead of UTC, minutes.
    pub utc_offset_mins: i32,
    /// What is an observation.
    pub spans: SpanRules,
    /// How strongly few observations are drawn to the coarser level.
    pub shrinkage: Shrinkage,
}

/// What was learnt.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// From all trips.
    pub paces: Paces,
    /// How sure ETAs at these paces are, from the half of the trips that was held out.
    pub eta: EtaModel,
    /// Trips between stops.
    pub n_trips: usize,
    /// Speed observations.
    pub n_spans: usize,
    /// How much better the held-out half's ETAs became.
    pub held_out: HeldOut,
}

/// ETAs of trips whose paces and interval were learnt from others.
#[derive(Debug, Clone, PartialEq)]
pub struct HeldOut {
    /// How many trips.
    pub n_trips: usize,
    /// With the times of the profile.
    pub before: EtaErrors,
    /// With what was learnt.
    pub after: EtaErrors,
    /// The middle share that an interval is said to hold, and the share of trips that it held.
    pub coverage: Vec<[f64; 2]>,
}

/// |ETA − time taken|, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EtaErrors {
    /// Half of the trips are nearer.
    pub median_s: f64,
    /// Nine of ten trips are nearer.
    pub p90_s: f64,
}

/// Traces that nothing can be learnt from.
#[derive(Debug, thiserror::Error)]
pub enum LessonError {
    /// Too few trips.
    #[error(
        "{n_trips} trips between stops were found in {n_fixes} fixes: give traces of at least \
         {} trips of {TRIP_METRES_MIN} m and more, on the roads of this city",
        4 * TRIPS_MIN
    )]
    TooFew {
        /// The trips.
        n_trips: usize,
        /// The fixes.
        n_fixes: usize,
    },
    /// No interval fits.
    #[error(transparent)]
    Eta(#[from] EtaError),
}

/// Shorter drives are moves within a yard.
const TRIP_METRES_MIN: f64 = 500.0;

/// The shares whose intervals are checked.
const SHARES: [f64; 3] = [0.5, 0.8, 0.95];

/// A trip as it was asked for and as it was driven.
struct DrivenTrip {
    asked: Span,
    spans: Vec<Span>,
}

/// Learns from traces.
///
/// Every other trip is held out: paces learnt from the rest are tried on it. The interval is
/// learnt on one half of the held-out trips and tried on the other, both ways.
///
/// Cost: about 1 ms a fix.
pub fn learn(
    roads: &Roads,
    lengths: &Lengths,
    traces: &Traces,
    rules: &LessonRules,
) -> Result<Lesson, LessonError> {
    let trips: Vec<DrivenTrip> =
        traces.units().flat_map(|(_, fixes)| trips(roads, lengths, fixes, rules)).collect();
    let (n_trips, n_fixes) = (trips.len(), traces.n_fixes());
    if n_trips < 4 * TRIPS_MIN {
        return Err(LessonError::TooFew { n_trips, n_fixes });
    }
    let spans_of = |trips: &[&DrivenTrip]| -> Vec<Span> {
        trips.iter().flat_map(|trip| trip.spans.clone()).collect()
    };
    let (taught, held_out) = halves(&trips.iter().collect::<Vec<_>>());
    let half = Paces::learn(roads, &spans_of(&taught), &rules.shrinkage);
    let all = spans_of(&trips.iter().collect::<Vec<_>>());
    let timed: Vec<Trip> = held_out.iter().map(|trip| timed(&trip.asked, &half)).collect();
    let source = format!("{} trips held out of {n_trips} in a fleet's traces", timed.len());
    Ok(Lesson {
        paces: Paces::learn(roads, &all, &rules.shrinkage),
        eta: EtaModel::learn(&source, &timed)?,
        n_trips,
        n_spans: all.len(),
        held_out: HeldOut::measure(&held_out, &timed)?,
    })
}

fn trips(roads: &Roads, lengths: &Lengths, fixes: &[Fix], rules: &LessonRules) -> Vec<DrivenTrip> {
    let model = MatchModel::for_noise(rules.noise_m, usual_interval(fixes));
    let chains = match_trace(roads, lengths, model, fixes)
        .expect("fixes of a file are in order, no two at one time");
    let drives = chains.iter().flat_map(|chain| drives(roads, chain, &rules.spans));
    let is_trip = |drive: &Drive| drive.metres(roads) >= TRIP_METRES_MIN;
    let trip = |drive: Drive| {
        let asked = drive.asked(roads, rules.utc_offset_mins)?;
        let spans = drive.spans(roads, &rules.spans, rules.utc_offset_mins);
        (!spans.is_empty()).then_some(DrivenTrip { asked, spans })
    };
    drives.filter(is_trip).filter_map(trip).collect()
}

/// The median time between fixes.
fn usual_interval(fixes: &[Fix]) -> Millis {
    let mut between: Vec<Millis> = fixes.windows(2).map(|pair| pair[0].until(&pair[1])).collect();
    between.sort_unstable();
    between.get(between.len() / 2).copied().unwrap_or(Millis::from_secs(1))
}

/// Every other one.
fn halves<T: Clone>(all: &[T]) -> (Vec<T>, Vec<T>) {
    let every_other = |first: usize| all.iter().skip(first).step_by(2).cloned().collect();
    (every_other(0), every_other(1))
}

fn timed(asked: &Span, paces: &Paces) -> Trip {
    let [predicted, took] = [paces.seconds(asked), asked.seconds].map(millis);
    Trip { predicted, took }
}

#[expect(clippy::cast_possible_truncation, reason = "trips are far shorter than 2^53 ms")]
fn millis(secs: f64) -> Millis {
    Millis::new((secs * 1000.0).round() as i64)
}

impl HeldOut {
    fn measure(trips: &[&DrivenTrip], timed: &[Trip]) -> Result<Self, EtaError> {
        let (one, other) = halves(timed);
        let models = [EtaModel::learn("", &other)?, EtaModel::learn("", &one)?];
        let tried = [(&models[0], &one), (&models[1], &other)];
        let before = trips.iter().map(|t| t.asked.profile_seconds() - t.asked.seconds);
        let after = tried.iter().flat_map(|(model, trips)| trips.iter().map(|t| off_s(model, t)));
        let coverage = |share| {
            let held = tried.iter().map(|(model, trips)| n_within(model, trips, share));
            [share, ratio(held.sum(), timed.len())]
        };
        Ok(Self {
            n_trips: timed.len(),
            before: EtaErrors::of(before.collect()),
            after: EtaErrors::of(after.collect()),
            coverage: SHARES.map(coverage).to_vec(),
        })
    }
}

fn off_s(model: &EtaModel, trip: &Trip) -> f64 {
    model.median(trip.predicted).as_secs_f64() - trip.took.as_secs_f64()
}

fn n_within(model: &EtaModel, trips: &[Trip], share: f64) -> usize {
    let is_within = |trip: &&Trip| {
        let [first, last] = model.interval(trip.predicted, share);
        (first..=last).contains(&trip.took)
    };
    trips.iter().filter(is_within).count()
}

#[expect(clippy::cast_precision_loss, reason = "trips are fewer than 2^52")]
fn ratio(n: usize, of: usize) -> f64 {
    n as f64 / of.max(1) as f64
}

impl EtaErrors {
    fn of(off_s: Vec<f64>) -> Self {
        let mut off_s: Vec<f64> = off_s.into_iter().map(f64::abs).collect();
        off_s.sort_by(f64::total_cmp);
        let at = |idx: usize| off_s.get(idx).copied().unwrap_or_default();
        Self { median_s: at(off_s.len() / 2), p90_s: at(off_s.len() * 9 / 10) }
    }
}
