//! Crews of a fleet: shifts, rest, meals and range, on the street of `fleet_rules`.

use ems_dispatch::{ComplianceTable, CoverPatterns, MoveBounds, Relocation};
use ems_sim::{Answer, Call, CrewSums, FleetCity, FleetPolicy, Staffing, Tally, run_fleet};

use crate::fleet_rules::{call, nearest, street};

const HIGH: u8 = 1;

fn staffed(units: &[usize], text: &str) -> FleetCity {
    street(units, true).staffed(Staffing::parse(text, units.len()).unwrap())
}

fn run(city: &FleetCity, policy: FleetPolicy, calls: Vec<Call>) -> (Vec<Answer>, Tally) {
    let mut answers = Vec::new();
    let tally = run_fleet(city, policy, calls, &mut |answer| answers.push(answer));
    answers.sort_by_key(|answer| answer.seq);
    (answers, tally)
}

fn home() -> FleetPolicy {
    nearest(Relocation::OwnStation)
}

/// Hours of a day, as days.
fn at(hours: f64) -> f64 {
    hours / 24.0
}

const DAY_SHIFT: &str = "[[shifts]]\nunits = [1]\nstart_h = 6\nhours = 12\n";

#[test]
fn a_unit_off_duty_is_not_sent_and_a_call_waits_for_the_shift() {
    let city = staffed(&[1, 2], DAY_SHIFT);
    // Unit 2 stands at 4 km and always works; unit 1, at the scene, only from six to six.
    let calls =
        vec![call(HIGH, 0.0, at(3.0)), call(HIGH, 0.0, at(12.0)), call(HIGH, 0.0, at(20.0))];
    let (answers, _) = run(&city, home(), calls);
    assert_eq!(answers.iter().map(|it| it.unit).collect::<Vec<_>>(), [1, 0, 1]);
    let (answers, tally) = run(&staffed(&[1], DAY_SHIFT), home(), vec![call(HIGH, 0.0, at(3.0))]);
    assert!(answers[0].was_queued && (answers[0].response - at(3.0)).abs() < 1e-9, "{answers:?}");
    assert_eq!(tally.crews().n_shifts, 1);
}

#[test]
fn overtime_runs_until_the_unit_is_home_and_the_next_shift_waits_for_the_rest() {
    // Sent 0.01 days before the end: 0.04 there, 0.01 on scene, 0.08 back.
    let calls = || vec![call(HIGH, 4.0, at(18.0) - 0.01), call(HIGH, 0.0, 1.0 + at(6.5))];
    let text = format!("rest_h = 11\n{DAY_SHIFT}");
    let (answers, tally) = run(&staffed(&[1], &text), home(), calls());
    let CrewSums { n_shifts, n_shifts_late, overtime, .. } = tally.crews();
    assert_eq!((n_shifts, n_shifts_late), (2, 1));
    assert!((overtime - 0.12).abs() < 1e-9, "{overtime}");
    let rested = at(18.0) + 0.12 + at(11.0);
    let waited = rested - (1.0 + at(6.5));
    assert!((answers[1].response - waited).abs() < 1e-9, "{answers:?}");
    let (answers, _) = run(&staffed(&[1], DAY_SHIFT), home(), calls());
    assert!(!answers[1].was_queued, "without a rest the shift begins at six");
}

#[test]
fn a_meal_is_taken_in_its_window_or_counted_as_missed() {
    let text = format!("{DAY_SHIFT}[meals]\nopens_h = 4\ncloses_h = 6\nminutes = 30\n");
    // A call in the break waits for its end.
    let (answers, tally) = run(&staffed(&[1], &text), home(), vec![call(HIGH, 0.0, at(10.25))]);
    assert!((answers[0].response - at(0.25)).abs() < 1e-9, "{answers:?}");
    assert_eq!((tally.crews().n_breaks, tally.crews().n_breaks_missed), (1, 0));
    // One that lasts from before the window until after it costs the break.
    let long = Call { on_scene: at(3.0), ..call(HIGH, 0.0, at(9.9)) };
    let (_, tally) = run(&staffed(&[1], &text), home(), vec![long]);
    assert_eq!((tally.crews().n_breaks, tally.crews().n_breaks_missed), (0, 1));
    // One that ends within the window delays it.
    let short = Call { on_scene: at(0.5), ..call(HIGH, 0.0, at(9.9)) };
    let (_, tally) = run(&staffed(&[1], &text), home(), vec![short]);
    assert_eq!((tally.crews().n_breaks, tally.crews().n_breaks_missed), (1, 0));
}

#[test]
fn a_vehicle_is_refilled_when_only_the_reserve_is_left() {
    // A call at 2 km costs 0.02 days there and 0.04 back: 1.44 h, 72 km at 50 km/h.
    let range = "[range]\nkm = 80\nreserve_km = 10\nkm_per_h = 50\nrefill_min = 60\n";
    let calls = vec![call(HIGH, 2.0, 0.1), call(HIGH, 0.0, 0.18), call(HIGH, 0.0, 0.3)];
    let city = staffed(&[1], range);
    let (answers, tally) = run(&city, home(), calls.clone());
    let filled = 0.1 + 0.02 + 0.01 + 0.04 + 1.0 / 24.0;
    assert!((answers[1].response - (filled - 0.18)).abs() < 1e-9, "{answers:?}");
    assert!(!answers[2].was_queued);
    assert_eq!(tally.crews().n_refills, 1);
    let battery =
        "[range]\nkwh = 60\nkwh_per_km = 0.5\nreserve_km = 10\nkm_per_h = 50\nrefill_min = 60\n";
    let (answers, tally) = run(&staffed(&[1], battery), home(), calls);
    assert!(!answers[1].was_queued && tally.crews().n_refills == 0, "120 km are enough");
}

#[test]
fn relocation_leaves_alone_who_is_off_duty_pauses_or_is_about_to_go() {
    // The table wants one unit at each station.
    let patterns = CoverPatterns::new(2, [(1.0, vec![0]), (1.0, vec![1])]);
    let table = || {
        let table = ComplianceTable::nested(&patterns, 0.2, 2, MoveBounds::NONE).unwrap();
        nearest(Relocation::Table(table))
    };
    let n_moves = |text: &str| {
        let city = match text {
            "" => street(&[1, 1], true),
            text => staffed(&[1, 1], text),
        };
        // The call frees a unit, which asks the table.
        let (_, tally) = run(&city, table(), vec![call(HIGH, 0.0, at(12.0))]);
        tally.moving() * 24.0
    };
    assert!(n_moves("") > 0.5, "one of the two moves to the other station");
    let off = "[[shifts]]\nunits = [2]\nstart_h = 20\nhours = 2\n";
    assert!(n_moves(off) < 1e-9, "the table for one unit wants it where it is");
    let ending = "[[shifts]]\nunits = [1, 2]\nstart_h = 6\nhours = 12\nlast_min = 720\n";
    assert!(n_moves(ending) < 1e-9);
}

#[test]
fn a_file_that_cannot_be_is_refused_with_its_value() {
    for (text, said) in [
        ("[[shifts]]\nunits = [3]\nstart_h = 6\nhours = 12\n", "unit 3 is outside 1..=2"),
        ("[[shifts]]\nunits = [1, 1]\nstart_h = 6\nhours = 12\n", "unit 1 has two shifts"),
        ("[[shifts]]\nunits = [1]\nstart_h = 6\nhours = 24\n", "hours 24 is outside 0.25 to 23.75"),
        ("[meals]\nopens_h = 5\ncloses_h = 4\nminutes = 30\n", "closes_h 4 is outside 5 to 24"),
        ("[range]\nreserve_km = 5\nkm_per_h = 50\nrefill_min = 9\n", "wants km, or kwh"),
        (
            "[range]\nkm = 5\nreserve_km = 5\nkm_per_h = 50\nrefill_min = 9\n",
            "is not above reserve",
        ),
        ("breaks = 3\n", "unknown field `breaks`"),
    ] {
        let error = Staffing::parse(text, 2).unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}
