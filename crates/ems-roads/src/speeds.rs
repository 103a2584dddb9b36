//! The speeds of one moment: how long each arc takes, and the metric made from that.

use std::sync::{Arc, OnceLock};

use ems_hierarchy::{Metric, Updater};
use ems_model::Timestamp;

use crate::network::{NO_WAY, whole};
use crate::roads::Roads;
use crate::traffic::{Flow, Traffic};
use crate::turn_graph;

/// A change of more than one arc in so many is customised whole: a copy and a partial customisation
/// would take longer. In a city of 193,000 arcs, with the costs of turns, the traffic of 100 arcs
/// takes 5 ms from its file to the first answer, that of 400 takes 16 ms; whole it is 21 ms.
const WHOLE_SHARE: usize = 400;

/// How long each arc takes, and the metric made from that.
pub(crate) struct Speeds {
    /// Milliseconds by arc without overlays; [`NO_WAY`] where it may not be driven.
    bare: Arc<Vec<u32>>,
    /// Milliseconds by arc, overlays included; [`NO_WAY`] where it is closed too.
    pub(crate) millis: Arc<Vec<u32>>,
    /// Made when it is first asked for.
    metric: OnceLock<Metric>,
}

impl Speeds {
    /// Without overlays.
    pub(crate) fn bare(millis: Vec<u32>) -> Self {
        let millis = Arc::new(millis);
        Self { bare: Arc::clone(&millis), millis, metric: OnceLock::new() }
    }

    /// The metric of these speeds on the roads that they are of.
    pub(crate) fn metric(&self, roads: &Roads) -> &Metric {
        self.metric.get_or_init(|| roads.customised(&self.millis))
    }
}

impl Roads {
    /// These roads under the traffic of `now`, and under nothing that was laid over them before.
    ///
    /// Cost: a whole customisation (some 20 ms for a city of 100,000 turns); where few arcs
    /// differ, a copy of the metric and a partial one.
    #[must_use]
    pub fn under(&self, traffic: &Traffic, now: Timestamp) -> Self {
        let mut millis = self.speeds().bare.to_vec();
        for row in traffic.rows().filter(|row| row.holds(now)) {
            if let Some(time) = millis.get_mut(row.arc as usize).filter(|time| **time != NO_WAY) {
                *time = self.overlaid_millis(row.arc, row.flow, *time);
            }
        }
        self.with_millis(Arc::clone(&self.speeds().bare), millis)
    }

    /// Milliseconds of an arc as an overlay says, where it would take `bare` without.
    pub(crate) fn overlaid_millis(&self, arc: u32, flow: Flow, bare: u32) -> u32 {
        match flow {
            Flow::Closed => NO_WAY,
            Flow::At(kmh) => whole(self.edge_metres(arc / 2) * 3600.0 / kmh.get()),
            Flow::Free => bare,
        }
    }

    /// Whether an arc may be driven where it is not closed.
    pub(crate) fn is_drivable(&self, arc: u32) -> bool {
        self.bare_millis(arc).is_some()
    }

    /// Milliseconds of an arc without overlays; `None` where it may not be driven.
    pub(crate) fn bare_millis(&self, arc: u32) -> Option<u32> {
        self.speeds().bare.get(arc as usize).copied().filter(|&millis| millis != NO_WAY)
    }

    /// The same map with other times for its arcs, and nothing laid over them.
    pub(crate) fn with_bare(&self, millis: Vec<u32>) -> Self {
        self.with_millis(Arc::new(millis.clone()), millis)
    }

    fn with_millis(&self, bare: Arc<Vec<u32>>, millis: Vec<u32>) -> Self {
        let before = &self.speeds().millis;
        let changed: Vec<usize> =
            (0..millis.len()).filter(|&arc| before[arc] != millis[arc]).collect();
        if changed.is_empty() && Arc::ptr_eq(&bare, &self.speeds().bare) {
            return self.clone();
        }
        let metric = if changed.len() <= millis.len() / WHOLE_SHARE {
            self.updated(&changed, &millis)
        } else {
            self.customised(&millis)
        };
        self.at(Speeds { bare, millis: Arc::new(millis), metric: metric.into() })
    }

    fn customised(&self, millis: &[u32]) -> Metric {
        let weights = turn_graph::weights(self.parts(), millis);
        Metric::customise_on(self.fork(), Arc::clone(self.hierarchy_handle()), &weights)
    }

    fn updated(&self, changed: &[usize], millis: &[u32]) -> Metric {
        let changes: Vec<(u32, u32)> = changed
            .iter()
            .filter_map(|&arc| u32::try_from(arc).ok())
            .flat_map(|arc| self.states_of(arc))
            .flat_map(|state| turn_graph::weights_of(self.parts(), state, millis))
            .collect();
        let mut metric = self.metric().clone();
        metric.update(&mut Updater::default(), &changes);
        metric
    }
}
