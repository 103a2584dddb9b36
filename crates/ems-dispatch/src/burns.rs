//! Which burns belong in a burn centre.

use std::collections::BTreeSet;

use ems_model::BurnDepth;
use serde::Deserialize;

use crate::field_triage::Criterion;
use crate::text::{Source, check_criteria, check_name};

/// Referral criteria from one TOML file: `data/dispatch/destination/burns.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BurnReferral {
    /// Its name with its version.
    pub name: String,
    partial_from_percent: u8,
    child_age_max: u8,
    /// What alone asks for a burn centre at once.
    pub immediate: Vec<Criterion>,
    /// What asks for a burn centre's advice.
    pub consult: Vec<Criterion>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// What is known of a burnt patient; `None` was not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Burnt<'a> {
    /// Age in whole years.
    pub age: Option<u8>,
    /// Share of the body surface burnt to partial or full thickness, percent.
    pub tbsa_percent: Option<u8>,
    /// The deepest part.
    pub depth: Option<BurnDepth>,
    /// The criteria that the crew ticked.
    pub ticked: &'a [String],
}

/// Whether a burn centre is called for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Referral {
    /// Not by what is known.
    None,
    /// Its advice is.
    Consult,
    /// The patient should be brought there, or taken on at once.
    Immediate,
}

/// What follows for a burnt patient, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BurnFinding {
    /// Whether a burn centre is called for.
    pub referral: Referral,
    /// What is met, as the file names it, or `full-thickness`, `partial-large`, `child`,
    /// `deep-partial` or `partial-small`.
    pub met: Vec<String>,
    /// `tbsa` or `depth`, where nobody has looked.
    pub missing: Vec<String>,
}

impl BurnReferral {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_name(&self.name)?;
        check_criteria(self.immediate.iter().chain(&self.consult), &self.sources)?;
        if !(1..=100).contains(&self.partial_from_percent) {
            let percent = self.partial_from_percent;
            return Err(format!("partial_from_percent {percent} is outside 1..=100: correct it"));
        }
        Ok(())
    }

    /// What is met by what is known.
    pub fn judge(&self, patient: &Burnt<'_>) -> BurnFinding {
        let mut immediate = self.figures_immediate(patient);
        immediate.extend(ticked(&self.immediate, patient.ticked));
        let mut consult = self.figures_consult(patient);
        consult.extend(ticked(&self.consult, patient.ticked));
        let referral = match (immediate.is_empty(), consult.is_empty()) {
            (false, _) => Referral::Immediate,
            (true, false) => Referral::Consult,
            (true, true) => Referral::None,
        };
        immediate.extend(consult);
        BurnFinding { referral, met: immediate, missing: missing(patient) }
    }

    fn figures_immediate(&self, patient: &Burnt<'_>) -> Vec<String> {
        let is_open = patient.depth >= Some(BurnDepth::Partial);
        let is_large = patient.tbsa_percent >= Some(self.partial_from_percent);
        let is_child = patient.age.is_some_and(|age| age <= self.child_age_max);
        let may_be_open = patient.depth != Some(BurnDepth::Superficial);
        let rules = [
            (patient.depth == Some(BurnDepth::Full), "full-thickness"),
            (is_open && is_large, "partial-large"),
            (is_child && may_be_open, "child"),
        ];
        rules.into_iter().filter(|(is_met, _)| *is_met).map(|(_, id)| id.to_owned()).collect()
    }

    fn figures_consult(&self, patient: &Burnt<'_>) -> Vec<String> {
        let is_small = patient.tbsa_percent.is_some_and(|it| it < self.partial_from_percent);
        let is_partial = patient.depth == Some(BurnDepth::Partial);
        let rules = [
            (patient.depth == Some(BurnDepth::DeepPartial), "deep-partial"),
            (is_partial && is_small, "partial-small"),
        ];
        rules.into_iter().filter(|(is_met, _)| *is_met).map(|(_, id)| id.to_owned()).collect()
    }

    pub(crate) fn knows(&self) -> BTreeSet<&str> {
        self.immediate.iter().chain(&self.consult).map(|it| it.id.as_str()).collect()
    }
}

fn ticked<'a>(list: &'a [Criterion], ticked: &'a [String]) -> impl Iterator<Item = String> + 'a {
    list.iter().filter(|it| ticked.contains(&it.id)).map(|it| it.id.clone())
}

fn missing(patient: &Burnt<'_>) -> Vec<String> {
    let asked = [(patient.tbsa_percent.is_none(), "tbsa"), (patient.depth.is_none(), "depth")];
    asked.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, id)| id.to_owned()).collect()
}
