//! The hierarchy's arcs: those of the graph, and shortcuts that keep distances when lower nodes
//! are left out.
//!
//! Contraction is directed: leaving out `v` joins `u` and `w` only where `u -> v -> w` can be
//! driven, and only in that direction. On a graph of turns this halves the arcs of the undirected
//! textbook form. Nodes are numbered anew by rank, and below each node its neighbours are known by
//! their depth in the elimination tree, which is all that a search needs of them.

use crate::contract::contract;
use crate::graph::Graph;
use crate::groups::{Groups, number};
use crate::inputs::Inputs;
use crate::span::Span;
use crate::wing::{Wing, effort_below, find_detours};

/// An order that does not name every node once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// Too few or too many nodes.
    #[error("order names {found} nodes, the graph has {expected}: order this graph's own nodes")]
    Length {
        /// How many the order names.
        found: usize,
        /// How many there are.
        expected: u32,
    },
    /// A node twice, or one that is not there.
    #[error("order names node {node} twice or out of range (0..{n_nodes}): check the order")]
    Node {
        /// The node named.
        node: u32,
        /// How many there are.
        n_nodes: u32,
    },
    /// A tree too high for the search's tables.
    #[error("hierarchy has height {height} (limit {HEIGHT_MAX}): the order is unsuitable")]
    Height {
        /// The height found.
        height: u32,
    },
}

/// The greatest height of an elimination tree: depths are stored in 16 bits.
pub(crate) const HEIGHT_MAX: u32 = 1 << 16;

/// No node: the parent of a root.
pub(crate) const NONE: u32 = u32::MAX;

/// Whether an arc leads to a higher node or from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slope {
    /// From the lower node to the higher.
    Up,
    /// From the higher node to the lower.
    Down,
}

impl Slope {
    pub(crate) const BOTH: [Self; 2] = [Self::Up, Self::Down];

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// The nodes in their order and the elimination tree.
#[derive(Clone)]
pub(crate) struct Tree {
    pub(crate) rank_of: Vec<u32>,
    pub(crate) node_at: Vec<u32>,
    pub(crate) parent: Vec<u32>,
    pub(crate) depth: Vec<u16>,
}

/// A contraction hierarchy without weights.
#[derive(Debug, Clone)]
pub struct Hierarchy {
    /// By arc of the graph: the arc that stands for it, or [`NONE`] for a loop; see [`code`].
    places: Vec<u32>,
    /// By node.
    pub(crate) rank_of: Vec<u32>,
    /// By rank.
    pub(crate) node_at: Vec<u32>,
    /// By rank: the next node on the way to the root, or [`NONE`].
    pub(crate) parent: Vec<u32>,
    /// By rank: steps from the root.
    pub(crate) depth: Vec<u16>,
    wings: [Wing; 2],
    n_triangles: usize,
    /// By rank: the effort of making all lower nodes anew; one more than there are ranks.
    effort_below: Vec<u64>,
    span: Span,
}

impl Hierarchy {
    /// Contracts the nodes of a graph in the order given. Each pair of `links` is treated as
    /// joined when the tree is built: its nodes may be sources (or targets) of one search. Of more
    /// than two such nodes each pair needs a link.
    ///
    /// Costs about as much as all the hierarchy's arcs, sorted.
    pub fn build(graph: &Graph, order: &[u32], links: &[[u32; 2]]) -> Result<Self, OrderError> {
        let order = tree_order(graph, order, links)?;
        let rank_of = ranks(graph.n_nodes(), &order)?;
        let parent = elimination_tree(graph, &rank_of, links);
        let depth = depths(&parent)?;
        Ok(Self::contracted(graph, Tree { rank_of, node_at: order, parent, depth }))
    }

    /// The hierarchy on a tree in which the ends of each arc of the graph are above each other.
    pub(crate) fn contracted(graph: &Graph, tree: Tree) -> Self {
        let own = |slope| own_ends(graph, &tree.rank_of, slope);
        let ends = contract(&own(Slope::Up), &own(Slope::Down));
        Self::assemble(graph, tree, ends).expect("contraction joins all that it must")
    }

    /// The hierarchy of arcs that are known; `None` if one is missing among them.
    pub(crate) fn assemble(graph: &Graph, tree: Tree, ends: [Groups<u32>; 2]) -> Option<Self> {
        let [up, down] = ends;
        let wing = |ends: Groups<u32>, slope| {
            Some(Wing {
                depths: ends.items().iter().map(|&end| tree.depth[end as usize]).collect(),
                inputs: inputs(graph, &tree.rank_of, &ends, slope)?,
                detours: Groups::default(),
                ends,
            })
        };
        let mut wings = [wing(up, Slope::Up)?, wing(down, Slope::Down)?];
        find_detours(&mut wings)?;
        let Tree { rank_of, node_at, parent, depth } = tree;
        let effort_below = effort_below(&wings, graph.n_nodes());
        Some(Self {
            places: places(&wings, graph.n_arcs()),
            n_triangles: wings.iter().map(Wing::n_triangles).sum(),
            span: Span::of(&parent, &effort_below),
            effort_below,
            rank_of,
            node_at,
            parent,
            depth,
            wings,
        })
    }

    /// How many nodes there are.
    pub fn n_nodes(&self) -> u32 {
        number(self.rank_of.len())
    }

    /// How many arcs the graph has.
    pub fn n_input_arcs(&self) -> u32 {
        number(self.places.len())
    }

    /// How many arcs the hierarchy has, each direction counted.
    pub fn n_arcs(&self) -> usize {
        self.wings.iter().map(Wing::n_arcs).sum()
    }

    /// How many pairs of nodes its arcs join: what the literature counts.
    pub fn n_pairs(&self) -> usize {
        let [up, down] = &self.wings;
        let shared = |rank: u32| {
            let both = up
                .ends
                .of(rank)
                .iter()
                .filter(|&end| down.ends.of(rank).binary_search(end).is_ok());
            both.count()
        };
        self.n_arcs() - (0..self.n_nodes()).map(shared).sum::<usize>()
    }

    /// How many ways round a customisation looks at.
    pub fn n_triangles(&self) -> usize {
        self.n_triangles
    }

    /// What it costs to make a node's arcs anew, about in nanoseconds.
    pub(crate) fn effort(&self, rank: u32) -> u64 {
        self.effort_below(rank + 1) - self.effort_below(rank)
    }

    /// What it costs to make the arcs of all lower nodes anew.
    pub(crate) fn effort_below(&self, rank: u32) -> u64 {
        self.effort_below[rank as usize]
    }

    /// All nodes, in parts that may be made at once.
    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// The nodes on the longest way to a root: the most that one search settles.
    pub fn height(&self) -> u32 {
        self.depth.iter().max().map_or(0, |&depth| u32::from(depth) + 1)
    }

    /// The arc that stands for an arc of the graph; `None` for a loop.
    pub(crate) fn place_of(&self, input: u32) -> Option<(Slope, u32)> {
        decode(self.places[input as usize])
    }

    /// The arc that stands for each arc of the graph.
    pub(crate) fn places(&self) -> impl Iterator<Item = Option<(Slope, u32)>> {
        self.places.iter().map(|&code| decode(code))
    }

    pub(crate) fn wing(&self, slope: Slope) -> &Wing {
        &self.wings[slope as usize]
    }

    /// Whether the way of one rank to the root leads over another, or starts there.
    pub(crate) fn is_above(&self, low: u32, high: u32) -> bool {
        let parent = |&at: &u32| Some(self.parent[at as usize]).filter(|&above| above != NONE);
        std::iter::successors(Some(low), parent).find(|&at| at >= high) == Some(high)
    }
}

pub(crate) fn ranks(n_nodes: u32, order: &[u32]) -> Result<Vec<u32>, OrderError> {
    if order.len() != n_nodes as usize {
        return Err(OrderError::Length { found: order.len(), expected: n_nodes });
    }
    let mut rank_of = vec![NONE; order.len()];
    for (rank, &node) in (0..).zip(order) {
        match rank_of.get_mut(node as usize) {
            Some(slot) if *slot == NONE => *slot = rank,
            _ => return Err(OrderError::Node { node, n_nodes }),
        }
    }
    Ok(rank_of)
}

/// `(lower rank, higher rank)` of the graph's arcs of one slope; loops are of neither.
fn own_pairs<'a>(
    graph: &'a Graph,
    rank_of: &'a [u32],
    slope: Slope,
) -> impl Iterator<Item = (u32, (u32, u32))> + Clone + 'a {
    graph.ends().zip(0u32..).filter_map(move |((tail, head), arc)| {
        let (tail, head) = (rank_of[tail as usize], rank_of[head as usize]);
        match slope {
            Slope::Up => (tail < head).then_some((tail, (head, arc))),
            Slope::Down => (head < tail).then_some((head, (tail, arc))),
        }
    })
}

pub(crate) fn own_ends(graph: &Graph, rank_of: &[u32], slope: Slope) -> Groups<u32> {
    let pairs = own_pairs(graph, rank_of, slope).map(|(low, (high, _))| (low, high));
    Groups::sorted(rank_of.len(), pairs)
}

/// The parent of each rank (Liu, "The role of elimination trees in sparse factorization", SIAM J.
/// Matrix Anal. Appl. 11(1), 1990): all higher neighbours of a node are its ancestors.
pub(crate) fn elimination_tree(graph: &Graph, rank_of: &[u32], links: &[[u32; 2]]) -> Vec<u32> {
    let n = rank_of.len();
    let joined = graph.ends().chain(links.iter().map(|&[a, b]| (a, b)));
    let lower = joined.map(|(a, b)| {
        let (a, b) = (rank_of[a as usize], rank_of[b as usize]);
        (a.max(b), a.min(b))
    });
    let lower = Groups::sorted(n, lower);
    let mut parent = vec![NONE; n];
    let mut ancestor = vec![NONE; n];
    for x in 0..number(n) {
        for &start in lower.of(x).iter().filter(|&&v| v != x) {
            let mut v = start;
            while v != x && v != NONE {
                let next = std::mem::replace(&mut ancestor[v as usize], x);
                if next == NONE {
                    parent[v as usize] = x;
                }
                v = next;
            }
        }
    }
    parent
}

/// An order as good as another, by which the nodes below each node stand right before it: what a
/// search or a customisation looks at together is near together.
pub(crate) fn tree_order(
    graph: &Graph,
    order: &[u32],
    links: &[[u32; 2]],
) -> Result<Vec<u32>, OrderError> {
    let rank_of = ranks(graph.n_nodes(), order)?;
    let parent = elimination_tree(graph, &rank_of, links);
    // A root is given the whole graph as its parent.
    let whole = number(parent.len());
    let of_parent = (0..whole).map(|rank| (parent[rank as usize].min(whole), rank));
    let children = Groups::sorted(parent.len() + 1, of_parent);
    // Parents before their children, and then all turned round.
    let mut tree_order = Vec::with_capacity(order.len());
    let mut open = children.of(whole).to_vec();
    while let Some(rank) = open.pop() {
        tree_order.push(order[rank as usize]);
        open.extend(children.of(rank));
    }
    tree_order.reverse();
    Ok(tree_order)
}

fn depths(parent: &[u32]) -> Result<Vec<u16>, OrderError> {
    let mut depth = vec![0u16; parent.len()];
    for rank in (0..parent.len()).rev() {
        if parent[rank] != NONE {
            let above = u32::from(depth[parent[rank] as usize]) + 1;
            depth[rank] =
                u16::try_from(above).map_err(|_| OrderError::Height { height: above + 1 })?;
        }
    }
    Ok(depth)
}

/// The graph's arcs by the arc that stands for them; `None` if for some there is none.
fn inputs(graph: &Graph, rank_of: &[u32], ends: &Groups<u32>, slope: Slope) -> Option<Inputs> {
    let place = |(low, (high, arc)): (u32, (u32, u32))| {
        let at = ends.of(low).binary_search(&high).ok()?;
        Some((number(ends.range(low).start + at), arc))
    };
    let placed: Option<Vec<(u32, u32)>> = own_pairs(graph, rank_of, slope).map(place).collect();
    Some(Inputs::of_pairs(ends.items().len(), placed?))
}

/// The index of an arc and its slope in one number.
fn code(slope: Slope, arc: u32) -> u32 {
    2 * arc + slope as u32
}

fn decode(code: u32) -> Option<(Slope, u32)> {
    (code != NONE).then(|| (Slope::BOTH[(code % 2) as usize], code / 2))
}

fn places(wings: &[Wing; 2], n_input_arcs: u32) -> Vec<u32> {
    let mut places = vec![NONE; n_input_arcs as usize];
    for slope in Slope::BOTH {
        for (arc, input) in wings[slope as usize].inputs.pairs() {
            places[input as usize] = code(slope, arc);
        }
    }
    places
}
