//! Arrivals and the tasks that move with them.

use ems_model::{
    AlarmKind, AlarmPriority, AlarmSignal, Command, CrewState, EtaCause, Event, Frame, FrameBody,
    Leg, Millis, UnitStep,
};

use crate::city::{Floor, mellieha, sliema, unit};
use crate::commands::{choose_best, to_patient};

#[test]
fn an_assigned_unit_has_an_expected_arrival_with_turn_out() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    let eta = floor.record(incident).etas[&(unit("A1"), Leg::ToScene)];
    let route = floor.centre.route_of(&unit("A1")).unwrap().unwrap();
    let turn_out = floor.centre.policy().units.turn_out;
    assert_eq!(eta.cause, EtaCause::Planned);
    assert_eq!(eta.eta, floor.now + turn_out + route.route.duration);
}

#[test]
fn tasks_are_due_when_the_patient_is_and_move_with_a_reason() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    choose_best(&mut floor, incident);
    let planned = floor.record(incident).reception.clone().unwrap();
    assert!(!planned.tasks.is_empty());
    assert!(planned.tasks.iter().all(|task| task.due == planned.eta));
    to_patient(&mut floor, incident, "A1");
    let before = floor.record(incident).reception.clone().unwrap();
    floor.wait(Millis::from_mins(90));
    let after = floor.record(incident).reception.clone().unwrap();
    assert!(after.eta > before.eta);
    assert!(after.tasks.iter().all(|task| task.due == after.eta));
    let moved = floor.log.iter().rev().find_map(|recorded| match &recorded.event {
        Event::TasksMoved { from, to, cause, .. } => Some((*from, *to, *cause)),
        _ => None,
    });
    let on_scene = Millis::from_mins(90);
    assert_eq!(moved, Some((before.eta, after.eta, EtaCause::SceneTimeOverrun { on_scene })));
}

#[test]
fn an_overrun_wakes_the_centre_again_and_again() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    choose_best(&mut floor, incident);
    to_patient(&mut floor, incident, "A1");
    let mut wakes = Vec::new();
    for _ in 0..3 {
        let (at, _) = floor.centre.next_wake().unwrap();
        assert!(at > floor.now, "a wake in the past would spin");
        let span = at.since(floor.now);
        wakes.push(span);
        floor.wait(span);
    }
    assert_eq!(wakes[1..], [Millis::from_secs(60), Millis::from_secs(60)]);
}

#[test]
fn a_unit_that_takes_another_way_moves_its_arrival() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    floor.steps(incident, "A1", &[UnitStep::GoEnRoute]);
    floor.wait(Millis::from_secs(20));
    floor.at("A1", mellieha());
    let eta = floor.record(incident).etas[&(unit("A1"), Leg::ToScene)];
    assert_eq!(eta.cause, EtaCause::PositionReported);
    floor.at("A1", sliema());
    let same = floor.record(incident).etas[&(unit("A1"), Leg::ToScene)];
    assert_eq!(same, eta, "a position of the same moment is not news");
}

#[test]
fn a_break_ends_by_itself() {
    let mut floor = Floor::open();
    let until = floor.now + Millis::from_mins(20);
    floor.done(Command::RestCrew { unit: unit("A1"), until });
    assert_eq!(floor.centre.next_wake().map(|(at, _)| at), Some(until));
    floor.wait(Millis::from_mins(20));
    let crew = &floor.centre.ledger().unit(&unit("A1")).unwrap().unit.crew;
    assert!(matches!(crew.state, CrewState::OnShift { .. }));
    assert_eq!(floor.centre.next_wake(), None);
}

#[test]
fn an_alarm_is_recorded_once_however_often_its_frame_comes() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    let alarm = ems_model::Alarm {
        kind: AlarmKind::Spo2Low,
        priority: AlarmPriority::High,
        is_active: true,
        value: Some(82.0),
        limit: Some(90.0),
        signal: AlarmSignal::On,
    };
    let frame = |seq, alarm| Frame {
        unit: unit("A1"),
        seq,
        at: floor.now,
        incident: Some(incident),
        clock: None,
        body: FrameBody::Alarm { alarm },
    };
    let start = frame(1, alarm.clone());
    let known = frame(2, ems_model::Alarm { signal: AlarmSignal::Acknowledged, ..alarm.clone() });
    let end = frame(3, ems_model::Alarm { is_active: false, ..alarm });
    let tell = |floor: &mut Floor, it: &Frame| floor.centre.on_frame(it.at, it).len();
    let acknowledge =
        Command::AcknowledgeAlarm { incident, unit: unit("A1"), kind: AlarmKind::Spo2Low };
    let refused = |floor: &mut Floor| {
        let told = floor.say(acknowledge.clone()).unwrap_err().to_string();
        assert!(told.starts_with("unit A1 tells no such alarm of incident "), "{told}");
    };
    refused(&mut floor);
    assert_eq!([&start, &start].map(|it| tell(&mut floor, it)), [1, 0]);
    let accepted = floor.done(acknowledge.clone());
    assert_eq!(accepted.events[0].event.name(), "alarm_acknowledged");
    assert_eq!([&known, &known].map(|it| tell(&mut floor, it)), [1, 0]);
    refused(&mut floor);
    assert_eq!([&end, &end].map(|it| tell(&mut floor, it)), [1, 0]);
}
