//! How good a forecast was.

use crate::predictive::LEVELS;

/// The pinball loss of a quantile at a level, 0..1; the mean of all levels, doubled, is an
/// estimate of the CRPS.
pub fn pinball(level: f64, quantile: f64, actual: f64) -> f64 {
    let over = quantile - actual;
    if over > 0.0 { (1.0 - level) * over } else { -level * over }
}

/// The mean pinball loss over the quantiles that a forecast gives.
pub fn mean_pinball(quantiles: &[f64; 7], actual: f64) -> f64 {
    let losses = LEVELS.iter().zip(quantiles).map(|(&level, &q)| pinball(level, q, actual));
    losses.sum::<f64>() / 7.0
}
