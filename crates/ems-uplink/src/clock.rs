//! How far the other end's clock is ahead, and how surely that is known.

mod bounds;

use ems_model::{ClockOffset, Micros, Timestamp};

use bounds::{Bounds, Line};

/// So many exchanges in a row that cannot be are a clock that was set.
const N_STRANGE: usize = 3;
/// The grain of timestamps, twice a microsecond each, and what rounding adds.
const GRAIN_US: i64 = 10;

/// A question over one link and its answer, by the clocks of both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// When the question was sent, by this end's clock.
    pub sent_at: Timestamp,
    /// When it came, by the other end's.
    pub came_at: Timestamp,
    /// When the answer was sent, by the other end's.
    pub left_at: Timestamp,
    /// When that came, by this end's.
    pub back_at: Timestamp,
}

/// How much faster the other end's clock goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockDrift {
    /// In millionths: 1 is a microsecond a second.
    pub ppm: f64,
    /// The truth lies within so many millionths of it.
    pub uncertainty_ppm: f64,
}

/// A time of the other end by this end's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerTime {
    /// The time.
    pub at: Timestamp,
    /// The truth lies within this much of it.
    pub uncertainty: Micros,
}

/// Follows the other end's clock over any number of links.
///
/// An exchange has the four timestamps of NTP (RFC 5905, section 8). No packet arrives before it
/// was sent, so `came_at - sent_at` is more than the offset and `left_at - back_at` less, whatever
/// the delays there and back are. Of all links the least of the one and the greatest of the other
/// count, over two minutes, tied by a line whose slope the same bounds confine: a slow exchange
/// says little and does no harm. The uncertainty is half the least way there and the least way
/// back together, so that paths which are not alike are covered.
///
/// Clocks are taken to differ by at most 500 millionths, and that by one more each minute. A clock
/// that is set by more than the uncertainty is told at once, followed after three exchanges, and
/// until then covered. One that is set by less, from a millisecond on, looks as if both ways had
/// changed by as much at once: after three seconds what was before is forgotten. Cost: the
/// pairs of 120 seconds' bounds each second, and their number for each question.
#[derive(Debug, Clone, Default)]
pub struct PeerClock {
    line: Line,
    /// The last exchanges that cannot be.
    strange: Vec<Bounds>,
    n_steps: u32,
}

impl PeerClock {
    /// A clock of which nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes an exchange. One whose times run backwards is passed over.
    pub fn note(&mut self, exchange: &Exchange) {
        let Some(bounds) = Bounds::of(exchange) else { return };
        if self.line.fits(&bounds) {
            self.strange.retain(|strange| strange.meets(&bounds));
            self.line.add(bounds);
            return;
        }
        self.strange.retain(|strange| strange.meets(&bounds));
        self.strange.push(bounds);
        if self.strange.len() >= N_STRANGE {
            self.n_steps += 1;
            self.line = Line::default();
            self.strange.drain(..).for_each(|bounds| self.line.add(bounds));
        }
    }

    /// How far the other end's clock is ahead at `now`; `None` before the first exchange.
    pub fn offset(&self, now: Timestamp) -> Option<ClockOffset> {
        let (mut low, mut high) = self.line.at(now)?;
        for strange in &self.strange {
            low = low.min(strange.low);
            high = high.max(strange.high);
        }
        let ahead = low.midpoint(high);
        let uncertainty = high.saturating_sub(low) / 2 + GRAIN_US;
        Some(ClockOffset { ahead: Micros::new(ahead), uncertainty: Micros::new(uncertainty) })
    }

    /// How much faster the other end's clock goes; `None` before the first exchange.
    pub fn drift(&self) -> Option<ClockDrift> {
        let (low, high) = self.line.slopes()?;
        Some(ClockDrift { ppm: (low + high) * 5e5, uncertainty_ppm: (high - low) * 5e5 })
    }

    /// A time of the other end's clock, by this end's; `None` before the first exchange.
    pub fn by_own(&self, peer: Timestamp, now: Timestamp) -> Option<PeerTime> {
        let near = self.offset(now)?;
        let at = peer - near.ahead;
        let offset = self.offset(at.min(now))?;
        Some(PeerTime { at: peer - offset.ahead, uncertainty: offset.uncertainty })
    }

    /// How often the other end's clock was set by more than its uncertainty.
    pub const fn n_steps(&self) -> u32 {
        self.n_steps
    }
}
