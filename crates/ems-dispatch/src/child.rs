//! How ill a child looks, and what its hospital should have.

use std::collections::BTreeSet;

use ems_model::HospitalCapability;
use serde::Deserialize;

use crate::text::{Source, Text, check_id, check_name, check_texts};

/// Impressions from one TOML file: `data/dispatch/destination/child.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChildTriage {
    /// Its name with its version.
    pub name: String,
    age_below: u8,
    prefers: BTreeSet<HospitalCapability>,
    injured_prefers: HospitalCapability,
    /// One for each way in which the triangle's sides can be normal or not.
    pub impressions: Vec<Impression>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// A general impression of a child.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Impression {
    /// Its name within the data.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// Which of appearance, breathing and circulation are abnormal.
    abnormal: Vec<[bool; 3]>,
    #[serde(default)]
    prefers: BTreeSet<HospitalCapability>,
}

/// What follows for a child, and what nobody has looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildFinding<'a> {
    /// The impression by what was looked at.
    pub impression: &'a Impression,
    /// The sides that were not: it may be worse.
    pub missing: Vec<String>,
    /// What the hospital should have where that costs little time.
    pub prefers: BTreeSet<HospitalCapability>,
}

impl ChildTriage {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_name(&self.name)?;
        check_texts(self.impressions.iter().map(|it| &it.name), &self.sources)?;
        for impression in &self.impressions {
            check_id("impression", &impression.id)?;
        }
        for bits in 0..8_u8 {
            let sides = [bits & 1 != 0, bits & 2 != 0, bits & 4 != 0];
            let n = self.impressions.iter().filter(|it| it.abnormal.contains(&sides)).count();
            if n != 1 {
                return Err(format!("abnormal {sides:?} stands in {n} impressions: name it once"));
            }
        }
        Ok(())
    }

    /// Whether a patient of that age counts as a child.
    pub fn is_child(&self, age: u8) -> bool {
        age < self.age_below
    }

    /// What every child's hospital should have where that costs little time.
    pub fn prefers(&self) -> &BTreeSet<HospitalCapability> {
        &self.prefers
    }

    /// What an injured child's trauma centre should be.
    pub fn injured_prefers(&self) -> HospitalCapability {
        self.injured_prefers
    }

    /// The impression of a child by what is abnormal; a side that was not looked at counts as
    /// normal, and is named.
    pub fn judge(&self, sides: [Option<bool>; 3]) -> ChildFinding<'_> {
        let abnormal = sides.map(|side| side == Some(true));
        let impression = self.impressions.iter().find(|it| it.abnormal.contains(&abnormal));
        let impression = impression.expect("a checked file names every combination");
        let names = ["appearance", "breathing", "circulation"];
        let missing = names.iter().zip(sides).filter(|(_, side)| side.is_none());
        ChildFinding {
            impression,
            missing: missing.map(|(name, _)| (*name).to_owned()).collect(),
            prefers: self.prefers.union(&impression.prefers).copied().collect(),
        }
    }
}
