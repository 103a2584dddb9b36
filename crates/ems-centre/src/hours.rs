//! A crew's shift and its vehicle's range: what the log says of them, and what a policy makes of it.
//!
//! What a vehicle has driven is told by the steps of its crew, from setting out to arriving, and by
//! the drives of its moves; a way that nobody reports the end of is not counted. The functions that
//! judge are those of the fleet simulator (`ems_dispatch::Meals`, `ems_dispatch::VehicleRange`).

use std::collections::BTreeMap;

use ems_model::{CrewState, Event, Millis, PostReason, Timestamp, UnitId, UnitStep};

use crate::centre::{Centre, Wake};
use crate::ledger::{Happening, UnitRecord};
use crate::recommend::is_free;

const MINUTE_MS: f64 = 60_000.0;

/// What the log says of a crew's shift and its vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// When the shift began.
    began: Timestamp,
    /// Breaks of this shift: when each began and how long it is.
    breaks: Vec<(Timestamp, Millis)>,
    /// Since when it drives; `None` while it stands.
    drives_since: Option<Timestamp>,
    /// Since when, or from when on, it stands where it waits; `None` away from there.
    home_at: Option<Timestamp>,
    /// How far the vehicle went when that was last told, kilometres; `None` until it is told.
    range_km: Option<u32>,
    /// How long it has driven since.
    driven: Millis,
}

impl Hours {
    /// A shift that begins at a station; the vehicle may have been driven by a crew before.
    pub(crate) fn begin(at: Timestamp, before: Option<&Self>) -> Self {
        Self {
            began: at,
            breaks: Vec::new(),
            drives_since: None,
            home_at: Some(at),
            range_km: before.and_then(|before| before.range_km),
            driven: before.map_or(Millis::ZERO, |before| before.driven),
        }
    }

    pub(crate) fn rest(&mut self, at: Timestamp, until: Timestamp) {
        self.breaks.push((at, until.since(at)));
    }

    pub(crate) fn fill(&mut self, km: u32) {
        (self.range_km, self.driven) = (Some(km), Millis::ZERO);
    }

    /// It is sent to a call, and sets out when its crew says so.
    pub(crate) fn leave(&mut self) {
        (self.home_at, self.drives_since) = (None, None);
    }

    pub(crate) fn step(&mut self, at: Timestamp, step: UnitStep) {
        match step {
            UnitStep::GoEnRoute | UnitStep::LeaveScene | UnitStep::ReturnToService => {
                self.drives_since = Some(at);
            }
            UnitStep::Stage
            | UnitStep::ArriveOnScene
            | UnitStep::ReachLandingArea
            | UnitStep::ArriveAtHospital
            | UnitStep::ReturnHome => self.stop(at),
            // It goes home from wherever it has come to.
            UnitStep::StandDown => self.drives_since = self.drives_since.or(Some(at)),
            _ => {}
        }
        match step {
            UnitStep::ReturnHome => self.home_at = Some(at),
            UnitStep::CompleteCall => {}
            _ => self.home_at = None,
        }
    }

    /// It has driven until now.
    pub(crate) fn stop(&mut self, at: Timestamp) {
        let since = self.drives_since.take();
        self.driven = self.driven + since.map_or(Millis::ZERO, |since| at.since(since));
    }

    /// It is told to wait elsewhere. A move of an idle unit says how long that drives; of others
    /// their crew says when they are there.
    pub(crate) fn post(&mut self, at: Timestamp, reasons: &[PostReason]) {
        let drive = reasons.iter().find_map(|reason| match reason {
            PostReason::Moved { drive } => Some(*drive),
            _ => None,
        });
        self.driven = self.driven + drive.unwrap_or(Millis::ZERO);
        self.home_at = drive.map(|drive| at + drive);
    }
}

/// Of each unit, the opening of the window for its break that was looked at last.
#[derive(Debug, Default)]
pub(crate) struct MealsSeen(BTreeMap<UnitId, Timestamp>);

impl MealsSeen {
    pub(crate) fn note(&mut self, unit: &UnitId, at: Timestamp) {
        self.0.insert(unit.clone(), at);
    }
}

impl Centre {
    /// When the break that a crew is owed now is missed; `None` where it is owed none, and under a
    /// policy without meals.
    pub(crate) fn meal_due(&self, now: Timestamp, unit: &UnitId) -> Option<Timestamp> {
        let meals = self.policy().crews?.meals?;
        let record = self.ledger.units.get(unit)?;
        let Hours { began, breaks, .. } = &record.hours;
        let hours = |at: Timestamp| at.since(*began).as_secs_f64() / 3600.0;
        let is_meal = |(at, length): &(Timestamp, Millis)| {
            let is_long = length.as_secs_f64() / 60.0 >= meals.minutes();
            is_long && meals.may_begin(hours(*at))
        };
        let is_owed = meals.may_begin(hours(now)) && !breaks.iter().any(is_meal);
        let rests = matches!(record.unit.crew.state, CrewState::Resting { .. });
        let [_, closes_h] = meals.window_h();
        (is_owed && !rests).then(|| *began + of_hours(closes_h))
    }

    /// What is left of a vehicle's range and the reserve, kilometres, if no more is left; `None`
    /// where nobody told its range, and under a policy without one.
    pub(crate) fn range_low(&self, unit: &UnitId) -> Option<[u32; 2]> {
        let range = self.policy().crews?.range?;
        let Hours { range_km, driven, .. } = &self.ledger.units.get(unit)?.hours;
        let (km, hours) = (f64::from((*range_km)?), driven.as_secs_f64() / 3600.0);
        let left = km - range.km(hours);
        range.is_low(km, hours).then(|| [left, range.reserve_km()].map(whole_km))
    }

    /// The break that a free crew begins where it waits, if it is owed one.
    pub(crate) fn begin_meal(&self, now: Timestamp, unit: &UnitId) -> Option<Happening> {
        self.meal_due(now, unit)?;
        let meals = self.policy().crews?.meals?;
        let record = &self.ledger.units[unit];
        let until = now + of_hours(meals.minutes() / 60.0);
        let event = Event::CrewRested { unit: unit.clone(), until };
        may_eat(record, now).then_some(Happening { at: now, event })
    }

    /// When windows open for crews that would take their break then.
    pub(crate) fn meals_open(&self) -> impl Iterator<Item = (Timestamp, Wake)> {
        let opens = self.policy().crews.and_then(|crews| crews.meals);
        let opens = opens.map(|meals| of_hours(meals.window_h()[0]));
        self.ledger.units.iter().filter_map(move |(unit, record)| {
            let at = (record.hours.began + opens?).max(record.hours.home_at?);
            let is_seen = self.live.meals.0.get(unit).is_some_and(|seen| *seen >= at);
            let is_past = self.ledger.recorded_at > at;
            let is_due = !is_seen && !is_past && may_eat(record, at);
            is_due.then(|| (at, Wake::MealOpens(unit.clone())))
        })
    }
}

fn may_eat(record: &UnitRecord, at: Timestamp) -> bool {
    let rests = matches!(record.unit.crew.state, CrewState::Resting { .. });
    let is_home = record.hours.home_at.is_some_and(|home_at| home_at <= at);
    is_home && is_free(&record.unit) && record.unit.kind.is_crewed() && !rests
}

#[expect(clippy::cast_possible_truncation, reason = "files keep hours of a day")]
fn of_hours(hours: f64) -> Millis {
    Millis::new((hours * 60.0 * MINUTE_MS).round() as i64)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranges are some hundred kilometres"
)]
fn whole_km(km: f64) -> u32 {
    km.max(0.0).round() as u32
}
