#![no_main]
//! A service's own card, scheme, pathway, clocks, policy or destination model is read or refused;
//! what was read answers whatever is asked of it.
use std::collections::BTreeMap;
use std::sync::LazyLock;

use ems_dispatch::{
    Card, File, Injured, Race, Reference, ReferenceError, StrokeCase, StrokeCentre, StrokeModel,
    TagTree, Tagging, Texts, UNKNOWN,
};
use ems_model::{HospitalId, Millis};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let own = File { name: "own.toml", text };
    // A file has one of these headings; trying each kind on each would take many times as long.
    if text.contains("[[questions]]") {
        let card = Texts { cards: vec![own], pathways: PATHWAYS.clone(), ..few() };
        let reference = parse(&card).ok();
        reference.iter().for_each(|it| it.cards().iter().for_each(|card| suggest(it, card)));
    } else if text.contains("[[levels]]") {
        let _ = parse(&Texts { schemes: vec![own], ..few() });
    } else if text.contains("[[clocks]]") {
        let _ = parse(&Texts { clocks: vec![own], ..few() });
    } else if text.contains("[units]") {
        let _ = parse(&Texts { policies: vec![own], ..few() });
    } else if text.contains("crowded_percent") {
        let _ = parse(&Texts { hospitals: own, ..few() });
    } else if text.contains("[occlusion]") {
        let reference = parse(&Texts { stroke: own, ..few() }).ok();
        reference.iter().for_each(|it| hope(it.stroke()));
    } else if text.contains("door_to_wire_min") {
        let _ = parse(&Texts { stemi: own, ..few() });
    } else if text.contains("[[circulation]]") {
        let reference = parse(&Texts { trauma: own, ..few() }).ok();
        reference.iter().for_each(judge);
    } else if text.contains("[[steps]]") {
        let reference = parse(&Texts { tag_trees: vec![own], ..few() }).ok();
        reference.iter().for_each(|it| it.tag_trees().iter().for_each(tag));
    } else if text.contains("[[loads]]") {
        let _ = parse(&Texts { mass_casualty: own, ..few() });
    } else {
        let _ = parse(&Texts { pathways: vec![own], ..few() });
    }
});

static PATHWAYS: LazyLock<Vec<File<'static>>> = LazyLock::new(|| Texts::standard().pathways);

/// What no card can do without.
fn few() -> Texts<'static> {
    static FEW: LazyLock<Texts<'static>> = LazyLock::new(|| {
        let all = Texts::standard();
        let schemes = all.schemes.into_iter().take(1).collect();
        let none = || vec![];
        Texts { schemes, cards: none(), pathways: none(), clocks: none(), tag_trees: none(), ..all }
    });
    FEW.clone()
}

fn parse(texts: &Texts<'_>) -> Result<Reference, ReferenceError> {
    Reference::parse(texts, "china")
}

fn suggest(reference: &Reference, card: &Card) {
    let first = card.questions.iter().map(|it| (it.id.clone(), it.options[0].id.clone()));
    let unknown = card.questions.iter().map(|it| (it.id.clone(), UNKNOWN.to_owned()));
    for answers in [BTreeMap::new(), first.collect(), unknown.collect()] {
        for age in [None, Some(0), Some(130)] {
            let suggested = reference.suggest(&card.id, &answers, age);
            suggested.expect("answers of the card itself are understood");
        }
    }
}

/// A chance is a chance, for every score and however late.
fn hope(model: &StrokeModel) {
    let centre = |name, has_thrombectomy| StrokeCentre {
        hospital: HospitalId::new(name).expect("a short name"),
        drive: Millis::from_mins(10),
        has_thrombectomy,
    };
    let centres = [centre("near", false), centre("far", true)];
    for race in (0..=9).filter_map(Race::new) {
        for since_onset in [0, 100, 1000].map(Millis::from_mins) {
            let case = StrokeCase { race, since_onset };
            let ways = model.outlooks(case, &centres, |_, _| Some(Millis::from_mins(30)));
            assert!(ways.iter().all(|way| !way.chance.is_nan()), "{ways:?}");
        }
    }
}

fn judge(reference: &Reference) {
    for age in [None, Some(0), Some(u8::MAX)] {
        let patient =
            Injured { age, systolic: Some(u16::MAX), pulse: Some(1), ..Default::default() };
        reference.trauma().judge(&patient).expect("nothing was ticked");
    }
}

/// Each way through a tree ends.
fn tag(tree: &TagTree) {
    for is_yes in [false, true] {
        let mut answers = BTreeMap::new();
        while let Tagging::Ask(step) = tree.follow(&answers) {
            assert!(answers.insert(step.id.clone(), is_yes).is_none(), "asked twice");
        }
    }
}
