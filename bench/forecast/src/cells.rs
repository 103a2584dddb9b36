//! Where calls come from: Rio and Friuli, one half learnt from, the other scored.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use ems_forecast::{Calls, Intensity, Smoothing};
use ems_model::{HOURS_A_WEEK, Millis, Position, Timestamp};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::data;

const WEEK_MINS: i64 = 168 * 60;
const SEED: u64 = 5;
/// Weeks of Rio's samples.
const N_WEEKS: i64 = 104;

/// Calls as (cell, minutes since the first Monday).
struct Service {
    cells: Vec<Position>,
    calls: Vec<(usize, i64)>,
    n_weeks: i64,
}

/// 1970-01-05 was a Monday.
fn at(mins: i64) -> Timestamp {
    Timestamp::from_millis(4 * 86_400_000) + Millis::from_mins(mins)
}

impl Service {
    fn watched(&self, from_week: i64, to_week: i64) -> Result<Calls> {
        let span = [from_week, to_week].map(|week| at(week * WEEK_MINS));
        let mut calls = Calls::watched(self.cells.clone(), span[0], span[1], 0);
        for &(cell, mins) in self.within(from_week, to_week) {
            calls.add(cell, at(mins))?;
        }
        Ok(calls)
    }

    fn within(&self, from_week: i64, to_week: i64) -> impl Iterator<Item = &(usize, i64)> {
        self.calls
            .iter()
            .filter(move |(_, mins)| (from_week..to_week).contains(&(mins / WEEK_MINS)))
    }

    /// Calls by cell and hour of the week.
    fn counts(&self, from_week: i64, to_week: i64) -> Vec<[f64; HOURS_A_WEEK]> {
        let mut counts = vec![[0.0; HOURS_A_WEEK]; self.cells.len()];
        for &(cell, mins) in self.within(from_week, to_week) {
            counts[cell][hour(mins)] += 1.0;
        }
        counts
    }
}

fn hour(mins: i64) -> usize {
    usize::try_from(mins.rem_euclid(WEEK_MINS) / 60).expect("below 168")
}

/// Poisson's log score per call, nats, of means an hour: of each cell and hour of the week over so
/// many weeks (what does not depend on the mean is left out).
fn log_score(
    counts: &[[f64; HOURS_A_WEEK]],
    n_weeks: i64,
    mean: impl Fn(usize, usize) -> f64,
) -> f64 {
    let (mut sum, mut n_calls) = (0.0, 0.0);
    for (cell, week) in counts.iter().enumerate() {
        for (hour, &count) in week.iter().enumerate() {
            let mean = mean(cell, hour);
            sum += count * mean.max(1e-12).ln() - n_weeks as f64 * mean;
            n_calls += count;
        }
    }
    sum / n_calls
}

pub(crate) fn run() -> Result<()> {
    println!("\nlog score a call, nats, over later weeks; more is better");
    println!(
        "| service | cells | calls a week | cell, any hour | cell and hour, plus half a call | cell x all hours | ours |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (name, service, split) in [
        ("Friuli, municipalities", friuli(None)?, 20),
        ("Friuli, 5 km", friuli(Some(5.0))?, 20),
        ("Rio, hexagons", rio("hex")?, 52),
        ("Rio, small hexagons", rio("hex_8")?, 52),
        ("Rio, 15 x 15", rio("rect_15x15")?, 52),
    ] {
        tune(name, &service, split)?;
        row(name, &service, split)?;
    }
    Ok(())
}

fn row(name: &str, service: &Service, split: i64) -> Result<()> {
    let (learnt, scored) = (service.counts(0, split), service.counts(split, service.n_weeks));
    let n_weeks = service.n_weeks - split;
    let weeks = split as f64;
    let of_cell: Vec<f64> = learnt.iter().map(|week| week.iter().sum::<f64>() + 0.5).collect();
    let all: f64 = of_cell.iter().sum();
    let of_hour: Vec<f64> =
        (0..HOURS_A_WEEK).map(|hour| learnt.iter().map(|week| week[hour]).sum::<f64>()).collect();
    let even = log_score(&scored, n_weeks, |cell, _| of_cell[cell] / weeks / 168.0);
    let plain = log_score(&scored, n_weeks, |cell, hour| (learnt[cell][hour] + 0.5) / weeks);
    let product =
        log_score(&scored, n_weeks, |cell, hour| of_cell[cell] / all * of_hour[hour] / weeks);
    let ours = ours(service, 0, split, service.n_weeks, &Smoothing::default())?;
    let a_week = service.calls.len() as f64 / service.n_weeks as f64;
    let n_cells = service.cells.len();
    println!(
        "| {name} | {n_cells} | {a_week:.0} | {even:.4} | {plain:.4} | {product:.4} | {ours:.4} |"
    );
    Ok(())
}

fn ours(service: &Service, from: i64, split: i64, to: i64, smoothing: &Smoothing) -> Result<f64> {
    let intensity = Intensity::learn(&service.watched(from, split)?, smoothing);
    let mean = |cell, hour: usize| {
        let start = hour as i64 * 60;
        intensity.mean(cell, at(start), at(start + 60)).expect("a cell of the service")
    };
    Ok(log_score(&service.counts(split, to), to - split, mean))
}

/// How the settings score inside the weeks that are learnt from.
fn tune(name: &str, service: &Service, split: i64) -> Result<()> {
    if std::env::var_os("GH_TUNE").is_none() {
        return Ok(());
    }
    let chosen = Smoothing::default();
    let mut tried = vec![chosen];
    tried.extend([0.5, 0.7, 1.5, 2.0].map(|hours| Smoothing { hours, ..chosen }));
    tried.extend([0.5, 0.7, 1.5, 2.0, 3.0, 5.0].map(|radius_km| Smoothing { radius_km, ..chosen }));
    tried.extend(
        [0.1, 0.2, 1.0, 2.0, 4.0].map(|neighbour_calls| Smoothing { neighbour_calls, ..chosen }),
    );
    tried.extend(
        [10.0, 20.0, 60.0, 100.0, 200.0].map(|hour_calls| Smoothing { hour_calls, ..chosen }),
    );
    for smoothing in tried {
        let score = ours(service, 0, split * 3 / 5, split, &smoothing)?;
        println!("  {name}: {score:.4} {smoothing:?}");
    }
    Ok(())
}

/// The file's weeks are 30 weeks of calls under one week's dates, in no known order.
fn friuli(grid_km: Option<f64>) -> Result<Service> {
    let text = data::text("friuli_emergencies.csv.zst")?;
    let monday = Timestamp::from_iso8601("2022-04-04T00:00:00").context("a Monday")?;
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let (mut cells, mut calls) = (Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let values: Vec<&str> = line.split(',').collect();
        ensure!(values.len() == 10, "{line}: ten values are needed");
        let (lat, lon): (f64, f64) = (values[5].parse()?, values[6].parse()?);
        let (key, centre) = match grid_km {
            None => (values[1].to_owned(), [lat, lon]),
            Some(km) => squared([lat, lon], km),
        };
        let cell = *places.entry(key).or_insert(cells.len());
        if cell == cells.len() {
            cells.push(Position::from_degrees(centre[0], centre[1])?);
        }
        let at =
            Timestamp::from_iso8601(values[7]).with_context(|| format!("time {}", values[7]))?;
        let week: i64 = values[0].parse()?;
        calls.push((cell, week * WEEK_MINS + at.since(monday).get() / 60_000));
    }
    Ok(Service { cells, calls, n_weeks: 30 })
}

fn squared([lat, lon]: [f64; 2], km: f64) -> (String, [f64; 2]) {
    // Friuli lies at 46° north.
    let step = [km / 111.2, km / (111.2 * 46_f64.to_radians().cos())];
    let [row, column] = [(lat / step[0]).floor(), (lon / step[1]).floor()];
    (format!("{row},{column}"), [(row + 0.5) * step[0], (column + 0.5) * step[1]])
}

/// Rio's file counts calls by half hour, weekday, cell, priority and sample; which sample was which
/// week is not told (zeros are left out and the others renumbered), so each gets one by seed.
fn rio(kind: &str) -> Result<Service> {
    let neighbours = data::text(&format!("rio/{kind}/neighbors.dat.zst"))?;
    let mut cells = Vec::new();
    for line in neighbours.lines().filter(|line| line.split_whitespace().count() > 2) {
        let values: Vec<&str> = line.split_whitespace().collect();
        ensure!(values[0].parse::<usize>()? == cells.len(), "{line}: cells come in order");
        cells.push(Position::from_degrees(values[1].parse()?, values[2].parse()?)?);
    }
    let calls = rio_samples(kind)?.into_iter().map(|(cell, _, mins)| (cell, mins)).collect();
    Ok(Service { cells, calls, n_weeks: N_WEEKS })
}

/// Calls of Rio with their priority.
pub(crate) fn rio_calls() -> Result<Vec<(i64, Timestamp)>> {
    Ok(rio_samples("hex")?.into_iter().map(|(_, priority, mins)| (priority, at(mins))).collect())
}

/// Cell, priority and minute of each call; the minute within its half hour by seed, too.
fn rio_samples(kind: &str) -> Result<Vec<(usize, i64, i64)>> {
    let mut rng = Pcg64Mcg::seed_from_u64(SEED);
    let arrivals = data::text(&format!("rio/{kind}/arrivals.dat.zst"))?;
    let mut samples: BTreeMap<[i64; 4], Vec<i64>> = BTreeMap::new();
    for line in arrivals.lines().take_while(|line| !line.starts_with("END")) {
        let values: Vec<i64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [half, weekday, cell, priority, _, count] = values[..] else { continue };
        samples.entry([half, weekday, cell, priority]).or_default().push(count);
    }
    let mut calls = Vec::new();
    for ([half, weekday, cell, priority], counts) in samples {
        let mut weeks: Vec<i64> = (0..N_WEEKS).collect();
        weeks.shuffle(&mut rng);
        for (week, count) in weeks.into_iter().zip(counts) {
            for _ in 0..count {
                let mins = weekday * 1440 + half * 30 + rng.random_range(0..30);
                calls.push((usize::try_from(cell)?, priority, week * WEEK_MINS + mins));
            }
        }
    }
    Ok(calls)
}
