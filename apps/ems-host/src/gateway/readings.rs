//! Readings of any device, as what the gateway takes.

use ems_device::{Fault, Readings, vitals_of};
use ems_model::Timestamp;
use tokio::sync::mpsc;

use super::Input;

/// Hands on the vital signs among readings, and what was wrong with them. The gateway may have
/// ended; then nobody wants to know.
pub(super) async fn hand_on(
    found: Result<Readings, Fault>,
    now: Timestamp,
    inputs: &mpsc::Sender<Input>,
) {
    let (readings, mut complaints) = match found {
        Ok(found) => found,
        Err(fault) => (vec![], vec![fault.into()]),
    };
    let (vitals, more) = vitals_of(&readings, now);
    complaints.extend(more);
    for reading in vitals {
        drop(inputs.send(Input::Reading(reading)).await);
    }
    for complaint in complaints {
        drop(inputs.send(Input::Complaint(complaint.to_string())).await);
    }
}
