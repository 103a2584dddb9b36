//! A mixed-integer program, as the solver takes it.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

/// A program that is being written down: maximise, under rows.
pub(crate) struct Program {
    pub(crate) problem: Problem,
    /// The variables that count the units at each place.
    pub(crate) places: Vec<Variable>,
    /// What one of the program's objective is worth in the model's.
    pub(crate) scale: f64,
    /// The model's objective where the program's is 0.
    pub(crate) offset: f64,
}

/// The fewest and the most units at each place.
pub(crate) type Range = (u32, u32);

impl Program {
    /// A program with a count for each place. The solver compares with absolute tolerances:
    /// `scale` should bring a usual coefficient near 1.
    pub(crate) fn new(ranges: &[Range], scale: f64) -> Self {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let signed = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let place =
            |&(least, most): &Range| problem.add_integer_var(0.0, (signed(least), signed(most)));
        let places = ranges.iter().map(place).collect();
        Self { problem, places, scale: if scale > 0.0 { scale } else { 1.0 }, offset: 0.0 }
    }

    /// A share from 0 to 1, worth `worth` of the model's objective.
    pub(crate) fn share(&mut self, worth: f64) -> Variable {
        self.problem.add_var(worth / self.scale, (0.0, 1.0))
    }

    /// Yes or no, worth `worth` of the model's objective.
    pub(crate) fn choice(&mut self, worth: f64) -> Variable {
        self.problem.add_binary_var(worth / self.scale)
    }

    /// `terms` are at most the units at `sites`.
    pub(crate) fn at_most_units(&mut self, terms: &[(Variable, f64)], sites: &[usize]) {
        let units = sites.iter().map(|&site| (self.places[site], -1.0));
        let row: Vec<_> = terms.iter().copied().chain(units).collect();
        self.problem.add_constraint(row, ComparisonOp::Le, 0.0);
    }

    /// Just `n` units stand at the places of `range`.
    pub(crate) fn place_all(&mut self, range: std::ops::Range<usize>, n: u32) {
        let row: Vec<_> = self.places[range].iter().map(|&place| (place, 1.0)).collect();
        self.problem.add_constraint(row, ComparisonOp::Eq, n.into());
    }

    pub(crate) fn at_least(&mut self, row: &[(Variable, f64)], least: f64) {
        self.problem.add_constraint(row, ComparisonOp::Ge, least);
    }
}
