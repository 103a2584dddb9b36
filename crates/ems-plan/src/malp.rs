//! Cover that counts when enough units are near: MALP I and II.

use crate::PlanError;
use crate::cover::{Cover, Group, check_even, count};
use crate::covering::check_busy;
use crate::greedy::greedy;
use crate::model::{Model, mean, room};
use crate::program::{Program, Range};
use crate::search::{Effort, Plan, solve};

/// The places of `n` units at which the most demand has as many units in reach as it needs: the
/// maximum availability location problem (`ReVelle` and Hogan 1989). `needs`: for each demand
/// point, from [`busy_share_needs`] (MALP I) or [`load_needs`] (MALP II). The objective is the
/// weight of the demand whose need is met.
///
/// # Errors
/// Not one need for each point; no site.
pub fn malp(
    cover: &Cover,
    n: u32,
    needs: &[u32],
    effort: &mut Effort<'_>,
) -> Result<Plan, PlanError> {
    check_even("needs", needs.len(), cover.n_points())?;
    let most = room(n, cover.n_sites(), n)?;
    let groups = cover.groups(|point| needs[point]);
    let groups = groups.into_iter().filter(|(need, _)| *need <= n).collect();
    solve(&Availability { groups, n, most }, effort)
}

/// MALP I: the smallest b at which one of b units is free with probability `reliability`, each
/// being busy a share `busy` of the time: `1 - busy^b >= reliability`.
///
/// # Errors
/// A share or reliability outside its range.
pub fn busy_share_needs(busy: f64, reliability: f64) -> Result<u32, PlanError> {
    check_busy(busy)?;
    check_reliability(reliability)?;
    Ok(smallest(|b| busy.powf(b), reliability))
}

/// MALP II: the smallest b at which b units that share a load are free with probability
/// `reliability`: `1 - (load / b)^b >= reliability`. `load`: the work that arises around the point,
/// in units kept busy (calls an hour times hours a call).
///
/// # Errors
/// A load or reliability outside its range.
pub fn load_needs(load: f64, reliability: f64) -> Result<u32, PlanError> {
    check_reliability(reliability)?;
    if !(0.0..=LOAD_MAX).contains(&load) {
        return Err(PlanError::OutOfRange {
            what: "local load",
            value: load,
            allowed: "0..=10000 units kept busy",
            remedy: "multiply calls an hour by hours a call",
        });
    }
    Ok(smallest(|b| (load / b).powf(b), reliability))
}

/// The largest load around a point, in units kept busy.
const LOAD_MAX: f64 = 10_000.0;

/// The fewest units that are all busy with a probability small enough. It ends: both formulas fall
/// below any limit, MALP II at the latest where b is a few times the load.
fn smallest(all_busy: impl Fn(f64) -> f64, reliability: f64) -> u32 {
    // A decimal such as 0.9 is not exact in binary: 1 - 0.1 must count as 0.9.
    let is_enough = |b: &u32| 1.0 - all_busy(f64::from(*b)) >= reliability - 1e-12;
    (1..=u32::MAX).find(is_enough).unwrap_or(u32::MAX)
}

fn check_reliability(reliability: f64) -> Result<(), PlanError> {
    if (0.0..1.0).contains(&reliability) {
        return Ok(());
    }
    Err(PlanError::OutOfRange {
        what: "reliability",
        value: reliability,
        allowed: "0 up to and without 1",
        remedy: "give a probability, such as 0.9",
    })
}

struct Availability {
    /// Demand with what it needs.
    groups: Vec<(u32, Group)>,
    n: u32,
    most: Vec<u32>,
}

impl Availability {
    fn met(&self, units: &[u32]) -> f64 {
        let is_met = |(need, group): &&(u32, Group)| count(&group.sites, units) >= *need;
        self.groups.iter().filter(is_met).map(|(_, group)| group.weight).sum()
    }

    /// As much as is met, and a little for what is nearly met, for the greedy start to climb.
    fn promise(&self, units: &[u32]) -> f64 {
        let worth = |(need, group): &(u32, Group)| {
            let share =
                f64::from(count(&group.sites, units).min(*need)) / f64::from(*need).max(1.0);
            group.weight * if share < 1.0 { 0.1 * share } else { 1.0 }
        };
        self.groups.iter().map(worth).sum()
    }
}

impl Model for Availability {
    fn most(&self) -> Vec<u32> {
        self.most.clone()
    }

    fn value(&self, units: &[u32]) -> Option<f64> {
        (units.iter().sum::<u32>() == self.n).then(|| self.met(units))
    }

    fn start(&self) -> Option<Vec<u32>> {
        Some(greedy(&self.most, self.n, &|units| self.promise(units)))
    }

    fn ceiling(&self) -> f64 {
        self.groups.iter().map(|(_, group)| group.weight).sum()
    }

    fn program(&self, ranges: &[Range]) -> Program {
        let mut program = Program::new(ranges, mean(self.groups.iter().map(|g| g.1.weight)));
        program.place_all(0..ranges.len(), self.n);
        for (need, group) in &self.groups {
            let is_met = program.choice(group.weight);
            program.at_most_units(&[(is_met, (*need).into())], &group.sites);
        }
        program
    }

    fn remedy(&self) -> &'static str {
        "add sites"
    }
}
