//! What a caller answers to the questions of a card.

use std::collections::BTreeMap;

use ems_dispatch::{Card, Reference, Rule};

use crate::mix::Severity;

/// Answers that lead the card as near as it goes to how ill the patient is: for each rule that
/// may fire, the answers that it waits for, and harmless ones to all other questions.
pub(crate) fn interview(
    reference: &Reference,
    complaint: &str,
    severity: Severity,
    age: u8,
) -> BTreeMap<String, String> {
    let Ok(card) = reference.card(complaint) else { return BTreeMap::new() };
    let wanted = wanted_rank(reference, severity);
    let rules = card.rules.iter().filter(|rule| applies_at(rule, age));
    let candidates = std::iter::once(harmless(card)).chain(rules.map(|rule| firing(card, rule)));
    let distance = |answers: &BTreeMap<String, String>| {
        let suggestion = reference.suggest(complaint, answers, Some(age));
        suggestion.map_or(u8::MAX, |suggestion| suggestion.priority.rank.abs_diff(wanted))
    };
    candidates.min_by_key(distance).unwrap_or_default()
}

/// The rank, in the scheme in force, of the urgency that the severity deserves.
fn wanted_rank(reference: &Reference, severity: Severity) -> u8 {
    let urgency = match severity {
        Severity::Critical => 0,
        Severity::Serious => 1,
        Severity::Minor => 2,
    };
    let scheme = reference.scheme();
    let code = &scheme.by_urgency[urgency];
    scheme.levels.iter().find(|level| level.code == *code).map_or(1, |level| level.rank)
}

fn applies_at(rule: &Rule, age: u8) -> bool {
    rule.age_min.is_none_or(|min| age >= min) && rule.age_max.is_none_or(|max| age <= max)
}

fn firing(card: &Card, rule: &Rule) -> BTreeMap<String, String> {
    let mut answers = harmless(card);
    for (question, options) in &rule.when {
        if let Some(option) = options.first() {
            answers.insert(question.clone(), option.clone());
        }
    }
    answers
}

/// To each question the last answer that fewest rules wait for.
fn harmless(card: &Card) -> BTreeMap<String, String> {
    let n_rules = |question: &str, option: &str| {
        let waits = |rule: &&Rule| {
            rule.when.get(question).is_some_and(|options| options.iter().any(|o| o == option))
        };
        card.rules.iter().filter(waits).count()
    };
    let answer = |question: &ems_dispatch::Question| {
        let options = question.options.iter().rev();
        let option = options.min_by_key(|option| n_rules(&question.id, &option.id))?;
        Some((question.id.clone(), option.id.clone()))
    };
    card.questions.iter().filter_map(answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_takes_the_answers_and_the_worse_off_are_never_less_urgent() {
        let reference = Reference::standard();
        for card in reference.cards() {
            for age in [0, 4, 30, 70, 98] {
                let rank = |severity| {
                    let answers = interview(&reference, &card.id, severity, age);
                    let suggestion = reference.suggest(&card.id, &answers, Some(age));
                    suggestion.expect("the card's own answers").priority.rank
                };
                let ranks = [Severity::Critical, Severity::Serious, Severity::Minor].map(rank);
                assert!(ranks.is_sorted(), "{} at {age}: {ranks:?}", card.id);
            }
        }
    }

    #[test]
    fn most_cards_reach_the_urgency_that_the_patient_deserves() {
        let reference = Reference::standard();
        let wanted = wanted_rank(&reference, Severity::Critical);
        let reached = reference.cards().iter().filter(|card| {
            let answers = interview(&reference, &card.id, Severity::Critical, 60);
            let suggestion = reference.suggest(&card.id, &answers, Some(60));
            suggestion.is_ok_and(|suggestion| suggestion.priority.rank == wanted)
        });
        assert!(reached.count() * 10 >= reference.cards().len() * 8);
    }
}
