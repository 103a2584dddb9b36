//! Commands: idempotent, contested, refused.

use ems_centre::Rejection;
use ems_model::{
    Bpm, Census, Command, Event, Frame, FrameBody, HospitalId, IncidentState, Millis, Outcome,
    Position, ReceptionAnswer, ReceptionState, Request, UnitState, UnitStep, Vitals,
};

use crate::city::{Floor, START, assign, chest_pain, mellieha, step_unit, unit};

#[test]
fn the_same_key_is_done_once_and_answered_twice() {
    let mut floor = Floor::open();
    let command = Command::TakeCall { call: chest_pain(START), priority: None };
    let request = Request { key: "once".into(), actor: "dispatcher:li".into(), command };
    let first = floor.centre.handle(START, &request).unwrap();
    let again = floor.centre.handle(START, &request).unwrap();
    assert!(!first.is_repeated && again.is_repeated);
    assert_eq!((first.seq, first.incident), (again.seq, again.incident));
    assert!(again.events.is_empty());
    assert_eq!(floor.centre.ledger().incidents().count(), 1);
}

#[test]
fn another_command_under_a_used_key_is_refused_and_not_taken_for_done() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    let ask = |unit: &str| Request {
        key: "once".into(),
        actor: "dispatcher:li".into(),
        command: assign(incident, unit, Some("nearest")),
    };
    let seq = floor.centre.handle(floor.now, &ask("A1")).unwrap().seq;
    let rejection = floor.centre.handle(floor.now, &ask("A2")).unwrap_err();
    assert_eq!(rejection, Rejection::KeyTaken { key: "once".into(), seq });
    assert_eq!(rejection.code(), "refused");
    let other_actor = Request { actor: "dispatcher:wu".into(), ..ask("A1") };
    assert!(floor.centre.handle(floor.now, &other_actor).is_err());
    assert!(floor.centre.handle(floor.now, &ask("A1")).unwrap().is_repeated);
    for at in [START, START + Millis::from_secs(1)] {
        let command = step_unit(incident, "A1", UnitStep::GoEnRoute, at);
        let step = Request { key: "go".into(), actor: "unit:A1".into(), command };
        floor.centre.handle(floor.now, &step).expect("a retry may be dated anew");
    }
}

#[test]
fn the_second_of_two_dispatchers_is_told_who_won() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    let seen = Some(floor.record(incident).version);
    floor.assign(incident, "A1");
    let late = Command::CancelIncident {
        incident,
        expected_version: seen,
        reason: "caller rang off".into(),
    };
    let Err(Rejection::Conflict { won_by, .. }) = floor.say(late) else { panic!("no conflict") };
    assert_eq!((won_by.actor.as_str(), won_by.what), ("dispatcher:li", "unit_assigned"));
}

#[test]
fn a_unit_is_on_one_incident_only() {
    let mut floor = Floor::open();
    let (first, second) = (floor.incident(), floor.incident());
    floor.assign(first, "A1");
    let rejection = floor.say(assign(second, "A1", Some("nearest"))).unwrap_err();
    assert_eq!(rejection.code(), "conflict");
    assert_eq!(
        rejection.to_string(),
        "unit A1 is with incident 1: dispatcher:li sent it first; choose another unit"
    );
}

#[test]
fn passing_over_the_best_unit_needs_a_reason_that_is_recorded() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    let rejection = floor.say(assign(incident, "A2", None)).unwrap_err();
    assert!(matches!(rejection, Rejection::OverruleNeedsReason { .. }), "{rejection}");
    let accepted = floor.done(assign(incident, "A2", Some("A1 has a flat tyre")));
    let Event::UnitAssigned { choice, .. } = &accepted.events[0].event else { panic!() };
    assert_eq!(choice.overrule.as_deref(), Some("A1 has a flat tyre"));
    assert_eq!(choice.passed_over[0].unit, unit("A1"));
}

#[test]
fn spaces_are_no_reason() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    let long = "x".repeat(1001);
    for (reason, said) in [
        ("", "overrule has 0 bytes, outside 1..=1000: shorten or fill it"),
        (" \t", "overrule is blank: say it in words"),
        (long.as_str(), "overrule has 1001 bytes, outside 1..=1000: shorten or fill it"),
    ] {
        let rejection = floor.say(assign(incident, "A2", Some(reason))).unwrap_err();
        assert_eq!((rejection.code(), rejection.to_string().as_str()), ("malformed", said));
        let reason = reason.to_owned();
        let triage = Command::Triage {
            incident,
            expected_version: None,
            priority: "IV".into(),
            reason: Some(reason.clone()),
        };
        assert_eq!(floor.say(triage).unwrap_err().code(), "malformed");
        let cancel = Command::CancelIncident { incident, expected_version: None, reason };
        assert_eq!(floor.say(cancel).unwrap_err().code(), "malformed");
    }
}

#[test]
fn an_end_is_a_time_to_come_and_not_absurdly_far_off() {
    let mut floor = Floor::open();
    let hospital = floor.centre.ledger().hospitals().next().unwrap().profile.id.clone();
    for (ahead, is_end) in [
        (Millis::new(i64::MIN), false),
        (Millis::ZERO, false),
        (Millis::from_mins(60), true),
        (Millis::new(i64::MAX), false),
    ] {
        let until = floor.now + ahead;
        let rest = Command::RestCrew { unit: unit("A2"), until };
        assert_eq!(floor.say(rest).is_ok(), is_end, "rest {ahead}");
        let (hospital, reason) = (hospital.clone(), "no power".to_owned());
        let divert = Command::DivertAmbulances { hospital, reason, until: Some(until) };
        assert_eq!(floor.say(divert).is_ok(), is_end, "diversion {ahead}");
        let mut shift = crate::city::sign_on("C1", ems_model::UnitKind::Bls, mellieha());
        if let Command::SignOnUnit { shift_until, .. } = &mut shift {
            *shift_until = until;
        }
        assert_eq!(floor.say(shift).is_ok(), is_end, "shift {ahead}");
    }
    let past = Command::RestCrew { unit: unit("A1"), until: floor.now - Millis::from_mins(5) };
    assert_eq!(
        floor.say(past).unwrap_err().to_string(),
        "until is -5:00 from now, outside 0:00..=1440:00 min:s: give a time to come, in µs"
    );
}

#[test]
fn a_call_off_the_map_says_how_far() {
    let mut floor = Floor::open();
    let mut call = chest_pain(START);
    call.position = Position::from_degrees(36.5, 14.5).unwrap();
    let rejection = floor.say(Command::TakeCall { call, priority: None }).unwrap_err();
    assert_eq!(rejection.code(), "refused");
    assert!(rejection.to_string().contains("km"), "{rejection}");
}

#[test]
fn wrong_commands_are_refused_and_change_nothing() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    let before = floor.centre.ledger().clone();
    let nowhere = HospitalId::new("n404").unwrap();
    let mut too_old = chest_pain(START);
    too_old.age = Some(131);
    let mut tomorrow = chest_pain(START);
    tomorrow.rang_at = START + Millis::from_mins(60);
    let mut unrung = chest_pain(START);
    unrung.answered_at = Some(START - Millis::from_secs(5));
    let mut answered_in_no_time = chest_pain(START);
    answered_in_no_time.answered_at = Some(ems_model::Timestamp::from_micros(i64::MIN));
    let mut odd_card = chest_pain(START);
    odd_card.complaint = "hiccups".into();
    for (command, code) in [
        (assign(ems_model::IncidentId(99), "A1", None), "unknown"),
        (assign(incident, "Z9", None), "unknown"),
        (step_unit(incident, "A1", UnitStep::GoEnRoute, START), "illegal_step"),
        (Command::OpenDoors { hospital: nowhere }, "unknown"),
        (Command::TakeCall { call: too_old, priority: None }, "malformed"),
        (Command::TakeCall { call: tomorrow, priority: None }, "refused"),
        (Command::TakeCall { call: unrung, priority: None }, "refused"),
        (Command::TakeCall { call: answered_in_no_time, priority: None }, "refused"),
        (Command::TakeCall { call: odd_card, priority: None }, "refused"),
        (Command::TakeCall { call: chest_pain(START), priority: Some("X".into()) }, "refused"),
        (Command::CloseIncident { incident, outcome: Outcome::HandedOver }, "illegal_step"),
    ] {
        let said = format!("{command:?}");
        assert_eq!(floor.say(command).unwrap_err().code(), code, "{said}");
    }
    assert_eq!(floor.centre.ledger(), &before);
}

#[test]
fn a_command_of_several_events_happens_whole_or_not_at_all() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    floor.assign(incident, "A2");
    choose_best(&mut floor, incident);
    to_patient(&mut floor, incident, "A1");
    floor.steps(incident, "A1", &[UnitStep::LeaveScene]);
    let before = floor.centre.ledger().clone();
    let cancel =
        Command::CancelIncident { incident, expected_version: None, reason: "mistake".into() };
    assert_eq!(floor.say(cancel).unwrap_err().code(), "illegal_step");
    assert_eq!(floor.centre.ledger(), &before);
}

#[test]
fn a_cancelled_incident_frees_its_units_and_the_hospital() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    choose_best(&mut floor, incident);
    let cancel =
        Command::CancelIncident { incident, expected_version: None, reason: "false".into() };
    floor.done(cancel);
    let ledger = floor.centre.ledger();
    assert_eq!(ledger.incident(incident).unwrap().incident.state, IncidentState::Cancelled);
    let free = UnitState::Available { last: Some(incident) };
    assert_eq!(ledger.unit(&unit("A1")).unwrap().unit.state, free);
    assert!(ledger.hospitals().all(|hospital| hospital.expecting.is_empty()));
}

#[test]
fn a_diverted_patient_stays_until_another_hospital_is_chosen() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    let first = choose_best(&mut floor, incident);
    to_patient(&mut floor, incident, "A1");
    let answer = ReceptionAnswer::Divert { reason: "cath lab down".into() };
    floor.done(Command::AnswerReception { hospital: first.clone(), incident, answer });
    let leave = step_unit(incident, "A1", UnitStep::LeaveScene, floor.now);
    assert!(matches!(floor.say(leave), Err(Rejection::Diverted { .. })));
    let second = choose_best(&mut floor, incident);
    assert_ne!(first, second);
    floor.steps(incident, "A1", &[UnitStep::LeaveScene]);
}

#[test]
fn a_transfer_of_care_closes_the_incident() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    choose_best(&mut floor, incident);
    to_patient(&mut floor, incident, "A1");
    let rest = [UnitStep::LeaveScene, UnitStep::ArriveAtHospital, UnitStep::TransferCare];
    floor.steps(incident, "A1", &rest);
    floor.steps(incident, "A1", &[UnitStep::ReturnToService]);
    let record = floor.record(incident);
    assert_eq!(record.incident.outcome, Some(Outcome::HandedOver));
    assert_eq!(record.reception.as_ref().unwrap().state, ReceptionState::Arrived);
    let stamped: Vec<_> = record.times.iter().map(|time| time.etimes).collect();
    let elements = ["01", "02", "03", "05", "06", "07", "09", "11", "12", "13"];
    assert_eq!(stamped, elements.map(|n| format!("eTimes.{n}")));
}

#[test]
fn a_step_of_an_earlier_call_is_refused() {
    let mut floor = Floor::open();
    let (first, second) = (floor.incident(), floor.incident());
    floor.assign(first, "A1");
    let step = step_unit(second, "A1", UnitStep::GoEnRoute, floor.now);
    assert!(matches!(floor.say(step), Err(Rejection::NotItsCall { .. })));
}

#[test]
fn a_device_clock_that_runs_ahead_does_not_date_a_step_into_the_future() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.assign(incident, "A1");
    let ahead = floor.now + Millis::from_mins(90);
    let accepted = floor.done(step_unit(incident, "A1", UnitStep::GoEnRoute, ahead));
    assert_eq!(accepted.events[0].occurred_at, floor.now);
}

#[test]
fn a_device_clock_that_runs_ahead_does_not_hide_the_vital_signs_after_it() {
    let mut floor = Floor::open();
    let frame = |seq, at, rate| {
        let vitals = Vitals { heart_rate: Bpm::new(rate).ok(), ..Vitals::default() };
        let body = FrameBody::Vitals { vitals, news2: None, scores: vec![] };
        Frame { unit: unit("A1"), seq, at, incident: None, clock: None, body }
    };
    floor.centre.on_frame(floor.now, &frame(1, floor.now + Millis::from_mins(60), 70));
    floor.wait(Millis::from_secs(1));
    floor.centre.on_frame(floor.now, &frame(2, floor.now, 80));
    let latest = floor.centre.latest_vitals(&unit("A1")).unwrap();
    assert_eq!((latest.at, latest.vitals.heart_rate), (floor.now, Bpm::new(80).ok()));
}

#[test]
fn remote_care_is_proposed_with_its_reason_where_no_hospital_suits() {
    let mut floor = Floor::open();
    let hospitals: Vec<_> =
        floor.centre.ledger().hospitals().map(|it| it.profile.id.clone()).collect();
    for hospital in hospitals {
        let reason = "no power".into();
        floor.done(Command::DivertAmbulances { hospital, reason, until: None });
    }
    let incident = floor.incident();
    assert!(floor.record(incident).remote_care.is_some());
    let (expert, is_accepted) = ("Dr Camilleri".into(), true);
    floor.done(Command::AnswerRemoteCare { incident, expert, is_accepted });
    assert_eq!(floor.record(incident).remote_care.as_ref().unwrap().is_accepted, Some(true));
}

#[test]
fn a_unit_signs_on_once() {
    let mut floor = Floor::open();
    let again = crate::city::sign_on("A1", ems_model::UnitKind::Bls, mellieha());
    assert!(matches!(floor.say(again), Err(Rejection::OnDuty { .. })));
}

pub(crate) fn choose_best(floor: &mut Floor, incident: ems_model::IncidentId) -> HospitalId {
    let best = floor.centre.recommend(floor.now, incident).unwrap().hospitals[0].hospital.clone();
    let hospital = best.clone();
    let (expected_version, overrule) = (None, None);
    floor.done(Command::ChooseHospital { incident, expected_version, hospital, overrule });
    best
}

pub(crate) fn to_patient(floor: &mut Floor, incident: ems_model::IncidentId, name: &str) {
    use UnitStep as S;
    floor.steps(incident, name, &[S::GoEnRoute, S::ArriveOnScene, S::ReachPatient]);
}

#[test]
fn a_census_that_cannot_be_is_refused_and_one_that_can_is_kept() {
    let mut floor = Floor::open();
    let hospital = floor.centre.ledger().hospitals().next().unwrap().profile.id.clone();
    let census = Census {
        boarders: 8,
        hospital_beds: 200,
        ventilated: 2,
        longest_boarding: Millis::from_mins(360),
        last_wait: Millis::from_mins(90),
    };
    let report = |census| Command::ReportCrowding {
        hospital: hospital.clone(),
        occupied: 40,
        beds: 30,
        census: Some(census),
    };
    for (wrong, named) in [
        (Census { boarders: 41, ..census }, "boarders"),
        (Census { hospital_beds: 0, ..census }, "hospital_beds"),
        (Census { ventilated: 41, ..census }, "ventilated"),
        (Census { longest_boarding: Millis::new(-1), ..census }, "longest_boarding"),
        (Census { last_wait: Millis::from_mins(30 * 24 * 60 + 1), ..census }, "last_wait"),
    ] {
        let refused = floor.say(report(wrong));
        assert!(
            matches!(&refused, Err(Rejection::Range { field, .. }) if *field == named),
            "{named}: {refused:?}"
        );
    }
    floor.done(report(census));
    let kept = floor.centre.ledger().hospital(&hospital).unwrap().crowding.unwrap();
    assert_eq!((kept.occupied, kept.census), (40, Some(census)));
}
