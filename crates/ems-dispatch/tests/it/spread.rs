//! Casualties over hospitals: the least sum beside every other way, and what is left over.

use ems_dispatch::{Allotment, Casualty, Receiver, SpreadPolicy, spread};
use ems_model::{HospitalCapability as Cap, HospitalId, Millis, Tag};

const POLICY: SpreadPolicy =
    SpreadPolicy { lacks_capability: Millis::from_mins(30), each_before: Millis::from_mins(2) };

fn receiver(name: &str, mins: Option<i64>, caps: &[Cap], places: [u32; 3]) -> Receiver {
    Receiver {
        hospital: HospitalId::new(name).unwrap(),
        capabilities: caps.iter().copied().collect(),
        drive: mins.map(Millis::from_mins),
        places,
    }
}

fn casualty(tag: Tag, needs: &[Cap]) -> Casualty {
    Casualty { tag, needs: needs.iter().copied().collect() }
}

fn names(allotments: &[Allotment]) -> Vec<String> {
    let name = |allotment: &Allotment| match allotment {
        Allotment::To { hospital, lacks } => format!("{}{}", hospital.as_str(), lacks.len()),
        Allotment::NoPlace => "none".into(),
        Allotment::Stays => "stays".into(),
    };
    allotments.iter().map(name).collect()
}

#[test]
fn who_needs_the_trauma_centre_gets_its_last_place() {
    let hospitals = [
        receiver("near", Some(5), &[Cap::Emergency], [2, 0, 9]),
        receiver("trauma", Some(9), &[Cap::Emergency, Cap::Trauma], [1, 1, 0]),
        receiver("island", None, &[Cap::Trauma], [9, 9, 9]),
    ];
    let casualties = [
        casualty(Tag::Immediate, &[Cap::Emergency]),
        casualty(Tag::Immediate, &[Cap::Trauma]),
        casualty(Tag::Delayed, &[Cap::Trauma]),
        casualty(Tag::Delayed, &[]),
        casualty(Tag::Minor, &[]),
        casualty(Tag::Expectant, &[]),
        casualty(Tag::Deceased, &[]),
    ];
    let allotments = spread(&casualties, &hospitals, POLICY);
    assert_eq!(
        names(&allotments),
        ["near0", "trauma0", "trauma0", "none", "near0", "stays", "stays"]
    );
    assert!(spread(&[], &hospitals, POLICY).is_empty());
}

#[test]
fn equals_are_spread_before_one_hospital_is_full() {
    let hospitals = [receiver("a", Some(5), &[], [9; 3]), receiver("b", Some(8), &[], [9; 3])];
    let casualties = vec![casualty(Tag::Minor, &[]); 5];
    let allotments = names(&spread(&casualties, &hospitals, POLICY));
    assert_eq!(allotments.iter().filter(|name| *name == "a0").count(), 3, "{allotments:?}");
}

/// Costs of every way in which `n` casualties may be put, by trying them all.
fn least_by_trial(casualties: &[Casualty], hospitals: &[Receiver], taken: &mut [u32]) -> i64 {
    let Some((first, rest)) = casualties.split_first() else { return 0 };
    let no_place = 1_000_000_000 + least_by_trial(rest, hospitals, taken);
    let mut least = no_place;
    for (idx, hospital) in hospitals.iter().enumerate() {
        let Some(drive) = hospital.drive else { continue };
        if taken[idx] < hospital.places[0] {
            let step = own_cost(first, hospital, drive, taken[idx]);
            taken[idx] += 1;
            least = least.min(step + least_by_trial(rest, hospitals, taken));
            taken[idx] -= 1;
        }
    }
    least
}

fn own_cost(casualty: &Casualty, hospital: &Receiver, drive: Millis, n_before: u32) -> i64 {
    let n_lacks = casualty.needs.difference(&hospital.capabilities).count();
    drive.get() + i64::try_from(n_lacks).unwrap() * 1_800_000 + i64::from(n_before) * 120_000
}

#[test]
fn the_sum_is_the_least_of_all_ways() {
    let mut seed = 7_u64;
    let mut below = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    let caps = [Cap::Trauma, Cap::Burns, Cap::Paediatrics];
    for case in 0..60 {
        let mut some = || -> Vec<Cap> { caps.iter().copied().filter(|_| below(2) == 0).collect() };
        let hospitals: Vec<_> = (0..3).map(|idx| (idx, some())).collect();
        let casualties: Vec<_> = (0..5).map(|_| casualty(Tag::Immediate, &some())).collect();
        let hospitals: Vec<_> = hospitals
            .into_iter()
            .map(|(idx, caps)| {
                let mins = i64::try_from(1 + below(40)).unwrap();
                let places = [u32::try_from(below(4)).unwrap(), 0, 0];
                receiver(&format!("h{idx}"), Some(mins), &caps, places)
            })
            .collect();
        let allotments = spread(&casualties, &hospitals, POLICY);
        let mut taken = [0_u32; 3];
        let sum: i64 = casualties
            .iter()
            .zip(&allotments)
            .map(|(casualty, allotment)| {
                let Allotment::To { hospital, .. } = allotment else { return 1_000_000_000 };
                let idx = hospitals.iter().position(|it| it.hospital == *hospital).unwrap();
                let n_before = taken[idx];
                taken[idx] += 1;
                own_cost(casualty, &hospitals[idx], hospitals[idx].drive.unwrap(), n_before)
            })
            .sum();
        assert!(hospitals.iter().zip(taken).all(|(it, taken)| taken <= it.places[0]));
        assert_eq!(sum, least_by_trial(&casualties, &hospitals, &mut [0; 3]), "case {case}");
    }
}
