//! Orders of contraction by nested dissection: small cuts last, what they part before.
//!
//! Nodes are ordered for a graph of plain roads. Where turns matter the roads themselves are the
//! nodes of the graph that is searched, and edges are ordered: the edges of a small cut separate
//! it (Buchhold, Wagner, Zeitz, Zündorf, "Customizable contraction hierarchies with turn costs",
//! ATMOS 2020).

mod cover;
mod cut;
mod peel;
mod region;

use cut::{Cut, best_cut};
use peel::peel;
use region::{Edge, OUTSIDE, Region};

use crate::fork::Fork;
use crate::groups::number;

/// An undirected graph to dissect.
#[derive(Debug, Clone)]
pub struct Sketch<'a> {
    /// How many nodes there are.
    pub n_nodes: u32,
    /// Both ends of each edge; loops and parallel edges are allowed.
    pub edges: &'a [[u32; 2]],
    /// Where each node lies on a plane, in any scale; empty if nobody knows.
    pub points: &'a [[f64; 2]],
    /// What each edge counts in a cut, at least 1: of a graph of turns, how many of its nodes drive
    /// along the edge. Empty if all count the same.
    pub widths: &'a [u8],
}

/// What is put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Nodes,
    Edges,
}

/// Puts the nodes in order, the one to contract first at the front; the same order whatever does
/// the work.
///
/// # Panics
/// If an edge ends at a node that is not there, or there are points, but not one for each node, or
/// widths, but not one for each edge.
pub fn node_order(sketch: &Sketch<'_>, fork: &dyn Fork) -> Vec<u32> {
    dissect(What::Nodes, sketch, fork)
}

/// Puts the edges in order, the one to contract first at the front; as [`node_order`].
///
/// # Panics
/// As [`node_order`].
pub fn edge_order(sketch: &Sketch<'_>, fork: &dyn Fork) -> Vec<u32> {
    dissect(What::Edges, sketch, fork)
}

/// What does not change from region to region.
#[derive(Clone, Copy)]
struct Dissection<'a> {
    what: What,
    points: &'a [[f64; 2]],
    fork: &'a dyn Fork,
}

/// A region and the places that its items take in the order.
struct Task<'o> {
    region: Region,
    places: &'o mut [u32],
}

/// Smaller regions are not worth a fork.
const N_NODES_FORKED: usize = 1000;
/// How often work is parted, one part within another, at most: a part may be a graph that no cut
/// balances.
const N_FORKS_DEEP: u32 = 24;

fn dissect(what: What, sketch: &Sketch<'_>, fork: &dyn Fork) -> Vec<u32> {
    check(sketch);
    let core = peel(what, sketch);
    let mut order = core.taken;
    let start = order.len();
    let region = core_region(sketch.n_nodes, core.edges);
    order.resize(start + n_items(what, &region), 0);
    let dissection = Dissection { what, points: sketch.points, fork };
    dissection.run(vec![Task { region, places: &mut order[start..] }], N_FORKS_DEEP);
    order
}

fn check(sketch: &Sketch<'_>) {
    let lists = [
        ("points", sketch.points.len(), "nodes", sketch.n_nodes as usize),
        ("widths", sketch.widths.len(), "edges", sketch.edges.len()),
    ];
    for (what, found, owners, expected) in lists {
        assert!(found == 0 || found == expected, "{found} {what} for {expected} {owners}");
    }
}

/// The core as a region of the nodes that its edges join.
fn core_region(n_nodes: u32, mut edges: Vec<Edge>) -> Region {
    let mut place = vec![OUTSIDE; n_nodes as usize];
    let mut nodes = Vec::new();
    for edge in &mut edges {
        edge.ends = edge.ends.map(|node| {
            let slot = &mut place[node as usize];
            if *slot == OUTSIDE {
                *slot = number(nodes.len());
                nodes.push(node);
            }
            *slot
        });
    }
    Region::of(nodes, &edges)
}

fn n_items(what: What, region: &Region) -> usize {
    match what {
        What::Nodes => region.nodes.len(),
        What::Edges => region.edges.len(),
    }
}

impl Dissection<'_> {
    /// Orders all regions, parted as often as said.
    fn run(self, mut tasks: Vec<Task<'_>>, n_forks: u32) {
        let n_nodes: usize = tasks.iter().map(|task| task.region.n_nodes()).sum();
        if n_forks == 0 || n_nodes < N_NODES_FORKED {
            while let Some(task) = tasks.pop() {
                tasks.extend(self.step(task));
            }
        } else if tasks.len() > 1 {
            let others = tasks.split_off(tasks.len() / 2);
            self.fork.both(
                Box::new(move || self.run(tasks, n_forks - 1)),
                Box::new(move || self.run(others, n_forks - 1)),
            );
        } else if let Some(task) = tasks.pop() {
            self.run(self.step(task), n_forks - 1);
        }
    }

    /// Cuts a region, or orders what needs no cut; gives the regions that remain.
    fn step(self, task: Task<'_>) -> Vec<Task<'_>> {
        let Task { region, places } = task;
        if region.n_nodes() < 2 {
            if self.what == What::Nodes {
                places.copy_from_slice(&region.nodes);
            }
            return Vec::new();
        }
        let (group_of, n_groups) = region.components();
        if n_groups > 1 {
            return self.in_a_row(region.parts(&group_of, n_groups), places);
        }
        let cut = self.cut_of(&region);
        let (group_of, separator) = separate(self.what, &region, &cut);
        let (places, last) = places.split_at_mut(places.len() - separator.len());
        last.copy_from_slice(&separator);
        self.in_a_row(region.parts(&group_of, 2), places)
    }

    fn in_a_row(self, regions: Vec<Region>, mut places: &mut [u32]) -> Vec<Task<'_>> {
        let place = |region: Region| {
            let (own, others) =
                std::mem::take(&mut places).split_at_mut(n_items(self.what, &region));
            places = others;
            Task { region, places: own }
        };
        regions.into_iter().map(place).collect()
    }

    /// The best of the cuts along several sweeps.
    fn cut_of(self, region: &Region) -> Cut {
        let sweeps = if self.points.is_empty() {
            steps_between_far_ends(region)
        } else {
            along_directions(region, self.points)
        };
        let (some, others) = sweeps.split_at(sweeps.len() / 2);
        let (mut cut, mut other) = (None, None);
        let (best, best_other) = (&mut cut, &mut other);
        if region.n_nodes() < N_NODES_FORKED {
            cut = best_of(region, &sweeps);
        } else {
            self.fork.both(
                Box::new(move || *best = best_of(region, some)),
                Box::new(move || *best_other = best_of(region, others)),
            );
        }
        let better = match (cut, other) {
            (Some(cut), Some(other)) => Some(cut.or_better(other, region.n_nodes())),
            (cut, other) => cut.or(other),
        };
        better.expect("a region of two nodes or more is cut by every sweep")
    }
}

/// The best cut along any of the sweeps given.
fn best_of(region: &Region, sweeps: &[Vec<f64>]) -> Option<Cut> {
    sweeps.iter().fold(None, |best, keys| best_cut(region, keys, best))
}

/// The group of each node beside the separator (0 or 1, or [`OUTSIDE`] if it is part of it), and
/// the separator.
fn separate(what: What, region: &Region, cut: &Cut) -> (Vec<u32>, Vec<u32>) {
    let mut group_of: Vec<u32> = cut.is_small.iter().map(|&small| u32::from(!small)).collect();
    let crosses = |[a, b]: [u32; 2]| group_of[a as usize] != group_of[b as usize];
    let crossing = region.ends().filter(|&(ends, _)| crosses(ends));
    if what == What::Edges {
        let edges = crossing.map(|(_, edge)| region.edges[edge as usize]).collect();
        return (group_of, edges);
    }
    let pairs: Vec<[u32; 2]> = crossing
        .map(|([a, b], _)| if cut.is_small[a as usize] { [a, b] } else { [b, a] })
        .collect();
    let cover = cover::least_cover(&pairs);
    for &node in &cover {
        group_of[node as usize] = OUTSIDE;
    }
    let nodes = cover.iter().map(|&node| region.nodes[node as usize]).collect();
    (group_of, nodes)
}

/// Directions of the sweeps over the plane.
const DIRECTIONS: [[f64; 2]; 4] = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]];

/// Sweeps over the plane.
fn along_directions(region: &Region, points: &[[f64; 2]]) -> Vec<Vec<f64>> {
    let along = |[x, y]: [f64; 2]| {
        let at = |&node: &u32| points[node as usize][0] * x + points[node as usize][1] * y;
        region.nodes.iter().map(at).collect()
    };
    DIRECTIONS.map(along).into()
}

/// Sweeps from one far end of the region to another, by the steps between nodes.
fn steps_between_far_ends(region: &Region) -> Vec<Vec<f64>> {
    let farthest = |steps: &[u32]| {
        let nodes = (0..number(steps.len())).max_by_key(|&node| steps[node as usize]);
        nodes.expect("a region has nodes")
    };
    let a_end = farthest(&region.steps_from(&[0]));
    let a = region.steps_from(&[a_end]);
    let b_end = farthest(&a);
    let b = region.steps_from(&[b_end]);
    let between = |a: &[u32], b: &[u32]| -> Vec<f64> {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) - f64::from(b)).collect()
    };
    let nearer: Vec<u32> = a.iter().zip(&b).map(|(a, b)| *a.min(b)).collect();
    let c_end = farthest(&nearer);
    let c = region.steps_from(&[c_end]);
    let d_end = farthest(&c);
    let d = region.steps_from(&[d_end]);
    vec![between(&a, &b), between(&c, &d), between(&a, &c), between(&b, &c)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fork::InTurn;

    fn grid(side: u32) -> (Vec<[u32; 2]>, Vec<[f64; 2]>) {
        let nodes = (0..side * side).map(|n| (n, n % side, n / side));
        let mut edges = Vec::new();
        let mut points = Vec::new();
        for (node, x, y) in nodes {
            points.push([f64::from(x), f64::from(y)]);
            if x + 1 < side {
                edges.push([node, node + 1]);
            }
            if y + 1 < side {
                edges.push([node, node + side]);
            }
        }
        (edges, points)
    }

    #[test]
    fn every_item_is_ordered_once_with_points_or_without() {
        let (edges, points) = grid(9);
        for points in [&points[..], &[]] {
            let sketch = Sketch { n_nodes: 81, edges: &edges, points, widths: &[] };
            for (order, n) in
                [(node_order(&sketch, &InTurn), 81), (edge_order(&sketch, &InTurn), 144)]
            {
                let mut sorted = order.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, (0..n).collect::<Vec<u32>>());
            }
        }
    }

    #[test]
    fn a_grid_is_cut_in_its_middle() {
        let (edges, points) = grid(8);
        let sketch = Sketch { n_nodes: 64, edges: &edges, points: &points, widths: &[] };
        let order = edge_order(&sketch, &InTurn);
        let last: Vec<[u32; 2]> =
            order[order.len() - 8..].iter().map(|&e| edges[e as usize]).collect();
        let x = |node: u32| points[node as usize][0];
        let y = |node: u32| points[node as usize][1];
        assert!(
            last.iter().all(|&[a, b]| (x(a), x(b)) == (3.0, 4.0))
                || last.iter().all(|&[a, b]| (y(a), y(b)) == (3.0, 4.0)),
            "{last:?}"
        );
    }
}
