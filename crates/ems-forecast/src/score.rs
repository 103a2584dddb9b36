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

/// The logarithm of the chance that a negative binomial of this mean and variance gives a count,
/// nats; Poisson where the variance is not above the mean. Costs as many steps as the count.
pub fn log_score(mean: f64, variance: f64, count: u32) -> f64 {
    if mean <= 0.0 {
        return if count == 0 { 0.0 } else { f64::NEG_INFINITY };
    }
    let variance = variance.max(mean * (1.0 + 1e-9));
    let size = mean * mean / (variance - mean);
    let failure = 1.0 - mean / variance;
    let none = size * (-failure).ln_1p();
    let step = |at: u32| (failure * (size + f64::from(at)) / (f64::from(at) + 1.0)).ln();
    none + (0..count).map(step).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_of_all_counts_are_one_and_have_the_mean_and_variance() {
        for (mean, variance) in [(0.3, 0.3), (2.0, 5.0), (40.0, 60.0)] {
            let chance = |count| log_score(mean, variance, count).exp();
            let moment =
                |power| (0..400).map(|n| chance(n) * f64::from(n).powi(power)).sum::<f64>();
            assert!((moment(0) - 1.0).abs() < 1e-6, "{mean}");
            assert!((moment(1) - mean).abs() < 1e-5, "{mean}: {}", moment(1));
            assert!((moment(2) - mean * mean - variance).abs() < 1e-3, "{variance}");
        }
        assert!(log_score(0.0, 0.0, 0).abs() < 1e-12);
        assert!(log_score(0.0, 0.0, 1).is_infinite());
    }
}
