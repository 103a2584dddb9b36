//! Exact times between snaps: Dijkstra over states.
//!
//! A label is the time at the start of a state's arc (forward) or from its end (backward), so both
//! directions add the same integers and agree to the millisecond. The queue is a radix heap (Ahuja,
//! Mehlhorn, Orlin, Tarjan, "Faster algorithms for the shortest path problem", JACM 37(2), 1990).

use ems_model::Millis;

use crate::network::NO_WAY;
use crate::roads::Roads;
use crate::snap::Snap;
use crate::turns::Turns;

/// Not reached.
const FAR: u32 = u32::MAX;

/// An arc at a snap, with the time before and after it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leg {
    pub(crate) arc: u32,
    /// Milliseconds from the arc's start to the snap.
    pub(crate) before: u32,
    /// Milliseconds from the snap to the arc's end.
    pub(crate) after: u32,
    /// How far along the arc, 0..=1.
    pub(crate) along: f64,
}

impl Roads {
    /// The fastest time from a snap to another; `None` if either is of another city.
    pub fn time(&self, from: &Snap, to: &Snap) -> Option<Millis> {
        let goals = Goals::of(self.millis_of.len(), std::slice::from_ref(to), |s| self.targets(s));
        let seeds = self.seeds_from(from);
        self.answers(&self.parts.turns, &seeds, goals, &[self.direct(from, to)]).first().copied()?
    }

    /// The fastest time from each of many snaps to one, in the order given. One search.
    pub fn times_to(&self, from: &[Snap], to: &Snap) -> Vec<Option<Millis>> {
        let goals = Goals::of(self.millis_of.len(), from, |s| self.sources(s));
        let direct: Vec<Option<u32>> = from.iter().map(|s| self.direct(s, to)).collect();
        self.answers(&self.back, &self.seeds_to(to), goals, &direct)
    }

    /// The fastest time from one snap to each of many, in the order given. One search.
    pub fn times_from(&self, from: &Snap, to: &[Snap]) -> Vec<Option<Millis>> {
        let goals = Goals::of(self.millis_of.len(), to, |s| self.targets(s));
        let direct: Vec<Option<u32>> = to.iter().map(|s| self.direct(from, s)).collect();
        self.answers(&self.parts.turns, &self.seeds_from(from), goals, &direct)
    }

    /// The fastest times between all pairs: a row for each `from`, in it a time for each `to`.
    /// One search a row or a column, whichever are fewer.
    pub fn matrix(&self, from: &[Snap], to: &[Snap]) -> Vec<Vec<Option<Millis>>> {
        if from.len() <= to.len() {
            return from.iter().map(|source| self.times_from(source, to)).collect();
        }
        let columns: Vec<_> = to.iter().map(|target| self.times_to(from, target)).collect();
        (0..from.len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect()
    }

    /// The arcs on which a snap lies and that may be driven.
    pub(crate) fn legs(&self, snap: &Snap) -> impl Iterator<Item = Leg> {
        let (edge, fraction) = (snap.edge, snap.fraction.clamp(0.0, 1.0));
        let sides = [(0, fraction), (1, 1.0 - fraction)];
        sides.into_iter().filter_map(move |(side, along)| {
            let arc = edge.checked_mul(2)? + side;
            let millis = self.arc_millis(arc)?;
            let before = passed(millis, along);
            Some(Leg { arc, before, after: millis - before, along })
        })
    }

    /// The time along one arc, where `to` lies ahead of `from` on it.
    pub(crate) fn direct(&self, from: &Snap, to: &Snap) -> Option<u32> {
        self.direct_leg(from, to).map(|(from, to)| to.before - from.before)
    }

    pub(crate) fn direct_leg(&self, from: &Snap, to: &Snap) -> Option<(Leg, Leg)> {
        let pairs = self.legs(from).flat_map(|f| self.legs(to).map(move |t| (f, t)));
        let ahead = pairs.filter(|(f, t)| f.arc == t.arc && f.along <= t.along);
        ahead.min_by_key(|(f, t)| t.before - f.before)
    }

    /// States after the first turn, with the time at their start, and the arc left.
    pub(crate) fn seeds_from(&self, from: &Snap) -> Vec<Seed> {
        let first_turns = self.legs(from).flat_map(|leg| {
            let turns = self.parts.turns.of(leg.arc).iter();
            turns.map(move |turn| Seed {
                state: turn.state,
                millis: leg.after + turn.millis,
                arc: leg.arc,
            })
        });
        first_turns.collect()
    }

    fn seeds_to(&self, to: &Snap) -> Vec<Seed> {
        let mut seeds = Vec::new();
        for leg in self.legs(to) {
            for turn in self.states_of(leg.arc).flat_map(|state| self.back.of(state)) {
                let millis = leg.before + turn.millis;
                seeds.push(Seed { state: turn.state, millis, arc: leg.arc });
            }
        }
        seeds
    }

    /// The states at which a backward search meets a source, with the time left on their arc.
    fn sources(&self, snap: &Snap) -> Vec<(u32, u32)> {
        self.legs(snap).map(|leg| (leg.arc, leg.after)).collect()
    }

    /// The states at which a forward search meets a target, with the time spent on their arc.
    pub(crate) fn targets(&self, snap: &Snap) -> Vec<(u32, u32)> {
        let legs = self.legs(snap);
        legs.flat_map(|leg| self.states_of(leg.arc).map(move |state| (state, leg.before))).collect()
    }

    fn answers(
        &self,
        turns: &Turns,
        seeds: &[Seed],
        mut goals: Goals,
        direct: &[Option<u32>],
    ) -> Vec<Option<Millis>> {
        for (best, &direct) in goals.best.iter_mut().zip(direct) {
            *best = direct.unwrap_or(FAR);
        }
        let mut search = Search::new(turns, &self.millis_of);
        search.start(seeds);
        while let Some((state, millis)) = search.settle() {
            if goals.reach(state, millis) {
                break;
            }
        }
        goals.best.iter().map(|&best| (best != FAR).then(|| Millis::new(best.into()))).collect()
    }
}

/// Milliseconds of an arc passed at a share of its length, rounded so that it never falls.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a u32 is a u32"
)]
pub(crate) fn passed(millis: u32, along: f64) -> u32 {
    ((f64::from(millis) * along).round() as u32).min(millis)
}

/// Where a search starts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed {
    pub(crate) state: u32,
    pub(crate) millis: u32,
    /// The arc that the snap is on.
    pub(crate) arc: u32,
}

/// What a search looks for.
pub(crate) struct Goals {
    /// `(state, goal, time from the state's label to the goal)`, by state.
    wanted: Vec<(u32, u32, u32)>,
    /// The best time found for each goal, or [`FAR`].
    pub(crate) best: Vec<u32>,
    /// Which states are wanted, by their number.
    is_wanted: Vec<bool>,
    /// States not yet settled.
    n_open: usize,
    /// The state that gave the best time of a single goal.
    pub(crate) via: Option<u32>,
}

impl Goals {
    pub(crate) fn of(
        n_states: usize,
        snaps: &[Snap],
        states: impl Fn(&Snap) -> Vec<(u32, u32)>,
    ) -> Self {
        let mut wanted = Vec::new();
        for (goal, snap) in (0u32..).zip(snaps) {
            wanted.extend(states(snap).into_iter().map(|(state, rest)| (state, goal, rest)));
        }
        wanted.sort_unstable();
        let mut is_wanted = vec![false; n_states];
        for &(state, _, _) in &wanted {
            is_wanted[state as usize] = true;
        }
        Self { n_open: wanted.len(), best: vec![FAR; snaps.len()], wanted, is_wanted, via: None }
    }

    /// Notes a settled state; says whether all goals are answered.
    pub(crate) fn reach(&mut self, state: u32, millis: u32) -> bool {
        if !self.is_wanted[state as usize] {
            return self.is_answered(millis);
        }
        let from = self.wanted.partition_point(|&(s, _, _)| s < state);
        for &(_, goal, rest) in self.wanted[from..].iter().take_while(|&&(s, _, _)| s == state) {
            let best = &mut self.best[goal as usize];
            if millis.saturating_add(rest) < *best {
                *best = millis.saturating_add(rest);
                self.via = Some(state);
            }
            self.n_open -= 1;
        }
        self.is_answered(millis)
    }

    fn is_answered(&self, millis: u32) -> bool {
        self.n_open == 0 || (self.best.len() == 1 && millis >= self.best[0])
    }
}

/// One search over states in order of their time.
pub(crate) struct Search<'a> {
    turns: &'a Turns,
    millis_of: &'a [u32],
    labels: Vec<u32>,
    /// The state before, or the arc of the start with [`START`] set; empty if not wanted.
    parents: Vec<u32>,
    queue: RadixHeap,
}

/// Marks a parent as the arc where the search began.
pub(crate) const START: u32 = 1 << 31;

impl<'a> Search<'a> {
    pub(crate) fn new(turns: &'a Turns, millis_of: &'a [u32]) -> Self {
        let labels = vec![FAR; millis_of.len()];
        Self { turns, millis_of, labels, parents: Vec::new(), queue: RadixHeap::default() }
    }

    pub(crate) fn with_parents(mut self) -> Self {
        self.parents = vec![FAR; self.millis_of.len()];
        self
    }

    pub(crate) fn start(&mut self, seeds: &[Seed]) {
        for seed in seeds {
            self.improve(seed.state, seed.millis, seed.arc | START);
        }
    }

    /// Takes the nearest open state, looks at its turns and gives it with its time.
    pub(crate) fn settle(&mut self) -> Option<(u32, u32)> {
        loop {
            let (millis, state) = self.queue.pop()?;
            if millis > self.labels[state as usize] {
                continue;
            }
            let end = millis.saturating_add(self.millis_of[state as usize]);
            let turns = self.turns;
            for turn in turns.of(state) {
                self.improve(turn.state, end.saturating_add(turn.millis), state);
            }
            return Some((state, millis));
        }
    }

    /// The state before, or the arc of the start with [`START`] set.
    pub(crate) fn parent(&self, state: u32) -> u32 {
        self.parents[state as usize]
    }

    fn improve(&mut self, state: u32, millis: u32, parent: u32) {
        let label = &mut self.labels[state as usize];
        if millis < *label {
            *label = millis;
            self.queue.push(millis, state);
            if let Some(slot) = self.parents.get_mut(state as usize) {
                *slot = parent;
            }
        }
    }
}

/// A queue whose least key never falls: entries by the highest bit in which they differ from it.
#[derive(Debug)]
struct RadixHeap {
    buckets: [Vec<(u32, u32)>; 33],
    least: u32,
}

impl Default for RadixHeap {
    fn default() -> Self {
        Self { buckets: std::array::from_fn(|_| Vec::new()), least: 0 }
    }
}

impl RadixHeap {
    fn bucket(&self, key: u32) -> usize {
        (u32::BITS - (key ^ self.least).leading_zeros()) as usize
    }

    fn push(&mut self, key: u32, state: u32) {
        debug_assert!(key >= self.least);
        let bucket = self.bucket(key);
        self.buckets[bucket].push((key, state));
    }

    fn pop(&mut self) -> Option<(u32, u32)> {
        if self.buckets[0].is_empty() {
            let first = self.buckets.iter().position(|b| !b.is_empty())?;
            let mut moved = std::mem::take(&mut self.buckets[first]);
            self.least = moved.iter().map(|e| e.0).min()?;
            for &(key, state) in &moved {
                let bucket = self.bucket(key);
                self.buckets[bucket].push((key, state));
            }
            moved.clear();
            self.buckets[first] = moved;
        }
        self.buckets[0].pop()
    }
}

const _: () = assert!(NO_WAY == FAR, "an arc that may not be driven saturates every label");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_gives_its_entries_in_order_of_their_keys() {
        let mut queue = RadixHeap::default();
        for key in [9, 3, 700, 3, 65_536, 0] {
            queue.push(key, key);
        }
        let mut order: Vec<u32> = Vec::new();
        while let Some((key, _)) = queue.pop() {
            order.push(key);
            if order.len() == 4 {
                queue.push(10, 10);
            }
        }
        assert_eq!(order, [0, 3, 3, 9, 10, 700, 65_536]);
    }

    #[test]
    fn time_passed_on_an_arc_never_falls_and_ends_whole() {
        let times: Vec<u32> = (0..=100).map(|i| passed(777, f64::from(i) / 100.0)).collect();
        assert!(times.is_sorted());
        assert_eq!((times[0], times[100]), (0, 777));
    }
}
