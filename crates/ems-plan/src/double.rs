//! Everywhere in a long time, most in a short one, twice where possible: the double standard model.

use std::collections::BTreeMap;

use crate::PlanError;
use crate::cover::{Cover, count};
use crate::greedy::greedy;
use crate::model::{Model, mean, room};
use crate::program::{Program, Range};
use crate::search::{Effort, Plan, solve};

/// The double standard.
#[derive(Debug, Clone, Copy)]
pub struct DoubleStandard<'a> {
    /// What is covered within the short time.
    pub near: &'a Cover,
    /// What is covered within the long time: the same points and sites.
    pub far: &'a Cover,
    /// The share of demand that must be covered within the short time, 0 to 1.
    pub share: f64,
    /// The most units at a site.
    pub n_per_site: u32,
}

/// The places of `n` units at which all demand is covered within the long time, a share of it
/// within the short one, and as much as can be twice within the short one: the double standard
/// model (Gendreau, Laporte and Semet 1997). The objective is the weight covered twice.
///
/// # Errors
/// A share outside 0 to 1; tables of different points or sites; no plan that keeps both standards.
pub fn double_standard(
    standard: DoubleStandard<'_>,
    n: u32,
    effort: &mut Effort<'_>,
) -> Result<Plan, PlanError> {
    let DoubleStandard { near, far, share, n_per_site } = standard;
    if !(0.0..=1.0).contains(&share) {
        return Err(PlanError::OutOfRange {
            what: "share",
            value: share,
            allowed: "0..=1",
            remedy: "give the share to cover in the short time, such as 0.9",
        });
    }
    check_same(near, far)?;
    let most = room(n, near.n_sites(), n_per_site)?;
    if let Some(point) = (0..far.n_points()).position(|point| far.sites_of(point).is_empty()) {
        return Err(PlanError::Unreachable { point: point + 1 });
    }
    solve(&Double { groups: groups(near, far), least: share * near.total(), n, most }, effort)
}

fn check_same(near: &Cover, far: &Cover) -> Result<(), PlanError> {
    crate::cover::check_even("points covered far", far.n_points(), near.n_points())?;
    if near.n_sites() == far.n_sites() {
        return Ok(());
    }
    Err(PlanError::Uneven {
        what: "sites of the long time",
        n: far.n_sites(),
        of: "sites of the short time",
        n_wanted: near.n_sites(),
    })
}

/// Demand that the same sites cover, near and far.
struct Ring {
    weight: f64,
    near: Vec<usize>,
    far: Vec<usize>,
}

fn groups(near: &Cover, far: &Cover) -> Vec<Ring> {
    let mut weights: BTreeMap<(&[usize], &[usize]), f64> = BTreeMap::new();
    for point in 0..near.n_points() {
        let sites = (near.sites_of(point), far.sites_of(point));
        *weights.entry(sites).or_default() += near.weights()[point];
    }
    let ring = |((near, far), weight): ((&[usize], &[usize]), f64)| Ring {
        weight,
        near: near.to_vec(),
        far: far.to_vec(),
    };
    weights.into_iter().map(ring).collect()
}

struct Double {
    groups: Vec<Ring>,
    /// The weight to cover within the short time.
    least: f64,
    n: u32,
    most: Vec<u32>,
}

impl Double {
    /// The weight covered by `n` units or more within the short time.
    fn covered(&self, units: &[u32], n: u32) -> f64 {
        let is_covered = |ring: &&Ring| count(&ring.near, units) >= n;
        self.groups.iter().filter(is_covered).map(|ring| ring.weight).sum()
    }

    fn total(&self) -> f64 {
        self.groups.iter().map(|ring| ring.weight).sum()
    }

    fn n_beyond(&self, units: &[u32]) -> usize {
        self.groups.iter().filter(|ring| count(&ring.far, units) == 0).count()
    }

    /// First all within the long time, then the share, then twice.
    fn promise(&self, units: &[u32]) -> f64 {
        let total = self.total().max(f64::MIN_POSITIVE);
        let short = (self.least - self.covered(units, 1)).max(0.0) / total;
        let beyond = crate::cover::as_f64(self.n_beyond(units));
        self.covered(units, 2) / total - 10.0 * short - 100.0 * beyond
    }
}

impl Model for Double {
    fn most(&self) -> Vec<u32> {
        self.most.clone()
    }

    fn value(&self, units: &[u32]) -> Option<f64> {
        let is_full = units.iter().sum::<u32>() == self.n;
        let is_far = self.n_beyond(units) == 0;
        let is_near = self.covered(units, 1) >= self.least - 1e-9 * self.total();
        (is_full && is_far && is_near).then(|| self.covered(units, 2))
    }

    fn start(&self) -> Option<Vec<u32>> {
        let units = greedy(&self.most, self.n, &|units| self.promise(units));
        self.value(&units).map(|_| units)
    }

    fn ceiling(&self) -> f64 {
        self.total()
    }

    fn program(&self, ranges: &[Range]) -> Program {
        let mut program = Program::new(ranges, mean(self.groups.iter().map(|g| g.weight)));
        program.place_all(0..ranges.len(), self.n);
        let mut once = Vec::new();
        for ring in &self.groups {
            let far: Vec<_> = ring.far.iter().map(|&site| (program.places[site], 1.0)).collect();
            program.at_least(&far, 1.0);
            let (first, second) = (program.share(0.0), program.choice(ring.weight));
            program.at_most_units(&[(first, 1.0), (second, 1.0)], &ring.near);
            program.at_least(&[(first, 1.0), (second, -1.0)], 0.0);
            once.push((first, ring.weight / program.scale));
        }
        let least = self.least / program.scale;
        program.at_least(&once, least);
        program
    }

    fn remedy(&self) -> &'static str {
        "place more units, or ask for a smaller share or a longer time"
    }
}
