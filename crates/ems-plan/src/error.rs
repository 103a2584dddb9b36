//! What a question to a model can have wrong with it.

/// A question that has no answer.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum PlanError {
    /// A number outside its range.
    #[error("{what} {value} is outside {allowed}: {remedy}")]
    OutOfRange {
        /// What the number is.
        what: &'static str,
        /// The number.
        value: f64,
        /// The range.
        allowed: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A number for each of something, and the counts differ.
    #[error("{n} {what} for {n_wanted} {of}: give one for each")]
    Uneven {
        /// What there is a wrong number of.
        what: &'static str,
        /// How many there are.
        n: usize,
        /// What there should be one for each of.
        of: &'static str,
        /// How many that is.
        n_wanted: usize,
    },
    /// More is to be placed than the sites hold.
    #[error("{n} to place, and the {n_sites} sites hold {n_max}: place fewer or add sites")]
    NoRoom {
        /// How many are to be placed.
        n: u32,
        /// The number of sites.
        n_sites: usize,
        /// How many they hold.
        n_max: u64,
    },
    /// The stages of a nested plan do not grow.
    #[error("stage {stage} has {n} sites after {before}: each stage has more than the last")]
    StagesShrink {
        /// Which stage, from 1.
        stage: usize,
        /// Its sites.
        n: u32,
        /// The sites of the stage before.
        before: u32,
    },
    /// A demand point that no site reaches, in a model in which all must be reached.
    #[error("demand point {point} is reached from no site: add a site there or leave it out")]
    Unreachable {
        /// Which point, from 1.
        point: usize,
    },
    /// No plan keeps the model's rules.
    #[error("no plan keeps the rules: {remedy}")]
    Infeasible {
        /// What to do.
        remedy: &'static str,
    },
    /// The solver was stopped before it had any plan.
    #[error("no plan yet when the time was up: give more time")]
    NoPlanYet,
    /// Solver and recomputation differ: a bug.
    #[error("the solver claims {claimed}, its plan is worth {recomputed}: report this as a bug")]
    Disagrees {
        /// What the solver says.
        claimed: f64,
        /// What the table says of its plan.
        recomputed: f64,
    },
    /// The approximation did not settle.
    #[error("busy fractions still moved by {moved} after {n} rounds: give less load or more units")]
    Unsettled {
        /// The largest change in the last round.
        moved: f64,
        /// The rounds.
        n: usize,
    },
}
