//! F1: the better of two links goes black for ten seconds.

use ems_drive::{LinkOutcome, Outcome, Profile};
use ems_model::Micros;

use crate::peers::{PEERS, mptcp};

/// What IPv4 and UDP add to a packet.
const IP_BYTES: u64 = 28;

/// Seeds of what runs in real time, all at once.
const KERNEL_SEEDS: u64 = 8;

const PROFILE: &str = r#"
[[link]]
rate_kbps = 20000
delay_ms = 20
jitter_ms = 2
loss = 0.001
blackout = [{ from_s = 6, to_s = 16 }]
[[link]]
rate_kbps = 20000
delay_ms = 35
jitter_ms = 5
loss = 0.005
[[flow]]
class = "vitals"
frame_bytes = 400
per_second = 20
"#;

#[derive(Default)]
struct Sum {
    offered: usize,
    delivered: usize,
    late: usize,
    seeds_late: usize,
    n_seeds: f64,
    /// Bytes on the wire over those of content: there, the worst; there; both ways; there with IP.
    there_max: f64,
    there: f64,
    both: f64,
    with_ip: f64,
    max: Micros,
    p99_max: Micros,
    copies: u64,
    duplicates: u64,
}

impl Sum {
    fn add(&mut self, outcome: &Outcome) {
        let class = outcome.classes()[0];
        let payload: usize = outcome.fates.iter().map(|fate| fate.n_bytes).sum();
        let over = |n_bytes: u64| n_bytes as f64 / payload as f64;
        let sum = |of: fn(&LinkOutcome) -> u64| outcome.links.iter().map(of).sum::<u64>();
        let n_there = sum(|link| link.forth.n_offered);
        let there = sum(|link| link.forth.n_offered_bytes);
        let back = sum(|link| link.back.n_offered_bytes);
        self.n_seeds += 1.0;
        self.offered += class.n_offered;
        self.delivered += class.n_delivered;
        self.late += class.n_late;
        self.seeds_late += usize::from(class.n_late > 0 || class.n_delivered < class.n_offered);
        self.there_max = self.there_max.max(over(there));
        self.there += over(there);
        self.both += over(there + back);
        self.with_ip += over(there + n_there * IP_BYTES);
        self.max = self.max.max(class.max.unwrap_or_default());
        self.copies += outcome.sent.n_copies;
        self.duplicates += outcome.received.n_duplicates;
        self.p99_max = self.p99_max.max(class.p99.unwrap_or_default());
    }
}

pub(crate) fn run(n_seeds: u64) -> anyhow::Result<()> {
    let profile = Profile::parse(PROFILE)?;
    println!(
        "F1 failover, {n_seeds} seeds: 20 Hz x 400 B for 20 s, the better link black from 6 to 16 s"
    );
    println!("bytes on the wire over those of content: there, both ways, there with IPv4 and UDP");
    println!(
        "{:<40} offered delivered  late seeds hit  max ms  worst p99  there, worst   mean   both  with IP  copies  in vain",
        "strategy"
    );
    let mut sums = Vec::new();
    for (name, peer) in PEERS {
        sums.push((name, row(name, n_seeds, |seed| peer.drive(&profile, seed))?));
    }
    match mptcp::drive(&profile, n_seeds.min(KERNEL_SEEDS)) {
        Ok(outcomes) => {
            let drive = |seed| Ok(outcomes[seed as usize].clone());
            sums.push(("kernel MPTCP", row("kernel MPTCP", outcomes.len() as u64, drive)?));
        }
        Err(why) => println!("kernel MPTCP: not run: {why:#}"),
    }
    compare(&sums);
    Ok(())
}

/// Prints the session beside each other: frames late or lost in a run of 400, bytes there.
fn compare(sums: &[(&str, Sum)]) {
    let [(_, ours), peers @ ..] = sums else { return };
    println!("\n{:<40} late of 400, ours  theirs  traffic there, ours / theirs", "ours beside");
    for (name, peer) in peers {
        let late = |sum: &Sum| {
            400.0 * (sum.late + sum.offered - sum.delivered) as f64 / sum.offered as f64
        };
        let traffic = (ours.there / ours.n_seeds) / (peer.there / peer.n_seeds);
        println!("{name:<40} {:>17.2} {:>7.1} {traffic:>29.3}", late(ours), late(peer));
    }
}

/// Prints what becomes of the frames of all seeds.
fn row(
    name: &str,
    n_seeds: u64,
    drive: impl Fn(u64) -> anyhow::Result<Outcome>,
) -> anyhow::Result<Sum> {
    let mut sum = Sum::default();
    for seed in 0..n_seeds {
        sum.add(&drive(seed)?);
    }
    let mean = |sum: f64| sum / n_seeds as f64;
    println!(
        "{name:<40} {:>7} {:>9} {:>5} {:>9} {:>7.1} {:>10.1} {:>13.4} {:>6.3} {:>6.3} {:>8.3} {:>7} {:>8}",
        sum.offered,
        sum.delivered,
        sum.late,
        sum.seeds_late,
        sum.max.as_millis_f64(),
        sum.p99_max.as_millis_f64(),
        sum.there_max,
        mean(sum.there),
        mean(sum.both),
        mean(sum.with_ip),
        sum.copies,
        sum.duplicates,
    );
    Ok(sum)
}
