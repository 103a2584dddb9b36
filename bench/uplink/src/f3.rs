//! F3: vital signs through the holes of 21 drives with three carriers and a satellite.

use ems_drive::{Fate, Outcome, Profile, Run, Strategy};
use ems_model::{Micros, Timestamp};

use crate::data;

// The traces tell what came down; a tenth of it stands for the way up.
const LINKS: [(&str, &str); 4] = [
    ("att", "delay_ms = 25\njitter_ms = 5"),
    ("tm", "delay_ms = 22\njitter_ms = 5"),
    ("vz", "delay_ms = 28\njitter_ms = 5"),
    ("starlink", "delay_ms = 30\njitter_ms = 8"),
];
const REST: &str = "rate_share = 0.1\nloss = 0.002\nqueue_kb = 250\n";
const FLOWS: &str = r#"
[[flow]]
class = "vitals"
frame_bytes = 400
per_second = 20
[[flow]]
class = "waveform"
frame_bytes = 1000
per_second = 10
"#;

#[derive(Default)]
struct Sum {
    lost: usize,
    seconds: usize,
    whole: usize,
    served: usize,
    holes: usize,
    longest_hole: f64,
    longest_backfill: f64,
    bytes: u64,
}

/// With seeds of jitter and loss, over the last `n_sets` sets of links, of seven.
pub(crate) fn run(n_seeds: u64, n_sets: usize) -> anyhow::Result<()> {
    let drives = data::us_drives()?;
    println!(
        "F3 outages, {} drives, {n_seeds} seeds, vitals 20 Hz x 400 B beside 10 Hz x 1000 B of waveform",
        drives.len()
    );
    println!(
        "seconds with all frames in time and with any, mean and worst of seeds; holes of all seeds; backfill after a hole, mean of the seeds' longest and the longest"
    );
    println!(
        "links                    seconds  all, mean   worst  any, mean   worst   lost  holes  longest s  backfill s  longest  bytes"
    );
    let sets: [(&str, &[usize]); 7] = [
        ("att", &[0]),
        ("tm", &[1]),
        ("vz", &[2]),
        ("starlink", &[3]),
        ("att tm vz", &[0, 1, 2]),
        ("att starlink", &[0, 3]),
        ("att tm vz starlink", &[0, 1, 2, 3]),
    ];
    for (name, links) in sets.into_iter().rev().take(n_sets) {
        let text: String = links
            .iter()
            .map(|link| {
                let (network, rest) = LINKS[*link];
                format!("[[link]]\nnetwork = \"{network}\"\n{rest}\n{REST}")
            })
            .collect();
        let profile = Profile::parse(&format!("{text}{FLOWS}"))?;
        let mut sums = Vec::new();
        for seed in 0..n_seeds {
            let mut sum = Sum::default();
            for (drive, place) in drives.iter().zip(0..) {
                let seed = 1000 * seed + place;
                let run = Run::new(&profile, Some(drive), drive.length, Strategy::Session, seed)?;
                sum.add(&run.drive());
            }
            sums.push(sum);
        }
        print(name, &sums);
    }
    Ok(())
}

impl Sum {
    fn add(&mut self, outcome: &Outcome) {
        let fates: Vec<&Fate> = outcome.fates.iter().filter(|fate| fate.n_bytes == 400).collect();
        self.lost += fates.iter().filter(|fate| fate.delivered_at.is_none()).count();
        for second in fates.chunk_by(|one, next| second(outcome, one) == second(outcome, next)) {
            self.seconds += 1;
            self.whole += usize::from(second.iter().all(|fate| fate.is_in_time()));
            self.served += usize::from(second.iter().any(|fate| fate.is_in_time()));
        }
        self.bytes += outcome.n_link_bytes();
        for late in fates.chunk_by(|one, next| one.is_in_time() == next.is_in_time()) {
            self.hole(late);
        }
    }

    /// A second or more in which nothing is in time; how long after it is what was late there?
    fn hole(&mut self, late: &[&Fate]) {
        let (first, last) = (late[0].pushed_at, late[late.len() - 1].pushed_at);
        if late[0].is_in_time() || last.micros_since(first) < Micros::from_millis(1000) {
            return;
        }
        let arrived: Vec<Timestamp> = late.iter().filter_map(|fate| fate.delivered_at).collect();
        let ended = arrived.iter().min().copied().unwrap_or(last);
        let whole = arrived.iter().max().copied().unwrap_or(last);
        self.holes += 1;
        self.longest_hole =
            self.longest_hole.max(last.micros_since(first).as_millis_f64() / 1000.0);
        self.longest_backfill =
            self.longest_backfill.max(whole.micros_since(ended.max(last)).as_millis_f64() / 1000.0);
    }

    fn share(&self, n: usize) -> f64 {
        100.0 * n as f64 / self.seconds as f64
    }
}

fn print(name: &str, sums: &[Sum]) {
    let all: Vec<f64> = sums.iter().map(|sum| sum.share(sum.whole)).collect();
    let any: Vec<f64> = sums.iter().map(|sum| sum.share(sum.served)).collect();
    let backfill: Vec<f64> = sums.iter().map(|sum| sum.longest_backfill).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let holes: Vec<f64> = sums.iter().map(|sum| sum.longest_hole).collect();
    println!(
        "{name:<24} {:>7} {:>9.3}% {:>6.3}% {:>9.3}% {:>6.3}% {:>6} {:>6} {:>10.1} {:>11.2} {:>8.2} {:>6.1}M",
        sums.iter().map(|sum| sum.seconds).sum::<usize>(),
        mean(&all),
        least(&all),
        mean(&any),
        least(&any),
        sums.iter().map(|sum| sum.lost).sum::<usize>(),
        sums.iter().map(|sum| sum.holes).sum::<usize>(),
        most(&holes),
        mean(&backfill),
        most(&backfill),
        mean(&sums.iter().map(|sum| sum.bytes as f64 / 1e6).collect::<Vec<_>>()),
    );
}

fn second(outcome: &Outcome, fate: &Fate) -> i64 {
    fate.pushed_at.micros_since(outcome.start).get() / 1_000_000
}
