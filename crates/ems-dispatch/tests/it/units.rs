//! Which unit comes first, and why.

use ems_dispatch::{NextCover, Policy, Reference, UnitFacts, UnitQuery, rank_units, unit_choice};
use ems_model::{
    CrewState, IncidentId, Millis, Phase, StationId, Timestamp, UnitCandidate, UnitId, UnitKind,
    UnitReason, UnitState,
};

const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

fn policy() -> Policy {
    Reference::standard().policy().clone()
}

fn query(rank: u8) -> UnitQuery {
    UnitQuery {
        now: NOW,
        rank,
        target: Some(Millis::from_mins(8)),
        waited: Millis::ZERO,
        needs: UnitKind::Als,
        expected_call: Millis::from_mins(60),
    }
}

/// A rested ALS unit with a fresh position, `mins` away.
fn unit(id: &str, mins: i64) -> UnitFacts {
    UnitFacts {
        id: UnitId::new(id).unwrap(),
        kind: UnitKind::Als,
        state: UnitState::Available { last: None },
        crew: CrewState::OnShift { until: NOW + Millis::from_mins(300) },
        eta: Some(Millis::from_mins(mins)),
        likely: None,
        position_age: Some(Millis::from_secs(5)),
        station: Some(StationId::new("s1").unwrap()),
        next_cover: NextCover::Within(Millis::from_mins(5)),
        call_rank: None,
        cover_lost: None,
        loss: None,
        meal_due: None,
        range_low: None,
    }
}

fn rank(rank: u8, units: &[UnitFacts]) -> Vec<UnitCandidate> {
    rank_units(&query(rank), units, &policy())
}

fn ids(candidates: &[UnitCandidate]) -> Vec<&str> {
    candidates.iter().map(|candidate| candidate.unit.as_str()).collect()
}

#[test]
fn the_nearest_of_equals_comes_first_and_says_so() {
    let ranked = rank(2, &[unit("A2", 9), unit("A1", 4)]);
    assert_eq!(ids(&ranked), ["A1", "A2"]);
    let (eta, target) = (Millis::from_mins(5), Millis::from_mins(8));
    assert_eq!(
        ranked[0].pros,
        [
            UnitReason::Nearest,
            UnitReason::WithinTarget { eta, target },
            UnitReason::RightCapability { has: UnitKind::Als }
        ]
    );
    assert_eq!((ranked[0].eta, ranked[0].cost), (Some(eta), 300_000));
    assert_eq!(ranked[1].cons, [UnitReason::TooFar { eta: Millis::from_mins(10), target }]);
}

#[test]
fn each_thing_against_a_unit_has_its_reason_and_its_price() {
    let until = NOW + Millis::from_mins(10);
    let station = StationId::new("s1").unwrap();
    let (bls, als, physician) = (UnitKind::Bls, UnitKind::Als, UnitKind::Physician);
    let age = Millis::from_secs(41);
    let limit = Millis::from_secs(30);
    let resting = CrewState::Resting { until, shift_until: NOW + Millis::from_mins(300) };
    let cover = Some(Millis::from_mins(20));
    let rows: [(UnitFacts, UnitReason, i64, i64); 7] = [
        (
            UnitFacts { kind: bls, ..unit("A1", 1) },
            UnitReason::WrongCapability { has: bls, needs: als },
            240,
            900,
        ),
        (
            UnitFacts { position_age: Some(age), ..unit("A1", 1) },
            UnitReason::StalePosition { age, limit },
            120,
            120,
        ),
        (UnitFacts { position_age: None, ..unit("A1", 1) }, UnitReason::NoPosition, 240, 240),
        (UnitFacts { crew: resting, ..unit("A1", 1) }, UnitReason::CrewRest { until }, 300, 300),
        (
            UnitFacts { crew: CrewState::OnShift { until }, ..unit("A1", 1) },
            UnitReason::ShiftEnds { at: until },
            300,
            300,
        ),
        (
            UnitFacts { next_cover: NextCover::Within(Millis::from_mins(20)), ..unit("A1", 1) },
            UnitReason::WouldUncoverArea { station: station.clone(), next_cover: cover },
            0,
            180,
        ),
        (
            UnitFacts { next_cover: NextCover::Nobody, ..unit("A1", 1) },
            UnitReason::WouldUncoverArea { station, next_cover: None },
            0,
            180,
        ),
    ];
    for (facts, reason, urgent_s, other_s) in rows {
        for (rank_asked, penalty_s) in [(1, urgent_s), (3, other_s)] {
            let ranked = rank(rank_asked, std::slice::from_ref(&facts));
            assert_eq!(ranked[0].cons, std::slice::from_ref(&reason), "rank {rank_asked}");
            assert_eq!(ranked[0].cost, 120_000 + penalty_s * 1000, "{reason:?} {rank_asked}");
        }
    }
    let more = UnitFacts { kind: physician, ..unit("A1", 1) };
    let needs = UnitQuery { needs: bls, ..query(3) };
    let ranked = rank_units(&needs, std::slice::from_ref(&more), &policy());
    assert_eq!(ranked[0].cons, [UnitReason::MoreThanNeeded { has: physician, needs: bls }]);
    assert_eq!(ranked[0].cost, 120_000 + 2 * 120_000);
    let urgent = rank_units(&UnitQuery { needs: bls, ..query(1) }, &[more], &policy());
    assert!(urgent[0].cons.is_empty());
}

#[test]
fn a_resting_crew_is_sent_only_to_the_most_urgent() {
    let until = NOW + Millis::from_mins(10);
    let crew = CrewState::Resting { until, shift_until: NOW + Millis::from_mins(300) };
    let resting = [UnitFacts { crew, ..unit("A1", 1) }];
    for (rank_asked, is_eligible) in [(1, true), (2, false), (4, false)] {
        assert_eq!(rank(rank_asked, &resting)[0].is_eligible, is_eligible, "rank {rank_asked}");
    }
    let over = CrewState::Resting { until: NOW, shift_until: NOW + Millis::from_mins(300) };
    let rested = rank(4, &[UnitFacts { crew: over, ..unit("A1", 1) }]);
    assert!(rested[0].is_eligible && rested[0].cons.is_empty());
}

#[test]
fn who_cannot_be_sent_comes_last_with_one_reason() {
    let incident = IncidentId(9);
    let busy = UnitState::Engaged { incident, phase: Phase::EnRoute };
    let units = [
        UnitFacts { state: busy, eta: Some(Millis::ZERO), ..unit("A1", 0) },
        UnitFacts { state: UnitState::OffDuty, eta: None, ..unit("A2", 0) },
        UnitFacts { eta: None, ..unit("A3", 0) },
        unit("A4", 50),
    ];
    let ranked = rank(1, &units);
    assert_eq!(ids(&ranked), ["A4", "A1", "A2", "A3"]);
    assert!(ranked[0].is_eligible && ranked[1..].iter().all(|it| !it.is_eligible));
    let cons: Vec<_> = ranked[1..].iter().map(|it| it.cons.clone()).collect();
    let reasons = [UnitReason::Busy { incident }, UnitReason::OffDuty, UnitReason::Unreachable];
    assert_eq!(cons, reasons.map(|reason| vec![reason]));
    assert_eq!(ranked[0].pros[0], UnitReason::Nearest);
}

#[test]
fn a_drive_that_may_miss_the_target_says_so_and_costs_nothing() {
    let turn_out = policy().units.turn_out;
    let target = Millis::from_mins(8);
    let rows: [(i64, [i64; 2], bool); 3] =
        [(6, [5, 9], true), (6, [5, 6], false), (9, [6, 12], false)];
    for (mins, likely, may_be_late) in rows {
        let likely = likely.map(Millis::from_mins);
        let ranked = rank(1, &[UnitFacts { likely: Some(likely), ..unit("A1", mins) }]);
        let last = likely[1] + turn_out;
        assert_eq!(ranked[0].likely, Some([likely[0] + turn_out, last]));
        let reason = UnitReason::MayBeLate { last, target };
        assert_eq!(ranked[0].cons.contains(&reason), may_be_late, "{mins} min, {likely:?}");
        assert_eq!(ranked[0].cost, rank(1, &[unit("A1", mins)])[0].cost);
    }
}

#[test]
fn a_lesser_unit_wins_an_urgent_call_when_it_is_minutes_nearer() {
    let lesser = UnitFacts { kind: UnitKind::Bls, ..unit("B1", 2) };
    for (rank_asked, als_mins, first) in [(1, 5, "A1"), (1, 7, "B1"), (2, 7, "A1"), (2, 18, "B1")] {
        let ranked = rank(rank_asked, &[lesser.clone(), unit("A1", als_mins)]);
        assert_eq!(ids(&ranked)[0], first, "rank {rank_asked}, ALS at {als_mins} min");
    }
}

#[test]
fn the_order_does_not_depend_on_the_order_of_the_facts() {
    let mut units: Vec<_> = (0..20).map(|n| unit(&format!("A{n}"), i64::from(n % 3))).collect();
    let ranked = rank(2, &units);
    units.reverse();
    assert_eq!(rank(2, &units), ranked);
    assert!(rank(2, &[]).is_empty());
}

#[test]
fn a_choice_keeps_who_was_passed_over() {
    let units: Vec<_> = (1..=9).map(|n| unit(&format!("A{n}"), n)).collect();
    let ranked = rank(2, &units);
    let chosen = UnitId::new("A3").unwrap();
    let choice = unit_choice(&ranked, &chosen, Some("road closed".into()), &policy()).unwrap();
    assert_eq!((choice.policy.as_str(), choice.rank), ("closest-eta/3", 3));
    assert_eq!(choice.chosen.unit, chosen);
    assert_eq!(ids(&choice.passed_over), ["A1", "A2", "A4", "A5", "A6"]);
    assert_eq!(choice.overrule.as_deref(), Some("road closed"));
    assert!(unit_choice(&ranked, &UnitId::new("Z1").unwrap(), None, &policy()).is_none());
}

/// A unit under way to a call of this rank.
fn under_way(id: &str, mins: i64, phase: Phase, call_rank: u8) -> UnitFacts {
    let state = UnitState::Engaged { incident: IncidentId(9), phase };
    let next_cover = NextCover::NotWeighed;
    UnitFacts { state, call_rank: Some(call_rank), next_cover, ..unit(id, mins) }
}

#[test]
fn a_unit_under_way_is_ranked_where_the_policy_lets_it_turn_round() {
    let reference = Reference::standard();
    for (policy, phase, from, to, may) in [
        ("closest-eta/3", Phase::EnRoute, 3, 1, false),
        ("urgent-first/1", Phase::EnRoute, 3, 1, true),
        ("urgent-first/1", Phase::Staged, 4, 1, true),
        ("urgent-first/1", Phase::OnScene, 3, 1, false),
        ("urgent-first/1", Phase::EnRoute, 2, 1, false),
        ("urgent-first/1", Phase::EnRoute, 3, 2, false),
    ] {
        let policy = reference.policy_named(policy).unwrap();
        let facts = [under_way("A1", 1, phase, from), unit("A2", 9)];
        let ranked = rank_units(&query(to), &facts, policy);
        let why = if may {
            UnitReason::DivertedFrom { incident: IncidentId(9), rank: from }
        } else {
            UnitReason::Busy { incident: IncidentId(9) }
        };
        let first = if may { "A1" } else { "A2" };
        assert_eq!(ids(&ranked)[0], first, "{} {phase:?} {from} {to}", policy.name);
        let a1 = ranked.iter().find(|it| it.unit.as_str() == "A1").unwrap();
        assert_eq!((a1.is_eligible, a1.cons.contains(&why)), (may, true), "{a1:?}");
    }
}

#[test]
fn least_cover_lost_takes_who_is_in_time_and_missed_least_and_diverts_last() {
    let reference = Reference::standard();
    let policy = reference.policy_named("keep-cover/1").unwrap();
    let lost = |id: &str, mins, share| UnitFacts { cover_lost: Some(share), ..unit(id, mins) };
    let facts = [
        lost("A1", 2, 0.3),
        lost("A2", 5, 0.1),
        lost("A3", 4, 0.1),
        lost("A4", 20, 0.0),
        under_way("A5", 1, Phase::EnRoute, 3),
        UnitFacts { kind: UnitKind::Bls, ..lost("A6", 4, 0.0) },
    ];
    let ranked = rank_units(&query(1), &facts, policy);
    // In time by eight minutes: A3, A2, A1, then A5, diverted; a BLS unit is late by its penalty.
    assert_eq!(ids(&ranked), ["A3", "A2", "A1", "A5", "A6", "A4"]);
    let told = UnitReason::CoverLost { share_ppm: 100_000 };
    assert!(ranked[0].cons.contains(&told), "{:?}", ranked[0]);
    // Four minutes after the phone rang only A1 and the diverted one come in time.
    let waited = Millis::from_mins(4);
    let late = rank_units(&UnitQuery { waited, ..query(1) }, &facts, policy);
    assert_eq!(ids(&late)[..2], ["A1", "A5"]);
}
