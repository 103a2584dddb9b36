//! Weights of a hierarchy's arcs, made from those of the graph.

use std::sync::Arc;

use crate::groups::number;
use crate::hierarchy::{HEIGHT_MAX, Hierarchy, Slope};

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

/// A value for each depth; no index of 16 bits is outside it.
type ByDepth = [u32; HEIGHT_MAX as usize];

/// A table on the heap.
fn by_depth() -> Box<ByDepth> {
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

    pub(crate) fn set_weight(&mut self, slope: Slope, arc: u32, weight: u32) {
        self.weights[slope as usize][arc as usize] = weight;
    }

    pub(crate) fn set_input(&mut self, input: u32, weight: u32) {
        self.input_weights[input as usize] = weight.min(FAR);
    }

    /// From the lowest node up, so that what a detour is made of is final.
    pub(crate) fn make_anew(&mut self) {
        self.weights = Slope::BOTH.map(|slope| self.own_weights(slope));
        let mut table = by_depth();
        let [up, down] = &mut self.weights;
        for x in 0..self.hierarchy.n_nodes() {
            relax(&self.hierarchy, x, Slope::Up, up, down, &mut table);
            relax(&self.hierarchy, x, Slope::Down, down, up, &mut table);
        }
    }

    fn own_weights(&self, slope: Slope) -> Vec<u32> {
        let wing = self.hierarchy.wing(slope);
        let least = |arc: usize| {
            let inputs = wing.inputs.of(number(arc)).iter();
            inputs.map(|&input| self.input_weights[input as usize]).fold(FAR, u32::min)
        };
        (0..wing.n_arcs()).map(least).collect()
    }
}

/// Improves the arcs of one slope between `x` and higher nodes by all detours over lower ones.
///
/// The table holds the weights by depth; the depths that a detour names are among those of the
/// arcs, so nothing is left over from another node.
fn relax(
    hierarchy: &Hierarchy,
    x: u32,
    slope: Slope,
    own: &mut [u32],
    legs: &[u32],
    table: &mut ByDepth,
) {
    let wing = hierarchy.wing(slope);
    let detours = wing.detours.of(x);
    if detours.is_empty() {
        return;
    }
    let range = wing.ends.range(x);
    for (&depth, &weight) in wing.depths[range.clone()].iter().zip(&own[range.clone()]) {
        table[depth as usize] = weight;
    }
    for detour in detours {
        let leg = legs[detour.leg as usize];
        if leg >= FAR {
            continue;
        }
        let rest = detour.first as usize..detour.end as usize;
        for (&depth, &weight) in wing.depths[rest.clone()].iter().zip(&own[rest]) {
            let least = &mut table[depth as usize];
            *least = (*least).min(leg + weight);
        }
    }
    for (&depth, weight) in wing.depths[range.clone()].iter().zip(&mut own[range]) {
        *weight = table[depth as usize];
    }
}
