//! Small questions whose answers are plain to see.

use ems_plan::{
    CallLoad, Cover, PlanError, Stage, busy_share_needs, load_needs, mclp, nested_mclp,
};

use crate::ask;

/// Three stations: 1100, 0110 and 1001 are the points that each covers.
fn three(weights: [f64; 4]) -> Cover {
    let sites_of = vec![vec![0, 2], vec![0, 1], vec![1], vec![2]];
    Cover::new(3, weights.to_vec(), sites_of).unwrap()
}

#[test]
fn each_further_station_covers_what_the_table_says() {
    let cover = three([2.0, 2.0, 1.0, 1.0]);
    for (n, covered, sites) in
        [(0, 0.0, vec![]), (1, 4.0, vec![0]), (2, 6.0, vec![1, 2]), (3, 6.0, vec![0, 1, 2])]
    {
        let plan = ask(|effort| mclp(&cover, n, effort)).unwrap();
        assert!((plan.objective - covered).abs() < 1e-12, "{n} stations: {plan:?}");
        assert_eq!(plan.sites(), sites, "{n} stations");
    }
    let error = ask(|effort| mclp(&cover, 4, effort)).unwrap_err();
    assert_eq!(error.to_string(), "4 to place, and the 3 sites hold 3: place fewer or add sites");
}

#[test]
fn the_opening_follows_the_weights_of_the_stages() {
    let cover = three([5.0, 3.0, 2.0, 1.0]);
    for (weights, order) in [([1.0, 1.0, 1.0], [0, 1, 2]), ([1.0, 4.0, 1.0], [2, 1, 0])] {
        let stages: Vec<Stage> =
            (1..).zip(weights).map(|(n_sites, weight)| Stage { n_sites, weight }).collect();
        let nested = ask(|effort| nested_mclp(&cover, &stages, effort)).unwrap();
        assert_eq!(nested.order, order, "{weights:?}");
    }
}

#[test]
fn stages_grow() {
    let stages = [2, 2].map(|n_sites| Stage { n_sites, weight: 1.0 });
    let error = ask(|effort| nested_mclp(&three([1.0; 4]), &stages, effort)).unwrap_err();
    assert_eq!(error, PlanError::StagesShrink { stage: 2, n: 2, before: 2 });
}

#[test]
fn enough_units_for_a_reliability() {
    for (busy, reliability, needed) in [
        (0.0, 0.9, 1),
        (0.3, 0.9, 2),
        (0.3, 0.91, 2),
        (0.3, 0.911, 3),
        (0.5, 0.95, 5),
        (0.1, 0.9, 1),
    ] {
        let found = busy_share_needs(busy, reliability).unwrap();
        assert_eq!(found, needed, "busy {busy}, reliability {reliability}");
    }
    // 1 - (0.9/2)^2 = 0.7975, 1 - (0.9/3)^3 = 0.973.
    assert_eq!(load_needs(0.9, 0.9), Ok(3));
    assert_eq!(load_needs(0.0, 0.9), Ok(1));
    assert!(busy_share_needs(1.0, 0.9).is_err());
    assert!(load_needs(1.0, 1.0).is_err());
}

/// 360 calls in half an hour, 4 minutes each, 55 call-takers: the step-by-step example that
/// accompanies the formula in many a guide. The share that waits is worked out from its sums here,
/// in logarithms.
#[test]
fn call_takers_answer_as_erlang_says() {
    let load = CallLoad::new(720.0, 240.0).unwrap();
    assert!((load.erlangs() - 48.0).abs() < 1e-12);
    let term =
        |k: u32| f64::from(k) * 48_f64.ln() - (1..=k).map(|i| f64::from(i).ln()).sum::<f64>();
    let all_busy = term(55).exp() / (1.0 - 48.0 / 55.0);
    let waiting = all_busy / ((0..55).map(|k| term(k).exp()).sum::<f64>() + all_busy);
    assert!((load.waiting_share(55).unwrap() - waiting).abs() < 1e-12);
    let answered = 1.0 - waiting * (-7.0_f64 * 15.0 / 240.0).exp();
    assert!((load.answered_share(55, 15.0).unwrap() - answered).abs() < 1e-12);
    assert!((load.mean_wait_s(55).unwrap() - waiting * 240.0 / 7.0).abs() < 1e-12);
}

#[test]
fn seats_are_the_fewest_that_answer_in_time() {
    for (calls, handling_s, share, within_s) in [
        (60.0, 180.0, 0.9, 10.0),
        (0.0, 180.0, 0.9, 10.0),
        (0.5, 60.0, 0.99, 0.0),
        (7_200.0, 300.0, 0.95, 15.0),
    ] {
        let load = CallLoad::new(calls, handling_s).unwrap();
        let seats = load.seats_for(share, within_s).unwrap();
        assert!(load.answered_share(seats, within_s).unwrap() >= share, "{calls} calls");
        let fewer = seats.checked_sub(1).and_then(|fewer| load.answered_share(fewer, within_s));
        assert!(fewer.is_none_or(|fewer| fewer < share), "{calls} calls, {seats} seats");
    }
}

#[test]
fn a_very_large_load_is_reckoned_with() {
    let load = CallLoad::new(3.6e9, 1.0).unwrap();
    let seats = load.seats_for(0.8, 20.0).unwrap();
    let answered = load.answered_share(seats, 20.0).unwrap();
    assert!((1_000_001..1_002_000).contains(&seats) && (0.8..=1.0).contains(&answered), "{seats}");
    assert_eq!(load.waiting_share(1_000_000), None);
    assert!(CallLoad::new(3.6e12, 1.0).is_err());
}
