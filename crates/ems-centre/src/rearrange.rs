//! Idle units that move when one was sent away or has come free.

use ems_dispatch::{Idle, Move, MoveLimits, RelocationRule, minutes, ppm};
use ems_model::{Event, Millis, PostReason, Recorded, Timestamp, UnitStep};

use crate::centre::Centre;
use crate::ledger::{Happening, Posted, UnitRecord};
use crate::post::number;
use crate::recommend::covers;

impl Posted {
    /// Whether it moved a unit that was waiting.
    fn is_move(&self) -> bool {
        self.reasons.iter().any(|reason| matches!(reason, PostReason::Moved { .. }))
    }
}

impl Centre {
    /// The moves that the policy in force makes after these events, as posts with their reasons.
    ///
    /// Cost: that of the rule, and half a search for each station to which it asks a drive.
    pub(crate) fn rearranged(&self, now: Timestamp, after: &[Recorded]) -> Vec<Happening> {
        let Some(limits) = &self.policy().relocation.moves else { return Vec::new() };
        if !after.iter().any(|recorded| is_change(&recorded.event)) {
            return Vec::new();
        }
        let idle = self.idle(now, limits);
        let stations = self.traffic.places().reach.snaps();
        let ways = self.whereabouts.ways(idle.iter().map(|it| &it.unit.unit), stations);
        let in_minutes = |idx, station| ways.drive(idx, station).map_or(f64::INFINITY, minutes);
        let rule = self.waiting(|_| true).relocation(self.policy());
        let moves = rule.moves(&idle, in_minutes);
        moves.iter().filter_map(|made| self.moved(now, made, idle.len())).collect()
    }

    fn idle(&self, now: Timestamp, limits: &MoveLimits) -> Vec<Idle<&UnitRecord>> {
        let reach = &self.traffic.places().reach;
        let units = self.ledger.units.values().filter(|record| covers(&record.unit));
        let idle = units.filter_map(|record| {
            let post = reach.station(record.unit.waits_at()?)?;
            Some(Idle { unit: record, post, may_move: self.may_move(now, record, limits) })
        });
        idle.collect()
    }

    /// Whether its crew neither rests, nor is owed a break, nor is about to go home, was not moved
    /// of late, and nobody wanted it where it is.
    fn may_move(&self, now: Timestamp, record: &UnitRecord, limits: &MoveLimits) -> bool {
        let is_left_alone = record.posted.as_ref().is_some_and(|posted| {
            let is_recent = now.since(posted.at) < limits.pause;
            posted.overrule.is_some() || (posted.is_move() && is_recent)
        });
        let is_owed_break = || self.meal_due(now, &record.unit.id).is_some();
        !is_left_alone && !is_owed_break() && self.why_home(now, &record.unit).is_none()
    }

    fn moved(&self, now: Timestamp, made: &Move<&UnitRecord>, n_free: usize) -> Option<Happening> {
        let station = self.city.stations.get(made.to)?.id.clone();
        let why = match self.policy().relocation.rule {
            RelocationRule::Redeploy { .. } => PostReason::MoveGains { share_ppm: ppm(made.gain) },
            RelocationRule::DoubleStandard { .. } => PostReason::StandardGains,
            _ => PostReason::TableWants { n_free: number(n_free) },
        };
        let drive = PostReason::Moved { drive: of_minutes(made.minutes) };
        let event = self.posted(&made.unit.unit, station, vec![why, drive], None);
        Some(Happening { at: now, event })
    }
}

/// Whether other units than before are free.
fn is_change(event: &Event) -> bool {
    matches!(
        event,
        Event::UnitAssigned { .. }
            | Event::UnitStepped { step: UnitStep::ReturnToService | UnitStep::StandDown, .. }
    )
}

#[expect(clippy::cast_possible_truncation, reason = "a drive within the policy's limits")]
fn of_minutes(minutes: f64) -> Millis {
    Millis::new((minutes * 60_000.0).round() as i64)
}
