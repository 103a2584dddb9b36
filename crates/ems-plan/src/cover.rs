//! Which site covers which demand.

use std::collections::BTreeMap;

use crate::PlanError;

/// Demand points with their weights, and the sites that cover each.
#[derive(Debug, Clone, PartialEq)]
pub struct Cover {
    weights: Vec<f64>,
    sites_of: Vec<Vec<usize>>,
    n_sites: usize,
}

/// Demand of one weight that the same sites cover.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) weight: f64,
    pub(crate) sites: Vec<usize>,
}

impl Cover {
    /// A table of `n_sites` sites. `weights`: for each demand point its calls in any one measure,
    /// finite and at least 0. `sites_of`: for each point the sites that cover it, from 0, in any
    /// order.
    ///
    /// # Errors
    /// A weight or a site outside its range; lists of different lengths.
    pub fn new(
        n_sites: usize,
        weights: Vec<f64>,
        mut sites_of: Vec<Vec<usize>>,
    ) -> Result<Self, PlanError> {
        check_weights(&weights)?;
        check_even("lists of sites", sites_of.len(), weights.len())?;
        for sites in &mut sites_of {
            sites.sort_unstable();
            sites.dedup();
            if let Some(&site) = sites.last().filter(|&&site| site >= n_sites) {
                return Err(PlanError::OutOfRange {
                    what: "site",
                    value: as_f64(site),
                    allowed: "the sites of the table",
                    remedy: "count sites from 0",
                });
            }
        }
        Ok(Self { weights, sites_of, n_sites })
    }

    /// The number of sites.
    pub fn n_sites(&self) -> usize {
        self.n_sites
    }

    /// The number of demand points.
    pub fn n_points(&self) -> usize {
        self.weights.len()
    }

    /// The weight of all demand.
    pub fn total(&self) -> f64 {
        self.weights.iter().sum()
    }

    /// The weight of each demand point.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The sites that cover a demand point, ascending.
    pub fn sites_of(&self, point: usize) -> &[usize] {
        &self.sites_of[point]
    }

    /// How many of the units at the sites cover a point. `units`: for each site.
    pub fn units_near(&self, point: usize, units: &[u32]) -> u32 {
        count(&self.sites_of[point], units)
    }

    /// The weight of the demand that at least `n` units cover. `units`: for each site.
    pub fn covered(&self, units: &[u32], n: u32) -> f64 {
        let is_covered = |&point: &usize| self.units_near(point, units) >= n;
        (0..self.n_points()).filter(is_covered).map(|point| self.weights[point]).sum()
    }

    /// Demand grouped by the sites that cover it, and a key of one's own; what none covers is left
    /// out.
    pub(crate) fn groups<K: Ord>(&self, key: impl Fn(usize) -> K) -> Vec<(K, Group)> {
        let mut weights: BTreeMap<(&[usize], K), f64> = BTreeMap::new();
        for (point, &weight) in self.weights.iter().enumerate() {
            if weight > 0.0 && !self.sites_of[point].is_empty() {
                *weights.entry((&self.sites_of[point], key(point))).or_default() += weight;
            }
        }
        let group = |((sites, key), weight): ((&[usize], K), f64)| {
            (key, Group { weight, sites: sites.to_vec() })
        };
        weights.into_iter().map(group).collect()
    }
}

/// The units at some sites.
pub(crate) fn count(sites: &[usize], units: &[u32]) -> u32 {
    sites.iter().map(|&site| units[site]).sum()
}

pub(crate) fn check_weights(weights: &[f64]) -> Result<(), PlanError> {
    match weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0)) {
        None => Ok(()),
        Some(&value) => Err(PlanError::OutOfRange {
            what: "weight",
            value,
            allowed: "0 and more",
            remedy: "give each demand point its calls",
        }),
    }
}

pub(crate) fn check_even(what: &'static str, n: usize, n_wanted: usize) -> Result<(), PlanError> {
    if n == n_wanted {
        return Ok(());
    }
    Err(PlanError::Uneven { what, n, of: "demand points", n_wanted })
}

/// A count as a number to reckon with.
pub(crate) fn as_f64(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}
