//! Other good ways than the fastest.
//!
//! Ways over one via state each (Abraham, Delling, Goldberg, Werneck, "Alternative routes in road
//! networks", JEA 18, 2013), picked on plateaus: stretches that lie both on a fastest way from the
//! start and on one to the goal. A way over a plateau has no detour shorter than the plateau: each
//! part of it that takes no longer is itself a fastest way (section 3 there).

use std::collections::BTreeSet;

use ems_hierarchy::{FAR, Query, Seed, Sweep};

use crate::maneuver::Directions;
use crate::roads::Roads;
use crate::search::{Drive, Start};
use crate::snap::Snap;

/// What counts as another good way, all in hundredths of the fastest time; the paper's values.
const STRETCH_MAX: u64 = 125;
const SHARED_MAX: u64 = 80;
const PLATEAU_MIN: u64 = 25;

/// So many candidates are looked at.
const N_CANDIDATES_MAX: usize = 40;

/// A plateau's first state, its time, and that of the way over it.
#[derive(Debug, Clone, Copy)]
struct Plateau {
    state: u32,
    millis: u32,
    way_millis: u32,
}

/// What lies around a pair of places.
struct Between<'a> {
    roads: &'a Roads,
    start: Start,
    goal: Vec<Seed>,
    ahead: Sweep,
    back: Sweep,
}

impl Roads {
    /// The fastest way and up to `n_more` others, the best first; none without a way.
    ///
    /// Each other way takes at most 1.25 times as long as the fastest, also where it differs from
    /// it; shares at most 0.8 of the fastest time with all before it; and has no needless detour:
    /// each part up to a quarter of the fastest time is itself a fastest way. There may be fewer,
    /// or none. Two sweeps over the hierarchy: about 10 ms in a city of 100,000 edges.
    pub fn alternatives(&self, from: &Snap, to: &Snap, n_more: usize) -> Vec<Directions> {
        let Some(fastest) = self.drive(from, to) else { return Vec::new() };
        let others = self.other_drives(&fastest, from, to, n_more);
        let drives = std::iter::once(&fastest).chain(&others);
        let told = |drive| self.told(&[*from, *to], &[self.pieces_of(drive, from, to)?]);
        drives.filter_map(told).collect()
    }

    fn other_drives(&self, fastest: &Drive, from: &Snap, to: &Snap, n_more: usize) -> Vec<Drive> {
        let ends = (!self.is_near(from, to)).then(|| Some((self.start(from)?, self.goal(to)?)));
        let Some((start, goal)) = ends.flatten() else { return Vec::new() };
        if n_more == 0 {
            return Vec::new();
        }
        let (mut ahead, mut back) = (Sweep::default(), Sweep::default());
        ahead.from(self.metric(), &start.seeds);
        back.to(self.metric(), &goal);
        let between = Between { roads: self, start, goal, ahead, back };
        let mut chosen = BTreeSet::from_iter(self.arcs_driven(fastest));
        let mut others = Vec::new();
        for plateau in between.plateaus(fastest.millis) {
            let Some(drive) = between.drive_over(plateau) else { continue };
            if others.len() < n_more && self.is_good(&drive, fastest, &chosen) {
                chosen.extend(self.arcs_driven(&drive));
                others.push(drive);
            }
        }
        others
    }

    fn arcs_driven(&self, drive: &Drive) -> Vec<u32> {
        let list = &self.parts().turns.list;
        let arcs = drive.turns.iter().map(|&turn| self.parts().arc_of(list[turn as usize].state));
        std::iter::once(drive.arc).chain(arcs).collect()
    }

    fn is_good(&self, drive: &Drive, fastest: &Drive, chosen: &BTreeSet<u32>) -> bool {
        let arcs = self.arcs_driven(drive);
        let edges: BTreeSet<u32> = arcs.iter().map(|arc| arc / 2).collect();
        if edges.len() < arcs.len() {
            return false;
        }
        let own: BTreeSet<u32> = self.arcs_driven(fastest).into_iter().collect();
        let shared = |with: &BTreeSet<u32>| -> u64 {
            let common = arcs[1..arcs.len() - 1].iter().filter(|arc| with.contains(arc));
            common.filter_map(|&arc| self.arc_millis(arc)).map(u64::from).sum()
        };
        let (best, time) = (u64::from(fastest.millis), u64::from(drive.millis));
        let with_fastest = shared(&own).min(best);
        let is_short = (time - with_fastest) * 100 <= (best - with_fastest) * STRETCH_MAX;
        is_short && shared(chosen) * 100 <= best * SHARED_MAX
    }
}

impl Between<'_> {
    /// The milliseconds of the fastest way over a state; `None` where there is none.
    fn over(&self, state: u32) -> Option<u32> {
        let metric = self.roads.metric();
        let (ahead, back) = (self.ahead.distance(metric, state), self.back.distance(metric, state));
        (ahead < FAR && back < FAR).then(|| (ahead + back).saturating_sub(self.start.excess))
    }

    /// The plateaus of ways that may be good, the most promising first.
    fn plateaus(&self, best: u32) -> Vec<Plateau> {
        let best = u64::from(best);
        let n_states =
            u32::try_from(self.roads.parts().turns.n_states()).expect("states are numbered by u32");
        let is_near = |state: u32| {
            self.over(state).is_some_and(|way| u64::from(way) * 100 <= best * STRETCH_MAX)
        };
        let mut has_before = vec![false; n_states as usize];
        let mut next = vec![None; n_states as usize];
        for state in (0..n_states).filter(|&state| is_near(state)) {
            next[state as usize] = self.next(state);
            if let Some(after) = next[state as usize] {
                has_before[after as usize] = true;
            }
        }
        let starts =
            (0..n_states).filter(|&s| next[s as usize].is_some() && !has_before[s as usize]);
        let plateau = |state: u32| {
            let end = std::iter::successors(Some(state), |&at| next[at as usize]).last()?;
            let at = |state| self.ahead.distance(self.roads.metric(), state);
            Some(Plateau { state, millis: at(end) - at(state), way_millis: self.over(state)? })
        };
        let mut plateaus: Vec<Plateau> = starts
            .filter_map(plateau)
            .filter(|plateau| u64::from(plateau.millis) * 100 >= best * PLATEAU_MIN)
            .collect();
        // The paper's order but for what is shared, which is not known yet.
        let merit = |p: &Plateau| (2 * i64::from(p.way_millis) - i64::from(p.millis), p.state);
        plateaus.sort_unstable_by_key(merit);
        plateaus.truncate(N_CANDIDATES_MAX);
        plateaus
    }

    /// The state after one on its plateau.
    fn next(&self, state: u32) -> Option<u32> {
        let metric = self.roads.metric();
        let turns = &self.roads.parts().turns;
        let [ahead, back] = [&self.ahead, &self.back].map(|sweep| sweep.distance(metric, state));
        turns.range(state).find_map(|turn| {
            let (to, weight) = (turns.list[turn].state, metric.input_weights()[turn]);
            let is_fastest = ahead + weight == self.ahead.distance(metric, to)
                && self.back.distance(metric, to) + weight == back;
            // A turn without weight would lead in circles.
            (is_fastest && weight > 0 && weight < FAR).then_some(to)
        })
    }

    /// The fastest way over a plateau.
    fn drive_over(&self, plateau: Plateau) -> Option<Drive> {
        let (metric, via) = (self.roads.metric(), [Seed::at(plateau.state)]);
        let mut query = Query::default();
        let first = query.path(metric, &self.start.seeds, &via)?;
        let second = query.path(metric, &via, &self.goal)?;
        let millis = (first.weight + second.weight).checked_sub(self.start.excess)?;
        let turns = [first.arcs, second.arcs].concat();
        (turns.len() > 1).then_some(Drive { millis, arc: first.start, turns })
    }
}
