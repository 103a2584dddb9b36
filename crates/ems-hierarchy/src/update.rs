//! New weights for some of the graph's arcs.

use std::collections::BTreeMap;

use crate::groups::number;
use crate::hierarchy::{Hierarchy, Slope};
use crate::metric::{FAR, Metric};

/// How a metric took new weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Only arcs of the hierarchy that depend on them were looked at.
    Part,
    /// So many depend on them that all were made anew.
    Whole,
}

/// A change of more than one arc in so many is made anew at once, and so is one of more than
/// [`N_CHANGES_FREE`].
const WHOLE_SHARE: usize = 256;
const N_CHANGES_FREE: usize = 8;
/// A partial update may look at one triangle in so many, or at [`N_LOOKS_FREE`], before it gives
/// up.
const BUDGET_SHARE: usize = 8;
const N_LOOKS_FREE: usize = 4096;

impl Metric {
    /// Gives arcs of the graph new weights, as `(arc, weight)`; the last of an arc counts.
    ///
    /// Looks only at arcs whose weight may have changed; where these are too many, all are made
    /// anew. The outcome is that of [`Metric::customise`] in either case.
    ///
    /// # Panics
    /// If an arc is not there.
    pub fn update(&mut self, changes: &[(u32, u32)]) -> Update {
        for &(input, weight) in changes {
            self.set_input(input, weight);
        }
        let n_changes_max = self.hierarchy().n_input_arcs() as usize / WHOLE_SHARE;
        let is_part =
            changes.len() <= n_changes_max.max(N_CHANGES_FREE) && Spread::of(self, changes).run();
        if is_part {
            return Update::Part;
        }
        self.make_anew();
        Update::Whole
    }
}

/// An arc of the hierarchy: its lower node, its slope and its index.
type Place = (u32, Slope, u32);

/// What is known of an arc whose weight may change.
#[derive(Debug, Clone, Copy)]
struct Touched {
    before: u32,
    /// Whether what made its weight may have grown, so that it must be looked for again.
    is_in_doubt: bool,
}

/// Changes on their way up.
struct Spread<'a> {
    metric: &'a mut Metric,
    /// Touched arcs, the lowest first: what they depend on is final.
    open: BTreeMap<Place, Touched>,
    n_looks_left: usize,
}

impl<'a> Spread<'a> {
    fn of(metric: &'a mut Metric, changes: &[(u32, u32)]) -> Self {
        let n_looks_left = (metric.hierarchy().n_triangles() / BUDGET_SHARE).max(N_LOOKS_FREE);
        let mut spread = Self { metric, open: BTreeMap::new(), n_looks_left };
        for &(input, _) in changes {
            let Some((slope, arc)) = spread.metric.hierarchy().place_of(input) else { continue };
            let low = spread.metric.hierarchy().wing(slope).ends.group_of(arc);
            spread.note((low, slope, arc), true);
        }
        spread
    }

    /// Whether all changes were followed to their end within the budget.
    fn run(mut self) -> bool {
        while let Some((&(low, _, _), _)) = self.open.first_key_value() {
            let changed = self.settle(low);
            if !changed.is_empty() {
                self.pass_on(low, &changed);
            }
            if self.n_looks_left == 0 {
                return false;
            }
        }
        true
    }

    /// Makes the touched arcs of a node final; gives those that changed, with their old weight.
    fn settle(&mut self, low: u32) -> Vec<(Slope, u32, u32)> {
        let mut changed = Vec::new();
        while let Some(entry) = self.open.first_entry() {
            if entry.key().0 != low {
                break;
            }
            let ((_, slope, arc), touched) = entry.remove_entry();
            if touched.is_in_doubt {
                let weight = self.metric.least_weight(low, slope, arc);
                self.metric.set_weight(slope, arc, weight);
                self.look(self.metric.hierarchy().wing(slope).detours.of(low).len());
            }
            if self.metric.weights(slope)[arc as usize] != touched.before {
                changed.push((slope, arc, touched.before));
            }
        }
        changed
    }

    /// Tells the arcs above that have a way over `low`.
    fn pass_on(&mut self, low: u32, changed: &[(Slope, u32, u32)]) {
        let hierarchy = self.metric.hierarchy_handle();
        let before = Slope::BOTH.map(|slope| self.weights_before(low, slope, changed));
        for &(slope, arc, arc_before) in changed {
            let end = hierarchy.wing(slope).ends.items()[arc as usize];
            let arc_now = self.metric.weights(slope)[arc as usize];
            let other = hierarchy.wing(slope.other());
            let legs = other.ends.range(low).zip(other.ends.of(low));
            self.look(legs.len());
            for ((leg, &leg_end), leg_before) in legs.zip(&before[slope.other() as usize]) {
                let leg_now = self.metric.weights(slope.other())[leg];
                let sums = Sums { before: leg_before + arc_before, now: leg_now + arc_now };
                if leg_end != end && sums.before.min(sums.now) < FAR {
                    self.touch(over(&hierarchy, slope, end, leg_end), &sums);
                }
            }
        }
    }

    /// What a node's arcs of one slope weighed before the change.
    fn weights_before(&self, low: u32, slope: Slope, changed: &[(Slope, u32, u32)]) -> Vec<u32> {
        let arcs = self.metric.hierarchy().wing(slope).ends.range(low);
        let mut weights = self.metric.weights(slope)[arcs.clone()].to_vec();
        for &(_, arc, before) in changed.iter().filter(|change| change.0 == slope) {
            weights[arc as usize - arcs.start] = before;
        }
        weights
    }

    fn touch(&mut self, place: Place, sums: &Sums) {
        let (_, slope, arc) = place;
        let weight = self.metric.weights(slope)[arc as usize];
        if sums.now < weight {
            self.note(place, false);
            self.metric.set_weight(slope, arc, sums.now);
        } else if sums.before == weight && sums.now > weight {
            self.note(place, true);
        }
    }

    fn note(&mut self, place: Place, is_in_doubt: bool) {
        let before = self.metric.weights(place.1)[place.2 as usize];
        let touched = self.open.entry(place);
        touched.or_insert(Touched { before, is_in_doubt }).is_in_doubt |= is_in_doubt;
    }

    fn look(&mut self, n: usize) {
        self.n_looks_left = self.n_looks_left.saturating_sub(n);
    }
}

/// The weight of a way over a lower node.
struct Sums {
    before: u32,
    now: u32,
}

/// The arc that two arcs over a lower node make: one of the slope given, which ends at `end`, and
/// a leg of the other slope.
fn over(hierarchy: &Hierarchy, slope: Slope, end: u32, leg_end: u32) -> Place {
    let (slope, low, high) =
        if leg_end < end { (slope, leg_end, end) } else { (slope.other(), end, leg_end) };
    let arc = hierarchy.wing(slope).arc(low, high);
    (low, slope, number(arc.expect("contraction joined all neighbours of the lower node")))
}

impl Metric {
    /// The weight of an arc from its inputs and detours.
    fn least_weight(&self, low: u32, slope: Slope, arc: u32) -> u32 {
        let wing = self.hierarchy().wing(slope);
        let high = wing.ends.items()[arc as usize];
        let (own, legs) = (self.weights(slope), self.weights(slope.other()));
        let inputs = wing.inputs.of(arc).iter();
        let own_least = inputs.map(|&i| self.input_weights()[i as usize]).fold(FAR, u32::min);
        let sums = wing.detours.of(low).iter().filter_map(|detour| {
            let ends = &wing.ends.items()[detour.first as usize..detour.end as usize];
            let rest = detour.first as usize + ends.binary_search(&high).ok()?;
            Some(legs[detour.leg as usize] + own[rest])
        });
        sums.fold(own_least, u32::min)
    }
}
