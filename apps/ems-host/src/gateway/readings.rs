//! Readings of any device, as what the gateway takes.

use ems_device::{Fault, Reading, Readings, Wave, vitals_of, waves_of};
use ems_model::Timestamp;
use tokio::sync::mpsc;

use super::Input;

/// Hands on the vital signs and waves among readings, and what was wrong with them.
pub(super) async fn hand_on(
    found: Result<Readings, Fault>,
    now: Timestamp,
    inputs: &mpsc::Sender<Input>,
) {
    let (readings, complaints) = match found {
        Ok(found) => found,
        Err(fault) => (vec![], vec![fault.into()]),
    };
    for input in inputs_of(&readings, now) {
        // The gateway may have ended; then nobody wants to know.
        drop(inputs.send(input).await);
    }
    for complaint in complaints {
        drop(inputs.send(Input::Complaint(complaint.to_string())).await);
    }
}

/// The vital signs, the waves, and complaints about them.
pub(super) fn inputs_of(readings: &[Reading], now: Timestamp) -> Vec<Input> {
    let (vitals, wrong_vitals) = vitals_of(readings, now);
    let (waves, wrong_waves) = waves_of(readings, now);
    let vitals = vitals.into_iter().map(Input::Reading);
    let waves = waves.into_iter().map(|wave| match wave {
        Wave::Ecg(chunk) => Input::Ecg(chunk),
        Wave::Other(piece) => Input::Wave(piece),
    });
    let wrong = wrong_vitals.iter().chain(&wrong_waves);
    vitals.chain(waves).chain(wrong.map(|it| Input::Complaint(it.to_string()))).collect()
}
