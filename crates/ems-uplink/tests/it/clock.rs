//! What is known of another clock, whatever the ways between do.

use ems_model::{Micros, Timestamp};
use ems_uplink::{Exchange, PeerClock};
use proptest::prelude::*;

const START: i64 = 1_700_000_000_000_000;

/// The other clock: so far ahead at the start, so much faster, and set once.
#[derive(Debug, Clone)]
struct Other {
    ahead: i64,
    drift_ppm: f64,
    /// Set by so much, after so long.
    step: (i64, i64),
}

/// A link: the least delay there and back, and up to how much more each.
#[derive(Debug, Clone)]
struct Path {
    forth: i64,
    back: i64,
    jitter: i64,
}

impl Other {
    /// How far it is ahead, `us` after the start.
    fn ahead(&self, us: i64) -> i64 {
        let stepped = if us >= self.step.1 { self.step.0 } else { 0 };
        self.ahead + stepped + (us as f64 * self.drift_ppm * 1e-6) as i64
    }

    fn at(&self, us: i64) -> Timestamp {
        Timestamp::from_micros(START + us + self.ahead(us))
    }
}

fn own(us: i64) -> Timestamp {
    Timestamp::from_micros(START + us)
}

/// A question `us` after the start, with chances of 0 to 1; one in twenty waits long.
fn exchange(other: &Other, path: &Path, us: i64, chances: (f64, f64)) -> Exchange {
    let way = |least: i64, chance: f64| {
        let stuck = if chance > 0.95 { 400_000 } else { 0 };
        least + (chance * path.jitter as f64) as i64 + stuck
    };
    let came = us + way(path.forth, chances.0);
    let back = came + 500 + way(path.back, chances.1);
    Exchange {
        sent_at: own(us),
        came_at: other.at(came),
        left_at: other.at(came + 500),
        back_at: own(back),
    }
}

fn other(step: impl Strategy<Value = (i64, i64)>) -> impl Strategy<Value = Other> {
    (-90_000_000_000..90_000_000_000_i64, -400.0..400.0, step)
        .prop_map(|(ahead, drift_ppm, step)| Other { ahead, drift_ppm, step })
}

fn paths() -> impl Strategy<Value = Vec<Path>> {
    let path = (100..300_000_i64, 100..300_000_i64, 0..50_000_i64);
    prop::collection::vec(path.prop_map(|(forth, back, jitter)| Path { forth, back, jitter }), 1..4)
}

/// Asks once every 200 ms, and gives after each answer how long after the start it came, and how
/// far the truth is from what is told, and how far it may be.
fn ask(
    clock: &mut PeerClock,
    other: &Other,
    paths: &[Path],
    chances: &[(f64, f64)],
) -> Vec<(i64, i64, i64)> {
    let mut seen = Vec::new();
    for (idx, chance) in chances.iter().enumerate() {
        let path = &paths[idx % paths.len()];
        let asked = exchange(other, path, idx as i64 * 200_000, *chance);
        clock.note(&asked);
        let told = clock.offset(asked.back_at).unwrap();
        let us = asked.back_at.as_micros() - START;
        let off = (told.ahead.get() - other.ahead(us)).abs();
        seen.push((us, off, told.uncertainty.get()));
    }
    seen
}

fn chances(n: usize) -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0.0..1.0, 0.0..1.0), n)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_truth_is_within_the_uncertainty(
        other in other(Just((0, 0))), paths in paths(), chances in chances(600),
    ) {
        let mut clock = PeerClock::new();
        for (us, off, uncertainty) in ask(&mut clock, &other, &paths, &chances) {
            prop_assert!(off <= uncertainty, "after {} us: {} > {}", us, off, uncertainty);
        }
        let drift = clock.drift().unwrap();
        let off_ppm = (drift.ppm - other.drift_ppm).abs();
        prop_assert!(off_ppm <= drift.uncertainty_ppm + 0.1, "{:?}", drift);
        // An hour without a word: less sure, and still right.
        let later = 3_720_000_000;
        let told = clock.offset(own(later)).unwrap();
        prop_assert!((told.ahead.get() - other.ahead(later)).abs() <= told.uncertainty.get());
    }

    #[test]
    fn a_clock_that_is_set_is_followed(
        step in (prop::bool::ANY, 2_500_000..3_000_000_000_i64),
        paths in paths(),
        chances in chances(400),
        other in other(Just((0, 0))),
    ) {
        let step = (if step.0 { step.1 } else { -step.1 }, 40_000_000);
        let other = Other { step, ..other };
        let mut clock = PeerClock::new();
        for (us, off, uncertainty) in ask(&mut clock, &other, &paths, &chances) {
            // A question that was under way when the clock was set has one time of each.
            let is_under_way = (0..1_700_000).contains(&(us - step.1));
            let is_right = is_under_way || off <= uncertainty;
            prop_assert!(is_right, "after {} us: {} > {}", us, off, uncertainty);
        }
        prop_assert_eq!(clock.n_steps(), 1);
    }
}

#[test]
fn a_small_step_is_followed_after_three_seconds() {
    for step in [-12_000, -3_000, 3_000, 12_000] {
        let other = Other { ahead: 5_000, drift_ppm: 20.0, step: (step, 40_000_000) };
        let paths = [Path { forth: 10_000, back: 12_000, jitter: 0 }];
        let mut clock = PeerClock::new();
        for (us, off, uncertainty) in ask(&mut clock, &other, &paths, &[(0.5, 0.5); 400]) {
            let is_new = (0..3_200_000).contains(&(us - 40_000_000));
            assert!(is_new || off <= uncertainty, "{step}, after {us} us: {off} > {uncertainty}");
        }
    }
}

#[test]
fn half_of_the_least_ways_bounds_what_is_known() {
    let other = Other { ahead: 1_000_000, drift_ppm: 0.0, step: (0, 0) };
    let slow = Path { forth: 200_000, back: 30_000, jitter: 0 };
    let fast = Path { forth: 20_000, back: 40_000, jitter: 0 };
    let mut clock = PeerClock::new();
    let seen = ask(&mut clock, &other, &[slow, fast], &[(0.0, 0.0); 600]);
    let (_, _, uncertainty) = *seen.last().unwrap();
    assert!((25_000..26_500).contains(&uncertainty), "{uncertainty}");
    assert!(clock.drift().unwrap().uncertainty_ppm < 1000.0);
}

#[test]
fn a_wrong_timestamp_changes_nothing_once_the_next_is_right() {
    let other = Other { ahead: 0, drift_ppm: 0.0, step: (0, 0) };
    let path = Path { forth: 10_000, back: 10_000, jitter: 0 };
    let mut clock = PeerClock::new();
    ask(&mut clock, &other, std::slice::from_ref(&path), &[(0.0, 0.0); 100]);
    let before = clock.offset(own(20_000_000)).unwrap();
    let right = exchange(&other, &path, 20_000_000, (0.0, 0.0));
    let wrong = Exchange { came_at: own(90_000_000), left_at: own(90_000_000), ..right };
    clock.note(&wrong);
    assert!(clock.offset(own(20_030_000)).unwrap().uncertainty > before.uncertainty);
    clock.note(&right);
    let after = clock.offset(own(20_030_000)).unwrap();
    assert!(after.uncertainty <= before.uncertainty, "{after:?} {before:?}");
    assert_eq!(clock.n_steps(), 0);
}

#[test]
fn a_time_of_the_other_end_is_told_by_our_clock() {
    let other = Other { ahead: 3_600_000_000, drift_ppm: 50.0, step: (0, 0) };
    let path = Path { forth: 10_000, back: 10_000, jitter: 1_000 };
    let mut clock = PeerClock::new();
    ask(&mut clock, &other, &[path], &[(0.1, 0.2); 200]);
    let told = clock.by_own(other.at(30_000_000), own(40_000_000)).unwrap();
    let off = told.at.micros_since(own(30_000_000)).get().abs();
    assert!(off <= told.uncertainty.get(), "{off} us, {told:?}");
    assert!(told.uncertainty < Micros::from_millis(13), "{told:?}");
}
