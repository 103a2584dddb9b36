//! How receivers err and drivers drive: the numbers of the hidden Markov model.

use ems_model::Millis;

/// A median of n normal numbers spreads by this times σ / √n, for large n: √(π / 2).
const MEDIAN_SPREAD: f64 = 1.253;

/// The numbers of the matcher's model.
///
/// `sigma_m` and `beta_m` are those of Newson and Krumm, "Hidden Markov map matching through noise
/// and sparseness", ACM SIGSPATIAL GIS 2009, sections 3 and 4; the others are this matcher's own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MatchModel {
    /// The standard deviation of a fix from the road, metres: `σ_z`.
    pub sigma_m: f64,
    /// The mean of |route length − straight line| between two fixes, metres: β.
    pub beta_m: f64,
    /// A road farther from a fix than this is no candidate, metres.
    pub reach_m: f64,
    /// At most so many edges are candidates of one fix, the nearest first.
    pub n_edges_max: usize,
    /// What leaving a fix out costs, in units of −ln p.
    pub skip_cost: f64,
    /// At most so many fixes in a row are left out before the chain breaks.
    pub n_skips_max: u32,
    /// Fixes that span no more than this are one, their median.
    pub window: Millis,
    /// Between fixes farther apart in time the chain breaks.
    pub gap_max: Millis,
    /// Nobody drives faster, km/h.
    pub kmh_max: f64,
}

impl MatchModel {
    /// The model for receivers of a known noise and fixes a known time apart.
    ///
    /// `sigma_m`: 1..=200, the standard deviation in each direction. `interval`: the usual time
    /// between fixes. The rule for β and the other numbers were tuned on synthetic drives over
    /// Malta (`cargo run -p ems-traces --example matching`).
    ///
    /// # Panics
    /// If `sigma_m` is not within 1..=200.
    #[expect(clippy::cast_possible_truncation, reason = "a quarter of 200 fits")]
    pub fn for_noise(sigma_m: f64, interval: Millis) -> Self {
        assert!((1.0..=200.0).contains(&sigma_m), "noise of {sigma_m} m is outside 1..=200 m");
        let secs = interval.as_secs_f64().clamp(1.0, 120.0);
        let window_s = if sigma_m > 5.0 { sigma_m / 4.0 } else { 0.0 };
        let n_fixes = 1.0 + (window_s / secs).floor();
        let sigma_m = sigma_m * (MEDIAN_SPREAD / n_fixes.sqrt()).clamp(0.5, 1.0);
        Self {
            sigma_m,
            beta_m: sigma_m / 2.0 + secs.max(window_s),
            reach_m: (4.0 * sigma_m).max(50.0),
            n_edges_max: 12,
            skip_cost: 8.0,
            n_skips_max: 3,
            window: Millis::from_secs(window_s.round() as i64),
            gap_max: Millis::from_secs(180),
            kmh_max: 180.0,
        }
    }

    /// −ln of the density of a fix so far from its road, without its constant: Newson and Krumm,
    /// section 3.1, p(z|r) ∝ exp(−½ (metres / `σ_z`)²).
    pub(crate) fn emission_cost(&self, metres: f64) -> f64 {
        (metres / self.sigma_m).powi(2) / 2.0
    }

    /// −ln of the density of a route so much longer than the straight line, without its constant:
    /// Newson and Krumm, section 3.2, p(d) ∝ exp(−d / β), d = |route − straight line|.
    pub(crate) fn transition_cost(&self, route_metres: f64, straight_metres: f64) -> f64 {
        (route_metres - straight_metres).abs() / self.beta_m
    }

    /// The longest drive in a time: noise may add to it at both ends.
    pub(crate) fn metres_max(&self, within: Millis) -> f64 {
        within.as_secs_f64() * self.kmh_max / 3.6 + 8.0 * self.sigma_m
    }
}
