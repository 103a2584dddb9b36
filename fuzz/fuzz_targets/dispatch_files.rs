#![no_main]
//! A service's own card, scheme, pathway, clocks or policy is read or refused; a card that was
//! read gives a suggestion for any answers of its own.
use std::collections::BTreeMap;
use std::sync::LazyLock;

use ems_dispatch::{Card, File, Reference, ReferenceError, Texts, UNKNOWN};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let own = File { name: "own.toml", text };
    // A file has one of these headings; trying each kind on each would take five times as long.
    if text.contains("[[questions]]") {
        let card = Texts { cards: vec![own], pathways: PATHWAYS.clone(), ..few() };
        let reference = parse(&card).ok();
        reference.iter().for_each(|it| it.cards().iter().for_each(|card| suggest(it, card)));
    } else if text.contains("[[levels]]") {
        let _ = parse(&Texts { schemes: vec![own], ..few() });
    } else if text.contains("[[clocks]]") {
        let _ = parse(&Texts { clocks: vec![own], ..few() });
    } else if text.contains("[units]") {
        let _ = parse(&Texts { policy: own, ..few() });
    } else {
        let _ = parse(&Texts { pathways: vec![own], ..few() });
    }
});

static PATHWAYS: LazyLock<Vec<File<'static>>> = LazyLock::new(|| Texts::standard().pathways);

/// What no card can do without.
fn few() -> Texts<'static> {
    static FEW: LazyLock<Texts<'static>> = LazyLock::new(|| {
        let Texts { schemes, policy, .. } = Texts::standard();
        let schemes = schemes.into_iter().take(1).collect();
        Texts { schemes, cards: vec![], pathways: vec![], clocks: vec![], policy }
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
