//! The fleet: how many units of which kind stand where.

use std::collections::BTreeMap;

use ems_centre::City as Pack;
use ems_model::{Position, StationId, UnitId, UnitKind};

use super::CityPlan;
use super::crew::Crew;
use crate::settings::FleetSettings;

/// The most units of a fleet.
const UNITS_MAX: usize = 5000;

/// Call signs from A101 on, spread over the stations in turn.
pub(crate) fn fleet(plan: &CityPlan, pack: &Pack) -> BTreeMap<UnitId, Crew> {
    let n_units = plan.n_units.clamp(1, UNITS_MAX);
    let kinds = kinds(&plan.settings.fleet, n_units);
    let crew = |(idx, kind)| {
        let id = UnitId::new(&format!("A{}", 101 + idx)).expect("a letter and a number");
        let (home, station) = home(pack, idx, n_units);
        (id.clone(), Crew::new(id, kind, home, station))
    };
    kinds.into_iter().enumerate().map(crew).collect()
}

/// Kinds in turn, each as often as its share: the one furthest behind its share comes next.
fn kinds(shares: &FleetSettings, n_units: usize) -> Vec<UnitKind> {
    let shares = [
        (UnitKind::Bls, shares.bls),
        (UnitKind::Als, shares.als),
        (UnitKind::Physician, shares.physician),
        (UnitKind::DoctorCar, shares.doctor_car),
        (UnitKind::Drone, shares.drone),
    ];
    let total: u64 = shares.iter().map(|(_, share)| u64::from(*share)).sum();
    let mut given = [0_u64; 5];
    let mut kinds = Vec::with_capacity(n_units);
    for n in 1..=n_units as u64 {
        let behind = |idx: &usize| {
            let due = i128::from(u64::from(shares[*idx].1) * n);
            (due - i128::from(given[*idx] * total), std::cmp::Reverse(*idx))
        };
        let next = (0..5).max_by_key(behind).unwrap_or_default();
        given[next] += 1;
        kinds.push(shares[next].0);
    }
    kinds
}

/// A station in turn; in a city without stations a place along its streets.
fn home(pack: &Pack, idx: usize, n_units: usize) -> (Position, Option<StationId>) {
    if let Some(station) = pack.stations.get(idx % pack.stations.len().max(1)) {
        return (station.position, Some(station.id.clone()));
    }
    let of = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    (pack.roads.somewhere((of(idx) + 0.5) / of(n_units)).position(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_come_by_their_shares_and_none_without_share() {
        let shares =
            |bls, als, physician| FleetSettings { bls, als, physician, doctor_car: 0, drone: 0 };
        let count = |kinds: &[UnitKind], kind| kinds.iter().filter(|k| **k == kind).count();
        let kinds_30 = kinds(&shares(5, 4, 1), 30);
        assert_eq!(count(&kinds_30, UnitKind::Bls), 15);
        assert_eq!(count(&kinds_30, UnitKind::Als), 12);
        assert_eq!(count(&kinds_30, UnitKind::Physician), 3);
        assert_eq!(count(&kinds(&shares(0, 1, 0), 4), UnitKind::Als), 4);
    }
}
