//! The hierarchy's arcs: those of the graph, and shortcuts that keep distances when lower nodes
//! are left out.
//!
//! Contraction is directed: leaving out `v` joins `u` and `w` only where `u -> v -> w` can be
//! driven, and only in that direction. On a graph of turns this halves the arcs of the undirected
//! textbook form. Nodes are numbered anew by rank, and below each node its neighbours are known by
//! their depth in the elimination tree, which is all that a search needs of them.

use crate::graph::Graph;
use crate::groups::{Groups, number};

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

/// A way over a lower node `v` between a node `x` and higher ones: one arc between `x` and `v`,
/// then any of a range of arcs between `v` and nodes above `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Detour {
    /// Index of the arc between `x` and `v`, among the arcs of the other slope.
    pub(crate) leg: u32,
    /// The arcs between `v` and nodes above `x`.
    pub(crate) first: u32,
    pub(crate) end: u32,
    /// Which of the arcs of `x` they improve, counted from its first: as many from this one on,
    /// or [`SCATTERED`].
    pub(crate) at: u32,
}

/// The arcs that a detour improves do not follow each other.
pub(crate) const SCATTERED: u32 = u32::MAX;

impl Detour {
    /// The indices of the arcs between `v` and nodes above `x`.
    pub(crate) fn rest(&self) -> std::ops::Range<usize> {
        self.first as usize..self.end as usize
    }

    pub(crate) fn is_run(&self) -> bool {
        self.at != SCATTERED
    }

    /// The arc among those over it that ends at `high`; `place` is that of the arc it may improve.
    pub(crate) fn arc_to(&self, wing: &Wing, place: u32, high: u32) -> Option<u32> {
        if self.is_run() {
            let arc = place.checked_sub(self.at)? + self.first;
            return (arc < self.end).then_some(arc);
        }
        let at = wing.ends.items()[self.rest()].binary_search(&high).ok()?;
        Some(self.first + number(at))
    }
}

/// All arcs of one slope, by their lower node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wing {
    /// The higher ends, by rank, rising.
    pub(crate) ends: Groups<u32>,
    /// The depth of each higher end.
    pub(crate) depths: Vec<u16>,
    /// The graph's own arcs behind each arc.
    pub(crate) inputs: Groups<u32>,
    /// Ways round over lower nodes, by the node whose arcs they may improve: runs first.
    pub(crate) detours: Groups<Detour>,
}

impl Wing {
    pub(crate) fn n_arcs(&self) -> usize {
        self.ends.items().len()
    }

    fn n_triangles(&self) -> usize {
        self.detours.items().iter().map(|detour| detour.rest().len()).sum()
    }

    /// The index of the arc between `low` and `high`.
    pub(crate) fn arc(&self, low: u32, high: u32) -> Option<usize> {
        let at = self.ends.of(low).binary_search(&high).ok()?;
        Some(self.ends.range(low).start + at)
    }

    /// The index of the arc between `low` and its neighbour at a depth, which must be there.
    pub(crate) fn arc_at_depth(&self, low: u32, depth: u16) -> u32 {
        let arcs = self.ends.range(low);
        let at = self.depths[arcs.clone()].partition_point(|&other| other > depth);
        number(arcs.start + at)
    }
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
}

impl Hierarchy {
    /// Contracts the nodes of a graph in the order given. Each pair of `links` is treated as
    /// joined when the tree is built: its nodes may be sources (or targets) of one search.
    ///
    /// Costs about as much as all the hierarchy's arcs, sorted.
    pub fn build(graph: &Graph, order: &[u32], links: &[[u32; 2]]) -> Result<Self, OrderError> {
        let order = tree_order(graph, order, links)?;
        let rank_of = ranks(graph.n_nodes(), &order)?;
        let own = |slope| own_ends(graph, &rank_of, slope);
        let ends = contract(&own(Slope::Up), &own(Slope::Down));
        let parent = elimination_tree(graph, &rank_of, links);
        let depth = depths(&parent)?;
        let wing = |ends: Groups<u32>, slope| Wing {
            depths: ends.items().iter().map(|&end| depth[end as usize]).collect(),
            inputs: inputs(graph, &rank_of, &ends, slope),
            detours: Groups::default(),
            ends,
        };
        let [up, down] = ends;
        let mut wings = [wing(up, Slope::Up), wing(down, Slope::Down)];
        for slope in Slope::BOTH {
            let [own, legs] = [slope, slope.other()].map(|slope| &wings[slope as usize].ends);
            wings[slope as usize].detours = detours(own, legs);
        }
        let places = places(&wings, graph.n_arcs());
        let n_triangles = wings.iter().map(Wing::n_triangles).sum();
        let effort_below = effort_below(&wings, graph.n_nodes());
        Ok(Self {
            places,
            rank_of,
            node_at: order,
            parent,
            depth,
            wings,
            n_triangles,
            effort_below,
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

    /// How many arcs join a node to higher ones.
    pub(crate) fn n_arcs_of(&self, rank: u32) -> usize {
        self.wings.iter().map(|wing| wing.ends.of(rank).len()).sum()
    }

    /// What it costs to make a node's arcs anew, about in nanoseconds.
    pub(crate) fn effort(&self, rank: u32) -> u64 {
        self.effort_below(rank + 1) - self.effort_below(rank)
    }

    /// What it costs to make the arcs of all lower nodes anew.
    pub(crate) fn effort_below(&self, rank: u32) -> u64 {
        self.effort_below[rank as usize]
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
}

fn ranks(n_nodes: u32, order: &[u32]) -> Result<Vec<u32>, OrderError> {
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

fn own_ends(graph: &Graph, rank_of: &[u32], slope: Slope) -> Groups<u32> {
    let pairs = own_pairs(graph, rank_of, slope).map(|(low, (high, _))| (low, high));
    Groups::sorted(rank_of.len(), pairs)
}

/// All arcs after contraction, up and down.
///
/// Leaving out `x` joins each `u -> x` to each `x -> w`. Where the least common neighbour `p` of
/// both lists is known, it stands for all above it, since it inherits both lists of `x`.
fn contract(own_up: &Groups<u32>, own_down: &Groups<u32>) -> [Groups<u32>; 2] {
    let n = own_up.n_groups();
    let mut grown = [Groups::default(), Groups::default()];
    // By node and slope: lower nodes whose lists it inherits.
    let mut givers = [vec![Vec::new(); n as usize], vec![Vec::new(); n as usize]];
    let mut gather = Gather { seen_by: vec![NONE; n as usize], list: Vec::new() };
    for x in 0..n {
        for (slope, own) in [own_up, own_down].into_iter().enumerate() {
            let from = std::mem::take(&mut givers[slope][x as usize]);
            let list = gather.union(x, own.of(x), from.iter().map(|&v| grown[slope].of(v)));
            grown[slope].push(list);
        }
        let [up, down] = [grown[0].of(x), grown[1].of(x)];
        let shared = least_common(up, down).unwrap_or(NONE);
        for &u in down.iter().take_while(|&&u| u <= shared) {
            givers[0][u as usize].push(x);
        }
        for &w in up.iter().take_while(|&&w| w <= shared) {
            givers[1][w as usize].push(x);
        }
    }
    grown
}

/// Makes sorted sets of ranks.
struct Gather {
    seen_by: Vec<u32>,
    list: Vec<u32>,
}

impl Gather {
    /// The ranks above `x` that are in any list.
    fn union<'a>(
        &mut self,
        x: u32,
        own: &'a [u32],
        inherited: impl Iterator<Item = &'a [u32]>,
    ) -> &[u32] {
        // Both ways of one node share the table, so each clears what it marked.
        self.list.clear();
        for &end in [own].into_iter().chain(inherited).flatten() {
            if end > x && self.seen_by[end as usize] != x {
                self.seen_by[end as usize] = x;
                self.list.push(end);
            }
        }
        for &end in &self.list {
            self.seen_by[end as usize] = NONE;
        }
        self.list.sort_unstable();
        &self.list
    }
}

fn least_common(a: &[u32], b: &[u32]) -> Option<u32> {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    loop {
        let (&&x, &&y) = (a.peek()?, b.peek()?);
        match x.cmp(&y) {
            std::cmp::Ordering::Less => a.next(),
            std::cmp::Ordering::Greater => b.next(),
            std::cmp::Ordering::Equal => return Some(x),
        };
    }
}

/// The parent of each rank (Liu, "The role of elimination trees in sparse factorization", SIAM J.
/// Matrix Anal. Appl. 11(1), 1990): all higher neighbours of a node are its ancestors.
fn elimination_tree(graph: &Graph, rank_of: &[u32], links: &[[u32; 2]]) -> Vec<u32> {
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
fn tree_order(graph: &Graph, order: &[u32], links: &[[u32; 2]]) -> Result<Vec<u32>, OrderError> {
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

fn inputs(graph: &Graph, rank_of: &[u32], ends: &Groups<u32>, slope: Slope) -> Groups<u32> {
    let place = |(low, (high, arc)): (u32, (u32, u32))| {
        let at = ends.of(low).binary_search(&high).expect("own arcs are among the grown");
        (number(ends.range(low).start + at), arc)
    };
    let placed: Vec<(u32, u32)> = own_pairs(graph, rank_of, slope).map(place).collect();
    Groups::sorted(ends.items().len(), placed.iter().copied())
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

/// Efforts of making a node, or a detour, anew, beside one for each triangle (measured).
const NODE_EFFORT: u64 = 8;
const DETOUR_EFFORT: u64 = 4;

fn effort_below(wings: &[Wing; 2], n_nodes: u32) -> Vec<u64> {
    let of_wing = |wing: &Wing, rank| -> u64 {
        wing.detours.of(rank).iter().map(|d| DETOUR_EFFORT + d.rest().len() as u64).sum()
    };
    let mut sums = vec![0];
    for rank in 0..n_nodes {
        let effort: u64 = wings.iter().map(|wing| of_wing(wing, rank)).sum();
        sums.push(sums[rank as usize] + NODE_EFFORT + effort);
    }
    sums
}

/// All detours that may improve arcs of `own`, by the node whose arcs they are; runs first.
fn detours(own: &Groups<u32>, legs: &Groups<u32>) -> Groups<Detour> {
    let mut all = Vec::with_capacity(legs.items().len());
    for v in 0..own.n_groups() {
        let (mut rest, mut tail) = (own.range(v), own.of(v));
        for (leg, &x) in legs.range(v).zip(legs.of(v)) {
            let n_passed = tail.iter().take_while(|&&end| end <= x).count();
            (rest.start, tail) = (rest.start + n_passed, &tail[n_passed..]);
            let (Some(first), Some(last)) = (tail.first(), tail.last()) else { break };
            let at = run(own.of(x), tail.len(), *first, *last);
            let detour = Detour {
                leg: number(leg),
                first: number(rest.start),
                end: number(rest.end),
                at: at.map_or(SCATTERED, number),
            };
            all.push((x, detour));
        }
    }
    let of_kind = |is_run| all.iter().copied().filter(move |(_, detour)| detour.is_run() == is_run);
    Groups::sorted(own.n_groups() as usize, of_kind(true).chain(of_kind(false)))
}

/// Where in a list a part of it of `n` stands whose first and last are known; `None` if others
/// stand between.
fn run(list: &[u32], n: usize, first: u32, last: u32) -> Option<usize> {
    let at = list.binary_search(&first).ok()?;
    (list.get(at + n - 1) == Some(&last)).then_some(at)
}
