//! Percentiles, means and histograms of time spans.

use ems_model::Millis;

/// How a set of spans is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// How many spans.
    pub n: u32,
    /// The mean, rounded down to the millisecond.
    pub mean: Millis,
    /// The median, nearest-rank.
    pub p50: Millis,
    /// The 90th percentile, nearest-rank.
    pub p90: Millis,
    /// The 95th percentile, nearest-rank.
    pub p95: Millis,
    /// The longest.
    pub max: Millis,
}

/// Counts of spans by length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    /// The width of a bar.
    pub bin: Millis,
    /// Spans in `i * bin .. (i + 1) * bin`, shortest first, up to the longest that occurred.
    pub counts: Vec<u32>,
    /// Spans beyond 120 bars.
    pub n_over: u32,
}

/// Most bars of a histogram.
const BINS_MAX: usize = 120;

impl Spread {
    /// The spread of spans in ascending order; `None` where there are none.
    pub(crate) fn of(sorted: &[Millis]) -> Option<Self> {
        assert!(sorted.is_sorted(), "percentiles are read by place");
        let n = u32::try_from(sorted.len()).expect("a log holds fewer than 2^32 spans");
        let max = *sorted.last()?;
        let sum: i64 = sorted.iter().map(|span| span.get()).sum();
        Some(Self {
            n,
            mean: Millis::new(sum.div_euclid(i64::from(n))),
            p50: nearest_rank(sorted, 50),
            p90: nearest_rank(sorted, 90),
            p95: nearest_rank(sorted, 95),
            max,
        })
    }
}

/// The span at place `ceil(percent / 100 * n)` of a set that is not empty.
fn nearest_rank(sorted: &[Millis], percent: usize) -> Millis {
    let place = (sorted.len() * percent).div_ceil(100).max(1);
    sorted[place - 1]
}

impl Histogram {
    /// Counts spans of zero or more into bars of `bin`.
    pub(crate) fn of(spans: &[Millis], bin: Millis) -> Self {
        assert!(bin > Millis::ZERO, "the clock file's check refuses a bar without width");
        let mut histogram = Self { bin, counts: Vec::new(), n_over: 0 };
        for span in spans {
            histogram.count(*span);
        }
        histogram
    }

    fn count(&mut self, span: Millis) {
        let bin_idx = usize::try_from(span.get() / self.bin.get()).unwrap_or(0);
        if bin_idx >= BINS_MAX {
            self.n_over += 1;
            return;
        }
        if self.counts.len() <= bin_idx {
            self.counts.resize(bin_idx + 1, 0);
        }
        self.counts[bin_idx] += 1;
    }
}

/// `part` of `whole` as 0..=1; `None` of nothing.
pub(crate) fn share(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(secs: &[i64]) -> Vec<Millis> {
        secs.iter().map(|s| Millis::from_secs(*s)).collect()
    }

    #[test]
    fn a_percentile_is_the_span_at_its_nearest_rank() {
        // Ordered 15, 20, 35, 40, 50: p50 is place 3, p90 and p95 place 5.
        let spread = Spread::of(&secs(&[15, 20, 35, 40, 50])).unwrap();
        assert_eq!(spread.p50, Millis::from_secs(35));
        assert_eq!(spread.p90, Millis::from_secs(50));
        assert_eq!(spread.mean, Millis::from_secs(32));
        let ten = secs(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        let spread = Spread::of(&ten).unwrap();
        assert_eq!(
            [spread.p50, spread.p90, spread.p95, spread.max].map(|span| span.get() / 1000),
            [5, 9, 10, 10]
        );
        assert_eq!(Spread::of(&secs(&[7])).unwrap().p50, Millis::from_secs(7));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn a_bar_holds_its_lower_edge_and_the_rest_is_counted_apart() {
        let spans = secs(&[0, 29, 30, 61, 3_599, 3_600]);
        let histogram = Histogram::of(&spans, Millis::from_secs(30));
        assert_eq!(histogram.counts[..3], [2, 1, 1]);
        assert_eq!((histogram.counts.len(), histogram.n_over), (120, 1));
    }
}
