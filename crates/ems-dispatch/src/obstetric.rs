//! Which level of care a mother and her newborn need.

use std::collections::BTreeSet;

use ems_model::HospitalCapability;
use serde::Deserialize;

use crate::text::{Source, Text, check_id, check_name, check_texts, check_unique};

/// Signs and weeks from one TOML file: `data/dispatch/destination/obstetric.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaternalLevels {
    /// Its name with its version.
    pub name: String,
    newborn: Vec<NewbornLevel>,
    /// What a crew sees or hears.
    pub signs: Vec<MaternalSign>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewbornLevel {
    weeks_below: u8,
    prefers: HospitalCapability,
}

/// Something that a crew sees or hears of a pregnancy or birth.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaternalSign {
    /// Its name within the data.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// Whether the birth will not wait for a better hospital.
    #[serde(default)]
    is_imminent: bool,
    #[serde(default)]
    needs: BTreeSet<HospitalCapability>,
    #[serde(default)]
    prefers: BTreeSet<HospitalCapability>,
}

/// What a mother and her newborn need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaternalFinding {
    /// Whether the birth will not wait for a better hospital: nothing is preferred then.
    pub is_imminent: bool,
    /// Signs of the file that are there, and `weeks-below-N`.
    pub met: Vec<String>,
    /// `weeks`, where nobody knows.
    pub missing: Vec<String>,
    /// What the hospital must have.
    pub needs: BTreeSet<HospitalCapability>,
    /// What it should have where that costs little time.
    pub prefers: BTreeSet<HospitalCapability>,
}

impl MaternalLevels {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_name(&self.name)?;
        check_texts(self.signs.iter().map(|sign| &sign.name), &self.sources)?;
        check_unique("sign", self.signs.iter().map(|sign| sign.id.as_str()))?;
        for sign in &self.signs {
            check_id("sign", &sign.id)?;
        }
        if !self.newborn.is_sorted_by_key(|level| level.weeks_below) {
            return Err("newborn levels do not go up by weeks_below: sort them".into());
        }
        Ok(())
    }

    /// What is needed by what is known: `weeks` of pregnancy and the names of `signs`.
    pub fn judge(&self, weeks: Option<u8>, signs: &BTreeSet<String>) -> MaternalFinding {
        let there: Vec<_> = self.signs.iter().filter(|sign| signs.contains(&sign.id)).collect();
        let newborn =
            self.newborn.iter().find(|level| weeks.is_some_and(|it| it < level.weeks_below));
        let is_imminent = there.iter().any(|sign| sign.is_imminent);
        let mut needs = BTreeSet::from([HospitalCapability::Obstetrics]);
        needs.extend(there.iter().flat_map(|sign| &sign.needs));
        let mut prefers: BTreeSet<_> =
            there.iter().flat_map(|sign| &sign.prefers).copied().collect();
        prefers.extend(newborn.map(|level| level.prefers));
        if is_imminent {
            prefers.clear();
        }
        let mut met: Vec<_> = there.iter().map(|sign| sign.id.clone()).collect();
        met.extend(newborn.map(|level| format!("weeks-below-{}", level.weeks_below)));
        let missing = weeks.is_none().then(|| "weeks".to_owned()).into_iter().collect();
        MaternalFinding { is_imminent, met, missing, needs, prefers }
    }

    pub(crate) fn knows(&self) -> BTreeSet<&str> {
        self.signs.iter().map(|sign| sign.id.as_str()).collect()
    }
}
