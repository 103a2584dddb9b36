//! Sets a source's sample clock against the shared timeline by when its samples arrived.

use std::collections::VecDeque;

use ems_model::Timestamp;

/// Arrivals are gathered over so long, and the soonest of them kept.
const BUCKET_US: f64 = 1e6;
/// So many are remembered.
const N_BUCKETS: usize = 120;
/// Times are told from so many on.
const N_TOLD: usize = 3;
/// Drift is told from so many on.
const N_DRIFT: usize = 10;
/// Beyond these parts a clock is no quartz: so much of the drift is not believed.
const DRIFT_MAX: f64 = 500e-6;
/// So many buckets in a row so far from where they should be are a clock that was set.
const N_JUMP: usize = 3;
const JUMP_MIN_US: f64 = 30_000.0;
const JUMP_SPREADS: f64 = 8.0;

/// Where a sample stands on the shared timeline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SampleTime {
    /// Microseconds of [`Timestamp`], with its part; later than the truth by the shortest way.
    pub us: f64,
    /// The standard deviation, in microseconds.
    pub sd_us: f64,
}

/// Follows a clock causally: offset, drift, and when it was set.
///
/// Nothing arrives before it was measured, so the soonest arrivals lie on a line and the others
/// above it: of the lines below all of them the one nearest to all is taken (Moon, Skelly and
/// Towsley, INFOCOM 1999; from memory, unverified). The shortest way itself cannot be known from
/// one side. Cost: the remembered buckets each second.
#[derive(Debug, Clone)]
pub struct SourceClock {
    nominal_us: f64,
    /// The first arrival, from which both count.
    origin: Option<(Timestamp, u64)>,
    /// Nominal time and lateness of the soonest arrival.
    open: Option<Soonest>,
    buckets: VecDeque<Soonest>,
    /// The last ones that do not fit.
    strange: Vec<Soonest>,
    line: Line,
    n_jumps: u32,
}

#[derive(Debug, Clone, Copy)]
struct Soonest {
    bucket: i64,
    at: f64,
    late: f64,
}

/// `late = level + slope * (at - middle)`.
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    middle: f64,
    level: f64,
    slope: f64,
    /// How far the soonest arrivals lie above it: the median.
    spread: f64,
    n_points: usize,
    /// The sum of squared distances from the middle.
    reach: f64,
}

impl SourceClock {
    /// Sets up for samples of `hz` by the source's own clock.
    pub fn new(hz: f64) -> Self {
        Self {
            nominal_us: 1e6 / hz,
            origin: None,
            open: None,
            buckets: VecDeque::new(),
            strange: vec![],
            line: Line::default(),
            n_jumps: 0,
        }
    }

    /// Sample number `sample`, counted by the source through gaps, has arrived.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "microseconds and samples of months"
    )]
    pub fn arrived(&mut self, sample: u64, at: Timestamp) {
        let (began, first) = *self.origin.get_or_insert((at, sample));
        let nominal = (sample as f64 - first as f64) * self.nominal_us;
        let late = (at.as_micros() - began.as_micros()) as f64 - nominal;
        let bucket = (nominal / BUCKET_US).floor() as i64;
        let point = Soonest { bucket, at: nominal, late };
        match &mut self.open {
            Some(open) if open.bucket == point.bucket => {
                if point.late < open.late {
                    *open = point;
                }
            }
            open => {
                if let Some(ended) = open.replace(point) {
                    self.end_bucket(ended);
                }
            }
        }
    }

    /// Where a sample stands; `None` before three seconds have ended: two soonest arrivals do not
    /// tell how far others lie from their line.
    #[expect(clippy::cast_precision_loss, reason = "microseconds and samples of months")]
    pub fn time_of(&self, sample: f64) -> Option<SampleTime> {
        let (began, first) = self.origin?;
        let line = (self.line.n_points >= N_TOLD).then_some(self.line)?;
        let nominal = (sample - first as f64) * self.nominal_us;
        let us = began.as_micros() as f64 + nominal + line.at(nominal);
        Some(SampleTime { us, sd_us: line.sd(nominal) })
    }

    /// The sample, with its part, that stands at a time; `None` where [`Self::time_of`] tells none.
    #[expect(clippy::cast_precision_loss, reason = "microseconds and samples of months")]
    pub fn sample_at(&self, us: f64) -> Option<f64> {
        let (began, first) = self.origin?;
        let line = (self.line.n_points >= N_TOLD).then_some(self.line)?;
        let passed = us - began.as_micros() as f64;
        let nominal = (passed - line.level + line.slope * line.middle) / (1.0 + line.slope);
        Some(nominal / self.nominal_us + first as f64)
    }

    /// How much slower than its rate the source samples, as a part: 1e-6 is a microsecond a second.
    /// `None` until it is told.
    pub fn drift(&self) -> Option<f64> {
        (self.line.n_points >= N_DRIFT).then_some(self.line.slope)
    }

    /// How often the clock was set to another time.
    pub const fn n_jumps(&self) -> u32 {
        self.n_jumps
    }

    fn end_bucket(&mut self, point: Soonest) {
        let off = point.late - self.line.at(point.at);
        let limit = JUMP_MIN_US.max(JUMP_SPREADS * self.line.spread);
        if self.line.n_points > 0 && off.abs() > limit {
            self.strange.push(point);
            if self.strange.len() < N_JUMP {
                return;
            }
            self.buckets.clear();
            self.buckets.extend(self.strange.drain(..));
            self.n_jumps += 1;
        } else {
            self.strange.clear();
            self.buckets.push_back(point);
        }
        if self.buckets.len() > N_BUCKETS {
            self.buckets.pop_front();
        }
        let slope = self.line.slope;
        self.line = Line::below(self.buckets.make_contiguous(), slope);
    }
}

impl Line {
    /// The line below all points that is nearest to them; with few points its slope is `slope`.
    #[expect(clippy::cast_precision_loss, reason = "at most 120 points")]
    fn below(points: &[Soonest], slope: f64) -> Self {
        let n = points.len() as f64;
        let middle = points.iter().map(|it| it.at).sum::<f64>() / n;
        let slope = if points.len() < N_DRIFT { slope } else { edge_below(points, middle) };
        let slope = slope.clamp(-DRIFT_MAX, DRIFT_MAX);
        let above = |it: &Soonest| it.late - slope * (it.at - middle);
        let level = points.iter().map(above).fold(f64::INFINITY, f64::min);
        let mut off: Vec<f64> = points.iter().map(|it| above(it) - level).collect();
        off.sort_by(f64::total_cmp);
        let reach = points.iter().map(|it| (it.at - middle).powi(2)).sum();
        Self { middle, level, slope, spread: off[off.len() / 2], n_points: points.len(), reach }
    }

    fn at(&self, nominal: f64) -> f64 {
        self.level + self.slope * (nominal - self.middle)
    }

    /// As of a regression whose points spread so.
    #[expect(clippy::cast_precision_loss, reason = "at most 120 points")]
    fn sd(&self, nominal: f64) -> f64 {
        let far = (nominal - self.middle).powi(2) / self.reach.max(BUCKET_US * BUCKET_US);
        self.spread * (1.0 / self.n_points.max(1) as f64 + far).sqrt()
    }
}

/// The slope of the lower hull's edge above `middle`.
fn edge_below(points: &[Soonest], middle: f64) -> f64 {
    let slope = |a: &Soonest, b: &Soonest| (b.late - a.late) / (b.at - a.at).max(1.0);
    let mut hull: Vec<Soonest> = vec![];
    for point in points {
        while let [.., a, b] = hull[..] {
            if slope(&a, &b) < slope(&b, point) {
                break;
            }
            hull.pop();
        }
        hull.push(*point);
    }
    let edge = hull.windows(2).find(|pair| pair[1].at >= middle);
    edge.map_or(0.0, |pair| slope(&pair[0], &pair[1]))
}
