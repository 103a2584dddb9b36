//! What a way ahead will carry.

use ems_model::{Millis, Position};

use crate::coverage::{Coverage, Place, Quantity};
use crate::sketch::Told;

/// What is needed on the way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Need {
    /// At least so much, in kbit/s.
    pub kbps: f64,
    /// The hour of the day, 0 to 23; of all hours where it is left out.
    pub hour: Option<u8>,
}

/// Where one will be when, in order.
pub type Way<'a> = &'a [(Position, Millis)];

/// A way, against what is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ahead {
    /// How long it takes.
    pub whole: Millis,
    /// How long less than what is needed is expected.
    pub lacking: Millis,
    /// How long nobody knows: less was asked of the links there than they may carry.
    pub unknown: Millis,
    /// The first stretch of that: from when, until when.
    pub hole: Option<(Millis, Millis)>,
}

impl Coverage {
    /// How much of a way lacks what is needed, on the best of `networks`; `None` where nothing was
    /// read of any of them. A stretch counts by its start.
    pub fn ahead(&self, networks: &[&str], way: Way<'_>, need: &Need) -> Option<Ahead> {
        let mut ahead = Ahead::default();
        let mut is_open = false;
        for pair in way.windows(2) {
            let ((position, from), (_, to)) = (pair[0], pair[1]);
            let place = Place { position, hour: need.hour };
            let span = to.get() - from.get();
            let longer = |sum: Millis| Millis::new(sum.get() + span);
            ahead.whole = longer(ahead.whole);
            let best = self.best(networks, &place)?;
            let is_below = best.value < need.kbps;
            if is_below && best.is_at_least {
                ahead.unknown = longer(ahead.unknown);
            }
            if is_below && !best.is_at_least {
                ahead.lacking = longer(ahead.lacking);
                match &mut ahead.hole {
                    Some(hole) if is_open => hole.1 = to,
                    Some(_) => {}
                    None => (ahead.hole, is_open) = (Some((from, to)), true),
                }
            } else {
                is_open = false;
            }
        }
        Some(ahead)
    }

    /// The most that one of `networks` is expected to carry, in kbit/s; `None` where nothing was
    /// read of any. Where one is known by a lower bound alone, so is the most.
    pub fn best(&self, networks: &[&str], place: &Place) -> Option<Told> {
        let of = |network: &&str| self.predict(network, Quantity::Throughput, place);
        networks.iter().filter_map(of).fold(None, |best: Option<Told>, it| {
            let best = best.unwrap_or(Told { value: 0.0, is_at_least: false });
            let is_at_least = best.is_at_least || it.is_at_least;
            Some(Told { value: best.value.max(it.median), is_at_least })
        })
    }
}
