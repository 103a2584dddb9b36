//! Services made up by seed, as a file would tell of them.

use std::fmt::Write as _;

use ems_forecast::{Calendar, Forecast, History, Settings, Table, forecast};
use ems_model::Date;
use rand::SeedableRng;
use rand_distr::{Distribution, Poisson};
use rand_pcg::Pcg64Mcg;

pub(crate) const FIRST: &str = "2015-10-01";

pub(crate) fn day(text: &str) -> Date {
    Date::from_iso8601(text).unwrap()
}

/// A file with a column for each part: what `count(part, day)` says.
pub(crate) fn columns(
    names: &[&str],
    n_days: i32,
    mut count: impl FnMut(usize, i32) -> u32,
) -> String {
    let mut text = format!("date,{}\n", names.join(","));
    for ahead in 0..n_days {
        let counts: Vec<String> =
            (0..names.len()).map(|part| count(part, ahead).to_string()).collect();
        writeln!(text, "{},{}", day(FIRST) + ahead, counts.join(",")).unwrap();
    }
    text
}

/// Poisson counts around a level with a weekly pattern.
pub(crate) fn poisson(names: &[&str], n_days: i32, seed: u64) -> String {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    columns(names, n_days, |part, ahead| {
        let level = 40.0 * (part + 1) as f64;
        let weekly = 1.0 + 0.1 * f64::from((day(FIRST) + ahead).weekday() == 0);
        Poisson::new(level * weekly).unwrap().sample(&mut rng) as u32
    })
}

pub(crate) fn history(text: &str) -> History {
    Table::parse(text, &[]).unwrap().history
}

pub(crate) fn ahead(history: &History, origin: &str) -> Forecast {
    forecast(history, &Calendar::default(), day(origin), 84, &Settings::default()).unwrap()
}
