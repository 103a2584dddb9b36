//! Places on a junction: who stands there leaves by any of its streets, and comes by any.

use crate::roads::{Edge, Roads};
use crate::search::{Drive, Leg};
use crate::snap::Snap;

/// The arcs that leave each junction, closed ones too.
///
/// A stored junction's number may be anything, so nothing is as long as the highest of them.
pub(crate) struct Junctions {
    /// `(junction, arc)`, sorted.
    leaving: Vec<(u32, u32)>,
}

impl Junctions {
    pub(crate) fn of(edges: &[Edge]) -> Self {
        let tails = edges.iter().flat_map(|edge| [edge.tail, edge.head]);
        let mut leaving: Vec<(u32, u32)> = tails.zip(0..).collect();
        leaving.sort_unstable();
        Self { leaving }
    }

    fn leaving(&self, junction: u32) -> impl Iterator<Item = u32> {
        let from = self.leaving.partition_point(|&(at, _)| at < junction);
        let of_junction = self.leaving[from..].iter().take_while(move |&&(at, _)| at == junction);
        of_junction.map(|&(_, arc)| arc)
    }
}

impl Roads {
    /// The junction at which a snap lies: the end of its edge, unless its direction is given.
    pub(crate) fn junction(&self, snap: &Snap) -> Option<u32> {
        let is_within = snap.fraction > 0.0 && snap.fraction < 1.0;
        if is_within || snap.only.is_some() {
            return None;
        }
        let edge = self.parts().edges.get(snap.edge as usize)?;
        Some(if snap.fraction > 0.0 { edge.head } else { edge.tail })
    }

    /// Whether a search cannot tell the time from one snap to another: both are on one edge, where
    /// the other may lie behind, or at one junction.
    pub(crate) fn is_near(&self, from: &Snap, to: &Snap) -> bool {
        match [from, to].map(|snap| self.junction(snap)) {
            [None, None] => from.edge == to.edge,
            [from, to] => from == to,
        }
    }

    /// The arcs by which one leaves a snap.
    pub(crate) fn leaving(&self, snap: &Snap) -> Vec<Leg> {
        let Some(junction) = self.junction(snap) else { return self.legs(snap).collect() };
        let leg = |arc| {
            let after = self.arc_millis(arc)?;
            Some(Leg { arc, before: 0, after, along: 0.0 })
        };
        self.junctions().leaving(junction).filter_map(leg).collect()
    }

    /// The arcs by which one comes to a snap.
    pub(crate) fn arriving(&self, snap: &Snap) -> Vec<Leg> {
        let Some(junction) = self.junction(snap) else { return self.legs(snap).collect() };
        let leg = |leaving: u32| {
            let (arc, along) = (leaving ^ 1, 1.0);
            Some(Leg { arc, before: self.arc_millis(arc)?, after: 0, along })
        };
        self.junctions().leaving(junction).filter_map(leg).collect()
    }

    /// No drive at all, from a junction to itself; `None` where it cannot be left or come to.
    pub(crate) fn drive_nowhere(&self, at: &Snap) -> Option<Drive> {
        let [leaving, arriving] = [self.leaving(at), self.arriving(at)];
        let ways = leaving.first().zip(arriving.first());
        ways.map(|(leg, _)| Drive { millis: 0, arc: leg.arc, turns: Vec::new() })
    }
}
