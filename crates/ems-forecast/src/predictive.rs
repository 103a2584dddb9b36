//! How far a count may lie from its mean.

/// The shares below each quantile that a forecast gives.
pub const LEVELS: [f64; 7] = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

/// Normal quantiles of [`LEVELS`].
const NORMAL: [f64; 7] = [-1.959_964, -1.281_552, -0.674_490, 0.0, 0.674_490, 1.281_552, 1.959_964];

/// From this mean on, and up to this skewness, the expansion of the distribution is as good.
const EXPANDED_MEAN_MIN: f64 = 30.0;
const EXPANDED_SKEWNESS_MAX: f64 = 0.8;

/// Quantiles at [`LEVELS`] of a negative binomial count, Poisson where `variance` is not above
/// `mean`; in order, none negative.
///
/// Whole numbers by the distribution itself where it is small or skew, which costs as many steps
/// as the largest quantile; else the expansion of Cornish and Fisher, continuous.
pub fn quantiles(mean: f64, variance: f64) -> [f64; 7] {
    if mean <= 0.0 {
        return [0.0; 7];
    }
    let variance = variance.max(mean * (1.0 + 1e-9));
    // Of the negative binomial: (1 + failure) / √(size · failure).
    let skewness = (2.0 * variance / mean - 1.0) / variance.sqrt();
    if mean >= EXPANDED_MEAN_MIN && skewness <= EXPANDED_SKEWNESS_MAX {
        expanded(mean, variance.sqrt(), skewness)
    } else {
        exact(mean, variance)
    }
}

fn exact(mean: f64, variance: f64) -> [f64; 7] {
    // Counts of failures before the size-th success, each trial a failure with this chance.
    let size = mean * mean / (variance - mean);
    let failure = 1.0 - mean / variance;
    let mut chance = (-size * (-failure).ln_1p().abs()).exp();
    let (mut count, mut below) = (0.0, chance);
    LEVELS.map(|level| {
        while below < level && chance > f64::MIN_POSITIVE {
            chance *= failure * (size + count) / (count + 1.0);
            count += 1.0;
            below += chance;
        }
        count
    })
}

fn expanded(mean: f64, sd: f64, skewness: f64) -> [f64; 7] {
    NORMAL.map(|z| (mean + sd * (z + skewness * (z * z - 1.0) / 6.0)).max(0.0))
}
