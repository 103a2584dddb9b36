//! What a plan stands on: sites, demand, and what covers what.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use ems_model::Position;
use ems_plan::{Cover, PatternFile, Times};
use ems_roads::Roads;

use crate::roads::places::{open_roads, read_cells, read_places, snap_places};

/// Where the table of cover comes from.
#[derive(Debug, Args)]
pub(super) struct GroundArgs {
    /// A table of cover: demand,SITE,... and 1 where a site covers.
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["demand", "sites", "times", "minutes"])]
    cover: Option<PathBuf>,
    /// The city pack whose roads are driven; without it, the demo city.
    #[arg(long, value_name = "DIR")]
    city: Option<PathBuf>,
    /// Demand points: columns lat,lon, and weight (calls in any one measure; else each counts 1).
    #[arg(long, value_name = "FILE.csv", requires = "sites")]
    demand: Option<PathBuf>,
    /// Candidate sites: columns lat,lon, and name.
    #[arg(long, value_name = "FILE.csv", requires = "demand")]
    sites: Option<PathBuf>,
    /// Drive times in place of the roads': a row for each site, a column for each demand point,
    /// seconds.
    #[arg(long, value_name = "FILE.csv", requires = "demand", conflicts_with = "city")]
    times: Option<PathBuf>,
    /// What counts as covered: driven in so many minutes.
    #[arg(long, value_name = "MINUTES")]
    minutes: Option<f64>,
}

/// Sites and demand, as far as they are known.
pub(super) struct Ground {
    pub(super) names: Vec<String>,
    pub(super) table: Table,
    pub(super) map: Option<Places>,
}

/// What is known of what covers what.
pub(super) enum Table {
    Cover(Cover),
    /// Seconds.
    Times(Times),
}

/// Where everything is.
pub(super) struct Places {
    pub(super) sites: Vec<Position>,
    pub(super) points: Vec<Position>,
    /// Without them, the map has no streets.
    pub(super) roads: Option<Arc<Roads>>,
}

impl GroundArgs {
    /// Reads the tables, or drives the ways.
    pub(super) fn read(&self) -> anyhow::Result<Ground> {
        match (&self.cover, &self.demand, &self.sites) {
            (Some(file), ..) => from_cover(file),
            (None, Some(demand), Some(sites)) => self.drive_between(demand, sites),
            _ => bail!("nothing to plan with: give --cover, or --demand and --sites"),
        }
    }

    /// Reads both, with what is covered in the time asked for.
    pub(super) fn read_covered(&self) -> anyhow::Result<(Ground, Cover)> {
        let ground = self.read()?;
        let cover = self.cover(&ground)?;
        Ok((ground, cover))
    }

    /// What is covered in the time asked for.
    pub(super) fn cover(&self, ground: &Ground) -> anyhow::Result<Cover> {
        match (&ground.table, self.minutes) {
            (Table::Cover(cover), _) => Ok(cover.clone()),
            (Table::Times(times), Some(minutes)) => within(times, minutes),
            (Table::Times(_), None) => {
                bail!("--minutes is missing: say what counts as covered, such as --minutes 8")
            }
        }
    }

    /// The same for a model that needs no such time: without one, whatever is reached is covered.
    pub(super) fn cover_or_all(&self, ground: &Ground, times: &Times) -> anyhow::Result<Cover> {
        match self.minutes {
            Some(_) => self.cover(ground),
            None => Ok(times.within(f64::INFINITY)),
        }
    }

    fn drive_between(&self, demand: &Path, sites: &Path) -> anyhow::Result<Ground> {
        let at = |path: &Path| -> anyhow::Result<Vec<Position>> {
            Ok(read_places(path)?.into_iter().map(|(_, place)| place).collect())
        };
        let (site_places, points) = (at(sites)?, at(demand)?);
        let weights = weights(demand, points.len())?;
        let (by_site, roads) = if let Some(file) = &self.times {
            (read_times(file, site_places.len(), points.len())?, None)
        } else {
            let roads = open_roads(self.city.as_ref())?;
            (drive(&roads, sites, demand)?, Some(roads))
        };
        let row = |point: usize| by_site.iter().map(|times| times[point]).collect();
        let rows = (0..points.len()).map(row).collect();
        Ok(Ground {
            names: names(sites, site_places.len())?,
            table: Table::Times(Times::new(site_places.len(), weights, rows)?),
            map: Some(Places { sites: site_places, points, roads }),
        })
    }
}

/// What is covered within so many minutes.
pub(super) fn within(times: &Times, minutes: f64) -> anyhow::Result<Cover> {
    if !(minutes.is_finite() && minutes > 0.0) {
        bail!("{minutes} minutes is not above 0: give minutes to drive, such as 8");
    }
    Ok(times.within(minutes * 60.0))
}

pub(super) fn from_cover(file: &Path) -> anyhow::Result<Ground> {
    let shown = file.display();
    let text = fs::read_to_string(file)
        .with_context(|| format!("{shown} cannot be read: give a table of cover"))?;
    let PatternFile { sites, cover } =
        PatternFile::parse(&text).with_context(|| shown.to_string())?;
    Ok(Ground { names: sites, table: Table::Cover(cover), map: None })
}

type Row = Vec<Option<f64>>;

/// The seconds from each site to each demand point.
fn drive(roads: &Roads, sites: &Path, demand: &Path) -> anyhow::Result<Vec<Row>> {
    let matrix = roads.matrix(&snap_places(roads, sites)?, &snap_places(roads, demand)?);
    // Milliseconds of a drive are far below what a float holds exactly.
    #[allow(clippy::cast_precision_loss, reason = "see above")]
    let seconds = |millis: ems_model::Millis| millis.get() as f64 / 1000.0;
    Ok(matrix.into_iter().map(|row| row.into_iter().map(|t| t.map(seconds)).collect()).collect())
}

fn read_times(file: &Path, n_sites: usize, n_points: usize) -> anyhow::Result<Vec<Row>> {
    let shown = file.display();
    let text = fs::read_to_string(file)
        .with_context(|| format!("{shown} cannot be read: give a table of drive times"))?;
    let rows: Vec<Row> = (1..)
        .zip(text.lines())
        .map(|(line, row)| read_row(row, n_points).with_context(|| format!("{shown} line {line}")))
        .collect::<anyhow::Result<_>>()?;
    if rows.len() != n_sites {
        bail!("{shown} has {} rows for {n_sites} sites: give one for each", rows.len());
    }
    Ok(rows)
}

fn read_row(row: &str, n_points: usize) -> anyhow::Result<Row> {
    let cell = |cell: &str| match cell.trim() {
        "" => Ok(None),
        number => number.parse().map(Some).with_context(|| {
            format!("\"{number}\" is no number: give seconds, or nothing where there is no way")
        }),
    };
    let row: Row = row.split(',').map(cell).collect::<anyhow::Result<_>>()?;
    if row.len() != n_points {
        bail!("{} times for {n_points} demand points: give one for each", row.len());
    }
    Ok(row)
}

fn weights(demand: &Path, n: usize) -> anyhow::Result<Vec<f64>> {
    let Some(cells) = read_cells(demand, "weight")? else { return Ok(vec![1.0; n]) };
    numbers(&cells).with_context(|| format!("{}, column weight", demand.display()))
}

/// Cells as numbers.
pub(super) fn numbers(cells: &[String]) -> anyhow::Result<Vec<f64>> {
    let number = |(row, cell): (usize, &String)| {
        cell.parse().with_context(|| format!("row {row}: \"{cell}\" is no number"))
    };
    (1..).zip(cells).map(number).collect()
}

fn names(sites: &Path, n: usize) -> anyhow::Result<Vec<String>> {
    let numbered = || (1..=n).map(|site| format!("site {site}")).collect();
    Ok(read_cells(sites, "name")?.unwrap_or_else(numbered))
}
