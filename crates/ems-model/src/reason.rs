//! Why a unit or a hospital is, or is not, the one to choose.

use serde::{Deserialize, Serialize};

use crate::{
    HospitalCapability, HospitalId, IncidentId, Millis, StationId, Timestamp, UnitId, UnitKind,
};

/// Something that speaks for or against sending a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum UnitReason {
    /// For: no unit gets there sooner.
    Nearest,
    /// For: it arrives within the priority's target.
    WithinTarget {
        /// Its drive.
        eta: Millis,
        /// The target.
        target: Millis,
    },
    /// For: it can do what the complaint needs.
    RightCapability {
        /// What it can do.
        has: UnitKind,
    },
    /// Against: it arrives after the priority's target.
    TooFar {
        /// Its drive.
        eta: Millis,
        /// The target.
        target: Millis,
    },
    /// Against, at no cost: it is expected within the priority's target, and may miss it.
    MayBeLate {
        /// One in ten such drives takes longer.
        last: Millis,
        /// The target.
        target: Millis,
    },
    /// Against: the complaint needs more.
    WrongCapability {
        /// What it can do.
        has: UnitKind,
        /// What is needed.
        needs: UnitKind,
    },
    /// Against: more than is needed, and others may need it.
    MoreThanNeeded {
        /// What it can do.
        has: UnitKind,
        /// What is needed.
        needs: UnitKind,
    },
    /// Against: nobody knows where it is now.
    StalePosition {
        /// The age of its last position.
        age: Millis,
        /// The age that is trusted.
        limit: Millis,
    },
    /// Against: it has reported no position; its home is assumed.
    NoPosition,
    /// Against: its crew has a protected break.
    CrewRest {
        /// Until when.
        until: Timestamp,
    },
    /// Against: its crew's shift ends during the call.
    ShiftEnds {
        /// When.
        at: Timestamp,
    },
    /// Against: no other unit is left near its station.
    WouldUncoverArea {
        /// The station.
        station: StationId,
        /// The next unit's drive to it; `None` if there is no other.
        next_cover: Option<Millis>,
    },
    /// Excluded: busy.
    Busy {
        /// With this call.
        incident: IncidentId,
    },
    /// Excluded: not in service.
    OffDuty,
    /// Excluded: no road leads there.
    Unreachable,
    /// Against: it drives to another call, which would wait for another unit.
    DivertedFrom {
        /// That call.
        incident: IncidentId,
        /// The rank of its priority, 1 the most urgent.
        rank: u8,
    },
    /// Against, where the policy weighs it: expected cover that goes with it.
    CoverLost {
        /// The share of all demand, millionths.
        share_ppm: u32,
    },
    /// Lent to another centre.
    Lent {
        /// Until when.
        until: Timestamp,
    },
    /// For: it takes a place that the call's run card has for it.
    Fills {
        /// The place: `als`.
        slot: String,
    },
    /// Against: it takes no patient to hospital.
    CannotTransport,
    /// Excluded: the call's run card has no place for its kind.
    NotOnRunCard {
        /// The run card.
        card: String,
    },
    /// Excluded: it flies, and not as far.
    OutOfRange {
        /// The way to the scene, in a straight line.
        metres: u32,
        /// How far it flies.
        limit: u32,
    },
    /// Against, at no cost: it flies, and nobody has told how the wind blows.
    WindUnknown {
        /// The strongest wind that it flies in, metres a second.
        limit: u32,
    },
    /// Where the policy weighs calls: what sending it costs this call and the one that it leaves,
    /// with a price on minutes.
    Harm {
        /// What is counted.
        measure: HarmMeasure,
        /// How much of it, thousandths.
        milli: i32,
    },
    /// Against: the call that it leaves is reached later.
    CallLoses {
        /// That call.
        incident: IncidentId,
        /// From its ringing to the arrival of this unit.
        now: Millis,
        /// From its ringing to the arrival of the next free unit; `None` where none is free.
        then: Option<Millis>,
    },
    /// Calls that would be late with it sent, in the mean of sampled futures.
    LookAhead {
        /// How many, thousandths, this call and the one that it leaves included.
        late_milli: i32,
        /// By how much fewer than with the unit that the rule names first, thousandths.
        fewer_milli: i32,
        /// The standard error of that difference, thousandths.
        error_milli: i32,
        /// How many futures there were.
        n_futures: u32,
    },
    /// Against: its crew is owed a break.
    MealDue {
        /// When the break is missed.
        closes: Timestamp,
    },
    /// Excluded: its vehicle has no more than the reserve left.
    RangeLow {
        /// What is left, kilometres.
        left_km: u32,
        /// The reserve, kilometres.
        reserve_km: u32,
    },
}

/// What a policy counts when it weighs calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HarmMeasure {
    /// Calls that are reached late.
    LateCalls,
    /// Patients of the most urgent priority who die, as a curve of survival has it, and beside
    /// them a
    /// twentieth for each late call of another priority.
    Lives,
}

/// Something that speaks for or against a station where a free unit is to wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum PostReason {
    /// For: expected cover that the unit adds there.
    CoverGained {
        /// The share of all demand, millionths.
        share_ppm: u32,
    },
    /// For: it is its home, and the policy moves no units.
    Home,
    /// For its home: its crew has a protected break.
    CrewRest {
        /// Until when.
        until: Timestamp,
    },
    /// For its home: its crew's shift ends soon.
    ShiftEnds {
        /// When.
        at: Timestamp,
    },
    /// Against: the policy would have it wait elsewhere.
    BetterAt {
        /// The station that the policy names.
        station: StationId,
        /// Expected cover that the unit would add there, share of all demand, millionths; `None`
        /// where the policy names it for another reason.
        share_ppm: Option<u32>,
    },
    /// For: the compliance table has a unit there when so many are free.
    TableWants {
        /// How many are free, this one included.
        n_free: u32,
    },
    /// For: it is the first station of the priority list that lacks a unit.
    ListWants,
    /// For: it waited there before, and the policy lacks a unit nowhere else.
    Stays,
    /// For: the move adds so much expected cover, drives counted.
    MoveGains {
        /// The share of all demand, millionths.
        share_ppm: u32,
    },
    /// For: the move brings the dynamic double standard nearer, its drive counted.
    StandardGains,
    /// Against: an idle unit is moved, and drives so long.
    Moved {
        /// The drive.
        drive: Millis,
    },
    /// For its home: its vehicle is refilled there, and has no more than the reserve left.
    RangeLow {
        /// What is left, kilometres.
        left_km: u32,
        /// The reserve, kilometres.
        reserve_km: u32,
    },
    /// Its crew is owed a break, which begins where it waits.
    MealDue {
        /// When the break is missed.
        closes: Timestamp,
    },
}

/// Something that speaks for or against a hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum HospitalReason {
    /// For: no suitable hospital is nearer.
    Nearest,
    /// For: it has what the patient needs.
    HasCapability {
        /// What.
        capability: HospitalCapability,
    },
    /// Against: it lacks what the patient needs.
    LacksCapability {
        /// What.
        capability: HospitalCapability,
    },
    /// Against: the drive is longer than the time window.
    TooFar {
        /// The drive.
        drive: Millis,
        /// The window.
        window: Millis,
    },
    /// Against, at no cost: the drive is expected within the time window, and may miss it.
    MayBeTooFar {
        /// One in ten such drives takes longer.
        last: Millis,
        /// The window.
        window: Millis,
    },
    /// Against: it is full.
    Crowded {
        /// Occupancy in percent.
        percent: u32,
        /// Occupancy that counts as full.
        limit: u32,
    },
    /// Against: it is overcrowded by the National Emergency Department Overcrowding Scale.
    Overcrowded {
        /// Its score, rounded.
        nedocs: u32,
        /// The score that counts as overcrowded.
        limit: u32,
    },
    /// Against: it has not said lately how full it is.
    CrowdingUnknown,
    /// Excluded: it asks to be passed by.
    Diverting {
        /// Why.
        why: String,
    },
    /// Excluded: it has refused this patient.
    Refused {
        /// Why.
        why: String,
    },
    /// Excluded: no road leads there.
    Unreachable,
    /// For where `behind_permille` is 0, else against: what a patient with a suspected stroke may
    /// hope for on the best way that begins there.
    StrokeOutlook {
        /// Where the patient is taken on to for thrombectomy.
        then: Option<HospitalId>,
        /// From last known well to thrombolysis; `None` past its limit.
        to_needle: Option<Millis>,
        /// From last known well to groin puncture; `None` past its limit or on a way without one.
        to_puncture: Option<Millis>,
        /// The chance of living on without needing help, per mille.
        chance_permille: u16,
        /// How much less that is than at the best hospital; 0 where the two count as equal.
        behind_permille: u16,
    },
    /// For where no hospital is sooner but by its drive, else against: when a stroke's treatments
    /// begin there, counted from leaving the scene, since nobody knows when the patient was last
    /// well, or one of the signs.
    StrokeTimes {
        /// Where the patient is taken on to for thrombectomy.
        then: Option<HospitalId>,
        /// To thrombolysis, if the hospital finds that it may be given.
        to_needle: Millis,
        /// To groin puncture; `None` on a way without one.
        to_puncture: Option<Millis>,
    },
    /// For where no hospital is sooner but by its drive, else against: how a heart attack's vessel
    /// is opened on the best way that begins there.
    Reperfusion {
        /// Where the patient is taken on to.
        then: Option<HospitalId>,
        /// How.
        how: ReperfusionKind,
        /// From the diagnosis to the wire; `None` where the way leads to no laboratory.
        to_wire: Option<Millis>,
        /// From the diagnosis to the bolus, where lysis comes first.
        to_bolus: Option<Millis>,
        /// The time that is to be met: to the bolus where lysis comes first, else to the wire.
        goal: Millis,
        /// The time to the wire that counts as much.
        counts_as: Millis,
    },
    /// For: it has what the patient should have where that costs little time.
    HasPreferred {
        /// What.
        capability: HospitalCapability,
    },
    /// Against: it lacks that.
    LacksPreferred {
        /// What.
        capability: HospitalCapability,
    },
    /// Against: other patients are on the way there.
    ManyExpected {
        /// How many.
        n: u32,
        /// From so many on it counts.
        limit: u32,
        /// Those who are to arrive within this time.
        within: Millis,
    },
}

/// How a heart attack's vessel is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReperfusionKind {
    /// In the catheter laboratory within the longest time.
    PrimaryPci,
    /// By lysis first.
    Lysis,
    /// In the laboratory, too late for the longest time, since lysis cannot be had.
    LatePci,
}

/// A unit that was weighed for an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnitCandidate {
    /// The unit.
    pub unit: UnitId,
    /// What it can do.
    pub kind: UnitKind,
    /// Its drive to the scene by road, turning out included; `None` where no road leads.
    pub eta: Option<Millis>,
    /// Between which times four of five such drives end, turning out included; `None` where the
    /// city has not learnt how far its drives spread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely: Option<[Millis; 2]>,
    /// What the policy ranks by: the drive plus penalties, milliseconds; lower is better.
    pub cost: i64,
    /// Whether it can be sent at all.
    pub is_eligible: bool,
    /// What speaks for it.
    pub pros: Vec<UnitReason>,
    /// What speaks against it.
    pub cons: Vec<UnitReason>,
}

/// A hospital that was weighed for a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HospitalCandidate {
    /// The hospital.
    pub hospital: HospitalId,
    /// The drive by road from the scene, or from where the unit is once the patient is on board;
    /// `None` where no road leads.
    pub drive: Option<Millis>,
    /// Between which times four of five such drives end; `None` where the city has not learnt how
    /// far its drives spread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub likely: Option<[Millis; 2]>,
    /// What the policy ranks by: the drive plus penalties, milliseconds; lower is better.
    pub cost: i64,
    /// Whether it is suitable: reachable in the window, able and willing.
    pub is_suitable: bool,
    /// What speaks for it.
    pub pros: Vec<HospitalReason>,
    /// What speaks against it.
    pub cons: Vec<HospitalReason>,
}

/// Why an incident's patient should be cared for with a remote expert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum RemoteCareReason {
    /// No hospital with what the patient needs can be reached in the window.
    NoSuitableHospital {
        /// What the patient needs.
        needs: Vec<HospitalCapability>,
        /// The window.
        window: Millis,
        /// The drive to the nearest able hospital; `None` if there is none.
        nearest: Option<Millis>,
    },
}

/// What was on the table when a person chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice<T> {
    /// The policy that ranked, with its version: `closest-eta/1`.
    pub policy: String,
    /// The place of the chosen one, from 1.
    pub rank: u32,
    /// The chosen one as it was weighed.
    pub chosen: T,
    /// Better-ranked and next candidates that were passed over, best first, five at most.
    pub passed_over: Vec<T>,
    /// Why the person chose otherwise than the policy.
    pub overrule: Option<String>,
}
