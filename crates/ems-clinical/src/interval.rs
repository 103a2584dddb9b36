//! What a number can still be while something is missing.

/// From the least to the greatest value that a number can have; both are the same once it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The least.
    pub low: f64,
    /// The greatest; infinite where nothing bounds it.
    pub high: f64,
}

impl Interval {
    /// A number that is known.
    pub(crate) fn point(value: f64) -> Self {
        Self { low: value, high: value }
    }

    /// The number, once it is known and finite.
    pub fn value(self) -> Option<f64> {
        (self.high.is_finite() && self.low.total_cmp(&self.high).is_eq()).then_some(self.low)
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }

    /// A negative factor turns the ends round.
    pub(crate) fn times(self, factor: f64) -> Self {
        // Adding 0 makes a negative zero a plain one.
        let (a, b) = (self.low * factor + 0.0, self.high * factor + 0.0);
        Self { low: a.min(b), high: a.max(b) }
    }

    /// The product of numbers that are not negative.
    pub(crate) fn product(self, other: Self) -> Self {
        Self { low: self.low * other.low, high: self.high * other.high }
    }

    /// The quotient of numbers that are not negative; nothing bounds it where the divisor may be 0.
    pub(crate) fn over(self, divisor: Self) -> Self {
        Self { low: self.low / divisor.high, high: self.high / divisor.low }
    }

    /// Both ends through a function that never falls.
    pub(crate) fn map(self, rising: impl Fn(f64) -> f64) -> Self {
        Self { low: rising(self.low), high: rising(self.high) }
    }

    /// The part within limits.
    pub(crate) fn within(self, limits: Self) -> Self {
        self.map(|end| end.clamp(limits.low, limits.high))
    }

    /// The least interval that holds all of them; `None` for none.
    pub(crate) fn hull(all: impl IntoIterator<Item = Self>) -> Option<Self> {
        all.into_iter().reduce(|a, b| Self { low: a.low.min(b.low), high: a.high.max(b.high) })
    }
}
