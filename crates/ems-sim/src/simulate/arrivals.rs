//! How far arrivals were from what the centre told when a unit set out.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{EtaCause, Event, Leg, Millis, Recorded, Timestamp, UnitId, UnitKind, UnitStep};

/// Arrivals at scenes and hospitals beside what was expected of them when the unit set out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ArrivalErrors {
    /// How many.
    pub n: u64,
    /// The mean of |expected − arrived|; `None` without arrivals.
    pub mean: Option<Millis>,
    /// Those of which an interval was told.
    pub n_likely: u64,
    /// Those of them that came within it.
    pub n_within: u64,
}

/// What is told of a unit's arrival.
#[derive(Debug, Clone, Copy)]
struct Told {
    leg: Leg,
    eta: Timestamp,
    likely: Option<[Timestamp; 2]>,
}

/// Follows a log.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    /// Drones, whose flights tell nothing of roads.
    flying: BTreeSet<UnitId>,
    /// The newest of each unit.
    newest: BTreeMap<UnitId, Told>,
    /// When it set out.
    set_out: BTreeMap<UnitId, Told>,
    errors: ArrivalErrors,
    total: Millis,
}

impl Arrivals {
    pub(super) fn follow(&mut self, recorded: &Recorded) {
        match &recorded.event {
            Event::UnitSignedOn { unit, kind: UnitKind::Drone, .. } => {
                self.flying.insert(unit.clone());
            }
            Event::EtaRevised { unit, .. } if self.flying.contains(unit) => {}
            Event::EtaRevised { unit, leg, eta, likely, cause, .. } => {
                let told = Told { leg: *leg, eta: *eta, likely: *likely };
                self.newest.insert(unit.clone(), told);
                if matches!(cause, EtaCause::StepTaken { step } if leg_of(*step) == Some(*leg)) {
                    self.set_out.insert(unit.clone(), told);
                }
            }
            Event::UnitStepped { unit, step, .. } => {
                self.step(unit, *step, recorded.occurred_at);
            }
            Event::UnitDiverted { unit, .. } => {
                self.step(unit, UnitStep::StandDown, recorded.occurred_at);
            }
            _ => {}
        }
    }

    /// What came of it.
    pub(super) fn errors(&self) -> ArrivalErrors {
        let n = i64::try_from(self.errors.n).unwrap_or(i64::MAX);
        let mean = (n > 0).then(|| Millis::new(self.total.get() / n));
        ArrivalErrors { mean, ..self.errors }
    }

    fn step(&mut self, unit: &UnitId, step: UnitStep, at: Timestamp) {
        if let Some(leg) = leg_of(step) {
            let told = self.newest.get(unit).filter(|told| told.leg == leg).copied();
            self.set_out.extend(told.map(|told| (unit.clone(), told)));
        }
        let Some(told) = self.set_out.get(unit).copied() else { return };
        match (step, told.leg) {
            (UnitStep::ArriveOnScene, Leg::ToScene)
            | (UnitStep::ArriveAtHospital, Leg::ToHospital) => {
                self.set_out.remove(unit);
                self.count(told, at);
            }
            (UnitStep::StandDown | UnitStep::ReturnToService, _) => {
                self.set_out.remove(unit);
                self.newest.remove(unit);
            }
            _ => {}
        }
    }

    fn count(&mut self, told: Told, at: Timestamp) {
        self.errors.n += 1;
        self.total = self.total + at.since(told.eta).abs();
        if let Some([first, last]) = told.likely {
            self.errors.n_likely += 1;
            self.errors.n_within += u64::from((first..=last).contains(&at));
        }
    }
}

/// The leg that a step sets out on.
fn leg_of(step: UnitStep) -> Option<Leg> {
    match step {
        UnitStep::GoEnRoute => Some(Leg::ToScene),
        UnitStep::LeaveScene => Some(Leg::ToHospital),
        _ => None,
    }
}
