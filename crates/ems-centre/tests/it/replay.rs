//! The log is the truth.

use ems_centre::{Centre, ReplayError};
use ems_model::{Millis, UnitStep};

use crate::city::{Floor, config, malta};
use crate::commands::{choose_best, to_patient};

#[test]
fn a_replayed_log_gives_the_same_ledger() {
    let floor = busy();
    let replayed = Centre::replay(config(), malta(), floor.log.clone()).unwrap();
    assert_eq!(replayed.ledger(), floor.centre.ledger());
    assert_eq!(replayed.next_wake(), floor.centre.next_wake());
}

#[test]
fn a_log_with_a_hole_is_refused() {
    let mut log = busy().log;
    log.remove(4);
    let error = Centre::replay(config(), malta(), log).unwrap_err();
    assert_eq!(error, ReplayError::Gap { last: 4, found: 6 });
}

#[test]
fn a_log_of_another_city_is_told_by_its_places() {
    let mut log = busy().log;
    let paris = ems_model::Position::from_degrees(48.86, 2.35).unwrap();
    if let ems_model::Event::UnitSignedOn { home, .. } = &mut log[0].event {
        *home = paris;
    }
    let error = Centre::replay(config(), malta(), log).unwrap_err().to_string();
    assert!(error.starts_with("event 1 is of another city: position 48.86,2.35 is"), "{error}");
}

#[test]
fn a_clock_that_jumps_back_does_not_reach_the_log() {
    let mut floor = busy();
    floor.now = floor.now - Millis::from_mins(60);
    floor.incident();
    assert!(floor.log.is_sorted_by_key(|recorded| recorded.recorded_at));
}

fn busy() -> Floor {
    let mut floor = Floor::open();
    let (first, second) = (floor.incident(), floor.incident());
    floor.assign(first, "A1");
    floor.assign(second, "A2");
    choose_best(&mut floor, first);
    floor.wait(Millis::from_mins(3));
    to_patient(&mut floor, first, "A1");
    floor.wait(Millis::from_mins(40));
    floor.steps(first, "A1", &[UnitStep::LeaveScene]);
    floor
}
