//! How busy each unit is when the nearest free one goes: Larson's hypercube, approximated and
//! exact.

use crate::PlanError;
use crate::cover::as_f64;

/// A place that calls come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Atom {
    /// Calls an hour, finite, at least 0.
    pub calls_per_hour: f64,
    /// All units, from 0, the one that goes first if it is free in front.
    pub order: Vec<usize>,
}

/// What becomes of a call while all units are busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// It waits for the next free unit, first come, first served.
    Waits,
    /// Somebody else's unit takes it.
    Lost,
}

/// Units that are sent by a fixed order of preference, each call to one unit, and are busy for an
/// exponential time of one mean, wherever they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypercube {
    n_units: usize,
    atoms: Vec<Atom>,
    /// Calls in a mean time of service.
    load: f64,
    service_h: f64,
    overflow: Overflow,
}

/// How busy units are.
#[derive(Debug, Clone, PartialEq)]
pub struct Workloads {
    /// The share of time that each unit is busy.
    pub busy: Vec<f64>,
    /// For each atom the share of its calls that each unit is sent to at once.
    pub sent: Vec<Vec<f64>>,
    /// The share of calls that come while all are busy.
    pub overflow: f64,
}

/// The most units whose states are all reckoned with: 2 to that power.
pub const UNITS_EXACT_MAX: usize = 14;
/// Rounds before an iteration counts as unsettled.
const ROUNDS_MAX: usize = 100_000;
/// A round that moves nothing by more than this is the last.
const SETTLED: f64 = 1e-13;

impl Hypercube {
    /// A system. `service_h`: the mean time that a call keeps its unit busy, hours, above 0.
    ///
    /// # Errors
    /// No units, an order that does not name each unit once, a rate or time outside its range; with
    /// [`Overflow::Waits`], as much work as the units can do or more.
    pub fn new(
        n_units: usize,
        atoms: Vec<Atom>,
        service_h: f64,
        overflow: Overflow,
    ) -> Result<Self, PlanError> {
        let out = |what, value, allowed, remedy| {
            Err(PlanError::OutOfRange { what, value, allowed, remedy })
        };
        if n_units == 0 {
            return out("units", 0.0, "1 and more", "place a unit");
        }
        if !(service_h.is_finite() && service_h > 0.0) {
            return out("service time", service_h, "above 0 h", "give the mean time of a call");
        }
        let rates: Vec<f64> = atoms.iter().map(|atom| atom.calls_per_hour).collect();
        crate::cover::check_weights(&rates)?;
        for atom in &atoms {
            check_order(&atom.order, n_units)?;
        }
        let load = rates.iter().sum::<f64>() * service_h;
        if overflow == Overflow::Waits && load >= as_f64(n_units) {
            return out("load", load, "below the number of units", "place more units");
        }
        Ok(Self { n_units, atoms, load, service_h, overflow })
    }

    /// Approximate workloads: Larson's N equations in N unknowns in place of 2^N (Larson 1975;
    /// Larson and Odoni, Urban Operations Research, 5.5). Within 1 to 2 % of the exact ones,
    /// usually.
    ///
    /// # Errors
    /// The iteration did not settle.
    pub fn approximate(&self) -> Result<Workloads, PlanError> {
        let system = Counts::of(self);
        let mean_busy = system.mean_busy;
        let mut busy = vec![mean_busy; self.n_units];
        let mut moved = f64::INFINITY;
        for _ in 0..ROUNDS_MAX {
            let next = self.next_busy(&busy, &system);
            moved = busy.iter().zip(&next).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            busy = next;
            if moved < SETTLED {
                let sent = self.atoms.iter().map(|atom| sent(atom, &busy, &system)).collect();
                return Ok(Workloads { busy, sent, overflow: system.all_busy });
            }
        }
        Err(PlanError::Unsettled { moved, n: ROUNDS_MAX })
    }

    /// One round: what each unit is sent to, given how busy the others are, and all scaled to the
    /// work that there is.
    fn next_busy(&self, busy: &[f64], system: &Counts) -> Vec<f64> {
        let mut rates = vec![0.0; self.n_units];
        for atom in &self.atoms {
            let mut before = 1.0;
            for (rank, &unit) in atom.order.iter().enumerate() {
                rates[unit] += atom.calls_per_hour * self.service_h * system.factors[rank] * before;
                before *= busy[unit];
            }
        }
        let waited = match self.overflow {
            Overflow::Waits => self.load * system.all_busy / as_f64(self.n_units),
            Overflow::Lost => 0.0,
        };
        let next: Vec<f64> = rates.iter().map(|rate| (rate + waited) / (1.0 + rate)).collect();
        let sum: f64 = next.iter().sum();
        let scale = if sum > 0.0 { system.mean_busy * as_f64(self.n_units) / sum } else { 1.0 };
        next.iter().map(|busy| busy * scale).collect()
    }

    /// Exact workloads, from the balance of all 2^N states of which units are busy (Larson 1974).
    ///
    /// # Errors
    /// More than [`UNITS_EXACT_MAX`] units; the iteration did not settle.
    pub fn exact(&self) -> Result<Workloads, PlanError> {
        if self.n_units > UNITS_EXACT_MAX {
            return Err(PlanError::OutOfRange {
                what: "units",
                value: as_f64(self.n_units),
                allowed: "1..=14 for all states",
                remedy: "take the approximation",
            });
        }
        let states = self.states()?;
        let full = states.len() - 1;
        // A queue is a tail behind the full state in which each state is `ratio` of the one before.
        let ratio = self.load / as_f64(self.n_units);
        let tail = match self.overflow {
            Overflow::Waits => states[full] * ratio / (1.0 - ratio),
            Overflow::Lost => 0.0,
        };
        let all = 1.0 + tail;
        let busy_in = |unit: usize| -> f64 {
            let busy = states.iter().enumerate().filter(|(state, _)| state >> unit & 1 == 1);
            busy.map(|(_, share)| share).sum()
        };
        let mut sent = vec![vec![0.0; self.n_units]; self.atoms.len()];
        for (state, share) in states.iter().enumerate() {
            for (atom, sent) in self.atoms.iter().zip(&mut sent) {
                if let Some(unit) = first_free(atom, state) {
                    sent[unit] += share / all;
                }
            }
        }
        Ok(Workloads {
            busy: (0..self.n_units).map(|unit| (busy_in(unit) + tail) / all).collect(),
            sent,
            overflow: (states[full] + tail) / all,
        })
    }

    /// The shares of time of all states without a queue, by Gauss and Seidel's iteration.
    fn states(&self) -> Result<Vec<f64>, PlanError> {
        let n_states = 1_usize << self.n_units;
        let flows = self.flows(n_states);
        let mut share = vec![1.0 / as_f64(n_states); n_states];
        let mut moved = f64::INFINITY;
        for _ in 0..ROUNDS_MAX {
            moved = 0.0;
            for state in 0..n_states {
                let next = self.balance(state, &share, &flows);
                moved = f64::max(moved, (next - share[state]).abs());
                share[state] = next;
            }
            let sum: f64 = share.iter().sum();
            divide(&mut share, sum);
            if moved < SETTLED {
                return Ok(share);
            }
        }
        Err(PlanError::Unsettled { moved, n: ROUNDS_MAX })
    }

    /// For each state the calls that send each unit, in a mean time of service.
    fn flows(&self, n_states: usize) -> Vec<Vec<f64>> {
        let flow = |state: usize| {
            let mut flow = vec![0.0; self.n_units];
            for atom in &self.atoms {
                if let Some(unit) = first_free(atom, state) {
                    flow[unit] += atom.calls_per_hour * self.service_h;
                }
            }
            flow
        };
        (0..n_states).map(flow).collect()
    }

    /// The share of a state that balances what leaves it and what comes to it.
    fn balance(&self, state: usize, share: &[f64], flows: &[Vec<f64>]) -> f64 {
        let mut arriving = 0.0;
        for bit in (0..self.n_units).map(|unit| 1 << unit) {
            let other: usize = state ^ bit;
            let is_busy = state & bit != 0;
            let unit = bit.trailing_zeros() as usize;
            arriving += share[other] * if is_busy { flows[other][unit] } else { 1.0 };
        }
        let is_full = state + 1 == flows.len();
        arriving / (f64::from(state.count_ones()) + if is_full { 0.0 } else { self.load })
    }
}

impl Workloads {
    /// The share of calls that a unit which covers them is sent to at once. `weights`: of the
    /// atoms, as in the system; `covers`: for each atom whether each unit covers it.
    pub fn covered_share(&self, weights: &[f64], covers: &[Vec<bool>]) -> f64 {
        let sent_near = |(sent, covers): (&Vec<f64>, &Vec<bool>)| -> f64 {
            sent.iter().zip(covers).filter(|(_, covers)| **covers).map(|(sent, _)| sent).sum()
        };
        let near = self.sent.iter().zip(covers).map(sent_near);
        let total: f64 = weights.iter().sum();
        let covered: f64 = near.zip(weights).map(|(near, weight)| near * weight).sum();
        if total > 0.0 { covered / total } else { 0.0 }
    }
}

fn divide(shares: &mut [f64], sum: f64) {
    for share in shares {
        *share /= sum;
    }
}

fn check_order(order: &[usize], n_units: usize) -> Result<(), PlanError> {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    if sorted.iter().copied().eq(0..n_units) {
        return Ok(());
    }
    Err(PlanError::Uneven {
        what: "different units in an order",
        n: order.len(),
        of: "units",
        n_wanted: n_units,
    })
}

fn first_free(atom: &Atom, state: usize) -> Option<usize> {
    atom.order.iter().copied().find(|unit| state >> unit & 1 == 0)
}

/// The shares of an atom's calls that each unit is sent to at once.
fn sent(atom: &Atom, busy: &[f64], system: &Counts) -> Vec<f64> {
    let mut sent = vec![0.0; busy.len()];
    let mut before = 1.0;
    for (rank, &unit) in atom.order.iter().enumerate() {
        sent[unit] = system.factors[rank] * before * (1.0 - busy[unit]);
        before *= busy[unit];
    }
    let sum: f64 = sent.iter().sum();
    let scale = if sum > 0.0 { (1.0 - system.all_busy) / sum } else { 0.0 };
    sent.iter().map(|share| share * scale).collect()
}

/// What holds whichever unit goes: how many are busy.
struct Counts {
    /// The share of time that a unit is busy, on average.
    mean_busy: f64,
    /// The share of time that all are.
    all_busy: f64,
    /// Larson's Q(N, rho, j): how much likelier it is than with independent units that the first j
    /// of a random order are busy and the next is free.
    factors: Vec<f64>,
}

impl Counts {
    fn of(system: &Hypercube) -> Self {
        let n = system.n_units;
        let mut shares = vec![1.0];
        for k in 1..=n {
            shares.push(shares[k - 1] * system.load / as_f64(k));
            let sum: f64 = shares.iter().sum();
            divide(&mut shares, sum);
        }
        let ratio = system.load / as_f64(n);
        let tail = match system.overflow {
            Overflow::Waits => shares[n] * ratio / (1.0 - ratio),
            Overflow::Lost => 0.0,
        };
        divide(&mut shares, 1.0 + tail);
        let all_busy = shares[n] + tail / (1.0 + tail);
        let mean_busy = match system.overflow {
            Overflow::Waits => ratio,
            Overflow::Lost => ratio * (1.0 - all_busy),
        };
        let factors = (0..n).map(|rank| factor(&shares, rank, mean_busy)).collect();
        Self { mean_busy, all_busy, factors }
    }
}

/// Q for a rank: over the numbers of busy units, the chance that the first `rank` of a random order
/// are busy and the next is free, against the same with independent units.
fn factor(shares: &[f64], rank: usize, mean_busy: f64) -> f64 {
    let n = shares.len() - 1;
    let mut chance = 0.0;
    for (busy, share) in shares.iter().enumerate().take(n).skip(rank) {
        let first_busy: f64 = (0..rank).map(|i| as_f64(busy - i) / as_f64(n - i)).product();
        chance += share * first_busy * as_f64(n - busy) / as_f64(n - rank);
    }
    let independent = mean_busy.powf(as_f64(rank)) * (1.0 - mean_busy);
    if independent > 0.0 { chance / independent } else { 0.0 }
}
