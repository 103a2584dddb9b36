//! F5: vital signs beside video and pictures on 3 Mbit/s.

use ems_drive::{Profile, Run, Strategy};
use ems_model::Micros;

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

pub(crate) fn run() -> anyhow::Result<()> {
    println!(
        "F5 isolation, 60 s on one link of 3 Mbit/s: 2 Mbit/s of video, 0.8 of pictures, bulk"
    );
    for (name, text) in
        [("idle", format!("{LINK}{VITALS}")), ("busy", format!("{LINK}{VITALS}{OTHERS}"))]
    {
        let profile = Profile::parse(&text)?;
        for seed in 0..3 {
            let outcome =
                Run::new(&profile, None, Micros::from_millis(60_000), Strategy::Session, seed)?
                    .drive();
            for class in outcome.classes() {
                let ms = |delay: Option<Micros>| delay.unwrap_or_default().as_millis_f64();
                println!(
                    "{name} seed {seed} {:<8} {:>5} offered {:>5} delivered {:>3} late, p50 {:>6.1} p99 {:>6.1} max {:>7.1} ms",
                    class.class.name(),
                    class.n_offered,
                    class.n_delivered,
                    class.n_late,
                    ms(class.p50),
                    ms(class.p99),
                    ms(class.max),
                );
            }
        }
    }
    Ok(())
}
