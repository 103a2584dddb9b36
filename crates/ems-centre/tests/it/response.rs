//! Several units for one call: sent at once or not at all, filled up later, trimmed on scene.

use std::collections::BTreeMap;

use ems_centre::Rejection;
use ems_model::{
    Call, Command, Event, IncidentId, IncidentState, Leg, Millis, Phase, Position, SlotState,
    UnitId, UnitKind, UnitReason, UnitState, UnitStep as S,
};

use crate::city::{Floor, chest_pain, config, malta, sign_on, sliema, unit, valletta};

const TO_SCENE: [S; 3] = [S::Acknowledge, S::GoEnRoute, S::ArriveOnScene];

/// The floor's units A1 (ALS), B1 (BLS) and A2 (ALS, far), a doctor car D1 and a drone F1.
fn floor() -> Floor {
    let mut floor = Floor::open();
    floor.done(sign_on("D1", UnitKind::DoctorCar, valletta()));
    floor.done(sign_on("F1", UnitKind::Drone, valletta()));
    floor
}

fn arrest(floor: &mut Floor) -> IncidentId {
    let answers = [("awake", "cannot-wake"), ("breathing", "none")];
    let answers = answers.map(|(question, answer)| (question.to_owned(), answer.to_owned()));
    let call = Call {
        complaint: "cardiac-arrest".into(),
        answers: answers.into(),
        ..chest_pain(floor.now)
    };
    floor.done(Command::TakeCall { call, priority: Some("I".into()) }).incident.unwrap()
}

fn send(incident: IncidentId, version: u32, units: &[&str], overrule: Option<&str>) -> Command {
    let units = units.iter().map(|name| unit(name)).collect();
    let overrule = overrule.map(str::to_owned);
    let (expected_version, diverted) = (Some(version), BTreeMap::new());
    Command::SendResponse { incident, expected_version, units, diverted, overrule }
}

fn proposed(floor: &Floor, incident: IncidentId) -> Vec<UnitId> {
    let advice = floor.centre.recommend(floor.now, incident).unwrap();
    advice.response.unwrap().to_send().cloned().collect()
}

fn standing(floor: &Floor, incident: IncidentId) -> Vec<String> {
    let response = floor.centre.standing(floor.now, floor.record(incident)).unwrap();
    let unit = |state: &SlotState| match state {
        SlotState::Held { unit } => unit.to_string(),
        SlotState::Fills { .. } | SlotState::Empty { .. } => "-".into(),
    };
    response.slots.iter().map(|slot| unit(&slot.state)).collect()
}

#[test]
fn a_response_is_one_decision_of_all_its_units() {
    let mut floor = floor();
    let incident = arrest(&mut floor);
    let version = floor.record(incident).version;
    assert_eq!(proposed(&floor, incident), ["A1", "B1", "D1", "F1"].map(unit));
    let accepted = floor.done(send(incident, version, &["A1", "B1", "D1", "F1"], None));
    assert_eq!(accepted.incident, Some(incident));
    let sent: Vec<_> = accepted
        .events
        .iter()
        .filter_map(|recorded| match &recorded.event {
            Event::UnitAssigned { choice, .. } => choice.chosen.pros.last(),
            _ => None,
        })
        .collect();
    let fills = |slot: &str| UnitReason::Fills { slot: slot.into() };
    let slots = ["als", "second-crew", "physician", "aed-drone"].map(fills);
    assert_eq!(sent, slots.iter().collect::<Vec<_>>());
    assert_eq!(standing(&floor, incident), ["A1", "B1", "D1", "F1"]);
    for name in ["A1", "B1", "D1", "F1"] {
        let eta = floor.record(incident).etas.get(&(unit(name), Leg::ToScene));
        assert!(eta.is_some_and(|eta| eta.eta > floor.now), "{name} has no ETA");
    }
    let replayed = ems_centre::Centre::replay(config(), malta(), floor.log.clone()).unwrap();
    assert_eq!(replayed.ledger(), floor.centre.ledger());
}

#[test]
fn a_response_with_one_unit_that_cannot_go_sends_nobody() {
    let mut floor = floor();
    let other = floor.incident();
    let incident = arrest(&mut floor);
    floor.assign(other, "B1");
    let (seq, version) = (floor.centre.seq(), floor.record(incident).version);
    let rejection = floor.say(send(incident, version, &["A1", "B1"], Some("x"))).unwrap_err();
    assert_eq!(rejection.code(), "conflict");
    let rejection = floor.say(send(other, 9, &["F1"], Some("x"))).unwrap_err();
    assert_eq!(rejection.code(), "conflict");
    let of_other = floor.record(other).version;
    let rejection = floor.say(send(other, of_other, &["A1", "F1"], Some("x"))).unwrap_err();
    assert!(rejection.to_string().contains("the call's run card has no place for it"));
    for units in [&[][..], &["A1", "A1"]] {
        let rejection = floor.say(send(incident, version, units, None)).unwrap_err();
        assert_eq!(rejection.code(), "malformed", "{units:?}");
    }
    assert_eq!(floor.centre.seq(), seq);
}

#[test]
fn fewer_or_later_units_than_the_run_card_asks_for_need_a_reason() {
    let mut floor = floor();
    let incident = arrest(&mut floor);
    let version = floor.record(incident).version;
    for units in [&["A1"][..], &["A2", "B1", "D1", "F1"], &["A1", "B1", "A2", "F1", "D1"]] {
        let rejection = floor.say(send(incident, version, units, None)).unwrap_err();
        let needs_reason = matches!(rejection, Rejection::ResponseNeedsReason { .. });
        assert!(needs_reason, "{units:?}: {rejection}");
        assert!(rejection.to_string().contains("which is A1, B1, D1, F1"), "{rejection}");
    }
    floor.done(send(incident, version, &["A1"], Some("B1 is needed for the race")));
}

#[test]
fn a_place_that_nobody_could_take_is_filled_when_a_unit_comes_free() {
    let mut floor = floor();
    let other = floor.incident();
    for name in ["B1", "A2", "D1"] {
        floor.assign(other, name);
    }
    let incident = arrest(&mut floor);
    let version = floor.record(incident).version;
    floor.done(send(incident, version, &["A1", "F1"], None));
    assert_eq!(standing(&floor, incident), ["A1", "-", "-", "F1"]);
    assert!(proposed(&floor, incident).is_empty());
    floor.steps(other, "B1", &[S::StandDown]);
    assert_eq!(proposed(&floor, incident), [unit("B1")]);
    let version = floor.record(incident).version;
    floor.done(send(incident, version, &["B1"], None));
    assert_eq!(standing(&floor, incident), ["A1", "B1", "-", "F1"]);
}

#[test]
fn a_drone_is_no_arrival_brings_nobody_and_flies_beside_the_roads() {
    let mut floor = floor();
    let incident = arrest(&mut floor);
    let version = floor.record(incident).version;
    floor.done(send(incident, version, &["A1", "B1", "D1", "F1"], None));
    floor.steps(incident, "F1", &[S::Acknowledge, S::GoEnRoute]);
    let sea = Position::from_degrees(35.93, 14.60).unwrap();
    floor.wait(Millis::from_secs(20));
    floor.at("F1", sea);
    let eta = floor.record(incident).etas[&(unit("F1"), Leg::ToScene)].eta;
    let flight = config().reference.flight().time(sea.metres_to(sliema()));
    assert_eq!(eta, floor.now + flight);
    assert!(floor.centre.route_of(&unit("F1")).is_none());
    floor.steps(incident, "F1", &[S::ArriveOnScene]);
    assert_eq!(floor.record(incident).incident.state, IncidentState::Assigned);
    floor.steps(incident, "D1", &TO_SCENE);
    assert_eq!(floor.record(incident).incident.state, IncidentState::Attended);
    floor.steps(incident, "D1", &[S::ReachPatient]);
    let leave = crate::city::step_unit(incident, "D1", S::LeaveScene, floor.now);
    assert_eq!(floor.say(leave).unwrap_err().code(), "illegal_step");
}

#[test]
fn a_crew_on_scene_says_whom_it_does_not_need() {
    let mut floor = floor();
    let incident = arrest(&mut floor);
    let version = floor.record(incident).version;
    floor.done(send(incident, version, &["A1", "B1", "D1", "F1"], None));
    let trim = |by: &str, units: &[&str]| Command::TrimResponse {
        incident,
        expected_version: None,
        by: unit(by),
        units: units.iter().map(|name| unit(name)).collect(),
    };
    let too_early = floor.say(trim("B1", &["D1"])).unwrap_err();
    assert!(matches!(too_early, Rejection::NotOnScene { .. }), "{too_early}");
    floor.steps(incident, "B1", &TO_SCENE);
    for (units, code) in [(&["B1"][..], "refused"), (&["A2"], "illegal_step"), (&[], "malformed")] {
        assert_eq!(floor.say(trim("B1", units)).unwrap_err().code(), code, "{units:?}");
    }
    floor.done(trim("B1", &["D1", "F1"]));
    assert_eq!(standing(&floor, incident), ["A1", "B1", "-", "-"]);
    let state = floor.centre.ledger().unit(&unit("D1")).unwrap().unit.state;
    assert_eq!(state, UnitState::Available { last: Some(incident) });
    assert!(proposed(&floor, incident).is_empty(), "who was sent back is not proposed again");
    let replayed = ems_centre::Centre::replay(config(), malta(), floor.log.clone()).unwrap();
    assert_eq!(replayed.ledger(), floor.centre.ledger());
    floor.steps(incident, "A1", &[TO_SCENE[0], TO_SCENE[1], TO_SCENE[2], S::ReachPatient]);
    let with_patient = floor.say(trim("B1", &["A1"])).unwrap_err();
    assert!(matches!(with_patient, Rejection::WithPatient { .. }), "{with_patient}");
    assert_eq!(
        floor.centre.ledger().unit(&unit("A1")).unwrap().unit.phase(),
        Some(Phase::AtPatient)
    );
}
