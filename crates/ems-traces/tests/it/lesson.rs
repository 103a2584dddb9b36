//! From a file of traces to what they teach.

use ems_traces::{LessonError, LessonRules, Shrinkage, SpanRules, Traces, learn};

use crate::learning::file;
use crate::world::MALTA;

const RULES: LessonRules = LessonRules {
    noise_m: 8.0,
    utc_offset_mins: 0,
    spans: SpanRules::CAREFUL,
    shrinkage: Shrinkage::CAREFUL,
};

#[test]
fn a_file_of_traces_makes_the_etas_of_its_other_half_better_and_their_intervals_hold() {
    let traces = Traces::parse(file(&MALTA, 400, 71).as_bytes()).unwrap();
    let lesson = learn(&MALTA.roads, &MALTA.lengths, &traces, &RULES).unwrap();
    let held_out = &lesson.held_out;
    assert!((380..=420).contains(&lesson.n_trips), "{} trips", lesson.n_trips);
    assert_eq!(held_out.n_trips, lesson.n_trips / 2);
    assert!(held_out.after.median_s < 0.7 * held_out.before.median_s, "{held_out:?}");
    assert!(held_out.after.p90_s < 0.7 * held_out.before.p90_s, "{held_out:?}");
    for [share, held] in &held_out.coverage {
        assert!((share - held).abs() < 0.08, "{held_out:?}");
    }
}

#[test]
fn a_few_trips_teach_nothing_and_that_is_said() {
    let traces = Traces::parse(file(&MALTA, 3, 72).as_bytes()).unwrap();
    let error = learn(&MALTA.roads, &MALTA.lengths, &traces, &RULES).unwrap_err();
    assert!(matches!(error, LessonError::TooFew { n_trips: 3, .. }), "{error}");
    assert!(error.to_string().contains("give traces of at least 200 trips"), "{error}");
}
