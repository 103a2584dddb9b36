//! Fleets on real city models through years of drawn calls: calls a second of CPU time, and the
//! peak memory after each year, which must not grow. Skipped, and said so, where the shared data
//! is absent. `bench-sim YEARS` sets the length, 10 years without it; 0 measures decisions alone.

mod decision;

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use cpu_time::ProcessTime;
use ems_dispatch::{ComplianceTable, Dispatch, Dmexclp, MoveBounds, Relocation};
use ems_sim::{
    CallLaws, ConfigError, DrawnCalls, FleetCity, FleetPolicy, NamedFile, Raster, Sending,
    SimConfig, read_cover_patterns, run_fleet,
};

const CITIES: [&str; 2] = ["manhattan", "auckland"];
const DAYS_A_YEAR: f64 = 365.0;

fn main() -> anyhow::Result<()> {
    let years = std::env::args().nth(1).map_or(Ok(10), |years| years.parse::<u32>())?;
    decision::measure()?;
    if years == 0 {
        return Ok(());
    }
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/dispatch"));
    if !root.is_dir() {
        println!("skipped: {} is absent", root.display());
        return Ok(());
    }
    CITIES.into_iter().try_for_each(|city| measure(root, city, years))
}

fn measure(root: &Path, name: &str, years: u32) -> anyhow::Result<()> {
    let folder = root.join("cities").join(name);
    let start = ProcessTime::now();
    let config = SimConfig::parse(&open(&folder, "sim_config.xml")?)?;
    let files = config.city_files(|path| {
        open(&folder, path).map_err(|error| Failure::Open(format!("{error:#}")))
    });
    let city = FleetCity::read(&files.map_err(|error| anyhow::anyhow!("{error:?}"))?)?;
    let took = start.elapsed().as_secs_f64();
    let mib = city.n_label_entries() as f64 * 12.0 / f64::from(1 << 20);
    println!("{name}: read in {took:.2} s of CPU, labels {mib:.0} MiB, peak {}", peak());
    let laws = CallLaws::parse(&open(&folder, "gen_config.xml")?)?;
    let raster = Raster::read(&open(&folder, "population_raster.csv")?)?;
    let patterns = open(&root.join("replay"), &format!("{name}_coverage_patterns.csv"))?;
    let patterns = read_cover_patterns(&patterns, city.n_stations())?;
    let table = ComplianceTable::nested(&patterns, 0.2, city.n_units(), MoveBounds::NONE)?;
    let dmexclp = Dmexclp::new(patterns.into(), 0.5, city.n_units())?;
    for relocation in
        [Relocation::OwnStation, Relocation::Dmexclp(dmexclp), Relocation::Table(table)]
    {
        let policy = FleetPolicy {
            dispatch: Sending::Rule(Dispatch::ClosestUnit),
            relocation,
            exchange: None,
            move_pause_min: 0.0,
        };
        println!("  {}, {years} years", policy.name());
        run(&city, policy, DrawnCalls::new(&laws, &raster, city.priorities().len(), 1), years);
    }
    Ok(())
}

fn run(city: &FleetCity, policy: FleetPolicy, calls: DrawnCalls<'_>, years: u32) {
    let end = f64::from(years) * DAYS_A_YEAR;
    let start = ProcessTime::now();
    let (mut n, mut sum, mut year) = (0u64, 0.0, 0.0);
    let calls = calls.take_while(|call| call.arrival < end);
    run_fleet(city, policy, calls, &mut |answer| {
        n += 1;
        sum += answer.response;
        if answer.call.arrival > year {
            println!("    year {:>3}  peak {}", year / DAYS_A_YEAR, peak());
            year = (year * 2.0).max(DAYS_A_YEAR);
        }
    });
    let secs = start.elapsed().as_secs_f64();
    let (rate, mean) = (n as f64 / secs, sum / n as f64 * 1440.0);
    println!(
        "    {n} calls in {secs:.2} s of CPU: {rate:.0} a second, mean response {mean:.3} min, peak {}",
        peak()
    );
}

/// Why a file of a city is not had.
#[derive(Debug)]
#[expect(dead_code, reason = "shown as a whole")]
enum Failure {
    Open(String),
    Config(ConfigError),
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

fn open(folder: &Path, path: &str) -> anyhow::Result<NamedFile> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let plain: PathBuf = folder.join(name);
    if let Ok(bytes) = std::fs::read(&plain) {
        return Ok(NamedFile::new(name, &bytes));
    }
    let packed = folder.join(format!("{name}.zst"));
    let bytes = std::fs::read(&packed).with_context(|| packed.display().to_string())?;
    let mut text = Vec::new();
    let decoder = ruzstd::decoding::StreamingDecoder::new(bytes.as_slice());
    decoder.map_err(|error| anyhow::anyhow!("{error}"))?.read_to_end(&mut text)?;
    Ok(NamedFile::new(name, &text))
}

fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".into(), |line| line.trim().to_owned())
}
