//! F4: a playout buffer that adapts, beside one of 150 ms, on round trips measured in Shanghai.

use ems_model::Micros;
use ems_uplink::{Played, Playout};

use crate::data;

const FIXED: Micros = Micros::from_millis(150);

pub(crate) fn run() -> anyhow::Result<()> {
    let journeys = data::shanghai()?;
    let n_frames: usize = journeys.iter().map(|journey| journey.trips.len()).sum();
    let trips = journeys.iter().flat_map(|journey| &journey.trips);
    let late = trips.filter(|trip| trip.rtt > FIXED).count();
    println!(
        "F4 playout, {} runs, {n_frames} frames; fixed 150 ms: {late} late ({:.3} %)",
        journeys.len(),
        100.0 * late as f64 / n_frames as f64
    );
    println!(
        "late share set  mean delay ms  p99 delay ms  late  waited  runs with a mean above 150 ms"
    );
    for late_share in [0.05, 0.02, 0.01, 0.005] {
        let (mut delays, mut late, mut waited, mut above) = (Vec::new(), 0, 0, 0);
        for journey in &journeys {
            let mut playout = Playout::new(FIXED, late_share);
            let from = delays.len();
            for trip in &journey.trips {
                let planned = playout.delay();
                let played = playout.on_frame(trip.rtt);
                late += usize::from(played == Played::Late);
                waited += usize::from(played == Played::Waited);
                delays.push(if played == Played::Late { FIXED } else { planned.max(trip.rtt) });
            }
            let mean = mean_ms(&delays[from..]);
            above += usize::from(mean > FIXED.as_millis_f64());
        }
        let mean = mean_ms(&delays);
        delays.sort_unstable();
        let p99 = delays[delays.len() * 99 / 100].as_millis_f64();
        println!("{late_share:>14} {mean:>14.1} {p99:>13.1} {late:>5} {waited:>7} {above:>8}");
    }
    Ok(())
}

fn mean_ms(delays: &[Micros]) -> f64 {
    delays.iter().map(|delay| delay.as_millis_f64()).sum::<f64>() / delays.len() as f64
}
