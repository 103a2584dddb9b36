//! Which injured patients belong in a trauma centre.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::error::echo;
use crate::text::{Source, Text, check_criteria, check_name};

/// Criteria from one TOML file: `data/dispatch/destination/trauma.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldTriage {
    /// Its name with its version.
    pub name: String,
    vitals: Vitals,
    circulation: Vec<Circulation>,
    /// What alone sends a patient to the highest level.
    pub red: Vec<Criterion>,
    /// What speaks for a trauma centre.
    pub yellow: Vec<Criterion>,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Vitals {
    motor_below: u8,
    breaths_below: u16,
    breaths_above: u16,
    saturation_below: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Circulation {
    age: [u8; 2],
    systolic_below: u16,
    per_year: u16,
    pulse_above_systolic: bool,
}

/// Something that a crew sees or hears.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Its name within the data.
    pub id: String,
    /// Its name for people.
    pub name: Text,
}

/// What is known of an injured patient; `None` is not measured, and speaks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Injured {
    /// Age in whole years.
    pub age: Option<u8>,
    /// Motor answer of the Glasgow Coma Scale, 1..=6.
    pub motor: Option<u8>,
    /// Breaths a minute.
    pub breaths: Option<u16>,
    /// Oxygen saturation in room air, percent.
    pub saturation: Option<u8>,
    /// Systolic blood pressure, mmHg.
    pub systolic: Option<u16>,
    /// Beats a minute.
    pub pulse: Option<u16>,
    /// The criteria that the crew ticked.
    pub ticked: BTreeSet<String>,
}

/// How badly hurt the patient must be taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InjuryRisk {
    /// No criterion is met by what is known.
    NoneMet,
    /// Moderate: preferably a trauma centre.
    Yellow,
    /// High: the highest level that can be had.
    Red,
}

/// A criterion that is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met<'a> {
    /// Cannot follow commands.
    Motor,
    /// Breathes too slowly or too fast.
    Breaths,
    /// Too little oxygen.
    Saturation,
    /// The pressure is too low for the age.
    Systolic,
    /// The pulse is above the systolic pressure.
    ShockIndex,
    /// The crew ticked it.
    Ticked(&'a Criterion),
}

/// A figure that would be asked for and is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The age: the pressure cannot be judged.
    Age,
    /// The motor answer.
    Motor,
    /// Breaths a minute.
    Breaths,
    /// Saturation.
    Saturation,
    /// Systolic pressure.
    Systolic,
    /// Pulse.
    Pulse,
}

/// A criterion that the file does not name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("criterion \"{id}\" is not in {file}: tick one that it lists")]
pub struct UnknownCriterion {
    id: String,
    file: String,
}

impl UnknownCriterion {
    pub(crate) fn new(id: &str, file: &str) -> Self {
        Self { id: echo(id), file: file.to_owned() }
    }
}

/// What follows, and from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InjuryFinding<'a> {
    /// The risk.
    pub risk: InjuryRisk,
    /// What is met, red before yellow.
    pub met: Vec<Met<'a>>,
    /// What nobody has measured: the risk may be higher.
    pub missing: Vec<Missing>,
}

impl FieldTriage {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_name(&self.name)?;
        check_criteria(self.red.iter().chain(&self.yellow), &self.sources)?;
        self.check_ages()
    }

    /// Ages follow on each other without a hole from 0.
    fn check_ages(&self) -> Result<(), String> {
        let mut next = 0;
        for &Circulation { age: [from, to], .. } in &self.circulation {
            if from != next || to < from || to == u8::MAX {
                return Err(format!(
                    "circulation ages {from} to {to} do not go on from {next}: leave no hole"
                ));
            }
            next = to + 1;
        }
        if next <= 100 {
            return Err(format!("circulation ends before age {next}: go on to 120"));
        }
        Ok(())
    }

    /// What is met by what is known. A ticked criterion that the file does not name is refused.
    pub fn judge(&self, patient: &Injured) -> Result<InjuryFinding<'_>, UnknownCriterion> {
        self.check_ticked(&patient.ticked)?;
        let mut met = self.vitals.met(patient);
        met.extend(self.circulation(patient));
        met.extend(ticked(&self.red, patient));
        let yellow: Vec<_> = ticked(&self.yellow, patient).collect();
        let risk = match (met.is_empty(), yellow.is_empty()) {
            (false, _) => InjuryRisk::Red,
            (true, false) => InjuryRisk::Yellow,
            (true, true) => InjuryRisk::NoneMet,
        };
        met.extend(yellow);
        Ok(InjuryFinding { risk, met, missing: missing(patient) })
    }

    fn check_ticked(&self, ticked: &BTreeSet<String>) -> Result<(), UnknownCriterion> {
        let known = self.knows();
        match ticked.iter().find(|id| !known.contains(id.as_str())) {
            Some(id) => Err(UnknownCriterion::new(id, &self.name)),
            None => Ok(()),
        }
    }

    pub(crate) fn knows(&self) -> BTreeSet<&str> {
        self.red.iter().chain(&self.yellow).map(|it| it.id.as_str()).collect()
    }

    fn circulation(&self, patient: &Injured) -> Option<Met<'_>> {
        let (age, systolic) = (patient.age?, patient.systolic?);
        let rule = self.circulation.iter().find(|rule| rule.age[1] >= age)?;
        let limit = u32::from(rule.systolic_below) + u32::from(rule.per_year) * u32::from(age);
        if u32::from(systolic) < limit {
            return Some(Met::Systolic);
        }
        let is_fast = rule.pulse_above_systolic && patient.pulse? > systolic;
        is_fast.then_some(Met::ShockIndex)
    }
}

impl Vitals {
    fn met(&self, patient: &Injured) -> Vec<Met<'static>> {
        let is_odd = |breaths| breaths < self.breaths_below || breaths > self.breaths_above;
        let rules = [
            (patient.motor.is_some_and(|motor| motor < self.motor_below), Met::Motor),
            (patient.breaths.is_some_and(is_odd), Met::Breaths),
            (patient.saturation.is_some_and(|it| it < self.saturation_below), Met::Saturation),
        ];
        rules.into_iter().filter_map(|(is_met, what)| is_met.then_some(what)).collect()
    }
}

fn ticked<'a>(list: &'a [Criterion], patient: &Injured) -> impl Iterator<Item = Met<'a>> {
    list.iter().filter(|criterion| patient.ticked.contains(&criterion.id)).map(Met::Ticked)
}

fn missing(patient: &Injured) -> Vec<Missing> {
    let asked = [
        (patient.age.is_none(), Missing::Age),
        (patient.motor.is_none(), Missing::Motor),
        (patient.breaths.is_none(), Missing::Breaths),
        (patient.saturation.is_none(), Missing::Saturation),
        (patient.systolic.is_none(), Missing::Systolic),
        (patient.pulse.is_none(), Missing::Pulse),
    ];
    asked.into_iter().filter_map(|(is_missing, what)| is_missing.then_some(what)).collect()
}
