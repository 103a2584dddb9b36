//! What findings ask of the hospital: a row a line of the guideline, and laws of the ranking.

use std::collections::BTreeSet;

use ems_dispatch::{
    Burnt, Demand, HospitalFacts, HospitalQuery, Patient, Race, Reference, Referral, Treatment,
    rank_hospitals,
};
use ems_model::{
    BurnDepth, Crowding, Doors, Findings, HospitalCapability as Cap, HospitalId,
    HospitalReason as Why, Millis, RaceItems, ReperfusionKind, Timestamp, Verdict,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);
const MIN: fn(i64) -> Millis = Millis::from_mins;

fn demand(age: Option<u8>, findings: &Findings, needs: &[Cap]) -> Demand {
    let patient = Patient { age, leaves_at: NOW, findings: vec![findings] };
    Reference::standard().demand(&patient, needs.to_vec())
}

fn race(points: [Option<u8>; 5]) -> RaceItems {
    let [face, arm, leg, gaze, cortex] = points;
    RaceItems { face, arm, leg, gaze, cortex }
}

fn stroke(points: u8, minutes_ago: Option<i64>) -> Findings {
    let mut left = points;
    let mut item = |most: u8| {
        let some = left.min(most);
        left -= some;
        Some(some)
    };
    let race = race([item(2), item(2), item(2), item(1), item(2)]);
    Findings::Stroke { race, last_known_well: minutes_ago.map(|ago| NOW - MIN(ago)) }
}

/// Pérez de la Ossa 2014: face 0-2, arm 0-2, leg 0-2, gaze 0-1, aphasia or agnosia 0-2; 9 at most.
#[test]
fn a_race_score_is_the_sum_of_its_items_and_says_what_is_missing() {
    let score = |points| {
        let (race, missing) = Race::of(&race(points));
        (race.get(), missing)
    };
    assert_eq!(score([Some(2), Some(2), Some(2), Some(1), Some(2)]), (9, vec![]));
    assert_eq!(score([Some(0); 5]), (0, vec![]));
    assert_eq!(
        score([Some(9), None, Some(1), Some(9), None]),
        (4, vec!["arm".into(), "cortex".into()])
    );
}

#[test]
fn a_stroke_is_decided_by_time_within_the_limits_and_by_preference_after_them() {
    let needs = [Cap::Emergency, Cap::StrokeThrombectomy];
    let in_time = demand(None, &stroke(7, Some(60)), &needs);
    assert_eq!(in_time.needs, [Cap::Emergency, Cap::StrokeThrombolysis]);
    assert!(in_time.prefers.is_empty());
    let Verdict::Stroke { race: 7, occlusion_permille: Some(720), positive_from: 5, .. } =
        in_time.judgements[0].verdict
    else {
        panic!("{:?}", in_time.judgements)
    };
    let late = demand(None, &stroke(7, Some(600)), &[Cap::Emergency]);
    assert!(late.prefers.contains(&Cap::StrokeThrombectomy));
    let mild = demand(None, &stroke(4, Some(600)), &[Cap::Emergency]);
    assert!(mild.prefers.is_empty());
    let too_late = demand(None, &stroke(7, Some(1441)), &[Cap::Emergency]);
    assert!(too_late.prefers.is_empty());
    let unknown = demand(None, &stroke(7, None), &needs);
    assert!(unknown.needs.contains(&Cap::StrokeThrombectomy), "what the caller told stands");
}

/// American Burn Association 2022, the table's rows.
#[test]
fn burns_are_referred_by_the_published_rows() {
    use BurnDepth as D;
    let reference = Reference::standard();
    let judge = |age, tbsa_percent, depth, ticked: &[&str]| {
        let ticked: Vec<_> = ticked.iter().map(|&id| id.to_owned()).collect();
        reference.burns().judge(&Burnt { age, tbsa_percent, depth, ticked: &ticked }).referral
    };
    let rows = [
        (Some(30), Some(1), Some(D::Full), &[][..], Referral::Immediate),
        (Some(30), Some(10), Some(D::Partial), &[], Referral::Immediate),
        (Some(30), Some(9), Some(D::Partial), &[], Referral::Consult),
        (Some(30), Some(1), Some(D::DeepPartial), &[], Referral::Consult),
        (Some(30), Some(40), Some(D::Superficial), &[], Referral::None),
        (Some(30), None, Some(D::Partial), &[], Referral::None),
        (Some(30), None, None, &["deep-place"], Referral::Immediate),
        (Some(30), Some(1), Some(D::Partial), &["inhalation"], Referral::Immediate),
        (Some(30), Some(1), Some(D::Superficial), &["inhalation-signs"], Referral::Consult),
        (Some(30), Some(1), Some(D::Superficial), &["chemical"], Referral::Immediate),
        (Some(30), Some(1), Some(D::Superficial), &["comorbidity"], Referral::Immediate),
        (Some(30), Some(1), Some(D::Superficial), &["trauma"], Referral::Immediate),
        (Some(30), Some(1), Some(D::Superficial), &["pain"], Referral::Immediate),
        (Some(14), Some(1), Some(D::Partial), &[], Referral::Immediate),
        (Some(15), Some(1), Some(D::Partial), &[], Referral::Consult),
        (Some(14), Some(1), Some(D::Superficial), &[], Referral::None),
        (None, None, None, &[], Referral::None),
    ];
    for (age, tbsa, depth, ticked, right) in rows {
        assert_eq!(judge(age, tbsa, depth, ticked), right, "{age:?} {tbsa:?} {depth:?} {ticked:?}");
    }
}

#[test]
fn the_weeks_choose_the_newborns_level_unless_the_birth_is_happening() {
    let ask = |weeks, signs: &[&str]| {
        let signs = signs.iter().map(|&id| id.to_owned()).collect();
        demand(Some(30), &Findings::Obstetric { weeks, signs }, &[Cap::Emergency])
    };
    for (weeks, right) in [
        (Some(31), Some(Cap::NeonatalIntensiveCare)),
        (Some(32), Some(Cap::Paediatrics)),
        (Some(34), Some(Cap::Paediatrics)),
        (Some(35), None),
        (None, None),
    ] {
        let found = ask(weeks, &[]);
        assert_eq!(found.prefers, right.into_iter().collect(), "{weeks:?}");
        assert_eq!(found.needs, [Cap::Emergency, Cap::Obstetrics]);
    }
    assert!(ask(Some(28), &["imminent"]).prefers.is_empty());
    assert!(ask(Some(39), &["bleeding"]).needs.contains(&Cap::IntensiveCare));
}

/// Dieckmann 2010, as tabled: appearance, breathing, circulation abnormal.
#[test]
fn the_triangle_gives_the_published_impressions() {
    let reference = Reference::standard();
    let impression = |sides: [u8; 3]| {
        reference.child().judge(sides.map(|side| Some(side == 1))).impression.id.clone()
    };
    for (sides, right) in [
        ([0, 0, 0], "stable"),
        ([0, 1, 0], "respiratory-distress"),
        ([1, 1, 0], "respiratory-failure"),
        ([0, 0, 1], "shock"),
        ([1, 0, 1], "shock"),
        ([1, 0, 0], "brain-or-metabolic"),
        ([1, 1, 1], "cardiopulmonary-failure"),
    ] {
        assert_eq!(impression(sides), right, "{sides:?}");
    }
    let unseen = reference.child().judge([None, Some(true), None]);
    assert_eq!(unseen.impression.id, "respiratory-distress");
    assert_eq!(unseen.missing, ["appearance", "circulation"]);
}

#[test]
fn a_childs_age_alone_prefers_paediatrics_and_its_injury_a_trauma_centre_for_children() {
    let patient = |age| Patient { age, leaves_at: NOW, findings: vec![] };
    let reference = Reference::standard();
    for (age, right) in [(Some(15), true), (Some(16), false), (None, false)] {
        let found = reference.demand(&patient(age), vec![Cap::Emergency]);
        assert_eq!(found.prefers.contains(&Cap::Paediatrics), right, "{age:?}");
        assert_eq!(found.judgements.len(), usize::from(right));
    }
    let injury = Findings::Injury {
        motor: Some(5),
        breaths: None,
        saturation: None,
        systolic: None,
        pulse: None,
        criteria: [].into(),
    };
    let child = demand(Some(7), &injury, &[Cap::Emergency]);
    assert_eq!(child.needs, [Cap::Emergency, Cap::Trauma]);
    assert!(child.prefers.contains(&Cap::PaediatricTrauma));
    assert!(!demand(Some(40), &injury, &[]).prefers.contains(&Cap::PaediatricTrauma));
}

#[test]
fn what_no_file_names_is_refused() {
    let reference = Reference::standard();
    let burn = |id: &str| Findings::Burn {
        tbsa_percent: None,
        depth: None,
        criteria: [id.to_owned()].into(),
    };
    assert!(reference.check_findings(&burn("inhalation")).is_ok());
    assert_eq!(
        reference.check_findings(&burn("sunburn")).unwrap_err().to_string(),
        "criterion \"sunburn\" is not in burn-referral-aba-2022/1: tick one that it lists"
    );
}

fn facts(id: usize, capabilities: BTreeSet<Cap>, drive: i64) -> HospitalFacts {
    HospitalFacts {
        id: HospitalId::new(&format!("h{id}")).unwrap(),
        capabilities,
        drive: Some(MIN(drive)),
        likely: None,
        crowding: Some(Crowding { occupied: 5, beds: 20, census: None, reported_at: NOW }),
        doors: Doors::Open,
        refused: None,
        treatment: None,
        n_expected: 0,
        beds: Some(20),
    }
}

fn treated(
    reference: &Reference,
    patient: &Patient<'_>,
    mut hospitals: Vec<HospitalFacts>,
    between: i64,
) -> Vec<HospitalFacts> {
    let drive = |_: &HospitalId, _: &HospitalId| Some(MIN(between));
    let treatments = reference.treatments(patient, &hospitals, NOW, drive);
    for hospital in &mut hospitals {
        hospital.treatment = treatments.get(&hospital.id).cloned();
    }
    hospitals
}

fn stemi(minutes_ago: i64, onset: Option<i64>) -> Findings {
    Findings::Ecg {
        is_stemi: true,
        recorded_at: NOW - MIN(minutes_ago),
        onset: onset.map(|ago| NOW - MIN(ago)),
        crew_gives_lysis: None,
    }
}

/// 10 min since the ECG; laboratory 70 min away: wire after 10 + 70 + 40 = 120, the guideline's
/// longest. A minute more, and lysis at the near hospital 10 + 10 + 10 = 30 min after the ECG comes
/// first; its bolus counts as a wire at 30 + 110 = 140.
#[test]
fn a_heart_attack_goes_to_the_wire_up_to_two_hours_and_to_lysis_after_that() {
    let reference = Reference::standard();
    let findings = stemi(10, None);
    let patient = Patient { age: None, leaves_at: NOW, findings: vec![&findings] };
    let rank = |far: i64| {
        let near = facts(0, [Cap::Emergency].into(), 10);
        let lab = facts(1, [Cap::Emergency, Cap::Pci].into(), far);
        let hospitals = treated(&reference, &patient, vec![near, lab], far);
        let demand = reference.demand(&patient, vec![Cap::Emergency, Cap::Pci]);
        let query = HospitalQuery {
            now: NOW,
            needs: demand.needs,
            prefers: demand.prefers,
            window: MIN(90),
        };
        rank_hospitals(&query, &hospitals, reference.hospitals()).candidates
    };
    let straight = rank(70);
    assert_eq!(straight[0].hospital.as_str(), "h1");
    let how = |candidate: &ems_model::HospitalCandidate| {
        let reasons = candidate.pros.iter().chain(&candidate.cons);
        let mut found = reasons.filter_map(|why| match why {
            Why::Reperfusion { how, to_wire, to_bolus, goal, counts_as, .. } => {
                Some((*how, *to_wire, *to_bolus, *goal, *counts_as))
            }
            _ => None,
        });
        found.next_back().unwrap()
    };
    assert_eq!(
        how(&straight[0]),
        (ReperfusionKind::PrimaryPci, Some(MIN(120)), None, MIN(60), MIN(120))
    );
    let after = rank(71);
    assert_eq!(after[0].hospital.as_str(), "h0");
    let wire = Some(MIN(10 + 10 + 30 + 71 + 40));
    assert_eq!(how(&after[0]), (ReperfusionKind::Lysis, wire, Some(MIN(30)), MIN(10), MIN(140)));
    let late = how(&after[1]);
    let right = (ReperfusionKind::LatePci, Some(MIN(121)), None, MIN(120), MIN(121 + 110));
    assert_eq!(late, right);
    // Beyond the drive lysis loses 140 - 10, the late wire 121 + 110 - 71: the rest is its price.
    let lost = MIN((121 + 110 - 71) - (140 - 10));
    assert_eq!(after[1].cost, (MIN(71) + lost).get());
}

const CAPS: [Cap; 6] = [
    Cap::Emergency,
    Cap::StrokeThrombolysis,
    Cap::StrokeThrombectomy,
    Cap::Pci,
    Cap::Trauma,
    Cap::Burns,
];

fn any_case(rng: &mut Pcg64Mcg) -> Findings {
    match rng.random_range(0..4) {
        0 => {
            stroke(rng.random_range(0..=9), rng.random_bool(0.7).then(|| rng.random_range(0..700)))
        }
        1 => stemi(
            rng.random_range(0..200),
            rng.random_bool(0.7).then(|| rng.random_range(200..900)),
        ),
        2 => Findings::Burn {
            tbsa_percent: Some(20),
            depth: Some(BurnDepth::Full),
            criteria: [].into(),
        },
        _ => Findings::Injury {
            motor: Some(rng.random_range(1..=6)),
            breaths: None,
            saturation: None,
            systolic: None,
            pulse: None,
            criteria: [].into(),
        },
    }
}

/// Of two hospitals that are alike but for one thing, the one that diverts, has refused, or lacks
/// what is needed never comes first; and more patients on the way never move a hospital up.
#[test]
fn who_turns_the_patient_away_or_lacks_what_is_needed_never_comes_before_an_equal_that_does_not() {
    let reference = Reference::standard();
    let mut rng = Pcg64Mcg::seed_from_u64(20);
    for round in 0..400 {
        let findings = any_case(&mut rng);
        let patient = Patient { age: Some(50), leaves_at: NOW, findings: vec![&findings] };
        let mut hospitals: Vec<_> = (0..5)
            .map(|id| {
                let has = CAPS.into_iter().filter(|_| rng.random_bool(0.6)).chain([Cap::Emergency]);
                facts(id, has.collect(), rng.random_range(1..80))
            })
            .collect();
        let demand = reference.demand(&patient, vec![Cap::Emergency]);
        let mut twin =
            HospitalFacts { id: HospitalId::new("worse").unwrap(), ..hospitals[0].clone() };
        match round % 4 {
            0 => twin.doors = Doors::Diverting { reason: "flood".into(), until: None },
            1 => twin.refused = Some("no bed".into()),
            2 => twin.n_expected = rng.random_range(2..30),
            _ => {
                let need = demand.needs[rng.random_range(0..demand.needs.len())];
                if !hospitals[0].capabilities.insert(need) {
                    twin.capabilities.remove(&need);
                }
            }
        }
        hospitals.push(twin);
        let hospitals = treated(&reference, &patient, hospitals, rng.random_range(1..60));
        let query = HospitalQuery {
            now: NOW,
            needs: demand.needs,
            prefers: demand.prefers,
            window: MIN(rng.random_range(10..90)),
        };
        let ranked = rank_hospitals(&query, &hospitals, reference.hospitals()).candidates;
        let place = |id: &str| ranked.iter().position(|it| it.hospital.as_str() == id).unwrap();
        assert!(place("h0") < place("worse"), "round {round} {findings:?}: {ranked:#?}");
    }
}

/// A treatment that loses nothing is there, the others lose as their reason says, and nobody is
/// treated where the doors are shut.
#[test]
fn what_a_treatment_loses_is_what_its_reason_says() {
    let reference = Reference::standard();
    let mut rng = Pcg64Mcg::seed_from_u64(21);
    let percent = reference.hospitals().stroke_each_percent.get();
    let mut n_seen = 0;
    for _ in 0..400 {
        let findings = any_case(&mut rng);
        let patient = Patient { age: None, leaves_at: NOW, findings: vec![&findings] };
        let any = (0..6).map(|id| {
            let has = CAPS.into_iter().filter(|_| rng.random_bool(0.5));
            let mut facts = facts(id, has.collect(), rng.random_range(1..120));
            facts.refused = rng.random_bool(0.25).then(|| "full".to_owned());
            facts
        });
        let any: Vec<_> = any.collect();
        let hospitals = treated(&reference, &patient, any, rng.random_range(1..90));
        assert!(hospitals.iter().all(|it| it.refused.is_none() || it.treatment.is_none()));
        // What a reason says of the time to treatment, without the drive there.
        let beyond = |facts: &HospitalFacts| match facts.treatment.as_ref()?.reason {
            Why::Reperfusion { counts_as, .. } => Some(counts_as - facts.drive?),
            Why::StrokeTimes { to_needle, to_puncture, .. } => {
                let is_positive = matches!(findings, Findings::Stroke { race, .. }
                    if Race::of(&race).0.get() >= 5);
                let time = to_puncture.filter(|_| is_positive).unwrap_or(to_needle);
                Some(time - facts.drive?)
            }
            _ => None,
        };
        let best = hospitals.iter().filter_map(beyond).min();
        for facts in &hospitals {
            let Some(Treatment { reason, lost }) = &facts.treatment else { continue };
            let right = match reason {
                Why::StrokeOutlook { behind_permille, .. } => {
                    i64::from(*behind_permille) * percent / 10
                }
                Why::LacksPreferred { capability: Cap::Pci } => continue,
                _ => (beyond(facts).unwrap() - best.unwrap()).get(),
            };
            assert_eq!(lost.get(), right, "{facts:?}");
            n_seen += 1;
        }
    }
    assert!(n_seen > 300, "{n_seen}");
}
