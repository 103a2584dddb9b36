//! What the page in the ambulance shows.

use ems_clinical::{Audio, Held};
use ems_model::{
    Alarm, CameraPulse, ClockWatch, Derived, ElectrodesExchanged, IncidentId, LeadCondition, News2,
    ScoreTold, Timestamp, UnitId, Vitals,
};

/// What the gateway knows now.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The unit.
    pub unit: UnitId,
    /// When this was so.
    pub at: Timestamp,
    /// The incident, while the unit is assigned.
    pub incident: Option<IncidentId>,
    /// The number of the last frame.
    pub last_seq: u64,
    /// The vital signs; too old ones are missing.
    pub vitals: Vitals,
    /// Their score.
    pub news2: Option<News2>,
    /// Other scores that they begin.
    pub scores: Vec<ScoreTold>,
    /// Alarms that are on, most urgent first.
    pub alarms: Vec<Alarm>,
    /// Alarms that are held back against a pulse wave.
    pub held: Vec<Held>,
    /// What is to be heard.
    pub audio: Audio,
    /// The leads, by name.
    pub leads: Vec<LeadView>,
    /// What virtual sensors say; no score and no alarm uses it.
    pub derived: Vec<Derived>,
    /// Electrodes that seem to be on each other's places.
    pub electrodes: Option<ElectrodesExchanged>,
    /// When a camera last saw a pulse, and which; too old a one is missing.
    pub camera: Option<(Timestamp, CameraPulse)>,
}

/// One lead of a [`View`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadView {
    /// Its name.
    pub lead: String,
    /// Samples a second.
    pub hz: u32,
    /// How it is.
    pub state: LeadCondition,
    /// Its device's clock, once that is told.
    pub clock: Option<ClockWatch>,
    /// When the last sample was taken.
    pub until: Timestamp,
    /// Up to 10 s of cleaned wave, microvolts, oldest first; nothing where a sample was missing.
    pub microvolts: Vec<Option<i16>>,
}
