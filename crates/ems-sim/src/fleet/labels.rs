//! Exact shortest paths between any two nodes of a graph that stays as it is: hub labels.
//!
//! Each node keeps the hubs that it reaches and those that reach it, so that a distance is a scan
//! of a few dozen entries. Labels are pruned by what earlier hubs know already (Akiba, Iwata,
//! Yoshida, SIGMOD 2013; named from memory, unverified); hubs come in the order of nested
//! dissection, the small cuts first. Weights are `f64`: a distance is the sum of two sums, exact to
//! a few units in the last place.

use super::roads::Roads;
use super::search;

/// Relative slack below which a path through an earlier hub counts as the same: the rounding of
/// sums in another order.
const SLACK: f64 = 1e-13;

/// Hub labels of one mode of travel.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    outward: Side,
    inward: Side,
}

/// By node: hubs with the days to (or from) each.
#[derive(Debug, Clone)]
struct Side {
    first: Vec<u32>,
    hubs: Vec<u32>,
    days: Vec<f64>,
}

/// The way from every hub to one target, laid out for queries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    node: Option<u32>,
    /// By hub: days from it to the target, infinite where its label does not know.
    days: Vec<f64>,
}

type Entries = Vec<Vec<(u32, f64)>>;

impl Labels {
    /// `order` has every node once, the most important last.
    ///
    /// Costs two pruned searches a node: about a second for 50,000 nodes.
    pub(crate) fn build(roads: &Roads, mode: usize, order: &[u32]) -> Self {
        let n = order.len();
        let (mut outward, mut inward): (Entries, Entries) =
            (vec![Vec::new(); n], vec![Vec::new(); n]);
        let mut known = vec![f64::INFINITY; n];
        let mut search = search::Pruned::new(n);
        for (hub, &node) in (0u32..).zip(order.iter().rev()) {
            cover(roads.out(mode), node, hub, &outward, &mut inward, &mut known, &mut search);
            cover(roads.into(mode), node, hub, &inward, &mut outward, &mut known, &mut search);
        }
        Self { outward: Side::flatten(outward), inward: Side::flatten(inward) }
    }

    /// Points `target` at a node; a target that points there already costs nothing.
    pub(crate) fn aim(&self, target: &mut Target, node: u32) {
        if target.node == Some(node) {
            return;
        }
        target.days.resize(self.inward.first.len() - 1, f64::INFINITY);
        if let Some(old) = target.node.replace(node) {
            for (hub, _) in self.inward.of(old) {
                target.days[hub as usize] = f64::INFINITY;
            }
        }
        for (hub, days) in self.inward.of(node) {
            target.days[hub as usize] = days;
        }
    }

    /// Days from a node to the target; infinite where no road leads.
    pub(crate) fn days(&self, from: u32, target: &Target) -> f64 {
        self.outward
            .of(from)
            .map(|(hub, days)| days + target.days[hub as usize])
            .fold(f64::INFINITY, f64::min)
    }

    /// Entries of all labels.
    pub(crate) fn n_entries(&self) -> usize {
        self.outward.hubs.len() + self.inward.hubs.len()
    }
}

/// Enters a hub into the far labels of all nodes whose way to it no earlier hub knows.
fn cover(
    roads: search::Arcs<'_>,
    node: u32,
    hub: u32,
    near: &Entries,
    far: &mut Entries,
    known: &mut [f64],
    search: &mut search::Pruned,
) {
    for &(earlier, days) in &near[node as usize] {
        known[earlier as usize] = days;
    }
    search.run(roads, node, |at, days| {
        let is_known = far[at as usize]
            .iter()
            .any(|&(earlier, rest)| known[earlier as usize] + rest <= days * (1.0 + SLACK));
        if !is_known {
            far[at as usize].push((hub, days));
        }
        !is_known
    });
    for &(earlier, _) in &near[node as usize] {
        known[earlier as usize] = f64::INFINITY;
    }
}

impl Side {
    fn flatten(entries: Entries) -> Self {
        let n = entries.iter().map(Vec::len).sum();
        let mut side =
            Self { first: vec![0], hubs: Vec::with_capacity(n), days: Vec::with_capacity(n) };
        for label in entries {
            for (hub, days) in label {
                side.hubs.push(hub);
                side.days.push(days);
            }
            let end = u32::try_from(side.hubs.len()).expect("labels of a city stay below 2^32");
            side.first.push(end);
        }
        side
    }

    fn of(&self, node: u32) -> impl Iterator<Item = (u32, f64)> + '_ {
        let [start, end] = [0, 1].map(|next| self.first[node as usize + next] as usize);
        self.hubs[start..end].iter().copied().zip(self.days[start..end].iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::super::search::from_one;
    use super::*;
    use rand_pcg::Pcg64Mcg;

    #[test]
    fn labels_know_what_a_search_finds_whatever_the_order() {
        let mut rng = Pcg64Mcg::seed_from_u64(11);
        for n in [1u32, 2, 5, 30, 80] {
            let node = |rng: &mut Pcg64Mcg| rng.random_range(0..n);
            let arcs = (0..3 * n).map(|_| {
                ([node(&mut rng), node(&mut rng)], vec![f64::from(rng.random_range(1..50)) / 7.0])
            });
            let roads = Roads::build(n as usize, 1, arcs.collect());
            let mut order: Vec<u32> = (0..n).collect();
            order.rotate_left(n as usize / 3);
            let labels = Labels::build(&roads, 0, &order);
            let mut target = Target::default();
            for from in 0..n {
                let searched = from_one(roads.out(0), from);
                for to in 0..n {
                    labels.aim(&mut target, to);
                    let (ours, theirs) = (labels.days(from, &target), searched[to as usize]);
                    let is_same =
                        (ours - theirs).abs() < 1e-9 || ours.is_infinite() && theirs.is_infinite();
                    assert!(is_same, "{from} to {to} of {n}: {ours} but {theirs}");
                }
            }
        }
    }
}
