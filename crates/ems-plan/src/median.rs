//! The shortest way on average: the p-median.

use microlp::Variable;

use crate::PlanError;
use crate::cover::{Cover, check_even, check_weights, count};
use crate::greedy::greedy;
use crate::model::{Model, mean, room};
use crate::program::{Program, Range};
use crate::search::{Effort, Ended, Plan, solve};

/// Demand points with their weights, and the time from each site to each.
#[derive(Debug, Clone, PartialEq)]
pub struct Times {
    weights: Vec<f64>,
    rows: Vec<Vec<Option<f64>>>,
    n_sites: usize,
}

impl Times {
    /// A table. `rows`: for each demand point the time from each site, in any one measure, finite
    /// and at least 0, nothing where there is no way.
    ///
    /// # Errors
    /// A weight or time outside its range; lists of different lengths.
    pub fn new(
        n_sites: usize,
        weights: Vec<f64>,
        rows: Vec<Vec<Option<f64>>>,
    ) -> Result<Self, PlanError> {
        check_weights(&weights)?;
        check_even("rows of times", rows.len(), weights.len())?;
        for row in &rows {
            if row.len() != n_sites {
                let (what, n, of) = ("times", row.len(), "sites");
                return Err(PlanError::Uneven { what, n, of, n_wanted: n_sites });
            }
            if let Some(&value) = row.iter().flatten().find(|t| !(t.is_finite() && **t >= 0.0)) {
                return Err(PlanError::OutOfRange {
                    what: "time",
                    value,
                    allowed: "0 and more",
                    remedy: "leave it out where there is no way",
                });
            }
        }
        Ok(Self { weights, rows, n_sites })
    }

    /// The mean time from the nearest of the sites that have a unit, by weight; nothing where some
    /// demand is reached from none of them, or there is no demand.
    pub fn mean_time(&self, units: &[u32]) -> Option<f64> {
        let total: f64 = self.weights.iter().sum();
        (total > 0.0).then(|| self.total_time(units)).flatten().map(|sum| sum / total)
    }

    /// What is covered within a time. Cost: the whole table.
    pub fn within(&self, limit: f64) -> Cover {
        let near = |row: &Vec<Option<f64>>| {
            let is_near = |site: &usize| row[*site].is_some_and(|time| time <= limit);
            (0..self.n_sites).filter(is_near).collect()
        };
        Cover::new(self.n_sites, self.weights.clone(), self.rows.iter().map(near).collect())
            .expect("weights and sites were checked with the times")
    }

    /// The time of each point from each site.
    pub fn rows(&self) -> &[Vec<Option<f64>>] {
        &self.rows
    }

    fn total_time(&self, units: &[u32]) -> Option<f64> {
        let mut total = 0.0;
        for (row, weight) in self.rows.iter().zip(&self.weights).filter(|(_, w)| **w > 0.0) {
            total += weight * nearest(row, units)?;
        }
        Some(total)
    }
}

fn nearest(row: &[Option<f64>], units: &[u32]) -> Option<f64> {
    let open = row.iter().zip(units).filter(|(_, units)| **units > 0);
    open.filter_map(|(time, _)| *time).min_by(f64::total_cmp)
}

/// The `n` sites at which the sum of weight times time from the nearest is smallest: the p-median
/// (Hakimi 1964). The objective is that sum, as a loss: negative, and the bound the same.
///
/// # Errors
/// More sites to choose than there are, or none; demand that no site reaches.
pub fn p_median(times: &Times, n: u32, effort: &mut Effort<'_>) -> Result<Plan, PlanError> {
    let most = room(n, times.n_sites, 1)?;
    let is_cut_off = |(row, weight): (&Vec<Option<f64>>, &f64)| {
        *weight > 0.0 && (n == 0 || row.iter().all(Option::is_none))
    };
    if let Some(point) = times.rows.iter().zip(&times.weights).position(is_cut_off) {
        return Err(PlanError::Unreachable { point: point + 1 });
    }
    let levels = times.rows.iter().map(|row| levels(row, n)).collect();
    let mut median = Median { times, n, most, levels, depths: Vec::new() };
    let start = median.start().unwrap_or_default();
    median.depths = median.levels.iter().map(|levels| depth(levels, &start)).collect();
    loop {
        let plan = solve(&median, effort)?;
        let total = -times.total_time(&plan.units).unwrap_or(f64::INFINITY);
        if plan.ended != Ended::Proven || !median.deepen(&plan.units) {
            return Ok(median.against_start(Plan { objective: total, ..plan }, start));
        }
    }
}

/// Sites at the same time from a point.
type Level = (f64, Vec<usize>);

/// The sites by time from a point, nearest first, as far as a plan of `n` sites could need: one of
/// any `n_sites - n + 1` is open.
fn levels(row: &[Option<f64>], n: u32) -> Vec<Level> {
    let timed = |(site, time): (usize, &Option<f64>)| time.map(|time| (time, site));
    let mut sites: Vec<(f64, usize)> = row.iter().enumerate().filter_map(timed).collect();
    sites.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let n_needed = (row.len() + 1).saturating_sub(n.try_into().unwrap_or(usize::MAX));
    let mut levels: Vec<Level> = Vec::new();
    for (idx, (time, site)) in sites.into_iter().enumerate() {
        match levels.last_mut() {
            Some((at, there)) if at.total_cmp(&time).is_eq() => there.push(site),
            _ if idx >= n_needed => break,
            _ => levels.push((time, vec![site])),
        }
    }
    levels
}

/// The levels up to the first open one, and one more.
fn depth(levels: &[Level], units: &[u32]) -> usize {
    let is_open = |level: &Level| count(&level.1, units) > 0;
    levels.iter().position(is_open).map_or(levels.len(), |at| (at + 2).min(levels.len()))
}

/// The question cut short: a point looks at its nearest levels only, and pays the way to the next
/// one if none of them is open. That is never more than it truly pays; where the best plan pays no
/// less, it is the best plan of the whole question. (The idea of BEAMR: Church 2008, unverified.)
struct Median<'a> {
    times: &'a Times,
    n: u32,
    most: Vec<u32>,
    levels: Vec<Vec<Level>>,
    /// How many levels each point looks at.
    depths: Vec<usize>,
}

impl Median<'_> {
    /// Points with weight: it, the levels that they look at, and the time beyond them, if there is
    /// any.
    fn points(&self) -> impl Iterator<Item = (f64, &[Level], Option<f64>)> {
        let points = self.times.weights.iter().zip(self.levels.iter().zip(&self.depths));
        points.filter(|(weight, _)| **weight > 0.0).map(|(&weight, (levels, &depth))| {
            (weight, &levels[..depth], levels.get(depth).map(|level| level.0))
        })
    }

    /// Lets points that a plan serves from beyond what they look at look on; whether there were
    /// any.
    fn deepen(&mut self, units: &[u32]) -> bool {
        let mut is_deeper = false;
        for (levels, depth_now) in self.levels.iter().zip(&mut self.depths) {
            let needed = depth(levels, units);
            if needed > *depth_now && levels[..*depth_now].iter().all(|l| count(&l.1, units) == 0) {
                *depth_now = needed;
                is_deeper = true;
            }
        }
        is_deeper
    }

    /// The better of a plan and the start, when the search has not ended.
    fn against_start(&self, plan: Plan, start: Vec<u32>) -> Plan {
        let value = self.times.total_time(&start).map(|total| -total);
        let objective =
            value.filter(|value| plan.ended != Ended::Proven && *value > plan.objective);
        match objective {
            Some(objective) => Plan { units: start, objective, ..plan },
            None => plan,
        }
    }

    /// Adds a point to the program: `beyond` is 1 where no site is open up to a level, and costs
    /// the way to the next (Cornuéjols, Nemhauser and Wolsey 1980; as a chain, García, Labbé and
    /// Marín 2011; both unverified).
    fn add_point(program: &mut Program, weight: f64, levels: &[Level], after: Option<f64>) {
        let mut beyond: Option<Variable> = None;
        let ends = levels.iter().skip(1).map(|level| Some(level.0)).chain([after]);
        for ((time, sites), next) in levels.iter().zip(ends) {
            let still = next.map(|next| program.share(-weight * (next - time)));
            let open = sites.iter().map(|&site| program.places[site]).chain(still);
            let mut row: Vec<_> = open.map(|variable| (variable, 1.0)).collect();
            row.extend(beyond.map(|beyond| (beyond, -1.0)));
            program.at_least(&row, if beyond.is_some() { 0.0 } else { 1.0 });
            beyond = still;
        }
    }
}

impl Model for Median<'_> {
    fn most(&self) -> Vec<u32> {
        self.most.clone()
    }

    fn value(&self, units: &[u32]) -> Option<f64> {
        let mut total = 0.0;
        for (weight, levels, after) in self.points() {
            let open = levels.iter().find(|level| count(&level.1, units) > 0);
            total += weight * open.map(|level| level.0).or(after)?;
        }
        (units.iter().sum::<u32>() == self.n).then_some(-total)
    }

    fn start(&self) -> Option<Vec<u32>> {
        let farthest = self.times.rows.iter().flatten().flatten().copied().fold(0.0, f64::max);
        let worth = |units: &[u32]| -> f64 {
            let points = self.times.rows.iter().zip(&self.times.weights);
            let far = 2.0 * farthest + 1.0;
            points.map(|(row, weight)| -weight * nearest(row, units).unwrap_or(far)).sum()
        };
        Some(greedy(&self.most, self.n, &worth))
    }

    fn ceiling(&self) -> f64 {
        self.times.total_time(&vec![1; self.times.n_sites]).map_or(0.0, |total| -total)
    }

    fn program(&self, ranges: &[Range]) -> Program {
        let farthest = |(weight, levels, _): (f64, &[Level], Option<f64>)| {
            weight * levels.last().map_or(0.0, |level| level.0)
        };
        let scale = mean(self.points().map(farthest).collect::<Vec<_>>().into_iter());
        let mut program = Program::new(ranges, scale);
        program.place_all(0..ranges.len(), self.n);
        for (weight, levels, after) in self.points() {
            program.offset -= weight * levels.first().map_or(0.0, |level| level.0);
            Self::add_point(&mut program, weight, levels, after);
        }
        program
    }

    fn remedy(&self) -> &'static str {
        "choose more sites: these cannot reach all demand"
    }
}
