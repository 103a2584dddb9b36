//! Looking ahead before a unit is sent.

use std::sync::Arc;

use ems_dispatch::{BadBoard, Board, Piece, Prospect, Rollout, Trial, Weighing};

use super::call::Call;
use super::city::{FleetCity, Goal};
use super::duty::Duty;
use super::run::Fleet;
use super::stats::MINUTES;
use super::trip::{Heading, Trip};

/// A rule, and how far its first choices are tried before one is taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookahead {
    /// The rule that orders the units.
    pub base: Weighing,
    /// How they are tried.
    pub rollout: Rollout,
    /// On which ground.
    pub ground: Arc<PlayGround>,
}

/// What is known of calls to come: where they came from, how often, and how long units stay.
#[derive(Debug, Clone, PartialEq)]
pub struct PlayGround {
    board: Board,
    /// By node: the nearest place of the board.
    place_of: Vec<usize>,
    /// Means, minutes, with the stay at the scene first, then what follows it.
    scene: f64,
    after_scene: f64,
    handover: f64,
}

/// In how many minutes a crew that pauses or is off duty counts as free.
const FAR_OFF: f64 = 1e6;

/// Calls whose places make the board.
const PLACES_MAX: usize = 150;

impl PlayGround {
    /// Learns from calls in the order of their arrival: the first 150 are the places that calls
    /// come from, all together say how often and how long.
    ///
    /// Costs a distance for each pair of places, and a look at each place for each node.
    pub fn learn(city: &FleetCity, calls: &[Call]) -> Result<Self, BadBoard> {
        let n = number(calls.len()).max(1.0);
        let mean = |of: &dyn Fn(&Call) -> f64| calls.iter().map(of).sum::<f64>() / n * MINUTES;
        let scene = mean(&|call| call.on_scene);
        let handover = mean(&|call| call.handover.unwrap_or(0.0));
        let mode = city.calm_mode(0.0);
        let drive = |call: &Call| city.hospital(mode, city.snap(call.degrees).node).1;
        let transport = mean(&|call| call.handover.map_or(0.0, |_| drive(call)));
        let span = calls.last().map_or(0.0, |call| call.arrival * MINUTES).max(1.0);
        let nodes: Vec<u32> = calls.iter().map(|call| city.snap(call.degrees).node).collect();
        let nodes = &nodes[..nodes.len().min(PLACES_MAX)];
        let per_minute = vec![n / span / number(nodes.len()).max(1.0); nodes.len()];
        let service = scene + transport + handover;
        let board = Board::new(per_minute, drives(city, nodes), targets(city, calls), service)?;
        let place_of = city.nearest_of(nodes);
        Ok(Self { board, place_of, scene, after_scene: transport + handover, handover })
    }
}

/// Minutes between nodes, row by row, in the mode of the most urgent when the run starts.
fn drives(city: &FleetCity, nodes: &[u32]) -> Vec<f32> {
    let mut scratch = city.scratch();
    let mode = city.mode(0, 0.0);
    let mut drives = vec![0.0; nodes.len() * nodes.len()];
    for (column, &to) in nodes.iter().enumerate() {
        for (row, &from) in nodes.iter().enumerate() {
            let days = city.days(&mut scratch, mode, from, Goal::Node(to));
            drives[row * nodes.len() + column] = narrow(days * MINUTES);
        }
    }
    drives
}

/// By priority: its share of the calls, and what is left of its target when a unit is looked for.
fn targets(city: &FleetCity, calls: &[Call]) -> Vec<(f64, f64)> {
    let of_rank = |(rank, target): (u8, f64)| {
        let own = calls.iter().filter(|call| call.rank == rank);
        let (n, delay) =
            own.fold((0.0, 0.0), |(n, delay), call| (n + 1.0, delay + call.dispatch_delay));
        (n, (target - delay / f64::max(n, 1.0)).max(0.0) * MINUTES)
    };
    (1..).zip(city.priorities.iter().map(|priority| priority.target)).map(of_rank).collect()
}

#[expect(clippy::cast_precision_loss, reason = "calls are counted in millions at most")]
fn number(n: usize) -> f64 {
    n as f64
}

#[expect(clippy::cast_possible_truncation, reason = "minutes need no more")]
fn narrow(minutes: f64) -> f32 {
    minutes as f32
}

impl Fleet<'_> {
    /// The unit that leaves fewest calls late, of those that the rule names first.
    pub(super) fn pick_ahead(&mut self, case: usize, ahead: &Lookahead) -> Option<usize> {
        let mut prospects = self.prospects(case, &ahead.base);
        let cost = |prospect: &Prospect<usize>| ahead.base.cost(prospect);
        prospects.sort_by(|a, b| cost(a).total_cmp(&cost(b)));
        let waited = (self.now - self.case(case).call.arrival) * MINUTES;
        let trial = |prospect: &Prospect<usize>| Trial {
            piece: prospect.unit,
            arrives_in: prospect.call.response - waited,
            cost: cost(prospect),
        };
        let trials: Vec<Trial> = prospects.iter().map(trial).collect();
        let ground = &ahead.ground;
        let pieces: Vec<Piece> =
            (0..self.units.len()).map(|unit| self.piece(unit, ground)).collect();
        let (seq, n_bumps) = (self.case(case).seq, self.case(case).n_bumps);
        let place = ground.place_of[self.case(case).place.node as usize];
        let decision = seq << 8 | u64::from(n_bumps.min(255));
        let outcomes = ahead.rollout.play(&ground.board, &pieces, place, &trials, decision);
        Rollout::choose(&outcomes).map(|outcome| outcome.piece)
    }

    /// A unit as the board knows it: what it does now takes as long as such things do.
    fn piece(&mut self, unit: usize, ground: &PlayGround) -> Piece {
        let place = |node: u32| ground.place_of[node as usize];
        let home = place(self.city.stations[self.units[unit].station].node);
        let Heading { node, .. } = self.heading(unit);
        let until = |trip: &Trip| (trip.arrives - self.now) * MINUTES;
        let (node, free_in) = match &self.units[unit].duty {
            Duty::AtStation | Duty::Homeward(_) => (node, 0.0),
            Duty::ToCall { case, trip } => {
                (self.case(*case).place.node, until(trip) + ground.scene + ground.after_scene)
            }
            Duty::OnScene { case } => {
                (self.case(*case).place.node, ground.scene + ground.after_scene)
            }
            Duty::Transporting { hospital, .. } => {
                (self.city.hospitals[*hospital].node, ground.after_scene)
            }
            Duty::Pause | Duty::Off => (node, FAR_OFF),
            Duty::AtHospital { hospital } => (self.city.hospitals[*hospital].node, ground.handover),
        };
        Piece { place: place(node), free_in, home }
    }
}
