//! From a model to a plan with a bound: branch and bound, in slices that can be watched and
//! stopped.

use std::time::Duration;

use microlp::{Error, ResumeOptions, SolveOptions, SolveOutcome, TerminationReason};

use crate::PlanError;
use crate::model::Model;
use crate::program::{Program, Range};

/// An answer to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The units at each site.
    pub units: Vec<u32>,
    /// What the plan is worth, recomputed from the table.
    pub objective: f64,
    /// No plan is worth more, to one part in a billion: proven by the solver, and equal to the
    /// objective once the search has ended.
    pub bound: f64,
    /// Why the search ended.
    pub ended: Ended,
    /// Which of several equally good plans this is.
    pub ties: Ties,
    /// Nodes of the search whose linear program was solved.
    pub n_nodes: u64,
}

impl Plan {
    /// How far the objective may be from the best, as a share of the bound; 0 where it is proven
    /// best.
    pub fn gap(&self) -> f64 {
        let gap = (self.bound - self.objective).max(0.0);
        if gap > 0.0 { gap / self.bound.abs().max(self.objective.abs()) } else { 0.0 }
    }

    /// The sites with a unit or more, from 0.
    pub fn sites(&self) -> Vec<usize> {
        (0..self.units.len()).filter(|&site| self.units[site] > 0).collect()
    }
}

/// Why a search ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Nothing better is possible.
    Proven,
    /// The time was up.
    TimeUp,
    /// Who watched said stop.
    Stopped,
    /// The solver gave up; what it said.
    GaveUp(String),
}

/// Which of several equally good plans was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ties {
    /// The one whose list of sites, ascending, comes first: more units at the first site, then at
    /// the second, and so on. Equal means to one part in a billion.
    First,
    /// The one that the solver came upon, the same each time: to find the first was not cheap.
    AsFound,
}

/// How far a search has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Nodes whose linear program was solved.
    pub n_nodes: u64,
    /// The best plan's worth, if there is a plan.
    pub objective: Option<f64>,
    /// No plan is worth more.
    pub bound: f64,
}

/// What who watches wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// Search on.
    GoOn,
    /// Stop with what there is.
    Stop,
}

/// What a search may cost, and who watches it.
pub struct Effort<'a> {
    /// Time for the solver; without it there is no limit, and no answer depends on a clock.
    pub time: Option<Duration>,
    /// Is told how far it has come, every 64 nodes.
    pub watch: &'a mut dyn FnMut(Progress) -> Watch,
}

impl std::fmt::Debug for Effort<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Effort").field("time", &self.time).finish_non_exhaustive()
    }
}

/// Nodes between two words to who watches.
const SLICE_NODES: u64 = 64;
/// Ties are settled if the search took no more pivots of the simplex method than this
const TIE_PIVOTS: u64 = 2000;
/// and there are no more places than this.
const TIE_PLACES: usize = 64;
/// Values that differ by less than this share are equal.
const EQUAL: f64 = 1e-9;
/// A claim that differs from the recomputation by more than this share is a bug.
const CLAIM: f64 = 1e-6;

/// Answers a model.
pub(crate) fn solve(model: &dyn Model, effort: &mut Effort<'_>) -> Result<Plan, PlanError> {
    let ranges: Vec<Range> = model.most().into_iter().map(|most| (0, most)).collect();
    let start = model.start();
    let run = Run::of(model, &ranges, start.as_deref(), effort)?;
    let found = run.units.as_deref().and_then(|units| Some((model.value(units)?, units)));
    let started = start.as_deref().and_then(|units| Some((model.value(units)?, units)));
    let best = match (found, started) {
        (Some(found), Some(start)) if start.0 > found.0 => Some(start),
        (found, started) => found.or(started),
    };
    let Some((objective, units)) = best else {
        return Err(match run.ended {
            Ended::Proven if run.units.is_none() => {
                PlanError::Infeasible { remedy: model.remedy() }
            }
            Ended::Proven => PlanError::Disagrees {
                claimed: run.claim.unwrap_or_default(),
                recomputed: f64::NEG_INFINITY,
            },
            _ => PlanError::NoPlanYet,
        });
    };
    run.check(objective)?;
    let bound = match run.ended {
        Ended::Proven => objective,
        _ => run.bound.max(objective),
    };
    let is_cheap = run.n_pivots <= TIE_PIVOTS && ranges.len() <= TIE_PLACES;
    let (units, ties) = (units.to_vec(), Ties::AsFound);
    let plan = Plan { units, objective, bound, ended: run.ended, ties, n_nodes: run.n_nodes };
    Ok(if is_cheap { first_of_equals(model, plan, effort) } else { plan })
}

/// Of equally good plans the first, if there is time to find it.
fn first_of_equals(model: &dyn Model, mut plan: Plan, effort: &mut Effort<'_>) -> Plan {
    let most = model.most();
    if plan.ended != Ended::Proven {
        return plan;
    }
    let mut ranges: Vec<Range> = most.iter().map(|&most| (0, most)).collect();
    for place in 0..most.len() {
        while plan.units[place] < most[place] {
            ranges[place].0 = plan.units[place] + 1;
            match equal_within(model, &ranges, plan.objective, effort) {
                None => return plan,
                Some(mut found) => match found.pop() {
                    Some(units) => plan.units = units,
                    None => break,
                },
            }
        }
        ranges[place] = (plan.units[place], plan.units[place]);
    }
    plan.objective = model.value(&plan.units).unwrap_or(plan.objective);
    plan.bound = plan.bound.max(plan.objective);
    plan.ties = Ties::First;
    plan
}

/// A plan within ranges that is worth as much, if there is one; nothing at all where the search did
/// not end.
fn equal_within(
    model: &dyn Model,
    ranges: &[Range],
    objective: f64,
    effort: &mut Effort<'_>,
) -> Option<Vec<Vec<u32>>> {
    let run = Run::of(model, ranges, None, effort).ok()?;
    let least = objective - EQUAL * objective.abs();
    let is_equal = |units: &Vec<u32>| model.value(units).is_some_and(|value| value >= least);
    (run.ended == Ended::Proven).then(|| run.units.into_iter().filter(is_equal).collect())
}

/// What the solver says.
struct Run {
    /// The best plan it found.
    units: Option<Vec<u32>>,
    /// What it says that is worth.
    claim: Option<f64>,
    bound: f64,
    ended: Ended,
    n_nodes: u64,
    n_pivots: u64,
}

impl Run {
    fn of(
        model: &dyn Model,
        ranges: &[Range],
        start: Option<&[u32]>,
        effort: &mut Effort<'_>,
    ) -> Result<Self, PlanError> {
        let ceiling = model.ceiling();
        if effort.time.is_some_and(|time| time.is_zero()) {
            return Ok(Self::without(ceiling, Ended::TimeUp));
        }
        let program = model.program(ranges);
        let mut options = SolveOptions::default();
        options.time_limit = effort.time;
        options.node_limit = Some(SLICE_NODES);
        options.warm_start = start.map(|units| hint(&program, units));
        let mut outcome = program.problem.solve_with(options);
        loop {
            let ended = match outcome {
                Err(Error::Infeasible) => {
                    let nothing = Self::without(f64::NEG_INFINITY, Ended::Proven);
                    return Ok(Self { claim: Some(f64::NEG_INFINITY), ..nothing });
                }
                Err(error) => return Ok(Self::without(ceiling, Ended::GaveUp(error.to_string()))),
                Ok(ref outcome) => ended(&program, outcome, ceiling, effort),
            };
            let at_hand = outcome.expect("errors have returned");
            let Some(ended) = ended else {
                let mut options = ResumeOptions::default();
                options.time_limit = left(effort, &at_hand);
                options.node_limit = Some(SLICE_NODES);
                outcome = at_hand.resume_with(options);
                continue;
            };
            effort.time = left(effort, &at_hand);
            return Ok(Self::read(&program, &at_hand, ceiling, ended));
        }
    }

    fn without(bound: f64, ended: Ended) -> Self {
        Self { units: None, claim: None, bound, ended, n_nodes: 0, n_pivots: 0 }
    }

    fn read(program: &Program, outcome: &SolveOutcome, ceiling: f64, ended: Ended) -> Self {
        let solution = outcome.solution();
        let count = |value: f64| {
            // The solver keeps counts within their range and near whole numbers.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
            let count = value.round().max(0.0) as u32;
            count
        };
        Self {
            units: solution.map(|found| {
                program.places.iter().map(|&place| count(found.var_value(place))).collect()
            }),
            claim: solution.map(|found| worth(program, found.objective())),
            bound: bound(program, outcome, ceiling),
            ended,
            n_nodes: outcome.stats().nodes_solved,
            n_pivots: outcome.stats().lp_iterations,
        }
    }

    /// That what was claimed to be best is what the table says.
    fn check(&self, recomputed: f64) -> Result<(), PlanError> {
        let Some(claimed) = self.claim.filter(|_| self.ended == Ended::Proven) else {
            return Ok(());
        };
        let differs = (claimed - recomputed).abs() > CLAIM * recomputed.abs().max(1e-6);
        if differs { Err(PlanError::Disagrees { claimed, recomputed }) } else { Ok(()) }
    }
}

fn hint(program: &Program, units: &[u32]) -> Vec<(microlp::Variable, f64)> {
    program.places.iter().zip(units).map(|(&place, &n)| (place, n.into())).collect()
}

fn worth(program: &Program, objective: f64) -> f64 {
    objective * program.scale + program.offset
}

fn bound(program: &Program, outcome: &SolveOutcome, ceiling: f64) -> f64 {
    outcome.stats().best_bound.map_or(ceiling, |bound| worth(program, bound).min(ceiling))
}

/// What is left of the time after all that an outcome took.
fn left(effort: &Effort<'_>, outcome: &SolveOutcome) -> Option<Duration> {
    effort.time.map(|time| time.saturating_sub(outcome.stats().elapsed))
}

/// Why the search ends here, if it does.
fn ended(
    program: &Program,
    outcome: &SolveOutcome,
    ceiling: f64,
    effort: &mut Effort<'_>,
) -> Option<Ended> {
    match outcome.termination_reason() {
        TerminationReason::ProvenOptimal => return Some(Ended::Proven),
        TerminationReason::TimeLimit => return Some(Ended::TimeUp),
        _ => {}
    }
    let progress = Progress {
        n_nodes: outcome.stats().nodes_solved,
        objective: outcome.solution().map(|found| worth(program, found.objective())),
        bound: bound(program, outcome, ceiling),
    };
    let is_up = left(effort, outcome).is_some_and(|left| left.is_zero());
    match (effort.watch)(progress) {
        Watch::Stop => Some(Ended::Stopped),
        Watch::GoOn => is_up.then_some(Ended::TimeUp),
    }
}
