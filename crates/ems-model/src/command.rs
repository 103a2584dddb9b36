//! What people and devices ask of the centre.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    AidOrder, AlarmKind, Call, CameraFinding, Census, CrewId, Findings, HospitalId, IncidentId,
    MajorOrder, Outcome, Position, ReceptionAnswer, StationId, TaskId, TaskStep, Timestamp, UnitId,
    UnitKind, UnitStep,
};

/// The longest idempotency key, in bytes.
pub const KEY_BYTES_MAX: usize = 64;

/// A command with who asks, under a key that makes asking twice the same as asking once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Chosen by the client, 1..=64 bytes, new for each wish and the same for each retry.
    pub key: String,
    /// Who asks: `dispatcher:li`, `unit:A103`, `hospital:n1`.
    pub actor: String,
    /// What is asked.
    pub command: Command,
}

/// Something that can be asked of the centre.
///
/// `expected_version` is the incident's version that the person saw; if it has changed since, the
/// command is refused and the answer says who was first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// A unit starts its shift.
    SignOnUnit {
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
    /// A unit ends its shift.
    SignOffUnit {
        /// Which.
        unit: UnitId,
    },
    /// A crew starts a protected break.
    RestCrew {
        /// Whose.
        unit: UnitId,
        /// Until when.
        until: Timestamp,
    },
    /// A call is taken.
    TakeCall {
        /// What the caller told.
        call: Call,
        /// The priority, if the call-taker gives one at once.
        priority: Option<String>,
    },
    /// An incident is given a priority, or another one.
    Triage {
        /// Which.
        incident: IncidentId,
        /// The version that was seen.
        expected_version: Option<u32>,
        /// A code of the scheme in force.
        priority: String,
        /// Why it differs from the suggestion, where it does.
        reason: Option<String>,
    },
    /// A unit is sent.
    AssignUnit {
        /// To which incident.
        incident: IncidentId,
        /// The version that was seen.
        expected_version: Option<u32>,
        /// Which unit.
        unit: UnitId,
        /// Why it is not the recommended one, where it is not.
        overrule: Option<String>,
    },
    /// A crew reports a step.
    StepUnit {
        /// Which unit.
        unit: UnitId,
        /// In which incident; a step of an earlier call that arrives late is refused.
        incident: IncidentId,
        /// What it did.
        step: UnitStep,
        /// When, on its own clock.
        at: Timestamp,
    },
    /// A patient's hospital is chosen.
    ChooseHospital {
        /// Of which incident.
        incident: IncidentId,
        /// The version that was seen.
        expected_version: Option<u32>,
        /// Which hospital.
        hospital: HospitalId,
        /// Why it is not the recommended one, where it is not.
        overrule: Option<String>,
    },
    /// A hospital answers an announced patient.
    AnswerReception {
        /// Which hospital.
        hospital: HospitalId,
        /// About which incident.
        incident: IncidentId,
        /// Its answer.
        answer: ReceptionAnswer,
    },
    /// A hospital takes on or finishes a task.
    StepTask {
        /// Which hospital.
        hospital: HospitalId,
        /// Which task.
        task: TaskId,
        /// What it did.
        step: TaskStep,
    },
    /// A hospital says how full it is.
    ReportCrowding {
        /// Which hospital.
        hospital: HospitalId,
        /// Patients in the emergency department.
        occupied: u32,
        /// Its treatment places.
        beds: u32,
        /// What else it counted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        census: Option<Census>,
    },
    /// A hospital asks to be passed by.
    DivertAmbulances {
        /// Which hospital.
        hospital: HospitalId,
        /// Why.
        reason: String,
        /// Until when, if known.
        until: Option<Timestamp>,
    },
    /// A hospital takes ambulances again.
    OpenDoors {
        /// Which hospital.
        hospital: HospitalId,
    },
    /// A remote expert takes on a patient, or not.
    AnswerRemoteCare {
        /// Of which incident.
        incident: IncidentId,
        /// Who.
        expert: String,
        /// Whether they do.
        is_accepted: bool,
    },
    /// An incident ends without hospital.
    CloseIncident {
        /// Which.
        incident: IncidentId,
        /// How.
        outcome: Outcome,
    },
    /// An incident is called off.
    CancelIncident {
        /// Which.
        incident: IncidentId,
        /// The version that was seen.
        expected_version: Option<u32>,
        /// Why.
        reason: String,
    },
    /// A unit that drives to one call is sent to another instead, where the policy in force lets
    /// it; the call that it leaves waits for a unit again.
    DivertUnit {
        /// To which incident.
        incident: IncidentId,
        /// The version of it that was seen.
        expected_version: Option<u32>,
        /// Which unit.
        unit: UnitId,
        /// The incident that it leaves: who asks has seen that it loses its unit.
        from: IncidentId,
        /// Why it is not the recommended one, where it is not.
        overrule: Option<String>,
    },
    /// Another policy is put in force.
    SwitchPolicy {
        /// Its name with its version: `keep-cover/1`.
        policy: String,
        /// Why.
        reason: String,
    },
    /// A free unit is told where to wait.
    PostUnit {
        /// Which.
        unit: UnitId,
        /// At which station.
        station: StationId,
        /// Why it is not the one that the policy in force names, where it is not.
        overrule: Option<String>,
    },
    /// A crew tells what it found on scene.
    RecordFindings {
        /// Of which incident.
        incident: IncidentId,
        /// Whose crew.
        unit: UnitId,
        /// When, on its own clock.
        at: Timestamp,
        /// What it found; it takes the place of earlier findings about the same.
        findings: Findings,
    },
    /// Something is asked for at a major incident.
    MajorIncident {
        /// Which.
        incident: IncidentId,
        /// What.
        order: MajorOrder,
    },
    /// A hospital promises places for the casualties of major incidents.
    DeclareSurge {
        /// Which hospital.
        hospital: HospitalId,
        /// For immediate, delayed and minor casualties, 0..=10000 each.
        places: [u32; 3],
    },
    /// Something is asked for about mutual aid.
    Aid {
        /// What.
        order: AidOrder,
    },
    /// Several units are sent at once: all of them, or none.
    SendResponse {
        /// To which incident.
        incident: IncidentId,
        /// The version that was seen.
        expected_version: Option<u32>,
        /// Which units, 1..=8.
        units: Vec<UnitId>,
        /// Those of them that drive to another call now, and to which: who asks has seen that it
        /// loses its unit.
        #[serde(default)]
        diverted: BTreeMap<UnitId, IncidentId>,
        /// Why they are not the recommended ones, where they are not.
        overrule: Option<String>,
    },
    /// A crew on scene says whom it does not need; they are stood down.
    TrimResponse {
        /// Of which incident.
        incident: IncidentId,
        /// The version that was seen.
        expected_version: Option<u32>,
        /// The unit on scene that says so.
        by: UnitId,
        /// Who may turn back, 1..=8 units that have not reached the patient.
        units: Vec<UnitId>,
    },
    /// Somebody at the centre or in the hospital knows of a patient's alarm.
    AcknowledgeAlarm {
        /// Of which incident.
        incident: IncidentId,
        /// From which unit.
        unit: UnitId,
        /// Which alarm.
        kind: AlarmKind,
    },
    /// A free unit takes over a call from one that drives there, which is stood down.
    ExchangeUnit {
        /// Which call.
        incident: IncidentId,
        /// The version that was seen.
        expected_version: Option<u32>,
        /// The free unit.
        unit: UnitId,
        /// The unit on its way.
        instead_of: UnitId,
    },
    /// A camera in the ambulance keeps a photo or a measurement of the patient.
    RecordCamera {
        /// Of which incident.
        incident: IncidentId,
        /// In which unit.
        unit: UnitId,
        /// When it was taken, on the gateway's clock.
        at: Timestamp,
        /// What it showed.
        finding: CameraFinding,
    },
    /// A crew or its vehicle says how far it still goes, as after refilling.
    ReportRange {
        /// Which unit.
        unit: UnitId,
        /// Kilometres, 0..=2000.
        km: u32,
    },
}
