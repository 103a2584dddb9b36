use ems_forecast::{Drift, Monitor};
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64Mcg;

use crate::world::day;

const DAYS: i32 = 200_000;

/// Days between alarms on average, for errors of that mean and standard deviation.
fn run_length(mean: f64, sd: f64, is_this: fn(&Drift) -> bool) -> f64 {
    let mut rng = Pcg64Mcg::seed_from_u64(11);
    let (mut monitor, mut n_alarms) = (Monitor::default(), 0);
    for ahead in 0..DAYS {
        let noise: f64 = StandardNormal.sample(&mut rng);
        let error = mean + sd * noise;
        let found = monitor.push(day("2000-01-01") + ahead, error, error.abs() < 1.282);
        n_alarms += u32::from(found.is_some_and(|drift| is_this(&drift)));
    }
    f64::from(DAYS) / f64::from(n_alarms.max(1))
}

#[test]
fn a_false_alarm_is_rare_and_a_shift_is_found_within_weeks() {
    let calm = run_length(0.0, 1.0, |_| true);
    let below = run_length(-1.0, 1.0, |drift| matches!(drift, Drift::Below { .. }));
    let above = run_length(1.0, 1.0, |drift| matches!(drift, Drift::Above { .. }));
    assert!(calm > 900.0, "{calm} days between false alarms");
    assert!(below < 21.0 && above < 21.0, "{below} and {above} days until a shift is told");
}

#[test]
fn intervals_that_are_too_narrow_are_found() {
    let found = run_length(0.0, 2.0, |drift| matches!(drift, Drift::Narrow { .. }));
    assert!(found < 365.0, "{found} days");
}

#[test]
fn a_drift_is_dated_from_where_it_began() {
    let mut monitor = Monitor::default();
    let found = (0..60).find_map(|ahead| {
        let error = if ahead < 40 { 0.0 } else { -2.0 };
        monitor.push(day("2018-01-01") + ahead, error, true)
    });
    assert!(matches!(found, Some(Drift::Below { since, .. }) if since == day("2018-02-10")));
}

#[test]
fn one_odd_day_is_not_a_drift() {
    let mut monitor = Monitor::default();
    let is_calm = |error| monitor.push(day("2018-01-01"), error, false).is_none();
    assert!([0.0, 9.0, 0.0, 0.0].into_iter().all(is_calm));
}
