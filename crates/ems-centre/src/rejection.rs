//! Why the centre did not do what it was asked.

use ems_model::{
    HospitalId, IncidentId, InvalidName, Millis, StationId, Timestamp, TransitionError, UnitId,
};

use crate::major::MajorRefusal;

/// Who changed something last, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastChange {
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// What they did, as the command is called: `assign_unit`.
    pub what: &'static str,
}

/// A command that changed nothing, and why.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    /// A field is longer than the log takes, or empty.
    #[error("{field} has {bytes} bytes, outside {min}..={max}: shorten or fill it")]
    Length {
        /// Which field.
        field: &'static str,
        /// Its length.
        bytes: usize,
        /// The least.
        min: usize,
        /// The most.
        max: usize,
    },
    /// A text of nothing but spaces.
    #[error("{field} is blank: say it in words")]
    Blank {
        /// Which field.
        field: &'static str,
    },
    /// There is no such thing.
    #[error("there is no {subject} {id}: look it up in /api/state")]
    Unknown {
        /// What was named: `incident`, `unit`, ...
        subject: &'static str,
        /// The name.
        id: String,
    },
    /// The key belongs to another command, which is done.
    #[error(
        "key \"{key}\" was given to another command, done at event {seq}, and this one is not done: give each command a key of its own"
    )]
    KeyTaken {
        /// The key.
        key: String,
        /// The last event of the command that has it.
        seq: u64,
    },
    /// Somebody changed the incident first.
    #[error(
        "incident {incident} is at version {actual}, not {expected}: {} did {} first; look again and decide again",
        won_by.actor, won_by.what
    )]
    Conflict {
        /// Which incident.
        incident: IncidentId,
        /// The version that was seen.
        expected: u32,
        /// The version that it has.
        actual: u32,
        /// Who was first.
        won_by: LastChange,
    },
    /// Somebody sent the unit first.
    #[error(
        "unit {unit} is with incident {incident}: {} sent it first; choose another unit",
        won_by.actor
    )]
    UnitTaken {
        /// Which unit.
        unit: UnitId,
        /// Where it is.
        incident: IncidentId,
        /// Who was first.
        won_by: LastChange,
    },
    /// The lifecycle does not allow it.
    #[error(transparent)]
    IllegalStep(#[from] TransitionError),
    /// The unit reported a step of a call that it is no longer on.
    #[error("unit {unit} is not with incident {incident}: send only steps of its present call")]
    NotItsCall {
        /// Which unit.
        unit: UnitId,
        /// The call that was named.
        incident: IncidentId,
    },
    /// The position is nowhere near a road of this city.
    #[error(transparent)]
    OffMap(#[from] ems_roads::OffMap),
    /// The complaint card does not take this.
    #[error(transparent)]
    Card(#[from] ems_dispatch::CardError),
    /// A person must say why.
    #[error("{subject} {id} is number {rank}, after {best}: give the reason in \"overrule\"")]
    OverruleNeedsReason {
        /// `unit` or `hospital`.
        subject: &'static str,
        /// The one that was chosen.
        id: String,
        /// Its place.
        rank: u32,
        /// The one that the policy prefers.
        best: String,
    },
    /// A lower urgency than the card suggests.
    #[error("priority {code} is less urgent than the suggested {suggested}: triage with a reason")]
    DowngradeNeedsReason {
        /// What was given.
        code: String,
        /// What the card suggests.
        suggested: String,
    },
    /// No road leads from the scene to the hospital.
    #[error(
        "no road leads from incident {incident} to hospital {hospital}: choose another hospital"
    )]
    NoRoad {
        /// Which hospital.
        hospital: HospitalId,
        /// Which incident.
        incident: IncidentId,
    },
    /// The unit is in service already.
    #[error("unit {unit} is on duty: sign it off first")]
    OnDuty {
        /// Which unit.
        unit: UnitId,
    },
    /// The unit cannot be sent now.
    #[error("unit {unit} cannot be sent to incident {incident}: {why}; choose another unit")]
    NotEligible {
        /// Which unit.
        unit: UnitId,
        /// To which incident.
        incident: IncidentId,
        /// Why.
        why: &'static str,
    },
    /// No unit is on it yet.
    #[error("incident {incident} has no unit: send one before choosing a hospital")]
    NoUnit {
        /// Which incident.
        incident: IncidentId,
    },
    /// The hospital does not expect this patient.
    #[error("hospital {hospital} does not expect incident {incident}: choose it first")]
    NotExpected {
        /// Which hospital.
        hospital: HospitalId,
        /// Which incident.
        incident: IncidentId,
    },
    /// The hospital has refused this patient.
    #[error("hospital {hospital} has diverted incident {incident}: choose another hospital")]
    Diverted {
        /// Which hospital.
        hospital: HospitalId,
        /// Which incident.
        incident: IncidentId,
    },
    /// No remote care was proposed.
    #[error("no remote care is proposed for incident {incident}: ask for a recommendation first")]
    NoRemoteCare {
        /// Which incident.
        incident: IncidentId,
    },
    /// A time that cannot be.
    #[error("{field} is {off} away from the centre's clock, more than {limit}: set the clock")]
    Clock {
        /// Which field.
        field: &'static str,
        /// How far off.
        off: Millis,
        /// How far is allowed.
        limit: Millis,
    },
    /// An end that is past, or too far off to be meant.
    #[error("{field} is {off} from now, outside 0:00..={limit} min:s: give a time to come, in µs")]
    Ahead {
        /// Which field.
        field: &'static str,
        /// How far off; negative where it is past.
        off: Millis,
        /// How far is allowed.
        limit: Millis,
    },
    /// A call that was picked up before it rang.
    #[error("answered_at is {by} before rang_at: correct one of them")]
    AnsweredBeforeRing {
        /// By how much.
        by: Millis,
    },
    /// A count outside what it can be.
    #[error("{field} {value} is outside {min}..={max}: correct it")]
    Range {
        /// Which field.
        field: &'static str,
        /// What came.
        value: i64,
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// There is no such policy.
    #[error(transparent)]
    Policy(#[from] ems_dispatch::UnknownPolicy),
    /// A person must say why a unit is to wait elsewhere than the policy says.
    #[error(
        "unit {unit} is to wait at station {best} by the policy, not at {station}: give the reason in \"overrule\""
    )]
    PostNeedsReason {
        /// Which unit.
        unit: UnitId,
        /// The station that was chosen.
        station: StationId,
        /// The one that the policy prefers.
        best: StationId,
    },
    /// The policy is in force already.
    #[error("policy {policy} is in force already: nothing was switched")]
    PolicyInForce {
        /// Which.
        policy: String,
    },
    /// Findings name a criterion that the data do not.
    #[error(transparent)]
    Criterion(#[from] ems_dispatch::UnknownCriterion),
    /// Something was not done at a major incident.
    #[error(transparent)]
    Major(#[from] MajorRefusal),
    /// A unit that cannot be lent.
    #[error(
        "unit {unit} cannot be lent: name a free unit of this centre, or to extend a loan one of it"
    )]
    NotLent {
        /// Which unit.
        unit: UnitId,
    },
    /// A name that no unit can have.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// A person must say why other units than the run card's are sent.
    #[error(
        "these units are not what run card {card} asks for now, which is {units}: send those, or give the reason in \"overrule\""
    )]
    ResponseNeedsReason {
        /// The run card.
        card: String,
        /// The units that it would get, in the order of its places.
        units: String,
    },
    /// A unit that is not on scene says who is needed there.
    #[error(
        "unit {unit} is not on scene of incident {incident}: only a crew there, that stays, tells who is not needed"
    )]
    NotOnScene {
        /// Which unit.
        unit: UnitId,
        /// Which incident.
        incident: IncidentId,
    },
    /// A unit that is with the patient is called off by its own crew only.
    #[error("unit {unit} is with the patient of incident {incident}: its crew hands care on first")]
    WithPatient {
        /// Which unit.
        unit: UnitId,
        /// Which incident.
        incident: IncidentId,
    },
    /// No such alarm waits for acknowledgement.
    #[error(
        "unit {unit} tells no such alarm of incident {incident} that nobody knows of: look again"
    )]
    NoAlarm {
        /// Which incident.
        incident: IncidentId,
        /// Which unit.
        unit: UnitId,
    },
    /// As many photos and measurements of an incident as are kept.
    #[error(
        "incident {incident} has {max} photos and measurements already: keep the important ones"
    )]
    TooManyPhotos {
        /// Which incident.
        incident: IncidentId,
        /// The limit.
        max: usize,
    },
}

impl Rejection {
    /// The word for it in the API's error answer.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } | Self::Range { .. } | Self::Blank { .. } => "malformed",
            Self::Unknown { .. } => "unknown",
            Self::Conflict { .. } | Self::UnitTaken { .. } => "conflict",
            Self::IllegalStep(_) | Self::NotItsCall { .. } => "illegal_step",
            _ => "refused",
        }
    }

    /// Who was first, where somebody was.
    pub fn won_by(&self) -> Option<&LastChange> {
        match self {
            Self::Conflict { won_by, .. } | Self::UnitTaken { won_by, .. } => Some(won_by),
            _ => None,
        }
    }
}
