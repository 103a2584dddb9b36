//! A city that starts again on a log: it takes up where the log ends.

use std::collections::BTreeSet;
use std::sync::Arc;

use ems_model::{Command, Event, Millis, Recorded, RemoteCareReason, Request, Timestamp, UnitStep};
use ems_sim::{CallSource, City, CityPlan, Mode, Output};

use crate::simulate::{GRID, START, config};
use crate::town::Town;

const UNTIL_KILLED: Millis = Millis::from_mins(150);

/// Odd seeds give a calm city whose units come home, even ones a city in which calls wait.
fn plan(seed: u64, run: u64) -> CityPlan {
    let start = if run == 0 { START } else { START + UNTIL_KILLED };
    let per_hour = if seed.is_multiple_of(2) { 16.0 } else { 5.0 };
    let calls = CallSource::Poisson { per_hour: Some(per_hour) };
    CityPlan { run, n_units: 12, calls, has_ecg: false, ..CityPlan::new(seed, start) }
}

/// A city that is killed in the middle of its work, and started again.
fn restarted(seed: u64, again: CityPlan) -> Town {
    let mut town = Town::new(plan(seed, 0), &GRID);
    town.live(START + UNTIL_KILLED, |_| false);
    assert!(town.refused.is_empty(), "{:?}", town.refused);
    assert!(town.log.iter().any(|it| matches!(it.event, Event::IncidentClosed { .. })));
    town.restart(again)
}

#[test]
fn a_city_that_starts_again_asks_nothing_that_is_refused() {
    for seed in 1..=6 {
        let mut town = restarted(seed, plan(seed, 1));
        let n_before = town.log.len();
        town.live(town.now + Millis::from_mins(30), |_| false);
        assert!(town.n_accepted > 40, "{}", town.n_accepted);
        assert!(town.log.len() > n_before + town.n_accepted);
        assert!(town.refused.is_empty(), "seed {seed}: {:?}", town.refused);
        let said = town.log[n_before..].iter().filter_map(|recorded| recorded.key.as_deref());
        let mut said = said.filter(|key| key.starts_with("twin"));
        assert!(said.all(|key| key.starts_with(&format!("twin-{seed}-1-"))));
    }
}

#[test]
fn a_unit_that_came_home_does_not_come_home_again() {
    let calls = CallSource::Silent;
    let mut town = restarted(1, CityPlan { calls, ..plan(1, 1) });
    let came_home = |town: &Town| {
        let home = town.log.iter().filter_map(|recorded| match &recorded.event {
            Event::UnitStepped { unit, incident, step: UnitStep::ReturnHome } => {
                Some((unit.clone(), *incident))
            }
            _ => None,
        });
        home.collect::<Vec<_>>()
    };
    let n_before = came_home(&town).len();
    assert!(n_before > 0);
    town.live(town.now + Millis::from_mins(240), |_| false);
    let all = came_home(&town);
    assert!(all.len() > n_before, "those under way come home too");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "once each");
    let is_open = town.centre.ledger().open_incidents().next().is_some();
    assert!(!is_open, "every call of the earlier run was lived to its end");
}

#[test]
fn dispatchers_who_start_again_think_about_each_waiting_call() {
    let by_hand = CityPlan { dispatcher: Mode::Manual, ..plan(2, 0) };
    let mut town = Town::new(by_hand, &GRID);
    town.live(START + UNTIL_KILLED, |_| false);
    let start = town.now;
    let mut town = town.restart(plan(2, 1));
    let n_before = town.log.len();
    town.live(start + Millis::from_mins(5), |_| false);
    let is_triage = |it: &&Recorded| matches!(it.event, Event::IncidentTriaged { .. });
    let triages = town.log[n_before..].iter().filter(is_triage);
    let after: Vec<_> = triages.map(|it| it.recorded_at.since(start)).collect();
    assert!(after.len() > 20, "{after:?}");
    assert!(after.iter().all(|after| *after > Millis::ZERO), "{after:?}");
    assert!(after.iter().collect::<BTreeSet<_>>().len() > 20, "each takes its own time: {after:?}");
}

#[test]
fn an_expert_who_answered_before_the_restart_does_not_answer_again() {
    let town = restarted(1, plan(1, 1));
    let start = town.now;
    let open = town.centre.ledger().open_incidents().next().expect("somebody is being cared for");
    let incident = open.incident.id;
    let reason = RemoteCareReason::NoSuitableHospital {
        needs: vec![],
        window: Millis::from_mins(60),
        nearest: None,
    };
    let proposed = Event::RemoteCareProposed { incident, reason };
    let expert = "expert:twin".to_owned();
    let answered = Event::RemoteCareAnswered { incident, expert, is_accepted: true };
    for (happened, n_answers) in [(vec![proposed.clone()], 1), (vec![proposed, answered], 0)] {
        let mut city = City::new(plan(1, 1), Arc::clone(&GRID), config().reference).unwrap();
        let past = town.log.iter().cloned();
        let seqs = town.log.len() as u64 + 1..;
        let added = seqs.zip(happened).map(|(seq, event)| recorded(seq, start, event));
        for it in past.chain(added) {
            city.on_event(start, &it);
        }
        city.on_wake(start + Millis::from_mins(30));
        let outputs = std::iter::from_fn(|| city.poll_output());
        let answers = outputs.filter(|output| {
            matches!(
                output,
                Output::Command(Request { command: Command::AnswerRemoteCare { .. }, .. })
            )
        });
        assert_eq!(answers.count(), n_answers);
    }
}

fn recorded(seq: u64, at: Timestamp, event: Event) -> Recorded {
    let actor = "centre".to_owned();
    Recorded { seq, occurred_at: at, recorded_at: at, actor, key: None, event }
}
