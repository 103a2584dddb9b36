//! The latest of each vital sign and how old it is.

use ems_device::VitalsReading;
use ems_model::{Millis, Timestamp, Vitals};

use crate::clock::DeviceClock;

/// A slow reading may be this old when it is told.
const PAST_MAX: Millis = Millis::from_mins(15);

/// The latest numbers of a patient.
#[derive(Debug, Clone, Default)]
pub(crate) struct Readings {
    clock: DeviceClock,
    latest: Vitals,
    times: Times,
}

/// When each number of `latest` was measured.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    heart_rate: Timestamp,
    respiratory_rate: Timestamp,
    spo2: Timestamp,
    on_oxygen: Timestamp,
    systolic: Timestamp,
    diastolic: Timestamp,
    temperature: Timestamp,
    consciousness: Timestamp,
}

impl Readings {
    /// Takes what a device reported; gives how far its clock is off, if it is found to be.
    pub(crate) fn on_reading(&mut self, now: Timestamp, reading: &VitalsReading) -> Option<Millis> {
        let corrected = self.clock.correct(reading.at);
        let is_wrong = DeviceClock::is_wrong(now, corrected, PAST_MAX);
        let off = is_wrong.then(|| self.clock.step(reading.at, now));
        let at = self.clock.correct(reading.at).min(now);
        let (latest, times, new) = (&mut self.latest, &mut self.times, &reading.vitals);
        renew(&mut latest.heart_rate, &mut times.heart_rate, new.heart_rate, at);
        renew(&mut latest.respiratory_rate, &mut times.respiratory_rate, new.respiratory_rate, at);
        renew(&mut latest.spo2, &mut times.spo2, new.spo2, at);
        renew(&mut latest.on_oxygen, &mut times.on_oxygen, new.on_oxygen, at);
        renew(&mut latest.systolic, &mut times.systolic, new.systolic, at);
        renew(&mut latest.diastolic, &mut times.diastolic, new.diastolic, at);
        renew(&mut latest.temperature, &mut times.temperature, new.temperature, at);
        renew(&mut latest.consciousness, &mut times.consciousness, new.consciousness, at);
        off
    }

    /// What is known now; a number that is too old is missing.
    pub(crate) fn vitals(&self, now: Timestamp, stale_after: Millis, slow: Millis) -> Vitals {
        let (latest, times) = (self.latest, self.times);
        Vitals {
            heart_rate: fresh(latest.heart_rate, now, times.heart_rate, stale_after),
            respiratory_rate: fresh(
                latest.respiratory_rate,
                now,
                times.respiratory_rate,
                stale_after,
            ),
            spo2: fresh(latest.spo2, now, times.spo2, stale_after),
            on_oxygen: fresh(latest.on_oxygen, now, times.on_oxygen, slow),
            systolic: fresh(latest.systolic, now, times.systolic, slow),
            diastolic: fresh(latest.diastolic, now, times.diastolic, slow),
            temperature: fresh(latest.temperature, now, times.temperature, slow),
            consciousness: fresh(latest.consciousness, now, times.consciousness, slow),
            // The leads tell it.
            rhythm: None,
        }
    }

    /// When the heart rate and the systolic pressure were measured last.
    pub(crate) const fn measured_at(&self) -> (Timestamp, Timestamp) {
        (self.times.heart_rate, self.times.systolic)
    }

    /// Forgets the patient, not the device's clock.
    pub(crate) fn forget(&mut self) {
        *self = Self { clock: self.clock, ..Self::default() };
    }
}

/// Takes a new number unless it is older than the one that stands.
fn renew<T>(latest: &mut Option<T>, time: &mut Timestamp, new: Option<T>, at: Timestamp) {
    if new.is_some() && (latest.is_none() || at >= *time) {
        (*latest, *time) = (new, at);
    }
}

fn fresh<T>(latest: Option<T>, now: Timestamp, at: Timestamp, stale_after: Millis) -> Option<T> {
    latest.filter(|_| now.since(at) <= stale_after)
}
