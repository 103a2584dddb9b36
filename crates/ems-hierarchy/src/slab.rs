//! The weights of nodes that follow each other, and how they are made from those of lower nodes.

use std::ops::Range;

use crate::fork::Fork;
use crate::hierarchy::{HEIGHT_MAX, Hierarchy, Slope};
use crate::span::Span;
use crate::wing::{Detour, Wing};

/// A value for each depth; no index of 16 bits is outside it.
pub(crate) type ByDepth = [u32; HEIGHT_MAX as usize];

/// A table on the heap.
pub(crate) fn by_depth() -> Box<ByDepth> {
    let table = vec![0; HEIGHT_MAX as usize].into_boxed_slice();
    table.try_into().expect("the table has a value for each depth")
}

/// The weights of some arcs of both slopes that follow each other.
pub(crate) struct Slab<'a> {
    hierarchy: &'a Hierarchy,
    /// By slope.
    rows: [Rows<'a>; 2],
}

/// Weights of one slope, and the arc of the first of them.
struct Rows<'a> {
    first: usize,
    weights: &'a mut [u32],
}

impl Rows<'_> {
    /// The arcs from the first to the second place, and from there to the third.
    fn cut(&mut self, [start, middle, end]: [usize; 3]) -> [Rows<'_>; 2] {
        let both = &mut self.weights[start - self.first..end - self.first];
        let (low, high) = both.split_at_mut(middle - start);
        [Rows { first: start, weights: low }, Rows { first: middle, weights: high }]
    }
}

impl<'a> Slab<'a> {
    /// The weights of all nodes.
    pub(crate) fn all(hierarchy: &'a Hierarchy, [up, down]: &'a mut [Vec<u32>; 2]) -> Self {
        let rows = [up, down].map(|weights| Rows { first: 0, weights });
        Self { hierarchy, rows }
    }

    /// Makes the arcs of a span anew, its halves at once if there are threads for it.
    pub(crate) fn relax_span(&mut self, span: &Span, fork: &dyn Fork) {
        if let Some(halves) = &span.halves {
            let [low, high] = &**halves;
            let [mut first, mut second] = self.halves([&low.nodes, &high.nodes]);
            fork.both(
                Box::new(move || first.relax_span(low, fork)),
                Box::new(move || second.relax_span(high, fork)),
            );
        }
        self.relax_nodes(span.own());
    }

    fn halves(&mut self, [low, high]: [&Range<u32>; 2]) -> [Slab<'_>; 2] {
        let hierarchy = self.hierarchy;
        let places = |slope| {
            let arcs = |rank| hierarchy.wing(slope).ends.range(rank);
            [arcs(low.start).start, arcs(high.start).start, arcs(high.end - 1).end]
        };
        let [up, down] = &mut self.rows;
        let [up, up_beside] = up.cut(places(Slope::Up));
        let [down, down_beside] = down.cut(places(Slope::Down));
        [[up, down], [up_beside, down_beside]].map(|rows| Slab { hierarchy, rows })
    }

    /// Makes the arcs of nodes anew, from the lowest up, so that what a detour is made of is final.
    pub(crate) fn relax_nodes(&mut self, nodes: Range<u32>) {
        let mut table = by_depth();
        for x in nodes {
            for slope in Slope::BOTH {
                self.relax(x, slope, &mut table);
            }
        }
    }

    /// Improves the arcs of one slope between `x` and higher nodes by all detours over lower ones.
    pub(crate) fn relax(&mut self, x: u32, slope: Slope, table: &mut ByDepth) {
        let wing = self.hierarchy.wing(slope);
        let mut detours = wing.detours.of(x);
        if detours.is_empty() {
            return;
        }
        let [up, down] = &mut self.rows;
        let (own, legs) = match slope {
            Slope::Up => (up, down),
            Slope::Down => (down, up),
        };
        let arcs = wing.ends.range(x);
        // What a detour is made of is below `x`, and so are its arcs.
        let (below, row) = own.weights.split_at_mut(arcs.start - own.first);
        let row = &mut row[..arcs.len()];
        let lower = Lower { first: own.first, below, first_leg: legs.first, legs: legs.weights };
        while let [run, others @ ..] = detours
            && run.is_run()
        {
            let (leg, weights) = lower.of(run);
            let improved = &mut row[run.at as usize..][..weights.len()];
            for (least, &weight) in improved.iter_mut().zip(weights) {
                *least = lesser(*least, leg + weight);
            }
            detours = others;
        }
        if !detours.is_empty() {
            scatter(detours, wing, &wing.depths[arcs], row, &lower, table);
        }
    }
}

/// The weights of what detours are made of.
struct Lower<'a> {
    first: usize,
    below: &'a [u32],
    first_leg: usize,
    legs: &'a [u32],
}

impl Lower<'_> {
    /// What a detour's leg weighs, and the arcs after it.
    #[inline]
    fn of(&self, detour: &Detour) -> (u32, &[u32]) {
        let rest = &self.below[detour.first as usize - self.first..][..detour.n_arcs.into()];
        (self.legs[detour.leg as usize - self.first_leg], rest)
    }
}

/// The lesser of two sums of weights: as signed numbers, which they fit, since many processors
/// compare only these several at a time.
#[inline]
fn lesser(a: u32, b: u32) -> u32 {
    a.cast_signed().min(b.cast_signed()).cast_unsigned()
}

/// Improves a row of arcs by detours that meet it here and there.
///
/// The table holds the row by depth; the depths that a detour names are among those of the row,
/// so nothing is left over from another node.
fn scatter(
    detours: &[Detour],
    wing: &Wing,
    depths: &[u16],
    row: &mut [u32],
    lower: &Lower<'_>,
    table: &mut ByDepth,
) {
    for (&depth, &weight) in depths.iter().zip(&*row) {
        table[depth as usize] = weight;
    }
    for detour in detours {
        let (leg, weights) = lower.of(detour);
        for (&depth, &weight) in wing.depths[detour.rest()].iter().zip(weights) {
            let least = &mut table[depth as usize];
            *least = (*least).min(leg + weight);
        }
    }
    for (&depth, weight) in depths.iter().zip(row) {
        *weight = table[depth as usize];
    }
}
