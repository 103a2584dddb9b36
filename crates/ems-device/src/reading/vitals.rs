//! Readings of devices as vital signs.

use std::collections::BTreeMap;

use ems_model::{OutOfRange, Timestamp, Vitals};

use super::{Moment, Reading, Value, metric};
use crate::complaint::Complaint;
use crate::fault::Fault;
use crate::feed::VitalsReading;

/// A vital sign and how its numbers are taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    HeartRate,
    Breaths,
    Saturation,
    Systolic,
    Diastolic,
    Temperature,
}

/// Which metrics are which sign, the one to be preferred first.
const SIGNS: [(u32, Sign); 12] = [
    (metric::HEART_RATE, Sign::HeartRate),
    (metric::OXIMETER_PULSE, Sign::HeartRate),
    (metric::NIBP_PULSE, Sign::HeartRate),
    (metric::RESPIRATORY_RATE, Sign::Breaths),
    (metric::THORACIC_RESPIRATORY_RATE, Sign::Breaths),
    (metric::SPO2, Sign::Saturation),
    (metric::SYSTOLIC, Sign::Systolic),
    (metric::CUFF_SYSTOLIC, Sign::Systolic),
    (metric::DIASTOLIC, Sign::Diastolic),
    (metric::CUFF_DIASTOLIC, Sign::Diastolic),
    (metric::BODY_TEMPERATURE, Sign::Temperature),
    (metric::TEMPERATURE, Sign::Temperature),
];

/// The vital signs among readings, by the time of measurement; what has no time on the shared
/// timeline was measured `now`. Other readings, and missing values, are passed over; a unit that
/// the sign does not have, and a number out of range, are complained about.
pub fn vitals_of(readings: &[Reading], now: Timestamp) -> (Vec<VitalsReading>, Vec<Complaint>) {
    let mut by_time: BTreeMap<Timestamp, Vitals> = BTreeMap::new();
    let mut complaints = vec![];
    for (code, sign) in SIGNS {
        for reading in readings.iter().filter(|it| it.metric.code == Some(code)) {
            let at = if let Some(Moment::Utc(at)) = reading.at { at } else { now };
            let vitals = by_time.entry(at).or_default();
            if let Err(complaint) = sign.put(reading, vitals) {
                complaints.push(complaint);
            }
        }
    }
    let told = by_time.into_iter().filter(|(_, vitals)| *vitals != Vitals::default());
    (told.map(|(at, vitals)| VitalsReading { at, vitals }).collect(), complaints)
}

impl Sign {
    fn put(self, reading: &Reading, vitals: &mut Vitals) -> Result<(), Complaint> {
        let Value::Number(number) = reading.value else { return Ok(()) };
        let unit = reading.unit.as_deref().unwrap_or_default();
        let number = self.in_our_unit(number, unit).ok_or_else(|| {
            let unit = if unit.is_empty() { "missing" } else { unit };
            let place = format!("unit of {}", reading.metric.name);
            Fault::new(place, unit, self.units(), "set the unit in the device")
        })?;
        match self {
            Self::HeartRate => fill(&mut vitals.heart_rate, number),
            Self::Breaths => fill(&mut vitals.respiratory_rate, number),
            Self::Saturation => fill(&mut vitals.spo2, number),
            Self::Systolic => fill(&mut vitals.systolic, number),
            Self::Diastolic => fill(&mut vitals.diastolic, number),
            Self::Temperature => fill(&mut vitals.temperature, number),
        }
    }

    /// UCUM units, and the ways that monitors write them.
    fn in_our_unit(self, number: f64, unit: &str) -> Option<f64> {
        match (self, unit) {
            (Self::HeartRate, "{beat}/min" | "{beats}/min" | "/min" | "1/min" | "bpm")
            | (Self::Breaths, "{breath}/min" | "{breaths}/min" | "{resp}/min" | "/min" | "1/min")
            | (Self::Saturation, "%")
            | (Self::Systolic | Self::Diastolic, "mm[Hg]" | "mmHg")
            | (Self::Temperature, "Cel") => Some(number),
            // 1 mmHg is 133.322 Pa (NIST SP 811, appendix B.8).
            (Self::Systolic | Self::Diastolic, "kPa") => Some(number / 0.133_322),
            (Self::Temperature, "[degF]") => Some((number - 32.0) / 1.8),
            _ => None,
        }
    }

    const fn units(self) -> &'static str {
        match self {
            Self::HeartRate => "{beat}/min",
            Self::Breaths => "{breath}/min",
            Self::Saturation => "%",
            Self::Systolic | Self::Diastolic => "mm[Hg] or kPa",
            Self::Temperature => "Cel or [degF]",
        }
    }
}

/// The metric that is preferred came first.
fn fill<T: TryFrom<f64, Error = OutOfRange>>(
    sign: &mut Option<T>,
    number: f64,
) -> Result<(), Complaint> {
    if sign.is_none() {
        *sign = Some(T::try_from(number)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Absence, Metric, Source};

    fn reading(code: u32, value: Value, unit: &str, at: Option<Moment>) -> Reading {
        let source = Source { protocol: "test", device: None, place: String::new() };
        let unit = Some(unit.to_owned()).filter(|unit| !unit.is_empty());
        Reading { metric: Metric::mdc(code), value, unit, at, source }
    }

    #[test]
    fn readings_become_vital_signs_in_our_units() {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let earlier = Timestamp::from_millis(1_699_999_999_000);
        let number = |code, number, unit| reading(code, Value::Number(number), unit, None);
        let (found, complaints) = vitals_of(
            &[
                number(metric::OXIMETER_PULSE, 66.0, "{beat}/min"),
                number(metric::HEART_RATE, 65.0, "/min"),
                number(metric::SYSTOLIC, 16.0, "kPa"),
                number(metric::DIASTOLIC, 80.0, ""),
                number(metric::TEMPERATURE, 98.6, "[degF]"),
                reading(metric::SPO2, Value::Number(97.0), "%", Some(Moment::Utc(earlier))),
                number(metric::RESPIRATORY_RATE, 412.0, "{breath}/min"),
                reading(metric::BODY_TEMPERATURE, Value::Missing(Absence::NotANumber), "Cel", None),
                number(metric::GLUCOSE, 90.0, "mg/dL"),
            ],
            now,
        );
        let [before, after] = &found[..] else { panic!("{found:?}") };
        assert_eq!((before.at, after.at), (earlier, now));
        assert_eq!(before.vitals.spo2.map(f64::from), Some(97.0));
        assert_eq!(after.vitals.heart_rate.map(f64::from), Some(65.0));
        assert_eq!(after.vitals.systolic.map(f64::from), Some(120.0));
        assert!((f64::from(after.vitals.temperature.unwrap()) - 37.0).abs() < 1e-9);
        assert_eq!((after.vitals.diastolic, after.vitals.respiratory_rate), (None, None));
        let complaints: Vec<_> = complaints.iter().map(ToString::to_string).collect();
        assert_eq!(
            complaints,
            [
                "respiratory rate 412 breaths/min is outside 0..=120: check the sensor, then the device profile",
                "unit of MDC_PRESS_BLD_NONINV_DIA is missing, not mm[Hg] or kPa: set the unit in the device",
            ]
        );
    }
}
