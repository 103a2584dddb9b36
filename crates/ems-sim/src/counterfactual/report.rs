//! What a replay reports. These types are its encoding, too: they exist to be written down.

use ems_model::{
    HospitalCandidate, HospitalId, IncidentId, Millis, NoUnit, Position, Priority, Timestamp,
    UnitCandidate, UnitId,
};
use serde::Serialize;

/// How far a rerun has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Calls taken so far.
    pub n_done: usize,
    /// Calls of the day, those before the reported span included.
    pub n_calls: usize,
}

/// A recorded day under another policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Counterfactual {
    /// The policy of the replay.
    pub policy: String,
    /// The policies that recorded units were sent under, in the order of their first use.
    pub recorded_policies: Vec<String>,
    /// When the first reported call was taken.
    pub from: Timestamp,
    /// When the log ends.
    pub until: Timestamp,
    /// All calls together.
    pub summary: ReplaySummary,
    /// How far the same engine under the recorded policies gives the log back.
    pub likeness: Likeness,
    /// Every reported call, in the order in which they were taken.
    pub calls: Vec<CallChange>,
}

/// A call as it was and as it would have been.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallChange {
    /// Its number in the log.
    pub incident: IncidentId,
    /// When it rang.
    pub rang_at: Timestamp,
    /// Where.
    pub position: Position,
    /// Its complaint card.
    pub complaint: String,
    /// Its last priority.
    pub priority: Priority,
    /// What the log says.
    pub recorded: Side,
    /// What the replay says.
    pub replayed: Side,
    /// Replayed less recorded response, milliseconds: below zero is sooner.
    pub response_change: Option<Millis>,
    /// The same of the time from ring to the hospital's door.
    pub door_change: Option<Millis>,
    /// The places of its run card at the first decision, as far as one of the two filled them.
    pub places: Vec<PlaceChange>,
    /// Whether one of these, its hospital or, by half a minute or more, its response differs.
    pub is_changed: bool,
    /// Why; empty where nothing differs.
    pub why: Vec<Why>,
    /// What the log does not tell of it: taken from the pathway, the policy or the map.
    pub assumed: Vec<Assumed>,
}

/// Who took a place of a call's run card, and who would have taken it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlaceChange {
    /// The place: `als`; empty for a unit that was sent without a run card.
    pub slot: String,
    /// The unit that the log sends at first; `None` for none.
    pub recorded: Option<UnitId>,
    /// The unit that the replay sends.
    pub replayed: Option<UnitId>,
    /// Why; empty where both are the same.
    pub why: Vec<Why>,
}

/// One of the two courses of a call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// The unit that was sent first.
    pub sent_first: Option<UnitId>,
    /// The unit that came, or was last on its way.
    pub unit: Option<UnitId>,
    /// When that one was sent.
    pub sent_at: Option<Timestamp>,
    /// Where it stood then; of a recorded unit only where the rerun under the recorded policies
    /// sends the same one.
    pub sent_from: Option<Position>,
    /// When the first unit was on scene.
    pub arrived_at: Option<Timestamp>,
    /// From ring to that, milliseconds.
    pub response: Option<Millis>,
    /// Whether that is beyond the priority's target; none where it has no target.
    pub is_late: Option<bool>,
    /// Where the patient was taken.
    pub hospital: Option<HospitalId>,
    /// When they were there.
    pub door_at: Option<Timestamp>,
}

/// Why a call went otherwise than recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// The policy prefers another unit, with these reasons.
    UnitPreferred {
        /// The unit that it sends.
        taken: UnitCandidate,
        /// The recorded one.
        instead_of: UnitCandidate,
    },
    /// A person overruled the recommendation, and the replay does not.
    OverruleNotRepeated {
        /// The unit or hospital that the person chose.
        chosen: String,
        /// Their reason.
        reason: String,
    },
    /// Knock-on: the recorded unit is with another call.
    Busy {
        /// It.
        unit: UnitId,
        /// That call.
        incident: IncidentId,
    },
    /// Knock-on: the unit that is sent was with another call in the log.
    Freed {
        /// It.
        unit: UnitId,
        /// That call.
        incident: IncidentId,
    },
    /// Knock-on: a unit stands elsewhere than it did.
    Elsewhere {
        /// It.
        unit: UnitId,
        /// The call that it was with before.
        after: Option<IncidentId>,
    },
    /// Knock-on: it waits for a free unit longer or less long.
    Waits,
    /// Its unit is taken from it for a more urgent call.
    LosesUnit,
    /// No unit is sent by the end of the log.
    NoUnit,
    /// The recorded unit may not be sent: off duty, at rest, or no road leads.
    MayNotBeSent {
        /// It, with what excludes it.
        unit: UnitCandidate,
    },
    /// Two units cost nearly the same, and the log does not keep where between two stations a
    /// driving unit was.
    NearTie {
        /// By how much the recorded one costs more.
        by: Millis,
    },
    /// The log shows a unit without a fresh position; in a replay each tells where it is.
    PositionWasOld {
        /// It.
        unit: UnitId,
    },
    /// Another hospital is chosen, with these reasons.
    HospitalPreferred {
        /// That one.
        taken: HospitalCandidate,
        /// The recorded one as it is weighed now.
        instead_of: Option<HospitalCandidate>,
    },
    /// Knock-on: the hospital is chosen at another time, when hospitals say otherwise.
    OtherTime,
    /// The recorded unit takes another place of the call's run card.
    OtherPlace {
        /// It.
        unit: UnitId,
        /// That place.
        slot: String,
    },
    /// A place that the log fills stays empty.
    PlaceEmpty {
        /// It.
        slot: String,
        /// The reason.
        reason: NoUnit,
    },
    /// A place that the log leaves empty is filled.
    PlaceFilled {
        /// It.
        slot: String,
        /// By this unit.
        unit: UnitId,
    },
}

impl PlaceChange {
    /// Whether the two sent different units, or one sent none.
    pub fn differs(&self) -> bool {
        self.recorded != self.replayed
    }
}

impl Why {
    /// Whether it comes from an earlier difference.
    pub fn is_knock_on(&self) -> bool {
        matches!(
            self,
            Self::Busy { .. }
                | Self::Freed { .. }
                | Self::Elsewhere { .. }
                | Self::Waits
                | Self::OtherTime
        )
    }

    /// Its name, as it is written down.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnitPreferred { .. } => "unit_preferred",
            Self::OverruleNotRepeated { .. } => "overrule_not_repeated",
            Self::Busy { .. } => "busy",
            Self::Freed { .. } => "freed",
            Self::Elsewhere { .. } => "elsewhere",
            Self::Waits => "waits",
            Self::LosesUnit => "loses_unit",
            Self::NoUnit => "no_unit",
            Self::MayNotBeSent { .. } => "may_not_be_sent",
            Self::NearTie { .. } => "near_tie",
            Self::PositionWasOld { .. } => "position_was_old",
            Self::HospitalPreferred { .. } => "hospital_preferred",
            Self::OtherTime => "other_time",
            Self::OtherPlace { .. } => "other_place",
            Self::PlaceEmpty { .. } => "place_empty",
            Self::PlaceFilled { .. } => "place_filled",
        }
    }
}

/// What a log may not tell of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Assumed {
    /// The policy's time from being told to driving.
    TurnOut,
    /// The roads' time to the scene as it is.
    DriveToScene,
    /// The pathway's time on scene.
    OnScene,
    /// The roads' time to the hospital as it is.
    DriveToHospital,
    /// The pathway's time at the hospital.
    HandOver,
    /// A hospital that was not asked takes the patient.
    HospitalTakesPatient,
}

impl Assumed {
    /// Its name, as it is written down.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TurnOut => "turn_out",
            Self::DriveToScene => "drive_to_scene",
            Self::OnScene => "on_scene",
            Self::DriveToHospital => "drive_to_hospital",
            Self::HandOver => "hand_over",
            Self::HospitalTakesPatient => "hospital_takes_patient",
        }
    }
}

/// All calls together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplaySummary {
    /// Reported calls.
    pub n_calls: usize,
    /// Of these, with another first unit.
    pub n_other_unit: usize,
    /// Of these, with another hospital.
    pub n_other_hospital: usize,
    /// Calls that differ.
    pub n_changed: usize,
    /// Of these, for an earlier difference.
    pub n_knock_on: usize,
    /// Calls that a unit reached both times: of them are the times below.
    pub n_compared: usize,
    /// Median response, recorded and replayed.
    pub response_median: Option<[Millis; 2]>,
    /// Mean response, recorded and replayed.
    pub response_mean: Option<[Millis; 2]>,
    /// Mean of the paired changes, seconds: below zero is sooner.
    pub response_change_s: Option<Interval>,
    /// Compared calls whose priority has a target.
    pub n_judged: usize,
    /// Of these, beyond it: recorded and replayed.
    pub n_late: [usize; 2],
    /// Change of the late share, percentage points: below zero is better.
    pub late_change_points: Option<Interval>,
    /// Who would have been reached soonest against the log, most first; five at most.
    pub gained: Vec<IncidentId>,
    /// Who would have waited longest against the log, most first; five at most.
    pub lost: Vec<IncidentId>,
    /// Recorded units and hospitals that a person chose otherwise than recommended.
    pub n_overruled: usize,
    /// Posts that a person chose otherwise than the policy.
    pub n_posts_overruled: u32,
    /// Places of run cards that the log or the replay fills at the first decision.
    pub n_places: usize,
    /// Of these, with another unit or none.
    pub n_other_places: usize,
    /// Commands of the recorded course that the replay's centre refused.
    pub n_refused: u32,
}

/// An estimate with the middle 95 % of what the same hours, drawn again, give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Of the day as it is.
    pub estimate: f64,
    /// 2.5 % of the draws are below; none where the day has one hour only.
    pub ends: Option<[f64; 2]>,
}

/// How far a rerun under the recorded policies gives the log back: what a replay of another policy
/// differs by is to be trusted no further.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Likeness {
    /// First units that the log and the rerun both sent.
    pub n_units: usize,
    /// Of these, the same.
    pub n_same_units: usize,
    /// Places of run cards that either fills at the first decision.
    pub n_places: usize,
    /// Of these, with the same unit.
    pub n_same_places: usize,
    /// Last hospitals that both chose.
    pub n_hospitals: usize,
    /// Of these, the same.
    pub n_same_hospitals: usize,
    /// Median of how far responses are off, either way.
    pub response_off: Option<Millis>,
    /// Policies of the log that this version does not have; the first of its own stands in.
    pub unknown_policies: Vec<String>,
    /// Why decisions differ: the first reason of each such call, with how many calls have it.
    pub causes: Vec<(&'static str, usize)>,
    /// What ways home take over the roads' times under way to a call.
    pub homeward: f64,
    /// Ways home that this was learnt from; none: the roads' own times.
    pub n_homeward: usize,
}
