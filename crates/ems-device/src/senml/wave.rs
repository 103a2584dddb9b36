//! Records of one name at even steps of time are a piece of a wave.

use std::collections::BTreeMap;

use ems_model::Timestamp;

use super::{SenmlRecord, SenmlValue};
use crate::fault::Fault;
use crate::reading::{Reading, Readings, Value, is_wave};

/// How far from its even place a sample may be, in steps.
const UNEVEN: f64 = 0.1;

/// The records of one pack as readings: those that are named as a wave in IEEE 11073-10101, such as
/// `MDC_ECG_ELEC_POTL_II`, as one piece of it, the others each by itself. Times that count from now
/// do so from `now`.
pub fn senml_readings(records: &[SenmlRecord], now: Timestamp) -> Readings {
    let (mut readings, mut complaints) = Readings::default();
    let mut waves: BTreeMap<&str, Vec<&SenmlRecord>> = BTreeMap::new();
    for record in records {
        if is_wave(&record.name) {
            waves.entry(&record.name).or_default().push(record);
        } else {
            readings.push(record.reading(Some(now)));
        }
    }
    for (name, samples) in waves {
        match wave(name, &samples, now) {
            Ok(reading) => readings.push(reading),
            Err(fault) => complaints.push(fault.into()),
        }
    }
    (readings, complaints)
}

fn wave(name: &str, samples: &[&SenmlRecord], now: Timestamp) -> Result<Reading, Fault> {
    let units: Vec<_> = samples.iter().map(|it| &it.unit).collect();
    if units.windows(2).any(|pair| pair[0] != pair[1]) {
        let remedy = "send a base unit for all of them";
        return Err(Fault::new(format!("unit of {name}"), "not the same", "one unit", remedy));
    }
    let values = samples.iter().map(|it| number(it)).collect::<Option<_>>().ok_or_else(|| {
        Fault::new(format!("value of {name}"), "no number", "numbers", "leave other samples out")
    })?;
    let hz = 1.0 / step(name, samples)?;
    let reading = samples[0].reading(Some(now));
    Ok(Reading { value: Value::Samples { hz, values }, ..reading })
}

#[expect(clippy::cast_possible_truncation, reason = "samples are single precision")]
fn number(record: &SenmlRecord) -> Option<f32> {
    match record.value {
        Some(SenmlValue::Number(number)) => Some(number as f32),
        _ => None,
    }
}

/// Seconds from sample to sample, the same between all.
#[expect(clippy::cast_precision_loss, reason = "a pack has some ten thousand records at most")]
fn step(name: &str, samples: &[&SenmlRecord]) -> Result<f64, Fault> {
    let uneven = |found: String| {
        let remedy = "send each piece without gaps, oldest first, two samples or more";
        Fault::new(format!("times of {name}"), found, "even steps", remedy)
    };
    let (first, last) = (samples[0].time_secs, samples[samples.len() - 1].time_secs);
    let step = (last - first) / (samples.len() as f64 - 1.0);
    if !step.is_finite() || step <= 0.0 {
        return Err(uneven(format!("{} samples over {} s", samples.len(), last - first)));
    }
    let off = |(idx, it): (usize, &&SenmlRecord)| (it.time_secs - first) / step - idx as f64;
    match samples.iter().enumerate().map(off).find(|off| off.abs() > UNEVEN) {
        Some(off) => Err(uneven(format!("off by {off:.2} steps"))),
        None => Ok(step),
    }
}
