//! How far a count may lie from its mean.

/// The shares below each quantile that a forecast gives.
pub const LEVELS: [f64; 7] = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975];

/// Normal quantiles of [`LEVELS`].
const NORMAL: [f64; 7] = [-1.959_964, -1.281_552, -0.674_490, 0.0, 0.674_490, 1.281_552, 1.959_964];

/// Below this mean, quantiles are of the exact distribution; above it, of its expansion.
const EXACT_MEAN_MAX: f64 = 30.0;

/// Quantiles at [`LEVELS`] of a negative binomial count, Poisson where `variance` is not above
/// `mean`; in order, none negative.
///
/// A small mean takes whole numbers by the distribution itself; a large one the expansion of
/// Cornish and Fisher with its skewness, continuous. Costs as many steps as the mean is large, up
/// to a few hundred.
pub fn quantiles(mean: f64, variance: f64) -> [f64; 7] {
    if mean <= 0.0 {
        return [0.0; 7];
    }
    let variance = variance.max(mean * (1.0 + 1e-9));
    if mean < EXACT_MEAN_MAX { exact(mean, variance) } else { expanded(mean, variance) }
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

fn expanded(mean: f64, variance: f64) -> [f64; 7] {
    let sd = variance.sqrt();
    // Skewness of the negative binomial: (1 + failure) / √(size · failure).
    let skewness = (2.0 * variance / mean - 1.0) / sd;
    NORMAL.map(|z| (mean + sd * (z + skewness * (z * z - 1.0) / 6.0)).max(0.0))
}
