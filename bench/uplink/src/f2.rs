//! F2: three modems of a van in Cork, added up.

use std::collections::BTreeMap;

use ems_drive::{Outcome, Profile, Run, Strategy};
use ems_netem::Drive;

use crate::data;

const LINKS: &str = r#"
[[link]]
network = "nr5g_up"
delay_ms = 15
jitter_ms = 2
queue_kb = 500
[[link]]
network = "lte_up"
delay_ms = 25
jitter_ms = 3
queue_kb = 500
[[link]]
network = "umts_up"
delay_ms = 35
jitter_ms = 4
queue_kb = 500
"#;
const BULK: &str = r#"
[[flow]]
class = "bulk"
frame_bytes = 16384
"#;
// 10 Mbit/s: 25 pictures a second of 50 kB.
const VIDEO: &str = r#"
[[flow]]
class = "video"
frame_bytes = 50000
per_second = 25
"#;

pub(crate) fn run() -> anyhow::Result<()> {
    let drive = data::cork()?;
    let profile = Profile::parse(&format!("{LINKS}{BULK}"))?;
    println!("F2 aggregation, Cork, {:.0} s", drive.length.as_millis_f64() / 1000.0);
    let all = Run::new(&profile, Some(&drive), drive.length, Strategy::Session, 1)?.drive();
    let bits = delivered_bits(&all, &drive);
    println!(
        "bulk over three: {:.2} Mbit/s, {:.2} % of the links' sum",
        bits / seconds(&drive) / 1e6,
        100.0 * bits / capacity(&drive)
    );
    for (link, network) in drive.networks.iter().enumerate() {
        let one =
            Run::new(&profile, Some(&drive), drive.length, Strategy::Single(link), 1)?.drive();
        println!(
            "bulk over {}: {:.2} % of it",
            network.name,
            100.0 * delivered_bits(&one, &drive) / integral(&drive, link)
        );
    }
    let profile = Profile::parse(&format!("{LINKS}{VIDEO}"))?;
    for (name, strategy) in [
        ("session", Strategy::Session),
        ("nr5g", Strategy::Single(0)),
        ("lte", Strategy::Single(1)),
        ("umts", Strategy::Single(2)),
        ("duplicate", Strategy::Duplicate),
    ] {
        let outcome = Run::new(&profile, Some(&drive), drive.length, strategy, 1)?.drive();
        let (starved, rows) = starved(&outcome, &drive);
        let class = outcome.classes()[0];
        println!(
            "video 10 Mbit/s, {name}: starved in {starved} of {rows} rows ({:.2} %), {} of {} frames in time, p99 {:.0} ms",
            100.0 * starved as f64 / rows as f64,
            class.n_delivered - class.n_late,
            class.n_offered,
            class.p99.unwrap_or_default().as_millis_f64(),
        );
    }
    Ok(())
}

fn seconds(drive: &Drive) -> f64 {
    drive.length.as_millis_f64() / 1000.0
}

/// What arrived before the trace ended.
fn delivered_bits(outcome: &Outcome, drive: &Drive) -> f64 {
    let end = outcome.start + drive.length;
    let in_time = outcome.fates.iter().filter(|fate| fate.delivered_at.is_some_and(|at| at <= end));
    in_time.map(|fate| fate.n_bytes as f64 * 8.0).sum()
}

fn integral(drive: &Drive, link: usize) -> f64 {
    let steps: Vec<_> = drive.networks[link].rate_bps.iter().collect();
    let ends = steps.iter().skip(1).map(|step| step.0).chain([drive.length]);
    steps
        .iter()
        .zip(ends)
        .map(|(step, end)| (end - step.0).as_millis_f64() / 1000.0 * step.1 as f64)
        .sum()
}

fn capacity(drive: &Drive) -> f64 {
    (0..drive.networks.len()).map(|link| integral(drive, link)).sum()
}

/// Rows in which more than 5 % of the pictures were not there in time.
fn starved(outcome: &Outcome, drive: &Drive) -> (usize, usize) {
    let mut rows: BTreeMap<i64, (usize, usize)> = BTreeMap::new();
    for fate in &outcome.fates {
        let row = fate.pushed_at.micros_since(outcome.start).get() / drive.row.get();
        let (offered, missed) = rows.entry(row).or_default();
        *offered += 1;
        *missed += usize::from(!fate.is_in_time());
    }
    (rows.values().filter(|(offered, missed)| *missed * 20 > *offered).count(), rows.len())
}
