//! What the search asks of a model.

use crate::PlanError;
use crate::cover::as_f64;
use crate::program::{Program, Range};

/// A question: how many units at each place, so that something is as large as can be.
pub(crate) trait Model {
    /// The most units at each place.
    fn most(&self) -> Vec<u32>;
    /// What a plan is worth, from the table; nothing where it breaks a rule.
    fn value(&self, units: &[u32]) -> Option<f64>;
    /// Some good plan, found quickly.
    fn start(&self) -> Option<Vec<u32>>;
    /// No plan is worth more.
    fn ceiling(&self) -> f64;
    /// The same question as a program, with units at each place within `ranges`.
    fn program(&self, ranges: &[Range]) -> Program;
    /// What to do if no plan keeps the rules.
    fn remedy(&self) -> &'static str;
}

/// The most units at each of `n_sites` sites, and that `n` of them fit.
pub(crate) fn room(n: u32, n_sites: usize, n_per_site: u32) -> Result<Vec<u32>, PlanError> {
    let n_max = u64::from(n_per_site) * u64::try_from(n_sites).unwrap_or(u64::MAX);
    if u64::from(n) <= n_max {
        return Ok(vec![n_per_site.min(n); n_sites]);
    }
    Err(PlanError::NoRoom { n, n_sites, n_max })
}

/// The mean of some weights, to scale with.
pub(crate) fn mean(weights: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = as_f64(weights.len()).max(1.0);
    weights.sum::<f64>() / n
}
