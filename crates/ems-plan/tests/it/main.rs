//! The models against brute force, published examples and a reference's optima.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test stops at a surprise and says what it saw; it reads files and tells times"
)]

mod brute;
mod busy;
mod examples;
mod limits;
mod reference;

use std::time::Duration;

use ems_plan::{Cover, Effort, Plan, PlanError, Watch};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Asks a model, with all the time in the world.
fn ask<T>(question: impl FnOnce(&mut Effort<'_>) -> Result<T, PlanError>) -> Result<T, PlanError> {
    question(&mut Effort { time: None, watch: &mut |_| Watch::GoOn })
}

/// Asks a model with no time at all.
fn ask_at_once(question: impl FnOnce(&mut Effort<'_>) -> Result<Plan, PlanError>) -> Plan {
    question(&mut Effort { time: Some(Duration::ZERO), watch: &mut |_| Watch::GoOn }).unwrap()
}

/// Demand and sites at random places of a square, and what is near what.
struct Town {
    sites: Vec<(f64, f64)>,
    points: Vec<(f64, f64)>,
    weights: Vec<f64>,
}

impl Town {
    /// Small weights, so that there are ties.
    fn new(seed: u64, n_sites: usize, n_points: usize) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut place = |_| (rng.random::<f64>(), rng.random::<f64>());
        let sites = (0..n_sites).map(&mut place).collect();
        let points = (0..n_points).map(&mut place).collect();
        let weights = (0..n_points).map(|_| f64::from(rng.random_range(0..4_u8))).collect();
        Self { sites, points, weights }
    }

    /// The distance of each site from each point, in whole thousandths of the square.
    fn distances(&self) -> Vec<Vec<f64>> {
        let to = |p: &(f64, f64)| {
            self.sites.iter().map(|s| ((p.0 - s.0).hypot(p.1 - s.1) * 1000.0).round()).collect()
        };
        self.points.iter().map(to).collect()
    }

    fn cover(&self, radius: f64) -> Cover {
        let near = |row: Vec<f64>| (0..row.len()).filter(|&site| row[site] <= radius).collect();
        let sites_of = self.distances().into_iter().map(near).collect();
        Cover::new(self.sites.len(), self.weights.clone(), sites_of).unwrap()
    }
}
