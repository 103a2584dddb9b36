//! What a centre makes of what its fleet's drives have taught.

use ems_centre::{Centre, DriveTimes};
use ems_model::{EtaCause, Event, Leg, Millis, Timestamp, UnitReason, UnitStep};
use ems_traces::EtaModel;

use crate::city::{Floor, config, malta_with, mellieha, unit};

/// Drives take a fifth longer than the roads say and 20 s, and spread.
fn spread() -> EtaModel {
    let model = "source = \"a test\"\nn_trips = 60\nscale = 1.2\nstart_s = 20.0\n\
                 b0 = 30.0\nb1 = 1.0\nb2 = 0.01\ndof = 5.0\n";
    EtaModel::parse(model).unwrap()
}

fn open() -> Floor {
    Floor::open_in(malta_with(DriveTimes { spread: Some(spread()) }))
}

/// The arrivals of A2 at the scene, oldest first.
fn arrivals(floor: &Floor) -> Vec<(Timestamp, [Timestamp; 2], EtaCause)> {
    let told = floor.log.iter().filter_map(|recorded| match &recorded.event {
        Event::EtaRevised { leg: Leg::ToScene, eta, likely, cause, .. } => {
            Some((*eta, likely.unwrap(), *cause))
        }
        _ => None,
    });
    told.collect()
}

#[test]
fn every_recommendation_holds_the_interval_of_its_drive() {
    let (mut plain, mut learnt) = (Floor::open(), open());
    let advice = [&mut plain, &mut learnt].map(|floor| {
        let incident = floor.incident();
        floor.centre.recommend(floor.now, incident).unwrap()
    });
    let turn_out = plain.centre.config().reference.policy().units.turn_out;
    for unit in &advice[1].units {
        let same = advice[0].units.iter().find(|it| it.unit == unit.unit).unwrap();
        let drive = same.eta.unwrap() - turn_out;
        assert_eq!((same.likely, unit.eta), (None, Some(spread().median(drive) + turn_out)));
        let likely = spread().interval(drive, 0.8).map(|drive| drive + turn_out);
        assert_eq!(unit.likely, Some(likely));
    }
    for hospital in &advice[1].hospitals {
        let same = advice[0].hospitals.iter().find(|it| it.hospital == hospital.hospital).unwrap();
        assert_eq!(same.likely, None);
        assert_eq!(hospital.likely, same.drive.map(|drive| spread().interval(drive, 0.8)));
        assert_eq!(hospital.drive, same.drive.map(|drive| spread().median(drive)));
    }
    let says_so = |reason: &UnitReason| matches!(reason, UnitReason::MayBeLate { .. });
    assert!(!advice[0].units.iter().any(|unit| unit.cons.iter().any(says_so)));
}

#[test]
fn a_drive_becomes_surer_on_its_way_and_the_log_keeps_what_was_told() {
    let mut floor = open();
    let incident = floor.incident();
    floor.assign(incident, "A2");
    floor.steps(incident, "A2", &[UnitStep::GoEnRoute]);
    floor.at("A2", mellieha());
    let way = floor.centre.route_of(&unit("A2")).unwrap().unwrap().route;
    let start = floor.now;
    for share in [0.2, 0.4, 0.6, 0.8] {
        let driven = Millis::new((way.duration.as_secs_f64() * 1000.0 * share) as i64);
        floor.wait((start + Millis::new(driven.get() * 6 / 5)).since(floor.now));
        floor.at("A2", way.position_at(driven));
    }
    let told = arrivals(&floor);
    let width = |[first, last]: [Timestamp; 2]| last.since(first);
    assert!(told.iter().all(|(eta, [first, last], _)| first < eta && eta < last));
    let (first, last) = (told[1], told[told.len() - 1]);
    assert!(last.0.since(first.0).abs() < Millis::from_secs(40), "{told:?}");
    assert!(width(last.1).get() < width(first.1).get() / 2, "{told:?}");
    let replayed = Centre::replay(config(), malta_with(DriveTimes::default()), floor.log.clone());
    assert_eq!(replayed.unwrap().ledger(), floor.centre.ledger());
}
