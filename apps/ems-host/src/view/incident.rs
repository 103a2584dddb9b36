//! An incident on a screen.

use ems_centre::{Centre, Eta, IncidentRecord, LastChange};
use ems_model::{
    Alarm, Call, EtaCause, Found, HospitalId, IncidentId, IncidentState, Leg, Millis, Need,
    Outcome, PatientId, PatientState, Priority, Reception, ReceptionState, RemoteCareReason,
    Response, SeenByCamera, SlotState, Task, TaskId, TaskKind, TaskState, Timestamp, UnitId,
    UnitKind,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::major::MajorSummaryView;

/// An incident with all that was decided about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IncidentView {
    id: IncidentId,
    /// Counts the decisions of people; give it back as `expected_version`.
    version: u32,
    state: IncidentState,
    priority: Option<Priority>,
    suggested: Priority,
    because: Vec<String>,
    call: Call,
    units: Vec<UnitId>,
    hospital: Option<HospitalId>,
    outcome: Option<Outcome>,
    patient: PatientView,
    opened_at: Timestamp,
    last_change: ChangeView,
    etas: Vec<EtaView>,
    reception: Option<ReceptionView>,
    remote_care: Option<RemoteCareView>,
    alarms: Vec<AlarmView>,
    times: Vec<EtimeView>,
    /// What crews found on scene, the newest about each subject.
    findings: Vec<Found>,
    /// In numbers, where it was declared a major incident; `/api/incidents/{id}/major` tells more.
    major: Option<MajorSummaryView>,
    /// A free unit that was last proposed to take over; it may while it is free and the other
    /// unit drives to the scene.
    takeover: Option<TakeoverView>,
    /// Who takes the places of the run card; `null` once the patient has left the scene.
    response: Option<StandingView>,
    /// What cameras in ambulances kept, the newest last: `/api/photos/{photo}` shows a photo.
    camera: Vec<SeenByCamera>,
}

/// The places of an incident's run card, and who is on the call for each.
#[derive(Debug, Serialize, ToSchema)]
struct StandingView {
    card: String,
    slots: Vec<PlaceView>,
    /// Units on the call that take none of the places.
    beyond: Vec<UnitId>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PlaceView {
    slot: String,
    need: Need,
    kinds: Vec<UnitKind>,
    /// `null` where nobody is on the call for it.
    unit: Option<UnitId>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PatientView {
    id: PatientId,
    #[serde(flatten)]
    state: PatientState,
}

/// Who changed something, when and how.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeView {
    actor: String,
    at: Timestamp,
    what: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct EtaView {
    unit: UnitId,
    leg: Leg,
    eta: Timestamp,
    /// Between which times four of five such drives end; `null` where that was not learnt.
    likely: Option<[Timestamp; 2]>,
    cause: EtaCause,
}

/// What a hospital prepares for one patient.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReceptionView {
    incident: IncidentId,
    hospital: HospitalId,
    state: ReceptionState,
    eta: Timestamp,
    tasks: Vec<TaskView>,
}

#[derive(Debug, Serialize, ToSchema)]
struct TaskView {
    id: TaskId,
    kind: TaskKind,
    what: String,
    lead: Millis,
    due: Timestamp,
    start_by: Timestamp,
    state: TaskState,
}

#[derive(Debug, Serialize, ToSchema)]
struct TakeoverView {
    unit: UnitId,
    instead_of: UnitId,
    /// From the call's ringing to the arrival of the unit on its way, as expected then.
    now: Millis,
    /// The same of the free unit.
    then: Millis,
    policy: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct RemoteCareView {
    reason: RemoteCareReason,
    answered_by: Option<String>,
    is_accepted: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AlarmView {
    unit: UnitId,
    alarm: Alarm,
    at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
struct EtimeView {
    etimes: &'static str,
    unit: Option<UnitId>,
    at: Timestamp,
}

impl IncidentView {
    pub(crate) fn of(centre: &Centre, now: Timestamp, record: &IncidentRecord) -> Self {
        let incident = &record.incident;
        let alarms = record.alarms.iter().cloned();
        let times = record.times.iter().cloned();
        Self {
            id: incident.id,
            version: record.version,
            state: incident.state,
            priority: incident.priority.clone(),
            suggested: record.suggested.clone(),
            because: record.because.clone(),
            call: incident.call.clone(),
            units: incident.units.iter().cloned().collect(),
            hospital: incident.hospital.clone(),
            outcome: incident.outcome,
            patient: PatientView { id: record.patient.id, state: record.patient.state.clone() },
            opened_at: record.opened_at,
            last_change: ChangeView::from(&record.last_change),
            etas: record.etas.iter().map(eta_view).collect(),
            reception: record.reception.as_ref().map(ReceptionView::from),
            remote_care: record.remote_care.as_ref().map(|care| RemoteCareView {
                reason: care.reason.clone(),
                answered_by: care.answered_by.clone(),
                is_accepted: care.is_accepted,
            }),
            takeover: record.takeover.clone().map(|it| TakeoverView {
                unit: it.unit,
                instead_of: it.instead_of,
                now: it.now,
                then: it.then,
                policy: it.policy,
            }),
            alarms: alarms
                .map(|it| AlarmView { unit: it.unit, alarm: it.alarm, at: it.at })
                .collect(),
            times: times
                .map(|it| EtimeView { etimes: it.etimes, unit: it.unit, at: it.at })
                .collect(),
            findings: record.findings.clone(),
            major: incident.major.as_deref().map(MajorSummaryView::from),
            response: centre.standing(now, record).map(StandingView::from),
            camera: record.camera.clone(),
        }
    }
}

impl From<Response> for StandingView {
    fn from(response: Response) -> Self {
        let slots = response.slots.into_iter().map(|slot| PlaceView {
            slot: slot.slot,
            need: slot.need,
            kinds: slot.kinds,
            unit: match slot.state {
                SlotState::Held { unit } => Some(unit),
                SlotState::Fills { .. } | SlotState::Empty { .. } => None,
            },
        });
        Self { card: response.card, slots: slots.collect(), beyond: response.beyond }
    }
}

fn eta_view(((unit, leg), eta): (&(UnitId, Leg), &Eta)) -> EtaView {
    EtaView { unit: unit.clone(), leg: *leg, eta: eta.eta, likely: eta.likely, cause: eta.cause }
}

impl From<&LastChange> for ChangeView {
    fn from(change: &LastChange) -> Self {
        Self { actor: change.actor.clone(), at: change.at, what: change.what }
    }
}

impl From<&Reception> for ReceptionView {
    fn from(reception: &Reception) -> Self {
        Self {
            incident: reception.incident,
            hospital: reception.hospital.clone(),
            state: reception.state.clone(),
            eta: reception.eta,
            tasks: reception.tasks.iter().map(TaskView::from).collect(),
        }
    }
}

impl From<&Task> for TaskView {
    fn from(task: &Task) -> Self {
        Self {
            id: task.id,
            kind: task.kind,
            what: task.what.clone(),
            lead: task.lead,
            due: task.due,
            start_by: task.start_by(),
            state: task.state,
        }
    }
}
