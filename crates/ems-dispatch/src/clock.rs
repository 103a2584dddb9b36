//! KPI clocks: which two moments a service measures between, and what it promises.

use ems_model::{Millis, UnitKind, UnitStep};
use serde::Deserialize;

use crate::text::{Source, Text, check_id, check_texts, secs};

/// A time span of a call that a service measures.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSpec {
    /// Its name: `china-answer`.
    pub id: String,
    /// Its name for people.
    pub name: Text,
    /// When it starts.
    pub start: Mark,
    /// When it stops.
    pub stop: Mark,
    /// What it is counted for.
    pub per: Per,
    /// Priority ranks that it is for; empty for all, untriaged calls included.
    #[serde(default)]
    pub ranks: Vec<u8>,
    /// The least kind of unit that stops it; `None` for any.
    pub unit_kind_min: Option<UnitKind>,
    /// The span that is promised.
    #[serde(rename = "target_s", deserialize_with = "secs")]
    pub target: Millis,
    /// How the promise is kept.
    pub requirement: Requirement,
    /// The width of a bar of its histogram.
    #[serde(rename = "bin_s", deserialize_with = "secs")]
    pub bin: Millis,
    /// Where it comes from.
    pub sources: Vec<Source>,
}

/// What a clock is counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each incident: from the first start to the first stop by any unit.
    Incident,
    /// Each unit sent to each incident: its own start to its own stop.
    Unit,
    /// The unit of each incident that reaches the stop first: its own start to its own stop.
    FirstUnit,
}

/// A moment of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Mark {
    /// The phone rang; `eTimes.01`.
    Rang,
    /// A call-taker picked up.
    Answered,
    /// The call was taken down.
    Taken,
    /// The call was given a priority and waits for a unit; `eTimes.02`.
    Triaged,
    /// A unit was told; `eTimes.03`.
    Assigned,
    /// A crew took a step; `eTimes.04` to `eTimes.17`.
    Step(UnitStep),
}

/// How a promise is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Requirement {
    /// At least this many percent within the target.
    Share {
        /// 1..=100.
        percent: u8,
    },
    /// The mean within the target.
    Mean,
    /// No promise: the target is a line to look at.
    Watch,
}

impl TryFrom<String> for Mark {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match name.as_str() {
            "rang" | "eTimes.01" => return Ok(Self::Rang),
            "answered" => return Ok(Self::Answered),
            "taken" => return Ok(Self::Taken),
            "triaged" | "eTimes.02" => return Ok(Self::Triaged),
            "assigned" | "eTimes.03" => return Ok(Self::Assigned),
            _ => {}
        }
        let step = UnitStep::ALL.into_iter().find(|step| step.etimes() == name);
        step.map(Self::Step).ok_or_else(|| {
            let allowed = "rang, answered, taken, triaged, assigned, eTimes.01 to eTimes.17";
            format!("\"{name}\" is not one of {allowed}: choose one")
        })
    }
}

impl Mark {
    /// Whether the moment belongs to a unit rather than to the incident as a whole.
    pub fn is_of_unit(self) -> bool {
        matches!(self, Self::Assigned | Self::Step(_))
    }
}

/// A file of clocks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockFile {
    pub(crate) clocks: Vec<ClockSpec>,
}

impl ClockSpec {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_id("clock", &self.id)?;
        check_texts([&self.name], &self.sources)?;
        if self.start == self.stop {
            return Err(format!("clock {} starts and stops at once: change one", self.id));
        }
        if self.bin == Millis::ZERO || self.target == Millis::ZERO {
            return Err(format!("clock {}: target_s and bin_s are 1 or more", self.id));
        }
        if self.per != Per::Incident && !(self.start.is_of_unit() && self.stop.is_of_unit()) {
            let id = &self.id;
            return Err(format!("clock {id} is per unit, but a mark is of the call: use eTimes"));
        }
        if let Requirement::Share { percent } = self.requirement
            && !(1..=100).contains(&percent)
        {
            return Err(format!("clock {}: {percent} percent is outside 1..=100", self.id));
        }
        Ok(())
    }
}
