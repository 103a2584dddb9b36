//! The rules of a policy as its file names them.

use std::sync::Arc;

use ems_model::Millis;
use serde::Deserialize;

use crate::dispatch::Dispatch;
use crate::diversion::{Diversions, RankTooHigh};
use crate::error::list;
use crate::relocation::{CoverPatterns, Dmexclp, Relocation};
use crate::text::secs;

/// Which of the units that may be sent is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DispatchPolicy {
    /// The rule, by its name with its version: `closest-unit/1`.
    #[serde(deserialize_with = "dispatch_rule")]
    pub rule: Dispatch,
}

/// Where a freed unit waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelocationPolicy {
    /// The rule, by its name with its version.
    pub rule: RelocationRule,
    /// A unit whose shift ends within this goes home instead.
    #[serde(rename = "shift_ends_within_s", deserialize_with = "secs", default)]
    pub shift_ends_within: Millis,
}

/// A rule of relocation before it knows a city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum RelocationRule {
    /// [`Relocation::OwnStation`].
    #[serde(rename = "own-station/1")]
    OwnStation,
    /// [`Relocation::Dmexclp`].
    #[serde(rename = "dmexclp/1")]
    Dmexclp,
}

/// How cover is counted: Daskin's expected coverage, as [`Dmexclp`] has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverPolicy {
    /// A place is covered by the stations from which it is reached within this drive, turning out
    /// not included.
    #[serde(rename = "within_s", deserialize_with = "secs")]
    pub within: Millis,
    /// The share of time that a unit is busy, percent, 0..=100.
    pub busy_percent: u8,
}

/// Lets units that drive to calls of one rank turn to others, 1 the most urgent.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diversion {
    /// The rank of the call that loses its unit.
    pub from: u8,
    /// The ranks of calls that may take it.
    pub to: Vec<u8>,
}

/// The rules of dispatch that a policy can name.
const DISPATCH_RULES: [Dispatch; 2] = [Dispatch::ClosestUnit, Dispatch::LeastCoverLost];

fn dispatch_rule<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Dispatch, D::Error> {
    let name = String::deserialize(deserializer)?;
    let rule = DISPATCH_RULES.into_iter().find(|rule| rule.name() == name);
    rule.ok_or_else(|| {
        let known = list(DISPATCH_RULES.map(Dispatch::name));
        serde::de::Error::custom(format!("rule \"{name}\" is not one of {known}: choose one"))
    })
}

impl RelocationRule {
    /// Its name with its version, as [`Relocation::name`] has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OwnStation => "own-station/1",
            Self::Dmexclp => "dmexclp/1",
        }
    }

    /// Whether it looks at the cover that a unit adds.
    pub fn weighs_cover(self) -> bool {
        self == Self::Dmexclp
    }
}

impl CoverPolicy {
    /// What counts cover over these patterns, for at most `n_units` units.
    pub fn count(&self, patterns: Arc<CoverPatterns>, n_units: usize) -> Relocation {
        let busy = f64::from(self.busy_percent) / 100.0;
        let dmexclp = Dmexclp::new(patterns, busy, n_units);
        Relocation::Dmexclp(dmexclp.expect("the percentage was checked when the policy was read"))
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        if self.busy_percent > 100 {
            let percent = self.busy_percent;
            return Err(format!("busy_percent {percent} is outside 0..=100: give a share of time"));
        }
        Ok(())
    }
}

pub(crate) fn allow_all(rules: &[Diversion]) -> Result<Diversions, RankTooHigh> {
    let mut diversions = Diversions::default();
    for rule in rules {
        rule.to.iter().try_for_each(|to| diversions.allow(rule.from, *to))?;
    }
    Ok(diversions)
}
