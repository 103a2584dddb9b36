//! Learning makes ETAs better, and knows how good they are.

use ems_model::{HourOfWeek, Millis, Timestamp};
use ems_roads::{ArcPoint, ArcStretch, BLUE_LIGHT, Profile, Roads};
use ems_traces::{
    EtaModel, LiveRules, Paces, Shrinkage, Span, Trip, calibrated_profile, live_speeds,
};

use crate::learning::{Learnt, Truth, learn, observed, timed, trips};
use crate::world::{Chance, Driven, MALTA, drive_by_chance, heidelberg, malta};

fn check_better(name: &str, learnt: &Learnt) {
    assert!(learnt.after.median_s < 0.6 * learnt.before.median_s, "{name}: {learnt:?}");
    assert!(learnt.after.p90_s < 0.65 * learnt.before.p90_s, "{name}: {learnt:?}");
    assert!(learnt.after.median_s < 1.1 * learnt.classes.median_s, "{name}: {learnt:?}");
    assert!(learnt.oracle.median_s < learnt.after.median_s, "{name}: {learnt:?}");
    assert!(learnt.n_spans > 5_000, "{name}: {learnt:?}");
}

#[test]
fn learning_from_half_of_the_trips_cuts_the_error_of_the_other_half_by_forty_percent() {
    check_better("Malta", &learn(&MALTA, 600, 21).0);
}

#[test]
fn learning_cuts_the_error_in_another_city_too() {
    if let Some(city) = heidelberg() {
        check_better(city.name, &learn(&city, 600, 22).0);
    }
}

#[test]
fn intervals_hold_as_many_held_out_trips_as_they_say() {
    let truth = Truth::new(31);
    let (_, paces) = learn(&MALTA, 400, 31);
    let known = timed(&trips(&MALTA, &truth, 800, 34), &paces);
    let held_out = timed(&trips(&MALTA, &truth, 800, 35), &paces);
    let model = EtaModel::learn("a test", &known).unwrap();
    for share in [0.5, 0.8, 0.95] {
        let holds = |trip: &&Trip| {
            let [first, last] = model.interval(trip.predicted, share);
            (first..=last).contains(&trip.took)
        };
        let held = held_out.iter().filter(holds).count() as f64 / held_out.len() as f64;
        assert!((held - share).abs() < 0.04, "{held} of {share}: {model:?}");
    }
    let below = held_out.iter().filter(|trip| trip.took < model.median(trip.predicted)).count();
    assert!((340..=460).contains(&below), "{below} of 800 below the median");
}

#[test]
fn without_trips_paces_are_the_profiles() {
    let paces = Paces::learn(&MALTA.roads, &[], &Shrinkage::CAREFUL);
    assert_eq!(paces, Paces::of_profile(&MALTA.roads));
    let monday = HourOfWeek::of(Timestamp::from_millis(0), 0);
    assert!((paces.of_arc(0, monday) - 1.0).abs() < 1e-12);
}

#[test]
fn few_observations_move_paces_little_and_many_wholly() {
    let roads = &MALTA.roads;
    let way = drive_by_chance(roads, &mut Chance::new(41));
    let profile_s = way.iter().map(|s| f64::from(s.turn_millis + s.millis) / 1000.0).sum::<f64>();
    let start = Timestamp::from_millis(0);
    let until = start + Millis::new((2000.0 * profile_s) as i64);
    let slow = Span::of([start, until], &way, 0);
    let pace = |n: usize| {
        let paces = Paces::learn(roads, &vec![slow.clone(); n], &Shrinkage::CAREFUL);
        paces.seconds(&slow) / profile_s
    };
    let short = Span { parts: slow.parts[..1].to_vec(), ..slow.clone() };
    let short = Span { seconds: 2.0 * short.profile_seconds(), ..short };
    let paces = Paces::learn(roads, &[short], &Shrinkage::CAREFUL);
    assert!((1.0..1.05).contains(&paces.of_class(0)), "{}", paces.of_class(0));
    assert!(pace(1) < pace(10) && pace(10) < pace(300), "{} {}", pace(1), pace(10));
    assert!((pace(300) - 2.0).abs() < 0.05, "{}", pace(300));
}

#[test]
fn a_calibrated_profile_makes_better_etas_of_a_city_that_is_imported_with_it() {
    let truth = Truth::new(51);
    let driven = trips(&MALTA, &truth, 300, 51);
    let (learnt_from, held_out) = driven.split_at(150);
    let spans = observed(&MALTA, learnt_from, 52);
    let paces = Paces::learn(&MALTA.roads, &spans, &Shrinkage::CAREFUL);
    let profile = calibrated_profile(BLUE_LIGHT, &paces, "150 trips").unwrap();
    assert!(profile.starts_with("# source: 150 trips\n"));
    let calibrated = malta(Profile::parse(&profile).unwrap()).roads;
    let (before, after) = (errors_s(&MALTA.roads, held_out), errors_s(&calibrated, held_out));
    assert!(middle(&after) < 0.75 * middle(&before), "{} {}", middle(&after), middle(&before));
}

/// |drive time − time taken| of each trip, seconds.
fn errors_s(roads: &Roads, trips: &[Driven]) -> Vec<f64> {
    let error = |driven: &Driven| {
        let (first, last) = (driven.stretches[0], driven.stretches[driven.stretches.len() - 1]);
        let from = ArcPoint { arc: first.arc, along: first.from };
        let way = roads.drive_between(&from, &ArcPoint { arc: last.arc, along: last.to }).unwrap();
        let millis: u32 = way.iter().map(|s| s.turn_millis + s.millis).sum();
        (f64::from(millis) - driven.duration_millis()).abs() / 1000.0
    };
    trips.iter().map(error).collect()
}

fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

#[test]
fn a_jam_is_seen_live_where_units_drive_through_it_and_nowhere_else() {
    let roads = &MALTA.roads;
    let way = drive_by_chance(roads, &mut Chance::new(61));
    let jammed: Vec<u32> = way[way.len() / 3..2 * way.len() / 3].iter().map(|s| s.arc).collect();
    let start = Timestamp::from_millis(1_704_100_000_000);
    let pace = |s: &ArcStretch| if jammed.contains(&s.arc) { 3.0 } else { 1.0 };
    let driven = Driven::of(way, start, pace);
    let spans = observed(&MALTA, &[driven.clone(), driven.clone()], 62);
    let now = start + Millis::new(driven.duration_millis() as i64) + Millis::from_mins(2);
    let usual = Paces::of_profile(roads);
    let seen = live_speeds(roads, &spans, &usual, now, &LiveRules::CAREFUL);
    let usual_kmh = |arc| roads.arc_metres(arc) / f64::from(roads.arc_time(arc).unwrap()) * 3600.0;
    let slow = seen.iter().filter(|live| live.kmh < usual_kmh(live.arc));
    let slow: Vec<u32> = slow.map(|live| live.arc).collect();
    let n_right = slow.iter().filter(|arc| jammed.contains(arc)).count();
    assert!(n_right * 10 >= jammed.len() * 6, "{n_right} of {} jammed arcs", jammed.len());
    assert!((slow.len() - n_right) * 5 <= slow.len(), "{n_right} of {} seen", slow.len());
    let later = now + Millis::from_mins(60);
    assert_eq!(live_speeds(roads, &spans, &usual, later, &LiveRules::CAREFUL), []);
}
