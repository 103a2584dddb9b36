//! An incident: from the ring to its close.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Areas, HospitalId, IncidentId, MajorIncident, MajorState, Methane, PatientId, Position,
    Private, Timestamp, TransitionError, UNITS_PER_MAJOR_INCIDENT_MAX, UnitId,
};

/// Most units that one incident takes before it must be declared a major incident.
pub const UNITS_PER_INCIDENT_MAX: usize = 8;

/// A level of the priority scheme in force.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Priority {
    /// 1 is the most urgent.
    pub rank: u8,
    /// The scheme's own word for it: `I`, `C1`, `ESI-2`.
    pub code: String,
}

/// What the caller told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Where help is needed.
    pub position: Position,
    /// The same in words.
    pub address: String,
    /// Who called and how to call back.
    pub caller: Option<Private<String>>,
    /// The complaint card that was used.
    pub complaint: String,
    /// Question to answer, as the card names them.
    pub answers: BTreeMap<String, String>,
    /// The patient's age in years, 0..=130.
    pub age: Option<u8>,
    /// When the phone rang.
    pub rang_at: Timestamp,
    /// When a call-taker picked it up; `None` where the telephone does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
}

/// How an incident ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A hospital took over the patient.
    HandedOver,
    /// Treated on scene, no transport.
    TreatedOnScene,
    /// Treated on scene with a remote expert.
    RemoteCare,
    /// No patient was found.
    NoPatient,
}

/// How far an incident has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IncidentState {
    /// The call is taken, no priority yet.
    Received,
    /// It has a priority and waits for a unit.
    Triaged,
    /// At least one unit is on its way.
    Assigned,
    /// A unit is on scene.
    Attended,
    /// The patient is on the way to hospital.
    Transporting,
    /// The patient is at the hospital.
    AtHospital,
    /// It is over.
    Closed,
    /// It was called off.
    Cancelled,
}

impl fmt::Display for IncidentState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Received => "received",
            Self::Triaged => "triaged",
            Self::Assigned => "assigned",
            Self::Attended => "attended",
            Self::Transporting => "transporting",
            Self::AtHospital => "at hospital",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        })
    }
}

/// An incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// Its patient.
    pub patient: PatientId,
    /// What the caller told.
    pub call: Call,
    /// How far it has come.
    pub state: IncidentState,
    /// Its priority, once triaged.
    pub priority: Option<Priority>,
    /// Units that are on it now.
    pub units: BTreeSet<UnitId>,
    /// Where its patient goes.
    pub hospital: Option<HospitalId>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Its casualties and areas, where it was declared a major incident.
    pub major: Option<Box<MajorIncident>>,
}

impl Incident {
    /// Opens an incident for a call.
    pub fn open(id: IncidentId, patient: PatientId, call: Call) -> Self {
        Self {
            id,
            patient,
            call,
            state: IncidentState::Received,
            priority: None,
            units: BTreeSet::new(),
            hospital: None,
            outcome: None,
            major: None,
        }
    }

    /// Whether nothing more can happen to it.
    pub fn is_over(&self) -> bool {
        matches!(self.state, IncidentState::Closed | IncidentState::Cancelled)
    }

    /// Gives it a priority, or another one, until it is over.
    pub fn triage(self, priority: Priority) -> Result<Self, TransitionError> {
        if self.is_over() {
            return Err(self.illegal("be triaged", "open"));
        }
        let state = match self.state {
            IncidentState::Received => IncidentState::Triaged,
            state => state,
        };
        Ok(Self { state, priority: Some(priority), ..self })
    }

    /// Sends one more unit.
    pub fn assign(mut self, unit: UnitId) -> Result<Self, TransitionError> {
        use IncidentState as S;
        if self.is_over() || self.state == S::Received {
            return Err(self.illegal("be given a unit", "triaged and open"));
        }
        match (&self.major, self.units.len()) {
            (None, UNITS_PER_INCIDENT_MAX..) => {
                return Err(self.illegal("be given a ninth unit", "declared a major incident"));
            }
            (Some(_), UNITS_PER_MAJOR_INCIDENT_MAX..) => {
                return Err(self.illegal("be given one more unit", "at fewer than 200 units"));
            }
            _ => {}
        }
        if !self.units.insert(unit) {
            return Err(self.illegal("be given the same unit again", "without that unit"));
        }
        if self.state == S::Triaged {
            self.state = S::Assigned;
        }
        Ok(self)
    }

    /// Takes a unit off; without units an unattended incident waits for one again.
    pub fn release(mut self, unit: &UnitId) -> Result<Self, TransitionError> {
        if !self.units.remove(unit) {
            return Err(self.illegal("release a unit", "assigned to that unit"));
        }
        let is_waiting = matches!(self.state, IncidentState::Assigned | IncidentState::Attended);
        if self.units.is_empty() && is_waiting {
            self.state = IncidentState::Triaged;
        }
        Ok(self)
    }

    /// Declares it a major incident, once, before its patient is on the way; a hospital that was
    /// chosen for that patient no longer is.
    pub fn declare(
        self,
        at: Timestamp,
        areas: Areas,
        methane: Option<Methane>,
    ) -> Result<Self, TransitionError> {
        use IncidentState as S;
        if self.major.is_some() || !matches!(self.state, S::Triaged | S::Assigned | S::Attended) {
            let legal = "triaged, its patient on scene, and not declared before";
            return Err(self.illegal("be declared a major incident", legal));
        }
        let major = Some(Box::new(MajorIncident::declared(self.id, at, areas, methane)));
        Ok(Self { major, hospital: None, ..self })
    }

    /// A unit has reached the scene.
    pub fn attend(self) -> Result<Self, TransitionError> {
        self.advance(&[IncidentState::Assigned], IncidentState::Attended, "be attended")
    }

    /// Chooses where the patient goes, or another place, until it is there.
    pub fn choose_hospital(self, hospital: HospitalId) -> Result<Self, TransitionError> {
        use IncidentState as S;
        if self.major.is_some() {
            return Err(self.illegal("choose one hospital", "no major incident: allot casualties"));
        }
        match self.state {
            S::Triaged | S::Assigned | S::Attended | S::Transporting => {
                Ok(Self { hospital: Some(hospital), ..self })
            }
            _ => Err(self.illegal("choose a hospital", "triaged and not yet at hospital")),
        }
    }

    /// The patient leaves the scene; the hospital must be chosen.
    pub fn transport(self) -> Result<Self, TransitionError> {
        if self.hospital.is_none() {
            return Err(self.illegal("leave the scene", "given a hospital first"));
        }
        self.advance(&[IncidentState::Attended], IncidentState::Transporting, "leave the scene")
    }

    /// The patient arrives at the hospital.
    pub fn arrive(self) -> Result<Self, TransitionError> {
        let from = [IncidentState::Transporting];
        self.advance(&from, IncidentState::AtHospital, "arrive at hospital")
    }

    /// Ends it; a handed-over patient must be at the hospital, a major incident stood down.
    pub fn close(self, outcome: Outcome) -> Result<Self, TransitionError> {
        use IncidentState as S;
        if let Some(major) = &self.major {
            if !matches!(major.state, MajorState::StoodDown { .. }) {
                return Err(self.illegal("close", "stood down as a major incident first"));
            }
            let from = [S::Triaged, S::Assigned, S::Attended];
            let closed = self.advance(&from, S::Closed, "close")?;
            return Ok(Self { outcome: Some(outcome), ..closed });
        }
        let from: &[IncidentState] = match outcome {
            Outcome::HandedOver => &[IncidentState::AtHospital],
            Outcome::TreatedOnScene | Outcome::RemoteCare | Outcome::NoPatient => {
                &[IncidentState::Attended]
            }
        };
        let closed = self.advance(from, IncidentState::Closed, "close with this outcome")?;
        Ok(Self { outcome: Some(outcome), ..closed })
    }

    /// Calls it off; not once the patient is in an ambulance.
    pub fn cancel(self) -> Result<Self, TransitionError> {
        use IncidentState as S;
        if self.major.as_ref().is_some_and(|major| major.casualties().next().is_some()) {
            return Err(self.illegal("be cancelled", "without casualties: stand it down"));
        }
        let from = [S::Received, S::Triaged, S::Assigned, S::Attended];
        self.advance(&from, S::Cancelled, "be cancelled")
    }

    fn advance(
        self,
        from: &[IncidentState],
        to: IncidentState,
        step: &str,
    ) -> Result<Self, TransitionError> {
        if from.contains(&self.state) {
            Ok(Self { state: to, ..self })
        } else {
            Err(self.illegal(step, legal_name(from)))
        }
    }

    fn illegal(&self, step: &str, legal: &'static str) -> TransitionError {
        TransitionError::new("incident", &self.id, self.state, step, legal)
    }
}

fn legal_name(from: &[IncidentState]) -> &'static str {
    match from {
        [IncidentState::Assigned] => "assigned",
        [IncidentState::Attended] => "attended",
        [IncidentState::Transporting] => "transporting",
        [IncidentState::AtHospital] => "at hospital",
        _ => "open, the patient not yet in an ambulance",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received() -> Incident {
        let call = Call {
            position: Position::from_degrees(35.9, 14.5).unwrap(),
            address: "Triq il-Kbira 1".into(),
            caller: None,
            complaint: "chest-pain".into(),
            answers: BTreeMap::new(),
            age: Some(58),
            rang_at: Timestamp::default(),
            answered_at: None,
        };
        Incident::open(IncidentId(1), PatientId(1), call)
    }

    fn unit() -> UnitId {
        UnitId::new("A1").unwrap()
    }

    fn attended() -> Incident {
        let priority = Priority { rank: 1, code: "I".into() };
        received().triage(priority).unwrap().assign(unit()).unwrap().attend().unwrap()
    }

    #[test]
    fn a_call_becomes_a_handed_over_patient() {
        let hospital = HospitalId::new("n1").unwrap();
        let over = attended()
            .choose_hospital(hospital)
            .and_then(Incident::transport)
            .and_then(Incident::arrive)
            .and_then(|incident| incident.close(Outcome::HandedOver))
            .unwrap();
        assert!(over.is_over());
        assert!(over.cancel().is_err());
    }

    #[test]
    fn nothing_is_sent_before_triage_nor_transported_without_a_hospital() {
        assert!(received().assign(unit()).is_err());
        assert_eq!(
            attended().transport().unwrap_err().to_string(),
            "incident 1 is attended and cannot leave the scene: it must be given a hospital first"
        );
    }

    #[test]
    fn an_incident_without_units_waits_again() {
        assert_eq!(attended().release(&unit()).unwrap().state, IncidentState::Triaged);
        assert!(attended().assign(unit()).is_err());
    }

    #[test]
    fn a_ninth_unit_is_refused() {
        let mut incident = attended();
        for n in 2..=8 {
            incident = incident.assign(UnitId::new(&format!("A{n}")).unwrap()).unwrap();
        }
        assert!(incident.assign(UnitId::new("A9").unwrap()).is_err());
    }

    #[test]
    fn a_patient_in_an_ambulance_is_not_cancelled() {
        let hospital = HospitalId::new("n1").unwrap();
        let transporting = attended().choose_hospital(hospital).unwrap().transport().unwrap();
        assert!(transporting.cancel().is_err());
    }
}
