//! What a unit's way will carry.

use ems_coverage::Ahead;
use ems_model::Millis;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a unit's way is expected to carry, and what other ways would.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutlookView {
    needs_kbps: u32,
    /// The hour of the day that was looked up, 0 to 23.
    hour: Option<u8>,
    /// The fastest way, then others; none where no network was ever read.
    ways: Vec<WayView>,
    /// The place in `ways` of the one that lacks least, and of those the fastest.
    best: Option<usize>,
    /// The first hole of each network that has one on the fastest way.
    holes: Vec<HoleView>,
}

/// A way against what is needed.
#[derive(Debug, Serialize, ToSchema)]
struct WayView {
    duration: Millis,
    /// How long less is expected, on the best network.
    lacking: Millis,
    /// How long nobody knows.
    unknown: Millis,
    /// From when until when less is expected first, from now.
    first_hole: Option<[Millis; 2]>,
}

/// Where a network carries too little for vital signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct HoleView {
    /// The network, as gateways name its link.
    pub(crate) network: String,
    /// From when, from now.
    pub(crate) from: Millis,
    /// Until when, from now.
    pub(crate) until: Millis,
}

impl OutlookView {
    pub(crate) fn of(
        needs_kbps: u32,
        hour: Option<u8>,
        aheads: &[Ahead],
        holes: Vec<HoleView>,
    ) -> Self {
        let quickest = aheads.iter().enumerate().min_by_key(|(_, it)| (it.lacking, it.whole));
        let best = quickest.map(|(idx, _)| idx);
        Self { needs_kbps, hour, ways: aheads.iter().map(WayView::from).collect(), best, holes }
    }
}

impl From<&Ahead> for WayView {
    fn from(ahead: &Ahead) -> Self {
        let Ahead { whole: duration, lacking, unknown, hole } = *ahead;
        Self { duration, lacking, unknown, first_hole: hole.map(|(from, until)| [from, until]) }
    }
}
