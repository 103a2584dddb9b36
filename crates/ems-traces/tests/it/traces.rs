//! What a matcher makes of traces whose truth is known.

use ems_model::{Millis, Position, Timestamp};
use ems_roads::{ArcPoint, ArcStretch};
use ems_traces::{
    BreakReason, Chain, Fix, MatchModel, MatchedFix, Matcher, Step, chains, match_trace,
};

use crate::matching::{accuracy, measure};
use crate::world::{
    Chance, City, Driven, MALTA, Receiver, detour_by_chance, drive_by_chance, fixes, heidelberg,
    moved, received,
};

const CALM: Receiver = Receiver { interval_s: 5.0, noise_m: 5.0, outliers: 0.0 };

fn model(receiver: &Receiver) -> MatchModel {
    MatchModel::for_noise(receiver.noise_m, Millis::new((receiver.interval_s * 1000.0) as i64))
}

fn some_drive(seed: u64) -> Driven {
    let stretches = drive_by_chance(&MALTA.roads, &mut Chance::new(seed));
    Driven::of(stretches, Timestamp::from_millis(0), |_| 1.1)
}

fn some_fixes(seed: u64) -> Vec<Fix> {
    fixes(&MALTA.roads, &some_drive(seed), &CALM, &mut Chance::new(seed))
}

fn check_table(city: &City, n: usize) {
    // (seconds between fixes, noise in metres, least share right, greatest share wrong), each with
    // 2 % of fixes 100 to 400 m off; drives go astray, so half of them are not the fastest way.
    for (interval_s, noise_m, right_min, wrong_max) in [
        (1.0, 5.0, 0.98, 0.02),
        (1.0, 20.0, 0.95, 0.05),
        (5.0, 10.0, 0.96, 0.04),
        (15.0, 5.0, 0.96, 0.04),
        (15.0, 20.0, 0.92, 0.08),
        (30.0, 10.0, 0.93, 0.07),
        (30.0, 50.0, 0.85, 0.18),
        (60.0, 10.0, 0.92, 0.07),
    ] {
        let receiver = Receiver { interval_s, noise_m, outliers: 0.02 };
        let found = measure(city, &receiver, n, 7);
        assert!(found.right_share() >= right_min, "{} {receiver:?}: {found:?}", city.name);
        assert!(found.wrong_share() <= wrong_max, "{} {receiver:?}: {found:?}", city.name);
    }
}

#[test]
fn drives_are_matched_right_at_many_intervals_and_noises() {
    check_table(&MALTA, 10);
}

#[test]
fn drives_are_matched_right_in_another_city() {
    if let Some(city) = heidelberg() {
        check_table(&city, 6);
    }
}

#[test]
fn a_silence_breaks_the_chain_and_says_so() {
    let mut trace = some_fixes(3);
    let n = trace.len();
    for fix in &mut trace[n / 2..] {
        fix.at = fix.at + Millis::from_secs(600);
    }
    let found = match_trace(&MALTA.roads, &MALTA.lengths, model(&CALM), &trace).unwrap();
    let ended: Vec<BreakReason> = found.iter().map(|chain| chain.ended).collect();
    assert_eq!(ended, [BreakReason::Gap, BreakReason::End]);
}

#[test]
fn a_jump_that_nobody_can_drive_breaks_the_chain_and_loses_no_place_after_it() {
    let mut trace = some_fixes(4);
    let n = trace.len();
    let other = some_fixes(5);
    let start = trace[n - 1].at;
    trace.extend(other.iter().map(|fix| Fix {
        at: start + fix.at.since(Timestamp::from_millis(0)) + Millis::from_secs(1),
        ..*fix
    }));
    let apart = trace[n - 1].position.metres_to(trace[n].position);
    assert!(apart > 2000.0, "{apart} m");
    let found = match_trace(&MALTA.roads, &MALTA.lengths, model(&CALM), &trace).unwrap();
    let ended: Vec<BreakReason> = found.iter().map(|chain| chain.ended).collect();
    assert_eq!(ended, [BreakReason::NoWay, BreakReason::End]);
    assert_eq!(found[1].fixes[0].fix, trace[n]);
}

#[test]
fn outliers_are_left_out_and_do_not_break_the_chain() {
    let clean = some_fixes(6);
    let mut trace = clean.clone();
    for idx in (10..trace.len()).step_by(10) {
        trace[idx].position = moved(trace[idx].position, 900.0, 500.0);
    }
    let found = match_trace(&MALTA.roads, &MALTA.lengths, model(&CALM), &trace).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].fixes.iter().all(|placed| clean.contains(&placed.fix)));
}

#[test]
fn a_unit_that_stands_does_not_drive() {
    let mut chance = Chance::new(8);
    let place = MALTA.roads.somewhere(0.4).position();
    let receiver = Receiver { interval_s: 5.0, noise_m: 10.0, outliers: 0.0 };
    let fix = |secs: i64| Fix {
        at: Timestamp::from_millis(secs * 1000),
        position: received(place, &receiver, &mut chance),
    };
    let trace: Vec<Fix> = (0..1800).step_by(5).map(fix).collect();
    let found = match_trace(&MALTA.roads, &MALTA.lengths, model(&receiver), &trace).unwrap();
    assert_eq!(found.len(), 1);
    let metres: f64 = found[0].legs(&MALTA.roads).iter().map(|leg| leg.metres(&MALTA.roads)).sum();
    assert!(metres < 200.0, "{metres} m in half an hour of standing");
}

#[test]
fn a_unit_that_turns_round_is_seen_to() {
    let roads = &MALTA.roads;
    let mut n_seen = 0;
    let mut chance = Chance::new(9);
    while n_seen < 5 {
        let out = drive_by_chance(roads, &mut chance);
        let Some(home) = drive_home(&out) else { continue };
        let whole = [out.clone(), home].concat();
        let driven = Driven::of(whole, Timestamp::from_millis(0), |_| 1.0);
        let trace = fixes(roads, &driven, &CALM, &mut chance);
        let found = match_trace(roads, &MALTA.lengths, model(&CALM), &trace).unwrap();
        let share = accuracy(roads, &driven.stretches, &found);
        assert!(share.right_share() > 0.95 && share.wrong_share() < 0.05, "{share:?}");
        n_seen += 1;
    }
}

/// From the end of a drive back to its first arc; only where that begins by turning round.
fn drive_home(out: &[ArcStretch]) -> Option<Vec<ArcStretch>> {
    let last = out[out.len() - 1];
    let from = ArcPoint { arc: last.arc, along: last.to };
    let to = ArcPoint { arc: out[0].arc ^ 1, along: 0.5 };
    let home = MALTA.roads.drive_between(&from, &to)?;
    (home.len() > 1 && home[1].arc == last.arc ^ 1).then_some(home)
}

#[test]
fn a_fix_that_is_not_later_is_refused() {
    let trace = some_fixes(2);
    let mut matcher = Matcher::new(&MALTA.roads, &MALTA.lengths, model(&CALM), Some(3));
    matcher.push(trace[1]).unwrap();
    let error = matcher.push(trace[0]).unwrap_err();
    assert_eq!((error.at, error.last), (trace[0].at, trace[1].at));
    assert!(matcher.push(trace[1]).is_err() && matcher.push(trace[2]).is_ok());
}

#[test]
fn far_from_all_roads_there_is_no_chain() {
    let at_sea = Position::from_degrees(35.6, 14.9).unwrap();
    let fix = |secs: i64| Fix { at: Timestamp::from_millis(secs * 1000), position: at_sea };
    let trace: Vec<Fix> = (0..50).map(fix).collect();
    let found = match_trace(&MALTA.roads, &MALTA.lengths, model(&CALM), &trace).unwrap();
    assert_eq!(found, []);
}

fn online(trace: &[Fix], receiver: &Receiver, lag: usize) -> Vec<Step> {
    let mut matcher = Matcher::new(&MALTA.roads, &MALTA.lengths, model(receiver), Some(lag));
    let mut steps = Vec::new();
    for &fix in trace {
        steps.extend(matcher.push(fix).unwrap());
    }
    steps.extend(matcher.finish());
    steps
}

#[test]
fn online_each_place_is_told_once_its_lag_is_over_and_few_differ_from_the_whole_trace() {
    let receiver = Receiver { interval_s: 10.0, noise_m: 10.0, outliers: 0.02 };
    let mut chance = Chance::new(11);
    let (mut n_same, mut n_all) = (0, 0);
    for _ in 0..10 {
        let stretches = detour_by_chance(&MALTA.roads, &mut chance);
        let driven = Driven::of(stretches, Timestamp::from_millis(0), |_| 1.2);
        let trace = fixes(&MALTA.roads, &driven, &receiver, &mut chance);
        let whole = match_trace(&MALTA.roads, &MALTA.lengths, model(&receiver), &trace).unwrap();
        let parts = chains(online(&trace, &receiver, 5));
        let places = |chains: &[Chain]| -> Vec<MatchedFix> {
            chains.iter().flat_map(|chain| chain.fixes.clone()).collect()
        };
        let (whole, parts) = (places(&whole), places(&parts));
        assert!(parts.is_sorted_by(|a, b| a.fix.at < b.fix.at));
        n_same += parts.iter().filter(|placed| whole.contains(placed)).count();
        n_all += whole.len();
    }
    assert!(n_same * 100 >= n_all * 97, "{n_same} of {n_all}");
}

#[test]
fn with_a_long_lag_a_stream_is_matched_as_a_whole_trace_is() {
    let mut chance = Chance::new(12);
    let mut trace: Vec<Fix> = Vec::new();
    for _ in 0..4 {
        let driven = Driven::of(
            detour_by_chance(&MALTA.roads, &mut chance),
            trace.last().map_or(Timestamp::from_millis(0), |fix| fix.at + Millis::from_secs(400)),
            |_| 1.0,
        );
        trace.extend(fixes(&MALTA.roads, &driven, &CALM, &mut chance));
    }
    let parts = chains(online(&trace, &CALM, 30));
    let whole = match_trace(&MALTA.roads, &MALTA.lengths, model(&CALM), &trace).unwrap();
    assert_eq!(parts.len(), 4);
    assert_eq!(parts, whole);
}
