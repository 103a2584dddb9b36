//! From a card's answers to a suggested priority.
//!
//! Not answered is never read as "no": a rule that waits for an answer does not fire, the
//! suggestion says what is not known, and an unanswered red-flag question keeps it at the card's
//! `unknown_rank` or above.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{HospitalCapability, Priority, UnitKind};

use crate::card::{Card, Rule, UNKNOWN};
use crate::error::{CardError, echo, list};
use crate::pathway::PathwayId;
use crate::scheme::PriorityScheme;
use crate::text::Text;

/// What a card suggests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// How urgent, in the words of the scheme in force.
    pub priority: Priority,
    /// Why: the rule that decided first, then others that fired, then what is not known.
    pub because: Vec<Because>,
    /// What a unit must be able to do.
    pub needs_unit: UnitKind,
    /// What a hospital must be able to do.
    pub needs_hospital: Vec<HospitalCapability>,
    /// How the patient is brought to care.
    pub pathway: PathwayId,
}

/// A reason for a suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// Its name, as the log keeps it: `chest-pain.cold-sweat`, `stroke.unknown.onset`.
    pub key: String,
    /// The same in words.
    pub text: Text,
}

impl Suggestion {
    /// The names of its reasons, for the log.
    pub fn because_keys(&self) -> Vec<String> {
        self.because.iter().map(|because| because.key.clone()).collect()
    }
}

/// What the caller told, checked against the card.
struct Told<'a> {
    answers: BTreeMap<&'a str, &'a str>,
    age: Option<u8>,
}

/// Whether a rule applies.
#[derive(Debug, PartialEq, Eq)]
enum Verdict<'a> {
    Fires,
    Fails,
    /// It would, if these questions, and the age if `true`, were answered so.
    Open(BTreeSet<&'a str>, bool),
}

impl Card {
    /// Judges the answers.
    pub(crate) fn suggest(
        &self,
        scheme: &PriorityScheme,
        answers: &BTreeMap<String, String>,
        age: Option<u8>,
    ) -> Result<Suggestion, CardError> {
        let told = self.hear(answers, age)?;
        let verdicts: Vec<_> = self.rules.iter().map(|rule| (rule, told.judge(rule))).collect();
        let fired: Vec<_> =
            verdicts.iter().filter(|(_, v)| *v == Verdict::Fires).map(|(rule, _)| *rule).collect();
        let winner = fired.iter().copied().min_by_key(|rule| rule.rank);
        let rank = winner.map_or(self.rank, |rule| rule.rank);
        let floor = if self.red_flags_unanswered(&told).next().is_some() {
            self.unknown_rank
        } else {
            rank
        };
        let urgency = rank.min(floor);
        let because = self.reasons(winner, &fired, &self.unknowns(&told, &verdicts, urgency));
        let needs_unit = winner.and_then(|rule| rule.needs_unit).unwrap_or(self.needs_unit);
        let needs_hospital = winner.and_then(|rule| rule.needs_hospital.as_ref());
        Ok(Suggestion {
            priority: scheme.of_urgency(urgency),
            because,
            needs_unit: if urgency < rank { needs_unit.max(self.needs_unit) } else { needs_unit },
            needs_hospital: needs_hospital.unwrap_or(&self.needs_hospital).clone(),
            pathway: winner.and_then(|rule| rule.pathway.as_ref()).unwrap_or(&self.pathway).clone(),
        })
    }

    /// The words of a reason's key after the card's name, if the card gives it.
    pub(crate) fn because_text(&self, key: &str) -> Option<Text> {
        match key {
            "default" => Some(Text {
                en: format!("No rule of the card \"{}\" applies", self.name.en),
                zh: format!("“{}”卡片中没有适用的规则", self.name.zh),
            }),
            "unknown-age" => Some(unknown_text("the patient's age", "患者年龄")),
            _ => match key.strip_prefix("unknown.") {
                Some(id) => self.question(id).map(|q| unknown_text(&q.text.en, &q.text.zh)),
                None => self.rules.iter().find(|r| r.id == key).map(|rule| rule.because.clone()),
            },
        }
    }

    fn hear<'a>(
        &self,
        answers: &'a BTreeMap<String, String>,
        age: Option<u8>,
    ) -> Result<Told<'a>, CardError> {
        for (id, option) in answers {
            let question = self.question(id).ok_or_else(|| CardError::UnknownQuestion {
                complaint: self.id.clone(),
                question: echo(id),
                allowed: list(self.questions.iter().map(|question| question.id.as_str())),
            })?;
            if option != UNKNOWN && !question.has_option(option) {
                return Err(CardError::UnknownOption {
                    complaint: self.id.clone(),
                    question: id.clone(),
                    option: echo(option),
                    allowed: question.option_ids(),
                });
            }
        }
        let known = answers.iter().filter(|(_, option)| *option != UNKNOWN);
        Ok(Told {
            answers: known.map(|(id, option)| (id.as_str(), option.as_str())).collect(),
            age,
        })
    }

    fn red_flags_unanswered<'a>(&'a self, told: &Told<'_>) -> impl Iterator<Item = &'a str> {
        let flags = self.questions.iter().filter(|question| question.is_red_flag);
        let ids = flags.map(|question| question.id.as_str());
        ids.filter(|id| !told.answers.contains_key(id))
    }

    /// What is not known and could make the call more urgent than `urgency`, as reasons' keys.
    fn unknowns(
        &self,
        told: &Told<'_>,
        verdicts: &[(&Rule, Verdict<'_>)],
        urgency: u8,
    ) -> Vec<String> {
        let mut missing: BTreeSet<&str> = BTreeSet::new();
        let mut is_age_missing = false;
        if urgency >= self.unknown_rank && urgency > 1 {
            missing.extend(self.red_flags_unanswered(told));
        }
        for (rule, verdict) in verdicts {
            if let Verdict::Open(questions, needs_age) = verdict
                && rule.rank < urgency
            {
                missing.extend(questions);
                is_age_missing |= needs_age;
            }
        }
        let in_order = self.questions.iter().filter(|question| missing.contains(&*question.id));
        let keys = in_order.map(|question| format!("unknown.{}", question.id));
        keys.chain(is_age_missing.then(|| "unknown-age".to_owned())).collect()
    }

    fn reasons(&self, winner: Option<&Rule>, fired: &[&Rule], unknowns: &[String]) -> Vec<Because> {
        let first = winner.map_or("default", |rule| rule.id.as_str());
        let others = fired.iter().map(|rule| rule.id.as_str()).filter(|id| *id != first);
        let keys = std::iter::once(first).chain(others).chain(unknowns.iter().map(String::as_str));
        keys.map(|key| Because {
            key: format!("{}.{key}", self.id),
            text: self.because_text(key).expect("each key is made of the card's own names"),
        })
        .collect()
    }
}

impl Told<'_> {
    fn judge<'r>(&self, rule: &'r Rule) -> Verdict<'r> {
        let mut open = BTreeSet::new();
        for (question, options) in &rule.when {
            match self.answers.get(question.as_str()) {
                Some(answer) if options.iter().any(|option| option == answer) => {}
                Some(_) => return Verdict::Fails,
                None => {
                    open.insert(question.as_str());
                }
            }
        }
        let needs_age = rule.age_min.is_some() || rule.age_max.is_some();
        match self.age {
            Some(age) if age < rule.age_min.unwrap_or(0) => return Verdict::Fails,
            Some(age) if age > rule.age_max.unwrap_or(u8::MAX) => return Verdict::Fails,
            _ => {}
        }
        let is_age_open = needs_age && self.age.is_none();
        if open.is_empty() && !is_age_open {
            Verdict::Fires
        } else {
            Verdict::Open(open, is_age_open)
        }
    }
}

fn unknown_text(en: &str, zh: &str) -> Text {
    Text { en: format!("Not known: {en}"), zh: format!("未知：{zh}") }
}
