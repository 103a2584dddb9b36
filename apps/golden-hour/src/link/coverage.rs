//! A map of what networks carry, out of logs of drives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use ems_coverage::{Coverage, CoverageDrive, Grid, Place, Quantity, read_drives};
use serde_json::{Value, json};

use super::trace::unpacked;
use crate::say;

const EXAMPLES: &str = "\
Examples:
  golden-hour link coverage --from us_drives_4networks.csv.xz --out var/coverage
  golden-hour link coverage --from monday.csv --from tuesday.csv --metres 500 --out var/coverage
  golden-hour link coverage --from us_drives_4networks.csv.xz --hold-out

A log has the columns lat, lon and, for each network, NETWORK_kbps or NETWORK_delay_ms; drive where it
holds several, hour (0 to 23) where it is known. Written are coverage.csv, which is read again, and
coverage.geojson, squares with median, low part and count. With --hold-out each drive is foretold
from all others, square by square, and held against what each network does on average.";

/// Which logs, and what to make of them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct CoverageArgs {
    /// A log of drives, or a map made before; may be given again.
    #[arg(long, value_name = "FILE", required = true)]
    from: Vec<PathBuf>,
    /// How high a square is.
    #[arg(long, value_name = "METRES", default_value_t = 250)]
    metres: u32,
    /// Where to write the map.
    #[arg(long, value_name = "DIR", required_unless_present = "hold_out")]
    out: Option<PathBuf>,
    /// Tell how well each drive is foretold from the others.
    #[arg(long)]
    hold_out: bool,
}

impl CoverageArgs {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let grid = Grid::new(self.metres)?;
        let (mut drives, mut map) = (Vec::new(), Coverage::new(grid));
        for path in &self.from {
            read(path, &mut drives, &mut map)?;
        }
        if self.hold_out {
            hold_out(grid, &drives)?;
        }
        for drive in &drives {
            add(&mut map, drive);
        }
        if let Some(out) = &self.out {
            write(out, &map)?;
        }
        Ok(())
    }
}

/// Reads a map that was made before, or a log.
fn read(path: &Path, drives: &mut Vec<CoverageDrive>, map: &mut Coverage) -> anyhow::Result<()> {
    let bytes = unpacked(path)?;
    let shown = || path.display().to_string();
    if bytes.starts_with(b"metres,") {
        let made = Coverage::from_csv(&bytes).with_context(shown)?;
        map.merge(&made).with_context(shown)?;
    } else {
        drives.extend(read_drives(&bytes).with_context(shown)?);
    }
    Ok(())
}

fn add(map: &mut Coverage, drive: &CoverageDrive) {
    drive.readings.iter().for_each(|(network, reading)| map.add(network, reading));
}

fn write(out: &Path, map: &Coverage) -> anyhow::Result<()> {
    std::fs::create_dir_all(out)
        .with_context(|| format!("{} cannot be made: give a folder", out.display()))?;
    let file = |name: &str, text: String| {
        let path = out.join(name);
        std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
    };
    file("coverage.csv", map.to_csv())?;
    file("coverage.geojson", geojson(map).to_string())?;
    let (mut n_readings, mut n_cells) = (0_u64, 0);
    for cell in map.cells() {
        n_readings += u64::from(cell.sketch.n()) + u64::from(cell.sketch.n_at_least());
        n_cells += 1;
    }
    let networks: Vec<&str> = map.networks().collect();
    let shown = out.display();
    say::line(format!(
        "{n_readings} readings of {} in {n_cells} squares of {} m: {shown}/coverage.csv",
        networks.join(", "),
        map.grid().metres(),
    ));
    Ok(())
}

fn geojson(map: &Coverage) -> Value {
    let feature = |cell: ems_coverage::Cell<'_>| {
        let [south, west, north, east] = map.grid().edges(cell.square);
        let ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
        json!({
            "type": "Feature",
            "geometry": { "type": "Polygon", "coordinates": [ring] },
            "properties": {
                "network": cell.network,
                "hour": cell.hour,
                "quantity": cell.quantity.name(),
                "median": cell.sketch.told(0.5).map(|it| it.value),
                "is_at_least": cell.sketch.told(0.5).is_some_and(|it| it.is_at_least),
                "low": cell.sketch.told(0.1).map(|it| it.value),
                "n": cell.sketch.n(),
                "n_at_least": cell.sketch.n_at_least(),
            },
        })
    };
    json!({ "type": "FeatureCollection", "features": map.cells().map(feature).collect::<Vec<_>>() })
}

/// How far the three guesses are from what was read, in parts: the sum of logarithms.
#[derive(Debug, Default, Clone, Copy)]
struct Misses {
    n: u32,
    map: f64,
    mean: f64,
    median: f64,
    map_mbps: f64,
    mean_mbps: f64,
    median_mbps: f64,
}

fn hold_out(grid: Grid, drives: &[CoverageDrive]) -> anyhow::Result<()> {
    if drives.len() < 2 {
        bail!("{} drive: --hold-out wants two at least, named by a column \"drive\"", drives.len());
    }
    let mut misses: BTreeMap<&str, [Misses; 2]> = BTreeMap::new();
    for (idx, held) in drives.iter().enumerate() {
        let others = drives.iter().enumerate().filter(|other| other.0 != idx).map(|it| it.1);
        foretell(grid, held, &others.collect::<Vec<_>>(), &mut misses);
    }
    say::line(
        "mean error in Mbit/s, then the mean factor (x) between foretold and read, both plus 1 Mbit/s",
    );
    say::line(
        "network     where       readings    map     mean    median   map x   mean x  median x",
    );
    for (network, misses) in misses {
        for (misses, place) in misses.iter().zip(["all", "driven before"]) {
            say::line(misses.line(network, place));
        }
    }
    Ok(())
}

impl Misses {
    fn line(&self, network: &str, place: &str) -> String {
        let n = f64::from(self.n.max(1));
        let factor = |sum: f64| (sum / n).exp();
        format!(
            "{network:<12}{place:<14}{:>6}{:>8.1}{:>9.1}{:>9.1}{:>8.2}{:>9.2}{:>9.2}",
            self.n,
            self.map_mbps / n,
            self.mean_mbps / n,
            self.median_mbps / n,
            factor(self.map),
            factor(self.mean),
            factor(self.median),
        )
    }

    fn note(&mut self, read: f64, [map, mean, median]: [f64; 3]) {
        let factor = |told: f64| ((told + 1000.0) / (read + 1000.0)).ln().abs();
        let mbps = |told: f64| (told - read).abs() / 1000.0;
        self.n += 1;
        self.map += factor(map);
        self.mean += factor(mean);
        self.median += factor(median);
        self.map_mbps += mbps(map);
        self.mean_mbps += mbps(mean);
        self.median_mbps += mbps(median);
    }
}

/// Foretells each reading of a drive from the others: all, and those in squares that others drove.
fn foretell<'a>(
    grid: Grid,
    held: &'a CoverageDrive,
    others: &[&'a CoverageDrive],
    misses: &mut BTreeMap<&'a str, [Misses; 2]>,
) {
    let mut map = Coverage::new(grid);
    let mut all: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for drive in others {
        add(&mut map, drive);
        for (network, reading) in &drive.readings {
            if reading.quantity == Quantity::Throughput {
                all.entry(network).or_default().push(reading.value);
            }
        }
    }
    let plain: BTreeMap<&str, [f64; 2]> =
        all.into_iter().map(|(network, values)| (network, mean_and_median(values))).collect();
    for (network, reading) in &held.readings {
        let place = Place { position: reading.position, hour: reading.hour };
        let told = map.predict(network, Quantity::Throughput, &place);
        let (Some(told), Some([mean, median])) = (told, plain.get(network.as_str())) else {
            continue;
        };
        let misses = misses.entry(network).or_default();
        let guesses = [told.median, *mean, *median];
        misses[0].note(reading.value, guesses);
        if told.n_own > 0 {
            misses[1].note(reading.value, guesses);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "readings of a log")]
fn mean_and_median(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    [values.iter().sum::<f64>() / values.len() as f64, values[values.len() / 2]]
}
