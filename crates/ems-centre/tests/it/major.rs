//! A major incident from declaring to standing down; nobody is lost or twice.

use std::collections::BTreeMap;

use ems_centre::Centre;
use ems_dispatch::{Next, Reference, Tagging};
use ems_model::{
    AgeGroup, Areas, Casualty, CasualtyId, CasualtyPlace, CasualtyState, Command, Event,
    HospitalCapability, HospitalId, IncidentId, IncidentState, Leg, MajorIncident, MajorOrder,
    Millis, Outcome, Phase, SceneEnd, StagingArea, Tag, TagOverrule, UnitKind, UnitState,
    UnitStep as S,
};

use crate::city::{
    Floor, assign, config, malta, mellieha, sign_on, sliema, step_unit, unit, valletta,
};

fn order(incident: IncidentId, order: MajorOrder) -> Command {
    Command::MajorIncident { incident, order }
}

fn declare(incident: IncidentId) -> Command {
    let area = StagingArea { name: "North".into(), position: valletta(), n_units_max: 1 };
    let areas = Areas { staging: vec![area], collection: None };
    order(incident, MajorOrder::Declare { areas, methane: None })
}

/// The answers of START that lead to a tag.
fn answers(tag: Tag) -> BTreeMap<String, bool> {
    let yes_no: &[(&str, bool)] = match tag {
        Tag::Minor => &[("walks", true)],
        Tag::Immediate => &[("walks", false), ("breathes", true), ("breathes-fast", true)],
        Tag::Deceased => {
            &[("walks", false), ("breathes", false), ("breathes-after-opening", false)]
        }
        _ => &[
            ("walks", false),
            ("breathes", true),
            ("breathes-fast", false),
            ("pulse", true),
            ("obeys", true),
        ],
    };
    yes_no.iter().map(|(id, is_yes)| ((*id).to_owned(), *is_yes)).collect()
}

fn tag(casualty: Option<u64>, tag: Tag) -> MajorOrder {
    MajorOrder::Tag {
        casualty: casualty.map(CasualtyId),
        age_group: AgeGroup::Adult,
        tree: "start-1997/1".into(),
        answers: answers(tag),
        overrule: None,
        needs: Vec::new(),
    }
}

fn allot(casualty: u64, hospital: &HospitalId, overrule: Option<&str>) -> MajorOrder {
    let place = CasualtyPlace { casualty: CasualtyId(casualty), hospital: hospital.clone() };
    MajorOrder::Allot { places: vec![place], overrule: overrule.map(str::to_owned) }
}

fn load(casualty: u64, name: &str) -> MajorOrder {
    MajorOrder::Load { casualty: CasualtyId(casualty), unit: unit(name) }
}

fn declared() -> (Floor, IncidentId) {
    let mut floor = Floor::open();
    let incident = floor.incident();
    floor.done(declare(incident));
    (floor, incident)
}

fn major(floor: &Floor, incident: IncidentId) -> &MajorIncident {
    floor.record(incident).incident.major.as_ref().unwrap()
}

fn casualty(floor: &Floor, incident: IncidentId, id: u64) -> &Casualty {
    major(floor, incident).casualty(CasualtyId(id)).unwrap()
}

fn advised(floor: &Floor, incident: IncidentId, id: u64) -> HospitalId {
    let advice = floor.centre.advise_places(floor.now, incident).unwrap();
    let of = advice.casualties.into_iter().find(|it| it.casualty.0 == id).unwrap();
    of.advised.unwrap().hospital
}

fn refused(floor: &mut Floor, incident: IncidentId, what: MajorOrder, why: &str) {
    let said = floor.say(order(incident, what)).unwrap_err().to_string();
    assert!(said.contains(why), "{said}");
}

#[test]
fn casualties_are_tagged_spread_loaded_and_brought() {
    let (mut floor, incident) = declared();
    floor.assign(incident, "A1");
    floor.steps(incident, "A1", &[S::GoEnRoute, S::ArriveOnScene, S::ReachPatient]);
    for it in [Tag::Immediate, Tag::Minor, Tag::Deceased] {
        floor.done(order(incident, tag(None, it)));
    }
    let hospital = advised(&floor, incident, 1);
    floor.done(order(incident, allot(1, &hospital, None)));
    let leave = step_unit(incident, "A1", S::LeaveScene, floor.now);
    assert!(floor.say(leave).is_err(), "nobody is aboard");
    floor.done(order(incident, load(1, "A1")));
    let stand_down = step_unit(incident, "A1", S::StandDown, floor.now);
    assert!(floor.say(stand_down).unwrap_err().to_string().contains("has 1 casualties aboard"));
    floor.steps(incident, "A1", &[S::LeaveScene]);
    assert!(floor.record(incident).etas.contains_key(&(unit("A1"), Leg::ToHospital)));
    assert_eq!(floor.record(incident).incident.state, IncidentState::Attended);
    floor.wait(Millis::from_mins(9));
    floor.steps(incident, "A1", &[S::ArriveAtHospital, S::TransferCare, S::ReturnToService]);
    let at_hospital = CasualtyState::AtHospital { hospital };
    assert_eq!(casualty(&floor, incident, 1).state, at_hospital);
    refused(&mut floor, incident, MajorOrder::StandDown, "without a casualty on scene");
    let end = |id, how| MajorOrder::EndOnScene { casualty: CasualtyId(id), how };
    floor.done(order(incident, end(2, SceneEnd::WalkedAway)));
    floor.done(order(incident, end(3, SceneEnd::Dead)));
    let close = Command::CloseIncident { incident, outcome: Outcome::HandedOver };
    assert!(floor.say(close.clone()).is_err(), "it is not stood down");
    floor.done(order(incident, MajorOrder::StandDown));
    floor.done(close);
    assert!(floor.record(incident).incident.is_over());
    let replayed = Centre::replay(config(), malta(), floor.log.clone()).unwrap();
    assert_eq!(replayed.ledger(), floor.centre.ledger());
}

#[test]
fn declaring_lifts_the_limit_of_eight_units() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    for n in 1..=9 {
        floor.done(sign_on(&format!("C{n}"), UnitKind::Bls, valletta()));
    }
    for n in 1..=8 {
        floor.assign(incident, &format!("C{n}"));
    }
    let ninth = assign(incident, "C9", Some("test"));
    let said = floor.say(ninth.clone()).unwrap_err().to_string();
    assert!(said.ends_with("it must be declared a major incident"), "{said}");
    floor.done(declare(incident));
    floor.done(ninth);
    assert_eq!(floor.record(incident).incident.units.len(), 9);
}

#[test]
fn a_staging_area_holds_what_it_holds_and_units_drive_there() {
    let (mut floor, incident) = declared();
    floor.assign(incident, "A2");
    floor.assign(incident, "A1");
    let stage =
        |name: &str, area: &str| MajorOrder::StageUnit { unit: unit(name), area: area.to_owned() };
    refused(&mut floor, incident, stage("A2", "South"), "no staging area \"South\"");
    refused(&mut floor, incident, stage("B1", "North"), "not on its way");
    let eta = |floor: &Floor| floor.record(incident).etas[&(unit("A2"), Leg::ToScene)].eta;
    let to_scene = eta(&floor);
    floor.done(order(incident, stage("A2", "North")));
    assert_ne!(eta(&floor), to_scene, "Valletta is not Sliema");
    refused(&mut floor, incident, stage("A1", "North"), "holds 1 units, its most");
    floor.steps(incident, "A2", &[S::GoEnRoute, S::Stage]);
    let gone = order(incident, MajorOrder::Report { areas: Areas::default(), methane: None });
    assert!(floor.say(gone).unwrap_err().to_string().contains("call it forward"));
    floor.done(order(incident, MajorOrder::CallForward { unit: unit("A2") }));
    floor.done(order(incident, stage("A1", "North")));
    floor.steps(incident, "A1", &[S::GoEnRoute, S::ArriveOnScene]);
    assert!(major(&floor, incident).staged.is_empty(), "who is on scene waits no more");
}

#[test]
fn the_tag_is_what_the_tree_says_and_another_needs_a_reason() {
    let (mut floor, incident) = declared();
    let asked = |tree: &str, age_group, answers: &[(&str, bool)], overrule| MajorOrder::Tag {
        casualty: None,
        age_group,
        tree: tree.to_owned(),
        answers: answers.iter().map(|(id, yes)| ((*id).to_owned(), *yes)).collect(),
        overrule,
        needs: vec![HospitalCapability::Burns],
    };
    let (start, adult) = ("start-1997/1", AgeGroup::Adult);
    for (what, why) in [
        (asked("start", adult, &[], None), "use one of start-1997/1"),
        (asked("jumpstart-2001/1", adult, &[], None), "was not made for age group Adult"),
        (asked(start, AgeGroup::Child, &[], None), "was not made for age group Child"),
        (asked(start, adult, &[("walks", false)], None), "stop at question \"breathes\""),
        (asked(start, adult, &[("sings", true)], None), "does not ask \"sings\""),
    ] {
        refused(&mut floor, incident, what, why);
    }
    let to = |reason: &str| Some(TagOverrule { tag: Tag::Immediate, reason: reason.to_owned() });
    refused(&mut floor, incident, asked(start, adult, &[("walks", true)], to(" ")), "blank");
    floor.done(order(incident, asked(start, adult, &[("walks", true)], to("burnt face"))));
    let found = &casualty(&floor, incident, 1).latest().finding;
    assert_eq!((found.by_tree, found.tag), (Tag::Minor, Tag::Immediate));
    floor.done(order(incident, tag(Some(1), Tag::Delayed)));
    let tags: Vec<_> = casualty(&floor, incident, 1).tags.iter().map(|it| it.finding.tag).collect();
    assert_eq!(tags, [Tag::Immediate, Tag::Delayed], "each tag is kept");
}

#[test]
fn every_tag_in_the_log_can_be_derived_again() {
    let (mut floor, incident) = declared();
    let reference = Reference::standard();
    for tree in reference.tag_trees() {
        for is_yes in [true, false] {
            let mut answers = BTreeMap::new();
            while let Tagging::Ask(step) = tree.follow(&answers) {
                answers.insert(step.id.clone(), is_yes == matches!(step.yes, Next::Step(_)));
            }
            let age_group = *tree.ages.first().unwrap();
            floor.done(order(
                incident,
                MajorOrder::Tag {
                    casualty: None,
                    age_group,
                    tree: tree.name.clone(),
                    answers,
                    overrule: None,
                    needs: Vec::new(),
                },
            ));
        }
    }
    assert_eq!(major(&floor, incident).casualties().count(), 6);
    for casualty in major(&floor, incident).casualties() {
        let finding = &casualty.latest().finding;
        let tree = reference.tag_tree(&finding.tree).unwrap();
        assert_eq!(tree.follow(&finding.answers), Tagging::Tagged(finding.tag));
    }
}

#[test]
fn a_unit_takes_people_to_one_hospital_and_no_more_than_it_holds() {
    let (mut floor, incident) = declared();
    floor.assign(incident, "B1");
    for it in [Tag::Delayed, Tag::Minor, Tag::Minor, Tag::Minor, Tag::Immediate] {
        floor.done(order(incident, tag(None, it)));
    }
    let hospital = advised(&floor, incident, 1);
    for id in 1..=5 {
        floor.done(order(incident, allot(id, &hospital, Some("one bus"))));
    }
    refused(&mut floor, incident, load(1, "B1"), "is not on scene");
    floor.steps(incident, "B1", &[S::GoEnRoute, S::ArriveOnScene, S::ReachPatient]);
    floor.done(order(incident, load(1, "B1")));
    refused(&mut floor, incident, load(5, "B1"), "would hold 2 casualties, 2 of them lying");
    floor.done(order(incident, load(2, "B1")));
    let other = floor.centre.ledger().hospitals().find(|it| it.profile.id != hospital);
    let other = other.unwrap().profile.id.clone();
    floor.done(order(incident, allot(3, &other, Some("elsewhere"))));
    refused(&mut floor, incident, load(3, "B1"), "another hospital than casualty 1");
    refused(&mut floor, incident, allot(1, &other, Some("full")), "allot both to one hospital");
    floor.done(order(incident, load(4, "B1")));
    let both: Vec<_> = [1, 2, 4]
        .map(|id| CasualtyPlace { casualty: CasualtyId(id), hospital: other.clone() })
        .into();
    let turn = MajorOrder::Allot { places: both, overrule: Some("fire there".into()) };
    floor.steps(incident, "B1", &[S::LeaveScene]);
    floor.done(order(incident, turn));
    floor.wait(Millis::from_mins(20));
    floor.steps(incident, "B1", &[S::ArriveAtHospital]);
    let there = CasualtyState::AtHospital { hospital: other };
    assert!([1, 2, 4].iter().all(|id| casualty(&floor, incident, *id).state == there));
}

#[test]
fn a_hospital_is_given_what_it_told_while_that_is_fresh() {
    let (mut floor, incident) = declared();
    for _ in 0..3 {
        floor.done(order(incident, tag(None, Tag::Immediate)));
    }
    let hospital = advised(&floor, incident, 1);
    let surge = Command::DeclareSurge { hospital: hospital.clone(), places: [1, 0, 0] };
    floor.done(surge);
    floor.done(order(incident, allot(1, &hospital, None)));
    assert_ne!(advised(&floor, incident, 2), hospital, "its one promised place is given");
    refused(&mut floor, incident, allot(2, &hospital, None), "give the reason in \"overrule\"");
    floor.wait(Millis::from_mins(121));
    let advice = floor.centre.advise_places(floor.now, incident).unwrap();
    let of = advice.hospitals.iter().find(|it| it.facts.id == hospital).unwrap();
    assert_eq!(of.told_at, None, "a promise of two hours ago is known no more");
    let told = Command::ReportCrowding { hospital, occupied: 5, beds: 9, census: None };
    floor.done(told);
    let advice = floor.centre.advise_places(floor.now, incident).unwrap();
    let of = advice.hospitals.iter().find(|it| it.told_at.is_some()).unwrap();
    assert_eq!(of.facts.places, ems_dispatch::Places::Beds(3), "four free, one announced");
}

#[test]
fn nobody_is_lost_or_twice_whatever_is_ordered() {
    let mut seed = 5_u64;
    let mut below = |n: u64| -> usize {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((seed >> 33) % n).unwrap()
    };
    let (mut floor, incident) = declared();
    let hospitals: Vec<_> =
        floor.centre.ledger().hospitals().map(|it| it.profile.id.clone()).collect();
    let units = ["A1", "B1", "A2"];
    let (mut n_found, mut n_done) = (0, 0);
    for _ in 0..3_000 {
        let name = units[below(3)];
        let id = CasualtyId(1 + below(n_found + 1) as u64);
        let hospital = &hospitals[below(hospitals.len() as u64)];
        let command = match below(12) {
            0 if n_found < 40 => order(incident, tag(None, Tag::ALL[[0, 1, 2, 4][below(4)]])),
            1 => order(incident, tag(Some(id.0), Tag::Delayed)),
            2 | 3 => order(incident, allot(id.0, hospital, Some("as told"))),
            4 | 5 => order(incident, load(id.0, name)),
            6 if below(4) == 0 => {
                order(incident, MajorOrder::Unload { casualty: id, reason: "flat tyre".into() })
            }
            7 if id.0.is_multiple_of(8) => {
                order(incident, MajorOrder::EndOnScene { casualty: id, how: SceneEnd::Released })
            }
            8 => assign(incident, name, Some("as told")),
            9 if below(4) == 0 => step_unit(incident, name, S::StandDown, floor.now),
            _ => step_unit(incident, name, next_step(&floor, name), floor.now),
        };
        let accepted = floor.say(command);
        for recorded in accepted.iter().flat_map(|it| &it.events) {
            let Event::MajorIncident { what, .. } = &recorded.event else { continue };
            n_done += 1;
            if let ems_model::MajorEvent::CasualtyTagged { casualty, .. } = what {
                n_found = n_found.max(casualty.0);
            }
        }
        check(&floor, incident, n_found);
        floor.wait(Millis::from_secs(20));
    }
    let is_brought = |it: &&Casualty| matches!(it.state, CasualtyState::AtHospital { .. });
    let n_brought = major(&floor, incident).casualties().filter(is_brought).count();
    assert!(n_found >= 40 && n_done > 300 && n_brought > 3, "{n_found} {n_done} {n_brought}");
    let replayed = Centre::replay(config(), malta(), floor.log.clone()).unwrap();
    assert_eq!(replayed.ledger(), floor.centre.ledger());
}

fn next_step(floor: &Floor, name: &str) -> S {
    match floor.centre.ledger().unit(&unit(name)).unwrap().unit.phase() {
        Some(Phase::EnRoute) => S::ArriveOnScene,
        Some(Phase::OnScene) => S::ReachPatient,
        Some(Phase::AtPatient) => S::LeaveScene,
        Some(Phase::Transporting) => S::ArriveAtHospital,
        Some(Phase::AtHospital) => S::TransferCare,
        Some(Phase::CareTransferred) => S::ReturnToService,
        _ => S::GoEnRoute,
    }
}

fn check(floor: &Floor, incident: IncidentId, n_found: u64) {
    let major = major(floor, incident);
    let numbers: Vec<_> = major.casualties().map(|it| it.id.0).collect();
    assert_eq!(numbers, (1..=n_found).collect::<Vec<_>>());
    for record in floor.centre.ledger().units() {
        let n = major.aboard(&record.unit.id).count();
        let is_engaged = matches!(record.unit.state, UnitState::Engaged { .. });
        assert!(n == 0 || is_engaged, "{} is free with {n} aboard", record.unit.id);
    }
}

#[test]
fn areas_are_on_the_map_and_have_names() {
    let mut floor = Floor::open();
    let incident = floor.incident();
    let area =
        |name: &str, position, n| StagingArea { name: name.to_owned(), position, n_units_max: n };
    let off = ems_model::Position::from_degrees(36.9, 14.5).unwrap();
    for (staging, why) in [
        (vec![area("a", sliema(), 0)], "n_units_max 0 is outside 1..=200"),
        (vec![area("", sliema(), 5)], "outside 1..=40"),
        (vec![area("a", off, 5)], "position 36.9,14.5 is"),
        (vec![area("a", sliema(), 5), area("a", mellieha(), 5)], "comes twice"),
        (vec![area("a", sliema(), 5); 5], "staging 5 is outside 0..=4"),
    ] {
        let areas = Areas { staging, collection: None };
        refused(&mut floor, incident, MajorOrder::Declare { areas, methane: None }, why);
    }
    refused(&mut floor, incident, MajorOrder::StandDown, "declare it first");
}
