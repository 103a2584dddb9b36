//! What a patient's monitor measures, second by second, while a crew cares.

use std::collections::VecDeque;

use ems_device::{EcgChunk, VitalsReading};
use ems_model::{Millis, Phase, Timestamp, UnitId, Vitals};

use super::{City, Output, Wake};
use crate::settings::DeviceSettings;

const SECOND: Millis = Millis::from_secs(1);
/// A host that is later than this skips what it missed.
const LATE_MAX: Millis = Millis::from_secs(5);

impl City {
    /// Sends the piece of wave that ended at `at` and, once a second, all other readings; plans the
    /// next.
    pub(crate) fn measure(&mut self, now: Timestamp, at: Timestamp, unit: &UnitId) {
        let job = self.crews.get(unit).and_then(|crew| crew.job);
        let Some(job) = job.filter(|job| is_in_care(job.phase)) else { return };
        let Some(case) = self.cases.get_mut(&job.incident) else { return };
        if case.is_over() || case.carer.as_ref() != Some(unit) {
            return;
        }
        let devices = &self.plan.settings.devices;
        let is_late = now.since(at) > LATE_MAX;
        let at = if is_late { now } else { at };
        let piece = case.wave.pop_front().filter(|_| !is_late);
        self.outbox.extend(piece.map(|chunk| Output::Ecg { unit: unit.clone(), chunk }));
        if is_late {
            case.wave.clear();
        }
        if !case.wave.is_empty() {
            self.agenda.set(Wake::Devices(unit.clone()), at + devices.ecg_piece());
            return;
        }
        case.body.advance(at);
        let follows = case.ecg.as_ref().is_none_or(crate::ecg::EcgSource::follows_body);
        let vitals = due(
            case.body.vitals(),
            at.since(*case.measured_since.get_or_insert(at)),
            follows,
            devices,
        );
        let reading = VitalsReading { at, vitals };
        self.outbox.push_back(Output::Reading { unit: unit.clone(), reading });
        let next = if let Some(ecg) = &mut case.ecg {
            let second = ecg.next_second(at, &devices.ecg_lead, case.body.heart());
            case.wave = pieces(&second, devices.ecg_piece());
            at + devices.ecg_piece()
        } else {
            at + SECOND
        };
        self.agenda.set(Wake::Devices(unit.clone()), next);
    }
}

/// A second of wave cut into pieces of this length.
fn pieces(second: &EcgChunk, length: Millis) -> VecDeque<EcgChunk> {
    let n_pieces = usize::try_from(SECOND.get() / length.get()).unwrap_or(1).max(1);
    let n_samples = second.microvolts.len();
    let piece = |idx: usize| {
        let range = idx * n_samples / n_pieces..(idx + 1) * n_samples / n_pieces;
        let ms = i64::try_from(range.start * 1000 / n_samples.max(1)).unwrap_or(0);
        EcgChunk {
            at: second.at + Millis::new(ms),
            lead: second.lead.clone(),
            hz: second.hz,
            microvolts: second.microvolts[range].to_vec(),
        }
    };
    (0..n_pieces).map(piece).collect()
}

fn is_in_care(phase: Phase) -> bool {
    matches!(
        phase,
        Phase::AtPatient | Phase::Transporting | Phase::AtLandingArea | Phase::AtHospital
    )
}

/// What the monitor has new: a cuff is inflated now and then only, and the heart rate of a
/// recording is for the gateway to find.
fn due(vitals: Vitals, elapsed: Millis, follows_body: bool, devices: &DeviceSettings) -> Vitals {
    let second = elapsed.get() / 1000;
    let has_pressure = second % i64::from(devices.pressure_s) == 0;
    let has_temperature = second % i64::from(devices.temperature_s) == 0;
    Vitals {
        heart_rate: vitals.heart_rate.filter(|_| follows_body),
        systolic: vitals.systolic.filter(|_| has_pressure),
        diastolic: vitals.diastolic.filter(|_| has_pressure),
        temperature: vitals.temperature.filter(|_| has_temperature),
        ..vitals
    }
}
