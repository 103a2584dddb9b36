//! From fixes to places on the roads: the hidden Markov model of Newson and Krumm.
//!
//! The hidden states are the arcs near each fix; the cheapest way through them is found by
//! Viterbi's algorithm, fix by fix. Beside the paper, a way may leave fixes out (at a cost), so
//! that outliers neither bend nor break it, and a unit that stands may seem to roll back.

use ems_model::Timestamp;
use ems_roads::{ArcPoint, Candidate, Lengths, Roads};

use crate::fix::Fix;
use crate::lattice::{Lattice, Reached};
use crate::model::MatchModel;
use crate::smooth::Smoother;

/// A fix and where on the roads the unit was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatchedFix {
    /// The fix.
    pub fix: Fix,
    /// When the unit was last seen there: the time of the last fix that was too near to this one
    /// to tell anything new.
    pub left: Timestamp,
    /// Where it was, and which way it headed.
    pub point: ArcPoint,
    /// How far the fix is from there, metres.
    pub off_metres: f64,
}

/// Why a chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakReason {
    /// The trace ends.
    End,
    /// No fix for longer than the model's `gap_max`.
    Gap,
    /// The next fixes cannot be reached by road in their time, or are near no road.
    NoWay,
}

/// What the matcher has come to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// The next place of the chain.
    On(MatchedFix),
    /// The chain ends here; what follows is another.
    Broken(BreakReason),
}

/// A fix that cannot follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "fix at {} µs is not later than the one before, at {} µs: sort the trace by time and send \
     each fix once",
    at.as_micros(), last.as_micros()
)]
pub struct NotLater {
    /// The fix's time.
    pub at: Timestamp,
    /// The time of the one before.
    pub last: Timestamp,
}

/// Fixes nearer than so many standard deviations to the last tell only noise: Newson and Krumm,
/// section 4.1.
const NEAR_SIGMAS: f64 = 2.0;

/// A unit that stands seems to roll back by as many standard deviations.
const BACK_SIGMAS: f64 = 5.0;

/// Matches one unit's fixes as they come.
#[derive(Debug)]
pub struct Matcher<'a> {
    roads: &'a Roads,
    lengths: &'a Lengths,
    model: MatchModel,
    lag: Option<usize>,
    smoother: Smoother,
    lattice: Lattice,
    /// The last fix that was not too near to the one before.
    last: Option<Fix>,
    /// The time of the last fix of all.
    seen: Option<Timestamp>,
    /// At least the fixes after the node of the end that lags most.
    pending: Vec<Fix>,
    steps: Vec<Step>,
}

impl<'a> Matcher<'a> {
    /// Starts without a fix. A place is told once `lag` later ones are known; without a lag, only
    /// when its chain ends.
    pub fn new(
        roads: &'a Roads,
        lengths: &'a Lengths,
        model: MatchModel,
        lag: Option<usize>,
    ) -> Self {
        Self {
            roads,
            lengths,
            model,
            lag,
            smoother: Smoother::default(),
            lattice: Lattice::default(),
            last: None,
            seen: None,
            pending: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// Takes the next fix; gives what is now known.
    ///
    /// Cost: a matrix of at most some 30 × 24 lengths, 1–3 ms; far less on open roads.
    pub fn push(&mut self, fix: Fix) -> Result<Vec<Step>, NotLater> {
        if let Some(last) = self.seen.filter(|&last| fix.at <= last) {
            return Err(NotLater { at: fix.at, last });
        }
        if self.seen.is_some_and(|seen| fix.at.since(seen) > self.model.gap_max) {
            self.end_chain(BreakReason::Gap);
        }
        self.seen = Some(fix.at);
        if let Some(smooth) = self.smoother.push(fix, self.model.window) {
            self.take(smooth);
        }
        if let Some(lag) = self.lag {
            let decided = self.lattice.decide(lag);
            self.steps.extend(decided.into_iter().map(Step::On));
        }
        Ok(std::mem::take(&mut self.steps))
    }

    /// Ends the trace; gives all that was not yet told.
    pub fn finish(&mut self) -> Vec<Step> {
        self.end_chain(BreakReason::End);
        self.seen = None;
        std::mem::take(&mut self.steps)
    }

    fn take(&mut self, fix: Fix) {
        let near = NEAR_SIGMAS * self.model.sigma_m;
        match self.last {
            Some(last) if last.metres_to(&fix) < near => self.lattice.stay(fix.at),
            Some(_) => self.advance(fix),
            None => self.begin(fix),
        }
    }

    fn begin(&mut self, fix: Fix) {
        let model = self.model;
        let candidates = self.candidates(&fix).into_iter();
        self.lattice = Lattice::begin(candidates.map(|c| (c, model.emission_cost(c.off_metres))));
        self.last = (!self.lattice.is_empty()).then_some(fix);
    }

    fn advance(&mut self, fix: Fix) {
        let reached = self.reached(&fix);
        self.pending.push(fix);
        if reached.is_empty() && self.lattice.is_spent(self.model.n_skips_max) {
            self.break_chain();
            return;
        }
        if !reached.is_empty() {
            self.last = Some(fix);
        }
        self.lattice.advance(reached, self.model.skip_cost, self.model.n_skips_max);
        let n_open = self.lattice.n_skips_most() as usize;
        self.pending.drain(..self.pending.len().saturating_sub(n_open));
    }

    /// Ends the chain at its best end and begins another with the fixes after that. Each call
    /// takes up at least one of them, so it comes to an end.
    fn break_chain(&mut self) {
        let n_left_out = self.lattice.best().map_or(0, |end| end.n_skips as usize + 1);
        let pending = std::mem::take(&mut self.pending);
        self.cut(BreakReason::NoWay);
        for &fix in &pending[pending.len().saturating_sub(n_left_out)..] {
            self.take(fix);
        }
    }

    fn end_chain(&mut self, why: BreakReason) {
        if let Some(smooth) = self.smoother.flush() {
            self.take(smooth);
        }
        self.cut(why);
    }

    fn cut(&mut self, why: BreakReason) {
        if !self.lattice.is_empty() {
            self.steps.extend(self.lattice.decide(0).into_iter().map(Step::On));
            self.steps.push(Step::Broken(why));
        }
        self.lattice = Lattice::default();
        self.pending.clear();
        self.last = None;
    }

    /// The places that a fix may be of, nearest first.
    fn candidates(&self, fix: &Fix) -> Vec<MatchedFix> {
        let near = self.roads.candidates(fix.position, self.model.reach_m).unwrap_or_default();
        let edges = near.iter().take(self.model.n_edges_max);
        let of_edge = |candidate: &Candidate| {
            let off_metres = candidate.snap.off_road_metres();
            let placed = |point| MatchedFix { fix: *fix, left: fix.at, point, off_metres };
            self.roads.headings(&candidate.snap).map(placed).collect::<Vec<_>>()
        };
        edges.flat_map(of_edge).collect()
    }

    /// The candidates that some end leads to, each with its least cost and the end's index.
    fn reached(&self, fix: &Fix) -> Vec<Reached> {
        let candidates = self.candidates(fix);
        let to: Vec<ArcPoint> = candidates.iter().map(|c| c.point).collect();
        let lengths = self.lengths.between(self.roads, &self.lattice.points(), &to);
        let n = to.len();
        let of_candidate = |(col, candidate): (usize, MatchedFix)| {
            let rows = (0..self.lattice.ends().len())
                .filter_map(|end| self.step(end, candidate, lengths[end * n + col]));
            rows.min_by(|a, b| a.cost.total_cmp(&b.cost))
        };
        candidates.into_iter().enumerate().filter_map(of_candidate).collect()
    }

    /// From an end to a candidate so many metres on; `None` where nobody drives so fast.
    fn step(&self, end_idx: usize, to: MatchedFix, length: Option<f64>) -> Option<Reached> {
        let end = self.lattice.ends()[end_idx];
        let from = self.lattice.placed(&end);
        let is_back = self.seems_to_roll_back(&from.point, &to.point);
        let metres = if is_back { 0.0 } else { length? };
        if metres > self.model.metres_max(from.fix.until(&to.fix)) {
            return None;
        }
        let straight = from.fix.metres_to(&to.fix);
        let cost = end.cost
            + self.model.transition_cost(metres, straight)
            + self.model.emission_cost(to.off_metres);
        let placed = if is_back { MatchedFix { point: from.point, ..to } } else { to };
        Some(Reached { placed, cost, end: end_idx })
    }

    fn seems_to_roll_back(&self, from: &ArcPoint, to: &ArcPoint) -> bool {
        let back = |share: f64| share * self.roads.arc_metres(from.arc);
        from.arc == to.arc
            && to.along < from.along
            && back(from.along - to.along) <= BACK_SIGMAS * self.model.sigma_m
    }
}
