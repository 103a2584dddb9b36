//! F1: the better of two links goes black for ten seconds.

use ems_drive::{Outcome, Profile, Run, Strategy};
use ems_model::Micros;

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
    max: Micros,
    p99_max: Micros,
    copies: u64,
    duplicates: u64,
}

impl Sum {
    fn add(&mut self, outcome: &Outcome) {
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
        "strategy    offered delivered   late  seeds hit   max ms  worst p99  traffic there, worst   mean  both ways, mean  copies  in vain"
    );
    let strategies = [
        ("session", Strategy::Session),
        ("link A", Strategy::Single(0)),
        ("link B", Strategy::Single(1)),
        ("duplicate", Strategy::Duplicate),
    ];
    for (name, strategy) in strategies {
        let mut sum = Sum::default();
        for seed in 0..n_seeds {
            sum.add(
                &Run::new(&profile, None, Micros::from_millis(20_000), strategy, seed)?.drive(),
            );
        }
        println!(
            "{name:<10} {:>8} {:>9} {:>6} {:>10} {:>8.1} {:>10.1} {:>21.4} {:>6.3} {:>16.3} {:>7} {:>8}",
            sum.offered,
            sum.delivered,
            sum.late,
            sum.seeds_late,
            sum.max.as_millis_f64(),
            sum.p99_max.as_millis_f64(),
            sum.traffic_max,
            sum.there / n_seeds as f64,
            sum.traffic / n_seeds as f64,
            sum.copies,
            sum.duplicates,
        );
    }
    Ok(())
}
