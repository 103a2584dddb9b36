//! What the cards suggest: one row, one line of a guideline or of the project's own reading of it.

use std::collections::BTreeMap;

use ems_dispatch::{Reference, Suggestion};
use ems_model::{HospitalCapability, UnitKind};

fn suggest(complaint: &str, answers: &[(&str, &str)], age: Option<u8>) -> Suggestion {
    let answers: BTreeMap<_, _> =
        answers.iter().map(|(q, a)| ((*q).to_owned(), (*a).to_owned())).collect();
    Reference::standard().suggest(complaint, &answers, age).unwrap()
}

#[test]
fn a_card_gives_the_most_urgent_rule_that_fires() {
    let arrest = [("awake", "cannot-wake"), ("breathing", "none")];
    let stroke = [("awake", "alert"), ("face-arm-speech", "yes"), ("onset", "under-4h30")];
    let late = [("awake", "alert"), ("face-arm-speech", "yes"), ("onset", "under-24h")];
    let sharp = [("awake", "alert"), ("breathing", "normal"), ("kind", "sharp"), ("signs", "no")];
    let mild = [
        ("awake", "alert"),
        ("faint", "no"),
        ("blood", "no"),
        ("pregnant", "no"),
        ("kind", "mild"),
    ];
    let graze = [
        ("awake", "alert"),
        ("breathing", "normal"),
        ("trapped", "no"),
        ("fall-height", "no"),
        ("injury", "small"),
    ];
    for (complaint, answers, age, code, pathway) in [
        ("unconscious", &arrest[..], Some(70), "I", "cardiac-arrest"),
        ("trauma", &arrest, None, "I", "cardiac-arrest"),
        ("stroke", &stroke, Some(70), "I", "stroke"),
        ("stroke", &late, Some(70), "II", "stroke"),
        ("chest-pain", &sharp, Some(20), "III", "general"),
        ("chest-pain", &sharp, Some(35), "II", "stemi"),
        ("chest-pain", &sharp, None, "II", "stemi"),
        ("abdominal-pain", &mild, Some(30), "IV", "general"),
        ("trauma", &graze, None, "IV", "general"),
        ("childbirth", &[("birth", "crowning")], Some(30), "I", "obstetric"),
        ("minor", &[], None, "II", "general"),
    ] {
        let suggestion = suggest(complaint, answers, age);
        let found = (suggestion.priority.code.as_str(), suggestion.pathway.as_str());
        assert_eq!(found, (code, pathway), "{complaint} {answers:?} {age:?}");
    }
}

#[test]
fn a_late_stroke_needs_thrombectomy_and_an_early_one_thrombolysis() {
    use HospitalCapability as H;
    for (onset, needs) in
        [("under-4h30", H::StrokeThrombolysis), ("under-24h", H::StrokeThrombectomy)]
    {
        let answers = [("awake", "alert"), ("face-arm-speech", "yes"), ("onset", onset)];
        let suggestion = suggest("stroke", &answers, Some(60));
        assert_eq!(suggestion.needs_hospital, [H::Emergency, needs], "{onset}");
        assert_eq!(suggestion.needs_unit, UnitKind::Als);
    }
}

#[test]
fn what_is_not_known_is_said_and_is_not_a_no() {
    let suggestion = suggest("fall", &[("awake", "alert"), ("leg", "stands")], Some(80));
    assert_eq!(suggestion.priority.code, "II");
    assert_eq!(
        suggestion.because_keys(),
        ["fall.default", "fall.unknown.head", "fall.unknown.before"]
    );
    let known = [("awake", "alert"), ("leg", "stands"), ("head", "no"), ("before", "trip")];
    let suggestion = suggest("fall", &known, Some(80));
    assert_eq!(suggestion.because_keys(), ["fall.unhurt"]);
    assert_eq!(suggestion.priority.code, "IV");
}

#[test]
fn an_unknown_age_that_matters_is_said() {
    let answers = [
        ("behaviour", "as-usual"),
        ("breathing", "normal"),
        ("rash", "no"),
        ("fit", "no"),
        ("drinking", "yes"),
    ];
    let keys = suggest("child-fever", &answers, None).because_keys();
    assert_eq!(keys, ["child-fever.default", "child-fever.unknown-age"]);
    assert_eq!(suggest("child-fever", &answers, Some(3)).priority.code, "IV");
    assert_eq!(suggest("child-fever", &answers, Some(0)).priority.code, "II");
}

#[test]
fn an_unknown_that_cannot_make_it_worse_is_not_said() {
    let keys = suggest("bleeding", &[("flow", "spurting")], None).because_keys();
    assert_eq!(keys, ["bleeding.spurting"]);
}

#[test]
fn each_scheme_says_the_same_urgency_in_its_own_words() {
    for (scheme, codes) in [
        ("china", ["I", "II", "III", "IV"]),
        ("arp", ["C1", "C2", "C3", "C4"]),
        ("esi", ["ESI-1", "ESI-2", "ESI-3", "ESI-4"]),
    ] {
        let reference = Reference::standard().with_scheme(scheme).unwrap();
        assert_eq!(reference.scheme().by_urgency, codes);
        let birth = BTreeMap::from([("birth".to_owned(), "crowning".to_owned())]);
        let suggestion = reference.suggest("childbirth", &birth, None).unwrap();
        assert_eq!(suggestion.priority, reference.priority(codes[0]).unwrap());
    }
}

#[test]
fn what_the_cards_do_not_know_is_refused_with_what_they_do() {
    let reference = Reference::standard();
    let answers = |q: &str, a: &str| BTreeMap::from([(q.to_owned(), a.to_owned())]);
    let complaint = reference.suggest("gout", &BTreeMap::new(), None).unwrap_err().to_string();
    assert!(complaint.starts_with("complaint \"gout\" is not one of cardiac-arrest, "));
    assert_eq!(
        reference.suggest("minor", &answers("mood", "low"), None).unwrap_err().to_string(),
        "question \"mood\" is not on card minor, which asks awake, breathing, walk, pain: reload the cards and ask again"
    );
    assert_eq!(
        reference.suggest("minor", &answers("walk", "maybe"), None).unwrap_err().to_string(),
        "answer \"maybe\" to question walk of card minor is not one of yes, no: choose one, or unknown"
    );
    assert_eq!(
        reference.priority("C1").unwrap_err().to_string(),
        "priority \"C1\" is not one of I, II, III, IV of scheme china: choose one of them"
    );
    let long = reference.card(&"x".repeat(9_999)).unwrap_err().to_string();
    assert!(long.len() < 500);
}
