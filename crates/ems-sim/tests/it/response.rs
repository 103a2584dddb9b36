//! Several units at one call, as the living city works them.

use std::collections::BTreeMap;

use ems_model::{
    Call, Command, Event, IncidentId, Millis, Timestamp, UnitId, UnitKind, UnitStep as S,
};
use ems_sim::{CallSource, CityPlan};

use crate::simulate::{GRID, START};
use crate::town::Town;

/// A city without other calls, and a cardiac arrest half a kilometre from a unit's home.
fn arrest(seed: u64, n_units: usize) -> (Town, IncidentId) {
    let calls = CallSource::Silent;
    let plan = CityPlan { n_units, calls, has_ecg: false, ..CityPlan::new(seed, START) };
    let mut town = Town::new(plan, &GRID);
    town.live(START + Millis::from_mins(1), |_| false);
    let unit = town.free_unit();
    let near = town.city.position_of(town.now, &unit).unwrap();
    let answers = [("awake", "cannot-wake"), ("breathing", "none")];
    let answers = answers.map(|(question, answer)| (question.to_owned(), answer.to_owned()));
    let call = Call {
        position: near,
        address: "Main Street".into(),
        caller: None,
        complaint: "cardiac-arrest".into(),
        answers: answers.into(),
        age: Some(60),
        rang_at: town.now,
        answered_at: None,
    };
    town.order(Command::TakeCall { call, priority: None });
    (town, IncidentId(1))
}

/// What each unit did at the call, and when.
fn steps(town: &Town) -> BTreeMap<UnitId, Vec<(S, Timestamp)>> {
    let mut steps: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for recorded in &town.log {
        if let Event::UnitStepped { unit, step, .. } = &recorded.event {
            steps.entry(unit.clone()).or_default().push((*step, recorded.occurred_at));
        }
    }
    steps
}

#[test]
fn all_units_of_a_response_go_at_once_and_helpers_leave_with_the_patient() {
    for seed in 1..=4 {
        let (mut town, incident) = arrest(seed, 22);
        town.live(START + Millis::from_mins(240), |_| false);
        assert!(town.refused.is_empty(), "seed {seed}: {:?}", town.refused);
        let sent = town.log.iter().filter_map(|recorded| match &recorded.event {
            Event::UnitAssigned { unit, choice, .. } => {
                Some((choice.chosen.kind, unit.clone(), recorded.key.clone()))
            }
            _ => None,
        });
        let sent: Vec<_> = sent.collect();
        assert!(sent.len() >= 2, "seed {seed}: {sent:?}");
        assert!(sent.iter().all(|(_, _, key)| *key == sent[0].2), "seed {seed}: {sent:?}");
        let record = town.centre.ledger().incident(incident).unwrap();
        assert!(record.incident.is_over() && record.incident.units.is_empty(), "seed {seed}");
        let steps = steps(&town);
        let left = steps.values().flatten().find(|(step, _)| *step == S::LeaveScene);
        let Some((_, left)) = left else { continue };
        for (kind, unit, _) in &sent {
            let done = steps[unit].iter().filter(|(step, _)| *step != S::LeaveScene);
            let (_, free) = done
                .clone()
                .find(|(step, _)| matches!(step, S::ReturnToService | S::StandDown))
                .unwrap_or_else(|| panic!("seed {seed}: {unit} is never free"));
            let takes = steps[unit].iter().any(|(step, _)| *step == S::LeaveScene);
            assert!(takes || *free <= *left + Millis::from_mins(5), "seed {seed}: {unit} {kind:?}");
            assert!(!takes || kind.can_transport());
            let reached = done.clone().any(|(step, _)| *step == S::ReachPatient);
            assert!(*kind != UnitKind::Drone || !reached);
        }
    }
}

#[test]
fn a_needed_place_that_was_empty_is_filled_when_a_unit_comes_free() {
    let (mut town, incident) = arrest(1, 2);
    // One of two units is elsewhere when the response is sent.
    let other = town.free_unit();
    let call = town.centre.ledger().incident(incident).unwrap().incident.call.clone();
    let minor = Call { complaint: "minor".into(), answers: BTreeMap::new(), ..call };
    town.order(Command::TakeCall { call: minor, priority: Some("IV".into()) });
    let (second, overrule) = (IncidentId(2), Some("test".to_owned()));
    let assign =
        Command::AssignUnit { incident: second, expected_version: None, unit: other, overrule };
    town.order(assign);
    let n_units = |town: &Town| {
        town.log
            .iter()
            .filter(|it| {
                matches!(&it.event, Event::UnitAssigned { incident: of, .. } if *of == incident)
            })
            .count()
    };
    town.live(town.now + Millis::from_mins(10), |town| n_units(town) == 1);
    assert_eq!(n_units(&town), 1);
    let reason = "wrong number".to_owned();
    town.order(Command::CancelIncident { incident: second, expected_version: None, reason });
    town.live(town.now + Millis::from_mins(10), |town| n_units(town) == 2);
    assert_eq!(n_units(&town), 2, "{:?}", town.refused);
}
