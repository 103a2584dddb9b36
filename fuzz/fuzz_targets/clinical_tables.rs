#![no_main]
//! Tables of scores and limits are read or refused; those that were read judge any patient.
use ems_clinical::{AlarmLimits, Alarms, Inputs, Scores, Spo2Scale};
use ems_model::{Bpm, Celsius, OxygenSaturation, Vitals};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let vitals = Vitals {
        heart_rate: Bpm::new(300).ok(),
        spo2: OxygenSaturation::new(0).ok(),
        temperature: Celsius::new(47.0).ok(),
        ..Vitals::default()
    };
    if let Ok(scores) = Scores::parse(Inputs::standard(), [text]) {
        for scale in [Spo2Scale::One, Spo2Scale::Two] {
            let _ = scores.score_all(&scores.of_vitals(&vitals, scale, Some(15)));
        }
    }
    let _ = Inputs::parse(text);
    if let Ok(limits) = AlarmLimits::parse(text) {
        let _ = Alarms::new(limits);
    }
});
