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
use region::{OUTSIDE, Region};

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
}

/// What is put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Nodes,
    Edges,
}

/// Puts the nodes in order, the one to contract first at the front.
///
/// # Panics
/// If an edge ends at a node that is not there, or there are points, but not one for each node.
pub fn node_order(sketch: &Sketch<'_>) -> Vec<u32> {
    dissect(What::Nodes, sketch)
}

/// Puts the edges in order, the one to contract first at the front.
///
/// # Panics
/// As [`node_order`].
pub fn edge_order(sketch: &Sketch<'_>) -> Vec<u32> {
    dissect(What::Edges, sketch)
}

/// A region whose items take the places from `start` on.
struct Task {
    region: Region,
    start: usize,
}

fn dissect(what: What, sketch: &Sketch<'_>) -> Vec<u32> {
    assert!(
        sketch.points.is_empty() || sketch.points.len() == sketch.n_nodes as usize,
        "{} points for {} nodes",
        sketch.points.len(),
        sketch.n_nodes
    );
    let core = peel(what, sketch.n_nodes, sketch.edges);
    let mut order = core.taken;
    let start = order.len();
    let region = core_region(sketch.n_nodes, &core.edges);
    order.resize(start + n_items(what, &region), 0);
    let mut tasks = vec![Task { region, start }];
    while let Some(task) = tasks.pop() {
        tasks.extend(step(what, sketch.points, task, &mut order));
    }
    order
}

/// The core as a region of the nodes that its edges join.
fn core_region(n_nodes: u32, edges: &[([u32; 2], u32)]) -> Region {
    let mut place = vec![OUTSIDE; n_nodes as usize];
    let mut nodes = Vec::new();
    let mut local = Vec::with_capacity(edges.len());
    for &(ends, edge) in edges {
        let ends = ends.map(|node| {
            let slot = &mut place[node as usize];
            if *slot == OUTSIDE {
                *slot = number(nodes.len());
                nodes.push(node);
            }
            *slot
        });
        local.push((ends, edge));
    }
    Region::of(nodes, &local)
}

fn n_items(what: What, region: &Region) -> usize {
    match what {
        What::Nodes => region.nodes.len(),
        What::Edges => region.edges.len(),
    }
}

/// Cuts a region, or orders what needs no cut; gives the regions that remain.
fn step(what: What, points: &[[f64; 2]], task: Task, order: &mut [u32]) -> Vec<Task> {
    let Task { region, start } = task;
    if region.n_nodes() < 2 {
        if what == What::Nodes {
            order[start..start + region.n_nodes()].copy_from_slice(&region.nodes);
        }
        return Vec::new();
    }
    let (group_of, n_groups) = region.components();
    if n_groups > 1 {
        return in_a_row(what, region.parts(&group_of, n_groups), start);
    }
    let cut = cut_of(&region, points);
    let (group_of, separator) = separate(what, &region, &cut);
    let end = start + n_items(what, &region);
    order[end - separator.len()..end].copy_from_slice(&separator);
    in_a_row(what, region.parts(&group_of, 2), start)
}

fn in_a_row(what: What, regions: Vec<Region>, mut start: usize) -> Vec<Task> {
    let place = |region: Region| {
        let task = Task { region, start };
        start += n_items(what, &task.region);
        task
    };
    regions.into_iter().map(place).collect()
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

/// The best of the cuts along several sweeps.
fn cut_of(region: &Region, points: &[[f64; 2]]) -> Cut {
    let mut best = None;
    if !points.is_empty() {
        for [x, y] in DIRECTIONS {
            let along = |&node: &u32| points[node as usize][0] * x + points[node as usize][1] * y;
            let keys: Vec<f64> = region.nodes.iter().map(along).collect();
            best = best_cut(region, &keys, best);
        }
    }
    if points.is_empty() {
        for keys in steps_between_far_ends(region) {
            best = best_cut(region, &keys, best);
        }
    }
    best.expect("a region of two nodes or more is cut by every sweep")
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
            let sketch = Sketch { n_nodes: 81, edges: &edges, points };
            for (order, n) in [(node_order(&sketch), 81), (edge_order(&sketch), 144)] {
                let mut sorted = order.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, (0..n).collect::<Vec<u32>>());
            }
        }
    }

    #[test]
    fn a_grid_is_cut_in_its_middle() {
        let (edges, points) = grid(8);
        let order = edge_order(&Sketch { n_nodes: 64, edges: &edges, points: &points });
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
