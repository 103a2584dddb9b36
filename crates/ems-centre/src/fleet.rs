//! The speeds that the fleet itself drives, as live traffic of a short life.
//!
//! Positions of units that drive to a scene or a hospital are matched to the roads once a minute,
//! beside the centre's thread ([`Survey::run`]). A unit that stands must never look like a jam, so a
//! drive counts only from where it has left its start to where it was last on the move: what it does
//! within [`STAY_METRES`] of its first and of its newest position says nothing, nor does a stay of a
//! minute on the way. A road in a jam where nothing moves at all is thus not told, and a closure
//! never is.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use ems_model::{Millis, Position, Timestamp, UnitId};
use ems_roads::{Flow, Kmh, Lengths, OVERLAY_KMH, Overlaid, Roads, Traffic};
use ems_traces::{
    Fix, LiveRules, LiveSpeed, MatchModel, Paces, Span, SpanRules, drives, live_speeds, match_trace,
};

use crate::centre::{Centre, Wake};
use crate::city::City;
use crate::traffic::CityTraffic;

/// How long a road is believed to flow as a unit found it, and how long its positions are kept.
const BELIEVED: Millis = Millis::from_mins(10);
/// How often positions are matched.
const EVERY: Millis = Millis::from_mins(1);
/// Positions of a unit nearer in time are left out: they tell little and each costs a millisecond.
const APART: Millis = Millis::from_secs(10);
/// Positions of one drive that are kept.
const FIXES_MAX: usize = 60;
/// Who stays within this has not driven on.
const STAY_METRES: f64 = 50.0;
/// How far a receiver errs in each direction, as `golden-hour roads learn` assumes.
const NOISE_M: f64 = 8.0;

const SPANS: SpanRules =
    SpanRules { stop_min: Millis::from_secs(60), stay_metres: STAY_METRES, ..SpanRules::CAREFUL };
const LIVE: LiveRules = LiveRules { age_max: BELIEVED, ..LiveRules::CAREFUL };

/// Where units drove of late on their way to scenes and hospitals.
#[derive(Debug, Default)]
pub(crate) struct Fleet {
    /// By unit and the moment when it set out.
    drives: BTreeMap<(UnitId, Timestamp), Vec<Fix>>,
    surveying: Surveying,
    lengths: Arc<OnceLock<Lengths>>,
}

/// How it stands with matching what was driven.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Surveying {
    /// Nobody has driven.
    #[default]
    Idle,
    /// It is to be matched then.
    At(Timestamp),
    /// Somebody is to match it.
    Due,
    /// Somebody does.
    UnderWay,
}

impl Fleet {
    /// Notes where a unit is on a drive that began at `since`.
    pub(crate) fn note(&mut self, unit: &UnitId, since: Timestamp, at: Timestamp, to: Position) {
        let fixes = self.drives.entry((unit.clone(), since)).or_default();
        if fixes.last().is_some_and(|last| at.since(last.at) < APART) {
            return;
        }
        fixes.push(Fix { at, position: to });
        if fixes.len() > FIXES_MAX {
            fixes.remove(0);
        }
        if self.surveying == Surveying::Idle {
            self.surveying = Surveying::At(at + EVERY);
        }
    }

    pub(crate) fn next_wake(&self) -> Option<(Timestamp, Wake)> {
        match self.surveying {
            Surveying::At(at) => Some((at, Wake::FleetDue)),
            _ => None,
        }
    }

    pub(crate) fn fall_due(&mut self) {
        self.surveying = Surveying::Due;
    }

    fn forget(&mut self, now: Timestamp) {
        let is_recent = |fixes: &Vec<Fix>| fixes.iter().any(|fix| now.since(fix.at) <= BELIEVED);
        self.drives.retain(|_, fixes| is_recent(fixes));
    }
}

/// What was driven of late, to be matched to the roads.
#[derive(Debug)]
pub struct Survey {
    city: Arc<City>,
    before: CityTraffic,
    drives: Vec<Vec<Fix>>,
    lengths: Arc<OnceLock<Lengths>>,
}

/// What became of a [`Survey`].
#[derive(Debug)]
pub struct Surveyed {
    before: CityTraffic,
    /// `None` where the fleet sees what was believed.
    laid: Option<CityTraffic>,
    at: Timestamp,
}

impl Survey {
    /// Matches the drives and lays what they tell over the roads; hand it in by
    /// [`Centre::take_surveyed`]. Cost: about 1 ms a position, then as [`CityTraffic::lay`].
    pub fn run(self, now: Timestamp) -> Surveyed {
        let roads = self.before.usual();
        let lengths = self.lengths.get_or_init(|| Lengths::of(&self.city.roads));
        let spans: Vec<Span> =
            self.drives.iter().flat_map(|fixes| spans(roads, lengths, moving(fixes))).collect();
        let speeds = live_speeds(roads, &spans, &Paces::of_profile(roads), now, &LIVE);
        let rows = speeds.iter().filter_map(|speed| overlay(roads, speed));
        let seen = rows.collect::<Traffic>().at(now);
        let is_news = seen.n_arcs() > 0 || self.before.fleet().n_arcs() > 0;
        let laid = is_news.then(|| self.before.with_fleet(&self.city, &seen, now));
        Surveyed { before: self.before, laid, at: now }
    }
}

impl Centre {
    /// The drives to be matched, once when that is due.
    pub fn poll_survey(&mut self, now: Timestamp) -> Option<Survey> {
        let fleet = &mut self.live.fleet;
        if fleet.surveying != Surveying::Due {
            return None;
        }
        fleet.surveying = Surveying::UnderWay;
        fleet.forget(now);
        let drives = fleet.drives.values().cloned().collect();
        let lengths = Arc::clone(&fleet.lengths);
        let before = self.traffic.clone();
        Some(Survey { city: Arc::clone(&self.city), before, drives, lengths })
    }

    /// Takes what the fleet sees, unless other traffic has come since: then the next survey tells.
    pub fn take_surveyed(&mut self, surveyed: Surveyed) {
        let has_driven = !self.live.fleet.drives.is_empty();
        let next = Surveying::At(surveyed.at + EVERY);
        self.live.fleet.surveying = if has_driven { next } else { Surveying::Idle };
        if let Some(laid) = surveyed.laid.filter(|_| self.traffic.is_same(&surveyed.before)) {
            self.take_traffic(laid);
        }
    }
}

/// The positions between those around a drive's start and those around its newest one.
fn moving(fixes: &[Fix]) -> &[Fix] {
    let near = |to: Option<&Fix>| {
        let to = to.map(|fix| fix.position);
        move |fix: &&Fix| to.is_some_and(|to| fix.position.metres_to(to) < STAY_METRES)
    };
    let n_starting = fixes.iter().take_while(near(fixes.first())).count();
    let n_standing = fixes.iter().rev().take_while(near(fixes.last())).count();
    fixes.get(n_starting..fixes.len() - n_standing).unwrap_or_default()
}

/// What a drive tells of the roads that it took.
fn spans(roads: &Roads, lengths: &Lengths, fixes: &[Fix]) -> Vec<Span> {
    let Some([first, last]) = fixes.first().zip(fixes.last()).map(|(a, b)| [a.at, b.at]) else {
        return Vec::new();
    };
    let n_gaps = i64::try_from(fixes.len()).map_or(1, |n| (n - 1).max(1));
    let model = MatchModel::for_noise(NOISE_M, Millis::new(last.since(first).get() / n_gaps));
    let chains =
        match_trace(roads, lengths, model, fixes).expect("a unit's positions are in order");
    let drives = chains.iter().flat_map(|chain| drives(roads, chain, &SPANS));
    drives.flat_map(|drive| drive.spans(roads, &SPANS, 0)).collect()
}

/// A speed as live traffic, from when it was seen.
fn overlay(roads: &Roads, speed: &LiveSpeed) -> Option<Overlaid> {
    let kmh = Kmh::new(speed.kmh.clamp(*OVERLAY_KMH.start(), *OVERLAY_KMH.end())).ok()?;
    let times = [speed.seen, speed.seen + BELIEVED];
    roads.overlaid(speed.edge(), speed.is_forward(), Flow::At(kmh), times).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(metres: &[f64]) -> Vec<Fix> {
        let place = |m: &f64| Position::from_degrees(35.9 + m / 111_195.0, 14.5).unwrap();
        let at = |idx: i64| Timestamp::from_millis(10_000 * idx);
        (0..).zip(metres).map(|(idx, m)| Fix { at: at(idx), position: place(m) }).collect()
    }

    #[test]
    fn only_what_lies_between_two_places_that_were_left_counts() {
        for (metres, counted) in [
            (&[][..], 0..0),
            (&[0.0], 0..0),
            (&[0.0, 20.0, 5.0, 40.0, 10.0], 0..0),
            (&[0.0, 10.0, 100.0, 200.0, 300.0], 2..4),
            (&[0.0, 10.0, 100.0, 200.0, 300.0, 310.0, 290.0, 300.0], 2..4),
            (&[0.0, 100.0, 110.0, 115.0, 120.0, 300.0], 1..5),
            (&[0.0, 300.0], 1..1),
        ] {
            let track = track(metres);
            assert_eq!(moving(&track), &track[counted], "{metres:?}");
        }
    }
}
