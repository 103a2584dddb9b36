//! Which changes are worth a message.

use ems_model::{MmHg, Vitals};

use super::Terse;

/// Changes that matter: ours, about half a band of NEWS2 (RCP 2017, chart 1).
const RATE: u16 = 8;
const BREATHS: u16 = 3;
const SATURATION: u16 = 2;
const PRESSURE: u16 = 12;
const CELSIUS: f64 = 0.5;
const ETCO2: u16 = 5;

/// Whether a reader who knows `told` should hear of `now`.
pub(super) fn is_worth_telling(told: &Terse, now: &Terse) -> bool {
    has_changed(&told.vitals, &now.vitals)
        || told.gcs != now.gcs
        || differs(told.etco2.map(MmHg::get), now.etco2.map(MmHg::get), ETCO2)
}

fn has_changed(told: &Vitals, now: &Vitals) -> bool {
    let of = |value: fn(&Vitals) -> Option<u16>, least| differs(value(told), value(now), least);
    of(|it| it.heart_rate.map(ems_model::Bpm::get), RATE)
        || of(|it| it.respiratory_rate.map(ems_model::BreathsPerMin::get), BREATHS)
        || of(|it| it.spo2.map(ems_model::OxygenSaturation::get), SATURATION)
        || of(|it| it.systolic.map(MmHg::get), PRESSURE)
        || of(|it| it.diastolic.map(MmHg::get), PRESSURE)
        || is_warmer_or_colder(told, now)
        || told.consciousness != now.consciousness
        || told.on_oxygen != now.on_oxygen
        || told.rhythm != now.rhythm
}

/// One that is there no longer, or is there now, has changed.
fn differs(told: Option<u16>, now: Option<u16>, least: u16) -> bool {
    match (told, now) {
        (Some(told), Some(now)) => told.abs_diff(now) >= least,
        (told, now) => told != now,
    }
}

fn is_warmer_or_colder(told: &Vitals, now: &Vitals) -> bool {
    match (told.temperature, now.temperature) {
        (Some(told), Some(now)) => (told.get() - now.get()).abs() >= CELSIUS,
        (told, now) => told.is_some() != now.is_some(),
    }
}
