//! Policies: switched live, kept by the log, and what each does.

use ems_centre::{Centre, Rejection};
use ems_model::{
    Command, CrewId, Event, IncidentId, IncidentState, Millis, Phase, PostReason, StationId,
    UnitCandidate, UnitKind, UnitReason, UnitState, UnitStep,
};
use ems_roads::Roads;

use crate::city::{Floor, START, assign, chest_pain, config, malta, sliema, unit};

fn switch(policy: &str, reason: &str) -> Command {
    Command::SwitchPolicy { policy: policy.into(), reason: reason.into() }
}

fn divert(incident: IncidentId, name: &str, from: IncidentId) -> Command {
    let (unit, overrule) = (unit(name), None);
    Command::DivertUnit { incident, expected_version: None, unit, from, overrule }
}

/// An incident in Sliema whose priority a person set.
fn incident(floor: &mut Floor, priority: &str) -> IncidentId {
    let call = chest_pain(floor.now);
    let incident = floor.done(Command::TakeCall { call, priority: None }).incident.unwrap();
    let (priority, reason) = (priority.to_owned(), Some("seen by a nurse".to_owned()));
    floor.done(Command::Triage { incident, expected_version: None, priority, reason });
    incident
}

#[test]
fn a_switch_is_in_the_log_and_holds_after_a_restart() {
    let mut floor = Floor::open();
    let id = floor.incident();
    assert_eq!(floor.centre.recommend(floor.now, id).unwrap().policy, "closest-eta/3");
    let accepted = floor.done(switch("keep-cover/1", "marathon in town"));
    let (from, to) = ("closest-eta/3".to_owned(), "keep-cover/1".to_owned());
    let reason = "marathon in town".to_owned();
    assert_eq!(accepted.events[0].event, Event::PolicySwitched { from, to, reason });
    assert_eq!(floor.centre.recommend(floor.now, id).unwrap().policy, "keep-cover/1");
    let again = Centre::replay(config(), malta(), floor.log.clone()).unwrap();
    assert_eq!(again.policy().name, "keep-cover/1");
    assert_eq!(again.ledger(), floor.centre.ledger());
    floor.assign(id, "A1");
    let chosen = floor.log.iter().rev().find_map(|it| match &it.event {
        Event::UnitAssigned { choice, .. } => Some(choice.policy.clone()),
        _ => None,
    });
    assert_eq!(chosen.unwrap(), "keep-cover/1");
}

#[test]
fn a_switch_that_cannot_be_changes_nothing() {
    let mut floor = Floor::open();
    let policies = floor.centre.config().reference.policies().iter();
    let known = policies.map(|policy| policy.name.clone()).collect::<Vec<_>>().join(", ");
    let unknown = format!("policy \"keep-cover/9\" is not one of {known}: choose one of them");
    for (command, said) in [
        (switch("keep-cover/9", "why not"), unknown.as_str()),
        (
            switch("closest-eta/3", "why not"),
            "policy closest-eta/3 is in force already: nothing was switched",
        ),
        (switch("keep-cover/1", " "), "reason is blank: say it in words"),
    ] {
        assert_eq!(floor.say(command).unwrap_err().to_string(), said);
    }
    assert_eq!(floor.centre.policy().name, "closest-eta/3");
}

#[test]
fn a_policy_that_is_no_longer_shipped_is_replaced_in_the_open() {
    let mut floor = Floor::open();
    floor.done(switch("keep-cover/1", "marathon in town"));
    let mut log = floor.log.clone();
    let Event::PolicySwitched { to, .. } = &mut log.last_mut().unwrap().event else { panic!() };
    *to = "old-rule/3".into();
    let mut centre = Centre::replay(config(), malta(), log).unwrap();
    let events = centre.on_wake(floor.now);
    let (from, to) = ("old-rule/3".to_owned(), "closest-eta/3".to_owned());
    let reason = "old-rule/3 is not among this centre's policies".to_owned();
    assert_eq!(events[0].event, Event::PolicySwitched { from, to, reason });
    assert_eq!((centre.policy().name.as_str(), centre.next_wake()), ("closest-eta/3", None));
}

#[test]
fn a_unit_on_its_way_to_a_lesser_call_is_taken_in_one_step() {
    let mut floor = Floor::open();
    floor.done(switch("urgent-first/1", "few units"));
    let lesser = incident(&mut floor, "III");
    floor.assign(lesser, "A1");
    floor.steps(lesser, "A1", &[UnitStep::Acknowledge, UnitStep::GoEnRoute]);
    let urgent = incident(&mut floor, "I");
    let best = floor.centre.recommend(floor.now, urgent).unwrap().units.remove(0);
    let diverted = UnitReason::DivertedFrom { incident: lesser, rank: 3 };
    assert_eq!((&best.unit, best.cons.contains(&diverted)), (&unit("A1"), true), "{best:?}");

    let version = floor.record(lesser).version;
    let accepted = floor.done(divert(urgent, "A1", lesser));
    assert_eq!(accepted.incident, Some(urgent));
    let to = urgent;
    let taken = Event::UnitDiverted { incident: lesser, unit: unit("A1"), to };
    assert_eq!(accepted.events[0].event, taken);
    assert!(
        matches!(accepted.events[1].event, Event::UnitAssigned { incident, .. } if incident == to)
    );
    let left = floor.record(lesser);
    assert_eq!((left.incident.state, left.version), (IncidentState::Triaged, version + 1));
    assert!(left.incident.units.is_empty() && left.etas.is_empty());
    assert_eq!(left.times.last().unwrap().etimes, "eTimes.14");
    let now_with = floor.centre.ledger().unit(&unit("A1")).unwrap().unit.state;
    assert_eq!(now_with, UnitState::Engaged { incident: urgent, phase: Phase::Notified });
    let again = Centre::replay(config(), malta(), floor.log.clone()).unwrap();
    assert_eq!(again.ledger(), floor.centre.ledger());
}

#[test]
fn no_unit_is_taken_where_the_policy_or_its_phase_forbids_it() {
    let mut floor = Floor::open();
    let lesser = incident(&mut floor, "III");
    floor.assign(lesser, "A1");
    let urgent = incident(&mut floor, "I");
    let why = |floor: &mut Floor, command| floor.say(command).unwrap_err().to_string();
    let busy = "unit A1 cannot be sent to incident 2: it is busy; choose another unit";
    assert_eq!(why(&mut floor, divert(urgent, "A1", lesser)), busy, "closest-eta turns none");
    floor.done(switch("urgent-first/1", "few units"));
    let plain = floor.say(assign(urgent, "A1", None)).unwrap_err();
    assert!(matches!(plain, Rejection::UnitTaken { .. }), "nobody takes a unit unawares");
    let not_its_call = "unit A1 is not with incident 2: send only steps of its present call";
    assert_eq!(why(&mut floor, divert(urgent, "A1", urgent)), not_its_call);
    let third = incident(&mut floor, "II");
    let busy_3 = busy.replace("incident 2", "incident 3");
    assert_eq!(why(&mut floor, divert(third, "A1", lesser)), busy_3, "rank 2 takes none");
    floor.steps(lesser, "A1", &[UnitStep::GoEnRoute, UnitStep::ArriveOnScene]);
    assert_eq!(why(&mut floor, divert(urgent, "A1", lesser)), busy, "it has arrived");
}

/// The stations of Malta, with units at some of them, under keep-cover.
fn posted_floor(at: &[usize]) -> Floor {
    let mut floor = Floor::open();
    for name in ["A1", "A2", "B1"] {
        floor.done(Command::SignOffUnit { unit: unit(name) });
    }
    floor.done(switch("keep-cover/1", "few units"));
    for (n, station) in at.iter().enumerate() {
        floor.done(at_station(&format!("C{n}"), *station, 12 * 60));
    }
    floor
}

fn at_station(name: &str, station: usize, shift_mins: i64) -> Command {
    let station = &malta().stations[station];
    Command::SignOnUnit {
        unit: unit(name),
        kind: UnitKind::Als,
        home: station.position,
        station: Some(station.id.clone()),
        crew: CrewId::new(name).unwrap(),
        shift_until: START + Millis::from_mins(shift_mins),
    }
}

/// Expected cover by units at these stations, by the definition: 500 places along the streets, each
/// covered with 1 − 0.4^k by the k units within 480 s.
fn expected_cover(roads: &Roads, at: &[usize]) -> f64 {
    let stations = malta().stations.clone();
    let reached = |place: u32| {
        let place = roads.somewhere((f64::from(place) + 0.5) / 500.0);
        let covers = |station: &&usize| {
            let from = roads.snap(stations[**station].position).unwrap();
            roads.time(&from, &place).is_some_and(|drive| drive <= Millis::from_secs(480))
        };
        let k = i32::try_from(at.iter().filter(covers).count()).unwrap();
        1.0 - 0.4_f64.powi(k)
    };
    (0..500).map(reached).sum::<f64>() / 500.0
}

fn share(ppm: u32) -> f64 {
    f64::from(ppm) / 1e6
}

#[test]
fn the_cover_that_goes_with_a_unit_is_what_the_definition_says() {
    let at = [0, 0, 1, 2];
    let mut floor = posted_floor(&at);
    let id = floor.incident();
    let city = malta();
    let units = floor.centre.recommend(floor.now, id).unwrap().units;
    let all = expected_cover(&city.roads, &at);
    for n in 0..at.len() {
        let others: Vec<_> =
            at.iter().enumerate().filter(|(i, _)| *i != n).map(|(_, s)| *s).collect();
        let lost = all - expected_cover(&city.roads, &others);
        let candidate = units.iter().find(|it| it.unit == unit(&format!("C{n}"))).unwrap();
        let told = candidate.cons.iter().find_map(|con| match con {
            UnitReason::CoverLost { share_ppm } => Some(share(*share_ppm)),
            _ => None,
        });
        assert!((told.unwrap() - lost).abs() < 1e-6, "{n}: {told:?} {lost}");
    }
}

/// What the last event, a post, says: where, and why.
fn last_post(floor: &Floor) -> (StationId, Vec<PostReason>) {
    match &floor.log.last().unwrap().event {
        Event::UnitPosted { station, reasons, policy, .. } => {
            assert_eq!(*policy, floor.centre.policy().name);
            (station.clone(), reasons.clone())
        }
        other => panic!("{other:?}"),
    }
}

/// Sends a unit to a call and calls it off.
fn free(floor: &mut Floor, name: &str) {
    let id = floor.incident();
    floor.assign(id, name);
    floor.steps(id, name, &[UnitStep::GoEnRoute, UnitStep::StandDown]);
}

/// The station where one more unit covers most beside others, of equals the first, and by how much.
fn best_station(others: &[usize]) -> (StationId, f64) {
    let city = malta();
    let with = |n: usize| expected_cover(&city.roads, &[others, &[n]].concat());
    let all = (0..city.stations.len()).map(|n| (n, with(n)));
    let best = all.reduce(|best, next| if next.1 > best.1 + 1e-12 { next } else { best }).unwrap();
    (city.stations[best.0].id.clone(), best.1 - expected_cover(&city.roads, others))
}

#[test]
fn a_freed_unit_is_told_to_wait_where_it_adds_most_cover() {
    let mut floor = posted_floor(&[0, 0, 0]);
    free(&mut floor, "C2");
    let (station, gain) = best_station(&[0, 0]);
    let (told, reasons) = last_post(&floor);
    let [PostReason::CoverGained { share_ppm }] = reasons[..] else { panic!("{reasons:?}") };
    assert_eq!(told, station);
    assert!((share(share_ppm) - gain).abs() < 1e-6, "{share_ppm} {gain}");
    assert_ne!(station, malta().stations[0].id);
    let unit = floor.centre.ledger().unit(&unit("C2")).unwrap().unit.clone();
    assert_eq!(unit.waits_at(), Some(&station));
}

#[test]
fn a_person_posts_a_unit_elsewhere_with_a_reason_and_closest_eta_sends_it_home() {
    let mut floor = posted_floor(&[0, 0, 0]);
    free(&mut floor, "C2");
    let (best, own) = (last_post(&floor).0, malta().stations[0].id.clone());
    let post = |station: &StationId, overrule: Option<&str>| Command::PostUnit {
        unit: unit("C2"),
        station: station.clone(),
        overrule: overrule.map(str::to_owned),
    };
    let refused = floor.say(post(&own, None)).unwrap_err();
    assert!(matches!(refused, Rejection::PostNeedsReason { .. }), "{refused}");
    floor.done(post(&own, Some("the bridge is up")));
    let (at, reasons) = last_post(&floor);
    let is_told =
        |it: &PostReason| matches!(it, PostReason::BetterAt { station, .. } if *station == best);
    assert!(at == own && reasons.iter().any(is_told), "{reasons:?}");
    floor.done(post(&best, None));
    floor.done(switch("closest-eta/3", "enough units again"));
    free(&mut floor, "C2");
    assert_eq!(last_post(&floor), (own, vec![PostReason::Home]));
    let n_events = floor.log.len();
    free(&mut floor, "C1");
    let posted = floor.log[n_events..].iter().filter(|it| it.event.name() == "unit_posted");
    assert_eq!(posted.count(), 0, "it waits at home already");
}

#[test]
fn a_crew_that_rests_or_whose_shift_ends_soon_goes_home() {
    let mut floor = posted_floor(&[0, 0]);
    floor.done(at_station("D1", 0, 100));
    let home = malta().stations[0].id.clone();
    free(&mut floor, "D1");
    assert!(matches!(last_post(&floor).1[..], [PostReason::CoverGained { .. }]), "long enough");
    floor.wait(Millis::from_mins(45));
    free(&mut floor, "D1");
    let ends = PostReason::ShiftEnds { at: START + Millis::from_mins(100) };
    assert_eq!(last_post(&floor), (home.clone(), vec![ends]));

    free(&mut floor, "C1");
    assert_ne!(last_post(&floor).0, home);
    let until = floor.now + Millis::from_mins(30);
    floor.done(Command::RestCrew { unit: unit("C1"), until });
    assert_eq!(last_post(&floor), (home, vec![PostReason::CrewRest { until }]));
}

#[test]
fn of_the_units_in_time_the_one_that_is_needed_least_is_sent() {
    let mut floor = posted_floor(&[0, 0, 1, 2]);
    for n in 0..4 {
        floor.at(&format!("C{n}"), malta().stations[n.max(1) - 1].position);
    }
    let id = incident(&mut floor, "IV");
    let ranked = floor.centre.recommend(floor.now, id).unwrap().units;
    // The one that is needed most is nearest.
    floor.wait(Millis::from_secs(10));
    floor.at(ranked[3].unit.as_str(), sliema());
    let ranked = floor.centre.recommend(floor.now, id).unwrap().units;
    let lost = |it: &UnitCandidate| {
        it.cons.iter().find_map(|con| match con {
            UnitReason::CoverLost { share_ppm } => Some(*share_ppm),
            _ => None,
        })
    };
    let in_time = ranked.iter().take_while(|it| it.cost <= Millis::from_mins(60).get());
    let lost: Vec<_> = in_time.map(lost).collect();
    assert!(lost.len() == 4 && lost.is_sorted() && lost[0] < lost[3], "{lost:?}");
    let nearest = ranked.iter().min_by_key(|it| it.cost).unwrap().unit.clone();
    assert_ne!(nearest, ranked[0].unit, "else this proves nothing");
    let passed_over = floor.say(assign(id, nearest.as_str(), None)).unwrap_err();
    assert!(matches!(passed_over, Rejection::OverruleNeedsReason { .. }), "{passed_over}");
    floor.done(assign(id, ranked[0].unit.as_str(), None));
}
