//! The rules of a policy as its file names them.

use std::sync::Arc;

use ems_model::Millis;
use serde::Deserialize;

use crate::dispatch::Dispatch;
use crate::diversion::{Diversions, RankTooHigh};
use crate::error::list;
use crate::exchange::Exchange;
use crate::relocation::{CoverPatterns, Dmexclp, Relocation};
use crate::relocation_policy::minutes;
use crate::rollout::Rollout;
use crate::survival::SurvivalCurves;
use crate::text::secs;
use crate::weighing::{Weighing, Worth};

/// Which of the units that may be sent is sent.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "DispatchInFile")]
pub struct DispatchPolicy {
    /// The rule.
    pub rule: UnitRule,
}

/// A rule that orders units.
#[derive(Debug, Clone, PartialEq)]
pub enum UnitRule {
    /// By its own time and cover.
    Pick(Dispatch),
    /// By what it costs all calls at hand.
    Weigh(Weighing),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DispatchInFile {
    /// By its name with its version: `closest-unit/1`.
    rule: String,
    /// What a minute of response costs where calls are weighed, thousandths of a late call or, by
    /// a curve of survival, of a life.
    minute_permille: Option<u16>,
}

/// When a freed unit is proposed for a call that another one drives to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangePolicy {
    /// The least time that the call gains, 1 s or more.
    #[serde(rename = "gain_s", deserialize_with = "secs")]
    pub gain: Millis,
}

/// How far ahead is looked before a unit is recommended, and what is assumed of calls to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookAheadPolicy {
    /// Futures that each trial is played on, 2..=1000.
    pub n_futures: u32,
    /// How long each lasts.
    #[serde(rename = "horizon_s", deserialize_with = "secs")]
    pub horizon: Millis,
    /// Units that are tried: the first by the rule of dispatch.
    pub n_trials: usize,
    /// Units that are played: those nearest to the call.
    pub n_units: usize,
    /// Calls come as often as in so long before.
    #[serde(rename = "learn_s", deserialize_with = "secs")]
    pub learn: Millis,
    /// From a call's ringing to a unit's being sent.
    #[serde(rename = "delay_s", deserialize_with = "secs")]
    pub delay: Millis,
    /// A unit's time on scene.
    #[serde(rename = "scene_s", deserialize_with = "secs")]
    pub scene: Millis,
    /// From leaving a scene to the hospital's door.
    #[serde(rename = "transport_s", deserialize_with = "secs")]
    pub transport: Millis,
    /// From the hospital's door to being free.
    #[serde(rename = "hand_over_s", deserialize_with = "secs")]
    pub hand_over: Millis,
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

impl TryFrom<DispatchInFile> for DispatchPolicy {
    type Error = String;

    fn try_from(file: DispatchInFile) -> Result<Self, String> {
        let curves = SurvivalCurves::standard();
        let worth = |name: &str| match name {
            "least-late/1" => Some(Worth::InTime),
            name => {
                let curve = name.strip_prefix("survival-")?.strip_suffix("/1")?;
                curves.curve(curve).ok().map(Worth::Survival)
            }
        };
        let picks = [Dispatch::ClosestUnit, Dispatch::LeastCoverLost];
        let pick = picks.into_iter().find(|rule| rule.name() == file.rule);
        let rule = match (pick, worth(&file.rule), file.minute_permille) {
            (Some(_), _, Some(_)) => {
                return Err(format!("{} does without minute_permille: leave it out", file.rule));
            }
            (Some(rule), ..) => UnitRule::Pick(rule),
            (None, Some(_), None) => return Err("minute_permille is missing: write 20".into()),
            (None, Some(worth), Some(minute)) => {
                let per_minute = f64::from(minute) / 1000.0;
                UnitRule::Weigh(Weighing { worth, per_minute, per_cover: 0.0 })
            }
            (None, None, _) => {
                let survival = curves.names().map(|curve| format!("survival-{curve}/1"));
                let known = picks.map(|rule| rule.name().to_owned()).into_iter();
                let known: Vec<_> = known.chain(["least-late/1".into()]).chain(survival).collect();
                let (rule, known) = (file.rule, list(known.iter().map(String::as_str)));
                return Err(format!("rule \"{rule}\" is not one of {known}: choose one"));
            }
        };
        Ok(Self { rule })
    }
}

impl UnitRule {
    /// Its name with its version.
    pub fn name(&self) -> String {
        match self {
            Self::Pick(rule) => rule.name().to_owned(),
            Self::Weigh(weighing) => weighing.name(),
        }
    }

    /// Whether it looks at the cover that goes with a unit.
    pub fn weighs_cover(&self) -> bool {
        match self {
            Self::Pick(rule) => rule.weighs_cover(),
            Self::Weigh(weighing) => weighing.weighs_cover(),
        }
    }
}

impl LookAheadPolicy {
    /// The rule. Chances are those of the decision's number alone.
    pub fn rule(&self) -> Rollout {
        Rollout {
            n_futures: self.n_futures,
            horizon: minutes(self.horizon),
            n_trials: self.n_trials,
            n_pieces: self.n_units,
            seed: 1,
        }
    }

    /// From a unit's arrival on scene to when it is free.
    pub fn service(&self) -> Millis {
        self.scene + self.transport + self.hand_over
    }

    pub(crate) fn check(&self, rule: &UnitRule) -> Result<(), String> {
        if !matches!(rule, UnitRule::Weigh(_)) {
            let rule = rule.name();
            return Err(format!(
                "[look_ahead] wants a rule that weighs calls, not {rule}: write least-late/1"
            ));
        }
        if !(2..=1000).contains(&self.n_futures) {
            let n = self.n_futures;
            return Err(format!("n_futures {n} is outside 2..=1000: give some, as 32"));
        }
        Ok(())
    }
}

impl ExchangePolicy {
    /// The rule.
    pub fn rule(self) -> Exchange {
        Exchange { minutes_min: minutes(self.gain) }
    }

    pub(crate) fn check(self) -> Result<(), String> {
        if self.gain == Millis::ZERO {
            return Err("gain_s is 0: give 1 or more, for crews do not turn for nothing".into());
        }
        Ok(())
    }
}

impl CoverPolicy {
    /// What counts cover over these patterns, for at most `n_units` units.
    pub fn count(&self, patterns: Arc<CoverPatterns>, n_units: usize) -> Relocation {
        let dmexclp = Dmexclp::new(patterns, self.busy(), n_units);
        Relocation::Dmexclp(dmexclp.expect("the percentage was checked when the policy was read"))
    }

    /// The share of time that a unit is busy, 0..=1.
    pub fn busy(&self) -> f64 {
        f64::from(self.busy_percent) / 100.0
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
