//! A service's policy: its rules, penalties and limits, from one TOML file.
//!
//! A penalty is time added to a candidate's drive, so that "ten minutes nearer" and "better
//! equipped" are weighed on one scale. Every key is documented here and in
//! `data/dispatch/policies`; a key that is not known is refused.

use ems_model::Millis;
use serde::Deserialize;

use crate::crew_rules::CrewPolicy;
use crate::diversion::Diversions;
use crate::doctrine::{
    CoverPolicy, DispatchPolicy, Diversion, ExchangePolicy, LookAheadPolicy, allow_all,
};
use crate::relocation_policy::RelocationPolicy;
use crate::text::{Source, Text, check_name, check_texts, secs};

/// Which unit is sent, which may be turned round, where a freed one waits, and how units are
/// ranked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name with its version, as it is written into the log: `closest-eta/1`.
    pub name: String,
    /// What it does, for people.
    pub about: Text,
    /// Most passed-over candidates that a choice keeps, 1..=5.
    pub n_passed_over_max: usize,
    /// Which of the units that may be sent is sent.
    pub dispatch: DispatchPolicy,
    /// Where free units wait.
    pub relocation: RelocationPolicy,
    /// How cover is counted; a rule that weighs cover needs it.
    pub cover: Option<CoverPolicy>,
    /// When a freed unit is proposed for a call that another one drives to; `None`: never.
    pub exchange: Option<ExchangePolicy>,
    /// What is respected of crews and vehicles beside their shifts and rest; `None`: nothing.
    pub crews: Option<CrewPolicy>,
    /// How far ahead is looked before a unit is recommended; `None`: not at all.
    pub look_ahead: Option<LookAheadPolicy>,
    /// Between which priorities a unit under way may be turned round.
    #[serde(default)]
    pub diversions: Vec<Diversion>,
    /// How units are ranked.
    pub units: UnitPolicy,
    /// Where its figures come from.
    pub sources: Vec<Source>,
}

/// How units are ranked. Lower cost is better; cost is turning out, drive and penalties.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitPolicy {
    /// Priorities of this rank or more urgent count as urgent: capability matters less than time,
    /// and a resting crew may be sent.
    pub urgent_rank_max: u8,
    /// From being told to driving; added to every drive.
    #[serde(rename = "turn_out_s", deserialize_with = "secs")]
    pub turn_out: Millis,
    /// A position up to this age is trusted.
    #[serde(rename = "position_fresh_s", deserialize_with = "secs")]
    pub position_fresh: Millis,
    /// Penalty for a position older than that.
    #[serde(rename = "stale_position_s", deserialize_with = "secs")]
    pub stale_position: Millis,
    /// Penalty for no position at all; the drive is then from home.
    #[serde(rename = "no_position_s", deserialize_with = "secs")]
    pub no_position: Millis,
    /// Penalty for each step below the needed kind.
    #[serde(rename = "wrong_capability_s", deserialize_with = "secs")]
    pub wrong_capability: Millis,
    /// The same for an urgent call, where early hands count for more.
    #[serde(rename = "wrong_capability_urgent_s", deserialize_with = "secs")]
    pub wrong_capability_urgent: Millis,
    /// Penalty for each step above the needed kind; none for an urgent call.
    #[serde(rename = "more_than_needed_s", deserialize_with = "secs")]
    pub more_than_needed: Millis,
    /// Penalty for breaking a crew's rest, which only an urgent call may do.
    #[serde(rename = "crew_rest_s", deserialize_with = "secs")]
    pub crew_rest: Millis,
    /// Penalty where the shift ends before the call is expected to.
    #[serde(rename = "shift_ends_s", deserialize_with = "secs")]
    pub shift_ends: Millis,
    /// Penalty for taking a unit from another call, which only `diversions` may do.
    #[serde(rename = "diversion_s", deserialize_with = "secs")]
    pub diversion: Millis,
    /// An area is covered while another available unit reaches its station within this drive.
    #[serde(rename = "cover_limit_s", deserialize_with = "secs")]
    pub cover_limit: Millis,
    /// Penalty for leaving an area uncovered; none for an urgent call.
    #[serde(rename = "uncover_area_s", deserialize_with = "secs")]
    pub uncover_area: Millis,
}

/// How hospitals are ranked under every policy. Lower cost is better; cost is drive and penalties.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HospitalPolicy {
    /// Penalty for each capability that the patient needs and the hospital lacks.
    #[serde(rename = "lacks_capability_s", deserialize_with = "secs")]
    pub lacks_capability: Millis,
    /// Occupancy in percent from which a department counts as full, 50..=300.
    pub crowded_percent: u32,
    /// Score of the National Emergency Department Overcrowding Scale from which a department that
    /// tells its census counts as overcrowded, 20..=200; occupancy then counts for nothing.
    pub nedocs_limit: u32,
    /// Penalty for a full or overcrowded department.
    #[serde(rename = "crowded_s", deserialize_with = "secs")]
    pub crowded: Millis,
    /// More penalty for each whole 10 percent above `crowded_percent`.
    #[serde(rename = "crowded_each_10_percent_s", deserialize_with = "secs")]
    pub crowded_each_10_percent: Millis,
    /// More penalty for each whole 20 points above `nedocs_limit`.
    #[serde(rename = "overcrowded_each_20_points_s", deserialize_with = "secs")]
    pub overcrowded_each_20_points: Millis,
    /// A report of crowding up to this age is trusted.
    #[serde(rename = "crowding_fresh_s", deserialize_with = "secs")]
    pub crowding_fresh: Millis,
    /// Penalty for a department that has not reported within that.
    #[serde(rename = "crowding_unknown_s", deserialize_with = "secs")]
    pub crowding_unknown: Millis,
    /// Penalty for each capability that the hospital should have and lacks.
    #[serde(rename = "lacks_preferred_s", deserialize_with = "secs")]
    pub lacks_preferred: Millis,
    /// Penalty for each percent by which the chance after a stroke is less than at the best one.
    #[serde(rename = "stroke_each_percent_s", deserialize_with = "secs")]
    pub stroke_each_percent: Millis,
    /// Other patients who are announced to arrive within this time are counted.
    #[serde(rename = "expected_within_s", deserialize_with = "secs")]
    pub expected_within: Millis,
    /// From so many on they count against the hospital, 1 or more; a larger department takes one
    /// for each `expected_beds_each` of its treatment places.
    pub expected_from: u32,
    /// Treatment places for each patient to come, 1 or more.
    pub expected_beds_each: u32,
    /// Penalty for each of them from there on.
    #[serde(rename = "expected_each_s", deserialize_with = "secs")]
    pub expected_each: Millis,
    /// Where its figures come from.
    pub sources: Vec<Source>,
}

impl HospitalPolicy {
    pub(crate) fn check(&self) -> Result<(), String> {
        check_texts([], &self.sources)?;
        let percent = self.crowded_percent;
        if !(50..=300).contains(&percent) {
            return Err(format!("crowded_percent {percent} is outside 50..=300: 100 is full"));
        }
        let limit = self.nedocs_limit;
        if !(20..=200).contains(&limit) {
            return Err(format!("nedocs_limit {limit} is outside 20..=200: 100 is overcrowded"));
        }
        if self.expected_from == 0 || self.expected_beds_each == 0 {
            return Err("expected_from or expected_beds_each is 0: write 1 or more".into());
        }
        Ok(())
    }

    /// From how many patients to come on they count against a department of so many places.
    pub(crate) fn expected_limit(&self, beds: Option<u32>) -> u32 {
        self.expected_from.max(beds.unwrap_or(0) / self.expected_beds_each)
    }

    pub(crate) fn stroke_lost(&self, behind_permille: u16) -> Millis {
        Millis::new(self.stroke_each_percent.get() * i64::from(behind_permille) / 10)
    }
}

impl Policy {
    /// Between which priorities a unit under way may be turned round.
    pub fn diversions(&self) -> Diversions {
        allow_all(&self.diversions).expect("ranks were checked when the policy was read")
    }

    pub(crate) fn check(&self) -> Result<(), String> {
        check_texts([&self.about], &self.sources)?;
        check_name(&self.name)?;
        allow_all(&self.diversions).map_err(|error| error.to_string())?;
        self.check_cover()?;
        self.look_ahead.map_or(Ok(()), |ahead| ahead.check(&self.dispatch.rule))?;
        self.exchange.map_or(Ok(()), ExchangePolicy::check)?;
        self.crews.map_or(Ok(()), |crews| crews.check())?;
        if !(1..=5).contains(&self.n_passed_over_max) {
            let n = self.n_passed_over_max;
            return Err(format!("n_passed_over_max {n} is outside 1..=5: the log keeps five"));
        }
        Ok(())
    }

    fn check_cover(&self) -> Result<(), String> {
        match &self.cover {
            Some(cover) => cover.check(),
            None if self.dispatch.rule.weighs_cover() || self.relocation.rule.weighs_cover() => {
                Err("a rule weighs cover: add [cover] with within_s and busy_percent".into())
            }
            None => Ok(()),
        }
    }
}
