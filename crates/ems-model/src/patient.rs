//! A patient, seen from the service: who cares for them now.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{HospitalId, PatientId, TransitionError, UnitId};

/// Who cares for a patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PatientState {
    /// Nobody yet.
    Waiting,
    /// A crew.
    InCare {
        /// The unit.
        unit: UnitId,
    },
    /// A hospital.
    HandedOver {
        /// The hospital.
        hospital: HospitalId,
    },
    /// Released on scene.
    Discharged,
}

impl fmt::Display for PatientState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("waiting"),
            Self::InCare { unit } => write!(f, "in the care of {unit}"),
            Self::HandedOver { hospital } => write!(f, "handed over to {hospital}"),
            Self::Discharged => f.write_str("discharged"),
        }
    }
}

/// A patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patient {
    /// Their number.
    pub id: PatientId,
    /// Who cares for them.
    pub state: PatientState,
}

impl Patient {
    /// A patient whom nobody has reached.
    pub fn new(id: PatientId) -> Self {
        Self { id, state: PatientState::Waiting }
    }

    /// A crew reaches the patient, or takes over from another.
    pub fn reach(self, unit: UnitId) -> Result<Self, TransitionError> {
        match &self.state {
            PatientState::Waiting | PatientState::InCare { .. } => {
                Ok(Self { state: PatientState::InCare { unit }, ..self })
            }
            _ => Err(self.illegal("be reached", "waiting or in care")),
        }
    }

    /// The hospital takes over.
    pub fn hand_over(self, hospital: HospitalId) -> Result<Self, TransitionError> {
        match &self.state {
            PatientState::InCare { .. } => {
                Ok(Self { state: PatientState::HandedOver { hospital }, ..self })
            }
            _ => Err(self.illegal("be handed over", "in care")),
        }
    }

    /// The crew releases the patient on scene.
    pub fn discharge(self) -> Result<Self, TransitionError> {
        match &self.state {
            PatientState::Waiting | PatientState::InCare { .. } => {
                Ok(Self { state: PatientState::Discharged, ..self })
            }
            _ => Err(self.illegal("be discharged", "waiting or in care")),
        }
    }

    fn illegal(&self, step: &str, legal: &'static str) -> TransitionError {
        TransitionError::new("patient", &self.id, &self.state, step, legal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patient_is_handed_over_once_and_by_a_crew() {
        let hospital = HospitalId::new("n1").unwrap();
        let waiting = Patient::new(PatientId(1));
        assert!(waiting.clone().hand_over(hospital.clone()).is_err());
        let cared = waiting.reach(UnitId::new("A1").unwrap()).unwrap();
        let over = cared.hand_over(hospital.clone()).unwrap();
        assert!(over.clone().hand_over(hospital).is_err());
        assert!(over.discharge().is_err());
    }
}
