//! How long a link takes to answer.

use ems_model::{Micros, Timestamp};

/// What is assumed of a link that has not answered yet.
const UNKNOWN: Micros = Micros::from_millis(100);
/// Clocks and timers are no finer than this.
const GRAIN: Micros = Micros::from_millis(1);
/// How many samples the longest of late is taken over.
const N_LATE: usize = 32;

/// The round trip of a link, smoothed as in RFC 6298, section 2.
#[derive(Debug, Clone)]
pub(crate) struct RoundTrip {
    smoothed: Option<Micros>,
    deviation: Micros,
    late: [Micros; N_LATE],
    n_samples: usize,
}

impl RoundTrip {
    pub(crate) fn new() -> Self {
        Self { smoothed: None, deviation: Micros::ZERO, late: [Micros::ZERO; N_LATE], n_samples: 0 }
    }

    pub(crate) fn note(&mut self, sample: Micros) {
        let sample = sample.max(Micros::ZERO);
        self.late[self.n_samples % N_LATE] = sample;
        self.n_samples += 1;
        let Some(smoothed) = self.smoothed else {
            self.smoothed = Some(sample);
            self.deviation = Micros::new(sample.get() / 2);
            return;
        };
        let off = (sample - smoothed).get();
        self.deviation = Micros::new((3 * self.deviation.get() + off.abs()) / 4);
        self.smoothed = Some(Micros::new(smoothed.get() + off / 8));
    }

    pub(crate) fn is_known(&self) -> bool {
        self.smoothed.is_some()
    }

    pub(crate) fn smoothed(&self) -> Micros {
        self.smoothed.unwrap_or(UNKNOWN)
    }

    /// After how long an answer is later than the round trip explains: the smoothed time and four
    /// deviations (RFC 6298), at least the longest of late and one deviation.
    pub(crate) fn late_after(&self) -> Micros {
        let spread = Micros::new(4 * self.deviation.get()).max(GRAIN);
        let longest = self.late.iter().copied().max().unwrap_or(Micros::ZERO);
        (self.smoothed() + spread).max(longest + self.deviation) + GRAIN
    }

    /// The soonest that it is worth to doubt: half way to late.
    pub(crate) fn doubt_after(&self) -> Micros {
        self.smoothed() + Micros::new(2 * self.deviation.get()).max(GRAIN)
    }
}

/// The least of a quantity over the last 5 to 10 s.
#[derive(Debug, Clone, Default)]
pub(crate) struct Least {
    now: Option<i64>,
    before: Option<i64>,
    since: Option<Timestamp>,
}

const LEAST_SPAN: Micros = Micros::from_millis(5_000);

impl Least {
    /// Notes a value, and gives the least.
    pub(crate) fn note(&mut self, now: Timestamp, value: i64) -> i64 {
        if self.since.is_none_or(|since| now.micros_since(since) > LEAST_SPAN) {
            (self.before, self.now, self.since) = (self.now, None, Some(now));
        }
        let least = self.now.map_or(value, |least| least.min(value));
        self.now = Some(least);
        self.before.map_or(least, |before| before.min(least))
    }
}
