//! Tags for many casualties at once: a few questions with yes or no.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{AgeGroup, Tag};
use serde::Deserialize;

use crate::text::{Source, Text, check_id, check_name, check_texts, check_unique};

/// Questions that lead to a tag, from one TOML file under `data/dispatch/mass-casualty/`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagTree {
    /// Its name with its version.
    pub name: String,
    /// Its name for people.
    pub title: Text,
    /// For whom it was made.
    pub ages: BTreeSet<AgeGroup>,
    first: String,
    /// Every question.
    pub steps: Vec<TagStep>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagStep {
    /// Its name within the tree.
    pub id: String,
    /// What is asked.
    pub ask: Text,
    /// Where yes leads.
    pub yes: Next,
    /// Where no leads.
    pub no: Next,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
/// Where an answer leads.
pub enum Next {
    /// To the question of that name.
    Step(String),
    /// To a tag.
    Tag(Tag),
}

/// How far the answers lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tagging<'a> {
    /// This is asked next.
    Ask(&'a TagStep),
    /// The tag.
    Tagged(Tag),
}

impl TryFrom<String> for Next {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let tag = match text.strip_prefix("tag:") {
            None => return Ok(Self::Step(text)),
            Some("immediate") => Tag::Immediate,
            Some("delayed") => Tag::Delayed,
            Some("minor") => Tag::Minor,
            Some("expectant") => Tag::Expectant,
            Some("deceased") => Tag::Deceased,
            Some(_) => {
                let tags = "immediate, delayed, minor, expectant or deceased";
                return Err(format!("\"{text}\" is no tag: write tag: and {tags}"));
            }
        };
        Ok(Self::Tag(tag))
    }
}

impl TagTree {
    /// Follows `answers` (question to yes) until one is missing. Answers that are not on the way
    /// count for nothing.
    ///
    /// # Panics
    /// Never: every step that is named is there and none leads back, which reading checks.
    pub fn follow(&self, answers: &BTreeMap<String, bool>) -> Tagging<'_> {
        let mut step = self.step(&self.first).expect("checked when it was read");
        while let Some(&is_yes) = answers.get(&step.id) {
            match if is_yes { &step.yes } else { &step.no } {
                Next::Tag(tag) => return Tagging::Tagged(*tag),
                Next::Step(id) => step = self.step(id).expect("checked when it was read"),
            }
        }
        Tagging::Ask(step)
    }

    /// Whether it asks this question somewhere.
    pub fn asks(&self, id: &str) -> bool {
        self.step(id).is_some()
    }

    fn step(&self, id: &str) -> Option<&TagStep> {
        self.steps.iter().find(|step| step.id == id)
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        check_name(&self.name)?;
        if self.ages.is_empty() {
            return Err("ages is empty: name child, adult or unknown".into());
        }
        let texts = self.steps.iter().map(|step| &step.ask).chain([&self.title]);
        check_texts(texts, &self.sources)?;
        check_unique("step", self.steps.iter().map(|step| step.id.as_str()))?;
        for step in &self.steps {
            check_id("step", &step.id)?;
        }
        self.check_ways()
    }

    /// Each step leads only to steps that stand below it, and each is led to.
    fn check_ways(&self) -> Result<(), String> {
        let mut reached = BTreeSet::from([self.first.as_str()]);
        for (idx, step) in self.steps.iter().enumerate() {
            if !reached.contains(step.id.as_str()) {
                return Err(format!(
                    "step \"{}\" is led to by none above it: move it down",
                    step.id
                ));
            }
            for next in [&step.yes, &step.no] {
                let Next::Step(id) = next else { continue };
                if !self.steps[idx + 1..].iter().any(|later| later.id == *id) {
                    let from = &step.id;
                    return Err(format!("step \"{from}\" leads to \"{id}\", not below it: add it"));
                }
                reached.insert(id);
            }
        }
        match self.steps.first() {
            Some(first) if first.id == self.first => Ok(()),
            _ => Err(format!("first \"{}\" is not the first step: put it first", self.first)),
        }
    }
}
