//! The claim: with 300 units and 30 live patients on two cores, at speed 1, a command is
//! acknowledged in 50 ms and a measurement is on the screen in 250 ms, 99 times of 100.
//!
//! It starts the real binary: a centre with a living city of 300 units, and 30 gateways, each a
//! process of its own that plays a recording through filters, outbox and uplink. Then it gives
//! commands as dispatchers do and listens as a screen does. Everything runs on this machine, so
//! all clocks are one.
//!
//!     cargo run --release --manifest-path bench/live/Cargo.toml
//!
//! `GH_BINARY` names the binary (target/release/golden-hour), `GH_CITY` a city pack
//! (else Malta is imported), `SECONDS` how long to measure (60).

mod commands;
mod machine;
mod screen;

use std::time::Duration;

use anyhow::{Context, ensure};

/// Acknowledgement of a command, 99 of 100, milliseconds.
const COMMAND_MS_MAX: f64 = 50.0;
/// From the last sample of a measurement to the screen, 99 of 100, milliseconds.
const SCREEN_MS_MAX: f64 = 250.0;
const N_UNITS: usize = 300;
const N_PATIENTS: usize = 30;

/// Spans in milliseconds.
#[derive(Debug, Default)]
pub(crate) struct Spans(Vec<f64>);

impl Spans {
    pub(crate) fn add(&mut self, millis: f64) {
        self.0.push(millis);
    }

    /// Nearest rank; NaN without spans.
    fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let place = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(place - 1).copied().unwrap_or(f64::NAN)
    }

    fn print(&self, name: &str, limit: Option<f64>) -> bool {
        let p99 = self.percentile(99);
        let verdict = match limit {
            Some(limit) if p99 <= limit => format!("limit {limit:.0}: kept"),
            Some(limit) => format!("limit {limit:.0}: BROKEN"),
            None => String::new(),
        };
        println!(
            "{name:<34}{:>8} {:>8.1} {:>8.1} {:>8.1} {:>8.1}  {verdict}",
            self.0.len(),
            self.percentile(50),
            self.percentile(90),
            p99,
            self.percentile(100),
        );
        limit.is_none_or(|limit| p99 <= limit)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let seconds = std::env::var("SECONDS").unwrap_or_else(|_| "60".into());
    let span = Duration::from_secs(seconds.parse().context("SECONDS is a whole number")?);
    let machine = machine::start(N_UNITS, N_PATIENTS).await?;
    let client = commands::Client::new(&machine.address);
    println!("waiting until {N_UNITS} units are on duty and {N_PATIENTS} patients are seen");
    client.wait_for_units(N_UNITS).await?;
    let screen = screen::listen(&machine.address, "P1", N_PATIENTS, span);
    let dispatch = client.dispatch(span);
    let (seen, commands) = tokio::join!(screen, dispatch);
    let (seen, commands) = (seen?, commands?);
    let [n, p50, p90, p99, max] = ["n", "p50", "p90", "p99", "max"];
    println!("\n{:<34}{n:>8} {p50:>8} {p90:>8} {p99:>8} {max:>8}", "milliseconds");
    let mut is_kept = commands.all.print("command to acknowledgement", Some(COMMAND_MS_MAX));
    commands.recommendations.print("  recommendation to answer", None);
    is_kept &= seen.vitals.print("vital signs, device to screen", Some(SCREEN_MS_MAX));
    is_kept &= seen.waves.print("wave's last sample to screen", Some(SCREEN_MS_MAX));
    println!("{} patients seen; {} events heard", seen.n_patients, seen.n_events);
    machine.print_load(span);
    ensure!(
        seen.n_patients >= N_PATIENTS,
        "only {} of {N_PATIENTS} patients came",
        seen.n_patients
    );
    ensure!(is_kept, "a limit is broken: see the table");
    Ok(())
}
