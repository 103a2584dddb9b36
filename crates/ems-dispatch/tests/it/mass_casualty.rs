//! Casualties are given what hospitals told, and no more.

use std::collections::BTreeMap;

use ems_dispatch::{Casualty, File, PlaceFacts, Places, Reference, Texts};
use ems_model::{Doors, HospitalCapability as Cap, HospitalId, Millis, PlaceReason, Tag, UnitKind};

fn facts(name: &str, mins: i64, places: Places) -> PlaceFacts {
    PlaceFacts {
        id: HospitalId::new(name).unwrap(),
        capabilities: [Cap::Emergency, Cap::Trauma].into(),
        drive: Some(Millis::from_mins(mins)),
        doors: Doors::Open,
        places,
        n_given: [0; 3],
    }
}

fn casualty(tag: Tag) -> Casualty {
    Casualty { tag, needs: [Cap::Emergency].into() }
}

/// How many of these tags each hospital is given, and how many nobody takes.
fn given(tags: &[Tag], hospitals: &[PlaceFacts]) -> (BTreeMap<String, u32>, u32) {
    let reference = Reference::standard();
    let casualties: Vec<_> = tags.iter().copied().map(casualty).collect();
    let mut given = BTreeMap::new();
    let mut n_without = 0;
    for advice in reference.mass_casualty().advise(&casualties, hospitals) {
        match advice {
            Some(advice) => {
                assert!(advice.has_place, "{advice:?}");
                *given.entry(advice.hospital.to_string()).or_default() += 1;
            }
            None => n_without += 1,
        }
    }
    (given, n_without)
}

#[test]
fn beds_are_shared_by_all_tags_and_the_most_urgent_choose_first() {
    let tags = [Tag::Minor, Tag::Immediate, Tag::Delayed, Tag::Immediate];
    let one = [facts("a", 5, Places::Beds(3))];
    let reference = Reference::standard();
    let casualties: Vec<_> = tags.iter().copied().map(casualty).collect();
    let advice = reference.mass_casualty().advise(&casualties, &one);
    let has: Vec<_> = advice.iter().map(Option::is_some).collect();
    assert_eq!(has, [false, true, true, true]);
    let last = advice[2].as_ref().unwrap();
    assert!(last.reasons.contains(&PlaceReason::BedsFree { n_left: 0 }), "{last:?}");
}

#[test]
fn a_silent_hospital_is_neither_closed_nor_bottomless() {
    let tags = [Tag::Immediate; 6];
    let (given, n_without) = given(&tags, &[facts("silent", 5, Places::Unknown)]);
    assert_eq!((given["silent"], n_without), (2, 4), "as n_unknown_max says");
}

#[test]
fn promised_places_are_kept_apart_by_tag() {
    let tags = [Tag::Immediate, Tag::Immediate, Tag::Minor, Tag::Expectant];
    let hospitals = [facts("a", 5, Places::Promised([1, 0, 9])), facts("b", 50, Places::Beds(9))];
    let (given, n_without) = given(&tags, &hospitals);
    assert_eq!((given["a"], given["b"], n_without), (2, 1, 1));
}

#[test]
fn a_hospital_that_diverts_is_passed_by() {
    let doors = Doors::Diverting { reason: "fire alarm".into(), until: None };
    let shut = PlaceFacts { doors, ..facts("a", 1, Places::Beds(9)) };
    let (given, _) = given(&[Tag::Immediate], &[shut, facts("b", 40, Places::Beds(9))]);
    assert_eq!(given.keys().collect::<Vec<_>>(), ["b"]);
}

#[test]
fn no_hospital_is_given_more_than_it_told() {
    let mut seed = 11_u64;
    let mut below = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((seed >> 33) % n).unwrap()
    };
    for case in 0..100 {
        let n_casualties = 1 + below(30);
        let tags: Vec<_> = (0..n_casualties).map(|_| Tag::ALL[below(5) as usize]).collect();
        let hospitals: Vec<_> = (0..4)
            .map(|idx| {
                let places = match below(3) {
                    0 => Places::Unknown,
                    1 => Places::Beds(below(9)),
                    _ => Places::Promised([below(5), below(5), below(5)]),
                };
                facts(&format!("h{idx}"), i64::from(1 + below(60)), places)
            })
            .collect();
        let (given, n_without) = given(&tags, &hospitals);
        let n_given: u32 = given.values().sum();
        assert_eq!(n_given + n_without, n_casualties, "case {case}: nobody is lost or twice");
        for hospital in &hospitals {
            let told = match hospital.places {
                Places::Unknown => 2,
                Places::Beds(n) => n,
                Places::Promised(places) => places.iter().sum(),
            };
            let n = given.get(hospital.id.as_str()).copied().unwrap_or(0);
            assert!(n <= told, "case {case}: {n} at {hospital:?}");
        }
    }
}

#[test]
fn a_wrong_file_of_rules_is_refused() {
    let text = Texts::standard().mass_casualty.text;
    for (from, to, expected) in [
        ("kind = \"als\"", "kind = \"bls\"", "Bls has 2 [[loads]]"),
        ("n_max = 3", "n_max = 30", "n_max 30 is outside 1..=20"),
        ("mass-casualty/1", "mine", "is not NAME/VERSION"),
        ("child = ", "childs = ", "unknown field `childs`"),
    ] {
        let own = text.replacen(from, to, 1);
        let texts =
            Texts { mass_casualty: File { name: "own.toml", text: &own }, ..Texts::standard() };
        let error = Reference::parse(&texts, "china").unwrap_err().to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
    assert_eq!(Reference::standard().mass_casualty().load(UnitKind::Bls).n_max, 3);
}
