//! Which hospital comes first, and why; and when none suits.

use ems_dispatch::{
    HospitalFacts, HospitalQuery, HospitalRanking, Reference, hospital_choice, rank_hospitals,
};
use ems_model::{
    Census, Crowding, Doors, HospitalCapability as Cap, HospitalId, HospitalReason as Why, Millis,
    RemoteCareReason, Timestamp,
};

const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);
const WINDOW: Millis = Millis::from_mins(60);

/// A stroke centre with room, `mins` away.
fn hospital(id: &str, mins: i64) -> HospitalFacts {
    HospitalFacts {
        id: HospitalId::new(id).unwrap(),
        capabilities: [Cap::Emergency, Cap::StrokeThrombolysis].into(),
        drive: Some(Millis::from_mins(mins)),
        likely: None,
        crowding: Some(crowding(5, 0)),
        doors: Doors::Open,
        refused: None,
        treatment: None,
        n_expected: 0,
        beds: None,
    }
}

fn crowding(occupied: u32, age_mins: i64) -> Crowding {
    Crowding { occupied, beds: 20, census: None, reported_at: NOW - Millis::from_mins(age_mins) }
}

fn rank(hospitals: &[HospitalFacts]) -> HospitalRanking {
    let needs = vec![Cap::Emergency, Cap::StrokeThrombolysis];
    let query = HospitalQuery { now: NOW, needs, prefers: [].into(), window: WINDOW };
    rank_hospitals(&query, hospitals, Reference::standard().hospitals())
}

#[test]
fn the_nearest_suitable_hospital_comes_first() {
    let plain = HospitalFacts { capabilities: [Cap::Emergency].into(), ..hospital("near", 3) };
    let ranking = rank(&[hospital("far", 20), plain, hospital("mid", 10)]);
    let ids: Vec<_> = ranking.candidates.iter().map(|it| it.hospital.as_str()).collect();
    assert_eq!(ids, ["mid", "far", "near"]);
    assert_eq!(ranking.remote_care, None);
    let mid = &ranking.candidates[0];
    let has = |capability| Why::HasCapability { capability };
    assert_eq!(mid.pros, [Why::Nearest, has(Cap::Emergency), has(Cap::StrokeThrombolysis)]);
    assert_eq!((mid.cost, mid.cons.len()), (600_000, 0));
}

#[test]
fn each_thing_against_a_hospital_has_its_reason_and_its_price() {
    let open_until = |until| Doors::Diverting { reason: "flood".into(), until };
    let later = Some(NOW + Millis::from_mins(1));
    let drive = Millis::from_mins(61);
    let capability = Cap::StrokeThrombolysis;
    let likely = [50, 70].map(Millis::from_mins);
    let rows: [(HospitalFacts, Option<Why>, bool, i64); 11] = [
        (
            HospitalFacts { likely: Some(likely), ..hospital("h", 55) },
            Some(Why::MayBeTooFar { last: likely[1], window: WINDOW }),
            true,
            3_300,
        ),
        (
            HospitalFacts { capabilities: [Cap::Emergency].into(), ..hospital("h", 10) },
            Some(Why::LacksCapability { capability }),
            false,
            600 + 1_800,
        ),
        (hospital("h", 61), Some(Why::TooFar { drive, window: WINDOW }), false, 3_660),
        (HospitalFacts { drive: None, ..hospital("h", 0) }, Some(Why::Unreachable), false, 86_400),
        (
            HospitalFacts { crowding: Some(crowding(18, 0)), ..hospital("h", 10) },
            Some(Why::Crowded { percent: 90, limit: 90 }),
            true,
            600 + 300,
        ),
        (
            HospitalFacts { crowding: Some(crowding(24, 0)), ..hospital("h", 10) },
            Some(Why::Crowded { percent: 120, limit: 90 }),
            true,
            600 + 300 + 360,
        ),
        (
            HospitalFacts { crowding: Some(crowding(18, 61)), ..hospital("h", 10) },
            Some(Why::CrowdingUnknown),
            true,
            660,
        ),
        (
            HospitalFacts { crowding: None, ..hospital("h", 10) },
            Some(Why::CrowdingUnknown),
            true,
            660,
        ),
        (
            HospitalFacts { doors: open_until(later), ..hospital("h", 10) },
            Some(Why::Diverting { why: "flood".into() }),
            false,
            600,
        ),
        (HospitalFacts { doors: open_until(Some(NOW)), ..hospital("h", 10) }, None, true, 600),
        (
            HospitalFacts { refused: Some("no bed".into()), ..hospital("h", 10) },
            Some(Why::Refused { why: "no bed".into() }),
            false,
            600,
        ),
    ];
    for (facts, con, is_suitable, cost_s) in rows {
        let ranking = rank(std::slice::from_ref(&facts));
        let found = &ranking.candidates[0];
        assert_eq!(found.cons, con.into_iter().collect::<Vec<_>>());
        assert_eq!(found.is_suitable, is_suitable, "{:?}", found.cons);
        assert_eq!(found.cost, cost_s * 1000, "{:?}", found.cons);
        assert_eq!(ranking.remote_care.is_none(), is_suitable, "{:?}", found.cons);
    }
}

#[test]
fn a_department_that_tells_its_census_is_judged_by_nedocs() {
    let told = |occupied, beds, boarders| {
        let census = Census {
            boarders,
            hospital_beds: 200,
            ventilated: 2,
            longest_boarding: Millis::from_mins(360),
            last_wait: Millis::from_mins(90),
        };
        let crowding = Crowding { beds, census: Some(census), ..crowding(occupied, 0) };
        let facts = HospitalFacts { crowding: Some(crowding), ..hospital("h", 10) };
        let found = rank(std::slice::from_ref(&facts)).candidates.remove(0);
        (found.cons, found.cost / 1000)
    };
    let overcrowded = vec![Why::Overcrowded { nedocs: 159, limit: 100 }];
    assert_eq!(told(40, 30, 8), (overcrowded, 600 + 300 + 2 * 120));
    assert_eq!(told(29, 30, 0), (vec![Why::Overcrowded { nedocs: 104, limit: 100 }], 600 + 300));
    assert_eq!(told(27, 30, 0), (vec![], 600), "90 % are taken, but it is not overcrowded");
}

#[test]
fn a_slip_in_a_crowding_report_cannot_rule_a_hospital_out() {
    let slip = Some(Crowding { occupied: u32::MAX, beds: 0, census: None, reported_at: NOW });
    let ranking = rank(&[HospitalFacts { crowding: slip, ..hospital("h", 10) }]);
    assert!(ranking.candidates[0].is_suitable);
    assert_eq!(ranking.candidates[0].cost, (600 + 300 + 1_200) * 1000);
}

#[test]
fn who_turns_the_patient_away_comes_after_who_is_merely_unsuitable() {
    let doors = Doors::Diverting { reason: "full".into(), until: None };
    let diverting = HospitalFacts { doors, ..hospital("a", 1) };
    let plain = HospitalFacts { capabilities: [Cap::Emergency].into(), ..hospital("b", 30) };
    let ranking = rank(&[diverting, plain]);
    assert_eq!(ranking.candidates[0].hospital.as_str(), "b");
}

#[test]
fn where_no_hospital_suits_remote_care_is_proposed_with_the_nearest_able_one() {
    let needs = vec![Cap::Emergency, Cap::StrokeThrombolysis];
    let plain = HospitalFacts { capabilities: [Cap::Emergency].into(), ..hospital("near", 3) };
    for (able, nearest) in [(Some(hospital("able", 75)), Some(Millis::from_mins(75))), (None, None)]
    {
        let hospitals: Vec<_> = [plain.clone()].into_iter().chain(able).collect();
        let needs = needs.clone();
        let expected = RemoteCareReason::NoSuitableHospital { needs, window: WINDOW, nearest };
        assert_eq!(rank(&hospitals).remote_care, Some(expected));
    }
    assert!(rank(&[]).remote_care.is_some());
}

#[test]
fn a_choice_of_hospital_keeps_its_rank() {
    let ranking = rank(&[hospital("a", 1), hospital("b", 2)]);
    let reference = Reference::standard();
    let b = HospitalId::new("b").unwrap();
    let choice = hospital_choice(&ranking.candidates, &b, None, reference.policy()).unwrap();
    assert_eq!((choice.rank, choice.passed_over.len()), (2, 1));
}
