//! `golden-hour plan busy`: how busy the units of a plan are.

use anyhow::{Context, bail};
use clap::Args;
use ems_plan::{Atom, Cover, Hypercube, Overflow, Times, UNITS_EXACT_MAX, Workloads};
use serde_json::json;

use super::ground::{Ground, GroundArgs, Table};
use crate::say;

/// How busy units are, and the cover that leaves (hypercube).
#[derive(Debug, Args)]
pub(super) struct BusyArgs {
    #[command(flatten)]
    ground: GroundArgs,
    /// Where the units stand, by the names of sites; a name twice is two units.
    #[arg(long, value_name = "SITE,SITE,...", value_delimiter = ',', required = true)]
    at: Vec<String>,
    /// Calls in an hour, all demand together.
    #[arg(long, value_name = "CALLS")]
    calls_per_hour: f64,
    /// How long a call keeps its unit busy, on average.
    #[arg(long, value_name = "MINUTES")]
    busy_minutes: f64,
    /// Calls that find no unit free go to others; without it, they wait.
    #[arg(long)]
    lost: bool,
    /// Reckon with all states in place of Larson's approximation: up to 14 units.
    #[arg(long)]
    exact: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl BusyArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let ground = self.ground.read()?;
        let Table::Times(times) = &ground.table else {
            bail!("a table of cover has no times: give --demand and --sites, or --times");
        };
        let cover = self.ground.cover(&ground)?;
        let stations = self.stations(&ground)?;
        let atoms = self.atoms(times, &cover, &stations)?;
        let weights: Vec<f64> = atoms.iter().map(|atom| atom.calls_per_hour).collect();
        let overflow = if self.lost { Overflow::Lost } else { Overflow::Waits };
        let system = Hypercube::new(stations.len(), atoms, self.busy_minutes / 60.0, overflow)?;
        let loads = if self.exact { system.exact() } else { system.approximate() };
        let loads = loads.with_context(|| format!("{} units", stations.len()))?;
        let covers: Vec<Vec<bool>> = (0..cover.n_points())
            .map(|point| stations.iter().map(|site| cover.sites_of(point).contains(site)).collect())
            .collect();
        self.tell(&loads, loads.covered_share(&weights, &covers));
        Ok(())
    }

    /// The site of each unit.
    fn stations(&self, ground: &Ground) -> anyhow::Result<Vec<usize>> {
        let site = |name: &String| {
            let found = ground.names.iter().position(|known| known == name.trim());
            found.with_context(|| {
                format!(
                    "--at {name}: no such site: give names of --sites, such as {}",
                    ground.names[0]
                )
            })
        };
        self.at.iter().map(site).collect()
    }

    /// The demand, each point with the units by their drive; where there is no way, last.
    fn atoms(&self, times: &Times, cover: &Cover, stations: &[usize]) -> anyhow::Result<Vec<Atom>> {
        let total = cover.total();
        if total <= 0.0 {
            bail!("no demand has any weight: give weights above 0");
        }
        let atom = |(row, weight): (&Vec<Option<f64>>, &f64)| {
            let far = |unit: &usize| row[stations[*unit]].unwrap_or(f64::INFINITY);
            let mut order: Vec<usize> = (0..stations.len()).collect();
            order.sort_by(|a, b| far(a).total_cmp(&far(b)));
            Atom { calls_per_hour: self.calls_per_hour * weight / total, order }
        };
        Ok(times.rows().iter().zip(cover.weights()).map(atom).collect())
    }

    fn tell(&self, loads: &Workloads, covered: f64) {
        if self.json {
            let unit = |(site, busy)| json!({ "site": site, "busy": busy });
            let units: Vec<_> = self.at.iter().zip(&loads.busy).map(unit).collect();
            say::line(json!({
                "model": if self.exact { "hypercube_exact" } else { "hypercube_approximate" },
                "units": units,
                "covered_share": covered,
                "all_busy_share": loads.overflow,
            }));
            return;
        }
        let how = if self.exact { "exact" } else { "Larson's approximation" };
        say::line(format!(
            "{:.2} % of calls are sent a unit in time at once; {:.2} % come while all are busy ({how})",
            100.0 * covered,
            100.0 * loads.overflow
        ));
        for (site, busy) in self.at.iter().zip(&loads.busy) {
            say::line(format!("  {:5.1} % busy: {site}", 100.0 * busy));
        }
        if !self.exact && loads.busy.len() <= UNITS_EXACT_MAX {
            say::line("  --exact reckons with all states");
        }
    }
}
