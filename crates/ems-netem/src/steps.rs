//! Quantities that stay the same between steps in time.

use ems_model::Micros;

/// A quantity over time: each value holds from its step until the next, the last one for ever.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps<T> {
    /// From when, since the start, and what; the first at 0, each later than the one before.
    steps: Vec<(Micros, T)>,
}

/// Steps that are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepsError {
    /// The first is not at the start.
    #[error("the first step is at {at_us} µs: begin at 0")]
    Start {
        /// Where it is; nothing where there is no step.
        at_us: i64,
    },
    /// One is not later than the one before.
    #[error("step {idx} is at {at_us} µs, the one before at {before_us} µs: put them in order")]
    Order {
        /// Its place, from 0.
        idx: usize,
        /// Its time.
        at_us: i64,
        /// The time before.
        before_us: i64,
    },
}

impl<T: Copy> Steps<T> {
    /// One value for ever.
    pub fn constant(value: T) -> Self {
        Self { steps: vec![(Micros::ZERO, value)] }
    }

    /// Values with the time since the start from which each holds: the first at 0, then rising.
    pub fn new(steps: Vec<(Micros, T)>) -> Result<Self, StepsError> {
        let at_us = steps.first().map_or(i64::MIN, |first| first.0.get());
        if at_us != 0 {
            return Err(StepsError::Start { at_us });
        }
        let wrong = steps.windows(2).position(|pair| pair[1].0 <= pair[0].0);
        if let Some(before) = wrong {
            let [before_us, at_us] = [steps[before].0.get(), steps[before + 1].0.get()];
            return Err(StepsError::Order { idx: before + 1, at_us, before_us });
        }
        Ok(Self { steps })
    }

    /// The value at a time since the start; before it, the first. Cost: logarithmic.
    pub fn at(&self, time: Micros) -> T {
        self.steps[self.idx_at(time)].1
    }

    /// Every step: from when, and what.
    pub fn iter(&self) -> impl Iterator<Item = (Micros, T)> + '_ {
        self.steps.iter().copied()
    }

    /// The place of the step that holds at a time.
    pub(crate) fn idx_at(&self, time: Micros) -> usize {
        self.steps.partition_point(|step| step.0 <= time).saturating_sub(1)
    }

    /// A step by its place.
    pub(crate) fn step(&self, idx: usize) -> Option<(Micros, T)> {
        self.steps.get(idx).copied()
    }

    /// The same with `value` from `from` until `to`, where what held before goes on.
    #[must_use]
    pub fn overlaid(&self, from: Micros, to: Micros, value: T) -> Self {
        let from = from.max(Micros::ZERO);
        if to <= from {
            return self.clone();
        }
        let mut steps: Vec<_> = self.iter().filter(|step| step.0 < from || step.0 > to).collect();
        steps.extend([(from, value), (to, self.at(to))]);
        steps.sort_by_key(|step| step.0);
        Self { steps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn us(micros: i64) -> Micros {
        Micros::new(micros)
    }

    #[test]
    fn a_value_holds_from_its_step_until_the_next() {
        let steps = Steps::new(vec![(us(0), 1), (us(10), 2)]).unwrap();
        for (at, value) in [(-5, 1), (0, 1), (9, 1), (10, 2), (1000, 2)] {
            assert_eq!(steps.at(us(at)), value, "{at}");
        }
    }

    #[test]
    fn an_overlay_ends_with_what_would_have_held() {
        let steps = Steps::new(vec![(us(0), 1), (us(10), 2), (us(20), 3)]).unwrap();
        let overlaid = steps.overlaid(us(5), us(15), 0);
        for (at, value) in [(4, 1), (5, 0), (14, 0), (15, 2), (19, 2), (20, 3)] {
            assert_eq!(overlaid.at(us(at)), value, "{at}");
        }
        assert_eq!(steps.overlaid(us(10), us(20), 9).at(us(20)), 3);
    }

    #[test]
    fn steps_out_of_order_are_refused() {
        assert!(Steps::<u8>::new(vec![]).is_err());
        assert!(Steps::new(vec![(us(1), 1)]).is_err());
        assert!(Steps::new(vec![(us(0), 1), (us(0), 2)]).is_err());
    }
}
