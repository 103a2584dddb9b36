//! Arrivals some time ahead: speeds that change while one drives.
//!
//! The speed of a road is constant within a quarter of an hour of the clock, so who leaves later
//! never arrives earlier on the same way (Ichoua, Gendreau, Potvin, "Vehicle dispatching with
//! time-dependent travel times", EJOR 144(2), 2003). In each quarter it is that of the week's
//! hour; a live overlay counts wholly at the moment it is known and less and less up to its end;
//! a closure counts wholly; both hold to the end of the quarter in which they end. The way is the fastest under the speeds at
//! departure or a quarter of an hour later, its time is taken quarter by quarter; [`Forecast::arrivals_plainly`] finds the way that is the
//! fastest under all of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use ems_model::{Millis, Timestamp};

use crate::network::{NO_WAY, whole};
use crate::roads::Roads;
use crate::snap::Snap;
use crate::traffic::{Flow, Overlaid, Traffic};
use crate::week::Week;

const SLICE_MICROS: i64 = 15 * 60 * 1_000_000;

/// What is expected of the roads for who leaves at one moment.
#[derive(Debug)]
pub struct Forecast<'a> {
    week: &'a Week,
    traffic: &'a Traffic,
    now: Timestamp,
    leaves: Timestamp,
    /// At the speeds of the departure.
    roads: Roads,
    /// At those of the next quarter of an hour.
    next: Roads,
    /// Milliseconds of each arc on a free road.
    free: Vec<u32>,
}

impl<'a> Forecast<'a> {
    /// What is known at `now` of the roads from `leaves` on, which is `now` or later. Cost: two
    /// customisations.
    pub fn of(
        roads: &Roads,
        week: &'a Week,
        traffic: &'a Traffic,
        [now, leaves]: [Timestamp; 2],
    ) -> Self {
        let free = roads.parts().free_millis();
        let (own, next) = (roads.clone(), roads.clone());
        let mut forecast = Self { week, traffic, now, leaves, roads: own, next, free };
        let (slice, end) = forecast.slice(0.0);
        let (next, _) = forecast.slice(end);
        let [own, next] = [slice, next].map(|slice| roads.with_bare(forecast.paces(slice)));
        (forecast.roads, forecast.next) = (own, next);
        forecast
    }

    /// The roads at the speeds of the departure.
    pub fn roads(&self) -> &Roads {
        &self.roads
    }

    /// How long the better of two ways takes: the fastest at the speeds of the departure, and that
    /// a quarter of an hour later; `None` where closures part the two. Cost: two routes, and some
    /// look-ups an arc of them.
    pub fn time(&self, from: &Snap, to: &Snap) -> Option<Millis> {
        let ways = [&self.roads, &self.next];
        ways.into_iter().filter_map(|roads| self.time_on(roads, from, to)).min()
    }

    /// How long the way takes that is the fastest on some roads.
    fn time_on(&self, roads: &Roads, from: &Snap, to: &Snap) -> Option<Millis> {
        let pieces = roads.pieces(from, to)?;
        let drive = |at: f64, piece: &crate::route::Piece| {
            self.drive(piece.arc, at + f64::from(piece.turn), piece.to - piece.from)
        };
        Some(rounded(pieces.iter().fold(0.0, drive)))
    }

    /// Earliest arrivals under all that is expected, by a search of the whole city: what
    /// [`Forecast::time`] is held against.
    pub fn arrivals_plainly(&self, from: &Snap, to: &[Snap]) -> Vec<Option<Millis>> {
        let labels = self.labels(from);
        let time = |goal: &Snap| {
            if self.roads.junction(from).is_some() && self.roads.is_near(from, goal) {
                return Some(Millis::ZERO);
            }
            let ends = self.roads.arriving(goal);
            let round = self.roads.goal(goal).into_iter().flatten().filter_map(|seed| {
                let arc = self.roads.parts().arc_of(seed.node);
                let along = ends.iter().find(|leg| leg.arc == arc)?.along;
                let start = labels[seed.node as usize];
                start.is_finite().then(|| self.drive(arc, start, along))
            });
            let ahead = self.roads.leaving(from).into_iter().filter_map(|leg| {
                let end = ends.iter().find(|end| end.arc == leg.arc && leg.along <= end.along)?;
                Some(self.drive(leg.arc, 0.0, end.along - leg.along))
            });
            let least = round.chain(ahead).fold(f64::INFINITY, f64::min);
            least.is_finite().then(|| rounded(least))
        };
        to.iter().map(time).collect()
    }

    /// Milliseconds from departure to the start of each state's arc.
    fn labels(&self, from: &Snap) -> Vec<f64> {
        let parts = self.roads.parts();
        let mut labels = vec![f64::INFINITY; parts.turns.n_states()];
        let mut queue = BinaryHeap::new();
        for leg in self.roads.leaving(from) {
            let end = self.drive(leg.arc, 0.0, 1.0 - leg.along);
            self.turn(leg.arc, end, &mut labels, &mut queue);
        }
        while let Some((Reverse(bits), state)) = queue.pop() {
            let at = f64::from_bits(bits);
            if at <= labels[state as usize] {
                let end = self.drive(parts.arc_of(state), at, 1.0);
                self.turn(state, end, &mut labels, &mut queue);
            }
        }
        labels
    }

    /// Takes all turns from the end of a state's arc. Times are not negative, so their bits are in
    /// their order.
    fn turn(
        &self,
        state: u32,
        at: f64,
        labels: &mut [f64],
        queue: &mut BinaryHeap<(Reverse<u64>, u32)>,
    ) {
        for turn in self.roads.parts().turns.of(state) {
            let at = at + f64::from(turn.millis);
            let label = &mut labels[turn.state as usize];
            if at < *label {
                *label = at;
                queue.push((Reverse(at.to_bits()), turn.state));
            }
        }
    }

    /// When a share of an arc is driven that is entered at `at`, both milliseconds from departure.
    fn drive(&self, arc: u32, mut at: f64, mut share: f64) -> f64 {
        loop {
            let (slice, end) = self.slice(at);
            let pace = self.pace(arc, slice);
            let whole_way = if pace == NO_WAY { f64::INFINITY } else { share * f64::from(pace) };
            if at + whole_way <= end {
                return at + whole_way;
            }
            share -= if pace == NO_WAY { 0.0 } else { (end - at) / f64::from(pace) };
            at = end;
            if share <= 0.0 {
                return at;
            }
        }
    }

    /// The start of the quarter of an hour around a moment, not before what is known, and its end
    /// in milliseconds from departure.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a drive is far shorter than 2^52 ms"
    )]
    fn slice(&self, at: f64) -> (Timestamp, f64) {
        let micros = self.leaves.as_micros() + (at * 1000.0) as i64;
        let start = micros.div_euclid(SLICE_MICROS) * SLICE_MICROS;
        let end = (start + SLICE_MICROS - self.leaves.as_micros()) as f64 / 1000.0;
        (Timestamp::from_micros(start).max(self.now), end)
    }

    /// Milliseconds of an arc as expected in the quarter of an hour that starts at a moment.
    fn pace(&self, arc: u32, at: Timestamp) -> u32 {
        let free = self.free[arc as usize];
        if free == NO_WAY {
            return NO_WAY;
        }
        let class = self.roads.parts().edges[(arc / 2) as usize].class;
        let usual = whole(f64::from(free) / self.week.factor(class, self.week.hour(at)));
        match self.traffic.of_arc(arc).filter(|row| row.holds(at)) {
            Some(row) => self.blended(&row, usual, at),
            None => usual,
        }
    }

    fn paces(&self, slice: Timestamp) -> Vec<u32> {
        let arcs = 0..u32::try_from(self.free.len()).expect("arcs are numbered by u32");
        arcs.map(|arc| self.pace(arc, slice)).collect()
    }

    /// An overlay loses weight from the moment it is known to its end.
    fn blended(&self, row: &Overlaid, usual: u32, at: Timestamp) -> u32 {
        let told = self.roads.overlaid_millis(row.arc, row.flow, usual);
        if row.flow == Flow::Closed {
            return told;
        }
        let left = row.until.since(at).as_secs_f64() / row.until.since(self.now).as_secs_f64();
        let weight = if left.is_finite() { left.clamp(0.0, 1.0) } else { 0.0 };
        whole(weight * f64::from(told) + (1.0 - weight) * f64::from(usual))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a drive is far shorter than 2^52 ms")]
fn rounded(millis: f64) -> Millis {
    Millis::new(millis.round() as i64)
}
