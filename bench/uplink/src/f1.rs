//! F1: the better of two links goes black for ten seconds.

use ems_drive::{Outcome, Profile, Run, Strategy};
use ems_model::Micros;

use crate::peers::{PEERS, mptcp};

/// What QUIC adds to a packet of a session: flags, connection (8), number, kind and length of a
/// datagram (RFC 9221), seal (16). The answers that QUIC sends for itself are not counted.
const QUIC_BYTES: u64 = 30;

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
    traffic_max: f64,
    traffic: f64,
    there: f64,
    sealed: f64,
    max: Micros,
    p99_max: Micros,
    copies: u64,
    duplicates: u64,
}

impl Sum {
    fn add(&mut self, outcome: &Outcome, seal_bytes: u64) {
        let class = outcome.classes()[0];
        let payload: usize = outcome.fates.iter().map(|fate| fate.n_bytes).sum();
        let forth: u64 = outcome.links.iter().map(|link| link.forth.n_offered_bytes).sum();
        let ratio = forth as f64 / payload as f64;
        self.offered += class.n_offered;
        self.delivered += class.n_delivered;
        self.late += class.n_late;
        self.seeds_late += usize::from(class.n_late > 0 || class.n_delivered < class.n_offered);
        self.traffic += outcome.n_link_bytes() as f64 / payload as f64;
        self.there += ratio;
        let n_packets: u64 = outcome.links.iter().map(|link| link.forth.n_offered).sum();
        self.sealed += (forth + n_packets * seal_bytes) as f64 / payload as f64;
        self.traffic_max = self.traffic_max.max(ratio);
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
    println!(
        "{:<40}  offered delivered   late  seeds hit   max ms  worst p99  traffic there, worst   mean  in QUIC, mean  both ways, mean  copies  in vain",
        "strategy"
    );
    let strategies = [
        ("session", Strategy::Session),
        ("link A", Strategy::Single(0)),
        ("link B", Strategy::Single(1)),
        ("duplicate", Strategy::Duplicate),
    ];
    let length = Micros::from_millis(20_000);
    let mut sums = Vec::new();
    for (name, strategy) in strategies {
        let drive = |seed| Ok(Run::new(&profile, None, length, strategy, seed)?.drive());
        sums.push((name, row(name, n_seeds, QUIC_BYTES, drive)?));
    }
    for (name, peer) in PEERS {
        sums.push((name, row(name, n_seeds, 0, |seed| peer.drive(&profile, seed))?));
    }
    match mptcp::drive(&profile, n_seeds.min(KERNEL_SEEDS)) {
        Ok(outcomes) => {
            let drive = |seed| Ok(outcomes[seed as usize].clone());
            sums.push(("kernel MPTCP", row("kernel MPTCP", outcomes.len() as u64, 0, drive)?));
        }
        Err(why) => println!("kernel MPTCP: not run: {why:#}"),
    }
    compare(&sums);
    Ok(())
}

/// Prints the session beside each other: frames late or lost in a run of 400, bytes there.
fn compare(sums: &[(&str, Sum)]) {
    let [(_, ours), peers @ ..] = sums else { return };
    println!(
        "\n{:<40} late of 400, ours  theirs  traffic in QUIC, ours / theirs",
        "the session beside"
    );
    for (name, peer) in peers {
        let late = |sum: &Sum| {
            400.0 * (sum.late + sum.offered - sum.delivered) as f64 / sum.offered as f64
        };
        let mean = |sum: &Sum| sum.sealed / sum.offered as f64;
        let traffic = mean(ours) / mean(peer);
        println!("{name:<40} {:>17.2} {:>7.1} {traffic:>30.3}", late(ours), late(peer));
    }
}

/// Prints what becomes of the frames of all seeds.
fn row(
    name: &str,
    n_seeds: u64,
    seal_bytes: u64,
    drive: impl Fn(u64) -> anyhow::Result<Outcome>,
) -> anyhow::Result<Sum> {
    let mut sum = Sum::default();
    for seed in 0..n_seeds {
        sum.add(&drive(seed)?, seal_bytes);
    }
    println!(
        "{name:<40} {:>8} {:>9} {:>6} {:>10} {:>8.1} {:>10.1} {:>21.4} {:>6.3} {:>14.3} {:>16.3} {:>7} {:>8}",
        sum.offered,
        sum.delivered,
        sum.late,
        sum.seeds_late,
        sum.max.as_millis_f64(),
        sum.p99_max.as_millis_f64(),
        sum.traffic_max,
        sum.there / n_seeds as f64,
        sum.sealed / n_seeds as f64,
        sum.traffic / n_seeds as f64,
        sum.copies,
        sum.duplicates,
    );
    Ok(sum)
}
