//! One incident as the city's people live it.

use std::collections::{BTreeSet, VecDeque};

use ems_device::EcgChunk;
use ems_model::{HospitalId, Priority, Timestamp, UnitId};

use crate::ecg::EcgSource;
use crate::mix::Severity;
use crate::patient::Body;
use crate::people::Chances;

/// One incident: its patient, its chances and how it stands.
#[derive(Debug)]
pub(crate) struct Case {
    /// What the keys of its commands begin with: `call12` or `incident7`.
    pub(crate) label: String,
    /// Its number among the streams of chance.
    pub(crate) idx: u64,
    pub(crate) complaint: String,
    pub(crate) position: ems_model::Position,
    pub(crate) rang_at: Timestamp,
    pub(crate) suggested: Priority,
    pub(crate) rank: u8,
    pub(crate) progress: Progress,
    pub(crate) severity: Severity,
    pub(crate) chances: Chances,
    pub(crate) body: Body,
    pub(crate) ecg: Option<EcgSource>,
    /// What is left of the second of wave that is being measured.
    pub(crate) wave: VecDeque<EcgChunk>,
    pub(crate) units: BTreeSet<UnitId>,
    /// The unit whose crew reached the patient first.
    pub(crate) carer: Option<UnitId>,
    /// When the first crew that cared is done on scene.
    pub(crate) care_ends: Option<Timestamp>,
    pub(crate) destination: Destination,
    /// No road leads from here to any hospital: the patient is cared for where they are.
    pub(crate) is_out_of_reach: bool,
    pub(crate) n_diverts: u32,
    pub(crate) wants_unit: bool,
    pub(crate) wants_hospital: bool,
    /// Decisions made so far: numbers for the keys of commands.
    pub(crate) n_assigns: u32,
    pub(crate) n_choices: u32,
    /// Since when devices measure the patient.
    pub(crate) measured_since: Option<Timestamp>,
}

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Received,
    Triaged,
    /// The patient is on the road.
    Left,
    Over,
}

/// Where the patient goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    Open,
    Chosen(HospitalId),
    /// The hospital has passed the patient on.
    Refused(HospitalId),
}

impl Case {
    pub(crate) fn is_over(&self) -> bool {
        self.progress == Progress::Over
    }

    /// Whether nobody is needed on scene any more.
    pub(crate) fn has_left(&self) -> bool {
        matches!(self.progress, Progress::Left | Progress::Over)
    }

    /// Whether the patient may leave for the hospital.
    pub(crate) fn has_destination(&self) -> bool {
        matches!(self.destination, Destination::Chosen(_))
    }

    /// Gives the patient into other hands, whose monitor starts a second of wave of its own.
    pub(crate) fn pass_to(&mut self, carer: Option<UnitId>) {
        self.carer = carer;
        self.wave.clear();
    }

    /// The place in the queue for units.
    pub(crate) fn turn(
        &self,
        incident: ems_model::IncidentId,
    ) -> (u8, Timestamp, ems_model::IncidentId) {
        (self.rank, self.rang_at, incident)
    }
}
