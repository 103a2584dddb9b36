//! A hospital's side: how full it is, what it is asked to prepare, and its answer.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{HospitalId, IncidentId, Millis, TaskId, Timestamp, TransitionError};

/// How full an emergency department says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Crowding {
    /// Patients in the department.
    pub occupied: u32,
    /// Its treatment places.
    pub beds: u32,
    /// What else it counted; `None` where it told only those two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub census: Option<Census>,
    /// When it said so.
    pub reported_at: Timestamp,
}

/// What an emergency department counts for the National Emergency Department Overcrowding Scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Census {
    /// Admitted patients who wait in the department for a bed of the hospital.
    pub boarders: u32,
    /// Staffed beds of the hospital.
    pub hospital_beds: u32,
    /// Patients in the department on a ventilator.
    pub ventilated: u32,
    /// How long the admitted patient who waits longest has waited.
    pub longest_boarding: Millis,
    /// How long the patient who was last given a bed waited for it.
    pub last_wait: Millis,
}

impl Crowding {
    /// Occupancy in percent; above 100 where patients wait in corridors.
    pub fn percent(&self) -> u32 {
        self.occupied.saturating_mul(100) / self.beds.max(1)
    }
}

/// Places that a hospital promises for the casualties of major incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Surge {
    /// For immediate, delayed and minor casualties, those who were brought since included.
    pub places: [u32; 3],
    /// When it said so.
    pub declared_at: Timestamp,
}

/// Whether a hospital takes ambulances at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Doors {
    /// It does.
    Open,
    /// It asks to be passed by.
    Diverting {
        /// Why.
        reason: String,
        /// Until when, if known.
        until: Option<Timestamp>,
    },
}

/// A hospital's answer to an announced patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum ReceptionAnswer {
    /// Seen by a person.
    Acknowledge,
    /// Will take the patient.
    Accept,
    /// Cannot take the patient.
    Divert {
        /// Why.
        reason: String,
    },
}

/// How an announced patient stands with the hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ReceptionState {
    /// Announced, unseen.
    Requested,
    /// Seen.
    Acknowledged,
    /// Promised.
    Accepted,
    /// Refused.
    Diverted {
        /// Why.
        reason: String,
    },
    /// The patient is there.
    Arrived,
    /// The patient goes elsewhere or nowhere.
    Withdrawn,
}

impl fmt::Display for ReceptionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Requested => "requested",
            Self::Acknowledged => "acknowledged",
            Self::Accepted => "accepted",
            Self::Diverted { .. } => "diverted",
            Self::Arrived => "arrived",
            Self::Withdrawn => "withdrawn",
        })
    }
}

/// What a hospital prepares for one announced patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reception {
    /// The incident.
    pub incident: IncidentId,
    /// The hospital.
    pub hospital: HospitalId,
    /// How it stands.
    pub state: ReceptionState,
    /// When the patient is expected at the door.
    pub eta: Timestamp,
    /// What is to be done before.
    pub tasks: Vec<Task>,
}

impl Reception {
    /// Whether the hospital still has something to expect.
    pub fn is_open(&self) -> bool {
        use ReceptionState as S;
        matches!(self.state, S::Requested | S::Acknowledged | S::Accepted)
    }

    /// Takes the hospital's answer.
    pub fn answer(self, answer: &ReceptionAnswer) -> Result<Self, TransitionError> {
        use ReceptionState as S;
        let state = match (&self.state, answer) {
            (S::Requested, ReceptionAnswer::Acknowledge) => S::Acknowledged,
            (S::Requested | S::Acknowledged, ReceptionAnswer::Accept) => S::Accepted,
            (S::Requested | S::Acknowledged | S::Accepted, ReceptionAnswer::Divert { reason }) => {
                S::Diverted { reason: reason.clone() }
            }
            (_, ReceptionAnswer::Acknowledge) => {
                return Err(self.illegal("be acknowledged", "requested"));
            }
            (_, ReceptionAnswer::Accept) => {
                return Err(self.illegal("be accepted", "requested or acknowledged"));
            }
            (_, ReceptionAnswer::Divert { .. }) => {
                return Err(self.illegal("be diverted", "requested, acknowledged or accepted"));
            }
        };
        Ok(Self { state, ..self })
    }

    /// The patient is at the door.
    pub fn arrive(self) -> Result<Self, TransitionError> {
        if self.is_open() {
            Ok(Self { state: ReceptionState::Arrived, ..self })
        } else {
            Err(self.illegal("arrive", "requested, acknowledged or accepted"))
        }
    }

    /// The patient goes elsewhere.
    pub fn withdraw(self) -> Result<Self, TransitionError> {
        use ReceptionState as S;
        match self.state {
            S::Arrived | S::Withdrawn => Err(self.illegal("be withdrawn", "not yet arrived")),
            _ => Ok(Self { state: S::Withdrawn, ..self }),
        }
    }

    /// The same with the patient and the named tasks expected at another time.
    #[must_use]
    pub fn moved(mut self, tasks: &[TaskId], to: Timestamp) -> Self {
        self.eta = to;
        for task in self.tasks.iter_mut().filter(|task| tasks.contains(&task.id)) {
            task.due = to;
        }
        self
    }

    /// The tasks that still move with the patient: neither done nor cancelled.
    pub fn open_tasks(&self) -> Vec<TaskId> {
        let is_open =
            |task: &&Task| matches!(task.state, TaskState::Planned | TaskState::Acknowledged);
        self.tasks.iter().filter(is_open).map(|task| task.id).collect()
    }

    fn illegal(&self, step: &str, legal: &'static str) -> TransitionError {
        let id = format!("of incident {} at {}", self.incident, self.hospital);
        TransitionError::new("reception", &id, &self.state, step, legal)
    }
}

/// What kind of thing a task prepares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// A drug drawn up or thawed.
    Drug,
    /// A device or room.
    Equipment,
    /// A department told.
    Department,
    /// A person called in.
    People,
}

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Planned.
    Planned,
    /// Somebody has taken it.
    Acknowledged,
    /// Done.
    Ready,
    /// No longer needed.
    Cancelled,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Planned => "planned",
            Self::Acknowledged => "acknowledged",
            Self::Ready => "ready",
            Self::Cancelled => "cancelled",
        })
    }
}

/// What the hospital does to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaskStep {
    /// Takes it on.
    Acknowledge,
    /// Reports it done.
    Finish,
}

/// Something to prepare before a patient arrives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// What kind of thing it prepares.
    pub kind: TaskKind,
    /// What to prepare, as the pathway file names it: `tenecteplase`.
    pub what: String,
    /// How long it takes.
    pub lead: Millis,
    /// When it must be ready: the patient's expected arrival.
    pub due: Timestamp,
    /// How it stands.
    pub state: TaskState,
}

impl Task {
    /// When it must be started at the latest.
    pub fn start_by(&self) -> Timestamp {
        self.due - self.lead
    }

    /// Takes the hospital's step.
    pub fn step(self, step: TaskStep) -> Result<Self, TransitionError> {
        use TaskState as S;
        let state = match (self.state, step) {
            (S::Planned, TaskStep::Acknowledge) => S::Acknowledged,
            (S::Planned | S::Acknowledged, TaskStep::Finish) => S::Ready,
            (state, TaskStep::Acknowledge) => {
                return Err(TransitionError::new(
                    "task",
                    &self.id,
                    state,
                    "be acknowledged",
                    "planned",
                ));
            }
            (state, TaskStep::Finish) => {
                let legal = "planned or acknowledged";
                return Err(TransitionError::new("task", &self.id, state, "be finished", legal));
            }
        };
        Ok(Self { state, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requested() -> Reception {
        Reception {
            incident: IncidentId(1),
            hospital: HospitalId::new("n1").unwrap(),
            state: ReceptionState::Requested,
            eta: Timestamp::from_millis(600_000),
            tasks: Vec::new(),
        }
    }

    #[test]
    fn a_hospital_may_divert_until_the_patient_is_there() {
        let divert = ReceptionAnswer::Divert { reason: "cath lab down".into() };
        let accepted = requested().answer(&ReceptionAnswer::Accept).unwrap();
        assert!(accepted.clone().answer(&divert).is_ok());
        assert!(accepted.clone().answer(&ReceptionAnswer::Acknowledge).is_err());
        assert!(accepted.arrive().unwrap().answer(&divert).is_err());
    }

    #[test]
    fn a_task_starts_its_lead_before_the_patient() {
        let task = Task {
            id: TaskId(1),
            kind: TaskKind::Drug,
            what: "tenecteplase".into(),
            lead: Millis::from_mins(5),
            due: Timestamp::from_millis(600_000),
            state: TaskState::Planned,
        };
        assert_eq!(task.start_by(), Timestamp::from_millis(300_000));
        let ready = task.step(TaskStep::Finish).unwrap();
        assert!(ready.step(TaskStep::Acknowledge).is_err());
    }

    #[test]
    fn occupancy_is_a_percentage_and_survives_zero_beds() {
        let crowding = |occupied, beds| Crowding {
            occupied,
            beds,
            census: None,
            reported_at: Timestamp::default(),
        };
        assert_eq!(crowding(45, 30).percent(), 150);
        assert_eq!(crowding(2, 0).percent(), 200);
    }
}
