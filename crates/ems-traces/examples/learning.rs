//! How much better ETAs are after learning, on trips that nothing was learnt from, and how well
//! their intervals hold.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    dead_code,
    reason = "an example reads files and prints"
)]

#[path = "../tests/it/learning.rs"]
mod learning;
#[path = "../tests/it/world.rs"]
mod world;

use ems_traces::EtaModel;
use learning::{Error, Truth};

fn main() {
    println!("|ETA − time taken| of held-out trips, seconds: median / 90 % quantile");
    println!(
        "| city | trips learnt from | profile | class and hour | and arc | all but luck known |"
    );
    println!("|---|---|---|---|---|---|");
    for city in [Some(&*world::MALTA), world::heidelberg().as_ref()].into_iter().flatten() {
        for n in [100, 600, 2000] {
            let (found, _) = learning::learn(city, n, 21);
            let show = |error: Error| format!("{:.0} / {:.0}", error.median_s, error.p90_s);
            let row = [found.before, found.classes, found.after, found.oracle].map(show);
            println!("| {} | {} | {} |", city.name, n / 2, row.join(" | "));
        }
    }
    intervals();
}

fn intervals() {
    let city = &*world::MALTA;
    let truth = Truth::new(21);
    let (_, paces) = learning::learn(city, 600, 21);
    let sample = |seed| learning::timed(&learning::trips(city, &truth, 800, seed), &paces);
    let model = EtaModel::learn("800 synthetic trips", &sample(24)).unwrap();
    println!("\n{}", model.to_toml());
    println!("| interval | held-out trips within |");
    println!("|---|---|");
    let held_out = sample(25);
    for share in [0.5, 0.8, 0.95] {
        let is_within = |trip: &&ems_traces::Trip| {
            let [first, last] = model.interval(trip.predicted, share);
            (first..=last).contains(&trip.took)
        };
        let n = held_out.iter().filter(is_within).count();
        println!("| {share} | {:.3} |", n as f64 / held_out.len() as f64);
    }
}
