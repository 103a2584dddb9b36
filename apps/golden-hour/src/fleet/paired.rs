//! Policies side by side on the same drawn calls, over and over.
#![expect(clippy::cast_precision_loss, reason = "days and calls are counted in millions at most")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use anyhow::bail;
use ems_sim::{CallSums, CrewSums, Estimate, FleetCity, FleetPolicy, Tally, run_fleet};

use super::{Drawn, cpu_secs, peak_memory};
use crate::say;

/// What one replication says of one policy.
#[derive(Debug, Clone, Copy)]
struct Figures {
    n_calls: u64,
    response_min: f64,
    late: f64,
    crews: CrewSums,
    /// Kilometres that rules of relocation asked of each unit a day; `None` where no range is told.
    km_moved: Option<f64>,
}

/// A figure of crews' days by its name; `None` where nothing was counted.
type CrewFigure = (&'static str, fn(&Figures) -> Option<f64>);

/// What crews' days come to, each the less the better.
const CREW_FIGURES: [CrewFigure; 4] = [
    ("overtime, minutes a shift", |of| share(of.crews.overtime * 1440.0, of.crews.n_shifts.into())),
    ("breaks missed, %", |of| {
        let missed = f64::from(of.crews.n_breaks_missed) * 100.0;
        share(missed, f64::from(of.crews.n_breaks_missed) + f64::from(of.crews.n_breaks))
    }),
    ("shifts late or lost for rest, %", |of| {
        let cut = f64::from(of.crews.n_shifts_late) + f64::from(of.crews.n_shifts_lost);
        share(cut * 100.0, f64::from(of.crews.n_shifts) + f64::from(of.crews.n_shifts_lost))
    }),
    ("relocation, km a unit and day", |of| of.km_moved),
];

fn share(sum: f64, of: f64) -> Option<f64> {
    (of > 0.0).then(|| sum / of)
}

/// Runs each policy on the calls of each seed, on all cores, and prints the paired differences.
pub(super) fn compare(
    city: &FleetCity,
    drawn: &Drawn,
    policies: &[(String, FleetPolicy)],
    seed: u64,
    n: u32,
) -> anyhow::Result<()> {
    if n < 2 {
        bail!("--replications {n} gives no interval: ask for 2 at least");
    }
    let start = cpu_secs();
    let runs = run_all(city, drawn, policies, seed, n);
    let n_calls: u64 = runs.iter().flatten().map(|figures| figures.n_calls).sum();
    tell(policies, &runs, drawn.n_days());
    if city.is_staffed() {
        tell_crews(policies, &runs);
    }
    let cpu = cpu_secs() - start;
    say::line(format!(
        "{n_calls} calls in {cpu:.1} s of CPU, {:.0} a second",
        n_calls as f64 / cpu
    ));
    say::line(format!("peak memory {}", peak_memory()));
    Ok(())
}

/// By replication, in the order of their seeds: what each policy came to.
fn run_all(
    city: &FleetCity,
    drawn: &Drawn,
    policies: &[(String, FleetPolicy)],
    seed: u64,
    n: u32,
) -> Vec<Vec<Figures>> {
    let next = AtomicU32::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let replication = next.fetch_add(1, Ordering::Relaxed);
            if replication >= n {
                return done;
            }
            let seed = seed.wrapping_add(u64::from(replication));
            let run = policies.iter().map(|(_, policy)| run_one(city, drawn, policy, seed));
            done.push((replication, run.collect::<Vec<_>>()));
        }
    };
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let mut runs: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|t| t.join().expect("a run ends or the program does"))
            .collect()
    });
    runs.sort_by_key(|(replication, _)| *replication);
    runs.into_iter().map(|(_, run)| run).collect()
}

fn run_one(city: &FleetCity, drawn: &Drawn, policy: &FleetPolicy, seed: u64) -> Figures {
    let mut n_calls = 0;
    let tally = run_fleet(city, policy.clone(), drawn.calls(city, seed), &mut |_| n_calls += 1);
    let days: Vec<CallSums> = tally.daily(1, drawn.n_days()).collect();
    let n: f64 = days.iter().map(|day| f64::from(day.n)).sum();
    let in_time: f64 = days.iter().map(|day| f64::from(day.n_in_time)).sum();
    let response: f64 = days.iter().map(|day| day.response).sum();
    Figures {
        n_calls,
        response_min: response / n * 1440.0,
        late: 1.0 - in_time / n,
        crews: tally.crews(),
        km_moved: km_moved(city, &tally, drawn.n_days()),
    }
}

/// The day that warms up is counted with the others.
fn km_moved(city: &FleetCity, tally: &Tally, n_days: usize) -> Option<f64> {
    let unit_days = city.n_units() as f64 * (n_days as f64 + 1.0);
    Some(city.km(tally.moving())? / unit_days)
}

fn tell(policies: &[(String, FleetPolicy)], runs: &[Vec<Figures>], n_days: usize) {
    let n = runs.len();
    say::line(format!("{n} replications of {n_days} days after one to warm up; 95 % intervals"));
    let wide = policies.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(6);
    say::line(format!(
        "{:<wide$} {:<17} {:<16} {:<16} fewer late than the first, %",
        "policy", "response, min", "late, %", "points fewer"
    ));
    for (idx, (name, _)) in policies.iter().enumerate() {
        let of = |figure: fn(&Figures) -> f64| estimate(runs.iter().map(|run| figure(&run[idx])));
        let gain = estimate(runs.iter().map(|run| (run[0].late - run[idx].late) * 100.0));
        let share = estimate(runs.iter().map(|run| (1.0 - run[idx].late / run[0].late) * 100.0));
        let response = of(|figures| figures.response_min);
        let late = of(|figures| figures.late * 100.0);
        say::line(format!("{name:<wide$} {response:<17} {late:<16} {gain:<16} {share}"));
    }
}

/// By figure and policy: its mean, and by how much it is less than the first policy's on the same
/// calls.
fn tell_crews(policies: &[(String, FleetPolicy)], runs: &[Vec<Figures>]) {
    let wide = policies.iter().map(|(name, _)| name.len()).max().unwrap_or(0).max(6);
    for (figure, of) in CREW_FIGURES {
        if runs.iter().flatten().all(|figures| of(figures).is_none()) {
            continue;
        }
        say::line(format!("{figure:<wide$} {:<17} less than the first", "mean"));
        for (idx, (name, _)) in policies.iter().enumerate() {
            let mean = estimate(runs.iter().filter_map(|run| of(&run[idx])));
            let less = runs.iter().filter_map(|run| Some(of(&run[0])? - of(&run[idx])?));
            say::line(format!("{name:<wide$} {mean:<17} {}", estimate(less)));
        }
    }
}

fn estimate(values: impl Iterator<Item = f64>) -> String {
    let values: Vec<_> = values.collect();
    let Some(Estimate { mean, half_width }) = Estimate::of(&values) else { return "none".into() };
    format!("{mean:.3} ± {:.3}", half_width.unwrap_or(f64::NAN))
}
