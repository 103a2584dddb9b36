use ems_forecast::{Calls, Intensity, NoSuchCell, Smoothing};
use ems_model::{HourOfWeek, Millis, Position, Timestamp};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

const WEEK: i64 = 168 * 60;

fn at(mins: i64) -> Timestamp {
    // 2024-01-01 was a Monday.
    Timestamp::from_millis(1_704_067_200_000) + Millis::from_mins(mins)
}

/// Cells along a street, 1 km apart.
fn street(n_cells: usize) -> Vec<Position> {
    (0..n_cells).map(|cell| Position::from_degrees(0.0, 0.009 * cell as f64).unwrap()).collect()
}

#[test]
fn calls_expected_add_up_to_calls_seen() {
    let mut calls = Calls::watched(street(3), at(0), at(4 * WEEK), 60);
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    for _ in 0..3000 {
        calls.add(rng.random_range(0..3), at(rng.random_range(0..4 * WEEK))).unwrap();
    }
    let intensity = Intensity::learn(&calls, &Smoothing::default());
    let sum: f64 =
        (0..3).map(|cell| intensity.mean(cell, at(17), at(17 + 4 * WEEK)).unwrap()).sum();
    assert!((sum - 3000.0).abs() < 30.0, "{sum}");
}

#[test]
fn a_span_is_the_sum_of_its_pieces() {
    let mut calls = Calls::watched(street(1), at(0), at(WEEK), 0);
    (0..500).for_each(|n| calls.add(0, at(n * n % WEEK)).unwrap());
    let intensity = Intensity::learn(&calls, &Smoothing::default());
    let mean = |from, to| intensity.mean(0, at(from), at(to)).unwrap();
    let whole = mean(35, 35 + 3 * WEEK + 95);
    let pieces = mean(35, 100) + mean(100, WEEK + 7) + mean(WEEK + 7, 35 + 3 * WEEK + 95);
    assert!((whole - pieces).abs() < 1e-9, "{whole} {pieces}");
    assert_eq!(mean(100, 100), 0.0);
    assert_eq!(mean(100, 50), 0.0);
    assert_eq!(intensity.mean(1, at(0), at(60)), None);
}

#[test]
fn night_is_calmer_where_calls_say_so() {
    let mut calls = Calls::watched(street(2), at(0), at(20 * WEEK), 0);
    for day in 0..140 {
        for hour in 8..20 {
            calls.add(0, at(day * 1440 + hour * 60)).unwrap();
            calls.add(1, at(day * 1440 + (hour + 12) % 24 * 60)).unwrap();
        }
    }
    let intensity = Intensity::learn(&calls, &Smoothing::default());
    let noon = |cell| intensity.mean(cell, at(12 * 60), at(13 * 60)).unwrap();
    assert!(noon(0) > 3.0 * noon(1), "{} {}", noon(0), noon(1));
    let shares =
        (24..48).map(|hour| intensity.share_of_day(0, HourOfWeek::new(hour).unwrap()).unwrap());
    assert!((shares.sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn a_silent_cell_between_busy_ones_is_expected_to_call_before_a_lonely_one() {
    let mut cells = street(3);
    cells.push(Position::from_degrees(10.0, 10.0).unwrap());
    let mut calls = Calls::watched(cells, at(0), at(8 * WEEK), 0);
    (0..800).for_each(|n| calls.add(if n % 2 == 0 { 0 } else { 2 }, at(n * 97 % WEEK)).unwrap());
    let intensity = Intensity::learn(&calls, &Smoothing::default());
    let week = |cell| intensity.mean(cell, at(0), at(WEEK)).unwrap();
    assert!(week(1) < 0.1 * week(0), "{} {}", week(1), week(0));
    assert!(week(3) > 0.0 && week(3) < week(1), "{} {}", week(3), week(1));
}

#[test]
fn nothing_seen_is_nothing_expected_and_a_wrong_cell_is_refused() {
    let mut calls = Calls::watched(street(2), at(0), at(0), 0);
    assert_eq!(calls.add(2, at(0)), Err(NoSuchCell { cell: 2, n_cells: 2 }));
    let intensity = Intensity::learn(&calls, &Smoothing::default());
    assert_eq!(intensity.mean(0, at(0), at(WEEK)), Some(0.0));
}
