//! What the files that ship promise.

use std::collections::{BTreeMap, BTreeSet};

use ems_dispatch::{Card, Reference, Texts, UNKNOWN};

type Answers = BTreeMap<String, String>;

/// Ages on both sides of every bound that a shipped rule has.
const AGES: [Option<u8>; 12] = [
    None,
    Some(0),
    Some(1),
    Some(5),
    Some(6),
    Some(9),
    Some(10),
    Some(34),
    Some(35),
    Some(50),
    Some(64),
    Some(65),
];

/// Every way to answer a card, not answering included.
fn all_answers(card: &Card) -> Vec<Answers> {
    let mut all = vec![Answers::new()];
    for question in &card.questions {
        let mut more = Vec::new();
        for option in &question.options {
            for answers in &all {
                let mut answers = answers.clone();
                answers.insert(question.id.clone(), option.id.clone());
                more.push(answers);
            }
        }
        all.extend(more);
    }
    all
}

#[test]
fn every_file_in_the_data_folders_ships_and_is_checked() {
    let texts = Texts::standard();
    let lists = [
        &texts.cards,
        &texts.pathways,
        &texts.schemes,
        &texts.clocks,
        &texts.tag_trees,
        &texts.policies,
    ];
    let single =
        [&texts.stroke, &texts.stemi, &texts.trauma, &texts.burns, &texts.obstetric, &texts.child];
    let shipped: BTreeSet<&str> =
        lists.into_iter().flatten().chain(single).map(|file| file.name).collect();
    for folder in [
        "data/dispatch/cards",
        "data/dispatch/destination",
        "data/dispatch/mass-casualty",
        "data/dispatch/pathways",
        "data/dispatch/policies",
        "data/dispatch/priorities",
        "data/clocks",
    ] {
        let path = format!("{}/../../{folder}", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(path).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = format!("{folder}/{name}");
            assert!(shipped.contains(name.as_str()), "{name} is not in shipped.rs");
        }
    }
    for scheme in ["china", "arp", "esi"] {
        Reference::parse(&texts, scheme).unwrap();
    }
}

#[test]
fn every_rule_decides_for_some_answers() {
    let reference = Reference::standard();
    for card in reference.cards() {
        let mut deciding = BTreeSet::new();
        for answers in all_answers(card) {
            for age in AGES {
                let suggestion = reference.suggest(&card.id, &answers, age).unwrap();
                deciding.insert(suggestion.because[0].key.clone());
            }
        }
        for rule in &card.rules {
            let key = format!("{}.{}", card.id, rule.id);
            assert!(deciding.contains(&key), "{key} is always overshadowed");
        }
    }
}

#[test]
fn every_question_is_judged_by_a_rule() {
    for card in Reference::standard().cards() {
        for question in &card.questions {
            let is_judged = card.rules.iter().any(|rule| rule.when.contains_key(&question.id));
            assert!(is_judged, "{}.{} is asked in vain", card.id, question.id);
        }
    }
}

/// The law of triage: not knowing is at least as urgent as the least urgent thing that one could
/// come to know.
#[test]
fn not_answering_is_never_calmer_than_every_answer() {
    let reference = Reference::standard();
    for card in reference.cards() {
        for answers in all_answers(card) {
            for age in AGES {
                let rank_of = |answers: &Answers| {
                    reference.suggest(&card.id, answers, age).unwrap().priority.rank
                };
                let unknown = rank_of(&answers);
                for question in card.questions.iter().filter(|q| !answers.contains_key(&q.id)) {
                    let answered = question.options.iter().map(|option| {
                        let mut answers = answers.clone();
                        answers.insert(question.id.clone(), option.id.clone());
                        rank_of(&answers)
                    });
                    let calmest = answered.max().unwrap();
                    assert!(unknown <= calmest, "{} {answers:?} {age:?}", card.id);
                }
            }
        }
    }
}

#[test]
fn an_unknown_age_is_never_calmer_than_every_age() {
    let reference = Reference::standard();
    for card in reference.cards() {
        for answers in all_answers(card) {
            let rank_at = |age| reference.suggest(&card.id, &answers, age).unwrap().priority.rank;
            let calmest = AGES[1..].iter().map(|age| rank_at(*age)).max();
            assert!(Some(rank_at(None)) <= calmest, "{} {answers:?}", card.id);
        }
    }
}

#[test]
fn saying_that_one_does_not_know_is_the_same_as_not_answering() {
    let reference = Reference::standard();
    for card in reference.cards() {
        let unknown: Answers =
            card.questions.iter().map(|q| (q.id.clone(), UNKNOWN.to_owned())).collect();
        let said = reference.suggest(&card.id, &unknown, None).unwrap();
        let silent = reference.suggest(&card.id, &Answers::new(), None).unwrap();
        assert_eq!(said, silent, "{}", card.id);
        assert!(said.priority.rank <= card.unknown_rank, "{}", card.id);
    }
}

#[test]
fn every_reason_in_the_log_has_words_and_every_suggestion_a_pathway() {
    let reference = Reference::standard();
    for card in reference.cards() {
        for answers in all_answers(card) {
            let suggestion = reference.suggest(&card.id, &answers, None).unwrap();
            for because in &suggestion.because {
                assert_eq!(reference.because_text(&because.key), Some(because.text.clone()));
            }
            assert!(reference.pathway(&suggestion.pathway).is_some());
            assert!(!suggestion.needs_hospital.is_empty());
        }
    }
}

#[test]
fn a_task_has_one_name_in_every_pathway() {
    let reference = Reference::standard();
    let mut names = BTreeMap::new();
    for task in reference.pathways().iter().flat_map(|pathway| &pathway.tasks) {
        let name = names.entry(&task.what).or_insert(&task.name);
        assert_eq!(*name, &task.name, "{}", task.what);
    }
}

#[test]
fn chinese_texts_are_chinese_and_english_ones_are_not() {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let reference = Reference::standard();
    for card in reference.cards() {
        let questions = card.questions.iter().map(|question| &question.text);
        for text in questions.chain(card.rules.iter().map(|rule| &rule.because)) {
            assert!(is_chinese(&text.zh) && !is_chinese(&text.en), "{}: {text:?}", card.id);
        }
    }
    for task in reference.pathways().iter().flat_map(|pathway| &pathway.tasks) {
        assert!(is_chinese(&task.name.zh) && !is_chinese(&task.name.en), "{}", task.what);
    }
}
