//! Where stroke, heart attack and injury belong, and how full a department is: worked values.

use ems_dispatch::{
    Injured, InjuryRisk, Met, Missing, Race, Reference, Reperfusion, StemiCase, StemiCentre,
    StrokeCase, StrokeCentre, StrokeOutlook, StrokePath, nedocs, nedocs_points,
};
use ems_model::{Census, Crowding, HospitalId, Millis, Timestamp};

fn id(name: &str) -> HospitalId {
    HospitalId::new(name).unwrap()
}

const MIN: fn(i64) -> Millis = Millis::from_mins;

fn ways(race: u8, since_onset: i64, near: i64, far: i64, between: i64) -> Vec<StrokeOutlook> {
    let case = StrokeCase { race: Race::new(race).unwrap(), since_onset: MIN(since_onset) };
    let centre = |name, drive, has_thrombectomy| StrokeCentre {
        hospital: id(name),
        drive: MIN(drive),
        has_thrombectomy,
    };
    let centres = [centre("near", near, false), centre("far", far, true)];
    Reference::standard().stroke().outlooks(case, &centres, |_, _| Some(MIN(between)))
}

fn chance_of(ways: &[StrokeOutlook], path: &StrokePath) -> f64 {
    ways.iter().find(|way| way.path == *path).unwrap().chance
}

/// RACE 7 is NIHSS 16.34 and an occlusion in 0.7198 of cases; untreated 0.2621. Needle at 30 + 10 +
/// 61 = 101 min: odds ratio 1.7549, chance 0.3840. Straight: needle at 122 min 0.3751, puncture at
/// 215 min 0.6310. On from the near one: puncture at 101 + 30 + 84 = 215 min.
#[test]
fn chances_after_a_stroke_are_those_worked_by_hand() {
    let ways = ways(7, 30, 10, 40, 30);
    let near = StrokePath::Thrombolysis(id("near"));
    let onward = StrokePath::DripAndShip { first: id("near"), then: id("far") };
    let straight = StrokePath::Mothership(id("far"));
    for (path, right) in [(&near, 0.3840), (&onward, 0.5102), (&straight, 0.5059)] {
        let chance = chance_of(&ways, path);
        assert!((chance - right).abs() < 5e-4, "{path:?}: {chance} is not {right}");
    }
    assert_eq!(ways[0].path, onward);
}

#[test]
fn the_way_that_loses_less_time_to_the_vessel_comes_first_and_equals_stand_by_drive() {
    let straight = StrokePath::Mothership(id("far"));
    assert_eq!(ways(8, 60, 20, 25, 40)[0].path, straight);
    let first = |race| ways(race, 60, 5, 60, 60)[0].path.first().clone();
    assert_eq!((first(1), first(8)), (id("near"), id("near")));
    let mild = ways(0, 60, 20, 25, 40);
    assert!(mild[0].chance > 0.94 && *mild[0].path.first() == id("near"), "{mild:?}");
}

#[test]
fn past_the_limits_there_is_no_needle_and_no_puncture() {
    let late = ways(8, 400, 10, 20, 10);
    assert_eq!(late.len(), 2, "a transfer comes too late");
    assert!(
        late.iter().all(|way| way.onset_to_needle.is_none() && way.onset_to_puncture.is_none())
    );
    let edge = ways(8, 270 - 61 - 10, 10, 200, 300);
    assert_eq!(edge.iter().find_map(|way| way.onset_to_needle), Some(MIN(270)));
    assert!(Race::new(10).is_none());
    let model = Reference::standard();
    assert!(model.stroke().is_positive(Race::new(5).unwrap()));
    assert!(!model.stroke().is_positive(Race::new(4).unwrap()));
}

fn heart(
    drive_pci: i64,
    since_onset: Option<i64>,
    crew_gives_lysis: bool,
) -> (String, Reperfusion) {
    let since_onset = since_onset.map(MIN);
    let case = StemiCase { since_onset, since_diagnosis: MIN(10), crew_gives_lysis };
    let centre =
        |name, drive, has_pci| StemiCentre { hospital: id(name), drive: MIN(drive), has_pci };
    let centres = [centre("near", 10, false), centre("pci", drive_pci, true)];
    let paths = Reference::standard().stemi().paths(case, &centres, |_, _| Some(MIN(drive_pci)));
    (paths[0].first.as_str().to_owned(), paths[0].reperfusion)
}

#[test]
fn the_catheter_comes_first_up_to_two_hours_and_lysis_after_that() {
    let pci = |wire, meets_goal| Reperfusion::PrimaryPci { wire: MIN(wire), meets_goal };
    assert_eq!(heart(10, None, false), ("pci".into(), pci(60, true)));
    assert_eq!(heart(11, None, false), ("pci".into(), pci(61, false)));
    assert_eq!(heart(70, None, false), ("pci".into(), pci(120, false)));
    let lysis = Reperfusion::Lysis { bolus: MIN(30), wire: Some(MIN(20 + 30 + 71 + 40)) };
    assert_eq!(heart(71, None, false), ("near".into(), lysis));
    let (_, on_scene) = heart(71, Some(60), true);
    assert!(matches!(on_scene, Reperfusion::Lysis { bolus, .. } if bolus == MIN(20)));
    let late = Reperfusion::LatePci { wire: MIN(121) };
    assert_eq!(heart(71, Some(721), false), ("pci".into(), late));
}

fn injured(age: u8, systolic: u16, pulse: u16) -> Injured {
    Injured {
        age: Some(age),
        motor: Some(6),
        breaths: Some(16),
        saturation: Some(98),
        systolic: Some(systolic),
        pulse: Some(pulse),
        ticked: [].into(),
    }
}

#[test]
fn each_figure_of_field_triage_turns_at_its_boundary() {
    let reference = Reference::standard();
    let risk = |patient: &Injured| reference.trauma().judge(patient).unwrap().risk;
    let well = injured(30, 120, 80);
    assert_eq!(risk(&well), InjuryRisk::NoneMet);
    let red: [Injured; 11] = [
        Injured { motor: Some(5), ..well.clone() },
        Injured { breaths: Some(9), ..well.clone() },
        Injured { breaths: Some(30), ..well.clone() },
        Injured { saturation: Some(89), ..well.clone() },
        injured(0, 69, 60),
        injured(9, 87, 60),
        injured(10, 89, 60),
        injured(64, 89, 60),
        injured(65, 109, 60),
        injured(10, 100, 101),
        injured(70, 120, 121),
    ];
    for patient in &red {
        assert_eq!(risk(patient), InjuryRisk::Red, "{patient:?}");
    }
    let fine = [
        Injured { breaths: Some(10), ..well.clone() },
        Injured { breaths: Some(29), ..well.clone() },
        Injured { saturation: Some(90), ..well.clone() },
        injured(0, 70, 150),
        injured(9, 88, 150),
        injured(10, 90, 90),
        injured(64, 90, 90),
        injured(65, 110, 110),
    ];
    for patient in &fine {
        assert_eq!(risk(patient), InjuryRisk::NoneMet, "{patient:?}");
    }
}

#[test]
fn what_is_ticked_counts_what_is_missing_is_named_and_what_is_unknown_is_refused() {
    let reference = Reference::standard();
    let triage = reference.trauma();
    let tick = |ids: &[&str]| Injured {
        ticked: ids.iter().map(|&id| id.to_owned()).collect(),
        ..Injured::default()
    };
    let yellow = triage.judge(&tick(&["fall", "anticoagulant"])).unwrap();
    assert_eq!((yellow.risk, yellow.met.len()), (InjuryRisk::Yellow, 2));
    assert_eq!(yellow.missing.len(), 6);
    assert!(yellow.missing.contains(&Missing::Age));
    let patient = tick(&["fall", "pelvis"]);
    let red = triage.judge(&patient).unwrap();
    assert_eq!(red.risk, InjuryRisk::Red);
    assert!(matches!(red.met[0], Met::Ticked(criterion) if criterion.id == "pelvis"));
    let error = triage.judge(&tick(&["fal"])).unwrap_err().to_string();
    assert_eq!(error, "criterion \"fal\" is not in field-triage-2021/1: tick one that it lists");
}

#[test]
fn nedocs_is_the_published_sum() {
    let hours = |tenths: i64| Millis::from_mins(6 * tenths);
    let full = Census {
        boarders: 8,
        hospital_beds: 200,
        ventilated: 2,
        longest_boarding: hours(60),
        last_wait: hours(15),
    };
    let crowding = |occupied, census| Crowding {
        occupied,
        beds: 30,
        census,
        reported_at: Timestamp::default(),
    };
    let score = nedocs(&crowding(40, Some(full))).unwrap();
    assert!((score - 159.24).abs() < 0.005, "{score}");
    assert_eq!(nedocs_points(&crowding(40, Some(full))), Some(159));
    let none = Census {
        boarders: 0,
        ventilated: 0,
        longest_boarding: Millis::ZERO,
        last_wait: Millis::ZERO,
        ..full
    };
    assert_eq!(nedocs(&crowding(0, Some(none))), Some(0.0));
    assert_eq!(nedocs(&crowding(40, None)), None);
}
