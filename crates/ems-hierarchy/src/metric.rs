//! Weights of a hierarchy's arcs, made from those of the graph.

use std::ops::Range;
use std::sync::Arc;

use crate::groups::number;
use crate::hierarchy::{HEIGHT_MAX, Hierarchy, Slope};
use crate::wing::{Detour, Wing};

/// The weight of what cannot be driven, and the distance of what cannot be reached. Sums of two
/// weights stay within 31 bits.
pub const FAR: u32 = (1 << 30) - 1;

/// A customised hierarchy: every arc has the least weight over all ways through lower nodes.
#[derive(Debug, Clone)]
pub struct Metric {
    hierarchy: Arc<Hierarchy>,
    /// By arc of the graph.
    input_weights: Vec<u32>,
    weights: [Vec<u32>; 2],
}

/// Equal are metrics of one hierarchy, not of a copy of it, by which all its arcs weigh the same.
impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.hierarchy, &other.hierarchy)
            && self.input_weights == other.input_weights
            && self.weights == other.weights
    }
}

impl Eq for Metric {}

/// A value for each depth; no index of 16 bits is outside it.
pub(crate) type ByDepth = [u32; HEIGHT_MAX as usize];

/// A table on the heap.
pub(crate) fn by_depth() -> Box<ByDepth> {
    let table = vec![0; HEIGHT_MAX as usize].into_boxed_slice();
    table.try_into().expect("the table has a value for each depth")
}

impl Metric {
    /// Customises from weights of the graph's arcs; [`FAR`] and more is closed.
    ///
    /// # Panics
    /// If there is not one weight for each arc.
    pub fn customise(hierarchy: Arc<Hierarchy>, weights: &[u32]) -> Self {
        assert_eq!(
            number(weights.len()),
            hierarchy.n_input_arcs(),
            "one weight for each arc of the graph"
        );
        let input_weights = weights.iter().map(|&weight| weight.min(FAR)).collect();
        let mut metric = Self { hierarchy, input_weights, weights: Default::default() };
        metric.make_anew();
        metric
    }

    /// The same hierarchy under other weights; as [`Metric::customise`].
    #[must_use]
    pub fn with_weights(&self, weights: &[u32]) -> Self {
        Self::customise(self.hierarchy_handle(), weights)
    }

    /// The hierarchy whose arcs it weighs.
    pub fn hierarchy(&self) -> &Hierarchy {
        &self.hierarchy
    }

    /// The weight of each arc of the graph.
    pub fn input_weights(&self) -> &[u32] {
        &self.input_weights
    }

    pub(crate) fn hierarchy_handle(&self) -> Arc<Hierarchy> {
        Arc::clone(&self.hierarchy)
    }

    pub(crate) fn weights(&self, slope: Slope) -> &[u32] {
        &self.weights[slope as usize]
    }

    /// The weights of all arcs before some, and of these.
    pub(crate) fn row_mut(&mut self, slope: Slope, arcs: Range<usize>) -> (&[u32], &mut [u32]) {
        let (below, row) = self.weights[slope as usize].split_at_mut(arcs.start);
        (below, &mut row[..arcs.len()])
    }

    pub(crate) fn set_weight(&mut self, slope: Slope, arc: usize, weight: u32) {
        self.weights[slope as usize][arc] = weight;
    }

    /// Gives an arc of the graph another weight, and returns the one it had.
    pub(crate) fn replace_input(&mut self, input: u32, weight: u32) -> u32 {
        std::mem::replace(&mut self.input_weights[input as usize], weight.min(FAR))
    }

    pub(crate) fn make_anew(&mut self) {
        self.weights = Slope::BOTH.map(|slope| vec![0; self.hierarchy.wing(slope).n_arcs()]);
        self.make_anew_from(0);
    }

    /// Makes the arcs of a node and all higher ones anew, from the lowest up, so that what a
    /// detour is made of is final.
    pub(crate) fn make_anew_from(&mut self, lowest: u32) {
        let hierarchy = Arc::clone(&self.hierarchy);
        if lowest >= hierarchy.n_nodes() {
            return;
        }
        self.take_inputs(&hierarchy, lowest);
        let mut table = by_depth();
        for x in lowest..hierarchy.n_nodes() {
            for slope in Slope::BOTH {
                self.relax(&hierarchy, x, slope, &mut table);
            }
        }
    }

    /// Gives arcs from a node on the least weight of the graph's arcs that they stand for.
    fn take_inputs(&mut self, hierarchy: &Hierarchy, lowest: u32) {
        let first = Slope::BOTH.map(|slope| hierarchy.wing(slope).ends.range(lowest).start);
        for slope in Slope::BOTH {
            self.weights[slope as usize][first[slope as usize]..].fill(FAR);
        }
        for (&weight, place) in self.input_weights.iter().zip(hierarchy.places()) {
            if let Some((slope, arc)) = place
                && arc as usize >= first[slope as usize]
            {
                let least = &mut self.weights[slope as usize][arc as usize];
                *least = (*least).min(weight);
            }
        }
    }

    /// Makes the arcs of one node and slope anew.
    pub(crate) fn make_row_anew(&mut self, x: u32, slope: Slope, table: &mut ByDepth) {
        let hierarchy = Arc::clone(&self.hierarchy);
        for arc in hierarchy.wing(slope).ends.range(x) {
            self.weights[slope as usize][arc] = self.least_input(slope, number(arc));
        }
        self.relax(&hierarchy, x, slope, table);
    }

    fn relax(&mut self, hierarchy: &Hierarchy, x: u32, slope: Slope, table: &mut ByDepth) {
        let [up, down] = &mut self.weights;
        let (own, legs) = match slope {
            Slope::Up => (up, down),
            Slope::Down => (down, up),
        };
        relax(hierarchy.wing(slope), x, own, legs, table);
    }

    /// The least weight of the graph's arcs that an arc stands for.
    fn least_input(&self, slope: Slope, arc: u32) -> u32 {
        let inputs = self.hierarchy.wing(slope).inputs.of(arc).iter();
        inputs.map(|&input| self.input_weights[input as usize]).fold(FAR, u32::min)
    }

    /// The weight of an arc from its inputs and detours, one of which weighs no more than `bound`.
    pub(crate) fn least_weight(&self, low: u32, slope: Slope, arc: u32, bound: u32) -> u32 {
        let wing = self.hierarchy.wing(slope);
        let depth = wing.depths[arc as usize];
        let place = arc - number(wing.ends.range(low).start);
        let (own, legs) = (self.weights(slope), self.weights(slope.other()));
        let mut least = bound.min(self.least_input(slope, arc));
        for detour in wing.detours.of(low) {
            let leg = legs[detour.leg as usize];
            if leg < least
                && let Some(rest) = detour.arc_to(wing, place, depth)
            {
                least = least.min(leg + own[rest as usize]);
            }
        }
        least
    }
}

/// Improves the arcs of one slope between `x` and higher nodes by all detours over lower ones.
fn relax(wing: &Wing, x: u32, own: &mut [u32], legs: &[u32], table: &mut ByDepth) {
    let mut detours = wing.detours.of(x);
    if detours.is_empty() {
        return;
    }
    let arcs = wing.ends.range(x);
    // What a detour is made of is below `x`, and so are its arcs.
    let (below, row) = own.split_at_mut(arcs.start);
    let row = &mut row[..arcs.len()];
    while let [run, others @ ..] = detours
        && run.is_run()
    {
        let leg = legs[run.leg as usize];
        let weights = &below[run.rest()];
        let improved = &mut row[run.at as usize..][..weights.len()];
        for (least, &weight) in improved.iter_mut().zip(weights) {
            *least = lesser(*least, leg + weight);
        }
        detours = others;
    }
    if !detours.is_empty() {
        scatter(detours, wing, &wing.depths[arcs], row, [below, legs], table);
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
    [below, legs]: [&[u32]; 2],
    table: &mut ByDepth,
) {
    for (&depth, &weight) in depths.iter().zip(&*row) {
        table[depth as usize] = weight;
    }
    for detour in detours {
        let leg = legs[detour.leg as usize];
        for (&depth, &weight) in wing.depths[detour.rest()].iter().zip(&below[detour.rest()]) {
            let least = &mut table[depth as usize];
            *least = (*least).min(leg + weight);
        }
    }
    for (&depth, weight) in depths.iter().zip(row) {
        *weight = table[depth as usize];
    }
}
