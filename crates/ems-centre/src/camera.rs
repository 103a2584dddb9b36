//! What a camera in an ambulance kept of a patient.

use ems_model::{CameraFinding, Command, Event, Timestamp};

use crate::centre::Centre;
use crate::checks::within;
use crate::ledger::Happening;
use crate::rejection::Rejection;

/// Photos and measurements of one incident.
const FINDINGS_LEN_MAX: usize = 100;
/// Pixels a side, as they are decoded.
const SIDE_PX_MAX: i64 = 8192;
/// A refill that takes longer is not measured.
const REFILL_MS_MAX: i64 = 60_000;

impl Centre {
    /// It may come hours after it was taken, when the call is over: the gateway had no network.
    pub(crate) fn record_camera(
        &self,
        now: Timestamp,
        command: &Command,
    ) -> Result<Vec<Happening>, Rejection> {
        let Command::RecordCamera { incident, unit, at, finding } = command else {
            return Ok(Vec::new());
        };
        let (incident, at) = (*incident, *at);
        self.unit_record(unit)?;
        let record = self.incident_record(incident)?;
        let was_there = record.times.iter().any(|time| time.unit.as_ref() == Some(unit));
        if !was_there && !record.incident.units.contains(unit) {
            return Err(Rejection::NotItsCall { unit: unit.clone(), incident });
        }
        if record.camera.len() >= FINDINGS_LEN_MAX {
            return Err(Rejection::TooManyPhotos { incident, max: FINDINGS_LEN_MAX });
        }
        check(finding)?;
        let event =
            Event::CameraRecorded { incident, unit: unit.clone(), finding: finding.clone() };
        Ok(vec![Happening { at: at.max(record.opened_at).min(now), event }])
    }
}

fn check(finding: &CameraFinding) -> Result<(), Rejection> {
    match finding {
        CameraFinding::Wound { size, .. } => {
            size.iter().try_for_each(|side| within("size", i64::from(*side), [1, SIDE_PX_MAX]))
        }
        CameraFinding::Refill { time, within: off } => {
            within("time", time.get(), [0, REFILL_MS_MAX])?;
            within("within", off.get(), [0, REFILL_MS_MAX])
        }
    }
}
