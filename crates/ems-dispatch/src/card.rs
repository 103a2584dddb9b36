//! Complaint cards: what the call-taker asks, and what the answers mean.

use std::collections::BTreeMap;

use ems_model::{HospitalCapability, UnitKind};
use serde::Deserialize;

use crate::error::list;
use crate::pathway::PathwayId;
use crate::scheme::N_URGENCIES;
use crate::text::{Source, Text, check_id, check_texts, check_unique};

/// The answer that every question takes: the caller does not know. It counts as not answered.
pub const UNKNOWN: &str = "unknown";

/// What is asked for one kind of complaint, and the rules that judge the answers.
///
/// Urgency runs from 1, most urgent, to 4; the scheme in force gives it a code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Its name: `chest-pain`.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// The urgency where no rule fires, 1..=4.
    pub rank: u8,
    /// The least urgency while a red-flag question is unanswered, 1..=4.
    pub unknown_rank: u8,
    /// What a unit must be able to do, unless a rule says otherwise.
    pub needs_unit: UnitKind,
    /// What a hospital must be able to do, unless a rule says otherwise.
    pub needs_hospital: Vec<HospitalCapability>,
    /// How the patient is brought to care, unless a rule says otherwise.
    pub pathway: PathwayId,
    /// What to ask, in this order.
    pub questions: Vec<Question>,
    /// How to judge the answers.
    pub rules: Vec<Rule>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A question with its possible answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name on the card.
    pub id: String,
    /// What the call-taker says.
    pub text: Text,
    /// Whether not knowing the answer is itself a danger.
    #[serde(rename = "red_flag", default)]
    pub is_red_flag: bool,
    /// The answers; [`UNKNOWN`] is allowed besides.
    pub options: Vec<AnswerOption>,
}

/// A possible answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerOption {
    /// Its name.
    pub id: String,
    /// What it says.
    pub text: Text,
}

/// What certain answers mean. It fires when each question in `when` has one of its options and the
/// age is within the bounds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name on the card.
    pub id: String,
    /// Question to the answers that it takes.
    #[serde(default)]
    pub when: BTreeMap<String, Vec<String>>,
    /// The least age in years.
    pub age_min: Option<u8>,
    /// The greatest age in years.
    pub age_max: Option<u8>,
    /// The urgency that follows, 1..=4.
    pub rank: u8,
    /// Why, in words.
    pub because: Text,
    /// What a unit must then be able to do.
    pub needs_unit: Option<UnitKind>,
    /// What a hospital must then be able to do.
    pub needs_hospital: Option<Vec<HospitalCapability>>,
    /// How the patient is then brought to care.
    pub pathway: Option<PathwayId>,
}

/// Names that a rule may not have, because `because` keys use them.
const RULE_NAMES_TAKEN: [&str; 3] = ["default", "unknown", "unknown-age"];

impl Card {
    pub(crate) fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.id == id)
    }

    /// Every pathway that the card may lead to.
    pub(crate) fn pathways(&self) -> impl Iterator<Item = &PathwayId> {
        let of_rules = self.rules.iter().filter_map(|rule| rule.pathway.as_ref());
        std::iter::once(&self.pathway).chain(of_rules)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        check_id("card", &self.id)?;
        check_rank("card", &self.id, self.rank)?;
        check_rank("unknown_rank of card", &self.id, self.unknown_rank)?;
        check_needs(&self.id, Some(&self.needs_hospital))?;
        check_unique("question", self.questions.iter().map(|question| question.id.as_str()))?;
        check_unique("rule", self.rules.iter().map(|rule| rule.id.as_str()))?;
        check_texts(self.texts(), &self.sources)?;
        self.questions.iter().try_for_each(Question::check)?;
        self.rules.iter().try_for_each(|rule| self.check_rule(rule))
    }

    fn texts(&self) -> impl Iterator<Item = &Text> {
        let questions = self.questions.iter().map(|question| &question.text);
        let options = self.questions.iter().flat_map(|question| &question.options);
        let rules = self.rules.iter().map(|rule| &rule.because);
        std::iter::once(&self.name).chain(questions).chain(options.map(|o| &o.text)).chain(rules)
    }

    fn check_rule(&self, rule: &Rule) -> Result<(), String> {
        check_id("rule", &rule.id)?;
        check_rank("rule", &rule.id, rule.rank)?;
        check_needs(&rule.id, rule.needs_hospital.as_ref())?;
        if RULE_NAMES_TAKEN.contains(&rule.id.as_str()) {
            return Err(format!("rule id \"{}\" is reserved: rename it", rule.id));
        }
        if rule.when.is_empty() && rule.age_min.is_none() && rule.age_max.is_none() {
            return Err(format!("rule {} has no condition: use the card's rank", rule.id));
        }
        if let (Some(min), Some(max)) = (rule.age_min, rule.age_max)
            && min > max
        {
            return Err(format!("rule {} wants an age of {min}..={max}: swap them", rule.id));
        }
        rule.when.iter().try_for_each(|(id, options)| self.check_condition(rule, id, options))
    }

    fn check_condition(&self, rule: &Rule, id: &str, options: &[String]) -> Result<(), String> {
        let Some(question) = self.question(id) else {
            let asked = list(self.questions.iter().map(|question| question.id.as_str()));
            return Err(format!("rule {} names question \"{id}\", not one of {asked}", rule.id));
        };
        if options.is_empty() {
            return Err(format!("rule {} takes no answer to {id}: list one", rule.id));
        }
        match options.iter().find(|option| !question.has_option(option)) {
            None => Ok(()),
            Some(option) => Err(format!(
                "rule {} names answer \"{option}\" to {id}, not one of {}",
                rule.id,
                question.option_ids()
            )),
        }
    }
}

impl Question {
    pub(crate) fn has_option(&self, id: &str) -> bool {
        self.options.iter().any(|option| option.id == id)
    }

    pub(crate) fn option_ids(&self) -> String {
        list(self.options.iter().map(|option| option.id.as_str()))
    }

    fn check(&self) -> Result<(), String> {
        check_id("question", &self.id)?;
        check_unique("answer", self.options.iter().map(|option| option.id.as_str()))?;
        for option in &self.options {
            check_id("answer", &option.id)?;
            if option.id == UNKNOWN {
                return Err(format!("question {} lists \"unknown\": leave it out", self.id));
            }
        }
        if self.options.len() < 2 {
            return Err(format!("question {} has fewer than 2 answers: add some", self.id));
        }
        Ok(())
    }
}

fn check_rank(what: &str, id: &str, rank: u8) -> Result<(), String> {
    if (1..=N_URGENCIES).contains(&rank) {
        Ok(())
    } else {
        Err(format!("{what} {id}: rank {rank} is outside 1..={N_URGENCIES}: 1 is most urgent"))
    }
}

fn check_needs(id: &str, needs: Option<&Vec<HospitalCapability>>) -> Result<(), String> {
    if needs.is_some_and(Vec::is_empty) {
        return Err(format!("{id} needs nothing of a hospital: write at least [\"emergency\"]"));
    }
    Ok(())
}
