//! Stops at the kerb on which a place lies, so that nobody crosses the road.

use crate::candidates::{Candidate, Driving};
use crate::heading::{Heading, degrees_between};
use crate::network::NO_WAY;
use crate::roads::Roads;
use crate::snap::Snap;

/// Where a place is as seen by who stops there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kerb {
    /// At the unit's own kerb.
    Near,
    /// Across the road: the kerb's own direction may not be driven, or cannot be reached or left.
    Far,
    /// On the road's line.
    OnLine,
}

/// A stop and the side of the unit on which its place is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KerbStop {
    /// The point on the road: come to and left in the kerb's direction only where that is near.
    pub snap: Snap,
    /// Where the place is.
    pub kerb: Kerb,
}

impl Roads {
    /// The stops of a way, each to be come to and left along the kerb on which its place lies; in
    /// either direction where no way leads so from the stop before and on to the next. Later stops
    /// come first in this. Costs at most two searches a stop.
    pub fn at_kerbs(&self, stops: &[Candidate], driving: Driving) -> Vec<KerbStop> {
        let mut chosen: Vec<KerbStop> = Vec::with_capacity(stops.len());
        for (idx, stop) in stops.iter().enumerate().rev() {
            let before = idx.checked_sub(1).map(|before| &stops[before].snap);
            let after = chosen.last().map(|next| &next.snap);
            chosen.push(self.at_kerb(stop, driving, before, after));
        }
        chosen.reverse();
        chosen
    }

    fn at_kerb(
        &self,
        stop: &Candidate,
        driving: Driving,
        before: Option<&Snap>,
        after: Option<&Snap>,
    ) -> KerbStop {
        let Some(direction) = stop.kerb(driving) else {
            return KerbStop { snap: stop.snap, kerb: Kerb::OnLine };
        };
        let near = stop.snap.driven(direction);
        let is_way = self.may_drive(near.edge, direction)
            && before.is_none_or(|before| self.time(before, &near).is_some())
            && after.is_none_or(|after| self.time(&near, after).is_some());
        if is_way {
            KerbStop { snap: near, kerb: Kerb::Near }
        } else {
            KerbStop { snap: stop.snap, kerb: Kerb::Far }
        }
    }

    /// The side of the road that this city drives on, as its roundabouts show: to the right round
    /// them where one drives on the left. `None` where there is none that bends. Costs a look at
    /// each edge.
    pub fn driving(&self) -> Option<Driving> {
        let round = self.parts().edges.iter().zip(0u32..).filter(|(edge, _)| edge.is_round);
        let bend = |(edge, idx): (&crate::roads::Edge, u32)| {
            let arc = match edge.millis {
                [_, NO_WAY] => 2 * idx,
                [NO_WAY, _] => 2 * idx + 1,
                _ => return 0.0,
            };
            let shape = self.shape(idx);
            degrees_between(Heading::along(shape, arc), Heading::at_end(shape, arc))
        };
        match round.map(bend).sum::<f64>() {
            right if right > 0.0 => Some(Driving::OnLeft),
            right if right < 0.0 => Some(Driving::OnRight),
            _ => None,
        }
    }
}
