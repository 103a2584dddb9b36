//! Weights of a hierarchy's arcs, made from those of the graph.

use std::ops::Range;
use std::sync::Arc;

use crate::fork::{Fork, InTurn};
use crate::groups::number;
use crate::hierarchy::{Hierarchy, Slope};
use crate::slab::{ByDepth, Slab};

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

impl Metric {
    /// Customises from weights of the graph's arcs; [`FAR`] and more is closed.
    ///
    /// # Panics
    /// If there is not one weight for each arc.
    pub fn customise(hierarchy: Arc<Hierarchy>, weights: &[u32]) -> Self {
        Self::customise_on(&InTurn, hierarchy, weights)
    }

    /// The same, halves of the graph at once where `fork` has threads for it.
    ///
    /// # Panics
    /// As [`Metric::customise`].
    pub fn customise_on(fork: &dyn Fork, hierarchy: Arc<Hierarchy>, weights: &[u32]) -> Self {
        assert_eq!(
            number(weights.len()),
            hierarchy.n_input_arcs(),
            "one weight for each arc of the graph"
        );
        let input_weights = weights.iter().map(|&weight| weight.min(FAR)).collect();
        let mut metric = Self { hierarchy, input_weights, weights: Default::default() };
        metric.make_anew(fork);
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

    pub(crate) fn make_anew(&mut self, fork: &dyn Fork) {
        let hierarchy = Arc::clone(&self.hierarchy);
        self.weights = Slope::BOTH.map(|slope| vec![0; hierarchy.wing(slope).n_arcs()]);
        if hierarchy.n_nodes() > 0 {
            self.take_inputs(&hierarchy, 0);
            Slab::all(&hierarchy, &mut self.weights).relax_span(hierarchy.span(), fork);
        }
    }

    /// Makes the arcs of a node and all higher ones anew.
    pub(crate) fn make_anew_from(&mut self, lowest: u32) {
        let hierarchy = Arc::clone(&self.hierarchy);
        self.take_inputs(&hierarchy, lowest);
        Slab::all(&hierarchy, &mut self.weights).relax_nodes(lowest..hierarchy.n_nodes());
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
        Slab::all(&hierarchy, &mut self.weights).relax(x, slope, table);
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
