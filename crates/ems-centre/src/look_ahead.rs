//! The first units of a ranking, tried on sampled futures before one is recommended.

use std::collections::BTreeMap;

use ems_dispatch::{
    Board, LookAheadPolicy, Outcome, Piece, Ranking, Rollout, Trial, minutes, thousandths,
};
use ems_model::{
    Leg, Millis, Phase, Position, Timestamp, Unit, UnitCandidate, UnitReason, UnitState,
};
use ems_roads::{Roads, Snap};

use crate::centre::Centre;
use crate::cover::Demand;
use crate::ledger::{IncidentRecord, UnitRecord};

/// Places of the board, each for as much demand.
const N_PLACES: u32 = 150;
/// Calls that are too few to learn from, and a time that is too short.
const N_LEARNT_MIN: u32 = 10;
const LEARNT_MIN: Millis = Millis::from_mins(30);
/// What stands for a missing road, and for a target that a priority has not, minutes.
const NEVER: f32 = 1e6;

/// Where futures are played: places and the drives between them under the traffic of the moment.
#[derive(Debug)]
pub(crate) struct Ground {
    places: Vec<Position>,
    /// Minutes, row by row.
    drives: Vec<f32>,
}

impl Ground {
    pub(crate) fn of(demand: &Demand, roads: &Roads) -> Self {
        let snaps = demand.sample(roads, N_PLACES);
        let drives = roads.matrix(&snaps, &snaps).concat();
        let drives = drives.into_iter().map(|drive| drive.map_or(NEVER, narrow)).collect();
        Self { places: snaps.iter().map(Snap::position).collect(), drives }
    }

    /// The place nearest to a position as the crow flies.
    fn nearest(&self, to: Position) -> usize {
        let distances = self.places.iter().map(|place| place.metres_to(to)).enumerate();
        let nearest = distances.reduce(|best, next| if next.1 < best.1 { next } else { best });
        nearest.map_or(0, |(place, _)| place)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "minutes need no more")]
fn narrow(drive: Millis) -> f32 {
    minutes(drive) as f32
}

impl Centre {
    /// The ranking with the unit first that leaves fewest calls late, under a policy that looks
    /// ahead and a log with calls to learn from.
    ///
    /// Cost: that of [`Rollout::play`], and a distance from each unit to each of 150 places.
    pub(crate) fn looked_ahead(
        &self,
        now: Timestamp,
        record: &IncidentRecord,
        scene: &Snap,
        ranked: Ranking,
    ) -> Ranking {
        let Some(policy) = &self.policy().look_ahead else { return ranked };
        let ground = self.traffic.places().ground(&self.city, self.traffic.roads());
        let Some(board) = self.board(now, policy, ground) else { return ranked };
        let units: Vec<_> = self.ledger.units.values().filter(|it| plays(&it.unit)).collect();
        let piece = |record: &&UnitRecord| self.piece(now, &record.unit, policy, ground);
        let pieces: Vec<Piece> = units.iter().map(piece).collect();
        let trials = ranked.candidates.iter().filter(|it| it.is_eligible).filter_map(|candidate| {
            let piece = units.iter().position(|it| it.unit.id == candidate.unit)?;
            let arrives_in = minutes(Millis::new(candidate.cost));
            Some(Trial { piece, arrives_in, cost: harm(candidate)? })
        });
        let trials: Vec<Trial> = trials.take(policy.n_trials).collect();
        let decision = record.incident.id.0 << 8 | u64::from(record.version & 0xff);
        let call = ground.nearest(scene.position());
        let outcomes = policy.rule().play(&board, &pieces, call, &trials, decision);
        let named = outcomes.iter().map(|it| (&units[it.piece].unit.id, it));
        let chosen = Rollout::choose(&outcomes).map(|it| &units[it.piece].unit.id);
        reordered(ranked, &named.collect(), chosen, policy.n_futures)
    }

    /// Calls as they came of late; `None` where too few came.
    fn board(&self, now: Timestamp, policy: &LookAheadPolicy, ground: &Ground) -> Option<Board> {
        let calls = self.ledger.incidents.values().rev();
        let mut by_rank: BTreeMap<u8, (u32, Option<Millis>)> = BTreeMap::new();
        let mut oldest = now;
        for record in calls.take_while(|record| now.since(record.opened_at) <= policy.learn) {
            let priority = record.incident.priority.as_ref().unwrap_or(&record.suggested);
            let target = || self.config.reference.target(priority);
            by_rank.entry(priority.rank).or_insert_with(|| (0, target())).0 += 1;
            oldest = record.opened_at;
        }
        let n: u32 = by_rank.values().map(|(n, _)| n).sum();
        let span = now.since(oldest);
        if n < N_LEARNT_MIN || span < LEARNT_MIN {
            return None;
        }
        let each = f64::from(n) / minutes(span) / f64::from(N_PLACES);
        let left = |target: Millis| {
            minutes((target - policy.delay - self.policy().units.turn_out).max(Millis::ZERO))
        };
        let kind = |(n, target): (u32, Option<Millis>)| {
            (f64::from(n), target.map_or(f64::from(NEVER), left))
        };
        let kinds = by_rank.into_values().map(kind).collect();
        let per_minute = vec![each; ground.places.len()];
        let board = Board::new(per_minute, ground.drives.clone(), kinds, minutes(policy.service()));
        Some(board.expect("drives and rates are 0 and more"))
    }

    /// A unit on the board: what it does now takes as long as the policy says of such things.
    fn piece(
        &self,
        now: Timestamp,
        unit: &Unit,
        policy: &LookAheadPolicy,
        ground: &Ground,
    ) -> Piece {
        let here = self.whereabouts.place(&unit.id).map_or(unit.home, Snap::position);
        let station =
            unit.waits_at().and_then(|id| self.city.stations.iter().find(|it| it.id == *id));
        let home = ground.nearest(station.map_or(unit.home, |station| station.position));
        let (at, busy) = match (unit.incident(), unit.phase()) {
            (Some(incident), Some(phase)) => {
                let record = &self.ledger.incidents[&incident];
                (self.frees_at(record, here, phase), busy(now, record, unit, phase, policy))
            }
            _ => (here, Millis::ZERO),
        };
        Piece { place: ground.nearest(at), free_in: minutes(busy), home }
    }

    /// Where a unit of a call comes free, as far as is known.
    fn frees_at(&self, record: &IncidentRecord, here: Position, phase: Phase) -> Position {
        let hospital = record.incident.hospital.as_ref();
        let hospital = hospital.and_then(|id| self.city.hospitals.iter().find(|it| it.id == *id));
        match hospital {
            Some(hospital) => hospital.position,
            None if phase < Phase::OnScene => record.incident.call.position,
            None => here,
        }
    }
}

/// For how long a unit of a call is busy yet.
fn busy(
    now: Timestamp,
    record: &IncidentRecord,
    unit: &Unit,
    phase: Phase,
    policy: &LookAheadPolicy,
) -> Millis {
    let left = |leg: Leg| {
        let eta = record.etas.get(&(unit.id.clone(), leg));
        eta.map_or(Millis::ZERO, |eta| eta.eta.since(now).max(Millis::ZERO))
    };
    match phase {
        Phase::Notified | Phase::Acknowledged | Phase::EnRoute | Phase::Staged => {
            left(Leg::ToScene) + policy.service()
        }
        Phase::OnScene | Phase::AtPatient => policy.service(),
        Phase::Transporting => left(Leg::ToHospital) + policy.hand_over,
        _ => policy.hand_over,
    }
}

/// Whether it is on duty and takes patients.
fn plays(unit: &Unit) -> bool {
    unit.kind.can_transport()
        && matches!(unit.state, UnitState::Available { .. } | UnitState::Engaged { .. })
}

/// What sending a unit costs the calls at hand, as its rule has weighed.
fn harm(candidate: &UnitCandidate) -> Option<f64> {
    candidate.cons.iter().find_map(|con| match con {
        UnitReason::Harm { milli, .. } => Some(f64::from(*milli) / 1000.0),
        _ => None,
    })
}

/// The ranking with the chosen unit first, and what became of each that was tried.
fn reordered(
    mut ranked: Ranking,
    outcomes: &BTreeMap<&ems_model::UnitId, &Outcome>,
    chosen: Option<&ems_model::UnitId>,
    n_futures: u32,
) -> Ranking {
    for candidate in &mut ranked.candidates {
        candidate.cons.extend(outcomes.get(&candidate.unit).map(|it| UnitReason::LookAhead {
            late_milli: thousandths(it.late),
            fewer_milli: thousandths(it.fewer),
            error_milli: thousandths(it.fewer_error),
            n_futures,
        }));
    }
    if let Some(chosen) = chosen {
        ranked.lead(chosen);
    }
    ranked
}
