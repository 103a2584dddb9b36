//! A unit: a vehicle with its crew, and what it is doing.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CrewId, IncidentId, Position, StationId, Timestamp, TransitionError, UnitId};

/// What a unit can do for a patient, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A drone that flies a defibrillator to bystanders; nobody is on board.
    Drone,
    /// Basic life support.
    Bls,
    /// Advanced life support.
    Als,
    /// An ambulance with a physician on board.
    Physician,
    /// A car that brings a physician and takes no patient.
    DoctorCar,
}

impl UnitKind {
    /// Every kind, least first.
    pub const ALL: [Self; 5] =
        [Self::Drone, Self::Bls, Self::Als, Self::Physician, Self::DoctorCar];

    /// Whether people come with it, whose arrival is the service's arrival.
    pub const fn is_crewed(self) -> bool {
        !matches!(self, Self::Drone)
    }

    /// Whether it can take a patient to hospital.
    pub const fn can_transport(self) -> bool {
        matches!(self, Self::Bls | Self::Als | Self::Physician)
    }

    /// Whether a unit of this kind can take a step at all: who brings no crew reaches no patient,
    /// and who carries none leaves with none.
    const fn can(self, step: UnitStep) -> bool {
        match step {
            UnitStep::ReachPatient | UnitStep::HandCareOn => self.is_crewed(),
            UnitStep::LeaveScene => self.can_transport(),
            _ => true,
        }
    }
}

/// Whether a crew may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CrewState {
    /// On shift and rested.
    OnShift {
        /// When the shift ends.
        until: Timestamp,
    },
    /// On a break that the rules protect.
    Resting {
        /// When the break ends.
        until: Timestamp,
        /// When the shift ends.
        shift_until: Timestamp,
    },
}

/// The people of a unit on one shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crew {
    /// Their name on the roster.
    pub id: CrewId,
    /// Whether they may be sent.
    pub state: CrewState,
}

impl Crew {
    /// A crew that starts its shift.
    pub fn sign_on(id: CrewId, shift_until: Timestamp) -> Self {
        Self { id, state: CrewState::OnShift { until: shift_until } }
    }

    /// Starts a break; a second break while resting is an error.
    pub fn rest(self, until: Timestamp) -> Result<Self, TransitionError> {
        match self.state {
            CrewState::OnShift { until: shift_until } => {
                Ok(Self { state: CrewState::Resting { until, shift_until }, ..self })
            }
            CrewState::Resting { .. } => {
                Err(TransitionError::new("crew", &self.id, "resting", "rest", "on shift"))
            }
        }
    }

    /// Ends a break; ending none is an error.
    pub fn end_rest(self) -> Result<Self, TransitionError> {
        match self.state {
            CrewState::Resting { shift_until, .. } => {
                Ok(Self { state: CrewState::OnShift { until: shift_until }, ..self })
            }
            CrewState::OnShift { .. } => {
                Err(TransitionError::new("crew", &self.id, "on shift", "end its rest", "resting"))
            }
        }
    }
}

/// Where a unit stands in its call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Told of the call.
    Notified,
    /// Has confirmed it.
    Acknowledged,
    /// Drives to the scene.
    EnRoute,
    /// Waits near the scene until it is safe.
    Staged,
    /// The vehicle has stopped at the scene.
    OnScene,
    /// The crew is with the patient.
    AtPatient,
    /// Another unit has taken over the patient on scene.
    CareHandedOn,
    /// Drives the patient to hospital.
    Transporting,
    /// Has landed or parked at the hospital's landing area.
    AtLandingArea,
    /// The patient is at the hospital's door.
    AtHospital,
    /// The hospital has taken over the patient.
    CareTransferred,
}

/// What a crew reports. Each step stamps one NEMSIS 3.5 eTimes element ([`UnitStep::etimes`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum UnitStep {
    /// Confirms the call.
    Acknowledge,
    /// Starts to drive.
    GoEnRoute,
    /// Waits near the scene.
    Stage,
    /// Stops at the scene.
    ArriveOnScene,
    /// Reaches the patient.
    ReachPatient,
    /// Hands the patient to another unit.
    HandCareOn,
    /// Leaves with the patient.
    LeaveScene,
    /// Reaches the landing area.
    ReachLandingArea,
    /// Arrives at the hospital.
    ArriveAtHospital,
    /// Hands over to the hospital.
    TransferCare,
    /// Is ready for the next call.
    ReturnToService,
    /// Is called off or cannot go on.
    StandDown,
    /// Is back at its home location.
    ReturnHome,
    /// Has cleaned, restocked and written the record.
    CompleteCall,
}

impl UnitStep {
    /// Every step, in the order of its NEMSIS element.
    pub const ALL: [Self; 14] = [
        Self::Acknowledge,
        Self::GoEnRoute,
        Self::ArriveOnScene,
        Self::ReachPatient,
        Self::HandCareOn,
        Self::LeaveScene,
        Self::ReachLandingArea,
        Self::ArriveAtHospital,
        Self::TransferCare,
        Self::ReturnToService,
        Self::StandDown,
        Self::ReturnHome,
        Self::CompleteCall,
        Self::Stage,
    ];

    /// The NEMSIS 3.5 element that the step stamps; `eTimes.01` to `.03` are stamped by the call,
    /// its entry into the dispatch queue and the assignment.
    /// Source: NEMSIS EMS dataset 3.5.0, section eTimes.
    pub const fn etimes(self) -> &'static str {
        match self {
            Self::Acknowledge => "eTimes.04",
            Self::GoEnRoute => "eTimes.05",
            Self::ArriveOnScene => "eTimes.06",
            Self::ReachPatient => "eTimes.07",
            Self::HandCareOn => "eTimes.08",
            Self::LeaveScene => "eTimes.09",
            Self::ReachLandingArea => "eTimes.10",
            Self::ArriveAtHospital => "eTimes.11",
            Self::TransferCare => "eTimes.12",
            Self::ReturnToService => "eTimes.13",
            Self::StandDown => "eTimes.14",
            Self::ReturnHome => "eTimes.15",
            Self::CompleteCall => "eTimes.16",
            Self::Stage => "eTimes.17",
        }
    }
}

impl fmt::Display for UnitStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Acknowledge => "acknowledge",
            Self::GoEnRoute => "go en route",
            Self::Stage => "stage",
            Self::ArriveOnScene => "arrive on scene",
            Self::ReachPatient => "reach the patient",
            Self::HandCareOn => "hand care on",
            Self::LeaveScene => "leave the scene",
            Self::ReachLandingArea => "reach the landing area",
            Self::ArriveAtHospital => "arrive at hospital",
            Self::TransferCare => "transfer care",
            Self::ReturnToService => "return to service",
            Self::StandDown => "stand down",
            Self::ReturnHome => "return home",
            Self::CompleteCall => "complete the call",
        })
    }
}

/// What a unit is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum UnitState {
    /// Not in service.
    OffDuty,
    /// Can be sent.
    Available {
        /// The call it finished last, for its closing times.
        last: Option<IncidentId>,
    },
    /// Busy with a call.
    Engaged {
        /// The call.
        incident: IncidentId,
        /// How far it has come.
        phase: Phase,
    },
    /// Lent to another centre.
    Lent {
        /// Until when.
        until: Timestamp,
    },
}

/// A vehicle with its crew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its call sign.
    pub id: UnitId,
    /// What it can do.
    pub kind: UnitKind,
    /// Where it waits.
    pub home: Position,
    /// The station there, if it has one.
    pub station: Option<StationId>,
    /// Where it waits instead, if it was told to.
    pub post: Option<StationId>,
    /// Who is on board.
    pub crew: Crew,
    /// What it is doing.
    pub state: UnitState,
    /// Since when.
    pub since: Timestamp,
}

impl Unit {
    /// The call that it is busy with.
    pub fn incident(&self) -> Option<IncidentId> {
        match self.state {
            UnitState::Engaged { incident, .. } => Some(incident),
            UnitState::OffDuty | UnitState::Available { .. } | UnitState::Lent { .. } => None,
        }
    }

    /// How far it has come with its call.
    pub fn phase(&self) -> Option<Phase> {
        match self.state {
            UnitState::Engaged { phase, .. } => Some(phase),
            UnitState::OffDuty | UnitState::Available { .. } | UnitState::Lent { .. } => None,
        }
    }

    /// The station where it waits while it is free, and which it covers.
    pub fn waits_at(&self) -> Option<&StationId> {
        self.post.as_ref().or(self.station.as_ref())
    }

    /// Tells a free unit where to wait.
    pub fn post(self, station: StationId) -> Result<Self, TransitionError> {
        match self.state {
            UnitState::Available { .. } => {
                let post = Some(station).filter(|post| self.station.as_ref() != Some(post));
                Ok(Self { post, ..self })
            }
            state => Err(self.illegal(state, "be posted", "available")),
        }
    }

    /// Takes the unit from a call before it has arrived there, for another one.
    pub fn divert(self, now: Timestamp, from: IncidentId) -> Result<Self, TransitionError> {
        match self.state {
            UnitState::Engaged { incident, phase }
                if incident == from && phase < Phase::OnScene =>
            {
                let state = UnitState::Available { last: Some(from) };
                Ok(Self { state, since: now, ..self })
            }
            state => Err(self.illegal(state, "be diverted", "on its way to that call")),
        }
    }

    /// Gives the unit a call; only an available unit takes one.
    pub fn assign(self, now: Timestamp, incident: IncidentId) -> Result<Self, TransitionError> {
        match self.state {
            UnitState::Available { .. } => {
                let state = UnitState::Engaged { incident, phase: Phase::Notified };
                Ok(Self { state, since: now, ..self })
            }
            state => Err(self.illegal(state, "take a call", "available")),
        }
    }

    /// Takes the step that its crew reports.
    pub fn step(self, now: Timestamp, step: UnitStep) -> Result<Self, TransitionError> {
        let state = match self.state {
            UnitState::Engaged { incident, phase } => self.engaged(incident, phase, step)?,
            UnitState::Available { .. }
                if matches!(step, UnitStep::ReturnHome | UnitStep::CompleteCall) =>
            {
                return Ok(self);
            }
            state => return Err(self.illegal(state, &step.to_string(), "engaged in a call")),
        };
        Ok(Self { state, since: now, ..self })
    }

    fn engaged(
        &self,
        incident: IncidentId,
        phase: Phase,
        step: UnitStep,
    ) -> Result<UnitState, TransitionError> {
        use UnitStep as S;
        if !self.kind.can(step) {
            let state = UnitState::Engaged { incident, phase };
            let legal = if self.kind.is_crewed() { "able to carry a patient" } else { "crewed" };
            return Err(self.illegal(state, &step.to_string(), legal));
        }
        if let Some(phase) = phase.after(step) {
            return Ok(UnitState::Engaged { incident, phase });
        }
        let is_free = match step {
            S::StandDown => phase < Phase::Transporting && phase != Phase::CareHandedOn,
            S::ReturnToService => phase.may_return_to_service(),
            _ => false,
        };
        if is_free {
            Ok(UnitState::Available { last: Some(incident) })
        } else {
            let legal = step.allowed_from();
            Err(self.illegal(UnitState::Engaged { incident, phase }, &step.to_string(), legal))
        }
    }

    /// Lends an available unit to another centre, or a lent one for longer.
    pub fn lend(self, now: Timestamp, until: Timestamp) -> Result<Self, TransitionError> {
        match self.state {
            UnitState::Available { .. } | UnitState::Lent { .. } => {
                Ok(Self { state: UnitState::Lent { until }, since: now, ..self })
            }
            state => Err(self.illegal(state, "be lent", "available")),
        }
    }

    /// Takes a lent unit back.
    pub fn take_back(self, now: Timestamp) -> Result<Self, TransitionError> {
        match self.state {
            UnitState::Lent { .. } => {
                Ok(Self { state: UnitState::Available { last: None }, since: now, ..self })
            }
            state => Err(self.illegal(state, "be taken back", "lent")),
        }
    }

    /// Takes the unit out of service; a busy unit must finish first.
    pub fn sign_off(self, now: Timestamp) -> Result<Self, TransitionError> {
        match self.state {
            UnitState::Available { .. } => {
                Ok(Self { state: UnitState::OffDuty, since: now, ..self })
            }
            state => Err(self.illegal(state, "sign off", "available")),
        }
    }

    fn illegal(&self, state: UnitState, step: &str, legal: &'static str) -> TransitionError {
        TransitionError::new("unit", &self.id, state, step, legal)
    }
}

impl Phase {
    /// The phase that a step leads to, if it leads to one from here.
    fn after(self, step: UnitStep) -> Option<Self> {
        use UnitStep as S;
        Some(match (self, step) {
            (Self::Notified, S::Acknowledge) => Self::Acknowledged,
            (Self::Notified | Self::Acknowledged | Self::Staged, S::GoEnRoute) => Self::EnRoute,
            (Self::EnRoute, S::Stage) => Self::Staged,
            (Self::EnRoute | Self::Staged, S::ArriveOnScene) => Self::OnScene,
            (Self::OnScene, S::ReachPatient) => Self::AtPatient,
            (Self::AtPatient, S::HandCareOn) => Self::CareHandedOn,
            (Self::AtPatient, S::LeaveScene) => Self::Transporting,
            (Self::Transporting, S::ReachLandingArea) => Self::AtLandingArea,
            (Self::Transporting | Self::AtLandingArea, S::ArriveAtHospital) => Self::AtHospital,
            (Self::AtHospital, S::TransferCare) => Self::CareTransferred,
            _ => return None,
        })
    }

    fn may_return_to_service(self) -> bool {
        matches!(self, Self::OnScene | Self::AtPatient | Self::CareHandedOn | Self::CareTransferred)
    }
}

impl UnitStep {
    fn allowed_from(self) -> &'static str {
        match self {
            Self::Acknowledge => "notified",
            Self::GoEnRoute => "notified, acknowledged or staged",
            Self::Stage => "en route",
            Self::ArriveOnScene => "en route or staged",
            Self::ReachPatient => "on scene",
            Self::HandCareOn | Self::LeaveScene => "at patient",
            Self::ReachLandingArea => "transporting",
            Self::ArriveAtHospital => "transporting or at landing area",
            Self::TransferCare => "at hospital",
            Self::ReturnToService => "on scene, at patient, care handed on or care transferred",
            Self::StandDown => "notified to at patient",
            Self::ReturnHome | Self::CompleteCall => "available",
        }
    }
}

impl fmt::Display for UnitState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OffDuty => f.write_str("off duty"),
            Self::Available { .. } => f.write_str("available"),
            Self::Lent { .. } => f.write_str("lent to another centre"),
            Self::Engaged { incident, phase } => {
                write!(f, "{phase:?} in incident {incident}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn available() -> Unit {
        Unit {
            id: UnitId::new("A1").unwrap(),
            kind: UnitKind::Als,
            home: Position::from_degrees(35.9, 14.5).unwrap(),
            station: None,
            post: None,
            crew: Crew::sign_on(CrewId::new("c1").unwrap(), Timestamp::from_millis(1_000_000)),
            state: UnitState::Available { last: None },
            since: Timestamp::default(),
        }
    }

    fn walk(steps: &[UnitStep]) -> Result<Unit, TransitionError> {
        let unit = available().assign(Timestamp::default(), IncidentId(7)).unwrap();
        steps.iter().try_fold(unit, |unit, step| unit.step(Timestamp::from_millis(1), *step))
    }

    #[test]
    fn steps_four_to_seventeen_stamp_each_etimes_element_once() {
        let mut elements: Vec<_> = UnitStep::ALL.iter().map(|step| step.etimes()).collect();
        elements.sort_unstable();
        let expected: Vec<_> = (4..=17).map(|n| format!("eTimes.{n:02}")).collect();
        assert_eq!(elements, expected);
    }

    #[test]
    fn a_whole_call_ends_available_with_the_call_remembered() {
        use UnitStep as S;
        let steps = [
            S::Acknowledge,
            S::GoEnRoute,
            S::Stage,
            S::ArriveOnScene,
            S::ReachPatient,
            S::LeaveScene,
            S::ReachLandingArea,
            S::ArriveAtHospital,
            S::TransferCare,
            S::ReturnToService,
            S::ReturnHome,
            S::CompleteCall,
        ];
        let unit = walk(&steps).unwrap();
        assert_eq!(unit.state, UnitState::Available { last: Some(IncidentId(7)) });
    }

    #[test]
    fn a_unit_is_diverted_from_its_own_call_until_it_has_arrived_there() {
        use UnitStep as S;
        let drive = [S::Acknowledge, S::GoEnRoute, S::Stage, S::ArriveOnScene, S::ReachPatient];
        for n_steps in 0..=drive.len() {
            let unit = walk(&drive[..n_steps]).unwrap();
            let diverted = unit.clone().divert(Timestamp::from_millis(2), IncidentId(7));
            assert_eq!(diverted.is_ok(), n_steps <= 3, "after {n_steps} steps");
            if let Ok(free) = diverted {
                assert!(free.assign(Timestamp::from_millis(2), IncidentId(8)).is_ok());
            }
            assert!(unit.divert(Timestamp::from_millis(2), IncidentId(6)).is_err(), "not its call");
        }
        assert!(available().divert(Timestamp::default(), IncidentId(7)).is_err());
    }

    #[test]
    fn only_a_free_unit_is_posted_and_home_is_no_post() {
        let station = |name| StationId::new(name).unwrap();
        let at_home = Unit { station: Some(station("s1")), ..available() };
        let posted = at_home.clone().post(station("s2")).unwrap();
        assert_eq!(posted.waits_at(), Some(&station("s2")));
        assert_eq!(posted.post(station("s1")).unwrap(), at_home);
        assert!(walk(&[]).unwrap().post(station("s2")).is_err());
    }

    #[test]
    fn each_phase_takes_its_own_steps_and_no_other() {
        use UnitStep as S;
        for (before, legal) in [
            (vec![], vec![S::Acknowledge, S::GoEnRoute, S::StandDown]),
            (vec![S::Acknowledge], vec![S::GoEnRoute, S::StandDown]),
            (vec![S::GoEnRoute], vec![S::Stage, S::ArriveOnScene, S::StandDown]),
            (vec![S::GoEnRoute, S::Stage], vec![S::GoEnRoute, S::ArriveOnScene, S::StandDown]),
            (
                vec![S::GoEnRoute, S::ArriveOnScene],
                vec![S::ReachPatient, S::ReturnToService, S::StandDown],
            ),
            (
                vec![S::GoEnRoute, S::ArriveOnScene, S::ReachPatient],
                vec![S::HandCareOn, S::LeaveScene, S::ReturnToService, S::StandDown],
            ),
            (
                vec![S::GoEnRoute, S::ArriveOnScene, S::ReachPatient, S::LeaveScene],
                vec![S::ReachLandingArea, S::ArriveAtHospital],
            ),
        ] {
            for step in UnitStep::ALL {
                let steps: Vec<_> = before.iter().copied().chain([step]).collect();
                assert_eq!(walk(&steps).is_ok(), legal.contains(&step), "{before:?} then {step}");
            }
        }
    }

    #[test]
    fn a_drone_reaches_no_patient_and_a_doctor_car_takes_none_along() {
        use UnitStep as S;
        let at = |kind, steps: &[S]| {
            let unit = Unit { kind, ..available() };
            let unit = unit.assign(Timestamp::default(), IncidentId(7)).unwrap();
            steps.iter().try_fold(unit, |unit, step| unit.step(Timestamp::default(), *step))
        };
        let there = [S::GoEnRoute, S::ArriveOnScene, S::ReachPatient];
        let drone = at(UnitKind::Drone, &there).unwrap_err().to_string();
        assert!(drone.ends_with("cannot reach the patient: it must be crewed"), "{drone}");
        assert!(at(UnitKind::Drone, &[S::GoEnRoute, S::ArriveOnScene, S::ReturnToService]).is_ok());
        assert!(at(UnitKind::DoctorCar, &there).is_ok());
        let taken = at(UnitKind::DoctorCar, &[&there[..], &[S::LeaveScene]].concat());
        assert!(taken.unwrap_err().to_string().contains("must be able to carry a patient"));
    }

    #[test]
    fn a_busy_unit_takes_no_second_call() {
        let error = walk(&[]).unwrap().assign(Timestamp::default(), IncidentId(8)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unit A1 is Notified in incident 7 and cannot take a call: it must be available"
        );
    }

    #[test]
    fn a_break_starts_and_ends_once() {
        let rested = available().crew.rest(Timestamp::from_millis(5)).unwrap();
        assert!(rested.clone().rest(Timestamp::from_millis(9)).is_err());
        assert_eq!(rested.end_rest().unwrap(), available().crew);
    }
}
