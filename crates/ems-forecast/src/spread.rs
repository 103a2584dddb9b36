//! How much forecasts were off, by how far ahead they looked.

/// The variance of errors: noise in proportion to the mean, and a level that wanders off the
/// farther ahead, in proportion to its square.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spread {
    sums: [f64; 5],
    noise: f64,
    wander: f64,
}

/// The lead, days, at which `wander` is the squared share of the mean.
const WANDER_DAYS: f64 = 42.0;

/// What is expected before anything is known, and how many errors that weighs: those of four
/// forecasts of twelve weeks. A level is expected to be off by 2 % six weeks ahead.
const NOISE_PRIOR: f64 = 1.3;
const WANDER_PRIOR: f64 = 0.02 * 0.02;
const PRIOR_WEIGHT: f64 = 336.0;

/// What a drift adds: a level that is off by 2 % six weeks ahead, beside what it was.
const DRIFTING: f64 = 0.02 * 0.02;

impl Spread {
    /// Takes an error of a forecast that looked `lead` days ahead, 0 for the next day.
    pub(crate) fn add(&mut self, mean: f64, count: f64, lead: usize) {
        if mean > 0.0 {
            self.add_weighted((count - mean).powi(2) / mean, mean * ahead(lead), 1.0);
        }
    }

    /// Squares of errors over the mean are fitted as noise + wander · x, by least squares.
    fn add_weighted(&mut self, square: f64, x: f64, weight: f64) {
        let terms = [1.0, x, x * x, square, square * x];
        self.sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
    }

    /// With the two numbers that fit what was taken; neither is negative.
    pub(crate) fn settled(mut self) -> Self {
        let typical = if self.sums[0] > 0.0 { self.sums[1] / self.sums[0] } else { 1.0 };
        for x in [0.5 * typical, 1.5 * typical] {
            self.add_weighted(NOISE_PRIOR + WANDER_PRIOR * x, x, PRIOR_WEIGHT / 2.0);
        }
        let [n, x, xx, y, xy] = self.sums;
        let wander = ((n * xy - x * y) / (n * xx - x * x)).max(0.0);
        let noise = (y - wander * x) / n;
        let is_right = noise > 0.0 && wander.is_finite();
        let (noise, wander) = if is_right { (noise, wander) } else { (0.0, xy / xx) };
        Self { noise, wander, ..self }
    }

    /// With a level that is expected to wander on as it began to.
    pub(crate) fn drifting(self) -> Self {
        Self { wander: self.wander + DRIFTING, ..self }
    }

    /// The variance of a count of that mean, `lead` days ahead.
    pub(crate) fn variance(&self, mean: f64, lead: usize) -> f64 {
        mean * (self.noise + self.wander * mean * ahead(lead))
    }
}

fn ahead(lead: usize) -> f64 {
    f64::from(u32::try_from(lead).unwrap_or(u32::MAX)) / WANDER_DAYS
}
