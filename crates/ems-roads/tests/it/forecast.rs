//! Arrivals some time ahead.

use ems_model::{Millis, Timestamp};
use ems_roads::{Flow, Forecast, Kmh, Roads, Traffic, WEEK, Week};

use crate::{MALTA, shares, some_snaps};

/// A Wednesday morning, before the rush hour of the shipped week.
fn now() -> Timestamp {
    Timestamp::from_rfc3339("2026-11-25T05:40:00Z").unwrap()
}

/// A tenth of the edges slowed, each for 10 to 50 minutes.
fn traffic(roads: &Roads) -> Traffic {
    let dice: Vec<f64> = shares(31).take(roads.n_edges()).collect();
    let edges = (0..u32::try_from(roads.n_edges()).unwrap()).filter(|e| dice[*e as usize] < 0.1);
    let row = |edge: u32| {
        let share = dice[edge as usize] * 10.0;
        let mins = [10, 20, 30, 40, 50][edge as usize % 5];
        let flow = Flow::At(Kmh::new(4.0 + 30.0 * share).unwrap());
        roads.overlaid(edge, true, flow, [now(), now() + Millis::from_mins(mins)]).ok()
    };
    edges.filter_map(row).collect()
}

/// How late a forecast may be beside the exact search, as shares of the time: jams that come and
/// go within a drive, and the rush hour.
const MEAN_EXCESS_MAX: f64 = 0.01;
const WORST_OF_99_MAX: f64 = 0.09;

#[test]
fn a_drive_ahead_is_never_before_the_exact_one_and_seldom_far_behind() {
    let (roads, week) = (&MALTA.roads, Week::parse(WEEK).unwrap());
    let traffic = traffic(roads);
    let goals = some_snaps(roads, 32, 60);
    let mut excess: Vec<f64> = Vec::new();
    for (mins, from) in [0, 15, 35, 60].into_iter().zip(some_snaps(roads, 33, 4)) {
        let leaves = now() + Millis::from_mins(mins);
        let forecast = Forecast::of(roads, &week, &traffic, [now(), leaves]);
        let exact = forecast.arrivals_plainly(&from, &goals);
        for (goal, exact) in goals.iter().zip(exact) {
            let (time, exact) = (forecast.time(&from, goal).unwrap(), exact.unwrap());
            assert!(time + Millis::new(2) >= exact, "{time:?} {exact:?}");
            excess.push((time - exact).as_secs_f64() / exact.as_secs_f64().max(1.0));
        }
    }
    excess.sort_by(f64::total_cmp);
    let n = f64::from(u32::try_from(excess.len()).unwrap());
    let (mean, of_99) = (excess.iter().sum::<f64>() / n, excess[excess.len() * 99 / 100]);
    eprintln!(
        "excess over the exact time: mean {:.3} %, 99 of 100 {:.3} %",
        mean * 100.0,
        of_99 * 100.0
    );
    assert!(mean < MEAN_EXCESS_MAX && of_99 < WORST_OF_99_MAX, "mean {mean}, 99 of 100 {of_99}");
}

#[test]
fn who_leaves_later_does_not_arrive_earlier() {
    let (roads, week) = (&MALTA.roads, Week::parse(WEEK).unwrap());
    let traffic = traffic(roads);
    let goals = some_snaps(roads, 34, 30);
    let from = some_snaps(roads, 35, 1)[0];
    let mut before = vec![Timestamp::default(); goals.len()];
    for mins in (0..90).step_by(9) {
        let leaves = now() + Millis::from_mins(mins);
        let forecast = Forecast::of(roads, &week, &traffic, [now(), leaves]);
        let arrivals = forecast.arrivals_plainly(&from, &goals);
        for (before, time) in before.iter_mut().zip(arrivals) {
            let arrives = leaves + time.unwrap();
            assert!(arrives + Millis::new(1) >= *before, "leaving after {mins} min");
            *before = arrives;
        }
    }
}

#[test]
fn an_hour_ahead_the_rush_hour_counts_and_what_has_ended_does_not() {
    let (roads, week) = (&MALTA.roads, Week::parse(WEEK).unwrap());
    let ends = some_snaps(roads, 36, 2);
    let at = |traffic: &Traffic, mins: i64| {
        let leaves = now() + Millis::from_mins(mins);
        Forecast::of(roads, &week, traffic, [now(), leaves]).time(&ends[0], &ends[1]).unwrap()
    };
    let (none, jams) = (Traffic::default(), traffic(roads));
    assert!(at(&none, 80) > at(&none, 0), "eight o'clock is slower than twenty to seven");
    assert!(at(&jams, 0) >= at(&none, 0));
    assert_eq!(at(&jams, 60), at(&none, 60), "all jams have ended by then");
    let noon = week.hour(Timestamp::from_rfc3339("2026-11-25T11:00:00Z").unwrap());
    assert_eq!(noon.get(), 2 * 24 + 12);
    let slowed = roads.in_hour(&week, noon);
    assert!(slowed.time(&ends[0], &ends[1]) > roads.time(&ends[0], &ends[1]));
}
