//! Units and calls as a run keeps them.

use ems_model::Phase;

use super::call::Call;
use super::plane::Place;
use super::trip::Trip;

/// What a unit is doing. In the words of the live system ([`Duty::phase`]) a unit is available at
/// its station and on its way there, and engaged in between.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Duty {
    AtStation,
    Homeward(Trip),
    ToCall {
        case: usize,
        trip: Trip,
    },
    OnScene {
        case: usize,
    },
    Transporting {
        case: usize,
        hospital: usize,
    },
    AtHospital {
        hospital: usize,
    },
    /// At a station and not to be sent: a meal, or the vehicle is refilled.
    Pause,
    /// At its station, its shift over.
    Off,
}

impl Duty {
    /// The phase of a call that the live system would show; `None` for an available unit.
    pub(crate) fn phase(&self) -> Option<Phase> {
        match self {
            Self::AtStation | Self::Homeward(_) | Self::Pause | Self::Off => None,
            Self::ToCall { .. } => Some(Phase::EnRoute),
            Self::OnScene { .. } => Some(Phase::AtPatient),
            Self::Transporting { .. } => Some(Phase::Transporting),
            Self::AtHospital { .. } => Some(Phase::AtHospital),
        }
    }
}

impl Duty {
    /// Whether it drives.
    pub(crate) fn is_drive(&self) -> bool {
        matches!(self, Self::Homeward(_) | Self::ToCall { .. } | Self::Transporting { .. })
    }
}

#[derive(Debug)]
pub(crate) struct Unit {
    /// Where it waits, or will.
    pub(crate) station: usize,
    pub(crate) duty: Duty,
    pub(crate) since: f64,
    /// Raised with each change of duty: events of an earlier one are void.
    pub(crate) version: u32,
    /// When it was moved while it waited; `None` once it has had a call since.
    pub(crate) moved_at: Option<f64>,
    /// It goes home for good or pauses: no rule counts or sends it.
    pub(crate) is_leaving: bool,
}

/// A call that no unit has reached yet, or that a unit is busy with.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) seq: u64,
    pub(crate) call: Call,
    pub(crate) place: Place,
    /// Since when it waits: for a unit to become free, or to arrive.
    pub(crate) since: f64,
    pub(crate) was_queued: bool,
    pub(crate) n_bumps: u32,
    pub(crate) queued: f64,
    pub(crate) bumped: f64,
}
