//! Policies that move idle units, exchange units and look ahead.

use ems_model::{
    Command, CrewId, Event, IncidentId, Millis, PostReason, StationId, UnitId, UnitKind,
    UnitReason, UnitStep,
};

use crate::city::{Floor, START, chest_pain, malta, mellieha, sliema, unit};

/// Units `C0`, `C1`, ... at these stations of Malta, under a policy.
fn floor_under(policy: &str, at: &[usize]) -> Floor {
    let mut floor = Floor::open();
    for name in ["A1", "A2", "B1"] {
        floor.done(Command::SignOffUnit { unit: unit(name) });
    }
    let (policy, reason) = (policy.to_owned(), "test".to_owned());
    floor.done(Command::SwitchPolicy { policy, reason });
    for (n, station) in at.iter().enumerate() {
        let station = &malta().stations[*station];
        let name = format!("C{n}");
        floor.done(Command::SignOnUnit {
            unit: unit(&name),
            kind: UnitKind::Als,
            home: station.position,
            station: Some(station.id.clone()),
            crew: CrewId::new(&name).unwrap(),
            shift_until: START + Millis::from_mins(12 * 60),
        });
    }
    floor
}

/// A call that a unit drives to.
fn driven_to(floor: &mut Floor, name: &str) -> IncidentId {
    let id = floor.incident();
    floor.assign(id, name);
    floor.steps(id, name, &[UnitStep::Acknowledge, UnitStep::GoEnRoute]);
    id
}

/// Units that were moved while they waited, since that place in the log.
fn moved(floor: &Floor, from: usize) -> Vec<(UnitId, StationId, Vec<PostReason>)> {
    let moves = floor.log[from..].iter().filter_map(|recorded| match &recorded.event {
        Event::UnitPosted { unit, station, reasons, .. } => {
            let is_move = reasons.iter().any(|it| matches!(it, PostReason::Moved { .. }));
            is_move.then(|| (unit.clone(), station.clone(), reasons.clone()))
        }
        _ => None,
    });
    moves.collect()
}

#[test]
fn idle_units_follow_the_table_within_the_limits_and_are_then_left_alone() {
    // Five stand at one station: whatever the table wants, it wants some of them elsewhere.
    let mut floor = floor_under("nested-compliance/1", &[0; 6]);
    let id = driven_to(&mut floor, "C0");
    let first = moved(&floor, 0);
    assert!((1..=4).contains(&first.len()), "at most four at once: {first:?}");
    for (name, station, reasons) in &first {
        let [PostReason::TableWants { n_free: 5 }, PostReason::Moved { drive }] = reasons[..]
        else {
            panic!("{reasons:?}")
        };
        assert!(Millis::ZERO < drive && drive <= Millis::from_mins(15), "{name} {drive}");
        assert_eq!(floor.centre.ledger().unit(name).unwrap().unit.waits_at(), Some(station));
    }
    let n_events = floor.log.len();
    floor.steps(id, "C0", &[UnitStep::StandDown]);
    let again = moved(&floor, n_events);
    let is_new =
        |it: &(UnitId, StationId, Vec<PostReason>)| first.iter().all(|(unit, ..)| *unit != it.0);
    assert!(again.iter().all(is_new), "{again:?}");
}

#[test]
fn a_freed_unit_is_proposed_and_takes_over_when_a_person_says_so() {
    let mut floor = floor_under("nested-compliance/1", &[0, 0]);
    floor.at("C0", mellieha());
    let far = driven_to(&mut floor, "C0");
    let near = driven_to(&mut floor, "C1");
    floor.at("C1", sliema());
    let n_events = floor.log.len();
    floor.steps(near, "C1", &[UnitStep::StandDown]);
    let proposal = floor.log[n_events..].iter().find_map(|it| match &it.event {
        Event::ExchangeProposed { incident, unit, instead_of, now, then, policy } => {
            assert_eq!(policy, "nested-compliance/1");
            Some((*incident, unit.clone(), instead_of.clone(), *now - *then))
        }
        _ => None,
    });
    let (incident, free, driving, gain) = proposal.expect("C1 stands where the call is");
    assert_eq!((incident, &free, &driving), (far, &unit("C1"), &unit("C0")));
    assert!(gain >= Millis::from_secs(60), "{gain}");
    assert!(floor.record(far).takeover.is_some());

    let exchange = |unit: &UnitId, instead_of: &UnitId| Command::ExchangeUnit {
        incident: far,
        expected_version: None,
        unit: unit.clone(),
        instead_of: instead_of.clone(),
    };
    floor.say(exchange(&driving, &free)).unwrap_err();
    floor.done(exchange(&free, &driving));
    let units: Vec<_> = floor.record(far).incident.units.iter().cloned().collect();
    assert_eq!(units, std::slice::from_ref(&free));
    assert_eq!(floor.centre.ledger().unit(&driving).unwrap().unit.incident(), None);
    floor.say(exchange(&free, &driving)).unwrap_err();
}

#[test]
fn what_a_unit_costs_all_calls_is_told_and_orders_them() {
    let mut floor = floor_under("nested-compliance/1", &[0, 1, 2, 3]);
    let id = floor.incident();
    let ranked = floor.centre.recommend(floor.now, id).unwrap().units;
    let harm = |it: &ems_model::UnitCandidate| {
        it.cons.iter().find_map(|con| match con {
            UnitReason::Harm { milli, .. } => Some(i64::from(*milli)),
            _ => None,
        })
    };
    let able: Vec<_> = ranked.iter().filter(|it| it.is_eligible).collect();
    assert_eq!(able.len(), 4);
    let waited = floor.now.since(floor.record(id).incident.call.rang_at);
    for it in &able {
        // A minute costs twenty thousandths of a late call, and this call is late after twelve
        // minutes.
        let response = waited + Millis::new(it.cost);
        let late = i64::from(response > Millis::from_mins(12)) * 1000;
        let wanted = late + 20 * response.get() / 60_000;
        assert!((harm(it).unwrap() - wanted).abs() <= 1, "{it:?} {wanted}");
    }
    assert!(able.is_sorted_by_key(|it| harm(it)));
}

#[test]
fn a_look_ahead_learns_from_ten_calls_and_tells_what_it_tried() {
    let mut floor = floor_under("look-ahead/1", &[0, 1, 2, 3, 4, 5]);
    let tried = |floor: &Floor, id: IncidentId| {
        let ranked = floor.centre.recommend(floor.now, id).unwrap().units;
        assert_eq!(ranked, floor.centre.recommend(floor.now, id).unwrap().units, "no chance");
        let ahead = ranked.iter().map(|it| {
            it.cons.iter().find_map(|con| match con {
                UnitReason::LookAhead { fewer_milli, error_milli, n_futures, .. } => {
                    assert_eq!(*n_futures, 32);
                    Some((*fewer_milli, *error_milli))
                }
                _ => None,
            })
        });
        ahead.collect::<Vec<_>>()
    };
    let first = floor.incident();
    assert!(tried(&floor, first).iter().all(Option::is_none), "nothing to learn from");
    for _ in 0..12 {
        floor.wait(Millis::from_mins(4));
        let call = chest_pain(floor.now);
        floor.done(Command::TakeCall { call, priority: None });
    }
    let ahead = tried(&floor, first);
    assert_eq!(ahead.iter().flatten().count(), 5, "{ahead:?}");
    let (fewer, error) = ahead[0].unwrap();
    assert!(fewer == 0 || fewer > error, "first by the rule, or surer than chance: {ahead:?}");
}
