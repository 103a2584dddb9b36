//! Cover that counts from the first unit on: MCLP and MEXCLP.

use crate::PlanError;
use crate::cover::{Cover, Group, count};
use crate::greedy::greedy;
use crate::model::{Model, mean, room};
use crate::program::{Program, Range};
use crate::search::{Effort, Plan, solve};

/// The `n` sites, one unit each, that cover the most demand: the maximal covering location problem
/// (Church and `ReVelle` 1974). The objective is the weight covered.
///
/// # Errors
/// More sites to choose than there are.
pub fn mclp(cover: &Cover, n: u32, effort: &mut Effort<'_>) -> Result<Plan, PlanError> {
    let most = room(n, cover.n_sites(), 1)?;
    solve(&Covering { groups: groups(cover), tiers: vec![1.0], n, most }, effort)
}

/// The places of `n` units, any number at a site, at which the expected cover is largest when each
/// unit is busy a share `busy` of the time, independently: MEXCLP (Daskin 1983). See
/// [`expected_cover`].
///
/// # Errors
/// A share outside 0 up to and without 1; no site.
pub fn mexclp(
    cover: &Cover,
    n: u32,
    busy: f64,
    effort: &mut Effort<'_>,
) -> Result<Plan, PlanError> {
    check_busy(busy)?;
    let most = room(n, cover.n_sites(), n)?;
    let tier = |k: u32| (1.0 - busy) * busy.powf(k.into());
    let tiers = (0..n.max(1)).map(tier).collect();
    solve(&Covering { groups: groups(cover), tiers, n, most }, effort)
}

/// The expected weight covered by units that are busy a share `busy` of the time each,
/// independently: the sum over points of weight times `1 - busy^k`, k being the units that cover it
/// (Daskin 1983). `units`: for each site.
pub fn expected_cover(cover: &Cover, units: &[u32], busy: f64) -> f64 {
    let share = |point| 1.0 - busy.powf(cover.units_near(point, units).into());
    cover.weights().iter().enumerate().map(|(point, weight)| weight * share(point)).sum()
}

pub(crate) fn check_busy(busy: f64) -> Result<(), PlanError> {
    if (0.0..1.0).contains(&busy) {
        return Ok(());
    }
    Err(PlanError::OutOfRange {
        what: "busy share",
        value: busy,
        allowed: "0 up to and without 1",
        remedy: "give the share of time a unit is busy, such as 0.3",
    })
}

fn groups(cover: &Cover) -> Vec<Group> {
    cover.groups(|_| ()).into_iter().map(|((), group)| group).collect()
}

struct Covering {
    groups: Vec<Group>,
    /// What the first unit in reach adds, the second, and so on: never more than the one before.
    tiers: Vec<f64>,
    n: u32,
    most: Vec<u32>,
}

/// A tier that adds less than this share of the demand is left out of the program: beside the first
/// it is below what the solver can tell apart.
const TIER_MIN: f64 = 1e-10;

impl Covering {
    /// What `n` units in reach are worth.
    fn worth(&self, n: u32) -> f64 {
        self.tiers.iter().take(n.try_into().unwrap_or(usize::MAX)).sum()
    }

    fn value_of(&self, units: &[u32]) -> f64 {
        let worths: Vec<f64> = (0..=self.n).map(|n| self.worth(n)).collect();
        let worth =
            |group: &Group| worths[usize::try_from(count(&group.sites, units)).unwrap_or(0)];
        self.groups.iter().map(|group| group.weight * worth(group)).sum()
    }
}

impl Model for Covering {
    fn most(&self) -> Vec<u32> {
        self.most.clone()
    }

    fn value(&self, units: &[u32]) -> Option<f64> {
        (units.iter().sum::<u32>() == self.n).then(|| self.value_of(units))
    }

    fn start(&self) -> Option<Vec<u32>> {
        Some(greedy(&self.most, self.n, &|units| self.value_of(units)))
    }

    fn ceiling(&self) -> f64 {
        self.groups.iter().map(|group| group.weight * self.worth(self.n)).sum()
    }

    fn program(&self, ranges: &[Range]) -> Program {
        let mut program = Program::new(ranges, mean(self.groups.iter().map(|g| g.weight)));
        program.place_all(0..ranges.len(), self.n);
        let told: Vec<f64> = self.tiers.iter().copied().filter(|tier| *tier > TIER_MIN).collect();
        for group in &self.groups {
            let shares: Vec<_> =
                told.iter().map(|tier| (program.share(group.weight * tier), 1.0)).collect();
            program.at_most_units(&shares, &group.sites);
        }
        program
    }

    fn remedy(&self) -> &'static str {
        "add sites"
    }
}
