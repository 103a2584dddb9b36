//! Better orders for small parts of the elimination tree.
//!
//! The nodes of a subtree are joined to each other and to their ancestors only, and which ancestors
//! they join to one another does not depend on the order in which they go. So each small subtree is
//! ordered anew by itself: next goes the node that joins the fewest pairs of others. The new order
//! is taken where it makes fewer pairs in all. Smaller subtrees come first, so that what is won in
//! them stays where the larger one cannot better it.

use std::ops::Range;

use crate::cell::Cell;
use crate::fork::Fork;
use crate::graph::Graph;
use crate::groups::{Groups, number};
use crate::hierarchy::{NONE, OrderError, Slope, elimination_tree, own_ends, ranks, tree_order};

/// Each pass orders subtrees of at most so many nodes.
const CELL_SIZES: [usize; 3] = [64, 128, 256];

/// An order by which the hierarchy has at most as many pairs; `links` as for
/// [`crate::Hierarchy::build`].
///
/// Costs less than half of dissecting the graph (measured).
pub fn refined_order(
    graph: &Graph,
    order: &[u32],
    links: &[[u32; 2]],
    fork: &dyn Fork,
) -> Result<Vec<u32>, OrderError> {
    let mut order = tree_order(graph, order, links)?;
    let mut n_tried = 2;
    for n_max in CELL_SIZES {
        refine(graph, &mut order, links, n_tried + 1..n_max + 1, fork)?;
        order = tree_order(graph, &order, links)?;
        n_tried = n_max;
    }
    Ok(order)
}

/// Orders the subtrees of the sizes given that no larger one of these holds.
fn refine(
    graph: &Graph,
    order: &mut [u32],
    links: &[[u32; 2]],
    sizes: Range<usize>,
    fork: &dyn Fork,
) -> Result<(), OrderError> {
    let rank_of = ranks(graph.n_nodes(), order)?;
    let parent = elimination_tree(graph, &rank_of, links);
    let surroundings =
        Surroundings { own: Slope::BOTH.map(|slope| own_ends(graph, &rank_of, slope)), fork };
    surroundings.reorder(&subtrees(&parent, &sizes), order, 0);
    Ok(())
}

/// The ranks of each subtree of a size in the range whose parent's subtree is larger.
fn subtrees(parent: &[u32], sizes: &Range<usize>) -> Vec<Range<usize>> {
    let mut n_below = vec![1usize; parent.len()];
    for (rank, &above) in parent.iter().enumerate().filter(|&(_, &above)| above != NONE) {
        n_below[above as usize] += n_below[rank];
    }
    let is_last = |rank: usize| n_below.get(parent[rank] as usize).is_none_or(|&n| n >= sizes.end);
    (0..parent.len())
        .filter(|&rank| sizes.contains(&n_below[rank]) && is_last(rank))
        .map(|rank| rank + 1 - n_below[rank]..rank + 1)
        .collect()
}

/// The graph around the cells.
struct Surroundings<'a> {
    /// By rank and slope: the higher ends of the graph's arcs.
    own: [Groups<u32>; 2],
    fork: &'a dyn Fork,
}

/// Fewer cells are not worth a fork.
const N_CELLS_FORKED: usize = 20;

impl Surroundings<'_> {
    /// Orders the cells of the ranks given, by which `order` starts at a rank.
    fn reorder(&self, cells: &[Range<usize>], order: &mut [u32], start: usize) {
        if cells.len() < N_CELLS_FORKED {
            for nodes in cells {
                self.reorder_cell(nodes, &mut order[nodes.start - start..nodes.end - start]);
            }
            return;
        }
        let (some, others) = cells.split_at(cells.len() / 2);
        let middle = others[0].start;
        let (order, other_order) = order.split_at_mut(middle - start);
        self.fork.both(
            Box::new(move || self.reorder(some, order, start)),
            Box::new(move || self.reorder(others, other_order, middle)),
        );
    }

    fn reorder_cell(&self, nodes: &Range<usize>, order: &mut [u32]) {
        if let Some(better) = self.cell(nodes).and_then(Cell::better_order) {
            let before = order.to_vec();
            for (slot, place) in order.iter_mut().zip(better) {
                *slot = before[place as usize];
            }
        }
    }

    /// The cell of the ranks given; `None` if too many others are beside it.
    fn cell(&self, nodes: &Range<usize>) -> Option<Cell> {
        let outside = self.outside(nodes);
        let mut cell = Cell::of(nodes.len(), outside.len())?;
        for slope in Slope::BOTH {
            for (low, high) in self.arcs(nodes, slope) {
                let low = low as usize - nodes.start;
                let high = match outside.binary_search(&high) {
                    Ok(place) => cell.outside(place),
                    Err(_) => high as usize - nodes.start,
                };
                match slope {
                    Slope::Up => cell.join(low, high),
                    Slope::Down => cell.join(high, low),
                }
            }
        }
        Some(cell)
    }

    fn arcs(&self, nodes: &Range<usize>, slope: Slope) -> impl Iterator<Item = (u32, u32)> {
        let own = &self.own[slope as usize];
        let nodes = number(nodes.start)..number(nodes.end);
        nodes.flat_map(|low| own.of(low).iter().map(move |&high| (low, high)))
    }

    fn outside(&self, nodes: &Range<usize>) -> Vec<u32> {
        let highs = Slope::BOTH.into_iter().flat_map(|slope| self.arcs(nodes, slope));
        let mut outside: Vec<u32> =
            highs.map(|(_, high)| high).filter(|&high| high as usize >= nodes.end).collect();
        outside.sort_unstable();
        outside.dedup();
        outside
    }
}
