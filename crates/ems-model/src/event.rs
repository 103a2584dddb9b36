//! What has happened: the language of the centre's log.

use serde::{Deserialize, Serialize};

use crate::{
    AidEvent, Alarm, AlarmKind, Call, CameraFinding, Choice, ClockOffset, CrewId, Crowding, Doors,
    Findings, HospitalCandidate, HospitalId, IncidentId, MajorEvent, Millis, Outcome, PatientId,
    Position, PostReason, Priority, ReceptionAnswer, RemoteCareReason, Seen, StationId, Surge,
    Task, TaskId, TaskStep, Timestamp, UnitCandidate, UnitId, UnitKind, UnitStep,
};

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recorded {
    /// Its place, from 1 without gaps.
    pub seq: u64,
    /// When it happened, by the clock of who saw it.
    pub occurred_at: Timestamp,
    /// When the centre recorded it, by the centre's clock.
    pub recorded_at: Timestamp,
    /// Who caused it.
    pub actor: String,
    /// The key of the command that caused it; `None` where time itself did.
    pub key: Option<String>,
    /// What happened.
    pub event: Event,
}

impl Recorded {
    /// When it happened by the centre's clock, and how surely.
    pub fn seen(&self) -> Seen {
        match &self.event {
            Event::AlarmReported { clock, .. } => Seen::elsewhere(self.occurred_at, *clock),
            _ => Seen::here(self.occurred_at),
        }
    }

    /// The unit by whose clock it was told; `None` where that is the centre's.
    pub fn told_by(&self) -> Option<&UnitId> {
        match &self.event {
            Event::AlarmReported { unit, .. } => Some(unit),
            _ => None,
        }
    }
}

/// Which way a unit is driving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// To the scene.
    ToScene,
    /// To the hospital.
    ToHospital,
}

/// Why an expected time of arrival is what it now is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum EtaCause {
    /// A first estimate.
    Planned,
    /// The unit's position shows it earlier or later.
    PositionReported,
    /// The roads are slower, faster, closed or open again.
    TrafficChanged,
    /// The unit took a step.
    StepTaken {
        /// Which.
        step: UnitStep,
    },
    /// Care on scene lasts longer than planned.
    SceneTimeOverrun {
        /// How long it has lasted.
        on_scene: Millis,
    },
}

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// A unit started its shift.
    UnitSignedOn {
        /// Its call sign.
        unit: UnitId,
        /// What it can do.
        kind: UnitKind,
        /// Where it waits.
        home: Position,
        /// The station there.
        station: Option<StationId>,
        /// Who is on board.
        crew: CrewId,
        /// When their shift ends.
        shift_until: Timestamp,
    },
    /// A unit ended its shift.
    UnitSignedOff {
        /// Which.
        unit: UnitId,
    },
    /// A crew started a protected break.
    CrewRested {
        /// Whose.
        unit: UnitId,
        /// Until when.
        until: Timestamp,
    },
    /// A crew's break ended.
    CrewRestEnded {
        /// Whose.
        unit: UnitId,
    },
    /// A call was taken.
    CallReceived {
        /// The incident it opened.
        incident: IncidentId,
        /// Its patient.
        patient: PatientId,
        /// What the caller told.
        call: Call,
        /// The priority that the card suggests.
        suggested: Priority,
        /// The rules of the card that led there.
        because: Vec<String>,
    },
    /// An incident was given a priority.
    IncidentTriaged {
        /// Which.
        incident: IncidentId,
        /// Its priority.
        priority: Priority,
        /// What was suggested.
        suggested: Priority,
        /// Why it differs, where it does.
        reason: Option<String>,
    },
    /// A unit was sent.
    UnitAssigned {
        /// To which incident.
        incident: IncidentId,
        /// Which unit.
        unit: UnitId,
        /// What was on the table.
        choice: Choice<UnitCandidate>,
    },
    /// A crew reported a step.
    UnitStepped {
        /// Which unit.
        unit: UnitId,
        /// In which incident.
        incident: IncidentId,
        /// What it did.
        step: UnitStep,
    },
    /// An expected time of arrival is new or has moved.
    EtaRevised {
        /// Of which incident.
        incident: IncidentId,
        /// Of which unit.
        unit: UnitId,
        /// On which leg.
        leg: Leg,
        /// The expected arrival.
        eta: Timestamp,
        /// Between which times four of five such drives end; `None` where the city has not learnt
        /// how far its drives spread.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        likely: Option<[Timestamp; 2]>,
        /// Why.
        cause: EtaCause,
    },
    /// A patient's hospital was chosen.
    HospitalChosen {
        /// Of which incident.
        incident: IncidentId,
        /// Which hospital.
        hospital: HospitalId,
        /// What was on the table.
        choice: Choice<HospitalCandidate>,
    },
    /// A hospital was asked to prepare.
    ReceptionRequested {
        /// For which incident.
        incident: IncidentId,
        /// Which hospital.
        hospital: HospitalId,
        /// When the patient is expected.
        eta: Timestamp,
        /// What to prepare.
        tasks: Vec<Task>,
    },
    /// A hospital answered.
    ReceptionAnswered {
        /// For which incident.
        incident: IncidentId,
        /// Which hospital.
        hospital: HospitalId,
        /// Its answer.
        answer: ReceptionAnswer,
    },
    /// A hospital need no longer prepare.
    ReceptionWithdrawn {
        /// For which incident.
        incident: IncidentId,
        /// Which hospital.
        hospital: HospitalId,
        /// Why.
        reason: String,
    },
    /// Tasks moved with the patient's arrival.
    TasksMoved {
        /// Of which incident.
        incident: IncidentId,
        /// At which hospital.
        hospital: HospitalId,
        /// Which tasks.
        tasks: Vec<TaskId>,
        /// When they were due.
        from: Timestamp,
        /// When they are due now.
        to: Timestamp,
        /// Why.
        cause: EtaCause,
    },
    /// A hospital took on or finished a task.
    TaskStepped {
        /// Which hospital.
        hospital: HospitalId,
        /// For which incident.
        incident: IncidentId,
        /// Which task.
        task: TaskId,
        /// What it did.
        step: TaskStep,
    },
    /// A hospital said how full it is.
    CrowdingReported {
        /// Which hospital.
        hospital: HospitalId,
        /// How full.
        crowding: Crowding,
    },
    /// A hospital's doors opened or closed to ambulances.
    DoorsChanged {
        /// Which hospital.
        hospital: HospitalId,
        /// How they are now.
        doors: Doors,
    },
    /// Remote care was proposed.
    RemoteCareProposed {
        /// For which incident.
        incident: IncidentId,
        /// Why.
        reason: RemoteCareReason,
    },
    /// An expert answered.
    RemoteCareAnswered {
        /// For which incident.
        incident: IncidentId,
        /// Who.
        expert: String,
        /// Whether they care.
        is_accepted: bool,
    },
    /// An alarm started or ended.
    AlarmReported {
        /// Of which incident.
        incident: IncidentId,
        /// From which unit.
        unit: UnitId,
        /// The alarm.
        alarm: Alarm,
        /// How far the centre's clock was ahead of the unit's, which the event's time is by;
        /// `None` where nobody knew. All other events are told by the centre's clock.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        clock: Option<ClockOffset>,
    },
    /// An incident is over.
    IncidentClosed {
        /// Which.
        incident: IncidentId,
        /// How.
        outcome: Outcome,
    },
    /// An incident was called off.
    IncidentCancelled {
        /// Which.
        incident: IncidentId,
        /// Why.
        reason: String,
    },
    /// A unit on its way was taken from an incident for another one, to which it is assigned next.
    UnitDiverted {
        /// The incident that lost it.
        incident: IncidentId,
        /// Which unit.
        unit: UnitId,
        /// The incident that gets it.
        to: IncidentId,
    },
    /// Another policy is in force from here on.
    PolicySwitched {
        /// The one until here.
        from: String,
        /// The one from here on.
        to: String,
        /// Why.
        reason: String,
    },
    /// A free unit waits at a station from now on, or drives there.
    UnitPosted {
        /// Which unit.
        unit: UnitId,
        /// Where.
        station: StationId,
        /// The policy that was in force.
        policy: String,
        /// What speaks for the station, and against it.
        reasons: Vec<PostReason>,
        /// Why a person chose otherwise than the policy.
        overrule: Option<String>,
    },
    /// A crew told what it found on scene.
    FindingsRecorded {
        /// Of which incident.
        incident: IncidentId,
        /// Whose crew.
        unit: UnitId,
        /// What it found.
        findings: Findings,
    },
    /// Something happened at a major incident.
    MajorIncident {
        /// Which.
        incident: IncidentId,
        /// What.
        what: MajorEvent,
    },
    /// A hospital promised places for the casualties of major incidents.
    SurgeDeclared {
        /// Which hospital.
        hospital: HospitalId,
        /// How many.
        surge: Surge,
    },
    /// Something happened about mutual aid.
    Aid {
        /// What.
        what: AidEvent,
    },
    /// A crew on scene told which places of the run card nobody needs to take any more.
    ResponseTrimmed {
        /// Of which incident.
        incident: IncidentId,
        /// Whose crew.
        unit: UnitId,
        /// The run card.
        card: String,
        /// Its places.
        slots: Vec<String>,
    },
    /// Somebody away from the ambulance knows of an alarm; the gateway acts on it when it hears.
    AlarmAcknowledged {
        /// Of which incident.
        incident: IncidentId,
        /// From which unit.
        unit: UnitId,
        /// Which alarm.
        kind: AlarmKind,
    },
    /// A free unit would reach a call sooner than the one on its way: people may exchange them.
    ExchangeProposed {
        /// Which call.
        incident: IncidentId,
        /// The free unit.
        unit: UnitId,
        /// The unit on its way.
        instead_of: UnitId,
        /// From the call's ringing to the arrival of the unit on its way, as expected.
        now: Millis,
        /// The same of the free unit.
        then: Millis,
        /// The policy that was in force.
        policy: String,
    },
    /// A camera in the ambulance kept a photo or a measurement of the patient.
    CameraRecorded {
        /// Of which incident.
        incident: IncidentId,
        /// In which unit.
        unit: UnitId,
        /// What it showed.
        finding: CameraFinding,
    },
    /// A vehicle still goes so far.
    RangeReported {
        /// Which unit.
        unit: UnitId,
        /// Kilometres.
        km: u32,
    },
}

impl Event {
    /// The incident that the event is about, if it is about one.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::CallReceived { incident, .. }
            | Self::IncidentTriaged { incident, .. }
            | Self::UnitAssigned { incident, .. }
            | Self::UnitStepped { incident, .. }
            | Self::EtaRevised { incident, .. }
            | Self::HospitalChosen { incident, .. }
            | Self::ReceptionRequested { incident, .. }
            | Self::ReceptionAnswered { incident, .. }
            | Self::ReceptionWithdrawn { incident, .. }
            | Self::TasksMoved { incident, .. }
            | Self::TaskStepped { incident, .. }
            | Self::RemoteCareProposed { incident, .. }
            | Self::RemoteCareAnswered { incident, .. }
            | Self::AlarmReported { incident, .. }
            | Self::IncidentClosed { incident, .. }
            | Self::IncidentCancelled { incident, .. }
            | Self::UnitDiverted { incident, .. }
            | Self::FindingsRecorded { incident, .. }
            | Self::MajorIncident { incident, .. }
            | Self::ResponseTrimmed { incident, .. }
            | Self::AlarmAcknowledged { incident, .. }
            | Self::ExchangeProposed { incident, .. }
            | Self::CameraRecorded { incident, .. } => Some(*incident),
            Self::UnitSignedOn { .. }
            | Self::UnitSignedOff { .. }
            | Self::CrewRested { .. }
            | Self::CrewRestEnded { .. }
            | Self::CrowdingReported { .. }
            | Self::DoorsChanged { .. }
            | Self::PolicySwitched { .. }
            | Self::UnitPosted { .. }
            | Self::SurgeDeclared { .. }
            | Self::Aid { .. }
            | Self::RangeReported { .. } => None,
        }
    }

    /// The unit that the event is about, if it is about one.
    pub fn unit(&self) -> Option<&UnitId> {
        match self {
            Self::UnitSignedOn { unit, .. }
            | Self::UnitSignedOff { unit }
            | Self::CrewRested { unit, .. }
            | Self::CrewRestEnded { unit }
            | Self::UnitAssigned { unit, .. }
            | Self::UnitStepped { unit, .. }
            | Self::EtaRevised { unit, .. }
            | Self::AlarmReported { unit, .. }
            | Self::UnitDiverted { unit, .. }
            | Self::UnitPosted { unit, .. }
            | Self::FindingsRecorded { unit, .. }
            | Self::ResponseTrimmed { unit, .. }
            | Self::AlarmAcknowledged { unit, .. }
            | Self::ExchangeProposed { unit, .. }
            | Self::CameraRecorded { unit, .. }
            | Self::RangeReported { unit, .. } => Some(unit),
            Self::MajorIncident { what, .. } => what.unit(),
            Self::Aid { what } => what.unit(),
            _ => None,
        }
    }

    /// The hospital that the event is about, if it is about one.
    pub fn hospital(&self) -> Option<&HospitalId> {
        match self {
            Self::HospitalChosen { hospital, .. }
            | Self::ReceptionRequested { hospital, .. }
            | Self::ReceptionAnswered { hospital, .. }
            | Self::ReceptionWithdrawn { hospital, .. }
            | Self::TasksMoved { hospital, .. }
            | Self::TaskStepped { hospital, .. }
            | Self::CrowdingReported { hospital, .. }
            | Self::DoorsChanged { hospital, .. }
            | Self::SurgeDeclared { hospital, .. } => Some(hospital),
            Self::MajorIncident { what, .. } => what.hospital(),
            _ => None,
        }
    }

    /// Whether a person's decision about an incident changed, so that who decides at the same time
    /// must look again. Progress on the road, measurements and preparations do not count.
    pub fn is_decision(&self) -> bool {
        matches!(
            self,
            Self::CallReceived { .. }
                | Self::IncidentTriaged { .. }
                | Self::UnitAssigned { .. }
                | Self::UnitStepped { step: UnitStep::StandDown, .. }
                | Self::HospitalChosen { .. }
                | Self::ReceptionAnswered { answer: ReceptionAnswer::Divert { .. }, .. }
                | Self::RemoteCareAnswered { .. }
                | Self::IncidentClosed { .. }
                | Self::IncidentCancelled { .. }
                | Self::UnitDiverted { .. }
                | Self::MajorIncident {
                    what: MajorEvent::Declared { .. } | MajorEvent::StoodDown,
                    ..
                }
                | Self::ResponseTrimmed { .. }
        )
    }

    /// What the event is called in the log: `unit_assigned`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnitSignedOn { .. } => "unit_signed_on",
            Self::UnitSignedOff { .. } => "unit_signed_off",
            Self::CrewRested { .. } => "crew_rested",
            Self::CrewRestEnded { .. } => "crew_rest_ended",
            Self::CallReceived { .. } => "call_received",
            Self::IncidentTriaged { .. } => "incident_triaged",
            Self::UnitAssigned { .. } => "unit_assigned",
            Self::UnitStepped { .. } => "unit_stepped",
            Self::EtaRevised { .. } => "eta_revised",
            Self::HospitalChosen { .. } => "hospital_chosen",
            Self::ReceptionRequested { .. } => "reception_requested",
            Self::ReceptionAnswered { .. } => "reception_answered",
            Self::ReceptionWithdrawn { .. } => "reception_withdrawn",
            Self::TasksMoved { .. } => "tasks_moved",
            Self::TaskStepped { .. } => "task_stepped",
            Self::CrowdingReported { .. } => "crowding_reported",
            Self::DoorsChanged { .. } => "doors_changed",
            Self::RemoteCareProposed { .. } => "remote_care_proposed",
            Self::RemoteCareAnswered { .. } => "remote_care_answered",
            Self::AlarmReported { .. } => "alarm_reported",
            Self::IncidentClosed { .. } => "incident_closed",
            Self::IncidentCancelled { .. } => "incident_cancelled",
            Self::UnitDiverted { .. } => "unit_diverted",
            Self::PolicySwitched { .. } => "policy_switched",
            Self::UnitPosted { .. } => "unit_posted",
            Self::FindingsRecorded { .. } => "findings_recorded",
            Self::MajorIncident { what, .. } => what.name(),
            Self::SurgeDeclared { .. } => "surge_declared",
            Self::Aid { what } => what.name(),
            Self::ResponseTrimmed { .. } => "response_trimmed",
            Self::AlarmAcknowledged { .. } => "alarm_acknowledged",
            Self::ExchangeProposed { .. } => "exchange_proposed",
            Self::CameraRecorded { .. } => "camera_recorded",
            Self::RangeReported { .. } => "range_reported",
        }
    }
}
