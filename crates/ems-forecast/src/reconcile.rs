//! Makes forecasts of parts and of their sums agree.
//!
//! Base forecasts ŷ become S (Sᵀ W⁻¹ S)⁻¹ Sᵀ W⁻¹ ŷ, where S says which parts a series sums and W is
//! the covariance of base errors (Wickramasuriya, Athanasopoulos and Hyndman, "Optimal forecast
//! reconciliation for hierarchical and grouped time series through trace minimization", JASA
//! 114(526), 2019; quoted from memory).

use nalgebra::{DMatrix, DVector};

use crate::history::{History, Series};

/// What is taken for the covariance of base errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconciliation {
    /// The parts' own forecasts, summed.
    BottomUp,
    /// Equal variances.
    Ols,
    /// Variances in proportion to the number of parts.
    WlsStructural,
    /// The covariance of errors one day ahead, shrunk towards its diagonal; where a series had
    /// none, as [`Reconciliation::BottomUp`].
    MinTrace,
    /// The total's own forecast, parted as the parts' forecasts are (top-down by forecast
    /// proportions).
    Proportions,
}

/// Reconciles base forecasts of one day, all series of a hierarchy in their order.
#[derive(Debug)]
pub(crate) struct Reconciler {
    sums: DMatrix<f64>,
    /// Parts from base forecasts, before they are scaled to the total.
    to_parts: DMatrix<f64>,
    is_scaled: bool,
    /// No part is expected to have fewer.
    floors: Vec<f64>,
}

impl Reconciler {
    /// `errors`: base errors one day ahead, a day an entry, each of all series.
    pub(crate) fn new(by: Reconciliation, known: &History, errors: &[Vec<f64>]) -> Self {
        let (series, n_parts) = (known.series(), known.n_parts());
        let sums = DMatrix::from_fn(series.len(), n_parts, |row, part| {
            f64::from(u8::from(series[row].parts.contains(&part)))
        });
        let to_parts = weights(by, known, errors)
            .and_then(|inverse| least_squares(&sums, &inverse))
            .unwrap_or_else(|| DMatrix::identity(n_parts, series.len()));
        let floors = series[..n_parts].iter().map(floor).collect();
        let is_scaled = by == Reconciliation::Proportions;
        Self { sums, to_parts, is_scaled, floors }
    }

    /// Forecasts that agree, none 0, parts in whole thousandths: their printed sums agree.
    pub(crate) fn reconcile(&self, base: &[f64]) -> Vec<f64> {
        let mut parts = &self.to_parts * DVector::from_column_slice(base);
        for (part, floor) in parts.iter_mut().zip(&self.floors) {
            *part = part.max(*floor);
        }
        let (sum, total) = (parts.sum(), base.last().copied().unwrap_or_default());
        let scale = if self.is_scaled && total > 0.0 { total / sum } else { 1.0 };
        for (part, floor) in parts.iter_mut().zip(&self.floors) {
            *part = ((scale * *part).max(*floor) * 1000.0).round() / 1000.0;
        }
        (&self.sums * parts).iter().copied().collect()
    }
}

/// A tenth of what a part had on a day, and half a call in all: what was seen, or not seen yet, may
/// come.
fn floor(part: &Series) -> f64 {
    let known: Vec<f64> = part.counts.iter().flatten().map(|&count| f64::from(count)).collect();
    let calls: f64 = known.iter().sum();
    ((0.1 * calls + 0.5) / small(known.len().max(1))).max(0.001)
}

/// The inverse of W; none where only the parts count.
fn weights(by: Reconciliation, known: &History, errors: &[Vec<f64>]) -> Option<DMatrix<f64>> {
    let n = known.series().len();
    match by {
        Reconciliation::BottomUp | Reconciliation::Proportions => None,
        Reconciliation::Ols => Some(DMatrix::identity(n, n)),
        Reconciliation::WlsStructural => {
            let n_parts = known.series().iter().map(|series| small(series.parts.len()));
            Some(DMatrix::from_diagonal(&DVector::from_iterator(n, n_parts.map(f64::recip))))
        }
        Reconciliation::MinTrace => Some(shrunk_covariance(errors, n)?.cholesky()?.inverse()),
    }
}

fn least_squares(sums: &DMatrix<f64>, inverse: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let weighted = sums.transpose() * inverse;
    Some((&weighted * sums).cholesky()?.solve(&weighted))
}

/// Covariance of errors, its correlations shrunk towards none by as much as they are uncertain
/// (Schäfer and Strimmer, "A shrinkage approach to large-scale covariance matrix estimation",
/// Statistical Applications in Genetics and Molecular Biology 4(1), 2005; quoted from memory).
fn shrunk_covariance(errors: &[Vec<f64>], n: usize) -> Option<DMatrix<f64>> {
    let n_days = small(errors.len());
    let rms = |at: usize| (errors.iter().map(|day| day[at].powi(2)).sum::<f64>() / n_days).sqrt();
    let scales: Vec<f64> = (0..n).map(rms).collect();
    if errors.len() < 2 || scales.iter().any(|scale| !scale.is_normal()) {
        return None;
    }
    let day = |day: usize, at: usize| errors[day][at] / scales[at];
    let standard = DMatrix::from_fn(errors.len(), n, day);
    let correlation = standard.tr_mul(&standard) / n_days;
    let squares = standard.map(|z| z * z);
    let of_squares = squares.tr_mul(&squares) / n_days;
    let (mut variance, mut signal) = (0.0, 0.0);
    for (row, column) in (0..n).flat_map(|row| (0..row).map(move |column| (row, column))) {
        let squared = correlation[(row, column)].powi(2);
        variance += (of_squares[(row, column)] - squared) / n_days;
        signal += squared;
    }
    let kept = if signal > 0.0 { 1.0 - (variance / signal).clamp(0.0, 1.0) } else { 0.0 };
    Some(DMatrix::from_fn(n, n, |row, column| {
        let share = if row == column { 1.0 } else { kept };
        share * correlation[(row, column)] * scales[row] * scales[column]
    }))
}

#[expect(clippy::cast_precision_loss, reason = "series and days are few")]
fn small(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use ems_model::Date;

    use super::*;

    /// Parts A, B and the total.
    fn two_parts() -> History {
        let part = |name: &str| (vec![name.to_owned()], vec![Some(1)]);
        History::new(Date::from_days(0), vec![part("A"), part("B")], None)
    }

    #[test]
    fn the_gap_between_the_total_and_its_parts_goes_where_errors_are_large() {
        // Errors of A, B and the total with variances 4, 1 and 1, in no way together.
        let signs = [[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]];
        let errors: Vec<Vec<f64>> =
            signs.iter().map(|[a, b, total]| vec![2.0 * a, *b, *total]).collect();
        for (by, want) in [
            (Reconciliation::BottomUp, [10.0, 20.0, 30.0]),
            (Reconciliation::Ols, [12.0, 22.0, 34.0]),
            (Reconciliation::WlsStructural, [11.5, 21.5, 33.0]),
            (Reconciliation::MinTrace, [14.0, 21.0, 35.0]),
            (Reconciliation::Proportions, [12.0, 24.0, 36.0]),
        ] {
            let reconciler = Reconciler::new(by, &two_parts(), &errors);
            assert_eq!(reconciler.reconcile(&[10.0, 20.0, 36.0]), want, "{by:?}");
            assert_eq!(reconciler.reconcile(&[10.0, 20.0, 30.0]), [10.0, 20.0, 30.0], "{by:?}");
        }
    }

    #[test]
    fn without_errors_to_learn_from_parts_are_summed() {
        let reconciler = Reconciler::new(Reconciliation::MinTrace, &two_parts(), &[]);
        assert_eq!(reconciler.reconcile(&[10.0, 20.0, 36.0]), [10.0, 20.0, 30.0]);
        assert_eq!(reconciler.reconcile(&[-1.0, 20.0, 36.0]), [0.6, 20.0, 20.6]);
    }
}
