//! F5: vital signs beside video and pictures on 3 Mbit/s.

use std::collections::BTreeMap;

use ems_drive::{ClassOutcome, Profile, Run, Strategy};
use ems_model::Micros;
use ems_uplink::Class;

const LINK: &str = r#"
[[link]]
rate_kbps = 3000
delay_ms = 25
jitter_ms = 3
queue_kb = 100
"#;
const VITALS: &str = r#"
[[flow]]
class = "vitals"
frame_bytes = 400
per_second = 20
"#;
const OTHERS: &str = r#"
[[flow]]
class = "video"
frame_bytes = 10000
per_second = 25
[[flow]]
class = "image"
frame_bytes = 500000
per_second = 0.2
[[flow]]
class = "bulk"
frame_bytes = 16384
"#;

/// What a class came to over all seeds.
#[derive(Default)]
struct Sum {
    n_offered: usize,
    n_delivered: usize,
    n_late: usize,
    p50_ms: Vec<f64>,
    p99_ms: Vec<f64>,
    max_ms: f64,
}

impl Sum {
    fn add(&mut self, class: &ClassOutcome) {
        let ms = |delay: Option<Micros>| delay.unwrap_or_default().as_millis_f64();
        self.n_offered += class.n_offered;
        self.n_delivered += class.n_delivered;
        self.n_late += class.n_late;
        self.p50_ms.push(ms(class.p50));
        self.p99_ms.push(ms(class.p99));
        self.max_ms = self.max_ms.max(ms(class.max));
    }

    fn print(&self, load: &str, class: Class) {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        println!(
            "{load} {:<8} {:>6} offered {:>6} delivered {:>4} late, p50 {:>7.1} ms, p99 {:>7.1} mean {:>7.1} worst, max {:>7.1}",
            class.name(),
            self.n_offered,
            self.n_delivered,
            self.n_late,
            mean(&self.p50_ms),
            mean(&self.p99_ms),
            self.p99_ms.iter().copied().fold(0.0, f64::max),
            self.max_ms,
        );
    }
}

pub(crate) fn run(n_seeds: u64) -> anyhow::Result<()> {
    println!(
        "F5 isolation, {n_seeds} seeds, 60 s on one link of 3 Mbit/s: 2 Mbit/s of video, 0.8 of pictures, bulk"
    );
    for (load, text) in
        [("idle", format!("{LINK}{VITALS}")), ("busy", format!("{LINK}{VITALS}{OTHERS}"))]
    {
        let profile = Profile::parse(&text)?;
        let mut sums: BTreeMap<Class, Sum> = BTreeMap::new();
        for seed in 0..n_seeds {
            let length = Micros::from_millis(60_000);
            let outcome = Run::new(&profile, None, length, Strategy::Session, seed)?.drive();
            for class in outcome.classes() {
                sums.entry(class.class).or_default().add(&class);
            }
        }
        sums.iter().for_each(|(class, sum)| sum.print(load, *class));
    }
    Ok(())
}
