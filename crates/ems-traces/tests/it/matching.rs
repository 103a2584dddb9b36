//! Matching against a known truth.

use std::collections::BTreeMap;

use ems_model::{Millis, Timestamp};
use ems_roads::{ArcStretch, Roads};
use ems_traces::{Chain, MatchModel, match_trace};

use crate::world::{Chance, City, Driven, Receiver, detour_by_chance, fixes};

/// Shares of the length driven.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Accuracy {
    /// Driven, metres.
    pub(crate) driven: f64,
    /// Driven and matched on the same arc.
    pub(crate) right: f64,
    /// Matched where nothing was driven.
    pub(crate) wrong: f64,
    pub(crate) n_chains: usize,
    pub(crate) n_fixes: usize,
}

impl Accuracy {
    pub(crate) fn right_share(&self) -> f64 {
        self.right / self.driven
    }

    pub(crate) fn wrong_share(&self) -> f64 {
        self.wrong / self.driven
    }

    fn add(&mut self, other: &Self) {
        self.driven += other.driven;
        self.right += other.right;
        self.wrong += other.wrong;
        self.n_chains += other.n_chains;
        self.n_fixes += other.n_fixes;
    }
}

fn metres_by_arc<'a>(
    roads: &Roads,
    stretches: impl Iterator<Item = &'a ArcStretch>,
) -> BTreeMap<u32, f64> {
    let mut metres = BTreeMap::new();
    for s in stretches {
        *metres.entry(s.arc).or_insert(0.0) += (s.to - s.from) * roads.arc_metres(s.arc);
    }
    metres
}

pub(crate) fn accuracy(roads: &Roads, truth: &[ArcStretch], chains: &[Chain]) -> Accuracy {
    let driven = metres_by_arc(roads, truth.iter());
    let legs: Vec<_> = chains.iter().flat_map(|chain| chain.legs(roads)).collect();
    let matched = metres_by_arc(roads, legs.iter().flat_map(|leg| &leg.stretches));
    let overlap = |(arc, m): (&u32, &f64)| m.min(driven.get(arc).copied().unwrap_or_default());
    let right = matched.iter().map(overlap).sum::<f64>();
    Accuracy {
        driven: driven.values().sum(),
        right,
        wrong: matched.values().sum::<f64>() - right,
        n_chains: chains.len(),
        n_fixes: 0,
    }
}

/// How much of `n` drives is matched right.
pub(crate) fn measure(city: &City, receiver: &Receiver, n: usize, seed: u64) -> Accuracy {
    let interval = Millis::new((receiver.interval_s * 1000.0) as i64);
    measure_by(city, receiver, MatchModel::for_noise(receiver.noise_m, interval), n, seed)
}

pub(crate) fn measure_by(
    city: &City,
    receiver: &Receiver,
    model: MatchModel,
    n: usize,
    seed: u64,
) -> Accuracy {
    let mut chance = Chance::new(seed);
    let mut sum = Accuracy::default();
    for _ in 0..n {
        let truth = detour_by_chance(&city.roads, &mut chance);
        let pace = 0.8 + 0.6 * chance.share();
        let driven = Driven::of(truth, Timestamp::from_millis(0), |_| pace);
        let trace = fixes(&city.roads, &driven, receiver, &mut chance);
        let chains = match_trace(&city.roads, &city.lengths, model, &trace).unwrap();
        let mut one = accuracy(&city.roads, &driven.stretches, &chains);
        one.n_fixes = trace.len();
        sum.add(&one);
    }
    sum
}
