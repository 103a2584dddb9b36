//! Where a patient belongs by what the crew found: each figure of a reason computed again from the
//! roads and from the data files as they are written, by another way.

use std::collections::BTreeMap;

use ems_model::{
    Call, Command, Findings, HospitalCandidate, HospitalId, HospitalReason as Why, IncidentId,
    Millis, RaceItems, UnitStep,
};

use crate::city::{Floor, chest_pain, mellieha, unit};

const ON_SCENE: [UnitStep; 4] =
    [UnitStep::Acknowledge, UnitStep::GoEnRoute, UnitStep::ArriveOnScene, UnitStep::ReachPatient];

const MATER_DEI: &str = "w24063943";

fn file(name: &str) -> toml::Table {
    let path = format!("{}/../../data/dispatch/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

fn number(table: &toml::Table, section: &str, key: &str) -> f64 {
    let table = if section.is_empty() { table } else { table[section].as_table().unwrap() };
    let value = &table[key];
    #[expect(clippy::cast_precision_loss, reason = "minutes and seconds of a file")]
    value.as_float().unwrap_or_else(|| value.as_integer().unwrap() as f64)
}

/// An incident in Mellieha, in the north-west, with unit A2 at the patient.
fn at_patient(floor: &mut Floor, complaint: &str, age: u8) -> IncidentId {
    let call = Call {
        position: mellieha(),
        complaint: complaint.into(),
        age: Some(age),
        ..chest_pain(floor.now)
    };
    let priority = floor.centre.suggest(complaint, &BTreeMap::new(), Some(age)).unwrap();
    let priority = Some(priority.priority.code);
    let incident = floor.done(Command::TakeCall { call, priority }).incident.unwrap();
    floor.assign(incident, "A2");
    floor.wait(Millis::from_secs(60));
    floor.steps(incident, "A2", &ON_SCENE);
    incident
}

fn find(floor: &mut Floor, incident: IncidentId, findings: Findings) {
    let at = floor.now;
    floor.done(Command::RecordFindings { incident, unit: unit("A2"), at, findings });
}

fn race(face: Option<u8>) -> RaceItems {
    RaceItems { face, arm: Some(2), leg: Some(2), gaze: Some(1), cortex: Some(1) }
}

fn ranked(floor: &Floor, incident: IncidentId) -> Vec<HospitalCandidate> {
    floor.centre.recommend(floor.now, incident).unwrap().hospitals
}

fn reason<T>(candidate: &HospitalCandidate, pick: impl Fn(&Why) -> Option<T>) -> Option<(T, bool)> {
    let of = |reasons: &[Why]| reasons.iter().find_map(&pick);
    of(&candidate.pros).map(|it| (it, true)).or_else(|| of(&candidate.cons).map(|it| (it, false)))
}

/// The drive by the roads themselves, minutes.
fn drive(floor: &Floor, from: ems_model::Position, to: &HospitalId) -> f64 {
    let city = floor.centre.city();
    let to = city.hospitals.iter().find(|it| it.id == *to).unwrap();
    let snap = |position| city.roads.snap(position).unwrap();
    city.roads.time(&snap(from), &snap(to.position)).unwrap().as_secs_f64() / 60.0
}

fn place(floor: &Floor, id: &HospitalId) -> ems_model::Position {
    floor.centre.city().hospitals.iter().find(|it| it.id == *id).unwrap().position
}

fn minutes(span: Millis) -> f64 {
    span.as_secs_f64() / 60.0
}

fn assert_near(left: f64, right: f64, within: f64, what: &str) {
    assert!((left - right).abs() <= within, "{what}: {left} is not {right}");
}

/// The chance of the data file's formula, with minutes from onset.
fn chance(score: f64, needle: Option<f64>, puncture: Option<f64>) -> f64 {
    let f = file("destination/stroke");
    let nihss = number(&f, "nihss", "intercept") + number(&f, "nihss", "per_point") * score;
    let lysis = |key| number(&f, "thrombolysis", key);
    let vessel = |key| number(&f, "thrombectomy", key);
    let mut without = lysis("constant") + lysis("linear") * nihss + lysis("square") * nihss * nihss;
    if let Some(needle) = needle {
        let ratio = lysis("odds_ratio_at_onset") + lysis("odds_ratio_per_min") * needle;
        let odds = ratio * without / (1.0 - without);
        without = odds / (1.0 + odds);
    }
    let log_odds =
        number(&f, "occlusion", "intercept") + number(&f, "occlusion", "per_point") * score;
    let opened = vessel("opened") / (1.0 + (-log_odds).exp());
    puncture.map_or(without, |puncture| {
        let with = (nihss * (vessel("per_nihss") + vessel("per_nihss_min") * puncture)).exp();
        opened * with.max(without) + (1.0 - opened) * without
    })
}

#[test]
fn each_figure_of_a_strokes_reasons_follows_from_the_roads_and_the_file() {
    let mut floor = Floor::open();
    let incident = at_patient(&mut floor, "stroke", 71);
    let well = floor.now - Millis::from_mins(40);
    find(
        &mut floor,
        incident,
        Findings::Stroke { race: race(Some(1)), last_known_well: Some(well) },
    );
    floor.wait(Millis::from_mins(3));
    let f = file("destination/stroke");
    let (lysis, vessel) =
        (|key| number(&f, "thrombolysis", key), |key| number(&f, "thrombectomy", key));
    let on_scene = number(&file("pathways/stroke"), "", "on_scene_min");
    let leaves = 40.0 + on_scene;
    let mater_dei = HospitalId::new(MATER_DEI).unwrap();
    let candidates = ranked(&floor, incident);
    let mut told = Vec::new();
    for candidate in &candidates {
        let outlook = reason(candidate, |why| match why {
            Why::StrokeOutlook {
                then,
                to_needle,
                to_puncture,
                chance_permille,
                behind_permille,
            } => Some((then.clone(), *to_needle, *to_puncture, *chance_permille, *behind_permille)),
            _ => None,
        });
        let Some(((then, needle, puncture, permille, behind), is_for)) = outlook else { continue };
        let door = leaves + drive(&floor, mellieha(), &candidate.hospital);
        let is_mothership = candidate.hospital == mater_dei;
        let to_needle = if is_mothership {
            door + lysis("door_to_needle_comprehensive_min")
        } else {
            door + lysis("door_to_needle_min")
        };
        assert_near(minutes(needle.unwrap()), to_needle, 0.02, "needle");
        let to_puncture = if is_mothership {
            assert_eq!(then, None);
            door + vessel("door_to_puncture_min")
        } else {
            let onward = then.unwrap();
            assert_eq!(onward, mater_dei);
            let transfer = drive(&floor, place(&floor, &candidate.hospital), &onward);
            to_needle
                + vessel("needle_to_departure_min")
                + transfer
                + vessel("door_to_puncture_transferred_min")
        };
        assert_near(minutes(puncture.unwrap()), to_puncture, 0.02, "puncture");
        let right = chance(7.0, Some(to_needle), Some(to_puncture));
        assert_near(f64::from(permille), right * 1000.0, 0.6, "chance");
        assert_eq!(is_for, behind == 0, "{candidate:?}");
        told.push((right, behind));
    }
    assert!(told.len() >= 3, "{candidates:?}");
    let best = told.iter().map(|(chance, _)| *chance).fold(0.0, f64::max);
    for (chance, behind) in told {
        let is_equal = (best - chance) * 100.0 < number(&f, "", "equal_within_percent");
        let right = if is_equal { 0.0 } else { (best - chance) * 1000.0 };
        assert_near(f64::from(behind), right, 0.6, "behind");
    }
}

#[test]
fn an_unknown_onset_is_said_and_no_chance_is_told() {
    let mut floor = Floor::open();
    let incident = at_patient(&mut floor, "stroke", 71);
    find(&mut floor, incident, Findings::Stroke { race: race(Some(1)), last_known_well: None });
    let candidates = ranked(&floor, incident);
    let best = &candidates[0];
    let times = |why: &Why| match why {
        Why::StrokeTimes { to_needle, to_puncture, .. } => Some((*to_needle, *to_puncture)),
        Why::StrokeOutlook { .. } => panic!("a chance without an onset"),
        _ => None,
    };
    let ((_, puncture), is_for) = reason(best, times).unwrap();
    assert!(is_for && puncture.is_some(), "{best:?}");
    let f = file("destination/stroke");
    let mater_dei = candidates.iter().find(|it| it.hospital.as_str() == MATER_DEI).unwrap();
    let ((needle, puncture), _) = reason(mater_dei, times).unwrap();
    let there = drive(&floor, mellieha(), &mater_dei.hospital);
    let lysis = number(&f, "thrombolysis", "door_to_needle_comprehensive_min");
    assert_near(minutes(needle), there + lysis, 0.02, "needle");
    let vessel = number(&f, "thrombectomy", "door_to_puncture_min");
    assert_near(minutes(puncture.unwrap()), there + vessel, 0.02, "puncture");
}

/// Chest pain with ST elevation: from the ECG, which was recorded some minutes before leaving.
#[test]
fn each_figure_of_a_heart_attacks_reasons_follows_from_the_roads_and_the_file() {
    let mut floor = Floor::open();
    let incident = at_patient(&mut floor, "chest-pain", 58);
    let recorded_at = floor.now;
    let findings =
        Findings::Ecg { is_stemi: true, recorded_at, onset: None, crew_gives_lysis: None };
    find(&mut floor, incident, findings);
    floor.wait(Millis::from_mins(2));
    let f = file("destination/stemi");
    let leaves = number(&file("pathways/stemi"), "", "on_scene_min");
    let candidates = ranked(&floor, incident);
    let mut n = 0;
    for candidate in &candidates {
        let told = reason(candidate, |why| match why {
            Why::Reperfusion { then, to_wire, goal, .. } => Some((then.clone(), *to_wire, *goal)),
            _ => None,
        });
        let Some(((then, wire, goal), _)) = told else { continue };
        let arrival = leaves + drive(&floor, mellieha(), &candidate.hospital);
        let (right, key) = match &then {
            None => (arrival, "diagnosis_to_wire_goal_min"),
            Some(onward) => {
                let transfer = drive(&floor, place(&floor, &candidate.hospital), onward);
                let left = arrival + number(&f, "", "door_in_door_out_min");
                (left + transfer, "diagnosis_to_wire_goal_transferred_min")
            }
        };
        let right = right + number(&f, "", "door_to_wire_min");
        assert_near(minutes(wire.unwrap()), right, 0.02, "wire");
        if right <= number(&f, "", "diagnosis_to_wire_max_min") {
            assert_near(minutes(goal), number(&f, "", key), 0.0, "goal");
        }
        n += 1;
    }
    assert!(n >= 3, "{candidates:?}");
}

#[test]
fn patients_on_the_way_to_a_hospital_are_counted_against_it() {
    let mut floor = Floor::open();
    let hospital = HospitalId::new("w722920588").unwrap();
    let choose = |incident| Command::ChooseHospital {
        incident,
        expected_version: None,
        hospital: hospital.clone(),
        overrule: Some("test".to_owned()),
    };
    for name in ["A1", "B1", "A2"] {
        let incident = floor.incident();
        floor.assign(incident, name);
        floor.done(choose(incident));
    }
    let many = |why: &Why| match why {
        Why::ManyExpected { n, limit, within } => Some((*n, *limit, *within)),
        _ => None,
    };
    let told = |floor: &Floor, incident| {
        let candidates = ranked(floor, incident);
        reason(candidates.iter().find(|it| it.hospital == hospital).unwrap(), many)
    };
    // Eight treatment places: two patients are let in before they count; one's own does not.
    let next = floor.incident();
    assert_eq!(told(&floor, next), Some(((3, 2, Millis::from_mins(60)), false)));
    let own = *floor.centre.ledger().hospital(&hospital).unwrap().expecting.first().unwrap();
    assert_eq!(told(&floor, own), Some(((2, 2, Millis::from_mins(60)), false)));
}

#[test]
fn findings_are_kept_with_who_and_when_and_a_later_one_takes_the_place_of_an_earlier() {
    let mut floor = Floor::open();
    let incident = at_patient(&mut floor, "stroke", 71);
    let found_at = floor.now;
    let stroke = |face| Findings::Stroke { race: race(face), last_known_well: None };
    find(&mut floor, incident, stroke(None));
    floor.wait(Millis::from_mins(2));
    find(&mut floor, incident, stroke(Some(2)));
    let (unit_id, findings) = (unit("A2"), stroke(Some(0)));
    floor.done(Command::RecordFindings { incident, unit: unit_id, at: found_at, findings });
    let found = &floor.record(incident).findings;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].findings, found[0].at), (&stroke(Some(2)), floor.now));
    assert_eq!((found[0].unit.as_str(), found[0].actor.as_str()), ("A2", "dispatcher:li"));
    let log = floor.log.iter().cloned();
    let again = ems_centre::Centre::replay(crate::city::config(), crate::city::malta(), log);
    assert_eq!(again.unwrap().ledger(), floor.centre.ledger());
}

#[test]
fn findings_that_cannot_be_are_refused() {
    let mut floor = Floor::open();
    let incident = at_patient(&mut floor, "stroke", 71);
    let at = floor.now;
    let stroke = |race, last_known_well| Findings::Stroke { race, last_known_well };
    let burn = |id: &str| Findings::Burn {
        tbsa_percent: None,
        depth: None,
        criteria: [id.to_owned()].into(),
    };
    let ahead = Some(at + Millis::from_mins(2));
    let rows = [
        ("A1", stroke(race(None), None), "unit A1 is not with incident 1"),
        ("A2", stroke(race(Some(3)), None), "face 3 is outside 0..=2"),
        ("A2", stroke(race(None), ahead), "last_known_well is 2:00 away"),
        ("A2", Findings::Obstetric { weeks: Some(46), signs: [].into() }, "weeks 46 is outside"),
        ("A2", burn("sunburn"), "criterion \"sunburn\" is not in burn-referral-aba-2022/1"),
    ];
    for (name, findings, right) in rows {
        let command = Command::RecordFindings { incident, unit: unit(name), at, findings };
        let said = floor.say(command).unwrap_err().to_string();
        assert!(said.starts_with(right), "{said}");
    }
    assert_eq!(floor.record(incident).findings, []);
}

/// On the road the drives are those from where the ambulance is.
#[test]
fn a_patient_on_the_road_is_ranked_from_where_the_unit_is() {
    let mut floor = Floor::open();
    let incident = at_patient(&mut floor, "stroke", 71);
    let hospital = HospitalId::new(MATER_DEI).unwrap();
    let overrule = Some("test".to_owned());
    let (there, expected_version) = (hospital.clone(), None);
    floor.done(Command::ChooseHospital { incident, expected_version, hospital: there, overrule });
    floor.steps(incident, "A2", &[UnitStep::LeaveScene]);
    floor.wait(Millis::from_mins(9));
    let on_road = ems_model::Position::from_degrees(35.9240, 14.4100).unwrap();
    floor.at("A2", on_road);
    let candidates = ranked(&floor, incident);
    let there = candidates.iter().find(|it| it.hospital == hospital).unwrap();
    let right = drive(&floor, on_road, &hospital);
    assert_near(minutes(there.drive.unwrap()), right, 0.02, "drive");
    assert!(right < drive(&floor, mellieha(), &hospital) - 2.0);
}
