//! How much of synthetic drives is matched right, by noise and by the time between fixes.
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

#[path = "../tests/it/matching.rs"]
mod matching;
#[path = "../tests/it/world.rs"]
mod world;

use world::Receiver;

fn main() {
    let n: usize = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(40);
    println!("share of the length driven, {n} drives a row; 2 % of fixes are 100 to 400 m off");
    println!("| city | interval s | noise m | fixes | right % | wrong % | chains a drive |");
    println!("|---|---|---|---|---|---|---|");
    for city in [Some(&*world::MALTA), world::heidelberg().as_ref()].into_iter().flatten() {
        for interval_s in [1.0, 5.0, 15.0, 30.0, 60.0] {
            for noise_m in [5.0, 10.0, 20.0, 50.0] {
                let receiver = Receiver { interval_s, noise_m, outliers: 0.02 };
                let found = matching::measure(city, &receiver, n, 1);
                println!(
                    "| {} | {interval_s} | {noise_m} | {} | {:.1} | {:.1} | {:.2} |",
                    city.name,
                    found.n_fixes,
                    100.0 * found.right_share(),
                    100.0 * found.wrong_share(),
                    found.n_chains as f64 / n as f64
                );
            }
        }
    }
}
