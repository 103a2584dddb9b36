//! Where free units wait, as a policy's file names it.

use std::sync::Arc;

use ems_model::{Millis, StationId};
use serde::Deserialize;

use crate::compliance::{ComplianceTable, filling_order};
use crate::ddsm::DoubleStandard;
use crate::doctrine::CoverPolicy;
use crate::error::list;
use crate::posting_list::PostingList;
use crate::redeployment::{MoveBounds, Redeployment};
use crate::relocation::{CoverPatterns, Dmexclp, Relocation};
use crate::text::{maybe_secs, secs};

/// Where free units wait.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "InFile")]
pub struct RelocationPolicy {
    /// The rule.
    pub rule: RelocationRule,
    /// A unit whose shift ends within this goes home instead, and is not moved.
    pub shift_ends_within: Millis,
    /// How far and how often idle units are moved; `None` under a rule that moves none.
    pub moves: Option<MoveLimits>,
}

/// A rule of relocation before it knows a city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelocationRule {
    /// [`Relocation::OwnStation`].
    OwnStation,
    /// [`Relocation::Dmexclp`].
    Dmexclp,
    /// [`Relocation::Redeploy`].
    Redeploy {
        /// The drive that makes a unit worth 1/e of one that waits.
        patience: Millis,
    },
    /// [`ComplianceTable::nested`].
    Nested,
    /// [`ComplianceTable::multi`].
    Multi {
        /// Alternatives keep all cover of the best row but this share, percent, 0..=100.
        slack_percent: u8,
    },
    /// [`Relocation::List`].
    List {
        /// The stations in the order in which they are filled, each as often as it is to have a
        /// unit; none: in the order in which one unit more adds most expected cover.
        stations: Vec<StationId>,
    },
    /// [`Relocation::DoubleStandard`].
    DoubleStandard {
        /// The long time, within which all demand is to be reached.
        far_within: Millis,
        /// The share of demand to reach within the time of `[cover]`, percent, 0..=100.
        share_percent: u8,
        /// What a minute of driving costs, in demand that two units reach, millionths of all.
        minute_ppm: u32,
    },
}

/// How far and how often idle units are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MoveLimits {
    /// The longest drive of one unit.
    #[serde(rename = "each_max_s", deserialize_with = "secs")]
    pub each_max: Millis,
    /// The longest drive of all units that move at once.
    #[serde(rename = "total_max_s", deserialize_with = "secs")]
    pub total_max: Millis,
    /// How many units move at once.
    pub n_max: usize,
    /// A unit that was moved is left alone for so long, unless it has a call in between.
    #[serde(rename = "pause_s", deserialize_with = "secs")]
    pub pause: Millis,
}

impl MoveLimits {
    /// As the rules take them.
    pub fn bounds(&self) -> MoveBounds {
        MoveBounds {
            minutes_each_max: minutes(self.each_max),
            minutes_total_max: minutes(self.total_max),
            n_max: self.n_max,
        }
    }
}

/// Drives as the rules take them.
pub fn minutes(span: Millis) -> f64 {
    span.as_secs_f64() / 60.0
}

/// What the file says, whichever rule it is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct InFile {
    rule: String,
    #[serde(rename = "shift_ends_within_s", deserialize_with = "secs", default)]
    shift_ends_within: Millis,
    moves: Option<MoveLimits>,
    #[serde(rename = "patience_s", deserialize_with = "maybe_secs", default)]
    patience: Option<Millis>,
    slack_percent: Option<u8>,
    stations: Option<Vec<StationId>>,
    #[serde(rename = "far_within_s", deserialize_with = "maybe_secs", default)]
    far_within: Option<Millis>,
    share_percent: Option<u8>,
    minute_ppm: Option<u32>,
}

const RULES: [&str; 7] = [
    "own-station/1",
    "dmexclp/1",
    "redeploy/1",
    "compliance-nested/1",
    "compliance-multi/1",
    "priority-list/1",
    "ddsm/1",
];

impl TryFrom<InFile> for RelocationPolicy {
    type Error = String;

    fn try_from(mut file: InFile) -> Result<Self, String> {
        let rule = file.take_rule()?;
        file.check_rest(&rule)?;
        Ok(Self { rule, shift_ends_within: file.shift_ends_within, moves: file.moves })
    }
}

impl InFile {
    /// The rule with the keys that it wants, which are gone then.
    fn take_rule(&mut self) -> Result<RelocationRule, String> {
        Ok(match self.rule.as_str() {
            "own-station/1" => RelocationRule::OwnStation,
            "dmexclp/1" => RelocationRule::Dmexclp,
            "redeploy/1" => {
                let patience = wanted(self.patience.take(), "patience_s")?;
                if patience == Millis::ZERO {
                    return Err("patience_s is 0: give the drive that is long, as 2400".into());
                }
                RelocationRule::Redeploy { patience }
            }
            "compliance-nested/1" => RelocationRule::Nested,
            "compliance-multi/1" => RelocationRule::Multi {
                slack_percent: percent(self.slack_percent.take(), "slack_percent")?,
            },
            "priority-list/1" => {
                RelocationRule::List { stations: wanted(self.stations.take(), "stations")? }
            }
            "ddsm/1" => RelocationRule::DoubleStandard {
                far_within: wanted(self.far_within.take(), "far_within_s")?,
                share_percent: percent(self.share_percent.take(), "share_percent")?,
                minute_ppm: wanted(self.minute_ppm.take(), "minute_ppm")?,
            },
            other => {
                return Err(format!("rule \"{other}\" is not one of {}: choose one", list(RULES)));
            }
        })
    }

    fn check_rest(&self, rule: &RelocationRule) -> Result<(), String> {
        let rest = [
            ("patience_s", self.patience.is_some()),
            ("slack_percent", self.slack_percent.is_some()),
            ("stations", self.stations.is_some()),
            ("far_within_s", self.far_within.is_some()),
            ("share_percent", self.share_percent.is_some()),
            ("minute_ppm", self.minute_ppm.is_some()),
            ("[relocation.moves]", self.moves.is_some() && !rule.moves_idle()),
        ];
        if let Some((key, _)) = rest.into_iter().find(|(_, is_left)| *is_left) {
            return Err(format!("{} does without {key}: leave it out", rule.name()));
        }
        if rule.moves_idle() && self.moves.is_none() {
            return Err(format!(
                "{} moves idle units: add [relocation.moves] with each_max_s, total_max_s, n_max \
                 and pause_s",
                rule.name()
            ));
        }
        Ok(())
    }
}

fn wanted<T>(given: Option<T>, key: &str) -> Result<T, String> {
    given.ok_or_else(|| format!("{key} is missing: the rule wants it"))
}

fn percent(given: Option<u8>, key: &str) -> Result<u8, String> {
    match wanted(given, key)? {
        percent @ 0..=100 => Ok(percent),
        percent => Err(format!("{key} {percent} is outside 0..=100: give a share")),
    }
}

/// Idle units for which a nested table is worked out, and one whose rows stand each for itself;
/// with more of them units go back to where they waited, and none moves.
const NESTED_MAX: usize = 2000;
const MULTI_MAX: usize = 40;

impl RelocationRule {
    /// Its name with its version, as [`Relocation::name`] has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::OwnStation => "own-station/1",
            Self::Dmexclp => "dmexclp/1",
            Self::Redeploy { .. } => "redeploy/1",
            Self::Nested => "compliance-nested/1",
            Self::Multi { .. } => "compliance-multi/1",
            Self::List { .. } => "priority-list/1",
            Self::DoubleStandard { .. } => "ddsm/1",
        }
    }

    /// Whether it looks at cover.
    pub fn weighs_cover(&self) -> bool {
        *self != Self::OwnStation
    }

    /// Whether it ever moves idle units, as [`Relocation::moves_idle`] has it.
    pub fn moves_idle(&self) -> bool {
        !matches!(self, Self::OwnStation | Self::Dmexclp | Self::List { .. })
    }
}

impl RelocationPolicy {
    /// The rule in a city, for at most `n_units` units, none of which has joined yet. `patterns`:
    /// demand by the stations that reach it within a drive; `station`: the place of a station
    /// there, those it has not are left out of a list.
    ///
    /// Cost: a table looks at each pattern of each station for each unit.
    pub fn over(
        &self,
        cover: &CoverPolicy,
        patterns: impl Fn(Millis) -> Arc<CoverPatterns>,
        station: impl Fn(&StationId) -> Option<usize>,
        n_units: usize,
    ) -> Relocation {
        let (near, busy) = (patterns(cover.within), cover.busy());
        let bounds = self.moves.map_or(MoveBounds::NONE, |limits| limits.bounds());
        let checked = "shares and times were checked when the policy was read";
        match &self.rule {
            RelocationRule::OwnStation => Relocation::OwnStation,
            RelocationRule::Dmexclp => {
                Relocation::Dmexclp(Dmexclp::new(near, busy, n_units).expect(checked))
            }
            RelocationRule::Redeploy { patience } => {
                let rule = Redeployment::new(near, busy, n_units, minutes(*patience), bounds);
                Relocation::Redeploy(rule.expect(checked))
            }
            RelocationRule::Nested => {
                let n = n_units.min(NESTED_MAX);
                Relocation::Table(ComplianceTable::nested(&near, busy, n, bounds).expect(checked))
            }
            RelocationRule::Multi { slack_percent } => {
                let (slack, n) = (f64::from(*slack_percent) / 100.0, n_units.min(MULTI_MAX));
                let table = ComplianceTable::multi(&near, busy, slack, n, bounds);
                Relocation::Table(table.expect(checked))
            }
            RelocationRule::List { stations } => {
                let listed: Vec<usize> = if stations.is_empty() {
                    filling_order(&near, busy, n_units).expect(checked)
                } else {
                    stations.iter().filter_map(station).collect()
                };
                let list = PostingList::new(listed, near.n_stations());
                Relocation::List(list.expect("its stations are the city's"))
            }
            RelocationRule::DoubleStandard { far_within, share_percent, minute_ppm } => {
                Relocation::DoubleStandard(DoubleStandard {
                    near,
                    far: patterns(*far_within),
                    share: f64::from(*share_percent) / 100.0,
                    per_minute: f64::from(*minute_ppm) / 1e6,
                    bounds,
                })
            }
        }
    }
}
