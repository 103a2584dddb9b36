//! Bounds of an offset over time, and the lines that lie within them.

use std::collections::VecDeque;

use ems_model::Timestamp;

use super::Exchange;

/// Two clocks differ by at most this part.
const DRIFT_MAX: f64 = 500e-6;
/// That difference changes by at most this part each second: one millionth a minute.
const WANDER: f64 = 1e-6 / 60.0;
/// So many seconds with an exchange are remembered.
const N_BUCKETS: usize = 120;
const BUCKET_US: i64 = 1_000_000;
/// So many seconds are held against those before them.
const N_RECENT: usize = 2;
const N_BEFORE: usize = 20;
/// A step that is smaller is not told from the change of a path.
const STEP_US: f64 = 1_000.0;

/// Between what the offset lay, in microseconds, at a time of this end's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) at: i64,
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Bounds {
    /// What an exchange tells. Both ends' clocks may drift while it lasts.
    pub(super) fn of(exchange: &Exchange) -> Option<Self> {
        let Exchange { sent_at, came_at, left_at, back_at } = *exchange;
        if back_at < sent_at || left_at < came_at {
            return None;
        }
        let drifted = back_at.micros_since(sent_at).get() / 2_000 + 1;
        let high = came_at.micros_since(sent_at).get() + drifted;
        let low = left_at.micros_since(back_at).get() - drifted;
        (low <= high).then_some(Self { at: back_at.as_micros(), low, high })
    }

    /// Whether one offset is within both, a few seconds of drift apart.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let apart = seconds(self.at.abs_diff(other.at)) * DRIFT_MAX * 1e6;
        micros(self.low.max(other.low)) <= micros(self.high.min(other.high)) + apart
    }
}

/// The tightest bounds of a second.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    number: i64,
    at_low: i64,
    low: i64,
    at_high: i64,
    high: i64,
}

/// Lines that lie within all bounds.
#[derive(Debug, Clone)]
pub(super) struct Line {
    buckets: VecDeque<Bucket>,
    /// The least and the greatest slope.
    slopes: (f64, f64),
}

impl Default for Line {
    fn default() -> Self {
        Self { buckets: VecDeque::new(), slopes: (-DRIFT_MAX, DRIFT_MAX) }
    }
}

impl Line {
    /// Whether a line may lie within these bounds too.
    pub(super) fn fits(&self, bounds: &Bounds) -> bool {
        let at = Timestamp::from_micros(bounds.at);
        self.at(at).is_none_or(|(low, high)| bounds.low <= high && bounds.high >= low)
    }

    /// Takes bounds. What was before a small step is forgotten.
    pub(super) fn add(&mut self, bounds: Bounds) {
        let Bounds { at, low, high } = bounds;
        let number = at.div_euclid(BUCKET_US);
        if let Some(open) = self.buckets.back_mut().filter(|open| number <= open.number) {
            if low >= open.low {
                (open.low, open.at_low) = (low, at);
            }
            if high <= open.high {
                (open.high, open.at_high) = (high, at);
            }
            return;
        }
        if self.has_stepped() {
            self.buckets.drain(..self.buckets.len() - N_RECENT);
        }
        self.buckets.push_back(Bucket { number, at_low: at, low, at_high: at, high });
        if self.buckets.len() > N_BUCKETS {
            self.buckets.pop_front();
        }
        self.confine();
    }

    /// Between what the offset lies; `None` where nothing is known.
    pub(super) fn at(&self, now: Timestamp) -> Option<(i64, i64)> {
        if self.buckets.is_empty() {
            return None;
        }
        let now = now.as_micros();
        let lows = self.buckets.iter().map(|it| it.low_at(now, self.slopes));
        let highs = self.buckets.iter().map(|it| it.high_at(now, self.slopes));
        let low = lows.fold(f64::NEG_INFINITY, f64::max);
        let high = highs.fold(f64::INFINITY, f64::min);
        // Bounds that cross by rounding or wander are one point.
        #[expect(clippy::cast_possible_truncation, reason = "as far apart as two timestamps")]
        let [low, high] = [low.min(high), high.max(low)].map(|us| us as i64);
        Some((low, high))
    }

    pub(super) fn slopes(&self) -> Option<(f64, f64)> {
        (!self.buckets.is_empty()).then_some(self.slopes)
    }

    /// Finds the slopes that the bounds leave. If they leave none, the older half is forgotten.
    fn confine(&mut self) {
        loop {
            let (low, high) = self.left_slopes();
            if low <= high {
                self.slopes = (low, high);
                return;
            }
            self.buckets.drain(..self.buckets.len().div_ceil(2));
        }
    }

    fn left_slopes(&self) -> (f64, f64) {
        let (mut low, mut high) = (-DRIFT_MAX, DRIFT_MAX);
        for (idx, later) in self.buckets.iter().enumerate() {
            for earlier in self.buckets.range(..idx) {
                high = high.min(slope(later.high - earlier.low, later.at_high - earlier.at_low));
                low = low.max(-slope(earlier.high - later.low, later.at_low - earlier.at_high));
            }
        }
        (low, high)
    }

    /// Whether both bounds have moved the same way of late: a path that changes moves one of them,
    /// or both apart.
    fn has_stepped(&self) -> bool {
        let n = self.buckets.len();
        if n < 2 * N_RECENT {
            return false;
        }
        let now = self.buckets[n - 1].at_high;
        let middle = self.slopes.0.midpoint(self.slopes.1);
        let best = |from: usize, to: usize| {
            let low = self.buckets.range(from..to).map(|it| it.low_at(now, (middle, middle)));
            let high = self.buckets.range(from..to).map(|it| it.high_at(now, (middle, middle)));
            (low.fold(f64::NEG_INFINITY, f64::max), high.fold(f64::INFINITY, f64::min))
        };
        let recent = best(n - N_RECENT, n);
        let before = best((n - N_RECENT).saturating_sub(N_BEFORE), n - N_RECENT);
        let (low, high) = (recent.0 - before.0, recent.1 - before.1);
        let least = low.abs().min(high.abs());
        low.signum().total_cmp(&high.signum()).is_eq() && least > STEP_US
    }
}

impl Bucket {
    fn low_at(&self, now: i64, slopes: (f64, f64)) -> f64 {
        micros(self.low) + carried(now - self.at_low, (slopes.1, slopes.0), -1.0)
    }

    fn high_at(&self, now: i64, slopes: (f64, f64)) -> f64 {
        micros(self.high) + carried(now - self.at_high, slopes, 1.0)
    }
}

/// By how much a bound has moved since: at the slope that loosens it, and with wander.
fn carried(since: i64, (back, forth): (f64, f64), sign: f64) -> f64 {
    let slope = if since < 0 { back } else { forth };
    micros(since) * slope + sign * wander(since)
}

/// What a changing drift may add within a span, in microseconds.
fn wander(span: i64) -> f64 {
    let span_s = micros(span) / 1e6;
    0.5 * WANDER * span_s * span_s * 1e6
}

/// The slope that a rise over a span may have at most.
fn slope(rise: i64, span: i64) -> f64 {
    if span <= 0 { f64::INFINITY } else { (micros(rise) + wander(span)) / micros(span) }
}

#[expect(clippy::cast_precision_loss, reason = "spans stay below 2^52 us, 142 years")]
fn micros(us: i64) -> f64 {
    us as f64
}

#[expect(clippy::cast_precision_loss, reason = "spans stay below 2^52 us, 142 years")]
fn seconds(us: u64) -> f64 {
    us as f64 / 1e6
}
